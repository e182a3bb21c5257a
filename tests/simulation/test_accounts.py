"""The simulation of many accounts: nothing is lost in it, and its turns are true."""

import random
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.stepping import Forwarder, host_trade
from tests.simulation.accounts import LEASE, Lanes, arrivals, simulate, turn

SMALL = Lanes(accounts=50, machines=2, workers=2)


@pytest.fixture
def forwarder(sandbox: Sandbox, tmp_path: Path) -> Iterator[Forwarder]:
    """The real thing."""
    made = Forwarder(sandbox, tmp_path / "outbox.db")
    yield made
    made.close()


@pytest.mark.parametrize("trades", [1, 5, 9, 10, 60])
def test_turn_makes_about_the_requests_that_the_forwarder_makes(
    forwarder: Forwarder, trades: int
) -> None:
    """Or the figures would be about something else; two more or less are no matter."""
    forwarder.enter(*map(host_trade, range(1, trades + 1)))
    with forwarder.counted() as made:
        assert forwarder.run()

    _, simulated = turn(trades, SMALL)
    assert abs(sum(made.values()) - simulated) <= 2, made


@pytest.mark.parametrize("dies_at", [None, 0.0, 600.0])
def test_every_execution_is_verified_once(dies_at: float | None) -> None:
    """Also those that a dead machine was at."""
    lanes = attrs.evolve(SMALL, dies_at=dies_at)
    found = simulate(lanes)

    assert found.left == 0
    assert len(found.waits) == len(arrivals(lanes, random.Random(lanes.seed)))
    assert min(found.waits) >= turn(1, lanes)[0] - 1e-6


def test_lanes_of_a_dead_machine_wait_for_their_leases() -> None:
    """And for no longer than it takes after that."""
    lanes = Lanes(accounts=2, machines=2, workers=1, trades=4000, dies_at=None)
    busy = max(simulate(lanes).waits)
    struck = max(simulate(attrs.evolve(lanes, dies_at=9000.0)).waits)

    assert LEASE < struck < LEASE + 4 * busy


def test_more_workers_make_nobody_wait_longer() -> None:
    """In the mean; with enough of them a turn is all that there is to wait for."""
    means = []
    for workers in (1, 2, 8, 50):
        lanes = Lanes(accounts=50, machines=2, workers=workers, dies_at=None)
        waits = simulate(lanes).waits
        means.append(sum(waits) / len(waits))

    assert means == sorted(means, reverse=True)

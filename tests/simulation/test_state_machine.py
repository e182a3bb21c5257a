"""
Whatever happens in whatever order: at quiescence, the journal is the host's record.

``SIMULATION_EXAMPLES`` is the number of examples of each seed (by default a few dozen),
``SIMULATION_SEED`` a seed to run instead of the fixed ones.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from argo_tradervue_plugin.sandbox import Sandbox
from tests.outbox.server import Server
from tests.simulation.engines import Engine, PostgresEngine, SqliteEngine
from tests.simulation.machine import machine

EXAMPLES: Final = int(os.environ.get("SIMULATION_EXAMPLES", "30"))
STEPS: Final = 30
GIVEN: Final = os.environ.get("SIMULATION_SEED")
SEEDS: Final = [int(GIVEN)] if GIVEN else [1, 2, 3]


def simulate(
    served: Sandbox, new_engine: Callable[[], Engine], seed_: int, examples: int
) -> None:
    """Run so many examples of one seed."""
    tried = seed(seed_)(machine(served, new_engine))
    run_state_machine_as_test(
        tried,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            database=None,
            deadline=None,
            print_blob=True,
            phases=set(Phase) - {Phase.explain},
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(dict(sorted(tried.tally.items())))


@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("no_patience")
@pytest.mark.parametrize("number", SEEDS)
def test_journal_is_the_truth_whatever_happened(
    served: Sandbox, tmp_path: Path, number: int
) -> None:
    """Nothing lost, nothing doubled, everything to the cent."""
    simulate(served, lambda: SqliteEngine(tmp_path), number, EXAMPLES)


@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("no_patience")
@pytest.mark.parametrize("number", SEEDS[:2])
def test_journal_is_the_truth_with_an_outbox_on_a_server(
    served: Sandbox, tmp_path: Path, postgres_server: Server, number: int
) -> None:
    """The same, of processes that share a file before the server."""
    simulate(
        served,
        lambda: PostgresEngine(tmp_path, postgres_server),
        number,
        max(1, EXAMPLES // 3),
    )

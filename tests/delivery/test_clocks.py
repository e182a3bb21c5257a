"""A clock that is set prolongs no pause, no due time and no lease."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import attrs
import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery import clocks
from argo_tradervue_plugin.delivery.clocks import Watch
from argo_tradervue_plugin.delivery.logins import HOUR, is_question_due
from argo_tradervue_plugin.errors import OutboxBusy
from argo_tradervue_plugin.outbox.records import RefusedLogin, State, Transition
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.delivery.stepping import Forwarder, entered, host_trade
from tests.fakes import eventually
from tests.outbox.desk import NOW

DAY = 86_400.0


@pytest.fixture
def steady() -> list[float]:
    """What the monotonic clock says; a test moves it on."""
    return [1000.0]


@pytest.mark.parametrize(
    ("moved", "passed", "expected"),
    [
        pytest.param(10.0, 10.0, 0.0, id="both go on"),
        pytest.param(9.0, 10.0, 0.0, id="corrected a little"),
        pytest.param(-3600.0, 10.0, 3610.0, id="set back"),
        pytest.param(3600.0, 10.0, 0.0, id="set ahead, or slept"),
    ],
)
def test_clock_that_is_set_back_is_seen(
    steady: list[float], moved: float, passed: float, expected: float
) -> None:
    """Beside the monotonic clock; the first look compares with nothing."""
    watch = Watch(lambda: steady[0])
    assert watch.set_back(NOW) == 0.0
    steady[0] += passed
    assert watch.set_back(NOW + moved) == expected
    assert watch.set_back(NOW + moved) == 0.0


@pytest.mark.parametrize("ahead", [20 * 60.0, 6 * HOUR, DAY, 400 * DAY])
def test_outage_under_a_clock_that_was_ahead_ends_with_the_outage(
    sandbox: Sandbox,
    forwarder: Forwarder,
    ahead: float,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The running forwarder goes on as soon as it was meant to."""
    clock = forwarder.clock
    clock.now += ahead
    forwarder.step()
    sandbox.inject("server_error", times=None)
    forwarder.enter(host_trade(1))
    forwarder.step_until(lambda: forwarder.worker.health.failures >= 3)
    sandbox.clear_faults()
    clock.now -= ahead
    pause = forwarder.worker.health.retry_at - ahead - clock.now
    forwarder.run(seconds=max(pause, 0) + 60)

    assert forwarder.is_in(State.SYNCED)
    assert "tradervue.clock_set_back" in caplog.text


@pytest.mark.parametrize("ahead", [6 * HOUR, DAY])
def test_restart_heals_what_a_clock_that_was_ahead_has_stored(
    forwarder: Forwarder, ahead: float, caplog: pytest.LogCaptureFixture
) -> None:
    """What is further ahead than any pause is due at once."""
    forwarder.enter(host_trade(1))
    forwarder.step_until(lambda: forwarder.outbox.due(forwarder.clock.now, 5))
    rows = forwarder.outbox.due(forwarder.clock.now, 5)
    with forwarder.outbox.maintain() as writer:
        due_at = forwarder.clock.now + ahead + 1
        change = Transition(state=State.RECORDED, rows=rows, due_at=due_at)
        writer.apply(change, now=forwarder.clock.now)
    forwarder.succeed()
    forwarder.run(seconds=60)

    assert forwarder.is_in(State.SYNCED)
    assert "tradervue.lease_taken_over" in caplog.text


@pytest.mark.parametrize(
    ("last_at", "is_due"),
    [
        pytest.param(NOW - HOUR, True, id="an hour ago"),
        pytest.param(NOW - 60, False, id="a minute ago"),
        pytest.param(NOW + 1, False, id="clocks differ a little"),
        pytest.param(NOW + 600, True, id="of a time to come"),
        pytest.param(NOW + DAY, True, id="of another day"),
    ],
)
def test_refused_login_is_asked_about_in_time(last_at: float, is_due: bool) -> None:
    """A refusal of a time to come was noted by a clock that was wrong."""
    refusal = RefusedLogin(
        digest="", salt="", count=1, first_at=last_at, last_at=last_at
    )
    assert is_question_due(refusal, NOW) is is_due


# Leases -----------------------------------------------------------------------------


def test_work_that_takes_longer_than_a_lease_keeps_it(
    forwarder: Forwarder, steady: list[float]
) -> None:
    """
    Otherwise it would be lost before its end, by each of those who begin it again.

    So it was with an import of 500 executions on a machine that was busy.
    """
    forwarder.enter(host_trade(1))
    forwarder.step_until(lambda: forwarder.worker.holds_lease)
    lane = forwarder.worker._lane
    assert lane is not None
    lane.steady, lane.renewed_at = (lambda: steady[0]), steady[0]
    began = steady[0]
    for _ in lane.one_by_one(range(500)):
        steady[0] += lane.lease_seconds / 200
        assert steady[0] - lane.renewed_at < lane.lease_seconds
    assert steady[0] - began > 2 * lane.lease_seconds


def test_holder_renews_by_the_monotonic_clock_where_its_clock_is_set_back(
    forwarder: Forwarder, steady: list[float]
) -> None:
    """Otherwise it would take a lease for its own that others have taken."""
    forwarder.enter(host_trade(1))
    forwarder.step_until(lambda: forwarder.worker.holds_lease)
    lane = forwarder.worker._lane
    assert lane is not None
    lane.steady, lane.renewed_at = (lambda: steady[0]), steady[0]
    before = lane.lease
    lane.keep()
    assert lane.lease == before
    steady[0] += lane.lease_seconds / 2 + 1  # the clock of the day stands still
    lane.keep()
    assert lane.renewed_at == steady[0]

    lane.lease = attrs.evolve(lane.lease, expires_at=lane.lease.expires_at + DAY)
    lane.keep()
    assert lane.lease.expires_at <= lane.clock() + lane.lease_seconds


# Locks ------------------------------------------------------------------------------


def test_locked_outbox_is_waited_for_without_burning_the_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second of waiting is some dozens of looks."""
    looks = 0
    outbox = Outbox(Sqlite(tmp_path / "outbox.db"))
    outbox.open()
    monkeypatch.setattr("argo_tradervue_plugin.outbox.sqlite.WORKER_PATIENCE", 1.0)

    class Sleeping:
        monotonic = staticmethod(time.monotonic)

        @staticmethod
        def sleep(seconds: float) -> None:
            nonlocal looks
            looks += 1
            time.sleep(seconds)

    monkeypatch.setattr("argo_tradervue_plugin.outbox.sqlite.time", Sleeping)
    other = Outbox(Sqlite(tmp_path / "outbox.db"))
    with (
        other.maintain(),
        pytest.raises(OutboxBusy, match="cannot be written"),
        outbox.maintain(),
    ):
        pass
    outbox.close()
    other.close()
    assert 5 < looks < 60


def test_longest_pause_follows_the_server(forwarder: Forwarder) -> None:
    """A quick one has none that is longer than usual."""
    assert clocks.longest_pause(forwarder.settings) == clocks.LONGEST


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
input()
"""


def test_process_that_is_frozen_with_the_lock_keeps_no_event_from_being_recorded(
    section: dict[str, Any], tmp_path: Path, sandbox: Sandbox
) -> None:
    """It is said that the outbox is locked; what was recorded goes on afterwards."""
    path = tmp_path / "outbox.db"
    settings = Settings.from_mapping(section | {"database": str(path)})
    Outbox(Sqlite(path)).close()
    command = [sys.executable, "-c", HOLD, str(path)]
    with (
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as holder,
        TradervueIntegration(settings) as integration,
    ):
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        for number in range(1, 21):
            integration.record_entry(entered(host_trade(number)))
        assert time.monotonic() - began < 5
        eventually(
            lambda: "locked" in (integration.worker.health.last_error or ""),
            "it is said",
        )
        holder.kill()
        eventually(
            lambda: integration.outbox.counts()[State.SYNCED] == 20, "it goes on"
        )

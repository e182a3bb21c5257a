"""The worker lets go of what was finished long ago, when it has nothing else to do."""

import sqlite3
from contextlib import closing

import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, host_trade
from tests.journeys.reader import JournalReader, differences

DAY = 86_400.0


def rows(forwarder: Forwarder, table: str) -> int:
    """Return how many rows a table has."""
    with closing(sqlite3.connect(forwarder.path)) as file:
        return int(file.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def idle(forwarder: Forwarder, steps: int = 20) -> None:
    """Let the worker take some steps with nothing to forward."""
    for _ in range(steps):
        forwarder.step()


def test_finished_trades_leave_after_their_time(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """Those of a backfill in small steps; the open one stays, the next one comes."""
    forwarder = make("outbox.db", retention_days=30)
    trades = [host_trade(n) for n in range(1, 61)]
    forwarder.enter(*trades)
    forwarder.leave(*trades[:-1])
    assert forwarder.run()
    idle(forwarder)
    assert rows(forwarder, "executions") == 119

    forwarder.clock.now += 31 * DAY
    idle(forwarder)
    assert rows(forwarder, "executions") == 1
    assert rows(forwarder, "history") <= 5
    assert forwarder.counts() == {"synced": 1}

    forwarder.enter(*trades)
    forwarder.leave(*trades)
    with forwarder.counted() as made:
        assert forwarder.run()
    assert made["POST /imports"] == 1
    assert sandbox.stats.execution_count == 120
    assert differences(journal, map(vars, trades)) == []


@pytest.mark.parametrize("days", [0, 400])
def test_nothing_leaves_before_its_time(make: Make, days: float) -> None:
    """Zero is for ever."""
    forwarder = make("outbox.db", retention_days=days)
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.leave(trade)
    assert forwarder.run()

    forwarder.clock.now += 399 * DAY
    idle(forwarder)
    assert rows(forwarder, "executions") == 2

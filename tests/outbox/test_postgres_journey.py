"""Trades on their way from hooks to the journal, through an outbox on a server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace

import psycopg
import pytest

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.reasons import code_of
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.session import Session
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.quarantine import retry
from tests.delivery.stepping import Clock, Forwarder, entered, host_trade
from tests.journeys.reader import JournalReader, differences

Machine = Callable[[], Forwarder]

REFUSED = 9  # the trade that Tradervue does not take


@pytest.fixture
def journal(sandbox: Sandbox) -> Iterator[JournalReader]:
    """What stands in the journal, read by somebody else."""
    with JournalReader(sandbox.url) as reader:
        yield reader


@pytest.fixture
def machine(database: str, sandbox: Sandbox, tmp_path: Path) -> Iterator[Machine]:
    """Give one machine after the other, all on one outbox and one clock."""
    sandbox.assume(fractional_quantities="refused")
    made: list[Forwarder] = []
    clock = Clock()

    def machine() -> Forwarder:
        outbox = open_outbox(database)
        made.append(Forwarder(sandbox, tmp_path, outbox=outbox, clock=clock))
        return made[-1]

    yield machine
    for each in made:
        each.close()


def trading_day() -> list[SimpleNamespace]:
    """Closed ones, a short one, two at once in one symbol, twins, and a bad row."""
    return [
        host_trade(1),
        host_trade(2, signal_type="short", commission=None),
        host_trade(3, symbol="BOTH", filled_qty=7),
        host_trade(4, symbol="BOTH", filled_qty=3),
        host_trade(5, symbol="TWIN"),
        host_trade(6, symbol="TWIN"),
        host_trade(REFUSED, filled_qty=0.5),
    ]


def assert_right(
    journal: JournalReader, forwarder: Forwarder, trades: list[SimpleNamespace]
) -> None:
    """See each trade once, to the cent; the refused one without executions."""
    [basic] = [t for t in journal.trades() if not t["exec_count"]]
    assert basic["symbol"] == f"CORP{REFUSED}"
    told = differences(journal, [vars(t) for t in trades if t.filled_qty != 0.5])
    assert told == [f"{trades[-1].id} is no trade"]
    assert forwarder.counts() == {"synced": 2 * len(trades) - 2, "basic": 2}


def test_day_of_trading_is_in_the_journal_to_the_cent(
    machine: Machine, journal: JournalReader
) -> None:
    """Entries first, which are open there, then exits; a step of each is kept."""
    forwarder = machine()
    trades = trading_day()
    forwarder.enter(*trades)
    assert forwarder.run(seconds=3000)
    entries = [vars(entered(t)) for t in trades if t.filled_qty != 0.5]
    assert differences(journal, entries) == [f"{trades[-1].id} is no trade"]

    forwarder.leave(*trades)
    assert forwarder.run(seconds=3000)
    assert_right(journal, forwarder, trades)
    for trade in trades[:-1]:
        for kind in Kind:
            path = forwarder.path_of(trade, kind)
            assert (path[0], path[-1]) == ("recorded", "synced")


def test_event_that_comes_again_changes_nothing(
    machine: Machine, journal: JournalReader
) -> None:
    """A catch-up tells every trade anew, from another machine."""
    forwarder = machine()
    trades = trading_day()
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    assert forwarder.run(seconds=3000)

    other = machine()
    other.enter(*trades)
    other.leave(*trades)
    forwarder.succeed()
    with forwarder.counted() as made:
        assert forwarder.run(seconds=3000)
    assert not any(name.startswith(("POST", "PUT", "DELETE")) for name in made)
    assert_right(journal, forwarder, trades)


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 8])
def test_machine_that_takes_over_finishes_and_the_former_changes_nothing(
    machine: Machine, journal: JournalReader, steps: int
) -> None:
    """The former one comes to itself in the middle, and believes to hold the lease."""
    former, successor = machine(), machine()
    trades = trading_day()
    former.enter(*trades)
    former.leave(*trades)
    for _ in range(steps):
        former.step()
    successor.succeed()
    for turn in range(200):
        if successor.worker.is_idle():
            break
        successor.step()
        if turn % 3 == 0:
            former.step()

    assert successor.run(seconds=3000)
    assert_right(journal, successor, trades)


def lost_before(session: Session, commit: Callable[[], None]) -> None:
    """Lose the connection at the commit; the server undoes the transaction."""
    session.raw.close()
    commit()


def lost_after(session: Session, commit: Callable[[], None]) -> None:
    """Lose it when the server has committed, and cannot say so any more."""
    commit()
    session.raw.close()
    raise psycopg.OperationalError("the connection is lost")


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("lost", [lost_before, lost_after])
def test_journal_is_right_whichever_commits_are_lost(
    machine: Machine,
    journal: JournalReader,
    monkeypatch: pytest.MonkeyPatch,
    lost: Callable[[Session, Callable[[], None]], None],
    seed: int,
) -> None:
    """
    One time in four the worker does not know whether it was committed.

    Of twins nobody can tell then: after an hour a person looks, and sends them again.
    """
    forwarder = machine()
    trades = trading_day()
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    commit, chance = Session.commit, Random(seed)

    def breaking(session: Session) -> None:
        if chance.random() < 0.25:
            lost(session, lambda: commit(session))
        else:
            commit(session)

    monkeypatch.setattr(Session, "commit", breaking)
    told = 0
    while True:
        try:
            assert forwarder.run(seconds=3000)
            break
        except OutboxError:  # the thread of a worker waits and goes on, too
            told += 1
            assert told < 500
    monkeypatch.undo()
    parked = forwarder.outbox.parked(10)
    unknown = [row for row in parked if code_of(row.reason) == "twin_unknown"]
    assert {row.execution and row.execution.symbol for row in unknown} <= {"TWIN"}
    for trade_id in {row.trade_id for row in unknown}:
        retry(forwarder.outbox, trade_id)
    assert forwarder.run(seconds=3000)

    assert told
    assert_right(journal, forwarder, trades)

"""What a thread that may not wait answers from: a copy of what was read."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.outbox.records import EventKind, Recorded, State
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.compat import SyncStats
from argo_tradervue_plugin.services.integration import TradervueIntegration
from argo_tradervue_plugin.services.memory import MOST, PAUSE, Memory, Recalled
from tests.argo.standstill import LoopMeter
from tests.delivery.stepping import entered, host_trade
from tests.fakes import eventually
from tests.journeys.reader import JournalReader, differences
from tests.test_integration import Tracker, locked

LONGEST = 30.0


class Book:
    """A source whose answers a test writes."""

    def __init__(self) -> None:
        self.answer = Recalled(journal_id=7, is_final=True)
        self.stats = SyncStats(pending=1)
        self.begun: list[int] = []
        self.read: list[list[Recorded]] = []
        self.error: OutboxError | None = None

    def answers_for(self, events: Sequence[Recorded]) -> Sequence[Recalled]:
        """Return the same answer for all of them."""
        if self.error is not None:
            raise self.error
        self.read.append(list(events))
        return [attrs.evolve(self.answer, payload=event.payload) for event in events]

    def begin_sync(self, days: int) -> Callable[[], SyncStats]:
        """Note it, and count what the test says."""
        self.begun.append(days)
        return lambda: self.stats


@pytest.fixture
def book() -> Book:
    """Where the memory reads."""
    return Book()


@pytest.fixture
def clock() -> list[float]:
    """The seconds that have passed."""
    return [0.0]


@pytest.fixture
def memory(book: Book, clock: list[float]) -> Memory:
    """An empty one."""
    return Memory(book, longest=LONGEST, clock=lambda: clock[0])


def event_of(number: int = 1, **facts: object) -> Recorded:
    """Return the entry of a trade as recorded."""
    trade = entered(host_trade(number, **facts))
    return Recorded.of(trade, EventKind.ENTRY, 0.0)


def test_what_was_asked_for_is_read_until_it_is_final(
    memory: Memory, book: Book, clock: list[float]
) -> None:
    """Nothing before, everything after; and no more often than every pause."""
    event = event_of()
    assert memory.recall(event) is None
    memory.want(event)
    assert memory.recall(event) == Recalled()
    book.answer = Recalled(states={Kind.ENTRY: State.SENT})
    for _ in range(3):
        memory.refresh()
    assert len(book.read) == 1
    clock[0] += PAUSE
    book.answer = Recalled(
        states={Kind.ENTRY: State.SYNCED}, journal_id=7, is_final=True
    )
    memory.refresh()
    clock[0] += PAUSE
    memory.refresh()

    assert len(book.read) == 2
    answer = memory.recall(event)
    assert answer is not None
    assert answer.journal_id == 7
    assert answer.of(event.payload) == {Kind.ENTRY: State.SYNCED}
    assert answer.of(event_of(1, confidence=1.0).payload) == {}
    memory.want(event)
    clock[0] += PAUSE
    memory.refresh()
    assert len(book.read) == 3


def test_what_cannot_be_read_is_read_another_time(memory: Memory, book: Book) -> None:
    """It stays asked for."""
    memory.want(event_of())
    book.error = OutboxError("busy")
    with pytest.raises(OutboxError):
        memory.refresh()
    book.error = None
    memory.refresh()

    answer = memory.recall(event_of())
    assert answer is not None
    assert answer.journal_id == 7


def test_memory_is_bounded(memory: Memory, book: Book, clock: list[float]) -> None:
    """The trades that were asked for longest ago go first."""
    for number in range(1, MOST + 3):
        memory.want(event_of(number))
    memory.refresh()

    assert [len(each) for each in book.read] == [MOST]
    assert memory.recall(event_of(2)) is None
    assert memory.recall(event_of(3)) is not None
    memory.want(event_of(1))
    clock[0] += PAUSE
    memory.refresh()
    assert memory.recall(event_of(3)) is None
    assert memory.recall(event_of(1)) is not None


def test_sync_is_counted_once_when_it_has_ended(
    memory: Memory, book: Book, clock: list[float]
) -> None:
    """At the next call, which begins another; never two at a time."""
    for _ in range(2):
        assert memory.sync(30) == SyncStats()
        memory.refresh()
        clock[0] += PAUSE
    assert book.begun == [30]
    book.stats = SyncStats(synced=3)
    memory.refresh()
    clock[0] += PAUSE

    assert memory.sync(7) == SyncStats(synced=3)
    assert memory.sync(7) == SyncStats()
    memory.refresh()
    assert book.begun == [30, 7]


def test_sync_that_does_not_end_is_counted_as_it_is(
    memory: Memory, clock: list[float]
) -> None:
    """After the time for which a caller elsewhere would have waited."""
    memory.sync(30)
    memory.refresh()
    clock[0] += LONGEST
    memory.refresh()

    assert memory.sync(30) == SyncStats(pending=1)


# On an event loop's thread ------------------------------------------------------------


@pytest.fixture
def settings(section: dict[str, Any]) -> Settings:
    """The settings of a host that talks to the sandbox."""
    return Settings.from_mapping(
        section | {"aws_secrets": False, "catch_up_days": 0, "timeout_seconds": 2}
    )


@pytest.fixture
def integration(settings: Settings) -> Iterator[TradervueIntegration]:
    """An integration that is closed in the end, whatever is left."""
    made = TradervueIntegration(settings)
    yield made
    made.close(0)


@pytest.fixture
def journal(sandbox: Sandbox) -> Iterator[JournalReader]:
    """What is in the journal, read by somebody else."""
    with JournalReader(sandbox.url) as reader:
        yield reader


def on_loop(call: Callable[[], Any]) -> Any:
    """Return what *call* answers on the thread of an event loop."""

    async def host() -> Any:
        return call()

    return asyncio.run(host())


def test_calls_on_an_event_loop_answer_what_was_read(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """Not yet at first, and the truth as soon as the worker has read it."""
    trade = host_trade(1)
    open_trade = entered(trade)
    assert on_loop(lambda: integration.sync_trade_entry(open_trade)) is None
    eventually(lambda: on_loop(lambda: integration.sync_trade_entry(open_trade)))
    number = on_loop(lambda: integration.sync_trade_entry(open_trade))
    assert number == str(journal.only()["id"])
    eventually(lambda: on_loop(lambda: integration.sync_complete_trade(open_trade)))

    # What was synced is the trade as it was: its exit is still to come.
    assert on_loop(lambda: integration.sync_trade_exit(trade)) is False
    assert on_loop(lambda: integration.sync_trade_entry(trade)) == number
    eventually(lambda: on_loop(lambda: integration.sync_trade_exit(trade)))
    assert on_loop(lambda: integration.sync_complete_trade(trade)) is True
    assert differences(journal, [vars(trade)]) == []


def test_correction_is_not_synced_because_the_trade_was(
    integration: TradervueIntegration,
) -> None:
    """What the journal does not have as the host does is never called synced."""
    trade = entered(host_trade(1))
    eventually(lambda: on_loop(lambda: integration.sync_complete_trade(trade)))
    trade.actual_entry_price = trade.entry_price = 55.0

    assert on_loop(lambda: integration.sync_complete_trade(trade)) is False
    eventually(lambda: integration.health()["outcomes"])
    for _ in range(10):
        assert on_loop(lambda: integration.sync_complete_trade(trade)) is False
        time.sleep(PAUSE)


def test_sync_on_an_event_loop_runs_behind_the_call(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """What came of it is returned by a later call, once."""
    trades = [host_trade(1), entered(host_trade(2, filled_qty=0))]
    integration.add_tracker(Tracker(*trades))
    nothing = {"synced": 0, "failed": 0, "skipped": 0}
    assert on_loop(integration.sync_recent_trades) == nothing
    answers: list[object] = []

    def is_counted() -> bool:
        answers.append(on_loop(integration.sync_recent_trades))
        return answers[-1] != nothing

    eventually(is_counted)
    assert answers[-1] == {"synced": 1, "failed": 0, "skipped": 1}
    assert differences(journal, [vars(trades[0])]) == []


class SlowTracker(Tracker):
    """A tracker that asks a server which does not answer."""

    def _get_recent_trades(self, days: int) -> Any:
        time.sleep(2)
        return super()._get_recent_trades(days)


def test_loop_stands_still_for_nothing(
    sandbox: Sandbox, integration: TradervueIntegration, settings: Settings
) -> None:
    """Not for a network, a locked database or the host's own slow tracker."""
    sandbox.inject("hang", times=None)
    integration.add_tracker(SlowTracker(host_trade(1)))

    async def host() -> LoopMeter:
        async with LoopMeter() as meter:
            for number in range(1, 40):
                trade = host_trade(number)
                integration.sync_trade_entry(entered(trade))
                integration.sync_trade_exit(trade)
                integration.sync_complete_trade(trade)
                integration.sync_recent_trades()
                integration.get_widget_url("equity", 600, 400)
                integration.get_profile_url()
                assert integration.client.enabled
                assert integration.client.username == "argo"
                await asyncio.sleep(0.02)
            return meter

    assert settings.database is not None
    with locked(Path(settings.database)):
        meter = asyncio.run(host())
    sandbox.clear_faults()
    assert meter.longest < 0.5  # of two cores that others use as well
    assert meter.percentile(95) < 0.05

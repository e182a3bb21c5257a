"""A lost outbox whose host has recorded its trades again before anything was linked."""

import logging
import threading
from collections.abc import Callable

import pytest

from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.planner import plan_events
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.outbox.records import State, Transition
from argo_tradervue_plugin.services.reconciliation import adoption
from tests.delivery.stepping import entered, host_trade, id_of
from tests.journeys.reader import JournalReader, differences
from tests.reconciling.desk import LOGIN, Desk, overlapping
from tests.reconciling.test_parts import Trade, close, filled, grow, in_parts, part_of


def plan(desk: Desk) -> None:
    """Let what was recorded be planned, and nothing be sent."""
    outbox = desk.forwarder.outbox
    outbox.gather()
    lease = outbox.claim(
        "planner", now=desk.forwarder.clock(), ttl=60, is_gone=lambda _: True
    )
    assert lease is not None
    lane = Lane(
        outbox=outbox,
        settings=desk.forwarder.settings,
        clock=desk.forwarder.clock,
        lease=lease,
        connect=lambda: desk.forwarder.connect(LOGIN, None),
        stopping=threading.Event(),
    )
    plan_events(lane, outbox.inbox(1000))
    outbox.release(lease)


def story_of(desk: Desk, name: str) -> Trade:
    """Let a trade of several executions come into the journal; return how it ended."""
    match name:
        case "grown":
            return grow(desk)
        case "grown and closed":
            grow(desk)
            close(desk, filled())
            return filled()
        case "in parts":
            return in_parts(desk)
        case _:
            desk.forwarder.enter(host_trade(1))
            half = part_of(host_trade(1), 4, "2026-03-05T15:00:00", 104.0)
            close(desk, half)
            return half


STORIES = ["grown", "grown and closed", "in parts", "half"]


@pytest.mark.parametrize("kind", [EventKind.ENTRY, EventKind.EXIT], ids=str)
@pytest.mark.parametrize("story", STORIES)
def test_trade_that_was_recorded_again_is_linked_and_not_sent(
    open_desk: Callable[..., Desk],
    journal: JournalReader,
    story: str,
    kind: EventKind,
) -> None:
    """What is in the journal takes the place of what was planned for it."""
    ended = story_of(open_desk(), story)
    before = journal.all_executions()
    desk = open_desk()
    is_open = ended.exit_timestamp is None
    desk.forwarder.record(ended, EventKind.CORRECTION if is_open else kind)
    plan(desk)
    assert desk.forwarder.counts().keys() == {"recorded"}
    assert desk.reconciler.relink() == 1

    assert desk.forwarder.run(seconds=3000)
    assert journal.all_executions() == before
    assert desk.forwarder.counts() == {"synced": len(before)}
    assert desk.forwarder.outbox.outcomes(10) == []
    desk.trades = None
    assert desk.compare().is_clean
    assert desk.reconciler.relink() == 0


def test_exit_that_was_recorded_meanwhile_is_sent(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """The entry is linked, in its two parts; what is new goes, once."""
    grow(open_desk())
    desk = open_desk()
    desk.trades = [filled()]
    desk.forwarder.record(filled(), EventKind.EXIT)
    plan(desk)
    assert desk.reconciler.relink() == 1
    assert desk.forwarder.run(seconds=3000)

    fills = journal.executions(int(journal.only()["id"]))
    assert [fill["quantity"] for fill in fills] == [3, 7, -10]
    assert desk.compare().is_clean


def test_overlapping_trades_are_linked_where_they_are(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """Whatever slots were planned for them, and for what is new beside them."""
    trades = overlapping(3)
    first = open_desk()
    first.live(*(entered(trade) for trade in trades))
    before = {t.id: first.forwarder.outbox.account_tag_of(t.id) for t in trades}
    desk = open_desk()
    new = host_trade(9, symbol="AAPL", entry_timestamp="2026-03-05T14:29:00")
    desk.forwarder.enter(new, *reversed(trades))
    desk.trades = [entered(new), *map(entered, trades)]
    plan(desk)
    assert desk.forwarder.outbox.account_tag_of(new.id) == "argo"
    assert desk.reconciler.relink() == 3

    after = {t.id: desk.forwarder.outbox.account_tag_of(t.id) for t in trades}
    assert after == before
    assert desk.forwarder.outbox.account_tag_of(new.id) == "argo-4"
    assert desk.forwarder.run(seconds=3000)
    desk.forwarder.leave(new, *trades)
    assert desk.forwarder.run(seconds=3000)
    assert differences(journal, map(vars, [new, *trades])) == []


def test_what_was_sent_or_given_up_is_left_as_it_is(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """An import may hold it, or a person has decided."""
    open_desk().live(host_trade(1), host_trade(2))
    desk = open_desk()
    desk.forwarder.enter(host_trade(1), host_trade(2))
    plan(desk)
    outbox = desk.forwarder.outbox
    with outbox.maintain() as writer:
        sent = writer.note_import(account_tag="argo", allow_duplicates=False, now=1.0)
        writer.add_to_import(sent.id, outbox.of_trade(id_of(1)), now=1.0)
        rows = outbox.of_trade(id_of(2))
        writer.apply(Transition(state=State.DISCARDED, rows=rows), now=1.0)

    assert desk.reconciler.relink() == 0


def test_what_was_forgotten_is_not_linked_again(desk: Desk) -> None:
    """The outbox knows where it is."""
    desk.live(host_trade(1))
    with desk.forwarder.outbox.maintain() as writer:
        writer.forget([id_of(1)])

    assert desk.reconciler.relink() == 0
    assert desk.forwarder.counts() == {}


def test_what_another_process_may_be_sending_is_left_to_it(
    open_desk: Callable[..., Desk],
) -> None:
    """It forwards: only that may take back what waits. What nobody knows is linked."""
    open_desk().live(host_trade(1), host_trade(2))
    desk = open_desk()
    desk.forwarder.enter(host_trade(1))
    plan(desk)
    desk.forwarder.outbox.claim(
        "another", now=desk.forwarder.clock(), ttl=10**9, is_gone=lambda _: False
    )

    assert desk.reconciler.relink() == 1
    assert desk.forwarder.outbox.trade(id_of(2)) is not None
    client = desk.forwarder.connect(LOGIN, None)
    adopter = adoption.Adopter(
        desk.forwarder.outbox, desk.forwarder.settings, lambda: client
    )
    assert adopter.relink(is_forwarder=True) == 1
    assert desk.forwarder.counts() == {"synced": 4}


def test_long_search_says_how_far_it_is(
    open_desk: Callable[..., Desk],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A journal of thousands takes minutes."""
    open_desk().live(*(host_trade(n) for n in range(1, 6)))
    monkeypatch.setattr(adoption, "PROGRESS", 2)
    desk = open_desk()
    with caplog.at_level(logging.INFO):
        assert desk.reconciler.relink() == 5

    said = [line for line in caplog.messages if line.startswith("tradervue.relinked")]
    assert said == [f"tradervue.relinked trades={n} looked_at={n}" for n in (2, 4, 5)]


# Where opposite trades close each other -----------------------------------------------


def adopter_of(desk: Desk) -> adoption.Adopter:
    """Return what a forwarder links with."""
    client = desk.forwarder.connect(LOGIN, None)
    return adoption.Adopter(
        desk.forwarder.outbox, desk.forwarder.settings, lambda: client
    )


@pytest.mark.parametrize("story", STORIES)
def test_trade_alone_is_linked_where_opposite_trades_close_each_other(
    open_desk: Callable[..., Desk], journal: JournalReader, story: str
) -> None:
    """Nothing else of ours traded at its times: what closed it is its own."""
    ended = story_of(open_desk(opposite_closes=True), story)
    before = journal.all_executions()
    desk = open_desk(opposite_closes=True)
    is_open = ended.exit_timestamp is None
    desk.forwarder.record(ended, EventKind.ENTRY if is_open else EventKind.EXIT)
    plan(desk)
    assert adopter_of(desk).relink(is_forwarder=True) == 1

    assert desk.forwarder.run(seconds=3000)
    assert journal.all_executions() == before
    desk.trades = None
    assert desk.compare().is_clean


@pytest.mark.parametrize("size", [4, 10, 15])
def test_pairs_are_left_out_and_nothing_is_doubled(
    open_desk: Callable[..., Desk], journal: JournalReader, size: int
) -> None:
    """What closed one may be the entry of the other; Tradervue knows both."""
    long = entered(host_trade(1, symbol="AAPL"))
    short = entered(
        host_trade(
            2,
            symbol="AAPL",
            signal_type="short",
            quantity=size,
            filled_qty=size,
            entry_timestamp="2026-03-05T15:00:00",
            actual_entry_price=102.0,
            stop_price=110.0,
        )
    )
    first = open_desk(opposite_closes=True)
    for trade in (long, short):
        first.forwarder.enter(trade)
        assert first.forwarder.run(seconds=3000)
    before = journal.all_executions()
    desk = open_desk(opposite_closes=True)
    desk.forwarder.enter(long, short)
    plan(desk)
    assert adopter_of(desk).relink(is_forwarder=True) == 0

    assert desk.forwarder.run(seconds=3000)
    assert journal.all_executions() == before
    desk.trades = None
    assert desk.compare().is_clean


def test_trades_that_one_of_the_other_side_closed_are_left_out(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """It is named in the notes of the first alone, and was at the second as well."""
    longs = [
        entered(host_trade(n, symbol="AAPL", entry_timestamp=f"2026-03-05T14:3{n}:00"))
        for n in (1, 2)
    ]
    short = entered(
        host_trade(
            3,
            symbol="AAPL",
            signal_type="short",
            quantity=20,
            filled_qty=20,
            entry_timestamp="2026-03-05T15:00:00",
            actual_entry_price=102.0,
            stop_price=110.0,
        )
    )
    first = open_desk(opposite_closes=True)
    for trade in (*longs, short):
        first.forwarder.enter(trade)
        assert first.forwarder.run(seconds=3000)
    before = journal.all_executions()
    assert len(journal.trades()) == 2
    desk = open_desk(opposite_closes=True)
    assert adopter_of(desk).relink(is_forwarder=True) == 0

    desk.forwarder.enter(*longs, short)
    assert desk.forwarder.run(seconds=3000)
    desk.trades = None
    desk.repair()  # what the first was read with was a stranger's at that time
    assert journal.all_executions() == before
    assert desk.compare().is_clean

"""Events that move from one outbox into another, and are lost and doubled in none."""

from pathlib import Path

import pytest

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.interface import Event, Outbox, State
from argo_tradervue_plugin.outbox.sqlite import SqliteOutbox
from tests.outbox.desk import ENTRY, EXIT, NOW, Desk


@pytest.fixture
def other(tmp_path: Path) -> SqliteOutbox:
    """The outbox that had the events first."""
    return SqliteOutbox(tmp_path / "other.db")


def told(outbox: Outbox) -> list[tuple[object, ...]]:
    """Return what is in the inbox, without its numbers."""
    return [
        (e.trade_id, e.kind, e.identity, e.payload, e.recorded_at)
        for e in outbox.inbox(100)
    ]


def test_events_move_as_they_were_recorded(desk: Desk, other: SqliteOutbox) -> None:
    """In their order, with the time of their hooks, to the last character."""
    facts = [
        ("t2", ENTRY, "MSFT|long|x", '{"a":"Ä\'\\"%s?:now"}', NOW + 5),
        ("t1", ENTRY, "AAPL|long|x", "{}", NOW),
        ("t1", EXIT, "AAPL|long|x", "{}", NOW + 9.25),
    ]
    for trade_id, kind, identity, payload, at in facts:
        other.record(trade_id, kind, identity, payload, at, patience=1)
    moving = other.inbox(100)
    desk.outbox.take_over(moving)
    other.drop(moving)

    assert told(desk.outbox) == facts
    assert told(other) == []
    other.close()


def test_events_keep_no_number_of_the_other_outbox(
    desk: Desk, other: SqliteOutbox
) -> None:
    """They come after what was here before, and do not take its place."""
    desk.record("here")
    other.record("there", ENTRY, "i", "{}", NOW, patience=1)
    desk.outbox.take_over(other.inbox(10))
    other.close()

    here, there = desk.outbox.inbox(10)
    assert (here.trade_id, there.trade_id) == ("here", "there")
    assert here.seq < there.seq


def test_event_that_is_taken_over_twice_is_one(desk: Desk, other: SqliteOutbox) -> None:
    """A process that died before it dropped what it moved does harm to nobody."""
    other.record("t", ENTRY, "AAPL", "{}", NOW, patience=1)
    moving = other.inbox(10)
    desk.outbox.take_over(moving)
    desk.outbox.take_over(moving)
    assert desk.fold_all() == [("t", State.NEW), None]

    desk.outbox.take_over(moving)
    assert desk.fold_all() == [None]
    other.close()


def test_nothing_to_take_over_is_no_error(desk: Desk) -> None:
    """An empty list changes nothing."""
    desk.outbox.take_over([])
    desk.outbox.drop([])

    assert told(desk.outbox) == []


def test_all_events_are_taken_over_or_none(desk: Desk, other: SqliteOutbox) -> None:
    """Whoever drops them afterwards may rely on it."""
    other.record("t", ENTRY, "i", "{}", NOW, patience=1)
    [good] = other.inbox(10)
    other.close()
    bad = Event(
        seq=2,
        trade_id="u",
        kind=ENTRY,
        identity="i",
        payload=None,  # type: ignore[arg-type]
        recorded_at=NOW,
    )

    with pytest.raises(OutboxError):
        desk.outbox.take_over([good, bad])
    assert told(desk.outbox) == []


def test_only_what_was_taken_over_is_dropped(desk: Desk) -> None:
    """What was recorded meanwhile stays."""
    desk.record("t1")
    moving = desk.outbox.inbox(10)
    desk.record("t2")
    desk.outbox.drop(moving)

    assert [event.trade_id for event in desk.outbox.inbox(10)] == ["t2"]


def test_event_that_got_the_number_of_a_dropped_one_stays(desk: Desk) -> None:
    """
    A process that was stopped in the middle of a move drops what it moved, no more.

    SQLite counts from one again once the inbox is empty.
    """
    desk.record("t1")
    moving = desk.outbox.inbox(10)
    desk.outbox.drop(moving)
    desk.record("t2")
    desk.record("t1", payload="told anew", now=NOW + 1)
    desk.outbox.drop(moving)

    assert [event.trade_id for event in desk.outbox.inbox(10)] == ["t2", "t1"]


def test_moving_needs_no_lease(desk: Desk, other: SqliteOutbox) -> None:
    """Every process moves what is on its machine, whoever forwards."""
    other.record("t", ENTRY, "i", "{}", NOW, patience=1)
    moving = other.inbox(10)
    Desk(desk.outbox, holder="another", now=NOW + 61)
    desk.outbox.take_over(moving)
    other.drop(moving)
    other.close()

    assert [event.trade_id for event in desk.outbox.inbox(10)] == ["t"]

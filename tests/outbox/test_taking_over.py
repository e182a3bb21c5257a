"""Events that come in from a spool, and are lost and doubled nowhere."""

from collections.abc import Iterator

import pytest

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.desk import NOW, Desk

T = Recorded("t", EventKind.ENTRY, "AAPL", "{}", NOW)


def told(outbox: Outbox) -> list[Recorded]:
    """Return what is in the inbox, without its numbers."""
    return [
        Recorded(e.trade_id, e.kind, e.identity, e.payload, e.recorded_at)
        for e in outbox.inbox(100)
    ]


def test_events_come_in_as_they_were_recorded(desk: Desk) -> None:
    """In their order, with the time of their hooks, to the last character."""
    facts = [
        Recorded(
            "t2", EventKind.ENTRY, "MSFT|long|x", '{"a":"Ä\'\\"%s?:now"}', NOW + 5
        ),
        Recorded("t1", EventKind.ENTRY, "AAPL|long|x", "{}", NOW),
        Recorded("t1", EventKind.EXIT, "AAPL|long|x", "{}", NOW + 9.25),
    ]
    desk.outbox.take_over(facts[:2])
    desk.outbox.take_over(iter(facts[2:]))

    assert told(desk.outbox) == facts


def test_nothing_to_take_over_is_no_error(desk: Desk) -> None:
    """An empty list changes nothing."""
    desk.outbox.take_over([])

    assert told(desk.outbox) == []


def test_all_events_are_taken_over_or_none(desk: Desk) -> None:
    """Whoever forgets them afterwards may rely on it."""

    def breaking_off() -> Iterator[Recorded]:
        yield T
        raise OutboxError("the file cannot be read any further")

    with pytest.raises(OutboxError):
        desk.outbox.take_over(breaking_off())
    assert told(desk.outbox) == []


def test_taking_over_needs_no_lease(desk: Desk) -> None:
    """Every process moves what is on its machine, whoever forwards."""
    Desk(desk.outbox, holder="another", now=NOW + 61)
    desk.outbox.take_over([T])

    assert told(desk.outbox) == [T]


def test_without_a_spool_events_come_in_at_once(desk: Desk) -> None:
    """As from a script that may wait; what could not be written comes likewise."""
    desk.outbox.record(T)
    assert desk.outbox.gather([T._replace(kind=EventKind.EXIT)])
    assert not desk.outbox.gather()

    assert [event.kind for event in told(desk.outbox)] == [
        EventKind.ENTRY,
        EventKind.EXIT,
    ]

"""Events that the outbox could not take at once wait in memory, and are not lost."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from argo_tradervue_plugin.errors import OutboxBusy, OutboxError
from argo_tradervue_plugin.outbox import held as held_module
from argo_tradervue_plugin.outbox.held import HeldEvents
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.desk import NOW, path_of

ERROR = OutboxError("the disk is full")


def event(number: int) -> Recorded:
    """Return an event as a hook saw it."""
    return Recorded(f"t{number}", EventKind.ENTRY, "i", "{}", NOW + number)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """An outbox that can be locked from outside."""
    made = Outbox(Sqlite(tmp_path / "outbox.db"))
    yield made
    made.close()


def test_held_events_are_written_in_order(outbox: Outbox) -> None:
    """With the time at which their hooks ran; then none is held any more."""
    held = HeldEvents()
    for number in range(3):
        held.hold(event(number), ERROR)
    assert len(held) == 3

    assert held.write_into(outbox)
    assert len(held) == 0
    assert not held.write_into(outbox)
    told = [(e.trade_id, e.recorded_at) for e in outbox.inbox(10)]
    assert told == [("t0", NOW), ("t1", NOW + 1), ("t2", NOW + 2)]


def test_what_cannot_be_written_stays_held(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was written before the error is not written again."""
    held = HeldEvents()
    held.hold(event(0), ERROR)
    held.write_into(outbox)
    held.hold(event(1), ERROR)
    held.hold(event(2), ERROR)
    with closing(sqlite3.connect(path_of(outbox), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutboxBusy):
            held.write_into(outbox)
        other.execute("ROLLBACK")

    assert len(held) == 2
    held.write_into(outbox)
    assert [e.trade_id for e in outbox.inbox(10)] == ["t0", "t1", "t2"]


def test_held_event_does_not_undo_a_later_one(outbox: Outbox) -> None:
    """The later one waits behind it, and no other does, whatever the clock says."""
    held = HeldEvents()
    held.hold(Recorded("t", EventKind.ENTRY, "i", "older", NOW), ERROR)
    later = Recorded("t", EventKind.ENTRY, "i", "later", NOW - 3600)

    assert not held.record(outbox, later)
    assert held.record(outbox, event(2))
    assert held.record(outbox, later._replace(kind=EventKind.EXIT))
    assert held.write_into(outbox)
    told = [(e.trade_id, e.kind, e.payload) for e in outbox.inbox(10)]
    assert told == [
        ("t2", EventKind.ENTRY, "{}"),
        ("t", EventKind.EXIT, "later"),
        ("t", EventKind.ENTRY, "older"),
        ("t", EventKind.ENTRY, "later"),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(EventKind.ENTRY, EventKind.CORRECTION, id="entry"),
        pytest.param(EventKind.EXIT, EventKind.CORRECTION, id="exit"),
        pytest.param(EventKind.CORRECTION, EventKind.EXIT, id="before-an-exit"),
        pytest.param(EventKind.CORRECTION, EventKind.CORRECTION, id="another"),
    ],
)
def test_correction_and_what_it_corrects_keep_their_order(
    outbox: Outbox, first: EventKind, second: EventKind
) -> None:
    """A correction may speak of entry and exit; those of other trades pass it."""
    held = HeldEvents()
    held.hold(Recorded("t", first, "i", "{}", NOW), ERROR)

    assert not held.record(outbox, Recorded("t", second, "i", "[]", NOW))
    assert held.record(outbox, Recorded("t2", second, "i", "[]", NOW))
    assert held.write_into(outbox)
    told = [(e.trade_id, e.kind) for e in outbox.inbox(10)]
    assert told == [("t2", second), ("t", first), ("t", second)]


def lost_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was said of lost events."""
    said = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert all(line.startswith("tradervue.event_lost") for line in said)
    return said


def test_many_lost_events_are_one_line_with_their_number(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Memory is bounded; a hook only counts, and whoever writes says it once."""
    held = HeldEvents(most=2)
    for number in range(500):
        held.hold(event(number), ERROR)
    assert (len(held), held.lost) == (2, 498)
    assert lost_lines(caplog) == []

    held.say_lost()
    held.say_lost()
    [line] = lost_lines(caplog)
    assert "lost=498 error=the disk is full" in line
    held.write_into(outbox)
    assert lost_lines(caplog) == [line]
    assert [e.trade_id for e in outbox.inbox(10)] == ["t0", "t1"]


def test_what_goes_on_being_lost_is_said_now_and_then_and_at_the_end(
    outbox: Outbox,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last line has the whole number."""
    now = 1000.0
    monkeypatch.setattr(held_module, "monotonic", lambda: now)
    held = HeldEvents(most=1)
    for turn in range(8):
        held.hold(event(2 * turn), ERROR)
        held.hold(event(2 * turn + 1), ERROR)
        held.say_lost()
        now += 10.0
    numbers = [line.split()[1] for line in lost_lines(caplog)]
    assert numbers == ["lost=1", "lost=13"]

    held.write_into(outbox)
    assert lost_lines(caplog)[-1].split()[1] == "lost=15"
    held.say_lost()
    assert len(lost_lines(caplog)) == 3


def test_what_was_written_is_forgotten(outbox: Outbox) -> None:
    """The notes of whose events are held do not grow with every outage."""
    held = HeldEvents()
    for turn in range(3):
        for number in range(100):
            held.hold(event(1000 * turn + number), ERROR)
        held.write_into(outbox)

    assert held._last == {}
    assert held.record(outbox, event(1))


def test_first_held_event_is_told_and_the_others_are_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One line, not one for each trade."""
    caplog.set_level(logging.DEBUG)
    held = HeldEvents()
    for number in range(3):
        held.hold(event(number), ERROR)

    told = [(r.levelno, r.getMessage()) for r in caplog.records]
    assert len(told) == 1
    assert told[0][0] == logging.WARNING
    assert told[0][1].startswith("tradervue.event_held")


def test_each_event_that_is_written_elsewhere_at_once_is_no_line_of_its_own(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk, and a database on another machine: said once in a while."""
    held = HeldEvents()
    for number in range(5):
        held.hold(event(number), ERROR)
        held.write_into(outbox)
        assert not held

    assert caplog.text.count("tradervue.event_held") == 1


def test_hooks_may_hold_while_the_worker_writes(outbox: Outbox) -> None:
    """Nothing is lost or doubled between the threads."""
    held = HeldEvents()
    done = threading.Event()

    def hook() -> None:
        for number in range(200):
            held.hold(event(number), ERROR)
        done.set()

    thread = threading.Thread(target=hook)
    thread.start()
    while not done.is_set() or held:
        held.write_into(outbox)
    thread.join(60)

    assert [e.trade_id for e in outbox.inbox(500)] == [f"t{n}" for n in range(200)]

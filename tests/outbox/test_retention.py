"""What was finished long ago leaves the outbox, and is still known."""

from collections.abc import Callable
from decimal import Decimal

import attrs
import pytest

from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.journal import Side
from argo_tradervue_plugin.model.records import Difference, TradeRecord
from argo_tradervue_plugin.outbox.records import Acceptance, State, Transition
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.desk import ENTRY, EXIT, NOW, START, Desk, execution

LATER = NOW + 1000.0


def finish(desk: Desk, trade_id: str, *, journal_id: int = 7, at: float = 0) -> None:
    """Bring a trade all the way."""
    desk.enlist(execution(trade_id, at=at), execution(trade_id, EXIT, at=at + 5))
    both = [(trade_id, kind) for kind in Kind]
    noted = desk.send(*both)
    desk.link(*both, to=journal_id)
    with desk.write() as writer:
        writer.settle_import(noted.id)
        writer.annotated(trade_id, now=desk.now)


def forget(desk: Desk, before: float = LATER) -> list[str]:
    """Remove everything that was finished before then, and say what."""
    found: list[str] = []
    after: int | None = 0
    while after is not None:
        some, after = desk.outbox.finished_before(before, after=after, limit=2)
        found += some
    with desk.write() as writer:
        writer.forget(found)
        writer.forget_imports(before, 100)
    return [*dict.fromkeys(found)]  # two looks may have seen the same trade


def test_finished_trade_is_forgotten_and_known(desk: Desk, outbox: Outbox) -> None:
    """Its record says that it is over; its slot and its journal trade stay taken."""
    finish(desk, "t1")
    finish(desk, "t2", journal_id=8, at=60)
    spans = outbox.spans("AAPL", 0, None)
    assert forget(desk) == ["t1", "t2"]

    assert outbox.of_trade("t1") == []
    assert outbox.history("t1") == []
    assert outbox.counts()[State.SYNCED] == 0
    assert outbox.states_of(["t1"]) == {"t1": dict.fromkeys(Kind, State.SYNCED)}
    assert outbox.claimed([7, 8]) == {7: {"t1"}, 8: {"t2"}}
    assert outbox.spans("AAPL", 0, None) == spans
    assert outbox.imports_sent() == 1  # the last one stays

    [(record, is_finished)] = outbox.records_of(["t1"])["t1"]
    assert (record.trade_id, is_finished) == ("t1", True)
    assert forget(desk) == []


def test_of_a_forgotten_trade_stays_what_tells_it_from_others(desk: Desk) -> None:
    """And nothing else: what was recorded of it is of no more use."""
    finish(desk, "t1")
    known = TradeRecord(
        trade_id="t1",
        host_id="t1",
        symbol="AAPL",
        side=Side.SHORT,
        created_at=START,
        entered_at=START,
        signal_id="S",
        alpaca_order_id="A",
        exchange_order_id="E",
    )
    all_of_it = attrs.evolve(
        known, entry="entry", exit="exit", stop=Decimal(1), commission=Decimal(2)
    )
    with desk.write() as writer:
        writer.keep(all_of_it, now=NOW)
    forget(desk)

    assert desk.outbox.record_of("t1") == known


def test_outcome_that_nobody_accepted_keeps_its_trade(desk: Desk) -> None:
    """It waits for a person; accepted it goes with the trade."""
    finish(desk, "t1")
    joined = Difference(code="joined", host="", sent="7")
    with desk.write() as writer:
        writer.set_outcomes("t1", [joined], among=["joined"], now=NOW)
    assert forget(desk) == []

    with desk.write() as writer:
        accepted = Acceptance(trade_id="t1", host="1", journal="2")
        writer.accept(accepted, now=NOW)
    assert forget(desk) == ["t1"]
    assert desk.outbox.outcomes_of(["t1"]) == {}
    assert desk.outbox.acceptances() == []


def still_open(desk: Desk) -> None:
    """A position that is open, though its entry is in the journal."""
    desk.enlist(execution("t1"))
    desk.link(("t1", ENTRY), to=7)
    with desk.write() as writer:
        writer.annotated("t1", now=desk.now)


def waits_for_a_person(desk: Desk) -> None:
    """Nobody has looked at it yet."""
    finish(desk, "t1")
    desk.move(State.QUARANTINED, ("t1", EXIT))


def has_to_be_annotated(desk: Desk) -> None:
    """The host has learned something."""
    finish(desk, "t1")
    with desk.write() as writer:
        writer.wants_notes("t1")


def gets_a_commission(desk: Desk) -> None:
    """The journal has to learn it."""
    finish(desk, "t1")
    with desk.write() as writer:
        writer.want_overlay("t1", execution("t1").price)


def stands_as_a_basic_trade(desk: Desk) -> None:
    """Which is to be taken away again."""
    finish(desk, "t1")
    with desk.write() as writer:
        writer.set_basic("t1", 9)


@pytest.mark.parametrize(
    "unfinished",
    [
        still_open,
        waits_for_a_person,
        has_to_be_annotated,
        gets_a_commission,
        stands_as_a_basic_trade,
    ],
    ids=lambda function: function.__name__,
)
def test_what_is_not_finished_stays(
    desk: Desk, outbox: Outbox, unfinished: Callable[[Desk], None]
) -> None:
    """However old it is."""
    unfinished(desk)
    before = outbox.of_trade("t1")

    assert forget(desk) == []
    assert outbox.of_trade("t1") == before


def test_what_was_finished_lately_stays(desk: Desk) -> None:
    """By the time of the last change, and by when an execution was planned."""
    finish(desk, "t1")
    assert forget(desk, NOW) == []

    desk.now = LATER
    desk.move(State.SYNCED, ("t1", EXIT))
    assert forget(desk, NOW + 500) == []
    assert forget(desk, LATER + 1) == ["t1"]


def test_every_part_has_to_be_finished(desk: Desk) -> None:
    """An exit in parts is over with the last of them."""
    finish(desk, "t1")
    second = attrs.evolve(execution("t1", EXIT, at=6), part=2)
    desk.enlist(second)
    assert forget(desk) == []

    rows = desk.outbox.of_trade("t1")
    with desk.write() as writer:
        writer.apply(Transition(state=State.SYNCED, rows=rows), now=NOW)
    assert forget(desk) == ["t1"]


def test_order_that_was_never_filled_is_forgotten_but_for_its_record(
    desk: Desk,
) -> None:
    """Should it be filled after all, the record does not stand in its way."""
    with desk.write() as writer:
        writer.keep(TradeRecord(trade_id="t1", host_id="t1"), now=NOW)
        change = Transition(
            state=State.SKIPPED, keys=[("t1", ENTRY, 1)], reason="not_filled"
        )
        writer.apply(change, now=NOW)
    assert forget(desk) == ["t1"]

    assert desk.state("t1") is None
    assert desk.outbox.trade("t1") is None


def test_what_a_person_gave_up_stays_given_up(desk: Desk) -> None:
    """Also when it is recorded again."""
    desk.enlist(execution("t1"), execution("t1", EXIT))
    desk.move(State.DISCARDED, ("t1", ENTRY), ("t1", EXIT))
    assert forget(desk) == ["t1"]

    assert desk.state("t1") is State.DISCARDED
    [(_, is_finished)] = desk.outbox.records_of(["t1"])["t1"]
    assert is_finished


def test_new_history_is_numbered_on(desk: Desk, outbox: Outbox) -> None:
    """Who has asked up to a number misses nothing that comes after it."""
    finish(desk, "t1")
    last, entries = outbox.entries_synced_after(0)
    assert len(entries) == 1
    forget(desk)
    finish(desk, "t2", journal_id=8, at=60)

    assert len(outbox.entries_synced_after(last)[1]) == 1

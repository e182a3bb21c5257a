"""Links to journal trades, and whose notes are to be written when."""

from decimal import Decimal

import attrs
import pytest

from argo_tradervue_plugin.outbox.records import State
from tests.outbox.desk import ENTRY, EXIT, NOW, START, Desk, execution, keys_of


def annotate(desk: Desk, *trade_ids: str) -> list[list[str]]:
    """Note that trades carry our notes; return what became synced."""
    with desk.write() as writer:
        return [list(writer.annotated(name, now=desk.now)) for name in trade_ids]


def test_linked_trade_wants_its_notes(desk: Desk) -> None:
    """An execution that was read back is linked, its trade is next."""
    desk.enlist(execution("t"))
    desk.link(("t", ENTRY), to=1001)

    assert desk.state("t") is State.LINKED
    assert desk.row("t").journal_id == 1001
    [trade] = desk.outbox.to_annotate(NOW, 10)
    assert (trade.trade_id, trade.symbol, trade.journal_id) == ("t", "AAPL", 1001)
    assert (trade.account_tag, trade.entered_at) == ("argo", START)
    assert desk.outbox.annotations_due(NOW) == 1


def test_link_forgets_what_went_wrong_before(desk: Desk) -> None:
    """What stands in the journal needs no reason any more."""
    desk.enlist(execution("t"))
    desk.move(State.RECORDED, ("t", ENTRY), reason="not there", due_at=NOW)
    desk.link(("t", ENTRY), to=1)

    assert desk.row("t").reason is None


def test_annotated_trade_is_synced(desk: Desk) -> None:
    """All that was linked becomes synced by it, and is told, the entry first."""
    desk.enlist(execution("t"), execution("t", EXIT, at=5))
    desk.link(("t", ENTRY), ("t", EXIT), to=1001)

    assert annotate(desk, "t") == [[ENTRY, EXIT]]
    assert desk.state("t") is desk.state("t", EXIT) is State.SYNCED
    assert desk.notes_due() == []
    assert desk.outbox.last_synced_at() == NOW
    assert annotate(desk, "t") == [[]]


def test_annotation_syncs_only_what_was_read_back(desk: Desk) -> None:
    """An exit that is still on its way stays where it is."""
    desk.enlist(execution("t"), execution("t", EXIT, at=5))
    desk.link(("t", ENTRY), to=1001)
    desk.move(State.SENT, ("t", EXIT))

    assert annotate(desk, "t") == [[ENTRY]]
    assert desk.state("t", EXIT) is State.SENT


def test_linked_exit_wants_the_notes_again(desk: Desk) -> None:
    """Now they can say how it ended; the exit's snapshot is what they are made of."""
    desk.enlist(execution("t"))
    desk.link(("t", ENTRY), to=1001)
    annotate(desk, "t")
    desk.enlist(execution("t", EXIT, at=5), payload="the exit's")
    desk.link(("t", EXIT), to=1001)

    [trade] = desk.outbox.to_annotate(NOW, 10)
    assert trade.payload == "the exit's"
    assert annotate(desk, "t") == [[EXIT]]


def test_notes_say_what_stands_there_not_what_is_on_its_way(desk: Desk) -> None:
    """Before the exit was read back the entry's snapshot counts."""
    desk.enlist(execution("t"), payload="the entry's")
    desk.enlist(execution("t", EXIT, at=5), payload="the exit's")
    desk.link(("t", ENTRY), to=1001)
    desk.move(State.SENT, ("t", EXIT))

    [trade] = desk.outbox.to_annotate(NOW, 10)
    assert trade.payload == "the entry's"


@pytest.mark.parametrize(
    ("state", "waits"),
    [
        (State.RECORDED, True),
        (State.SENT, False),
        (State.QUARANTINED, False),
        (State.BASIC, False),
        (State.SKIPPED, False),
    ],
)
def test_notes_wait_for_an_exit_that_follows_at_once(
    desk: Desk, state: State, waits: bool
) -> None:
    """One that is about to be imported lets the notes be written once for both."""
    desk.enlist(execution("t"), execution("t", EXIT, at=5))
    desk.link(("t", ENTRY), to=1001)
    desk.move(state, ("t", EXIT))

    assert desk.notes_due() == ([] if waits else ["t"])
    assert desk.outbox.annotations_due(NOW) == (0 if waits else 1)


def test_notes_do_not_wait_for_an_exit_that_is_put_off(desk: Desk) -> None:
    """A person sees the entry complete long before the exit is tried again."""
    desk.enlist(execution("t"), execution("t", EXIT, at=5))
    desk.link(("t", ENTRY), to=1001)
    desk.move(State.RECORDED, ("t", EXIT), due_at=NOW + 60)

    assert desk.notes_due() == ["t"]
    assert desk.notes_due(later=60) == []


def test_notes_come_by_account_tag_and_time_of_entry(desk: Desk) -> None:
    """So that a page of the journal's list serves as many as possible."""
    desk.enlist(execution("b", at=2), execution("a", at=1), tag="argo-2")
    desk.enlist(execution("d", at=4), execution("c", at=3), tag="argo")
    for number, name in enumerate("abcd"):
        desk.link((name, ENTRY), to=number)

    assert desk.notes_due() == ["c", "d", "a", "b"]
    assert desk.notes_due(3) == ["c", "d", "a"]
    assert desk.outbox.annotations_due(NOW) == 4


def test_annotation_put_off_is_due_at_its_time(desk: Desk) -> None:
    """And is counted as tried."""
    desk.enlist(execution("t"))
    desk.link(("t", ENTRY), to=1001)
    with desk.write() as writer:
        writer.postpone_annotation("t", due_at=NOW + 30)

    assert desk.notes_due(later=29) == []
    assert desk.outbox.next_due() == NOW + 30
    [trade] = desk.outbox.to_annotate(NOW + 30, 10)
    assert trade.attempts == 1


def test_claims_name_the_trades_in_a_journal_trade(desk: Desk) -> None:
    """Tradervue may put several host trades into one of its own."""
    desk.enlist(execution("a"), execution("b", at=1), execution("c", at=2))
    desk.link(("a", ENTRY), ("b", ENTRY), to=1001)
    desk.link(("c", ENTRY), to=1002)

    assert desk.outbox.claimed([1001, 1002, 7]) == {1001: {"a", "b"}, 1002: {"c"}}


def test_any_number_of_claims_can_be_asked_for(desk: Desk) -> None:
    """A journal of thousands of trades is no special case."""
    desk.enlist(execution("a"))
    desk.link(("a", ENTRY), to=1500)

    assert desk.outbox.claimed(range(40_000)) == {1500: {"a"}}


def test_exit_elsewhere_does_not_move_its_trade(desk: Desk) -> None:
    """The journal trade of the entry is the one that stands for it."""
    desk.enlist(execution("t"), execution("t", EXIT, at=5))
    desk.link(("t", ENTRY), to=1001)
    desk.link(("t", EXIT), to=1002)

    trade = desk.outbox.trade("t")
    assert trade is not None
    assert trade.journal_id == 1001
    assert desk.row("t", EXIT).journal_id == 1002


def test_refused_trade_is_to_be_shown_without_executions(desk: Desk) -> None:
    """It wants notes and is in no journal trade."""
    desk.enlist(execution("t"))
    desk.move(State.BASIC, ("t", ENTRY), reason="refused")
    with desk.write() as writer:
        writer.wants_notes("t")

    [trade] = desk.outbox.to_show_basic(NOW, 10)
    assert (trade.trade_id, trade.basic_id) == ("t", None)
    assert desk.notes_due() == []
    with desk.write() as writer:
        writer.set_basic("t", 77)
        writer.annotated("t", now=NOW)
    assert desk.outbox.to_show_basic(NOW, 10) == []
    assert desk.outbox.superseded() == []
    assert keys_of(desk.outbox.parked(10)) == [("t", ENTRY)]


def test_basic_trade_is_superseded_once_the_full_one_carries_notes(desk: Desk) -> None:
    """Not before: what people wrote must have a place to go to."""
    desk.enlist(execution("t"))
    with desk.write() as writer:
        writer.set_basic("t", 77)
    desk.link(("t", ENTRY), to=1001)
    assert desk.outbox.superseded() == []

    annotate(desk, "t")
    [trade] = desk.outbox.superseded()
    assert (trade.basic_id, trade.journal_id) == (77, 1001)
    with desk.write() as writer:
        writer.set_basic("t", None)
    assert desk.outbox.superseded() == []


def test_parked_are_those_that_wait_for_a_person(desk: Desk) -> None:
    """Quarantined and basic ones, oldest first, with their reasons."""
    for number, state in enumerate(State):
        if state is not State.NEW:
            desk.enlist(execution(f"t{number}", at=number))
            desk.move(state, (f"t{number}", ENTRY), reason=f"is {state}")

    parked = desk.outbox.parked(10)
    assert [(row.state, row.reason) for row in parked] == [
        (State.BASIC, "is basic"),
        (State.QUARANTINED, "is quarantined"),
    ]
    assert len(desk.outbox.parked(1)) == 1


def test_history_has_every_step(desk: Desk) -> None:
    """When, which execution, which state, and why."""
    desk.enlist(execution("t"))
    desk.now += 1
    desk.send(("t", ENTRY))
    desk.now += 1
    desk.move(State.RECORDED, ("t", ENTRY), reason="unknown", due_at=NOW + 9)
    desk.link(("t", ENTRY), to=1001)
    annotate(desk, "t")

    steps = [(s.at, s.kind, s.state, s.detail) for s in desk.outbox.history("t")]
    assert steps == [
        (NOW, "entry", "recorded", None),
        (NOW + 1, "entry", "sent", None),
        (NOW + 2, "entry", "recorded", "unknown"),
        (NOW + 2, "entry", "linked", None),
        (NOW + 2, "entry", "synced", None),
    ]


def keep_stop(desk: Desk, trade_id: str, stop: str | None) -> None:
    """Let the record of a trade have a stop."""
    record = desk.outbox.record_of(trade_id)
    assert record is not None
    with desk.write() as writer:
        planned = attrs.evolve(record, stop=None if stop is None else Decimal(stop))
        writer.keep(planned, now=NOW)


def test_risks_are_those_of_our_journal_trades(desk: Desk) -> None:
    """By the plan and what was entered; what others have there is not among them."""
    desk.enlist(execution("t"), execution("no plan", at=1), execution("other", at=2))
    desk.enlist(attrs.evolve(execution("t", at=3, quantity="5"), part=2))
    with desk.write() as writer:
        for row in desk.outbox.of_trade("t"):
            writer.link(row, 1001, now=NOW)
    desk.link(("no plan", ENTRY), to=1002)
    keep_stop(desk, "t", "98.25")
    keep_stop(desk, "other", "98.25")

    assert desk.outbox.risks_in([1001, 1002, 1003]) == {1001: Decimal("30.00")}


def test_newly_synced_trades_are_told_once(desk: Desk) -> None:
    """Who asks from the last step on hears only what came since."""
    desk.enlist(execution("a"), execution("b", at=1))
    desk.link(("a", ENTRY), to=1)
    annotate(desk, "a")
    step, entered = desk.outbox.entries_synced_after(0)
    assert entered == [START.timestamp()]

    desk.link(("b", ENTRY), to=2)
    annotate(desk, "b")
    later, entered = desk.outbox.entries_synced_after(step)
    assert entered == [START.timestamp() + 60]
    assert desk.outbox.entries_synced_after(later) == (later, [])


def test_oldest_pending_is_what_an_operator_alerts_on(desk: Desk) -> None:
    """The age of what waits longest; what is settled does not count."""
    desk.enlist(execution("a"))
    desk.now += 10
    desk.enlist(execution("b", at=1))
    assert desk.outbox.oldest_pending_at() == NOW

    desk.move(State.QUARANTINED, ("a", ENTRY))
    assert desk.outbox.oldest_pending_at() == NOW + 10
    desk.move(State.SYNCED, ("b", ENTRY))
    assert desk.outbox.oldest_pending_at() is None

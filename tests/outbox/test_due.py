"""What is due for an import, and in which order."""

import pytest

from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.outbox.records import State
from tests.outbox.desk import ENTRY, EXIT, NOW, START, Desk, execution, keys_of

OUT_OF_THE_WAY = [
    State.SENT,
    State.IMPORTED,
    State.LINKED,
    State.SYNCED,
    State.BASIC,
    State.QUARANTINED,
    State.SKIPPED,
    State.DISCARDED,
]


def test_oldest_execution_comes_first(desk: Desk) -> None:
    """By the time of the fill, whatever the order of recording."""
    desk.enlist(execution("c", at=3), execution("a", at=1), execution("b", at=2))

    assert desk.due() == [("a", ENTRY), ("b", ENTRY), ("c", ENTRY)]


def test_entry_comes_before_an_exit_of_the_same_second(desk: Desk) -> None:
    """A trade of less than a second is opened first, then closed."""
    desk.enlist(execution("t"), execution("t", EXIT))

    assert desk.due() == [("t", ENTRY), ("t", EXIT)]


def test_order_of_recording_decides_within_a_second(desk: Desk) -> None:
    """The host's own order is kept where the second does not tell."""
    desk.enlist(execution("z"), execution("a", symbol="MSFT"))

    assert desk.due() == [("z", ENTRY), ("a", ENTRY)]


def test_no_more_come_than_asked_for(desk: Desk) -> None:
    """The limit is the size of an import; the oldest are in it."""
    desk.enlist(*(execution(f"t{n}", at=n) for n in range(5)))

    assert desk.due(2) == [("t0", ENTRY), ("t1", ENTRY)]


def test_one_import_has_one_account_tag(desk: Desk) -> None:
    """Tradervue takes one account tag for a whole import."""
    desk.enlist(execution("a"), execution("b", at=2), tag="argo")
    desk.enlist(execution("c", at=1), tag="argo-2")

    assert desk.due() == [("a", ENTRY), ("b", ENTRY)]
    desk.move(State.SENT, ("a", ENTRY), ("b", ENTRY))
    assert desk.due() == [("c", ENTRY)]


def test_no_account_tag_is_one_too(desk: Desk) -> None:
    """Without account tags everything goes together, apart from what has one."""
    desk.enlist(execution("a"), execution("b", at=1), tag="")
    desk.enlist(execution("c", at=2), tag="argo")

    assert desk.due() == [("a", ENTRY), ("b", ENTRY)]


def test_twins_come_alone(desk: Desk) -> None:
    """Their import allows duplicates, which nothing else must have allowed."""
    desk.enlist(execution("a"))
    desk.enlist(execution("b", at=1), twin=True)
    desk.enlist(execution("c", at=2))

    assert desk.due() == [("a", ENTRY), ("c", ENTRY)]
    desk.move(State.SENT, ("a", ENTRY), ("c", ENTRY))
    [twin] = desk.outbox.due(NOW, 10)
    assert twin.twin
    assert keys_of([twin]) == [("b", ENTRY)]


@pytest.mark.parametrize(
    ("quantity", "price"),
    [
        pytest.param("10", "100.25", id="same digits"),
        pytest.param("10.0", "100.250", id="same numbers"),
    ],
)
def test_a_twin_makes_its_equal_a_twin(desk: Desk, quantity: str, price: str) -> None:
    """Whichever goes first, the other must not be refused as its duplicate."""
    desk.enlist(execution("a"), execution("b", symbol="MSFT"))
    desk.enlist(execution("c", quantity=quantity, price=price), twin=True)

    assert [desk.row(name).twin for name in ("a", "b", "c")] == [True, False, True]


def test_exit_comes_with_its_entry(desk: Desk) -> None:
    """Both in one import, the entry before it."""
    desk.enlist(execution("t"), execution("u", at=1), execution("t", EXIT, at=2))

    assert desk.due() == [("t", ENTRY), ("u", ENTRY), ("t", EXIT)]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_trades_come_whole(desk: Desk, limit: int) -> None:
    """Wherever the limit cuts, what is to close a position comes with what opens it."""
    for name, at in (("a", 0), ("b", 1), ("c", 2)):
        desk.enlist(execution(name, at=at), execution(name, EXIT, at=at + 2))

    due = desk.due(limit)
    assert sorted(due) == [(name, kind) for name in "abc"[:limit] for kind in Kind]


@pytest.mark.parametrize("state", [State.LINKED, State.SYNCED])
def test_exit_comes_once_its_entry_was_read_back(desk: Desk, state: State) -> None:
    """Then the position is known to be open in the journal."""
    desk.enlist(execution("t"), execution("t", EXIT, at=2))
    desk.link(("t", ENTRY), to=1001)
    desk.move(state, ("t", ENTRY))

    assert desk.due() == [("t", EXIT)]


@pytest.mark.parametrize(
    "state", sorted(set(OUT_OF_THE_WAY) - {State.LINKED, State.SYNCED})
)
def test_exit_waits_while_its_entry_is_neither_due_nor_there(
    desk: Desk, state: State
) -> None:
    """Alone it would open a position of the wrong side."""
    desk.enlist(execution("t"), execution("t", EXIT, at=2))
    desk.move(state, ("t", ENTRY))

    assert desk.due() == []


def test_exit_waits_for_an_entry_that_is_due_later(desk: Desk) -> None:
    """And goes with it then."""
    desk.enlist(execution("t"), execution("t", EXIT, at=2))
    desk.move(State.RECORDED, ("t", ENTRY), due_at=NOW + 10)

    assert desk.due() == []
    assert desk.due(later=10) == [("t", ENTRY), ("t", EXIT)]


def test_exit_does_not_go_with_an_entry_that_is_a_twin(desk: Desk) -> None:
    """The twin's import is another one: the exit follows when it was read back."""
    desk.enlist(execution("t"), twin=True)
    desk.move(State.SENT, ("t", ENTRY))
    desk.enlist(execution("t", EXIT, at=2))
    desk.move(State.RECORDED, ("t", ENTRY))

    assert desk.due() == [("t", ENTRY)]
    desk.link(("t", ENTRY), to=1)
    assert desk.due() == [("t", EXIT)]


@pytest.mark.parametrize("why", ["later", "twin", "tried"])
def test_nothing_overtakes_an_exit_of_its_slot(desk: Desk, why: str) -> None:
    """The journal would add the next entry to the position that stands open there."""
    desk.enlist(execution("a"), execution("a", EXIT, at=2))
    desk.link(("a", ENTRY), to=1)
    if why == "later":
        desk.move(State.RECORDED, ("a", EXIT), due_at=NOW + 10)
    elif why == "twin":
        desk.enlist(execution("a", EXIT, at=2), twin=True)
    else:
        desk.move(State.RECORDED, ("a", EXIT), due_at=NOW)
    desk.enlist(execution("b", at=3), execution("b", EXIT, at=4))
    desk.enlist(execution("c", at=3, symbol="MSFT"))
    desk.enlist(execution("d", at=3), tag="argo-2")
    seen = []
    for _ in range(4):
        due = desk.due(later=10)
        seen += [key for key in due if key[0] in {"a", "b"}]
        desk.move(State.SENT, *due)

    assert seen == [("a", EXIT), ("b", ENTRY), ("b", EXIT)]


def test_entry_and_exit_that_wait_are_twins_together(desk: Desk) -> None:
    """Otherwise one of them would go before the other, and stand alone meanwhile."""
    desk.enlist(execution("a"), execution("a", EXIT, at=2))
    desk.enlist(execution("b"), twin=True)
    desk.enlist(execution("b", EXIT, at=1))

    assert desk.due() == [("a", ENTRY), ("b", ENTRY), ("b", EXIT), ("a", EXIT)]


def test_exit_of_another_trade_is_not_taken_for_its_own(desk: Desk) -> None:
    """Only its own trade's entry lets an exit go."""
    desk.enlist(execution("a"), execution("b", EXIT, at=2))

    assert desk.due() == [("a", ENTRY)]


@pytest.mark.parametrize("state", OUT_OF_THE_WAY)
def test_only_what_is_recorded_is_due(desk: Desk, state: State) -> None:
    """Whatever else became of an execution, it is not sent."""
    desk.enlist(execution("t"))
    desk.move(state, ("t", ENTRY))

    assert desk.due() == []
    assert desk.outbox.next_due() is None


def test_what_is_put_off_is_due_at_its_time(desk: Desk) -> None:
    """Not a moment before, and the attempt is counted."""
    desk.enlist(execution("t"))
    desk.move(State.RECORDED, ("t", ENTRY), due_at=NOW + 10, reason="later")

    assert desk.due(later=9.9) == []
    assert desk.due(later=10) == [("t", ENTRY)]
    assert desk.outbox.next_due() == NOW + 10
    assert (desk.row("t").attempts, desk.row("t").reason) == (1, "later")


def test_moving_without_a_time_is_no_attempt(desk: Desk) -> None:
    """What goes back through no fault of its own keeps its attempts."""
    desk.enlist(execution("t"))
    desk.move(State.SENT, ("t", ENTRY))
    desk.move(State.RECORDED, ("t", ENTRY))

    assert desk.row("t").attempts == 0
    assert desk.due() == [("t", ENTRY)]


def test_what_waits_longest_decides_which_import_comes_next(desk: Desk) -> None:
    """A retry of one account tag does not hold up the others."""
    desk.enlist(execution("a"), tag="argo")
    desk.enlist(execution("b", at=1), tag="argo-2")
    desk.move(State.RECORDED, ("a", ENTRY), due_at=NOW - 1)

    assert desk.due() == [("b", ENTRY)]


def test_import_is_noted_before_it_is_sent(desk: Desk) -> None:
    """A successor finds it, with its executions in the order sent."""
    desk.enlist(execution("b", at=1), execution("a"), execution("a", EXIT, at=2))
    noted = desk.send(("a", ENTRY), ("b", ENTRY), ("a", EXIT))

    [found] = desk.outbox.unsettled()
    assert found == noted
    assert (found.account_tag, found.allow_duplicates, found.stage) == (
        "argo",
        False,
        "noted",
    )
    rows = desk.outbox.of_import(noted.id)
    assert keys_of(rows) == [("a", ENTRY), ("b", ENTRY), ("a", EXIT)]
    assert {row.state for row in rows} == {State.SENT}
    assert desk.outbox.imports_sent() == 1


def test_import_goes_through_its_stages(desk: Desk) -> None:
    """Accepted, finished with its outcome, settled and gone from the list."""
    desk.enlist(execution("t"))
    noted = desk.send(("t", ENTRY), twins=True)
    stages = []
    with desk.write() as writer:
        writer.accept_import(noted.id)
    stages += [(row.stage, row.outcome) for row in desk.outbox.unsettled()]
    with desk.write() as writer:
        writer.finish_import(noted.id, '{"state":"succeeded"}', now=NOW)
    stages += [(row.stage, row.outcome) for row in desk.outbox.unsettled()]
    with desk.write() as writer:
        writer.settle_import(noted.id)

    assert stages == [("accepted", None), ("finished", '{"state":"succeeded"}')]
    assert desk.outbox.unsettled() == []
    assert desk.outbox.imports_sent() == 1


def test_unsettled_imports_come_oldest_first(desk: Desk) -> None:
    """They are settled in the order in which they were sent."""
    desk.enlist(execution("a"), execution("b", at=1))
    first, second = desk.send(("b", ENTRY)), desk.send(("a", ENTRY))

    assert [row.id for row in desk.outbox.unsettled()] == [first.id, second.id]


def test_execution_sent_again_belongs_to_its_latest_import(desk: Desk) -> None:
    """What the journal is asked for is what went last."""
    desk.enlist(execution("t"))
    first = desk.send(("t", ENTRY))
    second = desk.send(("t", ENTRY))

    assert desk.outbox.of_import(first.id) == []
    assert keys_of(desk.outbox.of_import(second.id)) == [("t", ENTRY)]


EQUALS = [
    pytest.param({}, True, id="equal"),
    pytest.param({"quantity": "10.000", "price": "100.2500"}, True, id="other digits"),
    pytest.param({"symbol": "MSFT"}, False, id="another symbol"),
    pytest.param({"quantity": "11"}, False, id="another quantity"),
    pytest.param({"price": "100.26"}, False, id="another price"),
    pytest.param({"at": 1 / 60}, False, id="a second later"),
]


@pytest.mark.parametrize(("changes", "is_equal"), EQUALS)
def test_equals_are_those_that_no_one_could_tell_apart(
    desk: Desk, changes: dict[str, object], is_equal: bool
) -> None:
    """Symbol, second, signed quantity and price; trades are not told apart."""
    desk.enlist(execution("a"))
    other = execution("b", **changes)  # type: ignore[arg-type]

    assert keys_of(desk.outbox.equals(other)) == ([("a", ENTRY)] if is_equal else [])


def test_trade_is_not_its_own_equal(desk: Desk) -> None:
    """An execution recorded again is no twin of itself."""
    desk.enlist(execution("a"))

    assert desk.outbox.equals(execution("a")) == []


def test_entry_and_exit_are_never_equal(desk: Desk) -> None:
    """One buys, the other sells."""
    desk.enlist(execution("a"))

    assert desk.outbox.equals(execution("b", EXIT)) == []


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (State.RECORDED, True),
        (State.SENT, True),
        (State.IMPORTED, True),
        (State.LINKED, True),
        (State.SYNCED, True),
        (State.SKIPPED, False),
        (State.QUARANTINED, False),
        (State.BASIC, False),
        (State.DISCARDED, False),
    ],
)
def test_equals_are_those_that_stand_or_will_stand_in_the_journal(
    desk: Desk, state: State, counts: bool
) -> None:
    """What is not sent cannot be taken for another."""
    desk.enlist(execution("a"))
    desk.move(state, ("a", ENTRY))

    assert bool(desk.outbox.equals(execution("b"))) is counts


def spans(desk: Desk, start: float, end: float | None) -> list[tuple[int, float]]:
    """Return slots and their starts between two minutes after the start."""
    zero = START.timestamp()
    found = desk.outbox.spans(
        "AAPL", zero + start * 60, None if end is None else zero + end * 60
    )
    minutes = [(s.slot, (s.start - START).total_seconds() / 60) for s in found]
    return sorted(minutes)


def test_spans_are_those_that_meet_the_time_asked_for(desk: Desk) -> None:
    """Closed ones that ended before, and any that begin after, are left out."""
    with desk.write() as writer:
        for slot, (start, end) in enumerate(((0, 10), (20, 30), (40, None)), 1):
            opening = execution(f"t{slot}", at=start)
            writer.open_trade(opening, slot=slot, account_tag="argo")
            if end is not None:
                ending = execution(f"t{slot}", EXIT, at=end)
                writer.close_trade(ending.trade_id, ending.executed_at)
        other = execution("x", symbol="MSFT")
        writer.open_trade(other, slot=9, account_tag="argo")

    assert spans(desk, 0, None) == [(1, 0), (2, 20), (3, 40)]
    assert spans(desk, 10, 20) == [(1, 0), (2, 20)]
    assert spans(desk, 11, 19) == []
    assert spans(desk, 31, 39) == []
    assert spans(desk, 31, None) == [(3, 40)]
    assert spans(desk, 50, 60) == [(3, 40)]


def test_slot_of_a_known_trade_is_kept(desk: Desk) -> None:
    """What was opened under one account tag is never moved to another."""
    desk.enlist(execution("t"), tag="argo-2")
    with desk.write() as writer:
        writer.open_trade(execution("t", at=5), slot=7, account_tag="argo-7")

    trade = desk.outbox.trade("t")
    assert trade is not None
    assert (trade.account_tag, trade.entered_at) == ("argo-2", START)
    assert spans(desk, 0, None) == [(1, 0)]

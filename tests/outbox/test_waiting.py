"""What an outbox keeps of imports that the journal does not show, on both engines."""

import pytest

from argo_tradervue_plugin.outbox.records import State, Transition, Waiting
from tests.outbox.desk import ENTRY, EXIT, NOW, Desk, execution


def wait(desk: Desk, *names: str, due: float = 5) -> int:
    """Let an import of entries succeed that the journal does not show."""
    keys = [(name, ENTRY) for name in names]
    noted = desk.send(*keys)
    with desk.write() as writer:
        writer.finish_import(noted.id, "{}", now=NOW + 1)
        change = Transition(state=State.IMPORTED, rows=[desk.row(*k) for k in keys])
        writer.apply(change, now=NOW + 1)
        writer.wait_for_import(noted.id, due_at=NOW + due, now=NOW + 1)
    return noted.id


def test_import_that_waits_is_due_at_its_time(desk: Desk) -> None:
    """It is not among those whose outcome is to be dealt with."""
    desk.enlist(execution("a"), execution("b", at=1))
    number = wait(desk, "a", "b")

    assert desk.outbox.unsettled() == []
    assert desk.outbox.waiting_imports(NOW + 4, 9) == []
    [found] = desk.outbox.waiting_imports(NOW + 5, 9)
    assert (found.id, found.looks, found.finished_at) == (number, 1, NOW + 1)
    assert desk.outbox.next_due() == NOW + 5
    assert desk.outbox.last_finished_at() == NOW + 1


def test_what_is_waited_for_is_counted_until_it_shows(desk: Desk) -> None:
    """Since the oldest of these imports has finished."""
    assert desk.outbox.waiting() is None
    desk.enlist(execution("a"), execution("b", at=1))
    number = wait(desk, "a", "b")
    assert desk.outbox.waiting() == Waiting(executions=2, since=NOW + 1)
    assert [row.key for row in desk.outbox.waiting_of("a")] == [("a", ENTRY, 1)]

    desk.link(("a", ENTRY), to=1001)
    assert desk.outbox.waiting() == Waiting(executions=1, since=NOW + 1)
    assert desk.outbox.waiting_of("a") == []
    desk.link(("b", ENTRY), to=1002)
    assert desk.outbox.waiting() is None
    with desk.write() as writer:
        writer.settle_import(number)
    assert desk.outbox.waiting_imports(NOW + 9, 9) == []


def test_a_later_import_that_shows_is_known(desk: Desk) -> None:
    """Not the import itself, nor what an earlier one may have stored."""
    desk.enlist(*(execution(name, at=n) for n, name in enumerate("abc")))
    first = wait(desk, "a")
    desk.link(("a", ENTRY), to=1001)
    assert not desk.outbox.is_shown_after(first)
    with desk.write() as writer:
        writer.doubt([desk.row("b")])
    wait(desk, "b")
    desk.link(("b", ENTRY), to=1002)
    assert not desk.outbox.is_shown_after(first)
    wait(desk, "c")
    desk.link(("c", ENTRY), to=1003)
    assert desk.outbox.is_shown_after(first)


@pytest.mark.parametrize("unsure", [False, True])
def test_import_that_was_not_processed_leaves_what_was_known(
    desk: Desk, *, unsure: bool
) -> None:
    """What an earlier import may have stored is never unsent."""
    desk.enlist(execution("a"))
    noted = desk.send(("a", ENTRY))
    if unsure:
        with desk.write() as writer:
            writer.doubt([desk.row("a")])
    with desk.write() as writer:
        change = Transition(
            state=State.RECORDED, rows=[desk.row("a")], is_unprocessed=True
        )
        writer.apply(change, now=NOW)

    row = desk.row("a")
    assert row.state is State.RECORDED
    assert row.import_id == (noted.id if unsure else None)
    assert desk.due() == [("a", ENTRY)]


def test_nothing_follows_in_a_slot_whose_exit_waits_for_its_entry(desk: Desk) -> None:
    """The journal would add it to what is open there; other symbols go on."""
    desk.enlist(execution("a"), execution("b", at=20), execution("c", symbol="MSFT"))
    wait(desk, "a")
    desk.enlist(execution("a", EXIT, at=10))
    assert desk.due() == [("c", ENTRY)]

    desk.link(("a", ENTRY), to=1001)
    assert desk.due() == [("c", ENTRY), ("a", EXIT), ("b", ENTRY)]


def test_condition_is_kept_until_it_is_taken_back(desk: Desk) -> None:
    """One text for each name."""
    assert desk.outbox.condition("refused") is None
    for facts in ("one", "other", None):
        with desk.write() as writer:
            writer.set_condition("refused", facts)
        assert desk.outbox.condition("refused") == facts


def test_trade_that_was_never_sent_gets_another_slot(desk: Desk) -> None:
    """Its executions go under the new account tag."""
    desk.enlist(execution("a"), execution("a", EXIT, at=1))
    assert [row.trade_id for row in desk.outbox.unsent_entries()] == ["a"]
    with desk.write() as writer:
        writer.retag("a", slot=3, account_tag="argo-3")

    assert desk.outbox.account_tag_of("a") == "argo-3"
    assert {row.account_tag for row in desk.outbox.of_trade("a")} == {"argo-3"}
    desk.send(("a", ENTRY), tag="argo-3")
    assert desk.outbox.unsent_entries() == []


def test_execution_without_its_commission_keeps_a_remark(desk: Desk) -> None:
    """Also when it was read back: the notes are written after that."""
    desk.enlist(execution("a", commission="-1.5"))
    with desk.write() as writer:
        writer.leave_out_commission(desk.row("a"), "rebate: -1.5")
    desk.send(("a", ENTRY))
    desk.link(("a", ENTRY), to=1001)

    row = desk.row("a")
    assert row.remark == "rebate: -1.5"
    assert row.execution is not None
    assert row.execution.commission is None


def test_entries_to_send_are_of_any_account_tag(desk: Desk) -> None:
    """Those that are due, and of which nothing may be stored."""
    desk.enlist(execution("a"))
    desk.enlist(execution("b"), tag="argo-2")
    desk.enlist(execution("c", at=1), execution("d", at=2))
    desk.send(("c", ENTRY))
    desk.move(State.RECORDED, ("c", ENTRY))
    desk.move(State.RECORDED, ("d", ENTRY), due_at=NOW + 60)

    found = desk.outbox.entries_to_send(NOW, 9)
    assert [row.trade_id for row in found] == ["a", "b"]

"""What an exit event says of the entry's price and time."""

from typing import Any

import pytest

from argo_tradervue_plugin.model.executions import EventKind
from tests.delivery.stepping import entered, host_trade, id_of
from tests.journeys.reader import JournalReader
from tests.reconciling.desk import Desk

LATER = "2026-03-05T16:45:10"


def told(**changes: Any) -> Any:
    """Return the closed trade, recorded at its exit, with *changes*."""
    return host_trade(1, **{"updated_at": LATER, **changes})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"actual_entry_price": 100.5}, "price_changed"),
        ({"entry_timestamp": "2026-03-05T14:40:00"}, "time_changed"),
    ],
    ids=["price", "time"],
)
@pytest.mark.parametrize("kind", [EventKind.EXIT, EventKind.CORRECTION])
def test_entry_that_changed_after_it_was_sent_is_an_outcome(
    desk: Desk, changes: dict[str, Any], code: str, kind: EventKind
) -> None:
    """With the exit, or after it; back to what was sent, it goes away."""
    desk.forwarder.enter(host_trade(1))
    assert desk.forwarder.run(seconds=3000)
    if kind is EventKind.CORRECTION:
        desk.forwarder.record(told(updated_at="2026-03-05T16:45:09.8"), EventKind.EXIT)
        assert desk.forwarder.run(seconds=3000)
    desk.forwarder.record(told(**changes), kind)
    assert desk.forwarder.run(seconds=3000)
    assert desk.forwarder.outbox.outcome_counts() == {code: 1}
    desk.trades = [told(**changes)]
    report = desk.compare()
    assert [outcome.code for outcome in report.outcomes] == [code]
    assert not report.is_clean

    back = told(updated_at="2026-03-05T16:50:00")
    desk.forwarder.record(back, EventKind.CORRECTION)
    assert desk.forwarder.run(seconds=3000)
    assert desk.forwarder.outbox.outcome_counts() == {}


def test_entry_that_was_not_sent_goes_as_it_was_recorded_last(
    desk: Desk, journal: JournalReader
) -> None:
    """Entry and exit of an outage arrive with the price that the host ended with."""
    desk.forwarder.enter(host_trade(1))
    desk.forwarder.leave(told(actual_entry_price=100.5))
    assert desk.forwarder.run(seconds=3000)

    assert str(journal.only()["entry_price"]) == "100.5"
    assert desk.forwarder.outbox.outcome_counts() == {}


def test_old_copy_of_another_worker_says_nothing_of_the_entry(
    desk: Desk, journal: JournalReader
) -> None:
    """Its exit is new, its entry is one that was recorded before the last."""
    desk.forwarder.enter(host_trade(1))
    better = entered(host_trade(1, actual_entry_price=100.5))
    desk.forwarder.record(better, EventKind.CORRECTION)
    desk.forwarder.leave(told())
    assert desk.forwarder.run(seconds=3000)

    assert str(journal.only()["entry_price"]) == "100.5"
    assert desk.forwarder.states(id_of(1)) == {"entry": "synced", "exit": "synced"}


def test_split_over_night_leaves_the_entry_as_it_was(
    desk: Desk, journal: JournalReader
) -> None:
    """Its price belongs to a size that was not taken."""
    desk.forwarder.enter(host_trade(1))
    after_it = told(
        quantity=100,
        filled_qty=100,
        actual_entry_price=10.025,
        actual_exit_price=10.35,
        exit_timestamp="2026-03-06T16:45:09",
        updated_at="2026-03-06T16:45:09",
    )
    desk.forwarder.leave(after_it)
    assert desk.forwarder.run(seconds=3000)

    assert str(journal.only()["entry_price"]) == "100.25"
    assert desk.forwarder.outbox.outcome_counts() == {"quantity_changed": 1}

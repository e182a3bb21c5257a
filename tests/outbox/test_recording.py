"""What hooks write, and how an event that comes again stays one."""

import pytest

from argo_tradervue_plugin.outbox.interface import Outbox, Recorded, State
from tests.outbox.conftest import Open
from tests.outbox.desk import ENTRY, EXIT, NOW, Desk, execution

STATES_WITH_NOTHING_SENT = [
    State.RECORDED,
    State.SKIPPED,
    State.QUARANTINED,
    State.BASIC,
    State.DISCARDED,
]


def test_event_is_there_for_everybody_once_record_returns(open_outbox: Open) -> None:
    """A second process sees the event as it was written, to the last character."""
    payload = '{"symbol":"ÄÖ\\u0000\'\\"%s","quantity":0.1}'
    told = Recorded("trade_1", ENTRY, "AAPL|long|x", payload, NOW)
    open_outbox().record(told)

    [event] = open_outbox().inbox(10)

    assert (event.trade_id, event.kind, event.identity) == (
        "trade_1",
        ENTRY,
        "AAPL|long|x",
    )
    assert (event.payload, event.recorded_at) == (payload, NOW)


def test_inbox_keeps_the_order_of_recording(desk: Desk) -> None:
    """Neither ids nor times decide: what was recorded first comes first."""
    for trade_id, at in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
        desk.record(trade_id, now=at)

    assert [event.trade_id for event in desk.outbox.inbox(10)] == ["c", "a", "b"]
    assert [event.trade_id for event in desk.outbox.inbox(2)] == ["c", "a"]


def test_event_that_comes_again_changes_nothing(desk: Desk) -> None:
    """The same trade, kind and payload is one execution, with one step of history."""
    for _ in range(3):
        desk.record("t", payload="same")
    folded = desk.fold_all()

    assert folded == [("t", State.NEW), None, None]
    assert desk.outbox.inbox(10) == []


def test_entry_and_exit_of_a_trade_are_two_executions(desk: Desk) -> None:
    """The kind is part of the key."""
    desk.record("t", ENTRY)
    desk.record("t", EXIT)

    assert desk.fold_all() == [("t", State.NEW), ("t", State.NEW)]


def test_later_payload_replaces_the_one_before(desk: Desk) -> None:
    """What the host said last is what counts."""
    desk.enlist(execution("t"))
    desk.record("t", payload="corrected", identity="AAPL", now=NOW + 1)

    assert desk.fold_all() == [("t", State.RECORDED)]
    trade = desk.outbox.trade("t")
    assert trade is not None
    assert trade.payload == "corrected"


def test_what_is_recorded_last_counts_whatever_the_clock_says(desk: Desk) -> None:
    """A clock that was set back makes no event older than the one before it."""
    desk.enlist(execution("t"))
    desk.record("t", payload="corrected", identity="AAPL", now=NOW - 3600)

    assert desk.fold_all() == [("t", State.RECORDED)]
    trade = desk.outbox.trade("t")
    assert trade is not None
    assert trade.payload == "corrected"


@pytest.mark.parametrize("state", STATES_WITH_NOTHING_SENT)
def test_fold_tells_where_a_corrected_execution_stands(
    desk: Desk, state: State
) -> None:
    """The planner decides by it whether a correction may still change anything."""
    desk.enlist(execution("t"))
    desk.move(state, ("t", ENTRY))
    desk.record("t", payload="corrected", identity="AAPL", now=NOW + 1)

    assert desk.fold_all() == [("t", state)]


def test_two_trades_of_one_id_stay_two(desk: Desk) -> None:
    """Two processes can give one id to two trades within the same microsecond."""
    desk.record("t", identity="AAPL|long|x")
    desk.record("t", identity="MSFT|long|x", payload="other")
    first, second = desk.fold_all()

    assert first == ("t", State.NEW)
    assert second is not None
    assert second[0] != "t"
    assert second[0].startswith("t")
    assert second[1] is State.NEW


def test_events_of_a_second_trade_of_one_id_find_each_other(desk: Desk) -> None:
    """The id of its own is the same for entry, exit and whatever comes again."""
    desk.record("t", ENTRY, identity="AAPL|long|x")
    desk.record("t", ENTRY, identity="MSFT|long|x")
    desk.record("t", EXIT, identity="AAPL|long|x")
    desk.record("t", EXIT, identity="MSFT|long|x")
    desk.record("t", ENTRY, identity="MSFT|long|x")
    names = [told and told[0] for told in desk.fold_all()]

    other = names[1]
    assert names == ["t", other, "t", other, None]


def test_exit_of_a_second_trade_of_one_id_is_not_taken_for_the_firsts(
    desk: Desk,
) -> None:
    """Also where it is closed before the first: its exit must not close that one."""
    desk.record("t", ENTRY, identity="AAPL|long|x")
    desk.record("t", ENTRY, identity="MSFT|long|x")
    desk.record("t", EXIT, identity="MSFT|long|x")
    desk.record("t", EXIT, identity="AAPL|long|x")
    names = [told and told[0] for told in desk.fold_all()]

    other = names[1]
    assert names == ["t", other, other, "t"]


def test_what_is_in_the_inbox_counts_as_new(outbox: Outbox) -> None:
    """A trade is pending from the moment that its hook returns."""
    outbox.record(Recorded("t", ENTRY, "i", "{}", NOW))

    assert outbox.states_of(["t", "unknown"]) == {"t": {ENTRY: State.NEW}}
    assert outbox.counts()[State.NEW] == 1
    assert outbox.oldest_pending_at() == NOW


def test_news_of_a_known_execution_make_it_new(desk: Desk) -> None:
    """Whoever waits for it must not take what was decided before for the answer."""
    desk.enlist(execution("t"))
    desk.move(State.SKIPPED, ("t", ENTRY))
    desk.record("t", payload="filled by now", identity="AAPL")

    assert desk.state("t") is State.NEW


def test_enlisted_execution_comes_back_with_its_own_digits(desk: Desk) -> None:
    """Prices and quantities are never rounded by the record."""
    sent = execution(
        "t",
        quantity="0.00012345",
        price="64123.10",
        commission="1.50",
        symbol="BTC-USD",
    )
    desk.enlist(sent)
    found = desk.row("t").execution

    assert found == sent
    assert found is not None
    assert str(found.price) == "64123.10"
    assert str(found.commission) == "1.50"


def test_unknown_commission_stays_unknown(desk: Desk) -> None:
    """Unknown is not zero."""
    desk.enlist(execution("t"), execution("u", commission="0"))

    known = [desk.row(name).execution for name in ("t", "u")]
    assert [e and e.commission for e in known] == [None, 0]


def test_exit_alone_makes_the_entry_that_no_hook_saw(desk: Desk) -> None:
    """The exit's snapshot tells all about the trade; both stand to be sent."""
    desk.record("t", EXIT, payload="whole trade")
    desk.fold_all()
    with desk.write() as writer:
        writer.open_trade(execution("t"), slot=1, account_tag="argo")
        for each in (execution("t"), execution("t", EXIT, at=5)):
            assert writer.enlist(each, account_tag="argo", twin=False, now=NOW)

    assert desk.due() == [("t", ENTRY), ("t", EXIT)]
    assert desk.outbox.counts()[State.RECORDED] == 2


@pytest.mark.parametrize(
    "state", [State.SENT, State.IMPORTED, State.LINKED, State.SYNCED, State.DISCARDED]
)
def test_what_was_sent_or_discarded_is_not_enlisted_anew(
    desk: Desk, state: State
) -> None:
    """What stands in the journal, or was decided by a person, no event changes."""
    desk.enlist(execution("t"))
    desk.move(state, ("t", ENTRY))
    with desk.write() as writer:
        corrected = execution("t", price="7")
        changed = writer.enlist(corrected, account_tag="x", twin=False, now=NOW)

    assert not changed
    assert desk.state("t") is state
    assert desk.row("t").execution == execution("t")


@pytest.mark.parametrize("state", [State.SKIPPED, State.QUARANTINED, State.BASIC])
def test_what_was_set_aside_can_be_enlisted_anew(desk: Desk, state: State) -> None:
    """A later event makes it real; what was wrong before is forgotten."""
    desk.enlist(execution("t"))
    desk.move(state, ("t", ENTRY), reason="wrong", due_at=NOW + 99)
    with desk.write() as writer:
        corrected = execution("t", price="7")
        assert writer.enlist(corrected, account_tag="argo", twin=False, now=NOW)

    row = desk.row("t")
    assert (row.state, row.reason, row.attempts) == (State.RECORDED, None, 0)
    assert row.execution == corrected
    assert desk.due() == [("t", ENTRY)]


def test_correction_before_the_import_is_what_gets_sent(desk: Desk) -> None:
    """As long as nothing was sent, the latest facts replace the earlier ones."""
    desk.enlist(execution("t"))
    desk.enlist(execution("t", price="101"))

    assert desk.row("t").execution == execution("t", price="101")


def test_nothing_recorded_is_nothing_anywhere(outbox: Outbox) -> None:
    """An empty outbox answers each question with nothing."""
    assert outbox.inbox(10) == []
    assert outbox.due(NOW, 10) == []
    assert outbox.next_due() is None
    assert outbox.unsettled() == []
    assert outbox.of_import(1) == []
    assert outbox.of_trades(["t"]) == {"t": []}
    assert outbox.trade("t") is None
    assert outbox.claimed([]) == {}
    assert outbox.claimed([1]) == {}
    assert outbox.to_annotate(NOW, 10) == []
    assert outbox.to_show_basic(NOW, 10) == []
    assert outbox.annotations_due(NOW) == 0
    assert outbox.superseded() == []
    assert set(outbox.counts().values()) == {0}
    assert set(outbox.counts()) == set(State)
    assert outbox.oldest_pending_at() is None
    assert outbox.last_synced_at() is None
    assert outbox.parked(10) == []
    assert outbox.history("t") == []
    assert outbox.states_of(["t"]) == {}
    assert outbox.entries_synced_after(0) == (0, [])
    assert outbox.snapshots_in([1]) == {}
    assert outbox.imports_sent() == 0
    assert outbox.lease_free_at() == 0

"""What hooks write, and what the planner makes of it: records and executions."""

from decimal import Decimal
from typing import Any

import attrs
import pytest

from argo_tradervue_plugin.model.executions import EventKind, Execution, Kind
from argo_tradervue_plugin.model.journal import Side
from argo_tradervue_plugin.model.records import (
    Difference,
    ExitEvent,
    Part,
    TradeRecord,
    stored_id,
)
from argo_tradervue_plugin.outbox.records import (
    Acceptance,
    Recorded,
    State,
    Transition,
    Waiting,
)
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.outbox.writer import Writer
from tests.outbox.conftest import Open
from tests.outbox.desk import ENTRY, EXIT, NOW, START, Desk, execution


def test_event_is_there_for_everybody_once_record_returns(open_outbox: Open) -> None:
    """A second process sees the event as it was written, to the last character."""
    payload = '{"symbol":"ÄÖ\\u0000\'\\"%s","quantity":0.1}'
    told = Recorded("trade_1", EventKind.ENTRY, "AAPL|long|x", payload, NOW)
    open_outbox().record(told)

    [event] = open_outbox().inbox(10)

    assert (event.trade_id, event.kind, event.identity) == (
        "trade_1",
        EventKind.ENTRY,
        "AAPL|long|x",
    )
    assert (event.payload, event.recorded_at) == (payload, NOW)


def test_inbox_keeps_the_order_of_recording(desk: Desk) -> None:
    """Neither ids nor times decide: what was recorded first comes first."""
    for trade_id, at in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
        desk.record(trade_id, now=at)

    assert [event.trade_id for event in desk.outbox.inbox(10)] == ["c", "a", "b"]
    assert [event.trade_id for event in desk.outbox.inbox(2)] == ["c", "a"]


def test_events_stay_in_the_inbox_until_they_are_taken_out(desk: Desk) -> None:
    """Whatever an event means: it is there until the planner has dealt with it."""
    for payload in ("first", "second", "first"):
        desk.record("t", payload=payload)
    first, *rest = desk.outbox.inbox(10)
    with desk.write() as writer:
        writer.take_out([first])
    assert desk.outbox.inbox(10) == rest

    desk.take_all()
    assert desk.outbox.inbox(10) == []
    assert desk.outbox.counts()[State.NEW] == 0


def test_id_is_kept_as_everybody_compares_it(desk: Desk) -> None:
    """Blanks around it say nothing, and a long one ends in its digest."""
    desk.record("  t ")
    desk.record("x" * 3000)

    ids = [event.trade_id for event in desk.outbox.inbox(10)]
    assert ids == ["t", stored_id("x" * 3000)]
    assert desk.outbox.states_of(ids) == {key: {ENTRY: State.NEW} for key in ids}


# Records ----------------------------------------------------------------------------

ENTERED = TradeRecord(
    trade_id="t",
    host_id="t",
    symbol="BRK.B",
    side=Side.SHORT,
    created_at=START,
    entered_at=START,
    signal_id="Ä\u2028\0\ud800",
    entry='["t"]',
    sizes=((Decimal(10), None), (Decimal("1E+3"), Decimal("0.00012345"))),
    stop=Decimal("98.25"),
    exits=(ExitEvent(at=START, price=Decimal("64123.10"), quantity=Decimal(4)),),
    parts=(Part(at=START, price=Decimal("64123.10"), size=Decimal(4)),),
    differs=(Difference(code="exit_changed", host="7", sent="8"),),
)


def test_record_comes_back_as_it_was_kept(desk: Desk) -> None:
    """To the last digit and character, whatever a host writes into its fields."""
    with desk.write() as writer:
        writer.keep(ENTERED, now=NOW)

    assert desk.outbox.record_of("t") == ENTERED
    assert desk.outbox.records_of(["t", "u"]) == {"t": [(ENTERED, False)]}
    assert desk.outbox.record_of("u") is None


def test_record_that_is_kept_again_replaces_the_one_before(desk: Desk) -> None:
    """There is one record of a trade, which is as old as its first event."""
    for at, exit_ in ((NOW, None), (NOW + 9, "left")):
        with desk.write() as writer:
            writer.keep(attrs.evolve(ENTERED, exit=exit_), now=at)
    with desk.write() as writer:
        writer.keep(attrs.evolve(ENTERED, trade_id="younger"), now=NOW + 1)

    found = desk.outbox.records_of(["t"])["t"]
    assert [record.trade_id for record, _ in found] == ["t", "younger"]
    assert found[0][0].exit == "left"


def test_trades_of_one_id_are_asked_for_together(desk: Desk) -> None:
    """Oldest first; and however many ids are asked for, each is answered."""
    with desk.write() as writer:
        for n in range(1000):
            record = TradeRecord(trade_id=f"t{n}", host_id=f"h{n // 2}")
            writer.keep(record, now=NOW - n)

    found = desk.outbox.records_of(f"h{n}" for n in range(500))
    assert len(found) == 500
    ids = [[record.trade_id for record, _ in some] for some in found.values()]
    assert sorted(ids)[:2] == [["t1", "t0"], ["t101", "t100"]]


# Executions -------------------------------------------------------------------------


def test_what_is_in_the_inbox_counts_as_new(outbox: Outbox) -> None:
    """A trade is pending from the moment that its hook returns."""
    outbox.record(Recorded("t", EventKind.ENTRY, "i", "{}", NOW))

    assert outbox.states_of(["t", "unknown"]) == {"t": {ENTRY: State.NEW}}
    assert outbox.counts()[State.NEW] == 1
    assert outbox.oldest_pending_at() == NOW


@pytest.mark.parametrize("kind", [ENTRY, EXIT])
def test_news_of_a_known_execution_make_it_new(desk: Desk, kind: Kind) -> None:
    """Whoever waits for it must not take what was decided before for the answer."""
    desk.enlist(execution("t"), execution("t", EXIT, at=5))
    desk.move(State.SKIPPED, ("t", ENTRY), ("t", EXIT))
    desk.record("t", kind, payload="filled by now")

    assert desk.state("t", kind) is State.NEW
    other = EXIT if kind is ENTRY else ENTRY
    assert desk.state("t", other) is State.SKIPPED


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


PARTS = [
    execution("t", quantity="3"),
    attrs.evolve(execution("t", quantity="7", at=1, price="101.42857143"), part=2),
    execution("t", EXIT, at=5, quantity="4"),
    attrs.evolve(execution("t", EXIT, at=6, quantity="6"), part=2),
]


def test_leg_may_have_several_executions(desk: Desk) -> None:
    """What was filled later, and an exit in parts: each is an execution of its own."""
    desk.enlist(*PARTS)

    assert [row.execution for row in desk.outbox.of_trade("t")] == PARTS
    assert [row.execution for row in desk.outbox.due(NOW, 10)] == PARTS
    assert desk.outbox.all_of_trades(["t", "u"]) == {
        "t": desk.outbox.of_trade("t"),
        "u": [],
    }
    assert desk.outbox.counts()[State.RECORDED] == 4


def test_leg_is_as_far_as_the_part_that_is_worst_off(desk: Desk) -> None:
    """Nobody reads that a leg is synced while a part of it is under way, or waits."""
    desk.enlist(*PARTS)
    rows = desk.outbox.of_trade("t")
    for states, expected in (
        ((State.SYNCED, State.RECORDED), State.RECORDED),
        ((State.SYNCED, State.QUARANTINED), State.QUARANTINED),
        ((State.LINKED, State.SYNCED), State.LINKED),
        ((State.SYNCED, State.SYNCED), State.SYNCED),
    ):
        with desk.write() as writer:
            for row, state in zip(rows, states, strict=False):
                writer.apply(Transition(state=state, rows=[row]), now=NOW)
        assert desk.state("t") is expected


def put(desk: Desk, each: Execution, **changes: str) -> bool:
    """Note *each* with *changes* once more; tell whether anything changed."""
    changed: dict[str, Any] = {name: Decimal(value) for name, value in changes.items()}
    with desk.write() as writer:
        return writer.put(
            attrs.evolve(each, **changed), account_tag="argo", twin=False, now=NOW
        )


@pytest.mark.parametrize(
    "state", [State.SENT, State.IMPORTED, State.LINKED, State.SYNCED]
)
def test_what_may_stand_in_the_journal_no_event_changes(
    desk: Desk, state: State
) -> None:
    """Its import is what says so, whatever became of it afterwards."""
    desk.enlist(execution("t"))
    desk.send(("t", ENTRY))
    for each in (state, State.RECORDED, State.QUARANTINED):
        desk.move(each, ("t", ENTRY))

        assert not put(desk, execution("t"), price="7")
        assert desk.state("t") is each
        assert desk.row("t").execution == execution("t")
        assert desk.row("t").is_fixed


def test_what_was_found_in_the_journal_no_event_changes(desk: Desk) -> None:
    """No import of this outbox has stored it, and there it is."""
    desk.enlist(execution("t"))
    desk.link(("t", ENTRY), to=7)

    assert not put(desk, execution("t"), price="7")
    assert desk.row("t").is_fixed


def test_what_a_person_gave_up_no_event_changes(desk: Desk) -> None:
    """Neither is it sent, nor is it set aside for another reason."""
    desk.enlist(execution("t"))
    desk.move(State.DISCARDED, ("t", ENTRY))
    with desk.write() as writer:
        change = Transition(
            state=State.SKIPPED, keys=[("t", ENTRY, 1)], reason="cancelled"
        )
        writer.apply(change, now=NOW)

    assert not put(desk, execution("t"), price="7")
    assert desk.state("t") is State.DISCARDED
    assert desk.row("t").is_fixed


@pytest.mark.parametrize("state", [State.SKIPPED, State.QUARANTINED, State.BASIC])
def test_what_was_set_aside_can_be_enlisted_anew(desk: Desk, state: State) -> None:
    """A late fill, a corrected trade: what was decided is decided again."""
    desk.enlist(execution("t"))
    desk.move(state, ("t", ENTRY), reason="old", due_at=NOW + 99)

    assert put(desk, execution("t"), price="101")
    row = desk.row("t")
    assert (row.state, row.reason) == (State.RECORDED, None)
    assert (row.attempts, row.due_at) == (0, 0)
    assert row.execution == execution("t", price="101")


def test_what_certainly_was_not_stored_can_be_planned_otherwise(desk: Desk) -> None:
    """An import that Tradervue refused leaves nothing behind."""
    desk.enlist(execution("t"))
    desk.send(("t", ENTRY))
    with desk.write() as writer:
        change = Transition(state=State.RECORDED, rows=[desk.row("t")], is_unsent=True)
        writer.apply(change, now=NOW)

    assert not desk.row("t").is_fixed
    assert put(desk, execution("t"), price="101")
    assert desk.row("t").execution == execution("t", price="101")


@pytest.mark.parametrize("is_unsure", [False, True])
def test_import_that_was_not_processed_leaves_what_was_known_before(
    desk: Desk, *, is_unsure: bool
) -> None:
    """An earlier import of unknown outcome may have stored it all the same."""
    desk.enlist(execution("t"))
    desk.send(("t", ENTRY))
    with desk.write() as writer:
        if is_unsure:
            writer.doubt([desk.row("t")])
        change = Transition(
            state=State.RECORDED, rows=[desk.row("t")], is_unprocessed=True
        )
        writer.apply(change, now=NOW)

    row = desk.row("t")
    assert (row.state, row.unsure, row.is_fixed) == (
        State.RECORDED,
        is_unsure,
        is_unsure,
    )
    assert desk.due() == [("t", ENTRY)]


def test_import_is_waited_for_until_the_journal_shows_it(desk: Desk) -> None:
    """It is looked for at its time, and is neither unsettled nor settled meanwhile."""
    desk.enlist(execution("t"), execution("u", at=1))
    noted = desk.send(("t", ENTRY), ("u", ENTRY))
    with desk.write() as writer:
        writer.finish_import(noted.id, "{}", now=NOW)
        writer.wait_for_import(noted.id, due_at=NOW + 9, now=NOW + 1)
    assert desk.outbox.unsettled() == []
    assert desk.outbox.waiting_imports(NOW, 10) == []
    assert desk.outbox.next_due() == NOW + 9
    [waiting] = desk.outbox.waiting_imports(NOW + 9, 10)
    assert (waiting.id, waiting.looks, waiting.finished_at) == (noted.id, 1, NOW)
    assert desk.outbox.waiting() == Waiting(executions=2, since=NOW)
    assert [row.key for row in desk.outbox.waiting_of("t")] == [("t", ENTRY, 1)]

    desk.link(("t", ENTRY), ("u", ENTRY), to=7)
    assert desk.outbox.waiting() is None
    with desk.write() as writer:
        writer.settle_import(noted.id)
    assert desk.outbox.waiting_imports(NOW + 9, 10) == []


def test_what_makes_no_sense_is_set_aside_without_figures(desk: Desk) -> None:
    """It waits for a person, and comes into its own once it makes sense."""
    with desk.write() as writer:
        change = Transition(
            state=State.QUARANTINED, keys=[("t", ENTRY, 1)], reason="no_id"
        )
        writer.apply(change, now=NOW)
    [row] = desk.outbox.parked(10)
    assert (row.key, row.execution, row.reason) == (("t", ENTRY, 1), None, "no_id")
    assert [step.detail for step in desk.outbox.history("t")] == ["no_id"]
    assert desk.outbox.of_trades(["t"]) == {"t": []}

    assert put(desk, execution("t"))
    assert desk.row("t").execution == execution("t")
    assert desk.outbox.counts()[State.QUARANTINED] == 0


def break_off(writer: Writer, change: Transition) -> None:
    """Change something, and fail."""
    writer.apply(change, now=NOW)
    raise ZeroDivisionError


def test_log_says_what_waits_for_a_person_once_it_is_stored(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """One line for each: none for what is undone, or waits with its entry."""
    desk.enlist(execution("t"))
    parked = Transition(
        state=State.QUARANTINED, rows=[desk.row("t")], reason="twin_unknown"
    )
    with pytest.raises(ZeroDivisionError), desk.write() as writer:
        break_off(writer, parked)
    assert "tradervue.quarantined" not in caplog.text

    along = attrs.evolve(
        parked, rows=(), keys=[("t", EXIT, 1)], reason="entry_waits: it is unknown"
    )
    with desk.write() as writer:
        writer.apply(parked, now=NOW)
        writer.apply(along, now=NOW)
        writer.apply(attrs.evolve(parked, is_news=False), now=NOW)
        assert "tradervue.quarantined" not in caplog.text
    assert caplog.text.count("tradervue.quarantined") == 1
    assert "tradervue.quarantined kind=entry trade=t symbol=AAPL reason=" in caplog.text
    assert "then retry or discard it" in caplog.text


def test_what_is_said_of_a_change_is_said_once_it_is_stored(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure undoes the change, and then there is nothing to say."""

    def say_and_fail(writer: Writer) -> None:
        writer.warn("tradervue.differs trade=%s", "lost")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), desk.write() as writer:
        say_and_fail(writer)
    with desk.write() as writer:
        writer.warn("tradervue.differs trade=%s", "kept")
        assert "kept" not in caplog.text

    assert "trade=lost" not in caplog.text
    assert caplog.text.count("tradervue.differs trade=kept") == 1


def test_what_is_parked_again_gets_its_latest_reason(desk: Desk) -> None:
    """One row of history while the state is the same."""
    for why in ("cancelled", "expired"):
        with desk.write() as writer:
            change = Transition(state=State.SKIPPED, keys=[("t", ENTRY, 1)], reason=why)
            writer.apply(change, now=NOW)

    assert [row.reason for row in desk.outbox.of_trade("t")] == ["expired"]
    assert len(desk.outbox.history("t")) == 1


def test_what_is_not_planned_any_more_is_dropped(desk: Desk) -> None:
    """But not what may have been sent: that stays, whatever the plan says."""
    desk.enlist(*PARTS)
    desk.send(("t", ENTRY))
    with desk.write() as writer:
        writer.drop(desk.outbox.of_trade("t"))

    assert [row.key for row in desk.outbox.of_trade("t")] == [("t", ENTRY, 1)]
    assert desk.outbox.counts()[State.RECORDED] == 0
    assert desk.outbox.counts()[State.SENT] == 1


# Outcomes ---------------------------------------------------------------------------

PRICE = Difference(code="price_changed", host="101", sent="100.25")
TIME = Difference(code="time_changed", host="15:00", sent="14:30")
JOINED = Difference(code="joined", host="", sent="7")
OURS = ("price_changed", "time_changed")


def outcomes(desk: Desk, *differs: Difference, now: float = NOW) -> list[str]:
    """Set the outcomes of a trade that planning decides about; return new ones."""
    with desk.write() as writer:
        return writer.set_outcomes("t", differs, among=OURS, now=now)


def test_outcome_is_news_once(desk: Desk) -> None:
    """While both sides stay as they are; another figure is another outcome."""
    assert outcomes(desk, PRICE, TIME) == ["price_changed", "time_changed"]
    assert outcomes(desk, PRICE, TIME, now=NOW + 9) == []
    other = attrs.evolve(PRICE, host="102")
    assert outcomes(desk, other, TIME, now=NOW + 9) == ["price_changed"]

    found = desk.outbox.outcomes_of(["t", "u"])["t"]
    assert [(o.code, o.host, o.journal, o.since) for o in found] == [
        ("price_changed", "102", "100.25", NOW + 9),
        ("time_changed", "15:00", "14:30", NOW),
    ]


def test_outcome_that_is_settled_goes_away(desk: Desk) -> None:
    """Only those that are decided about: others are about something else."""
    with desk.write() as writer:
        writer.set_outcomes("t", [JOINED], among=["joined"], now=NOW)
    outcomes(desk, PRICE)
    assert desk.outbox.outcome_counts() == {"joined": 1, "price_changed": 1}

    assert outcomes(desk) == []
    assert desk.outbox.outcome_counts() == {"joined": 1}


AS_IT_IS = Acceptance(trade_id="t", host="1", journal="2")


def test_outcome_that_was_accepted_counts_no_more(desk: Desk) -> None:
    """Until it is another one, or what was accepted is withdrawn."""
    outcomes(desk, PRICE)
    with desk.write() as writer:
        writer.accept(AS_IT_IS, now=NOW)
    assert desk.outbox.outcomes(10) == []
    assert desk.outbox.outcome_counts() == {}
    assert desk.outbox.outcomes_of(["t"])["t"][0].accepted
    assert desk.outbox.acceptances(["t", "u"]) == [AS_IT_IS]

    outcomes(desk, PRICE, now=NOW + 9)
    assert desk.outbox.outcomes(10) == []
    outcomes(desk, attrs.evolve(PRICE, host="102"), now=NOW + 9)
    assert len(desk.outbox.outcomes(10)) == 1
    assert desk.outbox.acceptances() == []


def test_what_was_accepted_last_counts(desk: Desk) -> None:
    """Of a trade once; a journal trade of no host trade is accepted by itself."""
    of_journal = Acceptance(journal_id=7, host="", journal="3")
    later = attrs.evolve(AS_IT_IS, journal="4")
    for each in (AS_IT_IS, of_journal, later):
        with desk.write() as writer:
            writer.accept(each, now=NOW)
    assert set(desk.outbox.acceptances()) == {later, of_journal}
    assert desk.outbox.acceptances(["t"]) == [later]

    with desk.write() as writer:
        writer.withdraw(of_journal)
    assert desk.outbox.acceptances() == [later]


def test_oldest_outcome_is_listed_first(desk: Desk) -> None:
    """As many as are asked for."""
    for n, trade_id in enumerate(("c", "a", "b")):
        with desk.write() as writer:
            writer.set_outcomes(trade_id, [PRICE], among=OURS, now=NOW + n)

    assert [o.trade_id for o in desk.outbox.outcomes(2)] == ["c", "a"]


# Answers ----------------------------------------------------------------------------


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
    assert outbox.all_of_trades(["t"]) == {"t": []}
    assert outbox.record_of("t") is None
    assert outbox.records_of(["t"]) == {}
    assert outbox.outcomes(10) == []
    assert outbox.outcomes_of(["t"]) == {}
    assert outbox.outcome_counts() == {}
    assert outbox.acceptances() == []
    assert outbox.closers_of(["t"]) == {"t": []}
    assert outbox.opened_before("AAPL", NOW, Side.LONG) == []
    assert outbox.waiting_imports(NOW, 10) == []
    assert outbox.waiting() is None
    assert outbox.waiting_of("t") == []
    assert not outbox.is_shown_after(0)
    assert outbox.last_finished_at() is None
    assert outbox.unsent_entries() == []
    assert outbox.entries_to_send(NOW, 10) == []
    assert outbox.condition("refused") is None
    assert outbox.risks_in([1]) == {}
    assert outbox.snapshots_since(0) == []
    assert outbox.overlays_of(["t"]) == {}
    assert outbox.imports_sent() == 0
    assert outbox.lease_free_at() == 0

"""From what hooks recorded to what is due: skipped, quarantined, slotted, paired."""

import logging
from decimal import Decimal
from types import SimpleNamespace

import pytest

from argo_tradervue_plugin.delivery.planner import plan_events
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.model.reasons import sentence
from argo_tradervue_plugin.outbox.records import Recorded, State, Transition
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, entered, host_trade, id_of
from tests.journeys.reader import JournalReader, differences


def sense(forwarder: Forwarder) -> None:
    """Make sense of all that was recorded, and go no further."""
    while forwarder.outbox.inbox(1):
        lane = forwarder.worker._claim(forwarder.clock())
        assert lane is not None
        plan_events(lane, forwarder.outbox.inbox(1000))


def tags_of(forwarder: Forwarder, *trades: SimpleNamespace) -> list[str]:
    """Return the account tags that trades were given."""
    known = [forwarder.outbox.trade(trade.id) for trade in trades]
    return [trade.account_tag if trade else "none" for trade in known]


SKIPPED = [
    pytest.param({"quantity": 0, "filled_qty": None}, "quantity 0", id="no quantity"),
    pytest.param({"quantity": 10, "filled_qty": 0}, "quantity 0", id="not filled"),
    pytest.param({"quantity": 0, "filled_qty": 0.0}, "quantity 0", id="nothing at all"),
    pytest.param({"cancelled": True}, "cancelled", id="cancelled"),
    pytest.param({"expired": True}, "expired", id="expired"),
    pytest.param(
        {"rejection_reason": "no buying power"},
        "rejected: no buying power",
        id="rejected",
    ),
]


@pytest.mark.parametrize(("facts", "reason"), SKIPPED)
def test_what_was_never_filled_is_skipped_with_its_reason(
    forwarder: Forwarder, journal: JournalReader, facts: dict[str, object], reason: str
) -> None:
    """It has no place in a journal, and is not pending either."""
    trade = host_trade(**facts)
    forwarder.enter(trade)
    assert forwarder.run()

    assert forwarder.counts() == {"skipped": 1}
    [step] = forwarder.outbox.history(trade.id)
    assert step.state == State.SKIPPED
    assert step.detail is not None
    assert str(sentence(step.detail)).startswith(reason)
    assert journal.trades() == []


@pytest.mark.parametrize(("facts", "reason"), SKIPPED)
def test_later_event_makes_a_skipped_trade_real(
    forwarder: Forwarder, journal: JournalReader, facts: dict[str, object], reason: str
) -> None:
    """An order that fills late, for instance: the exit tells all about it."""
    forwarder.enter(host_trade(**facts))
    forwarder.run()
    trade = host_trade()
    forwarder.leave(trade)
    assert forwarder.run()

    assert forwarder.counts() == {"synced": 2}
    assert differences(journal, [vars(trade)]) == []


def test_late_fill_told_by_a_second_entry_is_sent(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """The host records the entry again once it is filled."""
    forwarder.enter(host_trade(filled_qty=0))
    forwarder.run()
    trade = host_trade(filled_qty=4)
    forwarder.enter(trade)
    assert forwarder.run()

    assert differences(journal, [vars(entered(trade))]) == []


def test_what_was_filled_before_a_cancellation_is_real(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Part of an order is a position like any other."""
    trade = host_trade(cancelled=True, partial_fill=True, filled_qty=3, quantity=10)
    forwarder.enter(trade)
    forwarder.leave(trade)
    assert forwarder.run()

    assert differences(journal, [vars(trade)]) == []


BROKEN = [
    pytest.param({"symbol": ""}, "symbol=''", id="no symbol"),
    pytest.param({"symbol": None}, "symbol=None", id="null symbol"),
    pytest.param({"symbol": "A\nB"}, "symbol=", id="symbol of two lines"),
    pytest.param({"signal_type": "sideways"}, "signal_type='sideways'", id="no side"),
    pytest.param({"actual_entry_price": "cheap"}, "actual_entry_price='cheap'", id="x"),
    pytest.param({"actual_entry_price": float("inf")}, "actual_entry_price=", id="inf"),
    pytest.param({"actual_entry_price": -1.0}, "actual_entry_price=", id="negative"),
    pytest.param(
        {"actual_entry_price": None, "entry_price": 0}, "entry_price=", id="zero"
    ),
    pytest.param({"filled_qty": -5}, "filled_qty=", id="negative quantity"),
    pytest.param({"filled_qty": True}, "filled_qty=", id="boolean quantity"),
    pytest.param({"entry_timestamp": "noon"}, "entry_timestamp='noon'", id="no time"),
    pytest.param({"entry_timestamp": None}, "entry_timestamp=None", id="null time"),
]


@pytest.mark.parametrize(("facts", "told"), BROKEN)
def test_trade_that_makes_no_sense_is_quarantined_with_field_and_value(
    forwarder: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
    facts: dict[str, object],
    told: str,
) -> None:
    """The operator reads which field of which trade; the rest moves."""
    broken, fine = host_trade(1, **facts), host_trade(2)
    forwarder.enter(broken, fine)
    assert forwarder.run()

    assert forwarder.states(broken) == {"entry": "quarantined"}
    [step] = forwarder.outbox.history(broken.id)
    assert step.detail is not None
    assert str(sentence(step.detail)).startswith(told)
    lines = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert len(lines) == 1
    assert f"tradervue.quarantined kind=entry trade={broken.id}" in lines[0]
    assert told in lines[0]
    assert differences(journal, [vars(entered(fine))]) == []


POISON = [
    pytest.param({"actual_entry_price": 1e300}, id="price beyond anything"),
    pytest.param({"actual_entry_price": 1e-300}, id="price next to nothing"),
    pytest.param({"filled_qty": 1e300}, id="quantity beyond anything"),
    pytest.param({"actual_entry_price": Decimal("1E+999999")}, id="endless price"),
    pytest.param({"entry_timestamp": "0001-01-01T00:00:00"}, id="the year 1"),
    pytest.param({"entry_timestamp": "9999-12-31T23:59:59.999999"}, id="the year 9999"),
    pytest.param({"signal_type": ["long"]}, id="a list"),
    pytest.param({"symbol": {"name": "AAPL"}}, id="an object"),
    pytest.param({"symbol": "A" * 3000}, id="an endless symbol"),
]


@pytest.mark.parametrize("facts", POISON)
def test_no_single_trade_can_hold_up_the_others(
    forwarder: Forwarder, journal: JournalReader, facts: dict[str, object]
) -> None:
    """Whatever stands in it: it is parked, and everything else arrives."""
    before, poison, after = host_trade(1), host_trade(2, **facts), host_trade(3)
    for trade in (before, poison, after):
        forwarder.enter(trade)
    assert forwarder.run()

    assert forwarder.states(poison) == {"entry": "quarantined"}
    others = [vars(entered(trade)) for trade in (before, after)]
    assert differences(journal, others) == []


POISONED_EXITS = [
    pytest.param({"exit_timestamp": "9999-12-31T23:59:59"}, id="the year 9999"),
    pytest.param({"actual_exit_price": 1e300}, id="price beyond anything"),
    pytest.param({"exit_timestamp": "2026-03-05T14:29:00"}, id="before the entry"),
    pytest.param({"actual_exit_price": -1}, id="negative price"),
]


@pytest.mark.parametrize("facts", POISONED_EXITS)
@pytest.mark.parametrize("is_sent", [False, True], ids=["entry new", "entry sent"])
def test_broken_exit_leaves_its_entry_and_the_others_alone(
    forwarder: Forwarder,
    journal: JournalReader,
    facts: dict[str, object],
    is_sent: bool,
) -> None:
    """The position stands open in the journal, and a person is told of the exit."""
    broken, fine = host_trade(1, **facts), host_trade(2)
    forwarder.enter(broken, fine)
    if is_sent:
        forwarder.run()
    forwarder.leave(broken, fine)
    assert forwarder.run()

    assert forwarder.states(broken) == {"entry": "synced", "exit": "quarantined"}
    assert differences(journal, [vars(entered(broken)), vars(fine)]) == []


def test_corrected_trade_leaves_quarantine(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """The host tells it anew, and nobody has to lift a finger here."""
    forwarder.enter(host_trade(actual_entry_price=-1.0))
    forwarder.run()
    trade = host_trade()
    forwarder.enter(trade)
    assert forwarder.run()
    forwarder.leave(trade)
    assert forwarder.run()

    assert forwarder.counts() == {"synced": 2}
    assert differences(journal, [vars(trade)]) == []


def test_cancellation_before_the_import_keeps_the_trade_out(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """What was never sent need not be undone."""
    forwarder.enter(host_trade())
    sense(forwarder)
    forwarder.enter(host_trade(cancelled=True))
    assert forwarder.run()

    assert forwarder.counts() == {"skipped": 1}
    assert journal.trades() == []


def test_event_after_the_import_changes_nothing_in_the_journal(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """What stands there stays as it was sent."""
    trade = host_trade()
    forwarder.enter(trade)
    forwarder.run()
    with forwarder.counted() as made:
        forwarder.enter(host_trade(actual_entry_price=99.0))
        forwarder.run()

    assert "POST /imports" not in made
    assert differences(journal, [vars(entered(trade))]) == []


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"actual_entry_price": "cheap"}, id="price"),
        pytest.param({"confidence": "high"}, id="confidence"),
        pytest.param({"symbol": None}, id="symbol"),
    ],
)
def test_broken_event_after_the_import_holds_nothing_up(
    forwarder: Forwarder, journal: JournalReader, facts: dict[str, object]
) -> None:
    """Also where the notes of what stands there are still to be written."""
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.step_until(lambda: forwarder.is_in(State.LINKED))
    broken = host_trade(1, **facts)
    _, identity = trade.id, f"{trade.symbol}|{trade.signal_type}"
    forwarder.outbox.record(
        Recorded(
            trade.id,
            EventKind.ENTRY,
            f"{identity}|{trade.entry_timestamp}",
            forwarder_payload(broken),
            forwarder.clock() + 1,
        )
    )
    other = host_trade(2)
    forwarder.enter(other)
    forwarder.leave(other)
    forwarder.run()

    assert forwarder.states(other) == {"entry": "synced", "exit": "synced"}
    standing = [row["symbol"] for row in journal.trades()]
    assert sorted(standing) == ["CORP1", "CORP2"]


def forwarder_payload(trade: SimpleNamespace) -> str:
    """Return what the hook would have captured."""
    from argo_tradervue_plugin.model.capture import capture

    return capture(entered(trade))


def test_exit_without_entry_event_brings_both(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """A hook that was missed, or a host that records only the close."""
    trade = host_trade()
    forwarder.leave(trade)
    assert forwarder.run()

    assert forwarder.states(trade) == {"entry": "synced", "exit": "synced"}
    assert differences(journal, [vars(trade)]) == []


def test_late_entry_event_of_a_closed_trade_changes_nothing(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """It waited in memory while the exit got through."""
    trade = host_trade()
    earlier = forwarder.clock()
    forwarder.clock.now += 10
    forwarder.leave(trade)
    forwarder.run()
    forwarder.clock.now, later = earlier, forwarder.clock.now
    forwarder.enter(trade)
    forwarder.clock.now = later
    assert forwarder.run()

    assert forwarder.counts() == {"synced": 2}
    assert differences(journal, [vars(trade)]) == []


def test_overlapping_positions_get_account_tags_of_their_own(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Tradervue holds one open position for each symbol and account tag."""
    trades = [
        host_trade(n, symbol="AAPL", entry_timestamp=f"2026-03-05T14:3{n}:00")
        for n in range(3)
    ]
    forwarder.enter(*trades)
    sense(forwarder)
    assert tags_of(forwarder, *trades) == ["argo", "argo-2", "argo-3"]

    forwarder.leave(*trades)
    assert forwarder.run()
    assert differences(journal, map(vars, trades)) == []


def test_other_symbol_needs_no_other_account_tag(forwarder: Forwarder) -> None:
    """Slots are counted for each symbol."""
    trades = [host_trade(1), host_trade(2)]
    forwarder.enter(*trades)
    sense(forwarder)

    assert tags_of(forwarder, *trades) == ["argo", "argo"]


@pytest.mark.parametrize(
    ("left", "entered_at", "tag"),
    [
        pytest.param("2026-03-05T15:00:00", "2026-03-05T15:00:00", "argo-2", id="0s"),
        pytest.param("2026-03-05T15:00:00", "2026-03-06T14:59:59", "argo-2", id="<24h"),
        pytest.param("2026-03-05T15:00:00", "2026-03-06T15:00:01", "argo", id=">24h"),
    ],
)
def test_slot_is_kept_from_its_symbol_for_a_while(
    forwarder: Forwarder, left: str, entered_at: str, tag: str
) -> None:
    """Tradervue may continue a trade that closed a moment ago."""
    first = host_trade(1, symbol="AAPL", exit_timestamp=left)
    second = host_trade(2, symbol="AAPL", entry_timestamp=entered_at)
    forwarder.enter(first)
    forwarder.leave(first)
    forwarder.enter(second)
    sense(forwarder)

    assert tags_of(forwarder, second) == [tag]


def test_slot_of_a_trade_that_is_not_sent_is_free_again(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Cancelled before its import, it holds nothing; others need no further tag."""
    forwarder.enter(host_trade(1, symbol="AAPL"))
    sense(forwarder)
    forwarder.enter(host_trade(1, symbol="AAPL", cancelled=True))
    sense(forwarder)
    later = host_trade(2, symbol="AAPL", entry_timestamp="2026-06-05T14:30:00")
    forwarder.enter(later)
    sense(forwarder)

    assert tags_of(forwarder, later) == ["argo"]


def test_trade_that_is_real_after_all_takes_a_slot_that_is_free_by_then(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """What it gave back, another may hold by now."""
    late = host_trade(1, symbol="AAPL")
    forwarder.enter(late)
    sense(forwarder)
    forwarder.enter(host_trade(1, symbol="AAPL", cancelled=True))
    sense(forwarder)
    other = host_trade(2, symbol="AAPL", entry_timestamp="2026-03-05T15:30:00")
    forwarder.enter(other)
    sense(forwarder)
    late.partial_fill = True
    forwarder.enter(late)
    forwarder.leave(late, other)
    assert forwarder.run(seconds=3000)

    assert tags_of(forwarder, other, late) == ["argo", "argo-2"]
    assert differences(journal, [vars(late), vars(other)]) == []


def test_exit_goes_with_an_entry_that_is_cancelled_before_its_import(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """It would wait for ever for an entry that is never sent."""
    forwarder.enter(host_trade(1))
    forwarder.leave(host_trade(1))
    sense(forwarder)
    forwarder.clock.now += 1
    forwarder.enter(host_trade(1, cancelled=True))
    assert forwarder.run()

    assert forwarder.counts() == {"skipped": 2}
    assert journal.trades() == []


def test_without_account_tags_there_is_none(make: Make) -> None:
    """On a plan without them every position goes under none."""
    forwarder = make(account_tags=False)
    trades = [host_trade(n, symbol="AAPL") for n in range(2)]
    forwarder.enter(*trades)
    sense(forwarder)

    assert tags_of(forwarder, *trades) == ["", ""]


def test_lower_case_symbols_are_those_of_the_journal(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Tradervue knows capitals."""
    trade = host_trade(symbol="aapl")
    forwarder.leave(trade)
    assert forwarder.run()

    assert journal.only()["symbol"] == "AAPL"


@pytest.mark.parametrize("number", [0.1, 0.00012345, 1234567.25, 3], ids=str)
def test_quantities_arrive_with_their_own_digits(
    forwarder: Forwarder, journal: JournalReader, number: float
) -> None:
    """No binary noise, no rounding."""
    trade = host_trade(quantity=number, filled_qty=number, symbol="BTC-USD")
    forwarder.leave(trade)
    assert forwarder.run()

    assert differences(journal, [vars(trade)]) == []


def test_equal_executions_of_two_trades_are_twins(forwarder: Forwarder) -> None:
    """The first is one as well, as long as it was not sent."""
    trades = [host_trade(n, symbol="AAPL") for n in range(2)]
    forwarder.enter(*trades)
    sense(forwarder)

    rows = forwarder.outbox.of_trades([id_of(0), id_of(1)])
    assert [row.twin for found in rows.values() for row in found] == [True, True]


def parked_entry(forwarder: Forwarder, trade: SimpleNamespace, state: State) -> None:
    """Bring a trade's entry, sent once, into *state*."""
    forwarder.enter(trade)
    sense(forwarder)
    lane = forwarder.worker._lane
    assert lane is not None
    [row] = forwarder.outbox.of_trades([trade.id])[trade.id]
    with lane.write() as writer:
        noted = writer.note_import(
            account_tag="argo", allow_duplicates=False, now=forwarder.clock()
        )
        writer.add_to_import(noted.id, [row], now=forwarder.clock())
        writer.settle_import(noted.id)
        writer.apply(
            Transition(state=state, rows=[row], reason="because"), now=forwarder.clock()
        )


@pytest.mark.parametrize(
    ("state", "fate"),
    [
        (State.BASIC, "basic"),
        (State.QUARANTINED, "quarantined"),
        (State.DISCARDED, "skipped"),
    ],
)
def test_exit_shares_the_fate_of_an_entry_that_did_not_get_there(
    forwarder: Forwarder, journal: JournalReader, state: State, fate: str
) -> None:
    """Alone it would open a position of the wrong side."""
    trade = host_trade()
    parked_entry(forwarder, trade, state)
    with forwarder.counted() as made:
        forwarder.leave(trade)
        assert forwarder.run()

    assert forwarder.states(trade) == {"entry": str(state), "exit": fate}
    assert "POST /imports" not in made
    reason = forwarder.reasons(trade)["exit"]
    assert sentence(reason) == "its entry waits: because"
    assert [row["exec_count"] for row in journal.trades() if row["exec_count"]] == []


@pytest.mark.parametrize("state", [State.QUARANTINED, State.DISCARDED])
def test_what_waits_for_a_person_or_was_discarded_is_not_shown_as_basic(
    forwarder: Forwarder, journal: JournalReader, state: State
) -> None:
    """Only what Tradervue refused is shown without executions."""
    trade = host_trade()
    parked_entry(forwarder, trade, state)
    forwarder.leave(trade)
    assert forwarder.run()

    assert journal.trades() == []


def test_two_trades_of_one_id_both_arrive(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Two processes can give one id to two trades; closed in whatever order."""
    first, second = host_trade(1), host_trade(1, symbol="OTHER", filled_qty=7)
    forwarder.enter(first, second)
    forwarder.leave(second)
    assert forwarder.run()
    forwarder.leave(first)
    assert forwarder.run()

    assert forwarder.counts() == {"synced": 4}
    fills = [(s, int(q), str(p)) for s, _, q, p in journal.all_executions()]
    assert fills == [
        ("CORP1", 10, "100.25"),
        ("CORP1", -10, "103.5"),
        ("OTHER", 7, "100.25"),
        ("OTHER", -7, "103.5"),
    ]

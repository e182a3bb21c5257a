"""From what a host recorded to its fills, or to why there are none."""

from decimal import Decimal
from typing import Any

import attrs
import pytest

from argo_tradervue_plugin.model.executions import LONGEST_SYMBOL, Execution, Kind
from argo_tradervue_plugin.planning.legs import Sent
from argo_tradervue_plugin.planning.plan import legs, plan
from tests.planning.story import Story

PLAIN = {"entry_price": 187.20, "quantity": 50}
LEFT = {**PLAIN, "exit_price": 190.10}


def closed(**changes: Any) -> Story:
    """Return a long position of 50 that was entered and closed, with *changes*."""
    entry = {**PLAIN, **changes}
    return Story().enter(**entry).leave(**{**LEFT, **changes})


def planned(story: Story) -> tuple[Execution, Execution]:
    """Return the entry and the exit that are planned."""
    entry, exit_ = story.plan.executions
    assert (entry.kind, exit_.kind) == (Kind.ENTRY, Kind.EXIT)
    return entry, exit_


def test_long_position_buys_and_then_sells() -> None:
    """Signed quantities, symbol as in the journal, seconds cut and not rounded."""
    entry, exit_ = planned(closed())

    assert (entry.trade_id, entry.symbol, entry.part) == ("T1", "AAPL", 1)
    assert (entry.quantity, entry.price) == (Decimal(50), Decimal("187.2"))
    assert (exit_.quantity, exit_.price) == (Decimal(-50), Decimal("190.1"))
    assert entry.executed_at.isoformat() == "2026-03-05T15:00:00+00:00"
    assert exit_.executed_at.isoformat() == "2026-03-05T16:00:00+00:00"


def test_short_position_sells_first() -> None:
    """A short is the mirror of a long."""
    entry, exit_ = planned(closed(signal_type="short"))

    assert (entry.quantity, exit_.quantity) == (Decimal(-50), Decimal(50))


@pytest.mark.parametrize("side", ["long", "short"])
def test_position_closes_to_nothing(side: str) -> None:
    """Entry and exit of one trade add up to zero."""
    entry, exit_ = planned(closed(signal_type=side, filled_qty=0.12345678))

    assert entry.quantity + exit_.quantity == 0


@pytest.mark.parametrize(
    ("quantity", "filled", "expected"),
    [
        pytest.param(50, None, "50", id="ordered"),
        pytest.param(50, 20, "20", id="filled-in-part"),
        pytest.param(None, 20, "20", id="filled-alone"),
        pytest.param(0, 20, "20", id="filled-later"),
        pytest.param(0.5, 0.25, "0.25", id="fraction"),
        pytest.param("10.5", float("nan"), "10.5", id="text-and-nan"),
    ],
)
def test_what_was_filled_wins(quantity: object, filled: object, expected: str) -> None:
    """What was ordered only counts where nobody knows what was filled."""
    story = Story().enter(quantity=quantity, filled_qty=filled)

    [entry] = story.plan.executions
    assert entry.quantity == Decimal(expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"actual_entry_price": 187.25}, ("187.25", "190.1")),
        ({"actual_exit_price": 190.05}, ("187.2", "190.05")),
        ({"actual_exit_price": 0}, ("187.2", "0")),
        ({"exit_price": 0}, ("187.2", "0")),
        ({"actual_exit_price": float("nan")}, ("187.2", "190.1")),
    ],
    ids=["entry", "exit", "worthless-fill", "worthless", "absent"],
)
def test_fill_wins_over_the_signal(
    changes: dict[str, object], expected: tuple[str, str]
) -> None:
    """Prices are what was paid; a position may be closed at nothing."""
    prices = tuple(each.price for each in planned(closed(**changes)))

    assert prices == tuple(map(Decimal, expected))


@pytest.mark.parametrize("known", [2.5, 0, -0.25, None])
def test_commission_is_on_the_exit_alone(known: float | None) -> None:
    """
    The host knows one number for the round trip: it is never counted twice.

    Zero says that it cost nothing, a negative one is a rebate; unknown lets the user's
    default apply.
    """
    entry, exit_ = planned(closed(commission=known))

    assert entry.commission is None
    assert exit_.commission == (None if known is None else Decimal(str(known)))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({}, None, id="plain"),
        pytest.param({"quantity": 0}, "not_filled", id="zero"),
        pytest.param({"filled_qty": 0}, "not_filled", id="unfilled"),
        pytest.param({"cancelled": True}, "cancelled", id="cancelled"),
        pytest.param({"expired": True}, "expired", id="expired"),
        pytest.param(
            {"rejection_reason": "no funds"}, "rejected: no funds", id="rejected"
        ),
        pytest.param({"rejection_reason": ""}, None, id="not-rejected"),
        pytest.param({"rejection_reason": 0.0}, None, id="no code"),
        pytest.param({"rejection_reason": "none"}, None, id="a word for none"),
        pytest.param({"rejection_reason": 1.797e308}, None, id="no sense"),
        pytest.param({"rejection_reason": 403}, "rejected: 403", id="code"),
        pytest.param({"partial_fill": True}, None, id="partial"),
        pytest.param(
            {"partial_fill": True, "cancelled": True}, None, id="rest-cancelled"
        ),
        pytest.param({"partial_fill": True, "expired": True}, None, id="rest-expired"),
        pytest.param(
            {"partial_fill": True, "filled_qty": 0, "cancelled": True},
            "not_filled",
            id="partial-of-nothing",
        ),
    ],
)
def test_order_that_never_filled_is_skipped_with_its_reason(
    changes: dict[str, object], code: str | None
) -> None:
    """What was filled before the rest was cancelled is real."""
    asked = Story().enter(**changes).plan

    assert asked.skipped == code
    assert bool(asked.executions) is (code is None)


@pytest.mark.parametrize("name", ["alpaca_order_id", "exchange_order_id"])
def test_simulated_order_has_no_place_in_a_journal(name: str) -> None:
    """Unless the operator wants it there."""
    story = Story().enter(**{name: "SIM_7"})
    assert story.plan.skipped == "simulated"

    sent = plan(story.record, Sent(), journal_name=str, sends_simulated=True)
    assert len(sent.executions) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"quantity": None}, "quantity", id="no-quantity"),
        pytest.param({"quantity": -5}, "quantity", id="negative"),
        pytest.param({"quantity": float("inf")}, "quantity", id="infinite"),
        pytest.param({"filled_qty": -5}, "filled_qty", id="negative-fill"),
        pytest.param({"filled_qty": "some"}, "filled_qty", id="no-number"),
        pytest.param({"entry_price": None}, "entry_price", id="no-price"),
        pytest.param({"entry_price": 0}, "entry_price", id="free"),
        pytest.param({"entry_price": -1}, "entry_price", id="paid-to-buy"),
        pytest.param({"actual_entry_price": 0}, "actual_entry_price", id="free-fill"),
        pytest.param({"entry_timestamp": None}, "entry_timestamp", id="no-time"),
        pytest.param({"symbol": None}, "symbol", id="no-symbol"),
        pytest.param({"symbol": "S" * 65}, "symbol", id="long-symbol"),
        pytest.param({"signal_type": "up"}, "signal_type", id="no-side"),
    ],
)
def test_field_without_which_nothing_can_be_sent_is_named(
    changes: dict[str, object], field: str
) -> None:
    """The operator reads which field of the host's trade to correct."""
    asked = Story().enter(**changes).plan

    assert asked.fault is not None
    assert asked.fault.field == field
    assert asked.executions == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"exit_price": None}, "exit_price", id="no-price"),
        pytest.param({"exit_price": -1}, "exit_price", id="negative"),
        pytest.param({"actual_exit_price": -1}, "actual_exit_price", id="fill"),
        pytest.param({"exit_timestamp": None}, "exit_timestamp", id="no-time"),
        pytest.param(
            {"exit_timestamp": "2026-03-05T14:59:59"}, "exit_timestamp", id="before"
        ),
    ],
)
def test_exit_without_sense_leaves_its_entry_as_it_is(
    changes: dict[str, object], field: str
) -> None:
    """It is named, and what was entered is sent and stays open."""
    story = Story().enter().leave(**changes)

    assert story.fault is not None
    assert story.fault.field == field
    assert [each.kind for each in story.plan.executions] == [Kind.ENTRY]


@pytest.mark.parametrize(
    "name",
    ["commission", "stop_price", "target_price", "confidence", "regime", "updated_at"],
)
def test_field_that_no_execution_needs_stops_none(name: str) -> None:
    """It is unknown, and the trade is sent."""
    entry, exit_ = planned(closed(**{name: ["no", "sense"]}))

    assert (entry.quantity, exit_.quantity) == (Decimal(50), Decimal(-50))
    assert exit_.commission is None


def test_exit_within_the_second_of_its_entry_is_fine() -> None:
    """A position of a millisecond is one in Tradervue's seconds too."""
    entry, exit_ = planned(
        closed(
            entry_timestamp="2026-03-05T15:00:00.000010",
            exit_timestamp="2026-03-05T15:00:00.000009",
        )
    )
    assert entry.executed_at == exit_.executed_at


def test_symbol_is_that_of_the_journal_and_stays_as_it_was_sent() -> None:
    """A mapping that changes later moves no execution to another symbol."""
    story = Story().enter().send().leave()
    renamed = plan(story.record, story.sent, journal_name=lambda _: "OTHER")
    assert {each.symbol for each in renamed.executions} == {"AAPL"}

    fresh = plan(story.record, Sent(), journal_name=lambda _: "S" * LONGEST_SYMBOL)
    assert {each.symbol for each in fresh.executions} == {"S" * LONGEST_SYMBOL}


def test_what_a_person_gave_up_is_planned_no_more() -> None:
    """Neither entry nor exit, nor is it skipped for another reason."""
    asked = plan(
        closed(cancelled=True).record, Sent(is_discarded=True), journal_name=str
    )
    assert (asked.executions, asked.skipped, asked.fault) == ((), None, None)


def test_legs_are_planned_as_if_nothing_had_been_sent() -> None:
    """For whoever compares a trade of the host with the journal."""
    story = closed().send()
    entries, exits = legs(story.record, str.upper)

    assert (*entries, *exits) == story.plan.executions


def test_execution_cannot_be_changed() -> None:
    """What was planned is a fact."""
    entry, _ = planned(closed())
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        entry.price = Decimal(1)  # type: ignore[misc]


def test_what_waits_beside_what_was_sent_needs_no_sign_of_filling() -> None:
    """One recording is sent in pieces where each closes another trade's position."""
    story = Story().enter(quantity=13, filled_qty=13)
    (whole,) = story.plan.executions
    rest = attrs.evolve(whole, quantity=Decimal(3), part=2)
    story.sent = Sent(entries={2: rest}, planned=Decimal(10))
    asked = story.plan

    assert asked.differs == ()
    parts = [(e.part, e.quantity) for e in asked.executions]
    assert parts == [(2, Decimal(3)), (3, Decimal(10))]

    story.sent = Sent(entries={2: rest})
    assert [d.code for d in story.plan.differs] == ["quantity_changed"]

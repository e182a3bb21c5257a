"""From a host's trade to its fills, or to why it has none."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.journal.executions import (
    Execution,
    Kind,
    initial_risk,
    plan,
    skip_reason,
)
from argo_tradervue_plugin.journal.trades import TradeSnapshot
from argo_tradervue_plugin.tradervue.models import Side

ENTERED = datetime(2026, 3, 5, 15, 30, 1, 999999, UTC)
LEFT = datetime(2026, 3, 6, 20, 59, 59, 500000, UTC)


def closed(**changes: Any) -> TradeSnapshot:
    """Return a long position of 50 AAPL that was closed, with *changes*."""
    facts: dict[str, Any] = {
        "id": "trade_1",
        "symbol": "aapl",
        "signal_type": Side.LONG,
        "entry_price": Decimal("187.20"),
        "exit_price": Decimal("190.10"),
        "quantity": Decimal(50),
        "entry_timestamp": ENTERED,
        "exit_timestamp": LEFT,
    }
    return TradeSnapshot(**(facts | changes))


def test_entry_of_a_long_position_buys() -> None:
    """Positive quantity, symbol in capitals, the second cut and not rounded."""
    assert plan(closed(), Kind.ENTRY) == Execution(
        trade_id="trade_1",
        kind=Kind.ENTRY,
        symbol="AAPL",
        quantity=Decimal(50),
        price=Decimal("187.20"),
        executed_at=datetime(2026, 3, 5, 15, 30, 1, tzinfo=UTC),
        commission=None,
    )


def test_exit_of_a_long_position_sells() -> None:
    """The same quantity with the opposite sign, at the time of the exit."""
    execution = plan(closed(), Kind.EXIT)

    assert (execution.quantity, execution.price) == (Decimal(-50), Decimal("190.10"))
    assert execution.executed_at == datetime(2026, 3, 6, 20, 59, 59, tzinfo=UTC)


def test_short_position_sells_first() -> None:
    """A short is the mirror of a long."""
    short = closed(signal_type=Side.SHORT)

    assert plan(short, Kind.ENTRY).quantity == Decimal(-50)
    assert plan(short, Kind.EXIT).quantity == Decimal(50)


@pytest.mark.parametrize("side", list(Side))
def test_position_closes_to_nothing(side: Side) -> None:
    """Entry and exit of one trade add up to zero."""
    trade = closed(signal_type=side, filled_qty=Decimal("0.12345678"))

    assert plan(trade, Kind.ENTRY).quantity + plan(trade, Kind.EXIT).quantity == 0


@pytest.mark.parametrize(
    ("quantity", "filled", "expected"),
    [
        pytest.param("50", None, "50", id="ordered"),
        pytest.param("50", "20", "20", id="filled-in-part"),
        pytest.param(None, "20", "20", id="filled-alone"),
        pytest.param("0", "20", "20", id="filled-later"),
        pytest.param("0.5", "0.25", "0.25", id="fraction"),
    ],
)
def test_what_was_filled_wins(
    quantity: str | None, filled: str | None, expected: str
) -> None:
    """What was ordered only counts where nobody knows what was filled."""
    trade = closed(
        quantity=quantity and Decimal(quantity), filled_qty=filled and Decimal(filled)
    )
    assert plan(trade, Kind.ENTRY).quantity == Decimal(expected)


@pytest.mark.parametrize(
    ("changes", "kind", "expected"),
    [
        ({"actual_entry_price": Decimal("187.25")}, Kind.ENTRY, "187.25"),
        ({"actual_exit_price": Decimal("190.05")}, Kind.EXIT, "190.05"),
        ({"actual_exit_price": Decimal(0)}, Kind.EXIT, "0"),
        ({"exit_price": Decimal(0)}, Kind.EXIT, "0"),
    ],
    ids=["entry", "exit", "worthless-fill", "worthless"],
)
def test_fill_wins_over_the_signal(
    changes: dict[str, Decimal], kind: Kind, expected: str
) -> None:
    """Prices are what was paid; a position may be closed at nothing."""
    assert plan(closed(**changes), kind).price == Decimal(expected)


def test_commission_is_on_the_exit_alone() -> None:
    """The host knows one number for the round trip: it is never counted twice."""
    trade = closed(commission=Decimal("2.5"))

    assert plan(trade, Kind.ENTRY).commission is None
    assert plan(trade, Kind.EXIT).commission == Decimal("2.5")


@pytest.mark.parametrize(
    ("known", "expected"), [(None, None), (Decimal(0), Decimal(0))], ids=["no", "zero"]
)
def test_unknown_commission_is_not_zero(
    known: Decimal | None, expected: Decimal | None
) -> None:
    """Zero says that it cost nothing; unknown lets the user's default apply."""
    assert plan(closed(commission=known), Kind.EXIT).commission == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({}, None, id="plain"),
        pytest.param({"quantity": Decimal(0)}, "quantity 0: not filled", id="zero"),
        pytest.param(
            {"filled_qty": Decimal(0)}, "quantity 0: not filled", id="unfilled"
        ),
        pytest.param({"cancelled": True}, "cancelled", id="cancelled"),
        pytest.param({"expired": True}, "expired", id="expired"),
        pytest.param(
            {"rejection_reason": "no funds"}, "rejected: no funds", id="rejected"
        ),
        pytest.param({"rejection_reason": ""}, None, id="not-rejected"),
        pytest.param({"partial_fill": True}, None, id="partial"),
        pytest.param(
            {"partial_fill": True, "cancelled": True}, None, id="rest-cancelled"
        ),
        pytest.param({"partial_fill": True, "expired": True}, None, id="rest-expired"),
        pytest.param(
            {"partial_fill": True, "filled_qty": Decimal(0), "cancelled": True},
            "quantity 0: not filled",
            id="partial-of-nothing",
        ),
    ],
)
def test_trade_that_never_was_is_skipped_with_its_reason(
    changes: dict[str, Any], reason: str | None
) -> None:
    """What was filled before the rest was cancelled is real."""
    assert skip_reason(closed(**changes)) == reason


WRONG = [
    pytest.param({"quantity": None}, Kind.ENTRY, "quantity", id="no-quantity"),
    pytest.param({"quantity": Decimal(-5)}, Kind.ENTRY, "quantity", id="negative"),
    pytest.param(
        {"filled_qty": Decimal(-5)}, Kind.ENTRY, "filled_qty", id="negative-fill"
    ),
    pytest.param({"entry_price": None}, Kind.ENTRY, "entry_price", id="no-price"),
    pytest.param({"entry_price": Decimal(0)}, Kind.ENTRY, "entry_price", id="free"),
    pytest.param(
        {"entry_price": Decimal(-1)}, Kind.ENTRY, "entry_price", id="paid-to-buy"
    ),
    pytest.param(
        {"actual_entry_price": Decimal(0)},
        Kind.ENTRY,
        "actual_entry_price",
        id="free-fill",
    ),
    pytest.param({"exit_price": None}, Kind.EXIT, "exit_price", id="no-exit-price"),
    pytest.param(
        {"exit_price": Decimal(-1)}, Kind.EXIT, "exit_price", id="negative-exit"
    ),
    pytest.param(
        {"actual_exit_price": Decimal(-1)},
        Kind.EXIT,
        "actual_exit_price",
        id="negative-exit-fill",
    ),
    pytest.param(
        {"entry_timestamp": None}, Kind.ENTRY, "entry_timestamp", id="no-entry-time"
    ),
    pytest.param(
        {"exit_timestamp": None}, Kind.EXIT, "exit_timestamp", id="no-exit-time"
    ),
    pytest.param(
        {"exit_timestamp": ENTERED.replace(second=0)},
        Kind.EXIT,
        "exit_timestamp",
        id="exit-before-entry",
    ),
    pytest.param(
        {"commission": Decimal(-1)}, Kind.EXIT, "commission", id="negative-commission"
    ),
    pytest.param(
        {"stop_price": Decimal(-1)}, Kind.ENTRY, "stop_price", id="negative-stop"
    ),
    pytest.param(
        {"target_price": Decimal(-1)}, Kind.ENTRY, "target_price", id="negative-target"
    ),
    pytest.param(
        {"confidence": Decimal(-1)}, Kind.ENTRY, "confidence", id="negative-confidence"
    ),
]


@pytest.mark.parametrize(("changes", "kind", "field"), WRONG)
def test_field_that_makes_no_sense_is_named(
    changes: dict[str, Any], kind: Kind, field: str
) -> None:
    """The operator is told which field of the host's trade to correct."""
    with pytest.raises(TradeError, match=f"^{field}=") as caught:
        plan(closed(**changes), kind)

    assert caught.value.field == field


def test_exit_within_the_second_of_its_entry_is_fine() -> None:
    """A position of a millisecond is one in Tradervue's seconds too."""
    moment = ENTERED.replace(microsecond=10)
    trade = closed(entry_timestamp=moment, exit_timestamp=moment.replace(microsecond=9))

    entry, exit_ = (plan(trade, kind) for kind in Kind)
    assert entry.executed_at == exit_.executed_at


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"stop_price": Decimal("185.20")}, "100", id="long"),
        pytest.param(
            {"stop_price": Decimal("189.20"), "signal_type": Side.SHORT},
            "100",
            id="short",
        ),
        pytest.param(
            {"stop_price": Decimal("185.20"), "filled_qty": Decimal(20)},
            "40",
            id="partial",
        ),
        pytest.param(
            {
                "stop_price": Decimal("185.20"),
                "actual_entry_price": Decimal("186.20"),
            },
            "50",
            id="from-the-fill",
        ),
        pytest.param({}, None, id="no-stop"),
        pytest.param({"stop_price": Decimal("187.20")}, None, id="stop-at-entry"),
    ],
)
def test_initial_risk_is_the_way_to_the_stop(
    changes: dict[str, Any], expected: str | None
) -> None:
    """Dollars at risk; unknown, and not zero, where there is no stop."""
    risk = initial_risk(closed(**changes))

    assert risk == (None if expected is None else Decimal(expected))


def test_execution_cannot_be_changed() -> None:
    """What was planned is a fact."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        plan(closed(), Kind.ENTRY).price = Decimal(1)  # type: ignore[misc]

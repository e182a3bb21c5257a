"""
From a host trade to the executions that it stands for, or to why it has none.

The host knows trades, Tradervue knows fills: an entry is one execution, the close of
the position another one with the opposite sign.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import attrs

from argo_tradervue_plugin.errors import TradeError, one_line
from argo_tradervue_plugin.journal.trades import TradeSnapshot
from argo_tradervue_plugin.tradervue.models import Side

__all__ = ["Execution", "Kind", "initial_risk", "plan", "skip_reason"]


class Kind(StrEnum):
    """Which of a trade's two executions."""

    ENTRY = "entry"
    EXIT = "exit"


@attrs.frozen(kw_only=True)
class Execution:
    """
    One fill that must stand in the journal.

    *quantity* is signed (positive buys), *price* in dollars, *executed_at* aware and
    cut to the second, as Tradervue keeps it. *commission* None is unknown.
    """

    trade_id: str
    kind: Kind
    symbol: str
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    commission: Decimal | None = None


def skip_reason(trade: TradeSnapshot) -> str | None:
    """
    Say why *trade* has no place in a journal, or None if it has one.

    A later event can make it real: an order that fills late, for instance. What was
    filled before the rest of an order was cancelled is real.
    """
    if quantity_of(trade) == 0:
        return "quantity 0: not filled"
    if trade.partial_fill:
        return None
    if trade.cancelled:
        return "cancelled"
    if trade.expired:
        return "expired"
    if trade.rejection_reason:
        return one_line(f"rejected: {trade.rejection_reason}")
    return None


def quantity_of(trade: TradeSnapshot) -> Decimal:
    """Return what was filled, which wins over what was ordered."""
    if trade.filled_qty is not None:
        return not_negative(trade.filled_qty, "filled_qty")
    return not_negative(trade.quantity, "quantity")


def plan(trade: TradeSnapshot, kind: Kind) -> Execution:
    """
    Return the execution of *kind* that *trade* stands for.

    Raises:
        TradeError: naming the field that does not allow it.
    """
    for name in ("stop_price", "target_price", "commission", "confidence"):
        value = getattr(trade, name)
        if value is not None:
            not_negative(value, name)
    opens = quantity_of(trade) * (1 if trade.signal_type is Side.LONG else -1)
    entered_at = known(trade.entry_timestamp, "entry_timestamp").replace(microsecond=0)
    if kind is Kind.ENTRY:
        return Execution(
            trade_id=trade.id,
            kind=kind,
            symbol=trade.symbol.upper(),
            quantity=opens,
            price=entry_price(trade),
            executed_at=entered_at,
        )
    left_at = known(trade.exit_timestamp, "exit_timestamp").replace(microsecond=0)
    if left_at < entered_at:
        raise TradeError(
            "exit_timestamp", left_at.isoformat(), "must not be before the entry"
        )
    return Execution(
        trade_id=trade.id,
        kind=kind,
        symbol=trade.symbol.upper(),
        quantity=-opens,
        price=exit_price(trade),
        executed_at=left_at,
        # The host knows one number for the round trip, and knows it at the exit.
        commission=trade.commission,
    )


def entry_price(trade: TradeSnapshot) -> Decimal:
    """Return the entry's fill, which wins over the signalled price."""
    if trade.actual_entry_price is not None:
        return positive(trade.actual_entry_price, "actual_entry_price")
    return positive(trade.entry_price, "entry_price")


def exit_price(trade: TradeSnapshot) -> Decimal:
    """Return the exit's fill; zero is what a worthless position is closed at."""
    if trade.actual_exit_price is not None:
        return not_negative(trade.actual_exit_price, "actual_exit_price")
    return not_negative(trade.exit_price, "exit_price")


def initial_risk(trade: TradeSnapshot) -> Decimal | None:
    """Return the dollars at risk: distance from entry to stop times the quantity."""
    if trade.stop_price is None:
        return None
    return abs(entry_price(trade) - trade.stop_price) * quantity_of(trade) or None


def known(value: datetime | None, field: str) -> datetime:
    """Return *value*, which has to be there."""
    if value is None:
        raise TradeError(field, None, "must not be missing")
    return value


def not_negative(value: Decimal | None, field: str) -> Decimal:
    """Return *value*, which has to be there and at least 0."""
    if value is None:
        raise TradeError(field, None, "must not be missing")
    if value < 0:
        raise TradeError(field, str(value), "must not be negative")
    return value


def positive(value: Decimal | None, field: str) -> Decimal:
    """Return *value*, which has to be there and above 0."""
    if not not_negative(value, field):
        raise TradeError(field, "0", "must be above 0")
    assert value is not None  # noqa: S101 - not_negative() saw to it
    return value

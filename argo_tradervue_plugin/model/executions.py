"""
What must stand in the journal: one fill each, and what of a host trade decides it.

The host knows trades, Tradervue knows fills: a trade has entry executions and, once
closed, exit executions of the opposite sign; usually one of each.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

import attrs

from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.model.side import Side
from argo_tradervue_plugin.model.snapshot import TradeSnapshot

__all__ = [
    "LONGEST_SYMBOL",
    "EventKind",
    "Execution",
    "Key",
    "Kind",
    "entry_price",
    "exit_price",
    "signed",
    "size_entered",
    "whole_second",
]

# No symbol of any market is longer, and Tradervue could not show it.
LONGEST_SYMBOL: Final = 64


class EventKind(StrEnum):
    """What was recorded of a trade."""

    ENTRY = "entry"
    EXIT = "exit"
    CORRECTION = "correction"  # the host stored it again without a hook


class Kind(StrEnum):
    """Which leg of a trade an execution belongs to."""

    ENTRY = "entry"
    EXIT = "exit"


Key = tuple[str, Kind, int]


@attrs.frozen(kw_only=True)
class Execution:
    """
    One fill that must stand in the journal.

    *quantity* is signed (positive buys), *price* in dollars, *executed_at* aware and
    cut to the second, as Tradervue keeps it. *commission* None is unknown. *part*
    counts the executions of a leg from 1. *closes* is the trade of the opposite side
    whose position it closes, None where it belongs to its own alone.
    """

    trade_id: str
    kind: Kind
    symbol: str
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    commission: Decimal | None = None
    part: int = 1
    closes: str | None = None

    @property
    def key(self) -> Key:
        """Return what tells it from every other execution of the outbox."""
        return self.trade_id, self.kind, self.part

    @property
    def position(self) -> str:
        """Return the trade whose position it opens or closes."""
        return self.closes or self.trade_id

    @property
    def opens(self) -> bool:
        """Tell whether it opens a position of its trade, or adds to it."""
        return self.kind is Kind.ENTRY and self.closes is None


def size_entered(trade: TradeSnapshot, *, is_closed: bool = False) -> Decimal:
    """
    Return how much was entered, unsigned: the fill where it is known, or the order.

    A fill of 0 is an order that has not filled yet. Of a trade that was first seen
    closed a fill of 0 says nothing, since bots set what remains to 0.

    Raises:
        TradeError: naming the field that makes no sense.
    """
    if trade.filled_qty is None and "filled_qty" not in trade.faults:
        return needed(trade, "quantity")
    filled = needed(trade, "filled_qty")
    return needed(trade, "quantity") if is_closed and not filled else filled


def entry_price(trade: TradeSnapshot) -> Decimal:
    """
    Return the entry's fill, which wins over the signalled price.

    Raises:
        TradeError: it is missing, makes no sense, or is 0.
    """
    name = first_given(trade, "actual_entry_price", "entry_price")
    price = needed(trade, name)
    if not price:
        raise TradeError(name, "0", "must be above 0")
    return price


def exit_price(trade: TradeSnapshot) -> Decimal:
    """
    Return the exit's fill; zero is what a worthless position is closed at.

    Raises:
        TradeError: it is missing or makes no sense.
    """
    return needed(trade, first_given(trade, "actual_exit_price", "exit_price"))


def first_given(trade: TradeSnapshot, name: str, fallback: str) -> str:
    """Return *name* where the trade has that field, whatever it says, or *fallback*."""
    given = getattr(trade, name) is not None or name in trade.faults
    return name if given else fallback


def needed(trade: TradeSnapshot, name: str) -> Decimal:
    """Return a number that an execution needs, at least 0."""
    value: Decimal = trade.need(name)
    if value < 0:
        raise TradeError(name, str(value), "must not be negative")
    return value


def whole_second(moment: datetime) -> datetime:
    """Return *moment* as Tradervue is sent it: cut, not rounded."""
    return moment.replace(microsecond=0)


def signed(size: Decimal, side: Side, kind: Kind) -> Decimal:
    """Return the quantity that opens or closes *size* of a position on *side*."""
    return size if (side is Side.LONG) is (kind is Kind.ENTRY) else -size

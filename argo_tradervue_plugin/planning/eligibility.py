"""Whether a trade has a place in a journal, and whether its entry makes sense."""

from decimal import Decimal
from typing import Final

from argo_tradervue_plugin.errors import TradeError, one_line
from argo_tradervue_plugin.model.executions import (
    entry_price,
    size_entered,
)
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.records import (
    TradeRecord,
)
from argo_tradervue_plugin.model.snapshot import TradeSnapshot

__all__ = [
    "fault_of",
    "fault_of_entry",
    "flag_of",
    "is_simulated",
    "size_known",
    "skip_code",
]

SIMULATED: Final = "SIM_"  # how the ids of orders begin that no broker has seen


def flag_of(trade: TradeSnapshot) -> str | None:
    """Return why an order was not filled by what the host says of it, or None."""
    if trade.cancelled:
        return "cancelled"
    if trade.expired:
        return "expired"
    if trade.rejection_reason:
        return one_line(f"rejected: {trade.rejection_reason}")
    return None


def skip_code(record: TradeRecord) -> str | None:
    """
    Return why the trade has no place in a journal by its entry, or None if it has.

    A later event can make it real: an order that fills late, for instance. What was
    filled before the rest of an order was cancelled is real.
    """
    if record.entry is None:
        return None
    try:
        size = size_entered(read(record.entry), is_closed=record.entry_is_closed)
    except TradeError:
        return None
    if not size:
        return "not_filled"
    return None if record.was_partial else record.flag


def is_simulated(record: TradeRecord) -> bool:
    """Tell whether no broker has seen the trade's order."""
    trade = read(record.entry or record.exit or "")
    ids = trade.alpaca_order_id, trade.exchange_order_id
    return any(each is not None and each.startswith(SIMULATED) for each in ids)


def size_known(record: TradeRecord) -> Decimal:
    """Return the size that the entry has by now, 0 where it makes no sense."""
    try:
        return size_entered(read(record.entry or ""), is_closed=record.entry_is_closed)
    except TradeError:
        return Decimal(0)


def fault_of(record: TradeRecord) -> TradeError | None:
    """Return what of the recorded entry makes no sense, None where it all does."""
    trade = read(record.entry or "")
    if record.symbol is None:
        return missing(trade, "symbol")
    if record.side is None:
        return missing(trade, "signal_type")
    return fault_of_entry(trade, is_closed=record.entry_is_closed)


def missing(trade: TradeSnapshot, name: str) -> TradeError | None:
    """Return why *name* of *trade* cannot be used."""
    try:
        trade.need(name)
    except TradeError as error:
        return error
    return None


def fault_of_entry(
    trade: TradeSnapshot, *, is_closed: bool = False
) -> TradeError | None:
    """Return what of an entry's size, price and time makes no sense, or None."""
    try:
        size_entered(trade, is_closed=is_closed)
        entry_price(trade)
        trade.need("entry_timestamp")
    except TradeError as error:
        return error
    return None

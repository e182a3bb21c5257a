"""The host's record of a trade, field by field."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

__all__ = ["Trade", "hash_of", "id_at", "text_of", "utc_now"]


def utc_now() -> datetime:
    """Return the present time as the host keeps it: naive, in UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def text_of(moment: datetime) -> str:
    """Return *moment* as the host stores it: ISO 8601 with microseconds, no zone."""
    return moment.isoformat(timespec="microseconds")


def id_at(moment: datetime) -> str:
    """Return the id of a trade entered at *moment*, which it repeats to the µs."""
    return f"trade_{moment:%Y%m%d_%H%M%S_%f}"


def hash_of(trade_id: str, symbol: str, entry_price: float, entered_at: str) -> str:
    """Return the SHA-256 by which the host's users verify a trade."""
    return sha256(f"{trade_id}{symbol}{entry_price}{entered_at}".encode()).hexdigest()


@dataclass
class Trade:
    """
    One trade, mutable: whoever was handed it sees what the host changes later.

    Prices are dollars, percents and *confidence* run from 0 to 100, times are naive
    texts in UTC. *commission* is for the whole round trip, *pnl_dollars* net of it.
    """

    id: str
    signal_id: str
    asset_class: str
    symbol: str
    signal_type: str
    entry_price: float
    quantity: float
    entry_timestamp: str
    confidence: float
    verification_hash: str
    exit_price: float | None = None
    exit_timestamp: str | None = None
    holding_period_hours: float | None = None
    pnl_dollars: float | None = None
    pnl_percent: float | None = None
    outcome: str = "pending"
    alpaca_order_id: str | None = None
    exchange_order_id: str | None = None
    created_at: str = ""
    updated_at: str = ""
    regime: str | None = None
    exit_regime: str | None = None
    exit_reason: str | None = None
    exit_method: str | None = None
    signal_entry_price: float | None = None
    actual_entry_price: float | None = None
    actual_exit_price: float | None = None
    slippage_entry: float | None = None
    slippage_exit: float | None = None
    slippage_entry_pct: float | None = None
    slippage_exit_pct: float | None = None
    commission: float | None = None
    stop_price: float | None = None
    target_price: float | None = None
    expired: bool = False
    cancelled: bool = False
    rejection_reason: str | None = None
    filled_qty: float | None = None
    partial_fill: bool = False

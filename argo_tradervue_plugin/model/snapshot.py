"""
The host's trade as it stood inside the hook, as far as it makes sense.

:mod:`~.model.capture` copies it on the trading loop's thread, :mod:`~.model.reading`
says on the forwarder's what the values mean.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import attrs

from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.model.side import Side

__all__ = ["DERIVED", "EPOCH", "FIELDS", "TradeSnapshot", "carries_exit", "same_moment"]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def texts_of(faults: Mapping[str, TradeError]) -> tuple[tuple[str, str], ...]:
    """Return *faults* as what can be compared: two equal exceptions are not equal."""
    return tuple((name, str(fault)) for name, fault in faults.items())


@attrs.frozen(kw_only=True)
class TradeSnapshot:
    """
    What is taken of the host's ``Trade``; names are the host's.

    Their order is that of :func:`capture`, and of every text that was captured with an
    earlier version: a new one goes to the end.

    Prices are dollars per share or coin, ``quantity`` is unsigned, times are aware
    (UTC), percents and ``confidence`` run from 0 to 100. What the host does not have,
    or leaves empty, is None, and so is what makes no sense: *faults* has the reason
    for each such field that an execution needs, *unknown* the names of all others.
    """

    id: str | None = None
    symbol: str | None = None
    signal_type: Side | None = None
    asset_class: str | None = None
    signal_id: str | None = None
    entry_price: Decimal | None = None
    exit_price: Decimal | None = None
    actual_entry_price: Decimal | None = None
    actual_exit_price: Decimal | None = None
    quantity: Decimal | None = None
    filled_qty: Decimal | None = None
    entry_timestamp: datetime | None = None
    exit_timestamp: datetime | None = None
    pnl_dollars: Decimal | None = None
    pnl_percent: Decimal | None = None
    outcome: str | None = None
    confidence: Decimal | None = None
    verification_hash: str | None = None
    alpaca_order_id: str | None = None
    exchange_order_id: str | None = None
    regime: str | None = None
    exit_regime: str | None = None
    exit_reason: str | None = None
    exit_method: str | None = None
    signal_entry_price: Decimal | None = None
    slippage_entry: Decimal | None = None
    slippage_exit: Decimal | None = None
    commission: Decimal | None = None
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    expired: bool = False
    cancelled: bool = False
    partial_fill: bool = False
    rejection_reason: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    faults: Mapping[str, TradeError] = attrs.field(factory=dict, eq=texts_of)
    unknown: tuple[str, ...] = ()

    def need(self, name: str) -> Any:
        """
        Return the value of the field *name*, which an execution cannot do without.

        Raises:
            TradeError: where the field makes no sense or is missing.
        """
        if name in self.faults:
            # A snapshot is shared: what an earlier caller did with it must not show.
            raise self.faults[name].with_traceback(None)
        value = getattr(self, name)
        if value is None:
            raise TradeError(name, None, "must not be missing")
        return value


DERIVED: Final = frozenset({"faults", "unknown"})
FIELDS: Final = tuple(
    field.name for field in attrs.fields(TradeSnapshot) if field.name not in DERIVED
)


def same_moment(one: datetime | None, other: datetime | None) -> bool:
    """
    Return whether both are the same instant, as far as both tell.

    A time that was cut to the second or to the millisecond is the one that it was cut
    from. Two that are missing are the same.
    """
    if one is None or other is None:
        return one is other
    cut, whole = sorted((one, other))
    milliseconds = whole.microsecond // 1000 * 1000
    return cut in (
        whole,
        whole.replace(microsecond=milliseconds),
        whole.replace(microsecond=0),
    )


def carries_exit(snapshot: TradeSnapshot) -> bool:
    """Return whether *snapshot* is that of a closed trade, as far as it makes sense."""
    return snapshot.exit_timestamp is not None

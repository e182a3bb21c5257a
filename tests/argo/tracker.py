"""The host's tracker: plain synchronous calls on the trading loop's own thread."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Protocol

from tests.argo.trade import Trade, hash_of, id_at, text_of, utc_now

__all__ = ["Redis", "UnifiedPerformanceTracker"]

RECENT_DAYS = 7  # what the host's API shows


class Redis(Protocol):
    """What the tracker uses of a Redis client."""

    def set(self, name: str, value: str) -> object:
        """Keep *value* under *name*."""

    def get(self, name: str) -> str | bytes | None:
        """Return what is kept under *name*, None where nothing is."""

    def scan_iter(self, match: str) -> Iterator[str | bytes]:
        """Yield the names that fit *match*."""


class UnifiedPerformanceTracker:
    """
    Stores trades, in memory or also in Redis, and hands out the stored objects.

    *now* can be replaced by tests; it returns naive times in UTC.
    """

    def __init__(self, redis_client: Redis | None = None) -> None:
        self.redis_client = redis_client
        self.now: Callable[[], datetime] = utc_now
        self._trades: dict[str, Trade] = {}

    def record_signal_entry(  # noqa: PLR0917 - as the host has it
        self,
        signal_id: str,
        asset_class: str,
        symbol: str,
        signal_type: str,
        entry_price: float,
        quantity: float,
        confidence: float,
        alpaca_order_id: str | None = None,
        exchange_order_id: str | None = None,
        regime: str | None = None,
        signal_entry_price: float | None = None,
        actual_entry_price: float | None = None,
        stop_price: float | None = None,
        target_price: float | None = None,
        filled_qty: float | None = None,
    ) -> Trade:
        """
        Store a pending trade and return it.

        What was filled wins over what was ordered, also where it is 0: an order that
        has not filled yet.
        """
        now = self.now()
        at, trade_id = text_of(now), id_at(now)
        fill = entry_price if actual_entry_price is None else actual_entry_price
        slippage = None if signal_entry_price is None else fill - signal_entry_price
        trade = Trade(
            id=trade_id,
            signal_id=signal_id,
            asset_class=asset_class,
            symbol=symbol,
            signal_type=signal_type,
            entry_price=fill,
            quantity=quantity if filled_qty is None else filled_qty,
            entry_timestamp=at,
            confidence=confidence,
            verification_hash=hash_of(trade_id, symbol, fill, at),
            alpaca_order_id=alpaca_order_id,
            exchange_order_id=exchange_order_id,
            created_at=at,
            updated_at=at,
            regime=regime,
            signal_entry_price=signal_entry_price,
            actual_entry_price=fill,
            slippage_entry=slippage,
            slippage_entry_pct=percent_of(slippage, signal_entry_price),
            stop_price=stop_price,
            target_price=target_price,
            filled_qty=filled_qty,
            partial_fill=filled_qty is not None and 0 < filled_qty < quantity,
        )
        self._store_trade(trade)
        return trade

    def record_signal_exit(
        self,
        trade_id: str,
        exit_price: float,
        actual_exit_price: float | None = None,
        exit_reason: str | None = None,
        exit_method: str | None = None,
        exit_regime: str | None = None,
        commission: float | None = None,
    ) -> Trade | None:
        """
        Fill in the exit of a stored trade and return it; None for an unknown id.

        *commission* is what the whole round trip cost, None where nobody knows.
        """
        trade = self._get_trade(trade_id)
        if trade is None:
            return None
        now = self.now()
        entry = trade.entry_price
        if trade.actual_entry_price is not None:
            entry = trade.actual_entry_price
        fill = exit_price if actual_exit_price is None else actual_exit_price
        gain = fill - entry if trade.signal_type == "long" else entry - fill
        slippage = None if actual_exit_price is None else fill - exit_price
        held = now - datetime.fromisoformat(trade.entry_timestamp)
        trade.exit_price = exit_price
        trade.actual_exit_price = fill
        trade.exit_timestamp = trade.updated_at = text_of(now)
        trade.holding_period_hours = held / timedelta(hours=1)
        trade.pnl_dollars = gain * trade.quantity - (commission or 0.0)
        trade.pnl_percent = percent_of(gain, entry)
        trade.outcome = "win" if trade.pnl_dollars > 0 else "loss"
        trade.exit_reason = exit_reason
        trade.exit_method = exit_method
        trade.exit_regime = exit_regime
        trade.slippage_exit = slippage
        trade.slippage_exit_pct = percent_of(slippage, exit_price)
        trade.commission = commission
        self._store_trade(trade)
        return trade

    def reconcile_order(
        self,
        trade_id: str,
        filled_qty: float,
        average_price: float | None = None,
        *,
        is_cancelled: bool = False,
    ) -> Trade | None:
        """
        Correct a stored trade by what the broker says of its order, and store it.

        The host's job does so some time after the order was recorded, and calls none
        of the record methods. Returns None for an unknown id.
        """
        trade = self._get_trade(trade_id)
        if trade is None:
            return None
        trade.filled_qty = trade.quantity = filled_qty
        if average_price is not None:
            trade.entry_price = trade.actual_entry_price = average_price
        trade.cancelled = is_cancelled
        trade.updated_at = text_of(self.now())
        self._store_trade(trade)
        return trade

    def get_performance_stats(
        self, asset_class: str | None = None, days: int = 30
    ) -> dict[str, object]:
        """Return totals, win rate (percent) and P&L of the last *days* days."""
        trades = [
            trade
            for trade in self._get_recent_trades(days)
            if asset_class in (None, trade.asset_class)
        ]
        closed = [trade for trade in trades if trade.exit_timestamp is not None]
        wins = sum(trade.outcome == "win" for trade in closed)
        return {
            "total_trades": len(trades),
            "completed_trades": len(closed),
            "pending_trades": len(trades) - len(closed),
            "wins": wins,
            "losses": len(closed) - wins,
            "win_rate": 100 * wins / len(closed) if closed else 0.0,
            "total_pnl_dollars": sum(trade.pnl_dollars or 0.0 for trade in closed),
        }

    def get_recent_trades(self, limit: int = 20) -> list[dict[str, object]]:
        """Return the last week's trades for the host's API, the latest first."""
        latest = self._get_recent_trades(RECENT_DAYS)
        latest.sort(key=lambda trade: trade.entry_timestamp, reverse=True)
        return [
            {
                "id": trade.id,
                "symbol": trade.symbol,
                "signal_type": trade.signal_type,
                "entry_price": trade.entry_price,
                "exit_price": trade.exit_price,
                "pnl_percent": trade.pnl_percent,
                "outcome": trade.outcome,
                "timestamp": trade.entry_timestamp,
            }
            for trade in latest[:limit]
        ]

    def _get_trade(self, trade_id: str) -> Trade | None:
        """Return a stored trade: the one in memory, or a copy of the one in Redis."""
        trade = self._trades.get(trade_id)
        if trade is None and self.redis_client is not None:
            text = self.redis_client.get(f"trade:{trade_id}")
            trade = None if text is None else Trade(**json.loads(text))
        return trade

    def _get_recent_trades(self, days: int = 30) -> list[Trade]:
        """Return all stored trades that were entered in the last *days* days."""
        since = text_of(self.now() - timedelta(days=days))
        trades = [self._get_trade(trade_id) for trade_id in self._ids()]
        return [trade for trade in trades if trade and trade.entry_timestamp >= since]

    def _ids(self) -> list[str]:
        ids = dict.fromkeys(self._trades)
        if self.redis_client is not None:
            for name in self.redis_client.scan_iter("trade:*"):
                text = name.decode() if isinstance(name, bytes) else name
                ids.setdefault(text.removeprefix("trade:"))
        return list(ids)

    def _store_trade(self, trade: Trade) -> None:
        """Store *trade*; recording and reconciling orders ends here."""
        self._trades[trade.id] = trade
        if self.redis_client is not None:
            self.redis_client.set(f"trade:{trade.id}", json.dumps(asdict(trade)))


def percent_of(part: float | None, whole: float | None) -> float | None:
    """Return *part* in percent of *whole*, None where either is unknown or 0."""
    return None if part is None or not whole else 100 * part / whole

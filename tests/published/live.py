"""The host's live tracker, with the basic sync that it had before."""

from collections.abc import Callable
from typing import Any

import httpx

from tests.published.integrations import TradervueIntegration

__all__ = ["LiveTracker", "post_basic"]


def post_basic(url: str, trade: Any) -> None:
    """Make a trade of a symbol and notes, as the host did before."""
    notes = f"Alpine Analytics | {trade.confidence}% | SHA256: N/A"
    body = {"symbol": trade.symbol, "notes": notes}
    login = ("argo", "sandbox")
    httpx.post(f"{url}/trades", json=body, auth=login).raise_for_status()


class LiveTracker:
    """
    Records signals with *tracker*, and syncs each of them.

    *post* makes a basic trade where the sync has no id for it; by the guide there is
    none any more.
    """

    def __init__(self, tracker: Any, post: Callable[[Any], None] | None = None) -> None:
        self.tracker = tracker
        self.post = post
        self.tradervue = TradervueIntegration(tracker=tracker, client=object())

    def enter(self, **signal: Any) -> Any:
        """Record an entry, and sync it."""
        trade = self.tracker.record_signal_entry(**signal)
        if self.tradervue.sync_trade_entry(trade) is None and self.post is not None:
            self.post(trade)
        return trade

"""A host as it runs: its tracker, its plugins, and neighbours of ours among them."""

from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from argo_tradervue_plugin.host import load_plugins, observe
from tests.argo.tracker import UnifiedPerformanceTracker
from tests.argo.trade import Trade

__all__ = ["RunningHost"]


class RunningHost:
    """
    Starts as the host does: config, tracker, plugins through their entry points.

    *neighbours* are registered after those, and called before them where nobody asked
    to be first.
    """

    def __init__(self, config: Mapping[str, Any], *neighbours: object) -> None:
        self.config = config
        self.tracker = UnifiedPerformanceTracker()
        self.plugins = load_plugins(config, self.tracker)
        for neighbour in neighbours:
            self.plugins.register(neighbour)
        self.undo = observe(self.tracker, self.plugins)

    def __enter__(self) -> Self:
        """Return the running host."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Shut the host down."""
        self.close()

    @property
    def tradervue(self) -> Any:
        """Return the plugin, None where it was not loaded."""
        return self.plugins.get_plugin("tradervue")

    @property
    def integration(self) -> Any:
        """Return the running integration, None where there is none."""
        return self.tradervue and self.tradervue.integration

    def enter(self, symbol: str = "AAPL", **changes: Any) -> Trade:
        """Let the trading loop enter a position."""
        told: dict[str, Any] = {
            "signal_id": "SIG-1",
            "asset_class": "stock",
            "signal_type": "long",
            "entry_price": 187.2,
            "quantity": 50,
            "confidence": 91.0,
        }
        return self.tracker.record_signal_entry(symbol=symbol, **(told | changes))

    def leave(self, trade: Trade, price: float = 190.1, **told: Any) -> Trade | None:
        """Let the order monitor close the position of *trade*."""
        return self.tracker.record_signal_exit(trade.id, price, **told)

    def close(self) -> None:
        """Unhook the tracker and tell the plugins that the host ends."""
        self.undo()
        with suppress(Exception):  # a host that ends does not mind
            self.plugins.hook.on_host_shutdown()

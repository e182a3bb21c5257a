"""
A host that never says that it ends: ``python -m tests.hosts.forgetful CONFIG N HOW``.

It starts, lives through N trades, writes them to stdout (a JSON object a line), and
ends as HOW says: ``returns``, ``raises``, ``exits`` (with 3) or ``vanishes`` (at once,
and no exit handler is called).
"""

import json
import os
import sys
from dataclasses import asdict

from argo_tradervue_plugin.host import load_plugins, observe
from tests.argo.config import load_config
from tests.argo.tracker import UnifiedPerformanceTracker

__all__ = ["live"]


def live(config: str, number: int) -> None:
    """Start the plugins of *config*, and enter and leave *number* positions."""
    tracker = UnifiedPerformanceTracker()
    observe(tracker, load_plugins(load_config(config), tracker))
    for index in range(number):
        trade = tracker.record_signal_entry(
            signal_id=f"SIG-{index}",
            asset_class="stock",
            symbol=f"SYM{index}",
            signal_type="long",
            entry_price=100.0 + index,
            quantity=10,
            confidence=90.0,
        )
        tracker.record_signal_exit(trade.id, 101.0 + index, commission=1.0)
        sys.stdout.write(json.dumps(asdict(trade)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _, config, number, how = sys.argv
    live(config, int(number))
    if how == "raises":
        raise ZeroDivisionError("the host's own mistake")
    if how == "exits":
        sys.exit(3)
    if how == "vanishes":
        os._exit(0)

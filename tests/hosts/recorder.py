"""
One process of a host, which does what its standard input says, and answers in JSON.

The first argument is the plugin's section. A line is a word and what goes with it:
``enter SYMBOL``, ``health``, ``route NAME``, ``client``, ``synced SYMBOL``, ``end``.
"""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

from argo_tradervue_plugin import get_tradervue_integration
from argo_tradervue_plugin.host import load_plugins, observe
from argo_tradervue_plugin.web.answering import answer
from tests.argo.tracker import UnifiedPerformanceTracker


def main() -> None:
    """Run until there are no more lines."""
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s")
    logging.getLogger("argo_tradervue_plugin").setLevel(logging.INFO)
    tracker = UnifiedPerformanceTracker()
    plugins = load_plugins({"plugins": {"tradervue": json.loads(sys.argv[1])}}, tracker)
    observe(tracker, plugins)
    plugin: Any = plugins.get_plugin("tradervue")
    routes = {route.name: route for route in plugin.register_routes()}

    def enter(symbol: str) -> object:
        return tracker.record_signal_entry(
            "S", "stock", symbol, "long", 10.5, 3, 80.0
        ).id

    def route(name: str) -> object:
        values = {query.name: query.default for query in routes[name].query}
        status, body = answer(routes[name], {}, values)
        return [status, json.loads(body)]

    def client(_: str) -> object:
        return get_tradervue_integration().client.enabled

    def synced(symbol: str) -> object:
        integration = get_tradervue_integration()
        trade = tracker.record_signal_entry("S", "stock", symbol, "long", 9.5, 3, 80.0)
        return integration.sync_trade_entry(trade)

    commands: dict[str, Callable[[str], object]] = {
        "enter": enter,
        "health": lambda _: plugin.integration.health(),
        "route": route,
        "client": client,
        "synced": synced,
        "end": lambda _: plugins.hook.on_host_shutdown(),
    }
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        print(json.dumps(commands[word](rest)), flush=True)


if __name__ == "__main__":
    main()

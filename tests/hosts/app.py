"""
The host's application as a process manager starts it, and what tests ask each process.

``create_app`` loads the plugins in each worker, as the host does. ``preloaded`` loads
them in the process that forks, which also records a trade before it does: a thread, a
connection and a lease are there then, and none of them may reach into a child.
"""

import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict
from typing import Any, Final

import pluggy
from fastapi import FastAPI

from argo_tradervue_plugin.host import load_plugins, mount, observe
from tests.argo import app as argo
from tests.argo.config import load_config
from tests.argo.standstill import LoopMeter
from tests.argo.tracker import UnifiedPerformanceTracker

__all__ = ["BEFORE_THE_FORK", "create_app", "preloaded"]

INTERVAL: Final = 0.005  # seconds; four loops that wake more often are a load
LINE: Final = "%(created).6f pid=%(process)d %(levelname)s %(message)s"
BEFORE_THE_FORK: Final[dict[str, Any]] = {
    "signal_id": "SIG-FORK",
    "asset_class": "stock",
    "symbol": "FORK",
    "signal_type": "long",
    "entry_price": 42.0,
    "quantity": 7,
    "confidence": 80.0,
}


def log_everything_of_ours() -> None:
    """Write what the plugin logs to stderr, with time and process."""
    logging.basicConfig(format=LINE, level=logging.WARNING)
    logging.getLogger("argo_tradervue_plugin").setLevel(logging.DEBUG)


def create_app() -> FastAPI:
    """Return the host's application, whose plugins start with each worker."""
    log_everything_of_ours()
    app = argo.create_app()
    app.state.meter.interval = INTERVAL
    add_process_route(app)
    return app


def preloaded() -> FastAPI:
    """Return an application whose plugins were started, and used, before the fork."""
    log_everything_of_ours()
    tracker = UnifiedPerformanceTracker()
    plugins = load_plugins(load_config(os.environ["ARGO_CONFIG"]), tracker)
    observe(tracker, plugins)
    app = FastAPI(title="Argo", lifespan=lifespan_of(plugins))
    app.state.tracker, app.state.plugins = tracker, plugins
    app.state.meter = LoopMeter(INTERVAL)
    argo.add_routes(app)
    add_process_route(app)
    mount(app, plugins)
    tracker.record_signal_entry(**BEFORE_THE_FORK)
    return app


def lifespan_of(
    plugins: pluggy.PluginManager,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return what a worker does around its requests, when all was loaded before."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            async with app.state.meter:
                yield
        finally:
            plugins.hook.on_host_shutdown()

    return lifespan


def add_process_route(app: FastAPI) -> None:
    """Let a test see what this very process has recorded, and whether it forwards."""

    @app.get("/debug/process")
    async def process() -> dict[str, Any]:
        plugin = app.state.plugins.get_plugin("tradervue")
        integration = plugin.integration
        return {
            "pid": os.getpid(),
            "trades": [asdict(t) for t in app.state.tracker._get_recent_trades()],
            "holds_lease": bool(integration and integration.worker.holds_lease),
        }

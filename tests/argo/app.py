"""
The host's web application: a few routes of its own, and the plugins' hooks.

Run it as the host does, one process or four::

    ARGO_CONFIG=config.json uvicorn --factory tests.argo.app:create_app --workers 4

What the host needs for plugins are the four calls in :func:`lifespan_of`.
"""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel

from argo_tradervue_plugin.host import load_plugins, mount, observe
from tests.argo.config import load_config
from tests.argo.standstill import LoopMeter
from tests.argo.tracker import UnifiedPerformanceTracker

__all__ = ["EntrySignal", "ExitSignal", "create_app"]

Days = Annotated[int, Query(ge=1, le=365)]


class EntrySignal(BaseModel):
    """What the trading loop decides on an entry."""

    signal_id: str
    symbol: str
    signal_type: str
    entry_price: float
    quantity: float
    confidence: float
    asset_class: str = "stock"
    regime: str | None = None
    stop_price: float | None = None
    target_price: float | None = None
    filled_qty: float | None = None


class ExitSignal(BaseModel):
    """What the order monitor tells of an exit; often only the price."""

    exit_price: float
    actual_exit_price: float | None = None
    exit_reason: str | None = None
    exit_method: str | None = None
    exit_regime: str | None = None
    commission: float | None = None


def create_app(config: Mapping[str, Any] | None = None) -> FastAPI:
    """
    Return the application; without a *config* it reads the file ``ARGO_CONFIG``.

    ``app.state`` has ``tracker``, ``plugins`` (once it runs) and ``meter``.
    """
    if config is None:
        config = load_config(os.environ.get("ARGO_CONFIG", "config.json"))
    app = FastAPI(title="Argo", lifespan=lifespan_of(config))
    app.state.tracker = UnifiedPerformanceTracker()
    app.state.meter = LoopMeter()
    add_routes(app)
    return app


def lifespan_of(
    config: Mapping[str, Any],
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return what the application does before its first and after its last request."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tracker = app.state.tracker
        app.state.plugins = load_plugins(config, tracker)
        undo = observe(tracker, app.state.plugins)
        mount(app, app.state.plugins)
        try:
            async with app.state.meter:
                yield
        finally:
            undo()
            app.state.plugins.hook.on_host_shutdown()

    return lifespan


def add_routes(app: FastAPI) -> None:
    """Add the host's own routes to *app*; trades are recorded on the loop's thread."""
    tracker: UnifiedPerformanceTracker = app.state.tracker
    meter: LoopMeter = app.state.meter

    @app.get("/health")
    async def health() -> dict[str, object]:
        return {"status": "healthy", "pid": os.getpid()}

    @app.get("/api/v1/performance")
    async def performance(
        asset_class: str | None = None, days: Days = 30
    ) -> dict[str, object]:
        return tracker.get_performance_stats(asset_class, days)

    @app.get("/api/v1/trades")
    async def trades(limit: int = 20) -> list[dict[str, object]]:
        return tracker.get_recent_trades(limit)

    @app.post("/api/v1/signals", status_code=201)
    async def enter(signal: EntrySignal) -> dict[str, object]:
        trade = tracker.record_signal_entry(**signal.model_dump())
        return {"id": trade.id, "outcome": trade.outcome}

    @app.post("/api/v1/trades/{trade_id}/exit")
    async def leave(trade_id: str, signal: ExitSignal) -> dict[str, object]:
        trade = tracker.record_signal_exit(trade_id, **signal.model_dump())
        if trade is None:
            raise HTTPException(404, "no such trade")
        return {"id": trade.id, "outcome": trade.outcome, "pnl": trade.pnl_dollars}

    @app.get("/debug/standstill")
    async def standstill() -> dict[str, object]:
        return {
            "measured": len(meter.standstills),
            "longest_ms": 1000 * meter.longest,
            "p99_ms": 1000 * meter.percentile(99),
        }

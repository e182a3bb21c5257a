"""
The published host, wired by the guide; its own modules are those beside this.

``OWN_ROUTER`` in the environment leaves its own router in its place, ``OWN_BASICS``
(the address of the API) its own basic sync.
"""

import os
from functools import partial
from typing import Any

from fastapi import FastAPI

from tests.argo import app as argo
from tests.argo.app import EntrySignal
from tests.hosts.app import log_everything_of_ours
from tests.published.live import LiveTracker, post_basic
from tests.published.router import router

__all__ = ["create_app"]


def create_app() -> FastAPI:
    """Return the application; the plugin starts with each worker."""
    log_everything_of_ours()
    app = argo.create_app()
    if os.environ.get("OWN_ROUTER"):
        app.include_router(router)
    url = os.environ.get("OWN_BASICS")
    live = LiveTracker(app.state.tracker, partial(post_basic, url) if url else None)

    @app.post("/live/entries", status_code=201)
    async def enter(signal: EntrySignal) -> dict[str, Any]:
        trade = live.enter(**signal.model_dump())
        return {"id": trade.id, "journal_id": live.tradervue.sync_trade_entry(trade)}

    return app

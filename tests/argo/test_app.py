"""The fake host's web application, with its plugins and its standstill meter."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the host's application needs FastAPI")

import httpx
from fastapi import FastAPI

from tests.argo.app import create_app
from tests.fakes import Neighbour

SIGNAL = {
    "signal_id": "SIG-1",
    "symbol": "AAPL",
    "signal_type": "long",
    "entry_price": 187.2,
    "quantity": 50,
    "confidence": 91.0,
}
QUIET = {"plugins": {"tradervue": {"enabled": False}}}

Journey = Callable[[httpx.AsyncClient], Coroutine[Any, Any, None]]


def visit(app: FastAPI, journey: Journey) -> None:
    """Run *journey* against *app* from its start to its shutdown."""

    async def run() -> None:
        transport = httpx.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://argo") as client,
        ):
            await journey(client)

    asyncio.run(run())


def test_trade_goes_through_the_api() -> None:
    """A signal becomes a trade, its exit a result, both on the loop's own thread."""

    async def journey(client: httpx.AsyncClient) -> None:
        entered = (await client.post("/api/v1/signals", json=SIGNAL)).json()
        left = await client.post(
            f"/api/v1/trades/{entered['id']}/exit", json={"exit_price": 189.2}
        )
        listed = (await client.get("/api/v1/trades")).json()
        stats = (await client.get("/api/v1/performance?days=7")).json()

        assert entered["outcome"] == "pending"
        assert left.json()["outcome"] == "win"
        assert [trade["id"] for trade in listed] == [entered["id"]]
        assert stats["wins"] == 1

    visit(create_app(QUIET), journey)


def test_unknown_exit_is_not_found() -> None:
    """The order monitor may ask for a trade of another process."""

    async def journey(client: httpx.AsyncClient) -> None:
        answer = await client.post("/api/v1/trades/x/exit", json={"exit_price": 1})
        assert answer.status_code == 404
        assert (await client.get("/api/v1/performance?days=0")).status_code == 422

    visit(create_app(QUIET), journey)


def test_plugins_are_told_of_start_trades_and_end() -> None:
    """Hooks are called in the host's order, through its unmodified tracker."""
    app = create_app(QUIET)
    neighbour = Neighbour()

    async def journey(client: httpx.AsyncClient) -> None:
        app.state.plugins.register(neighbour)
        entered = (await client.post("/api/v1/signals", json=SIGNAL)).json()
        await client.post(
            f"/api/v1/trades/{entered['id']}/exit", json={"exit_price": 189.2}
        )
        assert neighbour.entered == neighbour.left == [entered["id"]]
        assert neighbour.stopped == 0

    visit(app, journey)
    assert neighbour.stopped == 1


def test_routes_of_plugins_stand_beside_the_hosts_own() -> None:
    """Ours answer whether we are enabled or not, and the host's stay as they were."""

    async def journey(client: httpx.AsyncClient) -> None:
        status = await client.get("/api/v1/tradervue/status")
        assert status.status_code == 200
        assert (await client.get("/api/v1/tradervue/metrics")).status_code == 503
        assert (await client.get("/health")).status_code == 200

    visit(create_app({"plugins": {}}), journey)


def test_standstill_is_shown() -> None:
    """The loop's longest standstill is one request away."""

    async def journey(client: httpx.AsyncClient) -> None:
        assert (await client.get("/health")).json()["status"] == "healthy"
        await asyncio.sleep(0.01)
        shown = (await client.get("/debug/standstill")).json()
        assert shown["measured"] > 0
        assert shown["longest_ms"] >= shown["p99_ms"] >= 0

    visit(create_app(QUIET), journey)


def test_config_comes_from_the_file_named_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As uvicorn's factory it takes no argument."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(QUIET))
    monkeypatch.setenv("ARGO_CONFIG", str(path))
    app = create_app()

    async def journey(client: httpx.AsyncClient) -> None:
        assert app.state.plugins.is_blocked("tradervue")

    visit(app, journey)

"""The worlds that a login is looked for in, and what a host shows of itself there."""

import asyncio
import socket
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import FastAPI

from argo_tradervue_plugin.host import mount
from argo_tradervue_plugin.sandbox import running
from argo_tradervue_plugin.web.routes import PREFIX, table
from tests.argo.running import RunningHost
from tests.security.canary import PASSWORD, USERNAME, marks_in
from tests.security.servers import CARELESS, Careless, serving

if TYPE_CHECKING:
    from argo_tradervue_plugin.services.integration import TradervueIntegration

__all__ = [
    "NAMES_THE_USER",
    "WORLDS",
    "answers_of",
    "logged",
    "reprs_of",
    "section",
    "world",
]

# Where Argo shows who forwards; everywhere else the name has no business either.
NAMES_THE_USER = {"status", "widget_url", "profile_url"}
WORLDS = ("healthy", "wrong-password", "nobody-there", *CARELESS)


@contextmanager
def world(name: str) -> Iterator[str]:
    """Give the address of a Tradervue that is as *name* says."""
    with ExitStack() as stack:
        if name in CARELESS:
            yield f"http://{stack.enter_context(serving(Careless(name)))}/api/v1"
        elif name == "nobody-there":
            with socket.create_server(("127.0.0.1", 0)) as taken:
                port = taken.getsockname()[1]
            yield f"http://127.0.0.1:{port}/api/v1"
        else:
            password = PASSWORD if name == "healthy" else "another"
            users = {USERNAME: password}
            yield stack.enter_context(running(import_seconds=0, users=users)).url


def section(url: str, folder: Path, **told: Any) -> dict[str, Any]:
    """Return the plugin's section, with the login in it."""
    return {
        "enabled": True,
        "username": USERNAME,
        "password": PASSWORD,
        "base_url": url,
        "database": str(folder / "outbox.db"),
        "flush_seconds": 0,
        "sync_timeout_seconds": 0.2,
        **told,
    }


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """
    Return every record with all that hangs on it, tracebacks included.

    Without the line at the start, which has no password, and names the user.
    """
    texts = []
    for record in caplog.records:
        shown = [caplog.handler.format(record), repr(vars(record))]
        if record.exc_info:
            shown += traceback.format_exception(*record.exc_info)
        if record.getMessage().startswith("tradervue.started"):
            assert marks_in("\n".join(shown), usernames=False) == []
        else:
            texts += shown
    return "\n".join(texts)


def reprs_of(host: RunningHost) -> str:
    """Return how the parts of a running plugin show themselves."""
    integration: TradervueIntegration = host.integration
    worker = integration.worker
    parts: list[object] = [host.tradervue, integration, integration.settings]
    parts += [integration.credentials, integration.credentials.known(), worker]
    parts += [worker.health, worker._client, worker._lane, integration.outbox]
    if worker._client is not None:
        parts += [worker._client._session, worker._client._session.connection]
    parts += [integration._clients._read_by, integration.held, integration.reconciler]
    parts += [integration.client, integration.health(), table(host.tradervue)]
    return "\n".join(f"{part!r} {part}" for part in parts)


def answers_of(host: RunningHost) -> dict[str, str]:
    """Return what every route answers, by its name: status line, headers and body."""
    app = FastAPI()
    mount(app, host.plugins)

    async def ask() -> dict[str, str]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://argo"
        ) as http:
            found = {}
            for route in table(host.tradervue):
                answer = await http.request(route.method, route.path)
                body = answer.content.decode()
                found[route.name] = f"{answer} {answer.headers.multi_items()} {body}"
            document = await http.get("/openapi.json")
            found["openapi"] = document.text
            bad = await http.get(f"{PREFIX}/metrics", params={"days": "many"})
            found["refused"] = bad.text
            return found

    return asyncio.run(ask())

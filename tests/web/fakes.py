"""Doubles of what the web room leans on, and a client without a socket."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar, cast

import attrs
import httpx
from starlette.applications import Starlette

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.matching.compare import Report, reconcile
from argo_tradervue_plugin.services.compat import SyncStats
from argo_tradervue_plugin.services.integration import TradervueIntegration
from argo_tradervue_plugin.web.interface import Route
from argo_tradervue_plugin.web.mounting import mount_routes
from argo_tradervue_plugin.web.routes import PREFIX, table

T = TypeVar("T")

# In New York it is still the evening of the 9th.
NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)


@attrs.define
class FakeMetrics:
    """Figures of which the profit factor and the payoff ratio are undefined."""

    cards: dict[str, object] = attrs.field(
        factory=lambda: {
            "win_rate": 62.5,
            "total_profit": 1234.5,
            "total_trades": 8,
            "sharpe_ratio": 1.75,
            "max_drawdown": 4.25,
        }
    )
    others: dict[str, object] = attrs.field(
        factory=lambda: {
            "gross_profit": 1300.25,
            "payoff_ratio": None,
            "by_symbol": {"AAPL": {"trades": 8}},
        }
    )

    start: date = date(2026, 2, 7)
    end: date = date(2026, 3, 9)
    as_of: str = "2026-03-10T02:29:00+00:00"
    is_current: bool = True
    trouble: str | None = None

    def front_end(self) -> Mapping[str, object]:
        """Return the cards; those that are undefined are absent."""
        return self.cards

    def as_json(self) -> Mapping[str, object]:
        """Return everything; what is undefined is None."""
        return {"profit_factor": None, **self.cards, **self.others}


class FakeIntegration:
    """
    Answers from its attributes and notes what it was asked; raises *error*, if given.

    *before* is called first in each call, on the thread of the handler.
    """

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.before: Callable[[], object] = lambda: None
        self.asked: list[tuple[Any, ...]] = []
        self.threads: list[int] = []
        self.login: str | None = "some one/else"
        self.lacking: str | None = None
        self.settings = Settings()
        self.metrics: FakeMetrics | None = FakeMetrics()
        self.stats = SyncStats(synced=45, failed=2, skipped=3)
        self.told: dict[str, object] = {"queue_depth": 0, "last_error": None}

    def performance(self, start: date, end: date) -> FakeMetrics | None:
        """Return the figures, of the period asked for."""
        self._note("performance", start, end)
        if self.metrics is not None and self.metrics.is_current:
            self.metrics.start, self.metrics.end = start, end
        return self.metrics

    def synchronize(self, days: int) -> SyncStats:
        """Return the outcome of a sync."""
        self._note("synchronize", days)
        return self.stats

    def reconcile(self, days: int) -> Report:
        """Return a comparison of nothing with nothing."""
        self._note("reconcile", days)
        return reconcile([], [], {})

    def widget_url(self, kind: str, width: int, height: int) -> str | None:
        """Return an address, None without a login."""
        self._note("widget_url", kind, width, height)
        where = f"https://tradervue.example/widgets/me/{kind}"
        return self.login and f"{where}?width={width}&height={height}"

    def profile_url(self) -> str | None:
        """Return an address, None without a login."""
        self._note("profile_url")
        has_login = self.login and self.lacking is None
        return "https://tradervue.example/profile/me" if has_login else None

    def username(self) -> str | None:
        """Return the login."""
        return self.login

    def disabled_because(self) -> str | None:
        """Return what is lacking of the login."""
        return self.lacking

    def health(self) -> Mapping[str, object]:
        """Return how it goes."""
        self._note("health")
        return self.told

    def _note(self, *what: Any) -> None:
        self.asked.append(what)
        self.threads.append(threading.get_ident())
        self.before()
        if self.error is not None:
            raise self.error


def as_real(integration: FakeIntegration) -> TradervueIntegration:
    """Return the *integration* as the handlers take it."""
    return cast("TradervueIntegration", integration)


@attrs.define
class FakePlugin:
    """A plugin that is enabled while it has an integration."""

    integration: Any  # a FakeIntegration, or None
    reason: str | None = None


def routes_for(plugin: FakePlugin) -> tuple[Route, ...]:
    """Return the table of *plugin*, at a fixed time."""
    return table(plugin, clock=lambda: NOW)


def mounted(app: Any, plugin: FakePlugin, *dependencies: object) -> Any:
    """Return *app* with the routes of *plugin* on it."""
    mount_routes(app, routes_for(plugin), dependencies)
    return app


def client_of(app: Any) -> httpx.AsyncClient:
    """Return a client of *app*; what the app raises is raised in the test."""
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://argo.example")


def with_client(app: Any, use: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
    """Run *use* with a client of *app* on an event loop of its own."""

    async def run() -> T:
        async with client_of(app) as client:
            return await use(client)

    return asyncio.run(run())


def ask(app: Any, method: str, path: str, **told: Any) -> httpx.Response:
    """Send one request to *path* under the prefix."""
    return ask_host(app, method, PREFIX + path, **told)


def ask_host(app: Any, method: str, path: str, **told: Any) -> httpx.Response:
    """Send one request to *path*, whatever the host has there."""
    return with_client(app, lambda client: client.request(method, path, **told))


def kind_of(app: Any) -> str:
    """Name the framework of *app*."""
    return "starlette" if type(app) is Starlette else "fastapi"

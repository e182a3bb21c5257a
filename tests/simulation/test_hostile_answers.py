"""
Whatever a server answers: an error of ours or a value, and no worker that falls over.

``BAD_INPUT`` is how many times as much is tried as by default.
"""

import json
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, given, seed, settings

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import ApiError, TradervueError
from argo_tradervue_plugin.model.journal import (
    ImportRequest,
    NewExecution,
    NewTrade,
    TradeChange,
)
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.performance import Performance
from argo_tradervue_plugin.services.reconciliation.reconciler import Reconciler
from argo_tradervue_plugin.tradervue.client import TradervueClient
from tests.delivery.stepping import entered, host_trade
from tests.journeys.reader import JournalReader
from tests.simulation.answers import Reply, Spoiler, spoilers

TIMES: Final = int(os.environ.get("BAD_INPUT", "1"))
TEXTS: Final = 8  # in a batch
EXAMPLES: Final = 34 * TIMES
EXPECTED: Final = 50_000 * TIMES  # answers, at least
DAYS: Final = (date(2026, 3, 1), date(2026, 3, 31))
LOGIN: Final = Credentials(username="argo", password="sandbox")

quiet = settings(
    max_examples=EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
IMPORT: Final = ImportRequest(
    executions=(
        NewExecution(
            symbol="XYZ",
            quantity=Decimal(30),
            price=Decimal("12.40"),
            executed_at=datetime(2026, 3, 5, 15, 15, tzinfo=UTC),
        ),
    )
)
Ask = Callable[[TradervueClient], object]
# What the worker and the readers ask for, and where a true answer comes from.
CALLS: Final[Mapping[str, tuple[Ask, str]]] = {
    "import": (lambda c: c.create_import(IMPORT), "queued"),
    "status": (lambda c: c.import_status(), "succeeded"),
    "failed": (lambda c: c.import_status(), "failed"),
    "check": (lambda c: c.check(), "/trades"),
    "trades": (lambda c: list(c.list_trades()), "/trades"),
    "trade": (lambda c: c.trade(5), "/trades/{id}"),
    "executions": (lambda c: c.executions(5), "/trades/{id}/executions"),
    "comments": (lambda c: c.comments("trades", 5), "/trades/{id}/comments"),
    "create": (lambda c: c.create_trade(NewTrade(symbol="X", notes="")), "created"),
    "update": (lambda c: c.update_trade(5, TradeChange(notes="n")), "empty"),
    "delete": (lambda c: c.delete_trade(5), "empty"),
    "journal": (lambda c: list(c.list_journal()), "/journal"),
    "notes": (lambda c: list(c.list_notes()), "/notes"),
    "users": (lambda c: c.list_users(), "/users"),
}


@pytest.fixture
def true_answers(served: Sandbox) -> dict[str, Any]:
    """What the sandbox says of two trades, one of them open."""
    served.reset()
    rows = [
        ("2026-03-05T10:15:00-05:00", "XYZ", "30", "12.40"),
        ("2026-03-05T11:15:00-05:00", "XYZ", "-30", "12.90"),
        ("2026-03-06T10:15:00-05:00", "ABC", "5", "101.10"),
    ]
    names = ("datetime", "symbol", "quantity", "price")
    found: dict[str, Any] = {
        "queued": {"status": "queued"},
        "created": {"id": 5},
        "empty": "",
    }
    with JournalReader(served.url, "manager") as journal:

        def get(path: str) -> Any:
            return journal.http.get(path).json()

        found["succeeded"] = plain(
            journal.post_import(*[dict(zip(names, row, strict=True)) for row in rows])
        )
        bad = dict(zip(names, rows[0], strict=True)) | {"quantity": "many"}
        found["failed"] = plain(journal.post_import(bad))
        first = journal.trades()[-1]["id"]
        served.person("manager").comment("trades", int(first), "well done")
        journal.http.post("/notes", json={"notes": "remember"})
        for path in ("/trades", "/journal", "/notes", "/users"):
            found[path] = get(path)
        for what in ("", "/executions", "/comments"):
            found["/trades/{id}" + what] = get(f"/trades/{first}{what}")
    return found


def plain(document: Any) -> Any:
    """Return what was read, with numbers that JSON can be written with."""
    if isinstance(document, dict):
        return {key: plain(value) for key, value in document.items()}
    return int(document) if isinstance(document, Decimal) else document


class Served:
    """A transport that answers every request with the same reply, and counts them."""

    def __init__(self) -> None:
        self.reply = Reply()
        self.number = 0

    def answer(self, _: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.number += 1
        return self.reply.response()


@pytest.fixture
def server() -> Served:
    """What answers in the place of Tradervue."""
    return Served()


@pytest.fixture
def client(server: Served) -> Iterator[TradervueClient]:
    """A client of that server, which waits for nothing."""
    with TradervueClient(
        LOGIN,
        base_url="http://127.0.0.1:9/api/v1",
        transport=httpx.MockTransport(server.answer),
        request_interval=0,
        sleep=lambda _: None,
    ) as made:
        yield made


def asked(ask: Ask, client: TradervueClient) -> type[Exception] | None:
    """Ask; see that it fails, if it does, with an error of ours, told in one line."""
    try:
        ask(client)
    except ApiError as error:
        text = str(error)
        assert text.isprintable(), text
        assert len(text) < 1000, text
        return type(error)
    return None


@pytest.mark.timeout(900 * TIMES)
def test_no_answer_raises_anything_but_our_errors(
    client: TradervueClient,
    server: Served,
    true_answers: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each call comes to a value, or to an error of which the caller knows."""
    caplog.set_level(logging.CRITICAL)
    came_to: Counter[type[Exception] | None] = Counter()

    @seed(20260305)
    @quiet
    @given(spoiler=spoilers(TEXTS))
    def try_batch(spoiler: Spoiler) -> None:
        for ask, where in CALLS.values():
            document = true_answers[where]
            for reply in spoiler.near_misses(document):
                server.reply = reply
                came_to[asked(ask, client)] += 1
            for reply in spoiler.anything(document, 20):
                server.reply = reply
                came_to[asked(ask, client)] += 1

    try_batch()
    assert came_to.total() >= EXPECTED, came_to
    assert len(came_to) > 8, came_to


@pytest.mark.timeout(900 * TIMES)
def test_metrics_and_reconciliation_bear_any_list(
    client: TradervueClient,
    server: Served,
    true_answers: dict[str, Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Figures and differences, or an error of ours; what is shown is plain JSON."""
    caplog.set_level(logging.CRITICAL)
    outbox = Outbox(Sqlite(tmp_path / "outbox.db"))
    told = Settings(enabled=True, base_url="http://127.0.0.1:9/api/v1")
    host = [host_trade(1, symbol="XYZ", filled_qty=30), entered(host_trade(2))]
    reconciler = Reconciler(outbox, told, lambda: client, lambda _: host)
    came_to: Counter[str] = Counter()

    def read(reply: Reply) -> None:
        server.reply = reply
        with suppress(TradervueError):
            figures = Performance(lambda: client, outbox, told).metrics(*DAYS)
            assert json.dumps([figures.as_json(), figures.front_end()], allow_nan=False)
            came_to["metrics"] += 1
        with suppress(TradervueError):
            report = reconciler.compare(36_500)
            assert json.dumps(report.as_json(), allow_nan=False)
            came_to["report"] += 1

    @seed(20260305)
    @settings(quiet, max_examples=EXAMPLES // 6)
    @given(spoiler=spoilers(TEXTS))
    def try_batch(spoiler: Spoiler) -> None:
        document = true_answers["/trades"]
        for reply in spoiler.near_misses(document):
            read(reply)
        for reply in spoiler.anything(document, 50):
            read(reply)

    try_batch()
    outbox.close()
    assert min(came_to["metrics"], came_to["report"]) > 100, came_to

"""
No text from outside forges a line of the log, a control character, or markup.

Whatever a host's trades hold, whatever Tradervue answers, and whatever people wrote in
the journal: looked at in the log, the routes, the notes and the commands' output.
"""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the routes are mounted on FastAPI")

import asyncio

import httpx
from click.testing import CliRunner
from fastapi import FastAPI

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.host import mount
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.web.routes import table
from tests.argo.running import RunningHost
from tests.argo.trade import Trade
from tests.fakes import eventually
from tests.journeys.reader import JournalReader
from tests.security.servers import Careless, serving

Run = Callable[..., RunningHost]

LINES = "x\r\nforged\x0b\x0c\x1c\x85\u2028\u2029 ERROR forged"
TERMINAL = "\x1b[2J\x1b]0;title\x07\x9b31m\x00\x7f\x08"
BIDI = "\u202e\u2066evil\u2069\u200f\u200b\ufeff"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"&lt;"
RICH = "[/argo][bold]b[/b][link=https://evil.example]l[/link]"
HALVES = "\ud800a\udfff"
HOSTILE = LINES + TERMINAL + BIDI + MARKUP + RICH + HALVES
TEXTS = {
    "lines": LINES,
    "terminal": TERMINAL,
    "bidi": BIDI,
    "markup": MARKUP,
    "rich": RICH,
    "halves": HALVES,
    "all": HOSTILE,
}
# Of a host's trade, what is a text.
FIELDS = (
    *("id", "symbol", "signal_id", "asset_class", "signal_type", "outcome", "regime"),
    *("exit_regime", "exit_reason", "exit_method", "verification_hash"),
    *("alpaca_order_id", "exchange_order_id", "rejection_reason", "entry_timestamp"),
)


def closed(number: int, **fields: Any) -> Trade:
    """Return a closed trade of its own minute, with some *fields* as told."""
    moment = f"2026-03-02T15:{number % 60:02}:{number // 60:02}.000000"
    told: dict[str, Any] = {
        "id": f"trade_{number}",
        "signal_id": "SIG-1",
        "asset_class": "stock",
        "symbol": f"SYM{number}",
        "signal_type": "long",
        "entry_price": 100.0,
        "quantity": 10,
        "entry_timestamp": moment,
        "exit_timestamp": moment.replace("T15", "T16"),
        "exit_price": 101.0,
        "confidence": 90.0,
        "verification_hash": "0" * 64,
        "outcome": "win",
        "exit_reason": "take_profit",
    }
    return Trade(**told | fields)


def record(host: RunningHost, trade: Trade) -> None:
    """Let the host tell of entry and exit, and know the trade itself."""
    host.tracker._trades[trade.id] = trade
    host.plugins.hook.on_trade_recorded(trade=trade)
    host.plugins.hook.on_position_closed(trade=trade)


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the plugin logged, a text for each record."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "argo_tradervue_plugin"
    ]


def answers_of(host: RunningHost) -> dict[str, httpx.Response]:
    """Return what every route answers, by its name."""
    app = FastAPI()
    mount(app, host.plugins)

    async def ask() -> dict[str, httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://argo"
        ) as http:
            return {
                route.name: await http.request(
                    route.method,
                    route.path,
                    params={"days": 365} if route.query else {},
                )
                for route in table(host.tradervue)
                if route.name not in {"widget_url", "profile_url"}
            }

    return asyncio.run(ask())


def assert_inert(answers: dict[str, httpx.Response]) -> None:
    """See that no browser takes an answer for a page, and no terminal for orders."""
    for name, answer in answers.items():
        assert answer.headers["content-type"] == "application/json", name
        assert answer.headers["x-content-type-options"] == "nosniff", name
        assert answer.text.isascii(), name
        assert answer.text.isprintable(), name
        json.loads(answer.text)


def output_of(*arguments: str) -> list[str]:
    """Return the lines that a command prints; it must not fail over what it shows."""
    answer = CliRunner().invoke(cli, arguments)
    assert isinstance(answer.exception, SystemExit | None), answer.exception
    return answer.output.splitlines()


def assert_commands_print_plainly(section: dict[str, Any], folder: Path) -> None:
    """See that every line of every command that shows trades is printable."""
    path = folder / "config.json"
    path.write_text(json.dumps({"plugins": {"tradervue": section}}))
    config = ("--config", str(path))
    for told in (
        ("status", *config),
        ("status", *config, "--json"),
        ("quarantine", "list", *config),
        ("quarantine", "list", *config, "--json"),
        ("reconcile", *config, "--days", "36500"),
        ("reconcile", *config, "--days", "36500", "--json"),
        ("reconcile", *config, "--days", "36500", "--csv"),
    ):
        lines = output_of(*told)
        assert lines, told
        for line in lines:
            assert line.isprintable(), (told, ascii(line))


@pytest.mark.parametrize("kind", TEXTS)
def test_texts_of_the_host_are_inert_everywhere(
    kind: str,
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In any field: a trade that makes sense is shown, one that does not is parked."""
    caplog.set_level(logging.DEBUG)
    host = run_host(section)
    for number, name in enumerate(FIELDS):
        record(host, closed(number, **{name: TEXTS[kind]}))
    assert host.integration.flush(60)
    answers = answers_of(host)
    counts = host.integration.outbox.counts()
    with JournalReader(sandbox.url) as journal:
        notes = [journal.trade(row["id"])["notes"] for row in journal.trades()]
        tags = [tag for row in journal.trades() for tag in row["tags"]]
    host.close()

    aside = counts[State.QUARANTINED] + counts[State.SKIPPED]
    assert len(notes) >= 10
    assert counts[State.SYNCED] + counts[State.BASIC] == 2 * len(notes)
    assert aside == 2 * (len(FIELDS) - len(notes))
    for line in lines_of(caplog):
        assert line.isprintable(), ascii(line)
    for text in notes:
        lines = text.split("\r\n")
        assert all(line.isprintable() for line in lines), ascii(text)
        assert (lines[0][:6], lines[-1]) == ("[argo ", "[/argo]")
        assert sum(line.startswith(("[argo ", "[/argo]")) for line in lines) == 2
        assert not set("<>`") & set(text)
        assert not set("[]") & set("".join(lines[1:-1]))
        assert "://" not in text
    assert all(c.isalnum() or c == "-" for tag in tags for c in tag)
    assert_inert(answers)
    assert_commands_print_plainly(section, tmp_path)


@pytest.mark.parametrize("way", ["page", "401", "422", "text", "id", "import"])
def test_words_of_the_server_are_inert_everywhere(
    way: str,
    run_host: Run,
    section: dict[str, Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A refusal, a failed import, an answer that cannot be read: one line each."""
    caplog.set_level(logging.DEBUG)
    # What can be sent as UTF-8, that is: halves of characters come by way of JSON.
    words = HOSTILE.replace(HALVES, "") if way in {"text", "page"} else HOSTILE
    with serving(Careless(way, lambda _: words)) as address:
        section |= {"base_url": f"http://{address}/api/v1", "sync_timeout_seconds": 0.1}
        host = run_host(section | {"flush_seconds": 0})
        host.leave(host.enter())
        worker = host.integration.worker
        eventually(
            lambda: worker.is_idle() or worker.health.failures, "all is tried once"
        )
        answers = answers_of(host)
        host.close()
        assert_commands_print_plainly(section, tmp_path)

    lines = lines_of(caplog)
    assert any(line.startswith("tradervue.") for line in lines)
    for line in lines:
        assert line.isprintable(), ascii(line)
    assert_inert(answers)


def test_what_people_wrote_in_the_journal_is_inert_everywhere(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Notes, tags and symbols; their words stay in the notes, byte by byte."""
    caplog.set_level(logging.DEBUG)
    written = LINES + MARKUP + RICH + BIDI
    host = run_host(section)
    record(host, closed(1))
    assert host.integration.flush(60)
    with JournalReader(sandbox.url) as journal:
        standing = journal.only()
        rows = [{"datetime": "2026-03-02T11:00:00-05:00", "symbol": MARKUP + BIDI}]
        rows[0] |= {"quantity": "3", "price": "4"}
        journal.post_import(*rows, account_tag="argo")
        person = sandbox.person("argo")
        notes = f"{written}\r\n{standing['notes']}"
        person.write_notes(int(standing["id"]), notes)
        record(host, closed(1, commission=2.5, exit_reason="manual"))
        assert host.integration.flush(60)
        told = journal.trade(standing["id"])["notes"]
    answers = answers_of(host)
    host.close()

    assert told.startswith(f"{written}\r\n[argo trade_1]")
    assert "manual" in told
    for line in lines_of(caplog):
        assert line.isprintable(), ascii(line)
    assert_inert(answers)
    assert_commands_print_plainly(section, tmp_path)

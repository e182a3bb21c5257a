"""A wrong address or a refused login: every command names it, and ends with it."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from argo_tradervue_plugin.cli.commands import DEMO_TRADES, cli
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox, running

Run = Callable[..., Result]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A Tradervue that knows one password."""
    with running(import_seconds=0, users={"argo": "right"}) as sandbox:
        yield sandbox


@pytest.fixture
def section(sandbox: Sandbox, tmp_path: Path) -> dict[str, Any]:
    """The section of a config, for the sandbox."""
    return {
        "enabled": True,
        "username": "argo",
        "password": "right",
        "base_url": sandbox.url,
        "database": str(tmp_path / "outbox.db"),
        "aws_secrets": False,
    }


@pytest.fixture
def run(section: dict[str, Any], tmp_path: Path) -> Run:
    """Run a command with the config as it is then."""

    def run(command: str, *arguments: object) -> Result:
        config = tmp_path / "config.json"
        config.write_text(json.dumps({"plugins": {"tradervue": section}}))
        told = [command, *map(str, arguments), "--config", str(config)]
        return CliRunner().invoke(cli, told)

    return run


def without_path(sandbox: Sandbox) -> str:
    """Return the address of the site, without that of its API."""
    return sandbox.url.removesuffix("/api/v1")


@pytest.mark.parametrize("command", ["check", "sync"])
def test_the_address_of_the_site_is_completed(
    run: Run, section: dict[str, Any], sandbox: Sandbox, command: str
) -> None:
    """One line says what answers there, and which address is better."""
    section["base_url"] = without_path(sandbox)
    began = time.monotonic()
    answer = run(command, *([DEMO_TRADES] if command == "sync" else []))

    assert answer.exit_code == 1
    assert f"{without_path(sandbox)} is not Tradervue's API" in answer.stderr
    assert f"{sandbox.url} answers like Tradervue" in answer.stderr
    assert time.monotonic() - began < 20
    assert "Traceback" not in answer.output


def test_replay_ends_with_a_wrong_address(
    sandbox: Sandbox, section: dict[str, Any]
) -> None:
    """Long before its patience, and nothing is lost."""
    began = time.monotonic()
    answer = CliRunner(env={"TRADERVUE_PASSWORD": "right"}).invoke(
        cli,
        [
            *("replay", str(DEMO_TRADES), "--username", "argo", "--json"),
            *("--url", without_path(sandbox), "--database", section["database"]),
        ],
    )

    assert answer.exit_code == 1
    assert f"not everything arrived: {without_path(sandbox)} is not" in answer.stderr
    assert json.loads(answer.stdout.splitlines()[-1])["pending"] == 11
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("status", [200, 404])
def test_status_says_that_a_page_answers_and_what_to_do(
    run: Run, sandbox: Sandbox, status: int
) -> None:
    """What the command before has met is in the outbox."""
    sandbox.inject("html_page", status=status, when="before", times=None)
    run("sync", DEMO_TRADES)
    answer = run("status")

    assert "is not Tradervue's API" in " ".join(answer.output.split())
    assert "what to do: correct base_url" in answer.output
    shown = json.loads(run("status", "--json").stdout)
    assert shown["cause"] == "wrong_address"
    assert shown["last_error_is_history"] is False
    assert f"an HTML page (HTTP {status})" in shown["last_error"]
    assert {k: n for k, n in shown["trades"].items() if n} == {"pending": 11}


def test_after_a_success_it_is_an_outage_that_names_the_address(
    run: Run, sandbox: Sandbox, section: dict[str, Any]
) -> None:
    """A proxy that shows a page passes by itself: a sync waits for its time."""
    assert run("sync", DEMO_TRADES).exit_code == 0
    section["sync_timeout_seconds"] = 2
    sandbox.inject("html_page", status=200, when="before", times=None)
    trades = Path(section["database"]).with_name("more.jsonl")
    first = json.loads(DEMO_TRADES.read_text().splitlines()[0])
    trades.write_text(json.dumps({**first, "id": "another", "symbol": "ELSE"}))
    answer = run("sync", trades, "--patience", "2")

    assert answer.exit_code == 1
    assert f"{sandbox.url} is not Tradervue's API" in answer.stderr
    shown = json.loads(run("status", "--json").stdout)
    assert shown["cause"] == "wrong_address"
    sandbox.clear_faults()
    assert run("sync", trades).exit_code == 0
    shown = json.loads(run("status", "--json").stdout)
    assert (shown["cause"], shown["last_error_is_history"]) == (None, True)
    assert "and it went well since" in " ".join(run("status").output.split())


def test_check_asks_about_a_refused_login_only_when_it_is_to(
    run: Run, sandbox: Sandbox, section: dict[str, Any]
) -> None:
    """A sync has met the refusal; each question may be one too many."""
    section["password"] = "wrong"
    answer = run("sync", DEMO_TRADES)
    assert answer.exit_code == 1
    assert "refused the user name and password" in answer.stderr

    def asked() -> int:
        return sandbox.stats.requests.total()

    before = asked()
    for command in ("check", "sync"):
        told = run(command, *([DEMO_TRADES] if command == "sync" else []))
        assert told.exit_code == 1
        assert "has refused the login from settings 1 times" in told.stderr
    assert asked() == before
    shown = json.loads(run("status", "--json").stdout)
    assert shown["cause"] == "login_refused"
    assert run("check", "--again").exit_code == 1
    assert asked() == before + 1
    [kept] = Outbox(Sqlite(section["database"])).refused_logins()
    assert kept.count == 2

    sandbox.accounts.log_in("argo", "right").password = "wrong"  # type: ignore[union-attr]
    assert run("check").exit_code == 1
    assert run("check", "--again").exit_code == 0
    assert run("check").exit_code == 0
    assert run("sync", DEMO_TRADES).exit_code == 0


def test_another_password_is_tried_at_once(
    run: Run, sandbox: Sandbox, section: dict[str, Any]
) -> None:
    """Nobody has to say that it was corrected."""
    section["password"] = "wrong"
    assert run("sync", DEMO_TRADES).exit_code == 1
    section["password"] = "right"
    assert run("sync", DEMO_TRADES).exit_code == 0
    assert json.loads(run("status", "--json").stdout)["credentials_refused"] is False


def test_check_makes_no_outbox(run: Run, section: dict[str, Any]) -> None:
    """It only looks."""
    assert run("check").exit_code == 0
    assert not Path(section["database"]).exists()

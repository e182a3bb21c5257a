"""``argo-tradervue replay`` and ``demo``, as processes, as a user runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from argo_tradervue_plugin.cli.commands import DEMO_TRADES, cli
from tests.journeys.reader import JournalReader

if TYPE_CHECKING:
    from argo_tradervue_plugin.sandbox import Sandbox

KEYS = [
    "trades",
    "events",
    "verified",
    "basic",
    "quarantined",
    "skipped",
    "pending",
    "imports",
    "seconds",
]
COMMAND = "from argo_tradervue_plugin.cli import main; main()"


def run(
    *arguments: object, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``argo-tradervue`` with *arguments*; it has to end by itself."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", COMMAND, *map(str, arguments)],
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def replay_into(
    sandbox: "Sandbox", file: Path, database: Path, *more: object
) -> subprocess.CompletedProcess[str]:
    """Replay *file* into *sandbox*, with an outbox at *database*."""
    return run(
        "replay",
        file,
        "--url",
        sandbox.url,
        "--database",
        database,
        "--username",
        "argo",
        "--json",
        *more,
        environ={"TRADERVUE_PASSWORD": "sandbox"},
    )


def told(finished: subprocess.CompletedProcess[str]) -> dict[str, float]:
    """Return the JSON object that is the last line of the output."""
    found: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
    return found


def test_the_last_line_is_one_json_object_with_the_promised_keys() -> None:
    """Scripts read it; the counts of trades add up."""
    finished = run("replay", DEMO_TRADES, "--sandbox", "--json")

    assert finished.returncode == 0, finished.stderr
    facts = told(finished)
    assert list(facts) == KEYS
    assert facts["trades"] == facts["verified"] == 11
    assert facts["events"] == 21


def test_a_second_replay_with_the_same_outbox_changes_nothing(
    sandbox: "Sandbox", tmp_path: Path
) -> None:
    """Nothing is imported again, and everything counts as verified."""
    first = replay_into(sandbox, DEMO_TRADES, tmp_path / "outbox.db")
    again = replay_into(sandbox, DEMO_TRADES, tmp_path / "outbox.db")

    assert told(first)["verified"] == told(again)["verified"] == 11
    assert told(first)["imports"] > 0
    assert told(again)["imports"] == 0


def test_a_lost_outbox_does_not_double_the_journal(
    sandbox: "Sandbox", tmp_path: Path
) -> None:
    """The journal itself tells that everything stands there already."""
    replay_into(sandbox, DEMO_TRADES, tmp_path / "first.db")
    again = replay_into(sandbox, DEMO_TRADES, tmp_path / "second.db")

    assert told(again)["verified"] == 11
    with JournalReader(sandbox.url) as journal:
        assert len(journal.trades()) == 11


def test_limit_takes_the_first_trades_only() -> None:
    """A look at a big file need not take long."""
    finished = run("replay", DEMO_TRADES, "--sandbox", "--json", "--limit", 3)

    assert told(finished)["trades"] == told(finished)["verified"] == 3


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        pytest.param("{oops", "not JSON", id="no-json"),
        pytest.param("[1, 2]", "a JSON object is expected", id="no-object"),
        pytest.param('{"id": "x"}', "no symbol and no entry_timestamp", id="no-trade"),
    ],
)
def test_a_broken_line_is_named_and_nothing_is_written(
    line: str, fault: str, sandbox: "Sandbox", tmp_path: Path
) -> None:
    """File, line number and what is wrong; exit code 2; no line before is played."""
    file = tmp_path / "broken.jsonl"
    good = DEMO_TRADES.read_text(encoding="utf-8").splitlines()[0]
    file.write_text(f"{good}\n{line}\n", encoding="utf-8")
    finished = replay_into(sandbox, file, tmp_path / "outbox.db")

    assert finished.returncode == 2
    assert f"{file}, line 2: {fault}" in finished.stderr
    assert not (tmp_path / "outbox.db").exists()
    with JournalReader(sandbox.url) as journal:
        assert not journal.trades()


def test_a_missing_file_is_named() -> None:
    """With exit code 2 and no traceback."""
    finished = run("replay", "nowhere.jsonl", "--sandbox")

    assert finished.returncode == 2
    assert finished.stderr.startswith("Error: nowhere.jsonl: ")


def test_a_journal_has_to_be_named() -> None:
    """Neither a URL nor a sandbox is a wrong call."""
    finished = run("replay", DEMO_TRADES)

    assert finished.returncode == 2
    assert "give either --url or --sandbox" in finished.stderr


def test_a_wrong_password_is_one_clear_line_and_events_are_kept(
    tmp_path: Path,
) -> None:
    """Exit code 1; with the right password the same outbox is delivered."""
    from argo_tradervue_plugin.sandbox import running

    with running(import_seconds=0, users={"argo": "right"}) as guarded:
        refused = replay_into(guarded, DEMO_TRADES, tmp_path / "outbox.db")
        assert refused.returncode == 1
        assert told(refused)["pending"] == 11
        assert "refused the user name and password" in refused.stderr
        assert "Traceback" not in refused.stderr

        command = ["replay", DEMO_TRADES, "--url", guarded.url, "--username", "argo"]
        finished = run(
            *command,
            "--database",
            tmp_path / "outbox.db",
            "--password-env",
            "OTHER",
            "--json",
            environ={"OTHER": "right"},
        )
        assert told(finished)["verified"] == 11


def test_a_server_that_is_not_there_is_one_clear_line_and_events_are_kept(
    sandbox: "Sandbox", tmp_path: Path
) -> None:
    """Exit code 1 once patience is at an end; later they are delivered."""
    missing = run(
        "replay",
        DEMO_TRADES,
        *("--url", "http://127.0.0.1:1/api/v1", "--username", "argo"),
        *("--database", tmp_path / "outbox.db", "--patience", 6, "--json"),
        environ={"TRADERVUE_PASSWORD": "sandbox"},
    )
    assert missing.returncode == 1
    assert told(missing)["pending"] == 11
    assert "not everything arrived: Tradervue could not be reached" in missing.stderr
    assert "Traceback" not in missing.stderr

    finished = replay_into(sandbox, DEMO_TRADES, tmp_path / "outbox.db")
    assert told(finished)["verified"] == 11


def test_an_outbox_that_cannot_be_opened_is_one_clear_line(tmp_path: Path) -> None:
    """Exit code 3 and the path."""
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    database = tmp_path / "file" / "outbox.db"
    finished = run("replay", DEMO_TRADES, "--sandbox", "--database", database)

    assert finished.returncode == 3
    assert len(finished.stderr.splitlines()) == 1
    assert f"the outbox {database} cannot be opened" in finished.stderr


def test_the_demo_shows_the_whole_way() -> None:
    """It ends with a table, and with 0 because everything was read back."""
    finished = run("demo", "--pause", 0)

    assert finished.returncode == 0, finished.stderr
    assert "A Tradervue sandbox runs at http://127.0.0.1:" in finished.stderr
    assert "verified" in finished.stderr


@pytest.mark.parametrize("name", ["replay", "demo", "sandbox", "status", "check"])
def test_every_command_explains_itself(name: str) -> None:
    """``--help`` ends with 0 and says how to call it."""
    answer = CliRunner().invoke(cli, [name, "--help"])

    assert answer.exit_code == 0
    assert "usage:" in answer.output.lower()

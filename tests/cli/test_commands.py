"""The commands as a group, and what they do with wrong options."""

import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from argo_tradervue_plugin.cli.commands import DEMO_TRADES, cli


@pytest.mark.parametrize("name", sorted(cli.commands))
@pytest.mark.parametrize("option", ["--help"])
def test_every_command_has_help_of_its_own(name: str, option: str) -> None:
    """It says how to call it, in a sentence at least."""
    answer = CliRunner().invoke(cli, [name, option])

    assert answer.exit_code == 0
    assert "usage:" in answer.output.lower()
    assert len(answer.output.splitlines()) > 3


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_group_names_every_command(option: str) -> None:
    """With what it does."""
    answer = CliRunner().invoke(cli, [option])

    assert answer.exit_code == 0
    for name in cli.commands:
        assert f"\n  {name}" in answer.output


def test_version_is_told() -> None:
    """That of the installed package."""
    from argo_tradervue_plugin import __version__

    assert __version__ in CliRunner().invoke(cli, ["--version"]).output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["--sandbox", "--url", "http://x"], "either --url or", id="both"),
        pytest.param(["--sandbox", "--limit", "0"], "--limit", id="limit"),
        pytest.param(["--sandbox", "--patience", "-1"], "--patience", id="patience"),
        pytest.param(["--sandbox", "--import-seconds", "x"], "import-seconds", id="x"),
    ],
)
def test_wrong_options_of_replay_are_told(arguments: list[str], told: str) -> None:
    """Exit code 2, and nothing was done."""
    answer = CliRunner().invoke(cli, ["replay", str(DEMO_TRADES), *arguments])

    assert answer.exit_code == 2
    assert told in answer.output


@pytest.mark.parametrize(
    "url", ["http://tradervue.example/api/v1", "ftp://127.0.0.1", "nowhere"]
)
def test_address_that_would_send_the_password_in_the_clear_is_a_wrong_option(
    url: str, tmp_path: Path
) -> None:
    """Nothing is written, and the line says what is allowed."""
    database = tmp_path / "outbox.db"
    arguments = ["replay", str(DEMO_TRADES), "--url", url, "--database", str(database)]
    answer = CliRunner().invoke(cli, arguments)

    assert answer.exit_code == 2
    assert "https://" in answer.output
    assert not database.exists()


def test_empty_file_is_replayed_in_no_time(tmp_path: Path) -> None:
    """No trades, no imports, no error."""
    file = tmp_path / "empty.jsonl"
    file.write_text("")
    answer = CliRunner().invoke(cli, ["replay", str(file), "--sandbox", "--json"])

    assert answer.exit_code == 0
    assert '"trades": 0, "events": 0, "verified": 0' in answer.stdout


def test_replay_gives_up_when_nothing_moves(tmp_path: Path) -> None:
    """To be sent, and to come back unsent, is no progress: patience means patience."""
    database = tmp_path / "outbox.db"
    arguments = ["replay", str(DEMO_TRADES), "--url", "http://127.0.0.1:1/api/v1"]
    arguments += ["--database", str(database), "--username", "argo", "--patience", "1"]
    start = time.monotonic()
    answer = CliRunner(env={"TRADERVUE_PASSWORD": "sandbox"}).invoke(cli, arguments)

    assert answer.exit_code == 1
    assert "not everything arrived: Tradervue " in answer.stderr
    assert time.monotonic() - start < 15

"""Exit codes: the same for every command, whatever goes wrong."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from argo_tradervue_plugin import errors
from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.cli.exits import Commands, Exit, code_of
from argo_tradervue_plugin.cli.replayed import BrokenFile

# By the table: who has to do something, or what could not be found out.
MEANT = {
    "ConfigError": Exit.USAGE,
    "CredentialsError": Exit.PERSON,
    "TradeError": Exit.PERSON,
    "OutboxDamaged": Exit.UNKNOWN,
    "OutboxError": Exit.UNKNOWN,
    "OutboxBusy": Exit.UNKNOWN,
    "OutboxReplaced": Exit.UNKNOWN,
    "OutboxTooNew": Exit.UNKNOWN,
    "Unstorable": Exit.UNKNOWN,
    "LeaseLost": Exit.UNKNOWN,
    "ApiError": Exit.UNKNOWN,
    "Unreachable": Exit.UNKNOWN,
    "TimedOut": Exit.UNKNOWN,
    "BadAnswer": Exit.UNKNOWN,
    "AccountMismatch": Exit.PERSON,
    "WrongPlace": Exit.PERSON,
    "TrackerError": Exit.PERSON,
    "ForeignFile": Exit.UNKNOWN,
    "WrongAddress": Exit.PERSON,
    "ServerError": Exit.UNKNOWN,
    "RateLimited": Exit.UNKNOWN,
    "ImportInProgress": Exit.UNKNOWN,
    "Refused": Exit.PERSON,
    "AuthenticationFailed": Exit.PERSON,
    "PermissionRefused": Exit.PERSON,
    "NotFound": Exit.PERSON,
    "Rejected": Exit.PERSON,
    "TradervueError": Exit.PERSON,
}


def made(name: str) -> Exception:
    """Return an error of the class *name*."""
    if name == "ConfigError":
        return errors.ConfigError(["first", "second"])
    if name == "TradeError":
        return errors.TradeError("price", -1, "above 0")
    error: Exception = getattr(errors, name)("what went wrong")
    return error


def run(error: BaseException) -> Result:
    """Run a command that raises *error*."""

    @click.group(cls=Commands)
    def group() -> None:
        pass

    @group.command()
    def command() -> None:
        raise error

    return CliRunner().invoke(group, ["command"])


def test_every_error_has_its_code() -> None:
    """A new class in errors.py has to be thought of here."""
    assert set(MEANT) == set(errors.__all__) - {"one_line"}


@pytest.mark.parametrize("name", sorted(MEANT))
def test_errors_become_a_line_and_a_code(name: str) -> None:
    """Whatever the command is."""
    answer = run(made(name))

    assert code_of(made(name)) == answer.exit_code == MEANT[name]
    assert answer.stderr.startswith("Error: ")
    assert answer.stdout == ""


def test_broken_file_is_usage() -> None:
    """It is read before anything is done."""
    assert run(BrokenFile("trades.jsonl, line 3: not JSON")).exit_code == 2


def test_wrong_settings_have_a_line_each() -> None:
    """All of them at once."""
    assert run(made("ConfigError")).stderr == "Error: first\nsecond\n"


def test_interrupt_is_130() -> None:
    """With a word, so that an end of the output is not taken for the end."""
    answer = run(KeyboardInterrupt())

    assert answer.exit_code == 130
    assert answer.stderr == "Error: interrupted\n"


def test_fault_of_ours_is_seen_whole() -> None:
    """It has no code: what it did is not known."""
    assert isinstance(run(ZeroDivisionError("a fault")).exception, ZeroDivisionError)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return a config whose outbox was never made."""
    database = tmp_path / "state" / "outbox.db"
    section = {"enabled": True, "database": str(database), "aws_secrets": False}
    section |= {"username": "argo", "password": "sandbox"}
    section |= {"base_url": "http://127.0.0.1:1/api/v1"}
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"plugins": {"tradervue": section}}), encoding="utf-8")
    return path


READING = [
    ["status"],
    ["status", "--json"],
    ["quarantine", "list"],
    ["quarantine", "retry", "t1"],
    ["reconcile"],
    ["resend", "t1", "--yes"],
]


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_commands_that_read_make_no_outbox(config: Path, arguments: list[str]) -> None:
    """Code 3 names the place; nothing was asked of Tradervue, which is not there."""
    answer = CliRunner().invoke(cli, [*arguments, "--config", str(config)])

    place = config.parent / "state"
    assert answer.exit_code == 3
    assert f"there is no outbox at {place / 'outbox.db'}" in answer.stderr
    assert not place.exists()


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_commands_that_read_make_no_folder_of_their_own(arguments: list[str]) -> None:
    """Nor at the default place, without any config."""
    answer = CliRunner().invoke(cli, arguments)

    assert answer.exit_code == 3
    assert not Path(os.environ["XDG_STATE_HOME"]).exists()


@pytest.fixture
def unwritable(config: Path) -> Iterator[Path]:
    """Return the config of an outbox that is another program's file."""
    database = config.parent / "state" / "outbox.db"
    database.parent.mkdir()
    database.write_text("this is no database, and longer than a header " * 30)
    yield config
    assert database.read_text().startswith("this is no database")


@pytest.mark.parametrize("arguments", [*READING, ["relink"]], ids=" ".join)
def test_outbox_that_cannot_be_read_is_code_3(
    unwritable: Path, arguments: list[str]
) -> None:
    """The question stays open; the file is as it was."""
    answer = CliRunner().invoke(cli, [*arguments, "--config", str(unwritable)])

    assert answer.exit_code == 3
    said = answer.stderr + answer.stdout
    assert "outbox.db" in said
    assert "cannot be read" in said or "is damaged" in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(None, "No such file", id="no file"),
        pytest.param("{oops", "Expecting", id="no JSON"),
        pytest.param("{}", "no section plugins.tradervue", id="no section"),
        pytest.param(
            '{"plugins": {"tradervue": {"enabled": 1}}}', "true or false", id="wrong"
        ),
    ],
)
@pytest.mark.parametrize(
    "arguments", [["status"], ["check"], ["reconcile"], ["relink"]], ids=" ".join
)
def test_config_that_cannot_be_used_is_usage(
    tmp_path: Path, arguments: list[str], content: str | None, words: str
) -> None:
    """Exit code 2, from every command."""
    path = tmp_path / "config.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    answer = CliRunner().invoke(cli, [*arguments, "--config", str(path)])

    assert answer.exit_code == 2
    assert words in answer.stderr


SHELL = f"{sys.executable} -c 'from argo_tradervue_plugin.cli import main; main()'"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has it")  # noqa: PTH110
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("account --help >/dev/full", 3),
        ("account --help >/dev/full 2>/dev/full", 3),
        ("account --help | true", 3),
        ("preview /none 2>/dev/full", 2),
        ("status --config {config} 2>/dev/full", 2),
        ("status --config {config} 2>&1 >/dev/null | true", 2),
        ("preview /none 2>&-", 2),
        ("account --help", 0),
    ],
)
def test_answer_that_cannot_be_written_has_its_code(
    tmp_path: Path, words: str, code: int
) -> None:
    """A full disk, or a pipe that was closed, is nothing that needs a person."""
    config = tmp_path / "config.json"
    config.write_text('{"plugins": {"tradervue": {"enabled": true, "x": 1}}}')
    told = words.format(config=config)
    ended = subprocess.run(
        ["/bin/bash", "-c", f"set -o pipefail; {SHELL} {told}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr

"""``quarantine``: list, retry, discard and reopen as an operator has them."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from tests.cli.terminal import in_pipe, on_terminal
from tests.delivery.stepping import host_trade

Run = Callable[..., Result]


@pytest.fixture
def config(section: dict[str, Any], tmp_path: Path) -> Path:
    """Return a host's config file."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"plugins": {"tradervue": section}}), encoding="utf-8")
    return path


@pytest.fixture
def run(config: Path) -> Run:
    """Run ``quarantine`` with that config."""

    def run(*arguments: object) -> Result:
        command = ["quarantine", *map(str, arguments), "--config", str(config)]
        return CliRunner().invoke(cli, command)

    return run


def record(section: dict[str, Any], *trades: SimpleNamespace) -> list[str]:
    """Record the entries of *trades* as a hook does, where no process forwards."""
    outbox = outbox_of(Settings.from_mapping(section))
    for trade in trades:
        outbox.record(Recorded.of(trade, EventKind.ENTRY, 1_790_000_000.0))
    outbox.close()
    return [trade.id for trade in trades]


@pytest.fixture
def queued(section: dict[str, Any]) -> str:
    """Return a trade that is queued, in the spool alone."""
    [trade_id] = record(section, host_trade(1))
    return trade_id


@pytest.fixture
def parked(section: dict[str, Any], run: Run) -> str:
    """Return a trade that waits for a person."""
    [trade_id] = record(section, host_trade(2, actual_entry_price=-1))
    assert run("discard", trade_id, "--yes").exit_code == 0
    assert run("reopen", trade_id).exit_code == 0
    return trade_id


def test_empty_list_says_so(run: Run, section: dict[str, Any]) -> None:
    """Exit code 0, as of every list."""
    outbox_of(Settings.from_mapping(section)).close()
    answer = run("list")

    assert (answer.exit_code, answer.stdout) == (0, "nothing waits for a person\n")
    assert json.loads(run("list", "--json").stdout) == []


def test_list_has_symbol_time_reason_and_next_step(run: Run, parked: str) -> None:
    """A line each, with exit code 0: a list is a list."""
    answer = run("list")

    assert answer.exit_code == 0
    [line] = answer.stdout.splitlines()
    assert line.startswith(
        f"quarantined: {parked} entry {host_trade(2).symbol} of 2026"
    )
    assert "actual_entry_price='-1': must not be negative" in line
    assert "let the host record it again" in line
    [one] = json.loads(run("list", "--json").stdout)
    assert set(one) == {
        *("trade", "kind", "state", "symbol", "time", "since", "journal"),
        *("why", "next"),
    }


@pytest.mark.parametrize("command", ["retry", "discard", "reopen"])
def test_unknown_id_is_an_error(run: Run, queued: str, command: str) -> None:
    """It may be a slip: code 1, with the id."""
    more = ["--yes"] if command == "discard" else []
    answer = run(command, "trade_unknown", *more)

    assert answer.exit_code == 1
    assert "trade_unknown: " in answer.stderr
    assert answer.stdout == ""


def test_unknown_id_among_others_keeps_them_all(run: Run, queued: str) -> None:
    """What was given up in haste would be a loss."""
    answer = run("discard", queued, "trade_unknown", "--yes")

    assert answer.exit_code == 1
    assert "nothing was given up" in answer.stderr
    assert "nothing of it is discarded" in run("reopen", queued).stderr


def test_queued_trade_is_given_up_and_taken_back(run: Run, queued: str) -> None:
    """Also straight from the spool, where no process forwards."""
    answer = run("discard", queued, "--yes")
    assert answer.exit_code == 0
    assert f"recorded: {queued} entry: buy 10 CORP1 at " in answer.stdout
    assert "discarded, it is not sent any more" in answer.stdout

    again = run("discard", queued, "--yes")
    assert again.exit_code == 1
    assert "nothing of it waits for a person (discarded)" in again.stderr

    answer = run("reopen", queued)
    assert answer.exit_code == 0
    assert "it is queued again" in answer.stdout


def test_retry_of_what_makes_no_sense_says_what_helps(run: Run, parked: str) -> None:
    """A person is needed, at the host."""
    answer = run("retry", parked)

    assert answer.exit_code == 1
    assert "the host has to record it again" in answer.stderr


@pytest.mark.parametrize("text", ["", "y\n"])
def test_nothing_is_given_up_without_a_terminal(
    config: Path, queued: str, text: str
) -> None:
    """A script says --yes; what comes through a pipe by accident is no answer."""
    command = ["quarantine", "discard", queued, "--config", config]
    answer = in_pipe(command, text=text)

    assert answer.returncode == 2
    assert "there is no terminal to ask at; give --yes" in answer.stderr
    assert in_pipe([*command, "--yes"]).returncode == 0


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ("y\n", 0, "it is not sent any more"),
        ("n\n", 1, "nothing was changed"),
        ("\n", 1, "nothing was changed"),
        ("\x04", 2, "nothing was changed"),
    ],
    ids=["yes", "no", "enter", "end"],
)
def test_person_is_asked(
    config: Path, queued: str, said: str, code: int, words: str
) -> None:
    """What is given up is on the screen first."""
    command = ["quarantine", "discard", queued, "--config", config]
    with on_terminal(command) as terminal:
        terminal.read_until("Give up 1 trade? [y/N]:")
        assert f"recorded: {queued}" in terminal.text
        terminal.write(said)
        assert terminal.end() == code
    assert words in terminal.text


def test_interrupt_at_the_question_is_130(config: Path, queued: str) -> None:
    """And nothing was changed."""
    command = ["quarantine", "discard", queued, "--config", config]
    with on_terminal(command) as terminal:
        terminal.read_until("Give up 1 trade? [y/N]:")
        terminal.interrupt(is_at_question=True)
        assert terminal.end() == 130
    assert "interrupted" in terminal.text
    assert "Traceback" not in terminal.text

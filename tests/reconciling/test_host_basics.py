"""Basic trades of the host's old sync: listed as what they are, deleted if wanted."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.sandbox import Person, Sandbox
from tests.delivery.stepping import host_trade
from tests.journeys.reader import JournalReader
from tests.reconciling.desk import Desk, typed_in

TRACKER = "Alpine Analytics | 87.5% | SHA256: 1a2b3c4d"
ENTRY = (
    "Alpine Analytics | 87.5% confidence | SHA256: 1a2b3c4d | "
    "Trade ID: trade_20260305_143001_000001 | Signal ID: SIG-000001 | Regime: BULL"
)
DAYS = ("--days", "3650")

Run = Callable[..., Result]


@pytest.fixture
def config(desk: Desk, sandbox: Sandbox, tmp_path: Path) -> Path:
    """A host's config file for the outbox of *desk*."""
    section = {
        "enabled": True,
        "username": "argo",
        "password": "sandbox",
        "aws_secrets": False,
        "base_url": sandbox.url,
        "database": str(desk.forwarder.path),
    }
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"plugins": {"tradervue": section}}))
    return config


@pytest.fixture
def run(config: Path) -> Run:
    """Run ``reconcile`` without a terminal."""

    def run(*arguments: str) -> Result:
        told = ["reconcile", "--config", str(config), *DAYS, *arguments]
        return CliRunner().invoke(cli, told)

    return run


class Terminal:
    """The command at a terminal, at which a person answers."""

    def __init__(self, config: Path, *arguments: str) -> None:
        main = "from argo_tradervue_plugin.cli import main; main()"
        told = ["reconcile", "--config", str(config), *DAYS, *arguments]
        self.side, other = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", main, *told],
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
        )
        os.close(other)
        self.text = ""

    def read_until(self, words: str) -> None:
        """Read until the command has said *words*."""
        deadline = time.monotonic() + 60
        while words not in self.text and time.monotonic() < deadline:
            with suppress(OSError):  # it has ended
                self.text += os.read(self.side, 4096).decode()
        assert words in self.text

    def answer(self, words: str, key: str) -> None:
        """Press a key when asked with *words*."""
        self.read_until(words)
        os.write(self.side, key.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C, again where it came before the command waited for a key."""
        deadline = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < deadline:
            self.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(3)

    def end(self) -> int:
        """Read all there is; return the exit code."""
        with suppress(OSError):
            while piece := os.read(self.side, 4096):
                self.text += piece.decode()
        os.close(self.side)
        return self.process.wait(60)


@pytest.fixture
def at_terminal(config: Path) -> Iterator[Callable[..., Terminal]]:
    """Start the command at a terminal."""
    begun: list[Terminal] = []

    def at_terminal(*arguments: str) -> Terminal:
        begun.append(Terminal(config, *arguments))
        return begun[-1]

    yield at_terminal
    for terminal in begun:
        if terminal.process.poll() is None:
            terminal.process.kill()
            terminal.process.wait(60)


def basics(journal: JournalReader) -> set[int]:
    """Return the journal trades without executions."""
    return {int(row["id"]) for row in journal.trades() if not row["exec_count"]}


def test_what_holds_no_executions_is_listed_by_whose_it_is(
    desk: Desk, person: Person, sandbox: Sandbox
) -> None:
    """The host's, a person's, and ours: which stands for what is missing."""
    tracker = person.create_trade("AAPL", notes=TRACKER)
    entry = person.create_trade("MSFT", notes=ENTRY)
    changed = person.create_trade("MSFT", notes=f"{ENTRY}\nToo early.")
    tagged = person.create_trade("AAPL", notes="mine", tags=["argo"])
    sandbox.assume(fractional_quantities="refused")
    desk.live(host_trade(1), host_trade(2, quantity=0.5, filled_qty=0.5))
    report = desk.compare()

    assert {b.journal_id for b in report.host_basics} == {tracker, entry}
    others = {b.journal_id for b in report.basics if not b.of_host}
    assert others == {changed, tagged}
    assert [m.state for m in report.missing] == ["basic"]
    assert report.unknown_tagged == report.unknown_untagged == ()


def test_what_holds_no_executions_is_no_difference(
    desk: Desk, person: Person, run: Run
) -> None:
    """It is listed, and can be removed; host and journal are the same."""
    desk.live(host_trade(1))
    journal_id = person.create_trade("AAPL", notes=TRACKER)
    answer = run()

    assert answer.exit_code == 0
    assert f"AAPL    {journal_id}" in answer.stdout
    assert "--remove-host-basics" in answer.stdout
    told = json.loads(run("--json").stdout)
    assert [b["journal_id"] for b in told["basics"]] == [journal_id]
    assert told["basics"][0]["address"].endswith(f"/trades/{journal_id}")


def test_yes_deletes_them_and_nothing_else(
    desk: Desk, person: Person, journal: JournalReader, run: Run
) -> None:
    """Not with comments, not what a person changed, nothing with executions."""
    desk.live(host_trade(1))
    for notes in (TRACKER, ENTRY):
        person.create_trade("AAPL", notes=notes)
    talked = person.create_trade("AAPL", notes=TRACKER)
    person.comment("trades", talked, "Was that wise?")
    changed = person.create_trade("AAPL", notes=f"{TRACKER} - mine")
    theirs = person.create_trade(*typed_in(host_trade(3)), notes=TRACKER)
    answer = run("--remove-host-basics", "--yes")

    assert answer.exit_code == 0, answer.output
    assert basics(journal) == {talked, changed}
    assert {int(r["id"]) for r in journal.trades()} >= {theirs}
    assert answer.stderr.count("deleted") == 2
    assert f"journal trade {talked}: kept: it has comments" in answer.stderr
    again = run("--remove-host-basics", "--yes")
    assert basics(journal) == {talked, changed}
    assert again.exit_code == 0


def test_without_a_terminal_and_without_yes_nothing_is_deleted(
    desk: Desk, person: Person, journal: JournalReader, run: Run
) -> None:
    """And that is said."""
    desk.live(host_trade(1))
    journal_id = person.create_trade("AAPL", notes=TRACKER)
    answer = run("--remove-host-basics")

    assert basics(journal) == {journal_id}
    assert answer.stderr.startswith("nothing was deleted: ")
    assert "--yes" in answer.stderr


def test_where_there_are_none_that_is_said(desk: Desk, run: Run) -> None:
    """Nothing is asked."""
    desk.live(host_trade(1))
    answer = run("--remove-host-basics", "--yes")

    assert answer.exit_code == 0
    assert answer.stderr.startswith("no basic trades of the host's old sync")


def test_a_person_is_asked_for_each(
    desk: Desk,
    person: Person,
    journal: JournalReader,
    at_terminal: Callable[..., Terminal],
) -> None:
    """What they do not want deleted is kept, and what has comments is not asked for."""
    desk.live(host_trade(1))
    first = person.create_trade("AAPL", notes=TRACKER)
    second = person.create_trade("MSFT", notes=ENTRY)
    talked = person.create_trade("NVDA", notes=TRACKER)
    person.comment("trades", talked, "Was that wise?")
    terminal = at_terminal("--remove-host-basics")
    terminal.answer(f"Delete journal trade {second} (MSFT)", "n\n")
    terminal.answer(f"Delete journal trade {first} (AAPL)", "y\n")

    assert terminal.end() == 0
    assert basics(journal) == {second, talked}
    assert f"Delete journal trade {talked}" not in terminal.text


def test_interrupt_while_asked_deletes_nothing_more(
    desk: Desk,
    person: Person,
    journal: JournalReader,
    at_terminal: Callable[..., Terminal],
) -> None:
    """Exit code 130."""
    desk.live(host_trade(1))
    first = person.create_trade("AAPL", notes=TRACKER)
    person.create_trade("MSFT", notes=ENTRY)
    terminal = at_terminal("--remove-host-basics")
    terminal.answer("(MSFT)", "y\n")
    terminal.read_until("(AAPL)")
    terminal.interrupt()

    assert terminal.end() == 130
    assert basics(journal) == {first}


def test_what_changed_since_it_was_listed_is_kept(
    desk: Desk, person: Person, journal: JournalReader
) -> None:
    """It is read again just before."""
    desk.live(host_trade(1))
    written = person.create_trade("AAPL", notes=TRACKER)
    filled = person.create_trade("AAPL", notes=TRACKER)
    gone = person.create_trade("AAPL", notes=TRACKER)
    assert len(desk.compare().host_basics) == 3
    person.write_notes(written, f"{TRACKER}\nToo early.")
    person.add_executions(filled, typed_in(host_trade(3))[1])
    person.delete_trade(gone)

    remove = desk.reconciler.remove_basic
    assert remove(written) == "its notes are not what the host wrote"
    assert remove(filled) == "it has executions"
    assert remove(gone) == ""
    assert basics(journal) == {written}

"""``sync``: progress to be seen, and an interrupt that says what stays queued."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.sandbox import Sandbox
from tests.cli.terminal import COMMAND, in_pipe, on_terminal
from tests.delivery.stepping import host_trade, id_of

Sync = Callable[..., list[object]]


@pytest.fixture
def config(section: dict[str, Any], tmp_path: Path) -> Path:
    """Return a host's config file."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"plugins": {"tradervue": section}}), encoding="utf-8")
    return path


@pytest.fixture
def sync(config: Path, tmp_path: Path) -> Sync:
    """Return the arguments that sync some trades."""

    def sync(*numbers: int, **changes: object) -> list[object]:
        file = tmp_path / "trades.jsonl"
        lines = [json.dumps(vars(host_trade(n, **changes))) for n in numbers]
        file.write_text("\n".join(lines), encoding="utf-8")
        return ["sync", file, "--config", config]

    return sync


def test_lines_in_a_pipe(sync: Sync) -> None:
    """Progress goes to stderr; what a script reads is the last line of stdout."""
    answer = in_pipe([*sync(1, 2), "--json"])

    assert answer.returncode == 0, answer.stderr
    lines = answer.stderr.splitlines()
    assert lines[0] == "0 of 2 trades are through"
    assert lines[-1] == "2 of 2 trades are through"
    assert json.loads(answer.stdout)["synced"] == 2
    assert "\x1b" not in answer.stderr + answer.stdout


def test_bar_on_a_terminal(sync: Sync) -> None:
    """And the table at the end."""
    with on_terminal(sync(1, 2)) as terminal:
        assert terminal.end() == 0
    assert "in the journal" in terminal.text
    assert "synced" in terminal.text


def test_second_sync_has_nothing_to_wait_for(sync: Sync) -> None:
    """All of it is there."""
    assert in_pipe(sync(1)).returncode == 0
    again = in_pipe([*sync(1), "--json"])

    assert again.returncode == 0
    assert json.loads(again.stdout)["unchanged"] == 1


def test_what_needs_a_person_is_code_1(sync: Sync) -> None:
    """It says where to look."""
    answer = in_pipe(sync(1, actual_entry_price=-1))

    assert answer.returncode == 1
    assert "1 trades need a person: see argo-tradervue status" in answer.stderr


def test_what_is_pending_at_the_end_is_code_1(sync: Sync, sandbox: Sandbox) -> None:
    """With what stands in the way."""
    sandbox.inject("server_error", status=503, times=None)
    answer = in_pipe([*sync(1), "--patience", "1"])

    assert answer.returncode == 1
    assert "not everything arrived: Tradervue failed at" in answer.stderr


def test_refused_login_is_code_1(sync: Sync, sandbox: Sandbox) -> None:
    """At once, and not after all the patience."""
    sandbox.inject("unauthorized", times=None)
    answer = in_pipe(sync(1))

    assert answer.returncode == 1
    assert "refused the user name and password" in answer.stderr


def test_what_waits_for_a_quota_is_no_fault(sync: Sync, sandbox: Sandbox) -> None:
    """The rule is named, and the exit code is 0."""
    sandbox.assume(plan="free", quota=0, account_tag_on_free="tag")
    answer = in_pipe([*sync(1), "--patience", "2"])

    assert answer.returncode == 0, answer.stderr
    assert "over the plan's quota, and are tried again at" in answer.stderr
    assert "not everything arrived" not in answer.stderr


def interrupted(text: str) -> None:
    """See that *text* says what a person has to know after Ctrl-C."""
    assert "interrupted: 2 trades stay queued" in text
    assert id_of(1) in text
    assert id_of(2) in text
    assert "quarantine discard" in text
    assert "Traceback" not in text


def test_interrupt_says_what_stays_queued(
    sync: Sync, sandbox: Sandbox, config: Path, section: dict[str, Any]
) -> None:
    """And that can be taken back, as it says: who forwards has not come to it."""
    outbox = outbox_of(Settings.from_mapping(section))
    other = outbox.claim("other", now=time.time(), ttl=100.0, is_gone=lambda _: False)
    assert other is not None
    with on_terminal(sync(1, 2)) as terminal:
        terminal.read_until("0/2")
        terminal.interrupt()
        assert terminal.end() == 130
    interrupted(terminal.text)
    outbox.release(other)
    outbox.close()

    command = ["quarantine", "discard", id_of(1), id_of(2), "--config", config, "--yes"]
    answer = in_pipe(command)
    assert answer.returncode == 0, answer.stderr
    assert in_pipe([*sync(1, 2), "--json"]).returncode == 0
    assert sandbox.stats.requests["POST /imports"] == 0


def test_interrupt_in_a_pipe_says_the_same(sync: Sync, sandbox: Sandbox) -> None:
    """A supervisor may send it."""
    sandbox.inject("server_error", status=503, times=None)
    process = subprocess.Popen(
        [*COMMAND, *map(str, sync(1, 2))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)

    assert first == "0 of 2 trades are through\n"
    assert process.returncode == 130
    interrupted(rest)

"""Real processes with logins of their own on one outbox: one status, from each."""

import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from argo_tradervue_plugin.sandbox import Sandbox, running
from tests.journeys.reader import JournalReader

ROOT = Path(__file__).parents[2]
LONGEST = 60.0  # seconds
# What only the process that is asked knows, and what passes while it is asked.
OWN = {"holds_lease", "oldest_pending_age", "processes", "kept_from_host"}


class Process:
    """A process of a host, with a login in its environment."""

    def __init__(self, section: dict[str, Any], log: Path, **login: str) -> None:
        self.log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.hosts.recorder", json.dumps(section)],
                cwd=ROOT,
                env={**os.environ, **login},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.pid = self._process.pid

    def ask(self, line: str) -> Any:
        """Return what it answers."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, self.log.read_text()
        return json.loads(answer)

    def health(self) -> dict[str, Any]:
        """Return its health."""
        health: dict[str, Any] = self.ask("health")
        return health

    def kill(self) -> None:
        """End it without a word."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def close(self) -> None:
        """Let it end."""
        if self._process.poll() is None:
            assert self._process.stdin
            self._process.stdin.close()
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


Start = Callable[..., Process]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A Tradervue that knows the one password."""
    with running(import_seconds=0, users={"argo": "right"}) as sandbox:
        yield sandbox


@pytest.fixture
def start(sandbox: Sandbox, tmp_path: Path) -> Iterator[Start]:
    """Start processes with a password, or without."""
    section = {
        "enabled": True,
        "username": "argo",
        "base_url": sandbox.url,
        "database": str(tmp_path / "outbox.db"),
        "aws_secrets": False,
        "flush_seconds": 0,
        "sync_timeout_seconds": 15,
    }
    started: list[Process] = []

    def start(password: str | None = None, **settings: object) -> Process:
        login = {} if password is None else {"TRADERVUE_PASSWORD": password}
        log = tmp_path / f"process-{len(started)}.log"
        started.append(Process(section | settings, log, **login))
        return started[-1]

    yield start
    for process in started:
        process.close()


def eventually(condition: Callable[[], object], what: str) -> None:
    """Wait until *condition* holds."""
    deadline = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def shared(health: dict[str, Any]) -> dict[str, Any]:
    """Return what every process has to say alike."""
    told = {key: value for key, value in health.items() if key not in OWN}
    told["forwarder"] = {k: v for k, v in told["forwarder"].items() if k != "seen_at"}
    return told


def test_four_processes_of_which_two_have_the_login_say_the_same(
    sandbox: Sandbox, start: Start
) -> None:
    """One without a password and one with a wrong one are there first."""
    wrong, without = start("wrong"), start()
    wrong.ask("enter WRONG")
    without.ask("enter NONE")
    eventually(lambda: wrong.health()["credentials_refused"], "it is refused")
    assert without.health()["forwarder"]["pid"] == wrong.pid
    said = without.health()
    assert said["cause"] == "login_refused"
    assert "check --again" in said["advice"]
    assert any("asked about again" in each for each in said["waits_for"])

    good = [start("right"), start("right")]
    for process, symbol in zip(good, ("GOOD", "FINE"), strict=True):
        process.ask("enter " + symbol)
    everybody = [wrong, without, *good]
    eventually(lambda: without.health()["counts"]["synced"] == 4, "all are synced")
    time.sleep(1.2)  # what goes on changing is written once a second

    told = [process.health() for process in everybody]
    assert [shared(each) for each in told] == [shared(told[0])] * 4
    forwarder = told[0]["forwarder"]
    assert forwarder["pid"] in {process.pid for process in good}
    assert [each["holds_lease"] for each in told] == [
        process.pid == forwarder["pid"] for process in everybody
    ]
    assert told[1]["account"] == {
        "base_url": sandbox.url,
        "login": "argo",
        "user_id": None,
    }
    assert told[1]["credentials"]["source"] == "settings and environment"
    assert told[1]["last_success_at"] is not None
    logins = {p["pid"]: p["login"] for p in told[1]["processes"]}
    assert logins == {
        wrong.pid: "refused",
        without.pid: "missing",
        **dict.fromkeys((process.pid for process in good), "usable"),
    }
    assert [p["forwards"] for p in told[0]["processes"]].count(True) == 1

    # Each answers for its own login, and keeps what the host's front end knows.
    status, body = without.ask("route status")
    assert (status, body["status"], body["enabled"]) == (200, "disabled", False)
    assert body["username"] == "argo"
    assert "no password" in body["reason"]
    for name in ("metrics", "sync", "profile_url", "widget_url", "reconciliation"):
        assert without.ask(f"route {name}") == [
            503,
            {"detail": "Tradervue integration not enabled"},
        ]
    assert [process.ask("client") for process in everybody] == [True, False, True, True]
    assert wrong.ask("route status")[1]["enabled"] is True
    requests = sandbox.stats.requests.total()
    status, body = wrong.ask("route metrics")
    assert (status, "has refused the login" in body["detail"]) == (502, True)
    assert sandbox.stats.requests.total() == requests
    with JournalReader(sandbox.url, password="right") as journal:
        symbols = {row["symbol"] for row in journal.trades()}
    assert symbols == {"WRONG", "NONE", "GOOD", "FINE"}

    # The forwarder is killed: the other good one goes on, and the dead is left out.
    dead = next(p for p in good if p.pid == forwarder["pid"])
    heir = next(p for p in good if p is not dead)
    dead.kill()
    without.ask("enter AGAIN")
    eventually(lambda: without.health()["counts"]["synced"] == 5, "the other forwards")
    assert without.health()["forwarder"]["pid"] == heir.pid
    pids = {p["pid"] for p in wrong.health()["processes"]}
    assert pids == {wrong.pid, without.pid, heir.pid}
    heir.ask("end")
    eventually(
        lambda: heir.pid not in {p["pid"] for p in without.health()["processes"]},
        "who ends is left out",
    )


def test_without_any_login_everything_is_recorded_and_nobody_forwards(
    sandbox: Sandbox, start: Start
) -> None:
    """The calls of the host's code answer at once, as when it is not enabled."""
    process = start()
    began = time.monotonic()
    assert process.ask("synced NONE") is None
    assert time.monotonic() - began < 10
    eventually(lambda: process.health()["counts"]["new"], "it is recorded")
    health = process.health()

    assert health["forwarder"] is None
    assert "no process forwards: none has a complete login" in health["remarks"]
    assert "tradervue.no_login" in process.log.read_text()
    assert sandbox.stats.requests.total() == 0


def test_a_host_that_records_nothing_is_named(start: Start) -> None:
    """Its tracker may never be called; that is for the operator to see."""
    process = start("right")
    eventually(lambda: process.health()["forwarder"], "it forwards")
    assert any("nothing was recorded" in each for each in process.health()["remarks"])
    process.ask("enter FIRST")
    eventually(lambda: process.health()["counts"]["synced"] == 1, "it is synced")
    health = process.health()
    assert not any("nothing was recorded" in each for each in health["remarks"])
    assert abs(health["last_event_at"] - time.time()) < LONGEST


def test_the_start_says_once_who_forwards_what_to_whom(
    sandbox: Sandbox, start: Start, tmp_path: Path
) -> None:
    """One line for each process, as soon as it is known."""
    first = start("right")
    eventually(lambda: first.health()["forwarder"], "it forwards")
    second = start("right")

    def has_started(process: Process) -> bool:
        return "tradervue.started" in process.log.read_text()

    for process in (first, second):
        eventually(partial(has_started, process), "it starts")
    lines = [
        [line for line in process.log.read_text().splitlines() if "started" in line]
        for process in (first, second)
    ]

    assert [len(each) for each in lines] == [1, 1]
    for fact in (
        "version=",
        "account=argo credentials=settings and environment",
        f"journal={sandbox.url}",
        f"outbox={tmp_path / 'outbox.db'}",
        "forwarder=this process",
        "account_tags=on",
    ):
        assert fact in lines[0][0]
    assert "forwarder=this process" not in lines[1][0]
    assert f"forwarder=process {first.pid} on {platform.node()}" in lines[1][0]

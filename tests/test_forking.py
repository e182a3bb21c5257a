"""A fork at a bad moment: nothing in the child waits for a thread that it has not."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from argo_tradervue_plugin.config.credentials import CredentialsFinder
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox import sqlite_connections
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.process import forking
from argo_tradervue_plugin.process.forking import Gate, Lock
from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.fakes import eventually, workers_alive
from tests.outbox.processes import ended_well, forks, in_a_fork, record

ROOT: Final = Path(__file__).parents[1]
LONGEST: Final = 100.0  # seconds, for an interpreter that hangs
HANGS: Final = 45  # seconds; a child that takes longer waits for ever
SCRIPT: Final = f"""
import importlib, json, os, signal, sys, threading, time
from types import SimpleNamespace

from argo_tradervue_plugin.plugin import plugin

name, section = sys.argv[1], json.loads(sys.argv[2])
importing = threading.Event()

class Slow:
    def find_spec(self, wanted, *_):
        if wanted == name and threading.current_thread().name.startswith("argo-"):
            importing.set()
            time.sleep(0.3)

sys.meta_path.insert(0, Slow())
plugin.on_host_startup(config={{"plugins": {{"tradervue": section}}}}, tracker=None)
plugin.on_trade_recorded(trade=SimpleNamespace(
    id="t1", symbol="AAPL", signal_type="long", entry_price=1.0, quantity=2,
    entry_timestamp="2026-01-05T15:00:00"))
assert importing.wait(60), f"the worker does not import {{name}}"
child = os.fork()
if not child:
    signal.alarm({HANGS})
    importlib.import_module(name)
    os._exit(0)
_, ended = os.waitpid(child, 0)
plugin.on_host_shutdown()
sys.exit(0 if ended == 0 else f"the child hung at {{name}}: {{ended}}")
"""


def test_lock_is_free_in_a_child() -> None:
    """Whoever holds it in the parent is not there."""
    lock = Lock()

    def take() -> None:
        signal.alarm(HANGS)
        with lock:
            pass

    with lock:
        assert ended_well(in_a_fork(take))


def test_child_finds_its_login_while_the_parent_asks_aws() -> None:
    """That may take seconds, and a host forks when it likes."""
    parent, children = os.getpid(), []

    def ask(_: object) -> dict[str, str]:
        if os.getpid() == parent:
            children.append(in_a_fork(find))
        return {"username": "trader", "password": "secret"}

    def find() -> None:
        signal.alarm(HANGS)
        assert finder.get().username == "trader"

    finder = CredentialsFinder(Settings(), environ={}, ask_aws=ask)
    finder.get()
    assert [ended_well(child) for child in children] == [True]


# What it costs the parent, and what becomes of the child -----------------------------


def seconds_of_a_fork(work: Callable[[], None]) -> float:
    """Fork; return how long that took in the parent, once the child has ended well."""
    begin = time.monotonic()
    child = in_a_fork(work)
    took = time.monotonic() - begin
    assert ended_well(child)
    return took


@contextmanager
def someone_inside(where: Gate, seconds: float = 5.0) -> Iterator[None]:
    """Have another thread inside for as long, or until the block ends."""
    is_inside, ends = threading.Event(), threading.Event()

    def stay() -> None:
        with where:
            is_inside.set()
            ends.wait(seconds)

    thread = threading.Thread(target=stay)
    thread.start()
    assert is_inside.wait(60)
    try:
        yield
    finally:
        ends.set()
        thread.join()


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process has it that has not waited for an import yet."""
    monkeypatch.setattr(forking.door, "patience", forking.FOR_IMPORTS)


@forks
def test_fork_waits_a_moment_for_a_call_and_the_child_only_records(
    tmp_path: Path,
) -> None:
    """Whatever hangs inside SQLite, libpq or OpenSSL."""
    outbox = Outbox(Sqlite(tmp_path / "outbox.db"), spool=Spool(tmp_path / "spool"))

    def work() -> None:
        signal.alarm(HANGS)
        assert forking.is_impaired()
        record(outbox, "t1")
        with pytest.raises(OutboxError, match="it only records"):
            outbox.inbox(1)

    with someone_inside(forking.gate):
        took = seconds_of_a_fork(work)
    assert took < 0.5, "a busy machine takes longer than the 20 ms, and not for ever"
    assert not forking.is_impaired()
    assert outbox.gather()
    assert [event.trade_id for event in outbox.inbox(9)] == ["t1"]
    outbox.close()


@forks
@pytest.mark.usefixtures("patience")
def test_fork_waits_for_a_call_that_ends_in_time() -> None:
    """The child may do everything."""

    def work() -> None:
        assert not forking.is_impaired()

    with someone_inside(forking.gate, 0.002):
        seconds_of_a_fork(work)


@forks
@pytest.mark.usefixtures("patience")
def test_fork_waits_a_second_for_an_import_once() -> None:
    """The next fork of the process waits for none."""

    def work() -> None:
        assert forking.is_impaired()

    with someone_inside(forking.importing):
        first = seconds_of_a_fork(work)
        second = seconds_of_a_fork(work)
    assert forking.FOR_IMPORTS <= first < forking.FOR_IMPORTS + 0.5
    assert second < 0.5


@forks
@pytest.mark.usefixtures("patience")
def test_import_that_ends_is_waited_for() -> None:
    """No child inherits its lock."""

    def work() -> None:
        assert not forking.is_impaired()

    with someone_inside(forking.importing, 0.1):
        seconds_of_a_fork(work)


@forks
def test_fork_inside_is_said_and_its_events_are_forwarded_by_the_parent(
    run_host: Callable[..., RunningHost],
    section: dict[str, Any],
    sandbox: Sandbox,
    tmp_path: Path,
) -> None:
    """The child's hooks record into the spool, and it has no worker."""
    host = run_host(section)
    host.enter("AAPL")
    assert host.integration.flush(60)
    said = tmp_path / "said"

    def work() -> None:
        signal.alarm(HANGS)
        handler = logging.FileHandler(said)
        logging.getLogger("argo_tradervue_plugin").addHandler(handler)
        host.enter("MSFT")
        host.enter("NVDA")
        assert workers_alive() == []
        assert "it only records" in str(host.integration.health()["outbox_problem"])
        assert not host.integration.flush(5)
        host.close()

    with someone_inside(forking.gate):
        seconds_of_a_fork(work)
    assert said.read_text().count("tradervue.forked_inside") == 1
    eventually(lambda: len(sandbox.account("argo").journal.trades) == 3)


@forks
def test_host_keeps_no_connection_between_two_calls(
    run_host: Callable[..., RunningHost], section: dict[str, Any]
) -> None:
    """So that a fork has none to close."""
    host = run_host(section)
    host.enter("AAPL")
    assert host.integration.flush(60)
    host.integration.health()
    host.integration.sync_recent_trades(1)
    host.integration.outbox.counts()

    assert getattr(host.integration.outbox.engine._local, "opened", None) is None


@forks
def test_child_closes_what_the_threads_of_its_parent_had_open(tmp_path: Path) -> None:
    """So that SQLite in it believes to hold no lock of the parent's."""
    outbox = Outbox(Sqlite(tmp_path / "outbox.db"))
    record(outbox, "t1")
    assert len(sqlite_connections.standing) == 1

    def work() -> None:
        assert sqlite_connections.standing == []
        record(outbox, "t2")
        assert len(sqlite_connections.standing) == 1

    seconds_of_a_fork(work)
    assert len(sqlite_connections.standing) == 1
    assert len(outbox.inbox(9)) == 2
    outbox.close()
    assert sqlite_connections.standing == []


# Each of these runs in an interpreter in which nothing has been imported yet.


@pytest.mark.parametrize("name", ["httpx", "h11", "encodings.idna", "certifi"])
def test_fork_waits_for_what_the_worker_imports(name: str, tmp_path: Path) -> None:
    """What the client needs is imported when there is something to send."""
    login = {"username": "argo", "password": "secret", "aws_secrets": False}
    assert_no_child_hangs(name, login, tmp_path)


@pytest.mark.parametrize("name", ["botocore", "encodings.idna"])
def test_fork_waits_for_aws(name: str, tmp_path: Path) -> None:
    """What asks Secrets Manager is imported then, too."""
    pytest.importorskip("boto3", reason="it is in the extra 'aws'")
    assert_no_child_hangs(name, {"aws_secrets": True}, tmp_path)


def assert_no_child_hangs(name: str, login: dict[str, Any], folder: Path) -> None:
    """Run the script, in which the worker imports *name* when the process forks."""
    section = {
        "enabled": True,
        "flush_seconds": 0,
        "base_url": "https://localhost:9/api",
        "database": str(folder / "outbox.db"),
        **login,
    }
    nowhere = {
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, name, json.dumps(section)],
        cwd=ROOT,
        env={**os.environ, **nowhere},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_child_imports_afresh_what_its_parent_had_half() -> None:
    """What another thread was importing is there, and nothing completes it."""
    half, whole = ModuleType("half"), ModuleType("whole")
    for module, is_half in ((half, True), (whole, False)):
        module.__spec__ = ModuleSpec(module.__name__, None)
        vars(module.__spec__)["_initializing"] = is_half
    names = {f"argo_tradervue_plugin.{m.__name__}": m for m in (half, whole)}
    sys.modules.update(names)
    try:
        forking.forget_half_imports()

        assert [name in sys.modules for name in names] == [False, True]
    finally:
        for name in names:
            sys.modules.pop(name, None)

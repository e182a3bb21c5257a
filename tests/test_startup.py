"""A host's start waits for nothing: no disk, no lock, no server, no pipe."""

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.plugin import TradervuePlugin
from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.delivery.stepping import entered, host_trade
from tests.fakes import eventually

# Seconds. What is waited for here lasts ten and more.
AT_ONCE: Final = 6.0
Run = Callable[..., RunningHost]


@contextmanager
def at_once() -> Iterator[None]:
    """See that the block does not wait for what hangs."""
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < AT_ONCE


@contextmanager
def silent_server() -> Iterator[int]:
    """Accept connections and never answer; return the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_start_waits_for_no_lock(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """A process that holds the file lets the host start, and its trades be recorded."""
    path = Path(section["database"])
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with at_once():
            host = run_host(section)
            host.leave(host.enter())
        assert len(host.integration.outbox.spool.waiting()) == 2
        other.execute("ROLLBACK")
    assert host.integration.flush(30)
    assert len(sandbox.account("argo").journal.trades) == 1


def test_start_waits_for_no_server(run_host: Run, section: dict[str, Any]) -> None:
    """A PostgreSQL that accepts and never answers costs the host nothing."""
    pytest.importorskip("psycopg", reason="PostgreSQL needs the extra 'postgres'")
    with silent_server() as port:
        url = f"postgresql://argo:secret@127.0.0.1:{port}/argo"
        with at_once():
            host = run_host(section | {"database": url, "flush_seconds": 0})
            host.enter()
        assert len(host.integration.outbox.spool.waiting()) == 1
        with at_once():
            host.close()


def test_start_waits_for_no_other_end_of_a_pipe(
    run_host: Run, section: dict[str, Any]
) -> None:
    """A pipe where the outbox should be is the worker's business."""
    os.mkfifo(section["database"])
    with at_once():
        host = run_host(section | {"flush_seconds": 0})
        host.enter()
    assert len(host.integration.outbox.spool.waiting()) == 1
    with at_once():
        host.close()


def test_start_waits_for_no_opening_at_all(
    run_host: Run, section: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that hangs, as one of a network: whoever opens waits, not the host."""
    hangs, openers = threading.Event(), []

    def hang(_: Sqlite) -> None:
        openers.append(threading.current_thread().name)
        hangs.wait()
        raise OutboxError("it was never there")

    monkeypatch.setattr(Sqlite, "make", hang)
    with at_once():
        host = run_host(section | {"flush_seconds": 0})
        host.enter()
    eventually(lambda: openers, "somebody opens it")
    with at_once():
        host.close()
    hangs.set()
    assert "MainThread" not in openers


def test_newer_outbox_leaves_the_recording_on(
    section: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """That it is newer is in the log once, and in the status; nothing is lost."""
    with closing(sqlite3.connect(section["database"])) as file:
        file.execute("PRAGMA user_version = 99")
    plugin = TradervuePlugin()
    plugin.on_host_startup({"plugins": {"tradervue": section}}, None)
    plugin.on_trade_recorded(entered(host_trade(1)))
    integration = plugin.integration
    assert integration is not None
    eventually(lambda: "tradervue.outbox_closed" in caplog.text, "it is said")
    health = integration.health()
    plugin.on_host_shutdown()

    assert "newer version" in str(health["outbox_problem"])
    assert caplog.text.count("tradervue.outbox_closed") == 1
    assert "newer version" in caplog.text
    assert len(integration.outbox.spool.waiting()) == 1  # type: ignore[union-attr]

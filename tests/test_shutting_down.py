"""A host's end: bounded whatever hangs, and whatever is recorded then is kept."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.delivery.stepping import entered, host_trade
from tests.fakes import eventually, room_for

Run = Callable[..., RunningHost]
SLOW_MACHINE: Final = 6.0  # seconds beside what is promised; what hangs takes ten


@contextmanager
def ends_within(flush_seconds: float) -> Iterator[None]:
    """See that the block takes no longer than a shutdown may."""
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < flush_seconds + 1 + SLOW_MACHINE


def test_shutdown_waits_for_no_lock(
    run_host: Run, section: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Another process holds the outbox for itself; a reader would wait ten seconds."""
    host = run_host(section | {"flush_seconds": 0.2})
    with closing(sqlite3.connect(section["database"], isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        eventually(lambda: taken(other), "it has the file")
        host.enter()
        with ends_within(0.2):
            host.close()
    assert caplog.text.count("tradervue.left_in_outbox") == 1


def taken(other: sqlite3.Connection) -> bool:
    """Take the whole file for one process, if that is possible now."""
    try:
        other.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        return False
    return True


def test_shutdown_waits_for_no_tracker(
    run_host: Run, section: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tracker is asked by the worker, and does not answer."""
    asked, answers = threading.Event(), threading.Event()

    def hang(**_: Any) -> list[Any]:
        asked.set()
        answers.wait()
        return []

    host = run_host(section | {"flush_seconds": 0.2})
    monkeypatch.setattr(host.tracker, "_get_recent_trades", hang)
    host.integration.worker.catch_up_again()
    host.integration.worker.wake()
    try:
        assert asked.wait(60)
        with ends_within(0.2):
            host.close()
    finally:
        answers.set()


def test_shutdown_waits_for_no_log(run_host: Run, section: dict[str, Any]) -> None:
    """A handler of the host that hangs has the worker, and then the last words."""
    reached, goes_on = threading.Event(), threading.Event()

    class Hanging(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "argo-tradervue" in str(record.threadName):
                reached.set()
                goes_on.wait()

    handler, log = Hanging(), logging.getLogger("argo_tradervue_plugin")
    host = run_host(section | {"flush_seconds": 0.2, "base_url": "http://127.0.0.1:9"})
    log.addHandler(handler)
    try:
        host.enter()
        assert reached.wait(60)
        with ends_within(0.2):
            host.close()
    finally:
        goes_on.set()
        log.removeHandler(handler)


def test_hook_during_and_after_the_shutdown_records(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """The next start in the same process sends it."""
    host = run_host(section)
    plugin = host.tradervue
    host.enter("AAPL")
    host.close()
    plugin.on_trade_recorded(entered(host_trade(1)))
    plugin.on_position_closed(host_trade(1))
    plugin.on_trade_corrected(host_trade(1))

    assert plugin.integration is None
    plugin.on_host_startup({"plugins": {"tradervue": section}}, None)
    assert plugin.integration is not None
    assert plugin.integration.flush(60)
    plugin.on_host_shutdown()
    assert len(sandbox.account("argo").journal.trades) == 2


def test_hook_while_the_host_ends_records(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """At whatever moment of the end it comes."""
    sandbox.import_seconds = None  # so that the end takes its time
    host = run_host(section | {"flush_seconds": 0.5})
    plugin, number = host.tradervue, 0
    host.enter()
    ends = threading.Thread(target=host.close)
    ends.start()
    while ends.is_alive():
        number += 1
        plugin.on_trade_recorded(entered(host_trade(number)))
        time.sleep(0.01)
    ends.join()

    sandbox.import_seconds = 0
    sandbox.advance(steps=2)
    again = run_host(section)
    assert number > 10
    assert again.integration.flush(30)
    assert again.integration.health()["counts"]["synced"] == number + 1


def test_what_cannot_be_recorded_after_the_end_is_an_error_with_its_count(
    run_host: Run, section: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """No silence, and no line for each of many."""
    host = run_host(section)
    plugin = host.tradervue
    host.close()
    with room_for(0):
        for number in range(1, 6):
            plugin.on_trade_recorded(entered(host_trade(number)))

    said = [
        record.getMessage()
        for record in caplog.records
        if "tradervue.lost_at_shutdown" in record.getMessage()
    ]
    assert [line.split()[1] for line in said] == ["events=1", "events=2", "events=4"]
    assert all("cannot be written" in line for line in said)


def test_plugin_that_is_switched_off_records_no_more(
    run_host: Run, section: dict[str, Any]
) -> None:
    """A later start that says so is what counts."""
    host = run_host(section)
    plugin, spool = host.tradervue, host.integration.outbox.spool
    host.close()
    plugin.on_host_startup({"plugins": {"tradervue": {"enabled": False}}}, None)
    plugin.on_trade_recorded(entered(host_trade(1)))
    assert spool.waiting() == []

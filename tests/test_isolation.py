"""
Whatever happens to us, the host gets its trade and the neighbour its call.

Each test breaks one thing and asserts the same three: the host's value, the
neighbour's call, and that the operator reads of it once; and that the event is kept
and arrives when the thing is whole again.
"""

import logging
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.outbox.records import Recorded, State
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.argo.running import RunningHost
from tests.argo.trade import Trade
from tests.fakes import Neighbour, eventually, room_for, workers_alive

Run = Callable[..., RunningHost]


@pytest.fixture
def neighbour() -> Neighbour:
    """A plugin of somebody else, registered before ours is asked."""
    return Neighbour()


def live_through_a_trade(host: RunningHost, neighbour: Neighbour) -> Trade:
    """Enter and close a position; check what host and neighbour have of it."""
    trade = host.enter()
    assert trade.outcome == "pending"
    assert host.tracker._get_trade(trade.id) is trade

    closed = host.leave(trade)
    assert closed is trade
    assert trade.outcome == "win"
    assert neighbour.entered == neighbour.left == [trade.id]
    return trade


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the names of the events that the operator was told, in order."""
    return [
        record.getMessage().split()[0].rstrip(":")
        for record in caplog.records
        if record.name == "argo_tradervue_plugin" and record.levelno >= logging.WARNING
    ]


def symbols(sandbox: Sandbox) -> list[str]:
    """Return the symbols of what stands in the journal, of closed trades."""
    journal = sandbox.account("argo").journal
    return [trade.symbol for trade in journal.trades.values() if len(trade.parts) == 2]


# Full disk --------------------------------------------------------------------------


def test_full_disk_stays_our_problem(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Events wait in memory, for hook and worker alike, until there is room again."""
    host = run_host(section, neighbour)
    eventually(lambda: host.integration.outbox.is_open, "it is open")
    with room_for(0):
        live_through_a_trade(host, neighbour)
        assert len(host.integration.held) == 2
        assert host.integration.health()["held_in_memory"] == 2
        eventually(lambda: host.integration.worker.health.failures, "the worker tries")
        assert told(caplog).count("tradervue.event_held") == 1

    assert host.integration.flush(60)
    assert symbols(sandbox) == ["AAPL"]
    assert set(told(caplog)) == {"tradervue.event_held", "tradervue.delayed"}
    assert host.integration.health()["lost"] == 0


def test_full_database_stays_our_problem(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What the database has no room for, the spool before it has, and keeps."""
    host = run_host(section, neighbour)
    eventually(lambda: host.integration.outbox.is_open, "it is open")
    log = Path(f"{section['database']}-wal")
    with room_for(log.stat().st_size):
        live_through_a_trade(host, neighbour)
        eventually(lambda: host.integration.worker.health.failures, "the worker tries")
        assert len(host.integration.held) == 0
        assert host.integration.health()["queue_depth"] == 2

    assert host.integration.flush(60)
    assert symbols(sandbox) == ["AAPL"]
    assert set(told(caplog)) == {"tradervue.delayed"}


def test_more_than_memory_may_hold_is_counted(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Beyond the bound it is said how many, and the host's own record has them."""
    host = run_host(section, neighbour)
    host.integration.held._most = 1
    with room_for(0):
        live_through_a_trade(host, neighbour)

    assert host.integration.health()["lost"] == 1
    eventually(lambda: "tradervue.event_lost lost=1" in caplog.text, "it is said")
    eventually(lambda: symbols(sandbox) == ["AAPL"], "the exit is there as well")


# Locked file ------------------------------------------------------------------------


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Hold the database's write lock, as a backup or a stuck process does."""
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


def test_locked_file_stays_our_problem(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The hook has no use for the lock; a busy database is no cause for alarm."""
    host = run_host(section, neighbour)
    eventually(lambda: host.integration.outbox.is_open, "it is open")
    with locked(section["database"]):
        live_through_a_trade(host, neighbour)
        assert len(host.integration.held) == 0
        assert host.integration.health()["queue_depth"] == 2

    assert host.integration.flush(60)
    assert symbols(sandbox) == ["AAPL"]
    assert told(caplog) == []


def test_order_of_events_survives_being_held(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox, neighbour: Neighbour
) -> None:
    """An entry that was held is written before the exit that was not."""
    host = run_host(section, neighbour)
    with room_for(0):
        trade = host.enter()
    host.leave(trade)

    assert host.integration.flush(60)
    assert symbols(sandbox) == ["AAPL"]


def test_event_on_its_way_out_of_memory_is_not_overlooked(
    section: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be written between two looks: then the flush is not over either."""
    settings = Settings.from_mapping(section | {"flush_seconds": 0})
    integration = TradervueIntegration(settings)
    event = Recorded("t1", EventKind.ENTRY, "identity", "{}", 1.0)
    integration.held.hold(event, OutboxError("full"))
    counts = integration.outbox.counts

    def counted_a_moment_too_early() -> Mapping[State, int]:
        before = counts()
        integration.held.write_into(integration.outbox)
        return before

    monkeypatch.setattr(integration.outbox, "counts", counted_a_moment_too_early)
    assert not integration.worker.is_idle()
    monkeypatch.undo()
    integration.close()


# Configuration and credentials -----------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"enabled": "yes"}, id="wrong-type"),
        pytest.param({"timeout": 5}, id="unknown-key"),
        pytest.param({"base_url": "http://tradervue.com"}, id="plain-http"),
    ],
)
def test_broken_config_stays_our_problem(
    run_host: Run,
    section: dict[str, Any],
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
    wrong: dict[str, Any],
) -> None:
    """The plugin is not enabled, and its status says why."""
    host = run_host({**section, **wrong}, neighbour)
    live_through_a_trade(host, neighbour)

    assert host.integration is None
    assert told(caplog) == ["tradervue.disabled"]
    assert host.tradervue.reason in caplog.text


@pytest.mark.parametrize(
    "file", ["", "SQLite format 3\x00" + "x" * 5000], ids=["empty", "broken"]
)
def test_file_that_is_no_outbox_stays_our_problem(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
    file: str,
) -> None:
    """An empty file becomes an outbox; a broken one waits for a person."""
    Path(section["database"]).write_text(file)
    host = run_host(section, neighbour)
    live_through_a_trade(host, neighbour)

    if file:
        eventually(lambda: told(caplog), "it is said")
        assert told(caplog)[0] == "tradervue.outbox_closed"
        assert len(host.integration.held) == 0
        assert section["database"] in caplog.text
        assert Path(section["database"]).read_text() == file
        assert not host.integration.flush(0.1)
        Path(section["database"]).unlink()
    assert host.integration.flush(60)
    assert symbols(sandbox) == ["AAPL"]


def test_missing_credentials_stay_our_problem(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Everything is kept; the operator is told once where was looked."""
    without = {k: v for k, v in section.items() if k not in {"username", "password"}}
    host = run_host(without | {"aws_secrets": False}, neighbour)
    live_through_a_trade(host, neighbour)
    eventually(lambda: told(caplog))
    host.enter("MSFT")

    assert not host.integration.flush(0.05)
    health = host.integration.health()
    assert health["queue_depth"] == 3
    assert health["credentials_refused"] is False
    assert "no password" in str(health["credentials"])
    assert told(caplog) == ["tradervue.no_login"]
    assert "no username and no password" in caplog.text
    host.close()

    monkeypatch.setenv("TRADERVUE_USERNAME", "argo")
    monkeypatch.setenv("TRADERVUE_PASSWORD", "sandbox")
    again = run_host(without | {"aws_secrets": False}, neighbour)
    assert again.integration.flush(60)
    assert symbols(sandbox) == ["AAPL"]


def test_refused_credentials_stay_our_problem(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A wrong password stops the sending, not the recording; told once."""
    sandbox.inject("unauthorized", times=None)
    host = run_host(section | {"flush_seconds": 0}, neighbour)
    live_through_a_trade(host, neighbour)
    eventually(lambda: host.integration.health()["credentials_refused"])
    host.enter("MSFT")

    assert host.integration.health()["queue_depth"] == 3
    assert told(caplog) == ["tradervue.paused"]
    assert section["password"] not in caplog.text


# Our own mistakes -------------------------------------------------------------------


@pytest.mark.swallows
@pytest.mark.parametrize(
    ("module", "where"),
    [
        pytest.param(
            "argo_tradervue_plugin.plugin", "load_plugins:tradervue", id="entry-point"
        ),
        pytest.param(
            "argo_tradervue_plugin.services.integration",
            "on_host_startup",
            id="the-rest",
        ),
    ],
)
def test_import_error_of_ours_stays_our_problem(
    run_host: Run,
    section: dict[str, Any],
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    where: str,
) -> None:
    """A broken installation costs the host a line in the log."""
    monkeypatch.setitem(sys.modules, module, None)
    host = run_host(section, neighbour)
    live_through_a_trade(host, neighbour)

    assert not host.integration
    assert told(caplog) == ["tradervue.internal_error"]
    assert f"where={where} count=1" in caplog.text


@pytest.mark.swallows
def test_mistake_in_a_hook_stays_our_problem(
    run_host: Run,
    section: dict[str, Any],
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What nobody foresaw is counted, and shown in the health."""
    host = run_host(section, neighbour)

    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(host.integration.outbox, "record", broken)
    live_through_a_trade(host, neighbour)

    assert told(caplog) == ["tradervue.internal_error"] * 2
    assert (
        "where=on_trade_recorded count=1 error=ZeroDivisionError: ours" in caplog.text
    )
    assert "where=on_position_closed count=1" in caplog.text
    assert host.integration.health()["kept_from_host"] == 2


@pytest.mark.swallows
def test_mistake_in_the_worker_stays_our_problem(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    neighbour: Neighbour,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The worker outlives it and goes on; nothing that was recorded is lost."""
    host = run_host(section, neighbour)
    worker = host.integration.worker
    whole, fails = worker.step, [True, True, True]

    def step(now: float) -> float:
        if fails:
            fails.pop()
            raise ZeroDivisionError("ours")
        return float(whole(now))

    monkeypatch.setattr(worker, "step", step)
    live_through_a_trade(host, neighbour)

    assert host.integration.flush(60)
    assert symbols(sandbox) == ["AAPL"]
    assert fails == []


@pytest.mark.swallows
def test_raising_neighbour_does_not_cost_us_the_event(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """Its errors are kept from the host too, and we were called before it."""
    broken = Neighbour(ValueError("theirs"))
    host = run_host(section, broken)
    live_through_a_trade(host, broken)

    assert host.integration.flush(60)
    assert symbols(sandbox) == ["AAPL"]
    host.close()
    assert host.integration is None


# A journal that is not there --------------------------------------------------------


def test_hung_api_stays_our_problem(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The host trades on while a request hangs; it is sent again when that is over."""
    sandbox.inject("hang", times=1)
    host = run_host(section | {"timeout_seconds": 1}, neighbour)
    live_through_a_trade(host, neighbour)
    eventually(lambda: sandbox.faults.applied.get("hang"), "a request hangs")
    host.enter("MSFT")
    assert host.integration.health()["queue_depth"] >= 1

    eventually(lambda: told(caplog), "it was given up")
    assert told(caplog) == ["tradervue.delayed"]
    assert host.integration.flush(60)
    assert symbols(sandbox) == ["AAPL"]
    assert len(sandbox.account("argo").journal.trades) == 2


def test_api_that_is_down_stays_our_problem(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Failures in a row are told at each doubling, and the recovery is."""
    caplog.set_level(logging.INFO, logger="argo_tradervue_plugin")
    sandbox.inject("server_error", times=None)
    host = run_host(section, neighbour)
    live_through_a_trade(host, neighbour)
    eventually(lambda: host.integration.worker.health.failures >= 3, "it tries again")
    sandbox.clear_faults()

    assert host.integration.flush(60)
    assert symbols(sandbox) == ["AAPL"]
    failures = [r for r in caplog.records if "tradervue.delayed" in r.getMessage()]
    assert len(failures) < host_failures(caplog)
    assert caplog.text.count("tradervue.recovered") == 1


def host_failures(caplog: pytest.LogCaptureFixture) -> int:
    """Return how many failures in a row the line of the recovery counts."""
    (line,) = [r for r in caplog.records if "tradervue.recovered" in r.getMessage()]
    return int(line.getMessage().split("after=")[1].split()[0]) + 1


def test_nobody_at_the_address_stays_our_problem(
    run_host: Run,
    section: dict[str, Any],
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A refused connection is a delay, and everything is kept."""
    url = "http://127.0.0.1:1/api/v1"
    host = run_host(section | {"base_url": url, "flush_seconds": 0}, neighbour)
    live_through_a_trade(host, neighbour)
    eventually(lambda: told(caplog), "it was refused")

    assert host.integration.health()["queue_depth"] == 2
    assert set(told(caplog)) == {"tradervue.delayed"}


def test_folder_that_was_deleted_stays_our_problem(
    run_host: Run,
    section: dict[str, Any],
    tmp_path: Path,
    neighbour: Neighbour,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Somebody who deletes the outbox under the host does not stop its trading."""
    folder = tmp_path / "state"
    database = str(folder / "outbox.db")
    host = run_host(section | {"database": database, "flush_seconds": 0}, neighbour)
    assert host.integration.flush(60)
    shutil.rmtree(folder)

    live_through_a_trade(host, neighbour)
    host.close()
    assert workers_alive() == []
    assert told(caplog)[-1] == "tradervue.left_in_outbox"

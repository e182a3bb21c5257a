"""An outbox on a server, and the file before it: no hook ever waits for the server."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from argo_tradervue_plugin.databases import spool_of
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.journal.executions import Kind
from argo_tradervue_plugin.outbox.interface import Outbox, State
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.spooled import SpooledOutbox, alone
from argo_tradervue_plugin.outbox.sqlite import SqliteOutbox
from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.fakes import eventually
from tests.journeys.reader import JournalReader, differences
from tests.outbox.server import Server, running

NOW = 1_800_000_000.0
NOBODY = "postgresql://argo:secret@127.0.0.1:1/nothing"
NEW = dict.fromkeys(Kind, State.NEW)


@pytest.fixture
def url(postgres_server: Server) -> Iterator[str]:
    """An empty database of the tests' own server."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """The file of this machine."""
    return tmp_path / "spool.db"


@pytest.fixture
def outbox(url: str, spool: Path) -> Iterator[Outbox]:
    """The outbox as a process of a host opens it."""
    made = open_outbox(url, spool=spool)
    yield made
    made.close()


def record(outbox: Outbox, trade_id: str = "t1", kind: Kind = Kind.ENTRY) -> None:
    """Record an event as a hook does."""
    outbox.record(trade_id, kind, "hash", '{"price": 1}', NOW)


def test_event_waits_in_the_file_until_it_is_gathered(
    outbox: SpooledOutbox, url: str
) -> None:
    """Nobody overlooks it on the way, and on the server it is for every machine."""
    elsewhere = open_outbox(url)
    record(outbox)
    assert elsewhere.inbox(10) == []
    assert outbox.counts()[State.NEW] == 1
    assert outbox.states_of(["t1", "t2"]) == {"t1": {Kind.ENTRY: State.NEW}}
    assert outbox.oldest_pending_at() == NOW

    assert outbox.gather()
    assert not outbox.gather()
    [event] = elsewhere.inbox(10)
    assert (event.trade_id, event.payload, event.recorded_at) == (
        "t1",
        '{"price": 1}',
        NOW,
    )
    assert outbox.counts()[State.NEW] == 1
    assert outbox.oldest_pending_at() == NOW
    assert outbox.spool.inbox(10) == []
    elsewhere.close()


def test_entry_that_moved_and_exit_that_did_not_are_both_seen(
    outbox: SpooledOutbox,
) -> None:
    """The two halves of a trade may be in two places."""
    record(outbox)
    outbox.gather()
    record(outbox, kind=Kind.EXIT)

    assert outbox.states_of(["t1"]) == {"t1": NEW}
    assert outbox.counts()[State.NEW] == 2


def test_what_a_killed_process_left_the_next_one_gathers(url: str, spool: Path) -> None:
    """The file is the machine's, not the process's."""
    first = open_outbox(url, spool=spool)
    record(first)
    first.close()
    second = open_outbox(url, spool=spool)

    assert second.gather()
    assert len(second.inbox(10)) == 1
    second.close()


def test_one_process_at_a_time_moves_what_is_there(
    outbox: SpooledOutbox, url: str, spool: Path
) -> None:
    """Of two that moved the same events one could put an old one behind a new one."""
    other = SpooledOutbox(url, SqliteOutbox(spool))
    record(outbox)
    with alone(spool.with_suffix(".moving")) as is_alone:
        assert is_alone
        assert not other.gather()
    assert outbox.spool.inbox(10) != []

    assert other.gather()
    assert outbox.spool.inbox(10) == []
    other.close()


def test_disk_that_takes_no_file_keeps_nobody_from_moving(
    outbox: SpooledOutbox, spool: Path
) -> None:
    """The lock is a file too, and matters less than what waits."""
    spool.with_suffix(".moving").mkdir()
    record(outbox)

    assert outbox.gather()
    assert len(outbox.inbox(10)) == 1


def test_hook_records_while_nobody_is_at_the_address(spool: Path) -> None:
    """The file is enough; that the server is missing is the worker's to know."""
    outbox = open_outbox(NOBODY, spool=spool, is_lazy=True)
    with pytest.raises(OutboxError, match="cannot be opened"):
        outbox.open()
    record(outbox)

    with pytest.raises(OutboxError, match="cannot be opened") as raised:
        outbox.gather()
    assert "secret" not in str(raised.value)
    with pytest.raises(OutboxError):
        outbox.counts()
    assert len(outbox.spool.inbox(10)) == 1
    outbox.close()


def test_worker_writes_to_the_server_when_the_file_fails(url: str, spool: Path) -> None:
    """A hook's event then waits in memory, and not for the disk."""
    spool.mkdir()
    outbox = open_outbox(url, spool=spool)
    with pytest.raises(OutboxError, match="could not be opened"):
        record(outbox)
    outbox.record("t1", Kind.ENTRY, "hash", "{}", NOW, patience=2.0)
    assert not outbox.gather()
    assert len(outbox.inbox(10)) == 1

    spool.rmdir()
    outbox.gather()
    record(outbox, "t2")
    assert outbox.gather()
    assert len(outbox.inbox(10)) == 2
    outbox.close()


def test_address_of_the_file_outlives_a_new_password() -> None:
    """Otherwise what waits in it would be forgotten."""
    folder = {"XDG_STATE_HOME": "/state"}
    file = spool_of("postgresql://argo:old@db/argo", folder)

    assert file == spool_of("postgresql://argo:new@db/argo", folder)
    assert file != spool_of("postgresql://argo:new@db/other", folder)
    assert file.startswith("/state/argo-tradervue/spool-")


def test_host_outlives_a_server_that_is_restarted(
    sandbox: Sandbox, section: dict[str, Any]
) -> None:
    """Before its start, in the middle of everything, and with a crash: all arrives."""
    trades = []
    with running() as server, JournalReader(sandbox.url) as journal:
        url = server.url()
        server.stop()
        with RunningHost({"plugins": {"tradervue": section | {"database": url}}}) as it:

            def live(symbol: str) -> None:
                """Enter and leave one position."""
                trades.append(it.leave(it.enter(symbol), commission=1.0))

            live("EARLY")
            server.start()
            eventually(lambda: len(journal.trades()) == 1)
            for how in (signal.SIGINT, signal.SIGQUIT):
                for number in range(10):
                    live(f"{how.name}{number}")
                server.stop(how)
                live(f"AFTER{how.name}")
                server.start()
            eventually(lambda: is_done(it), "everything is verified")
            told = [vars(trade) for trade in trades]
            assert differences(journal, told) == []
        with psycopg.connect(url) as reader:
            rows = reader.execute(
                "SELECT state, count(*) FROM argo_tradervue.executions GROUP BY 1"
            ).fetchall()
        assert rows == [("synced", 2 * len(trades))]


def is_done(host: RunningHost) -> bool:
    """Tell whether nothing is pending; a server that is away cannot say so."""
    try:
        return bool(host.integration.worker.is_idle())
    except OutboxError:
        time.sleep(0.1)
        return False

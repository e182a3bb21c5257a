"""A host whose outbox is deleted, or restored from an old copy: nothing twice."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.outbox.sqlite_files import copy
from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.argo.trade import Trade
from tests.fakes import eventually
from tests.journeys.reader import JournalReader
from tests.outbox.server import Server

Run = Callable[..., RunningHost]

FLUSH: Final = 60.0


@pytest.fixture
def journal(sandbox: Sandbox) -> Iterator[JournalReader]:
    """What is in the journal, read by somebody else."""
    with JournalReader(sandbox.url) as reader:
        yield reader


def sent(journal: JournalReader) -> list[tuple[str, int]]:
    """Return each execution in the journal: its symbol and quantity."""
    return sorted((one[0], int(one[2])) for one in journal.all_executions())


def flushed(host: RunningHost) -> None:
    """Wait until everything is in the journal."""
    assert host.integration.flush(FLUSH), host.integration.health()


def copied(path: Path) -> Path:
    """Copy the outbox at *path*; the process that holds its lease is gone later."""
    old = path.with_name("old.db")
    copy(path, old)
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute("UPDATE lease SET expires_at = 0")
    return old


def play(host: RunningHost, symbol: str, **changes: Any) -> Trade:
    """Let the host enter and leave a position."""
    trade = host.enter(symbol, **changes)
    host.leave(trade)
    return trade


@pytest.mark.parametrize("how", ["deleted", "emptied"])
def test_outbox_that_is_lost_under_a_running_host_is_made_again(
    how: str,
    run_host: Run,
    section: dict[str, Any],
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is said, what is in the journal is linked, and an open position is closed."""
    host = run_host(section)
    play(host, "DONE")
    held = host.enter("OPEN")
    flushed(host)

    path = Path(section["database"])
    if how == "deleted":
        path.unlink()
    else:
        path.write_bytes(b"")
    eventually(lambda: "tradervue.put_back_linked" in caplog.text)
    assert "tradervue.outbox_replaced" in caplog.text
    host.leave(held)
    play(host, "LATER")
    flushed(host)

    assert sent(journal) == sorted(
        (symbol, sign * 50) for symbol in ("DONE", "OPEN", "LATER") for sign in (1, -1)
    )
    assert len(journal.trades()) == 3
    counts = host.integration.outbox.counts()
    assert {s: n for s, n in counts.items() if n} == {State.SYNCED: 6}


def test_outbox_of_an_old_copy_gets_what_it_lacks_and_sends_nothing_twice(
    run_host: Run,
    section: dict[str, Any],
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Also equal executions, and positions that were open when it was copied."""
    path = Path(section["database"])
    host = run_host(section)
    play(host, "DONE")
    held = host.enter("OPEN")
    flushed(host)
    old = copied(path)
    host.leave(held)
    play(host, "LATER")
    play(host, "LATER")
    twins = [host.enter("TWIN"), host.enter("TWIN")]
    flushed(host)
    before = sent(journal)
    host.close()

    old.rename(path)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    again = run_host(section)
    eventually(lambda: "tradervue.put_back_linked" in caplog.text)
    again.tracker._trades = host.tracker._trades
    flushed(again)
    assert sent(journal) == before
    time.sleep(1.1)  # what was filled in a later second cannot have been sent before
    for trade in twins:
        assert again.leave(trade) is not None
    flushed(again)
    assert sent(journal) == sorted([*before, ("TWIN", -50), ("TWIN", -50)])
    assert not again.integration.outbox.counts()[State.QUARANTINED]


def test_what_an_old_copy_takes_for_unsent_is_looked_for_first(
    run_host: Run, section: dict[str, Any], journal: JournalReader, sandbox: Sandbox
) -> None:
    """It was recorded when the copy was made, and sent later."""
    path = Path(section["database"])
    host = run_host(section)
    play(host, "DONE")
    flushed(host)
    sandbox.inject("server_error", times=None)
    waiting = [play(host, "TWIN"), play(host, "TWIN"), host.enter("OPEN")]
    outbox = host.integration.outbox
    eventually(lambda: outbox.counts()[State.RECORDED] >= 5)
    old = copied(path)
    sandbox.clear_faults()
    flushed(host)
    play(host, "NEXT")
    flushed(host)
    before = sent(journal)
    assert len(before) == 2 * 3 + 1 + 2
    host.close()

    old.rename(path)
    again = run_host(section)
    flushed(again)
    assert sent(journal) == before
    again.tracker._trades = host.tracker._trades
    again.leave(waiting[-1])
    flushed(again)
    assert len(sent(journal)) == len(before) + 1


def test_old_copy_is_noticed_where_only_an_import_came_after_it(
    run_host: Run,
    section: dict[str, Any],
    journal: JournalReader,
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """
    Nothing was drained since, so that the kept files do not tell.

    Tradervue does not refuse as a duplicate what a person has corrected since.
    """
    path = Path(section["database"])
    host = run_host(section)
    play(host, "DONE")
    flushed(host)
    sandbox.inject("server_error", times=None)
    outbox = host.integration.outbox
    play(host, "SENT")
    eventually(lambda: outbox.counts()[State.SENT] > 0)
    play(host, "LAST")
    eventually(lambda: outbox.counts()[State.RECORDED] >= 2)
    old = copied(path)
    sandbox.clear_faults()
    flushed(host)
    [last] = [trade for trade in journal.trades() if trade["symbol"] == "LAST"]
    person = sandbox.person("argo")
    for execution in journal.executions(last["id"]):
        person.edit_execution(last["id"], execution["id"], price=77)
    before = sent(journal)
    assert len(before) == 6
    host.close()

    old.rename(path)
    again = run_host(section)
    flushed(again)
    assert "tradervue.put_back_linked" in caplog.text
    assert sent(journal) == before

    again.close()
    caplog.clear()
    flushed(run_host(section))
    assert "put_back" not in caplog.text


def test_schema_that_is_dropped_under_a_running_host_is_made_again(
    run_host: Run,
    section: dict[str, Any],
    journal: JournalReader,
    postgres_server: Server,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """On a server as in a file."""
    with postgres_server.database() as url:
        host = run_host(section | {"database": url})
        play(host, "DONE")
        held = host.enter("OPEN")
        flushed(host)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA argo_tradervue CASCADE")
        eventually(lambda: "tradervue.put_back_linked" in caplog.text)
        assert "tradervue.outbox_replaced" in caplog.text
        host.leave(held)
        flushed(host)

        assert sent(journal) == [
            ("DONE", -50),
            ("DONE", 50),
            ("OPEN", -50),
            ("OPEN", 50),
        ]
        assert len(journal.trades()) == 2
        host.close()

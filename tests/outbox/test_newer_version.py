"""An outbox that is of another version than the process that has it open."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from argo_tradervue_plugin.config.databases import is_url
from argo_tradervue_plugin.errors import OutboxError, OutboxTooNew
from argo_tradervue_plugin.outbox import postgres, sqlite
from argo_tradervue_plugin.outbox.migrations import POSTGRES, SQLITE
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.spools import Spools
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.stepping import Forwarder, host_trade
from tests.outbox.desk import ENTRY, NOW, Desk, execution

NEWER = len(SQLITE) + 1
SAID = rf"newer version of this plugin \(schema {NEWER}, this one knows {NEWER - 1}\)"


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Where hooks write."""
    return Spool(tmp_path / "spool")


@pytest.fixture
def outbox(database: str, spool: Spool) -> Iterator[Outbox]:
    """An outbox as a host has it open, on each engine."""
    made = open_outbox(database, spool=Spools(spool))
    yield made
    made.close()


def change(database: str, *statements: str) -> None:
    """Change the database, as another version of the plugin does."""
    if is_url(database):
        with psycopg.connect(database) as there:
            there.execute("SET LOCAL search_path = argo_tradervue")
            for statement in statements:
                there.execute(statement.encode())
        return
    with closing(sqlite3.connect(database)) as file:
        for statement in statements:
            file.execute(statement)
        file.commit()


def become(database: str, version: int, *statements: str) -> None:
    """Bring the outbox at *database* to *version*, with other *statements*."""
    noted = "PRAGMA user_version = {}"
    if is_url(database):
        noted = "UPDATE schema_version SET version = {}"
    change(database, noted.format(version), *statements)


def steps(outbox: Outbox) -> list[str]:
    """Return what became of the trade so far."""
    return [step.state for step in outbox.history("t")]


def test_older_process_writes_nothing_into_a_newer_outbox(
    outbox: Outbox, database: str
) -> None:
    """What it would write may mean something else there by now."""
    desk = Desk(outbox)
    desk.enlist(execution("t"))
    desk.record("u")
    become(database, NEWER)
    calls: list[Any] = [
        lambda: desk.move(State.SENT, ("t", ENTRY)),
        outbox.gather,
        lambda: outbox.renew(desk.lease, now=NOW, ttl=60),
        lambda: outbox.claim("x", now=NOW + 99, ttl=60, is_gone=lambda _: True),
    ]
    for call in calls:
        with pytest.raises(OutboxTooNew, match=SAID):
            call()

    become(database, NEWER - 1)
    assert steps(outbox) == ["recorded"]
    assert outbox.lease_holder() == "here"
    assert outbox.inbox(10) == []
    assert outbox.gather()
    assert [event.trade_id for event in outbox.inbox(10)] == ["u"]


def test_what_is_missing_in_a_newer_outbox_is_its_version(
    outbox: Outbox, database: str
) -> None:
    """An operator has no use for the name of a column."""
    Desk(outbox).enlist(execution("t"))
    become(database, NEWER, "ALTER TABLE history RENAME COLUMN detail TO details")
    with pytest.raises(OutboxTooNew, match=SAID):
        outbox.history("t")


def test_older_one_that_was_put_back_is_opened_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a server does that fails over to a copy from before an update."""
    for engine, scripts in ((postgres, POSTGRES), (sqlite, SQLITE)):
        name = engine.__name__.rpartition(".")[2].upper()
        longer = (*scripts, "CREATE TABLE later (a INTEGER);")
        monkeypatch.setattr(engine, name, longer)
    outbox = open_outbox(database)
    desk = Desk(outbox)
    desk.enlist(execution("t"))
    become(database, NEWER - 1, "DROP TABLE later")
    with pytest.raises(OutboxError, match="older"):
        desk.move(State.SENT, ("t", ENTRY))
    desk.move(State.SENT, ("t", ENTRY))

    assert steps(outbox) == ["recorded", "sent"]
    assert outbox.engine.stored_version() == NEWER
    outbox.close()


def test_worker_of_a_newer_outbox_records_and_says_why_it_forwards_nothing(
    outbox: Outbox,
    database: str,
    spool: Spool,
    sandbox: Sandbox,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Until its host is restarted with the newer version, which forwards it all."""
    caplog.set_level(logging.DEBUG)
    forwarder = Forwarder(sandbox, tmp_path, outbox=outbox)
    first, second = host_trade(1), host_trade(2)
    forwarder.enter(first)
    assert forwarder.run()
    become(database, NEWER, "ALTER TABLE executions RENAME COLUMN part TO piece")
    forwarder.enter(second)
    for _ in range(5):
        assert forwarder.worker.turn() > 0

    assert len(spool.waiting()) == 1
    assert f"(schema {NEWER}, this one knows" in str(forwarder.worker.health.last_error)
    assert "newer version of this plugin" in caplog.text
    assert "Traceback" not in caplog.text
    assert "no such column" not in caplog.text
    become(database, NEWER - 1, "ALTER TABLE executions RENAME COLUMN piece TO part")
    assert forwarder.run(seconds=100)
    assert forwarder.states(second) == {"entry": "synced"}
    forwarder.close()

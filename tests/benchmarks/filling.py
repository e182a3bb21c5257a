"""
An outbox with a long past: finished rows, copied by the million from real ones.

A real drain leaves a few hundred rows in each table; they are copied again and again,
each time as other trades of an earlier time in other journal trades. What the columns
are is asked of the file: only those that tell rows and times apart are changed.
"""
# ruff: noqa: S608 (what is put together are names that the file itself told)

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from tests.benchmarks.hosts import Host
from tests.benchmarks.servers import Journal
from tests.benchmarks.trades import events, made

__all__ = ["age", "fill", "template"]

TIMES: Final = ("executed_at", "entry_at", "exit_at", "recorded_at")
# What becomes of a column in the copy of number n.
CHANGED: Final = {
    "trade_id": "{column} || '-' || n",
    "host_id": "{column} || '-' || n",
    # What a host has recorded names its trade, too.
    "facts": "json_set({column}, '$.trade_id', trade_id || '-' || n, "
    "'$.host_id', host_id || '-' || n)",
    # Far from every number that a sandbox gives, and none twice.
    "journal_id": "{column} + 1000000000 * (n + 1)",
    "basic_id": "{column} + 1000000000 * (n + 1)",
    "import_id": "{column} + 1000000 * (n + 1)",
    **dict.fromkeys(
        ("executed_at", "entry_at", "exit_at"),
        "{column} - CAST(:days * 86400 + :step * n AS INTEGER)",
    ),
    **dict.fromkeys(
        ("recorded_at", "updated_at", "at", "noted_at", "finished_at"),
        "{column} - :days * 86400 - :step * n",
    ),
}
SERIAL: Final = "seq"  # a number that the copies get by themselves


def template(journal: Journal, path: Path, number: int = 50) -> Path:
    """Make an outbox at *path* in which *number* trades are finished; return *path*."""
    trades = made(number, seed=77)
    with Host(journal.url, path, f"template-{path.stem}") as host:
        host.burst(events(trades))
        host.drained_at(trade.id for trade in trades)
    return path


def fill(
    source: Path, target: Path, rows: int, *, days: float = 60, years: float = 15
) -> None:
    """
    Make an outbox at *target* with at least *rows* finished executions.

    They are those of *source*, moved *days* into the past, where the copies spread
    over so many *years*.
    """
    Outbox(Sqlite(target)).close()
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")  # who fills can begin again
        connection.execute("ATTACH ? AS source", (str(source),))
        standing = connection.execute(
            "SELECT count(*) FROM source.executions"
        ).fetchone()[0]
        copies = -(-rows // standing)
        step = years * 365 * 86400 / copies
        connection.execute("BEGIN")
        # The copies come with their history, and need no second one.
        [trigger] = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'row_made'"
        ).fetchone()
        connection.execute("DROP TRIGGER row_made")
        told = {"copies": copies, "days": days, "step": step}
        for table in tables(connection):
            copy(connection, table, told)
        connection.execute(
            "INSERT OR REPLACE INTO counts SELECT state, number * ?, last_at "
            "FROM source.counts",
            (copies,),
        )
        connection.execute(trigger)
        connection.execute("COMMIT")
        connection.execute("DETACH source")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def age(path: Path, days: float) -> None:
    """Move what happened in the last *days* days so many days into the past."""
    seconds = int(days * 86400)
    with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
        for table in tables(connection):
            for column in set(TIMES).intersection(columns_of(connection, table)):
                connection.execute(
                    f"UPDATE {table} SET {column} = {column} - :seconds "
                    f"WHERE {column} > :now - :seconds",
                    {"now": int(time.time()), "seconds": seconds},
                )


def tables(connection: sqlite3.Connection) -> list[str]:
    """Return the tables that grow with the trades: those that name one, and imports."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    names = [name for (name,) in rows]
    return [
        name
        for name in names
        if name == "imports" or "trade_id" in columns_of(connection, name)
    ]


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the names of the columns of *table*."""
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def copy(connection: sqlite3.Connection, table: str, told: dict[str, float]) -> None:
    """Copy what *table* has in the source as often as *told*."""
    columns = columns_of(connection, table)
    order = f"n, {SERIAL}" if SERIAL in columns else "n"
    columns = [column for column in columns if column != SERIAL]
    values = [value_of(table, column) for column in columns]
    connection.execute(
        "WITH RECURSIVE numbers(n) AS "
        "(SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :copies) "
        f"INSERT INTO main.{table} ({', '.join(columns)}) "
        f"SELECT {', '.join(values)} FROM numbers, source.{table} ORDER BY {order}",
        told,
    )


def value_of(table: str, column: str) -> str:
    """Return the SQL of what a copy has in *column*."""
    as_it_is = "{column}"
    change = CHANGED.get(column, as_it_is)
    if table == "imports" and column == "id":
        change = CHANGED["import_id"]
    return change.format(column=column)

"""
A backup of an outbox: one file with everything in it, whatever the engine.

The file is an outbox of its own, in SQLite and of this version's schema, with what
waited in the spools in its inbox, and a table that says when it was made of what. It is
restored row by row through the engine of the other one: never under an open connection.
"""

import os
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import attrs

from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.kept import PUT_BACK, putting_back
from argo_tradervue_plugin.outbox.records import Lease
from argo_tradervue_plugin.outbox.rows import Connection
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = ["LEFT_OUT", "TABLES", "Backup", "Unusable", "back_up", "opened", "restore"]

# In this order: executions count and note themselves as they come in, which what is
# read of counts and history then replaces.
TABLES: Final = (
    "executions",
    "inbox",
    "trades",
    "imports",
    "overlays",
    "records",
    "outcomes",
    "resends",
    "notices",
    "acceptances",
    "conditions",
    "account",
    "refusals",
    "results",
    "drained",
    "counts",
    "history",
)
# Of processes that run now, or of the engine.
LEFT_OUT: Final = frozenset({"lease", "processes", "schema_version"})
ABOUT: Final = "CREATE TABLE IF NOT EXISTS backup (made_at REAL NOT NULL) STRICT"
ROWS: Final = 1000  # at once in memory
BOOLEAN: Final = 16  # the number of the type, as PostgreSQL has it


COPY: Final = ".argo-tradervue-"
HEX: Final = 32  # digits of the name of a copy
STALE: Final = 3600.0  # seconds without a write: who made it was killed


class Unusable(OutboxError):
    """The file is no backup that this version can read."""


@attrs.frozen(kw_only=True)
class Backup:
    """
    A backup as it is restored: *outbox* is a copy, of this version's schema.

    *made_at* is a Unix time; None for the copy of a file that somebody else has made.
    """

    outbox: Outbox
    account: Account | None
    made_at: float | None
    trades: int


def back_up(
    outbox: Outbox,
    path: Path,
    *,
    now: float,
    replaces: bool = False,
    copied_rows: Callable[[int], None] | None = None,
) -> int:
    """
    Write a backup of *outbox*, spools included, to *path*; return how many trades.

    Only the owner may read it. It is there whole or not at all. *now* is a Unix time,
    *copied_rows* hears from time to time how many rows are done.

    Raises:
        FileExistsError: something is at *path*, and it *replaces* nothing.
        Unusable: what is there is none that may be replaced.
        OutboxError: the outbox cannot be read, or the file not be written.
    """
    if path.exists():
        if not replaces:
            raise FileExistsError(path)
        see_replaceable(path, outbox)
    clear_leftovers(path.parent, f".{path.name}.{'[0-9a-f]' * HEX}*")
    made = path.with_name(f".{path.name}.{uuid4().hex}")
    # First: what moves meanwhile is then in there twice, which is one event.
    waiting = [] if outbox.spool is None else outbox.spool.waiting()
    try:
        with closing(Outbox(Sqlite(made))) as copied:
            with outbox.engine.snapshot() as source, copied.engine.begin() as target:
                fill(source, target, copied, copied_rows)
            copied.take_over(waiting)
            connection = copied.engine.connection()
            connection.execute(ABOUT)
            connection.execute("DELETE FROM backup")
            connection.execute("INSERT INTO backup VALUES (?)", (now,))
            trades = sum(copied.trade_counts().values())
            connection.execute("PRAGMA journal_mode = DELETE")  # one file
        with made.open("rb") as file:
            os.fsync(file.fileno())
        if replaces:
            made.replace(path)
        else:
            os.link(made, path)
    except FileExistsError:
        raise
    except (OSError, sqlite3.Error) as error:
        raise OutboxError(f"{path} cannot be written: {error}") from error
    finally:
        for ending in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                Path(f"{made}{ending}").unlink()
    return trades


def see_replaceable(path: Path, outbox: Outbox) -> None:
    """
    Take care that *path* is an earlier backup, and neither *outbox* nor its spool.

    Raises:
        Unusable: it is anything else.
    """
    engine = outbox.engine
    # In this order: to close an outbox that is open here would drop its locks.
    is_outbox = isinstance(engine, Sqlite) and path.samefile(engine.path)
    if not is_outbox and path.is_file():
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(address, uri=True)) as connection,
        ):
            if made_at(connection) is not None:
                return
    raise Unusable(f"{path} is no backup, and is not replaced: choose another name")


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """
    Open the backup at *path*: a copy beside it, the file itself is not touched.

    Where nothing can be written there, the copy is in the system's temporary folder.

    Raises:
        Unusable: it is none, it is damaged, or a newer version has made it.
    """
    beside = path.absolute().parent
    place = beside if os.access(beside, os.W_OK) else Path(tempfile.gettempdir())
    clear_leftovers(place, f"{COPY}*")
    with tempfile.TemporaryDirectory(prefix=COPY, dir=place) as folder:
        copied = Path(folder) / "backup.db"
        try:
            for ending in ("", "-wal"):  # of an outbox that somebody has copied
                if (file := Path(f"{path}{ending}")).exists():
                    shutil.copyfile(file, f"{copied}{ending}")
            see_sound(copied)
            outbox = Outbox(Sqlite(copied))
        except (OSError, sqlite3.Error, OutboxError) as error:
            raise Unusable(f"{path} cannot be restored: {error}") from error
        with closing(outbox):
            yield Backup(
                outbox=outbox,
                account=outbox.stamp(),
                made_at=made_at(outbox.engine.connection()),
                trades=sum(outbox.trade_counts().values()),
            )


def clear_leftovers(folder: Path, pattern: str) -> None:
    """Remove what a backup or a restore that was killed has left of its copy."""
    for path in folder.glob(pattern):
        with suppress(OSError):
            found = path.lstat()
            is_ours = found.st_uid == os.geteuid()
            if not is_ours or time.time() - found.st_mtime < STALE:
                continue
            if stat.S_ISDIR(found.st_mode):
                shutil.rmtree(path)
            elif stat.S_ISREG(found.st_mode):
                path.unlink()


def see_sound(path: Path) -> None:
    """
    Take care that the file is a whole outbox.

    Raises:
        Unusable: it is not.
        sqlite3.Error: it is no database.
    """
    with closing(sqlite3.connect(path)) as connection:
        is_ours = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'executions'"
        ).fetchall()
        if not is_ours:
            raise Unusable("it is no backup of an outbox")
        [answer] = connection.execute("PRAGMA quick_check(1)").fetchone()
        if answer != "ok":
            raise Unusable(f"it is damaged ({answer})")


def made_at(connection: Connection) -> float | None:
    """Return when a backup was made, None where the file does not say."""
    sql = "SELECT 1 FROM sqlite_master WHERE name = 'backup'"
    if not connection.execute(sql).fetchall():
        return None
    row = connection.execute("SELECT made_at FROM backup").fetchone()
    return None if row is None else float(row[0])


def restore(
    outbox: Outbox,
    backup: Backup,
    lease: Lease,
    *,
    now: float,
    copied_rows: Callable[[int], None] | None = None,
) -> None:
    """
    Put what is in *backup* in place of everything in *outbox*, all or nothing.

    It counts as put back from now on. *now* and *copied_rows* are as in back_up.

    Raises:
        LeaseLost: another process forwards now.
        OutboxError: it could not be written; everything is as it was.
    """
    with (
        backup.outbox.engine.snapshot() as source,
        outbox.engine.begin(lease) as target,
    ):
        fill(source, target, outbox, copied_rows)
        target.execute("DELETE FROM conditions WHERE name = ?", (PUT_BACK,))
        target.execute(
            "INSERT INTO conditions (name, facts) VALUES (?, ?)",
            (PUT_BACK, putting_back(now)),
        )


def fill(
    source: Connection,
    target: Connection,
    into: Outbox,
    copied_rows: Callable[[int], None] | None = None,
) -> None:
    """Replace everything in *target*, which is that of *into*, by what *source* has."""
    done = 0
    for table in TABLES:
        target.execute(f"DELETE FROM {table}")
        columns = columns_of(target, table)
        names = ", ".join(columns)
        rows = source.execute(f"SELECT {names} FROM {table}")
        insert = (
            f"INSERT INTO {table} ({names}) {into.engine.overriding} "
            f"VALUES ({', '.join('?' for _ in columns)})"
        )
        while values := rows.fetchmany(ROWS):
            target.executemany(insert, [typed(columns, row) for row in values])
            done += len(values)
            if copied_rows is not None:
                copied_rows(done)
    into.engine.number_on(target)


def columns_of(connection: Connection, table: str) -> dict[str, bool]:
    """Return the columns of *table*, and whether each is true or false on a server."""
    cursor = connection.execute(f"SELECT * FROM {table} LIMIT 0")
    cursor.fetchall()
    return {column[0]: column[1] == BOOLEAN for column in cursor.description}


def typed(columns: dict[str, bool], row: Sequence[Any]) -> tuple[Any, ...]:
    """Return the values of *row*; SQLite keeps what is true or false as a number."""
    return tuple(
        bool(value) if is_boolean and value is not None else value
        for is_boolean, value in zip(columns.values(), row, strict=True)
    )

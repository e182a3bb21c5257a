"""Files that SQLite keeps an outbox in: whose they are, and what is read of them."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from argo_tradervue_plugin.config import files
from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.config.databases import shown
from argo_tradervue_plugin.config.objections import (
    objections_to_file,
    objections_to_way,
)
from argo_tradervue_plugin.errors import ForeignFile, OutboxError
from argo_tradervue_plugin.outbox.rows import STAMP, account_in
from argo_tradervue_plugin.outbox.spool import in_words
from argo_tradervue_plugin.outbox.sqlite_connections import see_descriptors
from argo_tradervue_plugin.process.forking import gate

__all__ = ["BESIDE", "copy", "reading", "see_database", "stamp_of"]

TABLES: Final = "SELECT name FROM sqlite_master WHERE type = 'table'"
OURS: Final = frozenset({"executions", "inbox", "lease", "trades"})
# What SQLite says of a file that it will never be able to read as an outbox.
FOREIGN: Final = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_ERROR,  # no such column
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
    }
)
BESIDE: Final = ("-wal", "-shm", "-journal")  # what SQLite keeps beside its file


def see_database(path: Path) -> None:
    """
    Take care that the file at *path* and those beside it can be ours.

    They are looked at and never opened: SQLite's locks are those of the process, and
    go when it closes any descriptor of the file.

    Raises:
        RefusedFile: they cannot.
        OSError: they cannot be looked at.
    """
    me = os.geteuid()
    files.see(objections_to_way(path, me), is_in_use=path.exists() and is_used(path))
    there = path.resolve()
    folder = there.parent.stat()
    for ending in ("", *BESIDE):
        file = there.with_name(there.name + ending)
        try:
            info = file.lstat()
        except FileNotFoundError:
            continue
        files.see(objections_to_file(file, info, folder, me), is_in_use=is_used(there))


def is_used(path: Path) -> bool:
    """Tell whether there is something in the file at *path*."""
    return path.stat().st_size > 0


def copy(path: Path, target: Path) -> None:
    """
    Copy the outbox at *path* as it stands to *target*; writes nothing beside *path*.

    Raises:
        OutboxError: where it cannot be read.
    """
    try:
        with reading(path) as standing, closing(sqlite3.connect(target)) as copied:
            standing.backup(copied)
    except (sqlite3.Error, OSError) as error:
        raise OutboxError(f"{shown(path)} cannot be read: {error}") from error


def stamp_of(path: Path) -> Account | None:
    """
    Return whose journal the outbox at *path* is sent to; None: it was never accepted.

    Changes nothing, and makes nothing.

    Raises:
        ForeignFile: it is damaged, or no outbox.
        OutboxError: it cannot be read now.
    """
    try:
        with reading(path) as connection:
            tables = {name for (name,) in connection.execute(TABLES).fetchall()}
            if tables and not tables & OURS:
                raise ForeignFile(f"{shown(path)} is no outbox: it has other tables")
            if "account" not in tables:
                return None
            return account_in(connection.execute(STAMP).fetchall())
    except OSError as error:
        raise ForeignFile(f"{shown(path)} cannot be read: {in_words(error)}") from error
    except sqlite3.Error as error:
        kind = ForeignFile if is_foreign(error) else OutboxError
        raise kind(f"{shown(path)} cannot be read: {error}") from error


def is_foreign(error: sqlite3.Error) -> bool:
    """Tell whether *error* says that a file is damaged, or no outbox of this user's."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in FOREIGN


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """
    Open the file at *path* for reading; nothing is written beside it.

    Raises:
        OSError: it can be no outbox of ours, or cannot be looked at.
    """
    see_database(path)
    # SQLite makes a connection that no fork may cross.
    with gate, closing(opened_to_read(path)) as opened:
        yield opened


def opened_to_read(path: Path) -> sqlite3.Connection:
    """Return a connection that changes nothing at *path*, and makes nothing beside."""
    see_descriptors()
    # Without a log beside it no process has it open, and it needs no lock files either.
    is_closed = not path.with_name(path.name + "-wal").exists()
    mode = "mode=ro&immutable=1" if is_closed else "mode=ro"
    return sqlite3.connect(f"{path.as_uri()}?{mode}", uri=True)

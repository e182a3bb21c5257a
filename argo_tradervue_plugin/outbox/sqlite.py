"""
The outbox in one SQLite file, shared by the threads and processes of one machine.

A connection belongs to one thread of one process and never crosses a fork. Waiting
for another writer is ours to do: SQLite's own busy handler sleeps whole milliseconds.
"""

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from argo_tradervue_plugin import files
from argo_tradervue_plugin.account import Account
from argo_tradervue_plugin.databases import shown
from argo_tradervue_plugin.errors import (
    ForeignFile,
    OutboxBusy,
    OutboxError,
    OutboxTooNew,
)
from argo_tradervue_plugin.forking import gate
from argo_tradervue_plugin.objections import objections_to_file, objections_to_way
from argo_tradervue_plugin.outbox.migrations import SQLITE, WITH_RECORDS
from argo_tradervue_plugin.outbox.shared import STAMP, SharedOutbox, account_in
from argo_tradervue_plugin.outbox.spool import in_words
from argo_tradervue_plugin.outbox.spools import Intake

__all__ = ["SqliteOutbox", "copy", "stamp_of"]

T = TypeVar("T")

OLDEST: Final = (3, 37, 0)  # STRICT tables
WORKER_PATIENCE: Final = 10.0
# Readers wait for nobody but who opens the file first, closes it last, or recovers it
# after a crash.
READ_PATIENCE: Final = 1.0
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
NAP: Final = 0.0001  # seconds between two tries
# Pages of the log before a commit writes them back into the file: 16 MB, since it
# waits for the disk.
CHECKPOINT: Final = 4000
# Bytes of the log that are kept for what comes next: somebody who read for long has
# made it grow, and it would stay as large as it ever was.
LOG_KEPT: Final = 4096 * CHECKPOINT


class SqliteOutbox(SharedOutbox):
    """
    An outbox at *path*; the file and its folder are made when they are missing.

    A path that is None is given later, with :meth:`place`; until then it cannot be
    opened.

    *durability* ``full`` waits for the disk at each commit, ``normal`` does not: it
    loses nothing when the process dies, and the last moments when the power does.
    Hooks write into *spool*. *is_lazy* leaves the opening for later.

    Raises:
        OutboxError: where the file cannot be opened, or is of a newer version.
    """

    def __init__(
        self,
        path: str | Path | None,
        *,
        durability: str = "normal",
        spool: Intake | None = None,
        is_lazy: bool = False,
    ) -> None:
        # A host may go elsewhere.
        self._path = None if path is None else Path(path).expanduser().absolute()
        self.is_fixed = path is not None
        self.spool = spool
        self._synchronous = {"normal": "NORMAL", "full": "FULL"}[durability]
        self._local = threading.local()
        living.add(self)
        if sqlite3.sqlite_version_info < OLDEST:
            raise OutboxError(
                f"SQLite {sqlite3.sqlite_version} is too old: 3.37 or newer is needed"
            )
        if not is_lazy:
            self.open()

    @property
    def path(self) -> Path:
        """
        Where the file is.

        Raises:
            OutboxError: that is not known yet.
        """
        if self._path is None:
            raise OutboxError("it is not known yet which outbox it is: no login yet")
        return self._path

    def place(self, path: Path) -> None:
        """Go on with the file at *path*, on every thread, unless one was given."""
        if not self.is_fixed and path != self._path:
            self._path, self.is_open = path, False

    def settle_at(self, path: Path) -> None:
        """Go on with the file at *path* for good."""
        self.place(path)
        self.is_fixed = True

    def _open(self) -> None:
        with self._translated("opened"):
            self._create()
            self._migrate()

    def __repr__(self) -> str:
        return f"SqliteOutbox({str(self)!r})"

    def __str__(self) -> str:
        return shown(self._path or "not known yet")

    def stored_version(self) -> int:
        """See :meth:`~.interface.Outbox.stored_version`."""
        if not self.path.exists():
            return 0
        with self._translated("read"), reading(self.path) as connection:
            return self._version(connection)

    def close(self) -> None:
        """Close the calling thread's connection; it opens again when needed."""
        opened: Opened | None = getattr(self._local, "opened", None)
        if opened is not None:
            opened.close()
        self._local.opened = None

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection, opened in this very process."""
        opened: Opened | None = getattr(self._local, "opened", None)
        if opened is None or opened.pid != os.getpid() or opened.path != self.path:
            # One that came through a fork goes first: SQLite would take its locks,
            # which are the parent's, for those of the new connection.
            self._local.opened = opened = None
            opened = Opened(self.path)
            try:
                opened.connection.execute(f"PRAGMA synchronous = {self._synchronous}")
                opened.connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
                opened.connection.execute(f"PRAGMA journal_size_limit = {LOG_KEPT}")
            except sqlite3.Error:
                opened.close()
                raise
            self._local.opened = opened
        return opened.connection

    def _all(self, sql: str, parameters: Any = ()) -> list[Any]:
        self.open()
        with self._translated("read"), gate:
            return self._patiently(
                lambda: self.connection().execute(sql, parameters).fetchall(),
                READ_PATIENCE,
            )

    def _one(self, sql: str, parameters: Any = ()) -> Any:
        self.open()
        with self._translated("read"), gate:
            return self._patiently(
                lambda: self.connection().execute(sql, parameters).fetchone(),
                READ_PATIENCE,
            )

    def _create(self) -> None:
        files.make_folder(self.path.parent, is_ours=False)
        with suppress(FileExistsError):
            # The log files get the same mode and owner.
            os.close(files.make_file(self.path))
            return
        see_database(self.path)
        if not os.access(self.path, os.R_OK | os.W_OK) and files.moved_aside(
            self.path, *BESIDE
        ):
            os.close(files.make_file(self.path))

    def _migrate(self) -> None:
        # Several processes of a host start at once, and each of them locks all others
        # out for a moment while it makes the file.
        connection = self._patiently(self.connection, WORKER_PATIENCE)
        self._patiently(
            lambda: connection.execute("PRAGMA journal_mode = WAL"), WORKER_PATIENCE
        )
        version = self._patiently(lambda: self._version(connection), WORKER_PATIENCE)
        if version == len(SQLITE):
            return
        with self._transaction():
            version = self._version(connection)
            if version > len(SQLITE):
                raise OutboxTooNew(
                    f"{self} was written by a newer version of this plugin "
                    f"(schema {version}, this one knows {len(SQLITE)}): update it"
                )
            for script in SQLITE[version:]:
                for statement in statements(script):
                    connection.execute(statement)
            if version < WITH_RECORDS:
                from argo_tradervue_plugin.outbox.upgrade import make_records

                make_records(connection)
            connection.execute(f"PRAGMA user_version = {len(SQLITE)}")

    @staticmethod
    def _version(connection: sqlite3.Connection) -> int:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        return version

    @contextmanager
    def _begun(self) -> Iterator[sqlite3.Connection]:
        self.open()
        with self._transaction() as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._translated("written"), gate:
            connection = self._patiently(self.connection, WORKER_PATIENCE)
            self._patiently(
                lambda: connection.execute("BEGIN IMMEDIATE"), WORKER_PATIENCE
            )
            try:
                yield connection
                connection.execute("COMMIT")  # fails where the disk is full
            except BaseException:
                with suppress(sqlite3.Error):  # it must not hide the first error
                    connection.execute("ROLLBACK")
                raise

    @staticmethod
    def _patiently(attempt: Callable[[], T], patience: float) -> T:
        deadline = None
        while True:
            try:
                return attempt()
            except sqlite3.OperationalError as error:
                if not is_busy(error):
                    raise
                now = time.monotonic()
                deadline = deadline or now + patience
                if now >= deadline:
                    raise
                time.sleep(NAP)

    @contextmanager
    def _translated(self, done: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise self._failure(done, error) from error

    def _failure(self, done: str, error: Exception) -> OutboxError:
        busy = isinstance(error, sqlite3.OperationalError) and is_busy(error)
        kind = OutboxBusy if busy else OutboxError
        words = in_words(error) if isinstance(error, OSError) else str(error)
        return kind(f"the outbox {self} cannot be {done}: {words}")


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


class Opened:
    """A connection of one thread in one process; closed when the thread ends."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        self.path = path
        self.pid = os.getpid()

    def __del__(self) -> None:
        # A thread that ended without a word; nothing to say where it never connected.
        with suppress(Exception):
            self.close()

    def close(self) -> None:
        """Close the connection; what came through a fork is the parent's."""
        if self.pid == os.getpid():
            with gate:
                self.connection.close()


def close_before_fork() -> None:
    """
    Close what the forking thread has open; parent and child open it again.

    A child that inherits a connection believes to hold locks that it does not hold:
    when the parent closes, SQLite deletes the log that the child still writes to.
    """
    for outbox in list(living):
        outbox.close()


living: Final["weakref.WeakSet[SqliteOutbox]"] = weakref.WeakSet()
# Registered after the gate's own, and so called before it is shut.
os.register_at_fork(before=close_before_fork)


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
    # Without a log beside it no process has it open, and it needs no lock files either.
    is_closed = not path.with_name(path.name + "-wal").exists()
    mode = "mode=ro&immutable=1" if is_closed else "mode=ro"
    return sqlite3.connect(f"{path.as_uri()}?{mode}", uri=True)


def is_busy(error: sqlite3.OperationalError) -> bool:
    """Tell whether another connection holds the lock; extended codes included."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def statements(script: str) -> Iterator[str]:
    """Yield the statements of *script*; sqlite3's own runner would commit between."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""

"""
The outbox in one SQLite file, shared by the threads and processes of one machine.

A connection belongs to one thread of one process; what comes through a fork is closed
in the child before anything else. Waiting for another writer is ours to do: SQLite's
own busy handler sleeps whole milliseconds.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from argo_tradervue_plugin.config import files
from argo_tradervue_plugin.config.databases import shown
from argo_tradervue_plugin.errors import (
    LeaseLost,
    OutboxBusy,
    OutboxDamaged,
    OutboxError,
    OutboxReplaced,
    Unstorable,
)
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.outbox.engine import LOST, Engine, visits
from argo_tradervue_plugin.outbox.migrations import SQLITE, WITH_RECORDS
from argo_tradervue_plugin.outbox.presence import Presence, clear
from argo_tradervue_plugin.outbox.records import Lease
from argo_tradervue_plugin.outbox.rows import Connection
from argo_tradervue_plugin.outbox.spool import in_words
from argo_tradervue_plugin.outbox.sqlite_connections import Opened, see_descriptors
from argo_tradervue_plugin.outbox.sqlite_files import BESIDE, reading, see_database
from argo_tradervue_plugin.process.forking import gate, importing

__all__ = ["Sqlite"]

T = TypeVar("T")

OLDEST: Final = (3, 37, 0)  # STRICT tables
DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# The version of the schema, and whether a lease is still held, in one question.
FENCE: Final = (
    "SELECT user_version, EXISTS "
    "(SELECT 1 FROM lease WHERE token = ? AND holder = ?) FROM pragma_user_version"
)
WORKER_PATIENCE: Final = 10.0
# Readers wait only for who opens the file first, closes it last, or recovers it
# after a crash.
READ_PATIENCE: Final = 1.0
# It is about what was to be written, and about no other.
UNSTORABLE: Final = (
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    OverflowError,
    UnicodeError,
)
FAILURES: Final = (*UNSTORABLE, sqlite3.Error, OSError)
# Seconds between two tries, growing: most locks are held for a moment, and one that is
# held for long, by a frozen process, say, costs no more than a look now and then.
NAPS: Final = (0.0001, 0.05)
# Pages of the log before a commit writes them back into the file: 16 MB, since it
# waits for the disk.
CHECKPOINT: Final = 4000
# Bytes of the log that are kept for what comes next: somebody who read for long has
# made it grow, and it would stay as large as it ever was.
LOG_KEPT: Final = 4096 * CHECKPOINT


class Sqlite(Engine):
    """
    The file at *path*; it and its folder are made when they are missing.

    A path that is None is given later, with :meth:`place`; until then it cannot be
    opened. *durability* ``full`` waits for the disk at each commit, ``normal`` does
    not: it loses nothing when the process dies, and the last moments when the power
    does.

    Raises:
        OutboxError: SQLite is too old.
    """

    def __init__(self, path: str | Path | None, *, durability: str = "normal") -> None:
        # A host may go elsewhere.
        self._path = None if path is None else Path(path).expanduser().absolute()
        self.is_fixed = path is not None
        self.newest = len(SQLITE)
        self._synchronous = {"normal": "NORMAL", "full": "FULL"}[durability]
        self._local = threading.local()
        self._present: Presence | None = None  # as it was opened
        self._lost: Presence | None = None  # until the next one is made
        if sqlite3.sqlite_version_info < OLDEST:
            raise OutboxError(
                f"SQLite {sqlite3.sqlite_version} is too old: 3.37 or newer is needed"
            )

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
            self._present = self._lost = None

    def settle_at(self, path: Path) -> None:
        """Go on with the file at *path* for good."""
        self.place(path)
        self.is_fixed = True

    def make(self) -> None:
        """Make and migrate what has to be."""
        with self._translated("opened"):
            lost, self._lost = self._lost, None
            if lost is not None and (kept := clear(lost)) is not None:
                log.error("tradervue.outbox_set_aside file=%s", kept)
            self._create()
            self._migrate()
            self._present = Presence.of(self.path)

    def __repr__(self) -> str:
        return f"Sqlite({str(self)!r})"

    def __str__(self) -> str:
        return shown(self._path or "not known yet")

    def see_sound(self) -> None:
        """
        Go through the whole file; takes a second for some hundred megabytes.

        Raises:
            OutboxDamaged: it is not as it was written.
            OutboxError: it cannot be read.
        """
        with self.visit(), self._translated("read"):
            [answer] = self.connection().execute("PRAGMA quick_check(1)").fetchone()
            if answer != "ok":
                error = sqlite3.DatabaseError(answer.splitlines()[-1])
                error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                raise error

    def stored_version(self) -> int:
        """Return the version of the schema that is there, 0 where none is."""
        if not self.path.exists():
            return 0
        with self._translated("read"), reading(self.path) as connection:
            return self._version(connection)

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that reads everything as it is at one moment."""
        self.open()
        with self._translated("read"), reading(self.path) as connection:
            connection.execute("BEGIN")
            yield connection

    def close(self) -> None:
        """Close the calling thread's connection; it opens again when needed."""
        opened: Opened | None = getattr(self._local, "opened", None)
        if opened is not None:
            opened.close()
        self._local.opened = None

    def number_on(self, connection: Connection) -> None:
        """Do nothing: SQLite goes on from the last number that is there."""

    def connection(self) -> sqlite3.Connection:
        """
        Return this thread's connection to the present file, opened in this process.

        Raises:
            OutboxReplaced: the file is not the one that was opened.
        """
        self._see_present()
        opened: Opened | None = getattr(self._local, "opened", None)
        see_descriptors()
        present = self._present or Presence.of(self.path)
        if opened is None or not opened.is_for(self.path, present):
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

    def _see_aside(self) -> None:
        opened: Opened | None = getattr(self._local, "opened", None)
        lost = None if opened is None else opened.what_was_lost()
        if lost is None:
            return
        self.close()  # as the last one it still writes the log into the file
        self.is_open = False
        self.losses += 1
        raise OutboxReplaced(
            f"the file {lost} beside the outbox {self} was deleted or replaced while "
            "it was in use: nothing more is written into it"
        )

    def _see_present(self) -> None:
        present = self._present
        if present is None:
            return
        happened = present.what_happened()
        if happened is None or self._is_vacuumed(present):
            return
        if self._present is present:
            self._lost, self._present, self.is_open = present, None, False
            self.losses += 1
        raise OutboxReplaced(
            f"the outbox {self} was {happened} while it was in use: nothing more is "
            "written into it"
        )

    def _is_vacuumed(self, present: Presence) -> bool:
        """Tell whether SQLite itself made the file shorter, at somebody's request."""
        opened: Opened | None = getattr(self._local, "opened", None)
        size = present.present_size()
        if opened is None or not size or not opened.is_for(self.path, present):
            return False
        try:
            [pages] = opened.connection.execute("PRAGMA page_count").fetchone()
            [page] = opened.connection.execute("PRAGMA page_size").fetchone()
        except sqlite3.Error:
            return False
        if pages * page > size:
            return False
        present.size = size
        return True

    def ask(self, fetch: Callable[[Any], T], sql: str, parameters: Any = ()) -> T:
        """Return what *fetch* takes of the rows; it does not wait for who writes."""
        self.open()
        with self.visit():
            try:
                return self._patiently(
                    lambda: fetch(self._readable().execute(sql, parameters)),
                    READ_PATIENCE,
                )
            except FAILURES as error:
                raise self._failure("read", error) from error

    def _readable(self) -> sqlite3.Connection:
        connection = self.connection()
        if not visits.is_at_home:  # the forwarder's thread looks when it writes
            self._see_aside()
        return connection

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
        if version == self.newest:
            return
        with importing:  # and not in the transaction, where a fork waits less for it
            from argo_tradervue_plugin.outbox.upgrade import make_records
        with self._transaction():
            version = self._version(connection)
            if version > self.newest:
                self.see_version(version)
            for script in SQLITE[version:]:
                for statement in statements(script):
                    connection.execute(statement)
            if version < WITH_RECORDS:
                make_records(connection)
            connection.execute(f"PRAGMA user_version = {self.newest}")

    @staticmethod
    def _version(connection: sqlite3.Connection) -> int:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        return version

    @contextmanager
    def begin(self, lease: Lease | None = None) -> Iterator[sqlite3.Connection]:
        """Begin a transaction, under the *lease*; no other writes until its end."""
        self.open()
        with self._transaction() as connection:
            if lease is None:
                self.see_version(self._version(connection))
            else:
                asked = (lease.token, lease.holder)
                version, is_held = connection.execute(FENCE, asked).fetchone()
                self.see_version(version)
                if not is_held:
                    raise LeaseLost(LOST)
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self.visit(), self._translated("written"), ExitStack() as inside:
            connection = self._patiently(self.connection, WORKER_PATIENCE)
            self._patiently(self._see_aside, WORKER_PATIENCE)

            def begin() -> None:
                with ExitStack() as entered:
                    entered.enter_context(gate)
                    connection.execute("BEGIN IMMEDIATE")
                    # A child must not have half a transaction either: until its end.
                    inside.push(entered.pop_all())

            self._patiently(begin, WORKER_PATIENCE)
            try:
                yield connection
                see_descriptors()
                connection.execute("COMMIT")  # fails where the disk is full
            except BaseException:
                with suppress(sqlite3.Error, OutboxError):  # the first error counts
                    see_descriptors()
                    connection.execute("ROLLBACK")
                raise

    @staticmethod
    def _patiently(attempt: Callable[[], T], patience: float) -> T:
        deadline = None
        nap, longest = NAPS
        while True:
            try:
                with gate:  # and not while it is waited for another
                    return attempt()
            except sqlite3.OperationalError as error:
                if not is_busy(error):
                    raise
                now = time.monotonic()
                deadline = deadline or now + patience
                if now >= deadline:
                    raise
                time.sleep(nap)
                nap = min(nap * 1.5, longest)

    @contextmanager
    def _translated(self, done: str) -> Iterator[None]:
        try:
            yield
        except FAILURES as error:
            raise self._failure(done, error) from error

    def _failure(self, done: str, error: Exception) -> OutboxError:
        if isinstance(error, UNSTORABLE):
            return Unstorable(f"the outbox {self} cannot be {done}: {error}")
        if "no such" in str(error) and self.is_open:  # a table, a column
            self.see_version(self.stored_version())
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED:
            return OutboxDamaged(
                f"the outbox {self} is damaged ({error}): stop its host, and put a "
                "backup back with `argo-tradervue restore`; or move it away, then what "
                "was drained lately is taken up again"
            )
        busy = isinstance(error, sqlite3.OperationalError) and is_busy(error)
        kind = OutboxBusy if busy else OutboxError
        words = in_words(error) if isinstance(error, OSError) else str(error)
        return kind(f"the outbox {self} cannot be {done}: {words}")


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

"""
The outbox on a PostgreSQL server, shared by many machines.

A connection belongs to one thread of one process. Whoever writes locks the row of the
lease first, so that there is one writer at a time: a takeover waits for the commit of
the holder before, and a holder that lost the lease changes nothing. Hooks never come
here: they write into the spool of their machine.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, ClassVar, Final, TypeVar

import psycopg
from psycopg import errors
from psycopg.sql import SQL, Identifier

from argo_tradervue_plugin.config.databases import Database, without_password
from argo_tradervue_plugin.config.settings import DEFAULT_SCHEMA
from argo_tradervue_plugin.errors import (
    LeaseLost,
    OutboxBusy,
    OutboxError,
    OutboxReplaced,
    Unstorable,
    one_line,
)
from argo_tradervue_plugin.outbox.engine import LOST, Engine
from argo_tradervue_plugin.outbox.migrations import POSTGRES, WITH_RECORDS
from argo_tradervue_plugin.outbox.records import Lease
from argo_tradervue_plugin.outbox.rows import Connection
from argo_tradervue_plugin.outbox.session import ISOLATION, Session, parameters_of
from argo_tradervue_plugin.process.forking import importing

__all__ = ["Postgres"]

T = TypeVar("T")

# Any number, the same for every process that opens an outbox in this database.
MIGRATING: Final = 0x6172676F_74726164
MIGRATION_SECONDS: Final = 600
# The catalogue is read as a table: what the server remembers of names may be older than
# what another process has just committed.
VERSION: Final = "SELECT version FROM schema_version"
FENCE: Final = "SELECT 1 FROM lease WHERE token = ? AND holder = ? FOR UPDATE"
ENCODING: Final = (
    "SELECT pg_encoding_to_char(encoding) FROM pg_database "
    "WHERE datname = current_database()"
)
WHOLE: Final = ("UTF8", "SQL_ASCII")  # the latter keeps bytes, whatever they are
IS_SCHEMA: Final = "SELECT 1 FROM pg_namespace WHERE nspname = ?"
IS_TABLE: Final = "SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = ?"
AT_ONE_MOMENT: Final = "ISOLATION LEVEL REPEATABLE READ READ ONLY"
# The columns whose numbers the server counts.
COUNTED: Final = (
    ("inbox", "seq"),
    ("executions", "seq"),
    ("imports", "id"),
    ("history", "seq"),
)
# Somebody else held what was needed, or the server had too much to do.
BUSY: Final = (
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.SerializationFailure,
)
# Somebody has dropped the tables, or the whole schema.
GONE: Final = (errors.UndefinedTable, errors.InvalidSchemaName)
# What names something that is not in the schema.
UNKNOWN: Final = (
    errors.InvalidSchemaName,
    errors.UndefinedColumn,
    errors.UndefinedTable,
)
# It is about what was to be written, and about no other.
UNSTORABLE: Final = (
    psycopg.DataError,
    psycopg.IntegrityError,
    errors.ProgramLimitExceeded,  # too long for an index
)
UNDONE: Final = (errors.InFailedSqlTransaction, errors.PipelineAborted)


READ_ONLY: Final = (
    "the server takes no changes now ({}): it is a standby, or set to "
    "default_transaction_read_only"
)


class Postgres(Engine):
    """
    A *schema* of its own in the database at *url*.

    Everything that libpq understands may be in the URL, TLS above all. How durable a
    commit is, is the server's to say.

    Raises:
        OutboxError: where *url* is none.
    """

    locking: ClassVar[str] = "FOR UPDATE"
    overriding: ClassVar[str] = "OVERRIDING SYSTEM VALUE"

    def __init__(self, url: str, *, schema: str = DEFAULT_SCHEMA) -> None:
        url = Database(url)
        self.shown = without_password(url)
        self.schema = schema
        self.newest = len(POSTGRES)
        self._parameters = parameters_of(url)
        self._local = threading.local()

    def make(self) -> None:
        """Make and migrate what has to be."""
        with self._translated("opened"):
            self._migrate()

    def __repr__(self) -> str:
        return f"Postgres({self.shown!r})"

    def __str__(self) -> str:
        return f"{self.shown} (schema {self.schema})"

    def stored_version(self) -> int:
        """Return the version of the schema that is there, 0 where none is."""
        with self._translated("read"):
            return self._twice(self._version)

    def close(self) -> None:
        """Close the calling thread's connection; it opens again when needed."""
        session: Session | None = getattr(self._local, "session", None)
        self._local.session = None
        if session is not None:
            session.close()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Give a connection that reads everything as it is at one moment."""
        self.open()
        with self._translated("read"):
            session = self.connection()
            with transaction(session, is_pipelined=False, isolation=AT_ONE_MOMENT):
                yield session

    def number_on(self, connection: Connection) -> None:
        """Let the engine count on from the numbers that were given to it."""
        for table, column in COUNTED:
            name = f"{Identifier(self.schema).as_string()}.{table}"
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence(?, ?), "
                f"coalesce(max({column}), 0) + 1, false) FROM {table}",
                (name, column),
            )

    def connection(self) -> Session:
        """Return this thread's connection, opened in this very process."""
        session: Session | None = getattr(self._local, "session", None)
        if session is None or not session.is_usable():
            self.close()
            session = self._local.session = Session(self._parameters, self.schema)
        return session

    def ask(self, fetch: Callable[[Any], T], sql: str, parameters: Any = ()) -> T:
        """Return what *fetch* takes of the rows; again if the connection breaks."""
        self.open()
        with self.visit(), self._translated("read"):
            return self._twice(lambda s: fetch(s.execute(sql, parameters)))

    def _twice(self, attempt: Callable[[Session], T]) -> T:
        """Do what does no harm when done twice; again if the connection breaks."""
        for is_last in (False, True):
            session = self.connection()
            try:
                return attempt(session)
            except psycopg.OperationalError as error:
                if is_last or session.in_transaction or not session.is_over(error):
                    raise
        raise AssertionError("the second attempt ends above")

    def _migrate(self) -> None:
        session = self.connection()
        if self._version(session) == self.newest:
            return
        with importing:
            from argo_tradervue_plugin.outbox.upgrade import make_records
        longest = f"{MIGRATION_SECONDS}s"
        with (
            session.waiting_until(monotonic() + MIGRATION_SECONDS),
            transaction(
                session,
                is_pipelined=False,
                lock_timeout=longest,
                statement_timeout=longest,
            ),
        ):
            # Several processes of several machines start at once; one of them does it.
            session.execute("SELECT pg_advisory_xact_lock(?)", (MIGRATING,))
            version = self._version(session)
            if version > self.newest:
                self.see_version(version)
            if not version:
                self._make_schema(session)
            for script in POSTGRES[version:]:
                session.raw.execute(script.encode())
            if version < WITH_RECORDS:
                make_records(session)
            session.execute("UPDATE schema_version SET version = ?", (self.newest,))

    def _make_schema(self, session: Session) -> None:
        # It may have been made for us, by somebody who may make schemas.
        if not session.execute(IS_SCHEMA, (self.schema,)).fetchall():
            [encoding] = session.execute(ENCODING).fetchone()
            if encoding not in WHOLE:
                raise OutboxError(
                    f"{self.shown} cannot hold every text, its encoding is {encoding}: "
                    "give a database whose encoding is UTF8"
                )
            name = Identifier(self.schema)
            session.raw.execute(SQL("CREATE SCHEMA {}").format(name))
        session.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        session.execute("INSERT INTO schema_version VALUES (0)")

    def _version(self, session: Session) -> int:
        if not session.execute(IS_TABLE, (self.schema, "schema_version")).fetchall():
            return 0
        [version] = session.execute(VERSION).fetchone()
        return int(version)

    @contextmanager
    def begin(self, lease: Lease | None = None) -> Iterator[Session]:
        """Begin a transaction, under the *lease*, whose row it locks."""
        self.open()
        with self.visit(), self._translated("written"):
            session = self.connection()
            with transaction(session, ask=VERSION):
                if lease is not None:
                    asked = (lease.token, lease.holder)
                    if not session.execute(FENCE, asked).fetchall():
                        raise LeaseLost(LOST)
                yield session
                # It has come along with something that was read meanwhile.
                self.see_version(session.answer())

    @contextmanager
    def _translated(self, done: str) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            if isinstance(error, UNKNOWN) and self.is_open:
                with suppress(psycopg.Error):
                    self.see_version(self._twice(self._version))
            raise self._failure(done, error) from error
        except (UnicodeError, OverflowError) as error:
            raise self._failure(done, psycopg.DataError(str(error))) from error

    def _failure(self, done: str, error: psycopg.Error) -> OutboxError:
        words = error.diag.message_primary or str(error)
        if isinstance(error, UNDONE):
            words = "one of its statements failed, and all of them were undone"
        if isinstance(error, errors.ReadOnlySqlTransaction):
            words = READ_ONLY.format(words)
        words = self._parameters.masked(words)
        if isinstance(error, GONE) and self.is_open:
            self.is_open = False
            self.losses += 1
            return OutboxReplaced(
                f"the outbox {self} was deleted while it was in use ({one_line(words)})"
            )
        kind = OutboxBusy if isinstance(error, BUSY) else OutboxError
        if isinstance(error, UNSTORABLE):
            kind = Unstorable
        return kind(f"the outbox {self.shown} cannot be {done}: {one_line(words)}")


@contextmanager
def transaction(
    session: Session,
    *,
    is_pipelined: bool = True,
    isolation: str = ISOLATION,
    ask: str = "",
    **settings: str,
) -> Iterator[None]:
    """
    Commit what is done inside, or undo it; what failed ends the session.

    See :meth:`.session.Session.begin`.
    """
    session.begin(is_pipelined=is_pipelined, isolation=isolation, ask=ask, **settings)
    try:
        yield
        session.commit()
    except BaseException as error:
        session.roll_back()
        if isinstance(error, psycopg.Error):
            session.close()
        raise

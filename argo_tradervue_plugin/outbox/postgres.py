"""
The outbox on a PostgreSQL server, shared by many machines.

A connection belongs to one thread of one process. Whoever writes locks the row of the
lease first, so that there is one writer at a time: a takeover waits for the commit of
the holder before, and a holder that lost the lease changes nothing. Hooks only append
and wait for nobody.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from time import monotonic
from typing import Any, ClassVar, Final, TypeVar

import psycopg
from psycopg import errors

from argo_tradervue_plugin.databases import MASK, without_password
from argo_tradervue_plugin.errors import OutboxBusy, OutboxError, OutboxTooNew, one_line
from argo_tradervue_plugin.journal.executions import Kind
from argo_tradervue_plugin.outbox.interface import HOOK_PATIENCE
from argo_tradervue_plugin.outbox.migrations import POSTGRES
from argo_tradervue_plugin.outbox.session import (
    SCHEMA,
    NoAnswer,
    OutOfPatience,
    Session,
    parameters_of,
)
from argo_tradervue_plugin.outbox.shared import RECORD, SharedOutbox

__all__ = ["PostgresOutbox"]

T = TypeVar("T")

LEAST_CONNECT: Final = 2.0  # seconds; libpq waits no shorter for a server
# Seconds for which a server that could not be reached is not tried again by those who
# have less time than trying may take.
REST: Final = 5.0
# Any number, the same for every process that opens an outbox in this database.
MIGRATING: Final = 0x6172676F_74726164
MIGRATION_SECONDS: Final = 600
# The catalogue is read as a table: what the server remembers of names may be older than
# what another process has just committed.
IS_SCHEMA: Final = "SELECT 1 FROM pg_namespace WHERE nspname = ?"
IS_TABLE: Final = "SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = ?"
# Somebody else held what was needed, or the server had too much to do.
BUSY: Final = (
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.SerializationFailure,
    OutOfPatience,
)
UNDONE: Final = (errors.InFailedSqlTransaction, errors.PipelineAborted)


class PostgresOutbox(SharedOutbox):
    """
    An outbox in a schema of its own in the database at *url*.

    Everything that libpq understands may be in the URL, TLS above all. How durable a
    commit is, is the server's to say. *is_lazy* leaves the opening for later.

    Raises:
        OutboxTooNew: where the schema is of a newer version.
        OutboxError: where the server cannot be reached or used.
    """

    LOCKING: ClassVar[str] = "FOR UPDATE"

    def __init__(self, url: str, *, is_lazy: bool = False) -> None:
        self.shown = without_password(url)
        self._parameters = parameters_of(url)
        self._local = threading.local()
        self._unreachable: tuple[float, psycopg.Error] | None = None
        if not is_lazy:
            self.open()

    def _open(self) -> None:
        with self._translated("opened"):
            self._migrate()

    def __repr__(self) -> str:
        return f"PostgresOutbox({self.shown!r})"

    def record(
        self,
        trade_id: str,
        kind: Kind,
        identity: str,
        payload: str,
        now: float,
        *,
        patience: float = HOOK_PATIENCE,
    ) -> None:
        """
        See :meth:`~.interface.Outbox.record`.

        A connection that has to be made first may take two seconds, since libpq waits
        no shorter; after that failed, nobody with less patience tries for a while.
        """
        if not self.is_open:
            raise OutboxError(f"the outbox {self.shown} could not be opened yet")
        values = (trade_id, kind, identity, payload, now)
        with self._translated("written"):
            # Written twice it is still one event.
            self._twice(
                lambda session: session.execute(RECORD, values), monotonic() + patience
            )

    def tidy(self) -> None:
        """Leave it to the server, which sweeps by itself."""

    def close(self) -> None:
        """Close the calling thread's connection; it opens again when needed."""
        session: Session | None = getattr(self._local, "session", None)
        self._local.session = None
        if session is not None:
            session.close()

    def connection(self) -> Session:
        """Return this thread's connection, opened in this very process."""
        return self._connected(None)

    def _connected(self, until: float | None) -> Session:
        session: Session | None = getattr(self._local, "session", None)
        if session is not None and session.is_usable():
            return session
        self.close()
        parameters = self._parameters
        if until is not None:
            left = until - monotonic()
            if self._unreachable and left < LEAST_CONNECT:
                since, error = self._unreachable
                if monotonic() - since < REST:
                    raise error
            most = int(float(parameters["connect_timeout"]))
            wait = min(most or ceil(left), max(LEAST_CONNECT, ceil(left)))
            parameters = {**parameters, "connect_timeout": int(wait)}
        try:
            session = self._local.session = Session(parameters)
        except psycopg.Error as error:
            self._unreachable = monotonic(), error
            raise
        self._unreachable = None
        return session

    def _all(self, sql: str, parameters: Any = ()) -> list[Any]:
        self.open()
        with self._translated("read"):
            return self._twice(
                lambda session: session.execute(sql, parameters).fetchall()
            )

    def _one(self, sql: str, parameters: Any = ()) -> Any:
        self.open()
        with self._translated("read"):
            return self._twice(
                lambda session: session.execute(sql, parameters).fetchone()
            )

    def _twice(self, attempt: Callable[[Session], T], until: float | None = None) -> T:
        """Do what does no harm when done twice; again if the connection breaks."""
        for is_last in (False, True):
            session = self._connected(until)
            try:
                return session.within(until, attempt)
            except psycopg.OperationalError as error:
                if is_last or isinstance(error, NoAnswer) or session.is_usable():
                    raise
                if session.in_transaction:
                    raise
        raise AssertionError("the second attempt ends above")

    def _migrate(self) -> None:
        session = self.connection()
        if self._version(session) == len(POSTGRES):
            return
        until = monotonic() + MIGRATION_SECONDS
        with session.waiting_until(until), session.raw.transaction():
            session.execute(f"SET LOCAL lock_timeout = '{MIGRATION_SECONDS}s'")
            session.execute(f"SET LOCAL statement_timeout = '{MIGRATION_SECONDS}s'")
            # Several processes of several machines start at once; one of them does it.
            session.execute("SELECT pg_advisory_xact_lock(?)", (MIGRATING,))
            version = self._version(session)
            if version > len(POSTGRES):
                raise OutboxTooNew(
                    f"{self.shown} was written by a newer version of this plugin "
                    f"(schema {version}, this one knows {len(POSTGRES)}): update it"
                )
            if not version:
                self._make_schema(session)
            for script in POSTGRES[version:]:
                session.raw.execute(script.encode())
            session.execute("UPDATE schema_version SET version = ?", (len(POSTGRES),))

    @staticmethod
    def _make_schema(session: Session) -> None:
        # It may have been made for us, by somebody who may make schemas.
        if not session.execute(IS_SCHEMA, (SCHEMA,)).fetchall():
            session.execute(f"CREATE SCHEMA {SCHEMA}")
        session.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        session.execute("INSERT INTO schema_version VALUES (0)")

    @staticmethod
    def _version(session: Session) -> int:
        if not session.execute(IS_TABLE, (SCHEMA, "schema_version")).fetchall():
            return 0
        [version] = session.execute("SELECT version FROM schema_version").fetchone()
        return int(version)

    @contextmanager
    def _begun(self) -> Iterator[Session]:
        self.open()
        with self._translated("written"):
            session = self.connection()
            session.begin()
            try:
                yield session
                session.commit()
            except BaseException:
                session.roll_back()
                raise

    @contextmanager
    def _translated(self, done: str) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise self._failure(done, error) from error

    def _failure(self, done: str, error: psycopg.Error) -> OutboxError:
        told = error.diag.message_primary or str(error)
        if isinstance(error, UNDONE):
            told = "one of its statements failed, and all of them were undone"
        password = self._parameters.get("password")
        if password:
            told = told.replace(password, MASK)
        kind = OutboxBusy if isinstance(error, BUSY) else OutboxError
        return kind(f"the outbox {self.shown} cannot be {done}: {one_line(told)}")

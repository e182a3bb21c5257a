"""
One connection to a PostgreSQL server: bounded in time, and of one process only.

What the server itself bounds (waiting for a lock, a statement, an idle transaction) is
told to it on connecting. A server that does not answer at all is given up by us.
"""

import os
import select
import weakref
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, Final, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import PipelineStatus, TransactionStatus

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.forking import gate
from argo_tradervue_plugin.outbox.dialect import portable

__all__ = ["NoAnswer", "Session", "parameters_of"]

T = TypeVar("T")

CALL_SECONDS: Final = 40.0  # longer than the server may take for a statement
LOOK: Final = 0.1  # seconds between two looks at the clock
# Where the URL says nothing else. A server that vanished without a word is noticed
# within half a minute, by whoever waits for it and by whoever does not.
DEFAULTS: Final[dict[str, str]] = {
    "application_name": "argo-tradervue",
    "client_encoding": "utf8",
    "connect_timeout": "5",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
# A process that hangs in a transaction holds up whoever takes over, so that the server
# ends it: none of ours has anything else to do between two statements.
SETTINGS: Final = {
    "default_transaction_isolation": "read committed",
    "lock_timeout": "10s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "15s",
    # Whatever is asked here is a few rows found by an index. A server that does not
    # know yet how many there are would rather read them all.
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
}
PREPARE: Final = "SELECT set_config('search_path', %s, false), " + ", ".join(
    f"set_config('{name}', '{value}', false)" for name, value in SETTINGS.items()
)


class NoAnswer(psycopg.OperationalError):
    """The server did not answer for longer than any call takes; its work is unknown."""


class ServerConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that waits for an answer until a time, and then is of no use."""

    until: float | None = None  # monotonic seconds; None for as long as a call may take

    def wait(self, gen: Generator[Any, Any, T], *_: Any, **__: Any) -> T:
        """Wait as psycopg does, but not for ever."""
        now = monotonic()
        end = now + CALL_SECONDS if self.until is None else self.until
        try:
            look = max(0.0, min(LOOK, end - now))
            return super().wait(ending(gen, end), look)
        except NoAnswer:
            self.close()
            raise


def ending(gen: Generator[Any, Any, T], end: float) -> Generator[Any, Any, T]:
    """Go through *gen*, which asks for the socket, until it ends or the time is up."""
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and monotonic() >= end:
                raise NoAnswer("no answer from the server within the time allowed")
            wanted = gen.send(ready)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]


class Session:
    """What one thread of one process has open; takes SQL as SQLite does."""

    def __init__(self, parameters: dict[str, Any], schema: str) -> None:
        # The libraries below hold locks of their own while they connect.
        with gate:
            self.raw = ServerConnection.connect(**parameters, autocommit=True)
        self.pid = os.getpid()
        self.in_transaction = False
        living.add(self.raw)
        seconds = float(parameters["connect_timeout"]) or CALL_SECONDS
        with self.waiting_until(monotonic() + seconds):
            self.raw.execute(PREPARE, (schema,))

    def __del__(self) -> None:
        # A thread that ended without a word; nothing to say where it never connected.
        with suppress(Exception):
            self.close()

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        """Run one statement."""
        return self.raw.execute(portable(sql), parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Any:
        """Run one statement for each set of parameters, in one round trip."""
        cursor = self.raw.cursor()
        cursor.executemany(portable(sql), parameters)
        return cursor

    @contextmanager
    def waiting_until(self, until: float | None) -> Iterator[None]:
        """Wait for answers inside the block until then."""
        self.raw.until = until
        try:
            yield
        finally:
            self.raw.until = None

    def begin(self) -> None:
        """
        Begin a transaction.

        Nothing in it waits for an answer that nobody asks for: a statement that only
        changes something goes along with the next one that is read, or the commit.
        """
        self._pipelined = self.raw.pipeline()
        try:
            self._pipelined.__enter__()
            self.raw.execute(b"BEGIN")
        except BaseException:
            self.roll_back()
            raise
        self.in_transaction = True

    def commit(self) -> None:
        """
        End the transaction well.

        Raises:
            psycopg.Error: it was not committed, or nobody knows.
        """
        ended = self.raw.execute(b"COMMIT")
        self._pipelined.__exit__(None, None, None)
        if ended.statusmessage != "COMMIT":  # one of its statements had failed
            raise psycopg.errors.InFailedSqlTransaction("rolled back")
        self.in_transaction = False

    def roll_back(self) -> None:
        """Undo the transaction; a server that does not hear it does so by itself."""
        self.in_transaction = False
        with suppress(psycopg.Error):  # it must not hide the first error
            self._pipelined.__exit__(None, None, None)
        with suppress(psycopg.Error):
            self.raw.execute(b"ROLLBACK")
        if not self._is_idle():
            self.close()

    def is_usable(self) -> bool:
        """
        Tell whether the next statement may go here.

        A server that ends says so, and one that ended has closed: whatever is to be
        read while nothing was asked for means that this connection is over.
        """
        if self.pid != os.getpid() or self.raw.closed:
            return False
        if self.in_transaction:
            return True
        if not self._is_idle():
            return False
        poll = select.poll()
        poll.register(self.raw.pgconn.socket, select.POLLIN)
        return not poll.poll(0)

    def _is_idle(self) -> bool:
        state = self.raw.pgconn
        return (
            state.transaction_status == TransactionStatus.IDLE
            and state.pipeline_status == PipelineStatus.OFF
        )

    def close(self) -> None:
        """Say goodbye to the server; what came through a fork is the parent's."""
        if self.pid == os.getpid():
            self.raw.close()


def parameters_of(url: str) -> dict[str, Any]:
    """
    Return what libpq is told, with our own defaults.

    Raises:
        OutboxError: where *url* is none; what is wrong with it is not repeated, since
            that could be a part of the password.
    """
    place = url.partition("://")[2].partition("?")[0]
    authority, _, name = place.partition("/")
    if authority.count("@") > 1 or "@" in name:
        raise OutboxError(
            "the URL of the database cannot be understood: in a user name or password "
            "@ is written as %40, / as %2F and : as %3A"
        )
    try:
        return {**DEFAULTS, **conninfo_to_dict(url)}
    except psycopg.Error:
        raise OutboxError(
            "the URL of the database cannot be understood: expected "
            "postgresql://user:password@host:port/name, each part percent-encoded"
        ) from None


def remember_before_fork() -> None:
    """Keep every connection from being freed in the child, where threads end."""
    crossing.extend(living)


def forget_in_parent() -> None:
    """Go on as before."""
    crossing.clear()


def blind_in_child() -> None:
    """
    Take the parent's sockets away from the child, without a word to the server.

    A goodbye would end the parent's session. A socket that stays open in the child
    would keep the session alive, and its locks, after the parent was killed.
    """
    inherited.extend(crossing)
    inherited.extend(each for each in living if not any(each is i for i in inherited))
    crossing.clear()
    living.clear()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for each in inherited:
        if not each.closed:
            os.dup2(nowhere, each.pgconn.socket, inheritable=False)
    os.close(nowhere)


living: Final["weakref.WeakSet[ServerConnection]"] = weakref.WeakSet()
crossing: Final[list[ServerConnection]] = []
inherited: Final[list[ServerConnection]] = []  # never freed
os.register_at_fork(
    before=remember_before_fork,
    after_in_parent=forget_in_parent,
    after_in_child=blind_in_child,
)

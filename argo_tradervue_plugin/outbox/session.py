"""
One connection to a PostgreSQL server: bounded in time, and of one process only.

Nothing is prepared or set for longer than a transaction: a pooler may give the next
one another connection, and this one to somebody else. What the server itself bounds
(waiting for a lock, a statement, an idle transaction) each transaction begins with. A
server that does not answer at all is given up by us.
"""

import os
import select
import weakref
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from time import monotonic
from typing import Any, Final, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import PipelineStatus, TransactionStatus
from psycopg.sql import Identifier, Literal
from psycopg.types.numeric import FloatDumper

from argo_tradervue_plugin.config.databases import MASK, SECRET
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.dialect import portable
from argo_tradervue_plugin.process.descriptors import Beacon, keep_forever
from argo_tradervue_plugin.process.forking import gate

__all__ = ["ISOLATION", "NoAnswer", "Parameters", "Session", "parameters_of"]

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
# What every statement is run with.
ASKING: Final[dict[str, str]] = {
    "statement_timeout": "30s",
    # Whatever is asked here is a few rows found by an index. A server that does not
    # know yet how many there are would rather read them all, or compile the question.
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "jit": "off",
}
# A process that hangs in a transaction holds up whoever takes over, so that the server
# ends it: none of ours has anything else to do between two statements.
CHANGING: Final[dict[str, str]] = {
    **ASKING,
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "15s",
}
ISOLATION: Final = "ISOLATION LEVEL READ COMMITTED"


class NoAnswer(psycopg.OperationalError):
    """The server did not answer for longer than any call takes; its work is unknown."""


class ServerConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that waits for an answer until a time, and then is of no use."""

    until: float | None = None  # monotonic seconds; None for as long as a call may take
    beacon: Beacon | None = None  # opened before it

    def is_ours(self) -> bool:
        """Tell whether the host has not closed its socket, as far as that shows."""
        return self.beacon is None or self.beacon.is_there()

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> Any:
        return gated(super()._connect_gen(conninfo))

    def wait(self, gen: Generator[Any, Any, T], *_: Any, **__: Any) -> T:
        """Wait as psycopg does, but not for ever."""
        now = monotonic()
        end = now + CALL_SECONDS if self.until is None else self.until
        try:
            look = max(0.0, min(LOOK, end - now))
            return super().wait(ending(gated(gen), end), look)
        except NoAnswer:
            self.close()
            raise


def gated(gen: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
    """Go through *gen*, which calls libpq: a fork waits for that, not for a server."""
    answer = None
    while True:
        with gate:
            try:
                wanted = gen.send(answer)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
        answer = yield wanted


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


class TypedFloat(FloatDumper):
    """A number in the text of a statement, of the type that a parameter has."""

    def quote(self, obj: float) -> bytes:
        """Return *obj* as a constant."""
        return b"'%s'::float8" % bytes(self.dump(obj) or b"")


class Parameters:
    """What libpq is given; what is secret of it is never shown."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = dict(given)

    def __repr__(self) -> str:
        shown = {k: MASK if k in SECRET else v for k, v in self._given.items()}
        return f"Parameters({shown!r})"

    def masked(self, text: str) -> str:
        """Return *text*, which may come from anywhere, without what is secret."""
        for name in SECRET & self._given.keys():
            if self._given[name]:
                text = text.replace(self._given[name], MASK)
        return text

    def connect(self) -> ServerConnection:
        """
        Connect, and return the connection.

        Raises:
            psycopg.Error: of which nothing leads to the frames of psycopg and libpq,
                where the password is.
        """
        failure: psycopg.Error
        try:
            return ServerConnection.connect(
                **self._given, autocommit=True, prepare_threshold=None
            )
        except psycopg.Error as error:
            failure = type(error)(self.masked(str(error)))
        except BaseException as error:  # noqa: BLE001 - it goes on, without the frames
            raise error.with_traceback(None) from None
        raise failure


class Session:
    """What one thread of one process has open; takes SQL as SQLite does."""

    def __init__(self, parameters: Parameters, schema: str) -> None:
        # The libraries below hold locks of their own while they connect.
        beacon = Beacon()
        try:
            with gate:  # where this process may not it says so
                pass
            self.raw = parameters.connect()
        except BaseException:
            beacon.close()
            raise
        self.raw.beacon = beacon
        self.raw.adapters.register_dumper(float, TypedFloat)
        self.pid = os.getpid()
        self.in_transaction = False
        self._has_failed = False
        self._is_broken = False
        self.schema = schema
        living.add(self.raw)

    def __del__(self) -> None:
        # A thread that ended without a word; nothing to say where it never connected.
        with suppress(Exception):
            self.close()

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        """
        Run one statement, outside a transaction in one of its own.

        Raises:
            psycopg.Error: it failed; outside a transaction this session is over.
        """
        try:
            if self.in_transaction:
                return self.raw.execute(portable(sql, self.schema), parameters)
            return self._ask(portable(sql, self.schema), parameters)
        except psycopg.Error:
            self._has_failed = True
            if not self.in_transaction:
                self._is_broken = not self.is_usable()
                self.close()
            raise

    def is_over(self, error: psycopg.Error) -> bool:
        """Tell whether *error* is about this connection, and not what was asked."""
        return self._is_broken and not isinstance(error, NoAnswer)

    def _ask(self, sql: bytes, parameters: Any) -> Any:
        """Run one statement with its settings, in one message."""
        cursor = psycopg.ClientCursor(self.raw)
        cursor.execute(asking() + sql, parameters)
        while cursor.nextset():
            pass
        return cursor

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Any:
        """Run one statement for each set of parameters, in one round trip."""
        cursor = self.raw.cursor()
        cursor.executemany(portable(sql, self.schema), parameters)
        return cursor

    @contextmanager
    def waiting_until(self, until: float | None) -> Iterator[None]:
        """Wait for answers inside the block until then."""
        self.raw.until = until
        try:
            yield
        finally:
            self.raw.until = None

    def begin(
        self,
        *,
        is_pipelined: bool = True,
        isolation: str = ISOLATION,
        ask: str = "",
        **settings: str,
    ) -> None:
        """
        Begin a transaction, with *settings* beside those that each has.

        *ask* is a question that goes along, for :meth:`answer`.

        Nothing in it waits for an answer that is not asked for: a statement that only
        changes something goes along with the next one that is read, or the commit.
        One that is not *is_pipelined* takes scripts.
        """
        self._pipeline = self.raw.pipeline() if is_pipelined else None
        try:
            if self._pipeline is not None:
                self._pipeline.__enter__()
            self.raw.execute(b"BEGIN " + isolation.encode())
            # What a trigger names without its schema is found there, and nowhere else.
            # Not even in temporary tables of whoever had this connection before.
            here = {"search_path": f"{Identifier(self.schema).as_string()}, pg_temp"}
            begun = locally({**here, **CHANGING, **settings})
            if ask:
                begun += b", (" + portable(ask, self.schema) + b")"
            self._begun = self.raw.execute(begun)
        except BaseException:
            self.close()
            raise
        self.in_transaction = True

    def answer(self) -> Any:
        """Return the answer to what the transaction began with."""
        [*_, answer] = self._begun.fetchone() or [None]
        return answer

    def commit(self) -> None:
        """
        End the transaction well.

        Raises:
            psycopg.Error: it was not committed, or that is unknown.
        """
        ended = self.raw.execute(b"COMMIT")
        if self._pipeline is not None:
            self._pipeline.__exit__(None, None, None)
        if ended.statusmessage != "COMMIT":  # one of its statements had failed
            raise psycopg.errors.InFailedSqlTransaction("rolled back")
        self.in_transaction = False

    def roll_back(self) -> None:
        """
        Undo the transaction, and close the session if anything of it failed.

        A server that does not hear of it undoes it by itself.
        """
        self.in_transaction = False
        try:
            if self._pipeline is not None:
                self._pipeline.__exit__(None, None, None)
            self.raw.execute(b"ROLLBACK")
        except psycopg.Error:  # it must not hide the first error
            self._has_failed = True
        if self._has_failed or not self._is_idle():
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
        if self.pid != os.getpid():
            return
        if self.raw.is_ours():
            self.raw.close()
            if self.raw.beacon is not None:
                self.raw.beacon.close()
        else:
            keep_forever(self.raw)
            living.discard(self.raw)


@lru_cache(maxsize=50)
def locally_of(settings: tuple[tuple[str, str], ...]) -> bytes:
    """Return the statement by which *settings* hold until the transaction ends."""
    calls = (
        f"set_config({Literal(k).as_string()}, {Literal(v).as_string()}, true)"
        for k, v in settings
    )
    return f"SELECT {', '.join(calls)}".encode()


def locally(settings: Mapping[str, str]) -> bytes:
    """Return the statement by which *settings* hold until the transaction ends."""
    return locally_of(tuple(settings.items()))


def asking() -> bytes:
    """Return what comes before a statement in a transaction of its own."""
    settings = "; ".join(f"SET LOCAL {k} = '{v}'" for k, v in ASKING.items())
    return f"SET TRANSACTION {ISOLATION}; {settings}; ".encode()


def parameters_of(url: str) -> Parameters:
    """
    Return the parameters of libpq, with our own defaults.

    Raises:
        OutboxError: where *url* is none; what is wrong with it is not repeated, since
            that could be a part of the password.
    """
    if is_misread(url):
        raise OutboxError(
            "the URL of the database cannot be understood: in a user name or password "
            "@ is written as %40, / as %2F and : as %3A"
        )
    given = understood(url)
    if given is None:
        raise OutboxError(
            "the URL of the database cannot be understood: expected "
            "postgresql://user:password@host:port/name, each part percent-encoded"
        )
    return Parameters({**DEFAULTS, **given})


# Nothing is raised where the parts are, so that no frame of an error holds them.


def is_misread(url: str) -> bool:
    """Tell whether a part of *url* would be taken for another."""
    place = url.partition("://")[2].partition("?")[0]
    authority, _, name = place.partition("/")
    return authority.count("@") > 1 or "@" in name


def understood(url: str) -> dict[str, Any] | None:
    """Return what libpq makes of *url*; None: nothing."""
    try:
        return conninfo_to_dict(url)
    except psycopg.Error:
        return None


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
        keep_forever(each)
        if not each.closed and each.is_ours():
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

"""What an outbox needs of its database: connections, transactions, and their fence."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from operator import methodcaller
from typing import Any, ClassVar, Final, TypeVar

from argo_tradervue_plugin.errors import OutboxReplaced, OutboxTooNew
from argo_tradervue_plugin.outbox.records import Lease
from argo_tradervue_plugin.outbox.rows import Connection, batches, placeholders

__all__ = ["LOST", "Engine", "Reading", "Writing", "settle_here"]

T = TypeVar("T")

LOST: Final = "another process forwards now"


class Visits(threading.local):
    """Whether this thread is one of ours, and how many calls of a host's it is in."""

    is_at_home = False
    depth = 0


visits: Final = Visits()


def settle_here() -> None:
    """Let this thread, which is one of ours, keep its connections."""
    visits.is_at_home = True


class Engine(ABC):
    """
    The database of an outbox; each thread has a connection of its own.

    *newest* is the newest version of the schema that is understood here. *is_open*
    says whether the database was made and migrated, *losses* how often what was open
    was deleted or replaced since.
    """

    # What keeps others from writing until this transaction has ended, where beginning
    # it is not enough.
    locking: ClassVar[str] = ""
    # What an INSERT says where it gives the numbers itself that the engine counts.
    overriding: ClassVar[str] = ""

    newest: int
    is_open = False
    losses = 0
    # Whether threads keep their connection between two calls, but for the host's own:
    # a fork would have to close it.
    keeps_for_hosts = True

    def open(self) -> None:
        """
        Make and migrate what has to be; does nothing once it was done.

        Done by everything that reads or writes: what could not be opened at the start
        is opened as soon as it can be.

        Raises:
            OutboxTooNew: a newer version has written it; only an update helps.
            OutboxError: it cannot be opened now.
        """
        if not self.is_open:
            with self.visit():
                self.make()
            self.is_open = True

    def visit(self) -> AbstractContextManager[None]:
        """Close what a thread of the host has opened when its outermost call ends."""
        is_kept = self.keeps_for_hosts or visits.is_at_home
        return nullcontext() if is_kept else self._visiting()

    @contextmanager
    def _visiting(self) -> Iterator[None]:
        visits.depth += 1
        try:
            yield
        finally:
            visits.depth -= 1
            if not visits.depth:
                self.close()

    def see_version(self, version: int) -> None:
        """
        Take care that an outbox of *version* is the one that was opened.

        Another process may have migrated it meanwhile, and a person may have put an
        older copy back.

        Raises:
            OutboxTooNew: a newer version of this plugin has written it.
            OutboxReplaced: it is older; it is opened again by the next call.
        """
        if version > self.newest:
            raise OutboxTooNew(
                f"{self} was written by a newer version of this plugin (schema "
                f"{version}, this one knows {self.newest}): update it. Until this "
                "process is restarted with the newer one it records into its spool, "
                "and forwards nothing"
            )
        if version < self.newest:
            self.is_open = False
            self.losses += 1
            raise OutboxReplaced(
                f"{self} has become older (schema {version}): it is opened again"
            )

    @abstractmethod
    def make(self) -> None:
        """Make and migrate what has to be."""

    @abstractmethod
    def ask(self, fetch: Callable[[Any], T], sql: str, parameters: Any = ()) -> T:
        """
        Return what *fetch* takes of the rows that *sql* finds; it may ask twice.

        Raises:
            OutboxError: it cannot be read now.
        """

    @abstractmethod
    def begin(self, lease: Lease | None = None) -> AbstractContextManager[Connection]:
        """
        Begin a transaction; it is committed when the block ends well.

        Raises:
            LeaseLost: *lease* is another process's by now.
            OutboxTooNew: a newer version of this plugin has written the outbox.
        """

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Connection]:
        """Give a connection that reads everything as it is at one moment."""

    @abstractmethod
    def connection(self) -> Connection:
        """Return the calling thread's connection, opened in this very process."""

    @abstractmethod
    def close(self) -> None:
        """Close the calling thread's connection; it opens again when needed."""

    @abstractmethod
    def stored_version(self) -> int:
        """
        Return the version of the schema that is there, 0 where none is; makes nothing.

        Raises:
            OutboxError: it cannot be read now.
        """

    @abstractmethod
    def number_on(self, connection: Connection) -> None:
        """Let the engine count on from the numbers that were given to it."""


class Reading:
    """What is read of an outbox: SQL in one dialect, for any engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._all: Callable[..., list[Any]] = partial(
            engine.ask, methodcaller("fetchall")
        )
        self._one: Callable[..., Any] = partial(engine.ask, methodcaller("fetchone"))

    def _among(
        self, values: Iterable[Any], sql: str, *others: Any
    ) -> Iterator[Sequence[Any]]:
        """
        Yield the rows that *sql* finds, whose ``IN ()`` takes any number of *values*.

        *others* are its parameters before that.
        """
        for some in batches(values):
            listed = f"IN ({placeholders(some)})"
            yield from self._all(sql.replace("IN ()", listed), [*others, *some])


class Writing:
    """What is written inside one transaction, on its *connection*."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

"""What every step of a delivery needs: the outbox, the client, the lease, the clock."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import LeaseLost
from argo_tradervue_plugin.outbox.records import Lease, Row
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.outbox.writer import Writer

if TYPE_CHECKING:
    from argo_tradervue_plugin.model.journal import JournalTradeDetail
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Context", "Lane", "lease_seconds"]

T = TypeVar("T")

FEWEST: Final = 20  # executions in an import after one that failed for one of them
PIECE: Final = 50  # rows in one transaction, some milliseconds


@attrs.define(kw_only=True)
class Context:
    """What planning needs, whoever asks for it; *clock* returns Unix seconds."""

    outbox: Outbox
    settings: Settings
    clock: Callable[[], float] = time.time

    def condition(self, name: str) -> str | None:
        """Return what the outbox keeps of that name for the sending as a whole."""
        return self.outbox.condition(name)


@attrs.define(kw_only=True)
class Lane(Context):
    """The forwarding for one Tradervue account, while its lease is held."""

    lease: Lease
    connect: Callable[[], "TradervueClient"]
    stopping: threading.Event
    give_way: Callable[[], None] = lambda: None
    steady: Callable[[], float] = time.monotonic
    renewed_at: float = attrs.field(factory=time.monotonic)  # by *steady*
    pauses: Callable[[float], None] | None = None  # instead of waiting
    # Journal trades on which nothing was written when a list showed them, and when
    # that was. Who waits for an import writes some of them, and goes on at the next.
    untouched: dict[int, "tuple[float, JournalTradeDetail]"] = attrs.field(
        factory=dict, init=False
    )
    # How many executions go in one import: fewer where imports fail for single rows.
    _import_size: int | None = attrs.field(default=None, init=False)
    _conditions: dict[str, str] | None = attrs.field(default=None, init=False)

    def begin_step(self) -> None:
        """Read again what others may have changed since the last step."""
        self._conditions = None

    def condition(self, name: str) -> str | None:
        """Return it as it was in this step; all of them are read at once."""
        if self._conditions is None:
            self._conditions = self.outbox.conditions()
        return self._conditions.get(name)

    def set_condition(self, writer: Writer, name: str, facts: str | None) -> None:
        """Keep a condition; None: it does not hold any more."""
        writer.set_condition(name, facts)
        self._conditions = None

    @property
    def client(self) -> "TradervueClient":
        """Return the client for the present credentials."""
        return self.connect()

    @property
    def lease_seconds(self) -> float:
        """How long a lease holds: longer than any single request can take."""
        return lease_seconds(self.settings)

    @property
    def import_size(self) -> int:
        """How many executions go in one import now."""
        largest = self.settings.import_size
        return min(self._import_size or largest, largest)

    def import_failed_at(self, index: int) -> None:
        """
        Note that an import failed for the row at *index*, counted from 0.

        Many others may be of its kind. Each names one row, and all others go again: in
        imports of hundreds every row would go hundreds of times.
        """
        self._import_size = max(FEWEST, 2 * (index + 1))

    def import_succeeded(self) -> None:
        """Note that an import had no such row: more can go at once again."""
        if self._import_size is not None:
            more = 2 * self._import_size
            self._import_size = None if more >= self.settings.import_size else more

    def keep(self) -> None:
        """
        Renew the lease when less of it is left than one request may take.

        Called before every request, so that nothing is sent once it was lost.

        Raises:
            LeaseLost: another process forwards now.
        """
        now, steady = self.clock(), self.steady()
        # By whichever clock says that less is left: one may be set, the other stands
        # still while the machine sleeps. One further ahead than it lasts was set back.
        left = self.lease.expires_at - now
        by_steady = self.renewed_at + self.lease_seconds - steady
        is_odd = left > self.lease_seconds + 1
        if is_odd or min(left, by_steady) < self.settings.timeout_seconds + 5:
            self.lease = self.outbox.renew(self.lease, now=now, ttl=self.lease_seconds)
            self.renewed_at = steady
            if self.lease.expires_at <= now:
                raise LeaseLost("the lease ran out")

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """Change the outbox, as long as the lease is ours."""
        with self.outbox.write(self.lease) as writer:
            yield writer

    def pieces(self, items: Iterable[T]) -> Iterator[list[T]]:
        """
        Yield *items* in lists short enough for one transaction.

        Between two of them the worker gives way to hooks, which wait for the same
        interpreter, and other processes have the database. The lease is kept: where
        all of them take longer than it lasts, a successor would begin again, and lose
        it at the same place.

        Raises:
            LeaseLost: another process forwards now.
        """
        rest = list(items)
        for start in range(0, len(rest), PIECE):
            self.give_way()
            self.keep()
            yield rest[start : start + PIECE]

    def one_by_one(self, items: Iterable[T]) -> Iterator[T]:
        """Yield *items*, each of which takes a while, as in :meth:`pieces`."""
        for piece in self.pieces(items):
            yield from piece

    def pause(self, seconds: float) -> bool:
        """Wait; return False at once when the worker is to stop."""
        if self.pauses is None:
            return not self.stopping.wait(seconds)
        self.pauses(seconds)
        return not self.stopping.is_set()

    def tag_of(self, row: Row) -> str:
        """Return the tag by which the trade of *row* is listed in the journal."""
        return row.account_tag or self.settings.account_tag


def lease_seconds(settings: Settings) -> float:
    """Return how long a lease holds: twice what a request may take, and a little."""
    return 2 * settings.timeout_seconds + 10

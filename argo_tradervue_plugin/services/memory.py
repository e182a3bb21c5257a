"""
What a thread that may not wait answers from: a copy of what was last read.

The thread of an event loop asks and gets what is there at once; the worker's thread
reads it, and reads again what was asked for, until it has its final state.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, TypeVar

import attrs

from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.outbox.records import EventKind, Recorded, State
from argo_tradervue_plugin.process.forking import Lock
from argo_tradervue_plugin.services.compat import SyncStats

__all__ = ["Memory", "Recalled", "Source"]

MOST: Final = 512  # trades that are remembered, about a kilobyte each
PAUSE: Final = 0.1  # seconds between two readings, however often the worker steps

Key = tuple[str, str]
T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Recalled:
    """
    What was read of a trade: its id in the journal, and the states of its legs.

    The *states* are those of the trade as it was in *payload*; None: of no recording.
    """

    payload: str | None = None
    states: Mapping[Kind, State] = attrs.field(factory=dict)
    journal_id: int | None = None
    is_final: bool = False

    def of(self, payload: str) -> Mapping[Kind, State]:
        """Return the states, none where the host has changed the trade since."""
        return self.states if self.payload == payload else {}


class Source(Protocol):
    """Where the worker's thread reads; each call may raise an ``OutboxError``."""

    def answers_for(self, events: Sequence[Recorded]) -> Sequence[Recalled]:
        """Return what there is of the trades of *events*, in their order."""

    def begin_sync(self, days: int) -> Callable[[], SyncStats]:
        """Begin a sync of the last *days* days; return what counts it so far."""


class Memory:
    """
    The copy. Every call but :meth:`refresh` returns at once, on whatever thread.

    The lock is never held while anything is read. *longest* are the seconds after
    which a sync is counted as it is.
    """

    def __init__(
        self,
        source: Source,
        *,
        longest: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._longest = longest
        self._clock = clock
        self._lock = Lock()
        self._asked: dict[Key, Recorded] = {}
        self._answers: dict[Key, Recalled] = {}
        self._read_at = float("-inf")
        self._days: int | None = None
        self._sync: tuple[float, Callable[[], SyncStats]] | None = None
        self._came_to: SyncStats | None = None

    def recall(self, event: Recorded) -> Recalled | None:
        """Return what was last read of the trade of *event*; None: not asked for."""
        key = event.trade_id, event.identity
        with self._lock:
            answer = self._answers.get(key)
            return Recalled() if answer is None and key in self._asked else answer

    def wants(self, event: Recorded) -> bool:
        """Tell whether what *event* says is recorded and waits to be read."""
        with self._lock:
            asked = self._asked.get((event.trade_id, event.identity))
        return (
            asked is not None
            and asked.payload == event.payload
            and (asked.kind is EventKind.EXIT or event.kind is not EventKind.EXIT)
        )

    def want(self, event: Recorded) -> None:
        """Have the trade of *event*, which is recorded by now, read again."""
        with self._lock:
            keep(self._asked, (event.trade_id, event.identity), event)

    def sync(self, days: int) -> SyncStats:
        """Have the last *days* days synced; return what came of the sync before."""
        with self._lock:
            if self._sync is None:
                self._days = days
            came_to, self._came_to = self._came_to, None
            return came_to or SyncStats()

    def refresh(self) -> None:
        """
        Read what was asked for, where that is due.

        Raises:
            OutboxError: it cannot be read now; it is read another time.
        """
        now = self._clock()
        if now - self._read_at < PAUSE:
            return
        self._refresh_sync(now)
        with self._lock:
            asked = dict(self._asked)
        if asked:
            read = self._source.answers_for(list(asked.values()))
            for (key, event), answer in zip(asked.items(), read, strict=True):
                self._remember(key, event, answer)
        self._read_at = self._clock()

    def _remember(self, key: Key, event: Recorded, answer: Recalled) -> None:
        with self._lock:
            keep(self._answers, key, answer)
            if answer.is_final and self._asked.get(key) is event:
                del self._asked[key]

    def _refresh_sync(self, now: float) -> None:
        with self._lock:
            days, self._days = self._days, None
        if days is not None:
            self._sync = now, self._source.begin_sync(days)
        if self._sync is None:
            return
        began_at, count = self._sync
        stats = count()
        if not stats.pending or now - began_at >= self._longest:
            with self._lock:
                self._came_to, self._sync = stats, None


def keep(kept: dict[Key, T], key: Key, value: T) -> None:
    """Put *value* last, and let go of the first where there are too many."""
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > MOST:
        del kept[next(iter(kept))]

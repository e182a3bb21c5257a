"""
Events that the outbox could not take at once, kept in memory until it can.

A hook waits a few milliseconds for the database and no longer. What could not be
written by then waits here for the worker, which has more time. It is bounded: an
event beyond the bound is lost here, is counted, and comes back from the tracker's own
record as soon as the database can be written, or at the next start.
"""

import logging
from collections import deque
from contextlib import suppress
from typing import Final, NamedTuple

from argo_tradervue_plugin.errors import OutboxBusy, OutboxError
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.journal.executions import Kind
from argo_tradervue_plugin.outbox.interface import Outbox

__all__ = ["HeldEvents", "Recorded"]

MOST: Final = 20_000  # events, about a kilobyte each
PATIENCE: Final = 2.0  # seconds that the worker waits for other writers


class Recorded(NamedTuple):
    """An event as the hook saw it; *at* is Unix seconds."""

    trade_id: str
    kind: Kind
    identity: str
    payload: str
    at: float


class HeldEvents:
    """A queue with a bound; hooks put events in, the worker takes them out."""

    def __init__(self, most: int = MOST) -> None:
        self.lost = 0
        self._most = most
        self._events: deque[Recorded] = deque()

    def __len__(self) -> int:
        return len(self._events)

    def record(self, outbox: Outbox, event: Recorded, *, patience: float) -> bool:
        """
        Write *event* within *patience* seconds, or hold it; tell whether it is written.

        One waits behind an earlier one of the same trade: what is recorded last counts.
        """
        try:
            if self._events and self._holds(event.trade_id, event.kind):
                raise OutboxBusy("an earlier event of the trade is held")
            outbox.record(*event, patience=patience)
        except OutboxError as error:
            self.hold(event, error)
            return False
        return True

    def _holds(self, trade_id: str, kind: Kind) -> bool:
        return any(e.trade_id == trade_id and e.kind is kind for e in [*self._events])

    def hold(self, event: Recorded, error: OutboxError) -> None:
        """Keep *event*; tell the operator when the first is held, or one is lost."""
        if len(self._events) >= self._most:
            self.lost += 1
            log.error(
                "tradervue.event_lost kind=%s trade=%s lost=%d error=%s: it is asked "
                "of the tracker again when the database can be written",
                event.kind,
                event.trade_id,
                self.lost,
                error,
            )
            return
        self._events.append(event)
        if len(self._events) == 1:
            # A busy database is an ordinary moment; anything else needs a person.
            level = logging.DEBUG if isinstance(error, OutboxBusy) else logging.WARNING
            log.log(level, "tradervue.event_held error=%s: kept in memory", error)

    def write_into(self, outbox: Outbox) -> bool:
        """
        Write what is held, oldest first; return whether there was anything.

        Two threads may do so at once: written twice it is still one event.

        Raises:
            OutboxError: it still cannot be written; nothing was dropped.
        """
        wrote = False
        while self._events:
            event = self._events[0]
            outbox.record(*event, patience=PATIENCE)
            with suppress(ValueError, IndexError):  # the other thread was faster
                self._events.remove(event)
            wrote = True
        return wrote

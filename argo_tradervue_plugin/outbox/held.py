"""
Events that could not be written, kept in memory until they can.

The disk is full, or may not be written to. What happens then waits here for the worker,
which tries again. It is bounded: an event beyond the bound is lost here, is counted,
and comes back from the tracker's own record as soon as there is room again, or at the
next start.
"""

from collections import deque
from contextlib import suppress
from typing import Final

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.outbox.interface import EventKind, Outbox, Recorded

__all__ = ["HeldEvents"]

MOST: Final = 20_000  # events, about a kilobyte each


class HeldEvents:
    """A queue with a bound; hooks put events in, the worker takes them out."""

    def __init__(self, most: int = MOST) -> None:
        self.lost = 0
        self.last_at: float | None = None  # when something was recorded, Unix seconds
        self._most = most
        self._events: deque[Recorded] = deque()

    def __len__(self) -> int:
        return len(self._events)

    def record(self, outbox: Outbox, event: Recorded) -> bool:
        """
        Write *event*, or hold it; tell whether it is written.

        One waits behind an earlier one of the same execution, and a correction, which
        may speak of both, behind any of the trade: what is recorded last counts.
        """
        self.last_at = event.at
        if self._events and self._holds(event.trade_id, event.kind):
            self.hold(event, OutboxError("an earlier event of the trade is held"))
            return False
        try:
            outbox.record(event)
        except OutboxError as error:
            self.hold(event, error)
            return False
        return True

    def _holds(self, trade_id: str, kind: EventKind) -> bool:
        return any(
            e.trade_id == trade_id
            and (e.kind is kind or EventKind.CORRECTION in {e.kind, kind})
            for e in [*self._events]
        )

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
            log.warning("tradervue.event_held error=%s: kept in memory", error)

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
            try:
                outbox.record(event)
            except OutboxError:
                # There may be no room for it here, and a server that has it elsewhere.
                if not outbox.gather([event]):
                    raise
            with suppress(ValueError, IndexError):  # the other thread was faster
                self._events.remove(event)
            wrote = True
        return wrote

    def drop(self) -> int:
        """Give up what is held, and count it as lost; return how many events."""
        dropped = 0
        with suppress(IndexError):
            while True:
                self._events.popleft()
                dropped += 1
        self.lost += dropped
        return dropped

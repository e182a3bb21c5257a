"""
Events that could not be written, kept in memory until they can.

The disk is full, or may not be written to. What happens then waits here for the worker,
which tries again. It is bounded: an event beyond the bound is lost here, is counted,
and comes back from the tracker's own record as soon as there is room again, or at the
next start.
"""

from collections import deque
from contextlib import suppress
from itertools import count
from time import monotonic
from typing import Final

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = ["HeldEvents"]

MOST: Final = 20_000  # events, about a kilobyte each
QUIET: Final = 60.0  # seconds between two lines about what goes on being lost


class HeldEvents:
    """
    A queue with a bound; hooks put events in, the worker takes them out.

    What a hook does here takes the same time whatever is held, and no lock: events have
    numbers, and of each trade the last number is remembered. It is held as long as it
    is not before the oldest.
    """

    def __init__(self, most: int = MOST) -> None:
        self.lost = 0
        self.last_at: float | None = None  # when something was recorded, Unix seconds
        self._most = most
        self._events: deque[tuple[int, Recorded]] = deque()
        self._numbers = count()
        self._last: dict[tuple[str, EventKind], int] = {}
        self._is_forgetting = False
        self._why: OutboxError | None = None  # the last was lost
        self._said = 0  # of those that were lost
        self._said_at = 0.0  # monotonic seconds
        self._held_at = -QUIET  # when it was said that one is held

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
        if self._is_forgetting:
            return True
        try:
            oldest = self._events[0][0]
        except IndexError:  # another thread has written it just now
            return False
        is_any = kind is EventKind.CORRECTION
        kinds = tuple(EventKind) if is_any else (kind, EventKind.CORRECTION)
        return any(self._last.get((trade_id, each), -1) >= oldest for each in kinds)

    def hold(self, event: Recorded, error: OutboxError) -> None:
        """
        Keep *event*, and say so of the first; one that is lost is only counted.

        Where each is written elsewhere at once, each is the first: then it is said once
        in a while.
        """
        if len(self._events) >= self._most:
            self.lost += 1
            self._why = error
            return
        number = next(self._numbers)
        # In this order: see _forget.
        self._events.append((number, event))
        self._last[event.trade_id, event.kind] = number
        if len(self._events) == 1 and monotonic() - self._held_at >= QUIET:
            self._held_at = monotonic()
            log.warning(
                "tradervue.event_held error=%s: what was recorded before is safe; this "
                "and what follows is kept in memory, is written as soon as it can be, "
                "and is lost if the process ends before that, unless the tracker "
                "stores its trades",
                error,
            )

    def write_into(self, outbox: Outbox) -> bool:
        """
        Write what is held, oldest first; return whether there was anything.

        Two threads may do so at once: written twice it is still one event.

        Raises:
            OutboxError: it still cannot be written; nothing was dropped.
        """
        self.say_lost()
        wrote = False
        while self._events:
            numbered = self._events[0]
            event = numbered[1]
            try:
                outbox.record(event)
            except OutboxError:
                # There may be no room for it here, and a server that has it elsewhere.
                if not outbox.gather([event]):
                    raise
            with suppress(ValueError, IndexError):  # the other thread was faster
                self._events.remove(numbered)
            wrote = True
        if wrote:
            self.say_lost(is_over=True)
            self._forget()
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

    def say_lost(self, *, is_over: bool = False) -> None:
        """Say how many events were lost: at once, and then now and then, or at last."""
        if self.lost == self._said:
            return
        now = monotonic()
        if self._said and not is_over and now - self._said_at < QUIET:
            return
        log.error(
            "tradervue.event_lost lost=%d error=%s: memory was full too, and the "
            "tracker is asked for them again when the disk can be written",
            self.lost,
            self._why,
        )
        self._said, self._said_at = self.lost, now

    def _forget(self) -> None:
        """
        Forget the numbers of what was written.

        A hook that holds one meanwhile appends it first, and then notes its number
        where that is to be noted: it is in the new notes either way.
        """
        self._is_forgetting = True
        self._last = last = dict[tuple[str, EventKind], int]()
        for number, event in [*self._events]:
            key = event.trade_id, event.kind
            last[key] = max(number, last.get(key, -1))
        self._is_forgetting = False

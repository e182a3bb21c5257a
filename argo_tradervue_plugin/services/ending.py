"""
How an integration ends, and what becomes of what is recorded afterwards.

The host waits for a time that is set beforehand, whatever hangs: a lock, a server, a
tracker, a log. What reads or writes the outbox is done beside the host's thread.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from argo_tradervue_plugin.delivery.worker import Worker
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.outbox.held import HeldEvents
from argo_tradervue_plugin.outbox.records import Recorded
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.process.beside import beside
from argo_tradervue_plugin.process.forking import Lock

__all__ = ["Ending"]

# Seconds beyond the time for the journal: for threads that are in a request, for the
# whole of the end, and for the last words, where even these hang.
STOPPING: Final = 0.5
LONGEST: Final = 0.7
LAST_WORDS: Final = 0.1


class Ending:
    """
    The end of one integration.

    *count_left* returns how many events are left in the outbox, *close* closes what the
    integration itself has open; both may wait.
    """

    def __init__(
        self,
        outbox: Outbox,
        worker: Worker,
        held: HeldEvents,
        stop_results: Callable[[float], None],
        *,
        count_left: Callable[[], int],
        close: Callable[[], None],
    ) -> None:
        self.is_over = False  # what is recorded now has no worker any more
        self.left: int | None = None  # events; None: it could not be counted
        self._outbox = outbox
        self._worker = worker
        self._held = held
        self._stop_results = stop_results
        self._count_left = count_left
        self._close = close
        self._is_done = False
        self._lost = 0
        self._losing = Lock()

    def end(self, seconds: float) -> bool:
        """
        Let the worker finish within *seconds*; return whether nothing was left.

        Takes one second more at most.
        """
        deadline = time.monotonic() + seconds
        self._worker.end()
        ended = beside(
            lambda: self._finish(seconds, deadline), seconds + LONGEST, where="shutdown"
        )
        self.is_over = True
        if not ended:
            beside(self.lose_what_is_held, LAST_WORDS, where="shutdown")
        return ended and self._is_done

    def _finish(self, seconds: float, deadline: float) -> None:
        with suppress(OutboxError):  # what cannot be read is stopped all the same
            self._is_done = self._worker.is_idle() or (
                seconds > 0 and self._worker.flush(deadline - time.monotonic())
            )
        until = max(deadline, time.monotonic()) + STOPPING
        self._worker.stop(until - time.monotonic())
        self._stop_results(until - time.monotonic())
        self.is_over = True
        with suppress(OutboxError):  # memory ends with the process
            self._held.write_into(self._outbox)
        self.lose_what_is_held()
        with suppress(OutboxError):
            self.left = self._count_left()
        self._close()

    def record(self, event: Recorded) -> None:
        """Write *event* where the next start finds it; say so where that fails."""
        try:
            self._outbox.record(event)
        except OutboxError as error:
            self._lose(1, str(error))

    def lose_what_is_held(self) -> None:
        """Count what only memory has as lost, and say so."""
        events = self._held.drop()
        if events:
            self._lose(events, "the outbox could not be written")

    def _lose(self, events: int, why: str) -> None:
        """Count *events*; say so at the first, and when their number has doubled."""
        with self._losing:
            before, self._lost = self._lost, self._lost + events
            lost = self._lost
        if lost.bit_length() > before.bit_length():
            log.error(
                "tradervue.lost_at_shutdown events=%d error=%s: they were in memory "
                "only; a tracker with a store of its own gives them back at the next "
                "start",
                lost,
                why,
            )

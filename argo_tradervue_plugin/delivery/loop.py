"""
The thread of a process that takes one turn after another until it is stopped.

It is started when there is something to do, again in a child after a fork, and again
after a pause where it ended by itself.
"""

import os
import threading
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from decimal import setcontext
from typing import Final

import attrs

from argo_tradervue_plugin.delivery.schedule import delay_before
from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.outbox.engine import settle_here
from argo_tradervue_plugin.process.bell import Bell
from argo_tradervue_plugin.process.forking import FORKED_INSIDE, Lock, is_impaired
from argo_tradervue_plugin.process.sums import EXACT

__all__ = ["Loop", "Restarts"]

# A burst of events is let pass before the worker moves: it shares the interpreter with
# the trading loop, and one import takes them all. A single trade waits for the quiet.
QUIET: Final = 0.01  # seconds without an event
LONGEST_BURST: Final = 0.25  # seconds; then the worker takes a turn all the same
PAUSES: Final = (1.0, 60.0)  # seconds: the first, and the longest


@attrs.define
class Restarts:
    """
    The pauses between two starts: each is longer than the one before, up to a limit.

    Times are seconds of the monotonic clock. A thread that has lived for longer than
    the longest pause begins with the first again.
    """

    failures: int = 0
    again_at: float = 0.0
    started_at: float = 0.0

    def is_due(self, now: float) -> bool:
        """Tell whether it may be started now."""
        return now >= self.again_at

    def started(self, now: float) -> None:
        """Note that it has been started."""
        self.started_at = now

    def failed(self, now: float) -> float:
        """Note that it failed; return the seconds until it is started again."""
        first, longest = PAUSES
        if self.failures and self.started_at and now - self.started_at > longest:
            self.failures = 0
        self.failures += 1
        pause = delay_before(self.failures, first=first, longest=longest)
        self.again_at = now + pause
        return pause

    @property
    def is_to_be_said(self) -> bool:
        """Whether this failure is the first, or their number has doubled."""
        return self.failures & (self.failures - 1) == 0


class Loop(ABC):
    """A thread that takes turns; :meth:`wake` starts it, in whichever process."""

    def __init__(self) -> None:
        self._event_at = 0.0
        self._living = Lock()  # of two threads one works
        self._renew()

    def _renew(self) -> None:
        """Begin as in a process of its own: no thread survives a fork."""
        self._pid = os.getpid()
        self._bell = Bell()
        self._is_starting = False
        self._stopping = threading.Event()
        self._is_at_rest = threading.Event()
        self._is_at_rest.set()
        self._thread: threading.Thread | None = None
        self._restarts = Restarts()
        self.is_stuck = False  # no process can go on before a person has done something

    @abstractmethod
    def turn(self) -> float:
        """Do one job; return the seconds until the next, 0 when there is more."""

    @abstractmethod
    def leave(self) -> None:
        """Give back what this thread holds: it ends."""

    def wake(self) -> None:
        """Tell the worker that there is something to do; start it if need be."""
        self._event_at = time.monotonic()
        if self._pid != os.getpid():
            self._renew()
        if self._thread is None or not self._thread.is_alive():
            self._start()
        self._bell.ring()

    def nudge(self) -> None:
        """Have the worker look again at once, if it runs."""
        self._bell.ring()

    def stop(self, timeout: float) -> bool:
        """Stop after the present request; return whether it did within *timeout*."""
        self._stopping.set()
        self._bell.ring()
        thread = self._thread
        if thread is None or self._pid != os.getpid():
            return True
        thread.join(timeout)
        return not thread.is_alive()

    def _give_way(self) -> None:
        """Wait while events keep coming, for a bounded time."""
        deadline = time.monotonic() + LONGEST_BURST
        while (now := time.monotonic()) < deadline:
            since = now - self._event_at
            if since >= QUIET:
                return
            time.sleep(QUIET - since)

    def _start(self) -> None:
        """
        Start the thread, unless that is under way.

        Without a lock: a signal handler of the host may come here in the midst of it,
        on the same thread, and would wait for itself.
        """
        if self._is_starting:
            return
        try:
            self._is_starting = True
            self._start_thread()
        finally:
            self._is_starting = False

    def _start_thread(self) -> None:
        before = self._thread
        if self._stopping.is_set() or (before is not None and before.is_alive()):
            return
        if is_impaired():
            self._only_record()
            return
        if not self._restarts.is_due(time.monotonic()):
            return
        if before is not None and before.ident is not None:
            self._note_died("its thread is gone")  # it did not come to its own end
        thread = threading.Thread(
            target=self._live, name="argo-tradervue-worker", daemon=True
        )
        # Before it starts: a handler that raises meanwhile must not leave behind a
        # thread that works and is not known.
        self._thread = thread
        try:
            thread.start()
        except RuntimeError as error:
            # The system has none left, or the interpreter ends: then the next
            # process finds the event.
            self._thread = None
            pause = self._restarts.failed(time.monotonic())
            if self._restarts.is_to_be_said:
                log.error(
                    "tradervue.worker_not_started failures=%d retry_in=%.0fs "
                    "error=%s: everything is recorded",
                    self._restarts.failures,
                    pause,
                    error,
                )

    def _only_record(self) -> None:
        """Say, once in this process, that it was forked at a bad moment."""
        if not self.is_stuck:
            self.is_stuck = True
            log.error("tradervue.forked_inside: %s", FORKED_INSIDE)

    def _note_died(self, why: str) -> float:
        """Note that the worker died; return the seconds until it is started again."""
        pause = self._restarts.failed(time.monotonic())
        if self._restarts.is_to_be_said:
            log.error(
                "tradervue.worker_died failures=%d retry_in=%.0fs error=%s: it is "
                "started again; meanwhile everything is recorded",
                self._restarts.failures,
                pause,
                one_line(why),
            )
        return pause

    def _live(self) -> None:
        """Run, and again after a pause where that ended by itself."""
        setcontext(EXACT.copy())
        with self._living:
            while self._is_appointed():
                self._restarts.started(time.monotonic())
                try:
                    self._run()
                except BaseException as error:  # noqa: BLE001 - an exit, or no memory
                    pause = 1.0
                    with suppress(Exception):
                        pause = self._note_died(f"{type(error).__name__}: {error}")
                    self._stopping.wait(pause)

    def _is_appointed(self) -> bool:
        """Tell whether this thread is to go on, and no other has its place."""
        is_it = self._thread is threading.current_thread()
        return is_it and not self._stopping.is_set()

    def _run(self) -> None:
        settle_here()
        try:
            while self._is_appointed():
                self._give_way()
                self._bell.clear()
                self._is_at_rest.clear()
                wait = self.turn()
                self._is_at_rest.set()
                if wait:
                    self._bell.wait(wait)
        finally:
            self._is_at_rest.set()
            self.leave()

"""
What wakes a thread.

An event of ``threading`` has a lock: a signal handler of the host that comes while the
same thread sets it, and records a trade, waits for itself; and where it raises, the
lock is never released. A queue of the interpreter's own may be put into at any moment.
"""

from contextlib import suppress
from queue import Empty, SimpleQueue

__all__ = ["Bell"]


class Bell:
    """Rung by any thread, and also in the midst of ringing; one thread waits for it."""

    def __init__(self) -> None:
        self._rings: SimpleQueue[None] = SimpleQueue()

    def ring(self) -> None:
        """Wake who waits, or whoever waits next; ringing twice is ringing once."""
        if self._rings.empty():
            self._rings.put(None)

    def clear(self) -> None:
        """Forget that it was rung."""
        with suppress(Empty):
            while True:
                self._rings.get_nowait()

    def wait(self, seconds: float) -> None:
        """Wait for a ring, at most so long, and forget it."""
        with suppress(Empty):
            self._rings.get(timeout=seconds)

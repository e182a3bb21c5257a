"""The pause between two requests of one client."""

from collections.abc import Callable

from argo_tradervue_plugin.process.forking import Lock

__all__ = ["Pacer"]


class Pacer:
    """
    Lets callers pass at least *interval* seconds apart, counted from start to start.

    Safe for several threads: each reserves its turn under the lock and sleeps outside.
    *clock* counts seconds from anywhere, *sleep* waits that many.
    """

    def __init__(
        self,
        interval: float,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._next_turn = float("-inf")

    def wait(self) -> None:
        """Return when it is the caller's turn."""
        if self._interval <= 0:
            return
        with self._lock:
            now = self._clock()
            turn = max(now, self._next_turn)
            self._next_turn = turn + self._interval
        if turn > now:
            self._sleep(turn - now)

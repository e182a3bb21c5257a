"""How long the trading loop stands still while somebody works on its thread."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

__all__ = ["LoopMeter"]


class LoopMeter:
    """
    Wakes every *interval* seconds and notes how much later it came to run.

    ``standstills`` are those delays in seconds, in the order in which they were felt.
    *clock* counts seconds; tests replace it.
    """

    def __init__(
        self,
        interval: float = 0.001,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.interval = interval
        self.standstills: list[float] = []
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to measure; the first interval has begun when this returns."""
        self._task = asyncio.create_task(self._measure())
        await asyncio.sleep(0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the present interval, so that no standstill is missed."""
        task, self._task = self._task, None
        if task is not None:
            await asyncio.sleep(2 * self.interval)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @property
    def longest(self) -> float:
        """Return the longest standstill in seconds, 0 where none was measured yet."""
        return max(self.standstills, default=0.0)

    def percentile(self, percent: float) -> float:
        """Return the standstill that *percent* of all do not exceed, in seconds."""
        ordered = sorted(self.standstills)
        if not ordered:
            return 0.0
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

    async def _measure(self) -> None:
        while True:
            began = self._clock()
            await asyncio.sleep(self.interval)
            self.standstills.append(max(0.0, self._clock() - began - self.interval))

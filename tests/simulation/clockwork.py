"""Time that passes only when somebody says so, for the plugin and for Tradervue."""

import threading
import time
from collections.abc import Callable

import attrs

__all__ = ["Pausing", "SimulatedTime"]


@attrs.define(eq=False)
class SimulatedTime:
    """
    *now* is what the machine's clock shows (Unix seconds), and can be set wrong.

    *elapsed* only ever grows, as time itself does. *meanwhile* is called with the
    seconds of each passage that a worker waits for, before they pass: others are at
    work in them.
    """

    now: float = attrs.field(factory=time.time)
    elapsed: float = 0.0
    meanwhile: Callable[[float], None] | None = None

    def __call__(self) -> float:
        """Return what the clock shows."""
        return self.now

    def go_by(self, seconds: float) -> None:
        """Let *seconds* pass."""
        if self.meanwhile is not None:
            self.meanwhile(seconds)
        self.now += seconds
        self.elapsed += seconds

    def set_clock(self, seconds: float) -> None:
        """Set the clock forward, or back where *seconds* is negative."""
        self.now += seconds


class Pausing(threading.Event):
    """What a worker waits at between two looks; the wait takes simulated time only."""

    def __init__(self, clock: SimulatedTime) -> None:
        super().__init__()
        self.clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        """Let *timeout* seconds pass, unless the worker is to stop."""
        if not self.is_set():
            self.clock.go_by(timeout or 0.0)
        return self.is_set()

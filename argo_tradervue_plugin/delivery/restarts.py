"""When a thread that ended by itself, or could not be started, is started again."""

from typing import Final

import attrs

from argo_tradervue_plugin.delivery.schedule import delay_before

__all__ = ["Restarts"]

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

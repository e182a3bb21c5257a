"""
What a clock that is set back must not prolong.

A clock may be wrong at boot and corrected later. In memory that shows beside the
monotonic clock. Of what was stored before only this shows: that it is further ahead
than any pause is long.
"""

import time
from collections.abc import Callable
from typing import Final

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.schedule import delays

__all__ = ["Watch", "longest_pause"]

SLIGHT: Final = 2.0  # seconds by which a clock is corrected without anything to see to
LONGEST: Final = 900.0  # seconds of the longest pause after failures


@attrs.define
class Watch:
    """Sees when the clock was set back, by a clock that is never set."""

    steady: Callable[[], float] = time.monotonic
    _before: tuple[float, float] | None = None

    def set_back(self, now: float) -> float:
        """Return by how many seconds the clock was set back since the last call."""
        steady = self.steady()
        before, self._before = self._before, (now, steady)
        if before is None:
            return 0.0
        lacking = (steady - before[1]) - (now - before[0])
        return lacking if lacking > SLIGHT else 0.0


def longest_pause(settings: Settings) -> float:
    """Return the seconds of the longest pause after failures, quotas apart."""
    return max(LONGEST, delays(settings.first_poll)[1])

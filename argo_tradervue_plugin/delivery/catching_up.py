"""Asking the host what it has stored, until its trackers have answered."""

from collections.abc import Callable
from typing import Final

import attrs

from argo_tradervue_plugin.delivery.schedule import delay_before
from argo_tradervue_plugin.errors import OutboxError, TrackerError, one_line
from argo_tradervue_plugin.guard import log, swallow

__all__ = ["CatchUp"]

AGAIN: Final = (5.0, 900.0)  # seconds until a tracker is asked again, growing


@attrs.define
class CatchUp:
    """
    Records what the outbox lacks of the host's trades: once, and after a loss again.

    *ask* does it, or raises a TrackerError: then it is asked again after a pause, a
    longer one each time.
    """

    ask: Callable[[], None]
    failures: int = 0  # of trackers, in a row
    _done_with: int | None = None  # events that were lost by then
    _again_at: float = 0.0

    def begin_anew(self) -> None:
        """Ask at once: there is another tracker."""
        self._done_with, self._again_at = None, 0.0

    def step(self, now: float, lost: int) -> None:
        """
        Ask if it is time; *lost* is how many events were lost so far.

        Raises:
            OutboxError: it could not be recorded; nothing to do with the host.
        """
        if self._done_with == lost or now < self._again_at:
            return
        try:
            self.ask()
        except TrackerError as error:
            self._put_off(error, now)
            return
        except OutboxError:
            raise
        except Exception as error:  # noqa: BLE001 - what the host stores may be anything
            swallow("catch_up", error)
        self._done_with, self._again_at, self.failures = lost, 0.0, 0

    def _put_off(self, error: TrackerError, now: float) -> None:
        self.failures += 1
        first, longest = AGAIN
        wait = delay_before(self.failures, first=first, longest=longest)
        self._again_at = now + wait
        if self.failures & (self.failures - 1) == 0:
            log.error(
                "tradervue.tracker_failed failures=%d retry_in=%.0fs error=%s: what no "
                "hook recorded is not forwarded before it answers",
                self.failures,
                wait,
                one_line(str(error)),
            )

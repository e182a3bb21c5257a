"""
How the forwarding goes, and when it is tried again: a circuit breaker.

A failure is followed by a pause, a longer one each time. After a run of failures the
circuit is open: nothing is sent but, at the end of each pause, a single small question
that changes nothing. Its answer closes the circuit, and the forwarding goes on.
"""

from enum import StrEnum
from typing import Final

import attrs

from argo_tradervue_plugin.delivery.schedule import delay_after
from argo_tradervue_plugin.errors import ImportInProgress, one_line
from argo_tradervue_plugin.guard import log

__all__ = ["Circuit", "Health"]

LONGEST: Final = 1000  # characters of an error that says what helps
OPEN_AFTER: Final = 5  # failures in a row
CREDENTIALS_AGAIN: Final = 60.0  # seconds until refused credentials are looked up again


class Circuit(StrEnum):
    """Whether Tradervue is asked, and what."""

    CLOSED = "closed"  # everything that is due is sent
    OPEN = "open"  # nothing is sent until the pause is over
    HALF_OPEN = "half-open"  # the pause is over: one question, before anything is sent


@attrs.define(kw_only=True)
class Health:
    """How the forwarding goes; times are Unix seconds, texts are for the operator."""

    last_success_at: float | None = None
    last_error: str | None = None
    last_error_at: float | None = None
    failures: int = 0
    retry_at: float = 0.0
    is_refused: bool = False  # the credentials: nothing is sent until they change

    def circuit(self, now: float) -> Circuit:
        """Return how the circuit stands."""
        if self.failures < OPEN_AFTER:
            return Circuit.CLOSED
        return Circuit.OPEN if now < self.retry_at else Circuit.HALF_OPEN

    def went_well(self, now: float) -> None:
        """Note that something was done."""
        if self.failures:
            log.info("tradervue.recovered after=%d failures", self.failures)
        self.failures = 0
        self.is_refused = False
        self.retry_at = 0.0
        self.last_success_at = now

    def failed(
        self, error: Exception, now: float, *, poll: float, is_refused: bool
    ) -> float:
        """
        Note *error*; return the seconds to pause.

        It is told once, and then whenever the number of failures has doubled. *poll*
        is the first look at an import, *is_refused* whether only other credentials
        can help.
        """
        self.failures += 1
        self.last_error = one_line(str(error) or type(error).__name__, LONGEST)
        self.last_error_at = now
        delay = delay_after(error, self.failures, poll=poll)
        if is_refused:
            delay = CREDENTIALS_AGAIN
            if not self.is_refused:
                log.error(
                    "tradervue.paused error=%s: nothing is sent until the "
                    "credentials change; everything is kept in the outbox",
                    self.last_error,
                )
            self.is_refused = True
        elif not isinstance(error, ImportInProgress) and (
            self.failures & (self.failures - 1) == 0
        ):
            log.warning(
                "tradervue.delayed failures=%d retry_in=%.1fs error=%s: everything is "
                "kept in the outbox",
                self.failures,
                delay,
                self.last_error,
            )
        self.retry_at = now + delay
        return delay

"""
How the forwarding goes, and when it is tried again: a circuit breaker.

A failure is followed by a pause, a longer one each time. After a run of failures the
circuit is open: nothing is sent but, at the end of each pause, a single small question
that changes nothing. Its answer closes the circuit, and the forwarding goes on.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import attrs

from argo_tradervue_plugin.config.addresses import TRADERVUE
from argo_tradervue_plugin.delivery.schedule import delay_after
from argo_tradervue_plugin.errors import (
    AccountMismatch,
    ApiError,
    AuthenticationFailed,
    CredentialsError,
    ImportInProgress,
    OutboxError,
    PermissionRefused,
    Refused,
    WrongAddress,
    WrongPlace,
    one_line,
)
from argo_tradervue_plugin.guard import log

__all__ = ["ADVICE", "Cause", "Circuit", "Health", "cause_of", "circuit_of", "is_lost"]

LONGEST: Final = 1000  # characters of an error that says what helps
OPEN_AFTER: Final = 5  # failures in a row


class Circuit(StrEnum):
    """Whether Tradervue is asked, and what."""

    CLOSED = "closed"  # everything that is due is sent
    OPEN = "open"  # nothing is sent until the pause is over
    HALF_OPEN = "half-open"  # the pause is over: one question, before anything is sent


class Cause(StrEnum):
    """What kind of thing went wrong; it decides what helps."""

    NO_LOGIN = "no_login"
    REFUSED = "login_refused"
    MISMATCH = "account_mismatch"
    WRONG_PLACE = "wrong_place"
    WRONG_ADDRESS = "wrong_address"
    REJECTED = "rejected"
    OUTAGE = "outage"
    OUTBOX = "outbox"
    FAULT = "fault"


# What a person can do about each.
ADVICE: Final[Mapping[Cause, str]] = {
    Cause.NO_LOGIN: "put the user name and the password into the settings, AWS Secrets "
    "Manager or TRADERVUE_USERNAME and TRADERVUE_PASSWORD; forwarding then begins by "
    "itself",
    Cause.REFUSED: "correct the user name and the password where they were found; "
    "others are tried at once, and argo-tradervue check --again asks about the same "
    "ones now",
    Cause.MISMATCH: "give the other account an outbox of its own (outbox_name, another "
    "database, or database_schema), or run argo-tradervue account move where the login "
    "or the address was renamed",
    Cause.WRONG_PLACE: "move the outbox with argo-tradervue backup and restore, and "
    "set database to what is meant",
    Cause.WRONG_ADDRESS: f"correct base_url, by default {TRADERVUE}, or what stands "
    "between here and Tradervue",
    Cause.REJECTED: "read what Tradervue says: it answers, and does not take what is "
    "sent; it is tried again by itself",
    Cause.OUTAGE: "nothing: Tradervue or the network is down, and it is tried again by "
    "itself",
    Cause.OUTBOX: "look at the disk, or at the database server: what is recorded "
    "meanwhile waits in the spool or in memory",
    Cause.FAULT: "report it: this is a fault of the plugin, and the log has more under "
    "tradervue.internal_error",
}


def cause_of(error: Exception) -> Cause:
    """Return what kind of thing *error* is."""
    for kinds, cause in (
        (CredentialsError, Cause.NO_LOGIN),
        ((AuthenticationFailed, PermissionRefused), Cause.REFUSED),
        (AccountMismatch, Cause.MISMATCH),
        (WrongPlace, Cause.WRONG_PLACE),
        (WrongAddress, Cause.WRONG_ADDRESS),
        (Refused, Cause.REJECTED),
        (ApiError, Cause.OUTAGE),
        (OutboxError, Cause.OUTBOX),
    ):
        if isinstance(error, kinds):
            return cause
    return Cause.FAULT


def circuit_of(failures: int, retry_at: float, now: float) -> Circuit:
    """Return how the circuit stands after *failures* in a row."""
    if failures < OPEN_AFTER:
        return Circuit.CLOSED
    return Circuit.OPEN if now < retry_at else Circuit.HALF_OPEN


def is_lost(report: Mapping[str, object]) -> bool:
    """
    Tell whether what a forwarder has reported is a wrong ``base_url``.

    Only a person can correct that. Where Tradervue has answered before, it is an
    outage.
    """
    is_foreign = report.get("failures") and report.get("cause") == Cause.WRONG_ADDRESS
    return bool(is_foreign) and report.get("last_success_at") is None


@attrs.define(kw_only=True)
class Health:
    """How the forwarding goes; times are Unix seconds, texts are for the operator."""

    last_success_at: float | None = None
    last_error: str | None = None
    last_error_at: float | None = None
    cause: Cause | None = None  # of the last error
    failures: int = 0
    retry_at: float = 0.0

    def circuit(self, now: float) -> Circuit:
        """Return how the circuit stands."""
        return circuit_of(self.failures, self.retry_at, now)

    @property
    def is_at_wrong_address(self) -> bool:
        """Tell whether ``base_url`` is wrong; see :func:`is_lost`."""
        return is_lost(attrs.asdict(self))

    def adopt(self, facts: Mapping[str, object]) -> None:
        """
        Go on from what the forwarder before has reported, where that is news.

        Its pause is not kept: a start asks at once, with one question if the circuit
        was open.
        """
        success, at = facts.get("last_success_at"), facts.get("last_error_at")
        if isinstance(success, float):
            self.last_success_at = max(success, self.last_success_at or 0.0)
        if not isinstance(at, float) or at <= (self.last_error_at or 0.0):
            return
        failures, cause = facts.get("failures"), facts.get("cause")
        self.last_error, self.last_error_at = str(facts.get("last_error")), at
        self.failures = failures if isinstance(failures, int) else 0
        self.cause = Cause(str(cause)) if cause in list(Cause) else None

    def went_well(self, now: float) -> None:
        """Note that something was done."""
        if self.failures:
            log.info("tradervue.recovered after=%d failures", self.failures)
        self.failures = 0
        self.retry_at = 0.0
        self.last_success_at = now

    def start_over(self) -> None:
        """Note that there is another login: what failed before says nothing of it."""
        self.failures = 0
        self.retry_at = 0.0

    def failed(
        self,
        error: Exception,
        now: float,
        *,
        poll: float,
        again_at: float | None,
        is_open: bool = True,
    ) -> float:
        """
        Note *error*; return the seconds to pause.

        It is logged once, and then whenever the number of failures has doubled. *poll*
        is the first look at an import, *again_at* when to try again where that does not
        depend on the failures. *is_open* tells whether the outbox could be opened.
        """
        before = self.cause if self.failures else None
        earlier = self.last_error if self.failures else None
        self.cause = cause_of(error)
        self.failures += 1
        self.last_error = one_line(str(error) or type(error).__name__, LONGEST)
        self.last_error_at = now
        delay = delay_after(error, self.failures, poll=poll)
        if again_at is not None:
            delay = max(0.0, again_at - now)
        self.retry_at = now + delay
        if self.cause is Cause.OUTBOX and not is_open:
            if self.last_error != earlier:
                log.error(
                    "tradervue.outbox_closed error=%s: it is tried again; until then "
                    "what is recorded waits before it, in the spool or in memory",
                    self.last_error,
                )
        else:
            self._log(error, delay, is_new=self.cause is not before)
        return delay

    def _log(self, error: Exception, delay: float, *, is_new: bool) -> None:
        if self.cause is Cause.NO_LOGIN:
            if is_new:
                log.error(
                    "tradervue.no_login reason=%s: nothing is sent, everything is "
                    "recorded; forwarding begins by itself once there is a login",
                    self.last_error,
                )
        elif self.cause is Cause.REFUSED:
            if is_new:
                log.error(
                    "tradervue.paused error=%s: nothing is sent until the "
                    "credentials change, or are accepted when they are asked about in "
                    "%.0f minutes; everything is kept in the outbox",
                    self.last_error,
                    delay / 60,
                )
        elif self.cause is Cause.MISMATCH:
            if is_new:
                log.error("tradervue.paused error=%s", self.last_error)
        elif isinstance(error, ImportInProgress):
            pass
        elif self.is_at_wrong_address and is_new:
            log.error(
                "tradervue.wrong_address error=%s: everything is kept in the outbox",
                self.last_error,
            )
        elif self.failures & (self.failures - 1) == 0:
            is_outbox = isinstance(error, OutboxError)
            place = "spool, or in memory" if is_outbox else "outbox"
            log.warning(
                "tradervue.delayed failures=%d retry_in=%.1fs error=%s: everything is "
                "kept in the %s",
                self.failures,
                delay,
                self.last_error,
                place,
            )

"""
When a request may go: a pause between any two, and again after a passing failure.

The only module that knows the backoff library: its repository is archived, so that
another one may have to take its place.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

import backoff

from argo_tradervue_plugin.errors import (
    ApiError,
    RateLimited,
    ServerError,
    Unreachable,
)
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.process.forking import Lock

__all__ = [
    "Pacer",
    "call_with_retries",
    "is_passing",
    "parse_retry_after",
    "was_not_processed",
]


T = TypeVar("T")

FIRST_WAIT: Final = 1.0  # seconds; the longest first pause, doubled each time

# Seconds. Who has to wait longer does so in the caller's schedule, which survives a
# restart, rather than in a sleeping thread.
LONGEST_WAIT: Final = 30.0

# Seconds; a server that names a day far off is believed for a day at a time.
LONGEST_RETRY_AFTER: Final = 86_400.0


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


def parse_retry_after(header: str | None, now: datetime) -> float | None:
    """
    Return the seconds from *now* (aware) that a ``Retry-After`` *header* asks for.

    Both forms of RFC 9110, 10.2.3 are read: seconds and a date. None if the header is
    missing or unreadable; 0 for a date that has passed; a day at most.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:  # "-0000": UTC, place unknown
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def was_not_processed(error: ApiError) -> bool:
    """Tell whether *error* proves that Tradervue did nothing: any call may go again."""
    return isinstance(error, RateLimited) or (
        isinstance(error, Unreachable) and not error.sent
    )


def is_passing(error: ApiError) -> bool:
    """
    Tell whether *error* may be gone soon: for calls that can be done twice.

    A 5xx is a ServerError however unreadable its body is; a BadAnswer with any other
    status is our mistake or the operator's, and will be the same in a second.
    """
    return isinstance(error, (Unreachable, ServerError))


def call_with_retries(
    call: Callable[[], T],
    *,
    tries: int,
    may_repeat: Callable[[ApiError], bool],
    before: Callable[[], None],
    sleep: Callable[[float], None],
    what: str,
) -> T:
    """
    Return what *call* returns, calling it up to *tries* times in all.

    Waits between two tries as long as the server's ``Retry-After`` says, otherwise a
    random time up to 1, 2, 4 ... seconds (exponential with full jitter).

    *before* is called before each try, and whatever it raises ends everything.

    Raises:
        ApiError: the last one, when the tries are used up, when *may_repeat* denies
            it, or when the server asks for more patience than ``LONGEST_WAIT``.
    """
    longest_waits = backoff.expo(factor=FIRST_WAIT, max_value=LONGEST_WAIT)
    next(longest_waits)  # the library's generators begin with an empty yield
    attempt = 1
    while True:
        before()
        try:
            return call()
        except ApiError as error:
            if attempt >= tries or not may_repeat(error):
                raise
            asked = error.retry_after if isinstance(error, ServerError) else None
            if asked is not None and asked > LONGEST_WAIT:
                raise
            longest = next(longest_waits)
            wait = backoff.full_jitter(longest) if asked is None else asked
            log.debug(
                "tradervue.retry what=%r attempt=%d of=%d wait=%.3f error=%s",
                what,
                attempt,
                tries,
                wait,
                error,
            )
        sleep(wait)
        attempt += 1

"""When to try again: pure functions of their arguments."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

from argo_tradervue_plugin.errors import ServerError
from argo_tradervue_plugin.model.times import EASTERN

__all__ = [
    "delay_after",
    "delay_before",
    "delays",
    "next_month",
    "polls",
    "quota_again",
]

LONGEST_POLL: Final = 15.0  # seconds between two looks at a running import
# Delays after failures grow from 2.5 to 450 times the first poll: from 5 seconds to
# 15 minutes at Tradervue, faster against a server on this machine.
FIRST_DELAY: Final = 2.5
LONGEST_DELAY: Final = 450.0
DAY: Final = 86_400.0


def delay_before(
    attempt: int,
    *,
    first: float,
    longest: float = 900.0,
    jitter: Callable[[], float] = random.random,
) -> float:
    """
    Return the seconds to wait before *attempt*, counted from 1.

    Exponential with equal jitter: between half and all of
    ``min(longest, first * 2 ** (attempt - 1))``.

    Raises:
        ValueError: if *attempt* is less than 1.
    """
    if attempt < 1:
        raise ValueError("attempts are counted from 1")
    # 2 ** 32 times anything is longer than the longest.
    full = min(longest, first * 2.0 ** min(attempt - 1, 32))
    return full * (0.5 + 0.5 * jitter())


def delay_after(error: Exception, failures: int, *, poll: float) -> float:
    """
    Return the seconds to pause after *failures* in a row, the last one *error*.

    *poll* is the first look at an import, which tells how fast the server is.
    """
    first, longest = delays(poll)
    delay = delay_before(failures, first=first, longest=longest)
    if isinstance(error, ServerError) and error.retry_after is not None:
        return max(delay, error.retry_after)
    return delay


def delays(poll: float) -> tuple[float, float]:
    """Return the first and the longest pause, by the first look at an import."""
    return FIRST_DELAY * poll, LONGEST_DELAY * poll


def polls(first: float) -> Iterator[float]:
    """Yield the seconds between looks at a running import: soon, then more rarely."""
    delay = first
    while True:
        yield delay
        delay = min(delay * 1.6, max(LONGEST_POLL, first))


def quota_again(now: float) -> float:
    """
    Return when what was over the quota is tried again: in a day, or a new month.

    When the user has changed the plan is not announced.
    """
    return min(next_month(now), now + DAY)


def next_month(now: float) -> float:
    """Return the Unix time at which the free plan's quota begins again."""
    day = datetime.fromtimestamp(now, UTC).astimezone(EASTERN)
    month = day.year * 12 + day.month
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=EASTERN).timestamp()

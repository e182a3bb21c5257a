"""When to try again."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.delivery.schedule import (
    delay_after,
    delay_before,
    next_month,
    polls,
)
from argo_tradervue_plugin.errors import RateLimited, ServerError, Unreachable
from argo_tradervue_plugin.model.times import EASTERN

positive = st.floats(0.001, 1000)
jitters = st.floats(0, 1, exclude_max=True)


@given(attempt=st.integers(1, 10**9), first=positive, longest=positive, jitter=jitters)
def test_delay_is_between_half_and_all_of_its_step(
    attempt: int, first: float, longest: float, jitter: float
) -> None:
    """Equal jitter: never nothing, never more than the longest, however often."""
    delay = delay_before(attempt, first=first, longest=longest, jitter=lambda: jitter)
    full = min(longest, first * 2.0 ** min(attempt - 1, 1000))

    assert full / 2 <= delay <= full
    assert 0 < delay <= longest


@given(attempt=st.integers(1, 60), first=positive, jitter=jitters)
def test_later_attempts_never_wait_less(
    attempt: int, first: float, jitter: float
) -> None:
    """With the same jitter each delay is at least the one before."""
    delays = [
        delay_before(n, first=first, longest=900, jitter=lambda: jitter)
        for n in (attempt, attempt + 1)
    ]

    assert delays == sorted(delays)


def test_delays_double() -> None:
    """Without jitter: 5, 10, 20 ... seconds, and 15 minutes in the end."""
    delays = [delay_before(n, first=5, jitter=lambda: 1.0) for n in range(1, 10)]

    assert delays == [5, 10, 20, 40, 80, 160, 320, 640, 900]


@pytest.mark.parametrize("attempt", [0, -1])
def test_attempts_are_counted_from_one(attempt: int) -> None:
    """A caller who counts otherwise is told."""
    with pytest.raises(ValueError, match="counted from 1"):
        delay_before(attempt, first=1)


@given(failures=st.integers(1, 1000))
def test_pause_after_failures_is_seconds_to_minutes_at_tradervue(
    failures: int,
) -> None:
    """With its first poll at two seconds: 2.5 seconds at least, 15 minutes at most."""
    assert 2.5 <= delay_after(Unreachable("gone"), failures, poll=2.0) <= 900


@pytest.mark.parametrize("kind", [ServerError, RateLimited])
@given(wish=st.floats(0, 86_400), failures=st.integers(1, 20))
def test_server_that_asks_for_patience_gets_it(
    kind: type[ServerError], wish: float, failures: int
) -> None:
    """Retry-After is the least that is waited, and never shortens our own pause."""
    error = kind("later", status=503, retry_after=wish)
    delay = delay_after(error, failures, poll=2.0)

    assert delay >= wish
    assert delay >= 2.5


@given(first=st.floats(0.001, 60))
def test_looks_at_an_import_come_more_and_more_rarely(first: float) -> None:
    """The first one soon; none later than 15 seconds after the one before, or first."""
    delays = list(islice(polls(first), 60))

    assert delays[0] == first
    assert delays == sorted(delays)
    assert delays[-1] == max(15.0, first)


moments = st.integers(946_684_800, 4_102_444_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)


@given(moment=moments)
def test_quota_begins_anew_with_the_month_in_new_york(moment: datetime) -> None:
    """The next first of a month, at midnight there, after now and within 31 days."""
    begins = datetime.fromtimestamp(next_month(moment.timestamp()), EASTERN)

    assert (begins.day, begins.hour, begins.minute, begins.second) == (1, 0, 0, 0)
    assert timedelta(0) < begins - moment <= timedelta(days=31, hours=1)


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        pytest.param("2026-12-31T23:59:59-05:00", "2027-01-01T00:00-05:00", id="year"),
        pytest.param("2026-03-01T00:00:00-05:00", "2026-04-01T00:00-04:00", id="dst"),
        pytest.param("2026-03-01T03:00:00+00:00", "2026-03-01T00:00-05:00", id="utc"),
    ],
)
def test_months_are_those_of_new_york(now: str, begins: str) -> None:
    """Early on the first in Greenwich it is still last month there."""
    told = next_month(datetime.fromisoformat(now).timestamp())

    assert told == datetime.fromisoformat(begins).timestamp()

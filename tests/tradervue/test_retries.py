"""When a call is repeated, and after how long."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    ImportInProgress,
    LeaseLost,
    NotFound,
    RateLimited,
    Rejected,
    ServerError,
    Unreachable,
)
from argo_tradervue_plugin.tradervue.pacing import (
    LONGEST_RETRY_AFTER,
    LONGEST_WAIT,
    call_with_retries,
    is_passing,
    parse_retry_after,
    was_not_processed,
)

NOW = datetime(2026, 3, 5, 15, 15, tzinfo=UTC)


class Failing:
    """A call that raises *errors* one after another, and then returns "done"."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.attempts = 0

    def __call__(self) -> str:
        self.attempts += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def run(call: Failing, fake_time: Any, **changes: object) -> str:
    arguments = {
        "tries": 3,
        "may_repeat": is_passing,
        "before": lambda: None,
        "sleep": fake_time.sleep,
        "what": "the test",
    }
    return call_with_retries(call, **(arguments | changes))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Thu, 05 Mar 2026 15:15:30 GMT", 30.0),
        ("Thu, 05 Mar 2026 15:15:30 -0000", 30.0),
        ("Thu, 05 Mar 2026 15:00:00 GMT", 0.0),
        ("Thursday, 05-Mar-26 15:15:30 GMT", 30.0),
        ("99999999999", LONGEST_RETRY_AFTER),
        ("9" * 500, LONGEST_RETRY_AFTER),
        ("Thu, 05 Mar 2099 15:15:30 GMT", LONGEST_RETRY_AFTER),
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("Thu, 99 Mar 2026 99:15:30 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(
    header: str | None, seconds: float | None
) -> None:
    """Seconds or a date; what is neither counts as not given."""
    assert parse_retry_after(header, NOW) == seconds


@given(st.text(max_size=60))
def test_no_retry_after_can_break_us(header: str) -> None:
    """Whatever a server sends is None or a time that can be waited for."""
    seconds = parse_retry_after(header, NOW)

    assert seconds is None or 0 <= seconds <= LONGEST_RETRY_AFTER


@given(st.integers(min_value=-100_000, max_value=86_400))
def test_a_date_is_as_good_as_its_seconds(seconds: int) -> None:
    """The date is read against the given present; the past is now."""
    header = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)

    assert parse_retry_after(header, NOW) == max(seconds, 0)


def test_a_call_is_repeated_until_it_succeeds(fake_time: Any) -> None:
    """Two failures leave one more try of three."""
    call = Failing(Unreachable("gone"), ServerError("down", status=503))

    assert run(call, fake_time) == "done"
    assert call.attempts == 3


def test_the_last_error_is_raised_when_the_tries_are_used_up(fake_time: Any) -> None:
    """Three tries, two pauses, and the third error."""
    last = ServerError("third", status=503)
    call = Failing(Unreachable("first"), Unreachable("second"), last)

    with pytest.raises(ServerError) as raised:
        run(call, fake_time)

    assert raised.value is last
    assert call.attempts == 3
    assert len(fake_time.sleeps) == 2


def test_pauses_grow_and_are_spread_evenly(fake_time: Any) -> None:
    """Full jitter: anything up to 1, 2, 4 ... seconds, never more than the cap."""
    for _ in range(50):
        with pytest.raises(Unreachable):
            run(Failing(*[Unreachable("gone")] * 8), fake_time, tries=8)

    by_attempt = [fake_time.sleeps[n::7] for n in range(7)]
    for waits, longest in zip(by_attempt, (1, 2, 4, 8, 16, 30, 30), strict=True):
        assert all(0 <= wait <= longest for wait in waits)
        assert min(waits) < longest / 2 < max(waits)


def test_a_short_retry_after_is_kept_exactly(fake_time: Any) -> None:
    """What the server asks for is not shortened by jitter."""
    call = Failing(
        RateLimited("slow down", status=429, retry_after=7.0),
        ServerError("down", status=503, retry_after=LONGEST_WAIT),
    )

    assert run(call, fake_time) == "done"
    assert fake_time.sleeps == [7.0, LONGEST_WAIT]


def test_a_long_retry_after_is_left_to_the_callers_schedule(fake_time: Any) -> None:
    """A thread does not sleep for minutes; the error goes up at once."""
    call = Failing(RateLimited("slow down", status=429, retry_after=31.0))

    with pytest.raises(RateLimited) as raised:
        run(call, fake_time)

    assert raised.value.retry_after == 31.0
    assert fake_time.sleeps == []


@pytest.mark.parametrize(
    ("error", "passing", "unprocessed"),
    [
        (Unreachable("no connection", sent=False), True, True),
        (Unreachable("no answer"), True, False),
        (ServerError("down", status=503), True, False),
        (RateLimited("slow down", status=429), True, True),
        (BadAnswer("nonsense", status=200), False, False),
        (BadAnswer("nonsense"), False, False),
        (ImportInProgress("busy", status=424), False, False),
        (AuthenticationFailed("who", status=401), False, False),
        (NotFound("what", status=404), False, False),
        (Rejected("no", status=400), False, False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ApiError) else None,
)
def test_each_error_says_whether_to_try_again(
    error: ApiError, passing: bool, unprocessed: bool
) -> None:
    """What can be done twice is tried after more errors than what cannot."""
    assert is_passing(error) is passing
    assert was_not_processed(error) is unprocessed


def test_each_try_is_announced_and_may_be_forbidden(fake_time: Any) -> None:
    """What the announcement raises ends the call, untouched and without a pause."""
    announced: list[None] = []

    def before() -> None:
        announced.append(None)
        if len(announced) == 2:
            raise LeaseLost("somebody else forwards")

    call = Failing(Unreachable("gone"), Unreachable("gone"))
    with pytest.raises(LeaseLost):
        run(call, fake_time, before=before)

    assert call.attempts == 1
    assert len(announced) == 2


def test_an_api_error_of_the_announcement_is_not_repeated(fake_time: Any) -> None:
    """Even one that would be repeated if it came from the call."""

    def before() -> None:
        raise Unreachable("not ours")

    with pytest.raises(Unreachable, match="not ours"):
        run(Failing(), fake_time, before=before)

    assert fake_time.sleeps == []


def test_other_exceptions_pass_at_once(fake_time: Any) -> None:
    """A bug is not repeated."""
    call = Failing(ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        run(call, fake_time)

    assert call.attempts == 1

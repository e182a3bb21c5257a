"""Times as they come in and go out."""

from datetime import UTC, date, datetime

import pytest

from argo_tradervue_plugin.sandbox.assumptions import Assumptions
from argo_tradervue_plugin.sandbox.times import (
    as_answered,
    as_utc,
    day_of,
    parse_body_date,
    parse_moment,
    parse_query_date,
)

USUAL = Assumptions()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-03-05T10:15:00-05:00", "2026-03-05T10:15:00.000-05:00"),
        ("2026-07-05T10:15:00-04:00", "2026-07-05T10:15:00.000-04:00"),
        ("2026-03-05T15:15:00+00:00", "2026-03-05T10:15:00.000-05:00"),
        ("2026-03-05T15:15:00Z", "2026-03-05T10:15:00.000-05:00"),
        ("2026-03-05T10:15:00.987-05:00", "2026-03-05T10:15:00.000-05:00"),
        ("2026-03-05 10:15:00", "2026-03-05T10:15:00.000-05:00"),
        ("03/05/2026 10:15:00", "2026-03-05T10:15:00.000-05:00"),
        ("3-5-2026 9:15", "2026-03-05T09:15:00.000-05:00"),
        ("2026/03/05 10:15:00 -0500", "2026-03-05T10:15:00.000-05:00"),
        ("20260305 10:15:00", "2026-03-05T10:15:00.000-05:00"),
        ("2013-02-7T09:53:00-05:00", "2013-02-07T09:53:00.000-05:00"),
        ("2026-03-05", "2026-03-05T12:00:00.000-05:00"),
        # One wall time, twice that night.
        ("2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00.000-04:00"),
        ("2026-11-01T01:30:00-05:00", "2026-11-01T01:30:00.000-05:00"),
    ],
)
def test_an_instant_is_shown_on_the_eastern_clock(text: str, shown: str) -> None:
    """In ISO 8601 with milliseconds and the offset of the season."""
    assert as_answered(parse_moment(text, USUAL)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "25/12/2026 10:15:00",  # day first
        "2026-13-05T10:15:00-05:00",
        "2026-02-30T10:15:00-05:00",
        "2026-03-05T25:15:00-05:00",
        "2026-03-05T10:15:00+99:00",
        "2026-W10-4T10:15:00-05:00",
        "yesterday",
        "202635",
        "",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """Nothing is guessed, least of all a day before its month."""
    with pytest.raises(ValueError, match=r".*"):
        parse_moment(text, USUAL)


@pytest.mark.parametrize(
    ("assumed", "text", "shown"),
    [
        (
            {"naive_datetimes": "utc"},
            "2026-03-05T15:15:00",
            "2026-03-05T10:15:00.000-05:00",
        ),
        ({"naive_datetimes": "refused"}, "2026-03-05T15:15:00", None),
        (
            {"utc_text": "eastern"},
            "2026-03-05T15:15:00Z",
            "2026-03-05T15:15:00.000-05:00",
        ),
        ({"utc_text": "refused"}, "2026-03-05T15:15:00Z", None),
        (
            {"subseconds": "kept"},
            "2026-03-05T10:15:00.987654-05:00",
            "2026-03-05T10:15:00.987-05:00",
        ),
    ],
)
def test_what_is_not_documented_can_be_switched(
    assumed: dict[str, str], text: str, shown: str | None
) -> None:
    """Zones that are not said, UTC, parts of a second."""
    assumptions = USUAL.switched(assumed)
    if shown is None:
        with pytest.raises(ValueError, match="offset"):
            parse_moment(text, assumptions)
    else:
        assert as_answered(parse_moment(text, assumptions)) == shown


def test_comments_are_shown_in_utc() -> None:
    """With Z."""
    assert as_utc(datetime(2026, 3, 5, 15, 15, tzinfo=UTC)) == "2026-03-05T15:15:00Z"


def test_the_trading_day_is_eastern() -> None:
    """An evening in New York belongs to its own day, whatever UTC says."""
    assert day_of(datetime(2026, 3, 6, 1, 0, tzinfo=UTC)) == date(2026, 3, 5)


def test_dates_have_two_forms() -> None:
    """Month, day, year in queries; year, month, day in bodies."""
    assert parse_query_date("03/05/2026") == date(2026, 3, 5)
    assert parse_body_date("2026-03-05") == date(2026, 3, 5)
    with pytest.raises(ValueError, match="mm/dd/yyyy"):
        parse_query_date("2026-03-05")
    with pytest.raises(ValueError, match="yyyy-mm-dd"):
        parse_body_date("03/05/2026")
    with pytest.raises(ValueError, match="yyyy-mm-dd"):
        parse_body_date(20260305)


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-05:00", "0001-01-01"]
)
def test_the_ends_of_time_are_refused(text: str) -> None:
    """There is no such moment on the Eastern clock, or on that of UTC."""
    with pytest.raises(ValueError, match="not a time on every clock"):
        parse_moment(text, USUAL)

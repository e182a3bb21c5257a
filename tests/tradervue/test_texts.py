"""Numbers, times and tags in the written forms of the API."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.model.journal import Side
from argo_tradervue_plugin.model.times import EASTERN
from argo_tradervue_plugin.tradervue import texts
from argo_tradervue_plugin.tradervue.texts import decimal_text, eastern_text

decimals = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15
)
moments = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from(
        [UTC, EASTERN, ZoneInfo("Asia/Kolkata"), timezone(timedelta(hours=-11))]
    ),
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("4385", "4385"),
        ("1E+3", "1000"),
        ("0.10", "0.10"),
        ("1E-8", "0.00000001"),
        ("-0.00", "0.00"),
        ("0E+3", "0"),
        ("-12.5", "-12.5"),
        ("12345678901234567890123456789012.5", "12345678901234567890123456789012.5"),
    ],
)
def test_decimals_keep_their_own_digits(value: str, text: str) -> None:
    """A decimal is written plainly, whatever the precision of the context."""
    assert decimal_text(Decimal(value)) == text


@given(decimals)
def test_any_decimal_is_written_plainly_and_read_back_equal(value: Decimal) -> None:
    """No exponent, no plus, and the value is the same."""
    text = decimal_text(value)

    assert set(text) <= set("-.0123456789")
    assert Decimal(text) == value
    assert texts.read_decimal(text) == value


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "1E+999999", "1E-999999"])
def test_numbers_that_no_fill_has_are_refused(value: str) -> None:
    """What is not finite, or would fill megabytes, is not written."""
    with pytest.raises(ValueError, match=r"finite|absurd"):
        decimal_text(Decimal(value))


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-03-05T15:15:00+00:00", "2026-03-05T10:15:00-05:00"),
        ("2026-07-05T15:15:00.999999+00:00", "2026-07-05T11:15:00-04:00"),
        ("2026-03-08T06:59:59+00:00", "2026-03-08T01:59:59-05:00"),
        ("2026-03-08T07:00:00+00:00", "2026-03-08T03:00:00-04:00"),
        ("2026-11-01T05:30:00+00:00", "2026-11-01T01:30:00-04:00"),
        ("2026-11-01T06:30:00+00:00", "2026-11-01T01:30:00-05:00"),
        ("2026-03-05T20:45:00.5+05:30", "2026-03-05T10:15:00-05:00"),
    ],
    ids=["winter", "cut", "before-gap", "after-gap", "first", "second", "kolkata"],
)
def test_moments_become_new_york_time_with_its_offset(moment: str, text: str) -> None:
    """The offset is that of the instant, and fractions are cut off."""
    assert eastern_text(datetime.fromisoformat(moment)) == text


@given(moments)
def test_any_moment_is_written_as_the_same_second(moment: datetime) -> None:
    """What is read back is the instant, less its fraction of a second."""
    text = eastern_text(moment)
    read = datetime.fromisoformat(text)

    assert len(text) == len("2026-03-05T10:15:00-05:00")
    assert timedelta(0) <= moment.astimezone(UTC) - read < timedelta(seconds=1)
    assert read.utcoffset() == read.astimezone(EASTERN).utcoffset()


def test_wall_times_of_the_gap_are_taken_as_instants() -> None:
    """02:30 on the day of the change does not exist; its instant does."""
    nonexistent = datetime(2026, 3, 8, 2, 30, tzinfo=EASTERN)

    assert eastern_text(nonexistent) == "2026-03-08T03:30:00-04:00"


@pytest.mark.parametrize(
    "moment",
    [datetime(2026, 3, 5, 10, 15), datetime.min.replace(tzinfo=UTC)],  # noqa: DTZ001
    ids=["naive", "edge"],
)
def test_moments_that_are_no_instant_in_new_york_are_refused(moment: datetime) -> None:
    """A time without offset could be any of 24, the first of all has no day there."""
    with pytest.raises(ValueError, match=r"no UTC offset|no day in New York"):
        eastern_text(moment)


def test_query_days_are_month_first() -> None:
    """Queries want mm/dd/yyyy."""
    assert texts.day_text(date(2026, 3, 5)) == "03/05/2026"


def test_tags_are_joined_by_commas() -> None:
    """No tags make an empty text."""
    assert texts.tags_text(("a", "b c")) == "a,b c"
    assert texts.tags_text(()) == ""


@pytest.mark.parametrize("tag", ["a,b", "", "  "])
def test_tags_that_a_filter_would_misread_are_refused(tag: str) -> None:
    """A comma would make two tags of one."""
    with pytest.raises(ValueError, match="cannot be a tag"):
        texts.tags_text(("fine", tag))


@pytest.mark.parametrize("value", ["long", "L", "Long", "l"])
def test_long_is_read_in_every_spelling(value: str) -> None:
    """The documentation has the word, the field the letter."""
    assert texts.read_side(value) is Side.LONG


@pytest.mark.parametrize("value", ["short", "S", "SHORT"])
def test_short_is_read_in_every_spelling(value: str) -> None:
    """The documentation has the word, the field the letter."""
    assert texts.read_side(value) is Side.SHORT


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-05T10:15:00.000-05:00", datetime(2026, 3, 5, 15, 15, tzinfo=UTC)),
        ("2026-03-05T15:15:00Z", datetime(2026, 3, 5, 15, 15, tzinfo=UTC)),
        ("2026-03-05T10:15:00", datetime(2026, 3, 5, 15, 15, tzinfo=UTC)),
        ("2026-07-05 10:15:00", datetime(2026, 7, 5, 14, 15, tzinfo=UTC)),
    ],
    ids=["documented", "utc", "naive-winter", "naive-summer"],
)
def test_times_are_read_as_instants(text: str, moment: datetime) -> None:
    """One without an offset is New York's wall time."""
    read = texts.read_moment(text)

    assert read.utcoffset() is not None
    assert read == moment


def test_numbers_and_booleans_are_read_in_both_documented_forms() -> None:
    """The documentation shows numbers and booleans also as texts."""
    assert texts.read_int("12") == texts.read_int(12) == 12
    assert texts.read_int(Decimal("12.0")) == 12
    assert texts.read_bool("true") is texts.read_bool(True) is True
    assert texts.read_bool("false") is False
    assert texts.read_decimal("12.40") == Decimal("12.40")


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (texts.read_decimal, True),
        (texts.read_decimal, "NaN"),
        (texts.read_decimal, "twelve"),
        (texts.read_decimal, Decimal("1E+999999999")),
        (texts.read_int, Decimal("1.5")),
        (texts.read_int, True),
        (texts.read_int, 2**63),
        (texts.read_int, Decimal("-1E+39")),
        (texts.read_bool, 1),
        (texts.read_bool, []),
        (texts.read_text, 12),
        (texts.read_text, {}),
        (texts.read_texts, "ab"),
        (texts.read_texts, [1]),
        (texts.read_ints, ["a"]),
        (texts.read_side, "flat"),
        (texts.read_side, 1),
        (texts.read_moment, "yesterday"),
        (texts.read_moment, 1_700_000_000),
        (texts.read_day, "03/05/2026"),
        (texts.read_day, None),
    ],
)
def test_nothing_is_guessed(read: object, value: object) -> None:
    """A value of another kind is an error that quotes it."""
    with pytest.raises(ValueError, match=r" is (no|neither) "):
        read(value)  # type: ignore[operator]

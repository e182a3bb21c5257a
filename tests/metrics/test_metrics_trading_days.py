"""The days on which the New York Stock Exchange trades."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.metrics.trading_days import (
    easter,
    holidays,
    next_trading_day,
    trading_days,
)

HOLIDAYS = {
    2006: "01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25",
    2012: "01-02 01-16 02-20 04-06 05-28 07-04 09-03 10-29 10-30 11-22 12-25",
    2021: "01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24",
    2022: "01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26",
    2025: "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25",
    2026: "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25",
    2027: "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24",
}


@pytest.mark.parametrize("year", HOLIDAYS)
def test_holidays_are_those_that_the_exchange_published(year: int) -> None:
    """Among them the days of mourning and of the hurricane."""
    published = {
        date.fromisoformat(f"{year}-{text}") for text in HOLIDAYS[year].split()
    }

    assert holidays(year) == published


def test_a_new_year_on_a_saturday_is_not_made_up_for() -> None:
    """31 December 2021, a Friday, was a trading day: the old year's books close."""
    assert next_trading_day(date(2021, 12, 31)) == date(2021, 12, 31)
    assert not any(day.month == 1 and day.day < 10 for day in holidays(2022))


def test_some_holidays_are_younger_than_others() -> None:
    """Martin Luther King's birthday since 1998, Juneteenth since 2022."""
    assert date(1997, 1, 20) not in holidays(1997)
    assert date(1998, 1, 19) in holidays(1998)
    assert date(2021, 6, 18) not in holidays(2021)


@pytest.mark.parametrize(
    ("year", "count"),
    [(1999, 252), (2001, 248), (2008, 253), (2015, 252), (2020, 253), (2024, 252)],
)
def test_years_have_as_many_trading_days_as_they_had(year: int, count: int) -> None:
    """The attacks of 2001 cost four of them."""
    assert len(trading_days(date(year, 1, 1), date(year, 12, 31))) == count


@pytest.mark.parametrize(
    "day", ["1818-03-22", "1943-04-25", "2000-04-23", "2008-03-23", "2038-04-25"]
)
def test_easter_is_found_at_its_earliest_and_latest(day: str) -> None:
    """From 22 March to 25 April."""
    expected = date.fromisoformat(day)

    assert easter(expected.year) == expected


def test_a_day_may_wait_for_its_trading_day_over_a_long_weekend() -> None:
    """Good Friday, Saturday, Sunday."""
    assert next_trading_day(date(2026, 4, 3)) == date(2026, 4, 6)


@given(st.dates())
def test_a_trading_day_is_never_far(day: date) -> None:
    """To the end of the calendar, which ends on a trading day."""
    found = next_trading_day(day)

    assert timedelta() <= found - day <= timedelta(days=8)
    assert trading_days(day, found) == [found]


def test_nothing_lies_between_a_day_and_the_day_before() -> None:
    """A period of a weekend has none either."""
    assert trading_days(date(2026, 3, 3), date(2026, 3, 2)) == []
    assert trading_days(date(2026, 3, 7), date(2026, 3, 8)) == []

"""
The days on which the New York Stock Exchange trades, by its own rules.

Exact from 1990 on; before that, single closings and older holidays are missing. The
rules in force are assumed to stay, and an unplanned closing is added by hand.

Source: NYSE, Holidays and Trading Hours, and rule 7.2; special closings since 1885.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

__all__ = ["holidays", "next_trading_day", "trading_days"]

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
DAY: Final = timedelta(days=1)

MARTIN_LUTHER_KING_SINCE: Final = 1998
JUNETEENTH_SINCE: Final = 2022

# Whole days only: a shortened day is a trading day.
UNPLANNED: Final = frozenset(
    {
        date(1994, 4, 27),  # mourning for Richard Nixon
        date(2001, 9, 11),  # attacks on New York
        date(2001, 9, 12),
        date(2001, 9, 13),
        date(2001, 9, 14),
        date(2004, 6, 11),  # mourning for Ronald Reagan
        date(2007, 1, 2),  # mourning for Gerald Ford
        date(2012, 10, 29),  # hurricane Sandy
        date(2012, 10, 30),
        date(2018, 12, 5),  # mourning for George H. W. Bush
        date(2025, 1, 9),  # mourning for Jimmy Carter
    }
)


@lru_cache(maxsize=256)
def holidays(year: int) -> frozenset[date]:
    """Return the days of *year* on which the exchange is closed, weekends aside."""
    found = {
        nth(year, 2, MONDAY, 3),  # Washington's birthday
        easter(year) - 2 * DAY,  # Good Friday
        last_monday_of_may(year),  # Memorial Day
        nearest_weekday(date(year, 7, 4)),  # Independence Day
        nth(year, 9, MONDAY, 1),  # Labor Day
        nth(year, 11, THURSDAY, 4),  # Thanksgiving
        nearest_weekday(date(year, 12, 25)),  # Christmas
    }
    new_year = date(year, 1, 1)
    if new_year.weekday() != SATURDAY:  # the Friday before closes the old year's books
        found.add(nearest_weekday(new_year))
    if year >= MARTIN_LUTHER_KING_SINCE:
        found.add(nth(year, 1, MONDAY, 3))
    if year >= JUNETEENTH_SINCE:
        found.add(nearest_weekday(date(year, 6, 19)))
    return frozenset(found | {day for day in UNPLANNED if day.year == year})


def is_trading_day(day: date) -> bool:
    """Tell whether the exchange trades on *day*."""
    return day.weekday() < SATURDAY and day not in holidays(day.year)


def next_trading_day(day: date) -> date:
    """Return the first trading day that is not before *day*."""
    while not is_trading_day(day):
        day += DAY
    return day


def trading_days(first: date, last: date) -> list[date]:
    """Return the trading days from *first* to *last*, both included, in order."""
    days = map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    return [day for day in days if is_trading_day(day)]


def nth(year: int, month: int, weekday: int, count: int) -> date:
    """Return the *count*-th *weekday* (Monday is 0) of a month."""
    first = date(year, month, 1)
    return first + ((weekday - first.weekday()) % 7 + 7 * (count - 1)) * DAY


def last_monday_of_may(year: int) -> date:
    """Return the Monday among the last seven days of May."""
    last = date(year, 5, 31)
    return last - last.weekday() * DAY


def nearest_weekday(day: date) -> date:
    """Return Friday for a Saturday, Monday for a Sunday, and any other day itself."""
    return day + {SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0) * DAY


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    golden = year % 19
    century, in_century = divmod(year, 100)
    leaps, after_leap = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - moon_shift + 15) % 30
    quarter, after_quarter = divmod(in_century, 4)
    to_sunday = (32 + 2 * after_leap + 2 * quarter - epact - after_quarter) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)

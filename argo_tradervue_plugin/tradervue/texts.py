"""
Numbers, times and tags in the written forms of the API, out and in; all pure.

What cannot be written or read is a :class:`ValueError` that quotes it, cut.

Source: API documentation, imports, trades, journal, users.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.model.journal import Side
from argo_tradervue_plugin.model.times import EASTERN

__all__ = [
    "day_text",
    "decimal_text",
    "eastern_text",
    "read_bool",
    "read_day",
    "read_decimal",
    "read_int",
    "read_ints",
    "read_moment",
    "read_side",
    "read_text",
    "read_texts",
    "tags_text",
    "unreadable",
]

# No price or quantity has more zeros than this before or after its digits; written
# out, 1E+999999 would be a megabyte of them.
LARGEST_MAGNITUDE: Final = 40
LARGEST_INT: Final = 2**63 - 1

SIDES: Final = {
    "long": Side.LONG,
    "l": Side.LONG,
    "short": Side.SHORT,
    "s": Side.SHORT,
}


def decimal_text(value: Decimal) -> str:
    """
    Return *value* in plain notation, with its own digits and without an exponent.

    ``Decimal("4385")`` is "4385", ``Decimal("1E+3")`` is "1000" and
    ``Decimal("0.10")`` stays "0.10". A negative zero loses its sign.

    Raises:
        ValueError: if *value* is no finite number, or of an absurd magnitude.
    """
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number")
    if abs(value.adjusted()) > LARGEST_MAGNITUDE:
        raise ValueError(f"{one_line(str(value), 60)} is of an absurd magnitude")
    return format(value or value.copy_abs(), "f")


def eastern_text(moment: datetime) -> str:
    """
    Return *moment* as New York wall time with its own offset, in whole seconds.

    For example ``2026-03-05T10:15:00-05:00``. The offset is that of the instant, so
    that the repeated hour in autumn is kept apart, and the fraction of the second is
    cut off, never rounded up.

    Clients in the field saw other zones, and ``Z``, misread.

    Raises:
        ValueError: if *moment* has no offset, or lies at the very edge of the calendar.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no UTC offset")
    try:
        # By way of UTC: a time that is in New York already would stay as it is, even
        # within the hour that the change in spring leaves out.
        there = moment.astimezone(UTC).astimezone(EASTERN)
    except OverflowError:
        raise ValueError(f"{moment.isoformat()} is no day in New York") from None
    return there.isoformat(timespec="seconds")


def day_text(day: date) -> str:
    """Return *day* as queries want it, mm/dd/yyyy (bodies want yyyy-mm-dd)."""
    return f"{day.month:02}/{day.day:02}/{day.year:04}"


def tags_text(tags: Iterable[str]) -> str:
    """
    Return *tags* as one filter, joined by commas.

    Raises:
        ValueError: if a tag is blank or has a comma, which would split it in two.
    """
    wanted = list(tags)
    for tag in wanted:
        if "," in tag or not tag.strip():
            raise ValueError(f"{one_line(repr(tag), 60)} cannot be a tag in a filter")
    return ",".join(wanted)


def read_decimal(value: object) -> Decimal:
    """Return *value*, a JSON number or its text, as a decimal with the same digits."""
    if type(value) is Decimal:
        number = value
    elif type(value) is int or type(value) is str:
        try:
            number = Decimal(value)
        except ArithmeticError:
            raise unreadable(value, "no number") from None
    else:
        raise unreadable(value, "no number")
    if not number.is_finite() or abs(number.adjusted()) > LARGEST_MAGNITUDE:
        raise unreadable(value, "no sensible number")
    return number


def read_moment(value: object) -> datetime:
    """
    Return *value*, an ISO 8601 text, as an aware time.

    One without an offset is read as New York wall time, Tradervue's own.
    """
    try:
        moment = datetime.fromisoformat(read_text(value))
    except ValueError:
        raise unreadable(value, "no time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=EASTERN)


def read_day(value: object) -> date:
    """Return *value*, a yyyy-mm-dd text, as a date."""
    try:
        return date.fromisoformat(read_text(value))
    except ValueError:
        raise unreadable(value, "no date") from None


def read_text(value: object) -> str:
    """Return *value* if it is a text."""
    if isinstance(value, str):
        return value
    raise unreadable(value, "no text")


def read_int(value: object) -> int:
    """
    Return *value*, a JSON number or its text, as a whole number.

    Raises:
        ValueError: if it is none, or has more than 64 bits, as no id or count has.
    """
    number = read_decimal(value)
    if abs(number) > LARGEST_INT:
        raise unreadable(value, "no id or count")
    if number != int(number):
        raise unreadable(value, "no whole number")
    return int(number)


def read_bool(value: object) -> bool:
    """Return *value*, true or false or its text, as requests may have them."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in {"true", "false"}:
        return value == "true"
    raise unreadable(value, "neither true nor false")


def read_side(value: object) -> Side:
    """
    Return *value*, ``long`` or ``short`` or their first letters, as a side.

    The documentation has the words; a client in the field got the letters.
    """
    side = SIDES.get(value.lower()) if isinstance(value, str) else None
    if side is None:
        raise unreadable(value, "no side")
    return side


def read_texts(value: object) -> tuple[str, ...]:
    """Return *value*, a list of texts."""
    return tuple(map(read_text, _items(value)))


def read_ints(value: object) -> tuple[int, ...]:
    """Return *value*, a list of whole numbers."""
    return tuple(map(read_int, _items(value)))


def unreadable(value: object, problem: str) -> ValueError:
    """Return the error that *value*, quoted and cut, is what *problem* says."""
    return ValueError(f"{one_line(repr(value), 60)} is {problem}")


def _items(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    raise unreadable(value, "no list")

"""
What the captured values of a trade mean, and whether they make sense.

The same trade gives the same snapshot however a host writes it.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Any, Final, TypeVar
from uuid import UUID

import attrs

from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.model.capture import MISSING, values_of
from argo_tradervue_plugin.model.side import Side
from argo_tradervue_plugin.model.snapshot import DERIVED, TradeSnapshot

__all__ = ["NEEDED", "Senseless", "identifier", "meaning", "number", "read"]

T = TypeVar("T")


# A float has 15 decimal digits that survive; more are binary noise. No limit of
# Tradervue's is documented: 8 places are what people send, and small prices keep 8
# significant digits all the same.
FLOAT_DIGITS: Final = 15
MOST_PLACES: Final = 8
# No price, quantity or sum of money is larger than this power of ten, and what is
# smaller than its inverse is nothing; the API's texts end at twice as many digits.
LARGEST_POWER: Final = 18
# A number with more digits is no id; a UUID as one has up to 39.
LONGEST_NUMBER: Final = 40
# Years in which a trade can have been made; their days have room on both sides.
YEARS: Final = range(1900, 2200)
# How a missing value reads once somebody has made a text of it. In capitals it may be
# a word: NAN and NA are tickers.
UNSAID: Final = MISSING | {"None", "null"}
# What an execution needs; without sense in one of these there may be none.
NEEDED: Final = frozenset(
    {
        *("id", "symbol", "signal_type"),
        *("entry_price", "actual_entry_price", "exit_price", "actual_exit_price"),
        *("quantity", "filled_qty", "entry_timestamp", "exit_timestamp"),
    }
)


class Senseless(Exception):
    """A value makes no sense in its field; the text says what is expected."""


# An event is read to find its trade, to be taken into the record, to be planned, and
# when the notes are written; between the first and the last is an import of some
# hundred others. A thousand of them take some megabytes.
@lru_cache(maxsize=1024)
def read(payload: str) -> TradeSnapshot:
    """Make sense of what :func:`capture` copied, and say of what there is none."""
    values: dict[str, Any] = {}
    faults: dict[str, TradeError] = {}
    unknown: list[str] = []
    try:
        for value, (name, reader, unsaid) in zip(
            values_of(payload), READERS, strict=False
        ):
            if value is None:
                continue
            try:
                # Most are numbers, and mean just that.
                is_number = type(value) is Decimal
                found = reader(value) if is_number else meaning(value, reader, unsaid)
            except Senseless as expected:
                if name in NEEDED:
                    faults[name] = TradeError(name, shown_value(value), str(expected))
                else:
                    unknown.append(name)
            else:
                if found is not None:
                    values[name] = found
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        fault = TradeError("trade", payload[:60], "cannot be read")
        return TradeSnapshot(faults={"id": fault})
    return TradeSnapshot(**values, faults=faults, unknown=tuple(unknown))


def meaning(
    value: Any, reader: Callable[[Any], T], unsaid: frozenset[str] = frozenset()
) -> T | None:
    """
    Return what *reader* makes of *value*, and None for a missing one.

    An Enum member means its value where that is a text, its name otherwise; where one
    makes no sense, the other counts.
    """
    kind = type(value)  # what JSON has; most are numbers and texts
    if kind is str:
        if value.strip() in unsaid:
            return None
    elif kind is not Decimal:
        if value is None or value != value:  # noqa: PLR0124 - NaN is not what it is
            return None
        match value:
            case {"member": [str(name), inner]}:
                by_value = isinstance(inner, str)
                first, second = (inner, name) if by_value else (name, inner)
                try:
                    return meaning(first, reader, unsaid)
                except Senseless:
                    return meaning(second, reader, unsaid)
    return reader(value)


def shown_value(value: object) -> object:
    """Return *value* as a person reads it in a message."""
    match value:
        case {"member": [name, inner]}:
            return f"{name} ({shown_value(inner)})"
        case Decimal():
            return str(value)
    return value


def identifier(value: object) -> str:
    """Return an id as everybody compares it."""
    if isinstance(value, Decimal) and is_whole(value):
        return f"{int(value)}"
    if not isinstance(value, str):
        raise Senseless("must be a text or a whole number")
    text = naming(value)
    if whole := WHOLE.fullmatch(text):
        return whole[1]
    if uuid := A_UUID.fullmatch(text):
        return str(UUID(uuid[1]))
    return text


WHOLE: Final = re.compile(r"(0|-?[1-9][0-9]*)(?:\.0+)?")
A_UUID: Final = re.compile(
    r"(?:urn:uuid:)?\{?([0-9a-f]{8}(-?)(?:[0-9a-f]{4}\2){3}[0-9a-f]{12})\}?",
    re.IGNORECASE,
)


def is_whole(value: Decimal) -> bool:
    """Return whether *value* is a whole number that somebody may have counted to."""
    return value.adjusted() < LONGEST_NUMBER and value == value.to_integral_value()


def ticker(value: object) -> str:
    """Return a symbol in capitals."""
    if not isinstance(value, str):
        raise Senseless("must be a text")
    return naming(value).upper()


def naming(value: str) -> str:
    """Return a text that names something, without blanks around it."""
    text = value.strip()
    if not text or text in UNSAID:
        raise Senseless("must not be empty")
    if not text.isprintable():
        raise Senseless("must be printable")
    return text


def number(value: object) -> Decimal:
    """
    Return *value* as the decimal that a person would have written.

    It is rounded where a binary fraction shows, and to the places we send. Equal
    numbers come out with equal digits, without zeros that say nothing.
    """
    if type(value) is not Decimal:
        value = decimal(value)
    if not value.is_finite():
        raise Senseless("must be a finite number")
    first_digit = value.adjusted()
    if first_digit > LARGEST_POWER:
        raise Senseless(f"must be below 1e{LARGEST_POWER + 1}")
    if not value or first_digit < -LARGEST_POWER:
        return Decimal(0)
    return value.normalize(ROUNDING[first_digit])


def decimal(value: object) -> Decimal:
    """Return a number that is written as a text, or JSON's infinity."""
    if isinstance(value, str | float):
        with suppress(ArithmeticError):
            return Decimal(value)
    raise Senseless("must be a number")


def unsigned(value: object) -> Decimal:
    """Return a number that cannot be below 0."""
    found = number(value)
    if found.is_signed():  # a zero has no sign here
        raise Senseless("must not be negative")
    return found


def percent(value: object) -> Decimal:
    """Return a number from 0 to 100."""
    found = number(value)
    if not 0 <= found <= 100:  # noqa: PLR2004 - a percentage
        raise Senseless("must be from 0 to 100")
    return found


# By the power of ten of the first digit. It is our own: a host may have changed the one
# that every thread begins with.
ROUNDING: Final = {
    power: Context(
        prec=min(FLOAT_DIGITS, max(0, power + 1) + MOST_PLACES),
        rounding=ROUND_HALF_EVEN,
        traps=[],
    )
    for power in range(-LARGEST_POWER, LARGEST_POWER + 1)
}


def moment(value: object) -> datetime:
    """
    Return a time as an instant: what has no zone is in UTC.

    Any form of ISO 8601 will do, with a blank for its T as well. A number is no time:
    nothing says what it counts, and from when.
    """
    if not isinstance(value, str):
        raise Senseless("must be an ISO 8601 time")
    text = value.strip().upper()
    try:
        if text.isdigit() and len(text) != len("20260305"):
            raise ValueError  # noqa: TRY301 - it would be cut into pieces of a time
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Senseless("must be an ISO 8601 time") from None
    if found.year not in YEARS:
        raise Senseless(f"must be from {YEARS[0]} to {YEARS[-1]}")
    if found.tzinfo is None:
        return found.replace(tzinfo=UTC)
    return found.astimezone(UTC)


def words(value: object) -> str | None:
    """Return a text without blanks around it, None for a blank one."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, Decimal):
        return f"{int(value)}" if is_whole(value) else str(value)
    raise Senseless("must be a text")


def rejection(value: object) -> str | None:
    """Return why a broker rejected an order; a code of 0 says that none did."""
    if value == 0:
        return None
    if isinstance(value, Decimal) and not is_whole(value):
        raise Senseless("must be a text or a code")
    text = words(value)
    return None if text is None or text.casefold() in NO_REASON else text


# How hosts write that there is no reason, beside a missing one.
NO_REASON: Final = frozenset({"0", "false", "none", "null", "nan"})
# Without blanks, hyphens and underscores. What closes a position is none of them.
SIDES: Final = {
    **dict.fromkeys(
        ("long", "l", "buy", "b", "bot", "bought", "buytoopen", "bto"), Side.LONG
    ),
    **dict.fromkeys(("short", "s", "sell", "sld", "sold"), Side.SHORT),
    **dict.fromkeys(("sellshort", "shortsell", "ss"), Side.SHORT),
    **dict.fromkeys(("selltoopen", "sto"), Side.SHORT),
}


def as_side(value: object) -> Side:
    """Return the side of a position, by the meaning of its name."""
    if isinstance(value, str):
        # A text that was made of an Enum member begins with the name of its class.
        word = re.sub(r"[\s_-]+", "", value.rpartition(".")[2].casefold())
        if word in SIDES:
            return SIDES[word]
    raise Senseless("must be long or short")


FLAGS: Final = {
    **dict.fromkeys(("true", "yes", "1", "1.0"), True),
    **dict.fromkeys(("false", "no", "0", "0.0"), False),
}


def flag(value: object) -> bool:
    """Return whether a flag is set."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Decimal) and value in (0, 1):
        return bool(value)
    if isinstance(value, str) and (word := value.strip().casefold()) in FLAGS:
        return FLAGS[word]
    raise Senseless("must be true or false")


def reader_of(field: "attrs.Attribute[Any]") -> Callable[[Any], object]:
    """Return the function that makes sense of *field*."""
    return BY_NAME.get(field.name) or BY_TYPE[field.type]


def unsaid_in(name: str) -> frozenset[str]:
    """
    Return the texts that mean nothing in the field *name*.

    None in a name, which is a fault then. What is empty is no number and no time, but
    where an execution does not need one it is just missing.
    """
    if name in BY_NAME and BY_NAME[name] in (identifier, ticker, as_side):
        return frozenset()
    return UNSAID if name in NEEDED else UNSAID | {""}


BY_TYPE: Final[dict[Any, Callable[[Any], object]]] = {
    str | None: words,
    Decimal | None: number,
    datetime | None: moment,
    bool: flag,
}


BY_NAME: Final[dict[str, Callable[[Any], object]]] = {
    "id": identifier,
    "symbol": ticker,
    "signal_type": as_side,
    "confidence": percent,
    "rejection_reason": rejection,
    **dict.fromkeys(("entry_price", "actual_entry_price"), unsigned),
    **dict.fromkeys(("exit_price", "actual_exit_price"), unsigned),
    **dict.fromkeys(("quantity", "filled_qty"), unsigned),
    **dict.fromkeys(("signal_entry_price", "stop_price", "target_price"), unsigned),
}


READERS: Final = tuple(
    (field.name, reader_of(field), unsaid_in(field.name))
    for field in attrs.fields(TradeSnapshot)
    if field.name not in DERIVED
)

"""
The host's trade as it stood inside the hook.

:func:`capture` runs on the trading loop's thread and only copies. What the values
mean, and whether they make sense, is the business of :func:`read`, on the forwarder's
thread: the same trade gives the same snapshot however a host writes it.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import Enum
from functools import lru_cache
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, Final, TypeVar
from uuid import UUID

import attrs

from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.model.side import Side

__all__ = [
    "EPOCH",
    "FIELDS",
    "TradeSnapshot",
    "canonical_id",
    "capture",
    "carries_exit",
    "id_of",
    "identity_of",
    "read",
    "same_moment",
    "second_id",
]

T = TypeVar("T")

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

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

# Captured in the place of a value that could not be copied, with the reason.
UNREADABLE: Final = "unreadable"
# Captured in the place of an Enum member, with its name and its value.
MEMBER: Final = "member"
# What JSON writes as it is. Not their subclasses: a member of a StrEnum or an IntEnum
# would lose its name.
PLAIN: Final = frozenset({str, float, int, bool, type(None)})
# How objects that stand for a missing value show themselves: numpy's and Decimal's NaN,
# pandas' NaT and NA.
MISSING: Final = frozenset({"nan", "NaN", "sNaN", "NaT", "<NA>"})
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


def texts_of(faults: Mapping[str, TradeError]) -> tuple[tuple[str, str], ...]:
    """Return *faults* as what can be compared: two equal exceptions are not equal."""
    return tuple((name, str(fault)) for name, fault in faults.items())


@attrs.frozen(kw_only=True)
class TradeSnapshot:
    """
    What is taken of the host's ``Trade``; names are the host's.

    Their order is that of :func:`capture`, and of every text that was captured with an
    earlier version: a new one goes to the end.

    Prices are dollars per share or coin, ``quantity`` is unsigned, times are aware
    (UTC), percents and ``confidence`` run from 0 to 100. What the host does not have,
    or leaves empty, is None, and so is what makes no sense: *faults* has the reason
    for each such field that an execution needs, *unknown* the names of all others.
    """

    id: str | None = None
    symbol: str | None = None
    signal_type: Side | None = None
    asset_class: str | None = None
    signal_id: str | None = None
    entry_price: Decimal | None = None
    exit_price: Decimal | None = None
    actual_entry_price: Decimal | None = None
    actual_exit_price: Decimal | None = None
    quantity: Decimal | None = None
    filled_qty: Decimal | None = None
    entry_timestamp: datetime | None = None
    exit_timestamp: datetime | None = None
    pnl_dollars: Decimal | None = None
    pnl_percent: Decimal | None = None
    outcome: str | None = None
    confidence: Decimal | None = None
    verification_hash: str | None = None
    alpaca_order_id: str | None = None
    exchange_order_id: str | None = None
    regime: str | None = None
    exit_regime: str | None = None
    exit_reason: str | None = None
    exit_method: str | None = None
    signal_entry_price: Decimal | None = None
    slippage_entry: Decimal | None = None
    slippage_exit: Decimal | None = None
    commission: Decimal | None = None
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    expired: bool = False
    cancelled: bool = False
    partial_fill: bool = False
    rejection_reason: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    faults: Mapping[str, TradeError] = attrs.field(factory=dict, eq=texts_of)
    unknown: tuple[str, ...] = ()

    def need(self, name: str) -> Any:
        """
        Return the value of the field *name*, which an execution cannot do without.

        Raises:
            TradeError: where the field makes no sense or is missing.
        """
        if name in self.faults:
            # A snapshot is shared: what an earlier caller did with it must not show.
            raise self.faults[name].with_traceback(None)
        value = getattr(self, name)
        if value is None:
            raise TradeError(name, None, "must not be missing")
        return value


DERIVED: Final = frozenset({"faults", "unknown"})
FIELDS: Final = tuple(
    field.name for field in attrs.fields(TradeSnapshot) if field.name not in DERIVED
)


# Capture ----------------------------------------------------------------------------


def plain(value: object) -> object:
    """
    Return what JSON can write in the place of what it cannot.

    An Enum member keeps its name and its value. A library's own integer becomes a
    number, its own flag a flag, what stands for a missing value null. All else becomes
    a text, since decimals, times and UUIDs have one that says all.
    """
    kind: Any = type(value)
    try:
        if isinstance(value, Enum):
            return {MEMBER: [str(value.name), value.value]}
        if says_nothing(kind):
            return {UNREADABLE: kind.__name__}
        if hasattr(kind, "__index__"):
            return int(kind.__index__(value))
        text = str(value)
    except Exception:  # noqa: BLE001 - not even a broken object may stop the hook
        return {UNREADABLE: kind.__name__}
    if kind.__name__ in {"bool", "bool_"}:  # numpy's are no Python bool
        return text == "True"
    return None if text in MISSING else text


def says_nothing(kind: Any) -> bool:
    """
    Return whether objects of *kind* have no text that is a value.

    An address in memory is none, nor is what a container shows; and showing a large one
    would take as long as it is large.
    """
    has_address = kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__
    return has_address or hasattr(kind, "__iter__") or hasattr(kind, "__len__")


_encode: Final = json.JSONEncoder(
    default=plain, check_circular=False, separators=(",", ":")
).encode
_decode: Final = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal).decode
_values_of: Final = attrgetter(*FIELDS)


def capture(trade: object) -> str:
    """
    Copy *trade* as JSON text; take what is there and find no fault.

    The host mutates its object later, so the text is made before the hook returns. It
    is an array of the values in the order of ``FIELDS``, null for what is not there:
    the names in it would take a third of a hook's time.
    """
    try:
        try:
            values = _values_of(trade)
            is_plain = PLAIN.issuperset(map(type, values))
        except AttributeError:  # of a mapping, or of a host that lacks a field
            is_plain = False
        return _encode(values if is_plain else values_in(trade))
    except Exception:  # noqa: BLE001 - a field that raises, or that JSON cannot hold
        return f"[{','.join(piece_of(trade, name) for name in FIELDS)}]"


def as_mapping(payload: str) -> dict[str, object]:
    """Return a captured *payload* as a trade that a host could have given."""
    values = json.loads(payload)
    if not isinstance(values, list):  # captured by an older version
        return dict(values)
    return dict(zip(FIELDS, values, strict=False))


def with_fields_of(payload: str, other: str, names: Iterable[str]) -> str:
    """Return a captured *payload* with those fields *names* that *other* has."""
    values, others = json.loads(payload), json.loads(other)
    if not (isinstance(values, list) and isinstance(others, list)):
        return payload  # captured by an older version
    for name in names:
        place = FIELDS.index(name)
        if place < min(len(values), len(others)) and others[place] is not None:
            values[place] = others[place]
    return _encode(values)


def values_in(trade: Any) -> list[object]:
    """
    Return the fields of a trade of any make, Enum members with their names.

    What has keys is a mapping, as ``dict()`` has it: its items count, not its
    attributes. It is asked for nothing that it lacks, since some make that up.
    """
    if hasattr(type(trade), "keys"):
        items = dict(trade.items())
        values = [items.get(name) for name in FIELDS]
    else:
        values = [getattr(trade, name, None) for name in FIELDS]
    return [value if type(value) in PLAIN else written(value) for value in values]


def value_in(trade: Any, name: str) -> object:
    """Return one field as :func:`values_in` does, whatever the others are."""
    if hasattr(type(trade), "keys"):
        return trade[name] if name in trade.keys() else None  # noqa: SIM118 - as above
    return getattr(trade, name, None)


def written(value: object) -> object:
    """Return *value* so that JSON does not take an Enum member for its value alone."""
    return plain(value) if issubclass(type(value), Enum) else value


def piece_of(trade: object, name: str) -> str:
    """Return one field as JSON text, whatever it is."""
    try:
        return _encode(written(value_in(trade, name)))
    except Exception as error:  # noqa: BLE001 - the event is kept all the same
        return _encode({UNREADABLE: type(error).__name__})


def parsed(text: str) -> Any:
    """Return what JSON *text* holds, its numbers with all their digits."""
    return _decode(text)


def values_of(payload: str) -> Iterable[Any]:
    """Return what :func:`capture` copied, in the order of ``FIELDS``."""
    copied: list[Any] | dict[str, Any] = parsed(payload)
    if isinstance(copied, dict):  # captured by an older version
        return map(copied.get, FIELDS)
    return copied


# Identity ---------------------------------------------------------------------------


def identity_of(trade: object) -> tuple[str, str]:
    """
    Return the host's id of *trade*, and what tells it from another with this id.

    The host's ids are unique to the microsecond in one process only; two processes
    can give one id to two trades, which then differ in symbol, side or entry time.
    A trade without an id is known by a digest of what does not change.
    """
    try:
        return identify(trade)
    except Exception:  # noqa: BLE001 - as in capture()
        return identify(SimpleNamespace(**{n: shown(trade, n) for n in IDENTIFYING}))


IDENTIFYING: Final = ("id", "symbol", "signal_type", "entry_timestamp", "signal_id")


def identify(trade: object) -> tuple[str, str]:
    """Return id and identity of a trade whose fields do not raise."""
    symbol = getattr(trade, "symbol", None)
    side = getattr(trade, "signal_type", None)
    identity = f"{symbol}|{side}|{getattr(trade, 'entry_timestamp', None)}"
    trade_id = getattr(trade, "id", None)
    if not isinstance(trade_id, str) or not trade_id.strip():
        trade_id = id_of(trade)  # a number, a UUID, or that of a mapping
    if trade_id is None:
        facts = f"{trade_id!r}|{identity}|{getattr(trade, 'signal_id', None)}"
        digest = hashlib.sha256(facts.encode(errors="replace")).hexdigest()
        trade_id = f"unidentified-{digest[:16]}"
    return storable(trade_id), storable(identity)


def shown(trade: object, name: str) -> str | None:
    """Return one field as a text that raises nothing; None where there is no text."""
    try:
        value = getattr(trade, name, None)
        text = str.__str__(value) if isinstance(value, str) else f"{value}"
    except Exception as error:  # noqa: BLE001 - as in capture()
        return None if name == "id" else f"<{type(error).__name__}>"
    return None if name == "id" and not isinstance(value, str) else text


def second_id(trade_id: str, identity: str) -> str:
    """Return the id of a trade of *identity* whose own id another trade has."""
    return f"{trade_id}~{hashlib.sha256(identity.encode()).hexdigest()[:8]}"


def storable(text: str) -> str:
    """Return *text* as every database takes it: no half characters, no nulls."""
    if text.isprintable():
        return text
    return text.encode("unicode_escape").decode()


def canonical_id(value: object) -> str | None:
    """
    Return *value* as ids are compared, or None where it is no id.

    Blanks around it say nothing. Case counts, except in a UUID, which is written as
    Python does. A whole number is one id, whether it is a number or a text; leading
    zeros make a text of it.
    """
    if type(value) is not str:
        return id_of({"id": value})
    try:
        return identifier(value)
    except Senseless:
        return None


def id_of(trade: object) -> str | None:
    """Return the id of a host's *trade* as :func:`read` does; raise nothing."""
    try:
        return meaning(parsed(piece_of(trade, "id")), identifier)
    except Exception:  # noqa: BLE001 - no id, or nothing that could be one
        return None


def same_moment(one: datetime | None, other: datetime | None) -> bool:
    """
    Return whether both are the same instant, as far as both tell.

    A time that was cut to the second or to the millisecond is the one that it was cut
    from. Two that are missing are the same.
    """
    if one is None or other is None:
        return one is other
    cut, whole = sorted((one, other))
    milliseconds = whole.microsecond // 1000 * 1000
    return cut in (
        whole,
        whole.replace(microsecond=milliseconds),
        whole.replace(microsecond=0),
    )


def carries_exit(snapshot: TradeSnapshot) -> bool:
    """Return whether *snapshot* is that of a closed trade, as far as it makes sense."""
    return snapshot.exit_timestamp is not None


# Read -------------------------------------------------------------------------------


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

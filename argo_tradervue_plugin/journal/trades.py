"""
The host's trade as it stood inside the hook.

:func:`capture` runs on the trading loop's thread and only copies; everything that
can find fault with a trade happens later, in :func:`read`, on the worker's thread.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final

import attrs
from cattrs import Converter

from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.tradervue.models import Side

__all__ = [
    "EPOCH",
    "TradeSnapshot",
    "capture",
    "identity_of",
    "read",
    "second_id",
    "told_in",
]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# A float has 15 decimal digits that survive; more are binary noise. No limit of
# Tradervue's is documented: 8 places are what people send, and small prices keep 8
# significant digits all the same.
FLOAT_DIGITS: Final = 15
MOST_PLACES: Final = 8
# No price, quantity or sum of money is larger than this power of ten, and what is
# smaller than its inverse is nothing; the API's texts end at twice as many digits.
LARGEST_POWER: Final = 18
# Stands in the place of a value that could not be copied, with the reason.
UNREADABLE: Final = "unreadable"
# Years in which a trade can have been made; their days have room on both sides.
YEARS: Final = range(1900, 2200)


def plain(value: object) -> object:
    """Write what JSON cannot hold (decimals, datetimes, a library's own integers)."""
    kind = type(value)
    says_nothing = kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__
    if says_nothing or isinstance(value, bytes | bytearray):
        return {UNREADABLE: kind.__name__}  # an address in memory is no text of a host
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - not even a broken object may stop the hook
        return {UNREADABLE: kind.__name__}


_encode: Final = json.JSONEncoder(
    default=plain, check_circular=False, separators=(",", ":")
).encode


@attrs.frozen(kw_only=True)
class TradeSnapshot:
    """
    What we take of the host's ``Trade``; names are the host's.

    Their order is that of :func:`capture`, and of every text that was captured with an
    earlier version: a new one goes to the end.

    Prices are dollars per share or coin, ``quantity`` is unsigned, times are aware
    (UTC), percents and ``confidence`` run from 0 to 100. Whatever a newer or older
    host does not have is None.
    """

    id: str
    symbol: str
    signal_type: Side
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


FIELDS: Final = tuple(field.name for field in attrs.fields(TradeSnapshot))


def capture(trade: object) -> str:
    """
    Copy *trade* as JSON text; takes what is there and finds no fault.

    The host mutates its object later, so the text is made before the hook returns. It
    is an array of the values in the order of ``FIELDS``, null for what is not there:
    the names in it would take a third of a hook's time.
    """
    try:
        return _encode([getattr(trade, name, None) for name in FIELDS])
    except Exception:  # noqa: BLE001 - a field that raises, or that JSON cannot hold
        return f"[{','.join(piece_of(trade, name) for name in FIELDS)}]"


def piece_of(trade: object, name: str) -> str:
    """Return one field as JSON text, whatever it is."""
    try:
        return _encode(getattr(trade, name, None))
    except Exception as error:  # noqa: BLE001 - the event is kept all the same
        return _encode({UNREADABLE: type(error).__name__})


def told_in(payload: str) -> dict[str, Any]:
    """Return what :func:`capture` copied, by the names of the fields."""
    told = json.loads(payload, parse_float=Decimal, parse_int=Decimal)
    return told if isinstance(told, dict) else dict(zip(FIELDS, told, strict=False))


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


@lru_cache(maxsize=16)  # an exit is read for its entry, and then for itself
def read(payload: str) -> TradeSnapshot:
    """
    Make sense of what :func:`capture` copied.

    Raises:
        TradeError: naming the first field that makes none, and its value.
    """
    try:
        return converter.structure(told_in(payload), TradeSnapshot)
    except RecursionError:
        raise TradeError("trade", payload[:60], "is nested too deeply") from None


def number(value: object, field: str) -> Decimal:
    """
    Return *value* as the decimal that a person would have written.

    Raises:
        TradeError: where it is no finite number.
    """
    found = value
    if isinstance(value, str):
        try:
            found = Decimal(value)
        except ArithmeticError:
            raise TradeError(field, value, "must be a number") from None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        found = Decimal(repr(float(value)))
    if not isinstance(found, Decimal):
        raise TradeError(field, value, "must be a number")
    if not found.is_finite():
        raise TradeError(field, value, "must be a finite number")
    if found.adjusted() > LARGEST_POWER:
        raise TradeError(field, value, f"must be below 1e{LARGEST_POWER + 1}")
    return without_noise(found)


def without_noise(value: Decimal) -> Decimal:
    """
    Round *value* where a binary fraction shows, and to the places we send.

    Equal numbers come out with equal digits, without zeros that say nothing.
    """
    if not value or value.adjusted() < -LARGEST_POWER:
        return Decimal(0)
    first_digit = value.adjusted()
    last_place = max(
        first_digit - FLOAT_DIGITS + 1,
        min(-MOST_PLACES, first_digit - MOST_PLACES + 1),
    )
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < last_place:
        value = value.quantize(Decimal((0, (1,), last_place)))
    return value.normalize()


def moment(value: object, field: str) -> datetime:
    """
    Return a host time as an aware one; the host's are naive and in UTC.

    Raises:
        TradeError: where it is not ISO 8601, or no year of trading.
    """
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        raise TradeError(field, value, "must be an ISO 8601 time") from None
    if parsed.year not in YEARS:
        raise TradeError(field, value, f"must be from {YEARS[0]} to {YEARS[-1]}")
    if parsed.tzinfo is None:
        return parsed.replace(tzinfo=UTC)
    return parsed.astimezone(UTC)


def text(value: object, field: str) -> str:
    """Return a host text without blanks around it; no trade fails for lack of one."""
    if isinstance(value, dict) and UNREADABLE in value:
        return f"<{value[UNREADABLE]}>"
    if not isinstance(value, (str, Decimal)):
        raise TradeError(field, value, "must be a text")
    return str(value).strip()


def as_side(value: object, field: str) -> Side:
    """Return the side of a position."""
    try:
        return Side(str(value).strip().lower())
    except ValueError:
        raise TradeError(field, value, "must be long or short") from None


def required_text(value: object, field: str) -> str:
    """Return a host text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise TradeError(field, value, "must not be empty")
    if not value.isprintable():
        raise TradeError(field, value, "must be printable")
    return value.strip()


def flag(value: object, field: str) -> bool:
    """Return a host flag; null is no."""
    if not isinstance(value, bool) and value is not None:
        raise TradeError(field, value, "must be true or false")
    return bool(value)


READERS: Final[dict[Any, Callable[[Any, str], Any]]] = {
    str: required_text,
    str | None: text,
    Side: as_side,
    Decimal | None: number,
    datetime | None: moment,
    bool: flag,
}


def _converter() -> Converter:
    """
    Return the converter of host trades.

    Each type is read by the function above of its name, which knows the field and so
    names it; null is None wherever the class allows it, and unknown fields are not
    looked at.
    """
    made = Converter()
    readers = [(f.name, READERS[f.type]) for f in attrs.fields(TradeSnapshot)]
    optional = {f.name for f in attrs.fields(TradeSnapshot) if f.default is None}

    def structure(raw: dict[str, Any], _: type) -> TradeSnapshot:
        values: dict[str, Any] = {}
        for name, reader in readers:
            value = raw.get(name)
            if value is not None or name not in optional:
                values[name] = reader(value, name)
        return TradeSnapshot(**values)

    made.register_structure_hook(TradeSnapshot, structure)
    return made


converter: Final = _converter()

"""
Copying the host's trade inside the hook, on the trading loop's thread.

Nothing is judged here: whatever a host writes is copied as it is, as a text.
"""

import json
from collections.abc import Iterable
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import Any, Final

from argo_tradervue_plugin.model.snapshot import FIELDS

__all__ = [
    "MISSING",
    "as_mapping",
    "capture",
    "parsed",
    "piece_of",
    "values_of",
    "with_fields_of",
    "written",
]

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

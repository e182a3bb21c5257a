"""
JSON with numbers that keep their decimal text.

Reading gives `Decimal` for every number with a point, writing puts a `Decimal` out as
plain digits: ``1`` and not ``1.0``, never an exponent, never binary noise.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import Any, Final


def read(body: bytes | str) -> object:
    """
    Return what the JSON in *body* says.

    Raises:
        ValueError: if it is no JSON, or holds NaN or an infinity.
    """
    return json.loads(body, parse_float=_decimal, parse_constant=_refuse)


def write(value: object) -> str:
    """
    Return *value* as JSON text.

    Raises:
        TypeError: for what JSON cannot hold, floats included: money is decimal here.
    """
    writer = _WRITERS.get(type(value))
    if writer is None:
        raise TypeError(f"no JSON for {type(value).__name__}")
    return writer(value)


def plain(value: Decimal) -> str:
    """Return *value* in plain digits, without trailing zeros and without ``-0``."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:  # an exponent of more than eighteen digits
        raise ValueError(f"{text:.40} is no number that can be held") from error


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


def _object(value: Mapping[object, object]) -> str:
    members = [f"{encode_basestring(str(k))}:{write(v)}" for k, v in value.items()]
    return "{" + ",".join(members) + "}"


def _array(value: Iterable[object]) -> str:
    return "[" + ",".join(map(write, value)) + "]"


_WRITERS: Final[Mapping[type, Callable[[Any], str]]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    str: encode_basestring,
    Decimal: plain,
    dict: _object,
    list: _array,
    tuple: _array,
}

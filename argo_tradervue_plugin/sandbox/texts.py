"""Members of a request body: read leniently, refused clearly."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from .rows import parse_number

# Booleans come as booleans and as text. Source: API documentation, imports, and the
# official sample programs, which differ.
_BOOLEANS: Final = {True: True, False: False, "true": True, "false": False}


class Malformed(ValueError):
    """A member of the wrong kind; its text says which."""


def boolean(members: Mapping[str, object], name: str) -> bool:
    """Return the boolean *name*; false if there is none."""
    value = members.get(name)
    if value is None or value == "":
        return False
    if isinstance(value, bool | str):
        told = _BOOLEANS.get(value.lower() if isinstance(value, str) else value)
        if told is not None:
            return told
    raise Malformed(f"{name} must be true or false")


def text(members: Mapping[str, object], name: str) -> str:
    """Return the text *name*; empty if there is none."""
    value = members.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(f"{name} must be a text")
    return value


def tags(members: Mapping[str, object]) -> list[str]:
    """Return the list ``tags`` without repetitions and blanks."""
    value = members.get("tags")
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise Malformed("tags must be a list of texts")
    return list(dict.fromkeys(tag.strip() for tag in value if tag.strip()))


def risk(members: Mapping[str, object]) -> Decimal | None:
    """Return ``initial_risk``, None where it is null or blank."""
    try:
        return parse_number(members.get("initial_risk"))
    except ValueError as error:
        raise Malformed("initial_risk must be a number") from error

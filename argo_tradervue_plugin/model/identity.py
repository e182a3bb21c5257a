"""
Which trade of the host it is: by its id, or by what identifies it where it has none.
"""

import hashlib
from types import SimpleNamespace
from typing import Final

from argo_tradervue_plugin.model.capture import parsed, piece_of
from argo_tradervue_plugin.model.reading import (
    Senseless,
    identifier,
    meaning,
)

__all__ = ["canonical_id", "id_of", "identity_of", "second_id"]


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

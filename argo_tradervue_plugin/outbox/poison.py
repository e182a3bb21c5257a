"""
Events that a database cannot hold: which they are, and what it can hold of them.

An engine refuses what another takes: a character that its encoding lacks, a number
beyond a column's range, a text that is too long for an index. Such an event goes on as
far as the planner, which parks it by its name; the others are not concerned.
"""

from collections.abc import Callable, Sequence
from math import isfinite

from argo_tradervue_plugin.model.records import unidentified
from argo_tradervue_plugin.outbox.records import Recorded

__all__ = ["harmless", "without_poison"]


def without_poison(
    events: Sequence[Recorded], is_taken: Callable[[Sequence[Recorded]], bool]
) -> list[Recorded]:
    """
    Return *events*, with what can be held of those that the database does not take.

    *is_taken* tells whether it takes some together; of thousands it is asked some
    dozen times for each that is at fault.
    """
    if not events or is_taken(events):
        return list(events)
    if len(events) == 1:
        return [harmless(events[0])]
    half = len(events) // 2
    return [
        *without_poison(events[:half], is_taken),
        *without_poison(events[half:], is_taken),
    ]


def harmless(event: Recorded) -> Recorded:
    """Return what any database can hold of *event*: all of it, in other characters."""
    payload = plain(event.payload)
    return Recorded(
        trade_id=unidentified(payload),
        kind=event.kind,
        identity=plain(event.identity)[:200],
        payload=payload,
        at=event.at if isfinite(event.at) else 0.0,
    )


def plain(text: str) -> str:
    """Return *text* in printable ASCII; anything else in it is spelled out."""
    spelled = text.encode("ascii", "backslashreplace").decode()
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in spelled)

"""
Account tags that keep overlapping positions in one symbol apart.

Tradervue holds one open position for each symbol and account tag; Argo holds several.
So each position takes the lowest slot in which its symbol is alone, and keeps it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from re import escape, fullmatch

import attrs

__all__ = ["Span", "lowest_free_slot", "slot_of", "slot_tag"]


@attrs.frozen
class Span:
    """When a slot is taken for a symbol: aware times, *end* None while open."""

    slot: int
    start: datetime
    end: datetime | None


def slot_tag(base: str, slot: int) -> str:
    """Return the account tag of *slot*, counted from 1: ``argo``, ``argo-2``, …"""
    return base if slot == 1 else f"{base}-{slot}"


def slot_of(base: str, tag: str) -> int | None:
    """Return the slot that *tag* stands for; None: it is no account tag of ours."""
    if tag == base:
        return 1
    numbered = fullmatch(rf"{escape(base)}-([1-9][0-9]{{0,4}})", tag)
    return int(numbered[1]) if numbered else None


def lowest_free_slot(
    start: datetime, end: datetime | None, taken: Iterable[Span], cooldown: timedelta
) -> int:
    """
    Return the lowest slot in which nothing in *taken* comes near the new position.

    Near means overlapping, or less than *cooldown* apart: Tradervue may continue a
    trade that closed a moment ago. What opens in the very second of a close is near
    also without a cool-down, since the order within a second is not ours to choose.
    """
    busy = {
        span.slot
        for span in taken
        if (end is None or span.start <= end + cooldown)
        and (span.end is None or start <= span.end + cooldown)
    }
    return next(slot for slot in count(1) if slot not in busy)

"""Daily entries and free notes of a journal."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from .grouping import ZERO
from .times import day_of
from .trades import Comment, Trade


@dataclass(slots=True, eq=False)
class Entry:
    """The journal entry of a day."""

    id: int
    day: date
    notes: str = ""
    comments: list[Comment] = field(default_factory=list)
    # Made by the journal itself, for a day on which a trade was completed.
    is_automatic: bool = False


@dataclass(slots=True, eq=False)
class Note:
    """A note that belongs to no trade and no day."""

    id: int
    notes: str
    updated_at: datetime
    # Orders notes that were written within one tick of the clock.
    revision: int
    comments: list[Comment] = field(default_factory=list)


@dataclass(slots=True)
class Day:
    """What happened on a day: trades touched, and the figures of those completed."""

    trade_ids: list[int] = field(default_factory=list)
    trade_count: int = 0
    total_volume: Decimal = ZERO
    gross_pl: Decimal = ZERO
    commfees: Decimal = ZERO


def days_of(trades: Iterable[Trade]) -> dict[date, Day]:
    """
    Return the days on which *trades* were opened, adjusted, closed or completed.

    The figures are those of the trades completed on the day.
    Source: API documentation, journal.
    """
    days: dict[date, Day] = {}
    for trade in trades:
        if not trade.parts:
            continue
        for moment in dict.fromkeys(day_of(part.fill.at) for part in trade.parts):
            days.setdefault(moment, Day()).trade_ids.append(trade.id)
        tally = trade.tally
        if tally.is_open or tally.end is None:
            continue
        day = days[day_of(tally.end)]
        day.trade_count += 1
        day.total_volume += tally.volume
        day.gross_pl += tally.gross_pl
        day.commfees += tally.commission + tally.fees
    return days

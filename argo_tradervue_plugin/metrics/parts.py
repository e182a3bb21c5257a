"""
What the metrics take of the trades that are booked on one day.

A period is the sum of its days: what is here can be added up in the order of the days,
however long the period is, without a further look at the trades. So a day that has not
changed is not computed again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import attrs

from .arithmetic import ZERO, median_of, quotient
from .figures import HoldingTime
from .ratios import (
    Line,
    Multiples,
    Path,
    Run,
    line_of,
    multiples_of,
    path_of,
    shortened,
)
from .selection import GROSS, LOSS, NET, WIN, ClosedTrade, View
from .sums import Sums, added, sums_of

__all__ = [
    "GROUPINGS",
    "GroupSums",
    "Groups",
    "Held",
    "Part",
    "ViewPart",
    "held_by",
    "holding_time",
    "joined_groups",
    "part_of",
]

HOUR: Final = 3_600_000_000  # microseconds
GROUPINGS: Final = ("by_side", "by_symbol", "by_tag", "by_weekday", "by_hour")

Key = str | int | None


class Held(NamedTuple):
    """How long trades were held: microseconds in ascending order, and their sum."""

    ordered: Sequence[int]
    total: int


class GroupSums(NamedTuple):
    """Sums of the trades that have something in common."""

    commission: Decimal
    fees: Decimal
    gross: Sums
    net: Sums


Groups = Mapping[str, Mapping[Key, GroupSums]]  # by grouping and key


@attrs.frozen(kw_only=True)
class ViewPart:
    """The results of a day, gross or net."""

    sums: Sums
    runs: tuple[Run, ...]
    line: Line
    path: Path
    multiples: Multiples
    winners_held: Held
    losers_held: Held


@attrs.frozen(kw_only=True)
class Part:
    """The trades that are booked on *day*, one or more."""

    day: date
    opened_on: date
    commission: Decimal
    fees: Decimal
    unknown_costs: int
    volume: Decimal | None
    held: Held
    gross: ViewPart
    net: ViewPart
    groups: Groups


def part_of(day: date, trades: Sequence[ClosedTrade]) -> Part:
    """Return the part of the *trades* booked on *day*, in the order of closing."""
    volumes = [trade.volume for trade in trades if trade.volume is not None]
    return Part(
        day=day,
        opened_on=min(trade.opened_on for trade in trades),
        commission=sum((trade.commission for trade in trades), ZERO),
        fees=sum((trade.fees for trade in trades), ZERO),
        unknown_costs=sum(not trade.costs_are_known for trade in trades),
        volume=sum(volumes, ZERO) if volumes else None,
        held=held_by(trades),
        gross=view_of(day, trades, GROSS),
        net=view_of(day, trades, NET),
        groups=groups_of(trades),
    )


def view_of(day: date, trades: Sequence[ClosedTrade], view: View) -> ViewPart:
    """Return the *view* of *trades*."""
    results = [view(trade) for trade in trades]
    steps = [amount for amount, _ in results]
    return ViewPart(
        sums=sums_of(results),
        runs=shortened(outcome for _, outcome in results),
        line=line_of(steps),
        path=path_of(day, steps),
        multiples=multiples_of(
            quotient(amount, trade.risk)
            for amount, trade in zip(steps, trades, strict=True)
            if trade.risk
        ),
        winners_held=held_by(t for t in trades if view(t)[1] is WIN),
        losers_held=held_by(t for t in trades if view(t)[1] is LOSS),
    )


def held_by(trades: Iterable[ClosedTrade]) -> Held:
    """Return how long *trades* were held, as far as that is known."""
    ordered = sorted(trade.held for trade in trades if trade.held is not None)
    return Held(ordered, sum(ordered))


def holding_time(many: Iterable[Held]) -> HoldingTime:
    """Return the figures of *many*."""
    some = [each for each in many if each.ordered]
    n = sum(len(each.ordered) for each in some)
    median = median_of([each.ordered for each in some])
    return HoldingTime(
        trades=n,
        mean_hours=sum(each.total for each in some) / (n * HOUR) if n else None,
        median_hours=None if median is None else float(quotient(median, HOUR)),
    )


def groups_of(trades: Iterable[ClosedTrade]) -> Groups:
    """Return the sums of *trades* by grouping and key."""
    by_side, by_symbol, by_tag, by_weekday, by_hour = (
        defaultdict[Any, list[ClosedTrade]](list) for _ in GROUPINGS
    )
    # All in a single pass: going through the trades takes longer than sorting them in.
    for trade in trades:
        by_side[trade.side and trade.side.value].append(trade)
        by_symbol[trade.symbol].append(trade)
        by_weekday[trade.weekday].append(trade)
        by_hour[trade.hour].append(trade)
        for tag in dict.fromkeys(trade.tags) or (None,):
            by_tag[tag].append(trade)
    members = (by_side, by_symbol, by_tag, by_weekday, by_hour)
    return {
        name: {key: group_sums(some) for key, some in keyed.items()}
        for name, keyed in zip(GROUPINGS, members, strict=True)
    }


def group_sums(trades: Sequence[ClosedTrade]) -> GroupSums:
    """Return the sums of *trades*."""
    return GroupSums(
        commission=sum((trade.commission for trade in trades), ZERO),
        fees=sum((trade.fees for trade in trades), ZERO),
        gross=sums_of(map(GROSS, trades)),
        net=sums_of(map(NET, trades)),
    )


def joined_groups(many: Iterable[Groups]) -> Groups:
    """Return the sums of all trades that *many* are the groups of."""
    members = {name: defaultdict[Key, list[GroupSums]](list) for name in GROUPINGS}
    for groups in many:
        for name, keyed in groups.items():
            for key, sums in keyed.items():
                members[name][key].append(sums)
    return {
        name: {key: joined_sums(some) for key, some in keyed.items()}
        for name, keyed in members.items()
    }


def joined_sums(many: Sequence[GroupSums]) -> GroupSums:
    """Return the sums of all trades that *many* (one or more) are the sums of."""
    if len(many) == 1:
        return many[0]
    commission, fees, gross, net = zip(*many, strict=True)
    return GroupSums(
        commission=sum(commission, ZERO),
        fees=sum(fees, ZERO),
        gross=added(gross),
        net=added(net),
    )

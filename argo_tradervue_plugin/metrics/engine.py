"""From trades to figures, by way of the days on which they are booked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from itertools import accumulate, chain
from typing import Any, NamedTuple

from argo_tradervue_plugin.model.journal import JournalTrade

from .arithmetic import EXACT, ZERO, quotient
from .figures import Day, EquityPoint, Group, Metrics, Profit, Selection, Tally
from .options import DEFAULTS, MetricsOptions
from .parts import (
    Groups,
    GroupSums,
    Part,
    ViewPart,
    holding_time,
    joined_groups,
    part_of,
)
from .ratios import (
    drawdown,
    joined,
    k_ratio,
    k_ratio_2013,
    longest_streaks,
    r_multiples,
    random_chance,
    sharpe,
    sortino,
)
from .selection import ClosedTrade, by_booking, in_order, select
from .sums import added, tally_of
from .trading_days import next_trading_day, trading_days

__all__ = ["Booked", "assemble", "block_of", "book", "measure", "part_for"]


class Booked(NamedTuple):
    """The trades that count by the day on which they are booked, and how many do."""

    days: Mapping[date, Sequence[ClosedTrade]]
    selection: Selection


def measure(
    trades: Iterable[JournalTrade],
    *,
    start: date,
    end: date,
    options: MetricsOptions = DEFAULTS,
    initial_risks: Mapping[int, Decimal | None] | None = None,
) -> Metrics:
    """
    Return the metrics of those *trades* that were opened from *start* to *end*.

    Both days are New York's and included; closed, open and repeated trades may be
    given, in any order, also such as were opened at other times. *initial_risks* maps
    trade ids to the dollars at risk and goes before the risks that a
    :class:`~argo_tradervue_plugin.model.journal.JournalTradeDetail` brings.

    Raises:
        ValueError: if *end* is before *start*.
    """
    booked = book(trades, start, end, options, initial_risks or {})
    parts = [part_for(day, [some]) for day, some in sorted(booked.days.items())]
    return assemble(parts, booked.selection, start=start, end=end, options=options)


def book(
    trades: Iterable[JournalTrade],
    start: date,
    end: date,
    options: MetricsOptions,
    initial_risks: Mapping[int, Decimal | None],
) -> Booked:
    """Return what counts of *trades*, as :func:`measure` is given them."""
    with localcontext(EXACT):
        closed, selection = select(
            trades, start, end, options.scratch_tolerance, initial_risks
        )
    return Booked(by_booking(closed), selection)


def block_of(parts: Iterable[Part]) -> Groups:
    """Return the groups of all *parts*, joined."""
    with localcontext(EXACT):
        return joined_groups(part.groups for part in parts)


def part_for(day: date, some: Iterable[Sequence[ClosedTrade]]) -> Part:
    """Return the part of all trades in *some* that are booked on *day*."""
    with localcontext(EXACT):
        return part_of(day, in_order(chain.from_iterable(some)))


def assemble(
    parts: Sequence[Part],
    selection: Selection,
    *,
    start: date,
    end: date,
    options: MetricsOptions = DEFAULTS,
    blocks: Iterable[Groups] | None = None,
    today: date | None = None,
) -> Metrics:
    """
    Return the metrics of all trades in *parts*, which are in the order of their days.

    *blocks* are the groups of all parts, where some of them were joined before. Days
    after *today* (New York) have not come yet: without a close they do not count.

    Raises:
        ValueError: if *end* is before *start*.
    """
    if end < start:
        raise ValueError(f"the period ends on {end}, before it starts on {start}")
    if blocks is None:
        blocks = [part.groups for part in parts]
    with localcontext(EXACT):
        booked = tuple(
            Day(
                date=part.day,
                trades=part.gross.sums.trades,
                gross=part.gross.sums.total,
                net=part.net.sums.total,
            )
            for part in parts
        )
        calendar = calendar_of(parts, end if today is None else min(end, today))
        gross_days = daily(calendar, [(day.date, day.gross) for day in booked], options)
        net_days = daily(calendar, [(day.date, day.net) for day in booked], options)
        volumes = [part.volume for part in parts if part.volume is not None]
        volume = sum(volumes, ZERO) if volumes else None
        return Metrics(
            start=start,
            end=end,
            trading_days=len(calendar),
            days_with_result=len(booked),
            selection=selection,
            trades=sum(day.trades for day in booked),
            commission=sum((p.commission for p in parts), ZERO) if parts else None,
            fees=sum((p.fees for p in parts), ZERO) if parts else None,
            unknown_costs=sum(part.unknown_costs for part in parts),
            volume=volume,
            average_daily_volume=(
                None if volume is None else quotient(volume, len(booked))
            ),
            gross=profit([part.gross for part in parts], gross_days, start, options),
            net=profit([part.net for part in parts], net_days, start, options),
            holding=holding_time(part.held for part in parts),
            **{name: groups(keyed) for name, keyed in joined_groups(blocks).items()},
            by_day=booked,
            equity_curve=equity_curve(booked),
        )


def calendar_of(parts: Sequence[Part], end: date) -> list[date]:
    """Return the trading days from the first trade to *end*, or to the last close."""
    if not parts:
        return []
    first = min(part.opened_on for part in parts)
    return trading_days(first, max(end, next_trading_day(parts[-1].day)))


def equity_curve(booked: Sequence[Day]) -> tuple[EquityPoint, ...]:
    """Return the running sums of *booked*."""
    gross = accumulate(day.gross for day in booked)
    net = accumulate(day.net for day in booked)
    return tuple(
        EquityPoint(date=day.date, gross=g, net=n)
        for day, g, n in zip(booked, gross, net, strict=True)
    )


def daily(
    calendar: Sequence[date],
    booked: Sequence[tuple[date, Decimal]],
    options: MetricsOptions,
) -> list[Decimal]:
    """
    Return the excess dollars of each trading day in *calendar*.

    What was *booked* while the exchange was shut belongs to its next trading day.
    """
    totals = dict.fromkeys(calendar, -options.free_dollars_a_day)
    for day, amount in booked:
        totals[next_trading_day(day)] += amount
    return list(totals.values())


def profit(
    parts: Sequence[ViewPart],
    days: Sequence[Decimal],
    start: date,
    options: MetricsOptions,
) -> Profit:
    """Return the figures of *parts*, one a day; *days* as :func:`daily` has them."""
    sums = added([part.sums for part in parts])
    winning_streak, losing_streak = longest_streaks(
        chain.from_iterable(part.runs for part in parts)
    )
    is_long_enough = len(parts) >= options.fewest_days
    return Profit(
        **tally_of(sums),
        longest_winning_streak=winning_streak,
        longest_losing_streak=losing_streak,
        average_daily_gain=quotient(sums.total, len(parts)) if parts else None,
        k_ratio=k_ratio(joined(part.line for part in parts)),
        random_chance=random_chance(sums),
        sharpe=sharpe(days, options.annual_days) if is_long_enough else None,
        sortino=sortino(days, options.annual_days) if is_long_enough else None,
        k_ratio_2013=k_ratio_2013(days, options.annual_days),
        drawdown=drawdown((part.path for part in parts), start, options.equity_base),
        r=r_multiples(part.multiples for part in parts),
        winners_held=holding_time(part.winners_held for part in parts),
        losers_held=holding_time(part.losers_held for part in parts),
    )


def groups(keyed: Mapping[Any, GroupSums]) -> tuple[Group, ...]:
    """Return the figures of groups in the order of their keys, None last."""
    keys = sorted(keyed, key=lambda key: (key is None, key))
    return tuple(
        Group(
            key=key,
            commission=keyed[key].commission,
            fees=keyed[key].fees,
            gross=Tally(**tally_of(keyed[key].gross)),
            net=Tally(**tally_of(keyed[key].net)),
        )
        for key in keys
    )

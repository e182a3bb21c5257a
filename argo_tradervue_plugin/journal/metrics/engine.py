"""From trades to figures."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from itertools import accumulate, groupby
from operator import attrgetter
from statistics import fmean, median
from typing import Any, Final

from argo_tradervue_plugin.tradervue.models import JournalTrade

from .arithmetic import EXACT, ZERO, quotient
from .figures import Day, EquityPoint, Group, HoldingTime, Metrics, Profit, Tally
from .options import DEFAULTS, MetricsOptions
from .ratios import (
    drawdown,
    k_ratio,
    longest_streaks,
    r_multiples,
    sharpe,
    sortino,
)
from .selection import (
    GROSS,
    LOSS,
    NET,
    WIN,
    ClosedTrade,
    Result,
    View,
    select,
)
from .trading_days import next_trading_day, trading_days

__all__ = ["measure"]

COMMISSION: Final = attrgetter("commission")
FEES: Final = attrgetter("fees")


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
    :class:`~argo_tradervue_plugin.tradervue.models.JournalTradeDetail` brings.

    Raises:
        ValueError: if *end* is before *start*.
    """
    if end < start:
        raise ValueError(f"the period ends on {end}, before it starts on {start}")
    with localcontext(EXACT):
        closed, selection = select(
            trades, start, end, options.scratch_tolerance, initial_risks or {}
        )
        booked = booked_days(closed)
        last = max(end, next_trading_day(booked[-1].date)) if booked else end
        calendar = trading_days(start, last)
        gross_days = daily(calendar, [(day.date, day.gross) for day in booked], options)
        net_days = daily(calendar, [(day.date, day.net) for day in booked], options)
        return Metrics(
            start=start,
            end=end,
            trading_days=len(calendar),
            selection=selection,
            trades=len(closed),
            commission=sum(map(COMMISSION, closed), ZERO) if closed else None,
            fees=sum(map(FEES, closed), ZERO) if closed else None,
            unknown_costs=sum(not trade.costs_are_known for trade in closed),
            gross=profit(closed, GROSS, gross_days, start, options),
            net=profit(closed, NET, net_days, start, options),
            holding=holding_time(closed),
            **grouped(closed),
            by_day=booked,
            equity_curve=equity_curve(booked),
        )


def booked_days(closed: Sequence[ClosedTrade]) -> tuple[Day, ...]:
    """Return the days on which *closed*, in the order of closing, were closed."""
    days = []
    for day, run in groupby(closed, attrgetter("booked_on")):
        trades = list(run)
        days.append(
            Day(
                date=day,
                trades=len(trades),
                gross=sum((trade.gross for trade in trades), ZERO),
                net=sum((trade.net for trade in trades), ZERO),
            )
        )
    return tuple(days)


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
    Return the excess dollars of each trading day in *calendar*, none without a trade.

    What was *booked* while the exchange was shut belongs to its next trading day.
    """
    if not booked:
        return []
    totals = dict.fromkeys(calendar, -options.free_dollars_a_day)
    for day, amount in booked:
        totals[next_trading_day(day)] += amount
    return list(totals.values())


def profit(
    closed: Sequence[ClosedTrade],
    view: View,
    days: Sequence[Decimal],
    start: date,
    options: MetricsOptions,
) -> Profit:
    """Return the *view* of *closed* trades; *days* as :func:`daily` returns them."""
    winning_streak, losing_streak = longest_streaks(map(view, closed))
    return Profit(
        **figures_of(map(view, closed)),
        longest_winning_streak=winning_streak,
        longest_losing_streak=losing_streak,
        sharpe=sharpe(days, options.annual_days),
        sortino=sortino(days, options.annual_days),
        k_ratio=k_ratio(days, options.annual_days),
        drawdown=drawdown(
            ((trade.booked_on, view(trade)[0]) for trade in closed),
            start,
            options.equity_base,
        ),
        r=r_multiples(
            quotient(view(trade)[0], trade.risk) for trade in closed if trade.risk
        ),
        winners_held=holding_time(t for t in closed if view(t)[1] is WIN),
        losers_held=holding_time(t for t in closed if view(t)[1] is LOSS),
    )


def grouped(closed: Iterable[ClosedTrade]) -> dict[str, Any]:
    """Return the fields of :class:`.Metrics` that hold groups of *closed* trades."""
    by_side, by_symbol, by_tag, by_weekday, by_hour = (
        defaultdict[Any, list[ClosedTrade]](list) for _ in range(5)
    )
    # All in one go: going through the trades takes longer than noting them down.
    for trade in closed:
        told = trade.trade
        by_side[told.side].append(trade)
        by_symbol[told.symbol].append(trade)
        by_weekday[trade.weekday].append(trade)
        by_hour[trade.hour].append(trade)
        for tag in dict.fromkeys(told.tags) or (None,):
            by_tag[tag].append(trade)
    return {
        "by_side": groups({k and k.value: found for k, found in by_side.items()}),
        "by_symbol": groups(by_symbol),
        "by_tag": groups(by_tag),
        "by_weekday": groups(by_weekday),
        "by_hour": groups(by_hour),
    }


def groups(members: Mapping[Any, Sequence[ClosedTrade]]) -> tuple[Group, ...]:
    """Return *members* in the order of their keys, the unknown one last."""
    keys = sorted(members, key=lambda key: (key is None, key))
    return tuple(group(key, members[key]) for key in keys)


def group(key: str | int | None, trades: Sequence[ClosedTrade]) -> Group:
    """Return what is told of *trades* (one or more) that have *key* in common."""
    return Group(
        key=key,
        commission=sum(map(COMMISSION, trades), ZERO),
        fees=sum(map(FEES, trades), ZERO),
        gross=Tally(**figures_of(map(GROSS, trades))),
        net=Tally(**figures_of(map(NET, trades))),
    )


def figures_of(results: Iterable[Result]) -> dict[str, Any]:
    """Return the fields of the :class:`.Tally` of *results*."""
    wins: list[Decimal] = []
    losses: list[Decimal] = []
    scratches: list[Decimal] = []
    for amount, outcome in results:
        if outcome is WIN:
            wins.append(amount)
        elif outcome is LOSS:
            losses.append(amount)
        else:
            scratches.append(amount)
    n = len(wins) + len(losses) + len(scratches)
    won, lost = sum(wins, ZERO), sum(losses, ZERO)
    total = won + lost + sum(scratches, ZERO)
    average_win = quotient(won, len(wins)) if wins else None
    average_loss = quotient(lost, len(losses)) if losses else None
    return {
        "trades": n,
        "wins": len(wins),
        "losses": len(losses),
        "scratches": len(scratches),
        "total": total if n else None,
        "won": won if n else None,
        "lost": lost if n else None,
        "win_rate": float(quotient(100 * len(wins), n)) if n else None,
        "profit_factor": float(quotient(won, -lost)) if losses else None,
        "average_win": average_win,
        "average_loss": average_loss,
        "payoff_ratio": (
            float(quotient(average_win, -average_loss))
            if average_win is not None and average_loss is not None
            else None
        ),
        "expectancy": quotient(total, n) if n else None,
        "largest_win": max(wins, default=None),
        "largest_loss": min(losses, default=None),
    }


def holding_time(trades: Iterable[ClosedTrade]) -> HoldingTime:
    """Return how long *trades* were held, as far as that is known."""
    hours = [trade.hours for trade in trades if trade.hours is not None]
    return HoldingTime(
        trades=len(hours),
        mean_hours=fmean(hours) if hours else None,
        median_hours=median(hours) if hours else None,
    )

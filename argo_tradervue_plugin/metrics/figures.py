"""
The figures, each with its definition and its unit.

Dollars are decimals; losses, and what was lost, are negative. Rates are percents from
0 to 100; ratios have no unit. Days are New York's. None stands for undefined: every
docstring says when; without a single trade everything but the counts is.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from .arithmetic import plain

__all__ = [
    "Bin",
    "Day",
    "Drawdown",
    "EquityPoint",
    "Group",
    "HoldingTime",
    "Metrics",
    "Profit",
    "RMultiples",
    "Selection",
    "Tally",
]


@attrs.frozen(kw_only=True)
class Selection:
    """
    What became of the trades that were given; *given* is the sum of all the others.

    The first reason in this order counts: *repeated* (another with the same id was
    taken), *undated* (no time at all, as trades without executions), *outside*
    (opened before or after the period), *open* (still), *without_result* (closed, but
    the journal has no profit or loss for it). *counted* are the rest. A time before
    1900 or after 2199 is no time, a number that is not finite, or of more than 40
    digits before or after the point, no number.
    """

    given: int
    repeated: int
    undated: int
    outside: int
    open: int
    without_result: int
    counted: int


@attrs.frozen(kw_only=True)
class Tally:
    """
    The results of some trades, gross or net.

    - *trades* = *wins* + *losses* + *scratches*.
    - *total*: dollars, the sum of all results; *won* and *lost*: the sums of those of
      the wins and of the losses. What is missing to the total came from scratches.
    - *win_rate*: percent, 100 * wins / trades. Scratches count below the line.
    - *win_loss_ratio*: wins / losses; None without a loss.
    - *win_loss_ratio_with_scratches*: wins / (losses + scratches), where a scratch is
      no win; None without one of them.
    - *profit_factor*: won / -lost; None without a loss.
    - *average_win*, *average_loss*: dollars, won / wins and lost / losses; None without
      a win, or a loss.
    - *payoff_ratio*: average win / -average loss; None without one of them.
    - *expectancy*: dollars a trade, total / trades.
    - *deviation*: dollars, the standard deviation of a trade's result, of a sample
      (n - 1); None with fewer than two trades.
    - *largest_win*, *largest_loss*: dollars; None without a win, or a loss.
    """

    trades: int
    wins: int
    losses: int
    scratches: int
    total: Decimal | None
    won: Decimal | None
    lost: Decimal | None
    win_rate: float | None
    win_loss_ratio: float | None
    win_loss_ratio_with_scratches: float | None
    profit_factor: float | None
    average_win: Decimal | None
    average_loss: Decimal | None
    payoff_ratio: float | None
    expectancy: Decimal | None
    deviation: Decimal | None
    largest_win: Decimal | None
    largest_loss: Decimal | None


@attrs.frozen(kw_only=True)
class HoldingTime:
    """
    How long *trades* were held, in hours: *mean_hours* and *median_hours*.

    From the first execution to the last, nights and weekends included. Only trades
    with both times, in this order, are looked at; None where there is none.
    """

    trades: int
    mean_hours: float | None
    median_hours: float | None


@attrs.frozen(kw_only=True)
class Drawdown:
    """
    The deepest fall of the equity from its highest point so far.

    The equity is what closed trades have made, trade by trade in the order of their
    closing (then of their ids), and begins with 0 on the first day of the period.
    What open positions went through in between is not in it.

    - *amount*: dollars, not negative: peak - trough; 0 where it never fell.
    - *peak_on*, *trough_on*: days of the last close at the peak (or of the beginning)
      and of the close at the trough; of equally deep falls, the first. None where it
      never fell.
    - *recovered_on*: day of the first close at or above that peak again; None as long
      as there is none.
    - *fall_days*, *recovery_days*: calendar days from peak to trough and from there to
      the recovery.
    - *percent*: the deepest fall in percent of its own peak, where the equity begins
      with the equity base: 100 * (peak - equity) / peak. It need not be the fall of
      *amount*, and is more than 100 where more was lost than there was. None without
      an equity base.
    """

    amount: Decimal | None
    percent: float | None
    peak_on: date | None
    trough_on: date | None
    recovered_on: date | None
    fall_days: int | None
    recovery_days: int | None


@attrs.frozen(kw_only=True)
class Bin:
    """How many *trades* made at least *low* R and less than *high* R; None: no end."""

    low: int | None
    high: int | None
    trades: int


@attrs.frozen(kw_only=True)
class RMultiples:
    """
    Results in units of what was risked: R = result / initial risk, both in dollars.

    Only the *trades* whose initial risk is known and above zero are looked at.

    - *average*, *median*, *best*, *worst*: R; None without such a trade.
    - *deviation*: R, of a sample (n - 1); None with fewer than two.
    - *sqn*: Van Tharp's system quality number, sqrt(n) * average / deviation, with the
      true n (some cut it at 100); None with fewer than two, or all of them equal.
    - *distribution*: the trades sorted into bins one R wide, from 3 R lost to 5 R won
      and beyond.
    """

    trades: int
    average: float | None
    median: float | None
    best: float | None
    worst: float | None
    deviation: float | None
    sqn: float | None
    distribution: tuple[Bin, ...]


@attrs.frozen(kw_only=True)
class Profit(Tally):
    """
    The results of all trades, gross or net, with what depends on their order.

    - *longest_winning_streak*, *longest_losing_streak*: trades in the order of closing
      (then of ids) without another in between; a scratch ends either.

    - *average_daily_gain*: dollars, total / days with a result, where gains and losses
      of a day, and of all days, are set off against each other.
    - *k_ratio*: slope / standard error of the slope, for the straight line, with
      intercept, through the running sum of the results over the number of the trade
      (1, 2, 3 …, in the order of closing). Tradervue divides by a factor that it does
      not state. None with fewer than three trades, or on a perfect line.
    - *random_chance*: percent, the probability that the mean result of a trade is as
      far from zero as it is, or farther, where in truth it is zero: Student's t-test,
      two-sided, t = mean / (deviation / sqrt(n)) with n - 1 degrees of freedom. None
      with fewer than two trades, or all of them equal.

    The next three look at a result for each trading day since the first trade, zero
    where nothing was closed (see *Metrics.trading_days*), less what the fixed capital
    would have earned without risk (by default nothing). They are returns on a fixed
    capital, which falls out of the ratio, and are scaled to *annual_days* a year:

    - *sharpe*: sqrt(annual_days) * mean / deviation, of a sample (n - 1). None with
      fewer than *fewest_days* days with a result (20), or all days equal.
    - *sortino*: sqrt(annual_days) * mean / sqrt(sum(min(day, 0)²) / n), over all days.
      None with fewer than *fewest_days* days with a result, or without a losing one.
    - *k_ratio_2013*: Kestner's of 2013: slope / standard error of the slope
      * sqrt(annual_days) / n, for the straight line, with intercept, through the n
      days' equity. The equity is a sum and not the logarithm of an index, since the
      capital is fixed. None with fewer than three days, or on a perfect line.

    - *drawdown*, *r*: see there.
    - *winners_held*, *losers_held*: holding times of the wins and of the losses.
    """

    longest_winning_streak: int
    longest_losing_streak: int
    average_daily_gain: Decimal | None
    k_ratio: float | None
    random_chance: float | None
    sharpe: float | None
    sortino: float | None
    k_ratio_2013: float | None
    drawdown: Drawdown
    r: RMultiples
    winners_held: HoldingTime
    losers_held: HoldingTime


@attrs.frozen(kw_only=True)
class Group:
    """
    The trades that have *key* in common; None: those for which it is unknown.

    *commission* and *fees* are dollars. See :class:`Metrics` for the keys.
    """

    key: str | int | None
    commission: Decimal
    fees: Decimal
    gross: Tally
    net: Tally


@attrs.frozen(kw_only=True)
class Day:
    """The *trades* closed on *date*, and what they made, in dollars."""

    date: date
    trades: int
    gross: Decimal
    net: Decimal


@attrs.frozen(kw_only=True)
class EquityPoint:
    """What the trades of the period have made by the end of *date*, in dollars."""

    date: date
    gross: Decimal
    net: Decimal


@attrs.frozen(kw_only=True)
class Metrics:
    """
    What came of the trades opened from *start* to *end*, both included.

    - *trading_days*: the number of days that Sharpe, Sortino and the K-ratio of 2013
      look at: those on which the New York Stock Exchange traded, from the day on which
      the first trade was opened to *end*, or to the last close where that was later;
      0 without a trade. What was closed while the exchange was shut, as crypto is,
      belongs to the next trading day there, so that a year has 252 days and nothing is
      lost; everywhere else it stands on its own day.
    - *days_with_result*: the number of days on which trades were closed.
    - *selection*: what became of the trades that were given; *trades* are those that
      counted.
    - *commission*, *fees*: dollars; fees may be negative. *unknown_costs*: trades for
      which the journal has neither or only one of them.
    - *gross*, *net*: the results before and after these costs.
    - *volume*: shares or units of all executions, entries and exits, of trades for
      which the journal says so. *average_daily_volume*: volume / days with a result,
      where a trade's volume counts on the day of its close, as its result does.
    - *holding*: holding times of all trades.
    - *by_side* (``long``, ``short``), *by_symbol*, *by_tag*, *by_weekday* (of opening,
      1 is Monday, 7 Sunday) and *by_hour* (of opening, 0 to 23): in the order of
      their keys. Each adds up to all trades, but for tags: a trade is in the group of
      each of its tags, and the key None holds those that have none.
    - *by_day*: the days on which trades were closed, in order.
    - *equity_curve*: a point for each of these days.
    """

    start: date
    end: date
    trading_days: int
    days_with_result: int
    selection: Selection
    trades: int
    commission: Decimal | None
    fees: Decimal | None
    unknown_costs: int
    volume: Decimal | None
    average_daily_volume: Decimal | None
    gross: Profit
    net: Profit
    holding: HoldingTime
    by_side: tuple[Group, ...]
    by_symbol: tuple[Group, ...]
    by_tag: tuple[Group, ...]
    by_weekday: tuple[Group, ...]
    by_hour: tuple[Group, ...]
    by_day: tuple[Day, ...]
    equity_curve: tuple[EquityPoint, ...]

    def as_json(self) -> dict[str, Any]:
        """
        Return everything, ready for JSON.

        Keys are the names of the fields, at all depths. Numbers are rounded to six
        decimal places, dates are yyyy-mm-dd, undefined figures are None. No key at
        the top is one of :meth:`front_end`, so that the two can be merged.
        """
        figures: dict[str, Any] = plain(self)
        return figures

    def front_end(self) -> dict[str, float]:
        """
        Return the six figures that the host's front end shows, undefined ones left out.

        All are net: ``win_rate`` (percent), ``total_profit`` (dollars),
        ``total_trades``, ``profit_factor``, ``sharpe_ratio``, ``max_drawdown``
        (percent, not negative, needs an equity base). Rounded to six decimal places.
        """
        figures = {
            "win_rate": self.net.win_rate,
            "total_profit": self.net.total,
            "total_trades": self.trades,
            "profit_factor": self.net.profit_factor,
            "sharpe_ratio": self.net.sharpe,
            "max_drawdown": self.net.drawdown.percent,
        }
        return {k: v for k, v in plain(figures).items() if v is not None}

"""
Sharpe, Sortino, K-ratio, R-multiples, drawdown and streaks; see :mod:`.figures`.

Sums of squares are exact, so that a deviation of zero is zero, and not what floats
leave of it to be divided by. All of it runs in the EXACT context; a number with more
digits than that holds could still leave a variance just below zero.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate, groupby, pairwise
from statistics import median
from typing import Final

from .arithmetic import ZERO, quotient, root
from .figures import Bin, Drawdown, RMultiples
from .selection import LOSS, WIN, Outcome, Result

__all__ = [
    "drawdown",
    "k_ratio",
    "longest_streaks",
    "r_multiples",
    "sharpe",
    "sortino",
]

# In R. Stops cluster at -1, targets at whole numbers; few trades make more than 5.
EDGES: Final = (-3, -2, -1, 0, 1, 2, 3, 4, 5)

FEWEST_DAYS: Final = 2
FEWEST_POINTS: Final = 3  # two always lie on one line


def spread(values: Sequence[Decimal]) -> Decimal:
    """Return n * (n - 1) times the sample variance of *values*, exactly."""
    total = sum(values, ZERO)
    return len(values) * sum((value * value for value in values), ZERO) - total * total


def sharpe(days: Sequence[Decimal], annual_days: int) -> float | None:
    """Return the Sharpe ratio of *days*, the excess dollars of each trading day."""
    n = len(days)
    if n < FEWEST_DAYS or (deviation := spread(days)) <= 0:
        return None
    scale = root(quotient(annual_days * (n - 1), n))
    return float(quotient(scale * sum(days, ZERO), root(deviation)))


def sortino(days: Sequence[Decimal], annual_days: int) -> float | None:
    """Return the Sortino ratio of *days*, the excess dollars of each trading day."""
    n = len(days)
    shortfall = sum((day * day for day in days if day < 0), ZERO)
    if n < FEWEST_DAYS or not shortfall:
        return None
    scale = root(quotient(annual_days, n))
    return float(quotient(scale * sum(days, ZERO), root(shortfall)))


def k_ratio(days: Sequence[Decimal], annual_days: int) -> float | None:
    """
    Return the K-ratio of *days*, the excess dollars of each trading day.

    With x = 1 to n, y the equity, S the sums of squares and products about the means:
    slope / standard error = Sxy * sqrt(n - 2) / sqrt(Sxx * Syy - Sxy²).
    """
    n = len(days)
    if n < FEWEST_POINTS:
        return None
    equity = list(accumulate(days))
    # n times the sums above, so that everything stays exact.
    xx = Decimal(n * n * (n * n - 1) // 12)
    xy = n * sum((x * y for x, y in enumerate(equity, 1)), ZERO)
    xy -= n * (n + 1) // 2 * sum(equity, ZERO)
    unexplained = xx * spread(equity) - xy * xy
    if unexplained <= 0:
        return None
    slope = quotient(xy, root(unexplained))
    return float(slope * root(quotient((n - 2) * annual_days, n * n)))


def r_multiples(multiples: Iterable[Decimal]) -> RMultiples:
    """Return the figures of *multiples*: results in units of their initial risk."""
    ordered = sorted(multiples)
    n = len(ordered)
    average = deviation = sqn = None
    if n:
        average = quotient(sum(ordered, ZERO), n)
    if n > 1:
        deviation = root(quotient(max(spread(ordered), ZERO), n * (n - 1)))
    if average is not None and deviation:
        sqn = quotient(average * root(Decimal(n)), deviation)
    cuts = [0, *(bisect_left(ordered, edge) for edge in EDGES), n]
    return RMultiples(
        trades=n,
        average=number(average),
        median=number(median(ordered) if n else None),
        best=number(ordered[-1] if n else None),
        worst=number(ordered[0] if n else None),
        deviation=number(deviation),
        sqn=number(sqn),
        distribution=tuple(
            Bin(low=low, high=high, trades=to - since)
            for (low, high), (since, to) in zip(
                pairwise((None, *EDGES, None)), pairwise(cuts), strict=True
            )
        ),
    )


def drawdown(
    steps: Iterable[tuple[date, Decimal]], start: date, equity_base: Decimal | None
) -> Drawdown:
    """
    Return the deepest fall of the equity.

    *steps* are the days and the dollars of the closed trades, in their order.
    """
    equity = peak = amount = share = ZERO
    peak_on = fell_from = start
    trough_on = recovered_on = None
    stepped = False
    for day, step in steps:
        stepped = True
        equity += step
        if equity >= peak:
            peak, peak_on = equity, day
            if trough_on and not recovered_on:
                recovered_on = day
            continue
        if peak - equity > amount:
            amount, fell_from = peak - equity, peak_on
            trough_on, recovered_on = day, None
        if equity_base is not None:
            share = max(share, quotient(peak - equity, equity_base + peak))
    return Drawdown(
        amount=amount if stepped else None,
        percent=float(100 * share) if stepped and equity_base is not None else None,
        peak_on=fell_from if trough_on else None,
        trough_on=trough_on,
        recovered_on=recovered_on,
        fall_days=(trough_on - fell_from).days if trough_on else None,
        recovery_days=(
            (recovered_on - trough_on).days if trough_on and recovered_on else None
        ),
    )


def longest_streaks(results: Iterable[Result]) -> tuple[int, int]:
    """Return the most wins, and the most losses, that stand next to each other."""
    longest = dict.fromkeys(Outcome, 0)
    for outcome, run in groupby(outcome for _, outcome in results):
        longest[outcome] = max(longest[outcome], sum(1 for _ in run))
    return longest[WIN], longest[LOSS]


def number(value: Decimal | None) -> float | None:
    """Return *value* as a float."""
    return None if value is None else float(value)

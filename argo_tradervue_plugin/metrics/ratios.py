"""
Sharpe, Sortino, K-ratios, R-multiples, drawdown, streaks, chance; see :mod:`.figures`.

Sums of squares are exact, so that a deviation of zero is zero, and not what floats
leave of it to be divided by. All of it runs in the EXACT context; a number with more
digits than that holds could still leave a variance just below zero.

What depends on the order of the trades is made of pieces, one a day, that are joined.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate, groupby, islice, pairwise
from typing import Final, NamedTuple

from .arithmetic import ZERO, median_of, quotient, root
from .chance import probability_of_t
from .figures import Bin, Drawdown, RMultiples
from .selection import LOSS, SCRATCH, WIN, Outcome
from .sums import Sums, variance

__all__ = [
    "Line",
    "Multiples",
    "Path",
    "drawdown",
    "joined",
    "k_ratio",
    "k_ratio_2013",
    "line_of",
    "longest_streaks",
    "multiples_of",
    "path_of",
    "r_multiples",
    "random_chance",
    "sharpe",
    "shortened",
    "sortino",
]

# In R. Stops cluster at -1, targets at whole numbers; few trades make more than 5.
EDGES: Final = (-3, -2, -1, 0, 1, 2, 3, 4, 5)

FEWEST_DAYS: Final = 2  # a sample's deviation has no sense with fewer
FEWEST_POINTS: Final = 3  # two always lie on one line

Run = tuple[Outcome, int]  # so many trades in a row


# Of the days


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


def k_ratio_2013(days: Sequence[Decimal], annual_days: int) -> float | None:
    """Return Kestner's K-ratio of 2013; *days* are excess dollars of trading days."""
    n = len(days)
    ratio = k_ratio(line_of(days))
    if ratio is None:
        return None
    return float(quotient(Decimal(ratio) * root(Decimal(annual_days)), n))


# Lines through what was made so far


class Line(NamedTuple):
    """
    The points 1 to *n* with the running sum at each, as far as a fitted line needs.

    *total* is the last sum, *y* the sum of all, *xy* and *yy* those of the products.
    """

    n: int
    total: Decimal
    y: Decimal
    xy: Decimal
    yy: Decimal


def line_of(steps: Sequence[Decimal]) -> Line:
    """Return the points of the running sum of *steps*."""
    heights = list(accumulate(steps))
    return Line(
        n=len(heights),
        total=heights[-1] if heights else ZERO,
        y=sum(heights, ZERO),
        xy=sum((x * y for x, y in enumerate(heights, 1)), ZERO),
        yy=sum((y * y for y in heights), ZERO),
    )


def joined(lines: Iterable[Line]) -> Line:
    """Return *lines* as one, each going on where the one before it ends."""
    n, total, y, xy, yy = 0, ZERO, ZERO, ZERO, ZERO
    for line in lines:
        m, above = line.n, total
        yy += m * above * above + 2 * above * line.y + line.yy
        xy += n * (m * above + line.y) + above * (m * (m + 1) // 2) + line.xy
        y += m * above + line.y
        n, total = n + m, total + line.total
    return Line(n, total, y, xy, yy)


def k_ratio(line: Line) -> float | None:
    """
    Return the slope of the fitted line over the slope's standard error.

    With S the sums of squares and products about the means that is
    Sxy * sqrt(n - 2) / sqrt(Sxx * Syy - Sxy²).
    """
    n = line.n
    if n < FEWEST_POINTS:
        return None
    # n times the sums above, so that everything stays exact.
    xx = Decimal(n * n * (n * n - 1) // 12)
    xy = n * line.xy - n * (n + 1) // 2 * line.y
    unexplained = xx * (n * line.yy - line.y * line.y) - xy * xy
    if unexplained <= 0:
        return None
    return float(quotient(xy, root(unexplained)) * root(Decimal(n - 2)))


# R-multiples


class Multiples(NamedTuple):
    """Results in units of their initial risk: in order, their sum, their squares'."""

    ordered: Sequence[Decimal]
    total: Decimal
    squares: Decimal


def multiples_of(values: Iterable[Decimal]) -> Multiples:
    """Return *values* as they are added to others."""
    ordered = sorted(values)
    squares = sum((value * value for value in ordered), ZERO)
    return Multiples(ordered, sum(ordered, ZERO), squares)


def r_multiples(many: Iterable[Multiples]) -> RMultiples:
    """Return the figures of *many* multiples of the initial risk."""
    some = [each for each in many if each.ordered]
    runs = [each.ordered for each in some]
    n = sum(map(len, runs))
    total = sum((each.total for each in some), ZERO)
    squares = sum((each.squares for each in some), ZERO)
    average = deviation = sqn = None
    if n:
        average = quotient(total, n)
    if n > 1:
        deviation = root(quotient(max(n * squares - total * total, ZERO), n * (n - 1)))
    if average is not None and deviation:
        sqn = quotient(average * root(Decimal(n)), deviation)
    cuts = [0, *(sum(bisect_left(run, e) for run in runs) for e in EDGES), n]
    return RMultiples(
        trades=n,
        average=number(average),
        median=number(median_of(runs)),
        best=number(max((run[-1] for run in runs), default=None)),
        worst=number(min((run[0] for run in runs), default=None)),
        deviation=number(deviation),
        sqn=number(sqn),
        distribution=tuple(
            Bin(low=low, high=high, trades=to - since)
            for (low, high), (since, to) in zip(
                pairwise((None, *EDGES, None)), pairwise(cuts), strict=True
            )
        ),
    )


# Drawdown


class Path(NamedTuple):
    """The results of a day's trades in their order, and how far they go up and down."""

    day: date
    steps: Sequence[Decimal]
    total: Decimal
    highest: Decimal
    lowest: Decimal


def path_of(day: date, steps: Sequence[Decimal]) -> Path:
    """Return the path of *steps* (one or more), from zero."""
    heights = list(accumulate(steps))
    return Path(day, steps, heights[-1], max(heights), min(heights))


def drawdown(
    paths: Iterable[Path], start: date, equity_base: Decimal | None
) -> Drawdown:
    """Return the deepest fall of the equity along *paths*, one for each day."""
    equity = peak = amount = ZERO
    share, of = ZERO, Decimal(1)  # the deepest fall in parts of its peak, a fraction
    peak_on = fell_from = start
    trough_on = recovered_on = None
    stepped = False
    for day, steps, total, highest, lowest in paths:
        stepped = True
        # A day that stays below the peak has one point of interest, the deepest.
        heights: Iterable[Decimal] = [equity + lowest]
        if equity + highest >= peak:
            heights = islice(accumulate(steps, initial=equity), 1, None)
        for height in heights:
            if height >= peak:
                peak, peak_on = height, day
                if trough_on and not recovered_on:
                    recovered_on = day
                continue
            fall = peak - height
            if fall > amount:
                amount, fell_from = fall, peak_on
                trough_on, recovered_on = day, None
            if equity_base is not None and fall * of > share * (equity_base + peak):
                share, of = fall, equity_base + peak
        equity += total
    percent = quotient(100 * share, of)
    return Drawdown(
        amount=amount if stepped else None,
        percent=float(percent) if stepped and equity_base is not None else None,
        peak_on=fell_from if trough_on else None,
        trough_on=trough_on,
        recovered_on=recovered_on,
        fall_days=(trough_on - fell_from).days if trough_on else None,
        recovery_days=(
            (recovered_on - trough_on).days if trough_on and recovered_on else None
        ),
    )


# Streaks


def shortened(outcomes: Iterable[Outcome]) -> tuple[Run, ...]:
    """
    Return runs that end, begin and last longest as those of *outcomes* do.

    What is between the first and the last run cannot grow by what others add; of it
    the longest of wins and of losses stay, with a scratch around each.
    """
    runs = [(outcome, sum(1 for _ in run)) for outcome, run in groupby(outcomes)]
    if len(runs) <= 2:  # noqa: PLR2004 - the first and the last
        return tuple(runs)
    wins, losses = longest_streaks(runs[1:-1])
    apart = (SCRATCH, 1)
    return runs[0], apart, (WIN, wins), apart, (LOSS, losses), apart, runs[-1]


def longest_streaks(runs: Iterable[Run]) -> tuple[int, int]:
    """Return the most wins, and the most losses, that stand next to each other."""
    longest = dict.fromkeys(Outcome, 0)
    for outcome, equal in groupby(runs, lambda run: run[0]):
        longest[outcome] = max(longest[outcome], sum(length for _, length in equal))
    return longest[WIN], longest[LOSS]


# Chance


def random_chance(sums: Sums) -> float | None:
    """
    Return the probability in percent that trades worth nothing do as well or badly.

    A t-test of the mean result of a trade against zero, two-sided.
    """
    spread = variance(sums)
    if not spread:
        return None
    n = sums.trades
    squared = quotient(sums.total * sums.total, n * spread)
    return 100 * probability_of_t(float(squared), n - 1)


def number(value: Decimal | None) -> float | None:
    """Return *value* as a float."""
    return None if value is None else float(value)

"""What a measurement says: figures with their units and goals, and how calls spread."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, Final, TypeVar

import attrs

__all__ = ["Figure", "Scale", "Spread", "Tell", "percentile"]

T = TypeVar("T")
Tell = Callable[[str], None]  # says on stderr what is being measured

P99: Final = 99.0


@attrs.frozen
class Scale:
    """How much is measured: all of it, or just enough to see that it works."""

    is_short: bool = False

    def of(self, full: T, short: T) -> T:
        """Return *full*, or *short* in the short form."""
        return short if self.is_short else full


@attrs.frozen
class Figure:
    """
    One number. *unit* is ``×`` for a ratio; *goal* is a text such as ``≤ 2.5``.

    *key* is its name in the JSON, which ends in the unit where it has one.
    """

    key: str
    value: float
    unit: str
    meaning: str
    goal: str = ""

    @property
    def is_met(self) -> bool | None:
        """Tell whether the goal is reached, None where there is none."""
        if not self.goal:
            return None
        sign, number = self.goal.split()
        limit = float(number)
        return self.value <= limit if sign == "≤" else self.value >= limit


@attrs.frozen
class Spread:
    """
    What calls took, nanoseconds, by round; figures are in microseconds.

    The median is the median of the rounds' medians: a neighbour on the machine that
    spoils one round does not move it. Percentiles need more calls than a round has,
    and are those of all calls together.
    """

    rounds: Sequence[Sequence[int]]

    @property
    def median(self) -> float:
        """Return the median of the rounds' medians."""
        return median(median(calls) for calls in self.rounds) / 1000

    @property
    def p99(self) -> float:
        """Return the 99th percentile of all calls."""
        return percentile(self.all, P99) / 1000

    @property
    def p99_of_rounds(self) -> float:
        """Return the median of the rounds' 99th percentiles, for long rounds."""
        return median(percentile(calls, P99) for calls in self.rounds) / 1000

    @property
    def longest(self) -> float:
        """Return the longest of all calls."""
        return max(self.all) / 1000

    @property
    def all(self) -> list[int]:
        """Return every call, nanoseconds."""
        return [call for calls in self.rounds for call in calls]

    def over(self, other: "Spread") -> float:
        """Return how often *other* fits into this: the median of the rounds' ratios."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return median(median(a) / median(b) for a, b in pairs)

    def figures(self, name: str, what: str) -> list[Figure]:
        """Return the absolute figures, their keys beginning with *name*."""
        told: list[tuple[str, Any, str]] = [
            ("median", self.median, f"{what}, median"),
            ("p99", self.p99, "99th percentile"),
            ("longest", self.longest, "longest"),
        ]
        return [
            Figure(f"{name}_{part}_us", value, "µs", meaning)
            for part, value, meaning in told
        ]


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that *percent* of *values* do not exceed; one is needed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

"""Exact sums, rounded quotients, and the way out to JSON."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Context, Decimal, DivisionByZero, InvalidOperation
from typing import Any, Final, TypeVar

import attrs

__all__ = [
    "EXACT",
    "ROUNDED",
    "ZERO",
    "known",
    "median_of",
    "plain",
    "quotient",
    "root",
]

T = TypeVar("T", int, Decimal)

ZERO: Final = Decimal(0)

# A price or an amount has no more zeros than this before or after its digits, which
# is also what is read from an answer; a mean of 1E+999999 would be no use to anybody.
LARGEST_MAGNITUDE: Final = 40

# Digits are only carried where they are there, so that a wide context costs nothing.
# This holds the square of any sum of amounts of the above magnitudes.
EXACT: Final = Context(prec=500, traps=[InvalidOperation, DivisionByZero])

# Quotients and roots never end by themselves.
ROUNDED: Final = Context(prec=28, traps=[InvalidOperation, DivisionByZero])

# Finer than any fee, coarse enough to hide a float's noise.
PLACES: Final = 6


def known(value: Decimal | None) -> Decimal | None:
    """Return *value*, or None where it is no finite number of a sensible magnitude."""
    if value is None or not value.is_finite():
        return None
    if not value:
        return ZERO
    return value if abs(value.adjusted()) <= LARGEST_MAGNITUDE else None


def quotient(dividend: Decimal | int, divisor: Decimal | int) -> Decimal:
    """Return *dividend* / *divisor* (not zero) to 28 significant digits."""
    return ROUNDED.divide(dividend, divisor)


def root(value: Decimal) -> Decimal:
    """Return the square root of *value* (not negative) to 28 significant digits."""
    return ROUNDED.sqrt(value)


def median_of(runs: Sequence[Sequence[T]]) -> Decimal | None:
    """
    Return the median of all that is in *runs*, each in ascending order; None: nothing.

    The runs are not merged, so that many long ones cost no more than a few steps each.
    """
    some = [run for run in runs if run]
    n = sum(map(len, some))
    if not n:
        return None
    upper = at_rank(some, n // 2)
    lower = upper if n % 2 else at_rank(some, n // 2 - 1)
    return quotient(Decimal(lower + upper), 2)


def at_rank(runs: Sequence[Sequence[T]], rank: int) -> T:
    """Return the value before which there are *rank* others in all *runs* (sorted)."""
    lows, highs = [0] * len(runs), [len(run) for run in runs]
    while True:
        middles = sorted(
            run[(low + high) // 2]
            for run, low, high in zip(runs, lows, highs, strict=True)
            if low < high
        )
        middle = middles[len(middles) // 2]
        parts = list(zip(runs, lows, highs, strict=True))
        below = [bisect_left(run, middle, low, high) for run, low, high in parts]
        if rank < sum(below):
            highs = below
            continue
        up_to = [bisect_right(run, middle, low, high) for run, low, high in parts]
        if rank < sum(up_to):
            return middle
        lows = up_to


def plain(value: object) -> Any:
    """
    Return *value* as JSON can hold it, the one place where figures are rounded.

    Decimals and floats become floats of at most six decimal places, or None where
    that is no finite number; dates become yyyy-mm-dd; attrs classes and mappings
    become dicts, tuples become lists.
    """
    if isinstance(value, (Decimal, float)):
        number = float(value)
        # A zero has no sign: what is added turns -0.0 into 0.0.
        return round(number, PLACES) + 0.0 if math.isfinite(number) else None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    kind: type[Any] = type(value)
    if attrs.has(kind):
        return {f.name: plain(getattr(value, f.name)) for f in attrs.fields(kind)}
    return value

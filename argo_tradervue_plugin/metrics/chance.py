"""
The t-test: how likely a mean as far from zero as this is, if there is nothing in it.

Source: Student, The probable error of a mean, Biometrika 6 (1908); the incomplete beta
function by its continued fraction with the method of Lentz, NIST DLMF 8.17.22 and 3.10.
"""

from math import exp, lgamma, log, log1p
from typing import Final

__all__ = ["probability_of_t"]

CLOSE: Final = 1e-15  # a step of the fraction that changes less is the last
MOST_STEPS: Final = 100_000  # some sqrt(freedom) are needed
TINY: Final = 1e-300  # stands in for a zero that would be divided by


def probability_of_t(squared: float, freedom: int) -> float:
    """
    Return the two-sided probability, 0 to 1, of a t whose square is *squared* or more.

    *freedom* is the number of degrees of freedom, 1 or more.
    """
    x = freedom / (freedom + squared)
    return incomplete_beta(freedom / 2, 0.5, x, squared / (freedom + squared))


def incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """Return the regularized incomplete beta function; *rest* is 1 - *x*, exactly."""
    if x <= 0 or rest <= 0:
        return 0.0 if x <= 0 else 1.0
    # The larger of both is taken by its distance to 1, so that no digit is lost.
    logs = (log(x) if x < rest else log1p(-rest), log1p(-x) if x < rest else log(rest))
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * logs[0] + b * logs[1])
    if x < (a + 1) / (a + b + 2):
        return front * fraction(a, b, x) / a
    return 1 - front * fraction(b, a, rest) / b


def fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function."""
    c, d = 1.0, 1 / nonzero(1 - (a + b) * x / (a + 1))
    result = d
    for m in range(1, MOST_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for part in (even, odd):
            d = 1 / nonzero(1 + part * d)
            c = nonzero(1 + part / c)
            result *= d * c
        if abs(d * c - 1) < CLOSE:
            break
    return result


def nonzero(value: float) -> float:
    """Return *value*, or next to nothing where it is zero."""
    return value or TINY

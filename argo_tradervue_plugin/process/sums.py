"""
How sums are made, whatever the host has set.

A host may have changed the precision or the traps that every thread begins with, or
those of the thread on which it calls us.
"""

from decimal import (
    ROUND_HALF_EVEN,
    Context,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Final

__all__ = ["EXACT"]

# As the library does by default.
EXACT: Final = Context(
    prec=28,
    rounding=ROUND_HALF_EVEN,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)

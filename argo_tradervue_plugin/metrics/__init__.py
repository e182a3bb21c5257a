"""
What came of the trades of a period: the one engine behind every figure that we show.

:func:`measure` takes the trades of the journal and returns :class:`Metrics`. It is
pure: no clock, no I/O, no setting but its arguments, and the order in which the
trades are given does not matter.

**Which trades.** Closed ones that were opened from the first to the last day of the
period, both included, on the New York calendar, which is how Tradervue lists them.
What was left out, and why, is counted in :class:`Selection`.

**When.** A trade's result is booked on the New York day of its close, the whole of it.
A trade opened in the period and closed after it is booked after it.

**Gross and net.** Gross is the journal's own figure; net is gross less commission less
fees, where negative fees (rebates) add. Commission and fees that the journal does not
tell count as zero: it reports what it knows, and a trade is not lost for it;
``unknown_costs`` counts such trades. The front end's six figures are net.

**Win, loss, scratch.** A win made more than the tolerance, a loss lost more than it,
what is left is a scratch; so wins + losses + scratches = trades, always. A trade can
win gross and lose net.

**Numbers.** Sums of money are exact decimals, averages of money have 28 significant
digits, ratios are floats. Nothing is rounded but by ``as_json`` and ``front_end``, to
six decimal places. An undefined figure is None (null), never 0, NaN or infinity.
"""

from .engine import Booked, assemble, block_of, book, measure, part_for
from .figures import (
    Bin,
    Day,
    Drawdown,
    EquityPoint,
    Group,
    HoldingTime,
    Metrics,
    Profit,
    RMultiples,
    Selection,
    Tally,
)
from .options import MetricsOptions
from .parts import Groups, Part
from .selection import day_of_opening

__all__ = [
    "Bin",
    "Booked",
    "Day",
    "Drawdown",
    "EquityPoint",
    "Group",
    "Groups",
    "HoldingTime",
    "Metrics",
    "MetricsOptions",
    "Part",
    "Profit",
    "RMultiples",
    "Selection",
    "Tally",
    "assemble",
    "block_of",
    "book",
    "day_of_opening",
    "measure",
    "part_for",
]

"""
An independent oracle for trades that fill, and are closed, in several executions.

It knows what the host did, and nothing of the plugin. How many executions a leg comes
to depends on what was sent when, so that each of a few shapes is right; how much was
entered and closed, when, and for how much money does not.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import combinations, groupby, product
from typing import Final

import attrs

__all__ = ["Did", "Fill", "Misfit", "Position", "second"]

Fill = tuple[str, datetime, Decimal, Decimal]
Shape = Counter[tuple[datetime, Decimal]]

HALF_A_CENT: Final = Decimal("0.005")


@attrs.frozen(kw_only=True)
class Did:
    """
    What the host has done with a position, as it has recorded it.

    *leg* is ``entry`` or ``exit``. *size* is that of the whole entry by then, or how
    much was closed at that time by then, at an average *price*. None closes what is
    open, and *price* is that of the whole exit. *at* is when a fill that is sent by
    itself happened.
    """

    trade_id: str
    leg: str
    price: Decimal
    at: datetime
    size: Decimal | None = None


@attrs.frozen(kw_only=True)
class Misfit:
    """How far from a position its executions in the journal are."""

    missing: int
    excess: int
    problems: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Return how much is wrong, by which the nearest of several is chosen."""
        return self.missing + self.excess + len(self.problems)


def second(moment: datetime) -> datetime:
    """Return *moment* in UTC, cut to the second."""
    return moment.astimezone(UTC).replace(microsecond=0)


def nonempty_with_last(
    recordings: Sequence[Did],
) -> Iterator[tuple[Did, ...]]:
    """Yield every choice of *recordings* that the last one belongs to, in order."""
    *earlier, last = recordings
    for number in range(len(earlier) + 1):
        for some in combinations(earlier, number):
            yield (*some, last)


@attrs.frozen(kw_only=True)
class Position:
    """What the host *did* with one position; *sign* is 1 for a long one, or -1."""

    trade_id: str
    symbol: str
    sign: int
    did: tuple[Did, ...]

    @property
    def entries(self) -> list[Did]:
        """Return the recordings that made the entry larger, or corrected it unsent."""
        found: list[Did] = []
        for each in self.did:
            if each.leg == "entry" and (not found or self.grew(found[-1], each)):
                found.append(each)
        return found

    @staticmethod
    def grew(before: Did, now: Did) -> bool:
        """Tell whether an entry is larger than before."""
        return (now.size or 0) > (before.size or 0)

    @property
    def exits(self) -> list[list[Did]]:
        """Return the recordings of the exit, those of one time together."""
        found = [each for each in self.did if each.leg == "exit"]
        return [list(group) for _, group in groupby(found, key=lambda d: d.at)]

    @property
    def entered(self) -> Decimal:
        """Return how much was entered."""
        entries = self.entries
        return (entries[-1].size or Decimal(0)) if entries else Decimal(0)

    @property
    def closed(self) -> Decimal:
        """Return how much was closed."""
        sizes = [group[-1].size for group in self.exits]
        if None in sizes:
            return self.entered
        return sum((size for size in sizes if size is not None), Decimal(0))

    @property
    def paid(self) -> tuple[Decimal, Decimal]:
        """Return what entry and exit come to, in dollars."""
        entry = self.entries[-1]
        whole = [group[-1] for group in self.exits if group[-1].size is None]
        if whole:
            closed = self.entered * whole[-1].price
        else:
            closed = sum(
                (g[-1].price * (g[-1].size or 0) for g in self.exits), Decimal(0)
            )
        return self.entered * entry.price, closed

    def shapes(self) -> list[Shape]:
        """Return the times and quantities of executions that are right."""
        legs = [list(self.entry_shapes()), *self.exit_shapes()]
        return [sum(some, Counter()) for some in product(*legs)]

    def entry_shapes(self) -> Iterator[Shape]:
        """Yield what the entry may come to."""
        began = self.entries[0].at
        for some in nonempty_with_last(self.entries):
            shape: Shape = Counter()
            stands = Decimal(0)
            for each in some:
                at = each.at if stands else began
                size = each.size or Decimal(0)
                shape[second(at), self.sign * (size - stands)] += 1
                stands = size
            yield shape

    def exit_shapes(self) -> Iterator[list[Shape]]:
        """Yield for each time of an exit what it may come to."""
        left = self.entered
        for group in self.exits:
            found: list[Shape] = []
            for some in nonempty_with_last(group):
                shape: Shape = Counter()
                stands = Decimal(0)
                for each in some:
                    size = left if each.size is None else each.size
                    if size > stands:
                        key = second(each.at), self.sign * (stands - size)
                        shape[key] += 1
                        stands = size
                found.append(shape)
            left -= left if group[-1].size is None else group[-1].size
            yield found

    def misfit(self, fills: Iterable[Fill]) -> Misfit:
        """Compare with the *fills* that stand in the journal for it."""
        fills = list(fills)
        found: Shape = Counter((at, quantity) for _, at, quantity, _ in fills)
        best = min(
            self.shapes(),
            key=lambda shape: (shape - found).total() + (found - shape).total(),
        )
        problems = [f"symbol {fill[0]}" for fill in fills if fill[0] != self.symbol]
        missing, excess = best - found, found - best
        if not missing and not excess:
            for leg, sign, paid in zip(
                ("entry", "exit"), (self.sign, -self.sign), self.paid, strict=True
            ):
                there = sum(
                    (abs(f[2]) * f[3] for f in fills if f[2] * sign > 0), Decimal(0)
                )
                if abs(there - paid) >= HALF_A_CENT:
                    problems.append(f"{leg} comes to {there}, expected {paid}")
        return Misfit(
            missing=missing.total(),
            excess=excess.total(),
            problems=tuple(f"{self.trade_id}: {problem}" for problem in problems),
        )

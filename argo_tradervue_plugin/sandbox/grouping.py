"""
From executions to trades: which trade an execution belongs to, and what it earns.

A new trade starts when the side flips, or when more than a certain time has passed
since the last one closed; otherwise the earlier trade goes on, even after it was flat.
At most one position is open per underlying symbol (and account tag), option contracts
on it included. Lots are matched first in, first out.
Source: help pages on grouping, account tags, splitting and merging.

All here is pure but for `Tally`, a running sum that nobody shares.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

ZERO: Final = Decimal(0)
# Products of two numbers of at most thirty digits, summed, are exact in this context.
EXACT: Final = Context(prec=120)
_FEE_PLACES: Final = Decimal("0.00000001")


@dataclass(slots=True, eq=False)
class Fill:
    """An execution as it was imported, whole. Its identity is the object."""

    at: datetime
    arrival: int
    symbol: str
    option: str
    quantity: Decimal
    price: Decimal
    commission: Decimal
    trans_fee: Decimal
    ecn_fee: Decimal
    multiplier: Decimal
    account_tag: str = ""
    ids: list[int] = field(default_factory=list)

    @property
    def order(self) -> tuple[datetime, int]:
        """What executions are sorted by: time, then arrival."""
        return (self.at, self.arrival)


@dataclass(frozen=True, slots=True)
class Part:
    """What a trade holds of a fill: all of it, or one side of a flip."""

    fill: Fill
    quantity: Decimal
    commission: Decimal
    trans_fee: Decimal
    ecn_fee: Decimal
    is_remainder: bool = False

    @property
    def id(self) -> int:
        """The id of the execution that Tradervue shows for this part."""
        return self.fill.ids[1 if self.is_remainder else 0]


@dataclass(slots=True)
class Tally:
    """The running sum over the executions of one trade, in their order."""

    lots: dict[str, deque[tuple[Decimal, Decimal]]] = field(default_factory=dict)
    held: dict[str, Decimal] = field(default_factory=dict)
    sign: int = 0
    gross_pl: Decimal = ZERO
    volume: Decimal = ZERO
    commission: Decimal = ZERO
    fees: Decimal = ZERO
    first_entry: Decimal = ZERO
    last_exit: Decimal | None = None
    entered: tuple[Decimal, Decimal] = (ZERO, ZERO)
    exited: tuple[Decimal, Decimal] = (ZERO, ZERO)
    start: datetime | None = None
    end: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether any leg (the underlying, or a contract on it) is held."""
        return any(self.held.values())

    def is_flat_besides(self, leg: str) -> bool:
        """Whether every leg but *leg* is flat."""
        return not any(held for other, held in self.held.items() if other != leg)

    def take(self, part: Part) -> None:
        """Add *part*, which comes after all that was taken before."""
        fill, quantity = part.fill, part.quantity
        if self.start is None:
            self.start = fill.at
            self.sign = 1 if quantity > 0 else -1
            self.first_entry = fill.price
        self.end = fill.at
        self.volume += abs(quantity)
        self.commission += part.commission
        self.fees += part.trans_fee + part.ecn_fee
        leg = fill.option
        held = self.held.get(leg, ZERO)
        closing = min(abs(quantity), abs(held)) if held * quantity < 0 else ZERO
        if closing:
            self.gross_pl += fill.multiplier * self._match(leg, closing, fill.price)
            self.last_exit = fill.price
            size, value = self.exited
            self.exited = (size + closing, value + closing * fill.price)
        opening = abs(quantity) - closing
        if opening:
            signed = opening if quantity > 0 else -opening
            self.lots.setdefault(leg, deque()).append((signed, fill.price))
            size, value = self.entered
            self.entered = (size + opening, value + opening * fill.price)
        self.held[leg] = held + quantity

    def _match(self, leg: str, closing: Decimal, price: Decimal) -> Decimal:
        """Close *closing* of the oldest lots of *leg*; return the points earned."""
        lots, points = self.lots[leg], ZERO
        while closing:
            size, paid = lots[0]
            matched = min(abs(size), closing)
            signed = matched if size > 0 else -matched
            points += signed * (price - paid)
            closing -= matched
            if signed == size:
                lots.popleft()
            else:
                lots[0] = (size - signed, paid)
        return points


def whole(fill: Fill) -> Part:
    """Return the part that is all of *fill*."""
    return Part(fill, fill.quantity, fill.commission, fill.trans_fee, fill.ecn_fee)


def cut(fill: Fill, closing: Decimal, *, is_proportional: bool) -> tuple[Part, Part]:
    """
    Return the part of *fill* that closes a trade and the one that opens the next.

    Quantities and fees of the two add up to those of the fill, exactly.
    """
    rest = fill.quantity - closing
    if is_proportional:
        fees = [
            (fee * closing / fill.quantity).quantize(
                _FEE_PLACES, ROUND_HALF_EVEN, context=EXACT
            )
            for fee in (fill.commission, fill.trans_fee, fill.ecn_fee)
        ]
    else:
        fees = [fill.commission, fill.trans_fee, fill.ecn_fee]
    first = Part(fill, closing, fees[0], fees[1], fees[2])
    second = Part(
        fill,
        rest,
        fill.commission - fees[0],
        fill.trans_fee - fees[1],
        fill.ecn_fee - fees[2],
        is_remainder=True,
    )
    return first, second


def share_of(tally: Tally, fill: Fill, window: timedelta | None) -> Decimal:
    """
    Return how much of *fill*'s quantity the trade of *tally* takes.

    Nothing: the fill starts a trade of its own. All of it: the trade goes on. What
    lies between closes the trade, and the rest starts the next one, on the other side.
    *window* is how long after its end a flat trade may be entered again; None: for
    ever.
    """
    quantity = fill.quantity
    if tally.is_open:
        held = tally.held.get(fill.option, ZERO)
        crosses = held * quantity < 0 and abs(quantity) > abs(held)
        if crosses and tally.is_flat_besides(fill.option):
            return -held
        return quantity
    if tally.end is None or tally.sign * quantity < 0:
        return ZERO
    if window is None or abs(fill.at - tally.end) <= window:
        return quantity
    return ZERO


def portions(
    tally: Tally, fill: Fill, window: timedelta | None, *, is_proportional: bool
) -> tuple[Part | None, Part | None]:
    """Return what the trade of *tally* takes of *fill*, and what starts a new one."""
    share = share_of(tally, fill, window)
    if share == fill.quantity:
        return whole(fill), None
    if share:
        return cut(fill, share, is_proportional=is_proportional)
    return None, whole(fill)


def group(
    fills: Iterable[Fill],
    *,
    window: timedelta | None,
    is_proportional: bool = True,
    before: Iterable[Part] = (),
) -> list[list[Part]]:
    """
    Return the parts of *fills* (sorted) trade by trade.

    The first list goes to the trade that *before* are the parts of, and may be empty;
    each further list is a new trade.
    """
    tally = tallied(before)
    groups: list[list[Part]] = [[]]
    for fill in fills:
        going_on, starting = portions(
            tally, fill, window, is_proportional=is_proportional
        )
        if going_on is not None:
            groups[-1].append(going_on)
            tally.take(going_on)
        if starting is not None:
            tally = Tally()
            groups.append([starting])
            tally.take(starting)
    return groups


def tallied(parts: Iterable[Part]) -> Tally:
    """Return the sum over *parts*, which are in order."""
    tally = Tally()
    for part in parts:
        tally.take(part)
    return tally


def with_fees(part: Part, fill: Fill, *, is_proportional: bool) -> Part:
    """Return *part* with its share of the fees that *fill* has now."""
    if part.quantity == fill.quantity:
        return replace(
            part,
            commission=fill.commission,
            trans_fee=fill.trans_fee,
            ecn_fee=fill.ecn_fee,
        )
    closing = fill.quantity - part.quantity if part.is_remainder else part.quantity
    both = cut(fill, closing, is_proportional=is_proportional)
    return both[1 if part.is_remainder else 0]

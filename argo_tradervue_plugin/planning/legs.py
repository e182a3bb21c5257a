"""
The executions of one side of a trade: those sent, and those that are still planned.

Pure arithmetic on a record and on what was sent of it. What was sent never changes; a
rest is sent at the price that makes the whole right to the cent.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import attrs

from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.model.executions import (
    Execution,
    Kind,
    entry_price,
    signed,
    size_entered,
    whole_second,
)
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.records import (
    Difference,
    Part,
    TradeRecord,
)
from argo_tradervue_plugin.model.side import Side
from argo_tradervue_plugin.model.snapshot import TradeSnapshot, same_moment
from argo_tradervue_plugin.model.times import new_york_day

__all__ = [
    "Leg",
    "Sent",
    "average",
    "changed",
    "completing",
    "difference",
    "entry_leg",
    "exit_leg",
    "has_sign",
    "in_words",
    "sizes_of",
    "to_cent",
    "total",
]

PLAUSIBLE: Final = Decimal("0.2")  # of a leg's average, for the price of a rest of it
PLACES: Final = 8  # of a computed price, or as many more as the cent needs
CENT: Final = Decimal("0.01")


@attrs.frozen(kw_only=True)
class Sent:
    """
    The executions of a trade that may stand in the journal, by part.

    *parked* are further entry executions that wait for a person, *is_discarded* says
    that a person decided that the trade is not sent. *planned* is how much of the
    entry waits beside what was sent: it was planned together, or had its sign of
    filling already. *elsewhere* is how much of the
    entry is not open under the trade's own account tag: what it has closed of opposite
    trades, and they of it; *taken* is the latter alone.
    """

    entries: Mapping[int, Execution] = attrs.field(factory=dict)
    exits: Mapping[int, Execution] = attrs.field(factory=dict)
    parked: Mapping[int, Execution] = attrs.field(factory=dict)
    is_discarded: bool = False
    planned: Decimal = Decimal(0)
    elsewhere: Decimal = Decimal(0)
    taken: Decimal = Decimal(0)


@attrs.frozen(kw_only=True)
class Leg:
    """The executions of one side of a trade, those sent and those planned, by part."""

    executions: tuple[Execution, ...] = ()
    differs: tuple[Difference, ...] = ()

    @property
    def size(self) -> Decimal:
        """Return how much they come to, unsigned."""
        return abs(sum((e.quantity for e in self.executions), Decimal(0)))


def entry_leg(record: TradeRecord, sent: Sent, symbol: str) -> Leg:
    """Return the entry's executions: what was sent, and what has been filled since."""
    fixed = tuple(sent.entries[part] for part in sorted(sent.entries))
    trade = read(record.entry or "")
    quote = trade if record.quote is None else read(record.quote)
    try:
        size = size_entered(trade, is_closed=record.entry_is_closed)
        price = entry_price(quote)
        at = whole_second(quote.need("entry_timestamp"))
    except TradeError:
        return Leg(executions=fixed)  # what stands in the journal made sense
    side = record.side or Side.LONG
    first = Execution(
        trade_id=record.trade_id,
        kind=Kind.ENTRY,
        symbol=symbol,
        quantity=signed(size, side, Kind.ENTRY),
        price=price,
        executed_at=at,
    )
    if not fixed:
        return Leg(executions=(first,) if size else ())
    stands = total(fixed)
    if not record.sizes:  # known from an exit alone, which says how much was closed
        size = max(size, stands)
    differs = [
        *changed("price_changed", price, average(fixed, price)),
        *changed("time_changed", at, fixed[0].executed_at),
    ]
    # What was closed had been filled, whatever became of the order by its records.
    if size == stands or (not size and record.parts):
        return Leg(executions=fixed, differs=tuple(differs))
    rest = completing(size, price, fixed) if size > stands else None
    is_planned = size <= stands + sent.planned
    if (
        rest is None
        or not (is_planned or has_sign(record, trade, before=stands, now=size))
        or is_closed(sent)
    ):
        # One figure explains the other: a split changes size and price.
        return Leg(
            executions=fixed, differs=(difference("quantity_changed", size, stands),)
        )
    further = attrs.evolve(
        first,
        quantity=signed(size - stands, side, Kind.ENTRY),
        price=rest,
        executed_at=filled_at(record, trade.need("entry_timestamp"), fixed[0]),
        part=max(sent.entries) + 1,
    )
    if sent.parked.get(further.part) == further:
        return Leg(
            executions=fixed, differs=(difference("quantity_changed", size, stands),)
        )
    return Leg(
        executions=(*fixed, further),
        differs=tuple(d for d in differs if d.code == "time_changed"),
    )


def is_closed(sent: Sent) -> bool:
    """Tell whether all of the position that the trade has opened is closed, as sent."""
    closed = total(sent.exits.values()) + sent.taken
    return bool(closed) and closed >= total(
        each for each in sent.entries.values() if each.opens
    )


def filled_at(record: TradeRecord, entered_at: datetime, first: Execution) -> datetime:
    """
    Return when the rest of an order was filled: at its correction, if that fits.

    Otherwise at the time of the *first* fill, as it was sent.
    """
    at = record.grown_at
    left_at = record.parts[0].at if record.parts else None
    if at is None or at < entered_at + timedelta(seconds=1):
        return first.executed_at
    if left_at is not None and at >= left_at:
        return first.executed_at
    return whole_second(at)


def exit_leg(record: TradeRecord, sent: Sent, symbol: str, entries: Leg) -> Leg:
    """Return the exit's executions: what was sent, and what is still to be closed."""
    entered = max(entries.size - sent.elsewhere, Decimal(0))
    side = record.side or Side.LONG
    sizes = sizes_of(record, entered, sent)
    done: list[Execution] = []
    differs: list[Difference] = []
    for number, (part, size) in enumerate(
        zip(record.parts, sizes, strict=True), start=1
    ):
        fixed = sent.exits.get(number)
        if fixed is not None:
            done.append(fixed)
            continue
        if not size:
            continue
        price, is_right = part_price(part, size, entered, done)
        if not is_right:
            was = average([e for e in done if joins(part, e)], part.price)
            differs.append(difference("price_changed", part.price, was))
        done.append(
            Execution(
                trade_id=record.trade_id,
                kind=Kind.EXIT,
                symbol=symbol,
                quantity=signed(size, side, Kind.EXIT),
                price=price,
                executed_at=whole_second(part.at),
                part=number,
            )
        )
    if done and sum(sizes) >= entered and max(sent.exits, default=0) < done[-1].part:
        # The host knows one number for the round trip, and knows it at the exit.
        done[-1] = attrs.evolve(done[-1], commission=record.commission)
    return Leg(executions=tuple(done), differs=tuple(differs))


def sizes_of(record: TradeRecord, entered: Decimal, sent: Sent) -> list[Decimal]:
    """Return how much each part of the exit closes of what was *entered*."""
    left = entered
    sizes: list[Decimal] = []
    for number, part in enumerate(record.parts, start=1):
        execution = sent.exits.get(number)
        if execution is not None:
            size = abs(execution.quantity)
        elif part.size is None:
            size = max(left, Decimal(0))
        else:
            done = sum(
                (
                    size
                    for other, size in zip(record.parts, sizes, strict=False)
                    if part.completes == "exit" and same_moment(other.at, part.at)
                ),
                Decimal(0),
            )
            size = max(min(part.size - done, left), Decimal(0))
        sizes.append(size)
        left -= size
    return sizes


def part_price(
    part: Part, size: Decimal, entered: Decimal, done: Sequence[Execution]
) -> tuple[Decimal, bool]:
    """Return the price of a part of the exit, and whether it makes the whole right."""
    if not part.completes:
        return part.price, True
    together = [e for e in done if joins(part, e)]
    whole = entered if part.completes == "all" else total(together) + size
    price = completing(whole, part.price, together)
    return (part.price, False) if price is None else (price, True)


def joins(part: Part, execution: Execution) -> bool:
    """Tell whether *part* makes a whole with an earlier execution of the exit."""
    return part.completes == "all" or execution.executed_at == whole_second(part.at)


def completing(
    size: Decimal, price: Decimal, done: Iterable[Execution]
) -> Decimal | None:
    """
    Return the price at which a rest makes *size* at *price* right to the cent.

    None where that price is not plausible: not positive, or more than a fifth off.
    """
    fills = list(done)
    rest = size - total(fills)
    paid = sum((abs(e.quantity) * e.price for e in fills), Decimal(0))
    exact = (size * price - paid) / rest
    if exact <= 0 or abs(exact - price) > PLAUSIBLE * price:
        return None
    # Half of the last place, times the quantity, is to stay below half a cent.
    places = max(PLACES, rest.adjusted() + 4)
    return exact.quantize(Decimal(1).scaleb(-places)).normalize()


def has_sign(
    record: TradeRecord, trade: TradeSnapshot, *, before: Decimal, now: Decimal
) -> bool:
    """
    Tell whether an entry that grew from *before* to *now* was filled, and not split.

    A split comes overnight, and changes what was ordered along with what was filled.
    """
    if record.was_partial or trade.partial_fill:
        return True
    if trade.filled_qty != now or now <= before:
        return False
    ordered, filled = record.sizes[0] if record.sizes else (None, None)
    if filled is None or not filled or (ordered is not None and filled < ordered):
        return True
    day, changed = record.entered_at, trade.updated_at
    return (
        ordered == filled
        and day is not None
        and changed is not None
        and new_york_day(day) == new_york_day(changed)
    )


def total(executions: Iterable[Execution]) -> Decimal:
    """Return the size of executions of one leg, unsigned."""
    return sum((abs(each.quantity) for each in executions), Decimal(0))


def average(executions: Iterable[Execution], host: Decimal) -> Decimal:
    """
    Return the average price of *executions*.

    It is *host* itself where both come to the same money, to the cent.
    """
    fills = list(executions)
    size = total(fills)
    if not size:
        return host
    paid = sum((abs(e.quantity) * e.price for e in fills), Decimal(0))
    if len(fills) > 1 and abs(paid - size * host) < CENT:
        return host
    return paid / size


def changed(code: str, host: object, sent: object) -> tuple[Difference, ...]:
    """Return an outcome where *host* and *sent* are not the same."""
    return () if host == sent else (difference(code, host, sent),)


def difference(code: str, host: object, sent: object) -> Difference:
    """Return an outcome in words."""
    return Difference(code=code, host=in_words(host), sent=in_words(sent))


def in_words(value: object) -> str:
    """Return a figure or a time (UTC, to the second) as a person reads it."""
    if isinstance(value, datetime):
        return f"{whole_second(value):%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, Decimal):
        return f"{value.quantize(Decimal(10) ** -PLACES).normalize():f}"
    return str(value)


def to_cent(value: Decimal | None) -> Decimal:
    """Return dollars rounded to the cent; what is not known is nothing."""
    return (value or Decimal(0)).quantize(CENT)

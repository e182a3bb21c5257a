"""
From what a host has recorded to the executions that must stand in the journal.

Pure: :func:`recorded` folds an event into a trade's record, :func:`plan` says which
executions the record asks for, given those that were sent already. What was sent is
never planned otherwise: a difference is an outcome that a person is shown.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import attrs

from argo_tradervue_plugin.errors import TradeError, one_line
from argo_tradervue_plugin.journal.executions import (
    LONGEST_SYMBOL,
    EventKind,
    Execution,
    Kind,
    entry_price,
    exit_price,
    signed,
    size_entered,
    whole_second,
)
from argo_tradervue_plugin.journal.records import (
    Difference,
    ExitEvent,
    Part,
    TradeRecord,
    with_identity,
)
from argo_tradervue_plugin.journal.times import new_york_day
from argo_tradervue_plugin.journal.trades import (
    TradeSnapshot,
    carries_exit,
    read,
    same_moment,
)
from argo_tradervue_plugin.tradervue.models import Side

__all__ = [
    "Plan",
    "Sent",
    "afresh",
    "initial_risk",
    "is_simulated",
    "legs",
    "plan",
    "recorded",
    "skip_code",
    "total",
]

SIMULATED: Final = "SIM_"  # how the ids of orders begin that no broker has seen
PLAUSIBLE: Final = Decimal("0.2")  # of a leg's average, for the price of a rest of it
PLACES: Final = 8  # of a computed price, or as many more as the cent needs
CENT: Final = Decimal("0.01")


@attrs.frozen(kw_only=True)
class Sent:
    """
    The executions of a trade that may stand in the journal, by part.

    *parked* are further entry executions that wait for a person, *is_discarded* says
    that a person decided that the trade is not sent. *elsewhere* is how much of the
    entry is not open under the trade's own account tag: what it has closed of opposite
    trades, and they of it.
    """

    entries: Mapping[int, Execution] = attrs.field(factory=dict)
    exits: Mapping[int, Execution] = attrs.field(factory=dict)
    parked: Mapping[int, Execution] = attrs.field(factory=dict)
    is_discarded: bool = False
    elsewhere: Decimal = Decimal(0)


@attrs.frozen(kw_only=True)
class Leg:
    """The executions of one side of a trade, those sent and those planned, by part."""

    executions: tuple[Execution, ...] = ()
    differs: tuple[Difference, ...] = ()

    @property
    def size(self) -> Decimal:
        """Return how much they come to, unsigned."""
        return abs(sum((e.quantity for e in self.executions), Decimal(0)))


@attrs.frozen(kw_only=True)
class Plan:
    """
    What a record asks for.

    *executions* are to be sent as they are here, entries first. *skipped* is the
    reason code for which the trade has no place in a journal, *fault* what of it makes
    no sense; then nothing of it that was not sent before is sent. *differs* are the
    outcomes of what was sent otherwise.
    """

    executions: tuple[Execution, ...] = ()
    skipped: str | None = None
    fault: TradeError | None = None
    differs: tuple[Difference, ...] = ()


# --- what an event adds to the record ----------------------------------------------


def recorded(
    record: TradeRecord,
    kind: EventKind,
    payload: str,
    sent: Sent,
    *,
    stops_move: bool = False,
) -> tuple[TradeRecord, TradeError | None]:
    """
    Return *record* with an event of *kind* taken into it.

    With it comes what of an exit makes no sense, which is then not taken. An old copy
    (its ``updated_at`` lies before that of a recording that was taken) changes
    nothing, but that an exit is taken which is missing.
    """
    trade = read(payload)
    is_exit = kind is EventKind.EXIT or (
        kind is EventKind.CORRECTION and carries_exit(trade)
    )
    is_old = (
        trade.updated_at is not None
        and record.updated_at is not None
        and trade.updated_at < record.updated_at
    )
    if is_old and not (is_exit and is_missing(record, trade)):
        return record, None
    event, fault = exit_event(trade) if is_exit else (None, None)
    before = record
    record = with_identity(record, kind, trade)
    if not is_old:
        record = attrs.evolve(record, updated_at=trade.updated_at or record.updated_at)
    if is_exit:
        record = with_entry_at_exit(record, payload, trade, sent)
    else:
        record = with_entry(record, payload, trade, sent)
    unknown = (*record.unknown, *trade.unknown)
    record = attrs.evolve(record, unknown=tuple(dict.fromkeys(unknown)))
    record = with_stop(record, trade, is_exit=is_exit, stops_move=stops_move)
    if event is not None:
        record = with_exit(record, event, before, sent)
        commission = trade.commission
        record = attrs.evolve(
            record,
            exit=payload,
            commission=record.commission if commission is None else commission,
        )
    elif not is_exit and not sent.exits and is_known_now(before, record):
        record = with_exits_again(record, sent)
    return record, fault


def is_missing(record: TradeRecord, trade: TradeSnapshot) -> bool:
    """Tell whether no exit at the time of that of *trade* was recorded."""
    return not any(same_moment(e.at, trade.exit_timestamp) for e in record.exits)


def exit_event(
    trade: TradeSnapshot,
) -> tuple[ExitEvent, None] | tuple[None, TradeError]:
    """
    Return the exit of *trade* as recorded, or what of its price or time makes no sense.

    A size that makes no sense says nothing.
    """
    entered_at = trade.entry_timestamp
    try:
        at: datetime = trade.need("exit_timestamp")
        if entered_at is not None and whole_second(at) < whole_second(entered_at):
            expected = "must not be before the entry"
            return None, TradeError("exit_timestamp", at.isoformat(), expected)
        price = exit_price(trade)
    except TradeError as error:
        return None, error
    quantity, filled = trade.quantity, trade.filled_qty
    return ExitEvent(at=at, price=price, quantity=quantity, filled=filled), None


def is_known_now(before: TradeRecord, now: TradeRecord) -> bool:
    """Tell whether the entry's size, not known so far, is known by an event."""
    return bool(now.exits) and not size_known(before) and bool(size_known(now))


def with_exits_again(record: TradeRecord, sent: Sent) -> TradeRecord:
    """Return *record* with its exits planned anew, for an entry of another size."""
    exits = record.exits
    record = attrs.evolve(record, exits=(), parts=(), differs=())
    for event in exits:
        record = with_exit(record, event, record, sent)
    return record


def afresh(record: TradeRecord) -> TradeRecord:
    """
    Return *record* as if nothing of the trade had been sent yet.

    What was sent kept later exit events from being taken; now they are. Events that
    were recorded out of order are taken by their times where that leaves none out.
    """
    by_time = tuple(sorted(record.exits, key=lambda event: event.at))
    news = with_exits_again(record, Sent())
    if news.differs and by_time != record.exits:
        ordered = with_exits_again(attrs.evolve(record, exits=by_time), Sent())
        news = news if ordered.differs else ordered
    return attrs.evolve(news, differs=())


def with_entry(
    record: TradeRecord, payload: str, trade: TradeSnapshot, sent: Sent
) -> TradeRecord:
    """Return *record* with a recording of the entry."""
    flag = flag_of(trade)
    news = attrs.evolve(
        record,
        entry=payload,
        entry_is_closed=False,
        was_seen_open=record.was_seen_open or not carries_exit(trade),
        was_partial=record.was_partial or trade.partial_fill,
        flag=flag,
        sizes=with_size(record.sizes, trade),
    )
    return attrs.evolve(news, grown_at=growth_time(record, news, trade, sent))


def with_entry_at_exit(
    record: TradeRecord, payload: str, trade: TradeSnapshot, sent: Sent
) -> TradeRecord:
    """
    Return *record* with what an exit event says of the entry.

    A trade that was first seen closed is known from it. The size of any other only
    grows by it, and only with a sign of filling.
    """
    if is_first_seen_closed(record) and not sent.entries:
        if record.parts and not same_moment(record.parts[-1].at, trade.exit_timestamp):
            return record  # a later part of the exit says nothing of the entry
        return attrs.evolve(
            record,
            entry=payload,
            entry_is_closed=True,
            was_partial=record.was_partial or trade.partial_fill,
            flag=None,
            sizes=((trade.quantity, trade.filled_qty),),
        )
    was_skipped = skip_code(record) is not None
    record = attrs.evolve(
        record,
        was_partial=record.was_partial or trade.partial_fill,
        flag=flag_of(trade) if was_skipped else record.flag,
    )
    if fault_of(record) is not None and fault_of_entry(trade) is None:
        # The entry made no sense so far, and does here.
        return attrs.evolve(record, entry=payload)
    if grows_at_exit(record, trade, sent):
        news = attrs.evolve(
            record, entry=payload, sizes=with_size(record.sizes, trade), grown_at=None
        )
        return news
    return record


def grows_at_exit(record: TradeRecord, trade: TradeSnapshot, sent: Sent) -> bool:
    """Tell whether an exit event says that more of the entry was filled."""
    try:
        before = size_entered(read(record.entry or ""))
        now = size_entered(trade)
    except TradeError:
        return False
    before = max(before, total(sent.entries.values()))
    return now > before and has_sign(record, trade, before=before, now=now)


def with_size(
    sizes: tuple[tuple[Decimal | None, Decimal | None], ...], trade: TradeSnapshot
) -> tuple[tuple[Decimal | None, Decimal | None], ...]:
    """Return *sizes* with those of *trade*, as the last; the first stays the first."""
    size = trade.quantity, trade.filled_qty
    rest = tuple(each for each in sizes[1:] if each != size)
    if not sizes:
        return (size,)
    return sizes[:1] + rest + (() if not rest and sizes[0] == size else (size,))


def growth_time(
    before: TradeRecord, now: TradeRecord, trade: TradeSnapshot, sent: Sent
) -> datetime | None:
    """Return when the entry has grown last, by the host; None: at its own time."""
    if not sent.entries:
        return None
    try:
        grew = size_entered(trade) > size_entered(read(before.entry or ""))
    except TradeError:
        return now.grown_at
    return trade.updated_at if grew else now.grown_at


def with_stop(
    record: TradeRecord, trade: TradeSnapshot, *, is_exit: bool, stops_move: bool
) -> TradeRecord:
    """
    Return *record* with the first stop that is a plan.

    A plan was recorded before the exit, and lies on the losing side of the entry. Of
    a trade that was first seen closed the stop at the close is all that is known,
    where stops do not move.
    """
    is_first_seen_closed = not record.was_seen_open and not stops_move
    if (
        record.stop is not None
        or record.parts
        or (is_exit and not is_first_seen_closed)
    ):
        return record
    if carries_exit(trade) and not is_first_seen_closed:
        return record
    side = record.side
    try:
        entry = entry_price(trade)
    except TradeError:
        return record
    stop = trade.stop_price
    if not stop or side is None or (stop < entry) is not (side is Side.LONG):
        return record
    return record if stop == entry else attrs.evolve(record, stop=stop)


def with_exit(
    record: TradeRecord, event: ExitEvent, before: TradeRecord, sent: Sent
) -> TradeRecord:
    """Return *record* with an exit event: what it closes, or why it closes nothing."""
    record = with_parts_sent(record, sent)
    entered = total(entry_leg(record, sent, "").executions) - sent.elsewhere
    if not entered and not sent.entries:
        # Skipped, or without sense so far: planned once the entry is known.
        entered = size_known(record)
    own = own_size(event, before.sizes or record.sizes)
    parts, differs = next_parts(record, event, own, entered, sent)
    exits = record.exits if event in record.exits else (*record.exits, event)
    return attrs.evolve(record, exits=exits, parts=parts, differs=differs)


def with_parts_sent(record: TradeRecord, sent: Sent) -> TradeRecord:
    """Return *record* with parts for exits that were found in the journal alone."""
    found = tuple(
        Part(at=e.executed_at, price=e.price, size=abs(e.quantity))
        for number, e in sorted(sent.exits.items())
        if number > len(record.parts)
    )
    return attrs.evolve(record, parts=record.parts + found) if found else record


def is_first_seen_closed(record: TradeRecord) -> bool:
    """Tell whether no event without an exit was recorded of the trade."""
    return not record.was_seen_open


def size_known(record: TradeRecord) -> Decimal:
    """Return the size that the entry has by now, 0 where it makes no sense."""
    try:
        return size_entered(read(record.entry or ""), is_closed=record.entry_is_closed)
    except TradeError:
        return Decimal(0)


def own_size(
    event: ExitEvent, sizes: Sequence[tuple[Decimal | None, Decimal | None]]
) -> Decimal | None:
    """
    Return how much an exit event says that it closes, None: everything.

    A figure that stands as in the entry's last recording says nothing of the exit, nor
    do both together as they stood in an earlier one: another worker's old copy. Of
    those that do, the smaller counts.
    """
    if (event.quantity, event.filled) in sizes:
        return None
    ordered, filled = sizes[-1] if sizes else (None, None)
    figures = [
        figure
        for figure, at_entry in ((event.quantity, ordered), (event.filled, filled))
        if figure is not None and figure > 0 and figure != at_entry
    ]
    return min(figures, default=None)


def next_parts(
    record: TradeRecord,
    event: ExitEvent,
    own: Decimal | None,
    entered: Decimal,
    sent: Sent,
) -> tuple[tuple[Part, ...], tuple[Difference, ...]]:
    """Return the parts of the exit with *event*, and what of it was not taken."""
    parts = record.parts
    closes_all = own is None or own >= entered
    too_much = over(own, entered)
    part = Part(at=event.at, price=event.price, size=None if closes_all else own)
    if not parts:
        return (part,), too_much
    sizes = sizes_of(record, entered, sent)
    left = entered - sum(sizes)
    last = parts[-1]
    if len(parts) == 1 and not sent.exits and left <= 0 and closes_all:
        return (part,), too_much
    if event in record.exits:
        at_last = same_moment(event.at, last.at)
        is_as_sent = at_last and repeats(record, event, sent)
        return parts, () if is_as_sent else record.differs
    if same_moment(event.at, last.at):
        return at_the_same_time(record, event, own, entered, sent)
    if event.at < last.at:
        return parts, (difference("time_changed", event.at, last.at),)
    if left <= 0:
        now = f"{event.price:f} at {in_words(event.at)}"
        return parts, (Difference(code="exit_changed", host=now, sent="closed before"),)
    if own is not None and own <= left:
        return (*parts, part), ()
    if own is None or own == entered:
        whole = Part(at=event.at, price=event.price, completes="all")
        return (*parts, whole), ()
    rest = Part(at=event.at, price=event.price)
    return (*parts, rest), (difference("quantity_changed", own, left),)


def over(own: Decimal | None, entered: Decimal) -> tuple[Difference, ...]:
    """Return the outcome of an exit that says more than what was entered."""
    if own is None or own <= entered or not entered:
        return ()
    return (difference("quantity_changed", own, entered),)


def repeats(record: TradeRecord, event: ExitEvent, sent: Sent) -> bool:
    """Tell whether *event* is what was sent last, or is to be."""
    last = record.parts[-1]
    execution = sent.exits.get(len(record.parts))
    return event.price == (last.price if execution is None else execution.price) or (
        bool(last.completes) and event.price == last.price
    )


def at_the_same_time(
    record: TradeRecord,
    event: ExitEvent,
    own: Decimal | None,
    entered: Decimal,
    sent: Sent,
) -> tuple[tuple[Part, ...], tuple[Difference, ...]]:
    """Return the parts with an exit event at the time of the last one."""
    parts, last = record.parts, record.parts[-1]
    sizes = sizes_of(record, entered, sent)
    left = entered - sum(sizes)
    together = sum(
        (
            size
            for part, size in zip(parts, sizes, strict=True)
            if same_moment(part.at, last.at)
        ),
        Decimal(0),
    )
    now = together + left if own is None else own
    if now > together and left > 0:
        if len(parts) not in sent.exits and not last.completes:
            return at_last(parts, event, now, together + left)
        most = min(now, together + left)
        grown = Part(at=last.at, price=event.price, size=most, completes="exit")
        return (*parts, grown), over(now, most)
    if len(parts) not in sent.exits:
        return at_last(parts, event, now, together + left)
    return parts, tuple(
        difference(code, host, was)
        for code, host, was in (
            ("quantity_changed", now, together),
            ("price_changed", event.price, leg_price(record, sent, event.price)),
        )
        if host != was
    )


def at_last(
    parts: tuple[Part, ...], event: ExitEvent, size: Decimal, most: Decimal
) -> tuple[tuple[Part, ...], tuple[Difference, ...]]:
    """Return *parts* with the last one, which was not sent, as it is recorded now."""
    is_all = size >= most
    part = Part(at=event.at, price=event.price, size=None if is_all else size)
    return (*parts[:-1], part), ()


def leg_price(record: TradeRecord, sent: Sent, host: Decimal) -> Decimal:
    """
    Return the price of what was closed at the time of the last part.

    It is *host* itself where both come to the same money.
    """
    last = record.parts[-1]
    numbers = [
        number
        for number, part in enumerate(record.parts, start=1)
        if same_moment(part.at, last.at)
    ]
    if last.completes == "all":
        numbers = list(range(1, len(record.parts) + 1))
    fills = [sent.exits[number] for number in numbers if number in sent.exits]
    return average(fills, host)


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


# --- why a trade has no place in a journal ------------------------------------------


def flag_of(trade: TradeSnapshot) -> str | None:
    """Return why an order was not filled by what the host says of it, or None."""
    if trade.cancelled:
        return "cancelled"
    if trade.expired:
        return "expired"
    if trade.rejection_reason:
        return one_line(f"rejected: {trade.rejection_reason}")
    return None


def skip_code(record: TradeRecord) -> str | None:
    """
    Return why the trade has no place in a journal by its entry, or None if it has.

    A later event can make it real: an order that fills late, for instance. What was
    filled before the rest of an order was cancelled is real.
    """
    if record.entry is None:
        return None
    try:
        size = size_entered(read(record.entry), is_closed=record.entry_is_closed)
    except TradeError:
        return None
    if not size:
        return "not_filled"
    return None if record.was_partial else record.flag


def is_simulated(record: TradeRecord) -> bool:
    """Tell whether no broker has seen the trade's order."""
    trade = read(record.entry or record.exit or "")
    ids = trade.alpaca_order_id, trade.exchange_order_id
    return any(each is not None and each.startswith(SIMULATED) for each in ids)


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


def initial_risk(record: TradeRecord, entries: Iterable[Execution]) -> Decimal | None:
    """
    Return the dollars at risk: from the entry to the planned stop, times the size.

    None without a plan. *entries* are the entry's executions as they are sent.
    """
    fills = list(entries)
    size = total(fills)
    if record.stop is None or not size:
        return None
    paid = sum((abs(e.quantity) * e.price for e in fills), Decimal(0))
    risk = abs(paid - size * record.stop)
    return risk.quantize(CENT) if len(fills) > 1 else risk or None


# --- what the record asks for --------------------------------------------------------


def plan(
    record: TradeRecord,
    sent: Sent,
    *,
    journal_name: Callable[[str], str],
    sends_simulated: bool = False,
) -> Plan:
    """
    Return the executions that *record* asks for, given those that were *sent*.

    *journal_name* gives a symbol's name in the journal.
    """
    if sent.is_discarded:
        return Plan()
    if not sent.entries:
        skipped = skip_code(record)
        if skipped is None and is_simulated(record) and not sends_simulated:
            skipped = "simulated"
        if skipped is not None:
            return Plan(skipped=skipped)
    try:
        fault = None if sent.entries else fault_of(record)
        if fault is not None:
            raise fault
        symbol = journal_symbol(record, sent, journal_name)
        entries = entry_leg(record, sent, symbol)
        exits = exit_leg(record, sent, symbol, entries)
    except TradeError as error:
        return Plan(fault=error)
    differs = merged(
        (*entries.differs, *cancelled(record, sent), *record.differs, *exits.differs)
    )
    if record.parts:  # an exit settles what became of the order
        differs = tuple(d for d in differs if d.code != "cancelled_after_delivery")
    elif any(d.code == "cancelled_after_delivery" for d in differs):
        differs = tuple(d for d in differs if d.code == "cancelled_after_delivery")
    return Plan(executions=(*entries.executions, *exits.executions), differs=differs)


def merged(differs: Iterable[Difference]) -> tuple[Difference, ...]:
    """Return *differs* with one of each code, the first."""
    found: dict[str, Difference] = {}
    for each in differs:
        found.setdefault(each.code, each)
    return tuple(found.values())


def legs(
    record: TradeRecord, journal_name: Callable[[str], str]
) -> tuple[tuple[Execution, ...], tuple[Execution, ...]]:
    """
    Return entry and exit executions as if nothing had been sent yet.

    Raises:
        TradeError: naming the field that does not allow it.
    """
    sent = Sent()
    fault = fault_of(record)
    if fault is not None:
        raise fault
    symbol = journal_symbol(record, sent, journal_name)
    entries = entry_leg(record, sent, symbol)
    return entries.executions, exit_leg(record, sent, symbol, entries).executions


def journal_symbol(
    record: TradeRecord, sent: Sent, journal_name: Callable[[str], str]
) -> str:
    """Return the symbol that the trade has in the journal."""
    for execution in sent.entries.values():
        return execution.symbol
    symbol = journal_name(record.symbol or "")
    if len(symbol) > LONGEST_SYMBOL:
        expected = f"must be at most {LONGEST_SYMBOL} characters long"
        raise TradeError("symbol", symbol, expected)
    return symbol


def fault_of(record: TradeRecord) -> TradeError | None:
    """Return what of the recorded entry makes no sense, None where it all does."""
    trade = read(record.entry or "")
    if record.symbol is None:
        return missing(trade, "symbol")
    if record.side is None:
        return missing(trade, "signal_type")
    return fault_of_entry(trade, is_closed=record.entry_is_closed)


def missing(trade: TradeSnapshot, name: str) -> TradeError | None:
    """Return why *name* of *trade* cannot be used."""
    try:
        trade.need(name)
    except TradeError as error:
        return error
    return None


def fault_of_entry(
    trade: TradeSnapshot, *, is_closed: bool = False
) -> TradeError | None:
    """Return what of an entry's size, price and time makes no sense, or None."""
    try:
        size_entered(trade, is_closed=is_closed)
        entry_price(trade)
        trade.need("entry_timestamp")
    except TradeError as error:
        return error
    return None


def entry_leg(record: TradeRecord, sent: Sent, symbol: str) -> Leg:
    """Return the entry's executions: what was sent, and what has been filled since."""
    fixed = tuple(sent.entries[part] for part in sorted(sent.entries))
    trade = read(record.entry or "")
    try:
        size = size_entered(trade, is_closed=record.entry_is_closed)
        price = entry_price(trade)
        at = whole_second(trade.need("entry_timestamp"))
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
    differs = [
        *changed("price_changed", price, average(fixed, price)),
        *changed("time_changed", at, fixed[0].executed_at),
    ]
    if size == stands:
        return Leg(executions=fixed, differs=tuple(differs))
    rest = completing(size, price, fixed) if size > stands else None
    if (
        rest is None
        or not has_sign(record, trade, before=stands, now=size)
        or is_closed_by(record, sent, stands)
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


def is_closed_by(record: TradeRecord, sent: Sent, entered: Decimal) -> bool:
    """Tell whether all that was *entered* has been closed, as sent."""
    closed = total(sent.exits.values()) + sent.elsewhere
    return bool(closed) and closed >= entered


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


def cancelled(record: TradeRecord, sent: Sent) -> tuple[Difference, ...]:
    """Return the outcome of an order that was given up after its entry was sent."""
    if record.flag is None or record.parts or not sent.entries:
        return ()
    filled = read(record.entry or "").filled_qty
    stands = total(sent.entries.values())
    if filled == stands:
        return ()
    shown = "unknown" if filled is None else f"{filled:f}"
    host = f"{record.flag}, filled {shown}"
    return (Difference(code="cancelled_after_delivery", host=host, sent=f"{stands:f}"),)


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

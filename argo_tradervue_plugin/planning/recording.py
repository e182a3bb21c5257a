"""
What an event adds to the record of its trade.

Pure: :func:`recorded` folds an event into a record, given what of the trade was sent.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import attrs

from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.model.capture import with_fields_of
from argo_tradervue_plugin.model.executions import (
    EventKind,
    entry_price,
    exit_price,
    size_entered,
    whole_second,
)
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.records import (
    Difference,
    ExitEvent,
    Part,
    TradeRecord,
    news_of_identity,
)
from argo_tradervue_plugin.model.side import Side
from argo_tradervue_plugin.model.snapshot import (
    TradeSnapshot,
    carries_exit,
    same_moment,
)
from argo_tradervue_plugin.planning.eligibility import (
    fault_of,
    fault_of_entry,
    flag_of,
    size_known,
    skip_code,
)
from argo_tradervue_plugin.planning.legs import (
    Sent,
    average,
    difference,
    entry_leg,
    has_sign,
    in_words,
    sizes_of,
    total,
)

__all__ = ["afresh", "recorded", "with_exits_found"]

# What an exit event says of the entry, beside its size.
ENTRY_FACTS: Final = ("entry_price", "actual_entry_price", "entry_timestamp")


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
    facts: dict[str, Any] = {
        **news_of_identity(record, kind, trade),
        "updated_at": (None if is_old else trade.updated_at) or record.updated_at,
        "unknown": tuple(dict.fromkeys((*record.unknown, *trade.unknown))),
    }
    if not is_exit:
        facts |= facts_of_entry(record, payload, trade, sent)
    record = with_facts(record, **facts)
    if is_exit:
        record = with_entry_at_exit(record, payload, trade, sent)
        if not is_old:
            record = with_quote_at_exit(record, before, payload, trade)
    record = with_stop(record, trade, is_exit=is_exit, stops_move=stops_move)
    if event is not None:
        known = trade.commission is not None
        commission = trade.commission if known else record.commission
        record = with_exit(
            record, event, before, sent, exit=payload, commission=commission
        )
    elif not is_exit and not sent.exits and is_known_now(before, record):
        record = with_exits_again(record, sent)
    return record, fault


def with_facts(record: TradeRecord, **facts: Any) -> TradeRecord:
    """Return *record* with these *facts*: itself where they are no news."""
    is_news = any(getattr(record, name) != fact for name, fact in facts.items())
    return attrs.evolve(record, **facts) if is_news else record


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
    """Return *record* with its exits planned again, for an entry of another size."""
    exits = record.exits
    record = attrs.evolve(record, exits=(), parts=(), differs=())
    for event in exits:
        record = with_exit(record, event, record, sent)
    return record


def with_exits_found(record: TradeRecord, sent: Sent) -> TradeRecord:
    """
    Return *record* with its exits planned beside what was found in the journal.

    Of a trade that was first seen closed the journal knows better how much was entered.
    """
    if record.entry_is_closed and sent.entries:
        quote = record.quote or record.entry
        record = attrs.evolve(
            record, entry=None, entry_is_closed=False, sizes=(), quote=quote
        )
    if record.exits:
        return with_exits_again(record, sent)
    return with_parts_sent(record, sent)


def afresh(record: TradeRecord) -> TradeRecord:
    """
    Return *record* as if nothing of the trade had been sent yet.

    What was sent kept later events from being taken; now they are. Exits that were
    recorded out of order are taken by their times where that leaves none out.
    """
    record = with_entry_as_closed(record)
    by_time = tuple(sorted(record.exits, key=lambda event: event.at))
    news = with_exits_again(record, Sent())
    if news.differs and by_time != record.exits:
        ordered = with_exits_again(attrs.evolve(record, exits=by_time), Sent())
        news = news if ordered.differs else ordered
    return attrs.evolve(news, differs=())


def with_entry_as_closed(record: TradeRecord) -> TradeRecord:
    """Return *record* with the entry's price and time as the last exit has them."""
    if record.entry is None or record.exit is None:
        return record
    before, now = read(record.entry).updated_at, read(record.exit).updated_at
    if before is not None and now is not None and before > now:
        return record  # the entry was corrected since
    entry = with_fields_of(record.entry, record.exit, ENTRY_FACTS)
    is_sensible = fault_of_entry(read(entry), is_closed=record.entry_is_closed) is None
    return attrs.evolve(record, entry=entry) if is_sensible else record


def facts_of_entry(
    record: TradeRecord, payload: str, trade: TradeSnapshot, sent: Sent
) -> dict[str, Any]:
    """Return what a recording of the entry makes of *record*."""
    return {
        "entry": payload,
        "entry_is_closed": False,
        "was_seen_open": record.was_seen_open or not carries_exit(trade),
        "was_partial": record.was_partial or trade.partial_fill,
        "flag": flag_of(trade),
        "sizes": with_size(record.sizes, trade),
        "grown_at": growth_time(record, trade, sent),
        **facts_of_quote(record, None, trade),
    }


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
    record = with_facts(
        record,
        was_partial=record.was_partial or trade.partial_fill,
        flag=flag_of(trade) if was_skipped else record.flag,
    )
    if fault_of(record) is not None and fault_of_entry(trade) is None:
        # The entry made no sense so far, and does here.
        return attrs.evolve(record, entry=payload)
    if grows_at_exit(record, trade, sent):
        sizes = with_size(record.sizes, trade)
        return attrs.evolve(record, entry=payload, sizes=sizes, grown_at=None)
    return record


def with_quote_at_exit(
    record: TradeRecord, before: TradeRecord, payload: str, trade: TradeSnapshot
) -> TradeRecord:
    """
    Return *record* with what an exit event says of the entry's price and time.

    Those of an earlier recording are another worker's old copy, and say nothing; but
    for a repeated exit that was recorded later, which is a correction. Those of a size
    that was not taken say nothing either: a split changes size and price.
    """
    try:
        if size_entered(trade, is_closed=True) > size_known(record):
            return record
    except TradeError:
        pass  # a size that makes no sense says nothing, as in the exit itself
    event, _ = exit_event(trade)
    is_later = (
        event in before.exits
        and trade.updated_at is not None
        and before.updated_at is not None
        and trade.updated_at > before.updated_at
    )
    if record.entry != payload and not is_later and quote_of(trade) in record.quotes:
        return record
    return with_quote(record, None if record.entry == payload else payload, trade)


def with_quote(
    record: TradeRecord, quote: str | None, trade: TradeSnapshot
) -> TradeRecord:
    """Return *record* with price and time of the entry as *trade* has them."""
    return with_facts(record, **facts_of_quote(record, quote, trade))


def facts_of_quote(
    record: TradeRecord, quote: str | None, trade: TradeSnapshot
) -> dict[str, Any]:
    """Return what *trade* changes in *record* by price and time of the entry."""
    now = quote_of(trade)
    if now is None:
        return {}
    quotes = (*(each for each in record.quotes if each != now), now)
    return {"quote": quote, "quotes": quotes}


def quote_of(trade: TradeSnapshot) -> tuple[Decimal, datetime] | None:
    """Return price and time of an entry, None where they make no sense."""
    try:
        return entry_price(trade), whole_second(trade.need("entry_timestamp"))
    except TradeError:
        return None


def grows_at_exit(record: TradeRecord, trade: TradeSnapshot, sent: Sent) -> bool:
    """Tell whether an exit event says that more of the entry was filled."""
    try:
        before = size_entered(read(record.entry or ""))
        now = size_entered(trade)
    except TradeError:
        return False
    stands = total(sent.entries.values())
    if now != stands:  # else it is back to what was sent
        before = max(before, stands)
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
    record: TradeRecord, trade: TradeSnapshot, sent: Sent
) -> datetime | None:
    """Return when the entry has grown last, by the host; None: at its own time."""
    if not sent.entries:
        return None
    try:
        grew = size_entered(trade) > size_entered(read(record.entry or ""))
    except TradeError:
        return record.grown_at
    return trade.updated_at if grew else record.grown_at


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
    record: TradeRecord,
    event: ExitEvent,
    before: TradeRecord,
    sent: Sent,
    **facts: Any,
) -> TradeRecord:
    """
    Return *record* with an exit event: what it closes, or why it closes nothing.

    *facts* are what else of it is kept.
    """
    record = with_parts_sent(record, sent)
    entered = total(entry_leg(record, sent, "").executions) - sent.elsewhere
    if not entered and not sent.entries:
        # Skipped, or without sense so far: planned once the entry is known.
        entered = size_known(record)
    own = own_size(event, before.sizes or record.sizes)
    parts, differs = next_parts(record, event, own, entered, sent)
    exits = record.exits if event in record.exits else (*record.exits, event)
    return attrs.evolve(record, exits=exits, parts=parts, differs=differs, **facts)


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
    left = entered - sum(sizes_of(record, entered, sent))
    closes_all = own is None or own >= entered
    is_only_plan = len(parts) == 1 and not sent.exits and left <= 0
    if not parts or (is_only_plan and closes_all):
        size = None if closes_all else own
        part = Part(at=event.at, price=event.price, size=size)
        return (part,), over(own, entered)
    last = parts[-1]
    if event in record.exits:
        at_last = same_moment(event.at, last.at)
        is_as_sent = at_last and repeats(record, event, sent)
        return parts, () if is_as_sent else record.differs
    if same_moment(event.at, last.at):
        return at_the_same_time(record, event, own, entered, sent)
    if event.at < last.at:
        return parts, (difference("time_changed", event.at, last.at),)
    return later_parts(parts, event, own, entered=entered, left=left)


def later_parts(
    parts: tuple[Part, ...],
    event: ExitEvent,
    own: Decimal | None,
    *,
    entered: Decimal,
    left: Decimal,
) -> tuple[tuple[Part, ...], tuple[Difference, ...]]:
    """Return the parts with an exit that is later than all of them."""
    if left <= 0:
        now = f"{event.price:f} at {in_words(event.at)}"
        return parts, (Difference(code="exit_changed", host=now, sent="closed before"),)
    part = Part(at=event.at, price=event.price, size=own)
    if own is None or (own > left and own == entered):
        return (*parts, attrs.evolve(part, size=None, completes="all")), ()
    if own <= left:
        return (*parts, part), ()
    differs = (difference("quantity_changed", own, left),)
    return (*parts, attrs.evolve(part, size=None)), differs


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
    if own in (None, entered) and is_whole_exit(event, entered, sent):
        return parts, ()
    sizes = sizes_of(record, entered, sent)
    at_the_time = {
        number: size
        for number, (part, size) in enumerate(zip(parts, sizes, strict=True), start=1)
        if same_moment(part.at, last.at)
    }
    together = sum(at_the_time.values(), Decimal(0))
    most = together + entered - sum(sizes)
    now = most if own is None else own
    part = Part(at=last.at, price=event.price, size=min(now, most), completes="exit")
    if len(parts) not in sent.exits:
        stands = sum((s for n, s in at_the_time.items() if n in sent.exits), Decimal(0))
        if last.completes == "all" and own in (None, entered):
            part = attrs.evolve(part, size=None, completes="all")
        elif not stands:
            part = attrs.evolve(part, size=None if now >= most else now, completes="")
        return (*parts[:-1], part), less(now, stands) or over(now, most)
    if now > together and most > together:
        return (*parts, part), over(now, most)
    return parts, tuple(
        difference(code, host, was)
        for code, host, was in (
            ("quantity_changed", now, together),
            ("price_changed", event.price, leg_price(record, sent, event.price)),
        )
        if host != was
    )


def is_whole_exit(event: ExitEvent, entered: Decimal, sent: Sent) -> bool:
    """Tell whether all parts that were sent come to *event*, to the cent."""
    fills = sent.exits.values()
    return total(fills) == entered and average(fills, event.price) == event.price


def less(now: Decimal, stands: Decimal) -> tuple[Difference, ...]:
    """Return the outcome of an exit that says less than what was sent of it."""
    return (difference("quantity_changed", now, stands),) if now < stands else ()


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

"""
From events to executions with a slot: what the worker does before it needs a network.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import attrs

from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.errors import OutboxError, TradeError
from argo_tradervue_plugin.guard import log, swallow
from argo_tradervue_plugin.journal.executions import (
    Execution,
    Kind,
    plan,
    skip_reason,
)
from argo_tradervue_plugin.journal.slots import lowest_free_slot, slot_tag
from argo_tradervue_plugin.journal.symbols import in_journal
from argo_tradervue_plugin.journal.trades import TradeSnapshot, read
from argo_tradervue_plugin.outbox.interface import (
    Event,
    EventKind,
    Outbox,
    Row,
    State,
    Writer,
)
from argo_tradervue_plugin.settings import Settings

__all__ = ["keep_open", "make_sense", "put_down"]

# What a person has decided, or what stands in the journal, no event changes.
FINAL: Final = (
    State.SENT,
    State.IMPORTED,
    State.LINKED,
    State.SYNCED,
    State.DISCARDED,
)
ASIDE: Final = (State.BASIC, State.QUARANTINED, State.SKIPPED)
# What becomes of an exit whose entry was sent, and did not get into the journal.
FATES: Final = {
    State.BASIC: State.BASIC,
    State.QUARANTINED: State.QUARANTINED,
    State.DISCARDED: State.SKIPPED,
}


def make_sense(lane: Lane, events: Iterable[Event]) -> None:
    """Turn *events* into executions that are due, or say why there are none."""
    for piece in lane.pieces(events):
        try:
            with lane.write() as writer:
                consider(lane, writer, piece)
        except OutboxError:
            raise
        except Exception:  # noqa: BLE001 - told by the one event that is at fault
            for event in piece:
                consider_alone(lane, event)


def consider_alone(lane: Lane, event: Event) -> None:
    """Consider one event; a fault of ours shall not hold up all the others."""
    try:
        with lane.write() as writer:
            consider(lane, writer, [event])
    except OutboxError:
        raise
    except Exception as error:  # noqa: BLE001 - kept, and shown to a person
        swallow("make_sense", error)
        reason = f"a fault of the plugin, please report it: {type(error).__name__}"
        with lane.write() as writer:
            folded = writer.fold(event)
            if folded is not None and folded[1] not in FINAL:
                key = (folded[0], Kind(event.kind))
                writer.move([key], State.QUARANTINED, now=lane.clock(), reason=reason)


def consider(lane: Lane, writer: Writer, events: Sequence[Event]) -> None:
    """
    Enlist what *events* stand for, or park it with the reason.

    An exit tells all that an entry does: of a new trade with both it is enough to look
    at the exit, if that makes sense.
    """
    exits = {trade_of(event) for event in events if event.kind is EventKind.EXIT}
    entries: dict[tuple[str, str], tuple[Event, str]] = {}
    for event in events:
        folded = writer.fold(event)
        new_id = folded[0] if folded and folded[1] is State.NEW else None
        if event.kind is EventKind.ENTRY and new_id and trade_of(event) in exits:
            entries[trade_of(event)] = event, new_id
            continue
        entry = entries.pop(trade_of(event), None)
        if entry and not (new_id and tells_all(event, new_id, lane.settings)):
            weigh(lane, writer, *entry, State.NEW)
        if folded is not None:
            weigh(lane, writer, event, *folded)
    for entry in entries.values():  # told after their exits, which made no sense
        weigh(lane, writer, *entry, State.NEW)


def trade_of(event: Event) -> tuple[str, str]:
    """Return which trade *event* is about, as the host names it."""
    return event.trade_id, event.identity


def tells_all(event: Event, trade_id: str, settings: Settings) -> bool:
    """Tell whether *event* is an exit from which both executions can be made."""
    try:
        trade = understand(event.payload, trade_id, settings)
        return skip_reason(trade) is None and all(plan(trade, kind) for kind in Kind)
    except TradeError:
        return False


def weigh(
    lane: Lane, writer: Writer, event: Event, trade_id: str, state: State
) -> None:
    """Enlist what *event* stands for, which has come as far as *state*, or park it."""
    kind = Kind(event.kind)
    try:
        trade = understand(event.payload, trade_id, lane.settings)
        reason = skip_reason(trade)
        if state in FINAL:
            correct(lane, writer, trade, kind)
        elif reason is None:
            enlist(lane, writer, trade, kind)
        else:
            set_aside(lane, writer, trade_id, kind, State.SKIPPED, reason)
    except TradeError as error:
        if state in FINAL:
            return  # what stands in the journal made sense, and stays
        log.error(
            "tradervue.quarantined kind=%s trade=%s reason=%s: correct the trade in "
            "the host, or discard it",
            event.kind,
            trade_id,
            error,
        )
        set_aside(lane, writer, trade_id, kind, State.QUARANTINED, str(error))


def set_aside(
    lane: Lane, writer: Writer, trade_id: str, kind: Kind, state: State, reason: str
) -> None:
    """Park an execution that was not sent; an exit goes with its entry."""
    rows = lane.outbox.of_trade(trade_id)
    waiting = [r for r in rows if r.state is State.RECORDED and r.import_id is None]
    kinds = {kind} | ({r.kind for r in waiting} if kind is Kind.ENTRY else set())
    keys = [(trade_id, each) for each in sorted(kinds)]
    writer.move(keys, state, now=lane.clock(), reason=reason)
    if kind is Kind.ENTRY:
        writer.free_slot(trade_id)
    else:
        keep_open(lane, writer, trade_id)


def keep_open(lane: Lane, writer: Writer, trade_id: str) -> None:
    """
    Keep the slot of a trade whose exit does not get into the journal.

    The trade stands open there, and would swallow whatever followed it in its slot.
    """
    writer.reopen_trade(trade_id)
    for other in lane.outbox.queued_behind(trade_id):
        rows = {row.kind: row.execution for row in lane.outbox.of_trade(other)}
        opening, closing = rows.get(Kind.ENTRY), rows.get(Kind.EXIT)
        writer.free_slot(other)
        if opening is not None:
            tag = slot_for(lane, writer, opening, closing)
            for execution in filter(None, (opening, closing)):
                put_down(lane.outbox, writer, execution, tag, lane.clock())


def understand(payload: str, trade_id: str, settings: Settings) -> TradeSnapshot:
    """
    Return what a host told of a trade, with the symbol that the journal has for it.

    Raises:
        TradeError: naming the first field that makes no sense.
    """
    told = read(payload)
    symbol = in_journal(told.symbol, settings.symbols)
    return attrs.evolve(told, id=trade_id, symbol=symbol)


def correct(lane: Lane, writer: Writer, trade: TradeSnapshot, kind: Kind) -> None:
    """
    Note what the host has learned of an execution that was sent already.

    Executions in the journal cannot be changed; its notes can, and a commission can
    be laid over them. Anything else is for reconciliation to show.
    """
    rows = {row.kind: row for row in lane.outbox.of_trades([trade.id])[trade.id]}
    row = rows.get(kind)
    if row is None or row.state is State.DISCARDED:
        return
    if row.state in (State.LINKED, State.SYNCED):  # otherwise they are still to come
        writer.wants_notes(trade.id)
    if kind is Kind.EXIT:
        lay_over(writer, plan(trade, Kind.EXIT), row)


def lay_over(writer: Writer, closing: Execution, row: Row) -> None:
    """Note a commission that the host learned after *row* was sent."""
    known = row.execution and row.execution.commission
    if closing.commission is not None:
        is_news = closing.commission != known
        writer.want_overlay(closing.trade_id, closing.commission, is_news=is_news)


def enlist(lane: Lane, writer: Writer, trade: TradeSnapshot, kind: Kind) -> None:
    """Enlist the execution of *kind*, and before an exit its entry."""
    now = lane.clock()
    known = {row.kind: row for row in lane.outbox.of_trades([trade.id])[trade.id]}
    entry = known.get(Kind.ENTRY)
    was_sent = entry is not None and (entry.import_id or entry.journal_id) is not None
    if kind is Kind.ENTRY or not was_sent:
        opening = plan(trade, Kind.ENTRY)
        closing = plan(trade, Kind.EXIT) if kind is Kind.EXIT else None
        tag = slot_for(lane, writer, opening, closing or foreseen(trade))
        put_down(lane.outbox, writer, opening, tag, now)
        aside = known.get(Kind.EXIT)
        if closing is None and aside and aside.execution and aside.state in ASIDE:
            # Set aside with the entry; nobody will tell it again.
            closing = attrs.evolve(aside.execution, quantity=-opening.quantity)
        if closing is not None:
            add_exit(lane, writer, closing, tag, aside)
    elif entry is not None and entry.execution is not None:
        # What stands in the journal is closed as it stands there, whatever the host
        # has learned since: reconciliation shows the difference.
        size = entry.execution.quantity
        closing = attrs.evolve(plan(trade, Kind.EXIT), quantity=-size)
        add_exit(lane, writer, closing, entry.account_tag, known.get(kind))
        if entry.state in FATES:
            # An exit never goes alone: it would open a position of the wrong side.
            reason = f"its entry is {entry.state}: {entry.reason}"
            key = (trade.id, Kind.EXIT)
            writer.move([key], FATES[entry.state], now=now, reason=reason)
            if entry.state is State.BASIC:  # only what was refused is shown as such
                writer.wants_notes(trade.id)


def foreseen(trade: TradeSnapshot) -> Execution | None:
    """
    Return the exit of a trade whose entry comes with all that is known by now.

    A backfill tells of trades long closed, in any order: each needs its slot only for
    the time in which it was held.
    """
    if trade.exit_timestamp is None:
        return None
    try:
        return plan(trade, Kind.EXIT)
    except TradeError:  # its own event will say so
        return None


def add_exit(
    lane: Lane, writer: Writer, closing: Execution, tag: str, known: Row | None
) -> None:
    """Enlist an exit, and note when its slot is free again."""
    is_new = put_down(lane.outbox, writer, closing, tag, lane.clock())
    if known is not None and not is_new:  # it is sent again as it was sent before
        lay_over(writer, closing, known)


def put_down(
    outbox: Outbox, writer: Writer, execution: Execution, tag: str, now: float
) -> bool:
    """
    Note what is to be sent, and with an exit when its slot is free again.

    Returns whether it is news. It is a twin where another trade has an execution that
    looks just like it.
    """
    twin = bool(outbox.equals(execution))
    is_new = writer.enlist(execution, account_tag=tag, twin=twin, now=now)
    if execution.kind is Kind.EXIT:
        writer.close_trade(execution)
    return is_new


def slot_for(
    lane: Lane, writer: Writer, opening: Execution, closing: Execution | None
) -> str:
    """Return the account tag of a trade; empty where account tags are switched off."""
    known = lane.outbox.trade(opening.trade_id)
    if known is not None:
        return known.account_tag
    cooldown = timedelta(hours=lane.settings.slot_cooldown_hours)
    start = opening.executed_at
    end = None if closing is None else closing.executed_at
    slot, tag = 1, ""
    if lane.settings.account_tags:
        taken = lane.outbox.spans(
            opening.symbol,
            (start - cooldown).timestamp(),
            None if end is None else (end + cooldown).timestamp(),
        )
        slot = lowest_free_slot(start, end, taken, cooldown)
        tag = slot_tag(lane.settings.account_tag, slot)
    writer.open_trade(opening, slot=slot, account_tag=tag)
    return tag

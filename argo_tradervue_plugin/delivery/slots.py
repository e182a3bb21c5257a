"""
Who gets which slot, and so which account tag, and until when.

Positions that overlap in one symbol get a slot each: Tradervue would net them.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from argo_tradervue_plugin.delivery.lane import Context, Lane
from argo_tradervue_plugin.delivery.opposites import (
    opposite_positions,
)
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.outbox.records import Row
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.outbox.writer import Writer
from argo_tradervue_plugin.planning.slots import lowest_free_slot, slot_of, slot_tag

__all__ = [
    "fit_to_settings",
    "free_slot",
    "keep_open",
    "new_slot",
    "note_execution",
    "note_span",
    "retag",
    "say_once",
    "slot_for",
]

SLOTS: Final = "slots"  # the condition that says by which setting slots were given


def say_once(context: Context, writer: Writer, event: str, text: str) -> None:
    """Say something that holds for every such trade with the first of them only."""
    if writer.notice(event, now=context.clock(), pause=math.inf):
        writer.warn("%s %s", event, text)


def warn_of_opposites(context: Context, writer: Writer, opening: Execution) -> None:
    """Name the setting for hosts that record the close of a long as a new short."""
    if context.settings.opposite_closes or not context.settings.account_tags:
        return
    others = opposite_positions(context.outbox, opening, but=opening.trade_id)
    if others:
        say_once(
            context,
            writer,
            "tradervue.opposite",
            f"trade={opening.trade_id} symbol={opening.symbol}: it is on the other "
            f"side of {others[0].trade_id}, which is open; both are positions of their "
            "own. Where the host means that it closes the other, set "
            '"opposite_closes": true',
        )


def keep_open(context: Context, writer: Writer, trade_id: str) -> None:
    """
    Keep the slot of a trade whose exit does not get into the journal.

    The trade stands open there, and would swallow whatever followed it in its slot.
    """
    writer.reopen_trade(trade_id)
    for other in context.outbox.queued_behind(trade_id):
        rows = [
            r for r in context.outbox.of_trade(other) if r.execution and not r.is_fixed
        ]
        executions = [row.execution for row in rows if row.execution]
        entries = [e for e in executions if e.kind is Kind.ENTRY]
        exits = [e for e in executions if e.kind is Kind.EXIT]
        writer.free_slot(other)
        if entries:
            tag = slot_for(context, writer, entries[0], exits[-1] if exits else None)
            for execution in executions:
                note_execution(context.outbox, writer, execution, tag, context.clock())


def note_execution(
    outbox: Outbox, writer: Writer, execution: Execution, tag: str, now: float
) -> bool:
    """
    Note what is to be sent, and until when its trade keeps its slot.

    Returns whether it is news. It is a twin where another execution looks just like it.
    """
    twin = bool(outbox.equals(execution))
    is_new = writer.put(execution, account_tag=tag, twin=twin, now=now)
    if execution.kind is Kind.EXIT:
        rows = outbox.of_trades([execution.trade_id])[execution.trade_id]
        note_span(writer, [row.execution for row in rows if row.execution])
    return is_new


def note_span(
    writer: Writer,
    executions: Sequence[Execution],
    closers: Sequence[Execution] = (),
) -> None:
    """
    Note from when the slot of the trade of *executions* is free again, if ever.

    *closers* are what opposite trades close of it.
    """
    own = [each for each in executions if not each.closes]
    ends = [
        each for each in (*own, *closers) if each not in own or each.kind is Kind.EXIT
    ]
    if own and not ends:
        return
    trade_id = executions[0].trade_id
    if sum(each.quantity for each in (*own, *closers)):
        writer.reopen_trade(trade_id)
    else:
        last = max(each.executed_at for each in ends or executions)
        writer.close_trade(trade_id, last)


def fit_to_settings(lane: Lane) -> None:
    """
    Give what was never sent a slot by the present settings, where those have changed.

    What was sent stays under the account tag that it has.
    """
    settings = lane.settings
    base = settings.account_tag if settings.account_tags else ""
    if lane.condition(SLOTS) == base:
        return
    strange = [
        row
        for row in lane.outbox.unsent_entries()
        if (slot_of(base, row.account_tag) is None if base else row.account_tag)
    ]
    # In no slot at first, so that none is in the way of another.
    for piece in lane.pieces(strange):
        with lane.write() as writer:
            for row in piece:
                writer.retag(row.trade_id, slot=0, account_tag="")
    for piece in lane.pieces(strange):
        with lane.write() as writer:
            for row in piece:
                retag(lane, writer, row)
    with lane.write() as writer:
        lane.set_condition(writer, SLOTS, base)


def retag(context: Context, writer: Writer, entry: Row) -> None:
    """Give the trade of *entry*, of which nothing was sent, another slot."""
    rows = context.outbox.of_trades([entry.trade_id])[entry.trade_id]
    executions = [row.execution for row in rows if row.execution]
    is_closed = not sum(execution.quantity for execution in executions)
    latest = max(execution.executed_at for execution in executions)
    slot, tag = free_slot(context, executions[0], latest if is_closed else None)
    writer.retag(entry.trade_id, slot=slot, account_tag=tag)


def slot_for(
    context: Context, writer: Writer, opening: Execution, closing: Execution | None
) -> str:
    """Return the account tag of a trade; empty where account tags are switched off."""
    tag = context.outbox.account_tag_of(opening.trade_id)
    return new_slot(context, writer, opening, closing) if tag is None else tag


def new_slot(
    context: Context, writer: Writer, opening: Execution, closing: Execution | None
) -> str:
    """Give a trade a slot; return its tag, empty where those are switched off."""
    slot, tag = free_slot(context, opening, closing.executed_at if closing else None)
    if slot > 1:  # something is open in its symbol, or was a moment ago
        warn_of_opposites(context, writer, opening)
    writer.open_trade(opening, slot=slot, account_tag=tag)
    return tag


def free_slot(
    context: Context, opening: Execution, end: datetime | None
) -> tuple[int, str]:
    """Return the lowest slot in which a trade is alone until *end*, and its tag."""
    if not context.settings.account_tags:
        return 1, ""
    cooldown = timedelta(hours=context.settings.slot_cooldown_hours)
    start = opening.executed_at
    taken = context.outbox.spans(
        opening.symbol,
        (start - cooldown).timestamp(),
        None if end is None else (end + cooldown).timestamp(),
    )
    slot = lowest_free_slot(start, end, taken, cooldown)
    return slot, slot_tag(context.settings.account_tag, slot)

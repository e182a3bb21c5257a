"""
What a person decides about trades that wait for one.

Nothing here is done by itself: a trade is tried again, or given up, because somebody
said so. Both can be said while another process forwards.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Final

from argo_tradervue_plugin.delivery.lane import Context
from argo_tradervue_plugin.delivery.linker import DELETED
from argo_tradervue_plugin.delivery.planner import put_down, replan, wanted
from argo_tradervue_plugin.journal.executions import Kind
from argo_tradervue_plugin.journal.reasons import (
    code_of,
    next_step,
    reason,
    sentence,
)
from argo_tradervue_plugin.outbox.interface import Outbox, Row, State, Writer
from argo_tradervue_plugin.settings import Settings

__all__ = ["discard", "list_parked", "retry"]

PARKED: Final = (State.QUARANTINED, State.BASIC)
TAKEN_FOR_OTHERS: Final = ("not_shown", "equal_exists")  # reason codes
MOST_LISTED: Final = 10_000


def list_parked(outbox: Outbox, most: int = MOST_LISTED) -> list[Mapping[str, object]]:
    """
    Return what waits for a person, oldest first.

    Each with ``trade``, ``kind``, ``state``, ``symbol``, ``journal`` (the trade in
    Tradervue, or None), ``why`` and ``next``: what helps, empty where nothing does.
    """
    return [
        {
            "trade": row.trade_id,
            "kind": str(row.kind),
            "state": str(row.state),
            "symbol": row.execution.symbol if row.execution else None,
            "journal": row.journal_id,
            "why": sentence(row.reason),
            "next": next_step(row.reason),
        }
        for row in outbox.parked(most)
    ]


def retry(outbox: Outbox, trade_id: str, settings: Settings | None = None) -> str:
    """
    Try a parked trade again; return in words what happens now.

    What somebody deleted in the journal is sent again, what stands there gets its
    notes, what was refused is sent once more, and so is what the journal is to show.
    A trade that made no sense has to be recorded again by the host. With *settings*,
    what a person discarded and the host has recorded otherwise since is taken up again.
    """
    rows = parked_of(outbox, trade_id)
    if not rows and settings and take_up(outbox, settings, trade_id):
        return f"{trade_id}: what the host has recorded since is sent"
    if not rows and send_waiting(outbox, trade_id):
        return f"{trade_id}: what the journal does not show is sent again"
    if not rows:
        return f"{trade_id}: nothing of it waits for a person"
    usable = [row for row in rows if row.execution is not None]
    if not usable:
        return f"{trade_id}: the host has to tell it anew: {sentence(rows[0].reason)}"
    now = time.time()
    with outbox.maintain() as writer:
        if any(row.reason == DELETED for row in usable):
            writer.forget_place(trade_id, now=now)
            enlist_anew(outbox, writer, outbox.of_trades([trade_id])[trade_id], now)
            plan_anew(outbox, writer, trade_id, settings)
            return f"{trade_id}: it is sent again"
        there = [row for row in usable if row.journal_id is not None]
        refused = [row for row in usable if row.journal_id is None]
        enlist_anew(outbox, writer, usable, now)
        # A person has looked: where it took something else for them, Tradervue would
        # refuse them as duplicates again.
        unlike = [row for row in refused if code_of(row.reason) in TAKEN_FOR_OTHERS]
        writer.allow_twins(unlike)
        writer.move(there, State.LINKED, now=now, reason=reason("retried"))
        writer.move(
            refused,
            State.RECORDED,
            now=now,
            reason=reason("retried"),
            due_at=0.0,
            is_attempt=False,  # it goes as if it had never gone before
        )
        if there:
            writer.wants_notes(trade_id)
        plan_anew(outbox, writer, trade_id, settings)
    return f"{trade_id}: it is tried again"


def plan_anew(
    outbox: Outbox, writer: Writer, trade_id: str, settings: Settings | None
) -> None:
    """Plan a trade again: what waited was missing from it, and is not any more."""
    if settings is not None:
        replan(Context(outbox=outbox, settings=settings), writer, trade_id)


def take_up(outbox: Outbox, settings: Settings, trade_id: str) -> bool:
    """Send what was discarded, and recorded otherwise since; tell if there is any."""
    context = Context(outbox=outbox, settings=settings)
    record, rows = outbox.record_of(trade_id), outbox.of_trade(trade_id)
    if record is None:
        return False
    given_up = [r for r in rows if r.state is State.DISCARDED and not r.may_be_stored]
    others = [row for row in rows if row not in given_up]
    asked = {e.key: e for e in wanted(context, record, others).executions}
    news = [r for r in given_up if asked.get(r.key, r.execution) != r.execution]
    with outbox.maintain() as writer:
        now = context.clock()
        writer.move(news, State.SKIPPED, now=now, reason=reason("retried"))
        if news:
            replan(context, writer, trade_id)
    return bool(news)


def send_waiting(outbox: Outbox, trade_id: str) -> bool:
    """
    Send again what of a trade the journal is to show; tell whether there is any.

    Duplicates are allowed, after counting, where a later import shows that the journal
    has caught up. Otherwise Tradervue refuses what is there after all.
    """
    now = time.time()
    with outbox.maintain() as writer:
        rows = outbox.waiting_of(trade_id)
        gone = [
            row
            for row in rows
            if row.import_id is not None and outbox.is_shown_after(row.import_id)
        ]
        writer.allow_twins(gone)
        writer.doubt(rows)
        writer.move(
            rows,
            State.RECORDED,
            now=now,
            reason=reason("retried"),
            due_at=0.0,
            is_attempt=False,
        )
    return bool(rows)


def enlist_anew(
    outbox: Outbox, writer: Writer, rows: Iterable[Row], now: float
) -> None:
    """
    Note again what *rows* that are to be sent consist of.

    While they waited, an equal execution of another trade may have been sent, which
    was no twin then: without this the journal would be believed to hold them already.
    """
    for row in rows:
        if row.execution is not None and row.journal_id is None:
            put_down(outbox, writer, row.execution, row.account_tag, now)


def discard(outbox: Outbox, trade_id: str) -> str:
    """
    Give up a parked trade for good; return in words what that means.

    What the journal is to show is not waited for any more, and its exit is not sent.
    """
    now = time.time()
    with outbox.maintain() as writer:
        rows = parked_of(outbox, trade_id) or outbox.waiting_of(trade_id)
        if not rows:
            return f"{trade_id}: nothing of it waits for a person"
        writer.move(
            rows,
            State.DISCARDED,
            now=now,
            reason=reason("discarded"),
        )
        if any(row.kind is Kind.ENTRY and row.part == 1 for row in rows):
            why = reason("entry_waits", sentence("discarded"))
            for row in outbox.of_trade(trade_id):
                if row.state is State.RECORDED and not row.is_fixed:
                    writer.park(*row.key, State.SKIPPED, reason=why, now=now)
        if all(row.journal_id is None for row in outbox.of_trade(trade_id)):
            writer.end_resend(trade_id)
    return f"{trade_id}: discarded, it is not sent any more"


def parked_of(outbox: Outbox, trade_id: str) -> list[Row]:
    """Return what of a trade waits for a person."""
    return [row for row in outbox.of_trade(trade_id) if row.state in PARKED]

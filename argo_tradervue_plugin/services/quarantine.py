"""
What a person decides about trades: tried again, given up, taken back.

Nothing here is done by itself: somebody has asked for it. All of it can be done while
another process forwards.
"""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NoReturn
from uuid import uuid4

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.enlisting import replan, wanted
from argo_tradervue_plugin.delivery.lane import Context, Lane, lease_seconds
from argo_tradervue_plugin.delivery.lease import holder_name, is_gone
from argo_tradervue_plugin.delivery.linker import DELETED
from argo_tradervue_plugin.delivery.planner import plan_events
from argo_tradervue_plugin.delivery.slots import note_execution
from argo_tradervue_plugin.errors import TradervueError, one_line
from argo_tradervue_plugin.model.executions import LONGEST_SYMBOL, Kind
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.reasons import (
    code_of,
    next_step,
    reason,
    sentence,
)
from argo_tradervue_plugin.model.times import EASTERN
from argo_tradervue_plugin.outbox.records import Row, State, Step, Transition
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.outbox.writer import Writer

__all__ = [
    "NothingToDecide",
    "discard",
    "list_parked",
    "plan_what_waits",
    "reopen",
    "retry",
    "to_discard",
]

TAKEN_FOR_OTHERS: Final = ("not_shown", "equal_exists")  # reason codes
MOST_LISTED: Final = 10_000
EVENTS_AT_ONCE: Final = 1000
PATIENCE: Final = 5.0  # seconds; who forwards makes sense of events in milliseconds
NAP: Final = 0.05


class NothingToDecide(TradervueError):
    """Nothing of the trade is in a state that the decision is about; text says why."""


def list_parked(outbox: Outbox, most: int = MOST_LISTED) -> list[Mapping[str, object]]:
    """
    Return what waits for a person, oldest first.

    Each with ``trade``, ``kind``, ``state``, ``symbol``, ``time`` (of the execution, or
    of the entry where that is all that is known), ``since`` (when it was parked; both
    ISO 8601 in New York, None where unknown), ``journal`` (the trade in Tradervue, or
    None), ``why`` and ``next``: what helps, empty where nothing does.
    """
    return [described(outbox, row) for row in outbox.parked(most)]


def described(outbox: Outbox, row: Row) -> Mapping[str, object]:
    """Return what a person is shown of *row*."""
    symbol, at = None, None
    if row.execution is not None:
        symbol, at = row.execution.symbol, row.execution.executed_at
    elif record := outbox.record_of(row.trade_id):
        symbol, at = record.symbol, record.entered_at
        if record.entry is not None and (symbol is None or at is None):
            snapshot = read(record.entry)
            symbol, at = symbol or snapshot.symbol, at or snapshot.entry_timestamp
    since = datetime.fromtimestamp(row.updated_at, UTC) if row.updated_at else None
    return {
        "trade": row.trade_id,
        "kind": str(row.kind),
        "state": str(row.state),
        # As the host has it, and that may be why the trade waits.
        "symbol": symbol and one_line(symbol, LONGEST_SYMBOL),
        "time": in_new_york(at),
        "since": in_new_york(since),
        "journal": row.journal_id,
        "why": sentence(row.reason),
        "next": next_step(row.reason, is_understood=row.execution is not None),
    }


def in_new_york(moment: datetime | None) -> str | None:
    """Return *moment* to the second as New York's clocks have it."""
    if moment is None:
        return None
    return moment.astimezone(EASTERN).isoformat(timespec="seconds")


def retry(outbox: Outbox, trade_id: str, settings: Settings | None = None) -> str:
    """
    Try a parked trade again; return in words what happens now.

    What somebody deleted in the journal is sent again, what stands there gets its
    notes, what was refused is sent once more, and so is what the journal is to show.
    With *settings*, what a person discarded and the host has recorded otherwise since
    is taken up again.

    Raises:
        NothingToDecide: nothing of it waits for a person, or it made no sense, and the
            host has to record it again.
    """
    rows = parked_of(outbox, trade_id)
    if not rows and settings and take_up(outbox, settings, trade_id):
        return f"{trade_id}: what the host has recorded since is sent"
    if not rows and send_waiting(outbox, trade_id):
        return f"{trade_id}: what the journal does not show is sent again"
    if not rows:
        raise NothingToDecide(f"{trade_id}: {standing_of(outbox, trade_id)}")
    usable = [row for row in rows if row.execution is not None]
    if not usable:
        raise NothingToDecide(
            f"{trade_id}: the host has to record it again: {sentence(rows[0].reason)}"
        )
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
        linked = Transition(state=State.LINKED, rows=there, reason=reason("retried"))
        writer.apply(linked, now=now)
        writer.apply(tried_again(refused), now=now)
        if there:
            writer.wants_notes(trade_id)
        plan_anew(outbox, writer, trade_id, settings)
    return f"{trade_id}: it is tried again"


def tried_again(rows: Sequence[Row], *, is_unsure: bool = False) -> Transition:
    """Return the change by which *rows* go as if they had never gone before."""
    return Transition(
        state=State.RECORDED,
        rows=rows,
        reason=reason("retried"),
        due_at=0.0,
        is_unsure=is_unsure,
    )


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
        again = Transition(state=State.SKIPPED, rows=news, reason=reason("retried"))
        writer.apply(again, now=now)
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
        writer.apply(tried_again(rows, is_unsure=True), now=now)
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
            note_execution(outbox, writer, row.execution, row.account_tag, now)


def to_discard(outbox: Outbox, trade_id: str) -> list[Row]:
    """
    Return what of a trade would be discarded; changes nothing.

    That is what waits for a person, or what the journal is to show, or else all of a
    trade that is queued.

    Raises:
        NothingToDecide: there is none, or the trade may be in the journal.
    """
    rows = parked_of(outbox, trade_id) or outbox.waiting_of(trade_id)
    if rows:
        return rows
    rows = outbox.of_trade(trade_id)
    queued = [row for row in rows if row.state is State.RECORDED]
    if queued and not any(row.may_be_stored for row in rows):
        return queued
    raise NothingToDecide(f"{trade_id}: {standing_of(outbox, trade_id)}")


def standing_of(outbox: Outbox, trade_id: str) -> str:
    """Return why nothing of a trade can be decided."""
    rows = outbox.of_trade(trade_id)
    stored = [row for row in rows if row.journal_id is not None]
    if stored:
        return (
            f"it is in the journal (trade {stored[0].journal_id}), and nothing of it "
            "waits for a person"
        )
    if any(row.may_be_stored for row in rows):
        return (
            "it was sent, and may be in the journal; nothing of it waits for a person"
        )
    if rows:
        states = ", ".join(dict.fromkeys(str(row.state) for row in rows))
        return f"nothing of it waits for a person ({states})"
    if outbox.states_of([trade_id]):
        return "it was recorded a moment ago, or finished long ago; nothing of it waits"
    return "no such trade was recorded"


def discard(outbox: Outbox, trade_id: str) -> str:
    """
    Give up what :func:`to_discard` returns; return in words what that means.

    What the journal is to show is not waited for any more, and its exit is not sent.

    Raises:
        NothingToDecide: there is nothing to give up.
    """
    now = time.time()
    with outbox.maintain() as writer:
        rows = to_discard(outbox, trade_id)  # again: it may have been sent meanwhile
        why = reason("discarded")
        given_up = Transition(state=State.DISCARDED, rows=rows, reason=why)
        writer.apply(given_up, now=now)
        if any(row.kind is Kind.ENTRY and row.part == 1 for row in rows):
            queued = [r for r in outbox.of_trade(trade_id) if r.state is State.RECORDED]
            along = Transition(
                state=State.SKIPPED,
                keys=[row.key for row in queued if not row.is_fixed],
                reason=reason("entry_waits", sentence("discarded")),
            )
            writer.apply(along, now=now)
        if all(row.journal_id is None for row in outbox.of_trade(trade_id)):
            writer.end_resend(trade_id)
    return f"{trade_id}: discarded, it is not sent any more; reopen undoes that"


def reopen(outbox: Outbox, settings: Settings, trade_id: str) -> str:
    """
    Undo the discarding of a trade; return in words what happens now.

    What was queued is queued again, also where the host has recorded it otherwise
    since; what waited for a person waits again, with its reason. What the journal was
    to show waits for a person, too: whether it is there has to be looked at.

    Raises:
        NothingToDecide: nothing of it is discarded.
    """
    context = Context(outbox=outbox, settings=settings)
    now = context.clock()
    with outbox.maintain() as writer:
        rows = outbox.of_trade(trade_id)
        given_up = [row for row in rows if row.state is State.DISCARDED]
        if not given_up:
            raise NothingToDecide(f"{trade_id}: nothing of it is discarded")
        record = outbox.record_of(trade_id)
        others = [row for row in rows if row not in given_up]
        asked = wanted(context, record, others).executions if record else ()
        planned = {execution.key: execution for execution in asked}
        steps = outbox.history(trade_id)
        queued = []
        for row in given_up:
            before = step_before(steps, row)
            was_parked = State(before.state).is_parked
            is_changed = planned.get(row.key, row.execution) != row.execution
            if row.may_be_stored and not was_parked:
                before = before_lost(before)
            elif is_changed or not was_parked:
                queued.append(row)
                continue
            change = Transition(
                state=State(before.state),
                rows=[row],
                reason=before.detail,
                is_news=False,
            )
            writer.apply(change, now=now)
        again = Transition(state=State.SKIPPED, rows=queued, reason=reason("reopened"))
        writer.apply(again, now=now)
        if queued:
            replan(context, writer, trade_id)
        writer.set_outcomes(trade_id, (), among={"discarded_changed"}, now=now)
        let_exits_wait(outbox, writer, trade_id, now)
    what = "it is queued again" if queued else "it waits for a person again"
    return f"{trade_id}: {what}"


def step_before(steps: Sequence[Step], row: Row) -> Step:
    """Return the step of *row* before it was discarded."""
    ours = [step for step in steps if step.kind == row.kind]
    before = [step for step in ours if step.state != State.DISCARDED]
    return before[-1] if before else ours[-1]


def before_lost(step: Step) -> Step:
    """Return what becomes of something that was sent and then given up."""
    why = reason("not_shown", "it was discarded while it was waited for")
    return Step(at=step.at, kind=step.kind, state=State.QUARANTINED, detail=why)


def let_exits_wait(outbox: Outbox, writer: Writer, trade_id: str, now: float) -> None:
    """Let the exits of an entry that waits for a person wait with it."""
    rows = outbox.of_trade(trade_id)
    entry = next((r for r in rows if r.kind is Kind.ENTRY and r.part == 1), None)
    if entry is None or not entry.state.is_parked or entry.journal_id is not None:
        return
    change = Transition(
        state=entry.state,
        keys=[r.key for r in rows if r.kind is Kind.EXIT and r.state is State.SKIPPED],
        reason=reason("entry_waits", sentence(entry.reason)),
    )
    writer.apply(change, now=now)


def plan_what_waits(outbox: Outbox, settings: Settings) -> None:
    """
    Let what was recorded a moment ago become executions, so that they can be decided.

    Whoever forwards does it at once; where no process does, it is done here. Nothing is
    sent.
    """
    outbox.gather()
    deadline = time.monotonic() + PATIENCE
    while outbox.inbox(1) and time.monotonic() < deadline:
        name = f"{holder_name()}/{uuid4().hex[:8]}"
        lease = outbox.claim(
            name, now=time.time(), ttl=lease_seconds(settings), is_gone=is_gone
        )
        if lease is None:
            time.sleep(NAP)
            continue
        try:
            lane = Lane(
                outbox=outbox,
                settings=settings,
                lease=lease,
                connect=not_connected,
                stopping=threading.Event(),
            )
            while events := outbox.inbox(EVENTS_AT_ONCE):
                plan_events(lane, events)
        finally:
            outbox.release(lease)


def not_connected() -> NoReturn:
    """Refuse to connect."""
    raise AssertionError("nothing is sent for a decision")


def parked_of(outbox: Outbox, trade_id: str) -> list[Row]:
    """Return what of a trade waits for a person."""
    return [row for row in outbox.of_trade(trade_id) if row.state.is_parked]

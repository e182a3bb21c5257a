"""
Pausing the sending while Tradervue refuses everything, and finding out when it ends.

Nothing is lost meanwhile, nothing is shown as basic: one trade is tried again every
hour, and at once after a change of the settings.
"""

from collections.abc import Sequence
from typing import Final

from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.refusals import (
    CONDITION,
    Refusal,
    choose,
    hint,
    lifted,
    paused,
    suspected,
    taken_back,
)
from argo_tradervue_plugin.delivery.transitions import give_back, park
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.model.reasons import code_of
from argo_tradervue_plugin.model.reasons import reason as stored
from argo_tradervue_plugin.outbox.records import Row, State, Transition

__all__ = ["accept", "pause", "standing", "suspect", "trial"]

MOST_PARKED: Final = 10_000  # rows that are looked through for what was taken wrongly
MOST_ENTRIES: Final = 500  # from which the one is chosen that is tried


def standing(lane: Lane) -> Refusal | None:
    """Return the refusal that keeps the next import from being sent as usual."""
    known = Refusal.of(lane.condition(CONDITION))
    return known if known and (known.is_paused or known.is_suspicious) else None


def trial(lane: Lane, refusal: Refusal) -> list[Row] | None:
    """
    Return what is sent to find out about *refusal*; empty: nothing is sent now.

    None: there is nothing to find it out by, and all goes on as usual.
    """
    now = lane.clock()
    if refusal.is_paused and not refusal.is_due(lane.settings, now):
        return []
    entry = choose(refusal, lane.outbox.entries_to_send(now, MOST_ENTRIES))
    if entry is None:
        return None
    if not refusal.is_paused:
        return [entry]
    rows = lane.outbox.of_trades([entry.trade_id])[entry.trade_id]
    return [
        row
        for row in rows
        if row.state is State.RECORDED
        and row.due_at <= now
        and row.twin == entry.twin
        and row.attempts == entry.attempts
    ]


def suspect(lane: Lane, row: Row, text: str) -> None:
    """Note that *row* was refused by itself."""
    refusal = suspected(Refusal.of(lane.condition(CONDITION)), text, row)
    with lane.write() as writer:
        lane.set_condition(writer, CONDITION, refusal.as_text())


def accept(lane: Lane) -> None:
    """Note that Tradervue has accepted something: what it refuses are single rows."""
    known = Refusal.of(lane.condition(CONDITION))
    if known is None:
        return
    kept = lifted(known)
    if kept == known:
        return
    with lane.write() as writer:
        lane.set_condition(writer, CONDITION, kept.as_text() if kept else None)
    if known.is_paused:
        log.info("tradervue.resumed: Tradervue accepts executions again")


def pause(lane: Lane, rows: Sequence[Row], text: str) -> None:
    """
    Pause the sending: Tradervue has refused *rows* for what they have in common.

    What must go under an account tag, because its entry is there, while account tags
    are switched off, waits for a person instead.
    """
    if rows[0].account_tag and not lane.settings.account_tags:
        for row in rows:
            park(lane, row, stored("refused", text), is_unsent=True)
        return
    known = Refusal.of(lane.condition(CONDITION))
    now = lane.clock()
    refusal = paused(known, text, rows[0].trade_id, settings=lane.settings, now=now)
    give_back(lane, rows)
    take_back(lane, taken_back(known, text, lane.outbox.parked(MOST_PARKED)))
    with lane.write() as writer:
        lane.set_condition(writer, CONDITION, refusal.as_text())
    if known is None or not known.is_paused:
        log.error(
            "tradervue.paused error=%s: Tradervue refuses everything; nothing is sent, "
            "one trade is tried every hour, and everything is kept in the outbox: %s",
            text,
            hint(text),
        )


def take_back(lane: Lane, trade_ids: Sequence[str]) -> None:
    """Make trades due again that were taken for refused by themselves."""
    for trade_id in trade_ids:
        rows = [
            row
            for row in lane.outbox.of_trades([trade_id])[trade_id]
            if row.state.is_parked
            and row.journal_id is None
            and code_of(row.reason) in {"refused", "entry_waits"}
        ]
        change = Transition(
            state=State.RECORDED,
            rows=rows,
            due_at=0.0,
            is_unsent=True,
        )
        with lane.write() as writer:
            writer.apply(change, now=lane.clock())
            writer.annotated(trade_id, now=lane.clock())  # it is not shown as basic

"""
The changes of state that a delivery makes, each written under the lease.

Whoever decides says what becomes of an execution; here it is stored. Where a person has
to act, the outbox logs that once it is stored.
"""

from collections.abc import Sequence
from typing import Final

import attrs

from argo_tradervue_plugin.delivery.enlisting import replan
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.slots import keep_open
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.matching.locate import Found
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.reasons import reason as stored
from argo_tradervue_plugin.outbox.records import Row, State, Transition

__all__ = [
    "apply",
    "give_back",
    "is_there",
    "leave_exits",
    "park",
    "park_alone",
    "refuse",
    "still_due",
    "without_commission",
]

UNDECIDED: Final = (State.RECORDED, State.SENT, State.IMPORTED)


def still_due(lane: Lane, rows: Sequence[Row]) -> list[Row]:
    """Return those of *rows* that nothing has been decided about, entries first."""
    now = {
        row.seq: row
        for found in lane.outbox.of_trades({row.trade_id for row in rows}).values()
        for row in found
    }
    known = [now[row.seq] for row in rows if row.seq in now]
    return [row for row in known if row.state in UNDECIDED]


def is_there(lane: Lane, row: Row) -> bool:
    """Tell whether an entry of the trade of *row* was read back."""
    rows = lane.outbox.of_trades([row.trade_id])[row.trade_id]
    return any(r.kind is Kind.ENTRY and r.journal_id is not None for r in rows)


def apply(lane: Lane, change: Transition) -> None:
    """Store what becomes of executions, of many in several transactions."""
    for piece in lane.pieces(change.rows):
        with lane.write() as writer:
            writer.apply(attrs.evolve(change, rows=piece), now=lane.clock())


def give_back(lane: Lane, rows: Sequence[Row]) -> None:
    """Make *rows* due again of which their import has stored nothing."""
    apply(lane, Transition(state=State.RECORDED, rows=rows, is_unprocessed=True))


def without_commission(lane: Lane, row: Row) -> bool:
    """
    Let *row* go without its rebate; return False where it has none.

    Tradervue may refuse a commission below zero: the execution counts for more.
    """
    commission = row.execution.commission if row.execution else None
    if commission is None or commission >= 0:
        return False
    with lane.write() as writer:
        writer.leave_out_commission(row, stored("rebate", f"{commission:f}"))
    log.warning(
        "tradervue.rebate_refused kind=%s trade=%s commission=%s: it is sent without",
        row.kind,
        row.trade_id,
        commission,
    )
    return True


def refuse(lane: Lane, row: Row, reason: str) -> None:
    """
    Note that Tradervue will never take *row*.

    Without its entry a trade has no place among the journal's trades: a basic one
    shows it. Without its exit it stays open there, and a person has to look.
    """
    why = stored("refused", reason)
    if is_there(lane, row):
        park(lane, row, why, is_unsent=True)
    else:
        move_trade(lane, row, State.BASIC, why, is_unsent=True)


def park(lane: Lane, row: Row, reason: str, *, is_unsent: bool = False) -> None:
    """Leave *row* to a person, and with an entry its exit."""
    if row.kind is Kind.ENTRY and not is_there(lane, row):
        move_trade(lane, row, State.QUARANTINED, reason, is_unsent=is_unsent)
        return
    left_open = row.trade_id if row.kind is Kind.EXIT else None
    park_alone(lane, row, reason, left_open, is_unsent=is_unsent)


def park_alone(
    lane: Lane, row: Row, reason: str, left_open: str | None, *, is_unsent: bool = False
) -> None:
    """Leave an execution to a person; without it the trade *left_open* is so."""
    state = State.QUARANTINED
    change = Transition(state=state, rows=[row], reason=reason, is_unsent=is_unsent)
    with lane.write() as writer:
        writer.apply(change, now=lane.clock())
        if row.kind is Kind.ENTRY:  # the exit closes what there is without it
            replan(lane, writer, row.trade_id)
        if left_open is not None:
            keep_open(lane, writer, left_open)


def leave_exits(lane: Lane, entry: Row, found: Sequence[Found], said: str) -> None:
    """
    Leave a trade to a person of which only exits were *found* in the journal.

    They stand there as a position of the wrong side, which no import can take away.
    """
    places = " and ".join(f"{i}" for i in sorted({f.journal_id for f in found}))
    rows = lane.outbox.of_trades([entry.trade_id])[entry.trade_id]
    others = [row for row in rows if row.seq != entry.seq and row.state in UNDECIDED]
    change = Transition(
        state=State.QUARANTINED,
        rows=[entry],
        reason=stored("exit_alone", f"{places}: {said}"),
        is_unsent=True,
    )
    along = attrs.evolve(change, rows=others, is_unsent=False, is_news=False)
    with lane.write() as writer:
        writer.apply(change, now=lane.clock())
        writer.apply(along, now=lane.clock())
        keep_open(lane, writer, entry.trade_id)


def move_trade(
    lane: Lane, row: Row, state: State, reason: str, *, is_unsent: bool = False
) -> None:
    """Move every execution of a trade that is not in the journal to *state*."""
    rows = lane.outbox.of_trades([row.trade_id])[row.trade_id]
    lost = [r for r in rows if r.journal_id is None]
    lost.sort(key=lambda r: r.seq != row.seq)  # it is *row* that the log names
    change = Transition(state=state, rows=lost, reason=reason, is_unsent=is_unsent)
    with lane.write() as writer:
        writer.apply(change, now=lane.clock())
        if state is State.BASIC:
            writer.wants_notes(row.trade_id)

"""What a trade of the opposite side finds open in its symbol, and closes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import attrs

from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.side import Side
from argo_tradervue_plugin.outbox.records import Row
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.planning.legs import Sent
from argo_tradervue_plugin.planning.opposites import Position, share_out

__all__ = ["is_alive", "opposite_positions", "shared_out", "with_opposites"]


def is_alive(row: Row) -> bool:
    """Tell whether an execution stands in the journal, or is on its way there."""
    return not row.state.is_aside or row.journal_id is not None


def opposite_positions(
    outbox: Outbox, opening: Execution, *, but: str
) -> list[Position]:
    """
    Return what is open in the symbol of *opening*, at its time, on the other side.

    Oldest first; the trade *but* is left out, with what of it was not sent yet.
    """
    at = opening.executed_at
    side = Side.SHORT if opening.quantity > 0 else Side.LONG
    opened = outbox.opened_before(opening.symbol, at.timestamp(), side)
    rows = outbox.of_trades(trade_id for trade_id in opened if trade_id != but)
    closers = outbox.closers_of(rows)
    found = []
    for trade_id in sorted(rows, key=lambda i: entered_at(rows[i])):
        others = [r for r in closers[trade_id] if r.trade_id != but or r.is_fixed]
        left = open_at(rows[trade_id], others, at)
        if left * opening.quantity < 0:
            tag = outbox.account_tag_of(trade_id) or ""
            found.append(Position(trade_id=trade_id, account_tag=tag, open=left))
    return found


def entered_at(rows: Iterable[Row]) -> tuple[datetime, int]:
    """Return by what positions are sorted: when they were entered, then by number."""
    return min(
        (row.execution.executed_at, row.seq)
        for row in rows
        if row.execution and row.kind is Kind.ENTRY
    )


def open_at(rows: Iterable[Row], closers: Iterable[Row], at: datetime) -> Decimal:
    """
    Return how much of a position was open then.

    What may have been sent counts in any case; an exit that was not sent, and is later,
    closes what is left by then.
    """
    left = Decimal(0)
    for row in (*rows, *closers):
        execution = row.execution
        if execution is None or not is_alive(row):
            continue
        if execution.closes is not None and execution.trade_id in {
            r.trade_id for r in rows
        }:
            continue  # it closed another position, and opened none of its own
        is_later = execution.executed_at > at
        if not (row.kind is Kind.EXIT and is_later and not row.is_fixed):
            left += execution.quantity
    return left


def shared_out(
    outbox: Outbox, executions: Sequence[Execution], rows: Iterable[Row]
) -> list[Execution]:
    """
    Return *executions* of one trade with those of its entry shared out.

    What may have been sent stays as it is.
    """
    fixed = {row.key for row in rows if row.is_fixed}
    found: list[Execution] = []
    for execution in executions:
        if execution.kind is Kind.EXIT or execution.key in fixed:
            found.append(execution)
            continue
        others = opposite_positions(outbox, execution, but=execution.trade_id)
        found += share_out(execution, others, first_part=execution.part)
    return found


def with_opposites(
    sent: Sent, executions: Iterable[Execution], closers: Iterable[Row]
) -> Sent:
    """
    Return *sent* with how much of the entry is not open under its own account tag.

    That is what its *executions* close of others, and what others have closed of it.
    """
    own = sum((abs(e.quantity) for e in executions if e.closes), Decimal(0))
    others = (
        abs(row.execution.quantity)
        for row in closers
        if row.execution and is_alive(row)
    )
    taken = sum(others, Decimal(0))
    return attrs.evolve(sent, elsewhere=own + taken, taken=taken)

"""
The look at the slot of a trade before it begins in the journal.

A slot is kept for a trade from its entry to its exit, and later trades have it after
that. Where these stand in the journal already, times are not enough: what is open takes
in whatever comes, also what is older (a host that records its history while positions
are open), and an entry that goes without its exit (Tradervue has refused the two, or
there was no room for both) takes in what is there.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from argo_tradervue_plugin.delivery import transitions
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.late import opens, position_of
from argo_tradervue_plugin.delivery.slots import free_slot
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.outbox.records import Row, State
from argo_tradervue_plugin.outbox.rows import in_order

__all__ = ["in_free_slots"]


def in_free_slots(lane: Lane, rows: Sequence[Row]) -> Sequence[Row]:
    """
    Return those of the due *rows* that can go under their account tag.

    The others get a slot that is free from their entry on, and are due again. One that
    may stand in the journal already stays in its slot: its exit goes with it.
    """
    if not (lane.settings.account_tags and rows and rows[0].account_tag):
        return rows  # nothing keeps positions apart, and that is what was chosen
    begun: dict[str, Row] = {}
    for row in rows:
        if opens(row):
            begun.setdefault(row.trade_id, row)
    crowded = lane.outbox.open_behind(begun) | closing_behind(
        lane, begun, rows[0].account_tag
    )
    taking_in = {i for i in going_open(begun, rows) if lane.outbox.stored_behind(i)}
    crowded |= taking_in
    moved = {trade_id for trade_id in crowded if is_unsent(lane, trade_id)}
    for trade_id in moved:
        own = [row for row in rows if position_of(row) == trade_id]
        move(lane, begun[trade_id], own)
    staying = [row for row in rows if position_of(row) not in moved]
    return sorted([*staying, *exits_of(lane, taking_in - moved, rows)], key=in_order)


def exits_of(lane: Lane, trade_ids: Collection[str], rows: Sequence[Row]) -> list[Row]:
    """Return the exits of these trades that are due as well, beside *rows*."""
    there, like = {row.seq for row in rows}, rows[0]
    some = lane.outbox.of_trades(trade_ids) if trade_ids else {}
    return [
        row
        for own in some.values()
        for row in own
        if row.kind is Kind.EXIT
        and row.seq not in there
        and row.state is State.RECORDED
        and row.due_at <= lane.clock()
        and (row.twin, row.account_tag) == (like.twin, like.account_tag)
    ]


def going_open(begun: Mapping[str, Row], rows: Sequence[Row]) -> list[str]:
    """Return those of the trades *begun* that *rows* do not close again."""
    left: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.execution is not None:
            left[position_of(row)] += row.execution.quantity
    return [trade_id for trade_id in begun if left[trade_id]]


def closing_behind(lane: Lane, begun: Mapping[str, Row], account_tag: str) -> set[str]:
    """Return the trades *begun* that one follows of which the exit waits as well."""
    openings = {i: row.execution for i, row in begun.items() if row.execution}
    symbols = {opening.symbol for opening in openings.values()}
    open_ = lane.outbox.closing(symbols, account_tag)
    return {
        trade_id
        for trade_id, opening in openings.items()
        if any(
            other != trade_id and at >= opening.executed_at
            for other, at in open_.get(opening.symbol, ())
        )
    }


def is_unsent(lane: Lane, trade_id: str) -> bool:
    """Tell whether nothing that opens a trade may stand in the journal."""
    rows = lane.outbox.of_trades([trade_id])[trade_id]
    return not any(row.may_be_stored for row in rows if opens(row))


def move(lane: Lane, entry: Row, rows: Sequence[Row]) -> None:
    """Give the trade of *entry* another slot, and make its *rows* due again."""
    if entry.execution is None:
        return
    slot, tag = free_slot(lane, entry.execution, None)
    with lane.write() as writer:
        writer.retag(entry.trade_id, slot=slot, account_tag=tag)
    log.info(
        "tradervue.account_tag_changed kind=entry trade=%s account_tag=%s: what stands "
        "under %s would be mixed up with it",
        entry.trade_id,
        tag,
        entry.account_tag,
    )
    transitions.give_back(lane, rows)

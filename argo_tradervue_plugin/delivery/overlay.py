"""
Commissions that the host learned late, laid over executions that are in the journal.

An overlay import creates nothing and only sets commissions, so it can be sent again
without harm: what was noted stays due until the journal is seen to show it.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Final

from argo_tradervue_plugin.delivery import importer
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.linker import list_between
from argo_tradervue_plugin.delivery.schedule import FIRST_DELAY, delay_before
from argo_tradervue_plugin.errors import NotFound, Rejected
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.matching.locate import is_same
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.journal import ImportRequest, NewExecution
from argo_tradervue_plugin.model.reasons import reason as stored
from argo_tradervue_plugin.outbox.records import Overlay, Row

__all__ = ["lay"]

MOST_ATTEMPTS: Final = 3


def lay(lane: Lane) -> bool:
    """Send the commissions that are due, of one account tag; tell if there were any."""
    due = lane.outbox.overlays_due(lane.clock(), lane.settings.import_size)
    if not due:
        return False
    # What was sent before may show by now. Sent again, it could go to an equal one.
    late = [overlay for overlay in due if overlay.attempts]
    due = [o for o in due if not o.attempts] + not_shown(lane, late)
    if not due:
        return True
    equal = equal_to(lane, due)
    wanted = lane.outbox.overlays_of(row.trade_id for row in equal)
    rows = {arrival(o.row): as_sent(o.row, o.commission) for o in due}
    for row in equal:
        known = row.execution.commission if row.execution else None
        overlay = wanted.get(row.trade_id) if row.kind is Kind.EXIT else None
        rows[arrival(row)] = as_sent(row, overlay.commission if overlay else known)
    request = ImportRequest(
        executions=tuple(rows[place] for place in sorted(rows)),
        account_tag=due[0].row.account_tag or None,
        overlay_commissions=True,
    )
    try:
        lane.client.create_import(request)
    except Rejected as error:
        for overlay in due:
            give_up(lane, overlay, str(error))
        return True
    state, result = importer.outcome(lane)
    if state is not None:
        missing = {o.row.seq for o in not_shown(lane, [*due, *wanted.values()])}
        why = (result and result.error) or "the journal does not show it"
        try_again(lane, [o for o in due if o.row.seq in missing], why)
    return True


def equal_to(lane: Lane, due: Iterable[Overlay]) -> list[Row]:
    """
    Return what stands in the journal and looks exactly like what is *due*.

    Equal executions go together, in the order in which they were sent, so that each
    gets its own commission. Where that does not help they are kept apart by their
    account tags, it seems: every second time each goes alone.
    """
    ours = {overlay.row.seq for overlay in due}
    return [
        row
        for overlay in due
        if overlay.row.execution is not None and overlay.attempts % 2 == 0
        for row in lane.outbox.equals(overlay.row.execution)
        if row.journal_id is not None and row.seq not in ours
    ]


def arrival(row: Row) -> tuple[int, int]:
    """Return what equal executions are sorted by: the order in which they were sent."""
    return row.import_id or 0, row.seq


def as_sent(row: Row, commission: Decimal | None) -> NewExecution:
    """Return the execution as it was sent, with the *commission* known by now."""
    if row.execution is None:
        raise AssertionError("what stands in the journal was understood")
    return NewExecution(
        symbol=row.execution.symbol,
        quantity=row.execution.quantity,
        price=row.execution.price,
        executed_at=row.execution.executed_at,
        commission=commission,
    )


def not_shown(lane: Lane, overlays: Sequence[Overlay]) -> list[Overlay]:
    """Read the journal back; return those whose commission it does not show."""
    entries = [
        row.execution.executed_at
        for rows in lane.outbox.of_trades(o.row.trade_id for o in overlays).values()
        for row in rows
        if row.kind is Kind.ENTRY and row.execution is not None
    ]
    if not entries:
        return []
    listed = list_between(lane, entries, tag=lane.tag_of(overlays[0].row))
    shown = {row.id: row.commission for row in listed}
    missing = []
    for overlay in overlays:
        is_shown = shown.get(overlay.row.journal_id or 0) == overlay.commission
        if not is_shown and not stands_there(lane, overlay):
            missing.append(overlay)
            continue
        with lane.write() as writer:
            writer.overlaid(overlay.row.trade_id)
        log.info(
            "tradervue.commission_set trade=%s commission=%s",
            overlay.row.trade_id,
            overlay.commission,
        )
    return missing


def stands_there(lane: Lane, overlay: Overlay) -> bool:
    """
    Tell whether the execution itself has the commission.

    The trade shows a sum, where it holds more than one host trade, and is in no list
    of ours, where somebody took our tag away.
    """
    if overlay.row.journal_id is None or overlay.row.execution is None:
        return False
    with suppress(NotFound):
        return any(
            fill.commission == overlay.commission
            for fill in lane.client.executions(overlay.row.journal_id)
            if is_same(fill, overlay.row.execution)
        )
    return False


def try_again(lane: Lane, missing: Collection[Overlay], reason: str) -> None:
    """Try later what the journal does not show, and give it up after a while."""
    for overlay in missing:
        if overlay.attempts + 1 >= MOST_ATTEMPTS:
            give_up(lane, overlay, reason)
        else:
            poll = lane.settings.first_poll
            delay = delay_before(overlay.attempts + 1, first=FIRST_DELAY * poll)
            with lane.write() as writer:
                due_at = lane.clock() + delay
                writer.postpone_overlay(overlay.row.trade_id, due_at=due_at)


def give_up(lane: Lane, overlay: Overlay, reason: str) -> None:
    """Leave a commission to a person; reconciliation goes on showing the difference."""
    row = overlay.row
    was_sent_without = row.execution is not None and row.execution.commission is None
    with lane.write() as writer:
        writer.postpone_overlay(row.trade_id, due_at=None)
        if overlay.commission < 0 and was_sent_without:
            remark = stored("rebate", f"{overlay.commission:f}")
            writer.leave_out_commission(row, remark)
            writer.wants_notes(row.trade_id)
    log.error(
        "tradervue.commission_refused trade=%s commission=%s journal=%s reason=%s: "
        "enter it in Tradervue by hand",
        row.trade_id,
        overlay.commission,
        row.journal_id,
        reason,
    )

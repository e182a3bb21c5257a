"""
Commissions that the host learned late, laid over executions that are in the journal.

An overlay import creates nothing and only sets commissions, so it can be sent again
without harm: what was noted stays due until the journal is seen to show it.
"""

from contextlib import suppress
from typing import Final

from argo_tradervue_plugin.delivery import importer
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.linker import list_between
from argo_tradervue_plugin.delivery.schedule import FIRST_DELAY, delay_before
from argo_tradervue_plugin.errors import NotFound, Rejected
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.journal.executions import Execution, Kind
from argo_tradervue_plugin.journal.matching import is_same
from argo_tradervue_plugin.outbox.interface import Overlay
from argo_tradervue_plugin.tradervue.models import ImportRequest, NewExecution

__all__ = ["lay"]

MOST_ATTEMPTS: Final = 3


def lay(lane: Lane) -> bool:
    """Send the commissions that are due, of one account tag; tell if there were any."""
    due = lane.outbox.overlays_due(lane.clock(), lane.settings.import_size)
    if not due:
        return False
    request = ImportRequest(
        executions=tuple(as_sent(o.row.execution, o) for o in due if o.row.execution),
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
        check(lane, due, (result and result.error) or "the journal does not show it")
    return True


def as_sent(execution: Execution, overlay: Overlay) -> NewExecution:
    """Return the execution as it was sent, with the commission known by now."""
    return NewExecution(
        symbol=execution.symbol,
        quantity=execution.quantity,
        price=execution.price,
        executed_at=execution.executed_at,
        commission=overlay.commission,
    )


def check(lane: Lane, due: list[Overlay], otherwise: str) -> None:
    """
    Read the journal back; what does not show its commission is tried again.

    *otherwise* is why it does not, as far as anybody knows.
    """
    entries = [
        row.execution.executed_at
        for rows in lane.outbox.of_trades(o.row.trade_id for o in due).values()
        for row in rows
        if row.kind is Kind.ENTRY and row.execution is not None
    ]
    listed = list_between(lane, entries, tag=lane.tag_of(due[0].row))
    shown = {row.id: row.commission for row in listed}
    for overlay in due:
        is_shown = shown.get(overlay.row.journal_id or 0) == overlay.commission
        if is_shown or stands_there(lane, overlay):
            with lane.write() as writer:
                writer.overlaid(overlay.row.trade_id)
            log.info(
                "tradervue.commission_set trade=%s commission=%s",
                overlay.row.trade_id,
                overlay.commission,
            )
        elif overlay.attempts + 1 >= MOST_ATTEMPTS:
            give_up(lane, overlay, otherwise)
        else:
            poll = lane.settings.first_poll
            delay = delay_before(overlay.attempts + 1, first=FIRST_DELAY * poll)
            with lane.write() as writer:
                due_at = lane.clock() + delay
                writer.postpone_overlay(overlay.row.trade_id, due_at=due_at)


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


def give_up(lane: Lane, overlay: Overlay, reason: str) -> None:
    """Leave a commission to a person; reconciliation goes on showing the difference."""
    log.error(
        "tradervue.commission_refused trade=%s commission=%s journal=%s reason=%s: "
        "enter it in Tradervue by hand",
        overlay.row.trade_id,
        overlay.commission,
        overlay.row.journal_id,
        reason,
    )
    with lane.write() as writer:
        writer.postpone_overlay(overlay.row.trade_id, due_at=None)

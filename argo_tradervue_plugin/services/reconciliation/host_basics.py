"""Basic trades that an old sync of the host left in the journal."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from argo_tradervue_plugin.errors import NotFound
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.matching.host_notes import is_of_host

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["remove_basic"]


def remove_basic(client: Callable[[], "TradervueClient"], journal_id: int) -> str:
    """
    Delete a basic trade of the host's old sync, as a person wants it.

    It is read just before: returns why it is kept where it is not such a one any more,
    or has comments, which would be lost; empty: it is gone.

    Raises:
        ApiError: Tradervue did not answer, or refused.
    """
    with suppress(NotFound):  # gone already
        trade = client().trade(journal_id)
        if trade.exec_count:
            return "it has executions"
        if not is_of_host(trade.notes):
            return "its notes are not what the host wrote"
        if trade.comment_count:
            return "it has comments"
        client().delete_trade(journal_id)
        log.info("tradervue.basic_removed journal=%d: of the host", journal_id)
    return ""

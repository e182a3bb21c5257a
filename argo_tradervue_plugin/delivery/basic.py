"""
The basic sync: a trade that Tradervue refuses is shown without executions.

Its notes hold what is known. No key keeps Tradervue from making it twice, so it is
looked for before it is made. When its executions are taken after all, it is withdrawn,
and what people wrote on it moves along.
"""

from contextlib import suppress
from itertools import islice
from typing import Final

from argo_tradervue_plugin.delivery.annotator import change_for, put_off
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.errors import (
    BadAnswer,
    NotFound,
    Rejected,
    ServerError,
    Unreachable,
)
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.matching import notes
from argo_tradervue_plugin.matching.belongings import Belongings, with_belongings
from argo_tradervue_plugin.matching.wording import markers
from argo_tradervue_plugin.model.journal import (
    JournalTradeDetail,
    NewTrade,
    TradeChange,
    TradeFilter,
)
from argo_tradervue_plugin.outbox.records import State, TradeRow, Transition

__all__ = ["show", "withdraw"]

TAG: Final = "basic-sync"  # by which a person finds what was refused
CHUNK: Final = 25
MOST_LOOKED_AT: Final = 1000  # trades of one symbol with our tag


def show(lane: Lane) -> bool:
    """Show some refused trades in the journal; return whether there were any."""
    due = lane.outbox.to_show_basic(lane.clock(), CHUNK)
    if due:  # an old copy does not know what became of them since
        lane.outbox.see_latest_import()
    for trade in due:
        empty = JournalTradeDetail(id=0, symbol=trade.symbol)
        try:
            rows = lane.outbox.of_trades([trade.trade_id])[trade.trade_id]
            basic_id = trade.basic_id or standing(lane, trade)
            known = lane.client.trade(basic_id) if basic_id else empty
            change = change_for(trade, rows, known, lane)
            if basic_id and change is not None:
                lane.client.update_trade(basic_id, change)
            elif not basic_id:
                basic_id = create(lane, trade, change or TradeChange())
        except NotFound:
            with lane.write() as writer:  # somebody deleted it: no second one
                writer.annotated(trade.trade_id, now=lane.clock())
        except Rejected as error:
            give_up(lane, trade, str(error))
        except (BadAnswer, ServerError, Unreachable):
            put_off(lane, trade)
            raise
        else:
            with lane.write() as writer:
                writer.set_basic(trade.trade_id, basic_id)
                writer.annotated(trade.trade_id, now=lane.clock())
            log.warning(
                "tradervue.basic symbol=%s trade=%s journal=%d: shown without "
                "executions",
                trade.symbol,
                trade.trade_id,
                basic_id,
            )
    return bool(due)


def standing(lane: Lane, trade: TradeRow) -> int | None:
    """Return the basic trade that a lost answer or a crash has left in the journal."""
    where = TradeFilter(symbol=trade.symbol, all_tags=(TAG,))
    for row in islice(lane.client.list_trades(where), MOST_LOOKED_AT):
        ids = set(notes.trade_ids_in(row.notes_excerpt))
        if not row.exec_count and not ids.isdisjoint(markers(trade.trade_id)):
            return row.id
    return None


def create(lane: Lane, trade: TradeRow, change: TradeChange) -> int:
    """Make the basic trade; return its id in the journal."""
    return lane.client.create_trade(
        NewTrade(
            symbol=trade.symbol,
            notes=change.notes or "",
            tags=notes.merge((lane.settings.account_tag, TAG), change.tags or ()),
            initial_risk=change.initial_risk,
            shared=change.shared,
        )
    )


def give_up(lane: Lane, trade: TradeRow, reason: str) -> None:
    """Leave a trade to a person that Tradervue takes in no form at all."""
    rows = lane.outbox.of_trades([trade.trade_id])[trade.trade_id]
    refused = [row for row in rows if row.state is State.BASIC]
    change = Transition(state=State.QUARANTINED, rows=refused, reason=reason)
    with lane.write() as writer:
        writer.annotated(trade.trade_id, now=lane.clock())
        writer.apply(change, now=lane.clock())


def withdraw(lane: Lane) -> bool:
    """Delete basic trades whose executions stand in the journal by now."""
    due = lane.outbox.superseded()
    for trade in due:
        if trade.basic_id is None or trade.journal_id is None:
            continue
        with suppress(NotFound):  # a person was faster
            move_along(lane, trade.basic_id, trade.journal_id)
        with lane.write() as writer:
            writer.set_basic(trade.trade_id, None)
    return bool(due)


def move_along(lane: Lane, basic_id: int, journal_id: int) -> None:
    """Give the full trade what people wrote on the basic one, and delete that."""
    basic = lane.client.trade(basic_id)
    if basic.comment_count:
        # Comments cannot be moved by the API: deleting would destroy them.
        log.warning(
            "tradervue.basic_kept journal=%d: it has comments; the full trade is %d",
            basic_id,
            journal_id,
        )
        return
    full = lane.client.trade(journal_id)
    theirs = Belongings.of(basic, is_ours=TAG.__eq__, risk=basic.initial_risk)
    carried = with_belongings(full, theirs)
    change = TradeChange(
        notes=carried.notes if carried.notes != full.notes else None,
        tags=carried.tags,
        shared=True if carried.shared else None,
    )
    lane.client.update_trade(journal_id, change)
    lane.client.delete_trade(basic_id)

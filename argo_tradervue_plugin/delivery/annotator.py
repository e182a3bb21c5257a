"""
Writing our notes on what was read back: with them a trade is synced.

In a backfill a page of the list shows what nobody has touched yet, so that a trade
costs one request; any other trade is read before it is written.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Final

import attrs

from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.linker import DELETED, found_again, list_between
from argo_tradervue_plugin.delivery.schedule import FIRST_DELAY, delay_before
from argo_tradervue_plugin.errors import (
    BadAnswer,
    LeaseLost,
    NotFound,
    Rejected,
    ServerError,
    TradeError,
    Unreachable,
)
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.journal import notes
from argo_tradervue_plugin.journal.executions import initial_risk
from argo_tradervue_plugin.journal.trades import TradeSnapshot, read
from argo_tradervue_plugin.outbox.interface import NOTHING_TOLD, State, TradeRow
from argo_tradervue_plugin.tradervue.models import JournalTradeDetail, TradeChange

__all__ = ["annotate", "change_for", "put_off", "waiting"]

CHUNK: Final = 100  # trades; what one page of a list shows
# Seconds in which a trade that our import has created, and on which nothing is
# written, is taken to be untouched; after that it is read before it is written.
UNTOUCHED: Final = 300.0
FRESH: Final = 60.0  # seconds in which what a list has shown is still believed
TOGETHER: Final = 0.05  # seconds of writing notes that are stored in one transaction
# Fewer than this at a time is no backfill: each is read before it is written.
BACKFILL: Final = 10


def annotate(lane: Lane) -> bool:
    """Write the notes of some linked trades; return whether there were any."""
    due = due_now(lane)
    for _ in written(lane, due):
        pass
    return bool(due)


def waiting(lane: Lane) -> Callable[[float], bool]:
    """
    Return a way to wait that writes notes meanwhile, as long as there are any due.

    It takes the seconds, and tells whether to go on, as :meth:`Lane.pause` does.

    Raises:
        ApiError: Tradervue refused or failed; whoever waits has to ask it later too.
    """
    pauses = (
        pause for due in iter(lambda: due_now(lane), []) for pause in written(lane, due)
    )

    def wait(seconds: float) -> bool:
        until = lane.clock() + seconds
        for _ in pauses:
            if lane.clock() >= until:
                break
        return lane.pause(max(0.0, until - lane.clock()))

    return wait


def due_now(lane: Lane) -> list[TradeRow]:
    """Return some trades whose notes are due."""
    return lane.outbox.to_annotate(lane.clock(), CHUNK)


def written(lane: Lane, due: Sequence[TradeRow]) -> Iterator[None]:
    """Write the notes of the trades that are *due*; yield when some are stored."""
    for tag, group in groupby(due, key=lambda trade: trade.account_tag):
        trades = list(group)
        blank = untouched(lane, trades, tag or lane.settings.account_tag)
        looked_at = began = lane.clock()
        done: list[TradeRow] = []
        try:
            for trade in trades:
                # Two host trades in one journal trade: the second finds the first's
                # notes.
                row = blank.pop(trade.journal_id or 0, None)
                is_fresh = lane.clock() - looked_at < FRESH
                if annotate_one(lane, trade, row if is_fresh else None):
                    done.append(trade)
                if lane.clock() - began >= TOGETHER:
                    some, done = done, []
                    finish(lane, some)
                    yield
                    began = lane.clock()
        finally:
            finish(lane, done)
        yield


def untouched(
    lane: Lane, trades: Sequence[TradeRow], tag: str
) -> dict[int, JournalTradeDetail]:
    """
    Return those of *trades* that need not be read one by one before they are written.

    Looked up a page at a time, just before they are written.
    """
    oldest = lane.clock() - UNTOUCHED
    young = [trade for trade in trades if trade.changed_at > oldest]
    if len(young) < BACKFILL or has_default_risk(lane, young[0]):
        return {}
    listed = list_between(lane, [trade.entered_at for trade in young], tag=tag)
    wanted = {trade.journal_id for trade in young}
    return {
        row.id: JournalTradeDetail(**attrs.asdict(row, recurse=False))
        for row in listed
        if row.id in wanted and not row.notes_excerpt and not row.comment_count
    }


def has_default_risk(lane: Lane, trade: TradeRow) -> bool:
    """Tell whether the user's settings gave a new trade a risk; no list shows it."""
    try:
        return lane.client.trade(trade.journal_id or 0).initial_risk is not None
    except NotFound:
        return True  # then each is looked at by itself


def annotate_one(lane: Lane, trade: TradeRow, known: JournalTradeDetail | None) -> bool:
    """Write the notes of one trade, unless they stand there; tell if they do now."""
    if trade.journal_id is None or trade.payload == NOTHING_TOLD:
        return trade.journal_id is not None  # relinked: its notes stand there
    try:
        snapshot = attrs.evolve(read(trade.payload), id=trade.trade_id)
        standing = known or lane.client.trade(trade.journal_id)
        change = change_for(snapshot, standing, lane)
        if change is not None:
            lane.client.update_trade(trade.journal_id, change)
    except NotFound:
        rows = lane.outbox.of_trades([trade.trade_id])[trade.trade_id]
        if found_again(lane, [r for r in rows if r.journal_id == trade.journal_id]):
            set_aside(lane, trade, DELETED)
    except TradeError as error:  # the host has told it anew, and made no sense of it
        set_aside(lane, trade, f"in the journal, but not its notes: {error}")
    except Rejected as error:
        if trade.attempts < 1:
            put_off(lane, trade)
        else:
            set_aside(lane, trade, f"in the journal, but not its notes: {error}")
    except (BadAnswer, ServerError, Unreachable):
        put_off(lane, trade)  # it may be about this trade alone: others go first now
        raise
    else:
        return True
    return False


def put_off(lane: Lane, trade: TradeRow) -> None:
    """Try the notes of a trade again a little later."""
    delay = delay_before(
        trade.attempts + 1, first=FIRST_DELAY * lane.settings.first_poll
    )
    with lane.write() as writer:
        writer.postpone_annotation(trade.trade_id, due_at=lane.clock() + delay)


def finish(lane: Lane, trades: Sequence[TradeRow]) -> None:
    """Note that *trades* are complete, and tell the operator what became synced."""
    if not trades:
        return
    try:
        with lane.write() as writer:
            synced = [
                (trade, kind)
                for trade in trades
                for kind in writer.annotated(trade.trade_id, now=lane.clock())
            ]
    except LeaseLost:
        # What was written late may be older than what the next process wrote before.
        with lane.outbox.maintain() as writer:
            for trade in trades:
                writer.wants_notes(trade.trade_id)
        raise
    for trade, kind in synced:
        log.info(
            "✅ Tradervue %s synced symbol=%s trade=%s journal=%d",
            kind,
            trade.symbol,
            trade.trade_id,
            trade.journal_id,
        )


def set_aside(lane: Lane, trade: TradeRow, reason: str) -> None:
    """Leave a trade to a person."""
    log.error(
        "tradervue.quarantined trade=%s journal=%s reason=%s: look at it in "
        "Tradervue, then retry or discard it",
        trade.trade_id,
        trade.journal_id,
        reason,
    )
    rows = lane.outbox.of_trades([trade.trade_id])[trade.trade_id]
    there = (State.LINKED, State.SYNCED) if reason == DELETED else (State.LINKED,)
    keys = [(row.trade_id, row.kind) for row in rows if row.state in there]
    with lane.write() as writer:
        writer.move(keys, State.QUARANTINED, now=lane.clock(), reason=reason)
        writer.annotated(trade.trade_id, now=lane.clock())  # what is linked, if any


def change_for(
    trade: TradeSnapshot, standing: JournalTradeDetail, lane: Lane
) -> TradeChange | None:
    """Return what has to change for a journal trade to carry our notes."""
    text = notes.with_block(standing.notes, trade.id, notes.write(trade))
    # Once: who takes a trade back from the public later has decided that.
    is_first = not notes.trade_ids_in(standing.notes)
    share = lane.settings.share_trades and is_first and not standing.shared
    tags = notes.merge(standing.tags, (*notes.tags_of(trade), *lane.settings.tags))
    change = TradeChange(
        notes=None if text == standing.notes else text,
        tags=None if tags == standing.tags else tags,
        # A figure that stands there is somebody's, or ours: it is not written again.
        initial_risk=initial_risk(trade) if standing.initial_risk is None else None,
        shared=True if share else None,
    )
    return None if change == TradeChange() else change

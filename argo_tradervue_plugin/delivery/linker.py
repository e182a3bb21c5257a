"""
Reading the journal back, and writing our notes on what was found there.

The list of trades is enough for most: a hundred trades cost one request. Executions
are only asked for where a trade holds something else than one host trade.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

import attrs

from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.schedule import (
    EASTERN,
    FIRST_DELAY,
    delay_before,
    polls,
)
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
from argo_tradervue_plugin.journal.executions import Kind, initial_risk
from argo_tradervue_plugin.journal.matching import (
    Expected,
    Found,
    in_executions,
    in_list,
    worth_reading,
)
from argo_tradervue_plugin.journal.trades import TradeSnapshot, read
from argo_tradervue_plugin.outbox.interface import (
    NOTHING_TOLD,
    Row,
    State,
    TradeRow,
)
from argo_tradervue_plugin.tradervue.models import (
    ImportResult,
    JournalTrade,
    JournalTradeDetail,
    TradeChange,
    TradeFilter,
)

__all__ = ["annotate", "change_for", "put_off", "read_back"]

# Looks after an import that succeeded, before something missing is believed missing.
LOOKS: Final = 4
CHUNK: Final = 100  # trades; what one page of a list shows
# Seconds in which a trade that our import has created, and on which nothing is
# written, is taken to be untouched; after that it is read before it is written.
UNTOUCHED: Final = 300.0
# Fewer than this at a time is no backfill: each is read before it is written.
BACKFILL: Final = 10
DELETED: Final = "somebody deleted it in the journal"
SENT: Final = (State.SENT, State.IMPORTED, State.LINKED, State.SYNCED)


def read_back(
    lane: Lane, rows: Sequence[Row], *, told: ImportResult | None
) -> list[Row]:
    """
    Link those of *rows* that stand in the journal; return those that do not.

    *told* is what Tradervue said of their import, None where nobody knows. Where it
    succeeded, what is missing is looked for again, and in everybody's trades: a
    person may have entered it before, or Tradervue have grouped it otherwise.
    """
    missing = list(rows)
    twins = any(row.twin for row in rows)
    succeeded = told is not None and told.error is None
    # What may have been sent before shows in the journal after a while. A twin that
    # is overlooked would be sent again, and stand there twice.
    patient = succeeded or (twins and any(row.import_id is not None for row in rows))
    for look, delay in zip(range(LOOKS), polls(lane.settings.first_poll), strict=False):
        if not missing or (look and not (patient and lane.pause(delay))):
            break
        missing = absorb(lane, missing, in_our_list(lane, missing))
        # Of what was left out most is nowhere: it is worth one search, not four. But
        # which it is shows as late as anything else.
        is_worth_it = look == LOOKS - 1 or told is None or not told.left_out
        if missing and (succeeded or twins) and is_worth_it:
            missing = absorb(lane, missing, anywhere(lane, missing))
    return missing


def absorb(lane: Lane, rows: Sequence[Row], found: Iterable[Found]) -> list[Row]:
    """Store the links *found* for *rows*; return the rows without one."""
    links = {(f.trade_id, f.kind): f.journal_id for f in found}
    known = [row for row in rows if (row.trade_id, row.kind) in links]
    for piece in lane.pieces(known):
        with lane.write() as writer:
            for row in piece:
                key = (row.trade_id, row.kind)
                writer.link(*key, links[key], now=lane.clock())
    return [row for row in rows if (row.trade_id, row.kind) not in links]


def expected_of(lane: Lane, rows: Sequence[Row]) -> list[Expected]:
    """Return what should stand in the journal for the trades of *rows*."""
    wanted = {row.seq for row in rows}
    trades = lane.outbox.of_trades(dict.fromkeys(row.trade_id for row in rows))
    found = []
    for trade_id, known in trades.items():
        sent = {
            r.kind: r.execution
            for r in known
            if r.execution and (r.state in SENT or r.seq in wanted)
        }
        if Kind.ENTRY in sent:
            found.append(
                Expected(
                    trade_id=trade_id,
                    account_tag=known[0].account_tag,
                    entry=sent[Kind.ENTRY],
                    exit=sent.get(Kind.EXIT),
                )
            )
    return found


def in_our_list(lane: Lane, rows: Sequence[Row]) -> list[Found]:
    """Look for *rows* (of one account tag) among the trades with our tag."""
    wanted = expected_of(lane, rows)
    tag = lane.tag_of(rows[0])
    listed = list_between(lane, [w.entry.executed_at for w in wanted], tag=tag)
    return in_list(wanted, listed, claimed_by_others(lane, wanted, listed))


def anywhere(lane: Lane, rows: Sequence[Row]) -> list[Found]:
    """Look for *rows* among all trades in their symbols, and in their executions."""
    found: list[Found] = []
    by_symbol: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.execution:
            by_symbol[row.execution.symbol].append(row)
    for symbol, some in by_symbol.items():
        wanted = expected_of(lane, some)
        latest = max(r.execution.executed_at for r in some if r.execution)
        where = TradeFilter(symbol=symbol, end=latest.astimezone(EASTERN).date())
        tag, others = lane.tag_of(some[0]), tags_of_equals(lane, some)
        # What stands under the tag of an equal execution is that one's, even before it
        # is linked: an import that nobody knew of may have come late.
        listed = [
            row
            for row in lane.client.list_trades(where)
            if tag in row.tags or others.isdisjoint(row.tags)
        ]
        seen = in_list(wanted, listed, claimed_by_others(lane, wanted, listed))
        keys = {(f.trade_id, f.kind) for f in seen}
        missing = [
            r.execution
            for r in some
            if r.execution and (r.trade_id, r.kind) not in keys
        ]
        found += seen
        if missing:
            taken_whole = {f.journal_id for f in seen}
            candidates = [
                i for i in worth_reading(missing, listed) if i not in taken_whole
            ]
            fills = {i: lane.client.executions(i) for i in candidates}
            taken = [
                (other.journal_id, other.execution)
                for execution in missing
                for other in lane.outbox.equals(execution)
                if other.journal_id is not None and other.execution is not None
            ]
            ours = {row.id for row in listed if tag in row.tags}
            found += in_executions(missing, fills, taken, ours)
    return found


def tags_of_equals(lane: Lane, rows: Iterable[Row]) -> set[str]:
    """
    Return under which tags executions may stand that are equal to one of *rows*.

    Where those stand that were linked before is known, and they are counted there.
    """
    return {
        lane.tag_of(other)
        for row in rows
        if row.execution and row.journal_id is None
        for other in lane.outbox.equals(row.execution)
        if other.journal_id is None
    }


def list_between(
    lane: Lane, openings: Sequence[datetime], *, tag: str
) -> list[JournalTrade]:
    """Return the trades with *tag* that were opened on the days of *openings*."""
    if not openings:
        return []
    days = [moment.astimezone(EASTERN).date() for moment in openings]
    where = TradeFilter(all_tags=(tag,), start=min(days), end=max(days))
    return list(lane.client.list_trades(where))


def claimed_by_others(
    lane: Lane, wanted: Iterable[Expected], listed: Iterable[JournalTrade]
) -> set[int]:
    """Return which of the *listed* trades stand for other host trades."""
    ours = {want.trade_id for want in wanted}
    claims = lane.outbox.claimed([row.id for row in listed])
    return {journal_id for journal_id, trades in claims.items() if trades - ours}


def annotate(lane: Lane) -> bool:
    """Write the notes of some linked trades; return whether there were any."""
    due = lane.outbox.to_annotate(lane.clock(), CHUNK)
    for tag, group in groupby(due, key=lambda trade: trade.account_tag):
        trades = list(group)
        blank = untouched(lane, trades, tag or lane.settings.account_tag)
        for trade in trades:
            # Two host trades in one journal trade: the second finds the first's notes.
            row = blank.pop(trade.journal_id or 0, None)
            if trade.payload == NOTHING_TOLD:  # relinked: its notes stand there
                finish(lane, trade)
            else:
                annotate_one(lane, trade, row)
    return bool(due)


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


def found_again(lane: Lane, rows: Sequence[Row]) -> list[Row]:
    """
    Look for *rows* whose journal trade is gone; return those that are nowhere.

    Somebody may have merged or split trades: executions keep, ids do not.
    """
    return absorb(lane, rows, anywhere(lane, rows)) if rows else []


def without_trace(lane: Lane, entries: Sequence[Row]) -> list[Row]:
    """Return those of *entries*, read back before, that the journal holds no more."""
    if not entries:
        return []
    moments = [row.execution.executed_at for row in entries if row.execution]
    tag = lane.tag_of(entries[0])
    listed = {row.id for row in list_between(lane, moments, tag=tag)}
    gone = []
    for row in entries:
        if row.journal_id is not None and row.journal_id not in listed:
            try:
                lane.client.trade(row.journal_id)  # a trade of a person has no tag
            except NotFound:
                gone.append(row)
    return found_again(lane, gone)


def annotate_one(lane: Lane, trade: TradeRow, known: JournalTradeDetail | None) -> None:
    """Write the notes of one trade, unless they stand there already."""
    if trade.journal_id is None:
        return
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
        finish(lane, trade)


def put_off(lane: Lane, trade: TradeRow) -> None:
    """Try the notes of a trade again a little later."""
    delay = delay_before(
        trade.attempts + 1, first=FIRST_DELAY * lane.settings.first_poll
    )
    with lane.write() as writer:
        writer.postpone_annotation(trade.trade_id, due_at=lane.clock() + delay)


def finish(lane: Lane, trade: TradeRow) -> None:
    """Note that a trade is complete, and tell the operator what became synced."""
    try:
        with lane.write() as writer:
            kinds = writer.annotated(trade.trade_id, now=lane.clock())
    except LeaseLost:
        # What was written late may be older than what the next process wrote before.
        with lane.outbox.maintain() as writer:
            writer.wants_notes(trade.trade_id)
        raise
    for kind in kinds:
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

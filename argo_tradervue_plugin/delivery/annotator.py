"""
Writing our notes on what was read back: with them a trade is synced.

In a backfill a page of the list shows what is not touched yet, so that a trade
costs one request; any other trade is read before it is written.
"""

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final

import attrs

from argo_tradervue_plugin.delivery.grouping import (
    JOINED,
    executions_of,
    note_grouping,
)
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.linker import DELETED, found_again, list_between
from argo_tradervue_plugin.delivery.schedule import FIRST_DELAY, delay_before
from argo_tradervue_plugin.errors import (
    BadAnswer,
    LeaseLost,
    NotFound,
    Rejected,
    ServerError,
    Unreachable,
)
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.matching import notes
from argo_tradervue_plugin.matching.belongings import Belongings, with_belongings
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.journal import JournalTradeDetail, TradeChange
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.reasons import reason as stored
from argo_tradervue_plugin.model.reasons import sentence
from argo_tradervue_plugin.model.records import TradeRecord
from argo_tradervue_plugin.outbox.records import (
    NOTHING_RECORDED,
    Outcome,
    Row,
    State,
    TradeRow,
    Transition,
)
from argo_tradervue_plugin.outbox.writer import Writer
from argo_tradervue_plugin.planning.legs import CENT, to_cent, total
from argo_tradervue_plugin.planning.plan import initial_risk

__all__ = [
    "annotate",
    "annotate_one",
    "change_for",
    "finish",
    "put_off",
    "risk_of",
    "waiting",
    "with_risk",
]

CHUNK: Final = 100  # trades; what one page of a list shows
PORTION: Final = 10  # trades, of which the executions are read together
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
        look_for_untouched(lane, trades, tag or lane.settings.account_tag)
        began = lane.clock()
        done: list[TradeRow] = []
        try:
            for trade, fills, noted in with_rows(lane, trades):
                if annotate_one(lane, trade, fills, untouched(lane, trade), noted):
                    done.append(with_risk(trade, fills))
                if lane.clock() - began >= TOGETHER:
                    some, done = done, []
                    finish(lane, some)
                    yield
                    began = lane.clock()
        finally:
            finish(lane, done)
        yield


def with_rows(
    lane: Lane, trades: Sequence[TradeRow]
) -> Iterator[tuple[TradeRow, list[Row], list[Outcome]]]:
    """
    Yield each trade with its executions and its outcomes.

    A few at a time: whoever writes notes while he waits may stop after any of them.
    """
    for start in range(0, len(trades), PORTION):
        some = trades[start : start + PORTION]
        ids = [trade.trade_id for trade in some]
        rows = lane.outbox.of_trades(ids)
        outcomes = lane.outbox.outcomes_of(ids)
        for trade in some:
            yield trade, rows[trade.trade_id], outcomes.get(trade.trade_id, [])


def look_for_untouched(lane: Lane, trades: Sequence[TradeRow], tag: str) -> None:
    """
    See which of *trades* need not be read one by one before they are written.

    They are looked up a page at a time, shortly before they are written.
    """
    oldest, now = lane.clock() - UNTOUCHED, lane.clock()
    lane.untouched = {
        journal_id: (seen_at, row)
        for journal_id, (seen_at, row) in lane.untouched.items()
        if 0 <= now - seen_at < FRESH
    }
    young = [
        trade
        for trade in trades
        if trade.changed_at > oldest and trade.journal_id not in lane.untouched
    ]
    if len(young) < BACKFILL or has_default_risk(lane, young[0]):
        return
    wanted = {trade.journal_id for trade in young}
    for row in list_between(lane, [trade.entered_at for trade in young], tag=tag):
        if row.id in wanted and not row.notes_excerpt and not row.comment_count:
            detail = JournalTradeDetail(**attrs.asdict(row, recurse=False))
            lane.untouched[row.id] = now, detail


def untouched(lane: Lane, trade: TradeRow) -> JournalTradeDetail | None:
    """
    Return the journal trade of *trade* as a list has shown it, untouched, if it has.

    Only once: of two host trades in one journal trade, the second finds the first's
    notes.
    """
    seen_at, row = lane.untouched.pop(trade.journal_id or 0, (-math.inf, None))
    return row if 0 <= lane.clock() - seen_at < FRESH else None


def has_default_risk(lane: Lane, trade: TradeRow) -> bool:
    """Tell whether the user's settings gave a new trade a risk; no list shows it."""
    try:
        return lane.client.trade(trade.journal_id or 0).initial_risk is not None
    except NotFound:
        return True  # then each is looked at by itself


def annotate_one(
    lane: Lane,
    trade: TradeRow,
    rows: Sequence[Row],
    known: JournalTradeDetail | None,
    outcomes: Sequence[Outcome] = (),
    belongings: Belongings | None = None,
) -> bool:
    """
    Write the notes of one trade, unless they stand there; tell if they do now.

    *belongings* are what people made of the journal trade in the place of which it is.
    """
    if trade.journal_id is None or trade.payload == NOTHING_RECORDED:
        return trade.journal_id is not None  # relinked: its notes stand there
    lane.untouched.pop(trade.journal_id, None)  # it is not, from here on
    try:
        standing = known or lane.client.trade(trade.journal_id)
        change = change_for(trade, rows, standing, lane, belongings)
        if change is not None:
            lane.client.update_trade(trade.journal_id, change)
        note_grouping(lane, trade, rows, standing, outcomes)
    except NotFound:
        here = [row for row in rows if row.journal_id == trade.journal_id]
        if found_again(lane, here):
            set_aside(lane, trade, DELETED)
    except Rejected as error:
        if trade.attempts < 1:
            put_off(lane, trade)
        else:
            set_aside(lane, trade, stored("notes_refused", error))
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


def finish(
    lane: Lane,
    trades: Sequence[TradeRow],
    also: Callable[[Writer], None] = lambda _: None,
) -> None:
    """
    Note that *trades* are complete, and log what became synced.

    A trade with an outcome is not as the host recorded it, and gets no tick. *also* is
    noted with it, all or nothing.
    """
    if not trades:
        return
    try:
        with lane.write() as writer:
            now = lane.clock()
            synced = [
                (trade, writer.annotated(trade.trade_id, now=now, risk=trade.risk))
                for trade in trades
            ]
            also(writer)
    except LeaseLost:
        # What was written late may be older than what the next process wrote before.
        with lane.outbox.maintain() as writer:
            for trade in trades:
                writer.wants_notes(trade.trade_id)
        raise
    some = [(trade, kinds) for trade, kinds in synced if kinds]
    outcomes = lane.outbox.outcomes_of(trade.trade_id for trade, _ in some)
    for trade, kinds in some:
        log_synced(trade, kinds, outcomes.get(trade.trade_id, ()))


def log_synced(
    trade: TradeRow, kinds: Iterable[Kind], outcomes: Iterable[Outcome]
) -> None:
    """Log which legs of a trade are complete, or what keeps it from the tick."""
    others = [outcome for outcome in outcomes if not outcome.accepted]
    if others:
        # How it is grouped was said when it was read.
        is_news = any(outcome.code not in JOINED for outcome in others)
        log.log(
            logging.WARNING if is_news else logging.INFO,
            "tradervue.differs kind=%s symbol=%s trade=%s journal=%d code=%s: %s; it "
            "is in the journal, and not as the host has it",
            ",".join(kinds),
            trade.symbol,
            trade.trade_id,
            trade.journal_id,
            ",".join(outcome.code for outcome in others),
            "; ".join(outcome.journal for outcome in others),
        )
        return
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
    rows = lane.outbox.of_trades([trade.trade_id])[trade.trade_id]
    there = (State.LINKED, State.SYNCED) if reason == DELETED else (State.LINKED,)
    some = [row for row in rows if row.state in there]
    if not some:  # what was synced before stays so, with the notes that it has
        log.warning(
            "tradervue.notes_refused trade=%s journal=%s reason=%s: they stay as they "
            "are",
            trade.trade_id,
            trade.journal_id,
            sentence(reason),
        )
    change = Transition(state=State.QUARANTINED, rows=some, reason=reason)
    with lane.write() as writer:
        writer.apply(change, now=lane.clock())
        writer.annotated(trade.trade_id, now=lane.clock())  # what is linked, if any


def change_for(
    trade: TradeRow,
    rows: Sequence[Row],
    standing: JournalTradeDetail,
    lane: Lane,
    belongings: Belongings | None = None,
) -> TradeChange | None:
    """
    Return what has to change for a journal trade to carry our notes.

    And *belongings*, where it takes the place of another journal trade.
    """
    carried = with_belongings(standing, belongings) if belongings else standing
    snapshot = read(trade.payload)
    if snapshot.id != trade.trade_id:
        snapshot = attrs.evolve(snapshot, id=trade.trade_id)
    facts = facts_of(trade, rows)
    plan = notes.plan_in(standing.notes, trade.trade_id)
    if facts.is_stop_at_close and plan is not None:
        # Written when the plan was known, by an outbox that is lost.
        facts = attrs.evolve(facts, stop=plan, is_stop_at_close=False)
    block = notes.write(snapshot, facts)
    text = notes.with_block(carried.notes, trade.trade_id, block)
    # Once: who takes a trade back from the public later has decided that.
    is_first = belongings is None and not notes.trade_ids_in(standing.notes)
    share = carried.shared or (lane.settings.share_trades and is_first)
    tags = notes.merge(carried.tags, (*notes.tags_of(snapshot), *lane.settings.tags))
    risk = news_of_risk(trade, rows, standing)
    if belongings and belongings.has_risk:
        is_there = belongings.risk == standing.initial_risk
        risk = None if is_there else belongings.risk
    change = TradeChange(
        notes=None if text == standing.notes else text,
        tags=None if tags == standing.tags else tags,
        initial_risk=risk,
        shared=True if share and not standing.shared else None,
    )
    return None if change == TradeChange() else change


def facts_of(trade: TradeRow, rows: Sequence[Row]) -> notes.Facts:
    """Return what our notes say of the executions and the plan of a trade."""
    record = trade.record or TradeRecord(trade_id=trade.trade_id, host_id="")
    entries, exits = legs_of(rows)
    return notes.Facts(
        entered=total(entries) if entries else None,
        closed=total(exits),
        stop=record.stop,
        is_stop_at_close=not record.was_seen_open and record.stop is not None,
        remarks=tuple(
            sentence(row.remark) or "" for row in rows if row.remark is not None
        ),
    )


def legs_of(rows: Iterable[Row]) -> tuple[list[Execution], list[Execution]]:
    """Return the executions of both legs that are in the journal, or on their way."""
    some = executions_of(rows)
    entries = [e for e in some if e.kind is Kind.ENTRY]
    return entries, [e for e in some if e.kind is Kind.EXIT]


def risk_of(trade: TradeRow, rows: Iterable[Row]) -> Decimal | None:
    """Return the initial risk of a trade, None where the host had no plan."""
    entries, _ = legs_of(rows)
    return None if trade.record is None else initial_risk(trade.record, entries)


def with_risk(trade: TradeRow, rows: Iterable[Row]) -> TradeRow:
    """Return *trade* with the initial risk that it has now."""
    risk = trade.risk if trade.record is None else risk_of(trade, rows)
    return trade if risk == trade.risk else attrs.evolve(trade, risk=risk)


def news_of_risk(
    trade: TradeRow, rows: Iterable[Row], journal: JournalTradeDetail
) -> Decimal | None:
    """
    Return the initial risk to be written, None where it stays.

    What a person has set, or taken away, stays: only what we wrote is written again.
    A process that dies after it wrote leaves no note of it but the block that it wrote
    with it.
    """
    risk, standing = risk_of(trade, rows), journal.initial_risk
    if standing is None:
        return risk if trade.risk is None else None
    said = notes.risk_in(journal.notes, trade.trade_id)
    is_ours = (trade.risk is not None and to_cent(standing) == to_cent(trade.risk)) or (
        said is not None and abs(standing - said) <= CENT
    )
    is_news = risk is not None and to_cent(risk) != to_cent(standing)
    return risk if is_ours and is_news else None

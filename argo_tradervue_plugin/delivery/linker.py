"""
Reading the journal back: what stands there, and in which of its trades.

The list of trades is enough for most: a hundred trades cost one request. Executions
are only asked for where a trade holds something else than one host trade.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from argo_tradervue_plugin.delivery import foreign
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.matching.locate import (
    Expected,
    Found,
    in_executions,
    in_list,
    worth_reading,
)
from argo_tradervue_plugin.model.executions import Execution
from argo_tradervue_plugin.model.journal import (
    ImportResult,
    JournalTrade,
    TradeFilter,
)
from argo_tradervue_plugin.model.times import new_york_day
from argo_tradervue_plugin.outbox.records import Row, State
from argo_tradervue_plugin.outbox.rows import in_order
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = [
    "DELETED",
    "anywhere",
    "exits_alone",
    "found_again",
    "list_between",
    "read_back",
    "taken_by",
]

DELETED: Final = "deleted"  # the reason code


def read_back(
    lane: Lane,
    rows: Sequence[Row],
    *,
    result: ImportResult | None,
    looks: int = 0,
    most: int | None = None,
    is_counted: bool = False,
) -> list[Row]:
    """
    Link those of *rows* that stand in the journal; return those that do not.

    *result* is what Tradervue said of their import, None where that is unknown; *looks*
    is how often they were searched for before, *most* how many can be there at all.
    Where the import succeeded, what is missing is searched for in all trades: a person
    may have entered it before, or Tradervue have grouped it otherwise. So it is where
    equal ones have to be kept apart, by how many there are, or where that *is_counted*.
    """
    if not (is_counted or any(row.twin for row in rows)):
        return look_for(lane, rows, result=result, looks=looks, most=most)
    # Equal executions take what stands there in the order in which they were sent.
    missing: set[int] = set()
    for _, group in groupby(in_turn(lane, rows), key=lambda row: row.account_tag):
        left = look_for(lane, list(group), result=result, looks=looks, is_counted=True)
        missing |= {row.seq for row in left}
    return [row for row in rows if row.seq in missing]


def look_for(
    lane: Lane,
    rows: Sequence[Row],
    *,
    result: ImportResult | None,
    looks: int,
    most: int | None = None,
    is_counted: bool = False,
) -> list[Row]:
    """
    Look once for *rows* of one account tag; return those that do not show.

    *is_counted*: equal ones are kept apart by how many the whole journal has.
    """
    missing = absorb(lane, rows, in_our_list(lane, rows)) if rows else []
    shown = len(rows) - len(missing)
    succeeded = result is not None and result.error is None
    if not missing or not (succeeded or is_counted) or shown >= (most or len(rows)):
        return missing
    if not shown and not is_counted:
        # A journal that lags shows nothing: that is found out by one of the symbols.
        symbols = sorted({row.execution.symbol for row in missing if row.execution})
        symbol = symbols[looks % len(symbols)]
        some = [r for r in missing if r.execution and r.execution.symbol == symbol]
        left = absorb(lane, some, anywhere(lane, some))
        if len(left) == len(some):
            return missing
        found = {row.seq for row in some} - {row.seq for row in left}
        missing = [row for row in missing if row.seq not in found]
    return absorb(lane, missing, anywhere(lane, missing)) if missing else []


def in_turn(lane: Lane, rows: Sequence[Row]) -> list[Row]:
    """
    Return *rows*, and what equals one of them and is under way, in the order of claim.

    What an import has stored comes before what it may have stored, and that before
    what is about to be sent; an earlier import comes before a later one.
    """
    certainty = (State.IMPORTED, State.SENT, State.RECORDED)
    found = {row.seq: row for row in rows}
    for row in lane.one_by_one(rows):
        for other in lane.outbox.equals(row.execution) if row.execution else ():
            if other.journal_id is None and other.state.is_under_way:
                found.setdefault(other.seq, other)
    return sorted(
        found.values(),
        key=lambda r: (certainty.index(r.state), r.import_id or 0, in_order(r)),
    )


def absorb(lane: Lane, rows: Sequence[Row], found: Iterable[Found]) -> list[Row]:
    """
    Store the links *found* for *rows*; return the rows without one.

    What waits for a person now, since an equal execution is somebody else's, is not
    among them.
    """
    proven, parked = foreign.set_equals_aside(lane, rows, found)
    links = {f.key: f.journal_id for f in proven}
    known = [row for row in rows if row.key in links]
    for piece in lane.pieces(known):
        with lane.write() as writer:
            for row in piece:
                writer.link(row, links[row.key], now=lane.clock())
    return [row for row in rows if row.key not in links and row.seq not in parked]


def expected_of(lane: Lane, rows: Sequence[Row]) -> list[Expected]:
    """Return what should stand in the journal for the trades of *rows*."""
    wanted = {row.seq for row in rows}
    trades = lane.outbox.of_trades(dict.fromkeys(row.trade_id for row in rows))
    found = []
    for known in trades.values():
        sent = [
            r.execution
            for r in known
            if r.execution
            and (r.state.is_under_way or r.state.is_read_back or r.seq in wanted)
        ]
        expected = Expected.of(known[0].account_tag if known else None, sent)
        if expected is not None:
            found.append(expected)
    return found


def in_our_list(lane: Lane, rows: Sequence[Row]) -> list[Found]:
    """Look for *rows* (of one account tag) among the trades with our tag."""
    wanted = expected_of(lane, rows)
    tag = lane.tag_of(rows[0])
    listed = list_between(lane, [w.entry.executed_at for w in wanted], tag=tag)
    found = in_list(wanted, listed, claimed_by_others(lane, wanted, listed))
    # What a list cannot tell apart, the executions of its trades do.
    several = {want.trade_id for want in wanted if not want.is_plain}
    some = [row for row in rows if row.trade_id in several]
    found += in_fills(lane, some, listed, tag) if some else []
    foreign.warn_of_strangers(lane, listed, found)
    return found


def in_fills(
    lane: Lane, rows: Sequence[Row], listed: Sequence[JournalTrade], tag: str
) -> list[Found]:
    """Look for *rows* in the executions of those *listed* that could hold them."""
    missing = [row.execution for row in rows if row.execution]
    fills = {i: lane.client.executions(i) for i in to_read(lane, missing, listed)}
    ours = {row.id for row in listed if tag in row.tags}
    return in_executions(
        missing, fills, taken_by(lane.outbox, lane.one_by_one(missing)), ours
    )


def to_read(
    lane: Lane, missing: Sequence[Execution], listed: Sequence[JournalTrade]
) -> list[int]:
    """
    Return which of the *listed* trades could hold what is *missing*.

    Of what retention has removed it is only known where it stands, with an entry and
    an exit at least: nothing else is in a trade that has no more.
    """
    worth = worth_reading(missing, listed)
    own = {execution.trade_id for execution in missing}
    claims = {i: trades - own for i, trades in lane.outbox.claimed(worth).items()}
    kept = lane.outbox.of_trades({one for some in claims.values() for one in some})
    removed = {i: sum(not kept[one] for one in some) for i, some in claims.items()}
    sizes = {row.id: row.exec_count for row in listed}
    return [i for i in worth if not removed.get(i) or sizes.get(i, 0) > 2 * removed[i]]


def taken_by(
    outbox: Outbox, missing: Iterable[Execution]
) -> list[tuple[int, Execution]]:
    """Return where those stand that are equal to what is *missing*."""
    taken = {
        other.key: (other.journal_id, other.execution)
        for execution in missing
        for other in outbox.equals(execution)
        if other.journal_id is not None and other.execution is not None
    }
    return list(taken.values())


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
        where = TradeFilter(symbol=symbol, end=new_york_day(latest))
        tag, others = lane.tag_of(some[0]), tags_of_equals(lane, some)
        # What stands under the tag of an equal execution is that one's, even before it
        # is linked: an import that was unknown may have come late.
        listed = [
            row
            for row in lane.client.list_trades(where)
            if tag in row.tags or others.isdisjoint(row.tags)
        ]
        seen = in_list(wanted, listed, claimed_by_others(lane, wanted, listed))
        keys = {f.key for f in seen}
        missing = [r.execution for r in some if r.execution and r.key not in keys]
        found += seen
        if missing:
            taken_whole = {f.journal_id for f in seen}
            candidates = [
                i for i in to_read(lane, missing, listed) if i not in taken_whole
            ]
            fills = {i: lane.client.executions(i) for i in candidates}
            ours = {row.id for row in listed if tag in row.tags}
            found += in_executions(
                missing, fills, taken_by(lane.outbox, lane.one_by_one(missing)), ours
            )
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
    days = [new_york_day(moment) for moment in openings]
    where = TradeFilter(all_tags=(tag,), start=min(days), end=max(days))
    return list(lane.client.list_trades(where))


def claimed_by_others(
    lane: Lane, wanted: Iterable[Expected], listed: Iterable[JournalTrade]
) -> set[int]:
    """Return which of the *listed* trades stand for other host trades."""
    ours = {want.trade_id for want in wanted}
    claims = lane.outbox.claimed([row.id for row in listed])
    return {journal_id for journal_id, trades in claims.items() if trades - ours}


def exits_alone(lane: Lane, entry: Row, *, is_unsure: bool) -> list[Found]:
    """
    Look for what stands in the journal of a trade of which the *entry* was refused.

    *is_unsure*: the import that failed may have stored its other rows.
    """
    rows = lane.outbox.of_trades([entry.trade_id])[entry.trade_id]
    some = [
        row
        for row in rows
        if row.seq != entry.seq and row.may_be_stored and (is_unsure or row.unsure)
    ]
    return anywhere(lane, some) if some else []


def found_again(lane: Lane, rows: Sequence[Row]) -> list[Row]:
    """
    Look for *rows* whose journal trade is gone; return those that are nowhere.

    Somebody may have merged or split trades: executions keep, ids do not.
    """
    return absorb(lane, rows, anywhere(lane, rows)) if rows else []

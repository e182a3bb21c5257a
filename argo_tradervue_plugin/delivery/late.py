"""
The look at the journal before an execution that goes without its entry.

An exit by itself opens a position of the wrong side where nothing is open any more:
people close, delete, merge and split what stands in their journal.
"""

from collections.abc import Iterable, Sequence

import attrs

from argo_tradervue_plugin.delivery import linker, transitions
from argo_tradervue_plugin.delivery.grouping import tags_without_effect
from argo_tradervue_plugin.delivery.holdings import Holdings
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.matching.standing import (
    Answer,
    Look,
    Missing,
    Send,
    Standing,
    Stands,
    Waits,
    answers,
)
from argo_tradervue_plugin.model.executions import Execution, Key, Kind
from argo_tradervue_plugin.model.journal import JournalTrade, TradeFilter
from argo_tradervue_plugin.model.reasons import code_of, reason
from argo_tradervue_plugin.outbox.records import Row, State, Transition

__all__ = ["opens", "position_of", "sendable"]


def sendable(lane: Lane, rows: Sequence[Row]) -> Sequence[Row]:
    """
    Return those of the due *rows* that can be sent as they are.

    Of the others it is decided what becomes of them: one goes under another account
    tag, one stands there already, one waits for a person.
    """
    late, known = without_their_entries(lane, rows)
    if not late:
        return rows
    holdings = Holdings(lane)
    holdings.prepare([entry_of(known[trade_id]) for trade_id in late])
    gone: set[int] = set()
    for trade_id, due in late.items():
        for row, answer in decided(holdings, known[trade_id], due):
            if not (isinstance(answer, Send) and answer.account_tag == row.account_tag):
                gone.add(row.seq)
                act(holdings, trade_id, row, answer)
    return [row for row in rows if row.seq not in gone]


def position_of(row: Row) -> str:
    """Return the trade whose position an execution opens or closes."""
    return row.execution.position if row.execution else row.trade_id


def without_their_entries(
    lane: Lane, rows: Sequence[Row]
) -> tuple[dict[str, list[Row]], dict[str, list[Row]]]:
    """
    Return what of *rows* adds to a trade that stands in the journal, by that trade.

    With it come all executions of these trades, and those of others that close them.
    """
    going = {row.seq for row in rows}
    # What begins with these rows is not in the journal yet: most are such.
    begun = {row.trade_id for row in rows if opens(row) and row.part == 1}
    positions = [
        position for row in rows if (position := position_of(row)) not in begun
    ]
    if not positions:
        return {}, {}
    known = of_positions(lane, dict.fromkeys(positions))
    standing = {
        trade_id
        for trade_id, some in known.items()
        if any(opens(row) and row.journal_id is not None for row in some)
        and any(opens(row) and row.seq not in going for row in some)
    }
    late: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (not opens(row), row.kind, row.part)):
        if position_of(row) in standing:
            late.setdefault(position_of(row), []).append(row)
    return late, known


def of_positions(lane: Lane, trade_ids: Iterable[str]) -> dict[str, list[Row]]:
    """Return the executions of trades, and those of others that close them."""
    ids = list(trade_ids)
    closers = lane.outbox.closers_of(ids)  # the setting may have been another then
    return {
        trade_id: [row for row in rows if position_of(row) == trade_id]
        + closers.get(trade_id, [])
        for trade_id, rows in lane.outbox.of_trades(ids).items()
    }


def opens(row: Row) -> bool:
    """Tell whether an execution opens a position of its trade, or adds to it."""
    return row.execution.opens if row.execution else row.kind is Kind.ENTRY


def entry_of(rows: Sequence[Row]) -> Row:
    """Return the first entry of a trade that was read back."""
    return next(row for row in rows if opens(row) and row.journal_id is not None)


def decided(
    holdings: Holdings, rows: Sequence[Row], due: Sequence[Row]
) -> list[tuple[Row, Answer]]:
    """Return what is to be done with what is *due* of the trade of *rows*."""
    executions = [row.execution for row in due if row.execution]
    look = look_at(holdings, rows, due)
    lost = lost_ones(holdings, look, rows)
    # Executions keep, ids of trades do not: somebody may have merged or split some.
    if lost and len(linker.found_again(holdings.lane, lost)) < len(lost):
        trade_id = rows[0].trade_id
        rows = of_positions(holdings.lane, [trade_id])[trade_id]
        look = look_at(holdings, rows, due)
    if look is None:
        return [(row, Missing()) for row in due]
    if lost or any(code_of(row.reason) == "retried" for row in due):
        # Who moved executions may have left some under the same account tag.
        look = attrs.evolve(look, apart=open_beside(holdings, look, executions[0]))
    found = answers(look, executions, due[0].account_tag)
    return list(zip(due, found, strict=True))


def lost_ones(holdings: Holdings, look: Look | None, rows: Sequence[Row]) -> list[Row]:
    """Return what of a trade is not where it was read back."""
    linked = [row for row in rows if row.journal_id is not None]
    if look is None:
        return linked
    missing = {execution.key for execution in look.standing.missing}
    return [
        row
        for row in linked
        if row.key in missing or holdings.trade(row.journal_id or 0) is None
    ]


def look_at(holdings: Holdings, rows: Sequence[Row], due: Sequence[Row]) -> Look | None:
    """Return what the journal trade of an entry holds, None where it is gone."""
    trade = holdings.trade(entry_of(rows).journal_id or 0)
    if trade is None:
        return None
    standing = holdings.standing(trade, rows, due)
    shown = {held.ours.key for held in standing.own}
    waiting = {row.seq for row in due}
    return Look(
        journal_id=trade.id,
        standing=standing,
        tags=tags_in(holdings, trade, rows, due[0].account_tag),
        unseen=tuple(
            row.execution
            for row in rows
            if row.execution
            and not opens(row)
            and row.state.is_under_way
            and row.key not in shown
            and row.seq not in waiting
        ),
        whole=whole_ones(holdings, standing, rows),
        apart=apart_in(holdings, rows, trade.id),
    )


def apart_in(
    holdings: Holdings, rows: Sequence[Row], journal_id: int
) -> tuple[int, ...]:
    """Return the other open journal trades in which executions of a trade stand."""
    ids = {row.journal_id for row in rows} - {None, journal_id}
    found = [holdings.trade(i) for i in sorted(i for i in ids if i is not None)]
    return tuple(trade.id for trade in found if trade is not None and trade.open)


def open_beside(
    holdings: Holdings, look: Look, execution: Execution
) -> tuple[int, ...]:
    """Return the other journal trades that are open under the account tag of *look*."""
    if not look.tags or len(look.tags) > 1:
        return look.apart
    where = TradeFilter(symbol=execution.symbol, all_tags=look.tags)
    listed = holdings.lane.client.list_trades(where)
    found = {row.id for row in listed if row.open} - {look.journal_id}
    return tuple(sorted(found | set(look.apart)))


def tags_in(
    holdings: Holdings, trade: JournalTrade, rows: Sequence[Row], planned: str
) -> tuple[str, ...] | None:
    """Return the account tags of ours in *trade*, None where they separate nothing."""
    lane = holdings.lane
    # What was sent without an account tag has ours as an ordinary one.
    if not (lane.settings.account_tags and entry_of(rows).account_tag):
        return None
    tags = holdings.tags(trade, planned)
    if not tags and tags_without_effect(lane, entry_of(rows)):
        return None
    return tags


def whole_ones(holdings: Holdings, standing: Standing, rows: Sequence[Row]) -> set[Key]:
    """
    Return of which executions that show a part the rest stands in another trade.

    Without account tags positions net, and that is what the operator chose.
    """
    if holdings.lane.settings.account_tags and entry_of(rows).account_tag:
        return set()
    return holdings.crossing(standing, rows)


def act(holdings: Holdings, trade_id: str, row: Row, answer: Answer) -> None:
    """Do what was decided of an execution in *trade_id* that is not sent as it is."""
    lane = holdings.lane
    journal_id = entry_of(of_positions(lane, [trade_id])[trade_id]).journal_id
    if isinstance(answer, Send):
        with lane.write() as writer:
            writer.redirect([row], answer.account_tag)
        log.info(
            "tradervue.account_tag_changed kind=%s trade=%s journal=%s account_tag=%s: "
            "it goes where its entry stands",
            row.kind,
            row.trade_id,
            journal_id,
            answer.account_tag,
        )
    elif isinstance(answer, Stands) and journal_id is not None:
        with lane.write() as writer:
            writer.link(row, journal_id, now=lane.clock())
        log.info(
            "tradervue.entered_by_hand kind=%s trade=%s journal=%s: an equal execution "
            "stands there, and ours is not sent",
            row.kind,
            row.trade_id,
            journal_id,
        )
    elif isinstance(answer, Waits):
        trade = holdings.trade(journal_id or 0)
        is_open = (trade is None or trade.open) and not opens(row)
        left_open = position_of(row) if is_open else None
        why = reason(answer.code, answer.detail)
        transitions.park_alone(lane, row, why, left_open)
    else:
        park_deleted(lane, trade_id, row)


def park_deleted(lane: Lane, trade_id: str, due: Row) -> None:
    """Leave a trade that somebody deleted in the journal to a person, and *due*."""
    rows = {row.seq: row for row in (*lane.outbox.of_trades([trade_id])[trade_id], due)}
    some = [row for row in rows.values() if not row.state.is_left_out]
    change = Transition(
        state=State.QUARANTINED,
        rows=some,
        reason=linker.DELETED,
        # Else it was said with another execution of the trade.
        is_news=due.trade_id != trade_id or any(row.journal_id for row in some),
    )
    with lane.write() as writer:
        writer.apply(change, now=lane.clock())

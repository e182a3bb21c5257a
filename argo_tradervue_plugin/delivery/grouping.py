"""
How Tradervue, or a person, has grouped what we sent: into which trades of the journal.

What is grouped otherwise than the host recorded it is an outcome of the trade. What
concerns the account as a whole is said once a day.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from argo_tradervue_plugin.delivery.foreign import DAY, result_of
from argo_tradervue_plugin.delivery.holdings import Holdings
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.matching.standing import overlap, pause_between
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.journal import JournalTrade
from argo_tradervue_plugin.model.records import Difference
from argo_tradervue_plugin.outbox.records import Outcome, Row, State, TradeRow

__all__ = ["JOINED", "executions_of", "note_grouping", "tags_without_effect"]

JOINED: Final = frozenset({"joined"})
HOUR: Final = 3600.0
# Hours after which a re-entry is continued by no account as it comes. Tradervue does
# not publish its limit; some minutes were seen.
SHORT: Final = 0.25


def note_grouping(
    lane: Lane,
    trade: TradeRow,
    rows: Sequence[Row],
    standing: JournalTrade,
    known: Iterable[Outcome],
) -> None:
    """
    Note how the trade of *rows* is grouped in the journal.

    *standing* is its journal trade as it was just read, *known* are its outcomes.
    """
    joined: list[Difference] = []
    # Without account tags netting is what the operator chose.
    if lane.settings.account_tags and trade.account_tag:
        note_tags(lane, rows, standing)
        others = [] if holds_only(standing, rows) else neighbours(lane, rows, standing)
        if detail := "; ".join((*scattered(rows), *others)):
            alone = "a journal trade of its own"
            joined = [Difference(code="joined", host=alone, sent=detail)]
    if not joined and not any(outcome.code in JOINED for outcome in known):
        return
    with lane.write() as writer:
        news = writer.set_outcomes(
            trade.trade_id, joined, among=JOINED, now=lane.clock()
        )
    for each in joined:
        if each.code in news:
            log.warning(
                "tradervue.joined symbol=%s trade=%s journal=%s code=%s: %s; split or "
                "merge it in Tradervue, or accept it",
                trade.symbol,
                trade.trade_id,
                trade.journal_id,
                each.code,
                each.sent,
            )


def holds_only(standing: JournalTrade, rows: Iterable[Row]) -> bool:
    """Tell whether a journal trade holds what we read there, and nothing else."""
    here = [r.execution for r in rows if r.execution and r.journal_id == standing.id]
    volume = sum(abs(execution.quantity) for execution in here)
    return (standing.exec_count, standing.volume) == (len(here), volume)


def scattered(rows: Iterable[Row]) -> list[str]:
    """Return in words where a trade stands that is in several journal trades."""
    own = [row for row in rows if not (row.execution and row.execution.closes)]
    ids = sorted({row.journal_id for row in own if row.journal_id is not None})
    if len(ids) < 2:  # noqa: PLR2004 - several
        return []
    return ["its executions are in journal trades " + " and ".join(map(str, ids))]


def neighbours(lane: Lane, rows: Sequence[Row], standing: JournalTrade) -> list[str]:
    """Return in words what does not belong into the journal trade of *rows*."""
    own = executions_of(rows)
    if not own:
        return []  # it was deleted there, or given up
    holdings = Holdings(lane)
    held = holdings.standing(standing, rows)
    claimants = lane.outbox.claimed([standing.id]).get(standing.id, set())
    ids = {each.ours.trade_id for each in held.others} | claimants
    trades = lane.outbox.of_trades(ids - {rows[0].trade_id})
    found = []
    # What a trade consisted of that was finished and forgotten, nothing tells any more.
    if held.foreign and all(trades.values()):
        found.append(
            f"journal trade {standing.id} holds {len(held.foreign)} execution(s) that "
            "are not ours"
        )
    if holdings.crossing(held, [row for row in rows if row.journal_id == standing.id]):
        found.append(
            f"journal trade {standing.id} holds a part of an execution, another the "
            "rest"
        )
    # What closes each other, because the host means it so, is joined on purpose.
    pairs = {execution.closes for execution in own}
    others = {
        trade_id: executions
        for trade_id, some in trades.items()
        if (executions := executions_of(some))
        and trade_id not in pairs
        and all(e.closes != rows[0].trade_id for e in executions)
    }
    joined = sorted(i for i, each in others.items() if overlap(own, each))
    if joined:
        names = " and ".join(joined)
        found.append(f"journal trade {standing.id} is that of {names}, too")
    if found:
        check_again(lane, trades)
    for trade_id in others.keys() - set(joined):
        is_merged = len(holdings.tags(standing, rows[0].account_tag)) > 1
        pause = pause_between(own, others[trade_id])
        note_continued(lane, standing.id, pause, is_merged=is_merged)
    return found


def executions_of(rows: Iterable[Row]) -> list[Execution]:
    """Return of what a trade consists in the journal, now or soon."""
    return [r.execution for r in rows if r.execution and not r.state.is_left_out]


def check_again(lane: Lane, trades: Mapping[str, Sequence[Row]]) -> None:
    """Let the other *trades* of ours in a journal trade learn with what they share."""
    known = lane.outbox.outcomes_of(trades)
    news = [
        trade_id
        for trade_id, rows in trades.items()
        if any(row.journal_id is not None for row in rows)
        and not any(outcome.code in JOINED for outcome in known.get(trade_id, ()))
    ]
    with lane.write() as writer:
        for trade_id in news:
            writer.wants_notes(trade_id)


def note_continued(
    lane: Lane, journal_id: int, pause: float, *, is_merged: bool
) -> None:
    """Say that Tradervue took one trade of ours to be another's continuation."""
    hours = lane.settings.slot_cooldown_hours
    if pause > max(hours, SHORT) * HOUR and not is_merged:
        say(
            lane,
            logging.WARNING,
            "merges_everything",
            "tradervue.merges journal=%d: trades %.1f hours apart are one there, in "
            "spite of slot_cooldown_hours=%g; Tradervue is set to merge all trades of "
            "a symbol, or account tags have no effect",
            (journal_id, pause / HOUR, hours),
        )
        return
    say(
        lane,
        logging.INFO,
        "continued",
        "tradervue.continued journal=%d: Tradervue continued a trade with the next in "
        "its symbol; a larger slot_cooldown_hours than %g keeps them apart",
        (journal_id, hours),
    )


def note_tags(lane: Lane, rows: Sequence[Row], standing: JournalTrade) -> None:
    """Say that account tags have no effect, where an import of ours shows it."""
    entry = next((r for r in rows if (r.kind, r.part) == (Kind.ENTRY, 1)), None)
    if entry is None or entry.state is not State.LINKED:
        return  # a person may have taken it away since
    holdings = Holdings(lane)
    if holdings.tags(standing, entry.account_tag) or not is_stored(lane, entry):
        return
    say(
        lane,
        logging.WARNING,
        "tags_without_effect",
        "tradervue.account_tags journal=%d: it was sent with an account tag and has "
        'none; the plan may not have them. Set "account_tags": false',
        (standing.id,),
    )


def is_stored(lane: Lane, row: Row) -> bool:
    """Tell whether an import of ours is known to have stored *row*."""
    result = result_of(lane, row)
    return bool(result and result.error is None and not result.duplicate_count)


def tags_without_effect(lane: Lane, entry: Row) -> bool:
    """Tell whether the journal trade of *entry* has no tag because none has."""
    said_at = lane.outbox.noticed_at("tags_without_effect")
    return (
        said_at is not None
        and said_at > entry.updated_at - DAY
        and is_stored(lane, entry)
    )


def say(
    lane: Lane, level: int, code: str, text: str, facts: Collection[object]
) -> None:
    """Say something of the account, at most once a day."""
    with lane.write() as writer:
        is_news = writer.notice(code, now=lane.clock(), pause=DAY)
    if is_news:
        log.log(level, text, *facts)

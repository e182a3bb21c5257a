"""
What in the journal did not come with an import of ours, and must not be taken for it.

An exit that a person, or another program, has entered closes their trade and not ours.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.errors import NotFound
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.journal.executions import Kind, whole_second
from argo_tradervue_plugin.journal.matching import Found
from argo_tradervue_plugin.journal.reasons import code_of, reason, sentence
from argo_tradervue_plugin.journal.standing import our_tags
from argo_tradervue_plugin.outbox.interface import Row, State
from argo_tradervue_plugin.tradervue.models import ImportResult, JournalTrade

__all__ = ["DAY", "results_of", "set_equals_aside", "warn_of_strangers"]

DAY: Final = 86_400.0  # seconds; what is said of the account is said once in them


def results_of(lane: Lane, rows: Iterable[Row]) -> dict[int, ImportResult | None]:
    """Return the result of the last import of each of *rows*; None: it is unknown."""
    ids = {row.import_id for row in rows if row.import_id is not None}
    found: dict[int, ImportResult | None] = dict.fromkeys(ids)
    for import_id, known in lane.outbox.imports_of(ids).items():
        result = json.loads(known.outcome or "{}").get("result")
        found[import_id] = result and ImportResult(**result)
    return found


def set_equals_aside(
    lane: Lane, rows: Sequence[Row], found: Iterable[Found]
) -> tuple[list[Found], set[int]]:
    """
    Return those *found* that prove one of *rows*, and the rows that wait for a person.

    An exit that is equal to ours, foreign, and in another journal trade than the entry
    proves nothing: it closes that trade, and ours stays open.
    """
    kept, parked = list(found), set[int]()
    if not lane.settings.account_tags:
        return kept, parked  # netting is what the operator chose
    places = {f.key: f.journal_id for f in kept}
    for row in rows:
        where = places.get(row.key)
        if row.kind is not Kind.EXIT or where is None:
            continue
        entered = places.get((row.trade_id, Kind.ENTRY, 1))
        if entered != where and is_foreign(lane, row, where, entered):
            kept = [f for f in kept if f.key != row.key]
            if says_that_it_exists(lane, row):
                park(lane, row, where)
                parked.add(row.seq)
    return kept, parked


def is_foreign(lane: Lane, row: Row, where: int, entered: int | None) -> bool:
    """
    Tell whether an exit of ours cannot be what stands in journal trade *where*.

    That trade is none of ours, the trade of the entry is, and ours was never sent, or
    the outcome of its import is known.
    """
    entries = lane.outbox.of_trades([row.trade_id])[row.trade_id]
    places = {r.journal_id for r in entries if r.kind is Kind.ENTRY} | {entered}
    if where in places or places == {None} or lane.outbox.claimed([where]):
        return False
    is_known = row.import_id is None or None not in results_of(lane, [row]).values()
    if not is_known or (row.import_id is not None and row.attempts):
        return False
    home = next(place for place in places if place is not None)
    return not carries_ours(lane, row, where) and carries_ours(lane, row, home)


def carries_ours(lane: Lane, row: Row, journal_id: int) -> bool:
    """Tell whether a journal trade has an account tag of ours."""
    try:
        tags = lane.client.trade(journal_id).tags
    except NotFound:
        return False
    return bool(our_tags(tags, lane.settings.account_tag, row.account_tag))


def says_that_it_exists(lane: Lane, row: Row) -> bool:
    """
    Tell whether an equal execution keeps ours from the journal.

    Either Tradervue took ours for a duplicate, or it is one of several equal ones of
    ours, and was not sent. Where a person said that it is to be sent, it is.
    """
    if row.import_id is None:
        return code_of(row.reason) != "retried"
    results = results_of(lane, [row]).values()
    return any(result is not None and result.duplicate_count for result in results)


def park(lane: Lane, row: Row, where: int) -> None:
    """Leave an exit to a person of which an equal one is in another journal trade."""
    why = reason("equal_exists", f"journal trade {where}")
    log.error(
        "tradervue.quarantined kind=%s trade=%s symbol=%s reason=%s: look at the "
        "journal, then retry or discard it",
        row.kind,
        row.trade_id,
        row.execution and row.execution.symbol,
        sentence(why),
    )
    with lane.write() as writer:
        now = lane.clock()
        writer.move([row], State.QUARANTINED, now=now, reason=why, is_unsent=True)
        writer.reopen_trade(row.trade_id)


def warn_of_strangers(
    lane: Lane, listed: Sequence[JournalTrade], found: Iterable[Found]
) -> None:
    """Warn of trades *listed* under a tag of ours that this outbox never sent."""
    known = {f.journal_id for f in found} | set(
        lane.outbox.claimed([trade.id for trade in listed])
    )
    by_symbol: defaultdict[str, list[JournalTrade]] = defaultdict(list)
    for trade in listed:
        if trade.id not in known and trade.exec_count and trade.started_at:
            by_symbol[trade.symbol.upper()].append(trade)
    strangers: list[int] = []
    for symbol, trades in by_symbol.items():
        moments = {t.id: whole_second(t.started_at) for t in trades if t.started_at}
        rows = lane.outbox.sent_at(symbol, moments.values())
        ours = {row.execution.executed_at for row in rows if row.execution}
        strangers += [i for i, moment in moments.items() if moment not in ours]
    if not strangers:
        return
    with lane.write() as writer:
        is_news = writer.notice("strangers", now=lane.clock(), pause=DAY)
    if is_news:
        log.warning(
            "tradervue.strangers journal=%d count=%d: under our account tag are trades "
            "that this outbox never sent; does another outbox forward into this "
            "account? Relink them, or give it an account tag of its own",
            strangers[0],
            len(strangers),
        )

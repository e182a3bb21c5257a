"""
What in the journal did not come with an import of ours, and must not be taken for it.

An exit that a person, or another program, has entered closes their trade and not ours.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from argo_tradervue_plugin.delivery import transitions
from argo_tradervue_plugin.delivery.claimed import without_claimants
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.errors import NotFound
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.matching.locate import Found
from argo_tradervue_plugin.matching.standing import our_tags
from argo_tradervue_plugin.model.executions import Kind, whole_second
from argo_tradervue_plugin.model.journal import ImportResult, JournalTrade
from argo_tradervue_plugin.model.reasons import code_of, reason
from argo_tradervue_plugin.outbox.records import Row

__all__ = ["DAY", "result_of", "set_equals_aside", "warn_of_strangers"]

DAY: Final = 86_400.0  # seconds; what is said of the account is said once in them


def result_of(lane: Lane, row: Row) -> ImportResult | None:
    """Return what Tradervue said of the last import of *row*; None: it is unknown."""
    if row.import_id is None:
        return None
    known = lane.outbox.imports_of([row.import_id]).get(row.import_id)
    result = json.loads((known and known.outcome) or "{}").get("result")
    return result and ImportResult(**result)


def set_equals_aside(
    lane: Lane, rows: Sequence[Row], found: Iterable[Found]
) -> tuple[list[Found], set[int]]:
    """
    Return those *found* that prove one of *rows*, and the rows that wait for a person.

    An exit that is equal to ours, foreign, and in another journal trade than the entry
    proves nothing: it closes that trade, and ours stays open.
    """
    kept, parked = without_claimants(lane, found), set[int]()
    places = {f.key: f.journal_id for f in kept}
    for row in rows:
        where = places.get(row.key)
        if row.kind is not Kind.EXIT or where is None:
            continue
        entered = places.get((row.trade_id, Kind.ENTRY, 1))
        if entered != where and is_foreign(lane, row, where, entered):
            kept = [f for f in kept if f.key != row.key]
            if says_that_it_exists(lane, row):
                why = reason("equal_exists", f"journal trade {where}")
                transitions.park(lane, row, why, is_unsent=True)
                parked.add(row.seq)
    return kept, parked


def is_foreign(lane: Lane, row: Row, where: int, entered: int | None) -> bool:
    """
    Tell whether an exit of ours cannot be what stands in journal trade *where*.

    That trade is none of ours, and ours was never sent, or Tradervue took it for a
    duplicate of what no import of ours held, or must have stored it with its entry.
    """
    rows = lane.outbox.of_trades([row.trade_id])[row.trade_id]
    homes = {r.journal_id for r in rows if r.kind is Kind.ENTRY} | {entered}
    homes.discard(None)
    if where in homes or not homes or lane.outbox.claimed([where]):
        return False
    if carries_ours(lane, row, where):
        return False
    if row.import_id is None:
        return True
    result = result_of(lane, row)
    if row.unsure or result is None:
        return False  # an import of unknown outcome may have held it
    has_place = any(carries_ours(lane, row, home) for home in homes if home)
    return bool(result.duplicate_count) or (lane.settings.account_tags and has_place)


def carries_ours(lane: Lane, row: Row, journal_id: int) -> bool:
    """Tell whether a journal trade has a tag that our imports give."""
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
    result = result_of(lane, row)
    return result is not None and bool(result.duplicate_count)


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

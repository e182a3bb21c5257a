"""
What an outbox of an older version holds, made into records.

Version 3 keeps what a host has recorded of a trade apart from its executions. Nothing
that an older version has sent, or has forgotten since, may be sent again: each of its
trades gets a record by which its events are known.
"""

import json
from itertools import groupby
from operator import itemgetter

from argo_tradervue_plugin.journal.executions import EventKind
from argo_tradervue_plugin.journal.plan import Sent, recorded
from argo_tradervue_plugin.journal.records import (
    TradeRecord,
    as_text,
    host_id_in,
    stored_id,
    with_identity,
)
from argo_tradervue_plugin.journal.trades import TradeSnapshot, read
from argo_tradervue_plugin.outbox.interface import NOTHING_TOLD
from argo_tradervue_plugin.outbox.rows import Connection

__all__ = ["make_records"]

MAKE = """
INSERT INTO records (trade_id, host_id, recorded_at, facts, finished)
VALUES (?, ?, ?, ?, ?)
"""


def make_records(connection: Connection) -> None:
    """Make the records of every trade that version 2 knew, forgotten ones included."""
    rows = connection.execute(
        "SELECT trade_id, kind, payload, recorded_at FROM upgraded "
        "ORDER BY trade_id, kind"
    ).fetchall()
    known = [
        (record.trade_id, record.host_id, min(r[3] for r in some), text, False)
        for trade_id, group in groupby(rows, key=itemgetter(0))
        if (some := list(group)) and (record := record_of(trade_id, some))
        for text in [as_text(record)]
    ]
    connection.executemany(MAKE, known)
    forgotten = connection.execute(
        "SELECT trade_id, identity, entry_at FROM trades WHERE finished IS NOT NULL"
    ).fetchall()
    records = [
        (identified(trade_id, identity or ""), at)
        for trade_id, identity, at in forgotten
    ]
    connection.executemany(
        MAKE,
        [(r.trade_id, r.host_id, float(at), as_text(r), True) for r, at in records],
    )
    connection.execute("DROP TABLE upgraded")


def record_of(trade_id: str, rows: list[tuple[str, str, str, float]]) -> TradeRecord:
    """Return the record of a trade whose executions an older version kept."""
    payloads = {kind: payload for _, kind, payload, _ in rows}
    snapshots = [read(p) for p in payloads.values() if p != NOTHING_TOLD]
    record = TradeRecord(trade_id=trade_id, host_id=host_id_of(trade_id, snapshots))
    for kind in (EventKind.ENTRY, EventKind.EXIT):
        payload = payloads.get(kind, NOTHING_TOLD)
        if payload != NOTHING_TOLD:
            record, _ = recorded(record, kind, payload, Sent())
    return record


def host_id_of(trade_id: str, snapshots: list[TradeSnapshot]) -> str:
    """Return the host's id of a trade, which another one of that id may have too."""
    ids = [each.id for each in snapshots if each.id is not None]
    return stored_id(ids[0]) if ids else host_id_in(trade_id)


def identified(trade_id: str, identity: str) -> TradeRecord:
    """
    Return the record of a forgotten trade.

    *identity* is its symbol, side and time of entry as the host wrote them, with bars
    between; empty for one that was found in the journal alone.
    """
    record = TradeRecord(trade_id=trade_id, host_id=host_id_of(trade_id, []))
    rest, _, entered_at = identity.rpartition("|")
    symbol, _, side = rest.rpartition("|")
    trade = read(
        json.dumps(
            {"symbol": symbol, "signal_type": side, "entry_timestamp": entered_at}
        )
    )
    return with_identity(record, EventKind.EXIT, trade)

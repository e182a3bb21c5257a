"""
What an outbox of an older version holds, made into records.

Version 3 keeps what a host has recorded of a trade apart from its executions. Nothing
that an older version has sent, or has forgotten since, may be sent again: each of its
trades gets a record by which its events are recognised. What certainly was never sent
is recorded again, so that it is planned by the rules of this version.

A page of trades is in memory at a time, however many there are. It is done once, in the
transaction of the migration; hooks write into their spool meanwhile.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

import attrs

from argo_tradervue_plugin.model.executions import EventKind, Kind
from argo_tradervue_plugin.model.identity import canonical_id, second_id
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.reasons import reason
from argo_tradervue_plugin.model.records import (
    ExitEvent,
    TradeRecord,
    as_text,
    host_id_in,
    stored_id,
    unidentified,
    with_identity,
)
from argo_tradervue_plugin.model.side import Side
from argo_tradervue_plugin.model.snapshot import FIELDS, TradeSnapshot
from argo_tradervue_plugin.outbox.records import NOTHING_RECORDED, State
from argo_tradervue_plugin.outbox.rows import Connection, from_epoch
from argo_tradervue_plugin.planning.legs import Sent
from argo_tradervue_plugin.planning.recording import recorded

__all__ = ["code_for", "make_records"]

Values = tuple[Any, ...]

PAGE: Final = 1000  # executions read at a time
# How an older version named a trade without an id.
WITHOUT_ID: Final = re.compile(r"unidentified-[0-9a-f]{16}")
WAITING: Final = (State.NEW, State.RECORDED, State.SKIPPED, State.QUARANTINED)

# Its reasons, which were sentences, and their codes; the group is what belongs to one.
REASONS: Final = tuple(
    (re.compile(pattern, re.DOTALL), code)
    for pattern, code in (
        ("quantity 0: not filled", "not_filled"),
        ("(cancelled|expired)", ""),
        ("(rejected: .+)", ""),
        ("somebody deleted it in the journal", "deleted"),
        ("deleted in the journal, sent again on request", "resent"),
        ("discarded by a person", "discarded"),
        ("retried by a person", "retried"),
        ("the outcome of the import is unknown", "outcome_unknown"),
        ("over the free plan's monthly quota: .+", "quota"),
        ("imported, but not in the journal", "imported_not_shown"),
        ("not in the journal after (.+)", "not_shown"),
        ("in the journal, but not its notes: (.+)", "notes_refused"),
        ("a fault of the plugin, please report it: (.+)", "fault"),
        ("the Tradervue plan does not take (.+)", "plan_skips"),
        (r"its entry is \w+: (.+)", "entry_waits"),
        (r"([a-z_]+=.+: (?:must|cannot|is) .+)", "senseless"),
        ("(.+)", "refused"),
    )
)
# With one of these an execution may be in the journal all the same.
PERHAPS_SENT: Final = frozenset({"deleted", "not_shown", "notes_refused"})

KEPT: Final = """
SELECT trade_id, kind, payload, recorded_at, state, import_id, journal_id, reason,
       quantity, executed_at, seq
  FROM upgraded WHERE trade_id > :after ORDER BY trade_id, kind LIMIT :page
"""
FORGOTTEN: Final = """
SELECT trade_id, identity, entry_at, exit_at FROM trades
 WHERE trade_id > :after AND finished IS NOT NULL ORDER BY trade_id LIMIT :page
"""
KEEP: Final = """
INSERT INTO records (trade_id, host_id, recorded_at, facts, finished)
VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
EXPLAIN: Final = """
UPDATE executions SET reason = ?, import_id = ?, unsure = ? WHERE seq = ?
"""
RENAME: Final = "UPDATE executions SET trade_id = ? WHERE seq = ?"
RENAME_STEPS: Final = "UPDATE history SET trade_id = ? WHERE trade_id = ? AND kind = ?"
REMOVE: Final = "DELETE FROM executions WHERE seq = ?"
RECORD: Final = """
INSERT INTO inbox (trade_id, kind, identity, payload, recorded_at)
VALUES (?, ?, '', ?, ?)
"""
# What waits in the inbox was recorded later than what was taken out of it.
QUEUE_AGAIN: Final = """
INSERT INTO inbox (trade_id, kind, identity, payload, recorded_at)
SELECT trade_id, kind, identity, payload, recorded_at FROM inbox
 WHERE seq <= :last ORDER BY seq
"""
TAKE_OUT: Final = "DELETE FROM inbox WHERE seq <= :last"


@attrs.frozen
class OldRow:
    """An execution as version 2 kept it; *payload* is what the host recorded of it."""

    trade_id: str
    kind: Kind = attrs.field(converter=Kind)
    payload: str
    recorded_at: float
    state: State = attrs.field(converter=State)
    import_id: int | None
    journal_id: int | None
    reason: str | None
    quantity: str | None
    executed_at: int | None
    seq: int

    @property
    def snapshot(self) -> TradeSnapshot:
        """Return what the host recorded, as this version reads it."""
        return read(self.payload)

    @property
    def is_known_to_host(self) -> bool:
        """Tell whether a host has recorded it; others were found in the journal."""
        return self.payload != NOTHING_RECORDED

    @property
    def code(self) -> str | None:
        """Return its reason as it is stored now."""
        return code_for(self.reason)

    @property
    def last_import(self) -> int | None:
        """Return the import that may have stored it; a refused one has not."""
        code = (self.code or "").partition(":")[0]
        is_refused = self.state is State.BASIC or (
            self.state is State.QUARANTINED and code not in PERHAPS_SENT
        )
        return None if is_refused and self.journal_id is None else self.import_id

    @property
    def is_unsure(self) -> bool:
        """Tell whether its last import may have stored it, whatever that said."""
        waits = self.state in (State.RECORDED, State.QUARANTINED)
        return waits and self.last_import is not None and self.journal_id is None

    @property
    def is_unsent(self) -> bool:
        """Tell whether it certainly was never sent, and may be planned otherwise."""
        return (
            self.state in WAITING
            and self.last_import is None
            and self.journal_id is None
            and self.is_known_to_host
            and self.snapshot.id is not None
        )


def make_records(connection: Connection) -> None:
    """Make the records of every trade that version 2 knew, forgotten ones included."""
    [last] = connection.execute("SELECT max(seq) FROM inbox").fetchone()
    for page in pages(connection, KEPT):
        changes: defaultdict[str, list[Values]] = defaultdict(list)
        rows = [OldRow(*values) for values in page]
        for _, trade in groupby(rows, key=lambda row: row.trade_id):
            for sql, values in changes_for(list(trade)):
                changes[sql].append(values)
        for sql, several in changes.items():
            connection.executemany(sql, several)
    if last is not None:
        for statement in (QUEUE_AGAIN, TAKE_OUT):
            connection.execute(statement, {"last": last})
    for page in pages(connection, FORGOTTEN):
        records = [(identified(*values), float(values[2])) for values in page]
        connection.executemany(KEEP, [kept(*r, is_finished=True) for r in records])
    connection.execute("DROP TABLE upgraded")


def pages(connection: Connection, sql: str) -> Iterator[list[Any]]:
    """Yield rows that begin with a trade's id, those of one trade on one page."""
    after = ""
    while True:
        values = {"after": after, "page": PAGE}
        rows = connection.execute(sql, values).fetchall()
        is_last = len(rows) < PAGE
        if not is_last:  # there may be another row of the last trade
            rows = [row for row in rows if row[0] != rows[-1][0]]
        if rows:
            yield rows
            after = rows[-1][0]
        if is_last:
            return


def changes_for(rows: Sequence[OldRow]) -> Iterator[tuple[str, Values]]:
    """
    Yield what makes a trade of version 2 one of version 3, as SQL and its values.

    It gets its record, and what of it was never sent is recorded again.
    """
    named = [r for r in rows if not r.is_known_to_host or r.snapshot.id is not None]
    for row in rows:
        if row not in named:
            yield from changes_of_nameless(row)
    unsent = [row for row in named if row.is_unsent]
    for row in unsent:
        yield RECORD, (row.trade_id, row.kind, row.payload, row.recorded_at)
    if WITHOUT_ID.fullmatch(rows[0].trade_id):
        # The older version took an id for none, and made one up.
        named = [row for row in named if row not in unsent]
        for row in unsent:
            yield REMOVE, (row.seq,)
    if named:
        yield KEEP, kept(record_of(named), min(row.recorded_at for row in named))
    for row in named:
        news = row.code, row.last_import, row.is_unsure
        if news != (row.reason, row.import_id, False):
            yield EXPLAIN, (*news, row.seq)


def changes_of_nameless(row: OldRow) -> Iterator[tuple[str, Values]]:
    """Yield what makes a case of its own of what has no id: its content names it."""
    payload = padded(row.payload)
    trade_id = unidentified(payload)
    is_missing = "id" not in row.snapshot.faults and row.state is State.QUARANTINED
    why = reason("no_id", 1) if is_missing else row.code
    record = TradeRecord(trade_id=trade_id, host_id=trade_id, entry=payload)
    yield KEEP, kept(record, row.recorded_at)
    yield RENAME, (trade_id, row.seq)
    yield RENAME_STEPS, (trade_id, row.trade_id, row.kind)
    yield EXPLAIN, (why, row.last_import, False, row.seq)


def padded(payload: str) -> str:
    """Return a captured trade with null for each field that is captured since."""
    values = json.loads(payload)
    if not isinstance(values, list):
        return payload
    return payload[:-1] + ",null" * (len(FIELDS) - len(values)) + "]"


def kept(record: TradeRecord, at: float, *, is_finished: bool = False) -> Values:
    """Return the values of :data:`KEEP`."""
    return record.trade_id, record.host_id, at, as_text(record), is_finished


def code_for(sentence: str | None) -> str | None:
    """Return the stored reason for what an older version has stored as a sentence."""
    if sentence is None:
        return None
    for pattern, code in REASONS:
        if found := pattern.fullmatch(sentence):
            detail = found[1] if pattern.groups else ""
            return reason(code, detail) if code else detail
    return sentence


def record_of(rows: Sequence[OldRow]) -> TradeRecord:
    """Return the record of a trade; what of it was not sent is not taken into it."""
    trade_id = rows[0].trade_id
    host_id = host_id_of(trade_id, [r.snapshot for r in rows if r.is_known_to_host])
    record = TradeRecord(trade_id=trade_id, host_id=host_id)
    for row in rows:
        kind = EventKind(row.kind)
        if not row.is_known_to_host:
            record = with_execution(record, row)
        elif row.is_unsent:
            record = with_identity(record, kind, row.snapshot)
        else:
            record, _ = recorded(record, kind, row.payload, Sent())
    return record


def with_execution(record: TradeRecord, row: OldRow) -> TradeRecord:
    """Return *record* with what an entry tells that was found in the journal alone."""
    if row.kind is Kind.EXIT or row.quantity is None or row.executed_at is None:
        return record
    side = Side.LONG if Decimal(row.quantity) > 0 else Side.SHORT
    return attrs.evolve(record, side=side, entered_at=from_epoch(row.executed_at))


def host_id_of(trade_id: str, snapshots: Iterable[TradeSnapshot]) -> str:
    """Return the host's id of a trade, which another one of that id may have too."""
    for each in snapshots:
        if each.id is not None:
            return stored_id(each.id)
    return host_id_in(trade_id)


def identified(
    trade_id: str, identity: str | None, entry_at: int, exit_at: int | None
) -> TradeRecord:
    """
    Return the record of a forgotten trade.

    *identity* is its symbol, side and time of entry as the host wrote them, with bars
    between; empty for one that was found in the journal alone. That it was closed
    tells it from one that was entered at the same time, and waits for its exit.
    """
    identity = identity or ""
    host_id = host_id_of(trade_id, [])
    first = trade_id.rpartition("~")[0]
    if first and identity and second_id(first, identity) != trade_id:
        host_id = stored_id(canonical_id(trade_id) or trade_id)  # it only looks like it
    rest, _, entered_at = identity.rpartition("|")
    symbol, _, side = rest.rpartition("|")
    trade = read(
        json.dumps(
            {
                "symbol": symbol or None,
                "signal_type": side or None,
                "entry_timestamp": entered_at or None,
            }
        )
    )
    exits = () if exit_at is None else (closed_at(from_epoch(exit_at)),)
    record = TradeRecord(
        trade_id=trade_id,
        host_id=host_id,
        entered_at=None if trade.entry_timestamp else from_epoch(entry_at),
        exits=exits,
    )
    return with_identity(record, EventKind.EXIT, trade)


def closed_at(moment: datetime) -> ExitEvent:
    """Return the exit of a forgotten trade, of which only the time is left."""
    return ExitEvent(at=moment, price=Decimal(0))

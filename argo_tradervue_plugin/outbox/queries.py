"""What the outbox answers and changes, in SQL over one open connection."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Protocol, TypeVar

from argo_tradervue_plugin.journal.executions import Execution, Kind
from argo_tradervue_plugin.journal.slots import Span
from argo_tradervue_plugin.outbox.interface import (
    Event,
    ImportRow,
    ImportStage,
    Lease,
    Overlay,
    Row,
    Snapshot,
    State,
    Step,
    TradeRow,
)

__all__ = ["Connection", "Reader", "SqlWriter"]

T = TypeVar("T")

NEVER: Final = 9e15  # Unix seconds

ROW: Final = """
x.seq, x.trade_id, x.kind, x.state, x.account_tag, x.twin, x.import_id, x.journal_id,
x.attempts, x.due_at, x.reason, x.symbol, x.quantity, x.price, x.commission,
x.executed_at
"""

# An exit goes with its entry, or after the journal was seen to hold it: alone it
# would open a position of the wrong side.
ELIGIBLE: Final = """
x.state = 'recorded' AND x.due_at <= :now AND (x.kind = 'entry' OR EXISTS (
  SELECT 1 FROM executions e WHERE e.trade_id = x.trade_id AND e.kind = 'entry'
     AND (e.state IN ('linked', 'synced')
          OR (e.state = 'recorded' AND e.due_at <= :now AND e.twin = x.twin))))
"""

IMPORT: Final = "id, account_tag, allow_duplicates, stage, noted_at, outcome"

# The latest snapshot of what stands in the journal, or would if it were not refused.
TRADE: Final = """
SELECT t.trade_id, t.symbol, t.account_tag, t.entry_at, t.journal_id, t.basic_id,
       t.attempts, x.payload, x.updated_at
  FROM trades t JOIN executions x ON x.seq = (
       SELECT seq FROM executions WHERE trade_id = t.trade_id AND symbol IS NOT NULL
        ORDER BY state IN ('linked', 'synced') DESC, kind = 'exit' DESC LIMIT 1)
"""

# Notes are written once for an entry and an exit that go together. The plus keeps
# SQLite from the index of all trades that were ever linked.
NOTES_DUE: Final = """
t.annotate AND t.due_at <= :now AND +t.journal_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM executions e WHERE e.trade_id = t.trade_id AND e.kind = 'exit'
     AND e.state = 'recorded' AND e.due_at <= :now)
"""


class Cursor(Protocol):
    """What we use of a DB-API cursor."""

    rowcount: int

    def fetchone(self) -> Any:
        """Return the next row, or None."""

    def fetchall(self) -> list[Any]:
        """Return the remaining rows."""


class Connection(Protocol):
    """What we use of a database connection."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Any:
        """Run one statement for each set of parameters."""


def batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield *values* in lists that a statement takes as parameters."""
    rest = list(values)
    for start in range(0, len(rest), 400):
        yield rest[start : start + 400]


def placeholders(values: Iterable[object]) -> str:
    """Return as many question marks as there are *values*."""
    return ",".join("?" for _ in values)


def from_epoch(seconds: int) -> datetime:
    """Return the aware time (UTC) of a stored one."""
    return datetime.fromtimestamp(seconds, UTC)


def as_row(values: Any) -> Row:
    """Return what :data:`ROW` selected."""
    *facts, symbol, quantity, price, commission, executed_at = values
    seq, trade_id, kind, state, tag, twin, import_id, journal_id = facts[:8]
    execution = None
    if symbol is not None:
        execution = Execution(
            trade_id=trade_id,
            kind=Kind(kind),
            symbol=symbol,
            quantity=Decimal(quantity),
            price=Decimal(price),
            executed_at=from_epoch(executed_at),
            commission=None if commission is None else Decimal(commission),
        )
    attempts, due_at, reason = facts[8:]
    return Row(
        seq=seq,
        trade_id=trade_id,
        kind=Kind(kind),
        execution=execution,
        state=State(state),
        account_tag=tag,
        twin=bool(twin),
        import_id=import_id,
        journal_id=journal_id,
        attempts=attempts,
        due_at=due_at,
        reason=reason,
    )


def as_trade(values: Any) -> TradeRow:
    """Return what :data:`TRADE` selected."""
    trade_id, symbol, tag, entry_at, journal_id, basic_id, *rest = values
    attempts, payload, changed_at = rest
    return TradeRow(
        trade_id=trade_id,
        symbol=symbol,
        account_tag=tag,
        entered_at=from_epoch(entry_at),
        payload=payload,
        changed_at=changed_at,
        journal_id=journal_id,
        basic_id=basic_id,
        attempts=attempts,
    )


def as_import(values: Any) -> ImportRow:
    """Return what :data:`IMPORT` selected."""
    import_id, tag, allow_duplicates, stage, noted_at, outcome = values
    return ImportRow(
        id=import_id,
        account_tag=tag,
        allow_duplicates=bool(allow_duplicates),
        stage=ImportStage(stage),
        noted_at=noted_at,
        outcome=outcome,
    )


class Reader:
    """The reading half of :class:`~.interface.Outbox`; see there for each method."""

    def connection(self) -> Connection:
        """Return the calling thread's connection."""
        raise NotImplementedError

    def _all(self, sql: str, parameters: Any = ()) -> list[Any]:
        rows: list[Any] = self.connection().execute(sql, parameters).fetchall()
        return rows

    def _one(self, sql: str, parameters: Any = ()) -> Any:
        return self.connection().execute(sql, parameters).fetchone()

    def _lease(self) -> Lease | None:
        row = self._one("SELECT holder, token, expires_at FROM lease")
        return row and Lease(holder=row[0], token=row[1], expires_at=row[2])

    def lease_free_at(self) -> float:
        """Return when the present lease expires, 0 if there is none."""
        lease = self._lease()
        return lease.expires_at if lease else 0.0

    def lease_holder(self) -> str | None:
        """Return who took the lease last."""
        lease = self._lease()
        return lease.holder if lease else None

    def inbox(self, limit: int) -> list[Event]:
        """Return events that were not looked at, in the order of recording."""
        rows = self._all(
            "SELECT seq, trade_id, kind, identity, payload, recorded_at FROM inbox "
            "ORDER BY seq LIMIT ?",
            (limit,),
        )
        return [
            Event(
                seq=seq,
                trade_id=trade_id,
                kind=Kind(kind),
                identity=identity,
                payload=payload,
                recorded_at=recorded_at,
            )
            for seq, trade_id, kind, identity, payload, recorded_at in rows
        ]

    def due(self, now: float, limit: int) -> list[Row]:
        """Return executions for one import, oldest first."""
        head = self._one(
            f"SELECT x.account_tag, x.twin FROM executions x WHERE {ELIGIBLE} "
            "ORDER BY x.due_at, x.seq LIMIT 1",
            {"now": now},
        )
        if head is None:
            return []
        rows = self._all(
            f"SELECT {ROW} FROM executions x WHERE {ELIGIBLE} "
            "AND x.account_tag = :tag AND x.twin = :twin "
            "ORDER BY x.executed_at, x.kind, x.seq LIMIT :limit",
            {"now": now, "tag": head[0], "twin": head[1], "limit": limit},
        )
        return [as_row(row) for row in rows]

    def next_due(self) -> float | None:
        """Return when the next execution or annotation is due."""
        times = [
            self._one(
                "SELECT due_at FROM executions WHERE state = 'recorded' "
                "ORDER BY due_at LIMIT 1"
            ),
            self._one("SELECT min(due_at) FROM trades WHERE annotate"),
        ]
        return min((t[0] for t in times if t and t[0] is not None), default=None)

    def unsettled(self) -> list[ImportRow]:
        """Return imports that are not settled, oldest first."""
        rows = self._all(
            f"SELECT {IMPORT} FROM imports WHERE stage <> 'settled' ORDER BY id"
        )
        return [as_import(row) for row in rows]

    def of_import(self, import_id: int) -> list[Row]:
        """Return the executions that went with an import, in the order sent."""
        rows = self._all(
            f"SELECT {ROW} FROM executions x WHERE import_id = ? "
            "ORDER BY executed_at, kind, seq",
            (import_id,),
        )
        return [as_row(row) for row in rows]

    def of_trades(self, trade_ids: Iterable[str]) -> dict[str, list[Row]]:
        """Return all understood executions of trades, the entry first."""
        found: dict[str, list[Row]] = {}
        for trade_id in trade_ids:
            rows = self._all(
                f"SELECT {ROW} FROM executions x "
                "WHERE trade_id = ? AND symbol IS NOT NULL ORDER BY kind",
                (trade_id,),
            )
            found[trade_id] = [as_row(row) for row in rows]
        return found

    def equals(self, execution: Execution) -> list[Row]:
        """Return the executions of other trades that no one could tell from this."""
        rows = self._all(
            f"SELECT {ROW} FROM executions x "
            "WHERE symbol = ? AND executed_at = ? AND trade_id <> ? "
            "AND state NOT IN ('skipped', 'quarantined', 'basic', 'discarded')",
            (execution.symbol, execution.executed_at.timestamp(), execution.trade_id),
        )
        others = map(as_row, rows)
        return [
            row
            for row in others
            if row.execution is not None
            and row.execution.quantity == execution.quantity
            and row.execution.price == execution.price
        ]

    def spans(self, symbol: str, start: float, end: float | None) -> list[Span]:
        """Return who holds which slot for *symbol* between *start* and *end*."""
        rows = self._all(
            "SELECT slot, entry_at, exit_at FROM trades WHERE symbol = :symbol "
            "AND exit_at >= :start AND (:end IS NULL OR entry_at <= :end) UNION ALL "
            "SELECT slot, entry_at, exit_at FROM trades WHERE symbol = :symbol "
            "AND exit_at IS NULL AND (:end IS NULL OR entry_at <= :end)",
            {"symbol": symbol, "start": start, "end": end},
        )
        return [
            Span(slot, from_epoch(entry), None if exit_ is None else from_epoch(exit_))
            for slot, entry, exit_ in rows
        ]

    def trade(self, trade_id: str) -> TradeRow | None:
        """Return a trade, None if it is not known."""
        row = self._one(f"{TRADE} WHERE t.trade_id = ?", (trade_id,))
        return row and as_trade(row)

    def claimed(self, journal_ids: Iterable[int]) -> dict[int, set[str]]:
        """Return which host trades stand in which of these journal trades."""
        found: dict[int, set[str]] = {}
        for some in batches(journal_ids):
            rows = self._all(
                "SELECT journal_id, trade_id FROM trades "
                f"WHERE journal_id IN ({placeholders(some)})",
                some,
            )
            for journal_id, trade_id in rows:
                found.setdefault(journal_id, set()).add(trade_id)
        return found

    def annotations_due(self, now: float) -> int:
        """Return how many trades :meth:`to_annotate` would return."""
        number: int = self._one(
            f"SELECT count(*) FROM trades t WHERE {NOTES_DUE}", {"now": now}
        )[0]
        return number

    def to_annotate(self, now: float, limit: int) -> list[TradeRow]:
        """Return trades whose notes are due, by account tag and time of entry."""
        rows = self._all(
            f"{TRADE} WHERE {NOTES_DUE} "
            "ORDER BY t.account_tag, t.entry_at LIMIT :limit",
            {"now": now, "limit": limit},
        )
        return [as_trade(row) for row in rows]

    def to_show_basic(self, now: float, limit: int) -> list[TradeRow]:
        """Return trades whose entry was refused and whose notes are due."""
        rows = self._all(
            f"{TRADE} WHERE t.annotate AND t.due_at <= ? AND t.journal_id IS NULL "
            "LIMIT ?",
            (now, limit),
        )
        return [as_trade(row) for row in rows]

    def superseded(self) -> list[TradeRow]:
        """Return trades that are in the journal in full, and as a basic trade too."""
        rows = self._all(
            f"{TRADE} WHERE t.basic_id IS NOT NULL AND t.journal_id IS NOT NULL "
            "AND NOT t.annotate"
        )
        return [as_trade(row) for row in rows]

    def overlays_due(self, now: float, limit: int) -> list[Overlay]:
        """Return overlays of one account tag that are due."""
        rows = self._all(
            f"SELECT o.commission, o.attempts, {ROW} FROM overlays o "
            "JOIN executions x ON x.trade_id = o.trade_id AND x.kind = 'exit' "
            "WHERE o.due_at <= ? AND x.state IN ('linked', 'synced') "
            "ORDER BY x.account_tag, x.executed_at LIMIT ?",
            (now, limit),
        )
        found = [
            Overlay(row=as_row(row), commission=Decimal(commission), attempts=attempts)
            for commission, attempts, *row in rows
        ]
        return [o for o in found if o.row.account_tag == found[0].row.account_tag]

    def snapshots_since(self, since: float) -> list[Snapshot]:
        """Return the trades entered since then, as the host told them last."""
        rows = self._all(
            "SELECT x.trade_id, coalesce("
            "(SELECT payload FROM executions e WHERE e.trade_id = x.trade_id "
            "AND e.kind = 'exit'), x.payload), t.journal_id "
            "FROM executions x LEFT JOIN trades t ON t.trade_id = x.trade_id "
            "WHERE coalesce(x.executed_at, x.recorded_at) >= ? AND (x.kind = 'entry' "
            "OR NOT EXISTS (SELECT 1 FROM executions e "
            "WHERE e.trade_id = x.trade_id AND e.kind = 'entry')) ORDER BY x.seq",
            (since,),
        )
        return [
            Snapshot(trade_id=trade_id, payload=payload, journal_id=journal_id)
            for trade_id, payload, journal_id in rows
        ]

    def counts(self) -> Mapping[State, int]:
        """Return the number of executions in each state."""
        counts = {State(s): n for s, n in self._all("SELECT state, number FROM counts")}
        new = self._one("SELECT count(*) FROM inbox")
        return {**dict.fromkeys(State, 0), **counts, State.NEW: new[0]}

    def oldest_pending_at(self) -> float | None:
        """Return when the oldest pending event was recorded."""
        rows = [
            self._one("SELECT recorded_at FROM inbox ORDER BY seq LIMIT 1"),
            self._one(
                "SELECT recorded_at FROM executions WHERE state IN "
                "('recorded', 'sent', 'imported', 'linked') ORDER BY seq LIMIT 1"
            ),
        ]
        return min((row[0] for row in rows if row), default=None)

    def last_synced_at(self) -> float | None:
        """Return when an execution became synced last."""
        row = self._one("SELECT last_at FROM counts WHERE state = 'synced'")
        return row[0] if row else None

    def parked(self, limit: int) -> list[Row]:
        """Return what waits for a person: quarantined or basic, oldest first."""
        rows = self._all(
            f"SELECT {ROW} FROM executions x WHERE state IN ('quarantined', 'basic') "
            "ORDER BY seq LIMIT ?",
            (limit,),
        )
        return [as_row(row) for row in rows]

    def history(self, trade_id: str) -> list[Step]:
        """Return every step of a trade, oldest first."""
        rows = self._all(
            "SELECT at, kind, state, detail FROM history WHERE trade_id = ? "
            "ORDER BY seq",
            (trade_id,),
        )
        return [
            Step(at=at, kind=k, state=s, detail=detail) for at, k, s, detail in rows
        ]

    def states_of(self, trade_ids: Iterable[str]) -> dict[str, dict[Kind, State]]:
        """Return how far the executions of these trades are."""
        found: dict[str, dict[Kind, State]] = {}
        for some in batches(trade_ids):
            marks = placeholders(some)
            rows = self._all(
                "SELECT trade_id, kind, 'new' FROM inbox "
                f"WHERE trade_id IN ({marks}) UNION ALL "
                "SELECT trade_id, kind, state FROM executions "
                f"WHERE trade_id IN ({marks})",
                (*some, *some),
            )
            for trade_id, kind, state in rows:
                found.setdefault(trade_id, {})[Kind(kind)] = State(state)
        return found

    def entries_synced_after(self, step: int) -> tuple[int, list[float]]:
        """Return when the trades were entered that became synced after *step*."""
        last = self._one("SELECT max(seq) FROM history")[0] or 0
        rows = self._all(
            "SELECT DISTINCT t.entry_at FROM history h JOIN trades t USING (trade_id) "
            "WHERE h.seq > ? AND h.seq <= ? AND h.state = 'synced'",
            (step, last),
        )
        return last, [row[0] for row in rows]

    def snapshots_in(self, journal_ids: Iterable[int]) -> dict[int, str]:
        """Return the latest snapshot for each of these journal trades that is ours."""
        found: dict[int, str] = {}
        for some in batches(journal_ids):
            rows = self._all(
                f"{TRADE} WHERE t.journal_id IN ({placeholders(some)})", some
            )
            trades = map(as_trade, rows)
            found |= {t.journal_id: t.payload for t in trades if t.journal_id}
        return found

    def imports_sent(self) -> int:
        """Return how many imports were noted so far."""
        number: int = self._one("SELECT count(*) FROM imports")[0]
        return number


class SqlWriter:
    """The changing half of the outbox; see :class:`~.interface.Writer`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fold(self, event: Event) -> tuple[str, State] | None:
        """Take *event* out of the inbox, into the execution that it is about."""
        self._connection.execute("DELETE FROM inbox WHERE seq = ?", (event.seq,))
        trade_id = event.trade_id
        owner = self._connection.execute(
            "SELECT identity FROM executions WHERE trade_id = ? LIMIT 1", (trade_id,)
        ).fetchone()
        if owner is not None and owner[0] not in ("", event.identity):
            # Two processes gave one id to two trades within the same microsecond. The
            # second may be closed first: its exit must not close the other.
            digest = hashlib.sha256(event.identity.encode()).hexdigest()[:8]
            trade_id = f"{trade_id}~{digest}"
        standing = self._standing(trade_id, event.kind)
        key = (trade_id, event.kind)
        news = (event.payload, event.recorded_at)
        if standing is None:
            self._connection.execute(
                "INSERT INTO executions "
                "(trade_id, kind, identity, payload, recorded_at) "
                "VALUES (?, ?, ?, ?, ?)",
                (*key, event.identity, *news),
            )
            return trade_id, State.NEW
        _, payload, recorded_at, state = standing
        if payload == event.payload or recorded_at > event.recorded_at:
            return None
        self._connection.execute(
            "UPDATE executions SET payload = ?, recorded_at = ? "
            "WHERE trade_id = ? AND kind = ?",
            (*news, *key),
        )
        return trade_id, State(state)

    def _standing(self, trade_id: str, kind: Kind) -> Any:
        return self._connection.execute(
            "SELECT identity, payload, recorded_at, state FROM executions "
            "WHERE trade_id = ? AND kind = ?",
            (trade_id, kind),
        ).fetchone()

    def enlist(
        self, execution: Execution, *, account_tag: str, twin: bool, now: float
    ) -> bool:
        """Note what *execution* consists of; its state becomes recorded."""
        key = (execution.trade_id, execution.kind)
        # The entry of a trade whose entry no hook saw: its exit tells all about it.
        self._connection.execute(
            "INSERT INTO executions (trade_id, kind, identity, payload, recorded_at) "
            "SELECT trade_id, ?, identity, payload, recorded_at FROM executions "
            "WHERE trade_id = ? AND kind <> ? ON CONFLICT DO NOTHING",
            (execution.kind, *key),
        )
        changed: int = self._connection.execute(
            "UPDATE executions SET state = 'recorded', symbol = ?, quantity = ?, "
            "price = ?, commission = ?, executed_at = ?, account_tag = ?, twin = ?, "
            "reason = NULL, due_at = 0, attempts = 0, updated_at = ? "
            "WHERE trade_id = ? AND kind = ? AND journal_id IS NULL AND (state IN "
            "('new', 'skipped', 'quarantined', 'basic') "
            "OR (state = 'recorded' AND import_id IS NULL))",
            (
                execution.symbol,
                f"{execution.quantity:f}",
                f"{execution.price:f}",
                None if execution.commission is None else f"{execution.commission:f}",
                int(execution.executed_at.timestamp()),
                account_tag,
                twin,
                now,
                *key,
            ),
        ).rowcount
        if twin:
            # Whichever of equal executions goes first, the others must not be taken
            # for it. 10 and 10.0 are equal, so that numbers are compared, not texts.
            # One that is under way may have to be sent again.
            equal = self._connection.execute(
                "SELECT seq, quantity, price FROM executions WHERE state IN "
                "('recorded', 'sent', 'imported') AND symbol = ? AND executed_at = ?",
                (execution.symbol, int(execution.executed_at.timestamp())),
            ).fetchall()
            self._connection.executemany(
                "UPDATE executions SET twin = 1 WHERE seq = ?",
                [
                    (seq,)
                    for seq, quantity, price in equal
                    if (Decimal(quantity), Decimal(price))
                    == (execution.quantity, execution.price)
                ],
            )
        return changed > 0

    def open_trade(self, execution: Execution, *, slot: int, account_tag: str) -> None:
        """Keep the slot for the trade of an entry; does nothing for a known trade."""
        self._connection.execute(
            "INSERT INTO trades (trade_id, symbol, slot, account_tag, entry_at) "
            "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                execution.trade_id,
                execution.symbol,
                slot,
                account_tag,
                int(execution.executed_at.timestamp()),
            ),
        )

    def close_trade(self, execution: Execution) -> None:
        """Note the time from which the slot of an exit's trade is free again."""
        self._connection.execute(
            "UPDATE trades SET exit_at = ? WHERE trade_id = ?",
            (int(execution.executed_at.timestamp()), execution.trade_id),
        )

    def move(
        self,
        keys: Iterable[tuple[str, Kind]],
        state: State,
        *,
        now: float,
        reason: str | None = None,
        due_at: float | None = None,
    ) -> None:
        """Change the state of executions, each step a row of the history."""
        tried = due_at is not None
        self._connection.executemany(
            "UPDATE executions SET state = ?, reason = ?, updated_at = ?, "
            "due_at = coalesce(?, due_at), attempts = attempts + ? "
            "WHERE trade_id = ? AND kind = ?",
            [(state, reason, now, due_at, tried, *key) for key in keys],
        )

    def note_import(
        self, *, account_tag: str, allow_duplicates: bool, now: float
    ) -> ImportRow:
        """Write down an import before it is sent."""
        row = self._connection.execute(
            "INSERT INTO imports (account_tag, allow_duplicates, noted_at) "
            f"VALUES (?, ?, ?) RETURNING {IMPORT}",
            (account_tag, allow_duplicates, now),
        ).fetchone()
        return as_import(row)

    def add_to_import(self, import_id: int, rows: Iterable[Row], *, now: float) -> None:
        """Note which executions an import consists of; their state becomes sent."""
        self._connection.executemany(
            "UPDATE executions SET state = 'sent', import_id = ?, updated_at = ? "
            "WHERE seq = ?",
            [(import_id, now, row.seq) for row in rows],
        )

    def accept_import(self, import_id: int) -> None:
        """Note that Tradervue has taken an import."""
        self._connection.execute(
            "UPDATE imports SET stage = 'accepted' WHERE id = ?", (import_id,)
        )

    def finish_import(self, import_id: int, outcome: str, *, now: float) -> None:
        """Store what Tradervue told of an import."""
        self._connection.execute(
            "UPDATE imports SET stage = 'finished', outcome = ?, finished_at = ? "
            "WHERE id = ?",
            (outcome, now, import_id),
        )

    def settle_import(self, import_id: int) -> None:
        """Note that nothing of an import is open any more."""
        self._connection.execute(
            "UPDATE imports SET stage = 'settled' WHERE id = ?", (import_id,)
        )

    def link(self, trade_id: str, kind: Kind, journal_id: int, *, now: float) -> None:
        """Note that an execution was read back, and in which journal trade."""
        self._connection.execute(
            "UPDATE executions SET state = 'linked', journal_id = ?, reason = NULL, "
            "updated_at = ? WHERE trade_id = ? AND kind = ?",
            (journal_id, now, trade_id, kind),
        )
        self._connection.execute(
            "UPDATE trades SET annotate = 1, attempts = 0, due_at = 0, "
            "journal_id = CASE WHEN ? = 'entry' THEN ? "
            "ELSE coalesce(journal_id, ?) END WHERE trade_id = ?",
            (kind, journal_id, journal_id, trade_id),
        )

    def annotated(self, trade_id: str, *, now: float) -> list[Kind]:
        """Note that a trade carries our notes; return what became synced by it."""
        self._connection.execute(
            "UPDATE trades SET annotate = 0, attempts = 0 WHERE trade_id = ?",
            (trade_id,),
        )
        rows = self._connection.execute(
            "UPDATE executions SET state = 'synced', updated_at = ? "
            "WHERE trade_id = ? AND state = 'linked' RETURNING kind",
            (now, trade_id),
        ).fetchall()
        return sorted(Kind(row[0]) for row in rows)

    def postpone_annotation(self, trade_id: str, *, due_at: float) -> None:
        """Try the annotation of a trade again later."""
        self._connection.execute(
            "UPDATE trades SET due_at = ?, attempts = attempts + 1 WHERE trade_id = ?",
            (due_at, trade_id),
        )

    def want_overlay(self, trade_id: str, commission: Decimal) -> None:
        """Note that the journal has to learn a trade's *commission*."""
        self._connection.execute(
            "INSERT INTO overlays (trade_id, commission) VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET commission = excluded.commission, "
            "attempts = 0, due_at = 0",
            (trade_id, f"{commission:f}"),
        )

    def overlaid(self, trade_id: str) -> None:
        """Note that the journal shows the commission that was wanted."""
        self._connection.execute(
            "UPDATE executions SET commission = "
            "(SELECT commission FROM overlays o "
            "WHERE o.trade_id = executions.trade_id) "
            "WHERE trade_id = ? AND kind = 'exit'",
            (trade_id,),
        )
        self._connection.execute("DELETE FROM overlays WHERE trade_id = ?", (trade_id,))

    def postpone_overlay(self, trade_id: str, *, due_at: float | None) -> None:
        """Try again later; None is not again by itself."""
        self._connection.execute(
            "UPDATE overlays SET attempts = attempts + 1, due_at = ? "
            "WHERE trade_id = ?",
            (NEVER if due_at is None else due_at, trade_id),
        )

    def forget_place(self, trade_id: str, *, now: float) -> None:
        """Send a trade again that somebody deleted in the journal."""
        self._connection.execute(
            "UPDATE executions SET state = 'recorded', journal_id = NULL, "
            "import_id = NULL, attempts = 0, due_at = 0, updated_at = ?, "
            "reason = 'deleted in the journal, sent again on request' "
            "WHERE trade_id = ? AND journal_id IS NOT NULL",
            (now, trade_id),
        )
        self._connection.execute(
            "UPDATE trades SET journal_id = NULL, annotate = 0 WHERE trade_id = ?",
            (trade_id,),
        )

    def adopt(
        self, execution: Execution, journal_id: int, *, account_tag: str, now: float
    ) -> None:
        """Note an execution that stands in the journal and is not known here."""
        self._connection.execute(
            "INSERT INTO executions (trade_id, kind, identity, payload, recorded_at) "
            "VALUES (?, ?, '', '{}', ?) ON CONFLICT DO NOTHING",
            (execution.trade_id, execution.kind, now),
        )
        self.enlist(execution, account_tag=account_tag, twin=False, now=now)
        self.link(execution.trade_id, execution.kind, journal_id, now=now)
        self.annotated(execution.trade_id, now=now)

    def wants_notes(self, trade_id: str) -> None:
        """Note that what stands for a trade has to say something new."""
        self._connection.execute(
            "UPDATE trades SET annotate = 1, attempts = 0, due_at = 0 "
            "WHERE trade_id = ?",
            (trade_id,),
        )

    def set_basic(self, trade_id: str, basic_id: int | None) -> None:
        """Note the trade without executions that stands for *trade_id*, or none."""
        self._connection.execute(
            "UPDATE trades SET basic_id = ? WHERE trade_id = ?", (basic_id, trade_id)
        )

"""Executions and how far they got."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.outbox.engine import Reading, Writing
from argo_tradervue_plugin.outbox.records import Row, Transition
from argo_tradervue_plugin.outbox.rows import (
    EXECUTION,
    NEVER,
    ROW,
    Connection,
    as_row,
    batches,
    in_order,
    placeholders,
    replaced,
    to_epoch,
)

__all__ = ["ExecutionChanges", "Executions"]

# An execution that was never sent; it gets a row if it has none.
SET_ASIDE: Final = """
INSERT INTO executions AS x (trade_id, kind, part, state, reason, updated_at,
recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (trade_id, kind, part) DO UPDATE
SET state = excluded.state, reason = excluded.reason, updated_at = excluded.updated_at
WHERE x.journal_id IS NULL AND x.import_id IS NULL AND x.state <> 'discarded'
"""

# What begins with an entry, or closes what the journal was seen to hold whole (its own
# trade's position, or that of another which it closes): an exit
# alone would open a position of the wrong side. And nothing goes before an earlier exit
# of its slot that cannot go with it: the journal would add it to what is open there.
# The limit keeps PostgreSQL from comparing everything that waits with everything.
ELIGIBLE: Final = """
x.state = 'recorded' AND x.due_at <= :now AND (x.kind = 'entry' AND x.closes IS NULL
OR (EXISTS (
  SELECT 1 FROM executions e WHERE e.trade_id = coalesce(x.closes, x.trade_id)
     AND e.kind = 'entry' AND e.state IN ('linked', 'synced')) AND NOT EXISTS (
  SELECT 1 FROM executions e WHERE e.trade_id = coalesce(x.closes, x.trade_id)
     AND e.kind = 'entry' AND e.state IN ('recorded', 'sent', 'imported'))))
AND (SELECT 1 FROM executions e WHERE e.state = 'recorded' AND e.kind = 'exit'
     AND e.symbol = x.symbol AND e.account_tag = x.account_tag
     AND e.executed_at < x.executed_at AND e.trade_id <> x.trade_id
     AND (e.due_at > :now OR e.twin <> x.twin OR e.attempts <> x.attempts)
     LIMIT 1) IS NULL
AND (SELECT 1 FROM executions w JOIN executions e ON e.trade_id = w.trade_id
       AND e.kind = 'exit' AND e.state = 'recorded'
     WHERE w.kind = 'entry' AND w.state IN ('sent', 'imported')
     AND w.symbol = x.symbol AND w.account_tag = x.account_tag
     AND e.executed_at < x.executed_at AND e.trade_id <> x.trade_id
     LIMIT 1) IS NULL
"""

# Another execution of the trade that waits is a twin: they go together.
PAIRED: Final = """
EXISTS (SELECT 1 FROM executions e WHERE e.twin AND e.trade_id = :trade_id
AND NOT (e.kind = :kind AND e.part = :part) AND e.state = 'recorded')
"""

# A journal may remember what was deleted, and take it for a duplicate.
RESENT: Final = """
EXISTS (SELECT 1 FROM resends r WHERE r.trade_id = :trade_id AND r.stage = 'sent')
"""

# While a trade is being deleted nothing of it is sent.
HELD: Final = """
EXISTS (SELECT 1 FROM resends r WHERE r.trade_id = :trade_id
AND r.stage IN ('clearing', 'checking'))
"""

# What is replaced of an execution: what it is, and how far it got.
WHAT: Final = [n for n in EXECUTION.names if n not in {"trade_id", "kind", "part"}]
HOW: Final = ["state", "account_tag", "twin", "due_at", "attempts", "reason"]
PUT: Final = f"""
INSERT INTO executions AS x ({EXECUTION.sql}, recorded_at, updated_at, state,
  account_tag, twin, due_at)
VALUES (:{", :".join(EXECUTION.names)}, :recorded_at, :now, 'recorded',
  :account_tag, :twin OR {PAIRED} OR {RESENT},
  CASE WHEN {HELD} THEN {NEVER} ELSE 0 END)
ON CONFLICT (trade_id, kind, part) DO UPDATE SET {replaced([*WHAT, *HOW])},
  updated_at = :now
WHERE x.journal_id IS NULL AND x.import_id IS NULL AND x.state <> 'discarded'
RETURNING seq
"""


class Executions(Reading):
    """What is to be sent, and what became of it."""

    def due(self, now: float, limit: int) -> list[Row]:
        """
        Return executions for one import, of *limit* trades at most, oldest first.

        They are of one account tag. Twins (equal to another to the second, quantity and
        price) come alone, since their import allows duplicates. An exit comes with its
        entry, or after that was read back. Empty when nothing is due.
        """
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
        found = [as_row(row) for row in rows]
        entered = {row.trade_id for row in found if row.kind is Kind.ENTRY}
        for some in batches(entered):
            marks = placeholders(some)
            rows = self._all(
                f"SELECT {ROW} FROM executions x WHERE (x.trade_id IN ({marks}) "
                f"AND x.kind = 'exit' OR x.closes IN ({marks})) "
                "AND x.state = 'recorded' AND x.due_at <= ? AND x.twin = ? "
                "AND x.account_tag = ?",
                (*some, *some, now, head[1], head[0]),
            )
            found += [as_row(row) for row in rows]
        return sorted({row.seq: row for row in found}.values(), key=in_order)

    def unsent_entries(self) -> list[Row]:
        """Return the first entries of which no import has stored anything, by time."""
        first = (
            "kind = 'entry' AND part = 1 AND closes IS NULL AND import_id IS NULL "
            "AND journal_id IS NULL"
        )
        # Each half has an index of the few executions that are in such a state.
        rows = self._all(
            f"SELECT {ROW} FROM executions x WHERE state = 'recorded' AND {first} "
            f"UNION ALL SELECT {ROW} FROM executions x "
            f"WHERE state IN ('quarantined', 'basic') AND {first}"
        )
        return sorted((r for r in map(as_row, rows) if r.execution), key=in_order)

    def entries_to_send(self, now: float, limit: int) -> list[Row]:
        """Return first entries that are due and were never sent, of any account tag."""
        rows = self._all(
            f"SELECT {ROW} FROM executions x WHERE {ELIGIBLE} AND x.kind = 'entry' "
            "AND x.part = 1 AND x.import_id IS NULL ORDER BY x.due_at, x.seq "
            "LIMIT :limit",
            {"now": now, "limit": limit},
        )
        return [as_row(row) for row in rows]

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
        every = self.all_of_trades(trade_ids)
        return {t: [r for r in rows if r.execution] for t, rows in every.items()}

    def of_trade(self, trade_id: str) -> list[Row]:
        """Return every execution of a trade, also those that made no sense."""
        rows = self._all(
            f"SELECT {ROW} FROM executions x WHERE trade_id = ? ORDER BY kind, part",
            (trade_id,),
        )
        return [as_row(row) for row in rows]

    def all_of_trades(self, trade_ids: Iterable[str]) -> dict[str, list[Row]]:
        """Return every execution of trades, also those that made no sense."""
        found: dict[str, list[Row]] = {trade_id: [] for trade_id in trade_ids}
        rows = self._among(
            found,
            f"SELECT {ROW} FROM executions x WHERE trade_id IN () "
            "ORDER BY trade_id, kind, part",
        )
        for row in map(as_row, rows):
            found[row.trade_id].append(row)
        return found

    def closers_of(self, trade_ids: Iterable[str]) -> dict[str, list[Row]]:
        """Return the executions of opposite trades that close these positions."""
        found: dict[str, list[Row]] = {trade_id: [] for trade_id in trade_ids}
        rows = self._among(
            found,
            f"SELECT {ROW} FROM executions x WHERE closes IN () "
            "ORDER BY closes, executed_at, seq",
        )
        for row in map(as_row, rows):
            if row.execution and row.execution.closes:
                found[row.execution.closes].append(row)
        return found

    def equals(self, execution: Execution) -> list[Row]:
        """Return the other executions that no one could tell from this."""
        rows = self._all(
            f"SELECT {ROW} FROM executions x WHERE symbol = ? AND executed_at = ? "
            "AND NOT (trade_id = ? AND kind = ? AND part = ?) "
            "AND state NOT IN ('skipped', 'quarantined', 'basic', 'discarded')",
            (
                execution.symbol,
                to_epoch(execution.executed_at),
                *execution.key,
            ),
        )
        others = map(as_row, rows)
        return [
            row
            for row in others
            if row.execution is not None
            and row.execution.quantity == execution.quantity
            and row.execution.price == execution.price
        ]

    def sent_at(self, symbol: str, moments: Iterable[datetime]) -> list[Row]:
        """
        Return the executions at these times that may stand in the journal.

        They were in an import or read back, whatever became of them since.
        """
        rows = self._among(
            {to_epoch(moment) for moment in moments},
            f"SELECT {ROW} FROM executions x WHERE symbol = ? AND executed_at IN () "
            "AND (import_id IS NOT NULL OR journal_id IS NOT NULL)",
            symbol,
        )
        return [as_row(row) for row in rows]

    def parked(self, limit: int) -> list[Row]:
        """Return what waits for a person: quarantined or basic, oldest first."""
        rows = self._all(
            f"SELECT {ROW} FROM executions x WHERE state IN ('quarantined', 'basic') "
            "ORDER BY seq LIMIT ?",
            (limit,),
        )
        return [as_row(row) for row in rows]


class ExecutionChanges(Writing):
    """Puts executions, and changes their state; *applied* is what became of them."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.applied: list[Transition] = []

    def put(
        self,
        execution: Execution,
        *,
        account_tag: str,
        twin: bool,
        now: float,
        recorded_at: float | None = None,
    ) -> bool:
        """
        Note what *execution* consists of; its state becomes recorded.

        *recorded_at* is when the host recorded it, by default now. Returns False, and
        changes nothing, where that execution may have been sent already, or a person
        gave it up: what stands in the journal stays.
        """
        changed = self._connection.execute(
            PUT,
            {
                **EXECUTION.row(execution),
                "account_tag": account_tag,
                "twin": twin,
                "now": now,
                "recorded_at": now if recorded_at is None else recorded_at,
            },
        ).fetchall()
        if twin:
            self._mark_equals(execution)
        return bool(changed)

    def drop(self, rows: Iterable[Row]) -> None:
        """Remove executions that were never sent, and are not planned any more."""
        self._connection.executemany(
            "DELETE FROM executions WHERE seq = ? AND journal_id IS NULL "
            "AND import_id IS NULL",
            [(row.seq,) for row in rows],
        )

    def redirect(self, rows: Iterable[Row], account_tag: str) -> None:
        """Note that executions which wait go under another account tag."""
        self._connection.executemany(
            "UPDATE executions SET account_tag = ? "
            "WHERE seq = ? AND state = 'recorded'",
            [(account_tag, row.seq) for row in rows],
        )

    def _mark_equals(self, execution: Execution) -> None:
        """
        Note that *execution* is not the only one of its kind, nor are its equals.

        Whichever goes first, the others must not be taken for it; one that is under
        way may have to be sent again. An entry and an exit that wait go together, so
        that both are marked.
        """
        equal = self._connection.execute(
            "SELECT trade_id, quantity, price FROM executions WHERE state IN "
            "('recorded', 'sent', 'imported') AND symbol = ? AND executed_at = ?",
            (execution.symbol, to_epoch(execution.executed_at)),
        ).fetchall()
        self._connection.executemany(
            "UPDATE executions SET twin = TRUE WHERE trade_id = ? "
            "AND state IN ('recorded', 'sent', 'imported')",
            [
                (trade_id,)
                for trade_id, quantity, price in equal
                # 10 and 10.0 are equal, so that numbers are compared, not texts.
                if (Decimal(quantity), Decimal(price))
                == (execution.quantity, execution.price)
            ],
        )

    def apply(self, change: Transition, *, now: float) -> None:
        """Change the state of executions, each step a row of the history."""
        also, place = "", list[int]()
        if change.is_unsent:
            also = ", import_id = NULL, unsure = FALSE"
        elif change.is_unprocessed:  # what an earlier import may have stored stays so
            also = ", import_id = CASE WHEN unsure THEN import_id END"
        elif change.is_unsure:
            also = ", unsure = TRUE"
        elif change.journal_id is not None:
            also, place = ", journal_id = ?", [change.journal_id]
        to = (change.state, change.reason, now)
        tried = int(change.is_attempt)
        if change.rows:
            self._connection.executemany(
                "UPDATE executions SET state = ?, reason = ?, updated_at = ?, "
                f"due_at = coalesce(?, due_at), attempts = attempts + ?{also} "
                "WHERE seq = ?",
                [(*to, change.due_at, tried, *place, row.seq) for row in change.rows],
            )
        if change.keys:
            self._connection.executemany(
                SET_ASIDE, [(*key, *to, now) for key in change.keys]
            )
        self.applied.append(change)

    def doubt(self, rows: Iterable[Row]) -> None:
        """Note that their last import may have stored *rows*, whatever it said."""
        self._connection.executemany(
            "UPDATE executions SET unsure = TRUE WHERE seq = ?",
            [(row.seq,) for row in rows],
        )

    def leave_out_commission(self, row: Row, remark: str) -> None:
        """Send *row* without its commission; our notes say *remark*."""
        self._connection.execute(
            "UPDATE executions SET commission = NULL, remark = ? WHERE seq = ?",
            (remark, row.seq),
        )

    def allow_twins(self, rows: Iterable[Row]) -> None:
        """Send *rows* with duplicates allowed, after counting what is there."""
        self._connection.executemany(
            "UPDATE executions SET twin = TRUE WHERE seq = ?",
            [(row.seq,) for row in rows],
        )

"""What was finished long ago, and what stays of it."""

from collections.abc import Iterable
from typing import Final

from argo_tradervue_plugin.model.records import (
    as_text,
    from_text,
    identity_of_record,
)
from argo_tradervue_plugin.outbox.engine import Reading, Writing

__all__ = ["Retention", "RetentionChanges"]

# Closed and in the journal, given up, or never filled: and all of it long ago. That x
# has a number keeps PostgreSQL from reading whole tables into memory, only to look up
# there what an index finds.
FINISHED: Final = """
NOT EXISTS (
  SELECT 1 FROM executions e WHERE e.trade_id = x.trade_id AND x.seq > 0
     AND (e.state NOT IN ('synced', 'discarded', 'skipped')
          OR e.updated_at >= :before OR e.recorded_at >= :before))
AND (x.state <> 'synced' OR EXISTS (
  SELECT 1 FROM trades t WHERE t.trade_id = x.trade_id AND x.seq > 0
     AND t.exit_at IS NOT NULL))
AND NOT EXISTS (
  SELECT 1 FROM outcomes o WHERE o.trade_id = x.trade_id AND x.seq > 0
     AND NOT EXISTS (SELECT 1 FROM acceptances a
       WHERE a.trade_id = o.trade_id AND a.journal_id = 0))
AND NOT EXISTS (SELECT 1 FROM overlays o WHERE o.trade_id = x.trade_id AND x.seq > 0)
AND NOT EXISTS (
  SELECT 1 FROM resends r WHERE r.trade_id = x.trade_id AND x.seq > 0
     AND r.stage IN ('asked', 'clearing', 'checking'))
AND NOT EXISTS (
  SELECT 1 FROM trades t WHERE t.trade_id = x.trade_id AND x.seq > 0
     AND (t.annotate OR t.basic_id IS NOT NULL))
AND (x.state <> 'discarded' OR EXISTS (
  SELECT 1 FROM trades t WHERE t.trade_id = x.trade_id AND x.seq > 0))
"""


class Retention(Reading):
    """Which trades were finished."""

    def finished_before(
        self, before: float, *, after: int, limit: int
    ) -> tuple[list[str], int | None]:
        """
        Look at *limit* executions; return trades that were finished *before* then.

        Finished is what was closed and synced, and what was discarded or skipped.
        *after* is 0, and then what the look before returned as second: where to go on,
        None where there is nothing older left to look at.
        """
        rows = self._all(
            f"SELECT x.seq, x.recorded_at, x.trade_id, {FINISHED} FROM executions x "
            "WHERE x.seq > :after ORDER BY x.seq LIMIT :limit",
            {"before": before, "after": after, "limit": limit},
        )
        found = dict.fromkeys(trade_id for *_, trade_id, finished in rows if finished)
        # Rows are in the order of recording: beyond a young one there is none older.
        is_end = len(rows) < limit or rows[-1][1] >= before
        return list(found), None if is_end else rows[-1][0]


class RetentionChanges(Writing):
    """Removes what no trade needs any more."""

    def forget(self, trade_ids: Iterable[str]) -> None:
        """
        Remove what is known of finished trades, but that they are, and where they are.

        Told again they are no news; their slots and journal trades stay theirs.
        """
        keys = [(trade_id,) for trade_id in trade_ids]
        self._connection.executemany(
            "UPDATE trades SET "
            "finished = (SELECT min(state) FROM executions x "
            "WHERE x.trade_id = trades.trade_id) WHERE trade_id = ?",
            keys,
        )
        facts = [
            (as_text(identity_of_record(from_text(row[0]))), *key)
            for key in keys
            for row in self._connection.execute(
                "SELECT facts FROM records WHERE trade_id = ?", key
            ).fetchall()
        ]
        self._connection.executemany(
            "UPDATE records SET facts = ?, finished = TRUE WHERE trade_id = ?", facts
        )
        for table in ("executions", "outcomes", "acceptances", "resends"):
            self._connection.executemany(
                f"DELETE FROM {table} WHERE trade_id = ?", keys
            )
        self._connection.executemany(
            # The last row stays: the numbers go on from there.
            "DELETE FROM history WHERE trade_id = ? "
            "AND seq < (SELECT max(seq) FROM history)",
            keys,
        )

    def forget_imports(self, before: float, limit: int) -> None:
        """Remove imports noted *before* then of which no execution is left."""
        self._connection.execute(
            "DELETE FROM imports WHERE id IN (SELECT id FROM imports i "
            "WHERE stage = 'settled' AND noted_at < ? "
            "AND id < (SELECT max(id) FROM imports) AND NOT EXISTS "
            "(SELECT 1 FROM executions x WHERE x.import_id = i.id) "
            "ORDER BY id LIMIT ?)",
            (before, limit),
        )

"""The metrics of periods, as they were computed last."""

from datetime import date
from typing import Final

from argo_tradervue_plugin.outbox.engine import Reading, Writing
from argo_tradervue_plugin.outbox.records import ResultRow
from argo_tradervue_plugin.outbox.rows import Shape

__all__ = ["ResultChanges", "Results"]


RESULT: Final = Shape(
    ResultRow,
    columns={"start": "start_day", "end": "end_day", "computed_at": "as_of"},
)


class Results(Reading):
    """What is kept, and what was synced since."""

    def results(self) -> list[ResultRow]:
        """Return the periods of which metrics are kept."""
        return RESULT.values(self._all(f"SELECT {RESULT.sql} FROM results"))

    def result(self, start: date, end: date) -> str | None:
        """Return the metrics of a period, None where there are none."""
        row = self._one(
            "SELECT facts FROM results WHERE start_day = ? AND end_day = ?",
            (start.isoformat(), end.isoformat()),
        )
        return row[0] if row else None

    def last_synced_step(self, after: int) -> tuple[int, int]:
        """
        Return the last step of the history, and the last *after* that synced something.

        The second is 0 where there is none.
        """
        last = self._one("SELECT max(seq) FROM history")[0] or 0
        row = self._one(
            "SELECT max(seq) FROM history WHERE seq > ? AND seq <= ? "
            "AND state = 'synced'",
            (after, last),
        )
        return last, row[0] or 0

    def entries_synced_after(self, step: int) -> tuple[int, list[float]]:
        """
        Return when the trades were entered that became synced after *step*.

        Also those that share a journal trade with them. Comes with the number of the
        last step, to ask from the next time.
        """
        last = self._one("SELECT max(seq) FROM history")[0] or 0
        rows = self._all(
            "SELECT t.entry_at FROM history h JOIN trades t USING (trade_id) "
            "WHERE h.seq > :step AND h.seq <= :last AND h.state = 'synced' UNION "
            "SELECT o.entry_at FROM history h JOIN trades t USING (trade_id) "
            "JOIN trades o ON o.journal_id = t.journal_id "
            "WHERE h.seq > :step AND h.seq <= :last AND h.state = 'synced'",
            {"step": step, "last": last},
        )
        return last, [row[0] for row in rows]


class ResultChanges(Writing):
    """Keeps metrics."""

    def keep_result(
        self, result: ResultRow, facts: str, *, most: int, now: float
    ) -> None:
        """
        Keep the metrics of a period, as a text, in place of those computed before.

        Metrics computed later stay, unless that is after *now*. Of all periods the
        *most* that were asked for last are kept.
        """
        self._connection.execute(
            "INSERT INTO results AS r VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (start_day, end_day) DO UPDATE SET as_of = excluded.as_of, "
            "facts = excluded.facts WHERE r.as_of < excluded.as_of OR r.as_of > ?",
            (*RESULT.row(result).values(), facts, now),
        )
        self._connection.execute(
            "DELETE FROM results WHERE (start_day, end_day) NOT IN (SELECT start_day, "
            "end_day FROM results ORDER BY asked_at DESC, end_day DESC, start_day DESC "
            "LIMIT ?)",
            (most,),
        )

    def ask_result(self, start: date, end: date, *, now: float) -> None:
        """Note that the metrics of a period, which are kept, were asked for."""
        self._connection.execute(
            "UPDATE results SET asked_at = ? WHERE start_day = ? AND end_day = ?",
            (now, start.isoformat(), end.isoformat()),
        )

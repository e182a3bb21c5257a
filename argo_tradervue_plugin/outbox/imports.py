"""Imports and their outcomes."""

from collections.abc import Iterable, Sequence
from typing import Final

from argo_tradervue_plugin.outbox.engine import Reading, Writing
from argo_tradervue_plugin.outbox.records import ImportRow, Row, Waiting
from argo_tradervue_plugin.outbox.rows import ROW, Shape, as_row, batches, placeholders

__all__ = ["ImportChanges", "Imports"]


# Seconds; more than the pause from one look at the journal to the next.
LONGEST_PAUSE: Final = 1000.0
IMPORT: Final = Shape(ImportRow)


class Imports(Reading):
    """Which imports were sent, and what is open of them."""

    def unsettled(self) -> list[ImportRow]:
        """
        Return imports whose outcome is to be dealt with, oldest first.

        Not those that wait for the journal.
        """
        rows = self._all(
            f"SELECT {IMPORT.sql} FROM imports WHERE stage <> 'settled' "
            "AND stage <> 'waiting' ORDER BY id"
        )
        return IMPORT.values(rows)

    def waiting_imports(self, now: float, limit: int) -> list[ImportRow]:
        """Return imports for which the journal is to be searched, oldest first."""
        rows = self._all(
            # What is due later than any pause was set before the clock was set back.
            f"SELECT {IMPORT.sql} FROM imports WHERE stage = 'waiting' "
            "AND (due_at <= ? OR due_at > ?) ORDER BY due_at, id LIMIT ?",
            (now, now + LONGEST_PAUSE, limit),
        )
        return IMPORT.values(rows)

    def waiting(self) -> Waiting | None:
        """Return what the journal is to show, None where it shows everything."""
        number, since = self._one(
            "SELECT count(x.seq), min(i.finished_at) FROM imports i JOIN executions x "
            "ON x.import_id = i.id WHERE i.stage = 'waiting' "
            "AND x.state IN ('sent', 'imported')"
        )
        return Waiting(executions=number, since=since) if number else None

    def waiting_of(self, trade_id: str) -> list[Row]:
        """Return what of a trade the journal is to show."""
        rows = self._all(
            f"SELECT {ROW} FROM executions x JOIN imports i ON i.id = x.import_id "
            "WHERE x.trade_id = ? AND x.state IN ('sent', 'imported') "
            "AND i.stage = 'waiting' ORDER BY x.kind, x.part",
            (trade_id,),
        )
        return [as_row(row) for row in rows]

    def is_shown_after(self, import_id: int) -> bool:
        """
        Tell whether the journal has shown an import that was sent later.

        What an import before that one may have stored says nothing of it.
        """
        row = self._one(
            "SELECT 1 FROM executions WHERE import_id > ? AND NOT unsure "
            "AND state IN ('linked', 'synced') LIMIT 1",
            (import_id,),
        )
        return row is not None

    def last_import_id(self) -> int:
        """Return the number of the latest import, 0 where there was none."""
        row = self._one(
            "SELECT max(id) FROM (SELECT max(id) AS id FROM imports UNION ALL "
            "SELECT max(import_id) FROM executions WHERE import_id IS NOT NULL) latest"
        )
        return row[0] or 0

    def last_finished_at(self) -> float | None:
        """Return when an import finished last."""
        row = self._one(
            # The last may be under way; some of the latest are enough.
            "SELECT max(finished_at) FROM (SELECT finished_at FROM imports "
            "ORDER BY id DESC LIMIT 10) recent"
        )
        return None if row[0] is None else float(row[0])

    def imports_of(self, import_ids: Iterable[int]) -> dict[int, ImportRow]:
        """Return these imports, as far as they were not forgotten."""
        rows = self._among(
            import_ids, f"SELECT {IMPORT.sql} FROM imports WHERE id IN ()"
        )
        return {row.id: row for row in IMPORT.values(rows)}

    def imports_sent(self) -> int:
        """Return how many imports were noted so far."""
        number: int = self._one("SELECT count(*) FROM imports")[0]
        return number


class ImportChanges(Writing):
    """Notes imports, each step before it is used."""

    def note_import(
        self, *, account_tag: str, allow_duplicates: bool, now: float, size: int = 0
    ) -> ImportRow:
        """Note an import of *size* executions before it is sent."""
        row = self._connection.execute(
            "INSERT INTO imports (account_tag, allow_duplicates, noted_at, size) "
            f"VALUES (?, ?, ?, ?) RETURNING {IMPORT.sql}",
            (account_tag, allow_duplicates, now, size),
        ).fetchone()
        return IMPORT.value(*row)

    def add_to_import(
        self, import_id: int, rows: Sequence[Row], *, now: float
    ) -> list[Row]:
        """
        Note which executions an import consists of; their state becomes sent.

        Returns them: what a person has discarded since *rows* were read stays behind.
        """
        taken = {
            seq
            for some in batches(row.seq for row in rows)
            for (seq,) in self._connection.execute(
                "UPDATE executions SET state = 'sent', import_id = ?, updated_at = ? "
                f"WHERE seq IN ({placeholders(some)}) AND state <> 'discarded' "
                "RETURNING seq",
                (import_id, now, *some),
            ).fetchall()
        }
        if len(taken) < len(rows):
            self._connection.execute(
                "UPDATE imports SET size = size - ? WHERE id = ?",
                (len(rows) - len(taken), import_id),
            )
        return [row for row in rows if row.seq in taken]

    def accept_import(self, import_id: int) -> None:
        """Note that Tradervue has taken an import."""
        self._connection.execute(
            "UPDATE imports SET stage = 'accepted' WHERE id = ?", (import_id,)
        )

    def finish_import(self, import_id: int, outcome: str, *, now: float) -> None:
        """Store what Tradervue says of an import; reading it has cleared it there."""
        self._connection.execute(
            "UPDATE imports SET stage = 'finished', outcome = ?, finished_at = ? "
            "WHERE id = ?",
            (outcome, now, import_id),
        )

    def wait_for_import(self, import_id: int, *, due_at: float, now: float) -> None:
        """Search the journal again at *due_at* for what an import has stored."""
        self._connection.execute(
            "UPDATE imports SET stage = 'waiting', due_at = ?, looks = looks + 1, "
            "finished_at = coalesce(finished_at, ?) WHERE id = ?",
            (due_at, now, import_id),
        )

    def settle_import(self, import_id: int) -> None:
        """Note that nothing of an import is open any more."""
        self._connection.execute(
            "UPDATE imports SET stage = 'settled' WHERE id = ?", (import_id,)
        )

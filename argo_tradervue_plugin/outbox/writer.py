"""What the outbox changes, in SQL over one open connection."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from argo_tradervue_plugin.journal.executions import Execution, Kind
from argo_tradervue_plugin.journal.trades import second_id
from argo_tradervue_plugin.outbox.interface import (
    NOTHING_TOLD,
    Event,
    EventKind,
    ImportRow,
    Row,
    State,
)
from argo_tradervue_plugin.outbox.rows import IMPORT, Connection, as_import

__all__ = ["SqlWriter"]

NEVER: Final = 9e15  # Unix seconds


class SqlWriter:
    """The changing half of the outbox; see :class:`~.interface.Writer`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fold(self, event: Event) -> tuple[str, State] | None:
        """Take *event* out of the inbox, into the execution that it is about."""
        self._connection.execute("DELETE FROM inbox WHERE seq = ?", (event.seq,))
        if event.kind is EventKind.CORRECTION:
            return None  # nothing is made of it yet
        trade_id = event.trade_id
        standing = self._standing(trade_id)
        forgotten = None if standing else self._forgotten(trade_id)
        if forgotten in ("", event.identity):
            return None
        owner = next((row[1] for row in standing), forgotten or event.identity)
        if owner != event.identity:
            # Two processes gave one id to two trades within the same microsecond. The
            # second may be closed first: its exit must not close the other.
            other = second_id(trade_id, event.identity)
            of_other = self._standing(other)
            if self._forgotten(other) is not None:
                return None
            if owner or any(kind == Kind.ENTRY for kind, *_ in of_other):
                trade_id, standing = other, of_other
            self._identify(trade_id, event.identity)
        key = (trade_id, event.kind)
        news = (event.payload, event.recorded_at)
        known = next((row for row in standing if row[0] == event.kind), None)
        if known is None:
            self._connection.execute(
                "INSERT INTO executions "
                "(trade_id, kind, identity, payload, recorded_at) "
                "VALUES (?, ?, ?, ?, ?)",
                (*key, event.identity, *news),
            )
            return trade_id, State.NEW
        _, _, payload, state = known
        if payload == event.payload:
            return None
        self._connection.execute(
            "UPDATE executions SET payload = ?, recorded_at = ? "
            "WHERE trade_id = ? AND kind = ?",
            (*news, *key),
        )
        return trade_id, State(state)

    def _forgotten(self, trade_id: str) -> str | None:
        """Return whose a trade was of which only this is left, None for any other."""
        row = self._connection.execute(
            "SELECT identity FROM trades WHERE trade_id = ? AND finished IS NOT NULL",
            (trade_id,),
        ).fetchone()
        return row and str(row[0])

    def _identify(self, trade_id: str, identity: str) -> None:
        """Note whose executions these are, which were found in the journal."""
        self._connection.execute(
            "UPDATE executions SET identity = ? WHERE trade_id = ? AND identity = ''",
            (identity, trade_id),
        )

    def _standing(self, trade_id: str) -> list[Any]:
        rows: list[Any] = self._connection.execute(
            "SELECT kind, identity, payload, state FROM executions "
            "WHERE trade_id = ? ORDER BY kind",
            (trade_id,),
        ).fetchall()
        return rows

    def enlist(
        self, execution: Execution, *, account_tag: str, twin: bool, now: float
    ) -> bool:
        """Note what *execution* consists of; its state becomes recorded."""
        told = (execution, account_tag, twin, now)
        # Most have a row by now, made by their event. Not the entry of a trade whose
        # entry no hook saw: its exit tells all about it.
        is_new = self._describe(*told) or (
            self._make_row(execution) and self._describe(*told)
        )
        if twin:
            self._mark_equals(execution)
        return is_new

    def _describe(
        self, execution: Execution, account_tag: str, twin: bool, now: float
    ) -> bool:
        """Write *execution* into its row; tell whether there is one to be sent."""
        changed = self._connection.execute(
            "UPDATE executions SET state = 'recorded', symbol = ?, quantity = ?, "
            "price = ?, commission = ?, executed_at = ?, account_tag = ?, "
            "twin = ? OR EXISTS (SELECT 1 FROM executions e WHERE e.twin AND "
            "e.trade_id = executions.trade_id AND e.kind <> executions.kind "
            "AND e.state = 'recorded'), "  # they go together
            "reason = NULL, due_at = 0, attempts = 0, updated_at = ? "
            "WHERE trade_id = ? AND kind = ? AND journal_id IS NULL AND (state IN "
            "('new', 'skipped', 'quarantined', 'basic') "
            "OR (state = 'recorded' AND import_id IS NULL)) RETURNING seq",
            (
                execution.symbol,
                f"{execution.quantity:f}",
                f"{execution.price:f}",
                None if execution.commission is None else f"{execution.commission:f}",
                int(execution.executed_at.timestamp()),
                account_tag,
                twin,
                now,
                execution.trade_id,
                execution.kind,
            ),
        ).fetchall()
        return bool(changed)

    def _make_row(self, execution: Execution) -> bool:
        """Make a row like that of the other execution of the trade; tell if it did."""
        made = self._connection.execute(
            "INSERT INTO executions (trade_id, kind, identity, payload, recorded_at) "
            "SELECT trade_id, ?, identity, payload, recorded_at FROM executions "
            "WHERE trade_id = ? AND kind <> ? ON CONFLICT DO NOTHING RETURNING seq",
            (execution.kind, execution.trade_id, execution.kind),
        ).fetchall()
        return bool(made)

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
            (execution.symbol, int(execution.executed_at.timestamp())),
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

    def free_slot(self, trade_id: str) -> None:
        """Give back the slot of a trade of which nothing was sent."""
        self._connection.execute(
            "DELETE FROM trades WHERE trade_id = ? AND journal_id IS NULL "
            "AND basic_id IS NULL AND NOT EXISTS (SELECT 1 FROM executions x "
            "WHERE x.trade_id = trades.trade_id AND x.import_id IS NOT NULL)",
            (trade_id,),
        )

    def close_trade(self, execution: Execution) -> None:
        """Note the time from which the slot of an exit's trade is free again."""
        self._connection.execute(
            "UPDATE trades SET exit_at = ? WHERE trade_id = ?",
            (int(execution.executed_at.timestamp()), execution.trade_id),
        )

    def reopen_trade(self, trade_id: str) -> None:
        """Keep the slot of a trade whose exit does not get into the journal."""
        self._connection.execute(
            "UPDATE trades SET exit_at = NULL WHERE trade_id = ?", (trade_id,)
        )

    def move(
        self,
        keys: Iterable[tuple[str, Kind]],
        state: State,
        *,
        now: float,
        reason: str | None = None,
        due_at: float | None = None,
        is_attempt: bool = True,
    ) -> None:
        """Change the state of executions, each step a row of the history."""
        tried = int(due_at is not None and is_attempt)
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
            "UPDATE trades SET annotate = TRUE, attempts = 0, due_at = 0, "
            "journal_id = CASE WHEN ? = 'entry' THEN ? "
            "ELSE coalesce(journal_id, ?) END WHERE trade_id = ?",
            (kind, journal_id, journal_id, trade_id),
        )

    def annotated(self, trade_id: str, *, now: float) -> list[Kind]:
        """Note that a trade carries our notes; return what became synced by it."""
        self._connection.execute(
            "UPDATE trades SET annotate = FALSE, attempts = 0 WHERE trade_id = ?",
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

    def want_overlay(
        self, trade_id: str, commission: Decimal, *, is_news: bool = True
    ) -> None:
        """Note that the journal has to learn a trade's *commission*."""
        self._connection.execute(
            "INSERT INTO overlays (trade_id, commission) SELECT :trade, :commission "
            "WHERE :news OR EXISTS (SELECT 1 FROM overlays WHERE trade_id = :trade) "
            "ON CONFLICT (trade_id) DO UPDATE SET commission = excluded.commission, "
            "attempts = 0, due_at = 0",
            {"trade": trade_id, "commission": f"{commission:f}", "news": is_news},
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
            "WHERE trade_id = ? AND symbol IS NOT NULL "
            "AND state IN ('linked', 'synced', 'quarantined')",
            (now, trade_id),
        )
        self._connection.execute(
            "UPDATE trades SET journal_id = NULL, annotate = FALSE WHERE trade_id = ?",
            (trade_id,),
        )

    def adopt(
        self, execution: Execution, journal_id: int, *, account_tag: str, now: float
    ) -> None:
        """Note an execution that stands in the journal and is not known here."""
        self._connection.execute(
            "INSERT INTO executions (trade_id, kind, identity, payload, recorded_at) "
            "VALUES (?, ?, '', ?, ?) ON CONFLICT DO NOTHING",
            (execution.trade_id, execution.kind, NOTHING_TOLD, now),
        )
        self.enlist(execution, account_tag=account_tag, twin=False, now=now)
        self.link(execution.trade_id, execution.kind, journal_id, now=now)
        self.annotated(execution.trade_id, now=now)

    def forget(self, trade_ids: Iterable[str]) -> None:
        """Remove what is known of finished trades, but that they are, and where."""
        keys = [(trade_id,) for trade_id in trade_ids]
        self._connection.executemany(
            "UPDATE trades SET "
            "finished = (SELECT min(state) FROM executions x "
            "WHERE x.trade_id = trades.trade_id), "
            "identity = (SELECT min(identity) FROM executions x "
            "WHERE x.trade_id = trades.trade_id) WHERE trade_id = ?",
            keys,
        )
        self._connection.executemany("DELETE FROM executions WHERE trade_id = ?", keys)
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

    def wants_notes(self, trade_id: str) -> None:
        """Note that what stands for a trade has to say something new."""
        self._connection.execute(
            "UPDATE trades SET annotate = TRUE, attempts = 0, due_at = 0 "
            "WHERE trade_id = ?",
            (trade_id,),
        )

    def set_basic(self, trade_id: str, basic_id: int | None) -> None:
        """Note the trade without executions that stands for *trade_id*, or none."""
        self._connection.execute(
            "UPDATE trades SET basic_id = ? WHERE trade_id = ?", (basic_id, trade_id)
        )

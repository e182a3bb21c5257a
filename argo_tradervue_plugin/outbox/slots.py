"""Slots: which account tag a trade has, and for how long."""

from collections.abc import Iterable
from datetime import datetime
from math import ceil, floor
from typing import Final

from argo_tradervue_plugin.model.executions import Execution
from argo_tradervue_plugin.model.side import Side
from argo_tradervue_plugin.outbox.executions import ExecutionChanges, Executions
from argo_tradervue_plugin.outbox.rows import (
    Shape,
    from_epoch,
    to_epoch,
)
from argo_tradervue_plugin.planning.slots import Span

__all__ = ["SlotChanges", "Slots"]

FAR: Final = 2**62  # Unix seconds; later than anything

# Whether something of a trade may stand in the journal.
STORED: Final = """
(t.journal_id IS NOT NULL OR EXISTS (SELECT 1 FROM executions x
  WHERE x.trade_id = t.trade_id AND x.import_id IS NOT NULL))
"""
SPAN: Final = Shape(Span, columns={"start": "entry_at", "end": "exit_at"})


class Slots(Executions):
    """Who has which slot, and what follows there."""

    def opened_before(self, symbol: str, at: float, side: Side) -> list[str]:
        """
        Return the trades of *side* in *symbol* that were open then, or since.

        What was closed in that very second belongs to them: by whatever asks, perhaps.
        """
        sign = "=" if side is Side.SHORT else "<>"
        is_of_side = (
            "EXISTS (SELECT 1 FROM executions e WHERE e.trade_id = t.trade_id "
            f"AND e.kind = 'entry' AND substr(e.quantity, 1, 1) {sign} '-')"
        )
        rows = self._all(
            "SELECT trade_id FROM trades t WHERE symbol = :symbol AND exit_at IS NULL "
            f"AND entry_at <= :at AND {is_of_side} UNION ALL SELECT trade_id "
            "FROM trades t WHERE symbol = :symbol AND exit_at >= :at "
            f"AND entry_at <= :at AND {is_of_side}",
            {"symbol": symbol, "at": int(at)},
        )
        return [row[0] for row in rows]

    def account_tag_of(self, trade_id: str) -> str | None:
        """Return the account tag of a trade; None: it has no slot yet."""
        row = self._one(
            "SELECT account_tag FROM trades WHERE trade_id = ?", (trade_id,)
        )
        return row and str(row[0])

    def spans(self, symbol: str, start: float, end: float | None) -> list[Span]:
        """Return who holds which slot for *symbol* between *start* and *end*."""
        rows = self._all(
            f"SELECT {SPAN.sql} FROM trades WHERE symbol = :symbol "
            "AND exit_at >= :start AND entry_at <= :end UNION ALL "
            f"SELECT {SPAN.sql} FROM trades WHERE symbol = :symbol "
            "AND exit_at IS NULL AND entry_at <= :end",
            {
                "symbol": symbol,
                "start": ceil(start),  # what is kept are whole seconds
                "end": FAR if end is None else floor(end),
            },
        )
        return SPAN.values(rows)

    def queued_behind(self, trade_id: str) -> list[str]:
        """Return the trades that follow one in its slot, and were never sent."""
        rows = self._all(
            "SELECT t.trade_id FROM trades o JOIN trades t ON t.symbol = o.symbol "
            "AND t.account_tag = o.account_tag AND t.trade_id <> o.trade_id "
            "AND t.entry_at >= o.entry_at WHERE o.trade_id = ? "
            "AND t.journal_id IS NULL AND t.basic_id IS NULL AND EXISTS "
            "(SELECT 1 FROM executions x WHERE x.trade_id = t.trade_id "
            "AND x.kind = 'entry' AND x.state = 'recorded' AND x.import_id IS NULL) "
            "ORDER BY t.entry_at",
            (trade_id,),
        )
        return [row[0] for row in rows]

    def open_behind(self, trade_ids: Iterable[str]) -> set[str]:
        """
        Return the trades that one follows in their slot which may be open there.

        That is one of which no exit was recorded, and of which something was sent.
        """
        rows = self._among(
            trade_ids,
            "SELECT o.trade_id FROM trades o JOIN trades t ON t.symbol = o.symbol "
            "AND t.exit_at IS NULL AND t.account_tag = o.account_tag "
            "AND t.trade_id <> o.trade_id AND t.entry_at >= o.entry_at "
            f"WHERE o.trade_id IN () AND {STORED}",
        )
        return {row[0] for row in rows}

    def closing(
        self, symbols: Iterable[str], account_tag: str
    ) -> dict[str, list[tuple[str, datetime]]]:
        """
        Return trades under *account_tag* in the journal of which an exit is to be sent.

        By symbol, each with the time of its entry (UTC).
        """
        found: dict[str, list[tuple[str, datetime]]] = {}
        rows = self._among(
            symbols,
            "SELECT t.symbol, t.trade_id, t.entry_at FROM executions e "
            "JOIN trades t ON t.trade_id = e.trade_id "
            "AND t.account_tag = e.account_tag WHERE e.state = 'recorded' "
            "AND e.kind = 'exit' AND e.account_tag = ? AND e.symbol IN () "
            "AND t.journal_id IS NOT NULL",
            account_tag,
        )
        for symbol, trade_id, entry_at in rows:
            found.setdefault(symbol, []).append((trade_id, from_epoch(entry_at)))
        return found

    def stored_behind(self, trade_id: str) -> bool:
        """Tell whether a trade that follows one in its slot may be in the journal."""
        follows = (
            "FROM trades o JOIN trades t ON t.symbol = o.symbol "
            "AND t.account_tag = o.account_tag AND t.trade_id <> o.trade_id "
            f"WHERE o.trade_id = :trade_id AND {STORED}"
        )
        row = self._one(
            f"SELECT 1 {follows} AND t.exit_at IS NULL UNION ALL "
            f"SELECT 1 {follows} AND t.exit_at >= o.entry_at LIMIT 1",
            {"trade_id": trade_id},
        )
        return row is not None


class SlotChanges(ExecutionChanges):
    """Gives slots, and frees them."""

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
                to_epoch(execution.executed_at),
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

    def close_trade(self, trade_id: str, at: datetime) -> None:
        """Note the time from which the slot of a trade is free."""
        self._connection.execute(
            "UPDATE trades SET exit_at = ? WHERE trade_id = ?",
            (to_epoch(at), trade_id),
        )

    def reopen_trade(self, trade_id: str) -> None:
        """Keep the slot of a trade whose exit does not get into the journal."""
        self._connection.execute(
            "UPDATE trades SET exit_at = NULL WHERE trade_id = ?", (trade_id,)
        )

    def retag(self, trade_id: str, *, slot: int, account_tag: str) -> None:
        """Give a trade of which nothing was sent another slot."""
        self._connection.execute(
            "UPDATE trades SET slot = ?, account_tag = ? WHERE trade_id = ?",
            (slot, account_tag, trade_id),
        )
        self._connection.execute(
            "UPDATE executions SET account_tag = ? WHERE trade_id = ? "
            "AND closes IS NULL",
            (account_tag, trade_id),
        )

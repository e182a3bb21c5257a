"""Trades that are sent again, and commissions that came later."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from argo_tradervue_plugin.outbox.engine import Reading, Writing
from argo_tradervue_plugin.outbox.records import Overlay, Resend
from argo_tradervue_plugin.outbox.rows import (
    NEVER,
    ROW,
    Shape,
    as_row,
)
from argo_tradervue_plugin.outbox.trades import READ_BACK

__all__ = ["ResendChanges", "Resends"]

# The last execution of a trade's exit, which carries the commission.
CLOSING: Final = """
SELECT seq FROM executions WHERE trade_id = ? AND kind = 'exit' AND symbol IS NOT NULL
ORDER BY part DESC LIMIT 1
"""
RESEND: Final = Shape(Resend)

# The next step is up to whoever resends; what was sent goes its own way until then.
RESEND_DUE: Final = f"""
r.due_at <= :now AND r.stage <> 'refused'
  AND (r.stage IN ('asked', 'clearing', 'checking') OR (r.stage = 'sent' AND EXISTS (
      SELECT 1 FROM trades t WHERE t.trade_id = r.trade_id AND {READ_BACK})))
"""
OVERLAY: Final = Shape(Overlay, but={"row"})
# There are few overlays, and many exits: the former are to lead.
WANTED: Final = (
    f"SELECT {OVERLAY.of('o')}, {ROW} FROM overlays o "
    f"JOIN executions x ON x.seq = ({CLOSING.replace('?', 'o.trade_id')})"
)


def as_overlay(values: Sequence[Any]) -> Overlay:
    """Return what :data:`WANTED` selected."""
    return OVERLAY.value(*values[:2], row=as_row(values[2:]))


class Resends(Reading):
    """How far resends and overlays are."""

    def resend_of(self, trade_id: str) -> Resend | None:
        """Return how far the resend of a trade is; None: there is none open."""
        row = self._one(
            f"SELECT {RESEND.sql} FROM resends r WHERE r.trade_id = ?", (trade_id,)
        )
        return row and RESEND.value(*row)

    def resends(self, limit: int) -> list[Resend]:
        """Return the resends that are not at their end, oldest first."""
        rows = self._all(
            f"SELECT {RESEND.sql} FROM resends r WHERE r.stage <> 'refused' "
            "ORDER BY r.asked_at, r.trade_id LIMIT ?",
            (limit,),
        )
        return RESEND.values(rows)

    def resends_due(self, now: float, limit: int) -> list[Resend]:
        """Return resends of which the next step is due, oldest first."""
        rows = self._all(
            f"SELECT {RESEND.sql} FROM resends r WHERE {RESEND_DUE} "
            "ORDER BY r.asked_at, r.trade_id LIMIT :limit",
            {"now": now, "limit": limit},
        )
        return RESEND.values(rows)

    def overlays_due(self, now: float, limit: int) -> list[Overlay]:
        """Return overlays of one account tag that are due."""
        rows = self._all(
            f"{WANTED} "
            "WHERE o.due_at <= ? AND x.state IN ('linked', 'synced') "
            "ORDER BY x.account_tag, x.executed_at LIMIT ?",
            (now, limit),
        )
        found = [as_overlay(row) for row in rows]
        return [o for o in found if o.row.account_tag == found[0].row.account_tag]

    def overlays_of(self, trade_ids: Iterable[str]) -> dict[str, Overlay]:
        """Return the overlays that are wanted for these trades, due or not."""
        rows = self._among(trade_ids, f"{WANTED} WHERE o.trade_id IN ()")
        overlays = map(as_overlay, rows)
        return {overlay.row.trade_id: overlay for overlay in overlays}

    def is_overlay_open(self, trade_id: str) -> bool:
        """Return whether a commission has yet to be laid over, and was not given up."""
        sql = "SELECT 1 FROM overlays WHERE trade_id = ? AND due_at < ?"
        return self._one(sql, (trade_id, NEVER)) is not None


class ResendChanges(Writing):
    """Asks for resends and overlays, and ends them."""

    def ask_resend(
        self, trade_id: str, *, drops_comments: bool, now: float, kept: str = ""
    ) -> None:
        """Note that a person wants a trade sent again; one under way goes on."""
        self._connection.execute(
            "INSERT INTO resends AS r "
            "(trade_id, stage, asked_at, drops_comments, kept) "
            "VALUES (?, 'asked', ?, ?, ?) ON CONFLICT (trade_id) DO UPDATE "
            "SET stage = 'asked', asked_at = excluded.asked_at, "
            "drops_comments = excluded.drops_comments, kept = excluded.kept, "
            "reason = NULL, attempts = 0, due_at = 0 "
            "WHERE r.stage IN ('asked', 'refused')",
            (trade_id, now, drops_comments, kept),
        )

    def keep_resend(self, resend: Resend) -> None:
        """Keep how far a resend is."""
        self._connection.execute(
            "UPDATE resends SET stage = :stage, kept = :kept, reason = :reason, "
            "attempts = :attempts, due_at = :due_at WHERE trade_id = :trade_id",
            RESEND.row(resend),
        )

    def end_resend(self, trade_id: str) -> None:
        """Note that nothing of a resend is open any more."""
        self._connection.execute("DELETE FROM resends WHERE trade_id = ?", (trade_id,))

    def want_overlay(
        self, trade_id: str, commission: Decimal, *, is_news: bool = True
    ) -> None:
        """
        Note that the journal has to learn a trade's *commission*.

        What is no news takes only the place of another one that is wanted.
        """
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
            f"WHERE seq = ({CLOSING})",
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

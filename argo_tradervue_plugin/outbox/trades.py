"""Trades: their links to the journal, and their notes."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.records import (
    TradeRecord,
    as_text,
    found_record,
    from_text,
    host_id_in,
)
from argo_tradervue_plugin.outbox.records import (
    NOTHING_RECORDED,
    Link,
    Row,
    State,
    TradeRow,
    Transition,
)
from argo_tradervue_plugin.outbox.rows import (
    NEVER,
    ROW,
    Shape,
    as_row,
)
from argo_tradervue_plugin.outbox.slots import SlotChanges, Slots
from argo_tradervue_plugin.process.forking import importing

__all__ = ["READ_BACK", "TradeChanges", "Trades"]

LINK: Final = Shape(Link)

# Notes are written once for an entry and an exit that go together. The plus keeps
# SQLite from the index of all trades that were ever linked.
READ_BACK: Final = """
t.annotate AND t.due_at <= :now AND +t.journal_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM executions e WHERE e.trade_id = t.trade_id AND e.kind = 'exit'
     AND e.state = 'recorded' AND e.due_at <= :now)
"""

# The notes of a trade that was sent again are written by the resend, together with
# what people wrote on the one before.
NOTES_DUE: Final = f"""
{READ_BACK} AND NOT EXISTS (
  SELECT 1 FROM resends r WHERE r.trade_id = t.trade_id AND r.stage = 'sent')
"""

TRADED: Final = Shape(
    TradeRow,
    but={"payload", "changed_at", "record"},
    columns={"entered_at": "entry_at"},
)

# A trade with what the host has recorded of it, and whether its exit is in the
# journal, or would if the trade were not refused.
TRADE: Final = f"""
SELECT {TRADED.of("t")}, r.facts, x.kind = 'exit', x.updated_at
  FROM trades t JOIN executions x ON x.seq = (
       SELECT seq FROM executions WHERE trade_id = t.trade_id AND symbol IS NOT NULL
        ORDER BY state IN ('linked', 'synced') DESC, kind = 'exit' DESC, part DESC
        LIMIT 1)
  LEFT JOIN records r ON r.trade_id = t.trade_id
"""


def as_trade(values: Sequence[Any]) -> TradeRow:
    """Return what :data:`TRADE` selected."""
    *own, facts, has_exit, changed_at = values
    record = None if facts is None else from_text(facts)
    payload = latest(record, has_exit=bool(has_exit))
    return TRADED.value(*own, record=record, payload=payload, changed_at=changed_at)


def latest(record: TradeRecord | None, *, has_exit: bool) -> str:
    """Return the latest snapshot of a trade, as far as it is in the journal."""
    if record is None:
        return NOTHING_RECORDED
    return (
        (record.exit if has_exit else record.entry) or record.entry or NOTHING_RECORDED
    )


# What is known of a trade because something of it was sent.
STARTED_OVER: Final = ("executions", "overlays", "outcomes", "acceptances", "trades")


class Trades(Slots):
    """Where a trade is in the journal, and what is due for it."""

    def trade(self, trade_id: str) -> TradeRow | None:
        """Return a trade, None if it is not known."""
        row = self._one(f"{TRADE} WHERE t.trade_id = ?", (trade_id,))
        return row and as_trade(row)

    def claimed(self, journal_ids: Iterable[int]) -> dict[int, set[str]]:
        """Return which host trades stand in which of these journal trades."""
        found: dict[int, set[str]] = {}
        rows = self._among(
            journal_ids,
            "SELECT journal_id, trade_id FROM trades WHERE journal_id IN ()",
        )
        for journal_id, trade_id in rows:
            found.setdefault(journal_id, set()).add(trade_id)
        return found

    def latest_links(self, limit: int) -> list[Link]:
        """Return where the trades stand that were linked last, latest first."""
        rows = self._all(
            f"SELECT {LINK.sql} FROM trades "
            "WHERE journal_id IS NOT NULL ORDER BY journal_id DESC LIMIT ?",
            (limit,),
        )
        return LINK.values(rows)

    def annotations_due(self, now: float) -> int:
        """Return how many trades :meth:`to_annotate` would return, without a limit."""
        number: int = self._one(
            f"SELECT count(*) FROM trades t WHERE {NOTES_DUE}", {"now": now}
        )[0]
        return number

    def to_annotate(self, now: float, limit: int) -> list[TradeRow]:
        """
        Return trades whose notes are due, by account tag and time of entry.

        One whose exit is about to be imported waits for it, and is written once.
        """
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
            # In their order, so that the index of the few is what leads.
            "AND NOT t.annotate ORDER BY t.basic_id"
        )
        return [as_trade(row) for row in rows]

    def risks_in(self, journal_ids: Iterable[int]) -> dict[int, Decimal]:
        """Return the planned risk in dollars of each of these trades that is ours."""
        with importing:  # a host's start does not wait for it
            from argo_tradervue_plugin.planning.plan import initial_risk
        found: dict[int, Decimal] = {}
        rows = self._among(journal_ids, f"{TRADE} WHERE t.journal_id IN ()")
        trades = [as_trade(row) for row in rows]
        entries = self.of_trades(trade.trade_id for trade in trades)
        for trade in trades:
            if trade.record is None or trade.journal_id is None:
                continue
            fills = [
                row.execution
                for row in entries[trade.trade_id]
                if row.kind is Kind.ENTRY and row.execution
            ]
            risk = initial_risk(trade.record, fills)
            if risk is not None:
                found[trade.journal_id] = risk
        return found


class TradeChanges(SlotChanges):
    """Links trades, and forgets them."""

    def link(self, row: Row, journal_id: int, *, now: float) -> None:
        """Note that an execution was read back, and in which journal trade."""
        self.apply(
            Transition(state=State.LINKED, rows=[row], journal_id=journal_id), now=now
        )
        is_first = self._opens_first(row)
        self._connection.execute(
            # The risk is what we wrote there, and not into another journal trade.
            "UPDATE trades SET annotate = TRUE, attempts = 0, due_at = 0, "
            "risk = CASE WHEN :first AND journal_id <> :id THEN NULL ELSE risk END, "
            "journal_id = CASE WHEN :first THEN :id "
            "ELSE coalesce(journal_id, :id) END WHERE trade_id = :trade",
            {"first": is_first, "id": journal_id, "trade": row.trade_id},
        )

    def _opens_first(self, row: Row) -> bool:
        """Tell whether an execution is the first of its trade's own position."""
        if row.execution is None or not row.execution.opens:
            return False  # an exit, or what closes the position of another trade
        if row.part == 1:
            return True
        earlier = self._connection.execute(
            "SELECT 1 FROM executions WHERE trade_id = ? AND kind = 'entry' "
            "AND closes IS NULL AND part < ?",
            (row.trade_id, row.part),
        )
        return earlier.fetchone() is None

    def annotated(
        self, trade_id: str, *, now: float, risk: Decimal | None = None
    ) -> list[Kind]:
        """
        Note that a trade carries our notes; return what became synced by it.

        *risk* is the initial risk in dollars that was written with them, None where it
        stays as it was.
        """
        self._connection.execute(
            "UPDATE trades SET annotate = FALSE, attempts = 0, "
            "risk = coalesce(?, risk) WHERE trade_id = ?",
            (None if risk is None else f"{risk:f}", trade_id),
        )
        rows = self._connection.execute(
            "UPDATE executions SET state = 'synced', updated_at = ? "
            "WHERE trade_id = ? AND state = 'linked' RETURNING kind",
            (now, trade_id),
        ).fetchall()
        return sorted({Kind(row[0]) for row in rows})

    def postpone_annotation(self, trade_id: str, *, due_at: float) -> None:
        """Try the annotation of a trade again later."""
        self._connection.execute(
            "UPDATE trades SET due_at = ?, attempts = attempts + 1 WHERE trade_id = ?",
            (due_at, trade_id),
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

    def forget_place(self, trade_id: str, *, now: float) -> None:
        """Send a trade again that somebody deleted in the journal."""
        self._connection.execute(
            "UPDATE executions SET state = 'recorded', journal_id = NULL, "
            "import_id = NULL, unsure = FALSE, attempts = 0, due_at = 0, "
            "updated_at = ?, reason = 'resent' "
            "WHERE trade_id = ? AND symbol IS NOT NULL "
            "AND state IN ('linked', 'synced', 'quarantined')",
            (now, trade_id),
        )
        self._connection.execute(
            "UPDATE trades SET journal_id = NULL, annotate = FALSE, risk = NULL "
            "WHERE trade_id = ?",
            (trade_id,),
        )

    def adopt(
        self, execution: Execution, journal_id: int, *, account_tag: str, now: float
    ) -> None:
        """Note an execution that stands in the journal and is not known here."""
        self._connection.execute(
            "INSERT INTO records (trade_id, host_id, recorded_at, facts) "
            "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                execution.trade_id,
                host_id_in(execution.trade_id),
                now,
                as_text(found_record(execution)),
            ),
        )
        self.put(execution, account_tag=account_tag, twin=False, now=now)
        values = self._connection.execute(
            f"SELECT {ROW} FROM executions x WHERE trade_id = ? AND kind = ? "
            "AND part = ?",
            execution.key,
        ).fetchone()
        self.link(as_row(values), journal_id, now=now)
        self.annotated(execution.trade_id, now=now)

    def hold(self, rows: Iterable[Row], *, reason: str, now: float) -> None:
        """Let executions wait, wherever they stand, while a trade is replaced."""
        some = list(rows)
        held = Transition(state=State.RECORDED, rows=some, reason=reason, due_at=NEVER)
        self.apply(held, now=now)
        self._connection.executemany(
            "UPDATE trades SET annotate = FALSE WHERE trade_id = ?",
            [(row.trade_id,) for row in some],
        )

    def let_go(self, rows: Iterable[Row], *, now: float) -> None:
        """Let executions go on as before they were held."""
        for row in rows:
            is_there = row.journal_id is not None
            state = State.LINKED if is_there else State.RECORDED
            self.apply(Transition(state=state, rows=[row], due_at=0.0), now=now)
            if is_there:
                self.wants_notes(row.trade_id)  # they are looked at again

    def start_over(self, trade_id: str) -> None:
        """
        Forget what was sent of a trade of which nothing is in the journal any more.

        With its slot, its outcomes and its commission to be laid over; what the host
        has recorded of it stays.
        """
        for table in STARTED_OVER:
            self._connection.execute(
                f"DELETE FROM {table} WHERE trade_id = ?", (trade_id,)
            )

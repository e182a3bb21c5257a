"""What the outbox answers, in SQL over one open connection."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from math import ceil, floor
from operator import itemgetter
from typing import Final

from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.records import TradeRecord, from_text
from argo_tradervue_plugin.model.side import Side
from argo_tradervue_plugin.outbox.engine import Engine
from argo_tradervue_plugin.outbox.records import (
    PENDING,
    Acceptance,
    Errand,
    Event,
    ImportRow,
    Lease,
    Link,
    Outcome,
    Overlay,
    OverQuota,
    Process,
    RefusedLogin,
    Resend,
    ResultRow,
    Row,
    Snapshot,
    State,
    Step,
    TradeRow,
    Waiting,
)
from argo_tradervue_plugin.outbox.rows import (
    ACCEPTANCE,
    ACCEPTED,
    CLOSING,
    ELIGIBLE,
    EVENT,
    FINISHED,
    IMPORT,
    LEASE,
    LINK,
    NEVER,
    NOTES_DUE,
    OUTCOME,
    OVERLAY,
    PROCESS,
    REFUSED,
    RESEND,
    RESEND_DUE,
    RESULT,
    ROW,
    SPAN,
    STEP,
    TRADE,
    as_overlay,
    as_row,
    as_trade,
    batches,
    from_epoch,
    in_order,
    placeholders,
    to_epoch,
)
from argo_tradervue_plugin.planning.slots import Span
from argo_tradervue_plugin.process.forking import importing

__all__ = ["Reader"]

FAR: Final = 2**62  # Unix seconds; later than anything
# Seconds; more than the pause from one look at the journal to the next.
LONGEST_PAUSE: Final = 1000.0
# Whether something of a trade may stand in the journal.
STORED: Final = """
(t.journal_id IS NOT NULL OR EXISTS (SELECT 1 FROM executions x
  WHERE x.trade_id = t.trade_id AND x.import_id IS NOT NULL))
"""
# What decides how a leg of several executions is: the one that is worst off.
WORST: Final = (
    State.NEW,
    State.QUARANTINED,
    State.RECORDED,
    State.SENT,
    State.IMPORTED,
    State.LINKED,
    State.BASIC,
    State.DISCARDED,
    State.SKIPPED,
    State.SYNCED,
)

# A bit for each state in which a trade has an execution.


def leg_of(kind: str) -> Kind:
    """Return the leg that an event is about; a correction is about the entry."""
    return Kind.EXIT if kind == Kind.EXIT else Kind.ENTRY


# Where there is something of an errand: each in an index of the few that wait.
ERRANDS: Final[Mapping[Errand, str]] = {
    Errand.PLAN: "inbox",
    Errand.SETTLE: "imports WHERE stage <> 'settled' AND stage <> 'waiting'",
    Errand.SEARCH: "imports WHERE stage = 'waiting'",
    Errand.SEND: "executions WHERE state = 'recorded'",
    Errand.NOTES: "trades WHERE annotate",
    Errand.OVERLAY: f"overlays WHERE due_at < {NEVER:.0f}",
    Errand.WITHDRAW: "trades WHERE basic_id IS NOT NULL AND journal_id IS NOT NULL",
    Errand.RESEND: "resends WHERE stage <> 'refused'",
}
ERRANDS_THERE: Final = "SELECT " + ", ".join(
    f"EXISTS (SELECT 1 FROM {where})" for where in ERRANDS.values()
)
NEXT_DUE: Final = """
SELECT min(at) FROM (
  SELECT (SELECT min(due_at) FROM executions WHERE state = 'recorded') AS at
  UNION ALL SELECT (SELECT min(due_at) FROM trades WHERE annotate)
  UNION ALL SELECT (SELECT min(due_at) FROM resends WHERE stage <> 'refused')
  UNION ALL SELECT (SELECT min(due_at) FROM imports WHERE stage = 'waiting')) soon
"""
# What waits for a quota; the index that it is searched by has every state under way.
OVER_QUOTA: Final = "(r.state = 'recorded' AND r.reason = 'quota')"
UNDER_WAY: Final = "x.state IN ('recorded', 'sent', 'imported', 'linked')"
# How a trade stands, the worst first: the worst of its states decides.
STANDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "pending": PENDING,
    "quarantined": (State.QUARANTINED,),
    "discarded": (State.DISCARDED,),
    "basic": (State.BASIC,),
    "skipped": (State.SKIPPED,),
    "differs": ("differs",),
    "verified": (State.SYNCED,),
}


class Reader:
    """What an outbox is asked: SQL in one dialect, for any engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._all, self._one = engine.all, engine.one

    def _lease(self) -> Lease | None:
        row = self._one(f"SELECT {LEASE.sql} FROM lease WHERE token > 0")
        return row and LEASE.value(row)

    def lease_free_at(self) -> float:
        """Return when the present lease expires, 0 if there is none."""
        lease = self._lease()
        return lease.expires_at if lease else 0.0

    def lease_holder(self) -> str | None:
        """Return who took the lease last, None: no process ever did."""
        lease = self._lease()
        return lease.holder if lease else None

    def inbox(self, limit: int) -> list[Event]:
        """Return events that were not looked at, in the order of recording."""
        rows = self._all(
            f"SELECT {EVENT.sql} FROM inbox ORDER BY seq LIMIT ?", (limit,)
        )
        return EVENT.values(rows)

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

    def errands(self) -> frozenset[Errand]:
        """Return what there is to do, now or later; of any other there is nothing."""
        there = self._one(ERRANDS_THERE)
        return frozenset(e for e, is_any in zip(ERRANDS, there, strict=True) if is_any)

    def next_due(self) -> float | None:
        """Return when the next execution or annotation is due; None: there is none."""
        at: float | None = self._one(NEXT_DUE)[0]
        return at

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

    def refused_logins(self) -> list[RefusedLogin]:
        """Return the logins that Tradervue has refused and not accepted since."""
        rows = self._all(f"SELECT {REFUSED.sql} FROM refusals ORDER BY digest")
        return REFUSED.values(rows)

    def processes(self) -> list[Process]:
        """Return what each process said last, also those that are gone by now."""
        rows = self._all(f"SELECT {PROCESS.sql} FROM processes ORDER BY name")
        return PROCESS.values(rows)

    def condition(self, name: str) -> str | None:
        """Return what :meth:`Writer.set_condition` keeps."""
        row = self._one("SELECT facts FROM conditions WHERE name = ?", (name,))
        return None if row is None else str(row[0])

    def conditions(self) -> dict[str, str]:
        """Return everything that :meth:`Writer.set_condition` keeps, by name."""
        return dict(self._all("SELECT name, facts FROM conditions"))

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

    def imports_of(self, import_ids: Iterable[int]) -> dict[int, ImportRow]:
        """Return these imports, as far as they were not forgotten."""
        found: dict[int, ImportRow] = {}
        for some in batches(import_ids):
            rows = self._all(
                f"SELECT {IMPORT.sql} FROM imports WHERE id IN ({placeholders(some)})",
                some,
            )
            found |= {row.id: row for row in IMPORT.values(rows)}
        return found

    def of_trades(self, trade_ids: Iterable[str]) -> dict[str, list[Row]]:
        """Return all understood executions of trades, the entry first."""
        found: dict[str, list[Row]] = {trade_id: [] for trade_id in trade_ids}
        for some in batches(found):
            rows = self._all(
                f"SELECT {ROW} FROM executions x WHERE trade_id "
                f"IN ({placeholders(some)}) AND symbol IS NOT NULL "
                "ORDER BY trade_id, kind, part",
                some,
            )
            for row in map(as_row, rows):
                found[row.trade_id].append(row)
        return found

    def of_trade(self, trade_id: str) -> list[Row]:
        """Return every execution of a trade, also those that made no sense."""
        rows = self._all(
            f"SELECT {ROW} FROM executions x WHERE trade_id = ? ORDER BY kind, part",
            (trade_id,),
        )
        return [as_row(row) for row in rows]

    def records_of(
        self, host_ids: Iterable[str]
    ) -> dict[str, list[tuple[TradeRecord, bool]]]:
        """
        Return the records of each id of the host, oldest first.

        With each comes whether its trade was finished and forgotten. Ids are as
        :func:`~.records.stored_id` gives them.
        """
        found: dict[str, list[tuple[TradeRecord, bool]]] = {}
        for some in batches(host_ids):
            rows = self._all(
                "SELECT host_id, facts, finished FROM records WHERE host_id "
                f"IN ({placeholders(some)}) ORDER BY host_id, recorded_at, trade_id",
                some,
            )
            for host_id, facts, finished in rows:
                record = from_text(facts), bool(finished)
                found.setdefault(host_id, []).append(record)
        return found

    def record_of(self, trade_id: str) -> TradeRecord | None:
        """Return what the host has recorded of a trade, None where nothing is known."""
        row = self._one("SELECT facts FROM records WHERE trade_id = ?", (trade_id,))
        return row and from_text(row[0])

    def outcomes_of(self, trade_ids: Iterable[str]) -> dict[str, list[Outcome]]:
        """Return the outcomes of these trades, also those that were accepted."""
        found: dict[str, list[Outcome]] = {}
        for some in batches(trade_ids):
            rows = self._all(
                f"SELECT {OUTCOME.sql} FROM outcomes o WHERE o.trade_id "
                f"IN ({placeholders(some)}) ORDER BY o.trade_id, o.code",
                some,
            )
            for outcome in OUTCOME.values(rows):
                found.setdefault(outcome.trade_id, []).append(outcome)
        return found

    def outcomes(self, limit: int) -> list[Outcome]:
        """Return outcomes that are not accepted, oldest first."""
        rows = self._all(
            f"SELECT {OUTCOME.sql} FROM outcomes o WHERE {ACCEPTED} IS NULL "
            "ORDER BY o.since, o.trade_id, o.code LIMIT ?",
            (limit,),
        )
        return OUTCOME.values(rows)

    def outcome_counts(self) -> Mapping[str, int]:
        """Return how many trades have an outcome of each code that is not accepted."""
        rows = self._all(
            f"SELECT o.code, count(*) FROM outcomes o WHERE {ACCEPTED} IS NULL "
            "GROUP BY o.code ORDER BY o.code"
        )
        return dict(rows)

    def acceptances(self, trade_ids: Iterable[str] | None = None) -> list[Acceptance]:
        """Return what people have accepted of these trades; by default, everything."""
        accepted = f"SELECT {ACCEPTANCE.sql} FROM acceptances"
        if trade_ids is None:
            return ACCEPTANCE.values(self._all(accepted))
        found: list[Acceptance] = []
        for some in batches(trade_ids):
            rows = self._all(
                f"{accepted} WHERE journal_id = 0 "
                f"AND trade_id IN ({placeholders(some)})",
                some,
            )
            found += ACCEPTANCE.values(rows)
        return found

    def all_of_trades(self, trade_ids: Iterable[str]) -> dict[str, list[Row]]:
        """Return every execution of trades, also those that made no sense."""
        found: dict[str, list[Row]] = {trade_id: [] for trade_id in trade_ids}
        for some in batches(found):
            rows = self._all(
                f"SELECT {ROW} FROM executions x WHERE trade_id "
                f"IN ({placeholders(some)}) ORDER BY trade_id, kind, part",
                some,
            )
            for row in map(as_row, rows):
                found[row.trade_id].append(row)
        return found

    def closers_of(self, trade_ids: Iterable[str]) -> dict[str, list[Row]]:
        """Return the executions of opposite trades that close these positions."""
        found: dict[str, list[Row]] = {trade_id: [] for trade_id in trade_ids}
        for some in batches(found):
            rows = self._all(
                f"SELECT {ROW} FROM executions x WHERE closes "
                f"IN ({placeholders(some)}) ORDER BY closes, executed_at, seq",
                some,
            )
            for row in map(as_row, rows):
                if row.execution and row.execution.closes:
                    found[row.execution.closes].append(row)
        return found

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
        found: list[Row] = []
        for some in batches({to_epoch(moment) for moment in moments}):
            rows = self._all(
                f"SELECT {ROW} FROM executions x WHERE symbol = ? AND executed_at "
                f"IN ({placeholders(some)}) "
                "AND (import_id IS NOT NULL OR journal_id IS NOT NULL)",
                (symbol, *some),
            )
            found += map(as_row, rows)
        return found

    def noticed_at(self, code: str) -> float | None:
        """Return when something was last said of the account, None: it never was."""
        row = self._one("SELECT said_at FROM notices WHERE code = ?", (code,))
        return row and float(row[0])

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
        found: set[str] = set()
        for some in batches(trade_ids):
            rows = self._all(
                "SELECT o.trade_id FROM trades o JOIN trades t ON t.symbol = o.symbol "
                "AND t.exit_at IS NULL AND t.account_tag = o.account_tag "
                "AND t.trade_id <> o.trade_id AND t.entry_at >= o.entry_at "
                f"WHERE o.trade_id IN ({placeholders(some)}) AND {STORED}",
                some,
            )
            found |= {row[0] for row in rows}
        return found

    def closing(
        self, symbols: Iterable[str], account_tag: str
    ) -> dict[str, list[tuple[str, datetime]]]:
        """
        Return trades under *account_tag* in the journal of which an exit is to be sent.

        By symbol, each with the time of its entry (UTC).
        """
        found: dict[str, list[tuple[str, datetime]]] = {}
        for some in batches(symbols):
            rows = self._all(
                "SELECT t.symbol, t.trade_id, t.entry_at FROM executions e "
                "JOIN trades t ON t.trade_id = e.trade_id "
                "AND t.account_tag = e.account_tag WHERE e.state = 'recorded' "
                "AND e.kind = 'exit' AND e.account_tag = ? "
                f"AND e.symbol IN ({placeholders(some)}) "
                "AND t.journal_id IS NOT NULL",
                (account_tag, *some),
            )
            for symbol, trade_id, entry_at in rows:
                trade = trade_id, from_epoch(entry_at)
                found.setdefault(symbol, []).append(trade)
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

    def overlays_due(self, now: float, limit: int) -> list[Overlay]:
        """Return overlays of one account tag that are due."""
        rows = self._all(
            # There are few overlays, and many exits: the former are to lead.
            f"SELECT {OVERLAY.of('o')}, {ROW} FROM overlays o "
            f"JOIN executions x ON x.seq = ({CLOSING.replace('?', 'o.trade_id')}) "
            "WHERE o.due_at <= ? AND x.state IN ('linked', 'synced') "
            "ORDER BY x.account_tag, x.executed_at LIMIT ?",
            (now, limit),
        )
        found = [as_overlay(row) for row in rows]
        return [o for o in found if o.row.account_tag == found[0].row.account_tag]

    def overlays_of(self, trade_ids: Iterable[str]) -> dict[str, Overlay]:
        """Return the overlays that are wanted for these trades, due or not."""
        found: dict[str, Overlay] = {}
        for some in batches(trade_ids):
            rows = self._all(
                f"SELECT {OVERLAY.of('o')}, {ROW} FROM overlays o "
                f"JOIN executions x ON x.seq = ({CLOSING.replace('?', 'o.trade_id')}) "
                f"WHERE o.trade_id IN ({placeholders(some)})",
                some,
            )
            found |= {o.row.trade_id: o for o in map(as_overlay, rows)}
        return found

    def is_overlay_open(self, trade_id: str) -> bool:
        """Return whether a commission has yet to be laid over, and was not given up."""
        sql = "SELECT 1 FROM overlays WHERE trade_id = ? AND due_at < ?"
        return self._one(sql, (trade_id, NEVER)) is not None

    def resend_of(self, trade_id: str) -> Resend | None:
        """Return how far the resend of a trade is; None: there is none open."""
        row = self._one(
            f"SELECT {RESEND.sql} FROM resends r WHERE r.trade_id = ?", (trade_id,)
        )
        return row and RESEND.value(row)

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

    def snapshots_since(self, since: float) -> list[Snapshot]:
        """
        Return the trades entered since then, as the host recorded them last.

        One whose time of entry made no sense counts by when it was recorded.
        """
        first = (
            "SELECT r.facts, t.journal_id, x.seq FROM executions x "
            "JOIN records r ON r.trade_id = x.trade_id "
            "LEFT JOIN trades t ON t.trade_id = x.trade_id "
            "WHERE x.seq = (SELECT min(seq) FROM executions e "
            "WHERE e.trade_id = x.trade_id AND e.kind = (SELECT min(kind) "
            "FROM executions k WHERE k.trade_id = x.trade_id)) AND "
        )
        # Sorted here: a database that had to would go through all of them in order.
        rows = [
            *self._all(f"{first} x.executed_at >= ?", (int(since),)),
            *self._all(
                f"{first} x.executed_at IS NULL AND x.recorded_at >= ?", (since,)
            ),
        ]
        return [
            Snapshot(trade_id=record.trade_id, record=record, journal_id=journal_id)
            for facts, journal_id, _ in sorted(rows, key=itemgetter(2))
            for record in [from_text(facts)]
        ]

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

    def counts(self) -> Mapping[State, int]:
        """Return the number of executions in each state; reads no rows of theirs."""
        # One statement sees one moment: between two an event could go uncounted.
        rows = self._all(
            "SELECT state, number FROM counts WHERE state <> 'new' "
            "UNION ALL SELECT 'new', count(*) FROM inbox"
        )
        return dict.fromkeys(State, 0) | {State(s): n for s, n in rows}

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

    def overdue_since(self, *, is_paused: bool) -> float | None:
        """
        Return when the oldest pending event was recorded that waits by no rule.

        A quota and a listing that lags are rules, for a trade as a whole; *is_paused*
        says that nothing new is sent, by another.
        """
        pending = "'sent', 'imported', 'linked'"
        pending += "" if is_paused else ", 'recorded'"
        rows = [
            self._one("SELECT recorded_at FROM inbox ORDER BY seq LIMIT 1"),
            self._one(
                f"SELECT x.recorded_at FROM executions x WHERE {UNDER_WAY} "
                f"AND x.state IN ({pending}) AND NOT EXISTS ("
                "SELECT 1 FROM executions r LEFT JOIN imports i ON i.id = r.import_id "
                f"WHERE r.trade_id = x.trade_id AND ({OVER_QUOTA} "
                "OR (r.state IN ('sent', 'imported') AND i.stage = 'waiting'))) "
                "ORDER BY x.seq LIMIT 1"
            ),
        ]
        return min((row[0] for row in rows if row), default=None)

    def over_quota(self) -> OverQuota | None:
        """Return what waits for the plan's quota, None where nothing does."""
        number, until = self._one(
            f"SELECT count(*), min(r.due_at) FROM executions r WHERE {OVER_QUOTA}"
        )
        return OverQuota(executions=number, until=until) if number else None

    def trade_counts(self) -> dict[str, int]:
        """
        Return how many trades are pending, verified and so on, as :func:`outcome_of`.

        A trade is ``differs`` that would be verified, and has an outcome that no person
        has accepted. Reads a row of each execution.
        """
        ranks = " ".join(
            f"WHEN '{state}' THEN {rank}"
            for rank, states in enumerate(STANDINGS.values())
            for state in states
        )
        rows = self._all(
            f"SELECT worst, count(*) FROM (SELECT min(CASE state {ranks} END) AS worst "
            "FROM (SELECT trade_id, state FROM executions UNION ALL "
            "SELECT trade_id, 'new' FROM inbox WHERE kind <> 'correction' UNION ALL "
            "SELECT trade_id, finished FROM trades WHERE finished IS NOT NULL "
            "UNION ALL SELECT o.trade_id, 'differs' FROM outcomes o "
            f"WHERE {ACCEPTED} IS NULL) states GROUP BY trade_id) trades GROUP BY worst"
        )
        found = dict(rows)
        return {name: found.get(rank, 0) for rank, name in enumerate(STANDINGS)}

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
            f"SELECT {STEP.sql} FROM history WHERE trade_id = ? ORDER BY seq",
            (trade_id,),
        )
        return STEP.values(rows)

    def states_of(self, trade_ids: Iterable[str]) -> dict[str, dict[Kind, State]]:
        """
        Return how far the executions of these trades are.

        What is in the inbox counts as new; a trade that was not recorded has none.
        """
        found: dict[str, dict[Kind, State]] = {}
        for some in batches(trade_ids):
            marks = placeholders(some)
            rows = self._all(
                "SELECT trade_id, kind, state FROM executions "
                f"WHERE trade_id IN ({marks}) UNION ALL "
                "SELECT trade_id, kind, 'new' FROM inbox "
                f"WHERE trade_id IN ({marks}) AND kind <> 'correction' UNION ALL "
                "SELECT trade_id, NULL, finished FROM trades "
                f"WHERE trade_id IN ({marks}) AND finished IS NOT NULL",
                (*some, *some, *some),
            )
            legs: dict[tuple[str, Kind], list[State]] = {}
            for trade_id, kind, state in rows:
                for each in Kind if kind is None else [leg_of(kind)]:
                    legs.setdefault((trade_id, each), []).append(State(state))
            for (trade_id, leg), states in legs.items():
                found.setdefault(trade_id, {})[leg] = min(states, key=WORST.index)
        return found

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

    def risks_in(self, journal_ids: Iterable[int]) -> dict[int, Decimal]:
        """Return the planned risk in dollars of each of these trades that is ours."""
        with importing:  # a host's start does not wait for it
            from argo_tradervue_plugin.planning.plan import initial_risk
        found: dict[int, Decimal] = {}
        for some in batches(journal_ids):
            rows = self._all(
                f"{TRADE} WHERE t.journal_id IN ({placeholders(some)})", some
            )
            trades = [as_trade(row) for row in rows]
            entries = self.of_trades(t.trade_id for t in trades)
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

    def imports_sent(self) -> int:
        """Return how many imports were noted so far."""
        number: int = self._one("SELECT count(*) FROM imports")[0]
        return number

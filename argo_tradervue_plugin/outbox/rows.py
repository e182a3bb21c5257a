"""What the outbox's queries select, and the values made of it."""

from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType, NoneType
from typing import Any, Final, Generic, Protocol, TypeVar, get_args

import attrs

from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.model.executions import Execution
from argo_tradervue_plugin.model.records import TradeRecord, from_text
from argo_tradervue_plugin.outbox.records import (
    NOTHING_RECORDED,
    Acceptance,
    Event,
    ImportRow,
    Lease,
    Link,
    Outcome,
    Overlay,
    Process,
    RefusedLogin,
    Resend,
    ResultRow,
    Row,
    Step,
    TradeRow,
)
from argo_tradervue_plugin.planning.slots import Span

T = TypeVar("T")
V = TypeVar("V", bound=attrs.AttrsInstance)

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

# The last execution of a trade's exit, which carries the commission.
CLOSING: Final = """
SELECT seq FROM executions WHERE trade_id = ? AND kind = 'exit' AND symbol IS NOT NULL
ORDER BY part DESC LIMIT 1
"""

# Whether the trade of an outcome is accepted: null where it is not. Looked up for each,
# since there are few; PostgreSQL would compare all with all.
ACCEPTED: Final = """
(SELECT a.trade_id FROM acceptances a
  WHERE a.trade_id = o.trade_id AND a.journal_id = 0)
"""


NEVER: Final = 9e15  # Unix seconds; when that is due which was given up, or is held
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

# The next step is up to whoever resends; what was sent goes its own way until then.
RESEND_DUE: Final = f"""
r.due_at <= :now AND r.stage <> 'refused'
  AND (r.stage IN ('asked', 'clearing', 'checking') OR (r.stage = 'sent' AND EXISTS (
      SELECT 1 FROM trades t WHERE t.trade_id = r.trade_id AND {READ_BACK})))
"""


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


class Connection(Protocol):
    """What we use of a database connection."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Any:
        """Run one statement for each set of parameters."""


def in_order(row: Row) -> tuple[Any, ...]:
    """Return by what the executions of an import are sorted, here and in SQL."""
    return row.execution and row.execution.executed_at, row.kind, row.seq


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


def to_epoch(moment: datetime) -> int:
    """Return how *moment* is stored: in whole seconds."""
    return int(moment.timestamp())


# How what no database has a type for is kept, and how it is read again.
KEPT: Final[Mapping[type, Callable[[Any], Any]]] = {
    Decimal: "{:f}".format,
    date: date.isoformat,
    datetime: to_epoch,
}
READ: Final[Mapping[type, Callable[[Any], Any]]] = {
    Decimal: Decimal,
    bool: bool,
    date: date.fromisoformat,
    datetime: from_epoch,
}


class Shape(Generic[V]):
    """
    How the values of an attrs class are kept: a column for each field, in their order.

    *columns* are those that have another name than their field, or the SQL that
    computes them; *but* are fields that are not kept, and *read* makes a field of what
    was kept where its type does not say how.
    """

    def __init__(
        self,
        cls: type[V],
        *,
        but: Collection[str] = (),
        columns: Mapping[str, str] = MappingProxyType({}),
        read: Mapping[str, Callable[[Any], Any]] = MappingProxyType({}),
    ) -> None:
        kinds = {f.name: kind_of(f.type) for f in attrs.fields(cls)}
        self._cls = cls
        self.names = [name for name in kinds if name not in but]
        self.columns = [columns.get(name, name) for name in self.names]
        self.sql = ", ".join(self.columns)
        self._kept = [(n, KEPT[kinds[n]]) for n in self.names if kinds[n] in KEPT]
        readers = [read.get(n) or reader_of(kinds[n]) for n in self.names]
        self._read = [(n, reader) for n, reader in enumerate(readers) if reader]

    def of(self, alias: str) -> str:
        """Return the columns of the table that a query names *alias*."""
        return ", ".join(f"{alias}.{column}" for column in self.columns)

    def value(self, row: Sequence[Any], /, **more: Any) -> V:
        """Return the value that was kept as *row*; *more* are fields not kept there."""
        values = [*row]
        for number, read in self._read:
            if values[number] is not None:
                values[number] = read(values[number])
        return self._cls(**dict(zip(self.names, values, strict=True)), **more)

    def values(self, rows: Iterable[Sequence[Any]]) -> list[V]:
        """Return the values that were kept as *rows*."""
        return [self.value(row) for row in rows]

    def row(self, value: V) -> dict[str, Any]:
        """Return how *value* is kept, by field."""
        row = {name: getattr(value, name) for name in self.names}
        for name, kept in self._kept:
            if row[name] is not None:
                row[name] = kept(row[name])
        return row


def kind_of(annotation: Any) -> Any:
    """Return the type of a field, which may be None as well."""
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    return kinds[0] if kinds else annotation


def reader_of(kind: Any) -> Callable[[Any], Any] | None:
    """Return what makes a *kind* of value of what a database has, None: nothing."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        # Looked up here, a member takes a fraction of the time that its class takes.
        return {member.value: member for member in kind}.__getitem__
    return READ.get(kind)


def upsert(table: str, keys: Sequence[str], rest: Sequence[str]) -> str:
    """Return the statement that puts a row in place of the one with the same *keys*."""
    columns = [*keys, *rest]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "
        f"VALUES ({', '.join(f':{column}' for column in columns)}) "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {replaced(rest)}"
    )


def replaced(columns: Iterable[str]) -> str:
    """Return what an upsert sets: *columns*, as they would have been inserted."""
    return ", ".join(f"{column} = excluded.{column}" for column in columns)


EVENT: Final = Shape(Event)
STEP: Final = Shape(Step)
LEASE: Final = Shape(Lease)
LINK: Final = Shape(Link)
SPAN: Final = Shape(Span, columns={"start": "entry_at", "end": "exit_at"})
IMPORT: Final = Shape(ImportRow)
RESEND: Final = Shape(Resend)
PROCESS: Final = Shape(Process)
REFUSED: Final = Shape(RefusedLogin)
RESULT: Final = Shape(
    ResultRow,
    columns={"start": "start_day", "end": "end_day", "computed_at": "as_of"},
)
OUTCOME: Final = Shape(Outcome, columns={"accepted": f"{ACCEPTED} IS NOT NULL"})
ACCEPTANCE: Final = Shape(
    Acceptance,
    columns={"trade_id": "nullif(trade_id, '')", "journal_id": "nullif(journal_id, 0)"},
)
ACCOUNT: Final = Shape(Account)
STAMP: Final = f"SELECT {ACCOUNT.sql} FROM account"
STATE: Final = Shape(Row, but={"execution"})
EXECUTION: Final = Shape(
    Execution, read={"quantity": lambda text: Decimal(text).normalize()}
)
TRADED: Final = Shape(
    TradeRow,
    but={"payload", "changed_at", "record"},
    columns={"entered_at": "entry_at"},
)
OVERLAY: Final = Shape(Overlay, but={"row"})
ROW: Final = f"{STATE.of('x')}, {EXECUTION.of('x')}"
FILLED: Final = len(STATE.names)  # where an execution begins
SYMBOL: Final = FILLED + EXECUTION.names.index("symbol")

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


def as_row(values: Sequence[Any]) -> Row:
    """Return what :data:`ROW` selected."""
    execution = None if values[SYMBOL] is None else EXECUTION.value(values[FILLED:])
    return STATE.value(values[:FILLED], execution=execution)


def as_trade(values: Sequence[Any]) -> TradeRow:
    """Return what :data:`TRADE` selected."""
    *own, facts, has_exit, changed_at = values
    record = None if facts is None else from_text(facts)
    payload = latest(record, has_exit=bool(has_exit))
    return TRADED.value(own, record=record, payload=payload, changed_at=changed_at)


def latest(record: TradeRecord | None, *, has_exit: bool) -> str:
    """Return the latest snapshot of a trade, as far as it is in the journal."""
    if record is None:
        return NOTHING_RECORDED
    return (
        (record.exit if has_exit else record.entry) or record.entry or NOTHING_RECORDED
    )


def as_overlay(values: Sequence[Any]) -> Overlay:
    """Return what :data:`OVERLAY` and :data:`ROW` selected."""
    return OVERLAY.value(values[:2], row=as_row(values[2:]))


def account_in(rows: Iterable[Sequence[Any]]) -> Account | None:
    """Return the account in what :data:`STAMP` selected."""
    return next(map(ACCOUNT.value, rows), None)

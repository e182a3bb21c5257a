"""What the outbox's queries select, and the values made of it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Protocol, TypeVar

from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.records import TradeRecord, from_text
from argo_tradervue_plugin.outbox.records import (
    NOTHING_RECORDED,
    Acceptance,
    ImportRow,
    ImportStage,
    Outcome,
    Overlay,
    Resend,
    ResendStage,
    Row,
    State,
    TradeRow,
)

T = TypeVar("T")

ROW: Final = """
x.seq, x.trade_id, x.kind, x.state, x.account_tag, x.twin, x.import_id, x.journal_id,
x.attempts, x.due_at, x.reason, x.part, x.updated_at, x.symbol, x.quantity, x.price,
x.commission, x.executed_at, x.unsure, x.remark, x.closes
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

STAMP: Final = "SELECT base_url, login, user_id FROM account"

NEVER: Final = 9e15  # Unix seconds; when that is due which was given up, or is held
OUTCOME: Final = f"o.trade_id, o.code, o.host, o.journal, o.since, {ACCEPTED}"

ACCEPTANCE: Final = "trade_id, journal_id, host, journal"

IMPORT: Final = """
id, account_tag, allow_duplicates, stage, noted_at, finished_at, size, looks, outcome
"""

# A trade with what the host has recorded of it, and whether its exit stands in the
# journal, or would if the trade were not refused.
TRADE: Final = """
SELECT t.trade_id, t.symbol, t.account_tag, t.entry_at, t.journal_id, t.basic_id,
       t.attempts, t.risk, r.facts, x.kind = 'exit', x.updated_at
  FROM trades t JOIN executions x ON x.seq = (
       SELECT seq FROM executions WHERE trade_id = t.trade_id AND symbol IS NOT NULL
        ORDER BY state IN ('linked', 'synced') DESC, kind = 'exit' DESC, part DESC
        LIMIT 1)
  LEFT JOIN records r ON r.trade_id = t.trade_id
"""

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

RESEND: Final = """
r.trade_id, r.stage, r.asked_at, r.drops_comments, r.kept, r.reason, r.attempts,
r.due_at
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


# Looked up here, an Enum member takes a fraction of the time that its class takes.
KINDS: Final = {kind.value: kind for kind in Kind}
STATES: Final = {state.value: state for state in State}


def as_row(values: Any) -> Row:
    """Return what :data:`ROW` selected."""
    seq, trade_id, kind, state, tag, twin, import_id, journal_id, *rest = values
    attempts, due_at, reason, part, updated_at, symbol, quantity, price, *rest = rest
    commission, executed_at, unsure, remark, closes = rest
    kind = KINDS[kind]
    execution = None
    if symbol is not None:
        execution = Execution(
            trade_id=trade_id,
            kind=kind,
            symbol=symbol,
            quantity=Decimal(quantity).normalize(),  # as the host's are read
            price=Decimal(price),
            executed_at=from_epoch(executed_at),
            commission=None if commission is None else Decimal(commission),
            part=part,
            closes=closes,
        )
    return Row(
        seq=seq,
        trade_id=trade_id,
        kind=kind,
        part=part,
        execution=execution,
        state=STATES[state],
        account_tag=tag,
        twin=bool(twin),
        import_id=import_id,
        journal_id=journal_id,
        attempts=attempts,
        due_at=due_at,
        reason=reason,
        updated_at=updated_at,
        unsure=bool(unsure),
        remark=remark,
    )


def as_trade(values: Any) -> TradeRow:
    """Return what :data:`TRADE` selected."""
    trade_id, symbol, tag, entry_at, journal_id, basic_id, *rest = values
    attempts, risk, facts, has_exit, changed_at = rest
    record = None if facts is None else from_text(facts)
    return TradeRow(
        trade_id=trade_id,
        symbol=symbol,
        account_tag=tag,
        entered_at=from_epoch(entry_at),
        payload=latest(record, has_exit=bool(has_exit)),
        changed_at=changed_at,
        journal_id=journal_id,
        basic_id=basic_id,
        attempts=attempts,
        record=record,
        risk=None if risk is None else Decimal(risk),
    )


def latest(record: TradeRecord | None, *, has_exit: bool) -> str:
    """Return the latest snapshot of a trade, as far as it stands in the journal."""
    if record is None:
        return NOTHING_RECORDED
    return (
        (record.exit if has_exit else record.entry) or record.entry or NOTHING_RECORDED
    )


def as_overlay(values: Any) -> Overlay:
    """Return an overlay of its commission, its attempts and :data:`ROW`."""
    commission, attempts, *row = values
    return Overlay(row=as_row(row), commission=Decimal(commission), attempts=attempts)


def as_resend(values: Any) -> Resend:
    """Return what :data:`RESEND` selected."""
    trade_id, stage, asked_at, drops_comments, kept, reason, *when = values
    attempts, due_at = when
    return Resend(
        trade_id=trade_id,
        stage=ResendStage(stage),
        asked_at=asked_at,
        drops_comments=bool(drops_comments),
        kept=kept,
        reason=reason,
        attempts=attempts,
        due_at=due_at,
    )


def as_outcome(values: Any) -> Outcome:
    """Return what :data:`OUTCOME` selected."""
    trade_id, code, host, journal, since, accepted = values
    return Outcome(
        trade_id=trade_id,
        code=code,
        host=host,
        journal=journal,
        since=since,
        accepted=accepted is not None,
    )


def as_acceptance(values: Any) -> Acceptance:
    """Return what :data:`ACCEPTANCE` selected."""
    trade_id, journal_id, host, journal = values
    return Acceptance(
        trade_id=trade_id or None,
        journal_id=journal_id or None,
        host=host,
        journal=journal,
    )


def as_import(values: Any) -> ImportRow:
    """Return what :data:`IMPORT` selected."""
    import_id, tag, allow_duplicates, stage, noted_at, *rest = values
    finished_at, size, looks, outcome = rest
    return ImportRow(
        id=import_id,
        account_tag=tag,
        allow_duplicates=bool(allow_duplicates),
        stage=ImportStage(stage),
        noted_at=noted_at,
        finished_at=finished_at,
        size=size,
        looks=looks,
        outcome=outcome,
    )


def account_in(rows: Sequence[Any]) -> Account | None:
    """Return the account in what :data:`STAMP` selected."""
    return next(
        (Account(base_url=b, login=name, user_id=u) for b, name, u in rows), None
    )

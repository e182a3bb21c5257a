"""An outbox with its lease in hand: short words for what the contract's tests do."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar

import attrs

from argo_tradervue_plugin.model.executions import EventKind, Execution, Kind
from argo_tradervue_plugin.model.records import TradeRecord
from argo_tradervue_plugin.outbox.engine import Engine
from argo_tradervue_plugin.outbox.records import (
    ImportRow,
    Lease,
    Recorded,
    Row,
    State,
    Transition,
)
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.outbox.writer import Writer

__all__ = [
    "ENTRY",
    "EXIT",
    "NOW",
    "START",
    "Desk",
    "engine_of",
    "execution",
    "nobody_is_gone",
    "path_of",
]

ENTRY: Final = Kind.ENTRY
EXIT: Final = Kind.EXIT
NOW: Final = 1_772_720_000.0  # Unix seconds
START: Final = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
MANY: Final = 1_000_000

Key = tuple[str, Kind]

E = TypeVar("E", bound=Engine)


def engine_of(outbox: Outbox, kind: type[E]) -> E:
    """Return the engine of *outbox*, which is of *kind*."""
    assert isinstance(outbox.engine, kind)
    return outbox.engine


def path_of(outbox: Outbox) -> Path:
    """Return the file of an outbox that is one."""
    return engine_of(outbox, Sqlite).path


def nobody_is_gone(holder: str) -> bool:
    """Know of no process that it has ended."""
    return False


def execution(
    trade_id: str,
    kind: Kind = ENTRY,
    *,
    at: float = 0,
    symbol: str = "AAPL",
    quantity: str = "10",
    price: str = "100.25",
    commission: str | None = None,
) -> Execution:
    """Return an execution *at* minutes after the start; an exit sells."""
    return Execution(
        trade_id=trade_id,
        kind=kind,
        symbol=symbol,
        quantity=Decimal(quantity) * (1 if kind is ENTRY else -1),
        price=Decimal(price),
        executed_at=START + timedelta(minutes=at),
        commission=None if commission is None else Decimal(commission),
    )


class Desk:
    """Works on *outbox* as the holder of its lease does."""

    def __init__(
        self, outbox: Outbox, *, holder: str = "here", now: float = NOW
    ) -> None:
        self.outbox = outbox
        self.now = now
        lease = outbox.claim(holder, now=now, ttl=60, is_gone=nobody_is_gone)
        assert lease is not None
        self.lease: Lease = lease

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """Begin a transaction of the lease's holder."""
        with self.outbox.write(self.lease) as writer:
            yield writer

    def record(
        self,
        trade_id: str,
        kind: Kind = ENTRY,
        payload: str = "{}",
        *,
        identity: str = "AAPL|long|then",
        now: float | None = None,
    ) -> None:
        """Record an event as a hook does."""
        at = self.now if now is None else now
        self.outbox.record(Recorded(trade_id, EventKind(kind), identity, payload, at))

    def take_all(self) -> None:
        """Take everything out of the inbox."""
        with self.write() as writer:
            writer.take_out(self.outbox.inbox(MANY))

    def enlist(
        self,
        *executions: Execution,
        tag: str = "argo",
        twin: bool = False,
        payload: str = "{}",
    ) -> None:
        """Bring executions as far as recorded, as the planner does."""
        for each in executions:
            known = self.outbox.record_of(each.trade_id)
            record = known or TradeRecord(
                trade_id=each.trade_id, host_id=each.trade_id, symbol=each.symbol
            )
            if each.kind is ENTRY:
                record = attrs.evolve(record, entry=payload)
            else:
                record = attrs.evolve(record, exit=payload)
            with self.write() as writer:
                writer.keep(record, now=self.now)
                if each.kind is ENTRY:
                    writer.open_trade(each, slot=1, account_tag=tag)
                writer.put(each, account_tag=tag, twin=twin, now=self.now)
                if each.kind is EXIT:
                    writer.close_trade(each.trade_id, each.executed_at)

    def move(
        self,
        state: State,
        *keys: Key,
        reason: str | None = None,
        due_at: float | None = None,
    ) -> None:
        """Change the state of executions."""
        with self.write() as writer:
            rows = [self.row(*key) for key in keys]
            change = Transition(
                state=state,
                rows=rows,
                reason=reason,
                due_at=due_at,
                is_attempt=due_at is not None,
            )
            writer.apply(change, now=self.now)

    def send(self, *keys: Key, tag: str = "argo", twins: bool = False) -> ImportRow:
        """Note an import of executions, as before it is sent."""
        with self.write() as writer:
            noted = writer.note_import(
                account_tag=tag, allow_duplicates=twins, now=self.now
            )
            rows = [self.row(*key) for key in keys]
            writer.add_to_import(noted.id, rows, now=self.now)
        return noted

    def link(self, *keys: Key, to: int) -> None:
        """Note that executions were read back."""
        with self.write() as writer:
            for trade_id, kind in keys:
                writer.link(self.row(trade_id, kind), to, now=self.now)

    def row(self, trade_id: str, kind: Kind = ENTRY) -> Row:
        """Return one understood execution."""
        rows = self.outbox.of_trade(trade_id)
        return next(row for row in rows if row.kind is kind)

    def state(self, trade_id: str, kind: Kind = ENTRY) -> State | None:
        """Return how far an execution is, None where nobody recorded it."""
        return self.outbox.states_of([trade_id]).get(trade_id, {}).get(kind)

    def due(self, limit: int = 500, *, later: float = 0) -> list[Key]:
        """Return what is due, *later* seconds from now."""
        return keys_of(self.outbox.due(self.now + later, limit))

    def notes_due(self, limit: int = 100, *, later: float = 0) -> list[str]:
        """Return whose notes are due."""
        found = self.outbox.to_annotate(self.now + later, limit)
        return [trade.trade_id for trade in found]


def keys_of(rows: Iterable[Row]) -> list[Key]:
    """Return which executions *rows* are."""
    return [(row.trade_id, row.kind) for row in rows]

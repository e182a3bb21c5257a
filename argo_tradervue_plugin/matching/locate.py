"""
Does the journal hold what it should? Only this decides that something is synced.

A row of a list is proof enough where it can stand for one host trade only: symbol,
side, first and last time and price, volume and the number of executions fix both
fills. Anything else is decided by the executions themselves, counted, so that two
equal fills need two to stand there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, combinations

import attrs

from argo_tradervue_plugin.model.executions import (
    Execution,
    Key,
    Kind,
    whole_second,
)
from argo_tradervue_plugin.model.journal import JournalExecution, JournalTrade, Side

__all__ = [
    "Executions",
    "Expected",
    "Found",
    "Pool",
    "executions_in",
    "executions_of",
    "in_executions",
    "in_list",
    "is_same",
    "worth_reading",
]


class Executions:
    """What a trade consists of: *entry*, *exit* where there is one, *further* ones."""

    __slots__ = ()

    entry: Execution
    exit: Execution | None
    further: tuple[Execution, ...]

    @property
    def executions(self) -> tuple[Execution, ...]:
        """Return the executions, the entry first."""
        first = (self.entry,) if self.exit is None else (self.entry, self.exit)
        return first + self.further

    @property
    def is_plain(self) -> bool:
        """Tell whether a row of a list can prove it: one fill in, at most one out."""
        whole = self.exit is None or self.exit.quantity == -self.entry.quantity
        return whole and not self.further


@attrs.frozen(kw_only=True)
class Expected(Executions):
    """
    What should stand in the journal for one host trade.

    *exit* is None while nothing of it is closed. *further* are executions beyond the
    first of either leg.
    """

    trade_id: str
    account_tag: str | None
    entry: Execution
    exit: Execution | None = None
    further: tuple[Execution, ...] = ()

    @classmethod
    def of(
        cls, account_tag: str | None, executions: Iterable[Execution]
    ) -> "Expected | None":
        """Return what *executions* of one trade stand for; None without an entry."""
        ordered = sorted(executions, key=lambda e: (e.kind, e.part))
        entry = next((e for e in ordered if e.kind is Kind.ENTRY), None)
        if entry is None:
            return None
        exit_ = next((e for e in ordered if e.kind is Kind.EXIT), None)
        further = tuple(e for e in ordered if e is not entry and e is not exit_)
        return cls(
            trade_id=entry.trade_id,
            account_tag=account_tag,
            entry=entry,
            exit=exit_,
            further=further,
        )


@attrs.frozen
class Found:
    """An execution of ours that stands in the journal, and in which trade there."""

    trade_id: str
    kind: Kind
    journal_id: int
    part: int = 1

    @property
    def key(self) -> Key:
        """Return what tells the execution from every other."""
        return self.trade_id, self.kind, self.part


def in_list(
    expected: Iterable[Expected],
    rows: Iterable[JournalTrade],
    claimed: Collection[int] = (),
) -> list[Found]:
    """
    Return what *rows* prove on their own.

    Rows in *claimed* belong to other host trades. A row is used once; where two fit,
    the one with our account tag is taken, so that a person's equal trade is left alone.
    """
    by_opening: defaultdict[object, list[JournalTrade]] = defaultdict(list)
    for row in rows:
        if row.id not in claimed and row.started_at is not None:
            by_opening[_opening(row.symbol, row.started_at)].append(row)
    found: list[Found] = []
    used: set[int] = set()
    for want in expected:
        fitting = [
            (want.account_tag not in row.tags, -len(kinds), row.id, kinds)
            for row in by_opening[_opening(want.entry.symbol, want.entry.executed_at)]
            if row.id not in used and (kinds := proven(want, row))
        ]
        if fitting:
            _, _, journal_id, kinds = min(fitting)
            used.add(journal_id)
            found += [Found(want.trade_id, kind, journal_id) for kind in kinds]
    return found


def proven(want: Expected, row: JournalTrade) -> tuple[Kind, ...]:
    """Return which executions of *want* the *row* can only stand for; mostly none."""
    if not want.is_plain:
        return ()  # no row of a list tells several executions apart
    size = abs(want.entry.quantity)
    opened = (
        row.entry_price == want.entry.price
        and row.side is (Side.LONG if want.entry.quantity > 0 else Side.SHORT)
        and row.started_at is not None
        and whole_second(row.started_at) == want.entry.executed_at
    )
    if not opened:
        return ()
    if row.open:
        return (Kind.ENTRY,) if (row.exec_count, row.volume) == (1, size) else ()
    closed = (
        want.exit is not None
        and (row.exec_count, row.volume) == (2, 2 * size)
        and row.exit_price == want.exit.price
        and row.ended_at is not None
        and whole_second(row.ended_at) == want.exit.executed_at
    )
    return (Kind.ENTRY, Kind.EXIT) if closed else ()


def executions_of(trade_id: str, row: JournalTrade) -> tuple[Execution, ...]:
    """Return the executions that *row* proves alone; none where it holds others."""
    closed = not row.open and row.exec_count == len(Kind)
    opened = row.open and row.exec_count == 1
    if row.started_at is None or row.entry_price is None or not row.volume:
        return ()
    if row.side is None or not (closed or opened):
        return ()
    size = row.volume / row.exec_count
    entry = Execution(
        trade_id=trade_id,
        kind=Kind.ENTRY,
        symbol=row.symbol,
        quantity=size if row.side is Side.LONG else -size,
        price=row.entry_price,
        executed_at=whole_second(row.started_at.astimezone(UTC)),
    )
    if opened:
        return (entry,)
    if row.exit_price is None or row.ended_at is None:
        return ()
    closing = attrs.evolve(
        entry,
        kind=Kind.EXIT,
        quantity=-entry.quantity,
        price=row.exit_price,
        executed_at=whole_second(row.ended_at.astimezone(UTC)),
        commission=row.commission,
    )
    return entry, closing


def executions_in(
    trade_id: str, fills: Sequence[JournalExecution]
) -> tuple[Execution, ...]:
    """
    Return *fills*, all those of one journal trade, as the executions of *trade_id*.

    Those of the side that opened it are the entry's. Parts are counted in the order of
    their times, as the journal has them where those are equal.
    """
    ordered = sorted(fills, key=lambda fill: whole_second(fill.executed_at))
    counted = dict.fromkeys(Kind, 0)
    found = []
    for fill in ordered:
        opens = (fill.quantity > 0) is (ordered[0].quantity > 0)
        kind = Kind.ENTRY if opens else Kind.EXIT
        counted[kind] += 1
        found.append(
            Execution(
                trade_id=trade_id,
                kind=kind,
                symbol=fill.symbol,
                quantity=fill.quantity,
                price=fill.price,
                executed_at=whole_second(fill.executed_at.astimezone(UTC)),
                commission=fill.commission if kind is Kind.EXIT else None,
                part=counted[kind],
            )
        )
    return tuple(sorted(found, key=lambda e: (e.kind, e.part)))


def worth_reading(
    missing: Iterable[Execution], rows: Iterable[JournalTrade]
) -> list[int]:
    """Return the ids of the *rows* whose executions could hold what is *missing*."""
    wanted: defaultdict[str, list[datetime]] = defaultdict(list)
    for execution in missing:
        wanted[execution.symbol.upper()].append(execution.executed_at)
    return [
        row.id
        for row in rows
        if row.started_at is not None
        and any(
            whole_second(row.started_at) <= at
            and (row.ended_at is None or row.open or at <= row.ended_at)
            for at in wanted.get(row.symbol.upper(), ())
        )
    ]


def in_executions(
    missing: Iterable[Execution],
    read: Mapping[int, Iterable[JournalExecution]],
    taken: Iterable[tuple[int, Execution]] = (),
    preferred: Collection[int] = (),
) -> list[Found]:
    """
    Return which of the *missing* stand among the executions *read* of each trade.

    One that stands there proves one of ours: equal ones are counted, and those
    *taken* by other host trades (journal trade id, execution) are not counted again.
    Trades in *preferred* (those with our account tag) are used up first.
    """
    pool = Pool()
    for journal_id in sorted(read, key=lambda i: (i not in preferred, i)):
        pool.add(journal_id, read[journal_id])
    for journal_id, other in taken:
        pool.take(other, journal_id)
    found = []
    for want in missing:
        where = pool.take(want)
        if where is not None:
            found.append(Found(want.trade_id, want.kind, where, want.part))
    return found


@attrs.frozen
class Part:
    """A fill as one journal trade shows it; *opens* tells whether it is the first."""

    journal_id: int
    quantity: Decimal
    opens: bool


class Pool:
    """Executions that stand in the journal, each of which proves one of ours."""

    def __init__(self) -> None:
        self._parts: defaultdict[object, list[Part]] = defaultdict(list)

    def add(self, journal_id: int, fills: Iterable[JournalExecution]) -> None:
        """Add the executions of a journal trade, oldest first."""
        for number, fill in enumerate(fills):
            key = _place(fill.symbol, fill.executed_at, fill.price)
            part = Part(journal_id, fill.quantity, number == 0)
            self._parts[key].append(part)

    def take(self, ours: Execution, journal_id: int | None = None) -> int | None:
        """
        Use up what proves *ours* (in *journal_id*, if given); return where that is.

        An execution that crosses zero closes one trade and opens the next: each of
        the two shows a part of it. An entry then stands in the trade that it opened.
        """
        proof = self._proof(ours, journal_id)
        return None if not proof else self._use(ours, proof)

    def take_from(self, ours: Execution) -> frozenset[int]:
        """Use up what proves *ours*; return all the journal trades that show of it."""
        proof = self._proof(ours, None)
        if proof:
            self._use(ours, proof)
        return frozenset(part.journal_id for part in proof)

    def left_in(self) -> set[int]:
        """Return the journal trades in which executions are left that prove nothing."""
        return {part.journal_id for parts in self._parts.values() for part in parts}

    def _use(self, ours: Execution, proof: tuple[Part, ...]) -> int:
        parts = self._parts[_place(ours.symbol, ours.executed_at, ours.price)]
        for part in proof:
            parts.remove(part)
        return _where(ours, proof)

    def _proof(self, ours: Execution, journal_id: int | None) -> tuple[Part, ...]:
        """Return what proves *ours* (in *journal_id*, if given); mostly one."""
        parts = self._parts[_place(ours.symbol, ours.executed_at, ours.price)]
        opens_last = sorted(parts, key=lambda part: part.opens)
        halves = (
            pair
            for pair in combinations(opens_last, 2)
            if pair[0].quantity * pair[1].quantity > 0 and pair[1].opens
        )
        for proof in chain(((part,) for part in parts), halves):
            total = sum(part.quantity for part in proof)
            if total == ours.quantity and journal_id in (None, _where(ours, proof)):
                return proof
        return ()


def is_same(fill: JournalExecution, ours: Execution) -> bool:
    """Tell whether *fill* looks exactly like *ours*."""
    theirs = _place(fill.symbol, fill.executed_at, fill.price), fill.quantity
    place = _place(ours.symbol, ours.executed_at, ours.price)
    return theirs == (place, ours.quantity)


def _where(ours: Execution, proof: tuple[Part, ...]) -> int:
    """Return in which journal trade *ours* stands by *proof*."""
    return proof[-1 if ours.kind is Kind.ENTRY else 0].journal_id


def _opening(symbol: str, at: datetime) -> tuple[str, datetime]:
    return symbol.upper(), whole_second(at)


def _place(symbol: str, at: datetime, price: Decimal) -> object:
    return symbol.upper(), whole_second(at), price

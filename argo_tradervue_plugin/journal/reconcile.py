"""
Does the journal say what Argo did? A comparison trade by trade, to the cent.

Pure: it is given what the host has, what the journal shows and which links are known,
and returns what is the same, what differs and what stands on one side only. The
difference between the two totals is then the sum of what the list says.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

import attrs

from argo_tradervue_plugin.journal.executions import Execution, Kind, whole_second
from argo_tradervue_plugin.tradervue.models import JournalTrade, Side

__all__ = ["Difference", "HostTrade", "Missing", "Report", "Totals", "reconcile"]

CENT: Final = Decimal("0.01")


@attrs.frozen(kw_only=True)
class HostTrade:
    """
    What the journal should show for one host trade.

    *commission* is the round trip's in dollars, None where the host does not know it.
    *state* and *reason* are how far its delivery is, for what is missing.
    """

    trade_id: str
    entry: Execution
    exit: Execution | None = None
    further: tuple[Execution, ...] = ()
    commission: Decimal | None = None
    state: str = "unknown"
    reason: str | None = None

    @property
    def executions(self) -> tuple[Execution, ...]:
        """Return the executions that the trade stands for, the entry first."""
        first = (self.entry,) if self.exit is None else (self.entry, self.exit)
        return first + self.further

    @property
    def is_open(self) -> bool:
        """Tell whether a part of the position is still open."""
        return bool(sum(e.quantity for e in self.executions))

    @property
    def gross_pl(self) -> Decimal:
        """
        Return the profit before commission in dollars, realised so far.

        Of a position that is closed in part, the first that was entered is closed
        first, as in the journal.
        """
        return realised(self.executions)


@attrs.frozen(kw_only=True)
class Missing:
    """A host trade that the journal does not show, and how its delivery stands."""

    trade_id: str
    symbol: str
    state: str
    reason: str | None
    gross_pl: Decimal


@attrs.frozen(kw_only=True)
class Difference:
    """One field of one trade that is not the same on both sides, both in words."""

    trade_id: str
    journal_id: int
    field: str
    host: str
    journal: str


@attrs.frozen(kw_only=True)
class Totals:
    """Sums over the trades of one side; dollars."""

    trades: int
    gross_pl: Decimal
    commission: Decimal

    def as_json(self) -> dict[str, object]:
        """Return the same as JSON has it; money as texts."""
        return {
            "trades": self.trades,
            "gross_pl": f"{self.gross_pl:f}",
            "commission": f"{self.commission:f}",
        }


@attrs.frozen(kw_only=True)
class Report:
    """
    The outcome; every host trade and every journal trade is in exactly one list, but
    for our basic trades: they hold no executions, and stand for what is missing.

    *matched* pairs a host trade with its journal trade. *different* names each field
    that differs, *shared* the journal trades in which several host trades stand and
    cannot be told apart, *unknown_tagged* and *unknown_untagged* the journal trades
    that belong to no host trade, *duplicated* those that repeat a host trade's.
    *unusable* are host trades that make no sense, with the reason.
    """

    matched: tuple[tuple[str, int], ...]
    missing: tuple[Missing, ...]
    different: tuple[Difference, ...]
    shared: Mapping[int, tuple[str, ...]]
    duplicated: tuple[tuple[str, int], ...]
    unknown_tagged: tuple[int, ...]
    unknown_untagged: tuple[int, ...]
    host: Totals
    journal: Totals
    explained: Mapping[str, Decimal]
    unusable: tuple[tuple[str, str], ...] = ()

    @property
    def is_clean(self) -> bool:
        """Tell whether the journal says what the host did, and nothing else of ours."""
        return not (
            self.missing
            or self.different
            or self.shared
            or self.duplicated
            or self.unknown_tagged
            or self.unusable
        )

    @property
    def difference(self) -> Decimal:
        """Return the journal's gross profit less the host's, dollars."""
        return self.journal.gross_pl - self.host.gross_pl

    def as_json(self) -> dict[str, object]:
        """Return the same as JSON has it; money as texts, to the last digit."""
        return {
            "clean": self.is_clean,
            "matched": len(self.matched),
            "missing": [
                attrs.asdict(m) | {"gross_pl": f"{m.gross_pl:f}"} for m in self.missing
            ],
            "different": [attrs.asdict(d) for d in self.different],
            "shared": {str(k): list(v) for k, v in self.shared.items()},
            "duplicated": [list(pair) for pair in self.duplicated],
            "unknown_tagged": list(self.unknown_tagged),
            "unknown_untagged": list(self.unknown_untagged),
            "unusable": [list(pair) for pair in self.unusable],
            "host": self.host.as_json(),
            "journal": self.journal.as_json(),
            "difference": f"{self.difference:f}",
            "explained": {k: f"{v:f}" for k, v in self.explained.items()},
        }


def reconcile(
    host: Iterable[HostTrade],
    journal: Iterable[JournalTrade],
    links: Mapping[str, int],
    *,
    tags: Collection[str] = (),
) -> Report:
    """
    Compare what the *host* did with what the *journal* shows.

    *links* leads from a host trade to its journal trade; a host trade without one is
    missing, whatever else looks like it. *tags* are our account tags: a journal trade
    that has one and no host trade is ours and unknown. Basic trades (no executions)
    are not counted in the totals.
    """
    rows = {row.id: row for row in journal}
    standing: defaultdict[int, list[HostTrade]] = defaultdict(list)
    missing: list[HostTrade] = []
    trades = list(host)
    for trade in trades:
        journal_id = links.get(trade.trade_id)
        if journal_id in rows and rows[journal_id].exec_count:
            standing[journal_id].append(trade)
        else:
            missing.append(trade)
    matched, different = [], []
    shared: dict[int, tuple[str, ...]] = {}
    explained = dict.fromkeys(("missing", "different", "shared", "unknown"), Decimal(0))
    for journal_id, here in standing.items():
        row = rows[journal_id]
        off = (row.gross_pl or Decimal(0)) - sum(t.gross_pl for t in here)
        if len(here) > 1:
            shared[journal_id] = tuple(sorted(t.trade_id for t in here))
            explained["shared"] += off
            continue
        found = list(differences(here[0], row))
        different += found
        explained["different"] += off
        if not found:
            matched.append((here[0].trade_id, journal_id))
    others = [row for row in rows.values() if row.id not in standing]
    firsts = {facts(rows[i]): t[0].trade_id for i, t in standing.items() if len(t) == 1}
    copies = [
        (firsts[facts(row)], row.id)
        for row in others
        if row.exec_count and facts(row) in firsts
    ]
    repeated = {journal_id for _, journal_id in copies}
    tagged = [
        row
        for row in others
        if row.id not in repeated and row.exec_count and has_any(row, tags)
    ]
    untagged = [
        row.id for row in others if row.id not in repeated and not has_any(row, tags)
    ]
    ours = [rows[i] for i in (*standing, *repeated)] + tagged
    explained["missing"] = -sum((t.gross_pl for t in missing), Decimal(0))
    explained["unknown"] = sum(
        (rows[i].gross_pl or Decimal(0) for i in (*repeated, *(r.id for r in tagged))),
        Decimal(0),
    )
    return Report(
        matched=tuple(matched),
        missing=tuple(map(as_missing, missing)),
        different=tuple(different),
        shared=shared,
        duplicated=tuple(copies),
        unknown_tagged=tuple(row.id for row in tagged),
        unknown_untagged=tuple(untagged),
        host=Totals(
            trades=len(trades),
            gross_pl=sum((t.gross_pl for t in trades), Decimal(0)),
            commission=sum((t.commission or Decimal(0) for t in trades), Decimal(0)),
        ),
        journal=Totals(
            trades=len(ours),
            gross_pl=sum((row.gross_pl or Decimal(0) for row in ours), Decimal(0)),
            commission=sum((row.commission or Decimal(0) for row in ours), Decimal(0)),
        ),
        explained=explained,
    )


def differences(trade: HostTrade, row: JournalTrade) -> Iterable[Difference]:
    """Yield each field in which *row* is not what *trade* is."""
    entry, closing = trade.entry, trade.exit
    closed = not trade.is_open
    expected: dict[str, tuple[object, object]] = {
        "symbol": (entry.symbol.upper(), row.symbol.upper()),
        "side": (Side.LONG if entry.quantity > 0 else Side.SHORT, row.side),
        "open": (trade.is_open, row.open),
        "executions": (len(trade.executions), row.exec_count),
        "volume": (sum(abs(e.quantity) for e in trade.executions), row.volume),
        "entry price": (entry.price, row.entry_price),
        "entry time": (entry.executed_at, second_of(row.started_at)),
    }
    if trade.further:  # which price such a trade shows is not documented
        del expected["entry price"]
    elif closing is not None and closed and not row.open:
        expected["exit price"] = (closing.price, row.exit_price)
    if closed and not row.open:
        last = max(e.executed_at for e in trade.executions)
        expected |= {
            "exit time": (last, second_of(row.ended_at)),
            "gross P&L": (to_cent(trade.gross_pl), to_cent(row.gross_pl)),
        }
    if trade.commission is not None and not row.open:
        expected["commission"] = (to_cent(trade.commission), to_cent(row.commission))
    for field, (host, journal) in expected.items():
        if host != journal:
            yield Difference(
                trade_id=trade.trade_id,
                journal_id=row.id,
                field=field,
                host=in_words(host),
                journal=in_words(journal),
            )


def realised(executions: Iterable[Execution]) -> Decimal:
    """Return the profit of what *executions* of one trade have closed, first in out."""
    opened: deque[tuple[Decimal, Decimal]] = deque()
    profit = Decimal(0)
    for execution in sorted(executions, key=lambda e: (e.kind, e.executed_at, e.part)):
        left = execution.quantity
        if execution.kind is Kind.ENTRY:
            opened.append((left, execution.price))
            continue
        while left and opened:
            size, price = opened.popleft()
            closed = min(abs(size), abs(left))
            closed = closed if size > 0 else -closed
            profit += (execution.price - price) * closed
            left += closed
            if size != closed:
                opened.appendleft((size - closed, price))
    return profit


def facts(row: JournalTrade) -> tuple[object, ...]:
    """Return what makes two journal trades the same trade."""
    moments = second_of(row.started_at), second_of(row.ended_at)
    return row.symbol, row.side, row.volume, row.entry_price, row.exit_price, *moments


def has_any(row: JournalTrade, tags: Collection[str]) -> bool:
    """Tell whether *row* has one of *tags*."""
    return any(tag in tags for tag in row.tags)


def as_missing(trade: HostTrade) -> Missing:
    """Return what is said of a host trade that the journal does not show."""
    return Missing(
        trade_id=trade.trade_id,
        symbol=trade.entry.symbol,
        state=trade.state,
        reason=trade.reason,
        gross_pl=trade.gross_pl,
    )


def second_of(moment: datetime | None) -> datetime | None:
    """Return *moment* in whole seconds."""
    return None if moment is None else whole_second(moment)


def to_cent(value: Decimal | None) -> Decimal:
    """Return dollars rounded to the cent; what is not told is nothing."""
    return (value or Decimal(0)).quantize(CENT)


def in_words(value: object) -> str:
    """Return one side of a difference as a person reads it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "none" if value is None else str(value)

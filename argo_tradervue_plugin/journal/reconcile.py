"""
Does the journal say what Argo did? A comparison trade by trade, to the cent.

Pure: it is given what the host has, what the journal shows and which links are known,
and returns what is the same, what differs and what stands on one side only. The
difference between the two totals is then the sum of what the list says.

What a person has accepted is in a list of its own, and no difference any more.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

import attrs

from argo_tradervue_plugin.journal import records
from argo_tradervue_plugin.journal.executions import Execution, Kind, whole_second
from argo_tradervue_plugin.journal.legs import CENT, average, to_cent, total
from argo_tradervue_plugin.journal.reasons import next_step, outcome, sentence
from argo_tradervue_plugin.tradervue.models import (
    JournalExecution,
    JournalTrade,
    Side,
)

__all__ = [
    "Accepted",
    "Difference",
    "HostTrade",
    "Missing",
    "Outcome",
    "Report",
    "Totals",
    "reconcile",
]

PLACES: Final = Decimal("0.00000001")
# What a part of the difference between the totals comes from.
CAUSES: Final = ("missing", "different", "shared", "unknown", "accepted")


@attrs.frozen(kw_only=True)
class HostTrade:
    """
    What the journal should show for one host trade.

    *entry*, *exit* and *further* are the executions that should stand there: those that
    were sent, and those that are planned. *recorded* are those that the host would be
    sent as by now, where that is something else. *commission* is the round trip's in
    dollars, None where the host does not know it.

    *state* and *reason* are how far its delivery is, for what is missing. *outcomes*
    are what a person should know of it; *is_accepted* says that they know, and leave it
    as it is. *closers* are executions of opposite trades that close its position.
    *places* are the journal trades in which each of its executions stands
    exactly once, where it does not matter how the journal groups them; empty otherwise.
    """

    trade_id: str
    entry: Execution
    exit: Execution | None = None
    further: tuple[Execution, ...] = ()
    recorded: tuple[Execution, ...] = ()
    commission: Decimal | None = None
    state: str = "unknown"
    reason: str | None = None
    outcomes: tuple[records.Difference, ...] = ()
    is_accepted: bool = False
    closers: tuple[Execution, ...] = ()
    places: frozenset[int] = frozenset()

    @property
    def executions(self) -> tuple[Execution, ...]:
        """Return the executions that the trade stands for, the entry first."""
        first = (self.entry,) if self.exit is None else (self.entry, self.exit)
        return first + self.further

    @property
    def is_plain(self) -> bool:
        """Tell whether a row of a list shows all of it: one in, one out or none."""
        whole = self.exit is None or self.exit.quantity == -self.entry.quantity
        return whole and not self.further

    @property
    def legs(self) -> tuple[tuple[Execution, ...], tuple[Execution, ...]]:
        """Return entry and exit as the host has them by now."""
        some = self.recorded or self.executions
        entries = tuple(e for e in some if e.kind is Kind.ENTRY)
        return entries, tuple(e for e in some if e.kind is Kind.EXIT)

    @property
    def is_open(self) -> bool:
        """Tell whether a part of the position is still open."""
        entries, exits = self.legs
        return bool(sum(e.quantity for e in (*entries, *exits)))

    @property
    def gross_pl(self) -> Decimal:
        """
        Return the profit before commission in dollars, realised so far.

        Of a position that is closed in part, the first that was entered is closed
        first, as in the journal. What the trade closes of an opposite one is realised
        there.
        """
        entries, exits = self.legs
        own = (execution for execution in entries if not execution.closes)
        closed = (attrs.evolve(each, kind=Kind.EXIT) for each in self.closers)
        return realised((*own, *exits, *closed))


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
class Outcome:
    """
    What a person should know of a trade beside its state, and what helps.

    *code* is stable, *sentence* and *next_step* are for the person; *host* and *sent*
    are both sides in words. *journal_id* is None where the trade stands nowhere.
    """

    trade_id: str
    journal_id: int | None
    code: str
    host: str
    sent: str
    sentence: str
    next_step: str


@attrs.frozen(kw_only=True)
class Accepted:
    """
    What a person has accepted as it is.

    A host trade and where it stands, None: it does not; or a journal trade that is of
    no host trade.
    """

    trade_id: str | None
    journal_id: int | None


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
    What a comparison came to. Every host trade and every journal trade is in exactly
    one list, but for our basic trades: they hold no executions, and stand for what is
    missing. *outcomes* stand beside the lists; a trade with one is not matched.

    *matched* pairs a host trade with its journal trade. *different* names each field
    that differs, *shared* the journal trades in which several host trades stand and
    cannot be told apart, *unknown_tagged* and *unknown_untagged* the journal trades
    that belong to no host trade, *duplicated* those that repeat a host trade's.
    *unusable* are host trades that make no sense, with the reason. *accepted* is what
    would be in one of the other lists, if a person had not accepted it.
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
    outcomes: tuple[Outcome, ...] = ()
    accepted: tuple[Accepted, ...] = ()

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
            or self.outcomes
        )

    @property
    def difference(self) -> Decimal:
        """Return the journal's gross profit less the host's, dollars."""
        return self.journal.gross_pl - self.host.gross_pl

    def as_json(self) -> dict[str, object]:
        """
        Return the same as JSON has it; money as texts, to the last digit.

        Outcomes and what is accepted are absent where there are none.
        """
        rare = {
            name: [attrs.asdict(one) for one in some]
            for name in ("outcomes", "accepted")
            if (some := getattr(self, name))
        }
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
            **rare,
        }


def reconcile(
    host: Iterable[HostTrade],
    journal: Iterable[JournalTrade],
    links: Mapping[str, int],
    *,
    tags: Collection[str] = (),
    fills: Mapping[int, Sequence[JournalExecution]] | None = None,
    accepted: Collection[int] = (),
) -> Report:
    """
    Compare what the *host* did with what the *journal* shows.

    *links* leads from a host trade to its journal trade; a host trade without one is
    missing, whatever else looks like it. *tags* are our account tags: a journal trade
    that has one and no host trade is ours and unknown, unless it is in *accepted*.
    *fills* are the executions of journal trades, for host trades that are not plain.
    Basic trades (no executions) are not counted in the totals.
    """
    rows = {row.id: row for row in journal}
    trades = list(host)
    standing, missing = by_place(trades, rows, links)
    verdict = Verdict()
    for journal_id, here in standing.items():
        verdict.judge(rows[journal_id], here, (fills or {}).get(journal_id))
    verdict.note_missing(missing)
    places = {i for t in trades for i in t.places if i in rows}
    verdict.explained["shared"] += money(rows[i] for i in places - standing.keys())
    others = [
        row for row in rows.values() if row.id not in standing and row.id not in places
    ]
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
    strangers = [rows[i] for i in repeated] + tagged
    for row in strangers:
        cause = "accepted" if row.id in accepted else "unknown"
        verdict.explained[cause] += row.gross_pl or Decimal(0)
        if row.id in accepted:
            verdict.accepted.append(Accepted(trade_id=None, journal_id=row.id))
    ours = [rows[i] for i in {*standing, *places}] + strangers
    return Report(
        matched=tuple(verdict.matched),
        missing=tuple(verdict.missing),
        different=tuple(verdict.different),
        shared=verdict.shared,
        duplicated=tuple(pair for pair in copies if pair[1] not in accepted),
        unknown_tagged=tuple(row.id for row in tagged if row.id not in accepted),
        unknown_untagged=tuple(untagged),
        outcomes=tuple(
            each
            for trade in trades
            if not trade.is_accepted
            for each in outcomes_of(trade, links.get(trade.trade_id))
        ),
        accepted=tuple(verdict.accepted),
        host=Totals(
            trades=len(trades),
            gross_pl=sum((t.gross_pl for t in trades), Decimal(0)),
            commission=sum((t.commission or Decimal(0) for t in trades), Decimal(0)),
        ),
        journal=Totals(
            trades=len(ours),
            gross_pl=money(ours),
            commission=sum((row.commission or Decimal(0) for row in ours), Decimal(0)),
        ),
        explained=verdict.explained,
    )


def by_place(
    trades: Iterable[HostTrade],
    rows: Mapping[int, JournalTrade],
    links: Mapping[str, int],
) -> tuple[dict[int, list[HostTrade]], list[HostTrade]]:
    """Return which *trades* stand in which journal trade, and which stand nowhere."""
    standing: defaultdict[int, list[HostTrade]] = defaultdict(list)
    missing: list[HostTrade] = []
    for trade in trades:
        journal_id = links.get(trade.trade_id)
        row = None if journal_id is None else rows.get(journal_id)
        if row is not None and row.exec_count:
            standing[row.id].append(trade)
        else:
            missing.append(trade)
    return dict(standing), missing


@attrs.define
class Verdict:
    """In which list each host trade is, and what that explains of the difference."""

    matched: list[tuple[str, int]] = attrs.field(factory=list)
    missing: list[Missing] = attrs.field(factory=list)
    different: list[Difference] = attrs.field(factory=list)
    shared: dict[int, tuple[str, ...]] = attrs.field(factory=dict)
    accepted: list[Accepted] = attrs.field(factory=list)
    explained: dict[str, Decimal] = attrs.field(
        factory=lambda: dict.fromkeys(CAUSES, Decimal(0))
    )

    def judge(
        self,
        row: JournalTrade,
        here: Sequence[HostTrade],
        fills: Sequence[JournalExecution] | None,
    ) -> None:
        """Judge the host trades that stand *here*, in the journal trade *row*."""
        off = (row.gross_pl or Decimal(0)) - sum(t.gross_pl for t in here)
        apart = [trade for trade in here if not trade.places]
        for trade in here:
            if trade.places:
                self.note_same(trade, row.id)
        cause = "shared" if len(here) > 1 else "different"
        if len(apart) == 1:
            found = list(differences(apart[0], row, fills))
            if not found:
                self.note_same(apart[0], row.id)
            elif apart[0].is_accepted:
                self.note_accepted(apart[0], row.id)
                cause = "accepted"
            else:
                self.different += found
        elif apart:
            left = [trade for trade in apart if not trade.is_accepted]
            for trade in apart:
                if trade.is_accepted:
                    self.note_accepted(trade, row.id)
            if left:
                self.shared[row.id] = tuple(sorted(t.trade_id for t in left))
            else:
                cause = "accepted"
        self.explained[cause] += off

    def note_same(self, trade: HostTrade, journal_id: int) -> None:
        """Note that the journal shows *trade* as it was sent."""
        if not trade.outcomes:
            self.matched.append((trade.trade_id, journal_id))
        elif trade.is_accepted:
            self.note_accepted(trade, journal_id)

    def note_accepted(self, trade: HostTrade, journal_id: int | None) -> None:
        """Note that a person leaves *trade* as it is."""
        self.accepted.append(Accepted(trade_id=trade.trade_id, journal_id=journal_id))

    def note_missing(self, trades: Iterable[HostTrade]) -> None:
        """Note that the journal does not show *trades*."""
        for trade in trades:
            if trade.is_accepted:
                self.note_accepted(trade, None)
            else:
                self.missing.append(as_missing(trade))
            cause = "accepted" if trade.is_accepted else "missing"
            self.explained[cause] -= trade.gross_pl


def outcomes_of(trade: HostTrade, journal_id: int | None) -> Iterable[Outcome]:
    """Yield what a person should know of *trade*, in words."""
    for each in trade.outcomes:
        stored = outcome(each.code, each.host, each.sent)
        yield Outcome(
            trade_id=trade.trade_id,
            journal_id=journal_id,
            code=each.code,
            host=each.host,
            sent=each.sent,
            sentence=sentence(stored) or "",
            next_step=next_step(stored),
        )


def differences(
    trade: HostTrade,
    row: JournalTrade,
    fills: Sequence[JournalExecution] | None = None,
) -> Iterable[Difference]:
    """
    Yield each field in which *row* is not what *trade* is.

    The list shows one price for a leg, and does not say of which of its *fills*: those
    of a trade that is not plain are compared themselves.
    """
    entries, exits = trade.legs
    closed = not trade.is_open
    expected: dict[str, tuple[object, object]] = {
        "symbol": (trade.entry.symbol.upper(), row.symbol.upper()),
        "side": (Side.LONG if trade.entry.quantity > 0 else Side.SHORT, row.side),
        "open": (trade.is_open, row.open),
        "executions": (len(trade.executions), row.exec_count),
        "volume": (total((*entries, *exits)), row.volume),
    }
    if trade.is_plain:
        expected["entry price"] = (entries[0].price, row.entry_price)
    else:
        expected |= prices_by_leg(trade, fills or ())
    expected["entry time"] = (entries[0].executed_at, second_of(row.started_at))
    if trade.is_plain and exits and closed and not row.open:
        expected["exit price"] = (exits[0].price, row.exit_price)
    if closed and not row.open:
        last = max(e.executed_at for e in (*entries, *exits))
        expected |= {
            "exit time": (last, second_of(row.ended_at)),
            "gross P&L": (to_cent(trade.gross_pl), to_cent(row.gross_pl)),
        }
    if trade.commission is not None and not row.open:
        expected["commission"] = (to_cent(trade.commission), to_cent(row.commission))
    found = {field: pair for field, pair in expected.items() if pair[0] != pair[1]}
    if fills is not None and found.keys() <= {"commission", "gross P&L"}:
        found |= fields_by_fill(trade.executions, fills)
    for field, (host, journal) in found.items():
        yield Difference(
            trade_id=trade.trade_id,
            journal_id=row.id,
            field=field,
            host=in_words(host),
            journal=in_words(journal),
        )


def prices_by_leg(
    trade: HostTrade, fills: Sequence[JournalExecution]
) -> dict[str, tuple[object, object]]:
    """
    Return the average price of each leg, as the host has it and by the *fills* there.

    Both are the same where they come to the same money, to the cent.
    """
    sign = 1 if trade.entry.quantity > 0 else -1
    found: dict[str, tuple[object, object]] = {}
    for name, leg, some in (
        ("entry price", trade.legs[0], [f for f in fills if f.quantity * sign > 0]),
        ("exit price", trade.legs[1], [f for f in fills if f.quantity * sign < 0]),
    ):
        if leg and some and total(leg) == sum(abs(f.quantity) for f in some):
            host = average(leg, leg[0].price)
            paid = sum((abs(f.quantity) * f.price for f in some), Decimal(0))
            if abs(paid - total(leg) * host) >= CENT:
                found[name] = (rounded(host), rounded(paid / total(leg)))
    return found


def rounded(price: Decimal) -> Decimal:
    """Return an average price with as many places as an import takes."""
    return price.quantize(PLACES)


def fields_by_fill(
    executions: Iterable[Execution], fills: Iterable[JournalExecution]
) -> dict[str, tuple[object, object]]:
    """Return in what *fills* are not the *executions* that should stand there."""
    left = list(fills)
    unlike = []
    for execution in executions:
        fact = fill_facts(execution)
        one = next((f for f in left if fill_facts(f) == fact), None)
        if one is None:
            unlike.append(execution)
        else:
            left.remove(one)
    found: dict[str, tuple[object, object]] = {}
    for execution in unlike:
        alike = [f for f in left if f.quantity * execution.quantity > 0]
        if not alike:
            continue  # the number of executions says so
        one = min(alike, key=lambda f: abs(f.executed_at - execution.executed_at))
        left.remove(one)
        name = f"{execution.kind} {execution.part}"
        found[f"{name} quantity"] = execution.quantity, one.quantity
        found[f"{name} price"] = execution.price, one.price
        found[f"{name} time"] = execution.executed_at, second_of(one.executed_at)
    return {field: pair for field, pair in found.items() if pair[0] != pair[1]}


def fill_facts(fill: Execution | JournalExecution) -> tuple[object, ...]:
    """Return what makes two fills the same."""
    return whole_second(fill.executed_at), fill.quantity, fill.price


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


def money(rows: Iterable[JournalTrade]) -> Decimal:
    """Return the gross profit of journal trades together, dollars."""
    return sum((row.gross_pl or Decimal(0) for row in rows), Decimal(0))


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


def in_words(value: object) -> str:
    """Return one side of a difference as a person reads it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "none" if value is None else str(value)

"""A trade of the journal, and the book of trades in which one position lives."""

from bisect import insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from .assumptions import Assumptions
from .grouping import Fill, Part, Tally, group, portions, tallied


@dataclass(slots=True, eq=False)
class Comment:
    """A comment that somebody wrote on the web; the API only reads them."""

    id: int
    username: str
    text: str
    at: datetime


@dataclass(slots=True, eq=False)
class Trade:
    """A trade: its executions, their sum, and what its owner wrote about it."""

    id: int
    symbol: str
    created_at: datetime
    # The account tags whose executions it takes; none: of executions without one.
    account_tags: tuple[str, ...] = ()
    tags: list[str] = field(default_factory=list)
    # Those of its tags that become its account tag once an import has them as one.
    tags_by_hand: frozenset[str] = frozenset()
    notes: str = ""
    shared: bool = False
    initial_risk: Decimal | None = None
    parts: list[Part] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    comments: list[Comment] = field(default_factory=list)
    # Split, merged or edited by a person, and so never grouped anew by the machine.
    is_pinned: bool = False
    # Where the journal's order has it, and the answer as it was last written: both
    # belong to the journal, which keeps them.
    place: tuple[datetime, int] | None = None
    answer: tuple[Assumptions, str] | None = None

    @property
    def shelves(self) -> tuple[str, ...]:
        """The account tags of the books that it stands in."""
        return self.account_tags or ("",)

    @property
    def opened_at(self) -> datetime:
        """Open time; for a trade without executions the time of its creation."""
        return self.tally.start or self.created_at

    def take(self, part: Part) -> None:
        """Add *part* where its time puts it."""
        if self.parts and part.fill.order < self.parts[-1].fill.order:
            insort(self.parts, part, key=_part_order)
            self.tally = tallied(self.parts)
        else:
            self.parts.append(part)
            self.tally.take(part)

    def hold(self, parts: Iterable[Part]) -> None:
        """Hold *parts* and nothing else."""
        self.parts = sorted(parts, key=_part_order)
        self.tally = tallied(self.parts)

    def inherit(self, other: "Trade") -> None:
        """Take over what the owner wrote about *other*, which goes away."""
        self.tags += [tag for tag in other.tags if tag not in self.tags]
        self.tags_by_hand |= other.tags_by_hand
        self.notes = "\n\n".join(text for text in (self.notes, other.notes) if text)
        self.comments = sorted(self.comments + other.comments, key=lambda c: c.at)
        if self.initial_risk is None:
            self.initial_risk = other.initial_risk


def _part_order(part: Part) -> tuple[datetime, int, bool]:
    return (*part.fill.order, part.is_remainder)


@dataclass(slots=True)
class Change:
    """What adding executions did to the trades of a book."""

    touched: dict[int, Trade] = field(default_factory=dict)
    vanished: list[Trade] = field(default_factory=list)

    def touch(self, trade: Trade) -> None:
        """Note that *trade* is new or other than before."""
        self.touched[trade.id] = trade


@dataclass(slots=True)
class Book:
    """The trades of one underlying symbol under one account tag, oldest first."""

    trades: list[Trade] = field(default_factory=list)
    # The trade that took the last execution, and the time of the latest one of all.
    active: Trade | None = None
    latest: datetime | None = None
    # Open besides the active one, as a person's work may leave them.
    besides: list[Trade] = field(default_factory=list)

    def add(
        self,
        fills: list[Fill],
        assumptions: Assumptions,
        merge_mode: str,
        open_trade: Callable[[], Trade],
    ) -> Change:
        """Sort *fills* (in order) into trades; *open_trade* makes an empty one."""
        change = Change()
        window = window_of(assumptions, merge_mode)
        is_proportional = assumptions.flip_fees == "proportional"
        if self._is_late(fills[0], assumptions):
            self._regroup(fills, window, is_proportional, open_trade, change)
            return change
        for fill in fills:
            current = self.current()
            tally = current.tally if current else Tally()
            going_on, starting = portions(
                tally, fill, window, is_proportional=is_proportional
            )
            if going_on is not None and current is not None:
                current.take(going_on)
                change.touch(current)
            if starting is not None:
                self.active = open_trade()
                self.active.take(starting)
                self.trades.append(self.active)
                change.touch(self.active)
            if self.latest is None or fill.at >= self.latest:
                self.latest = fill.at
            else:
                self.trades.sort(key=_trade_order)
        return change

    def starts_trade(self, fill: Fill, assumptions: Assumptions, mode: str) -> bool:
        """Tell whether *fill*, added now, would be (all of it) a trade of its own."""
        window = window_of(assumptions, mode)
        if self._is_late(fill, assumptions):
            neighbours = [t for t in self.trades if _covers(t, fill, window)]
            return not neighbours
        current = self.current()
        tally = current.tally if current else Tally()
        going_on, _ = portions(tally, fill, window, is_proportional=True)
        return going_on is None

    def current(self) -> Trade | None:
        """Return the trade that the next execution may belong to: an open one first."""
        if self.active is None or not self.active.tally.is_open:
            self.besides = list(filter(_is_open, self.besides))
            if self.besides:
                self.active = self.besides.pop()
        return self.active

    def is_held_at(self, moment: datetime) -> bool:
        """Tell whether a trade was open at *moment*."""
        return any(
            trade.opened_at <= moment
            and (trade.tally.is_open or moment < _end_of(trade))
            for trade in self.trades
        )

    def recount(self) -> None:
        """Find the active trade again, after a person changed the trades."""
        self.trades = sorted((t for t in self.trades if t.parts), key=_trade_order)
        ends = [t.tally.end for t in self.trades if t.tally.end]
        self.latest = max(ends, default=None)
        self.active = max(self.trades, key=_liveliness, default=None)
        others = (trade for trade in self.trades if trade is not self.active)
        self.besides = sorted(filter(_is_open, others), key=_liveliness)

    def _is_late(self, fill: Fill, assumptions: Assumptions) -> bool:
        if assumptions.late_executions == "append" or self.latest is None:
            return False
        current = self.current()
        if current is not None and current.is_pinned and current.tally.is_open:
            # What a person made of the open position stays as it is, and takes it.
            return False
        return fill.at < self.latest

    def _regroup(
        self,
        fills: list[Fill],
        window: timedelta | None,
        is_proportional: bool,
        open_trade: Callable[[], Trade],
        change: Change,
    ) -> None:
        """Group the trades from the time of the first of *fills* on anew."""
        start = len(self.trades)
        while start and _end_of(self.trades[start - 1]) > fills[0].at:
            start -= 1
        # A trade that starts with the rest of a flip cannot be grouped without the one
        # that the flip closed.
        while 0 < start < len(self.trades) and self.trades[start].parts[0].is_remainder:
            start -= 1
        former = _whole_trades(self.trades[start:])
        before = self.trades[start - 1] if start else None
        if before is not None and before.is_pinned and not before.tally.is_open:
            before = None
        again = {id(p.fill): p.fill for trade in former for p in trade.parts}
        everything = sorted([*again.values(), *fills], key=lambda fill: fill.order)
        first, *groups = group(
            everything,
            window=window,
            is_proportional=is_proportional,
            before=before.parts if before else (),
        )
        heirs: dict[int, Trade] = {}
        for part in first:
            # Not without a trade before: an empty tally takes nothing.
            if before is not None:
                before.take(part)
                change.touch(before)
                heirs[id(part.fill)] = before
        self._reassign(former, groups, heirs, open_trade, change)
        self.recount()

    def _reassign(
        self,
        former: list[Trade],
        groups: list[list[Part]],
        heirs: dict[int, Trade],
        open_trade: Callable[[], Trade],
        change: Change,
    ) -> None:
        """
        Give *groups* to the trades that held their executions, or to new ones.

        *heirs* are the trades that hold an execution now, by its identity.
        """
        holder = {id(trade.parts[0].fill): trade for trade in former}
        for parts in groups:
            owners = (holder.pop(id(p.fill), None) for p in parts if not p.is_remainder)
            trade = next((owner for owner in owners if owner), None)
            if trade is None:
                trade = open_trade()
                self.trades.append(trade)
            trade.hold(parts)
            change.touch(trade)
            heirs.update((id(part.fill), trade) for part in parts)
        for key, trade in holder.items():
            self.trades.remove(trade)
            change.vanished.append(trade)
            heirs[key].inherit(trade)
            change.touch(heirs[key])


def window_of(assumptions: Assumptions, merge_mode: str) -> timedelta | None:
    """Return how long a flat trade may be entered again; None: for ever."""
    if merge_mode == "force_merge":
        return None
    if merge_mode == "force_split":
        return timedelta(seconds=-1)
    return timedelta(seconds=assumptions.regroup_seconds)


def _trade_order(trade: Trade) -> tuple[datetime, int, bool]:
    # Not by the time alone: a flip may close one trade and open the next in the second
    # in which the first began.
    return _part_order(trade.parts[0])


def _is_open(trade: Trade) -> bool:
    return trade.tally.is_open


def _liveliness(trade: Trade) -> tuple[bool, datetime | None, int]:
    return trade.tally.is_open, trade.tally.end, trade.id


def _end_of(trade: Trade) -> datetime:
    return trade.tally.end or datetime.max.replace(tzinfo=UTC)


def _covers(trade: Trade, fill: Fill, window: timedelta | None) -> bool:
    """Tell whether *trade* was open at the time of *fill*, or may go on with it."""
    reach = timedelta(0) if window is None else max(window, timedelta(0))
    begun = trade.opened_at <= fill.at
    return begun and (trade.tally.is_open or fill.at <= _end_of(trade) + reach)


def _whole_trades(trades: list[Trade]) -> list[Trade]:
    """Return those of *trades* that may be grouped anew, none with half a flip."""
    kept = [trade for trade in trades if not trade.is_pinned]
    while True:
        seen: dict[int, Decimal] = {}
        for trade in kept:
            for part in trade.parts:
                seen[id(part.fill)] = (
                    seen.get(id(part.fill), Decimal(0)) + part.quantity
                )
        fewer = [
            trade
            for trade in kept
            if all(seen[id(part.fill)] == part.fill.quantity for part in trade.parts)
        ]
        if len(fewer) == len(kept):
            return kept
        kept = fewer

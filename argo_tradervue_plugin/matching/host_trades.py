"""What the journal should show for one host trade, and what the host has by now."""

from collections import deque
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import attrs

from argo_tradervue_plugin.matching.locate import Executions, Expected
from argo_tradervue_plugin.matching.report import Money
from argo_tradervue_plugin.model import records
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.times import new_york_day

__all__ = ["HostTrade"]


@attrs.frozen(kw_only=True)
class HostTrade(Executions):
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
    *elsewhere* are executions that another journal trade holds than the entry's, with
    the id of that: somebody has split them off. *account_tag* is that under which it
    was planned.
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
    elsewhere: tuple[tuple[Execution, int], ...] = ()
    account_tag: str | None = None

    @property
    def symbol(self) -> str:
        """Return the symbol that the trade has in the journal."""
        return self.entry.symbol

    @property
    def day(self) -> date:
        """Return the New York day of the entry."""
        return new_york_day(self.entry.executed_at)

    @property
    def money(self) -> Money:
        """Return what the host says that the trade made and cost so far."""
        return Money(self.gross_pl, self.costs or Decimal(0))

    @property
    def costs(self) -> Decimal | None:
        """Return the commission, which is the round trip's and so a closed trade's."""
        return None if self.is_open else self.commission

    @property
    def expected(self) -> Expected:
        """Return what should stand in the journal for it."""
        return Expected(
            trade_id=self.trade_id,
            account_tag=self.account_tag,
            entry=self.entry,
            exit=self.exit,
            further=self.further,
        )

    @property
    def here(self) -> "HostTrade":
        """Return the trade as it was sent, without what is elsewhere."""
        away = {execution.key for execution, _ in self.elsewhere}
        rest = Expected.of(None, (e for e in self.executions if e.key not in away))
        if not away or rest is None:
            return self
        return attrs.evolve(
            self, entry=rest.entry, exit=rest.exit, further=rest.further, recorded=()
        )

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

"""Imports, edits by hand and deletions in any order, and what holds throughout."""

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.sandbox.booking import Order, Outcome
from argo_tradervue_plugin.sandbox.grouping import tallied
from argo_tradervue_plugin.sandbox.trades import Trade

START = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
rows = st.lists(
    st.tuples(
        st.sampled_from(["AAA", "BBB"]),
        st.integers(0, 4000),
        st.integers(-4, 4).filter(bool),
    ),
    min_size=1,
    max_size=5,
)
which = st.integers(0, 50)


class AtWork(RuleBasedStateMachine):
    """An owner and a program share one journal."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = Sandbox(import_seconds=0)
        self.person = self.sandbox.person("me")
        # What all executions in the journal must add up to.
        self.held = Decimal(0)

    @property
    def trades(self) -> list[Trade]:
        """The trades, newest first."""
        return list(self.sandbox.account("me").journal.newest_first())

    @rule(told=rows, tag=st.sampled_from(["", "a"]), twice=st.booleans())
    def send(self, told: list[tuple[str, int, int]], tag: str, *, twice: bool) -> None:
        """Import rows, the same again now and then."""
        for _ in range(2 if twice else 1):
            order = Order(
                rows=[
                    {
                        "symbol": symbol,
                        "datetime": (START + timedelta(seconds=seconds)).isoformat(),
                        "quantity": quantity,
                        "price": 10,
                    }
                    for symbol, seconds, quantity in told
                ],
                received_at=START,
                account_tag=tag,
            )
            before = self.total()
            account = self.sandbox.account("me")
            account.slot.post(order, self.sandbox.clock(), 0)
            outcome = self.sandbox.account("me").slot.outcome or Outcome()
            assert outcome.exec_count + outcome.duplicate_count == len(told)
            self.held += self.total() - before
        assert outcome.exec_count == 0 or not twice

    @rule(number=which)
    def delete_trade(self, number: int) -> None:
        """Delete a trade."""
        if trade := self.one(number):
            self.held -= sum(part.quantity for part in trade.parts)
            self.person.delete_trade(trade.id)

    @rule(number=which, part=which)
    def delete_execution(self, number: int, part: int) -> None:
        """Delete an execution."""
        if trade := self.one(number):
            chosen = trade.parts[part % len(trade.parts)]
            self.held -= chosen.quantity
            self.person.delete_execution(trade.id, chosen.id)

    @rule(number=which, part=which)
    def split(self, number: int, part: int) -> None:
        """Split an execution off."""
        trade = self.one(number)
        if trade and len(trade.parts) > 1:
            self.person.split(trade.id, [trade.parts[part % len(trade.parts)].id])

    @rule(number=which)
    def merge(self, number: int) -> None:
        """Merge two trades of one symbol and account tag."""
        if trade := self.one(number):
            alike = [t.id for t in self.trades if _kind(t) == _kind(trade)]
            if len(alike) > 1:
                self.person.merge(*alike[:2])

    @invariant()
    def adds_up(self) -> None:
        """No execution is lost or doubled."""
        assert self.total() == self.held
        ids = [part.id for trade in self.trades for part in trade.parts]
        assert len(ids) == len(set(ids))

    @invariant()
    def is_in_order(self) -> None:
        """Every trade is listed once, by open time, among all and of its symbol."""
        journal = self.sandbox.account("me").journal
        listed = self.trades
        assert {trade.id for trade in listed} == set(journal.trades)
        places = [(trade.opened_at, trade.id) for trade in listed]
        assert places == sorted(places, reverse=True)
        assert listed == journal.page_of(1, 1000)
        for symbol in ("AAA", "BBB"):
            own = [trade for trade in listed if trade.symbol == symbol]
            assert list(journal.newest_first(symbol=symbol)) == own

    @invariant()
    def is_summed_up(self) -> None:
        """Each trade is what its executions make it, and stands in one book."""
        journal = self.sandbox.account("me").journal
        for trade in self.trades:
            assert trade.tally == tallied(trade.parts)
        shelved = [t.id for book in journal.books.values() for t in book.trades]
        assert sorted(shelved) == sorted(journal.trades)

    def one(self, number: int) -> Trade | None:
        """Return a trade, if there is any."""
        trades = self.trades
        return trades[number % len(trades)] if trades else None

    def total(self) -> Decimal:
        """Return the sum of all quantities."""
        return sum(
            (part.quantity for trade in self.trades for part in trade.parts), Decimal(0)
        )


def _kind(trade: Trade) -> tuple[str, str]:
    return trade.symbol, trade.account_tag


TestAtWork = AtWork.TestCase
TestAtWork.settings = settings(
    max_examples=int(os.environ.get("MANY", "20")),
    stateful_step_count=15,
    deadline=None,
)

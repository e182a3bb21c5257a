"""Imports, edits by hand and deletions in any order, and what holds throughout."""

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.sandbox.booking import Order, Outcome
from argo_tradervue_plugin.sandbox.grouping import tallied
from argo_tradervue_plugin.sandbox.journal import Journal
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
        self.sandbox = Sandbox(import_seconds=0, clock=lambda: 0.0)
        self.person = self.sandbox.person("me")
        # What all executions in the journal must add up to.
        self.held = Decimal(0)

    @initialize(
        form=st.sampled_from(["first", "kept", "none"]),
        delay=st.sampled_from([0, 10]),
        delay_form=st.sampled_from(["replica", "each_import"]),
    )
    def assume(self, form: str, delay: int, delay_form: str) -> None:
        """Choose what merging does to account tags, and how reads lag."""
        self.sandbox.assume(
            merged_account_tag=form,
            read_delay_seconds=delay,
            read_delay_form=delay_form,
        )

    @property
    def trades(self) -> list[Trade]:
        """The trades, newest first."""
        return list(self.sandbox.account("me").journal.newest_first())

    @rule(told=rows, tag=st.sampled_from(["", "a", "b"]), twice=st.booleans())
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
            account.slot.post(order, self.sandbox.elapsed(), 0)
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

    @rule(number=which, count=st.integers(2, 3))
    def merge(self, number: int, count: int) -> None:
        """Merge trades of one symbol, whatever their account tags."""
        if trade := self.one(number):
            alike = [t.id for t in self.trades if t.symbol == trade.symbol]
            if len(alike) > 1:
                self.person.merge(*alike[:count])

    @rule(number=which, tags=st.lists(st.sampled_from(["a", "b", "mine"]), max_size=3))
    def tag(self, number: int, tags: list[str]) -> None:
        """Replace the tags of a trade."""
        if trade := self.one(number):
            self.person.tag(trade.id, *tags)

    @rule(number=which, seconds=st.integers(0, 4000))
    def close(self, number: int, seconds: int) -> None:
        """Close a position by hand."""
        trade = self.one(number)
        if trade and trade.tally.is_open:
            self.held -= sum(part.quantity for part in trade.parts)
            self.person.close_position(
                trade.id, 11, at=START + timedelta(seconds=seconds)
            )
            assert not trade.tally.is_open

    @rule(number=which, part=which, quantity=st.integers(-4, 4).filter(bool))
    def correct(self, number: int, part: int, quantity: int) -> None:
        """Correct an execution."""
        if trade := self.one(number):
            chosen = trade.parts[part % len(trade.parts)]
            self.held += quantity - chosen.quantity
            self.person.edit_execution(
                trade.id, chosen.id, quantity=quantity, at=START, price=12
            )

    @rule(number=which, quantity=st.integers(-4, 4).filter(bool))
    def enter(self, number: int, quantity: int) -> None:
        """Enter an execution in a trade, or as a trade if there is none."""
        self.held += quantity
        raw = {"datetime": START.isoformat(), "quantity": quantity, "price": 9}
        if trade := self.one(number):
            self.person.add_executions(trade.id, [raw])
        else:
            self.person.create_trade("AAA", [raw], tags=["a"])

    @rule()
    def wait(self) -> None:
        """Let time pass."""
        self.sandbox.pass_time(6)

    @invariant()
    def adds_up(self) -> None:
        """No execution is lost or doubled."""
        assert self.total() == self.held

    @invariant()
    def is_in_order(self) -> None:
        """Every trade is listed once, by open time, among all and of its symbol."""
        for journal in self.journals():
            listed = list(journal.newest_first())
            assert {trade.id for trade in listed} == set(journal.trades)
            places = [(trade.opened_at, trade.id) for trade in listed]
            assert places == sorted(places, reverse=True)
            assert listed == journal.page_of(1, 1000)
            for symbol in ("AAA", "BBB"):
                own = [trade for trade in listed if trade.symbol == symbol]
                assert list(journal.newest_first(symbol=symbol)) == own

    @invariant()
    def is_summed_up(self) -> None:
        """Each trade is what its executions make it; none is held by two."""
        for journal in self.journals():
            ids = [part.id for trade in journal.trades.values() for part in trade.parts]
            assert len(ids) == len(set(ids))
            for trade in journal.trades.values():
                assert trade.tally == tallied(trade.parts)

    @invariant()
    def is_shelved(self) -> None:
        """Each trade stands in the books of its account tags, and in no others."""
        for journal in self.journals():
            shelved = [
                (tag, trade.symbol, trade.id)
                for (tag, _), book in journal.books.items()
                for trade in book.trades
            ]
            expected = [
                (tag, trade.symbol, trade.id)
                for trade in journal.trades.values()
                for tag in trade.account_tags or ("",)
            ]
            assert sorted(shelved) == sorted(expected)
            for book in journal.books.values():
                is_any_open = any(trade.tally.is_open for trade in book.trades)
                current = book.current()
                assert is_any_open is bool(current and current.tally.is_open)

    def journals(self) -> list[Journal]:
        """Return the journal, and what reads show of it."""
        account = self.sandbox.account("me")
        return [account.journal, account.seen_at(self.sandbox.elapsed())]

    def one(self, number: int) -> Trade | None:
        """Return a trade, if there is any."""
        trades = self.trades
        return trades[number % len(trades)] if trades else None

    def total(self) -> Decimal:
        """Return the sum of all quantities."""
        return sum(
            (part.quantity for trade in self.trades for part in trade.parts), Decimal(0)
        )


TestAtWork = AtWork.TestCase
TestAtWork.settings = settings(
    max_examples=int(os.environ.get("MANY", "20")),
    stateful_step_count=15,
    deadline=None,
)

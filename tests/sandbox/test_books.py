"""Books: trades that grow as executions come in, in whatever order."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_tradervue_plugin.sandbox.assumptions import Assumptions
from argo_tradervue_plugin.sandbox.grouping import EXACT, Fill, group, tallied
from argo_tradervue_plugin.sandbox.trades import Book, Change, Trade

START = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
USUAL = Assumptions()
APPEND = USUAL.switched({"late_executions": "append"})


class Shelf:
    """A book, and the trades that a journal would keep of it."""

    def __init__(self, assumptions: Assumptions = USUAL) -> None:
        self.assumptions = assumptions
        self.book = Book()
        self.trades: dict[int, Trade] = {}
        self._ids = count(1)
        self._arrivals = count(1)

    def fill(self, seconds: int, quantity: object, price: object = 10) -> Fill:
        """Make an execution that arrives now."""
        arrival = next(self._arrivals)
        return Fill(
            at=START + timedelta(seconds=seconds),
            arrival=arrival,
            symbol="XYZ",
            option="",
            quantity=Decimal(str(quantity)),
            price=Decimal(str(price)),
            commission=Decimal(1),
            trans_fee=Decimal(0),
            ecn_fee=Decimal(0),
            multiplier=Decimal(1),
            ids=[2 * arrival, 2 * arrival + 1],
        )

    def add(self, *told: tuple[int, object]) -> Change:
        """Add executions as one import does: sorted by time."""
        fills = sorted((self.fill(*each) for each in told), key=lambda f: f.order)
        with localcontext(EXACT):
            change = self.book.add(fills, self.assumptions, "normal", self._open)
        for trade in change.vanished:
            self.trades.pop(trade.id, None)
        self.trades |= change.touched
        return change

    def shown(self) -> list[list[Decimal]]:
        """Return the quantities, trade by trade in the order of their start."""
        return [[part.quantity for part in trade.parts] for trade in self.ordered()]

    def ordered(self) -> list[Trade]:
        """Return the trades in the order of their first execution."""
        return sorted(
            self.trades.values(),
            key=lambda t: (t.parts[0].fill.order, t.parts[0].is_remainder),
        )

    def _open(self) -> Trade:
        return Trade(next(self._ids), "XYZ", START)


def test_executions_in_order_grow_the_trade_that_is_there() -> None:
    """One import after the other, the id stays."""
    shelf = Shelf()
    shelf.add((0, 10))
    shelf.add((5, -4))
    change = shelf.add((9, -6))
    assert shelf.shown() == [[10, -4, -6]]
    assert list(change.touched) == [1]


def test_an_entry_that_comes_after_its_exit_is_put_before_it() -> None:
    """The short that the exit seemed to be becomes the long trade it was."""
    shelf = Shelf()
    shelf.add((10, -5))
    shelf.add((0, 5))
    assert shelf.shown() == [[5, -5]]
    assert list(shelf.trades) == [1]
    assert shelf.trades[1].tally.sign == 1


def test_an_older_round_trip_leaves_the_newer_ones_alone() -> None:
    """History may be imported backwards."""
    shelf = Shelf()
    shelf.add((5000, 5), (5010, -5))
    shelf.add((9000, 7))
    shelf.add((0, 3), (10, -3))
    assert shelf.shown() == [[3, -3], [5, -5], [7]]
    assert shelf.trades[1].parts[0].quantity == 5


def test_a_late_execution_may_join_two_trades() -> None:
    """What was written about the one that goes is kept with the one that stays."""
    shelf = Shelf()
    shelf.add((0, 5), (10, -5), (5000, 5), (5010, -5))
    shelf.trades[1].notes, shelf.trades[2].notes = "first", "second"
    shelf.trades[2].tags = ["mine"]
    change = shelf.add((5, 1))
    assert shelf.shown() == [[5, 1, -5, 5, -5]]
    assert [trade.id for trade in change.vanished] == [2]
    assert shelf.trades[1].notes == "first\n\nsecond"
    assert shelf.trades[1].tags == ["mine"]


def test_a_late_execution_may_part_a_trade() -> None:
    """A flip in the middle; the trade that held the first execution keeps its id."""
    shelf = Shelf()
    shelf.add((0, 5), (100, 5), (200, -10))
    shelf.add((50, -8))
    assert shelf.shown() == [[5, -5], [-3, 3], [2, -2], [-8]]
    assert shelf.trades[1].parts[0].quantity == 5


def test_late_executions_may_be_appended() -> None:
    """If so assumed: the open trade takes them, closed ones are not touched."""
    shelf = Shelf(APPEND)
    shelf.add((0, 5), (10, -5), (5000, 5))
    shelf.add((5, 1))
    assert shelf.shown() == [[5, -5], [1, 5]]


def test_what_a_person_arranged_stays_as_it_is() -> None:
    """Pinned trades are not grouped anew; the open one takes what comes late."""
    shelf = Shelf()
    shelf.add((0, 5), (10, -5), (5000, 5))
    shelf.trades[2].is_pinned = True
    shelf.add((5, 1))
    assert shelf.shown() == [[5, -5], [1, 5]]


QUICK = settings(max_examples=int(os.environ.get("MANY", "25")), deadline=None)

arrivals = st.lists(
    st.lists(
        st.tuples(st.integers(0, 6000), st.integers(-5, 5).filter(bool)),
        min_size=1,
        max_size=6,
    ),
    max_size=8,
)


def everything(shelf: Shelf) -> list[Fill]:
    """Return all executions in the book, sorted."""
    fills = {id(p.fill): p.fill for t in shelf.trades.values() for p in t.parts}
    return sorted(fills.values(), key=lambda fill: fill.order)


@QUICK
@given(arrivals)
def test_the_order_of_arrival_does_not_matter(
    batches: list[list[tuple[int, int]]],
) -> None:
    """Whatever came when, the trades are those of all executions sorted by time."""
    shelf = Shelf()
    for batch in batches:
        shelf.add(*batch)
    fills = everything(shelf)
    assert len(fills) == sum(map(len, batches))
    with localcontext(EXACT):
        groups = group(fills, window=timedelta(seconds=USUAL.regroup_seconds))[1:]
        expected = [tallied(parts) for parts in groups]
    assert shelf.shown() == [[part.quantity for part in parts] for parts in groups]
    assert [trade.tally for trade in shelf.ordered()] == expected


@pytest.mark.parametrize("assumptions", [USUAL, APPEND], ids=["regroup", "append"])
@QUICK
@given(batches=arrivals, pinned=st.sets(st.integers(1, 10)))
def test_nothing_is_lost_or_doubled_whatever_happens(
    batches: list[list[tuple[int, int]]], pinned: set[int], assumptions: Assumptions
) -> None:
    """Also with trades that a person arranged among them."""
    shelf = Shelf(assumptions)
    for batch in batches:
        shelf.add(*batch)
        for trade_id in pinned & set(shelf.trades):
            shelf.trades[trade_id].is_pinned = True
    sent = sum(quantity for batch in batches for _, quantity in batch)
    parts = [part for trade in shelf.trades.values() for part in trade.parts]
    assert sum(part.quantity for part in parts) == sent
    assert sum(part.commission for part in parts) == sum(map(len, batches))
    assert len({part.id for part in parts}) == len(parts)
    assert book_is_sound(shelf.book, shelf.trades.values())


def book_is_sound(book: Book, trades: Iterable[Trade]) -> bool:
    """Tell whether the book holds *trades* and no others, each in order."""
    is_same = {trade.id for trade in book.trades} == {trade.id for trade in trades}
    are_sorted = all(
        trade.parts == sorted(trade.parts, key=lambda p: (p.fill.order, p.is_remainder))
        for trade in book.trades
    )
    return is_same and are_sorted

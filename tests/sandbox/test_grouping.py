"""From executions to trades, as pure functions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_tradervue_plugin.sandbox.grouping import (
    EXACT,
    Fill,
    Part,
    Tally,
    cut,
    group,
    tallied,
)

START = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
WINDOW = timedelta(seconds=900)
CALL, PUT = "JAN16 26 45 CALL", "JAN16 26 40 PUT"


def fill(
    seconds: int,
    quantity: object,
    price: object = 10,
    option: str = "",
    commission: object = 0,
    arrival: int | None = None,
) -> Fill:
    """Make an execution."""
    number = seconds if arrival is None else arrival
    return Fill(
        at=START + timedelta(seconds=seconds),
        arrival=number,
        symbol="XYZ",
        option=option,
        quantity=Decimal(str(quantity)),
        price=Decimal(str(price)),
        commission=Decimal(str(commission)),
        trans_fee=Decimal("0.01"),
        ecn_fee=Decimal("-0.02"),
        multiplier=Decimal(100 if option else 1),
        ids=[2 * number, 2 * number + 1],
    )


def trades(*fills: Fill, window: timedelta | None = WINDOW) -> list[list[Decimal]]:
    """Group *fills* and return the quantities, trade by trade."""
    return [[p.quantity for p in parts] for parts in group(fills, window=window)[1:]]


def test_a_round_trip_is_one_trade() -> None:
    """Entry and exit, however many of each."""
    assert trades(fill(0, 30), fill(10, 20), fill(20, -15), fill(30, -35)) == [
        [30, 20, -15, -35]
    ]


def test_a_lone_sell_opens_a_short() -> None:
    """Shorts are not marked: the sign tells."""
    (parts,) = group([fill(0, -30)], window=WINDOW)[1:]
    tally = tallied(parts)
    assert (tally.sign, tally.is_open) == (-1, True)


def test_a_flip_is_split_between_two_trades() -> None:
    """What closes the position ends one trade, the rest starts the next."""
    assert trades(fill(0, 30), fill(10, -50), fill(20, 20)) == [[30, -30], [-20, 20]]


def test_a_flat_trade_goes_on_when_entered_again_in_time() -> None:
    """Even after it was flat, on the same side, up to the limit and not beyond."""
    again = [fill(0, 30), fill(10, -30), fill(910, 5), fill(911, -5)]
    assert trades(*again) == [[30, -30, 5, -5]]
    late = [fill(0, 30), fill(10, -30), fill(911, 5)]
    assert trades(*late) == [[30, -30], [5]]


def test_a_flat_trade_ends_when_the_side_changes() -> None:
    """A new trade starts at once."""
    assert trades(fill(0, 30), fill(10, -30), fill(11, -5)) == [[30, -30], [-5]]


@pytest.mark.parametrize(
    ("window", "expected"),
    [(None, [[1, -1, 1]]), (timedelta(seconds=-1), [[1, -1], [1]])],
    ids=["force_merge", "force_split"],
)
def test_a_setting_may_have_the_last_word(
    window: timedelta | None, expected: list[list[int]]
) -> None:
    """For ever, or never."""
    assert trades(fill(0, 1), fill(1, -1), fill(1, 1, arrival=2), window=window) == (
        expected
    )


def test_contracts_belong_to_the_trade_of_their_underlying() -> None:
    """One position per symbol, options included; it is open until all is flat."""
    fills = [fill(0, 100), fill(1, -1, 2, CALL), fill(2, -100), fill(3, 1, 1, CALL)]
    assert trades(*fills) == [[100, -1, -100, 1]]
    (parts,) = group(fills[:3], window=WINDOW)[1:]
    assert tallied(parts).is_open


def test_a_leg_may_cross_zero_while_others_are_open() -> None:
    """The trade goes on: it was not flat in between."""
    assert trades(fill(0, 100), fill(1, 1, 2, CALL), fill(2, -3, 2, CALL)) == [
        [100, 1, -3]
    ]


def test_profit_is_first_in_first_out() -> None:
    """The oldest lots are closed first; an open trade shows what is realized."""
    fills = [fill(0, 10, 10), fill(1, 10, 12), fill(2, -15, 13)]
    tally = tallied(group(fills, window=WINDOW)[1])
    assert tally.gross_pl == 10 * 3 + 5 * 1
    assert tally.is_open
    assert tally.volume == 35
    assert [tally.first_entry, tally.last_exit] == [10, 13]


def test_a_short_earns_when_the_price_falls() -> None:
    """And the multiplier counts."""
    fills = [fill(0, -2, "2.50", PUT), fill(1, 2, "1.25", PUT)]
    assert tallied(group(fills, window=WINDOW)[1]).gross_pl == 250


def test_fees_of_a_flip_are_split_by_quantity_and_add_up() -> None:
    """To the last digit, also where the division does not end."""
    with localcontext(EXACT):
        first, second = cut(
            fill(0, -3, commission="1"), Decimal(-1), is_proportional=True
        )
    assert first.commission == Decimal("0.33333333")
    assert first.commission + second.commission == 1
    assert first.ecn_fee + second.ecn_fee == Decimal("-0.02")


def test_fees_of_a_flip_may_all_be_on_the_closing_trade() -> None:
    """If so assumed."""
    first, second = cut(fill(0, -3, commission="1"), Decimal(-1), is_proportional=False)
    assert [first.commission, second.commission] == [1, 0]


quantities = st.integers(-50, 50).filter(bool) | st.decimals(
    "-5", "5", places=3, allow_nan=False
).filter(bool)
rows = st.lists(
    st.tuples(
        st.integers(0, 1200),
        quantities,
        st.decimals("0", "500", places=4),
        st.sampled_from(["", "", "", CALL, PUT]),
        st.decimals("0", "3", places=2),
    ),
    max_size=30,
)


def fills_of(told: list[tuple[int, object, object, str, object]]) -> list[Fill]:
    """Make executions of *told*, whose times are distances from one to the next."""
    made, now = [], 0
    for number, (gap, quantity, price, option, commission) in enumerate(told):
        now += gap
        made.append(fill(now, quantity, price, option, commission, number))
    return made


def cash_of(fills: list[Fill]) -> Decimal:
    """Return what came in for *fills* less what went out."""
    return sum(
        (-each.quantity * each.price * each.multiplier for each in fills), Decimal(0)
    )


def with_exact_numbers(
    told: list[tuple[int, object, object, str, object]], window: timedelta | None
) -> tuple[list[Fill], list[list[Part]], list[Tally]]:
    """Group what is *told*."""
    fills = fills_of(told)
    groups = group(fills, window=window)[1:]
    return fills, groups, [tallied(parts) for parts in groups]


def for_all_rows(check: Callable[..., None]) -> Callable[..., None]:
    """Check with many rows and each window."""
    windows = st.sampled_from([WINDOW, None, timedelta(seconds=-1)])
    quick = settings(max_examples=25, deadline=None)
    return quick(given(told=rows, window=windows)(check))


@for_all_rows
def test_no_execution_is_lost_or_doubled(
    told: list[tuple[int, object, object, str, object]], window: timedelta | None
) -> None:
    """Quantities and fees of the parts are those of the fills, in their order."""
    with localcontext(EXACT):
        fills, groups, _ = with_exact_numbers(told, window)
        parts = [part for each in groups for part in each]
        for each in fills:
            own = [part for part in parts if part.fill is each]
            assert 1 <= len(own) <= 2
            assert sum(part.quantity for part in own) == each.quantity
            assert sum(part.commission for part in own) == each.commission
            assert sum(part.trans_fee for part in own) == each.trans_fee
            assert sum(part.ecn_fee for part in own) == each.ecn_fee
        arrivals = [part.fill.arrival for part in parts]
        assert arrivals == sorted(arrivals)
        assert len({part.id for part in parts}) == len(parts)


@for_all_rows
def test_profits_add_up_to_the_cash_that_flowed(
    told: list[tuple[int, object, object, str, object]], window: timedelta | None
) -> None:
    """Gross P&L is cash in less cash out, once what is still held is valued at cost."""
    with localcontext(EXACT):
        fills, _, tallies = with_exact_numbers(told, window)
        held = sum(
            size * paid * (100 if leg else 1)
            for tally in tallies
            for leg, lots in tally.lots.items()
            for size, paid in lots
        )
        assert sum(tally.gross_pl for tally in tallies) == cash_of(fills) + held


@for_all_rows
def test_volume_is_the_sum_of_what_changed_hands(
    told: list[tuple[int, object, object, str, object]], window: timedelta | None
) -> None:
    """Twice the size of a closed round trip."""
    fills, _, tallies = with_exact_numbers(told, window)
    assert sum(tally.volume for tally in tallies) == sum(abs(f.quantity) for f in fills)


@for_all_rows
def test_only_the_last_trade_may_be_open(
    told: list[tuple[int, object, object, str, object]], window: timedelta | None
) -> None:
    """At most one open position per symbol."""
    _, _, tallies = with_exact_numbers(told, window)
    assert not any(tally.is_open for tally in tallies[:-1])


@for_all_rows
def test_a_new_trade_has_a_reason(
    told: list[tuple[int, object, object, str, object]], window: timedelta | None
) -> None:
    """The side is another one, or the time is over."""
    _, groups, tallies = with_exact_numbers(told, window)
    for (before, after), parts in zip(pairwise(tallies), groups[1:], strict=True):
        assert before.end is not None
        gap = parts[0].fill.at - before.end
        is_late = window is not None and gap > window
        assert after.sign != before.sign or is_late

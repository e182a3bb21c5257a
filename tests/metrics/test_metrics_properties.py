"""What holds of the metrics whatever the journal says."""

import json
import math
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from argo_tradervue_plugin.metrics import (
    Group,
    Metrics,
    MetricsOptions,
    Profit,
    measure,
)
from argo_tradervue_plugin.model.journal import (
    JournalTrade,
    JournalTradeDetail,
    Side,
)

START, END = date(2026, 2, 20), date(2026, 3, 31)
ZERO = Decimal(0)
QUICK = settings(max_examples=int(os.environ.get("MANY", "25")), deadline=None)

zones: st.SearchStrategy[Any] = st.sampled_from(
    [UTC, ZoneInfo("America/New_York"), timezone(timedelta(hours=9)), None]
)
moments = st.datetimes(
    min_value=datetime(2026, 2, 15),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2026, 4, 5),  # noqa: DTZ001
    timezones=zones,
)
cents = st.integers(-100_000, 100_000).map(lambda whole: Decimal(whole) / 100)
costs = st.integers(-500, 2_000).map(lambda whole: Decimal(whole) / 100)
sides = st.none() | st.sampled_from(Side)
tags = st.lists(st.sampled_from(["gap", "stock", "news"]), max_size=3).map(tuple)

# As a journal has them: few symbols, so that groups have members.
likely = st.builds(
    JournalTradeDetail,
    id=st.integers(1, 10**6),
    symbol=st.sampled_from(["AAPL", "MSFT", "BTCUSD"]),
    side=sides,
    open=st.booleans(),
    gross_pl=st.none() | cents,
    commission=st.none() | costs,
    fees=st.none() | costs,
    started_at=st.none() | moments,
    ended_at=st.none() | moments,
    tags=tags,
    initial_risk=st.none() | cents,
)
journals = st.lists(likely, max_size=30, unique_by=lambda trade: trade.id)

# As no journal should have them.
anything = st.none() | cents | st.decimals()
ever = st.none() | moments | st.datetimes(timezones=zones)
unlikely = st.builds(
    JournalTradeDetail,
    id=st.integers(1, 8),
    symbol=st.text(max_size=2),
    side=sides,
    gross_pl=anything,
    commission=anything,
    fees=anything,
    started_at=ever,
    ended_at=ever,
    tags=st.lists(st.text(max_size=2), max_size=2).map(tuple),
    initial_risk=anything,
    exec_count=st.integers(0, 2),
)
odd_options = st.builds(
    MetricsOptions,
    equity_base=st.sampled_from([None, Decimal("1E-40"), Decimal(1), Decimal("1E+40")]),
    fixed_capital=st.sampled_from([Decimal("1E-40"), Decimal("1E+40")]),
    scratch_tolerance=st.sampled_from([ZERO, Decimal(1), Decimal("1E+40")]),
    annual_days=st.sampled_from([1, 252, 10**6]),
    risk_free_rate=st.sampled_from([ZERO, Decimal("-0.5"), Decimal("0.04")]),
)


def measured(trades: list[JournalTrade]) -> Metrics:
    """Return the metrics of the period in which most of the trades are."""
    return measure(
        trades,
        start=START,
        end=END,
        options=MetricsOptions(
            equity_base=Decimal(10_000), scratch_tolerance=Decimal(5)
        ),
    )


def views(found: Metrics) -> Iterator[tuple[str, Profit]]:
    """Yield both views with their names."""
    yield "gross", found.gross
    yield "net", found.net


def partitions(found: Metrics) -> list[tuple[Group, ...]]:
    """Return the groupings in which each trade has its one place."""
    return [found.by_side, found.by_symbol, found.by_weekday, found.by_hour]


@QUICK
@given(journals)
def test_wins_losses_and_scratches_are_all_the_trades(
    trades: list[JournalTrade],
) -> None:
    """In total and in every group, gross and net."""
    found = measured(trades)

    for name, view in views(found):
        groups = [group for groups in partitions(found) for group in groups]
        for tally in (view, *(getattr(group, name) for group in groups)):
            assert tally.wins + tally.losses + tally.scratches == tally.trades
        assert view.trades == found.trades == found.selection.counted


@QUICK
@given(journals)
def test_every_trade_that_was_given_is_accounted_for(
    trades: list[JournalTrade],
) -> None:
    """Counted or left out for one reason."""
    told = measured(trades).as_json()["selection"]

    assert told.pop("given") == sum(told.values()) == len(trades)


@QUICK
@given(journals)
def test_net_is_gross_less_costs(trades: list[JournalTrade]) -> None:
    """Exactly, and the parts of the total are the total."""
    found = measured(trades)
    if not found.trades:
        return
    totals = [found.gross.total, found.net.total, found.commission, found.fees]
    gross, net, commission, fees = (each or ZERO for each in totals)

    assert net == gross - commission - fees
    for _, view in views(found):
        scratched = (view.total or ZERO) - (view.won or ZERO) - (view.lost or ZERO)
        assert abs(scratched) <= 5 * view.scratches


@QUICK
@given(journals)
def test_days_add_up_to_the_total(trades: list[JournalTrade]) -> None:
    """And the equity curve ends with it."""
    found = measured(trades)
    days = found.by_day

    for name, view in views(found):
        total = view.total or ZERO
        assert sum((getattr(day, name) for day in days), ZERO) == total
        if found.equity_curve:
            assert getattr(found.equity_curve[-1], name) == total
    assert sum(day.trades for day in days) == found.trades
    assert [day.date for day in days] == sorted({day.date for day in days})
    assert [point.date for point in found.equity_curve] == [day.date for day in days]


@QUICK
@given(journals)
def test_groups_add_up_to_the_total(trades: list[JournalTrade]) -> None:
    """Those by tag at least once: a trade is in the group of each of its tags."""
    found = measured(trades)

    for groups in partitions(found):
        for name, view in views(found):
            tallies = [getattr(group, name) for group in groups]
            assert sum(tally.trades for tally in tallies) == found.trades
            assert sum(tally.wins for tally in tallies) == view.wins
            total = sum((tally.total for tally in tallies), ZERO)
            assert total == (view.total or ZERO)
        assert sum((g.commission for g in groups), ZERO) == (found.commission or ZERO)
        assert sum((g.fees for g in groups), ZERO) == (found.fees or ZERO)
    assert sum(group.net.trades for group in found.by_tag) >= found.trades


@QUICK
@given(journals)
def test_figures_lie_where_they_must(trades: list[JournalTrade]) -> None:
    """Rates between 0 and 100, an average below the largest, no fall below zero."""
    found = measured(trades)

    for _, view in views(found):
        assert view.win_rate is None or 0 <= view.win_rate <= 100
        assert view.profit_factor is None or view.profit_factor >= 0
        assert view.longest_winning_streak <= view.wins
        assert view.longest_losing_streak <= view.losses
        assert (view.average_win is None) == (view.wins == 0)
        assert (view.average_loss is None) == (view.losses == 0)
        if view.drawdown.amount is not None:
            lost_in_scratches = 5 * view.scratches
            assert 0 <= view.drawdown.amount <= lost_in_scratches - (view.lost or ZERO)
            assert (view.drawdown.amount > 0) == (view.drawdown.trough_on is not None)
        assert sum(b.trades for b in view.r.distribution) == view.r.trades


@QUICK
@given(journals, st.randoms(use_true_random=False))
def test_the_order_in_which_trades_are_given_does_not_matter(
    trades: list[JournalTrade], random: Random
) -> None:
    """Nor whether they come twice, or from an iterator; to the last digit."""
    shuffled = trades * 2
    random.shuffle(shuffled)
    once, twice = measured(trades).as_json(), measured(shuffled).as_json()

    assert once.pop("selection")["counted"] == twice.pop("selection")["counted"]
    assert once == twice


@QUICK
@given(st.lists(unlikely, max_size=12), odd_options, st.randoms(use_true_random=False))
def test_nothing_is_infinite_or_no_number_whatever_comes_in(
    trades: list[JournalTrade], options: MetricsOptions, random: Random
) -> None:
    """NaN, infinities, absurd magnitudes, years 1 and 9999: JSON all the same."""
    found = measure(trades, start=START, end=END, options=options)
    random.shuffle(trades)

    json.dumps(found.as_json(), allow_nan=False)
    assert None not in found.front_end().values()
    assert all(math.isfinite(value) for value in found.front_end().values())
    assert measure(trades, start=START, end=END, options=options) == found


@QUICK
@given(st.lists(likely, max_size=6))
def test_periods_at_the_edges_of_the_calendar_are_measured(
    trades: list[JournalTrade],
) -> None:
    """A day is taken neither before the first nor after the last."""
    for start, end in (
        (date.min, date(1, 1, 5)),
        (date(9999, 12, 28), date.max),
    ):
        assert measure(trades, start=start, end=end).trades == 0

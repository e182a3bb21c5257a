"""What came of the trades of a period, worked out by hand."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, getcontext, localcontext
from math import sqrt
from typing import Any

import attrs
import pytest

from argo_tradervue_plugin.metrics import (
    Bin,
    Day,
    Drawdown,
    EquityPoint,
    HoldingTime,
    Metrics,
    MetricsOptions,
    Selection,
    measure,
)
from argo_tradervue_plugin.model.journal import (
    JournalTrade,
    JournalTradeDetail,
    Side,
)
from argo_tradervue_plugin.model.times import EASTERN

D = Decimal
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, d) for d in range(2, 7))
SIX = {
    "win_rate",
    "total_profit",
    "total_trades",
    "profit_factor",
    "sharpe_ratio",
    "max_drawdown",
}


def at(text: str) -> datetime:
    """Return the New York wall time *text*, as a day of March 2026 and a time."""
    return datetime.strptime(f"2026-03-{text}", "%Y-%m-%d %H:%M").replace(
        tzinfo=EASTERN
    )


def trade(number: int, gross: str | None, **more: Any) -> JournalTrade:
    """Return a closed trade, of Monday where nothing else is said."""
    told: dict[str, Any] = {
        "id": number,
        "symbol": "AAPL",
        "side": Side.LONG,
        "gross_pl": None if gross is None else D(gross),
        "commission": D(0),
        "fees": D(0),
        "started_at": at("02 10:00"),
        "ended_at": at("02 11:00"),
        "exec_count": 2,
    }
    kind = JournalTradeDetail if "initial_risk" in more else JournalTrade
    return kind(**told | more)


def on_day(number: int, gross: str, day: int, **more: Any) -> JournalTrade:
    """Return a trade that was opened and closed on a day of March 2026."""
    return trade(
        number,
        gross,
        started_at=at(f"{day:02} 10:00"),
        ended_at=at(f"{day:02} 11:00"),
        **more,
    )


def measured(
    trades: Iterable[JournalTrade],
    start: date = MONDAY,
    end: date = FRIDAY,
    risks: dict[int, D | None] | None = None,
    **options: Any,
) -> Metrics:
    """Return the metrics of *trades*; the ratios of days need no more than a day."""
    return measure(
        trades,
        start=start,
        end=end,
        options=MetricsOptions(**{"fewest_days": 1} | options),
        initial_risks=risks,
    )


def about(value: float) -> Any:
    """Return what equals a float near *value*, to be compared within a class."""
    return pytest.approx(value)


# Net: Monday 99, Tuesday -50.80, Wednesday -0.50, Thursday 198.50, Friday -121.
WEEK = [
    trade(
        1,
        "100",
        commission=D(1),
        tags=("gap", "stock"),
        started_at=at("02 10:00"),
        ended_at=at("02 11:00"),
    ),
    trade(
        2,
        "-50",
        symbol="MSFT",
        side=Side.SHORT,
        commission=D(1),
        fees=D("-0.20"),
        tags=("stock",),
        started_at=at("02 10:30"),
        ended_at=at("03 12:00"),
    ),
    trade(
        3,
        "0.50",
        commission=D(1),
        started_at=at("04 09:45"),
        ended_at=at("04 15:45"),
    ),
    trade(
        4,
        "200",
        symbol="MSFT",
        commission=D(1),
        fees=D("0.50"),
        tags=("gap",),
        started_at=at("04 10:00"),
        ended_at=at("05 10:00"),
    ),
    trade(
        5,
        "-120",
        commission=D(1),
        started_at=at("06 10:00"),
        ended_at=at("06 12:30"),
    ),
]
RISKS: dict[int, D | None] = {1: D(100), 2: D(50), 4: D(100), 5: D(100)}


# The whole of it


def test_a_week_net() -> None:
    """Two wins of 297.50, three losses of 172.30, after every cost."""
    net = measured(WEEK).net

    assert (net.trades, net.wins, net.losses, net.scratches) == (5, 2, 3, 0)
    assert (net.won, net.lost, net.total) == (D("297.50"), D("-172.30"), D("125.20"))
    assert net.win_rate == 40
    assert net.profit_factor == pytest.approx(297.5 / 172.3)
    assert net.average_win == D("148.75")
    assert net.average_loss == D("-172.30") / 3
    assert net.payoff_ratio == pytest.approx(148.75 / (172.3 / 3))
    assert net.expectancy == D("25.04")
    assert (net.largest_win, net.largest_loss) == (D("198.50"), D(-121))
    assert (net.longest_winning_streak, net.longest_losing_streak) == (1, 2)


def test_a_week_gross() -> None:
    """The third trade won half a dollar and cost a whole one: a win gross only."""
    gross = measured(WEEK).gross

    assert (gross.trades, gross.wins, gross.losses, gross.scratches) == (5, 3, 2, 0)
    assert (gross.won, gross.lost, gross.total) == (D("300.50"), D(-170), D("130.50"))
    assert gross.win_rate == 60
    assert gross.profit_factor == pytest.approx(300.5 / 170)
    assert gross.expectancy == D("26.10")
    assert (gross.largest_win, gross.largest_loss) == (D(200), D(-120))
    assert (gross.longest_winning_streak, gross.longest_losing_streak) == (2, 1)


def test_a_week_of_costs() -> None:
    """Fees may be negative, and gross less both costs is net."""
    week = measured(WEEK)

    assert (week.commission, week.fees) == (D(5), D("0.30"))
    assert week.unknown_costs == 0
    assert week.trades == 5


def test_sharpe_of_a_week() -> None:
    """
    The mean over the sample's deviation, times the root of 252.

    Mean 25.04; squares 66425.14 in sum, so a variance of
    (66425.14 - 5 * 25.04²) / 4 = 15822.533.
    """
    assert measured(WEEK).net.sharpe == pytest.approx(
        25.04 / sqrt(15822.533) * sqrt(252), rel=1e-12
    )


def test_sortino_of_a_week() -> None:
    """Below the line the losing days alone, squared, over all five days: 17221.89."""
    assert measured(WEEK).net.sortino == pytest.approx(
        25.04 / sqrt(17221.89 / 5) * sqrt(252), rel=1e-12
    )


def test_k_ratio_of_2013_of_a_week() -> None:
    """
    Kestner's, through 99, 48.20, 47.70, 246.20, 125.20.

    Slope 250.4 / 10 = 25.04; squares left over 26549.872 - 250.4² / 10 = 20279.856;
    the slope's standard error sqrt(20279.856 / 3 / 10) = 25.99991.
    """
    assert measured(WEEK).net.k_ratio_2013 == pytest.approx(
        25.04 / sqrt(20279.856 / 3 / 10) * sqrt(252) / 5, rel=1e-12
    )


def test_k_ratio_of_a_week() -> None:
    """The same line, since each day has its one trade, and nothing done to it after."""
    assert measured(WEEK).net.k_ratio == pytest.approx(
        25.04 / sqrt(20279.856 / 3 / 10), rel=1e-12
    )


def test_k_ratio_goes_by_the_trade_and_not_by_the_day() -> None:
    """
    Three trades, two of them on a day: 1, 3, 2 over 1, 2, 3.

    Slope 0.5; squares left over 2 - 0.5 = 1.5; standard error sqrt(1.5 / 1 / 2).
    """
    made = measured([on_day(1, "1", 2), on_day(2, "2", 2), on_day(3, "-1", 3)]).net

    assert made.k_ratio == pytest.approx(0.5 / sqrt(1.5 / 2))


def test_averages_of_a_day_of_a_week() -> None:
    """Five days with a result; what is not said of the volume is not in it."""
    trades = [attrs.evolve(each, volume=D(20)) for each in WEEK[:4]] + WEEK[4:]
    week = measured(trades)

    assert week.days_with_result == 5
    assert week.net.average_daily_gain == D("25.04")
    assert week.gross.average_daily_gain == D("26.10")
    assert (week.volume, week.average_daily_volume) == (Decimal(80), Decimal(16))
    assert measured(WEEK).average_daily_volume is None


def test_deviation_of_a_trade_of_a_week() -> None:
    """Of a sample: the variance is that of the days above, a trade on each."""
    net = measured(WEEK).net

    assert float(net.deviation or 0) == pytest.approx(sqrt(15822.533))
    assert measured(WEEK[:1]).net.deviation is None


def test_win_loss_ratios_of_a_week() -> None:
    """Two wins, two losses and a scratch of half a dollar."""
    net = measured(WEEK, scratch_tolerance=D("0.50")).net

    assert (net.wins, net.losses, net.scratches) == (2, 2, 1)
    assert net.win_loss_ratio == 1
    assert net.win_loss_ratio_with_scratches == pytest.approx(2 / 3)
    won = measured([trade(1, "10")]).net
    assert (won.win_loss_ratio, won.win_loss_ratio_with_scratches) == (None, None)
    even = measured([trade(1, "10"), trade(2, "0")]).net
    assert (even.win_loss_ratio, even.win_loss_ratio_with_scratches) == (None, 1)


def test_random_chance_of_a_week() -> None:
    """
    t = 25.04 / (125.7877 / sqrt(5)) = 0.445124 with 4 degrees of freedom.

    There the two-sided probability is 1 - u * (3 - u²) / 2, u = t / sqrt(4 + t²).
    """
    t = 25.04 / (sqrt(15822.533) / sqrt(5))
    u = t / sqrt(4 + t * t)

    assert measured(WEEK).net.random_chance == pytest.approx(
        100 * (1 - u * (3 - u * u) / 2), rel=1e-12
    )


def test_drawdown_of_a_week() -> None:
    """From 246.20 on Thursday to 125.20 on Friday, and not back since."""
    assert measured(WEEK, equity_base=D(1000)).net.drawdown == Drawdown(
        amount=D(121),
        percent=about(100 * 121 / 1246.2),
        peak_on=THURSDAY,
        trough_on=FRIDAY,
        recovered_on=None,
        fall_days=1,
        recovery_days=None,
    )


def test_r_of_a_week() -> None:
    """0.99, -1.016, 1.985 and -1.21 R; the third trade's risk is unknown."""
    r = measured(WEEK, risks=RISKS).net.r

    mean = (0.99 - 1.016 + 1.985 - 1.21) / 4
    deviation = sqrt(
        sum((x - mean) ** 2 for x in (0.99, -1.016, 1.985, -1.21)) / 3,
    )
    assert r.trades == 4
    assert r.average == pytest.approx(mean)
    assert r.median == pytest.approx((0.99 - 1.016) / 2)
    assert (r.best, r.worst) == (1.985, -1.21)
    assert r.deviation == pytest.approx(deviation)
    assert r.sqn == pytest.approx(sqrt(4) * mean / deviation)
    assert {(b.low, b.high): b.trades for b in r.distribution if b.trades} == {
        (-2, -1): 2,
        (0, 1): 1,
        (1, 2): 1,
    }


def test_holding_times_of_a_week() -> None:
    """1, 25.5, 6, 24 and 2.5 hours; wins and losses are those of the view."""
    week = measured(WEEK)

    assert week.holding == HoldingTime(trades=5, mean_hours=11.8, median_hours=6)
    assert week.net.winners_held == HoldingTime(
        trades=2, mean_hours=12.5, median_hours=12.5
    )
    assert week.net.losers_held == HoldingTime(
        trades=3, mean_hours=about(34 / 3), median_hours=6
    )
    assert week.gross.winners_held == HoldingTime(
        trades=3, mean_hours=about(31 / 3), median_hours=6
    )


def test_days_and_equity_of_a_week() -> None:
    """A point for each day on which something was closed."""
    week = measured(WEEK)

    assert week.by_day[1] == Day(date=TUESDAY, trades=1, gross=D(-50), net=D("-50.80"))
    assert [day.date for day in week.by_day] == [
        MONDAY,
        TUESDAY,
        WEDNESDAY,
        THURSDAY,
        FRIDAY,
    ]
    assert [point.net for point in week.equity_curve] == [
        D("99"),
        D("48.20"),
        D("47.70"),
        D("246.20"),
        D("125.20"),
    ]
    assert week.equity_curve[-1] == EquityPoint(
        date=FRIDAY, gross=D("130.50"), net=D("125.20")
    )


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("by_side", [("long", 4, "176.00"), ("short", 1, "-50.80")]),
        ("by_symbol", [("AAPL", 3, "-22.50"), ("MSFT", 2, "147.70")]),
        ("by_weekday", [(1, 2, "48.20"), (3, 2, "198.00"), (5, 1, "-121")]),
        ("by_hour", [(9, 1, "-0.50"), (10, 4, "125.70")]),
        (
            "by_tag",
            [("gap", 2, "297.50"), ("stock", 2, "48.20"), (None, 2, "-121.50")],
        ),
    ],
)
def test_groups_of_a_week(field: str, expected: list[tuple[object, int, str]]) -> None:
    """In the order of their keys; a trade with two tags is in two groups."""
    groups = getattr(measured(WEEK), field)

    assert [(g.key, g.net.trades, g.net.total) for g in groups] == [
        (key, count, D(total)) for key, count, total in expected
    ]


def test_a_group_has_its_costs_and_both_views() -> None:
    """MSFT lost 50 and won 200 gross, for 2 dollars commission and 0.30 fees."""
    msft = measured(WEEK).by_symbol[1]

    assert (msft.commission, msft.fees) == (D(2), D("0.30"))
    assert (msft.gross.wins, msft.gross.losses, msft.gross.win_rate) == (1, 1, 50)
    assert (msft.gross.profit_factor, msft.gross.total) == (4, D(150))
    assert msft.net.payoff_ratio == pytest.approx(198.5 / 50.8)


def test_the_front_end_gets_its_six_figures_net() -> None:
    """Percent, dollars and plain ratios, rounded to six decimal places."""
    assert measured(WEEK, equity_base=D(1000)).front_end() == {
        "win_rate": 40,
        "total_profit": 125.2,
        "total_trades": 5,
        "profit_factor": 1.726640,
        "sharpe_ratio": 3.160069,
        "max_drawdown": 9.709517,
    }


# What is undefined


def undefined(value: object) -> object:
    """Return *value* (as JSON) without what says nothing: None, 0 and empty lists."""
    if isinstance(value, dict):
        left = {key: undefined(item) for key, item in value.items()}
        return {key: item for key, item in left.items() if item}
    return value


def test_without_a_trade_there_are_counts_and_nothing_else() -> None:
    """Counts are 0, every other figure is None."""
    empty = measured([], equity_base=D(1000), risk_free_rate=D("0.04"))
    told = empty.as_json()
    for view in ("gross", "net"):
        assert not any(b["trades"] for b in told[view]["r"].pop("distribution"))

    assert undefined(told) == {"start": "2026-03-02", "end": "2026-03-06"}
    for value in (empty.net.total, empty.net.win_rate, empty.net.drawdown.amount):
        assert value is None
    assert empty.net.sortino is None
    assert empty.commission is None
    assert empty.front_end() == {"total_trades": 0}


def test_without_a_loss_there_is_no_profit_factor() -> None:
    """Neither infinity nor 999.99: it is left out, and so is the payoff ratio."""
    won = measured([trade(1, "10"), trade(2, "20")])

    assert won.net.profit_factor is None
    assert won.net.payoff_ratio is None
    assert won.net.average_loss is None
    assert won.net.largest_loss is None
    assert won.net.win_rate == 100
    assert "profit_factor" not in won.front_end()


def test_without_a_win_the_profit_factor_is_zero() -> None:
    """That one is defined: nothing was won for what was lost."""
    lost = measured([trade(1, "-10")]).net

    assert (lost.profit_factor, lost.win_rate) == (0, 0)
    assert (lost.won, lost.lost) == (D(0), D(-10))
    assert lost.payoff_ratio is None
    assert lost.average_win is None


def test_one_trading_day_has_no_sharpe() -> None:
    """A deviation takes two days."""
    net = measured([trade(1, "-10")], end=MONDAY).net

    assert (net.sharpe, net.sortino, net.k_ratio_2013) == (None, None, None)
    assert (net.k_ratio, net.random_chance) == (None, None)


def test_two_trading_days_have_no_k_ratio() -> None:
    """Two points lie on a line."""
    net = measured([trade(1, "-10")], end=TUESDAY).net

    assert net.sharpe == pytest.approx(-5 / sqrt(50) * sqrt(252))
    assert net.sortino == pytest.approx(-5 / sqrt(50) * sqrt(252))
    assert net.k_ratio_2013 is None


def test_equal_days_have_no_sharpe_and_no_k_ratio() -> None:
    """A tenth is no binary fraction: in floats their deviation would be about 1e-17."""
    trades = [on_day(day, "0.1", day) for day in range(2, 7)]
    net = measured(trades, risks={day: D("0.3") for day in range(2, 7)}).net

    assert (net.sharpe, net.sortino, net.k_ratio_2013) == (None, None, None)
    assert (net.k_ratio, net.random_chance) == (None, None)
    assert net.deviation == 0
    assert net.r.average == pytest.approx(1 / 3)
    assert (net.r.deviation, net.r.sqn) == (0, None)


def test_without_an_equity_base_the_drawdown_is_money_only() -> None:
    """A percentage needs something to be a percentage of."""
    week = measured(WEEK)

    assert week.net.drawdown.amount == 121
    assert week.net.drawdown.percent is None
    assert "max_drawdown" not in week.front_end()


def test_without_initial_risks_there_is_no_r() -> None:
    """Null, zero and less are no risk; the bins are there and empty."""
    r = measured(
        [trade(1, "10"), trade(2, "10", initial_risk=D(0)), trade(3, "10")],
        risks={1: None, 3: D(-5)},
    ).net.r

    assert r.trades == 0
    assert (r.average, r.median, r.best, r.worst, r.deviation, r.sqn) == (None,) * 6
    assert [b.trades for b in r.distribution] == [0] * 10


# Which trades count


def test_what_is_left_out_is_counted_with_its_reason() -> None:
    """And what was given is the sum of all counts."""
    trades = [
        trade(1, "10"),
        trade(1, "10"),
        trade(2, None, started_at=None, ended_at=None, exec_count=0),
        on_day(3, "10", 1),
        on_day(4, "10", 9),
        trade(5, "10", open=True, ended_at=None),
        trade(6, None),
        trade(7, "NaN"),
        trade(8, "-Infinity"),
        trade(9, "1E+999999"),
    ]

    assert measured(trades).selection == Selection(
        given=10,
        repeated=1,
        undated=1,
        outside=2,
        open=1,
        without_result=4,
        counted=1,
    )


@pytest.mark.parametrize(
    ("opened", "counts"),
    [
        ("2026-03-02T04:59:59+00:00", False),  # Sunday, 23:59:59 in New York
        ("2026-03-02T05:00:00+00:00", True),
        ("2026-03-07T04:59:59+00:00", True),  # Friday, 23:59:59 in New York
        ("2026-03-07T05:00:00+00:00", False),
        ("2026-03-07T13:59:59+09:00", True),
    ],
)
def test_the_period_is_of_openings_on_new_york_days(opened: str, counts: bool) -> None:
    """Both ends are included; a day ends at midnight there, wherever it was written."""
    moment = datetime.fromisoformat(opened)
    found = measured([trade(1, "10", started_at=moment, ended_at=moment)])

    assert found.trades == counts


def test_a_result_is_booked_on_the_new_york_day_of_the_close() -> None:
    """At 02:00 UTC it is still the day before."""
    found = measured([trade(1, "10", ended_at=datetime(2026, 3, 4, 2, tzinfo=UTC))])

    assert [day.date for day in found.by_day] == [TUESDAY]


def test_what_closes_after_the_period_is_booked_after_it() -> None:
    """The ratios then look at the days up to that close, so that nothing is lost."""
    found = measured([trade(1, "10", ended_at=at("10 11:00"))])

    assert [day.date for day in found.by_day] == [date(2026, 3, 10)]
    assert found.trading_days == 7
    assert found.net.sharpe == pytest.approx(10 / 7 / sqrt(100 / 7) * sqrt(252))


def test_a_trade_that_came_twice_counts_once() -> None:
    """The reading that tells more, in whatever order they came."""
    listed = trade(1, "10")
    detail = trade(1, "10", initial_risk=D(5))
    earlier = trade(1, "4", open=True, exec_count=3)
    smaller = trade(1, "99", exec_count=1)
    edited = trade(2, "7", tags=("edited",))

    for trades in (
        [listed, detail, earlier, smaller, trade(2, "7"), edited],
        [edited, trade(2, "7"), smaller, earlier, detail, listed],
    ):
        found = measured(trades)
        assert found.trades == 2
        assert found.selection.repeated == 4
        assert found.net.total == 17
        assert found.net.r.average == 2
    assert measured([edited, trade(2, "7")]) == measured([trade(2, "7"), edited])


def test_unknown_costs_are_zero_and_counted() -> None:
    """The journal reports what it knows; a trade is not lost for it."""
    found = measured(
        [
            trade(1, "10", commission=None),
            trade(2, "10", fees=None),
            trade(3, "10", commission=D("NaN"), fees=D(1)),
            trade(4, "10", commission=D(1)),
        ]
    )

    assert found.unknown_costs == 3
    assert (found.commission, found.fees, found.net.total) == (D(1), D(1), D(38))


def test_without_a_close_the_result_is_booked_on_the_opening() -> None:
    """Its holding time is unknown, and so it is where the close comes first."""
    found = measured(
        [
            trade(1, "10", ended_at=None),
            trade(2, "10", ended_at=at("01 11:00")),
            trade(3, "10"),
        ]
    )

    assert [(day.date, day.trades) for day in found.by_day] == [(MONDAY, 3)]
    assert found.holding == HoldingTime(trades=1, mean_hours=1, median_hours=1)


def test_a_trade_may_open_and_close_in_the_same_second() -> None:
    """It was held for no time, which is known."""
    found = measured([trade(1, "10", ended_at=at("02 10:00"))])

    assert found.holding == HoldingTime(trades=1, mean_hours=0, median_hours=0)


def test_scratches_are_neither_among_winners_nor_losers_held() -> None:
    """But among all."""
    found = measured([trade(1, "10"), trade(2, "0"), trade(3, "-10")])

    held = (found.holding, found.net.winners_held, found.net.losers_held)
    assert [each.trades for each in held] == [3, 1, 1]


def test_without_an_opening_the_close_tells_the_period() -> None:
    """But neither weekday nor hour of the opening."""
    found = measured([trade(1, "10", started_at=None)])

    assert found.trades == 1
    assert found.holding.trades == 0
    assert [group.key for group in (*found.by_weekday, *found.by_hour)] == [None, None]


def test_an_unknown_side_is_a_group_of_its_own_and_the_last() -> None:
    """So that every grouping but that by tags adds up to all trades."""
    found = measured([trade(1, "10", side=None), trade(2, "10", side=Side.SHORT)])

    assert [group.key for group in found.by_side] == ["short", None]


def test_a_tag_that_stands_twice_counts_once() -> None:
    """A trade is in the group of a tag, or it is not."""
    found = measured([trade(1, "10", tags=("a", "b", "a"))])

    assert [(g.key, g.net.trades) for g in found.by_tag] == [("a", 1), ("b", 1)]


def test_a_time_without_a_zone_is_new_yorks() -> None:
    """Whatever the zone of the machine."""
    naive = datetime(2026, 3, 2, 23, 30)  # noqa: DTZ001 - that is the case
    found = measured([trade(1, "10", started_at=naive, ended_at=naive)])

    assert found.by_day[0].date == MONDAY
    assert found.by_hour[0].key == 23


def test_a_night_of_the_change_of_clocks_is_an_hour_shorter() -> None:
    """Eight to eight were eleven hours on 8 March 2026: wall times mislead."""
    found = measured(
        [trade(1, "10", started_at=at("07 20:00"), ended_at=at("08 08:00"))],
        start=date(2026, 3, 7),
        end=date(2026, 3, 7),
    )

    assert found.holding.mean_hours == 11


@pytest.mark.parametrize("year", [1, 1899, 2200, 9999])
def test_a_time_of_another_century_is_none(year: int) -> None:
    """A mistake, or what some systems write for no time at all."""
    then = datetime(year, 1, 1, tzinfo=UTC)
    found = measured(
        [
            trade(1, "10", started_at=then, ended_at=then),
            trade(2, "10", ended_at=then),
        ]
    )

    assert found.selection.undated == 1
    assert [day.date for day in found.by_day] == [MONDAY]
    assert found.trading_days == 5


# Wins, losses and scratches


@pytest.mark.parametrize(
    ("tolerance", "counts"),
    [("0", (2, 1, 1)), ("0.99", (2, 1, 1)), ("1", (1, 1, 2)), ("5", (0, 0, 4))],
    ids=["none", "less", "exactly", "all"],
)
def test_a_scratch_made_or_lost_no_more_than_the_tolerance(
    tolerance: str, counts: tuple[int, int, int]
) -> None:
    """The tolerance itself is still a scratch."""
    trades = [trade(1, "1"), trade(2, "-1.01"), trade(3, "0"), trade(4, "5")]
    net = measured(trades, scratch_tolerance=D(tolerance)).net

    assert (net.wins, net.losses, net.scratches) == counts


def test_scratches_are_in_the_total_and_in_no_win_or_loss() -> None:
    """1 + 20 - 10 is 11, but the wins are 20, the losses 10, a third of trades each."""
    trades = [trade(1, "1"), trade(2, "20"), trade(3, "-10")]
    net = measured(trades, scratch_tolerance=D(2)).net

    assert (net.total, net.won, net.lost) == (D(11), D(20), D(-10))
    assert net.profit_factor == 2
    assert net.win_rate == pytest.approx(100 / 3)
    assert net.expectancy == D(11) / 3


def test_a_scratch_ends_a_streak() -> None:
    """Three wins with one in between are two and one; order is that of closing."""
    made = ["5", "5", "0", "5", "-5", "-5", "-5", "0", "-5"]
    trades = [
        trade(i, gross, ended_at=at("02 11:00") + timedelta(minutes=i))
        for i, gross in enumerate(made)
    ]
    net = measured(reversed(trades)).net

    assert (net.longest_winning_streak, net.longest_losing_streak) == (2, 3)


def test_trades_that_close_together_are_in_the_order_of_their_ids() -> None:
    """So that no figure depends on the order in which they were listed."""
    trades = [trade(2, "-5"), trade(3, "5"), trade(1, "-5")]

    assert measured(trades).net.longest_losing_streak == 2
    assert measured(trades).net.drawdown.amount == 10


# Days


def test_days_without_a_close_are_days_of_nothing() -> None:
    """Ten dollars on one of five days: mean 2, squares 100, variance 80 / 4."""
    net = measured([trade(1, "10")]).net

    assert net.sharpe == pytest.approx(2 / sqrt(20) * sqrt(252))


def test_what_is_closed_on_a_saturday_belongs_to_the_next_trading_day() -> None:
    """Crypto trades all week: the ratios see Monday, the day's profit Saturday."""
    sunday = date(2026, 3, 8)
    weekend = measured([on_day(1, "10", 2), on_day(2, "-4", 7)], end=sunday)
    monday = measured(
        [on_day(1, "10", 2), trade(2, "-4", ended_at=at("09 10:00"))], end=sunday
    )

    assert [day.date for day in weekend.by_day] == [MONDAY, date(2026, 3, 7)]
    assert weekend.net.total == 6
    assert weekend.trading_days == monday.trading_days == 6
    assert weekend.net.sharpe == monday.net.sharpe is not None
    assert weekend.net.sortino == monday.net.sortino is not None


def test_a_holiday_is_no_trading_day() -> None:
    """Good Friday 2026 is 3 April: four days in that week."""
    first = trade(
        1,
        "10",
        started_at=datetime(2026, 3, 30, 15, tzinfo=UTC),
        ended_at=datetime(2026, 3, 30, 16, tzinfo=UTC),
    )
    found = measured([first], start=date(2026, 3, 1), end=date(2026, 4, 3))

    assert found.trading_days == 4


def test_days_before_the_first_trade_do_not_count() -> None:
    """Who begins on Thursday has had two days by Friday, however long the period is."""
    trades = [on_day(1, "10", 5), on_day(2, "-4", 6)]
    week, year = measured(trades), measured(trades, start=date(2025, 3, 6))

    assert week.trading_days == year.trading_days == 2
    assert week.net.sharpe == year.net.sharpe == pytest.approx(3 / sqrt(98) * sqrt(252))
    assert week.net.k_ratio_2013 == year.net.k_ratio_2013


def test_the_first_day_is_that_of_the_first_opening() -> None:
    """Opened on Monday, closed on Wednesday: money was at risk for three days."""
    found = measured([trade(1, "9", ended_at=at("04 11:00"))], end=WEDNESDAY)

    assert found.trading_days == 3
    assert found.net.sharpe == pytest.approx(3 / sqrt(27) * sqrt(252))


def test_ratios_of_days_need_twenty_days_with_a_result() -> None:
    """By default; trading days without a close do not help, nor do further trades."""
    opened = at("02 10:00")
    some = [
        trade(
            number,
            "10" if number % 3 else "-8",
            started_at=opened + timedelta(days=number),
            ended_at=opened + timedelta(days=number, hours=1),
        )
        for number in range(20)
    ]
    end = date(2026, 6, 30)
    enough = measure(some, start=MONDAY, end=end)
    few = measure([*some[:19], attrs.evolve(some[18], id=99)], start=MONDAY, end=end)

    assert (enough.days_with_result, few.days_with_result) == (20, 19)
    assert None not in (enough.net.sharpe, enough.net.sortino)
    assert (few.net.sharpe, few.net.sortino) == (None, None)
    assert "sharpe_ratio" in enough.front_end()
    assert "sharpe_ratio" not in few.front_end()
    assert few.net.k_ratio is not None


def test_a_year_can_have_other_days() -> None:
    """For those who trade all year, say."""
    ratio = sqrt(365 / 252)
    usual, other = measured(WEEK).net, measured(WEEK, annual_days=365).net

    for name in ("sharpe", "sortino", "k_ratio_2013"):
        assert getattr(other, name) == pytest.approx(getattr(usual, name) * ratio)


def test_what_the_capital_earned_without_risk_is_taken_off_each_day() -> None:
    """10,000 at 5 % a year make 10,000 * (1.05 ** (1 / 252) - 1) dollars a day."""
    free = 10_000 * (1.05 ** (1 / 252) - 1)
    days = [x - free for x in (99, -50.8, -0.5, 198.5, -121)]
    mean = sum(days) / 5
    deviation = sqrt(sum((x - mean) ** 2 for x in days) / 4)
    downside = sqrt(sum(x * x for x in days if x < 0) / 5)

    for capital in ("fixed_capital", "equity_base"):
        options: dict[str, Any] = {capital: D(10_000), "risk_free_rate": D("0.05")}
        net = measured(WEEK, **options).net
        assert net.sharpe == pytest.approx(mean / deviation * sqrt(252))
        assert net.sortino == pytest.approx(mean / downside * sqrt(252))


def test_without_a_rate_the_capital_falls_out_of_the_ratios() -> None:
    """A return is a result over the same sum every day."""
    usual = measured(WEEK).net
    other = measured(WEEK, fixed_capital=D("12345.67")).net

    assert (usual.sharpe, usual.sortino, usual.k_ratio_2013) == (
        other.sharpe,
        other.sortino,
        other.k_ratio_2013,
    )


# Drawdown


def test_a_first_loss_falls_from_the_beginning() -> None:
    """The equity begins with nothing made, on the first day of the period."""
    found = measured([on_day(1, "-30", 4), on_day(2, "30", 6)]).net.drawdown

    assert found == Drawdown(
        amount=D(30),
        percent=None,
        peak_on=MONDAY,
        trough_on=WEDNESDAY,
        recovered_on=FRIDAY,
        fall_days=2,
        recovery_days=2,
    )


def test_an_equity_that_never_falls_has_a_drawdown_of_zero() -> None:
    """Zero is known, the days are not."""
    found = measured([trade(1, "10"), trade(2, "0")], equity_base=D(100)).net.drawdown

    assert (found.amount, found.percent) == (D(0), 0.0)
    assert (found.peak_on, found.trough_on, found.recovered_on) == (None,) * 3
    assert (found.fall_days, found.recovery_days) == (None, None)


def test_a_recovery_is_of_the_deepest_fall() -> None:
    """An earlier one that was made up for says nothing about it."""
    made = ["-10", "20", "-50", "10"]
    trades = [on_day(day, gross, day) for day, gross in enumerate(made, 2)]
    found = measured(trades).net.drawdown

    assert found.amount == 50
    assert (found.peak_on, found.trough_on) == (TUESDAY, WEDNESDAY)
    assert found.recovered_on is None


def test_of_equally_deep_falls_the_first_is_told_and_its_first_recovery() -> None:
    """What comes after is another fall, and another peak."""
    made = ["-10", "10", "5", "-10", "20"]
    trades = [on_day(day, gross, day) for day, gross in enumerate(made, 2)]
    found = measured(trades).net.drawdown

    assert found.amount == 10
    assert (found.trough_on, found.recovered_on) == (MONDAY, TUESDAY)


def test_the_deepest_fall_in_percent_may_be_another() -> None:
    """50 of 150 is a third; 100 of 1100 is less, and more money."""
    made = ["50", "-50", "1000", "-100"]
    trades = [on_day(day, gross, day) for day, gross in enumerate(made, 2)]
    found = measured(trades, equity_base=D(100)).net.drawdown

    assert found.amount == 100
    assert found.percent == pytest.approx(100 / 3)


def test_more_than_all_can_be_lost() -> None:
    """A percentage above 100 is what happened."""
    found = measured([trade(1, "-150")], equity_base=D(100)).net.drawdown

    assert found.percent == 150


# Multiples of risk


def test_a_given_risk_goes_before_the_trades_own() -> None:
    """The mapping is what the caller knows better."""
    trades = [trade(1, "10", initial_risk=D(5)), trade(2, "10", initial_risk=D(20))]

    assert measured(trades).net.r.average == 1.25
    assert measured(trades, risks={1: D(10), 2: None}).net.r.average == 0.75


def test_a_bin_has_its_lower_end_and_not_its_upper() -> None:
    """A full stop of exactly -1 R is no worse than one R."""
    made = ["-3.5", "-3", "-1.01", "-1", "0", "0.99", "5", "7"]
    trades = [trade(i, gross) for i, gross in enumerate(made)]
    r = measured(trades, risks={i: D(1) for i in range(len(made))}).gross.r

    assert [b for b in r.distribution if b.trades] == [
        Bin(low=None, high=-3, trades=1),
        Bin(low=-3, high=-2, trades=1),
        Bin(low=-2, high=-1, trades=1),
        Bin(low=-1, high=0, trades=1),
        Bin(low=0, high=1, trades=2),
        Bin(low=5, high=None, trades=2),
    ]


# Numbers


def test_sums_of_money_are_exact() -> None:
    """Ten tenths are one, and a fraction of a cent survives beside a fortune."""
    tenths = measured([trade(i, "0.1") for i in range(10)]).net
    wide = measured([trade(1, "1E+30"), trade(2, "0.00000001")]).net

    assert str(tenths.total) == "1.0"
    assert wide.total == D("1000000000000000000000000000000.00000001")


def test_the_callers_decimal_context_neither_matters_nor_changes() -> None:
    """A host may count with three digits if it likes."""
    usual = measured(WEEK, equity_base=D(1000), risks=RISKS)
    with localcontext() as context:
        context.prec = 3
        context.traps = dict.fromkeys(context.traps, True)
        assert measured(WEEK, equity_base=D(1000), risks=RISKS) == usual
        assert getcontext().prec == 3


def test_json_has_every_figure_and_rounds_to_six_places() -> None:
    """Dates are texts, decimals numbers, and nothing is infinite."""
    told = measured(WEEK, equity_base=D(1000), risks=RISKS).as_json()

    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert list(told) == [field.name for field in attrs.fields(Metrics)]
    assert told["net"]["average_loss"] == -57.433333
    assert told["net"]["sharpe"] == 3.160069
    assert told["net"]["drawdown"]["trough_on"] == "2026-03-06"
    assert told["by_side"][0]["key"] == "long"
    assert type(told["by_side"][0]["key"]) is str
    assert told["equity_curve"][0] == {"date": "2026-03-02", "gross": 100, "net": 99}


def test_json_has_no_negative_zero() -> None:
    """A total of less than half a millionth of a dollar below zero is zero."""
    told = measured([trade(1, "-0.0000001")]).as_json()

    assert str(told["net"]["total"]) == "0.0"


def test_no_key_of_the_front_end_stands_at_the_top_of_the_rest() -> None:
    """So that the two can be merged, and no null becomes a card."""
    week = measured(WEEK, equity_base=D(1000))

    assert set(week.front_end()) == SIX
    assert not SIX & set(week.as_json())


# What is asked for


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    """Nothing is swapped in silence."""
    with pytest.raises(ValueError, match="ends on 2026-03-02, before it starts on"):
        measured(WEEK, start=TUESDAY, end=MONDAY)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"equity_base": D(0)}, "equity_base is Decimal('0'), but must be a decimal"),
        ({"equity_base": D("NaN")}, "equity_base is Decimal('NaN')"),
        ({"equity_base": 1000.0}, "equity_base is 1000.0, but must be a decimal"),
        ({"fixed_capital": D(-1)}, "fixed_capital is Decimal('-1')"),
        ({"scratch_tolerance": D("-0.01")}, "must be a decimal, 0 or more"),
        ({"scratch_tolerance": D("Infinity")}, "scratch_tolerance is"),
        ({"annual_days": 0}, "annual_days is 0, but must be 1 or more"),
        ({"fewest_days": 0}, "fewest_days is 0, but must be 1 or more"),
        ({"risk_free_rate": D(-1)}, "must be a decimal above -1"),
        ({"risk_free_rate": D("0.04")}, "neither fixed_capital nor equity_base"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_options_that_make_no_sense_are_refused(
    options: dict[str, Any], problem: str
) -> None:
    """The text names the option, its value and what is allowed."""
    with pytest.raises(ValueError, match=r".*") as refused:
        MetricsOptions(**options)

    assert problem in str(refused.value)


def test_metrics_cannot_be_changed() -> None:
    """They may be kept and shared between threads."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        measured(WEEK).trades = 6  # type: ignore[misc]


def test_fixed_offsets_and_zones_are_the_same_instants() -> None:
    """Tradervue answers with offsets, others with zones."""
    eastern = timezone(timedelta(hours=-5))
    shifted = [
        attrs.evolve(
            each,
            started_at=each.started_at and each.started_at.astimezone(eastern),
            ended_at=each.ended_at and each.ended_at.astimezone(UTC),
        )
        for each in WEEK
    ]

    assert measured(shifted) == measured(WEEK)

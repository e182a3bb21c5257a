"""
The same figures from two libraries that everybody uses, and from numpy and scipy.

quantstats and empyrical-reloaded take series of returns and know nothing of trades. So
they are given the daily results on a fixed capital where the figure is one of days,
and one "day" for each trade where it is one of trades. Where their definition differs
from ours, the test says how and why.

``sample.jsonl`` has the trades that no clone of the repository is without: a
line for each as the journal shows it, with the initial risk. They are made up.
"""

import json
import os
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from argo_tradervue_plugin.metrics import (
    Metrics,
    MetricsOptions,
    Profit,
    measure,
)
from argo_tradervue_plugin.metrics.chance import probability_of_t
from argo_tradervue_plugin.metrics.trading_days import trading_days
from argo_tradervue_plugin.model.journal import (
    JournalTrade,
    JournalTradeDetail,
    Side,
)

NEEDED = "the oracles of the metrics need the package's dev extra"
np: Any = pytest.importorskip("numpy", reason=NEEDED)
pd: Any = pytest.importorskip("pandas", reason=NEEDED)
holiday: Any = pytest.importorskip("pandas.tseries.holiday", reason=NEEDED)
stats: Any = pytest.importorskip("scipy.stats", reason=NEEDED)
ep: Any = pytest.importorskip("empyrical", reason=NEEDED)
qs: Any = pytest.importorskip("quantstats.stats", reason=NEEDED)

NEW_YORK = ZoneInfo("America/New_York")
REPOSITORY = Path(__file__).parents[2]
TRADES = Path(
    os.environ.get("ARGO_TRADES", REPOSITORY / "../shared/data/argo_trades.jsonl")
)
SAMPLE = Path(__file__).parent / "sample.jsonl"
# Large against any loss, so that quantstats takes returns for what they are: a series
# of positive numbers above 1 it takes for prices.
CAPITAL = 1_000_000
BASE = 1_000_000
VIEWS = ("gross", "net")

# Days on which nobody had planned to close.
CLOSED = ["2007-01-02", "2012-10-29", "2012-10-30", "2018-12-05", "2025-01-09"]


class Exchange(holiday.AbstractHolidayCalendar):  # type: ignore[misc]
    """The New York Stock Exchange's holidays by the rules that pandas has."""

    rules = (
        holiday.Holiday(
            "New Year", month=1, day=1, observance=holiday.sunday_to_monday
        ),
        holiday.USMartinLutherKingJr,
        holiday.USPresidentsDay,
        holiday.GoodFriday,
        holiday.USMemorialDay,
        holiday.Holiday(
            "Juneteenth",
            month=6,
            day=19,
            start_date="2022-01-01",
            observance=holiday.nearest_workday,
        ),
        holiday.Holiday(
            "Independence", month=7, day=4, observance=holiday.nearest_workday
        ),
        holiday.USLaborDay,
        holiday.USThanksgivingDay,
        holiday.Holiday(
            "Christmas", month=12, day=25, observance=holiday.nearest_workday
        ),
    )


def exchange_days(start: date, end: date) -> Any:
    """Return the days on which the exchange traded, as pandas finds them."""
    # Beyond the ends, since a holiday may be kept on the day before or after.
    closed = Exchange().holidays(
        pd.Timestamp(start) - pd.Timedelta(days=7),
        pd.Timestamp(end) + pd.Timedelta(days=7),
    )
    days = pd.bdate_range(start, end)
    return days.difference(closed).difference(pd.DatetimeIndex(CLOSED))


@attrs.frozen(kw_only=True)
class Case:
    """Trades, what we say of them, and what the libraries are given."""

    trades: list[JournalTrade]
    start: date
    end: date
    risks: dict[int, Decimal]

    def metrics(self) -> Metrics:
        """Return our figures."""
        return measure(
            self.trades,
            start=self.start,
            end=self.end,
            options=MetricsOptions(equity_base=Decimal(BASE)),
            initial_risks=self.risks,
        )

    def frame(self) -> Any:
        """Return a row for each closed trade, in the order of closing."""
        rows = [
            {
                "id": each.id,
                "opened": each.started_at,
                "closed": each.ended_at,
                "gross": float(each.gross_pl or 0),
                "net": float(
                    (each.gross_pl or 0) - (each.commission or 0) - (each.fees or 0)
                ),
                "volume": float(each.volume or 0),
                "side": each.side,
                "symbol": each.symbol,
                "risk": float(self.risks.get(each.id, "nan")),
            }
            for each in self.trades
            if not each.open
        ]
        return pd.DataFrame(rows).sort_values(["closed", "id"], ignore_index=True)

    def by_trade(self, view: str) -> Any:
        """Return a series of returns with one day for each trade."""
        amounts = self.frame()[view]
        index = pd.date_range("1990-01-01", periods=len(amounts))
        return pd.Series(amounts.to_numpy() / CAPITAL, index=index)

    def by_day(self, view: str) -> Any:
        """Return the returns of the trading days, the days off carried forward."""
        frame = self.frame()
        closed = frame["closed"].dt.tz_convert("America/New_York")
        days = closed.dt.tz_localize(None).dt.normalize()
        # Longer than needed, since a close may wait for its trading day; then cut.
        last = max(pd.Timestamp(self.end), days.max())
        first = frame["opened"].min().tz_convert("America/New_York").date()
        calendar = exchange_days(first, (last + pd.Timedelta(days=7)).date())
        where = calendar.searchsorted(days)
        length = max(where.max() + 1, (calendar <= pd.Timestamp(self.end)).sum())
        totals = np.zeros(length)
        np.add.at(totals, where, frame[view].to_numpy())
        return pd.Series(totals / CAPITAL, index=calendar[:length])


def sample() -> Case:
    """Return the trades of the repository: both sides, coins, scratches, open ones."""
    trades: list[JournalTrade] = []
    risks = {}
    for line in SAMPLE.read_text("utf-8").splitlines():
        facts = json.loads(line)
        amounts: dict[str, Any] = {
            key: None if facts[key] is None else Decimal(facts[key])
            for key in ("volume", "gross_pl", "commission", "fees", "risk")
        }
        if (risk := amounts.pop("risk")) is not None:
            risks[facts["id"]] = risk
        times: dict[str, Any] = {
            key: None if facts[key] is None else datetime.fromisoformat(facts[key])
            for key in ("started_at", "ended_at")
        }
        trades.append(
            JournalTrade(
                id=facts["id"],
                symbol=facts["symbol"],
                side=facts["side"] and Side(facts["side"]),
                open=facts["open"],
                tags=tuple(facts["tags"]),
                **amounts,
                **times,
            )
        )
    return Case(
        trades=trades, start=date(2026, 1, 1), end=date(2026, 4, 30), risks=risks
    )


def published() -> Case:
    """Return the trades that Argo published, as the journal would show them."""
    trades: list[JournalTrade] = []
    risks = {}
    lines = TRADES.read_text("utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        told = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        times = [
            datetime.fromisoformat(told[key]).replace(tzinfo=UTC).astimezone(NEW_YORK)
            for key in ("entry_timestamp", "exit_timestamp")
        ]
        trades.append(
            JournalTrade(
                id=number,
                symbol=told["symbol"],
                side=Side(told["signal_type"]),
                # The host's own figure is net of the commission, unknown for coins.
                gross_pl=told["pnl_dollars"] + (told["commission"] or 0),
                commission=told["commission"],
                started_at=times[0],
                ended_at=times[1],
                tags=(told["asset_class"], told["exit_reason"]),
                exec_count=2,
            )
        )
        distance = told["actual_entry_price"] - told["stop_price"]
        if distance * told["quantity"] > 0:
            risks[number] = distance * told["quantity"]
    opened = [each.started_at.date() for each in trades if each.started_at]
    return Case(trades=trades, start=min(opened), end=max(opened), risks=risks)


def generated(seed: int) -> Case:
    """Return half a year of trades at all hours and on all days, scratches included."""
    chance = random.Random(seed)
    start = datetime(2024, 11, 1, 5, tzinfo=UTC)
    trades: list[JournalTrade] = []
    for number in range(1, 400):
        opened = start + timedelta(minutes=chance.randrange(180 * 24 * 60))
        gross = Decimal(chance.choice([0, chance.randrange(-30_000, 33_000)])) / 100
        trades.append(
            JournalTradeDetail(
                id=number,
                symbol=chance.choice(["AAPL", "MSFT", "BTCUSD"]),
                side=chance.choice(list(Side)),
                volume=Decimal(chance.randrange(2, 400)),
                open=chance.random() < 0.05,
                gross_pl=gross,
                commission=Decimal(chance.choice([0, 1, 2])),
                fees=Decimal(chance.randrange(-30, 50)) / 100,
                started_at=opened,
                ended_at=opened + timedelta(minutes=chance.randrange(1, 9_000)),
                exec_count=2,
            )
        )
    risks = {number: Decimal(chance.randrange(50, 200)) for number in range(1, 300)}
    end = (start + timedelta(days=180)).date()
    return Case(trades=trades, start=start.date(), end=end, risks=risks)


CASES = ["sample", "seed 1", "seed 2", "seed 3", "seed 4"]
if TRADES.exists():  # real trades, where they are at hand
    CASES.append("published")


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    """The repository's trades, some by chance, and real ones."""
    if request.param == "sample":
        return sample()
    if request.param == "published":
        return published()
    return generated(int(request.param.split()[1]))


@pytest.fixture(scope="module")
def metrics(case: Case) -> Metrics:
    """Our figures of the case."""
    return case.metrics()


@pytest.fixture(params=VIEWS)
def view(request: pytest.FixtureRequest) -> str:
    """Gross, then net."""
    return str(request.param)


@pytest.fixture
def ours(metrics: Metrics, view: str) -> Profit:
    """Our figures of the view."""
    found: Profit = getattr(metrics, view)
    return found


def near(expected: float) -> Any:
    """Return what equals *expected* as nearly as sums of floats can be told."""
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_every_closed_trade_is_looked_at(case: Case, metrics: Metrics) -> None:
    """So that what follows is about all of them."""
    assert metrics.trades == len(case.frame()) > 150


def test_trading_days_are_those_of_pandas_rules() -> None:
    """Twenty-one years of them, by rules that somebody else wrote down."""
    start, end = date(2006, 1, 1), date(2026, 12, 31)
    theirs = [day.date() for day in exchange_days(start, end)]

    assert trading_days(start, end) == theirs


def test_sharpe_is_theirs(case: Case, ours: Profit, view: str) -> None:
    """Both libraries agree: sample deviation, 252 days."""
    returns = case.by_day(view)

    assert ours.sharpe == near(qs.sharpe(returns))
    assert ours.sharpe == near(ep.sharpe_ratio(returns))


def test_sharpe_over_a_rate_is_theirs(case: Case) -> None:
    """
    The rate a year becomes a daily one geometrically, as in quantstats.

    empyrical takes the daily one, and takes it off as we do.
    """
    options = MetricsOptions(
        fixed_capital=Decimal(CAPITAL), risk_free_rate=Decimal("0.04")
    )
    found = measure(case.trades, start=case.start, end=case.end, options=options).net
    returns, a_day = case.by_day("net"), 1.04 ** (1 / 252) - 1

    assert found.sharpe == near(qs.sharpe(returns, rf=0.04))
    assert found.sharpe == near(ep.sharpe_ratio(returns, risk_free=a_day))
    assert found.sortino == near(qs.sortino(returns, rf=0.04))
    assert found.sortino == near(ep.sortino_ratio(returns, required_return=a_day))


def test_sortino_is_theirs(case: Case, ours: Profit, view: str) -> None:
    """Both libraries agree: squared losing days over all days."""
    returns = case.by_day(view)

    assert ours.sortino == near(qs.sortino(returns))
    assert ours.sortino == near(ep.sortino_ratio(returns))


def test_k_ratio_is_that_of_a_fitted_line(case: Case, ours: Profit, view: str) -> None:
    """Neither library has it; scipy fits the line and has the slope's error."""
    made = case.frame()[view].cumsum().to_numpy()
    line = stats.linregress(np.arange(1, len(made) + 1), made)

    assert ours.k_ratio == pytest.approx(line.slope / line.stderr, rel=1e-7)


def test_k_ratio_of_2013_is_that_of_a_fitted_line(
    case: Case, ours: Profit, view: str
) -> None:
    """By the day, with the roots of the counts."""
    equity = case.by_day(view).cumsum().to_numpy()
    line = stats.linregress(np.arange(len(equity)), equity)
    n = len(equity)

    assert ours.k_ratio_2013 == pytest.approx(
        line.slope / line.stderr * np.sqrt(252) / n, rel=1e-7
    )


def test_random_chance_is_scipys_t_test(case: Case, ours: Profit, view: str) -> None:
    """Two-sided, of one sample against zero; theirs is a fraction."""
    theirs = stats.ttest_1samp(case.frame()[view], 0).pvalue

    assert ours.random_chance == near(100 * theirs)


@pytest.mark.parametrize("freedom", [1, 2, 3, 10, 99, 10_000, 1_000_000])
@pytest.mark.parametrize("t", [1e-9, 0.001, 0.5, 1, 1.96, 4, 12, 37])
def test_probability_of_t_is_scipys(t: float, freedom: int) -> None:
    """From the middle far into the tails, for two trades and for a million."""
    theirs = 2 * stats.t.sf(t, freedom)

    assert probability_of_t(t * t, freedom) == pytest.approx(theirs, rel=1e-8)


def test_deviation_of_a_result_is_that_of_pandas(
    case: Case, ours: Profit, view: str
) -> None:
    """Of a sample, in dollars."""
    assert float(ours.deviation or 0) == near(case.frame()[view].std())


def test_averages_of_a_day_are_those_of_pandas(
    case: Case, metrics: Metrics, ours: Profit, view: str
) -> None:
    """Over the days on which something was closed."""
    frame = case.frame()
    days = frame.groupby(frame["closed"].dt.tz_convert("America/New_York").dt.date)

    assert metrics.days_with_result == len(days)
    assert float(ours.average_daily_gain or 0) == near(days[view].sum().mean())
    volume = days["volume"].sum()
    assert float(metrics.volume or 0) == near(volume.sum())
    assert float(metrics.average_daily_volume or 0) == near(volume.mean())


def test_win_loss_ratios_are_counts_of_pandas(
    case: Case, ours: Profit, view: str
) -> None:
    """A scratch is no win, and is left out or counted below the line."""
    made = case.frame()[view]
    wins, losses, others = (made > 0).sum(), (made < 0).sum(), (made <= 0).sum()

    assert ours.win_loss_ratio == near(wins / losses)
    assert ours.win_loss_ratio_with_scratches == near(wins / others)


def test_drawdown_in_percent_is_theirs(case: Case, ours: Profit, view: str) -> None:
    """
    They compound returns, we add up dollars on a base.

    So they are given the equity after each trade: quantstats as a series of prices,
    empyrical as its own returns. Theirs is negative and a fraction.
    """
    equity = pd.concat(
        [pd.Series([0.0]), case.by_trade(view).cumsum() * CAPITAL], ignore_index=True
    )
    equity += BASE
    equity.index = pd.date_range("1990-01-01", periods=len(equity))

    assert ours.drawdown.percent == near(-100 * qs.max_drawdown(equity))
    returns = equity.pct_change().dropna()
    assert ours.drawdown.percent == near(-100 * ep.max_drawdown(returns))


def test_drawdown_in_money_is_that_of_the_running_peak(
    case: Case, ours: Profit, view: str
) -> None:
    """With the day of its trough and of its recovery, as pandas finds them."""
    frame = case.frame()
    equity = np.concatenate([[0], frame[view].cumsum().to_numpy()])
    peaks = np.maximum.accumulate(equity)
    falls = np.round(peaks - equity, 6)
    trough = int(falls.argmax())
    days = frame["closed"].dt.tz_convert("America/New_York").dt.date

    assert float(ours.drawdown.amount or 0) == near(falls.max())
    assert ours.drawdown.trough_on == days[trough - 1]
    back = np.flatnonzero(np.round(equity[trough:] - peaks[trough], 6) >= 0)
    recovered_on = days[trough + back[0] - 1] if len(back) else None
    assert ours.drawdown.recovered_on == recovered_on


def test_profit_factor_is_theirs(case: Case, ours: Profit, view: str) -> None:
    """quantstats says infinity where nothing was lost; we say nothing then."""
    assert ours.profit_factor == near(qs.profit_factor(case.by_trade(view)))


def test_win_rate_is_theirs_but_for_scratches(
    case: Case, ours: Profit, view: str
) -> None:
    """
    quantstats leaves scratches out below the line, we count every trade there.

    Ours is the one in which win rate, loss rate and scratch rate make 100.
    """
    theirs = qs.win_rate(case.by_trade(view))

    assert ours.wins / (ours.wins + ours.losses) == near(theirs)
    assert ours.win_rate == near(100 * theirs * (1 - ours.scratches / ours.trades))


def test_averages_and_payoff_are_theirs(case: Case, ours: Profit, view: str) -> None:
    """The average loss is negative with both."""
    returns = case.by_trade(view)

    assert float(ours.average_win or 0) == near(CAPITAL * qs.avg_win(returns))
    assert float(ours.average_loss or 0) == near(CAPITAL * qs.avg_loss(returns))
    assert ours.payoff_ratio == near(qs.payoff_ratio(returns))


def test_expectancy_is_the_mean_of_all_trades(
    case: Case, ours: Profit, view: str
) -> None:
    """
    quantstats' ``expected_return`` is a geometric mean: compounding again.

    Its ``avg_return`` leaves out the zeros. So the arithmetic mean it is, and, without
    scratches, what the odds and the averages make.
    """
    returns = case.by_trade(view)

    assert float(ours.expectancy or 0) == near(CAPITAL * returns.mean())
    shares = (ours.wins / ours.trades, ours.losses / ours.trades)
    averages = (float(ours.average_win or 0), float(ours.average_loss or 0))
    odds = sum(share * each for share, each in zip(shares, averages, strict=True))
    assert float(ours.expectancy or 0) == near(odds)


def test_largest_and_streaks_are_theirs(case: Case, ours: Profit, view: str) -> None:
    """A zero ends a streak with both."""
    returns = case.by_trade(view)

    assert float(ours.largest_win or 0) == near(CAPITAL * qs.best(returns))
    assert float(ours.largest_loss or 0) == near(CAPITAL * qs.worst(returns))
    assert ours.longest_winning_streak == qs.consecutive_wins(returns)
    assert ours.longest_losing_streak == qs.consecutive_losses(returns)


def test_totals_and_days_are_those_of_pandas(
    case: Case, metrics: Metrics, ours: Profit, view: str
) -> None:
    """Grouped by the New York date of the close."""
    frame = case.frame()
    days = frame["closed"].dt.tz_convert("America/New_York").dt.date
    theirs = frame.groupby(days)[view].sum()

    assert float(ours.total or 0) == near(frame[view].sum())
    assert [day.date for day in metrics.by_day] == list(theirs.index)
    amounts = [float(getattr(day, view)) for day in metrics.by_day]
    assert amounts == [near(each) for each in theirs]


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("by_side", lambda frame: frame["side"].astype(str)),
        ("by_symbol", lambda frame: frame["symbol"]),
        (
            "by_weekday",
            lambda frame: (
                frame["opened"].dt.tz_convert("America/New_York").dt.day_of_week + 1
            ),
        ),
        (
            "by_hour",
            lambda frame: frame["opened"].dt.tz_convert("America/New_York").dt.hour,
        ),
    ],
    ids=["side", "symbol", "weekday", "hour"],
)
def test_groups_are_those_of_pandas(
    case: Case, metrics: Metrics, view: str, field: str, key: Callable[[Any], Any]
) -> None:
    """Sums, counts and wins."""
    frame = case.frame()
    theirs = frame.groupby(key(frame))[view]
    groups = [(g.key, getattr(g, view)) for g in getattr(metrics, field)]

    assert [name for name, _ in groups] == list(theirs.groups)
    assert [float(tally.total) for _, tally in groups] == [
        near(each) for each in theirs.sum()
    ]
    assert [tally.trades for _, tally in groups] == list(theirs.count())
    wins = theirs.apply(lambda made: int((made > 0).sum()))
    assert [tally.wins for _, tally in groups] == list(wins)


def test_multiples_of_risk_are_those_of_numpy(
    case: Case, ours: Profit, view: str
) -> None:
    """Mean, median, sample deviation, SQN and the bins."""
    frame = case.frame().dropna(subset="risk")
    r = (frame[view] / frame["risk"]).to_numpy()
    edges = [-np.inf, -3, -2, -1, 0, 1, 2, 3, 4, 5, np.inf]

    assert ours.r.trades == len(r)
    assert ours.r.average == near(r.mean())
    assert ours.r.median == near(np.median(r))
    assert ours.r.deviation == near(r.std(ddof=1))
    assert ours.r.sqn == near(np.sqrt(len(r)) * r.mean() / r.std(ddof=1))
    counts = pd.cut(r, edges, right=False).value_counts()
    assert [b.trades for b in ours.r.distribution] == list(counts)


def test_holding_times_are_those_of_pandas(
    case: Case, metrics: Metrics, ours: Profit, view: str
) -> None:
    """Of all trades, of the wins and of the losses."""
    frame = case.frame()
    hours = (frame["closed"] - frame["opened"]).dt.total_seconds() / 3600

    for theirs, found in (
        (hours, metrics.holding),
        (hours[frame[view] > 0], ours.winners_held),
        (hours[frame[view] < 0], ours.losers_held),
    ):
        assert found.trades == len(theirs)
        assert found.mean_hours == near(theirs.mean())
        assert found.median_hours == near(theirs.median())

"""The fake host behaves like Argo: what its tracker stores, hands out and mutates."""

import inspect
import json
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.argo.tracker import UnifiedPerformanceTracker
from tests.argo.trade import Trade
from tests.fakes import FakeRedis, SteppingClock

MONDAY = datetime(2026, 3, 2, 15, 30, 0, 120042)  # noqa: DTZ001 - naive, as there

SIGNATURES = {
    "__init__": "(redis_client=None)",
    "record_signal_entry": (
        "(signal_id, asset_class, symbol, signal_type, entry_price, quantity, "
        "confidence, alpaca_order_id=None, exchange_order_id=None, regime=None, "
        "signal_entry_price=None, actual_entry_price=None, stop_price=None, "
        "target_price=None, filled_qty=None)"
    ),
    "record_signal_exit": (
        "(trade_id, exit_price, actual_exit_price=None, exit_reason=None, "
        "exit_method=None, exit_regime=None, commission=None)"
    ),
    "get_performance_stats": "(asset_class=None, days=30)",
    "get_recent_trades": "(limit=20)",
    "_get_trade": "(trade_id)",
    "_store_trade": "(trade)",
    "_get_recent_trades": "(days=30)",
}


@pytest.fixture
def tracker() -> UnifiedPerformanceTracker:
    """A tracker on whose clock an hour passes with each look."""
    made = UnifiedPerformanceTracker()
    made.now = SteppingClock(MONDAY, timedelta(hours=1))
    return made


def enter(tracker: UnifiedPerformanceTracker, **changes: Any) -> Trade:
    """Enter 50 AAPL at 187.20, with *changes*."""
    told: dict[str, Any] = {
        "signal_id": "SIG-1",
        "asset_class": "stock",
        "symbol": "AAPL",
        "signal_type": "long",
        "entry_price": 187.2,
        "quantity": 50,
        "confidence": 91.0,
    }
    return tracker.record_signal_entry(**(told | changes))


@pytest.mark.parametrize(("name", "expected"), SIGNATURES.items(), ids=SIGNATURES)
def test_signature_is_the_hosts(name: str, expected: str) -> None:
    """Names, order and defaults of each argument are those of Argo's tracker."""
    parameters = inspect.signature(
        getattr(UnifiedPerformanceTracker, name)
    ).parameters.values()
    shown = ", ".join(
        p.name if p.default is p.empty else f"{p.name}={p.default!r}"
        for p in parameters
        if p.name != "self"
    )
    assert f"({shown})" == expected


def test_trade_has_every_field_of_the_published_history(argo_file: Path) -> None:
    """Each published trade can be made again, and no field of ours is unknown there."""
    with argo_file.open(encoding="utf-8") as lines:
        published = json.loads(next(lines))

    assert set(published) == {field.name for field in fields(Trade)}
    assert asdict(Trade(**published)) == published


def test_entry_is_pending_and_named_after_its_microsecond(
    tracker: UnifiedPerformanceTracker,
) -> None:
    """Id and times come from the UTC clock, naive and with microseconds."""
    trade = enter(tracker)

    assert trade.id == "trade_20260302_153000_120042"
    assert trade.entry_timestamp == "2026-03-02T15:30:00.120042"
    assert trade.created_at == trade.updated_at == trade.entry_timestamp
    assert (trade.outcome, trade.exit_timestamp, trade.pnl_dollars) == (
        "pending",
        None,
        None,
    )


def test_entry_at_a_full_second_keeps_its_six_zeros(
    tracker: UnifiedPerformanceTracker,
) -> None:
    """A time of the host always has microseconds."""
    tracker.now = lambda: MONDAY.replace(microsecond=0)

    assert enter(tracker).entry_timestamp == "2026-03-02T15:30:00.000000"


def test_two_trades_of_one_microsecond_share_an_id(
    tracker: UnifiedPerformanceTracker,
) -> None:
    """Ids are no more unique than the clock: the second trade takes the first's."""
    tracker.now = lambda: MONDAY
    first, second = enter(tracker), enter(tracker, symbol="MSFT")

    assert first.id == second.id
    assert tracker._get_trade(first.id) is second


def test_hash_is_that_of_id_symbol_price_and_time(
    tracker: UnifiedPerformanceTracker,
) -> None:
    """Anybody who knows the four facts can verify a trade."""
    trade = enter(tracker)
    facts = f"{trade.id}AAPL187.2{trade.entry_timestamp}"

    assert trade.verification_hash == sha256(facts.encode()).hexdigest()


@pytest.mark.parametrize(
    ("filled_qty", "quantity", "is_partial"),
    [
        pytest.param(None, 50, False, id="nobody-knows"),
        pytest.param(50, 50, False, id="all"),
        pytest.param(20, 20, True, id="a-part"),
        pytest.param(0, 0, False, id="nothing-yet"),
        pytest.param(0.0, 0.0, False, id="nothing-yet-as-float"),
    ],
)
def test_filled_quantity_wins_also_where_it_is_zero(
    tracker: UnifiedPerformanceTracker,
    filled_qty: float | None,
    quantity: float,
    is_partial: bool,
) -> None:
    """An order that has not filled yet is a trade of 0 shares."""
    trade = enter(tracker, filled_qty=filled_qty)

    assert trade.quantity == quantity
    assert trade.filled_qty == filled_qty
    assert trade.partial_fill is is_partial


def test_entry_price_is_the_fill(tracker: UnifiedPerformanceTracker) -> None:
    """The signalled price is kept apart, and the slippage is the difference."""
    trade = enter(tracker, actual_entry_price=187.5, signal_entry_price=187.0)

    assert (trade.entry_price, trade.actual_entry_price) == (187.5, 187.5)
    assert trade.signal_entry_price == 187.0
    assert trade.slippage_entry == pytest.approx(0.5)
    assert trade.slippage_entry_pct == pytest.approx(50 / 187)


@pytest.mark.parametrize(
    ("side", "exit_price", "commission", "dollars", "percent", "outcome"),
    [
        pytest.param("long", 189.2, None, 100.0, 200 / 187.2, "win", id="long-gains"),
        pytest.param("long", 186.2, None, -50.0, -100 / 187.2, "loss", id="long-loses"),
        pytest.param("short", 186.2, None, 50.0, 100 / 187.2, "win", id="short-gains"),
        pytest.param(
            "short", 188.2, None, -50.0, -100 / 187.2, "loss", id="short-loses"
        ),
        pytest.param(
            "long", 187.22, 2.5, -1.5, 2 / 187.2, "loss", id="commission-eats-the-gain"
        ),
        pytest.param("long", 187.2, None, 0.0, 0.0, "loss", id="neither"),
    ],
)
def test_exit_fills_in_the_result(
    tracker: UnifiedPerformanceTracker,
    side: str,
    exit_price: float,
    commission: float | None,
    dollars: float,
    percent: float,
    outcome: str,
) -> None:
    """Dollars are net of the commission, percents are the price's alone."""
    entered = enter(tracker, signal_type=side)
    trade = tracker.record_signal_exit(entered.id, exit_price, commission=commission)

    assert trade is entered
    assert trade.pnl_dollars == pytest.approx(dollars)
    assert trade.pnl_percent == pytest.approx(percent)
    assert trade.outcome == outcome
    assert trade.commission == commission
    assert trade.holding_period_hours == 1.0
    assert trade.exit_timestamp == trade.updated_at == "2026-03-02T16:30:00.120042"


def test_exit_is_reckoned_from_the_fills(tracker: UnifiedPerformanceTracker) -> None:
    """The signalled exit stays in its field; P&L comes from the actual prices."""
    entered = enter(tracker, actual_entry_price=187.0)
    trade = tracker.record_signal_exit(entered.id, 190.0, actual_exit_price=189.0)

    assert trade is not None
    assert (trade.exit_price, trade.actual_exit_price) == (190.0, 189.0)
    assert trade.pnl_dollars == pytest.approx(100.0)
    assert trade.slippage_exit == pytest.approx(-1.0)


def test_exit_of_an_unknown_trade_is_none(tracker: UnifiedPerformanceTracker) -> None:
    """Another process's trade is not in this tracker's memory."""
    assert tracker.record_signal_exit("trade_of_another_process", 1.0) is None


def test_reconciled_order_is_stored_without_being_recorded(
    tracker: UnifiedPerformanceTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job knows what was filled, at which average, and what was cancelled."""
    stored: list[Trade] = []
    trade = enter(tracker, filled_qty=20)
    monkeypatch.setattr(tracker, "_store_trade", stored.append)

    assert tracker.reconcile_order(trade.id, 50, 187.5) is trade
    assert (trade.filled_qty, trade.quantity) == (50, 50)
    assert (trade.entry_price, trade.actual_entry_price) == (187.5, 187.5)
    assert trade.partial_fill
    assert not trade.cancelled
    assert trade.created_at < trade.updated_at == "2026-03-02T16:30:00.120042"

    tracker.reconcile_order(trade.id, 20, is_cancelled=True)
    assert (trade.filled_qty, trade.entry_price, trade.cancelled) == (20, 187.5, True)
    assert stored == [trade, trade]
    assert tracker.reconcile_order("trade_of_another_process", 1) is None


def test_everything_is_stored_through_one_method(
    tracker: UnifiedPerformanceTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever watches it sees each entry, each exit and each correction."""
    stored: list[tuple[float | None, float | None]] = []
    store = tracker._store_trade

    def watched(trade: Trade) -> None:
        stored.append((trade.filled_qty, trade.exit_price))
        store(trade)

    monkeypatch.setattr(tracker, "_store_trade", watched)
    trade = enter(tracker)
    tracker.reconcile_order(trade.id, 20)
    tracker.record_signal_exit(trade.id, 190.0)

    assert stored == [(None, None), (20, None), (20, 190.0)]


def test_trade_handed_out_is_the_stored_one(tracker: UnifiedPerformanceTracker) -> None:
    """Whoever keeps a trade sees it change when it is closed."""
    trade = enter(tracker)
    tracker.record_signal_exit(trade.id, 190.0)

    assert trade.exit_price == 190.0
    assert tracker._get_trade(trade.id) is trade


def test_trades_are_enumerated_by_their_day_of_entry() -> None:
    """``_get_recent_trades`` knows all; the host's API shows a week, latest first."""
    tracker = UnifiedPerformanceTracker()
    tracker.now = SteppingClock(MONDAY, timedelta(days=4))
    old, middle, young = (enter(tracker) for _ in range(3))
    tracker.now = lambda: MONDAY + timedelta(days=10)

    assert tracker._get_recent_trades(days=30) == [old, middle, young]
    assert tracker._get_recent_trades(days=7) == [middle, young]
    assert [t["id"] for t in tracker.get_recent_trades()] == [young.id, middle.id]
    assert [t["id"] for t in tracker.get_recent_trades(limit=1)] == [young.id]


def test_statistics_count_what_is_closed(tracker: UnifiedPerformanceTracker) -> None:
    """Win rate and P&L are of closed trades, for one asset class or all."""
    won, lost = enter(tracker), enter(tracker, asset_class="crypto", symbol="BTC-USD")
    enter(tracker, symbol="MSFT")
    tracker.record_signal_exit(won.id, 189.2)
    tracker.record_signal_exit(lost.id, 186.2)

    stats = tracker.get_performance_stats()
    assert (stats["total_trades"], stats["completed_trades"]) == (3, 2)
    assert (stats["wins"], stats["losses"], stats["win_rate"]) == (1, 1, 50.0)
    assert stats["total_pnl_dollars"] == pytest.approx(50.0)
    assert tracker.get_performance_stats("crypto")["total_trades"] == 1


def test_statistics_of_nothing_are_zero() -> None:
    """No trades are no error."""
    assert UnifiedPerformanceTracker().get_performance_stats()["win_rate"] == 0.0


def test_two_trackers_know_their_own_trades_only() -> None:
    """Several trackers live in one process without seeing each other."""
    one, other = UnifiedPerformanceTracker(), UnifiedPerformanceTracker()
    trade = enter(one)

    assert other._get_trade(trade.id) is None
    assert other._get_recent_trades() == []


def test_trackers_share_what_is_in_redis() -> None:
    """With Redis a trade can be closed by a process that did not enter it."""
    redis = FakeRedis()
    one, other = UnifiedPerformanceTracker(redis), UnifiedPerformanceTracker(redis)
    entered = enter(one)

    closed = other.record_signal_exit(entered.id, 190.0)

    assert closed is not None
    assert closed.id == entered.id
    assert closed is not entered
    assert [trade.id for trade in other._get_recent_trades()] == [entered.id]

"""
Trades made up by rule, of the kind that Argo makes; the same on every machine.

Sixteen symbols, some three trades in two days, held from a day to two weeks: so that
positions in one symbol overlap as often as in the history that Argo published.
"""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from argo_tradervue_plugin.model.executions import EventKind
from tests.argo.trade import Trade, hash_of, id_at, text_of, utc_now

__all__ = ["Event", "events", "made"]

STOCKS: Final = (
    *("AAPL", "AMD", "AMZN", "AVGO", "GOOGL", "META", "MSFT"),
    *("NFLX", "NVDA", "ORCL", "QQQ", "SPY", "TSLA"),
)
COINS: Final = ("BTC-USD", "ETH-USD", "SOL-USD")
HOURS_BETWEEN: Final = (1, 4, 10, 22, 46)
HOURS_HELD: Final = (18, 42, 66, 90, 114, 162, 330)
COMMISSION: Final = 2.0  # dollars, round trip

# What a host does not know before the exit.
OPEN: Final[dict[str, Any]] = {
    "exit_price": None,
    "exit_timestamp": None,
    "holding_period_hours": None,
    "pnl_dollars": None,
    "pnl_percent": None,
    "outcome": "pending",
    "actual_exit_price": None,
    "exit_reason": None,
    "exit_method": None,
    "exit_regime": None,
    "commission": None,
}


@attrs.frozen
class Event:
    """What a host calls a hook for: the trade as it stands at that moment."""

    kind: EventKind
    trade: Trade


def made(number: int, *, seed: int = 1) -> list[Trade]:
    """
    Return *number* closed trades in the order of their entries, the last one closed.

    Those of two seeds have no id in common.
    """
    dice = random.Random(seed)
    moments, moment = [], timedelta()
    for _ in range(number):
        moment += timedelta(
            hours=dice.choice(HOURS_BETWEEN), seconds=dice.randrange(60)
        )
        moments.append(moment)
    start = utc_now() - moment - timedelta(hours=HOURS_HELD[-1] + 1)
    # An id repeats its microsecond, and so two seeds never meet in one.
    start = start.replace(microsecond=seed % 1_000_000)
    return [one(dice, start + after) for after in moments]


def one(dice: random.Random, entered: datetime) -> Trade:
    """Return a closed trade entered at *entered*."""
    is_coin = dice.random() < 0.1
    symbol = dice.choice(COINS if is_coin else STOCKS)
    price = round(dice.uniform(20, 500), 2)
    left_at = round(price * dice.uniform(0.95, 1.06), 2)
    quantity = round(10_000 / price, 6) if is_coin else 10_000 // price
    held = timedelta(hours=dice.choice(HOURS_HELD))
    gain = (left_at - price) * quantity - COMMISSION
    at, until = text_of(entered), text_of(entered + held)
    trade_id = id_at(entered)
    return Trade(
        id=trade_id,
        signal_id=f"SIG-{dice.randrange(10**6):06}",
        asset_class="crypto" if is_coin else "stock",
        symbol=symbol,
        signal_type="long",
        entry_price=price,
        quantity=quantity,
        entry_timestamp=at,
        confidence=round(dice.uniform(60, 99), 1),
        verification_hash=hash_of(trade_id, symbol, price, at),
        exit_price=left_at,
        exit_timestamp=until,
        holding_period_hours=held / timedelta(hours=1),
        pnl_dollars=round(gain, 2),
        pnl_percent=round(100 * (left_at - price) / price, 2),
        outcome="win" if gain > 0 else "loss",
        alpaca_order_id=f"{dice.getrandbits(128):032x}",
        created_at=at,
        updated_at=until,
        regime=dice.choice(("BULL", "BEAR", "CHOP")),
        exit_regime="UNKNOWN",
        exit_reason=dice.choice(("stop_loss", "take_profit")),
        exit_method="automatic",
        signal_entry_price=price,
        actual_entry_price=price,
        actual_exit_price=left_at,
        slippage_entry=0.0,
        slippage_entry_pct=0.0,
        commission=COMMISSION,
        stop_price=round(price * 0.975, 3),
        target_price=round(price * 1.05, 3),
        filled_qty=quantity,
    )


def events(trades: Iterable[Trade]) -> list[Event]:
    """Return the entries and exits of *trades* in the order of their times."""
    found = []
    for trade in trades:
        entered = Event(
            EventKind.ENTRY, replace(trade, **OPEN, updated_at=trade.created_at)
        )
        found.append((trade.entry_timestamp, entered))
        found.append((trade.exit_timestamp or "", Event(EventKind.EXIT, trade)))
    return [event for _, event in sorted(found, key=lambda pair: pair[0])]

"""Trade files made up by rule: the same seed always gives the same trades."""

import json
import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

__all__ = ["generated", "write"]

OPENING: Final = datetime(2026, 2, 27, 14, 30, 5)  # noqa: DTZ001 - the host's are naive
SYMBOLS: Final = ("AAPL", "NVDA", "SPY", "TSLA")
COINS: Final = ("BTC-USD", "ETH-USD")


def generated(seed: int, number: int = 150) -> list[dict[str, Any]]:
    """
    Return *number* trades in order of entry, as a host holds them in the end.

    Positions overlap in each symbol, a third is short, coins come in fractions, some
    trades are equal to another in everything but their ids (twins), some re-enter
    within minutes of an exit, a few are still open.
    """
    dice = random.Random(seed)
    trades: list[dict[str, Any]] = []
    moment = OPENING
    while len(trades) < number:
        moment += timedelta(seconds=dice.choice((0, 1, 7, 60, 400, 3000)))
        trade = one(dice, len(trades), moment)
        trades.append(trade)
        follow = dice.random()
        if follow < 0.1 and len(trades) < number:
            trades.append(twin_of(trade, len(trades)))
        elif follow < 0.25 and trade["exit_timestamp"] and len(trades) < number:
            again = datetime.fromisoformat(trade["exit_timestamp"])
            again += timedelta(minutes=dice.randint(1, 9))
            trades.append(one(dice, len(trades), again, symbol=trade["symbol"]))
    return sorted(trades, key=lambda trade: str(trade["entry_timestamp"]))


def one(
    dice: random.Random, number: int, moment: datetime, symbol: str | None = None
) -> dict[str, Any]:
    """Return one trade entered at *moment*."""
    symbol = symbol or dice.choice(SYMBOLS + COINS)
    is_coin = symbol in COINS
    is_long = is_coin or dice.random() < 0.66
    price = round(dice.uniform(20, 500), 2)
    leaves_at = round(price * dice.uniform(0.95, 1.06), 2)
    quantity = round(dice.uniform(0.01, 4), 6) if is_coin else dice.randint(1, 400)
    entered = moment + timedelta(microseconds=dice.randrange(1_000_000))
    left = entered + timedelta(seconds=dice.choice((0, 30, 900, 7200, 90_000)))
    is_open = dice.random() < 0.05
    gain = (leaves_at - price) * quantity * (1 if is_long else -1)
    stop = round(price * (0.97 if is_long else 1.03), 2)
    return {
        "id": f"trade_{entered:%Y%m%d_%H%M%S}_{number:06}",
        "signal_id": f"SIG-{number:06}",
        "asset_class": "crypto" if is_coin else "stock",
        "symbol": symbol,
        "signal_type": "long" if is_long else "short",
        "entry_price": price,
        "actual_entry_price": price,
        "quantity": quantity,
        "filled_qty": quantity,
        "entry_timestamp": entered.isoformat(timespec="microseconds"),
        "exit_timestamp": None if is_open else left.isoformat(timespec="microseconds"),
        "exit_price": None if is_open else leaves_at,
        "actual_exit_price": None if is_open else leaves_at,
        "pnl_dollars": None if is_open else round(gain, 2),
        "outcome": "pending" if is_open else "win" if gain > 0 else "loss",
        "confidence": round(dice.uniform(60, 99), 1),
        "verification_hash": f"{dice.getrandbits(128):032x}",
        "exit_reason": None if is_open else dice.choice(("stop_loss", "take_profit")),
        "commission": None if is_open or is_coin else 2.0,
        "stop_price": stop,
        "target_price": round(price * (1.05 if is_long else 0.95), 2),
        "regime": dice.choice(("BULL", "BEAR", "CHOP")),
        "expired": False,
        "cancelled": False,
        "partial_fill": False,
        "rejection_reason": None,
    }


def twin_of(trade: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return a trade with the very executions of *trade*, to the second."""
    entered = datetime.fromisoformat(trade["entry_timestamp"])
    return {
        **trade,
        "id": f"trade_{entered:%Y%m%d_%H%M%S}_{number:06}",
        "signal_id": f"SIG-{number:06}",
        "verification_hash": f"{number:032x}",
    }


def write(trades: Iterable[Mapping[str, Any]], path: Path) -> Path:
    """Write *trades* to *path*, a JSON object a line; return the path."""
    lines = [json.dumps(trade) for trade in trades]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path

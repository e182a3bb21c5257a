"""A host that lives through a file of trades again, entry by entry, exit by exit."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, Literal

import attrs
import pluggy

__all__ = ["BrokenFile", "Event", "ReplayedTracker", "load", "merged"]

# What a host does not know before the exit.
EXIT_FIELDS: Final = {
    "exit_price": None,
    "actual_exit_price": None,
    "exit_timestamp": None,
    "holding_period_hours": None,
    "pnl_dollars": None,
    "pnl_percent": None,
    "outcome": "pending",
    "exit_reason": None,
    "exit_method": None,
    "exit_regime": None,
    "slippage_exit": None,
    "slippage_exit_pct": None,
    "commission": None,
}


class BrokenFile(Exception):
    """A line of the file is no trade at all; the text names file, line and fault."""


@attrs.frozen
class Event:
    """The entry or the exit of the trade on line *index* (from 0) of the file."""

    kind: Literal["entry", "exit"]
    index: int


def load(path: Path, limit: int | None = None) -> list[dict[str, Any]]:
    """
    Read the first *limit* trades of a file with a JSON object on each line.

    Raises:
        BrokenFile: at the first line that is none; nothing was played then.
    """
    trades: list[dict[str, Any]] = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if limit is not None and len(trades) >= limit:
                    break
                if line.strip():
                    trades.append(parse(line, f"{path}, line {number}"))
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenFile(f"{path}: {error}") from error
    return trades


def parse(line: str, where: str) -> dict[str, Any]:
    """Return the JSON object on *line*."""
    try:
        trade = json.loads(line)
    except ValueError as error:
        raise BrokenFile(f"{where}: not JSON: {error}") from error
    if not isinstance(trade, dict):
        raise BrokenFile(f"{where}: a JSON object is expected, not {trade!r:.40}")
    missing = [
        name for name in ("id", "symbol", "entry_timestamp") if name not in trade
    ]
    if missing:
        raise BrokenFile(f"{where}: no {' and no '.join(missing)}: this is no trade")
    return trade


def merged(trades: list[dict[str, Any]]) -> Iterator[Event]:
    """
    Yield the events of *trades* in the order in which a host lived them.

    A time that cannot be read leaves its event where the file has it: finding fault
    with it is the plugin's business.
    """
    events: list[tuple[datetime, int, int, Event]] = []
    entered = datetime.min  # noqa: DTZ901 - the host's times are naive
    for index, trade in enumerate(trades):
        entered = when(trade.get("entry_timestamp"), entered)
        events.append((entered, 0, index, Event("entry", index)))
        if (
            trade.get("exit_timestamp") is not None
            or trade.get("exit_price") is not None
        ):
            left = max(when(trade.get("exit_timestamp"), entered), entered)
            events.append((left, 1, index, Event("exit", index)))
    return (event for *_, event in sorted(events, key=lambda e: e[:3]))


def when(value: object, otherwise: datetime) -> datetime:
    """Return the naive time in UTC that *value* says, or *otherwise*."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return otherwise
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


class ReplayedTracker:
    """
    Stands in for Argo's tracker: stores trades, hands them to hooks, mutates them.

    *trades* are the host's fields as they stood at the end.
    """

    def __init__(self, trades: list[dict[str, Any]]) -> None:
        self._final = trades
        self._stored: dict[int, SimpleNamespace] = {}

    def play(self, event: Event, plugins: pluggy.PluginManager) -> int:
        """Let *event* happen; return the nanoseconds that the plugins' hook took."""
        final = self._final[event.index]
        if event.kind == "entry":
            trade = SimpleNamespace(**{**final, **EXIT_FIELDS})
            self._stored[event.index] = trade
            hook = plugins.hook.on_trade_recorded
        else:
            trade = self._stored[event.index]
            vars(trade).update(final)
            hook = plugins.hook.on_position_closed
        start = time.perf_counter_ns()
        hook(trade=trade)
        return time.perf_counter_ns() - start

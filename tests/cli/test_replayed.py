"""A file of trades, and the host that lives through it again."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pluggy
import pytest

from argo_tradervue_plugin import hookspecs
from argo_tradervue_plugin.cli.replayed import (
    BrokenFile,
    Event,
    ReplayedTracker,
    load,
    merged,
)
from argo_tradervue_plugin.hookspecs import hookimpl

TRADE: dict[str, Any] = {
    "id": "t",
    "symbol": "AAPL",
    "entry_timestamp": "2026-03-05T14:30:00",
    "exit_timestamp": "2026-03-05T15:30:00",
    "exit_price": 12.5,
    "outcome": "win",
    "exit_reason": "take_profit",
    "commission": 2.0,
}


def closed(**changes: object) -> dict[str, Any]:
    """Return a trade as a line of a file has it."""
    return {**TRADE, **changes}


def write(tmp_path: Path, *lines: str) -> Path:
    """Write a file of *lines*."""
    path = tmp_path / "trades.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_every_line_is_a_trade(tmp_path: Path) -> None:
    """Blank lines are none, and the last one needs no end."""
    path = write(tmp_path, json.dumps(closed()), "", "  ", json.dumps(closed(id="u")))

    assert [trade["id"] for trade in load(path)] == ["t", "u"]


def test_limit_does_not_look_at_the_rest(tmp_path: Path) -> None:
    """What is broken behind it is nobody's business."""
    path = write(tmp_path, json.dumps(closed()), "broken")

    assert len(load(path, limit=1)) == 1


def test_empty_file_has_no_trades(tmp_path: Path) -> None:
    """It is not broken either."""
    assert load(write(tmp_path)) == []


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    """With the name of the file."""
    path = tmp_path / "trades.jsonl"
    path.write_bytes(b'{"id": "\xff"}\n')

    with pytest.raises(BrokenFile, match=str(path)):
        load(path)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        pytest.param("{", "line 2: not JSON", id="no JSON"),
        pytest.param("7", "line 2: a JSON object is expected, not 7", id="a number"),
        pytest.param("{}", "line 2: no id and no symbol and no entry", id="empty"),
        pytest.param('{"id":1,"symbol":2}', "line 2: no entry_timestamp", id="no time"),
    ],
)
def test_broken_line_is_named(tmp_path: Path, line: str, fault: str) -> None:
    """By its number, counted from 1, with what is wrong."""
    with pytest.raises(BrokenFile, match=fault):
        load(write(tmp_path, json.dumps(closed()), line))


def played(*trades: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the events of *trades* in their order."""
    return [(event.kind, event.index) for event in merged(list(trades))]


def test_events_come_in_the_order_of_their_times() -> None:
    """As a host lived them, entries and exits mixed."""
    first = closed(exit_timestamp="2026-03-05T18:00:00")
    second = closed(
        entry_timestamp="2026-03-05T15:00:00", exit_timestamp="2026-03-05T16:00:00"
    )

    assert played(first, second) == [
        ("entry", 0),
        ("entry", 1),
        ("exit", 1),
        ("exit", 0),
    ]


def test_entries_come_before_exits_of_the_same_moment() -> None:
    """A trade that was closed at once is opened first."""
    moment = {"entry_timestamp": "2026-03-05T14:30:00"}
    trade = closed(**moment, exit_timestamp="2026-03-05T14:30:00")

    assert played(trade, trade) == [
        ("entry", 0),
        ("entry", 1),
        ("exit", 0),
        ("exit", 1),
    ]


def test_open_trade_has_no_exit() -> None:
    """Neither time nor price: it is still held."""
    assert played(closed(exit_timestamp=None, exit_price=None)) == [("entry", 0)]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"exit_timestamp": None}, id="no time"),
        pytest.param({"exit_timestamp": "soon"}, id="unreadable time"),
        pytest.param({"exit_timestamp": "2026-03-05T10:00:00"}, id="before the entry"),
        pytest.param({"exit_price": None}, id="no price"),
    ],
)
def test_exit_with_a_fault_is_played_all_the_same(changes: dict[str, Any]) -> None:
    """Finding fault is the plugin's business; it never comes before its entry."""
    assert played(closed(**changes)) == [("entry", 0), ("exit", 0)]


def test_entry_with_a_fault_stays_where_the_file_has_it() -> None:
    """Between its neighbours."""
    trades = [
        closed(entry_timestamp="2026-03-05T14:00:00", exit_timestamp=None),
        closed(entry_timestamp="whenever", exit_timestamp=None),
        closed(entry_timestamp="2026-03-05T15:00:00", exit_timestamp=None),
    ]
    for trade in trades:
        trade["exit_price"] = None

    assert played(*trades) == [("entry", 0), ("entry", 1), ("entry", 2)]


def test_times_with_an_offset_are_compared_as_what_they_are() -> None:
    """The host's are naive and in UTC; others say what they are."""
    new_york = closed(
        entry_timestamp="2026-03-05T09:45:00-05:00",
        exit_timestamp=None,
        exit_price=None,
    )
    utc = closed(exit_timestamp=None, exit_price=None)

    assert played(new_york, utc) == [("entry", 1), ("entry", 0)]


class Noting:
    """A plugin that notes what it was handed, as it stood then."""

    def __init__(self) -> None:
        self.told: list[tuple[str, SimpleNamespace, dict[str, Any]]] = []

    @hookimpl
    def on_trade_recorded(self, trade: SimpleNamespace) -> None:
        """Note an entry."""
        self.told.append(("entry", trade, dict(vars(trade))))

    @hookimpl
    def on_position_closed(self, trade: SimpleNamespace) -> None:
        """Note an exit."""
        self.told.append(("exit", trade, dict(vars(trade))))


def test_host_hands_out_the_stored_trade_and_mutates_it() -> None:
    """At the entry nothing is known of the exit; the object is the same at both."""
    manager, noting = pluggy.PluginManager(hookspecs.PROJECT), Noting()
    manager.add_hookspecs(hookspecs)
    manager.register(noting)
    tracker = ReplayedTracker([closed()])
    for kind in ("entry", "exit"):
        tracker.play(Event(kind, 0), manager)

    (_, entered, before), (_, left, after) = noting.told
    assert entered is left
    assert before["exit_price"] is before["commission"] is before["exit_reason"] is None
    assert before["outcome"] == "pending"
    assert {name: after[name] for name in TRADE} == closed()

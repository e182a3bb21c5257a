"""Processes that are killed: nothing is lost, nothing doubled, time and again."""

import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.sandbox import Sandbox
from tests.journeys.generate import generated, write
from tests.journeys.reader import JournalReader, differences, expected_fills
from tests.journeys.replaying import finish, kill_when, start


def events_of(trades: list[dict[str, Any]]) -> int:
    """Return how many events *trades* are."""
    return sum(2 if trade["exit_timestamp"] else 1 for trade in trades)


def recorded(database: Path) -> int:
    """Return how many events were recorded so far, wherever they are by now."""
    spools = [f for f in Path(f"{database}-spool").glob("*") if f.is_dir()]
    waiting = sum(len(Spool(folder).waiting()) for folder in spools)
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as file,
    ):
        return waiting + int(
            file.execute(
                "SELECT (SELECT count(*) FROM inbox) "
                "+ (SELECT count(*) FROM executions)"
            ).fetchone()[0]
        )
    return waiting


def assert_right(
    sandbox: Sandbox, trades: list[dict[str, Any]], told: dict[str, Any]
) -> None:
    """See that the journal holds *trades*, each once, and that the replay says so."""
    with JournalReader(sandbox.url) as journal:
        assert differences(journal, trades) == []
        expected = Counter(fill for t in trades for fill in expected_fills(t))
        assert Counter(journal.all_executions()) == expected
    assert told["trades"] == told["verified"] == len(trades)
    assert told["events"] == events_of(trades)
    assert told["pending"] == told["quarantined"] == told["basic"] == 0


def test_generated_trades_hold_what_is_hard() -> None:
    """Overlaps, shorts, fractions, twins, re-entries and open ones are among them."""
    trades = generated(seed=1)
    sides = Counter(trade["signal_type"] for trade in trades)
    fills = Counter(fill for trade in trades for fill in expected_fills(trade))

    assert len({trade["id"] for trade in trades}) == len(trades) == 150
    assert min(sides.values()) > 20
    assert sum(trade["quantity"] % 1 != 0 for trade in trades) > 20
    assert sum(number > 1 for number in fills.values()) > 10
    assert sum(trade["exit_timestamp"] is None for trade in trades) > 2
    assert generated(seed=1) == trades
    assert generated(seed=2) != trades


def test_replay_that_is_killed_again_and_again_ends_right(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Killed while it records, and while it forwards, then run to the end."""
    sandbox.import_seconds = 0.05
    seed = 1
    dice = random.Random(seed)
    trades = generated(seed)
    file, database = write(trades, tmp_path / "trades.jsonl"), tmp_path / "outbox.db"

    first = dice.randint(1, events_of(trades) // 2)
    kill_when(start(sandbox, file, database), lambda: recorded(database) >= first)
    for _ in range(4):
        requests = sandbox.stats.requests
        wanted = requests.total() + dice.randint(1, 30)
        kill_when(start(sandbox, file, database), reaches(sandbox, wanted))
    told = finish(start(sandbox, file, database))

    assert_right(sandbox, trades, told)


def reaches(sandbox: Sandbox, wanted: int) -> Callable[[], bool]:
    """Tell whether the sandbox was asked that often."""
    return lambda: sandbox.stats.requests.total() >= wanted


@pytest.mark.parametrize(
    "status", ["queued", "succeeded"], ids=["import runs", "result unread"]
)
def test_replay_that_is_killed_around_an_import_ends_right(
    sandbox: Sandbox, tmp_path: Path, status: str
) -> None:
    """Sent and not told, or told and not read: the journal decides."""
    sandbox.import_seconds = None
    trades = generated(seed=3, number=30)
    file, database = write(trades, tmp_path / "trades.jsonl"), tmp_path / "outbox.db"
    process = start(sandbox, file, database)
    kill_when(process, lambda: sandbox.stats.import_count == 1)
    if status == "succeeded":
        sandbox.advance("argo", steps=2)
    sandbox.import_seconds = 0.05
    if status == "queued":
        second = start(sandbox, file, database)
        asked = sandbox.stats.requests["GET /imports"]
        kill_when(second, lambda: sandbox.stats.requests["GET /imports"] > asked)
        sandbox.advance("argo", steps=2)

    assert_right(sandbox, trades, finish(start(sandbox, file, database)))


def test_two_replays_at_once_forward_each_trade_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Both record everything into one outbox; one of them forwards, and is killed."""
    sandbox.import_seconds = 0.05
    trades = generated(seed=4, number=40)
    file, database = write(trades, tmp_path / "trades.jsonl"), tmp_path / "outbox.db"
    first = start(sandbox, file, database)
    second = start(sandbox, file, database)
    kill_when(first, reaches(sandbox, 20))

    assert_right(sandbox, trades, finish(second))


def test_crash_while_tradervue_is_down_loses_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Recorded, refused with 503, killed, and delivered when it is back."""
    sandbox.inject("server_error", times=None)
    trades = generated(seed=5, number=30)
    file, database = write(trades, tmp_path / "trades.jsonl"), tmp_path / "outbox.db"
    process = start(sandbox, file, database)
    events = events_of(trades)
    kill_when(
        process,
        lambda: recorded(database) >= events and sandbox.stats.requests.total() > 0,
    )
    sandbox.clear_faults()

    assert_right(sandbox, trades, finish(start(sandbox, file, database)))

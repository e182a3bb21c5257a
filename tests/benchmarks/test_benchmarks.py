"""The benchmarks work: what they measure is for the benchmarks themselves to say."""

import json
import math
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from tests.argo.trade import text_of, utc_now
from tests.benchmarks.__main__ import MEASUREMENTS, main
from tests.benchmarks.figures import Figure, Spread, percentile
from tests.benchmarks.filling import age, fill, template
from tests.benchmarks.rivals import installed
from tests.benchmarks.servers import running_journal
from tests.benchmarks.trades import events, made

DAY: Final = 86_400.0
ROOT: Final = Path(__file__).parents[2]
PROMISED: Final = (
    "hook_over_floor",
    "blocking_over_hook",
    "hook_p99_us_four_writers",
    "backfill_over_single_imports",
    "growth_time_ratio",
    "startup_over_bare",
    "requests_per_trade",
    "outage_hook_ratio",
    "outage_status_ratio",
    "outage_call_ratio",
)
ABSOLUTE: Final = (
    "hook_median_us",
    "hook_p99_us",
    "hook_longest_us",
    "hook_busy_median_us",
    "hook_four_writers_longest_us",
    "floor_median_us",
    "blocking_median_us",
    "backfill_per_second_0_2s",
    "live_per_second_0_2s",
    "single_per_second_0_2s",
    "record_us_1000_rows",
    "memory_mb_1000_rows",
    "startup_ms",
    "startup_bare_ms",
    "latency_ms",
    "metrics_first_ms",
    "metrics_repeated_ms",
    "metrics_after_over_first",
    "sql_per_event_backfill",
)


@pytest.mark.timeout(600)
def test_short_form_ends_with_one_line_that_holds_every_figure() -> None:
    """Ratios and absolute figures are numbers; a table comes before them."""
    command = [sys.executable, "-m", "tests.benchmarks", "--short", "--json"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    *table, last = ran.stdout.splitlines()
    told: dict[str, Any] = json.loads(last)
    for key in (*PROMISED, *ABSOLUTE):
        assert math.isfinite(told[key]), key
        assert told[key] > 0, key
    # Two sizes may take the very same memory; an idle plugin may do nothing at all.
    for key in ("growth_memory_mb", "idle_wakeups_per_second", "idle_requests"):
        assert told[key] >= 0, key
    assert {"cores", "python", "sqlite", "date"} <= told.keys()
    for key in PROMISED:
        assert any(key in line for line in table), key
    for name in MEASUREMENTS:
        assert f"{name}:" in ran.stderr, "it says what it measures"


def test_unknown_measurement_is_refused_with_the_names_of_all(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong name is an error of usage."""
    with pytest.raises(SystemExit) as refused:
        main(["--only", "weather"])
    assert refused.value.code == 2
    errors = capsys.readouterr().err
    assert all(name in errors for name in MEASUREMENTS)


def test_help_says_what_each_measurement_compares(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The first lines of the modules' texts are there, none of them missing."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out.splitlines()
    for name in MEASUREMENTS:
        (line,) = [line for line in told if line.startswith(f"  {name} ")]
        assert len(line.split()) > 3, line


def test_median_of_rounds_is_not_moved_by_a_round_that_was_disturbed() -> None:
    """Two quiet rounds outvote a third; percentiles and the longest are of all."""
    calm, disturbed = [1000, 2000, 3000], [90_000, 91_000, 95_000]
    spread = Spread([calm, disturbed, calm])
    assert spread.median == 2.0
    assert spread.longest == 95.0
    assert spread.p99 == 95.0
    assert spread.over(Spread([[1000], [91_000], [500]])) == 2.0


def test_percentile_is_one_of_the_values() -> None:
    """99 of a hundred values are no larger; of a few it is the largest."""
    assert percentile(range(1, 101), 99) == 100
    assert percentile(range(1, 1001), 99) == 991
    assert percentile([3, 1, 2], 99) == 3
    assert percentile([7], 50) == 7


@pytest.mark.parametrize(
    ("goal", "value", "is_met"),
    [
        ("≤ 2.5", 2.5, True),
        ("≤ 2.5", 2.51, False),
        ("≥ 50", 50, True),
        ("≥ 50", 49.9, False),
        ("", 1.0, None),
    ],
)
def test_goal_is_met_up_to_its_limit(
    goal: str, value: float, is_met: bool | None
) -> None:
    """A limit itself is good enough; a figure without a goal is neither."""
    assert Figure("key", value, "", "meaning", goal).is_met is is_met


def test_queue_that_is_not_installed_is_left_out_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rivals are an extra: without one of them the others still run."""
    pytest.importorskip("litequeue", reason="the rivals are in the group 'dev'")
    monkeypatch.setitem(sys.modules, "huey", None)  # as if it were not there
    monkeypatch.setitem(sys.modules, "persistqueue", None)
    told: list[str] = []
    (rival,) = installed(tmp_path, told.append)
    assert rival.name == "litequeue"
    assert told == [
        "persist-queue is not installed and left out",
        "huey is not installed and left out",
    ]
    times = rival.burst(events(made(2)))
    assert len(times) == 4
    assert min(times) > 0
    rival.close()


def test_made_trades_are_told_apart_and_happen_in_order() -> None:
    """No two have one id, nothing is left before it was entered, and all is past."""
    trades = made(40, seed=1) + made(40, seed=2)
    assert len({trade.id for trade in trades}) == 80
    happening = events(trades)
    assert len(happening) == 160
    entered: set[str] = set()
    for event in happening:
        if event.kind is EventKind.ENTRY:
            assert event.trade.exit_timestamp is None
            assert event.trade.outcome == "pending"
            entered.add(event.trade.id)
        else:
            assert event.trade.id in entered
            assert event.trade.exit_timestamp
            assert event.trade.exit_timestamp < text_of(utc_now())


def test_filled_outbox_looks_as_if_all_of_it_had_been_delivered(
    tmp_path: Path,
) -> None:
    """Every copy is synced, in a journal trade of its own, and as old as was asked."""
    with running_journal() as journal:
        source = template(journal, tmp_path / "template.db", 3)
    fill(source, tmp_path / "filled.db", 100, days=50, years=0.1)
    with closing(Outbox(Sqlite(tmp_path / "filled.db"))) as outbox:
        counts = {state: n for state, n in outbox.counts().items() if n}
        assert counts == {State.SYNCED: 102}
        snapshots = outbox.snapshots_since(0.0)
        assert len(snapshots) == 51
        assert len({each.journal_id for each in snapshots}) == 51
        some = snapshots[-1].trade_id
        assert [row.state for row in outbox.of_trade(some)] == [State.SYNCED] * 2
        assert [step.state for step in outbox.history(some)].count("synced") == 2
        assert outbox.snapshots_since(time.time() - 50 * DAY) == []
        assert outbox.next_due() is None
        assert outbox.unsettled() == []
    age(tmp_path / "filled.db", 100)
    with closing(Outbox(Sqlite(tmp_path / "filled.db"))) as outbox:
        assert outbox.snapshots_since(time.time() - 100 * DAY) == []
        assert len(outbox.snapshots_since(0.0)) == 51

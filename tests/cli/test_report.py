"""What a replay has to say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from argo_tradervue_plugin.cli.report import HookTimes, Tally, print_table, tally
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.outbox.records import State, outcome_of

ENTRY, EXIT = Kind.ENTRY, Kind.EXIT


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        ([], "pending"),
        ([State.SYNCED], "verified"),
        ([State.SYNCED, State.SYNCED], "verified"),
        ([State.SYNCED, State.LINKED], "pending"),
        ([State.SYNCED, State.NEW], "pending"),
        ([State.SENT, State.QUARANTINED], "pending"),
        ([State.SYNCED, State.QUARANTINED], "quarantined"),
        ([State.BASIC, State.QUARANTINED], "quarantined"),
        ([State.BASIC, State.BASIC], "basic"),
        ([State.SYNCED, State.SKIPPED], "skipped"),
        ([State.DISCARDED, State.SKIPPED], "discarded"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else value,
)
def test_worst_part_decides_how_a_trade_stands(
    states: list[State], outcome: str
) -> None:
    """Verified is only what was read back in all its parts."""
    assert outcome_of(states) == outcome


def test_every_trade_is_counted_once() -> None:
    """The parts add up to the trades of the file, known or not."""
    states = {
        "a": {ENTRY: State.SYNCED, EXIT: State.SYNCED},
        "b": {ENTRY: State.BASIC, EXIT: State.BASIC},
        "c": {ENTRY: State.SYNCED, EXIT: State.SENT},
        "d": {ENTRY: State.SKIPPED},
        "e": {ENTRY: State.QUARANTINED},
        "f": {ENTRY: State.DISCARDED},
        "another": {ENTRY: State.SYNCED},
    }
    counted = tally(["a", "b", "c", "d", "e", "f", "unknown"], states)

    assert counted == Tally(verified=1, basic=1, quarantined=2, skipped=1, pending=2)


def test_what_stands_otherwise_than_recorded_is_not_verified() -> None:
    """It differs, in the place of verified alone: the parts add up all the same."""
    states = {
        "a": {ENTRY: State.SYNCED, EXIT: State.SYNCED},
        "b": {ENTRY: State.SYNCED},
        "c": {ENTRY: State.SYNCED, EXIT: State.SENT},
        "d": {ENTRY: State.QUARANTINED},
    }
    counted = tally(states, states, {"b", "c", "d", "another"})

    assert counted == Tally(verified=1, differs=1, quarantined=1, pending=1)
    assert sum(counted.as_facts().values()) == len(states)


def test_what_differs_is_named_only_where_there_is_any() -> None:
    """The keys that scripts read stay the same in a run in which all went well."""
    assert "differs" not in Tally(verified=1).as_facts()
    assert Tally(differs=2).as_facts()["differs"] == 2


def test_no_trades_are_no_trades() -> None:
    """An empty file is told with zeros."""
    assert tally([], {}) == Tally()


def test_hook_times_are_told_in_microseconds() -> None:
    """Median, 99th percentile and the longest."""
    times = HookTimes.of([n * 1000 for n in range(1, 101)])

    assert times.median == 50.5
    assert times.longest == 100
    assert 98 < times.p99 <= 100


@given(calls=st.lists(st.integers(min_value=0, max_value=10**10), min_size=1))
def test_no_percentile_is_longer_than_the_longest(calls: list[int]) -> None:
    """However few calls there were."""
    times = HookTimes.of(calls)

    assert times.median <= times.p99 <= times.longest


def test_single_hook_call_is_all_three() -> None:
    """One event is enough for figures."""
    assert HookTimes.of([5000]) == HookTimes(median=5, p99=5, longest=5)


def test_table_has_a_row_for_each_fact() -> None:
    """Name and value, nothing else."""
    console = Console(width=60, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    print_table(console, {"trades": 3, "hook call": "5 µs"})
    console.file.close()

    lines = [line.split() for line in console.export_text().splitlines()]
    assert lines == [["trades", "3"], ["hook", "call", "5", "µs"]]

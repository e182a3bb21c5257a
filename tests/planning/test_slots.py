"""Positions that overlap in one symbol never share an account tag."""

import json
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.planning.slots import Span, lowest_free_slot, slot_tag

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    """Return the time so many hours after the start."""
    return START + timedelta(hours=hours)


def test_first_position_is_in_the_first_slot() -> None:
    """Nothing is taken, so nothing is near."""
    assert lowest_free_slot(at(0), None, [], DAY) == 1


@pytest.mark.parametrize(
    ("slot", "expected"), [(1, "argo"), (2, "argo-2"), (11, "argo-11")]
)
def test_tag_counts_from_the_second_slot(slot: int, expected: str) -> None:
    """The first slot is the plain tag."""
    assert slot_tag("argo", slot) == expected


@pytest.mark.parametrize(
    ("start", "end", "taken", "cooldown", "expected"),
    [
        pytest.param(0, 1, [(1, 2, 3)], 0, 1, id="before"),
        pytest.param(4, 5, [(1, 2, 3)], 0, 1, id="after"),
        pytest.param(2.5, 5, [(1, 2, 3)], 0, 2, id="overlap"),
        pytest.param(0, 9, [(1, 2, 3)], 0, 2, id="around"),
        pytest.param(3, 4, [(1, 2, 3)], 0, 2, id="in-the-very-second-of-the-close"),
        pytest.param(1, 2, [(1, 2, 3)], 0, 2, id="closes-in-the-second-of-an-opening"),
        pytest.param(26, 27, [(1, 2, 3)], 24, 2, id="within-the-cool-down"),
        pytest.param(27.1, 28, [(1, 2, 3)], 24, 1, id="after-the-cool-down"),
        pytest.param(0, 1, [(1, 24, 30)], 24, 2, id="cool-down-of-the-new-one"),
        pytest.param(5, None, [(1, 2, None)], 0, 2, id="both-open"),
        pytest.param(0, 1, [(1, 2, None)], 0, 1, id="closed-before-an-open-one"),
        pytest.param(0, None, [(1, 2, 3)], 0, 2, id="open-before-a-closed-one"),
        pytest.param(5, None, [(1, 2, 3)], 0, 1, id="open-after-a-closed-one"),
        pytest.param(0, 9, [(1, 1, 2), (2, 3, 4), (4, 5, 6)], 0, 3, id="lowest-free"),
        pytest.param(0, 9, [(2, 1, 2), (3, 1, 2)], 0, 1, id="first-is-free"),
    ],
)
def test_slot_is_the_lowest_in_which_nothing_is_near(
    start: float,
    end: float | None,
    taken: list[tuple[int, float, float | None]],
    cooldown: float,
    expected: int,
) -> None:
    """Near is overlapping, or less than the cool-down apart, on either side."""
    spans = [
        Span(slot, at(begin), None if close is None else at(close))
        for slot, begin, close in taken
    ]
    ends = None if end is None else at(end)

    found = lowest_free_slot(at(start), ends, spans, timedelta(hours=cooldown))

    assert found == expected


positions = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 40) | st.none()), max_size=25
)
cooldowns = st.integers(0, 24).map(lambda hours: timedelta(hours=hours))


def too_near(one: Span, other: Span, cooldown: timedelta) -> bool:
    """Tell whether two positions overlap or come nearer than *cooldown*."""
    first, second = sorted((one, other), key=lambda span: span.start)
    return first.end is None or second.start <= first.end + cooldown


@given(positions, cooldowns)
def test_no_two_positions_in_one_slot_come_near(
    lengths: list[tuple[int, int | None]], cooldown: timedelta
) -> None:
    """In whatever order they are told, and some of them still open."""
    taken: list[Span] = []
    for start, length in lengths:
        end = None if length is None else at(start + length)
        slot = lowest_free_slot(at(start), end, taken, cooldown)
        taken.append(Span(slot, at(start), end))

    for one, other in combinations(taken, 2):
        assert one.slot != other.slot or not too_near(one, other, cooldown)


@given(positions, cooldowns)
def test_slot_is_never_higher_than_need_be(
    lengths: list[tuple[int, int | None]], cooldown: timedelta
) -> None:
    """Every lower slot holds a position that is too near."""
    taken: list[Span] = []
    for start, length in lengths:
        end = None if length is None else at(start + length)
        slot = lowest_free_slot(at(start), end, taken, cooldown)
        new = Span(slot, at(start), end)
        blocked = {s.slot for s in taken if too_near(s, new, cooldown)}
        assert blocked >= set(range(1, slot))
        taken.append(new)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 40)), max_size=25), cooldowns
)
def test_positions_as_a_host_lives_them_stay_apart(
    steps: list[tuple[int, int]], cooldown: timedelta
) -> None:
    """
    Entries come in order, and when each will be closed nobody knows yet.

    A slot given while a position was open stays right when its end is known.
    """
    now = 0
    lived: list[tuple[Span, datetime]] = []
    for pause, length in steps:
        now += pause
        known = [
            Span(span.slot, span.start, end if end <= at(now) else None)
            for span, end in lived
        ]
        slot = lowest_free_slot(at(now), None, known, cooldown)
        lived.append((Span(slot, at(now), None), at(now + length)))

    spans = [Span(span.slot, span.start, end) for span, end in lived]
    for one, other in combinations(spans, 2):
        assert one.slot != other.slot or not too_near(one, other, cooldown)


def test_published_history_needs_few_slots(argo_file: Path) -> None:
    """Up to seven positions overlap: with no cool-down they take as many slots."""
    by_symbol: dict[str, list[Span]] = {}
    with argo_file.open(encoding="utf-8") as lines:
        for line in lines:
            trade = json.loads(line)
            start, end = (
                datetime.fromisoformat(trade[name]).replace(microsecond=0, tzinfo=UTC)
                for name in ("entry_timestamp", "exit_timestamp")
            )
            taken = by_symbol.setdefault(trade["symbol"], [])
            slot = lowest_free_slot(start, end, taken, timedelta(0))
            taken.append(Span(slot, start, end))

    assert max(s.slot for spans in by_symbol.values() for s in spans) == 7

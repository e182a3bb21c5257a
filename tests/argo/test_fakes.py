"""The doubles that other tests lean on do what they say."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import fakes
from tests.fakes import (
    FakeRedis,
    Neighbour,
    SteppingClock,
    eventually,
    fake_distribution,
)


def test_neighbour_notes_calls_before_it_raises() -> None:
    """A raising neighbour has still seen what it raised about."""
    neighbour = Neighbour(ValueError("broken"))

    for call in (neighbour.on_trade_recorded, neighbour.on_position_closed):
        with pytest.raises(ValueError, match="broken"):
            call(SimpleNamespace(id="trade_1"))

    assert neighbour.entered == neighbour.left == ["trade_1"]


def test_clock_steps_at_each_look() -> None:
    """Two looks are one step apart, whatever the wall says."""
    start = datetime(2026, 3, 2, 15, 30)  # noqa: DTZ001 - naive, as the host's
    clock = SteppingClock(start, timedelta(microseconds=1))

    assert [clock(), clock()] == [start, start + timedelta(microseconds=1)]


def test_redis_gives_bytes_and_finds_names() -> None:
    """As the real client without decoding."""
    redis = FakeRedis()
    redis.set("trade:1", "{}")
    redis.set("other", "x")

    assert redis.get("trade:1") == b"{}"
    assert redis.get("trade:2") is None
    assert list(redis.scan_iter("trade:*")) == [b"trade:1"]


def test_eventually_waits_until_it_is_so() -> None:
    """The condition is looked at again until it holds."""
    answers: Iterator[bool] = iter([False, False, True])

    eventually(lambda: next(answers))

    assert list(answers) == []


def test_eventually_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not happen fails the test, in words."""
    monkeypatch.setattr(fakes, "LONGEST", 0.0)

    with pytest.raises(AssertionError, match="this did not happen: the sun rises"):
        eventually(lambda: False, "the sun rises")


def test_fake_distribution_is_found_as_an_installed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its entry point is listed and loads the module that came with it."""
    folder = fake_distribution(
        tmp_path / "site",
        {"fake_neighbour_1": "plugin = 42\n"},
        {"n": "fake_neighbour_1:plugin"},
    )
    monkeypatch.syspath_prepend(str(folder))

    points = entry_points(group="argo.plugins")

    assert points["n"].load() == 42

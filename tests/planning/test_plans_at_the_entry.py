"""The plan is the plan at the entry: which stop counts, and what is at risk."""

from decimal import Decimal

import pytest

from argo_tradervue_plugin.planning.plan import initial_risk
from tests.planning.story import Story


def risk(story: Story) -> Decimal | None:
    """Return the initial risk of a trade."""
    entries = [e for e in story.plan.executions if e.kind == "entry"]
    return initial_risk(story.record, entries)


def test_risk_is_the_distance_to_the_first_stop_times_the_size() -> None:
    """A stop that moved later changes nothing of it."""
    story = Story().enter(stop_price=95.0).correct(stop_price=99.0)
    assert risk(story) == 50
    assert risk(story.leave(stop_price=100.0)) == 50


def test_risk_grows_with_the_entry() -> None:
    """The size is that entered now."""
    story = Story().enter(filled_qty=3, stop_price=95.0).send()
    assert risk(story) == 15
    assert risk(story.correct(filled_qty=10)) == 50


@pytest.mark.parametrize("stop", [0, 100, 105, None, "tight", float("inf"), -5])
def test_stop_that_is_no_plan_is_no_risk(stop: object) -> None:
    """0, on the winning side, at the entry itself, or without sense."""
    assert risk(Story().enter(stop_price=stop)) is None


def test_first_stop_that_is_a_plan_counts() -> None:
    """The host recorded it a moment after the entry."""
    story = Story().enter(stop_price=0).correct(stop_price=95.0)
    assert risk(story) == 50


@pytest.mark.parametrize(("stop", "at_risk"), [(105.0, 50), (95.0, None)])
def test_losing_side_of_a_short_is_above_it(stop: float, at_risk: int | None) -> None:
    """A short loses when the price rises."""
    assert risk(Story().enter(signal_type="short", stop_price=stop)) == at_risk


def test_stop_that_comes_with_the_exit_is_no_plan() -> None:
    """It was recorded when nothing was at risk any more."""
    assert risk(Story().enter().leave(stop_price=95.0)) is None
    assert risk(Story().enter().leave().correct(stop_price=95.0)) is None


def test_of_a_trade_first_seen_closed_the_stop_at_the_close_is_known() -> None:
    """It counts if it is on the losing side, and the host does not move its stops."""
    assert risk(Story().leave(stop_price=95.0)) == 50
    assert risk(Story().leave(stop_price=105.0)) is None
    assert risk(Story(stops_move=True).leave(stop_price=95.0)) is None
    assert risk(Story(stops_move=True).enter(stop_price=95.0).leave()) == 50


def test_plan_stays_when_entry_and_exit_are_planned_together() -> None:
    """After an outage both events wait in the outbox."""
    story = Story().enter(stop_price=95.0).leave(stop_price=100.0)
    assert risk(story) == 50

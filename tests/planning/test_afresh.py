"""What the host has of a trade now, as if nothing of it had been sent yet."""

from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.planning.legs import Sent
from argo_tradervue_plugin.planning.recording import afresh
from tests.planning.story import CLOSED, Story, fills


def again(story: Story) -> Story:
    """Return the story with nothing sent, as a resend takes it."""
    return Story(record=afresh(story.record), sent=Sent())


def test_trade_that_nothing_happened_to_is_as_it_was() -> None:
    """It asks for the same executions."""
    story = Story().enter().leave().send()
    assert again(story).fills == story.fills
    assert again(story).plan.differs == ()


def test_correction_that_was_not_taken_is_now() -> None:
    """Size, price and time of the entry, for which it differed."""
    story = Story().enter().send()
    story.correct(quantity=7, entry_price=99.0, entry_timestamp="2026-03-05T14:00:00")
    assert story.plan.differs
    news = again(story)
    assert news.fills == [("14:00:00", "7", "99")]
    assert news.plan.differs == ()


def test_exit_that_came_after_all_was_closed_takes_its_place() -> None:
    """The host has one exit: the one it recorded last."""
    story = Story().enter().leave().send()
    story.leave(exit_price=120.0, exit_timestamp="2026-03-05T17:00:00")
    assert [d.code for d in story.plan.differs] == ["exit_changed"]
    news = again(story)
    assert news.fills == [("15:00:00", "10", "100"), ("17:00:00", "-10", "120")]
    assert news.plan.differs == ()


def test_earlier_exit_that_was_recorded_last_takes_its_place() -> None:
    """The order of recording says which is right, not that of the times."""
    story = Story().enter().leave().send()
    story.leave(exit_price=90.0, exit_timestamp="2026-03-05T15:30:00")
    assert [d.code for d in story.plan.differs] == ["time_changed"]
    news = again(story)
    assert news.fills == [("15:00:00", "10", "100"), ("15:30:00", "-10", "90")]
    assert news.plan.differs == ()


def test_parts_that_were_recorded_out_of_order_are_all_there() -> None:
    """They close what was entered, in the order of their times."""
    story = Story().enter()
    story.leave(quantity=4, exit_timestamp="2026-03-05T17:00:00").send()
    story.leave(quantity=6, exit_price=105.0, exit_timestamp="2026-03-05T16:00:00")
    assert [d.code for d in story.plan.differs] == ["time_changed"]
    news = again(story)
    assert news.fills == [
        ("15:00:00", "10", "100"),
        ("16:00:00", "-6", "105"),
        ("17:00:00", "-4", "110"),
    ]
    assert news.plan.differs == ()


def test_grown_leg_is_one_execution() -> None:
    """At the average that the host has."""
    story = Story().enter(filled_qty=3, partial_fill=True).send()
    story.correct(filled_qty=10, entry_price=101.0, updated_at="2026-03-05T15:10:00")
    assert len(story.fills) == 2
    story.send()
    assert again(story).fills == [("15:00:00", "10", "101")]


def test_exit_that_grew_keeps_its_parts() -> None:
    """Both are in the record, and close what they closed."""
    story = Story().enter().leave(quantity=4).send()
    story.leave(exit_price=112.0, exit_timestamp="2026-03-05T17:00:00").send()
    assert again(story).fills == story.fills


def test_order_that_was_given_up_has_no_executions() -> None:
    """It has no place in a journal."""
    story = Story().enter().send()
    story.correct(cancelled=True, filled_qty=0)
    news = again(story).plan
    assert news.executions == ()
    assert news.skipped == "not_filled"


def test_what_is_planned_twice_stays() -> None:
    """A record that was made afresh is what it is."""
    story = Story().enter().leave().send()
    story.leave(exit_price=120.0, exit_timestamp="2026-03-05T17:00:00")
    once = afresh(story.record)
    assert afresh(once) == once


def test_commission_stands_on_the_last_exit() -> None:
    """Also one that was learned late, and laid over."""
    story = Story().enter().leave().send()
    story.leave(commission=2.5)
    exits = [e for e in again(story).plan.executions if e.kind is Kind.EXIT]
    assert [f"{e.commission}" for e in exits] == ["2.5"]
    assert fills(exits) == [("16:00:00", "-10", "110")]


def test_entry_is_as_the_closed_trade_has_it() -> None:
    """The host has corrected its price and time after the exit."""
    story = Story().enter().leave().send()
    story.correct(**CLOSED, entry_price=99.5, entry_timestamp="2026-03-05T14:59:00")
    assert again(story).fills == [
        ("14:59:00", "10", "99.5"),
        ("16:00:00", "-10", "110"),
    ]


def test_size_of_an_exit_is_not_that_of_the_entry() -> None:
    """A host may set what remains, or what was closed, at the exit."""
    story = Story().enter().leave(quantity=4).send()
    assert again(story).fills == story.fills


def test_entry_that_makes_no_sense_at_the_exit_is_as_it_was() -> None:
    """What stood in the journal made sense."""
    story = Story().enter().leave(entry_price=0).send()
    assert again(story).fills == story.fills

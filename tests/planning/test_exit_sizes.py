"""How much was entered, how much was closed: what each event says of it."""

from decimal import Decimal

import pytest

from tests.planning.story import Story, fills

ENTRY = ("15:00:00", "10", "100")
EXIT = ("16:00:00", "-10", "110")


def test_entry_has_the_size_of_its_fill_and_otherwise_of_its_order() -> None:
    """A fill of 0 is an order that has not filled; without a fill the order counts."""
    assert Story().enter(filled_qty=4).fills == [("15:00:00", "4", "100")]
    assert Story().enter(filled_qty=None).fills == [ENTRY]
    assert Story().enter(filled_qty=0).plan.skipped == "not_filled"


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"filled_qty": 0}, id="what remains is 0"),
        pytest.param({"cancelled": True}, id="cancelled"),
        pytest.param({"expired": True}, id="expired"),
        pytest.param({"rejection_reason": "too late"}, id="rejected"),
        pytest.param({"filled_qty": 10, "quantity": 0}, id="quantity 0"),
    ],
)
def test_trade_first_seen_closed_is_sent_whatever_its_flags(
    facts: dict[str, object],
) -> None:
    """It has a price and a size; its exit closes all of it."""
    assert Story().leave(**facts).fills == [ENTRY, EXIT]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({}, id="as it was"),
        pytest.param({"cancelled": True}, id="cancelled"),
        pytest.param({"expired": True, "filled_qty": 0}, id="expired"),
        pytest.param({"rejection_reason": "x"}, id="rejected"),
        pytest.param({"filled_qty": 0}, id="filled 0"),
        pytest.param({"quantity": 0, "filled_qty": 0}, id="nothing remains"),
        pytest.param({"quantity": None}, id="no size"),
        pytest.param({"quantity": float("nan")}, id="NaN"),
        pytest.param({"quantity": float("inf")}, id="no sense"),
        pytest.param({"quantity": 10, "filled_qty": 10}, id="both as at the entry"),
    ],
)
@pytest.mark.parametrize("is_sent", [False, True], ids=["waiting", "sent"])
def test_exit_that_says_nothing_of_its_size_closes_everything(
    facts: dict[str, object], is_sent: bool
) -> None:
    """Whatever else the exit event carries: no position stays open because of it."""
    story = Story().enter(filled_qty=10)
    if is_sent:
        story.send()
    story.leave(**facts)

    assert story.fills == [ENTRY, EXIT]
    assert story.codes == set()


def test_figures_of_an_earlier_recording_say_nothing_of_the_exit() -> None:
    """Another worker still has the trade as it was before it was filled."""
    story = Story().enter(quantity=10, filled_qty=3)
    story.correct(quantity=10, filled_qty=10)
    assert story.leave(quantity=10, filled_qty=3).fills == [ENTRY, EXIT]


def test_smaller_of_two_new_figures_is_the_size_of_the_exit() -> None:
    """What says something of the exit differs from what the entry has recorded."""
    story = Story().enter(quantity=10, filled_qty=10).send()
    story.leave(quantity=6, filled_qty=4)
    assert story.fills == [ENTRY, ("16:00:00", "-4", "110")]


def test_exit_of_more_than_was_entered_closes_what_is_open() -> None:
    """Both figures are shown."""
    story = Story().enter(quantity=10).send().leave(quantity=25)
    assert story.fills == [ENTRY, EXIT]
    [differs] = story.plan.differs
    assert (differs.code, differs.host, differs.sent) == (
        "quantity_changed",
        "25",
        "10",
    )


@pytest.mark.parametrize("is_sent", [False, True], ids=["waiting", "sent"])
def test_parts_of_different_times_are_each_kept(is_sent: bool) -> None:
    """Entry 10, exits 4 and 6, recorded during an outage or one by one."""
    story = Story().enter()
    if is_sent:
        story.send()
    story.leave(quantity=4)
    if is_sent:
        story.send()
    story.leave(quantity=6, exit_price=120.0, exit_timestamp="2026-03-05T17:00:00")

    assert story.fills == [
        ENTRY,
        ("16:00:00", "-4", "110"),
        ("17:00:00", "-6", "120"),
    ]
    assert story.codes == set()


def test_commission_goes_on_the_part_that_closes() -> None:
    """The host knows one number for the round trip."""
    story = Story().enter().leave(quantity=4, commission=1.5)
    assert [e.commission for e in story.plan.executions] == [None, None]
    story.leave(quantity=6, exit_timestamp="2026-03-05T17:00:00", commission=2.5)
    assert [e.commission for e in story.plan.executions] == [None, None, Decimal("2.5")]


def test_exit_that_was_not_sent_is_replaced_by_one_that_closes_everything() -> None:
    """Time and price included."""
    story = Story().enter().send().leave()
    story.leave(exit_price=111.0, exit_timestamp="2026-03-05T15:59:00")
    assert story.fills == [ENTRY, ("15:59:00", "-10", "111")]


def later(**facts: object) -> dict[str, object]:
    """Return the facts of an exit an hour later."""
    return {"exit_timestamp": "2026-03-05T17:00:00", "exit_price": 120.0, **facts}


def test_exit_that_is_repeated_closes_nothing() -> None:
    """Late fields are taken: the commission that came with it."""
    story = Story().enter().send().leave(quantity=4).send()
    story.leave(quantity=4, commission=1.0)
    assert story.due == []
    assert story.record.commission == 1
    assert story.codes == set()


def test_exit_earlier_than_the_last_part_closes_nothing() -> None:
    """It is an outcome: the time."""
    story = Story().enter().send().leave(quantity=4).send()
    story.leave(quantity=3, exit_timestamp="2026-03-05T15:30:00")
    assert story.due == []
    assert story.codes == {"time_changed"}


def test_exit_of_the_same_time_and_a_larger_size_has_grown() -> None:
    """The difference is sent at the price that makes that exit right to the cent."""
    story = Story().enter().send().leave(quantity=4).send()
    story.leave(quantity=7, exit_price=112.0)
    assert story.due == [("16:00:00", "-3", "114.66666667")]
    four_and_three = 4 * Decimal(110) + 3 * Decimal("114.66666667")
    assert four_and_three.quantize(Decimal("0.01")) == 7 * 112


def test_exit_that_has_grown_beyond_what_is_open_takes_what_is_open() -> None:
    """And says so."""
    story = Story().enter().send().leave(quantity=4).send().leave(quantity=40)
    assert story.due == [("16:00:00", "-6", "110")]
    assert story.codes == {"quantity_changed"}


def test_exit_of_the_same_time_that_was_not_sent_is_as_recorded_last() -> None:
    """Its price and its size."""
    story = Story().enter().send().leave(quantity=4)
    story.leave(quantity=3, exit_price=109.0)
    assert story.due == [("16:00:00", "-3", "109")]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        pytest.param({"exit_price": 111.0}, "price_changed", id="price"),
        pytest.param({"quantity": 3}, "quantity_changed", id="less"),
    ],
)
def test_exit_of_the_same_time_that_was_sent_stays(
    facts: dict[str, object], code: str
) -> None:
    """The outcome goes away by itself when the host is back to what was sent."""
    story = Story().enter().send().leave(quantity=4).send()
    story.leave(**{"quantity": 4, **facts})
    assert story.due == []
    assert story.codes == {code}

    story.leave(quantity=4)
    assert story.codes == set()


def test_later_exit_of_a_closed_trade_closes_nothing() -> None:
    """Everything that was open is closed."""
    story = Story().enter().send().leave().send().leave(**later())
    assert story.due == []
    assert story.codes == {"exit_changed"}


def test_later_exit_of_what_is_open_leaves_the_rest_open() -> None:
    """4 and 3 of 10: 3 stay open, and nothing differs."""
    story = Story().enter().send().leave(quantity=4).send().leave(**later(quantity=3))
    assert story.due == [("17:00:00", "-3", "120")]
    assert sum(int(q) for _, q, _ in story.fills) == 3
    assert story.codes == set()


@pytest.mark.parametrize("quantity", [None, 10, 0], ids=["none", "whole", "zero"])
def test_later_exit_without_a_size_of_its_own_closes_the_rest_at_its_price(
    quantity: float | None,
) -> None:
    """Its price is that of the whole exit, which comes out right to the cent."""
    story = Story().enter().send().leave(quantity=4).send()
    story.leave(**later(quantity=quantity, exit_price=113.0))
    assert story.due == [("17:00:00", "-6", "115")]
    assert story.money == 10 * (113 - 100)
    assert story.codes == set()


def test_price_that_is_not_plausible_is_the_events_own() -> None:
    """A rest at 150 where 130 were the average is none: the difference is shown."""
    story = Story().enter().send().leave(quantity=8).send()
    story.leave(**later(exit_price=150.0))
    assert story.due == [("17:00:00", "-2", "150")]
    assert story.codes == {"price_changed"}


def test_later_exit_of_another_size_closes_what_is_open() -> None:
    """8 where 6 are open: both figures are shown."""
    story = Story().enter().send().leave(quantity=4).send().leave(**later(quantity=8))
    assert story.due == [("17:00:00", "-6", "120")]
    [differs] = story.plan.differs
    assert (differs.code, differs.host, differs.sent) == ("quantity_changed", "8", "6")


def test_exit_of_a_skipped_entry_waits_for_it() -> None:
    """It goes once the entry has a size and no flag any more."""
    story = Story().enter(filled_qty=0).leave(filled_qty=0)
    assert story.plan.skipped == "not_filled"
    story.correct(filled_qty=10)
    assert story.fills == [ENTRY, EXIT]


def test_exits_of_a_skipped_entry_keep_their_own_sizes() -> None:
    """Two parts were recorded before anybody knew how much had been filled."""
    story = Story().enter(filled_qty=0)
    story.leave(quantity=4, filled_qty=0).leave(**later(quantity=6, filled_qty=0))
    assert story.plan.skipped == "not_filled"
    story.correct(filled_qty=10)
    assert story.fills == [ENTRY, ("16:00:00", "-4", "110"), ("17:00:00", "-6", "120")]


def test_exit_makes_a_skipped_entry_real_with_a_sign_of_filling() -> None:
    """The exit event is the first to say that the order was filled."""
    story = Story().enter(filled_qty=0, cancelled=True).leave(filled_qty=10)
    assert story.fills == [ENTRY, EXIT]
    flagged = Story().enter(filled_qty=0).leave(filled_qty=10, cancelled=True)
    assert flagged.plan.skipped == "cancelled"


def test_exit_without_sense_says_which_field() -> None:
    """The entry is not touched; a later exit with sense closes the position."""
    story = Story().enter().send().leave(exit_price=float("inf"))
    assert story.fault is not None
    assert story.fault.field == "exit_price"
    assert story.fills == [ENTRY]
    story.leave()
    assert story.fault is None
    assert story.fills == [ENTRY, EXIT]


def test_entry_and_symbol_of_a_known_trade_need_not_make_sense_at_its_exit() -> None:
    """Needed are the id, the price and the time: the rest comes from the trade."""
    story = Story().enter().send()
    story.leave(symbol=None, signal_type="?", entry_price="cheap", commission="free")
    assert story.fault is None
    assert story.fills == [ENTRY, EXIT]


def test_growth_of_an_exit_that_was_not_sent_is_as_recorded_last() -> None:
    """4 were sent; 7, and then 6 at the same time: 2 more are closed."""
    story = Story().enter().send().leave(quantity=4).send()
    story.leave(quantity=7).leave(quantity=6)
    assert [quantity for _, quantity, _ in story.due] == ["-2"]
    assert story.codes == set()

    story.leave(quantity=3)
    assert story.due == []
    assert story.codes == {"quantity_changed"}


def test_whole_exit_that_was_not_sent_stays_one_when_its_price_changes() -> None:
    """The price is that of the whole, before and after."""
    story = Story().enter().send().leave(quantity=4).send()
    story.leave(**later(quantity=None, exit_price=113.0))
    story.leave(**later(quantity=None, exit_price=114.0))
    assert round(story.money, 2) == 10 * (114 - 100)


def test_whole_exit_is_what_its_parts_in_the_journal_come_to() -> None:
    """After a lost outbox only executions are known: 4 at 110 and 6 at 115 are 113."""
    first = Story().enter(filled_qty=10).send()
    first = first.leave(filled_qty=4, exit_price=110.0).send()
    last: dict[str, object] = {
        "exit_price": 113.0,
        "exit_timestamp": "2026-03-05T17:00:00.500000",
    }
    there = first.leave(filled_qty=10, **last).send()
    assert fills(there.sent.exits.values()) == [
        ("16:00:00", "-4", "110"),
        ("17:00:00", "-6", "115"),
    ]

    relinked = Story(sent=there.sent).leave(filled_qty=10, **last)
    assert (relinked.codes, relinked.due) == (set(), [])

    last["exit_price"] = 112.0
    otherwise = Story(sent=there.sent).leave(filled_qty=10, **last)
    assert "price_changed" in otherwise.codes


def test_part_of_an_exit_does_not_make_an_entry_in_the_journal_smaller() -> None:
    """After a lost outbox an exit of 4 may be all that is recorded of it."""
    there = Story().enter(filled_qty=10).send().leave(filled_qty=4).send()
    relinked = Story(sent=there.sent).leave(filled_qty=4)

    assert (relinked.codes, relinked.due) == (set(), [])
    last = relinked.leave(filled_qty=10, exit_timestamp="2026-03-05T17:00:00")
    assert (last.codes, last.due) == (set(), [("17:00:00", "-6", "110")])

"""What the host changes after a trade was sent: what follows, and what is shown."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.planning.legs import completing
from tests.planning.story import Story

ENTRY = ("15:00:00", "10", "100")
SAME_DAY = "2026-03-05T15:10:00"
NEXT_DAY = "2026-03-06T15:10:00"


def sent(**facts: object) -> Story:
    """Return a trade whose entry was sent as recorded with *facts*."""
    return Story().enter(**facts).send()


def test_rest_of_an_order_is_sent_at_the_price_that_makes_the_leg_right() -> None:
    """10 at an average of 101.0 after 3 at 100.0: 7 more at 101.42857143."""
    story = sent(filled_qty=3)
    story.correct(filled_qty=10, entry_price=101.0)
    assert story.due == [("15:00:00", "7", "101.42857143")]
    assert story.codes == set()


SIGNS = [
    pytest.param({"filled_qty": 3}, {"filled_qty": 10}, id="first partial"),
    pytest.param(
        {"quantity": None, "filled_qty": 3, "partial_fill": True},
        {"filled_qty": 10},
        id="partial_fill was set",
    ),
    pytest.param(
        {"quantity": 3},
        {"quantity": 10, "partial_fill": True},
        id="partial_fill is set",
    ),
    pytest.param({"quantity": 3}, {"filled_qty": 10}, id="no known fill"),
    pytest.param(
        {"quantity": 3, "filled_qty": 3},
        {"quantity": 10, "filled_qty": 10, "updated_at": SAME_DAY},
        id="one written into the other, same day",
    ),
]


@pytest.mark.parametrize(("first", "then"), SIGNS)
def test_sign_of_filling(first: dict[str, object], then: dict[str, object]) -> None:
    """Each of these says that more of the order was filled."""
    story = sent(**first)
    story.correct(**then)
    assert [quantity for _, quantity, _ in story.due] == ["7"]
    assert story.codes == set()


NO_SIGNS = [
    pytest.param({"quantity": 10}, {"quantity": 100}, id="order only"),
    pytest.param(
        {"quantity": 10, "filled_qty": 10},
        {"quantity": 100, "filled_qty": 100, "updated_at": NEXT_DAY},
        id="a split overnight",
    ),
    pytest.param(
        {"quantity": 10, "filled_qty": 10},
        {
            "quantity": 100,
            "filled_qty": 100,
            "entry_price": 10.0,
            "updated_at": NEXT_DAY,
        },
        id="a split that adjusts the price",
    ),
    pytest.param(
        {"quantity": 10, "filled_qty": 10},
        {"quantity": 100, "filled_qty": 100},
        id="no day",
    ),
    pytest.param(
        {"quantity": 100, "filled_qty": 10},
        {"quantity": 100, "filled_qty": 100, "entry_price": 10.0},
        id="a price that is not plausible",
    ),
]


@pytest.mark.parametrize(("first", "then"), NO_SIGNS)
def test_more_without_a_sign_of_filling_is_shown_and_not_sent(
    first: dict[str, object], then: dict[str, object]
) -> None:
    """Both figures are shown."""
    story = sent(**first)
    story.correct(**then)
    assert story.due == []
    [differs] = story.plan.differs
    assert (differs.code, differs.host, differs.sent) == (
        "quantity_changed",
        "100",
        "10",
    )


def test_less_is_shown_and_not_sent() -> None:
    """What stands in the journal stays."""
    story = sent().correct(quantity=6)
    assert story.due == []
    assert story.codes == {"quantity_changed"}


def test_more_after_everything_was_closed_is_shown_and_not_sent() -> None:
    """It would open a position that the host does not have."""
    story = sent(filled_qty=3).leave(filled_qty=3).send()
    story.correct(filled_qty=10)
    assert story.due == []
    assert story.codes == {"quantity_changed"}


def test_exit_that_was_not_sent_closes_what_has_grown_as_well() -> None:
    """An exit without a size of its own closes everything that is open."""
    story = sent(filled_qty=3).leave(filled_qty=3)
    story.correct(filled_qty=10)
    assert [quantity for _, quantity, _ in story.due] == ["7", "-10"]


def test_exit_event_lets_the_entry_grow_at_its_own_time() -> None:
    """Only upwards, with a sign of filling."""
    story = sent(filled_qty=3)
    story.leave(filled_qty=10, entry_price=101.0, updated_at="2026-03-05T16:00:00")
    assert story.due == [
        ("15:00:00", "7", "101.42857143"),
        ("16:00:00", "-10", "110"),
    ]
    smaller = sent().leave(quantity=4)
    assert smaller.codes == set()


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        ("2026-03-05T15:20:30.9", "15:20:30"),
        ("2026-03-05T15:00:01.4", "15:00:00"),
        ("2026-03-05T15:00:02", "15:00:02"),
        ("2026-03-05T14:00:00", "15:00:00"),
        (None, "15:00:00"),
    ],
)
def test_rest_has_the_time_of_its_correction_where_that_fits(
    changed: str | None, at: str
) -> None:
    """At least a second after the entry, otherwise the leg's own."""
    story = sent(filled_qty=3)
    story.correct(filled_qty=10, updated_at=changed)
    assert [when for when, _, _ in story.due] == [at]


def test_rest_is_never_filled_after_the_exit() -> None:
    """A correction that comes when the exit waits has the leg's own time."""
    story = sent(filled_qty=3).leave(filled_qty=3)
    story.correct(filled_qty=10, updated_at="2026-03-05T16:00:00.5")
    assert [when for when, _, _ in story.due] == ["15:00:00", "16:00:00"]


def test_several_fills_are_several_executions() -> None:
    """Each makes the leg right; one that was not sent yet grows in place."""
    story = sent(filled_qty=3)
    story.correct(filled_qty=5, entry_price=100.4).send()
    story.correct(filled_qty=6, entry_price=100.5)
    story.correct(filled_qty=10, entry_price=101.0)
    assert [quantity for _, quantity, _ in story.fills] == ["3", "2", "5"]
    assert -story.money == 1010


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        pytest.param({"entry_price": 99.0}, "price_changed", id="price"),
        pytest.param(
            {"entry_timestamp": "2026-03-05T15:00:07"}, "time_changed", id="time"
        ),
    ],
)
def test_change_of_what_was_sent_goes_away_by_itself(
    facts: dict[str, object], code: str
) -> None:
    """When the host is back to what was sent."""
    story = sent().correct(**facts)
    assert story.due == []
    assert story.codes == {code}
    assert story.correct().codes == set()


def test_exit_that_says_what_was_sent_settles_less() -> None:
    """The host is back to it, with a sign of filling: nothing differs any more."""
    story = sent(filled_qty=3).correct(filled_qty=10).send()
    story.correct(filled_qty=4)
    assert story.codes == {"quantity_changed"}

    story.leave(filled_qty=10)
    assert story.codes == set()
    assert [quantity for _, quantity, _ in story.fills][-1] == "-10"


FLAGS = [{"cancelled": True}, {"expired": True}, {"rejection_reason": "no"}]


@pytest.mark.parametrize("flag", FLAGS, ids=["cancelled", "expired", "rejected"])
def test_order_that_is_given_up_after_it_was_sent_is_shown(
    flag: dict[str, object],
) -> None:
    """An exit settles it; so does a fill of what stands there."""
    story = sent().correct(filled_qty=0, **flag)
    assert story.due == []
    assert story.codes == {"cancelled_after_delivery"}

    filled = sent().correct(filled_qty=10, **flag)
    assert filled.codes == set()

    story.leave(filled_qty=0, **flag)
    assert [quantity for _, quantity, _ in story.fills] == ["10", "-10"]
    assert story.codes == set()


def test_old_copy_changes_nothing() -> None:
    """Other workers' trackers hold what was true before."""
    story = sent(filled_qty=10, updated_at="2026-03-05T15:30:00")
    before = story.record
    story.correct(filled_qty=3, entry_price=1.0, updated_at="2026-03-05T15:00:00")
    assert story.record == before


def test_exit_that_is_missing_is_taken_from_an_old_copy() -> None:
    """The position would stay open for ever."""
    story = sent(updated_at="2026-03-05T18:00:00")
    story.leave(entry_price=1.0, updated_at="2026-03-05T16:00:00")
    assert [quantity for _, quantity, _ in story.fills] == ["10", "-10"]
    assert story.codes == set()


def test_before_it_was_sent_the_entry_is_as_recorded_last() -> None:
    """Nothing has to be undone."""
    story = Story().enter(filled_qty=3).correct(filled_qty=7, entry_price=98.5)
    assert story.fills == [("15:00:00", "7", "98.5")]
    assert story.correct(filled_qty=2).fills == [("15:00:00", "2", "100")]
    assert story.codes == set()


@given(
    size=st.integers(2, 10**6),
    price=st.decimals("0.01", "5000", places=4),
    done=st.integers(1, 10**6),
    at=st.decimals("0.95", "1.05", places=3),
)
def test_completing_price_makes_the_whole_right_to_the_cent(
    size: int, price: Decimal, done: int, at: Decimal
) -> None:
    """Whatever the sizes: the money differs by less than half a cent."""
    from tests.outbox.desk import execution

    first = execution("t", quantity=str(min(done, size - 1)), price=f"{price * at:f}")
    rest = completing(Decimal(size), price, [first])
    if rest is not None:
        paid = first.quantity * first.price + (size - first.quantity) * rest
        assert abs(paid - size * price) < Decimal("0.005")
        assert rest > 0

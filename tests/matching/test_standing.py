"""Whose an execution in the journal is, and whether one more of ours belongs there."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.matching.standing import (
    Answer,
    Look,
    Missing,
    Send,
    Stands,
    Waits,
    answers,
    our_tags,
    overlap,
    pause_between,
    told_apart,
)
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.journal import JournalExecution

START = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)


def ours(
    quantity: object,
    at: float = 0,
    *,
    price: object = 100,
    trade_id: str = "t",
    kind: Kind | None = None,
    part: int = 1,
    closes: str | None = None,
) -> Execution:
    """Return an execution of ours *at* minutes after the start; an exit sells."""
    size = Decimal(str(quantity))
    return Execution(
        trade_id=trade_id,
        kind=kind or (Kind.ENTRY if size > 0 else Kind.EXIT),
        symbol="AAPL",
        quantity=size,
        price=Decimal(str(price)),
        executed_at=START + timedelta(minutes=at),
        part=part,
        closes=closes,
    )


def fill(
    quantity: object, at: float = 0, *, price: object = 100, number: int = 0
) -> JournalExecution:
    """Return an execution as the journal shows it."""
    return JournalExecution(
        id=number,
        symbol="AAPL",
        quantity=Decimal(str(quantity)),
        price=Decimal(str(price)),
        executed_at=START + timedelta(minutes=at),
    )


def shown(execution: Execution, number: int = 0) -> JournalExecution:
    """Return *execution* as the journal shows it."""
    return JournalExecution(
        id=number,
        symbol=execution.symbol,
        quantity=execution.quantity,
        price=execution.price,
        executed_at=execution.executed_at,
    )


def answer_to(
    exit_: Execution,
    fills: Iterable[JournalExecution],
    *,
    own: Iterable[Execution] = (ours(10),),
    linked: Iterable[Execution] = (),
    tags: tuple[str, ...] | None = ("argo",),
    unseen: tuple[Execution, ...] = (),
) -> Answer:
    """Return what is to be done with an exit, given what the journal trade holds."""
    standing = told_apart(fills, own=own, unseen=[exit_], linked=linked)
    look = Look(journal_id=7, standing=standing, tags=tags, unseen=unseen)
    [answer] = answers(look, [exit_], "argo")
    return answer


def test_exit_of_what_is_open_is_sent_as_planned() -> None:
    """Nobody touched it."""
    assert answer_to(ours(-10, 60), [fill(10)]) == Send("argo")


@pytest.mark.parametrize("at", [-5, 0, 30, 60], ids=str)
@pytest.mark.parametrize("price", [90, 100, 105])
def test_position_that_a_person_closed_is_not_closed_again(
    at: float, price: int
) -> None:
    """At whatever price and second, before the entry's included."""
    exit_ = ours(-10, 60, price=107)
    answer = answer_to(exit_, [fill(10), fill(-10, at, price=price)])

    assert answer == Waits("closed_in_journal", "0 open in journal trade 7, 10 to send")


def test_exit_larger_than_what_a_person_left_waits() -> None:
    """Six are open: the rest would open a position of the other side."""
    answer = answer_to(ours(-10, 60), [fill(10), fill(-4, 30, price=101)])

    assert answer == Waits("closed_in_journal", "6 open in journal trade 7, 10 to send")


def test_equal_exit_that_a_person_entered_stands_for_ours() -> None:
    """It is that one, by all that can be known."""
    exit_ = ours(-10, 60, price=103)

    assert answer_to(exit_, [fill(10), fill(-10, 60, price=103)]) == Stands()


@pytest.mark.parametrize(
    "edited",
    [fill(9), fill(8, price=99), fill(9.5, 3)],
    ids=["quantity", "quantity and price", "quantity and time"],
)
def test_entry_that_a_person_made_smaller_is_closed_by_no_more(
    edited: JournalExecution,
) -> None:
    """What they took is gone, also in an edit."""
    answer = answer_to(ours(-10, 60), [edited])

    assert isinstance(answer, Missing | Waits)


@pytest.mark.parametrize(
    "edited",
    [fill(10, price=99), fill(10, 3), fill(11), fill(10, 3, price=99)],
    ids=["price", "time", "quantity", "price and time"],
)
def test_entry_that_a_person_corrected_is_closed(edited: JournalExecution) -> None:
    """As much as the host has is open there."""
    assert answer_to(ours(-10, 60), [edited]) == Send("argo")


def test_entry_that_is_gone_closes_nothing_of_others() -> None:
    """What stands there is another trade of ours, or a person's."""
    other = ours(10, 5, trade_id="u")

    assert answer_to(ours(-10, 60), [shown(other)], linked=[other]) == Missing()
    assert answer_to(ours(-10, 60), [fill(7, 5, price=90)]) == Missing()


def test_one_execution_does_not_speak_for_two_equal_ones() -> None:
    """Where one of two twins was deleted, neither exit may go for sure."""
    twin = ours(10, trade_id="u")

    assert answer_to(ours(-10, 60), [fill(10)], linked=[twin]) == Missing()
    assert answer_to(ours(-10, 60), [fill(10)] * 2, linked=[twin]) == Send("argo")


def test_what_other_trades_of_ours_netted_does_not_count() -> None:
    """A short of ours in the same journal trade takes nothing of the long."""
    short = ours(-10, 5, trade_id="u", kind=Kind.ENTRY)
    answer = answer_to(
        ours(-10, 60), [fill(10), shown(short)], linked=[short], tags=None
    )

    assert answer == Send("argo")


def test_exit_of_another_trade_takes_where_its_entry_was_deleted() -> None:
    """What a person deleted took from whatever else is open there."""
    other = [ours(10, 5, trade_id="u"), ours(-4, 30, trade_id="u")]
    exit_ = ours(-10, 60)

    whole = [fill(10), *map(shown, other)]
    assert answer_to(exit_, whole, linked=other, tags=None) == Send("argo")
    deleted = [fill(10), shown(other[1])]
    assert answer_to(exit_, deleted, linked=other, tags=None) == Waits(
        "closed_in_journal", "6 open in journal trade 7, 10 to send"
    )


def test_trade_that_went_on_is_not_closed_by_what_closed_it_before() -> None:
    """A person closed the trade before; ours was entered when it was flat."""
    before = ours(10, -60, trade_id="u")
    fills = [shown(before), fill(-10, -30, price=90), fill(10)]

    assert answer_to(ours(-10, 60), fills, linked=[before]) == Send("argo")


def test_what_a_person_added_is_not_closed_by_us() -> None:
    """Our exit closes ours; theirs stays open."""
    assert answer_to(ours(-10, 60), [fill(10), fill(5, 30)]) == Send("argo")


def test_exit_in_parts_counts_its_own_parts() -> None:
    """4 of 10, then 6; not 7."""
    own = [ours(10), ours(-4, 30, price=101)]
    fills = [fill(10), fill(-4, 30, price=101)]

    assert answer_to(ours(-6, 60, part=2), fills, own=own) == Send("argo")
    assert isinstance(answer_to(ours(-7, 60, part=2), fills, own=own), Waits)


def test_part_that_does_not_show_yet_counts() -> None:
    """It may be stored: a journal lags."""
    sent = (ours(-4, 30, price=101),)

    assert answer_to(ours(-6, 60, part=2), [fill(10)], unseen=sent) == Send("argo")
    assert isinstance(answer_to(ours(-7, 60, part=2), [fill(10)], unseen=sent), Waits)


def test_parts_that_go_together_share_what_is_open() -> None:
    """Each takes its own; the one that does not fit waits."""
    standing = told_apart([fill(9)], own=[ours(10)])
    look = Look(journal_id=7, standing=standing, tags=("argo",))
    parts = [ours(-4, 60, part=1), ours(-6, 70, part=2)]

    first, second = answers(look, parts, "argo")

    assert first == Send("argo")
    assert second == Waits("closed_in_journal", "5 open in journal trade 7, 6 to send")


def test_growth_goes_with_what_is_open_and_makes_room() -> None:
    """3 of 10 are there, 7 more are due with the exit of all."""
    standing = told_apart([fill(3)], own=[ours(3)])
    look = Look(journal_id=7, standing=standing, tags=("argo",))
    due = [ours(7, 1, part=2), ours(-10, 60)]

    assert answers(look, due, "argo") == [Send("argo"), Send("argo")]


def test_growth_of_what_a_person_closed_opens_nothing() -> None:
    """It would be a position by itself."""
    standing = told_apart([fill(3), fill(-3, 1, price=99)], own=[ours(3)])
    look = Look(journal_id=7, standing=standing, tags=("argo",))

    [answer] = answers(look, [ours(7, 1, part=2)], "argo")

    assert isinstance(answer, Waits)


def test_trade_of_the_opposite_side_that_closes_ours_is_an_exit() -> None:
    """It closes what is open, and no more."""
    closer = ours(-10, 60, trade_id="u", kind=Kind.ENTRY, closes="t")

    assert answer_to(closer, [fill(10)]) == Send("argo")
    assert isinstance(answer_to(closer, [fill(9)]), Waits)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (("argo-3",), Send("argo-3")),
        (
            ("argo", "argo-2"),
            Waits("merged", "journal trade 7 carries argo and argo-2"),
        ),
        ((), Waits("merged", "journal trade 7 carries none of our account tags")),
        (None, Send("argo")),
    ],
    ids=["another", "several", "none", "switched off"],
)
def test_exit_goes_under_the_one_account_tag_of_the_journal_trade(
    tags: tuple[str, ...] | None, expected: Answer
) -> None:
    """Under any other it would open a position of its own."""
    assert answer_to(ours(-10, 60), [fill(10)], tags=tags) == expected


def test_part_counts_whole_where_the_rest_was_read_elsewhere() -> None:
    """Without account tags an entry may have closed another trade of ours first."""
    standing = told_apart([fill(4)], own=[ours(10)])
    key = ours(10).key
    exit_ = ours(-10, 60)

    def answer(whole: set[tuple[str, Kind, int]]) -> Answer:
        look = Look(journal_id=7, standing=standing, tags=None, whole=whole)
        return answers(look, [exit_], "")[0]

    assert answer({key}) == Send("")
    assert isinstance(answer(set()), Waits)


def test_stray_of_another_trade_is_not_foreign() -> None:
    """A person merged two trades of ours; the id that was read is gone."""
    other = ours(10, 5, trade_id="u")
    held = told_apart([fill(10), shown(other)], own=[ours(10)], strays=[other])

    assert not held.foreign
    assert [each.ours.trade_id for each in held.others] == ["u"]


def test_account_tags_are_known_by_their_form() -> None:
    """Those of the setting, and the planned one: settings change."""
    tags = ("mine", "argo", "argo-2", "argo-x", "desk")

    assert our_tags(tags, "argo", "argo") == ("argo", "argo-2")
    assert our_tags(tags, "argo", "desk") == ("argo", "argo-2", "desk")


def test_trades_overlap_where_both_are_open() -> None:
    """One that opens in the second of the other's close follows it."""
    first = [ours(10), ours(-10, 10)]

    assert overlap(first, [ours(10, 9), ours(-10, 20)])
    assert not overlap(first, [ours(10, 10), ours(-10, 20)])
    assert not overlap([ours(10, 10)], first)
    assert overlap([ours(10)], [ours(10, 60)])
    assert pause_between(first, [ours(10, 70)]) == 3600
    assert pause_between([ours(10, 70)], first) == 3600


# Whatever people do -------------------------------------------------------------------

sizes = st.integers(-12, 12).filter(bool)
foreign_fills = st.lists(
    st.builds(
        fill,
        sizes,
        st.integers(-3, 3),
        price=st.sampled_from([99, 100, 101]),
    ),
    max_size=4,
)
exits = st.lists(st.integers(1, 12), max_size=3)


@given(
    fills=foreign_fills,
    entered=st.integers(1, 12),
    is_there=st.booleans(),
    sold=exits,
)
def test_no_exit_turns_a_position_round(
    fills: list[JournalExecution], entered: int, is_there: bool, sold: list[int]
) -> None:
    """What is sent never exceeds what the journal trade holds, whatever is in it."""
    entry = ours(entered)
    everything = [shown(entry), *fills] if is_there else fills
    due = [ours(-size, 5 + n, part=n + 1) for n, size in enumerate(sold)]
    standing = told_apart(everything, own=[entry], unseen=due)
    look = Look(journal_id=7, standing=standing, tags=("argo",))

    found = answers(look, due, "argo")

    sent = [e.quantity for e, a in zip(due, found, strict=True) if a == Send("argo")]
    held = sum((each.quantity for each in everything), Decimal(0))
    assert not sent or held + sum(sent) >= 0


@given(fills=foreign_fills, own=st.lists(sizes, max_size=3), linked=exits)
def test_each_execution_is_somebodys_once(
    fills: list[JournalExecution], own: list[int], linked: list[int]
) -> None:
    """Nothing is lost or counted twice, nor speaks for two of ours."""
    mine = [ours(q, n, part=n + 1) for n, q in enumerate(own)]
    theirs = [ours(q, n, trade_id="u", part=n + 1) for n, q in enumerate(linked)]
    held = told_apart(fills, own=mine, linked=theirs)

    shared = [*(e.fill for e in (*held.own, *held.others)), *held.foreign]
    assert sorted(map(repr, shared)) == sorted(map(repr, fills))
    keys = [each.ours.key for each in held.own] + [e.key for e in held.missing]
    assert sorted(keys) == sorted(each.key for each in mine)


@given(entered=st.integers(1, 20), others=exits, share=st.integers(1, 20))
def test_where_nobody_interferes_an_exit_up_to_the_entry_goes(
    entered: int, others: list[int], share: int
) -> None:
    """Other trades of ours in the journal trade change nothing."""
    theirs = [ours(q, n, trade_id="u", part=n + 1) for n, q in enumerate(others)]
    fills = [fill(entered), *map(shown, theirs)]
    exit_ = ours(-min(share, entered), 60)

    assert answer_to(exit_, fills, own=[ours(entered)], linked=theirs) == Send("argo")

"""What finds out that something was lost or doubled is tried out itself."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from tests.chaos.stories import Story, positions, told_of
from tests.chaos.truth import StillReader, Truth, deck_of
from tests.journeys.generate import generated
from tests.journeys.reader import JournalReader, expected_fills

ME = 1  # the number of a life
ENTRY, EXIT = 0, 1  # the steps of a plain trade


@pytest.fixture
def truth() -> Truth:
    """A host that has told of everything but the last trade, and was believed."""
    truth = Truth(plain(6), Random(1))
    for index in range(len(truth.deck) - 1):
        tell(truth, index)
    return truth


@pytest.fixture
def journal(sandbox: Sandbox) -> Iterator[JournalReader]:
    """The journal, to write into."""
    with JournalReader(sandbox.url) as reader:
        yield reader


def plain(number: int) -> list[Story]:
    """Return trades that are entered and closed in one go."""
    return deck_of(1, number, twins=False, is_eventful=False)


def tell(truth: Truth, index: int) -> None:
    """Tell what there is of a trade."""
    for step in steps(truth, index):
        truth.begins(ME, index, step)
        truth.accepts(ME, index, step)


def steps(truth: Truth, index: int) -> range:
    """Return the steps of a trade, of which each is an execution where it is plain."""
    return range(len(truth.deck[index].steps))


def book(journal: JournalReader, truth: Truth, index: int, **members: Any) -> None:
    """Put a trade into the journal, as the plugin would."""
    trade = truth.deck[index].trade
    rows = [
        {
            "symbol": symbol,
            "datetime": at.isoformat(),
            "quantity": f"{quantity:f}",
            "price": f"{price:f}",
        }
        for symbol, at, quantity, price in expected_fills(trade)
    ]
    told = journal.post_import(*rows, account_tag=f"argo-{index}", **members)
    assert told["status"] == "succeeded"


def verdict(sandbox: Sandbox, truth: Truth) -> tuple[int, int]:
    """Return how many are lost and how many doubled."""
    with StillReader(sandbox.url, "argo") as still:
        found = truth.compare(still)
    assert found.accepted == len(truth.accepted)
    return found.lost, found.doubled


def test_journal_that_holds_everything_is_right(
    sandbox: Sandbox, journal: JournalReader, truth: Truth
) -> None:
    """Nothing is lost, nothing doubled; without the notes something else is wrong."""
    for index in range(len(truth.deck) - 1):
        book(journal, truth, index)

    assert verdict(sandbox, truth) == (0, 0)
    with StillReader(sandbox.url, "argo") as still:
        assert "names []" in truth.compare(still).wrong[0]


def test_execution_that_is_not_there_is_lost(
    sandbox: Sandbox, journal: JournalReader, truth: Truth
) -> None:
    """Each execution of the trade is counted."""
    for index in range(1, len(truth.deck) - 1):
        book(journal, truth, index)

    assert verdict(sandbox, truth) == (len(steps(truth, 0)), 0)


def test_execution_that_stands_twice_is_doubled(
    sandbox: Sandbox, journal: JournalReader, truth: Truth
) -> None:
    """Each execution of the trade is counted."""
    for index in range(len(truth.deck) - 1):
        book(journal, truth, index)
    book(journal, truth, 0, allow_duplicates=True)

    assert verdict(sandbox, truth) == (0, len(steps(truth, 0)))


def test_execution_that_nobody_told_is_doubled(
    sandbox: Sandbox, journal: JournalReader, truth: Truth
) -> None:
    """Nothing may stand there that the host did not do."""
    for index in range(len(truth.deck)):
        book(journal, truth, index)

    last = len(truth.deck) - 1
    assert verdict(sandbox, truth) == (0, len(steps(truth, last)))


@pytest.mark.parametrize("times", [0, 1, 2])
def test_what_was_under_way_may_stand_there_once(
    sandbox: Sandbox, journal: JournalReader, truth: Truth, times: int
) -> None:
    """A hook that has not returned when its process dies promises nothing."""
    last = len(truth.deck) - 1
    for step in steps(truth, last):
        truth.begins(ME, last, step)
    truth.ends(ME)
    for index in [*range(last), *[last] * times]:
        book(journal, truth, index, allow_duplicates=True)

    doubled = len(steps(truth, last)) if times == 2 else 0
    assert verdict(sandbox, truth) == (0, doubled)


def test_refused_trade_has_to_be_shown_once(
    sandbox: Sandbox, journal: JournalReader
) -> None:
    """Where coins are refused, each has a trade without executions, and only one."""
    truth = Truth(plain(30), Random(1), basics=True)
    coins = [i for i in range(len(truth.deck)) if truth.is_refused(i)][:3]
    for index in coins:
        tell(truth, index)
    for index in (coins[0], coins[1], coins[1]):
        trade = truth.deck[index].trade
        facts = {"symbol": trade["symbol"], "notes": f"[argo {trade['id']}]"}
        assert journal.http.post("/trades", json=facts).status_code == 201

    assert verdict(sandbox, truth) == (1, 1)


def test_host_goes_on_with_what_it_had_open() -> None:
    """Closed is what was entered for sure; what was under way is told again or not."""
    truth = Truth(plain(60), Random(1))
    closed = [i for i, story in enumerate(truth.deck) if len(story.steps) > 1]
    for index in closed:
        truth.begins(ME, index, ENTRY)
        if index != closed[0]:
            truth.accepts(ME, index, ENTRY)
    truth.begins(ME, closed[1], EXIT)
    truth.ends(ME)
    carried = {(index, step) for index, step, _ in truth.carried(closed)}

    unsure = {(closed[0], ENTRY), (closed[1], EXIT)}
    assert carried - unsure == {(index, EXIT) for index in closed[2:]}
    assert unsure & carried == unsure - truth.dropped


def in_parts(*, opposite: bool = False) -> Truth:
    """Return a host that has told of a trade in several parts, and nothing else."""
    deck = deck_of(1, 60, twins=False, opposite=opposite)
    story = next(
        story
        for story in deck
        if not story.is_plain and (opposite or (has_grown(story) and has_parts(story)))
    )
    truth = Truth([story], Random(1))
    tell(truth, 0)
    return truth


def has_grown(story: Story) -> bool:
    """Tell whether the entry was filled in parts."""
    return len(positions(story, len(story.steps))[0].entries) > 1


def has_parts(story: Story) -> bool:
    """Tell whether the exit has parts at several times, the last of which closes it."""
    exits = positions(story, len(story.steps))[0].exits
    return len(exits) > 1 and exits[-1][-1].size is None


def rows_of(truth: Truth, *, is_whole: bool) -> list[dict[str, str]]:
    """Return the executions of a trade: the entry as a whole, or as it has grown."""
    (position,) = positions(truth.deck[0], len(truth.deck[0].steps))
    entries = position.entries[-1:] if is_whole else position.entries
    rows, stands, paid = [], Decimal(0), Decimal(0)
    for each in entries:
        size = each.size or Decimal(0)
        price = (size * each.price - paid) / (size - stands)
        at = each.at if stands else position.entries[0].at
        rows.append((at, position.sign * (size - stands), price))
        stands, paid = size, size * each.price
    left, earned = stands, Decimal(0)
    for group in position.exits:
        last, price = group[-1], group[-1].price
        size = left if last.size is None else last.size
        if last.size is None:
            price = (stands * price - earned) / left
        rows.append((last.at, -position.sign * size, price))
        left, earned = left - size, earned + size * price
    return [
        {
            "symbol": position.symbol,
            "datetime": at.isoformat(),
            "quantity": f"{quantity:f}",
            "price": f"{price:.10f}",
        }
        for at, quantity, price in rows
    ]


def book_rows(journal: JournalReader, truth: Truth, rows: list[dict[str, str]]) -> None:
    """Put *rows* into the journal, with notes that name the trade."""
    told = journal.post_import(*rows, account_tag="argo", allow_duplicates=True)
    assert told["status"] == "succeeded"
    for row in journal.trades():
        notes = {"notes": f"[argo {truth.deck[0].trade_id}]"}
        answer = journal.http.put(f"/trades/{row['id']}", json=notes)
        assert answer.status_code == 200


@pytest.mark.parametrize("is_whole", [True, False], ids=["at once", "as it grew"])
def test_parts_that_come_to_the_same_are_right(
    sandbox: Sandbox, journal: JournalReader, is_whole: bool
) -> None:
    """What was recorded before it was sent is one execution, otherwise several."""
    truth = in_parts()
    book_rows(journal, truth, rows_of(truth, is_whole=is_whole))

    assert verdict(sandbox, truth) == (0, 0)


@pytest.mark.parametrize("number", [0, 1, -1])
def test_part_that_is_not_there_is_lost(
    sandbox: Sandbox, journal: JournalReader, number: int
) -> None:
    """Whichever it is."""
    truth = in_parts()
    rows = rows_of(truth, is_whole=False)
    del rows[number]
    book_rows(journal, truth, rows)

    lost, _ = verdict(sandbox, truth)
    assert lost >= 1


@pytest.mark.parametrize("number", [0, 1, -1])
def test_part_that_stands_twice_is_doubled(
    sandbox: Sandbox, journal: JournalReader, number: int
) -> None:
    """Whichever it is."""
    truth = in_parts()
    rows = rows_of(truth, is_whole=False)
    book_rows(journal, truth, [*rows, rows[number]])

    _, doubled = verdict(sandbox, truth)
    assert doubled >= 1


def test_part_at_another_price_is_wrong(
    sandbox: Sandbox, journal: JournalReader
) -> None:
    """Each leg comes to what the host has recorded, to the cent."""
    truth = in_parts()
    rows = rows_of(truth, is_whole=False)
    rows[1]["price"] = f"{Decimal(rows[1]['price']) + Decimal('0.01'):f}"
    book_rows(journal, truth, rows)

    assert verdict(sandbox, truth) == (0, 0)
    with StillReader(sandbox.url, "argo") as still:
        assert any("entry comes to" in each for each in truth.compare(still).wrong)


def test_nothing_of_what_a_trade_closed_of_another_is_lost(
    sandbox: Sandbox,
) -> None:
    """Every execution of both is counted."""
    truth = in_parts(opposite=True)
    wanted = positions(truth.deck[0], len(truth.deck[0].steps))
    number = sum(min(s.total() for s in each.shapes()) for each in wanted)

    assert verdict(sandbox, truth) == (number, 0)


def test_equal_trades_have_equal_stories() -> None:
    """So that further executions have twins, too."""
    trade = generated(1, 1)[0]
    twin = {**trade, "id": "another"}
    one, other = told_of(trade), told_of(twin)

    assert [step.hook for step in one.steps] == [step.hook for step in other.steps]

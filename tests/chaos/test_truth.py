"""What finds out that something was lost or doubled is tried out itself."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from tests.chaos.truth import StillReader, Truth, deck_of
from tests.journeys.reader import JournalReader, expected_fills

ME = 1  # the number of a life


@pytest.fixture
def truth() -> Truth:
    """A host that has told of everything but the last trade, and was believed."""
    truth = Truth(deck_of(1, 6, twins=False), Random(1))
    for index in range(len(truth.deck) - 1):
        tell(truth, index)
    return truth


@pytest.fixture
def journal(sandbox: Sandbox) -> Iterator[JournalReader]:
    """The journal, to write into."""
    with JournalReader(sandbox.url) as reader:
        yield reader


def tell(truth: Truth, index: int) -> None:
    """Tell what there is of a trade."""
    for kind in kinds(truth, index):
        truth.begins(ME, index, kind)
        truth.accepts(ME, index, kind)


def kinds(truth: Truth, index: int) -> tuple[str, ...]:
    """Return which executions a trade has."""
    return ("entry", "exit")[: len(expected_fills(truth.deck[index]))]


def book(journal: JournalReader, truth: Truth, index: int, **members: Any) -> None:
    """Put a trade into the journal, as the plugin would."""
    trade = truth.deck[index]
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

    assert verdict(sandbox, truth) == (len(kinds(truth, 0)), 0)


def test_execution_that_stands_twice_is_doubled(
    sandbox: Sandbox, journal: JournalReader, truth: Truth
) -> None:
    """Each execution of the trade is counted."""
    for index in range(len(truth.deck) - 1):
        book(journal, truth, index)
    book(journal, truth, 0, allow_duplicates=True)

    assert verdict(sandbox, truth) == (0, len(kinds(truth, 0)))


def test_execution_that_nobody_told_is_doubled(
    sandbox: Sandbox, journal: JournalReader, truth: Truth
) -> None:
    """Nothing may stand there that the host did not do."""
    for index in range(len(truth.deck)):
        book(journal, truth, index)

    last = len(truth.deck) - 1
    assert verdict(sandbox, truth) == (0, len(kinds(truth, last)))


@pytest.mark.parametrize("times", [0, 1, 2])
def test_what_was_under_way_may_stand_there_once(
    sandbox: Sandbox, journal: JournalReader, truth: Truth, times: int
) -> None:
    """A hook that has not returned when its process dies promises nothing."""
    last = len(truth.deck) - 1
    for kind in kinds(truth, last):
        truth.begins(ME, last, kind)
    truth.ends(ME)
    for index in [*range(last), *[last] * times]:
        book(journal, truth, index, allow_duplicates=True)

    doubled = len(kinds(truth, last)) if times == 2 else 0
    assert verdict(sandbox, truth) == (0, doubled)


def test_refused_trade_has_to_be_shown_once(
    sandbox: Sandbox, journal: JournalReader
) -> None:
    """Where coins are refused, each has a trade without executions, and only one."""
    truth = Truth(deck_of(1, 30, twins=False), Random(1), basics=True)
    coins = [i for i, trade in enumerate(truth.deck) if truth.is_refused(i)][:3]
    for index in coins:
        tell(truth, index)
    for index in (coins[0], coins[1], coins[1]):
        trade = truth.deck[index]
        facts = {"symbol": trade["symbol"], "notes": f"[argo {trade['id']}]"}
        assert journal.http.post("/trades", json=facts).status_code == 201

    assert verdict(sandbox, truth) == (1, 1)


def test_host_goes_on_with_what_it_had_open() -> None:
    """Closed is what was entered for sure; what was under way is told again or not."""
    truth = Truth(deck_of(1, 60, twins=False), Random(1))
    closed = [i for i, t in enumerate(truth.deck) if t["exit_timestamp"]]
    for index in closed:
        truth.begins(ME, index, "entry")
        if index != closed[0]:
            truth.accepts(ME, index, "entry")
    truth.begins(ME, closed[1], "exit")
    truth.ends(ME)
    carried = {(index, kind) for index, kind, _ in truth.carried(closed)}

    unsure = {(closed[0], "entry"), (closed[1], "exit")}
    assert carried - unsure == {(index, "exit") for index in closed[2:]}
    assert unsure & carried == unsure - truth.dropped

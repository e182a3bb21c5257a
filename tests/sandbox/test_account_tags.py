"""Which trade an account tag finds, once a person has merged or tagged trades."""

from collections.abc import Callable
from typing import Any

import pytest

from argo_tradervue_plugin.sandbox import Person, Sandbox

RowMaker = Callable[..., dict[str, object]]
FORMS = ["first", "kept", "none"]


@pytest.fixture
def person(sandbox: Sandbox) -> Person:
    """The owner of the journal."""
    return sandbox.person("me")


def entered(api: Any, row: RowMaker, *account_tags: str | None) -> list[int]:
    """Open a position of 10 under each account tag; return the trades' ids."""
    for minute, tag in enumerate(account_tags, start=10):
        api.send(row(f"10:{minute}", "XYZ", 10, 100), account_tag=tag)
    return [trade["id"] for trade in reversed(api.trades())]


def leave(api: Any, row: RowMaker, minute: int, account_tag: str | None) -> int:
    """Sell 10 under an account tag; return the id of the trade that took it."""
    api.send(row(f"11:{minute}", "XYZ", -10, 101), account_tag=account_tag)
    [holder] = [
        trade["id"]
        for trade in api.trades()
        for each in api.executions(trade["id"])
        if f"T11:{minute}" in each["datetime"]
    ]
    return int(holder)


@pytest.mark.parametrize(
    ("form", "finding", "tags"),
    [
        ("first", {"a"}, ["a", "b", "c"]),
        ("kept", {"a", "b", "c"}, ["a", "b", "c"]),
        ("none", {None}, []),
    ],
)
@pytest.mark.parametrize("under", ["a", "b", "c", None])
def test_a_merged_trade_takes_executions_of_the_account_tags_that_it_has(
    api: Any,
    sandbox: Sandbox,
    person: Person,
    row: RowMaker,
    form: str,
    finding: set[str | None],
    tags: list[str],
    under: str | None,
) -> None:
    """One under another account tag opens a position that there never was."""
    sandbox.assume(merged_account_tag=form)
    merged = person.merge(*entered(api, row, "a", "b", "c"))
    assert api.get(f"/trades/{merged}")["tags"] == tags
    holder = leave(api, row, 10, under)
    assert (holder == merged) is (under in finding)
    shown = [(t["side"], t["open"], t["exec_count"]) for t in api.trades()]
    if under in finding:
        assert shown == [("long", True, 4)]
    else:
        assert shown == [("short", True, 1), ("long", True, 3)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("others", [("a",), (None,), (None, "a")])
def test_trades_of_one_account_tag_keep_it_however_they_are_merged(
    api: Any,
    sandbox: Sandbox,
    person: Person,
    row: RowMaker,
    form: str,
    others: tuple[str | None, ...],
) -> None:
    """Also with earlier trades that have none."""
    sandbox.assume(merged_account_tag=form, regroup_seconds=0)
    for hour, tag in enumerate(others, start=8):
        rows = [row(f"0{hour}:{m}", "XYZ", q, 99) for m, q in ((10, 5), (20, -5))]
        api.send(*rows, account_tag=tag)
    trades = entered(api, row, "a")
    assert len(trades) == len(others) + 1
    merged = person.merge(*trades)
    assert leave(api, row, 10, "a") == merged
    assert api.get(f"/trades/{merged}")["open"] is False


def test_a_merged_trade_that_is_closed_under_one_tag_is_closed_for_all(
    api: Any, sandbox: Sandbox, person: Person, row: RowMaker
) -> None:
    """It is one trade, which the next execution under another tag finds flat."""
    sandbox.assume(merged_account_tag="kept")
    merged = person.merge(*entered(api, row, "a", "b"))
    assert leave(api, row, 10, "b") == merged
    assert leave(api, row, 11, "a") == merged
    assert api.get(f"/trades/{merged}")["open"] is False
    assert leave(api, row, 12, "b") != merged
    assert api.get(f"/trades/{merged}")["gross_pl"] == 20


@pytest.mark.parametrize("matching", ["strict", "lenient"])
def test_an_execution_without_account_tag_counts_a_merged_trade_once(
    api: Any, sandbox: Sandbox, person: Person, row: RowMaker, matching: str
) -> None:
    """Leniently it goes to the one position that is open, under however many tags."""
    sandbox.assume(merged_account_tag="kept", account_tag_matching=matching)
    merged = person.merge(*entered(api, row, "a", "b"))
    assert (leave(api, row, 10, None) == merged) is (matching == "lenient")


# Tags by hand -------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("left", ["a", "b"])
def test_the_one_account_tag_that_a_person_leaves_on_a_merged_trade_finds_it(
    api: Any, sandbox: Sandbox, person: Person, row: RowMaker, form: str, left: str
) -> None:
    """Whichever it is; the other one does not any more."""
    sandbox.assume(merged_account_tag=form)
    merged = person.merge(*entered(api, row, "a", "b"))
    person.tag(merged, left, "mine")
    assert leave(api, row, 10, left) == merged
    other = "b" if left == "a" else "a"
    assert leave(api, row, 11, other) != merged


@pytest.mark.parametrize("by", ["person", "api"])
def test_an_account_tag_that_is_replaced_finds_the_trade_no_more(
    api: Any, person: Person, row: RowMaker, by: str
) -> None:
    """The new one does, as it is an ordinary tag that an import has as account tag."""
    [trade] = entered(api, row, "a")
    if by == "person":
        person.tag(trade, "b")
    else:
        api.http.put(f"/trades/{trade}", json={"tags": ["b"]})
    assert leave(api, row, 10, "a") != trade
    assert leave(api, row, 11, "b") == trade


def test_other_tags_leave_the_account_tag_alone(
    api: Any, person: Person, row: RowMaker
) -> None:
    """A trade with its account tag is not of another that is added."""
    [trade] = entered(api, row, "a")
    person.tag(trade, "mine", "b", "a")
    api.http.put(f"/trades/{trade}", json={"tags": ["a", "b", "more"]})
    assert leave(api, row, 10, "b") != trade
    assert leave(api, row, 11, "a") == trade


def test_a_trade_that_lost_all_tags_is_found_without_one(
    api: Any, person: Person, row: RowMaker
) -> None:
    """As any trade that never had an account tag."""
    [trade] = entered(api, row, "a")
    person.tag(trade)
    assert leave(api, row, 10, "a") != trade
    assert leave(api, row, 11, None) == trade


@pytest.mark.parametrize("when", ["typed in", "later"])
def test_a_trade_typed_in_is_found_under_the_tag_that_a_person_gives_it(
    api: Any, person: Person, row: RowMaker, when: str
) -> None:
    """Also where no import had that account tag before."""
    entry = row("10:10", "XYZ", 10, 100)
    trade = person.create_trade(
        "xyz", [entry], tags=["a"] if when == "typed in" else []
    )
    if when == "later":
        person.tag(trade, "mine", "a")
    assert api.send(entry, account_tag="a")["info"]["duplicate_count"] == 1
    assert leave(api, row, 10, "b") != trade
    assert leave(api, row, 11, "a") == trade


def test_a_typed_trade_without_tags_is_found_without_an_account_tag(
    api: Any, person: Person, row: RowMaker
) -> None:
    """Whatever the import has as ordinary tags."""
    trade = person.create_trade("XYZ", [row("10:10", "XYZ", 10, 100)])
    assert leave(api, row, 10, "a") != trade
    assert leave(api, row, 11, None) == trade


def test_tags_of_an_import_are_no_account_tag(
    api: Any, person: Person, row: RowMaker
) -> None:
    """Not even when a person adds others."""
    api.send(row("10:10", "XYZ", 10, 100), tags=["a"])
    [trade] = api.trades()
    person.tag(trade["id"], "a", "mine")
    assert leave(api, row, 10, "a") != trade["id"]
    assert leave(api, row, 11, "mine") == trade["id"]


def test_what_is_split_off_keeps_the_account_tag(
    api: Any, person: Person, row: RowMaker
) -> None:
    """Both trades are of the account that the executions came for."""
    [trade] = entered(api, row, "a")
    api.send(row("10:30", "XYZ", 10, 100), account_tag="a")
    apart = person.split(trade, [api.executions(trade)[1]["id"]])
    assert api.get(f"/trades/{apart}")["tags"] == ["a"]
    holders = {leave(api, row, minute, "a") for minute in (10, 11)}
    assert holders == {trade, apart}

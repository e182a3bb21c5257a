"""What an import does to the journal: bad rows, duplicates, tags, plans, fees."""

import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from argo_tradervue_plugin.sandbox import Sandbox

RowMaker = Callable[..., dict[str, object]]


# Bad rows


def test_a_bad_row_fails_the_import_and_is_numbered_from_one(
    api: Any, row: RowMaker
) -> None:
    """Nothing of it is stored."""
    status = api.send(row("10:15", "XYZ", 1, 1), row("10:16", "XYZ", "one", 1))
    assert status["status"] == "failed"
    assert status["info"] == {
        "exec_count": 0,
        "duplicate_count": 0,
        "overquota_count": 0,
        "skipped_futures": False,
        "skipped_options": False,
        "skipped_forex": False,
        "error_description": "at least one data row had an invalid quantity",
        "error_execnumber": 2,
    }
    assert api.trades() == []


@pytest.mark.parametrize(
    ("assumed", "stored"), [("keeps_earlier", ["A"]), ("keeps_others", ["C", "A"])]
)
def test_a_bad_row_may_leave_others_alone(
    api: Any, sandbox: Sandbox, row: RowMaker, assumed: str, stored: list[str]
) -> None:
    """If so assumed; the import has failed all the same."""
    sandbox.assume(bad_row=assumed)
    status = api.send(
        row("10:15", "A", 1, 1), row("10:16", "B", 0, 1), row("10:17", "C", 1, 1)
    )
    assert (status["status"], status["info"]["error_execnumber"]) == ("failed", 2)
    assert status["info"]["exec_count"] == len(stored)
    assert [trade["symbol"] for trade in api.trades()] == stored


@pytest.mark.parametrize("commission", ["-0.35", -1, "0", "0.35", ""])
@pytest.mark.parametrize("assumed", ["accepted", "refused"])
def test_a_negative_commission_is_a_number_or_a_bad_row(
    api: Any, sandbox: Sandbox, row: RowMaker, commission: str | int, assumed: str
) -> None:
    """A rebate; nothing else that a commission may be is touched by this."""
    sandbox.assume(negative_commissions=assumed)
    first = row("10:15", "XYZ", 1, 1)
    status = api.send(first, row("10:16", "XYZ", 1, 1, commission=commission))
    if assumed == "refused" and str(commission).startswith("-"):
        info = status["info"]
        assert (status["status"], info["error_execnumber"]) == ("failed", 2)
        wrong = "at least one data row had an invalid commission"
        assert info["error_description"] == wrong
        assert api.trades() == []
    else:
        assert status["status"] == "succeeded"
        assert api.trades()[0]["commission"] == float(commission or 0)


def test_a_negative_commission_is_no_overlay_either(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """Accepted, it takes the place of what was there."""
    api.send(row("10:15", "XYZ", 1, 1, commission="1"))
    rebate = row("10:15", "XYZ", 1, 1, commission="-0.5")
    sandbox.assume(negative_commissions="refused")
    assert api.send(rebate, overlay_commissions=True)["status"] == "failed"
    assert api.trades()[0]["commission"] == 1
    sandbox.assume(negative_commissions="accepted")
    assert api.send(rebate, overlay_commissions=True)["status"] == "succeeded"
    assert api.trades()[0]["commission"] == -0.5


# Exactness


def test_ten_decimals_and_hundredths_are_kept_and_summed_exactly(
    api: Any, row: RowMaker
) -> None:
    """No digit is lost on the way in, in the profit, or on the way out."""
    prices = ["101.4285714286", "0.0000000001", "99999.9999999999", "7.0000000003"]
    sizes = ["123456.78", "0.01", "1000000.01", "-1123456.80"]
    rows = [
        row(f"10:1{n}", "XYZ", size, price)
        for n, (size, price) in enumerate(zip(sizes, prices, strict=True))
    ]
    api.send(*rows)
    [trade] = exactly(api, "/trades")["trades"]
    executions = exactly(api, f"/trades/{trade['id']}/executions")["executions"]
    assert [each["price"] for each in executions] == [Decimal(p) for p in prices]
    assert [each["quantity"] for each in executions] == [Decimal(s) for s in sizes]
    spent = sum(
        Fraction(size) * Fraction(price)
        for size, price in zip(sizes, prices, strict=True)
    )
    assert trade["open"] is False
    assert Fraction(trade["gross_pl"]) == -spent
    assert trade["volume"] == sum(abs(Decimal(size)) for size in sizes)


def test_json_numbers_are_as_exact_as_texts(api: Any) -> None:
    """They never become binary."""
    body = (
        '{"executions":[{"datetime":"2026-03-05T10:15:00-05:00","symbol":"XYZ",'
        '"quantity":0.07,"price":101.4285714286}]}'
    )
    kind = {"content-type": "application/json"}
    assert api.http.post("/imports", content=body, headers=kind).status_code == 200
    assert api.get("/imports")["status"] == "succeeded"
    [trade] = exactly(api, "/trades")["trades"]
    assert trade["entry_price"] == Decimal("101.4285714286")
    assert trade["volume"] == Decimal("0.07")


def exactly(api: Any, path: str) -> Any:
    """Return the JSON at *path* with every digit of its numbers."""
    return json.loads(api.http.get(path).text, parse_float=Decimal)


# Duplicates


def test_the_same_import_again_adds_nothing(api: Any, row: RowMaker) -> None:
    """A partial import is completed by sending all of it again."""
    first = row("10:15", "XYZ", 30, "12.40")
    second = row("11:00", "XYZ", -30, "13")
    api.send(first)
    info = api.send(first, second)["info"]
    assert (info["exec_count"], info["duplicate_count"]) == (1, 1)
    info = api.send(first, second)["info"]
    assert (info["exec_count"], info["duplicate_count"]) == (0, 2)
    (trade,) = api.trades()
    assert trade["exec_count"] == 2


@pytest.mark.parametrize(
    ("other", "is_duplicate"),
    [
        ({"quantity": "30.0", "price": "12.4"}, True),
        ({"datetime": "2026-03-05T15:15:00Z"}, True),
        ({"commission": "9"}, True),
        ({"quantity": "31"}, False),
        ({"price": "12.41"}, False),
        ({"symbol": "XYZA"}, False),
        ({"option": "JAN16 26 45 CALL"}, False),
        ({"datetime": "2026-03-05T10:15:01-05:00"}, False),
    ],
)
def test_duplicates_agree_in_what_was_traded_when_and_for_how_much(
    api: Any, row: RowMaker, other: dict[str, object], *, is_duplicate: bool
) -> None:
    """By value, not by text; fees do not count."""
    first = row("10:15", "XYZ", 30, "12.40")
    api.send(first)
    info = api.send({**first, **other})["info"]
    assert info["duplicate_count"] == int(is_duplicate)


@pytest.mark.parametrize(
    ("precision", "time", "is_duplicate"),
    [
        ("second", "10:15:59", False),
        ("minute", "10:15:59", True),
        ("minute", "10:16:00", False),
        ("day", "19:59:59", True),
        ("instant", "10:15:00", True),
    ],
)
def test_the_precision_of_duplicates_can_be_switched(
    api: Any,
    sandbox: Sandbox,
    row: RowMaker,
    precision: str,
    time: str,
    *,
    is_duplicate: bool,
) -> None:
    """At run time too: what is known is looked at anew."""
    api.send(row("10:15", "XYZ", 30, 12))
    sandbox.assume(duplicate_precision=precision)
    info = api.send(row(time, "XYZ", 30, 12))["info"]
    assert info["duplicate_count"] == int(is_duplicate)


def test_duplicates_are_looked_for_under_all_account_tags(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """Or only under the same one, if so assumed."""
    api.send(row("10:15", "XYZ", 30, 12), account_tag="a")
    info = api.send(row("10:15", "XYZ", 30, 12), account_tag="b")["info"]
    assert info["duplicate_count"] == 1
    sandbox.assume(duplicate_scope="account_tag")
    info = api.send(row("10:15", "XYZ", 30, 12), account_tag="b")["info"]
    assert info["exec_count"] == 1
    info = api.send(row("10:15", "XYZ", 30, 12), account_tag="b")["info"]
    assert info["duplicate_count"] == 1


def test_twins_in_one_import_are_taken_for_one(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """Two real fills can be equal; whether they both arrive is an assumption."""
    twin = row("10:15", "XYZ", 30, 12)
    info = api.send(twin, twin)["info"]
    assert (info["exec_count"], info["duplicate_count"]) == (1, 1)
    sandbox.assume(twins_in_one_import="kept")
    other = row("10:15", "ABC", 30, 12)
    assert api.send(other, other)["info"]["exec_count"] == 2
    assert api.send(other)["info"]["duplicate_count"] == 1


def test_duplicates_can_be_allowed(api: Any, row: RowMaker) -> None:
    """For one import."""
    twin = row("10:15", "XYZ", 30, 12)
    api.send(twin)
    assert api.send(twin, twin, allow_duplicates=True)["info"]["exec_count"] == 2
    assert api.trades()[0]["volume"] == 90
    assert api.send(twin)["info"]["duplicate_count"] == 1


def test_a_flip_is_known_as_the_one_execution_it_was(api: Any, row: RowMaker) -> None:
    """Though two trades show a part of it each."""
    rows = [row("10:15", "XYZ", 30, 12), row("10:16", "XYZ", -50, 13)]
    api.send(*rows)
    assert len(api.trades()) == 2
    assert api.send(*rows)["info"]["duplicate_count"] == 2


def test_a_deleted_trade_can_be_imported_again(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """Unless deleted executions are assumed to stay known."""
    first = row("10:15", "XYZ", 30, 12)
    for assumed, count in (("forgotten", 0), ("remembered", 1)):
        sandbox.assume(deleted_executions=assumed)
        api.send(first)
        api.http.delete(f"/trades/{api.trades()[0]['id']}")
        assert api.send(first)["info"]["duplicate_count"] == count


def test_what_was_deleted_and_is_remembered_can_be_imported_with_duplicates_allowed(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """It stands there once, and fees that are laid over it are its own."""
    sandbox.assume(deleted_executions="remembered")
    rows = [row("10:15", "XYZ", 30, 12), row("10:16", "XYZ", -30, 13)]
    api.send(*rows)
    api.http.delete(f"/trades/{api.trades()[0]['id']}")
    assert api.send(*rows)["info"]["duplicate_count"] == 2
    assert api.trades() == []
    info = api.send(*rows, allow_duplicates=True)["info"]
    assert (info["exec_count"], info["duplicate_count"]) == (2, 0)
    fees = row("10:16", "XYZ", -30, 13, commission="2.50")
    assert api.send(fees, overlay_commissions=True)["info"]["exec_count"] == 1
    [trade] = api.trades()
    assert (trade["gross_pl"], trade["commission"], trade["exec_count"]) == (30, 2.5, 2)
    assert api.send(*rows)["info"]["duplicate_count"] == 2


def test_fees_are_not_laid_over_what_was_deleted(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """However well it is remembered."""
    sandbox.assume(deleted_executions="remembered")
    api.send(row("10:15", "XYZ", 30, 12))
    api.http.delete(f"/trades/{api.trades()[0]['id']}")
    fees = row("10:15", "XYZ", 30, 12, commission="2.50")
    assert api.send(fees, overlay_commissions=True)["info"]["exec_count"] == 0


# Tags


def test_import_tags_are_put_on_new_trades_only(api: Any, row: RowMaker) -> None:
    """A trade that goes on does not get those of the later import."""
    api.send(row("10:15", "OLD", 30, 12), tags=["one", " one", "", "two"])
    api.send(row("10:16", "OLD", 5, 12), row("10:17", "NEW", 5, 12), tags=["three"])
    assert {trade["symbol"]: trade["tags"] for trade in api.trades()} == {
        "OLD": ["one", "two"],
        "NEW": ["three"],
    }


def test_an_account_tag_is_among_the_tags_by_itself(api: Any, row: RowMaker) -> None:
    """Once, also when it is repeated."""
    api.send(row("10:15", "XYZ", 30, 12), tags=["paper"], account_tag="paper")
    assert api.trades()[0]["tags"] == ["paper"]
    assert len(api.trades(ortags="paper")) == 1


def test_account_tags_keep_positions_apart(api: Any, row: RowMaker) -> None:
    """One open position per symbol and account tag; an ordinary tag does not do."""
    api.send(row("10:15", "XYZ", 30, 12), account_tag="a")
    api.send(row("10:16", "XYZ", -10, 12), account_tag="b")
    api.send(row("10:17", "XYZ", -10, 12), tags=["a"])
    assert [(t["side"], t["tags"]) for t in api.trades()] == [
        ("short", ["a"]),
        ("short", ["b"]),
        ("long", ["a"]),
    ]


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_an_empty_account_tag_is_none(api: Any, row: RowMaker, nothing: object) -> None:
    """Null and empty text were both seen."""
    api.send(row("10:15", "XYZ", 30, 12), account_tag=nothing)
    assert api.trades()[0]["tags"] == []


def test_account_tags_may_be_matched_leniently(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """If so assumed: without an own open position, one open elsewhere takes it."""
    sandbox.assume(account_tag_matching="lenient")
    api.send(row("10:15", "XYZ", 30, 12))
    api.send(row("10:16", "XYZ", -30, 12), account_tag="a")
    api.send(row("12:15", "ABC", 30, 12), account_tag="a")
    api.send(row("12:16", "ABC", -30, 12))
    api.send(row("12:17", "QRS", 30, 12), account_tag="a")
    api.send(row("12:18", "QRS", 30, 12), account_tag="b")
    api.send(row("12:19", "QRS", 30, 12))
    assert [(t["symbol"], t["exec_count"]) for t in api.trades()] == [
        ("QRS", 1),
        ("QRS", 1),
        ("QRS", 1),
        ("ABC", 2),
        ("XYZ", 2),
    ]


# Plans


def test_the_free_plan_leaves_out_what_it_does_not_have(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """The flags say that there was at least one, not which."""
    sandbox.assume(plan="free")
    info = api.send(
        row("10:15", "XYZ", 30, 12, commission="1"),
        row("10:15", "ESZ6", 1, 5000),
        row("10:15", "SPY", 1, 2, option="JAN16 26 45 CALL"),
        row("10:15", "EURUSD", 1, "1.1"),
        account_tag="paper",
    )["info"]
    assert (info["exec_count"], info["overquota_count"]) == (1, 0)
    flags = ("skipped_futures", "skipped_options", "skipped_forex")
    assert [info[flag] for flag in flags] == [True, True, True]
    (trade,) = api.trades()
    assert (trade["symbol"], trade["commission"], trade["tags"]) == ("XYZ", 0, [])


def test_the_silver_plan_has_all_but_fees(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """Commission and fees are for gold."""
    sandbox.assume(plan="silver", quota=0)
    rows = [
        row("10:15", "ESZ6", 1, 5000, commission="1", transfee="2"),
        row("10:15", "SPY", 1, 2, option="JAN16 26 45 CALL"),
    ]
    info = api.send(*rows, account_tag="paper")["info"]
    assert (info["exec_count"], info["skipped_options"]) == (2, False)
    assert [(t["commission"], t["fees"], t["tags"]) for t in api.trades()] == [
        (0, 0, ["paper"])
    ] * 2


def test_fees_below_gold_may_be_kept(api: Any, sandbox: Sandbox, row: RowMaker) -> None:
    """If so assumed."""
    sandbox.assume(plan="silver", commission_below_gold="kept")
    api.send(row("10:15", "XYZ", 1, 1, commission="1"))
    assert api.trades()[0]["commission"] == 1


@pytest.mark.parametrize(
    ("assumed", "status", "tags"),
    [
        ("ignored", "succeeded", [["x"]]),
        ("tag", "succeeded", [["x", "paper"]]),
        ("failed", "failed", []),
    ],
)
def test_an_account_tag_on_the_free_plan_can_be_switched(
    api: Any,
    sandbox: Sandbox,
    row: RowMaker,
    assumed: str,
    status: str,
    tags: list[list[str]],
) -> None:
    """It never keeps positions apart there."""
    sandbox.assume(plan="free", account_tag_on_free=assumed)
    sent = api.send(row("10:15", "XYZ", 1, 1), account_tag="paper", tags=["x"])
    assert sent["status"] == status
    assert [trade["tags"] for trade in api.trades()] == tags
    if status == "succeeded":
        api.send(row("10:16", "XYZ", -1, 1))
        assert [trade["exec_count"] for trade in api.trades()] == [2]


@pytest.mark.parametrize("bad_row", ["rejects_all", "keeps_earlier", "keeps_others"])
def test_an_import_is_refused_as_a_whole_for_its_account_tag(
    api: Any, sandbox: Sandbox, row: RowMaker, bad_row: str
) -> None:
    """Whatever its rows are: none is numbered, nothing is stored."""
    sandbox.assume(plan="free", account_tag_on_free="failed", bad_row=bad_row)
    rows = [row("10:15", "XYZ", 1, 1), row("10:16", "XYZ", "one", 1)]
    status = api.send(*rows, account_tag="paper")
    assert status == {
        "status": "failed",
        "info": {
            "exec_count": 0,
            "duplicate_count": 0,
            "overquota_count": 0,
            "skipped_futures": False,
            "skipped_options": False,
            "skipped_forex": False,
            "error_description": "Account tags need a silver or gold subscription",
        },
    }
    assert api.trades() == []


def test_the_words_of_the_refusal_can_be_switched(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """Nobody knows them."""
    sandbox.assume(
        plan="free", account_tag_on_free="failed", account_tag_refusal="Upgrade now"
    )
    status = api.send(row("10:15", "XYZ", 1, 1), account_tag="paper")
    assert status["info"]["error_description"] == "Upgrade now"


def test_without_an_account_tag_the_free_plan_refuses_nothing(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """An empty one is none."""
    sandbox.assume(plan="free", account_tag_on_free="failed")
    for minute, tag in enumerate((None, "", " "), start=10):
        status = api.send(row(f"10:{minute}", "XYZ", 1, 1), account_tag=tag)
        assert status["status"] == "succeeded"


@pytest.mark.parametrize("by", ["assumption", "manager"])
def test_a_change_of_plan_takes_effect_with_the_next_import(
    api: Any,
    sandbox: Sandbox,
    log_in: Callable[[str], Any],
    row: RowMaker,
    by: str,
) -> None:
    """Up and down, for the sandbox as a whole or for one user."""
    sandbox.assume(account_tag_on_free="failed")
    manager = log_in("manager")
    if by == "manager":
        member = {"plan": "Gold", "email": "a@b.c", "password": "secret"}
        made = manager.http.post("/users", json={"username": "member", **member})
        user, api = made.json()["id"], log_in("member")

    def change(plan: str) -> None:
        if by == "assumption":
            sandbox.assume(plan=plan)
        else:
            changed = manager.http.put(f"/users/{user}", json={"plan": plan.title()})
            assert changed.status_code == 200

    plans = ["gold", "free", "silver", "free", "gold"]
    for minute, plan in enumerate(plans, start=10):
        change(plan)
        sent = api.send(row(f"10:{minute}", "XYZ", 1, 1, commission=1), account_tag="a")
        assert sent["status"] == ("failed" if plan == "free" else "succeeded")
    [trade] = api.trades()
    assert (trade["exec_count"], trade["commission"]) == (3, 2)
    assert trade["tags"] == ["a"]


def round_trips(row: RowMaker, symbol: str, *hours: int) -> list[dict[str, object]]:
    """Make a round trip at each of *hours*."""
    return [
        row(f"{hour:02}:{minute:02}", symbol, quantity, 10)
        for hour in hours
        for minute, quantity in ((0, 5), (5, -5))
    ]


def test_the_quota_counts_trades_by_symbol_then_by_date(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """Symbols in the order of their first appearance; what is above is counted."""
    sandbox.assume(plan="free", quota=3)
    rows = [
        *round_trips(row, "B", 15),
        *round_trips(row, "A", 9, 10, 11),
        *round_trips(row, "B", 8),
    ]
    info = api.send(*rows)["info"]
    assert (info["exec_count"], info["overquota_count"]) == (6, 4)
    stored = [(t["symbol"], t["start_datetime"][11:13]) for t in api.trades()]
    assert stored == [("B", "15"), ("A", "09"), ("B", "08")]


def test_the_rest_is_stored_after_an_upgrade(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """Send the same again: what is there stays, what is missing is added."""
    sandbox.assume(plan="free", quota=1, overquota_unit="trades")
    rows = round_trips(row, "A", 9, 10, 11)
    assert api.send(*rows)["info"]["overquota_count"] == 2
    sandbox.assume(plan="gold")
    info = api.send(*rows)["info"]
    assert (info["exec_count"], info["duplicate_count"]) == (4, 2)
    assert len(api.trades()) == 3


def test_the_quota_is_of_the_month_of_the_import(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """Not of the month of the trade."""
    sandbox.assume(plan="free", quota=1)
    assert api.send(*round_trips(row, "A", 9))["info"]["exec_count"] == 2
    assert api.send(*round_trips(row, "A", 10))["info"]["overquota_count"] == 2
    sandbox.inject("clock_skew", seconds=32 * 86400)
    assert api.send(*round_trips(row, "A", 10))["info"]["exec_count"] == 2


def test_a_trade_that_was_begun_is_completed_above_the_quota(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """More than the limit may be stored, so that no trade is left half."""
    sandbox.assume(plan="free", quota=1)
    api.send(row("10:15", "XYZ", 5, 10))
    info = api.send(row("10:16", "XYZ", -8, 10), row("10:17", "XYZ", 3, 10))["info"]
    assert (info["exec_count"], info["overquota_count"]) == (2, 0)
    assert [trade["open"] for trade in api.trades()] == [False, False]


def test_an_older_execution_of_an_open_trade_is_within_the_quota(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """And one that stands alone is not."""
    sandbox.assume(plan="free", quota=1)
    api.send(row("10:15", "XYZ", 5, 10), row("10:20", "XYZ", -5, 10))
    assert api.send(row("10:17", "XYZ", 3, 10))["info"]["exec_count"] == 1
    assert api.send(row("09:00", "XYZ", 3, 10))["info"]["overquota_count"] == 1


# Fees


def test_fees_change_their_names_on_the_way_back(api: Any, row: RowMaker) -> None:
    """And the trade's fees are the sum of both; rebates are negative."""
    api.send(
        row("10:15", "XYZ", 30, 12, commission="0.35", transfee="0.01", ecnfee="-0.05")
    )
    (trade,) = api.trades()
    assert (trade["commission"], trade["fees"]) == (0.35, -0.04)
    (execution,) = api.executions(trade["id"])
    assert execution["trans_fee"] == 0.01
    assert execution["ecn_fee"] == -0.05
    assert not {"transfee", "ecnfee", "option"} & set(execution)


def test_an_overlay_updates_fees_and_makes_no_trades(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """Of the executions that it cannot be told from; blank fees stay."""
    api.send(
        row("10:15", "XYZ", 30, 12, commission="1", ecnfee="0.5"),
        row("10:16", "XYZ", -40, 12),
    )
    status = api.send(
        row("10:15", "XYZ", 30, 12, commission="2", transfee="0.10"),
        row("10:16", "XYZ", -40, 12, commission="4"),
        row("10:17", "NEW", 30, 12, commission="3"),
        overlay_commissions=True,
    )
    assert (status["status"], status["info"]["exec_count"]) == ("succeeded", 2)
    shown = [(t["symbol"], t["commission"], t["fees"]) for t in api.trades()]
    assert shown == [("XYZ", 1, 0), ("XYZ", 5, 0.6)]
    sandbox.assume(plan="silver")
    api.send(row("10:15", "XYZ", 30, 12, commission="9"), overlay_commissions=True)
    assert api.trades()[1]["commission"] == 5


def test_an_overlay_goes_from_twin_to_twin(api: Any, row: RowMaker) -> None:
    """Equal rows go to equal executions one by one."""
    twin = row("10:15", "XYZ", 30, 12)
    api.send(twin)
    api.send(twin, allow_duplicates=True)
    api.send(
        {**twin, "commission": "1"},
        {**twin, "commission": "2"},
        {**twin, "commission": "4"},
        overlay_commissions=True,
    )
    assert api.trades()[0]["commission"] == 3


# Settings


def test_new_trades_get_template_and_risk_of_their_user(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """As the user's settings have them."""
    sandbox.assume(notes_template="Setup:\nExit:", default_initial_risk="50")
    api.send(row("10:15", "XYZ", 30, 12))
    sandbox.assume(import_notes="empty")
    api.send(row("10:15", "ABC", 30, 12))
    shown = {t["symbol"]: api.get(f"/trades/{t['id']}") for t in api.trades()}
    assert shown["XYZ"]["notes"] == "Setup:\r\nExit:"
    assert shown["ABC"]["notes"] == ""
    assert shown["XYZ"]["initial_risk"] == 50


@pytest.mark.parametrize(
    ("mode", "expected"), [("normal", 2), ("force_split", 3), ("force_merge", 1)]
)
def test_the_merge_mode_is_a_setting(
    api: Any, sandbox: Sandbox, row: RowMaker, mode: str, expected: int
) -> None:
    """The import cannot choose it."""
    sandbox.assume(merge_mode=mode)
    api.send(
        *[row(f"10:{minute}", "XYZ", q, 9) for minute, q in ((10, 5), (11, -5))],
        *[row(f"10:{minute}", "XYZ", q, 9) for minute, q in ((12, 5), (13, -5))],
        *[row(f"11:{minute}", "XYZ", q, 9) for minute, q in ((12, 5), (13, -5))],
    )
    assert len(api.trades()) == expected


def test_an_open_trade_is_completed_after_an_older_one_was_left_out(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """What is left out of a symbol does not take the rest of another trade along."""
    sandbox.assume(plan="free", quota=1)
    api.send(row("10:15", "XYZ", 5, 10))
    info = api.send(
        *round_trips(row, "XYZ", 8),
        row("10:20", "XYZ", -5, 10),
        *round_trips(row, "XYZ", 15),
    )["info"]
    assert (info["exec_count"], info["overquota_count"]) == (1, 4)
    assert [(t["open"], t["exec_count"]) for t in api.trades()] == [(False, 2)]

"""``/trades``: listing, filters, one trade, its executions, changes."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.sandbox.answers import excerpt

RowMaker = Callable[..., dict[str, object]]


@pytest.fixture
def closed(api: Any, row: RowMaker) -> dict[str, Any]:
    """A closed trade of 30 shares with a scaled exit."""
    api.send(
        row("10:15", "XYZ", 30, "12.40", commission="0.35", ecnfee="-0.02"),
        row("11:00", "XYZ", -10, "12.90"),
        row("12:00", "XYZ", -20, "13"),
        tags=["bot"],
    )
    (trade,) = api.trades()
    return dict(trade)


def test_a_closed_trade_is_listed_with_what_it_earned(
    api: Any, closed: dict[str, Any]
) -> None:
    """The exit price is that of the last exit, not the average."""
    assert closed == {
        "id": closed["id"],
        "symbol": "XYZ",
        "volume": 60,
        "open": False,
        "shared": False,
        "gross_pl": 17,
        "native_pl": 17,
        "native_currency": "USD",
        "commission": 0.35,
        "fees": -0.02,
        "side": "long",
        "entry_price": 12.4,
        "exit_price": 13,
        "start_datetime": "2026-03-05T10:15:00.000-05:00",
        "end_datetime": "2026-03-05T12:00:00.000-05:00",
        "tags": ["bot"],
        "exec_count": 3,
        "comment_count": 0,
        "notes_excerpt": "",
    }


def test_one_trade_shows_notes_and_risk_and_no_excerpt(
    api: Any, closed: dict[str, Any]
) -> None:
    """What needs price data is null."""
    trade = api.get(f"/trades/{closed['id']}")
    more = {"notes", "initial_risk", "best_exit_pl", "best_exit_pl_datetime"}
    assert more < set(trade)
    assert "notes_excerpt" not in trade
    assert trade["position_mfe"] is trade["price_mae_datetime"] is None
    shared = set(closed) - {"notes_excerpt"}
    assert {k: trade[k] for k in shared} == {k: closed[k] for k in shared}


def test_an_open_trade_has_no_exit(api: Any, row: RowMaker) -> None:
    """The price is left out, also after a partial exit; the end is null."""
    api.send(row("10:15", "XYZ", 30, 12), row("10:16", "XYZ", -10, 14))
    (trade,) = api.trades()
    assert "exit_price" not in trade
    assert trade["open"] is True
    assert trade["end_datetime"] is None
    assert trade["gross_pl"] == 20


def test_numbers_leave_as_decimal_text(api: Any, row: RowMaker) -> None:
    """No binary noise, no exponent, whole values without a point."""
    api.send(
        row("10:15", "XYZ", "0.1", "0.30000001"),
        row("10:16", "XYZ", "-0.1", "0.20"),
        row("10:17", "ABC", "1000000", "100.00"),
    )
    text = api.http.get("/trades").text
    told = json.loads(text, parse_float=Decimal)["trades"]
    assert told[1]["gross_pl"] == Decimal("-0.010000001")
    assert '"gross_pl":-0.010000001' in text
    assert '"volume":1000000,' in text
    assert '"entry_price":100,' in text


def test_executions_are_read_back_oldest_first(
    api: Any, closed: dict[str, Any]
) -> None:
    """With ids of their own, and times in milliseconds with an offset."""
    found = api.executions(closed["id"])
    assert [each["quantity"] for each in found] == [30, -10, -20]
    assert found[0] == {
        "id": found[0]["id"],
        "datetime": "2026-03-05T10:15:00.000-05:00",
        "symbol": "XYZ",
        "quantity": 30,
        "price": 12.4,
        "commission": 0.35,
        "trans_fee": 0,
        "ecn_fee": -0.02,
    }
    assert len({each["id"] for each in found}) == 3


def test_a_flip_shows_its_parts_in_both_trades(api: Any, row: RowMaker) -> None:
    """With ids and fees of their own."""
    api.send(row("10:15", "XYZ", 30, 12), row("10:16", "XYZ", -40, 13, commission="4"))
    second, first = api.trades()
    closing = api.executions(first["id"])[1]
    opening = api.executions(second["id"])[0]
    assert (closing["quantity"], closing["commission"]) == (-30, 3)
    assert (opening["quantity"], opening["commission"]) == (-10, 1)
    assert closing["id"] != opening["id"]
    assert (second["side"], first["gross_pl"]) == ("short", 30)


def test_contracts_are_read_back_under_their_underlying(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """Or with the contract, if so assumed."""
    api.send(row("10:15", "SPY", 1, 2, option="JAN16 26 45 CALL"))
    (trade,) = api.trades()
    assert api.executions(trade["id"])[0]["symbol"] == "SPY"
    sandbox.assume(option_symbol="contract")
    assert api.executions(trade["id"])[0]["symbol"] == "SPY JAN16 26 45 CALL"


def test_the_order_is_by_instant_also_when_the_clocks_change(api: Any) -> None:
    """01:30 comes twice on an autumn night; the second is the later one."""
    night = "2026-11-01T01:30:00"
    rows = [
        {"datetime": f"{night}-05:00", "symbol": "B", "quantity": "1", "price": "1"},
        {"datetime": f"{night}-04:00", "symbol": "A", "quantity": "1", "price": "1"},
        {"datetime": f"{night}-05:00", "symbol": "A", "quantity": "-1", "price": "2"},
    ]
    assert api.send(*rows)["info"]["duplicate_count"] == 0
    assert [trade["symbol"] for trade in api.trades()] == ["B", "A"]
    assert [(t["side"], t["gross_pl"]) for t in api.trades(symbol="A")] == [("long", 1)]


def test_halves_of_characters_do_no_harm(api: Any) -> None:
    """JSON can hold them, UTF-8 cannot."""
    content = b'{"symbol":"ABC","notes":"\\ud83d!"}'
    headers = {"content-type": "application/json"}
    assert api.http.post("/trades", content=content, headers=headers).is_success
    assert api.trades()[0]["notes_excerpt"] == "?!"


# Pages


@pytest.fixture
def many(api: Any, row: RowMaker) -> list[int]:
    """130 trades; their ids, newest first."""
    api.send(*(row(f"10:{n // 60:02}:{n % 60:02}", f"S{n}", 1, 1) for n in range(130)))
    ids: list[int] = []
    for page in (1, 2):
        ids += [trade["id"] for trade in api.trades(count=100, page=page)]
    return ids


def test_pages_follow_each_other_newest_first(api: Any, many: list[int]) -> None:
    """25 to a page unless told otherwise; past the end there is nothing."""
    assert len(many) == len(set(many)) == 130
    assert [trade["id"] for trade in api.trades()] == many[:25]
    assert [trade["id"] for trade in api.trades(page=2)] == many[25:50]
    assert [trade["id"] for trade in api.trades(count=100, page=2)] == many[100:]
    assert [trade["id"] for trade in api.trades(count=7, page=19)] == many[126:]
    assert api.trades(page=99) == []
    times = [trade["start_datetime"] for trade in api.trades(count=100)]
    assert times == sorted(times, reverse=True)


def test_more_than_a_hundred_are_capped_or_refused(
    api: Any, sandbox: Sandbox, many: list[int]
) -> None:
    """As assumed."""
    assert [trade["id"] for trade in api.trades(count=500)] == many[:100]
    sandbox.assume(count_above_100="refused")
    assert api.http.get("/trades", params={"count": 101}).status_code == 400


@pytest.mark.parametrize("value", ["0", "-1", "x", "", "١"])
def test_a_page_that_makes_no_sense_is_the_first(
    api: Any, sandbox: Sandbox, many: list[int], value: str
) -> None:
    """Or refused, if so assumed; an empty value is none."""
    assert len(api.trades(page=value, count=value)) == 25
    sandbox.assume(bad_filters="refused")
    status = api.http.get("/trades", params={"page": value}).status_code
    assert status == (400 if value else 200)


def test_a_listing_shows_changes_at_once(api: Any, closed: dict[str, Any]) -> None:
    """What is kept of an answer is written anew when the trade changes."""
    api.http.put(f"/trades/{closed['id']}", json={"notes": "new"})
    assert api.trades()[0]["notes_excerpt"] == "new"
    api.sandbox.person("me").comment("trades", closed["id"], "nice")
    assert api.trades()[0]["comment_count"] == 1


# Filters


@pytest.fixture
def mixed(api: Any, row: RowMaker) -> None:
    """Trades that differ in everything that can be filtered by."""
    api.send(
        row("2026-03-04 10:00", "WIN", 10, 1),
        row("2026-03-04 11:00", "WIN", -10, 2),
        tags=["a", "b"],
    )
    api.send(
        row("2026-03-05 10:00", "LOSS", -10, 1),
        row("2026-03-06 11:00", "LOSS", 10, 2),
        tags=["b"],
    )
    api.send(row("2026-03-06 23:59:59", "OPEN", 10, 1), tags=["c d"])
    api.http.post("/trades", json={"symbol": "HAND", "tags": ["a"]})


@pytest.mark.usefixtures("mixed")
@pytest.mark.parametrize(
    ("query", "symbols"),
    [
        ({}, ["HAND", "OPEN", "LOSS", "WIN"]),
        ({"symbol": "win"}, ["WIN"]),
        ({"symbol": "WI"}, []),
        ({"ortags": "a"}, ["HAND", "WIN"]),
        ({"ortags": "a,c d"}, ["HAND", "OPEN", "WIN"]),
        ({"andtags": "a,b"}, ["WIN"]),
        ({"andtags": "b"}, ["LOSS", "WIN"]),
        ({"andtags": "b", "symbol": "LOSS"}, ["LOSS"]),
        ({"side": "L"}, ["OPEN", "WIN"]),
        ({"side": "S"}, ["LOSS"]),
        ({"duration": "I"}, ["OPEN", "WIN"]),
        ({"duration": "M"}, ["LOSS"]),
        ({"plgross": "W"}, ["WIN"]),
        ({"plgross": "L"}, ["LOSS"]),
        ({"startdate": "03/05/2026", "enddate": "03/05/2026"}, ["LOSS"]),
        ({"startdate": "03/06/2026", "enddate": "03/06/2026"}, ["OPEN"]),
        ({"enddate": "3/4/2026"}, ["WIN"]),
        ({"startdate": "03/05/2026", "side": "L"}, ["OPEN"]),
        ({"tag": "b"}, ["HAND", "OPEN", "LOSS", "WIN"]),
        ({"account_tag": "x"}, ["HAND", "OPEN", "LOSS", "WIN"]),
        ({"startdate": "2026-03-05"}, ["HAND", "OPEN", "LOSS", "WIN"]),
        ({"side": "long"}, ["HAND", "OPEN", "LOSS", "WIN"]),
        ({"ortags": "b", "count": "1", "page": "2"}, ["WIN"]),
    ],
)
def test_filters_leave_what_they_say(
    api: Any, query: dict[str, str], symbols: list[str]
) -> None:
    """Days are Eastern and of the opening, both ends included."""
    assert [trade["symbol"] for trade in api.trades(**query)] == symbols


@pytest.mark.usefixtures("mixed")
def test_filters_that_are_not_documented_can_be_switched(
    api: Any, sandbox: Sandbox
) -> None:
    """The old tag filter; values that make no sense."""
    sandbox.assume(tag_filter="works", bad_filters="refused")
    assert [trade["symbol"] for trade in api.trades(tag="b")] == ["LOSS", "WIN"]
    for query in ({"startdate": "2026-03-05"}, {"side": "long"}, {"plgross": "x"}):
        answer = api.http.get("/trades", params=query)
        assert answer.status_code == 400
        assert answer.json()["error"].startswith("Invalid request")


# Changes


def test_a_put_changes_what_it_names_and_answers_with_nothing(
    api: Any, closed: dict[str, Any]
) -> None:
    """What is left out stays; what cannot be changed is ignored."""
    where = f"/trades/{closed['id']}"
    answer = api.http.put(
        where,
        json={"notes": "one\ntwo", "initial_risk": "12.50", "symbol": "ABC"},
    )
    assert (answer.status_code, answer.content) == (200, b"")
    trade = api.get(where)
    assert (trade["notes"], trade["initial_risk"]) == ("one\r\ntwo", 12.5)
    assert (trade["symbol"], trade["tags"]) == ("XYZ", ["bot"])
    api.http.put(where, json={"shared": True, "tags": ["x", "y", "x"]})
    trade = api.get(where)
    assert (trade["shared"], trade["tags"]) == (True, ["x", "y"])
    assert trade["notes"] == "one\r\ntwo"
    api.http.put(where, json={"initial_risk": None, "notes": None, "tags": []})
    trade = api.get(where)
    assert (trade["initial_risk"], trade["notes"], trade["tags"]) == (None, "", [])


def test_notes_that_were_read_can_be_written_back(
    api: Any, closed: dict[str, Any]
) -> None:
    """Line ends do not grow on the way."""
    where = f"/trades/{closed['id']}"
    api.http.put(where, json={"notes": "one\r\n\r\ntwo\nthree\r"})
    notes = api.get(where)["notes"]
    assert notes == "one\r\n\r\ntwo\r\nthree\r\n"
    api.http.put(where, json={"notes": notes})
    assert api.get(where)["notes"] == notes


@pytest.mark.parametrize(
    "body",
    [
        {"notes": 7},
        {"shared": "perhaps"},
        {"initial_risk": "much"},
        {"tags": "a,b"},
        {"tags": [None]},
        {"notes": "lost", "tags": {}},
    ],
)
def test_a_bad_put_changes_nothing(
    api: Any, closed: dict[str, Any], body: dict[str, object]
) -> None:
    """400 with a reason."""
    where = f"/trades/{closed['id']}"
    before = api.get(where)
    answer = api.http.put(where, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert api.get(where) == before


def test_tags_may_be_added_by_a_put(
    api: Any, sandbox: Sandbox, closed: dict[str, Any]
) -> None:
    """If so assumed."""
    sandbox.assume(tags_put="add")
    api.http.put(f"/trades/{closed['id']}", json={"tags": ["x", "bot"]})
    assert api.trades()[0]["tags"] == ["bot", "x"]


def test_a_new_trade_has_no_executions(api: Any) -> None:
    """Quantity, price, side and date are no members: ignored and not stored."""
    answer = api.http.post(
        "/trades",
        json={
            "symbol": "abc",
            "notes": "mine",
            "initial_risk": 5,
            "shared": "true",
            "tags": ["x"],
            "quantity": 100,
            "price": 12,
            "side": "long",
            "start_datetime": "2026-03-05T10:15:00-05:00",
        },
    )
    made = answer.json()["id"]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{api.sandbox.url}/trades/{made}"
    assert answer.json() == {"id": made}
    trade = api.get(f"/trades/{made}")
    assert (trade["symbol"], trade["notes"]) == ("ABC", "mine")
    assert (trade["shared"], trade["initial_risk"], trade["tags"]) == (True, 5, ["x"])
    assert (trade["volume"], trade["exec_count"], trade["open"]) == (0, 0, False)
    assert trade["side"] is trade["entry_price"] is trade["start_datetime"] is None
    assert api.executions(made) == []


def test_a_new_trade_takes_the_template_unless_told_otherwise(
    api: Any, sandbox: Sandbox
) -> None:
    """Left out: the template. Empty: empty."""
    sandbox.assume(notes_template="Setup:")
    for told, notes in (({}, "Setup:"), ({"notes": ""}, "")):
        made = api.http.post("/trades", json={"symbol": "ABC", **told}).json()["id"]
        assert api.get(f"/trades/{made}")["notes"] == notes


@pytest.mark.parametrize("body", [{}, {"symbol": ""}, {"symbol": 5}])
def test_a_new_trade_needs_a_symbol(api: Any, body: dict[str, object]) -> None:
    """400 with a reason."""
    answer = api.http.post("/trades", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert api.trades() == []


def test_a_deleted_trade_is_gone_with_its_executions(
    api: Any, sandbox: Sandbox, closed: dict[str, Any]
) -> None:
    """And its comments; the status is an assumption."""
    where = f"/trades/{closed['id']}"
    assert api.http.delete(where).status_code == 200
    for path in ("", "/executions", "/comments"):
        assert api.http.get(where + path).status_code == 404
    assert api.trades() == []
    assert api.http.delete(where).status_code == 404
    assert api.http.put(where, json={}).status_code == 404
    sandbox.assume(delete_status=204)
    made = api.http.post("/trades", json={"symbol": "ABC"}).json()["id"]
    assert api.http.delete(f"/trades/{made}").status_code == 204


def test_a_trade_of_somebody_else_is_not_there(
    log_in: Callable[[str], Any], closed: dict[str, Any]
) -> None:
    """404, as for one that never was."""
    other = log_in("other")
    assert other.http.get(f"/trades/{closed['id']}").status_code == 404
    assert other.http.delete(f"/trades/{closed['id']}").status_code == 404


# Forms of the answer


def test_the_form_of_answers_can_be_switched(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """Sides, nulls, prices, line ends; also of what was answered before."""
    api.send(
        row("10:15", "XYZ", -10, 12),
        row("10:16", "XYZ", -20, 15),
        row("10:17", "XYZ", 25, 10),
        row("10:18", "XYZ", 5, 4),
    )
    (trade,) = api.trades()
    assert (trade["side"], trade["entry_price"], trade["exit_price"]) == (
        "short",
        12,
        4,
    )
    sandbox.assume(
        side_text="letters",
        entry_price="average",
        exit_price="average",
        absent_values="missing",
        line_ends="kept",
    )
    (trade,) = api.trades()
    assert (trade["side"], trade["entry_price"], trade["exit_price"]) == ("S", 14, 9)
    assert trade["native_currency"] == "USD"
    sandbox.assume(native_values="null")
    (trade,) = api.trades()
    assert "native_pl" not in trade
    api.http.put(f"/trades/{trade['id']}", json={"notes": "a\nb"})
    detail = api.get(f"/trades/{trade['id']}")
    assert (detail["notes"], detail["initial_risk"]) == ("a\nb", None)
    assert "position_mfe" not in detail


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("short", "short"),
        ("x" * 100, "x" * 100),
        ("x" * 101, "x" * 97 + "..."),
        ("word " * 20, ("word " * 20)[:100]),
        ("word " * 21, "word " * 18 + "word" + "..."),
        ("a " + "x" * 120, "a..."),
        ("y" * 97 + " " + "z" * 9, "y" * 97 + "..."),
    ],
)
def test_an_excerpt_ends_at_a_word(text: str, expected: str) -> None:
    """At most a hundred characters, dots included."""
    assert excerpt(text) == expected
    assert len(excerpt(text)) <= 100

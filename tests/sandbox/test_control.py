"""``/_sandbox/``: control over HTTP, and a person at work."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from argo_tradervue_plugin.sandbox import Sandbox

RowMaker = Callable[..., dict[str, object]]


@pytest.fixture
def control(sandbox: Sandbox, http: httpx.Client) -> Any:
    """Call ``/_sandbox/`` without credentials and return status and JSON."""

    def control(method: str, path: str, **body: object) -> tuple[int, Any]:
        url = f"{sandbox.control_url}{path}"
        answer = http.request(method, url, json=body or None)
        return answer.status_code, answer.json()

    return control


def test_requests_and_imports_are_counted(
    api: Any, control: Any, row: RowMaker
) -> None:
    """By method and path, with ids taken out; imports with their outcome."""
    api.send(row("10:15", "XYZ", 1, 1), tags=["bot"], account_tag="paper")
    trade = api.trades()[0]["id"]
    api.executions(trade)
    api.http.get("/trades/999999")
    status, stats = control("GET", "/stats")
    assert status == 200
    assert stats["total"] == 5
    assert stats["requests"] == {
        "GET /imports": 1,
        "GET /trades": 1,
        "GET /trades/{id}": 1,
        "GET /trades/{id}/executions": 1,
        "POST /imports": 1,
    }
    assert stats["statuses"] == {"200": 4, "404": 1}
    assert (stats["import_count"], stats["execution_count"]) == (1, 1)
    (seen,) = stats["imports"]
    assert (seen["login"], seen["account_tag"], seen["tags"]) == (
        "me",
        "paper",
        ["bot"],
    )
    assert (seen["status"], seen["info"]["exec_count"]) == ("succeeded", 1)
    assert stats["most_in_flight"] == 1


def test_faults_are_set_shown_and_let_go(api: Any, control: Any) -> None:
    """Parameters stand beside the name or apart."""
    status, first = control("POST", "/faults", name="server_error", status=500, times=3)
    assert (status, first["parameters"]["status"]) == (201, 500)
    control(
        "POST", "/faults", name="latency", parameters={"seconds": "0.5"}, times=None
    )
    _, told = control("GET", "/faults")
    assert [(f["name"], f["times"]) for f in told["faults"]] == [
        ("server_error", 3),
        ("latency", None),
    ]
    assert told["faults"][1]["parameters"] == {"seconds": 0.5}
    assert control("DELETE", f"/faults/{told['faults'][1]['id']}")[0] == 200
    assert control("DELETE", "/faults/999")[0] == 404
    assert api.http.get("/trades").status_code == 500
    assert control("GET", "/faults")[1]["faults"][0]["applied"] == 1
    assert control("DELETE", "/faults") == (200, {"faults": []})
    assert api.http.get("/trades").status_code == 200


def test_assumptions_are_shown_and_switched(api: Any, control: Any) -> None:
    """At run time."""
    assert control("GET", "/assumptions")[1]["side_text"] == "words"
    status, told = control("PUT", "/assumptions", side_text="letters", quota="30")
    assert (status, told["side_text"], told["quota"]) == (200, "letters", 30)
    assert api.sandbox.assumptions.side_text == "letters"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/assumptions", {"colour": "red"}),
        ("PUT", "/assumptions", {"plan": "red"}),
        ("POST", "/faults", {"name": "earthquake"}),
        ("POST", "/faults", {"name": "latency", "parameters": 5}),
        ("POST", "/person", {"login": "me", "do": "__init__"}),
        ("POST", "/person", {"login": "me", "do": "delete_trade", "args": [1]}),
        ("POST", "/person", {"login": "me", "do": "delete_trade"}),
        ("POST", "/imports/advance", {"steps": "many"}),
        ("POST", "/clock/advance", {"seconds": "some"}),
        ("POST", "/clock/advance", {"seconds": -1}),
        ("POST", "/clock/advance", {}),
    ],
)
def test_what_makes_no_sense_is_refused(
    control: Any, method: str, path: str, body: dict[str, object]
) -> None:
    """400 with a reason."""
    status, told = control(method, path, **body)
    assert status == 400
    assert told["error"]


def test_imports_are_advanced_by_hand(api: Any, control: Any, row: RowMaker) -> None:
    """Step by step, of one login or of all."""
    assert control("PUT", "/imports", import_seconds=None)[0] == 200
    api.http.post("/imports", json={"executions": [row("10:15", "A", 1, 1)]})
    _, told = control("POST", "/imports/advance", login="me")
    assert told["states"]["me"] == "processing"
    _, told = control("POST", "/imports/advance")
    assert told["states"]["me"] == "succeeded"
    assert control("PUT", "/imports", import_seconds=0.5)[0] == 200
    assert api.sandbox.import_seconds == 0.5


def test_time_passes_at_once(api: Any, control: Any, row: RowMaker) -> None:
    """What is under way shows, and the wall clock agrees."""
    control("PUT", "/assumptions", read_delay_seconds=300)
    api.send(row("10:15", "A", 1, 1))
    assert api.trades() == []
    before = datetime.fromisoformat(control("GET", "/clock")[1]["now"])
    status, shown = control("POST", "/clock/advance", seconds=300)
    assert (status, shown["ahead_seconds"]) == (200, 300)
    passed = datetime.fromisoformat(shown["now"]) - before
    assert passed >= timedelta(seconds=300)
    assert len(api.trades()) == 1
    date = parsedate_to_datetime(api.http.get("/trades").headers["date"])
    assert date - before >= timedelta(seconds=299)


def test_a_reset_forgets_everything(api: Any, control: Any, row: RowMaker) -> None:
    """Accounts, faults, counts, and switches of assumptions."""
    api.send(row("10:15", "A", 1, 1))
    control("PUT", "/assumptions", plan="free")
    control("POST", "/faults", name="hang", times=9)
    control("POST", "/clock/advance", seconds=3600)
    assert control("POST", "/reset") == (200, {})
    assert api.trades() == []
    assert api.sandbox.assumptions.plan == "gold"
    assert control("GET", "/stats")[1]["total"] == 1
    assert control("GET", "/clock")[1]["ahead_seconds"] == 0


def test_the_index_says_what_there_is(control: Any) -> None:
    """Faults, assumptions, and what a person can do."""
    _, told = control("GET", "/")
    assert "reset_after" in told["faults"]
    assert "regroup_seconds" in told["assumptions"]
    assert "merge" in told["person"]


# A person on the web


@pytest.fixture
def traded(api: Any, row: RowMaker) -> list[int]:
    """Two round trips; ids of the trades, the older first."""
    api.send(
        *[row(f"10:{minute}", "XYZ", q, 10) for minute, q in ((10, 5), (11, -5))],
        *[row(f"11:{minute}", "XYZ", q, 12) for minute, q in ((10, 7), (11, -7))],
        tags=["bot"],
    )
    return [trade["id"] for trade in reversed(api.trades())]


def test_a_person_edits_what_is_written_about_a_trade(
    api: Any, control: Any, traded: list[int]
) -> None:
    """In process and over HTTP."""
    person = api.sandbox.person("me")
    person.write_notes(traded[0], "mine")
    person.set_risk(traded[0], "12.50")
    person.share(traded[0])
    status, _ = control(
        "POST", "/person", login="me", do="tag", args=[traded[0], "x", "y"]
    )
    assert status == 200
    trade = api.get(f"/trades/{traded[0]}")
    assert (trade["notes"], trade["initial_risk"]) == ("mine", 12.5)
    assert (trade["shared"], trade["tags"]) == (True, ["x", "y"])


def test_a_person_merges_trades(api: Any, traded: list[int], row: RowMaker) -> None:
    """The older one keeps its id and gets what was written about the other."""
    person = api.sandbox.person("me")
    person.write_notes(traded[0], "one")
    person.write_notes(traded[1], "two")
    assert person.merge(*reversed(traded)) == traded[0]
    (trade,) = api.trades()
    assert (trade["id"], trade["exec_count"], trade["volume"]) == (traded[0], 4, 24)
    assert api.get(f"/trades/{traded[0]}")["notes"] == "one\r\n\r\ntwo"
    # A new execution in time goes on with it; a late one leaves it alone.
    api.send(row("11:20", "XYZ", 3, 10), row("11:21", "XYZ", -3, 10))
    api.send(row("10:05", "XYZ", 1, 10))
    merged, late = api.trades()
    assert (merged["id"], merged["exec_count"], late["exec_count"]) == (traded[0], 6, 1)


def test_a_person_splits_a_trade(api: Any, traded: list[int], row: RowMaker) -> None:
    """Executions that form a trade get one of their own, and are known still."""
    person = api.sandbox.person("me")
    both = person.merge(*traded)
    ids = [execution["id"] for execution in api.executions(both)]
    made = person.split(both, ids[2:])
    assert [e["id"] for e in api.executions(made)] == ids[2:]
    assert [e["id"] for e in api.executions(both)] == ids[:2]
    assert api.send(row("11:10", "XYZ", 7, 12))["info"]["duplicate_count"] == 1
    with pytest.raises(KeyError):
        person.split(both, ids)


def test_a_person_deletes_an_execution(
    api: Any, control: Any, traded: list[int], row: RowMaker
) -> None:
    """It can be imported again; with the last one the trade goes."""
    first, second = (e["id"] for e in api.executions(traded[1]))
    status, _ = control(
        "POST", "/person", login="me", do="delete_execution", args=[traded[1], second]
    )
    assert status == 200
    trade = api.get(f"/trades/{traded[1]}")
    assert (trade["open"], trade["exec_count"]) == (True, 1)
    api.send(row("11:11", "XYZ", -7, 12))
    assert api.get(f"/trades/{traded[1]}")["open"] is False
    person = api.sandbox.person("me")
    person.delete_execution(traded[1], first)
    person.delete_execution(traded[1], api.executions(traded[1])[0]["id"])
    assert api.http.get(f"/trades/{traded[1]}").status_code == 404
    with pytest.raises(KeyError):
        person.delete_execution(traded[0], first)


def test_a_person_corrects_an_execution(
    api: Any, traded: list[int], row: RowMaker
) -> None:
    """The import as it was is no duplicate any more, the corrected one is."""
    first = api.executions(traded[0])[0]["id"]
    api.sandbox.person("me").edit_execution(
        traded[0], first, at="2026-03-05T10:09:30-05:00", quantity=6, price="9.5"
    )
    execution = api.executions(traded[0])[0]
    assert execution["datetime"] == "2026-03-05T10:09:30.000-05:00"
    assert (execution["quantity"], execution["price"]) == (6, 9.5)
    assert api.get(f"/trades/{traded[0]}")["volume"] == 11
    twin = row("10:09:30", "XYZ", 6, "9.5")
    assert api.send(twin)["info"]["duplicate_count"] == 1
    assert api.send(row("10:10", "XYZ", 5, 10))["info"]["duplicate_count"] == 0


def test_a_person_makes_and_deletes_trades(
    api: Any, control: Any, row: RowMaker
) -> None:
    """With executions or without; they count as known."""
    rows = [row("10:15", "ABC", 5, 1), row("10:16", "ABC", -5, 2)]
    status, told = control(
        "POST",
        "/person",
        login="me",
        do="create_trade",
        symbol="ABC",
        executions=rows,
        notes="by hand",
        tags=["mine"],
    )
    assert status == 200
    trade = api.get(f"/trades/{told['result']}")
    assert (trade["gross_pl"], trade["notes"], trade["tags"]) == (
        5,
        "by hand",
        ["mine"],
    )
    assert api.send(*rows)["info"]["duplicate_count"] == 2
    person = api.sandbox.person("me")
    person.delete_trade(person.create_trade("EMPTY"))
    assert [trade["symbol"] for trade in api.trades()] == ["ABC"]


def test_a_person_enters_executions_in_a_trade(
    api: Any, control: Any, traded: list[int], row: RowMaker
) -> None:
    """At any time and price; they are shown in order, and known."""
    entered = [row("09:00", "XYZ", "2.5", "9.99"), row("16:00", "XYZ", "-2.5", 11)]
    status, answer = control(
        "POST",
        "/person",
        login="me",
        do="add_executions",
        args=[traded[0]],
        executions=entered,
    )
    assert status == 200
    executions = api.executions(traded[0])
    assert [each["quantity"] for each in executions] == [2.5, 5, -5, -2.5]
    assert [executions[0]["id"], executions[3]["id"]] == answer["result"]
    assert api.send(*entered)["info"]["duplicate_count"] == 2
    assert api.get(f"/trades/{traded[1]}")["exec_count"] == 2


@pytest.mark.parametrize("at", ["2026-03-05T09:00:00-05:00", None])
@pytest.mark.parametrize("quantity", [5, -5])
def test_a_person_closes_a_position(
    api: Any,
    control: Any,
    row: RowMaker,
    monkeypatch: pytest.MonkeyPatch,
    at: str | None,
    quantity: int,
) -> None:
    """Whatever is open of it, at any price, at any second or now; and not twice."""
    api.send(
        row("10:15", "XYZ", quantity, 10),
        row("10:16", "XYZ", quantity / -5, 10),
        row("10:17", "SPY", quantity, 1, option="JAN16 26 45 CALL"),
    )
    now = datetime.fromisoformat("2026-03-09T16:00:00-04:00")
    monkeypatch.setattr(api.sandbox, "now", lambda: now)
    person = api.sandbox.person("me")
    for trade in api.trades():
        closing = {"login": "me", "do": "close_position", "args": [trade["id"], "7.25"]}
        closing |= {} if at is None else {"at": at}
        status, answer = control("POST", "/person", **closing)
        assert (status, len(answer["result"])) == (200, 1)
        closed = api.get(f"/trades/{trade['id']}")
        executions = api.executions(trade["id"])
        assert closed["open"] is False
        assert sum(each["quantity"] for each in executions) == 0
        [by_hand] = [each for each in executions if each["id"] in answer["result"]]
        assert by_hand["price"] == 7.25
        assert datetime.fromisoformat(by_hand["datetime"]).isoformat() == (
            at or now.isoformat()
        )
        assert control("POST", "/person", **closing)[0] == 400
    with pytest.raises(KeyError):
        person.close_position(999, 1)


def test_an_exit_after_a_person_closed_is_a_position_of_its_own(
    api: Any, traded: list[int], row: RowMaker
) -> None:
    """Which is what somebody who does not look first gets."""
    api.send(row("12:00", "OPEN", 10, 100), account_tag="a")
    [trade] = api.trades(symbol="OPEN")
    person = api.sandbox.person("me")
    person.close_position(trade["id"], 99, at="2026-03-05T12:30:00-05:00")
    api.send(row("13:00", "OPEN", -10, 101), account_tag="a")
    shown = [(t["side"], t["open"]) for t in api.trades(symbol="OPEN")]
    assert shown == [("short", True), ("long", False)]


def test_a_person_makes_a_position_smaller_and_the_exit_flips_it(
    api: Any, row: RowMaker
) -> None:
    """By deleting a fill, by correcting one, or by selling a part by hand."""
    person = api.sandbox.person("me")
    for symbol in ("DELETED", "CORRECTED", "SOLD"):
        api.send(row("12:00", symbol, 6, 100), row("12:01", symbol, 4, 100))
        [trade] = api.trades(symbol=symbol)
        first = api.executions(trade["id"])[0]["id"]
        if symbol == "DELETED":
            person.delete_execution(trade["id"], first)
        elif symbol == "CORRECTED":
            person.edit_execution(trade["id"], first, quantity=1)
        else:
            person.add_executions(trade["id"], [row("12:30", symbol, -5, 99)])
        api.send(row("13:00", symbol, -10, 101))
        sides = [(t["side"], t["open"]) for t in api.trades(symbol=symbol)]
        assert sides == [("short", True), ("long", False)]


@pytest.mark.parametrize(
    ("action", "members"),
    [
        ("add_executions", {"executions": [{"quantity": "x", "price": 1}]}),
        ("add_executions", {"executions": [{"quantity": 1}]}),
        ("edit_execution", {"quantity": 0}),
        ("edit_execution", {"quantity": "much"}),
        ("edit_execution", {"price": "1,5"}),
        ("edit_execution", {"at": "yesterday"}),
        ("close_position", {"price": "x"}),
        ("set_risk", {"risk": "high"}),
    ],
)
def test_what_a_person_cannot_enter_changes_nothing(
    api: Any, control: Any, row: RowMaker, action: str, members: dict[str, object]
) -> None:
    """400 with a reason, and the journal is as it was."""
    api.send(row("10:15", "XYZ", 5, 10))
    [trade] = api.trades()
    before = api.executions(trade["id"])
    args = [trade["id"], *([before[0]["id"]] if action == "edit_execution" else [])]
    status, answer = control(
        "POST", "/person", login="me", do=action, args=args, **members
    )
    assert status == 400
    assert answer["error"]
    assert api.executions(trade["id"]) == before
    assert api.trades() == [trade]


def test_a_person_reads_the_status_on_another_screen(api: Any, row: RowMaker) -> None:
    """And it is gone for everybody else."""
    person = api.sandbox.person("me")
    assert person.steal_status() is False
    api.http.post("/imports", json={"executions": [row("10:15", "A", 1, 1)]})
    assert person.steal_status() is True
    assert api.get("/imports") == {"status": "ready"}

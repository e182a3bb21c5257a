"""The import slot: states, mailbox, what a POST may be refused for."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.sandbox.booking import Order, Outcome
from argo_tradervue_plugin.sandbox.imports import Slot, state_after

ORDER = Order(rows=[], received_at=datetime(2026, 3, 5, tzinfo=UTC))
BUSY = (424, {"error": "import already in progress"})


def finish(_: Order) -> Outcome:
    """Process an import of one execution."""
    return Outcome(exec_count=1)


@pytest.mark.parametrize(
    ("elapsed", "seconds", "state"),
    [
        (0, 0, "finished"),
        (0, 2, "queued"),
        (0.99, 2, "queued"),
        (1, 2, "processing"),
        (2, 2, "finished"),
    ],
)
def test_the_state_follows_from_the_time(
    elapsed: float, seconds: float, state: str
) -> None:
    """Queued for the first half, then processing."""
    assert state_after(elapsed, seconds) == state


def test_an_import_goes_through_its_states_by_the_clock() -> None:
    """A result is read once; then the slot is ready."""
    slot = Slot()
    assert slot.read() == {"status": "ready"}
    slot.post(ORDER, 100.0, 2.0)
    seen = []
    for now in (100.0, 101.0, 102.0, 103.0):
        slot.settle(now, finish)
        seen.append(slot.read()["status"])
    assert seen == ["queued", "processing", "succeeded", "ready"]


def test_reading_before_the_end_changes_nothing() -> None:
    """Queued and processing have no info, and stay."""
    slot = Slot()
    slot.post(ORDER, 0.0, 2.0)
    for _ in range(2):
        slot.settle(0.0, finish)
        assert slot.read() == {"status": "queued"}
    assert slot.is_busy


def test_a_stuck_import_is_processing_for_ever() -> None:
    """Until somebody advances it by hand."""
    slot = Slot()
    slot.post(ORDER, 0.0, 1.0)
    slot.is_stuck = True
    slot.settle(1e9, finish)
    assert slot.read() == {"status": "processing"}
    slot.advance(finish)
    assert slot.read()["status"] == "succeeded"


def test_an_import_by_hand_does_not_mind_the_clock() -> None:
    """It goes on step by step."""
    slot = Slot()
    slot.post(ORDER, 0.0, None)
    slot.settle(1e9, finish)
    assert slot.read() == {"status": "queued"}
    slot.advance(finish)
    assert slot.read() == {"status": "processing"}
    slot.advance(finish)
    assert slot.read()["status"] == "succeeded"
    slot.advance(finish)
    assert slot.read() == {"status": "ready"}


# Over the wire


def test_a_finished_import_tells_what_it_did_once(
    api: Any, row: Callable[..., dict[str, object]]
) -> None:
    """The second GET says ready."""
    status = api.send(row("10:15", "XYZ", 30, "12.40"), row("11:00", "XYZ", -30, 13))
    assert status == {
        "status": "succeeded",
        "info": {
            "exec_count": 2,
            "duplicate_count": 0,
            "overquota_count": 0,
            "skipped_futures": False,
            "skipped_options": False,
            "skipped_forex": False,
        },
    }
    assert api.get("/imports") == {"status": "ready"}


def test_nothing_is_stored_before_the_import_has_finished(
    api: Any, sandbox: Sandbox, row: Callable[..., dict[str, object]]
) -> None:
    """Trades appear when the status says so, whether or not somebody asks for it."""
    sandbox.import_seconds = None
    api.http.post("/imports", json={"executions": [row("10:15", "XYZ", 1, 1)]})
    assert api.get("/imports") == {"status": "queued"}
    sandbox.advance("me")
    assert api.get("/imports") == {"status": "processing"}
    assert api.trades() == []
    sandbox.advance("me")
    assert len(api.trades()) == 1
    assert api.get("/imports")["status"] == "succeeded"


def test_one_import_at_a_time(
    api: Any, sandbox: Sandbox, row: Callable[..., dict[str, object]]
) -> None:
    """A POST while one is queued or processing is answered with 424."""
    sandbox.import_seconds = None
    body = {"executions": [row("10:15", "XYZ", 1, 1)]}
    assert api.http.post("/imports", json=body).status_code == 200
    for _ in range(2):
        answer = api.http.post("/imports", json=body)
        assert (answer.status_code, answer.json()) == BUSY
        sandbox.advance("me")
    assert api.http.post("/imports", json=body).status_code == 200


def test_an_unread_result_is_overwritten(
    api: Any, sandbox: Sandbox, row: Callable[..., dict[str, object]]
) -> None:
    """The failure of the first import is lost for good."""
    api.http.post("/imports", json={"executions": [row("10:15", "XYZ", "?", 1)]})
    api.http.post("/imports", json={"executions": [row("10:15", "XYZ", 1, 1)]})
    assert api.get("/imports")["status"] == "succeeded"
    assert api.get("/imports") == {"status": "ready"}
    seen = [each["status"] for each in sandbox.stats.imports]
    assert seen == ["failed", "succeeded"]


def test_each_user_has_a_slot_of_his_own(
    api: Any, log_in: Callable[[str], Any], row: Callable[..., dict[str, object]]
) -> None:
    """Results and trades too."""
    api.http.post("/imports", json={"executions": [row("10:15", "XYZ", 1, 1)]})
    other = log_in("other")
    assert other.get("/imports") == {"status": "ready"}
    assert other.trades() == []
    assert api.get("/imports")["status"] == "succeeded"


@pytest.mark.parametrize("body", [{}, {"executions": []}, {"executions": None}])
def test_no_executions_is_a_status_and_not_an_error(api: Any, body: object) -> None:
    """The member has another name than in other refusals."""
    answer = api.http.post("/imports", json=body)
    assert answer.status_code == 400
    assert answer.json() == {"status": "no executions"}


@pytest.mark.parametrize(
    "body",
    [
        {"executions": {"symbol": "XYZ"}},
        {"executions": "XYZ"},
        {"executions": ["XYZ"]},
        {"executions": [{}], "allow_duplicates": "perhaps"},
        {"executions": [{}], "overlay_commissions": 7},
        {"executions": [{}], "tags": "bot"},
        {"executions": [{}], "tags": [1]},
        {"executions": [{}], "account_tag": ["a"]},
        [],
        "text",
    ],
)
def test_a_request_of_the_wrong_shape_is_refused(api: Any, body: object) -> None:
    """Rows are judged later, the shape at once."""
    answer = api.http.post("/imports", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Invalid request: ")
    assert api.get("/imports") == {"status": "ready"}


def test_a_body_that_is_no_json_is_refused(api: Any) -> None:
    """So is JSON that nests too deep."""
    for body in (b"{", b"\xff\xfe", b"[" * 100_000):
        answer = api.http.post(
            "/imports", content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400
        assert answer.json()["error"].startswith("Invalid request: ")


@pytest.mark.parametrize("value", [True, "true", "TRUE"])
def test_booleans_come_as_booleans_and_as_text(
    api: Any, row: Callable[..., dict[str, object]], value: object
) -> None:
    """The documentation and its samples differ."""
    api.send(row("10:15", "XYZ", 1, 1))
    status = api.send(row("10:15", "XYZ", 1, 1), allow_duplicates=value)
    assert status["info"]["exec_count"] == 1


def test_a_body_without_its_type_does_not_count(
    api: Any, sandbox: Sandbox, row: Callable[..., dict[str, object]]
) -> None:
    """Hence no executions; unless it is assumed to be parsed."""
    body = json.dumps({"executions": [row("10:15", "XYZ", 1, 1)]}).encode()
    assert api.http.post("/imports", content=body).json() == {"status": "no executions"}
    sandbox.assume(untyped_body="parsed")
    assert api.http.post("/imports", content=body).json() == {"status": "queued"}


def test_an_import_may_be_posted_as_a_form(api: Any) -> None:
    """As an official sample does."""
    pairs = [("allow_duplicates", "false"), ("tags[]", "bot"), ("tags[]", "x")]
    for quantity in ("30", "-30"):
        pairs += [
            ("executions[][datetime]", "2026-03-05T10:15:00-05:00"),
            ("executions[][symbol]", "XYZ"),
            ("executions[][quantity]", quantity),
            ("executions[][price]", "12.40"),
        ]
    answer = api.http.post(
        "/imports",
        content=urlencode(pairs),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.json() == {"status": "queued"}
    assert api.get("/imports")["info"]["exec_count"] == 2
    (trade,) = api.trades()
    assert trade["tags"] == ["bot", "x"]


def test_members_that_nobody_knows_are_ignored(
    api: Any, row: Callable[..., dict[str, object]]
) -> None:
    """A misspelled one loses data without an error."""
    api.send(row("10:15", "XYZ", 1, 1, ecnfees="5"), overlay_comissions=True)
    assert api.trades()[0]["fees"] == 0


def test_a_refused_post_leaves_the_unread_result(
    api: Any, sandbox: Sandbox, row: Callable[..., dict[str, object]]
) -> None:
    """Or clears it, if so assumed."""
    body = {"executions": [row("10:15", "XYZ", 1, 1)]}
    for assumed, status in (("no", "succeeded"), ("yes", "ready")):
        sandbox.assume(refused_post_clears=assumed)
        api.http.post("/imports", json=body)
        api.http.post("/imports", json={})
        assert api.get("/imports")["status"] == status


def test_what_is_not_documented_about_refusals_can_be_switched(
    api: Any, sandbox: Sandbox, row: Callable[..., dict[str, object]]
) -> None:
    """Status codes, a limit, what comes first."""
    sandbox.assume(no_executions_status=422, invalid_request_status=422, import_limit=1)
    rows = [row("10:15", "XYZ", 1, 1), row("10:16", "XYZ", 1, 1)]
    assert api.http.post("/imports", json={}).status_code == 422
    assert api.http.post("/imports", json=[]).status_code == 422
    too_many = api.http.post("/imports", json={"executions": rows})
    assert too_many.json() == {"error": "Invalid request: more than 1 executions"}
    sandbox.import_seconds = None
    api.http.post("/imports", json={"executions": rows[:1]})
    assert api.http.post("/imports", json={}).status_code == 424
    sandbox.assume(busy_check="last")
    assert api.http.post("/imports", json={}).status_code == 422
    assert api.http.post("/imports", json={"executions": rows[:1]}).status_code == 424


def test_reads_may_lag_behind_a_finished_import(
    api: Any, sandbox: Sandbox, row: Callable[..., dict[str, object]]
) -> None:
    """The journal is shown as it was, edits are kept, duplicates are known at once."""
    api.send(row("10:15", "OLD", 1, 1))
    old = api.trades()[0]["id"]
    sandbox.assume(read_delay_seconds="3600")
    api.send(row("10:16", "OLD", 1, 1), row("10:15", "NEW", 1, 1))
    assert [trade["exec_count"] for trade in api.trades()] == [1]
    api.http.put(f"/trades/{old}", json={"notes": "mine"})
    assert api.get(f"/trades/{old}")["notes"] == "mine"
    assert api.send(row("10:15", "NEW", 1, 1))["info"]["duplicate_count"] == 1
    api.send(row("10:15", "THIRD", 1, 1))
    assert len(api.trades()) == 1
    account = sandbox.account("me")
    later = account.seen_at(sandbox.elapsed() + 7200)
    assert later.trades[old].notes == "mine"
    assert len(later.trades[old].parts) == 2
    assert len(later.trades) == 3

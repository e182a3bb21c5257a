"""Faults: what goes wrong on a real socket, and how it is told to."""

import socket
import struct
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from argo_tradervue_plugin.sandbox import Sandbox, running
from argo_tradervue_plugin.sandbox.faults import KINDS, Faults, fault, parse_fault

RowMaker = Callable[..., dict[str, object]]
IMPATIENT = httpx.Timeout(60, read=0.1)  # for the answer; a connection may take longer


# What can be told


@pytest.mark.parametrize("name", KINDS)
def test_every_fault_says_what_happens(name: str) -> None:
    """And can be made with nothing but its name."""
    assert KINDS[name].meaning
    assert all(meaning for _, meaning in KINDS[name].parameters.values())
    assert fault(name).name == name
    assert parse_fault(name).described()["times"] == KINDS[name].times


def test_a_fault_is_told_in_one_line() -> None:
    """Values are read as what they are."""
    made = parse_fault(
        "server_error:status=502,times=unlimited,method=put,path=/trades/*,skip=2"
    )
    assert (made.status(), made.times, made.skip) == (502, None, 2)
    assert made.matches("PUT", "/trades/7")
    assert not made.matches("GET", "/trades/7")
    assert not made.matches("PUT", "/notes/7")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("earthquake", "no fault is called 'earthquake'"),
        ("latency:colour=red", "latency has no 'colour'"),
        ("latency:seconds", "is not key=value"),
        ("latency:seconds=long", "is no number"),
        ("latency:times=-1", "is below zero"),
        ("latency:seconds=nan", "is more than"),
        ("clock_skew:seconds=-1e300", "is more than"),
        ("latency:times=many", "is no whole number"),
        ("server_error:status=200", "from 400 to 599"),
        ("redirect:status=200", "from 301 to 308"),
        ("hang:when=later", "one of before, after"),
        ("import_failure:numbered=perhaps", "one of yes, no"),
    ],
)
def test_what_does_not_exist_is_refused(text: str, says: str) -> None:
    """Saying what does."""
    with pytest.raises(ValueError, match=says):
        parse_fault(text)


def test_a_fault_lets_pass_and_counts() -> None:
    """First *skip* requests, then *times* faults, then it is gone."""
    faults = Faults()
    faults.add(fault("unauthorized", skip=1, times=2, path="/trades"))
    met = []
    for path in ("/trades", "/notes", "/trades", "/trades", "/trades"):
        due = faults.due("GET", path)
        met.append(bool(due))
        for each in due.values():
            faults.use(each)
    assert met == [False, False, True, True, False]
    assert faults.applied == {"unauthorized": 2}


def test_faults_of_one_name_follow_each_other() -> None:
    """The oldest first."""
    faults = Faults()
    faults.add(fault("server_error", status=500))
    faults.add(fault("server_error", status=502))
    seen = []
    for _ in range(2):
        met = faults.due("GET", "/trades")["server_error"]
        seen.append(met.status())
        faults.use(met)
    assert seen == [500, 502]
    assert list(faults) == []


# Answers other than Tradervue's


def test_an_error_status_comes_in_the_place_of_the_answer(api: Any) -> None:
    """As often as told, and nothing is processed."""
    api.sandbox.inject("server_error", status=502, times=2, retry_after=7)
    for _ in range(2):
        answer = api.http.post("/trades", json={"symbol": "A"})
        assert (answer.status_code, answer.headers["retry-after"]) == (502, "7")
    assert api.trades() == []


def test_an_error_status_may_come_after_the_effect(api: Any) -> None:
    """The trade is there."""
    api.sandbox.inject("server_error", when="after", status=504, method="POST")
    assert api.http.post("/trades", json={"symbol": "A"}).status_code == 504
    assert len(api.trades()) == 1


def test_a_rate_limit_says_when_to_come_back_or_not(api: Any) -> None:
    """In seconds, as a date, or not at all."""
    api.sandbox.inject("rate_limit")
    api.sandbox.inject("rate_limit", retry_after=30)
    api.sandbox.inject("rate_limit", retry_after=30, form="date")
    answers = [api.http.get("/trades") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429] * 3
    assert "retry-after" not in answers[0].headers
    assert answers[1].headers["retry-after"] == "30"
    until = parsedate_to_datetime(answers[2].headers["retry-after"])
    now = parsedate_to_datetime(answers[2].headers["date"])
    assert timedelta(seconds=29) <= until - now <= timedelta(seconds=31)
    assert api.http.get("/trades").status_code == 200


def test_a_password_may_have_been_changed(api: Any) -> None:
    """401 with a challenge."""
    api.sandbox.inject("unauthorized")
    answer = api.http.get("/trades")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_a_redirect_points_elsewhere(api: Any) -> None:
    """With path and query; nothing is processed."""
    api.sandbox.inject("redirect", status=308, location="https://example.com")
    answer = api.http.post("/trades?x=1", json={"symbol": "A"})
    assert answer.status_code == 308
    assert answer.headers["location"] == "https://example.com/api/v1/trades?x=1"
    assert api.trades() == []


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
def test_a_page_may_come_instead(api: Any, when: str, stored: int) -> None:
    """HTML, also with a status that says that all is well."""
    api.sandbox.inject("html_page", status=200, when=when)
    answer = api.http.post("/trades", json={"symbol": "A"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert len(api.trades()) == stored


def test_json_may_be_cut_in_well_formed_http(api: Any) -> None:
    """Status and length are right, the text is not."""
    whole = api.http.get("/trades").content
    api.sandbox.inject("truncated_json")
    answer = api.http.get("/trades")
    assert answer.status_code == 200
    assert answer.content == whole[: len(whole) // 2]


def test_an_answer_may_end_before_its_length(api: Any) -> None:
    """The connection closes in the middle; the request was processed."""
    api.sandbox.inject("truncated_json", announced="all")
    with pytest.raises(httpx.RemoteProtocolError):
        api.http.post("/trades", json={"symbol": "A"})
    assert len(api.trades()) == 1


def test_json_may_be_none(api: Any) -> None:
    """Complete, but no JSON."""
    api.sandbox.inject("malformed_json")
    answer = api.http.get("/trades")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r".*"):
        answer.json()


# Connections


@pytest.mark.parametrize(("name", "stored"), [("reset_before", 0), ("reset_after", 1)])
def test_a_connection_may_be_reset(api: Any, name: str, stored: int) -> None:
    """Before or after the effect; the next request is answered."""
    api.sandbox.inject(name, method="POST")
    with pytest.raises(httpx.ReadError):
        api.http.post("/trades", json={"symbol": "A"})
    assert len(api.trades()) == stored


def test_a_reset_is_a_reset_and_not_an_end(api: Any) -> None:
    """RST on the wire, not a byte before it."""
    api.sandbox.inject("reset_before")
    port = httpx.URL(api.sandbox.url).port or 0
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
        sock.sendall(b"GET /api/v1/trades HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


def test_there_may_be_no_answer(api: Any) -> None:
    """Until the client gives up; the sandbox lives on."""
    api.sandbox.inject("hang")
    with pytest.raises(httpx.ReadTimeout):
        api.http.get("/trades", timeout=IMPATIENT)
    assert api.trades() == []


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
def test_silence_may_end_with_the_connection(api: Any, when: str, stored: int) -> None:
    """After some seconds; the request was processed or not."""
    api.sandbox.inject("hang", seconds=0.02, when=when)
    with pytest.raises(httpx.RemoteProtocolError):
        api.http.post("/trades", json={"symbol": "A"})
    assert len(api.trades()) == stored


def test_an_answer_may_be_late(api: Any) -> None:
    """Others are not held up meanwhile; the request is processed after the wait."""
    api.sandbox.inject("latency", seconds=0.3, method="POST")
    late = threading.Thread(
        target=lambda: api.http.post("/trades", json={"symbol": "A"})
    )
    began = time.monotonic()
    late.start()
    while not api.sandbox.faults.applied:
        time.sleep(0.001)
    assert api.trades() == []
    late.join()
    assert time.monotonic() - began >= 0.3
    assert len(api.trades()) == 1
    assert api.sandbox.stats.most_in_flight == 2


def test_a_client_that_leaves_early_takes_its_request_along(api: Any) -> None:
    """A late request is not processed once its client is gone."""
    api.sandbox.inject("latency", seconds=30, method="POST")
    with pytest.raises(httpx.ReadTimeout):
        api.http.post("/trades", json={"symbol": "A"}, timeout=IMPATIENT)
    while api.sandbox.stats.in_flight:
        time.sleep(0.001)
    assert api.trades() == []


def test_a_hanging_request_does_not_keep_the_server(http: httpx.Client) -> None:
    """It is let go when the sandbox stops."""
    with running(import_seconds=0) as sandbox:
        sandbox.inject("hang")
        seen: list[Exception] = []

        def ask() -> None:
            try:
                http.get(f"{sandbox.url}/trades", timeout=30)
            except httpx.HTTPError as error:
                seen.append(error)

        waiting = threading.Thread(target=ask)
        waiting.start()
        while not sandbox.faults.applied:
            time.sleep(0.001)
    waiting.join(60)
    assert isinstance(seen[0], httpx.RemoteProtocolError)


def test_a_client_may_reset_too(api: Any) -> None:
    """The sandbox does not mind."""
    port = httpx.URL(api.sandbox.url).port or 0
    with socket.create_connection(("127.0.0.1", port)) as sock:
        no_linger = struct.pack("ii", 1, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        sock.sendall(b"POST /api/v1/trades HTTP/1.1\r\nContent-Length: 99\r\n\r\n{")
    assert api.trades() == []


# Imports


@pytest.mark.parametrize(("numbered", "number"), [("yes", 2), ("no", None)])
def test_an_import_may_fail_on_a_row(
    api: Any, row: RowMaker, numbered: str, number: int | None
) -> None:
    """With the row's number in the answer or without it."""
    api.sandbox.inject("import_failure", row=2, reason="a curse", numbered=numbered)
    rows = [row("10:15", "A", 1, 1), row("10:16", "A", 1, 1)]
    status = api.send(*rows)
    assert status["status"] == "failed"
    assert status["info"]["error_description"] == "at least one data row had a curse"
    assert status["info"].get("error_execnumber") == number
    assert api.trades() == []
    assert api.send(*rows)["status"] == "succeeded"


def test_an_import_fails_at_its_last_row_if_it_has_no_other(
    api: Any, row: RowMaker
) -> None:
    """So that a fault never points outside the import."""
    api.sandbox.inject("import_failure", row=9)
    status = api.send(row("10:15", "A", 1, 1))
    assert status["info"]["error_execnumber"] == 1


def test_an_import_may_never_finish(api: Any, row: RowMaker) -> None:
    """Until faults are cleared."""
    api.sandbox.inject("import_stuck")
    body = {"executions": [row("10:15", "A", 1, 1)]}
    api.http.post("/imports", json=body)
    assert api.get("/imports") == {"status": "processing"}
    assert api.http.post("/imports", json=body).status_code == 424
    api.sandbox.clear_faults()
    assert api.get("/imports")["status"] == "succeeded"


def test_the_slot_may_be_taken(api: Any, row: RowMaker) -> None:
    """424, though nothing is going on that this client knows of."""
    api.sandbox.inject("import_busy")
    body = {"executions": [row("10:15", "A", 1, 1)]}
    assert api.http.post("/imports", json=body).status_code == 424
    assert api.http.post("/imports", json=body).status_code == 200


def test_a_result_may_be_stolen(api: Any, sandbox: Sandbox, row: RowMaker) -> None:
    """The next GET says ready; only where there was a result."""
    sandbox.inject("status_stolen")
    sandbox.import_seconds = None
    api.http.post("/imports", json={"executions": [row("10:15", "A", 1, 1)]})
    assert api.get("/imports") == {"status": "queued"}
    sandbox.advance("me", steps=2)
    assert api.get("/imports") == {"status": "ready"}
    assert len(api.trades()) == 1
    assert sandbox.faults.applied == {"status_stolen": 1}


def test_the_clock_may_be_wrong(api: Any, sandbox: Sandbox) -> None:
    """Date header and times of creation."""
    sandbox.inject("clock_skew", seconds=-86400)
    for _ in range(2):
        answer = api.http.post("/trades", json={"symbol": "A"})
        date = parsedate_to_datetime(answer.headers["date"])
        behind = datetime.now(UTC) - date
        assert timedelta(hours=23) < behind < timedelta(hours=25)
        trade = sandbox.account("me").journal.trades[answer.json()["id"]]
        assert abs(trade.created_at - date) < timedelta(seconds=2)
    sandbox.clear_faults()
    date = parsedate_to_datetime(api.http.get("/trades").headers["date"])
    assert abs(datetime.now(UTC) - date) < timedelta(minutes=1)

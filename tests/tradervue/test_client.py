"""Every call of the client: what goes out, and what comes of the answer."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx

from argo_tradervue_plugin.errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    ImportInProgress,
    LeaseLost,
    NotFound,
    PermissionRefused,
    RateLimited,
    Rejected,
    ServerError,
    Unreachable,
    WrongAddress,
)
from argo_tradervue_plugin.model.journal import (
    Comment,
    ImportRequest,
    ImportState,
    JournalEntry,
    JournalEntryDetail,
    JournalExecution,
    JournalTradeDetail,
    NewExecution,
    NewTrade,
    NewUser,
    Note,
    TradeChange,
    TradeFilter,
    User,
    UserChange,
)
from argo_tradervue_plugin.tradervue.client import TradervueClient

BASE_URL = "https://app.tradervue.com/api/v1"
IMPORT = ImportRequest(
    executions=(
        NewExecution(
            symbol="XYZ",
            quantity=Decimal(30),
            price=Decimal("12.40"),
            executed_at=datetime(2026, 3, 5, 15, 15, tzinfo=UTC),
        ),
    )
)
Call = Callable[[TradervueClient], object]

DAY = date(2026, 3, 5)
USER = NewUser(username="u", email="e", plan="Gold", password="p")

# Every call, with the method and path that it is to use, a good answer, and whether
# it may be done twice.
CALLS: dict[str, tuple[Call, str, str, Any, bool]] = {
    "check": (lambda c: c.check(), "GET", "/trades", {"trades": []}, True),
    "create_import": (
        lambda c: c.create_import(IMPORT),
        "POST",
        "/imports",
        {"status": "queued"},
        False,
    ),
    "import_status": (
        lambda c: c.import_status(),
        "GET",
        "/imports",
        {"status": "ready"},
        False,
    ),
    "list_trades": (
        lambda c: list(c.list_trades()),
        "GET",
        "/trades",
        {"trades": []},
        True,
    ),
    "trade": (
        lambda c: c.trade(5),
        "GET",
        "/trades/5",
        {"id": 5, "symbol": "XYZ"},
        True,
    ),
    "copy_of": (
        lambda c: c.copy_of(5, "comments"),
        "GET",
        "/trades/5/comments",
        {"comments": []},
        True,
    ),
    "create_trade": (
        lambda c: c.create_trade(NewTrade(symbol="XYZ")),
        "POST",
        "/trades",
        {"id": 5},
        False,
    ),
    "update_trade": (
        lambda c: c.update_trade(5, TradeChange(notes="n")),
        "PUT",
        "/trades/5",
        None,
        True,
    ),
    "delete_trade": (lambda c: c.delete_trade(5), "DELETE", "/trades/5", None, True),
    "executions": (
        lambda c: c.executions(5),
        "GET",
        "/trades/5/executions",
        {"executions": []},
        True,
    ),
    "comments": (
        lambda c: c.comments("journal", 5),
        "GET",
        "/journal/5/comments",
        {"comments": []},
        True,
    ),
    "list_journal": (
        lambda c: list(c.list_journal()),
        "GET",
        "/journal",
        {"journal_entries": []},
        True,
    ),
    "journal_entry": (
        lambda c: c.journal_entry(5),
        "GET",
        "/journal/5",
        {"id": 5, "date": "2026-03-05"},
        True,
    ),
    "create_journal_entry": (
        lambda c: c.create_journal_entry(DAY, "n"),
        "POST",
        "/journal",
        {"id": 5},
        False,
    ),
    "update_journal_entry": (
        lambda c: c.update_journal_entry(5, "n"),
        "PUT",
        "/journal/5",
        None,
        True,
    ),
    "delete_journal_entry": (
        lambda c: c.delete_journal_entry(5),
        "DELETE",
        "/journal/5",
        None,
        True,
    ),
    "list_notes": (
        lambda c: list(c.list_notes()),
        "GET",
        "/notes",
        {"journal_notes": []},
        True,
    ),
    "note": (lambda c: c.note(5), "GET", "/notes/5", {"id": 5}, True),
    "create_note": (lambda c: c.create_note("n"), "POST", "/notes", {"id": 5}, False),
    "update_note": (lambda c: c.update_note(5, "n"), "PUT", "/notes/5", None, True),
    "delete_note": (lambda c: c.delete_note(5), "DELETE", "/notes/5", None, True),
    "list_users": (lambda c: c.list_users(), "GET", "/users", {"users": []}, True),
    "user": (
        lambda c: c.user(5),
        "GET",
        "/users/5",
        {"id": 5, "username": "u"},
        True,
    ),
    "create_user": (lambda c: c.create_user(USER), "POST", "/users", {"id": 5}, False),
    "update_user": (
        lambda c: c.update_user(5, UserChange(plan="Gold")),
        "PUT",
        "/users/5",
        None,
        True,
    ),
}

STATUSES: dict[int, type[ApiError]] = {
    400: Rejected,
    401: AuthenticationFailed,
    403: PermissionRefused,
    404: NotFound,
    422: Rejected,
    424: ImportInProgress,
    429: RateLimited,
    500: ServerError,
    503: ServerError,
}


def respond(status: int, answer: object = None) -> httpx.Response:
    return httpx.Response(status, json=answer) if answer else httpx.Response(status)


every_call = pytest.mark.parametrize("name", CALLS)
# A test request says how things are, and is made once.
every_call_but_check = pytest.mark.parametrize(
    "name", [n for n in CALLS if n != "check"]
)


def good(answer: object) -> dict[str, Any]:
    return {"status_code": 200} if answer is None else {"json": answer}


def test_every_public_method_is_tested_here(client: TradervueClient) -> None:
    """A new one belongs into the table above."""
    methods = {name for name in dir(client) if not name.startswith("_")}

    assert methods - {"clock_ahead", "close", "watch"} == set(CALLS)


@every_call
def test_requests_carry_the_headers_that_the_api_wants(
    name: str, make_client: Callable[..., TradervueClient], api: respx.MockRouter
) -> None:
    """Who we are, for whom we act, and JSON both ways."""
    call, method, path, answer, _ = CALLS[name]
    route = api.request(method, path).respond(**good(answer))

    call(make_client(user_id=77, contact="ops@example.org"))

    request = route.calls.last.request
    headers = request.headers
    assert headers["User-Agent"].startswith("argo-tradervue-plugin/")
    assert headers["User-Agent"].endswith(" (ops@example.org)")
    assert headers["Accept"] == "application/json"
    assert headers["Authorization"] == "Basic dHJhZGVyOmNhbmFyeS1ww6Rzc3dvcmQ="
    assert headers["Tradervue-UserId"] == "77"
    has_body = method in {"POST", "PUT"}
    assert headers.get("Content-Type") == ("application/json" if has_body else None)
    assert isinstance(json.loads(request.content), dict) if has_body else True


def test_nobody_else_is_acted_for_by_default(
    client: TradervueClient, api: respx.MockRouter
) -> None:
    """The header is for managers of an organization only."""
    route = api.get("/trades").respond(json={"trades": []})

    client.check()

    assert "Tradervue-UserId" not in route.calls.last.request.headers


@every_call
def test_every_call_fails_in_the_same_words(
    name: str, client: TradervueClient, api: respx.MockRouter
) -> None:
    """The class decides, the text has Tradervue's words in one line."""
    call, method, path, _, is_repeatable = CALLS[name]
    route = api.request(method, path)
    is_list = (method, path) == ("GET", "/trades")
    if is_repeatable and not is_list:
        api.get("/trades").respond(json={"trades": []})

    for status, kind in STATUSES.items():
        if is_list and status == 404:
            continue  # there is always a list: see below
        route.respond(status, json={"error": "words of\nthe server"})
        if method == "DELETE" and status == 404:
            call(client)
            continue
        with pytest.raises(kind) as raised:
            call(client)
        assert type(raised.value) is kind
        assert raised.value.status == status
        assert str(raised.value).endswith(f": HTTP {status}, words of the server")
        assert "?" not in str(raised.value)


@every_call_but_check
def test_a_call_is_repeated_only_where_that_is_safe(
    name: str, client: TradervueClient, api: respx.MockRouter, fake_time: Any
) -> None:
    """After 429 nothing was processed; after 5xx nobody knows."""
    call, method, path, answer, is_repeatable = CALLS[name]
    route = api.request(method, path)
    is_list = (method, path) == ("GET", "/trades")
    if is_repeatable and not is_list:
        api.get("/trades").respond(json={"trades": []})

    for status, kind in STATUSES.items():
        if is_list and status == 404:
            continue
        before, slept = route.call_count, len(fake_time.sleeps)
        route.side_effect = [respond(status), respond(status), respond(200, answer)]
        repeated = status == 429 or (status >= 500 and is_repeatable)
        if repeated or (method == "DELETE" and status == 404):
            call(client)
        else:
            with pytest.raises(kind):
                call(client)
        assert route.call_count - before == (3 if repeated else 1)
        assert len(fake_time.sleeps) - slept == (2 if repeated else 0)


@every_call_but_check
def test_a_lost_answer_is_asked_for_again_only_where_that_is_safe(
    name: str, client: TradervueClient, api: respx.MockRouter
) -> None:
    """An import or a status that may have been processed is not."""
    call, method, path, answer, is_repeatable = CALLS[name]
    route = api.request(method, path)
    route.side_effect = [httpx.ReadTimeout("lost"), respond(200, answer)]

    if is_repeatable:
        call(client)
        assert route.call_count == 2
    else:
        with pytest.raises(Unreachable, match="did not answer") as raised:
            call(client)
        assert raised.value.sent
        assert route.call_count == 1


@every_call_but_check
def test_a_request_that_never_left_is_sent_again(
    name: str, client: TradervueClient, api: respx.MockRouter
) -> None:
    """Even an import: nothing can have been processed."""
    call, method, path, answer, _ = CALLS[name]
    route = api.request(method, path)
    route.side_effect = [httpx.ConnectTimeout("no"), respond(200, answer)]

    call(client)

    assert route.call_count == 2


@pytest.mark.parametrize(
    "answer", [respond(429), respond(503), httpx.ConnectTimeout("no")], ids=str
)
def test_test_request_is_made_once(
    client: TradervueClient, api: respx.MockRouter, answer: httpx.Response | Exception
) -> None:
    """Who asks a server that is down whether it is back asks gently."""
    route = api.get("/trades").mock(side_effect=[answer])

    with pytest.raises(ApiError):
        client.check()

    assert route.call_count == 1


@every_call
def test_pages_for_people_are_no_answers(
    name: str, client: TradervueClient, api: respx.MockRouter
) -> None:
    """A captive portal's 200 is not read as an empty journal."""
    call, method, path, *_ = CALLS[name]
    api.request(method, path).respond(200, html="<p>Log in</p>")

    kind = WrongAddress if name == "check" else BadAnswer
    with pytest.raises(kind, match="an HTML page"):
        call(client)


@every_call
def test_redirects_are_not_followed(
    name: str, client: TradervueClient, api: respx.MockRouter
) -> None:
    """A POST would become a GET, and the password go elsewhere."""
    call, method, path, _, _ = CALLS[name]
    api.request(method, path).respond(
        301, headers={"Location": "https://www.tradervue.com/api/v1/x?y=z"}
    )

    kind = WrongAddress if name == "check" else BadAnswer
    with pytest.raises(kind, match=r"redirect to www.tradervue.com \(HTTP 301\)"):
        call(client)


@pytest.mark.parametrize(
    "location",
    [
        "http://xn--/",
        "http://[::1",
        "javascript:alert(1)",
        "//\x1b[31m",
        "//\u202e.com",
    ],
)
def test_an_odd_address_of_a_redirect_is_a_redirect_all_the_same(
    location: str, client: TradervueClient, api: respx.MockRouter
) -> None:
    """httpx reads it even where it does not go there, and fails in ways of its own."""
    api.get("/trades/7").respond(302, headers=[(b"Location", location.encode())])

    with pytest.raises(BadAnswer, match=r"with a redirect to \S* ?\(HTTP 302\)"):
        client.trade(7)


@every_call_but_check
def test_each_attempt_is_announced_in_its_turn(
    name: str,
    make_client: Callable[..., TradervueClient],
    api: respx.MockRouter,
    fake_time: Any,
) -> None:
    """The owner of the client renews its lease there, also before a repetition."""
    call, method, path, answer, _ = CALLS[name]
    announced: list[float] = []
    route = api.request(method, path)
    route.side_effect = [
        respond(429) if attempt < 2 else respond(200, answer) for attempt in range(3)
    ]

    call(
        make_client(
            before_attempt=lambda: announced.append(fake_time.now),
            request_interval=10.0,
        )
    )

    assert announced == [1_000.0, 1_010.0, 1_020.0]


def test_what_the_announcement_raises_passes_unchanged(
    make_client: Callable[..., TradervueClient],
) -> None:
    """Nothing is sent after it."""
    lost = LeaseLost("somebody else forwards")

    def refuse() -> None:
        raise lost

    with pytest.raises(LeaseLost) as raised:
        make_client(before_attempt=refuse).create_import(IMPORT)

    assert raised.value is lost
    assert raised.value.__cause__ is None


def test_requests_are_paced_for_tradervue_alone(
    make_client: Callable[..., TradervueClient], api: respx.MockRouter, fake_time: Any
) -> None:
    """Half a second apart by default; this machine needs no mercy."""
    api.get("/trades").respond(json={"trades": []})
    api.get(url="http://127.0.0.1:5/trades?count=1").respond(json={"trades": []})

    for base_url in ("https://app.tradervue.com/api/v1", "http://127.0.0.1:5"):
        client = make_client(base_url=base_url, request_interval=None)
        client.check()
        client.check()

    assert fake_time.sleeps == [0.5]


def test_a_long_retry_after_is_handed_to_the_caller(
    client: TradervueClient, api: respx.MockRouter, fake_time: Any
) -> None:
    """Its schedule can wait for hours, a thread should not."""
    route = api.get("/trades").respond(429, headers={"Retry-After": "3600"})

    with pytest.raises(RateLimited) as raised:
        client.check()

    assert raised.value.retry_after == 3600.0
    assert route.call_count == 1
    assert fake_time.sleeps == []


def test_the_number_of_tries_can_be_set(
    make_client: Callable[..., TradervueClient], api: respx.MockRouter
) -> None:
    """One means: no repetition."""
    route = api.get("/trades").respond(503)

    with pytest.raises(ServerError):
        make_client(retries=1).check()

    assert route.call_count == 1


def test_the_check_asks_for_one_trade(
    client: TradervueClient, api: respx.MockRouter
) -> None:
    """Not for the status of an import, which it would clear."""
    route = api.get("/trades", params={"count": "1"}).respond(json={"trades": []})

    client.check()

    assert route.called


def test_an_import_is_sent_as_the_api_wants_it(
    client: TradervueClient, api: respx.MockRouter
) -> None:
    """The wire tests have the details."""
    route = api.post("/imports").respond(json={"status": "queued"})

    client.create_import(IMPORT)

    assert json.loads(route.calls.last.request.content)["executions"] == [
        {
            "datetime": "2026-03-05T10:15:00-05:00",
            "symbol": "XYZ",
            "quantity": "30",
            "price": "12.40",
            "option": "",
        }
    ]


@pytest.mark.parametrize("answer", [{"status": "no executions"}, {}, []])
def test_an_import_is_only_taken_when_it_is_queued(
    client: TradervueClient, api: respx.MockRouter, answer: Any
) -> None:
    """A 200 with other words is nothing that the API documents."""
    api.post("/imports").respond(json=answer)

    with pytest.raises(BadAnswer, match="status"):
        client.create_import(IMPORT)


def test_a_refused_import_tells_why(
    client: TradervueClient, api: respx.MockRouter
) -> None:
    """In the words of the documentation's own example."""
    api.post("/imports").respond(422, json={"status": "no executions"})

    with pytest.raises(Rejected) as raised:
        client.create_import(IMPORT)

    assert str(raised.value) == "Tradervue refused the import: HTTP 422, no executions"


def test_a_finished_import_is_told(
    client: TradervueClient, api: respx.MockRouter
) -> None:
    """With its result."""
    api.get("/imports").respond(
        json={"status": "failed", "info": {"error_execnumber": 1}}
    )

    status = client.import_status()

    assert status.state is ImportState.FAILED
    assert status.result is not None
    assert status.result.error_row == 0


def test_objects_are_read(client: TradervueClient, api: respx.MockRouter) -> None:
    """One of each kind."""
    api.get("/trades/5").respond(json={"id": 5, "symbol": "XYZ", "notes": "n"})
    api.get("/trades/5/executions").respond(
        json={
            "executions": [
                {
                    "id": 1,
                    "symbol": "XYZ",
                    "quantity": 30,
                    "price": 12.4,
                    "datetime": "2026-03-05T10:15:00.000-05:00",
                }
            ]
        }
    )
    moment = "2026-03-05T15:15:00.000Z"
    api.get("/notes/6/comments").respond(
        json={"comments": [{"id": 1, "username": "u", "text": "t", "datetime": moment}]}
    )
    api.get("/journal/7").respond(json={"id": 7, "date": "2026-03-05"})
    api.get("/notes/6").respond(json={"id": 6, "notes": "n"})
    api.get("/users").respond(json={"users": [{"id": 8, "username": "u"}]})
    api.get("/users/8").respond(json={"id": 8, "username": "u"})
    then = datetime(2026, 3, 5, 15, 15, tzinfo=UTC)

    assert client.trade(5) == JournalTradeDetail(id=5, symbol="XYZ", notes="n")
    assert client.executions(5) == [
        JournalExecution(
            id=1,
            symbol="XYZ",
            quantity=Decimal(30),
            price=Decimal("12.4"),
            executed_at=then,
        )
    ]
    assert client.comments("notes", 6) == [
        Comment(id=1, username="u", text="t", written_at=then)
    ]
    assert client.journal_entry(7) == JournalEntryDetail(id=7, date=DAY)
    assert client.note(6) == Note(id=6, notes="n")
    assert client.list_users() == [User(id=8, username="u")]
    assert client.user(8) == User(id=8, username="u")


def test_created_objects_give_their_ids(
    client: TradervueClient, api: respx.MockRouter
) -> None:
    """201 with a Location and the id in the body."""
    for number, path in enumerate(("/trades", "/journal", "/notes", "/users"), 5):
        api.post(path).respond(
            201, headers={"Location": f"{path}/{number}"}, json={"id": number}
        )

    assert client.create_trade(NewTrade(symbol="XYZ")) == 5
    assert client.create_journal_entry(date=DAY) == 6
    assert client.create_note("n") == 7
    assert client.create_user(USER) == 8


def test_the_bodies_of_changes_are_not_read(
    client: TradervueClient, api: respx.MockRouter
) -> None:
    """A successful PUT has none, whatever its content type says."""
    json_type = {"Content-Type": "application/json"}
    api.put("/trades/5").respond(200, headers=json_type, content=b"")
    api.delete("/trades/5").respond(204)

    client.update_trade(5, TradeChange(tags=("a",)))
    client.delete_trade(5)


def test_a_deletion_may_be_done_twice(
    client: TradervueClient, api: respx.MockRouter
) -> None:
    """The first answer was lost; by the second attempt the trade is gone."""
    route = api.delete("/trades/5")
    route.side_effect = [httpx.ReadTimeout("lost"), httpx.Response(404)]
    api.get("/trades").respond(json={"trades": []})

    client.delete_trade(5)

    assert route.call_count == 2


def test_a_journal_entry_with_trades_stays(
    client: TradervueClient, api: respx.MockRouter
) -> None:
    """The refusal is Tradervue's own."""
    api.delete("/journal/5").respond(400, json={"error": "trades exist"})

    with pytest.raises(Rejected, match="deletion of journal entry 5: HTTP 400"):
        client.delete_journal_entry(5)


def test_filters_become_queries(client: TradervueClient, api: respx.MockRouter) -> None:
    """Slashes are encoded."""
    trades = api.get("/trades").respond(json={"trades": []})
    journal = api.get("/journal").respond(json={"journal_entries": []})

    list(client.list_trades(TradeFilter(symbol="XYZ", start=DAY), page_size=50))
    list(client.list_journal(day=DAY))
    assert trades.calls.last.request.url.query in {
        b"symbol=XYZ&startdate=03%2F05%2F2026&count=50&page=1",
        b"symbol=XYZ&startdate=03/05/2026&count=50&page=1",
    }
    assert journal.calls.last.request.url.params["d"] == "03/05/2026"

    list(client.list_journal(start=DAY, end=DAY))
    assert dict(journal.calls.last.request.url.params) == {
        "startdate": "03/05/2026",
        "enddate": "03/05/2026",
        "count": "100",
        "page": "1",
    }


def test_journal_entries_and_notes_are_listed(
    client: TradervueClient, api: respx.MockRouter
) -> None:
    """Page by page, like trades."""
    api.get("/journal").respond(
        json={"journal_entries": [{"id": 1, "date": "2026-03-05"}]}
    )
    api.get("/notes").respond(json={"journal_notes": [{"id": 2}]})

    assert list(client.list_journal()) == [JournalEntry(id=1, date=DAY)]
    assert list(client.list_notes()) == [Note(id=2)]


def test_numbers_alone_make_a_path(client: TradervueClient) -> None:
    """A text could lead to another object."""
    with pytest.raises(ValueError, match="format code 'd'"):
        client.delete_trade("5/../6")  # type: ignore[arg-type]


def test_leaving_the_block_closes_the_client(
    make_client: Callable[..., TradervueClient], api: respx.MockRouter
) -> None:
    """As with a file."""
    api.get("/trades").respond(json={"trades": []})

    with make_client() as client:
        client.check()

    with pytest.raises(RuntimeError, match="closed"):
        client.check()


FOREIGN = [
    pytest.param(httpx.Response(404), "HTTP 404, no reason given", id="404"),
    pytest.param(httpx.Response(405), "HTTP 405, no reason given", id="405"),
    pytest.param(
        httpx.Response(200, html="<p>x"), r"an HTML page \(HTTP 200", id="page"
    ),
    pytest.param(
        httpx.Response(200, text="<!DOCTYPE html><p>x"), "an HTML page", id="as text"
    ),
    pytest.param(httpx.Response(404, html="<p>x"), "an HTML page", id="404 page"),
    pytest.param(httpx.Response(200, json={"ok": 1}), "JSON without a list", id="JSON"),
    pytest.param(httpx.Response(200, json=[]), "JSON without a list", id="list"),
    pytest.param(httpx.Response(200, text="[" * 100_000), "text/plain", id="nested"),
    pytest.param(
        httpx.Response(200, content=b"[" * 100_000), "not JSON", id="nested JSON"
    ),
    pytest.param(httpx.Response(200, content=b""), "not JSON", id="empty"),
    pytest.param(httpx.Response(200, text="hello"), "text/plain", id="text"),
    pytest.param(httpx.Response(302), "a redirect to nowhere", id="redirect"),
]


@pytest.mark.parametrize(("answer", "said"), FOREIGN)
def test_a_wrong_address_is_named_with_what_answers_there(
    make_client: Callable[..., TradervueClient],
    api: respx.MockRouter,
    answer: httpx.Response,
    said: str,
) -> None:
    """An operator reads which setting is wrong, and what the address is."""
    api.get("https://journal.example/trades").mock(return_value=answer)
    api.get("https://journal.example/api/v1/trades").respond(404)

    with pytest.raises(WrongAddress, match=said) as raised:
        make_client(base_url="https://journal.example").check()

    assert str(raised.value).startswith("https://journal.example is not Tradervue's")
    assert str(raised.value).endswith("; check base_url")
    assert raised.value.status == answer.status_code


@pytest.mark.parametrize(
    ("better", "is_suggested"),
    [
        (httpx.Response(200, json={"trades": []}), True),
        (httpx.Response(401, json={"error": "no"}), True),
        (httpx.Response(401, html="<p>Log in"), False),
        (httpx.Response(200, html="<p>Welcome"), False),
        (httpx.Response(503), False),
    ],
    ids=["a list", "a refusal", "a page that refuses", "a page", "down"],
)
def test_an_address_without_the_path_of_the_api_is_completed(
    make_client: Callable[..., TradervueClient],
    api: respx.MockRouter,
    better: httpx.Response,
    is_suggested: bool,
) -> None:
    """The site's own address is what people know."""
    api.get("https://journal.example/trades").respond(200, html="<p>Sign in")
    api.get("https://journal.example/api/v1/trades").mock(return_value=better)

    with pytest.raises(WrongAddress) as raised:
        make_client(base_url="https://journal.example/").check()

    suggested = "https://journal.example/api/v1 answers like Tradervue"
    assert (suggested in str(raised.value)) is is_suggested


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401), AuthenticationFailed),
        (httpx.Response(401, html="<p>no"), AuthenticationFailed),
        (httpx.Response(403, json={"error": "no"}), PermissionRefused),
        (httpx.Response(403, html="<p>no"), BadAnswer),
        (httpx.Response(429), RateLimited),
        (httpx.Response(400, json={"error": "no"}), Rejected),
        (httpx.Response(503, html="<p>later"), ServerError),
        (httpx.Response(200, content=b'{"trades": [{"id"'), BadAnswer),
        (httpx.Response(200, json={"trades": [{"id": "x"}]}), BadAnswer),
    ],
    ids=["401", "401 page", "403", "403 page", "429", "400", "503", "half", "a row"],
)
def test_what_may_be_tradervues_own_says_nothing_of_the_address(
    client: TradervueClient,
    api: respx.MockRouter,
    answer: httpx.Response,
    kind: type[ApiError],
) -> None:
    """A refused login, a proxy's page and half an answer have causes of their own."""
    api.get("/trades").mock(return_value=answer)

    with pytest.raises(kind) as raised:
        client.check()

    assert type(raised.value) is kind


@pytest.mark.parametrize(
    ("test_request", "kind"),
    [
        (httpx.Response(200, json={"trades": []}), NotFound),
        (httpx.Response(404), WrongAddress),
        (httpx.Response(503), ServerError),
        (httpx.Response(401), AuthenticationFailed),
        (httpx.ConnectError("no"), Unreachable),
    ],
    ids=["there", "wrong address", "down", "refused", "no connection"],
)
@pytest.mark.parametrize(
    "name", ["trade", "executions", "update_trade", "delete_trade"]
)
def test_a_trade_counts_as_deleted_only_while_tradervue_answers(
    name: str,
    client: TradervueClient,
    api: respx.MockRouter,
    test_request: httpx.Response | Exception,
    kind: type[ApiError],
) -> None:
    """Any other server at the address has no such trade either."""
    call, method, path, *_ = CALLS[name]
    api.request(method, path).respond(404)
    api.get("/trades").mock(side_effect=[test_request])

    if name == "delete_trade" and kind is NotFound:
        call(client)
        return
    with pytest.raises(kind) as raised:
        call(client)
    assert type(raised.value) is kind


def test_many_deleted_trades_cost_a_single_test_request(
    client: TradervueClient, api: respx.MockRouter, fake_time: Any
) -> None:
    """What was seen a moment ago still holds, and a while later it is seen again."""
    api.get(url__regex=r".*/trades/\d+$").respond(404)
    test = api.get(f"{BASE_URL}/trades").respond(json={"trades": []})

    for number in range(1, 6):
        with pytest.raises(NotFound):
            client.trade(number)
    assert test.call_count == 1

    fake_time.sleep(10)
    with pytest.raises(NotFound):
        client.trade(6)
    assert test.call_count == 2


def test_the_door_hears_who_is_let_in(
    client: TradervueClient, api: respx.MockRouter
) -> None:
    """Every answer about the login counts, whatever was asked; a proxy's does not."""
    heard: list[str] = []

    class Door:
        def refused(self, error: ApiError) -> None:
            heard.append(type(error).__name__)

        def opened(self) -> None:
            heard.append("opened")

    client.watch(Door())
    route = api.get("/trades/5")
    for answer in (
        httpx.Response(401),
        httpx.Response(403),
        httpx.Response(403, html="<p>proxy"),
        httpx.Response(200, html="<p>portal"),
        httpx.Response(500),
    ):
        route.side_effect = [answer] * 3
        with pytest.raises(ApiError):
            client.trade(5)
    api.get("/trades").respond(json={"trades": []})
    client.check()

    assert heard == ["AuthenticationFailed", "PermissionRefused", "opened"]

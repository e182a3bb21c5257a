"""Who is let in, in which order that is asked, and what Tradervue does not offer."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from argo_tradervue_plugin.sandbox import Sandbox, running
from argo_tradervue_plugin.sandbox.accounts import Accounts

AGENT = {"user-agent": "Tests (https://example.com)"}


def test_without_a_user_agent_nothing_is_answered(api: Any) -> None:
    """400, before credentials are looked at."""
    for auth in (None, httpx.BasicAuth("me", "secret")):
        for blank in (None, ""):
            request = api.http.build_request("GET", "/trades")
            del request.headers["user-agent"]
            if blank is not None:
                request.headers["user-agent"] = blank
            assert api.http.send(request, auth=auth).status_code == 400


def test_without_credentials_there_is_a_challenge(api: Any, http: httpx.Client) -> None:
    """401, before anything else is looked at."""
    answer = http.get(f"{api.sandbox.url}/nothing", headers={"tradervue-userid": "1"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !", "Basic bWU=", "Basic OnNlY3JldA==", "Bearer x", "/w=="],
)
def test_credentials_that_cannot_be_read_are_none(
    api: Any, http: httpx.Client, header: str
) -> None:
    """No colon, no name, no Basic, no Base64, no UTF-8."""
    answer = http.get(f"{api.sandbox.url}/trades", headers={"authorization": header})
    assert answer.status_code == 401


def test_names_and_passwords_may_have_any_letters(api: Any, http: httpx.Client) -> None:
    """UTF-8 before Base64; a colon is part of the password."""
    answer = http.get(
        f"{api.sandbox.url}/trades",
        auth=("jürgen", "pä:ß"),
    )
    assert answer.status_code == 200


def test_nobody_acts_for_others_unasked(api: Any) -> None:
    """403, before the route is looked at."""
    for value in ("1", "x", "", "9" * 5000):
        answer = api.http.get("/nothing", headers={"tradervue-userid": value})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/performance", 404),
        ("GET", "/trades.json", 404),
        ("GET", "/trades/x", 404),
        ("GET", "/trades/1/", 404),
        ("POST", "/trades/1/executions", 405),
        ("PUT", "/trades/1/executions", 405),
        ("DELETE", "/trades/1/executions/2", 404),
        ("PUT", "/executions/2", 404),
        ("POST", "/trades/1/comments", 405),
        ("POST", "/trades/1/split", 404),
        ("PATCH", "/trades/1", 405),
        ("DELETE", "/imports", 405),
        ("DELETE", "/users/1", 405),
        ("GET", "/widgets/me/calendar", 404),
        ("GET", "/../trades", 404),
    ],
)
def test_what_tradervue_does_not_offer_is_not_there(
    api: Any, method: str, path: str, status: int
) -> None:
    """Neither statistics nor changes of single executions."""
    assert api.http.request(method, path).status_code == status


def test_a_405_names_what_is_allowed(api: Any) -> None:
    """As HTTP asks for."""
    assert api.http.delete("/imports").headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("form", "kind", "body"),
    [
        ("json", "application/json; charset=utf-8", '{"error":"Access denied"}'),
        ("text", "text/plain; charset=utf-8", "Access denied\n"),
        ("empty", None, ""),
    ],
)
def test_bodies_of_refusals_can_be_switched(
    sandbox: Sandbox, http: httpx.Client, form: str, kind: str | None, body: str
) -> None:
    """No documentation shows one."""
    sandbox.assume(refusal_bodies=form)
    answer = http.get(f"{sandbox.url}/trades")
    assert (answer.text, answer.headers.get("content-type")) == (body, kind)
    assert answer.status_code == 401


def test_a_user_agent_may_have_to_name_a_contact(api: Any, sandbox: Sandbox) -> None:
    """If so assumed: a link or an address in parentheses."""
    sandbox.assume(user_agent="contact")
    for agent, status in (
        ("App", 400),
        ("App (me)", 400),
        ("App (me@example.com)", 200),
        ("App/1.0 (https://example.com)", 200),
    ):
        answer = api.http.get("/trades", headers={"user-agent": agent})
        assert answer.status_code == status


def test_accounts_without_configuration_are_for_everybody() -> None:
    """Each login its own; a member that was created has a password, though."""
    accounts = Accounts()
    me = accounts.log_in("me", "anything")
    assert me is not None
    assert accounts.log_in("me", "something else") is me
    assert accounts.log_in("", "x") is None
    accounts.create_member("worker", "secret")
    assert accounts.log_in("worker", "wrong") is None
    assert accounts.log_in("worker", "secret") is accounts.members()[-1]


def test_accounts_with_configuration_are_for_nobody_else() -> None:
    """Nor can a test make one by asking for it."""
    accounts = Accounts(users={"me": "secret", "open": None})
    assert accounts.log_in("open", "anything") is accounts.of("open")
    with pytest.raises(KeyError, match="stranger"):
        accounts.of("stranger")
    assert accounts.log_in("stranger", "") is None


# A sandbox with users


@pytest.fixture(scope="module")
def firm() -> Iterator[Sandbox]:
    """A user, and a manager with a member."""
    with running(
        import_seconds=0,
        users={"me": "secret"},
        managers={"boss": "big"},
        members={"worker": "small"},
    ) as sandbox:
        yield sandbox


@pytest.fixture
def as_user(
    firm: Sandbox, connect: Callable[..., httpx.Client]
) -> Callable[..., httpx.Client]:
    """Make a client for a login and password."""
    firm.reset()

    def as_user(login: str, password: str, **headers: str) -> httpx.Client:
        auth = (login, password)
        return connect(firm.url, auth=auth, headers={**AGENT, **headers})

    return as_user


def test_only_those_who_are_configured_get_in(
    as_user: Callable[..., httpx.Client],
) -> None:
    """With the right password."""
    for login, password, status in (
        ("me", "secret", 200),
        ("worker", "small", 200),
        ("me", "wrong", 401),
        ("somebody", "secret", 401),
        ("manager", "x", 401),
    ):
        assert as_user(login, password).get("/trades").status_code == status


def test_a_manager_acts_for_a_member(as_user: Callable[..., httpx.Client]) -> None:
    """In the member's journal and slot; nobody else may."""
    boss = as_user("boss", "big")
    ids = {user["username"]: user["id"] for user in boss.get("/users").json()["users"]}
    assert set(ids) == {"boss", "worker"}
    acting = as_user("boss", "big", **{"tradervue-userid": str(ids["worker"])})
    acting.post("/trades", json={"symbol": "ABC"})
    row = {"symbol": "A", "quantity": 1, "price": 1, "datetime": "2026-03-05 10:00:00"}
    acting.post("/imports", json={"executions": [row]})
    assert boss.get("/imports").json() == {"status": "ready"}
    assert len(boss.get("/trades").json()["trades"]) == 0
    worker = as_user("worker", "small")
    assert len(worker.get("/trades").json()["trades"]) == 2
    assert worker.get("/imports").json()["status"] == "succeeded"
    for login, password, target in (
        ("boss", "big", "999"),
        ("worker", "small", str(ids["worker"])),
        ("me", "secret", str(ids["worker"])),
    ):
        client = as_user(login, password, **{"tradervue-userid": target})
        assert client.get("/trades").status_code == 403


def test_users_are_for_managers(as_user: Callable[..., httpx.Client]) -> None:
    """403 for everybody else."""
    for login, password in (("me", "secret"), ("worker", "small")):
        client = as_user(login, password)
        assert client.get("/users").status_code == 403
        assert client.post("/users", json={}).status_code == 403


def test_a_member_is_shown_bare(as_user: Callable[..., httpx.Client]) -> None:
    """A list has a wrapper, one user has none; times are Eastern."""
    as_user("worker", "small").get("/trades")
    boss = as_user("boss", "big")
    listed = boss.get("/users").json()["users"]
    worker = next(user for user in listed if user["username"] == "worker")
    assert boss.get(f"/users/{worker['id']}").json() == worker
    assert worker["plan"] == "Gold"
    assert worker["billing_mode"] == "Managed"
    assert worker["last_login"][-6:] in {"-04:00", "-05:00"}
    assert boss.get("/users/999").status_code == 404


NEW = {
    "username": "new",
    "plan": "Free",
    "email": "new@example.com",
    "password": "fresh",
}


def test_a_member_is_created_and_changed(as_user: Callable[..., httpx.Client]) -> None:
    """201 with its address; then the member logs in, on the plan it was given."""
    boss = as_user("boss", "big")
    answer = boss.post("/users", json=NEW)
    made = answer.json()["id"]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{boss.base_url}users/{made}"
    shown = boss.get(f"/users/{made}").json()
    assert (shown["plan"], shown["last_login"]) == ("Free", None)
    new = as_user("new", "fresh")
    row = {"symbol": "ESZ6", "quantity": 1, "price": 1, "datetime": "2026-03-05"}
    new.post("/imports", json={"executions": [row]})
    assert new.get("/imports").json()["info"]["skipped_futures"] is True
    change = {"plan": "Silver", "username": "newer", "email": "newer@example.com"}
    answer = boss.put(f"/users/{made}", json=change)
    assert (answer.status_code, answer.content) == (200, b"")
    assert new.get("/trades").status_code == 401
    newer = as_user("newer", "fresh")
    newer.post("/imports", json={"executions": [row]})
    assert newer.get("/imports").json()["info"]["skipped_futures"] is False
    assert boss.put("/users/999", json={}).status_code == 404


def test_default_commissions_apply_where_an_import_has_none(
    as_user: Callable[..., httpx.Client],
) -> None:
    """Per share; an explicit zero is a zero."""
    settings = {"commission_stocks": "0.005", "merge_mode": "force_split"}
    boss = as_user("boss", "big")
    boss.post("/users", json={**NEW, "plan": "Gold", "settings": settings})
    new = as_user("new", "fresh")
    rows = [
        {"symbol": symbol, "quantity": -300, "price": 1, "commission": commission}
        | {"datetime": "2026-03-05T10:00:00-05:00"}
        for symbol, commission in (("A", ""), ("B", "0.00"), ("C", "7"))
    ]
    new.post("/imports", json={"executions": rows})
    shown = new.get("/trades").json()["trades"]
    assert {t["symbol"]: t["commission"] for t in shown} == {"A": 1.5, "B": 0, "C": 7}


@pytest.mark.parametrize(
    "change",
    [
        {"username": ""},
        {"username": "worker"},
        {"username": "a:b"},
        {"plan": "gold"},
        {"plan": 5},
        {"email": "nowhere"},
        {"password": None},
        {"trial_end": "soon"},
        {"trial_end": "2999-01-01"},
        {"settings": []},
        {"settings": {"merge_mode": "always"}},
        {"settings": {"commission_stocks": "x"}},
        {"settings": {"mentor": 999}},
        {"settings": {"charts": [{"type": "pie", "timeframe": "d"}]}},
        {"settings": {"charts": [{"type": "ohlc", "timeframe": "d"}] * 5}},
    ],
)
def test_a_bad_member_is_refused(
    as_user: Callable[..., httpx.Client], change: dict[str, object]
) -> None:
    """400 with a reason, and nothing is made."""
    boss = as_user("boss", "big")
    answer = boss.post("/users", json={**NEW, **change})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Invalid request: ")
    assert len(boss.get("/users").json()["users"]) == 2


def test_details_of_a_refusal_are_joined_with_commas(
    as_user: Callable[..., httpx.Client],
) -> None:
    """All of them at once."""
    error = as_user("boss", "big").post("/users", json={}).json()["error"]
    assert error == (
        "Invalid request: username is required, plan is required, email is required, "
        "password is required"
    )


@pytest.mark.parametrize("change", [{"plan": "x"}, {"email": "x"}, {"username": "me"}])
def test_a_bad_change_of_a_member_is_refused(
    as_user: Callable[..., httpx.Client], change: dict[str, str]
) -> None:
    """400, and all stays as it was."""
    boss = as_user("boss", "big")
    before = boss.get("/users").json()["users"][1]
    answer = boss.put(f"/users/{before['id']}", json=change)
    assert answer.status_code == 400
    after = boss.get("/users").json()["users"][1]
    assert after["username"] == before["username"]
    assert after["plan"] == before["plan"]


def test_without_configuration_a_login_called_manager_manages(
    log_in: Callable[[str], Any],
) -> None:
    """So that the calls for managers can be tried out at once."""
    manager = log_in("manager")
    (own,) = manager.get("/users")["users"]
    assert own["username"] == "manager"
    assert manager.http.post("/users", json=NEW).status_code == 201
    assert log_in("me").http.get("/users").status_code == 403


@pytest.mark.parametrize("kind", ["trades", "journal", "notes", "users"])
@pytest.mark.parametrize("made", ["9" * 5000, "9" * 19, "x", "-1", "1.5", "\u0663"])
def test_what_is_no_id_is_not_there(api: Any, kind: str, made: str) -> None:
    """Nor is a number that Python does not read."""
    for method in ("GET", "PUT", "DELETE"):
        assert api.http.request(method, f"/{kind}/{made}").status_code == 404


@pytest.mark.parametrize(
    "number", ["1e99999999999999999999", "-1E-99999999999999999999"]
)
def test_a_number_that_cannot_be_held_is_refused(api: Any, number: str) -> None:
    """As a body that is no JSON."""
    for kind in ("trades", "imports", "journal", "notes"):
        answer = api.http.post(
            f"/{kind}",
            content=f'{{"symbol":{number}}}',
            headers={"content-type": "application/json"},
        )
        assert answer.status_code == 400, kind


def test_the_last_day_of_all_is_a_day(api: Any) -> None:
    """There is no midnight after it."""
    for kind in ("trades", "journal"):
        assert api.http.get(f"/{kind}?enddate=12/31/9999").status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("assumptions", {"read_delay_seconds": "nan"}),
        ("assumptions", {"read_delay_seconds": "1e999999999"}),
        ("imports", {"import_seconds": "nan"}),
        ("imports", {"import_seconds": "-1"}),
        ("imports", {"import_seconds": "1e400"}),
    ],
)
def test_controls_take_no_number_that_is_none(
    api: Any, path: str, body: dict[str, str]
) -> None:
    """A time without an end would stop the sandbox."""
    root = api.sandbox.url.removesuffix("/api/v1")
    answer = api.http.put(f"{root}/_sandbox/{path}", json=body)
    assert answer.status_code == 400

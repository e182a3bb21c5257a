"""The routes as a client sees them, the same on FastAPI and on plain Starlette."""

from typing import Any

import pytest

from argo_tradervue_plugin import errors
from argo_tradervue_plugin.services.compat import SyncStats
from tests.web.fakes import FakeIntegration, FakePlugin, ask, mounted

CANARY = "hunter2-canary"
READERS = ["/metrics", "/widget-url", "/profile-url"]


def test_metrics(app: Any, integration: FakeIntegration) -> None:
    """The period ends today in New York, where it is yesterday still."""
    answer = ask(app, "GET", "/metrics?days=7")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["period"] == {
        "start_date": "2026-03-02",
        "end_date": "2026-03-09",
        "days": 7,
    }
    assert "profit_factor" not in answer.json()["metrics"]
    assert answer.json()["metrics"]["payoff_ratio"] is None


def test_defaults(app: Any, integration: FakeIntegration) -> None:
    """What the front end leaves out is what Argo's document says."""
    assert ask(app, "GET", "/metrics").json()["period"]["days"] == 30
    assert ask(app, "POST", "/sync").json()["period_days"] == 30
    widget = ask(app, "GET", "/widget-url").json()

    assert (widget["widget_type"], widget["width"], widget["height"]) == (
        "equity",
        600,
        400,
    )
    assert integration.asked[-1] == ("widget_url", "equity", 600, 400)


def test_profile_url(app: Any) -> None:
    """An address to link."""
    assert ask(app, "GET", "/profile-url").json() == {
        "status": "success",
        "profile_url": "https://tradervue.example/profile/me",
    }


def test_sync(app: Any, integration: FakeIntegration) -> None:
    """Posted without a body, as curl does."""
    integration.stats = SyncStats(synced=1, skipped=2)

    assert ask(app, "POST", "/sync?days=365").json() == {
        "status": "success",
        "message": "Sync completed: 1 synced, 0 failed, 2 skipped",
        "stats": {"synced": 1, "failed": 0, "skipped": 2},
        "period_days": 365,
    }


def test_status(app: Any, plugin: FakePlugin) -> None:
    """Enabled, and then not any more."""
    assert ask(app, "GET", "/status").json()["enabled"] is True

    plugin.integration, plugin.reason = None, "the host has shut down"

    answer = ask(app, "GET", "/status")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "disabled",
        "enabled": False,
        "username": None,
        "profile_url": None,
        "reason": "the host has shut down",
    }


@pytest.mark.parametrize(
    "query",
    [
        "/metrics?days=1",
        "/metrics?days=365",
        "/widget-url?width=100&height=100",
        "/widget-url?width=1200&height=800",
        "/widget-url?widget_type=equity",
        "/widget-url?widget_type=trades",
        "/widget-url?widget_type=performance",
        "/metrics?days=7&unknown=1",
        "/metrics?days=0&days=7",
        "/status?days=0",
    ],
)
def test_inside_the_bounds_it_is_answered(app: Any, query: str) -> None:
    """The bounds belong to it; unknown parameters are ignored, the last one counts."""
    assert ask(app, "GET", query).status_code == 200


@pytest.mark.parametrize(
    ("method", "query", "name", "kind"),
    [
        ("GET", "/metrics?days=0", "days", "greater_than_equal"),
        ("GET", "/metrics?days=-1", "days", "greater_than_equal"),
        ("GET", "/metrics?days=366", "days", "less_than_equal"),
        ("GET", "/metrics?days=x", "days", "int_parsing"),
        ("GET", "/metrics?days=", "days", "int_parsing"),
        ("GET", "/metrics?days=1.5", "days", "int_parsing"),
        ("GET", "/metrics?days=%ff", "days", "int_parsing"),
        ("POST", "/sync?days=0", "days", "greater_than_equal"),
        ("POST", "/sync?days=366", "days", "less_than_equal"),
        ("GET", "/widget-url?width=99", "width", "greater_than_equal"),
        ("GET", "/widget-url?width=1201", "width", "less_than_equal"),
        ("GET", "/widget-url?height=99", "height", "greater_than_equal"),
        ("GET", "/widget-url?height=801", "height", "less_than_equal"),
        ("GET", "/widget-url?widget_type=pie", "widget_type", "literal_error"),
        ("GET", "/widget-url?widget_type=Equity", "widget_type", "literal_error"),
        ("GET", "/widget-url?widget_type=", "widget_type", "literal_error"),
    ],
)
def test_outside_the_bounds_it_is_422(
    app: Any,
    integration: FakeIntegration,
    method: str,
    query: str,
    name: str,
    kind: str,
) -> None:
    """In one shape on both frameworks, and nobody was asked anything."""
    answer = ask(app, method, query)

    assert answer.status_code == 422
    (problem,) = answer.json()["detail"]
    assert (problem["type"], problem["loc"]) == (kind, ["query", name])
    assert problem["msg"].startswith("Input should be ")
    assert "input" in problem
    assert integration.asked == []


@pytest.mark.parametrize("path", READERS)
def test_not_enabled_is_503(app: Any, plugin: FakePlugin, path: str) -> None:
    """With the text that the front end knows."""
    plugin.integration = None

    answer = ask(app, "GET", path)

    assert answer.status_code == 503
    assert answer.json() == {"detail": "Tradervue integration not enabled"}


def test_not_enabled_cannot_sync(app: Any, plugin: FakePlugin) -> None:
    """The same for the route that changes something."""
    plugin.integration = None

    answer = ask(app, "POST", "/sync")

    assert answer.status_code == 503
    assert answer.json() == {"detail": "Tradervue integration not enabled"}


@pytest.mark.parametrize(("method", "path"), [("GET", "/metrics"), ("POST", "/sync")])
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ServerError("Tradervue failed at it: HTTP 500, ouch", status=500), 502),
        (errors.AuthenticationFailed("Tradervue refused the login", status=401), 502),
        (errors.TimedOut("Tradervue did not answer within 30 s"), 504),
        (errors.CredentialsError("no password: looked in settings and AWS"), 503),
    ],
    ids=["502", "401", "504", "no login"],
)
def test_upstream_trouble_is_told(
    app: Any,
    integration: FakeIntegration,
    method: str,
    path: str,
    error: Exception,
    status: int,
) -> None:
    """In the words of the error."""
    integration.error = error

    answer = ask(app, method, path)

    assert (answer.status_code, answer.json()) == (status, {"detail": str(error)})


@pytest.mark.swallows
@pytest.mark.parametrize("path", ["/metrics", "/sync", "/profile-url"])
def test_a_mistake_of_ours_never_reaches_the_host(
    app: Any, integration: FakeIntegration, path: str, swallowed: list[Exception]
) -> None:
    """No exception for the application, no traceback and no secret for the client."""
    integration.error = RuntimeError(f"password={CANARY}")

    answer = ask(app, "POST" if path == "/sync" else "GET", path)

    assert answer.status_code == 500
    assert answer.json() == {"detail": "internal error"}
    assert CANARY not in answer.text
    assert swallowed == [integration.error]


@pytest.mark.swallows
def test_the_status_answers_through_a_mistake_of_ours(
    app: Any, integration: FakeIntegration, swallowed: list[Exception]
) -> None:
    """The badge stays, and what is wrong is said without its words."""
    integration.error = RuntimeError(f"password={CANARY}")

    answer = ask(app, "GET", "/status")

    assert answer.status_code == 200
    assert answer.json()["enabled"] is True
    assert answer.json()["health"] == {"problem": "internal error"}
    assert swallowed == [integration.error]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://argo.example:3000"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
    ids=str,
)
def test_a_foreign_page_cannot_start_a_sync(
    app: Any, integration: FakeIntegration, headers: dict[str, str], status: int
) -> None:
    """A browser would send it with the user's cookies."""
    answer = ask(app, "POST", "/sync", headers=headers)

    assert answer.status_code == status
    assert bool(integration.asked) == (status == 200)


def test_a_foreign_page_may_ask_for_what_it_cannot_read(app: Any) -> None:
    """Reading changes nothing, and the browser keeps the answer from the page."""
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}

    assert ask(app, "GET", "/status", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sync", 405),
        ("POST", "/metrics", 405),
        ("DELETE", "/status", 405),
        ("GET", "/nothing", 404),
        ("GET", "/sync/days", 404),
    ],
)
def test_what_there_is_not_is_the_hosts_to_refuse(
    app: Any, integration: FakeIntegration, method: str, path: str, status: int
) -> None:
    """A link that a browser follows cannot start a sync."""
    assert ask(app, method, path).status_code == status
    assert integration.asked == []


def test_answers_are_of_the_moment(app: Any) -> None:
    """Nothing between the host and its front end may keep them."""
    for path in ("/status", "/metrics", "/metrics?days=1"):
        assert ask(app, "GET", path).headers["cache-control"] == "no-store"


def test_a_second_application_has_routes_of_its_own(
    make_app: Any, integration: FakeIntegration
) -> None:
    """Several trackers and applications may live in one process."""
    enabled = mounted(make_app(), FakePlugin(integration))
    disabled = mounted(make_app(), FakePlugin(None, "because"))

    assert ask(enabled, "GET", "/status").json()["enabled"] is True
    assert ask(disabled, "GET", "/status").json()["reason"] == "because"

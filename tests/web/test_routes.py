"""The table itself: what it promises, and that it says all that it can answer."""

import inspect
import subprocess
import sys

import pytest

from argo_tradervue_plugin import errors
from argo_tradervue_plugin.web.answering import answer
from argo_tradervue_plugin.web.interface import IntQuery, Route
from argo_tradervue_plugin.web.routes import PREFIX, TAG
from tests.web.fakes import FakeIntegration, FakePlugin, routes_for

ROUTES = routes_for(FakePlugin(None))

ERRORS = [
    None,
    errors.ServerError("Tradervue failed"),
    errors.TimedOut("Tradervue did not answer"),
    errors.CredentialsError("no password"),
    errors.OutboxError("disk is full"),
    errors.OutboxBusy("locked"),
    RuntimeError("a mistake of ours"),
]
NO_JSON = object()


def defaults_of(route: Route) -> dict[str, object]:
    """Return the values of a request that gives none."""
    return {query.name: query.default for query in route.query}


def test_the_routes_are_those_of_argos_document() -> None:
    """Neither one more nor one less; only the sync changes something."""
    assert [(r.method, r.path, r.changes_state, r.needs_enabled) for r in ROUTES] == [
        ("GET", f"{PREFIX}/metrics", False, True),
        ("GET", f"{PREFIX}/widget-url", False, True),
        ("GET", f"{PREFIX}/profile-url", False, True),
        ("POST", f"{PREFIX}/sync", True, True),
        ("GET", f"{PREFIX}/reconciliation", False, True),
        ("GET", f"{PREFIX}/status", False, False),
    ]
    assert {route.tag for route in ROUTES} == {TAG} == {"tradervue"}


def test_bounds_are_those_of_argos_document() -> None:
    """Days, width and height."""
    bounds = {
        (query.name, query.default, query.low, query.high)
        for route in ROUTES
        for query in route.query
        if isinstance(query, IntQuery)
    }

    assert bounds == {
        ("days", 30, 1, 365),
        ("width", 600, 100, 1200),
        ("height", 400, 100, 800),
    }


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_everything_has_words(route: Route) -> None:
    """Each route, parameter and status says what it is."""
    described = [route.summary, route.description]
    described += [query.description for query in route.query]
    described += [response.description for response in route.responses.values()]

    assert all(text and text[0].isupper() for text in described)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_handlers_are_plain_functions(route: Route) -> None:
    """They may wait, so they must not be coroutines, which run on the event loop."""
    handler = getattr(route.handler, "func", route.handler)

    assert not inspect.iscoroutinefunction(handler)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_without_the_integration_all_but_the_status_answer_503(route: Route) -> None:
    """With the text that the front end knows."""
    told = route.handler(**defaults_of(route))

    assert told.status == (503 if route.needs_enabled else 200)
    if route.needs_enabled:
        assert told.body == {"detail": "Tradervue integration not enabled"}


@pytest.mark.swallows
@pytest.mark.parametrize("name", [route.name for route in ROUTES])
def test_every_status_that_can_come_is_documented(name: str) -> None:
    """And none is documented that cannot come, but 422, which the framework answers."""
    seen = set()
    for error in ERRORS:
        for login in ("me", None):
            for is_enabled in (True, False):
                for site in ("none", "cross-site"):
                    integration = FakeIntegration()
                    integration.error, integration.login = error, login
                    integration.told = {"retry_at": NO_JSON}
                    plugin = FakePlugin(integration if is_enabled else None)
                    route = next(r for r in routes_for(plugin) if r.name == name)
                    headers = {"sec-fetch-site": site}
                    seen.add(answer(route, headers, defaults_of(route))[0])

    if name in {"widget_url", "profile_url"}:
        seen -= {502, 504}  # they do not ask Tradervue, whatever the fake raises
    documented = set(route.responses)
    assert seen == documented - {422}
    assert (422 in documented) == bool(route.query)


def test_operation_ids_are_unique() -> None:
    """Generated clients make function names of them."""
    ids = [route.operation_id for route in ROUTES]

    assert ids == [
        "tradervue_metrics",
        "tradervue_widget_url",
        "tradervue_profile_url",
        "tradervue_sync",
        "tradervue_reconciliation",
        "tradervue_status",
    ]


def test_the_table_needs_no_framework() -> None:
    """Nor what the integration needs: a disabled plugin costs the host nothing."""
    heavy = {"anyio", "fastapi", "httpx", "pydantic", "sqlite3", "starlette"}
    source = (
        "import sys, argo_tradervue_plugin.web.routes; print(*sys.modules, sep='\\n')"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )

    assert heavy.isdisjoint(loaded.stdout.split())

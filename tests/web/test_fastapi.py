"""What FastAPI adds: authorisation by the host, and the OpenAPI document."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException
from fastapi.responses import HTMLResponse

from argo_tradervue_plugin.web.mounting import mount_routes
from argo_tradervue_plugin.web.routes import PREFIX
from tests.web.fakes import (
    FakeIntegration,
    FakePlugin,
    ask,
    mounted,
    routes_for,
    with_client,
)

ALL = [
    ("GET", "/metrics"),
    ("GET", "/widget-url"),
    ("GET", "/profile-url"),
    ("POST", "/sync"),
    ("GET", "/reconciliation"),
    ("GET", "/status"),
]


def authorised(authorization: Annotated[str, Header()] = "") -> None:
    """Let in whom the host knows."""
    if authorization != "Bearer right":
        raise HTTPException(401, "who are you?")


@pytest.fixture
def document(plugin: FakePlugin) -> dict[str, Any]:
    """The host's OpenAPI document with the routes in it."""
    return dict(mounted(FastAPI(), plugin).openapi())


def operation(document: dict[str, Any], path: str, method: str = "get") -> Any:
    """Return one operation of *document*."""
    return document["paths"][PREFIX + path][method]


@pytest.mark.parametrize(("method", "path"), ALL)
def test_the_hosts_own_authorisation_applies(
    plugin: FakePlugin, integration: FakeIntegration, method: str, path: str
) -> None:
    """To every route, before anything else is looked at."""
    app = mounted(FastAPI(), plugin, Depends(authorised))

    refused = ask(app, method, f"{path}?days=0")
    let_in = ask(app, method, path, headers={"Authorization": "Bearer right"})

    assert (refused.status_code, refused.json()) == (401, {"detail": "who are you?"})
    assert let_in.status_code == 200


def test_a_refused_request_asks_nothing(
    plugin: FakePlugin, integration: FakeIntegration
) -> None:
    """Not even whether the integration is enabled."""
    app = mounted(FastAPI(), plugin, Depends(authorised))

    ask(app, "POST", "/sync")

    assert integration.asked == []


def test_dependencies_of_the_application_apply_too(plugin: FakePlugin) -> None:
    """A host may protect everything at once."""
    app = mounted(FastAPI(dependencies=[Depends(authorised)]), plugin)

    assert ask(app, "GET", "/status").status_code == 401


@pytest.mark.parametrize(
    ("path", "method", "name", "schema"),
    [
        ("/metrics", "get", "days", {"type": "integer", "minimum": 1, "maximum": 365}),
        ("/sync", "post", "days", {"type": "integer", "minimum": 1, "maximum": 365}),
        (
            "/widget-url",
            "get",
            "width",
            {"type": "integer", "minimum": 100, "maximum": 1200, "default": 600},
        ),
        (
            "/widget-url",
            "get",
            "height",
            {"type": "integer", "minimum": 100, "maximum": 800, "default": 400},
        ),
        (
            "/widget-url",
            "get",
            "widget_type",
            {
                "type": "string",
                "enum": ["equity", "trades", "performance"],
                "default": "equity",
            },
        ),
    ],
    ids=["days", "days of a sync", "width", "height", "widget type"],
)
def test_parameters_are_documented(
    document: dict[str, Any], path: str, method: str, name: str, schema: dict[str, Any]
) -> None:
    """With type, bounds, default and words; none is required."""
    parameters = operation(document, path, method)["parameters"]
    (parameter,) = [each for each in parameters if each["name"] == name]

    assert parameter["in"] == "query"
    assert parameter["required"] is False
    assert parameter["description"]
    assert schema.items() <= parameter["schema"].items()


def test_the_request_is_no_parameter(document: dict[str, Any]) -> None:
    """What the endpoint needs for itself is not for clients."""
    assert "parameters" not in operation(document, "/status")
    assert len(operation(document, "/metrics")["parameters"]) == 1


def test_operations_have_names_words_and_the_tag(document: dict[str, Any]) -> None:
    """The host's documentation page lists them together."""
    for method, path in ALL:
        told = operation(document, path, method.lower())
        assert told["tags"] == ["tradervue"]
        assert told["operationId"].startswith("tradervue_")
        assert told["summary"]
        assert told["description"]


def test_answers_are_documented_with_their_schemas(
    document: dict[str, Any], plugin: FakePlugin
) -> None:
    """Each status of the table and no other, as JSON, with words."""
    for route in routes_for(plugin):
        path = route.path.removeprefix(PREFIX)
        responses = operation(document, path, route.method.lower())["responses"]
        assert set(responses) == {str(status) for status in route.responses}
        for status, response in route.responses.items():
            told = responses[str(status)]
            assert told["description"] == response.description
            assert list(told["content"]) == ["application/json"]
            schema = told["content"]["application/json"]["schema"]
            assert schema == json.loads(json.dumps(response.schema))


def test_cards_are_documented_and_not_required(document: dict[str, Any]) -> None:
    """An undefined one is left out."""
    success = operation(document, "/metrics")["responses"]["200"]
    schema = success["content"]["application/json"]["schema"]
    metrics = schema["properties"]["metrics"]

    assert len(metrics["properties"]) == 6
    assert metrics["required"] == []
    assert metrics["properties"]["win_rate"]["maximum"] == 100
    assert all(each["description"] for each in metrics["properties"].values())


def test_a_host_that_answers_html_documents_json_for_us(plugin: FakePlugin) -> None:
    """Its default response class is for its own routes."""
    app = mounted(FastAPI(default_response_class=HTMLResponse), plugin)

    responses = operation(app.openapi(), "/status")["responses"]

    assert list(responses["200"]["content"]) == ["application/json"]
    assert ask(app, "GET", "/status").headers["content-type"] == "application/json"


def test_the_host_can_mount_on_a_router(plugin: FakePlugin) -> None:
    """And include it where its own protected routes are."""
    router = APIRouter()
    mount_routes(router, routes_for(plugin))
    app = FastAPI()
    app.include_router(router, dependencies=[Depends(authorised)])

    assert ask(app, "GET", "/status").status_code == 401
    headers = {"Authorization": "Bearer right"}
    assert ask(app, "GET", "/status", headers=headers).status_code == 200
    assert operation(app.openapi(), "/status")["operationId"] == "tradervue_status"


def test_the_host_can_mount_while_it_starts(plugin: FakePlugin) -> None:
    """Plugins are often loaded only then, when the host has its tracker."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        mount_routes(app, routes_for(plugin))
        yield

    app = FastAPI(lifespan=lifespan)

    async def use(client: httpx.AsyncClient) -> tuple[int, set[str]]:
        async with app.router.lifespan_context(app):
            status = (await client.get(f"{PREFIX}/status")).status_code
            return status, set((await client.get("/openapi.json")).json()["paths"])

    status, paths = with_client(app, use)

    assert status == 200
    assert paths == {route.path for route in routes_for(plugin)}

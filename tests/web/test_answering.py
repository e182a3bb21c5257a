"""From a request to bytes; and which requests are another site's doing."""

import json
from typing import Any

import attrs
import pytest
from starlette.datastructures import Headers

from argo_tradervue_plugin.web.answering import answer, encode, is_cross_site
from argo_tradervue_plugin.web.interface import Answer, Route
from tests.web.fakes import FakePlugin, routes_for

OWN = "https://argo.example"
FOREIGN = "https://evil.example"


def a_route(plugin: FakePlugin, **changes: Any) -> Route:
    """Return the first route of the table with *changes*."""
    return attrs.evolve(routes_for(plugin)[0], query=(), **changes)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "argo.example"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-site", "origin": "https://www.argo.example"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": FOREIGN, "host": "argo.example"},
        {"origin": OWN, "host": "argo.example"},
        {"origin": OWN, "host": "ARGO.example:443"},
        {"origin": "http://localhost:3000", "host": "localhost:8000"},
        {"origin": "http://[::1]:3000", "host": "[::1]:8000"},
    ],
    ids=str,
)
def test_own_pages_and_what_is_no_browser_pass(headers: dict[str, str]) -> None:
    """Neither curl, which sends none of this, nor the host's front end is refused."""
    assert not is_cross_site(headers)
    assert not is_cross_site(Headers(headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site", "origin": OWN, "host": "argo.example"},
        {"sec-fetch-site": "something new"},
        {"sec-fetch-site": ""},
        {"origin": FOREIGN, "host": "argo.example"},
        {"origin": "https://argo.example.evil.example", "host": "argo.example"},
        {"origin": "https://argo.example@evil.example", "host": "argo.example"},
        {"origin": "null", "host": "argo.example"},
        {"origin": "null", "host": ""},
        {"origin": "", "host": "argo.example"},
        {"origin": OWN},
        {"origin": OWN, "host": ""},
        {"origin": "http://[broken", "host": "argo.example"},
        {"origin": OWN, "host": "[broken"},
        {"origin": "file://", "host": "argo.example"},
    ],
    ids=str,
)
def test_foreign_pages_are_refused(headers: dict[str, str]) -> None:
    """What cannot be read, or says that it is nobody's page, is foreign."""
    assert is_cross_site(headers)
    assert is_cross_site(Headers(headers))


def test_a_refused_request_does_not_reach_the_handler(plugin: FakePlugin) -> None:
    """It answers 403 and changes nothing."""
    route = a_route(plugin, changes_state=True, handler=pytest.fail)

    status, body = answer(route, {"sec-fetch-site": "cross-site"}, {})

    assert status == 403
    assert "another site" in json.loads(body)["detail"]


def test_reading_is_open_to_every_page(plugin: FakePlugin) -> None:
    """The browser keeps the answer from a foreign page; nothing changes."""
    route = a_route(plugin, handler=lambda: Answer(200, {}))

    assert answer(route, {"sec-fetch-site": "cross-site"}, {}) == (200, b"{}")


@pytest.mark.swallows
@pytest.mark.parametrize(
    "body",
    [
        {"profit_factor": float("inf")},
        {"sharpe_ratio": float("nan")},
        {"when": object()},
        {("a", "pair"): 1},
    ],
    ids=["infinity", "not a number", "an object", "a key"],
)
def test_what_is_not_json_is_an_internal_error(
    plugin: FakePlugin, body: dict[Any, Any], swallowed: list[Exception]
) -> None:
    """A browser cannot read Infinity, and the host must not get the exception."""
    route = a_route(plugin, handler=lambda: Answer(200, body))

    status, content = answer(route, {}, {})

    assert (status, content) == (500, b'{"detail":"internal error"}')
    assert len(swallowed) == 1


@pytest.mark.swallows
def test_a_handler_that_returns_no_answer_is_an_internal_error(
    plugin: FakePlugin, swallowed: list[Exception]
) -> None:
    """A neighbour's route may be broken in any way."""
    route: Any = a_route(plugin, handler=lambda: None)

    assert answer(route, {}, {})[0] == 500
    assert answer(route, {}, {"surprise": 1})[0] == 500
    assert len(swallowed) == 2


def test_any_text_can_be_sent() -> None:
    """Tags come from anywhere; half a surrogate pair must not fail the answer."""
    status, body = encode(Answer(200, {"tag": "✅ \ud83d"}))

    assert status == 200
    assert json.loads(body) == {"tag": "✅ \ud83d"}


def test_exits_pass(plugin: FakePlugin) -> None:
    """Only exceptions are ours to keep; leaving is the host's business."""

    def leave() -> Answer:
        raise SystemExit

    with pytest.raises(SystemExit):
        answer(a_route(plugin, handler=leave), {}, {})

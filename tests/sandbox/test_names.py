"""DNS rebinding: the sandbox answers to names of this machine alone."""

from typing import Any

import httpx
import pytest

from argo_tradervue_plugin.sandbox import Sandbox, running
from argo_tradervue_plugin.sandbox.command import parser
from argo_tradervue_plugin.sandbox.names import is_answered

AUTH = ("me", "secret")


def ask(sandbox: Sandbox, url: str, host: str, method: str = "GET") -> httpx.Response:
    """Send one request with *host* in its Host header."""
    with httpx.Client(trust_env=False) as http:
        return http.request(method, url, headers={"Host": host}, auth=AUTH)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST", "[::1]:{port}"]
)
def test_names_of_this_machine_are_answered(host: str) -> None:
    """With the port or without, as browsers and clients write them."""
    with running() as sandbox:
        said = host.format(port=httpx.URL(sandbox.url).port)

        assert ask(sandbox, f"{sandbox.url}/trades", said).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "localhost:80@evil.example",
        "[::1].evil.example",
        "192.168.1.4",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/trades", "/_sandbox/reset"])
def test_any_other_name_is_refused(host: str, path: str) -> None:
    """The API and the controls alike; nothing is done."""
    with running() as sandbox:
        httpx.post(f"{sandbox.url}/trades", json={"symbol": "A"}, auth=AUTH)

        answer = ask(sandbox, f"{sandbox.origin}{path}", host, "POST")

        assert answer.status_code == 421
        assert "names of this machine only" in answer.text
        there = ask(sandbox, f"{sandbox.url}/trades", "localhost").json()["trades"]
        assert len(there) == 1


def test_further_names_can_be_configured(http: Any) -> None:
    """As beside a host in a container, which has a name of its own."""
    with running(hosts=["tradervue.test"]) as sandbox:
        url = f"{sandbox.url}/trades"

        assert ask(sandbox, url, "Tradervue.test:80").status_code == 200
        assert ask(sandbox, url, "other.test").status_code == 421


def test_the_command_takes_names() -> None:
    """One option each."""
    arguments = parser().parse_args(["--allow-host", "one", "--allow-host", "two"])

    assert arguments.allow_host == ["one", "two"]


@pytest.mark.parametrize("host", ["localhost:x", "[::1", "[::1]x", ":80", "[]"])
def test_what_is_no_name_is_no_name_of_this_machine(host: str) -> None:
    """However it is broken."""
    assert not is_answered(host)

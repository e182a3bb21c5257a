"""Proxies from the environment."""

import socket
import sys
from typing import Any

import pytest

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.errors import Unreachable
from argo_tradervue_plugin.tradervue.client import TradervueClient


@pytest.fixture
def proxy(serve: Any) -> Any:
    """A proxy that opens no tunnel."""

    def talk(connection: socket.socket, server: Any) -> None:
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    return serve(talk)


def test_https_goes_through_the_proxy(
    proxy: Any, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for a tunnel, and never sees the password."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")

    with (
        TradervueClient(credentials, retries=1) as client,
        pytest.raises(Unreachable, match="403 Forbidden") as raised,
    ):
        client.check()

    (request,) = proxy.requests
    assert request.startswith(b"CONNECT app.tradervue.com:443 HTTP/1.1\r\n")
    assert b"authorization" not in request.lower()
    assert not raised.value.sent


def test_the_proxy_can_be_passed_by(
    proxy: Any, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_PROXY names hosts that are asked directly."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", "nowhere.invalid")

    with (
        TradervueClient(
            credentials, base_url="https://nowhere.invalid", retries=1
        ) as client,
        pytest.raises(Unreachable),
    ):
        client.check()

    assert proxy.requests == []


def test_package_that_a_proxy_needs_is_named(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the proxy's own password is not."""
    monkeypatch.setenv("ALL_PROXY", "socks5://user:its-password@127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "socksio", None)

    with (
        TradervueClient(credentials, retries=1) as client,
        pytest.raises(Unreachable, match="socks") as raised,
    ):
        client.check()

    assert "its-password" not in str(raised.value)


def test_this_machine_is_never_asked_by_proxy(
    proxy: Any, serve: Any, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password for it would cross the network in the clear."""

    def talk(connection: socket.socket, server: Any) -> None:
        connection.sendall(
            b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"trades":[]}'
        )

    server = serve(talk)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

    for url in (server.url, server.url.replace("http:", "HTTP:")):
        with TradervueClient(credentials, base_url=url) as client:
            client.check()

    assert proxy.requests == []
    assert len(server.requests) == 2

"""The time limit for the whole of one attempt, over real sockets."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.errors import TimedOut, Unreachable
from argo_tradervue_plugin.model.journal import NewTrade
from argo_tradervue_plugin.tradervue.client import TradervueClient
from argo_tradervue_plugin.tradervue.transport import Deadline

LIMIT = 0.5  # seconds
HELD = 20.0  # and more: who is held by these servers waits for ever, or a minute


def drip(connection: socket.socket, server: Any) -> None:
    """Send a byte every 20 ms for as long as anybody listens."""
    while not server.closing.is_set():
        connection.sendall(b"x")
        time.sleep(0.02)


def drip_head(connection: socket.socket, server: Any) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    drip(connection, server)


def drip_body(connection: socket.socket, server: Any) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    drip(connection, server)


def say_nothing(connection: socket.socket, server: Any) -> None:
    server.closing.wait(60)


@pytest.mark.parametrize("talk", [drip_head, drip_body, say_nothing])
def test_a_slow_server_cannot_hold_us_longer(
    serve: Any, credentials: Credentials, talk: Any
) -> None:
    """However it spreads its bytes, each of which is in time."""
    server = serve(talk)
    begun = time.monotonic()
    with (
        TradervueClient(
            credentials, base_url=server.url, timeout=LIMIT, retries=1
        ) as client,
        pytest.raises(TimedOut, match=r"within 0.5 s") as raised,
    ):
        client.check()

    assert LIMIT <= time.monotonic() - begun < HELD
    assert raised.value.sent


def test_a_server_that_does_not_read_cannot_hold_us_longer(
    credentials: Credentials,
) -> None:
    """Ten megabytes of notes do not fit the buffers of a socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        trade = NewTrade(symbol="XYZ", notes="x" * 10_000_000)
        begun = time.monotonic()
        with (
            TradervueClient(credentials, base_url=url, timeout=LIMIT) as client,
            pytest.raises(Unreachable) as raised,
        ):
            client.create_trade(trade)

    assert time.monotonic() - begun < HELD
    assert raised.value.sent


def test_a_handshake_counts_too(serve: Any, credentials: Credentials) -> None:
    """TLS with one who says nothing: nothing was sent, and in time."""
    server = serve(say_nothing)
    begun = time.monotonic()
    with (
        TradervueClient(
            credentials,
            base_url=server.url.replace("http:", "https:"),
            timeout=LIMIT,
            retries=1,
        ) as client,
        pytest.raises(Unreachable) as raised,
    ):
        client.check()

    assert time.monotonic() - begun < HELD
    assert not raised.value.sent


def test_a_refused_connection_was_not_sent(credentials: Credentials) -> None:
    """Nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with (
        TradervueClient(
            credentials, base_url=f"http://127.0.0.1:{port}", retries=1
        ) as client,
        pytest.raises(Unreachable, match="could not be reached") as raised,
    ):
        client.check()

    assert not raised.value.sent


def test_an_unknown_host_was_not_sent(credentials: Credentials) -> None:
    """However long its name is."""
    for host in ("nowhere.invalid", f"{'x' * 63}.invalid"):
        with (
            TradervueClient(
                credentials, base_url=f"https://{host}", retries=1
            ) as client,
            pytest.raises(Unreachable) as raised,
        ):
            client.check()
        assert not raised.value.sent


def test_the_next_address_of_a_host_is_tried(
    serve: Any, credentials: Credentials
) -> None:
    """``localhost`` has two on most machines, and our server listens on one."""
    body = b'{"trades":[]}'

    def talk(connection: socket.socket, server: Any) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\nConnection: close\r\n\r\n"
        connection.sendall(head + body)

    server = serve(talk)
    url = server.url.replace("127.0.0.1", "localhost")
    with TradervueClient(credentials, base_url=url) as client:
        client.check()


def test_each_attempt_has_its_own_time() -> None:
    """Before the first there is no limit."""
    deadline = Deadline()
    assert deadline.left() == float("inf")

    deadline.start(5)
    assert 4 < deadline.left() <= 5
    deadline.start(-1)
    assert deadline.left() < 0


class Trickle(httpx.SyncByteStream):
    """A body without end, a space every 20 ms."""

    def __iter__(self) -> Iterator[bytes]:
        while True:
            time.sleep(0.02)
            yield b" "


def test_a_body_over_any_transport_is_limited_in_time(
    make_client: Callable[..., TradervueClient],
) -> None:
    """Also where there is no socket of ours below."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Trickle()))
    begun = time.monotonic()

    with pytest.raises(TimedOut):
        make_client(transport=transport, timeout=0.1, retries=1).check()

    assert time.monotonic() - begun < HELD

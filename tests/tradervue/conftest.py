"""A client of a Tradervue that exists only in the test, and small socket servers."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import attrs
import httpx
import pytest
import respx

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.tradervue.client import TradervueClient

BASE_URL = "https://app.tradervue.com/api/v1"
PROXY_VARIABLES = (
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own proxies and CAs out of the tests."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(username="trader", password="canary-pässword")


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    """Tradervue's routes; a request that no test expects fails the test."""
    router = respx.MockRouter(base_url=BASE_URL)
    yield router
    router.assert_all_called()


@attrs.define
class FakeTime:
    """Time that passes only when somebody sleeps."""

    now: float = 1_000.0
    sleeps: list[float] = attrs.field(factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def make_client(
    credentials: Credentials, api: respx.MockRouter, fake_time: FakeTime
) -> Iterator[Callable[..., TradervueClient]]:
    """Make clients of *api* that never really sleep."""
    clients = []

    def make(**settings: object) -> TradervueClient:
        defaults: dict[str, object] = {
            "transport": httpx.MockTransport(api.handler),
            "request_interval": 0.0,
            "sleep": fake_time.sleep,
            "clock": fake_time.clock,
        }
        client = TradervueClient(credentials, **(defaults | settings))  # type: ignore[arg-type]
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., TradervueClient]) -> TradervueClient:
    return make_client()


@attrs.define
class SocketServer:
    """A listening socket; *talk* deals with each connection in a thread."""

    listener: socket.socket
    requests: list[bytes] = attrs.field(factory=list)
    closing: threading.Event = attrs.field(factory=threading.Event)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"


Talk = Callable[[socket.socket, SocketServer], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Talk], SocketServer]]:
    """Start servers that read a request's head, note it, and let *talk* answer."""
    servers: list[SocketServer] = []
    threads: list[threading.Thread] = []

    def start(talk: Talk) -> SocketServer:
        server = SocketServer(socket.create_server(("127.0.0.1", 0)))

        def deal_with(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.settimeout(5)
                server.requests.append(connection.recv(65_536))
                talk(connection, server)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.listener.accept()
                    thread = threading.Thread(target=deal_with, args=(connection,))
                    threads.append(thread)
                    thread.start()

        thread = threading.Thread(target=accept)
        threads.append(thread)
        thread.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.closing.set()
        # Closing alone does not wake a thread in accept().
        with suppress(OSError):
            server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()

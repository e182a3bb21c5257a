"""One attempt over HTTP: addresses, limits, and httpx's exceptions."""

import gzip
import inspect
import logging
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import attrs
import httpx
import pytest
import respx

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.errors import (
    ApiError,
    BadAnswer,
    ConfigError,
    TimedOut,
    Unreachable,
)
from argo_tradervue_plugin.tradervue.client import TradervueClient
from argo_tradervue_plugin.tradervue.connection import (
    FAILURES,
    LARGEST_ANSWER,
    checked_url,
    translated,
)
from tests.outbox.processes import ended_well, in_a_fork

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
TRADES = b'{"trades":[]}'
WHOLE = HEAD + b"Content-Length: 13\r\n\r\n" + TRADES

REQUEST = httpx.Request("GET", "https://app.tradervue.com/")

# Every exception of httpx: the class of ours, and whether something may have been
# sent. A new one in httpx belongs here, after some thought.
EXPECTED: dict[str, tuple[type[ApiError], bool | None]] = {
    "CloseError": (Unreachable, True),
    "ConnectError": (Unreachable, False),
    "ConnectTimeout": (TimedOut, False),
    "CookieConflict": (BadAnswer, None),
    "DecodingError": (BadAnswer, None),
    "HTTPError": (Unreachable, True),
    "HTTPStatusError": (BadAnswer, None),
    "InvalidURL": (Unreachable, False),
    "LocalProtocolError": (Unreachable, True),
    "NetworkError": (Unreachable, True),
    "PoolTimeout": (TimedOut, False),
    "ProtocolError": (Unreachable, True),
    "ProxyError": (Unreachable, False),
    "ReadError": (Unreachable, True),
    "ReadTimeout": (TimedOut, True),
    "RemoteProtocolError": (Unreachable, True),
    "RequestError": (Unreachable, True),
    "RequestNotRead": (Unreachable, True),
    "ResponseNotRead": (Unreachable, True),
    "StreamClosed": (Unreachable, True),
    "StreamConsumed": (Unreachable, True),
    "StreamError": (Unreachable, True),
    "TimeoutException": (TimedOut, True),
    "TooManyRedirects": (BadAnswer, None),
    "TransportError": (Unreachable, True),
    "UnsupportedProtocol": (Unreachable, False),
    "WriteError": (Unreachable, True),
    "WriteTimeout": (TimedOut, True),
}


def httpx_exceptions() -> dict[str, type[Exception]]:
    return {
        name: value
        for name, value in vars(httpx).items()
        if inspect.isclass(value) and issubclass(value, Exception)
    }


def instance_of(kind: type[Exception]) -> Exception:
    if issubclass(kind, httpx.HTTPStatusError):
        return kind("words", request=REQUEST, response=httpx.Response(500))
    try:
        return kind("words")
    except TypeError:  # some have words of their own
        return kind()


def test_every_exception_of_httpx_is_expected() -> None:
    """None is missing here, and none has gone."""
    assert set(httpx_exceptions()) == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_exception_of_httpx_becomes_one_of_ours(
    name: str, make_client: Callable[..., TradervueClient], fake_time: Any
) -> None:
    """Also on its whole way through the client, chained to its cause."""
    kind, sent = EXPECTED[name]
    cause = instance_of(httpx_exceptions()[name])

    def fail(request: httpx.Request) -> httpx.Response:
        raise cause

    assert isinstance(cause, FAILURES)
    assert type(translated(cause, "the test", 30)) is kind
    client = make_client(transport=httpx.MockTransport(fail))
    with pytest.raises(kind) as raised:
        client.import_status()
    assert type(raised.value) is kind
    assert raised.value.__cause__ is cause
    assert getattr(raised.value, "sent", None) is sent
    # What is lost on its way back is not asked for again; what never left, is.
    assert len(fake_time.sleeps) == (2 if sent is False else 0)


def test_a_timeout_names_the_limit() -> None:
    """An operator learns how long we waited, not httpx's words."""
    error = translated(httpx.ReadTimeout("timed out"), "trade 5", 30.0)

    assert str(error) == "Tradervue did not answer trade 5 within 30 s"


def test_a_missing_connection_names_its_reason() -> None:
    """In one line."""
    error = translated(httpx.ConnectError("[Errno 111]\nrefused"), "trade 5", 30.0)

    assert str(error) == (
        "Tradervue could not be reached for trade 5: ConnectError [Errno 111] refused"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://app.tradervue.com/api/v1",
        "https://firm.tradervue.com/api/v1/",
        "http://localhost:8000/api/v1",
        "http://127.0.0.1:8000",
        "http://[::1]:8000/api/v1",
    ],
)
def test_addresses_are_https_or_this_machine(url: str) -> None:
    """A slash at the end makes no difference."""
    assert checked_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://app.tradervue.com/api/v1",
        "http://127.0.0.1.example.org/",
        "http://0.0.0.0/",
        "ftp://localhost/",
        "https://",
        "app.tradervue.com",
        "https://user:canary@app.tradervue.com/api/v1",
        "https://app.tradervue.com/api/v1?key=canary",
        "https://app.tradervue.com/#canary",
        "https://[broken",
        "https://app.tradervue.com:canary/",
        "",
    ],
)
def test_addresses_that_would_show_the_password_are_refused(
    url: str, credentials: Credentials
) -> None:
    """At once, and without repeating what may be a secret."""
    with pytest.raises(ConfigError, match="base_url must be an https:// URL") as raised:
        TradervueClient(credentials, base_url=url)

    assert "canary" not in str(raised.value)


def test_a_client_that_is_never_used_opens_nothing(credentials: Credentials) -> None:
    """A hundred cost less than the authorities, which the first request loads."""
    begun = time.thread_time()
    for _ in range(100):
        TradervueClient(credentials).close()
    made = time.thread_time()
    httpx.create_ssl_context()

    assert made - begun < time.thread_time() - made


def test_a_closed_client_says_so(client: TradervueClient) -> None:
    """A mistake of the caller, not a failure of Tradervue."""
    client.close()

    with pytest.raises(RuntimeError, match="closed"):
        client.check()


def test_connections_are_used_again(serve: Any, credentials: Credentials) -> None:
    """Two requests, one connection."""

    def talk(connection: socket.socket, server: Any) -> None:
        connection.sendall(WHOLE)
        server.requests.append(connection.recv(65_536))
        connection.sendall(WHOLE)

    server = serve(talk)
    with TradervueClient(credentials, base_url=server.url) as client:
        client.check()
        client.check()

    assert [request.split(b" ", 2)[1] for request in server.requests] == [
        b"/api/v1/trades?count=1",
        b"/api/v1/trades?count=1",
    ]


def test_httpx_has_a_small_part_in_a_request(
    serve: Any, credentials: Credentials
) -> None:
    """A backfill is thousands of them: an httpx client would call 200 functions."""
    home = str(Path(httpx.__file__).parent)
    calls = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code.co_filename.startswith(home)

    def talk(connection: socket.socket, server: Any) -> None:
        connection.sendall(WHOLE)
        server.requests.append(connection.recv(65_536))
        connection.sendall(WHOLE)

    with TradervueClient(credentials, base_url=serve(talk).url) as client:
        client.check()
        sys.setprofile(count)
        try:
            client.check()
        finally:
            sys.setprofile(None)

    assert 0 < calls < 130


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_child_has_a_connection_of_its_own(
    serve: Any, credentials: Credentials
) -> None:
    """Two processes that read from one would get each other's answers."""
    answered: list[tuple[str, int]] = []

    def talk(connection: socket.socket, _: Any) -> None:
        while True:
            answered.append(connection.getpeername())
            connection.sendall(WHOLE)
            if not connection.recv(65_536):
                return

    server = serve(talk)
    with TradervueClient(credentials, base_url=server.url) as client:
        client.check()
        assert ended_well(in_a_fork(client.check))
        client.check()

    assert len(answered) == 3
    assert answered[0] == answered[2] != answered[1]


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (HEAD + b"\r\n", b" " * 65_536),
        (HEAD + b"Content-Length: 9000000000\r\n\r\n", b" " * 65_536),
    ],
    ids=["endless", "announced"],
)
def test_an_answer_is_limited_in_size(
    serve: Any, credentials: Credentials, head: bytes, piece: bytes
) -> None:
    """An endless answer is dropped soon after the limit."""
    sent = 0

    def talk(connection: socket.socket, server: Any) -> None:
        nonlocal sent
        connection.sendall(head)
        while not server.closing.is_set():
            connection.sendall(piece)
            sent += len(piece)

    server = serve(talk)
    with (
        TradervueClient(credentials, base_url=server.url) as client,
        pytest.raises(BadAnswer, match="longer than 8388608 bytes"),
    ):
        client.check()

    assert sent < 2 * LARGEST_ANSWER


def test_a_compressed_answer_is_limited_by_its_real_size(
    make_client: Callable[..., TradervueClient],
) -> None:
    """A few kilobytes can hold megabytes."""
    bomb = gzip.compress(b" " * (LARGEST_ANSWER + 1))
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    client = make_client(
        transport=httpx.MockTransport(
            lambda _: httpx.Response(200, headers=headers, stream=Stream(bomb))
        )
    )

    with pytest.raises(BadAnswer, match="longer than"):
        client.check()


@attrs.frozen
class Stream(httpx.SyncByteStream):
    """A body that is not decompressed before it is read."""

    content: bytes

    def __iter__(self) -> Iterator[bytes]:
        yield self.content


def test_wrongly_compressed_answers_are_bad(
    make_client: Callable[..., TradervueClient],
) -> None:
    """An answer came, but nobody can read it."""
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    client = make_client(
        transport=httpx.MockTransport(
            lambda _: httpx.Response(200, headers=headers, stream=Stream(b"plain"))
        )
    )

    with pytest.raises(BadAnswer, match="DecodingError"):
        client.check()


def test_the_status_of_a_failure_counts_even_if_its_body_is_cut(
    serve: Any, credentials: Credentials
) -> None:
    """A refusal is a refusal, whatever became of its words."""

    def talk(connection: socket.socket, server: Any) -> None:
        head = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 1000\r\n\r\n"
        connection.sendall(head + b"Access denied")

    server = serve(talk)
    with (
        TradervueClient(credentials, base_url=server.url) as client,
        pytest.raises(Exception, match="HTTP 401, Access denied") as raised,
    ):
        client.check()

    assert type(raised.value).__name__ == "AuthenticationFailed"


def test_an_answer_that_breaks_off_is_none(
    serve: Any, credentials: Credentials, fake_time: Any
) -> None:
    """Less than announced is no complete answer; a read is tried again."""

    def talk(connection: socket.socket, server: Any) -> None:
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n" + TRADES)

    server = serve(talk)
    with (
        TradervueClient(
            credentials, base_url=server.url, sleep=fake_time.sleep
        ) as client,
        pytest.raises(Unreachable, match="RemoteProtocolError") as raised,
    ):
        client.trade(1)

    assert raised.value.sent
    assert len(server.requests) == 3


def test_no_session_is_kept_beside_the_password(
    serve: Any, credentials: Credentials
) -> None:
    """A cookie of the server is not sent back."""

    def talk(connection: socket.socket, server: Any) -> None:
        cookie = b"Set-Cookie: session=1; Path=/\r\n"
        connection.sendall(
            HEAD + cookie + b"Content-Length: 13\r\nConnection: close\r\n\r\n" + TRADES
        )

    server = serve(talk)
    with TradervueClient(credentials, base_url=server.url) as client:
        client.check()
        client.check()

    assert len(server.requests) == 2
    assert b"cookie" not in server.requests[1].lower()


@pytest.mark.parametrize(
    ("logs_requests", "level"), [(False, logging.DEBUG), (True, logging.INFO)]
)
def test_each_attempt_is_logged_without_its_query(
    make_client: Callable[..., TradervueClient],
    api: respx.MockRouter,
    caplog: pytest.LogCaptureFixture,
    logs_requests: bool,
    level: int,
) -> None:
    """Event name first, then facts; nothing else, and no line of httpx's."""
    api.get("/trades").respond(200, json={"trades": []})

    with caplog.at_level(logging.DEBUG):
        make_client(logs_requests=logs_requests).check()

    (record,) = caplog.records
    assert record.name == "argo_tradervue_plugin"
    assert record.levelno == level
    assert record.getMessage().startswith(
        "tradervue.request method=GET path=/trades status=200 seconds=0."
    )


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command")
    folder = tmp_path_factory.mktemp("tls")
    target = folder / "both.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    target.write_text(
        (folder / "key.pem").read_text() + (folder / "cert.pem").read_text()
    )
    return target


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[str]:
    """A server with that certificate that answers one request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        try:
            plain, _ = listener.accept()
            with context.wrap_socket(plain, server_side=True) as connection:
                connection.recv(65_536)
                connection.sendall(WHOLE)
                connection.recv(1)
        except OSError:
            return

    thread = threading.Thread(target=answer)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}/api/v1"
    listener.close()
    thread.join(timeout=60)


def test_unknown_certificates_are_refused(
    tls_server: str, credentials: Credentials
) -> None:
    """Before anything is sent."""
    with (
        TradervueClient(credentials, base_url=tls_server, retries=1) as client,
        pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED") as raised,
    ):
        client.check()

    assert not raised.value.sent


def test_the_environment_can_name_an_authority(
    tls_server: str,
    certificate: Path,
    credentials: Credentials,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A firm's own CA works by SSL_CERT_FILE, as everywhere."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with TradervueClient(credentials, base_url=tls_server, retries=1) as client:
        client.check()


def test_an_unusable_environment_is_explained(
    monkeypatch: pytest.MonkeyPatch, make_client: Callable[..., TradervueClient]
) -> None:
    """The operator learns where to look, and the proxy's password stays hidden."""
    monkeypatch.setenv("HTTPS_PROXY", "gopher://user:canary@proxy.example")
    client = make_client(transport=None)

    with pytest.raises(Unreachable, match="look at HTTPS_PROXY") as raised:
        client.check()

    assert not raised.value.sent
    assert "canary" not in str(raised.value)


def test_a_contact_in_any_script_makes_a_header(
    make_client: Callable[..., TradervueClient], api: respx.MockRouter
) -> None:
    """Headers are ASCII and one line; a contact need not be."""
    route = api.get("/trades").respond(200, json={"trades": []})

    make_client(contact="büro@example.org\r\nX-Forged: 1").check()

    agent = route.calls.last.request.headers["User-Agent"]
    assert agent.endswith("(b?ro@example.org X-Forged: 1)")


def test_credentials_are_sent_as_utf8() -> None:
    """As Tradervue's own sample does it."""
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return httpx.Response(200, json={"trades": []})

    login = Credentials(username="jürgen", password="pä:ss")
    TradervueClient(login, transport=httpx.MockTransport(answer)).check()

    assert seen == ["Basic asO8cmdlbjpww6Q6c3M="]

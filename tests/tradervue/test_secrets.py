"""The password is nowhere but in its header."""

import base64
import json
import logging
import socket
import traceback
from typing import Any

import httpx
import pytest

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.errors import ApiError
from argo_tradervue_plugin.model.journal import NewUser
from argo_tradervue_plugin.tradervue.client import TradervueClient
from argo_tradervue_plugin.tradervue.masking import masker

PASSWORDS = ["canary-7f3a", "canary\"\\'é", "canary\ttab"]


@pytest.fixture(params=PASSWORDS, ids=["plain", "quoting", "tab"])
def login(request: Any) -> Credentials:
    return Credentials(username="trader", password=request.param)


def forms(login: Credentials) -> set[str]:
    """Every way in which the password could show."""
    token = base64.b64encode(f"{login.username}:{login.password}".encode()).decode()
    return {
        "canary",
        login.password,
        repr(login.password)[1:-1],
        json.dumps(login.password)[1:-1],
        token,
        token.rstrip("="),
    }


def everything_of(error: BaseException) -> str:
    """What a traceback, a debugger or an error tracker shows of *error*."""
    texts = []
    while error is not None:
        texts += traceback.format_exception(error)
        frames = traceback.TracebackException.from_exception(
            error, capture_locals=True
        ).stack
        texts += [
            text
            for frame in frames
            if "argo_tradervue_plugin" in frame.filename
            for text in (frame.locals or {}).values()
        ]
        texts += [repr(error), str(error), repr(vars(error))]
        sent = vars(error).get("_request")
        if sent is not None:
            texts += [str(sent.url), repr(sent.headers.raw)]
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return "\n".join(texts)


def echo(request: httpx.Request, status: int, media_type: str) -> httpx.Response:
    """Answer with everything that was sent, as a careless server might."""
    header = request.headers["Authorization"]
    password = base64.b64decode(header.split()[1]).decode().partition(":")[2]
    said = f"no: {password} {header} {password!r}"
    if media_type == "application/json":
        return httpx.Response(status, json={"error": said, "id": password})
    return httpx.Response(status, text=said, headers={"Content-Type": media_type})


def fail_to_connect(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route", request=request)


def time_out(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("timed out", request=request)


FAILURES = {
    "connect": fail_to_connect,
    "timeout": time_out,
    "401": lambda request: echo(request, 401, "application/json"),
    "422-text": lambda request: echo(request, 422, "text/plain"),
    "500": lambda request: echo(request, 500, "application/json"),
    "200-json": lambda request: echo(request, 200, "application/json"),
    "200-text": lambda request: echo(request, 200, "text/plain"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_no_error_shows_the_password(
    failure: str, login: Credentials, caplog: pytest.LogCaptureFixture, fake_time: Any
) -> None:
    """Neither its text, nor its causes, their requests, a traceback or the log."""
    transport = httpx.MockTransport(FAILURES[failure])
    client = TradervueClient(login, transport=transport, sleep=fake_time.sleep)
    shown = []

    with caplog.at_level(logging.DEBUG):
        for call in (
            lambda: client.trade(5),
            lambda: client.create_note("n"),
            lambda: list(client.list_trades()),
            client.import_status,
        ):
            with pytest.raises(ApiError) as raised:
                call()
            shown.append(everything_of(raised.value))
    shown += [record.getMessage() for record in caplog.records]

    for form in forms(login):
        assert form not in "\n".join(shown)


def test_no_repr_shows_the_password(login: Credentials) -> None:
    """Of nothing that a client is made of."""
    client = TradervueClient(login, user_id=5)

    assert repr(client) == (
        "TradervueClient(base_url='https://app.tradervue.com/api/v1', "
        "username='trader', user_id=5)"
    )
    parts = [client, client._session, client._session.connection]
    shown = "\n".join(repr(vars(part)) for part in parts)
    for form in forms(login):
        assert form not in shown


def test_a_real_exchange_logs_no_password(
    serve: Any, login: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    """Also the libraries below log nothing of it, at their most talkative."""

    def talk(connection: socket.socket, server: Any) -> None:
        connection.sendall(
            b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"trades":[]}'
        )

    server = serve(talk)
    with (
        caplog.at_level(logging.DEBUG),
        TradervueClient(login, base_url=server.url) as client,
    ):
        client.check()

    assert b"Authorization: Basic " in server.requests[0]
    assert caplog.records
    for form in forms(login):
        assert form not in caplog.text


def test_a_new_users_password_is_not_shown() -> None:
    """It is somebody else's account."""
    user = NewUser(username="u", email="e", plan="Gold", password="canary")

    assert "canary" not in repr(user)


def test_an_empty_password_masks_nothing() -> None:
    """There is nothing to hide, and a star between all letters helps nobody."""
    mask = masker(Credentials(username="u", password=""))

    assert mask("words") == "words"

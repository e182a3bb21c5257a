"""Servers on this machine that do what Tradervue should not: careless and hostile."""

import asyncio
import base64
import html
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import quote, quote_plus

import uvicorn

__all__ = ["CARELESS", "Careless", "Endless", "Secrets", "serving"]

MOST_SENT: Final = 256 * 1024 * 1024  # bytes; a client that reads them all has failed
LONGEST: Final = 60.0  # seconds until a server that should start is taken not to

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


@contextmanager
def serving(app: Any, **options: Any) -> Iterator[str]:
    """Serve the ASGI application *app* on a free port; give ``host:port``."""
    config = uvicorn.Config(
        app,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        **options,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        deadline = time.monotonic() + LONGEST
        try:
            while not server.started:
                if not thread.is_alive() or time.monotonic() > deadline:
                    raise RuntimeError("the server does not start")
                time.sleep(0.002)
            yield f"localhost:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(LONGEST)


def echoed(scope: Scope) -> str:
    """Return the login that a request came with, in every way that one could say it."""
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    header = headers.get("authorization", "")
    token = header.partition(" ")[2]
    login = base64.b64decode(token or b"").decode()
    password = login.partition(":")[2]
    ways = [header, token.rstrip("="), login, password, repr(password)]
    ways += [json.dumps(password), quote(password, safe=""), quote_plus(password)]
    ways += [html.escape(password), html.escape(repr(password))]
    ways += [base64.b64encode(password.encode()).decode()]
    ways += [base64.urlsafe_b64encode(login.encode()).decode()]
    return " ".join(ways)


def page(said: str) -> tuple[int, str, str]:
    """Return an error page as web frameworks show it in debug mode."""
    return 500, "text/html", f"<html><h1>Error</h1><pre>{said}</pre></html>"


def in_words(status: int) -> Callable[[str], tuple[int, str, str]]:
    """Return what answers *status* and says why, as Tradervue does."""
    return lambda said: (status, "application/json", json.dumps({"error": said}))


def in_text(said: str) -> tuple[int, str, str]:
    """Return an answer in plain text."""
    return 503, "text/plain", said


def in_place_of_an_id(said: str) -> tuple[int, str, str]:
    """Return a success whose numbers are texts."""
    rows = [{"id": said}, {said: said}]
    return 200, "application/json", json.dumps({"trades": rows, said: 1})


def cut_off(said: str) -> tuple[int, str, str]:
    """Return a success that is quoted, and cut in the middle of the login."""
    header = said.partition(" ")[2]
    return 200, "application/json", json.dumps({"trades": [{"id": "x" * 40 + header}]})


def with_other_escapes(said: str) -> tuple[int, str, str]:
    """Return a success in which even slashes are escaped, as PHP writes JSON."""
    body = json.dumps({"trades": [{"id": "x" * 20 + said}]}).replace("/", "\\/")
    return 200, "application/json", body


def failed_import(said: str) -> tuple[int, str, str]:
    """Return the outcome of an import that failed, and says why."""
    info = {"exec_count": 0, "error_description": said, "error_execnumber": 1}
    status = {"status": "failed", "info": info}
    return 200, "application/json", json.dumps(status)


CARELESS: Final[Mapping[str, Callable[[str], tuple[int, str, str]]]] = {
    "page": page,
    "401": in_words(401),
    "422": in_words(422),
    "500": in_words(500),
    "text": in_text,
    "id": in_place_of_an_id,
    "cut": cut_off,
    "escapes": with_other_escapes,
    "import": failed_import,
}
# With these the rest is as it should be.
ELSEWHERE: Final[Mapping[tuple[str, str], object]] = {
    ("POST", "/imports"): {"status": "queued"},
    ("GET", "/trades"): {"trades": []},
    ("POST", "/trades"): {"id": 1},
}


class Careless:
    """
    An application that answers everything with words, in the *way* of that name.

    They are those that *say* makes of a request; by default the login that it had.
    """

    def __init__(self, way: str, say: Callable[[Scope], str] = echoed) -> None:
        self.way = way
        self.say = say
        self.requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self.requests += 1
        call = scope["method"], scope["path"].removeprefix("/api/v1")
        if self.way == "import" and call in ELSEWHERE:
            answer = 200, "application/json", json.dumps(ELSEWHERE[call])
        else:
            answer = CARELESS[self.way](self.say(scope))
        status, media_type, body = answer
        headers = [(b"content-type", media_type.encode())]
        await send(
            {"type": "http.response.start", "status": status, "headers": headers}
        )
        await send({"type": "http.response.body", "body": body.encode()})


class Endless:
    """An application that never stops answering; it counts requests and bytes."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.requests = 0
        self.sent = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for as long as somebody listens."""
        self.requests += 1
        gone = asyncio.ensure_future(self.hung_up(receive))
        headers = [(b"content-type", b"application/json")]
        start = {"status": self.status, "headers": headers}
        await send({"type": "http.response.start", **start})
        while not gone.done() and self.sent < MOST_SENT:
            body = b" " * 65_536
            more = {"type": "http.response.body", "body": body, "more_body": True}
            await send(more)
            self.sent += len(body)
            await asyncio.sleep(0)
        gone.cancel()

    @staticmethod
    async def hung_up(receive: Receive) -> None:
        """Wait until the client is gone."""
        while (await receive())["type"] != "http.disconnect":
            pass


class Secrets:
    """AWS Secrets Manager as far as reading goes; *texts* by their names."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ``GetSecretValue``."""
        message = await receive()
        name = json.loads(message["body"])["SecretId"]
        if name in self.texts:
            arn = f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}-a1b2c3"
            status = 200
            told = {"ARN": arn, "Name": name, "SecretString": self.texts[name]}
        else:
            status, told = 400, {"__type": "ResourceNotFoundException"}
        headers = [(b"content-type", b"application/x-amz-json-1.1")]
        await send(
            {"type": "http.response.start", "status": status, "headers": headers}
        )
        await send({"type": "http.response.body", "body": json.dumps(told).encode()})

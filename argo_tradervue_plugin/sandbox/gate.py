"""What every request passes: counting, faults, the Date header."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final, NoReturn

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .faults import Fault

if TYPE_CHECKING:
    from .service import Service

_API: Final = "/api/v1"
_CONTROL: Final = "/_sandbox"
_HTML: Final = (
    "<!DOCTYPE html><html><head><title>We'll be right back</title></head><body>"
    "<h1>We'll be right back</h1><p>The site is down for maintenance.</p></body></html>"
)
_JSON: Final = (b"content-type", b"application/json; charset=utf-8")
# What may happen to an answer once the request has had its effect, first come first.
_AFTER: Final = (
    "reset_after",
    "hang",
    "server_error",
    "html_page",
    "truncated_json",
    "malformed_json",
)
Headers = list[tuple[bytes, bytes]]


class Cut(Exception):
    """The connection is gone; there is nothing more to send."""


class Gate:
    """The ASGI application around API and controls."""

    def __init__(self, sandbox: "Service", api: ASGIApp, control: ASGIApp) -> None:
        self.sandbox = sandbox
        self.api = api
        self.control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["type"] == "http":
            path: str = scope["path"]
            if path == _CONTROL or path.startswith(f"{_CONTROL}/"):
                await self.control(scope, receive, send)
            else:
                await Passage(self.sandbox, scope, receive, send).serve(self.api)


@dataclass
class Answer:
    """An answer that is held back, to be spoiled."""

    status: int = 500
    headers: Headers = field(default_factory=list)
    body: bytes = b""

    async def send(self, message: Message) -> None:
        """Take *message* as a server would."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


class Passage:
    """One request on its way through the faults that it meets."""

    def __init__(
        self, sandbox: "Service", scope: Scope, receive: Receive, send: Send
    ) -> None:
        self.sandbox = sandbox
        self.scope = scope
        self._receive = receive
        self._send = send
        # The body, once it was read ahead of the application.
        self._ahead: list[Message] = []
        self.path: str = scope["path"].removeprefix(_API)
        self.now = sandbox.time_of_day()
        self.status: int | None = None
        self.faults: Mapping[str, Fault] = {}
        self._has_ended = False

    async def serve(self, api: ASGIApp) -> None:
        """Have *api* answer, unless a fault does."""
        method: str = self.scope["method"]
        with self.sandbox.lock:
            self.sandbox.stats.begin(method, self.path)
            self.faults = self.sandbox.faults.due(method, self.path)
        try:
            if self.faults:
                await self._among_faults(api)
            else:
                await self._pass(api, self.send)
        except Cut:
            pass
        finally:
            self._end()

    def _end(self) -> None:
        """Count the end, before the client knows of it: it may ask how often."""
        if not self._has_ended:
            self._has_ended = True
            with self.sandbox.lock:
                self.sandbox.stats.end(self.status)

    async def receive(self) -> Message:
        """Return what came in, what was read ahead first."""
        return self._ahead.pop(0) if self._ahead else await self._receive()

    async def send(self, message: Message) -> None:
        """Send *message*, with the Date that the clock of this Tradervue has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            date = (b"date", http_date(self.now).encode())
            message = {**message, "headers": [*message.get("headers", []), date]}
        elif not message.get("more_body", False):
            self._end()
        await self._send(message)

    async def _pass(self, api: ASGIApp, send: Send) -> None:
        self.scope["sandbox.faults"] = self.faults
        self.scope["sandbox.now"] = self.now
        await api(self.scope, self.receive, send)

    async def _among_faults(self, api: ASGIApp) -> None:
        """Apply the faults in the order in which they would happen on the way."""
        await self._read_ahead()
        if skew := self._used("clock_skew"):
            self.now += timedelta(seconds=skew.seconds())
        if late := self._used("latency"):
            await self._wait(late.seconds())
        if self._used("reset_before"):
            await self._reset()
        if silent := self._used("hang", when="before"):
            await self._hang(silent)
        if await self._refuse():
            return
        for name in _AFTER:
            if fault := self._used(name):
                answer = Answer()
                await self._pass(api, answer.send)
                await self._spoil(answer, fault)
                return
        await self._pass(api, self.send)

    async def _refuse(self) -> bool:
        """Answer in the place of the API, if a fault says so; tell whether it did."""
        if self._used("unauthorized"):
            challenge = (b"www-authenticate", b'Basic realm="Tradervue"')
            await self._reply(401, '{"error":"Access denied"}', [_JSON, challenge])
        elif limit := self._used("rate_limit"):
            headers = self._retry_after(limit)
            await self._reply(429, '{"error":"Too many requests"}', [_JSON, *headers])
        elif moved := self._used("redirect"):
            query = self.scope["query_string"].decode("latin-1")
            where = f"{moved.parameters['location']}{self.scope['path']}"
            where += f"?{query}" if query else ""
            await self._reply(moved.status(), "", [(b"location", where.encode())])
        elif broken := self._used("server_error", when="before"):
            await self._fail(broken)
        elif page := self._used("html_page", when="before"):
            await self._fail(page)
        else:
            return False
        return True

    async def _spoil(self, answer: Answer, fault: Fault) -> None:
        """Send what *fault* makes of *answer*."""
        match fault.name:
            case "reset_after":
                await self._reset()
            case "hang":
                await self._hang(fault)
            case "server_error" | "html_page":
                await self._fail(fault)
            case "truncated_json":
                half = answer.body[: len(answer.body) // 2]
                is_all = fault.parameters["announced"] == "all"
                length = len(answer.body) if is_all else len(half)
                await self._forward(answer, half, length, is_more=is_all)
                if is_all:
                    await self._close()
            case _:
                body = b'{"status": queued, ' + answer.body[1:]
                await self._forward(answer, body, len(body))

    async def _forward(
        self, answer: Answer, body: bytes, length: int, *, is_more: bool = False
    ) -> None:
        headers = [pair for pair in answer.headers if pair[0] != b"content-length"]
        headers.append((b"content-length", str(length).encode()))
        await self.send(
            {"type": "http.response.start", "status": answer.status, "headers": headers}
        )
        await self.send(
            {"type": "http.response.body", "body": body, "more_body": is_more}
        )

    async def _fail(self, fault: Fault) -> None:
        """Answer with the status of *fault* and the body of its kind."""
        if fault.name == "html_page":
            kind = (b"content-type", b"text/html; charset=utf-8")
            await self._reply(fault.status(), _HTML, [kind])
        else:
            text = '{"error":"Something went wrong"}'
            headers = [_JSON, *self._retry_after(fault)]
            await self._reply(fault.status(), text, headers)

    async def _reply(self, status: int, text: str, headers: Headers) -> None:
        body = text.encode()
        await self._forward(Answer(status, headers, body), body, len(body))

    def _retry_after(self, fault: Fault) -> Headers:
        """Return the header with the seconds of *fault*, in its form; none without."""
        told = fault.parameters["retry_after"]
        if told is None:
            return []
        seconds = float(told)
        if fault.parameters.get("form") == "date":
            text = http_date(self.now + timedelta(seconds=seconds))
        else:
            text = f"{seconds:g}"
        return [(b"retry-after", text.encode())]

    async def _read_ahead(self) -> None:
        """Read the whole request, so that a disconnect can be waited for."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Cut
            self._ahead.append(message)
            if not message.get("more_body", False):
                return

    async def _hang(self, fault: Fault) -> NoReturn:
        """Say nothing until the time is over, then close."""
        seconds = fault.parameters["seconds"]
        await self._wait(None if seconds is None else float(seconds))
        await self._close()

    async def _wait(self, seconds: float | None) -> None:
        """Wait (None: for ever). Raises Cut if the client goes or the server stops."""
        gone = asyncio.ensure_future(self._disconnect())
        ends = [gone]
        if self.sandbox.closing is not None:
            ends.append(asyncio.ensure_future(self.sandbox.closing.wait()))
        done, pending = await asyncio.wait(
            ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        for end in pending:
            end.cancel()
        if gone in done:
            raise Cut
        if done:
            await self._close()

    async def _reset(self) -> NoReturn:
        self.sandbox.doors.reset(self.scope["client"])
        await self._disconnect()
        raise Cut

    async def _close(self) -> NoReturn:
        self.sandbox.doors.close(self.scope["client"])
        await self._disconnect()
        raise Cut

    async def _disconnect(self) -> bool:
        """Return once the server knows that the connection is gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        return True

    def _used(self, name: str, *, when: str | None = None) -> Fault | None:
        """Return the fault *name*, counted, if it is met (and set to *when*)."""
        fault = self.faults.get(name)
        if fault is None or (when and fault.parameters["when"] != when):
            return None
        with self.sandbox.lock:
            self.sandbox.faults.use(fault)
        return fault


def http_date(moment: datetime) -> str:
    """Return *moment* in the form of HTTP headers."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)

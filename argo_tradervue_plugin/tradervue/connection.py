"""
One attempt at one request over HTTP.

A request goes to the transport without an httpx client: that would keep cookies, look
for a login in files and follow what a server says, and costs as much again. The only
place where httpx's exceptions are translated.
"""

import logging
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Final, cast
from urllib.parse import urlencode

import httpx

from argo_tradervue_plugin import __version__
from argo_tradervue_plugin.config.addresses import refusal
from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.errors import (
    ApiError,
    BadAnswer,
    ConfigError,
    TimedOut,
    Unreachable,
    one_line,
)
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.process.descriptors import Beacon, keep_forever
from argo_tradervue_plugin.process.forking import Lock, importing
from argo_tradervue_plugin.tradervue.answers import Answer, Call, clock_difference
from argo_tradervue_plugin.tradervue.quiet import quietly
from argo_tradervue_plugin.tradervue.transport import Deadline, inflated, transport_to

__all__ = ["Connection", "checked_url", "translated"]


LARGEST_ANSWER: Final = 8 * 1024 * 1024  # bytes; a page of 100 trades has some 60 KB
LARGEST_REASON: Final = 64 * 1024  # bytes; the words of a failure are one sentence

# With these nothing was sent to Tradervue: there was no connection to it.
NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,  # the proxy did not open the tunnel
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)

# With these an answer came.
UNREADABLE: Final = (
    httpx.DecodingError,
    httpx.HTTPStatusError,
    httpx.TooManyRedirects,
    httpx.CookieConflict,
)

FAILURES: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpx.CookieConflict,
    OSError,  # what httpx may have let through from below
)


# Parsing an address takes longer than all that is done with it; most come again.
address: Final = lru_cache(maxsize=32)(httpx.URL)


def checked_url(base_url: str) -> str:
    """
    Return *base_url* without a slash at its end.

    Raises:
        ConfigError: if it is not one that requests can go to, or that would send the
            password in the clear.
    """
    allowed = refusal(base_url)
    if allowed is not None:
        raise ConfigError([f"base_url must be {allowed}"])
    return base_url.rstrip("/")


def translated(error: Exception, what: str, timeout: float) -> ApiError:
    """
    Return our error for one of ``FAILURES``.

    *timeout* is in seconds.
    """
    if isinstance(error, UNREADABLE):
        return BadAnswer(
            f"Tradervue's answer to {what} cannot be read: {_named(error)}"
        )
    kind = TimedOut if isinstance(error, httpx.TimeoutException) else Unreachable
    if isinstance(error, NOT_SENT):
        text = f"Tradervue could not be reached for {what}: {_named(error)}"
        return kind(text, sent=False)
    if kind is TimedOut:
        return kind(f"Tradervue did not answer {what} within {timeout:g} s")
    return kind(f"Tradervue did not answer {what}: {_named(error)}")


def _named(error: Exception) -> str:
    return one_line(f"{type(error).__name__} {error}").strip()


class Connection:
    """
    Sends requests, one attempt each, over connections that are kept open; a child that
    is forked has its own.

    Nothing is opened before the first request. *contact* and *user_id* go into headers;
    *timeout* is in seconds, for the whole of one attempt. *logs_requests* logs each of
    them at INFO instead of DEBUG. A *transport* of the caller's takes the place of the
    network, for tests.

    Raises:
        ConfigError: if *base_url* would send the password in the clear.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        base_url: str,
        contact: str,
        user_id: int | None,
        timeout: float,
        logs_requests: bool,
        transport: httpx.BaseTransport | None,
    ) -> None:
        self.base_url = checked_url(base_url)
        self._auth = httpx.BasicAuth(credentials.username, credentials.password)
        self._headers = headers_of(contact, user_id)
        self._timeout = timeout
        self._extensions = {"timeout": httpx.Timeout(timeout).as_dict()}
        self._level = logging.INFO if logs_requests else logging.DEBUG
        self._given = transport
        self._deadline = Deadline()
        self._lock = Lock()
        self._transport: httpx.BaseTransport | None = None
        self._beacon: Beacon | None = None  # opened before it
        self._dated: tuple[str | None, float] = (None, 0.0)  # and when it came
        self._pid = 0  # of the process that opened it
        self._is_closed = False

    @property
    def clock_ahead(self) -> float | None:
        """
        Return how far our clock is ahead of Tradervue's, in seconds.

        By the latest answer, whose time has whole seconds; None where it had none.
        """
        date, came_at = self._dated
        return clock_difference(date, came_at)

    def close(self) -> None:
        """Close the connections; nothing can be sent afterwards."""
        with self._lock:
            self._is_closed = True
            transport = self._transport
            if transport is not None and self._is_ours():
                with quietly():
                    transport.close()
            self._let_go()

    def send(self, call: Call) -> Answer:
        """
        Send *call* once and return the answer, whatever its status.

        Raises:
            Unreachable: if there was no complete answer (TimedOut: in time).
            BadAnswer: if the answer is too large or wrongly encoded.
            RuntimeError: after :meth:`close`.
        """
        self._deadline.start(self._timeout)
        started = time.monotonic()
        try:
            with quietly():
                answer = self._exchange(call)
        except FAILURES as error:
            failure = translated(error, call.what, self._timeout)
            self._log(call, started, "error", type(error).__name__)
            if isinstance(error, httpx.RequestError):
                # The request holds the password; who shows errors with all their
                # attributes must not find it there.
                error.request = httpx.Request(call.method, self.base_url + call.path)
            raise failure from error
        self._log(call, started, "status", answer.status)
        return answer

    def _exchange(self, call: Call) -> Answer:
        transport = self._opened()
        query = f"?{urlencode(call.query)}" if call.query else ""
        request = httpx.Request(
            call.method,
            address(f"{self.base_url}{call.path}{query}"),
            headers=self._headers,
            content=call.body,
            extensions=self._extensions,
        )
        if call.body is not None:
            request.headers["Content-Type"] = "application/json"
        next(self._auth.auth_flow(request))  # puts the login into its header
        response = transport.handle_request(request)
        try:
            content = self._read(response, call.what)
        finally:
            response.close()
        headers = response.headers
        self._dated = (headers.get("Date"), time.time())
        media_type, _, _ = headers.get("Content-Type", "").partition(";")
        return Answer(
            status=response.status_code,
            media_type=media_type.strip().lower(),
            content=content,
            location=headers.get("Location", ""),
            retry_after=headers.get("Retry-After"),
        )

    def _read(self, response: httpx.Response, what: str) -> bytes:
        """
        Return the body, which nothing has compressed any more.

        A failure's status says it all, so that its body may be cut.
        """
        is_failure = response.status_code >= 400  # noqa: PLR2004
        largest = LARGEST_REASON if is_failure else LARGEST_ANSWER
        pieces = cast("Iterable[bytes]", response.stream)
        content = bytearray()
        try:
            for piece in inflated(pieces, response.headers.get("Content-Encoding", "")):
                content += piece
                if len(content) > largest:
                    break
                if self._deadline.left() <= 0:
                    raise httpx.ReadTimeout("timed out")
        except httpx.RequestError:
            if not is_failure:
                raise
        if len(content) > largest and not is_failure:
            raise BadAnswer(
                f"Tradervue's answer to {what} is longer than {largest} bytes",
                status=response.status_code,
            )
        return bytes(content[:largest])

    def _opened(self) -> httpx.BaseTransport:
        with self._lock:
            if self._is_closed:
                raise RuntimeError("this TradervueClient is closed")
            if self._pid != os.getpid() or not self._is_ours():
                # What came through a fork is the parent's, who reads from it, too.
                self._let_go()
            if self._transport is None:
                self._beacon, self._pid = Beacon(), os.getpid()
                self._transport = self._given or self._open()
            return self._transport

    def _is_ours(self) -> bool:
        return self._beacon is None or self._beacon.is_there()

    def _let_go(self) -> None:
        """Forget what is open; nothing closes what may be the host's by now."""
        if self._transport is not None and not self._is_ours():
            keep_forever(self._transport)
        if self._beacon is not None:
            self._beacon.close()
        self._transport = self._beacon = None

    def __del__(self) -> None:
        with suppress(Exception):  # the interpreter may end
            self._let_go()

    def _open(self) -> httpx.BaseTransport:
        try:
            with importing:  # httpx imports what it needs for this only now
                return transport_to(self.base_url, self._deadline)
        except (OSError, ImportError) as error:  # a file of CAs, a missing package
            problem = _named(error)
        except (ValueError, httpx.InvalidURL) as error:
            # About a proxy, whose own password the text may hold.
            problem = type(error).__name__
        raise Unreachable(
            f"No connection can be set up: {problem}; look at HTTPS_PROXY, ALL_PROXY, "
            "NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR in the environment",
            sent=False,
        )

    def _log(self, call: Call, started: float, outcome: str, value: object) -> None:
        log.log(
            self._level,
            "tradervue.request method=%s path=%s %s=%s seconds=%.3f",
            call.method,
            call.path,
            outcome,
            value,
            time.monotonic() - started,
        )


def headers_of(contact: str, user_id: int | None) -> httpx.Headers:
    """Return what each request has, the login apart."""
    # Tradervue answers 400 without a contact. Source: API documentation, README.
    agent = one_line(contact).encode("ascii", "replace").decode()
    headers = {
        "User-Agent": f"argo-tradervue-plugin/{__version__} ({agent})",
        "Accept": "application/json",
        # A page of trades is some 60 KB; what is not compressed cannot grow.
        "Accept-Encoding": "identity",
        "Connection": "keep-alive",
    }
    if user_id is not None:
        headers["Tradervue-UserId"] = str(user_id)
    return httpx.Headers(headers)

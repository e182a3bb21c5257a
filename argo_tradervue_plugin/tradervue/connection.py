"""
One attempt at one request over HTTP.

The only place where httpx's exceptions are translated.
"""

import os
import time
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from typing import Final

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
from argo_tradervue_plugin.tradervue.deadline import Deadline
from argo_tradervue_plugin.tradervue.inflating import Inflating
from argo_tradervue_plugin.tradervue.quiet import quietly
from argo_tradervue_plugin.tradervue.transport import transport_to

__all__ = ["Connection", "checked_url", "translated"]


LARGEST_ANSWER: Final = 8 * 1024 * 1024  # bytes; a page of 100 trades has some 60 KB
LARGEST_REASON: Final = 64 * 1024  # bytes; the words of a failure are one sentence
LOCATION: Final = "argo_location"  # where an answer keeps what was set aside

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


class NoCookies(httpx.Cookies):
    """
    A jar that nothing is put into.

    A session cookie would speak for the user beside the password.
    """

    def extract_cookies(self, response: httpx.Response) -> None:
        """Leave the server's cookies where they are."""


def set_aside(response: httpx.Response) -> None:
    """
    Take ``Location`` out of a *response* before httpx reads it.

    It does so for redirects that it does not follow, and trips over an odd address.
    """
    response.extensions[LOCATION] = response.headers.pop("Location", "")


class Client(httpx.Client):
    """An httpx client without cookies; looking for them is a tenth of a request."""

    cookies = NoCookies()  # type: ignore[override]


class Connection:
    """
    Sends requests, one attempt each, over connections that are kept open; a child that
    is forked has its own.

    Nothing is opened before the first request. *contact* and *user_id* go into headers;
    *timeout* is in seconds, for the whole of one attempt. *logs_requests* lets httpx
    write its line for each of them. A *transport* of the caller's takes the place of
    the network, for tests.

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
        self._contact = contact
        self._user_id = user_id
        self._timeout = timeout
        self._logs_requests = logs_requests
        self._transport = transport
        self._deadline = Deadline()
        self._lock = Lock()
        self._http: httpx.Client | None = None
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
            http = self._http
            if http is not None and self._is_ours():
                http.close()
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
            answer = self._exchange(call)
        except FAILURES as error:
            failure = translated(error, call.what, self._timeout)
            _log_request(call, started, "error", type(error).__name__)
            if isinstance(error, httpx.RequestError):
                # The request holds the password; who shows errors with all their
                # attributes must not find it there.
                error.request = httpx.Request(call.method, self.base_url + call.path)
            raise failure from error
        _log_request(call, started, "status", answer.status)
        return answer

    def _exchange(self, call: Call) -> Answer:
        http = self._opened()
        headers = {} if call.body is None else {"Content-Type": "application/json"}
        request = http.build_request(
            call.method,
            self.base_url + call.path,
            params=call.query or None,
            content=call.body,
            headers=headers,
        )
        with nullcontext() if self._logs_requests else quietly():
            response = http.send(request, stream=True)
        try:
            content = self._read(response, call.what)
        finally:
            response.close()
        self._dated = (response.headers.get("Date"), time.time())
        media_type, _, _ = response.headers.get("Content-Type", "").partition(";")
        return Answer(
            status=response.status_code,
            media_type=media_type.strip().lower(),
            content=content,
            location=response.extensions[LOCATION],
            retry_after=response.headers.get("Retry-After"),
        )

    def _read(self, response: httpx.Response, what: str) -> bytes:
        """
        Return the body, which nothing has compressed any more.

        A failure's status says it all, so that its body may be cut.
        """
        is_failure = response.status_code >= 400  # noqa: PLR2004
        largest = LARGEST_REASON if is_failure else LARGEST_ANSWER
        content = bytearray()
        try:
            for piece in response.iter_bytes():
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

    def _opened(self) -> httpx.Client:
        with self._lock:
            if self._is_closed:
                raise RuntimeError("this TradervueClient is closed")
            if self._pid != os.getpid() or not self._is_ours():
                # What came through a fork is the parent's, who reads from it, too.
                self._let_go()
            if self._http is None:
                self._beacon, self._pid = Beacon(), os.getpid()
                self._http = self._open_or_explain()
            return self._http

    def _is_ours(self) -> bool:
        return self._beacon is None or self._beacon.is_there()

    def _let_go(self) -> None:
        """Forget what is open; nothing closes what may be the host's by now."""
        if self._http is not None and not self._is_ours():
            keep_forever(self._http)
        if self._beacon is not None:
            self._beacon.close()
        self._http = self._beacon = None

    def __del__(self) -> None:
        with suppress(Exception):  # the interpreter may end
            self._let_go()

    def _open_or_explain(self) -> httpx.Client:
        try:
            with importing:  # httpx imports what it needs for this only now
                return self._open()
        except OSError as error:
            problem = _named(error)
        except (ValueError, ImportError, httpx.InvalidURL) as error:
            # About a proxy, whose own password the text may hold.
            problem = type(error).__name__
        raise Unreachable(
            f"No connection can be set up: {problem}; look at HTTPS_PROXY, ALL_PROXY, "
            "NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR in the environment",
            sent=False,
        )

    def _open(self) -> httpx.Client:
        own = self._transport or transport_to(self.base_url, self._deadline)
        return Client(
            auth=self._auth,
            headers=self._headers(),
            trust_env=False,  # the transport has looked at proxies and CAs
            timeout=self._timeout,
            follow_redirects=False,
            event_hooks={"response": [set_aside]},
            transport=Inflating(own),
        )

    def _headers(self) -> Mapping[str, str]:
        # Tradervue answers 400 without a contact. Source: API documentation, README.
        contact = one_line(self._contact).encode("ascii", "replace").decode()
        headers = {
            "User-Agent": f"argo-tradervue-plugin/{__version__} ({contact})",
            "Accept": "application/json",
            # A page of trades is some 60 KB; what is not compressed cannot grow.
            "Accept-Encoding": "identity",
        }
        if self._user_id is not None:
            headers["Tradervue-UserId"] = str(self._user_id)
        return headers


def _log_request(call: Call, started: float, outcome: str, value: object) -> None:
    log.debug(
        "tradervue.request method=%s path=%s %s=%s seconds=%.3f",
        call.method,
        call.path,
        outcome,
        value,
        time.monotonic() - started,
    )

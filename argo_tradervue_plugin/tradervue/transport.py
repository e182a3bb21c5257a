"""
What requests go through, below httpx: one deadline for all of an attempt, and bodies
that cannot grow.

httpx limits each single read and write. A server that sends one byte now and then stays
within that for ever, so the time that is left is given to each of them. httpx takes no
network backend, so the pool is made here, with the proxy that the environment names.
Only public names of httpx and httpcore are used.
"""

import encodings.idna  # noqa: F401 - or the first request would
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

__all__ = [
    "Deadline",
    "Transport",
    "in_httpx_terms",
    "inflated",
    "proxy_of",
    "transport_to",
]

# As httpx has them by default.
LIMITS: Final[dict[str, Any]] = {
    "max_connections": 100,
    "max_keepalive_connections": 20,
    "keepalive_expiry": 5.0,
}
# Bytes. One write may take several sends, each with the full time that is left.
WRITE_SIZE: Final = 16_384

PIECE: Final = 65_536  # bytes that one step of inflating may give
GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
FORMS: Final = frozenset({"gzip", "x-gzip", "deflate"})

# httpx has an error of the same name and meaning for each of these.
KINDS: Final[dict[type[Exception], type[httpx.TransportError]]] = {
    getattr(httpcore, name): getattr(httpx, name)
    for name in (
        "ConnectError",
        "ConnectTimeout",
        "LocalProtocolError",
        "NetworkError",
        "PoolTimeout",
        "ProtocolError",
        "ProxyError",
        "ReadError",
        "ReadTimeout",
        "RemoteProtocolError",
        "TimeoutException",
        "UnsupportedProtocol",
        "WriteError",
        "WriteTimeout",
    )
}


class Deadline(threading.local):
    """When the current attempt of this thread must have ended."""

    def __init__(self) -> None:
        self._at = float("inf")

    def start(self, seconds: float) -> None:
        """Begin an attempt that may take *seconds*."""
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, 0 or less when there are none."""
        return self._at - time.monotonic()


class Backend(httpcore.NetworkBackend):
    """Opens connections that keep a deadline."""

    def __init__(self, inner: httpcore.NetworkBackend, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is tighter
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """
        Connect to the first address of *host* that answers.

        Each gets its share of the time, so that a dead one does not use up all of it;
        the system's resolver keeps its own time.
        """
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        addresses = list(dict.fromkeys(str(info[4][0]) for info in infos))
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for index, address in enumerate(addresses):
            left = self._deadline.left()
            if left <= 0:
                break
            try:
                stream = self._inner.connect_tcp(
                    address,
                    port,
                    timeout=left / (len(addresses) - index),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._deadline)
        raise failure or httpcore.ConnectTimeout("timed out")


class _Stream(httpcore.NetworkStream):
    """A connection that keeps a deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        left = self._deadline.left()
        if left <= 0:
            raise httpcore.ReadTimeout("timed out")
        return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        for start in range(0, len(buffer), WRITE_SIZE):
            left = self._deadline.left()
            if left <= 0:
                raise httpcore.WriteTimeout("timed out")
            self._inner.write(buffer[start : start + WRITE_SIZE], left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        left = self._deadline.left()
        if left <= 0:
            raise httpcore.ConnectTimeout("timed out")
        stream = self._inner.start_tls(ssl_context, server_hostname, left)
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


# Requests ---------------------------------------------------------------------------


def transport_to(url: str, deadline: Deadline) -> "Transport":
    """
    Return what sends requests to *url* and keeps *deadline*.

    By the proxy of the environment, except for plain HTTP: that is for this machine
    itself, and the password must not go to a proxy in the clear.

    Raises:
        OSError: where the certificates cannot be read.
        ValueError: where the proxy's address makes no sense.
        ImportError: where it needs a package that is not there.
    """
    address = httpx.URL(url)
    options = {**LIMITS, "network_backend": Backend(httpcore.SyncBackend(), deadline)}
    if address.scheme == "http":
        return Transport(httpcore.ConnectionPool(**options))
    # With SSL_CERT_FILE and SSL_CERT_DIR. Loading the CAs takes some 20 ms.
    options["ssl_context"] = httpx.create_ssl_context()
    named = proxy_of(address)
    if named is None:
        return Transport(httpcore.ConnectionPool(**options))
    proxy = httpx.Proxy(named)
    options["proxy_auth"] = proxy.raw_auth
    options["proxy_url"] = core_url(proxy.url)
    if not proxy.url.scheme.startswith("socks"):
        if proxy.url.scheme == "https":
            options["proxy_ssl_context"] = options["ssl_context"]
        return Transport(httpcore.HTTPProxy(**options))
    try:
        return Transport(httpcore.SOCKSProxy(**options))
    except RuntimeError as error:  # how httpcore says that it lacks a package
        raise ImportError(str(error)) from None


def proxy_of(address: httpx.URL) -> str | None:
    """Return the proxy that the environment names for *address*, None for none."""
    named = getproxies()
    proxy = named.get(address.scheme) or named.get("all")
    is_past = any(map(proxy_bypass, (address.host, address.netloc.decode("ascii"))))
    if not proxy or is_past:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


class Transport(httpx.BaseTransport):
    """What httpx sends requests through: *pool*, and its errors in httpx's terms."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send *request* and return the answer, whose body is still to be read."""
        with in_httpx_terms():
            answer = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=core_url(request.url),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


class Body(httpx.SyncByteStream):
    """The body of an answer, as it comes."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with in_httpx_terms():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        """Give the connection back, or close it where the body was not read."""
        self._answer.close()


@contextmanager
def in_httpx_terms() -> Iterator[None]:
    """Raise httpx's error for each of httpcore's."""
    try:
        yield
    except Exception as error:
        for kind in type(error).__mro__:
            if kind in KINDS:
                raise KINDS[kind](str(error)) from error
        raise


def core_url(url: httpx.URL) -> httpcore.URL:
    """Return *url* as httpcore has it."""
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


# Bodies -----------------------------------------------------------------------------


def inflated(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """
    Yield what *pieces* hold, in pieces of a bounded size; *encoding* is their header.

    Nothing is compressed at our wish. Three kilobytes that were compressed twice can
    hold gigabytes, and a decompressor that is asked for a whole piece gives it. So each
    step is bounded, and who reads may stop between any two.

    Raises:
        httpx.DecodingError: where they are not what the header says, end too early, or
            were compressed more than once.
    """
    forms = [form for form in map(str.strip, encoding.lower().split(",")) if form]
    forms = [form for form in forms if form != "identity"]
    if not forms:
        yield from pieces
        return
    if len(forms) > 1 or forms[0] not in FORMS:
        # Not its name, which may be as long as a server likes.
        raise httpx.DecodingError("compressed in a way that was not asked for")
    inflater = zlib.decompressobj(GZIP_OR_ZLIB)
    has_begun = False
    for piece in pieces:
        rest = piece
        while rest and not inflater.eof:
            has_begun = True
            try:
                step = inflater.decompress(rest, PIECE)
            except zlib.error as error:
                raise httpx.DecodingError(f"wrongly compressed: {error}") from error
            rest = inflater.unconsumed_tail
            yield step
        if inflater.eof:
            return
    if has_begun:
        raise httpx.DecodingError("the compressed body ends too early")

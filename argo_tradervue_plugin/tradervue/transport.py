"""
httpx over connections of ours, which keep a deadline.

httpx takes no network backend, so that the pool is made here, with the proxy that the
environment names. Only public names of httpx and httpcore are used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from argo_tradervue_plugin.tradervue.deadline import Backend, Deadline

__all__ = ["Transport", "in_httpx_terms", "proxy_of", "transport_to"]

# As httpx has them by default.
LIMITS: Final[dict[str, Any]] = {
    "max_connections": 100,
    "max_keepalive_connections": 20,
    "keepalive_expiry": 5.0,
}

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

"""
A time limit for the whole of one attempt.

httpx limits each single read and write. A server that sends one byte now and then
stays within that for ever, so the time that is left is given to each of them.
"""

import encodings.idna  # noqa: F401 - or the first request would
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any, Final

import httpcore

__all__ = ["Backend", "Deadline"]

# Bytes. One write may take several sends, each with the full time that is left.
WRITE_SIZE: Final = 16_384


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
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
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

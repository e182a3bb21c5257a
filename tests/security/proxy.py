"""A forward proxy on this machine, which notes what it was asked for."""

import base64
import select
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

__all__ = ["Proxy", "running_proxy"]

REFUSED: Final = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\n"
    b'Proxy-Authenticate: Basic realm="here"\r\nContent-Length: 0\r\n\r\n'
)
LONGEST: Final = 60.0  # seconds that a tunnel may be silent


class Proxy(socketserver.ThreadingTCPServer):
    """
    Opens tunnels (``CONNECT``), and passes on what is asked for by its whole address.

    *login* is ``name:password`` where it wants one. *asked* has the first lines of the
    requests, *heads* all that came with them.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, login: str | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Passage)
        self.login = login
        self.asked: list[str] = []
        self.heads: list[str] = []

    @property
    def url(self) -> str:
        """Return its address, as ``HTTPS_PROXY`` has it."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Passage(socketserver.BaseRequestHandler):
    """One connection to the proxy."""

    server: Proxy

    def handle(self) -> None:
        """Read a request's head, and bring both sides together."""
        head, rest = self.read_head()
        if not head:
            return
        lines = head.decode("latin-1").split("\r\n")
        self.server.asked.append(lines[0])
        self.server.heads.append(head.decode("latin-1"))
        if not self.is_admitted(lines[1:]):
            self.request.sendall(REFUSED)
            return
        method, target, version = lines[0].split(" ")
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            onward = b""
        else:
            parts = urlsplit(target)
            host, port = parts.hostname or "", str(parts.port or 80)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            lines[0] = f"{method} {path} {version}"
            onward = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        try:
            far = socket.create_connection((host, int(port)))
        except OSError:
            self.request.sendall(
                b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
            )
            return
        with far:
            if method == "CONNECT":
                self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            far.sendall(onward + rest)
            self.pass_on(far)

    def read_head(self) -> tuple[bytes, bytes]:
        """Return the head of the request, and what came after it."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.request.recv(65_536)
            if not piece:
                return b"", b""
            data += piece
        head, _, rest = data.partition(b"\r\n\r\n")
        return head, rest

    def is_admitted(self, headers: list[str]) -> bool:
        """Tell whether the login of the proxy, if it has one, came along."""
        if self.server.login is None:
            return True
        token = base64.b64encode(self.server.login.encode()).decode()
        return f"proxy-authorization: basic {token}".lower() in [
            header.lower() for header in headers
        ]

    def pass_on(self, far: socket.socket) -> None:
        """Pass bytes on in both directions, until either side is silent or gone."""
        other = {self.request: far, far: self.request}
        with suppress(OSError):
            while True:
                ready, _, _ = select.select(list(other), [], [], LONGEST)
                if not ready:
                    return
                for side in ready:
                    data = side.recv(65_536)
                    if not data:
                        return
                    other[side].sendall(data)


@contextmanager
def running_proxy(login: str | None = None) -> Iterator[Proxy]:
    """Run a proxy in a thread, and stop it."""
    with Proxy(login) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()

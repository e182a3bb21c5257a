"""
The transports of open connections, so that a fault can slam one.

ASGI has no word for it: an application can answer or not answer, it cannot reset the
connection. The protocols of uvicorn are asyncio protocols, though, which are told their
transport; the ones made here note it under the address of the client, which ASGI does
pass on. No private name of uvicorn is touched.
"""

import asyncio
import socket
import struct
from typing import Final, cast

Client = tuple[str, int]

# On, and no time to linger: closing sends RST and not FIN.
_NO_LINGER: Final = struct.pack("ii", 1, 0)


class Doors:
    """Transports by the address of the client."""

    def __init__(self) -> None:
        self._open: dict[Client, asyncio.Transport] = {}

    def note(self, transport: asyncio.Transport) -> Client:
        """Remember *transport*; return the address it is remembered by."""
        host, port, *_ = transport.get_extra_info("peername")
        self._open[host, port] = transport
        return host, port

    def forget(self, client: Client) -> None:
        """Forget the transport of *client*."""
        self._open.pop(client, None)

    def reset(self, client: Client) -> None:
        """Reset the connection of *client*: what was not sent yet never will be."""
        transport = self._open.get(client)
        if transport is None:
            raise ConnectionResetError("reset by the sandbox")
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()

    def close(self, client: Client) -> None:
        """Close the connection of *client* after what was sent."""
        transport = self._open.get(client)
        if transport is None:
            raise ConnectionResetError("closed by the sandbox")
        transport.close()


class _Noted(asyncio.Protocol):
    """A protocol that notes its transport with `doors`."""

    doors: Doors
    client: Client | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.client = self.doors.note(cast("asyncio.Transport", transport))
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            self.doors.forget(self.client)
        super().connection_lost(exc)


def protocol_of(doors: Doors) -> type[asyncio.Protocol]:
    """Return a protocol for uvicorn, httptools if it is installed, with *doors*."""
    base: type[asyncio.Protocol]
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

        base = HttpToolsProtocol
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol

        base = H11Protocol
    made = type("NotedProtocol", (_Noted, base), {"doors": doors})
    return cast("type[asyncio.Protocol]", made)

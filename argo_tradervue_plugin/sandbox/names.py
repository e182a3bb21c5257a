"""
By which names the sandbox answers: those of this machine alone.

A page on the web can have its own name lead to 127.0.0.1 once it is loaded (DNS
rebinding), and then speaks to what listens there as if that were its own site. Its name
is in the Host header all the same, where no page can write another one.
"""

from collections.abc import Collection
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from .service import Service

_MISDIRECTED: Final = 421


class Named:
    """
    An ASGI application that answers only where it was asked for by a name of its own.

    In a process, without a port, there is no page that could ask: any name will do.
    """

    def __init__(self, sandbox: "Service", app: "ASGIApp") -> None:
        self.sandbox = sandbox
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one request."""
        sandbox = self.sandbox
        said = Headers(scope=scope).get("host", "")
        if sandbox.origin is None or is_answered(said, sandbox.hosts):
            await self.app(scope, receive, send)
            return
        refusal = PlainTextResponse(
            "the sandbox answers to names of this machine only, and to those that it "
            "was started with (--allow-host)",
            _MISDIRECTED,
        )
        await refusal(scope, receive, send)


def is_answered(host: str, further: Collection[str] = ()) -> bool:
    """Tell whether a Host header names this machine, or one of *further* names."""
    name = name_in(host)
    if name == "localhost" or name in {each.lower() for each in further}:
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def name_in(host: str) -> str:
    """Return the name in a Host header, without port and brackets, in lower case."""
    if host.startswith("["):
        name, end, rest = host[1:].partition("]")
        return name if end and (not rest or is_port(rest)) else ""
    name, colon, port = host.partition(":")
    return name.lower() if not colon or is_port(colon + port) else ""


def is_port(text: str) -> bool:
    """Tell whether *text* is a colon and a port, which may be missing."""
    return text == ":" or (
        text[:1] == ":" and text[1:].isascii() and text[1:].isdigit()
    )

"""The sandbox on a port of this machine."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

from .doors import Doors, protocol_of
from .sandbox import Sandbox

try:
    # Looked for here, and not when the first request comes.
    import_module("starlette")
    import uvicorn
except ImportError as error:
    raise ImportError(
        f"the sandbox needs {error.name}: pip install 'argo-tradervue-plugin[sandbox]'",
        name=error.name,
    ) from error

# A sandbox holds somebody's trades and takes any password: it is for this machine.
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_START_SECONDS: Final = 10.0
_STOP_SECONDS: Final = 10.0


class NotOurs(ValueError):
    """A host that is not this machine alone."""


class Server(uvicorn.Server):
    """uvicorn, which lets go of hanging requests when it is to stop."""

    def __init__(self, config: uvicorn.Config, sandbox: Sandbox) -> None:
        super().__init__(config)
        self._sandbox = sandbox

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve."""
        self._sandbox.closing = asyncio.Event()
        await super().startup(sockets=sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, hanging requests first."""
        if self._sandbox.closing is not None:
            self._sandbox.closing.set()
        await super().shutdown(sockets=sockets)


def bound(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """
    Return a listening socket on *port* (0: a free one) of this machine.

    Raises:
        NotOurs: if *host* is not a loopback address.
        OSError: if the port is taken.
    """
    if host not in LOOPBACK:
        raise NotOurs(f"the sandbox is for this machine only, not for host {host!r}")
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    # Named TCP, or asyncio does not switch Nagle's algorithm off, and each answer waits
    # forty milliseconds for an acknowledgement.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(2048)
    except OSError:
        sock.close()
        raise
    return sock


def server_for(
    sandbox: Sandbox, sock: socket.socket, *, is_verbose: bool = False
) -> Server:
    """Return a server of *sandbox* for *sock*, and tell the sandbox its address."""
    host, port, *_ = sock.getsockname()
    sandbox.origin = (
        f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    )
    sandbox.doors = Doors()
    config = uvicorn.Config(
        sandbox.app,
        http=protocol_of(sandbox.doors),
        loop="asyncio",
        ws="none",
        lifespan="off",
        # Quiet: the logging of the process that a sandbox runs in is left alone.
        log_config=uvicorn.config.LOGGING_CONFIG if is_verbose else None,
        access_log=is_verbose,
        proxy_headers=False,
        server_header=False,
        # The Date is that of the sandbox's clock, which may be wrong on purpose.
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    return Server(config, sandbox)


@contextmanager
def running(
    sandbox: Sandbox | None = None, *, port: int = 0, **options: Any
) -> Iterator[Sandbox]:
    """
    Run *sandbox*, or one made with *options*, in a thread, and stop it for sure.

    Raises:
        RuntimeError: if it does not start, or does not stop, within ten seconds.
        OSError: if *port* is taken.
    """
    served = Sandbox(**options) if sandbox is None else sandbox
    sock = bound(port=port)
    try:
        server = server_for(served, sock)
        thread = threading.Thread(
            target=server.run, args=([sock],), name="tradervue-sandbox", daemon=True
        )
        thread.start()
        try:
            _wait_for_start(server, thread)
            yield served
        finally:
            server.should_exit = True
            thread.join(_STOP_SECONDS)
            if thread.is_alive():
                raise RuntimeError("the sandbox does not stop")
    finally:
        served.origin = served.closing = None
        sock.close()


def _wait_for_start(server: Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the sandbox does not start")
        time.sleep(0.002)

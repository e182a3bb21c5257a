"""The far ends that a plugin can meet: one that works, one that hangs, and nobody."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx

from argo_tradervue_plugin.cli.processes import own_sandbox

__all__ = ["Journal", "hanging", "nobody", "running_journal"]

PATIENCE: Final = 30.0  # seconds


class Journal:
    """
    A sandbox in a process of its own, at *url*, so that no interpreter is shared.

    What is asked of it here goes to its own controls and is in none of its counts.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._control = httpx.Client(
            base_url=f"{url.partition('/api/')[0]}/_sandbox",
            timeout=PATIENCE,
            verify=False,  # noqa: S501 - http, and loading the CAs takes its time
        )

    def close(self) -> None:
        """Close the connection."""
        self._control.close()

    def stats(self) -> dict[str, Any]:
        """Return what the sandbox has seen since it began."""
        return dict(self._control.get("/stats").raise_for_status().json())

    def requests(self) -> dict[str, int]:
        """Return how often it was asked what, by method and path."""
        return {str(k): int(n) for k, n in self.stats()["requests"].items()}

    def take(self, seconds: float) -> None:
        """Let an import take *seconds* from now on."""
        told = {"import_seconds": seconds}
        self._control.put("/imports", json=told).raise_for_status()

    @contextmanager
    def latency(self, seconds: float) -> Iterator[None]:
        """Answer every request inside the block *seconds* late."""
        told = {"name": "latency", "parameters": {"seconds": seconds}, "times": None}
        self._control.post("/faults", json=told).raise_for_status()
        yield
        self._control.delete("/faults").raise_for_status()


@contextmanager
def running_journal(import_seconds: float = 0.0) -> Iterator[Journal]:
    """Run a sandbox in a process that ends with this one."""
    with own_sandbox(import_seconds) as url:
        journal = Journal(url)
        try:
            yield journal
        finally:
            journal.close()


def client_of(url: str, login: str) -> httpx.Client:
    """Return a plain client of the API at *url*, as a few lines of a host's have it."""
    return httpx.Client(
        base_url=url,
        auth=(login, "sandbox"),
        headers={"user-agent": "Benchmark (https://example.com)"},
        timeout=PATIENCE,
        verify=False,  # noqa: S501 - as above
    )


@contextmanager
def hanging() -> Iterator[str]:
    """Give the address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1"


@contextmanager
def nobody() -> Iterator[str]:
    """Give an address at which connections are refused."""
    with socket.socket() as bound:  # it does not listen, and keeps the port
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/api/v1"


def made_since(after: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """Return what is in *after* and was not in *before*."""
    return {k: n - before.get(k, 0) for k, n in after.items() if n > before.get(k, 0)}

"""
How long one live trade takes to be verified on an idle system.

From the hook's return to the moment at which the outbox notes that the entry is synced:
imported, read back, annotated. The *server's* part is taken off: the sandbox counts
which requests that took, and the very same kinds of requests are then made by plain
httpx to another account, whose median times add up to it. What remains is ours: the
linger, the looks at the import, the database, the client. The *linger* itself is the
time from the hook's return until the import arrived, by the sandbox's clock, which is
that of this machine.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx

from tests.benchmarks.figures import Figure, Scale, Tell
from tests.benchmarks.hosts import Host
from tests.benchmarks.servers import (
    Journal,
    client_of,
    made_since,
    running_journal,
)
from tests.benchmarks.single import document_of
from tests.benchmarks.trades import Event, events, made

__all__ = ["measure"]

REST: Final = 0.1  # seconds


def measure(scale: Scale, tell: Tell) -> list[Figure]:
    """Return how long a single trade takes."""
    rounds = scale.of(30, 3)
    ours, servers, lingers, wholes = [], [], [], []
    with (
        TemporaryDirectory() as folder,
        running_journal() as journal,
        client_of(journal.url, "plain") as client,
        Host(journal.url, Path(folder, "outbox.db")) as host,
    ):
        tell(f"latency: {rounds} trades, one at a time")
        # Each in a symbol of its own, or Tradervue would add it to an open trade.
        trades = [
            replace(trade, symbol=f"ALONE{number}")
            for number, trade in enumerate(made(rounds + 1, seed=55))
        ]
        entries = [events([trade])[0] for trade in trades]
        for number, entry in enumerate(entries):
            plain = by_plain_requests(client, entry)
            time.sleep(REST)
            before = journal.requests()
            host.call(entry)
            returned = time.time()
            whole = host.drained_at([entry.trade.id]) - returned
            requests = made_since(journal.requests(), before)
            if number:  # the first opens the connections
                server = sum(plain[kind] * often for kind, often in requests.items())
                wholes.append(whole)
                servers.append(server)
                ours.append(whole - server)
                lingers.append(arrived(journal) - returned)
    return [
        figure("latency_ms", ours, "hook's return to verified, without the server"),
        figure("latency_linger_ms", lingers, "hook's return to the import's arrival"),
        figure("latency_whole_ms", wholes, "hook's return to verified"),
        figure("latency_server_ms", servers, "the same requests by plain httpx"),
        Figure(
            "latency_requests",
            float(sum(requests.values())),
            "",
            "requests: " + ", ".join(f"{n} {kind}" for kind, n in requests.items()),
        ),
    ]


def figure(key: str, seconds: list[float], meaning: str) -> Figure:
    """Return the median of *seconds* in milliseconds."""
    return Figure(key, 1000 * median(seconds), "ms", meaning)


def arrived(journal: Journal) -> float:
    """Return when the sandbox got its latest import, Unix seconds."""
    latest: dict[str, Any] = journal.stats()["imports"][-1]
    return datetime.fromisoformat(latest["received_at"]).timestamp()


def by_plain_requests(client: httpx.Client, entry: Event) -> Mapping[str, float]:
    """Do what it takes with plain requests; return the seconds of each kind."""
    day = datetime.fromisoformat(entry.trade.entry_timestamp)
    before = day - timedelta(days=1)  # it may be yesterday in New York
    days = {"startdate": f"{before:%m/%d/%Y}", "enddate": f"{day:%m/%d/%Y}"}
    taken: dict[str, float] = {}

    def ask(kind: str, path: str, **more: Any) -> httpx.Response:
        method = kind.partition(" ")[0]
        start = time.perf_counter()
        answer = client.request(method, path, **more).raise_for_status()
        taken[kind] = time.perf_counter() - start
        return answer

    ask("POST /imports", "/imports", json=document_of(entry))
    ask("GET /imports", "/imports")
    listed = ask("GET /trades", "/trades", params=days | {"count": 100}).json()
    one = f"/trades/{listed['trades'][0]['id']}"
    ask("GET /trades/{id}", one)
    ask("GET /trades/{id}/executions", f"{one}/executions")
    ask("PUT /trades/{id}", one, json={"notes": "Notes of some length. " * 20})
    return taken

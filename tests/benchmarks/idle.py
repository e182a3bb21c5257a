"""
What a plugin does that has nothing to do.

A host that has had one trade verified is left alone for some seconds. Counted are the
steps of its worker, how often its thread woke up (by the operating system's count,
which knows no excuses), the requests that reached the server, and the time that the
process worked.
"""

import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.benchmarks.figures import Figure, Scale, Tell
from tests.benchmarks.hosts import Host
from tests.benchmarks.machine import switches
from tests.benchmarks.servers import running_journal
from tests.benchmarks.trades import events, made

__all__ = ["measure"]

WORKER: Final = "argo-tradervue-worker"
LONGEST_REST: Final = 3.0  # seconds for which a step is waited for
LOOK: Final = 0.01
SETTLING: Final = 1.0  # seconds; what follows a delivery is no idleness yet


def measure(scale: Scale, tell: Tell) -> list[Figure]:
    """Return what an idle plugin costs."""
    seconds = scale.of(20.0, 2.0)
    with (
        TemporaryDirectory() as folder,
        running_journal() as journal,
        Host(journal.url, Path(folder, "outbox.db")) as host,
    ):
        trades = made(1, seed=66)
        host.burst(events(trades))
        host.drained_at(trade.id for trade in trades)
        (thread,) = (t for t in threading.enumerate() if t.name == WORKER)
        steps = counted_steps(host)
        tell(f"idle: {seconds:g} seconds")
        time.sleep(SETTLING)
        wait_for_step(steps)  # what is counted begins with a rest
        before = (
            len(steps),
            switches(thread.native_id or 0),
            journal.stats()["total"],
            time.process_time(),
        )
        time.sleep(seconds)
        worked = time.process_time() - before[3]
        stepped = len(steps) - before[0]
        woken = switches(thread.native_id or 0) - before[1]
        requests = journal.stats()["total"] - before[2]
    return [
        Figure(
            "idle_wakeups_per_second",
            woken / seconds,
            "/s",
            "times that the worker's thread woke up",
            "≤ 1",
        ),
        Figure("idle_steps_per_second", stepped / seconds, "/s", "its steps"),
        Figure("idle_requests", requests, "", "requests to the server", "≤ 0"),
        Figure(
            "idle_cpu_us_per_second",
            1e6 * worked / seconds,
            "µs",
            "work of the process in a second",
        ),
    ]


def wait_for_step(steps: list[float]) -> None:
    """Wait until the worker has made a step, if it makes one at all."""
    before, deadline = len(steps), time.monotonic() + LONGEST_REST
    while len(steps) == before and time.monotonic() < deadline:
        time.sleep(LOOK)
    time.sleep(LOOK)


def counted_steps(host: Host) -> list[float]:
    """Return a list that gets the time of each further step of the worker."""
    worker = host.integration.worker
    taken, step = [], worker.step

    def counted(now: float) -> float:
        taken.append(now)
        return step(now)

    worker.step = counted  # type: ignore[method-assign]
    return taken

"""Processes that share an outbox: started together, forked, killed."""

import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any, Final

import pytest

from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.records import Recorded
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.desk import MANY, NOW

__all__ = [
    "PROCESSES",
    "SPAWN",
    "ended_well",
    "events",
    "forks",
    "in_a_fork",
    "kill",
    "needs_fork",
    "record",
    "together",
]

SPAWN: Final = multiprocessing.get_context("spawn")
PROCESSES: Final = 4

needs_fork = pytest.mark.skipif(
    sys.platform == "win32", reason="hosts run on systems with fork and SIGKILL"
)
forks = pytest.mark.filterwarnings(
    "ignore:.*multi-threaded, use of fork:DeprecationWarning"
)


def record(outbox: Outbox, name: str) -> None:
    """Record an entry, as a hook that may wait."""
    outbox.record(Recorded(name, EventKind.ENTRY, "i", "{}", NOW))


def together(work: Callable[..., None], *arguments: object) -> list[Any]:
    """
    Run *work* in several processes from the same moment on; return what they say.

    Each is given its number, a barrier, a queue for its answer, and *arguments*.
    """
    start, told = SPAWN.Barrier(PROCESSES), SPAWN.Queue()
    processes = [
        SPAWN.Process(target=work, args=(number, start, told, *arguments))
        for number in range(PROCESSES)
    ]
    for each in processes:
        each.start()
    answers = [told.get(timeout=240) for _ in processes]
    for each in processes:
        each.join(60)
        assert each.exitcode == 0
    return answers


def events(database: str) -> Counter[str]:
    """Return how often each trade is in the inbox."""
    outbox = open_outbox(database)
    found = Counter(event.trade_id for event in outbox.inbox(MANY))
    outbox.close()
    return found


def kill(process: BaseProcess) -> None:
    """Kill for sure, and see that it was us who did."""
    process.kill()
    deadline = time.monotonic() + 60
    # A child of its own that lives on would keep join() waiting.
    while process.exitcode is None and time.monotonic() < deadline:
        time.sleep(0.005)
    assert process.exitcode == -signal.SIGKILL


def in_a_fork(work: Callable[[], None]) -> int:
    """Run *work* in a forked child; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def ended_well(pid: int) -> bool:
    """Wait for a child; tell whether its work ended without an error."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

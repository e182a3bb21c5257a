"""
Well-known durable queues on SQLite, each as its own documentation shows it.

They are given the finished payload, as the floor is. Two of them wait for the disk at
each put unless they are told otherwise; they are told, so that all promise the same:
nothing is lost when the process dies. They are in the extra ``dev``; one that is not
installed is left out, and that is said.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from argo_tradervue_plugin.model.capture import capture
from tests.benchmarks.figures import Tell
from tests.benchmarks.trades import Event

__all__ = ["Rival", "installed"]

Put = Callable[[str], object]
Opened = tuple[Put, Callable[[], object]]  # and what closes it
RELAXED: Final = "PRAGMA synchronous = NORMAL"


class Rival:
    """A queue, *opened* to put payloads into."""

    def __init__(self, name: str, opened: Opened) -> None:
        self.name = name
        self._put, self._close = opened

    def burst(self, events: Sequence[Event]) -> list[int]:
        """Put what the plugin would record; return the nanoseconds of each call."""
        times = []
        for payload in [capture(event.trade) for event in events]:
            start = time.perf_counter_ns()
            self._put(payload)
            times.append(time.perf_counter_ns() - start)
        return times

    def settle(self) -> None:
        """Do nothing: these have no worker that rests."""

    def close(self) -> None:
        """Close the files."""
        self._close()


def installed(folder: Path, tell: Tell) -> Iterator[Rival]:
    """Yield the rivals that are installed, with their files in *folder*."""
    for name, module, opened in RIVALS:
        try:
            library = import_module(module)
        except ImportError:
            tell(f"{name} is not installed and left out")
            continue
        yield Rival(name, opened(library, folder))


def persist_queue(library: Any, folder: Path) -> Opened:
    """Open a ``SQLiteQueue``."""
    queue = library.SQLiteQueue(str(folder / "persist-queue"), auto_commit=True)
    queue._putter.execute(RELAXED)
    return queue.put, queue.close


def huey(library: Any, folder: Path) -> Opened:
    """Make a task, whose call enqueues it."""
    queue = library.SqliteHuey(filename=str(folder / "huey.db"), results=False)
    queue.storage.conn.execute(RELAXED)

    def post(payload: str) -> None:
        """What a consumer would do."""

    return queue.task()(post), queue.storage.close


def litequeue(library: Any, folder: Path) -> Opened:
    """Open a ``LiteQueue``, which is as relaxed as we are."""
    queue = library.LiteQueue(str(folder / "litequeue.db"))
    return queue.put, queue.close


RIVALS: Final[tuple[tuple[str, str, Callable[[Any, Path], Opened]], ...]] = (
    ("persist-queue", "persistqueue", persist_queue),
    ("huey", "huey", huey),
    ("litequeue", "litequeue", litequeue),
)

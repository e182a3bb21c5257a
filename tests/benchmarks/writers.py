"""
What a hook call costs while four processes write into one outbox at once.

As many processes as Argo runs, each with a plugin of its own; one of them forwards. In
each round all four first insert into one bare table (the floor, with SQLite's own
waiting for other writers), then call their hooks, then call them again while the
backlog of that is on its way to the journal: some 400 calls a second in each process,
which is far more than trading makes.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

from tests.benchmarks.figures import Figure, Scale, Spread, Tell
from tests.benchmarks.floor import Floor, row_of
from tests.benchmarks.hosts import Host
from tests.benchmarks.servers import running_journal
from tests.benchmarks.trades import Event, events, made

__all__ = ["measure"]

WRITERS: Final = 4
PAUSE: Final = 0.002  # seconds between two calls of one process
PATIENCE: Final = 120.0  # seconds until a writer that fails stops the others
BUSY_SECONDS: Final = 5.0  # what sqlite3 waits by default
TURNS: Final = ("floor", "hook", "hook_busy")

T = TypeVar("T")
Times = dict[str, list[list[int]]]  # by turn and round, nanoseconds

meeting: Barrier  # of the writers, in each of their processes


def measure(scale: Scale, tell: Tell) -> list[Figure]:
    """Return what calls cost with four writers, the worker idle and busy."""
    rounds, trades = scale.of(5, 1), scale.of(50, 8)
    with TemporaryDirectory() as folder, running_journal() as journal:
        tell(f"writers: {WRITERS} processes, {rounds} rounds")
        context = get_context("spawn")
        told = (journal.url, folder, rounds, trades)
        with ProcessPoolExecutor(
            WRITERS,
            mp_context=context,
            initializer=meet,
            initargs=(context.Barrier(WRITERS),),
        ) as processes:
            asked = [processes.submit(write, n, *told) for n in range(WRITERS)]
            results = [each.result() for each in asked]
    played = [times for times, _ in results]
    held = [is_held for _, some in results for is_held in some]
    spreads = {turn: Spread(together(played, turn)) for turn in TURNS}
    hook, busy = spreads["hook"], spreads["hook_busy"]
    return [
        Figure(
            "hook_p99_us_four_writers",
            hook.p99_of_rounds,
            "µs",
            "hook, four writers: 99th percentile, median of rounds",
            "≤ 1000",
        ),
        Figure(
            "hook_p99_us_four_writers_busy",
            busy.p99_of_rounds,
            "µs",
            "the same, one of them at a backlog",
            "≤ 1000",
        ),
        Figure(
            "hook_over_floor_four_writers",
            hook.over(spreads["floor"]),
            "×",
            "hook over one bare insert, four writers each, medians",
        ),
        Figure(
            "hook_held_percent_four_writers",
            100 * sum(held) / len(held),
            "%",
            "calls whose event was not on disk when the hook returned",
            "≤ 0",
        ),
        *spreads["floor"].figures("floor_four_writers", "bare insert, four writers"),
        *hook.figures("hook_four_writers", "hook, four writers"),
        *busy.figures("hook_four_writers_busy", "hook, four writers, a backlog"),
    ]


def together(played: Sequence[Times], turn: str) -> list[list[int]]:
    """Return the calls of all writers in a *turn*, by round."""
    rounds = zip(*(times[turn] for times in played), strict=True)
    return [[call for calls in each for call in calls] for each in rounds]


def meet(barrier: Barrier) -> None:
    """Keep in this process where the writers meet."""
    global meeting  # noqa: PLW0603 - a pool hands nothing to its tasks but this way
    meeting = barrier


def write(
    number: int, url: str, folder: str, rounds: int, trades: int
) -> tuple[Times, list[bool]]:
    """Be one of the writers; return what its calls took, and what waited in memory."""
    floor = Floor(Path(folder, "floor.db"), BUSY_SECONDS)
    times: Times = {turn: [] for turn in TURNS}
    held: list[bool] = []
    with Host(url, Path(folder, "outbox.db")) as host:

        def hook(event: Event) -> int:
            took = host.call(event)
            held.append(len(host.integration.held) > 0)
            return took

        for again in range(rounds + 1):
            seed = 1000 * (number + 1) + 2 * again
            happening = events(made(trades, seed=seed))
            following = events(made(trades, seed=seed + 1))
            turns: list[tuple[str, Callable[[Any], int], list[Any]]] = [
                ("floor", floor.insert, list(map(row_of, happening))),
                ("hook", hook, happening),
                ("hook_busy", hook, following),
            ]
            for turn, call, things in turns:
                meeting.wait(PATIENCE)
                taken = [call(thing) for thing in paced(things)]
                if again:  # the first round opens files and fills caches
                    times[turn].append(taken)
            host.settle()
    floor.close()
    return times, held


def paced(things: Sequence[T]) -> Iterator[T]:
    """Yield *things* with a pause before each."""
    for thing in things:
        time.sleep(PAUSE)
        yield thing

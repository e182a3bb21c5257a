"""
Throughput: verified trades a second into the sandbox, next to single imports.

The sandbox has a process of its own, and every run an account of its own in it. A
*backfill* records closed trades at once, entries and exits as they happened, and ends
when the last is verified: imported, read back, annotated. *Live* is a journal that
already has the entries when the exits come, so that each trade takes two imports and
is annotated twice; what is offered is always more than is taken. The client that
imports *single* trades and waits (see :mod:`.single`) neither reads back nor annotates.
They take turns, for each time that an import takes; the goal is about 0.2 seconds.

Of the backfills at 0 seconds it also says how many requests a trade takes (by the
sandbox's own count), and how much work of the plugin's process.
"""

import time
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import attrs

from argo_tradervue_plugin.model.executions import EventKind
from tests.benchmarks.figures import Figure, Scale, Tell
from tests.benchmarks.hosts import Host
from tests.benchmarks.servers import Journal, client_of, running_journal
from tests.benchmarks.single import import_one_by_one
from tests.benchmarks.trades import events, made

__all__ = ["measure"]

numbers: Final = count(1)  # of accounts and seeds


@attrs.frozen(kw_only=True)
class Run:
    """
    One drain: trades a second, requests and work (ms of CPU) a trade.

    *log* is how large SQLite's log has become, in MB: it never shrinks while in use.
    """

    rate: float
    requests: float
    work: float
    log: float


@attrs.define
class Rounds:
    """What was measured at one import time; rates are in trades a second."""

    backfill: list[Run] = attrs.field(factory=list)
    live: list[Run] = attrs.field(factory=list)
    single: list[float] = attrs.field(factory=list)

    @property
    def gain(self) -> float:
        """Return how much faster the backfill is: the median of the rounds' ratios."""
        pairs = zip(self.backfill, self.single, strict=True)
        return median(run.rate / single for run, single in pairs)


def measure(scale: Scale, tell: Tell) -> list[Figure]:
    """Return how fast trades get into the journal."""
    times = scale.of({0.0: 3, 0.2: 3, 2.0: 1}, {0.0: 1, 0.2: 1})
    found: dict[float, Rounds] = {}
    with TemporaryDirectory() as folder, running_journal() as journal:
        for seconds, rounds in times.items():
            journal.take(seconds)
            found[seconds] = Rounds()
            for number in range(rounds):
                tell(f"drain: imports of {seconds:g} s, round {number + 1} of {rounds}")
                play(found[seconds], journal, Path(folder), scale)
    return told(found)


def play(rounds: Rounds, journal: Journal, folder: Path, scale: Scale) -> None:
    """Let the three take their turns once."""
    rounds.single.append(singly(journal, scale.of(5, 2)))
    rounds.backfill.append(drained(journal, folder, scale.of(3000, 60), is_live=False))
    rounds.live.append(drained(journal, folder, scale.of(200, 10), is_live=True))


def singly(journal: Journal, number: int) -> float:
    """Return the trades a second of the client that waits for each."""
    again = next(numbers)
    with client_of(journal.url, f"single-{again}") as client:
        client.get("/trades", params={"count": 1}).raise_for_status()  # connected
        return number / import_one_by_one(client, made(number, seed=again))


def drained(journal: Journal, folder: Path, number: int, *, is_live: bool) -> Run:
    """Record *number* trades and wait until all are verified."""
    again = next(numbers)
    trades = made(number, seed=again)
    happening = events(trades)
    if is_live:  # all have been entered before one is left
        happening.sort(key=lambda event: event.kind is EventKind.EXIT)
    half = number if is_live else len(happening)
    ids = [trade.id for trade in trades]
    before = journal.stats()["total"]
    path = folder / f"{again}.db"
    with Host(journal.url, path, f"drained-{again}") as host:
        took, worked = 0.0, time.process_time()
        for some in filter(None, (happening[:half], happening[half:])):
            began = time.time()
            host.burst(some)
            took += host.drained_at(ids) - began
        worked = time.process_time() - worked
        log = path.with_name(f"{path.name}-wal").stat().st_size
    return Run(
        rate=number / took,
        requests=(journal.stats()["total"] - before) / number,
        work=1000 * worked / number,
        log=log / 1e6,
    )


def told(found: dict[float, Rounds]) -> list[Figure]:
    """Return the figures; the most important ones first."""
    at_once = found[0.0]
    figures = [
        Figure(
            "backfill_over_single_imports",
            found[0.2].gain,
            "×",
            "backfill over single imports, of 0.2 s each",
            "≥ 50",
        ),
        Figure(
            "requests_per_trade",
            median(run.requests for run in at_once.backfill),
            "",
            "HTTP requests for a verified trade, backfill",
        ),
        Figure(
            "requests_per_trade_live",
            median(run.requests for run in at_once.live),
            "",
            "the same, live",
        ),
        Figure(
            "backfill_cpu_ms_per_trade",
            median(run.work for run in at_once.backfill),
            "ms",
            "work of the plugin's process for a trade, backfill",
        ),
        Figure(
            "backfill_log_mb",
            max(run.log for run in at_once.backfill),
            "MB",
            "what SQLite's log grew to, largest",
        ),
    ]
    for seconds, rounds in found.items():
        name = f"{seconds:g}s".replace(".", "_")
        what = f"verified trades a second, imports of {seconds:g} s"
        for kind, rate in (
            ("backfill", median(run.rate for run in rounds.backfill)),
            ("live", median(run.rate for run in rounds.live)),
            ("single", median(rounds.single)),
        ):
            key = f"{kind}_per_second_{name}"
            figures.append(Figure(key, rate, "/s", f"{what}: {kind}"))
        figures.append(
            Figure(f"backfill_over_single_{name}", rounds.gain, "×", "their ratio")
        )
    return figures

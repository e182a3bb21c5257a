"""
Does it stay fast? The same work on top of 10³, 10⁴, 10⁵ and 10⁶ finished rows.

Each row is an execution with its history, its trade and its import, as a real drain
leaves them (see :mod:`.filling`). In rounds, a fresh process for each size in turn
*records* the entries and exits of new trades through the hooks, *drains* them into an
account of its own, asks for the *status*, and *reconciles* the days in which they
were made. The ratio is that of the largest size over the smallest, for whichever of
the four grew most; the memory is the difference between the sizes in the most that the
draining process ever had. The rounds add a few hundred rows to each size.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import attrs

from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from tests.benchmarks.figures import Figure, Scale, Tell
from tests.benchmarks.filling import age, fill, template
from tests.benchmarks.hosts import Host, in_a_process
from tests.benchmarks.machine import peak_memory
from tests.benchmarks.servers import running_journal
from tests.benchmarks.trades import events, made

__all__ = ["measure"]

DAYS: Final = 140  # that are reconciled: the new trades, and none of the finished ones
PAST: Final = 200  # days before which the finished ones were made
# Over which they spread: what is older than 400 days leaves the outbox by itself.
YEARS: Final = 0.4
LOOKS: Final = 30  # at the status
KINDS: Final = ("record", "drain", "status", "reconcile")


@attrs.frozen(kw_only=True)
class Work:
    """What one round of work took: µs an event, of *status* µs a call; memory in MB."""

    record: float
    drain: float
    status: float
    reconcile: float
    memory: float


def measure(scale: Scale, tell: Tell) -> list[Figure]:
    """Return how time and memory grow with the outbox."""
    sizes = scale.of([10**3, 10**4, 10**5, 10**6], [10**3, 10**4])
    rounds, trades = scale.of(7, 1), scale.of(120, 15)
    done: dict[int, list[Work]] = {size: [] for size in sizes}
    with TemporaryDirectory() as name, running_journal() as journal:
        folder = Path(name)
        source = template(journal, folder / "template.db")
        for size in sizes:
            tell(f"growth: an outbox of {size:,} finished executions")
            fill(source, folder / f"{size}.db", size, days=PAST, years=YEARS)
        for again in range(rounds):
            tell(f"growth: round {again + 1} of {rounds}")
            for size in sizes[again % len(sizes) :] + sizes[: again % len(sizes)]:
                path, login = str(folder / f"{size}.db"), f"growth-{size}-{again}"
                stamp(Path(path), Account(base_url=journal.url, login=login))
                told = (journal.url, path, login, trades, 300 + again)
                done[size].append(in_a_process(work, *told))
                age(Path(path), PAST)  # the next round's trades are the only new ones
    return figures_of(done)


def stamp(path: Path, account: Account) -> None:
    """Let the outbox at *path* be that of *account*, whose journal is empty."""
    outbox = Outbox(Sqlite(path))
    outbox.put_stamp(account, now=time.time(), is_moved=True)
    outbox.close()


def work(url: str, path: str, login: str, number: int, seed: int) -> Work:
    """Do the work once, in this process."""
    trades = made(number, seed=seed)
    happening = events(trades)
    with Host(url, Path(path), login) as host:
        integration = host.integration
        began = time.time()
        record = median(host.burst(happening)) / 1000
        drain = host.drained_at(trade.id for trade in trades) - began
        status = median(timed(integration.health) for _ in range(LOOKS))
        start = time.perf_counter()
        report = integration.reconcile(DAYS)
        reconcile = time.perf_counter() - start
        if not report.is_clean or len(report.matched) < number:
            raise RuntimeError(f"host and journal differ: {report.as_json()}")
    return Work(
        record=record,
        drain=1e6 * drain / len(happening),
        status=status,
        reconcile=1e6 * reconcile / len(happening),
        memory=peak_memory(),
    )


def timed(call: Callable[[], object]) -> float:
    """Return the microseconds that *call* takes."""
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / 1000


def figures_of(done: dict[int, list[Work]]) -> list[Figure]:
    """Return the ratios, and the absolute figures of each size."""
    smallest, *_, largest = done
    ratios = {
        kind: median(
            getattr(large, kind) / getattr(small, kind)
            for large, small in zip(done[largest], done[smallest], strict=True)
        )
        for kind in KINDS
    }
    memory = {size: median(one.memory for one in some) for size, some in done.items()}
    worst = max(ratios, key=lambda kind: ratios[kind])
    figures = [
        Figure(
            "growth_time_ratio",
            ratios[worst],
            "×",
            f"time per event, {largest:,} rows over {smallest:,}: worst, {worst}",
            "≤ 1.2",
        ),
        Figure(
            "growth_memory_mb",
            max(memory.values()) - min(memory.values()),
            "MB",
            "peak memory of the draining process, largest less smallest",
            "≤ 20",
        ),
    ]
    for kind, ratio in ratios.items():
        figures.append(Figure(f"growth_{kind}_ratio", ratio, "×", f"of it, {kind}"))
    for size, some in done.items():
        for kind in KINDS:
            value = median(getattr(one, kind) for one in some)
            unit = "a call" if kind == "status" else "an event"
            what = f"{kind}, {unit}, on top of {size:,} rows"
            figures.append(Figure(f"{kind}_us_{size}_rows", value, "µs", what))
        what = f"peak memory on top of {size:,} rows"
        figures.append(Figure(f"memory_mb_{size}_rows", memory[size], "MB", what))
    return figures

"""
What an outage of days costs those who go on: hooks, and who asks how it goes.

A hook with 20,000 events held in memory over one with none; the status and the states
of a trade with 200,000 events in the spool over those with none, once the first look is
over. Both kinds take turns, and the median of the rounds counts.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.model.capture import capture
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.outbox.held import HeldEvents
from argo_tradervue_plugin.outbox.records import Recorded
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.spools import Spools
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from tests.benchmarks.figures import Figure, Scale, Tell
from tests.benchmarks.trades import made

__all__ = ["measure"]

ROUNDS: Final = 15
CALLS: Final = 20  # in a round


def measure(scale: Scale, tell: Tell) -> list[Figure]:
    """Return how much dearer a call is in a long outage."""
    held, spooled = scale.of(20_000, 2_000), scale.of(200_000, 5_000)
    payload = capture(made(1)[0])
    with TemporaryDirectory() as name:
        folder = Path(name)
        few, many = outbox_in(folder / "few"), outbox_in(folder / "many")
        tell(f"outage: {spooled:,} events in the spool")
        fill(many, spooled, payload)
        start = time.perf_counter()
        many.counts()
        first = 1000 * (time.perf_counter() - start)
        many.states_of(["trade_7"])
        ratios = {
            "status": ratio(lambda: look(few), lambda: look(many)),
            "call": ratio(
                lambda: few.states_of(["trade_7"]), lambda: many.states_of(["trade_7"])
            ),
        }
        tell(f"outage: {held:,} events held in memory")
        none, full = HeldEvents(), HeldEvents()
        for number in range(held):
            full.hold(event(number, payload), OutboxError("full"))
        numbers = iter(range(10**6, 10**9))
        ratios["hook"] = ratio(
            lambda: none.record(few, event(next(numbers), payload)),
            lambda: full.record(few, event(next(numbers), payload)),
        )
        few.close()
        many.close()
    what = {
        "status": f"counts and ages with {spooled:,} events in the spool, over none",
        "call": f"states of a trade with {spooled:,} events in the spool, over none",
        "hook": f"a hook with {held:,} events in memory, over none",
    }
    return [
        *(
            Figure(f"outage_{kind}_ratio", value, "×", what[kind], "≤ 2")
            for kind, value in ratios.items()
        ),
        Figure("outage_first_look_ms", first, "ms", "the first count of a process"),
    ]


def outbox_in(folder: Path) -> Outbox:
    """Return an outbox with a spool that is not for it yet."""
    outbox = Outbox(Sqlite(folder / "outbox.db"), spool=Spools(Spool(folder / "spool")))
    outbox.takes = lambda: False
    return outbox


def event(number: int, payload: str) -> Recorded:
    """Return the entry of a trade."""
    return Recorded(f"trade_{number}", EventKind.ENTRY, "i", payload, float(number))


def fill(outbox: Outbox, number: int, payload: str) -> None:
    """Let *number* events wait before *outbox*."""
    for each in range(number):
        outbox.record(event(each, payload))


def look(outbox: Outbox) -> object:
    """Ask what the status asks about the spool."""
    return outbox.counts(), outbox.oldest_pending_at()


def ratio(plain: Callable[[], object], loaded: Callable[[], object]) -> float:
    """Return how many times *plain* the call *loaded* takes."""
    times: tuple[list[float], list[float]] = [], []
    for _ in range(ROUNDS):
        for call, found in zip((plain, loaded), times, strict=True):
            start = time.perf_counter()
            for _ in range(CALLS):
                call()
            found.append(time.perf_counter() - start)
    return median(times[1]) / median(times[0])

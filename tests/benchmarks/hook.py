"""
What a hook call costs the trading loop, in one process.

Contestants take turns in rounds, each with the same entries and exits, one call after
the other: the *floor* (see :mod:`.floor`); the *plugin*, its worker idle and its server
healthy; a plugin whose server hangs, and one whose server is not there; other durable
queues (see :mod:`.rivals`); and what Argo does without it, a *blocking* post for each
event to the same server, which then answers 20 ms late. Between two turns everything
comes to rest, so that nobody pays for another's work.

Then the plugin's worker is kept *busy* with a backlog while floor and hook are called
in turn, and it is counted how often an event had to wait in memory; and at last single
calls come *alone*, each after a rest, as most trades do.
The garbage collector is left as a host has it.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol

from tests.benchmarks.figures import Figure, Scale, Spread, Tell
from tests.benchmarks.floor import Floor, row_of
from tests.benchmarks.hosts import Host
from tests.benchmarks.machine import quiet
from tests.benchmarks.rivals import installed
from tests.benchmarks.servers import (
    Journal,
    client_of,
    hanging,
    nobody,
    running_journal,
)
from tests.benchmarks.single import document_of
from tests.benchmarks.trades import Event, events, made

__all__ = ["measure"]

LATENCY: Final = 0.02  # seconds until the server answers a blocking post
POSTS: Final = 10  # in a round; each takes as long as some hundred hook calls
# More than the worker waits for the end of a burst, so that it works between two calls.
GAP: Final = 0.013  # seconds


class Contestant(Protocol):
    """Who takes events, and then comes to rest."""

    def burst(self, events: Sequence[Event]) -> list[int]:
        """Take *events* one by one; return the nanoseconds of each."""

    def settle(self) -> None:
        """Wait until nothing of it works any more."""


class Unheard(Host):
    """A host whose journal never answers; what it recorded stays in the outbox."""

    def settle(self) -> None:
        """Wait until the worker waits."""
        quiet()


class Blocking:
    """A post for each event, and a wait for the answer."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._client = client_of(journal.url, "blocking")

    def burst(self, events: Sequence[Event]) -> list[int]:
        """Post the first few of *events*; return the nanoseconds of each."""
        with self._journal.latency(LATENCY):
            return [self.post(document_of(event)) for event in events[:POSTS]]

    def post(self, document: dict[str, Any]) -> int:
        """Post one import; return the nanoseconds until the answer was there."""
        start = time.perf_counter_ns()
        self._client.post("/imports", json=document).raise_for_status()
        return time.perf_counter_ns() - start

    def settle(self) -> None:
        """Do nothing: it has waited already."""

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def measure(scale: Scale, tell: Tell) -> list[Figure]:
    """Return what hook calls cost, alone and next to others."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        journal = stack.enter_context(running_journal())
        floor = Floor(folder / "floor.db")
        stack.callback(floor.close)
        host = stack.enter_context(Host(journal.url, folder / "healthy.db"))
        figures = in_turns(scale, tell, stack, folder, journal, floor, host)
        tell("hook: one process, the worker busy")
        figures += while_busy(scale, floor, host)
        tell("hook: one process, single calls")
        return figures + alone(scale, floor, host)


def in_turns(
    scale: Scale,
    tell: Tell,
    stack: ExitStack,
    folder: Path,
    journal: Journal,
    floor: Floor,
    host: Host,
) -> list[Figure]:
    """Return the figures of all contestants in turn, every worker at rest."""
    players: dict[str, Contestant] = {"floor": floor, "hook": host}
    for name, url in (
        ("hook_hanging", stack.enter_context(hanging())),
        ("hook_nobody", stack.enter_context(nobody())),
    ):
        players[name] = stack.enter_context(Unheard(url, folder / f"{name}.db"))
    for rival in installed(folder, tell):
        stack.callback(rival.close)
        players[rival.name.replace("-", "_")] = rival
    blocking = Blocking(journal)
    stack.callback(blocking.close)
    players["blocking"] = blocking

    trades = scale.of(60, 12)
    rounds = scale.of(15, 2)
    played: dict[str, list[list[int]]] = {name: [] for name in players}
    order = list(players)
    for number in range(rounds + 1):
        tell(f"hook: one process, round {number} of {rounds}")
        happening = events(made(trades, seed=number + 1))
        for name in order:
            times = players[name].burst(happening)
            players[name].settle()
            if number:  # the first round opens connections and fills caches
                played[name].append(times)
        order.append(order.pop(0))
    spreads = {name: Spread(times) for name, times in played.items()}
    return compared(spreads)


def compared(spreads: dict[str, Spread]) -> list[Figure]:
    """Return the ratios and absolute figures of what was played in turns."""
    hook = spreads["hook"]
    found = [
        Figure(
            "hook_over_floor",
            hook.over(spreads["floor"]),
            "×",
            "hook over one bare insert, medians",
            "≤ 2.5",
        ),
        Figure(
            "blocking_over_hook",
            spreads["blocking"].over(hook),
            "×",
            "a blocking post (20 ms) over the hook, medians",
            "≥ 500",
        ),
    ]
    for name, where in (("hanging", "hangs"), ("nobody", "is not there")):
        found.append(
            Figure(
                f"hook_{name}_over_healthy",
                spreads[f"hook_{name}"].over(hook),
                "×",
                f"hook while the server {where}, over a healthy one",
            )
        )
    words = {
        "floor": "one bare insert",
        "hook": "hook, worker idle, server healthy",
        "hook_hanging": "hook, server hangs",
        "hook_nobody": "hook, no server",
        "blocking": "blocking post",
    }
    for name, spread in spreads.items():
        what = words.get(name, f"{name.replace('_', '-')}, its put")
        found += spread.figures(name, what)
    return found


def while_busy(scale: Scale, floor: Floor, host: Host) -> list[Figure]:
    """Return what calls cost while the worker brings a backlog to the journal."""
    host.burst(events(made(scale.of(600, 80), seed=101)))
    outbox = host.integration.outbox
    bare, hooked, held = [], [], 0
    for event in events(made(scale.of(150, 12), seed=102)):
        time.sleep(GAP)
        bare.append(floor.insert(row_of(event)))
        time.sleep(GAP)
        hooked.append(host.call(event))
        held += len(host.integration.held) > 0
    is_busy = outbox.oldest_pending_at() is not None
    host.settle()
    if not is_busy:
        raise RuntimeError("the backlog was gone before the calls were over")
    spread = Spread([hooked])
    return [
        *spread.figures("hook_busy", "hook, worker at a backlog"),
        Figure(
            "hook_busy_held_percent",
            100 * held / len(hooked),
            "%",
            "calls whose event was not on disk when the hook returned",
            "≤ 0",
        ),
        *Spread([bare]).figures("floor_busy", "bare insert at the same time"),
    ]


def alone(scale: Scale, floor: Floor, host: Host) -> list[Figure]:
    """Return what a call costs that comes after a rest, with cold caches."""
    bare, hooked = [], []
    for event in events(made(scale.of(20, 2), seed=103)):
        host.settle()
        bare.append(floor.insert(row_of(event)))
        quiet()
        hooked.append(host.call(event))
    host.settle()
    lone, floor_lone = Spread([hooked]), Spread([bare])
    return [
        Figure(
            "hook_lone_over_floor",
            lone.over(floor_lone),
            "×",
            "a single hook call after a rest, over a single insert",
        ),
        *lone.figures("hook_lone", "single hook call"),
        *floor_lone.figures("floor_lone", "single bare insert"),
    ]

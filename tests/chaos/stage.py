"""
The processes of a round, and what is heard of them.

Everything comes through one pipe, in the order in which it happened: what a process
said before it died, and then that it died.
"""

import json
import os
import select
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any, Final

import attrs

from tests.chaos.nursery import Nursery
from tests.chaos.truth import Truth, deck_of, tale_of
from tests.chaos.victim import Order

__all__ = [
    "IN_MEMORY",
    "LONGEST_WAIT",
    "RANDOM",
    "Broken",
    "Kill",
    "Life",
    "Scene",
    "Stage",
]

RANDOM: Final = "random"
# Killed from outside while somebody else stands still with the lock that all need.
IN_MEMORY: Final = "events_in_memory"
LONGEST_WAIT: Final = 60.0  # seconds until what has to happen is taken not to
TRADES: Final = {1: 40, 4: 150}  # that a life may make at most, by processes
PAUSES: Final = {1: 0.06, 4: 0.4}  # seconds between its trades
LINES: Final = 30  # of the log that are shown when something is wrong


@attrs.define
class Kill:
    """A death by SIGKILL; *at* is monotonic, *recovered* seconds, None: overtaken."""

    point: str
    at: float
    recovered: float | None = None


@attrs.define
class Life:
    """A process: *slot* is its place among those at once, *point* where it dies."""

    number: int
    slot: int
    point: str = ""
    killed_at: float = 0.0
    is_stopped: bool = False
    is_sent_home: bool = False


class Broken(AssertionError):
    """Something happened that must not: the text says what, and shows the log."""


@attrs.frozen(kw_only=True)
class Scene:
    """
    What a round plays in.

    *basics*: the journal takes no fractions, so that the coins' trades are shown there
    without executions. *has_book*: the hosts' trades outlive them, as with a Redis, and
    a start catches up with them. *lease* is in seconds, 0: the usual one. *opposites*:
    what a trade of the other side sells closes what is open.
    """

    folder: Path
    url: str
    login: str
    database: str
    processes: int
    seed: str
    size: int
    basics: bool = False
    has_book: bool = False
    twins: bool = True
    lease: float = 0.0
    opposites: bool = False

    def section(self) -> dict[str, Any]:
        """Return the plugin's section of the hosts' config."""
        return {
            "enabled": True,
            "username": self.login,
            "password": "sandbox",
            "aws_secrets": False,
            "base_url": self.url,
            "database": self.database,
            "timeout_seconds": 5,
            "poll_seconds": 0.01,
            "flush_seconds": 0.3,
            "opposite_closes": self.opposites,
        }


class Stage:
    """Starts processes and replaces the dead, and keeps the truth by what it hears."""

    def __init__(self, nursery: Nursery, pipe: tuple[int, int], scene: Scene) -> None:
        self.nursery = nursery
        self.heard_at, self.pipe = pipe
        self.scene = scene
        self.folder = scene.folder
        self.dice = Random(scene.seed)
        deck = deck_of(
            self.dice.randrange(10**9),
            scene.size,
            twins=scene.twins,
            opposite=scene.opposites,
        )
        self.truth = Truth(deck, self.dice, basics=scene.basics)
        self.next = list(range(scene.processes))  # in the deck, for each slot
        self.told: list[set[int]] = [set() for _ in self.next]
        self.lives: dict[int, Life] = {}
        self.born = 0
        self.leader = 0
        self.kills: list[Kill] = []
        self.stops = 0
        self.synced_at = 0.0
        self.ends: list[Mapping[str, Any]] = []
        self.troubles: list[str] = []
        self._rest = b""
        for name in ("armed", "orders"):
            (self.folder / name).mkdir()

    @property
    def is_ending(self) -> bool:
        """Tell whether everybody was told to finish."""
        return (self.folder / "end").exists()

    def begin(self, slot: int) -> None:
        """Start a life in *slot*."""
        self.born += 1
        number, processes = self.born, self.scene.processes
        deck = self.truth.deck
        places = range(self.next[slot], len(deck), processes)[: TRADES[processes]]
        order = Order(
            life=number,
            slot=slot,
            pipe=self.pipe,
            folder=str(self.folder),
            section=self.scene.section(),
            trades=[(index, tale_of(deck[index])) for index in places],
            carried=self.truth.carried(self.told[slot]),
            seed=f"{self.scene.seed}/{number}",
            pause=PAUSES[processes],
            has_book=self.scene.has_book,
            lease=self.scene.lease,
        )
        self.lives[number] = Life(number, slot)
        path = self.folder / "orders" / f"{number}.json"
        self.nursery.start(number, order.write(path))

    def kill(self, life: Life, point: str = RANDOM) -> None:
        """Kill *life* from outside."""
        life.point, life.killed_at = point, time.monotonic()
        self.nursery.act(life.number, "kill")

    def send_home(self, life: Life) -> None:
        """Let *life* shut down."""
        life.is_sent_home = True
        (self.folder / f"end-{life.number}").touch()

    def wait(self, seconds: float) -> None:
        """Listen for so many *seconds*."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.listen(left)

    def until(
        self, has_come: Callable[[], bool], what: str, *, patience: float = LONGEST_WAIT
    ) -> None:
        """Listen until something has happened."""
        deadline = time.monotonic() + patience
        while not has_come():
            if time.monotonic() > deadline:
                raise self.broken(f"{what} has not come within {patience:g} s")
            self.listen(1.0)

    def listen(self, seconds: float) -> None:
        """Hear what there is, waiting at most so many *seconds* for it."""
        ready, _, _ = select.select([self.heard_at], [], [], seconds)
        if not ready:
            if self.nursery.process.poll() is not None:
                raise self.broken("the nursery is gone")
            return
        *lines, self._rest = (self._rest + os.read(self.heard_at, 65_536)).split(b"\n")
        for line in lines:
            number, at, what, *more = line.decode().split(" ", 3)
            hear = getattr(self, f"hear_{what}")
            hear(self.lives[int(number)], float(at), more[0] if more else "")

    def hear_up(self, life: Life, at: float, more: str) -> None:
        """Hear that a host has started."""

    def hear_begins(self, life: Life, at: float, more: str) -> None:
        """Hear that a hook is about to be called."""
        index, step = more.split()
        self.truth.begins(life.number, int(index), int(step))
        self.told[life.slot].add(int(index))
        after = int(index) + self.scene.processes
        self.next[life.slot] = max(self.next[life.slot], after)

    def hear_accepted(self, life: Life, at: float, more: str) -> None:
        """Hear that a hook has returned."""
        index, step, held = more.split()
        self.truth.accepts(life.number, int(index), int(step), int(held))

    def hear_leads(self, life: Life, at: float, more: str) -> None:
        """Hear who has the lease."""
        self.leader = life.number

    def hear_synced(self, life: Life, at: float, more: str) -> None:
        """Hear that an execution was verified."""
        self.synced_at = at
        last = self.kills[-1] if self.kills else None
        # While somebody stands still with the lock, nobody can recover.
        if last and last.recovered is None and last.point != IN_MEMORY:
            last.recovered = at - last.at

    def hear_dies(self, life: Life, at: float, more: str) -> None:
        """Hear somebody's last words."""
        life.point, life.killed_at = more, at

    def hear_stops(self, life: Life, at: float, more: str) -> None:
        """Hear that somebody stands still."""
        life.is_stopped = True
        self.stops += 1

    def hear_goes_on(self, life: Life, at: float, more: str) -> None:
        """Hear that somebody goes on."""
        life.is_stopped = False

    def hear_trouble(self, life: Life, at: float, more: str) -> None:
        """Hear of something that the plugin must not have to log."""
        self.troubles.append(more)

    def hear_end(self, life: Life, at: float, more: str) -> None:
        """Hear how somebody has left things."""
        self.ends.append(json.loads(more))

    def hear_ended(self, life: Life, at: float, more: str) -> None:
        """See that a process has ended as it had to, and begin another in its place."""
        code = int(more)
        del self.lives[life.number]
        self.truth.ends(life.number)
        if life.killed_at:
            if code != -signal.SIGKILL:
                raise self.broken(f"killed, but the exit code is {code}")
            self.kills.append(Kill(life.point, life.killed_at))
        elif code or not (life.is_sent_home or self.is_ending):
            raise self.broken(f"life {life.number} ended by itself with {code}")
        if not self.is_ending:
            self.begin(life.slot)

    def broken(self, what: str) -> Broken:
        """Return an error that says *what*, and shows where things stand."""
        log = self.folder / "log"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        told = [f"{what} (seed {self.scene.seed})", *map(str, self.lives.values())]
        told.append(f"kills so far: {dict(Counter(k.point for k in self.kills))}")
        return Broken("\n".join([*told, *self.troubles, *lines[-LINES:]]))

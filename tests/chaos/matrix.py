"""The matrix: engines by processes, as many kills as were asked for, and a table."""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count, cycle, islice
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

import attrs
import httpx

from tests.chaos.engines import ENGINES
from tests.chaos.nursery import Nursery
from tests.chaos.points import BASICS, POINTS, STANDSTILLS
from tests.chaos.rounds import LEASE, Moment, Outcome, play
from tests.chaos.stage import RANDOM, Scene, Stage

__all__ = ["Cell", "Plan", "moments", "run"]

AT_ONCE: Final = 0.5  # how often the next death comes before recovery
PASSES: Final = (1, 1, 1, 1, 2, 3)  # of a point, the last one of which is deadly
ONE_IN: Final = 5  # moments come at random
OPPOSITES: Final = 3  # rounds, in one of which trades close those of the other side
STOPS: Final = 6  # moments of a round in which somebody stands still
FRACTIONS: Final = ("accepted", "refused")


@attrs.frozen(kw_only=True)
class Plan:
    """What to run; *only* are points, empty: all of them and random moments."""

    kills: int
    engines: Sequence[str]
    processes: Sequence[int]
    seed: str = "1"
    per_round: int = 30
    only: Sequence[str] = ()
    is_spawning: bool = False
    import_seconds: float = 0.02


@attrs.define(kw_only=True)
class Cell:
    """One engine with so many processes: the sum of its rounds."""

    engine: str
    processes: int
    rounds: int = 0
    stops: int = 0
    accepted: int = 0
    lost: int = 0
    doubled: int = 0
    held: int = 0
    seconds: float = 0.0
    points: Counter[str] = attrs.Factory(Counter)
    recoveries: list[float] = attrs.Factory(list)
    wrong: list[str] = attrs.Factory(list)

    @property
    def name(self) -> str:
        """Engine and processes."""
        return f"{self.engine}/{self.processes}"

    @property
    def kills(self) -> int:
        """How many processes were killed."""
        return self.points.total()

    def add(self, outcome: Outcome, seed: str) -> None:
        """Add what came of one round."""
        self.rounds += 1
        self.stops += outcome.stops
        self.held += outcome.held
        self.accepted += outcome.verdict.accepted
        self.lost += outcome.verdict.lost
        self.doubled += outcome.verdict.doubled
        self.points.update(kill.point for kill in outcome.kills)
        times = [kill.recovered for kill in outcome.kills]
        self.recoveries += [seconds for seconds in times if seconds is not None]
        self.wrong += [f"seed {seed}: {problem}" for problem in outcome.verdict.wrong]

    def recovery(self) -> tuple[float, float]:
        """Return the median and the longest recovery in seconds; 0 without any."""
        return median(self.recoveries or [0.0]), max(self.recoveries, default=0.0)


def moments(
    number: int, dice: Random, points: Sequence[str], *, at_random: bool = True
) -> list[Moment]:
    """
    Return *number* moments to die at: *points* in turn, and some at random.

    The first of *points* are sure to be among them.
    """
    names = [RANDOM] * (number // ONE_IN if at_random else 0)
    names += islice(cycle(points), number - len(names))
    dice.shuffle(names)
    return [
        Moment(
            name,
            # A lease need not be taken or given back a second time, and few trades
            # have further executions.
            passes=1 if name.startswith(("lease", "further")) else dice.choice(PASSES),
            at_once=dice.random() < AT_ONCE,
        )
        for name in names
    ]


def standstills(number: int, dice: Random) -> list[Moment]:
    """Return *number* moments to stand still at while another takes over."""
    return [Moment(dice.choice(STANDSTILLS), act="stop") for _ in range(number)]


def run(
    plan: Plan,
    *,
    folder: Path | None = None,
    progress: Callable[[Cell, int], None] = lambda *_: None,
) -> list[Cell]:
    """
    Run *plan*; what the rounds leave behind stays in *folder*, if there is one.

    *progress* is told of a cell and how many more were killed in it.
    """
    cells = [
        Cell(engine=engine, processes=processes)
        for engine in plan.engines
        for processes in plan.processes
    ]
    share = -(-plan.kills // len(cells))
    with ExitStack() as stack:
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        home.mkdir(parents=True, exist_ok=True)
        url = stack.enter_context(sandbox(plan.import_seconds, home / "sandbox.log"))
        for engine in plan.engines:
            databases = stack.enter_context(ENGINES[engine]())
            for cell in (cell for cell in cells if cell.engine == engine):
                began = time.monotonic()
                for number in count(1):
                    if cell.kills >= share:
                        break
                    place = home / f"{engine}-{cell.processes}-{number}"
                    place.mkdir()
                    with (
                        nursery(plan.is_spawning) as (nursed, pipe),
                        databases(place) as database,
                    ):
                        scene, todo = act(plan, cell, number, share - cell.kills)
                        scene = attrs.evolve(
                            scene, folder=place, url=url, database=database
                        )
                        assume(url, fractional_quantities=FRACTIONS[scene.basics])
                        stage = Stage(nursed, pipe, scene)
                        done = play(stage, todo, partial(progress, cell))
                    cell.add(done, scene.seed)
                    cell.seconds = time.monotonic() - began
    return cells


def act(plan: Plan, cell: Cell, number: int, kills: int) -> tuple[Scene, list[Moment]]:
    """
    Return what happens in round *number* of *cell*, with at most so many *kills*.

    Every second round the journal refuses some trades, and with several processes some
    stand still. Who stands still with the lock that all need makes the others keep
    events in memory: then the hosts' trackers have to outlive them. In every third one
    a trade of the other side closes what is open.
    """
    seed = f"{plan.seed}/{cell.engine}/{cell.processes}/{number}"
    dice = Random(seed)
    basics = number % 2 == 0 or bool(set(BASICS).intersection(plan.only))
    never = set() if basics else set(BASICS)
    names = [name for name in plan.only or POINTS if name not in never]
    # What was met least comes first.
    names = sorted(names, key=lambda name: (cell.points[name], dice.random()))
    todo = moments(min(kills, plan.per_round), dice, names, at_random=not plan.only)
    if number % 2 == 0 and cell.processes > 1 and not plan.only:
        todo += standstills(STOPS, dice)
        dice.shuffle(todo)
    scene = Scene(
        folder=Path(),
        url="",
        login=seed.replace("/", "-"),
        database="",
        processes=cell.processes,
        seed=seed,
        size=100 * cell.processes + 60 * len(todo),
        basics=basics,
        has_book=number % 2 == 0,
        opposites=number % OPPOSITES == 2,
        lease=LEASE if any(moment.act == "stop" for moment in todo) else 0.0,
    )
    return scene, todo


def assume(url: str, **values: str) -> None:
    """Switch what the sandbox assumes from now on."""
    control = url.replace("/api/v1", "/_sandbox")
    answer = httpx.put(f"{control}/assumptions", json=values)
    assert answer.status_code == 200, answer.text


@contextmanager
def sandbox(import_seconds: float, log: Path) -> Iterator[str]:
    """
    Run a sandbox in a process of its own; give its address.

    It logs each request of which it saw half: there are many here.
    """
    command = [sys.executable, "-m", "argo_tradervue_plugin.sandbox", "--port", "0"]
    command += ["--import-seconds", str(import_seconds), "--exit-with-parent"]
    with (
        log.open("w") as told,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=told, text=True
        ) as process,
    ):
        try:
            line = process.stdout.readline() if process.stdout else ""
            _, found, url = line.strip().rpartition(" ")
            assert found, "the sandbox did not start"
            yield url
        finally:
            process.terminate()
            process.wait(60)


@contextmanager
def nursery(is_spawning: bool) -> Iterator[tuple[Nursery, tuple[int, int]]]:
    """Give a nursery and the pipe through which its children are heard."""
    heard_at, told_at = os.pipe()
    try:
        with Nursery(told_at, is_spawning=is_spawning) as nursed:
            yield nursed, (heard_at, told_at)
    finally:
        os.close(heard_at)
        os.close(told_at)

"""
Many accounts, one lane each, shared by workers on many machines: a simulation.

A lane is the forwarding for one Tradervue account. It takes one import at a time and
keeps half a second between two requests, so that it spends its time waiting: what a
thousand lanes need is not computers but turns. Here lanes become due as trades arrive,
wait in one table, are claimed by whichever worker is free, and are given back after
one turn. A machine dies in the middle; its lanes wait for their leases to expire.

Nothing of this is in the plugin, which forwards for one account: it tells what the
same table would carry::

    python -m tests.simulation.accounts
    python -m tests.simulation.accounts --accounts 1000 --machines 4 --trades 40
"""

import argparse
import heapq
import random
import statistics
from collections import deque
from collections.abc import Sequence
from typing import Final

import attrs

__all__ = ["Lanes", "Outcome", "simulate", "turn"]

SESSION: Final = 6.5 * 3600  # seconds in which the exchange is open
OPENING: Final = 0.25  # share of a day's entries in its first quarter of an hour
HELD: Final = 3600.0  # seconds; the mean time from entry to exit
LEASE: Final = 70.0  # seconds until the lane of a dead machine is free
BACKFILL: Final = 10  # trades; from here on a page of the list replaces single reads
WORKERS: Final = (4, 8, 16, 32, 64)


@attrs.frozen(kw_only=True)
class Lanes:
    """What is simulated; times are in seconds, *trades* are a day's of one account."""

    accounts: int = 1000
    machines: int = 4
    workers: int = 16  # threads on each machine
    trades: float = 20.0
    request: float = 0.15  # what Tradervue takes for an answer
    interval: float = 0.5  # between two requests of one account
    importing: float = 2.0  # what an import takes there
    dies_at: float | None = SESSION / 2  # when one of the machines is lost
    seed: int = 1


@attrs.frozen(kw_only=True)
class Outcome:
    """
    What became of it; *waits* are seconds from an execution to its verification.

    *busy* is the share of their time in which workers had a lane, *requests* and
    *turns* (a claim and a release each) are the most in any minute, by the second.
    """

    waits: Sequence[float]
    busy: float
    requests: float
    turns: float
    left: int

    def percentile(self, share: float) -> float:
        """Return the wait that *share* of the executions did not exceed."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def turn(executions: int, lanes: Lanes) -> tuple[float, int]:
    """
    Return what one turn of a lane takes with so many executions, and its requests.

    An import, its outcome, the list read back, and the notes of each trade: read and
    written where they are few, written only where they are many.
    """
    pages = 1 + executions // 100
    notes = executions * (2 if executions < BACKFILL else 1)
    requests = 2 + pages + notes
    pace = max(lanes.request, lanes.interval)
    return lanes.importing + requests * pace, requests


def arrivals(lanes: Lanes, dice: random.Random) -> list[tuple[float, int]]:
    """Return when each execution of the day happens, and for which account."""
    found = []
    for account in range(lanes.accounts):
        for _ in range(round(dice.gammavariate(2, lanes.trades / 2))):
            is_early = dice.random() < OPENING
            entry = dice.uniform(0, 900 if is_early else SESSION)
            leave = min(entry + dice.expovariate(1 / HELD), SESSION)
            found += [(entry, account), (leave, account)]
    return sorted(found)


class Day:
    """One trading day, event by event."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self.due: list[list[float]] = [[] for _ in range(lanes.accounts)]
        self.is_taken = [False] * lanes.accounts
        self.queue: deque[int] = deque()
        self.free = deque(range(lanes.machines * lanes.workers))
        self.dead: set[int] = set()
        self.running: dict[int, tuple[int, list[float]]] = {}
        self.ends: list[tuple[float, int, str, int]] = []
        self.waits: list[float] = []
        self.worked = 0.0
        self.minutes: dict[int, list[int]] = {}
        self.numbers = 0

    def later(self, at: float, what: str, which: int) -> None:
        """Put down what happens at a time."""
        self.numbers += 1
        heapq.heappush(self.ends, (at, self.numbers, what, which))

    def run(self) -> Outcome:
        """Let the day pass, and what it leaves be worked off."""
        lanes = self.lanes
        for at, account in arrivals(lanes, random.Random(lanes.seed)):
            self.later(at, "trade", account)
        if lanes.dies_at is not None:
            self.later(lanes.dies_at, "death", 0)
        now = 0.0
        while self.ends:
            now, _, what, which = heapq.heappop(self.ends)
            getattr(self, what)(now, which)
            self.give_out(now)
        minutes = self.minutes.values()
        return Outcome(
            waits=self.waits,
            busy=self.worked / (now * lanes.machines * lanes.workers),
            requests=max(requests for requests, _ in minutes) / 60,
            turns=max(turns for _, turns in minutes) / 60,
            left=sum(map(len, self.due)),
        )

    def trade(self, now: float, account: int) -> None:
        """An execution happens."""
        self.due[account].append(now)
        if not self.is_taken[account]:
            self.is_taken[account] = True
            self.queue.append(account)

    def end(self, now: float, worker: int) -> None:
        """A worker gives its lane back, or its machine died before."""
        if worker in self.dead:
            return
        account, done = self.running.pop(worker)
        self.waits += [now - at for at in done]
        self.free.append(worker)
        self.freed(now, account)

    def freed(self, _: float, account: int) -> None:
        """A lane can be claimed again; who has more to do queues up behind."""
        self.is_taken[account] = bool(self.due[account])
        if self.due[account]:
            self.queue.append(account)

    def death(self, now: float, machine: int) -> None:
        """A machine is lost with what it was at; its leases run on for a while."""
        size = self.lanes.workers
        self.dead = set(range(machine * size, (machine + 1) * size))
        self.free = deque(worker for worker in self.free if worker not in self.dead)
        for worker in self.dead & self.running.keys():
            account, done = self.running.pop(worker)
            self.due[account] = done + self.due[account]
            self.later(now + LEASE, "freed", account)

    def give_out(self, now: float) -> None:
        """Let free workers claim lanes that are due."""
        while self.free and self.queue:
            account, worker = self.queue.popleft(), self.free.popleft()
            done, self.due[account] = self.due[account], []
            seconds, requests = turn(len(done), self.lanes)
            self.running[worker] = (account, done)
            self.worked += seconds
            minute = self.minutes.setdefault(int(now // 60), [0, 0])
            minute[0] += requests
            minute[1] += 1
            self.later(now + seconds, "end", worker)


def simulate(lanes: Lanes) -> Outcome:
    """Simulate one day."""
    return Day(lanes).run()


def main() -> None:
    """Print what different numbers of workers make of the same day."""
    parser = argparse.ArgumentParser(
        description=__doc__, prog="tests.simulation.accounts"
    )
    for field in attrs.fields(Lanes):
        if field.name not in {"workers", "dies_at"}:
            kind = type(field.default)
            parser.add_argument(f"--{field.name}", type=kind, default=field.default)
    told = vars(parser.parse_args())
    lanes = Lanes(**told)
    print(
        f"{lanes.accounts} accounts, {lanes.trades:g} trades a day each, "
        f"{lanes.machines} machines, one of them lost at noon"
    )
    print("| workers | busy | median s | p99 s | longest s | requests/s | claims/s |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for workers in WORKERS:
        found = simulate(attrs.evolve(lanes, workers=workers))
        print(
            f"| {lanes.machines} × {workers} | {100 * found.busy:.0f} % "
            f"| {statistics.median(found.waits):.1f} | {found.percentile(0.99):.0f} "
            f"| {max(found.waits):.0f} | {found.requests:.0f} | {found.turns:.1f} |"
        )


if __name__ == "__main__":
    main()

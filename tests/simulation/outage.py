"""
A day without Tradervue: trades go on being recorded, and then everything arrives.

The clock is simulated, outbox, worker, HTTP and sandbox are real::

    python -m tests.simulation.outage --rate 10 --hours 24
"""

import argparse
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from argo_tradervue_plugin.sandbox import Sandbox, running
from tests.delivery.stepping import Clock, Forwarder, host_trade
from tests.journeys.reader import JournalReader

__all__ = ["Outcome", "live_through"]

HOUR = 3600.0
FAULTS = ("server_error", "reset_before")  # answered with 503, or not at all
DRAINING = 4e5  # simulated seconds that the drain may take


@attrs.define(kw_only=True)
class Outcome:
    """
    What became of it; memory is in megabytes, *requests* are those of each hour.

    *missing* are trades without both executions in the journal, *doubled* are
    executions that stand more often than once.
    """

    trades: int = 0
    requests: list[int] = attrs.field(factory=list)
    memory: list[float] = attrs.field(factory=list)
    recording_seconds: float = 0.0
    drain_seconds: float = 0.0
    missing: int = 0
    doubled: int = 0


def memory() -> float:
    """Return the most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def trade_of(number: int, at: float) -> Any:
    """Return a trade that was entered at a Unix time and left a second later."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))
    left = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at + 1))
    return host_trade(
        number,
        id=f"trade_{number:09}",
        symbol=f"S{number % 500}",
        entry_timestamp=moment,
        exit_timestamp=left,
        verification_hash=f"hash{number:09}",
    )


def live_through(
    sandbox: Sandbox,
    folder: Path,
    *,
    rate: float,
    hours: float,
    told: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Record *rate* trades a second for so many *hours*, all without Tradervue."""
    found = Outcome()
    clock = Clock(1_772_720_000.0)
    path = folder / "outbox.db"
    # Its pauses are those of a real host: from five seconds to a quarter of an hour.
    forwarder = Forwarder(sandbox, path, clock=clock, poll_seconds=2.0)
    for name in FAULTS:
        sandbox.inject(name, times=None)
    began, start, step_at = time.monotonic(), clock.now, clock.now
    before = 0
    for hour in range(round(hours)):
        while clock.now < start + (hour + 1) * HOUR:
            next_at = start + found.trades / rate
            if next_at <= step_at:
                clock.now = next_at
                found.trades += 1
                trade = trade_of(found.trades, next_at)
                forwarder.enter(trade)
                forwarder.leave(trade)
            else:
                clock.now = step_at
                forwarder.stride(next_at)
                step_at = clock.now
        asked = sandbox.stats.requests.total()
        found.requests.append(asked - before)
        found.memory.append(memory())
        before = asked
        told(f"hour {hour + 1}: {found.trades} trades, {found.requests[-1]} requests")
    found.recording_seconds = time.monotonic() - began
    forwarder.close()
    sandbox.clear_faults()
    drain(sandbox, path, clock, found, told)
    return found


def drain(
    sandbox: Sandbox,
    path: Path,
    clock: Clock,
    found: Outcome,
    told: Callable[[str], None],
) -> None:
    """Let the next process bring everything to the journal, and count there."""
    began = time.monotonic()
    forwarder = Forwarder(sandbox, path, clock=clock)
    clock.now = max(clock.now, forwarder.outbox.lease_free_at()) + HOUR
    done = 0
    end = clock.now + DRAINING
    while not forwarder.worker.is_idle() and clock.now < end:
        forwarder.step()
        synced = forwarder.counts().get("synced", 0)
        if synced - done >= 10_000:
            done = synced
            told(f"{synced} executions are verified")
    found.drain_seconds = time.monotonic() - began
    found.memory.append(memory())
    forwarder.close()
    with JournalReader(sandbox.url) as journal:
        standing = Counter(journal.all_executions())
    found.doubled = sum(number - 1 for number in standing.values())
    found.missing = 2 * found.trades - len(standing)


def main() -> None:
    """Live through an outage of any length, and print what came of it."""
    parser = argparse.ArgumentParser(
        prog="tests.simulation.outage",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rate", type=float, default=0.1, help="trades a second")
    parser.add_argument("--hours", type=int, default=24, help="simulated hours")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(import_seconds=0) as sandbox,
    ):
        found = live_through(
            sandbox, Path(folder), rate=given.rate, hours=given.hours, told=print
        )
    print(f"trades              {found.trades}")
    print(
        f"requests meanwhile  {sum(found.requests)}, {max(found.requests)} in an hour"
    )
    first, last = found.memory[0], found.memory[-1]
    middle = found.memory[len(found.memory) // 2]
    print(f"peak memory (MB)    {first:.0f}, {middle:.0f}, {last:.0f}")
    print(f"recorded            {found.recording_seconds:.0f} s")
    print(f"drained             {found.drain_seconds:.0f} s")
    print(f"missing, doubled    {found.missing}, {found.doubled}")
    raise SystemExit(1 if found.missing or found.doubled else 0)


if __name__ == "__main__":
    main()

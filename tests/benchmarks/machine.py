"""Where and when something was measured, and what a process says of itself."""

import os
import platform
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

__all__ = ["described", "peak_memory", "quiet", "switches"]

QUIET_LOOK: Final = 0.04  # seconds; a worker that is at work uses most of them
QUIET_SHARE: Final = 0.05  # of them, which threads that sleep do not use
LONGEST: Final = 30.0


def described() -> dict[str, object]:
    """Return the machine's cores, the versions of what counts, and the date."""
    return {
        "cores": os.cpu_count() or 1,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
        "date": datetime.now(UTC).date().isoformat(),
    }


def quiet() -> None:
    """Wait until no thread of this process works, for a bounded time."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        before = time.process_time()
        time.sleep(QUIET_LOOK)
        if time.process_time() - before < QUIET_LOOK * QUIET_SHARE:
            return


def peak_memory() -> float:
    """
    Return the most memory that this process ever had in RAM, in MB.

    Of this very program: what the operating system otherwise tells includes what the
    parent had when it forked. 0 where there is no /proc.
    """
    return status_of("self").get("VmHWM", 0) / 1024


def switches(thread: int) -> int:
    """Return how often a *thread* (its native id) of ours waited for something."""
    return status_of(f"self/task/{thread}").get("voluntary_ctxt_switches", 0)


def status_of(process: str) -> dict[str, int]:
    """Return the numbers in a status file under /proc; sizes are in KiB."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return {}
    words = (line.split() for line in lines)
    return {w[0].rstrip(":"): int(w[1]) for w in words if w[1:] and w[1].isdigit()}

"""Who forwards: the name of a lease's holder, and whether that process still lives."""

import os
import platform
from pathlib import Path

__all__ = ["holder_name", "is_gone"]


def holder_name() -> str:
    """Return a name that no other process ever had: place, pid and its start."""
    pid = os.getpid()
    return f"{_place()}/{pid}/{_started(pid)}"


def is_gone(holder: str) -> bool:
    """
    Tell whether the process named *holder* is known to have ended.

    What follows the process's name, after a slash, tells its workers apart.

    Only a process of this very place (machine, boot and pid namespace) can be known;
    for any other, only the expiry of its lease tells.
    """
    place, _, rest = holder.partition("/")
    pid, _, rest = rest.partition("/")
    started = rest.partition("/")[0]
    if place != _place() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    now_started = _started(int(pid))
    return bool(started and now_started) and started != now_started


def _place() -> str:
    parts = [platform.node()]
    boot = Path("/proc/sys/kernel/random/boot_id")
    parts += [boot.read_text().strip()] if boot.exists() else []
    space = Path("/proc/self/ns/pid")
    parts += [str(space.readlink())] if space.is_symlink() else []
    return "+".join(parts).replace("/", "-")


def _started(pid: int) -> str:
    """Return when *pid* started, in clock ticks since boot; empty where unknown."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    # The second field is the command in parentheses and may hold anything.
    fields = stat.rpartition(")")[2].split()
    zombie = fields[0] in {"Z", "X"}
    return "ended" if zombie else fields[19]

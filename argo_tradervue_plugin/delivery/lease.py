"""Who forwards: the holder of the lease, its name, and whether it still lives."""

import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from argo_tradervue_plugin.outbox.leases import LONGEST_LEASE

if TYPE_CHECKING:
    from argo_tradervue_plugin.outbox.store import Outbox

__all__ = [
    "ends_too_late",
    "forwarding",
    "holder_name",
    "host_name",
    "is_gone",
    "place_of",
]

# A place names machine, boot and pid namespace. Where one of them is missing, a process
# id means nothing: a container of the same name would be taken for this machine.
PARTS: Final = 3
START: Final = 19  # the field of a process's stat, after its command


def holder_name() -> str:
    """Return a name that no other process ever had: place, pid and its start."""
    pid = os.getpid()
    return f"{_joined(_here())}/{pid}/{_started(pid)}"


def is_gone(holder: str) -> bool:
    """
    Tell whether the process named *holder* is known to have ended.

    What follows the process's name, after a slash, tells its workers apart.

    Only a process of this very place (machine, boot and pid namespace) can be known;
    for any other, and where the system does not say these, only the expiry of its lease
    tells.
    """
    place, _, rest = holder.partition("/")
    pid, _, rest = rest.partition("/")
    started = rest.partition("/")[0]
    here = _here()
    if len(here) < PARTS or place != _joined(here):
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, OverflowError):
        return False
    now_started = _started(int(pid))
    return bool(started and now_started) and started != now_started


def forwarding(outbox: "Outbox", now: float) -> str | None:
    """
    Return the name of the process that forwards, None where none does.

    One whose lease :func:`ends_too_late` counts: whether it still lives shows only
    after a lease's length without a sign of life.
    """
    holder = outbox.lease_holder()
    if holder is None or outbox.lease_free_at() <= now or is_gone(holder):
        return None
    return holder


def ends_too_late(outbox: "Outbox", now: float) -> bool:
    """Tell whether the lease ends later than any can: a clock is wrong, or was."""
    return outbox.lease_free_at() - now > LONGEST_LEASE


def place_of(holder: str) -> str:
    """Return for a person which process the name of a lease's holder means."""
    place, _, rest = holder.partition("/")
    if not rest:
        return "another process"
    return f"process {rest.partition('/')[0]} on {place.partition('+')[0]}"


def host_name() -> str:
    """Return the name of this machine, as a person knows it, in characters of ASCII."""
    try:
        return platform.node().encode("ascii", "backslashreplace").decode()
    except (OSError, ValueError):
        return "unknown"


def _here() -> list[str]:
    """Return machine, boot and pid namespace, as far as they are readable."""
    parts = [host_name()]
    boot = _read("/proc/sys/kernel/random/boot_id").strip()
    parts += [boot.decode("ascii", "replace")] if boot else []
    with suppress(OSError, ValueError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return parts


def _joined(parts: list[str]) -> str:
    return "+".join(parts).replace("/", "-")


def _started(pid: int) -> str:
    """Return when *pid* started, in clock ticks since boot; empty where unknown."""
    # The second field is the command in parentheses and may hold anything.
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    if fields[:1] in ([b"Z"], [b"X"]):
        return "ended"
    return fields[START].decode("ascii", "replace") if len(fields) > START else ""


def _read(path: str) -> bytes:
    """Return what the system says there; nothing where it does not, for any reason."""
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError):
        return b""

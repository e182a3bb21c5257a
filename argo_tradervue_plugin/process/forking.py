"""
What a fork must not carry into the child, and what it may cost the parent.

A child has only the thread that forked. What the others were holding nobody in it will
ever release: its first call would wait for ever. Our own locks are free again in the
child. A mutex inside SQLite, libpq or OpenSSL, and the interpreter's lock on a module
that is being imported, are out of our reach: a fork gives whoever holds one a moment to
end. Where that is not enough the child only records.
"""

import logging  # noqa: F401 - its own hook has to be registered before the gates'
import os
import sys
import threading
import time
import weakref
from typing import Final

from argo_tradervue_plugin.errors import OutboxError

__all__ = [
    "FORKED_INSIDE",
    "Gate",
    "Lock",
    "gate",
    "impair",
    "importing",
    "is_impaired",
]

# Seconds that a fork waits for a call: a trading loop waits for it. An import takes
# longer, and comes once.
FOR_CALLS: Final = 0.015
FOR_IMPORTS: Final = 1.0
NAP: Final = 0.0005
LONGEST_FORK: Final = 3.0  # that anybody waits for whose fork never ends
FORKED_INSIDE: Final = (
    "this process was forked in the midst of a call of a library, or of an import, "
    "that did not end in time: it only records, and whoever forwards sends that"
)


class Lock:
    """
    A lock that is free in a child, whoever held it when the parent forked.

    Who holds it may take it again: a signal handler of the host that calls us, in the
    midst of what is locked, would wait for itself.
    """

    def __init__(self) -> None:
        self.renew()
        locks.add(self)

    def renew(self) -> None:
        """Begin again."""
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class Door:
    """Shut while a fork is about to happen; the same for all gates."""

    def __init__(self) -> None:
        self.is_impaired = False
        self.patience = FOR_IMPORTS  # what is left of it in this process
        self.gates: list[Gate] = []
        self.renew()

    def renew(self) -> None:
        """Begin again in a child, where whoever waits is not."""
        self.opened = threading.Event()
        self.opened.set()

    def open(self) -> None:
        """Let everybody in again."""
        self.opened.set()

    def is_inside(self, thread: int) -> bool:
        """Tell whether *thread* is inside already."""
        return any(thread in each.inside for each in self.gates)


class Gate:
    """
    Passed by all that a child must not begin in.

    Lists of threads are enough: a fork keeps the interpreter to itself, so whoever is
    not on the list is not inside either.

    Raises:
        OutboxError: in a child that was forked while somebody was inside.
    """

    def __init__(self) -> None:
        self.inside: list[int] = []
        door.gates.append(self)

    def __enter__(self) -> None:
        if door.is_impaired:
            raise OutboxError(FORKED_INSIDE)
        me = threading.get_ident()
        if not door.opened.is_set() and not door.is_inside(me):
            door.opened.wait(LONGEST_FORK)
        self.inside.append(me)

    def __exit__(self, *_: object) -> None:
        self.inside.remove(threading.get_ident())

    def wait(self, seconds: float) -> float:
        """Wait until no other thread is inside; return how long that took."""
        me, began = threading.get_ident(), time.monotonic()
        while any(each != me for each in [*self.inside]):
            if time.monotonic() - began >= seconds:
                break
            time.sleep(NAP)
        return time.monotonic() - began


def is_impaired() -> bool:
    """Tell whether this process was forked where it must not have been."""
    return door.is_impaired


def impair() -> None:
    """Let this process only record."""
    door.is_impaired = True


def shut() -> None:
    """Let no thread in, and give whoever is inside a moment."""
    door.opened.clear()
    if door.patience > 0 and importing.inside:
        door.patience -= importing.wait(door.patience)
    gate.wait(FOR_CALLS)


def begin_in_child() -> None:
    """Let nothing of ours wait for a thread that is not here."""
    me = threading.get_ident()
    for each in door.gates:
        door.is_impaired |= any(thread != me for thread in each.inside)
        each.inside = [thread for thread in each.inside if thread == me]
    door.patience = FOR_IMPORTS
    door.renew()
    for lock in list(locks):
        lock.renew()
    forget_half_imports()


def forget_half_imports() -> None:
    """Let modules of ours be imported afresh whose import stopped with its thread."""
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        if name.startswith(OURS) and getattr(spec, "_initializing", False):
            del sys.modules[name]


OURS: Final = f"{__name__.partition('.')[0]}."
locks: Final["weakref.WeakSet[Lock]"] = weakref.WeakSet()
door: Final = Door()
gate: Final = Gate()  # around calls of SQLite, libpq and OpenSSL
importing: Final = Gate()
# The hook that is registered last is called first: the gates wait for whoever is
# inside, and only then logging takes its lock, which those inside may need.
if hasattr(os, "register_at_fork"):  # a system without forks needs none of this
    os.register_at_fork(
        before=shut, after_in_parent=door.open, after_in_child=begin_in_child
    )

"""
What a fork must not carry into the child.

A child has only the thread that forked. What the others were holding nobody in it will
ever release: its first call would wait for ever. Our own locks are free again in the
child. A mutex inside SQLite, a lock that it keeps by process, or the interpreter's lock
on a module that is being imported is out of our reach: a fork waits for who holds one.
"""

import logging  # noqa: F401 - its own hook has to be registered before the gate's
import os
import threading
import time
import weakref
from typing import Final

__all__ = ["ForkGate", "Lock", "gate"]

# Seconds; what goes on inside takes milliseconds, an import from a slow disk a second.
PATIENCE: Final = 3.0
NAP: Final = 0.0005


class Lock:
    """A lock that is free in a child, whoever held it when the parent forked."""

    def __init__(self) -> None:
        self.renew()
        locks.add(self)

    def renew(self) -> None:
        """Begin anew."""
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class ForkGate:
    """
    Passed by all that a child must not begin in; shut while a fork is about to happen.

    Lists of threads are enough: a fork keeps the interpreter to itself, so whoever is
    not on the list is not inside either.
    """

    def __init__(self) -> None:
        self._inside: list[int] = []
        self._is_open = threading.Event()
        self._is_open.set()

    def __enter__(self) -> None:
        me = threading.get_ident()
        if not self._is_open.is_set() and me not in self._inside:
            self._is_open.wait(PATIENCE)
        self._inside.append(me)

    def __exit__(self, *_: object) -> None:
        self._inside.remove(threading.get_ident())

    def shut(self) -> None:
        """Let nobody in, and wait until nobody is inside, for a bounded time."""
        self._is_open.clear()
        deadline = time.monotonic() + PATIENCE
        while self._inside and time.monotonic() < deadline:
            time.sleep(NAP)

    def open(self) -> None:
        """Let everybody in again, in the parent."""
        self._is_open.set()

    def forget(self) -> None:
        """Begin anew in the child, where the other threads are not."""
        self._inside = []
        self._is_open = threading.Event()
        self._is_open.set()


def begin_in_child() -> None:
    """Let nothing of ours wait for a thread that is not here."""
    gate.forget()
    for lock in list(locks):
        lock.renew()


locks: Final["weakref.WeakSet[Lock]"] = weakref.WeakSet()
gate: Final = ForkGate()
# The hook that is registered last is called first: the gate waits for whoever is
# inside, and only then logging takes its lock, which those inside may need.
if hasattr(os, "register_at_fork"):  # a system without forks needs none of this
    os.register_at_fork(
        before=gate.shut, after_in_parent=gate.open, after_in_child=begin_in_child
    )

"""Connections to SQLite files, each of one thread in one process."""

import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.outbox.presence import Key, Presence, keys_beside
from argo_tradervue_plugin.process.descriptors import Beacon, keep_forever
from argo_tradervue_plugin.process.forking import gate, impair, is_impaired

__all__ = ["Opened", "see_descriptors"]

CLOSING: Final = 0.5  # seconds for closing, in a child, what its parent has open
CLOSED_UNDER_US: Final = (
    "the host has closed the descriptors of the outbox in this process: it only "
    "records, and another process, or the next start, forwards. A host that becomes a "
    "daemon closes them before it starts its plugins, or forks first"
)


@attrs.frozen(eq=False)
class Bare:
    """A connection, and what was opened before it."""

    connection: sqlite3.Connection
    beacon: Beacon


class Opened:
    """A connection of one thread in one process; closed when the thread ends."""

    def __init__(self, path: Path) -> None:
        beacon = Beacon()
        try:
            # A child closes what its parent's threads have opened.
            self.connection = sqlite3.connect(
                path, timeout=0, isolation_level=None, check_same_thread=False
            )
        except BaseException:
            beacon.close()
            raise
        self.path = path
        self.pid = os.getpid()
        self._bare = Bare(self.connection, beacon)
        standing.append(self._bare)
        self.presence = Presence.of(path)
        self._aside: dict[str, Key] = {}

    def what_was_lost(self) -> str | None:
        """
        Return how the file beside the database ends that is another one by now.

        SQLite replaces neither as long as a connection is open. It would go on to
        write into a log that has no name any more, beside a process that opens the
        file with a new one.
        """
        if not self._aside:
            # From the first read on no other connection is the last to close the file.
            self.connection.execute("PRAGMA user_version").fetchone()
            self._aside = keys_beside(self.path)
            return None
        now = keys_beside(self.path)
        return next(
            (each for each in self._aside if now.get(each) != self._aside[each]), None
        )

    def is_for(self, path: Path, present: Presence | None) -> bool:
        """Tell whether this is for the *present* file at *path*, in this process."""
        is_here = self.pid == os.getpid() and (self.path is path or self.path == path)
        if present is None or self.presence is None:
            return is_here and present is self.presence
        return is_here and present.key == self.presence.key

    def __del__(self) -> None:
        # A thread that ended without a word; nothing to say where it never connected.
        with suppress(Exception):
            self.close()

    def close(self) -> None:
        """Close the connection; what came through a fork is no business of ours."""
        if self.pid != os.getpid():
            return
        with gate, suppress(OutboxError, ValueError):
            see_descriptors()
            standing.remove(self._bare)
            self.connection.close()
            self._bare.beacon.close()


def see_descriptors() -> None:
    """
    See that the descriptors of SQLite's are still its own.

    It would go on to read and write by their numbers, which may be the host's files by
    now, and believe to hold locks that went with them: no process that this happened
    to opens a file with it again, or frees what is open.

    Raises:
        OutboxError: somebody has.
    """
    # Whoever closes a connection takes it off the list first.
    lost = [
        each for each in [*standing] if not each.beacon.is_there() and each in standing
    ]
    if lost:
        is_news = not forsaken
        forsake(lost)
        if is_news:
            log.error("tradervue.descriptors_closed: %s", CLOSED_UNDER_US)
    if forsaken:
        raise OutboxError(CLOSED_UNDER_US)


def forsake(some: list[Bare]) -> None:
    """Leave connections as they are for good."""
    for each in some:
        keep_forever(each.connection)
        forsaken.append(each)
        with suppress(ValueError):  # another thread has seen it, too
            standing.remove(each)


def close_in_child() -> None:
    """
    Close what the parent's threads have open.

    With an inherited connection SQLite believes to hold locks that it does not hold:
    when the parent closes, it deletes the log that the child still writes to. In the
    midst of a call they are left as they are, and never freed.
    """
    with suppress(OutboxError):
        see_descriptors()
    if standing and not (is_impaired() or is_closed(list(standing))):
        impair()
    if is_impaired():
        for each in standing:
            keep_forever(each.connection)
    standing.clear()


def is_closed(some: list[Bare]) -> bool:
    """Close connections; tell whether that ended: a mutex may be held for good."""

    def close() -> None:
        for each in some:
            with suppress(sqlite3.Error):
                each.connection.close()
            each.beacon.close()

    thread = threading.Thread(target=close, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return False
    thread.join(CLOSING)
    return not thread.is_alive()


# They hold what is open, so that nothing is freed, and so closed, on the way into a
# child, where the threads that had it are not.
standing: Final[list[Bare]] = []
forsaken: Final[list[Bare]] = []
if hasattr(os, "register_at_fork"):  # after the gates' own hook
    os.register_at_fork(after_in_child=close_in_child)

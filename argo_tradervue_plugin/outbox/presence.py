"""
Whether the outbox's file is still the one that was opened.

A person may delete it, put another in its place or cut it short while a host runs. The
system goes on to take what is written into a file that has no name any more. SQLite's
own files are only looked at, never opened: closing a second descriptor of one would
drop the process's locks.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import attrs

__all__ = ["Key", "Presence", "clear", "keys_beside"]

ASIDE: Final = ("-wal", "-shm")  # what SQLite keeps beside the file

Key = tuple[int, int]


@attrs.define
class Presence:
    """
    The file at *path* as it was opened.

    *aside* are the files beside it that belong to it, by their ending.
    """

    path: Path
    key: Key
    size: int
    aside: dict[str, Key] = attrs.field(factory=dict)

    @classmethod
    def of(cls, path: Path) -> "Presence | None":
        """Return how the file at *path* is now, None where there is none."""
        with suppress(FileNotFoundError):
            status = os.lstat(path)
            return cls(path, key_of(status), status.st_size)
        return None

    def what_happened(self) -> str | None:
        """
        Return in words what became of the file; None: it is as it was, or longer.

        A file of ours never gets shorter by itself.
        """
        try:
            status = os.lstat(self.path)
        except FileNotFoundError:
            return "deleted"
        if key_of(status) != self.key:
            return "replaced by another file"
        if status.st_size < self.size:
            return f"cut short, from {self.size} to {status.st_size} bytes"
        self.size = status.st_size
        if len(self.aside) < len(ASIDE):
            self.aside = keys_beside(self.path)
        return None

    def present_size(self) -> int | None:
        """Return the size in bytes of this very file now, None where it is gone."""
        now = Presence.of(self.path)
        return now.size if now is not None and now.key == self.key else None


def clear(before: Presence) -> Path | None:
    """
    Clear the way for the next file at the path of *before*, which is lost.

    What SQLite kept beside the lost file would be taken for a part of the next one.
    What is left of a file that was cut short stays, under another name, which is
    returned. Several processes may do so at once.
    """
    path = before.path
    with alone_in(path.parent):
        for ending, key in keys_beside(path).items():
            if before.aside.get(ending) == key:
                path.with_name(path.name + ending).unlink()
        now = Presence.of(path)
        if now is None or now.key != before.key or now.size >= before.size:
            return None
        stamp = time.strftime("%Y%m%d-%H%M%S")
        kept = path.with_name(f"{path.name}.damaged-{stamp}")
        path.rename(kept)
        return kept


def keys_beside(path: Path) -> dict[str, Key]:
    """Return which files SQLite keeps beside the one at *path*."""
    found = {}
    for ending in ASIDE:
        with suppress(FileNotFoundError):
            found[ending] = key_of(os.lstat(f"{path}{ending}"))
    return found


def key_of(status: os.stat_result) -> Key:
    """Return what no other file has, as long as this one is open or has a name."""
    return status.st_dev, status.st_ino


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time into the block; another waits for some moments."""
    number = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)

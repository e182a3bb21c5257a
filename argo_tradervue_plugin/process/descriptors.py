"""
Whether what we have open is still ours.

A host that becomes a daemon closes every descriptor, and opens files of its own, which
get the same numbers. Whatever we wrote, or closed, by its number would then be the
host's. What cannot be asked what it has open (SQLite, libpq, a pool of connections) has
a beacon opened before it: who closes everything closes that, too.
"""

import os
from contextlib import suppress
from typing import Final

try:  # at once: a child may be unable to import anything
    from _ctypes import Py_INCREF as add_reference
except ImportError:
    add_reference = None  # type: ignore[assignment]

__all__ = ["Beacon", "is_same", "keep_forever", "key_of"]

Key = tuple[int, int]


def key_of(number: int) -> Key:
    """
    Return what no other file has that exists now.

    Raises:
        OSError: nothing is open under this number.
    """
    found = os.fstat(number)
    return found.st_ino, found.st_dev


def is_same(number: int, key: Key) -> bool:
    """Tell whether what is open under *number* is what it was."""
    try:
        return key_of(number) == key
    except OSError:
        return False


class Beacon:
    """A descriptor of our own; it takes the lowest number that is free."""

    def __init__(self) -> None:
        self._number, other = os.pipe()
        os.close(other)
        self._key = key_of(self._number)

    def is_there(self) -> bool:
        """Tell whether it is still open."""
        return is_same(self._number, self._key)

    def close(self) -> None:
        """Close it, where it is still there."""
        if self.is_there():
            with suppress(OSError):
                os.close(self._number)


def keep_forever(thing: object) -> None:
    """
    Let nothing free *thing*, also not the end of the interpreter.

    What is freed closes its descriptors by their numbers.
    """
    kept.append(thing)
    if add_reference is not None:  # otherwise the list has to do
        add_reference(thing)


kept: Final[list[object]] = []

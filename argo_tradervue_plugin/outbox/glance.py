"""
What is in the files of a spool, without reading again what was read before.

A spool may hold the events of an outage of days, and is asked about by everybody who
wants to know how it goes. Files are only appended to: each is read on from where the
last look has ended. How many events there are is counted without a look at what they
are; whose they are is read when that is asked for.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

from argo_tradervue_plugin.model.records import LONGEST_ID, known_by
from argo_tradervue_plugin.outbox.lines import END, RECORD, UNIT, time_of
from argo_tradervue_plugin.outbox.records import EventKind
from argo_tradervue_plugin.process.forking import Lock

__all__ = ["Glance"]

MARK, DIVIDER, LAST = RECORD.encode(), UNIT.encode(), END.encode()
FIELDS: Final = 5  # of an event
KINDS: Final = {kind.value.encode(): kind for kind in EventKind}
WRITTEN: Final = [DIVIDER + kind + DIVIDER for kind in KINDS]
ALONE: Final = {kind: frozenset({kind}) for kind in EventKind}
HEAD: Final = 200  # bytes by which a file is known again: its first event
PIECE: Final = 1 << 20  # bytes that are read at a time
# Where the one file ends and the other begins: what was written while the first was
# taken away may be in both. More than all hooks write in such a moment.
SEAM: Final = 1 << 18  # bytes
# An id that is kept as it is, whatever ids are made of.
PLAIN: Final = re.compile(r"[A-Za-z]+_[A-Za-z0-9_]*")

Key = tuple[int, int]  # of a file: its device, and its number there


class Glance:
    """What was seen so far of the files at *paths*, the older one first."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)
        self._files: dict[Key, Seen] = {}
        self._looking = Lock()

    def count(self) -> int:
        """
        Return how many events are there, each counted once.

        Raises:
            OSError: a file could not be read.
        """
        with self._looking, self._opened() as files:
            number = sum(seen.counted(file) for file, seen in files)
            for (older, _), (newer, _) in pairwise(files):
                number -= in_both(older, newer)
            return number

    def kinds_of(self, trade_ids: Iterable[str]) -> dict[str, set[EventKind]]:
        """
        Return which kinds of events of these trades are there.

        Raises:
            OSError: a file could not be read.
        """
        found: dict[str, set[EventKind]] = {}
        with self._looking, self._opened() as files:
            several = [seen.told_apart(file) for file, seen in files]
        for trade_id in trade_ids if several else ():
            for known in several:
                if kinds := known.get(trade_id):
                    found.setdefault(trade_id, set()).update(kinds)
        return found

    def trade_ids(self) -> set[str]:
        """
        Return of which trades an entry or an exit is there.

        Raises:
            OSError: a file could not be read.
        """
        with self._looking, self._opened() as files:
            return {
                trade_id
                for file, seen in files
                for trade_id, kinds in seen.told_apart(file).items()
                if kinds != ALONE[EventKind.CORRECTION]
            }

    @contextmanager
    def _opened(self) -> Iterator[list[tuple[BinaryIO, "Seen"]]]:
        """Open what there is, each with what was seen of it; forget what is gone."""
        there: dict[Key, Seen] = {}
        files: list[tuple[BinaryIO, Seen]] = []
        try:
            for path in self._paths:
                with suppress(FileNotFoundError):
                    file: BinaryIO = path.open("rb")
                    facts = os.fstat(file.fileno())
                    key = facts.st_dev, facts.st_ino
                    seen = self._files.get(key)
                    if seen is None or not seen.is_of(file, facts.st_size):
                        seen = Seen()
                    if key in there:  # it was renamed between the two
                        file.close()
                        continue
                    there[key] = seen
                    files.append((file, seen))
            yield files
        finally:
            self._files = there
            for file, _ in files:
                file.close()


class Seen:
    """What was seen of one file."""

    def __init__(self) -> None:
        self._head = b""
        self._counted, self._number = 0, 0  # up to which byte, and how many
        self._read = 0  # up to which byte
        self._kinds: dict[str, frozenset[EventKind]] = {}

    def is_of(self, file: BinaryIO, size: int) -> bool:
        """Tell whether this is of *file*: its number may be another's by now."""
        if size < max(self._counted, self._read):
            return False
        begin = file.read(HEAD)
        is_same = begin.startswith(self._head)
        self._head = begin
        return is_same

    def counted(self, file: BinaryIO) -> int:
        """Return how many events are in *file*."""
        for piece in whole_lines(file, self._counted):
            self._counted += len(piece)
            self._number += number_in(piece)
        return self._number

    def told_apart(self, file: BinaryIO) -> dict[str, frozenset[EventKind]]:
        """Return which kinds of events of which trades are in *file*."""
        for piece in whole_lines(file, self._read):
            self._read += len(piece)
            for line in piece.split(LAST):
                event = about(line)
                if event is not None:
                    trade_id, kind = event
                    kinds = self._kinds.get(trade_id)
                    self._kinds[trade_id] = (
                        ALONE[kind] if kinds is None else kinds | ALONE[kind]
                    )
        return self._kinds


def whole_lines(file: BinaryIO, begin: int) -> Iterator[bytes]:
    """Yield pieces of *file* that end with a line; what has no end yet is left."""
    file.seek(begin)
    rest = b""
    while piece := file.read(PIECE):
        whole, end, rest = (rest + piece).rpartition(LAST)
        if end:
            yield whole + end


def number_in(piece: bytes) -> int:
    """Return how many of the lines in *piece* are events: all, where nothing is odd."""
    lines = piece.count(LAST)
    is_even = (
        b"\0" not in piece
        and piece.count(MARK) == lines
        and piece.count(DIVIDER) == lines * (FIELDS - 1)
        and sum(piece.count(kind) for kind in WRITTEN) == lines
    )
    if is_even:
        return lines
    return sum(about(line) is not None for line in piece.split(LAST))


def in_both(older: BinaryIO, newer: BinaryIO) -> int:
    """Return how many events at the end of one file are at the begin of the next."""
    older.seek(max(0, older.seek(0, os.SEEK_END) - SEAM))
    newer.seek(0)
    both = lines_in(older.read()) & lines_in(newer.read(SEAM))
    return sum(about(line) is not None for line in both)


def lines_in(text: bytes) -> set[bytes]:
    """Return the lines in *text* as they were written."""
    return {line.rpartition(MARK)[2] for line in text.split(LAST)[:-1]}


def about(line: bytes) -> tuple[str, EventKind] | None:
    """Return whose event *line* is and of which kind; None: it is none."""
    whole = line.rpartition(MARK)[2]
    try:
        trade_id, kind, _, at, _ = whole.split(DIVIDER)
        time_of(at)
        if b"\0" in whole:
            return None
        if not whole.isascii():
            whole.decode()
        name = trade_id.decode()
        is_plain = len(name) <= LONGEST_ID and PLAIN.fullmatch(name)
        return name if is_plain else known_by(name), KINDS[kind]
    except (ValueError, KeyError):
        return None

"""
What was drained from a spool, and stays for some days.

An outbox may be lost, or an old copy put in its place. What went from the spool into it
since then is kept here, per account: each drain under a number that the outbox records
in the same transaction. An outbox that has recorded less was put back.

Drains that follow each other closely share a file, under the number of the last one:
what is taken up twice is one event.

Beside them is the number of the latest import: an outbox that would number the next
one no higher has forgotten some, though every drain is in it.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, Protocol
from uuid import uuid4

import attrs

from argo_tradervue_plugin.config import files
from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.outbox.records import Recorded

__all__ = [
    "FOLDER",
    "PUT_BACK",
    "Drain",
    "Drained",
    "Kept",
    "KeptFile",
    "days_in",
    "putting_back",
]

# The condition of an outbox that was put back: when, and whether its journal was
# searched for trades of ours since.
PUT_BACK: Final = "put_back"
FOLDER: Final = "kept"
IMPORT: Final = "import"  # the file with the number of the latest import
NAME: Final = "name"  # the file with the name by which outboxes know the spool
SECONDS: Final = 7 * 86400.0
BYTES: Final = 200_000_000
# A file takes what is drained within an hour, up to this size.
FULL: Final = 1_000_000
HOUR: Final = 3600.0
DIGITS: Final = 20
MICRO: Final = 1_000_000  # a number counts microseconds since 1970


def putting_back(
    at: float, *, is_linked: bool = False, last_import: int | None = None
) -> str:
    """
    Return the facts of :data:`PUT_BACK`; *at* is a Unix time.

    *last_import* is that of the outbox when it was linked: later ones came after.
    """
    return json.dumps({"at": at, "linked": is_linked, "import": last_import})


@attrs.frozen
class Drained:
    """
    A drain of the *spool* of that name, as the outbox records it.

    *again_at* is the Unix time at which the outbox turned out to be put back, None for
    what is drained for the first time.
    """

    spool: str
    number: int
    again_at: float | None = None


class Drain(Protocol):
    """
    What a spool is drained into; *losses* is how often it was replaced while open.
    """

    @property
    def losses(self) -> int:
        """See :meth:`.store.Outbox.losses`."""

    def stamp(self) -> Account | None:
        """See :meth:`.store.Outbox.stamp`."""

    def last_drained(self, spool: str) -> int | None:
        """Return the number of the last drain of *spool* that is in there."""

    def take_over(
        self, events: Iterable[Recorded], drained: Drained | None = None
    ) -> None:
        """See :meth:`.store.Outbox.take_over`."""


@attrs.frozen(order=True)
class KeptFile:
    """A file of events; *number* is that of the last drain in it."""

    number: int
    path: Path
    size: int

    @property
    def at(self) -> float:
        """When it was drained last, in Unix seconds."""
        return self.number / MICRO


class Kept:
    """
    The files of the spool in *folder* that were drained into outboxes of *account*.

    Used by one process at a time, which the spool sees to. *clock* returns Unix
    seconds.
    """

    def __init__(
        self, folder: Path, account: Account, clock: Callable[[], float] = time.time
    ) -> None:
        self._root = folder / FOLDER
        self._account = account
        self._folder = self.folder_of(account)
        self._clock = clock

    @property
    def spool(self) -> str:
        """
        The name by which outboxes know the spool; made when it is first asked for.

        Raises:
            OSError: it cannot be read or made.
        """
        path = self._root / NAME
        with suppress(FileNotFoundError):
            name = path.read_text(encoding="ascii", errors="replace").strip()
            if name.isalnum():
                return name
        name = uuid4().hex
        files.make_folder(self._root)
        made = path.with_name(f"{NAME}.{name}")
        with os.fdopen(files.make_file(made), "wb") as file:
            file.write(name.encode())
        made.replace(path)
        return name

    def files(self) -> list[KeptFile]:
        """
        Return what is kept, oldest first.

        Raises:
            OSError: it cannot be read.
        """
        return files_in(self._folder)

    def after(self, number: int | None) -> list[KeptFile]:
        """Return what an outbox lacks that has recorded *number*, oldest first."""
        return [file for file in self.files() if number is None or file.number > number]

    def next_number(self, last: int | None) -> int:
        """Return a number above those of all that is kept, and above the *last* one."""
        newest = max((file.number for file in self.files()), default=0)
        return max(int(self._clock() * MICRO), newest + 1, (last or 0) + 1)

    def add(self, taken: Path, number: int) -> None:
        """
        Keep the file *taken*, which was drained under *number*.

        Raises:
            OSError: it cannot be kept.
        """
        if not self._folder.is_dir():
            files.make_folder(self._folder)
        target = self._folder / f"{number:0{DIGITS}}"
        newest = max(self.files(), default=None)
        takes_more = newest is not None and self._takes_more(newest, number)
        if newest is not None and takes_more and is_appended(taken, newest.path):
            newest.path.rename(target)
            taken.unlink()
        else:
            taken.rename(target)
        for old in self._old(self.files()):
            old.path.unlink(missing_ok=True)

    def is_also_of(self, account: Account) -> bool:
        """Tell whether *account* is another name of this one; see take_along."""
        return self._folder == self.folder_of(account)

    def folder_of(self, account: Account) -> Path:
        """Return where the files of *account* are, whatever it is called now."""
        return (self._root / account.digest).resolve()

    def take_along(self, former: Account) -> None:
        """
        Take over what is kept for the *former* account, which is called this one now.

        Its folder becomes a link to this one: an old copy of the outbox, which bears
        the former name, still finds what was drained before and since. Interrupted, it
        is completed by being repeated.

        Raises:
            OSError: it could not be done.
        """
        own = self._root.resolve() / self._account.digest
        before = self.folder_of(former)
        if before == own:
            return
        if own.is_symlink():  # it was called this before, and is so again
            own.unlink()
        sent = last_import_in(before)
        self._folder = own
        files.make_folder(own)
        if sent > self.last_import():
            self.note_import(sent)
        for file in files_in(before):
            file.path.rename(own / file.path.name)
        if before.is_dir():
            (before / IMPORT).unlink(missing_ok=True)
            before.rmdir()
        before.symlink_to(own.name)

    def last_import(self) -> int:
        """
        Return the number of the latest import that went from here, 0 for none.

        Raises:
            OSError: it cannot be read.
        """
        return last_import_in(self._folder)

    def note_import(self, number: int) -> None:
        """
        Note the import of that *number*, which has not left yet.

        Raises:
            OSError: it cannot be written.
        """
        path = self._folder / IMPORT
        files.make_folder(self._folder)
        with suppress(FileExistsError):
            os.close(files.make_file(path))
        # In place and always as long: who is killed here leaves the one before.
        file = files.opened(str(path), os.O_WRONLY)
        try:
            os.write(file, f"{number:0{DIGITS}}".encode())
        finally:
            os.close(file)

    @staticmethod
    def _takes_more(newest: KeptFile, number: int) -> bool:
        is_close = number // MICRO // HOUR == newest.number // MICRO // HOUR
        return is_close and newest.size < FULL

    def _old(self, files: list[KeptFile]) -> Iterator[KeptFile]:
        """Yield what is kept no longer: what is too old, and the oldest of too much."""
        size = sum(file.size for file in files)
        for file in files[:-1]:
            if file.at < self._clock() - SECONDS or size > BYTES:
                size -= file.size
                yield file


def is_appended(taken: Path, newest: Path) -> bool:
    """
    Append *taken* to *newest*; tell whether there was room for it.

    What a full disk takes of it ends in half an event, which readers pass over.
    """
    try:
        with newest.open("ab") as kept, taken.open("rb") as file:
            shutil.copyfileobj(file, kept)
    except OSError:
        return False
    return True


def last_import_in(folder: Path) -> int:
    """Return the number of the latest import that is noted in *folder*, 0 for none."""
    try:
        with files.opened_to_read(folder / IMPORT) as file:
            return int(file.read(DIGITS))
    except (FileNotFoundError, ValueError):  # what is damaged says nothing
        return 0


def files_in(folder: Path) -> list[KeptFile]:
    """
    Return what is kept in *folder*, oldest first.

    Raises:
        OSError: it cannot be read.
    """
    found = []
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.isdigit() and entry.is_file(follow_symlinks=False):
                path, size = Path(entry.path), entry.stat().st_size
                found.append(KeptFile(int(entry.name), path, size))
    return sorted(found)


def days_in(folders: Iterable[Path], account: Account) -> set[date]:
    """
    Return the days, in UTC, of which spools in *folders* keep something of *account*.

    Raises:
        OSError: one cannot be read.
    """
    return {
        datetime.fromtimestamp(file.at, UTC).date()
        for folder in folders
        for file in Kept(folder, account).files()
    }

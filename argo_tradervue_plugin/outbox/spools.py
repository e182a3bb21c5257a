"""
The spools that go into one outbox: that of this configuration, and those of others.

What each is for stands in a note in its folder: the configuration's account, once
Tradervue has accepted its login, and who wrote there last.
"""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol
from uuid import uuid4

import attrs
from cattrs import Converter

from argo_tradervue_plugin.config import files
from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.config.databases import shown
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.kept import Drain, Kept
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.outbox.spool import Spool, in_words

__all__ = ["Intake", "SpoolNote", "Spools", "read_note", "write_note"]

NOTE: Final = "about.json"

Put = Callable[[Iterable[Recorded]], None]

converter: Final = Converter()


class Intake(Protocol):
    """What hooks write into, and what is moved from there into the outbox."""

    def append(self, event: Recorded) -> None:
        """See :meth:`.spool.Spool.append`."""

    def move(
        self, put: Put, also: Sequence[Recorded] = (), *, drain: Drain | None = None
    ) -> bool:
        """See :meth:`.spool.Spool.move`."""

    def kept(self, account: Account) -> Kept:
        """See :meth:`.spool.Spool.kept`."""

    def waiting(self) -> list[Recorded]:
        """See :meth:`.spool.Spool.waiting`."""

    def count(self) -> int:
        """See :meth:`.spool.Spool.count`."""

    def kinds_of(self, trade_ids: Iterable[str]) -> dict[str, set[EventKind]]:
        """See :meth:`.spool.Spool.kinds_of`."""

    def trade_ids(self) -> set[str]:
        """See :meth:`.spool.Spool.trade_ids`."""

    def oldest_at(self) -> float | None:
        """See :meth:`.spool.Spool.oldest_at`."""


class Spools:
    """The spool that hooks write into, and others that go into the same outbox."""

    def __init__(self, own: Spool) -> None:
        self.own = own
        self._others: Callable[[], Iterable[Spool]] = lambda: ()
        self._followed: dict[Path, Spool] = {}  # with what each remembers of its files

    def __repr__(self) -> str:
        return f"Spools({self.own!r})"

    def follow(self, others: Callable[[], Iterable[Spool]]) -> None:
        """Ask *others*, each time, which they are: another process may make one."""
        self._others = others

    def _all(self) -> list[Spool]:
        """Return the own spool and the others."""
        others = [self._followed.setdefault(s.folder, s) for s in self._others()]
        return [self.own, *others]

    def append(self, event: Recorded) -> None:
        """See :meth:`.spool.Spool.append`."""
        self.own.append(event)

    def move(
        self, put: Put, also: Sequence[Recorded] = (), *, drain: Drain | None = None
    ) -> bool:
        """See :meth:`.spool.Spool.move`; the own one goes first."""
        moved = self.own.move(put, also, drain=drain)
        for spool in self._others():
            moved = spool.move(put, drain=drain) or moved
        return moved

    def kept(self, account: Account) -> Kept:
        """See :meth:`.spool.Spool.kept`; of the own one."""
        return self.own.kept(account)

    def folders(self) -> list[Path]:
        """Return the folders of all of them."""
        return [self.own.folder, *(spool.folder for spool in self._others())]

    def rename(self, former: Account, account: Account) -> None:
        """
        Let what belongs to the *former* account belong to *account*, as it is called.

        By whoever holds the lease of the outbox. Interrupted, it is completed by being
        repeated, as long as :meth:`follow` goes by the former one.

        Raises:
            OutboxError: it could not be done.
        """
        for folder in self.folders():
            try:
                Kept(folder, account).take_along(former)
            except OSError as error:
                where = shown(folder)
                raise OutboxError(
                    f"what is kept in {where} cannot be moved: {in_words(error)}"
                ) from error
            note = read_note(folder)
            if note is not None and note.account == former:
                write_note(folder, attrs.evolve(note, account=account))

    def waiting(self) -> list[Recorded]:
        """See :meth:`.spool.Spool.waiting`."""
        return [event for spool in self._all() for event in spool.waiting()]

    def count(self) -> int:
        """See :meth:`.spool.Spool.count`."""
        return sum(spool.count() for spool in self._all())

    def kinds_of(self, trade_ids: Iterable[str]) -> dict[str, set[EventKind]]:
        """See :meth:`.spool.Spool.kinds_of`."""
        wanted = set(trade_ids)
        found: dict[str, set[EventKind]] = {}
        for spool in self._all():
            for trade_id, kinds in spool.kinds_of(wanted).items():
                found.setdefault(trade_id, set()).update(kinds)
        return found

    def trade_ids(self) -> set[str]:
        """See :meth:`.spool.Spool.trade_ids`."""
        return {trade_id for spool in self._all() for trade_id in spool.trade_ids()}

    def oldest_at(self) -> float | None:
        """See :meth:`.spool.Spool.oldest_at`."""
        times = (spool.oldest_at() for spool in self._all())
        return min((at for at in times if at is not None), default=None)


@attrs.frozen(kw_only=True)
class SpoolNote:
    """
    What is known of a spool's configuration.

    *account* is None until Tradervue has accepted the login. *names_somebody* tells
    whether a user name is in the configuration, *found_nothing* that no source had a
    login when that was looked for. *origin* is the program that records (its folder
    and command), *parent* the process that started it, *holder* the process itself;
    *made_at* is a Unix time.
    """

    base_url: str
    user_id: int | None
    account: Account | None
    names_somebody: bool
    found_nothing: bool
    origin: str
    parent: str
    holder: str
    made_at: float


def read_note(folder: Path) -> SpoolNote | None:
    """
    Return the note in the *folder* of a spool; None: there is none that makes sense.

    Raises:
        OutboxError: it cannot be read now.
    """
    try:
        with files.opened_to_read(folder / NOTE) as file:
            text = file.read().decode()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        return None  # damaged: it is written again
    except OSError as error:
        where = shown(folder / NOTE)
        raise OutboxError(f"{where} cannot be read: {in_words(error)}") from error
    with suppress(Exception):  # of a version to come, or damaged: it is written again
        return converter.structure(json.loads(text), SpoolNote)
    return None


def write_note(folder: Path, note: SpoolNote) -> None:
    """
    Write the note of the spool in *folder*, whole or not at all.

    Raises:
        OutboxError: it cannot be written now.
    """
    made = folder / f"{NOTE}.{uuid4().hex}"
    try:
        files.make_folder(folder)
        with os.fdopen(files.make_file(made), "wb") as file:
            file.write(json.dumps(attrs.asdict(note)).encode())
        os.replace(made, folder / NOTE)  # noqa: PTH105 - says what it does
    except OSError as error:
        with suppress(OSError):
            made.unlink()
        where = shown(folder / NOTE)
        raise OutboxError(f"{where} cannot be written: {in_words(error)}") from error

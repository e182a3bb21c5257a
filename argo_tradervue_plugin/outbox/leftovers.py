"""What was recorded in the user's state folder, and that no process sends any more."""

import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Final

import attrs

from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.config.locations import Locations, entries
from argo_tradervue_plugin.errors import ForeignFile, OutboxError
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.spools import SpoolNote, read_note
from argo_tradervue_plugin.outbox.sqlite_files import reading, stamp_of

__all__ = ["Leftover", "leftovers"]

PENDING: Final = (
    "SELECT (SELECT COUNT(DISTINCT trade_id) FROM executions WHERE state IN "
    "('new', 'recorded', 'sent', 'imported', 'linked')) "
    "+ (SELECT COUNT(DISTINCT trade_id) FROM inbox)"
)
LEASE: Final = "SELECT holder, expires_at FROM lease"


@attrs.frozen(kw_only=True)
class Leftover:
    """
    *trades* in the outbox or spool at *place* that are not in a journal yet.

    *account* is whose they are, None where no login was accepted. *problem* says why
    the file at *place* is passed over, None where it can be read.
    """

    place: Path
    account: Account | None = None
    trades: int = 0
    problem: str | None = None

    def __str__(self) -> str:
        if self.problem is not None:
            return (
                f"{self.problem}: it is passed over. If it is an outbox of yours, put "
                "a good copy in its place; otherwise move it out of this folder"
            )
        owner = "of no account yet" if self.account is None else f"of {self.account}"
        return (
            f"{self.place} {owner} holds {self.trades} trades that are not in a "
            "journal, and no process forwards it: start its host again, or run "
            "`argo-tradervue account move`"
        )


def leftovers(
    locations: Locations,
    own: Path | None,
    *,
    taken: Collection[Path] = (),
    is_gone: Callable[[str], bool],
    now: float | None = None,
) -> list[Leftover]:
    """
    Return what is left in the state folder, beside the outbox at *own*.

    The spools *taken* go into that one. What cannot be read now is left out, what never
    can be is named.
    *is_gone* tells whether the process of that name has ended, *now* is a Unix time.
    """
    moment = time.time() if now is None else now
    stamps: dict[Path, Account | None] = {}
    found: list[Leftover] = []
    for path in locations.outboxes():
        try:
            stamps[path] = stamp_of(path)
            trades = neglected(path, is_gone, moment)
        except ForeignFile as error:
            found.append(Leftover(place=path, problem=str(error)))
            continue
        except (OutboxError, OSError, sqlite3.Error):
            continue
        if path != own and trades:
            found.append(Leftover(place=path, account=stamps[path], trades=trades))
    for folder, note in spools_in(locations):
        if folder in taken:
            continue
        try:
            waiting = {event.trade_id for event in Spool(folder).waiting()}
        except OutboxError:
            continue
        account = note.account if note else None
        is_sent = account in stamps.values() if account else is_alive(note, is_gone)
        if waiting and not is_sent:
            found.append(Leftover(place=folder, account=account, trades=len(waiting)))
    return found


def spools_in(locations: Locations) -> Iterator[tuple[Path, SpoolNote | None]]:
    """Yield the spools in the state folder of the user, with their notes."""
    for folder in entries(locations.default_spools):
        if folder.is_dir() and folder != locations.spool:
            try:
                yield folder, read_note(folder)
            except OutboxError:
                continue


def is_alive(note: SpoolNote | None, is_gone: Callable[[str], bool]) -> bool:
    """Tell whether the process that wrote into a spool may still find its login."""
    return note is not None and not is_gone(note.holder)


def neglected(path: Path, is_gone: Callable[[str], bool], now: float) -> int:
    """Return how many trades wait in the outbox at *path*, 0 while it is forwarded."""
    with reading(path) as connection:
        for holder, expires_at in connection.execute(LEASE).fetchall():
            if expires_at > now and not is_gone(holder):
                return 0
        [number] = connection.execute(PENDING).fetchone()
    return int(number)

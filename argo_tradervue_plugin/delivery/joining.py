"""
What joins the spool of a configuration to the outbox of an account.

The account is known once Tradervue has accepted the login. It is noted beside the
spool, so that a start without a network goes on, and the outbox is stamped with it.
Before both agree nothing goes from the spool into the outbox, and nothing is sent.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from argo_tradervue_plugin.config.account import REPLAY, Account, digest_of
from argo_tradervue_plugin.config.credentials import Credentials, CredentialsFinder
from argo_tradervue_plugin.config.databases import is_url
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.places import misplaced
from argo_tradervue_plugin.config.settings import SECTION, Settings
from argo_tradervue_plugin.delivery.lease import holder_name, is_gone
from argo_tradervue_plugin.errors import (
    AccountMismatch,
    CredentialsError,
    NotFound,
    OutboxError,
    WrongPlace,
)
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.outbox.kept import Kept
from argo_tradervue_plugin.outbox.leftovers import Leftover, leftovers
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.records import Link
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.spools import SpoolNote, read_note, write_note
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.sqlite_files import stamp_of
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.process.forking import Lock

if TYPE_CHECKING:
    from argo_tradervue_plugin.delivery.lane import Lane
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Joiner", "belongs_to", "left_behind", "other_spools"]

LATEST: Final = 20  # linked trades that can prove whose journal it is
OF_A_HOST: Final = (
    "the outbox {} is a host's, which a replay does not touch: give another "
    "--database, or none"
)


class Joiner:
    """
    Finds the outbox for the login, and lets the spool into it.

    *link* notes what stands in the journal under our tags, and returns how many trades
    that are; it is called before an outbox is stamped. *clock* returns Unix seconds.
    """

    def __init__(
        self,
        outbox: Outbox,
        settings: Settings,
        credentials: CredentialsFinder,
        locations: Locations,
        *,
        link: Callable[["Lane"], int],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._outbox = outbox
        self._settings = settings
        self._credentials = credentials
        self._locations = locations
        self.link = link
        self._purpose = locations.configuration.purpose
        self._clock = clock
        self.account: Account | None = None  # once spool and outbox are joined
        self._preparing = Lock()
        self._has_told = False

    @property
    def is_joined(self) -> bool:
        """Whether spool and outbox belong to one account."""
        return self.account is not None

    def prepare(self) -> bool:
        """
        Place the outbox, and join the spool to it; return whether they are joined.

        It asks for the login, which may wait for AWS, and never for Tradervue: where
        False is returned, :meth:`join` does that.

        Raises:
            CredentialsError: there is no complete login.
            AccountMismatch: the outbox belongs to another account.
            WrongPlace: it is in a place that was not meant.
            OutboxError: outbox or spool cannot be used now.
        """
        wrong = misplaced(self._locations)
        if wrong is not None:
            raise WrongPlace(wrong)
        with self._preparing:
            return self.account is not None or self._prepare()

    def _prepare(self) -> bool:
        try:
            credentials = self._credentials.get()
        except CredentialsError:
            if self._credentials.has_answered:
                self._note(None, read_note(self._locations.spool))
            raise
        account = Account.of(self._settings, credentials.username)
        self._place(account)
        self._outbox.open()
        stamp = self._outbox.stamp()
        self._see_purpose(account)
        if stamp is None:
            return False
        self._check(stamp, account)
        before = read_note(self._locations.spool)
        noted = before.account if before else None
        if noted != account:
            self._see_certain(credentials)
            if noted is not None:
                self._move_to(noted)
        self._note(account, before)
        self.account = account
        return True

    def begin_again(self) -> None:
        """Find out again where the outbox is, and whose: it was replaced."""
        with self._preparing:
            self.account = None

    def is_something_recorded(self) -> bool:
        """Tell whether any spool here holds an event, for whichever outbox that is."""
        where = self._locations
        folders = [where.spool, *where.other_spools()]
        first = where.first_spool(str(self._outbox))
        if first is not None:
            folders.append(first)
        return any(Spool(folder).oldest_at() is not None for folder in folders)

    def join(self, lane: "Lane") -> None:
        """
        Stamp the outbox with the account of the login, once Tradervue has accepted it.

        Raises:
            AccountMismatch: it has sent something, and not to this journal.
            ApiError: Tradervue could not be asked, or refuses the login.
        """
        credentials = self._credentials.get()
        account = Account.of(self._settings, credentials.username)
        client = lane.client
        client.check()
        self._see_certain(credentials)
        links = self._outbox.latest_links(LATEST)
        has_sent = bool(links) or self._outbox.imports_sent() > 0
        if has_sent and not any(stands(client, link) for link in links):
            raise AccountMismatch(
                f"the outbox {self._outbox} has sent trades, and says not to whom; "
                f"none of the latest is in the journal of {account}. If it is theirs "
                "all the same, run `argo-tradervue account move`; otherwise set "
                f"{self._other_place()}"
            )
        linked = self.link(lane)
        stamp = self._outbox.put_stamp(
            account, now=self._clock(), purpose=self._purpose
        )
        if stamp == account:
            log.info(
                "tradervue.account_stamped outbox=%s linked=%d",
                self._outbox,
                linked,
            )

    def tell_leftovers(self) -> None:
        """Say, once in this process, what else waits here and goes nowhere."""
        if self._has_told or self._locations.database is not None:
            return
        self._has_told = True
        for one in left_behind(self._locations, self._outbox, now=self._clock()):
            log.warning("tradervue.left_behind %s", one)

    def see_same(self, credentials: Credentials) -> None:
        """
        Take care that *credentials* are those of the outbox's account.

        Raises:
            AccountMismatch: another user name is found by now, or by this shell.
        """
        stamp = self.account
        if stamp is None and self._outbox.is_open:
            stamp = self._outbox.stamp()
        if stamp is not None:
            self._check(stamp, Account.of(self._settings, credentials.username))

    def _check(self, stamp: Account, account: Account) -> None:
        if stamp != account:
            raise AccountMismatch(
                f"the outbox {self._outbox} belongs to {stamp}, and the login found is "
                f"{account}: nothing is sent, and everything recorded is kept. Set "
                f"{self._other_place()} for the other account, or run `argo-tradervue "
                "account move` where the login or the address was renamed"
            )

    def _other_place(self) -> str:
        """Return the settings by which another account gets an outbox of its own."""
        if is_url(self._locations.database or ""):
            return f"another {SECTION}.database_schema"
        if self._locations.database is not None:
            return f"another {SECTION}.database"
        return f"{SECTION}.outbox_name or {SECTION}.database"

    def _see_purpose(self, account: Account) -> None:
        purpose = self._outbox.purpose()
        if self._purpose == purpose:
            return
        if self._purpose == REPLAY and (purpose or self._outbox.holds_something()):
            raise AccountMismatch(OF_A_HOST.format(self._outbox))
        if purpose == REPLAY and self._outbox.stamp() == account:
            # A host goes on with what was played; from now on it is the host's.
            self._outbox.put_stamp(account, now=self._clock(), is_moved=True)

    def _see_certain(self, credentials: Credentials) -> None:
        if not credentials.is_certain:
            raise CredentialsError(
                "AWS Secrets Manager has not answered yet, and may name another login "
                f"than {credentials.username} ({credentials.source}): nothing is sent "
                "until it has"
            )

    def _place(self, account: Account) -> None:
        engine = self._outbox.engine
        if isinstance(engine, Sqlite) and not engine.is_fixed:
            engine.place(self._locations.outbox_of(account, stamp_of))

    def _move_to(self, noted: Account) -> None:
        """Move what was recorded for the account noted before into its outbox."""
        if self._locations.database is not None:
            return  # there is one outbox, and a person has moved it
        path = self._locations.stamped_with(noted, stamp_of)
        if path is None:
            return  # its outbox was moved to the account of today
        other = open_outbox(str(path))
        try:
            Spool(self._locations.spool).move(other.take_over, drain=other)
        finally:
            other.close()

    def _note(self, account: Account | None, before: SpoolNote | None) -> None:
        """Keep the note of the spool, which is *before*, as it should be."""
        configuration = self._locations.configuration
        note = SpoolNote(
            base_url=configuration.base_url,
            user_id=configuration.user_id,
            account=account or (before.account if before else None),
            names_somebody=configuration.names_somebody,
            found_nothing=account is None,
            origin=origin(),
            parent=str(os.getppid()),
            holder=holder_name(),
            made_at=before.made_at if before else self._clock(),
        )
        if note == before:
            return
        try:
            write_note(self._locations.spool, note)
        except OutboxError:
            # On a full disk. A database elsewhere still takes what is in memory, and
            # its stamp says whose it is.
            if account is None or not is_url(self._locations.database or ""):
                raise


def other_spools(
    locations: Locations, outbox: Outbox, account: Account | None = None
) -> Iterator[Spool]:
    """
    Yield the spools of other configurations that go into *outbox* too.

    *account* is whose it is, where that is known.
    """
    try:
        stamp = account or outbox.stamp()
    except OutboxError:
        return  # it is not known, or cannot be read now: another time
    if stamp is None:
        return
    first = locations.first_spool(str(outbox))
    if first is not None and first.is_dir():
        yield Spool(first)
    own = read_note(locations.spool)
    notes = {folder: read_note(folder) for folder in locations.other_spools()}
    noted = {folder: note for folder, note in notes.items() if note is not None}
    for folder, note in noted.items():
        renamed = note.account is not None and Kept(folder, stamp).is_also_of(
            note.account  # and this is an old copy of its outbox
        )
        if renamed or belongs_to(note, stamp, own, noted.values()):
            yield Spool(folder)


def left_behind(
    locations: Locations, outbox: Outbox, *, now: float | None = None
) -> list[Leftover]:
    """Return what no process sends in the user's state folder, beside *outbox*."""
    place = None if locations.database else Path(str(outbox))
    taken = {spool.folder for spool in other_spools(locations, outbox)}
    return leftovers(locations, place, taken=taken, is_gone=is_gone, now=now)


def belongs_to(
    note: SpoolNote,
    account: Account,
    own: SpoolNote | None,
    others: Iterable[SpoolNote],
) -> bool:
    """
    Tell whether a spool goes into the outbox of *account*.

    That is so where its own login was accepted as that account's. One that never had a
    login goes to the only account that its program came to have: while its process
    lives, that of a sibling, which the same process has started; after it, that of its
    successor, whose spool is younger. *own* is the note of the account's own spool,
    *others* are those of all the rest.
    """
    if note.account is not None or own is None:
        return note.account == account
    is_of_same_host = (
        own.account == account
        and not note.names_somebody
        and note.found_nothing
        and note.origin == own.origin
        and (note.base_url, note.user_id) == (own.base_url, own.user_id)
    )
    known = {one.account for one in others if one.origin == note.origin}
    if not is_of_same_host or known - {None, account}:
        return False
    if is_gone(note.holder):
        return own.made_at >= note.made_at
    return note.parent == own.parent


def stands(client: "TradervueClient", link: Link) -> bool:
    """Tell whether the journal has the trade of *link*, entered at the same second."""
    try:
        found = client.trade(link.journal_id)
    except NotFound:
        return False
    started = found.started_at
    return started is not None and int(started.timestamp()) == link.entry_at


def origin() -> str:
    """Return a text for the program that runs here: its folder and its command."""
    command = sys.argv[0] if sys.argv else ""
    try:
        folder = Path.cwd()
    except OSError:  # somebody removed it
        folder = Path()
    return digest_of(str(folder), command)

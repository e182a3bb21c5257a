"""
The client of the Tradervue API, one method for each thing it can do.

Source: API documentation, all pages.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, Self

import attrs

from argo_tradervue_plugin.config.addresses import TRADERVUE, is_loopback
from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.model.journal import (
    Comment,
    ImportRequest,
    ImportStatus,
    JournalEntry,
    JournalEntryDetail,
    JournalExecution,
    JournalTrade,
    JournalTradeDetail,
    NewTrade,
    NewUser,
    Note,
    TradeChange,
    TradeFilter,
    User,
    UserChange,
)
from argo_tradervue_plugin.tradervue import wire
from argo_tradervue_plugin.tradervue.answers import Call
from argo_tradervue_plugin.tradervue.connection import Connection
from argo_tradervue_plugin.tradervue.masking import masker
from argo_tradervue_plugin.tradervue.pacing import Pacer
from argo_tradervue_plugin.tradervue.session import LARGEST_PAGE, Door, Session

if TYPE_CHECKING:
    import httpx

__all__ = ["TradervueClient"]

# Seconds between two requests; Tradervue documents no limit but threatens to block.
REQUEST_INTERVAL: Final = 0.5

EVERY_TRADE: Final = TradeFilter()


class TradervueClient:
    """
    Speaks to Tradervue for one login.

    Each method may raise any :class:`~argo_tradervue_plugin.errors.ApiError`; the text
    of each is one line for an operator and holds no secret. What can be done twice
    without harm is tried up to *retries* times in all; what cannot, only where it is
    certain that nothing was processed.

    *timeout* is in seconds, for the whole of one attempt. *request_interval* is in
    seconds from start to start; None means 0.5, and no pause on this machine.
    *user_id* is the member to act for, as an organization's manager. *logs_requests*
    logs each attempt at INFO, otherwise at DEBUG. *before_attempt* is called before
    every attempt; what it raises ends the call and passes unchanged.
    *sleep* waits that many seconds and *clock* counts them, for tests.

    Proxies and CAs are taken from the environment as usual (``HTTPS_PROXY``,
    ``NO_PROXY``, ``SSL_CERT_FILE``); certificates are always verified.

    Raises:
        ConfigError: if *base_url* would send the password in the clear.
    """

    def __init__(  # noqa: PLR0913 - all but the first are keywords with defaults
        self,
        credentials: Credentials,
        *,
        base_url: str = TRADERVUE,
        user_id: int | None = None,
        contact: str = "https://github.com/argo-capital/argo-tradervue-plugin",
        timeout: float = 30.0,
        request_interval: float | None = None,
        retries: int = 3,
        logs_requests: bool = False,
        before_attempt: Callable[[], None] | None = None,
        transport: "httpx.BaseTransport | None" = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = credentials
        self._user_id = user_id
        connection = Connection(
            credentials,
            base_url=base_url,
            contact=contact,
            user_id=user_id,
            timeout=timeout,
            logs_requests=logs_requests,
            transport=transport,
        )
        if request_interval is None:
            request_interval = 0.0 if is_loopback(base_url) else REQUEST_INTERVAL
        self._session = Session(
            connection,
            pacer=Pacer(request_interval, clock=clock, sleep=sleep),
            tries=retries,
            before_attempt=before_attempt,
            sleep=sleep,
            clock=clock,
            mask=masker(credentials),
        )

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(base_url={self._session.connection.base_url!r}, "
            f"username={self._credentials.username!r}, user_id={self._user_id!r})"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. A call after that is a :class:`RuntimeError`."""
        self._session.connection.close()

    @property
    def clock_ahead(self) -> float | None:
        """Return how far our clock is ahead of Tradervue's (s), by its last answer."""
        return self._session.connection.clock_ahead

    def watch(self, door: Door) -> None:
        """Let *door* know whether Tradervue accepts or refuses the login."""
        self._session.door = door

    def check(self) -> None:
        """
        Ask for one trade, once, to see that Tradervue is there and knows the login.

        ``GET /imports`` would not do: it clears the outcome of an import.

        Raises:
            WrongAddress: if what answers at the address is not Tradervue.
        """
        self._session.check()

    # Imports

    def create_import(self, request: ImportRequest) -> None:
        """
        Queue an import; the outcome is asked for with :meth:`import_status`.

        Overwrites an outcome that was not read yet. It is not repeated once it may
        have reached Tradervue: after an Unreachable with *sent*, a BadAnswer or a
        ServerError, it is unknown whether it was queued.

        Raises:
            ImportInProgress: if another import is still being worked on.
            Rejected: if the import as a whole makes no sense.
            ValueError: if a time has no offset or a number is not finite.
        """
        call = Call(
            method="POST",
            path="/imports",
            what="the import",
            body=wire.encode(request),
        )
        self._session.read(call, wire.read_queued)

    def import_status(self) -> ImportStatus:
        """
        Return the state of the import slot. **Reading an outcome clears it.**

        So it is never repeated where the answer may have been lost on the way.
        """
        call = Call(method="GET", path="/imports", what="the status of the import")
        status = self._session.read(call, wire.read_import_status)
        result = status.result
        if result is None or result.error is None:
            return status
        # People are shown what a failure says: one line, and not what was sent.
        said = one_line(self._session.mask(result.error))
        return attrs.evolve(status, result=attrs.evolve(result, error=said))

    # Trades

    def list_trades(
        self, where: TradeFilter = EVERY_TRADE, *, page_size: int = LARGEST_PAGE
    ) -> Iterator[JournalTrade]:
        """
        Yield the trades that match *where*, newest first, page by page as needed.

        Trades that are added meanwhile move others to the next page; none comes twice.

        Raises:
            ValueError: if *page_size* is not from 1 to 100, or a tag has a comma.
            BadAnswer: also if there is no end after 1,000 pages.
        """
        query = wire.trade_query(where)
        return self._session.pages(
            "/trades", JournalTrade, "the list of trades", query, page_size
        )

    def trade(self, trade_id: int) -> JournalTradeDetail:
        """
        Return one trade.

        Raises:
            NotFound: if it is not there (any more).
        """
        return self._session.one(
            f"/trades/{trade_id:d}", JournalTradeDetail, f"trade {trade_id}"
        )

    def copy_of(
        self, trade_id: int, kind: Literal["trade", "executions", "comments"]
    ) -> str:
        """
        Return what the API gives of one trade as it came: the text of a JSON document.

        Raises:
            NotFound: if the trade is not there (any more).
        """
        path = f"/trades/{trade_id:d}"
        if kind == "trade":
            return self._session.text(path, f"trade {trade_id}")
        return self._session.text(f"{path}/{kind}", f"the {kind} of trade {trade_id}")

    def create_trade(self, trade: NewTrade) -> int:
        """
        Create a trade without executions, and return its id.

        Not repeated once it may have reached Tradervue: look for the trade first.
        """
        return self._session.create("/trades", "the new trade", wire.encode(trade))

    def update_trade(self, trade_id: int, change: TradeChange) -> None:
        """
        Change a trade; notes and tags are replaced as a whole.

        Raises:
            NotFound: if it is not there (any more).
        """
        body = wire.encode(change)
        self._session.put(
            f"/trades/{trade_id:d}", f"the change of trade {trade_id}", body
        )

    def delete_trade(self, trade_id: int) -> None:
        """
        Delete a trade with its executions and comments; one that is gone is fine.
        """
        self._session.delete(
            f"/trades/{trade_id:d}", f"the deletion of trade {trade_id}"
        )

    def executions(self, trade_id: int) -> list[JournalExecution]:
        """
        Return the executions of a trade, oldest first.

        Raises:
            NotFound: if the trade is not there (any more).
        """
        return self._session.rows(
            f"/trades/{trade_id:d}/executions",
            JournalExecution,
            f"the executions of trade {trade_id}",
        )

    def comments(
        self, kind: Literal["trades", "journal", "notes"], object_id: int
    ) -> list[Comment]:
        """
        Return the comments on a trade, a journal entry or a note, oldest first.
        """
        return self._session.rows(
            f"/{kind}/{object_id:d}/comments",
            Comment,
            f"the comments on {kind} {object_id}",
        )

    # Journal: one entry a day

    def list_journal(
        self,
        *,
        day: date | None = None,
        start: date | None = None,
        end: date | None = None,
    ) -> Iterator[JournalEntry]:
        """
        Yield the journal entries of one *day*, or from *start* to *end*, newest first.
        """
        query = wire.journal_query(day, start, end)
        return self._session.pages(
            "/journal", JournalEntry, "the list of journal entries", query
        )

    def journal_entry(self, entry_id: int) -> JournalEntryDetail:
        """
        Return one journal entry.

        Raises:
            NotFound: if it is not there.
        """
        return self._session.one(
            f"/journal/{entry_id:d}", JournalEntryDetail, f"journal entry {entry_id}"
        )

    def create_journal_entry(self, date: date, notes: str | None = None) -> int:
        """
        Create the entry of a *date* (New York), and return its id.

        Without *notes* it gets the user's template. Look first whether there is one
        for the day: what a second one does is not documented.
        """
        body = wire.encode_journal_entry(date, notes)
        return self._session.create("/journal", "the new journal entry", body)

    def update_journal_entry(self, entry_id: int, notes: str) -> None:
        """
        Replace the notes of a journal entry.

        Raises:
            NotFound: if it is not there.
        """
        what = f"the change of journal entry {entry_id}"
        self._session.put(f"/journal/{entry_id:d}", what, wire.encode_notes(notes))

    def delete_journal_entry(self, entry_id: int) -> None:
        """
        Delete a journal entry; one that is gone is fine.

        Raises:
            Rejected: if a trade was completed on that day.
        """
        what = f"the deletion of journal entry {entry_id}"
        self._session.delete(f"/journal/{entry_id:d}", what)

    # Notes, which belong to no day

    def list_notes(self) -> Iterator[Note]:
        """Yield the notes, last changed first."""
        return self._session.pages("/notes", Note, "the list of notes", {})

    def note(self, note_id: int) -> Note:
        """
        Return one note.

        Raises:
            NotFound: if it is not there.
        """
        return self._session.one(f"/notes/{note_id:d}", Note, f"note {note_id}")

    def create_note(self, notes: str) -> int:
        """Create a note, and return its id."""
        return self._session.create("/notes", "the new note", wire.encode_notes(notes))

    def update_note(self, note_id: int, notes: str) -> None:
        """
        Replace the text of a note.

        Raises:
            NotFound: if it is not there.
        """
        what = f"the change of note {note_id}"
        self._session.put(f"/notes/{note_id:d}", what, wire.encode_notes(notes))

    def delete_note(self, note_id: int) -> None:
        """Delete a note; one that is gone is fine."""
        self._session.delete(f"/notes/{note_id:d}", f"the deletion of note {note_id}")

    # Users: for the manager of an organization, on its own host

    def list_users(self) -> list[User]:
        """
        Return the members of the organization.
        """
        return self._session.rows("/users", User, "the list of users")

    def user(self, user_id: int) -> User:
        """
        Return one member.

        Raises:
            NotFound: if there is none, or in another organization.
        """
        return self._session.one(f"/users/{user_id:d}", User, f"user {user_id}")

    def create_user(self, user: NewUser) -> int:
        """Create a member, and return the id."""
        return self._session.create("/users", "the new user", wire.encode(user))

    def update_user(self, user_id: int, change: UserChange) -> None:
        """
        Change a member.

        Raises:
            NotFound: if there is none, or in another organization.
        """
        body = wire.encode(change)
        self._session.put(f"/users/{user_id:d}", f"the change of user {user_id}", body)

"""
Calls by their kind: what may be repeated, what is read, how pages are joined.

This is how the client speaks; what it can say is in :mod:`.client`.
"""

from collections.abc import Callable, Iterator
from typing import Final, Protocol, TypeVar

import attrs

from argo_tradervue_plugin.config.addresses import API_PATH
from argo_tradervue_plugin.errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    NotFound,
    PermissionRefused,
    WrongAddress,
)
from argo_tradervue_plugin.model.journal import JournalTrade
from argo_tradervue_plugin.tradervue import wire
from argo_tradervue_plugin.tradervue.answers import (
    HTML,
    Answer,
    Call,
    failure_of,
    foreign_in,
    is_page,
    read_body,
)
from argo_tradervue_plugin.tradervue.connection import Connection
from argo_tradervue_plugin.tradervue.pacing import (
    Pacer,
    call_with_retries,
    is_passing,
    was_not_processed,
)

__all__ = ["LARGEST_PAGE", "Door", "Session"]

LARGEST_PAGE: Final = 100  # objects. Source: API documentation, trades

# Seconds for which an answered test request confirms what is not there.
CONFIRMED: Final = 5.0

# A hundred thousand trades: a list that goes on after that does not end at all.
MOST_PAGES: Final = 1_000

TEST: Final = Call(
    method="GET", path="/trades", what="a test request", query={"count": "1"}
)


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


class Door(Protocol):
    """Who is to know whether Tradervue lets this login in."""

    def refused(self, error: ApiError) -> None:
        """Note that it does not."""

    def opened(self) -> None:
        """Note that it does."""


T = TypeVar("T")
N = TypeVar("N", bound=_Numbered)


class Session:
    """
    Sends calls over *connection*, paced, repeated where that is safe, and read.

    *tries* counts attempts in all. *before_attempt* is called before each of them,
    when its turn has come; what it raises passes unchanged. *sleep* is in seconds and
    *clock* counts them. *mask* takes secrets out of a server's words.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        pacer: Pacer,
        tries: int,
        before_attempt: Callable[[], None] | None,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        mask: Callable[[str], str],
    ) -> None:
        self.connection = connection
        self._pacer = pacer
        self._tries = tries
        self._before_attempt = before_attempt
        self._sleep = sleep
        self._clock = clock
        self._confirmed_at: float | None = None
        self.door: Door | None = None
        self.mask = mask

    def check(self) -> None:
        """
        Make the test request, once.

        Raises:
            WrongAddress: if what answers at the address is not Tradervue.
        """
        answer = self._ask(TEST)
        foreign = foreign_in(answer, mask=self.mask)
        if foreign is not None:
            address = self.connection.base_url
            better = self._better_address(address)
            raise WrongAddress(
                f"{address} is not Tradervue's API: it answers a test request with "
                f"{foreign}; check base_url"
                + (f", {better} answers like Tradervue" if better else ""),
                status=answer.status,
            )
        self._judged(TEST, answer)
        read_body(
            answer,
            TEST.what,
            lambda body: wire.read_list(body, JournalTrade),
            mask=self.mask,
        )

    def _better_address(self, address: str) -> str | None:
        """Return *address* with the API's path, if Tradervue is there."""
        if address.endswith(API_PATH):
            return None
        try:
            answer = self._ask(attrs.evolve(TEST, path=API_PATH + TEST.path))
        except ApiError:
            return None
        is_there = answer.status in {200, 401} and not (
            is_page(answer) or foreign_in(answer, mask=self.mask)
        )
        return address + API_PATH if is_there else None

    def one(self, path: str, kind: type[T], what: str) -> T:
        """Return the object of *kind* at *path*."""
        call = Call(method="GET", path=path, what=what, is_repeatable=True)
        return self.read(call, lambda content: wire.read_one(content, kind))

    def text(self, path: str, what: str) -> str:
        """Return the document at *path* as it came."""
        call = Call(method="GET", path=path, what=what, is_repeatable=True)
        return self.read(call, wire.read_document)

    def rows(
        self,
        path: str,
        kind: type[T],
        what: str,
        query: dict[str, str] | None = None,
    ) -> list[T]:
        """Return the objects of *kind* at *path*; an empty list is none."""
        call = Call(
            method="GET", path=path, what=what, query=query or {}, is_repeatable=True
        )
        return self.read(call, lambda content: wire.read_list(content, kind))

    def pages(
        self,
        path: str,
        kind: type[N],
        what: str,
        query: dict[str, str],
        page_size: int = LARGEST_PAGE,
    ) -> Iterator[N]:
        """
        Yield the objects of all pages, each once, asking as it goes.

        Raises:
            ValueError: if *page_size* is not from 1 to 100.
        """
        if not 1 <= page_size <= LARGEST_PAGE:
            raise ValueError(f"page_size is {page_size}, but must be from 1 to 100")

        def pages() -> Iterator[N]:
            seen: set[int] = set()
            for page in range(1, MOST_PAGES + 1):
                paged = query | wire.page_query(page, page_size)
                rows = self.rows(path, kind, what, paged)
                fresh = [row for row in rows if row.id not in seen]
                seen.update(row.id for row in fresh)
                yield from fresh
                # What is beyond the end is not documented: a short page, an empty
                # one, or the last one over again.
                if len(rows) < page_size or not fresh:
                    return
            raise BadAnswer(f"Tradervue gave {MOST_PAGES} pages of {what}, and no end")

        return pages()

    def create(self, path: str, what: str, body: bytes) -> int:
        """Make an object and return its id; never sent twice."""
        call = Call(method="POST", path=path, what=what, body=body)
        return self.read(call, wire.read_id)

    def put(self, path: str, what: str, body: bytes) -> None:
        """Change the object at *path*."""
        call = Call(method="PUT", path=path, what=what, body=body, is_repeatable=True)
        self._perform_unread(call)

    def delete(self, path: str, what: str) -> None:
        """Delete the object at *path*; fine where it is gone already."""
        call = Call(method="DELETE", path=path, what=what, is_repeatable=True)
        try:
            self._perform_unread(call)
        except NotFound:
            # Gone before, or by an attempt whose answer was lost.
            return

    def _perform_unread(self, call: Call) -> None:
        """Perform a call whose answer has nothing to read."""
        answer = self._perform(call)
        # The body is empty, and what a proxy's page says instead is no success.
        if answer.media_type in HTML and answer.content.strip():
            read_body(answer, call.what, lambda _: None, mask=self.mask)

    def read(self, call: Call, read: Callable[[bytes], T]) -> T:
        """Perform *call* and return what *read* makes of the answer's body."""
        return read_body(self._perform(call), call.what, read, mask=self.mask)

    def _perform(self, call: Call) -> Answer:
        """Send *call*, more than once where that is safe, and return the success."""
        try:
            return call_with_retries(
                lambda: self._judged(call, self.connection.send(call)),
                tries=self._tries,
                may_repeat=is_passing if call.is_repeatable else was_not_processed,
                before=self._prepare,
                sleep=self._sleep,
                what=call.what,
            )
        except NotFound:
            if call.is_repeatable:
                self._see_that_tradervue_is_there()
            raise

    def _see_that_tradervue_is_there(self) -> None:
        """
        Raise unless Tradervue answers the test request.

        What is not there counts as deleted only then: no other server has it either.
        """
        at = self._confirmed_at
        if at is None or not 0 <= self._clock() - at < CONFIRMED:
            self.check()
            self._confirmed_at = self._clock()

    def _ask(self, call: Call) -> Answer:
        """Send *call* once and return the answer, whatever it is."""
        self._prepare()
        return self.connection.send(call)

    def _prepare(self) -> None:
        self._pacer.wait()
        if self._before_attempt is not None:
            self._before_attempt()

    def _judged(self, call: Call, answer: Answer) -> Answer:
        """Return *answer* if it is a success; let the door know what it says of it."""
        failure = failure_of(answer, call.what, mask=self.mask)
        if self.door is not None:
            if failure is None and not is_page(answer):
                self.door.opened()
            elif isinstance(failure, AuthenticationFailed | PermissionRefused):
                self.door.refused(failure)
        if failure is not None:
            raise failure
        return answer

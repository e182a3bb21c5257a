"""One user's journal: trades in order, known executions, daily entries, notes."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from .assumptions import Assumptions
from .diary import Day, Entry, Note, days_of
from .grouping import Fill
from .times import day_of
from .trades import Book, Change, Trade

Key = tuple[object, ...]


class Numbers:
    """Numbers from *first* on, each given once, also to copies of who asks."""

    def __init__(self, first: int) -> None:
        self.next = first

    def __next__(self) -> int:
        """Return the next number."""
        self.next += 1
        return self.next - 1

    def __deepcopy__(self, _memo: object) -> "Numbers":
        """Return itself: a journal and its copy never give the same number twice."""
        return self


class Ids:
    """Where ids come from. Kinds start apart, so that one is not taken for another."""

    def __init__(self) -> None:
        self.users = Numbers(101)
        self.trades = Numbers(1001)
        self.entries = Numbers(20001)
        self.notes = Numbers(30001)
        self.comments = Numbers(40001)
        self.executions = Numbers(500001)
        # The order in which executions came in.
        self.arrivals = Numbers(1)

    def mark(self) -> tuple[int, ...]:
        """Return where the numbers are."""
        return tuple(numbers.next for numbers in vars(self).values())

    def go_to(self, mark: tuple[int, ...]) -> None:
        """Go on from *mark*."""
        for numbers, number in zip(vars(self).values(), mark, strict=True):
            numbers.next = number


class Journal:
    """What one user has: the API reads it, imports and persons change it."""

    def __init__(self, ids: Ids) -> None:
        self.ids = ids
        self.trades: dict[int, Trade] = {}
        self.entries: dict[int, Entry] = {}
        self.notes: dict[int, Note] = {}
        self.books: dict[tuple[str, str], Book] = {}
        # Open time and id of every trade, oldest first, of all symbols ("") and of
        # each: pages are slices of it.
        self._orders: dict[str, list[tuple[datetime, int]]] = {"": []}
        self._known: dict[Key, list[Fill]] = {}
        self._known_by: tuple[str, ...] | None = None
        # Trades made by imports, by the first day of the month of the import.
        self.imported: dict[date, int] = {}
        self._days: dict[date, Day] | None = None
        # Executions that somebody deleted, for those who assume they stay known.
        self._deleted: list[Fill] = []

    # Trades

    def newest_first(
        self,
        *,
        symbol: str = "",
        since: datetime | None = None,
        before: datetime | None = None,
    ) -> Iterator[Trade]:
        """Yield trades (of *symbol*) opened from *since* to short of *before*."""
        order = self._orders.get(symbol, [])
        low = bisect_left(order, (since, 0)) if since else 0
        high = bisect_left(order, (before, 0)) if before else len(order)
        for place in reversed(range(low, high)):
            yield self.trades[order[place][1]]

    def page_of(self, number: int, size: int) -> list[Trade]:
        """Return page *number* (from 1) of all trades, newest first."""
        order = self._orders[""]
        high = len(order) - (number - 1) * size
        if high <= 0:
            return []
        ids = order[max(0, high - size) : high]
        return [self.trades[trade_id] for _, trade_id in reversed(ids)]

    def open_trade(
        self, symbol: str, account_tags: tuple[str, ...], now: datetime
    ) -> Trade:
        """Make an empty trade, which is in the journal once it is touched."""
        return Trade(next(self.ids.trades), symbol, now, account_tags)

    def touch(self, trade: Trade) -> None:
        """Put *trade*, new or changed, where its open time belongs."""
        trade.answer = None
        self._days = None
        self.trades[trade.id] = trade
        place = (trade.opened_at, trade.id)
        if place == trade.place:
            return
        self._displace(trade)
        for symbol in ("", trade.symbol):
            insort(self._orders.setdefault(symbol, []), place)
        trade.place = place

    def drop(self, trade: Trade) -> None:
        """Take *trade* out of the journal; its executions are no longer in it."""
        self._displace(trade)
        self._days = None
        del self.trades[trade.id]
        self._unshelve(trade)

    def delete(self, trade: Trade) -> None:
        """Delete *trade* with its executions and comments."""
        for fill in {id(part.fill): part.fill for part in trade.parts}.values():
            self.forget(fill)
        self.drop(trade)

    def apply(self, change: Change) -> None:
        """Take over what adding executions to a book changed."""
        for trade in change.vanished:
            self._displace(trade)
            self.trades.pop(trade.id, None)
            self._unshelve(trade)
        for trade in change.touched.values():
            self.touch(trade)
            if len(trade.shelves) > 1:
                # It changed in one of its books, and the others do not know.
                for book in self._books_of(trade):
                    book.recount()

    def book_for(self, account_tag: str, symbol: str) -> Book:
        """Return the book of *symbol* under *account_tag* (empty: none)."""
        return self.books.setdefault((account_tag, symbol), Book())

    def shelve(self, trade: Trade, account_tags: tuple[str, ...]) -> None:
        """Put *trade* into the books of *account_tags*, and into no others."""
        self._unshelve(trade)
        trade.account_tags = account_tags
        self.rearrange(trade)

    def rearrange(self, trade: Trade) -> None:
        """Take over in the books of *trade* that somebody changed what it holds."""
        if trade.parts:
            for book in self._books_of(trade):
                if trade not in book.trades:
                    book.trades.append(trade)
                book.recount()

    def retag(self, trade: Trade, tags: Iterable[str]) -> None:
        """
        Give *trade* the tags that somebody wants it to have.

        An account tag is an ordinary tag that came with an import: a trade that loses
        it is no longer of that account. A trade that has lost its last one is of the
        account of any tag left on it, and one that never had any, of any tag added by
        hand, once an import has that tag as its account tag (`adopt`).
        Source: help page on account tags; what edits do to it is assumed.
        """
        former, trade.tags = trade.tags, list(dict.fromkeys(tags))
        still = tuple(tag for tag in trade.account_tags if tag in trade.tags)
        if trade.account_tags and not still:
            trade.tags_by_hand = frozenset(trade.tags)
        else:
            added = frozenset(trade.tags).difference(former)
            trade.tags_by_hand = (trade.tags_by_hand | added) & frozenset(trade.tags)
        if still != trade.account_tags:
            self.shelve(trade, still)
        self.touch(trade)

    def adopt(self, account_tag: str, symbol: str) -> None:
        """Let trades be of *account_tag* that somebody gave that tag by hand."""
        book = self.books.get(("", symbol))
        if not account_tag or book is None:
            return
        for trade in list(book.trades):
            if account_tag in trade.tags_by_hand:
                self.shelve(trade, (account_tag,))

    def _books_of(self, trade: Trade) -> list[Book]:
        return [self.book_for(tag, trade.symbol) for tag in trade.shelves]

    def _unshelve(self, trade: Trade) -> None:
        for tag in trade.shelves:
            book = self.books.get((tag, trade.symbol))
            if book and trade in book.trades:
                book.trades.remove(trade)
                book.recount()

    def _displace(self, trade: Trade) -> None:
        if trade.place is not None:
            for symbol in ("", trade.symbol):
                order = self._orders[symbol]
                del order[bisect_left(order, trade.place)]
            trade.place = None

    # Executions known to the detection of duplicates

    def twins_of(self, fill: Fill, assumptions: Assumptions) -> list[Fill]:
        """Return the known executions that *fill* cannot be told from."""
        return self._index(assumptions).get(key_of(fill, assumptions), [])

    def remember(self, fill: Fill, assumptions: Assumptions) -> None:
        """Note *fill* as known."""
        self._index(assumptions).setdefault(key_of(fill, assumptions), []).append(fill)

    def forget(self, fill: Fill) -> None:
        """Note that a person deleted *fill*, all of it or the part that was left."""
        self._deleted.append(fill)
        self._known_by = None

    def reindex(self) -> None:
        """Look at the executions anew, after a person changed one."""
        self._known_by = None

    def fills(self) -> Iterable[Fill]:
        """Return every execution of the journal, whole, once."""
        seen = {
            id(p.fill): p.fill for trade in self.trades.values() for p in trade.parts
        }
        return sorted(seen.values(), key=lambda fill: fill.arrival)

    def _index(self, assumptions: Assumptions) -> dict[Key, list[Fill]]:
        """Return the index of known executions, made anew when its key changed."""
        wanted = (
            assumptions.duplicate_precision,
            assumptions.duplicate_scope,
            assumptions.deleted_executions,
        )
        if self._known_by != wanted:
            known = list(self.fills())
            if assumptions.deleted_executions == "remembered":
                here = {id(fill) for fill in known}
                known += [fill for fill in self._deleted if id(fill) not in here]
            self._known, self._known_by = {}, wanted
            for fill in known:
                self._known.setdefault(key_of(fill, assumptions), []).append(fill)
        return self._known

    # Days and notes

    def days(self) -> dict[date, Day]:
        """Return what happened on each day with executions."""
        if self._days is None:
            self._days = days_of(self.trades.values())
        return self._days

    def entry_of(self, day: date) -> Entry | None:
        """Return the entry of *day*, if there is one."""
        return next((e for e in self.entries.values() if e.day == day), None)

    def fill_in_days(self, template: str) -> None:
        """Give each day with completed trades its entry, take back those without."""
        completed = {day for day, told in self.days().items() if told.trade_count}
        for entry in list(self.entries.values()):
            if entry.is_automatic and entry.day not in completed:
                untouched = entry.notes == template and not entry.comments
                if untouched:
                    del self.entries[entry.id]
        for day in sorted(completed - {e.day for e in self.entries.values()}):
            made = Entry(next(self.ids.entries), day, template, is_automatic=True)
            self.entries[made.id] = made

    def latest_notes(self) -> list[Note]:
        """Return the notes, last updated first."""
        return sorted(
            self.notes.values(),
            key=lambda note: (note.updated_at, note.revision),
            reverse=True,
        )


def key_of(fill: Fill, assumptions: Assumptions) -> Key:
    """Return what two executions have in common if they are taken for one."""
    when: datetime | date = fill.at
    match assumptions.duplicate_precision:
        case "second":
            when = fill.at.replace(microsecond=0)
        case "minute":
            when = fill.at.replace(second=0, microsecond=0)
        case "day":
            when = day_of(fill.at)
    tag = fill.account_tag if assumptions.duplicate_scope == "account_tag" else None
    return (when, tag, fill.symbol, fill.option, fill.quantity, fill.price)

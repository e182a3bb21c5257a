"""What a person does to a journal on the web, where the API has no call for it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Final, TypeVar

from .booking import fill_of
from .grouping import EXACT, Fill, Part, whole
from .journal import Journal
from .rows import Row, parse_number, parse_row
from .times import day_of, parse_moment
from .trades import Comment, Trade

if TYPE_CHECKING:
    from .service import Service

T = TypeVar("T")
Amount = Decimal | str | int


class Person:
    """
    The owner of a login, at work on the web.

    Ids are those that the API shows; executions to enter have the members of an import.
    Raises KeyError for an id that is not there, ValueError for what makes no sense.
    """

    def __init__(self, sandbox: "Service", login: str) -> None:
        self._sandbox = sandbox
        self._login = login

    # What is written about a trade

    def write_notes(self, trade_id: int, notes: str) -> None:
        """Replace the notes of a trade."""
        self._set(trade_id, "notes", notes)

    def tag(self, trade_id: int, *tags: str) -> None:
        """Replace the tags of a trade, account tags included (`Journal.retag`)."""
        self._work(lambda journal: journal.retag(journal.trades[trade_id], tags))

    def share(self, trade_id: int, *, shared: bool = True) -> None:
        """Share a trade with everybody, or no longer."""
        self._set(trade_id, "shared", shared)

    def set_risk(self, trade_id: int, risk: Amount | None) -> None:
        """Set the initial risk of a trade."""
        self._set(trade_id, "initial_risk", parse_number(risk))

    def comment(
        self, on: str, object_id: int, text: str, *, username: str = "somebody"
    ) -> int:
        """Comment on a trade, an entry or a note (*on*: trades, journal, notes)."""
        now = self._sandbox.time_of_day()

        def comment(journal: Journal) -> int:
            commented: dict[str, Callable[[], list[Comment]]] = {
                "trades": lambda: journal.trades[object_id].comments,
                "journal": lambda: journal.entries[object_id].comments,
                "notes": lambda: journal.notes[object_id].comments,
            }
            comments = commented[on]()
            made = Comment(next(journal.ids.comments), username, text, now)
            comments.append(made)
            if on == "trades":
                journal.touch(journal.trades[object_id])
            return made.id

        return self._work(comment)

    # Trades and their executions

    def create_trade(
        self,
        symbol: str,
        executions: Iterable[Mapping[str, object]] = (),
        *,
        notes: str = "",
        tags: Iterable[str] = (),
    ) -> int:
        """Make a trade by hand, of executions or of none; return its id."""
        now = self._sandbox.time_of_day()
        rows = self._rows(symbol, executions)
        if self._sandbox.assumptions.symbol_case == "upper":
            symbol = symbol.upper()
        tagged = list(tags)

        def create(journal: Journal) -> int:
            trade = journal.open_trade(symbol, (), now)
            trade.notes = notes
            journal.retag(trade, tagged)
            self._enter(journal, trade, rows)
            return trade.id

        return self._work(create)

    def add_executions(
        self, trade_id: int, executions: Iterable[Mapping[str, object]]
    ) -> list[int]:
        """Enter executions by hand in a trade; return their ids."""
        with self._sandbox.lock:
            rows = self._rows(self._trade(trade_id).symbol, executions)
            return self._work(
                lambda journal: self._enter(journal, journal.trades[trade_id], rows)
            )

    def close_position(
        self, trade_id: int, price: Amount, *, at: datetime | str | None = None
    ) -> list[int]:
        """Enter what closes a trade, *at* a time or now; return the executions' ids."""
        moment = self._sandbox.time_of_day() if at is None else at
        text = moment.isoformat() if isinstance(moment, datetime) else moment
        with self._sandbox.lock:
            rows = [
                {"option": leg, "quantity": -held, "price": price, "datetime": text}
                for leg, held in self._trade(trade_id).tally.held.items()
                if held
            ]
            if not rows:
                raise ValueError(f"trade {trade_id} is not open")
            return self.add_executions(trade_id, rows)

    def edit_execution(
        self,
        trade_id: int,
        execution_id: int,
        *,
        at: datetime | str | None = None,
        quantity: Amount | None = None,
        price: Amount | None = None,
    ) -> None:
        """Correct an execution: when, how much (of the part shown), for how much."""
        moment = None
        if at is not None:
            text = at.isoformat() if isinstance(at, datetime) else at
            moment = parse_moment(text, self._sandbox.assumptions)
        size, paid = parse_number(quantity), parse_number(price)
        if size is not None and not size:
            raise ValueError("an execution of nothing is to be deleted")

        def correct(journal: Journal) -> None:
            trade, part = _found(journal, trade_id, execution_id)
            fill = part.fill
            fill.at = fill.at if moment is None else moment
            fill.price = fill.price if paid is None else paid
            parts = [each for each in trade.parts if each is not part]
            if size is not None:
                fill.quantity += size - part.quantity
                # Fees stay with the trade that has them.
                part = Part(
                    fill,
                    size,
                    part.commission,
                    part.trans_fee,
                    part.ecn_fee,
                    part.is_remainder,
                )
            _rearrange(journal, trade, [*parts, part])
            # The other half of a flip shows the new time and price too.
            for other in journal.trades.values():
                if any(each.fill is fill for each in other.parts):
                    _rearrange(journal, other, other.parts)
            journal.reindex()

        self._work(correct)

    def delete_execution(self, trade_id: int, execution_id: int) -> None:
        """Delete an execution; with the last one its trade goes too."""

        def delete(journal: Journal) -> None:
            trade, part = _found(journal, trade_id, execution_id)
            kept = [each for each in trade.parts if each is not part]
            journal.forget(part.fill)
            if kept:
                _rearrange(journal, trade, kept)
            else:
                journal.drop(trade)

        self._work(delete)

    def delete_trade(self, trade_id: int) -> None:
        """Delete a trade with its executions and comments."""
        self._work(lambda journal: journal.delete(journal.trades[trade_id]))

    def split(self, trade_id: int, execution_ids: Iterable[int]) -> int:
        """Split executions off into a trade of their own; return its id."""
        wanted = set(execution_ids)

        def split(journal: Journal) -> int:
            trade = journal.trades[trade_id]
            off = [part for part in trade.parts if part.id in wanted]
            kept = [part for part in trade.parts if part.id not in wanted]
            if len(off) != len(wanted) or not off or not kept:
                raise KeyError(f"trade {trade_id} has no such part: {sorted(wanted)}")
            made = journal.open_trade(
                trade.symbol, trade.account_tags, trade.created_at
            )
            made.tags, made.tags_by_hand = list(trade.tags), trade.tags_by_hand
            _rearrange(journal, trade, kept)
            _rearrange(journal, made, off)
            return made.id

        return self._work(split)

    def merge(self, *trade_ids: int) -> int:
        """Merge trades of one symbol into the earliest; return its id."""
        form = self._sandbox.assumptions.merged_account_tag

        def merge(journal: Journal) -> int:
            trades = sorted(
                (journal.trades[trade_id] for trade_id in dict.fromkeys(trade_ids)),
                key=lambda trade: (trade.opened_at, trade.id),
            )
            first, *others = trades
            if any(other.symbol != first.symbol for other in others):
                raise ValueError("only trades of one symbol can be merged")
            parts = [part for trade in trades for part in trade.parts]
            account_tags = tuple(
                dict.fromkeys(tag for each in trades for tag in each.account_tags)
            )
            for other in others:
                first.inherit(other)
                journal.drop(other)
            if form == "none" and len(account_tags) > 1:
                left = [tag for tag in first.tags if tag not in account_tags]
                journal.retag(first, left)
                account_tags = ()
            journal.shelve(first, account_tags[:1] if form == "first" else account_tags)
            _rearrange(journal, first, parts)
            return first.id

        return self._work(merge)

    def steal_status(self) -> bool:
        """Read the result of the import, if there is one; tell whether there was."""
        with self._sandbox.lock:
            return self._sandbox.account(self._login).slot.clear()

    def _trade(self, trade_id: int) -> Trade:
        return self._sandbox.account(self._login).journal.trades[trade_id]

    def _work(self, change: Callable[[Journal], T]) -> T:
        """Do *change*, shown at once unless all that is read lags behind."""
        with self._sandbox.lock, localcontext(EXACT):
            account = self._sandbox.account(self._login)
            if self._sandbox.assumptions.read_delay_form == "replica":
                return change(account.journal)
            return account.edit(self._sandbox.elapsed(), change)

    def _set(self, trade_id: int, member: str, value: object) -> None:
        def change(journal: Journal) -> None:
            trade = journal.trades[trade_id]
            setattr(trade, member, value)
            journal.touch(trade)

        self._work(change)

    def _rows(
        self, symbol: str, executions: Iterable[Mapping[str, object]]
    ) -> list[Row]:
        """Return *executions* as an import would read them, or raise ValueError."""
        today = day_of(self._sandbox.time_of_day())
        return [
            parse_row({"symbol": symbol, **raw}, self._sandbox.assumptions, today)
            for raw in executions
        ]

    def _enter(self, journal: Journal, trade: Trade, rows: list[Row]) -> list[int]:
        """Let *trade* hold *rows* besides what it holds; return their ids."""
        assumptions = self._sandbox.assumptions
        fills: list[Fill] = []
        for row in rows:
            fill = fill_of(journal, row, assumptions)
            fill.account_tag = trade.shelves[0]
            journal.remember(fill, assumptions)
            fills.append(fill)
        _rearrange(journal, trade, [*trade.parts, *map(whole, fills)])
        return [fill.ids[0] for fill in fills]


def _found(journal: Journal, trade_id: int, execution_id: int) -> tuple[Trade, Part]:
    trade = journal.trades[trade_id]
    for part in trade.parts:
        if part.id == execution_id:
            return trade, part
    raise KeyError(execution_id)


def _rearrange(journal: Journal, trade: Trade, parts: list[Part]) -> None:
    """Let *trade* hold *parts*; what a person arranged, no import rearranges."""
    trade.is_pinned = True
    trade.hold(parts)
    journal.touch(trade)
    journal.rearrange(trade)


# What ``POST /_sandbox/person`` can ask for: everything public above.
ACTIONS: Final = frozenset(name for name in vars(Person) if not name.startswith("_"))

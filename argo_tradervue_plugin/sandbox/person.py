"""What a person does to a journal on the web, where the API has no call for it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Final

from .booking import fill_of
from .grouping import EXACT, Part, whole
from .journal import Journal
from .rows import parse_row
from .times import day_of, parse_moment
from .trades import Comment, Trade

if TYPE_CHECKING:
    from .service import Sandbox


class Person:
    """
    The owner of a login, at work on the web.

    Ids are those that the API shows. Raises KeyError for one that is not there.
    """

    def __init__(self, sandbox: "Sandbox", login: str) -> None:
        self._sandbox = sandbox
        self._login = login

    def write_notes(self, trade_id: int, notes: str) -> None:
        """Replace the notes of a trade."""
        self._edit(trade_id, lambda trade: setattr(trade, "notes", notes))

    def tag(self, trade_id: int, *tags: str) -> None:
        """Replace the tags of a trade."""
        self._edit(trade_id, lambda trade: setattr(trade, "tags", list(tags)))

    def share(self, trade_id: int, *, shared: bool = True) -> None:
        """Share a trade with everybody, or no longer."""
        self._edit(trade_id, lambda trade: setattr(trade, "shared", shared))

    def set_risk(self, trade_id: int, risk: Decimal | str | int | None) -> None:
        """Set the initial risk of a trade."""
        amount = None if risk is None else Decimal(str(risk))
        self._edit(trade_id, lambda trade: setattr(trade, "initial_risk", amount))

    def delete_trade(self, trade_id: int) -> None:
        """Delete a trade with its executions and comments."""
        with self._sandbox.lock:
            journal = self._journal()
            journal.delete(journal.trades[trade_id])

    def delete_execution(self, trade_id: int, execution_id: int) -> None:
        """Delete an execution; with the last one its trade goes too."""
        with self._sandbox.lock, localcontext(EXACT):
            journal = self._journal()
            trade, part = _found(journal, trade_id, execution_id)
            kept = [each for each in trade.parts if each is not part]
            journal.forget(part.fill)
            if kept:
                self._rearrange(journal, trade, kept)
            else:
                journal.drop(trade)

    def edit_execution(
        self,
        trade_id: int,
        execution_id: int,
        *,
        at: datetime | str | None = None,
        quantity: Decimal | str | int | None = None,
        price: Decimal | str | int | None = None,
    ) -> None:
        """Correct an execution: when, how much (of the part shown), for how much."""
        with self._sandbox.lock, localcontext(EXACT):
            journal = self._journal()
            trade, part = _found(journal, trade_id, execution_id)
            fill = part.fill
            if at is not None:
                text = at.isoformat() if isinstance(at, datetime) else at
                fill.at = parse_moment(text, self._sandbox.assumptions)
            if price is not None:
                fill.price = Decimal(str(price))
            parts = [each for each in trade.parts if each is not part]
            if quantity is not None:
                fill.quantity += Decimal(str(quantity)) - part.quantity
                # Fees stay with the trade that has them.
                part = Part(
                    fill,
                    Decimal(str(quantity)),
                    part.commission,
                    part.trans_fee,
                    part.ecn_fee,
                    part.is_remainder,
                )
            self._rearrange(journal, trade, [*parts, part])
            # The other half of a flip shows the new time and price too.
            for other in journal.trades.values():
                if any(each.fill is fill for each in other.parts):
                    self._rearrange(journal, other, other.parts)
            journal.reindex()

    def split(self, trade_id: int, execution_ids: Iterable[int]) -> int:
        """Split executions off into a trade of their own; return its id."""
        with self._sandbox.lock, localcontext(EXACT):
            journal = self._journal()
            trade = journal.trades[trade_id]
            wanted = set(execution_ids)
            off = [part for part in trade.parts if part.id in wanted]
            kept = [part for part in trade.parts if part.id not in wanted]
            if len(off) != len(wanted) or not off or not kept:
                raise KeyError(f"trade {trade_id} has no such part: {sorted(wanted)}")
            made = journal.open_trade(trade.symbol, trade.account_tag, trade.created_at)
            made.tags = list(trade.tags)
            self._rearrange(journal, trade, kept)
            self._rearrange(journal, made, off)
            return made.id

    def merge(self, *trade_ids: int) -> int:
        """Merge trades of one symbol into the earliest; return its id."""
        with self._sandbox.lock, localcontext(EXACT):
            journal = self._journal()
            trades = sorted(
                (journal.trades[trade_id] for trade_id in trade_ids),
                key=lambda trade: (trade.opened_at, trade.id),
            )
            first, *others = trades
            if any(other.symbol != first.symbol for other in others):
                raise ValueError("only trades of one symbol can be merged")
            parts = [part for trade in trades for part in trade.parts]
            for other in others:
                first.inherit(other)
                journal.drop(other)
            self._rearrange(journal, first, parts)
            return first.id

    def create_trade(
        self,
        symbol: str,
        executions: Iterable[Mapping[str, object]] = (),
        *,
        notes: str = "",
        tags: Iterable[str] = (),
    ) -> int:
        """Make a trade by hand, of *executions* as an import has them, or of none."""
        with self._sandbox.lock, localcontext(EXACT):
            journal, assumptions = self._journal(), self._sandbox.assumptions
            now = self._sandbox.now()
            fills = [
                fill_of(
                    journal,
                    parse_row({"symbol": symbol, **row}, assumptions, day_of(now)),
                    assumptions,
                )
                for row in executions
            ]
            trade = journal.open_trade(symbol, "", now)
            trade.notes, trade.tags = notes, list(tags)
            for fill in fills:
                journal.remember(fill, assumptions)
            self._rearrange(journal, trade, [whole(fill) for fill in fills])
            return trade.id

    def comment(
        self, on: str, object_id: int, text: str, *, username: str = "somebody"
    ) -> int:
        """Comment on a trade, an entry or a note (*on*: trades, journal, notes)."""
        with self._sandbox.lock:
            journal = self._journal()
            commented: dict[str, Callable[[], list[Comment]]] = {
                "trades": lambda: journal.trades[object_id].comments,
                "journal": lambda: journal.entries[object_id].comments,
                "notes": lambda: journal.notes[object_id].comments,
            }
            comment = Comment(
                next(journal.ids.comments), username, text, self._sandbox.now()
            )
            commented[on]().append(comment)
            if on == "trades":
                journal.touch(journal.trades[object_id])
            return comment.id

    def steal_status(self) -> bool:
        """Read the result of the import, if there is one; tell whether there was."""
        with self._sandbox.lock:
            return self._sandbox.account(self._login).slot.clear()

    def _journal(self) -> Journal:
        return self._sandbox.account(self._login).journal

    def _edit(self, trade_id: int, change: Callable[[Trade], None]) -> None:
        with self._sandbox.lock:
            journal = self._journal()
            trade = journal.trades[trade_id]
            change(trade)
            journal.touch(trade)

    def _rearrange(self, journal: Journal, trade: Trade, parts: list[Part]) -> None:
        """Let *trade* hold *parts*; what a person arranged, no import rearranges."""
        trade.is_pinned = True
        trade.hold(parts)
        journal.touch(trade)
        if parts:
            book = journal.book_for(trade.account_tag, trade.symbol)
            if trade not in book.trades:
                book.trades.append(trade)
            book.recount()


def _found(journal: Journal, trade_id: int, execution_id: int) -> tuple[Trade, Part]:
    trade = journal.trades[trade_id]
    for part in trade.parts:
        if part.id == execution_id:
            return trade, part
    raise KeyError(execution_id)


# What ``POST /_sandbox/person`` can ask for: everything public above.
ACTIONS: Final = frozenset(name for name in vars(Person) if not name.startswith("_"))

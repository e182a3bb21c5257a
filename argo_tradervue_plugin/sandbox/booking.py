"""
What an import does to a journal once it is processed.

Rows are judged one by one, a bad one makes the import fail; duplicates, rows that the
plan does not allow and trades above the quota are left out and counted.
Source: API documentation, imports; help pages on quota and account tags.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

from .assumptions import Assumptions
from .grouping import ZERO, Fill, group, with_fees
from .journal import Journal, Key, key_of
from .rows import BadRow, Row, parse_row
from .symbols import multiplier_of
from .times import day_of
from .trades import Trade, window_of


@dataclass(frozen=True)
class Failure:
    """A failure to be: the 1-based row, what it has, whether the answer numbers it."""

    row: int
    reason: str
    is_numbered: bool = True


@dataclass(frozen=True, kw_only=True)
class Order:
    """An import as it was posted, its shape already judged."""

    rows: Sequence[Mapping[str, object]]
    received_at: datetime
    allow_duplicates: bool = False
    overlay_commissions: bool = False
    tags: tuple[str, ...] = ()
    account_tag: str = ""
    # A fault's doing.
    failure: Failure | None = None
    # What the statistics tell of it.
    log: dict[str, object] = field(default_factory=dict)


@dataclass(kw_only=True)
class Outcome:
    """The ``info`` of a finished import, and whether it failed."""

    exec_count: int = 0
    duplicate_count: int = 0
    overquota_count: int = 0
    skipped: set[str] = field(default_factory=set)
    error: str | None = None
    error_row: int | None = None

    @property
    def status(self) -> str:
        """``succeeded`` or ``failed``."""
        return "succeeded" if self.error is None else "failed"

    def info(self) -> dict[str, object]:
        """Return the members of ``info``; those of the error only if there is one."""
        told: dict[str, object] = {
            "exec_count": self.exec_count,
            "duplicate_count": self.duplicate_count,
            "overquota_count": self.overquota_count,
            "skipped_futures": "future" in self.skipped,
            "skipped_options": "option" in self.skipped,
            "skipped_forex": "forex" in self.skipped,
        }
        if self.error is not None:
            told["error_description"] = self.error
            if self.error_row is not None:
                told["error_execnumber"] = self.error_row
        return told


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The terms of one user: plan (lower case) and settings that shape an import."""

    plan: str
    merge_mode: str = "normal"
    # Per share or contract, by kind, for executions that do not say.
    commissions: Mapping[str, Decimal] = field(default_factory=dict)


# What each plan leaves out. Source: help pages on quota and the generic import format.
_NOT_ALLOWED: Mapping[str, frozenset[str]] = {
    "free": frozenset({"option", "future", "forex"}),
    "silver": frozenset(),
    "gold": frozenset(),
}


def process(
    journal: Journal, order: Order, terms: Terms, assumptions: Assumptions
) -> Outcome:
    """Do what *order* asks for to *journal*; return how it came out."""
    outcome = Outcome()
    is_untagged_plan = bool(order.account_tag) and terms.plan == "free"
    if is_untagged_plan and assumptions.account_tag_on_free == "failed":
        # The import as a whole, whatever its rows are: no row is numbered.
        outcome.error = assumptions.account_tag_refusal
        return outcome
    rows = _judged(order, assumptions, outcome)
    if outcome.error is not None and assumptions.bad_row == "rejects_all":
        return outcome
    if assumptions.exec_count == "handled":
        outcome.exec_count = len(rows)
    barred = _NOT_ALLOWED[terms.plan]
    outcome.skipped = {row.kind for row in rows if row.kind in barred}
    rows = [row for row in rows if row.kind not in barred]
    Booking(journal, order, terms, assumptions, outcome).book(rows)
    return outcome


def _judged(order: Order, assumptions: Assumptions, outcome: Outcome) -> list[Row]:
    """Return the rows to be stored; note the first bad one in *outcome*."""
    rows: list[Row] = []
    today = day_of(order.received_at)
    planned = order.failure
    # A failure at a row that the import does not have is one at its last.
    doomed = min(planned.row, len(order.rows)) if planned else 0
    for number, raw in enumerate(order.rows, start=1):
        try:
            if planned and number == doomed:
                raise BadRow(planned.reason)  # noqa: TRY301 (as a bad row does)
            rows.append(parse_row(raw, assumptions, today))
        except BadRow as bad:
            if outcome.error is None:
                outcome.error = f"{assumptions.bad_row_text} {bad}"
                is_numbered = planned is None or planned.is_numbered
                outcome.error_row = number if is_numbered else None
            if assumptions.bad_row != "keeps_others":
                break
    return rows


def fill_of(journal: Journal, row: Row, assumptions: Assumptions) -> Fill:
    """Return *row* as an execution that *journal* may take; unknown fees are zero."""
    return Fill(
        at=row.at,
        arrival=next(journal.ids.arrivals),
        symbol=row.symbol,
        option=row.option,
        quantity=row.quantity,
        price=row.price,
        commission=row.commission or ZERO,
        trans_fee=row.trans_fee or ZERO,
        ecn_fee=row.ecn_fee or ZERO,
        multiplier=multiplier_of(row.symbol, row.option, assumptions),
        # The second id is for the part that a flip may leave.
        ids=[next(journal.ids.executions) for _ in range(2)],
    )


class Booking:
    """The storing of the rows of one import."""

    def __init__(
        self,
        journal: Journal,
        order: Order,
        terms: Terms,
        assumptions: Assumptions,
        outcome: Outcome,
    ) -> None:
        self.journal = journal
        self.order = order
        self.terms = terms
        self.assumptions = assumptions
        self.outcome = outcome
        self.account_tag = order.account_tag
        self.tags = list(dict.fromkeys(order.tags))
        if terms.plan == "free" and order.account_tag:
            self.account_tag = ""
            if assumptions.account_tag_on_free == "tag":
                self._add_tag(order.account_tag)
        elif order.account_tag:
            self._add_tag(order.account_tag)

    def book(self, rows: list[Row]) -> None:
        """Store *rows*, or lay their fees over what is there."""
        if self.order.overlay_commissions:
            self._overlay(rows)
            return
        # By symbol in the order of first appearance, then by date. Source: help page
        # on the quota.
        by_symbol: dict[str, list[Fill]] = {}
        for row in rows:
            by_symbol.setdefault(row.symbol, []).append(self._fill_of(row))
        is_one_by_one = (
            self.terms.plan == "free"
            or self.assumptions.account_tag_matching != "strict"
        )
        for symbol, fills in by_symbol.items():
            fills.sort(key=attrgetter("order"))
            self.journal.adopt(self.account_tag, symbol)
            fresh = self._without_duplicates(fills)
            if is_one_by_one:
                self._add_one_by_one(symbol, fresh)
            elif fresh:
                self._add(symbol, self.account_tag, fresh)

    def _add_tag(self, tag: str) -> None:
        if tag not in self.tags:
            self.tags.append(tag)

    def _fill_of(self, row: Row) -> Fill:
        """Return *row* as an execution, with the fees that the plan and user have."""
        commission = row.commission
        if commission is None and self.assumptions.default_commissions == "applied":
            commission = self.terms.commissions.get(row.kind, ZERO) * abs(row.quantity)
        fill = fill_of(self.journal, row, self.assumptions)
        fill.account_tag = self.account_tag
        fill.commission = commission or ZERO
        if not self._keeps_fees():
            fill.commission = fill.trans_fee = fill.ecn_fee = ZERO
        return fill

    def _keeps_fees(self) -> bool:
        return (
            self.terms.plan == "gold"
            or self.assumptions.commission_below_gold == "kept"
        )

    def _without_duplicates(self, fills: list[Fill]) -> list[Fill]:
        """Return those of *fills* that are to be stored; count and drop the others."""
        if self.order.allow_duplicates:
            return fills
        fresh: list[Fill] = []
        seen: set[Key] = set()
        keeps_twins = self.assumptions.twins_in_one_import == "kept"
        for fill in fills:
            key = key_of(fill, self.assumptions)
            is_known = bool(self.journal.twins_of(fill, self.assumptions))
            if is_known or (key in seen and not keeps_twins):
                self.outcome.duplicate_count += 1
            else:
                seen.add(key)
                fresh.append(fill)
        return fresh

    def _add(self, symbol: str, account_tag: str, fills: list[Fill]) -> int:
        """Store *fills* in one book; return how many trades that made."""
        made: list[Trade] = []

        def open_trade() -> Trade:
            made.append(self._new_trade(symbol, account_tag))
            return made[-1]

        for fill in fills:
            self.journal.remember(fill, self.assumptions)
        book = self.journal.book_for(account_tag, symbol)
        change = book.add(fills, self.assumptions, self.terms.merge_mode, open_trade)
        self.journal.apply(change)
        if self.assumptions.exec_count == "stored":
            self.outcome.exec_count += len(fills)
        return len(made)

    def _new_trade(self, symbol: str, account_tag: str) -> Trade:
        """Make the trade that an execution starts, as the user's settings have it."""
        own = (account_tag,) if account_tag else ()
        trade = self.journal.open_trade(symbol, own, self.order.received_at)
        trade.tags = list(self.tags)
        if account_tag and account_tag not in trade.tags:
            trade.tags.append(account_tag)
        if self.assumptions.import_notes == "template":
            trade.notes = self.assumptions.notes_template
        trade.initial_risk = self.assumptions.default_initial_risk
        return trade

    def _add_one_by_one(self, symbol: str, fills: list[Fill]) -> None:
        """
        Store *fills* as far as the quota reaches.

        What belongs to a trade that is there is stored whatever the quota says, so that
        no trade is left half; from the first trade above it on, the rest of the symbol
        is left out. Source: help page on the quota.
        """
        month = day_of(self.order.received_at).replace(day=1)
        quota = self.assumptions.quota if self.terms.plan == "free" else None
        left_out: list[Fill] = []
        for fill in fills:
            tag = self._matched_tag(symbol)
            book = self.journal.book_for(tag, symbol)
            starts = book.starts_trade(fill, self.assumptions, self.terms.merge_mode)
            used = self.journal.imported.get(month, 0)
            is_above = bool(left_out) or (starts and used >= (quota or 0))
            if quota is not None and is_above and not book.is_held_at(fill.at):
                left_out.append(fill)
            else:
                made = self._add(symbol, tag, [fill])
                self.journal.imported[month] = used + made
        if self.assumptions.overquota_unit == "executions":
            self.outcome.overquota_count += len(left_out)
        elif left_out:
            window = window_of(self.assumptions, self.terms.merge_mode)
            self.outcome.overquota_count += len(group(left_out, window=window)) - 1

    def _matched_tag(self, symbol: str) -> str:
        """Return the account tag whose position the next execution belongs to."""
        own = self.account_tag
        if self.assumptions.account_tag_matching == "strict":
            return own
        held = {
            tag: trade
            for (tag, name), book in self.journal.books.items()
            if name == symbol and (trade := book.current()) and trade.tally.is_open
        }
        if own in held or not held:
            return own
        if own and "" in held:
            return ""
        # One trade may be open under several account tags: see `merged_account_tag`.
        is_one = len({trade.id for trade in held.values()}) == 1
        return next(iter(held)) if not own and is_one else own

    def _overlay(self, rows: list[Row]) -> None:
        """
        Put the fees of *rows* on the executions that they cannot be told from.

        No trade is made. A row whose fee is blank leaves that fee as it is; equal rows
        go to equal executions one by one.
        """
        if not self._keeps_fees():
            return
        # Not of those that are known though they were deleted.
        unused = {id(fill) for fill in self.journal.fills()}
        is_proportional = self.assumptions.flip_fees == "proportional"
        changed: set[int] = set()
        for row in rows:
            twins = self.journal.twins_of(self._fill_of(row), self.assumptions)
            fill = next((twin for twin in twins if id(twin) in unused), None)
            if fill is None:
                continue
            unused.remove(id(fill))
            changed.add(id(fill))
            fill.commission = _or(row.commission, fill.commission)
            fill.trans_fee = _or(row.trans_fee, fill.trans_fee)
            fill.ecn_fee = _or(row.ecn_fee, fill.ecn_fee)
            if self.assumptions.exec_count == "stored":
                self.outcome.exec_count += 1
        for trade in list(self.journal.trades.values()):
            if any(id(part.fill) in changed for part in trade.parts):
                trade.hold(
                    with_fees(part, part.fill, is_proportional=is_proportional)
                    for part in trade.parts
                )
                self.journal.touch(trade)


def _or(new: Decimal | None, old: Decimal) -> Decimal:
    return old if new is None else new

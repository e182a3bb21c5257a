"""
What a comparison of host and journal came to, and the list that is made of it.

Money is in dollars, the journal's less the host's; days and times are New York's.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import attrs

from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.model.executions import LONGEST_SYMBOL
from argo_tradervue_plugin.model.journal import JournalTrade

__all__ = [
    "CAUSES",
    "NOTHING",
    "Accepted",
    "Basic",
    "Difference",
    "Line",
    "Missing",
    "Money",
    "Outcome",
    "Place",
    "Report",
    "Totals",
    "total_of",
]

ZERO: Final = Decimal(0)
# What a part of the difference between the totals comes from. The last three are no
# differences: how netted trades are grouped, costs that the host does not know, and
# less than a cent.
CAUSES: Final = (
    "missing",
    "different",
    "shared",
    "unknown",
    "accepted",
    "netting",
    "unknown_costs",
    "rounding",
)
SUMS: Final = CAUSES[-3:]


@attrs.frozen
class Money:
    """Profit before costs, commission and fees; dollars."""

    gross_pl: Decimal = ZERO
    commission: Decimal = ZERO
    fees: Decimal = ZERO

    @classmethod
    def of(cls, row: JournalTrade) -> "Money":
        """Return what the journal shows of a trade; what it leaves out is nothing."""
        return cls(row.gross_pl or ZERO, row.commission or ZERO, row.fees or ZERO)

    def __add__(self, other: "Money") -> "Money":
        return Money(
            self.gross_pl + other.gross_pl,
            self.commission + other.commission,
            self.fees + other.fees,
        )

    def __neg__(self) -> "Money":
        return Money(-self.gross_pl, -self.commission, -self.fees)

    def __sub__(self, other: "Money") -> "Money":
        return self + -other

    def __bool__(self) -> bool:
        return bool(self.gross_pl or self.commission or self.fees)

    def as_json(self) -> dict[str, object]:
        """Return the same as texts, to the last digit."""
        return {name: f"{value:f}" for name, value in attrs.asdict(self).items()}


NOTHING: Final = Money()


def total_of(some: Iterable[Money]) -> Money:
    """Return the sum of *some* money."""
    return sum(some, NOTHING)


def short_symbol(symbol: str) -> str:
    """Return *symbol* in short; a host or a person may have made it of any length."""
    return one_line(symbol, LONGEST_SYMBOL)


@attrs.frozen(kw_only=True)
class Place:
    """
    What is said of a trade that is in the list as such, and the money it stands for.

    *shown* is what a journal trade is, in words.
    """

    symbol: str = attrs.field(default="", converter=short_symbol)
    day: date | None = None
    money: Money = NOTHING
    shown: str = ""


@attrs.frozen(kw_only=True)
class Missing:
    """
    A host trade that the journal does not show, and how its delivery is.

    *gross_pl* and *commission* are the host's.
    """

    trade_id: str
    symbol: str
    state: str
    reason: str | None
    gross_pl: Decimal
    commission: Decimal = ZERO
    day: date | None = None

    @property
    def money(self) -> Money:
        """Return what the journal lacks."""
        return -Money(self.gross_pl, self.commission)


@attrs.frozen(kw_only=True)
class Difference:
    """
    One field of one trade that is not the same on both sides, both in words.

    The *money* of a trade is on one of its fields: each figure on its own, where that
    differs, or on the first.
    """

    trade_id: str
    journal_id: int
    field: str
    host: str
    journal: str
    symbol: str = ""
    day: date | None = None
    money: Money = NOTHING


@attrs.frozen(kw_only=True)
class Outcome:
    """
    What a person should know of a trade beside its state, and what helps.

    *code* is stable, *sentence* and *next_step* are for the person; *host* and *sent*
    are both sides in words. *journal_id* is None where the trade is nowhere.
    """

    trade_id: str
    journal_id: int | None
    code: str
    host: str
    sent: str
    sentence: str
    next_step: str
    symbol: str = ""
    day: date | None = None


@attrs.frozen(kw_only=True)
class Accepted:
    """
    What a person has accepted as it is.

    A host trade and where it is, None: nowhere; or a journal trade that is of no host
    trade.
    """

    trade_id: str | None
    journal_id: int | None
    symbol: str = ""
    day: date | None = None
    money: Money = NOTHING


@attrs.frozen(kw_only=True)
class Basic:
    """
    A journal trade without executions that is not ours.

    *of_host* says that an old sync of the host made it, as its notes show.
    """

    journal_id: int
    symbol: str
    day: date | None = None
    comments: int = 0
    of_host: bool = False


@attrs.frozen(kw_only=True)
class Totals:
    """Sums over the trades of one side; dollars. A host knows no fees."""

    trades: int
    gross_pl: Decimal
    commission: Decimal
    fees: Decimal = ZERO

    @property
    def money(self) -> Money:
        """Return the sums."""
        return Money(self.gross_pl, self.commission, self.fees)

    def as_json(self) -> dict[str, object]:
        """Return the same as JSON has it; money as texts."""
        return {"trades": self.trades, **self.money.as_json()}


@attrs.frozen(kw_only=True)
class Line:
    """
    A line of the list: what is not the same, where, and the money it stands for.

    *field*, *host* and *journal* are in words. The last lines are sums that are no
    differences, without a trade.
    """

    what: str
    trade_ids: tuple[str, ...] = ()
    journal_id: int | None = None
    symbol: str = ""
    day: date | None = None
    field: str = ""
    host: str = ""
    journal: str = ""
    money: Money = NOTHING


@attrs.frozen(kw_only=True)
class Report:
    """
    What a comparison came to. Every host trade and every journal trade is in exactly
    one list, but for our basic trades: they hold no executions, and stand for what is
    missing. *outcomes* are beside the lists; a trade with one is not matched.

    *matched* pairs a host trade with its journal trade. *different* names each field
    that differs, *shared* the journal trades that hold several host trades which cannot
    be kept apart, *unknown_tagged* and *unknown_untagged* the journal trades that
    belong to no host trade, *duplicated* those that repeat a host trade's; *places*
    says more of such journal trades. *unusable* are host trades that make no sense,
    with the reason, *named* says more of those. *accepted* is what would be in one of
    the other lists, if a person had not accepted it. *basics* hold no executions and
    are not ours, *beyond* are those of trades of ours of which the outbox knows no more
    than where they are.

    *causes* is what the difference between the totals comes from. *unknown_costs*
    counts the trades whose costs the host does not know. *pages* is the address to
    which the id of a journal trade is added.
    """

    matched: tuple[tuple[str, int], ...]
    missing: tuple[Missing, ...]
    different: tuple[Difference, ...]
    shared: Mapping[int, tuple[str, ...]]
    duplicated: tuple[tuple[str, int], ...]
    unknown_tagged: tuple[int, ...]
    unknown_untagged: tuple[int, ...]
    host: Totals
    journal: Totals
    causes: Mapping[str, Money] = attrs.field(factory=dict)
    unusable: tuple[tuple[str, str], ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    basics: tuple[Basic, ...] = ()
    beyond: tuple[int, ...] = ()
    places: Mapping[int, Place] = attrs.field(factory=dict)
    named: Mapping[str, Place] = attrs.field(factory=dict)
    unknown_costs: int = 0
    pages: str = ""

    @property
    def is_clean(self) -> bool:
        """Tell whether the journal says what the host did, and nothing else of ours."""
        return not (
            self.missing
            or self.different
            or self.shared
            or self.duplicated
            or self.unknown_tagged
            or self.unusable
            or self.outcomes
        )

    @property
    def money(self) -> Money:
        """Return the journal's totals less the host's."""
        return self.journal.money - self.host.money

    @property
    def difference(self) -> Decimal:
        """Return the journal's gross profit less the host's, dollars."""
        return self.money.gross_pl

    @property
    def explained(self) -> Mapping[str, Decimal]:
        """Return what the difference of the gross profit comes from, by cause."""
        return {cause: money.gross_pl for cause, money in self.causes.items()}

    @property
    def host_basics(self) -> tuple[Basic, ...]:
        """Return what old syncs of the host made."""
        return tuple(basic for basic in self.basics if basic.of_host)

    def address(self, journal_id: int | None) -> str | None:
        """Return where a person sees a journal trade."""
        if journal_id is None or not self.pages:
            return None
        return f"{self.pages}{journal_id}"

    def lines(self) -> Iterator[Line]:
        """
        Yield the list: everything that is not the same, with the money it stands for.

        What is no difference comes last: what is accepted, what holds no executions,
        and sums. All lines together are the difference between the totals.
        """
        yield from map(line_of_missing, self.missing)
        yield from map(line_of_difference, self.different)
        for journal_id, trades in self.shared.items():
            yield self._line("shared", journal_id, trades, f"{len(trades)} trades")
        for trade_id, journal_id in self.duplicated:
            yield self._line("duplicated", journal_id, (trade_id,), "one trade")
        for journal_id in self.unknown_tagged:
            yield self._line("unknown, with our tag", journal_id, (), "no trade")
        for trade_id, reason in self.unusable:
            place = self.named.get(trade_id, Place())
            yield Line(
                what="unusable",
                trade_ids=(trade_id,),
                symbol=place.symbol,
                day=place.day,
                host=reason,
            )
        yield from map(line_of_outcome, self.outcomes)
        yield from map(line_of_accepted, self.accepted)
        yield from map(line_of_basic, self.basics)
        for cause in SUMS:
            if money := self.causes.get(cause, NOTHING):
                yield Line(what=cause.replace("_", " "), money=money)

    def _line(
        self, what: str, journal_id: int, trades: tuple[str, ...], host: str
    ) -> Line:
        place = self.places.get(journal_id, Place())
        return Line(
            what=what,
            trade_ids=trades,
            journal_id=journal_id,
            symbol=place.symbol,
            day=place.day,
            field="trade",
            host=host,
            journal=place.shown,
            money=place.money,
        )

    def as_json(self) -> dict[str, object]:
        """
        Return the same as JSON has it; money as texts, to the last digit.

        Outcomes, what is accepted, what holds no executions and what is beyond are
        absent where there are none.
        """
        rare: dict[str, object] = {
            name: [self._as_json(one) for one in some]
            for name in ("outcomes", "accepted", "basics")
            if (some := getattr(self, name))
        }
        if self.beyond:
            rare["beyond"] = list(self.beyond)
        return {
            "clean": self.is_clean,
            "matched": len(self.matched),
            "missing": [
                self._as_json(m) | {"gross_pl": f"{m.gross_pl:f}"} for m in self.missing
            ],
            "different": [self._as_json(d) for d in self.different],
            "shared": {str(k): list(v) for k, v in self.shared.items()},
            "duplicated": [list(pair) for pair in self.duplicated],
            "unknown_tagged": list(self.unknown_tagged),
            "unknown_untagged": list(self.unknown_untagged),
            "unusable": [list(pair) for pair in self.unusable],
            "host": self.host.as_json(),
            "journal": self.journal.as_json(),
            "difference": f"{self.difference:f}",
            "explained": {k: f"{v:f}" for k, v in self.explained.items()},
            "lines": [self._as_json(line) for line in self.lines()],
            "money": {
                "difference": self.money.as_json(),
                "explained": {k: v.as_json() for k, v in self.causes.items()},
            },
            "unknown_costs": self.unknown_costs,
            **rare,
        }

    def _as_json(
        self, one: Missing | Difference | Outcome | Accepted | Basic | Line
    ) -> dict[str, object]:
        """Return *one* of a list with the address of its journal trade."""
        facts = attrs.asdict(one, recurse=False)
        facts.pop("commission", None)
        if not isinstance(one, Outcome | Basic):
            facts["money"] = one.money.as_json()
        if isinstance(one, Line):
            facts["trade_ids"] = list(one.trade_ids)
        day = one.day
        facts["day"] = None if day is None else day.isoformat()
        facts["address"] = self.address(facts.setdefault("journal_id", None))
        return facts


def line_of_missing(one: Missing) -> Line:
    """Return the line of a trade that the journal does not show."""
    return Line(
        what="missing",
        trade_ids=(one.trade_id,),
        symbol=one.symbol,
        day=one.day,
        field=one.state,
        host=one.reason or "",
        money=one.money,
    )


def line_of_difference(one: Difference) -> Line:
    """Return the line of a field that differs."""
    return Line(
        what="different",
        trade_ids=(one.trade_id,),
        journal_id=one.journal_id,
        symbol=one.symbol,
        day=one.day,
        field=one.field,
        host=one.host,
        journal=one.journal,
        money=one.money,
    )


def line_of_outcome(one: Outcome) -> Line:
    """Return the line of an outcome; its money is in that of what differs."""
    return Line(
        what="outcome",
        trade_ids=(one.trade_id,),
        journal_id=one.journal_id,
        symbol=one.symbol,
        day=one.day,
        field=one.code,
        host=one.host,
        journal=one.sent,
    )


def line_of_accepted(one: Accepted) -> Line:
    """Return the line of what a person has accepted."""
    return Line(
        what="accepted",
        trade_ids=() if one.trade_id is None else (one.trade_id,),
        journal_id=one.journal_id,
        symbol=one.symbol,
        day=one.day,
        money=one.money,
    )


def line_of_basic(one: Basic) -> Line:
    """Return the line of a trade without executions, which has no money."""
    comments = f"{one.comments} comments" if one.comments else ""
    return Line(
        what="basic trade of the host" if one.of_host else "without executions",
        journal_id=one.journal_id,
        symbol=one.symbol,
        day=one.day,
        field=comments,
    )

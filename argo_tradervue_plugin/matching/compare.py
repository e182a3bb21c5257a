"""
Does the journal say what Argo did? A comparison trade by trade, to the cent.

Pure: it is given what the host has, what the journal shows and which links are known,
and returns what is the same, what differs and what is on one side only. The
difference between the two totals is then the sum of what the list says.

What a person has accepted is in a list of its own, and no difference any more.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

import attrs

from argo_tradervue_plugin.matching.differences import differences, second_of
from argo_tradervue_plugin.matching.host_trades import HostTrade
from argo_tradervue_plugin.matching.report import (
    CAUSES,
    NOTHING,
    Accepted,
    Basic,
    Difference,
    Missing,
    Money,
    Outcome,
    Place,
    Report,
    Totals,
    total_of,
)
from argo_tradervue_plugin.model.journal import JournalExecution, JournalTrade
from argo_tradervue_plugin.model.reasons import next_step, outcome, sentence
from argo_tradervue_plugin.model.times import EASTERN, new_york_day

__all__ = [
    "Accepted",
    "Bare",
    "Basic",
    "Difference",
    "HostTrade",
    "Missing",
    "Money",
    "Outcome",
    "Report",
    "Totals",
    "reconcile",
]

# On which of the fields that differ a figure of the money is shown; else on the first.
FIELDS: Final = {"gross_pl": "gross P&L", "commission": "commission", "fees": ""}
# How the outbox keeps a time within the words of an outcome.
STORED_TIME: Final = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\b")


@attrs.frozen(kw_only=True)
class Bare:
    """
    Which journal trades without executions are whose.

    *ours* are basic trades of ours, *of_host* those of an old sync of the host.
    """

    ours: Collection[int] = ()
    of_host: Collection[int] = ()


def reconcile(  # noqa: PLR0913 - each is one side, or what is known of it
    host: Iterable[HostTrade],
    journal: Iterable[JournalTrade],
    links: Mapping[str, int],
    *,
    tags: Collection[str] = (),
    fills: Mapping[int, Sequence[JournalExecution]] | None = None,
    accepted: Collection[int] = (),
    bare: Bare | None = None,
    beyond: Collection[int] = (),
    pages: str = "",
) -> Report:
    """
    Compare what the *host* did with what the *journal* shows.

    *links* leads from a host trade to its journal trade; a host trade without one is
    missing, whatever else looks like it. *tags* are our account tags: a journal trade
    that has one and no host trade is ours and unknown, unless it is in *accepted*.
    *fills* are the executions of journal trades, for host trades that are not plain.
    *bare* says whose the journal trades without executions are: they are not counted
    in the totals, nor are those *beyond*, of trades of ours that are not on the host's
    side. *pages* is the address to which the id of a journal trade is added.
    """
    rows = {row.id: row for row in journal}
    trades = list(host)
    standing, missing = by_place(trades, rows, links)
    netted = {i for t in trades for i in t.places if i in rows} - standing.keys()
    split_off = places_of_parts(standing, rows.keys() - standing.keys() - netted)
    verdict = Verdict()
    for journal_id, here in standing.items():
        parts = [rows[i] for i, owner in split_off.items() if owner == journal_id]
        verdict.judge(rows[journal_id], here, (fills or {}).get(journal_id), parts)
    verdict.note_missing(missing)
    verdict.add("netting", total_of(Money.of(rows[i]) for i in netted))
    ours = standing.keys() | split_off.keys() | netted
    others = [r for r in rows.values() if r.id not in ours and r.id not in beyond]
    held = [row for row in others if row.exec_count]
    firsts = {facts(rows[i]): t[0].trade_id for i, t in standing.items() if len(t) == 1}
    copies = {row.id: firsts[facts(row)] for row in held if facts(row) in firsts}
    tagged = [r.id for r in held if r.id not in copies and has_any(r, tags)]
    strangers = {*copies, *tagged}
    for row in held:
        if row.id in strangers:
            verdict.note_stranger(row, is_accepted=row.id in accepted)
    counted = [rows[i] for i in (*ours, *strangers)]
    return Report(
        matched=tuple(verdict.matched),
        missing=tuple(verdict.missing),
        different=tuple(verdict.different),
        shared=verdict.shared,
        duplicated=tuple((t, i) for i, t in copies.items() if i not in accepted),
        unknown_tagged=tuple(i for i in tagged if i not in accepted),
        unknown_untagged=tuple(r.id for r in held if r.id not in strangers),
        outcomes=tuple(
            each
            for trade in trades
            if not trade.is_accepted
            for each in outcomes_of(trade, links.get(trade.trade_id))
        ),
        accepted=tuple(verdict.accepted),
        basics=tuple(basics_among(others, bare or Bare())),
        beyond=tuple(sorted(i for i in rows.keys() - ours if i in beyond)),
        places=verdict.places,
        unknown_costs=verdict.unknown_costs + sum(is_unpriced(t) for t in missing),
        host=as_totals(len(trades), total_of(t.money for t in trades)),
        journal=as_totals(len(counted), total_of(map(Money.of, counted))),
        causes=verdict.causes,
        pages=pages,
    )


def as_totals(trades: int, money: Money) -> Totals:
    """Return the sums of one side."""
    return Totals(trades=trades, **attrs.asdict(money))


def by_place(
    trades: Iterable[HostTrade],
    rows: Mapping[int, JournalTrade],
    links: Mapping[str, int],
) -> tuple[dict[int, list[HostTrade]], list[HostTrade]]:
    """Return which *trades* stand in which journal trade, and which stand nowhere."""
    standing: defaultdict[int, list[HostTrade]] = defaultdict(list)
    missing: list[HostTrade] = []
    for trade in trades:
        journal_id = links.get(trade.trade_id)
        row = None if journal_id is None else rows.get(journal_id)
        if row is not None and row.exec_count:
            standing[row.id].append(trade)
        else:
            missing.append(trade)
    return dict(standing), missing


def places_of_parts(
    standing: Mapping[int, Iterable[HostTrade]], rest: Collection[int]
) -> dict[int, int]:
    """Return which of the *rest* hold parts of trades, and where those trades are."""
    found: dict[int, int] = {}
    for journal_id, here in standing.items():
        for trade in here:
            for _, place in trade.elsewhere:
                if place in rest:
                    found.setdefault(place, journal_id)
    return found


@attrs.define
class Verdict:
    """In which list each host trade is, and what that explains of the difference."""

    matched: list[tuple[str, int]] = attrs.field(factory=list)
    missing: list[Missing] = attrs.field(factory=list)
    different: list[Difference] = attrs.field(factory=list)
    shared: dict[int, tuple[str, ...]] = attrs.field(factory=dict)
    accepted: list[Accepted] = attrs.field(factory=list)
    places: dict[int, Place] = attrs.field(factory=dict)
    unknown_costs: int = 0
    causes: dict[str, Money] = attrs.field(
        factory=lambda: dict.fromkeys(CAUSES, NOTHING)
    )

    def add(self, cause: str, money: Money) -> None:
        """Add to what *cause* explains."""
        self.causes[cause] += money

    def judge(
        self,
        row: JournalTrade,
        here: Sequence[HostTrade],
        fills: Sequence[JournalExecution] | None,
        parts: Iterable[JournalTrade] = (),
    ) -> None:
        """
        Judge the host trades that are *here*, in the journal trade *row*.

        *parts* are journal trades that hold parts of them.
        """
        shown = total_of(map(Money.of, (row, *parts)))
        off = shown - total_of(trade.money for trade in here)
        self.unknown_costs += sum(
            is_unpriced(t) or (len(here) == 1 and bool(shown.fees)) for t in here
        )
        apart = [trade for trade in here if not trade.places]
        for trade in here:
            if trade.places:
                self.note_same(trade, row.id)
        if not apart:
            self.add("netting", off)
        elif len(apart) > 1:
            self.judge_shared(row, apart, off)
        else:
            found = differences(apart[0], row, fills)
            self.judge_alone(row, apart[0], found, off, is_netted=len(here) > 1)

    def judge_shared(
        self, row: JournalTrade, here: Iterable[HostTrade], off: Money
    ) -> None:
        """Judge several host trades that look exactly alike."""
        left = [trade.trade_id for trade in here if not trade.is_accepted]
        known = [trade for trade in here if trade.is_accepted]
        for number, trade in enumerate(known):
            has_all = not left and not number
            self.note_accepted(trade, row.id, off if has_all else NOTHING)
        if left:
            self.shared[row.id] = tuple(sorted(left))
            self.places[row.id] = place_of(row, off)
        self.add("shared" if left else "accepted", off)

    def judge_alone(
        self,
        row: JournalTrade,
        trade: HostTrade,
        found: Mapping[str, tuple[str, str]],
        off: Money,
        *,
        is_netted: bool,
    ) -> None:
        """Judge a host trade by what of it was *found* to differ."""
        if not found:
            if not self.note_same(trade, row.id, off):
                self.add_rest(trade, off, is_netted=is_netted)
        elif trade.is_accepted:
            self.note_accepted(trade, row.id, off)
            self.add("accepted", off)
        else:
            self.add("different", off)
            for field, money in shares(found, off).items():
                self.different.append(
                    Difference(
                        trade_id=trade.trade_id,
                        journal_id=row.id,
                        field=field,
                        host=found[field][0],
                        journal=found[field][1],
                        symbol=trade.symbol,
                        day=trade.day,
                        money=money,
                    )
                )

    def add_rest(self, trade: HostTrade, off: Money, *, is_netted: bool) -> None:
        """Add what is no difference: costs that no host knows, and less than a cent."""
        commission = NOTHING.commission if trade.costs is None else off.commission
        known = Money(off.gross_pl, commission)
        self.add("netting" if is_netted else "rounding", known)
        self.add("unknown_costs", off - known)

    def note_same(
        self, trade: HostTrade, journal_id: int, off: Money = NOTHING
    ) -> bool:
        """
        Note that the journal shows *trade* as it was sent.

        Returns whether *off* is with what a person has accepted.
        """
        if not trade.outcomes:
            self.matched.append((trade.trade_id, journal_id))
        elif trade.is_accepted:
            self.note_accepted(trade, journal_id, off)
            self.add("accepted", off)
            return True
        return False

    def note_accepted(
        self, trade: HostTrade, journal_id: int | None, money: Money
    ) -> None:
        """Note that a person leaves *trade* as it is."""
        self.accepted.append(
            Accepted(
                trade_id=trade.trade_id,
                journal_id=journal_id,
                symbol=trade.symbol,
                day=trade.day,
                money=money,
            )
        )

    def note_missing(self, trades: Iterable[HostTrade]) -> None:
        """Note that the journal does not show *trades*."""
        for trade in trades:
            if trade.is_accepted:
                self.note_accepted(trade, None, -trade.money)
            else:
                self.missing.append(as_missing(trade))
            self.add("accepted" if trade.is_accepted else "missing", -trade.money)

    def note_stranger(self, row: JournalTrade, *, is_accepted: bool) -> None:
        """Note a journal trade of ours that belongs to no host trade."""
        place = place_of(row, Money.of(row))
        self.add("accepted" if is_accepted else "unknown", place.money)
        if not is_accepted:
            self.places[row.id] = place
            return
        self.accepted.append(
            Accepted(
                trade_id=None,
                journal_id=row.id,
                symbol=place.symbol,
                day=place.day,
                money=place.money,
            )
        )


def shares(fields: Iterable[str], off: Money) -> dict[str, Money]:
    """Return which share of *off* each of *fields* shows: all of it together."""
    first, *_ = names = list(fields)
    found = dict.fromkeys(names, NOTHING)
    for figure, field in FIELDS.items():
        at = field if field in found else first
        found[at] += Money(**{figure: getattr(off, figure)})
    return found


def is_unpriced(trade: HostTrade) -> bool:
    """Tell whether *trade* is closed, and its host does not know what it cost."""
    return not trade.is_open and trade.commission is None


def place_of(row: JournalTrade, money: Money) -> Place:
    """Return what is said of a journal trade that is in the list as such."""
    position = "open" if row.open else "closed"
    facts = [
        row.side,
        position,
        None if row.volume is None else f"volume {row.volume:f}",
    ]
    shown = ", ".join(str(fact) for fact in facts if fact)
    return Place(symbol=row.symbol, day=day_of(row), money=money, shown=shown)


def day_of(row: JournalTrade) -> date | None:
    """Return the New York day on which a journal trade began."""
    return None if row.started_at is None else new_york_day(row.started_at)


def basics_among(rows: Iterable[JournalTrade], bare: Bare) -> Iterator[Basic]:
    """Yield those of *rows* that hold no executions and are not ours."""
    for row in rows:
        if not row.exec_count and row.id not in bare.ours:
            yield Basic(
                journal_id=row.id,
                symbol=row.symbol,
                day=day_of(row),
                comments=row.comment_count,
                of_host=row.id in bare.of_host,
            )


def outcomes_of(trade: HostTrade, journal_id: int | None) -> Iterable[Outcome]:
    """Yield what a person should know of *trade*, in words."""
    for each in trade.outcomes:
        host, sent = in_new_york(each.host), in_new_york(each.sent)
        stored = outcome(each.code, host, sent)
        yield Outcome(
            trade_id=trade.trade_id,
            journal_id=journal_id,
            code=each.code,
            host=host,
            sent=sent,
            sentence=sentence(stored) or "",
            next_step=next_step(stored),
            symbol=trade.symbol,
            day=trade.day,
        )


def in_new_york(words: str) -> str:
    """Return *words* with the times in them as New York has them."""
    return STORED_TIME.sub(
        lambda found: (
            datetime.strptime(found[0], "%Y-%m-%d %H:%M:%S UTC")
            .replace(tzinfo=UTC)
            .astimezone(EASTERN)
            .isoformat()
        ),
        words,
    )


def facts(row: JournalTrade) -> tuple[object, ...]:
    """Return what makes two journal trades the same trade."""
    moments = second_of(row.started_at), second_of(row.ended_at)
    return row.symbol, row.side, row.volume, row.entry_price, row.exit_price, *moments


def has_any(row: JournalTrade, tags: Collection[str]) -> bool:
    """Tell whether *row* has one of *tags*."""
    return any(tag in tags for tag in row.tags)


def as_missing(trade: HostTrade) -> Missing:
    """Return what is said of a host trade that the journal does not show."""
    return Missing(
        trade_id=trade.trade_id,
        symbol=trade.symbol,
        state=trade.state,
        reason=trade.reason,
        gross_pl=trade.gross_pl,
        commission=trade.costs or Decimal(0),
        day=trade.day,
    )

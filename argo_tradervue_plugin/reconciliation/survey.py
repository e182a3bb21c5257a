"""Both sides as they stand, and which host trade stands where in the journal."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import attrs

from argo_tradervue_plugin.delivery.lane import Context
from argo_tradervue_plugin.delivery.opposites import is_alive
from argo_tradervue_plugin.delivery.planner import DIFFERS, Case, sent_for, wanted
from argo_tradervue_plugin.delivery.recognition import recognised
from argo_tradervue_plugin.delivery.schedule import EASTERN
from argo_tradervue_plugin.errors import NotFound, TradeError
from argo_tradervue_plugin.journal.executions import Execution, Kind
from argo_tradervue_plugin.journal.legs import Sent
from argo_tradervue_plugin.journal.matching import (
    Expected,
    Found,
    Pool,
    in_executions,
    in_list,
    worth_reading,
)
from argo_tradervue_plugin.journal.plan import legs
from argo_tradervue_plugin.journal.reasons import code_of, sentence
from argo_tradervue_plugin.journal.reconcile import HostTrade
from argo_tradervue_plugin.journal.records import Difference, TradeRecord
from argo_tradervue_plugin.journal.slots import slot_of
from argo_tradervue_plugin.journal.symbols import in_journal
from argo_tradervue_plugin.journal.trades import TradeSnapshot
from argo_tradervue_plugin.outbox.interface import Outbox, Row, State, outcome_of
from argo_tradervue_plugin.settings import Settings
from argo_tradervue_plugin.tradervue.models import (
    JournalExecution,
    JournalTrade,
    TradeFilter,
)

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = [
    "DELETED",
    "HostRecord",
    "Reading",
    "Survey",
    "Surveyor",
    "has_our_tag",
    "ids_of",
]

DELETED: Final = "deleted"  # read back once, and no longer in the journal
MOST_READ: Final = 200  # journal trades that are asked for one by one
PARKED: Final = (State.QUARANTINED, State.BASIC)


@attrs.frozen(kw_only=True)
class HostRecord:
    """
    What a host has recorded of a trade, and its object where there is one.

    *record* is for planning, given what was sent; *alone* is what the host has by now,
    as if nothing had been sent. *fault* is what of its exit makes no sense.
    """

    record: TradeRecord
    alone: TradeRecord
    trade: object = None
    fault: TradeError | None = None


@attrs.frozen(kw_only=True)
class Survey:
    """
    Both sides as they stand, and which host trade stands where.

    *links* leads from a host trade to its journal trade, *rows* are the journal's by
    id, *fills* the executions of those in which a trade is not plain. *found* are
    executions that stand elsewhere than the outbox knows, or of which it does not know;
    *unusable* are host trades that make no sense, with the reason. *accepted* are
    journal trades of no host trade that a person has accepted.
    """

    records: Mapping[str, HostRecord]
    host: list[HostTrade]
    rows: Mapping[int, JournalTrade]
    links: Mapping[str, int]
    fills: Mapping[int, Sequence[JournalExecution]]
    found: list[Found]
    unusable: list[tuple[str, str]]
    accepted: frozenset[int]


class Reading:
    """The executions of journal trades, each of them asked for once."""

    def __init__(self, client: "TradervueClient") -> None:
        self._client = client
        self._read: dict[int, tuple[JournalExecution, ...]] = {}

    def __call__(
        self, journal_ids: Iterable[int]
    ) -> dict[int, tuple[JournalExecution, ...]]:
        """Return the executions of those of these trades that are still there."""
        wanted = list(dict.fromkeys(journal_ids))
        for journal_id in wanted:
            if journal_id not in self._read:
                with suppress(NotFound):
                    self._read[journal_id] = tuple(self._client.executions(journal_id))
        return {i: self._read[i] for i in wanted if i in self._read}


class Surveyor:
    """Reads both sides, and changes neither; see :class:`~.reconciler.Reconciler`."""

    def __init__(
        self,
        outbox: Outbox,
        settings: Settings,
        client: Callable[[], "TradervueClient"],
        recent: Callable[[int], Iterable[object] | None],
    ) -> None:
        self._outbox = outbox
        self._context = Context(outbox=outbox, settings=settings)
        self._settings = settings
        self._client = client
        self._recent = recent

    def survey(self, days: int, trades: Iterable[object] | None) -> Survey:
        """Read both sides, and look for what does not stand where it should."""
        since = first_day(days)
        records = self._records(days, trades)
        host, unusable = self._host(records, since)
        listed = self._client().list_trades(TradeFilter(start=since))
        rows = {row.id: row for row in listed}
        known = self._known(host)
        self._look_beyond(set(known.values()) - rows.keys(), rows)
        reading = Reading(self._client())
        links = {i: j for i, j in known.items() if j in rows}
        for trade_id in crowded(host, links, rows):
            del links[trade_id]
        found = self._search(host, links, rows, reading)
        links |= {
            f.trade_id: f.journal_id
            for f in found
            if f.kind is Kind.ENTRY and f.part == 1
        }
        places = self._places(self._netted(host), links, rows, reading)
        gone = known.keys() - links.keys()
        return Survey(
            records=records,
            host=[
                attrs.evolve(
                    one,
                    state=DELETED if one.trade_id in gone else one.state,
                    places=places.get(one.trade_id, frozenset()),
                )
                for one in host
            ],
            rows=rows,
            links=links,
            fills=reading(
                links[one.trade_id]
                for one in host
                if not one.is_plain and one.trade_id in links
            ),
            found=[f for f in found if known.get(f.trade_id) != f.journal_id],
            unusable=unusable,
            accepted=frozenset(),
        )

    def _records(
        self, days: int, trades: Iterable[object] | None
    ) -> dict[str, HostRecord]:
        """Return what the host has recorded, by the ids that the outbox has."""
        if trades is None:
            # A day more: the host counts back from this hour, we from midnight.
            trades = self._recent(days + 1)
        if trades is not None:
            return self._by_id(trades)
        first = datetime.combine(first_day(days), datetime.min.time(), EASTERN)
        known = self._outbox.snapshots_since(first.timestamp())
        return {s.trade_id: HostRecord(record=s.record, alone=s.record) for s in known}

    def _by_id(self, trades: Iterable[object]) -> dict[str, HostRecord]:
        """Return what a host has of its *trades*, by the id that the outbox has."""
        objects = recognised(self._outbox, self._settings, trades)
        rows = self._outbox.all_of_trades(one.trade_id for one in objects)
        found = {}
        for one in objects:
            sent = Sent()
            if one.known is not None:
                case = Case(one.known, rows[one.trade_id], one.known)
                sent = sent_for(self._context, case)
            record, fault = one.recorded_after(sent)
            if one.snapshot.id is None:
                fault = fault_of_id(one.snapshot)
            found[one.trade_id] = HostRecord(
                record=record, alone=one.record, trade=one.trade, fault=fault
            )
        return found

    def _host(
        self, records: Mapping[str, HostRecord], since: date
    ) -> tuple[list[HostTrade], list[tuple[str, str]]]:
        """Return what the journal should show, and what makes no sense with why."""
        states = self._outbox.states_of(records)
        rows = self._outbox.all_of_trades(records)
        outcomes = self._outbox.outcomes_of(records)
        usable, unusable = [], []
        for trade_id, one in records.items():
            why = None if one.fault is None else str(one.fault)
            if why is None and one.trade is None:
                why = senseless(rows[trade_id])
            if why is not None:
                unusable.append((trade_id, why))
                if all(row.journal_id is None for row in rows[trade_id]):
                    continue  # else the entry that it has there is ours all the same
            try:
                trade = self._host_trade(trade_id, one, rows[trade_id])
            except TradeError as error:
                if why is None:
                    unusable.append((trade_id, str(error)))
                continue
            if trade is None or day_of(trade.entry) < since:
                continue
            stored = [
                Difference(code=o.code, host=o.host, sent=o.journal)
                for o in outcomes.get(trade_id, ())
                if o.code not in DIFFERS
            ]
            known = states.get(trade_id, {})
            parked = (r for r in rows[trade_id] if r.state in PARKED)
            usable.append(
                attrs.evolve(
                    trade,
                    outcomes=(*trade.outcomes, *stored),
                    state=outcome_of(known.values()) if known else "not recorded",
                    reason=sentence(next((r.reason for r in parked), None)),
                )
            )
        return self._with_closers(usable), unusable

    def _host_trade(
        self, trade_id: str, one: HostRecord, rows: Sequence[Row]
    ) -> HostTrade | None:
        """Return what the journal should show; None: the trade has no place there."""
        record = one.record
        if record.entry is None and record.exit is None:
            return known_from_journal(trade_id, rows)
        asked = wanted(self._context, record, rows)
        if asked.fault is not None:
            raise asked.fault
        if asked.skipped is not None:
            return None
        recorded: tuple[Execution, ...] = ()
        if asked.differs or not asked.executions:
            name = partial(in_journal, names=self._settings.symbols)
            with suppress(TradeError):  # what stands in the journal made sense once
                entries, exits = legs(one.alone, name)
                recorded = (*entries, *exits) if entries else ()
        expected = Expected.of(None, asked.executions or recorded)
        if expected is None:
            return None
        return HostTrade(
            trade_id=trade_id,
            entry=expected.entry,
            exit=expected.exit,
            further=expected.further,
            recorded=recorded,
            commission=record.commission,
            outcomes=asked.differs,
        )

    def _known(self, host: Iterable[HostTrade]) -> dict[str, int]:
        """Return in which journal trade each host trade was read back last."""
        found = {}
        for one in host:
            known = self._outbox.trade(one.trade_id)
            if known is not None and known.journal_id is not None:
                found[one.trade_id] = known.journal_id
        return found

    def _look_beyond(
        self, journal_ids: Iterable[int], rows: dict[int, JournalTrade]
    ) -> None:
        """
        Add trades that no list of these days shows, as far as they are still there.

        Somebody may have merged a trade into one that was opened before.
        """
        client = self._client()
        for journal_id in sorted(journal_ids)[:MOST_READ]:
            with suppress(NotFound):
                rows[journal_id] = client.trade(journal_id)

    def _search(
        self,
        host: Iterable[HostTrade],
        links: Mapping[str, int],
        rows: Mapping[int, JournalTrade],
        reading: Reading,
    ) -> list[Found]:
        """
        Look for what stands nowhere, and for what stands better elsewhere.

        Somebody may have merged, split or entered trades by hand: the executions tell.
        """
        inside: defaultdict[int, list[Execution]] = defaultdict(list)
        sought: dict[str, Expected] = {}
        for one in host:
            expected = self._expected(one)
            journal_id = links.get(one.trade_id)
            if journal_id is None or not in_list([expected], [rows[journal_id]]):
                sought[one.trade_id] = expected
            if journal_id is not None:
                inside[journal_id] += expected.executions
        if not sought:
            return []
        free = [row for row in rows.values() if row.id not in inside]
        found: list[Found] = []
        for is_ours in (True, False):
            lost = [w for w in sought.values() if w.trade_id not in ids_of(found)]
            some = [row for row in free if has_our_tag(row, self._settings) is is_ours]
            found += in_list(lost, some)
        for each in found:
            executions = sought[each.trade_id].executions
            inside[each.journal_id] += [e for e in executions if e.kind is each.kind]
        missing = [
            execution
            for want in sought.values()
            if want.trade_id not in links and want.trade_id not in ids_of(found)
            for execution in want.executions
        ]
        roomy = [r for r in rows.values() if r.exec_count > len(inside[r.id])]
        read = reading(worth_reading(missing, roomy)[:MOST_READ])
        taken = [(i, execution) for i in read for execution in inside[i]]
        ours = {i for i in read if has_our_tag(rows[i], self._settings)}
        return found + in_executions(missing, read, taken, ours)

    def _with_closers(self, host: list[HostTrade]) -> list[HostTrade]:
        """Return the trades with what opposite ones close of them."""
        if not self._settings.opposite_closes:
            return host
        closers = self._outbox.closers_of(one.trade_id for one in host)
        return [
            attrs.evolve(
                one,
                closers=tuple(
                    row.execution
                    for row in closers[one.trade_id]
                    if row.execution and is_alive(row)
                ),
            )
            for one in host
        ]

    def _netted(self, host: Sequence[HostTrade]) -> list[HostTrade]:
        """Return the trades of which it does not matter how the journal groups them."""
        if not self._settings.account_tags:
            return list(host)
        if not self._settings.opposite_closes:
            return []
        pairs = {one.trade_id for one in host if one.closers}
        pairs |= {e.trade_id for one in host for e in one.executions if e.closes}
        return [one for one in host if one.trade_id in pairs]

    def _places(
        self,
        netted: Sequence[HostTrade],
        links: Mapping[str, int],
        rows: Mapping[int, JournalTrade],
        reading: Reading,
    ) -> dict[str, frozenset[int]]:
        """
        Return where the trades stand of which every execution stands exactly once.

        For a journal that groups them as it likes. What a list proves alone is left
        out, and so is what shares a journal trade with executions that are not ours.
        """
        apart = [
            one
            for one in netted
            if one.trade_id not in links
            or not in_list([self._expected(one)], [rows[links[one.trade_id]]])
        ]
        if not apart:
            return {}
        by_trade = self._outbox.all_of_trades(one.trade_id for one in apart)
        near = {links[one.trade_id] for one in apart if one.trade_id in links}
        near |= {
            r.journal_id for some in by_trade.values() for r in some if r.journal_id
        }
        missing = [e for one in apart for e in one.executions]
        near |= {
            i
            for i in worth_reading(missing, rows.values())
            if has_our_tag(rows[i], self._settings)
        }
        read = reading(sorted(near & rows.keys()))
        pool = Pool()
        for journal_id, fills in read.items():
            pool.add(journal_id, fills)
        ids = {one.trade_id for one in apart}
        claimed = self._outbox.claimed(read)
        others = {i for some in claimed.values() for i in some if i not in ids}
        for known in self._outbox.of_trades(sorted(others)).values():
            for row in known:
                if row.execution is not None and row.journal_id in read:
                    pool.take(row.execution)
        stands = {
            one.trade_id: [pool.take_from(e) for e in one.executions] for one in apart
        }
        foreign = pool.left_in()
        return {
            trade_id: frozenset[int]().union(*parts)
            for trade_id, parts in stands.items()
            if all(parts) and foreign.isdisjoint(frozenset[int]().union(*parts))
        }

    def _expected(self, one: HostTrade) -> Expected:
        known = self._outbox.trade(one.trade_id)
        return Expected(
            trade_id=one.trade_id,
            account_tag=None if known is None else known.account_tag,
            entry=one.entry,
            exit=one.exit,
            further=one.further,
        )


def first_day(days: int) -> date:
    """Return the first New York day of the last *days* days."""
    return datetime.now(EASTERN).date() - timedelta(days=days)


def day_of(entry: Execution) -> date:
    """Return the New York day of an entry."""
    return entry.executed_at.astimezone(EASTERN).date()


def known_from_journal(trade_id: str, rows: Iterable[Row]) -> HostTrade | None:
    """Return a trade of which only what stood in the journal is known."""
    executions = [row.execution for row in rows if row.execution]
    expected = Expected.of(None, executions)
    if expected is None:
        return None
    closing = max(executions, key=lambda e: (e.kind, e.part))
    return HostTrade(
        trade_id=trade_id,
        entry=expected.entry,
        exit=expected.exit,
        further=expected.further,
        commission=closing.commission,
    )


def senseless(rows: Iterable[Row]) -> str | None:
    """Return why a trade, or its exit, waits for a host that corrects it, or None."""
    return next(
        (
            sentence(row.reason)
            for row in rows
            if row.execution is None and row.state is State.QUARANTINED
            if code_of(row.reason) != "entry_waits"
        ),
        None,
    )


def fault_of_id(trade: TradeSnapshot) -> TradeError | None:
    """Return why the id of *trade* names nothing."""
    try:
        trade.need("id")
    except TradeError as error:
        return error
    return None


def has_our_tag(row: JournalTrade, settings: Settings) -> bool:
    """Tell whether *row* has an account tag of ours."""
    return any(slot_of(settings.account_tag, tag) for tag in row.tags)


def ids_of(found: Iterable[Found]) -> set[str]:
    """Return the host trades of which something was found."""
    return {each.trade_id for each in found}


def crowded(
    host: Iterable[HostTrade],
    links: Mapping[str, int],
    rows: Mapping[int, JournalTrade],
) -> list[str]:
    """Return the host trades in journal trades that cannot hold them all any more."""
    inside: defaultdict[int, list[HostTrade]] = defaultdict(list)
    for one in host:
        if one.trade_id in links:
            inside[links[one.trade_id]].append(one)
    return [
        one.trade_id
        for journal_id, here in inside.items()
        if len(here) > 1
        and sum(len(o.executions) for o in here) > rows[journal_id].exec_count
        for one in here
    ]

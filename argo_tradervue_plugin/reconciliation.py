"""
Comparing the host with the journal, and repairing what can be repaired.

A comparison reads and changes nothing. A repair puts what is missing into the outbox,
and what the host has learned since; it deletes nothing, and sends again what a person
deleted in the journal only when it is told to.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

import attrs

from argo_tradervue_plugin.delivery.lane import Context
from argo_tradervue_plugin.delivery.planner import (
    DIFFERS,
    Case,
    put_down,
    sent_for,
    wanted,
)
from argo_tradervue_plugin.delivery.recognition import recognised
from argo_tradervue_plugin.delivery.schedule import EASTERN
from argo_tradervue_plugin.errors import NotFound, TradeError
from argo_tradervue_plugin.journal import notes
from argo_tradervue_plugin.journal.acceptance import host_digest, journal_digest
from argo_tradervue_plugin.journal.executions import EventKind, Execution, Kind
from argo_tradervue_plugin.journal.legs import Sent, total
from argo_tradervue_plugin.journal.matching import (
    Expected,
    Found,
    Pool,
    executions_in,
    executions_of,
    in_executions,
    in_list,
    worth_reading,
)
from argo_tradervue_plugin.journal.plan import legs
from argo_tradervue_plugin.journal.reasons import code_of, sentence
from argo_tradervue_plugin.journal.reconcile import HostTrade, Report, reconcile
from argo_tradervue_plugin.journal.records import Difference, TradeRecord
from argo_tradervue_plugin.journal.slots import slot_of
from argo_tradervue_plugin.journal.symbols import in_journal
from argo_tradervue_plugin.journal.trades import TradeSnapshot
from argo_tradervue_plugin.outbox.interface import (
    Acceptance,
    Outbox,
    Recorded,
    Row,
    State,
    outcome_of,
)
from argo_tradervue_plugin.settings import Settings
from argo_tradervue_plugin.tradervue.models import (
    JournalExecution,
    JournalTrade,
    TradeFilter,
)

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Reconciler", "Repair"]

DELETED: Final = "deleted"  # read back once, and no longer in the journal
MOST_READ: Final = 200  # journal trades that are asked for one by one
LONGEST_NUMBER: Final = 18  # digits of a journal id
PARKED: Final = (State.QUARANTINED, State.BASIC)
READ_BACK: Final = (State.LINKED, State.SYNCED)
UNDER_WAY: Final = (State.NEW, State.RECORDED, State.SENT, State.IMPORTED)


@attrs.frozen(kw_only=True)
class Repair:
    """What a repair has put on its way, in trades."""

    recorded: int = 0
    linked: int = 0
    resent: int = 0


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


class Reconciler:
    """
    Compares and repairs, for any thread.

    *client* returns the client to read with; *recent* the host's own trades of the
    last days, None where there is no host: then what it recorded last is compared.
    """

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

    def compare(self, days: int, trades: Iterable[object] | None = None) -> Report:
        """
        Return how the journal differs from the host in the last *days* days.

        *trades* are the host's, where they are known otherwise. What a person accepted
        and is not as it was any more is withdrawn; nothing else is changed.

        Raises:
            ApiError: where the journal could not be read.
        """
        return self._report(self._survey(days, trades))

    def repair(
        self,
        days: int,
        trades: Iterable[object] | None = None,
        *,
        resend_deleted: bool = False,
    ) -> Repair:
        """
        Put on its way what :meth:`compare` finds missing or out of date.

        Raises:
            ApiError: where the journal could not be read; nothing was changed.
        """
        survey = self._survey(days, trades)
        named = self._adopt_named(survey)
        if named:
            survey = self._survey(days, trades)
        report = self._report(survey)
        linked = self._keep_links(survey) | named
        deleted = {m.trade_id for m in report.missing if m.state == DELETED}
        # What still stands there in part is left to a person: it would stand twice.
        resent = deleted - ids_of(survey.found)
        for one in survey.host:
            if resend_deleted and one.trade_id in resent:
                self._send_again(one, survey.records[one.trade_id].trade)
        stale = {m.trade_id for m in report.missing} - deleted
        stale |= {d.trade_id for d in report.different} | linked
        news = sorted(i for i in stale if survey.records[i].trade is not None)
        for trade_id in news:
            self._record(survey.records[trade_id].trade)
        late = {d.trade_id for d in report.different if d.field == "commission"}
        self._ask_for_commissions(one for one in survey.host if one.trade_id in late)
        return Repair(
            recorded=len(news),
            linked=len(linked),
            resent=len(resent) if resend_deleted else 0,
        )

    def relink(self) -> int:
        """
        Rebuild the map from what our notes say in the journal; return how many trades.

        For an outbox that was lost: what stands in the journal is then not sent again,
        and new positions keep out of the slots of those that are open.

        Raises:
            ApiError: where the journal could not be read.
        """
        adopted = 0
        for row in self._client().list_trades():
            executions = self._unknown_in(row)
            if executions:
                self._adopt(row, executions)
                adopted += 1
        return adopted

    def accept(
        self,
        ids: Iterable[str],
        days: int,
        trades: Iterable[object] | None = None,
    ) -> tuple[str, ...]:
        """
        Accept trades and journal trades as they are; return those *ids* nobody knows.

        An id is that of a host trade, or that of a journal trade: then everything of
        ours that stands there is accepted. With an unknown one nothing is accepted.

        Raises:
            ApiError: where the journal could not be read; nothing was changed.
        """
        survey = self._survey(days, trades)
        report = self._report(survey)
        accepted: dict[tuple[str | None, int | None], Acceptance] = {}
        unknown = []
        for name in (each.strip() for each in ids):
            some = self._meant(name, survey, report)
            accepted |= {(each.trade_id, each.journal_id): each for each in some}
            if not some:
                unknown.append(name)
        if not unknown:
            with self._outbox.maintain() as writer:
                for each in accepted.values():
                    writer.accept(each, now=time.time())
        return tuple(unknown)

    def _meant(self, name: str, survey: Survey, report: Report) -> list[Acceptance]:
        """Return what *name* is, both sides as they are; empty where it is unknown."""
        reading = Reading(self._client())
        record = self._record_of(name, survey)
        if record is not None:
            places = self._places_of(name, survey)
            return [
                Acceptance(
                    trade_id=name,
                    host=host_digest(record),
                    journal=journal_digest(reading(places)),
                )
            ]
        if not name.isdecimal() or len(name) > LONGEST_NUMBER:
            return []
        journal_id = int(name)
        inside = [
            one.trade_id
            for one in survey.host
            if journal_id in self._places_of(one.trade_id, survey)
        ]
        inside += self._outbox.claimed([journal_id]).get(journal_id, ())
        if inside:
            return [
                each
                for trade_id in dict.fromkeys(inside)
                for each in self._meant(trade_id, survey, report)
            ]
        strangers = {*report.unknown_tagged, *(i for _, i in report.duplicated)}
        if journal_id not in strangers | survey.accepted:
            return []
        fills = reading([journal_id])
        digest = journal_digest(fills)
        return [Acceptance(journal_id=journal_id, host="", journal=digest)]

    def _record_of(self, trade_id: str, survey: Survey) -> TradeRecord | None:
        """Return what the host has recorded of a trade, by itself or in the outbox."""
        one = survey.records.get(trade_id)
        return self._outbox.record_of(trade_id) if one is None else one.record

    def _places_of(self, trade_id: str, survey: Survey) -> list[int]:
        """Return the journal trades in which a trade stands, or stood."""
        rows = self._outbox.of_trade(trade_id)
        places = {row.journal_id for row in rows if row.journal_id is not None}
        if trade_id in survey.links:
            places.add(survey.links[trade_id])
        return sorted(places)

    def _with_accepted(self, survey: Survey) -> Survey:
        """
        Return *survey* with what people have accepted and is still as it was.

        What the journal shows otherwise by now is withdrawn. What the host has
        recorded since is not: the outbox withdraws it when it learns that.
        """
        known = [a for a in self._outbox.acceptances() if is_in(survey, a)]
        if not known:
            return survey
        reading = Reading(self._client())
        holding: list[Acceptance] = []
        over: list[Acceptance] = []
        for each in known:
            places = (
                [each.journal_id]
                if each.journal_id is not None
                else self._places_of(each.trade_id or "", survey)
            )
            is_same = journal_digest(reading(places)) == each.journal
            (holding if is_same else over).append(each)
        if over:
            with self._outbox.maintain() as writer:
                for each in over:
                    writer.withdraw(each)
        trades = {each.trade_id for each in holding}
        return attrs.evolve(
            survey,
            accepted=frozenset(a.journal_id for a in holding if a.journal_id),
            host=[
                attrs.evolve(one, is_accepted=one.trade_id in trades)
                for one in survey.host
            ],
        )

    def _adopt_named(self, survey: Survey) -> set[str]:
        """
        Adopt trades that the outbox does not know, and that notes in the journal name.

        Their executions need not be those that the host would be sent as by now: one
        that has grown stands there in several.
        """
        lost = {
            one.trade_id: total(one.legs[0])
            for one in survey.host
            if self._outbox.record_of(one.trade_id) is None
        }
        adopted = set()
        for row in survey.rows.values() if lost else ():
            named = set(notes.trade_ids_in(row.notes_excerpt))
            for trade_id in named & lost.keys():
                executions = self._unknown_in(row, lost[trade_id])
                if executions:
                    self._adopt(row, executions)
                    adopted.add(trade_id)
        return adopted

    def _unknown_in(
        self, row: JournalTrade, size: Decimal | None = None
    ) -> tuple[Execution, ...]:
        """
        Return what stands in *row* of a trade that the outbox does not know.

        *size* is what its host says that was entered, where that is known.
        """
        trade_id = self._named_by(row)
        if trade_id is None or self._outbox.trade(trade_id) is not None:
            return ()
        if not row.exec_count:
            return ()
        return executions_of(trade_id, row) or self._read_in(trade_id, row, size)

    def _read_in(
        self, trade_id: str, row: JournalTrade, size: Decimal | None
    ) -> tuple[Execution, ...]:
        """
        Return the executions of *row*, where the list does not prove them alone.

        None where they are not one position of the size that was entered: somebody
        has merged it with another.
        """
        fills = Reading(self._client())([row.id]).get(row.id, ())
        found = executions_in(trade_id, fills)
        entered = total(e for e in found if e.kind is Kind.ENTRY)
        if not is_one_position(found):
            return ()
        if entered not in (
            size,
            notes.size_in(self._client().trade(row.id).notes, trade_id),
        ):
            return ()
        if not row.open and row.commission:
            return (*found[:-1], attrs.evolve(found[-1], commission=row.commission))
        return found

    def _adopt(self, row: JournalTrade, executions: Sequence[Execution]) -> None:
        """
        Note a trade that stands in the journal and is not known to the outbox.

        Its slot is free again where all of it is closed.
        """
        base = self._settings.account_tag
        slots = {slot: tag for tag in row.tags if (slot := slot_of(base, tag))}
        slot = max(slots, default=1)  # what somebody retagged is taken for the first
        account_tag = slots.get(slot, base) if self._settings.account_tags else ""
        now = time.time()
        with self._outbox.maintain() as writer:
            writer.open_trade(executions[0], slot=slot, account_tag=account_tag)
            if not sum(execution.quantity for execution in executions):
                writer.close_trade(executions[-1])
            for execution in executions:
                writer.adopt(execution, row.id, account_tag=account_tag, now=now)
            if not notes.trade_ids_in(row.notes_excerpt):
                writer.wants_notes(executions[0].trade_id)

    def _named_by(self, row: JournalTrade) -> str | None:
        """Return the one host trade that the notes of *row* name, None otherwise."""
        ids = notes.trade_ids_in(row.notes_excerpt)
        if not ids and row.notes_excerpt and row.exec_count and self._is_ours(row):
            # Somebody wrote so much before our block that the list does not show it.
            ids = notes.trade_ids_in(self._client().trade(row.id).notes)
        return ids[0] if len(ids) == 1 else None

    def _is_ours(self, row: JournalTrade) -> bool:
        return any(slot_of(self._settings.account_tag, tag) for tag in row.tags)

    def _record(self, trade: object) -> None:
        self._outbox.record(Recorded.of(trade, EventKind.CORRECTION, time.time()))

    def _send_again(self, one: HostTrade, trade: object) -> None:
        """Send a trade that somebody deleted, as the host has it by now."""
        known = self._outbox.trade(one.trade_id)
        now = time.time()
        with self._outbox.maintain() as writer:
            writer.forget_place(one.trade_id, now=now)
            tag = "" if known is None else known.account_tag
            for execution in one.executions:
                put_down(self._outbox, writer, execution, tag, now)
        if trade is not None:
            self._record(trade)

    def _keep_links(self, survey: Survey) -> set[str]:
        """Store where executions were found; return the trades concerned."""
        by_trade: defaultdict[str, list[Found]] = defaultdict(list)
        for each in survey.found:
            by_trade[each.trade_id].append(each)
        host = {one.trade_id: one for one in survey.host}
        kept = set()
        for trade_id, found in by_trade.items():
            if self._outbox.trade(trade_id) is None:
                keys = {each.key for each in found}
                row = survey.rows[found[0].journal_id]
                known = sorted(
                    (e for e in host[trade_id].executions if e.key in keys),
                    key=lambda e: (e.kind, e.part),
                )
                if self._is_ours(row) and len(known) == row.exec_count > 1:
                    # The host may have learned its commission since.
                    known[-1] = attrs.evolve(known[-1], commission=row.commission)
                if known[0].kind is Kind.ENTRY:
                    self._adopt(row, known)
                    kept.add(trade_id)
                continue
            here = {r.key: r for r in self._outbox.of_trades([trade_id])[trade_id]}
            with self._outbox.maintain() as writer:
                for each in found:
                    # What is under way, the forwarder reads back itself.
                    one = here.get(each.key)
                    if one is not None and one.state not in UNDER_WAY:
                        writer.link(one, each.journal_id, now=time.time())
                        kept.add(trade_id)
        return kept

    def _ask_for_commissions(self, trades: Iterable[HostTrade]) -> None:
        """Let commissions be laid over that were learned, and never got there."""
        for one in trades:
            rows = self._outbox.of_trades([one.trade_id])[one.trade_id]
            for row in rows:
                if (
                    row.kind is Kind.EXIT
                    and row.state in READ_BACK
                    and row.execution is not None
                    and one.commission not in (None, row.execution.commission)
                ):
                    with self._outbox.maintain() as writer:
                        writer.want_overlay(one.trade_id, one.commission)

    def _report(self, survey: Survey) -> Report:
        tags = {tag for row in survey.rows.values() for tag in row.tags}
        ours = {tag for tag in tags if slot_of(self._settings.account_tag, tag)}
        report = reconcile(
            survey.host,
            survey.rows.values(),
            survey.links,
            tags=ours,
            fills=survey.fills,
            accepted=survey.accepted,
        )
        return attrs.evolve(report, unusable=tuple(survey.unusable))

    def _survey(self, days: int, trades: Iterable[object] | None) -> Survey:
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
        survey = Survey(
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
        return self._with_accepted(survey)

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
            try:
                if one.fault is not None:
                    raise one.fault
                trade = self._host_trade(trade_id, one, rows[trade_id])
            except TradeError as error:
                unusable.append((trade_id, str(error)))
                continue
            if one.trade is None and (why := senseless(rows[trade_id])):
                unusable.append((trade_id, why))
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
        return usable, unusable

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
            some = [row for row in free if self._is_ours(row) is is_ours]
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
        ours = {i for i in read if self._is_ours(rows[i])}
        return found + in_executions(missing, read, taken, ours)

    def _netted(self, host: Sequence[HostTrade]) -> list[HostTrade]:
        """Return the trades of which it does not matter how the journal groups them."""
        if not self._settings.account_tags:
            return list(host)
        if not self._settings.opposite_closes:
            return []
        closers = self._outbox.closers_of(one.trade_id for one in host)
        pairs = {i for i, rows in closers.items() if rows}
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
            i for i in worth_reading(missing, rows.values()) if self._is_ours(rows[i])
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


def is_in(survey: Survey, acceptance: Acceptance) -> bool:
    """Tell whether *acceptance* is of a trade of *survey* as the host has it."""
    if acceptance.journal_id is not None:
        return acceptance.journal_id in survey.rows
    record = survey.records.get(acceptance.trade_id or "")
    return record is not None and host_digest(record.record) == acceptance.host


def is_one_position(executions: Iterable[Execution]) -> bool:
    """Tell whether *executions* open a position once, and close no more of it."""
    left = Decimal(0)
    was_closed = False
    for execution in sorted(executions, key=lambda e: (e.executed_at, e.kind, e.part)):
        before, left = left, left + execution.quantity
        if was_closed or before * left < 0:
            return False
        was_closed = not left
    return True


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

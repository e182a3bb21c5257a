"""
Comparing the host with the journal, and repairing what can be repaired.

A comparison reads and changes nothing. A repair puts what is missing into the outbox,
and what the host has learned since; it deletes nothing, and sends again what a person
deleted in the journal only when it is told to.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import attrs

from argo_tradervue_plugin.delivery.planner import put_down
from argo_tradervue_plugin.delivery.recognition import recognised
from argo_tradervue_plugin.delivery.schedule import EASTERN
from argo_tradervue_plugin.errors import NotFound, TradeError
from argo_tradervue_plugin.journal import notes
from argo_tradervue_plugin.journal.executions import EventKind, Execution, Kind
from argo_tradervue_plugin.journal.matching import (
    Expected,
    Found,
    executions_of,
    in_executions,
    in_list,
    worth_reading,
)
from argo_tradervue_plugin.journal.plan import is_simulated, legs, skip_code
from argo_tradervue_plugin.journal.reasons import sentence
from argo_tradervue_plugin.journal.reconcile import HostTrade, Report, reconcile
from argo_tradervue_plugin.journal.records import TradeRecord
from argo_tradervue_plugin.journal.slots import slot_of
from argo_tradervue_plugin.journal.symbols import in_journal
from argo_tradervue_plugin.outbox.interface import (
    Outbox,
    Recorded,
    State,
    outcome_of,
)
from argo_tradervue_plugin.settings import Settings
from argo_tradervue_plugin.tradervue.models import JournalTrade, TradeFilter

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Reconciler", "Repair"]

DELETED: Final = "deleted"  # read back once, and no longer in the journal
MOST_READ: Final = 200  # journal trades that are asked for one by one
READ_BACK: Final = (State.LINKED, State.SYNCED)
UNDER_WAY: Final = (State.NEW, State.RECORDED, State.SENT, State.IMPORTED)


@attrs.frozen(kw_only=True)
class Repair:
    """What a repair has put on its way, in trades."""

    recorded: int = 0
    linked: int = 0
    resent: int = 0


@attrs.frozen(kw_only=True)
class Told:
    """What a host has recorded of a trade, and the object itself where there is one."""

    record: TradeRecord
    trade: object = None


@attrs.frozen(kw_only=True)
class Survey:
    """
    Both sides as they stand, and which host trade stands where.

    *links* leads from a host trade to its journal trade, *rows* are the journal's by
    id. *found* are executions that stand elsewhere than the outbox knows, or of which
    it does not know; *unusable* are host trades that make no sense, with the reason.
    """

    told: Mapping[str, Told]
    host: list[HostTrade]
    rows: Mapping[int, JournalTrade]
    links: Mapping[str, int]
    found: list[Found]
    unusable: list[tuple[str, str]]


class Reconciler:
    """
    Compares and repairs, for any thread.

    *client* returns the client to read with; *recent* the host's own trades of the
    last days, None where there is no host: then what it told last is compared.
    """

    def __init__(
        self,
        outbox: Outbox,
        settings: Settings,
        client: Callable[[], "TradervueClient"],
        recent: Callable[[int], Iterable[object] | None],
    ) -> None:
        self._outbox = outbox
        self._settings = settings
        self._client = client
        self._recent = recent

    def compare(self, days: int, trades: Iterable[object] | None = None) -> Report:
        """
        Return how the journal differs from the host in the last *days* days.

        *trades* are the host's, where they are known otherwise.

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
        report = self._report(survey)
        linked = self._keep_links(survey)
        deleted = [m.trade_id for m in report.missing if m.state == DELETED]
        for one in survey.host:
            if resend_deleted and one.state == DELETED:
                self._send_again(one, survey.told[one.trade_id].trade)
        stale = {m.trade_id for m in report.missing} - set(deleted)
        stale |= {d.trade_id for d in report.different} | linked
        recorded = sorted(i for i in stale if survey.told[i].trade is not None)
        for trade_id in recorded:
            self._record(survey.told[trade_id].trade)
        late = {d.trade_id for d in report.different if d.field == "commission"}
        self._ask_for_commissions(one for one in survey.host if one.trade_id in late)
        return Repair(
            recorded=len(recorded),
            linked=len(linked),
            resent=len(deleted) if resend_deleted else 0,
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
            trade_id = self._named_by(row)
            if trade_id is None or self._outbox.trade(trade_id) is not None:
                continue
            executions = executions_of(trade_id, row)
            if executions:
                self._adopt(row, executions)
                adopted += 1
        return adopted

    def _named_by(self, row: JournalTrade) -> str | None:
        """Return the one host trade that the notes of *row* name, None otherwise."""
        ids = notes.trade_ids_in(row.notes_excerpt)
        if not ids and row.notes_excerpt and row.exec_count and self._is_ours(row):
            # Somebody wrote so much before our block that the list does not show it.
            ids = notes.trade_ids_in(self._client().trade(row.id).notes)
        return ids[0] if len(ids) == 1 else None

    def _adopt(self, row: JournalTrade, executions: Iterable[Execution]) -> None:
        """Note a trade that stands in the journal and is not known to the outbox."""
        base = self._settings.account_tag
        slots = {slot: tag for tag in row.tags if (slot := slot_of(base, tag))}
        slot = max(slots, default=1)  # what somebody retagged is taken for the first
        account_tag = slots.get(slot, base) if self._settings.account_tags else ""
        with self._outbox.maintain() as writer:
            for execution in executions:
                if execution.kind is Kind.ENTRY:
                    writer.open_trade(execution, slot=slot, account_tag=account_tag)
                else:
                    writer.close_trade(execution)
                writer.adopt(
                    execution, row.id, account_tag=account_tag, now=time.time()
                )

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
                kinds = {each.kind for each in found}
                row = survey.rows[found[0].journal_id]
                known = [e for e in host[trade_id].executions if e.kind in kinds]
                if self._is_ours(row) and len(known) == row.exec_count == len(Kind):
                    # The host may have learned its commission since.
                    known[1] = attrs.evolve(known[1], commission=row.commission)
                if Kind.ENTRY in kinds:
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
        report = reconcile(survey.host, survey.rows.values(), survey.links, tags=ours)
        return attrs.evolve(report, unusable=tuple(survey.unusable))

    def _survey(self, days: int, trades: Iterable[object] | None) -> Survey:
        """Read both sides, and look for what does not stand where it should."""
        since = first_day(days)
        told = self._told(days, trades)
        host, unusable = self._host(told, since)
        listed = self._client().list_trades(TradeFilter(start=since))
        rows = {row.id: row for row in listed}
        known = self._known(host)
        self._look_beyond(set(known.values()) - rows.keys(), rows)
        links = {i: j for i, j in known.items() if j in rows}
        for trade_id in crowded(host, links, rows):
            del links[trade_id]
        found = self._search(host, links, rows)
        links |= {f.trade_id: f.journal_id for f in found if f.kind is Kind.ENTRY}
        gone = known.keys() - links.keys()
        return Survey(
            told=told,
            host=[
                attrs.evolve(one, state=DELETED) if one.trade_id in gone else one
                for one in host
            ],
            rows=rows,
            links=links,
            found=[f for f in found if known.get(f.trade_id) != f.journal_id],
            unusable=unusable,
        )

    def _told(self, days: int, trades: Iterable[object] | None) -> dict[str, Told]:
        if trades is None:
            # A day more: the host counts back from this hour, we from midnight.
            trades = self._recent(days + 1)
        if trades is not None:
            return self._by_id(trades)
        first = datetime.combine(first_day(days), datetime.min.time(), EASTERN)
        known = self._outbox.snapshots_since(first.timestamp())
        return {s.trade_id: Told(record=s.record) for s in known}

    def _by_id(self, trades: Iterable[object]) -> dict[str, Told]:
        """Return what a host has of its *trades*, by the id that the outbox has."""
        return {
            one.trade_id: Told(record=one.record, trade=one.trade)
            for one in recognised(self._outbox, self._settings, trades)
        }

    def _host(
        self, told: Mapping[str, Told], since: date
    ) -> tuple[list[HostTrade], list[tuple[str, str]]]:
        """Return what the journal should show, and what makes no sense with why."""
        states = self._outbox.states_of(told)
        reasons = {row.trade_id: row.reason for row in self._outbox.parked(10_000)}
        usable, unusable = [], []
        for trade_id, one in told.items():
            try:
                trade = self._as_told(trade_id, one)
            except TradeError as error:
                unusable.append((trade_id, str(error)))
                continue
            if trade is None or day_of(trade.entry) < since:
                continue
            known = states.get(trade_id, {})
            usable.append(
                attrs.evolve(
                    trade,
                    state=outcome_of(known.values()) if known else "not recorded",
                    reason=sentence(reasons.get(trade_id)),
                )
            )
        return usable, unusable

    def _as_told(self, trade_id: str, told: Told) -> HostTrade | None:
        """Return a trade as the journal should show it; None: it has no place there."""
        record = told.record
        if record.entry is None and record.exit is None:
            rows = self._outbox.of_trades([trade_id])[trade_id]
            executions = [row.execution for row in rows if row.execution]
            expected = Expected.of(None, executions)
            if expected is None:
                return None
            closing = expected.executions[-1]
            return HostTrade(
                trade_id=trade_id,
                entry=expected.entry,
                exit=expected.exit,
                further=expected.further,
                commission=closing.commission,
            )
        is_left_out = is_simulated(record) and self._settings.simulated == "skip"
        if skip_code(record) is not None or is_left_out:
            return None
        entries, exits = legs(record, partial(in_journal, names=self._settings.symbols))
        expected = Expected.of(None, (*entries, *exits))
        if expected is None:
            return None
        return HostTrade(
            trade_id=trade_id,
            entry=expected.entry,
            exit=expected.exit,
            further=expected.further,
            commission=record.commission,
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
    ) -> list[Found]:
        """
        Look for what stands nowhere, and for what stands better elsewhere.

        Somebody may have merged, split or entered trades by hand: the executions tell.
        """
        inside: defaultdict[int, list[Execution]] = defaultdict(list)
        wanted: dict[str, Expected] = {}
        for one in host:
            expected = self._expected(one)
            journal_id = links.get(one.trade_id)
            if journal_id is None or not in_list([expected], [rows[journal_id]]):
                wanted[one.trade_id] = expected
            if journal_id is not None:
                inside[journal_id] += expected.executions
        if not wanted:
            return []
        free = [row for row in rows.values() if row.id not in inside]
        found: list[Found] = []
        for is_ours in (True, False):
            lost = [w for w in wanted.values() if w.trade_id not in ids_of(found)]
            some = [row for row in free if self._is_ours(row) is is_ours]
            found += in_list(lost, some)
        for each in found:
            executions = wanted[each.trade_id].executions
            inside[each.journal_id] += [e for e in executions if e.kind is each.kind]
        missing = [
            execution
            for want in wanted.values()
            if want.trade_id not in links and want.trade_id not in ids_of(found)
            for execution in want.executions
        ]
        roomy = [r for r in rows.values() if r.exec_count > len(inside[r.id])]
        read = {}
        for journal_id in worth_reading(missing, roomy)[:MOST_READ]:
            with suppress(NotFound):
                read[journal_id] = self._client().executions(journal_id)
        taken = [(i, execution) for i in read for execution in inside[i]]
        ours = {i for i in read if self._is_ours(rows[i])}
        return found + in_executions(missing, read, taken, ours)

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

"""
Comparing the host with the journal, and repairing what can be repaired.

A comparison reads and changes nothing. A repair puts what is missing into the outbox,
and what the host has learned since; it deletes nothing, and sends again what a person
deleted in the journal only when it is told to.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import attrs

from argo_tradervue_plugin.delivery.planner import understand
from argo_tradervue_plugin.delivery.schedule import EASTERN
from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.journal import notes
from argo_tradervue_plugin.journal.executions import (
    Execution,
    Kind,
    plan,
    skip_reason,
)
from argo_tradervue_plugin.journal.matching import (
    Expected,
    in_executions,
    in_list,
    worth_reading,
)
from argo_tradervue_plugin.journal.reconcile import HostTrade, Report, reconcile
from argo_tradervue_plugin.journal.trades import capture, identity_of
from argo_tradervue_plugin.outbox.interface import Outbox, State, outcome_of
from argo_tradervue_plugin.settings import Settings
from argo_tradervue_plugin.tradervue.client import TradervueClient
from argo_tradervue_plugin.tradervue.models import JournalTrade, Side, TradeFilter

__all__ = ["Reconciler", "Repair"]

DELETED: Final = "deleted"  # read back once, and no longer in the journal
MOST_READ: Final = 200  # journal trades whose executions are asked for, one by one


@attrs.frozen(kw_only=True)
class Repair:
    """What a repair has put on its way, in trades."""

    recorded: int = 0
    linked: int = 0
    resent: int = 0


@attrs.frozen(kw_only=True)
class Told:
    """A host trade as it was told last, and the object itself where there is one."""

    payload: str
    trade: object = None


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
        client: Callable[[], TradervueClient],
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
        host, unusable = self._host(days, trades)
        rows = self._listed(days)
        links, _ = self._links(host, rows)
        report = reconcile(host, rows, links, tags=our_tags(rows, self._settings))
        return attrs.evolve(report, unusable=tuple(unusable))

    def repair(
        self,
        days: int,
        trades: Iterable[object] | None = None,
        *,
        resend_deleted: bool = False,
    ) -> Repair:
        """Put on its way what :meth:`compare` finds missing or out of date."""
        told = self._told(days, trades)
        host, _ = self._host(days, trades)
        rows = self._listed(days)
        links, news = self._links(host, rows)
        report = reconcile(host, rows, links, tags=our_tags(rows, self._settings))
        with self._outbox.maintain() as writer:
            for trade_id, kind, journal_id in news:
                writer.link(trade_id, kind, journal_id, now=time.time())
        deleted = [m.trade_id for m in report.missing if m.state == DELETED]
        if resend_deleted:
            with self._outbox.maintain() as writer:
                for trade_id in deleted:
                    writer.forget_place(trade_id, now=time.time())
        stale = {m.trade_id for m in report.missing} - set(deleted)
        stale |= {d.trade_id for d in report.different}
        recorded = [i for i in stale if i in told and told[i].trade is not None]
        for trade_id in recorded:
            self._record(told[trade_id].trade)
        return Repair(
            recorded=len(recorded),
            linked=len({trade_id for trade_id, _, _ in news}),
            resent=len(deleted) if resend_deleted else 0,
        )

    def relink(self) -> int:
        """
        Rebuild the map from what our notes say in the journal; return how many trades.

        For an outbox that was lost: what stands in the journal is then not sent again,
        and new positions keep out of the slots of those that are open.
        """
        adopted = 0
        for row in self._client().list_trades():
            tag = next((t for t in row.tags if is_ours(t, self._settings)), None)
            ids = notes.trade_ids_in(row.notes_excerpt)
            if tag is None or len(ids) != 1 or self._outbox.trade(ids[0]) is not None:
                continue
            executions = list(executions_of(ids[0], row))
            if not executions:
                continue
            account_tag = tag if self._settings.account_tags else ""
            with self._outbox.maintain() as writer:
                writer.open_trade(
                    executions[0],
                    slot=slot_of(tag, self._settings),
                    account_tag=account_tag,
                )
                for execution in executions:
                    writer.adopt(
                        execution, row.id, account_tag=account_tag, now=time.time()
                    )
                    if execution.kind is Kind.EXIT:
                        writer.close_trade(execution)
            adopted += 1
        return adopted

    def _record(self, trade: object) -> None:
        trade_id, identity = identity_of(trade)
        kinds = [Kind.ENTRY]
        if getattr(trade, "exit_timestamp", None) is not None:
            kinds.append(Kind.EXIT)
        for kind in kinds:
            payload = capture(trade)
            self._outbox.record(
                trade_id, kind, identity, payload, time.time(), patience=1.0
            )

    def _listed(self, days: int) -> list[JournalTrade]:
        where = TradeFilter(start=first_day(days))
        return list(self._client().list_trades(where))

    def _told(self, days: int, trades: Iterable[object] | None) -> dict[str, Told]:
        if trades is None:
            trades = self._recent(days)
        if trades is not None:
            return {
                identity_of(trade)[0]: Told(payload=capture(trade), trade=trade)
                for trade in trades
            }
        first = datetime.combine(first_day(days), datetime.min.time(), EASTERN)
        known = self._outbox.snapshots_since(first.timestamp())
        return {s.trade_id: Told(payload=s.payload) for s in known}

    def _host(
        self, days: int, trades: Iterable[object] | None
    ) -> tuple[list[HostTrade], list[tuple[str, str]]]:
        """Return what the journal should show, and what makes no sense with why."""
        told = self._told(days, trades)
        states = self._outbox.states_of(told)
        reasons = {row.trade_id: row.reason for row in self._outbox.parked(10_000)}
        usable, unusable = [], []
        for trade_id, one in told.items():
            try:
                trade = understand(one.payload, trade_id, self._settings)
                if skip_reason(trade) is not None:
                    continue
                is_closed = trade.exit_timestamp is not None
                known = states.get(trade_id, {})
                usable.append(
                    HostTrade(
                        trade_id=trade_id,
                        entry=plan(trade, Kind.ENTRY),
                        exit=plan(trade, Kind.EXIT) if is_closed else None,
                        commission=trade.commission,
                        state=self._standing(known, is_closed=is_closed),
                        reason=reasons.get(trade_id),
                    )
                )
            except TradeError as error:
                unusable.append((trade_id, str(error)))
        return usable, unusable

    @staticmethod
    def _standing(known: Mapping[Kind, State], *, is_closed: bool) -> str:
        if not known:
            return "not recorded"
        wanted = list(Kind) if is_closed else [Kind.ENTRY]
        if all(known.get(kind) in (State.LINKED, State.SYNCED) for kind in wanted):
            return DELETED
        return outcome_of(known.values())

    def _links(
        self, host: list[HostTrade], rows: list[JournalTrade]
    ) -> tuple[dict[str, int], list[tuple[str, Kind, int]]]:
        """
        Return where each host trade stands, and what of that is news.

        A link that leads nowhere (somebody merged, split or deleted) is looked for
        anew, by the executions themselves.
        """
        listed = {row.id for row in rows}
        links: dict[str, int] = {}
        for one in host:
            known = self._outbox.trade(one.trade_id)
            if known is not None and known.journal_id in listed:
                links[one.trade_id] = known.journal_id
        lost = [one for one in host if one.trade_id not in links]
        if not lost or not rows:
            return links, []
        taken = set(links.values())
        expected = [
            Expected(trade_id=o.trade_id, account_tag=None, entry=o.entry, exit=o.exit)
            for o in lost
        ]
        found = in_list(expected, rows, taken)
        seen = {(f.trade_id, f.kind) for f in found}
        missing = [
            execution
            for want in expected
            for execution in want.executions
            if (execution.trade_id, execution.kind) not in seen
        ]
        where = [i for i in worth_reading(missing, rows) if i not in taken][:MOST_READ]
        client = self._client()
        found += in_executions(missing, {i: client.executions(i) for i in where})
        for each in found:
            if each.kind is Kind.ENTRY:
                links[each.trade_id] = each.journal_id
        return links, [(f.trade_id, f.kind, f.journal_id) for f in found]


def first_day(days: int) -> date:
    """Return the first New York day of the last *days* days."""
    return datetime.now(EASTERN).date() - timedelta(days=days)


def is_ours(tag: str, settings: Settings) -> bool:
    """Tell whether *tag* is one of our account tags."""
    return bool(re.fullmatch(rf"{re.escape(settings.account_tag)}(-[0-9]+)?", tag))


def slot_of(tag: str, settings: Settings) -> int:
    """Return the slot of an account tag, counted from 1."""
    number = tag.removeprefix(settings.account_tag).lstrip("-")
    return int(number) if number else 1


def our_tags(rows: Iterable[JournalTrade], settings: Settings) -> set[str]:
    """Return which of the tags of *rows* are our account tags."""
    return {tag for row in rows for tag in row.tags if is_ours(tag, settings)}


def executions_of(trade_id: str, row: JournalTrade) -> Iterable[Execution]:
    """Yield the executions that *row* proves; none where it holds something else."""
    closed = not row.open and row.exec_count == len(Kind)
    if row.started_at is None or row.entry_price is None or row.volume is None:
        return
    if not (closed or (row.open and row.exec_count == 1)):
        return
    size = row.volume / (2 if closed else 1)
    opens = size if row.side is Side.LONG else -size
    facts: dict[str, Any] = {"trade_id": trade_id, "symbol": row.symbol}
    yield Execution(
        kind=Kind.ENTRY,
        quantity=opens,
        price=row.entry_price,
        executed_at=row.started_at.astimezone(UTC),
        **facts,
    )
    if closed and row.exit_price is not None and row.ended_at is not None:
        yield Execution(
            kind=Kind.EXIT,
            quantity=-opens,
            price=row.exit_price,
            executed_at=row.ended_at.astimezone(UTC),
            commission=row.commission,
            **facts,
        )

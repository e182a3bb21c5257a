"""
Comparing the host with the journal, and repairing what can be repaired.

A comparison reads and changes nothing. A repair puts what is missing into the outbox,
and what the host has recorded since; it deletes nothing, and sends again what a person
deleted in the journal only on request.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import attrs

from argo_tradervue_plugin.config.addresses import trades_page
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.grouping import JOINED
from argo_tradervue_plugin.delivery.slots import note_execution
from argo_tradervue_plugin.matching.compare import HostTrade, Report, reconcile
from argo_tradervue_plugin.matching.report import Place
from argo_tradervue_plugin.model.executions import EventKind, Kind
from argo_tradervue_plugin.model.records import TradeRecord
from argo_tradervue_plugin.model.times import new_york_day
from argo_tradervue_plugin.outbox.records import Recorded
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.planning.slots import slot_of
from argo_tradervue_plugin.services.reconciliation.accepting import Accepting
from argo_tradervue_plugin.services.reconciliation.adoption import Adopter, log_progress
from argo_tradervue_plugin.services.reconciliation.host_basics import remove_basic
from argo_tradervue_plugin.services.reconciliation.proofs import PassedOver
from argo_tradervue_plugin.services.reconciliation.survey import (
    DELETED,
    Survey,
    Surveyor,
    has_our_tag,
    ids_of,
)

if TYPE_CHECKING:
    from argo_tradervue_plugin.matching.locate import Found
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Reconciler", "Repair"]


@attrs.frozen(kw_only=True)
class Repair:
    """What a repair has put on its way, in trades."""

    recorded: int = 0
    linked: int = 0
    resent: int = 0


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
        self._settings = settings
        self._client = client
        self._surveyor = Surveyor(outbox, settings, client, recent)
        self._adopter = Adopter(outbox, settings, client)
        self._accepting = Accepting(outbox, client)

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
        named = self._adopter.adopt_named(survey)
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
        self._look_at_grouping(survey.host)
        late = {d.trade_id for d in report.different if d.field == "commission"}
        self._ask_for_commissions(one for one in survey.host if one.trade_id in late)
        return Repair(
            recorded=len(news),
            linked=len(linked),
            resent=len(resent) if resend_deleted else 0,
        )

    def relink(self, progress: Callable[[int, int], None] = log_progress) -> int:
        """
        Rebuild the map from what our notes say in the journal; return how many trades.

        For an outbox that was lost: what stands in the journal is then not sent again,
        and new positions keep out of the slots of those that are open.

        Where opposite trades close each other, those are left out that another may have
        closed.

        Raises:
            ApiError: where the journal could not be read.
        """
        return self._adopter.relink(progress=progress)

    @property
    def passed_over(self) -> Sequence[PassedOver]:
        """Return the journal trades that :meth:`relink` did not take, and why."""
        return self._adopter.passed_over

    def accept(
        self,
        ids: Iterable[str],
        days: int,
        trades: Iterable[object] | None = None,
    ) -> tuple[str, ...]:
        """
        Accept trades and journal trades as they are; return the unknown *ids*.

        An id is that of a host trade, or that of a journal trade: then everything of
        ours that stands there is accepted. With an unknown one nothing is accepted.

        Raises:
            ApiError: where the journal could not be read; nothing was changed.
        """
        survey = self._survey(days, trades)
        return self._accepting.accept(ids, survey, self._report(survey))

    def remove_basic(self, journal_id: int) -> str:
        """
        Delete a basic trade of the host's old sync; return why not, empty: it is gone.

        Raises:
            ApiError: Tradervue did not answer, or refused.
        """
        return remove_basic(self._client, journal_id)

    def _survey(self, days: int, trades: Iterable[object] | None) -> Survey:
        """Read both sides; what people have accepted, and still holds, is marked."""
        return self._accepting.with_accepted(self._surveyor.survey(days, trades))

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
            bare=survey.bare,
            beyond=survey.beyond,
            pages=trades_page(self._settings.base_url) + "/",
        )
        named = {i: named_in(survey.records[i].record) for i, _ in survey.unusable}
        return attrs.evolve(report, unusable=tuple(survey.unusable), named=named)

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
                if (
                    has_our_tag(row, self._settings)
                    and len(known) == row.exec_count > 1
                ):
                    # The host may have learned its commission since.
                    known[-1] = attrs.evolve(known[-1], commission=row.commission)
                if known[0].kind is Kind.ENTRY:
                    self._adopter.adopt(row, known)
                    kept.add(trade_id)
                continue
            here = {r.key: r for r in self._outbox.of_trades([trade_id])[trade_id]}
            with self._outbox.maintain() as writer:
                for each in found:
                    # What is on its way, the forwarder reads back itself.
                    one = here.get(each.key)
                    if one is None:
                        continue
                    if one.state.is_read_back or one.state.is_aside:
                        writer.link(one, each.journal_id, now=time.time())
                        kept.add(trade_id)
        return kept

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
                note_execution(self._outbox, writer, execution, tag, now)
        if trade is not None:
            self._record(trade)

    def _look_at_grouping(self, trades: Iterable[HostTrade]) -> None:
        """Let the forwarder look again at what was joined, and may be right by now."""
        joined = [t for t in trades if any(o.code in JOINED for o in t.outcomes)]
        if not joined:
            return
        with self._outbox.maintain() as writer:
            for one in joined:
                writer.wants_notes(one.trade_id)

    def _ask_for_commissions(self, trades: Iterable[HostTrade]) -> None:
        """Let commissions be laid over that were learned, and never got there."""
        for one in trades:
            rows = self._outbox.of_trades([one.trade_id])[one.trade_id]
            for row in rows:
                if (
                    row.kind is Kind.EXIT
                    and row.state.is_read_back
                    and row.execution is not None
                    and one.commission not in (None, row.execution.commission)
                ):
                    with self._outbox.maintain() as writer:
                        writer.want_overlay(one.trade_id, one.commission)


def named_in(record: TradeRecord) -> Place:
    """Return symbol and day of a host trade that makes no sense, as far as known."""
    at = record.entered_at
    return Place(
        symbol=record.symbol or "", day=None if at is None else new_york_day(at)
    )

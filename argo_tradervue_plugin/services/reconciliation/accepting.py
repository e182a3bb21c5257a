"""What a person accepts as it is, and whether that still holds."""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

import attrs

from argo_tradervue_plugin.matching.compare import Report
from argo_tradervue_plugin.model.acceptance import host_digest, journal_digest
from argo_tradervue_plugin.model.records import TradeRecord
from argo_tradervue_plugin.outbox.records import Acceptance
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.services.reconciliation.survey import Reading, Survey

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Accepting"]

LONGEST_NUMBER: Final = 18  # digits of a journal id


class Accepting:
    """Keeps what people accept in the outbox, with digests of both sides."""

    def __init__(self, outbox: Outbox, client: Callable[[], "TradervueClient"]) -> None:
        self._outbox = outbox
        self._client = client

    def accept(
        self, ids: Iterable[str], survey: Survey, report: Report
    ) -> tuple[str, ...]:
        """Accept *ids* as they stand; return unknown ones, and then accept none."""
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

    def with_accepted(self, survey: Survey) -> Survey:
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
        """Return the journal trades that hold a trade, or held it."""
        rows = self._outbox.of_trade(trade_id)
        places = {row.journal_id for row in rows if row.journal_id is not None}
        if trade_id in survey.links:
            places.add(survey.links[trade_id])
        return sorted(places | survey.split_off.get(trade_id, set()))


def is_in(survey: Survey, acceptance: Acceptance) -> bool:
    """Tell whether *acceptance* is of a trade of *survey* as the host has it."""
    if acceptance.journal_id is not None:
        return acceptance.journal_id in survey.rows
    record = survey.records.get(acceptance.trade_id or "")
    return record is not None and host_digest(record.record) == acceptance.host

"""Which journal trades that name a host trade are that trade; the others, and why."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.enlisting import replan
from argo_tradervue_plugin.delivery.lane import Context
from argo_tradervue_plugin.errors import NotFound, one_line
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.matching import claims, notes
from argo_tradervue_plugin.matching.locate import executions_in, executions_of
from argo_tradervue_plugin.model.executions import Execution
from argo_tradervue_plugin.model.journal import JournalTrade
from argo_tradervue_plugin.outbox.writer import Writer
from argo_tradervue_plugin.services.reconciliation.survey import Reading, has_our_tag

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["PassedOver", "Proofs", "keep_claims"]

MOST_SAID: Final = 20  # lines of the log about journal trades that are passed over


@attrs.frozen
class PassedOver:
    """A journal trade that names *trade_id*, and *why* it is not taken for it."""

    journal_id: int
    trade_id: str
    why: str


class Proofs:
    """
    Looks whether journal trades are what their notes say, and keeps those that are not.

    *rivals* counts how many journal trades name each host trade. The list of trades
    shows enough of most notes; the rest are asked for one by one.
    """

    def __init__(
        self,
        settings: Settings,
        client: Callable[[], "TradervueClient"],
        rivals: Mapping[str, int] | None = None,
    ) -> None:
        self._settings = settings
        self._client = client
        self._rivals = Counter(rivals or {})
        self.passed_over: list[PassedOver] = []
        self.claims: dict[str, list[claims.Claim]] = {}

    def misfit(
        self, trade_id: str, row: JournalTrade, executions: Sequence[Execution]
    ) -> str | None:
        """Return why *row*, with *executions*, is not *trade_id*; None: it is."""
        if not has_our_tag(row, self._settings):
            return "it has no account tag of ours"
        names = self._settings.symbols
        said = claims.said_in(row.notes_excerpt, trade_id)
        why = said.misfit(executions, names)
        if said.symbol is not None and why is not None:
            return why
        if why is None and not self._is_doubtful(trade_id, row, said):
            return None
        try:
            whole = self._client().trade(row.id).notes
        except NotFound:
            return "somebody has just deleted it"
        return claims.said_in(whole, trade_id).misfit(executions, names)

    def _is_doubtful(self, trade_id: str, row: JournalTrade, said: claims.Said) -> bool:
        """Tell whether the beginning of the notes is not enough: they may be a copy."""
        tags = notes.class_tags(said.asset_class)
        return (
            self._rivals[trade_id] > 1
            or not set(tags) <= set(row.tags)
            or row.started_at is None
            or claims.is_of_another_time(trade_id, row.started_at)
        )

    def report(self, trade_id: str, row: JournalTrade, why: str) -> None:
        """Say that *row* is not taken for *trade_id*."""
        self.passed_over.append(PassedOver(row.id, trade_id, why))
        if len(self.passed_over) <= MOST_SAID:
            log.warning(
                "tradervue.passed_over journal=%d trade=%s reason=%s: its notes name "
                "the trade, and it is not linked",
                row.id,
                one_line(trade_id, 80),
                why,
            )

    def pass_over(self, trade_id: str, row: JournalTrade, why: str) -> None:
        """Say that *row* is not taken for *trade_id*, and note what it claims."""
        self.report(trade_id, row, why)
        executions = executions_of(trade_id, row) or executions_in(
            trade_id, Reading(self._client())([row.id]).get(row.id, ())
        )
        kept = self.claims.setdefault(trade_id, [])
        kept += [claims.Claim.of(row.id, execution) for execution in executions]


def keep_claims(
    context: Context,
    writer: Writer,
    news: Mapping[str, Iterable[claims.Claim]],
    proven: Iterable[str],
) -> None:
    """Keep the claims on trades that none has proven; plan again what they concern."""
    text = context.outbox.condition(claims.CLAIMS)
    kept: dict[str, Iterable[claims.Claim]] = {**claims.claims_in(text), **news}
    for trade_id in proven:
        kept.pop(trade_id, None)
    if claims.as_text(kept) == text:
        return
    writer.set_condition(claims.CLAIMS, claims.as_text(kept))
    for trade_id in sorted(kept.keys() & news.keys()):
        replan(context, writer, trade_id)

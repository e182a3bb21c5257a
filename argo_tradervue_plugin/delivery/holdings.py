"""
What a journal trade holds, and whose it is, as far as the outbox can tell.

Every journal trade is read once for all that asks about it; most are known by their
row of a list, and cost nothing more.
"""

from collections.abc import Iterable, Sequence

import attrs

from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.linker import anywhere, list_between
from argo_tradervue_plugin.errors import NotFound
from argo_tradervue_plugin.matching.locate import is_same
from argo_tradervue_plugin.matching.standing import Held, Standing, our_tags, told_apart
from argo_tradervue_plugin.model.executions import Execution, Key, whole_second
from argo_tradervue_plugin.model.journal import (
    JournalExecution,
    JournalTrade,
    Side,
)
from argo_tradervue_plugin.outbox.records import Row

__all__ = ["Holdings"]

FEW = 3  # journal trades that are read one by one; more are read from a list


@attrs.define
class Holdings:
    """The journal trades that were read for one decision."""

    lane: Lane
    trades: dict[int, JournalTrade | None] = attrs.field(factory=dict)
    fills: dict[int, list[JournalExecution]] = attrs.field(factory=dict)

    def prepare(self, entries: Sequence[Row]) -> None:
        """Read the journal trades of *entries* at once, where they are many."""
        ids = {row.journal_id for row in entries}
        if len(ids) > FEW:
            moments = [row.execution.executed_at for row in entries if row.execution]
            tag = self.lane.tag_of(entries[0])
            for row in list_between(self.lane, moments, tag=tag):
                self.trades[row.id] = row

    def trade(self, journal_id: int) -> JournalTrade | None:
        """Return a journal trade, None where it is gone."""
        if journal_id not in self.trades:
            try:
                self.trades[journal_id] = self.lane.client.trade(journal_id)
            except NotFound:
                self.trades[journal_id] = None
        return self.trades[journal_id]

    def executions(self, journal_id: int) -> list[JournalExecution]:
        """Return the executions of a journal trade, none where it is gone."""
        if journal_id not in self.fills:
            try:
                self.fills[journal_id] = self.lane.client.executions(journal_id)
            except NotFound:
                self.fills[journal_id] = []
        return self.fills[journal_id]

    def forget(self, journal_id: int) -> None:
        """Read a journal trade again when it is asked for."""
        self.trades.pop(journal_id, None)
        self.fills.pop(journal_id, None)

    def tags(self, trade: JournalTrade, planned: str) -> tuple[str, ...]:
        """Return the account tags of ours that a journal trade carries."""
        return our_tags(trade.tags, self.lane.settings.account_tag, planned)

    def standing(
        self, trade: JournalTrade, own: Sequence[Row], due: Iterable[Row] = ()
    ) -> Standing:
        """
        Return whose executions a journal trade holds, for the trade of ours in it.

        *own* are all executions of that one, *due* those of them that were never sent
        and may stand there all the same.
        """
        here = [r for r in own if r.execution and r.journal_id == trade.id]
        plain = alone(trade, here)
        claimants = self.lane.outbox.claimed([trade.id]).get(trade.id, set())
        if plain is not None and claimants <= {own[0].trade_id}:
            return plain
        fills = self.executions(trade.id)
        unseen = [r for r in own if r.journal_id is None and r.import_id is not None]
        unseen += [r for r in due if r.import_id is None]
        linked, strays = self._others(trade, own, fills, claimants)
        first = told_apart(
            fills,
            own=executions_of(here),
            unseen=executions_of(unseen),
            linked=executions_of(linked),
        )
        known = [*first.foreign, *(held.fill for held in first.own)]
        some = [r for r in strays if self._may_be_among(r, known)]
        if not some:
            return first
        return told_apart(
            fills,
            own=executions_of(here),
            unseen=executions_of(unseen),
            linked=executions_of(linked),
            strays=executions_of(some),
        )

    def crossing(self, standing: Standing, rows: Sequence[Row]) -> set[Key]:
        """
        Return of which executions that show a part the rest stands in another trade.

        What crosses zero stands in two of them. What a person made smaller shows a
        part, too, and there is no rest.
        """
        parts = {
            held.ours.key
            for held in standing.own
            if abs(held.fill.quantity) < abs(held.ours.quantity)
        }
        some = [row for row in rows if row.key in parts]
        return {found.key for found in anywhere(self.lane, some)} if some else set()

    def _others(
        self,
        trade: JournalTrade,
        own: Sequence[Row],
        fills: Iterable[JournalExecution],
        claimants: Iterable[str],
    ) -> tuple[list[Row], list[Row]]:
        """Return what of other trades of ours was read there, and what may be there."""
        outbox, trade_id = self.lane.outbox, own[0].trade_id
        symbol = next(row.execution.symbol for row in own if row.execution)
        others = outbox.sent_at(symbol, (fill.executed_at for fill in fills))
        others += [
            row
            for rows in outbox.of_trades(claimants).values()
            for row in rows
            if row.journal_id is not None
        ]
        found = {row.seq: row for row in others if row.trade_id != trade_id}.values()
        tags = self.tags(trade, own[0].account_tag)
        return (
            [row for row in found if row.journal_id == trade.id],
            [
                row
                for row in found
                if row.journal_id != trade.id
                # Under an account tag of its own it stands elsewhere.
                and (row.journal_id or not tags or row.account_tag in tags)
            ],
        )

    def _may_be_among(self, row: Row, fills: Iterable[JournalExecution]) -> bool:
        """Tell whether *row* is among *fills*, and no more where it was read before."""
        ours = row.execution
        if ours is None or not any(is_same(fill, ours) for fill in fills):
            return False
        if row.journal_id is None:
            return True
        elsewhere = self.executions(row.journal_id)
        return not any(is_same(fill, ours) for fill in elsewhere)


def alone(trade: JournalTrade, here: Sequence[Row]) -> Standing | None:
    """Return what *trade* holds where its row alone proves it: one entry of ours."""
    if len(here) != 1 or here[0].execution is None:
        return None
    ours = here[0].execution
    side = Side.LONG if ours.quantity > 0 else Side.SHORT
    is_alone = (
        trade.open
        and trade.exec_count == 1
        and trade.side is side
        and trade.volume == abs(ours.quantity)
        and trade.entry_price == ours.price
        and trade.started_at is not None
        and whole_second(trade.started_at) == ours.executed_at
    )
    return Standing(own=(Held(ours, as_shown(ours)),)) if is_alone else None


def as_shown(ours: Execution) -> JournalExecution:
    """Return *ours* as the journal shows it."""
    return JournalExecution(
        id=0,
        symbol=ours.symbol,
        quantity=ours.quantity,
        price=ours.price,
        executed_at=ours.executed_at,
    )


def executions_of(rows: Iterable[Row]) -> list[Execution]:
    """Return what *rows* consist of."""
    return [row.execution for row in rows if row.execution]

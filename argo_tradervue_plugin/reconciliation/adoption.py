"""Trades that stand in the journal, and that the outbox does not know."""

import time
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from argo_tradervue_plugin.errors import ConfigError
from argo_tradervue_plugin.journal import notes
from argo_tradervue_plugin.journal.executions import Execution, Kind
from argo_tradervue_plugin.journal.legs import total
from argo_tradervue_plugin.journal.matching import executions_in, executions_of
from argo_tradervue_plugin.journal.slots import slot_of
from argo_tradervue_plugin.outbox.interface import Outbox
from argo_tradervue_plugin.reconciliation.survey import Reading, Survey, has_our_tag
from argo_tradervue_plugin.settings import SECTION, Settings
from argo_tradervue_plugin.tradervue.models import JournalTrade

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Adopter"]


class Adopter:
    """Finds trades by what our notes in the journal say, and notes them as they are."""

    def __init__(
        self,
        outbox: Outbox,
        settings: Settings,
        client: Callable[[], "TradervueClient"],
    ) -> None:
        self._outbox = outbox
        self._settings = settings
        self._client = client

    def relink(self) -> int:
        """
        Rebuild the map from what our notes say in the journal; return how many trades.

        For an outbox that was lost: what stands in the journal is then not sent again,
        and new positions keep out of the slots of those that are open.

        Raises:
            ConfigError: where opposite trades close each other: the journal does not
                tell which of two a closing execution belongs to. What is recorded
                again is not doubled then either: Tradervue knows it.
            ApiError: where the journal could not be read.
        """
        if self._settings.opposite_closes:
            problem = (
                f"relink cannot be used while {SECTION}.opposite_closes is true: the "
                "journal does not tell which of two trades an execution belongs to. "
                "Nothing is doubled without it: let the host record its trades again, "
                "or run `argo-tradervue sync`"
            )
            raise ConfigError([problem])
        adopted = 0
        for row in self._client().list_trades():
            executions = self._unknown_in(row)
            if executions:
                self.adopt(row, executions)
                adopted += 1
        return adopted

    def adopt_named(self, survey: Survey) -> set[str]:
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
                    self.adopt(row, executions)
                    adopted.add(trade_id)
        return adopted

    def adopt(self, row: JournalTrade, executions: Sequence[Execution]) -> None:
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

    def _named_by(self, row: JournalTrade) -> str | None:
        """Return the one host trade that the notes of *row* name, None otherwise."""
        ids = notes.trade_ids_in(row.notes_excerpt)
        if (
            not ids
            and row.notes_excerpt
            and row.exec_count
            and has_our_tag(row, self._settings)
        ):
            # Somebody wrote so much before our block that the list does not show it.
            ids = notes.trade_ids_in(self._client().trade(row.id).notes)
        return ids[0] if len(ids) == 1 else None


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

"""Trades that stand in the journal, and that the outbox does not know."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.enlisting import replan, sent_of
from argo_tradervue_plugin.delivery.lane import Context
from argo_tradervue_plugin.delivery.lease import forwarding
from argo_tradervue_plugin.delivery.slots import retag
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.matching import notes
from argo_tradervue_plugin.matching.claims import CLAIMS
from argo_tradervue_plugin.matching.locate import (
    executions_in,
    executions_of,
    is_same,
    worth_reading,
)
from argo_tradervue_plugin.matching.wording import markers
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.journal import JournalTrade
from argo_tradervue_plugin.outbox.records import Row
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.planning.legs import total
from argo_tradervue_plugin.planning.recording import with_exits_found
from argo_tradervue_plugin.planning.slots import slot_of
from argo_tradervue_plugin.services.reconciliation.proofs import (
    PassedOver,
    Proofs,
    keep_claims,
)
from argo_tradervue_plugin.services.reconciliation.survey import (
    Reading,
    Survey,
    has_our_tag,
)

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Adopter", "log_progress"]

PROGRESS: Final = 500  # journal trades after which it is said how far the search is


def log_progress(adopted: int, looked_at: int) -> None:
    """Log how far the search of a journal is, which may be a long one."""
    log.info("tradervue.relinked trades=%d looked_at=%d", adopted, looked_at)


class Adopter:
    """Finds trades by what our notes in the journal say, and notes them as they are."""

    def __init__(
        self,
        outbox: Outbox,
        settings: Settings,
        client: Callable[[], "TradervueClient"],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._context = Context(outbox=outbox, settings=settings, clock=clock)
        self._outbox = outbox
        self._settings = settings
        self._client = client
        self._proofs = Proofs(settings, client)

    def relink(
        self,
        *,
        is_forwarder: bool = False,
        progress: Callable[[int, int], None] = log_progress,
    ) -> int:
        """
        Rebuild the map from what our notes say in the journal; return how many trades.

        For an outbox that was lost: what is in the journal is then not sent again, and
        new positions keep out of the slots of those that are open. Also what the host
        has recorded again meanwhile, as long as nothing of it was sent, by whoever
        *is_forwarder*, or where no process is. What it has done stays, where it ends
        before the end; it goes on then with the rest. *progress* is called now and
        then, with the trades linked and the journal trades looked at.

        Where opposite trades close each other, trades are left out of which another may
        have closed a part: the journal does not tell whose an execution is.

        Raises:
            ApiError: where the journal could not be read.
        """
        may_replace = is_forwarder or (
            forwarding(self._outbox, self._context.clock()) is None
        )
        adopted, symbols = set[str](), set()
        # All of them first: of several that name one trade, it is the one that fits.
        rows = list(self._client().list_trades())
        named = {row.id: self._named_by(row) for row in rows if row.exec_count}
        proofs = Proofs(
            self._settings, self._client, Counter(filter(None, named.values()))
        )
        self._proofs = proofs
        for looked_at, row in enumerate(rows, start=1):
            trade_id = named.get(row.id)
            if trade_id in adopted:
                proofs.report(trade_id, row, "another journal trade is it")
            elif trade_id and self._is_unsent(trade_id, row.id, may_replace):
                executions = self._proven_in(trade_id, row, rows)
                if executions:
                    self.adopt(row, executions)
                    adopted.add(trade_id)
                    symbols.add(executions[0].symbol)
            if looked_at % PROGRESS == 0:
                progress(len(adopted), looked_at)
        if may_replace:
            self._give_way(symbols)
        if proofs.claims or self._outbox.condition(CLAIMS) is not None:
            lacking = {i: c for i, c in proofs.claims.items() if i not in adopted}
            with self._outbox.maintain() as writer:
                keep_claims(self._context, writer, lacking, adopted)
        if adopted:
            progress(len(adopted), looked_at)
        return len(adopted)

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
        by_marker = {m: trade_id for trade_id in lost for m in markers(trade_id)}
        adopted = set()
        rows = survey.rows.values()
        for row in rows if lost else ():
            ids = notes.trade_ids_in(row.notes_excerpt)
            trade_id = by_marker.get(ids[0]) if len(ids) == 1 else None
            if trade_id is None or not row.exec_count:
                continue
            if not self._is_unsent(trade_id, row.id, may_replace=False):
                continue
            executions = self._proven_in(trade_id, row, rows, lost[trade_id])
            if executions:
                self.adopt(row, executions)
                adopted.add(trade_id)
        return adopted

    @property
    def passed_over(self) -> Sequence[PassedOver]:
        """Return the journal trades that the last search did not take, and why."""
        return tuple(self._proofs.passed_over)

    def adopt(self, row: JournalTrade, executions: Sequence[Execution]) -> None:
        """
        Note a trade that is in the journal and that the outbox does not know.

        Or of which it knows what the host has recorded, and has sent nothing: what is
        in the journal then takes the place of what was planned, and the rest is planned
        again. Its slot is free again where all of it is closed.
        """
        base, trade_id = self._settings.account_tag, executions[0].trade_id
        slots = {slot: tag for tag in row.tags if (slot := slot_of(base, tag))}
        slot = max(slots, default=1)  # what somebody retagged is taken for the first
        account_tag = slots.get(slot, base) if self._settings.account_tags else ""
        now = self._context.clock()
        with self._outbox.maintain() as writer:
            planned = self._outbox.of_trade(trade_id)
            writer.drop(planned)
            writer.free_slot(trade_id)
            writer.open_trade(executions[0], slot=slot, account_tag=account_tag)
            if not sum(execution.quantity for execution in executions):
                writer.close_trade(executions[-1].trade_id, executions[-1].executed_at)
            for execution in executions:
                writer.adopt(execution, row.id, account_tag=account_tag, now=now)
            if not notes.trade_ids_in(row.notes_excerpt):
                writer.wants_notes(trade_id)
            record = self._outbox.record_of(trade_id) if planned else None
            if record is not None:
                sent = sent_of(self._outbox.of_trade(trade_id))
                writer.keep(with_exits_found(record, sent), now=now)
                replan(self._context, writer, trade_id)

    def _give_way(self, symbols: Collection[str]) -> None:
        """Give what was not sent a slot beside what was found in its symbol."""
        entries = [r for r in self._outbox.unsent_entries() if is_in(r, symbols)]
        if not entries:
            return
        with self._outbox.maintain() as writer:
            # In no slot at first, so that none is in the way of another.
            for entry in entries:
                writer.retag(entry.trade_id, slot=0, account_tag="")
            for entry in entries:
                retag(self._context, writer, entry)

    def _proven_in(
        self,
        trade_id: str,
        row: JournalTrade,
        rows: Iterable[JournalTrade],
        size: Decimal | None = None,
    ) -> tuple[Execution, ...]:
        """
        Return what *row*, whose notes name *trade_id*, holds of it by all that it says.

        None where it is passed over. *rows* are those of the journal, for a look at
        others where opposite trades close each other. *size* is what its host says
        that was entered, if known.
        """
        pairs = self._settings.opposite_closes
        executions = () if pairs else executions_of(trade_id, row)
        executions = executions or self._read_in(trade_id, row, size)
        if not executions:
            if not pairs:  # where they close each other that is said of all together
                why = "its executions are not the one position that they name"
                self._proofs.report(trade_id, row, why)
            return ()
        if pairs and not self._is_alone(row, executions, rows):
            return ()
        misfit = self._proofs.misfit(trade_id, row, executions)
        if misfit is not None:
            self._proofs.pass_over(trade_id, row, misfit)
            return ()
        return executions

    def _is_alone(
        self,
        row: JournalTrade,
        executions: Iterable[Execution],
        rows: Iterable[JournalTrade],
    ) -> bool:
        """
        Tell whether no opposite trade can have closed what *row* holds.

        Such a one is named in the notes there, or another journal trade holds more of
        its entry: of the same second and price.
        """
        exits = [e for e in executions if e.kind is Kind.EXIT]
        if not exits:
            return True
        client = self._client()
        if len(notes.trade_ids_in(client.trade(row.id).notes)) > 1:
            return False
        others = [r for r in rows if r.id != row.id and has_our_tag(r, self._settings)]
        read = Reading(client)(worth_reading(exits, others))
        there = [fill for fills in read.values() for fill in fills]
        return not any(
            is_same(attrs.evolve(fill, quantity=own.quantity), own)
            for own in exits
            for fill in there
            if fill.quantity * own.quantity > 0
        )

    def _is_unsent(self, trade_id: str, journal_id: int, may_replace: bool) -> bool:
        """Tell whether nothing of a trade was sent, nor found, nor forgotten since."""
        if trade_id in self._outbox.claimed([journal_id]).get(journal_id, ()):
            return False
        rows = self._outbox.of_trade(trade_id)
        return not rows or (may_replace and not any(row.is_fixed for row in rows))

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


def is_in(row: Row, symbols: Collection[str]) -> bool:
    """Tell whether an execution is in one of *symbols*."""
    return row.execution is not None and row.execution.symbol in symbols

"""What a transaction of the outbox may change, subject by subject."""

from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.model.reasons import code_of, next_step, sentence
from argo_tradervue_plugin.outbox.events import EventChanges
from argo_tradervue_plugin.outbox.imports import ImportChanges
from argo_tradervue_plugin.outbox.outcomes import OutcomeChanges
from argo_tradervue_plugin.outbox.records import State, Transition
from argo_tradervue_plugin.outbox.resends import ResendChanges
from argo_tradervue_plugin.outbox.results import ResultChanges
from argo_tradervue_plugin.outbox.retention import RetentionChanges
from argo_tradervue_plugin.outbox.rows import Connection
from argo_tradervue_plugin.outbox.trades import TradeChanges

__all__ = ["Writer"]


class Writer(
    EventChanges,
    TradeChanges,
    ImportChanges,
    OutcomeChanges,
    ResendChanges,
    ResultChanges,
    RetentionChanges,
):
    """
    What changes inside one transaction, all of it or nothing.

    What there is to say of it is said once it is stored: before, it may not come true,
    and a log of the host's that waits would hold the database.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._warnings: list[tuple[str, tuple[object, ...]]] = []

    def warn(self, message: str, *values: object) -> None:
        """Log a warning once this is stored."""
        self._warnings.append((message, values))

    def log_stored(self) -> None:
        """Say what there is to say, and what waits for a person by now."""
        for change in self.applied:
            if change.is_news and (change.rows or change.keys):
                log_transition(change)
        for message, values in self._warnings:
            log.warning(message, *values)


def log_transition(change: Transition) -> None:
    """Log what became of executions; of what waits with its entry, that has a line."""
    code = code_of(change.reason)
    row = change.rows[0] if change.rows else None
    trade_id, kind, _ = row.key if row else change.keys[0]
    named = f"kind={kind} trade={trade_id}"
    if row is not None and row.execution is not None:
        named += f" symbol={row.execution.symbol}"
    if row is not None and row.journal_id is not None:
        named += f" journal={row.journal_id}"
    why = sentence(change.reason)
    if change.state is State.QUARANTINED and code != "entry_waits":
        step = next_step(change.reason, is_understood=row is not None)
        log.error("tradervue.quarantined %s reason=%s: %s", named, why, step)
    elif change.state is State.BASIC and code == "refused":
        log.error(
            "tradervue.refused %s reason=%s: it is shown as a basic trade", named, why
        )

"""
The plugin put together, once per process: outbox, worker and what hosts call.

Also usable without a host, in a script::

    with TradervueIntegration(Settings(enabled=True, username=..., ...)) as tradervue:
        tradervue.record_entry(trade)
"""

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from argo_tradervue_plugin.credentials import Credentials, find_credentials
from argo_tradervue_plugin.delivery.worker import Worker
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.guard import incidents
from argo_tradervue_plugin.journal.executions import Kind
from argo_tradervue_plugin.journal.trades import capture, identity_of
from argo_tradervue_plugin.outbox.held import HeldEvents, Recorded
from argo_tradervue_plugin.outbox.interface import PENDING, Outbox, State
from argo_tradervue_plugin.outbox.sqlite import SqliteOutbox
from argo_tradervue_plugin.settings import Settings, default_database
from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["TradervueIntegration"]


class TradervueIntegration:
    """
    Records trades durably and forwards them to Tradervue in the background.

    Raises:
        OutboxError: where the outbox cannot be opened.
    """

    def __init__(self, settings: Settings, *, outbox: Outbox | None = None) -> None:
        self.settings = settings
        self.outbox = outbox or SqliteOutbox(
            settings.database or default_database(), durability=settings.durability
        )
        self.held = HeldEvents()
        self.worker = Worker(
            self.outbox,
            settings,
            held=self.held,
            credentials=self._find_credentials,
            connect=self._connect,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def resume(self) -> None:
        """Go on with what an earlier process has left, if there is anything."""
        if not self.worker.is_idle():
            self.worker.wake()

    def record_entry(self, trade: object) -> None:
        """Put the entry of *trade* into the outbox; waits for nothing else."""
        self._record(trade, Kind.ENTRY)

    def record_exit(self, trade: object) -> None:
        """Put the exit of *trade* into the outbox; waits for nothing else."""
        self._record(trade, Kind.EXIT)

    def _record(self, trade: object, kind: Kind) -> None:
        trade_id, identity = identity_of(trade)
        event = (trade_id, kind, identity, capture(trade), time.time())
        try:
            self.outbox.record(*event)
        except OutboxError as error:
            self.held.hold(Recorded(*event), error)
        self.worker.wake()

    def flush(self, timeout: float) -> bool:
        """Wait until everything recorded is in its final state; tell whether it is."""
        return self.worker.flush(timeout)

    def health(self) -> Mapping[str, object]:
        """
        Return how the forwarding goes; reads a handful of rows.

        Times are Unix seconds and ages seconds; None is never, or nothing.
        """
        now = time.time()
        counts = self.outbox.counts()
        oldest = self.outbox.oldest_pending_at()
        told = self.worker.health
        return {
            "queue_depth": sum(counts[state] for state in PENDING) + len(self.held),
            "oldest_pending_age": None if oldest is None else max(0.0, now - oldest),
            "last_success_at": self.outbox.last_synced_at(),
            "last_error": told.last_error,
            "last_error_at": told.last_error_at,
            "failures_in_a_row": told.failures,
            "retry_at": told.retry_at or None,
            "credentials_refused": told.is_refused,
            "holds_lease": self.worker.holds_lease,
            "counts": {str(state): counts[state] for state in State},
            "held_in_memory": len(self.held),
            "lost": self.held.lost,
            "kept_from_host": sum(i.count for i in incidents()),
        }

    def close(self, timeout: float | None = None) -> bool:
        """
        Let the worker finish for at most *timeout* seconds, then stop it.

        Returns whether nothing was left; what was left is in the outbox. By default
        the setting ``flush_seconds`` holds.
        """
        seconds = self.settings.flush_seconds if timeout is None else timeout
        done = self.worker.is_idle() or (seconds > 0 and self.flush(seconds))
        self.worker.stop(max(seconds, 1.0))
        self.outbox.close()
        return done

    def _find_credentials(self) -> Credentials:
        return find_credentials(self.settings)

    def _connect(
        self, credentials: Credentials, before_attempt: Callable[[], None]
    ) -> TradervueClient:
        return TradervueClient(
            credentials,
            base_url=self.settings.base_url,
            user_id=self.settings.user_id,
            contact=self.settings.contact,
            timeout=self.settings.timeout_seconds,
            request_interval=self.settings.request_interval_seconds,
            before_attempt=before_attempt,
        )

"""
The plugin put together, once per process: outbox, worker and what hosts call.

Also usable without a host, in a script::

    settings = Settings(enabled=True, username="me", password="secret")
    with TradervueIntegration(settings) as tradervue:
        tradervue.sync_complete_trade(trade)
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote, urlencode

import attrs

from argo_tradervue_plugin.credentials import (
    Credentials,
    CredentialsFinder,
    warn_of_stale_token,
)
from argo_tradervue_plugin.delivery.schedule import EASTERN
from argo_tradervue_plugin.delivery.worker import Worker
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.guard import guard, incidents
from argo_tradervue_plugin.journal.executions import Kind
from argo_tradervue_plugin.journal.trades import capture, identity_of
from argo_tradervue_plugin.outbox.held import HeldEvents, Recorded
from argo_tradervue_plugin.outbox.interface import (
    HOOK_PATIENCE,
    PENDING,
    Outbox,
    State,
    outcome_of,
)
from argo_tradervue_plugin.outbox.sqlite import SqliteOutbox
from argo_tradervue_plugin.performance import Performance
from argo_tradervue_plugin.settings import Settings, default_database
from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["HostClient", "SyncStats", "TradervueIntegration"]

LOOK: Final = 0.05  # seconds between two looks at how far the worker is
DEFAULT_DAYS: Final = 30
WIDGETS: Final = ("equity", "trades", "performance")


@attrs.frozen(kw_only=True)
class SyncStats:
    """
    What a manual sync came to, in trades.

    *synced* came into the journal by it, *failed* are refused or quarantined,
    *skipped* were there before or have no place there, *pending* are still under way.
    """

    synced: int = 0
    failed: int = 0
    skipped: int = 0
    pending: int = 0


@attrs.frozen(kw_only=True)
class HostClient:
    """What a host reads of ``integration.client``."""

    enabled: bool
    username: str | None


class TradervueIntegration:
    """
    Records trades durably and forwards them to Tradervue in the background.

    *tracker* is the host's, whose trades a manual sync enumerates; more can be added.

    Raises:
        OutboxError: where the outbox cannot be opened.
    """

    def __init__(
        self,
        settings: Settings,
        tracker: object = None,
        *,
        outbox: Outbox | None = None,
    ) -> None:
        self.settings = settings
        self.outbox = outbox or SqliteOutbox(
            settings.database or default_database(), durability=settings.durability
        )
        self.credentials = CredentialsFinder(settings)
        self.held = HeldEvents()
        self.worker = Worker(
            self.outbox,
            settings,
            held=self.held,
            credentials=self.credentials,
            connect=self._connect,
        )
        self._trackers: list[Any] = []
        self._performance = Performance(self._reader, self.outbox, settings)
        self._reading = threading.Lock()
        self._read_by: tuple[Credentials, TradervueClient] | None = None
        self.add_tracker(tracker)
        warn_of_stale_token()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def add_tracker(self, tracker: object) -> None:
        """Let a manual sync look at *tracker* too; None is no tracker."""
        if tracker is not None and not any(tracker is t for t in self._trackers):
            self._trackers.append(tracker)

    # What the hooks call: a row in the outbox, and nothing else is waited for.

    def record_entry(self, trade: object) -> None:
        """Put the entry of *trade* into the outbox."""
        self._record(trade, Kind.ENTRY)

    def record_exit(self, trade: object) -> None:
        """Put the exit of *trade* into the outbox."""
        self._record(trade, Kind.EXIT)

    def _record(
        self, trade: object, kind: Kind, patience: float = HOOK_PATIENCE
    ) -> None:
        trade_id, identity = identity_of(trade)
        event = (trade_id, kind, identity, capture(trade), time.time())
        try:
            self.outbox.record(*event, patience=patience)
        except OutboxError as error:
            self.held.hold(Recorded(*event), error)
        self.worker.wake()

    def resume(self) -> None:
        """Go on with what an earlier process has left, if there is anything."""
        if not self.worker.is_idle():
            self.worker.wake()

    def flush(self, timeout: float) -> bool:
        """Wait until everything recorded is in its final state; tell whether it is."""
        return self.worker.flush(timeout)

    def close(self, timeout: float | None = None) -> bool:
        """
        Let the worker finish for at most *timeout* seconds, then stop it.

        Returns whether nothing was left; what was left is in the outbox. By default
        the setting ``flush_seconds`` holds.
        """
        seconds = self.settings.flush_seconds if timeout is None else timeout
        done = self.worker.is_idle() or (seconds > 0 and self.flush(seconds))
        self.worker.stop(max(seconds, 1.0))
        if self._read_by is not None:
            self._read_by[1].close()
        self.outbox.close()
        return done

    # What routes and scripts call: these may wait, and say what went wrong.

    def performance(self, start: date, end: date) -> Any:
        """
        Return the metrics of the trades opened from *start* to *end* (New York days).

        Raises:
            TradervueError: where the journal could not be read.
        """
        return self._performance.metrics(start, end)

    def synchronize(self, days: int = DEFAULT_DAYS) -> SyncStats:
        """
        Bring what the journal lacks of the tracker's last *days* days into it.

        Waits for at most ``sync_timeout_seconds``; what is pending then goes on behind.

        Raises:
            OutboxError: where the outbox cannot be read.
        """
        trades = {
            identity_of(trade)[0]: trade
            for tracker in self._trackers
            for trade in tracker._get_recent_trades(days=days)  # noqa: SLF001 - the host's only way to enumerate them
        }
        before = self.outbox.states_of(trades)
        lacking = {}
        for trade_id, trade in trades.items():
            wanted = {Kind.ENTRY} | ({Kind.EXIT} if is_closed(trade) else set())
            states = before.get(trade_id, {})
            if any(states.get(kind) is not State.SYNCED for kind in wanted):
                lacking[trade_id] = wanted
            for kind in wanted - set(states):
                self._record(trade, kind, patience=1.0)
        after = self._wait_for(lacking)
        counted = dict.fromkeys(attrs.fields_dict(SyncStats), 0)
        counted["skipped"] = len(trades) - len(lacking)
        for trade_id in lacking:
            counted[MEANING[outcome_of(after.get(trade_id, {}).values())]] += 1
        return SyncStats(**counted)

    def _wait_for(
        self, wanted: Mapping[str, Iterable[Kind]]
    ) -> dict[str, dict[Kind, State]]:
        """Wait until nothing of these trades is pending, or the time is up."""
        deadline = time.monotonic() + self.settings.sync_timeout_seconds
        self.worker.wake()
        while True:
            states = self.outbox.states_of(wanted)
            pending = any(
                states.get(trade_id, {}).get(kind, State.NEW) in PENDING
                for trade_id, kinds in wanted.items()
                for kind in kinds
            )
            out_of_time = time.monotonic() >= deadline or on_event_loop()
            if not pending or out_of_time or self.worker.health.is_refused:
                return states
            time.sleep(LOOK)

    def username(self) -> str | None:
        """Return the login's name, None while none was found."""
        known = self.credentials.known()
        return known.username if known else None

    def profile_url(self) -> str | None:
        """Return the address of the profile page as Argo promises it, or None."""
        name = self.username()
        return name and f"{self.settings.site_url}/profile/{quote(name, safe='')}"

    def widget_url(self, kind: str, width: int, height: int) -> str | None:
        """Return the address of a widget as Argo promises it; pixels. None: no login."""
        name = self.username()
        size = urlencode({"width": width, "height": height})
        user = quote(name or "", safe="")
        return name and f"{self.settings.site_url}/widgets/{user}/{kind}?{size}"

    def health(self) -> Mapping[str, object]:
        """
        Return how the forwarding goes; reads a handful of rows.

        Times are Unix seconds and ages seconds; None is never, or nothing.
        """
        from argo_tradervue_plugin import __version__

        now = time.time()
        counts = self.outbox.counts()
        oldest = self.outbox.oldest_pending_at()
        told = self.worker.health
        return {
            "version": __version__,
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

    # What Argo's own code calls, instead of the module that it had before. Nothing is
    # raised; on an event loop's thread nothing is waited for either.

    @property
    def client(self) -> HostClient:
        """Return who forwards, for hosts that look at ``client.enabled``."""
        return HostClient(enabled=True, username=self.username())

    def sync_trade_entry(self, trade: object) -> str | None:
        """Forward the entry of *trade*; return its id in Tradervue, None: not yet."""
        with guard("sync_trade_entry"):
            self._sync(trade, [Kind.ENTRY])
            known = self.outbox.trade(identity_of(trade)[0])
            found = known and (known.journal_id or known.basic_id)
            return str(found) if found else None
        return None

    def sync_trade_exit(self, trade: object) -> bool:
        """Forward the exit of *trade*; return whether the journal was seen to hold it."""
        with guard("sync_trade_exit"):
            return self._sync(trade, [Kind.EXIT])
        return False

    def sync_complete_trade(self, trade: object) -> bool:
        """Forward a closed trade; return whether the journal was seen to hold it."""
        with guard("sync_complete_trade"):
            return self._sync(trade, [Kind.ENTRY, Kind.EXIT])
        return False

    def _sync(self, trade: object, kinds: list[Kind]) -> bool:
        for kind in kinds:
            self._record(trade, kind)
        trade_id = identity_of(trade)[0]
        states = self._wait_for({trade_id: kinds}).get(trade_id, {})
        return all(states.get(kind) is State.SYNCED for kind in kinds)

    def sync_recent_trades(self, days: int = DEFAULT_DAYS) -> dict[str, int]:
        """Sync what the journal lacks; return how many trades ended how."""
        stats = SyncStats()
        with guard("sync_recent_trades"):
            stats = self.synchronize(days)
        return {name: getattr(stats, name) for name in ("synced", "failed", "skipped")}

    def get_performance_metrics(
        self, start_date: str | None = None, end_date: str | None = None
    ) -> dict[str, Any] | None:
        """
        Return the metrics of a period, by default of the last 30 days.

        Dates are ``YYYY-MM-DD``, New York days, both included. None: they could not
        be computed, and the log says why.
        """
        with guard("get_performance_metrics"):
            today = datetime.now(EASTERN).date()
            end = date.fromisoformat(end_date) if end_date else today
            begin = end - timedelta(days=DEFAULT_DAYS)
            start = date.fromisoformat(start_date) if start_date else begin
            return front_end_view(self.performance(start, end))
        return None

    def get_widget_url(
        self, widget_type: str = "equity", width: int = 600, height: int = 400
    ) -> str | None:
        """Return the address of a widget, None for an unknown type or no login."""
        if widget_type not in WIDGETS:
            return None
        return self.widget_url(widget_type, width, height)

    def get_profile_url(self) -> str | None:
        """Return the address of the profile page, None without a login."""
        return self.profile_url()

    def _reader(self) -> TradervueClient:
        """Return the client that reads for the host; the worker has its own."""
        credentials = self.credentials.get()
        with self._reading:
            if self._read_by is None or self._read_by[0] != credentials:
                if self._read_by is not None:
                    self._read_by[1].close()
                self._read_by = (credentials, self._connect(credentials, None))
            return self._read_by[1]

    def _connect(
        self, credentials: Credentials, before_attempt: Callable[[], None] | None
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


# What an outcome is called in the answer that Argo's front end knows.
MEANING: Final = {
    "verified": "synced",
    "basic": "failed",
    "quarantined": "failed",
    "discarded": "skipped",
    "skipped": "skipped",
    "pending": "pending",
}


SIX: Final = (
    "win_rate",
    "total_profit",
    "total_trades",
    "profit_factor",
    "sharpe_ratio",
    "max_drawdown",
)


def front_end_view(metrics: Any) -> dict[str, Any]:
    """
    Return *metrics* as Argo's front end can draw them.

    Of its six keys an undefined one is left out, since it draws whatever is there;
    any other undefined figure is None.
    """
    everything: dict[str, Any] = metrics.as_json()
    return {k: v for k, v in everything.items() if k not in SIX} | metrics.front_end()


def is_closed(trade: object) -> bool:
    """Tell whether the host has closed *trade*."""
    return getattr(trade, "exit_timestamp", None) is not None


def on_event_loop() -> bool:
    """Tell whether this thread runs an event loop, which must not stand still."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True

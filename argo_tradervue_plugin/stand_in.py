"""
What Argo's own code calls, by the names of the module that it had before.

No call of :class:`HostCalls` raises: what goes wrong is logged, and the answer is None
or False. On the thread of an event loop nothing is waited for either; the answer then
comes from a copy in memory, and the delivery goes on behind it.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from argo_tradervue_plugin.delivery.schedule import EASTERN
from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.fields import field_of, has_exit
from argo_tradervue_plugin.guard import guard, log
from argo_tradervue_plugin.journal.executions import Kind
from argo_tradervue_plugin.outbox.interface import State

if TYPE_CHECKING:
    from argo_tradervue_plugin.journal.metrics import Metrics

__all__ = ["HostCalls", "HostClient", "NotEnabled", "SyncStats"]

DEFAULT_DAYS: Final = 30
WIDGETS: Final = ("equity", "trades", "performance")


class HasAddresses(Protocol):
    """What a client is asked for, and who answers it."""

    def username(self) -> str | None:
        """Return the login's name, None while there is no complete login."""

    def get_widget_url(
        self, widget_type: str = "equity", width: int = 600, height: int = 400
    ) -> str | None:
        """Return the address of a widget."""

    def get_profile_url(self) -> str | None:
        """Return the address of the profile page."""


class HostClient:
    """
    What a host reads of ``integration.client``; each answer is that of the moment.

    Nothing here waits or raises.
    """

    def __init__(self, calls: HasAddresses) -> None:
        self._calls = calls

    @property
    def enabled(self) -> bool:
        """Whether user name and password are there; refused ones are there too."""
        return self.username is not None

    @property
    def username(self) -> str | None:
        """The login's name, None while there is no complete login."""
        return self._calls.username()

    def get_widget_url(
        self, widget_type: str = "equity", width: int = 600, height: int = 400
    ) -> str | None:
        """Return the address of a widget, None for an unknown type or no login."""
        return self._calls.get_widget_url(widget_type, width, height)

    def get_profile_url(self) -> str | None:
        """Return the address of the profile page, None without a login."""
        return self._calls.get_profile_url()


@attrs.frozen(kw_only=True)
class SyncStats:
    """
    What a manual sync came to, in trades.

    *synced* came into the journal by it, whole or in part; *failed* are refused or
    quarantined, or are there otherwise than the host has them; *skipped* have no place
    there; *unchanged* were there before; *pending* are still under way.
    """

    synced: int = 0
    failed: int = 0
    skipped: int = 0
    unchanged: int = 0
    pending: int = 0

    def as_argo_has_it(self) -> dict[str, int]:
        """Return Argo's three numbers; its *skipped* includes what is unchanged."""
        return {
            "synced": self.synced,
            "failed": self.failed,
            "skipped": self.skipped + self.unchanged,
        }


class HostCalls(ABC):
    """The calls of Argo's code, on top of what an integration can do."""

    @abstractmethod
    def forward(
        self, trade: object, kinds: Collection[Kind]
    ) -> tuple[Mapping[Kind, State], int | None]:
        """Record *kinds* of *trade*, wait; return their states and the journal id."""

    @abstractmethod
    def sync_recent(self, days: int) -> SyncStats:
        """Sync what the journal lacks of the last *days* days."""

    @abstractmethod
    def performance(self, start: date, end: date) -> "Metrics":
        """Return the metrics of the trades opened from *start* to *end*."""

    @abstractmethod
    def username(self) -> str | None:
        """Return the login's name, None while none was found."""

    @abstractmethod
    def profile_url(self) -> str | None:
        """Return the address of the profile page, or None."""

    @abstractmethod
    def widget_url(self, kind: str, width: int, height: int) -> str | None:
        """Return the address of a widget, or None."""

    @property
    def client(self) -> HostClient:
        """Return who forwards, for hosts that look at ``client.enabled``."""
        return HostClient(self)

    def sync_trade_entry(self, trade: object) -> str | None:
        """Forward the entry of *trade*; return its id in Tradervue, None: not yet."""
        with guard("sync_trade_entry"):
            _, journal_id = self.forward(trade, [Kind.ENTRY])
            return None if journal_id is None else str(journal_id)
        return None

    def sync_trade_exit(self, trade: object) -> bool:
        """Forward the exit of *trade*; False: not read back yet, or still open."""
        with guard("sync_trade_exit"):
            if not has_exit(trade):
                log.warning(
                    "tradervue.exit_not_recorded trade=%s: the trade is open (no "
                    "exit_timestamp), so there is no exit to sync",
                    one_line(str(field_of(trade, "id"))),
                )
                return False
            states, _ = self.forward(trade, [Kind.EXIT])
            return states.get(Kind.EXIT) is State.SYNCED
        return False

    def sync_complete_trade(self, trade: object) -> bool:
        """
        Forward *trade* as it stands; return whether all of it was read back.

        That is the entry alone where the trade is still open. On the thread of an
        event loop False says: not yet.
        """
        with guard("sync_complete_trade"):
            kinds = list(Kind) if has_exit(trade) else [Kind.ENTRY]
            states, _ = self.forward(trade, kinds)
            return all(states.get(kind) is State.SYNCED for kind in kinds)
        return False

    def sync_recent_trades(self, days: int = DEFAULT_DAYS) -> dict[str, int]:
        """
        Sync what the journal lacks; return how many trades ended how.

        On the thread of an event loop the sync runs behind the call, which returns
        what came of the one before: zeros, where that is not finished or was returned.
        """
        stats = SyncStats()
        with guard("sync_recent_trades"):
            stats = self.sync_recent(days)
        return stats.as_argo_has_it()

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
            metrics = self.performance(start, end)
            # An undefined one of the front end's six keys is left out, since it draws
            # whatever is there; any other undefined figure is None.
            return {**metrics.front_end(), **metrics.as_json()}
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


class NotEnabled:
    """The same calls while the plugin is not enabled: nothing is done."""

    # ruff: noqa: ARG002 - the arguments are those of the calls that do something

    tracker: Final = None

    @property
    def client(self) -> HostClient:
        """Return a client that is not enabled."""
        return HostClient(self)

    def username(self) -> None:
        """Return no login."""

    def sync_trade_entry(self, trade: object) -> None:
        """Do nothing; there is no id."""

    def sync_trade_exit(self, trade: object) -> bool:
        """Do nothing; nothing was read back."""
        return False

    def sync_complete_trade(self, trade: object) -> bool:
        """Do nothing; nothing was read back."""
        return False

    def sync_recent_trades(self, days: int = DEFAULT_DAYS) -> dict[str, int]:
        """Do nothing; return zeros."""
        return {"synced": 0, "failed": 0, "skipped": 0}

    def get_performance_metrics(
        self, start_date: str | None = None, end_date: str | None = None
    ) -> None:
        """Return no metrics."""

    def get_widget_url(
        self, widget_type: str = "equity", width: int = 600, height: int = 400
    ) -> None:
        """Return no address."""

    def get_profile_url(self) -> None:
        """Return no address."""

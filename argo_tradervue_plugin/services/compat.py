"""
What Argo's own code calls, by the names of the module that it had before.

No call of :class:`HostCalls` raises: what goes wrong is logged, and the answer is None
or False. On the thread of an event loop nothing is waited for either; the answer then
comes from a copy in memory, and the delivery goes on behind it.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from argo_tradervue_plugin.errors import TradervueError, one_line
from argo_tradervue_plugin.guard import guard, log
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.fields import field_of, has_exit
from argo_tradervue_plugin.model.times import EASTERN
from argo_tradervue_plugin.outbox.records import State

if TYPE_CHECKING:
    from argo_tradervue_plugin.services.results import Answer

__all__ = ["HostCalls", "HostClient", "SyncStats"]

DEFAULT_DAYS: Final = 30
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)  # Python reads other forms
WIDGETS: Final = ("equity", "trades", "performance")


class HostClient:
    """
    What a host reads of ``integration.client``; each answer is that of the moment.

    Nothing here waits or raises.
    """

    def __init__(self, calls: "HostCalls") -> None:
        self._calls = calls

    @property
    def enabled(self) -> bool:
        """Whether user name and password are there; refused ones are there too."""
        return self._calls.disabled_because() is None

    @property
    def username(self) -> str | None:
        """The login's name, also without a password; None: there is none."""
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


class Integration(Protocol):
    """
    What the calls below need of the integration, which is built on them: its module
    cannot be imported here.
    """

    def forward(
        self, trade: object, kinds: Collection[Kind], /
    ) -> tuple[Mapping[Kind, State], int | None]:
        """Record *kinds* of *trade*, wait; return their states and the journal id."""

    def sync_recent(self, days: int, /) -> SyncStats:
        """Sync what the journal lacks of the last *days* days."""

    def performance(self, start: date, end: date, /) -> "Answer | None":
        """Return the last metrics of the trades opened from *start* to *end*."""

    def username(self) -> str | None:
        """Return the login's name."""

    def disabled_because(self) -> str | None:
        """Return why there is no complete login."""

    def profile_url(self) -> str | None:
        """Return the address of the profile page."""

    def widget_url(self, kind: str, width: int, height: int, /) -> str | None:
        """Return the address of a widget."""


class HostCalls(ABC):
    """
    The calls of Argo's code, on top of what an integration can do.

    While there is none they do nothing. Without a login they answer as if there was
    none, at once; what they are given is recorded all the same.
    """

    @property
    @abstractmethod
    def _integration(self) -> "Integration | None":
        """Return the integration of the moment; None: the plugin is not enabled."""

    @property
    def client(self) -> HostClient:
        """Return who forwards, for hosts that look at ``client.enabled``."""
        return HostClient(self)

    def username(self) -> str | None:
        """Return the login's name, also without a password; None: there is none."""
        integration = self._integration
        return None if integration is None else integration.username()

    def disabled_because(self) -> str | None:
        """Return why there is no complete login; None: there is."""
        integration = self._integration
        if integration is None:
            return "the plugin is not enabled"
        return integration.disabled_because()

    def sync_trade_entry(self, trade: object) -> str | None:
        """Forward the entry of *trade*; return its id in Tradervue, None: not yet."""
        with guard("sync_trade_entry"):
            integration = self._integration
            if integration is not None:
                _, journal_id = integration.forward(trade, [Kind.ENTRY])
                return None if journal_id is None else str(journal_id)
        return None

    def sync_trade_exit(self, trade: object) -> bool:
        """Forward the exit of *trade*; False: not read back yet, or still open."""
        with guard("sync_trade_exit"):
            integration = self._integration
            if integration is not None and not has_exit(trade):
                log.warning(
                    "tradervue.exit_not_recorded trade=%s: the trade is open (no "
                    "exit_timestamp), so there is no exit to sync",
                    one_line(str(field_of(trade, "id"))),
                )
            elif integration is not None:
                states, _ = integration.forward(trade, [Kind.EXIT])
                return states.get(Kind.EXIT) is State.SYNCED
        return False

    def sync_complete_trade(self, trade: object) -> bool:
        """
        Forward *trade* as it is; return whether all of it was read back.

        That is the entry alone where the trade is still open. On the thread of an
        event loop False says: not yet.
        """
        with guard("sync_complete_trade"):
            integration = self._integration
            if integration is not None:
                kinds = list(Kind) if has_exit(trade) else [Kind.ENTRY]
                states, _ = integration.forward(trade, kinds)
                return all(states.get(kind) is State.SYNCED for kind in kinds)
        return False

    def sync_recent_trades(self, days: int = DEFAULT_DAYS) -> dict[str, int]:
        """
        Sync what the journal lacks; return how many trades ended how.

        On the thread of an event loop the sync runs behind the call, which returns
        what came of the one before: zeros, where that is not finished or was returned.
        """
        stats = SyncStats()
        integration = self._integration
        if integration is not None and integration.disabled_because() is None:
            with guard("sync_recent_trades"):
                stats = integration.sync_recent(days)
        return stats.as_argo_has_it()

    def get_performance_metrics(
        self, start_date: str | None = None, end_date: str | None = None
    ) -> dict[str, Any] | None:
        """
        Return the last metrics of a period, by default of the last 30 days.

        Dates are ``YYYY-MM-DD``, New York days, both included. ``start`` and ``end`` of
        the answer are the period that its figures are of, ``as_of`` (ISO 8601, UTC)
        says how old they are. None: there are none yet, or a date is wrong; the log
        says why.
        """
        integration = self._integration
        if integration is None or integration.disabled_because() is not None:
            return None
        with guard("get_performance_metrics"):
            period = period_of(start_date, end_date)
            answer = None
            if period is not None:
                try:
                    answer = integration.performance(*period)
                except TradervueError as error:
                    log.warning("tradervue.metrics_missing error=%s", error)
            # An undefined figure of the front end's six is left out, since it draws
            # whatever is there; any other undefined figure is None.
            if answer is not None:
                return {**answer.front_end(), **answer.as_json()}
        return None

    def get_widget_url(
        self, widget_type: str = "equity", width: int = 600, height: int = 400
    ) -> str | None:
        """Return the address of a widget, None for an unknown type or no login."""
        integration = self._integration
        if integration is None or widget_type not in WIDGETS:
            return None
        return integration.widget_url(widget_type, width, height)

    def get_profile_url(self) -> str | None:
        """Return the address of the profile page, None without a login."""
        integration = self._integration
        return None if integration is None else integration.profile_url()


def period_of(start_date: object, end_date: object) -> tuple[date, date] | None:
    """Return the New York days of a period, None where the log says what is wrong."""
    today = datetime.now(EASTERN).date()
    end = day_of(end_date) if end_date else today
    start = day_of(start_date) if start_date else end and earlier(end, DEFAULT_DAYS)
    if start is None or end is None:
        return None
    if start > end:
        log.warning(
            "tradervue.wrong_date start_date=%s end_date=%s: the period ends before "
            "it starts",
            start,
            end,
        )
        return None
    return start, end


def day_of(value: object) -> date | None:
    """Return the day that *value* says, None where the log says that it is none."""
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    with suppress(ValueError):
        if DATE.fullmatch(str(value)):
            return date.fromisoformat(str(value))
    log.warning(
        "tradervue.wrong_date value=%s: a day is expected as YYYY-MM-DD",
        one_line(repr(value)),
    )
    return None


def earlier(day: date, days: int) -> date:
    """Return the day *days* before *day*, or the first that there is."""
    return date.fromordinal(max(day.toordinal() - days, 1))

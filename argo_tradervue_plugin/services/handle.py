"""
The integration as Argo's code holds it: fetched at any time, alive while there is one.

Argo's modules fetch the integration while they are imported, before any start, and
keep what they got. So they get a handle, which looks for the integration at each call.
"""

from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from argo_tradervue_plugin.services.compat import DEFAULT_DAYS, HostClient, NotEnabled
from argo_tradervue_plugin.services.hosting import integration_of, join

if TYPE_CHECKING:
    from argo_tradervue_plugin.config.settings import Settings
    from argo_tradervue_plugin.services.integration import (
        TradervueIntegration as Integration,
    )

__all__ = ["TradervueIntegration", "shared"]

NOT_ENABLED: Final = NotEnabled()


class TradervueIntegration:
    """
    A handle on the integration of this process, or with *settings* on one of its own.

    Called the host's way, with *tracker* and *client* or neither, it is the plugin's:
    the *tracker* joins it, and the *client* is ignored, as the plugin has its own.
    While the plugin is not enabled, Argo's calls do nothing, and any other raises
    AttributeError.

    With *settings* it is one for a script, which ends with the ``with`` block or with
    ``close()``.

    Every call of the integration is there, beside those that are listed here.

    Raises:
        OutboxError: with *settings*: the outbox that they name cannot be opened.
    """

    def __init__(
        self,
        settings: "Settings | None" = None,
        tracker: object = None,
        client: object = None,
    ) -> None:
        del client  # the plugin has its own
        self.own_tracker = tracker
        self._own: Integration | None = None
        if settings is not None:
            from argo_tradervue_plugin.services import integration

            self._own = integration.TradervueIntegration(settings, tracker)
        elif tracker is not None:
            join(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._own is not None:  # the plugin's ends with its host
            self._own.close()

    @property
    def _calls(self) -> "Integration | NotEnabled":
        own = self._own or integration_of(self.own_tracker)
        return NOT_ENABLED if own is None else own

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name, name=name, obj=self)
        try:
            return getattr(self._calls, name)
        except AttributeError:
            why = " while the plugin is not enabled" * (self._calls is NOT_ENABLED)
            raise AttributeError(
                f"the Tradervue integration has no {name!r}{why}", name=name, obj=self
            ) from None

    @property
    def client(self) -> HostClient:
        """Return who forwards; its answers are those of the moment, too."""
        return HostClient(self)

    @property
    def tracker(self) -> Any:
        """Return its own tracker, otherwise the integration's first; None: none."""
        return self._calls.tracker if self.own_tracker is None else self.own_tracker

    def username(self) -> str | None:
        """Return the login's name, also without a password; None: there is none."""
        return self._calls.username()

    def disabled_because(self) -> str | None:
        """Return why there is no complete login; None: there is."""
        return self._calls.disabled_because()

    def sync_trade_entry(self, trade: object) -> str | None:
        """See :meth:`.HostCalls.sync_trade_entry`."""
        return self._calls.sync_trade_entry(trade)

    def sync_trade_exit(self, trade: object) -> bool:
        """See :meth:`.HostCalls.sync_trade_exit`."""
        return self._calls.sync_trade_exit(trade)

    def sync_complete_trade(self, trade: object) -> bool:
        """See :meth:`.HostCalls.sync_complete_trade`."""
        return self._calls.sync_complete_trade(trade)

    def sync_recent_trades(self, days: int = DEFAULT_DAYS) -> dict[str, int]:
        """See :meth:`.HostCalls.sync_recent_trades`."""
        return self._calls.sync_recent_trades(days)

    def get_performance_metrics(
        self, start_date: str | None = None, end_date: str | None = None
    ) -> dict[str, Any] | None:
        """See :meth:`.HostCalls.get_performance_metrics`."""
        return self._calls.get_performance_metrics(start_date, end_date)

    def get_widget_url(
        self, widget_type: str = "equity", width: int = 600, height: int = 400
    ) -> str | None:
        """See :meth:`.HostCalls.get_widget_url`."""
        return self._calls.get_widget_url(widget_type, width, height)

    def get_profile_url(self) -> str | None:
        """See :meth:`.HostCalls.get_profile_url`."""
        return self._calls.get_profile_url()


_shared: Final = TradervueIntegration()


def shared() -> TradervueIntegration:
    """Return the handle that all of a process share."""
    return _shared

"""
The integration as Argo's code holds it: fetched at any time, alive while there is one.

Argo's modules fetch the integration while they are imported, before any start, and
keep what they got. So they get a handle, which looks for the integration at each call.
"""

from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from argo_tradervue_plugin.services.compat import HostCalls
from argo_tradervue_plugin.services.hosting import integration_of, join

if TYPE_CHECKING:
    from argo_tradervue_plugin.config.settings import Settings
    from argo_tradervue_plugin.services.integration import (
        TradervueIntegration as Integration,
    )

__all__ = ["TradervueIntegration", "shared"]


class TradervueIntegration(HostCalls):
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
    def _integration(self) -> "Integration | None":
        return self._own or integration_of(self.own_tracker)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name, name=name, obj=self)
        integration = self._integration
        try:
            return getattr(integration, name)
        except AttributeError:
            why = " while the plugin is not enabled" * (integration is None)
            raise AttributeError(
                f"the Tradervue integration has no {name!r}{why}", name=name, obj=self
            ) from None

    @property
    def tracker(self) -> Any:
        """Return its own tracker, otherwise the integration's first; None: none."""
        integration = self._integration
        if self.own_tracker is None and integration is not None:
            return integration.tracker
        return self.own_tracker


_shared: Final = TradervueIntegration()


def shared() -> TradervueIntegration:
    """Return the handle that all of a process share."""
    return _shared

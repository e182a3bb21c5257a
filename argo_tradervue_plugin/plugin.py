"""
The hook implementations behind the entry point ``tradervue``, and nothing else.

Loading this imports pluggy and the guard; the rest comes with the host's start. No hook
raises, and none waits for the network.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from argo_tradervue_plugin.guard import guard
from argo_tradervue_plugin.hookspecs import hookimpl
from argo_tradervue_plugin.services.hosting import Hosting, recorded

if TYPE_CHECKING:
    from argo_tradervue_plugin.services.handle import TradervueIntegration as Handle

__all__ = ["TradervuePlugin", "get_tradervue_integration"]


class TradervuePlugin(Hosting):
    """The plugin of one host: its hooks; what they work on is in :class:`Hosting`."""

    # First wherever it matters: a neighbour that raises ends the call for all who
    # come after it, and must cost us neither the start, nor an event, nor the end.

    @hookimpl(tryfirst=True)
    def on_host_startup(self, config: Mapping[str, object], tracker: object) -> None:
        """Read the plugin's section. Never raises, waits for no disk and no server."""
        with guard("on_host_startup"):
            self.start(config, tracker)

    @hookimpl(tryfirst=True)
    def on_trade_recorded(self, trade: object) -> None:
        """Put the entry of *trade* into the outbox. Never raises, never waits."""
        if self._recorder is not None:
            recorded("on_trade_recorded", self._recorder.record_entry, trade)

    @hookimpl(tryfirst=True)
    def on_position_closed(self, trade: object) -> None:
        """Put the exit of *trade* into the outbox. Never raises, never waits."""
        if self._recorder is not None:
            recorded("on_position_closed", self._recorder.record_exit, trade)

    @hookimpl(tryfirst=True, optionalhook=True)  # an older host may lack it
    def on_trade_corrected(self, trade: object) -> None:
        """Put what *trade* is now into the outbox. Never raises, never waits."""
        if self._recorder is not None:
            recorded("on_trade_corrected", self._recorder.record_correction, trade)

    @hookimpl(optionalhook=True)  # a host without a web application may lack it
    def register_routes(self) -> Sequence[object] | None:
        """Return our routes; they are there whether the plugin is enabled or not."""
        with guard("register_routes"):
            from argo_tradervue_plugin.web.routes import table

            return table(self)
        return None

    @hookimpl(tryfirst=True)
    def on_host_shutdown(self) -> None:
        """Finish what a few seconds allow; the rest stays in the outbox."""
        with guard("on_host_shutdown"):
            self.stop()


def __getattr__(name: str) -> TradervuePlugin:
    """Return a plugin for whoever loads the entry point: each host gets its own."""
    if name == "plugin":
        return TradervuePlugin()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def get_tradervue_integration() -> "Handle":
    """
    Return what stands in for Argo's own integration; the same object at each call.

    It answers for the running integration (the first, where a process has several).
    While the plugin is not enabled, before the start as after the shutdown, Argo's
    calls do nothing.
    """
    from argo_tradervue_plugin.services.handle import shared

    return shared()

"""
The hook implementations behind the entry point ``tradervue``.

Loading this imports pluggy and the guard and nothing else; the rest comes with the
host's start. No hook raises, and none waits for the network.
"""

import atexit
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from argo_tradervue_plugin.guard import guard, log, swallow
from argo_tradervue_plugin.hookspecs import hookimpl

if TYPE_CHECKING:
    from argo_tradervue_plugin.integration import TradervueIntegration
    from argo_tradervue_plugin.stand_in import HostCalls, NotEnabled

__all__ = ["TradervuePlugin", "get_tradervue_integration", "plugin"]


class TradervuePlugin:
    """
    One plugin for one process, however many trackers it has.

    *integration* is None while the plugin is not enabled; *reason* then says why.
    """

    def __init__(self) -> None:
        self.integration: TradervueIntegration | None = None
        self.reason: str | None = "the host has not started"

    # First wherever it matters: a neighbour that raises ends the call for all who
    # come after it, and must cost us neither the start, nor an event, nor the end.

    @hookimpl(tryfirst=True)
    def on_host_startup(self, config: Mapping[str, object], tracker: object) -> None:
        """Read the plugin's section and open the outbox. Never raises."""
        with guard("on_host_startup"):
            self.start(config, tracker)

    @hookimpl(tryfirst=True)
    def on_trade_recorded(self, trade: object) -> None:
        """Put the entry of *trade* into the outbox. Never raises, never waits."""
        if self.integration is not None:
            try:
                self.integration.record_entry(trade)
            except Exception as error:  # noqa: BLE001 - guard(), without its cost
                swallow("on_trade_recorded", error)

    @hookimpl(tryfirst=True)
    def on_position_closed(self, trade: object) -> None:
        """Put the exit of *trade* into the outbox. Never raises, never waits."""
        if self.integration is not None:
            try:
                self.integration.record_exit(trade)
            except Exception as error:  # noqa: BLE001 - as above
                swallow("on_position_closed", error)

    @hookimpl(tryfirst=True, optionalhook=True)  # an older host may lack it
    def on_trade_corrected(self, trade: object) -> None:
        """Put what *trade* is now into the outbox. Never raises, never waits."""
        if self.integration is not None:
            try:
                self.integration.record_correction(trade)
            except Exception as error:  # noqa: BLE001 - as above
                swallow("on_trade_corrected", error)

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

    def start(self, config: Mapping[str, object], tracker: object = None) -> None:
        """Start once; a second tracker in the process joins the same integration."""
        if self.integration is not None:
            self.integration.add_tracker(tracker)
            return
        from argo_tradervue_plugin.errors import (
            OutboxError,
            OutboxTooNew,
            TradervueError,
        )
        from argo_tradervue_plugin.settings import SECTION, Settings

        self.reason = None
        try:
            section = section_of(config)
            if section is None:
                self.reason = f"{SECTION} is not in the host's config"
                return
            settings = Settings.from_mapping(section)
            if not settings.enabled:
                self.reason = f"{SECTION}.enabled is false"
                return
            from argo_tradervue_plugin.integration import TradervueIntegration
            from argo_tradervue_plugin.outbox.opening import outbox_of

            outbox = outbox_of(settings, is_lazy=True)
            try:
                outbox.open()
            except OutboxTooNew:
                raise
            except OutboxError as error:
                log.error(
                    "tradervue.outbox_closed error=%s: it is tried again; until then "
                    "events wait in the spool before it",
                    error,
                )
            self.integration = TradervueIntegration(settings, tracker, outbox=outbox)
            # For a host that forgets to say that it ends.
            atexit.register(self._stop_at_exit, os.getpid())
            self.integration.resume()
        except TradervueError as error:
            self.reason = str(error)
            log.error("tradervue.disabled reason=%s", error)
        except Exception as error:
            self.reason = f"{type(error).__name__}: {error}"
            raise

    def _stop_at_exit(self, started_in: int) -> None:
        if os.getpid() == started_in:  # and not in a child that it forked
            with guard("atexit"):
                self.stop()

    def stop(self) -> None:
        """Stop the worker and forget the integration."""
        atexit.unregister(self._stop_at_exit)
        integration, self.integration = self.integration, None
        self.reason = "the host has shut down"
        if integration is None or integration.close() or integration.left == 0:
            return
        log.warning(
            "tradervue.left_in_outbox events=%s: they are sent at the next start",
            "unknown" if integration.left is None else integration.left,
        )


def section_of(config: Mapping[str, object]) -> object:
    """Return ``plugins.tradervue`` of the host's *config*, None where there is none."""
    plugins = config.get("plugins")
    return plugins.get("tradervue") if isinstance(plugins, Mapping) else None


plugin: Final = TradervuePlugin()


def get_tradervue_integration() -> "HostCalls | NotEnabled":
    """
    Return what stands in for Argo's own ``tradervue_integration`` module.

    The running integration, or while the plugin is not enabled something with the
    same calls that does nothing.
    """
    from argo_tradervue_plugin.stand_in import NotEnabled

    return plugin.integration or NotEnabled()

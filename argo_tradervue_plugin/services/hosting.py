"""
What a host has of the plugin: an integration, which hosts of one process may share.

Loading this imports next to nothing; the rest comes with the host's start.
"""

import atexit
import os
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from argo_tradervue_plugin.guard import guard, log, swallow
from argo_tradervue_plugin.process.forking import Lock
from argo_tradervue_plugin.process.logs import hurried

if TYPE_CHECKING:
    from argo_tradervue_plugin.config.account import Configuration
    from argo_tradervue_plugin.config.settings import Settings
    from argo_tradervue_plugin.services.integration import TradervueIntegration

__all__ = ["Hosting", "integration_of", "join", "recorded", "section_of"]

LAST_WORDS: Final = 0.1  # seconds for a log that hangs, after everything has ended


class Hosting:
    """
    The integration of one host, however many trackers it has.

    *integration* is None while the plugin is not enabled; *reason* then says why. Hosts
    of one process with the same configuration share an integration. *purpose* is
    ``replay`` for what never touches a host's outbox.
    """

    def __init__(self, purpose: str = "host") -> None:
        self.purpose = purpose
        self.integration: TradervueIntegration | None = None
        self.reason: str | None = "the host has not started"
        self._configuration: Configuration | None = None
        # Where hooks record: also while the integration ends, and when it has ended.
        self._recorder: TradervueIntegration | None = None

    def start(self, config: Mapping[str, object], tracker: object = None) -> None:
        """Start once; a second tracker of the host joins the same integration."""
        from zoneinfo import ZoneInfoNotFoundError

        from argo_tradervue_plugin.config.settings import SECTION, Settings
        from argo_tradervue_plugin.errors import TradervueError

        is_running = self.integration is not None
        reason = None
        try:
            section = section_of(config)
            if section is None:
                reason = f"{SECTION} is not in the host's config"
                return
            settings = Settings.from_mapping(section)
            if not settings.enabled:
                self._recorder = self.integration
                reason = f"{SECTION}.enabled is false"
                return
            self._start(settings, tracker)
        except TradervueError as error:
            reason = str(error)
            log.error("tradervue.disabled reason=%s", error)
        except ZoneInfoNotFoundError as error:
            reason = f"there is no time zone database ({error}): pip install tzdata"
            log.error("tradervue.disabled reason=%s", reason)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise
        finally:
            if not is_running:
                self.reason = reason

    def _start(self, settings: "Settings", tracker: object) -> None:
        from argo_tradervue_plugin.config.account import Configuration

        configuration = Configuration.of(settings, purpose=self.purpose)
        if self.integration is None:
            with starting:
                share = running.get(configuration)
                if share is None:
                    share = Share(started(settings, self.purpose))
                    running[configuration] = share
                share.hosts += 1
            self.integration, self._configuration = share.integration, configuration
            self._recorder = share.integration
            # For a host that forgets to say that it ends.
            atexit.register(self._stop_at_exit, os.getpid())
        elif configuration != self._configuration:
            # Its hooks are those of the host that started first: which of the two a
            # trade is from could not be found out.
            log.error(
                "tradervue.second_start_refused: this plugin was started for another "
                "login, address or outbox, and records for that one. Let each of the "
                "two load the plugin itself, with load_plugins or the entry point"
            )
            return
        self.integration.add_tracker(tracker)
        if settings != self.integration.settings:
            log.warning(
                "tradervue.settings_ignored: the plugin runs in this process already, "
                "with other settings for the same login; those hold"
            )
        self.integration.resume()

    def _stop_at_exit(self, started_in: int) -> None:
        if os.getpid() == started_in:  # and not in a child that it forked
            with guard("atexit"):
                self.stop()

    def stop(self) -> None:
        """Forget the integration, and stop its worker with its last host."""
        atexit.unregister(self._stop_at_exit)
        integration, self.integration = self.integration, None
        self.reason = "the host has shut down"
        if integration is None or self._configuration is None:
            return
        with starting:
            share = running[self._configuration]
            share.hosts -= 1
            if share.hosts:
                return
            del running[self._configuration]
        if not integration.close() and integration.left != 0:
            from argo_tradervue_plugin.process.beside import beside

            left = "unknown" if integration.left is None else integration.left
            beside(lambda: say_left(left), LAST_WORDS, where="shutdown")


def recorded(where: str, record: Callable[[object], None], trade: object) -> None:
    """
    Record *trade*; whatever goes wrong is kept from the host.

    It is tried twice: an alarm of the host's may raise in the midst of it, and what is
    recorded twice is one event.
    """
    with hurried:
        try:
            record(trade)
        except Exception as first:  # noqa: BLE001 - guard(), without its cost
            try:
                record(trade)
            except Exception as error:  # noqa: BLE001 - as above
                swallow(where, error)
            else:
                name = type(first).__name__
                log.warning("tradervue.interrupted where=%s error=%s", where, name)


def say_left(events: object) -> None:
    """Say how many events wait for the next start."""
    log.warning(
        "tradervue.left_in_outbox events=%s: they are sent at the next start",
        events,
    )


class Share:
    """An integration, and how many hosts of this process have it."""

    def __init__(self, integration: "TradervueIntegration") -> None:
        self.integration = integration
        self.hosts = 0


class Guest(Protocol):
    """A handle that was made with a tracker of its own."""

    @property
    def own_tracker(self) -> object:
        """The tracker."""


# Held weakly: a host that makes its tracker again lets go of the old one with it.
guests: Final = weakref.WeakSet[Guest]()
guests_lock: Final = Lock()
running: Final[dict["Configuration", Share]] = {}
starting: Final = Lock()


def started(settings: "Settings", purpose: str) -> "TradervueIntegration":
    """Return a new integration; opening its outbox is the worker's business."""
    from argo_tradervue_plugin.config.locations import Locations
    from argo_tradervue_plugin.outbox.opening import outbox_of
    from argo_tradervue_plugin.services.integration import TradervueIntegration

    locations = Locations.of(settings, purpose=purpose)
    outbox = outbox_of(settings, locations, is_lazy=True)
    integration = TradervueIntegration(settings, outbox=outbox, purpose=purpose)
    integration.guests = lambda: guests_of(integration)
    return integration


def guests_of(integration: "TradervueIntegration") -> list[object]:
    """
    Return the trackers of the handles that belong to *integration*.

    Those with which a host has started belong there; all others to the first.
    """
    with guests_lock:
        handles = list(guests)
    return [
        handle.own_tracker
        for handle in handles
        if integration_of(handle.own_tracker) is integration
    ]


def join(guest: Guest) -> None:
    """Let the tracker of *guest* be asked, too, for as long as the guest is held."""
    with guests_lock:
        guests.add(guest)


def integration_of(tracker: object) -> "TradervueIntegration | None":
    """
    Return the integration whose host has started with *tracker*, otherwise the first.

    None while the plugin is not enabled. Nothing is waited for.
    """
    integrations = [share.integration for share in list(running.values())]
    theirs = (each for each in integrations if each.has_tracker(tracker))
    return next(theirs, integrations[0] if integrations else None)


def section_of(config: Mapping[str, object]) -> object:
    """Return ``plugins.tradervue`` of the host's *config*, None where there is none."""
    plugins = config.get("plugins") if isinstance(config, Mapping) else None
    return plugins.get("tradervue") if isinstance(plugins, Mapping) else None

"""
The kit for hosts: load the plugins, and make a tracker call their hooks.

A host that has no hooks of its own needs two lines::

    plugins = load_plugins(config, tracker)
    observe(tracker, plugins)
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

import pluggy

from argo_tradervue_plugin import hookspecs
from argo_tradervue_plugin.guard import guard

if TYPE_CHECKING:
    from argo_tradervue_plugin.web.interface import Route

__all__ = ["ENTRY_POINTS", "load_plugins", "mount", "observe"]

ENTRY_POINTS: Final = "argo.plugins"


def load_plugins(config: Mapping[str, object], tracker: object) -> pluggy.PluginManager:
    """
    Load every installed plugin that *config* does not disable, and start it.

    A plugin with ``"enabled": false`` in its section ``plugins.<name>`` is not
    imported at all. One that fails to import is left out, with a line in the log.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    sections = config.get("plugins")
    for name, section in sections.items() if isinstance(sections, Mapping) else ():
        if isinstance(section, Mapping) and section.get("enabled") is False:
            manager.set_blocked(name)
    for name in sorted({point.name for point in entry_points(group=ENTRY_POINTS)}):
        with guard(f"load_plugins:{name}"):
            manager.load_setuptools_entrypoints(ENTRY_POINTS, name=name)
    with guard("on_host_startup"):
        manager.hook.on_host_startup(config=config, tracker=tracker)
    return manager


def observe(tracker: Any, plugins: pluggy.PluginManager) -> Callable[[], None]:
    """
    Make *tracker* call the hooks after it has stored a trade; return the undoing.

    Wraps ``record_signal_entry`` and ``record_signal_exit`` of this one object. What
    they return stays as it is; nothing that a plugin raises gets out. Observing the
    same tracker twice changes nothing.
    """
    watched = {
        "record_signal_entry": plugins.hook.on_trade_recorded,
        "record_signal_exit": plugins.hook.on_position_closed,
    }
    wrapped = [
        name for name in watched if not hasattr(getattr(tracker, name), "observed")
    ]
    for name in wrapped:
        setattr(tracker, name, _then(getattr(tracker, name), watched[name]))

    def undo() -> None:
        for name in wrapped:
            if hasattr(getattr(tracker, name), "observed"):
                delattr(tracker, name)

    return undo


def mount(
    app: Any, plugins: pluggy.PluginManager, *, dependencies: Sequence[Any] = ()
) -> "list[Route]":
    """
    Put the routes of all *plugins* on *app*, FastAPI or Starlette; return them.

    On FastAPI, *dependencies* (``Depends(...)``) are asked before each of them: the
    place for the host's own authorisation. Call it before or while the application
    starts; mounting twice changes nothing.

    Raises:
        TypeError: if *app* is neither, or *dependencies* are given for Starlette.
    """
    from argo_tradervue_plugin.web.mounting import mount_routes, routes_of

    return mount_routes(app, routes_of(plugins), dependencies)


def _then(record: Callable[..., Any], hook: pluggy.HookCaller) -> Callable[..., Any]:
    @wraps(record)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        trade = record(*args, **kwargs)
        if trade is not None:  # an exit for an id that the tracker does not know
            with guard(hook.name):
                hook(trade=trade)
        return trade

    recorded.observed = True  # type: ignore[attr-defined]
    return recorded

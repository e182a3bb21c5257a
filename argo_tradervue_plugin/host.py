"""
The kit for hosts: load the plugins, and make a tracker call their hooks.

A host that has no hooks of its own needs two lines::

    plugins = load_plugins(config, tracker)
    observe(tracker, plugins)
"""

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Final

import pluggy

from argo_tradervue_plugin import hookspecs
from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.guard import guard, log

if TYPE_CHECKING:
    from argo_tradervue_plugin.web.interface import Route

__all__ = ["ENTRY_POINTS", "load_plugins", "mount", "observe"]

ENTRY_POINTS: Final = "argo.plugins"
OURS: Final = "tradervue"  # the name of our entry point


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
    points = entry_points(group=ENTRY_POINTS)
    say_namesakes(points)
    for name in sorted({point.name for point in points}):
        with guard(f"load_plugins:{name}"):
            manager.load_setuptools_entrypoints(ENTRY_POINTS, name=name)
    with guard("on_host_startup"):
        manager.hook.on_host_startup(config=config, tracker=tracker)
    return manager


def say_namesakes(points: Iterable[EntryPoint]) -> None:
    """Name entry points that have the name of ours, and are another distribution's."""
    others = {
        point.dist.name if point.dist else point.value
        for point in points
        if point.name == OURS and not point.value.startswith(f"{__package__}.")
    }
    for other in sorted(others):
        log.error(
            "tradervue.namesake distribution=%s: it has an entry point named tradervue "
            "as this plugin has, and of two only one is loaded; uninstall the other",
            one_line(other),
        )


def observe(tracker: Any, plugins: pluggy.PluginManager) -> Callable[[], None]:
    """
    Make *tracker* call the hooks after it has stored a trade; return the undoing.

    Wraps three methods of this one object. What ``record_signal_entry`` and
    ``record_signal_exit`` return is an entry or an exit; of a coroutine or a future it
    is what that comes to. What the tracker stores otherwise, through its own
    ``_store_trade`` where it has one, is a correction; so is what a record method
    stored before it raised. What they return stays as it is, and what they raise is the
    host's; nothing that a plugin raises gets out. Observing the same tracker twice
    changes nothing. A deep copy, or one that was pickled, is not observed.

    Of a tracker that takes no attributes (``__slots__``) the class is wrapped, and the
    hooks are called for those of its objects that are observed.
    """
    from argo_tradervue_plugin.watching import HOOKS, STORE, Watch, put_on

    watch = Watch(plugins.hook)
    names = list(HOOKS)
    # The contract of a host that makes its own manager may be older.
    knows_corrections = hasattr(plugins.hook, "on_trade_corrected")
    if knows_corrections and callable(getattr(tracker, STORE, None)):
        names.append(STORE)
    undone = [put_on(tracker, name, watch) for name in names]

    def undo() -> None:
        for each in undone:
            each()

    return undo


def mount(
    app: Any, plugins: pluggy.PluginManager, *, dependencies: Iterable[Any] = ()
) -> "list[Route]":
    """
    Put the routes of all *plugins* on *app*, FastAPI or Starlette; return them.

    On FastAPI, *dependencies* (``Depends(...)``) are asked before each of them: the
    place for the host's own authorisation. Call it before or while the application
    starts; mounting twice changes nothing.

    Raises:
        TypeError: if *app* is neither, *dependencies* are given for Starlette or one is
            no ``Depends``, or the routes are there already with other dependencies.
    """
    from argo_tradervue_plugin.web.mounting import mount_routes, routes_of

    return mount_routes(app, routes_of(plugins), dependencies)

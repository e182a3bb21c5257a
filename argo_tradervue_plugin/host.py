"""
The kit for hosts: load the plugins, and make a tracker call their hooks.

A host that has no hooks of its own needs two lines::

    plugins = load_plugins(config, tracker)
    observe(tracker, plugins)
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

import pluggy

from argo_tradervue_plugin import hookspecs
from argo_tradervue_plugin.fields import field_of
from argo_tradervue_plugin.guard import guard

if TYPE_CHECKING:
    from argo_tradervue_plugin.web.interface import Route

__all__ = ["ENTRY_POINTS", "load_plugins", "mount", "observe"]

ENTRY_POINTS: Final = "argo.plugins"

Method = Callable[..., Any]


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

    Wraps three methods of this one object. What ``record_signal_entry`` and
    ``record_signal_exit`` return is an entry or an exit. What the tracker stores
    otherwise, through its own ``_store_trade`` where it has one, is a correction; so is
    what a record method stored before it raised. What they return stays as it is, and
    what they raise is the host's; nothing that a plugin raises gets out. Observing the
    same tracker twice changes nothing.
    """
    watch = Watch(plugins.hook)
    wrappers: dict[str, Callable[[Method], Method]] = {
        "record_signal_entry": watch.entries,
        "record_signal_exit": watch.exits,
    }
    # The contract of a host that makes its own manager may be older.
    knows_corrections = hasattr(plugins.hook, "on_trade_corrected")
    if knows_corrections and callable(getattr(tracker, "_store_trade", None)):
        wrappers["_store_trade"] = watch.stores
    before = dict(vars(tracker))
    made: dict[str, Method] = {}
    for name, wrapper in wrappers.items():
        method = getattr(tracker, name)
        if not hasattr(method, "observed"):
            made[name] = wrapper(method)
            made[name].observed = True  # type: ignore[attr-defined]
            setattr(tracker, name, made[name])

    def undo() -> None:
        for name, watched in made.items():
            if vars(tracker).get(name) is not watched:
                continue  # it is another's by now
            if name in before:
                setattr(tracker, name, before[name])
            else:
                delattr(tracker, name)

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
        TypeError: if *app* is neither, *dependencies* are given for Starlette, or the
            routes are there already with other dependencies.
    """
    from argo_tradervue_plugin.web.mounting import mount_routes, routes_of

    return mount_routes(app, routes_of(plugins), dependencies)


class Stored(threading.local):
    """
    What this thread has stored in the record call that it is in, None outside of one.

    Not a context variable: what a record call schedules on an event loop inherits its
    context, runs after it, and is no part of it.
    """

    trades: dict[int, object] | None = None


class Watch:
    """
    The wrappers for the methods of one tracker.

    A record method stores its trade itself, which is no event besides its own. Which
    trade is its own is known when it returns: what it stores waits until then.
    """

    def __init__(self, hook: pluggy.HookRelay) -> None:
        self._hook = hook
        self._stored = Stored()

    def entries(self, record: Method) -> Method:
        """Call the hook for the trade that *record* has entered."""
        return self._records(record, self._hook.on_trade_recorded)

    def exits(self, record: Method) -> Method:
        """Call the hook for the trade that *record* has closed."""
        return self._records(record, self._hook.on_position_closed)

    def stores(self, store: Method) -> Method:
        """Call the hook for what *store* stores, unless a record call does so."""

        @wraps(store)
        def stored(*args: Any, **kwargs: Any) -> Any:
            answer = store(*args, **kwargs)
            trade = args[0] if args else kwargs.get("trade")
            if self._stored.trades is None:
                self._correct([trade])
            else:
                self._stored.trades[id(trade)] = trade
            return answer

        return stored

    def _records(self, record: Method, hook: pluggy.HookCaller) -> Method:
        @wraps(record)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            trade = None
            trades: dict[int, object] = {}
            outer, self._stored.trades = self._stored.trades, trades
            try:
                trade = record(*args, **kwargs)
            finally:
                self._stored.trades = outer
                self._correct(trades.values(), own=trade)
            if trade is not None:  # an exit for an id that the tracker does not know
                with guard(hook.name):
                    hook(trade=trade)
            return trade

        return recorded

    def _correct(self, trades: Iterable[object], *, own: object = None) -> None:
        for trade in trades:
            with guard("on_trade_corrected"):
                if trade is not None and not is_same(trade, own):
                    self._hook.on_trade_corrected(trade=trade)


def is_same(one: object, other: object) -> bool:
    """Return whether these are one trade; a tracker may store a copy of its own."""
    if one is other:
        return True
    trade_id = field_of(one, "id")
    return trade_id is not None and trade_id == field_of(other, "id")

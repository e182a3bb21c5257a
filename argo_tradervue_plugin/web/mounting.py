"""The plugins' routes on the host's application, where they are really answered."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import attrs
import pluggy

from argo_tradervue_plugin.config.settings import SECTION
from argo_tradervue_plugin.guard import guard, log
from argo_tradervue_plugin.web.interface import Route
from argo_tradervue_plugin.web.routes import TAG, table

__all__ = ["adapter_of", "mount_routes", "routes_of"]

HOOK: Final = "register_routes"


@attrs.frozen
class Blocked:
    """Takes the place of the plugin where the config kept it from being loaded."""

    reason: str
    integration: None = None


def routes_of(plugins: pluggy.PluginManager) -> list[Route]:
    """
    Return the routes of all *plugins*; one that fails costs the others nothing.

    With ``"enabled": false`` this plugin is not loaded, and its routes are there all
    the same: the front end must learn that it is not configured, not that there is
    no such thing.
    """
    routes: list[Route] = []
    hook: pluggy.HookCaller | None = getattr(plugins.hook, HOOK, None)
    for each in hook.get_hookimpls() if hook else ():
        # Called one by one: in a call of all, an error would end it for all.
        ask: Callable[[], Any] = each.function
        with guard(f"{HOOK}:{each.plugin_name}"):
            routes += only_routes(each.plugin_name, ask() or ())
    if plugins.is_blocked(TAG):
        routes += table(Blocked(f"{SECTION}.enabled is false"))
    return routes


def only_routes(plugin: str, given: Iterable[object]) -> Iterator[Route]:
    """Pass on what is a route of those *given* by *plugin*, and name what is not."""
    for each in given:
        if isinstance(each, Route):
            yield each
        else:
            kind = type(each).__name__
            log.warning(
                "tradervue.route_ignored plugin=%s: %s is not a Route", plugin, kind
            )


def mount_routes(
    app: Any, routes: Iterable[Route], dependencies: Iterable[Any] = ()
) -> list[Route]:
    """
    Add *routes* to *app* and return those that were added.

    One that was mounted before is not added again. Where the host has a route of its
    own at the same path, the host's stays, and the log says so.

    Raises:
        TypeError: as :func:`adapter_of`, or where a route was mounted before with other
            protection; nothing is added then.
    """
    asked = tuple(dependencies)  # an iterator would protect the first route alone
    add = adapter_of(app, asked)
    wanted, protection = list(routes), guarded(app, asked)
    for route in wanted:
        with guard(f"mount:{route.path}"):
            taken = standing(app, route)
        if taken is not None:
            refuse_other(route, taken, protection)
    added = []
    for route in wanted:
        with guard(f"mount:{route.path}"):
            if put(app, route, add, is_protected=bool(protection)):
                added.append(route)
    return added


def standing(app: Any, route: Route) -> Any:
    """Return the route on *app* by which *route* was mounted before, None for none."""
    path = path_on(app, route)
    before = first_match(app.routes, route.method, path)
    for each in () if before is None else opened([app.routes[before]]):
        mounted = getattr(getattr(each, "endpoint", None), "mounted", None)
        if mounted and each.path == path and mounted.method == route.method:
            return each
    return None


def path_on(app: Any, route: Route) -> str:
    """Return the path of *route* on *app*, which may be a router with a prefix."""
    prefix: str = getattr(app, "prefix", "")
    return prefix + route.path


def opened(routes: Iterable[Any]) -> Iterator[Any]:
    """Yield *routes*, and in place of an included router those that are in it."""
    for route in routes:
        # Newer FastAPI keeps an included router whole; older ones copy its routes.
        inside = getattr(route, "effective_candidates", None)
        if inside is None:
            yield route
        else:
            yield from opened(inside())


def refuse_other(route: Route, taken: Any, protection: Sequence[Any]) -> None:
    """
    Check that *taken*, by which *route* was mounted before, has *protection*.

    Raises:
        TypeError: where it has another one. To leave it as it is would let the host
            believe that the routes are protected as it says now.
    """
    has = protection_of(getattr(taken, "dependencies", None) or ())
    if not is_same(has, protection):
        raise TypeError(
            f"{route.path} is mounted already, with other dependencies "
            f"({named(has)}) than now ({named(protection)}): mount it once"
        )


def adapter_of(app: Any, dependencies: Sequence[Any] = ()) -> Callable[[Route], None]:
    """
    Return what adds a route to *app*.

    Raises:
        TypeError: if *app* is neither FastAPI nor Starlette, or *dependencies* are
            given for Starlette, which would leave the routes unprotected.
    """
    if hasattr(app, "add_api_route"):
        from argo_tradervue_plugin.web import fastapi

        see_asked(dependencies)
        return partial(fastapi.add, app, dependencies=dependencies)
    if not hasattr(app, "add_route"):
        raise TypeError(
            "routes are mounted on a FastAPI or Starlette application, not on "
            f"{type(app).__name__}"
        )
    if dependencies:
        raise TypeError(
            "dependencies are for FastAPI: on a Starlette application, put the "
            f"authorisation into a middleware, for {type(app).__name__} knows none"
        )
    from argo_tradervue_plugin.web import starlette

    return partial(starlette.add, app)


def see_asked(dependencies: Iterable[Any]) -> None:
    """
    Check that FastAPI asks each of *dependencies*.

    Raises:
        TypeError: one is no ``Depends``: a route would fail on it, or not ask it.
    """
    for each in dependencies:
        if not hasattr(each, "dependency"):
            what = name_of(each)
            raise TypeError(
                f"dependencies=[{what}] is not protection: write "
                f"dependencies=[Depends({what})]"
            )


def put(
    app: Any, route: Route, add: Callable[[Route], None], *, is_protected: bool = False
) -> bool:
    """
    Put *route* where *app* will find it; tell whether it was added.

    A host often ends its routes with one for everything else, say a folder of pages
    at ``/``. Behind it nothing is ever found, so we go before it. Where that one may
    ask who somebody is, ours do not, unless they have a protection of their own
    (*is_protected*): the log says so.
    """
    path = path_on(app, route)
    before = first_match(app.routes, route.method, path)
    if before is not None:
        if standing(app, route) is not None:
            return False
        taken = app.routes[before]
        if first_match([taken], route.method, f"{path}/{HOOK}") is None:
            log.warning(
                "tradervue.route_taken method=%s path=%s: the host answers it itself",
                route.method,
                route.path,
            )
            return False
        if may_guard(taken) and not is_protected:
            log.warning(
                "tradervue.route_unguarded method=%s path=%s: the host's own "
                "application at %s does not see these requests, and what it asks of "
                "its callers is not asked here: mount the routes on that application, "
                "or give mount() dependencies",
                route.method,
                route.path,
                getattr(taken, "path", "") or "/",
            )
    add(route)
    if before is not None:
        app.routes.insert(before, app.routes.pop())
    return True


def may_guard(taken: Any) -> bool:
    """
    Tell whether a route of the host's may ask who its callers are.

    A sub-application or a router may, in ways that cannot be seen from outside; a
    folder of files does not, nor an endpoint without dependencies, be they of the
    route or among the endpoint's parameters.
    """
    from starlette.staticfiles import StaticFiles

    if hasattr(taken, "endpoint"):
        dependant = getattr(taken, "dependant", None)
        return bool(getattr(dependant, "dependencies", None))
    return not isinstance(getattr(taken, "app", None), StaticFiles)


def first_match(routes: Sequence[Any], method: str, path: str) -> int | None:
    """Return which of *routes* would answer a request for *path*, None for none."""
    from starlette.routing import Match

    for index, route in enumerate(routes):
        scope = {"type": "http", "method": method, "path": path, "headers": []}
        if route.matches(scope)[0] is Match.FULL:
            return index
    return None


# What guards a route ------------------------------------------------------------------


def protection_of(dependencies: Iterable[Any]) -> tuple[object, ...]:
    """
    Return what *dependencies* ask: their callables, with the scopes of a ``Security``.

    Two ``Depends`` of one callable are two objects, and one protection.
    """
    return tuple(
        (
            getattr(each, "dependency", each),
            *sorted(getattr(each, "scopes", None) or ()),
        )
        for each in dependencies
    )


def guarded(app: Any, dependencies: Sequence[Any]) -> tuple[object, ...]:
    """Return what guards a route that is added to *app* with *dependencies*."""
    own = getattr(getattr(app, "router", app), "dependencies", None) or ()
    return protection_of([*own, *dependencies])


def is_same(one: Iterable[object], other: Iterable[object]) -> bool:
    """Tell whether two protections ask the same, in whatever order and how often."""
    some, others = list(one), list(other)  # a callable need not be hashable
    return all(each in others for each in some) and all(each in some for each in others)


def named(protection: Sequence[Any]) -> str:
    """Return *protection* in words, for a message."""
    return ", ".join(name_of(each[0]) for each in protection) or "none"


def name_of(what: object) -> str:
    """Return the name of a callable; that of its type where it has none."""
    name = getattr(what, "__qualname__", None)
    return name if isinstance(name, str) else type(what).__qualname__

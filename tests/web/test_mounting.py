"""The plugins' routes on the host's application, through the public door."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pluggy
import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Security
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from argo_tradervue_plugin import hookspecs
from argo_tradervue_plugin.hookspecs import hookimpl
from argo_tradervue_plugin.host import load_plugins, mount
from argo_tradervue_plugin.web import interface
from argo_tradervue_plugin.web.interface import Answer
from tests.web.fakes import FakePlugin, ask, ask_host, kind_of, routes_for

Make = Callable[[], Any]


class WithRoutes:
    """A plugin that registers *routes*, or raises them if they are an error."""

    def __init__(self, routes: Any) -> None:
        self.routes = routes

    @hookimpl
    def register_routes(self) -> Any:
        """Return the routes."""
        if isinstance(self.routes, Exception):
            raise self.routes
        return self.routes


def manager_of(*plugins: object) -> pluggy.PluginManager:
    """Return a plugin manager of the host with *plugins*, named a, b, ..."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for name, plugin in zip("abcdef", plugins, strict=False):
        manager.register(plugin, name=name)
    return manager


def config_of(**section: object) -> dict[str, Any]:
    """Return a host's config with the plugin's *section*."""
    return {"plugins": {"tradervue": section}}


def paths_of(routes: list[interface.Route]) -> list[str]:
    """Return the last parts of the routes' paths."""
    return [route.path.rpartition("/")[2] for route in routes]


OURS = ["metrics", "widget-url", "profile-url", "sync", "reconciliation", "status"]


@pytest.fixture
def loaded() -> Iterator[Callable[..., pluggy.PluginManager]]:
    """Loads the installed plugins with a section; they are stopped at the end."""
    managers = []

    def load(**section: object) -> pluggy.PluginManager:
        managers.append(load_plugins(config_of(**section), None))
        return managers[-1]

    yield load
    for manager in managers:
        manager.hook.on_host_shutdown()


def test_the_installed_plugin_is_mounted_from_its_entry_point(
    make_app: Make, loaded: Callable[..., pluggy.PluginManager], tmp_path: Path
) -> None:
    """Enabled, with nothing but a user name; nothing goes over the network."""
    app = make_app()
    plugins = loaded(
        enabled=True,
        username="me",
        password="hunter2-canary",
        database=str(tmp_path / "outbox.db"),
        base_url="http://127.0.0.1:9/api/v1",
    )

    assert paths_of(mount(app, plugins)) == OURS

    status = ask(app, "GET", "/status")
    assert status.json()["status"] == "enabled"
    assert status.json()["health"]["queue_depth"] == 0
    assert "hunter2-canary" not in status.text


def test_a_plugin_that_the_config_blocks_says_so(
    make_app: Make, loaded: Callable[..., pluggy.PluginManager]
) -> None:
    """It is not even loaded, and the front end still gets its 503."""
    app = make_app()
    plugins = loaded(enabled=False)

    assert not plugins.has_plugin("tradervue")
    assert paths_of(mount(app, plugins)) == OURS

    assert ask(app, "GET", "/metrics").status_code == 503
    status = ask(app, "GET", "/status").json()
    assert status["reason"] == "plugins.tradervue.enabled is false"


def test_a_plugin_with_a_wrong_setting_says_which(
    make_app: Make, loaded: Callable[..., pluggy.PluginManager]
) -> None:
    """The reason is one line with the key's full path."""
    app = make_app()
    mount(app, loaded(enabled=True, tagz=["x"], import_size=0))

    reason = ask(app, "GET", "/status").json()["reason"]

    assert "plugins.tradervue.tagz is not a setting" in reason
    assert "plugins.tradervue.import_size is 0, but must be" in reason


def test_after_the_hosts_end_the_routes_are_disabled(
    make_app: Make, loaded: Callable[..., pluggy.PluginManager], tmp_path: Path
) -> None:
    """A request that is still on its way finds no closed outbox."""
    app = make_app()
    plugins = loaded(
        enabled=True,
        username="me",
        password="x",
        database=str(tmp_path / "outbox.db"),
    )
    mount(app, plugins)

    plugins.hook.on_host_shutdown()

    assert ask(app, "GET", "/profile-url").status_code == 503
    assert ask(app, "GET", "/status").json()["reason"] == "the host has shut down"


def test_mounting_twice_adds_nothing(
    make_app: Make, plugin: FakePlugin, caplog: pytest.LogCaptureFixture
) -> None:
    """A second tracker in the process must not double the documentation."""
    app, plugins = make_app(), manager_of(WithRoutes(routes_for(plugin)))
    there_before = len(app.routes)

    assert paths_of(mount(app, plugins)) == OURS
    assert mount(app, plugins) == []

    assert len(app.routes) == there_before + 6
    assert caplog.messages == []


def test_neighbours_routes_are_mounted_too(make_app: Make, plugin: FakePlugin) -> None:
    """A plugin without routes says None, or nothing at all."""
    theirs = attrs.evolve(
        routes_for(plugin)[5],
        path="/api/v1/neighbour",
        tag="neighbour",
        handler=lambda: Answer(200, {"who": "neighbour"}),
    )
    plugins = manager_of(
        WithRoutes(None), WithRoutes([theirs]), object(), WithRoutes(routes_for(plugin))
    )
    app = make_app()

    assert sorted(paths_of(mount(app, plugins))) == sorted([*OURS, "neighbour"])
    assert ask_host(app, "GET", "/api/v1/neighbour").json() == {"who": "neighbour"}


@pytest.mark.swallows
@pytest.mark.parametrize("order", [1, -1], ids=["first", "last"])
def test_a_broken_neighbour_costs_nobody_their_routes(
    make_app: Make,
    plugin: FakePlugin,
    order: int,
    swallowed: list[Exception],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In a call of all plugins, its error would end the call; the log names it."""
    both = [WithRoutes(ValueError("broken")), WithRoutes(routes_for(plugin))][::order]
    app = make_app()

    assert paths_of(mount(app, manager_of(*both))) == OURS
    assert [str(error) for error in swallowed] == ["broken"]
    assert f"where=register_routes:{'a' if order == 1 else 'b'} " in caplog.text


def test_what_is_no_route_is_named_and_left_out(
    make_app: Make, plugin: FakePlugin, caplog: pytest.LogCaptureFixture
) -> None:
    """A neighbour may speak to another kit than ours."""
    plugins = manager_of(WithRoutes(["/a/path", *routes_for(plugin)]))

    assert paths_of(mount(make_app(), plugins)) == OURS
    assert caplog.messages == ["tradervue.route_ignored plugin=a: str is not a Route"]


@pytest.mark.swallows
def test_a_route_that_cannot_be_added_is_left_out(
    make_app: Make, plugin: FakePlugin, swallowed: list[Exception]
) -> None:
    """The others are there; FastAPI trips over the query, Starlette over the path."""
    first = routes_for(plugin)[0]
    broken = attrs.evolve(first, path="no slash", query=first.query * 2)

    added = mount(make_app(), manager_of(WithRoutes([broken, *routes_for(plugin)])))

    assert paths_of(added) == OURS
    assert len(swallowed) == 1


def test_a_host_without_our_hooks_has_no_routes(make_app: Make) -> None:
    """Its plugin manager may know nothing of routes."""
    assert mount(make_app(), pluggy.PluginManager(hookspecs.PROJECT)) == []


@pytest.mark.parametrize("app", [object(), None, "app"], ids=["object", "None", "str"])
def test_what_is_no_application_is_refused_in_words(app: object) -> None:
    """A mistake of whoever wires the host is told at once."""
    with pytest.raises(TypeError, match="on a FastAPI or Starlette application, not"):
        mount(app, manager_of())


def test_dependencies_on_starlette_are_refused_in_words(plugin: FakePlugin) -> None:
    """To ignore them would leave the routes open."""
    app = Starlette()

    with pytest.raises(TypeError, match="dependencies are for FastAPI"):
        mount(app, manager_of(WithRoutes(routes_for(plugin))), dependencies=[print])

    assert app.routes == []


def test_pages_at_the_root_do_not_hide_the_routes(
    make_app: Make, plugin: FakePlugin, tmp_path: Path
) -> None:
    """A host ends its routes with a folder of pages, and mounts us after that."""
    (tmp_path / "index.html").write_text("the front end")
    app = make_app()
    app.mount("/", StaticFiles(directory=tmp_path, html=True))

    mount(app, manager_of(WithRoutes(routes_for(plugin))))

    assert ask(app, "GET", "/status").json()["enabled"] is True
    assert ask_host(app, "GET", "/").text == "the front end"


def test_a_route_for_everything_does_not_hide_the_routes(
    make_app: Make, plugin: FakePlugin
) -> None:
    """Nor does a path with a parameter, and what the host answers stays its own."""

    async def anything(request: Request) -> PlainTextResponse:
        return PlainTextResponse("the host")

    app = make_app()
    app.routes.append(Mount("/static", app=PlainTextResponse("static")))
    app.routes.append(Route("/{rest:path}", anything, methods=["GET", "POST"]))

    mount(app, manager_of(WithRoutes(routes_for(plugin))))

    assert ask(app, "GET", "/status").json()["enabled"] is True
    assert ask(app, "POST", "/sync").json()["status"] == "success"
    assert ask(app, "GET", "/other").text == "the host"
    assert ask_host(app, "GET", "/static/x").text == "static"


@pytest.mark.parametrize("how", ["route", "router"])
def test_a_route_of_the_hosts_own_stays(
    make_app: Make, plugin: FakePlugin, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    """Argo's old module may still be there; the log says who answers."""

    async def own(request: Request) -> PlainTextResponse:
        return PlainTextResponse("the host's own")

    app = make_app()
    if kind_of(app) == "starlette":
        app.routes.append(Route("/api/v1/tradervue/status", own))
    elif how == "route":
        app.add_api_route("/api/v1/tradervue/status", own)
    else:
        router = APIRouter(prefix="/api/v1/tradervue")
        router.add_api_route("/status", own)
        app.include_router(router)

    with caplog.at_level(logging.WARNING):
        added = mount(app, manager_of(WithRoutes(routes_for(plugin))))

    assert paths_of(added) == OURS[:-1]
    assert ask(app, "GET", "/status").text == "the host's own"
    path = "/api/v1/tradervue/status"
    assert caplog.messages == [
        f"tradervue.route_taken method=GET path={path}: the host answers it itself"
    ]


def test_another_method_at_the_same_path_is_no_clash(plugin: FakePlugin) -> None:
    """The host may answer a DELETE there."""
    app = FastAPI()

    @app.delete("/api/v1/tradervue/status")
    async def forget() -> str:
        return "gone"

    mount(app, manager_of(WithRoutes(routes_for(plugin))))

    assert ask(app, "GET", "/status").json()["enabled"] is True
    assert ask(app, "DELETE", "/status").json() == "gone"


def allow(request: Request) -> None:
    """Let everybody in, as a dependency of FastAPI."""


def refuse() -> None:
    """Let nobody in."""
    raise HTTPException(401, "who are you?")


@pytest.mark.parametrize("bare", [refuse, "refuse", None])
def test_what_fastapi_would_not_ask_is_no_protection(
    plugin: FakePlugin, bare: object
) -> None:
    """A bare callable above all; nothing is mounted without what the host meant."""
    app = FastAPI()
    with pytest.raises(TypeError, match=r"write dependencies=\[Depends\("):
        mount(app, manager_of(WithRoutes(routes_for(plugin))), dependencies=[bare])
    assert ask(app, "GET", "/status").status_code == 404


def test_dependencies_from_an_iterator_protect_every_route(plugin: FakePlugin) -> None:
    """It is used up by the first route; the others must not be open for it."""
    app = FastAPI()
    plugins = manager_of(WithRoutes(routes_for(plugin)))

    mount(app, plugins, dependencies=(Depends(each) for each in [refuse]))

    for route in routes_for(plugin):
        assert ask_host(app, route.method, route.path).status_code == 401


@pytest.mark.parametrize(
    ("first", "second"),
    [([], [refuse]), ([refuse], []), ([allow], [refuse]), ([allow], [allow, refuse])],
    ids=["none, then one", "one, then none", "another", "one more"],
)
def test_a_second_mount_with_other_protection_is_an_error(
    plugin: FakePlugin, first: list[Any], second: list[Any]
) -> None:
    """Whoever calls it must not believe that it had an effect."""
    app = FastAPI()
    plugins = manager_of(WithRoutes(routes_for(plugin)))
    mount(app, plugins, dependencies=map(Depends, first))
    there_before = list(app.routes)

    with pytest.raises(TypeError, match="is mounted already, with other dependencies"):
        mount(app, plugins, dependencies=map(Depends, second))

    assert app.routes == there_before


@pytest.mark.parametrize("prefix", ["", "/v2"])
def test_a_second_mount_on_a_router_is_held_to_the_first(
    plugin: FakePlugin, prefix: str
) -> None:
    """Its prefix comes before our paths, so that the first mount is at another one."""
    router = APIRouter(prefix=prefix)
    plugins = manager_of(WithRoutes(routes_for(plugin)))
    mount(router, plugins)

    assert mount(router, plugins) == []
    with pytest.raises(TypeError, match="is mounted already, with other dependencies"):
        mount(router, plugins, dependencies=[Depends(refuse)])


def test_a_mount_beside_an_included_router_is_held_to_it(
    plugin: FakePlugin, caplog: pytest.LogCaptureFixture
) -> None:
    """The routes of the router answer first, with the protection that they have."""
    app, outer, inner = FastAPI(), APIRouter(), APIRouter()
    plugins = manager_of(WithRoutes(routes_for(plugin)))
    mount(inner, plugins)
    outer.include_router(inner, dependencies=[Depends(allow)])
    app.include_router(outer)

    assert mount(app, plugins, dependencies=[Depends(allow)]) == []
    assert caplog.messages == []
    with pytest.raises(TypeError, match="is mounted already, with other dependencies"):
        mount(app, plugins, dependencies=[Depends(refuse)])


def test_a_second_mount_with_the_same_callables_changes_nothing(
    plugin: FakePlugin,
) -> None:
    """``Depends`` of one callable are two objects; their order says nothing."""
    app = FastAPI(dependencies=[Depends(allow)])
    plugins = manager_of(WithRoutes(routes_for(plugin)))
    mount(app, plugins, dependencies=[Depends(allow), Depends(refuse)])

    assert mount(app, plugins, dependencies=[Depends(refuse), Depends(allow)]) == []


def test_a_scope_more_is_other_protection(plugin: FakePlugin) -> None:
    """``Security`` asks its callable for more than ``Depends`` does."""
    app = FastAPI()
    plugins = manager_of(WithRoutes(routes_for(plugin)))
    mount(app, plugins, dependencies=[Depends(allow)])

    with pytest.raises(TypeError, match="other dependencies"):
        mount(app, plugins, dependencies=[Security(allow, scopes=["trades"])])


@pytest.mark.parametrize("where", ["", "/api"], ids=["at the root", "at a prefix"])
def test_routes_before_a_sub_application_of_the_hosts_are_said(
    make_app: Make, plugin: FakePlugin, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    """What it asks of its callers is not asked on ours, which nobody would see."""
    app = make_app()
    app.mount(where, Starlette(routes=[], middleware=[]))

    mount(app, manager_of(WithRoutes(routes_for(plugin))))

    assert ask(app, "GET", "/status").status_code == 200
    assert len(caplog.messages) == len(OURS)
    assert caplog.messages[-1].startswith(
        "tradervue.route_unguarded method=GET path=/api/v1/tradervue/status: the "
        f"host's own application at {where or '/'} does not see these requests"
    )


async def asking(user: None = Depends(refuse)) -> None:
    """Answer to those whom a parameter lets in."""


@pytest.mark.parametrize(
    ("endpoint", "dependencies"),
    [(allow, [Depends(refuse)]), (asking, [])],
    ids=["by its route", "by a parameter"],
)
def test_a_guarded_route_for_everything_is_said_too(
    plugin: FakePlugin,
    caplog: pytest.LogCaptureFixture,
    endpoint: Callable[..., Any],
    dependencies: list[Any],
) -> None:
    """Its dependencies would have been asked, were we not before it."""
    app = FastAPI()
    app.add_api_route("/{rest:path}", endpoint, dependencies=dependencies)

    mount(app, manager_of(WithRoutes(routes_for(plugin))))

    assert "tradervue.route_unguarded method=GET " in caplog.text


def test_routes_with_protection_of_their_own_go_before_it_in_silence(
    plugin: FakePlugin, caplog: pytest.LogCaptureFixture
) -> None:
    """The host has said what guards them."""
    app = FastAPI()
    app.mount("/api", Starlette())

    plugins = manager_of(WithRoutes(routes_for(plugin)))
    mount(app, plugins, dependencies=[Depends(refuse)])

    assert caplog.messages == []
    assert ask(app, "GET", "/status").status_code == 401

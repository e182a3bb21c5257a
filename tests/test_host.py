"""The kit for hosts: plugins are loaded one by one, and a tracker is only watched."""

import inspect
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pluggy
import pytest

from argo_tradervue_plugin import hookspecs
from argo_tradervue_plugin.host import load_plugins, observe
from argo_tradervue_plugin.plugin import plugin
from tests.argo.running import RunningHost
from tests.argo.tracker import UnifiedPerformanceTracker
from tests.fakes import Neighbour, fake_distribution

Run = Callable[..., RunningHost]
Install = Callable[..., None]

NEIGHBOUR = """
from tests.fakes import Neighbour
plugin = Neighbour({error})
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a neighbour by its entry point: ``install("name", source)``."""

    def install(name: str, source: str = NEIGHBOUR.format(error="")) -> None:
        module = f"neighbour_{name}_{abs(hash(tmp_path))}"
        folder = fake_distribution(
            tmp_path / name, {module: source}, {name: f"{module}:plugin"}
        )
        monkeypatch.syspath_prepend(str(folder))

    return install


def started(manager: pluggy.PluginManager, name: str) -> int:
    """Return how often a neighbour was told of the host's start."""
    neighbour: Any = manager.get_plugin(name)
    return int(neighbour.started)


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the operator was told."""
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]


# Loading ----------------------------------------------------------------------------


def test_installed_plugins_are_loaded_by_their_names(install: Install) -> None:
    """Ours and a neighbour's, each once, each told that the host has started."""
    install("momentum")

    manager = load_plugins({"plugins": {"tradervue": {"enabled": True}}}, None)
    plugin.on_host_shutdown()

    assert manager.get_plugin("tradervue") is plugin
    assert started(manager, "momentum") == 1
    assert manager.project_name == "argo"


def test_disabled_plugin_is_not_even_imported(install: Install) -> None:
    """A plugin that breaks on import can be switched off in the config."""
    install("broken", "raise SystemExit('imported')")

    manager = load_plugins({"plugins": {"broken": {"enabled": False}}}, None)

    assert manager.get_plugin("broken") is None
    assert manager.is_blocked("broken")


@pytest.mark.swallows
@pytest.mark.parametrize(
    "source",
    [
        "import no_such_module_anywhere",
        "raise RuntimeError('at import')",
        "plugin = 1 / 0",
        "nothing_called_plugin = True",
        "this is no Python",
    ],
    ids=["import-error", "raises", "divides", "no-such-object", "syntax-error"],
)
def test_plugin_that_fails_to_import_is_left_out(
    install: Install, caplog: pytest.LogCaptureFixture, source: str
) -> None:
    """The others are loaded, and the operator reads one line with its name."""
    install("broken", source)
    install("whole")

    manager = load_plugins({}, None)

    assert manager.get_plugin("broken") is None
    assert started(manager, "whole") == 1
    assert manager.get_plugin("tradervue") is plugin
    (line,) = warnings_of(caplog)
    assert line.startswith("tradervue.internal_error where=load_plugins:broken count=1")


@pytest.mark.swallows
def test_plugin_that_asks_for_too_much_is_left_out(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    """An argument that the contract lacks costs nobody else anything."""
    install(
        "curious",
        "from argo_tradervue_plugin.hookspecs import hookimpl\n"
        "class Curious:\n"
        "    @hookimpl\n"
        "    def on_trade_recorded(self, trade, price): ...\n"
        "plugin = Curious()\n",
    )
    install("whole")

    manager = load_plugins({}, None)

    assert started(manager, "whole") == 1
    assert "where=load_plugins:curious" in warnings_of(caplog)[0]


CONFIGS = [
    pytest.param({}, id="empty"),
    pytest.param({"plugins": None}, id="plugins-null"),
    pytest.param({"plugins": []}, id="plugins-list"),
    pytest.param({"plugins": "all"}, id="plugins-text"),
    pytest.param({"plugins": {}}, id="no-sections"),
    pytest.param({"plugins": {"tradervue": None}}, id="section-null"),
    pytest.param({"plugins": {"tradervue": "on"}}, id="section-text"),
    pytest.param({"plugins": {"tradervue": []}}, id="section-list"),
    pytest.param({"plugins": {"tradervue": {"enabled": None}}}, id="enabled-null"),
    pytest.param({"plugins": {"tradervue": {"enabled": 0}}}, id="enabled-zero"),
    pytest.param({"plugins": {"unknown": {"enabled": True}}}, id="unknown-plugin"),
]


@pytest.mark.parametrize("config", CONFIGS)
def test_host_starts_whatever_its_config_says(config: Mapping[str, object]) -> None:
    """A plugin without a right section is loaded, does nothing, and says why."""
    manager = load_plugins(config, None)

    assert manager.get_plugin("tradervue") is plugin
    assert plugin.integration is None
    assert plugin.reason


@pytest.mark.swallows
def test_neighbour_that_raises_at_the_start_does_not_cost_us_ours(
    install: Install, run_host: Run, section: dict[str, Any]
) -> None:
    """Whatever the plugins are called, and in whatever order they come."""
    install("zzz_last_by_name", NEIGHBOUR.format(error="ValueError('at start')"))
    install("aaa_first_by_name", NEIGHBOUR.format(error="ValueError('at start')"))

    host = run_host(section)

    assert host.integration is not None


def test_loading_twice_gives_two_managers(
    run_host: Run, section: dict[str, Any]
) -> None:
    """A process with two trackers may have a manager for each."""
    one, other = run_host(section), run_host(section)

    assert one.plugins is not other.plugins
    assert one.tradervue is other.tradervue


# Watching ---------------------------------------------------------------------------


@pytest.fixture
def manager() -> pluggy.PluginManager:
    """A manager with our contract and no plugin."""
    made = pluggy.PluginManager("argo")
    made.add_hookspecs(hookspecs)
    return made


@pytest.fixture
def neighbour(manager: pluggy.PluginManager) -> Neighbour:
    """The one plugin there is."""
    made = Neighbour()
    manager.register(made)
    return made


@pytest.fixture
def tracker() -> UnifiedPerformanceTracker:
    """The host's tracker, as it is."""
    return UnifiedPerformanceTracker()


def enter(tracker: UnifiedPerformanceTracker) -> Any:
    """Enter a position as the host does."""
    return tracker.record_signal_entry(
        "SIG-1", "stock", "AAPL", "long", 187.2, 50, 91.0
    )


def test_unmodified_tracker_calls_the_hooks(
    manager: pluggy.PluginManager,
    neighbour: Neighbour,
    tracker: UnifiedPerformanceTracker,
) -> None:
    """After it has stored the trade, and the trade is what it returned."""
    observe(tracker, manager)

    trade = enter(tracker)
    known = [trade.id]
    assert (neighbour.entered, neighbour.left) == (known, [])

    closed = tracker.record_signal_exit(trade.id, exit_price=190.0)
    assert closed is trade
    assert neighbour.left == known


def test_exit_of_an_unknown_trade_calls_no_hook(
    manager: pluggy.PluginManager,
    neighbour: Neighbour,
    tracker: UnifiedPerformanceTracker,
) -> None:
    """The tracker returned None, and so does the watched one."""
    observe(tracker, manager)

    assert tracker.record_signal_exit("unknown", 1.0) is None
    assert neighbour.left == []


def test_watched_method_looks_like_the_tracker_s_own(
    manager: pluggy.PluginManager, tracker: UnifiedPerformanceTracker
) -> None:
    """Name, docstring and signature are those that the host knows."""
    plain = UnifiedPerformanceTracker()
    observe(tracker, manager)

    for name in ("record_signal_entry", "record_signal_exit"):
        watched, own = getattr(tracker, name), getattr(plain, name)
        assert watched.__name__ == own.__name__
        assert watched.__doc__ == own.__doc__
        assert inspect.signature(watched) == inspect.signature(own)


def test_other_trackers_are_left_alone(
    manager: pluggy.PluginManager,
    neighbour: Neighbour,
    tracker: UnifiedPerformanceTracker,
) -> None:
    """One object is watched, not its class."""
    observe(tracker, manager)
    enter(UnifiedPerformanceTracker())

    assert neighbour.entered == []


def test_watching_twice_changes_nothing(
    manager: pluggy.PluginManager,
    neighbour: Neighbour,
    tracker: UnifiedPerformanceTracker,
) -> None:
    """Each trade is told once, and undoing the second watch undoes nothing."""
    observe(tracker, manager)
    again = observe(tracker, manager)
    again()
    trade = enter(tracker)

    assert neighbour.entered == [trade.id]


def test_watching_can_be_undone(
    manager: pluggy.PluginManager,
    neighbour: Neighbour,
    tracker: UnifiedPerformanceTracker,
) -> None:
    """The tracker is as it was; undoing again does no harm; it can be watched anew."""
    before = dict(vars(tracker))
    undo = observe(tracker, manager)
    undo()
    undo()
    assert vars(tracker) == before

    enter(tracker)
    assert neighbour.entered == []

    observe(tracker, manager)
    trade = enter(tracker)
    assert neighbour.entered == [trade.id]


def test_error_of_the_tracker_is_the_hosts(
    manager: pluggy.PluginManager,
    neighbour: Neighbour,
    tracker: UnifiedPerformanceTracker,
) -> None:
    """What the host's own method raises goes to the host, and no hook is called."""
    observe(tracker, manager)

    with pytest.raises(TypeError):
        tracker.record_signal_entry("too", "few")  # type: ignore[call-arg]
    assert neighbour.entered == []


@pytest.mark.swallows
@pytest.mark.parametrize("how_often", [1, 3])
def test_error_of_a_plugin_does_not_reach_the_host(
    manager: pluggy.PluginManager,
    tracker: UnifiedPerformanceTracker,
    swallowed: list[Exception],
    how_often: int,
) -> None:
    """The trade comes back as if nothing had been."""
    manager.register(Neighbour(ValueError("neighbour")))
    observe(tracker, manager)

    for _ in range(how_often):
        assert enter(tracker).outcome == "pending"
    assert [str(error) for error in swallowed] == ["neighbour"] * how_often


def test_leaving_passes_through_the_watch(
    manager: pluggy.PluginManager, tracker: UnifiedPerformanceTracker
) -> None:
    """A plugin that ends the process ends it: that is no error to hide."""

    class Leaving:
        @hookspecs.hookimpl
        def on_trade_recorded(self) -> None:
            raise KeyboardInterrupt

    manager.register(Leaving())
    observe(tracker, manager)

    with pytest.raises(KeyboardInterrupt):
        enter(tracker)

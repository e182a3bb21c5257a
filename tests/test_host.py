"""The kit for hosts: plugins are loaded one by one, and a tracker is only watched."""

import asyncio
import inspect
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pluggy
import pytest

from argo_tradervue_plugin import hookspecs
from argo_tradervue_plugin.host import load_plugins, observe
from argo_tradervue_plugin.plugin import TradervuePlugin
from tests.argo.running import RunningHost
from tests.argo.tracker import UnifiedPerformanceTracker
from tests.argo.trade import Trade
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
    manager.hook.on_host_shutdown()

    assert isinstance(manager.get_plugin("tradervue"), TradervuePlugin)
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
    assert isinstance(manager.get_plugin("tradervue"), TradervuePlugin)
    (line,) = warnings_of(caplog)
    assert line.startswith("tradervue.internal_error where=load_plugins:broken count=1")


def test_plugin_of_our_name_is_said(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    """Of two with one name only one is loaded, and nothing else would say so."""
    install("tradervue")

    load_plugins({}, None)

    (line,) = warnings_of(caplog)
    assert line.startswith("tradervue.namesake distribution=")


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

    plugin = manager.get_plugin("tradervue")
    assert isinstance(plugin, TradervuePlugin)
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
    assert one.tradervue is not other.tradervue
    assert one.integration is other.integration


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


def enter(tracker: UnifiedPerformanceTracker) -> Trade:
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

    for name in ("record_signal_entry", "record_signal_exit", "_store_trade"):
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
    tracker.reconcile_order(trade.id, 20)

    assert neighbour.entered == [trade.id]
    assert neighbour.corrected == [trade.id]


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

    trade = enter(tracker)
    tracker.reconcile_order(trade.id, 20)
    assert (neighbour.entered, neighbour.corrected) == ([], [])

    observe(tracker, manager)
    undo()  # of the watch before
    trade = enter(tracker)
    assert neighbour.entered == [trade.id]


def test_undoing_gives_back_what_was_there_before(
    manager: pluggy.PluginManager,
    neighbour: Neighbour,
    tracker: UnifiedPerformanceTracker,
) -> None:
    """A method that the host had replaced on its object is the replaced one again."""
    kept: list[Any] = []
    tracker._store_trade = kept.append  # type: ignore[method-assign,assignment]
    before = dict(vars(tracker))
    undo = observe(tracker, manager)
    trade = enter(tracker)
    assert (kept, neighbour.entered) == ([trade], [trade.id])

    undo()
    assert vars(tracker) == before


def test_undoing_leaves_alone_what_another_put_over_it(
    manager: pluggy.PluginManager, tracker: UnifiedPerformanceTracker
) -> None:
    """Whoever wrapped the watched method after us keeps his wrapper."""
    undo = observe(tracker, manager)
    watched = tracker.record_signal_entry

    def traced(*args: Any) -> Any:
        return watched(*args)

    tracker.record_signal_entry = traced  # type: ignore[method-assign,assignment]
    undo()

    assert tracker.record_signal_entry is traced
    assert "record_signal_exit" not in vars(tracker)


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


# Corrections ------------------------------------------------------------------------


class Log:
    """A plugin that notes every call of a hook, in their order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    @hookspecs.hookimpl
    def on_trade_recorded(self, trade: Any) -> None:
        """Note an entry."""
        self.calls.append(("entry", trade))

    @hookspecs.hookimpl
    def on_position_closed(self, trade: Any) -> None:
        """Note an exit."""
        self.calls.append(("exit", trade))

    @hookspecs.hookimpl
    def on_trade_corrected(self, trade: Any) -> None:
        """Note a correction."""
        self.calls.append(("correction", trade))


@pytest.fixture
def log(manager: pluggy.PluginManager) -> Log:
    """The one plugin there is."""
    made = Log()
    manager.register(made)
    return made


class StoringTracker:
    """
    Another make of tracker: its record methods do what a test asks for.

    *record* gets the tracker and what was passed; so does the exit's.
    """

    def __init__(self, record: Callable[..., Any]) -> None:
        self.record = record
        self.stored: list[Any] = []

    def record_signal_entry(self, *args: Any) -> Any:
        """Do as the test asks."""
        return self.record(self, *args)

    def record_signal_exit(self, trade: Any) -> Any:
        """Store the exit of *trade*."""
        self._store_trade(trade)
        return trade

    def _store_trade(self, trade: Any, ttl: int = 0, *, key: str = "") -> str:
        """Store *trade* and say where it is."""
        self.stored.append(trade)
        return f"{key}:{ttl}"


def trade_of(trade_id: str) -> SimpleNamespace:
    """Return a trade that is no more than its id."""
    return SimpleNamespace(id=trade_id)


def test_store_in_a_record_call_is_no_event_of_its_own(
    manager: pluggy.PluginManager, log: Log, tracker: UnifiedPerformanceTracker
) -> None:
    """The host's record methods store through the same method that is watched."""
    observe(tracker, manager)
    trade = enter(tracker)
    tracker.record_signal_exit(trade.id, 190.0)

    assert log.calls == [("entry", trade), ("exit", trade)]


def test_store_outside_of_a_record_call_is_a_correction(
    manager: pluggy.PluginManager, tracker: UnifiedPerformanceTracker
) -> None:
    """The hook is called when it is stored, with what was stored."""
    seen: list[tuple[Any, float]] = []

    class Looking:
        @hookspecs.hookimpl
        def on_trade_corrected(self, trade: Any) -> None:
            seen.append((tracker._get_trade(trade.id), trade.filled_qty))

    manager.register(Looking())
    trade = enter(tracker)
    observe(tracker, manager)
    assert tracker.reconcile_order(trade.id, 20) is trade

    assert seen == [(trade, 20)]


@pytest.mark.parametrize(
    ("args", "kwargs", "answer"),
    [
        pytest.param(["trade"], {}, ":0", id="by-position"),
        pytest.param(["trade", 60], {"key": "k"}, "k:60", id="with-more"),
        pytest.param([], {"trade": "trade"}, ":0", id="by-keyword"),
        pytest.param([], {"key": "k", "trade": "trade"}, "k:0", id="keyword-last"),
    ],
)
def test_store_takes_and_returns_what_it_did(
    manager: pluggy.PluginManager,
    log: Log,
    args: list[Any],
    kwargs: dict[str, Any],
    answer: str,
) -> None:
    """However the host passes the trade, and whatever else it passes."""
    tracker = StoringTracker(Mock())
    observe(tracker, manager)

    assert tracker._store_trade(*args, **kwargs) == answer
    assert tracker.stored == ["trade"]
    assert log.calls == [("correction", "trade")]


def test_store_that_fails_is_the_hosts(manager: pluggy.PluginManager, log: Log) -> None:
    """What was not stored is nothing that a plugin should hear of."""

    class Full(StoringTracker):
        def _store_trade(self, trade: Any, ttl: int = 0, *, key: str = "") -> str:
            raise OSError("no room")

    tracker = Full(lambda it: it._store_trade(trade_of("t1")))
    observe(tracker, manager)

    with pytest.raises(OSError, match="no room"):
        tracker._store_trade(trade_of("t1"))
    with pytest.raises(OSError, match="no room"):
        tracker.record_signal_entry()
    assert log.calls == []


def test_store_of_nothing_calls_no_hook(
    manager: pluggy.PluginManager, log: Log
) -> None:
    """As with an exit for an id that the tracker does not know."""
    trade = trade_of("t1")
    tracker = StoringTracker(lambda it: it._store_trade(None) and trade)
    observe(tracker, manager)
    tracker._store_trade(None)
    tracker.record_signal_entry()

    assert tracker.stored == [None, None]
    assert log.calls == [("entry", trade)]


def test_another_trade_that_a_record_call_stores_is_a_correction(
    manager: pluggy.PluginManager, log: Log
) -> None:
    """A host may close the opposite position in the same call."""
    old, new = trade_of("old"), trade_of("new")

    def turn_around(it: StoringTracker) -> Any:
        for trade in (new, old, old, new):
            it._store_trade(trade)
        return new

    tracker = StoringTracker(turn_around)
    observe(tracker, manager)
    tracker.record_signal_entry()

    assert log.calls == [("correction", old), ("entry", new)]


@pytest.mark.parametrize("copied", [asdict, lambda trade: type(trade)(**asdict(trade))])
def test_copy_that_a_record_call_stores_is_its_own_trade(
    manager: pluggy.PluginManager, log: Log, copied: Callable[[Any], Any]
) -> None:
    """A tracker may store a dictionary, or another object, and return the trade."""
    trade = enter(UnifiedPerformanceTracker())

    def record(it: StoringTracker) -> Any:
        it._store_trade(copied(trade))
        return trade

    tracker = StoringTracker(record)
    observe(tracker, manager)
    tracker.record_signal_entry()

    assert log.calls == [("entry", trade)]


def test_trades_without_an_id_are_told_apart(
    manager: pluggy.PluginManager, log: Log
) -> None:
    """That neither of two has an id does not make them one."""
    one, other = SimpleNamespace(id=None), SimpleNamespace(id=None)

    def record(it: StoringTracker) -> Any:
        it._store_trade(one)
        it._store_trade(other)
        return other

    tracker = StoringTracker(record)
    observe(tracker, manager)
    tracker.record_signal_entry()

    assert log.calls == [("correction", one), ("entry", other)]


def test_what_a_record_call_stored_before_it_raised_is_a_correction(
    manager: pluggy.PluginManager, log: Log
) -> None:
    """The host has it, and no other event will come; the watch goes on as before."""
    trade = trade_of("t1")

    def record(it: StoringTracker) -> Any:
        it._store_trade(trade)
        raise ConnectionError("after it was stored")

    tracker = StoringTracker(record)
    observe(tracker, manager)
    with pytest.raises(ConnectionError, match="after it was stored"):
        tracker.record_signal_entry()
    assert log.calls == [("correction", trade)]

    tracker._store_trade(trade)
    assert log.calls == [("correction", trade)] * 2


def test_what_a_record_call_stored_that_returns_nothing_is_a_correction(
    manager: pluggy.PluginManager, log: Log
) -> None:
    """There is no entry that it could belong to."""
    trade = trade_of("t1")
    tracker = StoringTracker(lambda it: it.stored.append(it._store_trade(trade)))
    observe(tracker, manager)

    assert tracker.record_signal_entry() is None
    assert log.calls == [("correction", trade)]


def test_record_call_inside_another_has_its_own_event(
    manager: pluggy.PluginManager, log: Log
) -> None:
    """What is stored before and after it belongs to the outer one."""
    old, new, third = trade_of("old"), trade_of("new"), trade_of("third")

    def turn_around(it: StoringTracker) -> Any:
        it._store_trade(new)
        it.record_signal_exit(old)
        it._store_trade(third)
        it._store_trade(new)
        return new

    tracker = StoringTracker(turn_around)
    observe(tracker, manager)
    tracker.record_signal_entry()

    assert log.calls == [("exit", old), ("correction", third), ("entry", new)]


def test_record_calls_of_several_threads_do_not_mix(
    manager: pluggy.PluginManager, log: Log
) -> None:
    """A job that corrects a trade while others are recorded is in none of them."""
    stored = threading.Barrier(3, timeout=60)
    corrected = threading.Barrier(3, timeout=60)

    def record(it: StoringTracker, trade: Any) -> Any:
        it._store_trade(trade)
        stored.wait()
        corrected.wait()
        it._store_trade(trade)
        return trade

    tracker = StoringTracker(record)
    observe(tracker, manager)
    trades = [trade_of("t1"), trade_of("t2")]
    threads = [
        threading.Thread(target=tracker.record_signal_entry, args=(trade,))
        for trade in trades
    ]
    for each in threads:
        each.start()
    stored.wait()
    tracker._store_trade(trades[0])
    assert log.calls == [("correction", trades[0])]
    corrected.wait()
    for each in threads:
        each.join(60)

    assert sorted(trade.id for kind, trade in log.calls[1:] if kind == "entry") == [
        "t1",
        "t2",
    ]
    assert len(log.calls) == 3


def test_task_that_a_record_call_starts_is_no_part_of_it(
    manager: pluggy.PluginManager, log: Log
) -> None:
    """It runs when the call is over, though it inherits the call's context."""
    trade = trade_of("t1")
    tasks: list[asyncio.Task[None]] = []

    async def correct(it: StoringTracker) -> None:
        it._store_trade(trade)

    def record(it: StoringTracker) -> Any:
        it._store_trade(trade)
        tasks.append(asyncio.create_task(correct(it)))
        return trade

    tracker = StoringTracker(record)
    observe(tracker, manager)

    async def host() -> None:
        tracker.record_signal_entry()
        await asyncio.gather(*tasks)

    asyncio.run(host())
    assert log.calls == [("entry", trade), ("correction", trade)]


def test_tracker_that_stores_nothing_by_that_name_is_watched_as_before(
    manager: pluggy.PluginManager, log: Log
) -> None:
    """Only the published host has it."""
    trade = trade_of("t1")
    tracker = SimpleNamespace(
        record_signal_entry=lambda: trade, record_signal_exit=lambda: trade
    )
    before = dict(vars(tracker))
    undo = observe(tracker, manager)
    tracker.record_signal_entry()
    tracker.record_signal_exit()

    assert log.calls == [("entry", trade), ("exit", trade)]
    assert not hasattr(tracker, "_store_trade")
    undo()
    assert vars(tracker) == before


def test_plugin_without_the_hook_is_left_in_peace(
    manager: pluggy.PluginManager, tracker: UnifiedPerformanceTracker
) -> None:
    """One that was written for an earlier contract is told of what it knows."""
    entered: list[Any] = []

    class Older:
        @hookspecs.hookimpl
        def on_trade_recorded(self, trade: Any) -> None:
            entered.append(trade)

    manager.register(Older())
    manager.check_pending()
    observe(tracker, manager)
    trade = enter(tracker)
    tracker.reconcile_order(trade.id, 20)

    assert entered == [trade]


def test_manager_without_the_hook_is_served_as_before(
    tracker: UnifiedPerformanceTracker,
) -> None:
    """A host may have a manager of its own, with the contract that it knows."""

    class OlderContract:
        on_trade_recorded = staticmethod(hookspecs.on_trade_recorded)
        on_position_closed = staticmethod(hookspecs.on_position_closed)

    entered: list[Any] = []

    class Older:
        @hookspecs.hookimpl
        def on_trade_recorded(self, trade: Any) -> None:
            entered.append(trade)

    manager = pluggy.PluginManager("argo")
    manager.add_hookspecs(OlderContract)
    manager.register(Older())
    observe(tracker, manager)
    trade = enter(tracker)
    assert tracker.reconcile_order(trade.id, 20) is trade

    assert entered == [trade]
    assert "_store_trade" not in vars(tracker)


@pytest.mark.swallows
def test_error_of_a_corrected_plugin_does_not_reach_the_host(
    manager: pluggy.PluginManager,
    tracker: UnifiedPerformanceTracker,
    swallowed: list[Exception],
) -> None:
    """Nor does one keep the other corrections of a call, or its entry, from them."""
    plugin = Neighbour(ValueError("neighbour"))
    manager.register(plugin)
    trade = enter(tracker)
    observe(tracker, manager)

    assert tracker.reconcile_order(trade.id, 20) is trade
    assert plugin.corrected == [trade.id]

    def record(it: StoringTracker) -> Any:
        for trade_id in ("a", "b", "c"):
            it._store_trade(trade_of(trade_id))
        return trade_of("c")

    other = StoringTracker(record)
    observe(other, manager)
    assert other.record_signal_entry().id == "c"
    assert (plugin.corrected, plugin.entered) == ([trade.id, "a", "b"], ["c"])
    assert [str(error) for error in swallowed] == ["neighbour"] * 4

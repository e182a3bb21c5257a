"""Trackers of other makes: slots, mocks, coroutines, and copies of any of them."""

import asyncio
import copy
import gc
import inspect
import pickle
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar
from unittest.mock import AsyncMock, Mock

import pluggy
import pytest

from argo_tradervue_plugin import hookspecs
from argo_tradervue_plugin.host import observe
from tests.argo.tracker import UnifiedPerformanceTracker


class Neighbour:
    """A plugin that remembers which trades it was given."""

    def __init__(self) -> None:
        self.entered: list[Any] = []
        self.left: list[Any] = []
        self.corrected: list[Any] = []

    @hookspecs.hookimpl
    def on_trade_recorded(self, trade: Any) -> None:
        """Remember an entry."""
        self.entered.append(trade)

    @hookspecs.hookimpl
    def on_position_closed(self, trade: Any) -> None:
        """Remember an exit."""
        self.left.append(trade)

    @hookspecs.hookimpl
    def on_trade_corrected(self, trade: Any) -> None:
        """Remember a correction."""
        self.corrected.append(trade)


class Plain:
    """A tracker of a few lines, which can be pickled."""

    def __init__(self) -> None:
        self.trades: list[Any] = []

    def record_signal_entry(self, name: str) -> Any:
        """Store an entry."""
        return self._store_trade(SimpleNamespace(id=name))

    def record_signal_exit(self, name: str) -> Any:
        """Return the trade, None where there is none."""
        return next((trade for trade in self.trades if trade.id == name), None)

    def _store_trade(self, trade: Any) -> Any:
        self.trades.append(trade)
        return trade


Method = Callable[[Any, Any], Any]


class Slots:
    """A tracker that takes no attributes, and no weak reference."""

    __slots__ = ("trades",)

    def __init__(self) -> None:
        self.trades: list[Any] = []

    record_signal_entry: ClassVar[Method] = Plain.record_signal_entry
    record_signal_exit: ClassVar[Method] = Plain.record_signal_exit
    _store_trade: ClassVar[Method] = Plain._store_trade


class WeakSlots(Slots):
    """One that takes weak references."""

    __slots__ = ("__weakref__",)


class Later:
    """A tracker whose methods are coroutines."""

    def __init__(self) -> None:
        self.trades: list[Any] = []

    async def record_signal_entry(self, name: str) -> Any:
        """Store an entry, after others had their turn."""
        trade = SimpleNamespace(id=name)
        await asyncio.sleep(0)
        await self._store_trade(trade)
        await asyncio.sleep(0)
        return trade

    async def record_signal_exit(self, name: str) -> Any:
        """Return the trade, or fail."""
        await asyncio.sleep(0)
        if name == "broken":
            raise LookupError(name)
        return next((trade for trade in self.trades if trade.id == name), None)

    async def _store_trade(self, trade: Any) -> None:
        await asyncio.sleep(0)
        self.trades.append(trade)


@pytest.fixture
def neighbour() -> Neighbour:
    """The one plugin there is."""
    return Neighbour()


@pytest.fixture
def plugins(neighbour: Neighbour) -> pluggy.PluginManager:
    """A manager with it."""
    made = pluggy.PluginManager("argo")
    made.add_hookspecs(hookspecs)
    made.register(neighbour)
    return made


def ids(trades: list[Any]) -> list[str]:
    """Return the ids of *trades*."""
    return [trade.id for trade in trades]


def pickled(tracker: Any) -> Any:
    """Return *tracker* as another process gets it."""
    return pickle.loads(pickle.dumps(tracker))  # noqa: S301 - our own


@pytest.mark.parametrize("kind", [Plain, Slots, WeakSlots])
def test_tracker_of_any_make_calls_the_hooks(
    plugins: pluggy.PluginManager, neighbour: Neighbour, kind: type[Any]
) -> None:
    """Entry, exit and correction, each once; undone, none."""
    tracker = kind()
    before = dict(vars(kind))
    undo = observe(tracker, plugins)
    observe(tracker, plugins)()
    trade = tracker.record_signal_entry("one")
    tracker.record_signal_exit("one")
    tracker._store_trade(trade)

    assert neighbour.entered == neighbour.left == neighbour.corrected == [trade]
    undo()
    undo()
    tracker.record_signal_entry("two")
    assert len(neighbour.entered) == 1
    assert dict(vars(kind)) == before


@pytest.mark.parametrize("kind", [Slots, WeakSlots])
def test_other_trackers_of_the_class_are_left_alone(
    plugins: pluggy.PluginManager, neighbour: Neighbour, kind: type[Any]
) -> None:
    """And so are those of the class below."""
    undo = observe(kind(), plugins)
    try:
        kind().record_signal_entry("another")
        WeakSlots().record_signal_entry("below")
    finally:
        undo()

    assert neighbour.entered == neighbour.corrected == []


def test_trackers_with_slots_are_watched_together(
    plugins: pluggy.PluginManager, neighbour: Neighbour
) -> None:
    """Each by itself; undoing one leaves the other."""
    one, two = WeakSlots(), WeakSlots()
    undo_one, undo_two = observe(one, plugins), observe(two, plugins)
    one.record_signal_entry("1")
    two.record_signal_entry("2")
    undo_one()
    one.record_signal_entry("3")
    two.record_signal_entry("4")
    undo_two()

    assert ids(neighbour.entered) == ["1", "2", "4"]
    assert "watched" not in vars(WeakSlots.record_signal_entry)


@pytest.mark.parametrize("kind", [Plain, Slots, WeakSlots, UnifiedPerformanceTracker])
@pytest.mark.parametrize("copied", [copy.deepcopy, pickled], ids=["deep", "pickled"])
def test_copy_records_into_itself(
    plugins: pluggy.PluginManager, neighbour: Neighbour, kind: type[Any], copied: Any
) -> None:
    """And not into the original, whose hooks are its own."""
    tracker = kind()
    undo = observe(tracker, plugins)
    try:
        other = copied(tracker)
        told = (
            ("one",)
            if kind is not UnifiedPerformanceTracker
            else ("SIG-1", "stock", "AAPL", "long", 187.2, 50, 91.0)
        )
        trade = other.record_signal_entry(*told)
        other.record_signal_exit(trade.id, *(() if len(told) == 1 else (190.0,)))
        assert neighbour.entered == neighbour.left == neighbour.corrected == []
        mine = tracker.record_signal_entry(*told)
    finally:
        undo()

    assert neighbour.entered == [mine]
    assert mine is not trade


def test_copy_can_be_observed_itself(
    plugins: pluggy.PluginManager, neighbour: Neighbour
) -> None:
    """It is a tracker like any other."""
    tracker = Plain()
    observe(tracker, plugins)
    other = copy.deepcopy(tracker)
    observe(other, plugins)
    other.record_signal_entry("other")
    tracker.record_signal_entry("own")

    assert ids(neighbour.entered) == ["other", "own"]
    assert neighbour.corrected == []
    assert (ids(tracker.trades), ids(other.trades)) == (["own"], ["other"])


def test_mock_is_watched(plugins: pluggy.PluginManager, neighbour: Neighbour) -> None:
    """It has any attribute that one asks it for, also one that says it is watched."""
    tracker = Mock()
    tracker.record_signal_entry.return_value = SimpleNamespace(id="mocked")
    called = tracker.record_signal_entry
    observe(tracker, plugins)
    tracker.record_signal_entry("AAPL", size=3)

    assert ids(neighbour.entered) == ["mocked"]
    called.assert_called_once_with("AAPL", size=3)


def test_mocked_coroutine_is_watched(
    plugins: pluggy.PluginManager, neighbour: Neighbour
) -> None:
    """The hook gets what it comes to."""
    tracker = Mock()
    tracker.record_signal_entry = AsyncMock(return_value=SimpleNamespace(id="later"))
    observe(tracker, plugins)
    asyncio.run(tracker.record_signal_entry())

    assert ids(neighbour.entered) == ["later"]


def test_hook_gets_the_trade_of_a_coroutine(
    plugins: pluggy.PluginManager, neighbour: Neighbour
) -> None:
    """When it has ended; what it stores itself is no event of its own."""
    tracker = Later()
    observe(tracker, plugins)
    assert inspect.iscoroutinefunction(tracker.record_signal_entry)

    async def both() -> None:
        one, two = await asyncio.gather(
            tracker.record_signal_entry("1"), tracker.record_signal_entry("2")
        )
        assert (await tracker.record_signal_exit("1")) is one
        assert await tracker.record_signal_exit("unknown") is None
        await tracker._store_trade(two)

    asyncio.run(both())
    assert ids(neighbour.entered) == ["1", "2"]
    assert ids(neighbour.left) == ["1"]
    assert ids(neighbour.corrected) == ["2"]


def test_coroutine_that_fails_is_the_hosts(
    plugins: pluggy.PluginManager, neighbour: Neighbour
) -> None:
    """And no event."""
    tracker = Later()
    observe(tracker, plugins)

    with pytest.raises(LookupError):
        asyncio.run(tracker.record_signal_exit("broken"))
    assert neighbour.left == []


def test_future_stays_a_future(
    plugins: pluggy.PluginManager, neighbour: Neighbour
) -> None:
    """The caller may cancel it, and ask it."""

    class Tasks(Later):
        def record_signal_entry(self, name: str) -> Any:
            """Begin to store an entry."""
            return asyncio.ensure_future(super().record_signal_entry(name))

    tracker = Tasks()
    observe(tracker, plugins)

    async def entering() -> None:
        task = tracker.record_signal_entry("task")
        assert isinstance(task, asyncio.Task)
        await task
        cancelled = tracker.record_signal_entry("cancelled")
        cancelled.cancel()
        await asyncio.sleep(0.01)

    asyncio.run(entering())
    assert ids(neighbour.entered) == ["task"]


@pytest.mark.parametrize("kind", [Plain, WeakSlots, Later])
def test_tracker_is_not_kept_alive(
    plugins: pluggy.PluginManager, kind: type[Any]
) -> None:
    """A host may make another one every day."""
    trackers = [kind() for _ in range(3)]
    undone = [observe(tracker, plugins) for tracker in trackers]
    gone = [weakref.ref(tracker) for tracker in trackers]
    del trackers
    gc.collect()

    assert [each() for each in gone] == [None] * 3
    for undo in undone:
        undo()  # does no harm


def test_of_those_without_weak_references_the_latest_is_watched(
    plugins: pluggy.PluginManager, neighbour: Neighbour
) -> None:
    """No other one is kept."""
    old, new = Slots(), Slots()
    undo_old, undo_new = observe(old, plugins), observe(new, plugins)
    old.record_signal_entry("old")
    new.record_signal_entry("new")
    undo_old()
    undo_new()

    assert ids(neighbour.entered) == ["new"]

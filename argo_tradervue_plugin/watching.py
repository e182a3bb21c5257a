"""
A tracker whose record methods call the hooks: how :func:`.host.observe` does it.

The methods are wrapped in the tracker's own attributes, or in its class where it takes
none. Either way a wrapper calls the hooks for the trackers that are observed, and
passes the calls of all others on: a copy of a tracker is not observed.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial, wraps
from types import MethodType
from typing import Any, Final

import pluggy

from argo_tradervue_plugin.guard import guard
from argo_tradervue_plugin.model.fields import field_of
from argo_tradervue_plugin.trackers import Trackers

__all__ = ["HOOKS", "STORE", "Watch", "put_on"]

STORE: Final = "_store_trade"  # the host's own way to store a trade
HOOKS: Final = {
    "record_signal_entry": "on_trade_recorded",
    "record_signal_exit": "on_position_closed",
}
ABSENT: Final = object()

Method = Callable[..., Any]
Undo = Callable[[], None]


class Call:
    """A record call that is under way, and what it has stored so far."""

    def __init__(self, watch: "Watch", outer: "Call | None") -> None:
        self.watch = watch
        self.outer = outer
        self.is_open = True
        self.trades: dict[int, object] = {}


# What a record call schedules on an event loop inherits this; it is no part of the call
# once that has ended.
calls: Final[ContextVar[Call | None]] = ContextVar("record_call", default=None)


class Watch:
    """
    Calls the hooks of one host for what a tracker does.

    A record method stores its trade itself, which is no event besides its own. Which
    trade is its own is known when it returns: what it stores waits until then.
    """

    def __init__(self, hook: pluggy.HookRelay) -> None:
        self._hook = hook

    def record(self, name: str, record: Callable[[], Any]) -> Any:
        """Call the method *name*, and the hook for the trade that it returns."""
        trade = None
        with self._collecting() as stored:
            try:
                trade = record()
            finally:
                own = None if inspect.isawaitable(trade) else trade
                self._correct(stored.trades.values(), own=own)
        if asyncio.isfuture(trade):  # the caller's to cancel, and to ask
            trade.add_done_callback(lambda done: self._say(name, result_of(done)))
            return trade
        if inspect.isawaitable(trade):
            return self.record_later(name, trade)
        self._say(name, trade)
        return trade

    async def record_later(self, name: str, record: Awaitable[Any]) -> Any:
        """Await the method *name*, and call the hook for the trade that it returns."""
        trade = None
        with self._collecting() as stored:
            try:
                trade = await record
            finally:
                self._correct(stored.trades.values(), own=trade)
        self._say(name, trade)
        return trade

    def store(self, trade: object) -> None:
        """Call the hook for a *trade* that was stored, unless a record call does so."""
        call = calls.get()
        while call is not None and not (call.watch is self and call.is_open):
            call = call.outer
        if call is None:
            self._correct([trade])
        else:
            call.trades[id(trade)] = trade

    async def store_later(self, storing: Awaitable[Any], trade: object) -> Any:
        """Await the storing of *trade*, and call the hook for it."""
        answer = await storing
        self.store(trade)
        return answer

    @contextmanager
    def _collecting(self) -> Iterator[Call]:
        call = Call(self, calls.get())
        token = calls.set(call)
        try:
            yield call
        finally:
            call.is_open = False
            with suppress(ValueError):  # a coroutine that ends in another context
                calls.reset(token)

    def _say(self, name: str, trade: object) -> None:
        if trade is not None:  # an exit for an id that the tracker does not know
            hook = HOOKS[name]
            with guard(hook):
                getattr(self._hook, hook)(trade=trade)

    def _correct(self, trades: Iterable[object], *, own: object = None) -> None:
        for trade in trades:
            with guard("on_trade_corrected"):
                if trade is not None and not is_same(trade, own):
                    self._hook.on_trade_corrected(trade=trade)


def result_of(done: "asyncio.Future[Any]") -> object:
    """Return what a future came to, None where that is no trade."""
    return None if done.cancelled() or done.exception() else done.result()


def is_same(one: object, other: object) -> bool:
    """Return whether these are one trade; a tracker may store a copy of its own."""
    if one is other:
        return True
    trade_id = field_of(one, "id")
    return trade_id is not None and trade_id == field_of(other, "id")


# Where a method is wrapped ------------------------------------------------------------


def put_on(tracker: Any, name: str, watch: Watch) -> Undo:
    """Have *watch* called by the method *name* of *tracker*; return the undoing."""
    method = getattr(tracker, name)
    watched = watched_by(method)
    if watched is not None and watched.get(tracker) is not None:
        return lambda: None
    try:
        return put_on_object(tracker, name, method, watch)
    except (AttributeError, TypeError):  # it takes no attributes
        return put_on_class(tracker, name, watch)


def watched_by(method: object) -> Trackers[Watch] | None:
    """Return for which trackers *method* is a wrapper of ours, None: it is none."""
    watched = getattr(method, "watched", None)
    return watched if isinstance(watched, Trackers) else None  # a mock has anything


def put_on_object(tracker: Any, name: str, method: Method, watch: Watch) -> Undo:
    """
    Wrap a *method* in the attributes of its object.

    The wrapper is bound to the object, as the method is: a deep copy's is bound to the
    copy, and a pickled one is found again by its name.
    """
    before = vars(tracker).get(name, ABSENT)

    def plain(caller: Any) -> Method:
        if caller is tracker_of(watched) or before is not ABSENT:
            return method
        found: Method = getattr(type(caller), name)
        return partial(found, caller)

    watched: Trackers[Watch] = Trackers()
    wrapper = wrapper_of(name, method, watched, plain)
    with suppress(TypeError, ValueError):  # of a mock, or of what is written in C
        shown = inspect.signature(method)
        first = inspect.Parameter("tracker", inspect.Parameter.POSITIONAL_ONLY)
        parameters = [first, *shown.parameters.values()]
        wrapper.__signature__ = shown.replace(parameters=parameters)
    wrapped = MethodType(wrapper, tracker)
    setattr(tracker, name, wrapped)
    watched.add(tracker, watch)

    def undo() -> None:
        for each in watched:  # unless the host has let go of it
            if watched_by(vars(each).get(name)) is not watched:
                return  # it is another's by now
            if before is ABSENT:
                delattr(each, name)
            else:
                setattr(each, name, before)

    return undo


def tracker_of(watched: Trackers[Watch]) -> object:
    """Return the one tracker of *watched*, None where it is gone."""
    return next(iter(watched), None)


def put_on_class(tracker: Any, name: str, watch: Watch) -> Undo:
    """Wrap a method in the class of *tracker*, for the trackers that are observed."""
    kind = type(tracker)
    before = vars(kind).get(name, ABSENT)
    wrapped: Any = before
    watched = watched_by(before)
    if watched is None:
        method: Method = getattr(kind, name)
        watched = Trackers()
        wrapped = wrapper_of(name, method, watched, lambda own: partial(method, own))
        wrapped.before = before
        setattr(kind, name, wrapped)
    watched.add(tracker, watch)
    kept: Trackers[bool] = Trackers()
    kept.add(tracker, value=True)

    def undo() -> None:
        for each in kept:
            watched.discard(each)
        if watched or vars(kind).get(name) is not wrapped:
            return  # others are observed, or it is another's by now
        if wrapped.before is ABSENT:
            delattr(kind, name)
        else:
            setattr(kind, name, wrapped.before)

    return undo


def wrapper_of(
    name: str,
    method: Method,
    watched: Trackers[Watch],
    plain: Callable[[Any], Method],
) -> Any:
    """
    Return what takes the place of *method*: a function that is given its tracker.

    It looks like *method*; *plain* returns what it calls for a tracker.
    """
    is_later = inspect.iscoroutinefunction(method)
    make = storing if name == STORE else recording
    made: Any = wraps(method)(make(name, watched, plain, is_later=is_later))
    made.__name__ = name  # by which a pickled tracker finds it again
    made.watched = watched
    return made


def recording(
    name: str,
    watched: Trackers[Watch],
    plain: Callable[[Any], Method],
    *,
    is_later: bool,
) -> Method:
    """Return the wrapper of a record method."""

    def recorded(tracker: Any, /, *args: Any, **kwargs: Any) -> Any:
        watch, call = watched.get(tracker), partial(plain(tracker), *args, **kwargs)
        return call() if watch is None else watch.record(name, call)

    async def recorded_later(tracker: Any, /, *args: Any, **kwargs: Any) -> Any:
        watch, call = watched.get(tracker), partial(plain(tracker), *args, **kwargs)
        return await (call() if watch is None else watch.record_later(name, call()))

    return recorded_later if is_later else recorded


def storing(
    _: str,
    watched: Trackers[Watch],
    plain: Callable[[Any], Method],
    *,
    is_later: bool,
) -> Method:
    """Return the wrapper of the method that stores."""

    def stored(tracker: Any, /, *args: Any, **kwargs: Any) -> Any:
        answer = plain(tracker)(*args, **kwargs)
        watch = watched.get(tracker)
        if watch is None:
            return answer
        trade = args[0] if args else kwargs.get("trade")
        if inspect.isawaitable(answer):
            return watch.store_later(answer, trade)
        watch.store(trade)
        return answer

    async def stored_later(tracker: Any, /, *args: Any, **kwargs: Any) -> Any:
        return await stored(tracker, *args, **kwargs)

    return stored_later if is_later else stored

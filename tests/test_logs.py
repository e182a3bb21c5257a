"""The host's logging may do what it likes: our lines hurt and delay nobody."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.guard import incidents, log
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.plugin import TradervuePlugin
from argo_tradervue_plugin.process import logs
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.delivery.stepping import entered, host_trade
from tests.fakes import eventually

NAME = "argo_tradervue_plugin"


class Handler(logging.Handler):
    """A handler of the host's that does what it is given before it keeps a line."""

    def __init__(self, before: object = None) -> None:
        super().__init__()
        self.before = before
        self.texts: list[str] = []

    def handle(self, record: logging.LogRecord) -> bool:
        """Do it outside of the handler's own lock, and let everything out."""
        if callable(self.before):
            self.before(record)
        self.texts.append(record.getMessage())
        return True


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """Return our logger without the test runner's handlers."""
    found = logging.getLogger(NAME)
    before = (found.level, found.propagate, found.handlers[:], found.filters[:])
    found.setLevel(logging.DEBUG)
    found.propagate = False
    yield found
    level, found.propagate, found.handlers[:], found.filters[:] = before
    found.setLevel(level)


def raising(_: logging.LogRecord) -> bool:
    """Fail."""
    raise OSError("the stream is closed")


def ending(_: logging.LogRecord) -> None:
    """End the thread."""
    raise SystemExit


@pytest.mark.swallows
@pytest.mark.parametrize("kind", ["handler", "filter", "exit", "factory"])
def test_logging_that_raises_is_counted_and_hurts_nobody(
    logger: logging.Logger, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next line goes its way again."""
    before = sum(i.count for i in incidents() if i.where == "logging")
    handler = Handler({"handler": raising, "exit": ending}.get(kind))
    logger.addHandler(handler)
    if kind == "filter":
        logger.addFilter(raising)
    with monkeypatch.context() as patched:
        if kind == "factory":
            patched.setattr(logger, "makeRecord", raising)
        log.warning("tradervue.test first")
    logger.filters.clear()
    handler.before = None
    log.warning("tradervue.test second=%d", 2)
    assert log.settle(60)
    assert handler.texts == ["tradervue.test second=2"]
    assert sum(i.count for i in incidents() if i.where == "logging") == before + 1


def test_line_says_where_it_was_made(logger: logging.Logger) -> None:
    """Its place in the code, its thread and its exception are those of the caller."""
    found: list[logging.LogRecord] = []
    logger.addHandler(Handler(found.append))
    log.error("tradervue.test", exc_info=ValueError("odd"))
    assert log.settle(60)
    [record] = found
    assert (record.pathname, record.funcName) == (
        __file__,
        "test_line_says_where_it_was_made",
    )
    assert record.threadName == threading.current_thread().name
    assert record.exc_info is not None
    assert record.exc_info[0] is ValueError


def test_slow_handler_is_waited_for_once_and_a_hook_waits_for_a_moment(
    logger: logging.Logger,
) -> None:
    """While it is behind nobody waits at all; nothing is left out, and all in order."""
    release = threading.Event()
    handler = Handler(lambda _: release.wait(60))
    logger.addHandler(handler)
    began = time.monotonic()
    for number in range(100):
        with logs.hurried:
            log.warning("tradervue.test n=%d", number)
    assert time.monotonic() - began < 5  # a hundred moments would be more
    assert not log.settle(0)
    release.set()
    assert log.settle(60)
    assert handler.texts == [f"tradervue.test n={n}" for n in range(100)]


def test_lines_that_find_no_room_are_counted(logger: logging.Logger) -> None:
    """One line says how many were left out, as soon as there is room again."""
    release = threading.Event()
    handler = Handler(lambda _: release.wait(60))
    logger.addHandler(handler)
    with logs.hurried:
        for number in range(logs.MOST + 21):
            log.warning("tradervue.test n=%d", number)
    release.set()
    assert log.settle(60)
    deadline = time.monotonic() + 30
    while "dropped" not in handler.texts[-1] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "tradervue.log_lines_dropped lines=20" in handler.texts[-1]


def test_handler_that_calls_back_neither_recurses_nor_waits_for_itself(
    logger: logging.Logger,
) -> None:
    """What is said inside a handler comes after what the handler is about."""
    depth: list[int] = []

    def call_back(record: logging.LogRecord) -> None:
        depth.append(len(depth))
        if record.getMessage().endswith("outer"):
            log.warning("tradervue.test inner")

    handler = Handler(call_back)
    logger.addHandler(handler)
    log.warning("tradervue.test outer")
    deadline = time.monotonic() + 30
    while len(handler.texts) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert handler.texts == ["tradervue.test outer", "tradervue.test inner"]


def test_caller_that_holds_what_a_handler_wants_goes_on(
    logger: logging.Logger,
) -> None:
    """A handler that waits for a lock of the caller's is not waited for."""
    lock = threading.Lock()
    handler = Handler(lambda _: lock.acquire(timeout=60))
    logger.addHandler(handler)
    with lock:
        log.warning("tradervue.test")
    assert log.settle(60)
    assert handler.texts == ["tradervue.test"]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_child_has_a_voice_of_its_own(logger: logging.Logger) -> None:
    """A fork takes neither the thread nor the lines along."""
    handler = Handler()
    logger.addHandler(handler)
    log.warning("tradervue.test parent")
    child = os.fork()
    if child == 0:
        log.warning("tradervue.test child")
        is_well = log.settle(60) and handler.texts[-1] == "tradervue.test child"
        os._exit(0 if is_well else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_line_is_out_where_no_thread_is_to_be_had(
    logger: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the interpreter ends the caller hands its lines over itself."""

    class Refused(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't create new thread at interpreter shutdown")

    handler = Handler()
    logger.addHandler(handler)
    monkeypatch.setattr(threading, "Thread", Refused)
    own = logs.Log(NAME, lambda _: None)
    own.warning("tradervue.test")
    assert handler.texts == ["tradervue.test"]


# In a host --------------------------------------------------------------------------


@pytest.fixture
def forwarded(section: dict[str, Any]) -> Iterator[TradervueIntegration]:
    """A host's integration that forwards to the sandbox."""
    made = TradervueIntegration(Settings.from_mapping(section))
    yield made
    made.close(0)


def calling_back(integration: TradervueIntegration) -> None:
    """Ask and record what a handler of a host may."""
    integration.health()
    integration.record_entry(entered(host_trade(2)))


@pytest.mark.swallows
@pytest.mark.parametrize("kind", ["raises", "hangs", "calls back"])
def test_forwarding_outlives_logging_that(
    logger: logging.Logger,
    forwarded: TradervueIntegration,
    sandbox: Sandbox,
    kind: str,
) -> None:
    """A trade of an outage is in the journal soon after it, and the end is quick."""
    release = threading.Event()
    actions: dict[str, Callable[[logging.LogRecord], object]] = {
        "raises": raising,
        "hangs": lambda _: release.wait(120),
        "calls back": lambda _: calling_back(forwarded),
    }
    logger.addHandler(Handler(actions[kind]))
    sandbox.inject("server_error", times=None)
    forwarded.record_entry(entered(host_trade(1)))
    forwarded.record_exit(host_trade(1))
    eventually(lambda: forwarded.worker.health.failures, "the outage is seen")
    sandbox.clear_faults()
    eventually(lambda: forwarded.outbox.counts()[State.SYNCED] >= 2, "it is synced")
    began = time.monotonic()
    forwarded.close(0)
    assert time.monotonic() - began < 10
    release.set()
    assert log.settle(60)


@pytest.mark.swallows
def test_hook_waits_for_no_handler(
    logger: logging.Logger, section: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where it holds an event in memory, nor where it hides a fault."""
    release = threading.Event()
    plugin = TradervuePlugin()
    plugin.start({"plugins": {"tradervue": section}})
    assert plugin.integration is not None
    logger.addHandler(Handler(lambda _: release.wait(60)))
    try:
        monkeypatch.setattr(plugin.integration, "record_entry", raising)
        began = time.monotonic()
        for number in range(64):
            plugin.on_trade_recorded(host_trade(number))
        assert time.monotonic() - began < 5
    finally:
        release.set()
        plugin.stop()

"""The worker as the thread that a host has: start, errors, end, and a successor."""

import decimal
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery import loop, pipeline
from argo_tradervue_plugin.delivery.loop import Restarts
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.delivery.stepping import entered, host_trade
from tests.fakes import eventually, workers_alive
from tests.journeys.reader import JournalReader, differences


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> Settings:
    """The settings of a host on this machine."""
    return Settings(
        enabled=True,
        username="argo",
        password="sandbox",
        base_url=sandbox.url,
        database=str(tmp_path / "outbox.db"),
        aws_secrets=False,
    )


@pytest.fixture
def integration(settings: Settings) -> Iterator[TradervueIntegration]:
    """An integration that is closed in the end, whatever is left."""
    made = TradervueIntegration(settings)
    yield made
    made.close(0)


def record(integration: TradervueIntegration, *trades: SimpleNamespace) -> None:
    """Record closed trades."""
    for trade in trades:
        integration.record_entry(entered(trade))
    for trade in trades:
        integration.record_exit(trade)


def test_nothing_runs_before_the_first_event(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """Neither import nor constructor starts a thread."""
    assert workers_alive() == []
    record(integration, host_trade(1))
    assert len(workers_alive()) == 1

    assert integration.flush(60)
    assert differences(journal, [vars(host_trade(1))]) == []


def test_single_event_is_forwarded_by_itself(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """No second event is needed, and nobody has to flush."""
    integration.record_entry(entered(host_trade(1)))

    eventually(integration.worker.is_idle, "the event is synced")
    assert len(journal.trades()) == 1


def test_many_events_of_many_threads_are_forwarded_by_one_worker(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """However many hooks start it at once."""
    trades = [host_trade(n) for n in range(1, 41)]
    threads = [
        threading.Thread(target=record, args=(integration, *trades[n::4]))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(workers_alive()) == 1

    assert integration.flush(30)
    assert differences(journal, map(vars, trades)) == []


@pytest.mark.swallows
def test_worker_survives_an_error_of_ours(
    integration: TradervueIntegration,
    journal: JournalReader,
    monkeypatch: pytest.MonkeyPatch,
    swallowed: list[Exception],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is logged and counted, and the next step is tried."""
    plan_events = pipeline.plan_events
    errors = iter([ZeroDivisionError("oh"), ZeroDivisionError("oh")])

    def broken(*arguments: Any) -> None:
        if (error := next(errors, None)) is not None:
            raise error
        plan_events(*arguments)

    monkeypatch.setattr(pipeline, "plan_events", broken)
    record(integration, host_trade(1))

    assert integration.flush(60)
    assert [type(error) for error in swallowed] == [ZeroDivisionError] * 2
    assert "tradervue.internal_error where=worker" in caplog.text
    assert differences(journal, [vars(host_trade(1))]) == []


def test_worker_stops_and_gives_the_lease_back(
    integration: TradervueIntegration, settings: Settings
) -> None:
    """Another process need not wait for its expiry."""
    record(integration, host_trade(1))
    assert integration.flush(60)
    assert integration.worker.holds_lease

    assert integration.worker.stop(60)
    assert not workers_alive()
    assert not integration.worker.holds_lease
    outbox = Outbox(Sqlite(str(settings.database)))
    assert outbox.lease_free_at() == 0
    outbox.close()


def test_worker_stops_in_the_midst_of_an_import(
    sandbox: Sandbox, integration: TradervueIntegration, settings: Settings
) -> None:
    """What is under way is left to the next start, noted as such."""
    sandbox.import_seconds = None
    record(integration, host_trade(1))
    eventually(lambda: sandbox.stats.import_count, "the import is under way")

    assert integration.worker.stop(60)
    [left] = integration.outbox.unsettled()
    assert left.stage == "accepted"
    sandbox.import_seconds = 0
    sandbox.advance("argo", steps=2)
    with TradervueIntegration(settings) as successor:
        successor.resume()
        assert successor.flush(60)
    assert sandbox.stats.import_count == 1


def test_stop_is_bounded_while_tradervue_hangs(
    sandbox: Sandbox, integration: TradervueIntegration
) -> None:
    """The host gets its thread back in time, and is told that something still runs."""
    hang = sandbox.inject("hang", path="/imports", method="POST", seconds=6)
    record(integration, host_trade(1))
    eventually(lambda: hang.applied, "a request hangs")

    start = time.monotonic()
    stopped = integration.worker.stop(0.2)
    assert time.monotonic() - start < 5
    assert not stopped
    assert integration.worker.stop(60)


def test_stopped_worker_is_not_started_again(
    integration: TradervueIntegration,
) -> None:
    """What is recorded after the end waits in the outbox for the next start."""
    record(integration, host_trade(1))
    assert integration.flush(60)
    integration.worker.stop(60)
    record(integration, host_trade(2))

    assert workers_alive() == []
    assert integration.outbox.counts()[State.NEW] == 2


def test_worker_that_never_started_stops_at_once(
    integration: TradervueIntegration,
) -> None:
    """There is nothing to wait for."""
    assert integration.worker.stop(0)


def test_flush_is_bounded(sandbox: Sandbox, integration: TradervueIntegration) -> None:
    """It says that something is left."""
    sandbox.import_seconds = None
    record(integration, host_trade(1))

    assert not integration.flush(0.1)
    sandbox.import_seconds = 0
    sandbox.advance("argo", steps=2)
    assert integration.flush(60)


def test_flush_does_not_wait_for_refused_credentials(
    sandbox: Sandbox, integration: TradervueIntegration
) -> None:
    """Nothing will change by waiting."""
    sandbox.inject("unauthorized", times=None)
    record(integration, host_trade(1))

    start = time.monotonic()
    assert not integration.flush(60)
    assert time.monotonic() - start < 50
    sandbox.clear_faults()


FORWARDING = """
import json, sys
from types import SimpleNamespace
from argo_tradervue_plugin.services.integration import TradervueIntegration
from argo_tradervue_plugin.config.settings import Settings

settings, trades = json.loads(sys.argv[1])
integration = TradervueIntegration(Settings(**settings))
for trade in trades:
    integration.record_exit(SimpleNamespace(**trade))
print("recorded", flush=True)
integration.flush(600)
"""


def test_successor_of_a_killed_process_takes_over_at_once(
    sandbox: Sandbox, settings: Settings, journal: JournalReader
) -> None:
    """It does not wait for the lease to expire, and sends nothing twice."""
    sandbox.import_seconds = None
    trades = [vars(host_trade(n)) for n in range(1, 4)]
    told = {
        name: getattr(settings, name)
        for name in ("enabled", "username", "password", "base_url", "database")
    }
    command = [sys.executable, "-c", FORWARDING]
    command.append(json.dumps([told | {"aws_secrets": False}, trades]))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        eventually(lambda: sandbox.stats.import_count, "the import is under way")
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL

    sandbox.import_seconds = 0
    sandbox.advance("argo", steps=2)
    with TradervueIntegration(settings) as successor:
        assert successor.outbox.lease_free_at() > time.time() + 30
        successor.resume()
        assert successor.flush(60)

    assert sandbox.stats.import_count == 1
    assert differences(journal, trades) == []


def test_fork_after_the_start_has_a_worker_of_its_own(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """A thread does not survive a fork: the child starts one with its first event."""
    record(integration, host_trade(1))
    assert integration.flush(60)
    integration.worker.stop(60)
    pid = os.fork()
    if not pid:
        code = 1
        try:
            record(integration, host_trade(2))
            code = 0 if integration.flush(60) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

    trades = [vars(host_trade(n)) for n in (1, 2)]
    assert differences(journal, trades) == []


# A thread that fails ----------------------------------------------------------------


def test_worker_that_could_not_be_started_is_started_later(
    integration: TradervueIntegration,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A hook tries again after a pause, and neither waits nor floods the log."""
    tries: list[str] = []

    class NoThread(threading.Thread):
        def start(self) -> None:
            tries.append(self.name)
            raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        none_left = SimpleNamespace(Thread=NoThread, Event=threading.Event)
        patch.setattr(loop, "threading", none_left)
        for number in range(1, 6):
            integration.record_entry(entered(host_trade(number)))
    assert tries == ["argo-tradervue-worker"]
    assert caplog.text.count("tradervue.worker_not_started failures=1") == 1

    eventually(lambda: restarted(integration), "the pause is over")
    assert integration.flush(60)
    assert integration.health()["counts"]["synced"] == 5  # type: ignore[index]


def restarted(integration: TradervueIntegration) -> bool:
    """Wake the worker as a hook does; tell whether it lives."""
    integration.worker.wake()
    thread = integration.worker._thread
    return thread is not None and thread.is_alive()


@pytest.mark.parametrize("error", [SystemExit(1), MemoryError("none left")])
def test_worker_that_died_goes_on_after_a_pause(
    integration: TradervueIntegration,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: BaseException,
) -> None:
    """By itself, whatever ended it, and that is said."""
    errors = [error]
    after_step = integration.worker._after_step

    def end() -> None:
        if errors:
            raise errors.pop()
        after_step()

    monkeypatch.setattr(integration.worker, "_after_step", end)
    integration.record_entry(entered(host_trade(1)))
    eventually(lambda: "tradervue.worker_died" in caplog.text, "it is said")
    assert type(error).__name__ in caplog.text
    assert integration.flush(60)
    assert integration.health()["counts"]["synced"] == 1  # type: ignore[index]


def test_pauses_between_starts_grow_to_a_limit_and_begin_again() -> None:
    """A thread that dies at once must not be started all the time."""
    restarts = Restarts()
    pauses, now = [], 0.0
    for _ in range(9):
        restarts.started(now := now + 1)
        pauses.append(restarts.failed(now))
        assert not restarts.is_due(now)
        now = restarts.again_at
        assert restarts.is_due(now)
    assert pauses[0] < pauses[3] < pauses[-1] <= 60

    restarts.started(now)
    assert restarts.failed(now + 3600) <= 1


def test_how_the_host_reckons_is_not_how_the_worker_does(
    integration: TradervueIntegration,
    journal: JournalReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A host may set another precision and other traps for all threads that begin."""
    monkeypatch.setattr(decimal.DefaultContext, "prec", 3)
    monkeypatch.setitem(decimal.DefaultContext.traps, decimal.Inexact, True)
    record(integration, host_trade(1))

    assert integration.flush(60)
    assert differences(journal, [vars(host_trade(1))]) == []


# A signal handler of the host, which may run between any two lines of a hook ----------


def in_the_midst(
    call: Callable[[], None], modules: set[str], line: int, then: Callable[[], None]
) -> bool:
    """
    Run *call*, and *then* at the line number *line* of what it runs in *modules*.

    Tells whether there are so many.
    """
    lines = count()

    def local(frame: FrameType, event: str, _: object) -> Any:
        if event == "line" and next(lines) == line:
            sys.settrace(None)
            then()
        return local

    def trace(frame: FrameType, _: str, __: object) -> Any:
        return local if Path(frame.f_code.co_filename).stem in modules else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return next(lines) > line


def end_of(work: Callable[[], None]) -> bool:
    """Do *work* on another thread, which may hang; tell whether it ended well."""
    ended: list[bool] = []

    def end() -> None:
        work()
        ended.append(True)

    thread = threading.Thread(target=end, daemon=True)
    thread.start()
    thread.join(100)
    return bool(ended)


@pytest.mark.parametrize("is_raising", [True, False], ids=["raising", "recording"])
def test_signal_handler_may_come_in_the_midst_of_a_hook(
    integration: TradervueIntegration,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
    *,
    is_raising: bool,
) -> None:
    """Whether it records a trade or raises: no thread waits for itself."""
    numbers = count(1)
    # Where a thread is raised at in the locks of threading is none of our making.
    modules = {"worker", "bell"} | (set() if is_raising else {"threading"})

    def record_one() -> None:
        integration.record_entry(entered(host_trade(next(numbers))))

    def interrupt() -> None:
        if is_raising:
            raise TimeoutError("an alarm of the host")
        record_one()

    def interrupt_everywhere() -> None:
        for line in count():
            integration.worker._bell.clear()
            with suppress(TimeoutError):
                if not in_the_midst(record_one, modules, line, interrupt):
                    return

    assert end_of(interrupt_everywhere)
    assert end_of(record_one)
    assert integration.flush(60)
    assert len(workers_alive()) == 1
    assert "tradervue.worker_died" not in caplog.text
    assert len(journal.trades()) == next(numbers) - 1


@pytest.mark.parametrize("is_raising", [True, False], ids=["raising", "recording"])
def test_signal_handler_may_come_while_the_worker_is_started(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, *, is_raising: bool
) -> None:
    """One worker is left, and it is the one that is stopped."""
    start = threading.Thread.start
    integration = TradervueIntegration(settings)

    def interrupted(thread: threading.Thread) -> None:
        start(thread)
        if thread.name == "argo-tradervue-worker":
            monkeypatch.undo()
            if is_raising:
                raise TimeoutError("an alarm of the host")
            integration.record_entry(entered(host_trade(2)))

    monkeypatch.setattr(threading.Thread, "start", interrupted)

    def record_one() -> None:
        with suppress(TimeoutError):
            integration.record_entry(entered(host_trade(1)))

    assert end_of(record_one)
    integration.record_entry(entered(host_trade(3)))
    assert integration.flush(60)
    assert len(workers_alive()) == 1
    assert integration.worker.stop(20)
    assert workers_alive() == []
    integration.close(0)


def test_worker_that_has_lost_its_place_ends(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """Where a second was started all the same, two never work at a time."""
    record(integration, host_trade(1))
    assert integration.flush(20)
    integration.worker._thread = None  # as where nothing of the first was noted
    record(integration, host_trade(2))
    assert integration.flush(20)

    eventually(lambda: len(workers_alive()) == 1, "the first has ended")
    assert workers_alive() == [integration.worker._thread]
    assert len(journal.trades()) == 2

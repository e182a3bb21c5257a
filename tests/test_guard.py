"""What the guard keeps from the host is logged, counted and shown, and nothing more."""

import asyncio
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from argo_tradervue_plugin import guard as guard_module
from argo_tradervue_plugin.guard import guard, incidents, swallow

pytestmark = pytest.mark.swallows


class Nasty(Exception):
    """An error that cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged."""
    return [record.getMessage() for record in caplog.records]


def test_error_inside_does_not_get_out(swallowed: list[Exception]) -> None:
    """The block ends where it failed, and what follows goes on."""
    reached = []
    with guard("somewhere"):
        reached.append(1)
        raise ValueError("broken")

    assert reached == [1]
    assert [str(error) for error in swallowed] == ["broken"]


@pytest.mark.parametrize(
    "leaving",
    [KeyboardInterrupt(), SystemExit(1), asyncio.CancelledError(), GeneratorExit()],
    ids=lambda error: type(error).__name__,
)
def test_leaving_is_the_hosts_business(leaving: BaseException) -> None:
    """Cancellations and exits pass, and are no incident."""
    with pytest.raises(type(leaving)), guard("somewhere"):
        raise leaving

    assert incidents() == []


def test_quiet_block_leaves_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    """Where nothing goes wrong nothing is said."""
    with guard("somewhere"):
        pass

    assert (incidents(), caplog.records) == ([], [])


def test_failure_is_one_line_for_the_operator(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Event name first, then where and what; a text of several lines stays one."""
    swallow("on_trade_recorded", ValueError("first\nsecond"))

    assert messages(caplog) == [
        (
            "tradervue.internal_error where=on_trade_recorded count=1 "
            "error=ValueError: first second"
        )
    ]
    assert caplog.records[0].levelno == logging.ERROR
    assert caplog.records[0].exc_info is None


def test_traceback_is_for_those_who_ask(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG the line carries the traceback."""
    with (
        caplog.at_level(logging.DEBUG, logger="argo_tradervue_plugin"),
        guard("somewhere"),
    ):
        raise ValueError("broken")

    assert "Traceback" in caplog.text
    assert "test_traceback_is_for_those_who_ask" in caplog.text


def test_repeats_are_logged_when_their_count_has_doubled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A hundred failures are seven lines, and the last one tells how many."""
    for number in range(100):
        swallow("hook", ValueError(f"trade {number}"))

    counts = [message.split("count=")[1].split()[0] for message in messages(caplog)]
    assert counts == ["1", "2", "4", "8", "16", "32", "64"]
    assert [incident.count for incident in incidents()] == [100]


def test_failures_are_told_apart_by_place_and_kind() -> None:
    """Texts differ from trade to trade: they do not make a new incident each time."""
    swallow("entry", ValueError("one"))
    swallow("entry", ValueError("two"))
    swallow("entry", KeyError("one"))
    swallow("exit", ValueError("one"))

    found = {(i.where, i.error): i.count for i in incidents()}
    assert found == {
        ("entry", "ValueError: two"): 2,
        ("entry", "KeyError: 'one'"): 1,
        ("exit", "ValueError: one"): 1,
    }


def test_latest_incident_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The status shows what happened last at its top."""
    times = iter([100.0, 200.0, 300.0])
    clock = SimpleNamespace(time=lambda: next(times))
    monkeypatch.setattr(guard_module, "time", clock)
    for where in ("first", "second", "first"):
        swallow(where, ValueError("broken"))

    assert [(i.where, i.last_at) for i in incidents()] == [
        ("first", 300.0),
        ("second", 200.0),
    ]


def test_error_without_a_text_is_known_by_its_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An error whose text cannot be made does not break the guard either."""
    with guard("somewhere"):
        raise Nasty

    assert [i.error for i in incidents()] == ["Nasty"]
    assert "error=Nasty" in messages(caplog)[0]


def test_count_is_exact_with_many_threads() -> None:
    """No failure is lost where hooks and worker fail at the same time."""

    def fail_often() -> None:
        for _ in range(250):
            swallow("hook", ValueError("x"))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=fail_often) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)

    assert [i.count for i in incidents()] == [1000]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_lock_held_at_a_fork_does_not_stop_the_child() -> None:
    """A thread that was counting at the fork holds nothing in the child."""
    is_held, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with guard_module._lock:
            is_held.set()
            is_over.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_held.wait(60)
    pid = os.fork()
    if pid == 0:
        swallow("hook", ValueError("in the child"))
        os._exit(17)
    is_over.set()
    thread.join()
    _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == 17


def test_lock_is_not_waited_for_by_who_holds_it() -> None:
    """A signal handler of the host may come, and fail, in the midst of counting."""

    def count_in_the_midst() -> None:
        with guard_module._lock:
            swallow("hook", ValueError("in the handler"))

    thread = threading.Thread(target=count_in_the_midst, daemon=True)
    thread.start()
    thread.join(20)

    assert not thread.is_alive()
    assert [i.count for i in incidents()] == [1]


def test_logger_leaves_the_hosts_logging_alone() -> None:
    """One logger with the package's name, without handlers and without a level."""
    logger = logging.getLogger("argo_tradervue_plugin")
    assert logger.handlers == []
    assert logger.level == logging.NOTSET
    assert logger.propagate


class TestAlwaysOnFixture:
    """The ``swallowed`` fixture of the root conftest sees what any module swallows."""

    def test_it_sees_names_that_were_imported(self, swallowed: list[Exception]) -> None:
        """It does not matter how a module got at ``swallow``."""
        from argo_tradervue_plugin.delivery import worker
        from argo_tradervue_plugin.services import hosting

        for module in (hosting, worker):
            swallow_there: Any = vars(module)["swallow"]
            swallow_there("hook", ValueError(module.__name__.rpartition(".")[2]))

        assert [str(error) for error in swallowed] == ["hosting", "worker"]

    def test_it_sees_other_threads(self, swallowed: list[Exception]) -> None:
        """The worker's failures count as well."""
        thread = threading.Thread(target=swallow, args=("worker", ValueError("x")))
        thread.start()
        thread.join()

        assert [str(error) for error in swallowed] == ["x"]

    def test_it_begins_without_incidents(self) -> None:
        """What an earlier test provoked is not this one's."""
        assert incidents() == []


UNMARKED = """
import pytest
from argo_tradervue_plugin.guard import swallow

def test_hides_an_error():
    swallow("somewhere", ValueError("hidden"))

@pytest.mark.swallows
def test_says_so():
    swallow("somewhere", ValueError("hidden"))
"""


def test_hidden_error_fails_a_test_that_does_not_say_so(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The guard cannot hide our own mistakes: the unmarked test errs."""
    conftest = request.config.rootpath / "conftest.py"
    (tmp_path / "conftest.py").write_text(conftest.read_text())
    (tmp_path / "test_two.py").write_text(UNMARKED)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = swallows")

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=False,
        capture_output=True,
        text=True,
    )

    assert "2 passed, 1 error" in run.stdout, run.stdout + run.stderr
    assert "hidden from the host" in run.stdout
    assert "ValueError: hidden" in run.stdout

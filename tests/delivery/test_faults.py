"""What goes wrong on the way: in the end each execution stands there once."""

import logging
from types import SimpleNamespace

import pytest

from argo_tradervue_plugin.delivery.health import Cause
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, host_trade
from tests.journeys.reader import JournalReader, differences

LONG = 3000.0  # seconds on the forwarder's own clock

# Times: the client itself repeats three times what can be done twice.
ROUTES = [
    pytest.param("POST", "/imports", 1, id="POST imports once"),
    pytest.param("POST", "/imports", 4, id="POST imports"),
    pytest.param("GET", "/imports", 1, id="GET imports once"),
    pytest.param("GET", "/trades", 4, id="GET trades"),
    pytest.param("PUT", "/trades/*", 4, id="PUT trade"),
]
FAULTS = [
    pytest.param("server_error", {"status": 500}, id="500 before"),
    pytest.param("server_error", {"status": 503, "when": "after"}, id="503 after"),
    pytest.param("rate_limit", {}, id="429"),
    pytest.param("rate_limit", {"retry_after": 90, "form": "date"}, id="429 later"),
    pytest.param("reset_before", {}, id="cut before"),
    pytest.param("reset_after", {}, id="cut after"),
    pytest.param("truncated_json", {}, id="half a JSON"),
    pytest.param("truncated_json", {"announced": "all"}, id="half an answer"),
    pytest.param("malformed_json", {}, id="no JSON"),
    pytest.param("html_page", {"status": 200}, id="HTML page 200"),
    pytest.param("html_page", {"status": 200, "when": "after"}, id="HTML 200 after"),
    pytest.param("html_page", {"status": 502, "when": "after"}, id="HTML 502 after"),
    pytest.param("redirect", {}, id="redirect"),
]


def session() -> list[SimpleNamespace]:
    """Return trades of all sorts: overlapping, short, fractional, equal, re-entered."""
    return [
        host_trade(1, exit_timestamp="2026-03-05T15:30:00"),
        host_trade(2, symbol="CORP1", entry_timestamp="2026-03-05T15:33:00"),
        host_trade(
            3,
            symbol="CORP1",
            signal_type="short",
            filled_qty=0.125,
            stop_price=102.0,
            entry_timestamp="2026-03-05T15:00:00",
        ),
        host_trade(4, symbol="TWIN"),
        host_trade(5, symbol="TWIN"),
    ]


def record(forwarder: Forwarder, trades: list[SimpleNamespace]) -> None:
    """Record entries, then exits."""
    forwarder.enter(*trades)
    forwarder.leave(*trades)


@pytest.mark.parametrize(("name", "told"), FAULTS)
@pytest.mark.parametrize(("method", "path", "times"), ROUTES)
def test_everything_stands_there_once_whatever_goes_wrong(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    method: str,
    path: str,
    name: str,
    told: dict[str, object],
    times: int,
) -> None:
    """Nothing lost, nothing doubled, nothing given up, nothing left to a person."""
    trades = session()
    sandbox.inject(name, method=method, path=path, times=times, **told)
    record(forwarder, trades)

    assert forwarder.run(seconds=LONG)
    assert forwarder.counts() == {"synced": 2 * len(trades)}
    assert differences(journal, map(vars, trades)) == []


def test_silent_server_is_given_up_and_asked_again(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """Each attempt has its deadline; what became of it, the journal tells."""
    forwarder = make(timeout_seconds=1)
    sandbox.inject("hang", method="POST", path="/imports", when="after")
    trades = [host_trade(1)]
    record(forwarder, trades)

    assert forwarder.run(seconds=LONG)
    assert sandbox.stats.import_count == 1
    assert differences(journal, map(vars, trades)) == []


def test_lost_answer_is_not_sent_again(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """The import had arrived: it is found in the journal."""
    sandbox.inject("reset_after", method="POST", path="/imports")
    trades = [host_trade(n) for n in (1, 2, 3)]
    record(forwarder, trades)

    assert forwarder.run(seconds=LONG)
    assert sandbox.stats.import_count == 1
    assert differences(journal, map(vars, trades)) == []


def test_lost_request_is_sent_again(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """The journal does not hold it; duplicates are refused all the same."""
    sandbox.inject("reset_before", method="POST", path="/imports")
    trades = [host_trade(n) for n in (1, 2, 3)]
    record(forwarder, trades)

    assert forwarder.run(seconds=LONG)
    assert [each["allow_duplicates"] for each in sandbox.stats.imports] == [False]
    assert differences(journal, map(vars, trades)) == []


@pytest.mark.parametrize("fault", ["reset_after", "reset_before"])
@pytest.mark.parametrize("delay", ["0", "0.006"], ids=["at once", "read late"])
def test_twin_with_a_lost_answer_is_counted_before_it_is_sent_again(
    make: Make, sandbox: Sandbox, journal: JournalReader, fault: str, delay: str
) -> None:
    """
    Its import allows duplicates: only the journal keeps it from standing twice.

    Whether the journal has caught up, the import of a later trade tells.
    """
    forwarder = make(poll_seconds=0.005)
    sandbox.assume(read_delay_seconds=delay)
    sandbox.inject(fault, method="POST", path="/imports", times=3)
    trades = [host_trade(n, symbol="TWIN") for n in (1, 2, 3)]
    record(forwarder, trades)
    is_done = forwarder.run(seconds=30)
    assert is_done is (fault == "reset_after")
    trades.append(host_trade(4))
    record(forwarder, trades[3:])

    assert forwarder.run(seconds=LONG)
    assert forwarder.counts() == {"synced": 8}
    assert len(journal.all_executions()) == 8
    assert differences(journal, map(vars, trades)) == []


@pytest.mark.parametrize("times", [1, 3])
def test_twin_with_a_stolen_result_stands_there_once(
    make: Make, sandbox: Sandbox, journal: JournalReader, times: int
) -> None:
    """Nobody knows how the import ended; it shows a little later."""
    forwarder = make(poll_seconds=0.01)
    sandbox.assume(read_delay_seconds="0.02")
    sandbox.inject("status_stolen", times=times)
    trades = [host_trade(n, symbol="TWIN") for n in (1, 2)]
    record(forwarder, trades)

    assert forwarder.run(seconds=LONG)
    assert differences(journal, map(vars, trades)) == []


def test_refused_login_stops_everything_and_loses_nothing(
    make: Make,
    sandbox: Sandbox,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One request, one line; no more until the credentials change, then all goes on."""
    monkeypatch.setenv("TRADERVUE_USERNAME", "argo")
    monkeypatch.setenv("TRADERVUE_PASSWORD", "old")
    forwarder = make(username=None, password=None)
    sandbox.inject("unauthorized", times=None)
    trades = session()[:3]
    record(forwarder, trades)
    with forwarder.counted() as made:
        assert not forwarder.run(seconds=1000)

    assert made == {"POST /imports": 1}
    assert forwarder.worker.health.cause is Cause.REFUSED
    assert forwarder.worker.is_stuck
    assert forwarder.counts() == {"recorded": 6}
    lines = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert len(lines) == 1
    assert lines[0].startswith("tradervue.paused")

    sandbox.clear_faults()
    monkeypatch.setenv("TRADERVUE_PASSWORD", "new")
    assert forwarder.run(seconds=LONG)
    assert not forwarder.worker.is_stuck
    assert forwarder.worker.health.failures == 0
    assert differences(journal, map(vars, trades)) == []


def test_missing_login_is_waited_for(
    make: Make,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without credentials nothing is sent and nothing is noted as sent."""
    forwarder = make(username=None, password=None)
    trades = session()[:1]
    record(forwarder, trades)
    assert not forwarder.run(seconds=300)
    assert forwarder.outbox.imports_sent() == 0
    assert "no username and no password" in caplog.text

    monkeypatch.setenv("TRADERVUE_USERNAME", "argo")
    monkeypatch.setenv("TRADERVUE_PASSWORD", "sandbox")
    assert forwarder.run(seconds=LONG)
    assert differences(journal, map(vars, trades)) == []


def test_server_that_asks_for_patience_is_left_alone(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """No request before the time that Retry-After names."""
    sandbox.inject("rate_limit", retry_after=120)
    trades = session()[:1]
    record(forwarder, trades)
    began = forwarder.clock()
    forwarder.step_until(lambda: forwarder.worker.health.failures)
    with forwarder.counted() as made:
        while forwarder.clock() < began + 119:
            forwarder.step()
    assert made == {}

    assert forwarder.run(seconds=LONG)
    assert differences(journal, map(vars, trades)) == []


def test_hooks_are_heard_while_tradervue_is_down(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """What is recorded meanwhile is understood at once, and sent when it is back."""
    sandbox.inject("server_error", times=None)
    trades = session()
    for trade in trades:
        record(forwarder, [trade])
        forwarder.run(seconds=10)
    assert forwarder.outbox.inbox(10) == []
    assert not forwarder.outbox.counts()[State.QUARANTINED]

    sandbox.clear_faults()
    assert forwarder.run(seconds=LONG)
    assert differences(journal, map(vars, trades)) == []


def test_outage_is_told_once_and_then_at_each_doubling(
    sandbox: Sandbox, forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    """A dead destination does not flood the log; its end is told too."""
    caplog.set_level(logging.INFO)
    sandbox.inject("server_error", times=None)
    record(forwarder, session()[:1])
    forwarder.step_until(lambda: forwarder.worker.health.failures >= 16)
    sandbox.clear_faults()
    forwarder.run(seconds=LONG)

    told = [r.getMessage() for r in caplog.records]
    delayed = [line for line in told if line.startswith("tradervue.delayed")]
    assert [line.split()[1] for line in delayed] == [
        f"failures={n}" for n in (1, 2, 4, 8, 16)
    ]
    assert sum(line.startswith("tradervue.recovered") for line in told) == 1
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_one_trade_that_fails_for_ever_does_not_hold_up_the_others(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader, method: str
) -> None:
    """A server error about one object is not an outage."""
    first = host_trade(1)
    forwarder.enter(first)
    forwarder.step_until(lambda: forwarder.is_in(State.LINKED))
    [row] = journal.trades()
    sandbox.inject(
        "server_error",
        status=500,
        method=method,
        path=f"/trades/{row['id']}",
        times=None,
    )
    others = [host_trade(n) for n in (2, 3, 4)]
    record(forwarder, others)
    forwarder.run(seconds=600)

    assert [forwarder.states(trade)["exit"] for trade in others] == ["synced"] * 3
    sandbox.clear_faults()
    assert forwarder.run(seconds=LONG)
    assert forwarder.states(first) == {"entry": "synced"}

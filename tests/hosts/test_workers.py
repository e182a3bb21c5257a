"""
Real worker processes of one host: one outbox, one forwarder, every trade once.

The parent is uvicorn (workers are spawned) or gunicorn (forked; with ``--preload``
after the plugin was started, and used, in the parent). It is the parent that kills: a
worker is stopped, does not answer, and gets SIGKILL from the process manager.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the host's application needs FastAPI")

from argo_tradervue_plugin.sandbox import Sandbox
from tests.hosts.served import SERVERS, Host, Worker, await_that, serving
from tests.journeys.reader import JournalReader, differences, expected_fills

WORKERS = {"uvicorn": 4, "gunicorn": 2, "gunicorn-preload": 4}
SYMBOLS = ("AAPL", "NVDA", "SPY")

Trades = Mapping[str, Mapping[str, Any]]


@pytest.fixture(params=sorted(SERVERS))
def server(request: pytest.FixtureRequest) -> str:
    """The process manager that serves the host."""
    name: str = request.param
    if name.startswith("gunicorn"):
        pytest.importorskip("gunicorn", reason="gunicorn is in the group 'dev'")
        pytest.importorskip("uvicorn_worker", reason="it is in the group 'dev'")
    return name


@pytest.fixture
def host(
    server: str, sandbox: Sandbox, section: dict[str, Any], tmp_path: Path
) -> Iterator[Host]:
    """The host, whose workers share an outbox."""
    sandbox.import_seconds = 0.05
    with serving(server, section, tmp_path, workers=WORKERS[server]) as host:
        yield host


def session(workers: list[Worker], rounds: int) -> None:
    """Let every worker trade: positions overlap, and each closes all but its last."""
    opened: dict[int, list[str]] = {worker.pid: [] for worker in workers}
    for number in range(rounds):
        for place, worker in enumerate(workers):
            symbol = SYMBOLS[(number + place) % len(SYMBOLS)]
            opened[worker.pid].append(worker.enter(symbol, 100 + number))
        for worker in workers:
            if len(opened[worker.pid]) > 1:
                worker.leave(opened[worker.pid].pop(0), 101.5 + number)


def recorded(workers: list[Worker]) -> dict[str, dict[str, Any]]:
    """Return the trades that the *workers* hold, by id."""
    held = [worker.process()["trades"] for worker in workers]
    assert all(held), "a worker has recorded nothing"
    found = {trade["id"]: trade for trades in held for trade in trades}
    # One that was recorded before the fork is held by all.
    distinct = {(trade["id"], trade["symbol"]) for trades in held for trade in trades}
    assert len(found) == len(distinct)
    return found


def assert_stands_once(sandbox: Sandbox, trades: Trades) -> None:
    """See that the journal holds *trades* to the cent, and each execution once."""
    with JournalReader(sandbox.url) as journal:
        assert differences(journal, trades.values()) == []
        expected = Counter(fill for t in trades.values() for fill in expected_fills(t))
        assert Counter(journal.all_executions()) == expected


def report(server: str, workers: list[Worker]) -> None:
    """Print how long each worker's event loop stood still; ``pytest -s`` shows it."""
    for worker in workers:
        told = worker.ask("/debug/standstill")
        assert told["measured"] > 0
        print(  # a measurement, reported and not judged
            f"{server}: worker {worker.pid} longest standstill "
            f"{told['longest_ms']:.1f} ms, 99th percentile {told['p99_ms']:.2f} ms, "
            f"of {told['measured']} measured"
        )


def holder_of(workers: list[Worker]) -> Worker:
    """Return the one worker that holds the lease."""
    holders = [worker for worker in workers if worker.process()["holds_lease"]]
    assert len(holders) == 1, holders
    return holders[0]


def test_every_trade_stands_once_whoever_recorded_it_and_whoever_was_killed(
    host: Host, server: str, sandbox: Sandbox
) -> None:
    """All record and one forwards; one that hangs is killed, and another goes on."""
    workers = host.find_workers(WORKERS[server])
    session(workers, rounds=5)
    host.settle()
    trades = recorded(workers)
    requests = sandbox.stats.requests.total()

    assert len(trades) == 5 * len(workers) + (server == "gunicorn-preload")
    assert_stands_once(sandbox, trades)
    assert len(host.told("tradervue.request")) == requests, "none went past the log"
    assert len(host.forwarders()) == len(host.told("tradervue.lease_taken")) == 1
    if server != "gunicorn-preload":  # there it is the parent
        assert host.forwarders() == [holder_of(workers).pid]

    sandbox.import_seconds = 0.5
    imports = sandbox.stats.import_count
    session(workers, rounds=3)
    await_that(lambda: sandbox.stats.import_count > imports, "an import runs", host)
    trades |= recorded(workers)
    victim = workers[0] if server == "gunicorn-preload" else holder_of(workers)
    os.kill(victim.pid, signal.SIGSTOP)
    host.forget(victim)
    session(list(host.workers.values()), rounds=2)
    await_that(lambda: is_gone(victim.pid), "the parent kills it", host)
    workers = host.find_workers(WORKERS[server])
    session(workers, rounds=2)
    host.settle()
    report(server, workers)
    trades |= recorded(workers)

    assert_stands_once(sandbox, trades)
    turns = host.forwarders()
    assert len(turns) == len(set(turns)), "who has lost the lease sends no more"
    tokens = [line.text for line in host.told("tradervue.lease_taken")]
    assert len(tokens) == len(set(tokens)) == len(turns)
    assert turns[-1] != victim.pid
    assert len(turns) == 1 + (victim.pid in turns)
    assert host.end() in {0, -signal.SIGTERM}
    assert "Traceback" not in host.text()
    assert "tradervue.internal_error" not in host.text()


def is_gone(pid: int) -> bool:
    """Tell whether there is no such process any more."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False

"""Hosts served by real process managers: started, talked to worker by worker, ended."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx

__all__ = ["SERVERS", "Host", "Worker", "await_that", "serving"]

ROOT: Final = Path(__file__).parents[2]
# Seconds after which a parent takes a worker that does not answer for hung. Longer
# than four workers need to import their application on a busy machine.
PATIENCE: Final = 8
LONGEST: Final = 90.0  # seconds until a process that should end is taken not to

UVICORN: Final = (
    *("-m", "uvicorn", "--host", "127.0.0.1", "--port", "0"),
    *("--timeout-keep-alive", "300", "--no-access-log"),
)
GUNICORN: Final = (
    *("-m", "gunicorn", "--bind", "127.0.0.1:0", "--keep-alive", "300"),
    *("--worker-class", "uvicorn_worker.UvicornWorker"),
    *("--timeout", str(PATIENCE), "--graceful-timeout", "30", "--no-control-socket"),
)
APP: Final = "tests.hosts.app"
SERVERS: Final[Mapping[str, tuple[str, ...]]] = {
    "uvicorn": (*UVICORN, "--factory", f"{APP}:create_app"),
    "gunicorn": (*GUNICORN, f"{APP}:create_app()"),
    "gunicorn-preload": (*GUNICORN, "--preload", f"{APP}:preloaded()"),
}
# The host as it is published, with its own modules around the plugin.
PUBLISHED: Final = (*UVICORN, "--factory", "tests.published.app:create_app")
ADDRESS: Final = re.compile(r"(?:running on|Listening at:) (http://127\.0\.0\.1:\d+)")
LINE: Final = re.compile(r"^(\d+\.\d{6}) pid=(\d+) [A-Z]+ (.*)$", re.MULTILINE)


class Told(NamedTuple):
    """A line of the plugin's log: Unix seconds, process, text."""

    at: float
    pid: int
    text: str


class Worker:
    """One worker, behind a connection that stays open and so stays with it."""

    def __init__(self, url: str) -> None:
        limits = httpx.Limits(max_connections=1, keepalive_expiry=None)
        self.http = httpx.Client(
            base_url=url,
            limits=limits,
            timeout=60,
            trust_env=False,
            verify=False,  # noqa: S501 - http, and loading the CAs takes its time
        )
        self.pid: int = self.ask("/health")["pid"]

    def ask(self, path: str) -> Any:
        """Return the JSON document at *path*."""
        return self.http.get(path).raise_for_status().json()

    def enter(self, symbol: str, price: float, quantity: float = 10) -> str:
        """Let this worker's trading loop enter a position; return the trade's id."""
        signal = {
            "signal_id": f"SIG-{self.pid}",
            "symbol": symbol,
            "signal_type": "long",
            "entry_price": price,
            "quantity": quantity,
            "confidence": 90.0,
            "stop_price": price - 1,
        }
        answer = self.http.post("/api/v1/signals", json=signal).raise_for_status()
        return str(answer.json()["id"])

    def leave(self, trade_id: str, price: float) -> None:
        """Let this worker's order monitor close the position."""
        told = {"exit_price": price, "exit_reason": "take_profit", "commission": 1.5}
        path = f"/api/v1/trades/{trade_id}/exit"
        self.http.post(path, json=told).raise_for_status()

    def process(self) -> dict[str, Any]:
        """Return what this very process says of itself."""
        told: dict[str, Any] = self.ask("/debug/process")
        assert told["pid"] == self.pid, "the connection went to another worker"
        return told


class Host:
    """A host under a process manager; *log* is what all of its processes write."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.process = process
        self.log = log
        self.workers: dict[int, Worker] = {}

    @property
    def url(self) -> str:
        """Return the address, as the server's own log has it."""
        found = ADDRESS.search(self.text())
        assert found, self.text()
        return found[1]

    def text(self) -> str:
        """Return everything that was written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def told(self, word: str = "") -> list[Told]:
        """Return the lines of the plugin's log that begin with *word*, by time."""
        lines = (Told(float(a), int(p), t) for a, p, t in LINE.findall(self.text()))
        return sorted(line for line in lines if line.text.startswith(word))

    def forwarders(self) -> list[int]:
        """Return which processes sent requests to Tradervue, turn by turn."""
        turns: list[int] = []
        for line in self.told("tradervue.request"):
            if turns[-1:] != [line.pid]:
                turns.append(line.pid)
        return turns

    def find_workers(self, number: int) -> list[Worker]:
        """Return *number* workers, each behind a connection of its own."""
        spare = []
        deadline = time.monotonic() + LONGEST
        while len(self.workers) < number and time.monotonic() < deadline:
            worker = Worker(self.url)
            if worker.pid in self.workers:
                spare.append(worker)  # kept open, so that its worker has more to do
                time.sleep(0.02)  # another one may still be starting
            else:
                self.workers[worker.pid] = worker
        for worker in spare:
            worker.http.close()
        assert len(self.workers) == number, f"only {list(self.workers)} answer"
        return list(self.workers.values())

    def forget(self, worker: Worker) -> None:
        """Let go of a worker that is no more."""
        worker.http.close()
        del self.workers[worker.pid]

    def settled(self) -> bool:
        """Tell whether nothing that was recorded is under way any more."""
        for worker in self.workers.values():
            health = worker.ask("/api/v1/tradervue/status")["health"]
            if health["outbox_problem"]:
                continue  # forked in the midst of a call: it only records
            counts = health["counts"]
            moving = {k: v for k, v in counts.items() if v and k != "synced"}
            return not moving and health["queue_depth"] == 0
        return False

    def settle(self) -> None:
        """Wait until all that was recorded was read back from the journal."""
        await_that(self.settled, "everything is verified", self)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send the signal *number*, and return the exit code."""
        for worker in list(self.workers.values()):
            self.forget(worker)
        self.process.send_signal(number)
        return self.process.wait(LONGEST)


@contextmanager
def serving(
    server: str, section: Mapping[str, Any], folder: Path, *, workers: int = 4
) -> Iterator[Host]:
    """
    Serve a host with *workers* processes by *server*, and end it for sure.

    Any other name than those of :data:`SERVERS` serves the published host.
    """
    config, log = folder / "config.json", folder / f"{server}.log"
    config.write_text(json.dumps({"plugins": {"tradervue": dict(section)}}))
    log.unlink(missing_ok=True)  # of an earlier start
    command = [
        sys.executable,
        *SERVERS.get(server, PUBLISHED),
        "--workers",
        str(workers),
    ]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "ARGO_CONFIG": str(config)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    host = Host(process, log)
    try:
        await_that(lambda: answers(host), "the host answers", host)
        yield host
    finally:
        for worker in host.workers.values():
            worker.http.close()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def await_that(condition: Callable[[], object], what: str, host: Host) -> None:
    """
    Wait until *condition* holds.

    Raises:
        AssertionError: where *host* ends, or takes too long, before it does.
    """
    deadline = time.monotonic() + LONGEST
    while not condition():
        if host.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"this did not happen: {what}\n{host.text()}")
        time.sleep(0.1)


def answers(host: Host) -> bool:
    """Tell whether somebody answers at the address that *host* tells."""
    if not ADDRESS.search(host.text()):
        return False
    try:
        httpx.get(f"{host.url}/health", timeout=60, trust_env=False, verify=False)  # noqa: S501
    except httpx.TransportError:
        return False
    return True

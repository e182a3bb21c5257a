"""A host that ends: what a few seconds allow is finished, the rest goes on later."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the host's application needs FastAPI")

from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.fakes import eventually, room_for
from tests.hosts.served import LONGEST, ROOT, await_that, serving
from tests.journeys.reader import JournalReader, differences

ENDED = {0, -signal.SIGTERM}  # older and newer versions of uvicorn

Trades = list[dict[str, Any]]
RunScript = Callable[[int, str], "subprocess.CompletedProcess[str]"]


def differing(sandbox: Sandbox, trades: Trades) -> list[str]:
    """Return where the journal does not say what *trades* say."""
    with JournalReader(sandbox.url) as journal:
        return differences(journal, trades)


# SIGTERM -----------------------------------------------------------------------------


def test_sigterm_ends_uvicorn_with_everything_verified(
    sandbox: Sandbox, section: dict[str, Any], tmp_path: Path
) -> None:
    """What is under way when the signal comes is waited for, and read back."""
    sandbox.import_seconds = 0.4
    with serving("uvicorn", section, tmp_path, workers=1) as host:
        (worker,) = host.find_workers(1)
        for symbol in ("AAPL", "NVDA", "SPY", "TSLA", "QQQ"):  # one import takes all
            worker.leave(worker.enter(symbol, 100), 101)
        trades = worker.process()["trades"]
        assert not host.settled()

        assert host.end() in ENDED
        assert differing(sandbox, trades) == []
        assert "tradervue.left_in_outbox" not in host.text()
        assert "Traceback" not in host.text()


@pytest.mark.parametrize("when", ["before", "after"])
def test_sigterm_ends_uvicorn_while_tradervue_hangs(
    sandbox: Sandbox, section: dict[str, Any], tmp_path: Path, when: str
) -> None:
    """The process ends by itself; what it left is sent at the next start, and once."""
    sandbox.import_seconds = 0
    sandbox.inject("hang", method="POST", path="/imports", times=None, when=when)
    with serving("uvicorn", section, tmp_path, workers=1) as host:
        (worker,) = host.find_workers(1)
        worker.leave(worker.enter("AAPL", 100), 101)
        trades = worker.process()["trades"]
        await_that(lambda: sandbox.stats.in_flight, "a request hangs", host)

        assert host.end() in ENDED
        assert len(host.told("tradervue.left_in_outbox")) == 1
        assert "Traceback" not in host.text()
    standing = differing(sandbox, trades)
    sandbox.clear_faults()
    with serving("uvicorn", section, tmp_path, workers=1) as host:
        host.find_workers(1)
        host.settle()
        assert host.end() in ENDED

    assert standing != []
    assert differing(sandbox, trades) == []


def test_what_is_in_memory_is_written_although_tradervue_hangs(
    section: dict[str, Any], sandbox: Sandbox, run_host: Callable[..., RunningHost]
) -> None:
    """The worker is in a request that does not end: whoever closes has to write it."""
    sandbox.inject("hang", times=None)
    section |= {"flush_seconds": 0, "timeout_seconds": 2}
    host = run_host(section)
    host.enter("AAPL")
    eventually(lambda: sandbox.stats.in_flight, "a request hangs")
    with room_for(0):
        host.enter("NVDA")
        held = len(host.integration.held)
    host.close()
    sandbox.clear_faults()
    again = run_host(section)

    assert held == 1
    assert again.integration.flush(60)
    with JournalReader(sandbox.url) as journal:
        assert sorted(t["symbol"] for t in journal.trades()) == ["AAPL", "NVDA"]


# Hosts that forget to call on_host_shutdown ----------------------------------------


@pytest.fixture
def run_script(section: dict[str, Any], tmp_path: Path) -> RunScript:
    """Run the forgetful host to its end: ``run_script(trades, how)``."""

    def run_script(number: int, how: str) -> "subprocess.CompletedProcess[str]":
        config = tmp_path / "config.json"
        config.write_text(json.dumps({"plugins": {"tradervue": section}}))
        command = [sys.executable, "-m", "tests.hosts.forgetful"]
        return subprocess.run(
            [*command, str(config), str(number), how],
            cwd=ROOT,
            env=dict(os.environ),
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )

    return run_script


def told_in(output: str) -> Trades:
    """Return the trades that the script lived through."""
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.parametrize(("how", "code"), [("returns", 0), ("raises", 1), ("exits", 3)])
def test_host_that_forgets_us_ends_with_everything_verified(
    run_script: RunScript, sandbox: Sandbox, how: str, code: int
) -> None:
    """However it ends; its exit code and its traceback stay its own."""
    sandbox.import_seconds = 0.2
    ended = run_script(4, how)
    trades = told_in(ended.stdout)

    assert ended.returncode == code
    assert len(trades) == 4
    assert differing(sandbox, trades) == []
    assert ("ZeroDivisionError" in ended.stderr) == (how == "raises")
    assert ended.stderr.count("Traceback") == (how == "raises")


def test_host_that_forgets_us_ends_while_tradervue_hangs(
    run_script: RunScript, sandbox: Sandbox
) -> None:
    """By itself, and says what it leaves; the next start sends it, and once."""
    sandbox.inject("hang", method="POST", path="/imports", times=None)
    ended = run_script(2, "returns")
    sandbox.clear_faults()
    again = run_script(0, "returns")

    assert ended.returncode == again.returncode == 0
    assert ended.stderr.count("tradervue.left_in_outbox") == 1
    assert "Traceback" not in ended.stderr + again.stderr
    assert again.stderr == ""
    assert differing(sandbox, told_in(ended.stdout)) == []


def test_host_that_vanishes_leaves_everything_to_its_next_start(
    run_script: RunScript, sandbox: Sandbox
) -> None:
    """No exit handler was called; what the hooks had taken is in the outbox."""
    sandbox.import_seconds = 5  # nothing can have been read back by then
    ended = run_script(2, "vanishes")
    standing = differing(sandbox, told_in(ended.stdout))
    sandbox.import_seconds = 0
    sandbox.advance(steps=2)
    again = run_script(0, "returns")

    assert ended.returncode == again.returncode == 0
    assert standing != []
    assert differing(sandbox, told_in(ended.stdout)) == []

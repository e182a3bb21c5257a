"""Servers that send elsewhere, or never stop: nothing leaks, nothing grows."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("uvicorn", reason="the servers need the extra 'sandbox'")

from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.tradervue.connection import LARGEST_ANSWER, LARGEST_REASON
from tests.argo.running import RunningHost
from tests.fakes import eventually
from tests.journeys.reader import JournalReader
from tests.security.servers import Careless, Endless, serving

Run = Callable[..., RunningHost]

# Bytes that are on their way when a client hangs up: buffers of both ends.
ON_THE_WAY = 16 * 1024 * 1024


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_takes_the_login_to_no_other_host(
    status: int, run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """Nobody there is asked for anything, and the trades wait until it is over."""
    elsewhere = Careless("401")
    with serving(elsewhere) as address:
        location = f"http://{address}"
        sandbox.inject("redirect", status=status, location=location, times=None)
        host = run_host(section)
        host.leave(host.enter())
        worker = host.integration.worker
        eventually(lambda: worker.health.failures, "the redirect is met")
        told = str(worker.health.last_error)
        sandbox.clear_faults()
        eventually(worker.is_idle, "everything arrives")

    assert "a redirect to localhost" in told
    assert f"HTTP {status}" in told
    assert elsewhere.requests == 0
    with JournalReader(sandbox.url) as journal:
        assert journal.only()["exec_count"] == 2


@pytest.mark.parametrize(
    ("status", "largest"), [(200, LARGEST_ANSWER), (500, LARGEST_REASON)]
)
def test_answer_without_an_end_is_hung_up_on(
    status: int,
    largest: int,
    run_host: Run,
    section: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After a bounded number of bytes; the trades are kept, and the log says it."""
    caplog.set_level(logging.WARNING)
    endless = Endless(status)
    with serving(endless) as address:
        section["base_url"] = f"http://{address}/api/v1"
        host = run_host(section | {"flush_seconds": 0})
        host.leave(host.enter())
        worker = host.integration.worker
        eventually(lambda: worker.health.failures, "it is tried")
        told = str(worker.health.last_error)
        host.close()

    assert ("longer than" in told) == (status == 200)
    assert "tradervue.delayed" in caplog.text
    assert "tradervue.left_in_outbox events=2" in caplog.text
    assert 0 < endless.sent < endless.requests * (largest + ON_THE_WAY)

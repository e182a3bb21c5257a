"""On the thread of an event loop nothing waits, whichever loop that is."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Final

import pytest

from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.argo.running import RunningHost
from tests.delivery.stepping import host_trade
from tests.fakes import eventually

AT_ONCE: Final = 6.0  # seconds for all of Argo's calls; a wait takes twenty
Runner = Callable[[Callable[[], None]], None]


def on_the_main_thread(call: Callable[[], None]) -> None:
    """Call within the loop of this thread."""

    async def main() -> None:
        call()

    asyncio.run(main())


def on_another_thread(call: Callable[[], None]) -> None:
    """Call within a loop that another thread runs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def main() -> None:
        call()

    try:
        asyncio.run_coroutine_threadsafe(main(), loop).result(60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def in_a_nested_loop(call: Callable[[], None]) -> None:
    """Call within a loop that runs inside another one, as notebooks do it."""

    async def inner() -> None:
        call()

    async def outer() -> None:
        running, nested = asyncio.get_running_loop(), asyncio.new_event_loop()
        asyncio._set_running_loop(None)
        try:
            nested.run_until_complete(inner())
        finally:
            asyncio._set_running_loop(running)
            nested.close()
        call()  # and back in the outer one

    asyncio.run(outer())


def on_uvloop(call: Callable[[], None]) -> None:
    """Call within the loop that uvicorn prefers."""
    uvloop = pytest.importorskip("uvloop", reason="it is an option of uvicorn's")

    async def main() -> None:
        call()

    uvloop.run(main())


@pytest.fixture
def integration(
    run_host: Callable[..., RunningHost], section: dict[str, Any]
) -> Iterator[TradervueIntegration]:
    """An integration whose outbox another process holds for itself."""
    host = run_host(section | {"flush_seconds": 0})
    eventually(lambda: host.integration.outbox.is_open, "it is open")
    with closing(sqlite3.connect(section["database"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield host.integration
        other.execute("ROLLBACK")


@pytest.mark.parametrize(
    "run", [on_the_main_thread, on_another_thread, in_a_nested_loop, on_uvloop]
)
def test_no_call_of_argos_waits_on_the_thread_of_a_loop(
    integration: TradervueIntegration, run: Runner
) -> None:
    """The outbox is locked, so that nothing is synced: whoever waits, waits long."""
    answers: list[object] = []

    def call() -> None:
        begin = time.monotonic()
        trade = host_trade(1)
        answers.append(integration.sync_trade_entry(trade))
        answers.append(integration.sync_trade_exit(trade))
        answers.append(integration.sync_complete_trade(trade))
        answers.append(integration.sync_recent_trades(1))
        answers.append(integration.get_performance_metrics())
        assert time.monotonic() - begin < AT_ONCE

    run(call)
    assert answers[:3] == [None, False, False]

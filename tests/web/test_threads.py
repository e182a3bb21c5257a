"""Handlers are kept off the event loop, which is the trading loop."""

import asyncio
import threading
from typing import Any

import httpx
import pytest

from argo_tradervue_plugin.web.routes import PREFIX
from argo_tradervue_plugin.web.threads import MOST_WAITING
from tests.web.fakes import FakeIntegration, with_client

PATHS = ["/metrics", "/widget-url", "/profile-url", "/status"]


@pytest.mark.parametrize("path", PATHS)
def test_no_handler_runs_on_the_event_loop(
    app: Any, integration: FakeIntegration, path: str
) -> None:
    """Whether it waits or not: a lock of the outbox is a wait, too."""

    async def use(client: httpx.AsyncClient) -> int:
        assert (await client.get(PREFIX + path)).status_code == 200
        return threading.get_ident()

    loop_thread = with_client(app, use)

    assert integration.threads
    assert loop_thread not in integration.threads


def test_a_slow_handler_does_not_stall_the_loop(
    app: Any, integration: FakeIntegration
) -> None:
    """The loop goes round all the while that a sync waits: what it waits for is set."""
    begun, release = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        assert release.wait(60), "the loop stands still"

    integration.before = wait

    async def use(client: httpx.AsyncClient) -> int:
        request = asyncio.create_task(client.post(f"{PREFIX}/sync"))
        await asyncio.to_thread(begun.wait, 60)
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert not request.done()
        release.set()
        return (await request).status_code

    assert with_client(app, use) == 200


def test_a_hanging_tradervue_leaves_threads_to_the_host(
    app: Any, integration: FakeIntegration
) -> None:
    """Only a few requests wait for it at a time; the status answers all the same."""
    release = threading.Event()
    busy = threading.Semaphore(0)

    def hang() -> None:
        busy.release()
        assert release.wait(60)

    async def use(client: httpx.AsyncClient) -> list[int]:
        get = client.get
        integration.before = hang
        stuck = [asyncio.create_task(get(f"{PREFIX}/metrics")) for _ in range(60)]
        for _ in range(MOST_WAITING):
            assert await asyncio.to_thread(busy.acquire, timeout=60)
        integration.before = lambda: None
        status = await asyncio.wait_for(get(f"{PREFIX}/status"), 60)
        # The 52 others wait on the loop, which costs no thread.
        asked_meanwhile = integration.asked.count(integration.asked[0])
        release.set()
        answers = await asyncio.gather(*stuck)
        codes = [each.status_code for each in answers]
        return [status.status_code, asked_meanwhile, *codes]

    assert with_client(app, use) == [200, MOST_WAITING, *[200] * 60]


def test_each_event_loop_has_its_own_few_threads(
    app: Any, integration: FakeIntegration
) -> None:
    """A limit of one loop cannot be used on the next."""

    async def use(client: httpx.AsyncClient) -> int:
        return (await client.get(f"{PREFIX}/metrics")).status_code

    assert [with_client(app, use), with_client(app, use)] == [200, 200]

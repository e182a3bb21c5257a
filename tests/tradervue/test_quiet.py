"""httpx's line for each request: ours are left out, everybody else's are not."""

import asyncio
import logging
import multiprocessing
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.tradervue.client import TradervueClient
from argo_tradervue_plugin.tradervue.quiet import ONLY_OTHERS, OthersOnly, quietly

LOGIN = Credentials(username="argo", password="sandbox")
LINES = 25


@pytest.fixture(autouse=True)
def at_info(caplog: pytest.LogCaptureFixture) -> None:
    """A host that logs everything from INFO up."""
    caplog.set_level(logging.INFO)


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[TradervueClient]:
    """A client as the plugin makes it."""
    with TradervueClient(LOGIN, base_url=sandbox.url) as client:
        yield client


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what httpx has logged."""
    return [r.getMessage() for r in caplog.records if r.name == "httpx"]


def hosts_own(sandbox: Sandbox, mark: str) -> None:
    """Ask as the host does, over httpx as well."""
    httpx.get(f"{sandbox.url}/trades", params={"host": mark}, auth=("argo", "sandbox"))


def test_requests_of_ours_are_not_logged(
    client: TradervueClient, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """They went, and no line says so."""
    client.check()

    assert sandbox.stats.requests.total() == 1
    assert lines(caplog) == []


def test_failures_of_ours_are_not_logged_by_httpx(
    caplog: pytest.LogCaptureFixture, sandbox: Sandbox, client: TradervueClient
) -> None:
    """Our own lines say more."""
    sandbox.inject("server_error", status=500)
    with pytest.raises(Exception, match="500"):
        client.check()

    assert lines(caplog) == []


def test_requests_of_ours_are_logged_on_request(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """With ``log_requests``; a client without it beside this stays quiet."""
    with TradervueClient(LOGIN, base_url=sandbox.url, logs_requests=True) as loud:
        loud.check()
        with TradervueClient(LOGIN, base_url=sandbox.url) as quiet:
            quiet.check()

    assert len(lines(caplog)) == 1


def test_requests_of_the_host_are_logged(
    client: TradervueClient, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Before ours and after it."""
    hosts_own(sandbox, "before")
    client.check()
    hosts_own(sandbox, "after")

    told = lines(caplog)
    assert [line.count("host=") for line in told] == [1, 1]


def test_threads_are_told_apart(
    client: TradervueClient, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """The host asks from another thread while the worker does."""
    host = threading.Thread(
        target=lambda: [hosts_own(sandbox, str(n)) for n in range(LINES)]
    )
    host.start()
    for _ in range(LINES):
        client.check()
    host.join()

    assert sorted(lines(caplog)) == sorted(
        line for line in lines(caplog) if "host=" in line
    )
    assert len(lines(caplog)) == LINES


def test_tasks_are_told_apart(
    client: TradervueClient, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """The host's event loop has requests in the air while one of ours is sent on it."""

    async def ask(http: httpx.AsyncClient, number: int) -> None:
        params = {"host": str(number)}
        await http.get(f"{sandbox.url}/trades", params=params)

    async def both() -> None:
        async with httpx.AsyncClient(auth=("argo", "sandbox")) as http:
            tasks = [asyncio.create_task(ask(http, n)) for n in range(5)]
            await asyncio.sleep(0)
            client.check()
            await asyncio.gather(*tasks)

    asyncio.run(both())

    assert len(lines(caplog)) == 5
    assert all("host=" in line for line in lines(caplog))


def test_warnings_pass(caplog: pytest.LogCaptureFixture) -> None:
    """What httpx finds worth a warning is."""
    with quietly():
        logging.getLogger("httpx").warning("mind this")
        logging.getLogger("httpx").info("HTTP Request")

    assert lines(caplog) == ["mind this"]


def test_filter_is_there_once(sandbox: Sandbox) -> None:
    """However many clients there were; a host that clears it gets it again."""
    logger = logging.getLogger("httpx")
    logger.filters.clear()
    for _ in range(3):
        with TradervueClient(LOGIN, base_url=sandbox.url) as client:
            client.check()

    assert logger.filters == [ONLY_OTHERS]


def in_child(url: str, answers: Any) -> None:
    """Ask in a child that was forked, and tell what httpx has logged there."""
    told: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("httpx").addHandler(handler)
    with TradervueClient(LOGIN, base_url=url) as client:
        client.check()
    httpx.get(f"{url}/trades", params={"host": "1"}, auth=("argo", "sandbox"))
    kinds = [f for f in logging.getLogger("httpx").filters if isinstance(f, OthersOnly)]
    answers.put((len(kinds), told))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_child_that_is_forked_is_no_different(
    client: TradervueClient, sandbox: Sandbox
) -> None:
    """One filter, our requests quiet, the host's not."""
    client.check()
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=in_child, args=(sandbox.url, answers))
    child.start()
    number, told = answers.get(timeout=30)
    child.join(30)

    assert number == 1
    assert [line.count("host=") for line in told] == [1]

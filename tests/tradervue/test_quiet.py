"""httpcore's lines: ours are left out, everybody else's are not."""

import logging
import threading
from collections.abc import Iterator

import httpx
import pytest

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.tradervue.client import TradervueClient
from argo_tradervue_plugin.tradervue.quiet import NAMES, ONLY_OTHERS, quietly

LOGIN = Credentials(username="argo", password="sandbox")


@pytest.fixture(autouse=True)
def at_debug(caplog: pytest.LogCaptureFixture) -> None:
    """A host that logs everything."""
    caplog.set_level(logging.DEBUG)


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[TradervueClient]:
    """A client as the plugin makes it."""
    with TradervueClient(LOGIN, base_url=sandbox.url) as client:
        yield client


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the libraries have logged."""
    return [r.getMessage() for r in caplog.records if r.name.startswith("http")]


def test_requests_of_ours_are_not_logged(
    client: TradervueClient, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """They went, and no line of a library says so."""
    client.check()
    client.close()

    assert sandbox.stats.requests.total() == 1
    assert lines(caplog) == []


def test_requests_of_the_host_are_logged_meanwhile(
    client: TradervueClient, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """From another thread, in the midst of one of ours."""

    def ask() -> None:
        httpx.get(f"{sandbox.url}/trades", auth=("argo", "sandbox"))

    with quietly():
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        assert lines(caplog)
        caplog.clear()
        client.check()
    assert lines(caplog) == []
    ask()
    assert lines(caplog)


class Raising(logging.Handler):
    """A handler of the host's that fails at each line of the libraries that we use."""

    def emit(self, record: logging.LogRecord) -> None:
        """Fail."""
        if record.name.startswith("http"):
            raise RuntimeError(record.getMessage())


def refuse(record: logging.LogRecord) -> bool:
    """Fail, as a filter of the host's."""
    raise RuntimeError(record.getMessage())


def test_what_the_hosts_logging_raises_ends_no_request(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a handler nor a filter, which the host has put first."""
    wire = logging.getLogger("httpcore.http11")
    handler = Raising()
    logging.getLogger().addHandler(handler)
    wire.filters.insert(0, refuse)
    try:
        with TradervueClient(LOGIN, base_url=sandbox.url) as client:
            client.check()
    finally:
        logging.getLogger().removeHandler(handler)
        wire.removeFilter(refuse)

    assert sandbox.stats.requests.total() == 1
    assert lines(caplog) == []


def test_filter_is_there_once(client: TradervueClient) -> None:
    """However many requests there were; a host that clears it gets it again."""
    client.check()
    logging.getLogger(NAMES[0]).filters.clear()
    client.check()
    for name in NAMES:
        assert logging.getLogger(name).filters.count(ONLY_OTHERS) == 1


def test_every_line_of_httpcore_is_known() -> None:
    """A version that writes under another name has to be thought of here."""
    import httpcore  # noqa: F401 - its loggers are made with it

    made = {n for n in logging.root.manager.loggerDict if n.startswith("httpcore.")}
    assert made - {"httpcore.http2"} <= set(NAMES)


def test_warnings_pass(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of weight is kept from the host."""
    with quietly():
        logging.getLogger(NAMES[0]).warning("mind this")
    assert lines(caplog) == ["mind this"]

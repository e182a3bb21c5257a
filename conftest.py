"""
What every test stands on: a clean environment, and no failure hidden by the guard.

Anything that :mod:`argo_tradervue_plugin.guard` keeps from the host fails the test in
which it happened, on whatever thread, unless the test is marked ``swallows``.
"""

import compileall
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, settings

from argo_tradervue_plugin import guard

if TYPE_CHECKING:
    from argo_tradervue_plugin.sandbox import Sandbox
    from tests.argo.running import RunningHost
    from tests.outbox.bouncer import Bouncer
    from tests.outbox.server import Server

ROOT: Final = Path(__file__).parent
# For `from tests.fakes import ...`. The last place on the path, so that an installed
# wheel is what gets tested wherever there is one.
sys.path.append(str(ROOT))

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

# A shell's background job ignores Ctrl-C, and so would every command that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

CLEARED_PREFIXES: Final = ("TRADERVUE_", "AWS_", "BOTO_")
CLEARED: Final = (
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
)
WORKER: Final = "argo-tradervue-worker"
STOPPING_SECONDS: Final = 60.0  # for a worker that was told to stop
REWRITTEN: Final = re.compile(r"(^|/)(test_\w+|conftest)\.py$")  # pytest's to compile

numbers: Final = count()

Count = Callable[[str, Exception], "guard.Incident"]


def pytest_configure(config: pytest.Config) -> None:
    """
    Compile package and helpers once, for the hundreds of processes that tests start.

    An image's ``PYTHONDONTWRITEBYTECODE`` would have each of them compile all of it.
    Done before the first test, so that no full disk of theirs leaves half a file.
    """
    if not hasattr(config, "workerinput"):
        for folder in (Path(guard.__file__).parent, ROOT / "tests"):
            compileall.compile_dir(folder, quiet=2, rx=REWRITTEN)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep what pytest makes of the tests' modules: half of the time of collecting."""
    kept, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    try:
        return (yield)
    finally:
        sys.dont_write_bytecode = kept


@pytest.fixture(autouse=True)
def clean_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the developer's login, secrets, proxies and outbox out of the test."""
    own = tmp_path_factory.getbasetemp() / f"process-{next(numbers)}"  # made on use
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.upper() in CLEARED or name.startswith(CLEARED_PREFIXES):
                patch.delenv(name)
        patch.setenv("XDG_STATE_HOME", str(own / "state"))
        # Without these boto3 would look in the home folder, and ask the network.
        patch.setenv("AWS_CONFIG_FILE", str(own / "no-aws-config"))
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(own / "no-aws-login"))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(autouse=True)
def swallowed(request: pytest.FixtureRequest) -> Iterator[list[Exception]]:
    """
    What the guard hid from the host; it fails the test unless marked ``swallows``.

    Each test begins without incidents, and must stop the workers that it started.
    """
    seen: list[Exception] = []
    counted: Count = guard._count  # noqa: SLF001 - the seam for this fixture

    def noted(where: str, error: Exception) -> "guard.Incident":
        seen.append(error)
        return counted(where, error)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "_incidents", {})
        patch.setattr(guard, "_count", noted)
        yield seen
        left = [thread for thread in threading.enumerate() if thread.name == WORKER]
        for thread in left:
            thread.join(STOPPING_SECONDS)
    if seen and not request.node.get_closest_marker("swallows"):
        raise ExceptionGroup("hidden from the host", seen)
    if any(thread.is_alive() for thread in left):
        raise AssertionError("the test left a worker running: close its integration")


@pytest.fixture
def argo_file() -> Path:
    """
    The trade history that Argo published: 3,469 trades, a JSON object a line.

    The variable ``ARGO_TRADES`` says where it is.
    """
    beside = ROOT.parent / "shared" / "data" / "argo_trades.jsonl"
    path = Path(os.environ.get("ARGO_TRADES") or beside)
    if not path.is_file():
        pytest.skip(
            "the published trade history is not here: set ARGO_TRADES to the path of "
            "argo_trades.jsonl"
        )
    return path


@pytest.fixture
def sandbox() -> Iterator["Sandbox"]:
    """A Tradervue of its own for the test, on a port of this machine."""
    pytest.importorskip("uvicorn", reason="the sandbox needs the extra 'sandbox'")
    from argo_tradervue_plugin.sandbox import running

    with running(import_seconds=0) as served:
        yield served


@pytest.fixture(scope="session")
def served() -> Iterator["Sandbox"]:
    """A Tradervue on a real socket that many tests share; see *emptied*."""
    from argo_tradervue_plugin.sandbox import running

    with running(import_seconds=0) as sandbox:
        yield sandbox


@pytest.fixture
def emptied(served: "Sandbox") -> "Sandbox":
    """The shared Tradervue, empty and as it was started."""
    served.clear_faults()
    served.reset()
    served.import_seconds = 0
    return served


@pytest.fixture(scope="session")
def postgres_server() -> Iterator["Server"]:
    """A PostgreSQL of the tests' own; ``database()`` lends the URL of an empty one."""
    pytest.importorskip("psycopg", reason="PostgreSQL needs the extra 'postgres'")
    from tests.outbox.server import running

    with running() as server:
        yield server


@pytest.fixture(scope="session")
def bouncer(postgres_server: "Server") -> Iterator["Bouncer"]:
    """A PgBouncer in transaction mode before the tests' PostgreSQL."""
    from tests.outbox.bouncer import bouncing

    with bouncing(postgres_server) as made:
        yield made


@pytest.fixture
def section(sandbox: "Sandbox", tmp_path: Path) -> dict[str, Any]:
    """The plugin's section of a host's config, for the sandbox."""
    return {
        "enabled": True,
        "username": "argo",
        "password": "sandbox",
        "base_url": sandbox.url,
        "database": str(tmp_path / "outbox.db"),
    }


@pytest.fixture
def run_host(sandbox: "Sandbox") -> Iterator[Callable[..., "RunningHost"]]:
    """
    Start hosts: ``run_host(section, *neighbours)``.

    Each is shut down afterwards, before the sandbox goes.
    """
    from tests.argo.running import RunningHost

    hosts: list[RunningHost] = []

    def run_host(section: object = None, *neighbours: object) -> RunningHost:
        plugins = {} if section is None else {"tradervue": section}
        hosts.append(RunningHost({"plugins": plugins}, *neighbours))
        return hosts[-1]

    yield run_host
    sandbox.clear_faults()
    sandbox.advance(steps=2)
    for host in hosts:
        host.close()

"""A sandbox with a worker that is stepped by hand, and a reader of its journal."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from argo_tradervue_plugin.sandbox import Sandbox, running
from tests.delivery.stepping import Forwarder
from tests.journeys.reader import JournalReader

Make = Callable[..., Forwarder]


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    """One sandbox on a real socket for all tests of this folder."""
    with running(import_seconds=0) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: Sandbox) -> Sandbox:
    """The running sandbox, empty and as it was started."""
    served.clear_faults()
    served.reset()
    served.import_seconds = 0
    return served


@pytest.fixture
def make(sandbox: Sandbox, tmp_path: Path) -> Iterator[Make]:
    """Make forwarders for the test's sandbox; settings are keywords."""
    made: list[Forwarder] = []

    def make(name: str = "outbox.db", **settings: object) -> Forwarder:
        made.append(Forwarder(sandbox, tmp_path / name, **settings))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def forwarder(make: Make) -> Forwarder:
    """A forwarder with the settings that an operator has by default."""
    return make()


@pytest.fixture
def journal(sandbox: Sandbox) -> Iterator[JournalReader]:
    """What stands in the journal, read by somebody else."""
    with JournalReader(sandbox.url) as reader:
        yield reader

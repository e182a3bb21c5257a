"""A sandbox with a worker that is stepped by hand, and a reader of its journal."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.stepping import Forwarder
from tests.journeys.reader import JournalReader

Make = Callable[..., Forwarder]


@pytest.fixture
def sandbox(emptied: Sandbox) -> Sandbox:
    """The Tradervue that tests share, empty."""
    return emptied


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

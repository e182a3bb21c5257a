"""A sandbox on a real socket, and desks in front of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from argo_tradervue_plugin.sandbox import Person, Sandbox, running
from tests.journeys.reader import JournalReader
from tests.test_reconciliation import Desk


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """One sandbox on a real socket for all tests of a module."""
    with running(import_seconds=0) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: Sandbox) -> Sandbox:
    """The running sandbox, empty and as it was started."""
    served.reset()
    return served


@pytest.fixture
def open_desk(sandbox: Sandbox, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Open desks with an outbox each; settings are keywords."""
    opened: list[Desk] = []

    def open_desk(**settings: object) -> Desk:
        path = tmp_path / f"outbox-{len(opened)}.db"
        opened.append(Desk(sandbox, path, **settings))
        return opened[-1]

    yield open_desk
    for desk in opened:
        desk.forwarder.close()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """A desk with the settings that an operator has by default."""
    return open_desk()


@pytest.fixture
def journal(sandbox: Sandbox) -> Iterator[JournalReader]:
    """What stands in the journal, read by somebody else."""
    with JournalReader(sandbox.url) as reader:
        yield reader


@pytest.fixture
def person(sandbox: Sandbox) -> Person:
    """The owner of the journal, at work on the web."""
    return sandbox.person("argo")

"""A sandbox on a real socket, and desks in front of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from argo_tradervue_plugin.sandbox import Person, Sandbox
from tests.journeys.reader import JournalReader
from tests.reconciling.desk import Desk


@pytest.fixture
def sandbox(emptied: Sandbox) -> Sandbox:
    """The Tradervue that tests share, empty."""
    return emptied


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

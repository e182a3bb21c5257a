"""The engines that keep the contract, and an outbox of each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from argo_tradervue_plugin.outbox.opening import open_outbox as open_database
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.desk import Desk

Open = Callable[[], Outbox]


@contextmanager
def file_in(folder: Path, _: pytest.FixtureRequest) -> Iterator[str]:
    """Give the path of a file."""
    yield str(folder / "outbox.db")


@contextmanager
def database_of(_: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Lend a database of the tests' own server."""
    with request.getfixturevalue("postgres_server").database() as url:
        yield url


@contextmanager
def pooled_database_of(_: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Lend a database of the tests' own server, through a pooler."""
    bouncer = request.getfixturevalue("bouncer")
    with request.getfixturevalue("postgres_server").database() as url:
        yield bouncer.before(url)


# A line for each engine: where an empty outbox of it can be made.
ENGINES: Final = {
    "sqlite": file_in,
    "postgres": database_of,
    "pooled": pooled_database_of,
}


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where the test's outbox is, on each engine."""
    with ENGINES[request.param](tmp_path, request) as place:
        yield place


@pytest.fixture
def open_outbox(database: str) -> Iterator[Open]:
    """Open the test's outbox, each time as another process would."""
    opened: list[Outbox] = []

    def open_outbox() -> Outbox:
        opened.append(open_database(database))
        return opened[-1]

    yield open_outbox
    for each in opened:
        each.close()


@pytest.fixture
def outbox(open_outbox: Open) -> Outbox:
    """An empty outbox of each engine."""
    return open_outbox()


@pytest.fixture
def desk(outbox: Outbox) -> Desk:
    """The outbox with its lease in hand."""
    return Desk(outbox)

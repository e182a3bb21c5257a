"""The engines that keep the contract, and an outbox of each."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from argo_tradervue_plugin.outbox.interface import Outbox
from argo_tradervue_plugin.outbox.sqlite import SqliteOutbox
from tests.outbox.desk import Desk

Open = Callable[[], Outbox]

# A line for each engine: how to open the one outbox that lives in a folder.
ENGINES: Final[dict[str, Callable[[Path], Outbox]]] = {
    "sqlite": lambda folder: SqliteOutbox(folder / "outbox.db"),
}


@pytest.fixture(params=ENGINES)
def open_outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Open the test's outbox, each time as another process would."""
    opened: list[Outbox] = []

    def open_outbox() -> Outbox:
        opened.append(ENGINES[request.param](tmp_path))
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

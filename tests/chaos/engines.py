"""The engines of the outbox: where a round's database is, and the server for it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

__all__ = ["ENGINES"]

# Lends the setting ``database`` of an empty outbox to a round, whose folder is given.
Databases = Callable[[Path], AbstractContextManager[str]]


@contextmanager
def sqlite() -> Iterator[Databases]:
    """A file in each round's folder."""

    @contextmanager
    def lend(folder: Path) -> Iterator[str]:
        yield str(folder / "outbox.db")

    yield lend


@contextmanager
def postgres() -> Iterator[Databases]:
    """A database for each round, on a server that is started for all of them."""
    from tests.outbox.server import running

    with running() as server:
        yield lambda _: server.database()


ENGINES: Final[Mapping[str, Callable[[], AbstractContextManager[Databases]]]] = {
    "sqlite": sqlite,
    "postgres": postgres,
}

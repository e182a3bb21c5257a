"""The outbox's engines, as a simulation needs them: opened, locked, thrown away."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from argo_tradervue_plugin.outbox.postgres import Postgres
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.server import Server
from tests.simulation.processes import Fate, MortalOutbox

__all__ = ["Engine", "PostgresEngine", "SqliteEngine"]


class Engine(Protocol):
    """A database of its own for each example."""

    def open(self, fate: Fate) -> Outbox:
        """Return the outbox as a process that may die has it."""

    def read(self) -> Outbox:
        """Return the outbox as somebody who only looks has it."""

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody write inside the block."""

    def close(self) -> None:
        """Throw the database away."""


class SqliteEngine:
    """A file in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = TemporaryDirectory(dir=folder)
        self.path = Path(self._folder.name) / "outbox.db"
        self.spool = Spool(Path(self._folder.name) / "spool")

    def open(self, fate: Fate) -> Outbox:
        """Return the outbox as a process that may die has it."""
        return MortalOutbox(Sqlite(self.path), self.spool, fate)

    def read(self) -> Outbox:
        """Return the outbox as somebody who only looks has it."""
        return Outbox(Sqlite(self.path), spool=self.spool)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody write inside the block."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    def close(self) -> None:
        """Throw the database away."""
        self._folder.cleanup()


class PostgresEngine(SqliteEngine):
    """A database on a server, and before it the spool of a machine."""

    def __init__(self, folder: Path, server: Server) -> None:
        super().__init__(folder)
        self._lent = server.database()
        self.url = self._lent.__enter__()

    def open(self, fate: Fate) -> Outbox:
        """Return the outbox as a process that may die has it."""
        return MortalOutbox(Postgres(self.url), self.spool, fate)

    def read(self) -> Outbox:
        """Return the outbox as somebody who only looks has it."""
        return Outbox(Postgres(self.url), spool=self.spool)

    def close(self) -> None:
        """Throw the database away."""
        self._lent.__exit__(None, None, None)
        super().close()

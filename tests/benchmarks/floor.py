"""
The least that a durable record can cost: one bare insert of the same payload.

The plugin's own pragmas, an equal table, a file beside the plugin's, one connection,
one transaction for each insert, and everything that is written made before the clock
starts. What the plugin costs beyond this is its own: taking the snapshot, pluggy, the
guard, waking the worker.
"""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from argo_tradervue_plugin.model.capture import capture
from argo_tradervue_plugin.model.identity import identity_of
from tests.benchmarks.trades import Event

__all__ = ["Floor", "row_of"]

TABLE: Final = """
CREATE TABLE IF NOT EXISTS inbox (
  seq         INTEGER PRIMARY KEY,
  trade_id    TEXT NOT NULL,
  kind        TEXT NOT NULL,
  identity    TEXT NOT NULL,
  payload     TEXT NOT NULL,
  recorded_at REAL NOT NULL
) STRICT
"""
INSERT: Final = """
INSERT INTO inbox (trade_id, kind, identity, payload, recorded_at)
VALUES (?, ?, ?, ?, ?)
"""


class Floor:
    """
    A table at *path*, and nothing but ``sqlite3`` around it.

    *busy_seconds* is SQLite's own waiting for other writers.
    """

    def __init__(self, path: Path, busy_seconds: float = 0.0) -> None:
        self._connection = sqlite3.connect(
            path, timeout=busy_seconds, isolation_level=None
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA wal_autocheckpoint = 0")
        self._connection.execute(TABLE)

    def burst(self, events: Sequence[Event]) -> list[int]:
        """Insert what the plugin would; return the nanoseconds of each insert."""
        return [self.insert(row) for row in map(row_of, events)]

    def insert(self, row: tuple[object, ...]) -> int:
        """Insert one row; return the nanoseconds that it took."""
        start = time.perf_counter_ns()
        self._connection.execute(INSERT, row)
        return time.perf_counter_ns() - start

    def settle(self) -> None:
        """Do nothing: what it costs to write the log back is none of an insert's."""

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def row_of(event: Event) -> tuple[object, ...]:
    """Return what the plugin writes for *event*."""
    trade_id, identity = identity_of(event.trade)
    return trade_id, str(event.kind), identity, capture(event.trade), time.time()

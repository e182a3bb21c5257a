"""What every engine does alike: the lease, its fence, and events that change houses."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import ClassVar, Final

from argo_tradervue_plugin.errors import LeaseLost
from argo_tradervue_plugin.outbox.interface import Event, Lease
from argo_tradervue_plugin.outbox.reader import Reader
from argo_tradervue_plugin.outbox.rows import Connection
from argo_tradervue_plugin.outbox.writer import SqlWriter

__all__ = ["RECORD", "SharedOutbox"]

RECORD: Final = """
INSERT INTO inbox (trade_id, kind, identity, payload, recorded_at)
VALUES (?, ?, ?, ?, ?)
"""


class SharedOutbox(Reader):
    """An outbox on whatever begins a transaction; see :class:`~.interface.Outbox`."""

    # What keeps others from writing until this transaction has ended, where beginning
    # it is not enough.
    LOCKING: ClassVar[str] = ""

    is_open = False

    def open(self) -> None:
        """See :meth:`~.interface.Outbox.open`."""
        if not self.is_open:
            self._open()
            self.is_open = True

    def gather(self) -> bool:
        """See :meth:`~.interface.Outbox.gather`; hooks write right here."""
        return False

    def _open(self) -> None:
        """Make and migrate what has to be."""
        raise NotImplementedError

    def _begun(self) -> AbstractContextManager[Connection]:
        """Begin a transaction; it is committed when the block ends well."""
        raise NotImplementedError

    def claim(
        self, holder: str, *, now: float, ttl: float, is_gone: Callable[[str], bool]
    ) -> Lease | None:
        """See :meth:`~.interface.Outbox.claim`."""
        standing = self._lease()
        if (
            standing is not None
            and standing.expires_at > now
            and standing.holder != holder
            and not is_gone(standing.holder)
        ):
            return None
        token = 1 if standing is None else standing.token + 1
        with self._begun() as connection:
            changed = connection.execute(
                "INSERT INTO lease VALUES ('forward', ?, ?, ?) ON CONFLICT (name) "
                "DO UPDATE SET holder = excluded.holder, token = excluded.token, "
                "expires_at = excluded.expires_at "
                "WHERE lease.token = excluded.token - 1 RETURNING token",
                (holder, token, now + ttl),
            ).fetchall()
        if not changed:  # another process was a moment faster
            return None
        return Lease(holder=holder, token=token, expires_at=now + ttl)

    def renew(self, lease: Lease, *, now: float, ttl: float) -> Lease:
        """See :meth:`~.interface.Outbox.renew`."""
        with self._begun() as connection:
            self._check(connection, lease)
            connection.execute(
                "UPDATE lease SET expires_at = ? WHERE token = ?",
                (now + ttl, lease.token),
            )
        return Lease(holder=lease.holder, token=lease.token, expires_at=now + ttl)

    def release(self, lease: Lease) -> None:
        """See :meth:`~.interface.Outbox.release`."""
        with self._begun() as connection:
            connection.execute(
                "UPDATE lease SET expires_at = 0 WHERE token = ?", (lease.token,)
            )

    @contextmanager
    def write(self, lease: Lease) -> Iterator[SqlWriter]:
        """See :meth:`~.interface.Outbox.write`."""
        with self._begun() as connection:
            self._check(connection, lease)
            yield SqlWriter(connection)

    @contextmanager
    def maintain(self) -> Iterator[SqlWriter]:
        """See :meth:`~.interface.Outbox.maintain`."""
        with self._begun() as connection:
            if self.LOCKING:
                connection.execute(f"SELECT 1 FROM lease {self.LOCKING}").fetchall()
            yield SqlWriter(connection)

    def take_over(self, events: Iterable[Event]) -> None:
        """See :meth:`~.interface.Outbox.take_over`."""
        rows = [
            (e.trade_id, e.kind, e.identity, e.payload, e.recorded_at) for e in events
        ]
        with self._begun() as connection:
            connection.executemany(RECORD, rows)

    def drop(self, events: Iterable[Event]) -> None:
        """See :meth:`~.interface.Outbox.drop`."""
        rows = [(e.seq, e.trade_id, e.kind, e.recorded_at, e.payload) for e in events]
        with self._begun() as connection:
            connection.executemany(
                "DELETE FROM inbox WHERE seq = ? AND trade_id = ? AND kind = ? "
                "AND recorded_at = ? AND payload = ?",
                rows,
            )

    def _check(self, connection: Connection, lease: Lease) -> None:
        found = connection.execute(
            f"SELECT 1 FROM lease WHERE token = ? AND holder = ? {self.LOCKING}",
            (lease.token, lease.holder),
        ).fetchall()
        if not found:
            raise LeaseLost("another process forwards now")

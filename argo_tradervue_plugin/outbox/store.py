"""The outbox: the lease, the events that come in, and what is read and written."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.errors import OutboxReplaced, Unstorable
from argo_tradervue_plugin.model.records import known_by
from argo_tradervue_plugin.outbox.conditions import PROCESS
from argo_tradervue_plugin.outbox.engine import Engine
from argo_tradervue_plugin.outbox.events import Events
from argo_tradervue_plugin.outbox.imports import Imports
from argo_tradervue_plugin.outbox.kept import Drained, Kept
from argo_tradervue_plugin.outbox.leases import Leases
from argo_tradervue_plugin.outbox.poison import without_poison
from argo_tradervue_plugin.outbox.progress import Progress
from argo_tradervue_plugin.outbox.records import (
    Lease,
    Process,
    Recorded,
)
from argo_tradervue_plugin.outbox.resends import Resends
from argo_tradervue_plugin.outbox.results import Results
from argo_tradervue_plugin.outbox.retention import Retention
from argo_tradervue_plugin.outbox.rows import (
    ACCOUNT,
    STAMP,
    account_in,
    replaced,
    upsert,
)
from argo_tradervue_plugin.outbox.spools import Intake
from argo_tradervue_plugin.outbox.trades import Trades
from argo_tradervue_plugin.outbox.writer import Writer

__all__ = ["RECORD", "Outbox"]

RECORD: Final = """
INSERT INTO inbox (trade_id, kind, identity, payload, recorded_at)
VALUES (?, ?, ?, ?, ?)
"""
SAID: Final = upsert("processes", ["name"], ["seen_at", "facts"])
STAMPED: Final = [*ACCOUNT.columns, "purpose", "stamped_at"]


class Tried(Exception):
    """A transaction has shown what it was for, and is undone."""


class Outbox(Events, Trades, Imports, Resends, Leases, Results, Retention, Progress):
    """
    A durable record, shared by every thread and process of a host.

    A hook writes one event (:meth:`record`) into *spool*, where there is one, and
    returns. Everything else is done by the one process that holds the lease, inside
    :meth:`write`: a transaction that is refused once another process holds the lease.
    The *engine* says how a transaction begins, and what of its SQL differs. *is_lazy*
    leaves the opening for later.

    Times called *now* and ``…_at`` are Unix seconds.

    Raises:
        OutboxTooNew: a newer version of this plugin has written it.
        OutboxError: it cannot be opened now.
    """

    # Whether what is in the spool is for this outbox; see delivery.joining.
    takes: Callable[[], bool] = staticmethod(lambda: True)

    def __init__(
        self, engine: Engine, *, spool: Intake | None = None, is_lazy: bool = False
    ) -> None:
        super().__init__(engine)
        self.spool = spool
        if not is_lazy:
            self.open()

    def __repr__(self) -> str:
        return f"Outbox({self.engine!r})"

    def __str__(self) -> str:
        return str(self.engine)

    @property
    def is_open(self) -> bool:
        """Tell whether it was made and migrated."""
        return self.engine.is_open

    @property
    def losses(self) -> int:
        """Return how often what was open was deleted or replaced since."""
        return self.engine.losses

    def open(self) -> None:
        """See :meth:`.engine.Engine.open`."""
        self.engine.open()

    def close(self) -> None:
        """See :meth:`.engine.Engine.close`."""
        self.engine.close()

    @contextmanager
    def write(self, lease: Lease) -> Iterator[Writer]:
        """
        Begin a transaction; it is committed when the block ends well.

        Raises:
            LeaseLost: somebody else holds the lease; nothing was changed.
        """
        with self.engine.begin(lease) as connection:
            writer = Writer(connection)
            yield writer
        writer.log_stored()

    @contextmanager
    def maintain(self) -> Iterator[Writer]:
        """
        Begin a transaction for a person's decision, whoever holds the lease.

        It may only touch what no forwarder is at: what is parked, or in its place.
        """
        with self.engine.begin() as connection:
            if locking := self.engine.locking:
                connection.execute(f"SELECT 1 FROM lease {locking}").fetchall()
            writer = Writer(connection)
            yield writer
        writer.log_stored()

    def stamp(self) -> Account | None:
        """
        Return whose journal this outbox is sent to.

        None: no login was accepted yet, or an older version has written it.
        """
        return account_in(self._all(STAMP))

    def purpose(self) -> str | None:
        """Return what the outbox is stamped for, ``host`` or ``replay``."""
        row = self._one("SELECT purpose FROM account")
        return None if row is None else str(row[0])

    def holds_something(self) -> bool:
        """Tell whether anything was recorded or linked in this outbox."""
        return bool(
            self.inbox(1)
            or self._all("SELECT 1 FROM executions LIMIT 1")
            or self._all("SELECT 1 FROM trades LIMIT 1")
        )

    def put_stamp(
        self,
        account: Account,
        *,
        now: float,
        purpose: str = "host",
        is_moved: bool = False,
    ) -> Account:
        """
        Stamp the outbox with *account*, and return whose it is after that.

        A stamp that is there stays, unless a person *is_moved*: the login or the
        address was renamed.
        """
        moved = f"UPDATE SET {replaced(STAMPED)}" if is_moved else "NOTHING"
        with self.engine.begin() as connection:
            connection.execute(
                f"INSERT INTO account (number, {', '.join(STAMPED)}) "
                f"VALUES (1, ?, ?, ?, ?, ?) ON CONFLICT (number) DO {moved}",
                (account.base_url, account.login, account.user_id, purpose, now),
            )
            stamped = account_in(connection.execute(STAMP).fetchall())
        return stamped or account

    def say(self, process: Process, *, gone: Iterable[str] = ()) -> None:
        """Keep what a process says of itself, and forget those that are *gone*."""
        with self.engine.begin() as connection:
            connection.execute(SAID, PROCESS.row(process))
            for name in gone:
                connection.execute("DELETE FROM processes WHERE name = ?", (name,))

    def leave(self, name: str) -> None:
        """Forget what the process *name* said of itself."""
        with self.engine.begin() as connection:
            connection.execute("DELETE FROM processes WHERE name = ?", (name,))

    def record(self, event: Recorded) -> None:
        """
        Write *event*; it outlives the process on return.

        Idempotent on trade id and kind: an event that comes again changes nothing, and
        one with another payload replaces the one recorded before, whatever the time
        says: a clock may be set back. With a spool before the outbox this waits for
        nobody, nor has the outbox to be open.

        Raises:
            OutboxError: where it could not be written.
        """
        if self.spool is None:
            self.take_over([event])
        else:
            self.spool.append(event)

    def gather(self, also: Sequence[Recorded] = ()) -> bool:
        """
        Take over what is in the spool, and *also* what could not be written there.

        Returns False where there was nothing, or another process is at it.

        Raises:
            OutboxError: it could not be done now, and everything is where it was.
        """
        if not self.takes():
            return False
        if self.spool is not None:
            return self.spool.move(self.take_over, also, drain=self)
        if also:
            self.take_over(also)
        return bool(also)

    def take_over(
        self, events: Iterable[Recorded], drained: Drained | None = None
    ) -> None:
        """
        Put events into the inbox, all or none; recorded twice they are one.

        Raises:
            OutboxError: where they could not be written.
        """
        named = [e._replace(trade_id=known_by(e.trade_id)) for e in events]
        try:
            self._take(named, drained)
        except Unstorable:
            self._take(without_poison(named, self._is_taken), drained)

    def _take(self, events: Sequence[Recorded], drained: Drained | None) -> None:
        with self.engine.begin() as connection:
            connection.executemany(RECORD, events)
            if drained is not None:
                Writer(connection).note_drain(drained)

    def _is_taken(self, events: Sequence[Recorded]) -> bool:
        """Tell whether the database can hold *events*; it is left as it was."""
        with suppress(Tried):
            try:
                with self.engine.begin() as connection:
                    connection.executemany(RECORD, events)
                    connection.execute("SELECT 1").fetchall()  # or it is not known yet
                    raise Tried
            except Unstorable:
                return False
        return True

    def last_drained(self, spool: str) -> int | None:
        """Return the number of the last drain of *spool* that is in here."""
        row = self._one("SELECT number FROM drained WHERE spool = ?", (spool,))
        return None if row is None else int(row[0])

    def see_latest_import(self) -> None:
        """
        Take care that every import which left this machine is in here.

        Raises:
            OutboxReplaced: an old copy was put in its place: it lacks some.
            OutboxError: it cannot be read now.
        """
        kept = self._kept()
        if kept is None:
            return
        with suppress(OSError):  # without it there is one guard less
            sent, known = kept.last_import(), self.last_import_id()
            if known < sent:
                raise OutboxReplaced(
                    f"{self} has forgotten what was sent since import {known}: an old "
                    "copy was put in its place"
                )

    def keep_import(self, number: int) -> None:
        """Note outside of the outbox which import is the latest, before it leaves."""
        kept = self._kept()
        if kept is not None:
            with suppress(OSError):
                kept.note_import(number)

    def _kept(self) -> Kept | None:
        account = None if self.spool is None else self.stamp()
        if self.spool is None or account is None:
            return None
        return self.spool.kept(account)

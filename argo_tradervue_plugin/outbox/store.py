"""What every engine does alike: the lease, its fence, and events that come in."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from time import monotonic
from typing import Any, ClassVar, Final

from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.errors import (
    OutboxReplaced,
    OutboxTooNew,
    Unstorable,
)
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.records import known_by
from argo_tradervue_plugin.outbox.kept import Drained
from argo_tradervue_plugin.outbox.poison import without_poison
from argo_tradervue_plugin.outbox.reader import Reader, leg_of
from argo_tradervue_plugin.outbox.records import (
    EventKind,
    Lease,
    Process,
    Recorded,
    State,
    outcome_of,
)
from argo_tradervue_plugin.outbox.rows import Connection
from argo_tradervue_plugin.outbox.spools import Intake
from argo_tradervue_plugin.outbox.writer import Writer

__all__ = ["LOST", "RECORD", "STAMP", "Outbox", "account_in", "settle_here"]

LOST: Final = "another process forwards now"
RECORD: Final = """
INSERT INTO inbox (trade_id, kind, identity, payload, recorded_at)
VALUES (?, ?, ?, ?, ?)
"""
# Seconds that a lease lasts at most, and as many as the clocks of two machines differ:
# twice the longest time-out that may be set, and a little.
LONGEST_LEASE: Final = 2 * 120.0 + 10 + 30
STAMP: Final = "SELECT base_url, login, user_id FROM account"


def account_in(rows: Sequence[Any]) -> Account | None:
    """Return the account in what :data:`STAMP` has found."""
    return next(
        (Account(base_url=b, login=name, user_id=u) for b, name, u in rows), None
    )


class Visits(threading.local):
    """Whether this thread is one of ours, and how many calls of a host's it is in."""

    is_at_home = False
    depth = 0


visits: Final = Visits()


def settle_here() -> None:
    """Let this thread, which is one of ours, keep its connections."""
    visits.is_at_home = True


class Tried(Exception):
    """A transaction has shown what it was for, and is undone."""


class Outbox(Reader):
    """
    A durable record, shared by every thread and process of a host.

    A hook writes one event (:meth:`record`) into *spool*, where there is one, and
    returns. Everything else is done by the one process that holds the lease, inside
    :meth:`write`: a transaction that is refused once another process holds the lease.
    An engine says how a transaction begins, and what of its SQL differs.

    *is_open* tells whether it was made and migrated, *losses* how often what was open
    was deleted or replaced since. Times called *now* and ``…_at`` are Unix seconds.
    """

    # What keeps others from writing until this transaction has ended, where beginning
    # it is not enough.
    LOCKING: ClassVar[str] = ""
    # What an INSERT says where it gives the numbers itself that the engine counts.
    OVERRIDING: ClassVar[str] = ""

    is_open = False
    _watched: tuple[Lease, list[float], float] | None = None
    # Whether threads keep their connection between two calls, but for the host's own:
    # a fork would have to close it.
    keeps_for_hosts = True
    losses = 0
    spool: Intake | None = None
    # Whether what is in the spool is for this outbox; see delivery.joining.
    takes: Callable[[], bool] = staticmethod(lambda: True)

    def open(self) -> None:
        """
        Make and migrate what has to be; does nothing once it was done.

        Done by the constructor, by everything but :meth:`record`, and by the worker:
        what could not be opened at the start is opened as soon as it can be.

        Raises:
            OutboxTooNew: a newer version has written it; only an update helps.
            OutboxError: it cannot be opened now.
        """
        if not self.is_open:
            with self.visit():
                self._open()
            self.is_open = True

    def _open(self) -> None:
        """Make and migrate what has to be."""
        raise NotImplementedError

    def visit(self) -> AbstractContextManager[None]:
        """Close what a thread of the host has opened when its outermost call ends."""
        is_kept = self.keeps_for_hosts or visits.is_at_home
        return nullcontext() if is_kept else self._visiting()

    @contextmanager
    def _visiting(self) -> Iterator[None]:
        visits.depth += 1
        try:
            yield
        finally:
            visits.depth -= 1
            if not visits.depth:
                self.close()

    @property
    def newest(self) -> int:
        """Return the newest version of the schema that is understood here."""
        raise NotImplementedError

    def see_version(self, version: int) -> None:
        """
        Take care that an outbox of *version* is the one that was opened.

        Another process may have brought it up meanwhile, and a person may have put an
        older copy back.

        Raises:
            OutboxTooNew: a newer version of this plugin has written it.
            OutboxReplaced: it is older; it is opened again by the next call.
        """
        if version > self.newest:
            raise OutboxTooNew(
                f"{self} was written by a newer version of this plugin (schema "
                f"{version}, this one knows {self.newest}): update it. Until this "
                "process is restarted with the newer one it records into its spool, "
                "and forwards nothing"
            )
        if version < self.newest:
            self.is_open = False
            self.losses += 1
            raise OutboxReplaced(
                f"{self} has become older (schema {version}): it is opened again"
            )

    def _begun(self, lease: Lease | None = None) -> AbstractContextManager[Connection]:
        """
        Begin a transaction; it is committed when the block ends well.

        Raises:
            LeaseLost: *lease* is another process's by now.
            OutboxTooNew: a newer version of this plugin has written the outbox.
        """
        raise NotImplementedError

    def claim(
        self, holder: str, *, now: float, ttl: float, is_gone: Callable[[str], bool]
    ) -> Lease | None:
        """
        Take the lease if it is free, expired or ours, or if its holder *is_gone*.

        Returns None while somebody else holds it.
        """
        standing = self._lease()
        if (
            standing is not None
            and standing.holder != holder
            and not self._is_over(standing, now, ttl)
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

    def _is_over(self, lease: Lease, now: float, ttl: float) -> bool:
        """
        Tell whether *lease* has run out.

        One that ends further ahead than any can last was taken by a clock that was
        ahead, or this one was set back: it is over after *ttl* seconds without a sign
        of life, by the monotonic clock.
        """
        if now + max(ttl, LONGEST_LEASE) >= lease.expires_at:
            self._watched = None
            return lease.expires_at <= now
        signs = [p.seen_at for p in self.processes() if p.name == lease.holder]
        before = self._watched
        if before is None or before[:2] != (lease, signs):
            self._watched = (lease, signs, monotonic())
            return False
        return monotonic() - before[2] >= ttl

    def renew(self, lease: Lease, *, now: float, ttl: float) -> Lease:
        """
        Keep the lease for *ttl* seconds from *now*.

        Raises:
            LeaseLost: somebody else holds it.
        """
        with self._begun(lease) as connection:
            connection.execute(
                "UPDATE lease SET expires_at = ? WHERE token = ?",
                (now + ttl, lease.token),
            )
        return Lease(holder=lease.holder, token=lease.token, expires_at=now + ttl)

    def release(self, lease: Lease) -> None:
        """Give the lease back; does nothing if it was lost."""
        with self._begun() as connection:
            connection.execute(
                "UPDATE lease SET expires_at = 0 WHERE token = ?", (lease.token,)
            )

    @contextmanager
    def write(self, lease: Lease) -> Iterator[Writer]:
        """
        Begin a transaction; it is committed when the block ends well.

        Raises:
            LeaseLost: somebody else holds the lease; nothing was changed.
        """
        with self._begun(lease) as connection:
            yield Writer(connection)

    @contextmanager
    def maintain(self) -> Iterator[Writer]:
        """
        Begin a transaction for a person's decision, whoever holds the lease.

        It may only touch what no forwarder is at: what is parked, or in its place.
        """
        with self._begun() as connection:
            if self.LOCKING:
                connection.execute(f"SELECT 1 FROM lease {self.LOCKING}").fetchall()
            yield Writer(connection)

    @contextmanager
    def refilling(self, lease: Lease | None = None) -> Iterator[Connection]:
        """
        Begin a transaction in which everything is replaced, under the *lease*.

        Without one it is an outbox that no process forwards.
        """
        with self._begun(lease) as connection:
            yield connection

    def snapshot(self) -> AbstractContextManager[Connection]:
        """Give a connection that reads everything as it is at one moment."""
        raise NotImplementedError

    def number_on(self, connection: Connection) -> None:
        """Let the engine count on from the numbers that were given to it."""

    def close(self) -> None:
        """Close what the calling thread has open."""
        raise NotImplementedError

    def stored_version(self) -> int:
        """
        Return the version of the schema that is there, 0 where none is; makes nothing.

        Raises:
            OutboxError: it cannot be read now.
        """
        raise NotImplementedError

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
        conflict = (
            "UPDATE SET base_url = excluded.base_url, login = excluded.login, "
            "user_id = excluded.user_id, purpose = excluded.purpose, "
            "stamped_at = excluded.stamped_at"
            if is_moved
            else "NOTHING"
        )
        with self._begun() as connection:
            connection.execute(
                f"INSERT INTO account VALUES (1, ?, ?, ?, ?, ?) "
                f"ON CONFLICT (number) DO {conflict}",
                (account.base_url, account.login, account.user_id, purpose, now),
            )
            stamped = account_in(connection.execute(STAMP).fetchall())
        return stamped or account

    def say(self, process: Process, *, gone: Iterable[str] = ()) -> None:
        """Keep what a process says of itself, and forget those that are *gone*."""
        with self._begun() as connection:
            connection.execute(
                "INSERT INTO processes (name, seen_at, facts) VALUES (?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at, "
                "facts = excluded.facts",
                (process.name, process.seen_at, process.facts),
            )
            for name in gone:
                connection.execute("DELETE FROM processes WHERE name = ?", (name,))

    def leave(self, name: str) -> None:
        """Forget what the process *name* said of itself."""
        with self._begun() as connection:
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
        with self._begun() as connection:
            connection.executemany(RECORD, events)
            if drained is not None:
                Writer(connection).note_drain(drained)

    def _is_taken(self, events: Sequence[Recorded]) -> bool:
        """Tell whether the database can hold *events*; it is left as it was."""
        with suppress(Tried):
            try:
                with self._begun() as connection:
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

    # What is in the spool counts as new. It is looked at first: what moves meanwhile
    # is then seen twice, and never overlooked.

    def counts(self) -> Mapping[State, int]:
        """Return the number of executions in each state; reads no rows of theirs."""
        waiting = 0 if self.spool is None else self.spool.count()
        counts = super().counts()
        return {**counts, State.NEW: counts[State.NEW] + waiting}

    def oldest_pending_at(self) -> float | None:
        """Return when the oldest pending event was recorded."""
        waiting = None if self.spool is None else self.spool.oldest_at()
        known = super().oldest_pending_at()
        return min((at for at in (waiting, known) if at is not None), default=None)

    def overdue_since(self, *, is_paused: bool) -> float | None:
        """
        Return when the oldest pending event was recorded that waits by no rule.

        A quota and a listing that lags are rules, for a trade as a whole; *is_paused*
        says that nothing new is sent, by another.
        """
        waiting = None if self.spool is None else self.spool.oldest_at()
        known = super().overdue_since(is_paused=is_paused)
        return min((at for at in (waiting, known) if at is not None), default=None)

    def trade_counts(self) -> dict[str, int]:
        """
        Return how many trades are pending, verified and so on, as :func:`outcome_of`.

        A trade is ``differs`` that would be verified, and has an outcome that no person
        has accepted. Reads a row of each execution.
        """
        ids = set() if self.spool is None else self.spool.trade_ids()
        counts = super().trade_counts()
        outcomes = self.outcomes_of(ids)
        for states in (known := super().states_of(ids)).values():
            counts[outcome_of(states.values())] -= 1
        for trade_id in ids & set(known):
            is_off = any(not each.accepted for each in outcomes.get(trade_id, ()))
            if is_off and outcome_of(known[trade_id].values()) == "verified":
                counts["verified"] += 1
                counts["differs"] -= 1
        counts["pending"] += len(ids)
        return counts

    def states_of(self, trade_ids: Iterable[str]) -> dict[str, dict[Kind, State]]:
        """
        Return how far the executions of these trades are.

        What is in the inbox counts as new; a trade that was not recorded has none.
        """
        wanted = set(trade_ids)
        waiting = {} if self.spool is None else self.spool.kinds_of(wanted)
        found = super().states_of(wanted)
        for trade_id, kinds in waiting.items():
            for kind in kinds - {EventKind.CORRECTION}:
                found.setdefault(trade_id, {})[leg_of(kind)] = State.NEW
        return found

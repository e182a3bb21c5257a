"""
An outbox on a server, and before it a file of this machine for the hooks.

A hook never waits for the network: it writes into the file, as if there were no server,
and the worker of whichever process moves what is there over. The file keeps what came
while the server was away, and what a killed process had no time for.
"""

import fcntl
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from argo_tradervue_plugin.errors import OutboxBusy, OutboxError
from argo_tradervue_plugin.journal.executions import Kind
from argo_tradervue_plugin.outbox.interface import HOOK_PATIENCE, State
from argo_tradervue_plugin.outbox.postgres import PostgresOutbox
from argo_tradervue_plugin.outbox.sqlite import SqliteOutbox

__all__ = ["SpooledOutbox", "alone"]

AT_ONCE: Final = 500  # events that are moved to the server in one transaction
PIECE: Final = 25  # events that leave the file in one: a hook waits no longer
NAP: Final = 0.001  # seconds in which hooks may have the file to themselves


class SpooledOutbox(PostgresOutbox):
    """
    The outbox at *url*, with *spool* for what hooks write on this machine.

    Processes of one machine share the spool; one at a time moves whatever is in it, so
    that events keep their order. One that was moved before its mover died is moved
    again, which does no harm: told twice it is one.
    """

    def __init__(self, url: str, spool: SqliteOutbox, *, is_lazy: bool = False) -> None:
        self.spool = spool
        super().__init__(url, is_lazy=is_lazy)

    def _open(self) -> None:
        with suppress(OutboxError):  # a disk that is full is no reason to stand still
            self.spool.open()
        super()._open()

    def record(
        self,
        trade_id: str,
        kind: Kind,
        identity: str,
        payload: str,
        now: float,
        *,
        patience: float = HOOK_PATIENCE,
    ) -> None:
        """See :meth:`~.interface.Outbox.record`; a hook's goes into the spool."""
        event = (trade_id, kind, identity, payload, now)
        try:
            self.spool.record(*event, patience=patience)
        except OutboxError as error:
            if isinstance(error, OutboxBusy) or patience <= HOOK_PATIENCE:
                raise
            super().record(*event, patience=patience)  # the worker has the time

    def gather(self) -> bool:
        """See :meth:`~.interface.Outbox.gather`."""
        if not self.spool.is_open:
            with suppress(OutboxError):
                self.spool.open()
            return False
        gathered = False
        if self.spool.inbox(1):
            with alone(self.spool.path.with_suffix(".moving")) as is_alone:
                while is_alone and (events := self.spool.inbox(AT_ONCE)):
                    self.take_over(events)
                    for start in range(0, len(events), PIECE):
                        self.spool.drop(events[start : start + PIECE])
                        time.sleep(NAP)
                    gathered = True
        self.spool.tidy()
        return gathered

    # What is in the spool counts as new. It is looked at first: what moves meanwhile
    # is then seen twice, and never overlooked.

    def counts(self) -> Mapping[State, int]:
        """See :meth:`~.interface.Outbox.counts`."""
        waiting = self._spooled()
        counts = super().counts()
        return {**counts, State.NEW: counts[State.NEW] + waiting}

    def _spooled(self) -> int:
        return self.spool.counts()[State.NEW] if self.spool.is_open else 0

    def oldest_pending_at(self) -> float | None:
        """See :meth:`~.interface.Outbox.oldest_pending_at`."""
        waiting = self.spool.oldest_pending_at() if self.spool.is_open else None
        known = super().oldest_pending_at()
        return min((at for at in (waiting, known) if at is not None), default=None)

    def states_of(self, trade_ids: Iterable[str]) -> dict[str, dict[Kind, State]]:
        """See :meth:`~.interface.Outbox.states_of`."""
        wanted = list(trade_ids)
        found = self.spool.states_of(wanted) if self.spool.is_open else {}
        for trade_id, states in super().states_of(wanted).items():
            found[trade_id] = found.get(trade_id, {}) | states
        return found

    def close(self) -> None:
        """See :meth:`~.interface.Outbox.close`."""
        self.spool.close()
        super().close()


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """
    Tell inside the block whether this process alone of the machine is in one on *path*.

    The system keeps the lock, and ends it with the process. Where *path* cannot be
    made, on a full disk, nobody is kept from going on.
    """
    try:
        file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        yield True
        return
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(file)

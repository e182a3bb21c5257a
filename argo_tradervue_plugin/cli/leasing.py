"""The lease of an outbox, for a command that needs every forwarder to stand still."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Final
from uuid import uuid4

import click

from argo_tradervue_plugin.cli.exits import Problem
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.lane import lease_seconds
from argo_tradervue_plugin.delivery.lease import (
    ends_too_late,
    holder_name,
    is_gone,
    place_of,
)
from argo_tradervue_plugin.outbox.leases import LONGEST_LEASE
from argo_tradervue_plugin.outbox.records import Lease
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = ["leased", "renewed"]

LOOK: Final = 1.0  # seconds between two tries
LENGTH: Final = LONGEST_LEASE - 30  # clocks differ by as much


@contextmanager
def leased(store: Outbox, settings: Settings, purpose: str) -> Iterator[Lease]:
    """
    Hold the lease of *store* inside the block, for at most :data:`LENGTH` seconds.

    A lease that ends later than any can is taken after a lease's length without a sign
    of life of its holder, which is waited for.

    Raises:
        Problem: a process forwards.
    """
    name = f"{holder_name()}/{purpose}-{uuid4().hex[:8]}"
    length = lease_seconds(settings)
    give_up_at = monotonic() + length + 10 * LOOK
    is_waiting = False
    while (
        lease := store.claim(name, now=time.time(), ttl=length, is_gone=is_gone)
    ) is None:
        who = place_of(store.lease_holder() or "")
        if not ends_too_late(store, time.time()) or monotonic() > give_up_at:
            raise Problem(f"{store} is forwarded by {who} now: stop that host first")
        if not is_waiting:
            click.echo(
                f"The lease of {who} ends later than any can: a clock is wrong, or "
                f"was. Waiting {length:.0f} s for a sign of life of it.",
                err=True,
            )
        is_waiting = True
        sleep(LOOK)
    try:
        yield renewed(store, lease)
    finally:
        store.release(lease)


def renewed(store: Outbox, lease: Lease) -> Lease:
    """
    Return *lease*, which lasts from now on for as long as any can.

    Raises:
        LeaseLost: another process forwards now.
    """
    return store.renew(lease, now=time.time(), ttl=LENGTH)

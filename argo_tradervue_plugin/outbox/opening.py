"""Which engine an outbox has: its database is a path, or the URL of a PostgreSQL."""

from pathlib import Path

from argo_tradervue_plugin.databases import is_url, spool_of
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.interface import Outbox
from argo_tradervue_plugin.outbox.sqlite import SqliteOutbox
from argo_tradervue_plugin.settings import Settings

__all__ = ["open_outbox", "outbox_of"]


def outbox_of(settings: Settings, *, is_lazy: bool = False) -> Outbox:
    """
    Open the outbox that *settings* name, as a host needs it.

    Raises:
        OutboxError: as :func:`open_outbox`.
    """
    place = settings.outbox
    return open_outbox(
        place,
        durability=settings.durability,
        spool=spool_of(place) if is_url(place) else None,
        is_lazy=is_lazy,
    )


def open_outbox(
    database: str,
    *,
    durability: str = "normal",
    spool: str | Path | None = None,
    is_lazy: bool = False,
) -> Outbox:
    """
    Open the outbox at *database*, a path or a ``postgresql://`` URL.

    *durability* is about a file; what a server promises is up to who runs it.
    *spool* is a file of this machine, for hooks that must not wait for a server.
    *is_lazy* leaves the opening for later.

    Raises:
        OutboxError: where it cannot be opened, or psycopg is not installed.
    """
    if not is_url(database):
        return SqliteOutbox(database, durability=durability, is_lazy=is_lazy)
    try:
        from argo_tradervue_plugin.outbox.postgres import PostgresOutbox
        from argo_tradervue_plugin.outbox.spooled import SpooledOutbox
    except ImportError as error:
        raise OutboxError(
            "an outbox on PostgreSQL needs psycopg: "
            f"pip install 'argo-tradervue-plugin[postgres]' ({error})"
        ) from error
    if spool is None:
        return PostgresOutbox(database, is_lazy=is_lazy)
    near = SqliteOutbox(spool, durability=durability, is_lazy=True)
    return SpooledOutbox(database, near, is_lazy=is_lazy)

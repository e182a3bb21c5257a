"""Which engine an outbox has: its database is a path, or the URL of a PostgreSQL."""

from argo_tradervue_plugin.databases import is_url, spool_of, without_password
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.interface import Outbox
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.sqlite import SqliteOutbox
from argo_tradervue_plugin.settings import Settings

__all__ = ["existing_outbox", "open_outbox", "outbox_of"]


def existing_outbox(settings: Settings) -> Outbox:
    """
    Open the outbox that *settings* name as it is there; none is made.

    Raises:
        OutboxError: there is none, or it cannot be opened.
    """
    outbox = outbox_of(settings, is_lazy=True)
    if not outbox.stored_version():
        outbox.close()
        raise OutboxError(
            f"there is no outbox at {without_password(settings.outbox)}: nothing was "
            "recorded there yet, or another one is meant (--config FILE names the "
            "host's settings)"
        )
    outbox.open()
    return outbox


def outbox_of(settings: Settings, *, is_lazy: bool = False) -> Outbox:
    """
    Open the outbox that *settings* name, with a spool before it, as a host needs it.

    Raises:
        OutboxError: as :func:`open_outbox`.
    """
    place, durability = settings.outbox, settings.durability
    spool = Spool(spool_of(place), durability=durability)
    return open_outbox(place, durability=durability, spool=spool, is_lazy=is_lazy)


def open_outbox(
    database: str,
    *,
    durability: str = "normal",
    spool: Spool | None = None,
    is_lazy: bool = False,
) -> Outbox:
    """
    Open the outbox at *database*, a path or a ``postgresql://`` URL.

    *durability* is about a file; what a server promises is up to who runs it.
    *spool* is where hooks of this machine write. *is_lazy* leaves the opening for
    later.

    Raises:
        OutboxError: where it cannot be opened, or psycopg is not installed.
    """
    if not is_url(database):
        return SqliteOutbox(
            database, durability=durability, spool=spool, is_lazy=is_lazy
        )
    try:
        from argo_tradervue_plugin.outbox.postgres import PostgresOutbox
    except ImportError as error:
        raise OutboxError(
            "an outbox on PostgreSQL needs psycopg: "
            f"pip install 'argo-tradervue-plugin[postgres]' ({error})"
        ) from error
    return PostgresOutbox(database, spool=spool, is_lazy=is_lazy)

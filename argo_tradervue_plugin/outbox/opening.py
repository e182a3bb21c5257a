"""Which engine an outbox has: its database is a path, or the URL of a PostgreSQL."""

from argo_tradervue_plugin.config.databases import Database, is_url, meant
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.places import refuse_new
from argo_tradervue_plugin.config.settings import DEFAULT_SCHEMA, Settings
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.spools import Intake, Spools
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = ["open_outbox", "outbox_of"]


def outbox_of(
    settings: Settings, locations: Locations | None = None, *, is_lazy: bool = False
) -> Outbox:
    """
    Return the outbox of *settings*, with the spools before it, as a host needs it.

    Where the settings name no database, it is placed once the account is known.

    Raises:
        ConfigError: nothing is there yet, and it is no place for one.
        OutboxError: as :func:`open_outbox`.
    """
    where = locations or Locations.of(settings)
    refuse_new(settings, where)
    spools = Spools(Spool(where.spool, durability=settings.durability))
    database = where.database
    if database is None:
        engine = Sqlite(None, durability=settings.durability)
        return Outbox(engine, spool=spools, is_lazy=True)
    return open_outbox(
        meant(settings.database)
        if settings.database and is_url(database)
        else database,
        schema=settings.database_schema,
        durability=settings.durability,
        spool=spools,
        is_lazy=is_lazy,
    )


def open_outbox(
    database: str,
    *,
    schema: str = DEFAULT_SCHEMA,
    durability: str = "normal",
    spool: Intake | None = None,
    is_lazy: bool = False,
) -> Outbox:
    """
    Open the outbox at *database*, a path or a ``postgresql://`` URL.

    *durability* is about a file; what a server promises is up to who runs it, and a
    *schema* is what a server has.
    *spool* is where hooks of this machine write. *is_lazy* leaves the opening for
    later.

    Raises:
        OutboxError: where it cannot be opened, or psycopg is not installed.
    """
    database = Database(database)
    if not is_url(database):
        file = Sqlite(database, durability=durability)
        return Outbox(file, spool=spool, is_lazy=is_lazy)
    try:
        from argo_tradervue_plugin.outbox.postgres import Postgres
    except ImportError as error:
        raise OutboxError(
            "an outbox on PostgreSQL needs psycopg: "
            f"pip install 'argo-tradervue-plugin[postgres]' ({error})"
        ) from error
    return Outbox(Postgres(database, schema=schema), spool=spool, is_lazy=is_lazy)

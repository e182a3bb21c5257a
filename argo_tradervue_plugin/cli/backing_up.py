"""``backup`` and ``restore``: a copy of an outbox in one file, and back."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from argo_tradervue_plugin.cli.exits import Wrong
from argo_tradervue_plugin.cli.finding import (
    Found,
    NotFound,
    find,
    opened_outbox,
    unopened,
)
from argo_tradervue_plugin.cli.leasing import leased, renewed
from argo_tradervue_plugin.cli.looking import settings_from
from argo_tradervue_plugin.cli.options import config
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.signs import FORWARDER
from argo_tradervue_plugin.errors import AccountMismatch, OutboxDamaged, OutboxError
from argo_tradervue_plugin.outbox import backup as backups
from argo_tradervue_plugin.outbox.kept import days_in
from argo_tradervue_plugin.outbox.spools import Spools
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.sqlite_files import stamp_of
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = ["backup", "restore"]

BEFORE: Final = ".before-restore-"
MOST_DAYS: Final = 31  # that are named one by one


@click.command()
@config
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace the backup at PATH.")
def backup(*, config: Path | None, path: Path, force: bool) -> None:
    """
    Write everything in the outbox and its spools to PATH, while its host runs.

    PATH is one file, whatever the engine, and only its owner may read it.

    Exit code: 0 when it is written; 2 when something is at PATH, with --force when that
    is no backup; 3 when the outbox cannot be read, or PATH not be written.
    """
    with closing(opened_outbox(settings_from(config))) as store:
        try:
            with progress() as say:
                trades = backups.back_up(
                    store, path, now=time.time(), replaces=force, copied_rows=say
                )
        except FileExistsError:
            raise Wrong(f"there is a file at {path}: --force replaces it") from None
        except backups.Unusable as error:
            raise Wrong(str(error)) from error
        click.echo(f"{path} has everything of {store}: {trades} trades")


@contextmanager
def progress() -> Iterator[Callable[[int], None]]:
    """Give what shows on a terminal how many rows are copied."""
    with Console(stderr=True).status("Copying") as status:
        yield lambda rows: status.update(f"{rows:,} rows are copied")


@click.command()
@config
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(*, config: Path | None, path: Path) -> None:
    """
    Put the backup at PATH in place of the outbox, which is kept beside it.

    Refused while a process forwards: stop the host first. What was drained since is
    taken up again, and looked for in the journal before it is sent. An outbox that is
    damaged is moved away.

    Exit code: 0 when it is restored; 1 when a process forwards, or the backup is of
    another account; 2 when PATH is no backup; 3 when the outbox cannot be written.
    """
    settings = settings_from(config)
    try:
        with backups.opened(path) as made:
            put_back(settings, made, path)
    except backups.Unusable as error:
        raise Wrong(str(error)) from error


def put_back(settings: Settings, made: backups.Backup, path: Path) -> None:
    """Restore *made*, which is at *path*, and say what there is to know."""
    with closing(target_of(settings, made)) as store:
        try:
            replace(settings, store, made, path)
        except OutboxDamaged:
            if not isinstance(store.engine, Sqlite):
                raise
            click.echo(f"{store} is damaged, and is moved away", err=True)
            store.close()
            before = move_away(store.engine.path)
        else:
            return
    with closing(target_of(settings, made)) as fresh:
        replace(settings, fresh, made, path)
    say_before(before)


def replace(
    settings: Settings, store: Outbox, made: backups.Backup, path: Path
) -> None:
    """
    Put what is in *made* in place of everything in *store*, which is kept.

    Raises:
        AccountMismatch: they are of two accounts.
        OutboxDamaged: what is there cannot be read.
    """
    store.open()
    stamp = store.stamp()
    if None not in (stamp, made.account) and stamp != made.account:
        raise AccountMismatch(
            f"{path} is of {made.account}, and {store} belongs to {stamp}: nothing "
            "was changed"
        )
    if isinstance(store.engine, Sqlite):
        store.engine.see_sound()
    with leased(store, settings, "restore") as begun:
        with progress() as say:
            before = keep_present(store, path, say)
            lease = renewed(store, begun)  # the copy of a large outbox takes minutes
            backups.restore(store, made, lease, now=time.time(), copied_rows=say)
        with store.write(lease) as writer:
            writer.set_condition(FORWARDER, None)
        store.gather()
    click.echo(f"{store} is as {path} was {when(made)}: {made.trades} trades")
    if before is not None:
        say_before(before)
    say_gaps(store, made)


def move_away(path: Path) -> Path:
    """
    Rename a damaged outbox, and what SQLite has beside it; return its new name.

    A host that has it open notices, and goes on with what is in its place.
    """
    kept = name_before(path)
    for ending in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{path}{ending}").rename(f"{kept}{ending}")
    return kept


def name_before(place: Path) -> Path:
    """Return under which name is kept what a restore replaces at *place*."""
    while True:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        kept = place.with_name(f"{place.name}{BEFORE}{stamp}")
        if not kept.exists():
            return kept
        time.sleep(0.1)  # one of the same second is kept too


def target_of(settings: Settings, made: backups.Backup) -> Outbox:
    """Return the outbox that is meant; where there is none, that of the account."""
    try:
        found = find(settings, is_making=True)
    except NotFound:
        locations = Locations.of(settings)
        if made.account is None or locations.candidates(stamp_of):
            raise
        found = Found(database=str(locations.outbox_of(made.account, stamp_of)))
    return unopened(settings, found)


def say_before(kept: Path) -> None:
    """Say where the outbox is that was replaced, and what all such take on the disk."""
    place = kept.name.rpartition(BEFORE)[0]
    sizes = [
        file.stat().st_size
        for file in kept.parent.iterdir()
        if file.name.startswith(f"{place}{BEFORE}") and file.is_file()
    ]
    click.echo(f"what it was before is in {kept}")
    click.echo(
        f"all that restores have left beside it takes {sum(sizes) / 1_000_000:.1f} MB: "
        "only you delete it"
    )


def keep_present(store: Outbox, path: Path, say: Callable[[int], None]) -> Path | None:
    """Keep what *store* holds in a file beside it; None where it holds nothing."""
    if not store.holds_something():
        return None
    place = store.engine.path if isinstance(store.engine, Sqlite) else path
    kept = name_before(place)
    backups.back_up(store, kept, now=time.time(), replaces=True, copied_rows=say)
    return kept


def when(made: backups.Backup) -> str:
    """Return in words when a backup was made."""
    if made.made_at is None:
        return "when it was copied"
    return f"on {datetime.fromtimestamp(made.made_at, UTC):%Y-%m-%d at %H:%M:%S} UTC"


def say_gaps(store: Outbox, made: backups.Backup) -> None:
    """Name the days of which something recorded after the backup may be missing."""
    missing = gaps(made, kept_days(store), datetime.now(UTC).date())
    if not missing:
        click.echo(
            "files are kept here of every day since then, and taken up again; what "
            "other machines have recorded is kept there"
        )
        return
    named = ", ".join(map(str, missing[-MOST_DAYS:]))
    more = len(missing) - MOST_DAYS
    click.echo(
        f"no files are kept here of {f'{more} days before and ' if more > 0 else ''}"
        f"{named}: what was recorded on those days and after the backup may be "
        "missing; argo-tradervue sync FILE sends what the tracker still has"
    )


def gaps(made: backups.Backup, kept: set[date], today: date) -> list[date]:
    """Return the days since the backup, in UTC, of which no file is *kept*."""
    if made.made_at is None:
        # When it was copied is not known: what is kept begins somewhere.
        first = min(kept, default=today)
    else:
        first = datetime.fromtimestamp(made.made_at, UTC).date()
    days = (first + timedelta(days=n) for n in range((today - first).days + 1))
    return [day for day in days if day not in kept]


def kept_days(store: Outbox) -> set[date]:
    """
    Return the days of which drained files are kept on this machine, in UTC.

    Raises:
        OutboxError: they cannot be read.
    """
    account = store.stamp()
    if account is None or not isinstance(store.spool, Spools):
        return set()
    try:
        return days_in(store.spool.folders(), account)
    except OSError as error:
        raise OutboxError(f"what was drained cannot be read: {error}") from error

"""What ``check`` says of this machine: outbox, spool, disk and clock."""

import os
import shutil
from pathlib import Path
from typing import Final

import click

from argo_tradervue_plugin.cli.finding import NotFound, account_of, find, unopened
from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.config.databases import shown
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.places import to_change
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.joining import left_behind
from argo_tradervue_plugin.errors import (
    AccountMismatch,
    OutboxError,
    OutboxTooNew,
    WrongPlace,
)
from argo_tradervue_plugin.outbox.migrations import SQLITE
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = ["check_outbox", "check_places", "check_spool", "clock_in_words"]

LEAST_FREE: Final = 50 * 1024 * 1024  # bytes; below it a day's trades may not fit
GB: Final = 1024**3
# An answer's time has whole seconds, and took a moment to come.
UNSURE: Final = 2.0  # seconds
FAR_OFF: Final = 30.0  # seconds; leases and pauses of several machines rely on less


def check_places(settings: Settings) -> None:
    """
    Take care that a person has nothing to change of the places that are in use.

    Raises:
        WrongPlace: there is something.
    """
    if lines := to_change(settings, Locations.of(settings)):
        raise WrongPlace("\n".join(lines))


def check_outbox(settings: Settings) -> None:
    """
    Print what is at the outbox's place and whose it is; makes nothing.

    Raises:
        AccountMismatch: it belongs to another account than the login found here.
        OutboxError: it cannot be read or written, or the disk is full.
    """
    try:
        found = find(settings)
    except NotFound as error:
        click.echo(f"outbox       is not there yet, the host makes it: {error}")
        see_writable(Locations.of(settings).spools.parent)
        return
    outbox = unopened(settings, found)
    try:
        version, newest = outbox.engine.stored_version(), len(SQLITE)
        if version > newest:
            raise OutboxTooNew(
                f"{outbox} was written by a newer version of this plugin (schema "
                f"{version}, this one knows {newest}): update it"
            )
        if version == newest:
            with outbox.maintain():  # begins to write, and writes nothing
                pass
            if isinstance(outbox.engine, Sqlite):
                outbox.engine.see_sound()
        stamp = outbox.stamp() if version == newest else None
    finally:
        outbox.close()
    if not version:
        state = "is not there yet, the host's start makes it"
    elif version < newest:
        state = f"schema {version}, the host's next start makes it {newest}"
    else:
        sound = "sound, " if isinstance(outbox.engine, Sqlite) else ""
        state = f"schema {version}, {sound}writable"
    click.echo(f"outbox       {outbox}: {state}")
    if found.path is not None:
        see_writable(found.path.parent)
    check_account(outbox, stamp, account_of(settings))
    for one in left_behind(Locations.of(settings), outbox):
        click.echo(f"left behind  {one}")


def check_account(outbox: Outbox, stamp: Account | None, here: Account | None) -> None:
    """
    Print whose journal the outbox is sent to.

    Raises:
        AccountMismatch: not to that of the login found here.
    """
    owner = "no account yet" if stamp is None else str(stamp)
    click.echo(f"account      {owner}")
    if stamp is not None and here is not None and stamp != here:
        raise AccountMismatch(
            f"the outbox {outbox} belongs to {stamp}, and the login found here is "
            f"{here}: nothing of it is sent to another account. Name the other outbox, "
            "or run `argo-tradervue account move` where it was renamed"
        )


def check_spool(settings: Settings) -> None:
    """
    Print whether hooks can write; makes nothing.

    Raises:
        OutboxError: they cannot.
    """
    folder = Locations.of(settings).spool
    there = see_writable(folder)
    if not folder.exists():
        state = "is not there yet, the first event makes it"
    else:
        number = Spool(folder).count()
        state = f"writable, {number} events wait" if number else "writable, empty"
    free = shutil.disk_usage(there).free
    click.echo(f"spool        {shown(folder)}: {state}")
    click.echo(f"disk         {free / GB:.1f} GB free at {shown(there)}")


def see_writable(folder: Path) -> Path:
    """
    See that files can be made in *folder*, or in what of it is there; return that.

    Raises:
        OutboxError: they cannot.
    """
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise OutboxError(f"{shown(there)} is no folder that this user may write to")
    free = shutil.disk_usage(there).free
    if free < LEAST_FREE:
        where = shown(there)
        raise OutboxError(f"the disk at {where} is nearly full: {free} bytes are free")
    return there


def clock_in_words(ahead: float | None) -> str:
    """Return how far this machine's clock is *ahead* of Tradervue's, in seconds."""
    if ahead is None:
        return "unknown: the answer has no Date"
    if abs(ahead) <= UNSURE:
        return "agrees with Tradervue's"
    side = "ahead of" if ahead > 0 else "behind"
    text = f"{abs(ahead):.0f} s {side} Tradervue's"
    return f"{text}: let it be set by NTP" if abs(ahead) > FAR_OFF else text

"""What ``check`` says of this machine: outbox, spool, disk and clock."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from argo_tradervue_plugin.databases import is_url, spool_of, without_password
from argo_tradervue_plugin.errors import OutboxError, OutboxTooNew
from argo_tradervue_plugin.outbox.migrations import SQLITE
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.settings import Settings

__all__ = ["check_outbox", "check_spool", "clock_in_words"]

LEAST_FREE: Final = 50 * 1024 * 1024  # bytes; below it a day's trades may not fit
GB: Final = 1024**3
# An answer's time has whole seconds, and took a moment to come.
UNSURE: Final = 2.0  # seconds
FAR_OFF: Final = 30.0  # seconds; leases and pauses of several machines rely on less


def check_outbox(settings: Settings) -> None:
    """
    Print what is at the outbox's place, or what would be made there; makes nothing.

    Raises:
        OutboxError: it cannot be read or written, or the disk is full.
    """
    place = without_password(settings.outbox)
    outbox = outbox_of(settings, is_lazy=True)
    try:
        version, newest = outbox.stored_version(), len(SQLITE)
        if version > newest:
            raise OutboxTooNew(
                f"{place} was written by a newer version of this plugin (schema "
                f"{version}, this one knows {newest}): update it"
            )
        if version == newest:
            with outbox.maintain():  # begins to write, and writes nothing
                pass
    finally:
        outbox.close()
    if not version:
        state = "is not there yet, the host's start makes it"
    elif version < newest:
        state = f"schema {version}, the host's next start makes it {newest}"
    else:
        state = f"schema {version}, writable"
    click.echo(f"outbox       {place}: {state}")
    if not is_url(settings.outbox):
        see_writable(Path(settings.outbox).expanduser().absolute().parent)


def check_spool(settings: Settings) -> None:
    """
    Print whether hooks can write; makes nothing.

    Raises:
        OutboxError: they cannot.
    """
    folder = spool_of(settings.outbox).absolute()
    there = see_writable(folder)
    if not folder.exists():
        state = "is not there yet, the first event makes it"
    else:
        number = sum(1 for _ in files_in(folder))
        state = f"writable, {number} files wait" if number else "writable, empty"
    free = shutil.disk_usage(there).free
    click.echo(f"spool        {folder}: {state}")
    click.echo(f"disk         {free / GB:.1f} GB free at {there}")


def files_in(folder: Path) -> Iterator[Path]:
    """Yield what waits in the spool at *folder*."""
    return (path for path in folder.iterdir() if path.stat().st_size)


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
        raise OutboxError(f"{there} is no folder that this user may write to")
    free = shutil.disk_usage(there).free
    if free < LEAST_FREE:
        raise OutboxError(f"the disk at {there} is nearly full: {free} bytes are free")
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

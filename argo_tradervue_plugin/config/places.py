"""
Whether the places of a configuration can be used, and what to change where not.

A new place is refused at the start. Where an outbox or a spool is in use already,
recording goes on, and the start and the status say what to change.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs

from argo_tradervue_plugin.config.databases import is_url, shown
from argo_tradervue_plugin.config.locations import NO_HOME, Locations, entries
from argo_tradervue_plugin.config.mounts import network_file_system, read_mounts
from argo_tradervue_plugin.config.objections import (
    objections_to_file,
    objections_to_folder,
    objections_to_way,
)
from argo_tradervue_plugin.config.settings import SECTION, Settings
from argo_tradervue_plugin.errors import ConfigError

__all__ = ["misplaced", "refuse_new", "to_change"]

# A folder whose server is away never answers; one that is there does within this.
PATIENCE: Final = 0.3  # seconds
MOVE: Final = (
    "run argo-tradervue backup FILE, set {setting} to {meant}, run argo-tradervue "
    "restore FILE, and start the host again"
)

ReadMounts = Callable[[], bytes]


@attrs.frozen
class Place:
    """Where something of ours is written; *holds* tells whether it is in use."""

    path: Path
    holds: Callable[[], bool]


def misplaced(locations: Locations) -> str | None:
    """Return how to move an outbox whose file was meant to be something else."""
    if locations.misplaced is None:
        return None
    setting = f"{SECTION}.database"
    return (
        f"{setting} was taken for the name of a file by an earlier version, and its "
        f"outbox is in the folder {shown(locations.database or '')}: recording goes on "
        f"there, and nothing is sent. To move it: "
        + MOVE.format(setting=setting, meant=locations.misplaced)
    )


def refuse_new(
    settings: Settings, locations: Locations, read: ReadMounts = read_mounts
) -> None:
    """
    Take care that a place where nothing is yet can be used.

    Raises:
        ConfigError: it cannot; the text says what to set.
    """
    networks = list(on_networks(locations, read()))
    if not networks and is_homeless(locations):
        raise ConfigError([NO_HOME.format(f"{locations.folder} cannot be made")])
    for place, kind in networks:
        if not settings.allow_network_files and not in_time(place.holds):
            raise ConfigError([on_network(place, kind)])


def to_change(
    settings: Settings, locations: Locations, read: ReadMounts = read_mounts
) -> list[str]:
    """Return what a person should change of places that are in use."""
    found = [line for line in (misplaced(locations),) if line]
    networks = list(on_networks(locations, read()))
    if networks:  # whose files are not looked at: it may take for ever
        if not settings.allow_network_files:
            found += [on_network(place, kind) for place, kind in networks]
        return found
    with suppress(OSError):
        found += objections(locations)
    return found


def places_of(locations: Locations) -> Iterator[Place]:
    """Yield where the spool and, if it is a file, the outbox of *locations* are."""
    database = locations.database
    if database is None:
        yield Place(
            locations.folder,
            lambda: bool(locations.outboxes()) or locations.spool.exists(),
        )
        return
    is_file = not is_url(database)
    if is_file:
        path = Path(database)
        yield Place(path, lambda: path.exists() or locations.spools.exists())
    yield Place(
        locations.spools,
        lambda: locations.spools.exists() or (is_file and Path(database).exists()),
    )


def on_networks(locations: Locations, mounts: bytes) -> Iterator[tuple[Place, str]]:
    """Yield the places that are in a network file system, and in which kind."""
    for place in places_of(locations):
        kind = network_file_system(place.path, mounts)
        if kind is not None:
            yield place, kind


def on_network(place: Place, kind: str) -> str:
    """Return what to change of *place*, which is in a network file system."""
    return (
        f"{shown(place.path)} is in a network file system ({kind}), where a hook would "
        f"wait for the network: set {SECTION}.database to a path on a disk of this "
        "machine or to a postgresql:// URL, or XDG_STATE_HOME to a local folder; who "
        f"knows better sets {SECTION}.allow_network_files to true"
    )


def is_homeless(locations: Locations) -> bool:
    """Tell whether nothing is in the user's state folder, and it cannot be made."""
    if locations.database is not None and not is_url(locations.database):
        return False
    there = locations.folder
    while not os.path.lexists(there):
        there = there.parent
    if there == locations.folder or os.access(there, os.W_OK | os.X_OK):
        return False
    # Somebody's own folder that cannot be written to now is on a bad disk.
    return there.stat().st_uid != os.geteuid()


def in_time(ask: Callable[[], bool]) -> bool:
    """Return what *ask* says, False where it does not answer."""
    answers: list[bool] = []

    def answer() -> None:
        with suppress(OSError):
            answers.append(ask())

    try:
        thread = threading.Thread(
            target=answer, name="argo-tradervue-place", daemon=True
        )
        thread.start()
    except RuntimeError:  # the interpreter ends
        return False
    thread.join(PATIENCE)
    return any(answers)


def objections(locations: Locations) -> list[str]:
    """
    Return what speaks against the files and folders that are in use.

    Raises:
        OSError: one of them cannot be looked at.
    """
    me, groups = os.geteuid(), {*os.getgroups(), os.getegid()}
    folders = [locations.spools, locations.spool]
    files = [*entries(locations.spool)]
    database = locations.database
    if database is None:
        folders.append(locations.folder)
        files += locations.outboxes()
    elif not is_url(database):
        files.append(Path(database))
    found: dict[str, None] = {}
    for folder in folders:
        if os.path.lexists(folder):
            for one in objections_to_folder(folder, folder.stat(), me, groups):
                found[one.text] = None
    for file in files:
        for one in objections_to_way(file, me):
            found[one.text] = None
        there = file.resolve()
        if there.is_file():
            info, around = there.lstat(), there.parent.stat()
            for one in objections_to_file(there, info, around, me):
                found[one.text] = None
    return list(found)

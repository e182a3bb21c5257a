"""
How files and folders of ours are opened and made, for whom they are meant.

What an earlier version left, and is this user's own, goes on being used although others
may write to it; :mod:`~.places` says what to change.
"""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

import attrs

from argo_tradervue_plugin.config.databases import shown
from argo_tradervue_plugin.config.objections import (
    ROOT,
    Objection,
    is_shared,
    objections_to_file,
    objections_to_folder,
    objections_to_way,
)
from argo_tradervue_plugin.guard import log

__all__ = [
    "RefusedFile",
    "make_file",
    "make_folder",
    "moved_aside",
    "opened_to_append",
    "opened_to_read",
    "see",
]

MOST_ASIDE: Final = 100  # files of root's beside one another
# A pipe is opened without waiting for its other end, and found out afterwards.
SAFELY: Final = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class RefusedFile(OSError):
    """A file or a folder is none that can be ours; the text names it, and says why."""


@attrs.frozen
class Manner:
    """How files and folders are made in a folder; None leaves what the system does."""

    file_mode: int
    folder_mode: int
    uid: int = -1
    gid: int = -1


def manner_of(folder: os.stat_result, me: int) -> Manner:
    """Return how user *me* makes something in *folder*."""
    shared = is_shared(folder)
    modes = (0o660, 0o2770) if shared else (0o600, 0o700)
    if me == ROOT:  # the folder's owner goes on with it
        return Manner(*modes, uid=folder.st_uid, gid=folder.st_gid)
    return Manner(*modes, gid=folder.st_gid if shared else -1)


def see(objections: Iterable[Objection], *, is_in_use: bool) -> None:
    """
    Take care that nothing speaks against a file.

    Raises:
        RefusedFile: something does, and what others may do did not count before.
    """
    for one in objections:
        if not (one.is_loose and is_in_use):
            raise RefusedFile(one.text)


def opened_to_append(path: str) -> int:
    """
    Return a descriptor of the file at *path*, which is made where there is none.

    Raises:
        RefusedFile: it is none that can be ours.
        OSError: it cannot be opened.
    """
    flags = os.O_APPEND | os.O_WRONLY
    for _ in range(2):
        with suppress(FileExistsError):
            return make_file(path, flags)
        with suppress(FileNotFoundError):  # it was taken away meanwhile
            return opened(path, flags)
    return make_file(path, flags)


def opened_to_read(path: Path) -> BinaryIO:
    """
    Return the file at *path*, to be read from its beginning.

    Raises:
        RefusedFile: it is none that can be ours.
        OSError: it cannot be opened.
    """
    return os.fdopen(opened(str(path), os.O_RDONLY), "rb")


def opened(path: str, flags: int) -> int:
    """Return a descriptor of what is at *path*, once it was looked at."""
    try:
        number = os.open(path, flags | SAFELY)
    except OSError as error:
        see_at(path, error)
        raise
    try:
        info = os.fstat(number)
        folder = os.stat(os.path.dirname(path))  # noqa: PTH116,PTH120 - hooks wait
        objections = objections_to_file(path, info, folder, os.geteuid())
        see(objections, is_in_use=info.st_size > 0)
    except BaseException:
        os.close(number)
        raise
    return number


def see_at(path: str, error: OSError) -> None:
    """Say what is at *path*, which could not be opened, where that explains *error*."""
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return
    try:
        info, folder = os.lstat(path), os.stat(os.path.dirname(path))  # noqa: PTH116,PTH120
    except OSError:
        return
    see(objections_to_file(path, info, folder, os.geteuid()), is_in_use=True)


def make_file(path: str | Path, flags: int = os.O_WRONLY) -> int:
    """
    Return a descriptor of a new file at *path*, for whom its folder is meant.

    Raises:
        FileExistsError: there is something.
        OSError: it cannot be made.
    """
    folder = os.stat(os.path.dirname(path))  # noqa: PTH116,PTH120 - a hook waits for it
    manner = manner_of(folder, os.geteuid())
    number = os.open(path, flags | SAFELY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        mode = manner.file_mode
        made = os.fstat(number)
        if not is_given(number, made, manner):
            mode = 0o600
        if stat.S_IMODE(made.st_mode) != mode:
            os.fchmod(number, mode)
    except BaseException:
        os.close(number)
        raise
    return number


def is_given(target: int | Path, made: os.stat_result, manner: Manner) -> bool:
    """Give what was *made* to whom it is meant for; tell whether it is theirs now."""
    wanted = [
        -1 if meant in (-1, is_now) else meant
        for meant, is_now in ((manner.uid, made.st_uid), (manner.gid, made.st_gid))
    ]
    if wanted == [-1, -1]:
        return True
    try:
        os.chown(target, *wanted)
    except PermissionError:  # not a member of that group
        return False
    return True


def make_folder(path: Path, *, is_ours: bool = True) -> None:
    """
    Make the folder at *path*, with all that is missing above, for whom that is meant.

    Others may have a folder that is there and not *is_ours*, as a database's may be.

    Raises:
        RefusedFile: what is there is none that can be ours.
        OSError: it cannot be made.
    """
    me = os.geteuid()
    missing = [path]
    while not os.path.lexists(missing[-1]):
        missing.append(missing[-1].parent)
    there = missing.pop()
    if missing:
        see(objections_to_way(path, me), is_in_use=False)
    manner = manner_of(there.stat(), me)
    for folder in reversed(missing):
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:  # another process makes it, too
            continue
        except NotADirectoryError as error:
            raise RefusedFile(
                f"{shown(there)} is a file where a folder has to be"
            ) from error
        made = folder.lstat()
        mode = manner.folder_mode if is_given(folder, made, manner) else 0o700
        if stat.S_IMODE(made.st_mode) != mode:
            folder.chmod(mode)
    if is_ours or not path.is_dir():
        see_folder(path)


def moved_aside(path: Path, *besides: str) -> bool:
    """
    Move away what a command of root's has left at *path*, and only root can use.

    Only whoever owns the folder can do so. What has one of the endings *besides* goes
    with it. Returns whether the place is free now.
    """
    me = os.geteuid()
    try:
        info, folder = path.lstat(), path.parent.stat()
        if me == ROOT or info.st_uid != ROOT or folder.st_uid != me:
            return False
        for number in range(MOST_ASIDE):
            aside = path.with_name(f"{path.name}.of-root-{number}")
            if not os.path.lexists(aside):
                break
        else:
            return False
        for ending in besides:
            with suppress(FileNotFoundError):
                beside = path.with_name(path.name + ending)
                beside.rename(aside.with_name(aside.name + ending))
        path.rename(aside)
    except OSError:
        return False
    log.error(
        "tradervue.moved_aside file=%s to=%s: a command that root ran has left it, and "
        "this user cannot use it. Run commands as this user; what is in it can be read "
        "after chown, and argo-tradervue sync brings what the tracker still has",
        shown(path),
        aside.name,
    )
    return True


def see_folder(path: Path) -> None:
    """
    Take care that the folder at *path* can be ours.

    Raises:
        RefusedFile: it cannot, or it is no folder.
        OSError: it cannot be looked at.
    """
    me = os.geteuid()
    info = path.stat()
    groups = {*os.getgroups(), os.getegid()}
    is_in_use = False
    if stat.S_ISDIR(info.st_mode):
        with suppress(OSError):
            is_in_use = any(path.iterdir())
    see(objections_to_way(path, me), is_in_use=is_in_use)
    see(objections_to_folder(path, info, me, groups), is_in_use=is_in_use)

"""
What speaks against taking a file or a folder for ours: pure, but for following links.

What others may write to could be anything: events that no host recorded, a link into
somebody's home, a pipe that never answers.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import attrs

from argo_tradervue_plugin.config.databases import shown

__all__ = [
    "ROOT",
    "Objection",
    "is_shared",
    "objections_to_file",
    "objections_to_folder",
    "objections_to_way",
]

ROOT: Final = 0
MOST_LINKS: Final = 40  # as the kernel has it
OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH
KINDS: Final = (
    (stat.S_ISREG, "a file"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISLNK, "a link"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


@attrs.frozen
class Objection:
    """
    What speaks against a file, in words.

    *is_loose*: it is this user's own and others may write to it, which stops nothing
    where it has been in use already.
    """

    text: str
    is_loose: bool = False


def is_shared(folder: os.stat_result) -> bool:
    """Tell whether *folder* is a group's on purpose: its members may write, no more."""
    return folder.st_mode & OTHERS == stat.S_IWGRP


def kind_of(mode: int) -> str:
    """Return what a file of *mode* is, in words."""
    return next((words for test, words in KINDS if test(mode)), "a device")


def objections_to_file(
    path: str | Path, info: os.stat_result, folder: os.stat_result, me: int
) -> Iterator[Objection]:
    """Yield what speaks against the file at *path* in *folder*, for user *me*."""
    if not stat.S_ISREG(info.st_mode):
        yield Objection(
            f"{shown(path)} is {kind_of(info.st_mode)}, and no regular file"
        )
        return
    is_groups = is_shared(folder) and info.st_gid == folder.st_gid
    owners = {me, ROOT} | ({folder.st_uid} if me == ROOT else set())
    if info.st_uid not in owners and not is_groups:
        yield Objection(
            f"{shown(path)} belongs to user {info.st_uid}, and not to the one "
            f"that runs here ({me}): chown it, or name another place"
        )
    elif info.st_mode & (stat.S_IWOTH if is_groups else OTHERS):
        yield Objection(
            f"others can write to {shown(path)}: chmod go-w it", is_loose=True
        )


def objections_to_folder(
    path: str | Path, info: os.stat_result, me: int, groups: Iterable[int]
) -> Iterator[Objection]:
    """Yield what speaks against the folder at *path*, for *me* in *groups*."""
    if not stat.S_ISDIR(info.st_mode):
        yield Objection(
            f"{shown(path)} is {kind_of(info.st_mode)} where a folder has to be: move "
            "it away, or name another place"
        )
        return
    is_groups = is_shared(info) and info.st_gid in groups
    if ROOT not in {me, info.st_uid} and info.st_uid != me and not is_groups:
        yield Objection(
            f"the folder {shown(path)} belongs to user {info.st_uid}, and not to the "
            f"one that runs here ({me}): chown it, or name another place"
        )
    elif info.st_mode & stat.S_IWOTH:
        yield Objection(
            f"others can write to {shown(path)}: chmod o-w it", is_loose=True
        )


def objections_to_way(path: str | Path, me: int) -> Iterator[Objection]:
    """
    Yield what speaks against the links that lead to *path*, an absolute one.

    Raises:
        OSError: it cannot be looked at.
    """
    todo, here, links = str(path).split("/")[::-1], "/", 0
    while todo:
        part = todo.pop()
        if part == "..":
            here = os.path.dirname(here)  # noqa: PTH120 - of what was resolved
        if part in {"", ".", ".."}:
            continue
        there = os.path.join(here, part)  # noqa: PTH118 - as above
        try:
            info = os.lstat(there)
        except (FileNotFoundError, NotADirectoryError):
            return  # no link is behind what is not there
        if not stat.S_ISLNK(info.st_mode):
            here = there
            continue
        links += 1
        if links > MOST_LINKS:
            yield Objection(f"{shown(path)} is a link that leads to itself")
            return
        yield from objections_to_link(there, info, os.stat(here), me)  # noqa: PTH116
        target = os.readlink(there)  # noqa: PTH115 - as above
        here = "/" if target.startswith("/") else here
        todo += target.split("/")[::-1]


def objections_to_link(
    path: str, info: os.stat_result, folder: os.stat_result, me: int
) -> Iterator[Objection]:
    """Yield what speaks against following the link at *path* in *folder*."""
    if info.st_uid not in {me, ROOT}:
        yield Objection(
            f"the link {shown(path)} belongs to user {info.st_uid}, and is not "
            "followed: name the place that it leads to"
        )
    elif folder.st_mode & OTHERS or folder.st_uid not in {me, ROOT}:
        yield Objection(
            f"others can write to the folder of the link {shown(path)}: name the place "
            "that it leads to",
            is_loose=folder.st_uid in {me, ROOT},
        )

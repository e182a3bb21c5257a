"""
Which file systems wait for a network, by what the system has mounted.

Nothing is asked of the file system itself: one whose server is away never answers.
"""

import os
import re
from pathlib import Path
from typing import Final

__all__ = ["network_file_system", "read_mounts"]

MOUNTS: Final = Path("/proc/self/mountinfo")
# Source: Linux, fs/*/super.c, and the subtypes that programs in user space give.
NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "lustre"}
    | {"fuse.sshfs", "fuse.s3fs", "fuse.glusterfs", "fuse.ceph", "fuse.lustre"}
)
POINT: Final = 4  # the field that names where it is mounted
# The kernel writes blanks and backslashes in a path as octal numbers.
ESCAPED: Final = re.compile(rb"\\([0-7]{3})")


def read_mounts() -> bytes:
    """Return what is mounted, as the kernel writes it; nothing where it cannot say."""
    try:
        return MOUNTS.read_bytes()
    except OSError:  # another system, or a security module
        return b""


def network_file_system(path: str | Path, mounts: bytes) -> str | None:
    """
    Return the type of the network file system that *path* is in, None: it is in none.

    Pure: links are not followed. *mounts* is in the form of ``/proc/self/mountinfo``.
    """
    wanted = os.fsencode(os.path.normpath(path)).rstrip(b"/") + b"/"
    deepest, found = -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(b" - ")
        fields, kinds = before.split(b" "), after.split(b" ")
        if len(fields) <= POINT:
            continue
        point = ESCAPED.sub(lambda m: bytes([int(m[1], 8)]), fields[POINT])
        point = point.rstrip(b"/") + b"/"
        # Of two at one point the later one covers the other.
        if wanted.startswith(point) and len(point) >= deepest:
            deepest, found = len(point), kinds[0].decode("ascii", "replace")
    return found if found in NETWORK else None

"""Code that runs as another user of this machine, in a process of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

__all__ = ["NOBODY", "OTHER", "as_user", "commons", "given", "needs_root"]

NOBODY: Final = 65534
OTHER: Final = 4711  # whom the system does not know
ROOT: Final = Path(__file__).parent.parent

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be others")


def as_user(
    uid: int,
    program: str,
    *arguments: str | Path,
    umask: int = 0o022,
    groups: tuple[int, ...] = (),
    **environment: str,
) -> "subprocess.CompletedProcess[str]":
    """
    Run *program* as the user *uid*, who is in *groups* as well; return how it ended.

    What it needs of Python is loaded before: not every user can read it.
    """
    preamble = (
        "import os, sys\n"
        "import argo_tradervue_plugin.services.integration\n"
        "import argo_tradervue_plugin.plugin\n"
        "import argo_tradervue_plugin.outbox.opening, sqlite3\n"
        "import argo_tradervue_plugin.cli.commands, argo_tradervue_plugin.tradervue\n"
        "import encodings.ascii, encodings.idna, httpx, ssl, tests.fakes\n"
        f"os.umask({umask}); os.setgroups({groups!r})\n"
        f"os.setgid({uid}); os.setuid({uid})\n"
    )
    return subprocess.run(
        [sys.executable, "-c", preamble + program, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def commons() -> Iterator[Path]:
    """A folder of root's that every user may pass, as pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="argo-tradervue-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def given(folder: Path, uid: int, mode: int = 0o700, gid: int | None = None) -> Path:
    """Make *folder*, if it is not there, and give it to the user *uid*."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chown(folder, uid, uid if gid is None else gid)
    folder.chmod(mode)
    return folder

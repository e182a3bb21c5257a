"""A host that closes every descriptor, and gives the numbers to files of its own."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.hosts.daemon import FILES, TEXT
from tests.hosts.served import LONGEST, ROOT


def become_a_daemon(
    section: dict[str, Any], folder: Path, how: str
) -> "subprocess.CompletedProcess[str]":
    """Run the host that does so, to its end."""
    config, files = folder / "config.json", folder / "files"
    config.write_text(json.dumps({"plugins": {"tradervue": section}}))
    files.mkdir()
    ended = subprocess.run(
        [sys.executable, "-m", "tests.hosts.daemon", str(config), how, str(files)],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    contents = [path.read_bytes() for path in files.iterdir()]
    assert contents == [TEXT + TEXT] * FILES, "the host's files are the host's"
    return ended


def symbols(sandbox: Sandbox) -> list[str]:
    """Return what is in the journal."""
    trades = sandbox.account("argo").journal.trades.values()
    return sorted(trade.symbol for trade in trades)


SEVEN = [f"SYM{number}" for number in range(1, 8)]


@pytest.mark.parametrize("how", ["fork", "stay"])
def test_nothing_of_ours_is_in_the_hosts_files_nor_the_other_way_round(
    section: dict[str, Any],
    sandbox: Sandbox,
    tmp_path: Path,
    run_host: Callable[..., RunningHost],
    how: str,
) -> None:
    """A file is not opened again where that would not be safe, and that is said."""
    ended = become_a_daemon(section, tmp_path, how)
    is_file = "://" not in section["database"]
    only_records = is_file and how == "stay"

    assert ("tradervue.descriptors_closed" in ended.stderr) == only_records
    if how == "fork":
        assert {*SEVEN[:-1]} <= {*symbols(sandbox)}  # the parent lives on
    if is_file:
        with closing(sqlite3.connect(section["database"])) as outbox:
            assert outbox.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    again = run_host(section)
    assert again.integration.flush(30)
    assert symbols(sandbox) == SEVEN

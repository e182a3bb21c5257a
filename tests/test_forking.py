"""A fork at a bad moment: nothing in the child waits for a thread that it has not."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from argo_tradervue_plugin.credentials import CredentialsFinder
from argo_tradervue_plugin.forking import Lock
from argo_tradervue_plugin.settings import Settings
from tests.outbox.processes import ended_well, in_a_fork

ROOT: Final = Path(__file__).parents[1]
LONGEST: Final = 60.0  # seconds, for an interpreter that hangs
HANGS: Final = 10  # seconds; a child that takes longer waits for ever
SCRIPT: Final = f"""
import importlib, json, os, signal, sys, threading, time
from types import SimpleNamespace

from argo_tradervue_plugin.plugin import plugin

name, section = sys.argv[1], json.loads(sys.argv[2])
importing = threading.Event()

class Slow:
    def find_spec(self, wanted, *_):
        if wanted == name and threading.current_thread().name.startswith("argo-"):
            importing.set()
            time.sleep(0.3)

sys.meta_path.insert(0, Slow())
plugin.on_host_startup(config={{"plugins": {{"tradervue": section}}}}, tracker=None)
plugin.on_trade_recorded(trade=SimpleNamespace(
    id="t1", symbol="AAPL", signal_type="long", entry_price=1.0, quantity=2,
    entry_timestamp="2026-01-05T15:00:00"))
assert importing.wait(20), f"the worker does not import {{name}}"
child = os.fork()
if not child:
    signal.alarm({HANGS})
    importlib.import_module(name)
    os._exit(0)
_, ended = os.waitpid(child, 0)
plugin.on_host_shutdown()
sys.exit(0 if ended == 0 else f"the child hung at {{name}}: {{ended}}")
"""


def test_lock_is_free_in_a_child() -> None:
    """Whoever holds it in the parent is not there."""
    lock = Lock()

    def take() -> None:
        signal.alarm(HANGS)
        with lock:
            pass

    with lock:
        assert ended_well(in_a_fork(take))


def test_child_finds_its_login_while_the_parent_asks_aws() -> None:
    """That may take seconds, and a host forks when it likes."""
    parent, children = os.getpid(), []

    def ask(_: object) -> dict[str, str]:
        if os.getpid() == parent:
            children.append(in_a_fork(find))
        return {"username": "trader", "password": "secret"}

    def find() -> None:
        signal.alarm(HANGS)
        assert finder.get().username == "trader"

    finder = CredentialsFinder(Settings(), environ={}, ask_aws=ask)
    finder.get()
    assert [ended_well(child) for child in children] == [True]


# Each of these runs in an interpreter in which nothing has been imported yet.


@pytest.mark.parametrize("name", ["httpx", "h11", "encodings.idna", "certifi"])
def test_fork_waits_for_what_the_worker_imports(name: str, tmp_path: Path) -> None:
    """What the client needs is imported when there is something to send."""
    login = {"username": "argo", "password": "secret", "aws_secrets": False}
    assert_no_child_hangs(name, login, tmp_path)


@pytest.mark.parametrize("name", ["botocore", "encodings.idna"])
def test_fork_waits_for_aws(name: str, tmp_path: Path) -> None:
    """What asks Secrets Manager is imported then, too."""
    pytest.importorskip("boto3", reason="it is in the extra 'aws'")
    assert_no_child_hangs(name, {"aws_secrets": True}, tmp_path)


def assert_no_child_hangs(name: str, login: dict[str, Any], folder: Path) -> None:
    """Run the script, in which the worker imports *name* when the process forks."""
    section = {
        "enabled": True,
        "flush_seconds": 0,
        "base_url": "https://localhost:9/api",
        "database": str(folder / "outbox.db"),
        **login,
    }
    nowhere = {
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, name, json.dumps(section)],
        cwd=ROOT,
        env={**os.environ, **nowhere},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr

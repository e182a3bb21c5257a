"""A backup is everything in one file, and comes back on either engine."""

import os
import sqlite3
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.errors import LeaseLost, OutboxError
from argo_tradervue_plugin.outbox.backup import (
    LEFT_OUT,
    TABLES,
    Unusable,
    back_up,
    opened,
    restore,
)
from argo_tradervue_plugin.outbox.dialect import TABLES as ALL_TABLES
from argo_tradervue_plugin.outbox.kept import PUT_BACK
from argo_tradervue_plugin.outbox.migrations import SQLITE
from argo_tradervue_plugin.outbox.opening import open_outbox as open_at
from argo_tradervue_plugin.outbox.records import EventKind, Lease, Recorded, State
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.conftest import ENGINES
from tests.outbox.desk import ENTRY, NOW, Desk, execution, path_of

OURS: Final = Account(base_url="https://app.tradervue.com", login="argo", user_id=7)


def event(number: int) -> Recorded:
    """Return an event as a hook saw it."""
    return Recorded(f"t{number}", EventKind.ENTRY, "AAPL", "{}", NOW + number)


def content(outbox: Outbox) -> dict[str, list[Any]]:
    """Return everything in the outbox; numbers instead of true and false."""
    found = {}
    with outbox.engine.snapshot() as connection:
        for table in TABLES:
            cursor = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own
            rows = cursor.fetchall()
            names = [column[0] for column in cursor.description]
            found[table] = sorted(
                (
                    sorted((n, int(v) if isinstance(v, bool) else v) for n, v in each)
                    for each in (zip(names, row, strict=True) for row in rows)
                ),
                key=str,
            )
    return found


@pytest.fixture(params=["sqlite", "postgres"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Outbox]:
    """Another outbox, of each engine, with something else in it."""
    (tmp_path / "other").mkdir()
    with ENGINES[request.param](tmp_path / "other", request) as place:
        outbox = open_at(place)
        Desk(outbox).enlist(execution("else"))
        yield outbox
        outbox.close()


@pytest.fixture
def filled(database: str, tmp_path: Path) -> Iterator[Outbox]:
    """An outbox of each engine, with something in most tables."""
    outbox = open_at(database, spool=Spool(tmp_path / "spool"))
    outbox.put_stamp(OURS, now=NOW)
    desk = Desk(outbox)
    for number in range(3):
        desk.enlist(execution(f"t{number}"))
    desk.move(State.SENT, ("t1", ENTRY))
    desk.move(State.QUARANTINED, ("t2", ENTRY), reason="refused")
    with desk.write() as writer:
        writer.set_condition("slots", "argo")
        writer.note_refused_login("digest", "salt", now=NOW)
        writer.note_import(account_tag="argo", allow_duplicates=True, now=NOW, size=1)
    outbox.record(event(8))
    outbox.gather()
    yield outbox
    outbox.close()


def leased(outbox: Outbox) -> Lease:
    """Take the lease, whoever has it."""
    lease = outbox.claim("restore", now=NOW, ttl=9e9, is_gone=lambda _: True)
    assert lease is not None
    return lease


def test_every_table_is_in_it_or_left_out_on_purpose() -> None:
    """A new one has to be looked at, too."""
    # That of version 2 is gone once its migration is over.
    assert set(TABLES) | LEFT_OUT == ALL_TABLES - {"upgraded"}
    assert not set(TABLES) & LEFT_OUT


def test_what_comes_back_is_what_was_there(
    filled: Outbox, other: Outbox, tmp_path: Path
) -> None:
    """From each engine to each engine, in place of whatever was there."""
    path = tmp_path / "backup.db"
    before = content(filled)
    assert back_up(filled, path, now=NOW) == 4
    assert content(filled) == before

    with opened(path) as backup:
        assert (backup.account, backup.made_at, backup.trades) == (OURS, NOW, 4)
        restore(other, backup, leased(other), now=NOW)
    after = content(other)
    put_back = [row for row in after["conditions"] if PUT_BACK in str(row)]
    after["conditions"] = [r for r in after["conditions"] if r not in put_back]
    assert len(put_back) == 1
    assert after == before


def test_numbers_are_counted_on_after_it(
    filled: Outbox, other: Outbox, tmp_path: Path
) -> None:
    """What is recorded next gets a number of its own."""
    path = tmp_path / "backup.db"
    back_up(filled, path, now=NOW)
    with opened(path) as backup:
        restore(other, backup, leased(other), now=NOW)

    other.take_over([event(9)])
    desk = Desk(other, holder="next", now=NOW + 1e10)
    desk.enlist(execution("t9"))
    with desk.write() as writer:
        noted = writer.note_import(account_tag="a", allow_duplicates=False, now=NOW)
    seqs = [each.seq for each in other.inbox(10)]
    assert len(seqs) == len(set(seqs)) == 2
    assert noted.id == 2


def test_what_waits_in_the_spool_is_in_it(filled: Outbox, tmp_path: Path) -> None:
    """A hook has recorded it, and no worker was there yet; it stays in the spool."""
    path = tmp_path / "backup.db"
    filled.record(event(9))
    back_up(filled, path, now=NOW)

    with opened(path) as backup:
        assert [e.trade_id for e in backup.outbox.inbox(10)] == ["t8", "t9"]
    assert filled.spool is not None
    assert [e.trade_id for e in filled.spool.waiting()] == ["t9"]


def test_it_is_one_file_that_only_its_owner_may_read(
    filled: Outbox, tmp_path: Path
) -> None:
    """Nothing is left beside it; a file that is there is replaced on request only."""
    folder = tmp_path / "backups"
    folder.mkdir()
    path = folder / "backup.db"
    back_up(filled, path, now=NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        back_up(filled, path, now=NOW + 1)
    back_up(filled, path, now=NOW + 2, replaces=True)

    assert [each.name for each in folder.iterdir()] == ["backup.db"]
    with opened(path) as backup:
        assert backup.made_at == NOW + 2
    assert [each.name for each in folder.iterdir()] == ["backup.db"]


@pytest.mark.parametrize("name", ["outbox", "wal", "link", "spool", "text", "empty"])
def test_it_replaces_a_backup_and_nothing_else(tmp_path: Path, name: str) -> None:
    """Least of all the outbox that it is of, or what waits in the spool."""
    spool = Spool(tmp_path / "spool")
    outbox = open_at(str(tmp_path / "outbox.db"), spool=spool)
    outbox.record(event(8))
    (tmp_path / "text").write_text("dear diary")
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to(tmp_path / "outbox.db")
    places = {
        "outbox": tmp_path / "outbox.db",
        "wal": tmp_path / "outbox.db-wal",
        "spool": tmp_path / "spool" / "events",
    }
    place = places.get(name, tmp_path / name)
    before = place.stat().st_ino, place.read_bytes()

    with pytest.raises(Unusable, match="is no backup, and is not replaced"):
        back_up(outbox, place, now=NOW, replaces=True)
    assert (place.stat().st_ino, place.read_bytes()) == before

    backup = tmp_path / "backup"
    for _ in range(2):
        assert back_up(outbox, backup, now=NOW, replaces=True) == 1
    outbox.close()


def test_an_outbox_that_was_a_backup_is_not_replaced_by_its_own(tmp_path: Path) -> None:
    """As when somebody has copied a backup to where the outbox was."""
    outbox = open_at(str(tmp_path / "outbox.db"))
    back_up(outbox, tmp_path / "copied.db", now=NOW)
    outbox.close()
    copied = open_at(str(tmp_path / "copied.db"))
    with pytest.raises(Unusable, match="is no backup, and is not replaced"):
        back_up(copied, tmp_path / "copied.db", now=NOW, replaces=True)
    copied.close()


def test_it_is_of_one_moment_while_others_write(
    filled: Outbox, database: str, tmp_path: Path
) -> None:
    """What is written together is in it together, or not at all."""
    ends = threading.Event()

    def write() -> None:
        outbox = open_at(database)
        number = 100
        while not ends.is_set():
            outbox.take_over([event(number), event(number + 1)])
            number += 2
        outbox.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for attempt in range(5):
            path = tmp_path / f"backup{attempt}.db"
            back_up(filled, path, now=NOW)
            with opened(path) as backup:
                pairs = [e for e in backup.outbox.inbox(10**6) if e.trade_id != "t8"]
                assert len(pairs) % 2 == 0
    finally:
        ends.set()
        thread.join()


def test_a_restore_that_fails_changes_nothing(
    filled: Outbox, other: Outbox, tmp_path: Path
) -> None:
    """Whoever lost the lease meanwhile writes nothing, not even a part."""
    path = tmp_path / "backup.db"
    back_up(filled, path, now=NOW)
    before = content(other)
    lost = leased(other)
    leased(other)

    with opened(path) as backup:
        with pytest.raises(LeaseLost):
            restore(other, backup, lost, now=NOW)
        assert content(other) == before
        backup.outbox.engine.connection().execute("DROP TABLE history")
        with pytest.raises((OutboxError, sqlite3.Error)):
            restore(other, backup, leased(other), now=NOW)
    assert content(other) == before


@pytest.mark.parametrize("what", ["text", "database", "newer", "damaged"])
def test_what_is_no_backup_is_refused(what: str, tmp_path: Path) -> None:
    """In words, before anything is touched."""
    path = tmp_path / "backup.db"
    if what == "text":
        path.write_text("some other file\n" * 100)
    elif what == "database":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE some (thing)")
    else:
        outbox = Outbox(Sqlite(tmp_path / "outbox.db"))
        Desk(outbox).enlist(execution("t"))
        back_up(outbox, path, now=NOW)
        outbox.close()
        if what == "newer":
            with closing(sqlite3.connect(path)) as connection:
                connection.execute(f"PRAGMA user_version = {len(SQLITE) + 1}")
        else:
            size = path.stat().st_size
            with path.open("r+b") as file:
                file.truncate(size // 2)

    with pytest.raises(Unusable, match="cannot be restored"), opened(path):
        pass


def test_a_copy_that_somebody_made_of_the_file_can_be_restored(
    tmp_path: Path, other: Outbox
) -> None:
    """It does not say when it was made."""
    outbox = Outbox(Sqlite(tmp_path / "outbox.db"))
    Desk(outbox).enlist(execution("t"))
    outbox.close()

    with opened(tmp_path / "outbox.db") as backup:
        assert backup.made_at is None
        restore(other, backup, leased(other), now=NOW)
    assert set(other.states_of(["t", "else"])) == {"t"}


def test_what_a_killed_backup_or_restore_left_is_removed_by_the_next(
    tmp_path: Path,
) -> None:
    """A copy has every trade in it; what is not ours, or is written to, stays."""
    folder = tmp_path / "backups"
    folder.mkdir()
    path = folder / "argo.backup"
    names = (f".argo.backup.{'0a' * 16}", f".argo.backup.{'0a' * 16}-wal")
    left = [*(folder / name for name in names), folder / ".argo-tradervue-abc"]
    fresh = folder / f".argo.backup.{'0b' * 16}"
    theirs = folder / ".argo.backup.notes"
    for each in (*left[:2], fresh, theirs):
        each.write_text("x")
    left[2].mkdir()
    (left[2] / "backup.db").write_text("x")
    for each in (*left, theirs):
        os.utime(each, (NOW, NOW))
    with closing(open_at(str(tmp_path / "outbox.db"))) as outbox:
        back_up(outbox, path, now=NOW)
    with opened(path) as made:
        assert path_of(made.outbox).parent.parent == folder

    assert sorted(folder.iterdir()) == sorted([path, fresh, theirs])


def test_backup_in_a_folder_that_cannot_be_written_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read-only media, for example: root is told so, too, where it asks."""
    path, temporary = tmp_path / "argo.backup", tmp_path / "temporary"
    temporary.mkdir()
    with closing(open_at(str(tmp_path / "outbox.db"))) as outbox:
        back_up(outbox, path, now=NOW)
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with opened(path) as made:
        assert path_of(made.outbox).parent.parent == temporary
    assert list(temporary.iterdir()) == []

"""An outbox whose file is deleted, replaced or cut short while it is in use."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from argo_tradervue_plugin.errors import OutboxReplaced
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.sqlite_files import copy
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.desk import path_of

NOW: Final = 1_772_800_000.0
T: Final = Recorded("t", EventKind.ENTRY, "AAPL", "{}", NOW)
U: Final = T._replace(trade_id="u")


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """An outbox with one event in it."""
    outbox = Outbox(Sqlite(tmp_path / "outbox.db"))
    outbox.take_over([T])
    yield outbox
    outbox.close()


def ids(outbox: Outbox) -> list[str]:
    """Return of which trades there are events."""
    return [event.trade_id for event in outbox.inbox(10)]


def delete(path: Path) -> None:
    """Delete the file, and leave what is beside it."""
    path.unlink()


def replace(path: Path) -> None:
    """Put another file of the same kind in its place."""
    other = path.with_name("other.db")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE some (thing)")
    other.rename(path)


def restore(path: Path) -> None:
    """Put an old copy in its place, as `cp` to a new file and `mv` do."""
    old = path.with_name("old.db")
    copy(path, old)
    old.rename(path)


def empty(path: Path) -> None:
    """Cut it short to nothing."""
    os.truncate(path, 0)


def halve(path: Path) -> None:
    """Cut off a part of it, once there is something in it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint")
    os.truncate(path, path.stat().st_size // 2)


DISASTERS: Final = (delete, replace, restore, empty, halve)
FRESH: Final = (delete, empty, halve)


@pytest.mark.parametrize("disaster", DISASTERS)
def test_nothing_is_written_into_what_has_no_name(
    outbox: Outbox, disaster: Callable[[Path], None]
) -> None:
    """The next change fails, and says what has happened."""
    ids(outbox)
    if disaster is halve:  # what is longer now is as it should be
        with closing(sqlite3.connect(path_of(outbox))) as connection:
            connection.execute("PRAGMA wal_checkpoint")
        ids(outbox)
    disaster(path_of(outbox))

    with pytest.raises(OutboxReplaced, match=r"deleted|replaced|cut short"):
        outbox.take_over([U])
    assert outbox.losses == 1


@pytest.mark.parametrize("disaster", FRESH)
def test_the_next_one_is_made_and_is_sound(
    outbox: Outbox, disaster: Callable[[Path], None]
) -> None:
    """Nothing of the lost file gets into it: not from its log, not from its index."""
    if disaster is halve:
        with closing(sqlite3.connect(path_of(outbox))) as connection:
            connection.execute("PRAGMA wal_checkpoint")
        ids(outbox)
    disaster(path_of(outbox))
    with pytest.raises(OutboxReplaced):
        outbox.inbox(1)

    outbox.take_over([U])
    outbox.close()

    assert ids(Outbox(Sqlite(path_of(outbox)))) == ["u"]
    with closing(sqlite3.connect(path_of(outbox))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("ending", ["-wal", "-shm"])
def test_file_beside_it_that_is_deleted_is_noticed_and_nothing_is_lost(
    outbox: Outbox, ending: str
) -> None:
    """Who opens the file now has a log of its own, and sees nothing of ours."""
    ids(outbox)
    path_of(outbox).with_name(path_of(outbox).name + ending).unlink()
    with pytest.raises(OutboxReplaced, match=f"{ending} beside .* deleted"):
        outbox.take_over([U])
    assert outbox.losses == 1

    outbox.take_over([U])
    assert ids(Outbox(Sqlite(path_of(outbox)))) == ["t", "u"]
    with closing(sqlite3.connect(path_of(outbox))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_files_beside_it_may_come_and_go_while_it_is_closed(
    outbox: Outbox,
) -> None:
    """The last to close the file removes them, and the next makes new ones."""
    for each in (U, T._replace(trade_id="v")):
        with closing(sqlite3.connect(path_of(outbox))) as another:
            another.execute("PRAGMA user_version").fetchall()
            outbox.take_over([each])
            outbox.close()
        assert not path_of(outbox).with_name("outbox.db-wal").exists()
    assert ids(outbox) == ["t", "u", "v"]
    assert outbox.losses == 0


@pytest.mark.parametrize("disaster", [empty, halve])
def test_what_is_left_of_a_file_cut_short_is_kept(
    outbox: Outbox, disaster: Callable[[Path], None]
) -> None:
    """A person may want to read what is left of it."""
    with closing(sqlite3.connect(path_of(outbox))) as connection:
        connection.execute("PRAGMA wal_checkpoint")
    ids(outbox)
    disaster(path_of(outbox))
    size = path_of(outbox).stat().st_size
    with pytest.raises(OutboxReplaced):
        outbox.inbox(1)
    outbox.open()

    [kept] = path_of(outbox).parent.glob("outbox.db.damaged-*")
    assert kept.stat().st_size == size


def test_an_old_copy_put_in_its_place_is_read_as_it_is(outbox: Outbox) -> None:
    """The log of the file before does not belong to it."""
    old = path_of(outbox).with_name("old.db")
    copy(path_of(outbox), old)
    outbox.take_over([U])
    shutil.move(old, path_of(outbox))
    with pytest.raises(OutboxReplaced):
        outbox.inbox(1)

    assert ids(outbox) == ["t"]


def test_another_process_notices_too_and_destroys_nothing(
    outbox: Outbox,
) -> None:
    """Whoever comes second leaves the file of the first alone."""
    other = Outbox(Sqlite(path_of(outbox)))
    assert ids(other) == ["t"]
    path_of(outbox).unlink()
    with pytest.raises(OutboxReplaced):
        outbox.inbox(1)
    outbox.take_over([U])

    with pytest.raises(OutboxReplaced):
        other.inbox(1)
    other.take_over([T])
    assert ids(outbox) == ids(other) == ["u", "t"]
    other.close()
    assert ids(outbox) == ["u", "t"]


def test_a_file_that_sqlite_made_shorter_is_no_loss(outbox: Outbox) -> None:
    """A person may have it vacuumed."""
    outbox.take_over([T._replace(payload="x" * 9000)] * 200)
    with closing(sqlite3.connect(path_of(outbox), isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint")
        ids(outbox)
        before = path_of(outbox).stat().st_size
        connection.execute("DELETE FROM inbox")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert path_of(outbox).stat().st_size < before

    outbox.take_over([U])
    assert ids(outbox) == ["u"]

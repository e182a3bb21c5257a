"""Processes that are killed in the midst of a drain, a take-up or a restore."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.outbox import backup as backups
from argo_tradervue_plugin.outbox.kept import PUT_BACK, Kept
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.outbox.spool import Spool, events_in
from argo_tradervue_plugin.outbox.spools import (
    SpoolNote,
    Spools,
    read_note,
    write_note,
)
from argo_tradervue_plugin.outbox.store import Outbox

NOW: Final = 1_772_800_000.0
OURS: Final = Account(base_url="https://app.tradervue.com", login="argo")
NOTE: Final = SpoolNote(
    base_url=OURS.base_url,
    user_id=None,
    account=OURS,
    names_somebody=True,
    found_nothing=False,
    origin="",
    parent="",
    holder="",
    made_at=NOW,
)


def event(number: int) -> Recorded:
    """Return an event as a hook saw it."""
    return Recorded(f"t{number}", EventKind.ENTRY, "AAPL", "{}", NOW + number)


def ids(outbox: Outbox) -> set[str]:
    """Return of which trades there are events."""
    return {each.trade_id for each in outbox.inbox(1000)}


def kept_ids(folder: Path, account: Account = OURS) -> set[str]:
    """Return of which trades events are kept."""
    found = set()
    for each in Kept(folder, account).files():
        with each.path.open("rb") as file:
            found |= {one.trade_id for one in events_in(file)}
    return found


def killed_at(owner: object, name: str, at: int, action: Callable[[], object]) -> bool:
    """
    Run *action* in a process that is killed when it calls *name* for the *at*-th time.

    Returns False where it ended before that.
    """
    child = os.fork()
    if not child:  # pragma: no cover - it is killed
        real = getattr(owner, name)
        calls = [0]

        def dies(*args: object, **told: object) -> object:
            calls[0] += 1
            if calls[0] == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **told)

        setattr(owner, name, dies)
        try:
            action()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


# Where a drain may be killed: before and after the outbox's transaction, and before
# each change of a file.
MOMENTS: Final = (
    (Outbox, "take_over"),
    (Kept, "add"),
    (Path, "rename"),
    (Path, "unlink"),
    (Path, "mkdir"),
)


@pytest.mark.parametrize(("owner", "name"), MOMENTS)
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_killed_drain_loses_nothing(
    database: str, tmp_path: Path, owner: object, name: str, at: int
) -> None:
    """Each event is in the outbox and kept after the next one, wherever it died."""
    folder = tmp_path / "spool"
    outbox = open_outbox(database, spool=Spool(folder))
    outbox.put_stamp(OURS, now=NOW)
    outbox.close()

    def drain() -> None:
        mine = open_outbox(database, spool=Spool(folder))
        for number in (1, 2):
            mine.record(event(number))
            mine.gather()

    killed_at(owner, name, at, drain)
    recorded = {e.trade_id for e in Spool(folder).waiting()} | ids(outbox)
    again = open_outbox(database, spool=Spool(folder))
    again.gather()
    again.record(event(3))
    again.gather()

    assert ids(again) == recorded | {"t3"}
    assert kept_ids(folder) == recorded | {"t3"}
    assert again.condition(PUT_BACK) is None  # a crash is no putting back
    again.close()
    outbox.close()


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_killed_take_up_goes_on(database: str, tmp_path: Path, at: int) -> None:
    """What an empty outbox lacks it has after the next start, and knows why."""
    folder = tmp_path / "spool"
    before = open_outbox(str(tmp_path / "before.db"), spool=Spool(folder))
    before.put_stamp(OURS, now=NOW)
    for number in range(3):
        before.record(event(number))
        before.gather()
        for file in Kept(folder, OURS).files():  # each in a file of its own
            file.path.rename(file.path.with_name(f"{file.number - 3_600_000_000:020}"))
    before.close()
    assert len(Kept(folder, OURS).files()) == 3
    open_outbox(database).put_stamp(OURS, now=NOW)

    def take_up() -> None:
        open_outbox(database, spool=Spool(folder)).gather()

    assert killed_at(Outbox, "take_over", at, take_up)
    again = open_outbox(database, spool=Spool(folder))
    again.gather()
    assert ids(again) == {"t0", "t1", "t2"}
    assert len(again.inbox(100)) == 3
    assert again.condition(PUT_BACK) is not None
    again.close()


@pytest.mark.parametrize(
    ("owner", "name"),
    [(Path, "rename"), (Path, "rmdir"), (Path, "symlink_to"), (Outbox, "put_stamp")],
)
@pytest.mark.parametrize("at", [1, 2])
def test_a_killed_move_is_completed_by_the_next(
    tmp_path: Path, owner: object, name: str, at: int
) -> None:
    """Under either name everything is there, and the spools have the new one."""
    renamed = Account(base_url="https://app.tradervue.com", login="new")
    folders = [tmp_path / "spools" / each for each in ("own", "other")]
    database = str(tmp_path / "outbox.db")
    for number, folder in enumerate(folders):
        outbox = open_outbox(database, spool=Spool(folder))
        outbox.put_stamp(OURS, now=NOW)
        outbox.record(event(number))
        outbox.gather()
        write_note(folder, NOTE)
        outbox.close()

    def move() -> None:
        mine = open_outbox(database)
        former = mine.stamp()
        assert former is not None
        spools = Spools(Spool(folders[0]))
        spools.follow(
            lambda: [
                Spool(folder)
                for folder in folders[1:]
                if (note := read_note(folder)) and note.account == former
            ]
        )
        spools.rename(former, renamed)
        mine.put_stamp(renamed, now=NOW, is_moved=True)

    killed = killed_at(owner, name, at, move)
    assert killed or (owner, at) == (Outbox, 2)
    move()
    for number, folder in enumerate(folders):
        for account in (OURS, renamed):
            assert kept_ids(folder, account) == {f"t{number}"}
        noted = read_note(folder)
        assert noted is not None
        assert noted.account == renamed


@pytest.mark.parametrize("at", [1, 5, 10, len(backups.TABLES)])
def test_a_killed_restore_changes_nothing(
    database: str, tmp_path: Path, at: int
) -> None:
    """It is done as a whole, and can be done again."""
    source = open_outbox(str(tmp_path / "source.db"))
    source.put_stamp(OURS, now=NOW)
    source.take_over([event(1)])
    path = tmp_path / "backup.db"
    backups.back_up(source, path, now=NOW)
    source.close()
    outbox = open_outbox(database)
    outbox.take_over([event(2)])
    outbox.close()

    def put_back() -> None:
        mine = open_outbox(database)
        lease = mine.claim("me", now=NOW, ttl=60, is_gone=lambda _: True)
        assert lease is not None
        with backups.opened(path) as backup:
            backups.restore(mine, backup, lease, now=NOW)

    assert killed_at(backups, "columns_of", at, put_back)
    again = open_outbox(database)
    assert ids(again) == {"t2"}
    put_back()
    assert ids(again) == {"t1"}
    again.close()


@pytest.mark.parametrize("at", [1, 9])
def test_a_killed_backup_leaves_the_one_before(tmp_path: Path, at: int) -> None:
    """What is at its path is whole, the old one or the new one."""
    source = open_outbox(str(tmp_path / "source.db"))
    source.take_over([event(1)])
    path = tmp_path / "backup.db"
    backups.back_up(source, path, now=NOW)
    source.take_over([event(2)])
    source.close()

    def back_up() -> None:
        mine = open_outbox(str(tmp_path / "source.db"))
        backups.back_up(mine, path, now=NOW + 1, replaces=True)

    assert killed_at(backups, "columns_of", at, back_up)
    with backups.opened(path) as backup:
        assert (backup.made_at, ids(backup.outbox)) == (NOW, {"t1"})

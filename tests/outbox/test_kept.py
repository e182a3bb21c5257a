"""What was drained stays for some days, and is taken up again where it is missing."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from errno import ENOSPC
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

import pytest

from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.errors import OutboxError, OutboxReplaced
from argo_tradervue_plugin.outbox.kept import FULL, PUT_BACK, Drained, Kept
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.outbox.spool import Spool, events_in
from argo_tradervue_plugin.outbox.sqlite_files import copy
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.outbox.writer import Writer

NOW: Final = 1_772_800_000.0
OURS: Final = Account(base_url="https://app.tradervue.com", login="argo")
OTHER: Final = Account(base_url="https://app.tradervue.com", login="other")


def event(number: int, payload: str = "{}") -> Recorded:
    """Return an event as a hook saw it."""
    return Recorded(f"t{number}", EventKind.ENTRY, "AAPL", payload, NOW + number)


def ids(outbox: Outbox) -> list[str]:
    """Return of which trades there are events."""
    return [each.trade_id for each in outbox.inbox(1000)]


def outbox_at(
    place: str | Path, spool: Spool, account: Account | None = OURS
) -> Outbox:
    """Return the outbox at *place*, stamped and with *spool* before it."""
    outbox = open_outbox(str(place), spool=spool)
    if account is not None:
        outbox.put_stamp(account, now=NOW)
    return outbox


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the spool."""
    return tmp_path / "spool"


def test_what_was_drained_stays_under_the_number_that_the_outbox_records(
    database: str, folder: Path
) -> None:
    """On each engine; several drains of an hour are one file."""
    spool = Spool(folder)
    outbox = outbox_at(database, spool)
    numbers: list[int] = []
    for number in range(3):
        outbox.record(event(number))
        assert outbox.gather()
        kept = Kept(folder, OURS)
        numbers.append(kept.files()[-1].number)
        assert outbox.last_drained(kept.spool) == numbers[-1]

    assert numbers == sorted(set(numbers))
    assert ids(outbox) == ["t0", "t1", "t2"]
    assert not spool.waiting()
    outbox.close()


def test_number_is_recorded_with_the_events_or_not_at_all(
    database: str, folder: Path
) -> None:
    """A drain that fails at its very end is none, and keeps nothing."""
    outbox = outbox_at(database, Spool(folder))
    note = Writer.note_drain

    def note_and_fail(writer: Writer, drained: Drained) -> None:
        note(writer, drained)
        raise OutboxError("the disk is full")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writer, "note_drain", note_and_fail)
        with pytest.raises(OutboxError):
            outbox.take_over([event(0), event(1)], Drained("s", 7))
    assert ids(outbox) == []
    assert outbox.last_drained("s") is None
    outbox.take_over([event(0)], Drained("s", 7))
    assert ids(outbox) == ["t0"]
    assert outbox.last_drained("s") == 7
    outbox.close()


def test_without_an_account_nothing_is_kept(tmp_path: Path, folder: Path) -> None:
    """It would be taken for that of whichever account comes later."""
    outbox = outbox_at(tmp_path / "outbox.db", Spool(folder), account=None)
    outbox.record(event(1))
    assert outbox.gather()

    assert not (folder / "kept").exists()
    outbox.close()


def test_an_old_copy_gets_what_it_lacks(tmp_path: Path, folder: Path) -> None:
    """What it has is not taken up again; that it was put back is noted."""
    path, old = tmp_path / "outbox.db", tmp_path / "old.db"
    outbox = outbox_at(path, Spool(folder))
    outbox.record(event(1))
    outbox.gather()
    copy(path, old)
    [first] = Kept(folder, OURS).files()
    # The next one is of another hour, and so has a file of its own.
    first.path.rename(first.path.with_name(f"{first.number - 3_600_000_000:020}"))
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute("UPDATE drained SET number = number - 3600000000")
    for number in (2, 3):
        outbox.record(event(number))
        outbox.gather()
    assert outbox.condition(PUT_BACK) is None
    outbox.close()
    old.rename(path)

    again = outbox_at(path, Spool(folder))
    assert ids(again) == ["t1"]
    again.gather()
    assert ids(again) == ["t1", "t2", "t3"]
    assert again.condition(PUT_BACK) is not None
    again.gather()
    assert ids(again) == ["t1", "t2", "t3"]
    again.close()


def test_an_empty_outbox_beside_kept_files_gets_them_all(
    database: str, tmp_path: Path, folder: Path
) -> None:
    """On each engine, whatever it was before."""
    before = outbox_at(tmp_path / "before.db", Spool(folder))
    for number in range(3):
        before.record(event(number))
        before.gather()
    before.close()

    outbox = outbox_at(database, Spool(folder))
    outbox.gather()
    assert ids(outbox) == ["t0", "t1", "t2"]
    assert outbox.condition(PUT_BACK) is not None
    outbox.close()


def test_another_account_gets_nothing_of_it(tmp_path: Path, folder: Path) -> None:
    """A login that was exchanged has another journal."""
    before = outbox_at(tmp_path / "before.db", Spool(folder))
    before.record(event(1))
    before.gather()
    before.close()

    outbox = outbox_at(tmp_path / "other.db", Spool(folder), account=OTHER)
    outbox.record(event(2))
    outbox.gather()
    assert ids(outbox) == ["t2"]
    assert outbox.condition(PUT_BACK) is None
    outbox.close()


def names_of(kept: Kept) -> list[int]:
    """Return the numbers under which files are kept."""
    return [file.number for file in kept.files()]


def test_what_is_kept_goes_with_a_renamed_account(folder: Path) -> None:
    """There and back, and on: under each name that it had everything is found."""
    third = Account(base_url="https://app.tradervue.com", login="third")
    accounts = {account.login: account for account in (OURS, OTHER, third)}
    numbers: list[int] = []
    steps = ("argo", "other", "argo", "other", "third", "other")
    for before, after in pairwise(("argo", *steps)):
        kept = Kept(folder, accounts[after])
        kept.take_along(accounts[before])
        taken = folder / "taken"
        folder.mkdir(exist_ok=True)
        taken.write_bytes(b"x" * FULL)
        numbers.append(kept.next_number(None))
        kept.add(taken, numbers[-1])
        assert names_of(Kept(folder, accounts[after])) == numbers
        assert kept.last_import() == len(numbers) - 1
        kept.note_import(len(numbers))
    for account in accounts.values():
        assert names_of(Kept(folder, account)) == numbers
        assert Kept(folder, account).last_import() == len(numbers)


def test_old_copy_of_a_renamed_account_gets_what_it_lacks(
    tmp_path: Path, folder: Path
) -> None:
    """Also where an earlier version has renamed it, and left the files."""
    path, old = tmp_path / "outbox.db", tmp_path / "old.db"
    outbox = outbox_at(path, Spool(folder))
    copy(path, old)
    outbox.record(event(1))
    outbox.gather()
    outbox.put_stamp(OTHER, now=NOW, is_moved=True)
    outbox.record(event(2))
    outbox.gather()
    outbox.close()
    old.rename(path)

    again = outbox_at(path, Spool(folder))
    Kept(folder, OTHER).take_along(OURS)
    again.gather()
    assert sorted(ids(again)) == ["t1", "t2"]
    assert again.condition(PUT_BACK) is not None
    again.close()


def test_who_dies_between_the_outbox_and_the_kept_file_loses_nothing(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was taken is handed over again; told twice it is one."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    outbox = outbox_at(tmp_path / "outbox.db", Spool(folder))
    outbox.record(event(1))
    with monkeypatch.context() as patched:
        patched.setattr(Kept, "add", die)
        with pytest.raises(KeyboardInterrupt):
            outbox.gather()
    outbox.record(event(2))
    outbox.close()

    again = outbox_at(tmp_path / "outbox.db", Spool(folder))
    again.gather()
    assert set(ids(again)) == {"t1", "t2"}
    assert again.condition(PUT_BACK) is None  # a crash is none
    assert [e.trade_id for e in kept_events(folder)] == ["t1", "t2"]
    again.close()


def kept_events(folder: Path) -> Iterable[Recorded]:
    """Yield the events that are kept."""
    for each in Kept(folder, OURS).files():
        with each.path.open("rb") as file:
            yield from events_in(file)


def test_what_is_kept_is_bounded_in_time_and_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven days, and 200 MB (here 50 bytes): the oldest go first, the newest never."""
    monkeypatch.setattr("argo_tradervue_plugin.outbox.kept.BYTES", 50)
    now = [NOW]
    kept = Kept(tmp_path, OURS, clock=lambda: now[0])

    def drain(size: int) -> list[int]:
        taken = tmp_path / "taken"
        taken.write_bytes(b"x" * size)
        kept.add(taken, kept.next_number(None))
        return [file.size for file in kept.files()]

    assert drain(20) == [20]
    now[0] += 6 * 86400
    assert drain(10) == [20, 10]
    now[0] += 86400 + 1
    assert drain(11) == [10, 11]
    now[0] += 3600
    assert drain(35) == [11, 35]
    now[0] += 3600
    assert drain(90) == [90]


def test_on_a_full_disk_what_was_drained_is_kept_in_a_file_of_its_own(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server elsewhere goes on; of the file before, what it had can still be read."""
    outbox = outbox_at(database, spool := Spool(folder))
    outbox.record(event(1))
    assert outbox.gather()

    def half(source: BinaryIO, target: BinaryIO) -> None:
        target.write(source.read()[:20])
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("shutil.copyfileobj", half)
        outbox.record(event(2))
        assert outbox.gather()
    assert ids(outbox) == ["t1", "t2"]
    kept = spool.kept(OURS)
    assert [file.size > 0 for file in kept.files()] == [True, True]
    outbox.record(event(3))
    assert outbox.gather()
    found = events_in(
        line
        for file in kept.files()
        for line in file.path.read_bytes().splitlines(True)
    )
    assert [each.trade_id for each in found] == ["t1", "t2", "t3"]


def test_where_nothing_can_be_kept_a_server_elsewhere_still_gets_it(
    database: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first drain of a spool on a full disk, with what waits in memory."""
    outbox = outbox_at(database, Spool(folder))
    outbox.record(event(1))

    def full(*_: object) -> int:
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("argo_tradervue_plugin.config.files.make_file", full)
        assert outbox.gather([event(2)])
    assert ids(outbox) == ["t1", "t2"]
    outbox.record(event(3))
    assert outbox.gather()
    assert ids(outbox) == ["t1", "t2", "t3"]


def test_numbers_grow_whatever_the_clock_does(tmp_path: Path) -> None:
    """A clock that was set back makes no outbox look put back."""
    now = [NOW]
    kept = Kept(tmp_path, OURS, clock=lambda: now[0])
    taken = tmp_path / "taken"
    numbers: list[int] = []
    for step in (0, -5000, -5000, 86400):
        now[0] += step
        taken.write_bytes(b"x")
        numbers.append(kept.next_number(numbers[-1] if numbers else None))
        kept.add(taken, numbers[-1])

    assert numbers == sorted(set(numbers))


def test_old_copy_is_known_by_the_imports_that_it_lacks(
    database: str, folder: Path
) -> None:
    """On each engine; what is damaged says nothing, and a lower number counts."""
    outbox = outbox_at(database, Spool(folder))
    outbox.see_latest_import()
    outbox.keep_import(3)
    with pytest.raises(OutboxReplaced, match="since import 0: an old copy"):
        outbox.see_latest_import()

    kept = Kept(folder, OURS)
    assert kept.last_import() == 3
    assert Kept(folder, OTHER).last_import() == 0
    kept.note_import(0)
    outbox.see_latest_import()
    [path] = (folder / "kept").glob("*/import")
    path.write_bytes(b"\0" * 20)
    assert kept.last_import() == 0
    assert kept.files() == []
    outbox.close()

"""Several processes on one file of SQLite: its lock, and a disk that is full."""

import fcntl
import resource
import signal
import sqlite3
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.outbox import sqlite
from argo_tradervue_plugin.outbox.records import Recorded, State
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.desk import NOW, Desk, execution
from tests.outbox.processes import SPAWN, events, kill, needs_fork, record

pytestmark = needs_fork

# The byte of the index that every process with the log open holds a lock on.
# Source: SQLite's os_unix.c, UNIX_SHM_DMS.
IN_USE: Final = 128


def assert_sound(path: Path) -> None:
    """See that the file is what SQLite made of it."""
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def hold_the_lock(path: Path, told: Any) -> None:
    outbox = Outbox(Sqlite(path))
    desk = Desk(outbox)
    with desk.write() as writer:
        writer.open_trade(execution("half"), slot=1, account_tag="argo")
        told.send_bytes(b"in the midst")
        time.sleep(60)


def test_writer_killed_in_a_transaction_leaves_nothing_of_it(tmp_path: Path) -> None:
    """The lock goes with the process, and so does what was not committed."""
    path = tmp_path / "outbox.db"
    receiver, sender = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=hold_the_lock, args=(path, sender))
    process.start()
    assert receiver.recv_bytes() == b"in the midst"
    outbox = Outbox(Sqlite(path))
    with pytest.raises(OutboxError, match="locked"):
        outbox.record(Recorded("t", EventKind.ENTRY, "i", "{}", NOW))
    kill(process)

    record(outbox, "t")
    assert outbox.trade("half") is None
    assert outbox.spans("AAPL", 0, None) == []
    outbox.close()
    assert_sound(path)


def fill_the_disk(path: Path, told: Any) -> None:
    """Write until the file system takes no more; go on when it does again."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    outbox = Outbox(Sqlite(path))
    desk = Desk(outbox)
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = path.with_name(path.name + "-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 50_000, most[1]))
    written, errors = 0, []
    for number in range(100):
        try:
            outbox.record(Recorded(f"t{number}", EventKind.ENTRY, "i", "x" * 5000, NOW))
            written += 1
        except OutboxError as error:
            errors.append(str(error))
    for _ in range(2):
        try:
            with desk.write() as writer:
                for number in range(1000):  # more than was left by the events
                    each = execution(f"u{number}", at=number)
                    writer.open_trade(each, slot=1, account_tag="argo")
        except OutboxError as error:
            errors.append(str(error))
    resource.setrlimit(resource.RLIMIT_FSIZE, most)
    record(outbox, "afterwards")
    with desk.write() as writer:
        writer.open_trade(execution("u"), slot=1, account_tag="argo")
    outbox.close()
    told.put((written, errors))


def test_full_disk_is_told_and_overcome(tmp_path: Path) -> None:
    """Nothing that was taken is lost, and once there is room all goes on."""
    path = tmp_path / "outbox.db"
    told = SPAWN.Queue()
    process = SPAWN.Process(target=fill_the_disk, args=(path, told))
    process.start()
    written, errors = told.get(timeout=240)
    process.join(60)

    assert process.exitcode == 0
    assert errors
    assert len(errors) == 102 - written
    found = events(str(path))
    assert found == {f"t{number}": 1 for number in range(written)} | {"afterwards": 1}
    assert_sound(path)


def is_in_use(index: Path) -> bool:
    """Tell whether another process has the log's index locked, as one with it open."""
    with index.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, IN_USE)
        except BlockingIOError:
            return True
        return False


@pytest.mark.parametrize("has_grown", [False, True])
def test_no_lock_is_lost_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_grown: bool
) -> None:
    """
    A process that has closed any file of the database itself has lost its locks on it.

    The next one to open it would take the log for nobody's, and cut off its index.
    """
    monkeypatch.setattr(sqlite, "CHECKPOINT", 1 if has_grown else 10**6)
    path = tmp_path / "outbox.db"
    outbox = Outbox(Sqlite(path))
    desk = Desk(outbox)
    for number in range(3):
        desk.enlist(execution(f"t{number}", at=number))
        assert outbox.counts()[State.RECORDED] == number + 1

    with ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
        index = path.with_name("outbox.db-shm")
        assert pool.submit(is_in_use, index).result()
    outbox.close()
    assert not index.exists()

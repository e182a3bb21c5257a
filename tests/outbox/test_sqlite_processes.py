"""Several processes on one file of SQLite: its lock, and a disk that is full."""

import resource
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.sqlite import SqliteOutbox
from tests.outbox.desk import ENTRY, NOW, Desk, execution
from tests.outbox.processes import SPAWN, events, kill, needs_fork, record

pytestmark = needs_fork


def assert_sound(path: Path) -> None:
    """See that the file is what SQLite made of it."""
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def hold_the_lock(path: Path, told: Any) -> None:
    outbox = SqliteOutbox(path)
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
    outbox = SqliteOutbox(path)
    with pytest.raises(OutboxError, match="locked"):
        outbox.record("t", ENTRY, "i", "{}", NOW, patience=0.01)
    kill(process)

    record(outbox, "t")
    assert outbox.trade("half") is None
    assert outbox.spans("AAPL", 0, None) == []
    outbox.close()
    assert_sound(path)


def fill_the_disk(path: Path, told: Any) -> None:
    """Write until the file system takes no more; go on when it does again."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    outbox = SqliteOutbox(path)
    desk = Desk(outbox)
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = path.with_name(path.name + "-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 50_000, most[1]))
    written, errors = 0, []
    for number in range(100):
        try:
            outbox.record(f"t{number}", ENTRY, "i", "x" * 5000, NOW, patience=0.01)
            written += 1
        except OutboxError as error:
            errors.append(str(error))
    for _ in range(2):
        try:
            with desk.write() as writer:
                for number in range(100):
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
    written, errors = told.get(timeout=60)
    process.join(20)

    assert process.exitcode == 0
    assert errors
    assert len(errors) == 102 - written
    found = events(str(path))
    assert found == {f"t{number}": 1 for number in range(written)} | {"afterwards": 1}
    assert_sound(path)

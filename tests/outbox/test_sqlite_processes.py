"""Several processes on one file: opening, writing, forking, dying."""

import multiprocessing
import os
import resource
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

import pytest

from argo_tradervue_plugin.errors import LeaseLost, OutboxError
from argo_tradervue_plugin.outbox.sqlite import SqliteOutbox
from tests.outbox.desk import ENTRY, MANY, NOW, Desk, execution, nobody_is_gone

SPAWN: Final = multiprocessing.get_context("spawn")
PROCESSES: Final = 4

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="hosts run on systems with fork and SIGKILL"
)


def record(outbox: SqliteOutbox, name: str) -> None:
    """Record an entry, as a hook that may wait."""
    outbox.record(name, ENTRY, "i", "{}", NOW, patience=5.0)


def together(work: Callable[..., None], path: Path, *arguments: object) -> list[Any]:
    """Run *work* in several processes from the same moment on; return what they say."""
    start, told = SPAWN.Barrier(PROCESSES), SPAWN.Queue()
    processes = [
        SPAWN.Process(target=work, args=(path, number, start, told, *arguments))
        for number in range(PROCESSES)
    ]
    for each in processes:
        each.start()
    answers = [told.get(timeout=60) for _ in processes]
    for each in processes:
        each.join(20)
        assert each.exitcode == 0
    return answers


def events(path: Path) -> Counter[str]:
    """Return how often each trade is in the inbox."""
    outbox = SqliteOutbox(path)
    found = Counter(event.trade_id for event in outbox.inbox(MANY))
    outbox.close()
    return found


def assert_sound(path: Path) -> None:
    """See that the file is what SQLite made of it."""
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def open_and_close(path: Path, number: int, start: Any, told: Any, times: int) -> None:
    errors = []
    start.wait(30)
    for turn in range(times):
        try:
            outbox = SqliteOutbox(path)
            outbox.counts()
            outbox.lease_free_at()
            record(outbox, f"{number}-{turn}")
            outbox.close()
        except OutboxError as error:
            errors.append(str(error))
    told.put(errors)


def test_processes_that_open_at_once_make_one_outbox(tmp_path: Path) -> None:
    """
    A host's workers start together: none finds the file locked, each event is there.

    Opening, migrating and closing as the last one lock all others out for a moment.
    """
    times = 15
    path = tmp_path / "outbox.db"
    errors = together(open_and_close, path, times)

    assert errors == [[]] * PROCESSES
    assert events(path) == {
        f"{n}-{turn}": 1 for n in range(PROCESSES) for turn in range(times)
    }
    assert_sound(path)


def write_many(path: Path, number: int, start: Any, told: Any, times: int) -> None:
    outbox = SqliteOutbox(path)
    start.wait(30)
    for turn in range(times):
        record(outbox, f"{number}-{turn}")
        if number == 0 and turn % 10 == 0:  # one of them works on what came in
            fold(outbox)
    outbox.close()
    told.put("done")


def fold(outbox: SqliteOutbox) -> None:
    lease = outbox.claim("0", now=NOW, ttl=60, is_gone=nobody_is_gone)
    assert lease is not None
    with outbox.write(lease) as writer:
        for event in outbox.inbox(100):
            writer.fold(event)


def test_several_writers_lose_and_double_nothing(tmp_path: Path) -> None:
    """Each event of each process is there exactly once, while a worker works."""
    times = 150
    path = tmp_path / "outbox.db"
    SqliteOutbox(path).close()
    together(write_many, path, times)
    outbox = SqliteOutbox(path)
    fold_rest(outbox)

    with closing(sqlite3.connect(path)) as file:
        rows = file.execute("SELECT trade_id FROM executions").fetchall()
    outbox.close()
    assert Counter(row[0] for row in rows) == {
        f"{n}-{turn}": 1 for n in range(PROCESSES) for turn in range(times)
    }
    assert_sound(path)


def fold_rest(outbox: SqliteOutbox) -> None:
    while outbox.inbox(1):
        fold(outbox)


def claim_many(path: Path, number: int, start: Any, told: Any, times: int) -> None:
    outbox = SqliteOutbox(path)
    won = []
    start.wait(30)
    for turn in range(times):
        lease = outbox.claim(
            str(number), now=NOW + turn, ttl=0.5, is_gone=nobody_is_gone
        )
        if lease is not None:
            won.append(lease.token)
    outbox.close()
    told.put(won)


def test_no_two_processes_get_one_token(tmp_path: Path) -> None:
    """Whoever is a moment slower gets nothing: the fence has one holder."""
    path = tmp_path / "outbox.db"
    SqliteOutbox(path).close()
    won = together(claim_many, path, 100)

    tokens = [token for tokens in won for token in tokens]
    assert len(tokens) == len(set(tokens))
    assert sorted(tokens) == list(range(1, len(tokens) + 1))


def write_until_killed(path: Path, told: Any) -> None:
    outbox = SqliteOutbox(path)
    for number in range(1_000_000):
        record(outbox, str(number))
        told.send_bytes(b"%d" % number)


def test_killed_writer_loses_nothing_that_record_returned_for(tmp_path: Path) -> None:
    """Whatever was recorded before SIGKILL is there, exactly once, time and again."""
    path = tmp_path / "outbox.db"
    for _ in range(3):
        receiver, sender = SPAWN.Pipe(duplex=False)
        process = SPAWN.Process(target=write_until_killed, args=(path, sender))
        process.start()
        sender.close()
        last = -1
        while last < 30:
            last = int(receiver.recv_bytes())
        kill(process)
        while receiver.poll():
            try:
                last = int(receiver.recv_bytes())
            except EOFError:
                break

        found = events(path)
        assert {str(number) for number in range(last + 1)} <= found.keys()
        assert set(found.values()) == {1}
        assert_sound(path)
        path.unlink()


def kill(process: BaseProcess) -> None:
    """Kill for sure, and see that it was us who did."""
    process.kill()
    process.join(20)
    assert process.exitcode == -signal.SIGKILL


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


def in_a_fork(work: Callable[[], None]) -> int:
    """Run *work* in a forked child; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def ended_well(pid: int) -> bool:
    """Wait for a child; tell whether its work ended without an error."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


forks = pytest.mark.filterwarnings(
    "ignore:.*multi-threaded, use of fork:DeprecationWarning"
)


@forks
def test_outbox_survives_a_fork(tmp_path: Path) -> None:
    """Parent and children go on with the outbox that they had before."""
    path = tmp_path / "outbox.db"
    outbox = SqliteOutbox(path)
    record(outbox, "before")

    def work(name: str) -> None:
        for turn in range(20):
            record(outbox, f"{name}-{turn}")

    children = [in_a_fork(lambda n=n: work(f"child{n}")) for n in range(3)]  # type: ignore[misc]
    work("parent")
    assert [ended_well(pid) for pid in children] == [True] * 3
    outbox.close()

    names = ("parent", "child0", "child1", "child2")
    expected = {f"{name}-{turn}": 1 for name in names for turn in range(20)}
    assert events(path) == expected | {"before": 1}
    assert_sound(path)


@forks
def test_child_loses_nothing_when_the_parent_closes(tmp_path: Path) -> None:
    """
    A parent that ends, as a preloading server's does, takes no event of its children.

    Were a connection inherited, SQLite would delete the log that the child writes to.
    """
    path = tmp_path / "outbox.db"
    outbox = SqliteOutbox(path)
    record(outbox, "before")
    child_wrote, parent_closed = os.pipe(), os.pipe()

    def work() -> None:
        record(outbox, "child before")
        os.write(child_wrote[1], b".")
        os.read(parent_closed[0], 1)
        record(outbox, "child after")

    pid = in_a_fork(work)
    os.read(child_wrote[0], 1)
    outbox.close()
    os.write(parent_closed[1], b".")
    assert ended_well(pid)
    for end in (*child_wrote, *parent_closed):
        os.close(end)

    assert events(path) == {"before": 1, "child before": 1, "child after": 1}
    assert_sound(path)


@forks
def test_lease_of_a_parent_is_not_its_childs(tmp_path: Path) -> None:
    """A child that has claimed fences its parent off, as any other process does."""
    path = tmp_path / "outbox.db"
    desk = Desk(SqliteOutbox(path))

    def work() -> None:
        assert desk.outbox.claim("c", now=NOW, ttl=9, is_gone=lambda _: True)

    assert ended_well(in_a_fork(work))
    with pytest.raises(LeaseLost), desk.write():
        pass
    desk.outbox.close()


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
    found = events(path)
    assert found == {f"t{number}": 1 for number in range(written)} | {"afterwards": 1}
    assert_sound(path)

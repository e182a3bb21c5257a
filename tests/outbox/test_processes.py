"""Several processes on one outbox, on each engine: opening, writing, forking, dying."""

import os
import sqlite3
import time
from contextlib import closing
from typing import Any

import pytest

from argo_tradervue_plugin.config.databases import is_url
from argo_tradervue_plugin.errors import LeaseLost, OutboxError
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.desk import NOW, Desk, execution, nobody_is_gone
from tests.outbox.processes import (
    PROCESSES,
    SPAWN,
    ended_well,
    events,
    forks,
    in_a_fork,
    kill,
    needs_fork,
    record,
    together,
)

pytestmark = needs_fork


def assert_sound(database: str) -> None:
    """See that a file is what SQLite made of it; a server sees to that itself."""
    if not is_url(database):
        with closing(sqlite3.connect(database)) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def open_and_close(
    number: int, start: Any, told: Any, database: str, times: int
) -> None:
    errors = []
    start.wait(120)
    for turn in range(times):
        try:
            outbox = open_outbox(database)
            outbox.counts()
            outbox.lease_free_at()
            record(outbox, f"{number}-{turn}")
            outbox.close()
        except OutboxError as error:
            errors.append(str(error))
    told.put(errors)


def test_processes_that_open_at_once_make_one_outbox(database: str) -> None:
    """
    A host's workers start together: none finds it locked, each event is there.

    Opening, migrating and closing as the last one lock all others out for a moment.
    """
    times = 15
    errors = together(open_and_close, database, times)

    assert errors == [[]] * PROCESSES
    assert events(database) == {
        f"{n}-{turn}": 1 for n in range(PROCESSES) for turn in range(times)
    }
    assert_sound(database)


def write_many(number: int, start: Any, told: Any, database: str, times: int) -> None:
    outbox = open_outbox(database)
    start.wait(120)
    for turn in range(times):
        record(outbox, f"{number}-{turn}")
        if number == 0 and turn % 10 == 0:  # one of them works on what came in
            work_off(outbox)
    outbox.close()
    told.put("done")


def work_off(outbox: Outbox) -> None:
    lease = outbox.claim("0", now=NOW, ttl=60, is_gone=nobody_is_gone)
    assert lease is not None
    with outbox.write(lease) as writer:
        events = outbox.inbox(100)
        for event in events:
            each = execution(event.trade_id)
            writer.put(each, account_tag="argo", twin=False, now=NOW)
        writer.take_out(events)


def test_several_writers_lose_and_double_nothing(database: str) -> None:
    """Each event of each process is there exactly once, while a worker works."""
    times = 150
    open_outbox(database).close()
    together(write_many, database, times)
    outbox = open_outbox(database)
    while outbox.inbox(1):
        work_off(outbox)

    names = [f"{n}-{turn}" for n in range(PROCESSES) for turn in range(times)]
    found = {name: len(outbox.of_trade(name)) for name in names}
    outbox.close()
    assert found == dict.fromkeys(names, 1)
    assert_sound(database)


def claim_many(number: int, start: Any, told: Any, database: str, times: int) -> None:
    outbox = open_outbox(database)
    won = []
    start.wait(120)
    for turn in range(times):
        lease = outbox.claim(
            str(number), now=NOW + turn, ttl=0.5, is_gone=nobody_is_gone
        )
        if lease is not None:
            won.append(lease.token)
    outbox.close()
    told.put(won)


def test_no_two_processes_get_one_token(database: str) -> None:
    """Whoever is a moment slower gets nothing: the fence has one holder."""
    open_outbox(database).close()
    won = together(claim_many, database, 100)

    tokens = [token for tokens in won for token in tokens]
    assert len(tokens) == len(set(tokens))
    assert sorted(tokens) == list(range(1, len(tokens) + 1))


def write_until_killed(database: str, life: int, told: Any) -> None:
    outbox = open_outbox(database)
    for number in range(1_000_000):
        record(outbox, f"{life}-{number}")
        told.send_bytes(b"%d" % number)


def test_killed_writer_loses_nothing_that_record_returned_for(database: str) -> None:
    """Whatever was recorded before SIGKILL is there, exactly once, time and again."""
    recorded: set[str] = set()
    for life in range(3):
        receiver, sender = SPAWN.Pipe(duplex=False)
        process = SPAWN.Process(
            target=write_until_killed, args=(database, life, sender)
        )
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
        recorded |= {f"{life}-{number}" for number in range(last + 1)}

    found = events(database)
    assert recorded <= found.keys()
    assert set(found.values()) == {1}
    assert_sound(database)


def stay_in_a_transaction(database: str, told: Any) -> None:
    desk = Desk(open_outbox(database))
    with desk.write() as writer:
        writer.open_trade(execution("half"), slot=1, account_tag="argo")
        told.send_bytes(b"in the midst")
        time.sleep(60)


def test_writer_killed_in_a_transaction_leaves_nothing_of_it(database: str) -> None:
    """What it held goes with the process, and so does what was not committed."""
    receiver, sender = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=stay_in_a_transaction, args=(database, sender))
    process.start()
    assert receiver.recv_bytes() == b"in the midst"
    kill(process)

    outbox = open_outbox(database)
    lease = outbox.claim("next", now=NOW + 99, ttl=60, is_gone=nobody_is_gone)
    assert lease is not None
    with outbox.write(lease):
        assert outbox.spans("AAPL", 0, None) == []
    outbox.close()
    assert_sound(database)


@forks
def test_outbox_survives_a_fork(database: str) -> None:
    """Parent and children go on with the outbox that they had before."""
    outbox = open_outbox(database)
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
    assert events(database) == expected | {"before": 1}
    assert_sound(database)


@forks
def test_child_loses_nothing_when_the_parent_closes(database: str) -> None:
    """
    A parent that ends, as a preloading server's does, takes no event of its children.

    Were a connection of SQLite inherited, it would delete the log that the child
    writes to.
    """
    outbox = open_outbox(database)
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

    assert events(database) == {"before": 1, "child before": 1, "child after": 1}
    assert_sound(database)


@forks
def test_parent_goes_on_when_a_child_ends(database: str) -> None:
    """A child that ends says no goodbye in the name of its parent."""
    desk = Desk(open_outbox(database))

    def work() -> None:
        record(desk.outbox, "child")
        desk.outbox.close()

    with desk.write() as writer:
        writer.open_trade(execution("t"), slot=1, account_tag="argo")
    assert ended_well(in_a_fork(work))
    desk.record("parent")
    desk.outbox.close()

    assert events(database) == {"child": 1, "parent": 1}


@forks
def test_lease_of_a_parent_is_not_its_childs(database: str) -> None:
    """A child that has claimed fences its parent off, as any other process does."""
    desk = Desk(open_outbox(database))

    def work() -> None:
        assert desk.outbox.claim("c", now=NOW, ttl=9, is_gone=lambda _: True)

    assert ended_well(in_a_fork(work))
    with pytest.raises(LeaseLost), desk.write():
        pass
    desk.outbox.close()

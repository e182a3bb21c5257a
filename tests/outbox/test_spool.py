"""What hooks write into: appended by many at once, taken away, and lost by nobody."""

import errno
import multiprocessing
import os
import signal
import stat
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.records import EventKind, Recorded, State
from argo_tradervue_plugin.outbox.spool import Spool, events_in
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.fakes import eventually, room_for
from tests.journeys.reader import JournalReader, differences
from tests.outbox.desk import Desk, execution
from tests.outbox.processes import ended_well, forks, in_a_fork
from tests.outbox.server import Server, running

NOW = 1_800_000_000.0
NOBODY = "postgresql://argo:secret@127.0.0.1:1/nothing"
NEW = dict.fromkeys(Kind, State.NEW)
OPEN_FILES = Path("/proc/self/fd")
SPAWN = multiprocessing.get_context("spawn")


def event(number: int = 1, payload: str = '{"price": 1}') -> Recorded:
    """Return an event as a hook saw it."""
    return Recorded(f"t{number}", EventKind.ENTRY, "AAPL|long|x", payload, NOW + number)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """The spool of this machine."""
    return Spool(tmp_path / "state" / "spool")


def moved(spool: Spool) -> list[Recorded]:
    """Return what a worker gets."""
    found: list[Recorded] = []
    spool.move(found.extend)
    return found


# The spool itself -------------------------------------------------------------------


@given(
    written=st.lists(
        st.builds(
            Recorded,
            st.text(min_size=1).filter(str.isprintable),
            st.sampled_from(EventKind),
            st.text().filter(str.isprintable),
            st.text().filter(str.isprintable),
            st.floats(min_value=0, max_value=2e11),
        ),
        unique=True,
    )
)
def test_events_come_out_as_they_went_in(
    written: list[Recorded], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In their order, to the last character."""
    spool = Spool(tmp_path_factory.mktemp("spool"))
    for each in written:
        spool.append(each)
    assert spool.waiting() == written

    assert moved(spool) == written
    assert spool.waiting() == moved(spool) == []


def test_nothing_is_made_before_something_is_written(spool: Spool) -> None:
    """To look at a spool is not to make one."""
    assert spool.waiting() == moved(spool) == []
    assert not spool.folder.exists()


def test_next_file_is_there_before_a_hook_needs_it(spool: Spool) -> None:
    """Most trades come alone: none of them waits for a file to be made."""
    spool.append(event(1))
    assert moved(spool) == [event(1)]
    [ready] = files(spool)
    assert ready.stat().st_size == 0

    spool.append(event(2))
    assert ready.stat().st_size > 0
    assert files(spool) == [ready]


def test_only_its_owner_may_read_it(spool: Spool) -> None:
    """What was traded is nobody else's business, whatever the umask."""
    before = os.umask(0)
    try:
        spool.append(event())
    finally:
        os.umask(before)

    modes = [stat.S_IMODE(p.stat().st_mode) for p in (spool.folder, *files(spool))]
    assert modes == [0o700, 0o600]


def files(spool: Spool) -> list[Path]:
    """Return what is in the folder."""
    return sorted(spool.folder.iterdir())


def test_piece_of_a_killed_writer_harms_no_other_event(spool: Spool) -> None:
    """Wherever its line breaks off: what came before and after is there."""
    spool.append(event(1))
    [file] = files(spool)
    line = file.read_bytes()
    for length in range(len(line)):
        file.write_bytes(line + line.replace(b"t1", b"t2")[:length])
        spool.append(event(3))
        assert spool.waiting() == [event(1), event(3)]
    spool.append(event(4))
    file.write_bytes(file.read_bytes()[:-1])

    assert moved(spool) == [event(1), event(3)]
    assert moved(spool) == []


@pytest.mark.parametrize(
    "line",
    [
        b"\0" * 50,
        b"\x1et2\x1fmiddle\x1fi\x1f1.0\x1f{}",
        b"\x1et2\x1fentry\x1fi\x1fsoon\x1f{}",
        b"\x1et2\x1fentry\x1fi\x1f{}",
        b"\x1et2\x1fentry\x1fi\x1finf\x1f{}",
        b"\x1et2\x1fentry\x1fi\x1fnan\x1f{}",
        b"\x1et2\x1fentry\x1fi\x1f1e300\x1f{}",
        b"\x1et2\x1fentry\x1fi\x1f-1.0\x1f{}",
        b"\x1et2\x1fentry\x1fi\x1f1.0\x1f{\0\0\0}",
        b"\x1e\xff\x1fentry\x1fi\x1f1.0\x1f{}",
    ],
)
def test_damaged_line_is_told_and_passed_over(
    spool: Spool, caplog: pytest.LogCaptureFixture, line: bytes
) -> None:
    """As a disk leaves it when the power fails: it must not stop what follows."""
    spool.append(event(1))
    [file] = files(spool)
    file.write_bytes(file.read_bytes() + line + b"\n")
    spool.append(event(3))
    assert spool.waiting() == [event(1), event(3)]
    assert caplog.text == ""

    assert moved(spool) == [event(1), event(3)]
    assert caplog.text.count("tradervue.event_damaged") == 1


def test_many_damaged_lines_are_one_line_of_the_log(
    spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    """As when another program writes its log into the file."""
    spool.append(event(1))
    [file] = files(spool)
    file.write_bytes(b"none of ours\n" * 3000 + file.read_bytes())

    assert moved(spool) == [event(1)]
    [line] = caplog.messages
    assert line.startswith("tradervue.event_damaged lines=3000 text=b'none of ours")


def test_event_that_came_too_late_for_its_file_is_in_the_next(spool: Spool) -> None:
    """A worker may have read the file to its end before the hook wrote into it."""
    spool.append(event(1))
    late = Spool(spool.folder)
    late.append(event(2))
    found: list[Recorded] = []

    def put(events: Iterable[Recorded]) -> None:
        found.extend(events)
        late.append(event(3))  # into what has been read, and then once more

    spool.move(put)
    assert found == [event(1), event(2)]
    assert moved(spool) == [event(3)]
    late.append(event(4))
    spool.append(event(5))
    assert moved(spool) == [event(4), event(5)]


def test_what_was_not_put_anywhere_stays(spool: Spool) -> None:
    """And what another process writes meanwhile comes after it."""
    other = Spool(spool.folder)
    other.append(event(1))

    def fail(events: Iterable[Recorded]) -> None:
        raise OutboxError(f"no room for {len(list(events))}")

    with pytest.raises(OutboxError, match="no room for 1"):
        spool.move(fail)
    other.append(event(2))
    assert Spool(spool.folder).waiting() == [event(1), event(2)]
    # The second was on its way into the file that was taken, too.
    assert moved(spool) == [event(1), event(2), event(2)]


def test_hooks_that_never_rest_do_not_hold_the_worker_up(spool: Spool) -> None:
    """What is written while it takes over what was there is for the next time."""
    spool.append(event(0))
    found: list[Recorded] = []

    def put(events: Iterable[Recorded]) -> None:
        found.extend(events)
        assert len(found) < 5
        spool.append(event(len(found)))

    assert spool.move(put)
    assert found == [event(0)]
    assert moved(spool) == [event(1)]


def test_what_could_not_be_written_comes_last(spool: Spool) -> None:
    """It happened after whatever is in the file."""
    spool.append(event(1))
    found: list[Recorded] = []

    assert spool.move(found.extend, [event(2)])
    assert spool.move(found.extend, [event(3)])
    assert found == [event(1), event(2), event(3)]


def test_one_process_at_a_time_moves_what_is_there(spool: Spool) -> None:
    """Of two that moved the same events one could put an old one behind a new one."""
    spool.append(event())

    def look(events: Iterable[Recorded]) -> None:
        nothing: list[Recorded] = []
        assert not Spool(spool.folder).move(nothing.extend, [event(2)])
        assert list(events) == [event()]

    assert spool.move(look)
    assert not spool.move(look)


def test_event_that_has_no_room_is_told_and_not_half_there(spool: Spool) -> None:
    """The disk may be full in the midst of a line."""
    spool.append(event(1))
    [file] = files(spool)
    for more in (0, 1, 20):
        with room_for(file.stat().st_size + more), pytest.raises(OutboxError):
            spool.append(event(2))
    spool.append(event(3))

    assert moved(spool) == [event(1), event(3)]


def test_folder_that_is_none_is_told(spool: Spool) -> None:
    """Hooks and workers hear of it in our words, with its name."""
    spool.folder.parent.mkdir()
    spool.folder.write_text("no folder")

    with pytest.raises(OutboxError, match=f"{spool.folder}.* cannot be written"):
        spool.append(event())
    with pytest.raises(OutboxError, match=f"{spool.folder}.* cannot be read"):
        spool.waiting()


def test_file_that_cannot_be_read_is_named(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person has to know which one the disk has lost."""
    spool.append(event(1))

    def fail(path: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    monkeypatch.setattr("argo_tradervue_plugin.config.files.opened_to_read", fail)
    with pytest.raises(OutboxError, match=r"cannot be read: .*error \(events\)$"):
        spool.waiting()


def test_folder_that_was_deleted_is_made_anew(spool: Spool) -> None:
    """What was in it is gone; what comes is not."""
    spool.append(event(1))
    for each in files(spool):
        each.unlink()
    spool.folder.rmdir()
    spool.append(event(2))

    assert moved(spool) == [event(2)]


def test_file_that_the_host_closed_is_opened_again(spool: Spool) -> None:
    """A host that becomes a daemon closes whatever it finds open."""
    spool.append(event(1))
    [file] = [path for path in OPEN_FILES.iterdir() if is_in(path, spool.folder)]
    os.close(int(file.name))
    spool.append(event(2))

    assert moved(spool) == [event(1), event(2)]


def test_number_that_is_the_hosts_by_now_is_neither_written_nor_closed(
    spool: Spool, tmp_path: Path
) -> None:
    """The host's own file gets the number that ours had."""
    spool.append(event(1))
    [file] = [path for path in OPEN_FILES.iterdir() if is_in(path, spool.folder)]
    number = int(file.name)
    with (tmp_path / "host.log").open("w") as log:
        os.dup2(log.fileno(), number)
        try:
            spool.append(event(2))
            os.write(number, b"the host's\n")
        finally:
            os.close(number)

    assert (tmp_path / "host.log").read_text() == "the host's\n"
    assert moved(spool) == [event(1), event(2)]


def is_in(descriptor: Path, folder: Path) -> bool:
    """Tell whether what is open is in *folder*."""
    try:
        return descriptor.readlink().parent == folder
    except FileNotFoundError:  # it was the listing itself
        return False


def test_host_may_change_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path is where it was when the host started."""
    for name in ("home", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "home")
    outbox = Outbox(Sqlite("outbox.db"), spool=Spool("spool"), is_lazy=True)
    outbox.record(event(1))
    monkeypatch.chdir(tmp_path / "elsewhere")
    outbox.record(event(2))

    assert outbox.gather()
    assert [each.trade_id for each in outbox.inbox(9)] == ["t1", "t2"]
    outbox.close()
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert {path.name for path in (tmp_path / "home").iterdir()} == {
        "outbox.db",
        "spool",
    }


@pytest.mark.parametrize(("durability", "waits"), [("normal", 0), ("full", 3)])
def test_full_durability_waits_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durability: str, waits: int
) -> None:
    """At each event, and once for the file's name."""
    waited: list[int] = []
    monkeypatch.setattr(os, "fsync", waited.append)
    spool = Spool(tmp_path, durability=durability)
    spool.append(event(1))
    spool.append(event(2))

    assert len(waited) == waits


def test_threads_append_while_it_is_taken_away(spool: Spool) -> None:
    """Each event arrives, once or twice; no file of another's is written to."""
    found: list[Recorded] = []
    open_before = len(list(OPEN_FILES.iterdir()))

    def hook(start: int) -> None:
        for number in range(start, start + 300):
            spool.append(event(number))

    threads = [threading.Thread(target=hook, args=(300 * n,)) for n in range(4)]
    for each in threads:
        each.start()
    while any(each.is_alive() for each in threads):
        spool.move(found.extend)
    spool.move(found.extend)

    assert set(found) == {event(number) for number in range(1200)}
    assert spool.waiting() == []
    assert len(list(OPEN_FILES.iterdir())) <= open_before + 1


def append_many(folder: Path, start: int, go: Any) -> None:
    """Be another process of the host."""
    spool = Spool(folder)
    go.wait(120)
    for number in range(start, start + 300):
        spool.append(event(number, payload="x" * 3000))


def test_processes_append_while_it_is_taken_away(spool: Spool) -> None:
    """Lines of several writers never run into each other."""
    go = SPAWN.Barrier(5)
    writers = [
        SPAWN.Process(target=append_many, args=(spool.folder, 300 * n, go))
        for n in range(4)
    ]
    for each in writers:
        each.start()
    go.wait(120)
    found: list[Recorded] = []
    while any(each.is_alive() for each in writers):
        spool.move(found.extend)
    spool.move(found.extend)

    assert [each.exitcode for each in writers] == [0, 0, 0, 0]
    assert {each.trade_id for each in found} == {f"t{n}" for n in range(1200)}
    assert {each.payload for each in found} == {"x" * 3000}


def write_on_and_on(folder: Path, told: Any) -> None:
    """Tell of each event once it is written, until the end comes."""
    spool = Spool(folder)
    for number in range(1_000_000):
        spool.append(event(number, payload="x" * 10_000))
        told.send(number)


def test_what_was_written_outlives_a_kill(spool: Spool) -> None:
    """Whatever the writer had said, and at most what it was about to say."""
    for _ in range(5):
        heard, told = SPAWN.Pipe(duplex=False)
        process = SPAWN.Process(target=write_on_and_on, args=(spool.folder, told))
        process.start()
        last = -1
        while last < 50:
            last = heard.recv()
        process.kill()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        told.close()
        while heard.poll():
            try:
                last = heard.recv()
            except EOFError:
                break
        numbers = [int(each.trade_id[1:]) for each in moved(spool)]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) - 1 - last in (0, 1)


@forks
def test_child_writes_beside_its_parent(spool: Spool) -> None:
    """What it inherits is the same file, and takes whole lines of both."""
    spool.append(event(0))

    def work() -> None:
        for number in range(100, 200):
            spool.append(event(number))

    child = in_a_fork(work)
    for number in range(1, 100):
        spool.append(event(number))
    assert ended_well(child)

    assert Counter(moved(spool)) == Counter(event(number) for number in range(200))


def test_no_line_is_no_event() -> None:
    """Nor is a line without its beginning."""
    assert list(events_in([])) == []
    assert list(events_in([b"{}"])) == []


# Before an outbox -------------------------------------------------------------------


@pytest.fixture
def outbox(database: str, spool: Spool) -> Iterator[Outbox]:
    """The outbox as a process of a host opens it."""
    made = open_outbox(database, spool=spool)
    yield made
    made.close()


def record(
    outbox: Outbox, trade_id: str = "t1", kind: EventKind = EventKind.ENTRY
) -> None:
    """Record an event as a hook does."""
    outbox.record(Recorded(trade_id, kind, "hash", '{"price": 1}', NOW))


def test_event_waits_in_the_spool_until_it_is_gathered(
    outbox: Outbox, database: str, spool: Spool
) -> None:
    """Nobody overlooks it on the way, and in the database it is for everyone."""
    elsewhere = open_outbox(database)
    record(outbox)
    assert elsewhere.inbox(10) == []
    assert outbox.counts()[State.NEW] == 1
    assert outbox.states_of(["t1", "t2"]) == {"t1": {Kind.ENTRY: State.NEW}}
    assert outbox.oldest_pending_at() == NOW

    assert outbox.gather()
    assert not outbox.gather()
    [found] = elsewhere.inbox(10)
    assert (found.trade_id, found.payload, found.recorded_at) == (
        "t1",
        '{"price": 1}',
        NOW,
    )
    assert outbox.counts()[State.NEW] == 1
    assert outbox.oldest_pending_at() == NOW
    assert spool.waiting() == []
    elsewhere.close()


def test_line_of_an_unknown_kind_is_no_event() -> None:
    """A newer version may write what this one has no word for; the others go on."""
    lines = [
        b"\x1et\x1fsplit\x1fi\x1f1.0\x1f{}\n",
        b"\x1et\x1fexit\x1fi\x1f1.0\x1f{}\n",
    ]

    assert list(events_in(lines)) == [Recorded("t", EventKind.EXIT, "i", "{}", 1.0)]


def test_correction_is_an_event_and_no_execution(
    outbox: Outbox, database: str, spool: Spool
) -> None:
    """It waits and is counted like any other, and says nothing of how far they are."""
    record(outbox, kind=EventKind.CORRECTION)
    assert [each.kind for each in spool.waiting()] == [EventKind.CORRECTION]
    assert outbox.counts()[State.NEW] == 1
    assert outbox.states_of(["t1"]) == {}

    assert outbox.gather()
    [found] = outbox.inbox(10)
    assert (found.trade_id, found.kind) == ("t1", EventKind.CORRECTION)
    assert found.payload == '{"price": 1}'
    assert outbox.counts()[State.NEW] == 1
    assert outbox.states_of(["t1"]) == {}
    record(outbox)
    assert outbox.states_of(["t1"]) == {"t1": {Kind.ENTRY: State.NEW}}


def test_entry_that_moved_and_exit_that_did_not_are_both_seen(outbox: Outbox) -> None:
    """The two halves of a trade may be in two places."""
    record(outbox)
    outbox.gather()
    record(outbox, kind=EventKind.EXIT)

    assert outbox.states_of(["t1"]) == {"t1": NEW}
    assert outbox.counts()[State.NEW] == 2


def test_news_of_a_trade_is_seen_before_what_stands(outbox: Outbox) -> None:
    """What was synced and is told anew is not done."""
    desk = Desk(outbox)
    desk.enlist(execution("t1"))
    desk.move(State.SYNCED, ("t1", Kind.ENTRY))
    record(outbox)

    assert outbox.states_of(["t1"]) == {"t1": {Kind.ENTRY: State.NEW}}


def test_what_a_killed_process_left_the_next_one_gathers(
    database: str, spool: Spool
) -> None:
    """The spool is the machine's, not the process's."""
    first = open_outbox(database, spool=spool)
    record(first)
    first.close()
    second = open_outbox(database, spool=Spool(spool.folder))

    assert second.gather()
    assert len(second.inbox(10)) == 1
    second.close()


def test_event_of_a_mover_that_died_is_gathered_again(
    outbox: Outbox, spool: Spool
) -> None:
    """As when its mover dies after the commit, and before the file is gone."""
    record(outbox)

    def die(events: Iterable[Recorded]) -> None:
        outbox.take_over(events)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spool.move(die)
    assert outbox.gather()

    # Recorded twice it changes nothing; lost it would be missing.
    assert [each.trade_id for each in outbox.inbox(10)] == ["t1", "t1"]
    assert spool.waiting() == []


def test_hook_needs_no_server(spool: Spool) -> None:
    """The file is enough; that the server is missing is the worker's to know."""
    outbox = open_outbox(NOBODY, spool=spool, is_lazy=True)
    with pytest.raises(OutboxError, match="cannot be opened"):
        outbox.open()
    record(outbox)

    with pytest.raises(OutboxError, match="cannot be opened") as raised:
        outbox.gather()
    assert "secret" not in str(raised.value)
    with pytest.raises(OutboxError):
        outbox.counts()
    assert len(spool.waiting()) == 1
    outbox.close()


def test_worker_goes_past_a_spool_that_fails(outbox: Outbox, spool: Spool) -> None:
    """A hook's event then waits in memory, and not for the disk."""
    record(outbox, "t1")
    with room_for(0), pytest.raises(OutboxError, match="cannot be written"):
        record(outbox, "t2")
    assert outbox.gather([event(2)])

    assert [each.trade_id for each in outbox.inbox(10)] == ["t1", "t2"]


def test_full_disk_of_this_machine_holds_up_no_server_elsewhere(
    sandbox: Sandbox,
    section: dict[str, Any],
    postgres_server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its stamp says whose it is, where the note of the spool cannot be written."""

    def full(*_: object) -> None:
        raise OutboxError("No space left on device")

    monkeypatch.setattr("argo_tradervue_plugin.delivery.joining.write_note", full)
    with (
        postgres_server.database() as url,
        JournalReader(sandbox.url) as journal,
        RunningHost({"plugins": {"tradervue": section | {"database": url}}}) as it,
    ):
        it.leave(it.enter("AAPL"), commission=1.0)
        assert it.integration.flush(20), it.integration.health()
        assert len(journal.all_executions()) == 2


def test_host_outlives_a_server_that_is_restarted(
    sandbox: Sandbox, section: dict[str, Any]
) -> None:
    """Before its start, in the middle of everything, and with a crash: all arrives."""
    trades = []
    with running() as server, JournalReader(sandbox.url) as journal:
        url = server.url()
        server.stop()
        with RunningHost({"plugins": {"tradervue": section | {"database": url}}}) as it:

            def live(symbol: str) -> None:
                """Enter and leave one position."""
                trades.append(it.leave(it.enter(symbol), commission=1.0))

            live("EARLY")
            server.start()
            eventually(lambda: len(journal.trades()) == 1)
            for how in (signal.SIGINT, signal.SIGQUIT):
                for number in range(10):
                    live(f"{how.name}{number}")
                server.stop(how)
                live(f"AFTER{how.name}")
                server.start()
            eventually(lambda: is_done(it), "everything is verified")
            told = [vars(trade) for trade in trades]
            assert differences(journal, told) == []
        with psycopg.connect(url) as reader:
            rows = reader.execute(
                "SELECT state, count(*) FROM argo_tradervue.executions GROUP BY 1"
            ).fetchall()
        assert rows == [("synced", 2 * len(trades))]


def is_done(host: RunningHost) -> bool:
    """Tell whether nothing is pending; a server that is away cannot say so."""
    try:
        return bool(host.integration.worker.is_idle())
    except OutboxError:
        time.sleep(0.1)
        return False

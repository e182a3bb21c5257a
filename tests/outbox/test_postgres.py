"""What only the PostgreSQL engine has: a server, and connections that break."""

import gc
import logging
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import attrs
import psycopg
import pytest

from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import (
    LeaseLost,
    OutboxBusy,
    OutboxError,
    OutboxTooNew,
)
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.outbox import postgres as engine
from argo_tradervue_plugin.outbox import session
from argo_tradervue_plugin.outbox.migrations import POSTGRES
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.outbox.postgres import Postgres
from argo_tradervue_plugin.outbox.records import Lease, Recorded, State, Transition
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.desk import ENTRY, NOW, Desk, engine_of, execution, nobody_is_gone
from tests.outbox.processes import SPAWN, ended_well, forks, in_a_fork, kill
from tests.outbox.server import ENCODED, PASSWORD, USER, Server

SECONDS: Final = 60.0  # for what is about to happen on another thread


@pytest.fixture
def url(postgres_server: Server) -> Iterator[str]:
    """Where the outbox of the test lives."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def outbox(url: str) -> Iterator[Outbox]:
    """An outbox that is closed in the end."""
    made = Outbox(Postgres(url))
    yield made
    made.close()


@pytest.fixture
def other(url: str) -> Iterator[Outbox]:
    """The same outbox as another machine has it: on a connection of its own."""
    made = Outbox(Postgres(url))
    yield made
    made.close()


@pytest.fixture
def admin(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody else in the database, who commits each statement."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = argo_tradervue")
        yield connection


@pytest.fixture
def desk(outbox: Outbox) -> Desk:
    """The outbox with its lease in hand."""
    return Desk(outbox)


def backend(outbox: Outbox) -> int:
    """Return the process of the server that serves this thread's connection."""
    return engine_of(outbox, Postgres).connection().raw.info.backend_pid


def end(admin: psycopg.Connection[Any], pid: int) -> None:
    """End a connection from the server's side, and wait until it has."""
    admin.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))


def eventually(admin: psycopg.Connection[Any], question: str, expected: object) -> None:
    """Wait until the database answers as *expected*."""
    deadline = time.monotonic() + SECONDS
    while (told := admin.execute(question.encode()).fetchone()) != (expected,):
        assert time.monotonic() < deadline, told
        time.sleep(0.01)


WAITING: Final = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
OURS: Final = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND application_name = 'argo-tradervue'
"""


class Elsewhere:
    """Work on another thread, with its answer or its error."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.answer: object = None
        self.error: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.answer = self._work()
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            self.error = error

    @property
    def is_done(self) -> bool:
        """Tell whether it has ended."""
        return not self._thread.is_alive()

    def wait(self) -> "Elsewhere":
        """Wait for the end."""
        self._thread.join(SECONDS)
        assert self.is_done
        return self


# The schema -------------------------------------------------------------------------


def test_newer_schema_is_refused_in_words(url: str) -> None:
    """An older plugin touches nothing and says what to do."""
    Outbox(Postgres(url)).close()
    newer = len(POSTGRES) + 1
    with psycopg.connect(url) as future:
        future.execute(
            "UPDATE argo_tradervue.schema_version SET version = %s", (newer,)
        )

    with pytest.raises(OutboxTooNew, match=r"newer version .*: update it"):
        Outbox(Postgres(url))
    with psycopg.connect(url) as future:
        version = future.execute("SELECT version FROM argo_tradervue.schema_version")
        assert version.fetchone() == (newer,)


def test_schema_comes_about_one_version_after_the_other(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of an older version is brought up with what is in it."""
    older = Outbox(Postgres(url))
    older.record(Recorded("t", EventKind.ENTRY, "i", "{}", NOW))
    older.close()
    longer = (*POSTGRES, "CREATE TABLE later (a BIGINT); INSERT INTO later VALUES (7);")
    monkeypatch.setattr(engine, "POSTGRES", longer)
    newer = Outbox(Postgres(url))

    assert [event.trade_id for event in newer.inbox(10)] == ["t"]
    found = newer.engine.connection().execute("SELECT a FROM argo_tradervue.later")
    assert found.fetchall() == [(7,)]
    newer.close()


def test_migration_that_breaks_off_leaves_nothing(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a schema would never be repaired: all of it comes, or none."""
    broken = (*POSTGRES, "CREATE TABLE fine (a BIGINT); CREATE TABLE broken (;")
    monkeypatch.setattr(engine, "POSTGRES", broken)
    with pytest.raises(OutboxError, match="syntax error"):
        Outbox(Postgres(url))

    monkeypatch.undo()
    outbox = Outbox(Postgres(url))
    outbox.record(Recorded("t", EventKind.ENTRY, "i", "{}", NOW))
    assert len(outbox.inbox(10)) == 1
    outbox.close()


def test_opening_waits_for_who_makes_the_schema(
    url: str, admin: psycopg.Connection[Any]
) -> None:
    """One of the processes that start at once makes it, the others find it made."""
    admin.execute("BEGIN")
    admin.execute("SELECT pg_advisory_xact_lock(%s)", (engine.MIGRATING,))
    opening = Elsewhere(lambda: Outbox(Postgres(url)).counts())
    eventually(admin, WAITING, 1)
    admin.execute("ROLLBACK")

    assert opening.wait().error is None


def test_role_that_may_make_no_schema_uses_one_that_was_made_for_it(
    url: str, postgres_server: Server, admin: psycopg.Connection[Any]
) -> None:
    """Without one it says what it lacks; with one it needs no more rights than that."""
    admin.execute("DROP ROLE IF EXISTS trader")
    admin.execute("CREATE ROLE trader LOGIN PASSWORD 'pw'")
    own = url.replace(f"{USER}:{ENCODED}", "trader:pw")
    with pytest.raises(OutboxError, match="permission denied for database"):
        Outbox(Postgres(own))

    admin.execute("CREATE SCHEMA argo_tradervue AUTHORIZATION trader")
    outbox = Outbox(Postgres(own))
    desk = Desk(outbox)
    desk.enlist(execution("t"))
    assert desk.state("t") is State.RECORDED
    outbox.close()


def test_nothing_is_made_outside_the_schema(
    outbox: Outbox, admin: psycopg.Connection[Any]
) -> None:
    """The database may be one that others use too."""
    found = admin.execute(
        "SELECT DISTINCT n.nspname FROM pg_class c JOIN pg_namespace n "
        "ON n.oid = c.relnamespace WHERE c.oid >= 16384 "
        "AND n.nspname NOT LIKE 'pg_toast%'"
    ).fetchall()

    assert found == [("argo_tradervue",)]


def test_hook_writes_one_row_and_no_index_but_its_number(
    outbox: Outbox, admin: psycopg.Connection[Any]
) -> None:
    """What is only appended to needs no other."""
    found = admin.execute(
        "SELECT indexname FROM pg_indexes WHERE tablename = 'inbox'"
    ).fetchall()

    assert found == [("inbox_pkey",)]


# The fence --------------------------------------------------------------------------


def claim(outbox: Outbox, holder: str) -> Lease | None:
    """Claim long after any other's time."""
    return outbox.claim(holder, now=NOW + 999, ttl=60, is_gone=nobody_is_gone)


def test_takeover_waits_for_a_writer_that_is_at_it(
    desk: Desk, other: Outbox, admin: psycopg.Connection[Any]
) -> None:
    """Its lease is over, but not its transaction: that is committed, and the last."""
    desk.enlist(execution("t"))
    with desk.write() as writer:
        writer.apply(Transition(state=State.SENT, rows=[desk.row("t")]), now=NOW)
        takeover = Elsewhere(lambda: claim(other, "another"))
        eventually(admin, WAITING, 1)
        assert not takeover.is_done

    lease = takeover.wait().answer
    assert isinstance(lease, Lease)
    assert (lease.holder, lease.token) == ("another", desk.lease.token + 1)
    assert desk.state("t") is State.SENT
    with pytest.raises(LeaseLost), desk.write():
        pass


def test_writer_waits_for_a_takeover_that_is_at_it(
    desk: Desk, admin: psycopg.Connection[Any]
) -> None:
    """It does not know yet that it lost the lease, and changes nothing."""
    desk.enlist(execution("t"))
    admin.execute("BEGIN")
    admin.execute("UPDATE lease SET token = token + 1, holder = 'another'")
    writing = Elsewhere(lambda: desk.move(State.SENT, ("t", ENTRY)))
    eventually(admin, WAITING, 1)
    admin.execute("COMMIT")

    assert isinstance(writing.wait().error, LeaseLost)
    assert desk.state("t") is State.RECORDED


def test_takeover_that_is_undone_leaves_the_holder_in_its_place(
    desk: Desk, admin: psycopg.Connection[Any]
) -> None:
    """A process that dies while it claims takes nothing with it."""
    desk.enlist(execution("t"))
    admin.execute("BEGIN")
    admin.execute("UPDATE lease SET token = token + 1, holder = 'another'")
    writing = Elsewhere(lambda: desk.move(State.SENT, ("t", ENTRY)))
    eventually(admin, WAITING, 1)
    admin.execute("ROLLBACK")

    assert writing.wait().error is None
    assert desk.state("t") is State.SENT


def test_two_takeovers_at_once_have_one_winner(
    desk: Desk, other: Outbox, url: str, admin: psycopg.Connection[Any]
) -> None:
    """Both saw the same lease run out; the token decides."""
    third = Outbox(Postgres(url))
    with desk.write():
        claims = [
            Elsewhere(lambda o=o, n=n: claim(o, n))  # type: ignore[misc]
            for o, n in ((other, "b"), (third, "c"))
        ]
        eventually(admin, WAITING, 2)
    third.close()

    won = [each.wait().answer for each in claims]
    assert sorted(map(bool, won)) == [False, True]


def test_person_waits_for_the_worker_that_is_at_it(
    desk: Desk, other: Outbox, admin: psycopg.Connection[Any]
) -> None:
    """One writes after the other, so that the history is in the order of commits."""
    desk.enlist(execution("t"))

    def decide() -> None:
        with other.maintain() as writer:
            change = Transition(state=State.DISCARDED, rows=[desk.row("t")])
            writer.apply(change, now=NOW)

    with desk.write() as writer:
        deciding = Elsewhere(decide)
        eventually(admin, WAITING, 1)
        writer.apply(Transition(state=State.SENT, rows=[desk.row("t")]), now=NOW)

    assert deciding.wait().error is None
    told = [step.state for step in desk.outbox.history("t")]
    assert told == ["recorded", "sent", "discarded"]


def test_no_write_of_a_former_holder_comes_after_one_of_its_successor(
    desk: Desk, url: str
) -> None:
    """Three machines take the lease from each other all the time, and write."""
    desk.enlist(*(execution(f"t{n}", at=n) for n in range(3)))
    turns = 60

    def work(number: int) -> int:
        outbox = Outbox(Postgres(url))
        rows = outbox.of_trade(f"t{number}")
        written = 0
        for turn in range(turns):
            now = NOW + 1e6 * (turn + 1) + number
            lease = outbox.claim(f"m{number}", now=now, ttl=1, is_gone=lambda _: True)
            with suppress(LeaseLost):
                while lease is not None:
                    with outbox.write(lease) as writer:
                        state = (State.SENT, State.RECORDED)[written % 2]
                        change = Transition(
                            state=state, rows=rows, reason=f"{lease.token:09}"
                        )
                        writer.apply(change, now=now)
                    written += 1
        outbox.close()
        return written

    machines = [Elsewhere(lambda n=n: work(n)) for n in range(3)]  # type: ignore[misc]
    # Whoever writes goes on until another takes the lease; the last one is stopped.
    deadline = time.monotonic() + SECONDS
    while not all(each.is_done for each in machines):
        desk.outbox.claim("stop", now=NOW + 1e9, ttl=1, is_gone=lambda _: True)
        assert time.monotonic() < deadline
        time.sleep(0.002)

    assert [each.error for each in machines] == [None] * 3
    steps = desk.outbox.engine.connection().execute(
        "SELECT detail FROM history WHERE detail IS NOT NULL ORDER BY seq"
    )
    tokens = [int(detail) for (detail,) in steps.fetchall()]
    assert len(tokens) > turns // 4  # as many as a slow machine manages
    assert tokens == sorted(tokens)


# Waiting ----------------------------------------------------------------------------


@contextmanager
def lease_locked(admin: psycopg.Connection[Any]) -> Iterator[None]:
    """Hold what a writer needs, as a machine that hangs in a transaction does."""
    admin.execute("BEGIN")
    admin.execute("SELECT 1 FROM lease FOR UPDATE")
    yield
    admin.execute("ROLLBACK")


def test_waiting_for_another_writer_ends_with_busy(
    desk: Desk, admin: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes gives up in the end; nothing was changed, and all goes on."""
    desk.enlist(execution("t"))
    outbox = desk.outbox
    assert isinstance(outbox.engine, Postgres)
    monkeypatch.setitem(session.CHANGING, "lock_timeout", "50ms")
    with lease_locked(admin):
        with pytest.raises(OutboxBusy, match="lock timeout"), outbox.maintain():
            pass
        with pytest.raises(OutboxBusy, match="lock timeout"), desk.write():
            pass
        with pytest.raises(OutboxBusy, match="lock timeout"):
            claim(outbox, "another")
        with pytest.raises(OutboxBusy, match="lock timeout"):
            outbox.renew(desk.lease, now=NOW, ttl=60)

    desk.move(State.SENT, ("t", ENTRY))
    assert desk.state("t") is State.SENT


def test_hook_and_reader_wait_for_no_writer(
    desk: Desk, other: Outbox, admin: psycopg.Connection[Any]
) -> None:
    """Recording and looking go on while a writer is at it, or hangs."""
    with lease_locked(admin):
        other.record(Recorded("t", EventKind.ENTRY, "i", "{}", NOW))
        assert len(other.inbox(10)) == 1
        assert other.counts()[State.NEW] == 1
        assert other.lease_free_at() == NOW + 60


def test_deadlock_ends_with_busy(
    desk: Desk, url: str, admin: psycopg.Connection[Any]
) -> None:
    """Somebody at work in the database by hand does not stop the worker for good."""
    desk.enlist(execution("t"))
    outbox = desk.outbox
    assert isinstance(outbox.engine, Postgres)
    # Who waits longer than this looks for a circle, and ends it.
    outbox.engine.connection().execute("SET deadlock_timeout = '10ms'")
    admin.execute("SET deadlock_timeout = '1h'")
    admin.execute("BEGIN")
    admin.execute("UPDATE executions SET attempts = 1")

    by_hand: list[Elsewhere] = []

    def work() -> None:
        with desk.write() as writer, psycopg.connect(url, autocommit=True) as look:
            free = "UPDATE lease SET expires_at=0"
            by_hand.append(Elsewhere(lambda: admin.execute(free)))
            eventually(look, WAITING, 1)
            writer.apply(Transition(state=State.SENT, rows=[desk.row("t")]), now=NOW)

    with pytest.raises(OutboxBusy, match="deadlock"):
        work()
    assert by_hand[0].wait().error is None
    admin.execute("ROLLBACK")
    assert desk.state("t") is State.RECORDED


def test_statement_that_takes_too_long_is_ended(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server sees to that."""
    monkeypatch.setitem(session.ASKING, "statement_timeout", "20ms")
    with pytest.raises(OutboxBusy, match="statement timeout"):
        outbox._all("SELECT pg_sleep(60)")


def settings_of(outbox: Outbox, names: Iterable[str]) -> dict[str, str]:
    """Return what the server goes by in what is asked now."""
    return {name: outbox._one(f"SELECT current_setting('{name}')")[0] for name in names}


def test_everything_is_bounded_on_the_server_too(outbox: Outbox) -> None:
    """A lock, a statement, a transaction that nobody goes on with."""
    assert settings_of(outbox, session.ASKING) == session.ASKING
    with outbox.maintain():
        assert settings_of(outbox, session.CHANGING) == session.CHANGING


SESSION: Final = """
SELECT (SELECT count(*) FROM pg_prepared_statements),
       (SELECT count(*) FROM pg_settings
         WHERE source = 'session'
           AND name NOT IN ('transaction_isolation', 'transaction_read_only',
                            'transaction_deferrable'))
"""


def test_nothing_is_prepared_or_set_for_longer_than_a_transaction(desk: Desk) -> None:
    """With a pooler the session is somebody else's a moment later."""
    outbox = desk.outbox
    assert isinstance(outbox.engine, Postgres)
    for number in range(20):  # as often as would make a driver prepare something
        desk.enlist(execution(f"t{number}", at=number))
        desk.record(f"u{number}")
        outbox.due(NOW, 10)
    raw = outbox.engine.connection().raw

    assert raw.execute(SESSION).fetchone() == (0, 0)


@pytest.mark.parametrize(
    "done",
    [
        pytest.param("DISCARD ALL", id="discarded"),
        pytest.param("SET search_path = pg_catalog", id="set"),
        pytest.param("CREATE TEMP TABLE counts (state TEXT, number INT)", id="shadow"),
        pytest.param("SET default_transaction_isolation = serializable", id="isolated"),
    ],
)
def test_whatever_became_of_the_session_meanwhile(desk: Desk, done: str) -> None:
    """A stranger had it, or the pooler has cleaned it: all goes on."""
    outbox = desk.outbox
    assert isinstance(outbox.engine, Postgres)
    for number in range(8):
        outbox.engine.connection().raw.execute(
            done.replace("TABLE", "TABLE IF NOT EXISTS")
        )
        desk.enlist(execution(f"t{number}", at=number))
        desk.record(f"u{number}")
    outbox.engine.connection().raw.execute("DISCARD ALL")

    assert outbox.counts()[State.RECORDED] == 8
    assert len(outbox.inbox(100)) == 8


@contextmanager
def hanging(pid: int) -> Iterator[None]:
    """Let a process of the server hang, with its connection open."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_server_that_hangs_is_given_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No call waits for ever; with the next one all goes on, on a new connection."""
    outbox = desk.outbox
    assert isinstance(outbox.engine, Postgres)
    monkeypatch.setattr(session, "CALL_SECONDS", 0.2)
    for attempt in (outbox.counts, lambda: desk.move(State.SENT, ("t", ENTRY))):
        outbox.counts()
        with (
            hanging(backend(outbox)),
            pytest.raises(OutboxError, match="no answer from the server") as told,
        ):
            attempt()
        assert not isinstance(told.value, OutboxBusy)
    monkeypatch.undo()

    assert outbox.counts()[State.NEW] == 0


# Connections ------------------------------------------------------------------------


def test_connection_that_ended_between_two_calls_is_not_noticed(
    desk: Desk, admin: psycopg.Connection[Any]
) -> None:
    """Reading, recording and writing go to a new one at once."""
    desk.enlist(execution("t"))
    outbox = desk.outbox
    assert isinstance(outbox.engine, Postgres)
    calls: list[Callable[[], object]] = [
        outbox.counts,
        lambda: desk.record("u"),
        lambda: desk.move(State.SENT, ("t", ENTRY)),
        lambda: outbox.renew(desk.lease, now=NOW, ttl=60),
        lambda: claim(outbox, "another"),
    ]
    for call in calls:
        end(admin, backend(outbox))
        call()

    assert desk.state("t") is State.SENT
    assert [event.trade_id for event in outbox.inbox(10)] == ["u"]


def test_connection_that_ends_in_a_transaction_takes_it_along(
    desk: Desk, admin: psycopg.Connection[Any]
) -> None:
    """The worker is told, nothing was changed, and its next transaction is fine."""
    desk.enlist(execution("t"))
    outbox = desk.outbox
    assert isinstance(outbox.engine, Postgres)
    pid = backend(outbox)

    def work() -> None:
        with desk.write() as writer:
            writer.apply(Transition(state=State.SENT, rows=[desk.row("t")]), now=NOW)
            end(admin, pid)
            writer.set_basic("t", 7)

    with pytest.raises(OutboxError, match="cannot be written"):
        work()
    assert desk.state("t") is State.RECORDED
    desk.move(State.SENT, ("t", ENTRY))
    assert desk.state("t") is State.SENT


def test_reading_in_a_transaction_that_broke_is_not_done_elsewhere(
    desk: Desk, admin: psycopg.Connection[Any]
) -> None:
    """Another connection would not see what this transaction has changed."""
    desk.enlist(execution("t"))
    outbox = desk.outbox
    assert isinstance(outbox.engine, Postgres)
    pid = backend(outbox)
    seen = []

    def work() -> None:
        with desk.write() as writer:
            writer.apply(Transition(state=State.SENT, rows=[desk.row("t")]), now=NOW)
            seen.append(desk.state("t"))
            end(admin, pid)
            with pytest.raises(OutboxError, match="cannot be read"):
                outbox.counts()

    with pytest.raises(OutboxError, match="cannot be written"):
        work()
    assert seen == [State.SENT]
    assert desk.state("t") is State.RECORDED


def test_reading_is_tried_again_when_its_connection_ends(
    outbox: Outbox, admin: psycopg.Connection[Any]
) -> None:
    """Once, on a new one; whoever asked does not notice."""
    admin.execute("BEGIN")
    admin.execute("LOCK TABLE counts IN ACCESS EXCLUSIVE MODE")
    ask = Elsewhere(outbox.counts)
    eventually(admin, WAITING, 1)
    [(first,)] = admin.execute("SELECT pid FROM pg_locks WHERE NOT granted").fetchall()
    end(admin, first)
    eventually(admin, WAITING, 1)
    admin.execute("ROLLBACK")

    assert ask.wait().error is None


def test_statement_that_failed_is_not_committed_over(desk: Desk) -> None:
    """The server undoes all of a transaction then; whoever ends it well is told so."""
    desk.enlist(execution("t"))
    outbox = desk.outbox
    assert isinstance(outbox.engine, Postgres)

    def work() -> None:
        with desk.write() as writer:
            writer.apply(Transition(state=State.SENT, rows=[desk.row("t")]), now=NOW)
            with pytest.raises(OutboxError, match="nonsense"):
                outbox._all("SELECT nonsense")

    with pytest.raises(OutboxError, match="all of them were undone"):
        work()
    assert desk.state("t") is State.RECORDED
    desk.move(State.SENT, ("t", ENTRY))
    assert desk.state("t") is State.SENT


DISK_FULL: Final = """
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER fails BEFORE UPDATE ON executions FOR EACH ROW EXECUTE FUNCTION fail();
"""


def test_passing_error_of_the_server_leaves_nothing_behind(
    desk: Desk, admin: psycopg.Connection[Any]
) -> None:
    """Whatever statement it hits, and whatever was being prepared: all goes on."""
    outbox = desk.outbox
    assert isinstance(outbox.engine, Postgres)
    desk.enlist(*(execution(f"t{n}", at=n) for n in range(12)))
    admin.execute(DISK_FULL.encode())
    pids = set()
    for _ in range(12):
        pids.add(backend(outbox))
        with pytest.raises(OutboxError, match="no space left on device"):
            desk.move(State.SENT, *((f"t{n}", ENTRY) for n in range(12)))
    assert len(pids) == 12  # a session that has failed is not used again
    admin.execute("DROP TRIGGER fails ON executions")

    pid = backend(outbox)
    for number in range(12):
        desk.move(State.SENT, (f"t{number}", ENTRY))
    assert outbox.counts()[State.SENT] == 12
    assert backend(outbox) == pid


def test_server_that_takes_no_changes_is_named(
    desk: Desk, url: str, admin: psycopg.Connection[Any]
) -> None:
    """A standby, or one that is being looked after; it is read all the same."""
    desk.enlist(execution("t"))
    outbox = desk.outbox
    name = admin.info.dbname
    change = "ALTER DATABASE {} {} default_transaction_read_only"
    admin.execute(change.format(name, "SET").encode() + b" = on")
    try:
        outbox.close()
        with pytest.raises(
            OutboxError, match=r"takes no changes now .*: it is a stand"
        ):
            desk.move(State.SENT, ("t", ENTRY))
        assert desk.state("t") is State.RECORDED
    finally:
        admin.execute("SET default_transaction_read_only = off")
        admin.execute(change.format(name, "RESET").encode())
    outbox.close()
    desk.move(State.SENT, ("t", ENTRY))
    assert desk.state("t") is State.SENT


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(signal.SIGINT, id="stopped"),
        pytest.param(signal.SIGQUIT, id="crashed"),
    ],
)
def test_server_that_restarts_in_mid_flight_costs_one_transaction(
    desk: Desk,
    postgres_server: Server,
    how: signal.Signals,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What was committed is there, what was not is told, and all goes on by itself."""
    outbox = desk.outbox
    assert isinstance(outbox.engine, Postgres)
    desk.enlist(execution("t"))
    desk.record("before")

    def work() -> None:
        with desk.write() as writer:
            writer.apply(Transition(state=State.SENT, rows=[desk.row("t")]), now=NOW)
            postgres_server.stop(how)
            writer.set_basic("t", 7)

    with pytest.raises(OutboxError, match="cannot be written"):
        work()
    try:
        with pytest.raises(OutboxError, match="cannot be read"):
            outbox.counts()
        with pytest.raises(OutboxError, match="cannot be written"):
            desk.record("meanwhile")
        with pytest.raises(OutboxError, match="cannot be written"), desk.write():
            pass
    finally:
        postgres_server.start()

    assert desk.state("t") is State.RECORDED
    desk.record("after")
    desk.move(State.SENT, ("t", ENTRY))
    assert [event.trade_id for event in outbox.inbox(10)] == ["before", "after"]
    assert desk.state("t") is State.SENT
    assert caplog.record_tuples == []  # who is told says it, and nobody else


def test_each_thread_has_a_connection_of_its_own(
    outbox: Outbox, admin: psycopg.Connection[Any]
) -> None:
    """It ends with the thread, also where that forgets to close it."""
    backends = [Elsewhere(lambda: backend(outbox)).wait().answer for _ in range(3)]
    gc.collect()

    assert len({backend(outbox), *backends}) == 4
    eventually(admin, OURS, 1)


def test_closed_connection_opens_again_when_needed(
    outbox: Outbox, admin: psycopg.Connection[Any]
) -> None:
    """Closing is about what a thread has open, not about the outbox."""
    outbox.close()
    outbox.close()
    eventually(admin, OURS, 0)
    outbox.record(Recorded("t", EventKind.ENTRY, "i", "{}", NOW))

    assert len(outbox.inbox(10)) == 1


# Forks ------------------------------------------------------------------------------


@forks
def test_child_does_not_disturb_the_transaction_of_its_parent(
    desk: Desk, url: str
) -> None:
    """It connects anew, and the parent's socket is none of its business."""
    desk.enlist(execution("t"))
    outbox = desk.outbox

    def work() -> None:
        outbox.record(Recorded("child", EventKind.ENTRY, "i", "{}", NOW))
        assert outbox.counts()[State.RECORDED] == 1
        outbox.close()

    with desk.write() as writer:
        writer.apply(Transition(state=State.SENT, rows=[desk.row("t")]), now=NOW)
        assert ended_well(in_a_fork(work))
        assert desk.state("t") is State.SENT

    assert desk.state("t") is State.SENT
    assert [event.trade_id for event in outbox.inbox(10)] == ["child"]


@forks
def test_child_of_a_child_is_a_child(desk: Desk) -> None:
    """Forks of forks, and connections of other threads, end with nobody's goodbye."""
    outbox = desk.outbox
    opened, done = threading.Event(), threading.Event()

    def look() -> State | None:
        outbox.counts()
        opened.set()
        done.wait(SECONDS)
        return desk.state("t")

    def work() -> None:
        desk.record("child")
        assert ended_well(in_a_fork(lambda: desk.record("grandchild")))
        desk.record("child again")

    desk.enlist(execution("t"))
    beside = Elsewhere(look)
    opened.wait(SECONDS)
    assert ended_well(in_a_fork(work))
    done.set()

    assert beside.wait().answer is State.RECORDED
    desk.record("parent")
    names = {event.trade_id for event in outbox.inbox(10)}
    assert names == {"child", "grandchild", "child again", "parent"}


def hang_with_a_child(url: str, told: Any) -> None:
    """Begin a transaction, fork a child that lives on, and hang."""
    desk = Desk(Outbox(Postgres(url)))
    with desk.write():
        pid = in_a_fork(lambda: time.sleep(60))
        told.send_bytes(b"%d" % pid)
        time.sleep(60)


def test_lock_of_a_killed_parent_does_not_live_on_in_its_child(url: str) -> None:
    """A child that kept the socket would keep the server from noticing."""
    Outbox(Postgres(url)).close()
    receiver, sender = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=hang_with_a_child, args=(url, sender))
    process.start()
    child = int(receiver.recv_bytes())
    try:
        kill(process)
        outbox = Outbox(Postgres(url))
        # The server would end an idle transaction too, but not as soon as that.
        assert claim(outbox, "next") is not None
        outbox.close()
    finally:
        os.kill(child, signal.SIGKILL)


# The password -----------------------------------------------------------------------


def leaks(text: str) -> list[str]:
    """Return the forms of the password that are in *text*."""
    pieces = ("c4n@ry", "c4n%40ry", "p:ss", "p%3Ass", "w%rd", "w%25rd")
    return [each for each in (PASSWORD, ENCODED, *pieces) if each in text]


def frames_of(error: BaseException) -> str:
    """Return the locals of every frame that leads to *error*, but the tests' own."""
    stack = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join(
        text
        for frame in stack.stack
        if frame.filename != __file__ and "_pytest" not in frame.filename
        for text in (frame.locals or {}).values()
    )


def failures(url: str, server: Server) -> Iterator[tuple[str, BaseException]]:
    """Provoke what can go wrong; give what was done and the error."""
    port = str(server.port)
    for name, wrong in {
        "nobody listens": url.replace(port, "1"),
        "no such host": url.replace("127.0.0.1", "nowhere.invalid"),
        "wrong user": url.replace(f"//{USER}:", "//stranger:"),
        "wrong database": f"{url}-not-there",
        "no TLS": f"{url}?sslmode=require",
        "no certificate": f"{url}?sslmode=verify-full&sslrootcert=/not/there",
        "not encoded": url.replace(ENCODED, PASSWORD),
        "password as a parameter": f"postgresql://{USER}@127.0.0.1:{port}/x"
        f"?password={ENCODED}",
        "wrong parameter": f"{url}?c4n=1",
        "many hosts": url.replace(port, "1,127.0.0.1:2"),
    }.items():
        with pytest.raises(OutboxError) as told:
            Outbox(Postgres(wrong))
        yield name, told.value
    outbox = Outbox(Postgres(url))
    with pytest.raises(OutboxError) as told:
        outbox._all("SELECT nonsense")
    yield "statement", told.value
    engine_of(outbox, Postgres).connection().raw.close()
    with pytest.raises(OutboxError) as told, outbox.maintain():
        engine_of(outbox, Postgres).connection().raw.close()
    yield "closed", told.value
    outbox.close()


def test_password_is_in_no_error_and_no_log(
    url: str, postgres_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever fails, at the most talkative level, causes included."""
    caplog.set_level(logging.DEBUG)
    seen = 0
    for name, error in failures(url, postgres_server):
        cause: BaseException | None = error
        while cause is not None:
            assert leaks(str(cause)) == [], name
            assert leaks(repr(cause)) == [], name
            assert leaks(frames_of(cause)) == [], name
            cause = cause.__cause__ or cause.__context__
        assert "\n" not in str(error), name
        seen += 1

    assert seen == 12
    assert leaks(caplog.text) == []


def test_settings_and_places_show_no_password(url: str) -> None:
    """Whatever a debugger or an error tracker represents on the way to the server."""
    settings = Settings.from_mapping({"enabled": True, "database": url})
    where = Locations.of(settings)
    assert settings.database == url
    shown = [settings, settings.database, where, where.database, where.configuration]
    outbox = outbox_of(settings, where, is_lazy=True)
    shown += [outbox, vars(outbox)]
    assert leaks("".join(map(repr, shown))) == []
    assert leaks(repr(attrs.asdict(settings))) == []


def test_password_is_in_no_frame_when_connecting_is_interrupted(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal comes whenever it likes."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("psycopg.waiting.wait_conn", interrupted)
    with pytest.raises(KeyboardInterrupt) as told:
        Outbox(Postgres(url))
    assert leaks(frames_of(told.value)) == []


def test_tables_are_those_of_a_file(
    outbox: Outbox, admin: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """Each column of the same kind, and texts compared byte by byte."""
    with closing(Outbox(Sqlite(tmp_path / "outbox.db"))) as other:
        in_file = other._all(
            'SELECT t.name, c.name, c.type, c."notnull" OR c.pk FROM '
            "sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'"
        )
    on_server = admin.execute(
        "SELECT table_name, column_name, data_type, is_nullable = 'NO', collation_name "
        "FROM information_schema.columns WHERE table_schema = 'argo_tradervue' "
        "AND table_name <> 'schema_version'"
    ).fetchall()
    kinds = {"bigint": "INTEGER", "boolean": "INTEGER", "text": "TEXT"}
    kinds["double precision"] = "REAL"

    assert {
        (table, column, kinds[kind], needed)
        for table, column, kind, needed, _ in on_server
    } == {
        (table, column, kind, bool(needed)) for table, column, kind, needed in in_file
    }
    assert {collation for *_, kind, _, collation in on_server if kind == "text"} == {
        "C"
    }
    assert {
        f"{table}.{column}"
        for table, column, kind, *_ in on_server
        if kind == "boolean"
    } == {
        "executions.twin",
        "executions.unsure",
        "imports.allow_duplicates",
        "records.finished",
        "resends.drops_comments",
        "trades.annotate",
    }


def test_repr_names_the_database_without_the_password(outbox: Outbox) -> None:
    """For logs and debuggers."""
    told = repr(outbox)

    assert told.startswith(f"Outbox(Postgres('postgresql://{USER}:***@127.0.0.1:")
    assert leaks(told) == []


# A failover -------------------------------------------------------------------------


def test_server_that_comes_back_as_it_was_before_has_one_holder(
    desk: Desk, other: Outbox, admin: psycopg.Connection[Any]
) -> None:
    """A standby that lagged behind knows an older lease: its holder is no more it."""
    former = desk.lease
    taken = claim(other, "another")
    assert taken is not None
    admin.execute(
        "UPDATE lease SET token = %s, holder = %s, expires_at = %s",
        (former.token, former.holder, former.expires_at),
    )
    with pytest.raises(LeaseLost), other.write(taken):
        pass
    with pytest.raises(LeaseLost):
        other.renew(taken, now=NOW, ttl=60)

    again = claim(other, "another")
    assert again is not None
    with other.write(again):
        pass
    with pytest.raises(LeaseLost), desk.write():
        pass

"""Through a PgBouncer in transaction mode: others share what this outbox works on."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.postgres import Postgres
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox import bouncer as pooler
from tests.outbox.bouncer import POOL, Bouncer, bouncing
from tests.outbox.desk import ENTRY, NOW, Desk, engine_of, execution
from tests.outbox.server import Server

ANYBODY = """
SELECT pg_backend_pid(), current_setting('search_path'),
       current_setting('statement_timeout'), current_setting('lock_timeout'),
       current_setting('enable_seqscan'), current_setting('jit'),
       current_setting('idle_in_transaction_session_timeout'),
       (SELECT count(*) FROM pg_prepared_statements),
       (SELECT count(*) FROM pg_listening_channels()),
       (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')
"""


@pytest.fixture
def url(postgres_server: Server, bouncer: Bouncer) -> Iterator[str]:
    """Where the outbox of the test lives, as it is reached through the pooler."""
    with postgres_server.database() as url:
        yield bouncer.before(url)


@pytest.fixture
def outbox(url: str) -> Iterator[Outbox]:
    """An outbox that is closed in the end."""
    made = Outbox(Postgres(url))
    yield made
    made.close()


def work(desk: Desk, first: int = 0) -> None:
    """Do a little of everything, in many transactions."""
    for number in range(first, first + 10):
        desk.enlist(execution(f"t{number}", at=number))
        desk.record(f"u{number}")
        desk.outbox.due(NOW, 10)
        desk.outbox.counts()
        desk.move(State.SENT, (f"t{number}", ENTRY))


def test_sessions_of_strangers_stay_clean(outbox: Outbox, url: str) -> None:
    """Whoever gets one of the server's connections next sees nothing of this work."""
    with ExitStack() as stack:
        others = [
            stack.enter_context(psycopg.connect(url, prepare_threshold=None))
            for _ in range(POOL)
        ]
        before = {str(one.execute(ANYBODY).fetchone()) for one in others}
        for one in others:
            one.commit()
        desk = Desk(outbox)
        work(desk)
        after = {str(one.execute(ANYBODY).fetchone()) for one in others}

    assert len(after) == POOL  # each of the connections was looked at
    assert {row.partition(",")[2] for row in after} == {
        row.partition(",")[2] for row in before
    }


def test_many_outboxes_share_few_connections(
    outbox: Outbox, url: str, bouncer: Bouncer
) -> None:
    """Of other accounts, in other schemas of the database, each with its own counts."""
    others = [
        Outbox(Postgres(url, schema=f"argo_tradervue_{n}")) for n in range(2 * POOL)
    ]
    desks = [Desk(one) for one in (outbox, *others)]
    for turn, desk in enumerate(desks):
        for number in range(turn + 1):
            desk.enlist(execution(f"t{number}", at=number))
    numbers = [desk.outbox.counts()[State.RECORDED] for desk in desks]
    for one in others:
        with one.maintain():
            engine = engine_of(one, Postgres)
            engine.connection().raw.execute(
                f"DROP SCHEMA {engine.schema} CASCADE".encode()
            )
        one.close()

    assert numbers == list(range(1, len(desks) + 1))


def test_pooler_that_restarts_costs_one_call(postgres_server: Server) -> None:
    """What was committed is there, and all goes on by itself."""
    with postgres_server.database() as direct, bouncing(postgres_server) as own:
        outbox = Outbox(Postgres(own.before(direct)))
        desk = Desk(outbox)
        work(desk)
        own.stop()
        with pytest.raises(OutboxError, match="cannot be"):
            work(desk, 10)
        own.start()
        work(desk, 20)
        assert outbox.counts()[State.SENT] == 20
        outbox.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stop", "crash"])
def test_server_that_fails_over_behind_the_pooler(
    postgres_server: Server, outbox: Outbox, how: signal.Signals
) -> None:
    """The pooler stays; its connections to the server are others afterwards."""
    desk = Desk(outbox)
    work(desk)
    postgres_server.stop(how)
    postgres_server.start()
    failures = 0
    for number in range(20, 30):
        try:
            desk.enlist(execution(f"t{number}", at=number))
        except OutboxError:
            failures += 1
    work(desk, 40)

    assert failures <= POOL  # one for each connection that was not found out before
    assert outbox.counts()[State.SENT] == 20


def test_pooler_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are skipped with a reason, and fail where everything has to run."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.delitem(os.environ, "TESTS_NEED_ALL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="PgBouncer is not installed"):
        pooler.needed()
    monkeypatch.setitem(os.environ, "TESTS_NEED_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="PgBouncer is not installed"):
        pooler.needed()

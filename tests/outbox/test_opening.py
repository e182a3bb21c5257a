"""Which engine a database names, and what may be shown of its address."""

import sys
from pathlib import Path

import pytest

from argo_tradervue_plugin.cli.finding import opened_outbox
from argo_tradervue_plugin.config.databases import is_url, without_password
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.migrations import SQLITE
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.records import EventKind, Recorded, State
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from tests.delivery.stepping import host_trade


@pytest.mark.parametrize(
    ("database", "expected"),
    [
        ("postgresql://host/name", True),
        ("postgres://user@host", True),
        ("PostgreSQL://host", True),
        ("/var/lib/outbox.db", False),
        ("postgresql.db", False),
        ("C:\\outbox.db", False),
    ],
)
def test_url_is_told_from_a_path(database: str, expected: bool) -> None:
    """Only what begins as PostgreSQL's own URLs do is one."""
    assert is_url(database) is expected


def test_path_opens_a_file(tmp_path: Path) -> None:
    """With the durability that was asked for."""
    outbox = open_outbox(str(tmp_path / "outbox.db"), durability="full")
    assert isinstance(outbox.engine, Sqlite)
    level = outbox.engine.connection().execute("PRAGMA synchronous").fetchone()
    outbox.close()

    assert level == (2,)


def test_missing_driver_is_told_with_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The operator reads what to install; the password is not repeated."""
    for name in list(sys.modules):
        if name.startswith(("psycopg.", "argo_tradervue_plugin.outbox.postgres")) or (
            name in {"psycopg", "argo_tradervue_plugin.outbox.session"}
        ):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(OutboxError) as told:
        open_outbox("postgresql://me:secret@host/name")
    assert "pip install 'argo-tradervue-plugin[postgres]'" in str(told.value)
    assert "secret" not in str(told.value)


SHOWN = [
    ("/var/lib/p:w@d.db", "/var/lib/p:w@d.db"),
    ("postgresql://host/name", "postgresql://host/name"),
    ("postgresql://me@host/name", "postgresql://me@host/name"),
    ("postgresql://me:secret@host/name", "postgresql://me:***@host/name"),
    ("postgres://me:secret@host:5432/n", "postgres://me:***@host:5432/n"),
    ("postgresql://:secret@host", "postgresql://:***@host"),
    ("postgresql://me:secret@a,b/n?x=y", "postgresql://me:***@a,b/n?x=y"),
    ("postgresql://h/n?password=secret", "postgresql://h/n?password=***"),
    (
        "postgresql://h/n?sslmode=require&sslpassword=secret&user=me",
        "postgresql://h/n?sslmode=require&sslpassword=***&user=me",
    ),
    ("postgresql://h/n?p%61ssword=secret", "postgresql://h/n?p%61ssword=***"),
    # Not encoded as it should be: who can tell where the password ends?
    ("postgresql://me:sec@ret@host/n", "postgresql://me:***@host/n"),
    ("postgresql://me:sec/ret@host/n", "postgresql://me:***@host/n"),
    ("postgresql://me:sec?ret@host/n", "postgresql://me:***@host/n"),
    ("postgresql://me:sec\nret@host/n", "postgresql://me:***@host/n"),
    ("postgresql://me:sec:ret@host/n", "postgresql://me:***@host/n"),
]


@pytest.mark.parametrize(("database", "shown"), SHOWN)
def test_password_is_masked_and_the_rest_can_be_read(database: str, shown: str) -> None:
    """An operator sees which database it is."""
    assert without_password(database) == shown


BROKEN = [
    "postgresql://me:se@cret@127.0.0.1:1/n",
    "postgresql://me:se/cret@127.0.0.1:1/n",
    "postgresql://me:secret%zz@127.0.0.1:1/n",
    "postgresql://me:secret@127.0.0.1:1/n?secret",
    "postgresql://me:secret@127.0.0.1:1/n?secret=1",
    "postgresql://me:secret@[127.0.0.1:1/n",
    "postgresql://me:secret@127.0.0.1:nonsense/n",
    "postgresql://me:secret@127.0.0.1:1/n?connect_timeout=soon",
]


@pytest.mark.parametrize("database", BROKEN)
def test_url_that_cannot_be_understood_is_refused_without_repeating_it(
    database: str,
) -> None:
    """What stands in the wrong place could be the password."""
    pytest.importorskip("psycopg")
    with pytest.raises(OutboxError) as told:
        open_outbox(database)
    error: BaseException | None = told.value
    while error is not None:
        assert "cret" not in str(error)
        error = error.__cause__ or (
            None if error.__suppress_context__ else error.__context__
        )


def test_what_is_not_there_is_not_made(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A command that reads leaves a folder and a server as they are."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    settings = Settings(enabled=True, database=database)
    for _ in range(2):  # the first has made nothing
        with pytest.raises(OutboxError, match="there is no outbox at"):
            opened_outbox(settings)
    lazy = open_outbox(database, is_lazy=True)
    assert lazy.engine.stored_version() == 0
    lazy.close()
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_opened(database: str) -> None:
    """Also while another process is at work on it."""
    at_work = open_outbox(database)
    at_work.record(Recorded.of(host_trade(1), EventKind.ENTRY, 1.0))
    outbox = opened_outbox(Settings(enabled=True, database=database))

    assert outbox.counts()[State.NEW] == 1
    assert outbox.engine.stored_version() == len(SQLITE)
    at_work.close()
    outbox.close()
    assert outbox.engine.stored_version() == len(SQLITE)
    outbox.close()


def test_empty_file_is_no_outbox(tmp_path: Path) -> None:
    """Somebody has touched it, or a start was cut off."""
    (tmp_path / "outbox.db").touch()
    settings = Settings(enabled=True, database=str(tmp_path / "outbox.db"))
    with pytest.raises(OutboxError, match="there is no outbox"):
        opened_outbox(settings)

    assert (tmp_path / "outbox.db").stat().st_size == 0

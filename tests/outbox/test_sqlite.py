"""What only the SQLite engine has: its file, its locks, its query plans."""

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from argo_tradervue_plugin.errors import OutboxDamaged, OutboxError
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.outbox import sqlite as engine
from argo_tradervue_plugin.outbox.leases import Leases
from argo_tradervue_plugin.outbox.migrations import SQLITE
from argo_tradervue_plugin.outbox.records import Recorded
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.asking import HOT, ask
from tests.outbox.desk import ENTRY, EXIT, NOW, Desk, engine_of, execution


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the outbox of the test lives."""
    return tmp_path / "state" / "outbox.db"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    """An outbox that is closed in the end."""
    made = Outbox(Sqlite(path))
    yield made
    made.close()


def mode_of(path: Path) -> str:
    """Return the permissions of *path*, in octal."""
    return oct(stat.S_IMODE(path.stat().st_mode))


def record(outbox: Outbox, name: str = "t") -> None:
    """Record an entry."""
    outbox.record(Recorded(name, EventKind.ENTRY, "i", "{}", NOW))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the write lock as another process does in the midst of a transaction."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077], ids=oct)
def test_only_the_owner_may_read_what_was_traded(path: Path, umask: int) -> None:
    """File, log and index are 0600 and the folder is 0700, whatever the umask."""
    before = os.umask(umask)
    try:
        outbox = Outbox(Sqlite(path))
        record(outbox)
    finally:
        os.umask(before)

    modes = {each.name: mode_of(each) for each in path.parent.iterdir()}
    outbox.close()
    assert mode_of(path.parent) == "0o700"
    assert modes == dict.fromkeys(
        ("outbox.db", "outbox.db-wal", "outbox.db-shm"), "0o600"
    )


def test_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    """An operator's own folder is not ours to close."""
    tmp_path.chmod(0o755)
    Outbox(Sqlite(tmp_path / "outbox.db")).close()

    assert mode_of(tmp_path) == "0o755"


def test_home_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path may begin with ~."""
    monkeypatch.setenv("HOME", str(tmp_path))
    outbox = Outbox(Sqlite("~/here/outbox.db"))
    outbox.close()

    assert (tmp_path / "here" / "outbox.db").is_file()


@pytest.mark.parametrize(("durability", "level"), [("normal", 1), ("full", 2)])
def test_readers_and_writer_do_not_wait_for_each_other(
    path: Path, durability: str, level: int
) -> None:
    """The log is written ahead; only ``full`` waits for the disk."""
    outbox = Outbox(Sqlite(path, durability=durability))
    told = {
        name: outbox.engine.connection().execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous")
    }
    outbox.close()

    assert told == {"journal_mode": "wal", "synchronous": level}


def test_every_table_is_strict(outbox: Outbox) -> None:
    """No text ever gets into a column of numbers."""
    tables = outbox.engine.connection().execute("PRAGMA table_list").fetchall()
    ours = {
        name: strict
        for _, name, kind, _, _, strict in tables
        if kind == "table" and not name.startswith("sqlite_")
    }

    assert ours == dict.fromkeys(
        (
            "inbox",
            "executions",
            "trades",
            "imports",
            "overlays",
            "lease",
            "history",
            "counts",
            "records",
            "outcomes",
            "acceptances",
            "conditions",
            "notices",
            "resends",
            "account",
            "processes",
            "refusals",
            "results",
            "drained",
        ),
        1,
    )
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value"):
        outbox.engine.connection().execute(
            "INSERT INTO inbox (trade_id, kind, identity, payload, recorded_at) "
            "VALUES ('t', 'entry', 'i', '{}', 'yesterday')"
        )


def test_kind_is_checked_by_the_schema(outbox: Outbox) -> None:
    """A third kind of execution cannot come about, whatever the code does."""
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        outbox.engine.connection().execute(
            "INSERT INTO executions (trade_id, kind, recorded_at) "
            "VALUES ('t', 'middle', 0)"
        )


def test_newer_schema_is_refused_in_words(path: Path) -> None:
    """An older plugin touches nothing and says what to do."""
    Outbox(Sqlite(path)).close()
    with closing(sqlite3.connect(path)) as future:
        future.execute(f"PRAGMA user_version = {len(SQLITE) + 1}")
    before = path.read_bytes()

    with pytest.raises(OutboxError, match=r"newer version .*: update it"):
        Outbox(Sqlite(path))
    assert path.read_bytes() == before


def test_schema_comes_about_one_version_after_the_other(path: Path) -> None:
    """A file of an older version is brought up with what is in it."""
    Outbox(Sqlite(path)).close()
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (len(SQLITE),)


def test_migration_that_breaks_off_leaves_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a schema would never be repaired: all of it comes, or none."""
    broken = (*SQLITE, "CREATE TABLE fine (a INTEGER);\nCREATE TABLE broken (;\n")
    monkeypatch.setattr(engine, "SQLITE", broken)
    with pytest.raises(OutboxError, match="syntax error"):
        Outbox(Sqlite(path))

    monkeypatch.undo()
    outbox = Outbox(Sqlite(path))
    record(outbox)
    assert len(outbox.inbox(10)) == 1
    outbox.close()


def test_sqlite_without_strict_tables_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the version that is needed, before anything is made."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))

    with pytest.raises(OutboxError, match=r"3\.37 or newer is needed"):
        Outbox(Sqlite(path))
    assert not path.parent.exists()


def unusable_folder(path: Path) -> None:
    path.parent.parent.mkdir(exist_ok=True)
    path.parent.write_text("a file where the folder should be")


def unusable_file(path: Path) -> None:
    path.mkdir(parents=True)


def unusable_content(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("Dear diary, this is no database at all. " * 100)


@pytest.mark.parametrize("spoil", [unusable_folder, unusable_file, unusable_content])
def test_unusable_path_is_told_with_its_name(path: Path, spoil: object) -> None:
    """The operator reads which file and why."""
    assert callable(spoil)
    spoil(path)

    with pytest.raises(OutboxError) as told:
        Outbox(Sqlite(path))
    assert f"the outbox {path} " in str(told.value)
    is_damaged = spoil is unusable_content
    assert ("is damaged (" if is_damaged else "cannot be opened") in str(told.value)


def test_damage_found_while_reading_is_an_outbox_error(path: Path) -> None:
    """Whoever asks for the state meets our error and none of SQLite's."""
    outbox = Outbox(Sqlite(path))
    desk = Desk(outbox)
    desk.enlist(*(execution(f"t{n}", at=n) for n in range(200)))
    outbox.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))

    for call in (outbox.counts, outbox.unsettled, lambda: outbox.due(NOW, 10)):
        with pytest.raises(OutboxDamaged, match=r"is damaged \("):
            call()
    outbox.close()


def test_writer_waits_for_another(outbox: Outbox, path: Path) -> None:
    """A transaction of another process is no error."""
    release = threading.Event()

    def write() -> None:
        with locked(path):
            ready.set()
            release.wait(60)

    ready = threading.Event()
    thread = threading.Thread(target=write)
    thread.start()
    ready.wait(60)
    threading.Timer(0.02, release.set).start()
    record(outbox)
    thread.join(60)

    assert len(outbox.inbox(10)) == 1


def test_reading_waits_for_no_writer(outbox: Outbox, path: Path) -> None:
    """The state can be asked for at any time."""
    record(outbox)
    with locked(path):
        assert len(outbox.inbox(10)) == 1
        assert outbox.lease_free_at() == 0


def test_each_thread_has_a_connection_of_its_own(outbox: Outbox) -> None:
    """SQLite's connections are not to be shared, and they need not be."""
    connections = {id(outbox.engine.connection()): outbox.engine.connection()}

    def work() -> None:
        connection = engine_of(outbox, Sqlite).connection()
        connections[id(connection)] = connection
        assert outbox.engine.connection() is connection
        record(outbox, threading.current_thread().name)
        outbox.close()

    threads = [threading.Thread(target=work, name=f"t{n}") for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(connections) == 4
    assert sorted(e.trade_id for e in outbox.inbox(10)) == ["t0", "t1", "t2"]


def test_closed_connection_opens_again_when_needed(outbox: Outbox) -> None:
    """Closing is about what a thread has open, not about the outbox."""
    record(outbox, "before")
    outbox.close()
    outbox.close()
    record(outbox, "after")

    assert [event.trade_id for event in outbox.inbox(10)] == ["before", "after"]


def test_grown_log_is_written_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that runs for months has no log of months beside its outbox."""
    monkeypatch.setattr(engine, "CHECKPOINT", 10)
    outbox = Outbox(Sqlite(path))
    size = path.stat().st_size
    for n in range(300):
        outbox.record(Recorded(f"u{n}", EventKind.ENTRY, "i", "x" * 2000, NOW))

    assert path.stat().st_size > size + 500_000
    assert path.with_name("outbox.db-wal").stat().st_size < 200_000
    assert len(outbox.inbox(1000)) == 300
    outbox.close()


def test_log_shrinks_again_after_a_long_reader(path: Path) -> None:
    """Nothing is written back while somebody reads what was; then the disk is free."""
    outbox = Outbox(Sqlite(path))
    log = path.with_name("outbox.db-wal")
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM inbox").fetchall()
        for n in range(40):
            outbox.record(Recorded(f"u{n}", EventKind.ENTRY, "i", "x" * 1_000_000, NOW))
        assert log.stat().st_size > 2 * engine.LOG_KEPT
        reader.execute("COMMIT")

    for n in range(3):  # signs of life
        record(outbox, f"v{n}")
    assert log.stat().st_size <= engine.LOG_KEPT
    outbox.close()


def test_repr_names_the_file(outbox: Outbox, path: Path) -> None:
    """For logs and debuggers."""
    assert repr(outbox) == f"Outbox(Sqlite({str(path)!r}))"


INDEXES: dict[str, tuple[str, ...]] = {
    # method: indexes that its statements must use
    "inbox": (),
    "due": ("due_executions", "importable", "exits_to_send", "entries_to_show"),
    "errands": ("due_executions", "unsettled", "waiting_imports", "basic"),
    "next_due": ("due_executions",),
    "unsettled": ("unsettled",),
    "waiting_imports": ("waiting_imports",),
    "waiting": ("waiting_imports", "of_import"),
    "waiting_of": ("sqlite_autoindex_executions_1", "INTEGER PRIMARY KEY"),
    "is_shown_after": ("of_import",),
    "last_import_id": ("of_import",),
    "last_finished_at": (),
    "condition": ("PRIMARY KEY",),
    "conditions": (),
    "refused_logins": (),
    "processes": (),
    "unsent_entries": ("waiting_for_a_person",),
    "entries_to_send": ("due_executions", "entries_to_show"),
    "closers_of": ("closing_others",),
    "opened_before": ("slots",),
    "acceptances": ("PRIMARY KEY",),
    "of_import": ("of_import",),
    "of_trades": ("sqlite_autoindex_executions_1",),
    "of_trade": ("sqlite_autoindex_executions_1",),
    "all_of_trades": ("sqlite_autoindex_executions_1",),
    "records_of": ("of_host",),
    "record_of": ("PRIMARY KEY",),
    "outcomes_of": ("PRIMARY KEY",),
    "outcomes": ("oldest_outcomes",),
    "outcome_counts": ("outcomes_by_code",),
    "account_tag_of": ("PRIMARY KEY",),
    "equals": ("equal_executions",),
    "imports_of": ("INTEGER PRIMARY KEY",),
    "noticed_at": ("PRIMARY KEY",),
    "sent_at": ("equal_executions",),
    "spans": ("slots",),
    "queued_behind": ("slots", "sqlite_autoindex_executions_1"),
    "open_behind": ("slots", "PRIMARY KEY", "sqlite_autoindex_executions_1"),
    "closing": ("exits_to_send", "PRIMARY KEY"),
    "stored_behind": ("slots", "sqlite_autoindex_executions_1"),
    "trade": ("sqlite_autoindex_executions_1",),
    "claimed": ("linked",),
    "to_annotate": ("to_annotate",),
    "annotations_due": ("to_annotate",),
    "to_show_basic": ("to_annotate",),
    "superseded": ("basic",),
    "counts": (),
    "oldest_pending_at": ("under_way",),
    "overdue_since": ("under_way", "sqlite_autoindex_executions_1"),
    "over_quota": ("due_executions",),
    "last_synced_at": (),
    "parked": ("waiting_for_a_person",),
    "history": ("history_of",),
    "states_of": ("sqlite_autoindex_executions_1",),
    "risks_in": ("linked", "sqlite_autoindex_executions_1"),
    "results": (),
    "last_synced_step": ("INTEGER PRIMARY KEY",),
    "result": ("PRIMARY KEY",),
    "snapshots_since": ("executed", "sqlite_autoindex_executions_1"),
    "finished_before": ("INTEGER PRIMARY KEY", "sqlite_autoindex_executions_1"),
    "overlays_due": (),
    "overlays_of": ("sqlite_autoindex_executions_1",),
    "resends_due": ("due_resends",),
    "resend_of": (),
    "is_overlay_open": (),
}
# Sorts: the rows of one import, five hundred at most, and what one trade holds up.
# Scans: tables that hold no more than what has just come in, or a row for each state,
# process or refused login; imports, from the last one back to the first that has
# finished; and 64 results.
MAY_SORT = {"of_import", "overlays_due", "queued_behind", "resends_due"}
MAY_SCAN = {
    "conditions",
    "counts",
    "errands",  # overlays are few
    "inbox",
    "results",
    "last_finished_at",
    "oldest_pending_at",
    "overdue_since",
    "overlays_due",
    "processes",
    "refused_logins",
    "states_of",
}


def plans_of(outbox: Outbox, method: str) -> list[str]:
    """
    Return the lines of the query plans of every statement of *method*.

    Without the sorting of the two executions of one trade, in a subquery.
    """
    statements: list[str] = []
    connection = engine_of(outbox, Sqlite).connection()
    connection.set_trace_callback(statements.append)
    ask(outbox, method)
    connection.set_trace_callback(None)
    return [
        detail
        for statement in statements
        if statement.lstrip().upper().startswith("SELECT")
        for _, parent, _, detail in connection.execute(
            f"EXPLAIN QUERY PLAN {statement}"
        )
        if not (parent and "TEMP B-TREE" in detail)
    ]


@pytest.fixture
def filled(outbox: Outbox) -> Outbox:
    """An outbox with something in every table, without statistics, as in the field."""
    desk = Desk(outbox)
    for n in range(12):
        desk.enlist(execution(f"t{n}", at=n), execution(f"t{n}", EXIT, at=n + 20))
    desk.send(("t0", ENTRY), ("t1", ENTRY))
    desk.link(("t0", ENTRY), to=1)
    desk.record("new")
    return outbox


@pytest.mark.parametrize("method", HOT)
def test_hot_query_uses_its_index_and_sorts_nothing(
    filled: Outbox, method: str
) -> None:
    """What is asked in every step costs the same with a million rows."""
    plan = plans_of(filled, method)
    told = "\n".join(plan)

    for index in INDEXES[method]:
        assert index in told, told
    if method not in MAY_SORT:
        assert "TEMP B-TREE" not in told, told
    scans = [
        line
        for line in plan
        if line.startswith("SCAN") and "INDEX" not in line and "CONSTANT" not in line
    ]
    if method not in MAY_SCAN:
        assert scans == [], told


def test_every_reading_method_has_its_plan_looked_at() -> None:
    """A new query cannot slip in unseen."""
    cold = {
        "entries_synced_after",
        "imports_sent",
        "latest_links",  # asked once, before an outbox is stamped
        "resends",  # a person asks for these
        "trade_counts",
    }
    # The lease is one row.
    subjects = [cls for cls in Outbox.__mro__ if cls not in (Outbox, Leases)]
    methods = {n for cls in subjects for n in vars(cls) if not n.startswith("_")}

    assert methods - cold == set(HOT) == set(INDEXES)


def test_hook_writes_one_row_and_no_index(outbox: Outbox) -> None:
    """Every page that a commit touches costs the trading loop some microseconds."""
    connection = engine_of(outbox, Sqlite).connection()
    on_inbox = connection.execute(
        "SELECT type, name FROM sqlite_schema WHERE tbl_name = 'inbox'"
    ).fetchall()

    assert on_inbox == [("table", "inbox")]


def test_thread_that_closes_is_no_host_that_has_closed_everything(
    path: Path,
) -> None:
    """Threads open and close all the time, and others look at what is open."""
    outbox = Outbox(Sqlite(path))
    failures: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(200):
                outbox.inbox(1)
                outbox.close()
        except OutboxError as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outbox.close()
    assert failures == []

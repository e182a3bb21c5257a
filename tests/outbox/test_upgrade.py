"""An outbox and a spool of version 2: nothing is sent again, and nothing is lost."""

import json
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import psycopg
import pytest

from argo_tradervue_plugin.config.databases import is_url
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.model.records import unidentified
from argo_tradervue_plugin.outbox import upgrade
from argo_tradervue_plugin.outbox.migrations import SQLITE
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.records import Recorded, State
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.stepping import Clock, Forwarder
from tests.fakes import room_for
from tests.journeys.reader import JournalReader
from tests.outbox.desk import MANY
from tests.outbox.processes import SPAWN, kill, needs_fork, together
from tests.outbox.upgrade import version2
from tests.outbox.upgrade.version2 import NOW, Told

DAY: Final = 86_400.0

# What stays as it was, whatever an execution is.
EXECUTIONS: Final = """
SELECT trade_id, kind, state, symbol, quantity, price, commission, executed_at,
       account_tag, twin, journal_id, attempts, due_at, recorded_at, updated_at
  FROM executions ORDER BY seq
"""
HISTORY: Final = "SELECT trade_id, kind, at, state, detail FROM history ORDER BY seq"
COUNTS: Final = (
    "SELECT state, number, last_at FROM counts WHERE number > 0 ORDER BY state"
)
TRADES: Final = """
SELECT trade_id, symbol, slot, account_tag, entry_at, exit_at, journal_id, basic_id,
       annotate, attempts, due_at, finished FROM trades ORDER BY trade_id
"""
MADE_UP: Final = "unidentified-"  # the name of what version 2 took for no id


@pytest.fixture
def left(database: str) -> str:
    """The outbox that version 2 left behind, on each engine."""
    version2.fill(database)
    return database


def asked(database: str, sql: str) -> list[tuple[Any, ...]]:
    """Return what a database answers to anybody, whatever version it is of."""
    if is_url(database):
        with psycopg.connect(database) as there:
            there.execute("SET LOCAL search_path = argo_tradervue")
            return there.execute(sql.encode()).fetchall()
    with closing(sqlite3.connect(database)) as file:
        return file.execute(sql).fetchall()


def version_of(database: str) -> int:
    """Return the version of an outbox's schema."""
    is_there = is_url(database)
    sql = "SELECT version FROM schema_version" if is_there else "PRAGMA user_version"
    return int(asked(database, sql)[0][0])


def tables_of(database: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that is in the tables of version 2."""
    names = (
        "executions",
        "history",
        "counts",
        "trades",
        "inbox",
        "imports",
        "overlays",
    )
    return {
        name: asked(database, f"SELECT * FROM {name} ORDER BY 1")  # noqa: S608
        for name in names
    }


# What is there ----------------------------------------------------------------------


def test_the_outbox_that_was_left_has_work_in_every_state(left: str) -> None:
    """Or the tests below would say nothing of it."""
    assert version_of(left) == 2
    states = {
        state for (state,) in asked(left, "SELECT DISTINCT state FROM executions")
    }
    assert states == {str(state) for state in State if state is not State.NEW}
    for table in ("inbox", "overlays", "history"):
        assert tables_of(left)[table]
    stages = asked(
        left, "SELECT stage FROM imports WHERE stage <> 'settled' ORDER BY 1"
    )
    assert stages == [("accepted",), ("finished",), ("noted",)]
    ids = [trade_id for (trade_id,) in asked(left, "SELECT trade_id FROM trades")]
    assert any(trade_id != trade_id.strip() for trade_id in ids)
    assert sum("~" in trade_id for trade_id in ids) == 4
    finished = asked(left, "SELECT 1 FROM trades WHERE finished IS NOT NULL")
    assert len(finished) == 5


def known(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return *rows* without those of ids that version 2 made up."""
    return [row for row in rows if not row[0].startswith(MADE_UP)]


def test_everything_is_where_it_was(left: str) -> None:
    """Executions, their slots, imports and history are those of version 2."""
    shown = (EXECUTIONS, HISTORY, TRADES)
    before = [asked(left, sql) for sql in shown]
    imports = asked(
        left, "SELECT id, account_tag, stage, outcome FROM imports ORDER BY 1"
    )
    overlays = asked(left, "SELECT * FROM overlays")
    counts = dict(row[:2] for row in asked(left, COUNTS))
    open_outbox(left).close()

    assert version_of(left) == len(SQLITE)
    after = [asked(left, sql) for sql in shown]
    assert list(map(known, after)) == list(map(known, before))
    assert asked(left, "SELECT * FROM overlays") == overlays
    assert imports == asked(
        left, "SELECT id, account_tag, stage, outcome FROM imports ORDER BY 1"
    )
    # What had a number for an id waits in the inbox, to be planned like any other.
    counts["quarantined"] -= 1
    assert dict(row[:2] for row in asked(left, COUNTS)) == counts


def test_what_has_no_id_is_the_case_that_it_would_be_now(left: str) -> None:
    """Recorded again it is the same case, and counted."""
    trade = version2.told()["no id"].entry
    outbox = open_outbox(left)
    [row] = [r for r in outbox.parked(MANY) if r.trade_id.startswith(MADE_UP)]
    history = outbox.history(row.trade_id)
    outbox.close()

    event = Recorded.of(trade, EventKind.ENTRY, NOW)
    assert row.trade_id == unidentified(event.payload)
    assert (row.state, row.reason) == (State.QUARANTINED, "no_id: 1")
    assert [step.state for step in history] == ["quarantined"]


def test_every_trade_has_a_record_by_which_it_is_recognised(left: str) -> None:
    """Those that were forgotten, and those of a number, by the host's own ids."""
    ids = {row.trade_id for row in rows_of(left)}
    outbox = open_outbox(left)
    records = asked(left, "SELECT trade_id, host_id, finished FROM records")
    outbox.close()

    assert {row[0] for row in known(records)} == {i for i in ids if MADE_UP not in i}
    hosts = {trade_id: host_id for trade_id, host_id, _ in records}
    assert hosts["  blank 4 "] == "blank 4"
    assert all(hosts[i] == i.partition("~")[0] for i in ids if "~" in i)
    assert sum(bool(finished) for *_, finished in records) == 5


def rows_of(database: str) -> list[SimpleNamespace]:
    """Return the trades that version 2 knows, forgotten or not."""
    sql = "SELECT trade_id FROM executions UNION SELECT trade_id FROM trades"
    return [SimpleNamespace(trade_id=trade_id) for (trade_id,) in asked(database, sql)]


def test_what_may_be_stored_is_known_to_be_unsure(left: str) -> None:
    """An outcome that nobody knows, and what never showed; what was refused is not."""
    open_outbox(left).close()
    unsure = asked(left, "SELECT DISTINCT symbol FROM executions WHERE unsure")
    refused = asked(left, "SELECT import_id FROM executions WHERE state = 'basic'")

    assert sorted(unsure) == [("CORP40",), ("CORP66",)]
    assert set(refused) == {(None,)}


REASONS: Final = {
    "quantity 0: not filled": "not_filled",
    "cancelled": "cancelled",
    "expired": "expired",
    "rejected: no funds": "rejected: no funds",
    "somebody deleted it in the journal": "deleted",
    "deleted in the journal, sent again on request": "resent",
    "discarded by a person": "discarded",
    "retried by a person": "retried",
    "the outcome of the import is unknown": "outcome_unknown",
    "over the free plan's monthly quota: waits for the next month, or for another "
    "plan": "quota",
    "imported, but not in the journal": "imported_not_shown",
    "not in the journal after 5 imports that succeeded (4 duplicates reported by the "
    "last)": "not_shown: 5 imports that succeeded (4 duplicates reported by the last)",
    "in the journal, but not its notes: 422 too long": "notes_refused: 422 too long",
    "a fault of the plugin, please report it: KeyError": "fault: KeyError",
    "the Tradervue plan does not take futures and forex": "plan_skips: futures and "
    "forex",
    "its entry is basic: At least one data row has an invalid symbol": "entry_waits: "
    "At least one data row has an invalid symbol",
    "quantity='many': must be a number": "senseless: quantity='many': must be a number",
    "trade='[[[': is nested too deeply": "senseless: trade='[[[': is nested too deeply",
    "At least one data row has an invalid symbol": "refused: At least one data row has "
    "an invalid symbol",
}


@pytest.mark.parametrize("sentence", REASONS)
def test_every_reason_of_version_2_has_its_code(sentence: str) -> None:
    """So that next steps are shown, and what depends on one knows it."""
    assert upgrade.code_for(sentence) == REASONS[sentence]


def test_no_reason_stays_no_reason() -> None:
    """Most executions have none."""
    assert upgrade.code_for(None) is None


# What is sent -----------------------------------------------------------------------


@pytest.fixture
def journal(sandbox: Sandbox) -> Iterator[JournalReader]:
    """The journal as version 2 left it, read by somebody else."""
    version2.journal_as_it_was(sandbox)
    # What was refused then is tried again when it is recorded again, and refused.
    sandbox.assume(fractional_quantities="refused")
    with JournalReader(sandbox.url) as reader:
        yield reader


Upgraded = Callable[[], Forwarder]


@pytest.fixture
def forwarder(
    left: str, sandbox: Sandbox, journal: JournalReader, tmp_path: Path
) -> Iterator[Forwarder]:
    """A forwarder of this version on what was left, the spool included."""
    outbox = open_outbox(left, spool=version2.spool_in(tmp_path / "spool"))
    made = Forwarder(sandbox, tmp_path, outbox=outbox, clock=Clock(NOW))
    yield made
    made.close()


def fills_of(journal: JournalReader) -> Counter[tuple[str, str]]:
    """Return what stands in the journal: symbol and signed quantity."""
    return Counter(
        (symbol, str(size)) for symbol, _, size, _ in journal.all_executions()
    )


# What was pending in the outbox or the spool, or is understood by now.
STILL_TO_COME: Final = Counter(
    {
        ("CORP12", "-10"): 1,
        ("CORP31", "-10"): 1,
        ("CORP32", "10"): 1,
        ("CORP36", "10"): 1,
        ("CORP61", "-10"): 1,
        ("CORP65", "10"): 1,
        ("CORP65", "-10"): 1,
        ("CORP66", "10"): 1,
        ("CORP66", "-10"): 1,
        ("CORP70", "10"): 1,
        ("CORP70", "-10"): 1,
        ("CORP71", "10"): 1,
        ("CORP71", "-10"): 1,
        ("CORP72", "10"): 1,
        ("CORP72", "-4"): 1,
        ("TWIN73", "10"): 2,
        ("TWIN73", "-10"): 2,
        ("CORP75", "10"): 1,
        ("CORP76", "10"): 1,
    }
)


def test_what_was_pending_goes_on_and_stands_there_once(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """In whatever state it was; nothing that stood there before is sent again."""
    before = fills_of(journal)
    assert forwarder.run(10 * DAY)

    assert fills_of(journal) - before == STILL_TO_COME
    assert before - fills_of(journal) == Counter()
    assert forwarder.outbox.counts()[State.NEW] == 0
    assert forwarder.counts() == {
        "synced": 59,
        "basic": 2,
        "quarantined": 6,
        "skipped": 2,
        "discarded": 1,
    }
    assert forwarder.outbox.outcomes(MANY) == []
    [overlaid] = [t for t in journal.trades() if t["symbol"] == "CORP60"]
    assert str(overlaid["commission"]) == "3.25"


def test_spool_of_version_2_is_drained(forwarder: Forwarder, tmp_path: Path) -> None:
    """An entry, an exit, and one that the outbox has known for long."""
    assert len((tmp_path / "spool" / "events").read_bytes().splitlines()) == 3
    assert forwarder.run(10 * DAY)

    assert not (tmp_path / "spool" / "taken").exists()
    assert (tmp_path / "spool" / "events").read_bytes() == b""


Spelling = Callable[[SimpleNamespace], object]


def moments(trade: SimpleNamespace, form: Callable[[datetime], object]) -> object:
    """Return *trade* with its times in another form."""
    facts = dict(vars(trade))
    for name in ("entry_timestamp", "exit_timestamp"):
        if facts[name] is not None:
            moment = datetime.fromisoformat(facts[name])
            facts[name] = form(moment.replace(tzinfo=moment.tzinfo or UTC))
    return SimpleNamespace(**facts)


def as_before(trade: SimpleNamespace) -> object:
    """Return it as it was."""
    return trade


def zulu(trade: SimpleNamespace) -> object:
    """Return it with a Z behind its times."""
    return moments(trade, lambda at: f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z")


def elsewhere(trade: SimpleNamespace) -> object:
    """Return it with the times of another zone."""
    zone = timezone(timedelta(hours=-5))
    return moments(trade, lambda at: at.astimezone(zone).isoformat(" "))


def objects(trade: SimpleNamespace) -> object:
    """Return it with times that are no texts."""
    return moments(trade, lambda at: at)


def cut(trade: SimpleNamespace) -> object:
    """Return it with times that were cut to the second, without a zone."""
    return moments(trade, lambda at: f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}")


def loud(trade: SimpleNamespace) -> object:
    """Return it with other letters, and blanks around them."""
    symbol, side = f" {trade.symbol.lower()} ", f" {trade.signal_type.upper()} "
    trade_id = f" {trade.id} " if isinstance(trade.id, str) else trade.id
    return SimpleNamespace(
        **{**vars(trade), "id": trade_id, "symbol": symbol, "signal_type": side}
    )


def mapping(trade: SimpleNamespace) -> object:
    """Return it as a mapping."""
    return dict(vars(trade))


def shouted(trade: SimpleNamespace) -> object:
    """Return it in several other forms at once."""
    return mapping(loud(cut(trade)))  # type: ignore[arg-type]


SPELLINGS: Final[tuple[Spelling, ...]] = (
    as_before,
    zulu,
    elsewhere,
    objects,
    cut,
    loud,
    mapping,
    shouted,
)


def again(forwarder: Forwarder, told: Told, spelled: Spelling) -> None:
    """Let the host record a trade once more."""
    for kind in (EventKind.ENTRY, EventKind.EXIT):
        trade = getattr(told, kind)
        if trade is not None:
            event = Recorded.of(spelled(trade), kind, forwarder.clock())
            forwarder.outbox.record(event)


@pytest.mark.parametrize("spelled", SPELLINGS, ids=lambda each: each.__name__)
def test_trade_that_is_recorded_again_is_not_sent_again(
    forwarder: Forwarder,
    journal: JournalReader,
    left: str,
    spelled: Spelling,
) -> None:
    """However it is written now: no execution, no second trade, no difference."""
    assert forwarder.run(10 * DAY)
    stands = fills_of(journal)
    rows = states(left)
    for told in version2.told().values():
        if told.entry is None or told.entry.id is not None:
            again(forwarder, told, spelled)
    assert forwarder.run(10 * DAY)

    assert fills_of(journal) == stands
    assert states(left) == rows
    assert forwarder.outbox.outcomes(MANY) == []


def states(database: str) -> list[tuple[Any, ...]]:
    """Return every execution and how far it is, but for notes under way."""
    return asked(
        database,
        "SELECT trade_id, kind, part, state, symbol, quantity, price, journal_id "
        "FROM executions ORDER BY seq",
    )


@pytest.mark.parametrize("spelled", SPELLINGS, ids=lambda each: each.__name__)
def test_trade_that_is_recorded_again_before_anything_else_is_not_sent_twice(
    forwarder: Forwarder, journal: JournalReader, spelled: Spelling
) -> None:
    """A host catches up as soon as it starts: that comes behind what was left."""
    before = fills_of(journal)
    for told in version2.told().values():
        again(forwarder, told, spelled)
    assert forwarder.run(10 * DAY)

    assert fills_of(journal) - before == STILL_TO_COME
    assert forwarder.outbox.outcomes(MANY) == []


# Opening ----------------------------------------------------------------------------


def open_it(number: int, start: Any, told: Any, database: str) -> None:
    start.wait(120)
    try:
        outbox = open_outbox(database)
        told.put(len(outbox.inbox(MANY)))
        outbox.close()
    except OutboxError as error:
        told.put(str(error))


@needs_fork
def test_processes_that_open_at_once_upgrade_once(left: str) -> None:
    """A host's workers start together after an update."""
    answers = together(open_it, left)

    assert len(set(answers)) == 1
    assert answers[0] > 2
    assert version_of(left) == len(SQLITE)
    ids = [trade_id for (trade_id,) in asked(left, "SELECT trade_id FROM records")]
    assert len(ids) == len(set(ids))


def hang_in_the_middle(database: str, told: Any) -> None:
    """Upgrade, and get no further than the first page."""

    def hang(rows: Any) -> Any:
        told.send_bytes(b"in the midst")
        time.sleep(60)

    upgrade.changes_for = hang
    open_outbox(database)


@needs_fork
def test_killed_upgrade_leaves_version_2_whole(left: str) -> None:
    """The next start does all of it."""
    before = tables_of(left)
    receiver, sender = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=hang_in_the_middle, args=(left, sender))
    process.start()
    assert receiver.recv_bytes() == b"in the midst"
    kill(process)

    assert version_of(left) == 2
    assert tables_of(left) == before
    open_outbox(left).close()
    assert version_of(left) == len(SQLITE)


def run_out_of_room(database: str, told: Any) -> None:
    """Upgrade on a file system that is full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with room_for(60_000):
            Outbox(Sqlite(database))
        told.put(None)
    except OutboxError as error:
        told.put(str(error))


@needs_fork
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_upgrade_on_a_full_disk_leaves_version_2_whole(left: str) -> None:
    """The operator reads why, and once there is room it is done."""
    before = tables_of(left)
    told = SPAWN.Queue()
    process = SPAWN.Process(target=run_out_of_room, args=(left, told))
    process.start()
    error = told.get(timeout=240)
    process.join(60)

    assert "cannot be" in str(error)
    assert version_of(left) == 2
    assert tables_of(left) == before
    open_outbox(left).close()
    assert version_of(left) == len(SQLITE)
    assert asked(left, "PRAGMA integrity_check") == [("ok",)]


def test_upgrade_that_fails_leaves_version_2_whole(
    left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong in it, at its very end too."""
    before = tables_of(left)

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(upgrade, "identified", fail)
    with pytest.raises(ZeroDivisionError):
        open_outbox(left)
    assert version_of(left) == 2
    assert tables_of(left) == before

    monkeypatch.undo()
    open_outbox(left).close()
    assert version_of(left) == len(SQLITE)


@pytest.mark.parametrize("page", [3, 4, 7])
def test_pages_have_whole_trades_however_they_are_cut(
    left: str, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """Never more than a page is in memory, and no trade is torn or left out."""
    ids = [row.trade_id for row in rows_of(left) if MADE_UP not in row.trade_id]
    monkeypatch.setattr(upgrade, "PAGE", page)
    open_outbox(left).close()
    cut = asked(left, "SELECT trade_id, facts FROM records ORDER BY trade_id")

    assert sorted(trade_id for trade_id, _ in known(cut)) == sorted(ids)
    closed = next(facts for trade_id, facts in cut if trade_id.endswith("000050"))
    assert json.loads(closed)["exits"]


def test_outbox_that_is_new_needs_no_upgrade(database: str) -> None:
    """Every version's script runs, on nothing."""
    outbox = open_outbox(database)
    assert outbox.inbox(MANY) == []
    outbox.close()
    assert asked(database, "SELECT count(*) FROM records") == [(0,)]

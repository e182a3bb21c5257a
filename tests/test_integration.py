"""The plugin put together: what a host records arrives, and is told truly."""

import asyncio
import decimal
import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import attrs
import pandas as pd
import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.asking import trades_of
from argo_tradervue_plugin.errors import (
    AuthenticationFailed,
    BadAnswer,
    CredentialsError,
    OutboxError,
    ServerError,
    TimedOut,
    Unreachable,
)
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.reasons import sentence
from argo_tradervue_plugin.outbox.records import EventKind, Recorded, State
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.compat import SyncStats
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.argo.tracker import UnifiedPerformanceTracker
from tests.delivery.stepping import entered, host_trade
from tests.fakes import eventually
from tests.journeys.reader import JournalReader, differences


@pytest.fixture
def sandbox(emptied: Sandbox) -> Sandbox:
    """The Tradervue that tests share, empty."""
    return emptied


@pytest.fixture
def settings(section: dict[str, Any]) -> Settings:
    """The settings of a host that talks to the sandbox."""
    return Settings.from_mapping(section | {"aws_secrets": False})


@pytest.fixture
def integration(settings: Settings) -> Iterator[TradervueIntegration]:
    """An integration that is closed in the end, whatever is left."""
    made = TradervueIntegration(settings)
    yield made
    made.close(0)


@pytest.fixture
def journal(sandbox: Sandbox) -> Iterator[JournalReader]:
    """What stands in the journal, read by somebody else."""
    with JournalReader(sandbox.url) as reader:
        yield reader


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the outbox's write lock, as a process in a long transaction."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def path_of(settings: Settings) -> Path:
    """Return where the outbox is."""
    assert settings.database is not None
    return Path(settings.database)


def recorded(settings: Settings) -> list[tuple[str, str]]:
    """Return what another process sees in the outbox, looked at or not."""
    with closing(sqlite3.connect(path_of(settings))) as file:
        return sorted(
            file.execute(
                "SELECT trade_id, kind FROM inbox "
                "UNION SELECT trade_id, kind FROM executions"
            )
        )


def spooled(integration: TradervueIntegration) -> list[Recorded]:
    """Return what hooks wrote and no worker has taken over."""
    spool = integration.outbox.spool
    assert spool is not None
    return list(spool.waiting())


def test_script_needs_three_lines(settings: Settings, journal: JournalReader) -> None:
    """Leaving the block waits for the journal, for a few seconds."""
    trade = host_trade(1)
    with TradervueIntegration(settings) as tradervue:
        tradervue.record_entry(entered(trade))
        tradervue.record_exit(trade)

    assert differences(journal, [vars(trade)]) == []


def test_trade_is_taken_as_it_is_at_the_call(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """What the host does to its object afterwards is none of the record's."""
    trade = entered(host_trade(1))
    integration.record_entry(trade)
    trade.symbol, trade.filled_qty, trade.actual_entry_price = "OTHER", 99, 1.0
    assert integration.flush(60)

    assert differences(journal, [vars(entered(host_trade(1)))]) == []


def test_outbox_that_cannot_be_opened_is_told_at_once(tmp_path: Path) -> None:
    """The plugin is then disabled with these words."""
    (tmp_path / "file").write_text("no folder")
    settings = Settings(enabled=True, database=str(tmp_path / "file" / "outbox.db"))

    with pytest.raises(OutboxError, match="cannot be opened"):
        TradervueIntegration(settings)


def test_busy_outbox_costs_the_hook_nothing_and_no_event(
    integration: TradervueIntegration, settings: Settings, journal: JournalReader
) -> None:
    """The event waits in the spool, is counted as pending, and goes on afterwards."""
    trade = host_trade(1)
    with locked(path_of(settings)):
        integration.record_entry(entered(trade))
        assert integration.health()["held_in_memory"] == 0
        assert integration.health()["queue_depth"] == 1
    integration.record_exit(trade)
    assert integration.flush(30)

    assert differences(journal, [vars(trade)]) == []


def test_held_events_are_written_when_the_host_ends(settings: Settings) -> None:
    """Also where the host grants no time for the journal: memory dies with it."""
    integration = TradervueIntegration(settings)
    integration.worker.stop(0)  # nobody else will write them
    event = Recorded("t1", EventKind.ENTRY, "identity", "{}", 1.0)
    integration.held.hold(event, OutboxError("full"))
    integration.close(0)

    with TradervueIntegration(settings) as later:
        assert later.outbox.states_of(["t1"]) == {"t1": {Kind.ENTRY: State.NEW}}


def test_resume_takes_up_what_an_earlier_process_left(
    settings: Settings, journal: JournalReader
) -> None:
    """The start of a host is enough; no new event is needed."""
    earlier = TradervueIntegration(settings)
    earlier.worker.stop(0)
    earlier.record_entry(entered(host_trade(1)))
    earlier.close(0)
    assert journal.trades() == []

    with TradervueIntegration(settings) as later:
        later.resume()
        eventually(later.worker.is_idle, "what was left is synced")
    assert len(journal.trades()) == 1


def test_start_catches_up_with_the_tracker(
    settings: Settings, journal: JournalReader, caplog: pytest.LogCaptureFixture
) -> None:
    """What the host stored while nothing could be written is recorded at the start."""
    tracker = UnifiedPerformanceTracker()
    missed = tracker.record_signal_entry("S-1", "stock", "AAPL", "long", 10.5, 3, 80.0)
    tracker.record_signal_exit(missed.id, 11.5)
    with TradervueIntegration(settings, tracker) as tradervue:
        with caplog.at_level(logging.INFO, "argo_tradervue_plugin"):
            tradervue.resume()
            eventually(lambda: "tradervue.caught_up events=2" in caplog.text)
        assert tradervue.flush(60)
    assert differences(journal, [vars(missed)]) == []

    caplog.clear()
    with TradervueIntegration(settings, tracker) as tradervue:
        tradervue.resume()
        eventually(tradervue.worker.is_caught_up, "the tracker has answered")
        assert tradervue.outbox.inbox(10) == []
    assert "tradervue.caught_up" not in caplog.text


def test_start_catches_up_no_further_than_it_is_told(settings: Settings) -> None:
    """Zero days are none at all."""
    tracker = UnifiedPerformanceTracker()
    tracker.record_signal_entry("S-1", "stock", "AAPL", "long", 10.5, 3, 80.0)
    without = attrs.evolve(settings, catch_up_days=0)
    with TradervueIntegration(without, tracker) as tradervue:
        tradervue.resume()
        eventually(tradervue.worker.is_caught_up, "no tracker is asked")
        assert recorded(settings) == []


def test_tracker_that_changes_while_it_is_looked_at_is_asked_again() -> None:
    """The trading loop goes on."""
    tracker = Mock()
    tracker._get_recent_trades.side_effect = [RuntimeError("changed size"), [1, 2]]
    assert trades_of(tracker, 7) == [1, 2]

    tracker._get_recent_trades.side_effect = RuntimeError("no")
    with pytest.raises(RuntimeError):
        trades_of(tracker, 7)


def test_tracker_may_keep_its_trades_in_a_dataframe_or_by_their_ids() -> None:
    """What such a collection yields by itself are names and no trades."""
    trades = [{"id": "t1", "quantity": 3}, {"id": "t2", "quantity": 4}]
    tracker = Mock()
    tracker._get_recent_trades.return_value = pd.DataFrame(trades)
    assert [row.id for row in trades_of(tracker, 7)] == ["t1", "t2"]

    tracker._get_recent_trades.return_value = {each["id"]: each for each in trades}
    assert trades_of(tracker, 7) == trades


def test_close_tells_what_is_left(sandbox: Sandbox, settings: Settings) -> None:
    """It is in the outbox, and goes on at the next start."""
    sandbox.import_seconds = None
    integration = TradervueIntegration(settings)
    integration.record_entry(entered(host_trade(1)))

    assert not integration.close(0.05)
    assert integration.left == 1
    sandbox.import_seconds = 0
    if sandbox.stats.import_count:  # it got as far as that
        sandbox.advance("argo", steps=2)
    with TradervueIntegration(settings) as successor:
        successor.resume()
        assert successor.flush(60)
        assert successor.close(60)
    assert len(recorded(settings)) == 1


def test_close_tells_that_nothing_is_left(settings: Settings) -> None:
    """Everything was read back."""
    integration = TradervueIntegration(settings)
    integration.record_entry(entered(host_trade(1)))

    assert integration.close(60)
    assert integration.left == 0


def test_close_can_be_called_twice(settings: Settings) -> None:
    """A host that shuts down twice is no problem of ours."""
    integration = TradervueIntegration(settings)
    assert integration.close()
    assert integration.close()


def test_close_stops_the_worker_though_the_outbox_is_broken(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is raised into the host's shutdown."""
    integration = TradervueIntegration(settings)
    integration.record_entry(entered(host_trade(1)))
    assert integration.flush(60)

    def broken() -> None:
        raise OutboxError("it is gone")

    monkeypatch.setattr(integration.outbox, "oldest_pending_at", broken)
    assert not integration.close(0)
    assert not any(t.is_alive() for t in [integration.worker._thread] if t)


def test_health_adds_up(
    sandbox: Sandbox, integration: TradervueIntegration, journal: JournalReader
) -> None:
    """Recorded is synced, pending, basic, quarantined, skipped and discarded."""
    sandbox.assume(fractional_quantities="refused")
    trades = [
        host_trade(1),
        host_trade(2, filled_qty=0.5),
        host_trade(3, filled_qty=0),
        host_trade(4, symbol=None),
    ]
    for trade in trades:
        integration.record_entry(entered(trade))
    assert integration.flush(60)

    health = integration.health()
    counts = health["counts"]
    assert isinstance(counts, dict)
    assert {state: n for state, n in counts.items() if n} == {
        "synced": 1,
        "basic": 1,
        "skipped": 1,
        "quarantined": 1,
    }
    assert set(counts) == {str(state) for state in State}
    assert health["queue_depth"] == 0
    assert health["oldest_pending_age"] is None
    assert isinstance(health["last_success_at"], float)
    assert abs(health["last_success_at"] - time.time()) < 60


def test_health_counts_what_stands_otherwise_than_the_host_recorded_it(
    integration: TradervueIntegration,
) -> None:
    """By code; such a trade is there, and a sync of it has failed."""
    trade = entered(host_trade(1))
    integration.record_entry(trade)
    assert integration.flush(60)
    assert integration.health()["outcomes"] == {}
    other = entered(host_trade(1, actual_entry_price=100.5))

    assert integration.sync_trade_entry(other) is not None
    assert integration.sync_complete_trade(other) is False
    assert integration.health()["outcomes"] == {"price_changed": 1}
    integration.add_tracker(Tracker(other))
    assert integration.reconciler.accept([trade.id], 3650) == ()
    assert integration.health()["outcomes"] == {}
    assert integration.syncing.differing([trade.id]) == set()


def test_health_tells_what_an_operator_alerts_on(
    sandbox: Sandbox, integration: TradervueIntegration
) -> None:
    """The age of the oldest pending event, the last error, whether it is refused."""
    sandbox.inject("unauthorized", times=None)
    assert integration.health()["last_error"] is None
    integration.record_entry(entered(host_trade(1)))
    assert not integration.flush(20)

    health = integration.health()
    assert health["credentials_refused"] is True
    assert health["holds_lease"] is True
    assert "401" in str(health["last_error"])
    assert isinstance(health["oldest_pending_age"], float)
    assert 0 <= health["oldest_pending_age"] < 60
    assert health["last_success_at"] is None
    assert health["lost"] == health["kept_from_host"] == 0


def test_without_a_login_the_hosts_calls_answer_as_not_enabled(
    settings: Settings,
    sandbox: Sandbox,
    journal: JournalReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And what they are given is recorded; it goes on by itself with a login."""
    without = attrs.evolve(settings, password=None, sync_timeout_seconds=30)
    trades = [host_trade(n) for n in (1, 2, 3)]
    with TradervueIntegration(without, Tracker(*trades)) as integration:
        integration.resume()
        client = integration.client
        assert (client.enabled, client.username) == (False, "argo")
        began = time.monotonic()
        assert integration.sync_trade_entry(entered(trades[0])) is None
        assert integration.sync_trade_exit(trades[0]) is False
        assert integration.sync_complete_trade(trades[1]) is False
        nothing = {"synced": 0, "failed": 0, "skipped": 0}
        assert integration.sync_recent_trades() == nothing
        assert integration.get_performance_metrics() is None
        assert integration.get_widget_url() is None
        assert integration.get_profile_url() is None
        assert time.monotonic() - began < 15
        reason = integration.disabled_because()
        assert reason is not None
        assert "no password" in reason
        waiting = {event.trade_id for event in spooled(integration)}
        assert waiting == ids(trades[:2])  # the tracker is asked once there is a login
        assert sandbox.stats.requests.total() == 0

        monkeypatch.setenv("TRADERVUE_PASSWORD", "sandbox")
        eventually(lambda: integration.outbox.counts()[State.SYNCED] == 6, "it goes on")
        client = integration.client
        assert (client.enabled, client.username) == (True, "argo")
        assert integration.disabled_because() is None
    assert differences(journal, map(vars, trades)) == []


def ids(trades: list[SimpleNamespace]) -> set[str]:
    """Return the ids of *trades*."""
    return {trade.id for trade in trades}


def test_a_refused_login_is_enabled_and_says_so(
    settings: Settings, sandbox: Sandbox
) -> None:
    """The configuration is complete; what is wrong with it is in the health."""
    sandbox.inject("unauthorized", times=None)
    with TradervueIntegration(settings) as integration:
        integration.record_entry(entered(host_trade(1)))
        assert not integration.flush(20)
        client = integration.client
        assert (client.enabled, client.username) == (True, "argo")
        assert integration.get_profile_url() is not None
        health = integration.health()
        assert health["credentials_refused"] is True
        assert "check --again" in str(health["advice"])
        assert "401" in str(integration.trouble())


def test_trade_without_an_id_is_parked_once(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """It is known by what does not change, and left to a person."""
    for _ in range(3):
        integration.record_entry(entered(host_trade(1, id=None)))
    assert integration.flush(60)

    [row] = integration.outbox.parked(10)
    assert row.trade_id.startswith("unidentified-")
    assert sentence(row.reason) == "id: must not be missing; recorded 3 time(s)"
    assert journal.trades() == []


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"id": "trade_\ud800"}, id="half a character"),
        pytest.param({"symbol": "\udfff"}, id="half a symbol"),
        pytest.param({"id": "trade\x00null"}, id="a null"),
        pytest.param({"id": "x" * 100_000}, id="a long id"),
        pytest.param({"regime": "y" * 1_000_000}, id="a long text"),
        pytest.param({"signal_id": object()}, id="an object"),
    ],
)
def test_no_trade_is_too_strange_to_be_recorded(
    integration: TradervueIntegration, journal: JournalReader, facts: dict[str, Any]
) -> None:
    """Whatever stands in it, the event is kept, and the next one arrives."""
    integration.record_entry(entered(host_trade(1, **facts)))
    integration.record_entry(entered(host_trade(2)))
    assert integration.flush(60)

    assert sum(integration.outbox.counts().values()) == 2
    assert "CORP2" in {row["symbol"] for row in journal.trades()}


class Tracker:
    """A host's tracker, as far as a manual sync looks at it."""

    def __init__(self, *trades: SimpleNamespace) -> None:
        self.trades = trades

    def _get_recent_trades(self, days: int) -> list[SimpleNamespace]:
        return list(self.trades)


def test_manual_sync_brings_what_no_hook_told(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """Closed ones with their exits, open ones without; a second time nothing is new."""
    trades = [host_trade(1), host_trade(2), entered(host_trade(3))]
    integration.add_tracker(Tracker(*trades))

    assert integration.synchronize() == SyncStats(synced=3)
    assert integration.synchronize() == SyncStats(unchanged=3)
    assert differences(journal, map(vars, trades)) == []


def test_manual_sync_and_hooks_do_not_double(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """Both go through one outbox, by the same keys."""
    trades = [host_trade(n) for n in range(1, 6)]
    integration.add_tracker(Tracker(*trades))
    for trade in trades:
        integration.record_entry(entered(trade))
        integration.record_exit(trade)
    integration.synchronize()
    assert integration.flush(60)

    assert differences(journal, map(vars, trades)) == []


def test_manual_sync_brings_an_order_that_was_filled_late(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """At its entry it was skipped; the host calls no hook when it is filled."""
    integration.record_entry(entered(host_trade(1, filled_qty=0)))
    assert integration.flush(60)
    filled = entered(host_trade(1))
    integration.add_tracker(Tracker(filled))

    assert integration.synchronize() == SyncStats(synced=1)
    assert differences(journal, [vars(filled)]) == []


def test_manual_sync_tells_what_it_could_not_bring(
    sandbox: Sandbox, integration: TradervueIntegration
) -> None:
    """Refused and broken ones failed, unfilled ones are skipped."""
    sandbox.assume(fractional_quantities="refused")
    integration.add_tracker(
        Tracker(
            host_trade(1),
            host_trade(2, filled_qty=0.5),
            host_trade(3, symbol=None),
            entered(host_trade(4, filled_qty=0)),
        )
    )

    assert integration.synchronize() == SyncStats(synced=1, failed=2, skipped=1)


def test_manual_sync_is_bounded(
    sandbox: Sandbox, section: dict[str, Any], journal: JournalReader
) -> None:
    """What is pending then goes on behind it."""
    sandbox.import_seconds = None
    told = section | {"aws_secrets": False, "sync_timeout_seconds": 0.1}
    with TradervueIntegration(Settings.from_mapping(told)) as integration:
        integration.add_tracker(Tracker(host_trade(1)))
        assert integration.synchronize() == SyncStats(pending=1)
        sandbox.import_seconds = 0
        sandbox.advance("argo", steps=2)
        assert integration.flush(60)
    assert len(journal.trades()) == 1


def test_one_tracker_is_looked_at_once(
    integration: TradervueIntegration,
) -> None:
    """However often it is added."""
    tracker = Tracker(host_trade(1))
    for _ in range(3):
        integration.add_tracker(tracker)

    assert integration.synchronize() == SyncStats(synced=1)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("reset_before", Unreachable),
        ("server_error", ServerError),
        ("hang", TimedOut),
        ("unauthorized", AuthenticationFailed),
        ("malformed_json", BadAnswer),
    ],
)
def test_manual_sync_tells_at_once_that_nothing_can_be_sent(
    sandbox: Sandbox,
    section: dict[str, Any],
    journal: JournalReader,
    fault: str,
    error: type[Exception],
) -> None:
    """Not after the whole time; and what is lacking is recorded, and sent later."""
    section |= {"timeout_seconds": 2, "sync_timeout_seconds": 60}
    settings = Settings.from_mapping(section | {"aws_secrets": False})
    with TradervueIntegration(settings) as integration:
        sandbox.inject(fault, times=None)
        integration.add_tracker(Tracker(host_trade(1)))
        start = time.monotonic()
        with pytest.raises(error):
            integration.synchronize()
        assert time.monotonic() - start < 15
        # Argo's own call waits for what may still come, but for a refusal.
        if error is AuthenticationFailed:
            assert integration.sync_recent_trades()["synced"] == 0
        sandbox.clear_faults()
    with TradervueIntegration(settings) as again:
        if error is AuthenticationFailed:  # as `check --again` does, before the hour
            again.find_outbox()
            again.logins.note_accepted(again.credentials.get())
        again.resume()
        assert again.flush(60)
    assert differences(journal, [vars(host_trade(1))]) == []


def test_manual_sync_with_nothing_to_send_asks_nobody(
    sandbox: Sandbox, integration: TradervueIntegration
) -> None:
    """That all of it is there is known without Tradervue."""
    integration.add_tracker(
        Tracker(host_trade(1), entered(host_trade(2, filled_qty=0)))
    )
    assert integration.synchronize() == SyncStats(synced=1, skipped=1)
    assert integration.flush(60)
    fault = sandbox.inject("unauthorized", times=None)

    assert integration.synchronize() == SyncStats(unchanged=1, skipped=1)
    assert integration.sync_recent_trades() == {"synced": 0, "failed": 0, "skipped": 2}
    assert fault.applied == 0


def test_manual_sync_waits_while_an_import_is_under_way(
    sandbox: Sandbox, integration: TradervueIntegration
) -> None:
    """Tradervue is asked whether it is there, and is."""
    sandbox.import_seconds = 2
    integration.add_tracker(Tracker(host_trade(1)))

    assert integration.synchronize() == SyncStats(synced=1)


def test_manual_sync_without_a_password_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it has waited for anything."""
    monkeypatch.delenv("TRADERVUE_PASSWORD", raising=False)
    with TradervueIntegration(attrs.evolve(settings, password=None)) as integration:
        integration.add_tracker(Tracker(host_trade(1)))
        with pytest.raises(CredentialsError, match="no password"):
            integration.synchronize()


@pytest.mark.parametrize(
    ("facts", "came_to"),
    [
        ({"filled_qty": 20, "partial_fill": True}, SyncStats(synced=1)),
        ({"confidence": 12.0}, SyncStats(unchanged=1)),
        ({"actual_entry_price": 55.0}, SyncStats(failed=1)),
    ],
    ids=["grown", "of no account", "not to be sent"],
)
def test_manual_sync_of_a_correction_counts_what_it_brought(
    integration: TradervueIntegration, facts: dict[str, Any], came_to: SyncStats
) -> None:
    """What was there and has grown is synced; what stayed as it was is unchanged."""
    integration.record_entry(entered(host_trade(1, filled_qty=10, partial_fill=True)))
    assert integration.flush(60)
    integration.add_tracker(
        Tracker(entered(host_trade(1, filled_qty=10, partial_fill=True, **facts)))
        if "filled_qty" not in facts
        else Tracker(entered(host_trade(1, **facts)))
    )

    assert integration.synchronize() == came_to


def test_calls_of_the_hosts_own_code_tell_what_was_read_back(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """An id for the entry, and whether the exit stands there."""
    trade = host_trade(1)
    journal_id = integration.sync_trade_entry(entered(trade))
    assert journal_id == str(journal.only()["id"])
    assert integration.sync_trade_exit(trade)
    assert integration.sync_complete_trade(host_trade(2))
    assert integration.sync_recent_trades() == {"synced": 0, "failed": 0, "skipped": 0}

    assert differences(journal, [vars(host_trade(n)) for n in (1, 2)]) == []


OPEN = [
    pytest.param(None, id="none"),
    pytest.param(float("nan"), id="nan"),
    pytest.param("", id="blank"),
    pytest.param("NaT", id="nat"),
]
MAKES = [
    pytest.param(lambda trade: trade, id="object"),
    pytest.param(vars, id="mapping"),
]


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("moment", OPEN)
def test_exit_of_an_open_trade_is_not_recorded(
    integration: TradervueIntegration,
    caplog: pytest.LogCaptureFixture,
    moment: object,
    make: Any,
) -> None:
    """It has none: a line for each call says so, and the real one is still to come."""
    trade = make(host_trade(1, exit_timestamp=moment))
    line = (
        f"tradervue.exit_not_recorded trade={host_trade(1).id}: the trade is open (no "
        "exit_timestamp), so there is no exit to sync"
    )
    for calls in (1, 2):
        assert integration.sync_trade_exit(trade) is False
        assert [record.getMessage() for record in caplog.records] == [line] * calls

    assert not any(integration.outbox.counts().values())
    assert not integration.held


def test_complete_open_trade_is_its_entry(
    integration: TradervueIntegration, settings: Settings, journal: JournalReader
) -> None:
    """That is read back; and when the trade is closed, its exit comes to it."""
    trade = host_trade(1)

    assert integration.sync_complete_trade(entered(trade)) is True
    assert recorded(settings) == [(trade.id, "entry")]
    assert differences(journal, [vars(entered(trade))]) == []

    assert integration.sync_trade_exit(trade) is True
    assert recorded(settings) == [(trade.id, "entry"), (trade.id, "exit")]
    assert differences(journal, [vars(trade)]) == []


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("moment", [*OPEN, pytest.param("2026-03-05", id="closed")])
def test_complete_trade_records_what_there_is_of_it(
    integration: TradervueIntegration,
    monkeypatch: pytest.MonkeyPatch,
    moment: object,
    make: Any,
) -> None:
    """No exit before there is one, however its host writes that there is none."""
    monkeypatch.setattr(integration.worker, "wake", Mock())
    trade = make(host_trade(1, exit_timestamp=moment))

    async def host() -> bool:
        return integration.sync_complete_trade(trade)

    assert asyncio.run(host()) is False
    kinds = [event.kind for event in spooled(integration)]
    # An exit event says all of a trade that was first seen closed.
    assert kinds == (["exit"] if moment == "2026-03-05" else ["entry"])


def test_complete_open_trade_that_is_not_read_back_is_false(
    sandbox: Sandbox, integration: TradervueIntegration
) -> None:
    """Refused for good, for instance."""
    sandbox.assume(fractional_quantities="refused")
    trade = entered(host_trade(1, filled_qty=0.5))

    assert integration.sync_complete_trade(trade) is False


def test_correction_is_recorded_as_one(
    integration: TradervueIntegration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host's trade as it stands at the call, whether it is open or closed."""
    wake = Mock()
    monkeypatch.setattr(integration.worker, "wake", wake)
    trade = entered(host_trade(1))
    integration.record_correction(trade)
    trade.filled_qty = 99

    [event] = spooled(integration)
    assert event == Recorded.of(entered(host_trade(1)), EventKind.CORRECTION, event.at)
    assert abs(event.at - time.time()) < 60
    wake.assert_called_once_with()


def test_correction_that_says_nothing_new_changes_nothing(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """It is looked at, and the rest goes on."""
    for trade in (host_trade(1), host_trade(2)):
        integration.record_entry(entered(trade))
        integration.record_correction(entered(trade))
        integration.record_exit(trade)
        integration.record_correction(trade)
    assert integration.flush(60)

    assert differences(journal, [vars(host_trade(n)) for n in (1, 2)]) == []


def test_nothing_is_waited_for_on_an_event_loop(
    sandbox: Sandbox, integration: TradervueIntegration
) -> None:
    """The trading loop's own thread must not stand still."""
    sandbox.import_seconds = None

    async def host() -> tuple[str | None, bool, bool]:
        return (
            integration.sync_trade_entry(entered(host_trade(1))),
            integration.sync_complete_trade(host_trade(2)),
            integration.sync_complete_trade(entered(host_trade(3))),
        )

    assert asyncio.run(host()) == (None, False, False)
    sandbox.import_seconds = 0

    def is_synced() -> bool:
        sandbox.advance("argo")
        return integration.worker.is_idle()

    eventually(is_synced, "synced")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        pytest.param("argo", "argo", id="plain"),
        pytest.param("a b/c?d", "a%20b%2Fc%3Fd", id="strange"),
    ],
)
def test_addresses_are_those_that_argo_promises(
    section: dict[str, Any], name: str, path: str
) -> None:
    """With the login's name in them, quoted."""
    told = section | {"username": name, "aws_secrets": False}
    integration = TradervueIntegration(Settings.from_mapping(told))
    integration.credentials.get()
    urls = [integration.profile_url(), integration.widget_url("equity", 600, 400)]
    integration.close(0)

    assert urls == [
        f"https://www.tradervue.com/profile/{path}",
        f"https://www.tradervue.com/widgets/{path}/equity?width=600&height=400",
    ]


def test_metrics_are_those_of_the_journal(
    integration: TradervueIntegration, journal: JournalReader
) -> None:
    """Read over the API, for the New York days asked for."""
    for trade in (host_trade(1), host_trade(2, actual_exit_price=99.0)):
        integration.record_exit(trade)
    assert integration.flush(60)

    told = integration.get_performance_metrics("2026-03-05", "2026-03-05")
    assert told is not None
    assert told["total_trades"] == 2
    assert told["win_rate"] == 50
    day_after = integration.get_performance_metrics("2026-03-06", "2026-03-06")
    assert day_after is not None
    assert day_after["total_trades"] == 0


def test_log_of_a_session_has_what_operators_look_for(
    integration: TradervueIntegration, caplog: pytest.LogCaptureFixture
) -> None:
    """One line for each execution, and no warning."""
    caplog.set_level(logging.INFO, "argo_tradervue_plugin")
    integration.record_entry(entered(host_trade(1)))
    integration.record_exit(host_trade(1))
    assert integration.flush(60)

    told = [r.getMessage().split(" symbol=")[0] for r in caplog.records]
    assert told[0].startswith("tradervue.account_stamped outbox=/")
    assert told[1].startswith("tradervue.started version=")
    assert told[2:] == ["✅ Tradervue entry synced", "✅ Tradervue exit synced"]


def test_two_processes_on_one_outbox_forward_each_trade_once(
    settings: Settings, integration: TradervueIntegration, journal: JournalReader
) -> None:
    """As many as the host has; here the other one only records."""
    other = Outbox(Sqlite(path_of(settings)))
    trades = [host_trade(n) for n in range(1, 9)]
    for number, trade in enumerate(trades):
        if number % 2:
            integration.record_exit(trade)
        else:
            other.record(Recorded.of(trade, EventKind.EXIT, time.time()))
    other.close()
    integration.worker.wake()
    eventually(integration.worker.is_idle, "all are synced")
    assert integration.flush(60)

    assert differences(journal, map(vars, trades)) == []


def test_how_the_host_reckons_is_not_how_its_calls_are_answered(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host may have another precision on its thread; it keeps that."""

    found = []

    class Asked:
        def compare(self, _: int) -> None:
            found.append(decimal.getcontext().prec)

    monkeypatch.setattr(TradervueIntegration, "reconciler", Asked())
    integration = TradervueIntegration(settings)
    with decimal.localcontext() as own:
        own.prec = 3
        integration.reconcile()
        assert decimal.getcontext().prec == 3
    assert found == [28]
    integration.close(0)

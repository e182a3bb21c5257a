"""A journal that lags: what is stored is waited for, and stands there once."""

import logging
from types import SimpleNamespace
from typing import Any, Final

import attrs
import pytest

from argo_tradervue_plugin.cli.previewing import preview
from argo_tradervue_plugin.delivery.obstacles import as_lines, obstacles
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.model.reasons import code_of
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services import quarantine
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, entered, host_trade
from tests.journeys.reader import JournalReader, differences

FORMS: Final = ("replica", "each_import")
DELAYS: Final = (0, 1, 5, 30, 300)
LONG: Final = 3000.0
FOREVER: Final = 10**7  # seconds until reads show anything


@pytest.fixture
def real(make: Make) -> Forwarder:
    """A forwarder with the pauses that it has at Tradervue, on a clock that jumps."""
    return make(in_step=True, poll_seconds=2.0)


def lag(sandbox: Sandbox, seconds: float, form: str = "replica") -> None:
    """Let reads lag, in a form."""
    sandbox.assume(read_delay_seconds=seconds, read_delay_form=form)


def session() -> list[SimpleNamespace]:
    """Return two plain trades that overlap in a symbol, and two twins."""
    return [
        host_trade(1),
        host_trade(2, symbol="CORP1", filled_qty=7, entry_timestamp="2026-03-05T15:00"),
        host_trade(4, symbol="TWIN"),
        host_trade(5, symbol="TWIN"),
    ]


def delete_all(sandbox: Sandbox) -> None:
    """Let a person delete every trade, also those that reads do not show yet."""
    for journal_id in list(sandbox.account("argo").journal.trades):
        sandbox.person("argo").delete_trade(journal_id)


def rows_sent(sandbox: Sandbox) -> int:
    """Return how many executions were sent, again or not."""
    return sum(int(str(each["executions"])) for each in sandbox.stats.imports)


def listings(made: dict[str, int]) -> int:
    """Return how often the journal was read."""
    return sum(n for what, n in made.items() if what.startswith("GET /trades"))


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines that want an operator's attention."""
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("delay", DELAYS)
def test_live_trades_arrive_once_however_late_they_show(
    sandbox: Sandbox,
    real: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
    delay: int,
    form: str,
) -> None:
    """Each execution is sent once; entries go on while others are waited for."""
    lag(sandbox, delay, form)
    trades = session()
    for trade in trades:
        real.enter(trade)
        real.run(seconds=20)
    assert sandbox.stats.import_count == len(trades)
    for trade in trades:
        real.leave(trade)
        real.run(seconds=20)

    assert real.run(seconds=LONG)
    assert real.counts() == {"synced": 2 * len(trades)}
    assert rows_sent(sandbox) == 2 * len(trades)
    assert differences(journal, map(vars, trades)) == []
    assert warnings(caplog) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("delay", DELAYS)
def test_backfill_arrives_once_however_late_it_shows(
    make: Make, sandbox: Sandbox, journal: JournalReader, delay: int, form: str
) -> None:
    """As many imports as without a delay, and a handful of reads for each."""
    forwarder = make(in_step=True, poll_seconds=2.0, import_size=100)
    lag(sandbox, delay, form)
    trades = [host_trade(n) for n in range(1, 101)]
    trades += [host_trade(n, symbol="TWIN") for n in (201, 202)]
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    with forwarder.counted() as made:
        assert not delay or not forwarder.run(seconds=delay)
        looks = listings(forwarder.requests())
        assert forwarder.run(seconds=LONG)

    # Two of a hundred executions, and each of the twins has an account tag of its own.
    assert made["POST /imports"] == sandbox.stats.import_count == 4
    assert rows_sent(sandbox) == 2 * len(trades)
    assert forwarder.counts() == {"synced": 2 * len(trades)}
    assert differences(journal, map(vars, trades)) == []
    assert looks < 150


@pytest.mark.parametrize("form", FORMS)
def test_a_successor_goes_on_waiting(
    sandbox: Sandbox, real: Forwarder, journal: JournalReader, form: str
) -> None:
    """That everything is stored is durable: it is not sent again after a restart."""
    lag(sandbox, 300, form)
    trades = session()
    real.enter(*trades)
    for _ in range(8):
        real.run(seconds=15)
        real.succeed()
    real.leave(*trades)

    assert real.run(seconds=LONG)
    assert rows_sent(sandbox) == 2 * len(trades)
    assert differences(journal, map(vars, trades)) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("fault", ["status_stolen", "reset_after", "reset_before"])
def test_unknown_outcomes_double_nothing(
    sandbox: Sandbox,
    real: Forwarder,
    journal: JournalReader,
    delay: int,
    form: str,
    fault: str,
) -> None:
    """What may be stored goes again with duplicates refused, and is waited for."""
    lag(sandbox, delay, form)
    where = {} if fault == "status_stolen" else {"method": "POST", "path": "/imports"}
    sandbox.inject(fault, **where)
    trades = [host_trade(n) for n in (1, 2, 3)]
    real.enter(*trades)
    real.leave(*trades)

    assert real.run(seconds=LONG)
    assert real.counts() == {"synced": 6}
    assert rows_sent(sandbox) <= 12
    assert not any(each["allow_duplicates"] for each in sandbox.stats.imports)
    assert differences(journal, map(vars, trades)) == []


def test_duplicate_of_an_import_of_unknown_outcome_is_waited_for(
    sandbox: Sandbox, real: Forwarder, journal: JournalReader
) -> None:
    """Tradervue says that it has it: however long it takes, nobody need look."""
    lag(sandbox, 5000)
    sandbox.inject("status_stolen")
    trade = host_trade(1)
    real.enter(trade)
    assert not real.run(seconds=4900)

    assert [each["executions"] for each in sandbox.stats.imports] == [1, 1]
    assert real.counts() == {"imported": 1}
    assert real.run(seconds=LONG)
    assert differences(journal, [vars(entered(trade))]) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("fault", ["status_stolen", "reset_after", "reset_before"])
def test_twin_of_unknown_outcome_goes_again_once_a_later_import_shows(
    sandbox: Sandbox,
    real: Forwarder,
    journal: JournalReader,
    delay: int,
    form: str,
    fault: str,
) -> None:
    """Before that nobody knows whether it is missing, or the journal lags."""
    lag(sandbox, delay, form)
    where = {} if fault == "status_stolen" else {"method": "POST", "path": "/imports"}
    sandbox.inject(fault, **where)
    twins = [host_trade(n, symbol="TWIN") for n in (1, 2)]
    real.enter(*twins)
    real.leave(*twins)

    assert real.run(seconds=LONG)
    assert real.counts() == {"synced": 4}
    assert sandbox.stats.import_count == 2
    assert differences(journal, map(vars, twins)) == []


def test_twin_of_unknown_outcome_is_left_to_a_person_after_an_hour(
    sandbox: Sandbox, real: Forwarder, journal: JournalReader
) -> None:
    """Where no import follows, nothing tells; a person who looked may retry it."""
    twins = [host_trade(n, symbol="TWIN") for n in (1, 2)]
    real.enter(*twins)
    real.step_until(lambda: real.counts() == {"recorded": 2})
    sandbox.inject("reset_before", method="POST", path="/imports", times=2)
    assert not real.run(seconds=3500)
    assert real.counts() == {"sent": 2}
    assert real.run(seconds=200)

    assert real.counts() == {"quarantined": 2}
    assert {code_of(r.reason) for r in real.outbox.parked(9)} == {"twin_unknown"}
    for twin in twins:
        quarantine.retry(real.outbox, twin.id)
    assert real.run(seconds=LONG)
    assert differences(journal, [vars(entered(twin)) for twin in twins]) == []


def test_twins_are_told_apart_by_their_order_where_account_tags_do_nothing(
    sandbox: Sandbox, real: Forwarder, journal: JournalReader
) -> None:
    """What shows first is the first that was sent, also if another is looked for."""
    sandbox.assume(plan="free", account_tag_on_free="ignored")
    lag(sandbox, 30, "each_import")
    twins = [host_trade(n, symbol="TWIN") for n in (1, 2)]
    real.enter(twins[0])
    real.run(seconds=10)
    real.enter(twins[1])

    assert real.run(seconds=LONG)
    assert real.counts() == {"synced": 2}
    assert len(journal.all_executions()) == 2


def test_exit_waits_for_its_entry_and_holds_up_its_slot(
    sandbox: Sandbox, make: Make, journal: JournalReader
) -> None:
    """Otherwise a later entry would be added to what is open in the journal."""
    forwarder = make(in_step=True, poll_seconds=2.0, slot_cooldown_hours=0)
    sandbox.assume(late_executions="append")
    lag(sandbox, 300)
    first = host_trade(1, symbol="SAME", exit_timestamp="2026-03-05T15:00:00")
    later = host_trade(2, symbol="SAME", entry_timestamp="2026-03-05T16:00:00")
    other = host_trade(3)
    forwarder.enter(first)
    forwarder.run(seconds=20)
    forwarder.leave(first)
    forwarder.run(seconds=20)
    forwarder.enter(later, other)
    forwarder.run(seconds=20)
    assert forwarder.states(later) == {"entry": "recorded"}
    assert forwarder.states(other) == {"entry": "imported"}

    assert forwarder.run(seconds=LONG)
    fills = journal.all_executions()
    assert [quantity for symbol, _, quantity, _ in fills if symbol == "SAME"] == [
        10,
        -10,
        10,
    ]


def test_nothing_is_asked_for_between_two_looks(
    sandbox: Sandbox, real: Forwarder
) -> None:
    """The pauses grow, the worker does not spin, and a flush ends all the same."""
    lag(sandbox, FOREVER)
    real.enter(host_trade(1))
    with real.counted() as first:
        real.run(seconds=3600)
    with real.counted() as later:
        real.run(seconds=3600)

    assert first["POST /imports"] == 1
    assert listings(first) < 40
    assert 3 <= listings(later) < 12
    assert real.step() == 1.0
    assert not real.worker.is_idle()


def test_status_says_what_is_waited_for_and_since_when(
    sandbox: Sandbox, real: Forwarder
) -> None:
    """From any process, until it shows."""
    lag(sandbox, 300)
    assert obstacles(real.outbox)["waiting_executions"] == 0
    trades = [host_trade(n) for n in (1, 2)]
    real.enter(*trades)
    real.run(seconds=100)

    facts = obstacles(real.outbox)
    assert facts["waiting_executions"] == 2
    assert real.clock() - 100 <= float(str(facts["waiting_since"])) < real.clock() - 90
    [line] = as_lines(facts)
    assert line.startswith("waiting for the journal to show 2 executions since ")
    assert real.run(seconds=LONG)
    assert as_lines(obstacles(real.outbox)) == []


@pytest.mark.parametrize("is_there", [False, True], ids=["deleted", "late"])
def test_person_may_send_again_what_is_waited_for(
    sandbox: Sandbox, real: Forwarder, journal: JournalReader, *, is_there: bool
) -> None:
    """It doubles nothing: Tradervue refuses what is there after all."""
    lag(sandbox, 2000)
    trade = host_trade(1)
    real.enter(trade)
    real.run(seconds=100)
    assert real.counts() == {"imported": 1}
    if not is_there:
        delete_all(sandbox)

    assert "sent again" in quarantine.retry(real.outbox, trade.id)
    assert real.run(seconds=2 * LONG)
    assert sandbox.stats.import_count == 2
    assert differences(journal, [vars(entered(trade))]) == []


def test_what_is_gone_for_certain_goes_again_with_duplicates_allowed(
    sandbox: Sandbox, real: Forwarder, journal: JournalReader
) -> None:
    """A journal may remember what was deleted: a person who retries wants it back."""
    sandbox.assume(deleted_executions="remembered")
    lag(sandbox, 60)
    trade, later = host_trade(1), host_trade(2)
    real.enter(trade)
    real.run(seconds=10)
    delete_all(sandbox)
    real.enter(later)
    real.run(seconds=100)
    assert real.states(trade) == {"entry": "imported"}

    quarantine.retry(real.outbox, trade.id)
    assert real.run(seconds=LONG)
    assert [e["allow_duplicates"] for e in sandbox.stats.imports] == [
        False,
        False,
        True,
    ]
    assert differences(journal, [vars(entered(t)) for t in (trade, later)]) == []


def test_person_may_give_up_what_is_waited_for(
    sandbox: Sandbox, real: Forwarder
) -> None:
    """It is not waited for any more, and its exit is not sent."""
    lag(sandbox, FOREVER)
    trade = host_trade(1)
    real.enter(trade)
    real.run(seconds=10)
    real.leave(trade)
    real.run(seconds=10)
    assert real.states(trade) == {"entry": "imported", "exit": "recorded"}

    assert "discarded" in quarantine.discard(real.outbox, trade.id)
    assert real.states(trade) == {"entry": "discarded", "exit": "skipped"}
    assert obstacles(real.outbox)["waiting_executions"] == 0
    assert real.run(seconds=2000)
    assert sandbox.stats.import_count == 1


@pytest.mark.parametrize("count", ["stored", "handled"])
def test_quota_is_not_mistaken_for_lag(
    make: Make, sandbox: Sandbox, journal: JournalReader, count: str
) -> None:
    """What is above the quota is known once the rest shows, and waits for a month."""
    forwarder = make(in_step=True, poll_seconds=2.0)
    sandbox.assume(plan="free", account_tag_on_free="tag", quota=2, exec_count=count)
    lag(sandbox, 300)
    trades = [host_trade(n) for n in (1, 2, 3)]
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    forwarder.run(seconds=250)
    assert forwarder.counts() == {"imported": 6}
    forwarder.run(seconds=1500)

    assert forwarder.counts() == {"synced": 4, "recorded": 2}
    assert sandbox.stats.import_count == 1
    assert len(journal.trades()) == 2


def test_failed_import_that_stored_a_part_is_completed(
    sandbox: Sandbox, real: Forwarder, journal: JournalReader
) -> None:
    """The rows that it had stored come back as duplicates, and are waited for."""
    sandbox.assume(bad_row="keeps_others", fractional_quantities="refused")
    lag(sandbox, 300)
    bad, *good = host_trade(1, filled_qty=0.5), host_trade(2), host_trade(3)
    real.enter(bad, *good)
    real.leave(bad, *good)

    assert real.run(seconds=LONG)
    assert real.counts() == {"synced": 4, "basic": 2}
    assert rows_sent(sandbox) == 10
    full = [trade for trade in journal.trades() if trade["exec_count"]]
    assert sorted(trade["symbol"] for trade in full) == ["CORP2", "CORP3"]
    assert all(int(trade["exec_count"]) == 2 for trade in full)


def test_twins_of_a_failed_import_that_stored_a_part_stand_there_once(
    sandbox: Sandbox, make: Make, journal: JournalReader
) -> None:
    """Their next import would allow duplicates: it waits for the journal."""
    forwarder = make(in_step=True, poll_seconds=2.0, account_tags=False)
    sandbox.assume(bad_row="keeps_others")
    lag(sandbox, 300)
    sandbox.inject("import_failure", row=1)
    twins = [host_trade(n, symbol="TWIN") for n in (1, 2)]
    for twin in twins:
        forwarder.record(entered(twin), EventKind.ENTRY)
    forwarder.run(seconds=30)
    forwarder.enter(host_trade(3))

    forwarder.run(seconds=LONG)
    kept = [s for s, *_ in journal.all_executions() if s == "TWIN"]
    counts: dict[str, Any] = forwarder.counts()
    assert len(kept) == counts["synced"] - 1


def test_preview_knows_what_is_waited_for(sandbox: Sandbox, real: Forwarder) -> None:
    """The exit of an entry that does not show yet would be sent, and nothing else."""
    lag(sandbox, FOREVER)
    trade = host_trade(1)
    real.enter(trade)
    real.run(seconds=30)
    settings = attrs.evolve(real.settings, database=str(real.path))

    found = preview([trade], settings)
    assert [(each["kind"], each["import"]) for each in found.sends] == [("exit", 1)]

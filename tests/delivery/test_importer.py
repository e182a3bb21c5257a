"""One import from its note to its outcome, whatever Tradervue says or does not say."""

import logging
from types import SimpleNamespace

import httpx
import pytest

from argo_tradervue_plugin.delivery.importer import batch_of, halves
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.journal import ImportResult
from argo_tradervue_plugin.outbox.records import Row, State
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.sandbox.accounts import Account
from argo_tradervue_plugin.sandbox.booking import Order, Outcome
from argo_tradervue_plugin.sandbox.journal import Journal
from argo_tradervue_plugin.sandbox.stats import Stats
from argo_tradervue_plugin.services import quarantine
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, entered, host_trade
from tests.journeys.reader import JournalReader, differences

ROW = {
    "datetime": "2026-03-04T10:15:00-05:00",
    "symbol": "ELSE",
    "quantity": "30",
    "price": "12.40",
}


def trades_of(*numbers: int) -> list[SimpleNamespace]:
    """Return closed trades in symbols of their own."""
    return [host_trade(number) for number in numbers]


def send(forwarder: Forwarder, trades: list[SimpleNamespace]) -> bool:
    """Record entries and exits, and forward them; tell whether that was all."""
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    return forwarder.run()


def posts(sandbox: Sandbox) -> list[tuple[int, object]]:
    """Return each import that was queued: executions and outcome."""
    imports = sandbox.stats.imports
    return [(int(str(each["executions"])), each["status"]) for each in imports]


def test_entry_and_exit_go_together(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """One import takes whatever is due, and every state is passed once."""
    trades = trades_of(1, 2, 3)
    assert send(forwarder, trades)

    assert posts(sandbox) == [(6, "succeeded")]
    assert differences(journal, map(vars, trades)) == []
    way = ["recorded", "sent", "imported", "linked", "synced"]
    for kind in ("entry", "exit"):
        steps = forwarder.outbox.history(trades[0].id)
        assert [step.state for step in steps if step.kind == kind] == way


def test_import_is_noted_before_it_is_sent(
    sandbox: Sandbox, forwarder: Forwarder
) -> None:
    """Whatever Tradervue got is known here, so that nothing is sent blindly again."""
    sandbox.inject("reset_after", method="POST", path="/imports")
    forwarder.enter(*trades_of(1))
    forwarder.step_until(lambda: sandbox.stats.import_count)

    [noted] = forwarder.outbox.unsettled()
    assert noted.stage == "noted"
    assert [row.state for row in forwarder.outbox.of_import(noted.id)] == [State.SENT]


def test_size_of_an_import_is_bounded(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """What is more goes with the next, and all of it arrives."""
    forwarder = make(import_size=4)
    trades = trades_of(1, 2, 3, 4, 5)
    assert send(forwarder, trades)

    assert [size for size, _ in posts(sandbox)] == [4, 4, 2]
    assert differences(journal, map(vars, trades)) == []


def test_busy_slot_is_waited_for(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """424: the executions are given back as they were, and nobody's result is read."""
    sandbox.inject("import_busy", times=3)
    trades = trades_of(1)
    assert send(forwarder, trades)

    assert forwarder.requests()["POST /imports"] == 4
    assert forwarder.requests()["GET /imports"] == 1
    rows = forwarder.outbox.of_trades([trades[0].id])[trades[0].id]
    assert [row.attempts for row in rows] == [0, 0]
    assert differences(journal, map(vars, trades)) == []


def test_somebody_elses_import_is_let_finish(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Ours comes after it, and both arrive."""
    sandbox.import_seconds = None
    journal.http.post("/imports", json={"executions": [ROW]})
    forwarder.enter(*trades_of(1))
    assert not forwarder.run(seconds=30)
    assert forwarder.counts() == {"recorded": 1}

    sandbox.import_seconds = 0
    sandbox.advance("argo", steps=2)
    assert forwarder.run(seconds=2000)
    assert sorted(row["symbol"] for row in journal.trades()) == ["CORP1", "ELSE"]


def test_stolen_result_is_no_loss(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """``ready`` after our own import: the journal tells, and nothing is sent again."""
    sandbox.inject("status_stolen")
    trades = trades_of(1, 2)
    assert send(forwarder, trades)

    assert posts(sandbox) == [(4, "succeeded")]
    assert differences(journal, map(vars, trades)) == []


def test_stolen_failure_is_found_out(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """What is not in the journal is sent again, with duplicates refused."""
    sandbox.inject("import_failure")
    sandbox.inject("status_stolen")
    trades = trades_of(1, 2)
    assert send(forwarder, trades)

    assert posts(sandbox) == [(4, "failed"), (4, "succeeded")]
    assert not any(each["allow_duplicates"] for each in sandbox.stats.imports)
    assert differences(journal, map(vars, trades)) == []


@pytest.mark.parametrize("bad", [1, 2, 3], ids=["first", "middle", "last"])
@pytest.mark.parametrize(
    "bad_row", ["rejects_all", "keeps_earlier", "keeps_others"], ids=str
)
def test_row_that_a_failure_names_is_refused_and_the_rest_is_sent_again(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    bad: int,
    bad_row: str,
) -> None:
    """Whatever Tradervue stored of the others, each stands there once."""
    sandbox.assume(fractional_quantities="refused", bad_row=bad_row)
    trades = [host_trade(n, filled_qty=0.5 if n == bad else 10) for n in (1, 2, 3)]
    assert send(forwarder, trades)

    refused = trades[bad - 1]
    assert forwarder.states(refused) == {"entry": "basic", "exit": "basic"}
    assert forwarder.counts() == {"synced": 4, "basic": 2}
    full = [trade for trade in journal.trades() if trade["exec_count"]]
    assert len(full) == 2
    assert len(journal.all_executions()) == 4


def test_rows_of_a_kind_that_is_refused_do_not_send_all_others_each_time(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Each failure names one of them: what goes with it is little, until none does."""
    sandbox.assume(fractional_quantities="refused")
    bad = range(3, 40, 4)
    trades = [host_trade(n, filled_qty=0.5 if n in bad else 10) for n in range(1, 91)]
    assert send(forwarder, trades)

    assert forwarder.counts() == {"synced": 160, "basic": 20}
    sizes = [size for size, _ in posts(sandbox)]
    assert sizes[:2] == [180, 20]
    assert sum(sizes) < 5 * 180
    assert max(sizes[2:]) > 40  # more goes at once again, where nothing is refused
    full = [trade for trade in journal.trades() if trade["exec_count"]]
    assert len(full) == 80


@pytest.fixture
def unnumbered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures say that a row was bad, and not which."""
    info = Outcome.info

    def without_number(outcome: Outcome) -> dict[str, object]:
        told = info(outcome)
        told.pop("error_execnumber", None)
        return told

    monkeypatch.setattr(Outcome, "info", without_number)


@pytest.mark.parametrize("bad", [{1}, {5}, {2, 4}, {1, 2}, {4, 5}], ids=str)
def test_bad_row_that_nobody_names_is_found_by_halving(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    unnumbered: None,
    bad: set[int],
) -> None:
    """Only what fails alone is refused; everything else arrives."""
    sandbox.assume(fractional_quantities="refused")
    trades = [host_trade(n, filled_qty=0.5 if n in bad else 10) for n in range(1, 6)]
    assert send(forwarder, trades)

    refused = {t.id for t in trades if "basic" in forwarder.states(t).values()}
    assert refused == {trades[n - 1].id for n in bad}
    assert forwarder.counts() == {
        state: number
        for state, number in (("synced", 10 - 2 * len(bad)), ("basic", 2 * len(bad)))
        if number
    }
    full = [trade for trade in journal.trades() if trade["exec_count"]]
    assert len(full) == 5 - len(bad)


def test_failure_that_names_nobody_and_passes_refuses_nobody(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """A hiccup of Tradervue's is not a bad row of ours."""
    sandbox.inject("import_failure", numbered="no")
    trades = trades_of(1, 2, 3)
    assert send(forwarder, trades)

    assert forwarder.counts() == {"synced": 6}
    assert differences(journal, map(vars, trades)) == []


def test_exit_is_not_sent_alone_while_its_entry_is_searched_for(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where halving parts the two, the exit waits until its entry was read back."""
    trade = host_trade(1)
    sandbox.inject("import_failure", numbered="no")
    # The half with the entry succeeds, but it neither is told nor shows yet.
    sandbox.inject("status_stolen", skip=1)
    seen, noted = Account.seen_at, Stats.note_import
    sent: list[tuple[list[str], str]] = []

    def late(account: Account, now: float) -> Journal:
        return Journal(account.journal.ids) if len(sent) == 2 else seen(account, now)

    def note(stats: Stats, login: str, order: Order) -> None:
        quantities = [str(row["quantity"]) for row in order.rows]
        sent.append((quantities, forwarder.states(trade)["entry"]))
        noted(stats, login, order)

    monkeypatch.setattr(Account, "seen_at", late)
    monkeypatch.setattr(Stats, "note_import", note)
    assert send(forwarder, [trade])

    assert sent[:2] == [(["10", "-10"], "sent"), (["10"], "sent")]
    for quantities, entry in sent:
        assert quantities[0] == "10" or entry in {"linked", "synced"}, sent
    assert differences(journal, [vars(trade)]) == []


def test_refused_exit_waits_for_a_person(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The trade stands there open; shown twice it would be worse than not at all."""
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.run()
    sandbox.inject("import_failure", reason="an unlucky price")
    forwarder.leave(trade)
    assert forwarder.run()

    assert forwarder.states(trade) == {"entry": "synced", "exit": "quarantined"}
    assert "an unlucky price" in str(forwarder.reasons(trade)["exit"])
    assert differences(journal, [vars(entered(trade))]) == []
    lines = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert len(lines) == 1
    assert f"tradervue.quarantined kind=exit trade={trade.id}" in lines[0]


@pytest.mark.parametrize("numbered", ["yes", "no"])
@pytest.mark.parametrize("days", [0, 1], ids=["same day", "next day"])
def test_exit_of_which_the_entry_was_refused_is_no_phantom(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
    numbered: str,
    days: int,
) -> None:
    """A failed import may store its other rows; a person hears of what is there."""
    sandbox.assume(bad_row="keeps_others")
    times = 1 if numbered == "yes" else 2  # the entry is found by halves
    sandbox.inject("import_failure", row=1, numbered=numbered, times=times)
    trade = host_trade(1, exit_timestamp=f"2026-03-{5 + days:02}T16:45:09.750000")
    assert send(forwarder, [trade])

    [phantom] = journal.trades()
    assert set(forwarder.states(trade).values()) == {"quarantined"}
    assert f"exit_alone: {phantom['id']}: " in str(forwarder.reasons(trade)["entry"])
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 1

    later = host_trade(
        2,
        symbol=trade.symbol,
        entry_timestamp="2026-03-09T14:30:00",
        exit_timestamp="2026-03-09T15:30:00",
    )
    assert send(forwarder, [later])
    quarantine.retry(forwarder.outbox, trade.id, forwarder.settings)
    assert forwarder.run()
    assert differences(journal, map(vars, (trade, later))) == []


def test_deleted_phantom_comes_again_with_its_entry(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """A person deletes what stands there alone, and has the trade tried again."""
    sandbox.assume(bad_row="keeps_others")
    sandbox.inject("import_failure", row=1)
    trade = host_trade(1)
    assert send(forwarder, [trade])
    journal.http.delete(f"/trades/{journal.only()['id']}")
    quarantine.retry(forwarder.outbox, trade.id, forwarder.settings)

    assert forwarder.run()
    assert differences(journal, [vars(trade)]) == []


@pytest.mark.parametrize("is_queued", [False, True], ids=["later", "queued"])
def test_trade_that_stands_open_swallows_no_later_one(
    sandbox: Sandbox, make: Make, journal: JournalReader, *, is_queued: bool
) -> None:
    """Its slot is not free while its exit waits for a person; afterwards it is."""
    forwarder = make(import_size=1)
    first, later, last = (
        host_trade(
            number,
            symbol="SAME",
            entry_timestamp=f"2026-03-{day}T14:30:01.250000",
            exit_timestamp=f"2026-03-{day}T16:45:09.750000",
        )
        for number, day in enumerate(("02", "05", "10"), 1)
    )
    forwarder.enter(first)
    forwarder.run()
    sandbox.inject("import_failure", reason="an unlucky price")
    forwarder.leave(first)
    if not is_queued:  # otherwise it has its slot when the exit is refused
        assert forwarder.run()
    assert send(forwarder, [later])
    assert differences(journal, map(vars, (entered(first), later))) == []

    quarantine.retry(forwarder.outbox, first.id)
    assert send(forwarder, [last])
    assert differences(journal, map(vars, (first, later, last))) == []
    tags = [forwarder.outbox.account_tag_of(t.id) for t in (first, later, last)]
    assert tags == ["argo", "argo-2", "argo"]


def test_trade_that_comes_late_is_joined_with_none_that_follows(
    sandbox: Sandbox, make: Make, journal: JournalReader
) -> None:
    """Its slot was used again; entry and exit go in one import, however small it is."""
    forwarder = make(import_size=2)
    sandbox.inject("import_failure", reason="an unlucky price", row=1)
    first, later = (
        host_trade(
            number,
            symbol="SAME",
            entry_timestamp=f"2026-03-{day}T14:30:01.250000",
            exit_timestamp=f"2026-03-{day}T16:45:09.750000",
        )
        for number, day in enumerate(("02", "05"), 1)
    )
    assert send(forwarder, [first])
    assert set(forwarder.states(first).values()) == {"basic"}
    assert send(forwarder, [later])
    quarantine.retry(forwarder.outbox, first.id)
    assert forwarder.run()

    tags = {forwarder.outbox.account_tag_of(t.id) for t in (first, later)}
    assert tags == {"argo"}
    assert differences(journal, map(vars, (first, later))) == []


def test_what_is_over_the_quota_waits_for_the_next_month(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Nothing is refused for it, and it is not tried again every minute."""
    sandbox.assume(plan="free", quota=2, account_tag_on_free="tag")
    trades = trades_of(1, 2, 3)
    assert not send(forwarder, trades)
    assert forwarder.counts() == {"synced": 4, "recorded": 2}
    assert "quota" in str(forwarder.reasons(trades[2])["entry"])

    with forwarder.counted() as made:
        forwarder.run(seconds=600)
    assert made == {}

    with forwarder.counted() as made:
        for _ in range(10):
            forwarder.clock.now += 86_400
            forwarder.run(seconds=60)
    assert made["POST /imports"] <= 10
    assert forwarder.counts() == {"synced": 4, "recorded": 2}


def test_plan_that_was_changed_is_found_out_within_a_day(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Nobody has to tell the plugin; they go together, as if they had never waited."""
    sandbox.assume(plan="free", quota=2, account_tag_on_free="tag")
    sandbox.assume(commission_below_gold="kept")
    trades = trades_of(*range(1, 9))
    assert not send(forwarder, trades)
    for _ in range(10):
        forwarder.clock.now += 86_400
        forwarder.run(seconds=60)

    sandbox.assume(plan="gold")
    forwarder.clock.now += 86_400
    imports = sandbox.stats.import_count
    assert forwarder.run()
    assert forwarder.counts() == {"synced": 16}
    assert sandbox.stats.import_count == imports + 1
    assert differences(journal, map(vars, trades)) == []


def test_exit_of_a_trade_over_the_quota_waits_with_its_entry(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """And the worker does not spin over it."""
    sandbox.assume(plan="free", quota=0, account_tag_on_free="tag")
    trade = host_trade(1)
    forwarder.enter(trade)
    assert not forwarder.run()
    forwarder.leave(trade)
    assert not forwarder.run()

    assert forwarder.counts() == {"recorded": 2}
    assert forwarder.step() >= 1.0
    assert journal.trades() == []


def test_instruments_that_the_plan_does_not_take_are_shown_as_basic(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Stocks of the same import are not held up by it, nor refused."""
    sandbox.assume(plan="free", account_tag_on_free="tag")
    stock, future = host_trade(1), host_trade(2, symbol="ESM6")
    assert send(forwarder, [stock, future])

    assert set(forwarder.states(stock).values()) == {"synced"}
    assert set(forwarder.states(future).values()) == {"basic"}
    assert "does not take futures" in str(forwarder.reasons(future)["entry"])
    assert [t["symbol"] for t in journal.trades() if t["exec_count"]] == ["CORP1"]


def test_stock_that_shows_late_is_not_taken_for_a_refused_future(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """A flag names a kind of instrument, not what the journal does not show yet."""
    sandbox.assume(plan="free", account_tag_on_free="tag", read_delay_seconds="0.05")
    forwarder = make(poll_seconds=0.02)
    stock, future = host_trade(1), host_trade(2, symbol="ESM6")
    assert send(forwarder, [stock, future])

    assert set(forwarder.states(stock).values()) == {"synced"}
    assert set(forwarder.states(future).values()) == {"basic"}


def test_what_shows_after_a_while_is_not_sent_again(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """A few looks are taken before something is believed missing."""
    sandbox.assume(read_delay_seconds="0.05")
    forwarder = make(poll_seconds=0.02)
    trades = trades_of(1, 2)
    assert send(forwarder, trades)

    assert posts(sandbox) == [(4, "succeeded")]
    assert differences(journal, map(vars, trades)) == []


def test_what_shows_very_late_stands_there_once(
    sandbox: Sandbox, make: Make, journal: JournalReader
) -> None:
    """It is stored, and waited for as long as it takes."""
    forwarder = make(in_step=True)
    sandbox.assume(read_delay_seconds=100_000)
    trades = trades_of(1, 2)
    assert not send(forwarder, trades)
    for _ in range(98):
        forwarder.let_pass(1000)
        forwarder.step()
    assert forwarder.counts() == {"imported": 4}
    assert forwarder.run(seconds=5000)

    assert posts(sandbox) == [(4, "succeeded")]
    assert differences(journal, map(vars, trades)) == []


def test_success_that_never_shows_is_waited_for(
    sandbox: Sandbox,
    make: Make,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is not sent again, nothing is quarantined, and the exit waits with it."""
    forwarder = make(in_step=True)
    sandbox.assume(read_delay_seconds=10**8)
    trade = host_trade(1)
    forwarder.enter(trade)
    assert not forwarder.run(seconds=1000)
    forwarder.leave(trade)
    for _ in range(100):
        forwarder.let_pass(1000)
        forwarder.step()

    assert forwarder.states(trade) == {"entry": "imported", "exit": "recorded"}
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
    assert posts(sandbox) == [(1, "succeeded")]


def test_duplicates_by_the_minute_are_left_to_a_person(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Were Tradervue's key coarser than a second, nothing would be lost in silence."""
    sandbox.assume(duplicate_precision="minute")
    started = forwarder.clock()
    first = host_trade(1, symbol="AAPL")
    second = host_trade(
        2,
        symbol="AAPL",
        entry_timestamp="2026-03-05T14:30:31",
        exit_timestamp="2026-03-05T16:45:31",
    )
    forwarder.enter(first, second)
    forwarder.leave(first, second)
    assert forwarder.run(seconds=1000)

    assert forwarder.clock() - started >= 900
    assert set(forwarder.states(first).values()) == {"synced"}
    assert set(forwarder.states(second).values()) == {"quarantined"}
    assert "2 duplicates" in str(forwarder.reasons(second)["entry"])


def test_somebody_elses_failure_is_not_ours(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """An outcome counts only where Tradervue is known to have taken our import."""
    journal.http.post("/imports", json={"executions": [{**ROW, "quantity": "none"}]})
    sandbox.inject("reset_before", method="POST", path="/imports")
    trades = trades_of(1, 2)
    assert send(forwarder, trades)

    assert forwarder.counts() == {"synced": 4}
    assert differences(journal, map(vars, trades)) == []


def test_import_that_was_noted_and_not_sent_is_sent(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """A process that died in between has lost nothing."""
    forwarder = make()
    trades = trades_of(1)
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    forwarder.step_until(lambda: forwarder.outbox.counts()[State.RECORDED] == 2)
    lane = forwarder.worker._lane
    assert lane is not None
    rows = forwarder.outbox.due(forwarder.clock(), 500)
    with lane.write() as writer:
        noted = writer.note_import(
            account_tag="argo", allow_duplicates=False, now=forwarder.clock()
        )
        writer.add_to_import(noted.id, rows[:1], now=forwarder.clock())

    forwarder.succeed()
    assert forwarder.run()
    assert forwarder.outbox.unsettled() == []
    assert differences(journal, map(vars, trades)) == []


def test_outcome_that_was_stored_before_a_crash_is_used(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """Reading it has cleared it at Tradervue: what is stored is all there is."""
    sandbox.assume(fractional_quantities="refused")
    forwarder = make()
    bad, good = host_trade(1, filled_qty=0.5), host_trade(2)
    forwarder.enter(bad, good)
    sandbox.inject("server_error", method="GET", path="/trades", times=None)
    forwarder.step_until(
        lambda: any(i.stage == "finished" for i in forwarder.outbox.unsettled())
    )
    sandbox.clear_faults()

    forwarder.succeed()
    assert forwarder.run()
    assert forwarder.states(bad) == {"entry": "basic"}
    assert forwarder.states(good) == {"entry": "synced"}


def test_unreadable_stored_outcome_is_an_unknown_one(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """Whatever stands there, the journal decides."""
    forwarder = make()
    trades = trades_of(1)
    forwarder.enter(*trades)
    sandbox.inject("server_error", method="GET", path="/trades", times=None)
    forwarder.step_until(
        lambda: any(i.stage == "finished" for i in forwarder.outbox.unsettled())
    )
    forwarder.outbox.engine.connection().execute(
        "UPDATE imports SET outcome = '{\"x\": 1}'"
    )
    sandbox.clear_faults()

    assert forwarder.run()
    assert forwarder.counts() == {"synced": 1}


def test_stuck_import_holds_no_worker_for_ever(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After ten minutes it is told and looked at later; then all goes on."""
    monkeypatch.setattr("argo_tradervue_plugin.delivery.importer.LONGEST_IMPORT", -1.0)
    sandbox.inject("import_stuck")
    trades = trades_of(1)
    forwarder.enter(*trades)
    forwarder.step_until(lambda: "tradervue.import_running" in caplog.text)
    [noted] = forwarder.outbox.unsettled()
    assert noted.stage == "accepted"
    assert posts(sandbox) == [(1, "queued")]

    sandbox.clear_faults()
    assert forwarder.run()
    assert posts(sandbox) == [(1, "succeeded")]


@pytest.mark.parametrize("status", [404, 405, 410], ids=str)
def test_address_that_takes_no_imports_refuses_no_trade(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader, status: int
) -> None:
    """A wrong base_url is the operator's to correct: the trades wait meanwhile."""
    sandbox.inject(
        "server_error", status=status, method="POST", path="/imports", times=None
    )
    trades = trades_of(1, 2, 3)
    assert not send(forwarder, trades)
    assert forwarder.counts() == {"recorded": 6}
    assert forwarder.worker.health.last_error is not None
    assert str(status) in forwarder.worker.health.last_error

    sandbox.clear_faults()
    assert forwarder.run(seconds=2000)
    assert differences(journal, map(vars, trades)) == []


def test_service_that_refuses_everything_is_no_fault_of_the_trades(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """A blacklisted client is answered 400 to whatever it asks: the trades wait."""
    sandbox.inject("server_error", status=400, path="*", times=None)
    trades = trades_of(1, 2, 3)
    send(forwarder, trades)

    assert "quarantined" not in forwarder.counts()
    sandbox.clear_faults()
    assert forwarder.run(seconds=2000)
    assert differences(journal, map(vars, trades)) == []


def test_import_that_is_refused_as_a_whole_is_halved(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Too many executions for this Tradervue: fewer at a time will do."""
    sandbox.assume(import_limit=3)
    trades = trades_of(1, 2, 3, 4)
    assert send(forwarder, trades)

    assert forwarder.counts() == {"synced": 8}
    assert differences(journal, map(vars, trades)) == []


def test_left_out_tells_what_a_success_did_not_take() -> None:
    """The words of the model that the importer decides by."""
    assert not ImportResult(exec_count=2, duplicate_count=1).left_out
    assert ImportResult(overquota_count=1).left_out
    assert ImportResult(skipped_futures=True).left_out


def test_execution_that_tradervue_always_fails_on_holds_up_nobody(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither refused nor taken, for ever: halves are sent until it is alone."""
    send_as_usual = httpx.HTTPTransport.handle_request

    def fail_on_poison(
        transport: httpx.HTTPTransport, request: httpx.Request
    ) -> httpx.Response:
        if b"CORP13" in request.content:
            return httpx.Response(500, request=request)
        return send_as_usual(transport, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", fail_on_poison)
    trades = trades_of(*range(1, 41))
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    forwarder.step_until(lambda: forwarder.is_in(State.SYNCED, 78))
    poison = trades[12]
    assert set(forwarder.states(poison).values()) <= {"recorded", "sent"}
    assert len(journal.trades()) == 39

    monkeypatch.undo()
    assert forwarder.run(seconds=3000)
    assert differences(journal, map(vars, trades)) == []


def row(seq: int, trade_id: str, kind: Kind, attempts: int = 0) -> Row:
    """Return a row as :meth:`Outbox.due` does."""
    return Row(
        seq=seq,
        trade_id=trade_id,
        kind=kind,
        part=1,
        execution=None,
        state=State.RECORDED,
        attempts=attempts,
    )


def test_batch_is_all_of_what_was_never_tried() -> None:
    """As much as fits."""
    rows = [row(n, f"t{n}", Kind.ENTRY) for n in range(10)]

    assert batch_of(rows, 500) == rows
    assert batch_of(rows, 4) == rows[:4]


@pytest.mark.parametrize(("attempts", "number"), [(1, 4), (2, 2), (3, 1), (70, 1)])
def test_batch_is_halved_with_each_attempt(attempts: int, number: int) -> None:
    """At last they go one by one."""
    rows = [row(n, f"t{n}", Kind.ENTRY, attempts) for n in range(10)]

    assert batch_of(rows, 8) == rows[:number]


@pytest.mark.parametrize(("most", "trades"), [(6, 3), (5, 2), (4, 2), (3, 1), (2, 1)])
def test_batch_has_whole_trades(most: int, trades: int) -> None:
    """Cut between the two, a trade would stand open until the next import."""
    entries = [row(n, f"t{n}", Kind.ENTRY) for n in range(3)]
    exits = [row(10 + n, f"t{n}", Kind.EXIT) for n in range(3)]

    assert batch_of(entries + exits, most) == entries[:trades] + exits[:trades]


def test_trade_too_large_for_its_batch_goes_in_two() -> None:
    """What makes an import fail has to be found, were it half a trade."""
    rows = [row(0, "a", Kind.ENTRY), row(1, "a", Kind.EXIT), row(2, "b", Kind.ENTRY)]

    assert batch_of(rows, 1) == rows[:1]


def test_halves_are_of_whole_trades() -> None:
    """As long as there are several."""
    entries = [row(n, f"t{n}", Kind.ENTRY) for n in range(3)]
    exits = [row(10 + n, f"t{n}", Kind.EXIT) for n in range(3)]

    assert halves(entries + exits) == (
        [entries[0], exits[0]],
        entries[1:] + exits[1:],
    )
    assert halves([entries[0], exits[0]]) == ([entries[0]], [exits[0]])


def test_batch_has_no_exit_whose_entry_goes_another_time() -> None:
    """Alone it would open a position of the wrong side."""
    entry = row(1, "b", Kind.ENTRY, attempts=2)
    rows = [row(0, "a", Kind.ENTRY), entry, row(2, "b", Kind.EXIT)]

    assert batch_of(rows, 8) == rows[:1]

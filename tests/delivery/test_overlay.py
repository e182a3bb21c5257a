"""Commissions that the host learns late are laid over; nothing else is touched."""

import logging
import time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, changed, host_trade
from tests.journeys.reader import JournalReader, differences

LONG = 3000.0  # seconds on the forwarder's own clock


def unknowing(number: int = 1, **changes: object) -> SimpleNamespace:
    """Return a trade whose commission the host does not know at its exit."""
    return host_trade(number, **{"commission": None, **changes})


def live(forwarder: Forwarder, *trades: SimpleNamespace) -> None:
    """Bring closed trades into the journal."""
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    assert forwarder.run(seconds=LONG)


def learn(
    forwarder: Forwarder, *trades: SimpleNamespace, commission: float | None = 3.25
) -> list[SimpleNamespace]:
    """Let the host tell the exits again, with the commission that it knows now."""
    known = [changed(trade, commission=commission) for trade in trades]
    forwarder.clock.now += 1
    forwarder.leave(*known)
    return known


def overlays(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Return the overlay imports that the sandbox has seen."""
    return [dict(each) for each in sandbox.stats.imports if each["overlay_commissions"]]


def commissions(journal: JournalReader) -> dict[str, Decimal]:
    """Return what the journal's trades cost, by symbol."""
    return {row["symbol"]: row["commission"] for row in journal.trades()}


@pytest.mark.parametrize("commission", [3.25, 0.005, 12345.678, 0])
def test_late_commission_is_laid_over_the_exit(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
    commission: float,
) -> None:
    """A second exit event tells it; one import, no new execution, notes renewed."""
    caplog.set_level(logging.INFO)
    trade = unknowing()
    live(forwarder, trade)
    before = journal.all_executions()
    [known] = learn(forwarder, trade, commission=commission)
    assert forwarder.run(seconds=LONG)

    [sent] = overlays(sandbox)
    assert (sent["executions"], sent["account_tag"]) == (1, "argo")
    assert journal.all_executions() == before
    assert differences(journal, [vars(known)]) == []
    entry, closing = journal.executions(journal.only()["id"])
    assert entry["commission"] == 0
    assert closing["commission"] == Decimal(str(commission))
    assert f"commission {commission}" in journal.only()["notes"]
    assert f"tradervue.commission_set trade={trade.id}" in caplog.text
    assert forwarder.counts() == {"synced": 2}


def test_commission_that_was_known_and_changes_is_laid_over(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """The host may correct a figure as well as learn it."""
    trade = host_trade(1)
    live(forwarder, trade)
    [known] = learn(forwarder, trade)
    assert forwarder.run(seconds=LONG)

    assert differences(journal, [vars(known)]) == []
    assert len(overlays(sandbox)) == 1


@pytest.mark.parametrize("commission", [2.0, None], ids=["the same", "unknown"])
def test_event_that_brings_no_commission_is_no_reason_to_import(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    commission: float | None,
) -> None:
    """Neither what stands there already, nor that it is not known any more."""
    trade = host_trade(1)
    live(forwarder, trade)
    learn(forwarder, trade, commission=commission)
    assert forwarder.run(seconds=LONG)

    assert overlays(sandbox) == []
    assert commissions(journal) == {"CORP1": 2}


def test_commission_that_is_known_before_the_exit_is_sent_goes_with_it(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """What is not sent yet is simply sent right."""
    trade = unknowing()
    forwarder.enter(trade)
    forwarder.leave(trade)
    [known] = learn(forwarder, trade)
    assert forwarder.run(seconds=LONG)

    assert overlays(sandbox) == []
    assert differences(journal, [vars(known)]) == []


@pytest.mark.parametrize("fault", ["reset_after", "reset_before"])
def test_commission_learned_while_the_exit_is_in_the_air_is_not_lost(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader, fault: str
) -> None:
    """Whether that import arrived or not, in the end the journal shows it."""
    trade = unknowing()
    forwarder.enter(trade)
    assert forwarder.run(seconds=LONG)
    sandbox.inject(fault, method="POST", path="/imports")
    forwarder.leave(trade)
    forwarder.step_until(lambda: forwarder.is_in(State.SENT))
    [known] = learn(forwarder, trade)
    assert forwarder.run(seconds=LONG)

    assert differences(journal, [vars(known)]) == []
    assert forwarder.counts() == {"synced": 2}


def test_commission_learned_while_the_exit_waits_to_be_sent_again_is_not_lost(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """It goes as it was noted, and the commission follows."""
    trade = unknowing()
    sandbox.inject("import_busy")
    forwarder.enter(trade)
    forwarder.leave(trade)
    forwarder.step_until(lambda: sandbox.stats.statuses["424"])
    assert forwarder.is_in(State.RECORDED, 2)
    [known] = learn(forwarder, trade)
    assert forwarder.run(seconds=LONG)

    assert differences(journal, [vars(known)]) == []


def test_commission_that_is_taken_back_before_it_was_sent_is_not_sent(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """What the host says last is what the journal shows."""
    trade = host_trade(1)
    live(forwarder, trade)
    learn(forwarder, trade, commission=9.0)
    learn(forwarder, trade, commission=2.0)
    assert forwarder.run(seconds=LONG)

    assert differences(journal, [vars(trade)]) == []


def test_commissions_of_one_account_tag_go_together(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """One import for each tag, whatever the number of trades."""
    trades = [unknowing(n) for n in range(1, 6)]
    overlapping = unknowing(
        6,
        symbol="CORP1",
        entry_timestamp="2026-03-05T15:00:00",
        exit_timestamp="2026-03-05T18:00:00",
    )
    live(forwarder, *trades, overlapping)
    known = learn(forwarder, *trades, overlapping)
    with forwarder.counted() as made:
        assert forwarder.run(seconds=LONG)

    sent = {(each["account_tag"], each["executions"]) for each in overlays(sandbox)}
    assert sent == {("argo", 5), ("argo-2", 1)}
    assert made["POST /imports"] == 2
    assert differences(journal, map(vars, known)) == []


@pytest.mark.parametrize("signal_type", ["long", "short"])
def test_side_and_size_of_the_exit_do_not_matter(
    forwarder: Forwarder, journal: JournalReader, signal_type: str
) -> None:
    """The row is the exit just as it was sent: a fraction, of either side."""
    trade = unknowing(signal_type=signal_type, quantity=0.125, filled_qty=0.125)
    live(forwarder, trade)
    [known] = learn(forwarder, trade)
    assert forwarder.run(seconds=LONG)

    assert differences(journal, [vars(known)]) == []


@pytest.mark.parametrize("scope", ["global", "account_tag"])
@pytest.mark.parametrize(
    "learned",
    [
        pytest.param([1.5, 2.5, 3.5], id="all"),
        pytest.param([None, 2.5, None], id="one"),
        pytest.param([4.0, None, 3.5], id="some"),
    ],
)
@pytest.mark.parametrize("before", [None, 2.0], ids=["unknown before", "known before"])
def test_each_of_equal_trades_gets_its_own_commission(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    scope: str,
    learned: list[float | None],
    before: float | None,
) -> None:
    """Nobody can tell their executions apart but by their order, or by their tags."""
    sandbox.assume(duplicate_scope=scope)
    trades = [unknowing(n, symbol="TWIN", commission=before) for n in (1, 2, 3)]
    live(forwarder, *trades)
    for trade, commission in zip(trades, learned, strict=True):
        if commission is not None:
            trade.commission = commission
            learn(forwarder, trade, commission=commission)
    assert forwarder.run(seconds=LONG)

    assert differences(journal, map(vars, trades)) == []


def test_commission_in_a_trade_that_several_share_is_seen(
    make: Make,
    sandbox: Sandbox,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The trade shows the sum; the execution shows ours."""
    forwarder = make(account_tags=False)
    trades = [
        unknowing(1, symbol="AAPL"),
        unknowing(2, symbol="AAPL", entry_timestamp="2026-03-05T15:00:00", quantity=4),
    ]
    trades[1].filled_qty = 4
    live(forwarder, *trades)
    learn(forwarder, trades[0], commission=1.5)
    learn(forwarder, trades[1], commission=2.5)
    assert forwarder.run(seconds=LONG)

    assert journal.only()["commission"] == 4
    assert "commission_refused" not in caplog.text
    assert len(overlays(sandbox)) == 1


def test_commission_of_a_trade_that_a_person_retagged_is_seen(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Our list does not show it any more; its executions do."""
    trade = unknowing()
    live(forwarder, trade)
    sandbox.person("argo").tag(int(journal.only()["id"]), "mine")
    learn(forwarder, trade)
    assert forwarder.run(seconds=LONG)

    assert commissions(journal) == {"CORP1": Decimal("3.25")}
    assert "commission_refused" not in caplog.text


def test_commission_that_shows_late_is_looked_for_again(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An overlay sent twice does no harm."""
    trade = unknowing()
    live(forwarder, trade)
    sandbox.assume(read_delay_seconds="0.05")
    [known] = learn(forwarder, trade)
    forwarder.step_until(lambda: overlays(sandbox))
    time.sleep(0.06)
    assert forwarder.run(seconds=LONG)

    assert differences(journal, [vars(known)]) == []
    assert "commission_refused" not in caplog.text


@pytest.mark.parametrize("times", [1, 4])
@pytest.mark.parametrize(
    ("fault", "method", "path"),
    [
        ("reset_after", "POST", "/imports"),
        ("reset_before", "POST", "/imports"),
        ("server_error", "POST", "/imports"),
        ("reset_after", "GET", "/imports"),
        ("malformed_json", "GET", "/imports"),
        ("server_error", "GET", "/trades"),
        ("import_busy", None, None),
    ],
)
def test_commission_arrives_whatever_goes_wrong(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    fault: str,
    method: str | None,
    path: str | None,
    times: int,
) -> None:
    """It stays due until the journal is seen to show it."""
    trade = unknowing()
    live(forwarder, trade)
    told = {"method": method, "path": path} if method else {}
    sandbox.inject(fault, times=times, **told)
    [known] = learn(forwarder, trade)
    assert forwarder.run(seconds=LONG)

    assert differences(journal, [vars(known)]) == []
    assert len(journal.all_executions()) == 2


def test_successor_goes_on_with_what_is_due(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """A commission is a row in the outbox: the process may end at any time."""
    trade = unknowing()
    live(forwarder, trade)
    sandbox.inject("reset_after", method="POST", path="/imports")
    [known] = learn(forwarder, trade)
    forwarder.step_until(lambda: overlays(sandbox))
    forwarder.worker = forwarder.new_worker()
    assert not forwarder.worker.is_idle()
    assert forwarder.run(seconds=LONG)

    assert differences(journal, [vars(known)]) == []


def test_notes_say_of_a_late_rebate_that_it_was_refused(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """The trade counts for less in the journal than the notes say of the host."""
    sandbox.assume(negative_commissions="refused")
    trade = unknowing()
    live(forwarder, trade)
    learn(forwarder, trade, commission=-1.5)
    assert forwarder.run(seconds=LONG)

    notes = journal.only()["notes"]
    assert "Tradervue refused the commission of -1.5: it was sent without" in notes
    assert journal.only()["commission"] == 0


def refused_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the operator was told of commissions that are not taken."""
    lines = [record.getMessage() for record in caplog.records]
    return [line for line in lines if "tradervue.commission_refused" in line]


def test_commission_that_the_plan_does_not_take_is_left_to_a_person(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After three imports one line says which trade, where, and what to do."""
    trade = unknowing()
    live(forwarder, trade)
    sandbox.assume(plan="silver")
    learn(forwarder, trade)
    assert forwarder.run(seconds=LONG)

    [line] = refused_lines(caplog)
    journal_id = journal.only()["id"]
    assert f"trade={trade.id} commission=3.25 journal={journal_id} " in line
    assert line.endswith("enter it in Tradervue by hand")
    assert len(overlays(sandbox)) == 3
    assert forwarder.counts() == {"synced": 2}
    assert not forwarder.outbox.overlays_due(forwarder.clock() + 10**6, 1)


def test_refused_overlay_is_told_with_the_server_s_words(
    sandbox: Sandbox, forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    """And holds up nothing: the next trade goes its way."""
    trade = unknowing()
    live(forwarder, trade)
    sandbox.inject("server_error", status=400, method="POST", path="/imports")
    learn(forwarder, trade)
    forwarder.step_until(lambda: refused_lines(caplog))
    live(forwarder, host_trade(2))

    assert len(refused_lines(caplog)) == 1
    assert forwarder.counts() == {"synced": 4}


def test_failed_overlay_is_told_with_the_server_s_words(
    sandbox: Sandbox, forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    """What the import said is more than that nothing came of it."""
    trade = unknowing()
    live(forwarder, trade)
    sandbox.inject("import_failure", row=1, reason="an invalid mood", times=None)
    learn(forwarder, trade)
    forwarder.step_until(lambda: refused_lines(caplog))

    assert "an invalid mood" in refused_lines(caplog)[0]


def test_commission_of_a_deleted_trade_creates_nothing(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Overlays only change what is there."""
    trade = unknowing()
    live(forwarder, trade)
    sandbox.person("argo").delete_trade(int(journal.only()["id"]))
    learn(forwarder, trade)
    forwarder.run(seconds=LONG)

    assert journal.trades() == []


def test_commission_does_not_touch_what_people_wrote(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Notes, tags, risk and sharing are as they were, but for our block."""
    trade = unknowing()
    live(forwarder, trade)
    person, journal_id = sandbox.person("argo"), int(journal.only()["id"])
    person.write_notes(journal_id, f"Mine\n\n{journal.only()['notes']}\n\nToo")
    person.tag(journal_id, "argo", "mine")
    person.set_risk(journal_id, "77.5")
    person.share(journal_id)
    learn(forwarder, trade)
    assert forwarder.run(seconds=LONG)

    full = journal.only()
    assert full["commission"] == Decimal("3.25")
    assert full["notes"].startswith("Mine\r\n\r\n[argo ")
    assert full["notes"].endswith("[/argo]\r\n\r\nToo")
    assert "mine" in full["tags"]
    assert full["initial_risk"] == Decimal("77.5")
    assert full["shared"] is True

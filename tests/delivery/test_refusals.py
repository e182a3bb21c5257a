"""Refusals are read for what they say: of one row, or of everything that is sent."""

import logging
from types import SimpleNamespace
from typing import Final

import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.obstacles import as_lines, obstacles
from argo_tradervue_plugin.delivery.refusals import (
    CONDITION,
    Refusal,
    choose,
    fingerprint,
    hint,
    is_about_all,
    lifted,
    paused,
    speaks_of_account,
    suspected,
)
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.outbox.records import Row, State
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.sandbox.booking import Outcome
from argo_tradervue_plugin.services import quarantine
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, entered, host_trade
from tests.journeys.reader import JournalReader, differences
from tests.outbox.desk import execution

REFUSAL: Final = "Account tags need a silver or gold subscription"
UNHEARD_OF: Final = "Something is not as it should be"


def without_account_tags(sandbox: Sandbox, text: str = REFUSAL) -> None:
    """Let the journal be of a plan that refuses account tags, saying *text*."""
    sandbox.assume(
        plan="free",
        account_tag_on_free="failed",
        account_tag_refusal=text,
        quota=10_000,
        commission_below_gold="kept",
    )


def send(forwarder: Forwarder, trades: list[SimpleNamespace]) -> None:
    """Record entries and exits, and forward them for some minutes."""
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    forwarder.run(seconds=300)


def successor(make: Make, before: Forwarder, **settings: object) -> Forwarder:
    """Return a forwarder of the same outbox that was started with other settings."""
    after = make(in_step=True, **settings)
    after.clock.now = max(before.clock(), before.outbox.lease_free_at())
    return after


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines that want a person."""
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]


@pytest.mark.parametrize("text", [REFUSAL, UNHEARD_OF])
def test_plan_that_refuses_account_tags_makes_nothing_basic(
    make: Make,
    sandbox: Sandbox,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
    text: str,
) -> None:
    """Everything is pending, one line says so, and one trade is tried every hour."""
    forwarder = make(in_step=True)
    without_account_tags(sandbox, text)
    trades = [host_trade(n) for n in range(1, 108)]
    send(forwarder, trades)

    assert forwarder.counts() == {"recorded": 214}
    assert journal.trades() == []
    [line] = [line for line in errors(caplog) if "tradervue.paused" in line]
    assert text in line
    with forwarder.counted() as made:
        for _ in range(3):
            forwarder.run(seconds=3600)
    assert made["POST /imports"] == 3
    assert forwarder.counts() == {"recorded": 214}
    assert [each["executions"] for each in sandbox.stats.imports][-3:] == [2, 2, 2]
    tried = Refusal.of(forwarder.outbox.condition(CONDITION))
    assert tried is not None
    assert len(set(tried.tried)) >= 4


def test_what_helps_is_said_until_it_does(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """With account tags switched off everything goes at once, without them."""
    forwarder = make(in_step=True)
    without_account_tags(sandbox)
    trades = [host_trade(n) for n in range(1, 108)]
    send(forwarder, trades)
    facts = obstacles(forwarder.outbox)
    assert facts["paused_reason"] == REFUSAL
    assert '"account_tags": false' in str(facts["paused_hint"])
    [line] = as_lines(facts)
    assert REFUSAL in line
    assert '"account_tags": false' in line

    after = successor(make, forwarder, account_tags=False)
    assert after.run(seconds=600)
    assert after.counts() == {"synced": 214}
    assert as_lines(obstacles(after.outbox)) == []
    assert differences(journal, map(vars, trades)) == []
    assert {trade["exec_count"] for trade in journal.trades()} == {2}


def test_pause_outlives_a_restart(make: Make, sandbox: Sandbox) -> None:
    """The same settings are no reason to try at once."""
    forwarder = make(in_step=True)
    without_account_tags(sandbox)
    send(forwarder, [host_trade(1)])
    imports = sandbox.stats.import_count

    after = successor(make, forwarder)
    assert not after.run(seconds=1800)
    assert sandbox.stats.import_count == imports
    assert obstacles(after.outbox)["paused_reason"] == REFUSAL


def test_another_plan_is_found_out_within_the_hour(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """Nobody has to tell the plugin; then all that waited goes as usual."""
    forwarder = make(in_step=True)
    without_account_tags(sandbox)
    trades = [host_trade(n) for n in range(1, 21)]
    send(forwarder, trades)
    sandbox.assume(plan="gold")
    imports = sandbox.stats.import_count

    assert forwarder.run(seconds=3700)
    assert sandbox.stats.import_count == imports + 2
    assert forwarder.counts() == {"synced": 40}
    assert differences(journal, map(vars, trades)) == []


def test_overlapping_trades_go_by_the_new_setting(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """Both ways: what was never sent gets the account tag that it would have now."""
    forwarder = make(in_step=True, account_tags=False)
    trades = [host_trade(n, symbol="SAME", filled_qty=n) for n in (1, 2)]
    forwarder.enter(*trades)
    forwarder.step_until(lambda: forwarder.counts() == {"recorded": 2})
    tags = [forwarder.outbox.account_tag_of(trade.id) for trade in trades]
    assert tags == ["", ""]

    after = successor(make, forwarder)
    assert after.run(seconds=600)
    tags = [after.outbox.account_tag_of(trade.id) for trade in trades]
    assert tags == ["argo", "argo-2"]
    assert differences(journal, [vars(entered(trade)) for trade in trades]) == []


def test_exit_of_what_has_an_account_tag_waits_for_a_person(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """Without the tag it would open a position; the others go on."""
    forwarder = make(in_step=True)
    trade, other = host_trade(1), host_trade(2)
    forwarder.enter(trade)
    assert forwarder.run()
    without_account_tags(sandbox)
    after = successor(make, forwarder, account_tags=False)
    after.leave(trade)
    send(after, [other])

    assert after.states(trade) == {"entry": "synced", "exit": "quarantined"}
    assert REFUSAL in str(after.reasons(trade)["exit"])
    assert set(after.states(other).values()) == {"synced"}
    assert differences(journal, [vars(entered(trade)), vars(other)]) == []
    sandbox.assume(plan="gold")
    quarantine.retry(after.outbox, trade.id)
    assert after.run()
    assert differences(journal, [vars(trade), vars(other)]) == []


def test_bad_row_that_speaks_of_a_plan_holds_up_nobody_for_long(
    make: Make,
    sandbox: Sandbox,
    journal: JournalReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is accepted in spite of it shows that a row was meant after all."""
    forwarder = make(in_step=True)
    sandbox.assume(fractional_quantities="refused")
    info = Outcome.info

    def reworded(outcome: Outcome) -> dict[str, object]:
        said = info(outcome)
        if outcome.error is not None:
            said["error_description"] = "Your plan does not take fractions"
            said.pop("error_execnumber", None)
        return said

    monkeypatch.setattr(Outcome, "info", reworded)
    bad, *good = host_trade(1, filled_qty=0.5), *(host_trade(n) for n in range(2, 8))
    forwarder.enter(bad, *good)
    forwarder.leave(bad, *good)
    assert not forwarder.run(seconds=1800)
    assert forwarder.counts() == {"recorded": 14}

    assert forwarder.run(seconds=2 * 3700)
    assert forwarder.counts() == {"synced": 12, "basic": 2}
    full = {t["symbol"] for t in journal.trades() if t["exec_count"]}
    assert full == {trade.symbol for trade in good}


def test_basic_trade_of_a_refusal_of_everything_is_withdrawn(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """It was taken for a bad row while it was the only one."""
    forwarder = make(in_step=True)
    without_account_tags(sandbox, UNHEARD_OF)
    trades = [host_trade(n) for n in (1, 2, 3)]
    for trade in trades[:1]:
        send(forwarder, [trade])
    assert [trade["exec_count"] for trade in journal.trades()] == [0]
    send(forwarder, trades[1:])
    assert forwarder.counts() == {"recorded": 6}
    sandbox.assume(plan="gold")

    assert forwarder.run(seconds=4000)
    assert differences(journal, map(vars, trades)) == []


def test_rebate_that_is_refused_is_left_out_and_noted(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """The execution counts for more than its commission."""
    forwarder = make(in_step=True)
    sandbox.assume(negative_commissions="refused")
    trades = [host_trade(1, commission=-1.25), host_trade(2)]
    send(forwarder, trades)

    assert forwarder.counts() == {"synced": 4}
    [noted, other] = sorted(journal.trades(), key=lambda row: str(row["symbol"]))
    assert "refused the commission of -1.25" in journal.trade(noted["id"])["notes"]
    assert "refused" not in journal.trade(other["id"])["notes"]
    assert noted["commission"] == 0
    with forwarder.counted() as made:
        forwarder.leave(host_trade(1, commission=-1.25, exit_reason="changed"))
        assert forwarder.run()
    assert "POST /imports" not in made  # no overlay: that is refused as well


@pytest.mark.parametrize(
    "text",
    [
        REFUSAL,
        "Please upgrade to use this feature",
        "Your current plan does not include imports",
        "Gold members only: requires a gold membership",
        "Your account has been suspended, please contact billing",
        "account_tag is not available",
    ],
)
def test_words_of_plan_and_account_are_known(text: str) -> None:
    """They are about no row."""
    assert speaks_of_account(text)


@pytest.mark.parametrize(
    "text",
    [
        "at least one data row had an invalid quantity",
        "at least one data row had an invalid symbol GOLD",
        "Invalid request: too many executions",
        "no executions",
        UNHEARD_OF,
    ],
)
def test_words_of_a_row_are_no_words_of_the_account(text: str) -> None:
    """GOLD is a symbol, too."""
    assert not speaks_of_account(text)


def test_setting_that_helps_is_named() -> None:
    """As the operator writes it."""
    assert '"account_tags": false' in hint(REFUSAL)
    assert "account_tags" not in hint("Please upgrade")


def row(number: int, symbol: str = "AAPL", quantity: str = "10") -> Row:
    """Return an entry that is due."""
    return Row(
        seq=number,
        trade_id=f"t{number}",
        kind=Kind.ENTRY,
        part=1,
        execution=execution(f"t{number}", symbol=symbol, quantity=quantity),
        state=State.RECORDED,
    )


def test_three_trades_with_the_same_words_are_enough() -> None:
    """Two are suspicious; other words begin anew; what was accepted ends it."""
    one = suspected(None, UNHEARD_OF, row(1))
    again = suspected(one, UNHEARD_OF, row(1))
    two = suspected(again, UNHEARD_OF, row(2))
    assert [r.is_suspicious for r in (one, again, two)] == [False, False, True]
    assert not is_about_all(one, UNHEARD_OF)
    assert is_about_all(two, UNHEARD_OF)
    assert not is_about_all(two, "Other words")
    assert not suspected(two, "Other words", row(3)).is_suspicious
    assert lifted(two) is None


def test_third_is_of_another_symbol_and_whole() -> None:
    """If there is one; otherwise whatever there is."""
    two = suspected(suspected(None, "x", row(1)), "x", row(2))
    half, other = row(3, "MSFT", "0.5"), row(4, "MSFT")
    assert choose(two, [row(1), row(5), half, other]) == other
    assert choose(two, [row(1), row(5), half]) == row(5)
    assert choose(two, [row(2), half]) == half
    assert choose(two, [row(1)]) is None


def test_each_try_is_of_another_trade() -> None:
    """After all of them the first comes again; the pause keeps its beginning."""
    settings = Settings()
    known, tried = None, []
    entries = [row(1), row(2), row(3)]
    for hour in range(4):
        known = paused(
            known, "x", f"t{hour % 3 + 1}", settings=settings, now=3600.0 * hour
        )
        chosen = choose(known, entries)
        assert chosen is not None
        tried.append(chosen.trade_id)
    assert tried == ["t2", "t3", "t1", "t2"]
    assert known is not None
    assert known.since == 0.0
    assert not known.is_due(settings, 3600.0 * 4 - 1)
    assert known.is_due(settings, 3600.0 * 4)
    assert known.is_due(Settings(account_tags=False), 3600.0 * 3)


def test_words_that_something_was_accepted_in_spite_of_are_of_a_row() -> None:
    """Until three trades meet them again."""
    known = lifted(paused(None, REFUSAL, "t1", settings=Settings(), now=0))
    assert known is not None
    assert not is_about_all(known, REFUSAL)
    assert is_about_all(known, "Your plan needs an upgrade")
    for number in (1, 2):
        known = suspected(known, REFUSAL, row(number))
    assert is_about_all(known, REFUSAL)
    assert lifted(known) == Refusal(text=REFUSAL, was_lifted=True)


def test_fingerprint_keeps_no_secret() -> None:
    """A password is no part of it, every other setting is."""
    assert fingerprint(Settings(password="a")) == fingerprint(Settings(password="b"))
    assert fingerprint(Settings()) != fingerprint(Settings(account_tag="bot"))

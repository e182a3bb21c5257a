"""An old copy of the outbox is put back: what it forgot is never sent a second time."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest

from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.model.reasons import code_of
from argo_tradervue_plugin.outbox.kept import PUT_BACK, putting_back
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.records import ResendStage
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.sqlite_files import copy
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, changed, host_trade
from tests.delivery.test_resend import ask, correct, corrected, deliver, until

FORMS: Final = ("replica", "each_import")
DELAYS: Final = (0, 300, 3000)  # seconds until reads show an import
HOUR: Final = 3600.0
TWINS: Final = (host_trade(4, symbol="TWIN"), host_trade(5, symbol="TWIN"))


@pytest.fixture
def real(make: Make) -> Forwarder:
    """A forwarder with the pauses that it has at Tradervue, on a clock that jumps."""
    return make(in_step=True, poll_seconds=2.0)


def copied(forwarder: Forwarder) -> str:
    """Copy the outbox; return the name of the copy."""
    copy(forwarder.path, forwarder.path.with_name("old.db"))
    return "old.db"


def put_back(make: Make, lost: Forwarder, name: str, **settings: object) -> Forwarder:
    """Let another process go on with the copy of that *name*, as after a restore."""
    lost.close()
    again = make(name, in_step=True, poll_seconds=2.0, clock=lost.clock, **settings)
    with again.outbox.maintain() as writer:
        writer.set_condition(PUT_BACK, putting_back(again.clock()))
    again.let_pass(max(0.0, again.outbox.lease_free_at() - again.clock()))
    return again


def run_for_days(forwarder: Forwarder) -> bool:
    """Let three days pass, hour by hour; tell whether nothing is left to do."""
    for _ in range(72):
        if forwarder.run(20):
            return True
        forwarder.let_pass(HOUR)
    return False


def entries(sandbox: Sandbox, symbol: str) -> int:
    """Return how many entries are in the journal, whatever reads show by now."""
    trades = sandbox.account("argo").journal.trades.values()
    return sum(
        part.quantity > 0
        for trade in trades
        if trade.symbol == symbol
        for part in trade.parts
    )


def new_trade(forwarder: Forwarder, number: int) -> SimpleNamespace:
    """Return a trade that was filled a minute from now."""
    forwarder.let_pass(120)
    at = datetime.fromtimestamp(forwarder.clock() - 60, UTC).replace(tzinfo=None)
    return host_trade(
        number,
        entry_timestamp=at.isoformat(),
        exit_timestamp=(at + timedelta(seconds=30)).isoformat(),
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("delay", DELAYS)
def test_twins_that_were_sent_and_do_not_show_yet_are_not_sent_again(
    sandbox: Sandbox, real: Forwarder, make: Make, form: str, delay: int
) -> None:
    """Tradervue would take them: duplicates are allowed for twins."""
    real.enter(*TWINS)
    real.step_until(lambda: real.counts() == {"recorded": 2})
    old = copied(real)
    sandbox.assume(read_delay_seconds=delay, read_delay_form=form)
    real.run(20)
    assert entries(sandbox, "TWIN") == 2

    again = put_back(make, real, old)
    assert run_for_days(again)
    assert entries(sandbox, "TWIN") == 2
    assert again.counts() == {"synced": 2}
    again.leave(*TWINS)
    assert run_for_days(again)
    assert again.counts() == {"synced": 4}
    assert len(sandbox.account("argo").journal.trades) == 2


def test_twins_that_were_never_sent_go_when_the_journal_cannot_lag_any_more(
    sandbox: Sandbox, real: Forwarder, make: Make
) -> None:
    """They say meanwhile why they wait, and what else there is goes on."""
    real.enter(*TWINS)
    real.leave(*TWINS)
    real.step_until(lambda: real.counts() == {"recorded": 4})
    again = put_back(make, real, copied(real), lag_hours=3)
    again.run(60)
    again.let_pass(HOUR)
    again.run(60)
    assert {code_of(why) for why in again.reasons(TWINS[0]).values()} == {"put_back"}
    assert entries(sandbox, "TWIN") == 0

    assert run_for_days(again)
    assert again.counts() == {"synced": 4}
    assert entries(sandbox, "TWIN") == 2


def test_twins_go_when_the_journal_has_shown_a_later_import(
    sandbox: Sandbox, real: Forwarder, make: Make
) -> None:
    """Then what it does not show is not there."""
    real.enter(*TWINS)
    real.step_until(lambda: real.counts() == {"recorded": 2})
    again = put_back(make, real, copied(real))
    again.enter(new_trade(again, 7))
    assert run_for_days(again)
    assert again.counts() == {"synced": 3}
    assert entries(sandbox, "TWIN") == 2


def test_twins_that_are_filled_afterwards_do_not_wait(
    sandbox: Sandbox, real: Forwarder, make: Make
) -> None:
    """They cannot have been sent before."""
    real.enter(host_trade(1))
    assert real.run()
    again = put_back(make, real, copied(real))
    first = new_trade(again, 4)
    second = changed(first, id=host_trade(5).id)
    again.enter(first, second)
    assert again.run()
    assert again.counts() == {"synced": 3}
    assert entries(sandbox, first.symbol) == 2


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("delay", [0, 300, 3000])
def test_plain_trades_that_do_not_show_yet_wait_for_no_person(
    sandbox: Sandbox, real: Forwarder, make: Make, form: str, delay: int
) -> None:
    """Tradervue takes what is sent again for a duplicate, and some day it shows."""
    trade = host_trade(1)
    real.enter(trade)
    real.leave(trade)
    real.step_until(lambda: real.counts() == {"recorded": 2})
    old = copied(real)
    sandbox.assume(read_delay_seconds=delay, read_delay_form=form)
    real.run(20)
    assert entries(sandbox, trade.symbol) == 1

    again = put_back(make, real, old)
    assert run_for_days(again)
    assert again.counts() == {"synced": 2}
    assert entries(sandbox, trade.symbol) == 1


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("delay", [0, 3000])
@pytest.mark.parametrize(
    "stage",
    [
        ResendStage.ASKED,
        ResendStage.CLEARING,
        ResendStage.CHECKING,
        ResendStage.SENT,
    ],
)
def test_resend_that_was_further_than_the_copy_says_is_not_done_twice(
    sandbox: Sandbox,
    real: Forwarder,
    make: Make,
    stage: ResendStage,
    form: str,
    delay: int,
) -> None:
    """Whatever the copy believes of it, the trade is in the journal once."""
    trade = host_trade(1)
    deliver(real, trade)
    correct(real, corrected(trade, actual_exit_price=104.0))
    real.run()
    ask(real, trade)
    until(real, trade, stage)
    old = copied(real)
    until(real, trade, ResendStage.SENT)
    sandbox.assume(read_delay_seconds=delay, read_delay_form=form)
    real.run(20)
    assert entries(sandbox, trade.symbol) == 1

    again = put_back(make, real, old)
    assert run_for_days(again)
    assert entries(sandbox, trade.symbol) == 1
    assert len(sandbox.account("argo").journal.trades) == 1
    assert again.states(trade) == {"entry": "synced", "exit": "synced"}


@pytest.fixture
def noting(make: Make, tmp_path: Path) -> Forwarder:
    """A forwarder whose latest import is noted beside its spool."""
    outbox = open_outbox(str(tmp_path / "noting.db"), spool=Spool(tmp_path / "spool"))
    made = make(outbox=outbox, in_step=True, poll_seconds=2.0)
    outbox.put_stamp(Account.of(made.settings, "argo"), now=made.clock())
    return made


def words(caplog: pytest.LogCaptureFixture, *wanted: str) -> list[str]:
    """Return which of the *wanted* lines are in the log, in their order."""
    said = [
        message.split()[0].removeprefix("tradervue.") for message in caplog.messages
    ]
    return [word for word in said if word in wanted]


def test_copy_that_lacks_imports_is_noticed_before_a_resend_deletes(
    sandbox: Sandbox, noting: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    """What the copy wants to delete may have been replaced since."""
    trade = host_trade(1)
    deliver(noting, trade)
    correct(noting, corrected(trade, actual_exit_price=104.0))
    noting.run()
    ask(noting, trade)
    until(noting, trade, ResendStage.CLEARING)
    noting.outbox.keep_import(99)
    caplog.set_level(logging.INFO)

    assert run_for_days(noting)
    assert words(caplog, "outbox_replaced", "deleted") == ["outbox_replaced", "deleted"]
    assert entries(sandbox, trade.symbol) == 1


def test_copy_that_lacks_imports_is_noticed_before_a_basic_trade_is_made(
    sandbox: Sandbox, noting: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    """The trade may be in the journal with its executions by now."""
    sandbox.assume(fractional_quantities="refused")
    trade = host_trade(1, filled_qty=0.5, quantity=0.5)
    noting.enter(trade)
    while noting.states(trade) != {"entry": "basic"}:
        noting.step()
    noting.outbox.keep_import(99)
    caplog.set_level(logging.INFO)

    assert run_for_days(noting)
    assert words(caplog, "outbox_replaced", "basic") == ["outbox_replaced", "basic"]
    assert len(sandbox.account("argo").journal.trades) == 1

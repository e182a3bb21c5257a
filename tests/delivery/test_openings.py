"""A trade that begins in a slot in which something of ours stands already."""

from types import SimpleNamespace
from typing import Any, Final

import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, changed, entered, host_trade
from tests.journeys.reader import JournalReader, differences

LONG: Final = 30_000.0  # seconds on the forwarder's own clock
OLDER: Final = host_trade(
    1,
    symbol="AAPL",
    signal_type="short",
    stop_price=104.75,
    entry_timestamp="2026-03-05T14:30:01",
    exit_timestamp="2026-03-06T15:30:01",
)
LATER: Final = host_trade(
    2,
    symbol="AAPL",
    entry_timestamp="2026-03-09T14:00:00",
    exit_timestamp="2026-03-09T15:00:00",
)
REFUSED: Final = {"method": "POST", "path": "/imports", "status": 422}
late = pytest.mark.parametrize("late_executions", ["regroup", "append"])


def tags_of(forwarder: Forwarder) -> list[str | None]:
    """Return the account tags of the older and of the later trade."""
    return [forwarder.outbox.account_tag_of(trade.id) for trade in (OLDER, LATER)]


def told(*trades: SimpleNamespace) -> list[dict[str, Any]]:
    """Return *trades* as the journal has to show them."""
    return [vars(trade) for trade in trades]


@late
def test_entry_that_goes_alone_takes_in_nothing_that_is_there(
    forwarder: Forwarder, sandbox: Sandbox, journal: JournalReader, late_executions: str
) -> None:
    """Refused together, entry and exit go one by one; what is later stays as it is."""
    sandbox.assume(late_executions=late_executions)
    forwarder.leave(LATER)
    assert forwarder.run(LONG)
    sandbox.inject("server_error", **REFUSED)
    forwarder.leave(OLDER)

    assert forwarder.run(LONG)
    assert differences(journal, told(OLDER, LATER)) == []
    assert tags_of(forwarder) == ["argo-2", "argo"]


@late
def test_entry_that_goes_alone_waits_for_no_notes(
    forwarder: Forwarder, sandbox: Sandbox, journal: JournalReader, late_executions: str
) -> None:
    """The same where the notes of the later trade are still to be written."""
    sandbox.assume(late_executions=late_executions)
    forwarder.leave(LATER)
    forwarder.step_until(lambda: forwarder.counts() == {"linked": 2})
    sandbox.inject("server_error", **REFUSED)
    forwarder.leave(OLDER)

    assert forwarder.run(LONG)
    assert differences(journal, told(OLDER, LATER)) == []


def test_both_go_under_one_account_tag_where_they_go_whole(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """What comes late and is closed mixes up with nothing that is closed."""
    for trade in (LATER, OLDER):
        forwarder.leave(trade)
        assert forwarder.run(LONG)

    assert differences(journal, told(OLDER, LATER)) == []
    assert tags_of(forwarder) == ["argo", "argo"]


@late
def test_history_goes_beside_what_is_open(
    forwarder: Forwarder, sandbox: Sandbox, journal: JournalReader, late_executions: str
) -> None:
    """An open position may take in whatever comes under its account tag."""
    sandbox.assume(late_executions=late_executions)
    forwarder.enter(LATER)
    assert forwarder.run(LONG)
    forwarder.leave(OLDER)

    assert forwarder.run(LONG)
    assert differences(journal, told(OLDER, entered(LATER))) == []
    forwarder.leave(LATER)
    assert forwarder.run(LONG)
    assert differences(journal, told(OLDER, LATER)) == []
    assert tags_of(forwarder) == ["argo-2", "argo"]


@late
def test_history_goes_beside_what_closes_with_it(
    forwarder: Forwarder, sandbox: Sandbox, journal: JournalReader, late_executions: str
) -> None:
    """In one import, what is older comes first: before the exit of what is open."""
    sandbox.assume(late_executions=late_executions)
    forwarder.enter(LATER)
    assert forwarder.run(LONG)
    forwarder.leave(LATER, OLDER)

    assert forwarder.run(LONG)
    assert differences(journal, told(OLDER, LATER)) == []


@late
def test_history_goes_beside_what_is_to_be_closed(
    forwarder: Forwarder, sandbox: Sandbox, journal: JournalReader, late_executions: str
) -> None:
    """An exit that waits, since its import did not arrive, leaves its trade open."""
    sandbox.assume(late_executions=late_executions)
    forwarder.enter(LATER)
    assert forwarder.run(LONG)
    sandbox.inject("reset_before", method="POST", path="/imports")
    forwarder.leave(LATER)
    forwarder.step_until(lambda: forwarder.counts() == {"recorded": 1, "synced": 1})
    forwarder.step_until(lambda: forwarder.outbox.of_trade(LATER.id)[1].attempts)
    forwarder.leave(OLDER)

    assert forwarder.run(LONG)
    assert differences(journal, told(OLDER, LATER)) == []
    assert tags_of(forwarder) == ["argo-2", "argo"]


def test_trade_that_may_be_there_keeps_its_account_tag(
    forwarder: Forwarder, sandbox: Sandbox, journal: JournalReader
) -> None:
    """Under another one it would stand twice, where duplicates are told by tags."""
    sandbox.assume(bad_row="keeps_others", duplicate_scope="account_tag")
    forwarder.leave(LATER)
    assert forwarder.run(LONG)
    sandbox.inject("import_failure", row=2, numbered="no")  # and the entry is stored
    forwarder.leave(OLDER)

    assert forwarder.run(LONG)
    assert tags_of(forwarder) == ["argo", "argo"]
    assert len(set(journal.all_executions())) == len(journal.all_executions()) == 4


def test_rest_of_what_closes_another_trade_begins_as_well(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """Its first execution goes to the other trade, and the next one opens its own."""
    forwarder = make(opposite_closes=True)
    long = host_trade(3, symbol="AAPL", entry_timestamp="2026-03-04T14:30:01")
    forwarder.enter(long)
    forwarder.leave(LATER)
    assert forwarder.run(LONG)
    sandbox.inject("server_error", **REFUSED, skip=1)
    forwarder.leave(changed(OLDER, quantity=25, filled_qty=25))
    assert forwarder.run(LONG)

    assert sandbox.faults.applied["server_error"] == 1
    sizes = {row["id"]: row["volume"] for row in journal.trades()}
    places = [forwarder.outbox.trade(each.id) for each in (long, LATER, OLDER)]
    assert [place and sizes[place.journal_id] for place in places] == [20, 20, 30]
    assert tags_of(forwarder) == ["argo-3", "argo-2"]
    assert forwarder.outbox.outcome_counts() == {}


def test_without_account_tags_nothing_is_kept_apart(
    make: Make, journal: JournalReader
) -> None:
    """Positions net then, and that is what the operator chose."""
    forwarder = make(account_tags=False)
    forwarder.enter(LATER)
    assert forwarder.run(LONG)
    forwarder.leave(OLDER)

    assert forwarder.run(LONG)
    assert tags_of(forwarder) == ["", ""]
    assert len(journal.all_executions()) == 3

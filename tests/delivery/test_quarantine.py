"""What waits for a person, and what becomes of it when one has decided."""

from collections.abc import Callable

import pytest

from argo_tradervue_plugin.outbox.records import Row
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.quarantine import (
    NothingToDecide,
    discard,
    list_parked,
    plan_what_waits,
    reopen,
    retry,
    to_discard,
)
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, host_trade, id_of
from tests.journeys.reader import JournalReader, differences


def test_what_was_refused_is_sent_again_on_request(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Its basic trade gives way to the full one."""
    sandbox.inject("import_failure", row=1)
    forwarder.enter(host_trade(1))
    assert forwarder.run()
    assert [one["state"] for one in list_parked(forwarder.outbox)] == ["basic"]

    assert retry(forwarder.outbox, id_of(1)) == f"{id_of(1)}: it is tried again"
    assert forwarder.run()

    assert not list_parked(forwarder.outbox)
    assert journal.only()["exec_count"] == 1


def test_what_somebody_deleted_is_sent_again_on_request(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Only then: a deletion is somebody's decision."""
    forwarder.enter(host_trade(1))
    assert forwarder.run()
    sandbox.person("argo").delete_trade(int(journal.only()["id"]))
    forwarder.leave(host_trade(1))
    assert forwarder.run()
    assert journal.trades() == []

    assert retry(forwarder.outbox, id_of(1)).endswith("it is sent again")
    assert forwarder.run()

    assert journal.only()["exec_count"] == 2
    assert not list_parked(forwarder.outbox)


def test_what_made_no_sense_has_to_be_told_anew(forwarder: Forwarder) -> None:
    """Sending it would be guessing; the reason says what is wrong."""
    forwarder.enter(host_trade(1, actual_entry_price=-1))
    assert forwarder.run()

    with pytest.raises(NothingToDecide, match="record it again: actual_entry_price="):
        retry(forwarder.outbox, id_of(1))

    forwarder.clock.now += 1
    forwarder.enter(host_trade(1))
    assert forwarder.run()
    assert forwarder.counts() == {"synced": 1}


def test_what_is_discarded_is_not_sent(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Not even when the host tells it right later; its history says who decided."""
    forwarder.enter(host_trade(1, actual_entry_price=-1))
    assert forwarder.run()

    assert "it is not sent any more" in discard(forwarder.outbox, id_of(1))
    forwarder.clock.now += 1
    forwarder.enter(host_trade(1))
    assert forwarder.run()

    assert journal.trades() == []
    assert forwarder.counts() == {"discarded": 1}
    last = forwarder.outbox.history(id_of(1))[-1]
    assert (last.state, last.detail) == ("discarded", "discarded")


@pytest.mark.parametrize("decide", [retry, discard])
def test_what_does_not_wait_is_left_alone(
    decide: Callable[[Outbox, str], str], forwarder: Forwarder, journal: JournalReader
) -> None:
    """A trade that is in the journal, or unknown, is not touched."""
    forwarder.enter(host_trade(1))
    assert forwarder.run()

    place = journal.only()["id"]
    with pytest.raises(NothingToDecide, match=rf"in the journal \(trade {place}\)"):
        decide(forwarder.outbox, id_of(1))
    with pytest.raises(NothingToDecide, match="unknown: no such trade was recorded"):
        decide(forwarder.outbox, "unknown")
    assert forwarder.counts() == {"synced": 1}


def test_what_was_discarded_and_recorded_otherwise_since_is_taken_up_again(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """An exit without sense was discarded, as advised; then the real one came."""
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.leave(host_trade(1, actual_exit_price=-1))
    assert forwarder.run()
    discard(forwarder.outbox, id_of(1))
    forwarder.leave(trade)
    assert forwarder.run()
    assert journal.only()["open"] is True
    assert forwarder.outbox.outcome_counts() == {"discarded_changed": 1}

    said = retry(forwarder.outbox, id_of(1), forwarder.settings)
    assert said.endswith("what the host has recorded since is sent")
    assert forwarder.run()
    assert differences(journal, [vars(trade)]) == []
    assert forwarder.outbox.outcome_counts() == {}


def test_what_was_discarded_stays_so_while_the_host_says_the_same(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """A person has decided about just that."""
    forwarder.enter(host_trade(1, actual_entry_price=-1))
    assert forwarder.run()
    discard(forwarder.outbox, id_of(1))
    forwarder.enter(host_trade(1, actual_entry_price=-1))
    assert forwarder.run()

    with pytest.raises(NothingToDecide, match="nothing of it waits for a person"):
        retry(forwarder.outbox, id_of(1), forwarder.settings)
    assert journal.trades() == []


def test_growth_that_is_retried_is_no_difference_any_more(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """The outcome says what is missing: once it is sent, nothing is."""
    forwarder.enter(host_trade(1, filled_qty=3))
    assert forwarder.run()
    person = sandbox.person("argo")
    place = int(journal.only()["id"])
    person.tag(place, "mine")
    forwarder.clock.now += 300
    forwarder.enter(host_trade(1))
    assert forwarder.run()
    assert forwarder.outbox.outcome_counts() == {"quantity_changed": 1}

    person.tag(place, "argo")
    retry(forwarder.outbox, id_of(1), forwarder.settings)
    assert forwarder.run()
    assert journal.only()["volume"] == 10
    assert forwarder.outbox.outcome_counts() == {}


def test_what_somebody_deleted_is_sent_again_as_recorded_last(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Nothing of it stands there: it is sent like a trade that never was."""
    forwarder.enter(host_trade(1, filled_qty=3))
    assert forwarder.run()
    sandbox.person("argo").delete_trade(int(journal.only()["id"]))
    forwarder.clock.now += 300
    forwarder.enter(host_trade(1))
    forwarder.leave(host_trade(1))
    assert forwarder.run()
    retry(forwarder.outbox, id_of(1), forwarder.settings)
    assert forwarder.run()

    assert differences(journal, [vars(host_trade(1))]) == []
    assert forwarder.outbox.outcome_counts() == {}


def test_list_says_which_trade_it_is_and_when(forwarder: Forwarder) -> None:
    """Symbol, times in New York, reason and next step; also of what makes no sense."""
    forwarder.enter(host_trade(1, actual_entry_price=-1), host_trade(2, symbol=""))
    assert forwarder.run()

    first, second = list_parked(forwarder.outbox)
    assert first["symbol"] == host_trade(1).symbol
    assert first["time"] == "2026-03-05T09:30:01-05:00"
    assert str(first["since"]).startswith("20")
    assert second["symbol"] is None
    assert "let the host record it again" in str(first["next"])


def test_next_step_of_what_was_refused_helps(
    sandbox: Sandbox, forwarder: Forwarder
) -> None:
    """It names retry, and retry is what brings it into the journal."""
    sandbox.inject("import_failure", row=1)
    forwarder.enter(host_trade(1))
    assert forwarder.run()

    [only] = list_parked(forwarder.outbox)
    assert "retry" in str(only["next"])
    retry(forwarder.outbox, id_of(1), forwarder.settings)
    assert forwarder.run()
    assert not list_parked(forwarder.outbox)


def test_what_is_queued_is_given_up_and_taken_up_again(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Entry and exit; after reopening it arrives as if nothing had been."""
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.leave(trade)
    plan_what_waits(forwarder.outbox, forwarder.settings)
    assert forwarder.counts() == {"recorded": 2}

    discard(forwarder.outbox, id_of(1))
    assert forwarder.run()
    assert forwarder.counts() == {"discarded": 2}
    assert journal.trades() == []

    assert reopen(forwarder.outbox, forwarder.settings, id_of(1)).endswith(
        "it is queued again"
    )
    assert forwarder.run()
    assert differences(journal, [vars(trade)]) == []
    assert forwarder.counts() == {"synced": 2}


def test_exit_that_came_after_is_sent_with_what_is_reopened(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """The host went on meanwhile."""
    trade = host_trade(1)
    forwarder.enter(trade)
    plan_what_waits(forwarder.outbox, forwarder.settings)
    discard(forwarder.outbox, id_of(1))
    forwarder.leave(trade)
    assert forwarder.run()
    assert journal.trades() == []

    reopen(forwarder.outbox, forwarder.settings, id_of(1))
    assert forwarder.run()
    assert differences(journal, [vars(trade)]) == []


def test_what_waited_for_a_person_waits_again(
    sandbox: Sandbox, forwarder: Forwarder
) -> None:
    """With the reason that it had, and nothing is sent by it."""
    sandbox.inject("import_failure", row=1)
    forwarder.enter(host_trade(1), host_trade(2, actual_entry_price=-1))
    assert forwarder.run()
    before = [dict(one, since=None) for one in list_parked(forwarder.outbox)]
    assert len(before) == 2
    for number in (1, 2):
        discard(forwarder.outbox, id_of(number))
    assert not list_parked(forwarder.outbox)

    for number in (1, 2):
        said = reopen(forwarder.outbox, forwarder.settings, id_of(number))
        assert said.endswith("it waits for a person again")
    requests = sandbox.stats.requests.total()
    assert [dict(one, since=None) for one in list_parked(forwarder.outbox)] == before
    assert forwarder.run()
    assert sandbox.stats.requests.total() == requests


def test_what_made_no_sense_and_does_now_is_sent_when_reopened(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """The host has recorded it again meanwhile."""
    forwarder.enter(host_trade(1, actual_entry_price=-1))
    assert forwarder.run()
    discard(forwarder.outbox, id_of(1))
    forwarder.clock.now += 1
    forwarder.enter(host_trade(1))
    assert forwarder.run()

    reopen(forwarder.outbox, forwarder.settings, id_of(1))
    assert forwarder.run()
    assert journal.only()["exec_count"] == 1
    assert forwarder.outbox.outcome_counts() == {}


def test_nothing_is_reopened_that_was_not_discarded(forwarder: Forwarder) -> None:
    """It says so."""
    forwarder.enter(host_trade(1))
    assert forwarder.run()
    for trade_id in (id_of(1), "unknown"):
        with pytest.raises(NothingToDecide, match="nothing of it is discarded"):
            reopen(forwarder.outbox, forwarder.settings, trade_id)
    assert forwarder.counts() == {"synced": 1}


def test_trade_whose_entry_is_in_the_journal_is_not_given_up(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Its queued exit belongs there: without it the trade would stand open."""
    trade = host_trade(1)
    forwarder.enter(trade)
    assert forwarder.run()
    forwarder.leave(trade)
    plan_what_waits(forwarder.outbox, forwarder.settings)

    with pytest.raises(NothingToDecide, match="it is in the journal"):
        discard(forwarder.outbox, id_of(1))
    assert forwarder.run()
    assert differences(journal, [vars(trade)]) == []


def test_trade_that_may_have_been_sent_is_not_given_up(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Its import got no answer: it may be in the journal, and is."""
    sandbox.inject("reset_after", path="/imports", method="POST")
    forwarder.enter(host_trade(1))
    forwarder.step_until(lambda: forwarder.counts().get("sent"))
    with pytest.raises(NothingToDecide, match="it was sent, and may be in the journal"):
        to_discard(forwarder.outbox, id_of(1))

    assert forwarder.run()
    assert journal.only()["exec_count"] == 1


def test_what_is_given_up_in_the_last_moment_is_not_sent(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """The forwarder has read that it is due, and a person was faster to write."""
    forwarder = make()
    forwarder.enter(host_trade(1), host_trade(2, symbol="MSFT"))
    plan_what_waits(forwarder.outbox, forwarder.settings)
    other = Outbox(Sqlite(forwarder.path))
    due = forwarder.outbox.due

    def read(now: float, limit: int) -> list[Row]:
        rows = due(now, limit)
        if [row for row in rows if row.trade_id == id_of(1)]:
            discard(other, id_of(1))
        return rows

    forwarder.outbox.due = read  # type: ignore[method-assign]
    assert forwarder.run()
    other.close()

    assert [trade["symbol"] for trade in journal.trades()] == ["MSFT"]
    assert forwarder.counts() == {"discarded": 1, "synced": 1}


def test_import_of_which_everything_was_given_up_is_not_sent(
    make: Make, sandbox: Sandbox
) -> None:
    """Nothing stays open of it either."""
    forwarder = make()
    forwarder.enter(host_trade(1))
    plan_what_waits(forwarder.outbox, forwarder.settings)
    other = Outbox(Sqlite(forwarder.path))
    due = forwarder.outbox.due

    def read(now: float, limit: int) -> list[Row]:
        rows = due(now, limit)
        if rows:
            discard(other, id_of(1))
        return rows

    forwarder.outbox.due = read  # type: ignore[method-assign]
    assert forwarder.run()
    other.close()

    assert sandbox.stats.requests.get("POST /imports", 0) == 0
    assert forwarder.outbox.unsettled() == []
    assert forwarder.counts() == {"discarded": 1}

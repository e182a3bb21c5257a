"""Another server at the address: it is named, and no trade counts as deleted by it."""

import logging

import pytest

from argo_tradervue_plugin.delivery.health import Cause
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, host_trade
from tests.journeys.reader import JournalReader, differences


def gone(sandbox: Sandbox, path: str) -> None:
    """Let there be nothing at *path*, as at another server."""
    sandbox.inject("server_error", status=404, when="before", path=path, times=None)


@pytest.mark.parametrize(
    ("name", "facts", "said"),
    [
        ("server_error", {"status": 404}, "HTTP 404"),
        ("server_error", {"status": 405}, "HTTP 405"),
        ("html_page", {"status": 200}, "an HTML page (HTTP 200)"),
        ("html_page", {"status": 404}, "an HTML page (HTTP 404)"),
        ("redirect", {"status": 302}, "a redirect to www.tradervue.com"),
    ],
)
def test_what_answers_in_the_place_of_tradervue_is_named_once(
    forwarder: Forwarder,
    sandbox: Sandbox,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
    name: str,
    facts: dict[str, object],
    said: str,
) -> None:
    """Nothing of what was recorded is blamed for it, and all of it arrives later."""
    before = {} if name == "redirect" else {"when": "before"}
    sandbox.inject(name, times=None, **facts, **before)
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.leave(trade)
    forwarder.run(seconds=20)

    health = forwarder.worker.health
    assert health.cause is Cause.WRONG_ADDRESS
    assert health.is_at_wrong_address
    assert forwarder.worker.is_stuck
    assert f"{sandbox.url} is not Tradervue's API" in str(health.last_error)
    assert said in str(health.last_error)
    errors = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert [each.split()[0] for each in errors] == ["tradervue.wrong_address"]
    assert not forwarder.outbox.counts()[State.BASIC]

    sandbox.clear_faults()
    assert forwarder.run(seconds=3000)
    assert differences(journal, [vars(trade)]) == []
    assert not forwarder.worker.is_stuck


def test_a_trade_is_not_deleted_because_another_server_answers(
    forwarder: Forwarder, sandbox: Sandbox, journal: JournalReader
) -> None:
    """A captive portal has no trades at all; the notes are written once it is over."""
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.step_until(lambda: forwarder.is_in(State.LINKED))
    gone(sandbox, "/trades*")
    forwarder.run(seconds=60)
    assert forwarder.states(trade) == {"entry": "linked"}
    assert forwarder.worker.health.cause is Cause.WRONG_ADDRESS
    assert not forwarder.worker.is_stuck, "Tradervue has answered before: an outage"

    sandbox.clear_faults()
    assert forwarder.run(seconds=3000)
    assert forwarder.states(trade) == {"entry": "synced"}
    assert len(journal.trades()) == 1


def test_a_trade_that_is_gone_is_deleted_while_tradervue_answers(
    forwarder: Forwarder, sandbox: Sandbox
) -> None:
    """The list is there, and the trade is not."""
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.step_until(lambda: forwarder.is_in(State.LINKED))
    shown = forwarder.outbox.of_trade(trade.id)[0].journal_id
    assert shown is not None
    sandbox.person("argo").delete_trade(shown)
    forwarder.run(seconds=100)

    assert forwarder.states(trade) == {"entry": "quarantined"}
    assert forwarder.worker.health.failures == 0


def test_another_process_learns_that_the_address_is_wrong(
    make: Make, sandbox: Sandbox
) -> None:
    """It waits for the same person, and its sync need not wait for the time-out."""
    first, second = make(), make()
    second.clock = first.clock
    second.worker = second.new_worker()
    gone(sandbox, "*")
    first.enter(host_trade(1))
    first.step_until(lambda: first.worker.health.failures)
    second.step()

    assert not second.worker.holds_lease
    assert second.worker.is_stuck

"""What waits for a person, and what becomes of it when one has decided."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.quarantine import discard, list_parked, retry
from argo_tradervue_plugin.sandbox import Sandbox
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

    told = retry(forwarder.outbox, id_of(1))
    assert "the host has to tell it anew: actual_entry_price=" in told

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

    assert discard(forwarder.outbox, id_of(1)).endswith("it is not sent any more")
    forwarder.clock.now += 1
    forwarder.enter(host_trade(1))
    assert forwarder.run()

    assert journal.trades() == []
    assert forwarder.counts() == {"discarded": 1}
    last = forwarder.outbox.history(id_of(1))[-1]
    assert (last.state, last.detail) == ("discarded", "discarded")


@pytest.mark.parametrize("decide", [retry, discard])
def test_what_does_not_wait_is_left_alone(decide: object, forwarder: Forwarder) -> None:
    """A trade that is synced, or unknown, is not touched."""
    forwarder.enter(host_trade(1))
    assert forwarder.run()

    for trade_id in (id_of(1), "unknown"):
        told = decide(forwarder.outbox, trade_id)  # type: ignore[operator]
        assert told == f"{trade_id}: nothing of it waits for a person"
    assert forwarder.counts() == {"synced": 1}


def test_commands_list_retry_and_discard(forwarder: Forwarder, tmp_path: Path) -> None:
    """The same from the command line, on the outbox that the config names."""
    forwarder.enter(host_trade(1, symbol=""))
    assert forwarder.run()
    config = tmp_path / "config.json"
    section = {"enabled": True, "database": str(forwarder.outbox.path)}  # type: ignore[attr-defined]
    config.write_text(json.dumps({"plugins": {"tradervue": section}}))

    def run(*arguments: str) -> str:
        command = ["quarantine", *arguments, "--config", str(config)]
        answer = CliRunner().invoke(cli, command)
        assert answer.exit_code == 0, answer.output
        return answer.output

    listed = json.loads(run("list", "--json"))
    assert [one["trade"] for one in listed] == [id_of(1)]
    assert "must not be empty" in run("list")
    assert "has to tell it anew" in run("retry", id_of(1))
    assert "discarded" in run("discard", id_of(1))
    assert "nothing waits for a person" in run("list")


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

    said = retry(forwarder.outbox, id_of(1), forwarder.settings)
    assert said.endswith("nothing of it waits for a person")
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

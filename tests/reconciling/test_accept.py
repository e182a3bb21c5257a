"""What a person accepts as it is: it holds while both sides stay as they are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.model.records import Difference
from argo_tradervue_plugin.sandbox import Person, Sandbox
from tests.delivery.stepping import entered, host_trade, id_of
from tests.journeys.reader import JournalReader
from tests.reconciling.desk import DAYS, Desk, neighbours, overlapping, typed_in

Run = Callable[..., Result]


@pytest.fixture
def run(desk: Desk, sandbox: Sandbox, tmp_path: Path) -> Run:
    """Run ``argo-tradervue`` on the outbox of *desk*."""
    section = {
        "enabled": True,
        "username": "argo",
        "password": "sandbox",
        "aws_secrets": False,
        "base_url": sandbox.url,
        "database": str(desk.forwarder.path),
    }
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"plugins": {"tradervue": section}}))

    def run(command: str, *arguments: object) -> Result:
        told = [*command.split(), "--config", str(config), *map(str, arguments)]
        return CliRunner().invoke(cli, told)

    return run


def accept(desk: Desk, *ids: object) -> tuple[str, ...]:
    """Accept *ids*; return those that are unknown."""
    return desk.reconciler.accept(map(str, ids), DAYS)


def corrected(desk: Desk, journal: JournalReader, person: Person) -> int:
    """Let a person correct the price of a trade; return where that stands."""
    desk.live(host_trade(1))
    journal_id = desk.id_of(host_trade(1))
    price_of(journal, person, journal_id, "100.75")
    return journal_id


def price_of(
    journal: JournalReader, person: Person, journal_id: int, price: str
) -> None:
    """Let a person correct the price of an entry."""
    fill = journal.executions(journal_id)[0]
    person.edit_execution(journal_id, int(fill["id"]), price=price)


def grown_too_much(desk: Desk) -> None:
    """Let the host record another size without a sign of filling: a split, say."""
    desk.forwarder.enter(host_trade(1))
    assert desk.forwarder.run(seconds=3000)
    split = entered(host_trade(1, quantity=100, filled_qty=None))
    desk.forwarder.record(split, EventKind.CORRECTION)
    assert desk.forwarder.run(seconds=3000)
    desk.trades = None


@pytest.mark.parametrize("by", ["journal id", "trade"])
def test_what_a_person_accepts_is_no_difference_any_more(
    desk: Desk, journal: JournalReader, person: Person, by: str
) -> None:
    """It is shown apart, and explains what it makes in money."""
    journal_id = corrected(desk, journal, person)
    assert not desk.compare().is_clean
    assert accept(desk, journal_id if by == "journal id" else id_of(1)) == ()
    report = desk.compare()

    assert report.is_clean
    assert (report.matched, report.different) == ((), ())
    [accepted] = report.accepted
    assert (accepted.trade_id, accepted.journal_id) == (id_of(1), journal_id)
    assert report.difference == report.explained["accepted"] == -5


def test_accepting_again_changes_nothing(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """Once or several times, by either id."""
    journal_id = corrected(desk, journal, person)
    assert accept(desk, journal_id, id_of(1)) == ()
    before = desk.forwarder.outbox.acceptances()
    assert accept(desk, id_of(1)) == accept(desk, journal_id) == ()

    assert desk.forwarder.outbox.acceptances() == before
    assert len(before) == 1
    assert desk.compare().is_clean


def test_what_is_accepted_comes_back_when_the_journal_changes(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """And stays, also where the journal is as it was accepted once more."""
    journal_id = corrected(desk, journal, person)
    accept(desk, journal_id)
    assert desk.compare().is_clean
    price_of(journal, person, journal_id, "100.80")

    assert desk.compare().different[0].journal == "100.8"
    assert desk.forwarder.outbox.acceptances() == []
    price_of(journal, person, journal_id, "100.75")
    assert not desk.compare().is_clean


@pytest.mark.parametrize("by", ["the tracker", "an event"])
def test_what_is_accepted_comes_back_when_the_host_changes(
    desk: Desk, journal: JournalReader, person: Person, by: str
) -> None:
    """Whether the outbox has learned it yet or not."""
    accept(desk, corrected(desk, journal, person))
    assert desk.compare().is_clean
    changed = host_trade(1, actual_exit_price=104.5)
    desk.trades = [changed]
    if by == "an event":
        desk.forwarder.leave(changed)
        assert desk.forwarder.run(seconds=3000)
        assert desk.forwarder.outbox.acceptances() == []
    report = desk.compare()

    assert not report.is_clean
    assert report.accepted == ()


def test_what_says_nothing_of_an_execution_leaves_an_acceptance_alone(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """A note in the journal, a confidence of the host: neither is an execution."""
    journal_id = corrected(desk, journal, person)
    accept(desk, journal_id)
    person.write_notes(journal_id, "I know")
    desk.forwarder.leave(host_trade(1, confidence=12.0))
    assert desk.forwarder.run(seconds=3000)

    assert desk.compare().is_clean


def test_an_outcome_counts_until_it_is_accepted(desk: Desk, run: Run) -> None:
    """In the report, in the status, in the exit codes; with what helps."""
    grown_too_much(desk)
    report = desk.compare()
    [outcome] = report.outcomes
    assert (outcome.code, outcome.trade_id) == ("quantity_changed", id_of(1))
    assert outcome.sentence == ("the host has another size than was sent: 100, sent 10")
    assert outcome.next_step == "resend it, or accept it"
    assert report.matched == ()

    status = run("status", "--json")
    told = json.loads(status.stdout)
    assert told["outcomes"] == {"quantity_changed": 1}
    assert [d["next"] for d in told["differing"]] == ["resend it, or accept it"]
    assert status.exit_code == 1
    assert run("reconcile", "--days", DAYS).exit_code == 1

    accepted = run("reconcile", "--days", DAYS, "--accept", id_of(1), "--json")
    assert accepted.exit_code == 0, accepted.output
    told = json.loads(accepted.stdout.splitlines()[-1])
    assert told["clean"] is True
    assert [one["trade_id"] for one in told["accepted"]] == [id_of(1)]
    assert "outcomes" not in told
    status = run("status", "--json")
    assert json.loads(status.stdout)["outcomes"] == {}


def test_an_outcome_that_is_accepted_comes_back_with_another_one(
    desk: Desk,
) -> None:
    """Whoever finds it: the forwarder reads the journal, too."""
    grown_too_much(desk)
    accept(desk, id_of(1))
    outbox = desk.forwarder.outbox
    assert outbox.outcome_counts() == {}
    same = [Difference(code="joined", host="1001", sent="1002")]
    with outbox.maintain() as writer:
        assert writer.set_outcomes(id_of(1), same, among={"joined"}, now=1.0) == [
            "joined"
        ]
    assert outbox.outcome_counts() == {"joined": 1, "quantity_changed": 1}
    codes = {outcome.code for outcome in desk.compare().outcomes}
    assert codes == {"joined", "quantity_changed"}

    accept(desk, id_of(1))
    with outbox.maintain() as writer:
        assert writer.set_outcomes(id_of(1), same, among={"joined"}, now=2.0) == []
    assert outbox.outcome_counts() == {}
    assert desk.compare().is_clean


def test_a_joined_trade_says_what_it_stands_with(desk: Desk, run: Run) -> None:
    """The sentence has one side: a trade alone is what everybody expects."""
    desk.live(host_trade(1))
    others = [Difference(code="joined", host="alone", sent="trades 7 and 8")]
    with desk.forwarder.outbox.maintain() as writer:
        writer.set_outcomes(id_of(1), others, among={"joined"}, now=1.0)

    [outcome] = desk.compare().outcomes
    assert outcome.sentence.endswith("in the journal: trades 7 and 8")
    assert outcome.next_step.startswith("split or merge it")
    assert "trades 7 and 8 (split" in " ".join(run("status").stdout.split())


def test_an_outcome_that_the_host_takes_back_goes_away(desk: Desk) -> None:
    """Back to what was sent: nothing is left to be accepted."""
    grown_too_much(desk)
    desk.forwarder.record(entered(host_trade(1)), EventKind.CORRECTION)
    assert desk.forwarder.run(seconds=3000)

    report = desk.compare()
    assert report.is_clean
    assert [i for i, _ in report.matched] == [id_of(1)]


def test_trades_that_a_person_merged_can_be_accepted_together(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """By the journal trade all that stand there; one by one, when all of them are."""
    trades = neighbours()
    desk.live(*trades)
    kept = person.merge(*(desk.id_of(t) for t in trades))
    assert desk.compare().shared == {kept: (trades[0].id, trades[1].id)}
    desk.repair()

    accept(desk, trades[1].id)
    report = desk.compare()
    assert report.shared == {kept: (trades[0].id,)}
    assert not report.is_clean
    accept(desk, kept)
    report = desk.compare()
    assert report.is_clean
    assert {one.trade_id for one in report.accepted} == {t.id for t in trades}
    assert report.difference == sum(report.explained.values())

    person.merge(kept, person.create_trade(*typed_in(overlapping(1)[0])))
    assert not desk.compare().is_clean


@pytest.mark.parametrize("number", [2, 1], ids=["unknown", "duplicated"])
def test_a_journal_trade_of_no_host_trade_can_be_accepted(
    desk: Desk, journal: JournalReader, person: Person, number: int
) -> None:
    """A copy that somebody keeps, or a trade under our tag that we never sent."""
    desk.live(host_trade(1))
    theirs = person.create_trade(*typed_in(host_trade(number)), tags=["argo"])
    assert not desk.compare().is_clean
    assert accept(desk, theirs) == accept(desk, theirs) == ()
    report = desk.compare()

    assert report.is_clean
    assert [(a.trade_id, a.journal_id) for a in report.accepted] == [(None, theirs)]
    assert report.difference == sum(report.explained.values())
    price_of(journal, person, theirs, "99")
    assert not desk.compare().is_clean


def test_a_trade_that_somebody_deleted_can_be_accepted(
    desk: Desk, person: Person, journal: JournalReader
) -> None:
    """The journal is right without it; a repair does not bring it back."""
    desk.live(host_trade(1), host_trade(2))
    person.delete_trade(desk.id_of(host_trade(1)))
    accept(desk, id_of(1))
    report = desk.compare()

    assert report.is_clean
    assert [(a.trade_id, a.journal_id) for a in report.accepted] == [(id_of(1), None)]
    assert desk.repair(resend_deleted=True).resent == 0
    assert len(journal.trades()) == 1


@pytest.mark.parametrize("name", ["unknown", "999999", "0", "9" * 30, " ", "1.5", "²"])
def test_unknown_ids_are_an_error_and_nothing_is_accepted(
    desk: Desk, journal: JournalReader, person: Person, run: Run, name: str
) -> None:
    """Exit code 1, the id by name; what was given besides is not accepted either."""
    journal_id = corrected(desk, journal, person)
    answer = run("reconcile", "--days", DAYS, "--accept", name, "--accept", journal_id)

    assert answer.exit_code == 1
    assert name.strip() in answer.output
    assert "nothing was accepted" in answer.output
    assert desk.forwarder.outbox.acceptances() == []
    assert not desk.compare().is_clean


def test_a_trade_of_a_person_alone_is_nothing_to_accept(
    desk: Desk, person: Person
) -> None:
    """It is not ours, and no difference."""
    mine = person.create_trade(*typed_in(host_trade(3)))

    assert accept(desk, mine) == (str(mine),)


def test_an_outcome_of_before_the_days_asked_for_can_be_accepted(
    desk: Desk, run: Run
) -> None:
    """The status shows it whatever its age, so that it has to be in reach."""
    grown_too_much(desk)
    answer = run("reconcile", "--days", 1, "--accept", id_of(1))

    assert answer.exit_code == 0, answer.output
    assert json.loads(run("status", "--json").stdout)["outcomes"] == {}


def test_a_person_reads_what_is_accepted_and_what_is_not(
    desk: Desk, journal: JournalReader, person: Person, run: Run
) -> None:
    """Counted apart; and each outcome with its sentence and what helps."""
    grown_too_much(desk)
    words = " ".join(run("reconcile", "--days", DAYS).stdout.split())
    assert "outcomes 1 accepted 0" in words
    assert "quantity_changed" in words
    assert "another size than was sent: 100, sent 10 (resend it, or accept it)" in words
    assert "quantity_changed" in run("reconcile", "--days", DAYS, "--csv").stdout

    answer = run("reconcile", "--days", DAYS, "--accept", id_of(1))
    words = " ".join(answer.stdout.split())
    assert "outcomes 0 accepted 1" in words
    assert "or as it was accepted" in words


def test_the_quarantine_says_what_helps(desk: Desk, run: Run) -> None:
    """The reason and the next step, for a person and for a script."""
    desk.forwarder.enter(host_trade(1, actual_entry_price="many"))
    assert desk.forwarder.run()

    listed = json.loads(run("quarantine list", "--json").stdout)
    [one] = [one for one in listed if one["kind"] == "entry"]
    assert one["why"].startswith("actual_entry_price='many'")
    assert one["next"] == "let the host record it again, corrected, or discard it"
    assert f"({one['next']})" in run("quarantine list").stdout
    assert f"({one['next']})" in run("status").stdout
    told: dict[str, Any] = json.loads(run("status", "--json").stdout)
    assert told["parked"][0]["next"] == one["next"]

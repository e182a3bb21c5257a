"""``status``: counts of trades, and an exit code that a script can act on."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.lease import holder_name
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.stepping import Forwarder, entered, host_trade

Run = Callable[..., Result]


@pytest.fixture
def run(section: dict[str, Any], tmp_path: Path) -> Run:
    """Run ``status`` on the test's outbox, which some process forwards by default."""
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"plugins": {"tradervue": section}}), encoding="utf-8")

    def run(*arguments: str, is_forwarded: bool = True) -> Result:
        if is_forwarded:
            outbox = outbox_of(Settings.from_mapping(section))
            now = time.time()
            assert outbox.claim(holder_name(), now=now, ttl=60, is_gone=lambda _: True)
            outbox.close()
        command = ["status", "--config", str(config), *arguments]
        return CliRunner().invoke(cli, command)

    return run


@pytest.fixture
def record(section: dict[str, Any]) -> Callable[[int, float], None]:
    """Record the entry of a trade some seconds ago, where no process forwards."""

    def record(number: int, age: float) -> None:
        outbox = outbox_of(Settings.from_mapping(section))
        trade = entered(host_trade(number))
        outbox.record(Recorded.of(trade, EventKind.ENTRY, time.time() - age))
        outbox.close()

    return record


@pytest.fixture
def forwarder(section: dict[str, Any], sandbox: Sandbox) -> Any:
    """The process that forwards, step by step, on the outbox that the command reads."""
    path = Path(section["database"])
    forwarder = Forwarder(sandbox, path, **section)
    yield forwarder
    forwarder.close()


def test_empty_outbox_has_nothing_to_show(run: Run, section: dict[str, Any]) -> None:
    """No rows of zeros, and all is well."""
    outbox_of(Settings.from_mapping(section)).close()
    answer = run()

    assert answer.exit_code == 0
    assert "none was recorded yet" in answer.stdout
    rows = [line.split() for line in answer.stdout.splitlines()]
    assert not [row for row in rows if row[-1:] == ["0"]]


def test_outbox_that_no_process_forwards_needs_a_person(
    run: Run, section: dict[str, Any]
) -> None:
    """However little waits in it: nobody would send the next trade."""
    outbox_of(Settings.from_mapping(section)).close()
    answer = run(is_forwarded=False)

    assert answer.exit_code == 1
    assert "no process forwards" in answer.stdout


def test_outbox_of_another_account_needs_a_person(
    run: Run, section: dict[str, Any]
) -> None:
    """It is said whose it is, who asks, and where to go on."""
    outbox = outbox_of(Settings.from_mapping(section))
    other = Account(base_url=section["base_url"], login="somebody")
    outbox.put_stamp(other, now=time.time())
    outbox.close()
    answer = run()

    assert answer.exit_code == 1
    words = " ".join(answer.stdout.split())
    assert f"belongs to {other}, and the login found here is argo at" in words


def test_trades_are_counted_and_not_executions(run: Run, forwarder: Forwarder) -> None:
    """Two trades of four executions are two."""
    for number in (1, 2):
        forwarder.enter(host_trade(number))
        forwarder.leave(host_trade(number))
    forwarder.enter(host_trade(3, cancelled=True))
    assert forwarder.run()
    answer = run()

    lines = [line.split() for line in answer.stdout.splitlines()]
    assert ["trades", "verified", "2"] in lines
    assert ["trades", "skipped", "1"] in lines
    assert not [line for line in lines if line[-1] == "0"]
    assert answer.exit_code == 0
    shown = json.loads(run("--json").stdout)
    assert shown["trades"] | {"verified": 0, "skipped": 0} == {
        **dict.fromkeys(("pending", "quarantined", "discarded", "basic"), 0),
        **dict.fromkeys(("skipped", "differs", "verified"), 0),
    }


@pytest.mark.parametrize(("age", "code"), [(600, 0), (1000, 1)])
def test_what_is_pending_for_long_needs_a_person(
    run: Run, record: Callable[[int, float], None], age: float, code: int
) -> None:
    """Fifteen minutes are the limit; the event is in the spool alone."""
    record(1, age)
    answer = run()

    assert answer.exit_code == code
    assert ["trades", "pending", "1"] in [s.split() for s in answer.stdout.splitlines()]


def test_what_is_quarantined_needs_a_person(run: Run, forwarder: Forwarder) -> None:
    """With its line."""
    forwarder.enter(host_trade(1, actual_entry_price=-1))
    assert forwarder.run()
    answer = run()

    assert answer.exit_code == 1
    assert "quarantined: " in answer.stdout


def test_what_differs_needs_a_person(run: Run, forwarder: Forwarder) -> None:
    """It counts as that, and not as verified."""
    forwarder.enter(host_trade(1))
    assert forwarder.run()
    forwarder.clock.now += 1
    forwarder.enter(host_trade(1, entry_price=99.0, actual_entry_price=99.0))
    assert forwarder.run()
    answer = run()

    assert answer.exit_code == 1
    lines = [line.split() for line in answer.stdout.splitlines()]
    assert ["trades", "differs", "1"] in lines
    assert ["price_changed", "1"] in lines
    assert not [line for line in lines if line[:2] == ["trades", "verified"]]


def test_what_waits_for_a_quota_is_shown_with_its_rule(
    run: Run, forwarder: Forwarder, sandbox: Sandbox
) -> None:
    """It is pending by a rule: however long that takes, no person can help."""
    sandbox.assume(plan="free", quota=0, account_tag_on_free="tag")
    hour = 3600
    forwarder.clock.now -= 2 * hour
    forwarder.enter(host_trade(1))
    forwarder.leave(host_trade(1))
    forwarder.run(seconds=30)
    answer = run()

    assert answer.exit_code == 0, answer.output
    assert "over the plan's quota, and are tried again at " in answer.stdout
    shown = json.loads(run("--json").stdout)
    assert shown["oldest_pending_age"] > hour
    assert shown["overdue_age"] is None
    assert shown["quota_executions"] >= 1


def test_what_the_journal_lags_behind_with_is_shown_with_its_rule(
    run: Run, forwarder: Forwarder, sandbox: Sandbox
) -> None:
    """Tradervue has stored it."""
    sandbox.assume(read_delay_seconds=100_000)
    forwarder.clock.now -= 7200
    forwarder.enter(host_trade(1))
    forwarder.run(seconds=30)
    answer = run()

    assert answer.exit_code == 0, answer.output
    assert "waiting for the journal to show 1 executions" in answer.stdout


def test_what_is_refused_as_a_whole_is_shown_with_its_rule(
    run: Run, forwarder: Forwarder, sandbox: Sandbox
) -> None:
    """One trade is tried every hour; the others wait by that."""
    sandbox.assume(plan="free", account_tag_on_free="failed")
    forwarder.clock.now -= 7200
    forwarder.enter(host_trade(1), host_trade(2))
    forwarder.run(seconds=30)
    answer = run()

    assert "sending is paused since" in answer.stdout
    assert answer.exit_code == 0, answer.output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a link to another user")
def test_outbox_that_is_refused_where_it_is_needs_a_person(
    run: Run, section: dict[str, Any]
) -> None:
    """It is not unknown what is wrong: the host records, and says the same."""
    path = Path(section["database"])
    outbox_of(Settings.from_mapping(section)).close()
    there = path.with_name("elsewhere.db")
    path.rename(there)
    path.symlink_to(there)
    os.chown(path, 12_345, 12_345, follow_symlinks=False)
    answer = run(is_forwarded=False)

    assert answer.exit_code == 1, answer.output
    assert "belongs to user 12345, and is not followed" in answer.output

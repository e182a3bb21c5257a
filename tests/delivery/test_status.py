"""What is read of how it goes: from the outbox, the same for whoever reads."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from argo_tradervue_plugin.config.addresses import trades_page
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.health import ADVICE, Cause, Health, cause_of
from argo_tradervue_plugin.delivery.lease import holder_name
from argo_tradervue_plugin.delivery.signs import FORWARDER, Said, report_of
from argo_tradervue_plugin.delivery.status import health_of
from argo_tradervue_plugin.errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    CredentialsError,
    NotFound,
    OutboxBusy,
    OutboxError,
    PermissionRefused,
    Rejected,
    ServerError,
    Unreachable,
    WrongAddress,
)
from argo_tradervue_plugin.outbox.records import Process, State
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.delivery.conftest import Make
from tests.delivery.stepping import Clock, Forwarder, host_trade
from tests.fakes import eventually
from tests.outbox.desk import engine_of


def read(forwarder: Forwarder) -> dict[str, Any]:
    """Return what somebody reads who is no part of it."""
    return health_of(forwarder.outbox, forwarder.settings, now=forwarder.clock())


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (CredentialsError("x"), Cause.NO_LOGIN),
        (AuthenticationFailed("x"), Cause.REFUSED),
        (PermissionRefused("x"), Cause.REFUSED),
        (WrongAddress("x"), Cause.WRONG_ADDRESS),
        (NotFound("x"), Cause.REJECTED),
        (Rejected("x"), Cause.REJECTED),
        (BadAnswer("x"), Cause.OUTAGE),
        (ServerError("x"), Cause.OUTAGE),
        (Unreachable("x"), Cause.OUTAGE),
        (ApiError("x"), Cause.OUTAGE),
        (OutboxError("x"), Cause.OUTBOX),
        (OutboxBusy("x"), Cause.OUTBOX),
        (ValueError("x"), Cause.FAULT),
    ],
    ids=lambda value: getattr(value, "value", type(value).__name__),
)
def test_every_error_has_a_cause_and_advice(error: Exception, cause: Cause) -> None:
    """Whatever goes wrong, a person reads what helps."""
    assert cause_of(error) is cause
    assert ADVICE.keys() == set(Cause)


def test_the_report_says_who_forwards_what_to_whom(
    forwarder: Forwarder, sandbox: Sandbox
) -> None:
    """And since when, with its last sign of life."""
    forwarder.enter(host_trade(1))
    assert forwarder.run()
    forwarder.let_pass(2)
    forwarder.step()
    health = read(forwarder)

    assert health["forwarder"]["pid"] == os.getpid()
    assert health["forwarder"]["host"] == os.uname().nodename
    assert forwarder.clock() - health["forwarder"]["seen_at"] < 20
    assert health["forwarder"]["since"] <= health["forwarder"]["seen_at"]
    assert health["account"] == {
        "base_url": sandbox.url,
        "login": "argo",
        "user_id": None,
    }
    assert health["credentials"]["source"] == "settings"
    assert health["circuit"] == "closed"
    assert health["answered_by"] == "outbox"
    assert health["last_error"] is None
    assert health["last_event_at"] is not None
    assert (health["waits_for"], health["remarks"]) == ([], [])
    [process] = health["processes"]
    assert (process["pid"], process["forwards"]) == (os.getpid(), True)
    assert health["holds_lease"] is False  # of who reads


def test_an_error_is_current_until_something_went_well(
    forwarder: Forwarder, sandbox: Sandbox
) -> None:
    """Then it is history, and is said to be."""
    sandbox.inject("server_error", times=6, status=503)
    forwarder.enter(host_trade(1))
    forwarder.step_until(lambda: forwarder.worker.health.failures == 5)
    health = read(forwarder)
    assert "503" in health["last_error"]
    assert health["last_error_is_history"] is False
    assert health["cause"] == "outage"
    assert health["circuit"] in {"open", "half-open"}  # the pause is over by now
    assert health["advice"] == ADVICE[Cause.OUTAGE]
    assert health["retry_at"] > health["last_error_at"]
    assert any(each.startswith("the next try at ") for each in health["waits_for"])

    assert forwarder.run(seconds=3000)
    forwarder.let_pass(2)
    forwarder.step()
    health = read(forwarder)
    assert "503" in health["last_error"]
    assert health["last_error_is_history"] is True
    assert (health["cause"], health["advice"], health["retry_at"]) == (None,) * 3
    assert (health["failures_in_a_row"], health["circuit"]) == (0, "closed")


def test_the_next_forwarder_goes_on_from_what_the_last_one_reported(
    make: Make, sandbox: Sandbox
) -> None:
    """The last error and the last success; it asks one question, and at once."""
    clock = Clock()
    first = make(clock=clock)
    first.enter(host_trade(1))
    assert first.run()
    sandbox.inject("server_error", times=None)
    first.enter(host_trade(2))
    first.step_until(lambda: first.worker.health.failures == 6)
    clock.now += 100

    second = make(clock=clock)
    with second.counted() as made:
        second.step_until(lambda: second.worker.health.failures > 5)
    assert made == {"GET /trades": 1}
    assert second.worker.health.last_success_at == first.worker.health.last_success_at
    sandbox.clear_faults()
    assert second.run(seconds=3000)
    health = read(second)
    assert "a test request" in health["last_error"]
    assert health["last_error_is_history"] is True


@pytest.mark.parametrize(
    "facts",
    ["", "no JSON", "[]", '{"failures": "x", "cause": 7, "last_error_at": "y"}', "{}"],
)
def test_a_report_of_another_make_is_read_as_far_as_it_can_be(
    forwarder: Forwarder, facts: str
) -> None:
    """A newer or a broken one stops nobody."""
    with forwarder.outbox.maintain() as writer:
        writer.set_condition(FORWARDER, facts)
    assert read(forwarder)["forwarder"] is None
    forwarder.enter(host_trade(1))
    assert forwarder.run()


def test_no_process_forwards_is_said(forwarder: Forwarder) -> None:
    """Before the first, and after the last has ended; its last error stays."""
    assert (
        "no process forwards: none that records is running"
        in read(forwarder)["remarks"]
    )
    forwarder.step()
    assert read(forwarder)["forwarder"] is not None
    forwarder.worker.leave()
    health = read(forwarder)
    assert health["forwarder"] is None
    assert health["processes"] == []
    assert any(each.startswith("no process forwards") for each in health["remarks"])


def test_processes_that_are_gone_or_silent_are_left_out(forwarder: Forwarder) -> None:
    """One that was killed on this machine at once, one elsewhere after a while."""
    place = holder_name().rpartition("/")[0].rpartition("/")[0]
    now = forwarder.clock()
    for name, seen_at in (
        (f"{place}/999999999/1/aa", now),
        ("elsewhere/1/1/bb", now - 10),
        ("elsewhere/1/1/cc", now - 1000),
        ("elsewhere/1/1/dd", now + 1000),
    ):
        facts = json.dumps({"name": name, "host": name[-2:], "login": "usable"})
        forwarder.outbox.say(Process(name=name, seen_at=seen_at, facts=facts))
    assert [p["host"] for p in read(forwarder)["processes"]] == ["bb"]

    forwarder.step()
    kept = {p.name[-2:] for p in forwarder.outbox.processes()}
    assert kept == {"bb", forwarder.worker._name[-2:]}


def test_what_processes_know_alone_is_summed(forwarder: Forwarder) -> None:
    """Events in memory and lost ones, wherever they are."""
    forwarder.step()
    facts = {"name": "x/1/1/a", "held_in_memory": 3, "lost": 2, "login": "usable"}
    forwarder.outbox.say(
        Process(name="x/1/1/a", seen_at=forwarder.clock(), facts=json.dumps(facts))
    )
    health = read(forwarder)

    assert (health["held_in_memory"], health["lost"]) == (3, 2)
    assert health["queue_depth"] == 3
    assert any("3 events in memory" in each for each in health["waits_for"])
    assert any("2 events were lost" in each for each in health["remarks"])


def test_ages_are_computed_when_it_is_read(forwarder: Forwarder) -> None:
    """Nobody has to write anything for them to grow."""
    forwarder.step()
    forwarder.enter(host_trade(1))
    before = read(forwarder)
    forwarder.clock.now += 30
    after = read(forwarder)

    assert 29 < after["oldest_pending_age"] - before["oldest_pending_age"] < 31
    assert 29 < after["processes"][0]["age"] - before["processes"][0]["age"] < 31


def test_it_is_written_once_a_second_at_most_and_as_a_sign_of_life() -> None:
    """What somebody waits for is written at once."""
    said = Said({"cause": None, "last_success_at": 1.0}, 100.0)

    assert not said.is_due({"cause": None, "last_success_at": 1.0}, 114.9)
    assert said.is_due({"cause": None, "last_success_at": 1.0}, 115.0)
    assert not said.is_due({"cause": None, "last_success_at": 2.0}, 100.9)
    assert said.is_due({"cause": None, "last_success_at": 2.0}, 101.0)
    assert said.is_due({"cause": "outage", "last_success_at": 1.0}, 100.1)
    assert said.is_due({"cause": None, "last_success_at": 1.0}, 50.0)
    assert Said().is_due({}, 0.0)


def test_an_idle_forwarder_writes_four_times_a_minute(forwarder: Forwarder) -> None:
    """Its own row and its report; nothing else is written."""
    forwarder.step()
    engine = engine_of(forwarder.outbox, Sqlite)
    before = engine.connection().total_changes
    seen = set()
    for _ in range(60):
        forwarder.step()
        seen.add(report_of(forwarder.outbox)["seen_at"])

    assert 3 <= len(seen) <= 5
    assert engine.connection().total_changes - before <= 12


def test_what_is_broken_off_at_the_end_is_no_success(
    make: Make, sandbox: Sandbox
) -> None:
    """The last report says that Tradervue was down, for whoever reads it afterwards."""
    forwarder = make()
    sandbox.inject("html_page", status=200, when="before", times=None)
    forwarder.enter(host_trade(1))
    forwarder.step_until(lambda: forwarder.worker.health.failures)
    forwarder.clock.now += 100
    forwarder.worker._stopping.set()
    forwarder.step()
    forwarder.worker.leave()
    health = read(forwarder)

    assert health["cause"] == "wrong_address"
    assert health["last_error_is_history"] is False
    assert report_of(forwarder.outbox)["last_success_at"] is None


def test_an_import_of_minutes_gives_signs_of_life(make: Make, sandbox: Sandbox) -> None:
    """Nobody takes the forwarder for dead while it waits for Tradervue."""
    forwarder = make(in_step=True, poll_seconds=2)
    sandbox.import_seconds = 300
    ages = []

    def watch(seconds: float) -> None:
        forwarder.let_pass(seconds)
        ages.append(read(forwarder)["processes"][0]["age"])

    forwarder.worker._pause = watch
    forwarder.enter(host_trade(1))
    assert forwarder.run(seconds=1000)

    assert sum(ages) > 0
    assert len(ages) > 10
    assert max(ages) < 40


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://app.tradervue.com/api/v1", "https://app.tradervue.com/trades"),
        ("https://firm.tradervue.com/api/v1/", "https://firm.tradervue.com/trades"),
        ("https://proxy.example/tv", "https://proxy.example/tv/trades"),
    ],
)
def test_the_journal_is_beside_its_api(base_url: str, url: str) -> None:
    """On the same host."""
    assert trades_page(base_url) == url


def test_health_adopts_only_what_is_news() -> None:
    """An own error that came later stays."""
    health = Health()
    health.failed(ServerError("ours"), 50.0, poll=1.0, again_at=None)
    health.adopt({"last_error": "old", "last_error_at": 40.0, "last_success_at": 45.0})
    assert (health.last_error, health.last_success_at) == ("ours", 45.0)
    health.adopt(
        {"last_error": "new", "last_error_at": 60.0, "failures": 3, "cause": "outage"}
    )
    assert (health.last_error, health.failures) == ("new", 3)


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> Settings:
    """The settings of a host."""
    return Settings.from_mapping(
        {
            "enabled": True,
            "username": "argo",
            "password": "sandbox",
            "base_url": sandbox.url,
            "aws_secrets": False,
            "database": str(tmp_path / "outbox.db"),
        }
    )


def test_what_cannot_be_written_is_answered_from_this_process(
    settings: Settings, sandbox: Sandbox
) -> None:
    """And marked; once it can be written again, the outbox answers."""
    with TradervueIntegration(settings) as integration:
        integration.record_entry(host_trade(1))
        assert integration.flush(60)
        worker = integration.worker
        report = worker._voice.report

        def full(*_: object, **__: object) -> None:
            raise OutboxError("the disk is full")

        worker._voice.report = full  # type: ignore[method-assign]
        sandbox.inject("server_error", times=None)
        integration.record_exit(host_trade(1))
        eventually(lambda: worker.unwritten, "it cannot be written")
        eventually(lambda: worker.health.failures, "Tradervue is down")
        health = integration.health()
        assert health["answered_by"] == "this process"
        assert health["outbox_problem"] == "the disk is full"
        assert "503" in str(health["last_error"])
        assert any("cannot be written" in each for each in health["remarks"])  # type: ignore[attr-defined]
        assert report_of(integration.outbox)["failures"] == 0

        worker._voice.report = report  # type: ignore[method-assign]
        eventually(lambda: not worker.unwritten, "it can be written")
        health = integration.health()
        assert (health["answered_by"], health["outbox_problem"]) == ("outbox", None)
        assert report_of(integration.outbox)["failures"] > 0
        sandbox.clear_faults()


def test_an_outbox_that_cannot_be_read_leaves_what_this_process_knows(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys are the same; what nobody knows is null."""
    with TradervueIntegration(settings) as integration:
        whole = integration.health()

        def broken() -> dict[State, int]:
            raise OutboxError("it is gone")

        monkeypatch.setattr(integration.outbox, "counts", broken)
        alone = integration.health()
        monkeypatch.undo()

    assert alone["outbox_problem"] == "it is gone"
    assert alone["answered_by"] == "this process"
    assert alone["queue_depth"] is None
    assert whole.keys() - alone.keys() == {
        key for key in whole if key.startswith(("waiting_", "paused_", "quota_"))
    }
    json.dumps(alone, allow_nan=False)
    assert time.time() - whole["processes"][0]["seen_at"] < 60  # type: ignore[index]

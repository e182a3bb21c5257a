"""A refused login: asked about rarely, by the forwarder alone, and it heals."""

import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.health import Cause, Circuit
from argo_tradervue_plugin.delivery.logins import DAY, HOUR, LoginState
from argo_tradervue_plugin.errors import AuthenticationFailed
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.delivery.conftest import Make
from tests.delivery.stepping import Clock, Forwarder, entered, host_trade
from tests.journeys.reader import JournalReader, differences

DAY_ONE = date(2026, 3, 5)
QUESTION = {"GET /trades": 1}


def pass_time(forwarder: Forwarder, seconds: float, *, stride: float = 60.0) -> None:
    """Let time pass, and the worker step every so often."""
    end = forwarder.clock() + seconds
    while forwarder.clock() < end:
        forwarder.worker.step(forwarder.clock())
        forwarder.clock.now += stride


def be_refused(forwarder: Forwarder, sandbox: Sandbox, **fault: Any) -> None:
    """Let the first import be refused for the login."""
    sandbox.inject(**({"name": "unauthorized", "times": None} | fault))
    forwarder.enter(host_trade(1))
    forwarder.step_until(lambda: forwarder.worker.health.failures)


@pytest.mark.parametrize(
    "fault",
    [
        {"name": "unauthorized"},
        {"name": "html_page", "status": 401, "when": "before"},
        {"name": "server_error", "status": 403, "when": "before"},
    ],
    ids=["401", "401 page", "403"],
)
def test_a_refused_login_is_asked_about_once_an_hour_and_heals(
    make: Make,
    sandbox: Sandbox,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, Any],
) -> None:
    """With a single small question; then everything goes on."""
    forwarder = make()
    be_refused(forwarder, sandbox, **fault)
    assert forwarder.worker.health.cause is Cause.REFUSED
    assert forwarder.counts() == {"recorded": 1}
    with forwarder.counted() as made:
        pass_time(forwarder, HOUR - 120)
    assert made == {}
    with forwarder.counted() as made:
        pass_time(forwarder, HOUR)
    assert made == QUESTION
    errors = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert errors[0].startswith("tradervue.paused")

    sandbox.clear_faults()
    pass_time(forwarder, HOUR)
    assert forwarder.run(seconds=100)
    assert differences(journal, [vars(entered(host_trade(1)))]) == []
    assert forwarder.outbox.refused_logins() == []
    assert not forwarder.worker.is_stuck


def test_after_a_day_of_refusals_it_is_asked_about_daily(
    forwarder: Forwarder, sandbox: Sandbox
) -> None:
    """Twenty-four in all, then one a day."""
    be_refused(forwarder, sandbox)
    with forwarder.counted() as made:
        pass_time(forwarder, 23 * HOUR + 600, stride=300)
    assert made == {"GET /trades": 23}
    with forwarder.counted() as made:
        pass_time(forwarder, 3 * DAY, stride=300)
    assert made == {"GET /trades": 3}
    [kept] = forwarder.outbox.refused_logins()
    assert kept.count == 27


def test_a_question_without_an_answer_is_not_repeated_before_its_time(
    forwarder: Forwarder, sandbox: Sandbox
) -> None:
    """Whoever may have counted it need not have said so."""
    be_refused(forwarder, sandbox)
    sandbox.clear_faults()
    sandbox.inject("server_error", times=None)
    with forwarder.counted() as made:
        pass_time(forwarder, 3 * HOUR - 300)
    assert made == {"GET /trades": 2}


def test_the_next_start_knows_of_it_and_says_so(
    make: Make,
    sandbox: Sandbox,
    journal: JournalReader,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It does not try the same password again; another one at once."""
    monkeypatch.setenv("TRADERVUE_PASSWORD", "wrong")
    be_refused(make(password=None), sandbox)
    caplog.clear()

    later = make(password=None, clock=Clock())
    later.outbox.claim("x/1/1", now=later.clock(), ttl=0, is_gone=lambda _: True)
    later.enter(host_trade(2))
    with later.counted() as made:
        later.run(seconds=100)
    assert made == {}
    assert later.worker.is_stuck
    assert "tradervue.paused" in caplog.text

    sandbox.clear_faults()
    monkeypatch.setenv("TRADERVUE_PASSWORD", "right")
    assert later.run(seconds=100)
    assert len(journal.trades()) == 2


def test_nothing_is_asked_while_the_process_ends(
    forwarder: Forwarder, sandbox: Sandbox
) -> None:
    """Also where it would be time: each start and end would be a refusal more."""
    be_refused(forwarder, sandbox)
    forwarder.clock.now += 2 * HOUR
    forwarder.worker.end()
    with forwarder.counted() as made:
        pass_time(forwarder, HOUR)
    assert made == {}


def test_a_page_that_refuses_is_an_outage(
    forwarder: Forwarder, sandbox: Sandbox, journal: JournalReader
) -> None:
    """A proxy's 403 says nothing of the login; the circuit opens, and it ends."""
    sandbox.inject("html_page", status=403, when="before", times=None)
    forwarder.enter(host_trade(1))
    forwarder.step_until(lambda: forwarder.worker.health.failures >= 5)

    health = forwarder.worker.health
    assert health.cause is Cause.OUTAGE
    assert health.circuit(health.retry_at - 0.001) is Circuit.OPEN
    assert forwarder.outbox.refused_logins() == []
    assert not forwarder.worker.is_stuck
    sandbox.clear_faults()
    assert forwarder.run(seconds=3000)
    assert len(journal.trades()) == 1


def test_of_two_processes_the_one_with_a_good_login_forwards(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """The other gives the lease up as soon as it knows, and goes on recording."""
    clock = Clock()
    good, bad = {"password": "sandbox"}, {"password": "wrong"}
    refused = make(clock=clock, **bad)
    be_refused(refused, sandbox)
    assert refused.worker.holds_lease
    sandbox.clear_faults()

    fine = make(clock=clock, **good)
    fine.step()
    assert not fine.worker.holds_lease
    refused.step()
    assert not refused.worker.holds_lease
    assert not refused.worker.is_stuck
    fine.step()
    assert fine.worker.holds_lease
    refused.enter(host_trade(2))
    with fine.counted() as made:
        for _ in range(20):
            refused.step()
    assert made == {}
    assert fine.run(seconds=100)
    assert len(journal.trades()) == 2


def test_a_process_without_a_login_gives_the_lease_up(
    make: Make, journal: JournalReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has one goes on."""
    clock = Clock()
    monkeypatch.setenv("TRADERVUE_PASSWORD", "sandbox")
    first = make(clock=clock, password=None)
    first.step()
    assert first.worker.holds_lease
    monkeypatch.delenv("TRADERVUE_PASSWORD")
    first.enter(host_trade(1))
    first.step()
    assert not first.worker.holds_lease
    assert first.worker.is_stuck
    assert first.worker.login is not None
    assert first.worker.login.state is LoginState.MISSING

    second = make(clock=clock)
    assert second.run(seconds=100)
    first.step()
    assert not first.worker.is_stuck
    assert len(journal.trades()) == 1


@pytest.mark.parametrize("name", ["reconcile", "metrics"])
def test_a_refused_login_sends_nothing_else(
    make: Make, sandbox: Sandbox, tmp_path: Path, name: str
) -> None:
    """Neither the metrics nor a comparison; and what they meet, the forwarder knows."""
    settings = Settings.from_mapping(
        {
            "enabled": True,
            "username": "argo",
            "password": "wrong",
            "base_url": sandbox.url,
            "aws_secrets": False,
            "database": str(tmp_path / "outbox.db"),
        }
    )
    forwarder = make(password="wrong")
    sandbox.inject("unauthorized", times=None)
    with TradervueIntegration(settings) as integration:
        calls: dict[str, Callable[[], object]] = {
            "reconcile": lambda: integration.reconcile(30),
            "metrics": lambda: integration.performance(DAY_ONE, DAY_ONE),
        }
        with forwarder.counted() as made, pytest.raises(AuthenticationFailed):
            calls[name]()
        # The worker that this wakes may ask whose journal it is at the same moment.
        assert 1 <= sum(made.values()) <= 2
        assert integration.worker.stop(60)  # or it asks a moment later
        with forwarder.counted() as made:
            with pytest.raises(AuthenticationFailed, match="asked about again at"):
                calls[name]()
            forwarder.enter(host_trade(1))
            forwarder.run(seconds=100)
        assert made == {}
        assert integration.health()["credentials_refused"] is True

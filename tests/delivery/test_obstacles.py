"""What the forwarding waits for is the same in health, status and the outbox."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.obstacles import obstacles
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.delivery.conftest import Make
from tests.delivery.stepping import host_trade

REFUSAL = "Account tags need a silver or gold subscription"


@pytest.fixture
def section(sandbox: Sandbox, tmp_path: Path) -> dict[str, Any]:
    """The section of a host's config that leads to the outbox of the test."""
    return {
        "enabled": True,
        "username": "argo",
        "password": "sandbox",
        "base_url": sandbox.url,
        "aws_secrets": False,
        "database": str(tmp_path / "outbox.db"),
    }


def status(section: dict[str, Any], tmp_path: Path, *options: str) -> str:
    """Return what the command prints."""
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"plugins": {"tradervue": section}}))
    answer = CliRunner().invoke(cli, ["status", "--config", str(config), *options])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_status_and_health_say_what_the_journal_is_to_show(
    make: Make, sandbox: Sandbox, section: dict[str, Any], tmp_path: Path
) -> None:
    """How many executions, and since when."""
    forwarder = make(in_step=True)
    sandbox.assume(read_delay_seconds=10_000)
    forwarder.enter(*(host_trade(n) for n in (1, 2)))
    forwarder.leave(host_trade(1))
    forwarder.run(seconds=30)

    facts = obstacles(forwarder.outbox)
    assert "waiting for the journal to show 3 executions since " in status(
        section, tmp_path
    )
    shown = json.loads(status(section, tmp_path, "--json"))
    assert shown.items() >= facts.items()
    with TradervueIntegration(Settings.from_mapping(section)) as integration:
        health = integration.health()
    assert health.items() >= facts.items()
    assert health["waiting_executions"] == 3
    assert health["queue_depth"] == 3


def test_status_and_health_say_why_sending_is_paused(
    make: Make, sandbox: Sandbox, section: dict[str, Any], tmp_path: Path
) -> None:
    """With the setting that helps, and when the next trade is tried."""
    forwarder = make(in_step=True)
    sandbox.assume(plan="free", account_tag_on_free="failed")
    forwarder.enter(host_trade(1))
    forwarder.run(seconds=30)

    said = status(section, tmp_path)
    assert "sending is paused since " in said
    assert REFUSAL in said
    assert '"account_tags": false' in said
    with TradervueIntegration(Settings.from_mapping(section)) as integration:
        health = integration.health()
    assert health["paused_reason"] == REFUSAL
    assert '"account_tags": false' in str(health["paused_hint"])
    until, since = health["paused_until"], health["paused_since"]
    assert isinstance(until, float)
    assert isinstance(since, float)
    assert 3500 < until - since < 3700


def test_nothing_is_said_where_nothing_is_waited_for(
    make: Make, section: dict[str, Any], tmp_path: Path
) -> None:
    """Neither in words nor in figures."""
    forwarder = make()
    forwarder.enter(host_trade(1))
    assert forwarder.run()

    said = status(section, tmp_path)
    assert "waiting for the journal" not in said
    assert "paused" not in said
    assert {v for v in obstacles(forwarder.outbox).values() if v} == set()

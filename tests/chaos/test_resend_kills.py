"""
A process is killed while it replaces a trade in the journal; another one goes on.

A real process, and a real SIGKILL: what stands in the journal in the end stands there
once, as the host has it now, with what people wrote.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.matching.notes import people_wrote
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.chaos.points import RESENDING, Fate
from tests.delivery.stepping import host_trade
from tests.journeys.reader import JournalReader, differences

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60.0  # seconds

# On its way in the journal it is a trade like any other.
ON_ITS_WAY = (
    "import_half_noted",
    "import_noted",
    "import_going_out",
    "import_sent",
    "import_answered",
    "status_asked",
    "outcome_stored",
    "journal_read",
    "read_back",
    "import_settled",
    "notes_going_out",
    "notes_sent",
    "notes_answered",
)
EVERYWHERE = (*RESENDING, *ON_ITS_WAY)
# Before these nobody but the command knows of it.
UNASKED = ("copy_saved",)

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not hasattr(signal, "SIGKILL"), reason="hosts run on systems with SIGKILL"
    ),
]


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where the outbox is."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield str(tmp_path / "outbox.db")
    else:
        with request.getfixturevalue("postgres_server").database() as url:
            yield url


@pytest.fixture
def section(sandbox: Sandbox, database: str) -> dict[str, Any]:
    """The plugin's section of the config, made quick."""
    sandbox.assume(deleted_executions="remembered")
    return {
        "enabled": True,
        "username": "argo",
        "password": "sandbox",
        "base_url": sandbox.url,
        "aws_secrets": False,
        "database": database,
        "poll_seconds": 0.01,
    }


def changed(section: dict[str, Any], sandbox: Sandbox) -> SimpleNamespace:
    """Return a trade in the journal of which the host has another exit by now."""
    trade = host_trade()
    now = SimpleNamespace(
        **{
            **vars(trade),
            "actual_exit_price": 104.0,
            "updated_at": "2026-03-09T12:00:00",
        }
    )
    with TradervueIntegration(Settings.from_mapping(section)) as tradervue:
        tradervue.record_exit(trade)
        assert tradervue.flush(PATIENCE)
        known = tradervue.outbox.trade(trade.id)
        assert known is not None
        assert known.journal_id is not None
        tradervue.record_correction(now)
        assert tradervue.flush(PATIENCE)
    with JournalReader(sandbox.url) as journal:
        person = sandbox.person("argo")
        person.write_notes(known.journal_id, f"Mine.\n{journal.only()['notes']}")
    return now


def run_mortal(
    folder: Path, section: dict[str, Any], point: str, trade_id: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process that dies at *point*."""
    armed = folder / "armed"
    armed.mkdir()
    Fate.arm(armed, point)
    config = folder / "config.json"
    config.write_text(json.dumps({"plugins": {"tradervue": section}}))
    command = [sys.executable, "-m", "tests.chaos.mortal", str(armed)]
    command += ["resend", "--config", str(config)]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return subprocess.run(
        [*command, trade_id, "--yes"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def assert_replaced_after_a_death(
    point: str, folder: Path, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """Kill a process at *point*, and see that a successor finishes."""
    now = changed(section, sandbox)
    done = run_mortal(folder, section, point, now.id)
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    assert f"dies {point}" in done.stdout
    with TradervueIntegration(Settings.from_mapping(section)) as tradervue:
        if point in UNASKED:
            assert tradervue.outbox.resends(10) == []
            tradervue.resends.ask(now.id, ())
        # Where nobody knows what became of its import, a later one tells.
        later = host_trade(2)
        tradervue.record_exit(later)
        assert tradervue.flush(PATIENCE)
        assert tradervue.outbox.resends(10) == []
        assert tradervue.outbox.outcome_counts() == {}
    with JournalReader(sandbox.url) as journal:
        assert differences(journal, map(vars, (now, later))) == []
        theirs = [
            people_wrote(journal.trade(t["id"])["notes"]) for t in journal.trades()
        ]
        assert sorted(theirs) == ["", "Mine."]


@pytest.mark.parametrize("point", EVERYWHERE)
def test_killed_in_the_middle_it_is_finished_by_another(
    tmp_path: Path, section: dict[str, Any], sandbox: Sandbox, point: str
) -> None:
    """At every point that the command's process passes."""
    assert_replaced_after_a_death(point, tmp_path, section, sandbox)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize("point", RESENDING)
def test_killed_in_the_middle_it_is_finished_by_another_on_a_server(
    tmp_path: Path, section: dict[str, Any], sandbox: Sandbox, point: str
) -> None:
    """With the outbox on PostgreSQL, at every point of its own."""
    assert_replaced_after_a_death(point, tmp_path, section, sandbox)

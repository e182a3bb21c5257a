"""Four workers, a restart, the command: one comparison, whoever is asked."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the host's application needs FastAPI")

from click.testing import CliRunner

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.sandbox import Sandbox
from tests.hosts.served import Host, Worker, serving
from tests.hosts.test_workers import recorded, session
from tests.journeys.reader import JournalReader

WORKERS = 4


def compared(workers: list[Worker]) -> list[dict[str, Any]]:
    """Return what each worker says of host and journal."""
    path = "/api/v1/tradervue/reconciliation"
    return [worker.ask(path)["reconciliation"] for worker in workers]


def by_command(folder: Path) -> dict[str, Any]:
    """Return what the command says."""
    config = str(folder / "config.json")
    answer = CliRunner().invoke(cli, ["reconcile", "--config", config, "--json"])
    told: dict[str, Any] = json.loads(answer.stdout)
    assert answer.exit_code == (0 if told["clean"] else 1)
    return told


def begin(host: Host) -> list[Worker]:
    """Return the workers of a host that has just been started."""
    return host.find_workers(WORKERS)


def test_every_process_and_the_command_find_the_same(
    sandbox: Sandbox, section: dict[str, Any], tmp_path: Path
) -> None:
    """A perfect journal is clean; what a person deletes is missing for everybody."""
    sandbox.import_seconds = 0.02
    with serving("uvicorn", section, tmp_path, workers=WORKERS) as host:
        workers = begin(host)
        session(workers, rounds=3)
        host.settle()
        trades = recorded(workers)
        told = [*compared(workers), by_command(tmp_path)]
        host.end()
    with serving("uvicorn", section, tmp_path, workers=WORKERS) as host:
        workers = begin(host)  # their trackers are empty
        told += compared(workers)
        assert all(one["clean"] for one in told)
        assert {one["matched"] for one in told} == {len(trades)} == {3 * WORKERS}
        assert all(one == told[0] for one in told)

        with JournalReader(sandbox.url) as journal:
            gone = int(journal.trades()[0]["id"])
        sandbox.person("argo").delete_trade(gone)
        told = [*compared(workers), by_command(tmp_path)]
        host.end()

    assert [len(one["missing"]) for one in told] == [1] * (WORKERS + 1)
    assert all(one == told[0] for one in told)

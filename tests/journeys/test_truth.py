"""The whole trade history that Argo published, synced and reconciled to the cent."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.cli.processes import own_sandbox
from tests.journeys.reader import JournalReader, differences

DAYS = ("--days", "36500")
NOTHING: dict[str, Any] = {
    "missing": [],
    "different": [],
    "shared": {},
    "duplicated": [],
    "unknown_tagged": [],
    "unknown_untagged": [],
    "unusable": [],
}


def requests_in(journal: JournalReader) -> dict[str, int]:
    """Return how often the sandbox was asked what, by its own count."""
    control = str(journal.http.base_url).partition("/api/")[0]
    stats = journal.http.get(f"{control}/_sandbox/stats").json()
    return {str(k): int(n) for k, n in stats["requests"].items()}


def made_since(journal: JournalReader, before: dict[str, int]) -> dict[str, int]:
    """Return the requests that were made since *before*."""
    after = requests_in(journal)
    return {k: n - before.get(k, 0) for k, n in after.items() if n > before.get(k, 0)}


@pytest.mark.timeout(900)
def test_published_history_is_matched_trade_by_trade(
    argo_file: Path, tmp_path: Path
) -> None:
    """
    3,469 host trades, 3,469 journal trades, 0 of everything else.

    With about one request a trade; a second sync changes nothing, and a lost outbox is
    rebuilt from the notes, after which a third changes nothing either.
    """
    trades = [
        json.loads(line) for line in argo_file.read_text(encoding="utf-8").splitlines()
    ]
    database = tmp_path / "outbox.db"
    config = tmp_path / "config.json"

    def run(command: str, *arguments: object) -> Any:
        told = [command, "--config", str(config), *map(str, arguments)]
        answer = CliRunner().invoke(cli, told)
        assert answer.exit_code == 0, (told, answer.output[-2000:])
        return answer.stdout

    with own_sandbox(0.05) as url, JournalReader(url) as journal:
        section = {
            "enabled": True,
            "username": "argo",
            "password": "sandbox",
            "base_url": url,
            "database": str(database),
            "aws_secrets": False,
        }
        config.write_text(json.dumps({"plugins": {"tradervue": section}}))
        promised = json.loads(run("sync", argo_file, "--dry-run", "--json"))
        assert requests_in(journal) == {}
        assert promised["journal_trades"] == promised["trades"] == len(trades) == 3469
        assert promised["executions"] == 2 * len(trades)
        assert promised["left_out"] == {}

        stats = json.loads(run("sync", argo_file, "--json"))
        made = requests_in(journal)
        assert stats == {
            "synced": 3469,
            "failed": 0,
            "skipped": 0,
            "unchanged": 0,
            "pending": 0,
        }
        assert sum(made.values()) <= 1.1 * len(trades), made
        assert made["PUT /trades/{id}"] == len(trades)

        report = json.loads(run("reconcile", *DAYS, "--json", "--trades", argo_file))
        assert (report["clean"], report["matched"]) == (True, 3469)
        assert {name: report[name] for name in NOTHING} == NOTHING
        assert Decimal(report["difference"]) == 0
        assert report["host"] == report["journal"]
        assert differences(journal, trades) == []

        before = requests_in(journal)
        assert json.loads(run("sync", argo_file, "--json"))["unchanged"] == 3469
        assert made_since(journal, before) == {}

        for path in tmp_path.glob("outbox.db*"):
            if path.is_file():  # and not the empty spool
                path.unlink()
        before = requests_in(journal)
        assert run("relink") == "3469 trades linked again\n"
        assert json.loads(run("sync", argo_file, "--json"))["unchanged"] == 3469
        again = json.loads(run("reconcile", *DAYS, "--json"))
        assert (again["clean"], again["matched"]) == (True, 3469)
        # One of them proves whose journal it is.
        assert set(made_since(journal, before)) == {"GET /trades", "GET /trades/{id}"}

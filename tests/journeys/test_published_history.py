"""The whole trade history that Argo published, with a process killed on the way."""

import json
from pathlib import Path

import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from tests.journeys.reader import JournalReader, differences
from tests.journeys.replaying import finish, kill_when, start
from tests.journeys.test_crashes import reaches


@pytest.mark.timeout(900)
def test_published_history_stands_in_the_journal_trade_by_trade(
    sandbox: Sandbox, argo_file: Path, tmp_path: Path
) -> None:
    """All 3,469 trades, up to seven at a time in one symbol: each once, to the cent."""
    sandbox.import_seconds = 0.1
    database = tmp_path / "outbox.db"
    kill_when(start(sandbox, argo_file, database), reaches(sandbox, 1000))
    told = finish(start(sandbox, argo_file, database))

    lines = argo_file.read_text(encoding="utf-8").splitlines()
    trades = [json.loads(line) for line in lines]
    assert len(trades) == 3469
    assert told["trades"] == told["verified"] == 3469
    assert told["events"] == 6938
    with JournalReader(sandbox.url) as journal:
        assert differences(journal, trades) == []
    # The sum of all requests, reading back included, over two runs.
    ours = {
        k: n for k, n in sandbox.stats.requests.items() if "PUT" in k or "POST" in k
    }
    assert sum(ours.values()) <= 1.1 * len(trades)

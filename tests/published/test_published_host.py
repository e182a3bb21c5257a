"""
The published host with several workers, wired by the guide, against the sandbox.

Its modules were written in our own words after what it does: a package that swallows
an ImportError, a router on the event loop, a module that fetches the integration while
it is imported, a live tracker with a basic sync of its own, and a test script.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the host's application needs FastAPI")

from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.fakes import eventually
from tests.hosts.served import Worker, serving
from tests.journeys.reader import JournalReader
from tests.published import integrations
from tests.published.script import script

SERVER = "published"
WORKERS = 4  # as the host runs
PREFIX = "/api/v1/tradervue"
LINES = (
    "from argo_tradervue_plugin import TradervueIntegration, get_tradervue_integration",
    '__all__ = ["TradervueIntegration", "get_tradervue_integration"]',
)


@pytest.fixture
def section(section: dict[str, Any]) -> dict[str, Any]:
    """The plugin's section; the login is in it, so that AWS is not asked."""
    return section | {"aws_secrets": False}


def enter(worker: Worker, symbol: str) -> dict[str, Any]:
    """Let the live tracker of *worker* enter a position, on its event loop."""
    signal = {
        "signal_id": f"SIG-{worker.pid}",
        "symbol": symbol,
        "signal_type": "long",
        "entry_price": 42.0,
        "quantity": 7,
        "confidence": 90.0,
    }
    answer = worker.http.post("/live/entries", json=signal).raise_for_status()
    told: dict[str, Any] = answer.json()
    return told


def test_its_module_is_the_two_lines_of_the_guide() -> None:
    """And its package has both names."""
    root = Path(integrations.__file__).parents[3]
    module = root / "tests/published/integrations/tradervue_integration.py"
    readme = (root / "README.md").read_text()
    for line in LINES:
        assert line in module.read_text().splitlines()
        assert line in readme.splitlines()
    assert integrations.HAS_TRADERVUE


def test_by_the_guide_each_trade_is_there_once(
    section: dict[str, Any], sandbox: Sandbox, tmp_path: Path
) -> None:
    """Whichever worker recorded it, and though each call on the loop says not yet."""
    with serving(SERVER, section, tmp_path, workers=WORKERS) as host:
        workers = host.find_workers(WORKERS)
        symbols = []
        for number in range(3):
            for place, worker in enumerate(workers):
                symbols.append(f"S{number}{place}")
                told = enter(worker, symbols[-1])
                assert told["journal_id"] is None, "it was waited for"
        host.settle()
        for worker in workers:
            status = worker.ask(f"{PREFIX}/status")
            assert (status["enabled"], status["username"]) == (True, "argo")
            assert "health" in status, "the plugin's route answers"
            assert worker.ask(f"{PREFIX}/metrics?days=30")["status"] == "success"
            sync = worker.http.post(f"{PREFIX}/sync").json()
            assert sync["status"] == "success"
            assert sync["stats"]["unchanged"] == sync["stats"]["skipped"] == 3
        assert host.end() == 0
        assert "internal_error" not in host.text()

    with JournalReader(sandbox.url) as journal:
        assert sorted(row["symbol"] for row in journal.trades()) == sorted(symbols)


def test_its_own_router_answers_from_the_stand_in(
    section: dict[str, Any],
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Left in its place it goes on working; the plugin says that it is not mounted."""
    monkeypatch.setenv("OWN_ROUTER", "1")
    with serving(SERVER, section, tmp_path, workers=2) as host:
        workers = host.find_workers(2)
        for place, worker in enumerate(workers):
            enter(worker, f"S{place}")
            status = worker.ask(f"{PREFIX}/status")
            assert (status["enabled"], status["username"]) == (True, "argo")
            assert status["profile_url"].endswith("/profile/argo")
            url = worker.ask(f"{PREFIX}/widget-url")["widget_url"]
            assert url.endswith("/widgets/argo/equity?width=600&height=400")
            stats = worker.http.post(f"{PREFIX}/sync").raise_for_status().json()
            assert stats["stats"].keys() == {"synced", "failed", "skipped"}
        with JournalReader(sandbox.url) as journal:
            eventually(lambda: len(journal.trades()) == 2, "both are there")
        assert len(host.told("tradervue.route_taken")) == 2 * 5
        assert host.end() == 0


def test_its_old_basic_sync_beside_the_plugin_posts_twice(
    section: dict[str, Any],
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the guide says: on an event loop the answer is not yet, and it posts."""
    monkeypatch.setenv("OWN_BASICS", sandbox.url)
    with serving(SERVER, section, tmp_path, workers=1) as host:
        enter(host.find_workers(1)[0], "TWICE")
        host.settle()

    with JournalReader(sandbox.url) as journal:
        assert [row["symbol"] for row in journal.trades()] == ["TWICE"] * 2


def test_its_script_works_in_a_process_with_the_plugin(
    run_host: Callable[..., RunningHost],
    section: dict[str, Any],
    tmp_path: Path,
) -> None:
    """And in one that never started it, where nothing is enabled and nothing breaks."""
    section["flush_seconds"] = 20
    with serving(SERVER, section, tmp_path, workers=1) as served:
        without = script(served.url)
        host = run_host(section)
        host.enter("SCRIPT")
        answers = script(served.url)

    assert without["tracker"] is None
    assert without["enabled"] is False
    assert without["widgets"] == [None] * 3
    assert without["synced"] == {"synced": 0, "failed": 0, "skipped": 0}
    assert answers["tracker"] is host.tracker
    assert (answers["enabled"], answers["username"]) == (True, "argo")
    assert sum(answers["synced"].values()) == 1
    assert all("/widgets/argo/" in url for url in answers["widgets"])
    assert answers["profile"].endswith("/profile/argo")
    assert answers["routes"] == without["routes"] == [200] * 5

"""
The password is in nothing that a host, its operator or its visitors get to see.

Each journey is a host's: hooks, routes, programmatic calls, the end; with a healthy
Tradervue, a wrong password, nobody there, and servers that answer with the login that
they were sent. Every logger is at DEBUG, the libraries' as well.
"""

import logging
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the routes are mounted on FastAPI")

from argo_tradervue_plugin.errors import TradervueError
from argo_tradervue_plugin.plugin import get_tradervue_integration
from argo_tradervue_plugin.web.routes import table
from tests.argo.running import RunningHost
from tests.fakes import eventually
from tests.security.canary import marks_in, marks_in_files
from tests.security.servers import CARELESS
from tests.security.worlds import (
    NAMES_THE_USER,
    WORLDS,
    answers_of,
    logged,
    reprs_of,
    section,
    world,
)


@pytest.mark.swallows  # what the programmatic calls keep from the host
@pytest.mark.parametrize("name", WORLDS)
def test_login_is_in_nothing_that_is_shown(
    name: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    swallowed: list[Exception],
) -> None:
    """Log at DEBUG, output, files, answers, objects: the password is in none."""
    caplog.set_level(logging.DEBUG)
    with (
        world(name) as url,
        RunningHost({"plugins": {"tradervue": section(url, tmp_path)}}) as host,
    ):
        trade = host.enter()
        host.leave(trade)
        worker = host.integration.worker
        eventually(
            lambda: worker.is_idle() or worker.health.failures, "all is tried once"
        )
        shown = answers_of(host)
        calls = get_tradervue_integration()
        told = [calls.sync_complete_trade(trade), calls.sync_recent_trades()]
        told += [calls.get_performance_metrics()]
        objects = reprs_of(host)
        assert (tmp_path / "outbox.db-wal").stat().st_size > 0
        in_files = marks_in_files(tmp_path, usernames=False)
        host.close()
        assert host.tradervue.integration is None

    assert all(isinstance(error, TradervueError) for error in swallowed)
    assert shown.keys() >= {route.name for route in table(host.tradervue)}
    assert (name == "healthy") == ("✅ Tradervue exit synced" in caplog.text)
    # Down to the last line: of each request there is one, and none of httpcore's.
    assert "tradervue.request" in caplog.text
    assert "httpcore" not in {r.name.partition(".")[0] for r in caplog.records}
    # A server may name the user in its own words; these are passed on.
    usernames = name not in CARELESS
    assert marks_in(logged(caplog), usernames=usernames) == []
    for route, answer in shown.items():
        may_name = route in NAMES_THE_USER or not usernames
        assert marks_in(answer, usernames=not may_name) == [], route
    assert marks_in(repr(told)) == []
    assert marks_in(objects, usernames=False) == []
    assert in_files == marks_in_files(tmp_path, usernames=False) == []
    assert marks_in("".join(capfd.readouterr())) == []

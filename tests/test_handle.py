"""The integration as Argo's code holds it: whenever it was fetched, however made."""

from collections.abc import Callable
from typing import Any

import pytest

from argo_tradervue_plugin import (
    Settings,
    TradervueIntegration,
    get_tradervue_integration,
)
from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.argo.tracker import UnifiedPerformanceTracker
from tests.delivery.stepping import entered, host_trade

Run = Callable[..., RunningHost]
NOTHING = {"synced": 0, "failed": 0, "skipped": 0}


def symbols_of(sandbox: Sandbox, login: str = "argo") -> list[str]:
    """Return the symbols in a journal."""
    return sorted(t.symbol for t in sandbox.account(login).journal.trades.values())


def filled(symbol: str) -> UnifiedPerformanceTracker:
    """Return a tracker that has stored one trade of *symbol*, and called no hook."""
    tracker = UnifiedPerformanceTracker()
    tracker.record_signal_entry(
        signal_id="SIG",
        asset_class="stock",
        symbol=symbol,
        signal_type="long",
        entry_price=42.0,
        quantity=7,
        confidence=80.0,
    )
    return tracker


def test_it_comes_and_goes_with_the_host(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """Fetched before the start, it and its client answer for whatever runs."""
    fetched = get_tradervue_integration()
    client = fetched.client
    for _ in range(2):
        assert (client.enabled, client.username) == (False, None)
        assert client.get_widget_url("equity", 600, 400) is None
        assert client.get_profile_url() is None
        assert fetched.tracker is None
        assert fetched.sync_trade_entry(host_trade(1)) is None
        assert fetched.sync_trade_exit(host_trade(1)) is False
        assert fetched.sync_complete_trade(host_trade(1)) is False
        assert fetched.sync_recent_trades() == NOTHING
        assert fetched.get_performance_metrics() is None

        host = run_host(section)
        assert (client.enabled, client.username) == (True, "argo")
        url = client.get_widget_url("trades", 800, 500)
        assert url == fetched.get_widget_url("trades", 800, 500)
        assert url is not None
        assert url.endswith("/widgets/argo/trades?width=800&height=500")
        assert str(client.get_profile_url()).endswith("/profile/argo")
        assert fetched.get_profile_url() == client.get_profile_url()
        assert fetched.tracker is host.tracker
        host.close()

    assert get_tradervue_integration() is fetched
    assert symbols_of(sandbox) == []


def test_every_call_of_the_integration_is_there(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """Also what Argo's own module did not have; without one, it is said why not."""
    fetched = TradervueIntegration(client=object())
    with pytest.raises(AttributeError, match="'health' while the plugin is not enabl"):
        fetched.health()
    assert not hasattr(fetched, "flush")

    host = run_host(section)
    for name in dir(host.integration):
        if not name.startswith("_"):
            assert hasattr(fetched, name), name
    assert fetched.health().keys() == host.integration.health().keys()
    fetched.record_entry(entered(host_trade(1)))
    assert fetched.flush(60)
    assert symbols_of(sandbox) == ["CORP1"]
    with pytest.raises(AttributeError, match=r"has no 'nonsense'$"):
        fetched.nonsense()


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_tracker_joins_the_plugins_integration(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox, *, before: bool
) -> None:
    """Made before the start or after it; and it leaves with whoever held it."""
    tracker = filled("JOINED")
    host = None if before else run_host(section | {"catch_up_days": 0})
    made = TradervueIntegration(tracker=tracker, client=object())
    host = host or run_host(section | {"catch_up_days": 0})
    assert made.tracker is tracker
    assert made.client.enabled

    assert made.sync_recent_trades()["synced"] == 1
    assert symbols_of(sandbox) == ["JOINED"]
    assert [*map(id, host.integration.trackers)] == [*map(id, (host.tracker, tracker))]
    del made
    assert host.integration.trackers == [host.tracker]


def test_tracker_belongs_where_its_host_started(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """Of two accounts in one process; all others belong to the first."""
    del section["database"]
    section["catch_up_days"] = 0
    paper = run_host(section | {"username": "paper"})
    live = run_host(section | {"username": "live"})
    of_live = TradervueIntegration(tracker=live.tracker)
    of_paper = TradervueIntegration(tracker=paper.tracker)
    another = TradervueIntegration(tracker=filled("OTHER"))

    assert of_live.client.username == "live"
    assert of_paper.client.username == "paper"
    assert another.client.username == "paper"
    assert get_tradervue_integration().client.username == "paper"
    assert of_live.sync_complete_trade(entered(host_trade(1)))
    assert another.sync_recent_trades()["synced"] == 1
    assert of_live.sync_recent_trades()["synced"] == 0
    assert symbols_of(sandbox, "live") == ["CORP1"]
    assert symbols_of(sandbox, "paper") == ["OTHER"]
    paper.close()
    assert another.client.username == "live"


def test_with_settings_it_is_one_of_its_own(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """For a script, which has no host; the plugin's goes on beside it."""
    del section["database"]
    host = run_host(section)
    settings = Settings.from_mapping(section | {"username": "script"})
    with TradervueIntegration(settings, filled("SCRIPT")) as own:
        assert own.client.username == "script"
        assert own.sync_recent_trades()["synced"] == 1
    with get_tradervue_integration() as shared:
        assert shared.client.username == "argo"
    host.enter("HOST")

    assert host.integration.flush(60)
    assert symbols_of(sandbox, "script") == ["SCRIPT"]
    assert symbols_of(sandbox) == ["HOST"]

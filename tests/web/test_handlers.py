"""What the routes answer, without HTTP."""

import re
from datetime import UTC, date, datetime

import pytest

from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.services.compat import SyncStats
from argo_tradervue_plugin.web import handlers
from argo_tradervue_plugin.web.interface import Answer, Route
from argo_tradervue_plugin.web.schemas import CARDS
from tests.web.fakes import (
    NOW,
    FakeIntegration,
    FakeMetrics,
    FakePlugin,
    as_real,
    routes_for,
)

SIX = {
    "win_rate",
    "total_profit",
    "total_trades",
    "profit_factor",
    "sharpe_ratio",
    "max_drawdown",
}


def body_of(answer: Answer) -> dict[str, object]:
    """Return the body of a success."""
    assert answer.status == 200
    return dict(answer.body)


@pytest.mark.parametrize(
    ("now", "days", "start", "end"),
    [
        (datetime(2026, 3, 10, 2, 30, tzinfo=UTC), 30, "2026-02-07", "2026-03-09"),
        (datetime(2026, 3, 10, 4, 0, tzinfo=UTC), 30, "2026-02-08", "2026-03-10"),
        (datetime(2026, 1, 1, 5, 0, tzinfo=UTC), 1, "2025-12-31", "2026-01-01"),
        (datetime(2024, 3, 1, 12, 0, tzinfo=UTC), 365, "2023-03-02", "2024-03-01"),
    ],
    ids=["evening there", "midnight in summer time", "new year", "leap year"],
)
def test_period_ends_today_in_new_york(
    integration: FakeIntegration, now: datetime, days: int, start: str, end: str
) -> None:
    """Whatever the date in UTC is, the journal's day counts."""
    answer = handlers.metrics(as_real(integration), days=days, clock=lambda: now)

    period = {"start_date": start, "end_date": end, "days": days}
    assert body_of(answer)["period"] == period
    assert integration.asked == [
        ("performance", date.fromisoformat(start), date.fromisoformat(end))
    ]


def test_an_undefined_card_is_left_out_and_any_other_figure_is_null(
    integration: FakeIntegration,
) -> None:
    """The front end breaks on null, and a script wants to see what is undefined."""
    body = body_of(handlers.metrics(as_real(integration), days=30))

    assert body["status"] == "success"
    assert body["metrics"] == {
        "win_rate": 62.5,
        "total_profit": 1234.5,
        "total_trades": 8,
        "sharpe_ratio": 1.75,
        "max_drawdown": 4.25,
        "gross_profit": 1300.25,
        "payoff_ratio": None,
        "by_symbol": {"AAPL": {"trades": 8}},
    }


def test_metrics_of_another_period_are_shown_as_what_they_are(
    integration: FakeIntegration,
) -> None:
    """With their own days and age, and what is wrong with the journal."""
    integration.metrics = FakeMetrics(
        start=date(2026, 2, 6),
        end=date(2026, 3, 8),
        as_of="2026-03-08T20:00:00+00:00",
        is_current=False,
        trouble="no route to Tradervue",
    )
    body = body_of(handlers.metrics(as_real(integration), days=30, clock=lambda: NOW))

    assert body["period"] == {
        "start_date": "2026-02-06",
        "end_date": "2026-03-08",
        "days": 30,
    }
    assert body["as_of"] == "2026-03-08T20:00:00+00:00"
    assert (body["is_current"], body["trouble"]) == (False, "no route to Tradervue")


def test_current_metrics_say_so(integration: FakeIntegration) -> None:
    """And nothing of troubles."""
    body = body_of(handlers.metrics(as_real(integration), days=30, clock=lambda: NOW))

    assert body["is_current"] is True
    assert "trouble" not in body


def test_metrics_that_are_not_there_yet_can_be_asked_for_again(
    integration: FakeIntegration,
) -> None:
    """Not 503, which the front end shows as not configured."""
    integration.metrics = None
    answer = handlers.metrics(as_real(integration), days=30)

    assert answer.status == 504
    assert "try again" in str(answer.body["detail"])


def test_the_cards_are_argos_six() -> None:
    """The front end knows these names and no others."""
    assert set(CARDS) == SIX


def test_widget_url_tells_what_was_asked_for(integration: FakeIntegration) -> None:
    """The front end reads the size back."""
    answer = handlers.widget_url(
        as_real(integration), widget_type="trades", width=100, height=800
    )

    assert body_of(answer) == {
        "status": "success",
        "widget_url": "https://tradervue.example/widgets/me/trades?width=100&height=800",
        "widget_type": "trades",
        "width": 100,
        "height": 800,
    }


def test_profile_url_is_passed_on(integration: FakeIntegration) -> None:
    """The front end links it."""
    answer = handlers.profile_url(as_real(integration))

    assert body_of(answer) == {
        "status": "success",
        "profile_url": "https://tradervue.example/profile/me",
    }


def test_without_a_login_addresses_are_not_configured(
    integration: FakeIntegration,
) -> None:
    """There is no address without a name; the front end reads 503 as that."""
    integration.login = None

    widget = handlers.widget_url(
        as_real(integration), widget_type="equity", width=1, height=1
    )
    profile = handlers.profile_url(as_real(integration))

    assert widget == profile
    assert widget.status == 503
    assert re.search("no Tradervue user name", str(widget.body["detail"]))


def test_sync_tells_the_outcome_in_words_and_numbers(
    integration: FakeIntegration,
) -> None:
    """Exactly as Argo's document has it."""
    assert body_of(handlers.sync(as_real(integration), days=7)) == {
        "status": "success",
        "message": "Sync completed: 45 synced, 2 failed, 3 skipped",
        "stats": {"synced": 45, "failed": 2, "skipped": 3},
        "period_days": 7,
    }
    assert integration.asked == [("synchronize", 7)]


def test_sync_tells_what_is_still_under_way(integration: FakeIntegration) -> None:
    """A sync that ran out of time does not pretend to be complete."""
    integration.stats = SyncStats(synced=1, pending=9)

    body = body_of(handlers.sync(as_real(integration), days=30))

    assert body["status"] == "pending"
    assert body["stats"] == {"synced": 1, "failed": 0, "skipped": 0, "pending": 9}
    assert body["message"] == "Sync goes on: 1 synced, 0 failed, 0 skipped, 9 pending"


def test_sync_tells_what_was_there_before(integration: FakeIntegration) -> None:
    """Argo's own ``skipped`` includes it."""
    integration.stats = SyncStats(skipped=2, unchanged=5)

    body = body_of(handlers.sync(as_real(integration), days=30))

    assert body["status"] == "success"
    assert body["stats"] == {"synced": 0, "failed": 0, "skipped": 7, "unchanged": 5}
    words = "Sync completed: 0 synced, 0 failed, 7 skipped, 5 unchanged"
    assert body["message"] == words


def test_status_tells_who_and_how_it_goes(plugin: FakePlugin) -> None:
    """The front end shows its badge from ``enabled``."""
    assert body_of(handlers.status(plugin)) == {
        "status": "enabled",
        "enabled": True,
        "username": "some one/else",
        "profile_url": "https://tradervue.example/profile/me",
        "health": {"queue_depth": 0, "last_error": None},
    }


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("plugins.tradervue.enabled is false",) * 2,
        ("one\nline", "one line"),
        (None, "the plugin is not enabled"),
    ],
    ids=["said", "in two lines", "not said"],
)
def test_status_tells_why_it_is_disabled(reason: str | None, told: str) -> None:
    """Not enabled is an answer, not an error, and it always has a reason."""
    assert body_of(handlers.status(FakePlugin(None, reason))) == {
        "status": "disabled",
        "enabled": False,
        "username": None,
        "profile_url": None,
        "reason": told,
    }


def test_a_reason_with_many_settings_is_told_whole() -> None:
    """All that is wrong with a config is told at once."""
    reason = "; ".join(f"plugins.tradervue.key{n} is not a setting" for n in range(60))

    assert body_of(handlers.status(FakePlugin(None, reason)))["reason"] == reason


def test_without_a_login_it_is_disabled_with_the_reason_and_its_health(
    integration: FakeIntegration, plugin: FakePlugin
) -> None:
    """Recording goes on, so that there is something to see; no badge is drawn."""
    integration.lacking = "no password\nfor Tradervue"

    assert body_of(handlers.status(plugin)) == {
        "status": "disabled",
        "enabled": False,
        "username": "some one/else",
        "profile_url": None,
        "reason": "no password for Tradervue",
        "health": {"queue_depth": 0, "last_error": None},
    }


@pytest.mark.parametrize(
    "route", [r for r in routes_for(FakePlugin(None)) if r.needs_enabled], ids=str
)
def test_without_a_login_every_other_route_is_not_configured(
    integration: FakeIntegration, plugin: FakePlugin, route: Route
) -> None:
    """In Argo's own words, which its front end reads; nothing is asked for."""
    integration.lacking = "no password"
    [same] = [r for r in routes_for(plugin) if r.name == route.name]
    answer = same.handler(**{query.name: query.default for query in same.query})

    assert answer == Answer(503, {"detail": "Tradervue integration not enabled"})
    assert integration.asked == []


@pytest.mark.swallows
def test_status_answers_when_health_cannot_be_told(
    integration: FakeIntegration, plugin: FakePlugin, swallowed: list[Exception]
) -> None:
    """A full disk is when people look at the status."""
    integration.told = {}
    integration.login = None
    integration.health = lambda: (_ for _ in ()).throw(OutboxError("disk is full"))  # type: ignore[method-assign]

    body = body_of(handlers.status(plugin))

    assert body["enabled"] is True
    assert "outbox" in str(body["health"])
    assert [str(error) for error in swallowed] == ["disk is full"]


def test_the_integration_of_the_moment_answers(integration: FakeIntegration) -> None:
    """The host may start after its routes were mounted, and stops before they go."""
    plugin = FakePlugin(None)
    handler = handlers.when_enabled(plugin, handlers.profile_url)

    before = handler()
    plugin.integration = integration
    during = handler()
    plugin.integration = None
    after = handler()

    assert [each.status for each in (before, during, after)] == [503, 200, 503]
    assert before.body == {"detail": "Tradervue integration not enabled"}


def test_the_real_clock_is_aware() -> None:
    """A naive one would be taken for the machine's own zone."""
    assert handlers.utc_now().utcoffset() is not None

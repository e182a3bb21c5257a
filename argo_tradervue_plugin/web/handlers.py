"""
What the routes answer; plain functions of an integration and the query's values.

Each may raise whatever the integration's calls do.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.model.times import new_york_day
from argo_tradervue_plugin.web.failures import (
    NO_LOGIN,
    NO_METRICS,
    NOT_ENABLED,
    explained,
)
from argo_tradervue_plugin.web.interface import Answer
from argo_tradervue_plugin.web.schemas import CARDS

if TYPE_CHECKING:
    from argo_tradervue_plugin.services.integration import TradervueIntegration

__all__ = [
    "Clock",
    "Plugin",
    "allowed_hosts",
    "metrics",
    "profile_url",
    "reconciliation",
    "status",
    "sync",
    "utc_now",
    "when_enabled",
    "widget_url",
]

Clock = Callable[[], datetime]

# Room for a config in which everything is wrong: all of it is said at once.
LONGEST_REASON: Final = 4000
UNKNOWN: Final = "the plugin is not enabled"


class Plugin(Protocol):
    """Where the integration comes from; it comes and goes with the host."""

    @property
    def integration(self) -> "TradervueIntegration | None":
        """Return the integration, None while the plugin is not enabled."""

    @property
    def reason(self) -> str | None:
        """Return in words why the plugin is not enabled."""


def utc_now() -> datetime:
    """Return the time, aware, UTC."""
    return datetime.now(UTC)


def when_enabled(
    plugin: Plugin, handle: Callable[..., Answer]
) -> Callable[..., Answer]:
    """
    Return a handler that calls *handle* with the integration of the moment.

    Without one, or without a login, it answers 503. It asks at every request: the host
    may start after its routes were mounted, and stops before they are gone.
    """

    def handler(**values: object) -> Answer:
        integration = plugin.integration
        if integration is None or integration.disabled_because() is not None:
            return NOT_ENABLED
        return handle(integration, **values)

    return handler


def allowed_hosts(plugin: Plugin) -> Collection[str]:
    """Return the names by which the host may be asked to change something."""
    integration = plugin.integration
    return () if integration is None else integration.settings.allowed_hosts


def metrics(
    integration: "TradervueIntegration", *, days: int, clock: Clock = utc_now
) -> Answer:
    """
    Answer with the figures of the last *days* days.

    Days are those of New York, where Tradervue's are. The period ends with today and
    begins *days* days before: ``days=1`` is yesterday and today, as far as it has come.
    Where its own figures cannot be had, they are the last of a period of that length.
    """
    end = new_york_day(clock())
    start = end - timedelta(days=days)
    figures = integration.performance(start, end)
    if figures is None:
        return NO_METRICS
    # The front end breaks on null, so an undefined figure of its six is left out.
    others = {k: v for k, v in figures.as_json().items() if k not in CARDS}
    body = {
        "status": "success",
        "period": {
            "start_date": figures.start.isoformat(),
            "end_date": figures.end.isoformat(),
            "days": days,
        },
        "as_of": figures.as_of,
        "is_current": figures.is_current,
        "metrics": {**figures.front_end(), **others},
    }
    if figures.trouble is not None:
        body["trouble"] = figures.trouble
    return Answer(200, body)


def widget_url(
    integration: "TradervueIntegration", *, widget_type: str, width: int, height: int
) -> Answer:
    """Answer with the address of a widget, for an iframe."""
    url = integration.widget_url(widget_type, width, height)
    if url is None:
        return NO_LOGIN
    return Answer(
        200,
        {
            "status": "success",
            "widget_url": url,
            "widget_type": widget_type,
            "width": width,
            "height": height,
        },
    )


def profile_url(integration: "TradervueIntegration") -> Answer:
    """Answer with the address of the public profile, for a link."""
    url = integration.profile_url()
    if url is None:
        return NO_LOGIN
    return Answer(200, {"status": "success", "profile_url": url})


def sync(integration: "TradervueIntegration", *, days: int) -> Answer:
    """
    Send what the journal lacks, and answer with what came of it.

    ``success`` where nothing is under way any more, ``pending`` where it goes on behind
    the answer; what failed is counted, in words too.
    """
    done = integration.synchronize(days)
    stats = done.as_argo_has_it()
    more = {"unchanged": done.unchanged, "pending": done.pending}
    stats |= {what: count for what, count in more.items() if count > 0}
    words = ", ".join(f"{count} {what}" for what, count in stats.items())
    is_pending = done.pending > 0
    return Answer(
        200,
        {
            "status": "pending" if is_pending else "success",
            "message": f"Sync {'goes on' if is_pending else 'completed'}: {words}",
            "stats": stats,
            "period_days": days,
        },
    )


def reconciliation(integration: "TradervueIntegration", *, days: int) -> Answer:
    """Answer with how the journal differs from what the host did; changes nothing."""
    report = integration.reconcile(days).as_json()
    return Answer(
        200, {"status": "success", "period_days": days, "reconciliation": report}
    )


def status(plugin: Plugin) -> Answer:
    """
    Answer with the truth, and with 200 whatever it is: this is where people look.

    Where the health cannot be read, ``problem`` in it says why.
    """
    integration = plugin.integration
    if integration is None:
        return Answer(
            200,
            {
                "status": "disabled",
                "enabled": False,
                "username": None,
                "profile_url": None,
                "reason": one_line(plugin.reason or UNKNOWN, LONGEST_REASON),
            },
        )
    body: dict[str, object] = {
        "status": "enabled",
        "enabled": True,
        "username": None,
        "profile_url": None,
    }
    try:
        reason = integration.disabled_because()
        if reason is not None:
            body |= {"status": "disabled", "enabled": False}
            body["reason"] = one_line(reason, LONGEST_REASON)
        body["username"] = integration.username()
        body["profile_url"] = integration.profile_url()
        body["health"] = dict(integration.health())
    except Exception as error:  # noqa: BLE001 - a full disk is when people look here
        body["health"] = {"problem": explained("status", error).body["detail"]}
    return Answer(200, body)

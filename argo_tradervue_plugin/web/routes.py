"""
The routes that Argo promises its users, as a table.

Source: Argo's API document and the calls of its front end.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from argo_tradervue_plugin.services.compat import DEFAULT_DAYS, WIDGETS
from argo_tradervue_plugin.web import handlers, schemas
from argo_tradervue_plugin.web.handlers import Clock, Plugin, utc_now, when_enabled
from argo_tradervue_plugin.web.interface import (
    ChoiceQuery,
    Documented,
    IntQuery,
    Route,
)

__all__ = ["PREFIX", "TAG", "table"]

PREFIX: Final = "/api/v1/tradervue"
TAG: Final = "tradervue"


def answers(success: Documented, *troubles: int) -> Mapping[int, Documented]:
    """Return what a route can answer: *success*, and the statuses *troubles*."""
    return {200: success, **{status: schemas.TROUBLES[status] for status in troubles}}


def days(description: str) -> IntQuery:
    """Return the parameter ``days``."""
    return IntQuery(
        name="days", default=DEFAULT_DAYS, low=1, high=365, description=description
    )


def table(plugin: Plugin, *, clock: Clock = utc_now) -> tuple[Route, ...]:
    """
    Return the routes of *plugin*, whether it is enabled or not.

    *clock* tells the time, aware, for the period of the metrics.
    """
    return (
        Route(
            method="GET",
            path=f"{PREFIX}/metrics",
            name="metrics",
            tag=TAG,
            handler=when_enabled(plugin, partial(handlers.metrics, clock=clock)),
            responses=answers(schemas.METRICS, 422, 500, 502, 503, 504),
            query=(days("How far the period reaches back from today (New York)"),),
            summary="Performance metrics",
            description="Figures of the closed trades that were opened in the period, "
            "computed from the journal at Tradervue.",
            may_wait=True,
        ),
        Route(
            method="GET",
            path=f"{PREFIX}/widget-url",
            name="widget_url",
            tag=TAG,
            handler=when_enabled(plugin, handlers.widget_url),
            responses=answers(schemas.WIDGET_URL, 422, 500, 503),
            query=(
                ChoiceQuery(
                    name="widget_type",
                    default=WIDGETS[0],
                    choices=WIDGETS,
                    description="What the widget shows",
                ),
                IntQuery(
                    name="width",
                    default=600,
                    low=100,
                    high=1200,
                    description="Width in pixels",
                ),
                IntQuery(
                    name="height",
                    default=400,
                    low=100,
                    high=800,
                    description="Height in pixels",
                ),
            ),
            summary="Address of a widget",
            description="For an iframe.",
        ),
        Route(
            method="GET",
            path=f"{PREFIX}/profile-url",
            name="profile_url",
            tag=TAG,
            handler=when_enabled(plugin, handlers.profile_url),
            responses=answers(schemas.PROFILE_URL, 500, 503),
            summary="Address of the profile",
            description="For a link.",
        ),
        Route(
            method="POST",
            path=f"{PREFIX}/sync",
            name="sync",
            tag=TAG,
            handler=when_enabled(plugin, handlers.sync),
            responses=answers(schemas.SYNC, 403, 422, 500, 502, 503, 504),
            query=(days("How far to look back among the host's trades"),),
            summary="Synchronize now",
            description="Send what the journal lacks of the host's trades, and wait "
            "for it, up to the configured time.",
            changes_state=True,
            hosts=partial(handlers.allowed_hosts, plugin),
            may_wait=True,
        ),
        Route(
            method="GET",
            path=f"{PREFIX}/reconciliation",
            name="reconciliation",
            tag=TAG,
            handler=when_enabled(plugin, handlers.reconciliation),
            responses=answers(schemas.RECONCILIATION, 422, 500, 502, 503, 504),
            query=(days("How far back trades are compared, by their day of entry"),),
            summary="Host and journal side by side",
            description="What is the same, what differs and what is on one side only, "
            "trade by trade, with the totals of both. Changes nothing.",
            may_wait=True,
        ),
        Route(
            method="GET",
            path=f"{PREFIX}/status",
            name="status",
            tag=TAG,
            handler=partial(handlers.status, plugin),
            responses=answers(schemas.STATUS, 500),
            summary="Status of the integration",
            description="Whether it is enabled, why not, and how the forwarding goes.",
            needs_enabled=False,
        ),
    )

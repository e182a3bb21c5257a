"""The host's own router: every handler calls the integration on the event loop."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query

from tests.published.fetched import tradervue

__all__ = ["router"]

router = APIRouter(prefix="/api/v1/tradervue")
Days = Annotated[int, Query(ge=1, le=365)]


def see_enabled() -> None:
    """Refuse what a host without Tradervue cannot answer."""
    if not tradervue.client.enabled:
        raise HTTPException(503, "Tradervue integration not enabled")


@router.get("/status")
async def status() -> dict[str, Any]:
    """Say who forwards."""
    client = tradervue.client
    return {
        "status": "enabled" if client.enabled else "disabled",
        "enabled": client.enabled,
        "username": client.username,
        "profile_url": client.get_profile_url(),
    }


@router.get("/metrics")
async def metrics(days: Days = 30) -> dict[str, Any]:
    """Return the figures, or that there are none."""
    see_enabled()
    figures = tradervue.get_performance_metrics()
    if figures is None:
        raise HTTPException(404, "no metrics")
    return {"status": "success", "metrics": figures, "period": {"days": days}}


@router.get("/widget-url")
async def widget_url(
    widget_type: Literal["equity", "trades", "performance"] = "equity",
    width: int = 600,
    height: int = 400,
) -> dict[str, Any]:
    """Return an address for an iframe."""
    see_enabled()
    return {"widget_url": tradervue.get_widget_url(widget_type, width, height)}


@router.get("/profile-url")
async def profile_url() -> dict[str, Any]:
    """Return an address for a link."""
    see_enabled()
    return {"profile_url": tradervue.get_profile_url()}


@router.post("/sync")
async def sync(days: Days = 30) -> dict[str, Any]:
    """Sync, and return the three numbers."""
    see_enabled()
    return {"status": "success", "stats": tradervue.sync_recent_trades(days=days)}

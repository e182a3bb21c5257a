"""The host's test script: it tries the integration, and then the routes of a host."""

from typing import Any

import httpx

from tests.published.integrations import get_tradervue_integration

__all__ = ["script"]

KINDS = ("equity", "trades", "performance")


def script(url: str) -> dict[str, Any]:
    """Return what the integration of this process and the host at *url* answer."""
    tradervue = get_tradervue_integration()
    client = tradervue.client
    with httpx.Client(base_url=f"{url}/api/v1/tradervue", timeout=60) as http:
        return {
            "tracker": tradervue.tracker,
            "enabled": client.enabled,
            "username": client.username,
            "synced": tradervue.sync_recent_trades(days=7),
            "widgets": [client.get_widget_url(kind, 600, 400) for kind in KINDS],
            "profile": client.get_profile_url(),
            "routes": [
                http.get("/status").status_code,
                http.get("/metrics", params={"days": 30}).status_code,
                http.get("/widget-url", params={"widget_type": "equity"}).status_code,
                http.get("/profile-url").status_code,
                http.post("/sync", params={"days": 7}).status_code,
            ],
        }

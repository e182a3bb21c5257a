"""Tradervue's trading day: New York."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

__all__ = ["EASTERN", "new_york_day"]

EASTERN: Final = ZoneInfo("America/New_York")


def new_york_day(moment: datetime) -> date:
    """Return the New York day of an aware time."""
    return moment.astimezone(EASTERN).date()

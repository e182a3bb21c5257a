"""Long or short: what of the API's values a host's start needs."""

from enum import StrEnum

__all__ = ["Side"]


class Side(StrEnum):
    """The direction of a position."""

    LONG = "long"
    SHORT = "short"

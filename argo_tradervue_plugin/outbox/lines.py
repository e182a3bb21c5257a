"""What parts the lines of a spool: each holds an event, and fields of it."""

from typing import Final

__all__ = ["END", "RECORD", "UNIT", "time_of"]

RECORD: Final = "\x1e"  # before an event
UNIT: Final = "\x1f"  # between two of its fields
END: Final = "\n"  # after it
LATEST: Final = 253_402_300_800.0  # the end of the year 9999, and of what dates can say


def time_of(text: str | bytes) -> float:
    """
    Return when an event was recorded, in Unix seconds.

    Raises:
        ValueError: nothing can be recorded then; an infinite number is no JSON either.
    """
    at = float(text)
    if not 0 <= at < LATEST:  # nor is a NaN
        raise ValueError(f"{at} is no time")
    return at

"""What parts the lines of a spool: each holds an event, and fields of it."""

from typing import Final

__all__ = ["END", "RECORD", "UNIT"]

RECORD: Final = "\x1e"  # before an event
UNIT: Final = "\x1f"  # between two of its fields
END: Final = "\n"  # after it

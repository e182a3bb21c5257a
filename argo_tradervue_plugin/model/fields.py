"""
The fields of a host's trade, whatever make it is of.

A trade is an object with attributes or a mapping with keys. This imports nothing of
ours, so that also what runs before the plugin is loaded can use it.
"""

from typing import Any, Final

__all__ = ["field_of", "has_exit"]

# How the texts of None, NaN, NA and NaT read, in any library's words.
ABSENT: Final = frozenset({"", "none", "null", "nan", "nat", "<na>"})


def field_of(trade: Any, name: str) -> object:
    """Return the field *name* of *trade*, None where it has none or cannot say."""
    try:
        if hasattr(type(trade), "keys"):  # asked for nothing that it lacks
            return trade[name] if name in trade.keys() else None  # noqa: SIM118
        return getattr(trade, name, None)
    except Exception:  # noqa: BLE001 - a property of the host's that raises
        return None


def has_exit(trade: object) -> bool:
    """
    Return whether *trade* is closed, which its ``exit_timestamp`` says.

    None, NaN, NA, NaT and a blank text say nothing: that trade is open.
    """
    moment = field_of(trade, "exit_timestamp")
    return str(moment).strip().lower() not in ABSENT

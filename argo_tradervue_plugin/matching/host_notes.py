"""
The notes that old syncs of the host wrote on their basic trades.

A basic trade of theirs is known by its notes alone, so that only notes which are whole
and as they were written count: what a person added makes the trade theirs. A form that
is not known is no such trade.
"""

import re
from typing import Final

__all__ = ["is_of_host", "may_be_of_host"]

BEGIN: Final = ("Alpine Analytics | ", "Exit | Trade ID: ")
# A part that a program writes has a label, and one figure or word: more words are taken
# for a person's.
UNIT: Final = r"(?: (?:hours?|days?|minutes?|shares|contracts|USD))"
VALUE: Final = rf"(?:[-+$\d.,]+%?{UNIT}|[^\s|]+(?: \([^\s|()]+\))?)"
LABEL: Final = r"[A-Z][A-Za-z&/%]*(?: [A-Za-z&/%]+){0,3}: "
CONFIDENCE: Final = r"Alpine Analytics \| \d{1,3}(?:\.\d+)?%"
HASH: Final = r"SHA256: (?:[0-9a-fA-F]{8}|N/A)"
LONG_HASH: Final = r"SHA256: (?:[0-9a-fA-F]{8,64}(?:\.\.\.)?|N/A)"
IDS: Final = r"Trade ID: [^\s|]+ \| Signal ID: [^\s|]*"
FURTHER: Final = rf"(?: \| {LABEL}{VALUE})*"
WHOLE: Final = re.compile(
    "|".join(
        (
            rf"{CONFIDENCE} \| {HASH}",
            rf"{CONFIDENCE} confidence \| {LONG_HASH} \| {IDS}{FURTHER}",
            rf"Exit \| Trade ID: [^\s|]+{FURTHER}",
        )
    )
)


def may_be_of_host(excerpt: str) -> bool:
    """Tell whether notes of which this is the beginning can be an old sync's."""
    return excerpt.startswith(BEGIN)


def is_of_host(notes: str) -> bool:
    """Tell whether *notes* are whole and unchanged those of an old sync of the host."""
    is_cut = notes.endswith("...")  # as a list of trades shows it
    return WHOLE.fullmatch(notes) is not None and not is_cut

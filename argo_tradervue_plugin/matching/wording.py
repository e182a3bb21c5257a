"""
Texts of a host as our notes in the journal hold them: one line, and nothing but text.

The journal may show its notes as Markdown, make links of what looks like an address, or
take markup for markup. Whatever a host has in its fields, none of that comes of it.
"""

import hashlib
import re
from functools import lru_cache
from typing import Final

from argo_tradervue_plugin.errors import one_line

__all__ = ["harmless", "marker", "markers"]

LONGEST_TEXT: Final = 120
LONGEST_ID: Final = 80  # with what is around it within an excerpt of 100
DIGITS: Final = 8  # of the hash of an id that is not itself any more

# Signs that look alike and mean nothing; brackets that are left of a link are none.
SIGNS: Final = str.maketrans("<>[]`", "‹›()'")
ADDRESS: Final = re.compile(r":(?=//)|(?<![^\W_])www(?=\.)", re.IGNORECASE)
# Most texts are words, numbers and times, and harmless as they are.
PLAIN: Final = re.compile(r"(?:\w+|[0-9.:+-]+)(?: (?:\w+|[0-9.:+-]+))*")
NOT_IN_IDS: Final = re.compile(r"[\s\[\]<>`]|://")
NOT_IN_OLD_IDS: Final = re.compile(r"[\s\]\[<>]")


@lru_cache(maxsize=512)  # most are words that every trade has: a regime, a reason
def harmless(text: str) -> str:
    """Return *text* as one line that is neither link nor image nor markup."""
    if len(text) <= LONGEST_TEXT and PLAIN.fullmatch(text):
        return text
    return ADDRESS.sub(r"\g<0> ", one_line(text, LONGEST_TEXT).translate(SIGNS))


@lru_cache(maxsize=512)  # asked for several times while a trade is looked for
def marker(trade_id: str) -> str:
    """
    Return *trade_id* as our markers hold it: no blanks, brackets or markup.

    One that is changed or cut by that carries a hash of the whole, so that no two ids
    have one marker.
    """
    line = one_line(trade_id, LONGEST_ID)
    text = NOT_IN_IDS.sub("_", line)
    if text == trade_id:
        return text
    digest = hashlib.sha256(trade_id.encode(errors="replace")).hexdigest()[:DIGITS]
    return f"{text[: LONGEST_ID - DIGITS - 1]}~{digest}"


@lru_cache(maxsize=512)
def markers(trade_id: str) -> tuple[str, ...]:
    """Return the markers of *trade_id*: that of now, and that of earlier versions."""
    older = NOT_IN_OLD_IDS.sub("_", one_line(trade_id, LONGEST_ID))
    return tuple(dict.fromkeys((marker(trade_id), older)))

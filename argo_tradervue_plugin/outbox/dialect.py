"""
One text of SQL for both engines: as SQLite takes it, and made into PostgreSQL's.

Only how parameters are written differs. Whatever else does has no place in a query
that both engines share.
"""

import re
from functools import lru_cache
from typing import Final

__all__ = ["portable"]

# A text in quotes, a name after one colon (two are a cast), a question mark, a per
# cent sign, which psycopg takes for a parameter of its own.
TOKEN: Final = re.compile(
    r"(?P<quoted>'[^']*')|(?<!:):(?P<name>[a-z_][a-z_0-9]*)|(?P<mark>\?)|(?P<percent>%)"
)


@lru_cache(maxsize=2000)  # the lists of parameters come in many lengths
def portable(sql: str) -> bytes:
    """Return *sql* with its parameters as psycopg expects them."""
    return TOKEN.sub(translated, sql).encode()


def translated(token: re.Match[str]) -> str:
    """Return what stands for one token."""
    if token["quoted"]:
        return token["quoted"].replace("%", "%%")
    if token["name"]:
        return f"%({token['name']})s"
    return "%s" if token["mark"] else "%%"

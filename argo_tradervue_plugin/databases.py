"""What names a database: the path of a file, or the URL of a PostgreSQL."""

import re
from typing import Final
from urllib.parse import unquote

__all__ = ["MASK", "is_url", "without_password"]

SCHEMES: Final = ("postgresql://", "postgres://")
# Parameters of libpq that nobody but it may read.
SECRET: Final = frozenset({"password", "sslpassword", "oauth_client_secret"})
MASK: Final = "***"


def is_url(database: str) -> bool:
    """Tell whether *database* names a PostgreSQL, and no file."""
    return database.lower().startswith(SCHEMES)


def without_password(database: str) -> str:
    """
    Return *database* as it may be shown; a path is returned as it is.

    Where a password was not encoded as it should be, rather more is hidden.
    """
    if not is_url(database):
        return database
    shown = re.sub(r"^(\w+://[^:@/?]*):.*@", rf"\1:{MASK}@", database, flags=re.DOTALL)
    place, mark, query = shown.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")]
    return f"{place}{mark}" + "&".join(
        f"{key}={MASK}" if unquote(key).strip() in SECRET else f"{key}{sign}{value}"
        for key, sign, value in pairs
    )

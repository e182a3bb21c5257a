"""Where an outbox is: the path of a file, or the URL of a PostgreSQL."""

import os
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import unquote

__all__ = ["MASK", "default_database", "is_url", "spool_of", "without_password"]

SCHEMES: Final = ("postgresql://", "postgres://")
# Parameters of libpq that nobody but it may read.
SECRET: Final = frozenset({"password", "sslpassword", "oauth_client_secret"})
MASK: Final = "***"


def default_database(environ: Mapping[str, str] = os.environ) -> str:
    """Return the path of the outbox under the user's state directory (XDG)."""
    return str(state_folder(environ) / "outbox.db")


def spool_of(database: str, environ: Mapping[str, str] = os.environ) -> Path:
    """
    Return the folder in which this machine's hooks write for *database*.

    The same for every process of the user: beside a file, and for a URL under the
    user's state directory, also after the password was changed.
    """
    if not is_url(database):
        return Path(f"{database}-spool").expanduser()
    name = sha256(without_password(database).encode()).hexdigest()[:12]
    return state_folder(environ) / f"spool-{name}"


def state_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder under the user's state directory."""
    state = environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "argo-tradervue"


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

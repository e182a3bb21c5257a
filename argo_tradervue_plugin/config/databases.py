"""What names a database: the path of a file, or the URL of a PostgreSQL."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import unquote

__all__ = [
    "ALLOWED",
    "MASK",
    "Database",
    "absolute",
    "is_misnamed",
    "is_url",
    "meant",
    "place_meant",
    "refusal",
    "shown",
    "spelled_before",
    "without_password",
]

SCHEMES: Final = ("postgresql://", "postgres://")
# SQLAlchemy's name for a driver; it says nothing that we do not know.
WITH_DRIVER: Final = "postgresql+psycopg://"
FILE: Final = "sqlite:///"
# Parameters of libpq that only libpq may read.
SECRET: Final = frozenset(
    {
        "password",
        "sslpassword",
        "oauth_client_secret",
        "scram_client_key",
        "scram_server_key",
    }
)
MASK: Final = "***"
ALLOWED: Final = (
    "a path (one with a colon begins with `./` or `/`), `sqlite:///relative`, "
    "`sqlite:////absolute` or a `postgresql://` URL, without blanks around it"
)

SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# What libpq takes beside a URL; as the name of a file it is a mistake.
PAIR: Final = re.compile(
    r"(^|\s)(host|hostaddr|port|dbname|database|user|username|password|passfile|service"
    r"|sslmode|server|data source|initial catalog|uid|pwd)\s*=",
    re.IGNORECASE,
)

Stands = Callable[[str], object]


class Database(str):
    """What names a database; debuggers and error trackers see it without password."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(shown(self))


def is_url(database: str) -> bool:
    """Tell whether *database* names a PostgreSQL, and no file."""
    return database.lower().startswith(SCHEMES)


def refusal(database: str) -> str | None:
    """Return what is allowed where *database* is neither a path nor a PostgreSQL."""
    if database != database.strip() or not database.isprintable():
        return ALLOWED
    if PAIR.search(database) and not is_url(database):
        return ALLOWED
    spelled = respelled(database)
    if is_url(spelled):
        return None
    is_memory = not spelled or spelled.startswith(":")
    return ALLOWED if is_memory or SCHEME.match(spelled) else None


def respelled(database: str) -> str:
    """Return *database* without what only says how it is spelled."""
    lower = database.lower()
    for scheme in (*SCHEMES, WITH_DRIVER):
        if lower.startswith(scheme):
            return SCHEMES[0] + database[len(scheme) :]
    if lower.startswith(FILE):
        return database[len(FILE) :]
    return database


def is_there(path: str) -> bool:
    """Tell whether an outbox or a spool is at *path*."""
    return os.path.isfile(path) or os.path.isdir(f"{path}-spool")  # noqa: PTH112,PTH113


def is_misnamed(database: str, stands: Stands = is_there) -> bool:
    """
    Tell whether an outbox is at a file whose name is *database* itself.

    Earlier versions took whatever they did not recognise for the name of a file; what
    is there goes on being recorded into. *stands* tells whether an outbox or a spool
    is at a path.
    """
    if is_url(database) or (not refusal(database) and respelled(database) == database):
        return False
    if not database or not stands(absolute(database)):
        return False
    spelled = respelled(database)
    is_moved = not refusal(database) and not is_url(spelled)
    return not (is_moved and stands(absolute(spelled)))


def meant(database: str, stands: Stands = is_there) -> str:
    """Return *database* in the one spelling that is used: a path, or a URL."""
    name = database if is_misnamed(database, stands) else respelled(database)
    return Database(name)


def place_meant(database: str | None) -> str | None:
    """Return what to set in place of a *database* that is misnamed, None if not."""
    if not database or not is_misnamed(database):
        return None
    if refusal(database):
        return f"what is meant ({ALLOWED})"
    spelled = respelled(database)
    if is_url(spelled):
        return "the same URL, beginning with postgresql://"
    return f"the path {absolute(spelled)}"


def spelled_before(url: str) -> str:
    """Return *url* as it may have been spelled when its spool was made."""
    return SCHEMES[1] + url.removeprefix(SCHEMES[0])


def absolute(path: str) -> str:
    """
    Return *path* as it stays when the host goes elsewhere.

    Raises:
        RuntimeError: it begins with ``~``, and there is no such home.
    """
    return str(Path(path).expanduser().absolute())


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
        # In any case: libpq refuses another spelling, and what it holds is a secret.
        f"{key}={MASK}"
        if unquote(key).strip().lower() in SECRET
        else key + sign + value
        for key, sign, value in pairs
    )


def shown(database: str | Path) -> str:
    """
    Return *database*, or the path of a file, as it may be shown.

    The name of a file may hold a password, where it was meant to be something else:
    then it is cut off before the first part of that.
    """
    text = str(database)
    if is_url(text):
        return without_password(text)
    parts = text.split("/")
    for number, part in enumerate(parts):
        if SCHEME.match(part.strip()) or PAIR.search(part):
            return "/".join([*parts[:number], MASK])
    return text

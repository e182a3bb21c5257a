"""
One text of SQL for both engines: as SQLite takes it, and made into PostgreSQL's.

Only how parameters and tables are written differs: those of a server are in a schema,
which their names carry, since nothing may be set for a session. Whatever else differs
has no place in a query that both engines share.
"""

import re
from functools import lru_cache
from typing import Final

from argo_tradervue_plugin.outbox.migrations import POSTGRES

__all__ = ["portable"]

TABLES: Final = frozenset(
    name for script in POSTGRES for name in re.findall(r"CREATE TABLE (\w+)", script)
) | {"schema_version"}
# A text in quotes, a name after one colon (two are a cast), a question mark, a per
# cent sign, which psycopg takes for a parameter of its own, and the name of a table.
TOKEN: Final = re.compile(
    r"(?P<quoted>'[^']*')|(?<!:):(?P<name>[a-z_][a-z_0-9]*)|(?P<mark>\?)|(?P<percent>%)"
    r"|(?P<before>\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+)(?P<table>[a-z_]+)\b"
)


@lru_cache(maxsize=2000)  # the lists of parameters come in many lengths
def portable(sql: str, schema: str) -> bytes:
    """Return *sql* with parameters as psycopg expects them, and tables in *schema*."""
    quoted = schema.replace('"', '""').replace("%", "%%")

    def translated(token: re.Match[str]) -> str:
        if token["quoted"]:
            return token["quoted"].replace("%", "%%")
        if token["name"]:
            return f"%({token['name']})s"
        if token["table"]:
            place = f'"{quoted}".' if token["table"] in TABLES else ""
            return f"{token['before']}{place}{token['table']}"
        return "%s" if token["mark"] else "%%"

    return TOKEN.sub(translated, sql).encode()

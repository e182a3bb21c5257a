"""What a host of version 2 left behind: its outbox, its spool, and its journal."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import attrs
import httpx
import psycopg

from argo_tradervue_plugin.config.databases import is_url
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.sandbox import Sandbox

__all__ = ["NOW", "Told", "fill", "journal_as_it_was", "spool_in", "told"]

HERE: Final = Path(__file__).parent
NOW: Final = 1_776_000_000.0  # Unix seconds; some days after the last event


@attrs.frozen
class Told:
    """What a host recorded last of a trade: as it was entered, and as it was left."""

    entry: SimpleNamespace | None = None
    exit: SimpleNamespace | None = None


def told() -> dict[str, Told]:
    """Return what the host recorded, by the names that ``make.py`` gives."""
    found = json.loads((HERE / "trades.json").read_text())
    return {
        name: Told(**{kind: SimpleNamespace(**facts) for kind, facts in each.items()})
        for name, each in found.items()
    }


def fill(database: str) -> None:
    """Make the outbox of version 2 at *database*, a path or a URL."""
    if is_url(database):
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute((HERE / "postgres.sql").read_bytes())
    else:
        with closing(sqlite3.connect(database)) as file:
            file.executescript((HERE / "sqlite.sql").read_text())


def spool_in(folder: Path) -> Spool:
    """Make the spool of version 2 in *folder*."""
    folder.mkdir()
    (folder / "events").write_bytes((HERE / "spool.txt").read_bytes())
    return Spool(folder)


def journal_as_it_was(sandbox: Sandbox) -> None:
    """Make the journal as version 2 left it, by the requests that it made."""
    requests: list[dict[str, Any]] = json.loads((HERE / "journal.json").read_text())
    with httpx.Client(
        base_url=sandbox.url,
        auth=("argo", "sandbox"),
        headers={"user-agent": "Upgrade (https://example.com)"},
        verify=False,  # noqa: S501 - http, and loading the CAs takes its time
    ) as client:
        for each in requests:
            if "assume" in each:
                sandbox.assume(**each["assume"])
            elif "pass_time" in each:
                sandbox.pass_time(each["pass_time"])
            else:
                client.request(each["method"], each["path"], json=each["body"])

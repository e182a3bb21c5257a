"""
Makes what the tests of the upgrade read: what a host of version 2 left behind.

It runs with the code of commit fc0ddb7, the last one with schema version 2, and never
in the suite:

    git worktree add /tmp/version2 fc0ddb7
    cd /tmp/version2
    PYTHONPATH=$PWD python REPOSITORY/tests/outbox/upgrade/make.py

It writes beside itself: ``sqlite.sql`` and ``postgres.sql``, the outbox with work in
every state; ``spool.txt``, the spool that was not drained; ``journal.json``, the
requests that made the journal as it then stood; ``trades.json``, the host's trades.
"""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

import httpx

from argo_tradervue_plugin import quarantine
from argo_tradervue_plugin.credentials import Credentials
from argo_tradervue_plugin.delivery import annotator, importer, linker
from argo_tradervue_plugin.journal.executions import Kind
from argo_tradervue_plugin.outbox.interface import Recorded
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.reconciliation import Reconciler
from argo_tradervue_plugin.sandbox import Sandbox, running
from argo_tradervue_plugin.tradervue.client import TradervueClient
from tests.delivery.stepping import Clock, Forwarder, entered, host_trade
from tests.outbox.server import Server
from tests.outbox.server import running as postgres_running

HERE: Final = Path(__file__).parent
START: Final = 1_772_730_000.0  # Unix seconds: shortly after the trades
DAY: Final = 86_400.0
LOGIN: Final = Credentials(username="argo", password="sandbox")


class Break(BaseException):
    """Stands for a kill in the middle of something."""


class Noted(httpx.HTTPTransport):
    """Notes the requests that change what is at Tradervue."""

    def __init__(self, requests: list[dict[str, Any]]) -> None:
        super().__init__(verify=False)
        self._requests = requests

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and note it."""
        path = request.url.path.partition("/api/v1")[2]
        if request.method != "GET" or path == "/imports":
            body = request.read().decode()
            self._requests.append(
                {
                    "method": request.method,
                    "path": path,
                    "body": json.loads(body) if body else None,
                }
            )
        return super().handle_request(request)


class Old(Forwarder):
    """A forwarder of version 2 whose requests are noted."""

    noted: list[dict[str, Any]]

    def connect(
        self, credentials: Credentials, before: Callable[[], None] | None
    ) -> TradervueClient:
        """Return a client that never sleeps."""
        client = TradervueClient(
            credentials,
            base_url=self.settings.base_url,
            timeout=self.settings.timeout_seconds,
            transport=Noted(self.noted),
            request_interval=0,
            before_attempt=before,
            sleep=lambda _: None,
        )
        self.clients.append(client)
        return client


class Story:
    """What happened to a host of version 2, trade by trade."""

    def __init__(self, sandbox: Sandbox, folder: Path, database: str) -> None:
        self.sandbox = sandbox
        self.requests: list[dict[str, Any]] = []
        self.told: dict[str, dict[str, Any]] = {}
        self.spool = Spool(folder / "spool")
        Old.noted = self.requests
        self.forwarder = self.forwarder_of(folder / "outbox.db", database)
        self.folder = folder

    def forwarder_of(self, path: Path, database: str, **settings: object) -> Old:
        """Return a forwarder of version 2."""
        return Old(
            self.sandbox,
            path,
            outbox=open_outbox(database),
            clock=Clock(START),
            retention_days=30,
            **settings,
        )

    def assume(self, **changes: str) -> None:
        """Switch assumptions, then as now."""
        self.sandbox.assume(**changes)
        self.requests.append({"assume": changes})

    def enter(self, name: str, trade: SimpleNamespace) -> SimpleNamespace:
        """Let the host record an entry."""
        self.told.setdefault(name, {})["entry"] = vars(entered(trade))
        self.forwarder.enter(trade)
        return trade

    def leave(self, name: str, trade: SimpleNamespace) -> SimpleNamespace:
        """Let the host record an exit."""
        self.told.setdefault(name, {})["exit"] = vars(trade)
        self.forwarder.leave(trade)
        return trade

    def both(self, name: str, trade: SimpleNamespace) -> SimpleNamespace:
        """Let the host record a trade from the beginning to the end."""
        self.enter(name, trade)
        return self.leave(name, trade)

    def run(self) -> None:
        """Forward all that can be."""
        assert self.forwarder.run(seconds=10 * DAY), self.forwarder.counts()

    def take_in(self) -> None:
        """Make sense of what is in the inbox, and send nothing."""
        with patch.object(self.forwarder.worker, "_deliver", lambda *_: False):
            while self.forwarder.outbox.inbox(1):
                self.forwarder.step()

    @contextmanager
    def killed_in(self, where: object, name: str) -> Iterator[None]:
        """Step until the worker gets to *name*, and let it die there."""
        forwarder = self.forwarder

        def die(*_: object, **__: object) -> None:
            raise Break

        yield
        with (
            patch.object(where, name, die),
            # Imports that are not settled come first, and notes are written while one
            # runs; here one is made after the other, and everything stays as it is.
            patch.object(forwarder.outbox, "unsettled", list),
            patch.object(annotator, "due_now", lambda _: []),
        ):
            try:
                forwarder.step_until(lambda: False)
            except Break:
                forwarder.succeed()

    # What happened, in its order ----------------------------------------------------

    def tell(self) -> None:
        """Let everything happen."""
        self.was_lost()
        self.long_ago()
        self.went_well()
        self.waits_for_a_person()
        self.is_told_apart()
        self.is_under_way()
        self.waits()
        self.forwarder.close()

    def was_lost(self) -> None:
        """Trades of another outbox, which are known from the journal alone."""
        lost = self.forwarder_of(self.folder / "lost.db", str(self.folder / "lost.db"))
        entry, closed = vars(entered(host_trade(20))), vars(host_trade(20))
        self.told["relinked"] = {"entry": vars(entered(host_trade(19)))}
        self.told["relinked closed"] = {"entry": entry, "exit": closed}
        lost.enter(host_trade(19), host_trade(20))
        lost.leave(host_trade(20))
        assert lost.run()
        lost.close()
        client = self.forwarder.connect(LOGIN, None)
        Reconciler(
            self.forwarder.outbox, self.forwarder.settings, lambda: client, lambda _: []
        ).relink()

    def long_ago(self) -> None:
        """Trades that were finished, and forgotten since."""
        self.both("forgotten", host_trade(1))
        self.both(
            "forgotten short", host_trade(2, signal_type="short", stop_price=None)
        )
        # Two of one id, told apart by their symbols.
        self.both("forgotten twice", host_trade(3))
        self.both("forgotten other", host_trade(3, symbol="OTHER3"))
        self.both("forgotten blanks", host_trade(4, id="  blank 4 "))
        self.run()
        self.forwarder.clock.now += 31 * DAY
        for _ in range(50):
            self.forwarder.step()
        assert self.forwarder.counts() == {"synced": 3}

    def went_well(self) -> None:
        """Trades that stand in the journal as they were recorded."""
        self.both("synced", host_trade(10))
        self.enter("open", host_trade(11))
        self.enter("left in the spool", host_trade(12))
        self.both("twin", host_trade(13, symbol="TWIN"))
        self.both("other twin", host_trade(14, symbol="TWIN"))
        self.both("blanks", host_trade(15, id=" blank 15  "))
        self.both(
            "zoned",
            host_trade(
                16,
                signal_type="LONG",
                entry_timestamp="2026-03-05T09:30:01.250000-05:00",
                exit_timestamp="2026-03-05T16:45:09.750000Z",
            ),
        )
        self.enter("written otherwise", host_trade(17))
        self.both("discarded by nobody", host_trade(18, symbol=" corp18 "))
        self.run()
        # The same trade, as version 2 did not see: it stands there twice.
        left = host_trade(17, entry_timestamp="2026-03-05T14:30:01.250000+00:00")
        self.leave("written otherwise", left)
        self.run()

    def waits_for_a_person(self) -> None:
        """Trades that were refused, deleted, given up, or made no sense."""
        self.enter("no quantity", host_trade(30, quantity="many", filled_qty=None))
        self.both("negative commission", host_trade(31, commission=-0.25))
        self.enter("number for an id", host_trade(32, id=4711))
        self.enter("no id", host_trade(33, id=None))
        self.enter("cancelled", host_trade(34, cancelled=True))
        self.enter("not filled", host_trade(35, filled_qty=0))
        self.enter("a side by its order", host_trade(36, signal_type="buy"))
        deleted = self.enter("deleted", host_trade(37))
        self.enter("given up", host_trade(38, quantity="some", filled_qty=None))
        self.run()
        quarantine.discard(self.forwarder.outbox, host_trade(38).id)
        row = self.forwarder.outbox.of_trade(deleted.id)[0]
        with httpx.Client(
            base_url=self.sandbox.url,
            auth=("argo", "sandbox"),
            transport=Noted(self.requests),
            headers={"user-agent": "Upgrade (https://example.com)"},
        ) as person:
            person.delete(f"/trades/{row.journal_id}").raise_for_status()
        self.leave("deleted", deleted)
        self.run()
        self.assume(fractional_quantities="refused")
        self.both("basic", host_trade(39, filled_qty=0.5))
        self.run()
        self.assume(fractional_quantities="accepted", read_delay_seconds="1000")
        self.both("not shown", host_trade(40))
        self.run()
        assert self.forwarder.counts()["quarantined"] == 9
        self.assume(read_delay_seconds="0")
        self.requests.append({"pass_time": 2000})
        self.sandbox.account("argo")._former = None

    def is_told_apart(self) -> None:
        """Trades of one id that are two."""
        self.both("first of an id", host_trade(50))
        self.both("second of an id", host_trade(50, symbol="OTHER50"))
        self.both("by its time", host_trade(51, signal_id="A"))
        self.both(
            "by a later time",
            host_trade(
                51,
                signal_id="B",
                entry_timestamp="2026-03-05T15:10:00",
                actual_entry_price=101.5,
            ),
        )
        self.run()

    def is_under_way(self) -> None:
        """Trades in the midst of an import, or of what comes after it."""
        self.both("commission is late", host_trade(60, commission=None))
        self.enter("closed while it was away", host_trade(61))
        self.run()
        with self.killed_in(TradervueClient, "create_import"):
            self.both("outcome is unknown", host_trade(66))
        with patch.object(importer, "delay_before", lambda *_, **__: 5 * DAY):
            self.forwarder.step_until(lambda: not self.forwarder.outbox.unsettled())
        self.leave("commission is late", host_trade(60, commission=3.25))
        self.take_in()
        with self.killed_in(annotator, "annotate"):
            self.both("linked", host_trade(62))
        with self.killed_in(linker, "read_back"):
            self.both("imported", host_trade(63))
        with self.killed_in(importer, "settle"):
            self.both("sent", host_trade(64))
        with self.killed_in(TradervueClient, "create_import"):
            self.both("never arrived", host_trade(65))

    def waits(self) -> None:
        """Trades that were recorded, and no more."""
        self.both("recorded", host_trade(70))
        self.enter("left in the inbox", host_trade(71))
        self.enter("closed in part", host_trade(72))
        self.leave(
            "closed in part", host_trade(72, quantity=4, filled_qty=4, commission=None)
        )
        self.leave("closed while it was away", host_trade(61))
        self.both("recorded twin", host_trade(73, symbol="TWIN73"))
        self.both("other recorded twin", host_trade(74, symbol="TWIN73"))
        self.take_in()
        self.leave("left in the inbox", host_trade(71))
        self.enter("in the inbox", host_trade(75))
        self.spool_up("left in the spool", host_trade(12), Kind.EXIT)
        self.spool_up("in the spool", host_trade(76), Kind.ENTRY)
        self.spool_up("synced", host_trade(10), Kind.EXIT)

    def spool_up(self, name: str, trade: SimpleNamespace, kind: Kind) -> None:
        """Let the host record an event that stays in the spool."""
        shown = trade if kind is Kind.EXIT else entered(trade)
        self.told.setdefault(name, {})[str(kind)] = vars(shown)
        self.spool.append(Recorded.of(shown, kind, self.forwarder.clock()))


def imports(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those of *requests* that import something."""
    return [each for each in requests if each.get("path") == "/imports"]


def write(name: str, told: object) -> None:
    """Write a file of JSON."""
    (HERE / name).write_text(json.dumps(told, indent=1) + "\n")


def dumped(path: Path) -> str:
    """Return the SQL that makes a file of SQLite anew."""
    with closing(sqlite3.connect(path)) as file:
        version = file.execute("PRAGMA user_version").fetchone()[0]
        lines = [*file.iterdump(), f"PRAGMA user_version = {version};"]
    return "\n".join(lines) + "\n"


def dumped_from(server: Server, url: str) -> str:
    """Return the SQL that makes the outbox in a database of *server* anew."""
    options = ("--inserts", "--no-owner", "--schema=argo_tradervue")
    done = subprocess.run(
        [server._binaries / "pg_dump", *options, url],
        check=True,
        capture_output=True,
        text=True,
        cwd=server.folder,
    )
    lines = done.stdout.splitlines()
    kept = [
        line for line in lines if line and not line.startswith(("--", "\\", "SET "))
    ]
    return "\n".join(kept) + "\n"


def main() -> None:
    """Tell the story on both engines, and write what is left."""
    with running(import_seconds=0) as sandbox, TemporaryDirectory() as name:
        folder = Path(name)
        story = Story(sandbox, folder, str(folder / "outbox.db"))
        story.tell()
        (HERE / "sqlite.sql").write_text(dumped(folder / "outbox.db"))
        shutil.copyfile(folder / "spool" / "events", HERE / "spool.txt")
        write("journal.json", story.requests)
        write("trades.json", story.told)
    with (
        running(import_seconds=0) as sandbox,
        TemporaryDirectory() as name,
        postgres_running() as server,
        server.database() as url,
    ):
        other = Story(sandbox, Path(name), url)
        other.tell()
        (HERE / "postgres.sql").write_text(dumped_from(server, url))
        # Notes of one moment are written in any order.
        assert imports(other.requests) == imports(story.requests)


if __name__ == "__main__":
    main()

"""
What a person asks for who wants a trade replaced in the journal.

Asked for here, carried out by whoever forwards (see :mod:`~.delivery.resend`): also
after the process that asked has ended.
"""

import os
import re
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from argo_tradervue_plugin.config import files
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.lane import Context
from argo_tradervue_plugin.delivery.resend import Kept
from argo_tradervue_plugin.delivery.survey import Survey, survey
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.model.identity import canonical_id
from argo_tradervue_plugin.model.records import stored_id
from argo_tradervue_plugin.outbox.records import ResendStage
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Progress", "Resends", "pending", "progress"]

LONGEST_NAME: Final = 80  # characters of a trade's id in the name of a file


@attrs.frozen(kw_only=True)
class Progress:
    """
    How far a resend is.

    *step* says in a word or two what was done last, *reason* is a stored one.
    *is_over*: nothing more happens by itself; *is_done*: and it is as it should be.
    """

    step: str
    is_over: bool = False
    is_done: bool = False
    reason: str | None = None


def progress(outbox: Outbox, trade_id: str) -> Progress:
    """Return how far the resend of a trade is."""
    resend = outbox.resend_of(trade_id)
    if resend is None:
        return Progress(step="sent again", is_over=True, is_done=True)
    if resend.stage is ResendStage.REFUSED:
        return Progress(step="refused", is_over=True, reason=resend.reason)
    rows = outbox.of_trade(trade_id)
    states = [row.state for row in rows]
    why = resend.reason or next((row.reason for row in rows if row.reason), None)
    parts = (f"{row.kind} {row.state}" for row in rows)
    is_sent = resend.stage is ResendStage.SENT
    step = ", ".join((str(resend.stage), *(parts if is_sent else ())))
    is_open = resend.stage is not ResendStage.SENT or not states
    if is_open or any(state.is_pending for state in states):
        return Progress(step=step, reason=why)
    if any(state.is_parked for state in states):
        return Progress(step="waits for a person", is_over=True, reason=why)
    return Progress(step="deleted", is_over=True, is_done=True, reason=why)


def pending(outbox: Outbox, most: int) -> dict[str, Progress]:
    """Return how far the resends are that are not at their end, by trade."""
    found = {r.trade_id: progress(outbox, r.trade_id) for r in outbox.resends(most)}
    return {trade_id: now for trade_id, now in found.items() if not now.is_over}


class Resends:
    """
    Looks, saves and asks, for any thread; *client* returns the client to read with.
    """

    def __init__(
        self,
        outbox: Outbox,
        settings: Settings,
        client: Callable[[], "TradervueClient"],
    ) -> None:
        self._outbox = outbox
        self._settings = settings
        self._client = client

    def trades_of(self, given: str) -> list[str]:
        """Return the trades that a person means by an id; several had the same one."""
        if self._outbox.record_of(given) is not None:
            return [given]
        host_id = stored_id(canonical_id(given) or given)
        known = self._outbox.records_of([host_id]).get(host_id, [])
        return [record.trade_id for record, _ in known]

    def survey(self, trade_id: str, *, drops_comments: bool = False) -> Survey:
        """
        Say what would be replaced and by what, or why it is not; changes nothing.

        Raises:
            ApiError: where the journal could not be read.
        """
        context = Context(outbox=self._outbox, settings=self._settings)
        return survey(context, self._client(), trade_id, drops_comments=drops_comments)

    def save(self, trade_id: str, journal_ids: Iterable[int]) -> Path:
        """
        Save journal trades as far as the API gives them; return the file.

        Raises:
            ApiError: where the journal could not be read.
            OutboxError: where the file could not be written.
        """
        client = self._client()
        copies = [
            {
                "trade": client.copy_of(journal_id, "trade"),
                "executions": client.copy_of(journal_id, "executions"),
                "comments": client.copy_of(journal_id, "comments"),
            }
            for journal_id in journal_ids
        ]
        now = datetime.now(UTC)
        head = dumps({"trade": trade_id, "saved_at": now.isoformat()})
        # Each document as it came: no digit is lost, nor a member that we do not know.
        trades = ",\n".join(
            "{" + ",\n ".join(f"{dumps(k)}: {v}" for k, v in copy.items()) + "}"
            for copy in copies
        )
        text = f'{head[:-1]}, "journal_trades": [\n{trades}\n]}}\n'
        name = re.sub(r"[^A-Za-z0-9._-]", "_", trade_id)[:LONGEST_NAME]
        path = self.folder() / f"resend-{name}-{now:%Y%m%dT%H%M%S%fZ}.json"
        try:
            write_new(path, text.encode())
        except OSError as error:
            raise OutboxError(f"{path} cannot be written: {error}") from error
        return path

    def folder(self) -> Path:
        """Return where files are saved: beside the outbox, or beside its spool."""
        engine = self._outbox.engine
        if isinstance(engine, Sqlite):
            return engine.path.parent
        return Locations.of(self._settings).spools.parent

    def ask(
        self, trade_id: str, journal_ids: Iterable[int], *, drops_comments: bool = False
    ) -> None:
        """
        Ask for a trade to be replaced by whoever forwards, now or at the next start.

        Only *journal_ids*, which were saved, are deleted for it.

        Raises:
            OutboxError: it could not be noted; nothing happens then.
        """
        kept = Kept(ids=tuple(journal_ids)).as_text()
        with self._outbox.maintain() as writer:
            writer.ask_resend(
                trade_id, drops_comments=drops_comments, now=time.time(), kept=kept
            )

    def is_open(self, trade_id: str) -> bool:
        """Return whether a trade is being replaced, by an earlier request."""
        known = self._outbox.resend_of(trade_id)
        return known is not None and not self.progress(trade_id).is_over

    def progress(self, trade_id: str) -> Progress:
        """Return how far it is."""
        return progress(self._outbox, trade_id)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that was not there, for whom its folder is meant, to stay."""
    files.make_folder(path.parent, is_ours=False)
    with os.fdopen(files.make_file(path), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

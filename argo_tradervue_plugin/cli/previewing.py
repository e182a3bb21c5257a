"""``preview`` and ``sync --dry-run``: what would happen, without doing it."""

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import attrs

from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.planner import make_sense
from argo_tradervue_plugin.journal.executions import Kind
from argo_tradervue_plugin.journal.trades import capture, identity_of
from argo_tradervue_plugin.outbox.interface import Row, State, outcome_of
from argo_tradervue_plugin.outbox.sqlite import SqliteOutbox
from argo_tradervue_plugin.settings import Settings

__all__ = ["Preview", "preview"]

EVENTS_AT_ONCE = 1000


@attrs.frozen(kw_only=True)
class Preview:
    """
    What would be sent for some trades into an empty outbox.

    *account_tags* counts journal trades by account tag, *left_out* gives for each
    trade that would not be sent why. *requests* is about how many calls it takes.
    """

    trades: int
    journal_trades: int
    executions: int
    imports: int
    account_tags: dict[str, int]
    left_out: dict[str, str]
    requests: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the same as JSON has it."""
        return attrs.asdict(self)


def preview(trades: Iterable[Any], settings: Settings) -> Preview:
    """Plan *trades* in an outbox that is thrown away; nothing is sent."""
    with tempfile.TemporaryDirectory() as folder:
        outbox = SqliteOutbox(Path(folder) / "preview.db")
        try:
            return planned(list(trades), settings, outbox)
        finally:
            outbox.close()


def planned(trades: list[Any], settings: Settings, outbox: SqliteOutbox) -> Preview:
    """Plan in *outbox*, and pretend that every import succeeds."""
    ids = []
    for trade in trades:
        trade_id, identity = identity_of(trade)
        ids.append(trade_id)
        kinds = [Kind.ENTRY]
        if getattr(trade, "exit_timestamp", None) is not None:
            kinds.append(Kind.EXIT)
        for kind in kinds:
            outbox.record(trade_id, kind, identity, capture(trade), time.time())
    lane = lane_of(outbox, settings)
    while events := outbox.inbox(EVENTS_AT_ONCE):
        make_sense(lane, events)
    imports, sent = 0, list[Row]()
    while rows := outbox.due(time.time(), settings.import_size):
        imports += 1
        sent += rows
        with lane.write() as writer:
            for row in rows:
                writer.link(row.trade_id, row.kind, row.seq, now=time.time())
                writer.annotated(row.trade_id, now=time.time())
    tags = Counter(r.account_tag or "(none)" for r in sent if r.kind is Kind.ENTRY)
    requests = imports * 3 + len(sent) // 50 + sum(tags.values())
    pace = settings.request_interval_seconds
    pace = (0.0 if settings.is_local else 0.5) if pace is None else pace
    return Preview(
        trades=len(trades),
        journal_trades=sum(tags.values()),
        executions=len(sent),
        imports=imports,
        account_tags=dict(sorted(tags.items())),
        left_out=left_out(outbox, ids),
        requests=requests,
        seconds=requests * pace,
    )


def left_out(outbox: SqliteOutbox, ids: Iterable[str]) -> dict[str, str]:
    """Return why trades would not be sent, or not whole."""
    found = {}
    for trade_id, states in outbox.states_of(ids).items():
        if outcome_of(states.values()) != "verified":
            steps = outbox.history(trade_id)
            parked = [s for s in steps if s.state in (State.SKIPPED, State.QUARANTINED)]
            found[trade_id] = f"{parked[-1].state}: {parked[-1].detail}"
    return found


def lane_of(outbox: SqliteOutbox, settings: Settings) -> Lane:
    """Return a lane that plans and never sends."""
    now = time.time()
    lease = outbox.claim("preview", now=now, ttl=3600, is_gone=lambda _: True)
    if lease is None:
        raise AssertionError("nobody else knows of this outbox")
    return Lane(
        outbox=outbox,
        settings=settings,
        lease=lease,
        connect=not_connected,
        stopping=threading.Event(),
    )


def not_connected() -> NoReturn:
    """Refuse to connect."""
    raise AssertionError("a preview sends nothing")

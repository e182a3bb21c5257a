"""``preview`` and ``sync --dry-run``: what would happen, without doing it."""

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import attrs
import click

from argo_tradervue_plugin.cli.finding import NotFound, find
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.importer import batch_of
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.planner import plan_events
from argo_tradervue_plugin.delivery.recognition import (
    HostObject,
    lacking,
    recognised,
)
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.reasons import code_of, sentence
from argo_tradervue_plugin.outbox.records import (
    ASIDE,
    Recorded,
    Row,
    State,
    outcome_of,
)
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.sqlite_files import copy
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.process.logs import unlogged

__all__ = ["Preview", "preview"]

FAR: Final = 9e14  # Unix seconds; by then everything is due
MOST_WAITING: Final = 10_000  # imports that the journal does not show yet
EVENTS_AT_ONCE: Final = 1000


@attrs.frozen(kw_only=True)
class Preview:
    """
    What a sync of some trades would send, as far as the outbox knows.

    *known* trades need nothing. *journal_trades* would be made, *account_tags* counts
    them by account tag; without account tags Tradervue may make fewer of them.
    *left_out* gives for each trade that would not be sent, or not whole, why.
    *sends* are the executions, import by import. *requests* is about how many calls
    it takes.
    """

    trades: int
    known: int
    journal_trades: int
    executions: int
    imports: int
    account_tags: dict[str, int]
    left_out: dict[str, str]
    sends: list[dict[str, Any]]
    requests: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the same as JSON has it."""
        return attrs.asdict(self)


def preview(trades: Iterable[Any], settings: Settings) -> Preview:
    """
    Plan *trades* in a copy of the outbox that is thrown away; nothing is sent.

    Raises:
        OutboxError: where there is an outbox, and it cannot be read, or is no file.
    """
    standing: Path | None = None
    try:
        standing = find(settings).path
    except NotFound as error:
        click.echo(f"{error}: as if nothing were sent", err=True)
    else:
        if standing is None:
            raise OutboxError(
                "a preview works on a copy of the outbox, which it can only make of a "
                "file"
            )
    # First: what moves meanwhile is then seen twice, and never overlooked.
    locations = Locations.of(settings)
    spools = [locations.spool]
    if standing is not None and (first := locations.first_spool(standing)):
        spools.append(first)
    waiting = [event for folder in spools for event in Spool(folder).waiting()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "preview.db"
        if standing is not None:
            copy(standing, path)
        outbox = Outbox(Sqlite(path))
        try:
            outbox.take_over(waiting)
            with unlogged:
                return planned(list(trades), settings, outbox)
        finally:
            outbox.close()


def planned(trades: list[Any], settings: Settings, outbox: Outbox) -> Preview:
    """Plan in *outbox*, and pretend that every import succeeds."""
    objects = recognised(outbox, settings, trades)
    ids = list(dict.fromkeys(one.trade_id for one in objects))
    before = outbox.states_of(ids)
    lane = lane_of(outbox, settings)
    under_way = [*outbox.unsettled(), *outbox.waiting_imports(FAR, MOST_WAITING)]
    known = [row for each in under_way for row in outbox.of_import(each.id)]
    arrive(lane, [row for row in known if row.state.is_under_way])
    for one, kind in lacking(objects, before):
        outbox.record(Recorded.of(one.trade, kind, time.time()))
    while events := outbox.inbox(EVENTS_AT_ONCE):
        plan_events(lane, events)
    wanted = set(ids)
    sent: list[list[Row]] = []
    size = settings.import_size
    while due := outbox.due(time.time(), size):
        rows = batch_of(due, size)
        arrive(lane, rows)
        ours = [row for row in rows if row.trade_id in wanted]
        sent += [ours] if ours else []
    sends = [as_sent(row, n) for n, rows in enumerate(sent, 1) for row in rows]
    tags = Counter(s["account_tag"] or "(none)" for s in sends if s["kind"] == "entry")
    requests = len(sent) * 3 + len(sends) // 50 + sum(tags.values())
    pace = settings.request_interval_seconds
    pace = (0.0 if settings.is_local else 0.5) if pace is None else pace
    return Preview(
        trades=len(trades),
        known=sum(is_known(one, before) for one in objects),
        journal_trades=sum(tags.values()),
        executions=len(sends),
        imports=len(sent),
        account_tags=dict(sorted(tags.items())),
        left_out=left_out(outbox, ids),
        sends=sends,
        requests=requests,
        seconds=requests * pace,
    )


def is_known(one: HostObject, states: Mapping[str, Mapping[Kind, State]]) -> bool:
    """Tell whether nothing of a trade is left to do."""
    known = states.get(one.trade_id, {})
    return all(known.get(kind) is State.SYNCED for kind in one.kinds)


def arrive(lane: Lane, rows: Iterable[Row]) -> None:
    """Pretend that *rows* were read back, with all that follows."""
    with lane.write() as writer:
        for row in rows:
            writer.link(row, row.seq, now=time.time())
            writer.annotated(row.trade_id, now=time.time())


def as_sent(row: Row, number: int) -> dict[str, Any]:
    """Return what would be sent for *row* with import *number*, as JSON has it."""
    if row.execution is None:
        raise AssertionError("what is due was understood")
    return {
        "import": number,
        "account_tag": row.account_tag,
        "trade": row.trade_id,
        "kind": str(row.kind),
        "symbol": row.execution.symbol,
        "quantity": f"{row.execution.quantity:f}",
        "price": f"{row.execution.price:f}",
        "at": row.execution.executed_at.isoformat(),
    }


def left_out(outbox: Outbox, ids: Iterable[str]) -> dict[str, str]:
    """Return why trades would not be sent, or not whole."""
    found = {}
    for trade_id, states in outbox.states_of(ids).items():
        outcome = outcome_of(states.values())
        if outcome != "verified":
            steps = [s for s in outbox.history(trade_id) if s.state in ASIDE]
            # What waits for its entry says less than the entry itself.
            steps.sort(key=lambda step: code_of(step.detail) != "entry_waits")
            detail = sentence(steps[-1].detail) if steps else None
            found[trade_id] = f"{steps[-1].state}: {detail}" if steps else outcome
    return found


def lane_of(outbox: Outbox, settings: Settings) -> Lane:
    """Return a lane that plans and never sends."""
    now = time.time()
    lease = outbox.claim("preview", now=now, ttl=3600, is_gone=lambda _: True)
    if lease is None:
        raise AssertionError("this outbox is our own")
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

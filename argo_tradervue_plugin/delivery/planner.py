"""
From events to executions with a slot: what the worker does before it needs a network.

What an event means and what a record asks for is decided in :mod:`~..planning.plan`;
here both are applied to the outbox.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from argo_tradervue_plugin.delivery.enlisting import Case, apply, sent_for
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.errors import (
    OutboxError,
    Unstorable,
    one_line,
)
from argo_tradervue_plugin.guard import swallow
from argo_tradervue_plugin.model.acceptance import host_digest
from argo_tradervue_plugin.model.executions import EventKind, Kind
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.reasons import reason
from argo_tradervue_plugin.model.records import (
    TradeRecord,
    new_record,
    owner_of,
    stored_id,
    unidentified,
)
from argo_tradervue_plugin.model.symbols import in_journal
from argo_tradervue_plugin.outbox.records import Event, State, Transition
from argo_tradervue_plugin.outbox.writer import Writer
from argo_tradervue_plugin.planning.recording import recorded

__all__ = ["plan_events"]


def plan_events(lane: Lane, events: Iterable[Event]) -> None:
    """Turn *events* into executions that are due, or say why there are none."""
    for piece in lane.pieces(events):
        try:
            with lane.write() as writer:
                consider(lane, writer, piece)
        except OutboxError as error:
            if not isinstance(error, Unstorable):
                raise
            for event in piece:
                consider_alone(lane, event)
        except Exception:  # noqa: BLE001 - the one event that is at fault says so
            for event in piece:
                consider_alone(lane, event)


def consider_alone(lane: Lane, event: Event) -> None:
    """Consider one event; a fault of ours shall not hold up all the others."""
    try:
        with lane.write() as writer:
            consider(lane, writer, [event])
    except Unstorable as error:
        with lane.write() as writer:
            park_alone(lane, writer, event, reason("unstorable", named(event, error)))
    except OutboxError:
        raise
    except Exception as error:  # noqa: BLE001 - kept, and shown to a person
        swallow("plan_events", error)
        with lane.write() as writer:
            park_alone(lane, writer, event, reason("fault", type(error).__name__))


def named(event: Event, error: Unstorable) -> str:
    """Return which trade it is, and what is wrong, as any database can hold it."""
    name = ascii(read(event.payload).id or event.trade_id)
    text = one_line(f"id={one_line(name, 80)}: {error}")
    return text.encode("ascii", "replace").decode()


def park_alone(lane: Lane, writer: Writer, event: Event, why: str) -> None:
    """Quarantine an event by itself, whole; an equal one is the same case."""
    trade_id = unidentified(event.payload)
    known = lane.outbox.record_of(trade_id)
    count = 1 if known is None else known.count + 1
    record = TradeRecord(
        trade_id=trade_id, host_id=trade_id, entry=event.payload, count=count
    )
    kind = Kind.EXIT if event.kind is EventKind.EXIT else Kind.ENTRY
    writer.take_out([event])
    writer.keep(record, now=lane.clock())
    change = Transition(
        state=State.QUARANTINED,
        keys=[(trade_id, kind, 1)],
        reason=reason("no_id", count) if why == "no_id" else why,
        is_news=known is None,
    )
    writer.apply(change, now=lane.clock())


def consider(lane: Lane, writer: Writer, events: Sequence[Event]) -> None:
    """Fold *events* into the records of their trades, and plan each trade once."""
    names = partial(in_journal, names=lane.settings.symbols)
    snapshots = [read(event.payload) for event in events]
    ids = {stored_id(s.id) for s in snapshots if s.id is not None}
    standing = lane.outbox.records_of(ids)
    known = [record for some in standing.values() for record, _ in some]
    rows = lane.outbox.all_of_trades(record.trade_id for record in known)
    finished = {
        r.trade_id for some in standing.values() for r, is_over in some if is_over
    }
    cases: dict[str, Case] = {r.trade_id: Case(r, rows[r.trade_id], r) for r in known}
    by_host: defaultdict[str, list[str]] = defaultdict(list)
    for record in known:
        by_host[record.host_id].append(record.trade_id)
    for event, snapshot in zip(events, snapshots, strict=True):
        if snapshot.id is None:
            fault = snapshot.faults.get("id")
            why = reason("senseless", fault) if fault else "no_id"
            park_alone(lane, writer, event, why)
            continue
        host_id = stored_id(snapshot.id)
        ours = [cases[trade_id].record for trade_id in by_host[host_id]]
        owner = owner_of(event.kind, snapshot, ours, names)
        if owner is None:
            owner = new_record(host_id, snapshot, by_host[host_id])
            by_host[host_id].append(owner.trade_id)
            cases[owner.trade_id] = Case(owner, [], None)
        case = cases[owner.trade_id]
        case.events.append(event)
        if owner.trade_id not in finished:
            fold(lane, case, event)
    writer.take_out(e for case in cases.values() for e in case.events)
    withdraw_changed(lane, writer, cases)
    for case in cases.values():
        if case.events and case.record != case.before:
            writer.keep(case.record, now=case.events[0].recorded_at)
        is_news = case.events and (case.record != case.before or case.exit_fault)
        if is_news and case.record.trade_id not in finished:
            say_unknown(writer, case)
            apply(lane, writer, case)


def withdraw_changed(lane: Lane, writer: Writer, cases: Mapping[str, Case]) -> None:
    """Withdraw what a person has accepted, where the host has recorded it again."""
    known = [trade_id for trade_id, case in cases.items() if case.before is not None]
    for accepted in lane.outbox.acceptances(known) if known else ():
        case = cases[accepted.trade_id or ""]
        if host_digest(case.record) != accepted.host:
            writer.withdraw(accepted)


def fold(lane: Lane, case: Case, event: Event) -> None:
    """Take *event* into the record of its trade."""
    news, fault = recorded(
        case.record,
        event.kind,
        event.payload,
        sent_for(lane, case),
        stops_move=lane.settings.stops_move,
    )
    if fault is not None:
        case.exit_fault = fault
    elif news.exits != case.record.exits:
        case.exit_fault = None
    case.record = news


def say_unknown(writer: Writer, case: Case) -> None:
    """Name the fields of a trade that make no sense, each once."""
    before = case.before.unknown if case.before else ()
    names = [name for name in case.record.unknown if name not in before]
    if names:
        writer.warn(
            "tradervue.unknown trade=%s fields=%s: they make no sense, and are left "
            "out",
            case.record.trade_id,
            ",".join(names),
        )

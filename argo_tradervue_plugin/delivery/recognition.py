"""
Which trade of the outbox a host's object is, and what of it the outbox lacks.

For callers outside the hooks: they ask for a trade that the host holds in its hands.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.model.capture import capture
from argo_tradervue_plugin.model.executions import EventKind, Kind
from argo_tradervue_plugin.model.fields import has_exit
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.records import (
    TradeRecord,
    new_record,
    owner_of,
    stored_id,
    unidentified,
)
from argo_tradervue_plugin.model.snapshot import TradeSnapshot, carries_exit
from argo_tradervue_plugin.model.symbols import in_journal
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.planning.legs import Sent
from argo_tradervue_plugin.planning.recording import recorded

__all__ = ["HostObject", "lacking", "recognised"]


@attrs.frozen(kw_only=True)
class HostObject:
    """
    A host's *trade* as it stands now, and the trade of the outbox that it is.

    *known* is what the outbox has recorded of it, None where that is nothing;
    *is_finished* says that the outbox has forgotten all but that it is finished.
    *record* is what the host has by this object alone.
    """

    trade: object
    payload: str
    trade_id: str
    known: TradeRecord | None = None
    is_finished: bool = False

    @property
    def snapshot(self) -> TradeSnapshot:
        """Return what the object says."""
        return read(self.payload)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Return which legs the trade has by now, the entry first."""
        return tuple(Kind) if has_exit(self.trade) else (Kind.ENTRY,)

    @property
    def record(self) -> TradeRecord:
        """Return the record of the trade as the host has it now."""
        return self.recorded_after(Sent())[0]

    def recorded_after(self, sent: Sent) -> tuple[TradeRecord, TradeError | None]:
        """
        Return the record with the object taken into it, given what was *sent*.

        With it comes what of an exit makes no sense.
        """
        known = self.known
        if known is not None and not self.is_finished:
            return recorded(known, EventKind.CORRECTION, self.payload, sent)
        empty = TradeRecord(trade_id=self.trade_id, host_id=stored_id(self.trade_id))
        kind = EventKind.EXIT if carries_exit(self.snapshot) else EventKind.ENTRY
        return recorded(empty, kind, self.payload, sent)


def recognised(
    outbox: Outbox, settings: Settings, trades: Iterable[object]
) -> list[HostObject]:
    """
    Return what the outbox knows of each of a host's *trades*.

    One that it does not know has the id that it would get.
    """
    payloads = [(trade, capture(trade)) for trade in trades]
    names = partial(in_journal, names=settings.symbols)
    ids = {stored_id(i) for _, payload in payloads if (i := read(payload).id)}
    standing = outbox.records_of(ids)
    finished = {
        r.trade_id for some in standing.values() for r, is_over in some if is_over
    }
    new: dict[str, list[TradeRecord]] = {}
    found = []
    for trade, payload in payloads:
        snapshot = read(payload)
        if snapshot.id is None:
            trade_id = unidentified(payload)
            found.append(HostObject(trade=trade, payload=payload, trade_id=trade_id))
            continue
        host_id = stored_id(snapshot.id)
        known = [record for record, _ in standing.get(host_id, ())]
        others = new.setdefault(host_id, [])
        kind = EventKind.EXIT if carries_exit(snapshot) else EventKind.ENTRY
        owner = owner_of(EventKind.CORRECTION, snapshot, known, names)
        owner = owner or owner_of(kind, snapshot, others, names)
        if owner is None:
            taken = [record.trade_id for record in (*known, *others)]
            owner = new_record(host_id, snapshot, taken)
            others.append(recorded(owner, kind, payload, Sent())[0])
        is_known = any(owner.trade_id == record.trade_id for record in known)
        found.append(
            HostObject(
                trade=trade,
                payload=payload,
                trade_id=owner.trade_id,
                known=owner if is_known else None,
                is_finished=owner.trade_id in finished,
            )
        )
    return found


def lacking(
    objects: Iterable[HostObject], states: Mapping[str, Mapping[Kind, State]]
) -> Iterator[tuple[HostObject, EventKind]]:
    """
    Yield the trades of which the outbox lacks something, with the event that says it.

    An exit says all of a trade that an entry does. By the *states* of their legs it is
    known which events wait to be planned: those are not recorded a second time.
    """
    for one in objects:
        is_closed = Kind.EXIT in one.kinds
        leg = Kind.EXIT if is_closed else Kind.ENTRY
        waits = states.get(one.trade_id, {}).get(leg) is State.NEW
        if one.is_finished or waits:
            continue
        if one.known is None:
            yield one, EventKind.EXIT if is_closed else EventKind.ENTRY
        elif one.payload != (one.known.exit if is_closed else one.known.entry):
            yield one, EventKind.EXIT if is_closed else EventKind.CORRECTION

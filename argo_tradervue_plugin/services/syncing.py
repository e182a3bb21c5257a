"""
What the outbox lacks of some trades of the host, how far they are, and waiting for it.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.worker import Worker
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.outbox.records import EventKind, State, outcome_of
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.process.forking import importing
from argo_tradervue_plugin.services.compat import SyncStats

if TYPE_CHECKING:
    from argo_tradervue_plugin.delivery.recognition import HostObject

__all__ = ["Begun", "Syncing", "Watch", "on_event_loop"]

LOOK: Final = 0.05  # seconds between two looks at how far the worker is
MOMENT: Final = 0.5  # seconds in which a small import is read back where all goes well
TRADES_A_SECOND: Final = 10_000  # that are looked at while the worker works
Watch = Callable[[int, Mapping[str, Mapping[Kind, State]]], None]


@attrs.frozen(kw_only=True)
class Begun:
    """
    A sync that has begun: the trades that it is about, by the legs that they have.

    *sizes* has the number of executions of those that were complete before it.
    """

    unsure: Mapping[str, Collection[Kind]]
    unchanged: int
    sizes: Mapping[str, int]
    is_correcting: bool


# What an outcome of a trade is called in the numbers of a sync.
MEANING: Final = {
    "verified": "synced",
    "basic": "failed",
    "differs": "failed",
    "quarantined": "failed",
    "discarded": "skipped",
    "skipped": "skipped",
    "unchanged": "unchanged",
    "pending": "pending",
}


class Syncing:
    """
    Trades of the host, between the host and the outbox.

    *record* records an event of a trade.
    """

    def __init__(
        self,
        outbox: Outbox,
        settings: Settings,
        record: Callable[[object, EventKind], None],
    ) -> None:
        self._outbox = outbox
        self._settings = settings
        self._record = record

    def record_lacking(self, stored: list[Any]) -> None:
        """Record what a tracker has stored and the outbox lacks."""
        if not stored:
            return
        objects = self.recognised(stored)
        states = self._outbox.states_of({one.trade_id for one in objects})
        events = self._lacking(objects, states)
        for one, kind in events:
            self._record(one.trade, kind)
        missing = sum(len(one.kinds) for one, _ in events if one.known is None)
        if missing:
            log.info("tradervue.caught_up events=%d: the outbox lacked them", missing)

    def recognised(self, trades: Iterable[Any]) -> "list[HostObject]":
        """Return what these trades of the host are to the outbox."""
        with importing:
            from argo_tradervue_plugin.delivery.recognition import recognised
        return recognised(self._outbox, self._settings, trades)

    def _lacking(
        self,
        objects: "Iterable[HostObject]",
        states: Mapping[str, Mapping[Kind, State]],
    ) -> "list[tuple[HostObject, EventKind]]":
        with importing:
            from argo_tradervue_plugin.delivery.recognition import lacking
        return list(lacking(objects, states))

    def begin(self, wanted: Iterable[object]) -> Begun:
        """Record what the outbox lacks of these trades; return how they were before."""
        objects = self.recognised(wanted)
        trades = {one.trade_id: one.kinds for one in objects}
        before = self._outbox.states_of(trades)
        complete = {
            trade_id
            for trade_id, kinds in trades.items()
            if all(before.get(trade_id, {}).get(k) is State.SYNCED for k in kinds)
        }
        changes = self._lacking(objects, before)
        changed = {one.trade_id for one, _ in changes}
        sizes = self._sizes(changed & complete)
        for one, kind in changes:
            self._record(one.trade, kind)
        return Begun(
            unsure={
                trade_id: kinds
                for trade_id, kinds in trades.items()
                if trade_id in changed or trade_id not in complete
            },
            unchanged=len(complete - changed),
            sizes=sizes,
            is_correcting=any(kind is EventKind.CORRECTION for _, kind in changes),
        )

    def _sizes(self, trade_ids: Iterable[str]) -> dict[str, int]:
        """Return how many executions these trades have."""
        return {i: len(rows) for i, rows in self._outbox.of_trades(trade_ids).items()}

    def count(self, begun: Begun) -> SyncStats:
        """Return what came of a sync so far."""
        states = self._outbox.states_of(begun.unsure)
        outcomes = self.differing(begun.unsure)
        sizes = self._sizes(begun.sizes)
        counted = dict.fromkeys(attrs.fields_dict(SyncStats), 0)
        counted["unchanged"] = begun.unchanged
        for trade_id in begun.unsure:
            came_to = outcome_of(states.get(trade_id, {}).values())
            before = begun.sizes.get(trade_id)
            if trade_id in outcomes:
                came_to = "differs"
            elif came_to == "verified" and before is not None:
                came_to = "unchanged" if sizes[trade_id] <= before else "verified"
            counted[MEANING[came_to]] += 1
        return SyncStats(**counted)

    def differing(self, trade_ids: Iterable[str]) -> set[str]:
        """
        Return which of these trades stand otherwise than the host has recorded them.

        Those that a person has accepted as they are do not count.
        """
        found = self._outbox.outcomes_of(trade_ids)
        return {i for i, some in found.items() if any(not o.accepted for o in some)}

    def wait_for(
        self,
        worker: Worker,
        wanted: Mapping[str, Iterable[Kind]],
        patience: float | None = None,
        *,
        is_correcting: bool = False,
        watch: Watch | None = None,
        probe: Callable[[float], None] | None = None,
    ) -> dict[str, dict[Kind, State]]:
        """
        Wait until nothing of these trades is pending, or the time is up.

        That is a fixed time, or with *patience* one that each progress begins again.
        What is not sent in a moment is a reason to *probe*, once, in the seconds that
        are left.
        """
        limit = self._settings.sync_timeout_seconds if patience is None else patience
        begin = time.monotonic()
        deadline = begin + limit
        before: dict[str, dict[Kind, State]] = {}
        worker.wake()
        while True:
            # A correction says nothing of an execution before it is planned.
            waits = is_correcting and self._outbox.counts()[State.NEW] > 0
            states = self._outbox.states_of(wanted)
            if watch is not None:
                watch(len(wanted), states)
            pending = waits or any(
                states.get(trade_id, {}).get(kind, State.NEW).is_pending
                for trade_id, kinds in wanted.items()
                for kind in kinds
            )
            if patience is not None and states != before:
                before, deadline = states, time.monotonic() + patience
            out_of_time = time.monotonic() >= deadline or on_event_loop()
            if not pending or out_of_time:
                return states
            is_stuck = worker.is_stuck
            if probe and (is_stuck or time.monotonic() - begin > MOMENT):
                probe(deadline - time.monotonic())
                probe = None
            if is_stuck:
                return states
            # A look at thousands of trades takes the worker's time.
            time.sleep(LOOK + len(states) / TRADES_A_SECOND)


def on_event_loop() -> bool:
    """Tell whether this thread runs an event loop, which must not stand still."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True

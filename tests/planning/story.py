"""What a host records of one trade, event by event, and what is planned for it."""

from collections.abc import Iterable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final

import attrs

from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.model.capture import capture
from argo_tradervue_plugin.model.executions import EventKind, Execution, Kind
from argo_tradervue_plugin.model.records import TradeRecord
from argo_tradervue_plugin.planning.legs import Sent
from argo_tradervue_plugin.planning.plan import Plan, plan
from argo_tradervue_plugin.planning.recording import recorded

__all__ = ["Story", "fill", "fills"]

FACTS: Final[dict[str, Any]] = {
    "id": "T1",
    "symbol": "AAPL",
    "signal_type": "long",
    "entry_price": 100.0,
    "quantity": 10,
    "entry_timestamp": "2026-03-05T15:00:00.500000",
}
CLOSED: Final[dict[str, Any]] = {
    "exit_price": 110.0,
    "exit_timestamp": "2026-03-05T16:00:00.500000",
}


@attrs.define
class Story:
    """A trade whose host records it; what is planned is sent when a test says so."""

    record: TradeRecord = attrs.field(
        factory=lambda: TradeRecord(trade_id="T1", host_id="T1")
    )
    sent: Sent = attrs.field(factory=Sent)
    fault: TradeError | None = None
    stops_move: bool = False

    def enter(self, **facts: object) -> "Story":
        """Record the entry."""
        return self.take(EventKind.ENTRY, {**FACTS, **facts})

    def correct(self, **facts: object) -> "Story":
        """Let the host store the trade again without a hook."""
        return self.take(EventKind.CORRECTION, {**FACTS, **facts})

    def leave(self, **facts: object) -> "Story":
        """Record an exit."""
        return self.take(EventKind.EXIT, {**FACTS, **CLOSED, **facts})

    def take(self, kind: EventKind, facts: dict[str, object]) -> "Story":
        """Record an event of *kind*."""
        payload = capture(SimpleNamespace(**facts))
        self.record, self.fault = recorded(
            self.record, kind, payload, self.sent, stops_move=self.stops_move
        )
        return self

    def send(self) -> "Story":
        """Send everything that is planned."""
        legs: dict[Kind, dict[int, Execution]] = {kind: {} for kind in Kind}
        for execution in self.plan.executions:
            legs[execution.kind][execution.part] = execution
        self.sent = Sent(entries=legs[Kind.ENTRY], exits=legs[Kind.EXIT])
        return self

    @property
    def plan(self) -> Plan:
        """Return what the record asks for."""
        return plan(self.record, self.sent, journal_name=str.upper)

    @property
    def fills(self) -> list[tuple[str, str, str]]:
        """Return the executions planned and sent: time, quantity and price."""
        return fills(self.plan.executions)

    @property
    def codes(self) -> set[str]:
        """Return the codes of the outcomes."""
        return {each.code for each in self.plan.differs}

    @property
    def due(self) -> list[tuple[str, str, str]]:
        """Return the executions that are not sent yet."""
        there = {*self.sent.entries.values(), *self.sent.exits.values()}
        return fills(e for e in self.plan.executions if e not in there)

    @property
    def money(self) -> Decimal:
        """Return the profit of the whole trade, in dollars."""
        executions = self.plan.executions
        return -sum((e.quantity * e.price for e in executions), Decimal(0))


def fills(executions: Iterable[Execution]) -> list[tuple[str, str, str]]:
    """Return time of day (UTC), quantity and price of *executions*."""
    return [fill(e) for e in executions]


def fill(execution: Execution) -> tuple[str, str, str]:
    """Return time of day (UTC), quantity and price of *execution*."""
    return (
        f"{execution.executed_at:%H:%M:%S}",
        f"{execution.quantity:f}",
        f"{execution.price:f}",
    )

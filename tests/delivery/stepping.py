"""A worker that is stepped by hand, on a clock of its own, towards a real socket."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, Protocol

import attrs
import httpx

from argo_tradervue_plugin.config.credentials import Credentials, CredentialsFinder
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.logins import Logins
from argo_tradervue_plugin.delivery.worker import IDLE, Worker
from argo_tradervue_plugin.model.executions import EventKind, Kind
from argo_tradervue_plugin.outbox.held import HeldEvents
from argo_tradervue_plugin.outbox.records import Recorded, State
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Clock", "Forwarder", "entered", "host_trade", "id_of"]

MOST_STEPS: Final = 10_000
STRIDE: Final = 8.0  # seconds of rest that pass at once; a lease outlives them

EXIT: Final[dict[str, Any]] = {
    "exit_price": None,
    "actual_exit_price": None,
    "exit_timestamp": None,
    "pnl_dollars": None,
    "pnl_percent": None,
    "outcome": "pending",
    "exit_reason": None,
    "exit_method": None,
    "commission": None,
}


def id_of(number: int) -> str:
    """Return the host's id of trade *number*."""
    return f"trade_20260305_1430{number:02}_{number:06}"


def host_trade(number: int = 1, /, **changes: object) -> SimpleNamespace:
    """Return a closed trade of a host; those of other numbers differ in symbol."""
    facts: dict[str, Any] = {
        "id": id_of(number),
        "signal_id": f"SIG-{number:06}",
        "asset_class": "stock",
        "symbol": f"CORP{number}",
        "signal_type": "long",
        "entry_price": 100.25,
        "exit_price": 103.5,
        "actual_entry_price": 100.25,
        "actual_exit_price": 103.5,
        "quantity": 10,
        "filled_qty": 10,
        "entry_timestamp": "2026-03-05T14:30:01.250000",
        "exit_timestamp": "2026-03-05T16:45:09.750000",
        "pnl_dollars": 30.5,
        "pnl_percent": 3.04,
        "outcome": "win",
        "confidence": 87.5,
        "verification_hash": f"hash{number:04}",
        "regime": "BULL",
        "exit_reason": "take_profit",
        "exit_method": "automatic",
        "commission": 2.0,
        "stop_price": 98.25,
        "target_price": 105.0,
        "expired": False,
        "cancelled": False,
        "partial_fill": False,
        "rejection_reason": None,
    }
    return SimpleNamespace(**{**facts, **changes})


def changed(trade: SimpleNamespace, **facts: object) -> SimpleNamespace:
    """Return another *trade* like it, with these *facts*."""
    return SimpleNamespace(**{**vars(trade), **facts})


def entered(trade: SimpleNamespace) -> SimpleNamespace:
    """Return *trade* as it stood before its exit."""
    return changed(trade, **EXIT)


class Ticking(Protocol):
    """A clock that can be set."""

    now: float

    def __call__(self) -> float:
        """Return Unix seconds."""


@attrs.define
class Clock:
    """Unix seconds that pass only when somebody says so."""

    now: float = attrs.field(factory=time.time)

    def __call__(self) -> float:
        return self.now


class Forwarder:
    """
    An outbox and its worker; nothing happens but by :meth:`step` and :meth:`run`.

    Pauses of the client are left out, pauses of the worker pass on *clock*: at once,
    and in the sandbox as well, where *in_step* is true.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        path: Path,
        *,
        outbox: Outbox | None = None,
        clock: Ticking | None = None,
        in_step: bool = False,
        **settings: Any,
    ) -> None:
        told: dict[str, Any] = {
            "enabled": True,
            "username": "argo",
            "password": "sandbox",
            "base_url": sandbox.url,
            "aws_secrets": False,
            "poll_seconds": 0.002,
            **settings,
        }
        self.sandbox = sandbox
        self.settings = Settings.from_mapping(told)
        self.path = path
        self.outbox = Outbox(Sqlite(path)) if outbox is None else outbox
        self.clock: Ticking = clock or Clock()
        self.in_step = in_step
        self.held = HeldEvents()
        self.clients: list[TradervueClient] = []
        self.worker = self.new_worker()

    def new_worker(self) -> Worker:
        """Return a worker for the outbox."""
        return Worker(
            self.outbox,
            self.settings,
            held=self.held,
            logins=Logins(
                CredentialsFinder(self.settings, clock=self.clock),
                self.outbox,
                self.settings,
                self.clock,
            ),
            connect=self.connect,
            clock=self.clock,
            pause=self.let_pass if self.in_step else None,
        )

    def let_pass(self, seconds: float) -> None:
        """Let time pass, for the worker and, in step, for the sandbox."""
        self.clock.now += seconds
        if self.in_step:
            self.sandbox.pass_time(seconds)

    def succeed(self) -> None:
        """Let the worker be gone, and another follow once its lease has expired."""
        self.worker = self.new_worker()
        self.let_pass(max(0.0, self.outbox.lease_free_at() - self.clock()))

    def connect(
        self, credentials: Credentials, before: Callable[[], None] | None
    ) -> TradervueClient:
        """Return a client that never sleeps."""
        client = TradervueClient(
            credentials,
            base_url=self.settings.base_url,
            timeout=self.settings.timeout_seconds,
            # Nothing here speaks TLS, and loading the CAs would take most of the time.
            transport=httpx.HTTPTransport(verify=False),
            request_interval=0,
            before_attempt=before,
            sleep=lambda _: None,
        )
        self.clients.append(client)
        return client

    def close(self) -> None:
        """Close what is open."""
        for client in self.clients:
            client.close()
        self.outbox.close()

    def enter(self, *trades: SimpleNamespace) -> None:
        """Record entries as the hook does, with what a host knows by then."""
        for trade in trades:
            self.record(entered(trade), EventKind.ENTRY)

    def leave(self, *trades: SimpleNamespace) -> None:
        """Record exits as the hook does."""
        for trade in trades:
            self.record(trade, EventKind.EXIT)

    def record(self, trade: object, kind: EventKind) -> None:
        """Record one event."""
        self.outbox.record(Recorded.of(trade, kind, self.clock()))

    def step(self) -> float:
        """Do one step; let the time pass that the worker wants to wait."""
        wait = self.worker.step(self.clock())
        self.let_pass(wait)
        return wait

    def stride(self, end: float = math.inf) -> None:
        """Do one step; where the worker would only look again, pass to what is due."""
        wait = self.worker.step(self.clock())
        if wait == IDLE:
            now = self.clock()
            due = (self.outbox.next_due(), self.worker.health.retry_at, end)
            later = [at - now for at in due if at and at > now]
            wait = max(wait, min([STRIDE, *later]))
        self.let_pass(wait)

    def run(self, seconds: float = 60.0) -> bool:
        """Step until nothing is left to do, or *seconds* passed; tell whether it is."""
        end = self.clock() + seconds
        for _ in range(MOST_STEPS):
            if self.worker.is_idle():
                return True
            if self.clock() >= end:
                return False
            self.stride(end)
        raise AssertionError(f"no end after {MOST_STEPS} steps: {self.counts()}")

    def step_until(self, condition: Callable[[], object]) -> None:
        """Step until *condition* holds."""
        for _ in range(MOST_STEPS):
            if condition():
                return
            self.stride()
        raise AssertionError(f"it never came to that: {self.counts()}")

    def counts(self) -> dict[str, int]:
        """Return how many executions are in which state, without the zeros."""
        return {str(s): n for s, n in self.outbox.counts().items() if n}

    def states(self, trade: SimpleNamespace | str) -> dict[str, str]:
        """Return the states of a trade's executions by kind."""
        trade_id = trade if isinstance(trade, str) else trade.id
        found = self.outbox.states_of([trade_id]).get(trade_id, {})
        return {str(kind): str(state) for kind, state in found.items()}

    def reasons(self, trade: SimpleNamespace) -> dict[str, str | None]:
        """Return why a trade's executions are where they are, by kind."""
        rows = self.outbox.of_trade(trade.id)
        return {str(row.kind): row.reason for row in rows}

    def path_of(self, trade: SimpleNamespace, kind: Kind) -> list[str]:
        """Return the states that an execution went through, by its history."""
        steps = self.outbox.history(trade.id)
        return [step.state for step in steps if step.kind == kind]

    def requests(self) -> dict[str, int]:
        """Return how often the sandbox was asked what: method and path."""
        return dict(self.sandbox.stats.requests)

    @contextmanager
    def counted(self) -> Iterator[dict[str, int]]:
        """Give the requests made inside the block, once it has ended."""
        before = self.requests()
        made: dict[str, int] = {}
        yield made
        after = self.requests()
        made |= {
            k: n - before.get(k, 0) for k, n in after.items() if n > before.get(k, 0)
        }

    def is_in(self, state: State, number: int = 1) -> bool:
        """Tell whether *number* executions are in *state*."""
        return self.outbox.counts()[state] == number

"""
A process of the host: its outbox, its memory, its worker, and what may befall it.

It can die, or stand still while others go on, at any place: before and after each
transaction, before it asks Tradervue something, when it has asked, and when it has the
answer. What dies leaves the outbox, and nothing else.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from argo_tradervue_plugin.config.credentials import Credentials, CredentialsFinder
from argo_tradervue_plugin.delivery.logins import Logins
from argo_tradervue_plugin.delivery.worker import Worker
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.model.executions import EventKind, Kind
from argo_tradervue_plugin.outbox.engine import Engine
from argo_tradervue_plugin.outbox.kept import Drained
from argo_tradervue_plugin.outbox.records import Lease, Recorded
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.outbox.writer import Writer
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.tradervue.client import TradervueClient
from tests.delivery.stepping import Forwarder
from tests.simulation.clockwork import Pausing, SimulatedTime
from tests.simulation.fillings import Taken
from tests.simulation.truth import Told

__all__ = [
    "Died",
    "Fate",
    "HostProcess",
    "MortalOutbox",
    "Tidings",
]

# Who was heard of, and what.
Tidings = tuple[Told, Kind] | tuple[Taken, EventKind]


class Died(BaseException):
    """The process is gone; nothing of its own runs any more."""


class Fate:
    """
    Counts the places that a process passes, and lets something happen at one.

    *graves* are the names of those whose death their machine knows of.
    """

    def __init__(self, graves: set[str]) -> None:
        self.graves = graves
        self.passed = 0
        self._left: int | None = None
        self._happens: Callable[[], None] = self.die
        self._is_death = True

    def die_at(self, place: int) -> None:
        """Let the process die at the *place*-th place from here, counted from 1."""
        self._left, self._happens, self._is_death = place, self.die, True

    def stand_still_at(self, place: int, meanwhile: Callable[[], None]) -> None:
        """Let *meanwhile* happen while the process stands still at that place."""
        self._left, self._happens, self._is_death = place, meanwhile, False

    def spare(self) -> None:
        """Let nothing happen after all."""
        self._left = None

    def pass_by(self, *, is_out_of_hand: bool = False) -> None:
        """
        Pass one place.

        Where it *is_out_of_hand*, between the last look at the lease and the network,
        a process can die; one that stands still there does so at the next place.
        """
        self.passed += 1
        if self._left is None:
            return
        self._left -= 1
        if self._left <= 0 and (self._is_death or not is_out_of_hand):
            self._left = None
            self._happens()

    @staticmethod
    def die() -> None:
        """Be gone."""
        raise Died


class MortalOutbox(Outbox):
    """An outbox, of whatever engine, whose process may die."""

    def __init__(self, engine: Engine, spool: Spool, fate: Fate) -> None:
        self.fate = fate
        super().__init__(engine, spool=spool)

    def record(self, event: Recorded) -> None:
        """Write an event, if the process lives that long."""
        self.fate.pass_by()
        super().record(event)
        self.fate.pass_by()

    def take_over(
        self, events: Iterable[Recorded], drained: Drained | None = None
    ) -> None:
        """Take over what the hooks have written, if the process lives that long."""
        self.fate.pass_by()
        super().take_over(events, drained)
        self.fate.pass_by()

    def claim(
        self, holder: str, *, now: float, ttl: float, is_gone: Callable[[str], bool]
    ) -> Lease | None:
        """Take the lease; of some holders it is known that they are gone."""

        def is_known_to_be_gone(name: str) -> bool:
            return name in self.fate.graves or is_gone(name)

        self.fate.pass_by()
        lease: Lease | None = super().claim(
            holder, now=now, ttl=ttl, is_gone=is_known_to_be_gone
        )
        self.fate.pass_by()
        return lease

    def renew(self, lease: Lease, *, now: float, ttl: float) -> Lease:
        """Keep the lease, if the process lives that long."""
        self.fate.pass_by()
        renewed: Lease = super().renew(lease, now=now, ttl=ttl)
        self.fate.pass_by()
        return renewed

    @contextmanager
    def write(self, lease: Lease) -> Iterator[Writer]:
        """Begin a transaction, if the process lives that long."""
        self.fate.pass_by()
        with super().write(lease) as writer:
            yield writer
        self.fate.pass_by()


class MortalTransport(httpx.HTTPTransport):
    """Its process may die before a request is sent, and before its answer is read."""

    def __init__(self, fate: Fate) -> None:
        self.fate = fate
        super().__init__(verify=False)  # nothing here speaks TLS

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, if the process lives that long."""
        self.fate.pass_by(is_out_of_hand=True)
        response = super().handle_request(request)
        content = response.read()
        self.fate.pass_by()
        return httpx.Response(
            response.status_code, headers=response.headers, content=content
        )


class HostProcess(Forwarder):
    """
    A forwarder that hears hooks, on simulated time.

    *environ* is where it finds its login.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        outbox: Outbox,
        clock: SimulatedTime,
        fate: Fate,
        environ: Mapping[str, str],
        **settings: Any,
    ) -> None:
        self.fate = fate
        self.environ = environ
        self.time = clock
        self.unwritten: list[Tidings] = []  # in memory only, as far as one knows
        super().__init__(
            sandbox,
            Path(),
            outbox=outbox,
            clock=clock,
            username=None,
            password=None,
            **settings,
        )

    @property
    def name(self) -> str:
        """Return the name by which it holds the lease."""
        return self.worker._name

    def new_worker(self) -> Worker:
        """Return a worker that waits in simulated time."""
        worker = Worker(
            self.outbox,
            self.settings,
            held=self.held,
            logins=Logins(
                CredentialsFinder(self.settings, environ=self.environ, clock=self.time),
                self.outbox,
                self.settings,
                self.time,
            ),
            connect=self.connect,
            clock=self.time,
        )
        worker._stopping = Pausing(self.time)
        return worker

    def connect(
        self, credentials: Credentials, before: Callable[[], None] | None
    ) -> TradervueClient:
        """Return a client whose process may die, and whose pauses cost nothing."""

        def about_to_ask() -> None:
            self.fate.pass_by()
            if before is not None:
                before()

        client = TradervueClient(
            credentials,
            base_url=self.settings.base_url,
            timeout=self.settings.timeout_seconds,
            transport=MortalTransport(self.fate),
            request_interval=0,
            before_attempt=about_to_ask,
            sleep=self.time.go_by,
        )
        self.clients.append(client)
        return client

    def hear(self, told: Any, kind: Any) -> None:
        """
        Do what the hook does: into the outbox, or into memory.

        Raises:
            Died: it may have been written, or not; the hook has not returned.
        """
        event = Recorded.of(told.snapshot(kind), EventKind(kind), self.time())
        if not self.held.record(self.outbox, event):
            self.unwritten.append((told, kind))

    def step(self) -> float:
        """Do one step as the worker's thread does; let the time pass that it waits."""
        try:
            wait = self.worker.step(self.time())
        except OutboxError as error:
            wait = self.worker._hold(error)
        if not self.held:
            self.unwritten.clear()
        self.time.go_by(wait)
        return wait

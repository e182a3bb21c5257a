"""What the sandbox holds, and what tests and operators do to it."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Final

from .accounts import Account, Accounts
from .assumptions import Assumptions
from .doors import Doors
from .faults import Fault, Faults, fault
from .stats import Stats

if TYPE_CHECKING:
    import asyncio

Clock = Callable[[], float]
Now = Callable[[], datetime]

_CENTURY: Final = 36_525 * 86_400


def utc_now() -> datetime:
    """Return the time, aware, UTC."""
    return datetime.now(UTC)


class Service:
    """
    A Tradervue in memory: what it holds, and what is done to it.

    *import_seconds* is what an import takes; None: it advances by hand (`advance`).
    *users*, *managers* and *members* are passwords by login (see `Accounts`). *clock*
    gives monotonic seconds, *now* the time of day; a test may give its own, and let
    both run ahead (`pass_time`). *hosts* are names by which it answers on a port,
    beside those of this machine.

    Every method may be called from any thread.
    """

    def __init__(  # noqa: PLR0913 - keywords with defaults
        self,
        *,
        import_seconds: float | None = 0.05,
        assumptions: Assumptions | Mapping[str, object] | None = None,
        faults: Iterable[Fault] = (),
        users: Mapping[str, str | None] | None = None,
        managers: Mapping[str, str | None] | None = None,
        members: Mapping[str, str | None] | None = None,
        hosts: Iterable[str] = (),
        clock: Clock = time.monotonic,
        now: Now = utc_now,
    ) -> None:
        self.import_seconds = import_seconds
        if not isinstance(assumptions, Assumptions):
            assumptions = Assumptions().switched(assumptions or {})
        self.assumptions = assumptions
        self._assumptions_at_start = assumptions
        self.accounts = Accounts(users, managers, members)
        self.faults = Faults()
        for each in faults:
            self.faults.add(each)
        self.stats = Stats()
        self.hosts = tuple(hosts)
        self.clock = clock
        self.now = now
        # How far its time is ahead of both clocks: see `pass_time`.
        self.ahead_seconds = 0.0
        # Requests are served in one thread; tests look in from another.
        self.lock = RLock()
        self.origin: str | None = None
        # What a server gives: transports to slam, an event that says that it stops.
        self.doors = Doors()
        self.closing: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """
        The base address of the API, without a slash at the end.

        Raises:
            RuntimeError: if it is on no port.
        """
        return f"{self._where()}/api/v1"

    @property
    def control_url(self) -> str:
        """The base address of what is ours and not Tradervue's."""
        return f"{self._where()}/_sandbox"

    def account(self, login: str) -> Account:
        """
        Return the account of *login*, made if anybody may log in.

        Raises:
            KeyError: if only those configured may, and *login* is none of them.
        """
        with self.lock:
            account = self.accounts.of(login)
            account.settle(self.elapsed(), self.assumptions)
            return account

    def assume(self, **changes: object) -> None:
        """Switch assumptions. Raises ValueError for what does not exist."""
        with self.lock:
            self.assumptions = self.assumptions.switched(changes)

    def inject(self, name: str, **told: object) -> Fault:
        """Put the fault *name* in force (see `fault`). Raises ValueError."""
        with self.lock:
            return self.faults.add(fault(name, **told))

    def clear_faults(self) -> None:
        """Let go of all faults; imports that were stuck run on."""
        with self.lock:
            self.faults.clear()
            for account in self.accounts:
                account.slot.release(self.elapsed())

    def advance(self, login: str | None = None, *, steps: int = 1) -> None:
        """Let imports (of *login*, or of all) go *steps* on: processing, finished."""
        with self.lock:
            accounts = [self.accounts.of(login)] if login else list(self.accounts)
            for account in accounts:
                for _ in range(steps):
                    account.advance(self.elapsed(), self.assumptions)

    def elapsed(self) -> float:
        """Return the monotonic seconds that imports and delays go by."""
        return self.clock() + self.ahead_seconds

    def time_of_day(self) -> datetime:
        """Return the time that Tradervue's clock shows, aware."""
        return self.now() + timedelta(seconds=self.ahead_seconds)

    def pass_time(self, seconds: float) -> None:
        """
        Let *seconds* pass at once, by both clocks.

        Imports come as far, and reads show as much, as after a wait of that long. The
        faults that wait (`latency`, `hang`) do so in real time.

        Raises:
            ValueError: if *seconds* is below zero, or more than a century.
        """
        if not 0 <= seconds <= _CENTURY:
            raise ValueError(f"{seconds} seconds cannot pass")
        with self.lock:
            self.ahead_seconds += seconds

    def reset(self) -> None:
        """
        Forget accounts, faults, counts and jumps of the clock.

        What was assumed at the start is assumed again.
        """
        with self.lock:
            self.ahead_seconds = 0.0
            self.accounts.reset()
            self.faults.clear()
            self.faults.applied = {}
            self.stats = Stats(in_flight=self.stats.in_flight)
            self.assumptions = self._assumptions_at_start

    def _where(self) -> str:
        if self.origin is None:
            raise RuntimeError("the sandbox is on no port: use running(...)")
        return self.origin

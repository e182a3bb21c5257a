"""
The one worker of a process: a loop around :meth:`Worker.step`, which tests call.

It starts with the first event, remembers its process (a thread does not survive a
fork), and forwards only while it holds the account's lease.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from argo_tradervue_plugin.credentials import Credentials, CredentialsFinder
from argo_tradervue_plugin.delivery import annotator, basic, importer, overlay, resend
from argo_tradervue_plugin.delivery.health import Circuit, Health
from argo_tradervue_plugin.delivery.joining import Joiner
from argo_tradervue_plugin.delivery.lane import Lane, lease_seconds
from argo_tradervue_plugin.delivery.lease import holder_name, is_gone
from argo_tradervue_plugin.delivery.planner import fit_to_settings, make_sense
from argo_tradervue_plugin.delivery.retention import Walk
from argo_tradervue_plugin.errors import (
    AccountMismatch,
    ApiError,
    AuthenticationFailed,
    CredentialsError,
    LeaseLost,
    OutboxError,
    PermissionRefused,
)
from argo_tradervue_plugin.forking import Lock
from argo_tradervue_plugin.guard import guard, log, swallow
from argo_tradervue_plugin.outbox.held import HeldEvents
from argo_tradervue_plugin.outbox.interface import Outbox
from argo_tradervue_plugin.settings import LARGEST_IMPORT, Settings

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Worker"]

# A burst of events is let pass before the worker moves: it shares the interpreter with
# the trading loop, and one import takes them all. A single trade waits for the quiet.
QUIET: Final = 0.01  # seconds without an event
LONGEST_BURST: Final = 0.25  # seconds; then the worker takes a turn all the same
# Trades that may lack their notes while others are imported: as many as one import
# brings, so that its notes are written while the next one runs.
NOTES_WAITING: Final = LARGEST_IMPORT // 2
FAR: Final = 9e14  # Unix seconds; what is due by then is due some time
IDLE: Final = 1.0  # seconds between two looks for what other processes recorded
EVENTS_AT_ONCE: Final = 1000


class Worker:
    """
    Forwards one outbox to one Tradervue account.

    *connect* makes a client for the credentials found, with the function to call
    before each request. *joiner* finds the outbox for the login; without it the outbox
    is the caller's own. *catch_up* records what the host has stored and the outbox
    does not know: called once, and again when an event was lost. *after_step* is
    called by the worker's thread, and never raises. *clock* returns Unix seconds,
    *pause* lets some pass where nobody need be waited for.
    """

    def __init__(  # noqa: PLR0913 - what it is made of, once
        self,
        outbox: Outbox,
        settings: Settings,
        *,
        held: HeldEvents,
        credentials: CredentialsFinder,
        connect: Callable[[Credentials, Callable[[], None]], "TradervueClient"],
        joiner: Joiner | None = None,
        catch_up: Callable[[], None] = lambda: None,
        after_step: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self.health = Health()
        self._outbox = outbox
        self._settings = settings
        self._held = held
        self._credentials = credentials
        self._connect = connect
        self._joiner = joiner
        self._catch_up = catch_up
        self._after_step = after_step
        self._caught_up: int | None = None  # events that were lost by then
        self._clock = clock
        self._pause = pause
        self._used: Credentials | None = None
        self._refused: Credentials | None = None
        self._client: TradervueClient | None = None
        self._lane: Lane | None = None
        self._thread: threading.Thread | None = None
        self._event_at = 0.0
        self._walk = Walk()
        self._starting = Lock()
        self._renew_after_fork()

    def _renew_after_fork(self) -> None:
        self._pid = os.getpid()
        self._name = f"{holder_name()}/{uuid4().hex[:8]}"
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._thread = self._client = self._lane = None

    @property
    def holds_lease(self) -> bool:
        """Tell whether this process is the one that forwards."""
        return self._lane is not None

    def wake(self) -> None:
        """Tell the worker that there is something to do; start it if need be."""
        self._event_at = time.monotonic()
        if self._pid != os.getpid():
            self._renew_after_fork()
        if self._thread is None or not self._thread.is_alive():
            self._start()
        if not self._awake.is_set():
            self._awake.set()

    def _give_way(self) -> None:
        """Wait while events keep coming, for a bounded time."""
        deadline = time.monotonic() + LONGEST_BURST
        while (now := time.monotonic()) < deadline:
            since = now - self._event_at
            if since >= QUIET:
                return
            time.sleep(QUIET - since)

    def _start(self) -> None:
        with self._starting:
            if self._stopping.is_set() or (self._thread and self._thread.is_alive()):
                return
            thread = threading.Thread(
                target=self._run, name="argo-tradervue-worker", daemon=True
            )
            try:
                thread.start()
            except RuntimeError as error:
                # No thread is to be had while the interpreter ends. The event is in
                # the outbox; the next process finds it there.
                log.warning("tradervue.worker_not_started error=%s", error)
            else:
                self._thread = thread

    def stop(self, timeout: float) -> bool:
        """Stop after the present request; return whether it did within *timeout*."""
        self._stopping.set()
        self._awake.set()
        thread = self._thread
        if thread is None or self._pid != os.getpid():
            return True
        thread.join(timeout)
        return not thread.is_alive()

    def flush(self, timeout: float) -> bool:
        """Wait until nothing is pending, at most *timeout* seconds; tell if so."""
        deadline = time.monotonic() + timeout
        self.wake()
        while True:
            with suppress(OutboxError):  # nobody knows now; there is time to find out
                if self.is_idle():
                    return True
            if time.monotonic() >= deadline or self.health.is_refused:
                return False
            time.sleep(min(0.02, timeout))

    def is_idle(self) -> bool:
        """Tell whether everything recorded has reached its final state."""
        if self._held:  # looked at first: what is held now is in the outbox next
            return False
        return self._outbox.oldest_pending_at() is None and not (
            self._outbox.annotations_due(FAR)
            or self._outbox.to_show_basic(FAR, 1)
            or self._outbox.superseded()
            or self._outbox.overlays_due(FAR, 1)
            or self._outbox.resends_due(FAR, 1)
        )

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._give_way()
                self._awake.clear()
                wait = self._guarded_step()
                self._after_step()
                if wait:
                    self._awake.wait(wait)
        finally:
            self._let_go()
            self._outbox.close()

    def _guarded_step(self) -> float:
        try:
            return self.step(self._clock())
        except OutboxError as error:  # a full disk, say: a failure, but no mistake
            return self._hold(error)
        except Exception as error:  # noqa: BLE001 - the worker must outlive anything
            swallow("worker", error)
            return self._hold(error)

    def step(self, now: float) -> float:
        """
        Do one job; return the seconds to wait before the next, 0 when there is more.

        Raises:
            OutboxError: the durable record failed; nothing was lost.
        """
        try:
            is_joined = self._prepare()
            lane = self._lane or self._claim(now)
            if lane is None:
                return IDLE
            lane.keep()
            if not is_joined:
                self._join(lane, now)
            elif self._do_one(lane, now) or self._walk.step(lane, now):
                return 0.0
        except LeaseLost:
            log.warning("tradervue.lease_lost: another process forwards now")
            self._lane = None
            return IDLE
        except (AccountMismatch, ApiError, CredentialsError) as error:
            return self._hold(error)
        due = [at for at in (self._outbox.next_due(), self.health.retry_at) if at]
        return max(0.01, min([IDLE, *(at - now for at in due if at > now)]))

    def _prepare(self) -> bool:
        """Take over what was recorded; return whether it is known for which account."""
        if self._joiner is not None and not self._joiner.prepare():
            self._outbox.open()
            return False
        self._outbox.open()
        self._outbox.gather()
        self._held.write_into(self._outbox)
        self._ask_the_host()
        return True

    def _join(self, lane: Lane, now: float) -> None:
        """Join spool and outbox when that is due."""
        if self._joiner is not None and now >= self.health.retry_at:
            self._joiner.join(lane)
            self.health.went_well(now)
            fit_to_settings(lane)
            self.wake()

    def _ask_the_host(self) -> None:
        lost = self._held.lost
        if self._caught_up == lost:
            return
        try:
            self._catch_up()
        except OutboxError:
            raise  # nothing to do with the host: another time
        except Exception as error:  # noqa: BLE001 - who knows what a tracker does
            swallow("catch_up", error)
        self._caught_up = lost

    def _do_one(self, lane: Lane, now: float) -> bool:
        """Make sense of what is new, or bring the next piece to the journal."""
        events = self._outbox.inbox(EVENTS_AT_ONCE)
        if events:
            make_sense(lane, events)
            return True
        if now < self.health.retry_at:
            return False
        if self.health.circuit(now) is Circuit.HALF_OPEN:
            lane.client.check()
        if not self._deliver(lane, now):
            return False
        self.health.went_well(now)
        return True

    def _deliver(self, lane: Lane, now: float) -> bool:
        """Take the next step of what is due; return whether there was any."""
        unsettled = self._outbox.unsettled()
        for known in unsettled:
            importer.settle(lane, known)
        if unsettled or importer.search_again(lane):
            return True
        # Notes follow soon, so that a person sees the journal complete, and what was
        # read of it is still true.
        is_timely = self._outbox.annotations_due(now) <= NOTES_WAITING
        return (
            (is_timely and importer.send_due(lane))
            or annotator.annotate(lane)
            or overlay.lay(lane)
            or basic.show(lane)
            or basic.withdraw(lane)
            or resend.carry_on(lane)
        )

    def _claim(self, now: float) -> Lane | None:
        lease = self._outbox.claim(
            self._name,
            now=now,
            ttl=lease_seconds(self._settings),
            is_gone=is_gone,
        )
        if lease is None:
            return None
        log.debug("tradervue.lease_taken token=%d", lease.token)
        self._lane = Lane(
            outbox=self._outbox,
            settings=self._settings,
            lease=lease,
            connect=self._connected,
            stopping=self._stopping,
            give_way=self._give_way,
            clock=self._clock,
            pauses=self._pause,
        )
        if self._joiner is None or self._joiner.is_joined:
            fit_to_settings(self._lane)
        return self._lane

    def _connected(self) -> "TradervueClient":
        """Return the client for the present credentials, made when they change."""
        credentials = self._credentials.get()
        if self._joiner is not None:
            self._joiner.see_same(credentials)
        if credentials == self._refused:
            raise AuthenticationFailed(self.health.last_error or "refused", status=401)
        if self._client is None or credentials != self._used:
            if self._client is not None:
                self._client.close()
            self._client = self._connect(credentials, self._keep)
            self._used, self._refused = credentials, None
        return self._client

    def _keep(self) -> None:
        if self._lane is None:
            raise LeaseLost("this process does not forward any more")
        self._give_way()
        self._lane.keep()

    def _hold(self, error: Exception) -> float:
        """Pause after *error*; return the seconds until the next look at anything."""
        if isinstance(error, AuthenticationFailed | PermissionRefused):
            self._refused = self._used
            self._credentials.forget()  # they may have been rotated
        delay = self.health.failed(
            error,
            self._clock(),
            poll=self._settings.first_poll,
            is_refused=bool(self._refused)
            or isinstance(error, AccountMismatch | CredentialsError),
        )
        return min(IDLE, delay)

    def _let_go(self) -> None:
        """Give back what this process holds, so that another can go on at once."""
        lane, self._lane = self._lane, None
        with guard("worker_stop"):
            if lane is not None:
                self._outbox.release(lane.lease)
        if self._client is not None:
            self._client.close()
            self._client = None

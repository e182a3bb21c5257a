"""
The one worker of a process: a loop around :meth:`Worker.step`, which tests call.

It starts with the first event, remembers its process (a thread does not survive a
fork), and forwards only while it holds the account's lease.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import uuid4

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.catching_up import CatchUp
from argo_tradervue_plugin.delivery.clocks import Watch, longest_pause
from argo_tradervue_plugin.delivery.health import (
    Cause,
    Circuit,
    Health,
    cause_of,
    is_lost,
)
from argo_tradervue_plugin.delivery.joining import Joiner
from argo_tradervue_plugin.delivery.lane import Lane, lease_seconds
from argo_tradervue_plugin.delivery.lease import (
    holder_name,
    is_gone,
    place_of,
)
from argo_tradervue_plugin.delivery.logins import (
    HOUR,
    Login,
    Logins,
    LoginState,
    is_question_due,
    may_forward,
    question_at,
)
from argo_tradervue_plugin.delivery.loop import Loop
from argo_tradervue_plugin.delivery.recently import is_unlinked
from argo_tradervue_plugin.delivery.retention import Walk
from argo_tradervue_plugin.delivery.signs import (
    SOON,
    Own,
    Voice,
    facts_about,
    identity,
    introduce,
    living,
    logins_of,
    number,
    report_of,
    report_on,
)
from argo_tradervue_plugin.errors import (
    AccountMismatch,
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    CredentialsError,
    LeaseLost,
    OutboxBusy,
    OutboxError,
    OutboxReplaced,
    WrongAddress,
    WrongPlace,
    one_line,
)
from argo_tradervue_plugin.guard import guard, log, swallow
from argo_tradervue_plugin.outbox.held import HeldEvents
from argo_tradervue_plugin.outbox.records import Errand, RefusedLogin
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.process.forking import (
    importing,
)

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Worker"]

FAR: Final = 9e14  # Unix seconds; what is due by then is due some time
IDLE: Final = 1.0  # seconds between two looks for what other processes recorded
SHORTEST_NAP: Final = 0.02  # seconds between two looks whether nothing is left
LONGEST_NAP: Final = 0.25
EVENTS_AT_ONCE: Final = 1000
# What is wrong while a login cannot be used.
LACKING: Final = {
    LoginState.MISSING: Cause.NO_LOGIN,
    LoginState.REFUSED: Cause.REFUSED,
}


class Aside(Protocol):
    """What has its time beside the delivery: it returns at once and never raises."""

    def tend(self) -> None:
        """Do what each process has to do; called in every step."""

    def refresh(self) -> None:
        """Do what whoever forwards has to do, while there is nothing to deliver."""


class Worker(Loop):
    """
    Forwards one outbox to one Tradervue account.

    *connect* makes a client for the credentials found, with the function to call
    before each request. *joiner* finds the outbox for the login; without it the outbox
    is the caller's own. *catch_up* records what the host has stored and the outbox
    does not know: called until it succeeds, and again when an event was lost.
    *after_step* is called by the worker's thread, and never raises. *clock* returns
    Unix seconds, *steady* seconds of a clock that is never set, *pause* lets some pass
    instead of waiting.
    """

    def __init__(  # noqa: PLR0913 - what it is made of, once
        self,
        outbox: Outbox,
        settings: Settings,
        *,
        held: HeldEvents,
        logins: Logins,
        connect: Callable[[Credentials, Callable[[], None]], "TradervueClient"],
        joiner: Joiner | None = None,
        catch_up: CatchUp | None = None,
        after_step: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] | None = None,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self.health = Health()
        self.aside: Callable[[], Aside] | None = None
        self._outbox = outbox
        self._settings = settings
        self._held = held
        self._logins = logins
        self._connect = connect
        self._joiner = joiner
        self._catching_up = catch_up or CatchUp(list, lambda _: None)
        self._after_step = after_step
        self._clock = clock
        self._pause = pause
        self._client: TradervueClient | None = None
        self._lane: Lane | None = None
        self._walk = Walk()
        self._watch = Watch() if steady is None else Watch(steady)
        self._set_back = 0.0  # seconds; what is stored is to be due as much earlier
        self._losses, self._was_replaced = outbox.losses, False
        super().__init__()

    def _renew(self) -> None:
        super()._renew()
        self._name = f"{holder_name()}/{uuid4().hex[:8]}"
        self._client = self._lane = None
        self._is_ending = False
        self._began_at = self._clock()
        self._forwards_since = 0.0
        self._used: Credentials | None = None
        self._last_event_at: float | None = None  # of those that were planned here
        self._asked_at: float | None = None  # whether a refused login is accepted
        self.login: Login | None = None  # as it was found last
        self._is_introduced = False
        self._spoke_at = 0.0  # in the midst of a step
        self._voice = Voice(self._outbox, self._settings)
        self.unwritten: str | None = None  # why the outbox lacks what is said here

    @property
    def holds_lease(self) -> bool:
        """Tell whether this process is the one that forwards."""
        return self._lane is not None

    def end(self) -> None:
        """Note that the process is about to end: no login is asked about any more."""
        self._is_ending = True

    def catch_up_again(self) -> None:
        """Ask the host once more what it has stored: there is another tracker."""
        self._catching_up.ask_again()

    def is_caught_up(self) -> bool:
        """Tell whether all that the host has stored is recorded; see CatchUp."""
        return self._catching_up.is_done

    def flush(self, timeout: float) -> bool:
        """Wait until nothing is pending, at most *timeout* seconds; tell if so."""
        deadline, nap = time.monotonic() + timeout, SHORTEST_NAP
        self.wake()
        while True:
            with suppress(OutboxError):  # it is unknown now; there is time to find out
                if self.is_idle():
                    # What the last step has to say is in the log by then.
                    self._is_at_rest.wait(max(0.0, deadline - time.monotonic()))
                    return True
            if time.monotonic() >= deadline or self.is_stuck:
                return False
            time.sleep(min(nap, timeout))
            nap = min(1.2 * nap, LONGEST_NAP)  # each look takes time of the worker's

    def is_idle(self) -> bool:
        """Tell whether everything recorded has reached its final state."""
        # Twice: what moves on between two questions could be in neither answer.
        return self._seems_idle() and self._seems_idle()

    def _seems_idle(self) -> bool:
        if self._held:  # looked at first: what is held now is in the outbox next
            return False
        if (
            self._joiner is not None
            and not self._joiner.is_joined
            and self._joiner.is_something_recorded()
        ):
            return False
        if self._outbox.oldest_pending_at() is not None:
            return False
        return not self._outbox.errands() or not (
            self._outbox.annotations_due(FAR)
            or self._outbox.to_show_basic(FAR, 1)
            or self._outbox.superseded()
            or self._outbox.overlays_due(FAR, 1)
            or self._outbox.resends_due(FAR, 1)
        )

    def turn(self) -> float:
        """Do one step, whatever comes of it."""
        try:
            wait = self.step(self._clock())
        except OutboxError as error:  # a full disk, say: a failure, but no mistake
            wait = self._hold(error)
        except Exception as error:  # noqa: BLE001 - the worker must outlive anything
            swallow("worker", error)
            wait = self._hold(error)
        self._after_step()
        return wait

    def step(self, now: float) -> float:
        """
        Do one job; return the seconds to wait before the next, 0 when there is more.

        Raises:
            OutboxError: the durable record failed; nothing was lost.
        """
        self._held.say_lost()
        if back := self._watch.set_back(now):
            self._shorten(back)
        wait = self._step(now)
        self._speak()
        return wait

    def _shorten(self, back: float) -> None:
        """Have no pause last longer because the clock was set back by so much."""
        log.warning(
            "tradervue.clock_set_back seconds=%.0f: what waits for its time is due as "
            "early as it was meant to be",
            back,
        )
        self.health.retry_at = max(0.0, self.health.retry_at - back)
        self._walk.rests_until -= back
        if self._asked_at is not None:
            self._asked_at -= back
        self._set_back += back

    def _step(self, now: float) -> float:
        if self._losses != self._outbox.losses:  # another thread has noticed
            self._begin_again(f"the outbox {self._outbox} was replaced")
        try:
            is_busy = self._forward(now)
        except OutboxReplaced as error:
            self._begin_again(str(error))
            return 0.0
        except LeaseLost:
            log.warning("tradervue.lease_lost: another process forwards now")
            self._lane = None
            return IDLE
        except OutboxBusy:
            raise
        except OutboxError:
            # Another process may be able to write what this one is not.
            with suppress(OutboxError):
                self._give_lease_up()
            raise
        except (AccountMismatch, WrongPlace) as error:
            self._give_lease_up()
            self.is_stuck = True
            return self._hold(error)
        except (ApiError, CredentialsError) as error:
            return self._hold(self._diagnosed(error))
        if is_busy or self._lane is None:
            return 0.0 if is_busy else IDLE
        due = [at for at in (self._outbox.next_due(), self.health.retry_at) if at]
        return max(0.01, min([IDLE, *(at - now for at in due if at > now)]))

    def _begin_again(self, error: str) -> None:
        """Go on with what is in the outbox's place now: nothing read of it is true."""
        self._losses, self._was_replaced = self._outbox.losses, True
        log.error(
            "tradervue.outbox_replaced error=%s: what was recorded lately is taken up "
            "again, and looked for in the journal before it is sent",
            one_line(error),
        )
        self._lane = None
        self._voice = Voice(self._outbox, self._settings)
        self._walk = Walk()
        if self._joiner is not None:
            self._joiner.begin_again()
        self._catching_up.ask_again()

    def _forward(self, now: float) -> bool:
        """Do one job, where this process may; return whether there was one."""
        is_joined = self._prepare()
        if not self._may_forward(now):
            return False
        lane = self._lane or self._claim(now)
        self._introduce()
        if lane is None:
            # Whoever forwards has the same address, and waits for a person.
            self.is_stuck = self.is_stuck or is_lost(report_of(self._outbox))
            return False
        lane.begin_step()
        lane.keep()
        if self._set_back:
            self._hasten(lane, now)
        if not is_joined:
            return self._join(lane, now)
        if self._joiner is not None:
            self._joiner.tell_leftovers()
        if self._was_replaced:
            pipeline().note_putting_back(lane)
            self._was_replaced = False
        if is_unlinked(lane):  # nothing is planned or sent before it is
            is_busy = self._link_what_was_put_back(lane, now)
        else:
            is_busy = self._do_one(lane, now) or self._walk.step(lane, now)
        if is_busy:
            return True
        if self.aside is not None and now >= self.health.retry_at:
            self.aside().refresh()
        return False

    def _link_what_was_put_back(self, lane: Lane, now: float) -> bool:
        is_paused = now < self.health.retry_at
        if not is_paused:
            pipeline().link_what_was_put_back(lane, self._joiner)
            self.health.went_well(now)
        return not is_paused

    def _prepare(self) -> bool:
        """
        Take over what was recorded, where it is known for which account.

        Raises:
            AccountMismatch: the outbox belongs to another account.
            CredentialsError: a login that comes first may still be found.
            OutboxError: the durable record failed; nothing was lost.
        """
        if self._joiner is not None and not self._is_joined(self._joiner):
            return False
        self._outbox.open()
        self._outbox.gather()
        self._held.write_into(self._outbox)
        if self.aside is not None:
            self.aside().tend()
        self._catching_up.step(self._held.lost)
        return True

    def _is_joined(self, joiner: Joiner) -> bool:
        try:
            return joiner.prepare()
        except CredentialsError:
            # What is not there is seen to below; without it no outbox need be placed.
            if self._logins.find().state is not LoginState.MISSING:
                raise
            return False

    def _join(self, lane: Lane, now: float) -> bool:
        """Join spool and outbox when that is due; return whether anything was done."""
        if self.login and self.login.refusal:
            return self._ask_about(lane, self.login.refusal, now)
        if self._joiner is None or now < self.health.retry_at:
            return False
        self._joiner.join(lane)
        self.health.went_well(now)
        pipeline().fit_to_settings(lane)
        return True

    def _give_lease_up(self) -> None:
        lane, self._lane = self._lane, None
        if lane is not None:
            self._outbox.release(lane.lease)

    def _may_forward(self, now: float) -> bool:
        """Look for the login; give the lease up where others have a better one."""
        before, login = self.login, self._logins.find()
        self.login = login
        others: list[LoginState] = []
        if login.state is not LoginState.USABLE:
            others = self._other_logins(now)
        is_other = before is None or before.state is not login.state
        if is_other or self.health.cause is not LACKING.get(
            login.state, self.health.cause
        ):
            self._note_change(login)
        why = may_forward(login.state, others=others)
        is_lacking = login.state is not LoginState.USABLE
        self.is_stuck = self.health.is_at_wrong_address or (
            is_lacking and LoginState.USABLE not in others
        )
        if why is not None:
            self._give_lease_up()
        return why is None

    def _note_change(self, login: Login) -> None:
        """Note that another login was found, or none, or that it was refused."""
        try:
            login.usable()
        except (CredentialsError, AuthenticationFailed) as error:
            self._fail(error)
        else:
            self.health.start_over()

    def _other_logins(self, now: float) -> list[LoginState]:
        if not self._outbox.is_open:
            return []
        patience = lease_seconds(self._settings)
        processes = living(self._outbox, now, patience=patience)
        return logins_of(p for p in processes if p.name != self._name)

    def _do_one(self, lane: Lane, now: float) -> bool:
        """Make sense of what is new, or bring the next piece to the journal."""
        errands = self._outbox.errands()
        events = self._outbox.inbox(EVENTS_AT_ONCE) if Errand.PLAN in errands else []
        if events:
            pipeline().plan_events(lane, events)
            latest = max(event.recorded_at for event in events)
            self._last_event_at = max(latest, self._last_event_at or 0.0)
            return True
        if self.login and self.login.refusal:
            return self._ask_about(lane, self.login.refusal, now)
        if now < self.health.retry_at:
            return False
        if self.health.circuit(now) is Circuit.HALF_OPEN:
            lane.client.check()
        if not pipeline().deliver(lane, errands):
            return False
        if not self._stopping.is_set():  # or it was broken off before any answer
            self.health.went_well(now)
        return True

    def _ask_about(self, lane: Lane, refusal: RefusedLogin, now: float) -> bool:
        """Ask Tradervue now and then whether it accepts a refused login after all."""
        if self._is_ending or not is_question_due(refusal, now):
            return False
        if self._asked_at is not None and abs(now - self._asked_at) < HOUR:
            return False  # there was no answer
        self._asked_at = now
        lane.client.check()
        self.health.went_well(now)
        return True

    def _claim(self, now: float) -> Lane | None:
        if self.health.cause is Cause.OUTBOX and now < self.health.retry_at:
            return None  # it is somebody else's turn
        other, until = self._outbox.lease_holder(), self._outbox.lease_free_at()
        lease = self._outbox.claim(
            self._name,
            now=now,
            ttl=lease_seconds(self._settings),
            is_gone=is_gone,
        )
        if lease is None:
            return None
        log.debug("tradervue.lease_taken token=%d", lease.token)
        # Who ends gives the lease back, and who is gone can be known to be.
        if other and until and other != self._name and not is_gone(other):
            log.warning(
                "tradervue.lease_taken_over from=%r: it gave no sign of life for as "
                "long as a lease lasts; it is frozen, cut off, or has ended",
                place_of(other),
            )
        self._forwards_since = now
        before = report_of(self._outbox)
        self.health.adopt(before)
        self._last_event_at = self._last_event_at or number(before.get("last_event_at"))
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
        self._set_back = 0.0  # whoever forwarded until now has seen to that
        self._hasten(self._lane, now)
        if self._joiner is None or self._joiner.is_joined:
            pipeline().fit_to_settings(self._lane)
        return self._lane

    def _hasten(self, lane: Lane, now: float) -> None:
        """Have nothing in the outbox wait longer than it was meant to."""
        with lane.write() as writer:
            longest = longest_pause(self._settings)
            writer.hasten(now=now, longest=longest, by=self._set_back)
        self._set_back = 0.0

    def _connected(self) -> "TradervueClient":
        """Return the client for the present login, made when that changes."""
        login = self.login or self._logins.find()
        credentials = login.credentials
        if credentials is None:
            raise CredentialsError(login.problem or "no login for Tradervue")
        if self._client is None or credentials != self._used:
            if self._joiner is not None:
                self._joiner.see_same(credentials)
            if self._client is not None:
                self._client.close()
            self._client = self._connect(credentials, self._keep)
            self._client.watch(self._logins.door(credentials))
            self._used = credentials
        return self._client

    def _keep(self) -> None:
        if self._lane is None:
            raise LeaseLost("this process does not forward any more")
        self._give_way()
        self._lane.keep()
        now = self._clock()
        if not 0 <= now - self._spoke_at < SOON:  # an import may take minutes
            self._spoke_at = now
            self._speak()
        if self._lane is None:
            raise LeaseLost("this process does not forward any more")

    def _diagnosed(self, error: Exception) -> Exception:
        """Return *error*, or that the address is wrong where that is behind it."""
        is_strange = isinstance(error, BadAnswer) and error.status != 403  # noqa: PLR2004
        is_unclear = is_strange or cause_of(error) is Cause.REJECTED
        if is_unclear and self._lane is not None:
            try:
                self._lane.client.check()
            except WrongAddress as wrong:
                return wrong
            except (ApiError, OutboxError):
                pass  # it says no more than what is there
        return error

    def _hold(self, error: Exception) -> float:
        """Pause after *error*; return the seconds until the next look at anything."""
        delay = self._fail(error)
        self._speak()
        return min(IDLE, delay)

    def _fail(self, error: Exception) -> float:
        again_at = None
        cause = cause_of(error)
        if cause is Cause.REFUSED:
            self.login = self._logins.find()
        refusal = self.login and self.login.refusal
        if refusal:
            now = self._clock()  # a refusal of a time to come is one of a wrong clock
            at = question_at(refusal)
            again_at = max(
                min(at, now + at - refusal.last_at), (self._asked_at or 0.0) + HOUR
            )
        elif cause in {Cause.REFUSED, Cause.NO_LOGIN}:
            again_at = self._clock()  # as soon as there is another one
        delay = self.health.failed(
            error,
            self._clock(),
            poll=self._settings.first_poll,
            again_at=again_at,
            is_open=self._outbox.is_open,
        )
        self.is_stuck = (
            bool(refusal) or self.health.is_at_wrong_address or self.is_stuck
        )
        return delay

    def _introduce(self) -> None:
        """Say once who forwards what to whom, as soon as it is known."""
        is_known = self._joiner is None or self._joiner.is_joined
        credentials = self.login and self.login.credentials
        if self._is_introduced or not is_known or not credentials:
            return
        self._is_introduced = True
        holder = self._outbox.lease_holder() or ""
        forwarder = "this process" if self.holds_lease else place_of(holder)
        introduce(self._outbox, self._settings, credentials, forwarder)

    # What is said in the outbox, for everybody to read.

    def _speak(self) -> None:
        """Write down what has changed here, and that this process lives."""
        if not self._outbox.is_open:
            self.unwritten = self.health.last_error
            return
        try:
            self._voice.speak(self.facts(), self._clock())
            if self._lane is not None:
                self._voice.report(self._lane, self.report())
        except LeaseLost:
            log.warning("tradervue.lease_lost: another process forwards now")
            self._lane = None
        except OutboxBusy:
            pass  # a moment later
        except OutboxError as error:
            self.unwritten = one_line(str(error))
        else:
            self.unwritten = None

    def own(self) -> Own:
        """Return what this process says, for who asks it."""
        report = self.report() if self.holds_lease else None
        return Own(facts=self.facts(), report=report, unwritten=self.unwritten)

    def facts(self) -> dict[str, Any]:
        """Return what only this process knows; :mod:`~.status` says what it means."""
        return {
            **identity(self._name, since=self._began_at),
            **facts_about(self.login, self._held, self._catching_up),
            "forwards": self.holds_lease,
        }

    def report(self) -> dict[str, Any]:
        """Return how the forwarding goes, for who reads it in another process."""
        return {
            **identity(self._name, since=self._forwards_since),
            **report_on(self.login, self._settings, self.health),
            "last_event_at": self._last_event_at,
        }

    def leave(self) -> None:
        """Give back what this process holds, so that another can go on at once."""
        lane, self._lane = self._lane, None
        with guard("worker_stop"):
            if lane is not None:
                with suppress(OutboxError):
                    self._voice.report(lane, self.report(), is_last=True)
                self._outbox.release(lane.lease)
        with suppress(OutboxError):  # others see that it is gone
            self._outbox.leave(self._name)
        if self._client is not None:
            self._client.close()
            self._client = None
        self._outbox.close()


def pipeline() -> ModuleType:
    """Return what only who forwards needs, loaded when it is first needed."""
    with importing:
        from argo_tradervue_plugin.delivery import pipeline
    return pipeline

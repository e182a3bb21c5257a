"""
The plugin put together, once per process: outbox, worker and what hosts call.

Also usable without a host, in a script::

    settings = Settings(enabled=True, username="me", password="secret")
    with TradervueIntegration(settings) as tradervue:
        tradervue.sync_complete_trade(trade)
"""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import localcontext
from functools import cached_property, partial, wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar
from urllib.parse import quote, urlencode

from argo_tradervue_plugin.config.account import HOST
from argo_tradervue_plugin.config.credentials import (
    CredentialsFinder,
    warn_of_stale_token,
)
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.places import to_change
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.asking import PATIENCE, Asker, Question
from argo_tradervue_plugin.delivery.catching_up import CatchUp
from argo_tradervue_plugin.delivery.joining import Joiner, other_spools
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.logins import Logins
from argo_tradervue_plugin.delivery.status import health_of, without_outbox
from argo_tradervue_plugin.delivery.worker import Worker
from argo_tradervue_plugin.errors import (
    AccountMismatch,
    CredentialsError,
    OutboxError,
    TrackerError,
    one_line,
)
from argo_tradervue_plugin.guard import guard, log
from argo_tradervue_plugin.model.capture import as_mapping
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.fields import has_exit
from argo_tradervue_plugin.outbox.held import HeldEvents
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.outbox.records import (
    PENDING,
    EventKind,
    Recorded,
    State,
)
from argo_tradervue_plugin.outbox.spools import Spools
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.process.forking import Lock, importing
from argo_tradervue_plugin.process.sums import EXACT
from argo_tradervue_plugin.services.clients import Clients, client_of
from argo_tradervue_plugin.services.compat import DEFAULT_DAYS, HostCalls, SyncStats
from argo_tradervue_plugin.services.ending import Ending
from argo_tradervue_plugin.services.memory import Memory, Recalled
from argo_tradervue_plugin.services.syncing import (
    Begun,
    Syncing,
    Watch,
    on_event_loop,
)
from argo_tradervue_plugin.trackers import Trackers

if TYPE_CHECKING:
    from argo_tradervue_plugin.matching.compare import Report
    from argo_tradervue_plugin.services.reconciliation.reconciler import Reconciler
    from argo_tradervue_plugin.services.resends import Resends
    from argo_tradervue_plugin.services.results import Answer, Results

__all__ = ["TradervueIntegration"]

P = ParamSpec("P")
T = TypeVar("T")


def visiting(
    method: Callable[Concatenate["TradervueIntegration", P], T],
) -> Callable[Concatenate["TradervueIntegration", P], T]:
    """
    Let *method* have one connection to the outbox, which is closed at its end.

    Its sums do not depend on what the host has set for its own.
    """

    @wraps(method)
    def visit(self: "TradervueIntegration", /, *given: P.args, **named: P.kwargs) -> T:
        with self.outbox.engine.visit(), localcontext(EXACT):
            return method(self, *given, **named)

    return visit


class TradervueIntegration(HostCalls):
    """
    Records trades durably and forwards them to Tradervue in the background.

    *tracker* is the host's, whose trades a manual sync enumerates; more can be added.
    The latest is kept alive; a host may make another one every day.
    An *outbox* that is given need not be open: what it cannot take waits in memory.
    *purpose* is ``host``, or ``replay`` for one that never touches a host's outbox.

    Raises:
        OutboxError: where the outbox that the settings name cannot be opened.
    """

    def __init__(
        self,
        settings: Settings,
        tracker: object = None,
        *,
        outbox: Outbox | None = None,
        purpose: str = HOST,
    ) -> None:
        self.settings = settings
        self.locations = Locations.of(settings, purpose=purpose)
        self.outbox = outbox or outbox_of(settings, self.locations)
        self.credentials = CredentialsFinder(settings)
        self.logins = Logins(self.credentials, self.outbox, settings)
        self.held = HeldEvents()
        self._asker, self._asked_at_start = Asker(), Asker()
        self.joiner = Joiner(
            self.outbox,
            settings,
            self.credentials,
            self.locations,
            link=self._link,
        )
        self._clients = Clients(settings, self.logins, self.joiner)
        self.outbox.engine.keeps_for_hosts = False
        if self.outbox.is_open:  # by this thread, which may be the host's
            self.outbox.close()
        self.outbox.takes = lambda: self.joiner.is_joined
        if isinstance(self.outbox.spool, Spools):
            self.outbox.spool.follow(
                lambda: other_spools(self.locations, self.outbox, self.joiner.account)
            )
        self.syncing = Syncing(self.outbox, settings, self._record)
        self.memory = Memory(self, longest=settings.sync_timeout_seconds)
        self.worker = Worker(
            self.outbox,
            settings,
            held=self.held,
            logins=self.logins,
            connect=partial(client_of, settings),
            joiner=self.joiner,
            catch_up=CatchUp(self._ask_for_catch_up, self.syncing.record_lacking),
            after_step=self._refresh,
        )
        self._making, self._made = Lock(), list["Results"]()
        self.worker.aside = self._results
        self._ending = Ending(
            self.outbox,
            self.worker,
            self.held,
            self._stop_results,
            count_left=self._count_left,
            close=self._close,
        )
        self._trackers: Trackers[bool] = Trackers()
        self._latest: object = None  # kept, as a script may have it nowhere else
        # Further ones that are not its own to keep; see hosting.guests_of.
        self.guests: Callable[[], Iterable[Any]] = tuple
        self.add_tracker(tracker)
        warn_of_stale_token()
        self.to_change = to_change(settings, self.locations)
        for line in self.to_change:
            log.warning("tradervue.place_to_change %s", line)

    @property
    def _integration(self) -> Self:
        return self

    # Loaded when they are first asked for: a host's start waits for none of it.

    @cached_property
    def reconciler(self) -> "Reconciler":
        """What compares host and journal."""
        with importing:
            from argo_tradervue_plugin.services.reconciliation.reconciler import (
                Reconciler,
            )
        return Reconciler(
            self.outbox, self.settings, self._clients.reader, self._recent_trades
        )

    @cached_property
    def resends(self) -> "Resends":
        """What replaces trades in the journal."""
        with importing:
            from argo_tradervue_plugin.services.resends import Resends
        return Resends(self.outbox, self.settings, self._clients.reader)

    def _results(self) -> "Results":
        with self._making:
            if not self._made:
                self._made.append(self._make_results())
            return self._made[0]

    def _stop_results(self, timeout: float) -> None:
        for results in self._made:
            results.stop(timeout)

    def _make_results(self) -> "Results":
        with importing:
            from argo_tradervue_plugin.services.performance import Performance
            from argo_tradervue_plugin.services.results import Results
        stopping = threading.Event()
        performance = Performance(
            self._clients.reader, self.outbox, self.settings, stopping=stopping
        )
        return Results(
            performance,
            self.outbox,
            self.settings,
            wake=self.worker.wake,
            stopping=stopping,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def add_tracker(self, tracker: object) -> None:
        """Let the start and a manual sync look at *tracker* too; None is no tracker."""
        if tracker is not None and not self.has_tracker(tracker):
            self._trackers.add(tracker, value=True)
            self._latest = tracker
            self.worker.catch_up_again()

    def has_tracker(self, tracker: object) -> bool:
        """Tell whether *tracker* was added."""
        return self._trackers.get(tracker) is not None

    @property
    def trackers(self) -> list[Any]:
        """Return the trackers whose trades a manual sync enumerates, each once."""
        all_of_them = [*self._trackers, *self.guests()]
        return list({id(each): each for each in all_of_them}.values())

    @property
    def tracker(self) -> Any:
        """Return the tracker that was added first, None where there is none."""
        return next(iter(self._trackers), None)

    # What the hooks call: a line in the spool, and nothing else is waited for.

    def record_entry(self, trade: object) -> None:
        """Put the entry of *trade* into the outbox."""
        self._record(trade, EventKind.ENTRY)

    def record_exit(self, trade: object) -> None:
        """Put the exit of *trade* into the outbox."""
        self._record(trade, EventKind.EXIT)

    def record_correction(self, trade: object) -> None:
        """Put into the outbox what the host stored outside its record methods."""
        self._record(trade, EventKind.CORRECTION)

    def _record(self, trade: object, kind: EventKind) -> None:
        event = Recorded.of(trade, kind, time.time())
        if self._ending.is_over:
            self._ending.record(event)
        elif not self.held.record(self.outbox, event) and self._ending.is_over:
            self._ending.lose_what_is_held()  # it ended meanwhile
        self.worker.wake()

    def resume(self) -> None:
        """Let the worker go on with what was left before; nothing is waited for."""
        self.worker.wake()

    def _ask_for_catch_up(self) -> list[Question]:
        days = self.settings.catch_up_days
        if not days:
            return []
        return self._asked_at_start.ask(self.trackers, days, self.worker.nudge)

    def flush(self, timeout: float) -> bool:
        """Wait until everything recorded is in its final state; tell whether it is."""
        return self.worker.flush(timeout)

    def close(self, timeout: float | None = None) -> bool:
        """
        Let the worker finish for at most *timeout* seconds, then stop it, which takes
        a second more at most, whatever hangs.

        Returns whether nothing was left. What was left in the outbox is sent at the
        next start; what was in memory only is lost, and logged as an error. By default
        the setting ``flush_seconds`` holds. What is recorded later is sent at the next
        start, too.
        """
        return self._ending.end(
            self.settings.flush_seconds if timeout is None else timeout
        )

    @property
    def left(self) -> int | None:
        """How many events :meth:`close` could not wait for; None: it is not known."""
        return self._ending.left

    def _close(self) -> None:
        self._clients.close()
        self.outbox.close()

    def _link(self, lane: Lane) -> int:
        """Note what stands in the journal already, before anything is sent to it."""
        with importing:
            from argo_tradervue_plugin.services.reconciliation.adoption import Adopter
        adopter = Adopter(self.outbox, self.settings, lambda: lane.client)
        return adopter.relink(is_forwarder=True)

    @visiting
    def find_outbox(self) -> None:
        """
        See that the outbox is placed, by whoever comes first, the worker or a caller.

        Raises:
            CredentialsError: there is no complete login, which says whose it is.
            AccountMismatch: the outbox belongs to another account.
            OutboxError: it cannot be used now.
        """
        if not self.outbox.is_open:
            self.joiner.prepare()

    def _count_left(self) -> int:
        if not self.outbox.is_open and self.outbox.spool is not None:
            return self.outbox.spool.count()  # it is not known for which outbox
        counts = self.outbox.counts()
        return sum(counts[state] for state in PENDING)

    # What routes and scripts call: these may wait, and say what went wrong.

    @visiting
    def performance(self, start: date, end: date) -> "Answer | None":
        """
        Return the last metrics of the trades opened from *start* to *end*.

        Both are New York days. On the thread of an event loop nothing is waited for,
        and None says that there are none yet.

        Raises:
            TradervueError: there are none yet, and the journal could not be read.
            ValueError: *end* is before *start*.
        """
        if on_event_loop():
            return self._results().at_once(start, end)
        self.find_outbox()
        return self._results().within_time(start, end)

    @visiting
    def reconcile(self, days: int = DEFAULT_DAYS) -> "Report":
        """
        Compare the last *days* days with the journal, trade by trade.

        Raises:
            TradervueError: where the journal could not be read.
        """
        self.find_outbox()
        return self.reconciler.compare(days)

    def check(self) -> None:
        """
        Ask Tradervue for one trade, to see that it is there and knows the login.

        Raises:
            TradervueError: it is not, or does not.
        """
        self._clients.reader().check()

    def _recent_trades(self, days: int) -> list[Any] | None:
        """
        Return the host's trades of the last *days* days; None without a host.

        Raises:
            TrackerError: a tracker failed, so that they are not all there.
        """
        if not self.trackers:
            return None
        trades, failures = self._asker.answers(self.trackers, days, PATIENCE)
        if failures:
            raise failures[0]
        return trades

    def synchronize(self, days: int = DEFAULT_DAYS) -> SyncStats:
        """
        Sync what the journal lacks of the tracker's last *days* days.

        Waits for at most ``sync_timeout_seconds``; what is pending then goes on behind.
        Tradervue is asked where there is something to send.

        Raises:
            ApiError: it cannot be reached or refuses the login; everything is kept.
            CredentialsError: there is no complete login.
            AccountMismatch: the outbox belongs to another account.
            OutboxError: the outbox cannot be read.
        """
        return self._sync(self._recent_trades(days) or [], probe=self._clients.probe)

    def sync_recent(self, days: int) -> SyncStats:
        """
        Do the same without asking Tradervue, which the worker does.

        On the thread of an event loop the worker does all of it, behind this call; the
        answer is what came of the sync before.
        """
        if on_event_loop():
            came_to = self.memory.sync(days)
            self.worker.wake()
            return came_to
        try:
            return self._sync(self._recent_trades(days) or [])
        except (AccountMismatch, CredentialsError):  # which the worker has logged
            return SyncStats()

    def sync_trades(
        self,
        wanted: Iterable[object],
        *,
        patience: float | None = None,
        watch: Watch | None = None,
    ) -> SyncStats:
        """
        Sync what the journal lacks of these trades.

        Waits as above, or with *patience* until nothing has moved for these seconds.
        *watch* is called with the number of trades that are waited for, and how far
        their executions are, whenever that is looked at.
        """
        return self._sync(wanted, patience, watch=watch)

    @visiting
    def _sync(
        self,
        wanted: Iterable[object],
        patience: float | None = None,
        *,
        probe: Callable[[float], None] | None = None,
        watch: Watch | None = None,
    ) -> SyncStats:
        self.find_outbox()
        begun = self.syncing.begin(wanted)
        self.syncing.wait_for(
            self.worker,
            begun.unsure,
            patience,
            is_correcting=begun.is_correcting,
            probe=probe,
            watch=watch,
        )
        return self.syncing.count(begun)

    @visiting
    def forward(
        self, trade: object, kinds: Collection[Kind]
    ) -> tuple[Mapping[Kind, State], int | None]:
        """
        Record *kinds* of *trade* and wait; return their states and the journal id.

        Waits for at most ``sync_timeout_seconds``, and not at all on the thread of an
        event loop, where both are as they were last read. The id is that of a basic
        trade where executions were refused. No state is that of a trade which is in
        the journal otherwise than the host recorded it.
        """
        if on_event_loop():
            return self._forward_behind(trade, kinds)
        try:
            self.find_outbox()
        except (AccountMismatch, CredentialsError):  # nothing is sent now: kept
            return self._forward_behind(trade, kinds)
        [one] = self.syncing.recognised([trade])
        kind = EventKind.EXIT  # which says all of the entry as well
        if Kind.EXIT not in kinds:
            is_known = one.known is not None or Kind.EXIT in one.kinds
            kind = EventKind.CORRECTION if is_known else EventKind.ENTRY
        self._record(trade, kind)
        is_correcting = kind is EventKind.CORRECTION
        found = self.syncing.wait_for(
            self.worker, {one.trade_id: kinds}, is_correcting=is_correcting
        )
        states = found.get(one.trade_id, {})
        known = self.outbox.trade(one.trade_id)
        if self.syncing.differing([one.trade_id]):
            states = {}
        return states, (known.journal_id or known.basic_id) if known else None

    def _forward_behind(
        self, trade: object, kinds: Collection[Kind]
    ) -> tuple[Mapping[Kind, State], int | None]:
        """Do the same without waiting for a disk, a database or a network."""
        event = Recorded.of(trade, EventKind.EXIT, time.time())
        answer = self.memory.recall(event)
        if Kind.EXIT not in kinds:
            is_known = has_exit(trade) or answer is not None
            kind = EventKind.CORRECTION if is_known else EventKind.ENTRY
            event = event._replace(kind=kind)
        states = answer.of(event.payload) if answer else {}
        is_there = all(states.get(kind) is State.SYNCED for kind in kinds)
        if not self.memory.wants(event):
            if not is_there:
                self.held.record(self.outbox, event)
            self.memory.want(event)
        self.worker.wake()
        return states, answer.journal_id if answer else None

    # What the memory reads, on the worker's thread.

    def answers_for(self, events: Sequence[Recorded]) -> Sequence[Recalled]:
        """Return how the trades of *events* are; see :class:`.memory.Source`."""
        # What is recorded and not planned may change any of them.
        is_planned = not (self.held or self.outbox.counts()[State.NEW])
        wanted = [as_mapping(event.payload) for event in events]
        objects = self.syncing.recognised(wanted)
        ids = {one.trade_id for one in objects}
        states, differing = self.outbox.states_of(ids), self.syncing.differing(ids)
        answers = []
        for one, event in zip(objects, events, strict=True):
            is_certain = is_planned and one.trade_id not in differing
            legs = states.get(one.trade_id, {})
            known = self.outbox.trade(one.trade_id)
            answers.append(
                Recalled(
                    payload=event.payload if is_certain else None,
                    states=legs if is_certain else {},
                    journal_id=(known.journal_id or known.basic_id) if known else None,
                    is_final=is_planned
                    and all(not legs.get(k, State.NEW).is_pending for k in one.kinds),
                )
            )
        return answers

    def begin_sync(self, days: int) -> Callable[[], SyncStats]:
        """Begin a sync of the tracker's last *days* days; return what counts it."""
        ask = partial(self._asker.ask, days=days, then=self.worker.nudge)
        questions = ask(self.trackers)
        begun: Begun | None = None

        def count() -> SyncStats:
            nonlocal begun
            if begun is None:
                others = [q for q in questions if not q.is_open and q.days != days]
                for one in others:  # it was busy with the question of another sync
                    questions.remove(one)
                    questions.extend(ask([one.tracker]))
                if any(q.is_open and q.age < PATIENCE for q in questions):
                    return SyncStats(pending=1)
                try:
                    begun = self.syncing.begin(
                        [t for q in questions for t in q.trades()]
                    )
                except TrackerError as error:
                    log.error("tradervue.tracker_failed error=%s: no sync", error)
                    return SyncStats()
                questions.clear()
            return self.syncing.count(begun)

        return count

    def _refresh(self) -> None:
        """Refresh what threads answer from that may not wait."""
        with guard("memory"), suppress(OutboxError):
            if self.outbox.is_open:
                self.memory.refresh()

    def username(self) -> str | None:
        """Return the login's name, also without a password; None: there is none."""
        return self.credentials.username()

    def disabled_because(self) -> str | None:
        """
        Return why the integration is not enabled: a part of the login is missing.

        None: it is enabled, also while Tradervue refuses the login. Needs no network.
        """
        if self.credentials.known() is not None:
            return None
        login = self.worker.login
        return (login and login.problem) or (
            "the login is being looked for: user name or password are neither in the "
            "settings nor in the environment"
        )

    def profile_url(self) -> str | None:
        """Return the address of the profile page as Argo promises it, or None."""
        known = self.credentials.known()
        name = known.username if known else None
        return name and f"{self.settings.site}/profile/{quote(name, safe='')}"

    def widget_url(self, kind: str, width: int, height: int) -> str | None:
        """Return the address of a widget as Argo promises it; None without a login."""
        known = self.credentials.known()
        name = known.username if known else None
        size = urlencode({"width": width, "height": height})
        user = quote(name or "", safe="")
        return name and f"{self.settings.site}/widgets/{user}/{kind}?{size}"

    @visiting
    def health(self) -> Mapping[str, object]:
        """
        Return how it goes, as the outbox has it: the same from every process.

        Times are Unix seconds and ages seconds; None is never, or nothing. What the
        outbox cannot give is answered from this process, with ``outbox_problem``.
        """
        own = self.worker.own()
        try:
            found = health_of(self.outbox, self.settings, now=time.time(), own=own)
        except OutboxError as error:
            found = without_outbox(
                self.settings,
                own,
                place=str(self.outbox),
                problem=one_line(str(error)),
            )
        return {**found, "remarks": [*self.to_change, *found["remarks"]]}

    def trouble(self) -> str | None:
        """Return what stands in the way of the forwarding, None: nothing is known."""
        own = self.worker.health
        if own.failures:  # it may not be written down yet
            return own.last_error
        health = self.health()
        if health["last_error"] and not health["last_error_is_history"]:
            return str(health["last_error"])
        return None

"""
The plugin put together, once per process: outbox, worker and what hosts call.

Also usable without a host, in a script::

    settings = Settings(enabled=True, username="me", password="secret")
    with TradervueIntegration(settings) as tradervue:
        tradervue.sync_complete_trade(trade)
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote, urlencode

import attrs

from argo_tradervue_plugin import __version__
from argo_tradervue_plugin.credentials import (
    Credentials,
    CredentialsFinder,
    warn_of_stale_token,
)
from argo_tradervue_plugin.delivery.joining import Joiner, other_spools
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.obstacles import obstacles
from argo_tradervue_plugin.delivery.recognition import lacking, recognised
from argo_tradervue_plugin.delivery.worker import Worker
from argo_tradervue_plugin.errors import (
    AccountMismatch,
    AuthenticationFailed,
    CredentialsError,
    ImportInProgress,
    OutboxError,
    RateLimited,
)
from argo_tradervue_plugin.fields import has_exit
from argo_tradervue_plugin.forking import Lock, gate
from argo_tradervue_plugin.guard import guard, incidents, log
from argo_tradervue_plugin.journal.executions import Kind
from argo_tradervue_plugin.journal.reconcile import Report
from argo_tradervue_plugin.journal.trades import as_mapping
from argo_tradervue_plugin.locations import Locations
from argo_tradervue_plugin.memory import Answer, Memory
from argo_tradervue_plugin.outbox.held import HeldEvents
from argo_tradervue_plugin.outbox.interface import (
    PENDING,
    EventKind,
    Recorded,
    State,
    outcome_of,
)
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.outbox.shared import SharedOutbox
from argo_tradervue_plugin.outbox.spools import Spools
from argo_tradervue_plugin.performance import Performance
from argo_tradervue_plugin.reconciliation import Reconciler
from argo_tradervue_plugin.reconciliation.adoption import Adopter
from argo_tradervue_plugin.resends import Resends
from argo_tradervue_plugin.settings import Settings
from argo_tradervue_plugin.stand_in import DEFAULT_DAYS, HostCalls, SyncStats

if TYPE_CHECKING:
    from argo_tradervue_plugin.journal.metrics import Metrics
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["TradervueIntegration"]

LOOK: Final = 0.05  # seconds between two looks at how far the worker is
MOMENT: Final = 0.5  # seconds in which a small import is read back where all goes well
TRADES_A_SECOND: Final = 10_000  # that are looked at while the worker works


class TradervueIntegration(HostCalls):
    """
    Records trades durably and forwards them to Tradervue in the background.

    *tracker* is the host's, whose trades a manual sync enumerates; more can be added.
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
        outbox: SharedOutbox | None = None,
        purpose: str = "host",
    ) -> None:
        self.settings = settings
        self.locations = Locations.of(settings)
        self.outbox = outbox or outbox_of(settings, self.locations)
        self.credentials = CredentialsFinder(settings)
        self.held = HeldEvents()
        self.joiner = Joiner(
            self.outbox,
            settings,
            self.credentials,
            self.locations,
            link=self._link,
            purpose=purpose,
        )
        self.outbox.takes = lambda: self.joiner.is_joined
        if isinstance(self.outbox.spool, Spools):
            self.outbox.spool.follow(lambda: other_spools(self.locations, self.outbox))
        self.left: int | None = None  # events that :meth:`close` could not wait for
        self.memory = Memory(self, longest=settings.sync_timeout_seconds)
        self.worker = Worker(
            self.outbox,
            settings,
            held=self.held,
            credentials=self.credentials,
            connect=self._connect,
            joiner=self.joiner,
            catch_up=self.catch_up,
            after_step=self._refresh,
        )
        self._trackers: list[Any] = []
        # Further ones that are not its own to keep; see plugin.guests_of.
        self.guests: Callable[[], Iterable[Any]] = tuple
        self._performance = Performance(self._reader, self.outbox, settings)
        self.reconciler = Reconciler(
            self.outbox, settings, self._reader, self._recent_trades
        )
        self.resends = Resends(self.outbox, settings, self._reader)
        self._reading = Lock()
        self._read_by: tuple[Credentials, TradervueClient] | None = None
        self.add_tracker(tracker)
        warn_of_stale_token()

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
        """Let a manual sync look at *tracker* too; None is no tracker."""
        if tracker is not None and not self.has_tracker(tracker):
            self._trackers.append(tracker)

    def has_tracker(self, tracker: object) -> bool:
        """Tell whether *tracker* was added."""
        return any(tracker is each for each in self._trackers)

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
        self.held.record(self.outbox, Recorded.of(trade, kind, time.time()))
        self.worker.wake()

    def resume(self) -> None:
        """Go on with what an earlier process has left, if there is anything."""
        is_idle = False
        with suppress(OutboxError):  # the worker will see to it
            is_idle = self.outbox.is_open and self.worker.is_idle()
        if self._trackers or not is_idle:
            self.worker.wake()

    def catch_up(self) -> None:
        """
        Record what the host has stored and the outbox does not know.

        That is what came while it could not be written, until the process ended.
        """
        days = self.settings.catch_up_days
        told = self._recent_trades(days) if days else None
        if not told:
            return
        objects = recognised(self.outbox, self.settings, told)
        states = self.outbox.states_of({one.trade_id for one in objects})
        events = list(lacking(objects, states))
        for one, kind in events:
            self._record(one.trade, kind)
        missing = sum(len(one.kinds) for one, _ in events if one.known is None)
        if missing:
            log.info("tradervue.caught_up events=%d: the outbox lacked them", missing)

    def flush(self, timeout: float) -> bool:
        """Wait until everything recorded is in its final state; tell whether it is."""
        return self.worker.flush(timeout)

    def close(self, timeout: float | None = None) -> bool:
        """
        Let the worker finish for at most *timeout* seconds, then stop it, which takes
        a second more at most where Tradervue hangs.

        Returns whether nothing was left; what was left is in the outbox. By default
        the setting ``flush_seconds`` holds.
        """
        seconds = self.settings.flush_seconds if timeout is None else timeout
        deadline = time.monotonic() + seconds
        done = False
        with suppress(OutboxError):  # what cannot be read is stopped all the same
            done = self.worker.is_idle() or (seconds > 0 and self.flush(seconds))
        self.worker.stop(max(deadline - time.monotonic(), 1.0))
        with suppress(OutboxError):  # memory ends with the process
            self.held.write_into(self.outbox)
        with suppress(OutboxError):
            self.left = self._queue_depth(self.outbox.counts())
        if self._read_by is not None:
            self._read_by[1].close()
        self.outbox.close()
        return done

    def _link(self, lane: Lane) -> int:
        """Note what stands in the journal already, before anything is sent to it."""
        if self.settings.opposite_closes:
            return 0  # the journal does not tell which trade an execution belongs to
        return Adopter(self.outbox, self.settings, lambda: lane.client).relink()

    def find_outbox(self) -> None:
        """
        See that the outbox is placed, by whoever comes first, the worker or a caller.

        Raises:
            CredentialsError: there is no complete login, so that nobody knows whose.
            AccountMismatch: the outbox belongs to another account.
            OutboxError: it cannot be used now.
        """
        if not self.outbox.is_open:
            self.joiner.prepare()

    # What routes and scripts call: these may wait, and say what went wrong.

    def performance(self, start: date, end: date) -> "Metrics":
        """
        Return the metrics of the trades opened from *start* to *end* (New York days).

        Raises:
            TradervueError: where the journal could not be read.
        """
        return self._performance.metrics(start, end)

    def reconcile(self, days: int = DEFAULT_DAYS) -> Report:
        """
        Compare the last *days* days with the journal, trade by trade.

        Raises:
            TradervueError: where the journal could not be read.
        """
        return self.reconciler.compare(days)

    def _recent_trades(self, days: int) -> list[Any] | None:
        """Return the host's trades of the last *days* days; None without a host."""
        trackers = self.trackers
        if not trackers:
            return None
        return [t for tracker in trackers for t in trades_of(tracker, days)]

    def synchronize(self, days: int = DEFAULT_DAYS) -> SyncStats:
        """
        Bring what the journal lacks of the tracker's last *days* days into it.

        Waits for at most ``sync_timeout_seconds``; what is pending then goes on behind.
        Tradervue is asked where there is something to send.

        Raises:
            ApiError: it cannot be reached or refuses the login; everything is kept.
            CredentialsError: there is no complete login.
            AccountMismatch: the outbox belongs to another account.
            OutboxError: the outbox cannot be read.
        """
        return self._sync(self._recent_trades(days) or [], probe=self._probe)

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

    def bring(
        self, wanted: Iterable[object], *, patience: float | None = None
    ) -> SyncStats:
        """
        Bring what the journal lacks of these trades into it.

        Waits as above, or with *patience* until nothing has moved for these seconds.
        """
        return self._sync(wanted, patience)

    def _sync(
        self,
        wanted: Iterable[object],
        patience: float | None = None,
        probe: Callable[[float], None] | None = None,
    ) -> SyncStats:
        self.find_outbox()
        begun = self._begin(wanted)
        self._wait_for(
            begun.unsure, patience, is_correcting=begun.is_correcting, probe=probe
        )
        return self._count(begun)

    def _begin(self, wanted: Iterable[object]) -> "Begun":
        """Record what the outbox lacks of these trades; return how they were before."""
        objects = recognised(self.outbox, self.settings, wanted)
        trades = {one.trade_id: one.kinds for one in objects}
        before = self.outbox.states_of(trades)
        complete = {
            trade_id
            for trade_id, kinds in trades.items()
            if all(before.get(trade_id, {}).get(k) is State.SYNCED for k in kinds)
        }
        changes = list(lacking(objects, before))
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
        return {i: len(rows) for i, rows in self.outbox.of_trades(trade_ids).items()}

    def _count(self, begun: "Begun") -> SyncStats:
        """Return what came of a sync so far."""
        states = self.outbox.states_of(begun.unsure)
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

    def _probe(self, timeout: float) -> None:
        """
        See that Tradervue can be reached, and knows the login.

        Raises:
            TradervueError: where it is known that nothing can be sent now.
        """
        credentials = self.credentials.get()
        self.joiner.see_same(credentials)
        if self.worker.health.is_refused:  # and not refused once more for asking
            raise AuthenticationFailed(self.worker.health.last_error or "", status=401)
        client = self._connect(credentials, None, timeout)
        try:
            client.check()
        except (ImportInProgress, RateLimited):
            return  # it is there, and busy
        finally:
            client.close()

    def differing(self, trade_ids: Iterable[str]) -> set[str]:
        """
        Return which of these trades stand otherwise than the host has recorded them.

        Those that a person has accepted as they are do not count.
        """
        found = self.outbox.outcomes_of(trade_ids)
        return {i for i, some in found.items() if any(not o.accepted for o in some)}

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
        [one] = recognised(self.outbox, self.settings, [trade])
        kind = EventKind.EXIT  # which says all of the entry as well
        if Kind.EXIT not in kinds:
            is_known = one.known is not None or Kind.EXIT in one.kinds
            kind = EventKind.CORRECTION if is_known else EventKind.ENTRY
        self._record(trade, kind)
        is_correcting = kind is EventKind.CORRECTION
        found = self._wait_for({one.trade_id: kinds}, is_correcting=is_correcting)
        states = found.get(one.trade_id, {})
        known = self.outbox.trade(one.trade_id)
        if self.differing([one.trade_id]):
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

    def answers_for(self, events: Sequence[Recorded]) -> Sequence[Answer]:
        """Return how the trades of *events* are; see :class:`.memory.Source`."""
        # What is recorded and not planned may change any of them.
        is_planned = not (self.held or self.outbox.counts()[State.NEW])
        wanted = [as_mapping(event.payload) for event in events]
        objects = recognised(self.outbox, self.settings, wanted)
        ids = {one.trade_id for one in objects}
        states, differing = self.outbox.states_of(ids), self.differing(ids)
        answers = []
        for one, event in zip(objects, events, strict=True):
            is_certain = is_planned and one.trade_id not in differing
            legs = states.get(one.trade_id, {})
            known = self.outbox.trade(one.trade_id)
            answers.append(
                Answer(
                    payload=event.payload if is_certain else None,
                    states=legs if is_certain else {},
                    journal_id=(known.journal_id or known.basic_id) if known else None,
                    is_final=is_planned
                    and all(legs.get(k, State.NEW) not in PENDING for k in one.kinds),
                )
            )
        return answers

    def begin_sync(self, days: int) -> Callable[[], SyncStats]:
        """Begin a sync of the tracker's last *days* days; return what counts it."""
        begun = self._begin(self._recent_trades(days) or [])
        return lambda: self._count(begun)

    def _refresh(self) -> None:
        """Refresh what threads answer from that may not wait."""
        with guard("memory"), suppress(OutboxError):
            if self.outbox.is_open:
                self.memory.refresh()

    def _wait_for(
        self,
        wanted: Mapping[str, Iterable[Kind]],
        patience: float | None = None,
        *,
        is_correcting: bool = False,
        probe: Callable[[float], None] | None = None,
    ) -> dict[str, dict[Kind, State]]:
        """
        Wait until nothing of these trades is pending, or the time is up.

        That is a fixed time, or with *patience* one that each progress begins again.
        What is not sent in a moment is a reason to *probe*, once, in the seconds that
        are left.
        """
        limit = self.settings.sync_timeout_seconds if patience is None else patience
        begin = time.monotonic()
        deadline = begin + limit
        before: dict[str, dict[Kind, State]] = {}
        self.worker.wake()
        while True:
            # A correction says nothing of an execution before it is planned.
            waits = is_correcting and self.outbox.counts()[State.NEW] > 0
            states = self.outbox.states_of(wanted)
            pending = waits or any(
                states.get(trade_id, {}).get(kind, State.NEW) in PENDING
                for trade_id, kinds in wanted.items()
                for kind in kinds
            )
            if patience is not None and states != before:
                before, deadline = states, time.monotonic() + patience
            out_of_time = time.monotonic() >= deadline or on_event_loop()
            if not pending or out_of_time:
                return states
            is_refused = self.worker.health.is_refused
            if probe and (is_refused or time.monotonic() - begin > MOMENT):
                probe(deadline - time.monotonic())
                probe = None
            if is_refused:
                return states
            # A look at thousands of trades takes the worker's time.
            time.sleep(LOOK + len(states) / TRADES_A_SECOND)

    def username(self) -> str | None:
        """Return the login's name, None while none was found."""
        known = self.credentials.known()
        return known.username if known else None

    def profile_url(self) -> str | None:
        """Return the address of the profile page as Argo promises it, or None."""
        name = self.username()
        return name and f"{self.settings.site_url}/profile/{quote(name, safe='')}"

    def widget_url(self, kind: str, width: int, height: int) -> str | None:
        """Return the address of a widget as Argo promises it; None without a login."""
        name = self.username()
        size = urlencode({"width": width, "height": height})
        user = quote(name or "", safe="")
        return name and f"{self.settings.site_url}/widgets/{user}/{kind}?{size}"

    def health(self) -> Mapping[str, object]:
        """
        Return how the forwarding goes; reads a handful of rows.

        Times are Unix seconds and ages seconds; None is never, or nothing.
        """
        now = time.time()
        counts = self.outbox.counts()
        oldest = self.outbox.oldest_pending_at()
        told = self.worker.health
        return {
            "version": __version__,
            "queue_depth": self._queue_depth(counts),
            "oldest_pending_age": None if oldest is None else max(0.0, now - oldest),
            "last_success_at": self.outbox.last_synced_at(),
            "last_error": told.last_error,
            "last_error_at": told.last_error_at,
            "failures_in_a_row": told.failures,
            "retry_at": told.retry_at or None,
            "circuit": str(told.circuit(now)),
            "credentials_refused": told.is_refused,
            "holds_lease": self.worker.holds_lease,
            "counts": {str(state): counts[state] for state in State},
            "outcomes": dict(self.outbox.outcome_counts()),
            **obstacles(self.outbox),
            "held_in_memory": len(self.held),
            "lost": self.held.lost,
            "kept_from_host": sum(i.count for i in incidents()),
        }

    def _queue_depth(self, counts: Mapping[State, int]) -> int:
        return sum(counts[state] for state in PENDING) + len(self.held)

    def _reader(self) -> "TradervueClient":
        """Return the client that reads for the host; the worker has its own."""
        credentials = self.credentials.get()
        with self._reading:
            if self._read_by is None or self._read_by[0] != credentials:
                if self._read_by is not None:
                    self._read_by[1].close()
                self._read_by = (credentials, self._connect(credentials, None))
            return self._read_by[1]

    def _connect(
        self,
        credentials: Credentials,
        before_attempt: Callable[[], None] | None,
        timeout: float | None = None,
    ) -> "TradervueClient":
        with gate:  # not at the start: httpx is half of what a host would wait for
            from argo_tradervue_plugin.tradervue.client import TradervueClient

        longest = self.settings.timeout_seconds
        return TradervueClient(
            credentials,
            base_url=self.settings.base_url,
            user_id=self.settings.user_id,
            contact=self.settings.contact,
            timeout=min(timeout or longest, longest),
            request_interval=self.settings.request_interval_seconds,
            before_attempt=before_attempt,
        )


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


def trades_of(tracker: Any, days: int) -> list[Any]:
    """Return the trades of *tracker*; the trading loop may add one meanwhile."""
    tries = 3
    while True:
        tries -= 1
        try:
            # The host has no other way to enumerate its trades.
            found = tracker._get_recent_trades(days=days)  # noqa: SLF001
            if hasattr(type(found), "itertuples"):  # a dataframe, whose items are names
                return list(found.itertuples())
            return list(found.values() if isinstance(found, Mapping) else found)
        except RuntimeError:  # its dictionary changed under our hands
            if not tries:
                raise


def on_event_loop() -> bool:
    """Tell whether this thread runs an event loop, which must not stand still."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True

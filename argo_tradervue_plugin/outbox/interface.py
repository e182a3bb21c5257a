"""
The contract of an outbox, whatever keeps it.

The hook writes one event (:meth:`Outbox.record`) and returns. Everything else is done
by the one process that holds the lease, inside :meth:`Outbox.write`: a transaction
that is refused once somebody else holds the lease. Times called *now* and ``…_at``
are Unix seconds.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

import attrs

from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.model.executions import (
    EventKind,
    Execution,
    Key,
    Kind,
)
from argo_tradervue_plugin.model.records import Difference, TradeRecord
from argo_tradervue_plugin.model.side import Side
from argo_tradervue_plugin.model.snapshot import capture, identity_of
from argo_tradervue_plugin.planning.slots import Span

__all__ = [
    "GIVEN_UP",
    "NOTHING_TOLD",
    "PENDING",
    "UNDER_WAY",
    "Acceptance",
    "Errand",
    "Event",
    "EventKind",
    "ImportRow",
    "ImportStage",
    "Lease",
    "Link",
    "Outbox",
    "Outcome",
    "OverQuota",
    "Overlay",
    "Process",
    "Recorded",
    "RefusedLogin",
    "Resend",
    "ResendStage",
    "ResultRow",
    "Row",
    "Snapshot",
    "State",
    "Step",
    "TradeRow",
    "Waiting",
    "Writer",
    "outcome_of",
]

NOTHING_TOLD: Final = "{}"  # the snapshot of what was found in the journal alone


class State(StrEnum):
    """How far an execution got."""

    NEW = "new"  # written by the hook, not yet looked at
    RECORDED = "recorded"  # understood, waiting for its import
    SENT = "sent"  # noted as part of an import; the outcome is not known
    IMPORTED = "imported"  # Tradervue says that the import succeeded
    LINKED = "linked"  # read back from the journal
    SYNCED = "synced"  # and its trade carries our notes
    BASIC = "basic"  # refused; the trade stands there without executions
    QUARANTINED = "quarantined"  # waits for a person
    SKIPPED = "skipped"  # has no place in a journal; a later event may change that
    DISCARDED = "discarded"  # a person decided that it shall not be sent


PENDING: Final = (State.NEW, State.RECORDED, State.SENT, State.IMPORTED, State.LINKED)
UNDER_WAY: Final = (State.SENT, State.IMPORTED)  # what was sent, and not read back yet
GIVEN_UP: Final = (State.QUARANTINED, State.DISCARDED, State.SKIPPED)  # not sent now


def outcome_of(states: Iterable[State]) -> str:
    """
    Return how a trade stands whose executions are in *states*.

    One of ``verified``, ``basic``, ``quarantined``, ``skipped``, ``discarded`` and
    ``pending``; the part that is worst off decides, and no part at all is pending.
    """
    found = set(states)
    if not found or found & set(PENDING):
        return "pending"
    for state in (State.QUARANTINED, State.DISCARDED, State.BASIC, State.SKIPPED):
        if state in found:
            return str(state)
    return "verified"


class ResendStage(StrEnum):
    """How far the replacement of a trade in the journal is."""

    ASKED = "asked"  # a person wants it; nothing was changed yet
    CLEARING = "clearing"  # its journal trades are being deleted
    CHECKING = "checking"  # deleted; the journal has to show nothing of it any more
    SENT = "sent"  # it goes like a new trade; what was kept has to move along
    REFUSED = "refused"  # nothing was changed, for the reason that stands there


class Errand(StrEnum):
    """What the forwarding may have to do."""

    PLAN = "plan"  # an event that nothing was made of yet
    SETTLE = "settle"  # an import whose outcome is to be dealt with
    SEARCH = "search"  # an import that the journal does not show yet
    SEND = "send"
    NOTES = "notes"  # those of a trade in the journal, or of a basic trade
    OVERLAY = "overlay"  # a commission that came later
    WITHDRAW = "withdraw"  # a basic trade that is not needed any more
    RESEND = "resend"


class ImportStage(StrEnum):
    """How much is known of an import."""

    NOTED = "noted"  # about to be sent, or sent: whether it arrived is unknown
    ACCEPTED = "accepted"  # Tradervue has taken it: the next outcome is this import's
    FINISHED = "finished"  # the outcome is known
    WAITING = "waiting"  # the journal does not show all of it yet
    SETTLED = "settled"  # every execution was read back or dealt with


@attrs.frozen(kw_only=True)
class Lease:
    """The right to forward. *token* grows with every holder: the fence."""

    holder: str
    token: int
    expires_at: float


class Recorded(NamedTuple):
    """An event as the hook saw it; *at* is Unix seconds."""

    trade_id: str
    kind: EventKind
    identity: str
    payload: str
    at: float

    @classmethod
    def of(cls, trade: object, kind: EventKind, at: float) -> "Recorded":
        """Return the event of *kind* of a host's *trade*, as that stands now."""
        trade_id, identity = identity_of(trade)
        return cls(trade_id, kind, identity, capture(trade), at)


@attrs.frozen(kw_only=True)
class Event:
    """
    What a hook recorded; *recorded_at* is when the hook ran.

    Whose it is, the *payload* tells: *trade_id* and *identity* are as the host wrote
    them.
    """

    seq: int
    trade_id: str
    kind: EventKind
    identity: str
    payload: str
    recorded_at: float


@attrs.frozen(kw_only=True)
class Row:
    """
    An execution and how far it got.

    *execution* is None where the host's trade made no sense. *journal_id* is the
    journal trade that holds it, *import_id* the last import that may have stored it:
    None where certainly none has. *updated_at* is when it got its state. *unsure*
    tells whether an import before the last may have stored it, whose outcome is
    unknown or a failure; *remark* is a reason that our notes repeat.
    """

    seq: int
    trade_id: str
    kind: Kind
    execution: Execution | None
    state: State
    part: int = 1
    account_tag: str = ""
    twin: bool = False
    import_id: int | None = None
    journal_id: int | None = None
    attempts: int = 0
    due_at: float = 0.0
    reason: str | None = None
    updated_at: float = 0.0
    unsure: bool = False
    remark: str | None = None

    @property
    def key(self) -> Key:
        """Return what tells it from every other execution."""
        return self.trade_id, self.kind, self.part

    @property
    def is_fixed(self) -> bool:
        """Tell whether it may stand in the journal, or a person gave it up."""
        return self.may_be_stored or self.state is State.DISCARDED

    @property
    def may_be_stored(self) -> bool:
        """Tell whether an import may have stored it, or somebody entered it."""
        return self.import_id is not None or self.journal_id is not None


@attrs.frozen(kw_only=True)
class TradeRow:
    """
    A host trade and what stands for it in the journal.

    *payload* is the latest snapshot of what stands there, *changed_at* when that got
    its present state, *basic_id* a journal trade without executions. *record* is all
    that the host has recorded, None for what was found in the journal alone. *risk* is
    the initial risk in dollars that was written there.
    """

    trade_id: str
    symbol: str
    account_tag: str
    entered_at: datetime
    payload: str
    changed_at: float
    journal_id: int | None = None
    basic_id: int | None = None
    attempts: int = 0
    record: TradeRecord | None = None
    risk: Decimal | None = None


@attrs.frozen(kw_only=True)
class Outcome:
    """
    What a person should know of a trade beside its state.

    *host* and *journal* are both sides in words, *since* is Unix seconds, *accepted*
    says that a person has accepted the trade as it stands.
    """

    trade_id: str
    code: str
    host: str
    journal: str
    since: float
    accepted: bool = False


@attrs.frozen(kw_only=True)
class Acceptance:
    """
    What a person has accepted as it is: a trade, or a journal trade of no host trade.

    It holds while what the host has recorded and the executions in the journal have
    these digests.
    """

    host: str
    journal: str
    trade_id: str | None = None
    journal_id: int | None = None


@attrs.frozen(kw_only=True)
class Resend:
    """
    A trade that a person wants deleted in the journal and sent again.

    *drops_comments*: comments may be lost by it. *kept* is what whoever carries it out
    has to know later, as a text; *reason* says why it waits, or was refused.
    """

    trade_id: str
    stage: ResendStage
    asked_at: float
    drops_comments: bool
    kept: str = ""
    reason: str | None = None
    attempts: int = 0
    due_at: float = 0.0


@attrs.frozen(kw_only=True)
class Overlay:
    """A commission in dollars to be laid over *row*, an exit in the journal."""

    row: Row
    commission: Decimal
    attempts: int


@attrs.frozen(kw_only=True)
class Snapshot:
    """What a host has recorded of a trade; *journal_id* is where it stands."""

    trade_id: str
    record: TradeRecord
    journal_id: int | None


@attrs.frozen(kw_only=True)
class ResultRow:
    """
    The metrics of the trades opened from *start* to *end*, without their *facts*.

    *computed_at* and *asked_at* (by anybody, last) are Unix seconds.
    """

    start: date
    end: date
    computed_at: float
    asked_at: float


@attrs.frozen(kw_only=True)
class ImportRow:
    """
    An import and its outcome as Tradervue gave it (JSON), None while unknown.

    *size* is how many executions were sent, *looks* how often the journal was searched
    for them.
    """

    id: int
    account_tag: str
    allow_duplicates: bool
    stage: ImportStage
    noted_at: float
    finished_at: float | None = None
    size: int = 0
    looks: int = 0
    outcome: str | None = None


@attrs.frozen(kw_only=True)
class Link:
    """A trade that stands in the journal; *entry_at* in Unix seconds."""

    journal_id: int
    symbol: str
    entry_at: int


@attrs.frozen(kw_only=True)
class Waiting:
    """How many executions the journal is to show, and since when (Unix seconds)."""

    executions: int
    since: float


@attrs.frozen(kw_only=True)
class OverQuota:
    """
    How many executions wait for the plan's quota; *until* is the next try.

    That is in Unix seconds.
    """

    executions: int
    until: float


@attrs.frozen(kw_only=True)
class Step:
    """One row of a trade's history."""

    at: float
    kind: str
    state: str
    detail: str | None


@attrs.frozen(kw_only=True)
class Process:
    """
    What a process that has the outbox open says of itself.

    *name* is as :func:`~argo_tradervue_plugin.delivery.lease.holder_name` begins it,
    *seen_at* its last sign of life, *facts* are JSON.
    """

    name: str
    seen_at: float
    facts: str


@attrs.frozen(kw_only=True)
class RefusedLogin:
    """
    A login that Tradervue has refused *count* times, last at *last_at*.

    Of the password there is only a salted digest; both are hexadecimal.
    """

    digest: str
    salt: str
    count: int
    first_at: float
    last_at: float


class Writer(Protocol):
    """What the holder of the lease may change, inside one transaction."""

    def keep(self, record: TradeRecord, *, now: float) -> None:
        """Keep what the host has recorded of a trade."""

    def put(
        self,
        execution: Execution,
        *,
        account_tag: str,
        twin: bool,
        now: float,
        recorded_at: float | None = None,
    ) -> bool:
        """
        Note what *execution* consists of; its state becomes recorded.

        *recorded_at* is when the host recorded it, by default now. Returns False, and
        changes nothing, where that execution may have been sent already, or a person
        gave it up: what stands in the journal stays.
        """

    def park(
        self,
        trade_id: str,
        kind: Kind,
        part: int,
        state: State,
        *,
        reason: str,
        now: float,
    ) -> None:
        """Set an execution aside that was not sent; make its row if there is none."""

    def drop(self, rows: Iterable[Row]) -> None:
        """Remove executions that were never sent, and are not planned any more."""

    def set_outcomes(
        self,
        trade_id: str,
        differs: Iterable[Difference],
        *,
        among: Collection[str],
        now: float,
    ) -> list[str]:
        """
        Replace the outcomes of a trade *among* these codes; return those that are new.

        One that stays as it was keeps its time. A new one withdraws what a person has
        accepted of the trade.
        """

    def accept(self, acceptance: Acceptance, *, now: float) -> None:
        """Note what a person has accepted, in place of what they accepted before."""

    def withdraw(self, acceptance: Acceptance) -> None:
        """Note that what was accepted is not as it was any more."""

    def open_trade(self, execution: Execution, *, slot: int, account_tag: str) -> None:
        """Keep the slot for the trade of an entry; does nothing for a known trade."""

    def free_slot(self, trade_id: str) -> None:
        """Give back the slot of a trade of which nothing was sent."""

    def close_trade(self, trade_id: str, at: datetime) -> None:
        """Note the time from which the slot of a trade is free."""

    def reopen_trade(self, trade_id: str) -> None:
        """Keep the slot of a trade whose exit does not get into the journal."""

    def redirect(self, rows: Iterable[Row], account_tag: str) -> None:
        """Note that executions which wait go under another account tag."""

    def notice(self, code: str, *, now: float, pause: float) -> bool:
        """
        Note that something was said of the account; False within *pause* seconds of it.

        What is said at most once a day is so for all processes, restarts included.
        """

    def hasten(self, *, now: float, longest: float, by: float) -> None:
        """
        Have what waits be due *by* seconds earlier, since the clock was set back.

        What would wait for more than *longest* seconds after that, or for a quota for
        more than a day, is due at once: no pause is as long.
        """

    def take_out(self, events: Iterable[Event]) -> None:
        """Take *events* out of the inbox."""

    def move(
        self,
        rows: Iterable[Row],
        state: State,
        *,
        now: float,
        reason: str | None = None,
        due_at: float | None = None,
        is_attempt: bool = True,
        is_unsent: bool = False,
    ) -> None:
        """
        Change the state of executions, each step a row of the history.

        *due_at* is when to try again; giving it counts as an attempt, unless nothing
        was wrong with the last one. *is_unsent*: certainly no import has stored them.
        """

    def give_back(self, rows: Iterable[Row], *, now: float) -> None:
        """
        Make *rows* due again after an import that Tradervue has not processed.

        What an earlier import may have stored stays so.
        """

    def doubt(self, rows: Iterable[Row]) -> None:
        """Note that their last import may have stored *rows*, whatever it said."""

    def leave_out_commission(self, row: Row, remark: str) -> None:
        """Send *row* without its commission; our notes say *remark*."""

    def allow_twins(self, rows: Iterable[Row]) -> None:
        """Send *rows* with duplicates allowed, after counting what is there."""

    def retag(self, trade_id: str, *, slot: int, account_tag: str) -> None:
        """Give a trade of which nothing was sent another slot."""

    def note_import(
        self, *, account_tag: str, allow_duplicates: bool, now: float, size: int = 0
    ) -> ImportRow:
        """Note an import of *size* executions before it is sent."""

    def add_to_import(
        self, import_id: int, rows: Sequence[Row], *, now: float
    ) -> list[Row]:
        """
        Note which executions an import consists of; their state becomes sent.

        Returns them: what a person has discarded since *rows* were read stays behind.
        """

    def accept_import(self, import_id: int) -> None:
        """Note that Tradervue has taken an import."""

    def finish_import(self, import_id: int, outcome: str, *, now: float) -> None:
        """Store what Tradervue says of an import; reading it has cleared it there."""

    def wait_for_import(self, import_id: int, *, due_at: float, now: float) -> None:
        """Search the journal again at *due_at* for what an import has stored."""

    def settle_import(self, import_id: int) -> None:
        """Note that nothing of an import is open any more."""

    def note_refused_login(self, digest: str, salt: str, *, now: float) -> None:
        """Count a refusal of the login with this digest; the oldest are forgotten."""

    def forget_refused_logins(self, digests: Iterable[str]) -> None:
        """Note that Tradervue accepts a login that it had refused."""

    def set_condition(self, name: str, facts: str | None) -> None:
        """Keep what holds for the sending as a whole; None: nothing does any more."""

    def link(self, row: Row, journal_id: int, *, now: float) -> None:
        """Note that an execution was read back, and in which journal trade."""

    def annotated(
        self, trade_id: str, *, now: float, risk: Decimal | None = None
    ) -> list[Kind]:
        """
        Note that a trade carries our notes; return what became synced by it.

        *risk* is the initial risk in dollars that was written with them, None where it
        stays as it was.
        """

    def postpone_annotation(self, trade_id: str, *, due_at: float) -> None:
        """Try the annotation of a trade again later."""

    def want_overlay(
        self, trade_id: str, commission: Decimal, *, is_news: bool = True
    ) -> None:
        """
        Note that the journal has to learn a trade's *commission*.

        What is no news takes only the place of another one that is wanted.
        """

    def overlaid(self, trade_id: str) -> None:
        """Note that the journal shows the commission that was wanted."""

    def postpone_overlay(self, trade_id: str, *, due_at: float | None) -> None:
        """Try again later; None is not again by itself."""

    def forget_place(self, trade_id: str, *, now: float) -> None:
        """Send a trade again that somebody deleted in the journal."""

    def adopt(
        self, execution: Execution, journal_id: int, *, account_tag: str, now: float
    ) -> None:
        """Note an execution that stands in the journal and is not known here."""

    def forget(self, trade_ids: Iterable[str]) -> None:
        """
        Remove what is known of finished trades, but that they are, and where they are.

        Told again they are no news; their slots and journal trades stay theirs.
        """

    def forget_imports(self, before: float, limit: int) -> None:
        """Remove imports noted *before* then of which no execution is left."""

    def wants_notes(self, trade_id: str) -> None:
        """Note that what stands for a trade has to say something new."""

    def set_basic(self, trade_id: str, basic_id: int | None) -> None:
        """Note the trade without executions that stands for *trade_id*, or none."""

    def ask_resend(
        self, trade_id: str, *, drops_comments: bool, now: float, kept: str = ""
    ) -> None:
        """Note that a person wants a trade sent again; one under way goes on."""

    def keep_resend(self, resend: Resend) -> None:
        """Keep how far a resend is."""

    def end_resend(self, trade_id: str) -> None:
        """Note that nothing of a resend is open any more."""

    def hold(self, rows: Iterable[Row], *, reason: str, now: float) -> None:
        """Let executions wait, wherever they stand, while a trade is replaced."""

    def let_go(self, rows: Iterable[Row], *, now: float) -> None:
        """Let executions go on as before they were held."""

    def keep_result(
        self, result: ResultRow, facts: str, *, most: int, now: float
    ) -> None:
        """
        Keep the metrics of a period, as a text, in place of those computed before.

        Metrics computed later stay, unless that is after *now*. Of all periods the
        *most* that were asked for last are kept.
        """

    def ask_result(self, start: date, end: date, *, now: float) -> None:
        """Note that the metrics of a period, which are kept, were asked for."""

    def start_over(self, trade_id: str) -> None:
        """
        Forget what was sent of a trade of which nothing is in the journal any more.

        With its slot, its outcomes and its commission to be laid over; what the host
        has recorded of it stays.
        """


class Outbox(Protocol):
    """
    A durable record, shared by every thread and process of a host.

    *is_open* tells whether it was made and migrated, *losses* how often what was open
    was deleted or replaced since.
    """

    is_open: bool
    losses: int

    def open(self) -> None:
        """
        Make and migrate what has to be; does nothing once it was done.

        Done by the constructor, by everything but :meth:`record`, and by the worker:
        what could not be opened at the start is opened as soon as it can be.

        Raises:
            OutboxTooNew: a newer version has written it; only an update helps.
            OutboxError: it cannot be opened now.
        """

    def stamp(self) -> Account | None:
        """
        Return whose journal this outbox is sent to.

        None: no login was accepted yet, or an older version has written it.
        """

    def purpose(self) -> str | None:
        """Return what the outbox is stamped for, ``host`` or ``replay``."""

    def put_stamp(
        self,
        account: Account,
        *,
        now: float,
        purpose: str = "host",
        is_moved: bool = False,
    ) -> Account:
        """
        Stamp the outbox with *account*, and return whose it is after that.

        A stamp that is there stays, unless a person *is_moved*: the login or the
        address was renamed.
        """

    def holds_something(self) -> bool:
        """Tell whether anything was recorded or linked in this outbox."""

    def latest_links(self, limit: int) -> list[Link]:
        """Return where the trades stand that were linked last, latest first."""

    def stored_version(self) -> int:
        """
        Return the version of the schema that is there, 0 where none is; makes nothing.

        Raises:
            OutboxError: it cannot be read now.
        """

    def record(self, event: Recorded) -> None:
        """
        Write *event*; it outlives the process on return.

        Idempotent on trade id and kind: an event that comes again changes nothing, and
        one with another payload replaces the one recorded before, whatever the time
        says: a clock may be set back. With a spool before the outbox this waits for
        nobody, nor has the outbox to be open.

        Raises:
            OutboxError: where it could not be written.
        """

    def gather(self, also: Sequence[Recorded] = ()) -> bool:
        """
        Take over what is in the spool, and *also* what could not be written there.

        Returns False where there was nothing, or another process is at it.

        Raises:
            OutboxError: it could not be done now, and everything is where it was.
        """

    def take_over(self, events: Iterable[Recorded]) -> None:
        """
        Put events into the inbox, all or none; recorded twice they are one.

        Raises:
            OutboxError: where they could not be written.
        """

    def claim(
        self, holder: str, *, now: float, ttl: float, is_gone: Callable[[str], bool]
    ) -> Lease | None:
        """
        Take the lease if it is free, expired or ours, or if its holder *is_gone*.

        Returns None while somebody else holds it.
        """

    def renew(self, lease: Lease, *, now: float, ttl: float) -> Lease:
        """
        Keep the lease for *ttl* seconds from *now*.

        Raises:
            LeaseLost: somebody else holds it.
        """

    def release(self, lease: Lease) -> None:
        """Give the lease back; does nothing if it was lost."""

    def lease_free_at(self) -> float:
        """Return when the present lease expires, 0 if there is none."""

    def write(self, lease: Lease) -> AbstractContextManager[Writer]:
        """
        Begin a transaction; it is committed when the block ends well.

        Raises:
            LeaseLost: somebody else holds the lease; nothing was changed.
        """

    def inbox(self, limit: int) -> list[Event]:
        """Return events that were not looked at, in the order of recording."""

    def due(self, now: float, limit: int) -> list[Row]:
        """
        Return executions for one import, of *limit* trades at most, oldest first.

        They are of one account tag. Twins (equal to another to the second, quantity and
        price) come alone, since their import allows duplicates. An exit comes with its
        entry, or after that was read back. Empty when nothing is due.
        """

    def errands(self) -> frozenset[Errand]:
        """Return what there is to do, now or later; of any other there is nothing."""

    def next_due(self) -> float | None:
        """Return when the next execution or annotation is due; None: there is none."""

    def unsettled(self) -> list[ImportRow]:
        """
        Return imports whose outcome is to be dealt with, oldest first.

        Not those that wait for the journal.
        """

    def waiting_imports(self, now: float, limit: int) -> list[ImportRow]:
        """Return imports for which the journal is to be searched, oldest first."""

    def waiting(self) -> Waiting | None:
        """Return what the journal is to show, None where it shows everything."""

    def waiting_of(self, trade_id: str) -> list[Row]:
        """Return what of a trade the journal is to show."""

    def last_import_id(self) -> int:
        """Return the number of the latest import, 0 where there was none."""

    def is_shown_after(self, import_id: int) -> bool:
        """
        Tell whether the journal has shown an import that was sent later.

        What an import before that one may have stored says nothing of it.
        """

    def last_finished_at(self) -> float | None:
        """Return when an import finished last."""

    def refused_logins(self) -> list[RefusedLogin]:
        """Return the logins that Tradervue has refused and not accepted since."""

    def processes(self) -> list[Process]:
        """Return what each process said last, also those that are gone by now."""

    def say(self, process: Process, *, gone: Iterable[str] = ()) -> None:
        """Keep what a process says of itself, and forget those that are *gone*."""

    def leave(self, name: str) -> None:
        """Forget what the process *name* said of itself."""

    def lease_holder(self) -> str | None:
        """Return who took the lease last, None: no process ever did."""

    def conditions(self) -> dict[str, str]:
        """Return everything that :meth:`Writer.set_condition` keeps, by name."""

    def condition(self, name: str) -> str | None:
        """Return what :meth:`Writer.set_condition` keeps."""

    def unsent_entries(self) -> list[Row]:
        """Return the first entries of which no import has stored anything, by time."""

    def entries_to_send(self, now: float, limit: int) -> list[Row]:
        """Return first entries that are due and were never sent, of any account tag."""

    def of_import(self, import_id: int) -> list[Row]:
        """Return the executions that went with an import, in the order sent."""

    def imports_of(self, import_ids: Iterable[int]) -> dict[int, ImportRow]:
        """Return these imports, as far as they were not forgotten."""

    def of_trades(self, trade_ids: Iterable[str]) -> dict[str, list[Row]]:
        """Return all understood executions of trades, the entry first."""

    def all_of_trades(self, trade_ids: Iterable[str]) -> dict[str, list[Row]]:
        """Return every execution of trades, also those that made no sense."""

    def closers_of(self, trade_ids: Iterable[str]) -> dict[str, list[Row]]:
        """Return the executions of opposite trades that close these positions."""

    def opened_before(self, symbol: str, at: float, side: Side) -> list[str]:
        """
        Return the trades of *side* in *symbol* that were open then (Unix seconds).

        Their side is that of an entry which was planned.
        """

    def account_tag_of(self, trade_id: str) -> str | None:
        """Return the account tag of a trade; None: it has no slot yet."""

    def of_trade(self, trade_id: str) -> list[Row]:
        """Return every execution of a trade, also those that made no sense."""

    def records_of(
        self, host_ids: Iterable[str]
    ) -> dict[str, list[tuple[TradeRecord, bool]]]:
        """
        Return the records of each id of the host, oldest first.

        With each comes whether its trade was finished and forgotten. Ids are as
        :func:`~.records.stored_id` gives them.
        """

    def record_of(self, trade_id: str) -> TradeRecord | None:
        """Return what the host has recorded of a trade, None where nothing is known."""

    def outcomes_of(self, trade_ids: Iterable[str]) -> dict[str, list[Outcome]]:
        """Return the outcomes of these trades, also those that were accepted."""

    def outcomes(self, limit: int) -> list[Outcome]:
        """Return outcomes that are not accepted, oldest first."""

    def acceptances(self, trade_ids: Iterable[str] | None = None) -> list[Acceptance]:
        """Return what people have accepted of these trades; by default, everything."""

    def outcome_counts(self) -> Mapping[str, int]:
        """Return how many trades have an outcome of each code that is not accepted."""

    def equals(self, execution: Execution) -> list[Row]:
        """Return the other executions that no one could tell from this."""

    def sent_at(self, symbol: str, moments: Iterable[datetime]) -> list[Row]:
        """
        Return the executions at these times that may stand in the journal.

        They were in an import or read back, whatever became of them since.
        """

    def noticed_at(self, code: str) -> float | None:
        """Return when something was last said of the account, None: it never was."""

    def spans(self, symbol: str, start: float, end: float | None) -> list[Span]:
        """Return who holds which slot for *symbol* between *start* and *end*."""

    def queued_behind(self, trade_id: str) -> list[str]:
        """Return the trades that follow one in its slot, and were never sent."""

    def open_behind(self, trade_ids: Iterable[str]) -> set[str]:
        """
        Return the trades that one follows in their slot which may be open there.

        That is one of which no exit was recorded, and of which something was sent.
        """

    def closing(
        self, symbols: Iterable[str], account_tag: str
    ) -> dict[str, list[tuple[str, datetime]]]:
        """
        Return trades under *account_tag* in the journal of which an exit is to be sent.

        By symbol, each with the time of its entry (UTC).
        """

    def stored_behind(self, trade_id: str) -> bool:
        """Tell whether a trade that follows one in its slot may be in the journal."""

    def trade(self, trade_id: str) -> TradeRow | None:
        """Return a trade, None if it is not known."""

    def claimed(self, journal_ids: Iterable[int]) -> dict[int, set[str]]:
        """Return which host trades stand in which of these journal trades."""

    def to_annotate(self, now: float, limit: int) -> list[TradeRow]:
        """
        Return trades whose notes are due, by account tag and time of entry.

        One whose exit is about to be imported waits for it, and is written once.
        """

    def to_show_basic(self, now: float, limit: int) -> list[TradeRow]:
        """Return trades whose entry was refused and whose notes are due."""

    def annotations_due(self, now: float) -> int:
        """Return how many trades :meth:`to_annotate` would return, without a limit."""

    def superseded(self) -> list[TradeRow]:
        """Return trades that are in the journal in full, and as a basic trade too."""

    def overlays_due(self, now: float, limit: int) -> list[Overlay]:
        """Return overlays of one account tag that are due."""

    def overlays_of(self, trade_ids: Iterable[str]) -> dict[str, Overlay]:
        """Return the overlays that are wanted for these trades, due or not."""

    def is_overlay_open(self, trade_id: str) -> bool:
        """Return whether a commission has yet to be laid over, and was not given up."""

    def resend_of(self, trade_id: str) -> Resend | None:
        """Return how far the resend of a trade is; None: there is none open."""

    def resends(self, limit: int) -> list[Resend]:
        """Return the resends that are not at their end, oldest first."""

    def resends_due(self, now: float, limit: int) -> list[Resend]:
        """Return resends of which the next step is due, oldest first."""

    def snapshots_since(self, since: float) -> list[Snapshot]:
        """
        Return the trades entered since then, as the host recorded them last.

        One whose time of entry made no sense counts by when it was recorded.
        """

    def maintain(self) -> AbstractContextManager[Writer]:
        """
        Begin a transaction for a person's decision, whoever holds the lease.

        It may only touch what no forwarder is at: what is parked, or in its place.
        """

    def finished_before(
        self, before: float, *, after: int, limit: int
    ) -> tuple[list[str], int | None]:
        """
        Look at *limit* executions; return trades that were finished *before* then.

        Finished is what was closed and synced, and what was discarded or skipped.
        *after* is 0, and then what the look before returned as second: where to go on,
        None where there is nothing older left to look at.
        """

    def counts(self) -> Mapping[State, int]:
        """Return the number of executions in each state; reads no rows of theirs."""

    def oldest_pending_at(self) -> float | None:
        """Return when the oldest pending event was recorded."""

    def overdue_since(self, *, is_paused: bool) -> float | None:
        """
        Return when the oldest pending event was recorded that waits by no rule.

        A quota and a listing that lags are rules, for a trade as a whole; *is_paused*
        says that nothing new is sent, by another.
        """

    def over_quota(self) -> OverQuota | None:
        """Return what waits for the plan's quota, None where nothing does."""

    def trade_counts(self) -> Mapping[str, int]:
        """
        Return how many trades are pending, verified and so on, as :func:`outcome_of`.

        A trade is ``differs`` that would be verified, and has an outcome that no person
        has accepted. Reads a row of each execution.
        """

    def last_synced_at(self) -> float | None:
        """Return when an execution became synced last."""

    def parked(self, limit: int) -> list[Row]:
        """Return what waits for a person: quarantined or basic, oldest first."""

    def history(self, trade_id: str) -> list[Step]:
        """Return every step of a trade, oldest first."""

    def states_of(self, trade_ids: Iterable[str]) -> dict[str, dict[Kind, State]]:
        """
        Return how far the executions of these trades are.

        What is in the inbox counts as new; a trade that was not recorded has none.
        """

    def results(self) -> list[ResultRow]:
        """Return the periods of which metrics are kept."""

    def result(self, start: date, end: date) -> str | None:
        """Return the metrics of a period, None where there are none."""

    def last_synced_step(self, after: int) -> tuple[int, int]:
        """
        Return the last step of the history, and the last *after* that synced something.

        The second is 0 where there is none.
        """

    def entries_synced_after(self, step: int) -> tuple[int, list[float]]:
        """
        Return when the trades were entered that became synced after *step*.

        Also those that share a journal trade with them. Comes with the number of the
        last step, to ask from the next time.
        """

    def risks_in(self, journal_ids: Iterable[int]) -> dict[int, Decimal]:
        """Return the planned risk in dollars of each of these trades that is ours."""

    def imports_sent(self) -> int:
        """Return how many imports were noted so far."""

    def close(self) -> None:
        """Close what the calling thread has open."""

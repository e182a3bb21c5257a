"""
What an outbox holds, as values: events, executions, trades, imports, the lease.

Times called *now* and ``…_at`` are Unix seconds.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

import attrs

from argo_tradervue_plugin.model.capture import capture
from argo_tradervue_plugin.model.executions import EventKind, Execution, Key, Kind
from argo_tradervue_plugin.model.identity import identity_of
from argo_tradervue_plugin.model.records import TradeRecord

__all__ = [
    "ASIDE",
    "NOTHING_RECORDED",
    "PENDING",
    "Acceptance",
    "Errand",
    "Event",
    "EventKind",
    "ImportRow",
    "ImportStage",
    "Lease",
    "Link",
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
    "Transition",
    "Waiting",
    "outcome_of",
]

NOTHING_RECORDED: Final = "{}"  # the snapshot of what was found in the journal alone


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

    @property
    def is_pending(self) -> bool:
        """Tell whether it is on its way: neither synced nor put aside."""
        return self in PENDING

    @property
    def is_under_way(self) -> bool:
        """Tell whether it was sent, and not read back yet."""
        return self in (State.SENT, State.IMPORTED)

    @property
    def is_read_back(self) -> bool:
        """Tell whether the journal has shown it."""
        return self in (State.LINKED, State.SYNCED)

    @property
    def is_parked(self) -> bool:
        """Tell whether it waits for a person, shown in the journal or not."""
        return self in (State.QUARANTINED, State.BASIC)

    @property
    def is_aside(self) -> bool:
        """Tell whether it is not on its way, for whatever reason."""
        return self in ASIDE

    @property
    def is_left_out(self) -> bool:
        """Tell whether nothing of it is to be in the journal as things are."""
        return self.is_aside and self is not State.BASIC


ASIDE: Final = (State.QUARANTINED, State.BASIC, State.SKIPPED, State.DISCARDED)
PENDING: Final = (State.NEW, State.RECORDED, State.SENT, State.IMPORTED, State.LINKED)


def outcome_of(states: Iterable[State]) -> str:
    """
    Return how a trade stands whose executions are in *states*.

    One of ``verified``, ``basic``, ``quarantined``, ``skipped``, ``discarded`` and
    ``pending``; the part that is worst off decides, and no part at all is pending.
    """
    found = set(states)
    if not found or any(state.is_pending for state in found):
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
class Transition:
    """
    What becomes of executions of a trade: the state that they get, and why.

    *rows* get it in any case. Of *keys* only what was never sent nor discarded gets it;
    what has no row yet gets one. *due_at* is when to try again, None where that stays;
    *is_attempt* counts one that failed. *is_unsent*: certainly no import has stored
    them; *is_unprocessed*: not the last one; *is_unsure*: it may have, whatever it
    said. *journal_id* is where they were read back. Without *is_news* there is no log
    line: it was said before, or whoever asked for it gets an answer.
    """

    state: State
    rows: Sequence[Row] = ()
    keys: Sequence[Key] = ()
    reason: str | None = None
    due_at: float | None = None
    is_attempt: bool = False
    is_unsent: bool = False
    is_unprocessed: bool = False
    is_unsure: bool = False
    journal_id: int | None = None
    is_news: bool = True


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

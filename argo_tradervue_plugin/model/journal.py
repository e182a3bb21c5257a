"""
What Tradervue takes and shows, as frozen values in our words.

The API's own key names are known to :mod:`.wire` alone. Money, prices and quantities
are :class:`~decimal.Decimal`; times are aware. A member that Tradervue may leave out
or set to null is None here, and a missing list is empty.

Source: API documentation, imports, trades, executions, journal, notes, comments, users.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import attrs

from argo_tradervue_plugin.model.side import Side

__all__ = [
    "Comment",
    "ImportRequest",
    "ImportResult",
    "ImportState",
    "ImportStatus",
    "JournalEntry",
    "JournalEntryDetail",
    "JournalExecution",
    "JournalTrade",
    "JournalTradeDetail",
    "NewExecution",
    "NewTrade",
    "NewUser",
    "Note",
    "Side",
    "TradeChange",
    "TradeFilter",
    "User",
    "UserChange",
]


@attrs.frozen(kw_only=True)
class NewExecution:
    """
    One fill to import.

    *quantity* is signed: positive buys, negative sells. *executed_at* is an aware
    time; it goes out as New York wall time with its offset, in whole seconds. A
    *commission* of None is unknown and left out, which is not the same as zero.
    """

    symbol: str
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    commission: Decimal | None = None
    transaction_fee: Decimal | None = None
    ecn_fee: Decimal | None = None
    option: str = ""


@attrs.frozen(kw_only=True)
class ImportRequest:
    """One ``POST /imports``. *tags* go on each new trade that the import creates."""

    executions: tuple[NewExecution, ...]
    account_tag: str | None = None
    tags: tuple[str, ...] = ()
    allow_duplicates: bool = False
    overlay_commissions: bool = False


class ImportState(StrEnum):
    """Where the user's one import slot stands."""

    READY = "ready"
    QUEUED = "queued"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def is_finished(self) -> bool:
        """Tell whether the slot holds an outcome, which reading it has cleared."""
        return self in {ImportState.SUCCEEDED, ImportState.FAILED}


@attrs.frozen(kw_only=True)
class ImportResult:
    """
    The ``info`` of a finished import; counts as Tradervue gives them.

    *error_row* is the position of the bad execution in the request, counted from 0
    (Tradervue counts from 1), None where it named none.
    """

    exec_count: int = 0
    duplicate_count: int = 0
    overquota_count: int = 0
    skipped_futures: bool = False
    skipped_options: bool = False
    skipped_forex: bool = False
    error: str | None = None
    error_row: int | None = None

    @property
    def left_out(self) -> bool:
        """Tell whether the plan has kept something out; waiting brings nothing then."""
        skipped = self.skipped_futures or self.skipped_options or self.skipped_forex
        return skipped or self.overquota_count > 0


@attrs.frozen(kw_only=True)
class ImportStatus:
    """One ``GET /imports``. *result* is there when the import has finished."""

    state: ImportState
    result: ImportResult | None = None


@attrs.frozen(kw_only=True)
class TradeFilter:
    """
    Which trades to list; a part that is None or empty does not restrict.

    *start* and *end* bound the day of opening in New York, both inclusive.
    *any_tags* wants at least one of the tags, *all_tags* each of them.
    """

    symbol: str | None = None
    any_tags: tuple[str, ...] = ()
    all_tags: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    side: Side | None = None
    intraday: bool | None = None
    winners: bool | None = None


@attrs.frozen(kw_only=True)
class JournalTrade:
    """
    A trade as a list shows it.

    *volume* is the sum of the absolute quantities of all executions. *gross_pl* is
    before commission and fees; *fees* may be negative (rebates). *exit_price* is the
    last exit's, None while open. *started_at* is None for a trade without executions.
    *notes_excerpt* has at most 100 characters.
    """

    id: int
    symbol: str
    side: Side | None = None
    open: bool = False
    shared: bool = False
    volume: Decimal | None = None
    gross_pl: Decimal | None = None
    native_pl: Decimal | None = None
    native_currency: str | None = None
    commission: Decimal | None = None
    fees: Decimal | None = None
    entry_price: Decimal | None = None
    exit_price: Decimal | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    tags: tuple[str, ...] = ()
    exec_count: int = 0
    comment_count: int = 0
    notes_excerpt: str = ""


@attrs.frozen(kw_only=True)
class JournalTradeDetail(JournalTrade):
    """
    A trade as ``GET /trades/{id}`` shows it.

    *initial_risk* is the total amount at risk in dollars, None where none is set.
    The excursions (*position_mfe* and so on) need Tradervue's own price data.
    """

    notes: str = ""
    initial_risk: Decimal | None = None
    position_mfe: Decimal | None = None
    position_mae: Decimal | None = None
    price_mfe: Decimal | None = None
    price_mae: Decimal | None = None
    best_exit_pl: Decimal | None = None
    position_mfe_at: datetime | None = None
    position_mae_at: datetime | None = None
    price_mfe_at: datetime | None = None
    price_mae_at: datetime | None = None
    best_exit_pl_at: datetime | None = None


@attrs.frozen(kw_only=True)
class JournalExecution:
    """One fill as the journal holds it; *quantity* is signed."""

    id: int
    symbol: str
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    commission: Decimal | None = None
    transaction_fee: Decimal | None = None
    ecn_fee: Decimal | None = None


@attrs.frozen(kw_only=True)
class NewTrade:
    """
    A trade without executions, for ``POST /trades``.

    *notes* of None asks for the user's default template; an empty text keeps it empty.
    """

    symbol: str
    notes: str | None = None
    initial_risk: Decimal | None = None
    shared: bool | None = None
    tags: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class TradeChange:
    """
    What ``PUT /trades/{id}`` shall set; a part that is None stays as it is.

    *tags* and *notes* replace what stands there: read, merge, then write.
    """

    notes: str | None = None
    initial_risk: Decimal | None = None
    shared: bool | None = None
    tags: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class JournalEntry:
    """The journal page of one day, as a list shows it."""

    id: int
    date: date
    notes: str = ""
    comment_count: int = 0


@attrs.frozen(kw_only=True)
class JournalEntryDetail(JournalEntry):
    """The journal page of one day with its figures and the ids of its trades."""

    trade_count: int = 0
    total_volume: Decimal | None = None
    gross_pl: Decimal | None = None
    commissions_and_fees: Decimal | None = None
    trade_ids: tuple[int, ...] = ()


@attrs.frozen(kw_only=True)
class Note:
    """A free note, which belongs to no trade and no day."""

    id: int
    notes: str = ""
    comment_count: int = 0


@attrs.frozen(kw_only=True)
class Comment:
    """A comment, which the API only shows; *written_at* comes in UTC."""

    id: int
    username: str
    text: str
    written_at: datetime


@attrs.frozen(kw_only=True)
class User:
    """A member of an organization; *plan* is Free, Silver or Gold."""

    id: int
    username: str
    email: str | None = None
    plan: str | None = None
    billing_mode: str | None = None
    last_login: datetime | None = None


@attrs.frozen(kw_only=True)
class NewUser:
    """A member to create; *settings* go out as they are (see the documentation)."""

    username: str
    email: str
    plan: str
    password: str = attrs.field(repr=lambda _: "'***'")
    trial_end: date | None = None
    settings: dict[str, object] | None = None


@attrs.frozen(kw_only=True)
class UserChange:
    """What ``PUT /users/{id}`` shall set; a part that is None stays as it is."""

    username: str | None = None
    email: str | None = None
    plan: str | None = None

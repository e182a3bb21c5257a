"""
What a host has recorded of one trade, folded into what planning needs.

A record is a value: an event makes a new one of it. Whose an event is, is decided by
what it means, and not by how its fields were written.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import attrs

from argo_tradervue_plugin.model.executions import EventKind, Execution
from argo_tradervue_plugin.model.identity import canonical_id
from argo_tradervue_plugin.model.side import Side
from argo_tradervue_plugin.model.snapshot import TradeSnapshot, same_moment

if TYPE_CHECKING:
    from cattrs.preconf.json import JsonConverter

__all__ = [
    "Difference",
    "ExitEvent",
    "Part",
    "TradeRecord",
    "as_text",
    "found_record",
    "from_text",
    "host_id_in",
    "identity_of_record",
    "name_for",
    "new_record",
    "news_of_identity",
    "owner_of",
    "stored_id",
    "unidentified",
    "with_identity",
]

# What an index of any engine takes, and what our marker in the notes shows whole.
LONGEST_ID: Final = 80
# How another trade of one id is named: the id, hex digits, and a number if need be.
OTHER: Final = re.compile(r"(.+)~[0-9a-f]{8}(?:\.[0-9]+)?", re.DOTALL)
# What tells a trade from another one of the same id.
IDENTITY: Final = (
    "symbol",
    "side",
    "created_at",
    "entered_at",
    "signal_id",
    "alpaca_order_id",
    "exchange_order_id",
)


@attrs.frozen(kw_only=True)
class ExitEvent:
    """An exit as it was recorded: the time, the price, and both figures of a size."""

    at: datetime
    price: Decimal
    quantity: Decimal | None = None
    filled: Decimal | None = None


@attrs.frozen(kw_only=True)
class Part:
    """
    One execution of the exit, as planned.

    *size* None closes everything that is open. *completes* is empty where *price* is
    the part's own; otherwise *price* is that of a larger whole, which the part makes
    right to the cent: ``exit`` of all that was closed at its time, *size* being the
    new size of that, ``all`` of the whole exit.
    """

    at: datetime
    price: Decimal
    size: Decimal | None = None
    completes: str = ""


@attrs.frozen(kw_only=True)
class Difference:
    """What the host has recorded (*host*) and what was sent (*sent*), with its code."""

    code: str
    host: str
    sent: str


@attrs.frozen(kw_only=True)
class TradeRecord:
    """
    What a host has recorded of one trade.

    *trade_id* is its id here, *host_id* the host's as :func:`stored_id` gives it.
    Identifying values are the first known; order ids and signal only of entries.

    *entry* and *exit* are the last snapshots of either that were taken
    (see :mod:`~.model.capture`), *entry_is_closed* says that the entry is known from
    an exit event alone. *sizes* are ordered and filled quantity of each recording of
    the entry, without repetitions, the first one first. *flag* says why the order has
    no place in a journal, by the last event. *stop* is the first that is a plan.
    *quote* is an exit event that gave the entry another price or time than *entry*;
    *quotes* are those of each recording of it, without repetitions, the last one last.
    *exits* are the exit events as recorded, *parts* what is planned for them,
    *differs* what of them was not taken. *unknown* are fields that made no sense.
    """

    trade_id: str
    host_id: str
    symbol: str | None = None
    side: Side | None = None
    created_at: datetime | None = None
    entered_at: datetime | None = None
    signal_id: str | None = None
    alpaca_order_id: str | None = None
    exchange_order_id: str | None = None
    entry: str | None = None
    entry_is_closed: bool = False
    quote: str | None = None
    quotes: tuple[tuple[Decimal, datetime], ...] = ()
    exit: str | None = None
    updated_at: datetime | None = None
    grown_at: datetime | None = None
    was_seen_open: bool = False
    was_partial: bool = False
    sizes: tuple[tuple[Decimal | None, Decimal | None], ...] = ()
    flag: str | None = None
    stop: Decimal | None = None
    exits: tuple[ExitEvent, ...] = ()
    parts: tuple[Part, ...] = ()
    differs: tuple[Difference, ...] = ()
    commission: Decimal | None = None
    unknown: tuple[str, ...] = ()
    count: int = 1


@cache
def converter() -> "JsonConverter":
    """Return the converter of records: decimals as text, what is default left out."""
    from cattrs.preconf.json import make_converter  # when the first record is read

    made = make_converter(omit_if_default=True)
    made.register_unstructure_hook(Decimal, str)
    made.register_structure_hook(Decimal, lambda value, _: Decimal(value))
    return made


def as_text(record: TradeRecord) -> str:
    """Return *record* as the outbox keeps it."""
    text = converter().dumps(record, separators=(",", ":"))
    recent[text] = record
    return text


def from_text(text: str) -> TradeRecord:
    """Return the record that :func:`as_text` wrote."""
    record = recent.get(text)
    if record is None:
        record = recent[text] = converter().loads(text, TradeRecord)
    return record


class Recent(dict[str, TradeRecord]):
    """
    The records that were written or read last, by their text.

    A trade is planned, and soon after it gets its notes.
    """

    def __setitem__(self, text: str, record: TradeRecord) -> None:
        if len(self) >= LARGEST_RECENT:
            self.clear()  # in one step, whatever other threads do
        super().__setitem__(text, record)


LARGEST_RECENT: Final = 1024
recent: Final = Recent()


def stored_id(host_id: str) -> str:
    """Return the host's id as an index takes it: a long one ends in its digest."""
    if len(host_id) <= LONGEST_ID:
        return host_id
    return f"{host_id[: LONGEST_ID - 17]}~{digest(host_id)}"


def known_by(trade_id: str) -> str:
    """Return a host's id as the outbox keeps it."""
    return stored_id(canonical_id(trade_id) or trade_id)


def host_id_in(trade_id: str) -> str:
    """Return the host's id, as it is stored, by the id that a trade has here."""
    other = OTHER.fullmatch(trade_id)
    name = other[1] if other else trade_id
    return stored_id(canonical_id(name) or name)


def digest(text: str) -> str:
    """Return 16 hex digits that stand for *text*."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]


def unidentified(payload: str) -> str:
    """Return the id of a trade that has none: equal content is one case."""
    return f"unidentified-{digest(payload)}"


def new_record(
    host_id: str, snapshot: TradeSnapshot, taken: Iterable[str]
) -> TradeRecord:
    """Return an empty record; its id here is none of those *taken*."""
    used = set(taken)
    trade_id = name_for(host_id, snapshot) if host_id in used else host_id
    number = 2
    while trade_id in used:  # not even its meaning tells it from the others
        trade_id = f"{name_for(host_id, snapshot)}.{number}"
        number += 1
    return TradeRecord(trade_id=trade_id, host_id=host_id)


def name_for(host_id: str, snapshot: TradeSnapshot) -> str:
    """Return the id of another trade that was given the same id by the host."""
    meaning = (
        snapshot.symbol,
        snapshot.signal_type,
        snapshot.created_at or snapshot.signal_id or snapshot.entry_timestamp,
    )
    return f"{host_id}~{digest('|'.join(map(str, meaning)))[:8]}"


def owner_of(
    kind: EventKind,
    snapshot: TradeSnapshot,
    records: Iterable[TradeRecord],
    journal_name: Callable[[str], str],
) -> TradeRecord | None:
    """
    Return the one of *records*, all of one id, that an event is about; None is new.

    *journal_name* gives a symbol's name in the journal: two names of one are equal.
    """
    fitting = [r for r in records if fits(kind, snapshot, r, journal_name)]
    if len(fitting) == 1:
        return fitting[0]
    return max(fitting, key=lambda r: likeness(snapshot, r), default=None)


def same_text(one: str, other: str) -> bool:
    """Return whether two ids of signals or orders are the same."""
    return one == other or canonical_id(one) == canonical_id(other)


def fits(
    kind: EventKind,
    snapshot: TradeSnapshot,
    record: TradeRecord,
    journal_name: Callable[[str], str],
) -> bool:
    """
    Tell whether *snapshot* can be of the trade of *record*.

    What a correction leaves alone tells two trades apart: the time of creation, and
    between two entries the signal, then the order ids. At an exit a host may write
    the exit order's id into the trade.
    """
    if None not in (snapshot.symbol, record.symbol):
        names = {journal_name(str(snapshot.symbol)), journal_name(str(record.symbol))}
        if snapshot.symbol != record.symbol and len(names) > 1:
            return False
    if None not in (snapshot.signal_type, record.side) and (
        snapshot.signal_type is not record.side
    ):
        return False
    if None not in (snapshot.created_at, record.created_at):
        return same_moment(snapshot.created_at, record.created_at)
    if kind is not EventKind.ENTRY:
        return True
    if None not in (snapshot.signal_id, record.signal_id):
        return same_text(str(snapshot.signal_id), str(record.signal_id))
    return all(
        theirs is None or ours is None or same_text(theirs, ours)
        for theirs, ours in (
            (snapshot.alpaca_order_id, record.alpaca_order_id),
            (snapshot.exchange_order_id, record.exchange_order_id),
        )
    )


def likeness(snapshot: TradeSnapshot, record: TradeRecord) -> tuple[Any, ...]:
    """Return how much the trade of *record* is like *snapshot*; more is more alike."""
    return (
        snapshot.created_at is not None
        and same_moment(snapshot.created_at, record.created_at),
        snapshot.entry_timestamp is not None
        and same_moment(snapshot.entry_timestamp, record.entered_at),
        snapshot.signal_id is not None and snapshot.signal_id == record.signal_id,
        None not in (snapshot.alpaca_order_id, record.alpaca_order_id)
        and snapshot.alpaca_order_id == record.alpaca_order_id,
        snapshot.exit_timestamp is not None
        and any(same_moment(snapshot.exit_timestamp, e.at) for e in record.exits),
        not record.exits,
    )


def found_record(execution: Execution) -> TradeRecord:
    """Return the record of a trade that is known from the journal alone."""
    return TradeRecord(
        trade_id=execution.trade_id,
        host_id=host_id_in(execution.trade_id),
        side=Side.LONG if execution.quantity > 0 else Side.SHORT,
        entered_at=execution.executed_at,
    )


def identity_of_record(record: TradeRecord) -> TradeRecord:
    """Return what of *record* tells its trade from others."""
    names = (*IDENTITY, "trade_id", "host_id")
    return TradeRecord(**{name: getattr(record, name) for name in names})


def with_identity(
    record: TradeRecord, kind: EventKind, snapshot: TradeSnapshot
) -> TradeRecord:
    """Return *record* with those identifying values that were not known before."""
    return attrs.evolve(record, **news_of_identity(record, kind, snapshot))


def news_of_identity(
    record: TradeRecord, kind: EventKind, snapshot: TradeSnapshot
) -> dict[str, Any]:
    """Return the identifying values of *snapshot* that *record* lacks."""
    names: dict[str, Any] = {
        "symbol": snapshot.symbol,
        "side": snapshot.signal_type,
        "created_at": snapshot.created_at,
        "entered_at": snapshot.entry_timestamp,
    }
    if kind is EventKind.ENTRY:
        names |= {
            "signal_id": snapshot.signal_id,
            "alpaca_order_id": snapshot.alpaca_order_id,
            "exchange_order_id": snapshot.exchange_order_id,
        }
    return {
        name: value
        for name, value in names.items()
        if value is not None and getattr(record, name) is None
    }

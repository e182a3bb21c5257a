"""
The wire format: between our values and the API's JSON.

What is sent goes through one cattrs converter. This is the only module that knows the
API's key names. They are spelled out here one by one, because Tradervue ignores a
misspelled member silently.
Everything that cannot be read is a :class:`ValueError` whose text says what.

Source: API documentation, imports, trades, executions, journal, notes, comments, users.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, get_args

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override

from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.model.journal import (
    Comment,
    ImportRequest,
    ImportResult,
    ImportState,
    ImportStatus,
    JournalEntry,
    JournalEntryDetail,
    JournalExecution,
    JournalTrade,
    JournalTradeDetail,
    NewExecution,
    NewTrade,
    NewUser,
    Note,
    Side,
    TradeChange,
    TradeFilter,
    User,
    UserChange,
)
from argo_tradervue_plugin.tradervue.texts import (
    day_text,
    decimal_text,
    eastern_text,
    read_bool,
    read_day,
    read_decimal,
    read_int,
    read_ints,
    read_moment,
    read_side,
    read_text,
    read_texts,
    tags_text,
    unreadable,
)

__all__ = [
    "encode",
    "encode_journal_entry",
    "encode_notes",
    "holds_trades",
    "journal_query",
    "make_converter",
    "page_query",
    "read_document",
    "read_id",
    "read_import_status",
    "read_list",
    "read_one",
    "read_queued",
    "read_words",
    "trade_query",
]


T = TypeVar("T")

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")

# Under which member an answer lists its objects. A single object comes bare.
LIST_MEMBER: Final[Mapping[type, str]] = {
    JournalTrade: "trades",
    JournalExecution: "executions",
    JournalEntry: "journal_entries",
    Note: "journal_notes",
    Comment: "comments",
    User: "users",
}

# What the API calls our fields in its answers, where the names differ.
READ_AS: Final[Mapping[type, Mapping[str, str]]] = {
    JournalTrade: {"started_at": "start_datetime", "ended_at": "end_datetime"},
    JournalTradeDetail: {
        "started_at": "start_datetime",
        "ended_at": "end_datetime",
        "position_mfe_at": "position_mfe_datetime",
        "position_mae_at": "position_mae_datetime",
        "price_mfe_at": "price_mfe_datetime",
        "price_mae_at": "price_mae_datetime",
        "best_exit_pl_at": "best_exit_pl_datetime",
    },
    # An import says transfee and ecnfee; the answers have underscores.
    JournalExecution: {
        "executed_at": "datetime",
        "transaction_fee": "trans_fee",
        "ecn_fee": "ecn_fee",
    },
    JournalEntry: {},
    JournalEntryDetail: {"commissions_and_fees": "commfees"},
    Note: {},
    Comment: {"written_at": "datetime"},
    User: {},
    ImportResult: {"error": "error_description", "error_row": "error_execnumber"},
}

# How a member of an answer is read, by the type of our field. Nulls never get here.
READERS: Final[Mapping[Any, Callable[[object], object]]] = {
    Decimal: read_decimal,
    datetime: read_moment,
    date: read_day,
    str: read_text,
    int: read_int,
    bool: read_bool,
    Side: read_side,
    tuple[str, ...]: read_texts,
    tuple[int, ...]: read_ints,
}

# Members that were already reported as unknown in this process.
_reported: Final[set[tuple[str, str]]] = set()


@cache
def make_converter() -> Converter:
    """Return the converter, which is made once: generating its functions takes ms."""
    converter = Converter(detailed_validation=False)
    converter.register_unstructure_hook(Decimal, decimal_text)
    converter.register_unstructure_hook(datetime, eastern_text)
    converter.register_unstructure_hook(date, date.isoformat)
    # A fee that is unknown is left out, which is not the same as zero: a default
    # commission may apply then. Source: API documentation, users.
    _write(
        converter,
        NewExecution,
        executed_at=override(rename="datetime"),
        commission=override(omit_if_default=True),
        transaction_fee=override(rename="transfee", omit_if_default=True),
        ecn_fee=override(rename="ecnfee", omit_if_default=True),
    )
    _write(
        converter,
        ImportRequest,
        account_tag=override(omit_if_default=True),
        tags=override(omit_if_default=True),
    )
    number = override(unstruct_hook=_number, omit_if_default=True)
    for changed in (NewTrade, TradeChange):
        _write(converter, changed, omit=True, initial_risk=number)
    # What a manager sets for a member goes out untouched.
    as_is = override(unstruct_hook=lambda value: value, omit_if_default=True)
    _write(converter, NewUser, omit=True, settings=as_is)
    _write(converter, UserChange, omit=True)
    return converter


def _without_none(wanted: Any) -> Any:
    if not isinstance(wanted, UnionType):
        return wanted
    (plain,) = (part for part in get_args(wanted) if part is not NoneType)
    return plain


def _reader(kind: Any) -> Callable[[object], Any]:
    """
    Return what reads an object of *kind*; null is as good as missing, more is ignored.

    A list has thousands of them: one loop over the members that are there.

    Raises:
        ValueError: from what is returned, if the object cannot be read.
    """
    names = READ_AS[kind]
    fields = attrs.fields(kind)
    members = {
        names.get(f.name, f.name): (f.name, READERS[_without_none(f.type)])
        for f in fields
    }
    needed = [f.name for f in fields if f.default is attrs.NOTHING]

    def read(row: object) -> object:
        if not isinstance(row, dict):
            raise unreadable(row, "no object")
        values = {}
        for member, value in row.items():
            if value is None:
                continue
            if member not in members:
                _report_unknown(kind, member)
                continue
            name, reader = members[member]
            values[name] = reader(value)
        for name in needed:
            if name not in values:
                raise Missing(names.get(name, name))
        return kind(**values)

    return read


READ: Final[Mapping[type, Callable[[object], Any]]] = {
    kind: _reader(kind) for kind in READ_AS
}


class Missing(ValueError):
    """An object lacks a member."""

    def __init__(self, member: str) -> None:
        super().__init__(f"there is no {member!r}")
        self.member = member


def _write(
    converter: Converter, kind: type, *, omit: bool = False, **overrides: Any
) -> None:
    generated: Callable[[Any], object] = make_dict_unstructure_fn(
        kind, converter, _cattrs_omit_if_default=omit, **overrides
    )
    converter.register_unstructure_hook(kind, generated)


def _report_unknown(kind: type, name: str) -> None:
    """Log a member that the documentation did not show, once in a process."""
    if (kind.__name__, name) not in _reported:
        _reported.add((kind.__name__, name))
        log.debug(
            "tradervue.unknown_member of=%s name=%s",
            kind.__name__,
            # Anything else is no name, and a server may put anything there.
            name if NAME.fullmatch(name) else "unprintable",
        )


def _number(value: Decimal) -> float | int:
    """Return *value* as JSON can show it; exact up to 15 digits, ample for dollars."""
    decimal_text(value)  # refuses what is no number
    return int(value) if value == value.to_integral_value() else float(value)


# Requests -----------------------------------------------------------------------


def encode(
    value: ImportRequest | NewTrade | TradeChange | NewUser | UserChange,
) -> bytes:
    """
    Return *value* as the body of a request.

    Raises:
        ValueError: if a number is not finite, or a time has no offset.
    """
    return _dump(make_converter().unstructure(value))


def encode_notes(notes: str) -> bytes:
    """Return the body that sets the *notes* of a note or of a journal entry."""
    return _dump({"notes": notes})


def encode_journal_entry(day: date, notes: str | None) -> bytes:
    """Return the body of a new entry; without *notes* the user's template is used."""
    body = {"date": day.isoformat()}
    if notes is not None:
        body["notes"] = notes
    return _dump(body)


def _dump(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode()


def page_query(page: int, page_size: int) -> dict[str, str]:
    """Return the query for one *page*, counted from 1."""
    return {"count": str(page_size), "page": str(page)}


def trade_query(where: TradeFilter) -> dict[str, str]:
    """
    Return *where* as a query.

    ``plgross`` is not documented, but used by a client in the field; the filter by
    ``tag`` was dropped from the documentation in 2025 in favour of the two here.

    Raises:
        ValueError: if a tag is blank or has a comma.
    """
    query = {
        "symbol": where.symbol,
        "ortags": tags_text(where.any_tags) or None,
        "andtags": tags_text(where.all_tags) or None,
        "startdate": None if where.start is None else day_text(where.start),
        "enddate": None if where.end is None else day_text(where.end),
        "side": {None: None, Side.LONG: "L", Side.SHORT: "S"}[where.side],
        "duration": {None: None, True: "I", False: "M"}[where.intraday],
        "plgross": {None: None, True: "W", False: "L"}[where.winners],
    }
    return {name: value for name, value in query.items() if value is not None}


def journal_query(
    day: date | None, start: date | None, end: date | None
) -> dict[str, str]:
    """Return the query for the journal of one *day*, or from *start* to *end*."""
    query = {"d": day, "startdate": start, "enddate": end}
    return {name: day_text(value) for name, value in query.items() if value}


# Answers ------------------------------------------------------------------------


def read_list(content: bytes, kind: type[T]) -> list[T]:
    """
    Return the objects of *kind* in a list answer.

    Raises:
        ValueError: if there is no such list, naming the row that cannot be read.
    """
    member = LIST_MEMBER[kind]
    listed = _listed(content, member)
    if listed is None:
        raise ValueError(f"there is no list {member!r}")
    read: Callable[[object], T] = READ[kind]
    rows: list[T] = []
    for index, row in enumerate(listed):
        try:
            rows.append(read(row))
        except Missing as error:
            raise ValueError(f"{member}[{index}] has no {error.member!r}") from None
        except ValueError as error:
            raise ValueError(f"{member}[{index}]: {error}") from None
    return rows


def holds_trades(content: bytes) -> bool:
    """
    Tell whether *content* is a list of trades, whatever each of them is.

    Raises:
        ValueError: if it is no JSON.
    """
    return _listed(content, LIST_MEMBER[JournalTrade]) is not None


def _listed(content: bytes, member: str) -> list[object] | None:
    document = _load(content)
    listed = document.get(member) if isinstance(document, dict) else None
    return listed if isinstance(listed, list) else None


def read_one(content: bytes, kind: type[T]) -> T:
    """
    Return the object of *kind* that is the answer.

    Raises:
        ValueError: if it cannot be read.
    """
    read: Callable[[object], T] = READ[kind]
    return read(_load(content))


def read_document(content: bytes) -> str:
    """
    Return a document as it came, as a text.

    Raises:
        ValueError: if it is no JSON.
    """
    _load(content)
    return content.decode()


def read_id(content: bytes) -> int:
    """
    Return the id of the object that was created.

    Raises:
        ValueError: if there is none.
    """
    document = _load(content)
    if not isinstance(document, dict) or document.get("id") is None:
        raise ValueError("there is no 'id'")
    return read_int(document["id"])


def read_queued(content: bytes) -> None:
    """
    Check that an import was taken.

    Raises:
        ValueError: if the answer says something else.
    """
    state, _ = _read_state(content)
    if state not in {ImportState.QUEUED, ImportState.PROCESSING}:
        raise ValueError(f"the status is {state.value!r} instead of 'queued'")


def read_import_status(content: bytes) -> ImportStatus:
    """
    Return the state of the import slot, with the result where it is finished.

    Raises:
        ValueError: if it cannot be read; it quotes the answer, which is gone now.
    """
    try:
        state, info = _read_state(content)
        if not state.is_finished:
            return ImportStatus(state=state)
        result = READ[ImportResult]({} if info is None else info)
    except ValueError as error:
        said = one_line(content.decode(errors="replace"))
        raise ValueError(f"{error}, in {said}") from None
    if result.error_row is not None:
        # Tradervue counts from 1.
        row = result.error_row - 1 if result.error_row > 0 else None
        result = attrs.evolve(result, error_row=row)
    return ImportStatus(state=state, result=result)


def read_words(content: bytes) -> str:
    """
    Return what Tradervue says about a failure: ``error``, else ``status``, else all.

    Never raises; empty if it says nothing.
    """
    try:
        document = _load(content)
    except ValueError:
        document = None
    if isinstance(document, dict):
        for member in ("error", "status"):
            if document.get(member):
                return str(document[member])
    return content.decode(errors="replace")


def _read_state(content: bytes) -> tuple[ImportState, object]:
    document = _load(content)
    if not isinstance(document, dict) or "status" not in document:
        raise ValueError("there is no 'status'")
    try:
        state = ImportState(document["status"])
    except ValueError:
        raise unreadable(document["status"], "no status of an import") from None
    return state, document.get("info")


def _load(content: bytes) -> object:
    """
    Parse *content*, its fractions as exact decimals.

    Raises:
        ValueError: if it is no JSON, which NaN and Infinity are not either.
    """
    try:
        document: object = json.loads(
            content, parse_float=Decimal, parse_constant=_refuse_constant
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"this is no JSON ({one_line(str(error), 80)})") from None
    return document


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")

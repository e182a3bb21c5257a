"""
Trades of other makes than Argo's: one meaning is one snapshot.

Dataclasses, attrs objects, named tuples, mappings and rows of data frames; the values
of numpy, pandas, ``decimal``, ``uuid`` and ``enum``; and objects that are nothing at
all, which the hook survives.
"""

import enum
import json
import sqlite3
from collections import ChainMap, OrderedDict, UserDict, defaultdict, namedtuple
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import make_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType, SimpleNamespace
from typing import Any

import attrs
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from argo_tradervue_plugin.model.capture import capture
from argo_tradervue_plugin.model.identity import id_of
from argo_tradervue_plugin.model.journal import Side
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.snapshot import FIELDS, TradeSnapshot
from tests.simulation.hostile import HostileTrade, anything

LEAST = {"id": "trade_1", "symbol": "AAPL", "signal_type": "long"}
TEXTS = [f.name for f in attrs.fields(TradeSnapshot) if f.type == str | None][2:]
NUMBERS = [f.name for f in attrs.fields(TradeSnapshot) if f.type == Decimal | None]
TIMES = [f.name for f in attrs.fields(TradeSnapshot) if f.type == datetime | None]
FLAGS = [f.name for f in attrs.fields(TradeSnapshot) if f.type is bool]

Facts = Mapping[str, Any]


def taken(**changes: Any) -> TradeSnapshot:
    """Return what is read of a trade with *changes*."""
    return read(capture(SimpleNamespace(**(LEAST | changes))))


# Makes of trades --------------------------------------------------------------------


class Attributes(dict[str, Any]):
    """A mapping that makes up the attributes that it lacks, as some libraries' do."""

    def __getattr__(self, name: str) -> Any:
        return self.get(name, Attributes())


class Slotted:
    """An object without a dictionary."""

    __slots__ = FIELDS

    def __init__(self, facts: Facts) -> None:
        for name, value in facts.items():
            setattr(self, name, value)


class Lazy:
    """An object whose fields are properties, here of a row that it wraps."""

    def __init__(self, facts: Facts) -> None:
        self.row = facts

    def __getattr__(self, name: str) -> Any:
        try:
            return self.row[name]
        except KeyError:
            raise AttributeError(name) from None


def frame_of(facts: Facts) -> pd.DataFrame:
    """Return a frame with *facts* in its first row, and an open trade in its second."""
    other = dict.fromkeys(facts) | {"id": "trade_2", "symbol": "MSFT", "quantity": 0.5}
    return pd.DataFrame([facts, other])


def row_of_database(facts: Facts) -> sqlite3.Row:
    """Return *facts* as they come out of a database."""
    names = ", ".join(f"? AS {name}" for name in facts)
    values = [v if isinstance(v, float | None) else str(v) for v in facts.values()]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        row: sqlite3.Row = connection.execute(f"SELECT {names}", values).fetchone()
        return row


def defaults(facts: Facts) -> defaultdict[str, Any]:
    """Return a mapping that makes up what it lacks, and keeps it."""
    return defaultdict(lambda: "made up", facts)


MAKES: dict[str, Callable[[Facts], Any]] = {
    "namespace": lambda facts: SimpleNamespace(**facts),
    "dataclass": lambda facts: make_dataclass("Trade", facts)(**facts),
    "frozen-dataclass": lambda facts: make_dataclass(
        "Trade", facts, frozen=True, slots=True
    )(**facts),
    "attrs": lambda facts: attrs.make_class("Trade", list(facts))(**facts),
    "attrs-frozen": lambda facts: attrs.make_class(
        "Trade", list(facts), frozen=True, slots=True
    )(**facts),
    "slots": Slotted,
    "properties": Lazy,
    "namedtuple": lambda facts: namedtuple("Trade", facts)(**facts),  # noqa: PYI024
    "dict": dict,
    "ordered": OrderedDict,
    "default": defaults,
    "proxy": MappingProxyType,
    "user-dict": UserDict,
    "chain": lambda facts: ChainMap({}, dict(facts)),
    "attribute-dict": Attributes,
    "series": pd.Series,
    "itertuples": lambda facts: next(frame_of(facts).itertuples()),
    "itertuples-named": lambda facts: next(
        frame_of(facts).itertuples(index=False, name="Trade")
    ),
    "iterrows": lambda facts: next(frame_of(facts).iterrows())[1],
    "iterrows-by-id": lambda facts: next(
        frame_of(facts).set_index("id", drop=False).iterrows()
    )[1],
    "records": lambda facts: frame_of(facts).to_dict("records")[0],
    "nullable": lambda facts: next(frame_of(facts).convert_dtypes().itertuples()),
    "nullable-rows": lambda facts: next(frame_of(facts).convert_dtypes().iterrows())[1],
    "strings": lambda facts: next(frame_of(facts).astype(str).itertuples()),
    "database": row_of_database,
    "json": lambda facts: json.loads(json.dumps(facts, default=str)),
}

# What a host may write, as Argo itself would write it and as others do.
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - the host's are naive
figures = st.decimals(0, 10**6, places=4).map(float)
words = st.from_regex(r"\A[a-z]{2,9}(_[a-z]{2,9})?\Z").filter(
    lambda word: word not in {"nan", "null"}
)
trades = st.fixed_dictionaries(
    {
        "id": words.map("trade_{}".format),
        "symbol": st.sampled_from(["AAPL", "aapl", "NAN", "NA", "BTC-USD", " BRK B "]),
        "signal_type": st.sampled_from(["long", "short", "BUY", "Sell"]),
        "quantity": figures,
        "entry_price": figures,
        "entry_timestamp": moments.map(datetime.isoformat) | moments,
        "partial_fill": st.booleans(),
        "exit_price": st.none() | figures,
        "exit_timestamp": st.none() | moments.map(datetime.isoformat) | moments,
        "filled_qty": st.none() | figures,
        "commission": st.none() | st.decimals(-99, 99, places=2).map(float),
        "exit_reason": st.none() | words,
        "signal_id": st.none() | words,
        "created_at": st.none() | moments.map(datetime.isoformat),
    }
)


@pytest.mark.parametrize("make", MAKES)
@given(trades)
def test_every_make_of_a_trade_is_read_alike(make: str, facts: Facts) -> None:
    """Attributes, items, and a frame's missing values: the meaning is the same."""
    trade = MAKES[make](facts)

    snapshot = read(capture(trade))

    assert snapshot == read(capture(SimpleNamespace(**facts)))
    assert (snapshot.faults, snapshot.unknown) == ({}, ())
    assert id_of(trade) == snapshot.id == facts["id"]


@pytest.mark.parametrize("make", MAKES)
def test_make_of_a_trade_that_has_little_is_read_alike(make: str) -> None:
    """What an older host lacks is missing, and nothing is made up for it."""
    facts = LEAST | {"quantity": 3.0, "partial_fill": False}

    assert read(capture(MAKES[make](facts))) == taken(quantity=3)


def test_capture_leaves_the_trade_as_it_was() -> None:
    """A mapping that keeps what it is asked for is asked for nothing else."""
    trade = defaults(LEAST)
    capture(trade)

    assert dict(trade) == LEAST


def test_item_of_a_mapping_comes_before_its_attribute() -> None:
    """A mapping's attributes are its methods, whatever their names."""
    kind = type("Trade", (dict,), {"symbol": "METHOD", "regime": "METHOD"})

    assert read(capture(kind(LEAST))) == taken()


def test_one_broken_item_costs_only_itself() -> None:
    """The others of a mapping are taken, as those of an object are."""

    class Breaking(UserDict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            if name == "regime":
                raise RuntimeError(name)
            return super().__getitem__(name)

    assert read(capture(Breaking(LEAST | {"regime": "BULL"}))) == attrs.evolve(
        taken(), unknown=("regime",)
    )


# Spellings of values ----------------------------------------------------------------


def spellings_of_a_moment(moment: datetime) -> Iterator[object]:
    """Yield *moment*, which is naive and means UTC, in the ways of many hosts."""
    aware = moment.replace(tzinfo=UTC)
    yield from (moment, aware, moment.isoformat(), str(moment), aware.isoformat())
    yield moment.isoformat() + "Z"
    yield moment.isoformat(timespec="microseconds").replace(".", ",")
    yield f"{moment:%Y%m%dT%H%M%S.%f}"
    yield f"{moment.isoformat(timespec='microseconds')}999"
    for zone in ("America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"):
        abroad = pd.Timestamp(aware).tz_convert(zone)
        yield from (abroad, abroad.to_pydatetime(), abroad.isoformat())
    for unit in ("us", "ns"):
        yield from (pd.Timestamp(moment).as_unit(unit), np.datetime64(moment, unit))


@given(st.sampled_from(TIMES), moments)
@example("entry_timestamp", datetime(2026, 11, 1, 5, 30))  # noqa: DTZ001 - the hour that comes twice in New York
def test_moment_is_the_same_in_every_spelling(name: str, moment: datetime) -> None:
    """Texts, datetimes, pandas' and numpy's own; in UTC or abroad."""
    for value in spellings_of_a_moment(moment):
        snapshot = taken(**{name: value})

        assert getattr(snapshot, name) == moment.replace(tzinfo=UTC), value
        assert (snapshot.faults, snapshot.unknown) == ({}, ())


@given(st.sampled_from(NUMBERS), st.integers(0, 100))
def test_number_is_the_same_in_every_spelling(name: str, whole: int) -> None:
    """Python's, numpy's, pandas' and texts."""
    spellings = (
        *(float(whole), Decimal(whole), Decimal(f"{whole}.00"), f"{whole}"),
        *(f" {whole}.0 ", np.str_(whole), np.int64(whole), np.uint8(whole)),
        *(np.float64(whole), np.float32(whole), np.float16(whole)),
        np.longdouble(whole),
    )
    for value in spellings:
        assert taken(**{name: value}) == taken(**{name: whole}), repr(value)


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", [0, 7, 20260305])
def test_library_integer_is_an_integer(name: str, value: int) -> None:
    """In every field: a number is an id, but no symbol, no side and no time."""
    assert taken(**{name: np.int64(value)}) == taken(**{name: value})
    assert taken(**{name: np.uint32(value)}) == taken(**{name: value})


def test_short_float_is_read_as_it_is_shown() -> None:
    """Not with the digits that its binary fraction has in a longer one."""
    assert taken(entry_price=np.float32(187.2)).entry_price == Decimal("187.2")


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize(
    "value",
    [
        *(None, float("nan"), np.nan, np.float64("nan"), np.float32("nan"), pd.NA),
        *(pd.NaT, np.datetime64("NaT"), np.timedelta64("NaT"), Decimal("NaN")),
    ],
    ids=repr,
)
def test_missing_value_of_every_library_is_missing(name: str, value: object) -> None:
    """In every field, and never an id, a symbol or a reason of that name."""
    assert taken(**{name: value}) == taken(**{name: None})
    assert getattr(taken(**{name: value}), name) is getattr(TradeSnapshot(), name)


@pytest.mark.parametrize(
    "value", [np.inf, -np.inf, np.float32("inf"), np.finfo(float).max], ids=repr
)
@pytest.mark.parametrize("name", NUMBERS)
def test_number_beyond_all_is_no_sense(name: str, value: object) -> None:
    """Of whatever library: it is named, as a fault or as unknown."""
    snapshot = taken(**{name: value})

    assert getattr(snapshot, name) is None
    assert (*snapshot.faults, *snapshot.unknown) == (name,)


@pytest.mark.parametrize("name", FLAGS)
def test_numpy_flag_is_a_flag(name: str) -> None:
    """As is a nought or a one of it."""
    for one in (np.True_, np.int8(1), np.float32(1), np.float64(1)):
        assert taken(**{name: one}) == taken(**{name: True})
    for nought in (np.False_, np.int8(0), np.float32(0), np.float64(0)):
        assert taken(**{name: nought}) == taken()


@pytest.mark.parametrize("name", TEXTS)
def test_numpy_flag_is_no_text(name: str) -> None:
    """An order that was not rejected has no reason called False."""
    assert taken(**{name: np.False_}) == taken(**{name: False})
    assert getattr(taken(**{name: np.False_}), name) is None


CONTAINERS: dict[str, Any] = {
    "array": np.array([1.5, 2.5]),
    "array-of-none": np.array(1.5),
    "series": pd.Series([1.5]),
    "frame": pd.DataFrame({"a": [1.5]}),
    "set": {"AAPL"},
    "range": range(10**9),
    "view": memoryview(b"AAPL"),
    "bytes": np.bytes_(b"AAPL"),
    "generator": (each for each in "AAPL"),
}


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", CONTAINERS.values(), ids=CONTAINERS)
def test_container_is_no_value(name: str, value: object) -> None:
    """It is not even shown: that takes as long as it is large."""
    snapshot = taken(**{name: value})

    assert (*snapshot.faults, *snapshot.unknown) == (name,)
    assert "unreadable" in capture(SimpleNamespace(**{name: value}))


# Enum members -----------------------------------------------------------------------


class Plain(enum.Enum):
    """Values are texts of the host's own."""

    LONG = "long"
    SHORT = "short"


class Capital(enum.Enum):
    """As brokers' libraries write them."""

    BUY = "BUY"
    SELL = "SELL"


class Counted(enum.Enum):
    """Values say nothing."""

    LONG = enum.auto()
    SHORT = enum.auto()


class Signed(enum.IntEnum):
    """Values are numbers, which JSON would take for the members."""

    LONG = 1
    SHORT = -1


class Text(enum.StrEnum):
    """Values are texts, which JSON would take for the members."""

    LONG = enum.auto()
    SHORT = enum.auto()


class Fix(enum.StrEnum):
    """Values are texts that say nothing here."""

    BUY = "1"
    SELL = "2"


class Older(str, enum.Enum):  # noqa: UP042 - as hosts of before 3.11 wrote it
    """A text that is an enum too."""

    LONG = "long"
    SHORT = "short"


class Named(enum.Enum):
    """Only the values say something."""

    UP = "long"
    DOWN = "short"


class Empty(enum.Enum):
    """Values are nothing."""

    LONG = None
    SHORT = ()


class Set(enum.Flag):
    """Values are bits."""

    LONG = enum.auto()
    SHORT = enum.auto()


ENUMS: tuple[type[enum.Enum], ...] = (
    *(Plain, Capital, Counted, Signed, Text, Fix, Older, Named, Empty, Set),
)


@pytest.mark.parametrize("kind", ENUMS)
def test_side_may_be_a_member_of_any_enum(kind: type[enum.Enum]) -> None:
    """Its name or its value says which side it is."""
    long, short = kind

    assert taken(signal_type=long).signal_type is Side.LONG
    assert taken(signal_type=short).signal_type is Side.SHORT
    assert taken(signal_type=str(Counted.SHORT)).signal_type is Side.SHORT


class Reason(enum.Enum):
    """Why a trade was closed."""

    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = 2
    NONE = None


class ReasonNumber(enum.IntEnum):
    """The same as numbers."""

    STOP_LOSS = 1


class ReasonText(enum.StrEnum):
    """The same as texts."""

    STOP_LOSS = "stopped out"


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (Reason.STOP_LOSS, "stop_loss"),
        (Reason.TAKE_PROFIT, "TAKE_PROFIT"),
        (ReasonNumber.STOP_LOSS, "STOP_LOSS"),
        (ReasonText.STOP_LOSS, "stopped out"),
    ],
)
@pytest.mark.parametrize("name", TEXTS)
def test_text_of_an_enum_is_its_value_or_its_name(
    name: str, member: enum.Enum, expected: str
) -> None:
    """A number in its place would say nothing to a person."""
    assert getattr(taken(**{name: member}), name) == expected


class Everything(enum.Enum):
    """What else may be a member."""

    AAPL = 1
    GOOG = "googl"
    TEN = Decimal("10.5")
    YES = True
    DAY = datetime(2026, 3, 5, tzinfo=UTC)
    KEY = "trade_1 "


def test_other_fields_may_be_enum_members_too() -> None:
    """Of name and value, the one that makes sense counts."""
    assert taken(symbol=Everything.AAPL).symbol == "AAPL"
    assert taken(symbol=Everything.GOOG).symbol == "GOOGL"
    assert taken(quantity=Everything.TEN).quantity == Decimal("10.5")
    assert taken(expired=Everything.YES).expired is True
    assert taken(entry_timestamp=Everything.DAY).entry_timestamp == Everything.DAY.value
    assert taken(id=Everything.KEY).id == "trade_1"
    assert taken(quantity=Everything.AAPL).quantity == 1
    assert "quantity" in taken(quantity=Everything.GOOG).faults
    assert taken(commission=Reason.NONE) == taken()


# Nothing at all ---------------------------------------------------------------------


@given(anything, st.sampled_from(FIELDS))
def test_no_object_in_a_field_stops_anything(value: object, name: str) -> None:
    """It is read, or it is a fault of its own field; the others are as they were."""
    trade = HostileTrade({**LEAST, name: value})
    least = taken(**{name: None})

    snapshot = read(capture(trade))

    assert {*snapshot.faults, *snapshot.unknown} <= {name}
    assert id_of(trade) == snapshot.id
    for other in set(FIELDS) - {name}:
        assert getattr(snapshot, other) == getattr(least, other)
    json.loads(capture(trade))


@given(anything)
def test_no_object_in_the_place_of_a_trade_stops_anything(thing: object) -> None:
    """The hook records whatever it is given."""
    snapshot = read(capture(thing))

    assert id_of(thing) == snapshot.id


@given(st.dictionaries(st.text(max_size=9) | st.sampled_from(FIELDS), anything))
def test_no_mapping_stops_anything(facts: Facts) -> None:
    """Whatever its keys and its values are."""
    known = {name: value for name, value in facts.items() if name in FIELDS}

    assert read(capture(facts)) == read(capture(known))


@given(st.text() | st.from_regex(r'\A[\[{][0-9a-z"\[\]{}:,. ]*\Z'))
def test_no_payload_stops_anything(payload: str) -> None:
    """What a damaged spool holds gives no trade, and no exception."""
    assert isinstance(read(payload), TradeSnapshot)


@pytest.mark.parametrize(
    "payload",
    [
        '["trade_1", "AAPL", {"member": 5}]',
        '["trade_1", "AAPL", {"member": []}]',
        '["trade_1", "AAPL", {"member": [null, "long"]}]',
        '["trade_1", "AAPL", {"member": ["long"]}]',
        f'["trade_1", "AAPL", {"[" * 300}{"]" * 300}]',
        f'["trade_1", "AAPL", {{"member": ["", {"[" * 200}{"]" * 200}]}}]',
    ],
    ids=lambda payload: payload[20:50],
)
def test_what_only_looks_like_a_member_is_a_fault(payload: str) -> None:
    """A host may write a document of any form into a field."""
    assert list(read(payload).faults) == ["signal_type"]


def test_member_of_members_is_followed_to_its_end() -> None:
    """Nested as deeply as JSON can hold, it costs its own trade and no thread."""
    for depth in (3, 400, 100_000):
        nested = '{"member":["X",' * depth + '"long"' + "]}" * depth
        snapshot = read(f'["trade_1","AAPL",{nested}]')

        assert snapshot.signal_type is Side.LONG or snapshot.faults


def test_time_of_another_library_is_a_time() -> None:
    """Whose text is one."""

    class Arrow:
        def __str__(self) -> str:
            return "2026-03-05T10:30:00-05:00"

    expected = datetime(2026, 3, 5, 15, 30, tzinfo=UTC)
    assert taken(entry_timestamp=Arrow()).entry_timestamp == expected
    assert "entry_timestamp" in taken(entry_timestamp=timedelta(hours=15)).faults
    assert "entry_timestamp" in taken(entry_timestamp=np.timedelta64(5, "D")).faults

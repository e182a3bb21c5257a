"""A host's trade is copied as it is, and read for what it means."""

import enum
import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.model.capture import as_mapping, capture
from argo_tradervue_plugin.model.identity import canonical_id, id_of, identity_of
from argo_tradervue_plugin.model.journal import Side
from argo_tradervue_plugin.model.reading import NEEDED, read
from argo_tradervue_plugin.model.snapshot import (
    FIELDS,
    TradeSnapshot,
    carries_exit,
    same_moment,
)
from tests.argo.tracker import UnifiedPerformanceTracker

TEXTS = [f.name for f in attrs.fields(TradeSnapshot) if f.type == str | None][2:]
NUMBERS = [f.name for f in attrs.fields(TradeSnapshot) if f.type == Decimal | None]
TIMES = [f.name for f in attrs.fields(TradeSnapshot) if f.type == datetime | None]
FLAGS = [f.name for f in attrs.fields(TradeSnapshot) if f.type is bool]


def trade(**changes: Any) -> SimpleNamespace:
    """Return a trade with the least that makes sense, and *changes*."""
    least = {"id": "trade_1", "symbol": "AAPL", "signal_type": "long"}
    return SimpleNamespace(**(least | changes))


def taken(**changes: Any) -> TradeSnapshot:
    """Return what is read of what was captured."""
    return read(capture(trade(**changes)))


def expect_no_sense(name: str, value: object, expected: str) -> str:
    """
    Check that *value* makes no sense in the field *name*, and costs nothing else.

    An execution that needs it cannot be made, for the *expected* reason; what none
    needs is unknown.
    """
    snapshot = taken(**{name: value})
    nothing = getattr(TradeSnapshot(), name)  # None, or no
    assert getattr(snapshot, name) is nothing
    if name not in NEEDED:
        assert snapshot == attrs.evolve(taken(), unknown=(name,))
        return ""
    assert (list(snapshot.faults), snapshot.unknown) == ([name], ())
    with pytest.raises(TradeError, match=f"^{name}=.*{expected}") as caught:
        snapshot.need(name)
    return str(caught.value)


class NumpyInt:
    """As numpy's integers: no ``int``, but it stands for one."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value

    def __str__(self) -> str:
        return f"{self.value}"


class NumpyFloat(float):
    """As ``numpy.float64``: a float with a ``repr`` of its own."""

    def __repr__(self) -> str:
        return f"np.float64({float(self)})"


class Shares(int):
    """An integer with a ``repr`` of its own."""

    def __repr__(self) -> str:
        return f"Shares({int(self)})"


class Regime(enum.Enum):
    """A host that moved from texts to an enum."""

    BULL = "BULL"


class SignalType(str, enum.Enum):  # noqa: UP042 - as hosts of before 3.11 wrote it
    """A text that is an enum too."""

    LONG = "long"


class Name(str):
    """A text of a class of its own."""

    __slots__ = ()


class Broken:
    """An object that cannot even be shown."""

    def __str__(self) -> str:
        raise RuntimeError("broken")

    __repr__ = __str__


def shown(value: object) -> str:
    """Return *value* for the id of a test, the same in every process."""
    if isinstance(value, Broken):
        return "broken"
    text = ascii(value)
    return type(value).__name__ if " object at " in text else text


# Capture ----------------------------------------------------------------------------


def test_hosts_trade_is_taken_field_by_field() -> None:
    """Each field of the host's own trade arrives, numbers as decimals, times aware."""
    tracker = UnifiedPerformanceTracker()
    entered = tracker.record_signal_entry(
        "SIG-1",
        "stock",
        "AAPL",
        "short",
        187.2,
        50,
        91.0,
        alpaca_order_id="a-1",
        regime="BEAR",
        signal_entry_price=187.0,
        actual_entry_price=187.2,
        stop_price=190.0,
        filled_qty=20,
    )
    closed = tracker.record_signal_exit(
        entered.id, 180.0, 180.1, "take_profit", "automatic", "CHOP", 2.5
    )
    assert closed is not None

    snapshot = read(capture(closed))

    assert snapshot.signal_type is Side.SHORT
    assert (snapshot.quantity, snapshot.filled_qty) == (Decimal(20), Decimal(20))
    assert snapshot.actual_exit_price == Decimal("180.1")
    assert snapshot.commission == Decimal("2.5")
    assert snapshot.partial_fill is True
    assert snapshot.entry_timestamp == datetime.fromisoformat(
        closed.entry_timestamp
    ).replace(tzinfo=UTC)
    known = {name: value for name, value in asdict(closed).items() if name in FIELDS}
    for name, value in known.items():
        read_value = getattr(snapshot, name)
        if name in TEXTS and value is not None:
            assert read_value == value, name
        assert (read_value is None) == (value is None), name


def test_snapshot_asks_for_nothing_that_the_host_lacks() -> None:
    """Every name that we look for is one of the host's."""
    tracker = UnifiedPerformanceTracker()
    entered = tracker.record_signal_entry("S", "stock", "AAPL", "long", 1.0, 1, 1.0)

    assert set(FIELDS) <= set(asdict(entered))


def test_captured_text_does_not_change_with_the_trade() -> None:
    """The host mutates its object later; what was taken stays."""
    standing = trade(exit_price=None, tags=[])
    before = capture(standing)
    standing.symbol, standing.exit_price = "MSFT", 1.0

    assert read(before).symbol == "AAPL"
    assert read(before).exit_price is None
    assert capture(standing) != before


def test_captured_text_has_the_values_in_an_order_that_stays() -> None:
    """It is made while the trading loop waits: no names. What was captured is read."""
    assert capture(trade(regime=None)).startswith(
        '["trade_1","AAPL","long",null,null,null'
    )
    names = dict(zip(FIELDS, FIELDS, strict=True))
    assert json.loads(capture(SimpleNamespace(**names)))[:36] == [
        *("id", "symbol", "signal_type", "asset_class", "signal_id"),
        *("entry_price", "exit_price", "actual_entry_price", "actual_exit_price"),
        *("quantity", "filled_qty", "entry_timestamp", "exit_timestamp"),
        *("pnl_dollars", "pnl_percent", "outcome", "confidence", "verification_hash"),
        *("alpaca_order_id", "exchange_order_id", "regime", "exit_regime"),
        *("exit_reason", "exit_method", "signal_entry_price", "slippage_entry"),
        *("slippage_exit", "commission", "stop_price", "target_price"),
        *("expired", "cancelled", "partial_fill", "rejection_reason"),
        *("created_at", "updated_at"),
    ]


@pytest.mark.parametrize(
    "payload",
    [
        '["trade_1", "AAPL", "long"]',
        json.dumps(["trade_1", "AAPL", "long", *[None] * 31]),
        json.dumps(["trade_1", "AAPL", "long", *[None] * 33, "of a newer version"]),
        '{"id": "trade_1", "symbol": "AAPL", "signal_type": "long"}',
    ],
    ids=["fewer", "of 34 fields", "more", "by name"],
)
def test_texts_of_other_versions_are_read(payload: str) -> None:
    """What was captured before an update is forwarded after it, and the reverse."""
    assert read(payload) == taken()


def test_equal_trades_are_captured_as_equal_texts() -> None:
    """An event that comes again is known by its text."""
    one = trade(entry_price=0.1, quantity=3)
    other = SimpleNamespace(**dict(reversed(vars(one).items())))

    assert capture(one) == capture(other)


def test_older_host_lacks_fields() -> None:
    """What is not there is None, or no."""
    snapshot = taken()

    assert {getattr(snapshot, name) for name in (*NUMBERS, *TIMES, *TEXTS)} == {None}
    assert {getattr(snapshot, name) for name in FLAGS} == {False}


def test_newer_hosts_fields_are_not_looked_at() -> None:
    """A field that we do not know is neither taken nor a fault."""
    assert taken(brand_new=Broken()) == taken()


@pytest.mark.parametrize("value", [object(), Broken(), {1, 2}, b"x", [Broken()], {}])
@pytest.mark.parametrize("name", ["symbol", "quantity", "entry_timestamp", "regime"])
def test_no_object_stops_the_capture(name: str, value: object) -> None:
    """The hook finds no fault; reading names the field, and takes the others."""
    assert as_mapping(capture(trade(**{name: value})))[name] is not None

    expect_no_sense(name, value, "must be")


@pytest.mark.parametrize(
    "payload", ["", "[", "5", "null", "true", "[" * 100_000, '["trade_1"'], ids=shown
)
def test_text_that_is_no_capture_is_a_trade_without_an_id(payload: str) -> None:
    """A spool that was damaged costs its own line, which a person gets to see."""
    snapshot = read(payload)

    with pytest.raises(TradeError, match=r"^trade=.*cannot be read"):
        snapshot.need("id")
    assert attrs.evolve(snapshot, faults={}) == TradeSnapshot()


def test_field_that_an_execution_needs_is_asked_for_by_name() -> None:
    """Its value, or a fault that stays the same however often it is raised."""
    snapshot = taken(quantity="many")

    assert snapshot.need("symbol") == "AAPL"
    with pytest.raises(TradeError, match=r"^entry_price=None: must not be missing"):
        snapshot.need("entry_price")
    depths = []
    for _ in range(3):
        with pytest.raises(TradeError, match=r"^quantity='many'") as caught:
            snapshot.need("quantity")
        depths.append(len(caught.traceback))
    assert len(set(depths)) == 1


@pytest.mark.parametrize("text", ["Grüße", "日本", "\x00", "\ud800", '"\\', "a\nb"])
def test_captured_text_is_plain_ascii(text: str) -> None:
    """Any text fits into any database, and comes back as it was."""
    payload = capture(trade(regime=text))

    assert payload.isascii()
    assert as_mapping(payload)["regime"] == text


# Numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(187.2, "187.2", id="as-written"),
        pytest.param(25.136997, "25.136997", id="six-places"),
        pytest.param(0.1 + 0.2, "0.3", id="sum-of-floats"),
        pytest.param(1.1 * 3, "3.3", id="product-of-floats"),
        pytest.param(100.1 - 0.1, "100", id="difference-of-floats"),
        pytest.param(1e-7, "0.0000001", id="small"),
        pytest.param(1.2345678e-9, "0.0000000012345678", id="tiny"),
        pytest.param(0.00001234, "0.00001234", id="cheap-coin"),
        pytest.param(61234.12345678, "61234.12345678", id="satoshis"),
        pytest.param(123456.123456789, "123456.12345679", id="more-than-eight-places"),
        pytest.param(1e15, "1000000000000000", id="large"),
        pytest.param(1e17, "100000000000000000", id="exponent"),
        pytest.param(2.8e-19, "0", id="noise-around-zero"),
        pytest.param(4385, "4385", id="integer"),
        pytest.param(100, "100", id="round-integer"),
        pytest.param(0, "0", id="zero"),
        pytest.param(0.0, "0", id="zero-float"),
        pytest.param(-0.0, "0", id="negative-zero"),
        pytest.param(NumpyInt(4385), "4385", id="numpy-integer"),
        pytest.param(NumpyFloat(187.2), "187.2", id="numpy-float"),
        pytest.param(Shares(50), "50", id="integer-subclass"),
        pytest.param(Decimal("187.20"), "187.2", id="decimal"),
        pytest.param(Decimal("1E+3"), "1000", id="decimal-exponent"),
        pytest.param("187.20", "187.2", id="text"),
        pytest.param(" 12 ", "12", id="text-with-blanks"),
    ],
)
@pytest.mark.parametrize("name", ["entry_price", "quantity", "commission"])
def test_number_is_the_one_a_person_would_have_written(
    name: str, value: object, expected: str
) -> None:
    """No binary noise, no exponent, no zeros that nobody wrote."""
    found = getattr(taken(**{name: value}), name)

    assert isinstance(found, Decimal)
    assert f"{found:f}" == expected


sensible_floats = st.floats(-1e18, 1e18)


@given(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.integers(0, 8),
)
@example(25136997, 6)
@example(999999999999999, 8)
@example(1, 8)
def test_float_that_a_person_could_write_survives_exactly(
    digits: int, places: int
) -> None:
    """Up to fifteen digits, up to eight of them places: not one digit is lost."""
    written = Decimal(digits).scaleb(-places)

    assert taken(commission=float(written)).commission == written


@given(sensible_floats)
def test_any_finite_float_is_read_close_to_what_it_is(value: float) -> None:
    """Rounding moves no number by more than its fifteenth digit or eighth place."""
    found = taken(commission=value).commission

    assert found is not None
    assert float(found) == pytest.approx(value, rel=1e-7, abs=1e-18)
    assert abs(found - Decimal(value)) <= max(
        abs(Decimal(value)) * Decimal("1e-14"), Decimal("0.5e-8")
    )


@given(sensible_floats)
def test_equal_numbers_are_written_equally(value: float) -> None:
    """A number with noise and the same without are one text, as the outbox compares."""
    found = taken(commission=value).commission
    assert found is not None

    again = taken(commission=Decimal(f"{found:f}")).commission

    assert again == found
    assert f"{again:f}" == f"{found:f}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("many", "'many'", id="word"),
        pytest.param("", "''", id="empty"),
        pytest.param("1,000", "'1,000'", id="comma-of-thousands-or-decimals"),
        pytest.param("$10", "'$10'", id="currency"),
        pytest.param(True, "True", id="boolean"),
        pytest.param([1], "[Decimal('1')]", id="list"),
        pytest.param({"a": 1}, "{'a': Decimal('1')}", id="object"),
        pytest.param(float("inf"), "inf", id="infinity"),
        pytest.param(float("-inf"), "-inf", id="negative-infinity"),
        pytest.param(Decimal("Infinity"), "inf", id="infinite-decimal"),
        pytest.param(Regime.BULL, "'BULL (BULL)'", id="enum"),
    ],
)
def test_what_is_no_number_is_named_with_its_value(value: object, shown: str) -> None:
    """The operator reads what stands in the field, and that it must be a number."""
    expected = "must be a finite number" if "inf" in shown else "must be a number"
    message = expect_no_sense("quantity", value, expected)

    assert shown.lower() in message.lower()


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["many", True, [1], float("inf"), 1.797e308, "1e19"])
def test_every_number_is_named_by_its_field(name: str, value: object) -> None:
    """It can stop the execution that needs it, and is unknown where none does."""
    expect_no_sense(name, value, "must be")


@pytest.mark.parametrize("name", [*NUMBERS, *TIMES, *TEXTS, *FLAGS])
@pytest.mark.parametrize(
    "value",
    [
        *(None, float("nan"), NumpyFloat("nan"), Decimal("NaN"), Decimal("sNaN")),
        *("nan", "NaN", " NaN ", "NaT", "<NA>", "None", "null"),
    ],
    ids=repr,
)
def test_what_is_missing_is_no_fault(name: str, value: object) -> None:
    """However a host, or a data frame that it went through, says that it is."""
    assert taken(**{name: value}) == taken()


@pytest.mark.parametrize(
    "name", [name for name in (*NUMBERS, *TIMES, *FLAGS) if name not in NEEDED]
)
def test_empty_text_is_missing_where_no_execution_needs_it(name: str) -> None:
    """As the host's own default of a time is; where one is needed, it is a fault."""
    assert taken(**{name: " "}) == taken()


@pytest.mark.parametrize(
    "value", [1e19, -1e19, 1e308, 10**40, "1e999999", "9e99999999"]
)
def test_absurd_number_is_a_fault(value: object) -> None:
    """What no API text can hold is parked before it meets one."""
    expect_no_sense("quantity", value, "must be below 1e19")


UNSIGNED = [name for name in NUMBERS if name.endswith(("price", "qty", "quantity"))]


@pytest.mark.parametrize("name", NUMBERS)
def test_only_what_can_be_negative_is(name: str) -> None:
    """A rebate, a loss and slippage in one's favour are; prices and sizes are not."""
    if name in UNSIGNED:
        expect_no_sense(name, -0.5, "must not be negative")
    elif name == "confidence":
        expect_no_sense(name, -0.5, "")
    else:
        assert getattr(taken(**{name: -0.5}), name) == Decimal("-0.5")
    assert getattr(taken(**{name: 0}), name) == 0


@pytest.mark.parametrize(("value", "expected"), [(100, 100), (100.5, None)])
def test_confidence_is_a_percentage(value: float, expected: int | None) -> None:
    """What lies beyond it is unknown, and not shown to an investor."""
    assert taken(confidence=value).confidence == expected


# Times ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("2026-03-05T15:30:01.120042", (15, 30, 1, 120042), id="naive"),
        pytest.param("2026-03-05T15:30:01", (15, 30, 1, 0), id="whole-second"),
        pytest.param("2026-03-05T15:30:01Z", (15, 30, 1, 0), id="zulu"),
        pytest.param("2026-03-05T10:30:01-05:00", (15, 30, 1, 0), id="offset"),
        pytest.param("2026-03-05 15:30:01", (15, 30, 1, 0), id="blank"),
        pytest.param(
            datetime(2026, 3, 5, 15, 30, 1, 7),  # noqa: DTZ001 - the host's are naive
            (15, 30, 1, 7),
            id="naive-datetime",
        ),
        pytest.param(
            datetime(2026, 3, 5, 16, 30, 1, tzinfo=timezone(timedelta(hours=1))),
            (15, 30, 1, 0),
            id="aware-datetime",
        ),
        pytest.param("20260305T153001", (15, 30, 1, 0), id="basic"),
        pytest.param("20260305T103001.5-0500", (15, 30, 1, 500000), id="basic-offset"),
        pytest.param("2026-W10-4T15:30:01", (15, 30, 1, 0), id="week"),
        pytest.param("2026-03-05T15:30:01,12", (15, 30, 1, 120000), id="comma"),
        pytest.param("2026-03-05t15:30:01z", (15, 30, 1, 0), id="small-letters"),
        pytest.param(" 2026-03-05T15:30:01\n", (15, 30, 1, 0), id="blanks"),
        pytest.param("2026-03-05T15:30", (15, 30, 0, 0), id="minutes"),
        pytest.param("2026-03-05T21:00:01+05:30", (15, 30, 1, 0), id="half-hour"),
        pytest.param(
            "2026-03-05 15:30:01.123456789+00:00", (15, 30, 1, 123456), id="nanoseconds"
        ),
        pytest.param("20260305", (0, 0, 0, 0), id="basic-day"),
        pytest.param("2026-03-05", (0, 0, 0, 0), id="day"),
        pytest.param(date(2026, 3, 5), (0, 0, 0, 0), id="date"),
    ],
)
@pytest.mark.parametrize("name", TIMES)
def test_time_is_aware_and_in_utc(
    name: str, value: object, expected: tuple[int, int, int, int]
) -> None:
    """A host time without a zone is in UTC, one with a zone is the same instant."""
    found = getattr(taken(**{name: value}), name)

    hour, minute, second, microsecond = expected
    assert found == datetime(2026, 3, 5, hour, minute, second, microsecond, UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize(
    "value",
    [
        *("yesterday", "2026-02-30T00:00:00", "25:00", True, [2026]),
        *(1772465400.5, 1772465400, 20260305, "1772465400", "202603051200000"),
    ],
    ids=repr,
)
def test_what_is_no_time_is_named_with_its_value(name: str, value: object) -> None:
    """No time is guessed: what a number counts, and from when, is not known."""
    expect_no_sense(name, value, "must be an ISO 8601 time")


@pytest.mark.parametrize("name", ["entry_timestamp", "exit_timestamp"])
def test_empty_time_of_an_execution_is_named(name: str) -> None:
    """It is there, and is no time."""
    expect_no_sense(name, "", "must be an ISO 8601 time")


@pytest.mark.parametrize(
    "value",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00",
        "9999-12-31T23:59:59",
        "1899-12-31T00:00:00",
        "2200-01-01T00:00:00",
    ],
)
def test_time_beyond_any_trading_is_a_fault(value: str) -> None:
    """What has no day in New York is named, and not met later by the delivery."""
    expect_no_sense("entry_timestamp", value, "from 1900 to 2199")


# Texts, sides, flags ----------------------------------------------------------------


LONG = ("long", "LONG", "l", "buy", "Buy", "BUY", "b", "BOT", "bought", "buy_to_open")
SHORT = (
    "short",
    "s",
    "S",
    "sell",
    "SELL",
    "sold",
    "SLD",
    "ss",
    "sell_short",
    "SellShort",
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((word, Side.LONG) for word in LONG),
        *((word, Side.SHORT) for word in SHORT),
        *((" Long ", Side.LONG), ("Sell short\n", Side.SHORT), ("sto", Side.SHORT)),
        *(("Side.LONG", Side.LONG), ("OrderSide.SELL", Side.SHORT)),
    ],
)
def test_side_is_its_meaning(value: object, expected: Side) -> None:
    """However the host writes it."""
    assert taken(signal_type=value).signal_type is expected


@pytest.mark.parametrize(
    "value",
    [
        *("", 1, -1, True, ["long"], "1", "+1", "hold", "flat", "longshort", "nan"),
        *("sell_to_close", "buy_to_cover", "cover", {"side": "long"}, Regime.BULL),
    ],
    ids=repr,
)
def test_other_sides_are_a_fault(value: object) -> None:
    """The wrong side would open a position of the wrong sign."""
    expect_no_sense("signal_type", value, "long or short")


@pytest.mark.parametrize("name", ["id", "symbol", "signal_type"])
@pytest.mark.parametrize("value", [None, float("nan"), Decimal("NaN")], ids=shown)
def test_trade_without_a_name_says_so(name: str, value: object) -> None:
    """No data frame's missing value becomes an id, a symbol or a side."""
    snapshot = taken(**{name: value})

    assert not snapshot.faults
    with pytest.raises(TradeError, match=f"^{name}=None: must not be missing"):
        snapshot.need(name)


@pytest.mark.parametrize("name", ["id", "symbol"])
@pytest.mark.parametrize(
    "value",
    [
        *("a\nb", "a\x00", "\ud800", "a\u202eb", ["x"], True, 1.5, {"id": "x"}),
        *("", "  ", "\n", "nan", "NaN", "NaT", "<NA>", "None", "null"),
    ],
    ids=ascii,
)
def test_id_and_symbol_say_something(name: str, value: object) -> None:
    """What everything else hangs on has to be one printable text."""
    expect_no_sense(name, value, "must")


@pytest.mark.parametrize("value", [7, 7.0, NumpyFloat(7)], ids=shown)
def test_number_is_no_symbol(value: object) -> None:
    """It was somebody's index."""
    expect_no_sense("symbol", value, "must be a text")


@pytest.mark.parametrize(
    "symbol", ["NAN", "NA", "NAT", "NONE", "NULL", "TRUE", "BRK B"]
)
def test_symbol_that_reads_like_nothing_is_a_symbol(symbol: str) -> None:
    """They are traded."""
    assert taken(symbol=symbol).symbol == symbol


@pytest.mark.parametrize("symbol", ["aapl", " AAPL ", "Aapl\n"], ids=shown)
def test_symbol_ignores_case_and_blanks(symbol: str) -> None:
    """One symbol is one, however it was typed."""
    assert taken(symbol=symbol) == taken()


def test_id_and_symbol_of_any_length_are_kept_whole() -> None:
    """What becomes of them is for others to say."""
    snapshot = taken(id="i" * 20_000, symbol="s" * 20_000)

    assert (snapshot.id, snapshot.symbol) == ("i" * 20_000, "S" * 20_000)


@pytest.mark.parametrize("name", TEXTS)
def test_other_texts_may_be_missing_or_short(name: str) -> None:
    """Blanks around them say nothing, and blanks alone are none."""
    assert getattr(taken(**{name: " "}), name) is None
    assert getattr(taken(**{name: "  a b "}), name) == "a b"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(12345, "12345"), (12345.0, "12345"), (Regime.BULL, "BULL"), (1.5, "1.5")],
    ids=["number", "whole-float", "enum", "float"],
)
def test_text_of_another_type_is_shown(value: object, expected: str) -> None:
    """An order id that is a number is a text all the same."""
    assert taken(alpaca_order_id=value).alpaca_order_id == expected


@pytest.mark.parametrize("value", [True, ["a"], {"a": 1}, b"a", object()], ids=shown)
@pytest.mark.parametrize("name", TEXTS)
def test_what_is_no_text_is_unknown(name: str, value: object) -> None:
    """No execution needs it: it stops none."""
    expect_no_sense(name, value, "")


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((True, 1, 1.0, "true", "True", " TRUE ", "1", "1.0", "yes"), True),
        ((False, 0, 0.0, None, "false", "False", "0", "0.0", "No", ""), False),
    ],
    ids=["yes", "no"],
)
def test_flag_is_set_or_not(
    name: str, values: tuple[object, ...], expected: bool
) -> None:
    """Whatever a host, or a file that it was read from, makes of one."""
    for value in values:
        assert taken(**{name: value}) == taken(**{name: expected}), value
        assert getattr(taken(**{name: value}), name) is expected


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("value", [2, -1, 0.5, "maybe", [], [True], {}], ids=shown)
def test_what_is_no_flag_is_unknown(name: str, value: object) -> None:
    """And not set: an order that may have been cancelled is one that was filled."""
    expect_no_sense(name, value, "")


def test_faults_and_unknown_fields_are_all_named() -> None:
    """One look says everything that is wrong."""
    snapshot = taken(
        commission="free", quantity=[], regime=True, exit_price=-1, expired="perhaps"
    )

    assert set(snapshot.faults) == {"quantity", "exit_price"}
    assert snapshot.unknown == ("regime", "commission", "expired")
    assert snapshot.symbol == "AAPL"


def test_equal_captures_give_equal_snapshots() -> None:
    """Faults count for what they say; whatever was forgotten is read again."""
    one = taken(quantity="many")
    read.cache_clear()

    assert taken(quantity="many") == one
    assert taken(quantity="a lot") != one


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.decimals()
    | st.datetimes(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner),
    max_leaves=3,
)


@given(st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_anything_captured_is_read(changes: dict[str, Any]) -> None:
    """No value raises, and none has an effect on another field."""
    snapshot = taken(**changes)

    assert {*snapshot.faults, *snapshot.unknown} <= set(changes)
    for name in set(FIELDS) - set(changes):
        assert getattr(snapshot, name) == getattr(taken(), name)


# Identity ---------------------------------------------------------------------------

AN_ID = UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")


@pytest.mark.parametrize(
    ("expected", "spellings"),
    [
        ("trade_1", ("trade_1", " trade_1", "trade_1\n", Name("trade_1"))),
        ("Trade_1", ("Trade_1",)),
        ("4711", (4711, "4711", 4711.0, " 4711 ", Decimal("4711.0"), "4711.0")),
        ("4711", (NumpyInt(4711), NumpyFloat(4711), Shares(4711), "4711.00")),
        ("-7", (-7, "-7", -7.0)),
        ("0", (0, "0", 0.0, -0.0)),
        ("0042", ("0042",)),
        ("+7", ("+7",)),
        ("4711.5", ("4711.5",)),
        ("1e5", ("1e5",)),
        ("12345678901234567890", (12345678901234567890, "12345678901234567890")),
        (f"{AN_ID.int}", (AN_ID.int, f"{AN_ID.int}")),
        (f"{AN_ID}", (AN_ID, f"{AN_ID}", f"{AN_ID}".upper(), AN_ID.hex, AN_ID.urn)),
        (f"{AN_ID}", (AN_ID.hex.upper(), f"{{{AN_ID}}}", f" {AN_ID} ")),
        ("6F9619FF-8B86", ("6F9619FF-8B86",)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_id_is_one_however_it_is_written(
    expected: str, spellings: tuple[object, ...]
) -> None:
    """Blanks, numbers and UUIDs; a text's case and its zeros count."""
    for value in spellings:
        assert canonical_id(value) == expected
        assert canonical_id(canonical_id(value)) == expected
        assert taken(id=value).need("id") == expected
        assert id_of(trade(id=value)) == expected
        assert id_of({"id": value}) == expected


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", " ", float("nan"), float("inf"), 1.5, True, False, 1e300, 10**50),
        *([4711], {"id": 1}, {}, b"4711", "None", "nan", "a\nb", object(), Broken()),
    ],
    ids=shown,
)
def test_what_is_no_id_is_none(value: object) -> None:
    """Whoever asks gets no exception, and no id that would be another trade's."""
    assert canonical_id(value) is None
    assert id_of(trade(id=value)) is None
    assert taken(id=value).id is None


@pytest.mark.parametrize("thing", [None, 7, object(), {}, [], Broken()], ids=shown)
def test_what_is_no_trade_has_no_id(thing: object) -> None:
    """Nothing raises."""
    assert id_of(thing) is None


@given(st.text(), st.sampled_from(["", " ", "\t\n"]))
def test_id_is_its_own_canonical_form(text: str, blanks: str) -> None:
    """What is stored compares with what comes again."""
    found = canonical_id(f"{blanks}{text}{blanks}")

    assert found == canonical_id(text)
    assert found is None or canonical_id(found) == found


NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(123456, 123456, True, id="equal"),
        pytest.param(0, 123456, True, id="cut-to-the-second"),
        pytest.param(123000, 123456, True, id="cut-to-the-millisecond"),
        pytest.param(123400, 123456, False, id="cut-to-no-unit"),
        pytest.param(100000, 123456, False, id="cut-to-a-tenth"),
        pytest.param(124000, 123456, False, id="rounded"),
        pytest.param(123456, 123457, False, id="next-microsecond"),
        pytest.param(0, 1_000_000, False, id="next-second"),
        pytest.param(0, 1_000_001, False, id="cut-of-the-next-second"),
        pytest.param(999999, 1_000_000, False, id="just-before"),
    ],
)
def test_time_that_was_cut_is_the_one_that_it_was_cut_from(
    one: int, other: int, expected: bool
) -> None:
    """In either order, and in any zone."""
    first = NOON + timedelta(microseconds=one)
    second = NOON + timedelta(microseconds=other)
    abroad = second.astimezone(timezone(timedelta(hours=-5)))

    for late in (second, abroad):
        assert same_moment(first, late) is expected
        assert same_moment(late, first) is expected


def test_missing_time_equals_only_a_missing_one() -> None:
    """It tells nothing that could be cut."""
    assert same_moment(None, None)
    assert not same_moment(None, NOON)
    assert not same_moment(NOON, None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2026-03-05T15:30:00", True), (None, False), ("NaT", False), ("soon", False)],
)
def test_exit_is_carried_where_its_time_makes_sense(
    value: object, expected: bool
) -> None:
    """A frame's missing value closes nothing."""
    assert carries_exit(taken(exit_timestamp=value)) is expected


def test_identity_is_the_hosts_id_and_what_never_changes() -> None:
    """Closing a trade changes neither its id nor what tells it apart."""
    entered = trade(entry_timestamp="2026-03-05T15:30:00", exit_price=None)
    closed = trade(entry_timestamp="2026-03-05T15:30:00", exit_price=1.0, pnl_dollars=2)

    assert identity_of(entered) == identity_of(closed)
    assert identity_of(entered)[0] == "trade_1"


@pytest.mark.parametrize(
    "change",
    [{"symbol": "MSFT"}, {"signal_type": "short"}, {"entry_timestamp": "later"}],
    ids=["symbol", "side", "time"],
)
def test_two_trades_of_one_id_are_told_apart(change: dict[str, str]) -> None:
    """Two processes can give one id to two trades within a microsecond."""
    one = trade(entry_timestamp="2026-03-05T15:30:00")
    other = SimpleNamespace(**(vars(one) | change))

    assert identity_of(one)[0] == identity_of(other)[0]
    assert identity_of(one)[1] != identity_of(other)[1]


@pytest.mark.parametrize("missing", [None, "", "  ", b"x"], ids=shown)
def test_trade_without_an_id_is_known_by_its_facts(missing: object) -> None:
    """It can be parked and shown, and its event does not double when it comes again."""
    one = identity_of(trade(id=missing))
    other = identity_of(trade(id=missing, symbol="MSFT"))

    assert one[0].startswith("unidentified-")
    assert one == identity_of(trade(id=missing, exit_price=1.0))
    assert one[0] != other[0]


def test_object_without_anything_has_an_identity() -> None:
    """The hook records whatever it is given."""
    assert identity_of(object())[0].startswith("unidentified-")


def test_published_trades_are_read_without_a_fault(argo_file: Path) -> None:
    """Every number of the published history survives as it is written in the file."""
    with argo_file.open(encoding="utf-8") as lines:
        for line in lines:
            plain = json.loads(line)
            exact = json.loads(line, parse_float=Decimal, parse_int=Decimal)
            snapshot = read(capture(SimpleNamespace(**plain)))
            for name in NUMBERS:
                assert getattr(snapshot, name) == exact[name], (plain["id"], name)

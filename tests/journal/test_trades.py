"""A host's trade is copied without fault-finding, and read with a fault named."""

import enum
import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.journal.trades import (
    FIELDS,
    TradeSnapshot,
    capture,
    identity_of,
    read,
    told_in,
)
from argo_tradervue_plugin.tradervue.models import Side
from tests.argo.tracker import UnifiedPerformanceTracker

TEXTS = [f.name for f in attrs.fields(TradeSnapshot) if f.type == str | None]
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


class NumpyInt:
    """As numpy's integers: no ``int``, but a text that shows one."""

    def __str__(self) -> str:
        return "4385"


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


class Broken:
    """An object that cannot even be shown."""

    def __str__(self) -> str:
        raise RuntimeError("broken")

    __repr__ = __str__


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
    assert json.loads(capture(SimpleNamespace(**names)))[:34] == [
        *("id", "symbol", "signal_type", "asset_class", "signal_id"),
        *("entry_price", "exit_price", "actual_entry_price", "actual_exit_price"),
        *("quantity", "filled_qty", "entry_timestamp", "exit_timestamp"),
        *("pnl_dollars", "pnl_percent", "outcome", "confidence", "verification_hash"),
        *("alpaca_order_id", "exchange_order_id", "regime", "exit_regime"),
        *("exit_reason", "exit_method", "signal_entry_price", "slippage_entry"),
        *("slippage_exit", "commission", "stop_price", "target_price"),
        *("expired", "cancelled", "partial_fill", "rejection_reason"),
    ]


@pytest.mark.parametrize(
    "payload",
    [
        '["trade_1", "AAPL", "long"]',
        json.dumps(["trade_1", "AAPL", "long", *[None] * 31, "of a newer version"]),
        '{"id": "trade_1", "symbol": "AAPL", "signal_type": "long"}',
    ],
    ids=["fewer", "more", "by name"],
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
    """The hook finds no fault; reading names the field."""
    payload = capture(trade(**{name: value}))

    assert told_in(payload)[name] is not None
    if name not in {"regime", "symbol"}:
        with pytest.raises(TradeError, match=f"^{name}="):
            read(payload)


@pytest.mark.parametrize("text", ["Grüße", "日本", "\x00", "\ud800", '"\\', "a\nb"])
def test_captured_text_is_plain_ascii(text: str) -> None:
    """Any text fits into any database, and comes back as it was."""
    payload = capture(trade(regime=text))

    assert payload.isascii()
    assert told_in(payload)["regime"] == text


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
        pytest.param(-12.5, "-12.5", id="negative"),
        pytest.param(NumpyInt(), "4385", id="numpy-integer"),
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

    assert taken(entry_price=float(written)).entry_price == written


@given(sensible_floats)
def test_any_finite_float_is_read_close_to_what_it_is(value: float) -> None:
    """Rounding moves no number by more than its fifteenth digit or eighth place."""
    found = taken(entry_price=value).entry_price

    assert found is not None
    assert float(found) == pytest.approx(value, rel=1e-7, abs=1e-18)
    assert abs(found - Decimal(value)) <= max(
        abs(Decimal(value)) * Decimal("1e-14"), Decimal("0.5e-8")
    )


@given(sensible_floats)
def test_equal_numbers_are_written_equally(value: float) -> None:
    """A number with noise and the same without are one text, as the outbox compares."""
    found = taken(entry_price=value).entry_price
    assert found is not None

    again = taken(entry_price=Decimal(f"{found:f}")).entry_price

    assert again == found
    assert f"{again:f}" == f"{found:f}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("many", "'many'", id="word"),
        pytest.param("", "''", id="empty"),
        pytest.param(True, "True", id="boolean"),
        pytest.param([1], "[Decimal('1')]", id="list"),
        pytest.param({"a": 1}, "{'a': Decimal('1')}", id="object"),
        pytest.param(float("nan"), "nan", id="nan"),
        pytest.param(float("inf"), "inf", id="infinity"),
        pytest.param(float("-inf"), "-inf", id="negative-infinity"),
        pytest.param("NaN", "nan", id="nan-text"),
        pytest.param("sNaN", "nan", id="signalling-nan"),
        pytest.param(Decimal("Infinity"), "inf", id="infinite-decimal"),
        pytest.param(Decimal("sNaN"), "nan", id="signalling-decimal"),
    ],
)
def test_what_is_no_number_is_named_with_its_value(value: object, shown: str) -> None:
    """The operator reads what stands in the field, and that it must be a number."""
    with pytest.raises(TradeError, match=r"^quantity=") as caught:
        taken(quantity=value)

    assert shown.lower() in str(caught.value).lower()
    assert "number" in str(caught.value)


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_is_named_by_its_field(name: str) -> None:
    """The host's name of the field is the first word of the fault."""
    with pytest.raises(TradeError, match=f"^{name}='many': must be a number"):
        taken(**{name: "many"})


@pytest.mark.parametrize(
    "value", [1e19, -1e19, 1e308, 10**40, "1e999999", "9e99999999"]
)
def test_absurd_number_is_a_fault(value: object) -> None:
    """What no API text can hold is parked before it meets one."""
    with pytest.raises(TradeError, match=r"^quantity=.*must be below 1e19"):
        taken(quantity=value)


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
    ["yesterday", "", "2026-02-30T00:00:00", 1772465400.5, True, [2026], "25:00"],
    ids=repr,
)
def test_what_is_no_time_is_named_with_its_value(name: str, value: object) -> None:
    """No time is guessed."""
    with pytest.raises(TradeError, match=f"^{name}=.*must be an ISO 8601 time"):
        taken(**{name: value})


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
    """What has no day in New York is told, and not met later by the delivery."""
    with pytest.raises(TradeError, match=r"^entry_timestamp=.*from 1900 to 2199"):
        taken(entry_timestamp=value)


# Texts, sides, flags ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("long", Side.LONG, id="long"),
        pytest.param("short", Side.SHORT, id="short"),
        pytest.param(" Long ", Side.LONG, id="other-case"),
        pytest.param(SignalType.LONG, Side.LONG, id="enum"),
    ],
)
def test_side_is_long_or_short(value: object, expected: Side) -> None:
    """However the host writes it."""
    assert taken(signal_type=value).signal_type is expected


@pytest.mark.parametrize("value", ["buy", "", None, 1, True, ["long"]], ids=repr)
def test_other_sides_are_a_fault(value: object) -> None:
    """The wrong side would open a position of the wrong sign."""
    with pytest.raises(TradeError, match=r"^signal_type=.*long or short"):
        taken(signal_type=value)


@pytest.mark.parametrize("name", ["id", "symbol"])
@pytest.mark.parametrize("value", [None, "", "  ", 7, "a\nb", "a\x00", ["x"]], ids=repr)
def test_id_and_symbol_say_something(name: str, value: object) -> None:
    """What everything else hangs on has to be one printable text."""
    with pytest.raises(TradeError, match=f"^{name}="):
        taken(**{name: value})


@pytest.mark.parametrize("name", TEXTS)
def test_other_texts_may_be_empty_or_short(name: str) -> None:
    """Blanks around them say nothing."""
    assert getattr(taken(**{name: ""}), name) == ""
    assert getattr(taken(**{name: "  a b "}), name) == "a b"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(12345, "12345"), (Regime.BULL, "Regime.BULL"), (1.5, "1.5")],
    ids=["number", "enum", "float"],
)
def test_text_of_another_type_is_shown(value: object, expected: str) -> None:
    """An order id that is a number is a text all the same."""
    assert taken(alpaca_order_id=value).alpaca_order_id == expected


@pytest.mark.parametrize("value", [True, ["a"], {"a": 1}], ids=repr)
@pytest.mark.parametrize("name", TEXTS)
def test_what_is_no_text_is_named(name: str, value: object) -> None:
    """The field is named, with what stands in it."""
    with pytest.raises(TradeError, match=f"^{name}=.*must be a text"):
        taken(**{name: value})


@pytest.mark.parametrize("name", FLAGS)
def test_flag_is_true_or_false(name: str) -> None:
    """Null and missing are no; anything else is a fault."""
    assert getattr(taken(**{name: True}), name) is True
    assert getattr(taken(**{name: None}), name) is False
    wrong: tuple[object, ...] = (1, "true", [], 0.0)
    for value in wrong:
        with pytest.raises(TradeError, match=f"^{name}=.*true or false"):
            taken(**{name: value})


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
def test_anything_captured_is_read_or_faulted(changes: dict[str, Any]) -> None:
    """No value whatsoever raises anything but a TradeError: a bad trade is parked."""
    payload = capture(trade(**changes))
    faulted: set[str] = set()
    try:
        read(payload)
    except TradeError as error:
        faulted.add(error.field)

    assert faulted <= set(changes)


# Identity ---------------------------------------------------------------------------


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


@pytest.mark.parametrize("missing", [None, "", "  ", 7, b"x"], ids=repr)
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

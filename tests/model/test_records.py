"""Whose an event is: a trade is what it means, and not how its fields were written."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

import attrs
import pytest

from argo_tradervue_plugin.model.capture import capture
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.model.journal import Side
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.records import (
    LARGEST_RECENT,
    LONGEST_ID,
    Difference,
    ExitEvent,
    Part,
    TradeRecord,
    as_text,
    from_text,
    identity_of_record,
    new_record,
    owner_of,
    recent,
    stored_id,
    unidentified,
    with_identity,
)
from argo_tradervue_plugin.model.snapshot import TradeSnapshot

ENTRY, EXIT, CORRECTION = EventKind.ENTRY, EventKind.EXIT, EventKind.CORRECTION
AT: Final = "2024-03-05T15:00:00.123456"


class Direction(Enum):
    """A host's own names of the sides."""

    LONG = 1
    SHORT = 2


def snapshot(**changes: Any) -> TradeSnapshot:
    """Return a trade of a host as it is read, with *changes*."""
    facts: dict[str, Any] = {
        "id": "T1",
        "symbol": "AAPL",
        "signal_type": "long",
        "entry_timestamp": AT,
    }
    return read(capture(SimpleNamespace(**{**facts, **changes})))


def record(
    trade_id: str = "T1", kind: EventKind = ENTRY, **changes: Any
) -> TradeRecord:
    """Return the record of a trade that was recorded once."""
    empty = TradeRecord(trade_id=trade_id, host_id="T1")
    return with_identity(empty, kind, snapshot(**changes))


def owner(
    kind: EventKind, *records: TradeRecord, names: str = "", **changes: Any
) -> str | None:
    """Return which of *records* an event is about; *names* is one for all symbols."""
    found = owner_of(kind, snapshot(**changes), records, lambda s: names or s)
    return None if found is None else found.trade_id


# The same, written otherwise --------------------------------------------------------


@pytest.mark.parametrize(
    "moment",
    [
        AT,
        "2024-03-05 15:00:00.123456",
        f"{AT}Z",
        f"{AT}+00:00",
        "2024-03-05T10:00:00.123456-05:00",
        "2024-03-05T15:00:00.123",
        "2024-03-05T15:00:00",
        datetime.fromisoformat(AT),
        datetime.fromisoformat(AT).replace(tzinfo=UTC),
        datetime.fromisoformat(f"{AT}+00:00").astimezone(timezone(timedelta(hours=9))),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", EventKind)
def test_moment_is_an_instant(moment: object, kind: EventKind) -> None:
    """However it is written, cut ones included, in both directions."""
    known: dict[str, Any] = {"created_at": AT, "entry_timestamp": AT}
    written: dict[str, Any] = {"created_at": moment, "entry_timestamp": moment}

    assert owner(kind, record(**known), **written) == "T1"
    assert owner(kind, record(**written), **known) == "T1"


@pytest.mark.parametrize(
    "side", ["LONG", " Long ", "buy", "b", Direction.LONG, "Direction.LONG"], ids=str
)
def test_side_is_its_meaning(side: object) -> None:
    """And the other one is another trade."""
    assert owner(EXIT, record(), signal_type=side) == "T1"
    assert owner(EXIT, record(signal_type="short"), signal_type=side) is None


@pytest.mark.parametrize("symbol", ["aapl", " AAPL ", "\tAapl"])
def test_symbol_ignores_case_and_blanks(symbol: str) -> None:
    """A name is a name."""
    assert owner(EXIT, record(), symbol=symbol) == "T1"


def test_symbols_of_one_name_in_the_journal_are_equal() -> None:
    """A host renames, or an operator maps two of its names to one."""
    assert owner(EXIT, record(symbol="BTC-USD"), symbol="XBT") is None
    assert owner(EXIT, record(symbol="BTC-USD"), symbol="XBT", names="BTC") == "T1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (4711, "4711"),
        (4711.0, " 4711 "),
        ("4711.0", Decimal(4711)),
        (" T1 ", "T1"),
        (
            UUID("0A1B2C3D-0000-4000-8000-00000000ABCD"),
            "{0a1b2c3d-0000-4000-8000-00000000abcd}",
        ),
    ],
    ids=str,
)
def test_id_is_one_however_it_is_written(one: object, other: object) -> None:
    """Blanks, the form of a whole number, and the case of a UUID say nothing."""
    assert snapshot(id=one).id == snapshot(id=other).id


@pytest.mark.parametrize(
    ("one", "other"), [("T1", "t1"), ("007", "7"), ("T1", "T1.0"), (1.5, 1)], ids=str
)
def test_ids_that_differ_stay_two(one: object, other: object) -> None:
    """Case counts, and so do leading zeros."""
    assert snapshot(id=one).id != snapshot(id=other).id


# One trade or two -------------------------------------------------------------------


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize(
    "other", [{"symbol": "MSFT"}, {"signal_type": "short"}], ids=["symbol", "side"]
)
def test_other_symbol_or_side_is_another_trade(
    kind: EventKind, other: dict[str, Any]
) -> None:
    """Whatever the event is."""
    assert owner(kind, record(), **other) is None
    assert owner(kind, record(), record("T2", **other), **other) == "T2"


@pytest.mark.parametrize("kind", EventKind)
def test_same_id_symbol_and_side_are_one_trade(kind: EventKind) -> None:
    """Another time of entry is a correction, and tells no two trades apart."""
    later = "2024-03-05T15:10:00"
    assert owner(kind, record(), entry_timestamp=later) == "T1"


@pytest.mark.parametrize("kind", EventKind)
def test_time_of_creation_tells_two_trades_apart(kind: EventKind) -> None:
    """Where both have it; no correction changes it."""
    known = record(created_at=AT)
    other = "2024-03-05T15:00:01.5"

    assert owner(kind, known, created_at=other) is None
    assert owner(kind, known, created_at=None) == "T1"
    assert owner(kind, record(created_at=None), created_at=other) == "T1"


def test_same_time_of_creation_is_one_trade_whatever_else_differs() -> None:
    """A signal that is recorded later with another name is not another trade."""
    known = record(created_at=AT, signal_id="S1", alpaca_order_id="A1")

    assert owner(ENTRY, known, created_at=AT, signal_id="S2") == "T1"


@pytest.mark.parametrize("name", ["signal_id", "alpaca_order_id", "exchange_order_id"])
def test_signal_and_orders_tell_two_entries_apart(name: str) -> None:
    """Where both have them; of an exit or a correction they say nothing."""
    one: dict[str, Any] = {name: "one"}
    other: dict[str, Any] = {name: "two"}
    neither: dict[str, Any] = {name: None}
    known = record(**one)

    assert owner(ENTRY, known, **other) is None
    assert owner(ENTRY, known, **neither) == "T1"
    for kind in (EXIT, CORRECTION):
        assert owner(kind, known, **{name: "two"}) == "T1"


def test_signal_counts_before_the_orders() -> None:
    """An order that was replaced is of the same signal."""
    known = record(signal_id="S", alpaca_order_id="A")

    assert owner(ENTRY, known, signal_id="S", alpaca_order_id="B") == "T1"


def test_orders_of_an_exit_are_not_those_of_the_trade() -> None:
    """A host may write the exit's order over the entry's."""
    known = record(kind=EXIT, alpaca_order_id="of the exit", signal_id="S")

    assert (known.alpaca_order_id, known.signal_id) == (None, None)
    assert owner(ENTRY, known, alpaca_order_id="of the entry") == "T1"


def test_first_known_value_is_what_is_compared() -> None:
    """Later recordings fill in what was missing, and change nothing."""
    known = record(created_at=None, signal_id="S1")
    known = with_identity(known, ENTRY, snapshot(created_at=AT, signal_id="S2"))

    assert known.signal_id == "S1"
    assert known.created_at == datetime.fromisoformat(f"{AT}+00:00")


def test_exit_goes_to_the_trade_that_it_is_most_like() -> None:
    """Two trades of one id, symbol and side: entered at other times."""
    first = record(created_at=None)
    second = record("T2", entry_timestamp="2024-03-05T15:10:00")

    assert owner(EXIT, first, second) == "T1"
    assert owner(EXIT, first, second, entry_timestamp="2024-03-05T15:10:00") == "T2"


LEFT: Final = "2024-03-05T16:00:00"


def closed(known: TradeRecord) -> TradeRecord:
    """Return *known* with an exit."""
    left = datetime.fromisoformat(f"{LEFT}+00:00")
    return attrs.evolve(known, exits=(ExitEvent(at=left, price=Decimal(1)),))


def test_exit_goes_to_the_trade_that_is_not_closed() -> None:
    """Where nothing else tells two of one id apart."""
    first, second = closed(record()), record("T2")

    assert owner(EXIT, first, second, exit_timestamp="2024-03-05T17:00:00") == "T2"


def test_exit_that_is_recorded_again_goes_to_the_trade_that_has_it() -> None:
    """It closes no other one of the same id, which stands open."""
    first, second = record(), closed(record("T2"))

    for again in (LEFT, f"{LEFT}.000", f"{LEFT}.987654Z"):
        assert owner(EXIT, first, second, exit_timestamp=again) == "T2"


# The names of trades ----------------------------------------------------------------


def test_trade_has_the_id_of_its_host() -> None:
    """As long as no other has it."""
    assert new_record("T1", snapshot(), []).trade_id == "T1"
    assert new_record("T1", snapshot(), ["T2"]).trade_id == "T1"


def test_second_trade_of_an_id_has_a_name_of_its_own() -> None:
    """The same in every process: it is made of what the trade means."""
    written = new_record("T1", snapshot(symbol=" msft ", created_at=AT), ["T1"])
    other = new_record("T1", snapshot(symbol="MSFT", created_at=f"{AT}Z"), ["T1"])

    assert written == other
    assert written.trade_id.startswith("T1~")
    assert written.host_id == "T1"


def test_names_are_never_given_twice() -> None:
    """Not even where nothing tells two trades apart."""
    taken = ["T1"]
    for _ in range(3):
        taken.append(new_record("T1", snapshot(), taken).trade_id)

    assert len(set(taken)) == 4


@pytest.mark.parametrize("length", [1, LONGEST_ID, LONGEST_ID + 1, 3000, 100_000])
def test_id_of_any_length_fits_into_an_index(length: int) -> None:
    """A short one is as it is, and of a long one nothing is lost but its length."""
    one, other = "x" * (length - 1) + "a", "x" * (length - 1) + "b"

    assert len(stored_id(one)) <= LONGEST_ID
    assert (stored_id(one) == one) is (length <= LONGEST_ID)
    assert stored_id(one) != stored_id(other)
    assert stored_id(stored_id(one)) == stored_id(one)


def test_equal_content_without_an_id_is_one_case() -> None:
    """And different content is another."""
    one, same, other = (
        capture(SimpleNamespace(id=None, symbol=symbol))
        for symbol in ("AAPL", "AAPL", "MSFT")
    )
    assert unidentified(one) == unidentified(same)
    assert unidentified(one) != unidentified(other)


# Keeping ----------------------------------------------------------------------------

FULL: Final = TradeRecord(
    trade_id="T1~0123abcd",
    host_id="T1",
    symbol="BRK.B",
    side=Side.SHORT,
    created_at=datetime(2024, 3, 5, 15, 0, 0, 123456, UTC),
    entered_at=datetime(2024, 3, 5, 15, 0, tzinfo=UTC),
    signal_id="S\0\ud800",
    alpaca_order_id="A",
    exchange_order_id="E",
    entry="[1]",
    entry_is_closed=True,
    exit="[2]",
    updated_at=datetime(2024, 3, 5, 16, 0, tzinfo=UTC),
    grown_at=datetime(2024, 3, 5, 15, 30, tzinfo=UTC),
    was_seen_open=True,
    was_partial=True,
    sizes=((Decimal("1E+3"), None), (None, Decimal("0.00012345"))),
    flag="rejected: no funds",
    stop=Decimal("98.250"),
    quote="[3]",
    quotes=((Decimal("1.5"), datetime(2024, 3, 5, 15, 0, tzinfo=UTC)),),
    exits=(
        ExitEvent(at=datetime(2024, 3, 5, 16, 0, tzinfo=UTC), price=Decimal("1.10")),
    ),
    parts=(
        Part(
            at=datetime(2024, 3, 5, 16, 0, tzinfo=UTC),
            price=Decimal("1.10"),
            size=Decimal(4),
            completes="all",
        ),
    ),
    differs=(Difference(code="exit_changed", host="7", sent="8"),),
    commission=Decimal("-0.25"),
    unknown=("regime",),
    count=3,
)


def test_records_that_are_kept_by_their_text_do_not_grow_without_end() -> None:
    """A host may have millions of trades."""
    for number in range(LARGEST_RECENT + 10):
        as_text(attrs.evolve(FULL, trade_id=f"T{number}"))

    assert len(recent) <= LARGEST_RECENT


def test_every_field_of_a_record_outlives_its_keeping() -> None:
    """To the last digit; the text is what every database takes."""
    defaults = TradeRecord(trade_id="T1", host_id="T1")
    for field in attrs.fields(TradeRecord):
        assert getattr(FULL, field.name) != getattr(defaults, field.name) or (
            field.name == "host_id"
        )
    text = as_text(FULL)
    recent.clear()  # or the record that was written would come back

    assert from_text(text) == FULL
    assert str(from_text(text).stop) == "98.250"
    assert text.isascii()
    assert "\0" not in text


def test_of_a_finished_trade_stays_what_tells_it_from_others() -> None:
    """It is recognised for ever, and takes little room."""
    kept = identity_of_record(FULL)

    assert kept.signal_id == FULL.signal_id
    assert (kept.entry, kept.exit, kept.exits, kept.sizes) == (None, None, (), ())
    assert identity_of_record(kept) == kept

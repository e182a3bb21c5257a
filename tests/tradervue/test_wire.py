"""The wire format, key by key."""

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import attrs
import pytest

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
from argo_tradervue_plugin.tradervue import wire

FILL = NewExecution(
    symbol="XYZ",
    quantity=Decimal(30),
    price=Decimal("12.40"),
    executed_at=datetime(2026, 3, 5, 15, 15, 0, 900_000, tzinfo=UTC),
)

TRADE_ROW = {
    "id": 1234,
    "symbol": "XYZ",
    "volume": 160,
    "open": False,
    "shared": False,
    "gross_pl": 123.45,
    "native_pl": 123.45,
    "native_currency": "USD",
    "commission": 1,
    "fees": -0.02,
    "side": "long",
    "entry_price": 12.1,
    "exit_price": 12.4,
    "start_datetime": "2026-03-05T10:15:00.000-05:00",
    "end_datetime": "2026-03-05T11:15:00.000-05:00",
    "tags": ["bot", "argo"],
    "exec_count": 2,
    "comment_count": 0,
    "notes_excerpt": "A note that goes on...",
}


def sent(value: object) -> object:
    return json.loads(wire.encode(value))  # type: ignore[arg-type]


def test_an_import_has_exactly_the_documented_members() -> None:
    """Tradervue ignores a misspelled member silently, so each is spelled here again."""
    fill = attrs.evolve(
        FILL,
        quantity=Decimal(-30),
        option="JAN16 26 45 CALL",
        commission=Decimal("0.35"),
        transaction_fee=Decimal("0.00"),
        ecn_fee=Decimal("-0.02"),
    )
    request = ImportRequest(
        executions=(fill,),
        account_tag="paper-1",
        tags=("bot",),
        allow_duplicates=True,
        overlay_commissions=True,
    )

    assert sent(request) == {
        "allow_duplicates": True,
        "overlay_commissions": True,
        "tags": ["bot"],
        "account_tag": "paper-1",
        "executions": [
            {
                "datetime": "2026-03-05T10:15:00-05:00",
                "symbol": "XYZ",
                "quantity": "-30",
                "price": "12.40",
                "option": "JAN16 26 45 CALL",
                "commission": "0.35",
                "transfee": "0.00",
                "ecnfee": "-0.02",
            }
        ],
    }


def test_what_is_unknown_is_left_out_of_an_import() -> None:
    """An unknown fee is no fee of zero: a default commission may apply."""
    assert sent(ImportRequest(executions=(FILL,))) == {
        "allow_duplicates": False,
        "overlay_commissions": False,
        "executions": [
            {
                "datetime": "2026-03-05T10:15:00-05:00",
                "symbol": "XYZ",
                "quantity": "30",
                "price": "12.40",
                "option": "",
            }
        ],
    }


def test_a_known_fee_of_zero_is_sent() -> None:
    """Zero is a figure, in its own digits."""
    fill = attrs.evolve(FILL, commission=Decimal(0), ecn_fee=Decimal("0.00"))

    (row,) = sent(ImportRequest(executions=(fill,)))["executions"]  # type: ignore[index]

    assert row["commission"] == "0"
    assert row["ecnfee"] == "0.00"


@pytest.mark.parametrize(
    "change",
    [
        {"executed_at": datetime(2026, 3, 5, 10, 15)},  # noqa: DTZ001
        {"price": Decimal("NaN")},
        {"commission": Decimal("Infinity")},
    ],
    ids=["naive", "nan", "infinity"],
)
def test_an_execution_that_makes_no_sense_is_not_sent(change: dict[str, Any]) -> None:
    """The error comes before the request."""
    request = ImportRequest(executions=(attrs.evolve(FILL, **change),))

    with pytest.raises(ValueError, match=r"finite|offset"):
        wire.encode(request)


def test_new_trades_and_changes_say_only_what_is_set() -> None:
    """A part that is None stays as it is; an empty text or list is a value."""
    assert sent(NewTrade(symbol="XYZ")) == {"symbol": "XYZ"}
    assert sent(NewTrade(symbol="XYZ", notes="", tags=(), shared=False)) == {
        "symbol": "XYZ",
        "notes": "",
        "tags": [],
        "shared": False,
    }
    assert sent(TradeChange()) == {}
    assert sent(
        TradeChange(
            notes="n", initial_risk=Decimal("187.20"), shared=True, tags=("a", "b")
        )
    ) == {"notes": "n", "initial_risk": 187.2, "shared": True, "tags": ["a", "b"]}


@pytest.mark.parametrize(
    ("risk", "text"),
    [("100", "100"), ("1E+3", "1000"), ("0.10", "0.1"), ("123456789.12", None)],
)
def test_risk_is_a_json_number_without_noise(risk: str, text: str | None) -> None:
    """As the answers show it."""
    body = wire.encode(TradeChange(initial_risk=Decimal(risk)))

    assert body == b'{"initial_risk":%s}' % (text or risk).encode()


def test_users_go_out_with_their_settings_untouched() -> None:
    """Body dates are yyyy-mm-dd."""
    user = NewUser(
        username="u",
        email="u@example.org",
        plan="Gold",
        password="secret",
        trial_end=date(2026, 3, 5),
        settings={"merge_mode": "force_split", "charts": [{"type": "ohlc"}]},
    )

    assert sent(user) == {
        "username": "u",
        "email": "u@example.org",
        "plan": "Gold",
        "password": "secret",
        "trial_end": "2026-03-05",
        "settings": {"merge_mode": "force_split", "charts": [{"type": "ohlc"}]},
    }
    assert sent(UserChange(email="e")) == {"email": "e"}


def test_notes_and_journal_entries_have_bodies_of_their_own() -> None:
    """Without notes an entry gets the user's template."""
    assert json.loads(wire.encode_notes("n")) == {"notes": "n"}
    day = date(2026, 3, 5)
    assert json.loads(wire.encode_journal_entry(day, None)) == {"date": "2026-03-05"}
    assert json.loads(wire.encode_journal_entry(day, "")) == {
        "date": "2026-03-05",
        "notes": "",
    }


def test_every_part_of_a_filter_has_its_key() -> None:
    """Dates are mm/dd/yyyy, sides and durations letters."""
    where = TradeFilter(
        symbol="XYZ",
        any_tags=("a", "b"),
        all_tags=("c",),
        start=date(2026, 3, 5),
        end=date(2026, 3, 6),
        side=Side.SHORT,
        intraday=True,
        winners=False,
    )

    assert wire.trade_query(where) == {
        "symbol": "XYZ",
        "ortags": "a,b",
        "andtags": "c",
        "startdate": "03/05/2026",
        "enddate": "03/06/2026",
        "side": "S",
        "duration": "I",
        "plgross": "L",
    }
    assert wire.trade_query(TradeFilter()) == {}
    assert wire.trade_query(
        TradeFilter(side=Side.LONG, intraday=False, winners=True)
    ) == {"side": "L", "duration": "M", "plgross": "W"}


def test_a_journal_query_has_its_own_keys() -> None:
    """One day is ``d``."""
    day = date(2026, 3, 5)
    assert wire.journal_query(day, None, None) == {"d": "03/05/2026"}
    assert wire.journal_query(None, day, day) == {
        "startdate": "03/05/2026",
        "enddate": "03/05/2026",
    }


def test_a_listed_trade_is_read_member_by_member() -> None:
    """Money is decimal with the digits of the answer, times are aware."""
    (trade,) = wire.read_list(
        json.dumps({"trades": [TRADE_ROW]}).encode(), JournalTrade
    )

    assert trade == JournalTrade(
        id=1234,
        symbol="XYZ",
        side=Side.LONG,
        open=False,
        shared=False,
        volume=Decimal(160),
        gross_pl=Decimal("123.45"),
        native_pl=Decimal("123.45"),
        native_currency="USD",
        commission=Decimal(1),
        fees=Decimal("-0.02"),
        entry_price=Decimal("12.1"),
        exit_price=Decimal("12.4"),
        started_at=datetime(2026, 3, 5, 15, 15, tzinfo=UTC),
        ended_at=datetime(2026, 3, 5, 16, 15, tzinfo=UTC),
        tags=("bot", "argo"),
        exec_count=2,
        comment_count=0,
        notes_excerpt="A note that goes on...",
    )
    assert str(trade.fees) == "-0.02"


def test_every_member_of_a_trade_but_two_may_be_missing_or_null() -> None:
    """An open trade has no exit, one without executions no start, and so on."""
    bare = {"id": 1, "symbol": "XYZ"}
    nulls = dict.fromkeys(TRADE_ROW) | bare
    content = json.dumps({"trades": [bare, nulls]}).encode()

    for trade in wire.read_list(content, JournalTrade):
        assert trade == JournalTrade(id=1, symbol="XYZ")


def test_a_detailed_trade_has_risk_and_excursions() -> None:
    """The ``..._datetime`` members become ``..._at``."""
    pairs = ("position_mfe", "position_mae", "price_mfe", "price_mae", "best_exit_pl")
    moment = "2026-03-05T10:15:00.000-05:00"
    row = (
        TRADE_ROW
        | {"notes": "a\r\nb", "initial_risk": 250.5}
        | dict.fromkeys(pairs, 1.5)
        | {f"{name}_datetime": moment for name in pairs}
    )

    trade = wire.read_one(json.dumps(row).encode(), JournalTradeDetail)

    assert trade.notes == "a\r\nb"
    assert trade.initial_risk == Decimal("250.5")
    for name in pairs:
        assert getattr(trade, name) == Decimal("1.5")
        assert getattr(trade, f"{name}_at") == datetime(2026, 3, 5, 15, 15, tzinfo=UTC)
    assert trade.started_at is not None
    assert trade.ended_at is not None


def test_an_execution_comes_back_with_other_names() -> None:
    """The import's ``transfee`` and ``ecnfee`` come back with underscores."""
    row = {
        "id": 7,
        "datetime": "2026-03-05T10:15:00.000-05:00",
        "symbol": "XYZ",
        "quantity": -30,
        "price": 12.40,
        "commission": 1,
        "trans_fee": 0.01,
        "ecn_fee": -0.02,
    }

    content = json.dumps({"executions": [row]}).encode()

    assert wire.read_list(content, JournalExecution) == [
        JournalExecution(
            id=7,
            symbol="XYZ",
            quantity=Decimal(-30),
            price=Decimal("12.4"),
            executed_at=datetime(2026, 3, 5, 15, 15, tzinfo=UTC),
            commission=Decimal(1),
            transaction_fee=Decimal("0.01"),
            ecn_fee=Decimal("-0.02"),
        )
    ]


def test_the_other_lists_have_wrappers_of_their_own() -> None:
    """Entries, notes, comments and users."""
    entry = {"id": 1, "date": "2026-03-05", "notes": "n", "comment_count": 2}
    note = {"id": 2, "notes": "n", "comment_count": 1}
    comment = {
        "id": 3,
        "username": "u",
        "text": "t",
        "datetime": "2026-03-05T15:15:00.000Z",
    }
    user = {
        "id": 4,
        "username": "u",
        "email": "e",
        "plan": "Gold",
        "billing_mode": "Managed",
        "last_login": None,
    }

    def read(member: str, row: dict[str, Any], kind: type) -> object:
        return wire.read_list(json.dumps({member: [row]}).encode(), kind)

    assert read("journal_entries", entry, JournalEntry) == [
        JournalEntry(id=1, date=date(2026, 3, 5), notes="n", comment_count=2)
    ]
    assert read("journal_notes", note, Note) == [Note(id=2, notes="n", comment_count=1)]
    assert read("comments", comment, Comment) == [
        Comment(
            id=3,
            username="u",
            text="t",
            written_at=datetime(2026, 3, 5, 15, 15, tzinfo=UTC),
        )
    ]
    assert read("users", user, User) == [
        User(id=4, username="u", email="e", plan="Gold", billing_mode="Managed")
    ]


def test_a_detailed_journal_entry_has_figures_and_trades() -> None:
    """``commfees`` is commissions and fees together."""
    row = {
        "id": 1,
        "date": "2026-03-05",
        "notes": None,
        "trade_count": 2,
        "total_volume": 320,
        "gross_pl": 12.5,
        "commfees": 1.25,
        "trade_ids": [5, 6],
    }

    assert wire.read_one(json.dumps(row).encode(), JournalEntryDetail) == (
        JournalEntryDetail(
            id=1,
            date=date(2026, 3, 5),
            trade_count=2,
            total_volume=Decimal(320),
            gross_pl=Decimal("12.5"),
            commissions_and_fees=Decimal("1.25"),
            trade_ids=(5, 6),
        )
    )


@pytest.mark.parametrize("state", ["ready", "queued", "processing"])
def test_an_unfinished_import_has_no_result(state: str) -> None:
    """There is a status and nothing else."""
    content = json.dumps({"status": state}).encode()

    assert wire.read_import_status(content) == ImportStatus(state=ImportState(state))


def test_a_failed_import_names_its_row_counted_from_zero() -> None:
    """Tradervue counts from 1."""
    info = {
        "exec_count": 0,
        "duplicate_count": 1,
        "overquota_count": 2,
        "skipped_futures": True,
        "skipped_options": False,
        "skipped_forex": True,
        "error_description": "invalid quantity",
        "error_execnumber": 3,
    }
    content = json.dumps({"status": "failed", "info": info}).encode()

    assert wire.read_import_status(content) == ImportStatus(
        state=ImportState.FAILED,
        result=ImportResult(
            exec_count=0,
            duplicate_count=1,
            overquota_count=2,
            skipped_futures=True,
            skipped_forex=True,
            error="invalid quantity",
            error_row=2,
        ),
    )


@pytest.mark.parametrize("info", [{}, None, {"error_execnumber": 0}])
def test_a_finished_import_always_has_a_result(info: object) -> None:
    """Even where Tradervue tells nothing, or a row that there cannot be."""
    content = json.dumps({"status": "succeeded", "info": info}).encode()

    assert wire.read_import_status(content).result == ImportResult()


@pytest.mark.parametrize(
    "document",
    [{}, [], {"status": "napping"}, {"status": None}, {"status": "failed", "info": 5}],
    ids=str,
)
def test_an_unreadable_import_status_is_quoted(document: object) -> None:
    """The outcome is cleared by now: its text must not be lost as well."""
    content = json.dumps(document).encode()

    with pytest.raises(ValueError, match="in ") as raised:
        wire.read_import_status(content)

    assert content.decode() in str(raised.value)


def test_only_a_queued_import_counts_as_taken() -> None:
    """Another word under a 200 is no success."""
    wire.read_queued(b'{"status":"queued"}')
    wire.read_queued(b'{"status":"processing"}')
    for status in ("ready", "no executions", "failed"):
        with pytest.raises(ValueError, match="status"):
            wire.read_queued(json.dumps({"status": status}).encode())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"error":"Invalid request: a, b"}', "Invalid request: a, b"),
        (b'{"status":"no executions"}', "no executions"),
        (b'{"error":"e","status":"s"}', "e"),
        (b'{"error":["a","b"]}', "['a', 'b']"),
        (b'{"error":null,"status":""}', '{"error":null,"status":""}'),
        (b'["x"]', '["x"]'),
        (b"HTTP Basic: Access denied.\n", "HTTP Basic: Access denied.\n"),
        (b"\xff", "\ufffd"),
        (b"", ""),
    ],
)
def test_the_words_of_a_failure_are_found(content: bytes, words: str) -> None:
    """``error`` first, then ``status``, then the text as it is."""
    assert wire.read_words(content) == words


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"\xff\xfe\xfd",
        b'{"id":NaN}',
        b'{"id":Infinity}',
        b'{"id":' + b"9" * 5000 + b"}",
        b'{"id":1e9999999999999999999}',
        b"[" * 200_000,
        b"[]",
        b"{}",
        b'{"id":null}',
        b'{"id":1.5}',
    ],
    ids=lambda content: repr(content[:12]),
)
def test_an_id_that_cannot_be_read_is_an_error(content: bytes) -> None:
    """Neither a parser's limits nor wrong types escape as another exception."""
    with pytest.raises(ValueError, match=r"JSON|'id'|whole number"):
        wire.read_id(content)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([TRADE_ROW, {"id": 1}], r"trades\[1\] has no 'symbol'"),
        ([TRADE_ROW | {"fees": "few"}], r"trades\[0\]: 'few' is no number"),
        ([TRADE_ROW | {"symbol": {"x": 1}}], r"trades\[0\]: .* is no text"),
        (["XYZ"], r"trades\[0\]: 'XYZ' is no object"),
        (None, "there is no list 'trades'"),
        ({"a": 1}, "there is no list 'trades'"),
    ],
)
def test_an_unreadable_row_is_named(rows: object, problem: str) -> None:
    """An operator sees which row and what about it."""
    with pytest.raises(ValueError, match=problem):
        wire.read_list(json.dumps({"trades": rows}).encode(), JournalTrade)


def test_a_missing_member_of_a_single_object_is_named() -> None:
    """As in a list."""
    with pytest.raises(ValueError, match="there is no 'symbol'"):
        wire.read_one(b'{"id":1}', JournalTradeDetail)


def test_unknown_members_are_ignored_and_reported_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The documentation changes without notice; nobody wants that in every line."""
    name = f"new_{uuid4().hex}"  # what was reported before stays reported
    row = TRADE_ROW | {name: 1, f"{name}\nforged": 2}
    content = json.dumps({"trades": [row, row]}).encode()

    with caplog.at_level(logging.DEBUG, logger="argo_tradervue_plugin"):
        assert len(wire.read_list(content, JournalTrade)) == 2

    assert [record.getMessage() for record in caplog.records] == [
        f"tradervue.unknown_member of=JournalTrade name={name}",
        "tradervue.unknown_member of=JournalTrade name=unprintable",
    ]


def best_of(repeats: int, function: Callable[[], object]) -> float:
    """CPU seconds of the quickest call: what others do here does not count."""
    times = []
    for _ in range(repeats):
        begun = time.thread_time()
        function()
        times.append(time.thread_time() - begun)
    return min(times)


def test_thousands_of_rows_are_read_quickly() -> None:
    """It takes some six times what its JSON takes; four times that is a mistake."""
    rows = [TRADE_ROW | {"id": number} for number in range(1_000)]
    content = json.dumps({"trades": rows}).encode()

    seconds = best_of(5, lambda: wire.read_list(content, JournalTrade))

    assert seconds < 24 * best_of(5, lambda: json.loads(content))


def test_an_import_of_the_largest_size_is_written_quickly() -> None:
    """It takes some nine times what reading its JSON does; five times that is wrong."""
    fills = tuple(
        attrs.evolve(FILL, executed_at=FILL.executed_at + timedelta(seconds=second))
        for second in range(500)
    )
    request = ImportRequest(executions=fills)

    content = wire.encode(request)

    seconds = best_of(5, lambda: wire.encode(request))

    assert seconds < 45 * best_of(5, lambda: json.loads(content))

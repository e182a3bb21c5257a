"""Host and journal side by side: every trade in one list, the difference explained."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.matching.compare import (
    Bare,
    HostTrade,
    Money,
    Report,
    reconcile,
)
from argo_tradervue_plugin.matching.report import total_of
from argo_tradervue_plugin.model import records
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.journal import (
    JournalExecution,
    JournalTrade,
    Side,
)

START: Final = datetime(2026, 3, 5, 14, 30, 1, tzinfo=UTC)
OURS: Final = frozenset({"argo", "argo-2"})


def host(number: int = 1, **changes: Any) -> HostTrade:
    """Return a closed host trade: 10 at 100.25, out at 103.5, for 2 dollars."""
    facts = {
        "symbol": f"CORP{number}",
        "quantity": Decimal(10),
        "price": Decimal("100.25"),
        "at": START,
        "exit_price": Decimal("103.5"),
        "exit_at": START + timedelta(hours=2),
        "commission": Decimal(2),
        **changes,
    }
    trade_id = f"trade_{number}"
    entry = Execution(
        trade_id=trade_id,
        kind=Kind.ENTRY,
        symbol=facts["symbol"],
        quantity=facts["quantity"],
        price=facts["price"],
        executed_at=facts["at"],
    )
    closing = None
    if facts["exit_price"] is not None:
        closing = attrs.evolve(
            entry,
            kind=Kind.EXIT,
            quantity=-entry.quantity,
            price=facts["exit_price"],
            executed_at=facts["exit_at"],
            commission=facts["commission"],
        )
    return HostTrade(
        trade_id=trade_id,
        entry=entry,
        exit=closing,
        commission=None if closing is None else facts["commission"],
        state=facts.get("state", "verified"),
        reason=facts.get("reason"),
    )


def standing(trade: HostTrade, journal_id: int, **changes: Any) -> JournalTrade:
    """Return the journal trade that says just what *trade* was."""
    entry, closing = trade.entry, trade.exit
    number = 1 if closing is None else 2
    row = JournalTrade(
        id=journal_id,
        symbol=entry.symbol,
        side=Side.LONG if entry.quantity > 0 else Side.SHORT,
        open=closing is None,
        volume=abs(entry.quantity) * number,
        gross_pl=trade.gross_pl,
        commission=trade.commission or Decimal(0),
        entry_price=entry.price,
        exit_price=None if closing is None else closing.price,
        started_at=entry.executed_at,
        ended_at=None if closing is None else closing.executed_at,
        tags=("argo", "stock"),
        exec_count=number,
    )
    return attrs.evolve(row, **changes)


def compared(
    trades: list[HostTrade], rows: list[JournalTrade], links: dict[str, int]
) -> Report:
    """Compare, with our account tags."""
    return reconcile(trades, rows, links, tags=OURS)


def linked(trade: HostTrade, **changes: Any) -> Report:
    """Compare *trade* with a journal trade that differs from it by *changes*."""
    return compared([trade], [standing(trade, 7, **changes)], {trade.trade_id: 7})


SAME = [
    pytest.param(host(), id="long"),
    pytest.param(host(quantity=Decimal(-10)), id="short"),
    pytest.param(host(exit_price=None), id="open"),
    pytest.param(host(quantity=Decimal("0.12345678")), id="fraction"),
    pytest.param(host(exit_price=Decimal(0)), id="worthless-at-the-end"),
    pytest.param(host(exit_at=START), id="closed-in-the-same-second"),
]


@pytest.mark.parametrize("trade", SAME)
def test_what_is_the_same_is_matched(trade: HostTrade) -> None:
    """One pair, nothing else, and no difference in money."""
    report = linked(trade)

    assert report.matched == ((trade.trade_id, 7),)
    assert report.is_clean
    assert report.difference == 0
    assert report.host.gross_pl == report.journal.gross_pl == trade.gross_pl


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(
            {"started_at": START.replace(microsecond=900_000)}, id="subsecond"
        ),
        pytest.param({"symbol": "corp1"}, id="case-of-the-symbol"),
        pytest.param({"gross_pl": Decimal("32.5000001")}, id="less-than-a-cent"),
        pytest.param({"volume": Decimal("20.00")}, id="zeros-that-say-nothing"),
        pytest.param({"tags": ()}, id="our-tag-taken-away"),
        pytest.param({"fees": Decimal("-0.2")}, id="fees-that-no-host-knows"),
        pytest.param({"shared": True, "comment_count": 3}, id="what-people-did"),
    ],
)
def test_what_says_the_same_otherwise_is_matched(changes: dict[str, Any]) -> None:
    """To the second and to the cent; what people add is no difference."""
    assert linked(host(), **changes).matched == (("trade_1", 7),)


def test_a_commission_that_the_host_does_not_know_is_no_difference() -> None:
    """Unknown is not zero: Tradervue may have charged a default."""
    assert linked(host(commission=None), commission=Decimal("1.25")).is_clean


@pytest.mark.parametrize(
    ("changes", "field", "ours", "theirs"),
    [
        pytest.param({"symbol": "CORP2"}, "symbol", "CORP1", "CORP2", id="symbol"),
        pytest.param({"side": Side.SHORT}, "side", "long", "short", id="side"),
        pytest.param({"side": None}, "side", "long", "none", id="no-side"),
        pytest.param({"exec_count": 3}, "executions", "2", "3", id="executions"),
        pytest.param({"volume": Decimal(30)}, "volume", "20", "30", id="volume"),
        pytest.param({"volume": None}, "volume", "20", "none", id="no-volume"),
        pytest.param(
            {"entry_price": Decimal("100.26")},
            "entry price",
            "100.25",
            "100.26",
            id="entry-price",
        ),
        pytest.param(
            {"exit_price": Decimal(104)}, "exit price", "103.5", "104", id="exit-price"
        ),
        pytest.param(
            {"exit_price": None}, "exit price", "103.5", "none", id="no-exit-price"
        ),
        pytest.param(
            {"started_at": START + timedelta(seconds=1)},
            "entry time",
            "2026-03-05T09:30:01-05:00",
            "2026-03-05T09:30:02-05:00",
            id="entry-time",
        ),
        pytest.param(
            {"ended_at": None},
            "exit time",
            "2026-03-05T11:30:01-05:00",
            "none",
            id="no-exit-time",
        ),
        pytest.param(
            {"gross_pl": Decimal("32.49")}, "gross P&L", "32.50", "32.49", id="a-cent"
        ),
        pytest.param(
            {"commission": Decimal(0)}, "commission", "2.00", "0.00", id="commission"
        ),
    ],
)
def test_what_differs_is_named_with_both_values(
    changes: dict[str, Any], field: str, ours: str, theirs: str
) -> None:
    """The field, what the host has and what the journal shows; not matched then."""
    report = linked(host(), **changes)

    [difference] = report.different
    assert (difference.trade_id, difference.journal_id) == ("trade_1", 7)
    assert (difference.field, difference.host, difference.journal) == (
        field,
        ours,
        theirs,
    )
    assert report.matched == ()
    assert not report.is_clean


def test_each_field_that_differs_is_told() -> None:
    """One trade, several lines; the money is explained once."""
    report = linked(
        host(), exit_price=Decimal(105), gross_pl=Decimal("47.5"), commission=Decimal(3)
    )

    assert [d.field for d in report.different] == [
        "exit price",
        "gross P&L",
        "commission",
    ]
    assert report.difference == report.explained["different"] == 15


@pytest.mark.parametrize(
    ("trade", "changes", "fields"),
    [
        pytest.param(
            host(),
            {"open": True, "exec_count": 1, "volume": Decimal(10)},
            ["open", "executions", "volume"],
            id="exit-is-not-there",
        ),
        pytest.param(
            host(exit_price=None),
            {"open": False, "exec_count": 2, "volume": Decimal(20)},
            ["open", "executions", "volume"],
            id="closed-by-somebody-else",
        ),
    ],
)
def test_open_on_one_side_alone_is_a_difference(
    trade: HostTrade, changes: dict[str, Any], fields: list[str]
) -> None:
    """What an open trade does not have yet is not compared besides."""
    assert [d.field for d in linked(trade, **changes).different] == fields


@pytest.mark.parametrize("exec_count", [None, 0], ids=["not-listed", "basic-trade"])
def test_what_the_journal_does_not_hold_is_missing(exec_count: int | None) -> None:
    """With how its delivery stands and why; a trade without executions is no trade."""
    trade = host(state="basic", reason="no fractions")
    rows = [] if exec_count is None else [standing(trade, 7, exec_count=0)]
    report = compared([trade], rows, {trade.trade_id: 7})

    [missing] = report.missing
    assert (missing.trade_id, missing.symbol) == ("trade_1", "CORP1")
    assert (missing.state, missing.reason) == ("basic", "no fractions")
    assert report.difference == report.explained["missing"] == Decimal("-32.5")
    assert report.unknown_tagged == report.unknown_untagged == ()


def test_without_a_link_nothing_is_guessed() -> None:
    """What looks just the same may be somebody's own trade."""
    trade = host()
    report = compared([trade], [standing(trade, 7, tags=())], {})

    assert [m.trade_id for m in report.missing] == ["trade_1"]
    assert report.unknown_untagged == (7,)


@pytest.mark.parametrize(
    ("tags", "tagged", "untagged"),
    [
        pytest.param(("argo",), (9,), (), id="our-tag"),
        pytest.param(("mine", "argo-2"), (9,), (), id="tag-of-another-slot"),
        pytest.param(("argonaut",), (), (9,), id="a-tag-that-begins-like-ours"),
        pytest.param((), (), (9,), id="no-tag"),
    ],
)
def test_what_no_host_trade_stands_for_is_unknown(
    tags: tuple[str, ...], tagged: tuple[int, ...], untagged: tuple[int, ...]
) -> None:
    """With our tag it counts and must be explained; a person's trades do not."""
    trade = host()
    stranger = standing(host(2), 9, tags=tags)
    report = compared([trade], [standing(trade, 7), stranger], {trade.trade_id: 7})

    assert report.matched == (("trade_1", 7),)
    assert report.unknown_tagged == tagged
    assert report.unknown_untagged == untagged
    assert report.is_clean is not bool(tagged)
    assert report.difference == report.explained["unknown"]
    assert report.difference == (Decimal("32.5") if tagged else 0)


@pytest.mark.parametrize("tags", [("argo",), ()], ids=["our-tag", "no-tag"])
def test_what_repeats_a_matched_trade_is_duplicated(tags: tuple[str, ...]) -> None:
    """Which host trade, and which journal trade is one too many."""
    trade = host()
    rows = [standing(trade, 7), standing(trade, 8, tags=tags)]
    report = compared([trade], rows, {trade.trade_id: 7})

    assert report.matched == (("trade_1", 7),)
    assert report.duplicated == (("trade_1", 8),)
    assert report.unknown_tagged == report.unknown_untagged == ()
    assert report.difference == report.explained["unknown"] == Decimal("32.5")
    assert not report.is_clean


def test_equal_trades_with_a_link_each_are_no_duplicates() -> None:
    """Two positions of one second, size and price are two trades on both sides."""
    trades = [host(1, symbol="TWIN"), host(2, symbol="TWIN")]
    rows = [standing(trades[0], 7), standing(trades[1], 8)]
    report = compared(trades, rows, {"trade_1": 7, "trade_2": 8})

    assert report.is_clean
    assert len(report.matched) == 2


def test_several_host_trades_in_one_journal_trade_are_shared_and_not_matched() -> None:
    """They cannot be told apart there; their sum can be compared, and is."""
    trades = [host(1, symbol="AAPL"), host(2, symbol="AAPL", exit_price=Decimal(99))]
    both = standing(
        trades[0],
        7,
        exec_count=4,
        volume=Decimal(40),
        gross_pl=sum(t.gross_pl for t in trades),
    )
    report = compared(trades, [both], {"trade_1": 7, "trade_2": 7})

    assert report.shared == {7: ("trade_1", "trade_2")}
    assert (report.matched, report.different, report.missing) == ((), (), ())
    assert report.difference == report.explained["shared"] == 0
    assert not report.is_clean


def test_totals_are_those_of_both_sides() -> None:
    """Trades, gross profit and commission; what only a person traded is left out."""
    trades = [host(1), host(2, quantity=Decimal(-4), commission=None), host(3)]
    rows = [
        standing(trades[0], 7, commission=Decimal("2.5")),
        standing(trades[1], 8),
        standing(host(4), 9, tags=("mine",)),
    ]
    report = compared(trades, rows, {"trade_1": 7, "trade_2": 8})

    assert attrs.astuple(report.host) == (3, Decimal(52), Decimal(4), 0)
    assert attrs.astuple(report.journal) == (2, Decimal("19.5"), Decimal("2.5"), 0)
    assert report.explained["missing"] == report.difference == Decimal("-32.5")


def split(**changes: Any) -> Report:
    """Compare a trade of which the exit is in a journal trade of its own."""
    trade = host()
    assert trade.exit is not None
    exits = standing(
        attrs.evolve(trade, entry=trade.exit, exit=None, commission=None),
        8,
        gross_pl=Decimal(0),
    )
    entries = standing(attrs.evolve(trade, exit=None, commission=None), 7, **changes)
    trade = attrs.evolve(trade, elsewhere=((trade.exit, 8),))
    return compared([trade], [entries, exits], {"trade_1": 7})


def test_the_place_of_an_exit_that_was_split_off_is_named() -> None:
    """What is left of the trade is as it should be, and says nothing besides."""
    report = split()

    [told] = report.different
    assert (told.field, told.journal) == ("exit", "in journal trade 8")
    assert told.host == "sell 10 at 103.5, 2026-03-05T11:30:01-05:00"
    assert report.unknown_tagged == report.unknown_untagged == ()
    assert report.journal.trades == 2
    assert told.money == report.money == Money(Decimal("-32.5"), Decimal(-2))


def test_what_is_left_of_a_split_trade_is_compared() -> None:
    """A price that somebody corrected besides is a difference of its own."""
    report = split(entry_price=Decimal(99))

    assert [d.field for d in report.different] == ["exit", "entry price"]


def test_positions_are_open_or_closed_in_words() -> None:
    """And the money is on the first field that differs, where it has none itself."""
    report = linked(host(), open=True, exec_count=1, volume=Decimal(10), gross_pl=None)

    [position, executions, _] = report.different
    assert (position.field, position.host, position.journal) == (
        "open",
        "closed",
        "open",
    )
    assert position.money == Money(Decimal("-32.5"))
    assert executions.money == Money()


def test_each_figure_is_on_the_field_that_differs_in_it() -> None:
    """Gross profit, commission; the rest on the first."""
    report = linked(
        host(),
        exit_price=Decimal(105),
        gross_pl=Decimal("47.5"),
        commission=Decimal(3),
        fees=Decimal("0.2"),
    )

    assert {d.field: attrs.astuple(d.money) for d in report.different} == {
        "exit price": (0, 0, Decimal("0.2")),
        "gross P&L": (15, 0, 0),
        "commission": (0, 1, 0),
    }


def test_costs_that_the_host_does_not_know_are_counted_and_add_up() -> None:
    """They are no difference; what the journal charges is a sum at the end."""
    trades = [host(1, commission=None), host(2), host(3, commission=None)]
    rows = [
        standing(trades[0], 7, commission=Decimal("1.25"), fees=Decimal("0.1")),
        standing(trades[1], 8),
    ]
    report = compared(trades, rows, {"trade_1": 7, "trade_2": 8})

    assert report.unknown_costs == 2  # of the one that is missing, too
    assert [m.trade_id for m in report.missing] == ["trade_3"]
    unknown = Money(Decimal(0), Decimal("1.25"), Decimal("0.1"))
    assert report.causes["unknown_costs"] == unknown
    assert [(line.what, line.money) for line in report.lines()] == [
        ("missing", Money(Decimal("-32.5"))),
        ("unknown costs", unknown),
    ]
    assert compared([host(exit_price=None)], [], {}).unknown_costs == 0


def test_profit_of_an_open_trade_is_compared() -> None:
    """As far as it is realised."""
    report = linked(host(exit_price=None), gross_pl=Decimal(5))

    assert [(d.field, d.host, d.journal) for d in report.different] == [
        ("gross P&L", "0.00", "5.00")
    ]


def test_times_of_an_outcome_are_those_of_new_york() -> None:
    """The outbox keeps them in UTC."""
    words = {"host": "2026-03-05 14:40:00 UTC", "sent": "2026-07-05 03:30:01 UTC"}
    outcome = records.Difference(code="time_changed", **words)
    trade = attrs.evolve(host(), outcomes=(outcome,))
    [told] = compared([trade], [standing(trade, 7)], {"trade_1": 7}).outcomes

    assert told.host == "2026-03-05T09:40:00-05:00"
    assert told.sent == "2026-07-04T23:30:01-04:00"
    assert told.sentence.endswith(f"{told.host}, sent {told.sent}")


def test_what_holds_no_executions_is_listed_by_whose_it_is() -> None:
    """Ours stands for what is missing; of the others the host's are named."""
    rows = [
        JournalTrade(id=number, symbol="X", notes_excerpt="") for number in range(1, 4)
    ]
    bare = Bare(ours={1}, of_host={2})
    report = reconcile([], rows, {}, bare=bare)

    assert [(b.journal_id, b.of_host) for b in report.basics] == [(2, True), (3, False)]
    assert [b.journal_id for b in report.host_basics] == [2]
    assert report.is_clean
    assert report.unknown_untagged == ()


def test_what_the_outbox_knows_to_be_ours_is_no_stranger() -> None:
    """Finished and forgotten: nothing of it can be compared."""
    report = reconcile([], [standing(host(), 7)], {}, tags=OURS, beyond={7})

    assert report.beyond == (7,)
    assert report.is_clean
    assert report.journal.trades == 0


def test_nothing_on_both_sides_is_clean() -> None:
    """No trades, no totals, no difference."""
    report = compared([], [], {})

    assert report.is_clean
    assert report.host.trades == report.journal.trades == 0
    assert report.difference == 0


def test_null_numbers_are_differences_and_no_crash() -> None:
    """A journal may leave out what it does not know."""
    bare = JournalTrade(id=7, symbol="CORP1", exec_count=2)
    report = compared([host()], [bare], {"trade_1": 7})

    assert {d.journal for d in report.different} >= {"none"}
    assert report.journal.gross_pl == 0
    assert report.difference == sum(report.explained.values())


# Several executions a leg, outcomes, and what is accepted ----------------------------


def grown() -> HostTrade:
    """Return a trade of 10, filled 3 at 100 and 7 at 101, and closed 4 and 6."""
    first = host(price=Decimal(100), exit_price=None).entry
    later = START + timedelta(hours=1)
    entry = attrs.evolve(first, quantity=Decimal(3))
    more = attrs.evolve(first, quantity=Decimal(7), price=Decimal(101), part=2)
    out = attrs.evolve(
        first,
        kind=Kind.EXIT,
        quantity=Decimal(-4),
        price=Decimal(104),
        executed_at=later,
    )
    last = attrs.evolve(
        out,
        quantity=Decimal(-6),
        price=Decimal(103),
        executed_at=later + timedelta(hours=1),
        part=2,
    )
    return HostTrade(trade_id="trade_1", entry=entry, exit=out, further=(more, last))


def fills_of(trade: HostTrade, **changes: Any) -> list[JournalExecution]:
    """Return the executions that stand for *trade*, the last changed by *changes*."""
    fills = [
        JournalExecution(
            id=number,
            symbol=e.symbol,
            quantity=e.quantity,
            price=e.price,
            executed_at=e.executed_at,
        )
        for number, e in enumerate(trade.executions)
    ]
    return [*fills[:-1], attrs.evolve(fills[-1], **changes)]


def several(trade: HostTrade, journal_id: int, **changes: Any) -> JournalTrade:
    """Return the journal trade of a closed one with several executions."""
    last = max(e.executed_at for e in trade.executions)
    facts: dict[str, Any] = {
        "open": trade.is_open,
        "volume": sum(abs(e.quantity) for e in trade.executions),
        "exec_count": len(trade.executions),
        "ended_at": last,
    }
    return standing(trade, journal_id, **facts | changes)


@pytest.mark.parametrize("price", ["100", "101", "100.7", "99"])
def test_no_price_of_a_list_makes_a_difference_of_several_executions(
    price: str,
) -> None:
    """Of the first, of the last, on average: it is not documented which it is."""
    trade = grown()
    row = several(trade, 7, entry_price=Decimal(price), exit_price=Decimal(price))
    report = reconcile([trade], [row], {"trade_1": 7}, fills={7: fills_of(trade)})

    assert report.matched == (("trade_1", 7),)
    # 3 from 100 to 104, 1 from 101 to 104, 6 from 101 to 103
    assert report.host.gross_pl == report.journal.gross_pl == 27


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        pytest.param({"price": Decimal("103.01")}, {"exit price"}, id="price"),
        pytest.param(
            {"price": Decimal("103.001")}, {"exit 2 price"}, id="below-a-cent"
        ),
        pytest.param(
            {"executed_at": START + timedelta(minutes=61)}, {"exit 2 time"}, id="time"
        ),
    ],
)
def test_each_of_several_executions_is_compared(
    changes: dict[str, Any], fields: set[str]
) -> None:
    """What the sums and the list do not show, the executions do."""
    trade = grown()
    fills = fills_of(trade, **changes)
    report = reconcile([trade], [several(trade, 7)], {"trade_1": 7}, fills={7: fills})

    assert {d.field for d in report.different} == fields


def test_money_of_a_leg_is_compared_to_the_cent() -> None:
    """A price that was computed has as many places as an import takes."""
    trade = grown()
    whole = attrs.evolve(trade.entry, quantity=Decimal(10), price=Decimal("100.7"))
    row = several(trade, 7)
    known = attrs.evolve(trade, recorded=(whole, *trade.legs[1]))
    report = reconcile([known], [row], {"trade_1": 7}, fills={7: fills_of(trade)})
    assert report.is_clean

    other = attrs.evolve(whole, price=Decimal("100.701"))
    known = attrs.evolve(trade, recorded=(other, *trade.legs[1]))
    report = reconcile([known], [row], {"trade_1": 7}, fills={7: fills_of(trade)})
    found = {d.field: (d.host, d.journal) for d in report.different}
    assert found["entry price"] == ("100.70100000", "100.70000000")


def test_a_trade_with_an_outcome_is_not_matched() -> None:
    """Also where the journal shows just what was sent."""
    outcome = records.Difference(code="exit_changed", host="99 later", sent="closed")
    trade = attrs.evolve(host(), outcomes=(outcome,))
    report = compared([trade], [standing(trade, 7)], {"trade_1": 7})

    assert (report.matched, report.different) == ((), ())
    [told] = report.outcomes
    assert (told.trade_id, told.journal_id, told.code) == ("trade_1", 7, "exit_changed")
    assert told.sentence.endswith("99 later, sent closed")
    assert not report.is_clean
    as_json: Any = report.as_json()["outcomes"]
    assert as_json[0]["next_step"] == told.next_step

    accepted = attrs.evolve(trade, is_accepted=True)
    report = compared([accepted], [standing(trade, 7)], {"trade_1": 7})
    assert report.is_clean
    assert report.outcomes == ()
    [left] = report.accepted
    assert (left.trade_id, left.journal_id) == ("trade_1", 7)
    assert (left.symbol, left.day, left.money) == ("CORP1", START.date(), Money())


def test_what_is_accepted_and_is_right_by_now_is_matched() -> None:
    """There is nothing left that would have to be accepted."""
    trade = attrs.evolve(host(), is_accepted=True)
    report = compared([trade], [standing(trade, 7)], {"trade_1": 7})

    assert report.matched == (("trade_1", 7),)
    assert report.accepted == ()


def test_trades_of_which_every_execution_stands_once_are_matched() -> None:
    """However they are grouped, where that does not matter."""
    trades = [
        attrs.evolve(host(number, symbol="AAPL"), places=frozenset({7, 8}))
        for number in (1, 2)
    ]
    rows = [
        standing(trades[0], 7, exec_count=3, volume=Decimal(30)),
        standing(trades[1], 8, exec_count=1, volume=Decimal(10), gross_pl=Decimal(0)),
    ]
    report = compared(trades, rows, {"trade_1": 7, "trade_2": 7})

    assert report.matched == (("trade_1", 7), ("trade_2", 7))
    assert report.is_clean
    assert report.journal.trades == 2
    assert report.difference == sum(report.explained.values()) == Decimal("-32.5")


# Whatever there is on both sides ----------------------------------------------------

prices = st.decimals(1, 900, places=4)
sizes = st.decimals("0.0001", 900, places=4)
moments = st.integers(0, 500).map(lambda n: START + timedelta(minutes=n))


@st.composite
def host_trades(draw: st.DrawFn, number: int) -> HostTrade:
    """Draw a trade of a host, open or closed, of either side, in one of two symbols."""
    at = draw(moments)
    return host(
        number,
        symbol=draw(st.sampled_from(("AAPL", "BTCUSD"))),
        quantity=draw(sizes) * draw(st.sampled_from((1, -1))),
        price=draw(prices),
        at=at,
        exit_price=draw(prices | st.none()),
        exit_at=at + timedelta(minutes=draw(st.integers(0, 90))),
        commission=draw(st.none() | st.decimals(0, 9, places=2)),
    )


CHANGES: Final = st.fixed_dictionaries(
    {},
    optional={
        "gross_pl": st.none() | st.decimals(-900, 900, places=4),
        "volume": st.none() | sizes,
        "entry_price": st.none() | prices,
        "exit_price": st.none() | prices,
        "commission": st.none() | st.decimals(0, 9, places=2),
        "fees": st.decimals(-1, 1, places=3),
        "started_at": st.none() | moments,
        "ended_at": st.none() | moments,
        "side": st.sampled_from([*Side, None]),
        "open": st.booleans(),
        "exec_count": st.integers(0, 5),
        "tags": st.sampled_from([("argo",), ("argo-2", "x"), ("mine",), ()]),
    },
)


@st.composite
def both_sides(
    draw: st.DrawFn,
) -> tuple[list[HostTrade], list[JournalTrade], dict[str, int]]:
    """
    Draw a host, a journal, and links between them.

    Trades stand there as they should, or changed, or in one journal trade with others,
    or not at all; links may lead nowhere; strangers and copies stand there besides.
    """
    trades = [draw(host_trades(number)) for number in range(draw(st.integers(0, 8)))]
    rows: list[JournalTrade] = []
    links: dict[str, int] = {}
    for number, trade in enumerate(trades):
        fate = draw(st.sampled_from(("same", "changed", "joined", "gone", "lost")))
        if fate == "joined" and rows:
            links[trade.trade_id] = draw(st.sampled_from(rows)).id
        elif fate == "gone":
            links[trade.trade_id] = 9000 + number
        elif fate != "lost":
            changes = draw(CHANGES) if fate == "changed" else {}
            rows.append(standing(trade, number, **changes))
            links[trade.trade_id] = number
    for number in range(draw(st.integers(0, 5))):
        model = draw(st.sampled_from(rows) | st.none()) if rows else None
        row = model or standing(draw(host_trades(99)), 0)
        changes = draw(CHANGES) if draw(st.booleans()) else {}
        rows.append(attrs.evolve(row, **changes, id=100 + number))
    return trades, rows, links


@given(both_sides())
def test_the_difference_is_the_sum_of_what_the_list_explains(
    sides: tuple[list[HostTrade], list[JournalTrade], dict[str, int]],
) -> None:
    """To the last digit, whatever is missing, different, shared, doubled or strange."""
    trades, rows, links = sides
    report = compared(trades, rows, links)

    assert report.difference == sum(report.explained.values())
    assert report.difference == report.journal.gross_pl - report.host.gross_pl
    assert report.host.gross_pl == sum(t.gross_pl for t in trades)
    assert report.host.trades == len(trades)
    lines = list(report.lines())
    whole = report.journal.money - report.host.money
    assert total_of(line.money for line in lines) == whole
    assert total_of(report.causes.values()) == whole
    for line in lines:
        if line.journal_id is not None or line.what == "missing":
            assert line.symbol
            assert line.day or line.journal_id in {
                row.id for row in rows if row.started_at is None
            }


@given(both_sides())
def test_every_trade_is_in_exactly_one_list(
    sides: tuple[list[HostTrade], list[JournalTrade], dict[str, int]],
) -> None:
    """Those of the host, and those of the journal that have executions."""
    trades, rows, links = sides
    report = compared(trades, rows, links)
    different = {d.trade_id: d.journal_id for d in report.different}

    told = Counter(trade_id for trade_id, _ in report.matched)
    told.update(m.trade_id for m in report.missing)
    told.update(different.keys())
    told.update(trade_id for here in report.shared.values() for trade_id in here)
    assert told == Counter(t.trade_id for t in trades)

    seen = Counter(journal_id for _, journal_id in report.matched)
    seen.update(different.values())
    seen.update(report.shared.keys())
    seen.update(journal_id for _, journal_id in report.duplicated)
    seen.update(report.unknown_tagged)
    seen.update(report.unknown_untagged)
    assert set(seen.values()) <= {1}
    held = {row.id for row in rows if row.exec_count}
    assert held == seen.keys()
    bare = {row.id for row in rows if not row.exec_count}
    assert {basic.journal_id for basic in report.basics} == bare


@given(both_sides(), st.sets(st.integers(0, 8)), st.sets(st.integers(0, 105)))
def test_what_is_accepted_moves_to_a_list_of_its_own(
    sides: tuple[list[HostTrade], list[JournalTrade], dict[str, int]],
    some: set[int],
    strangers: set[int],
) -> None:
    """Nothing else of the report changes, and the money adds up."""
    trades, rows, links = sides
    before = compared(trades, rows, links)
    trades = [
        attrs.evolve(trade, is_accepted=number in some)
        for number, trade in enumerate(trades)
    ]
    report = reconcile(trades, rows, links, tags=OURS, accepted=strangers)

    ids = {t.trade_id for t in trades if t.is_accepted}
    assert report.matched == before.matched
    assert report.missing == tuple(m for m in before.missing if m.trade_id not in ids)
    assert set(report.different) == {
        d for d in before.different if d.trade_id not in ids
    }
    left = {t for here in report.shared.values() for t in here}
    assert left == {t for here in before.shared.values() for t in here} - ids
    assert report.difference == before.difference == sum(report.explained.values())
    accepted = [(a.trade_id, a.journal_id) for a in report.accepted]
    assert len(accepted) == len(set(accepted))
    assert {i for i, _ in accepted if i} <= ids
    assert {j for i, j in accepted if i is None} <= strangers


@given(both_sides(), st.randoms(use_true_random=False))
def test_the_order_of_the_trades_does_not_matter(
    sides: tuple[list[HostTrade], list[JournalTrade], dict[str, int]], dice: Any
) -> None:
    """The host's and the journal's order are nobody's promise."""
    trades, rows, links = sides
    report = compared(trades, rows, links)
    dice.shuffle(trades)
    dice.shuffle(rows)
    again = compared(trades, rows, links)

    assert set(again.matched) == set(report.matched)
    assert set(again.different) == set(report.different)
    assert set(again.missing) == set(report.missing)
    assert again.shared == report.shared
    assert {i for _, i in again.duplicated} == {i for _, i in report.duplicated}
    assert set(again.unknown_tagged) == set(report.unknown_tagged)
    assert (again.host, again.journal) == (report.host, report.journal)
    assert again.explained == report.explained


@given(both_sides(), st.lists(host_trades(99), max_size=5))
def test_what_a_person_trades_besides_changes_nothing_else(
    sides: tuple[list[HostTrade], list[JournalTrade], dict[str, int]],
    others: list[HostTrade],
) -> None:
    """Also in the same symbols at the same time: only their own list grows."""
    trades, rows, links = sides
    strangers = [
        standing(other, 500 + number, tags=("mine",), entry_price=Decimal("0.77"))
        for number, other in enumerate(others)
    ]
    alone = compared(trades, rows, links)
    report = compared(trades, rows + strangers, links)

    added = {row.id for row in strangers}
    assert set(report.unknown_untagged) == set(alone.unknown_untagged) | added
    assert attrs.evolve(report, unknown_untagged=()) == attrs.evolve(
        alone, unknown_untagged=()
    )


def test_json_has_every_list_and_money_as_texts() -> None:
    """What scripts and the route read; no float comes near a sum."""
    trades = [host(1), host(2), host(3, state="pending")]
    rows = [
        standing(trades[0], 7),
        standing(trades[1], 8, gross_pl=Decimal("32.123456789")),
        standing(trades[0], 9),
        standing(host(5), 10),
        standing(host(6), 11, tags=()),
    ]
    links = {"trade_1": 7, "trade_2": 8}
    pages = "https://journal.example/trades/"
    told: Any = reconcile(trades, rows, links, tags=OURS, pages=pages).as_json()

    assert told["clean"] is False
    assert told["matched"] == 1
    assert told["missing"] == [
        {
            "trade_id": "trade_3",
            "symbol": "CORP3",
            "state": "pending",
            "reason": None,
            "gross_pl": "32.50",
            "journal_id": None,
            "day": "2026-03-05",
            "address": None,
            "money": {"gross_pl": "-32.50", "commission": "-2", "fees": "0"},
        }
    ]
    assert told["different"] == [
        {
            "trade_id": "trade_2",
            "journal_id": 8,
            "field": "gross P&L",
            "host": "32.50",
            "journal": "32.12",
            "symbol": "CORP2",
            "day": "2026-03-05",
            "address": "https://journal.example/trades/8",
            "money": {"gross_pl": "-0.376543211", "commission": "0", "fees": "0"},
        }
    ]
    assert told["duplicated"] == [["trade_1", 9]]
    assert told["unknown_tagged"] == [10]
    assert told["unknown_untagged"] == [11]
    assert told["host"] == {
        "trades": 3,
        "gross_pl": "97.50",
        "commission": "6",
        "fees": "0",
    }
    assert told["journal"] == {
        "trades": 4,
        "gross_pl": "129.623456789",
        "commission": "8",
        "fees": "0",
    }
    assert told["difference"] == "32.123456789"
    assert told["money"]["difference"] == {
        "gross_pl": "32.123456789",
        "commission": "2",
        "fees": "0",
    }
    lines = told["lines"]
    assert [line["what"] for line in lines] == [
        "missing",
        "different",
        "duplicated",
        "unknown, with our tag",
    ]
    assert [line["address"] for line in lines[2:]] == [f"{pages}9", f"{pages}10"]
    assert {line["day"] for line in lines} == {"2026-03-05"}
    assert json.loads(json.dumps(told)) == told

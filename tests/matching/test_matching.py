"""Only what the journal shows counts, and nothing in it counts twice."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.matching import locate as matching
from argo_tradervue_plugin.matching.locate import (
    Expected,
    Found,
    in_executions,
    in_list,
    worth_reading,
)
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.journal import JournalExecution, JournalTrade, Side

ENTERED = datetime(2026, 3, 5, 15, 30, 1, tzinfo=UTC)
LEFT = datetime(2026, 3, 6, 20, 59, 59, tzinfo=UTC)


def fill(trade_id: str = "t1", kind: Kind = Kind.ENTRY, **changes: Any) -> Execution:
    """Return 50 AAPL bought at 187.20, or sold at 190.10, with *changes*."""
    facts: dict[str, Any] = {
        "symbol": "AAPL",
        "quantity": Decimal(50 if kind is Kind.ENTRY else -50),
        "price": Decimal("187.20") if kind is Kind.ENTRY else Decimal("190.10"),
        "executed_at": ENTERED if kind is Kind.ENTRY else LEFT,
    }
    return Execution(trade_id=trade_id, kind=kind, **(facts | changes))


def closed(trade_id: str = "t1", tag: str | None = "argo") -> Expected:
    """Return what should stand there for a closed trade."""
    return Expected(
        trade_id=trade_id,
        account_tag=tag,
        entry=fill(trade_id),
        exit=fill(trade_id, Kind.EXIT),
    )


def opened(trade_id: str = "t1", tag: str | None = "argo") -> Expected:
    """Return what should stand there for an open trade."""
    return attrs.evolve(closed(trade_id, tag), exit=None)


def row(journal_id: int = 7, **changes: Any) -> JournalTrade:
    """Return how a list shows the closed trade, with *changes*."""
    facts: dict[str, Any] = {
        "symbol": "AAPL",
        "side": Side.LONG,
        "open": False,
        "volume": Decimal(100),
        "entry_price": Decimal("187.2"),
        "exit_price": Decimal("190.1"),
        "started_at": ENTERED,
        "ended_at": LEFT,
        "tags": ("argo",),
        "exec_count": 2,
    }
    return JournalTrade(id=journal_id, **(facts | changes))


OPEN: dict[str, Any] = {
    "open": True,
    "volume": Decimal(50),
    "exit_price": None,
    "ended_at": None,
    "exec_count": 1,
}


def both(trade_id: str, journal_id: int) -> list[Found]:
    """Return that entry and exit stand in one journal trade."""
    return [Found(trade_id, kind, journal_id) for kind in (Kind.ENTRY, Kind.EXIT)]


# A list ------------------------------------------------------------------------------


def test_row_of_a_closed_trade_proves_both_fills() -> None:
    """Symbol, side, times, prices, volume and count leave no other reading."""
    assert in_list([closed()], [row()]) == both("t1", 7)


def test_row_of_an_open_trade_proves_its_entry() -> None:
    """Also where the host has closed it since: the exit is not there yet."""
    assert in_list([opened()], [row(**OPEN)]) == [Found("t1", Kind.ENTRY, 7)]
    assert in_list([closed()], [row(**OPEN)]) == [Found("t1", Kind.ENTRY, 7)]


def test_row_may_show_parts_of_a_second() -> None:
    """What was sent was cut to the second; a journal that kept more says the same."""
    shown = row(
        started_at=ENTERED.replace(microsecond=999_999),
        ended_at=LEFT.replace(microsecond=1),
    )
    assert in_list([closed()], [shown]) == both("t1", 7)


def test_row_may_show_another_zone_and_another_case() -> None:
    """The same instant is the same, and so is a symbol in small letters."""
    shown = row(
        started_at=ENTERED.astimezone(),
        ended_at=LEFT.astimezone(),
        symbol="aapl",
    )
    assert in_list([closed()], [shown]) == both("t1", 7)


NO_PROOF = [
    pytest.param({"symbol": "MSFT"}, id="another-symbol"),
    pytest.param({"side": Side.SHORT}, id="another-side"),
    pytest.param({"side": None}, id="no-side"),
    pytest.param({"volume": Decimal(150)}, id="more-volume"),
    pytest.param({"volume": None}, id="no-volume"),
    pytest.param({"exec_count": 3}, id="more-executions"),
    pytest.param({"entry_price": Decimal("187.21")}, id="another-entry-price"),
    pytest.param({"exit_price": Decimal("190.11")}, id="another-exit-price"),
    pytest.param({"exit_price": None}, id="no-exit-price"),
    pytest.param({"started_at": ENTERED + timedelta(seconds=1)}, id="started-later"),
    pytest.param({"started_at": None}, id="without-executions"),
    pytest.param({"ended_at": LEFT - timedelta(seconds=1)}, id="ended-earlier"),
    pytest.param({"ended_at": None}, id="no-end"),
    pytest.param(OPEN | {"exec_count": 2}, id="open-with-two-executions"),
    pytest.param(OPEN | {"volume": Decimal(51)}, id="open-with-more"),
    pytest.param(
        {"volume": Decimal(200), "exec_count": 4}, id="two-host-trades-in-one"
    ),
]


@pytest.mark.parametrize("changes", NO_PROOF)
def test_row_that_could_be_something_else_proves_nothing(
    changes: dict[str, Any],
) -> None:
    """Its executions have to be read then."""
    assert in_list([closed()], [row(**changes)]) == []


def test_closed_row_is_no_proof_for_a_trade_still_open() -> None:
    """Somebody closed it in the journal, or it is another trade."""
    assert in_list([opened()], [row()]) == []


def test_row_with_our_tag_is_taken_before_a_persons() -> None:
    """An equal trade entered by hand is left alone, whatever its id."""
    rows = [row(3, tags=("mine",)), row(9, tags=("mine", "argo"))]

    assert in_list([closed()], rows) == both("t1", 9)


def test_row_of_a_person_counts_where_ours_is_missing() -> None:
    """Tradervue calls ours a duplicate of it then: it stands for the host's trade."""
    assert in_list([closed()], [row(3, tags=())]) == both("t1", 3)


def test_other_slots_row_is_not_taken_where_our_own_is_there() -> None:
    """Two equal positions in two slots are each found in their own."""
    rows = [row(3, tags=("argo",)), row(9, tags=("argo-2",))]
    wanted = [closed("t2", "argo-2"), closed("t1", "argo")]

    assert in_list(wanted, rows) == both("t2", 9) + both("t1", 3)


def test_claimed_row_is_not_used_again() -> None:
    """It stands for another host trade already."""
    assert in_list([closed()], [row(7)], claimed={7}) == []
    assert in_list([closed()], [row(7), row(8)], claimed={7}) == both("t1", 8)


def test_two_equal_trades_need_two_rows() -> None:
    """One row never proves two host trades."""
    wanted = [closed("t1"), closed("t2")]

    assert in_list(wanted, [row(7)]) == both("t1", 7)
    assert in_list(wanted, [row(8), row(7)]) == both("t1", 7) + both("t2", 8)


def test_closed_row_is_taken_before_an_open_one() -> None:
    """What proves more wins among rows with our tag."""
    assert in_list([closed()], [row(3, **OPEN), row(7)]) == both("t1", 7)


def test_short_position_is_found_by_its_sign() -> None:
    """A short begins with a sale."""
    short = Expected(
        trade_id="t1",
        account_tag="argo",
        entry=fill(quantity=Decimal(-50)),
        exit=fill(kind=Kind.EXIT, quantity=Decimal(50)),
    )

    assert in_list([short], [row(side=Side.SHORT)]) == both("t1", 7)
    assert in_list([short], [row()]) == []


def test_nothing_is_found_in_nothing() -> None:
    """No rows, no trades: no proof, and no error."""
    assert in_list([], [row()]) == []
    assert in_list([closed()], []) == []


# Executions --------------------------------------------------------------------------


def standing(number: int = 1, **changes: Any) -> JournalExecution:
    """Return the entry's fill as the journal shows it, with *changes*."""
    facts: dict[str, Any] = {
        "symbol": "AAPL",
        "quantity": Decimal("50.0"),
        "price": Decimal("187.2"),
        "executed_at": ENTERED,
    }
    return JournalExecution(id=number, **(facts | changes))


def test_execution_is_found_in_the_trade_that_holds_it() -> None:
    """Also where that trade holds other executions too."""
    read = {
        5: [standing(quantity=Decimal(1))],
        6: [standing(), standing(price=Decimal(1))],
    }

    assert in_executions([fill()], read) == [Found("t1", Kind.ENTRY, 6)]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"symbol": "MSFT"}, id="symbol"),
        pytest.param({"quantity": Decimal(-50)}, id="sign"),
        pytest.param({"quantity": Decimal(49)}, id="quantity"),
        pytest.param({"price": Decimal("187.21")}, id="price"),
        pytest.param({"executed_at": ENTERED + timedelta(seconds=1)}, id="second"),
    ],
)
def test_execution_that_differs_is_another(changes: dict[str, Any]) -> None:
    """Symbol, signed quantity, price and second all have to agree."""
    assert in_executions([fill()], {5: [standing(**changes)]}) == []


def test_two_equal_fills_need_two_to_stand_there() -> None:
    """Twins are counted."""
    twins = [fill("t1"), fill("t2"), fill("t3")]
    read = {5: [standing(1), standing(2)]}

    assert in_executions(twins, read) == [
        Found("t1", Kind.ENTRY, 5),
        Found("t2", Kind.ENTRY, 5),
    ]


def test_what_proves_another_trade_is_not_counted_again() -> None:
    """The twin that was found before has used its execution up."""
    read = {5: [standing(1)], 6: [standing(2)]}

    assert in_executions([fill("t2")], read, taken=[(5, fill("t1"))]) == [
        Found("t2", Kind.ENTRY, 6)
    ]
    assert (
        in_executions([fill("t2")], read, taken=[(5, fill("t1")), (6, fill("t3"))])
        == []
    )


def test_taken_execution_that_somebody_deleted_takes_no_other() -> None:
    """What was linked to a trade that was not read leaves the others as they are."""
    assert in_executions([fill("t2")], {6: [standing()]}, taken=[(5, fill("t1"))]) == [
        Found("t2", Kind.ENTRY, 6)
    ]


def test_trades_with_our_tag_are_used_up_first() -> None:
    """A person's equal execution stays theirs as long as ours is there."""
    read = {5: [standing(1)], 6: [standing(2)]}

    assert in_executions([fill()], read, preferred={6}) == [Found("t1", Kind.ENTRY, 6)]
    assert in_executions([fill("t1"), fill("t2")], read, preferred={6}) == [
        Found("t1", Kind.ENTRY, 6),
        Found("t2", Kind.ENTRY, 5),
    ]


def test_entry_and_exit_may_stand_in_two_trades() -> None:
    """However a person has split or merged them."""
    exit_ = fill(kind=Kind.EXIT)
    read = {
        5: [standing()],
        6: [
            standing(
                quantity=exit_.quantity,
                price=exit_.price,
                executed_at=exit_.executed_at,
            )
        ],
    }

    assert in_executions([fill(), exit_], read) == [
        Found("t1", Kind.ENTRY, 5),
        Found("t1", Kind.EXIT, 6),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="equal"),
        pytest.param({"symbol": "aapl"}, True, id="another-case"),
        pytest.param(
            {"executed_at": ENTERED.replace(microsecond=7)}, True, id="part-of-a-second"
        ),
        pytest.param({"quantity": Decimal(-50)}, False, id="sign"),
        pytest.param({"price": Decimal("187.21")}, False, id="price"),
    ],
)
def test_two_fills_are_the_same_where_nobody_can_tell_them_apart(
    changes: dict[str, Any], expected: bool
) -> None:
    """The one rule by which executions are compared."""
    assert matching.is_same(standing(**changes), fill()) is expected


def test_row_of_one_position_tells_its_executions() -> None:
    """Half the volume in, half out, the commission with the exit as we send it."""
    shown = row(commission=Decimal(2))

    assert matching.executions_of("t1", shown) == (
        fill(),
        fill(kind=Kind.EXIT, commission=Decimal(2)),
    )
    assert matching.executions_of("t1", row(**OPEN)) == (fill(),)


@pytest.mark.parametrize(
    "changes",
    [
        {"exec_count": 3},
        {"exec_count": 1},
        OPEN | {"exec_count": 2},
        {"side": None},
        {"started_at": None},
        {"ended_at": None},
        {"entry_price": None},
        {"exit_price": None},
        {"volume": None},
        {"volume": Decimal(0)},
    ],
    ids=str,
)
def test_row_that_holds_more_or_less_tells_nothing(changes: dict[str, Any]) -> None:
    """What its executions are has to be asked then."""
    assert matching.executions_of("t1", row(**changes)) == ()


fills = st.builds(
    fill,
    trade_id=st.sampled_from(["t1", "t2", "t3"]),
    kind=st.sampled_from(Kind),
    quantity=st.sampled_from([Decimal(50), Decimal(-50)]),
    price=st.sampled_from([Decimal("187.2"), Decimal("190.1")]),
    executed_at=st.sampled_from([ENTERED, LEFT]),
)
journal_fills = st.builds(
    standing,
    number=st.integers(1, 99),
    quantity=st.sampled_from([Decimal(50), Decimal(-50)]),
    price=st.sampled_from([Decimal("187.2"), Decimal("190.1")]),
    executed_at=st.sampled_from([ENTERED, LEFT]),
)
journals = st.dictionaries(
    st.integers(1, 4), st.lists(journal_fills, max_size=4), max_size=4
)


def alike(one: Execution, other: JournalExecution) -> bool:
    """Tell whether nobody could tell the two apart."""
    return (one.quantity, one.price, one.executed_at) == (
        other.quantity,
        other.price,
        other.executed_at,
    )


@given(
    st.lists(fills, max_size=8, unique_by=lambda f: (f.trade_id, f.kind)),
    journals,
    st.lists(st.tuples(st.integers(1, 4), fills), max_size=4),
    st.sets(st.integers(1, 4)),
)
def test_no_execution_is_counted_twice_and_none_is_overlooked(
    missing: list[Execution],
    read: dict[int, list[JournalExecution]],
    taken: list[tuple[int, Execution]],
    preferred: set[int],
) -> None:
    """As many are found as stand there and are not taken, and not one more."""
    found = in_executions(missing, read, taken, preferred)
    wanted = {(f.trade_id, f.kind): f for f in missing}

    assert len({(f.trade_id, f.kind) for f in found}) == len(found)
    for sample in {(f.quantity, f.price, f.executed_at): f for f in missing}.values():
        of_this_kind = [
            f for f in found if alike(wanted[f.trade_id, f.kind], as_shown(sample))
        ]
        left = 0
        for journal_id, held in read.items():
            there = sum(alike(sample, each) for each in held)
            gone = sum(i == journal_id and alike(f, as_shown(sample)) for i, f in taken)
            left_here = max(0, there - gone)
            left += left_here
            assert sum(f.journal_id == journal_id for f in of_this_kind) <= left_here
        asked = sum(alike(f, as_shown(sample)) for f in missing)
        assert len(of_this_kind) == min(left, asked)


def as_shown(execution: Execution) -> JournalExecution:
    """Return *execution* as the journal would show it."""
    return standing(
        quantity=execution.quantity,
        price=execution.price,
        executed_at=execution.executed_at,
    )


@given(st.integers(0, 4), st.integers(0, 4), st.sets(st.integers(1, 4)))
def test_rows_prove_as_many_equal_trades_as_there_are_rows(
    trades: int, rows: int, claimed: set[int]
) -> None:
    """A row is used once, and never one of another trade's."""
    wanted = [closed(f"t{number}") for number in range(trades)]
    listed = [row(number) for number in range(1, rows + 1)]

    found = in_list(wanted, listed, claimed)

    free = {r.id for r in listed} - claimed
    used = [f.journal_id for f in found if f.kind is Kind.ENTRY]
    assert len(used) == len(set(used)) == min(trades, len(free))
    assert set(used) <= free


# Which trades to read ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="same-start"),
        pytest.param({"started_at": ENTERED - timedelta(days=9)}, True, id="earlier"),
        pytest.param({"started_at": ENTERED + timedelta(seconds=1)}, False, id="later"),
        pytest.param({"ended_at": ENTERED}, True, id="ends-with-it"),
        pytest.param(
            {
                "started_at": ENTERED - timedelta(days=2),
                "ended_at": ENTERED - timedelta(seconds=1),
            },
            False,
            id="ended-before",
        ),
        pytest.param({"open": True, "ended_at": None}, True, id="open"),
        pytest.param({"open": True, "ended_at": ENTERED}, True, id="open-with-an-end"),
        pytest.param({"symbol": "MSFT"}, False, id="another-symbol"),
        pytest.param({"symbol": "aapl"}, True, id="another-case"),
        pytest.param({"started_at": None}, False, id="without-executions"),
    ],
)
def test_only_trades_that_could_hold_it_are_read(
    changes: dict[str, Any], expected: bool
) -> None:
    """A request is worth it where the execution falls within the trade's time."""
    assert worth_reading([fill()], [row(7, **changes)]) == ([7] if expected else [])


def test_one_of_several_missing_is_reason_enough() -> None:
    """Each trade is named once, in the order of the list."""
    missing = [fill(), fill(kind=Kind.EXIT), fill("t2", symbol="MSFT")]
    rows = [row(9), row(3, symbol="MSFT"), row(5, symbol="TSLA")]

    assert worth_reading(missing, rows) == [9, 3]

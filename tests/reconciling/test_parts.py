"""Trades whose legs have several executions: compared, found again, adopted."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final

import pytest

from argo_tradervue_plugin.model.executions import EventKind, Kind
from argo_tradervue_plugin.sandbox import Person, Sandbox
from tests.delivery.stepping import entered, host_trade, id_of
from tests.journeys.reader import JournalReader
from tests.reconciling.desk import Desk, typed_in

Trade = SimpleNamespace

SHOWN: Final = [
    pytest.param({"entry_price": entry, "exit_price": exit_}, id=f"{entry}-{exit_}")
    for entry in ("first", "average")
    for exit_ in ("last", "average")
]


def partly(number: int = 1, **changes: object) -> Trade:
    """Return an order of 10 of which 3 were filled, at 100."""
    facts: dict[str, object] = {
        "quantity": 10,
        "filled_qty": 3,
        "partial_fill": True,
        "entry_price": 100.0,
        "actual_entry_price": 100.0,
        "updated_at": "2026-03-05T14:30:02",
    }
    return entered(host_trade(number, **facts | changes))


def filled(number: int = 1, **changes: object) -> Trade:
    """Return the same order filled whole, at 101 on average, and closed."""
    facts: dict[str, object] = {
        "filled_qty": 10,
        "partial_fill": True,
        "entry_price": 101.0,
        "actual_entry_price": 101.0,
        "updated_at": "2026-03-05T14:35:00",
    }
    return host_trade(number, **facts | changes)


def part_of(trade: Trade, size: float, at: str, price: float) -> Trade:
    """Return *trade* as it stood when *size* of it was closed."""
    facts = {
        "quantity": size,
        "exit_timestamp": at,
        "exit_price": price,
        "actual_exit_price": price,
        "updated_at": at,
    }
    return Trade(**{**vars(trade), **facts})


def grow(desk: Desk, number: int = 1) -> Trade:
    """Let an order be filled in two, each of them read back; return it, still open."""
    desk.forwarder.enter(partly(number))
    assert desk.forwarder.run(seconds=3000)
    grown = entered(filled(number))
    desk.forwarder.record(grown, EventKind.CORRECTION)
    assert desk.forwarder.run(seconds=3000)
    desk.trades = None
    return grown


def close(desk: Desk, *parts: Trade) -> None:
    """Let the host close a trade, in parts, each of them read back."""
    for part in parts:
        desk.forwarder.record(part, EventKind.EXIT)
        assert desk.forwarder.run(seconds=3000)


def in_parts(desk: Desk, number: int = 1) -> Trade:
    """Let a trade of 10 be closed 4 and 6; return it as it ended."""
    trade = host_trade(number)
    desk.forwarder.enter(trade)
    assert desk.forwarder.run(seconds=3000)
    first = part_of(trade, 4, "2026-03-05T15:00:00", 104.0)
    last = part_of(trade, 6, "2026-03-05T16:00:00", 103.0)
    close(desk, first, last)
    desk.trades = None
    return last


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("story", ["grown", "grown and closed", "in parts", "half"])
def test_a_trade_of_several_executions_is_matched(
    desk: Desk, sandbox: Sandbox, journal: JournalReader, story: str, shown: Any
) -> None:
    """Whatever price a list shows for a leg; and both sides come to the same money."""
    sandbox.assume(**shown)
    if story == "in parts":
        in_parts(desk)
    elif story == "half":
        trade = host_trade(1)
        desk.forwarder.enter(trade)
        close(desk, part_of(trade, 4, "2026-03-05T15:00:00", 104.0))
        desk.trades = None
    else:
        grow(desk)
        if story == "grown and closed":
            close(desk, filled())
    report = desk.compare()

    assert len(journal.all_executions()) == (2 if story in ("grown", "half") else 3)
    assert report.matched == ((id_of(1), int(journal.only()["id"])),)
    assert report.is_clean
    assert report.difference == sum(report.explained.values())
    assert abs(report.difference) < Decimal("0.01")


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize(
    ("number", "correction", "fields"),
    [
        pytest.param(0, {"price": "100.01"}, {"entry price"}, id="first-entry"),
        pytest.param(1, {"price": "101.43"}, {"entry 2 price"}, id="less-than-a-cent"),
        pytest.param(1, {"quantity": "8"}, {"volume", "open"}, id="size"),
        pytest.param(
            1,
            {"at": "2026-03-05T09:36:00-05:00"},
            {"entry 2 time"},
            id="time-of-a-part",
        ),
    ],
)
def test_an_execution_that_a_person_corrected_is_told(
    desk: Desk,
    sandbox: Sandbox,
    journal: JournalReader,
    person: Person,
    number: int,
    correction: dict[str, str],
    fields: set[str],
    shown: Any,
) -> None:
    """To the cent and to the second, whichever of the executions it was."""
    sandbox.assume(**shown)
    grow(desk)
    close(desk, filled())
    journal_id = int(journal.only()["id"])
    fill = journal.executions(journal_id)[number]
    person.edit_execution(journal_id, int(fill["id"]), **correction)
    report = desk.compare()

    assert fields <= {d.field for d in report.different}
    assert report.matched == ()
    assert not report.is_clean


def test_prices_that_a_person_exchanged_are_told(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """The sums stay, and each execution is another one."""
    desk.forwarder.enter(host_trade(1))
    trade = host_trade(1)
    first = part_of(trade, 5, "2026-03-05T15:00:00", 104.0)
    last = part_of(trade, 5, "2026-03-05T16:00:00", 103.0)
    close(desk, first, last)
    desk.trades = None
    assert desk.compare().is_clean
    journal_id = int(journal.only()["id"])
    _, one, other = journal.executions(journal_id)
    person.edit_execution(journal_id, int(one["id"]), price="103")
    person.edit_execution(journal_id, int(other["id"]), price="104")

    told = {d.field: (d.host, d.journal) for d in desk.compare().different}
    assert told["exit 1 price"] == ("104", "103")
    assert told["exit 2 price"] == ("103", "104")


def test_only_trades_of_several_executions_are_read(desk: Desk) -> None:
    """One request for each of them, and a page of a list for all the others."""
    grow(desk)
    for number in range(2, 8):
        desk.forwarder.enter(host_trade(number))
    assert desk.forwarder.run(seconds=3000)
    with desk.forwarder.counted() as made:
        assert desk.compare().is_clean

    assert made == {"GET /trades": 1, "GET /trades/{id}/executions": 1}


def test_what_a_host_knows_of_a_grown_trade_is_compared_as_a_whole(
    desk: Desk, journal: JournalReader
) -> None:
    """Its tracker has one price and one size, and that is what stands there."""
    grow(desk)
    desk.trades = [entered(filled())]
    assert desk.compare().is_clean

    desk.trades = [entered(filled(actual_entry_price=101.5))]
    report = desk.compare()
    assert [o.code for o in report.outcomes] == ["price_changed"]
    told = {d.field: (d.host, d.journal) for d in report.different}
    assert told["entry price"] == ("101.50000000", "101.00000000")


# A lost outbox ----------------------------------------------------------------------


@pytest.mark.parametrize("how", ["relink", "repair"])
@pytest.mark.parametrize("story", ["grown", "grown and closed", "in parts", "half"])
def test_a_trade_of_several_executions_is_adopted_after_a_lost_outbox(
    open_desk: Callable[..., Desk], journal: JournalReader, story: str, how: str
) -> None:
    """All of its executions, as the parts that they were; nothing is sent again."""
    first = open_desk()
    ended = filled()
    if story == "in parts":
        ended = in_parts(first)
    elif story == "half":
        first.forwarder.enter(host_trade(1))
        ended = part_of(host_trade(1), 4, "2026-03-05T15:00:00", 104.0)
        close(first, ended)
    else:
        ended = grow(first)
        if story == "grown and closed":
            ended = filled()
            close(first, ended)
    before = journal.all_executions()
    rows = first.forwarder.outbox.of_trade(id_of(1))
    desk = open_desk()
    if how == "relink":
        assert desk.reconciler.relink() == 1
    else:
        desk.trades = [ended]
        assert desk.repair().linked == 1

    adopted = desk.forwarder.outbox.of_trade(id_of(1))
    assert [r.key for r in adopted] == [r.key for r in rows]
    assert [
        (r.execution.quantity, r.execution.price, r.execution.executed_at)
        for r in adopted
        if r.execution
    ] == [
        (r.execution.quantity, r.execution.price, r.execution.executed_at)
        for r in rows
        if r.execution
    ]
    desk.trades = None
    assert desk.compare().is_clean
    desk.trades = [ended]
    desk.forwarder.record(ended, EventKind.CORRECTION)
    assert desk.forwarder.run(seconds=3000)
    assert journal.all_executions() == before
    assert desk.forwarder.outbox.outcomes(10) == []
    assert desk.compare().is_clean


def test_the_rest_of_an_adopted_trade_is_closed_once(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """4 of 10 were closed before the outbox was lost: 6 are left to be closed."""
    first = open_desk()
    trade = host_trade(1)
    first.forwarder.enter(trade)
    close(first, part_of(trade, 4, "2026-03-05T15:00:00", 104.0))
    desk = open_desk()
    assert desk.reconciler.relink() == 1
    known = desk.forwarder.outbox.spans("CORP1", 0, None)
    assert [span.end for span in known] == [None]  # its slot is not free yet
    close(desk, part_of(trade, 6, "2026-03-05T16:00:00", 103.0))

    found = journal.only()
    fills = journal.executions(int(found["id"]))
    assert [fill["quantity"] for fill in fills] == [10, -4, -6]
    assert found["open"] is False


def test_a_position_that_a_person_merged_into_is_not_adopted(
    open_desk: Callable[..., Desk], journal: JournalReader, person: Person
) -> None:
    """The notes name one trade, and more stands there than that was."""
    first = open_desk()
    first.live(host_trade(1, symbol="AAPL"))
    theirs = person.create_trade(
        *typed_in(host_trade(2, symbol="AAPL", entry_timestamp="2026-03-05T15:00:00"))
    )
    person.merge(first.id_of(host_trade(1)), theirs)

    assert open_desk().reconciler.relink() == 0
    assert len(journal.all_executions()) == 4


# Opposite trades --------------------------------------------------------------------


def test_a_pair_of_opposite_trades_is_clean(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """What the short sold of the long stands once, in the long's journal trade."""
    desk = open_desk(opposite_closes=True)
    long = entered(host_trade(1, symbol="AAPL"))
    short = entered(
        host_trade(
            2,
            symbol="AAPL",
            signal_type="short",
            quantity=15,
            filled_qty=15,
            entry_timestamp="2026-03-05T15:00:00",
            actual_entry_price=102.0,
            stop_price=110.0,
        )
    )
    desk.forwarder.enter(long)
    assert desk.forwarder.run(seconds=3000)
    desk.forwarder.enter(short)
    assert desk.forwarder.run(seconds=3000)
    desk.trades = None
    report = desk.compare()

    assert len(journal.trades()) == 2
    assert report.is_clean
    assert {i for i, _ in report.matched} == {id_of(1), id_of(2)}
    assert report.difference == 0
    assert report.host.gross_pl == report.journal.gross_pl == Decimal("17.5")

    kinds = {row.kind for row in desk.forwarder.outbox.of_trade(id_of(2))}
    assert kinds == {Kind.ENTRY}

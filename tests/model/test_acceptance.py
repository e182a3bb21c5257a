"""Digests of both sides: equal while what they stand for stays."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from argo_tradervue_plugin.model.acceptance import host_digest, journal_digest
from argo_tradervue_plugin.model.capture import capture
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.model.journal import JournalExecution
from argo_tradervue_plugin.model.records import TradeRecord
from argo_tradervue_plugin.planning.legs import Sent
from argo_tradervue_plugin.planning.recording import recorded
from tests.delivery.stepping import entered, host_trade

AT = datetime(2026, 3, 5, 14, 30, 1, tzinfo=UTC)


def record_of(*trades: SimpleNamespace) -> TradeRecord:
    """Return what is recorded of a trade by these events."""
    record = TradeRecord(trade_id="t1", host_id="t1")
    for trade in trades:
        kind = EventKind.EXIT if trade.exit_timestamp else EventKind.ENTRY
        record, _ = recorded(record, kind, capture(trade), Sent())
    return record


def fill(**changes: Any) -> JournalExecution:
    """Return an execution as the journal shows it."""
    facts: dict[str, Any] = {
        "id": 1,
        "symbol": "AAPL",
        "quantity": Decimal(10),
        "price": Decimal("100.25"),
        "executed_at": AT,
    }
    return JournalExecution(**facts | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"confidence": 1.0},
        {"regime": "BEAR"},
        {"pnl_dollars": 1.0},
        {"entry_timestamp": "2026-03-05T14:30:01.250000+00:00"},
        {"quantity": "10.0"},
        {"stop_price": 1.0},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_no_part_of_an_execution_leaves_the_digest(
    changes: dict[str, Any],
) -> None:
    """Nor does another way to write the same."""
    before = record_of(entered(host_trade(1)), host_trade(1))
    after = record_of(entered(host_trade(1, **changes)), host_trade(1, **changes))

    assert host_digest(after) == host_digest(before)


@pytest.mark.parametrize(
    "changes",
    [
        {"actual_entry_price": 100.5},
        {"filled_qty": 9},
        {"entry_timestamp": "2026-03-05T14:30:02"},
        {"exit_timestamp": "2026-03-05T16:45:10"},
        {"actual_exit_price": 103.75},
        {"commission": 2.5},
        {"signal_type": "short"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_an_execution_is_made_of_changes_the_digest(
    changes: dict[str, Any],
) -> None:
    """Price, size, time, side, and what it cost."""
    before = record_of(entered(host_trade(1)), host_trade(1))
    after = record_of(entered(host_trade(1, **changes)), host_trade(1, **changes))

    assert host_digest(after) != host_digest(before)


def test_an_exit_more_changes_the_digest() -> None:
    """Also one that closes nothing any more."""
    before = record_of(entered(host_trade(1)), host_trade(1))
    late = host_trade(1, exit_timestamp="2026-03-05T18:00:00")

    assert record_of(entered(host_trade(1))) != before
    after, _ = recorded(before, EventKind.EXIT, capture(late), Sent())
    assert host_digest(after) != host_digest(before)


def test_a_record_without_sense_has_a_digest_too() -> None:
    """A person may accept that it is not in the journal."""
    broken = record_of(entered(host_trade(1, actual_entry_price="many")))

    assert host_digest(broken) != host_digest(record_of(entered(host_trade(1))))
    assert host_digest(TradeRecord(trade_id="t", host_id="t"))


def test_executions_are_the_same_in_any_order_and_spelling() -> None:
    """What Tradervue numbers them, and how many zeros it shows, says nothing."""
    one = [fill(), fill(id=2, quantity=Decimal(-10))]
    other = [
        fill(id=9, quantity=Decimal("-10.00"), symbol="aapl"),
        fill(id=8, executed_at=AT + timedelta(microseconds=9)),
    ]

    assert journal_digest({7: one}) == journal_digest({7: other})


@pytest.mark.parametrize(
    "fills",
    [
        pytest.param({7: []}, id="deleted"),
        pytest.param({7: [fill(), fill()]}, id="twice"),
        pytest.param({8: [fill()]}, id="elsewhere"),
        pytest.param({7: [fill(price=Decimal("100.26"))]}, id="price"),
        pytest.param({7: [fill(quantity=Decimal(11))]}, id="size"),
        pytest.param({7: [fill(executed_at=AT + timedelta(seconds=1))]}, id="time"),
        pytest.param({7: [fill(commission=Decimal(1))]}, id="commission"),
        pytest.param({7: [fill()], 8: [fill()]}, id="another-trade"),
    ],
)
def test_what_a_person_does_in_the_journal_changes_the_digest(
    fills: dict[int, list[JournalExecution]],
) -> None:
    """Whatever it is, as long as it is about executions."""
    assert journal_digest(fills) != journal_digest({7: [fill()]})

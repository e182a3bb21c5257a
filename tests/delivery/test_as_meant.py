"""Trades as other hosts write them, from the event to the journal."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, auto
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, changed, entered, host_trade
from tests.journeys.reader import JournalReader, differences


class Way(Enum):
    """A host's own sides."""

    LONG = auto()
    SHORT = auto()


SPELLINGS = [
    pytest.param({"entry_timestamp": "2026-03-05T14:30:01.250000+00:00"}, id="offset"),
    pytest.param({"entry_timestamp": "2026-03-05T14:30:01.250000Z"}, id="Z"),
    pytest.param({"entry_timestamp": "2026-03-05T09:30:01.250-05:00"}, id="eastern"),
    pytest.param({"entry_timestamp": "2026-03-05 14:30:01.25"}, id="blank"),
    pytest.param({"entry_timestamp": "2026-03-05T14:30:01"}, id="cut to the second"),
    pytest.param(
        {"entry_timestamp": datetime(2026, 3, 5, 14, 30, 1, 250000, tzinfo=UTC)},
        id="datetime",
    ),
    pytest.param(
        {"entry_timestamp": pd.Timestamp("2026-03-05T14:30:01.25")}, id="pandas"
    ),
    pytest.param(
        {"entry_timestamp": np.datetime64("2026-03-05T14:30:01.250")}, id="numpy"
    ),
    pytest.param({"signal_type": "LONG"}, id="capitals"),
    pytest.param({"signal_type": "buy"}, id="buy"),
    pytest.param({"signal_type": " B "}, id="b"),
    pytest.param({"signal_type": Way.LONG}, id="enum"),
    pytest.param({"symbol": " corp1 "}, id="symbol"),
    pytest.param({"id": " trade_20260305_143001_000001 "}, id="blanks"),
    pytest.param({"alpaca_order_id": "the exit's order"}, id="order of the exit"),
    pytest.param({"signal_id": "another"}, id="signal of the exit"),
]


@pytest.mark.parametrize("facts", SPELLINGS)
@pytest.mark.parametrize("is_sent", [False, True], ids=["waiting", "sent"])
def test_exit_in_other_words_closes_its_entry(
    forwarder: Forwarder,
    journal: JournalReader,
    facts: dict[str, object],
    is_sent: bool,
) -> None:
    """Identity is made of what a trade means, not of how a field was written."""
    trade = host_trade(alpaca_order_id="the entry's order")
    forwarder.enter(trade)
    if is_sent:
        assert forwarder.run()
    forwarder.leave(changed(trade, **facts))
    assert forwarder.run()

    assert differences(journal, [vars(trade)]) == []
    assert forwarder.counts() == {"synced": 2}


@pytest.mark.parametrize("other", [4711, 4711.0, "4711", Decimal("4711.0"), " 4711 "])
def test_whole_number_in_any_form_is_the_same_id(
    forwarder: Forwarder, journal: JournalReader, other: object
) -> None:
    """A dataframe made a float of it."""
    trade = host_trade(id="4711")
    forwarder.enter(trade)
    forwarder.leave(host_trade(id=other))
    assert forwarder.run()

    assert differences(journal, [vars(trade)]) == []


def test_case_of_an_id_counts_but_not_in_a_uuid(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """trade-a and trade-A are two; a UUID is written as one likes."""
    name = "0b7c7a8e-6f0e-4d6a-9d52-5a3c8f1c2d3e"
    forwarder.enter(host_trade(1, id=name), host_trade(2, id="trade-a"))
    forwarder.enter(host_trade(2, id="trade-A"))
    forwarder.leave(host_trade(1, id=name.upper()))
    assert forwarder.run()

    counts = sorted((row["symbol"], row["exec_count"]) for row in journal.trades())
    assert counts == [("CORP1", 2), ("CORP2", 1), ("CORP2", 1)]


@pytest.mark.parametrize(
    ("facts", "number"),
    [
        pytest.param({"entry_timestamp": "2026-03-05T14:45:00"}, 1, id="time"),
        pytest.param({"symbol": "OTHER"}, 2, id="symbol"),
        pytest.param({"signal_type": "short"}, 2, id="side"),
        pytest.param({"created_at": "2026-03-05T14:45:00"}, 2, id="created"),
        pytest.param({"signal_id": "SIG-2"}, 2, id="signal"),
        pytest.param(
            {"created_at": "2026-03-05T14:30:01Z", "signal_id": "SIG-2"},
            1,
            id="created alike, signal not",
        ),
        pytest.param({"signal_id": None, "alpaca_order_id": "B"}, 2, id="order"),
    ],
)
def test_one_id_of_two_entries(
    forwarder: Forwarder, facts: dict[str, object], number: int
) -> None:
    """What a correction leaves alone tells two trades apart, and nothing else."""
    first = {"created_at": "2026-03-05T14:30:01.250000", "alpaca_order_id": "A"}
    second = {"created_at": None, **facts}
    forwarder.enter(host_trade(**first))
    forwarder.enter(host_trade(**{"alpaca_order_id": "A", **second}))
    forwarder.run()

    assert (
        len(forwarder.outbox.records_of([host_trade().id])[host_trade().id]) == number
    )


def test_mapped_symbol_is_the_same(make: Make, journal: JournalReader) -> None:
    """The names of the host, or those that the settings make of them, are equal."""
    forwarder = make(symbols={"BTC-USD": "BTCUSD"})
    trade = host_trade(symbol="BTC-USD")
    forwarder.enter(trade)
    forwarder.leave(host_trade(symbol="BTCUSD"))
    assert forwarder.run()

    assert journal.only()["exec_count"] == 2


def test_trades_without_an_id_are_cases_of_their_own(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Each content by itself, whole; equal content is one case with a count."""
    forwarder.enter(host_trade(1, id=None), host_trade(1, id=None))
    forwarder.enter(host_trade(2, id=" "), host_trade(3))
    forwarder.run()

    parked = forwarder.outbox.parked(10)
    assert len(parked) == 2
    assert min(str(row.reason) for row in parked).startswith("no_id: 2")
    assert forwarder.is_in(State.SYNCED, 1)
    record = forwarder.outbox.record_of(parked[0].trade_id)
    assert record is not None
    assert "CORP1" in str(record.entry)


def dataframe_row(trade: SimpleNamespace) -> Any:
    """Return a row of a dataframe, in which None became NaN."""
    frame = pd.DataFrame([vars(trade), vars(host_trade(7, commission=None))])
    return next(frame.iterrows())[1]


def tuple_row(trade: SimpleNamespace) -> Any:
    """Return a named tuple of a dataframe."""
    return next(pd.DataFrame([vars(trade)]).itertuples())


MAKES = [
    pytest.param(vars, id="mapping"),
    pytest.param(dataframe_row, id="iterrows"),
    pytest.param(tuple_row, id="itertuples"),
]


@pytest.mark.parametrize("make_of", MAKES)
def test_trades_of_other_makes_arrive(
    forwarder: Forwarder, journal: JournalReader, make_of: Any
) -> None:
    """Rows of a dataframe and mappings are trades as well."""
    trade = host_trade()
    forwarder.record(make_of(entered(trade)), EventKind.ENTRY)
    assert forwarder.run()
    forwarder.record(make_of(trade), EventKind.EXIT)
    assert forwarder.run()

    assert differences(journal, [vars(trade)]) == []
    assert forwarder.counts() == {"synced": 2}


DECORATION = {
    "confidence": "very",
    "commission": float("inf"),
    "stop_price": "tight",
    "target_price": 1.797e308,
    "pnl_dollars": object(),
    "regime": ["BULL"],
    "cancelled": "maybe",
    "signal_id": {"a": 1},
    "slippage_entry": "little",
}


@pytest.mark.parametrize("field", DECORATION)
def test_only_what_an_execution_needs_can_stop_it(
    forwarder: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
    field: str,
) -> None:
    """Everything else is left out, and named once in a warning and in the notes."""
    trade = host_trade(**{field: DECORATION[field]})
    forwarder.enter(trade)
    forwarder.leave(trade)
    assert forwarder.run()

    row = journal.only()
    assert (row["exec_count"], row["open"]) == (2, False)
    assert f"Unknown: {field}" in row["notes"]
    lines = [r.getMessage() for r in caplog.records if "tradervue.unknown" in r.message]
    assert len(lines) == 1
    assert f"fields={field}:" in lines[0]


@pytest.mark.parametrize(
    "facts",
    [
        {"actual_entry_price": float("nan")},
        {"actual_exit_price": pd.NA},
        {"filled_qty": pd.NaT},
        {"filled_qty": None},
    ],
    ids=["entry price", "exit price", "NaT", "None"],
)
def test_absent_values_have_their_fall_back(
    forwarder: Forwarder, journal: JournalReader, facts: dict[str, object]
) -> None:
    """NaN, NA and NaT are no values: the signalled price and the order count."""
    trade = host_trade(entry_price=100.25, exit_price=103.5, **facts)
    forwarder.enter(trade)
    forwarder.leave(trade)
    assert forwarder.run()

    assert differences(journal, [vars(host_trade())]) == []


def test_exit_before_its_entry_is_quarantined_with_field_and_value(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """The position stays open, and a person is told."""
    trade = host_trade(exit_timestamp="2026-03-05T14:00:00")
    forwarder.enter(trade)
    forwarder.leave(trade)
    assert forwarder.run()

    assert forwarder.states(trade) == {"entry": "synced", "exit": "quarantined"}
    assert "exit_timestamp" in str(forwarder.reasons(trade)["exit"])


def test_exit_fields_of_an_open_trade_are_not_looked_at(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """A host may plan an exit before there is one."""
    trade = host_trade(exit_price=float("inf"), exit_timestamp="soon")
    forwarder.record(trade, EventKind.ENTRY)
    assert forwarder.run()

    assert forwarder.counts() == {"synced": 1}


def test_rebate_is_a_number_and_is_sent(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """A maker is paid for its order."""
    trade = host_trade(commission=-1.25)
    forwarder.enter(trade)
    forwarder.leave(trade)
    assert forwarder.run()

    assert differences(journal, [vars(trade)]) == []
    assert Decimal(str(journal.only()["commission"])) == Decimal("-1.25")


def fills_of(journal: JournalReader) -> list[tuple[int, Decimal]]:
    """Return quantity and price of every execution in the journal."""
    return [(int(q), Decimal(str(p))) for _, _, q, p in journal.all_executions()]


def test_growth_is_sent_under_the_tag_of_its_entry(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """10 at an average of 101.0 after 3 at 100.0, and an exit that waits for it."""
    trade = host_trade(
        quantity=10, filled_qty=3, actual_entry_price=100.0, stop_price=95.0
    )
    forwarder.enter(trade)
    assert forwarder.run()
    assert Decimal(str(journal.only()["initial_risk"])) == 15

    grown = host_trade(filled_qty=10, actual_entry_price=101.0, stop_price=95.0)
    forwarder.record(entered(grown), EventKind.CORRECTION)
    forwarder.leave(grown)
    assert forwarder.run(600)

    assert fills_of(journal) == [
        (3, Decimal(100)),
        (7, Decimal("101.42857143")),
        (-10, Decimal("103.5")),
    ]
    row = journal.only()
    assert row["open"] is False
    assert Decimal(str(row["gross_pl"])).quantize(Decimal("0.01")) == 25
    assert Decimal(str(row["initial_risk"])) == 60
    assert "Position: CORP1 long 10" in row["notes"]
    assert forwarder.counts() == {"synced": 3}


def test_risk_that_a_person_set_stays_when_the_entry_grows(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Only what we wrote is written again."""
    trade = host_trade(filled_qty=3, stop_price=95.0)
    forwarder.enter(trade)
    assert forwarder.run()
    sandbox.person("argo").set_risk(int(journal.only()["id"]), Decimal(99))
    forwarder.record(entered(host_trade(stop_price=95.0)), EventKind.CORRECTION)
    assert forwarder.run(600)

    row = journal.only()
    assert row["exec_count"] == 2
    assert Decimal(str(row["initial_risk"])) == 99


def test_risk_that_was_written_and_not_noted_grows_with_the_entry(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """A process may die between the two; the block in the notes tells whose it is."""
    trade = host_trade(filled_qty=3, stop_price=95.0)
    forwarder.enter(trade)
    assert forwarder.run()
    with forwarder.outbox.maintain() as writer:
        # As noted before that.
        writer.annotated(trade.id, now=forwarder.clock(), risk=Decimal(7))
    forwarder.record(entered(host_trade(stop_price=95.0)), EventKind.CORRECTION)
    assert forwarder.run(600)

    assert Decimal(str(journal.only()["initial_risk"])) == Decimal("52.5")


def test_growth_may_equal_an_execution_of_its_own_trade(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Twins are counted like any other."""
    forwarder.enter(host_trade(quantity=10, filled_qty=5))
    assert forwarder.run()
    grown = host_trade(quantity=10, filled_qty=10)
    forwarder.record(entered(grown), EventKind.CORRECTION)
    assert forwarder.run(600)

    assert fills_of(journal) == [(5, Decimal("100.25"))] * 2
    forwarder.leave(grown)
    assert forwarder.run(600)
    assert differences_of_money(journal, grown) == []


def differences_of_money(journal: JournalReader, trade: SimpleNamespace) -> list[str]:
    """Return what differs between a trade of several fills and the host's."""
    row = journal.only()
    profit = (trade.actual_exit_price - trade.actual_entry_price) * trade.filled_qty
    found = []
    if row["open"]:
        found.append("open")
    if abs(float(row["gross_pl"]) - profit) >= 0.005:
        found.append(f"gross {row['gross_pl']} is not {profit}")
    return found


def test_exit_in_parts_leaves_the_rest_open_and_says_so(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """The notes say how much is closed; the last part closes the trade."""
    trade = host_trade(commission=None)
    forwarder.enter(trade)
    assert forwarder.run()
    forwarder.leave(host_trade(filled_qty=4, commission=None))
    assert forwarder.run(600)
    row = journal.only()
    assert row["open"] is True
    assert "closed 4 of 10" in row["notes"]

    last = {"filled_qty": 6, "exit_timestamp": "2026-03-05T17:00:00", "commission": 2.0}
    forwarder.leave(host_trade(**last))
    assert forwarder.run(600)
    assert fills_of(journal) == [
        (10, Decimal("100.25")),
        (-4, Decimal("103.5")),
        (-6, Decimal("103.5")),
    ]
    row = journal.only()
    assert (row["open"], Decimal(str(row["commission"]))) == (False, Decimal(2))
    assert "closed 4 of 10" not in row["notes"]


def test_difference_is_no_success(
    forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    """One warning with both figures; it goes away when the host is back."""
    trade = host_trade()
    forwarder.enter(trade)
    assert forwarder.run()
    caplog.clear()
    for _ in range(2):
        forwarder.record(entered(host_trade(filled_qty=6)), EventKind.CORRECTION)
        assert forwarder.run()

    [outcome] = forwarder.outbox.outcomes(10)
    assert (outcome.code, outcome.host, outcome.journal) == (
        "quantity_changed",
        "6",
        "10",
    )
    assert forwarder.outbox.outcome_counts() == {"quantity_changed": 1}
    lines = [r.getMessage() for r in caplog.records if "tradervue.differs" in r.message]
    assert len(lines) == 1
    forwarder.record(entered(trade), EventKind.CORRECTION)
    assert forwarder.run()
    assert forwarder.outbox.outcomes(10) == []


def test_simulated_order_is_skipped_and_said_once(
    forwarder: Forwarder, journal: JournalReader, caplog: pytest.LogCaptureFixture
) -> None:
    """It does not belong into an investor's journal."""
    forwarder.enter(
        host_trade(1, alpaca_order_id="SIM_1"), host_trade(2, exchange_order_id="SIM_2")
    )
    forwarder.leave(host_trade(1, alpaca_order_id="SIM_1"))
    assert forwarder.run()

    assert journal.trades() == []
    assert forwarder.counts() == {"skipped": 3}
    lines = [r for r in caplog.records if "tradervue.simulated" in r.getMessage()]
    assert len(lines) == 1


def test_simulated_order_is_sent_where_that_is_wanted(
    make: Make, journal: JournalReader
) -> None:
    """Setting "simulated": "send"; what was delivered once is closed in any case."""
    forwarder = make(simulated="send")
    trade = host_trade(alpaca_order_id="SIM_1")
    forwarder.enter(trade)
    assert forwarder.run()
    forwarder.close()
    strict = make()
    strict.clock.now = forwarder.clock.now + 3600
    strict.leave(trade)
    assert strict.run()

    assert differences(journal, [vars(trade)]) == []


def facts(trade: SimpleNamespace) -> Mapping[str, Any]:
    """Return what a trade says."""
    return vars(trade)


@pytest.mark.parametrize("kind", [EventKind.EXIT, EventKind.CORRECTION])
@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"actual_exit_price": "much"}, id="price"),
        pytest.param({"exit_timestamp": "2026-03-05T14:00:00"}, id="before the entry"),
    ],
)
def test_exit_without_sense_waits_however_it_was_recorded(
    forwarder: Forwarder,
    journal: JournalReader,
    kind: EventKind,
    facts: dict[str, object],
) -> None:
    """A correction that carries an exit is an exit: no position stays open unsaid."""
    trade = host_trade()
    forwarder.enter(trade)
    assert forwarder.run()
    forwarder.record(host_trade(**facts), kind)
    assert forwarder.run()
    assert forwarder.states(trade) == {"entry": "synced", "exit": "quarantined"}
    assert next(iter(facts)) in str(forwarder.reasons(trade)["exit"])

    forwarder.record(trade, kind)
    assert forwarder.run()
    assert differences(journal, [vars(trade)]) == []

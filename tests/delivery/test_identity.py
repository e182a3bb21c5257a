"""One trade is one trade in the journal: across events, processes and restarts."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from argo_tradervue_plugin.model.executions import EventKind
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, entered, host_trade
from tests.journeys.reader import JournalReader, differences


def fills(journal: JournalReader) -> list[tuple[str, str]]:
    """Return symbol and signed quantity of everything that stands in the journal."""
    return [(symbol, str(size)) for symbol, _, size, _ in journal.all_executions()]


def test_trade_that_is_closed_with_its_times_in_another_zone_is_closed(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Entered with naive times and left with aware ones, it stands there once."""
    trade = host_trade(1)
    forwarder.enter(trade)
    assert forwarder.run()
    left = host_trade(
        1,
        entry_timestamp="2026-03-05T15:30:01.250000+01:00",
        exit_timestamp="2026-03-05T16:45:09.750000Z",
    )
    forwarder.leave(left)
    assert forwarder.run()

    assert differences(journal, [vars(trade)]) == []


def test_event_that_comes_again_changes_nothing(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """No execution, no step of the history, and no request."""
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.leave(trade)
    assert forwarder.run()
    history = forwarder.outbox.history(trade.id)

    for _ in range(3):
        forwarder.enter(trade)
        forwarder.leave(trade)
    with forwarder.counted() as made:
        assert forwarder.run()
    assert not any(name.startswith(("POST", "DELETE")) for name in made), made
    assert forwarder.outbox.history(trade.id) == history
    assert differences(journal, [vars(trade)]) == []


TWO = [
    pytest.param({"symbol": "OTHER"}, id="symbol"),
    pytest.param({"signal_type": "short", "stop_price": None}, id="side"),
    pytest.param({"signal_id": "SIG-other"}, id="signal"),
]


@pytest.mark.parametrize("told", TWO)
@pytest.mark.parametrize("is_second_closed_first", [False, True])
def test_each_of_two_trades_of_one_id_is_closed_by_its_own_exit(
    make: Make,
    journal: JournalReader,
    told: dict[str, object],
    *,
    is_second_closed_first: bool,
) -> None:
    """Two processes can give one id to two trades; a restart changes nothing."""
    first = host_trade(1)
    second = host_trade(
        1, entry_timestamp="2026-03-05T14:40:00", actual_exit_price=104.5, **told
    )
    forwarder = make("outbox.db")
    forwarder.enter(first, second)
    assert forwarder.run()
    later = make("outbox.db")
    forwarder.close()
    later.clock.now = forwarder.outbox.lease_free_at() + 1
    both = [second, first] if is_second_closed_first else [first, second]
    for trade in (*both, *both):
        later.leave(trade)
        assert later.run()

    assert sorted(fills(journal)) == sorted(
        (trade.symbol, sign + "10") for trade in both for sign in ("", "-")
    )
    assert [t["open"] for t in journal.trades()] == [False, False]
    gains = [gain(trade) for trade in both]
    assert sorted(t["gross_pl"] for t in journal.trades()) == sorted(gains)


def gain(trade: SimpleNamespace) -> Decimal:
    """Return what a trade of ten has made before commissions."""
    sign = 1 if trade.signal_type == "long" else -1
    prices = (trade.actual_exit_price, trade.actual_entry_price)
    left, paid = (Decimal(str(price)) for price in prices)
    return sign * 10 * (left - paid)


def test_same_id_at_another_time_is_the_same_trade(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Its time was corrected: nothing is sent again, and the difference is shown."""
    trade = host_trade(1)
    forwarder.enter(trade)
    assert forwarder.run()
    forwarder.enter(host_trade(1, entry_timestamp="2026-03-05T14:40:00"))
    assert forwarder.run()

    assert fills(journal) == [("CORP1", "10")]
    [outcome] = forwarder.outbox.outcomes(10)
    assert (outcome.trade_id, outcome.code) == (trade.id, "time_changed")


def test_what_was_forgotten_is_recognised_however_it_is_written(
    make: Make, journal: JournalReader
) -> None:
    """Long after it was finished, and in other words."""
    forwarder = make("outbox.db", retention_days=30)
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.leave(trade)
    assert forwarder.run()
    forwarder.clock.now += 31 * 86_400.0
    for _ in range(20):
        forwarder.step()
    assert forwarder.counts() == {}

    for again in (trade, spelled(trade)):
        forwarder.record(entered(again), EventKind.ENTRY)
        forwarder.record(again, EventKind.EXIT)
    assert forwarder.run()
    assert forwarder.counts() == {}
    assert differences(journal, [vars(trade)]) == []


def spelled(trade: SimpleNamespace) -> SimpleNamespace:
    """Return *trade* as another tracker would write it."""
    return SimpleNamespace(
        **{
            **vars(trade),
            "id": f" {trade.id} ",
            "symbol": trade.symbol.lower(),
            "signal_type": "BUY",
            "entry_timestamp": f"{trade.entry_timestamp}Z",
            "exit_timestamp": f"{trade.exit_timestamp}+00:00",
        }
    )

"""A SELL that closes a long is recorded as a new short: what becomes of both."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import ConfigError
from argo_tradervue_plugin.model.executions import EventKind
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, entered, host_trade
from tests.journeys.reader import JournalReader


def long(number: int = 1, **facts: object) -> SimpleNamespace:
    """Return a long of AAPL."""
    return host_trade(number, **{"symbol": "AAPL", "stop_price": None, **facts})


def short(number: int = 9, **facts: object) -> SimpleNamespace:
    """Return the short that the host makes of a SELL, an hour later."""
    return long(
        number,
        **{
            "signal_type": "short",
            "entry_timestamp": "2026-03-05T15:30:00",
            "actual_entry_price": 102.0,
            **facts,
        },
    )


@pytest.fixture
def closing(make: Make) -> Forwarder:
    """A forwarder for which opposite trades close each other."""
    return make(opposite_closes=True)


def trades(journal: JournalReader) -> list[tuple[str, int, str, bool]]:
    """Return side, executions, volume and whether it is open, oldest first."""
    return sorted(
        (row["side"], row["exec_count"], f"{row['volume']}", row["open"])
        for row in journal.trades()
    )


def test_by_default_there_are_two_positions(
    forwarder: Forwarder, journal: JournalReader, caplog: pytest.LogCaptureFixture
) -> None:
    """As recorded: a long and a short, both open; one warning names the setting."""
    forwarder.enter(long(), short())
    assert forwarder.run()
    forwarder.enter(short(8))
    assert forwarder.run()
    lines = [
        r.getMessage() for r in caplog.records if "tradervue.opp" in r.getMessage()
    ]
    assert len(lines) == 1
    assert '"opposite_closes": true' in lines[0]
    assert trades(journal) == [
        ("long", 1, "10", True),
        *[("short", 1, "10", True)] * 2,
    ]


@pytest.mark.parametrize("is_sent", [False, True], ids=["together", "one by one"])
def test_short_closes_the_long(
    closing: Forwarder, journal: JournalReader, is_sent: bool
) -> None:
    """Under the account tag of the long; nothing is left to be opened."""
    closing.enter(long())
    if is_sent:
        assert closing.run()
    closing.enter(short())
    assert closing.run(600)

    assert trades(journal) == [("long", 2, "20", False)]
    assert Decimal(str(journal.only()["gross_pl"])) == Decimal("17.5")
    assert closing.counts() == {"synced": 2}


def test_short_closes_the_oldest_first_and_opens_the_rest(
    closing: Forwarder, journal: JournalReader
) -> None:
    """Longs of 10 and 4, sold 17: the rest of 3 is short under a tag of its own."""
    later = long(2, filled_qty=4, entry_timestamp="2026-03-05T14:40:00")
    closing.enter(long(), later)
    assert closing.run(600)
    closing.enter(short(filled_qty=17, quantity=17))
    assert closing.run(600)

    assert trades(journal) == [
        ("long", 2, "20", False),
        ("long", 2, "8", False),
        ("short", 1, "3", True),
    ]


def test_short_of_less_leaves_the_rest_of_the_long_open(
    closing: Forwarder, journal: JournalReader
) -> None:
    """An exit event of the long then closes only what is still open."""
    closing.enter(long())
    closing.enter(short(filled_qty=6, quantity=6))
    assert closing.run(600)
    assert trades(journal) == [("long", 2, "16", True)]

    closing.leave(long())
    assert closing.run(600)
    assert trades(journal) == [("long", 3, "20", False)]


def test_exit_of_a_long_that_a_short_has_closed_closes_nothing(
    closing: Forwarder, journal: JournalReader
) -> None:
    """And says so."""
    closing.enter(long(), short())
    assert closing.run(600)
    closing.leave(long())
    assert closing.run(600)

    assert trades(journal) == [("long", 2, "20", False)]
    assert closing.states(long()) == {"entry": "synced", "exit": "skipped"}
    assert closing.reasons(long())["exit"] == "closed_by_opposite"


def test_exit_of_the_short_closes_only_its_rest(
    closing: Forwarder, journal: JournalReader
) -> None:
    """What it sold of the long is not bought back."""
    closing.enter(long())
    sold = short(filled_qty=13, quantity=13)
    closing.enter(sold)
    closing.leave(sold)
    assert closing.run(600)

    assert trades(journal) == [("long", 2, "20", False), ("short", 2, "6", False)]


def test_growth_goes_the_same_way(closing: Forwarder, journal: JournalReader) -> None:
    """A short of 6 that grows to 13 closes the rest of the long, and opens 3."""
    closing.enter(long())
    closing.enter(short(filled_qty=6, quantity=13))
    assert closing.run(600)
    grown = entered(short(filled_qty=13, quantity=13))
    closing.record(grown, EventKind.CORRECTION)
    assert closing.run(600)

    assert trades(journal) == [("long", 3, "20", False), ("short", 1, "3", True)]
    sold = [row.execution for row in closing.outbox.of_trade(grown.id)]
    assert [(str(e.quantity), e.closes) for e in sold if e] == [
        ("-6", long().id),
        ("-4", long().id),
        ("-3", None),
    ]
    assert closing.outbox.outcome_counts() == {}


def test_growth_that_was_sent_is_no_difference(
    closing: Forwarder, journal: JournalReader
) -> None:
    """All of the short stands in the journal: there is nothing to say of it."""
    closing.enter(long())
    assert closing.run(600)
    closing.enter(short(quantity=10, filled_qty=4))
    assert closing.run(600)
    closing.enter(short(quantity=10, filled_qty=10))
    assert closing.run(600)

    assert trades(journal) == [("long", 3, "20", False)]
    assert closing.outbox.outcome_counts() == {}


def test_growth_of_what_opposite_trades_have_closed_is_shown(
    closing: Forwarder, journal: JournalReader
) -> None:
    """Everything was closed already: more of it goes nowhere, and is no surprise."""
    closing.enter(long(quantity=10, filled_qty=4))
    assert closing.run(600)
    closing.enter(short(quantity=4, filled_qty=4))
    assert closing.run(600)
    closing.enter(long(quantity=10, filled_qty=10))
    assert closing.run(600)

    assert trades(journal) == [("long", 2, "8", False)]
    assert closing.outbox.outcome_counts() == {"quantity_changed": 1}


def test_what_is_closed_already_is_not_closed_again(
    closing: Forwarder, journal: JournalReader
) -> None:
    """The long had an exit before the short came."""
    closing.enter(long())
    closing.leave(long(exit_timestamp="2026-03-05T15:00:00"))
    closing.enter(short())
    assert closing.run(600)

    assert trades(journal) == [("long", 2, "20", False), ("short", 1, "10", True)]


def test_short_that_is_cancelled_before_it_was_sent_closes_nothing(
    closing: Forwarder, journal: JournalReader
) -> None:
    """The exit of the long closes all of it, as if the short had never been."""
    closing.enter(long())
    assert closing.run()
    closing.enter(short())
    lane = closing.worker._claim(closing.clock())
    assert lane is not None
    closing.leave(long())
    closing.enter(short(cancelled=True))
    assert closing.run(600)

    assert trades(journal) == [("long", 2, "20", False)]
    assert Decimal(str(journal.only()["exit_price"])) == Decimal("103.5")


def test_without_account_tags_it_is_an_error() -> None:
    """Tradervue itself closes what is open then."""
    with pytest.raises(ConfigError, match="opposite_closes"):
        Settings.from_mapping({"opposite_closes": True, "account_tags": False})


def test_short_that_waits_is_planned_again_with_what_it_closes(
    closing: Forwarder, journal: JournalReader
) -> None:
    """It has closed all of the long by then, in that very second, as it is planned."""
    closing.enter(long())
    assert closing.run()
    closing.enter(short())
    closing.step()
    closing.leave(short())
    assert closing.run(600)

    assert trades(journal) == [("long", 2, "20", False)]


def test_rest_of_a_short_has_the_notes_of_its_trade(
    closing: Forwarder, journal: JournalReader
) -> None:
    """They stand where its own position does, not only with the long it closed."""
    closing.enter(long(), short(filled_qty=13, quantity=13))
    assert closing.run(600)

    rows = [journal.trade(row["id"]) for row in journal.trades()]
    named = {row["side"]: row["notes"] for row in rows}
    assert f"[argo {long().id}]" in named["long"]
    assert f"[argo {short().id}]" in named["short"]


def test_long_that_a_short_has_closed_does_not_grow(
    closing: Forwarder, journal: JournalReader
) -> None:
    """Nothing is sent for what the host fills later; both figures are shown."""
    closing.enter(long(quantity=14))
    closing.enter(short())
    assert closing.run(600)
    grown = entered(long(quantity=14, filled_qty=14))
    closing.record(grown, EventKind.CORRECTION)
    assert closing.run(600)

    assert trades(journal) == [("long", 2, "20", False)]
    assert closing.outbox.outcome_counts() == {"quantity_changed": 1}


@pytest.mark.parametrize("size", [6, 10, 13], ids=["less", "all", "more"])
@pytest.mark.parametrize("is_one_by_one", [False, True], ids=["together", "one by one"])
def test_lost_outbox_doubles_nothing(
    make: Make, journal: JournalReader, size: int, is_one_by_one: bool
) -> None:
    """The host records both again; Tradervue knows what it has."""
    before = make(opposite_closes=True)
    sold = short(filled_qty=size, quantity=size)
    before.enter(long(), sold)
    assert before.run(600)
    standing = trades(journal)
    after = make("another.db", opposite_closes=True)
    after.clock.now = before.clock.now + 5000
    after.enter(long())
    if is_one_by_one:
        after.run(4000)
    after.enter(sold)
    after.run(4000)

    assert trades(journal) == standing

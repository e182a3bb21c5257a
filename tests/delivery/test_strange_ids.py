"""Ids and symbols of any length and any characters: the others go on around them."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest

from argo_tradervue_plugin.model.executions import LONGEST_SYMBOL, EventKind
from argo_tradervue_plugin.model.records import stored_id
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.stepping import Forwarder, host_trade
from tests.journeys.reader import JournalReader
from tests.outbox.conftest import ENGINES

LONG: Final = "".join(f"{n:04x}" for n in range(3000))  # does not compress to little


@pytest.fixture(params=ENGINES)
def forwarder(
    request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path
) -> Iterator[Forwarder]:
    """A forwarder on each engine, behind a spool as hooks have it."""
    with ENGINES[request.param](tmp_path, request) as database:
        outbox = open_outbox(database, spool=Spool(tmp_path / "spool"))
        made = Forwarder(sandbox, tmp_path, outbox=outbox)
        yield made
        made.close()


def live(forwarder: Forwarder, *trades: SimpleNamespace) -> None:
    """Record *trades* between two others, and forward all that can be."""
    around = [host_trade(1), *trades, host_trade(2)]
    forwarder.enter(*around)
    forwarder.leave(*around)
    assert forwarder.run()


def symbols_in(journal: JournalReader) -> list[str]:
    """Return the symbols of what stands in the journal, closed."""
    return sorted(t["symbol"] for t in journal.trades() if not t["open"])


def parked(forwarder: Forwarder) -> list[tuple[str, str]]:
    """Return what waits for a person, the trade and why."""
    rows = forwarder.outbox.parked(100)
    return [(row.trade_id, str(row.reason)) for row in rows]


@pytest.mark.parametrize("length", [81, 3000, 12_000])
def test_long_id_is_an_id(
    forwarder: Forwarder, journal: JournalReader, length: int
) -> None:
    """Hashed where an index needs it, and the same trade whenever it is recorded."""
    trade = host_trade(3, id=LONG[:length])
    live(forwarder, trade)

    assert symbols_in(journal) == ["CORP1", "CORP2", "CORP3"]
    trade_id = stored_id(trade.id)
    assert len(trade_id) <= 80
    assert forwarder.states(trade_id) == {"entry": "synced", "exit": "synced"}
    assert len(forwarder.outbox.history(trade_id)) > 0
    forwarder.enter(trade)
    assert forwarder.run()
    assert symbols_in(journal) == ["CORP1", "CORP2", "CORP3"]


def test_long_ids_are_told_apart_by_their_ends(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """What is cut off is in the digest."""
    live(forwarder, host_trade(3, id=LONG + "a"), host_trade(4, id=LONG + "b"))

    assert symbols_in(journal) == ["CORP1", "CORP2", "CORP3", "CORP4"]
    noted = [journal.trade(t["id"])["notes"] for t in journal.trades()]
    assert len({notes.partition("]")[0] for notes in noted}) == 4


def test_long_id_is_new_until_it_was_looked_at(forwarder: Forwarder) -> None:
    """In the spool and in the inbox, by the name that it has everywhere."""
    trade_id = stored_id(LONG)
    forwarder.enter(host_trade(3, id=LONG))
    assert forwarder.states(trade_id) == {"entry": "new"}

    forwarder.outbox.gather()
    assert forwarder.states(trade_id) == {"entry": "new"}


UNPRINTABLE: Final = {
    "nul": "a\0b",
    "half": "a\ud800b",
    "line": "a\nb",
    "separator": "a\x1e\x1fb",
    "long": "\0" * 5000,
}


@pytest.mark.parametrize("trade_id", UNPRINTABLE.values(), ids=UNPRINTABLE)
def test_id_that_cannot_be_printed_waits_for_a_person(
    forwarder: Forwarder, journal: JournalReader, trade_id: str
) -> None:
    """Named with its field and its value, shortened."""
    live(forwarder, host_trade(3, id=trade_id))

    assert symbols_in(journal) == ["CORP1", "CORP2"]
    cases = parked(forwarder)
    assert len(cases) == 2  # an entry and an exit: different content
    for name, why in cases:
        assert name.startswith("unidentified-")
        assert why.startswith("senseless: id='")
        assert len(why) < 160
        assert why.isprintable()


SYMBOLS: Final = {
    "long": "S" * (LONGEST_SYMBOL + 1),
    "very long": LONG,
    "nul": "A\0",
    "half": "A\ud800",
    "line": "A\nB",
}


@pytest.mark.parametrize("symbol", SYMBOLS.values(), ids=SYMBOLS)
def test_symbol_that_tradervue_cannot_have_waits_for_a_person(
    forwarder: Forwarder, journal: JournalReader, symbol: str
) -> None:
    """With its field and its value, shortened."""
    trade = host_trade(3, symbol=symbol)
    live(forwarder, trade)

    assert symbols_in(journal) == ["CORP1", "CORP2"]
    assert forwarder.states(trade) == {"entry": "quarantined", "exit": "quarantined"}
    reasons = [str(reason) for reason in forwarder.reasons(trade).values()]
    assert reasons[0].startswith("senseless: symbol='")
    assert all(len(why) < 200 and why.isprintable() for why in reasons)


def test_longest_symbol_is_a_symbol(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """The limit is the last that Tradervue can show."""
    symbol = "S" * LONGEST_SYMBOL
    live(forwarder, host_trade(3, symbol=symbol))

    assert symbols_in(journal) == ["CORP1", "CORP2", symbol]


@pytest.mark.parametrize("text", UNPRINTABLE.values(), ids=UNPRINTABLE)
def test_strange_text_elsewhere_holds_up_nothing(
    forwarder: Forwarder, journal: JournalReader, text: str
) -> None:
    """An execution does not need it."""
    strange = dict.fromkeys(
        ("signal_id", "alpaca_order_id", "exchange_order_id", "regime"), text
    )
    live(forwarder, host_trade(3, **strange))

    assert symbols_in(journal) == ["CORP1", "CORP2", "CORP3"]


def test_equal_content_without_an_id_is_one_case_with_a_count(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """However often it is recorded; other content is another case."""
    trade, other = host_trade(3, id=None), host_trade(3, id=None, symbol="OTHER")
    for _ in range(3):
        forwarder.record(trade, EventKind.EXIT)
    forwarder.record(other, EventKind.EXIT)
    live(forwarder)
    forwarder.record(trade, EventKind.EXIT)
    assert forwarder.run()

    cases = parked(forwarder)
    assert [why for _, why in cases] == ["no_id: 4", "no_id: 1"]
    assert len({name for name, _ in cases}) == 2
    assert symbols_in(journal) == ["CORP1", "CORP2"]

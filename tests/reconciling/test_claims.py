"""Journal trades that name a host trade: which are it, and what becomes of the rest."""

import logging
from collections.abc import Callable

import pytest

from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.sandbox import Person
from argo_tradervue_plugin.services.quarantine import retry
from tests.delivery.stepping import host_trade, id_of
from tests.journeys.reader import JournalReader, differences
from tests.reconciling.desk import Desk, typed_in

Open = Callable[..., Desk]


def block_of(open_desk: Open, journal: JournalReader, person: Person) -> str:
    """Return our block for trade 1, which is in no journal trade any more."""
    desk = open_desk()
    desk.live(host_trade(1))
    notes = str(journal.only()["notes"])
    person.delete_trade(desk.id_of(host_trade(1)))
    return notes


@pytest.fixture
def block(open_desk: Open, journal: JournalReader, person: Person) -> str:
    """Our block for trade 1, which somebody could have copied."""
    return block_of(open_desk, journal, person)


OTHERS: dict[str, dict[str, object]] = {
    "symbol": {"symbol": "OTHER"},
    "size": {"quantity": 11},
    "side": {"quantity": -10},
    "entry": {"entry_price": 100.5, "exit_price": 104.0},
}


@pytest.mark.parametrize("what", OTHERS)
def test_copied_note_never_keeps_a_real_trade_from_being_sent(
    open_desk: Open, journal: JournalReader, person: Person, block: str, what: str
) -> None:
    """On executions that are not those of its lines, whatever the tag."""
    theirs = person.create_trade(
        *typed_in(host_trade(1, **OTHERS[what])), notes=block, tags=["argo"]
    )
    desk = open_desk()
    assert desk.reconciler.relink() == 0
    (passed,) = desk.reconciler.passed_over
    assert (passed.journal_id, passed.trade_id) == (theirs, host_trade(1).id)
    assert passed.why.startswith("its notes are of ")

    desk.live(host_trade(1))

    assert desk.forwarder.counts() == {"synced": 2}
    assert desk.id_of(host_trade(1)) != theirs
    rows = [row for row in journal.trades() if int(row["id"]) != theirs]
    assert [row["exec_count"] for row in rows] == [2]


def test_copy_on_a_trade_of_another_time_is_compared_to_its_last_line(
    open_desk: Open, journal: JournalReader, person: Person
) -> None:
    """The list shows no price of it; Argo's id says that there is reason to ask."""
    name = "trade_20260305_143001_000001"
    real = host_trade(1, id=name, signal_id="A-LONG-NAME-OF-A-SIGNAL-1234567890")
    first = open_desk()
    first.live(real)
    notes = str(journal.only()["notes"])
    person.delete_trade(first.id_of(real))
    copied = host_trade(
        1,
        entry_timestamp="2026-03-05T15:07:00.000000",
        entry_price=101.5,
        exit_price=104.0,
    )
    tags = ["argo", "stock"]
    theirs = person.create_trade(*typed_in(copied), notes=notes, tags=tags)
    assert "Entry: " not in journal.trades()[0]["notes_excerpt"]

    desk = open_desk()
    assert desk.reconciler.relink() == 0
    assert [each.journal_id for each in desk.reconciler.passed_over] == [theirs]
    desk.live(real)
    assert desk.forwarder.counts() == {"synced": 2}
    assert desk.id_of(real) != theirs


@pytest.mark.parametrize("has_come_before", [False, True], ids=["after", "before"])
def test_equal_trade_beside_a_claim_without_proof_waits_for_a_person(
    open_desk: Open,
    journal: JournalReader,
    person: Person,
    block: str,
    has_come_before: bool,
) -> None:
    """The notes may be right: it has no tag of ours, but the very executions."""
    theirs = person.create_trade(*typed_in(host_trade(1)), notes=block)
    desk = open_desk()
    if has_come_before:
        desk.forwarder.enter(host_trade(1))
        desk.forwarder.outbox.gather()
    assert desk.reconciler.relink() == 0
    assert [p.why for p in desk.reconciler.passed_over] == [
        "it has no account tag of ours"
    ]
    desk.live(host_trade(1), host_trade(2))

    rows = desk.forwarder.outbox.of_trade(host_trade(1).id)
    reasons = {row.kind: row.reason for row in rows}
    assert reasons[Kind.ENTRY] == f"equal_exists: journal trade {theirs}"
    assert desk.forwarder.counts() == {"quarantined": 2, "synced": 2}
    assert len(journal.trades()) == 2

    retry(desk.forwarder.outbox, host_trade(1).id, desk.forwarder.settings)
    assert desk.forwarder.run(seconds=3000)
    assert desk.forwarder.counts() == {"synced": 4}
    assert len(journal.trades()) == 3


def test_trade_that_was_opened_alike_and_closed_otherwise_waits_too(
    open_desk: Open, journal: JournalReader, person: Person, block: str
) -> None:
    """Its entry is there, and would be refused as a duplicate."""
    copied = host_trade(1, exit_price=104.0)
    person.create_trade(*typed_in(copied), notes=block, tags=["argo"])
    desk = open_desk()
    assert desk.reconciler.relink() == 0
    assert desk.reconciler.passed_over[0].why == (
        "its notes are of another exit, at 103.5"
    )
    desk.live(host_trade(1))

    assert desk.forwarder.counts() == {"quarantined": 2}


def test_any_other_trade_beside_a_claim_without_proof_is_sent(
    open_desk: Open, journal: JournalReader, person: Person, block: str
) -> None:
    """Of the name alone nothing follows."""
    person.create_trade(*typed_in(host_trade(1)), notes=block)
    desk = open_desk()
    assert desk.reconciler.relink() == 0
    trade = host_trade(1, actual_entry_price=99.0, entry_price=99.0)
    trade.exit_price = trade.actual_exit_price = 98.0
    desk.live(trade)

    assert desk.forwarder.counts() == {"synced": 2}
    assert len(journal.trades()) == 2


@pytest.mark.parametrize("copies", ["before", "after"])
def test_of_several_that_name_one_trade_the_one_that_fits_is_linked(
    open_desk: Open,
    journal: JournalReader,
    person: Person,
    copies: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whichever the list shows first; the log says of the others why not."""
    first = open_desk()
    copied = host_trade(1, entry_price=100.5, exit_price=104.0)
    if copies == "before":
        other = person.create_trade(*typed_in(copied), tags=["argo"])
    first.live(host_trade(1))
    place = first.id_of(host_trade(1))
    notes = str(journal.trade(place)["notes"])
    if copies == "after":
        other = person.create_trade(*typed_in(copied), tags=["argo"])
    person.write_notes(other, notes)
    person.tag(other, "argo", *journal.trade(place)["tags"])
    desk = open_desk()
    with caplog.at_level(logging.WARNING):
        assert desk.reconciler.relink() == 1

    assert desk.id_of(host_trade(1)) == place
    assert [p.journal_id for p in desk.reconciler.passed_over] == [other]
    assert f"tradervue.passed_over journal={other} trade={host_trade(1).id} " in (
        caplog.text
    )
    assert desk.forwarder.outbox.condition("claims") is None


def test_claim_is_forgotten_when_the_trade_is_proven(
    open_desk: Open, journal: JournalReader, person: Person, block: str
) -> None:
    """A person who gives the tag back has decided."""
    theirs = person.create_trade(*typed_in(host_trade(1)), notes=block)
    desk = open_desk()
    assert desk.reconciler.relink() == 0
    assert desk.forwarder.outbox.condition("claims") is not None
    person.tag(theirs, "argo")

    assert desk.reconciler.relink() == 1
    assert desk.reconciler.passed_over == ()
    assert desk.forwarder.outbox.condition("claims") is None
    assert desk.id_of(host_trade(1)) == theirs


def test_symbols_are_compared_as_the_journal_calls_them(
    open_desk: Open, journal: JournalReader
) -> None:
    """The block has the host's name, the journal its own."""
    trade = host_trade(1, symbol="BTC-USD", asset_class="crypto")
    open_desk(symbols={"*-USD": "*USD"}).live(trade)
    desk = open_desk(symbols={"*-USD": "*USD"})

    assert desk.reconciler.relink() == 1
    assert differences(journal, [{**vars(trade), "symbol": "BTCUSD"}]) == []


def test_strange_ids_are_never_sent_twice(
    open_desk: Open, journal: JournalReader
) -> None:
    """The marker is not the id: what is linked by it waits for a person, or is it."""
    trade = host_trade(1, id="an id [with] `marks`")
    open_desk().live(trade)
    before = journal.all_executions()
    desk = open_desk()
    assert desk.reconciler.relink() == 1
    desk.live(trade)

    assert journal.all_executions() == before


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_trade_that_equals_a_finished_one_is_not_taken_for_it(
    desk: Desk, is_forgotten: bool
) -> None:
    """
    Each needs a journal trade of its own, also where retention removed the first.

    Then nothing says that an equal one is right: a person does.
    """
    desk.live(host_trade(1))
    first = desk.id_of(host_trade(1))
    if is_forgotten:
        with desk.forwarder.outbox.maintain() as writer:
            writer.forget([id_of(1)])
    twin = host_trade(2, symbol=host_trade(1).symbol)
    desk.trades = [twin]

    assert [one.trade_id for one in desk.compare().missing] == [twin.id]
    desk.repair()
    if is_forgotten:
        states = {"entry": "quarantined", "exit": "quarantined"}
        assert desk.forwarder.states(twin) == states
        retry(desk.forwarder.outbox, twin.id)
        assert desk.forwarder.run()
    known = desk.forwarder.outbox.trade(twin.id)
    assert known is not None
    assert known.journal_id not in (None, first)
    assert desk.forwarder.states(twin) == {"entry": "synced", "exit": "synced"}

"""People work in the same journal: whatever they did between two events is safe."""

import logging
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final

import pytest

from argo_tradervue_plugin.matching import notes as blocks
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.sandbox import Person, Sandbox
from argo_tradervue_plugin.services.quarantine import retry
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, host_trade
from tests.journeys.reader import MARKER, JournalReader, differences

LONG: Final = 3000.0  # seconds on the forwarder's own clock

Edit = Callable[[Person, int], None]


@pytest.fixture
def person(sandbox: Sandbox) -> Person:
    """The owner of the journal, at work on the web."""
    return sandbox.person("argo")


def id_in(journal: JournalReader, trade: SimpleNamespace) -> int:
    """Return the journal's id of a trade, by its symbol."""
    return next(int(t["id"]) for t in journal.trades() if t["symbol"] == trade.symbol)


def before_our_notes(forwarder: Forwarder, trade: SimpleNamespace) -> None:
    """Bring an entry into the journal, short of its notes."""
    forwarder.enter(trade)
    forwarder.step_until(lambda: forwarder.is_in(State.LINKED))


def after_our_notes(forwarder: Forwarder, trade: SimpleNamespace) -> None:
    """Bring an entry into the journal, notes and all."""
    forwarder.enter(trade)
    assert forwarder.run(LONG)


def after_the_exit(forwarder: Forwarder, trade: SimpleNamespace) -> None:
    """Bring entry and exit into the journal; the host learns something later."""
    forwarder.enter(trade)
    forwarder.leave(trade)
    assert forwarder.run(LONG)
    forwarder.clock.now += 1
    trade.exit_regime = "BEAR"


MOMENTS: Final = [before_our_notes, after_our_notes, after_the_exit]


def words(moment: Callable[..., None]) -> str:
    """Name a case."""
    return moment.__name__.replace("_", " ")


EDITS: Final = [
    pytest.param(
        lambda person, i: person.set_risk(i, "77.5"),
        "initial_risk",
        Decimal("77.5"),
        id="risk",
    ),
    pytest.param(
        lambda person, i: person.set_risk(i, 0), "initial_risk", 0, id="no risk at all"
    ),
    pytest.param(lambda person, i: person.share(i), "shared", True, id="sharing"),
    pytest.param(
        lambda person, i: person.comment("trades", i, "well done"),
        "comment_count",
        1,
        id="comment",
    ),
]


@pytest.mark.parametrize(("edit", "member", "expected"), EDITS)
@pytest.mark.parametrize("moment", MOMENTS, ids=words)
def test_what_a_person_set_stays_as_they_set_it(
    forwarder: Forwarder,
    journal: JournalReader,
    person: Person,
    moment: Callable[[Forwarder, SimpleNamespace], None],
    edit: Edit,
    member: str,
    expected: object,
) -> None:
    """Whenever they did it, and whatever the host tells afterwards."""
    trade = host_trade(1)
    moment(forwarder, trade)
    edit(person, id_in(journal, trade))
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    full = journal.only()
    assert full[member] == expected
    assert MARKER.findall(full["notes"]) == [trade.id]
    assert "Result: win" in full["notes"]


@pytest.mark.parametrize("moment", MOMENTS, ids=words)
def test_tags_of_a_person_stay_before_ours(
    forwarder: Forwarder,
    journal: JournalReader,
    person: Person,
    moment: Callable[[Forwarder, SimpleNamespace], None],
) -> None:
    """None is lost, none stands twice; the exit's facts are added."""
    trade = host_trade(1)
    moment(forwarder, trade)
    person.tag(id_in(journal, trade), "mine", "argo", "stock", "A Tag With Words")
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    tags = journal.only()["tags"]
    assert tags[:4] == ["mine", "argo", "stock", "A Tag With Words"]
    assert len(tags) == len(set(tags))
    assert "take-profit" in tags


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("Why?\n\n", "", id="before"),
        pytest.param("", "\n\nLesson: wait.", id="after"),
        pytest.param("Why?\n\n", "\n\nLesson: wait.", id="around"),
        pytest.param("Why?\n", "\nLesson: wait.", id="close around"),
        pytest.param("*Größe* 👍 <b>x</b>\n\n", "\n\n\n- a\n- b\n\n", id="markdown"),
        pytest.param("[argo] is not our block\n\n", "\n\n[/argo]", id="like ours"),
        pytest.param("\\1 \\g<0> $1 %s {0}\n\n", "\n\n\\n", id="like a pattern"),
        pytest.param("x" * 5000 + "\n\n", "", id="long"),
    ],
)
def test_what_a_person_wrote_around_our_block_stays_to_the_letter(
    forwarder: Forwarder,
    journal: JournalReader,
    person: Person,
    before: str,
    after: str,
) -> None:
    """The exit changes the block and nothing else."""
    trade = host_trade(1)
    after_our_notes(forwarder, trade)
    journal_id = id_in(journal, trade)
    block = journal.only()["notes"].replace("\r\n", "\n")
    person.write_notes(journal_id, before + block + after)
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    text = journal.only()["notes"].replace("\r\n", "\n")
    assert text.startswith(f"{before}[argo {trade.id}]\n")
    assert text.endswith(f"\n[/argo]{after}")
    assert text.count(f"[argo {trade.id}]") == 1
    assert "Result: win" in text


@pytest.mark.parametrize("line_ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_line_ends_of_a_person_are_no_reason_to_write_a_second_block(
    forwarder: Forwarder, journal: JournalReader, person: Person, line_ends: str
) -> None:
    """Browsers send the one, servers keep the other."""
    trade = host_trade(1)
    after_our_notes(forwarder, trade)
    text = f"Mine\n\n{journal.only()['notes']}".replace("\r\n", "\n")
    person.write_notes(id_in(journal, trade), text.replace("\n", line_ends))
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    assert MARKER.findall(journal.only()["notes"]) == [trade.id]
    assert blocks.people_wrote(journal.only()["notes"]) == "Mine"


def test_block_that_a_person_deleted_comes_back_after_their_words(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """It is ours, and what links the trade; what they wrote instead stays."""
    trade = host_trade(1)
    after_our_notes(forwarder, trade)
    person.write_notes(id_in(journal, trade), "I do not want a robot here.")
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    notes = journal.only()["notes"]
    assert notes.startswith("I do not want a robot here.\r\n\r\n[argo ")
    assert MARKER.findall(notes) == [trade.id]


def test_words_below_a_block_that_lost_its_end_stay(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """Half a block is no block: nothing between it and the next is ours to replace."""
    trade = host_trade(1)
    after_our_notes(forwarder, trade)
    text = journal.only()["notes"].replace("\r\n", "\n").replace("[/argo]", "Mine!")
    person.write_notes(id_in(journal, trade), text)
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    assert "Mine!" in journal.only()["notes"]
    assert journal.only()["notes"].endswith("[/argo]")


def test_what_a_person_changes_inside_our_block_is_ours(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """Between the markers stands what the host says."""
    trade = host_trade(1)
    after_our_notes(forwarder, trade)
    text = journal.only()["notes"].replace("confidence 87.5", "confidence 100")
    person.write_notes(id_in(journal, trade), text)
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    assert "confidence 87.5" in journal.only()["notes"]
    assert "confidence 100" not in journal.only()["notes"]


def test_trade_that_a_person_took_back_from_the_public_is_not_shared_again(
    make: Make, journal: JournalReader, person: Person
) -> None:
    """Also where the operator has trades shared: that is done once."""
    forwarder = make(share_trades=True)
    trade = host_trade(1)
    after_our_notes(forwarder, trade)
    assert journal.only()["shared"] is True
    person.share(id_in(journal, trade), shared=False)
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    assert journal.only()["shared"] is False
    assert "Result: win" in journal.only()["notes"]


def test_what_nobody_touched_is_written_and_nothing_more(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """One change at the entry, one at the exit."""
    trade = host_trade(1)
    with forwarder.counted() as made:
        after_our_notes(forwarder, trade)
        forwarder.leave(trade)
        assert forwarder.run(LONG)

    assert made["PUT /trades/{id}"] == 2
    assert differences(journal, [vars(trade)]) == []


def test_many_trades_with_work_of_people_in_between_keep_it(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """A backfill writes what is blank without a look; what is not, it reads before."""
    trades = [host_trade(n) for n in range(1, 31)]
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    forwarder.step_until(lambda: forwarder.is_in(State.LINKED, 60))
    for trade in trades[::5]:
        person.write_notes(id_in(journal, trade), f"on {trade.symbol}")
        person.tag(id_in(journal, trade), "argo", "mine")
    assert forwarder.run(LONG)

    for number, trade in enumerate(trades):
        full = journal.trade(id_in(journal, trade))
        wrote = "" if number % 5 else f"on {trade.symbol}"
        assert blocks.people_wrote(full["notes"]) == wrote
        assert ("mine" in full["tags"]) is not bool(number % 5)
    assert differences(journal, map(vars, trades)) == []


# Split, merged, corrected -----------------------------------------------------------


def test_exits_of_trades_that_a_person_merged_stand_there_once(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """
    They wait for one account tag; then nothing is lost.

    What was written on both stays, and each trade has its block.
    """
    trades = [
        host_trade(1, symbol="AAPL"),
        host_trade(2, symbol="AAPL", entry_timestamp="2026-03-05T15:00:00"),
    ]
    forwarder.enter(*trades)
    assert forwarder.run(LONG)
    ids = [int(row["id"]) for row in journal.trades()]
    for number in ids:
        text = journal.trade(number)["notes"].replace("\r\n", "\n")
        person.write_notes(number, f"on {number}\n\n{text}")
    merged = person.merge(*ids)
    forwarder.leave(*trades)
    assert forwarder.run(LONG)

    assert len(journal.all_executions()) == 2
    for trade in trades:
        assert str(forwarder.reasons(trade)["exit"]).startswith("merged: ")
    person.tag(merged, "argo")
    for trade in trades:
        retry(forwarder.outbox, trade.id)
    assert forwarder.run(LONG)

    assert len(journal.all_executions()) == 4
    assert forwarder.counts() == {"synced": 4}
    text = journal.trade(merged)["notes"]
    assert MARKER.findall(text).count(trades[0].id) == 1
    assert MARKER.findall(text).count(trades[1].id) == 1
    assert all(f"on {number}" in text for number in ids)
    assert text.count("Result: win") == 2


def test_trade_that_a_person_merged_into_their_own_keeps_what_stands_there(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """Our exit follows; the owner's notes, tags and risk are not ours to change."""
    trade = host_trade(1)
    after_our_notes(forwarder, trade)
    rows = [
        {"datetime": "2026-03-05T09:00:00-05:00", "quantity": "5", "price": "99"},
        {"datetime": "2026-03-05T09:05:00-05:00", "quantity": "-5", "price": "99.5"},
    ]
    own = person.create_trade("CORP1", rows, notes="My morning", tags=["mine"])
    person.set_risk(own, 12)
    merged = person.merge(own, id_in(journal, trade))
    assert merged == own
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    full = journal.trade(own)
    assert full["notes"].startswith("My morning")
    assert MARKER.findall(full["notes"]) == [trade.id]
    assert "Result: win" in full["notes"]
    assert full["tags"][0] == "mine"
    assert full["initial_risk"] == 12
    assert len(journal.all_executions()) == 4
    assert forwarder.counts() == {"synced": 2}


def test_blocks_go_with_trades_that_a_person_split(
    make: Make, journal: JournalReader, person: Person
) -> None:
    """Two host trades that stood in one: what each is linked to is not lost."""
    forwarder = make(account_tags=False)
    trades = [
        host_trade(1, symbol="AAPL"),
        host_trade(2, symbol="AAPL", entry_timestamp="2026-03-05T15:00:00"),
    ]
    forwarder.enter(*trades)
    assert forwarder.run(LONG)
    together = id_in(journal, trades[0])
    person.write_notes(together, f"Mine\n\n{journal.only()['notes']}")
    _, second = journal.executions(together)
    person.split(together, [int(second["id"])])
    forwarder.leave(*trades)
    assert forwarder.run(LONG)

    assert len(journal.all_executions()) == 4
    assert forwarder.counts() == {"synced": 4}
    assert journal.trade(together)["notes"].startswith("Mine")


@pytest.mark.parametrize(
    "correction",
    [{"price": "100.75"}, {"quantity": "11"}, {"at": "2026-03-05T09:31:00-05:00"}],
    ids=["price", "quantity", "time"],
)
def test_execution_that_a_person_corrected_stays_corrected(
    forwarder: Forwarder,
    journal: JournalReader,
    person: Person,
    correction: dict[str, Any],
) -> None:
    """It is neither sent again nor put back; the exit goes as the host has it."""
    trade = host_trade(1)
    after_our_notes(forwarder, trade)
    journal_id = id_in(journal, trade)
    [fill] = journal.executions(journal_id)
    person.edit_execution(journal_id, int(fill["id"]), **correction)
    [corrected] = journal.executions(journal_id)
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    fills = journal.executions(journal_id)
    assert len(fills) == len(journal.all_executions()) == 2
    assert fills[0] == corrected
    assert forwarder.counts() == {"synced": 2}


def test_exit_of_an_entry_that_a_person_made_smaller_opens_no_position(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """The exit is larger than what is open: it waits for a person."""
    trade = host_trade(1)
    after_our_notes(forwarder, trade)
    journal_id = id_in(journal, trade)
    [fill] = journal.executions(journal_id)
    person.edit_execution(journal_id, int(fill["id"]), quantity=9)
    imports = sandbox.stats.import_count
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    assert [quantity for *_, quantity, _ in journal.all_executions()] == [9]
    assert sandbox.stats.import_count == imports
    assert forwarder.states(trade) == {"entry": "synced", "exit": "quarantined"}
    assert str(forwarder.reasons(trade)["exit"]).startswith("closed_in_journal: 9 ")


# Deleted ----------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["trade", "execution"])
def test_what_a_person_deleted_between_entry_and_exit_is_noticed_and_stays_deleted(
    forwarder: Forwarder,
    journal: JournalReader,
    person: Person,
    caplog: pytest.LogCaptureFixture,
    what: str,
) -> None:
    """One line tells it; the exit alone would be a position of the wrong side."""
    trade, other = host_trade(1), host_trade(2)
    forwarder.enter(trade, other)
    assert forwarder.run(LONG)
    journal_id = id_in(journal, trade)
    if what == "trade":
        person.delete_trade(journal_id)
    else:
        [fill] = journal.executions(journal_id)
        person.delete_execution(journal_id, int(fill["id"]))
    forwarder.leave(trade, other)
    assert forwarder.run(LONG)

    assert [row["symbol"] for row in journal.trades()] == ["CORP2"]
    assert set(forwarder.states(trade).values()) == {"quarantined"}
    assert "deleted" in str(forwarder.reasons(trade)["entry"])
    assert set(forwarder.states(other).values()) == {"synced"}
    lines = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert len(lines) == 1
    assert trade.id in lines[0]


def test_deleted_trade_is_not_sent_again_by_what_the_host_tells_later(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """Neither a repeated event nor a corrected one brings it back."""
    trade = host_trade(1)
    after_the_exit(forwarder, trade)
    person.delete_trade(id_in(journal, trade))
    forwarder.enter(trade)
    forwarder.leave(trade)
    forwarder.run(LONG)
    trade.commission = 9.0
    forwarder.clock.now += 1
    forwarder.leave(trade)
    forwarder.run(LONG)

    assert journal.trades() == []


def test_deleted_slot_can_be_used_by_others(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """A new position in the symbol goes its way."""
    trade = host_trade(1, symbol="AAPL")
    after_our_notes(forwarder, trade)
    person.delete_trade(id_in(journal, trade))
    again = host_trade(2, symbol="AAPL", entry_timestamp="2026-03-05T15:00:00")
    forwarder.enter(again)
    forwarder.leave(again)
    assert forwarder.run(LONG)

    assert differences(journal, [vars(again)]) == []


# Basic trades -----------------------------------------------------------------------


def test_what_a_person_wrote_on_a_basic_trade_moves_along(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """It goes when the full trade has their text, tags and sharing; nothing twice."""
    sandbox.assume(fractional_quantities="refused")
    trade = host_trade(1, filled_qty=0.5, quantity=0.5)
    forwarder.enter(trade)
    forwarder.leave(trade)
    assert forwarder.run(LONG)
    basic = journal.only()
    assert basic["exec_count"] == 0
    person.write_notes(int(basic["id"]), f"Why *half*?\n\n{basic['notes']}\n\nOdd.")
    person.tag(int(basic["id"]), *basic["tags"], "mine")
    person.share(int(basic["id"]))

    sandbox.assume(fractional_quantities="accepted")
    forwarder.clock.now += 1
    trade.regime = "CHOP"  # the host tells it anew
    forwarder.enter(trade)
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    full = journal.only()
    assert full["exec_count"] == 2
    assert MARKER.findall(full["notes"]) == [trade.id]
    assert blocks.people_wrote(full["notes"]) == "Why *half*?\n\n\n\nOdd."
    assert "mine" in full["tags"]
    assert "basic-sync" not in full["tags"]
    assert full["shared"] is True
    assert differences(journal, [vars(trade)]) == []

"""The basic sync: what Tradervue refuses is shown without executions, once."""

import logging
from types import SimpleNamespace

import pytest

from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, entered, host_trade
from tests.journeys.reader import MARKER, JournalReader, differences

FINE = {"filled_qty": 10, "quantity": 10}


@pytest.fixture(autouse=True)
def refusing(sandbox: Sandbox) -> None:
    """Tradervue takes no fractions in these tests."""
    sandbox.assume(fractional_quantities="refused")


def refused(number: int = 1) -> SimpleNamespace:
    """Return a trade that Tradervue refuses, for its quantity."""
    return host_trade(number, filled_qty=0.5, quantity=0.5)


def show(forwarder: Forwarder, trade: SimpleNamespace, seconds: float = 3000) -> bool:
    """Record a closed trade and forward it."""
    forwarder.enter(trade)
    forwarder.leave(trade)
    return forwarder.run(seconds)


def correct(forwarder: Forwarder, number: int = 1) -> SimpleNamespace:
    """Let the host tell a refused trade anew, with a quantity that will do."""
    trade = host_trade(number, **FINE)
    forwarder.clock.now += 1
    forwarder.enter(trade)
    forwarder.leave(trade)
    assert forwarder.run(seconds=3000)
    return trade


def test_refused_trade_is_shown_with_all_that_is_known(
    forwarder: Forwarder, journal: JournalReader, caplog: pytest.LogCaptureFixture
) -> None:
    """Symbol, notes, tags and risk; a tag tells that it is a basic one."""
    trade = refused()
    assert show(forwarder, trade)

    full = journal.only()
    assert (full["symbol"], full["exec_count"]) == ("CORP1", 0)
    assert MARKER.findall(full["notes"]) == [trade.id]
    assert "Result: win" in full["notes"]
    assert full["tags"][:2] == ["argo", "basic-sync"]
    assert float(full["initial_risk"]) == 1.0
    assert forwarder.states(trade) == {"entry": "basic", "exit": "basic"}
    lines = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert len(lines) == 2
    assert lines[0].startswith(f"tradervue.refused kind=entry trade={trade.id}")
    assert lines[1].startswith(f"tradervue.basic symbol=CORP1 trade={trade.id}")


def test_template_of_the_user_is_not_put_into_it(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Our notes are the notes."""
    sandbox.assume(notes_template="What did I feel?")
    assert show(forwarder, refused())

    assert journal.only()["notes"].startswith("[argo ")


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("fault", ["reset_after", "reset_before", "malformed_json"])
def test_it_is_created_once_even_when_the_answer_is_lost(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    fault: str,
    times: int,
) -> None:
    """No key keeps Tradervue from making it twice, so it is looked for before."""
    sandbox.inject(fault, method="POST", path="/trades", times=times)
    assert show(forwarder, refused())

    assert [row["exec_count"] for row in journal.trades()] == [0]


def test_it_is_found_among_many_of_its_symbol(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Only its own marker proves it: trades of the same symbol are other trades."""
    trades = [host_trade(n, symbol="SAME", filled_qty=0.5) for n in range(1, 6)]
    sandbox.inject("reset_after", method="POST", path="/trades", times=2)
    forwarder.enter(*trades)
    assert forwarder.run(seconds=3000)

    ids = [MARKER.findall(journal.trade(t["id"])["notes"]) for t in journal.trades()]
    assert sorted(ids) == [[trade.id] for trade in trades]


def test_exit_of_a_refused_entry_completes_its_notes(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """There is one basic trade, and in the end it says how it ended."""
    trade = refused()
    forwarder.enter(trade)
    assert forwarder.run()
    assert "Result" not in journal.only()["notes"]
    forwarder.leave(trade)
    assert forwarder.run()

    assert "Result: win" in journal.only()["notes"]
    assert forwarder.states(trade) == {"entry": "basic", "exit": "basic"}


def test_deleted_basic_trade_is_not_made_again(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """A person has decided."""
    trade = refused()
    forwarder.enter(trade)
    assert forwarder.run()
    sandbox.person("argo").delete_trade(int(journal.only()["id"]))
    forwarder.leave(trade)
    assert forwarder.run()

    assert journal.trades() == []


def test_it_is_withdrawn_when_the_full_sync_succeeds(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """One trade stands there, with executions, and with what people wrote."""
    assert show(forwarder, refused())
    person, basic_id = sandbox.person("argo"), int(journal.only()["id"])
    notes = journal.only()["notes"]
    person.write_notes(basic_id, f"First line\nSecond line\n\n{notes}\n\nLast line")
    person.tag(basic_id, "argo", "basic-sync", "mine")
    person.share(basic_id)
    trade = correct(forwarder)

    full = journal.only()
    assert full["id"] != basic_id
    assert differences(journal, [vars(trade)]) == []
    text = full["notes"].replace("\r\n", "\n")
    for line in ("First line\nSecond line", "Last line"):
        assert text.count(line) == 1
    assert "mine" in full["tags"]
    assert "basic-sync" not in full["tags"]
    assert full["shared"]
    assert forwarder.counts() == {"synced": 2}


@pytest.mark.parametrize("fault", ["server_error", "reset_before", "reset_after"])
def test_what_people_wrote_moves_once_whatever_goes_wrong(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader, fault: str
) -> None:
    """Moving and deleting are two requests: the second may have to be repeated."""
    assert show(forwarder, refused())
    person, basic_id = sandbox.person("argo"), int(journal.only()["id"])
    person.write_notes(basic_id, f"One\nTwo\n\n{journal.only()['notes']}")
    sandbox.inject(fault, method="DELETE", path="/trades/*", times=4)
    correct(forwarder)

    text = journal.only()["notes"]
    assert text.count("One") == text.count("Two") == 1
    assert "\n" not in text.replace("\r\n", "")


def test_basic_trade_that_nobody_touched_leaves_no_trace(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Its block is not moved along: the full trade has one of its own."""
    assert show(forwarder, refused())
    correct(forwarder)

    assert len(MARKER.findall(journal.only()["notes"])) == 1


def test_basic_trade_with_comments_is_kept(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Comments cannot be moved: deleting would destroy them, so a person is told."""
    assert show(forwarder, refused())
    sandbox.person("argo").comment("trades", int(journal.only()["id"]), "interesting")
    correct(forwarder)

    counts = sorted(int(row["exec_count"]) for row in journal.trades())
    assert counts == [0, 2]
    assert "tradervue.basic_kept" in caplog.text


def test_withdrawn_by_a_person_before_is_fine(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Somebody was faster."""
    assert show(forwarder, refused())
    sandbox.person("argo").delete_trade(int(journal.only()["id"]))
    trade = correct(forwarder)

    assert differences(journal, [vars(trade)]) == []


def test_corrected_entry_brings_its_exit_along(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """The exit was set aside with its entry, and nobody will tell it again."""
    assert show(forwarder, refused())
    trade = host_trade(1, **FINE)
    forwarder.clock.now += 1
    forwarder.enter(trade)
    assert forwarder.run(seconds=3000)

    # The host closed 0.5 for all we know: the exit is no longer shown as refused and
    # done with while the position stands open.
    assert forwarder.states(trade)["entry"] == "synced"
    assert forwarder.states(trade)["exit"] != "basic"


def test_trade_that_is_taken_in_no_form_is_left_to_a_person(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Also the basic trade is refused: that is told, and the rest moves."""
    sandbox.inject(
        "server_error", status=400, method="POST", path="/trades", times=None
    )
    bad, good = refused(1), host_trade(2)
    forwarder.enter(bad, good)
    forwarder.leave(bad, good)
    assert forwarder.run(seconds=3000)

    assert set(forwarder.states(bad).values()) == {"quarantined"}
    assert set(forwarder.states(good).values()) == {"synced"}
    assert "tradervue.quarantined" in caplog.text


def test_basic_trades_do_not_hold_up_each_other(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """One that cannot be looked at is put off, the others are shown."""
    first = refused(1)
    forwarder.enter(first)
    assert forwarder.run()
    path = f"/trades/{journal.only()['id']}"
    sandbox.inject("server_error", status=500, path=path, times=None)
    forwarder.leave(first)
    others = [refused(n) for n in (2, 3)]
    forwarder.enter(*others)
    forwarder.run(seconds=600)

    assert sorted(row["symbol"] for row in journal.trades()) == [
        "CORP1",
        "CORP2",
        "CORP3",
    ]
    sandbox.clear_faults()
    assert forwarder.run(seconds=3000)


def test_refused_exit_makes_no_basic_trade(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Its entry stands in the journal: twice would be worse than open."""
    trade = host_trade(1)
    forwarder.enter(trade)
    assert forwarder.run()
    sandbox.inject("import_failure")
    forwarder.leave(trade)
    assert forwarder.run()

    assert differences(journal, [vars(entered(trade))]) == []
    assert forwarder.path_of(trade, Kind.EXIT)[-1] == State.QUARANTINED


def test_basic_trades_are_found_by_their_tag(
    make: Make, journal: JournalReader
) -> None:
    """Also where the operator has chosen an account tag of their own."""
    forwarder = make(account_tag="desk", tags=["bot"])
    assert show(forwarder, refused())

    assert journal.only()["tags"][:2] == ["desk", "basic-sync"]
    assert "bot" in journal.only()["tags"]

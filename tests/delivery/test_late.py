"""An exit that goes without its entry: the journal is looked at before."""

import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

import pytest

from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.outbox.records import Row
from argo_tradervue_plugin.sandbox import Person, Sandbox
from argo_tradervue_plugin.services.quarantine import discard, retry
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, changed, host_trade
from tests.journeys.reader import JournalReader, differences

LONG: Final = 30_000.0  # seconds on the forwarder's own clock
SECOND: Final = {
    "entry_timestamp": "2026-03-05T15:00:00",
    "exit_timestamp": "2026-03-05T17:00:00",
    "symbol": "AAPL",
}
MORNING: Final = [
    {"datetime": "2026-03-05T09:00:00-05:00", "quantity": "5", "price": "99"},
    {"datetime": "2026-03-05T09:05:00-05:00", "quantity": "-5", "price": "99.5"},
]

Deed = Callable[[Person, JournalReader, int], object]


@pytest.fixture
def person(sandbox: Sandbox) -> Person:
    """The owner of the journal, at work on the web."""
    return sandbox.person("argo")


def entered(forwarder: Forwarder, *trades: SimpleNamespace) -> list[int]:
    """Bring entries into the journal, some minutes ago; return where they stand."""
    forwarder.enter(*trades)
    assert forwarder.run(LONG)
    forwarder.clock.now += 300
    return [place_of(forwarder, trade) for trade in trades]


def place_of(forwarder: Forwarder, trade: SimpleNamespace) -> int:
    """Return the journal trade of a trade."""
    known = forwarder.outbox.trade(trade.id)
    assert known is not None
    assert known.journal_id is not None
    return known.journal_id


def left(forwarder: Forwarder, *trades: SimpleNamespace) -> None:
    """Record exits, and let them go as far as they do."""
    forwarder.leave(*trades)
    assert forwarder.run(LONG)


def row_of(forwarder: Forwarder, trade: SimpleNamespace, kind: Kind) -> Row:
    """Return the only execution of a leg."""
    [row] = [r for r in forwarder.outbox.of_trade(trade.id) if r.kind is kind]
    return row


def reason_of(forwarder: Forwarder, trade: SimpleNamespace) -> str:
    """Return why the exit of a trade waits."""
    return row_of(forwarder, trade, Kind.EXIT).reason or ""


def positions(journal: JournalReader) -> list[int]:
    """Return what each journal trade holds: 0 where it is closed."""
    return [
        int(sum(fill["quantity"] for fill in journal.executions(trade["id"])))
        for trade in reversed(journal.trades())
    ]


def at(time: str, quantity: int, price: str = "101") -> dict[str, object]:
    """Return an execution as a person enters it, by New York's clock."""
    moment = f"2026-03-05T{time}-05:00"
    return {"datetime": moment, "quantity": str(quantity), "price": price}


def edited(**changes: Any) -> Deed:
    """Return what corrects the entry."""

    def edit(person: Person, journal: JournalReader, place: int) -> None:
        [fill] = journal.executions(place)
        person.edit_execution(place, int(fill["id"]), **changes)

    return edit


# What a person took -----------------------------------------------------


@pytest.mark.parametrize(
    "time", ["09:00:00", "09:30:01", "12:00:00"], ids=["before", "same", "after"]
)
@pytest.mark.parametrize("account_tags", [True, False], ids=["tags", "no tags"])
def test_position_that_a_person_closed_is_left_to_them(
    make: Make,
    journal: JournalReader,
    person: Person,
    caplog: pytest.LogCaptureFixture,
    time: str,
    account_tags: bool,
) -> None:
    """At whatever second: nothing is sent, and one line says what waits."""
    forwarder = make(account_tags=account_tags)
    trade = host_trade(1)
    [place] = entered(forwarder, trade)
    person.close_position(place, "101", at=f"2026-03-05T{time}-05:00")
    with forwarder.counted() as made:
        left(forwarder, trade)

    assert "POST /imports" not in made
    assert positions(journal) == [0]
    assert forwarder.states(trade) == {"entry": "synced", "exit": "quarantined"}
    assert reason_of(forwarder, trade).startswith("closed_in_journal: 0 open")
    [line] = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert trade.id in line.getMessage()
    assert "then retry looks again, discard leaves it" in line.getMessage()


@pytest.mark.parametrize(
    "deed",
    [
        lambda person, _, place: person.add_executions(place, [at("11:00:00", -4)]),
        edited(quantity=6),
        edited(quantity=6, price="99"),
    ],
    ids=["closed in part", "edited", "edited twice"],
)
def test_exit_that_is_larger_than_what_is_open_is_not_sent(
    forwarder: Forwarder, journal: JournalReader, person: Person, deed: Deed
) -> None:
    """Its rest would open a position of the other side."""
    trade = host_trade(1)
    [place] = entered(forwarder, trade)
    deed(person, journal, place)
    left(forwarder, trade)

    assert positions(journal) == [6]
    assert reason_of(forwarder, trade) == (
        f"closed_in_journal: 6 open in journal trade {place}, 10 to send"
    )


def test_retry_looks_again_and_sends_what_is_open_by_then(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """Once the person took their close back, the exit belongs there."""
    trade = host_trade(1)
    [place] = entered(forwarder, trade)
    [close] = person.close_position(place, "101", at="2026-03-05T12:00:00-05:00")
    left(forwarder, trade)
    retry(forwarder.outbox, trade.id)
    assert forwarder.run(LONG)
    assert reason_of(forwarder, trade).startswith("closed_in_journal")

    person.delete_execution(place, close)
    retry(forwarder.outbox, trade.id)
    assert forwarder.run(LONG)

    assert differences(journal, [vars(trade)]) == []
    assert forwarder.counts() == {"synced": 2}


def test_discard_leaves_what_a_person_closed(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """It stays as they did it, whatever the host records again."""
    trade = host_trade(1)
    [place] = entered(forwarder, trade)
    person.close_position(place, "101", at="2026-03-05T12:00:00-05:00")
    left(forwarder, trade)
    discard(forwarder.outbox, trade.id)
    left(forwarder, trade)

    assert positions(journal) == [0]
    assert forwarder.states(trade) == {"entry": "synced", "exit": "discarded"}


def test_parts_of_an_exit_go_one_after_the_other(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Its own earlier parts took from it, and nobody else."""
    trade = host_trade(1)
    entered(forwarder, trade)
    left(forwarder, part_of(trade, 4, "2026-03-05T16:00:00"))
    forwarder.clock.now += 300
    assert positions(journal) == [6]
    left(forwarder, part_of(trade, 6, "2026-03-05T17:00:00"))

    assert positions(journal) == [0]
    assert forwarder.counts() == {"synced": 3}


def part_of(trade: SimpleNamespace, size: int, time: str) -> SimpleNamespace:
    """Return what a host records of an exit in parts."""
    facts = {"quantity": size, "filled_qty": size, "exit_timestamp": time}
    return changed(trade, **facts)


def test_later_part_waits_where_a_person_closed_the_rest(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """4 of 10 are closed by us, 6 by them."""
    trade = host_trade(1)
    [place] = entered(forwarder, trade)
    left(forwarder, part_of(trade, 4, "2026-03-05T16:00:00"))
    person.close_position(place, "101", at="2026-03-05T11:30:00-05:00")
    left(forwarder, part_of(trade, 6, "2026-03-05T17:00:00"))

    assert positions(journal) == [0]
    parts = [row for row in forwarder.outbox.of_trade(trade.id) if row.part == 2]
    assert [str(row.reason) for row in parts] == [
        f"closed_in_journal: 0 open in journal trade {place}, 6 to send"
    ]


def test_execution_that_a_person_deleted_from_among_others_is_missed(
    make: Make, journal: JournalReader, person: Person
) -> None:
    """Without account tags the journal trade goes on with another trade of ours."""
    forwarder = make(account_tags=False)
    trades = [host_trade(1, symbol="AAPL"), host_trade(2, **SECOND)]
    place, _ = entered(forwarder, *trades)
    first, _ = journal.executions(place)
    person.delete_execution(place, int(first["id"]))
    left(forwarder, *trades)

    assert positions(journal) == [0]
    assert set(forwarder.states(trades[0]).values()) == {"quarantined"}
    assert row_of(forwarder, trades[0], Kind.EXIT).reason == "deleted"
    assert set(forwarder.states(trades[1]).values()) == {"synced"}


def test_growth_of_an_entry_that_a_person_deleted_opens_nothing(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """They merged it with another of ours first: that one is none of its business."""
    grown, other = (
        host_trade(1, symbol="AAPL", partial_fill=True),
        host_trade(2, **SECOND),
    )
    first = changed(grown, filled_qty=3)
    merged = person.merge(*entered(forwarder, first, other))
    fills = journal.executions(merged)
    person.delete_execution(merged, int(fills[0]["id"]))
    forwarder.enter(grown)
    assert forwarder.run(LONG)
    left(forwarder, grown)

    assert positions(journal) == [10]
    rows = forwarder.outbox.of_trade(grown.id)
    assert {str(row.state) for row in rows} == {"quarantined"}
    assert next(row.reason for row in rows) == "deleted"


# Where the entry stands -----------------------------------------------------


@pytest.mark.parametrize("form", ["first", "kept", "none"])
def test_exits_of_trades_that_a_person_merged_wait_for_one_account_tag(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    person: Person,
    form: str,
) -> None:
    """With several or none it is anybody's guess where they would go."""
    sandbox.assume(merged_account_tag=form)
    trades = [host_trade(1, symbol="AAPL"), host_trade(2, **SECOND)]
    merged = person.merge(*entered(forwarder, *trades))
    left(forwarder, *trades)

    assert positions(journal) == [20]
    carried = {"none": "none of our account tags"}.get(form, "argo and argo-2")
    for trade in trades:
        assert reason_of(forwarder, trade) == (
            f"merged: journal trade {merged} carries {carried}"
        )
    person.tag(merged, "argo-2", "mine")
    for trade in trades:
        retry(forwarder.outbox, trade.id)
    assert forwarder.run(LONG)

    assert positions(journal) == [0]
    assert forwarder.counts() == {"synced": 4}
    for trade in trades:
        assert row_of(forwarder, trade, Kind.EXIT).account_tag == "argo-2"


def test_exit_goes_under_the_one_account_tag_that_a_person_left(
    forwarder: Forwarder,
    journal: JournalReader,
    person: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is none of ours to ask why; one line says it."""
    caplog.set_level(logging.INFO)
    trade = host_trade(1)
    [place] = entered(forwarder, trade)
    person.tag(place, "argo-7", "mine")
    left(forwarder, trade)

    assert differences(journal, [vars(trade)]) == []
    lines = [r.getMessage() for r in caplog.records if "account_tag=" in r.getMessage()]
    assert len(lines) == 1
    assert "account_tag=argo-7" in lines[0]


def test_exit_of_an_entry_that_a_person_typed_in_waits(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """The entry is linked; the exit would open a position under our account tag."""
    trade = host_trade(1)
    person.create_trade("CORP1", [at("09:30:01", 10, "100.25")])
    [place] = entered(forwarder, trade)
    left(forwarder, trade)

    assert positions(journal) == [10]
    assert reason_of(forwarder, trade) == (
        f"merged: journal trade {place} carries none of our account tags"
    )
    person.tag(place, "argo")
    retry(forwarder.outbox, trade.id)
    assert forwarder.run(LONG)
    assert positions(journal) == [0]
    assert forwarder.counts() == {"synced": 2}


def test_exit_follows_its_entry_that_a_person_split_off(
    make: Make, journal: JournalReader, person: Person
) -> None:
    """Ids of journal trades are no identities: the execution is found again."""
    forwarder = make(account_tags=False)
    trades = [host_trade(1, symbol="AAPL"), host_trade(2, **SECOND)]
    place, _ = entered(forwarder, *trades)
    _, second = journal.executions(place)
    made = person.split(place, [int(second["id"])])
    left(forwarder, *trades)

    assert forwarder.counts() == {"synced": 4}
    assert place_of(forwarder, trades[1]) == made
    assert sum(positions(journal)) == 0


def test_trade_that_a_person_merged_into_their_own_is_closed_there(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """What they bought and sold before took nothing of ours."""
    trade = host_trade(1)
    [place] = entered(forwarder, trade)
    merged = person.merge(person.create_trade("CORP1", MORNING), place)
    left(forwarder, trade)

    assert positions(journal) == [0]
    assert place_of(forwarder, trade) == merged
    assert forwarder.counts() == {"synced": 2}


def test_free_plan_that_ignores_account_tags_has_its_exits(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """No journal trade carries a tag there, and the operator reads why."""
    sandbox.assume(plan="free", account_tag_on_free="ignored")
    forwarder = make()
    trade = host_trade(1)
    entered(forwarder, trade)
    left(forwarder, trade)

    assert positions(journal) == [0]
    assert forwarder.counts() == {"synced": 2}


@pytest.mark.parametrize("before", [True, False], ids=["with", "without"])
def test_exit_goes_where_its_entry_is_after_a_change_of_the_setting(
    make: Make, journal: JournalReader, before: bool
) -> None:
    """Under the account tag of then, or none: its position is there."""
    trade = host_trade(1)
    entered(make(account_tags=before), trade)
    forwarder = make(account_tags=not before)
    left(forwarder, trade)

    assert differences(journal, [vars(trade)]) == []
    assert forwarder.counts() == {"synced": 2}


# Equal to what a person entered -----------------------------------------------------


def test_exit_that_a_person_entered_is_ours_too(
    forwarder: Forwarder,
    journal: JournalReader,
    person: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is linked, nothing is sent, and one calm line says who entered it."""
    caplog.set_level(logging.INFO)
    trade = host_trade(1)
    [place] = entered(forwarder, trade)
    person.close_position(place, "103.5", at="2026-03-05T11:45:09-05:00")
    with forwarder.counted() as made:
        left(forwarder, trade)

    assert "POST /imports" not in made
    assert differences(journal, [{**vars(trade), "commission": None}]) == []
    lines = [r for r in caplog.records if "entered_by_hand" in r.getMessage()]
    assert [line.levelno for line in lines] == [logging.INFO]
    assert "✅ Tradervue exit synced" in caplog.text


@pytest.mark.parametrize("account_tags", [True, False], ids=["tags", "no tags"])
def test_equal_exit_in_a_trade_of_a_person_leaves_ours_to_them(
    make: Make, journal: JournalReader, person: Person, account_tags: bool
) -> None:
    """Theirs closes theirs: retry sends ours as well, with duplicates allowed."""
    forwarder = make(account_tags=account_tags)
    trade = host_trade(1)
    entered(forwarder, trade)
    rows = [at("09:10:00", 10, "98"), at("11:45:09", -10, "103.5")]
    theirs = person.create_trade("CORP1", rows)
    left(forwarder, trade)

    assert sorted(positions(journal)) == [0, 10]
    assert reason_of(forwarder, trade) == f"equal_exists: journal trade {theirs}"
    assert row_of(forwarder, trade, Kind.EXIT).journal_id is None

    retry(forwarder.outbox, trade.id)
    assert forwarder.run(LONG)

    assert positions(journal) == [0, 0]
    assert forwarder.counts() == {"synced": 2}
    assert row_of(forwarder, trade, Kind.EXIT).journal_id == place_of(forwarder, trade)


def test_equal_exit_of_a_person_can_be_left_at_that(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """Discarded, ours is not sent."""
    trade = host_trade(1)
    entered(forwarder, trade)
    person.create_trade("CORP1", [at("11:45:09", -10, "103.5")])
    left(forwarder, trade)
    discard(forwarder.outbox, trade.id)
    left(forwarder, trade)

    assert sorted(positions(journal)) == [-10, 10]
    assert forwarder.states(trade)["exit"] == "discarded"


def test_trade_that_a_person_typed_in_whole_is_linked(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """Entry and exit are in one trade of theirs: nothing more is to be done."""
    trade = host_trade(1)
    rows = [at("09:30:01", 10, "100.25"), at("11:45:09", -10, "103.5")]
    person.create_trade("CORP1", rows)
    forwarder.enter(trade)
    left(forwarder, trade)

    assert positions(journal) == [0]
    assert forwarder.counts() == {"synced": 2}


def test_twin_of_ours_elsewhere_does_not_stand_for_an_exit(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """Two equal positions: a person closes one at the price at which we close both."""
    trades = [host_trade(n, symbol="AAPL") for n in (1, 2)]
    first, _ = entered(forwarder, *trades)
    left(forwarder, trades[1])
    forwarder.clock.now += 300
    person.close_position(first, "103.5", at="2026-03-05T11:45:09-05:00")
    left(forwarder, trades[0])

    assert positions(journal) == [0, 0]
    assert forwarder.counts() == {"synced": 4}


@pytest.mark.parametrize("has_grown", [False, True], ids=["exit", "entry"])
def test_nothing_goes_to_a_trade_of_which_a_person_split_a_part_off(
    forwarder: Forwarder, journal: JournalReader, person: Person, has_grown: bool
) -> None:
    """Both are open under one account tag: an exit could make the wrong one larger."""
    trade = host_trade(1, filled_qty=6 if has_grown else 10)
    part = {"filled_qty": 4, "exit_timestamp": "2026-03-05T15:00:00"}
    [place] = entered(forwarder, trade)
    if has_grown:
        forwarder.enter(host_trade(1))
    else:
        forwarder.leave(host_trade(1, **part))
    assert forwarder.run(LONG)
    forwarder.clock.now += 300
    _, second = journal.executions(place)
    made = person.split(place, [int(second["id"])])
    before = positions(journal)
    forwarder.leave(host_trade(1, **({} if has_grown else {"filled_qty": 6})))
    assert forwarder.run(LONG)

    assert positions(journal) == before
    last = forwarder.outbox.of_trade(trade.id)[-1]
    assert last.reason == (
        f"split: journal trades {place} and {made} are open under its account tag"
    )

    person.merge(place, made)
    retry(forwarder.outbox, trade.id)
    assert forwarder.run(LONG)
    assert positions(journal) == [0]


def test_nothing_goes_beside_what_a_person_left_open_under_the_account_tag(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """They sold some by hand and split the entry off: their short is open as well."""
    trade = host_trade(1)
    [place] = entered(forwarder, trade)
    [entry] = journal.executions(place)
    person.add_executions(place, [at("10:00:00", -4)])
    made = person.split(place, [int(entry["id"])])
    left(forwarder, trade)

    assert sorted(positions(journal)) == [-4, 10]
    expected = (
        f"split: journal trades {made} and {place} are open under its account tag"
    )
    assert reason_of(forwarder, trade) == expected
    retry(forwarder.outbox, trade.id)
    assert forwarder.run(LONG)
    assert sorted(positions(journal)) == [-4, 10]

    person.delete_trade(place)
    retry(forwarder.outbox, trade.id)
    assert forwarder.run(LONG)
    assert positions(journal) == [0]


# What it costs -----------------------------------------------------


def test_look_costs_one_request(forwarder: Forwarder) -> None:
    """The journal trade alone tells that nobody touched it."""
    trade = host_trade(1)
    entered(forwarder, trade)
    forwarder.leave(trade)
    with forwarder.counted() as made:
        forwarder.step_until(lambda: forwarder.states(trade)["exit"] == "linked")

    assert made == {
        "GET /trades/{id}": 1,
        "POST /imports": 1,
        "GET /imports": 1,
        "GET /trades": 1,
    }


def test_many_looks_cost_one_request(forwarder: Forwarder) -> None:
    """After an outage a page of the list serves a hundred exits."""
    trades = [host_trade(number) for number in range(1, 31)]
    entered(forwarder, *trades)
    forwarder.leave(*trades)
    with forwarder.counted() as made:
        forwarder.step_until(lambda: forwarder.counts().get("linked") == len(trades))

    assert made["GET /trades"] == 2
    assert "GET /trades/{id}" not in made


def test_exit_that_goes_with_its_entry_costs_no_look(forwarder: Forwarder) -> None:
    """There is nothing there that somebody could have touched."""
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.leave(trade)
    with forwarder.counted() as made:
        forwarder.step_until(lambda: forwarder.states(trade)["exit"] == "linked")

    assert made == {"POST /imports": 1, "GET /imports": 1, "GET /trades": 1}

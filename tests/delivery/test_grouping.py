"""How what we sent is grouped in the journal, and what is said of it."""

import logging
from types import SimpleNamespace
from typing import Any, Final

import pytest

from argo_tradervue_plugin.delivery import linker
from argo_tradervue_plugin.outbox.records import Outcome
from argo_tradervue_plugin.sandbox import Person, Sandbox
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, host_trade
from tests.journeys.reader import JournalReader, differences

LONG: Final = 30_000.0  # seconds on the forwarder's own clock
DAY: Final = 86_400.0


@pytest.fixture
def person(sandbox: Sandbox) -> Person:
    """The owner of the journal, at work on the web."""
    return sandbox.person("argo")


def between(number: int, entry: str, exit_: str) -> SimpleNamespace:
    """Return a trade in AAPL that was open between two times of one day (UTC)."""
    return host_trade(
        number,
        symbol="AAPL",
        entry_timestamp=f"2026-03-05T{entry}",
        exit_timestamp=f"2026-03-05T{exit_}",
    )


MORNING: Final = between(1, "14:30:00", "14:40:00")
NEXT: Final = between(2, "14:45:00", "14:55:00")
OVERLAPPING: Final = between(2, "14:35:00", "14:45:00")


def closed(forwarder: Forwarder, *trades: SimpleNamespace) -> None:
    """Bring whole trades into the journal, one import each."""
    for trade in trades:
        forwarder.enter(trade)
        forwarder.leave(trade)
        assert forwarder.run(LONG)


def place_of(forwarder: Forwarder, trade: SimpleNamespace) -> int:
    """Return the journal trade of a trade."""
    known = forwarder.outbox.trade(trade.id)
    assert known is not None
    assert known.journal_id is not None
    return known.journal_id


def outcomes_of(forwarder: Forwarder, trade: SimpleNamespace) -> list[Outcome]:
    """Return what a person should know of a trade."""
    return forwarder.outbox.outcomes_of([trade.id]).get(trade.id, [])


def codes_of(forwarder: Forwarder, *trades: SimpleNamespace) -> list[list[str]]:
    """Return the codes of each trade's outcomes."""
    return [[o.code for o in outcomes_of(forwarder, trade)] for trade in trades]


def lines(
    caplog: pytest.LogCaptureFixture, word: str, level: int = logging.INFO
) -> list[str]:
    """Return what was logged with *word* in it, at *level* or above."""
    found = [r for r in caplog.records if r.levelno >= level]
    return [r.getMessage() for r in found if word in r.getMessage()]


def read_again(forwarder: Forwarder, *trades: SimpleNamespace) -> None:
    """Let the host learn something that only our notes say."""
    for trade in trades:
        forwarder.clock.now += 1
        trade.exit_regime = f"{forwarder.clock.now}"
        forwarder.leave(trade)
    assert forwarder.run(LONG)


# Joined -------------------------------------------------------------------------------


def test_trades_that_overlap_in_one_journal_trade_are_joined(
    make: Make, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Both are: what was synced before learns it, too, and neither gets a tick."""
    caplog.set_level(logging.INFO)
    sandbox.assume(plan="free", account_tag_on_free="tag")
    forwarder = make()
    closed(forwarder, MORNING)
    assert len(lines(caplog, "✅")) == 2
    closed(forwarder, OVERLAPPING)

    assert codes_of(forwarder, MORNING, OVERLAPPING) == [["joined"], ["joined"]]
    assert forwarder.counts() == {"synced": 4}
    assert len(lines(caplog, "✅")) == 2
    place = place_of(forwarder, MORNING)
    [outcome] = outcomes_of(forwarder, MORNING)
    assert outcome.journal == f"journal trade {place} is that of {OVERLAPPING.id}, too"
    assert len(lines(caplog, "code=joined", logging.WARNING)) == 2


def test_joined_is_said_once(
    make: Make, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """What is as it was is no news, however often it is read."""
    sandbox.assume(plan="free", account_tag_on_free="tag")
    forwarder = make()
    trades = [SimpleNamespace(**vars(trade)) for trade in (MORNING, OVERLAPPING)]
    closed(forwarder, *trades)
    since = [outcomes_of(forwarder, trade)[0].since for trade in trades]
    caplog.clear()
    read_again(forwarder, *trades, *trades)

    assert [outcomes_of(forwarder, trade)[0].since for trade in trades] == since
    assert lines(caplog, "joined") == []


def test_trade_among_executions_of_a_person_is_joined(
    forwarder: Forwarder,
    journal: JournalReader,
    person: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """They merged it into one of their own; it gets no tick, and one line."""
    caplog.set_level(logging.INFO)
    trade = between(1, "14:30:00", "14:40:00")
    forwarder.enter(trade)
    assert forwarder.run(LONG)
    rows = [
        {"datetime": "2026-03-05T09:00:00-05:00", "quantity": "5", "price": "99"},
        {"datetime": "2026-03-05T09:05:00-05:00", "quantity": "-5", "price": "99.5"},
    ]
    merged = person.merge(person.create_trade("AAPL", rows), place_of(forwarder, trade))
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    [outcome] = outcomes_of(forwarder, trade)
    assert outcome.code == "joined"
    assert outcome.journal == (
        f"journal trade {merged} holds 2 execution(s) that are not ours"
    )
    [line] = lines(caplog, "code=joined", logging.WARNING)
    assert line.startswith("tradervue.joined")
    assert lines(caplog, "✅ Tradervue exit") == []


def test_exit_in_another_journal_trade_than_its_entry_is_joined(
    forwarder: Forwarder,
    journal: JournalReader,
    person: Person,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A person split them before they were read: both ids are named, once."""
    trade = between(1, "14:30:00", "14:40:00")
    forwarder.enter(trade)
    assert forwarder.run(LONG)
    place = place_of(forwarder, trade)
    made: list[int] = []
    read_back = linker.read_back

    def after_a_split(*told: Any, **more: Any) -> Any:
        _, second = journal.executions(place)
        made.append(person.split(place, [int(second["id"])]))
        monkeypatch.undo()
        return read_back(*told, **more)

    monkeypatch.setattr(linker, "read_back", after_a_split)
    forwarder.leave(trade)
    assert forwarder.run(LONG)

    [outcome] = outcomes_of(forwarder, trade)
    assert outcome.code == "joined"
    assert outcome.journal == (
        f"its executions are in journal trades {place} and {made[0]}"
    )
    assert forwarder.counts() == {"synced": 2}
    read_again(forwarder, trade)
    assert len(lines(caplog, "joined", logging.WARNING)) == 1


def test_joined_goes_away_when_a_person_splits_the_trades(
    make: Make, sandbox: Sandbox, journal: JournalReader, person: Person
) -> None:
    """The journal is as the host recorded it again."""
    sandbox.assume(plan="free", account_tag_on_free="tag")
    forwarder = make()
    trades = [SimpleNamespace(**vars(trade)) for trade in (MORNING, OVERLAPPING)]
    closed(forwarder, *trades)
    place = place_of(forwarder, trades[0])
    fills = journal.executions(place)
    second = [int(fill["id"]) for fill in fills if fill["datetime"][14:16] in "35 45"]
    person.split(place, second)
    read_again(forwarder, trades[0])

    assert codes_of(forwarder, trades[0]) == [[]]


@pytest.mark.parametrize("assumed", [{}, {"merge_mode": "force_merge"}], ids=str)
def test_without_account_tags_nothing_is_joined(
    make: Make,
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
    assumed: dict[str, object],
) -> None:
    """Netting is what the operator chose: every execution stands there once."""
    caplog.set_level(logging.INFO)
    sandbox.assume(**assumed)
    forwarder = make(account_tags=False)
    closed(forwarder, MORNING, OVERLAPPING)

    assert codes_of(forwarder, MORNING, OVERLAPPING) == [[], []]
    assert len(lines(caplog, "✅")) == 4
    assert lines(caplog, "tradervue.merges") == lines(caplog, "continued") == []


def test_plain_trades_cost_no_look_at_their_executions(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """A row of the journal tells that there is nothing else in it."""
    trades = [host_trade(number) for number in (1, 2, 3)]
    with forwarder.counted() as made:
        closed(forwarder, *trades)

    assert "GET /trades/{id}/executions" not in made
    assert differences(journal, map(vars, trades)) == []


# The account --------------------------------------------------------------------------


def test_continued_trades_are_said_once_a_day_with_the_setting_that_helps(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """One calm line, no outcome, ✅ for both; by whatever process."""
    caplog.set_level(logging.INFO)
    forwarder = make(slot_cooldown_hours=0)
    third = between(3, "14:57:00", "14:58:00")
    closed(forwarder, MORNING, NEXT)
    forwarder.succeed()
    closed(forwarder, third)

    assert codes_of(forwarder, MORNING, NEXT, third) == [[], [], []]
    assert len(lines(caplog, "✅")) == 6
    said = [r for r in caplog.records if "tradervue.continued" in r.getMessage()]
    assert [r.levelno for r in said] == [logging.INFO]
    assert "slot_cooldown_hours" in said[0].getMessage()
    forwarder.clock.now += DAY
    read_again(forwarder, third)
    assert len(lines(caplog, "tradervue.continued")) == 2


def test_last_of_the_continued_trades_may_be_open(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """It opened after the other closed."""
    caplog.set_level(logging.INFO)
    forwarder = make(slot_cooldown_hours=0)
    closed(forwarder, MORNING)
    forwarder.enter(NEXT)
    assert forwarder.run(LONG)

    assert codes_of(forwarder, MORNING, NEXT) == [[], []]
    assert len(lines(caplog, "✅")) == 3


def test_account_that_merges_everything_is_said_so_once(
    make: Make, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Hours apart, and one trade in the journal: no cool-down keeps them apart."""
    sandbox.assume(merge_mode="force_merge")
    forwarder = make(slot_cooldown_hours=1)
    closed(
        forwarder,
        MORNING,
        between(2, "16:30:00", "16:40:00"),
        between(3, "18:30:00", "18:40:00"),
    )

    said = [r for r in caplog.records if "tradervue.merges" in r.getMessage()]
    assert [r.levelno for r in said] == [logging.WARNING]
    assert "slot_cooldown_hours=1" in said[0].getMessage()
    assert lines(caplog, "tradervue.continued") == []
    assert forwarder.outbox.outcome_counts() == {}


def test_account_without_account_tags_is_said_so_once(
    make: Make, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """What was sent with a tag has none: the line names the setting."""
    sandbox.assume(plan="free", account_tag_on_free="ignored")
    forwarder = make()
    closed(forwarder, host_trade(1), host_trade(2))
    forwarder.succeed()
    closed(forwarder, host_trade(3))

    [line] = lines(caplog, "tradervue.account_tags")
    assert '"account_tags": false' in line


def test_tag_that_a_person_took_away_says_nothing_of_the_account(
    forwarder: Forwarder, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does a trade that a person typed in before."""
    typed = host_trade(2)
    moment = "2026-03-05T09:30:01-05:00"
    rows = [{"datetime": moment, "quantity": "10", "price": "100.25"}]
    person.create_trade("CORP2", rows)
    trade = host_trade(1)
    forwarder.enter(trade, typed)
    assert forwarder.run(LONG)
    person.tag(place_of(forwarder, trade), "mine")
    read_again(forwarder, trade, typed)

    assert lines(caplog, "tradervue.account_tags") == []


def test_second_outbox_on_the_login_is_said_once_a_day(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """Under our account tag are executions that this outbox never sent."""
    other = make("other.db")
    closed(other, host_trade(1), host_trade(2))
    caplog.clear()
    forwarder = make("ours.db")
    closed(forwarder, host_trade(3), host_trade(4))

    [line] = lines(caplog, "tradervue.strangers")
    assert "another outbox" in line
    forwarder.clock.now += DAY
    closed(forwarder, host_trade(5))
    assert len(lines(caplog, "tradervue.strangers")) == 2


def test_trades_of_ours_are_no_strangers(
    make: Make, person: Person, journal: JournalReader, caplog: pytest.LogCaptureFixture
) -> None:
    """Split, edited, without account tags: what this outbox sent is its own."""
    forwarder = make(slot_cooldown_hours=0)
    closed(forwarder, MORNING, NEXT)
    place = place_of(forwarder, MORNING)
    fills = [int(fill["id"]) for fill in journal.executions(place)]
    person.split(place, fills[2:])
    person.edit_execution(place, fills[0], at="2026-03-05T09:29:00-05:00")
    closed(forwarder, host_trade(5))

    assert lines(caplog, "tradervue.strangers") == []


def test_execution_of_another_outbox_in_a_trade_of_ours_is_joined(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """Both forward under one account tag: their positions meet."""
    forwarder, other = make("ours.db"), make("other.db")
    forwarder.enter(between(1, "14:30:00", "14:50:00"))
    assert forwarder.run(LONG)
    other.enter(between(2, "14:35:00", "14:45:00"))
    assert other.run(LONG)
    read_again(other, between(2, "14:35:00", "14:45:00"))

    [[code]] = codes_of(other, between(2, "14:35:00", "14:45:00"))
    assert code == "joined"
    assert "not ours" in lines(caplog, "code=joined")[0]


def test_entry_of_which_a_stranger_took_a_part_is_joined(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """It closed what was open under our account tag: only the rest is a position."""
    short = {
        "datetime": "2026-03-05T09:20:00-05:00",
        "symbol": "AAPL",
        "quantity": "-4",
        "price": "99",
    }
    journal.post_import(short, account_tag="argo")
    forwarder.enter(MORNING)
    assert forwarder.run(LONG)

    assert sorted(int(row["volume"]) for row in journal.trades()) == [6, 8]
    [outcome] = outcomes_of(forwarder, MORNING)
    assert outcome.code == "joined"

"""A trade in the journal is replaced by what the host has now: deleted, sent anew."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import attrs
import pytest

from argo_tradervue_plugin.delivery.resend import Kept
from argo_tradervue_plugin.delivery.survey import refusal_by_state
from argo_tradervue_plugin.matching.notes import people_wrote
from argo_tradervue_plugin.model.executions import EventKind, Kind
from argo_tradervue_plugin.model.reasons import code_of
from argo_tradervue_plugin.outbox.records import Recorded, ResendStage, Row, State
from argo_tradervue_plugin.sandbox import Person, Sandbox
from argo_tradervue_plugin.services.quarantine import retry
from argo_tradervue_plugin.services.resends import Progress, progress
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, entered, host_trade
from tests.delivery.test_crash_points import MOST_PLACES, Died, Fate, MortalForwarder
from tests.journeys.reader import JournalReader, differences

LONG: Final = 3000.0  # seconds on the forwarder's own clock


@pytest.fixture
def person(sandbox: Sandbox) -> Person:
    """The owner of the journal, at work on the web."""
    return sandbox.person("argo")


def ask(
    forwarder: Forwarder, *trades: SimpleNamespace, drops_comments: bool = False
) -> None:
    """Ask for trades to be sent again, as the command does."""
    with forwarder.outbox.maintain() as writer:
        for trade in trades:
            writer.ask_resend(
                trade.id, drops_comments=drops_comments, now=forwarder.clock()
            )


def correct(forwarder: Forwarder, trade: SimpleNamespace) -> None:
    """Let the host store a trade again, outside its record methods."""
    event = Recorded.of(trade, EventKind.CORRECTION, forwarder.clock())
    forwarder.outbox.record(event)


def deliver(forwarder: Forwarder, *trades: SimpleNamespace) -> None:
    """Bring closed trades into the journal."""
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    assert forwarder.run()


def deliver_some_time(forwarder: Forwarder, *trades: SimpleNamespace) -> None:
    """Bring closed trades into the journal, and all that waits there."""
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    assert forwarder.run(LONG)


def how_far(forwarder: Forwarder, trade: SimpleNamespace) -> Progress:
    """Return how far the resend of a trade is."""
    return progress(forwarder.outbox, trade.id)


def refusal(forwarder: Forwarder, trade: SimpleNamespace) -> str | None:
    """Return the code of the reason for which a resend was refused."""
    found = how_far(forwarder, trade)
    assert found.is_over
    assert not found.is_done
    return code_of(found.reason)


def stage(forwarder: Forwarder, trade: SimpleNamespace) -> ResendStage | None:
    """Return at which stage a resend is; None: there is none."""
    found = forwarder.outbox.resend_of(trade.id)
    return None if found is None else found.stage


def until(
    forwarder: Forwarder, trade: SimpleNamespace, wanted: ResendStage | None
) -> None:
    """Step until a resend is at a stage, or at its end."""
    forwarder.step_until(lambda: stage(forwarder, trade) is wanted)


def id_in(journal: JournalReader, trade: SimpleNamespace) -> int:
    """Return the journal's id of a trade, by its symbol."""
    return next(int(t["id"]) for t in journal.trades() if t["symbol"] == trade.symbol)


def changed_exit(forwarder: Forwarder, trade: SimpleNamespace) -> SimpleNamespace:
    """Deliver *trade*, and let the host correct the price of its exit afterwards."""
    deliver(forwarder, trade)
    now = corrected(trade, actual_exit_price=104.0)
    correct(forwarder, now)
    forwarder.run()
    return now


def corrected(trade: SimpleNamespace, **changes: object) -> SimpleNamespace:
    """Return *trade* as the host has it later."""
    return SimpleNamespace(
        **{**vars(trade), "updated_at": "2026-03-09T12:00:00", **changes}
    )


def test_changed_trade_stands_there_as_the_host_has_it_now(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """A price was corrected after it was sent: old trade and outcome are gone."""
    trade = host_trade()
    deliver(forwarder, trade)
    old = journal.only()["id"]
    now = corrected(trade, actual_exit_price=104.0)
    correct(forwarder, now)
    forwarder.run()
    assert set(forwarder.outbox.outcome_counts()) == {"price_changed"}
    ask(forwarder, trade)
    assert forwarder.run()

    assert how_far(forwarder, trade).is_done
    assert journal.only()["id"] != old
    assert differences(journal, [vars(now)]) == []
    assert forwarder.outbox.outcome_counts() == {}
    assert forwarder.states(trade) == {"entry": "synced", "exit": "synced"}


def test_what_people_made_of_it_moves_along(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """Notes outside our block, tags, the initial risk that they set, sharing."""
    trade = host_trade()
    now = changed_exit(forwarder, trade)
    old = journal.only()
    person.write_notes(int(old["id"]), f"Too late.\r\n{old['notes']}\r\nLearn.")
    person.tag(int(old["id"]), *old["tags"], "fomo")
    person.set_risk(int(old["id"]), "77.5")
    person.share(int(old["id"]))
    ask(forwarder, trade)
    assert forwarder.run()

    new = journal.only()
    assert new["id"] != old["id"]
    assert people_wrote(new["notes"]).split() == ["Too", "late.", "Learn."]
    assert "104" in new["notes"]
    assert {"fomo", "argo", "stock"} <= set(new["tags"])
    assert (new["initial_risk"], new["shared"]) == (Decimal("77.5"), True)
    assert now.actual_exit_price == new["exit_price"]


def test_initial_risk_that_a_person_took_away_stays_away(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """Nor is it written later, when the host records something more."""
    trade = host_trade()
    now = changed_exit(forwarder, trade)
    person.set_risk(id_in(journal, trade), None)
    ask(forwarder, trade)
    assert forwarder.run()
    assert journal.only()["initial_risk"] is None
    correct(forwarder, corrected(now, exit_regime="BEAR"))
    assert forwarder.run()
    assert journal.only()["initial_risk"] is None


def test_what_was_not_shared_is_not_shared_by_it(
    make: Make, journal: JournalReader, person: Person
) -> None:
    """Who took a trade back from the public has decided that."""
    forwarder = make(share_trades=True)
    trade = host_trade()
    changed_exit(forwarder, trade)
    assert journal.only()["shared"] is True
    person.share(id_in(journal, trade), shared=False)
    ask(forwarder, trade)
    assert forwarder.run()
    assert journal.only()["shared"] is False


GROUPINGS: Final = [
    pytest.param({}, id="as documented"),
    pytest.param({"deleted_executions": "remembered"}, id="remembered"),
    pytest.param(
        {"deleted_executions": "remembered", "duplicate_scope": "account_tag"},
        id="remembered by tag",
    ),
    pytest.param(
        {"deleted_executions": "remembered", "duplicate_precision": "day"},
        id="remembered by day",
    ),
    pytest.param({"merge_mode": "force_split"}, id="force_split"),
    pytest.param({"merge_mode": "force_merge"}, id="force_merge"),
    pytest.param({"regroup_seconds": 0}, id="no regrouping"),
    pytest.param({"late_executions": "append"}, id="late ones appended"),
    pytest.param({"account_tag_matching": "lenient"}, id="lenient tags"),
    pytest.param({"tags_put": "add"}, id="tags added"),
    pytest.param({"delete_status": 204}, id="204"),
    pytest.param({"notes_template": "Setup:\nReview:"}, id="template"),
    pytest.param({"default_initial_risk": "50"}, id="default risk"),
    pytest.param({"exit_price": "average"}, id="average"),
]


@pytest.mark.parametrize("assumed", GROUPINGS)
def test_it_stands_there_once_whatever_the_journal_is_like(
    forwarder: Forwarder,
    journal: JournalReader,
    sandbox: Sandbox,
    assumed: Mapping[str, object],
) -> None:
    """Two of three trades that overlap in one symbol are replaced, one stays."""
    sandbox.assume(**assumed)
    trades = [host_trade(n, symbol="AAPL", filled_qty=10 + n) for n in (1, 2, 3)]
    if assumed.get("merge_mode") == "force_merge":
        trades = [host_trade(n, filled_qty=10 + n) for n in (1, 2, 3)]
    deliver(forwarder, *trades)
    before = {int(t["id"]) for t in journal.trades()}
    now = [corrected(trade, actual_exit_price=104.0) for trade in trades[:2]]
    for each in now:
        correct(forwarder, each)
    forwarder.run()
    ask(forwarder, *trades[:2])
    assert forwarder.run(LONG)

    wrong = differences(journal, map(vars, [*now, trades[2]]))
    if "default_initial_risk" in assumed:  # that one is the user's
        wrong = [each for each in wrong if "initial_risk" not in each]
    assert wrong == []
    assert len(before & {int(t["id"]) for t in journal.trades()}) == 1
    assert forwarder.outbox.outcome_counts() == {}


def test_template_of_the_users_settings_stands_there_once(
    forwarder: Forwarder, journal: JournalReader, sandbox: Sandbox, person: Person
) -> None:
    """What a person wrote into it moves along, in its place."""
    sandbox.assume(notes_template="Setup:")
    trade = host_trade()
    changed_exit(forwarder, trade)
    old = journal.only()
    text = old["notes"].replace("Setup:", "Setup: breakout")
    person.write_notes(int(old["id"]), text)
    ask(forwarder, trade)
    assert forwarder.run()
    assert people_wrote(journal.only()["notes"]) == "Setup: breakout"


def test_leg_of_several_executions_becomes_one(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """An entry that grew stood there in two parts; the host has one figure."""
    trade = host_trade(filled_qty=3, quantity=10, partial_fill=True)
    forwarder.enter(trade)
    assert forwarder.run()
    full = corrected(entered(trade), filled_qty=10, actual_entry_price=101.0)
    correct(forwarder, full)
    assert forwarder.run()
    assert journal.only()["exec_count"] == 2
    ask(forwarder, trade)
    assert forwarder.run()

    assert differences(journal, [vars(full)]) == []


def test_exit_that_comes_meanwhile_goes_along(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """It is no execution of its own before the entry stands there again."""
    trade = host_trade()
    forwarder.enter(trade)
    assert forwarder.run()
    ask(forwarder, trade)
    until(forwarder, trade, ResendStage.CHECKING)
    forwarder.leave(trade)
    assert forwarder.run()
    assert differences(journal, [vars(trade)]) == []


def test_new_times_get_a_tag_that_is_free_for_them(
    make: Make, journal: JournalReader
) -> None:
    """Its exit was corrected into the time of the next trade under its tag."""
    forwarder = make(slot_cooldown_hours=0.5)
    first = host_trade(1, symbol="AAPL", exit_timestamp="2026-03-05T15:00:00")
    second = host_trade(2, symbol="AAPL", entry_timestamp="2026-03-05T16:00:00")
    deliver(forwarder, first, second)
    tags = {forwarder.outbox.account_tag_of(t.id) for t in (first, second)}
    assert tags == {"argo"}
    now = corrected(first, exit_timestamp="2026-03-05T16:30:00")
    correct(forwarder, now)
    ask(forwarder, first)
    assert forwarder.run()

    assert forwarder.outbox.account_tag_of(first.id) == "argo-2"
    assert differences(journal, map(vars, (now, second))) == []


def test_order_that_was_given_up_is_deleted_and_not_sent(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """What the host has of it has no place in a journal."""
    trade = entered(host_trade())
    forwarder.enter(trade)
    assert forwarder.run()
    correct(forwarder, corrected(trade, cancelled=True, filled_qty=0))
    forwarder.run()
    assert set(forwarder.outbox.outcome_counts()) == {"cancelled_after_delivery"}
    ask(forwarder, trade)
    assert forwarder.run()

    assert journal.trades() == []
    assert forwarder.states(trade) == {"entry": "skipped"}
    assert forwarder.outbox.outcome_counts() == {}
    found = how_far(forwarder, trade)
    assert (found.is_done, found.step) == (True, "deleted")


def test_order_that_fills_after_all_is_sent_where_deleted_ones_are_remembered(
    forwarder: Forwarder, journal: JournalReader, sandbox: Sandbox
) -> None:
    """It was deleted by a resend: later it goes with duplicates allowed."""
    sandbox.assume(deleted_executions="remembered")
    trade = host_trade()
    forwarder.enter(trade)
    assert forwarder.run()
    given_up = corrected(entered(trade), cancelled=True, filled_qty=0)
    correct(forwarder, given_up)
    ask(forwarder, trade)
    assert forwarder.run()
    correct(forwarder, corrected(entered(trade), updated_at="2026-03-10T12:00:00"))
    forwarder.leave(corrected(trade, updated_at="2026-03-10T13:00:00"))
    assert forwarder.run(LONG)
    assert differences(journal, [vars(trade)]) == []
    assert forwarder.outbox.resends(10) == []


def test_other_of_two_equal_trades_stays(
    forwarder: Forwarder, journal: JournalReader, sandbox: Sandbox
) -> None:
    """Nobody can tell their executions apart; they are counted."""
    sandbox.assume(deleted_executions="remembered")
    trades = [host_trade(n, symbol="TWIN") for n in (1, 2)]
    deliver(forwarder, *trades)
    known = forwarder.outbox.trade(trades[1].id)
    ask(forwarder, trades[0])
    assert forwarder.run(LONG)

    assert differences(journal, map(vars, trades)) == []
    assert known is not None
    assert known.journal_id in {int(t["id"]) for t in journal.trades()}


# Refused ----------------------------------------------------------------------------


def assert_untouched(
    forwarder: Forwarder, journal: JournalReader, trade: SimpleNamespace, old: object
) -> None:
    """See that the trade stands where it stood, and says so."""
    assert id_in(journal, trade) == old
    assert forwarder.states(trade) == {"entry": "synced", "exit": "synced"}
    known = forwarder.outbox.trade(trade.id)
    assert known is not None
    assert known.journal_id == old
    assert forwarder.run()


def foreign(person: Person, journal_id: int) -> None:
    """Enter by hand an execution that nobody of ours has sent."""
    row = {"datetime": "2026-03-05T15:00:00+00:00", "quantity": "1", "price": "99"}
    person.add_executions(journal_id, [row])


def comment(person: Person, journal_id: int) -> None:
    """Write a comment."""
    person.comment("trades", journal_id, "well done")


@pytest.mark.parametrize("when", [None, ResendStage.CLEARING], ids=["before", "after"])
@pytest.mark.parametrize(
    ("act", "code"), [(foreign, "holds_others"), (comment, "has_comments")]
)
def test_what_would_be_lost_is_not_deleted(
    forwarder: Forwarder,
    journal: JournalReader,
    person: Person,
    when: ResendStage | None,
    act: Callable[[Person, int], None],
    code: str,
) -> None:
    """Neither where it was there before, nor where it came at the last moment."""
    trade = host_trade()
    changed_exit(forwarder, trade)
    old = id_in(journal, trade)
    if when is None:
        act(person, old)
        ask(forwarder, trade)
    else:
        ask(forwarder, trade)
        until(forwarder, trade, when)
        act(person, old)
    with forwarder.counted() as made:
        assert forwarder.run()

    assert refusal(forwarder, trade) == code
    assert not any(key.startswith("DELETE") for key in made)
    assert_untouched(forwarder, journal, trade, old)


def test_refused_one_can_be_asked_for_again(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """With its comments dropped, the person says."""
    trade = host_trade()
    now = changed_exit(forwarder, trade)
    comment(person, id_in(journal, trade))
    ask(forwarder, trade)
    assert forwarder.run()
    assert refusal(forwarder, trade) == "has_comments"
    ask(forwarder, trade, drops_comments=True)
    assert forwarder.run()
    assert how_far(forwarder, trade).is_done
    assert differences(journal, [vars(now)]) == []


def test_trade_that_was_merged_with_another_of_ours_is_not_deleted(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """The executions of the other one would go too, whatever was accepted."""
    trades = [host_trade(n, symbol="AAPL", filled_qty=10 + n) for n in (1, 2)]
    deliver(forwarder, *trades)
    person.merge(*(int(t["id"]) for t in journal.trades()))
    ask(forwarder, *trades)
    assert forwarder.run()
    codes = {refusal(forwarder, trade) for trade in trades}
    assert codes <= {"holds_others", "moved_elsewhere"}
    assert journal.only()["exec_count"] == 4


def test_equal_trade_of_ours_in_its_journal_trade_is_not_deleted(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """Which of two equal executions is whose, nobody can tell; both are counted."""
    trades = [host_trade(n, symbol="TWIN") for n in (1, 2)]
    deliver(forwarder, *trades)
    kept = person.merge(*(int(t["id"]) for t in journal.trades()))
    known = [forwarder.outbox.trade(trade.id) for trade in trades]
    inside = next(t for t in known if t is not None and t.journal_id == kept)
    ask(forwarder, *(trade for trade in trades if trade.id == inside.trade_id))
    assert forwarder.run()
    assert journal.only()["exec_count"] == 4


def not_known(forwarder: Forwarder) -> SimpleNamespace:
    """Return a trade that nobody has recorded."""
    return host_trade(9)


def not_filled(forwarder: Forwarder) -> SimpleNamespace:
    """Return a trade that was skipped."""
    trade = entered(host_trade(9, filled_qty=0))
    forwarder.enter(trade)
    forwarder.run()
    return trade


def not_sensible(forwarder: Forwarder) -> SimpleNamespace:
    """Return a trade that is quarantined."""
    trade = entered(host_trade(9, actual_entry_price="what"))
    forwarder.enter(trade)
    forwarder.run()
    return trade


@pytest.mark.parametrize(
    ("which", "code"),
    [
        (not_known, "not_recorded"),
        (not_filled, "not_in_journal"),
        (not_sensible, "waits_for_person"),
    ],
)
def test_what_is_not_in_the_journal_is_not_replaced(
    forwarder: Forwarder,
    which: Callable[[Forwarder], SimpleNamespace],
    code: str,
) -> None:
    """It says what is to be done instead."""
    trade = which(forwarder)
    ask(forwarder, trade)
    assert forwarder.run()
    assert refusal(forwarder, trade) == code


def test_trade_that_was_found_in_the_journal_alone_is_not_replaced(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """The host has recorded nothing of it that could be sent."""
    trade = host_trade()
    deliver(forwarder, trade)
    old = journal.only()["id"]
    row = forwarder.outbox.of_trade(trade.id)[0]
    assert row.execution is not None
    with forwarder.outbox.maintain() as writer:
        writer.start_over(trade.id)
        writer.forget([trade.id])
    with forwarder.outbox.maintain() as writer:
        relinked = attrs.evolve(row.execution, trade_id="relinked")
        writer.open_trade(relinked, slot=1, account_tag="argo")
        writer.adopt(relinked, int(old), account_tag="argo", now=forwarder.clock())
    other = SimpleNamespace(id="relinked")
    ask(forwarder, other)
    assert forwarder.run()
    assert refusal(forwarder, other) == "host_unknown"
    assert journal.only()["id"] == old


def test_what_is_under_way_is_not_replaced(
    forwarder: Forwarder, journal: JournalReader, sandbox: Sandbox
) -> None:
    """Its exit is stored, and the journal does not show it yet."""
    trade = host_trade()
    forwarder.enter(trade)
    assert forwarder.run()
    old = journal.only()["id"]
    sandbox.assume(read_delay_seconds=300, read_delay_form="each_import")
    forwarder.leave(trade)
    forwarder.step_until(lambda: forwarder.is_in(State.IMPORTED))
    ask(forwarder, trade)
    until(forwarder, trade, ResendStage.REFUSED)
    assert refusal(forwarder, trade) == "under_way"
    sandbox.pass_time(400)
    assert forwarder.run(LONG)
    assert journal.only()["id"] == old
    assert differences(journal, [vars(trade)]) == []


def test_pair_that_closes_each_other_is_not_replaced(
    make: Make, journal: JournalReader
) -> None:
    """One execution stands for both; neither can go without the other."""
    forwarder = make(opposite_closes=True)
    long = host_trade(1, symbol="AAPL", stop_price=None)
    short = host_trade(
        2,
        symbol="AAPL",
        stop_price=None,
        signal_type="short",
        entry_timestamp="2026-03-05T15:30:00",
    )
    forwarder.enter(long, short)
    assert forwarder.run()
    before = journal.trades()
    ask(forwarder, long, short)
    assert forwarder.run()
    assert {refusal(forwarder, t) for t in (long, short)} == {"is_opposite"}
    assert journal.trades() == before


def row_in(state: State, **facts: object) -> Row:
    """Return an execution in *state*, which stands in the journal."""
    told: dict[str, Any] = {"journal_id": 7, "import_id": 1, **facts}
    return Row(
        seq=1,
        trade_id="t1",
        kind=Kind.ENTRY,
        part=1,
        execution=None,
        state=state,
        **told,
    )


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (row_in(State.SYNCED), None),
        (row_in(State.LINKED), None),
        (row_in(State.SYNCED, import_id=None), None),  # relinked
        (row_in(State.NEW, journal_id=None, import_id=None), "under_way"),
        (row_in(State.SENT, journal_id=None), "under_way"),
        (row_in(State.IMPORTED, journal_id=None), "under_way"),
        (row_in(State.RECORDED, journal_id=None), "under_way"),  # of unknown outcome
        (row_in(State.QUARANTINED), "waits_for_person"),
        (row_in(State.BASIC, journal_id=None), "waits_for_person"),
        (row_in(State.SKIPPED, journal_id=None, import_id=None), "not_in_journal"),
        (row_in(State.DISCARDED, journal_id=None), "not_in_journal"),
        (row_in(State.RECORDED, journal_id=None, import_id=None), "not_in_journal"),
    ],
)
def test_state_decides_whether_it_can_be_replaced(row: Row, code: str | None) -> None:
    """What is under way, or waits for a person, is left to whoever is at it."""
    assert code_of(refusal_by_state([row])) == code


def test_what_was_certainly_not_sent_is_no_obstacle() -> None:
    """An exit that waits for the quota goes along with the rest."""
    waiting = row_in(State.RECORDED, journal_id=None, import_id=None)
    assert refusal_by_state([row_in(State.SYNCED), waiting]) is None


@pytest.mark.parametrize("name", ["has_overlay", "has_basic", "has_opposite"])
def test_what_else_is_done_to_it_comes_first(name: str) -> None:
    """A commission, a basic trade, a trade of the opposite side."""
    assert refusal_by_state([row_in(State.SYNCED)], **{name: True}) is not None


# Meanwhile --------------------------------------------------------------------------


@pytest.mark.parametrize("when", [ResendStage.ASKED, ResendStage.CLEARING])
def test_trade_that_a_person_deletes_meanwhile_is_sent_again(
    forwarder: Forwarder, journal: JournalReader, person: Person, when: ResendStage
) -> None:
    """That was to be done anyway."""
    trade = host_trade()
    now = changed_exit(forwarder, trade)
    ask(forwarder, trade)
    until(forwarder, trade, when)
    person.delete_trade(id_in(journal, trade))
    assert forwarder.run()
    assert how_far(forwarder, trade).is_done
    assert differences(journal, [vars(now)]) == []


def test_trade_that_a_person_merges_meanwhile_is_not_sent_twice(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """It is gone from its place, and stands in another: nothing of it is sent."""
    trades = [
        host_trade(1, symbol="AAPL"),
        host_trade(2, symbol="AAPL", entry_timestamp="2026-03-05T14:00:00"),
    ]
    deliver(forwarder, *trades)
    ask(forwarder, trades[0])
    until(forwarder, trades[0], ResendStage.CLEARING)
    person.merge(*(int(t["id"]) for t in journal.trades()))
    assert forwarder.run(LONG)

    assert refusal(forwarder, trades[0]) == "moved_elsewhere"
    assert journal.only()["exec_count"] == 4
    known = forwarder.outbox.trade(trades[0].id)
    assert known is not None
    assert known.journal_id == journal.only()["id"]


def test_equal_trade_of_a_person_is_neither_deleted_nor_taken_for_ours(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """It was there before; only what stood beside it is replaced."""
    trade = host_trade()
    deliver(forwarder, trade)
    rows = [
        {"datetime": f"{at[:19]}+00:00", "quantity": quantity, "price": price}
        for at, quantity, price in (
            (trade.entry_timestamp, "10", "100.25"),
            (trade.exit_timestamp, "-10", "103.5"),
        )
    ]
    old, theirs = id_in(journal, trade), person.create_trade(trade.symbol, rows)
    now = corrected(trade, actual_exit_price=104.0)
    correct(forwarder, now)
    ask(forwarder, trade)
    until(forwarder, trade, ResendStage.SENT)
    standing = {int(t["id"]) for t in journal.trades()}
    assert theirs in standing
    assert old not in standing


def test_part_in_another_journal_trade_goes_with_it(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """A person split it in two; both hold nothing but ours, and both are replaced."""
    trade = host_trade()
    now = changed_exit(forwarder, trade)
    old = id_in(journal, trade)
    last = journal.executions(old)[-1]
    split = person.split(old, [int(last["id"])])
    person.write_notes(split, "An exit alone.")
    with forwarder.outbox.maintain() as writer:
        row = forwarder.outbox.of_trade(trade.id)[-1]
        writer.link(row, split, now=forwarder.clock())
    assert forwarder.run()
    ask(forwarder, trade)
    assert forwarder.run(LONG)

    assert how_far(forwarder, trade).is_done
    assert differences(journal, [vars(now)]) == []
    assert "An exit alone." in journal.only()["notes"]


def test_part_that_is_not_known_to_stand_elsewhere_is_not_deleted(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """Reconciliation links it first; then it can be replaced."""
    trade = host_trade()
    changed_exit(forwarder, trade)
    old = id_in(journal, trade)
    person.split(old, [int(journal.executions(old)[-1]["id"])])
    ask(forwarder, trade)
    assert forwarder.run()
    assert refusal(forwarder, trade) == "moved_elsewhere"
    assert len(journal.trades()) == 2


def test_executions_of_others_that_come_in_the_middle_are_waited_for(
    forwarder: Forwarder, journal: JournalReader, person: Person
) -> None:
    """One of two journal trades is deleted already: it is pending, with its reason."""
    trade = host_trade()
    now = changed_exit(forwarder, trade)
    old = id_in(journal, trade)
    split = person.split(old, [int(journal.executions(old)[-1]["id"])])
    with forwarder.outbox.maintain() as writer:
        row = forwarder.outbox.of_trade(trade.id)[-1]
        writer.link(row, split, now=forwarder.clock())
    assert forwarder.run()
    ask(forwarder, trade)
    forwarder.step_until(lambda: len(journal.trades()) == 1)
    row_ids = {int(e["id"]) for e in journal.executions(split)}
    foreign(person, split)
    assert not forwarder.run(300)
    found = how_far(forwarder, trade)
    assert (found.is_over, code_of(found.reason)) == (False, "holds_others")
    assert forwarder.states(trade) == {"entry": "recorded", "exit": "recorded"}
    assert [code_of(r) for r in forwarder.reasons(trade).values()] == ["resending"] * 2
    (strange,) = {int(e["id"]) for e in journal.executions(split)} - row_ids
    person.delete_execution(split, strange)
    assert forwarder.run(LONG)
    assert differences(journal, [vars(now)]) == []


# Outages, quotas, lags, deaths ------------------------------------------------------


@pytest.mark.parametrize("form", ["replica", "each_import"])
@pytest.mark.parametrize("delay", [5, 300])
def test_journal_that_lags_never_holds_it_twice(
    forwarder: Forwarder,
    journal: JournalReader,
    sandbox: Sandbox,
    form: str,
    delay: int,
) -> None:
    """What was sent shows late: it is waited for, and sent once."""
    trade = host_trade()
    now = changed_exit(forwarder, trade)
    sandbox.assume(
        deleted_executions="remembered",
        read_delay_seconds=delay,
        read_delay_form=form,
    )
    ask(forwarder, trade)
    passed = 0.0
    while not how_far(forwarder, trade).is_over and passed < 20_000:
        wait = max(forwarder.step(), 0.5)
        sandbox.pass_time(wait)
        passed += wait
        assert len(journal.trades()) <= 1
    sandbox.pass_time(2 * delay)
    assert how_far(forwarder, trade).is_done
    assert differences(journal, [vars(now)]) == []


def test_deletion_that_does_not_show_yet_is_waited_for(
    forwarder: Forwarder, journal: JournalReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent while the journal still shows the old one."""
    trade = host_trade()
    now = changed_exit(forwarder, trade)
    old = id_in(journal, trade)
    client = forwarder.clients[-1]
    inner = client.delete_trade
    monkeypatch.setattr(client, "delete_trade", lambda _: None)
    ask(forwarder, trade)
    until(forwarder, trade, ResendStage.CHECKING)
    with forwarder.counted() as made:
        assert not forwarder.run(300)
    assert "POST /imports" not in made
    found = forwarder.outbox.resend_of(trade.id)
    assert found is not None
    assert code_of(found.reason) == "still_shown"
    assert found.attempts > 3
    inner(old)
    assert forwarder.run(LONG)
    assert differences(journal, [vars(now)]) == []


def test_what_is_over_the_quota_is_pending_and_says_so(
    forwarder: Forwarder, journal: JournalReader, sandbox: Sandbox
) -> None:
    """It stands nowhere until the plan is another, and is not forgotten."""
    trade = host_trade()
    now = changed_exit(forwarder, trade)
    sandbox.assume(plan="free", quota=0, account_tag_on_free="tag")
    ask(forwarder, trade)
    assert not forwarder.run(300)
    found = how_far(forwarder, trade)
    assert (found.is_over, code_of(found.reason)) == (False, "quota")
    assert journal.trades() == []
    sandbox.assume(plan="gold")
    forwarder.clock.now += 90_000
    assert forwarder.run(LONG)
    assert how_far(forwarder, trade).is_done
    assert differences(journal, [vars(now)]) == []


FAULTS: Final = [
    ("GET", "/trades/*"),
    ("GET", "/trades/*/executions"),
    ("GET", "/trades"),
    ("DELETE", "/trades/*"),
    ("POST", "/imports"),
    ("GET", "/imports"),
    ("PUT", "/trades/*"),
]


@pytest.mark.parametrize(("method", "path"), FAULTS)
@pytest.mark.parametrize("name", ["server_error", "reset_after", "html_page"])
def test_outage_between_any_two_steps_loses_nothing(
    forwarder: Forwarder,
    journal: JournalReader,
    sandbox: Sandbox,
    person: Person,
    method: str,
    path: str,
    name: str,
) -> None:
    """It goes on where it was; what people wrote is there in the end."""
    trade = host_trade()
    now = changed_exit(forwarder, trade)
    old = journal.only()
    person.write_notes(int(old["id"]), f"Mine.\n{old['notes']}")
    # The client itself repeats three times what can be done twice.
    times = 1 if method == "POST" else 5
    sandbox.inject(name, method=method, path=path, times=times)
    ask(forwarder, trade)
    forwarder.run(300)
    # Where nobody knows what became of its import, a later one tells.
    later = host_trade(2)
    deliver_some_time(forwarder, later)
    assert how_far(forwarder, trade).is_done
    assert differences(journal, map(vars, (now, later))) == []
    new = journal.trade(id_in(journal, trade))
    assert people_wrote(new["notes"]) == "Mine."


def test_import_of_unknown_outcome_is_not_sent_again_on_a_guess(
    forwarder: Forwarder, journal: JournalReader, sandbox: Sandbox
) -> None:
    """With duplicates allowed it could stand there twice: a person decides."""
    trade = host_trade()
    now = changed_exit(forwarder, trade)
    sandbox.inject("reset_before", method="POST", path="/imports", times=1)
    ask(forwarder, trade)
    assert not forwarder.run(LONG)
    assert not how_far(forwarder, trade).is_over
    forwarder.clock.now += 1000
    assert forwarder.run(LONG)
    found = how_far(forwarder, trade)
    assert (found.step, found.is_done) == ("waits for a person", False)
    assert retry(forwarder.outbox, trade.id)
    assert forwarder.run(LONG)
    assert how_far(forwarder, trade).is_done
    assert differences(journal, [vars(now)]) == []


def test_successor_goes_on_at_every_stage(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Whoever has the lease next takes the next step."""
    trade = host_trade()
    now = changed_exit(forwarder, trade)
    ask(forwarder, trade)
    for each in (ResendStage.CLEARING, ResendStage.CHECKING, ResendStage.SENT, None):
        forwarder.succeed()
        until(forwarder, trade, each)
    assert forwarder.run()
    assert differences(journal, [vars(now)]) == []


def test_process_may_die_anywhere_in_it(
    sandbox: Sandbox, journal: JournalReader, tmp_path: Path
) -> None:
    """Wherever it dies, a successor finishes: nothing lost, nothing doubled."""
    for place in range(1, MOST_PLACES, 1):
        sandbox.reset()
        sandbox.assume(deleted_executions="remembered")
        path = tmp_path / f"{place}.db"
        fate = Fate(0)
        forwarder = MortalForwarder(sandbox, path, fate)
        trade = host_trade()
        now = changed_exit(forwarder, trade)
        old = journal.only()
        sandbox.person("argo").write_notes(int(old["id"]), f"Mine.\n{old['notes']}")
        ask(forwarder, trade)
        fate.passed, fate.place = 0, place
        try:
            assert forwarder.run(LONG)
            died = False
        except Died:
            died = True
        forwarder.close()
        successor = Forwarder(sandbox, path)
        successor.clock.now = forwarder.clock.now + 1000
        successor.run(300)
        later = host_trade(2)
        deliver_some_time(successor, later)
        found = how_far(successor, trade)
        successor.close()
        assert found.is_done, (place, found)
        assert differences(journal, map(vars, (now, later))) == [], place
        new = journal.trade(id_in(journal, trade))
        assert people_wrote(new["notes"]) == "Mine.", place
        if not died:
            assert place > 20
            return
    raise AssertionError("it never got through alive")


def test_only_what_was_saved_is_deleted(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """It stands in another journal trade than the one that was looked at."""
    trade = host_trade()
    changed_exit(forwarder, trade)
    old = journal.only()["id"]
    with forwarder.outbox.maintain() as writer:
        writer.ask_resend(
            trade.id,
            drops_comments=False,
            now=forwarder.clock(),
            kept=Kept(ids=(int(old) + 1,)).as_text(),
        )
    assert forwarder.run()
    assert refusal(forwarder, trade) == "moved_elsewhere"
    assert journal.only()["id"] == old


def test_history_says_what_was_done(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Each execution was held, and went its way anew, with the reason."""
    trade = host_trade()
    changed_exit(forwarder, trade)
    ask(forwarder, trade)
    assert forwarder.run()
    steps = forwarder.outbox.history(trade.id)
    told = [s.detail for s in steps if s.detail]
    assert told == ["resending", "resending", "resent", "resent"]
    assert forwarder.path_of(trade, Kind.ENTRY)[-6:] == [
        "recorded",
        "recorded",
        "sent",
        "imported",
        "linked",
        "synced",
    ]


def test_equal_execution_that_is_on_its_way_comes_first(
    forwarder: Forwarder, journal: JournalReader, sandbox: Sandbox
) -> None:
    """It may show any moment, and no one could tell whose it is."""
    one, two = host_trade(1, symbol="TWIN"), host_trade(2, symbol="TWIN")
    deliver(forwarder, one)
    sandbox.assume(read_delay_seconds=300, read_delay_form="each_import")
    forwarder.enter(two)
    forwarder.leave(two)
    forwarder.step_until(lambda: forwarder.is_in(State.IMPORTED, 2))
    ask(forwarder, one)
    until(forwarder, one, ResendStage.REFUSED)
    assert refusal(forwarder, one) == "under_way"
    sandbox.pass_time(400)
    assert forwarder.run(LONG)
    assert differences(journal, map(vars, (one, two))) == []


def test_exit_in_parts_keeps_its_parts(
    forwarder: Forwarder, journal: JournalReader, sandbox: Sandbox
) -> None:
    """All of it is deleted, and all of it is sent as the host recorded it."""
    sandbox.assume(deleted_executions="remembered")
    trade = host_trade()
    first = corrected(
        trade, quantity=4, filled_qty=4, exit_timestamp="2026-03-05T15:00:00"
    )
    last = corrected(trade, actual_exit_price=105.0, updated_at="2026-03-10T12:00:00")
    forwarder.enter(trade)
    assert forwarder.run()
    for each in (first, last):
        forwarder.leave(each)
        assert forwarder.run()
    before = journal.all_executions()
    assert len(before) == 3
    ask(forwarder, trade)
    assert forwarder.run(LONG)
    assert how_far(forwarder, trade).is_done
    assert journal.all_executions() == before
    assert forwarder.outbox.outcome_counts() == {}


@pytest.mark.parametrize("is_alone", [True, False])
def test_without_account_tags_only_what_stands_alone_is_replaced(
    make: Make, journal: JournalReader, is_alone: bool
) -> None:
    """Overlapping positions are one journal trade there, which holds them both."""
    forwarder = make(account_tags=False)
    trades = [host_trade(1), host_trade(2, filled_qty=20)]
    if not is_alone:
        trades[1].symbol = trades[0].symbol
    now = changed_exit(forwarder, trades[0])
    deliver(forwarder, trades[1])
    before = {t["id"] for t in journal.trades()}
    ask(forwarder, trades[0])
    assert forwarder.run(LONG)
    if is_alone:
        assert differences(journal, map(vars, (now, trades[1]))) == []
    else:
        assert refusal(forwarder, trades[0]) in {"holds_others", "moved_elsewhere"}
        assert {t["id"] for t in journal.trades()} == before


def test_many_are_replaced_one_after_the_other(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Each by itself, and none is forgotten."""
    trades = [host_trade(n, symbol=f"S{n % 3}") for n in range(1, 8)]
    deliver(forwarder, *trades)
    now = [corrected(trade, actual_exit_price=104.0) for trade in trades]
    for each in now:
        correct(forwarder, each)
    ask(forwarder, *trades)
    assert forwarder.run(LONG)
    assert differences(journal, map(vars, now)) == []
    assert forwarder.outbox.resends(10) == []


def test_position_that_is_open_is_replaced_and_closed_later(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Its exit goes where its entry stands by then."""
    trade = host_trade()
    forwarder.enter(trade)
    assert forwarder.run()
    now = corrected(entered(trade), actual_entry_price=99.5, entry_price=99.5)
    correct(forwarder, now)
    ask(forwarder, trade)
    assert forwarder.run()
    assert journal.only()["entry_price"] == Decimal("99.5")
    last = corrected(trade, actual_entry_price=99.5, updated_at="2026-03-10T12:00:00")
    forwarder.leave(last)
    assert forwarder.run()
    assert differences(journal, [vars(last)]) == []
    assert forwarder.outbox.outcome_counts() == {}

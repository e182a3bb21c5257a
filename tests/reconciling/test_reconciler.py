"""Host and journal compared over a real socket, and what a repair makes of it."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from argo_tradervue_plugin.errors import ApiError, BadAnswer
from argo_tradervue_plugin.matching.compare import Money
from argo_tradervue_plugin.model.capture import capture
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.model.journal import JournalExecution, JournalTrade
from argo_tradervue_plugin.model.times import EASTERN
from argo_tradervue_plugin.sandbox import Person, Sandbox
from argo_tradervue_plugin.services.reconciliation.reconciler import Reconciler, Repair
from argo_tradervue_plugin.tradervue.wire import read_list
from tests.argo.running import RunningHost
from tests.delivery.stepping import entered, host_trade, id_of
from tests.journeys.generate import generated
from tests.journeys.reader import MARKER, JournalReader, differences
from tests.reconciling.desk import (
    DAYS,
    LOGIN,
    Desk,
    Trade,
    neighbours,
    overlapping,
    typed_in,
)


def of_all_sorts() -> list[Trade]:
    """Return longs, shorts, fractions, partial fills, overlaps, twins, re-entries."""
    return [
        host_trade(1),
        host_trade(2, signal_type="short", stop_price=102.0, commission=None),
        host_trade(3, symbol="BTC-USD", quantity=0.12345678, filled_qty=0.12345678),
        host_trade(4, quantity=100, filled_qty=37, partial_fill=True),
        *overlapping(3, symbol="OVER"),
        host_trade(11, symbol="TWIN"),
        host_trade(12, symbol="TWIN"),
        host_trade(
            13,
            symbol="CORP1",
            entry_timestamp="2026-03-05T16:46:00",
            exit_timestamp="2026-03-05T17:00:00",
        ),
        entered(host_trade(14)),
        entered(
            host_trade(15, symbol="CORP14", signal_type="short", stop_price=102.25)
        ),
    ]


def numbered(trades: list[Trade]) -> list[Trade]:
    """Give each of *trades* an id of its own."""
    for number, trade in enumerate(trades, 1):
        trade.id = id_of(number)
    return trades


# One to one, to the cent ------------------------------------------------------------


def test_trades_of_all_sorts_are_matched(desk: Desk, journal: JournalReader) -> None:
    """One host trade, one journal trade; nothing else, and not a cent of difference."""
    trades = numbered(of_all_sorts())
    desk.live(*trades)
    report = desk.compare()

    assert report.is_clean
    assert len(report.matched) == len({i for _, i in report.matched}) == len(trades)
    assert report.host == report.journal
    assert report.difference == 0
    assert differences(journal, map(vars, trades)) == []


def test_seven_positions_at_a_time_in_one_symbol_are_seven_trades(
    desk: Desk, journal: JournalReader
) -> None:
    """Each in a slot of its own, with its own profit."""
    trades = overlapping(7)
    desk.live(*trades)

    tags = {row["tags"][0] for row in journal.trades()}
    assert tags == {"argo", *(f"argo-{n}" for n in range(2, 8))}
    assert len(desk.compare().matched) == 7
    assert differences(journal, map(vars, trades)) == []


@pytest.mark.parametrize(
    ("hours", "minutes", "slots"),
    [
        pytest.param(24, 60, 2, id="within-the-cool-down"),
        pytest.param(24, 25 * 60, 1, id="after-it"),
        pytest.param(0.5, 31, 1, id="after-a-short-one"),
        pytest.param(0, 1, 1, id="without-one"),
    ],
)
def test_a_slot_is_free_again_after_the_cool_down(
    open_desk: Callable[..., Desk],
    sandbox: Sandbox,
    journal: JournalReader,
    hours: float,
    minutes: int,
    slots: int,
) -> None:
    """Tradervue may continue a trade that closed a moment ago, so the tag is kept."""
    sandbox.assume(regroup_seconds=0)
    desk = open_desk(slot_cooldown_hours=hours)
    again = datetime(2026, 3, 5, 16, 45, 9) + timedelta(minutes=minutes)  # noqa: DTZ001
    trades = [
        host_trade(1, symbol="AAPL"),
        host_trade(
            2,
            symbol="AAPL",
            entry_timestamp=again.isoformat(),
            exit_timestamp=(again + timedelta(minutes=9)).isoformat(),
        ),
    ]
    for trade in trades:
        desk.live(trade)

    assert len({row["tags"][0] for row in journal.trades()}) == slots
    assert len(desk.compare().matched) == 2


def test_every_process_makes_the_same_choice_of_slots(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """The same events lead to the same account tags; a successor finds them stored."""
    trades = overlapping(5)
    tags = []
    for desk in (open_desk(), open_desk()):
        desk.forwarder.enter(*trades)
        desk.forwarder.step()
        desk.forwarder.worker.step(desk.forwarder.clock())
        found = [desk.forwarder.outbox.trade(t.id) for t in trades]
        tags.append([known and known.account_tag for known in found])
    assert tags[0] == tags[1] == ["argo", "argo-2", "argo-3", "argo-4", "argo-5"]

    desk.forwarder.worker = desk.forwarder.new_worker()  # as after a restart
    desk.forwarder.leave(*reversed(trades))
    assert desk.forwarder.run(seconds=3000)
    found = [desk.forwarder.outbox.trade(t.id) for t in trades]
    assert [known and known.account_tag for known in found] == tags[0]
    assert differences(journal, map(vars, trades)) == []


@pytest.mark.parametrize("order", ["as lived", "backwards", "mixed"])
def test_backfill_in_any_order_needs_no_more_slots_than_positions_overlap(
    desk: Desk, journal: JournalReader, order: str
) -> None:
    """A tracker tells its trades in no order; what is long closed takes no slot."""
    day = datetime(2026, 1, 5, 15)  # noqa: DTZ001 - the host's times are naive
    trades = [
        host_trade(
            n,
            symbol="AAPL",
            entry_timestamp=(day + timedelta(days=3 * n)).isoformat(),
            exit_timestamp=(day + timedelta(days=3 * n, hours=2)).isoformat(),
        )
        for n in range(1, 13)
    ]
    if order != "as lived":
        trades.reverse()
    if order == "mixed":
        trades = trades[::2] + trades[1::2]
    for trade in trades:  # entry and exit together, with all that is known by now
        desk.forwarder.record(trade, EventKind.ENTRY)
        desk.forwarder.record(trade, EventKind.EXIT)
    assert desk.forwarder.run(seconds=3000)

    assert {row["tags"][0] for row in journal.trades()} == {"argo"}
    assert differences(journal, map(vars, trades)) == []


@pytest.mark.parametrize("moment", [None, float("nan"), "", "NaT"])
def test_repair_records_no_exit_of_an_open_trade(desk: Desk, moment: object) -> None:
    """However its host writes that there is none."""
    desk.reconciler._record(host_trade(1, exit_timestamp=moment))
    desk.reconciler._record(host_trade(2))
    assert desk.forwarder.run(seconds=3000)

    assert desk.forwarder.states(id_of(1)) == {"entry": "synced"}
    assert desk.forwarder.states(id_of(2)) == {"entry": "synced", "exit": "synced"}


def test_without_account_tags_many_to_one_is_stored_and_clean(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """Netting is what the operator chose: each execution stands there exactly once."""
    desk = open_desk(account_tags=False)
    trades = [*overlapping(3), host_trade(9)]
    desk.live(*trades)
    report = desk.compare()

    ids = {desk.id_of(trade) for trade in trades[:3]}
    [together] = ids
    expected = {(trade.id, together) for trade in trades[:3]}
    assert set(report.matched) == expected | {(trades[3].id, desk.id_of(trades[3]))}
    assert report.is_clean
    assert report.shared == {}
    assert report.difference == sum(report.explained.values()) == 0
    claimed = desk.forwarder.outbox.claimed([together])
    assert claimed == {together: {t.id for t in trades[:3]}}
    notes = journal.trade(together)["notes"]
    assert sorted(MARKER.findall(notes)) == [t.id for t in trades[:3]]


@pytest.mark.parametrize(
    "meddling",
    ["one too many", "one deleted", "another price", "another size"],
)
def test_without_account_tags_every_execution_stands_exactly_once_or_is_told(
    open_desk: Callable[..., Desk],
    journal: JournalReader,
    person: Person,
    meddling: str,
) -> None:
    """However Tradervue groups them, what is not as it was sent is not clean."""
    desk = open_desk(account_tags=False)
    trades = overlapping(3)
    desk.live(*trades)
    together = desk.id_of(trades[0])
    fill = int(journal.executions(together)[1]["id"])
    if meddling == "one too many":
        copy = person.create_trade(*typed_in(trades[1]))
        person.merge(together, copy)
    elif meddling == "one deleted":
        person.delete_execution(together, fill)
    elif meddling == "another price":
        person.edit_execution(together, fill, price="99.99")
    else:
        person.edit_execution(together, fill, quantity="11")
    report = desk.compare()

    assert not report.is_clean
    assert report.shared or report.different or report.missing
    assert report.difference == sum(report.explained.values())


def test_without_account_tags_an_execution_that_is_split_stands_once(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """A short that begins inside a long turns the position round: two halves of it."""
    desk = open_desk(account_tags=False)
    trades = [
        host_trade(1, symbol="AAPL"),
        host_trade(
            2,
            symbol="AAPL",
            signal_type="short",
            quantity=15,
            filled_qty=15,
            entry_timestamp="2026-03-05T15:00:00",
            exit_timestamp="2026-03-05T17:00:00",
            stop_price=110.0,
        ),
    ]
    desk.live(*trades)

    assert len(journal.all_executions()) > 4
    report = desk.compare()
    assert report.is_clean
    assert {i for i, _ in report.matched} == {t.id for t in trades}
    assert report.difference == sum(report.explained.values())


@pytest.mark.parametrize(
    ("symbols", "expected"),
    [
        pytest.param({"BTC-USD": "XBTUSD"}, "XBTUSD", id="exact"),
        pytest.param({"*-USD": "*USD"}, "BTCUSD", id="pattern"),
        pytest.param({"*-USD": "*USD", "BTC-USD": "BTC"}, "BTC", id="exact-wins"),
    ],
)
def test_symbols_have_the_name_that_the_configuration_gives_them(
    open_desk: Callable[..., Desk],
    journal: JournalReader,
    symbols: dict[str, str],
    expected: str,
) -> None:
    """On the way out, when read back, and when compared."""
    desk = open_desk(symbols=symbols)
    desk.live(host_trade(1, symbol="BTC-USD", quantity=0.5, filled_qty=0.5))

    assert journal.only()["symbol"] == expected
    assert desk.compare().is_clean
    assert desk.forwarder.counts() == {"synced": 2}


def test_links_can_be_asked_for_both_ways(desk: Desk, journal: JournalReader) -> None:
    """From the host's id to the journal's, and back; also after a restart."""
    trades = numbered(of_all_sorts())
    desk.live(*trades)

    for row in journal.trades():
        [trade_id] = MARKER.findall(journal.trade(row["id"])["notes"])
        journal_id = int(row["id"])
        known = desk.forwarder.outbox.trade(trade_id)
        assert known is not None
        assert known.journal_id == journal_id
        assert desk.forwarder.outbox.claimed([journal_id]) == {journal_id: {trade_id}}


def test_a_running_host_is_compared_with_its_journal(
    run_host: Callable[..., RunningHost], section: dict[str, Any]
) -> None:
    """Through its own tracker; what it learned late, by a hook or without one."""
    host = run_host(section)
    trades = [host.enter("AAPL", entry_price=100.0 + n) for n in range(3)]
    for trade in trades:
        host.leave(trade, exit_reason="manual")
    assert host.integration.flush(60)
    report = host.integration.reconcile()
    assert report.is_clean
    assert {i for i, _ in report.matched} == {trade.id for trade in trades}

    for trade in trades[:2]:
        trade.commission = 3.25  # the tracker hands out the stored trade itself
        assert trade.pnl_dollars is not None
        trade.pnl_dollars -= 3.25
    host.plugins.hook.on_position_closed(trade=trades[0])
    assert host.integration.flush(60)
    different = host.integration.reconcile().different
    assert [(d.trade_id, d.field) for d in different] == [(trades[1].id, "commission")]
    host.integration.reconciler.repair(30)
    assert host.integration.flush(60)
    assert host.integration.reconcile().is_clean


# A comparison -----------------------------------------------------------------------


def test_a_comparison_reads_and_changes_nothing(desk: Desk) -> None:
    """A page of a list for a hundred trades, and no more."""
    desk.live(*(host_trade(n) for n in range(1, 9)))
    counts = desk.forwarder.counts()
    with desk.forwarder.counted() as made:
        desk.compare()

    assert made == {"GET /trades": 1}
    assert desk.forwarder.counts() == counts


def test_without_a_host_what_it_told_last_is_compared(desk: Desk) -> None:
    """The outbox keeps each trade as it was told."""
    trades = numbered(of_all_sorts())
    desk.live(*trades)
    desk.trades = None

    report = desk.compare()
    assert report.is_clean
    assert len(report.matched) == len(trades)


def test_what_no_hook_told_is_missing(desk: Desk) -> None:
    """With its own words, and its profit in the explanation."""
    desk.live(host_trade(1))
    desk.trades = [host_trade(1), host_trade(2)]
    report = desk.compare()

    [missing] = report.missing
    assert (missing.trade_id, missing.state) == (id_of(2), "not recorded")
    assert report.difference == report.explained["missing"] == Decimal("-32.5")


def test_what_is_on_its_way_is_missing_and_pending(desk: Desk) -> None:
    """Nothing is wrong with it; the state says so."""
    desk.trades = [host_trade(1)]
    desk.forwarder.enter(host_trade(1))

    [missing] = desk.compare().missing
    assert missing.state == "pending"


def test_what_was_refused_is_missing_with_the_reason(
    desk: Desk, sandbox: Sandbox
) -> None:
    """The basic trade that stands for it has no executions, and is no match."""
    sandbox.assume(fractional_quantities="refused")
    desk.live(host_trade(1, quantity=0.5, filled_qty=0.5))
    report = desk.compare()

    [missing] = report.missing
    assert missing.state == "basic"
    assert "quantity" in str(missing.reason)
    assert report.unknown_tagged == report.unknown_untagged == ()


def test_what_has_no_place_in_a_journal_is_not_missed(desk: Desk) -> None:
    """Not filled, cancelled, expired, rejected: the host did nothing."""
    desk.live(
        host_trade(1, filled_qty=0),
        host_trade(2, cancelled=True),
        host_trade(3, expired=True),
        host_trade(4, rejection_reason="no funds"),
        host_trade(5),
    )
    report = desk.compare()

    assert report.is_clean
    assert len(report.matched) == report.host.trades == 1


def test_what_the_host_cancelled_after_it_was_closed_is_as_it_was_sent(
    desk: Desk,
) -> None:
    """What was closed was filled: its exit settles what became of the order."""
    desk.live(host_trade(1))
    desk.trades = [host_trade(1, cancelled=True)]

    assert desk.compare().is_clean


@pytest.mark.parametrize("is_recorded", [True, False], ids=["recorded", "not-yet"])
def test_what_the_host_cancelled_after_it_was_sent_is_an_outcome(
    desk: Desk, is_recorded: bool
) -> None:
    """It stands there, and the host has given the order up: a person has to know."""
    trade = entered(host_trade(1, filled_qty=None))
    desk.live(trade)
    desk.trades = [entered(host_trade(1, filled_qty=4, cancelled=True))]
    if is_recorded:
        desk.repair()
    report = desk.compare()

    [outcome] = report.outcomes
    assert (outcome.code, outcome.trade_id) == ("cancelled_after_delivery", trade.id)
    assert outcome.journal_id == desk.id_of(trade)
    assert "filled 4" in outcome.sentence
    assert "accept it" in outcome.next_step
    assert report.matched == ()
    assert not report.is_clean


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"entry_price": None, "actual_entry_price": None}, "entry_price"),
        pytest.param({"quantity": "many", "filled_qty": None}, "quantity"),
        pytest.param({"signal_type": "sideways"}, "signal_type"),
        pytest.param({"exit_timestamp": "2026-03-05T10:00:00"}, "exit_timestamp"),
        pytest.param({"id": None}, "id"),
    ],
    ids=["no-price", "no-number", "no-side", "exit-before-entry", "no-id"],
)
def test_host_trade_that_makes_no_sense_is_told_with_the_field(
    desk: Desk, changes: dict[str, Any], words: str
) -> None:
    """And does not keep the others from being compared."""
    desk.live(host_trade(1))
    desk.trades = [host_trade(1), host_trade(2, **changes)]
    report = desk.compare()

    [(trade_id, reason)] = report.unusable
    assert (trade_id == id_of(2)) is ("id" not in changes)
    assert reason.startswith(words)
    assert len(report.matched) == 1
    assert not report.is_clean


@pytest.mark.parametrize("has_host", [True, False], ids=["host", "outbox"])
def test_entry_of_an_exit_without_sense_is_ours_all_the_same(
    desk: Desk, has_host: bool
) -> None:
    """The exit is named; the journal trade is no stranger's, and is not missing."""
    trade = host_trade(1)
    desk.forwarder.enter(trade)
    assert desk.forwarder.run()
    broken = host_trade(1, actual_exit_price="much")
    desk.forwarder.leave(broken)
    assert desk.forwarder.run()
    desk.trades = [broken] if has_host else None
    report = desk.compare()

    [(trade_id, reason)] = report.unusable
    assert trade_id == trade.id
    assert reason.startswith("actual_exit_price")
    assert report.unknown_tagged == ()
    assert report.missing == ()
    assert not report.is_clean


def test_only_the_days_asked_for_are_compared(
    desk: Desk, open_desk: Callable[..., Desk]
) -> None:
    """What the host did before is neither missing nor deleted, wherever it is told."""
    now = datetime.now(EASTERN).replace(tzinfo=None)
    recent = host_trade(
        1,
        entry_timestamp=(now - timedelta(days=2)).isoformat(),
        exit_timestamp=(now - timedelta(days=2) + timedelta(hours=1)).isoformat(),
    )
    desk.live(recent, host_trade(2))

    assert [i for i, _ in desk.compare(7).matched] == [recent.id]
    assert desk.compare(7).is_clean
    told = desk.reconciler.compare(7, [recent, host_trade(2), host_trade(3)])
    assert told.is_clean
    assert told.host.trades == 1
    desk.trades = None
    assert desk.compare(7).is_clean
    assert desk.reconciler.repair(7, resend_deleted=True) == Repair()


def test_trades_of_the_first_day_are_on_both_sides(desk: Desk) -> None:
    """The host counts back from this hour, the journal knows days: both are asked."""
    asked: list[int] = []

    def recent(days: int) -> list[Trade]:
        asked.append(days)
        first = datetime.now(EASTERN) - timedelta(days=days)
        return [
            trade
            for trade in trades
            if datetime.fromisoformat(f"{trade.entry_timestamp}+00:00") >= first
        ]

    midnight = datetime.now(EASTERN).replace(hour=0, minute=0, second=1, microsecond=0)
    at = (midnight - timedelta(days=7)).astimezone(tz=None).utctimetuple()
    entry = datetime(*at[:6])  # noqa: DTZ001 - the host's times are naive
    trades = [
        host_trade(
            1,
            entry_timestamp=entry.isoformat(),
            exit_timestamp=(entry + timedelta(minutes=5)).isoformat(),
        )
    ]
    desk.live(*trades)
    client = desk.forwarder.connect(LOGIN, None)
    reconciler = Reconciler(
        desk.forwarder.outbox, desk.forwarder.settings, lambda: client, recent
    )

    assert reconciler.compare(7).is_clean
    assert len(reconciler.compare(7).matched) == 1
    assert asked == [8, 8]


def test_trades_that_another_program_made_with_our_tag_are_unknown(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """Those with our account tag count; a person's own are told apart, and do not."""
    desk.live(host_trade(1))
    symbol, rows = typed_in(host_trade(2))
    journal.post_import(
        *({"symbol": symbol, **row} for row in rows), account_tag="argo"
    )
    mine = person.create_trade(*typed_in(host_trade(3)))
    report = desk.compare()

    [theirs] = report.unknown_tagged
    assert journal.trade(theirs)["symbol"] == "CORP2"
    assert report.unknown_untagged == (mine,)
    assert report.difference == report.explained["unknown"] == Decimal("32.5")


def test_copy_that_a_person_made_is_duplicated(desk: Desk, person: Person) -> None:
    """Which trade stands twice, and which of them is one too many."""
    trade = host_trade(1)
    desk.live(trade)
    copy = person.create_trade(*typed_in(trade))
    report = desk.compare()

    assert report.matched == ((trade.id, desk.id_of(trade)),)
    assert report.duplicated == ((trade.id, copy),)


def test_execution_that_a_person_corrected_is_a_difference(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """Field and both values, and what it makes in money."""
    trade = host_trade(1)
    desk.live(trade)
    journal_id = desk.id_of(trade)
    entry, _ = journal.executions(journal_id)
    person.edit_execution(journal_id, int(entry["id"]), price="100.75")
    report = desk.compare()

    told = {d.field: (d.host, d.journal) for d in report.different}
    assert told == {
        "entry price": ("100.25", "100.75"),
        "gross P&L": ("32.50", "27.50"),
    }
    assert report.difference == report.explained["different"] == -5


# Where Tradervue or a person grouped otherwise --------------------------------------


@pytest.mark.parametrize(
    "assumption",
    [{"regroup_seconds": 10**7}, {"merge_mode": "force_merge"}],
    ids=["long-regrouping", "force_merge"],
)
def test_trades_that_tradervue_goes_on_with_are_shared(
    open_desk: Callable[..., Desk], sandbox: Sandbox, assumption: dict[str, Any]
) -> None:
    """Without a cool-down; nothing is missing, nothing matched that cannot be."""
    sandbox.assume(**assumption)
    desk = open_desk(slot_cooldown_hours=0)
    trades = neighbours()
    for trade in trades:
        desk.live(trade)
    report = desk.compare()

    assert report.shared == {desk.id_of(trades[0]): (trades[0].id, trades[1].id)}
    assert (report.missing, report.different, report.matched) == ((), (), ())
    assert report.difference == 0


def test_a_trade_that_began_before_the_days_asked_for_is_found(
    open_desk: Callable[..., Desk], sandbox: Sandbox
) -> None:
    """Going on for months, it is in no list of these days; it was not deleted."""
    sandbox.assume(merge_mode="force_merge")
    desk = open_desk(slot_cooldown_hours=0)
    now = datetime.now(EASTERN).replace(tzinfo=None)
    late = host_trade(
        2,
        symbol="AAPL",
        entry_timestamp=(now - timedelta(days=2)).isoformat(),
        exit_timestamp=(now - timedelta(days=2) + timedelta(hours=1)).isoformat(),
    )
    for trade in (host_trade(1, symbol="AAPL"), late):
        desk.live(trade)
    report = desk.compare(7)

    assert report.missing == ()
    assert {d.trade_id for d in report.different} == {late.id}
    assert {"executions", "volume"} <= {d.field for d in report.different}
    assert report.difference == report.explained["different"]


def test_trades_are_one_to_one_where_tradervue_splits_when_flat(
    open_desk: Callable[..., Desk], sandbox: Sandbox
) -> None:
    """That is what the host does as well."""
    sandbox.assume(merge_mode="force_split")
    desk = open_desk(slot_cooldown_hours=0)
    desk.live(*neighbours())

    assert len(desk.compare().matched) == 2


def test_trades_that_a_person_merged_are_shared_and_not_deleted(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """Their executions stand where they were merged to; a repair keeps the new link."""
    trades = [*neighbours(), host_trade(3)]
    desk.live(*trades)
    kept = person.merge(desk.id_of(trades[0]), desk.id_of(trades[1]))
    together = (trades[0].id, trades[1].id)

    assert desk.compare().shared == {kept: together}
    assert desk.compare().missing == ()
    done = desk.repair(resend_deleted=True)
    assert (done.linked, done.resent) == (1, 0)
    assert desk.id_of(trades[0]) == desk.id_of(trades[1]) == kept
    assert desk.compare().shared == {kept: together}
    assert len(journal.all_executions()) == 6


def test_trades_that_a_person_merged_with_their_own_are_different(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """Ours stands there, with somebody's executions beside it."""
    trade = host_trade(1)
    earlier = typed_in(
        trade,
        entry_timestamp="2026-03-04T15:00:00",
        exit_timestamp="2026-03-04T16:00:00",
    )
    desk.live(trade)
    kept = person.merge(person.create_trade(*earlier), desk.id_of(trade))
    report = desk.compare()

    assert report.missing == ()
    assert {d.journal_id for d in report.different} == {kept}
    assert ("executions", "2", "4") in {
        (d.field, d.host, d.journal) for d in report.different
    }
    assert report.difference == report.explained["different"]


def test_trades_that_a_person_split_are_matched_again(
    open_desk: Callable[..., Desk], journal: JournalReader, person: Person
) -> None:
    """What Tradervue had put together, and a person has taken apart."""
    desk = open_desk(account_tags=False)
    trades = overlapping(2)
    desk.live(*trades)
    together = desk.id_of(trades[0])
    fills = journal.executions(together)
    second = [int(f["id"]) for f in fills if f["price"] == Decimal("105.5")]
    second.append(int(fills[1]["id"]))
    apart = person.split(together, second)
    report = desk.compare()

    assert set(report.matched) == {(trades[0].id, together), (trades[1].id, apart)}
    assert report.is_clean
    assert desk.repair().linked == 1
    assert desk.id_of(trades[1]) == apart
    assert desk.compare().is_clean
    assert len(journal.all_executions()) == 4


def split_off(
    desk: Desk, journal: JournalReader, person: Person, which: int
) -> tuple[Trade, int, int]:
    """Have a person split one of its two fills off; return a trade, and both places."""
    trade = host_trade(1)
    desk.live(trade)
    journal_id = desk.id_of(trade)
    fill = journal.executions(journal_id)[which]
    return trade, journal_id, person.split(journal_id, [int(fill["id"])])


def test_a_trade_whose_exit_a_person_split_off_is_different(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """The split-off trade is named as the place of the exit, and is no stranger's."""
    _, journal_id, apart = split_off(desk, journal, person, -1)
    report = desk.compare()

    [different] = report.different
    assert (different.field, different.journal_id) == ("exit", journal_id)
    assert different.host == "sell 10 at 103.5, 2026-03-05T11:45:09-05:00"
    assert different.journal == f"in journal trade {apart}"
    assert report.unknown_tagged == ()
    assert report.money == different.money == Money(Decimal("-32.5"))
    assert desk.repair(resend_deleted=True).resent == 0
    assert len(journal.all_executions()) == 2
    assert [d.field for d in desk.compare().different] == ["exit"]


@pytest.mark.parametrize("which", ["first", "second"], ids=["its-own", "split-off"])
def test_a_trade_that_a_person_split_can_be_accepted(
    desk: Desk, journal: JournalReader, person: Person, which: str
) -> None:
    """By the id of either journal trade; until what is there changes."""
    trade, journal_id, apart = split_off(desk, journal, person, -1)
    accepted = journal_id if which == "first" else apart
    assert desk.reconciler.accept([str(accepted)], DAYS) == ()
    report = desk.compare()

    assert report.is_clean
    assert [one.trade_id for one in report.accepted] == [trade.id]
    assert report.money == sum(report.causes.values(), Money())
    [closing] = journal.executions(apart)
    person.edit_execution(apart, int(closing["id"]), price="99")
    assert not desk.compare().is_clean


def test_an_entry_that_a_person_split_off_is_followed(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """The trade is where its entry is; the exit is in the journal trade before."""
    trade, journal_id, apart = split_off(desk, journal, person, 0)

    for _ in range(2):
        [different] = desk.compare().different
        assert (different.journal_id, different.field) == (apart, "exit")
        assert different.journal == f"in journal trade {journal_id}"
        assert desk.compare().unknown_tagged == ()
        desk.repair()
    assert desk.id_of(trade) == apart
    assert len(journal.all_executions()) == 2


# What a person deleted --------------------------------------------------------------


def test_a_deleted_trade_is_told_and_stays_deleted(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """A repair does not bring back what somebody has decided to delete."""
    trades = [host_trade(n) for n in (1, 2)]
    desk.live(*trades)
    person.delete_trade(desk.id_of(trades[0]))

    [missing] = desk.compare().missing
    assert (missing.trade_id, missing.state) == (trades[0].id, "deleted")
    assert desk.repair() == Repair()
    assert len(journal.trades()) == 1
    assert len(desk.compare().missing) == 1


def test_a_deleted_trade_is_sent_again_when_asked(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """Both executions, with notes, once."""
    trades = [host_trade(n) for n in (1, 2)]
    desk.live(*trades)
    person.delete_trade(desk.id_of(trades[0]))

    assert desk.repair(resend_deleted=True).resent == 1
    assert differences(journal, map(vars, trades)) == []
    assert desk.compare().is_clean
    assert desk.repair(resend_deleted=True).resent == 0


def test_a_trade_deleted_before_its_exit_is_told_and_sent_whole_when_asked(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """The forwarder keeps the exit back; asked, it sends entry and exit."""
    trade = host_trade(1)
    desk.live(entered(trade))
    person.delete_trade(desk.id_of(trade))
    desk.trades = [trade]
    desk.forwarder.leave(trade)
    assert desk.forwarder.run(seconds=3000)
    assert journal.trades() == []

    [missing] = desk.compare().missing
    assert missing.state == "deleted"
    assert desk.repair().resent == 0
    assert journal.trades() == []
    assert desk.repair(resend_deleted=True).resent == 1
    assert differences(journal, [vars(trade)]) == []
    assert desk.compare().is_clean


def test_a_deleted_execution_is_told_and_not_sent_again(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """The trade stands there otherwise than the host has it: a person has to look."""
    trade = host_trade(1)
    desk.live(trade)
    journal_id = desk.id_of(trade)
    _, closing = journal.executions(journal_id)
    person.delete_execution(journal_id, int(closing["id"]))
    report = desk.compare()

    assert {d.field for d in report.different} == {"open", "executions", "volume"}
    desk.repair(resend_deleted=True)
    assert len(journal.executions(journal_id)) == 1


def test_deleted_among_equal_trades_is_the_one_that_was_deleted(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """Of two that nobody could tell apart, the other one still stands there."""
    trades = [host_trade(n, symbol="TWIN") for n in (1, 2)]
    desk.live(*trades)
    person.delete_trade(desk.id_of(trades[1]))
    report = desk.compare()

    assert [m.trade_id for m in report.missing] == [trades[1].id]
    assert report.matched == ((trades[0].id, desk.id_of(trades[0])),)
    desk.repair(resend_deleted=True)
    assert differences(journal, map(vars, trades)) == []


# Repair -----------------------------------------------------------------------------


def test_repair_records_what_no_hook_told(desk: Desk, journal: JournalReader) -> None:
    """A hook that was missed, an exit that was missed: then all is there."""
    trades = [host_trade(n) for n in (1, 2, 3)]
    desk.live(trades[0], entered(trades[1]))
    desk.trades = trades

    assert desk.repair().recorded == 2
    assert desk.compare().is_clean
    assert differences(journal, map(vars, trades)) == []
    assert desk.repair() == Repair()


def test_repair_of_what_is_right_does_nothing(desk: Desk) -> None:
    """No row, no request but the list."""
    desk.live(*numbered(of_all_sorts()))
    with desk.forwarder.counted() as made:
        assert desk.repair() == Repair()

    assert made == {"GET /trades": 1}


def test_price_that_the_host_corrected_is_shown_and_no_execution_is_touched(
    desk: Desk, journal: JournalReader
) -> None:
    """The API cannot correct it; the notes say what the host says now."""
    trade = host_trade(1)
    desk.live(trade)
    before = journal.all_executions()
    corrected = host_trade(1, actual_exit_price=104.5, pnl_dollars=40.5)
    desk.trades = [corrected]
    desk.forwarder.clock.now += 1

    told = {d.field: (d.host, d.journal) for d in desk.compare().different}
    assert told == {
        "exit price": ("104.5", "103.5"),
        "gross P&L": ("42.50", "32.50"),
    }
    desk.repair(resend_deleted=True)
    assert journal.all_executions() == before
    assert "Exit: 104.5" in journal.only()["notes"]
    assert {d.field for d in desk.compare().different} == set(told)


def test_commission_that_the_host_learned_without_a_hook_is_laid_over(
    desk: Desk, sandbox: Sandbox, journal: JournalReader
) -> None:
    """Found by the comparison; one overlay import, and nothing else is imported."""
    trade = host_trade(1, commission=None)
    desk.live(trade, host_trade(2))
    desk.trades = [host_trade(1, commission=3.25), host_trade(2)]
    desk.forwarder.clock.now += 1

    told = [(d.trade_id, d.field, d.host, d.journal) for d in desk.compare().different]
    assert told == [(trade.id, "commission", "3.25", "0.00")]
    imports = sandbox.stats.import_count
    assert desk.repair().recorded == 1
    assert sandbox.stats.import_count == imports + 1
    assert sandbox.stats.imports[-1]["overlay_commissions"] is True
    assert desk.compare().is_clean
    assert len(journal.all_executions()) == 4


def test_commission_that_tradervue_refused_is_asked_for_again_by_a_repair(
    desk: Desk, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Given up by the forwarder, still shown, and not out of reach."""
    desk.live(host_trade(1, commission=None))
    sandbox.assume(plan="silver", commission_below_gold="ignored")
    late = host_trade(1, commission=3.25)
    desk.trades = [late]
    desk.forwarder.clock.now += 1
    desk.forwarder.leave(late)
    desk.forwarder.run(seconds=3000)
    assert "tradervue.commission_refused" in caplog.text
    assert [d.field for d in desk.compare().different] == ["commission"]

    sandbox.assume(plan="gold")
    desk.repair()
    assert desk.compare().is_clean


def test_trade_that_a_person_typed_in_is_linked_and_not_doubled(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """Their words stay; our block comes beside them."""
    trade = host_trade(1)
    mine = person.create_trade(*typed_in(trade), notes="My own words", tags=["mine"])
    desk.trades = [trade]

    assert desk.compare().matched == ((trade.id, mine),)
    assert desk.repair().linked == 1
    assert desk.compare().is_clean
    full = journal.only()
    assert full["notes"].startswith("My own words\r\n\r\n[argo ")
    assert "mine" in full["tags"]
    assert desk.forwarder.counts() == {"synced": 2}


def test_equal_trade_of_a_person_is_not_taken_for_ours(
    open_desk: Callable[..., Desk], sandbox: Sandbox, person: Person
) -> None:
    """Where a lost outbox leaves two that fit, the one with our tag is ours."""
    sandbox.assume(duplicate_scope="account_tag")
    trade = host_trade(1)
    theirs = person.create_trade(*typed_in(trade), tags=["mine"])
    first = open_desk()
    first.live(trade)
    desk = open_desk()
    desk.trades = [trade]
    report = desk.compare()

    assert first.id_of(trade) != theirs
    assert report.matched == ((trade.id, first.id_of(trade)),)
    assert report.duplicated == ((trade.id, theirs),)


# A lost outbox ----------------------------------------------------------------------


def test_relink_finds_every_trade_again_by_its_notes(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """
    Without a request for each; afterwards the map is what it was.

    Two were entered at another time than their ids were made: their notes are read
    whole, since they could be a copy.
    """
    first, trades = open_desk(), numbered(of_all_sorts())
    first.live(*trades)
    desk = open_desk()
    with desk.forwarder.counted() as made:
        assert desk.reconciler.relink() == len(trades)

    assert made == {"GET /trades": 1, "GET /trades/{id}": 2}
    for trade in trades:
        before = first.forwarder.outbox.trade(trade.id)
        after = desk.forwarder.outbox.trade(trade.id)
        assert before is not None
        assert after is not None
        assert after.journal_id == before.journal_id
        assert after.account_tag == before.account_tag
    assert desk.reconciler.relink() == 0


@pytest.mark.parametrize("knows", ["the host's trades", "nothing"])
def test_after_a_relink_host_and_journal_are_the_same(
    open_desk: Callable[..., Desk], knows: str
) -> None:
    """Also where nobody has told the new outbox anything."""
    trades = numbered(of_all_sorts())
    open_desk().live(*trades)
    desk = open_desk()
    desk.reconciler.relink()
    desk.trades = trades if knows == "the host's trades" else None

    report = desk.compare()
    assert report.is_clean
    assert len(report.matched) == len(trades)
    assert report.difference == 0


def test_backfill_after_a_relink_sends_nothing_and_changes_nothing(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """The journal is the same to the letter."""
    trades = numbered(of_all_sorts())
    open_desk().live(*trades)
    before = [journal.trade(row["id"]) for row in journal.trades()]
    desk = open_desk()
    desk.reconciler.relink()
    with desk.forwarder.counted() as made:
        desk.live(*trades)

    assert [call for call in made if not call.startswith("GET ")] == []
    assert [journal.trade(row["id"]) for row in journal.trades()] == before
    assert desk.compare().is_clean
    assert set(desk.forwarder.counts()) == {"synced"}


def test_backfill_without_a_relink_doubles_nothing(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """Duplicates are refused or counted; the links are found on the way."""
    trades = numbered(of_all_sorts())
    open_desk().live(*trades)
    before = journal.all_executions()
    desk = open_desk()
    desk.live(*trades)

    assert journal.all_executions() == before
    assert desk.compare().is_clean


def test_new_position_after_a_relink_keeps_out_of_the_slot_of_an_open_one(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """And the exit of the old one closes the old one."""
    old = host_trade(1, symbol="AAPL")
    open_desk().live(entered(old))
    desk = open_desk()
    desk.reconciler.relink()
    new = host_trade(2, symbol="AAPL", entry_timestamp="2026-03-05T15:30:00")
    desk.live(entered(new))
    desk.forwarder.leave(old, new)
    assert desk.forwarder.run(seconds=3000)

    assert differences(journal, [vars(old), vars(new)]) == []
    tags = {row["tags"][0] for row in journal.trades()}
    assert tags == {"argo", "argo-2"}


@pytest.mark.parametrize(
    "before",
    ["", "I saw it coming. ", "What did I feel, and what did I learn? " * 9],
    ids=["nothing", "a-few-words", "more-than-the-list-shows"],
)
def test_relink_finds_what_people_wrote_on(
    open_desk: Callable[..., Desk],
    journal: JournalReader,
    person: Person,
    before: str,
) -> None:
    """Text before our block may push it out of the excerpt."""
    trade = host_trade(1)
    first = open_desk()
    first.live(trade)
    journal_id = first.id_of(trade)
    person.write_notes(journal_id, f"{before}\n\n{journal.only()['notes']}")
    desk = open_desk()

    assert desk.reconciler.relink() == 1
    assert desk.id_of(trade) == journal_id


def test_relink_leaves_alone_a_trade_that_a_person_took_our_tag_from(
    open_desk: Callable[..., Desk], journal: JournalReader, person: Person
) -> None:
    """A copy of our notes looks the same: an equal trade waits for a person."""
    trade = host_trade(1)
    first = open_desk()
    first.live(trade)
    person.tag(first.id_of(trade), "mine")
    desk = open_desk()

    assert desk.reconciler.relink() == 0
    desk.live(trade)
    assert len(journal.trades()) == 1
    assert desk.forwarder.counts() == {"quarantined": 2}


def test_relink_leaves_alone_what_does_not_name_one_trade_and_hold_it(
    open_desk: Callable[..., Desk], sandbox: Sandbox, person: Person
) -> None:
    """People's trades, basic trades and what was merged; none is a wrong link."""
    first = open_desk()
    merged = neighbours()
    first.live(*merged)
    person.merge(*(first.id_of(t) for t in merged))
    sandbox.assume(fractional_quantities="refused")
    first.live(host_trade(3, quantity=0.5, filled_qty=0.5))
    person.create_trade(*typed_in(host_trade(4)), notes="mine", tags=["argo"])
    person.create_trade("CORP5", notes=f"[argo {id_of(5)}]")
    desk = open_desk()

    assert desk.reconciler.relink() == 0
    desk.trades = merged
    assert desk.repair().linked == 2  # their executions are found by the host's trades
    assert len(desk.compare().shared) == 1


def test_relink_does_not_read_the_notes_of_a_person_s_own_trades(
    desk: Desk, person: Person
) -> None:
    """Thousands of them would take thousands of requests."""
    for number in range(30):
        person.create_trade(*typed_in(host_trade(number)), notes="mine " * 40)
    with desk.forwarder.counted() as made:
        assert desk.reconciler.relink() == 0

    assert made == {"GET /trades": 1}


def test_repair_rebuilds_a_lost_outbox_from_the_host_s_trades(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """Nothing is imported; slots are those in which the trades stand."""
    trades = numbered(of_all_sorts())
    open_desk().live(*trades)
    before = [journal.trade(row["id"]) for row in journal.trades()]
    desk = open_desk()
    desk.trades = trades
    with desk.forwarder.counted() as made:
        assert desk.repair().linked == len(trades)

    assert [call for call in made if not call.startswith("GET ")] == []
    assert [journal.trade(row["id"]) for row in journal.trades()] == before
    assert desk.compare().is_clean


def test_without_account_tags_a_lost_outbox_is_rebuilt_too(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """Notes name what stands alone; what stands together the host's trades tell."""
    trades = [*overlapping(3), host_trade(9)]
    first = open_desk(account_tags=False)
    first.live(*trades)
    before = journal.all_executions()
    desk = open_desk(account_tags=False)
    desk.trades = trades

    assert desk.reconciler.relink() == 1
    assert desk.repair().linked == 3
    assert desk.compare().shared == first.compare().shared
    assert desk.compare().matched == first.compare().matched
    desk.live(*trades)
    assert journal.all_executions() == before


def test_two_trades_of_one_id_are_two(
    open_desk: Callable[..., Desk], journal: JournalReader
) -> None:
    """Two processes gave it in the same microsecond; neither is lost or unknown."""
    trades = [host_trade(1), host_trade(1, symbol="OTHER", verification_hash="other")]
    first = open_desk()
    first.live(*trades)
    assert len(first.compare().matched) == 2
    assert first.compare().is_clean
    assert first.trades is not None
    first.trades.reverse()
    assert first.compare().is_clean

    desk = open_desk()
    assert desk.reconciler.relink() == 2
    before = [journal.trade(row["id"]) for row in journal.trades()]
    desk.live(*reversed(trades))
    assert [journal.trade(row["id"]) for row in journal.trades()] == before
    assert desk.compare().is_clean
    first_id, other_id = sorted(i for i, _ in desk.compare().matched)
    assert first_id == id_of(1)
    assert other_id.startswith(f"{id_of(1)}~")


# Journals of all sorts --------------------------------------------------------------


class PaperJournal:
    """A journal that answers with given JSON, read as the real one is."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def list_trades(self, _: object = None) -> list[JournalTrade]:
        """Return every trade."""
        return read_list(json.dumps({"trades": self.rows}).encode(), JournalTrade)

    def executions(self, _: int) -> list[JournalExecution]:
        """Return no executions: nobody can know what they were."""
        return []


def listed(**changes: object) -> dict[str, object]:
    """Return the trade of :func:`host_trade` as a list shows it."""
    return {
        "id": 7,
        "symbol": "CORP1",
        "volume": 20,
        "open": False,
        "shared": False,
        "gross_pl": 32.5,
        "native_pl": None,
        "native_currency": None,
        "commission": 2,
        "fees": 0,
        "side": "long",
        "entry_price": 100.25,
        "exit_price": 103.5,
        "start_datetime": "2026-03-05T09:30:01.000-05:00",
        "end_datetime": "2026-03-05T11:45:09.000-05:00",
        "tags": ["argo"],
        "exec_count": 2,
        "comment_count": 0,
        "notes_excerpt": "",
        **changes,
    }


def reading(desk: Desk, *rows: dict[str, object]) -> Reconciler:
    """Return a reconciler that finds *rows* in the journal."""
    paper: Any = PaperJournal(list(rows))
    return Reconciler(
        desk.forwarder.outbox,
        desk.forwarder.settings,
        lambda: paper,
        lambda _: [host_trade(1)],
    )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"mood": "calm", "ai": {"score": [1]}}, id="unknown-members"),
        pytest.param({"side": "L"}, id="side-in-letters"),
        pytest.param({"volume": "20", "gross_pl": "32.50"}, id="numbers-as-texts"),
        pytest.param({"fees": None, "comment_count": None}, id="nulls-that-mean-none"),
    ],
)
def test_a_journal_that_says_it_otherwise_is_understood(
    desk: Desk, changes: dict[str, object]
) -> None:
    """Members more or less, letters for words, texts for numbers."""
    assert reading(desk, listed(**changes)).compare(DAYS).is_clean


@pytest.mark.parametrize(
    "name",
    [
        "volume",
        "gross_pl",
        "commission",
        "entry_price",
        "exit_price",
        "start_datetime",
        "end_datetime",
        "side",
        "exec_count",
        "tags",
        "open",
    ],
)
@pytest.mark.parametrize("how", ["null", "missing"])
def test_a_journal_with_holes_is_no_crash_and_no_wrong_match(
    desk: Desk, name: str, how: str
) -> None:
    """What cannot be seen is not taken for right; the sums still add up."""
    row = listed(**{name: None})
    if how == "missing":
        del row[name]
    report = reading(desk, row).compare(DAYS)

    assert report.difference == sum(report.explained.values())
    told = len(report.matched) + len({d.trade_id for d in report.different})
    assert told + len(report.missing) == 1
    if name in ("volume", "entry_price", "exit_price", "side", "exec_count"):
        assert report.matched == ()


@pytest.mark.parametrize("absent", ["null", "missing"])
def test_members_without_a_value_may_be_null_or_left_out(
    desk: Desk, sandbox: Sandbox, absent: str
) -> None:
    """Open trades have no exit, basic ones no entry."""
    sandbox.assume(absent_values=absent, side_text="letters")
    trades = numbered(of_all_sorts())
    desk.live(*trades)
    sandbox.person("argo").create_trade("CORP1", notes="a thought")

    report = desk.compare()
    assert report.is_clean
    assert len(report.matched) == len(trades)


def test_an_answer_that_nobody_can_read_is_an_error_in_words(desk: Desk) -> None:
    """Better no report than a wrong one."""
    desk.live(host_trade(1))
    desk.sandbox.inject("malformed_json", method="GET", path="/trades", times=None)
    with pytest.raises(BadAnswer, match="Tradervue"):
        desk.compare()
    desk.sandbox.clear_faults()


def test_a_repair_that_cannot_read_the_journal_changes_nothing(desk: Desk) -> None:
    """What stands there nobody knows, so nothing is missing."""
    desk.trades = [host_trade(1)]
    desk.sandbox.inject("server_error", method="GET", path="/trades", times=None)
    with pytest.raises(ApiError):
        desk.reconciler.repair(DAYS, resend_deleted=True)
    desk.sandbox.clear_faults()

    assert desk.forwarder.counts() == {}


def test_a_person_s_trades_in_the_same_symbol_at_the_same_time_are_left_alone(
    desk: Desk, journal: JournalReader, person: Person
) -> None:
    """Hundreds of others, some in our symbols: no wrong link, no more requests."""
    trades = overlapping(3)
    for number in range(250):
        symbol = "AAPL" if number % 5 == 0 else f"MINE{number}"
        made = host_trade(number, symbol=symbol, quantity=7, entry_price=99.5)
        person.create_trade(*typed_in(made), notes="mine")
    own = {int(row["id"]) for row in journal.trades()}
    desk.live(*trades)
    with desk.forwarder.counted() as made_requests:
        report = desk.compare()

    assert made_requests == {"GET /trades": 3}
    assert report.is_clean
    assert len(report.matched) == 3
    assert set(report.unknown_untagged) == own
    for journal_id in own:
        assert journal.trade(journal_id)["notes"] == "mine"


def test_an_open_position_that_a_person_holds_in_the_same_symbol_stays_theirs(
    desk: Desk, journal: JournalReader
) -> None:
    """Tradervue would put ours into it; the account tag keeps them apart."""
    trade = host_trade(1, symbol="AAPL")
    journal.post_import(
        {
            "symbol": "AAPL",
            "datetime": "2026-03-05T09:00:00-05:00",
            "quantity": "500",
            "price": "99",
        }
    )
    desk.live(trade)
    report = desk.compare()

    assert report.matched == ((trade.id, desk.id_of(trade)),)
    assert len(report.unknown_untagged) == 1
    [theirs] = [r for r in journal.trades() if r["id"] in report.unknown_untagged]
    assert (theirs["open"], theirs["exec_count"]) == (True, 1)


# Whatever a person does -------------------------------------------------------------


def meddle(person: Person, journal: JournalReader, seed: int) -> None:
    """Let a person delete, merge, split, correct, tag and copy some trades."""
    rows = [row for row in journal.trades() if row["exec_count"]]
    for number, row in enumerate(rows[seed::7]):
        journal_id = int(row["id"])
        if journal_id not in {int(r["id"]) for r in journal.trades()}:
            continue  # merged meanwhile
        fills = journal.executions(journal_id)
        match (number + seed) % 6:
            case 0:
                person.delete_trade(journal_id)
            case 1:
                others = [
                    int(r["id"])
                    for r in journal.trades()
                    if r["symbol"] == row["symbol"] and r["id"] != row["id"]
                ]
                person.merge(journal_id, *others[:1])
            case 2 if len(fills) > 1:
                person.split(journal_id, [int(fills[-1]["id"])])
            case 3:
                person.edit_execution(journal_id, int(fills[0]["id"]), price="77.77")
            case 4:
                person.tag(journal_id, "mine")
            case 5:
                person.delete_execution(journal_id, int(fills[-1]["id"]))


@pytest.mark.parametrize("account_tags", [True, False], ids=["tags", "no-tags"])
@pytest.mark.parametrize("seed", range(4))
def test_the_list_explains_the_difference_whatever_a_person_did(
    open_desk: Callable[..., Desk],
    journal: JournalReader,
    person: Person,
    seed: int,
    account_tags: bool,
) -> None:
    """Every host trade is told once, and the money adds up to the last digit."""
    desk = open_desk(account_tags=account_tags)
    trades = [SimpleNamespace(**facts) for facts in generated(seed, 40)]
    desk.live(*trades)
    meddle(person, journal, seed)
    report = desk.compare()

    told = Counter(trade_id for trade_id, _ in report.matched)
    told.update(m.trade_id for m in report.missing)
    told.update({d.trade_id for d in report.different})
    told.update(trade_id for here in report.shared.values() for trade_id in here)
    assert told == Counter(trade.id for trade in trades)
    assert report.difference == sum(report.explained.values())
    assert {m.state for m in report.missing} <= {"deleted"}
    before = journal.all_executions()
    with desk.forwarder.counted() as made:
        desk.repair()
    assert len(journal.all_executions()) == len(before)
    assert not [call for call in made if call.startswith("DELETE")]


def test_what_the_host_told_is_taken_when_it_was_told(desk: Desk) -> None:
    """A trade that the host changes meanwhile does not change what is compared."""
    trade = host_trade(1)
    payload = capture(trade)
    desk.live(trade)
    trade.actual_exit_price = 200.0

    assert capture(trade) != payload
    assert not desk.compare().is_clean
    desk.trades = None
    assert desk.compare().is_clean

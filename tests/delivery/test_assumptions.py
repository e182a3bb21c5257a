"""Where Tradervue's documentation is silent: right whatever it does."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from argo_tradervue_plugin.delivery.obstacles import obstacles
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.sandbox.assumptions import described
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, entered, host_trade
from tests.delivery.test_faults import record, session
from tests.journeys.reader import MARKER, JournalReader, differences, expected_fills

# These refuse by their nature what the session holds; they have tests of their own.
OTHERWISE = {("fractional_quantities", "refused"), ("plan", "free")}
# These are about what is not sent or asked for here: switched all at once.
ASIDE = {
    "bad_filters",
    "count_above_100",
    "crypto_pairs",
    "delete_status",
    "futures_multipliers",
    "invalid_request_status",
    "journal_days",
    "missing_datetime",
    "naive_datetimes",
    "negative_prices",
    "no_executions_status",
    "option_symbol",
    "refusal_bodies",
    "refused_post_clears",
    "second_journal_entry",
    "tag_filter",
    "untyped_body",
    "user_agent",
    "utc_text",
}
NUMBERS = [
    ("import_limit", 3),
    ("read_delay_seconds", "0.01"),
    ("regroup_seconds", 0),
    ("regroup_seconds", 10**7),
    ("default_initial_risk", "50"),
    ("notes_template", "What did I feel?\nWhat did I learn?"),
]
VARIANTS = [
    (name, choice)
    for name, default, choices, _ in described()
    for choice in choices
    if choice != default and (name, choice) not in OTHERWISE and name not in ASIDE
] + NUMBERS
# A coarser key takes executions for duplicates that are none: those of one minute or
# day that are equal in all else.
COARSE = {("duplicate_precision", "minute"), ("duplicate_precision", "day")}
# Without account tags overlapping positions meet: these say what becomes of them.
MEETING = (
    "account_tag_matching",
    "duplicate",
    "flip",
    "late",
    "merge_mode",
    "read_delay",
    "regroup",
    "twins",
)
CASES = [(name, value, True) for name, value in VARIANTS]
CASES += [(n, value, False) for n, value in VARIANTS if n.startswith(MEETING)]
IDS = [f"{name}={value}{'' if tags else ', no tags'}" for name, value, tags in CASES]

Totals = dict[tuple[object, ...], Decimal]


def totals(fills: Iterable[tuple[str, datetime, Decimal, Decimal]]) -> Totals:
    """
    Return how much was bought (or sold, below zero) when, of what, at which price.

    An execution that closes one position and opens the next stands there in two parts.
    """
    found: Totals = {}
    for symbol, at, quantity, price in fills:
        key = (symbol, at, price, quantity > 0)
        found[key] = found.get(key, Decimal(0)) + quantity
    return found


def assert_all_there(journal: JournalReader, trades: list[SimpleNamespace]) -> None:
    """See that all executions stand there once, and every trade's notes once."""
    expected = [fill for trade in trades for fill in expected_fills(vars(trade))]
    assert totals(journal.all_executions()) == totals(expected)
    noted = [
        trade_id
        for row in journal.trades()
        for trade_id in MARKER.findall(journal.trade(row["id"])["notes"])
    ]
    assert sorted(noted) == sorted(trade.id for trade in trades)


@pytest.mark.parametrize(("name", "value", "account_tags"), CASES, ids=IDS)
def test_each_execution_stands_there_once_under_every_assumption(
    make: Make,
    sandbox: Sandbox,
    journal: JournalReader,
    name: str,
    value: object,
    account_tags: bool,
) -> None:
    """All executions, each once; every trade's notes; every execution accounted for."""
    sandbox.assume(**{name: value})
    forwarder = make(account_tags=account_tags, poll_seconds=0.01)
    trades = session()
    record(forwarder, trades)

    assert forwarder.run(seconds=3000)
    if (name, value) in COARSE:
        # Nothing is sent twice, nothing vanishes: what is taken for one waits.
        counts = forwarder.counts()
        assert sum(counts.values()) == 2 * len(trades)
        assert set(counts) <= {"synced", "quarantined"}
        if account_tags:
            assert counts["synced"] == len(journal.all_executions())
        return
    assert forwarder.counts() == {"synced": 2 * len(trades)}
    assert_all_there(journal, trades)


@pytest.mark.parametrize("which", [1, -1], ids=["first", "last"])
def test_what_is_assumed_of_other_things_does_not_matter(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader, which: int
) -> None:
    """All other assumptions switched, to the first or last of their alternatives."""
    alternatives = {
        name: choices[which] for name, _, choices, _ in described() if name in ASIDE
    }
    assert alternatives.keys() == ASIDE
    sandbox.assume(**alternatives)
    trades = session()
    record(forwarder, trades)

    assert forwarder.run(seconds=3000)
    assert forwarder.counts() == {"synced": 2 * len(trades)}
    assert_all_there(journal, trades)


@pytest.mark.parametrize("scope", ["global", "account_tag"])
def test_overlaps_arrive_whatever_the_scope_of_duplicates(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader, scope: str
) -> None:
    """Equal fills in two slots stand there twice, as they should, and not more."""
    sandbox.assume(duplicate_scope=scope)
    trades = [host_trade(n, symbol="AAPL") for n in range(4)]
    record(forwarder, trades)

    assert forwarder.run(seconds=3000)
    assert differences(journal, map(vars, trades)) == []


@pytest.mark.parametrize("on_free", ["ignored", "tag"])
def test_free_plan_without_account_tags_is_served(
    make: Make, sandbox: Sandbox, journal: JournalReader, on_free: str
) -> None:
    """The account tag has no effect, or is an ordinary one: all is found anyway."""
    sandbox.assume(plan="free", account_tag_on_free=on_free)
    forwarder = make()
    trades = session()
    record(forwarder, trades)

    assert forwarder.run(seconds=3000)
    assert forwarder.counts() == {"synced": 2 * len(trades)}
    assert_all_there(journal, trades)


def test_free_plan_that_refuses_account_tags_shows_nothing_as_basic(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """Its words are there for the operator, who can switch account tags off."""
    sandbox.assume(plan="free", account_tag_on_free="failed")
    forwarder = make()
    trade = host_trade(1)
    record(forwarder, [trade])

    assert not forwarder.run(seconds=3000)
    assert forwarder.counts() == {"recorded": 2}
    assert journal.trades() == []
    facts = obstacles(forwarder.outbox)
    assert "silver or gold" in str(facts["paused_reason"])
    assert '"account_tags": false' in str(facts["paused_hint"])


def test_neighbouring_trades_that_are_grouped_share_a_journal_trade(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """Without a cool-down Tradervue continues the trade; each has its block there."""
    forwarder = make(slot_cooldown_hours=0)
    first = host_trade(1, symbol="AAPL", exit_timestamp="2026-03-05T14:40:00")
    second = host_trade(
        2,
        symbol="AAPL",
        entry_timestamp="2026-03-05T14:41:00",
        exit_timestamp="2026-03-05T14:50:00",
    )
    record(forwarder, [first])
    assert forwarder.run()
    record(forwarder, [second])
    assert forwarder.run()

    notes = journal.only()["notes"]
    assert MARKER.findall(notes) == [first.id, second.id]
    assert journal.only()["exec_count"] == 4


def test_cool_down_keeps_neighbouring_trades_apart(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """By default a re-entry within minutes is a trade of its own, as in the host."""
    trades = [
        host_trade(
            n,
            symbol="AAPL",
            entry_timestamp=f"2026-03-05T14:{10 * n}:00",
            exit_timestamp=f"2026-03-05T14:{10 * n + 9}:00",
        )
        for n in range(1, 5)
    ]
    record(forwarder, trades)

    assert forwarder.run()
    assert differences(journal, map(vars, trades)) == []


def test_open_positions_stay_open(forwarder: Forwarder, journal: JournalReader) -> None:
    """What the host holds, the journal holds, however many in one symbol."""
    trades = [
        host_trade(n, symbol="AAPL", signal_type=side, stop_price=stop)
        for n, (side, stop) in enumerate([("short", 102.0), ("long", 98.25)] * 2)
    ]
    forwarder.enter(*trades)
    assert forwarder.run()
    assert differences(journal, [vars(entered(t)) for t in trades]) == []

    forwarder.leave(*reversed(trades))
    assert forwarder.run()
    assert differences(journal, map(vars, trades)) == []


def hand_entered(sandbox: Sandbox, trade: SimpleNamespace) -> int:
    """Let a person type in *trade*; return its id in the journal."""
    rows = [
        {
            "datetime": at.isoformat(),
            "quantity": str(quantity),
            "price": str(price),
        }
        for _, at, quantity, price in expected_fills(vars(trade))
    ]
    return sandbox.person("argo").create_trade(
        trade.symbol, rows, notes="My own words", tags=["mine"]
    )


def test_trade_that_a_person_entered_before_is_linked_and_not_doubled(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """It gets our block and tags beside what stands there."""
    trade = host_trade(1)
    journal.trades()
    journal_id = hand_entered(sandbox, trade)
    record(forwarder, [trade])
    assert forwarder.run(seconds=3000)

    full = journal.only()
    assert full["id"] == journal_id
    assert full["notes"].startswith("My own words\r\n\r\n[argo ")
    assert full["tags"][0] == "mine"
    assert forwarder.counts() == {"synced": 2}


def test_entry_that_a_person_typed_in_is_closed_by_our_exit(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """The executions decide what stands there, not who brought them."""
    sandbox.assume(account_tag_matching="lenient")
    trade = host_trade(1)
    hand_entered(sandbox, entered(trade))
    record(forwarder, [trade])
    assert forwarder.run(seconds=3000)

    assert journal.all_executions() == sorted(expected_fills(vars(trade)))
    assert forwarder.counts() == {"synced": 2}


def test_twins_of_which_a_person_entered_one_both_stand_there(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Equal executions are counted: two positions, two entries, two exits."""
    trades = [host_trade(n, symbol="TWIN") for n in (1, 2)]
    hand_entered(sandbox, trades[0])
    record(forwarder, trades)
    assert forwarder.run(seconds=3000)

    expected = sorted(fill for t in trades for fill in expected_fills(vars(t)))
    assert journal.all_executions() == expected
    assert forwarder.counts() == {"synced": 4}

"""How many trades stand how, and since when something is late, on each engine."""

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.outbox.records import EventKind, Recorded, Transition
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.services.quarantine import discard, plan_what_waits
from tests.delivery.stepping import entered, host_trade, id_of

SETTINGS = Settings(enabled=True)


def record(outbox: Outbox, number: int, at: float, **changes: object) -> None:
    """Record the entry of a trade."""
    trade = entered(host_trade(number, **changes))
    outbox.record(Recorded.of(trade, EventKind.ENTRY, at))


def test_trades_are_counted_by_the_worst_of_them(outbox: Outbox) -> None:
    """Before they are planned, and after it."""
    record(outbox, 1, 100.0)
    record(outbox, 2, 200.0, cancelled=True)
    record(outbox, 3, 300.0, actual_entry_price=-1)
    counts = outbox.trade_counts()
    assert counts == {**dict.fromkeys(counts, 0), "pending": 3}

    plan_what_waits(outbox, SETTINGS)
    counts = outbox.trade_counts()
    assert {name for name, number in counts.items() if number == 1} == {
        *("pending", "skipped", "quarantined"),
    }
    discard(outbox, id_of(1))
    assert outbox.trade_counts()["discarded"] == 1


def test_oldest_that_waits_by_no_rule_counts(outbox: Outbox) -> None:
    """New events always; what is planned not while everything is refused."""
    assert outbox.overdue_since(is_paused=False) is None
    record(outbox, 1, 100.0)
    assert outbox.overdue_since(is_paused=True) == 100.0
    plan_what_waits(outbox, SETTINGS)

    assert outbox.overdue_since(is_paused=False) == 100.0
    assert outbox.overdue_since(is_paused=True) is None
    assert outbox.over_quota() is None


def test_what_is_over_the_quota_is_not_late(outbox: Outbox) -> None:
    """Neither is what waits with it."""
    record(outbox, 1, 100.0)
    plan_what_waits(outbox, SETTINGS)
    with outbox.maintain() as writer:
        rows = outbox.of_trade(id_of(1))
        state = rows[0].state
        writer.apply(
            Transition(state=state, rows=rows, reason="quota", due_at=500.0), now=200.0
        )

    assert outbox.overdue_since(is_paused=False) is None
    waiting = outbox.over_quota()
    assert waiting is not None
    assert (waiting.executions, waiting.until) == (1, 500.0)

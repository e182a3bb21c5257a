"""A trade in the journal is replaced by what the host has now: deleted, sent anew."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import pytest

from argo_tradervue_plugin.delivery.resend import Progress, progress
from argo_tradervue_plugin.journal.executions import EventKind, Kind
from argo_tradervue_plugin.journal.reasons import code_of
from argo_tradervue_plugin.outbox.interface import Recorded, ResendStage, State
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.stepping import Forwarder, entered, host_trade
from tests.journeys.reader import JournalReader, differences

Make = Callable[..., Forwarder]


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


def how_far(forwarder: Forwarder, trade: SimpleNamespace) -> Progress:
    """Return how far the resend of a trade is."""
    return progress(forwarder.outbox, trade.id)


def refusal(forwarder: Forwarder, trade: SimpleNamespace) -> str | None:
    """Return the code of the reason for which a resend was refused."""
    found = how_far(forwarder, trade)
    assert found.is_over
    assert not found.is_done
    return code_of(found.reason)


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

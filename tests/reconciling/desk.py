"""A host, a forwarder and a reconciler before a sandbox, and trades for them."""

import time
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.matching.compare import Report
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.reconciliation.reconciler import Reconciler, Repair
from tests.delivery.stepping import Clock, Forwarder, changed, host_trade

DAYS: Final = 3650  # the trades of these tests lie some months back
LOGIN: Final = Credentials(username="argo", password="sandbox")

Trade = SimpleNamespace


class Desk:
    """A host that knows *trades*, a forwarder that is stepped, and a reconciler."""

    def __init__(self, sandbox: Sandbox, path: Path, **settings: Any) -> None:
        self.sandbox = sandbox
        # What the host tells a repair is later than all that was told before.
        clock = Clock(time.time() - 10**6)
        self.forwarder = Forwarder(sandbox, path, clock=clock, **settings)
        self.trades: list[Trade] | None = []
        client = self.forwarder.connect(LOGIN, None)
        self.reconciler = Reconciler(
            self.forwarder.outbox,
            self.forwarder.settings,
            lambda: client,
            lambda _: self.trades,
        )

    def live(self, *trades: Trade) -> None:
        """Let the host enter and leave *trades*, and bring them into the journal."""
        assert self.trades is not None
        self.trades += trades
        self.forwarder.enter(*trades)
        self.forwarder.leave(*(t for t in trades if t.exit_timestamp is not None))
        assert self.forwarder.run(seconds=3000)

    def compare(self, days: int = DAYS) -> Report:
        """Compare all there is."""
        return self.reconciler.compare(days)

    def repair(self, *, resend_deleted: bool = False) -> Repair:
        """Repair, and let the forwarder do what was put on its way."""
        done = self.reconciler.repair(DAYS, resend_deleted=resend_deleted)
        assert self.forwarder.run(seconds=3000)
        return done

    def id_of(self, trade: Trade) -> int:
        """Return where *trade* stands in the journal, as the outbox knows it."""
        known = self.forwarder.outbox.trade(trade.id)
        assert known is not None
        assert known.journal_id is not None
        return known.journal_id


def overlapping(number: int, symbol: str = "AAPL") -> list[Trade]:
    """Return positions in one symbol that are all open at the same time."""
    return [
        host_trade(
            n,
            symbol=symbol,
            entry_timestamp=f"2026-03-05T14:{30 + n}:00",
            exit_timestamp=f"2026-03-05T19:{59 - n}:00",
            exit_price=103.5 + n,
            actual_exit_price=103.5 + n,
        )
        for n in range(1, number + 1)
    ]


def neighbours() -> list[Trade]:
    """Return two positions in one symbol, the second some hours after the first."""
    return [
        host_trade(1, symbol="AAPL"),
        host_trade(
            2,
            symbol="AAPL",
            entry_timestamp="2026-03-05T18:00:00",
            exit_timestamp="2026-03-05T19:00:00",
        ),
    ]


def typed_in(trade: Trade, **changes: object) -> tuple[str, list[dict[str, object]]]:
    """Return *trade* as a person types it in: the symbol, and both executions."""
    facts = changed(trade, **changes)
    rows: list[dict[str, object]] = []
    for sign, at, price in (
        (1, facts.entry_timestamp, facts.entry_price),
        (-1, facts.exit_timestamp, facts.exit_price),
    ):
        moment = datetime.fromisoformat(f"{at[:19]}+00:00")
        quantity = sign * facts.quantity
        rows.append(
            {
                "datetime": moment.isoformat(),
                "quantity": f"{quantity}",
                "price": f"{price}",
                "commission": f"{facts.commission if sign < 0 else 0}",
            }
        )
    return facts.symbol, rows

"""What the journal must show in the end: the host's own trades, and nothing else."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final

import attrs

from argo_tradervue_plugin.model.capture import capture
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.records import name_for
from argo_tradervue_plugin.sandbox import Sandbox
from tests.delivery.stepping import changed, entered, host_trade
from tests.journeys.reader import expected_fills

__all__ = ["FOREIGN", "Opening", "Told", "Truth"]

DAY_ONE: Final = datetime(2026, 3, 5, 14, 30, 1, 250_000)  # noqa: DTZ001 - as the host
IN_PARTS: Final = ("FILLS", "SALES")  # what is counted by itself
FOREIGN: Final = "OTHER"  # what another program of the same login trades
LATE: Final = {"commission": 2.0, "exit_reason": "take_profit"}  # or never

Fill = tuple[str, datetime, Decimal, Decimal]


@attrs.frozen(kw_only=True)
class Opening:
    """How a position is entered and left; times are seconds."""

    symbol: str
    side: str
    quantity: float
    price: float
    after: int  # the first trade of the day
    held: int
    exit_price: float


@attrs.define(kw_only=True, eq=False)
class Told:
    """A trade of the host, and how much of it the hooks were told."""

    facts: SimpleNamespace  # as it is in the end
    marker: str  # the id by which the journal has it
    is_entered: bool = False
    is_left: bool = False
    is_filled: bool = True
    knows: frozenset[str] = frozenset()  # of what is learned late

    @property
    def is_in_the_journal(self) -> bool:
        """Tell whether it has a place there; an exit tells of its entry too."""
        return self.is_filled and (self.is_entered or self.is_left)

    def snapshot(self, kind: Kind) -> SimpleNamespace:
        """Return the host's object as it stands now, or stood before the exit."""
        facts = SimpleNamespace(**vars(self.facts))
        for name in LATE.keys() - self.knows:
            setattr(facts, name, None)
        if not self.is_filled:
            facts.filled_qty = 0
        return facts if kind is Kind.EXIT else entered(facts)

    def expected(self) -> dict[str, Any]:
        """Return what the journal must show of it."""
        kind = Kind.EXIT if self.is_left else Kind.ENTRY
        return {**vars(self.snapshot(kind)), "id": self.marker}


class Truth:
    """Every trade that the host made; made up by rule, from a few prices and times."""

    def __init__(self) -> None:
        self.trades: list[Told] = []

    def open(self, opening: Opening, **facts: object) -> Told:
        """Make a trade; its hooks are still to be called."""
        number = len(self.trades) + 1
        at = DAY_ONE + timedelta(seconds=opening.after)
        told: dict[str, object] = {
            "symbol": opening.symbol,
            "signal_type": opening.side,
            "entry_price": opening.price,
            "actual_entry_price": opening.price,
            "exit_price": opening.exit_price,
            "actual_exit_price": opening.exit_price,
            "quantity": opening.quantity,
            "filled_qty": opening.quantity,
            "entry_timestamp": at.isoformat(),
            "exit_timestamp": (at + timedelta(seconds=opening.held)).isoformat(),
            "stop_price": 98.25 if opening.side == "long" else 104.75,
            "target_price": 105.0 if opening.side == "long" else 98.0,
            **LATE,
            **facts,
        }
        return self._add(host_trade(number, **told))

    def twin_of(self, other: Told) -> Told:
        """Make a trade that nobody could tell from *other*, but by its id."""
        number = len(self.trades) + 1
        own = vars(host_trade(number))
        ids = {name: own[name] for name in ("id", "signal_id", "verification_hash")}
        return self._add(changed(other.facts, **ids))

    def namesake_of(self, other: Told, symbol: str) -> Told:
        """Make a trade with the id of *other*, as another process may have."""
        number = len(self.trades) + 1
        own = {"symbol": symbol, "verification_hash": f"hash{number:04}"}
        facts = changed(other.facts, **own)
        return self._add(facts, marker=name_for(facts.id, read(capture(facts))))

    def _add(self, facts: SimpleNamespace, marker: str | None = None) -> Told:
        self.trades.append(Told(facts=facts, marker=marker or facts.id))
        return self.trades[-1]

    def ids(self) -> list[str]:
        """Return the ids by which the outbox has the trades."""
        return [told.marker for told in self.trades]

    def expected(self) -> list[dict[str, Any]]:
        """Return what the journal must show."""
        return [told.expected() for told in self.trades if told.is_in_the_journal]

    def too_much_in(self, sandbox: Sandbox, login: str) -> dict[Fill, int]:
        """
        Return what stands in the journal more often than it can be true.

        Reads the sandbox's memory, which costs nothing: what may stand there is told
        before the hook is called.
        """
        with sandbox.lock:
            journal = sandbox.account(login).journal
            standing = Counter(
                (fill.symbol, whole_second(fill.at), fill.quantity, fill.price)
                for fill in journal.fills()
                if not fill.symbol.startswith((FOREIGN, *IN_PARTS))
            )
        return dict(standing - self._allowed())

    def _allowed(self) -> Counter[Fill]:
        return Counter(
            fill for trade in self.expected() for fill in expected_fills(trade)
        )


def whole_second(at: datetime) -> datetime:
    """Return *at* in UTC, cut as executions are."""
    return at.astimezone(UTC).replace(microsecond=0)


def about_others(journal: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the trades of the *journal* that another program has put there."""
    return [row for row in journal if row["symbol"].startswith(FOREIGN)]

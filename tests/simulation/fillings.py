"""
Trades that fill, and are closed, in several executions, and what must stand of them.

What a step means is noted beside it by who makes the steps up; the oracle knows nothing
of how the plugin plans.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Final

import attrs

from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.sandbox import Sandbox
from tests.chaos.stories import Step, Trade, in_parts, with_repetitions
from tests.delivery.stepping import host_trade
from tests.journeys.fills import Position
from tests.journeys.reader import MARKER, JournalReader, facts
from tests.simulation.truth import Opening

__all__ = ["Filling", "Fillings", "Step", "Taken"]

BEGAN: Final = datetime(2026, 3, 5, 14, 30, 1, 250_000)  # noqa: DTZ001 - as the host
FIRST: Final = 5000  # the number of the first, far from those of other trades
SYMBOLS: Final = {"long": "FILLS", "short": "SALES"}  # one side each, to be counted
KINDS: Final = {
    "on_trade_recorded": EventKind.ENTRY,
    "on_position_closed": EventKind.EXIT,
    "on_trade_corrected": EventKind.CORRECTION,
}


@attrs.frozen(kw_only=True, eq=False)
class Taken:
    """A step of a trade that was taken, for whoever has to hear of it again."""

    trade_id: str
    step: Step

    @property
    def kind(self) -> EventKind:
        """Return what is recorded by it."""
        return KINDS[self.step.hook]

    def snapshot(self, _: EventKind) -> object:
        """Return the host's object."""
        trade = dict(self.step.trade)
        return trade if self.step.is_mapping else SimpleNamespace(**trade)


@attrs.define(kw_only=True, eq=False)
class Filling:
    """A *trade* of the host, its *steps*, and how many of them were *taken*."""

    trade: Trade
    steps: Sequence[Step]
    seed: int
    taken: int = 0

    @property
    def trade_id(self) -> str:
        """Return the host's id of it."""
        return str(self.trade["id"])

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more happens to it."""
        return self.taken == len(self.steps)

    @property
    def position(self) -> Position:
        """Return what has to stand there by now."""
        did = [each for step in self.steps[: self.taken] for each in step.did]
        return Position(
            trade_id=self.trade_id,
            symbol=self.trade["symbol"],
            sign=1 if self.trade["signal_type"] == "long" else -1,
            did=tuple(did),
        )

    def take(self) -> Taken:
        """Take the next step."""
        self.taken += 1
        return self.again(self.taken - 1)

    def again(self, number: int) -> Taken:
        """Return a step that was taken before."""
        return Taken(trade_id=self.trade_id, step=self.steps[number])


class Fillings:
    """Every such trade that the host has made."""

    def __init__(self) -> None:
        self.all: list[Filling] = []

    def begin(self, opening: Opening, seed: int) -> Filling:
        """Make a trade; its steps are still to be taken."""
        at = BEGAN + timedelta(seconds=opening.after)
        left = at + timedelta(seconds=max(opening.held, 900))
        trade = host_trade(
            FIRST + len(self.all),
            symbol=SYMBOLS[opening.side],
            signal_type=opening.side,
            quantity=40,
            filled_qty=40,
            entry_timestamp=at.isoformat(timespec="microseconds"),
            exit_timestamp=left.isoformat(timespec="microseconds"),
            stop_price=98.25 if opening.side == "long" else 104.75,
        )
        return self._add(vars(trade), seed)

    def twin_of(self, other: Filling) -> Filling:
        """Make a trade of the very same steps."""
        own = vars(host_trade(FIRST + len(self.all)))
        ids = {name: own[name] for name in ("id", "signal_id", "verification_hash")}
        return self._add({**other.trade, **ids}, other.seed)

    def _add(self, trade: Trade, seed: int) -> Filling:
        dice = Random(seed)
        steps = with_repetitions(in_parts(trade, dice), dice)
        self.all.append(Filling(trade=trade, steps=steps, seed=seed))
        return self.all[-1]

    def begun(self) -> list[Filling]:
        """Return those of which a step was taken."""
        return [filling for filling in self.all if filling.taken]

    def too_much_in(self, sandbox: Sandbox, login: str) -> dict[str, Decimal]:
        """
        Return how much more stands there than was entered or closed, by symbol.

        Reads the sandbox's memory, which costs nothing.
        """
        allowed: dict[tuple[str, bool], Decimal] = {}
        for filling in self.begun():
            position = filling.position
            symbol, is_long = position.symbol, position.sign > 0
            for is_buy, size in (
                (is_long, position.entered),
                (not is_long, position.closed),
            ):
                key = symbol, is_buy
                allowed[key] = allowed.get(key, Decimal(0)) + size
        with sandbox.lock:
            for fill in sandbox.account(login).journal.fills():
                if fill.symbol in SYMBOLS.values():
                    key = fill.symbol, fill.quantity > 0
                    allowed[key] = allowed.get(key, Decimal(0)) - abs(fill.quantity)
        return {symbol: -left for (symbol, _), left in allowed.items() if left < 0}

    def differences(self, journal: JournalReader) -> list[str]:
        """Return in what *journal* is not what the host has recorded."""
        named: dict[str, list[object]] = {}
        for row in journal.trades():
            if row["symbol"] in SYMBOLS.values():
                names = MARKER.findall(journal.trade(row["id"])["notes"] or "")
                for name in names or ["nobody"]:
                    named.setdefault(name, []).append(row["id"])
        nameless = named.pop("nobody", [])
        problems = [f"journal trade {row} names []" for row in nameless]
        for filling in self.begun():
            rows = named.pop(filling.trade_id, [])
            problems += unlike(journal, filling, rows)
        return problems + [f"{name} is no trade" for name in named]


def unlike(
    journal: JournalReader, filling: Filling, rows: Sequence[object]
) -> Iterable[str]:
    """Yield in what the journal trades *rows* are not the one of *filling*."""
    position = filling.position
    fills = [facts(fill) for row in rows for fill in journal.executions(row)]
    misfit = position.misfit(fills)
    yield from misfit.problems
    if len(rows) != 1:
        yield f"{position.trade_id} stands in {len(rows)} trades"
    if misfit.missing or misfit.excess:
        yield (
            f"{position.trade_id}: lost {misfit.missing}, too much {misfit.excess}: "
            f"{fills}"
        )
    for row in rows:
        is_open = position.closed < position.entered
        if bool(journal.trade(row)["open"]) is not is_open:
            yield f"{position.trade_id}: open is not {is_open}"

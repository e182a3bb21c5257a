"""
What the host did, and whether the journal says so: nothing lost, nothing doubled.

An execution was *accepted* once the hook for it had returned. What was under way when
its process was killed may stand in the journal or not, but not twice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any, Final

import attrs

from tests.chaos.victim import EXIT_FIELDS
from tests.journeys.generate import generated
from tests.journeys.reader import MARKER, JournalReader, differences, expected_fills

__all__ = ["Carried", "StillReader", "Truth", "Verdict", "deck_of"]

Fill = tuple[str, datetime, Decimal, Decimal]
Event = tuple[int, str]  # place in the deck, entry or exit
Carried = list[tuple[int, str, dict[str, Any]]]

TOGETHER: Final = 12  # trades in the same few symbols; their positions overlap
RETOLD: Final = 0.5  # how often a host tells again what it was telling when it died


def deck_of(seed: int, number: int, *, twins: bool = True) -> list[dict[str, Any]]:
    """
    Return trades for a round: overlaps, shorts, fractions, *twins*, some left open.

    The symbols change after every few, or each trade would need an account tag, and so
    an import, of its own.
    """
    trades = generated(seed, number)
    for index, trade in enumerate(trades):
        letters = ""
        left = index // TOGETHER
        while left:
            left, letter = divmod(left - 1, 26)
            letters = chr(ord("A") + letter) + letters
        name, dash, rest = trade["symbol"].partition("-")
        trade["symbol"] = name + letters + dash + rest
    if twins:
        return trades
    fills = Counter(fill for trade in trades for fill in expected_fills(trade))
    return [t for t in trades if all(fills[f] == 1 for f in expected_fills(t))]


@attrs.frozen(kw_only=True)
class Verdict:
    """
    How a journal compares: executions *accepted*, *lost* and *doubled*.

    *wrong* says in words what is not as it should be.
    """

    accepted: int
    lost: int
    doubled: int
    wrong: list[str]


class StillReader(JournalReader):
    """Reads a journal in which nothing moves any more: each page once."""

    def __init__(self, url: str, login: str) -> None:
        super().__init__(url, login)
        self._read: dict[str, Any] = {}

    def get(self, path: str, **query: object) -> Any:
        """Return the document at *path*."""
        key = f"{path} {sorted(query.items())}"
        if key not in self._read:
            self._read[key] = super().get(path, **query)
        return self._read[key]

    def trades(self) -> list[dict[str, Any]]:
        """Return every trade with executions."""
        return [row for row in super().trades() if row["exec_count"]]

    def basics(self) -> list[dict[str, Any]]:
        """Return every trade without."""
        rows = [row for row in super().trades() if not row["exec_count"]]
        return [self.trade(row["id"]) for row in rows]


class Truth:
    """
    Which events of the trades in *deck* were told, kept as it happens.

    *basics* tells whether fractions, and so coins, are refused by the journal.
    """

    def __init__(
        self, deck: list[dict[str, Any]], dice: Random, *, basics: bool = False
    ) -> None:
        self.deck = deck
        self.dice = dice
        self.basics = basics
        self.under_way: dict[int, set[Event]] = {}  # by life
        self.maybe: set[Event] = set()
        self.accepted: set[Event] = set()
        self.dropped: set[Event] = set()  # never told again
        self.held = 0  # times that a hook left something in memory

    def begins(self, life: int, index: int, kind: str) -> None:
        """Note that *life* has begun to tell an event."""
        self.under_way.setdefault(life, set()).add((index, kind))

    def accepts(self, life: int, index: int, kind: str, held: int = 0) -> None:
        """Note that the hook has returned, with so many events *held* in memory."""
        self.under_way[life].discard((index, kind))
        self.maybe.discard((index, kind))
        self.accepted.add((index, kind))
        self.held += bool(held)

    def ends(self, life: int) -> None:
        """Note that *life* is over: what was under way may have happened."""
        self.maybe |= self.under_way.pop(life, set()) - self.accepted

    def carried(self, told: Iterable[int]) -> Carried:
        """
        Return what the next life has to go on with of trades *told* by earlier ones.

        A host that keeps its trades closes them in its next life. What it was telling
        when it died it tells again, or does not.
        """
        found: Carried = []
        for index in sorted(told):
            trade = self.deck[index]
            is_open = (index, "entry") in self.accepted and trade["exit_timestamp"]
            for kind in ("entry", "exit") if is_open else ("entry",):
                event = (index, kind)
                if event in self.accepted or event in self.dropped:
                    continue
                if event in self.maybe and self.dice.random() > RETOLD:
                    self.dropped.add(event)
                else:
                    found.append((index, kind, trade))
        return found

    def compare(self, journal: StillReader) -> Verdict:
        """Compare with *journal*, execution by execution and trade by trade."""
        found = Counter(journal.all_executions())
        certain = self.fills(self.accepted)
        lost = certain - found
        doubled = found - certain - self.fills(self.maybe)
        wrong = [f"lost: {fill}" for fill in lost.elements()]
        wrong += [f"doubled: {fill}" for fill in doubled.elements()]
        wrong += differences(journal, self.trades_as_in(journal))
        shown = Counter(
            trade_id
            for row in journal.basics()
            for trade_id in MARKER.findall(row["notes"] or "") or [row["symbol"]]
        )
        refused = self.refused(self.accepted)
        missing = refused - shown
        excess = shown - refused - self.refused(self.maybe)
        wrong += [f"lost as basic: {trade_id}" for trade_id in missing.elements()]
        wrong += [f"doubled as basic: {trade_id}" for trade_id in excess.elements()]
        return Verdict(
            accepted=len(self.accepted),
            lost=lost.total() + missing.total(),
            doubled=doubled.total() + excess.total(),
            wrong=wrong,
        )

    def is_refused(self, index: int) -> bool:
        """Tell whether the journal does not take a trade's executions."""
        return self.basics and "-" in self.deck[index]["symbol"]

    def fills(self, events: Iterable[Event]) -> Counter[Fill]:
        """Return the executions that *events* stand for."""
        return Counter(
            expected_fills(self.deck[index])[kind == "exit"]
            for index, kind in events
            if not self.is_refused(index)
        )

    def refused(self, events: Iterable[Event]) -> Counter[str]:
        """Return the ids of the trades that are shown without executions."""
        ids = (self.deck[index]["id"] for index, _ in events if self.is_refused(index))
        return Counter(set(ids))

    def trades_as_in(self, journal: StillReader) -> list[Mapping[str, Any]]:
        """
        Return the trades that have to stand in *journal*, as they have to.

        Of what is not known to have happened, as the journal has it.
        """
        is_open: dict[str, bool] = {}
        for row in journal.trades():
            full = journal.trade(row["id"])
            for trade_id in MARKER.findall(full["notes"] or ""):
                is_open[trade_id] = bool(full["open"])
        trades: list[Mapping[str, Any]] = []
        for index in {index for index, _ in self.accepted | self.maybe}:
            trade = self.deck[index]
            entered = (index, "entry") in self.accepted
            left = (index, "exit") in self.accepted
            if self.is_refused(index) or not (entered or trade["id"] in is_open):
                continue
            if not left and (index, "exit") in self.maybe:
                left = not is_open.get(trade["id"], True)
            trades.append(trade if left else {**trade, **EXIT_FIELDS})
        return trades

"""
What the host did, and whether the journal says so: nothing lost, nothing doubled.

A step was *accepted* once the hook for it had returned. What was under way when its
process was killed may have been recorded or not, but not twice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any, Final

import attrs

from tests.chaos.stories import EXIT_FIELDS, Story, opposites, positions, told_of
from tests.journeys.fills import Misfit, Position
from tests.journeys.generate import generated
from tests.journeys.reader import (
    CENT,
    MARKER,
    JournalReader,
    differences,
    expected_fills,
    facts,
)

__all__ = ["Carried", "StillReader", "Truth", "Verdict", "deck_of", "tale_of"]

Fill = tuple[str, datetime, Decimal, Decimal]
Event = tuple[int, int]  # place in the deck, step
Carried = list[tuple[int, int, dict[str, Any]]]

TOGETHER: Final = 12  # trades in the same few symbols; their positions overlap
RETOLD: Final = 0.5  # how often a host tells again what it was telling when it died


def deck_of(
    seed: int,
    number: int,
    *,
    twins: bool = True,
    opposite: bool = False,
    is_eventful: bool = True,
) -> list[Story]:
    """
    Return trades for a round: overlaps, shorts, fractions, *twins*, some left open.

    The symbols change after every few, or each trade would need an account tag, and so
    an import, of its own. *is_eventful*: some fill, and are closed, in parts, and much
    is recorded again; *opposite*: some are closed by a trade of the other side.
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
    if not twins:
        fills = Counter(fill for trade in trades for fill in expected_fills(trade))
        trades = [t for t in trades if all(fills[f] == 1 for f in expected_fills(t))]
    if opposite:
        return opposites(trades, Random(seed))
    return [told_of(trade, is_eventful=is_eventful) for trade in trades]


def tale_of(story: Story) -> dict[str, Any]:
    """Return what a process needs to live through *story*."""
    steps = [step.facts() for step in story.steps]
    return {"is_plain": story.is_plain, "steps": steps}


@attrs.frozen(kw_only=True)
class Verdict:
    """
    How a journal compares: steps *accepted*, executions *lost* and *doubled*.

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

    def named(self) -> dict[str, list[dict[str, Any]]]:
        """Return the trades with executions by the ids that their notes name."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self.trades():
            full = self.trade(row["id"])
            for trade_id in MARKER.findall(full["notes"] or ""):
                found.setdefault(trade_id, []).append(full)
        return found


class Truth:
    """
    Which steps of the stories in *deck* were taken, kept as it happens.

    *basics* tells whether fractions, and so coins, are refused by the journal.
    """

    def __init__(
        self, deck: list[Story], dice: Random, *, basics: bool = False
    ) -> None:
        self.deck = deck
        self.dice = dice
        self.basics = basics
        self.under_way: dict[int, set[Event]] = {}  # by life
        self.maybe: set[Event] = set()
        self.accepted: set[Event] = set()
        self.dropped: set[Event] = set()  # never told again
        self.in_memory: set[Event] = set()  # accepted, and not written for sure
        self.held = 0  # times that a hook left something in memory

    def begins(self, life: int, index: int, step: int) -> None:
        """Note that *life* has begun to take a step."""
        self.under_way.setdefault(life, set()).add((index, step))
        self.in_memory.discard((index, step - 1))

    def accepts(self, life: int, index: int, step: int, held: int = 0) -> None:
        """Note that the hook has returned, with so many events *held* in memory."""
        event = (index, step)
        self.under_way[life].discard(event)
        self.maybe.discard(event)
        self.accepted.add(event)
        self.held += bool(held)
        (self.in_memory.add if held else self.in_memory.discard)(event)

    def ends(self, life: int) -> None:
        """Note that *life* is over: what was under way may have happened."""
        self.maybe |= self.under_way.pop(life, set()) - self.accepted

    def taken(self, index: int) -> int:
        """Return how many steps of a story were accepted."""
        numbers = range(len(self.deck[index].steps) + 1)
        return next(n for n in numbers if (index, n) not in self.accepted)

    def carried(self, told: Iterable[int]) -> Carried:
        """
        Return what the next life has to go on with of stories *told* by earlier ones.

        A host that keeps its trades goes on with them in its next life. The step that
        it was taking when it died it takes again, or does not; then the story is over.
        """
        found: Carried = []
        for index in sorted(told):
            story, step = self.deck[index], self.taken(index)
            event = (index, step)
            if step == len(story.steps) or event in self.dropped:
                continue
            if event in self.maybe and self.dice.random() > RETOLD:
                self.dropped.add(event)
                continue
            if not story.is_plain and (index, step - 1) in self.in_memory:
                step -= 1
            found.append((index, step, tale_of(story)))
        return found

    def compare(self, journal: StillReader) -> Verdict:
        """Compare with *journal*, execution by execution and trade by trade."""
        found = Counter(journal.all_executions())
        lost, doubled, wrong = self.compare_parts(journal, found)
        certain = self.fills(self.accepted)
        missing = certain - found
        excess = found - certain - self.fills(self.maybe)
        wrong += [f"lost: {fill}" for fill in missing.elements()]
        wrong += [f"doubled: {fill}" for fill in excess.elements()]
        lost += missing.total()
        doubled += excess.total()
        trades = self.trades_as_in(journal)
        besides = {
            trade["id"]
            for story in self.deck
            for trade in (story.trade, *story.others)
            if not story.is_plain
        }
        wrong += differences(journal, trades, besides=besides)
        shown = Counter(
            trade_id
            for row in journal.basics()
            for trade_id in MARKER.findall(row["notes"] or "") or [row["symbol"]]
        )
        refused = self.refused(self.accepted)
        absent = refused - shown
        too_many = shown - refused - self.refused(self.maybe)
        wrong += [f"lost as basic: {trade_id}" for trade_id in absent.elements()]
        wrong += [f"doubled as basic: {trade_id}" for trade_id in too_many.elements()]
        return Verdict(
            accepted=len(self.accepted),
            lost=lost + absent.total(),
            doubled=doubled + too_many.total(),
            wrong=wrong,
        )

    def compare_parts(
        self, journal: StillReader, found: Counter[Fill]
    ) -> tuple[int, int, list[str]]:
        """
        Compare the trades that are filled or closed in parts.

        Their executions are taken out of those that were *found*.
        """
        lost = doubled = 0
        wrong: list[str] = []
        named = journal.named()
        for index in sorted({index for index, _ in self.accepted | self.maybe}):
            story = self.deck[index]
            if story.is_plain:
                continue
            misfits = self.nearest(journal, named, index)
            lost += sum(misfit.missing for misfit in misfits)
            doubled += sum(misfit.excess for misfit in misfits)
            wrong += [p for misfit in misfits for p in misfit.problems]
            wrong += [
                f"{story.trade_id}: lost {misfit.missing}, doubled {misfit.excess}"
                for misfit in misfits
                if misfit.missing or misfit.excess
            ]
            ids = [trade["id"] for trade in (story.trade, *story.others)]
            there = {row["id"]: row for i in ids for row in named.get(i, [])}
            for row in there.values():
                found.subtract(facts(fill) for fill in journal.executions(row["id"]))
        if (twice := -found).total():
            wrong.append(f"in the journal trades of two stories: {twice}")
        return lost, doubled, wrong

    def nearest(
        self,
        journal: StillReader,
        named: Mapping[str, list[dict[str, Any]]],
        index: int,
    ) -> list[Misfit]:
        """Return how far a story is from the journal, by the history that fits best."""
        story, taken = self.deck[index], self.taken(index)
        histories = [taken]
        if (index, taken) in self.maybe:
            histories.append(taken + 1)
        compared = [
            [
                *(
                    compare_position(position, story, journal, named)
                    for position in positions(story, number)
                ),
                *nothing_but(story, number, named),
            ]
            for number in histories
        ]
        return min(compared, key=lambda some: sum(misfit.total for misfit in some))

    def is_refused(self, index: int) -> bool:
        """Tell whether the journal does not take a trade's executions."""
        return self.basics and "-" in self.deck[index].trade["symbol"]

    def fills(self, events: Iterable[Event]) -> Counter[Fill]:
        """Return the executions that *events* of plain trades stand for."""
        steps: dict[int, set[str]] = {}
        for index, step in events:
            story = self.deck[index]
            if not story.is_plain or self.is_refused(index):
                continue
            for leg in ("entry", "exit"):
                if step == story.first_of(leg):
                    steps.setdefault(index, set()).add(leg)
        return Counter(
            expected_fills(self.deck[index].trade)[leg == "exit"]
            for index, legs in steps.items()
            for leg in legs
        )

    def refused(self, events: Iterable[Event]) -> Counter[str]:
        """Return the ids of the trades that are shown without executions."""
        return Counter(
            {self.deck[index].trade_id for index, _ in events if self.is_refused(index)}
        )

    def trades_as_in(self, journal: StillReader) -> list[Mapping[str, Any]]:
        """
        Return the plain trades that have to stand in *journal*, as they have to.

        Of what is not known to have happened, as the journal has it.
        """
        is_open = {
            trade_id: bool(full["open"])
            for trade_id, rows in journal.named().items()
            for full in rows
        }
        trades: list[Mapping[str, Any]] = []
        for index in {index for index, _ in self.accepted | self.maybe}:
            story = self.deck[index]
            trade = story.trade
            entered = (index, story.first_of("entry")) in self.accepted
            exit_event = (index, story.first_of("exit"))
            left = exit_event in self.accepted
            if not story.is_plain or self.is_refused(index):
                continue
            if not (entered or story.trade_id in is_open):
                continue
            if not left and exit_event in self.maybe:
                left = not is_open.get(story.trade_id, True)
            trades.append(trade if left else {**trade, **EXIT_FIELDS})
        return trades


def nothing_but(
    story: Story, steps: int, named: Mapping[str, list[dict[str, Any]]]
) -> list[Misfit]:
    """Return what stands for trades of *story* that are not there by so many steps."""
    there = {position.trade_id for position in positions(story, steps)}
    rows = [] if there else named.get(story.trade_id, [])
    excess = sum(int(row["exec_count"]) for row in rows)
    return [Misfit(missing=0, excess=excess)] if excess else []


def compare_position(
    position: Position,
    story: Story,
    journal: StillReader,
    named: Mapping[str, list[dict[str, Any]]],
) -> Misfit:
    """Compare a position with the one journal trade that stands for it."""
    rows = named.get(position.trade_id, [])
    if story.others:  # its notes stand with what it has closed of the other, too
        began = position.sign
        rows = [row for row in rows if (row["side"] == "long") is (began == 1)]
    fills = [facts(fill) for row in rows for fill in journal.executions(row["id"])]
    misfit = position.misfit(fills)
    if len(rows) != 1:
        problem = f"{position.trade_id} stands {len(rows)} times"
        return attrs.evolve(misfit, problems=(*misfit.problems, problem))
    problems = [
        f"{position.trade_id}: {name} is {is_}, expected {wanted}"
        for name, is_, wanted in told(position, story, rows[0])
        if is_ != wanted
    ]
    return attrs.evolve(misfit, problems=(*misfit.problems, *problems))


def told(
    position: Position, story: Story, row: Mapping[str, Any]
) -> Iterable[tuple[str, object, object]]:
    """Yield what a journal trade says of *position*, and what it has to say."""
    trade = story.trade
    is_open = position.closed < position.entered
    yield "open", bool(row["open"]), is_open
    if story.others:
        return
    yield "names", MARKER.findall(row["notes"]), [position.trade_id]
    says = f"closed {position.closed} of {position.entered}"
    yield "closed part", says in row["notes"], is_open and position.closed > 0
    paid, _ = position.paid
    stop = Decimal(str(trade["stop_price"]))
    risk = abs(paid - position.entered * stop)
    yield (
        "risk",
        (row["initial_risk"] or Decimal(0)).quantize(CENT),
        risk.quantize(CENT),
    )
    if not is_open:
        yield "commission", row["commission"], Decimal(str(trade["commission"] or 0))

"""
Whose executions a journal trade holds, and whether one more of ours belongs there.

Pure functions of what was read: the executions of a journal trade on one side, those
that we have sent on the other. People add, edit, delete, merge and split meanwhile,
and an execution of the journal has no mark of who sent it: its values tell.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

import attrs

from argo_tradervue_plugin.matching.locate import is_same
from argo_tradervue_plugin.model.executions import (
    Execution,
    Key,
    whole_second,
)
from argo_tradervue_plugin.model.journal import JournalExecution
from argo_tradervue_plugin.planning.slots import slot_of

__all__ = [
    "Answer",
    "Held",
    "Look",
    "Missing",
    "Send",
    "Standing",
    "Stands",
    "Waits",
    "answers",
    "our_tags",
    "overlap",
    "pause_between",
    "told_apart",
]

ZERO: Final = Decimal(0)


@attrs.frozen
class Held:
    """An execution of ours, and what the journal trade shows for it."""

    ours: Execution
    fill: JournalExecution


@attrs.frozen(kw_only=True)
class Standing:
    """
    The executions of one journal trade by whose they are.

    *own* are those of the trade in question, *others* those of other trades of ours,
    *foreign* those that no import of ours held. *missing* are of the trade in
    question, and were read there before. *orphans* close another trade of ours of which
    the entry is missing: they take from whatever else is open.
    """

    own: tuple[Held, ...] = ()
    others: tuple[Held, ...] = ()
    foreign: tuple[JournalExecution, ...] = ()
    missing: tuple[Execution, ...] = ()
    orphans: tuple[JournalExecution, ...] = ()


def told_apart(
    fills: Iterable[JournalExecution],
    *,
    own: Iterable[Execution],
    unseen: Iterable[Execution] = (),
    linked: Iterable[Execution] = (),
    strays: Iterable[Execution] = (),
) -> Standing:
    """
    Return whose each of the *fills* of a journal trade is.

    *own* are those of one trade that were read there, *unseen* those of it that were
    not, *linked* those of other trades that were read there, *strays* those of any
    other that may stand there. Of two that are equal another trade's comes first, so
    that one execution never speaks for two. What is left is looked for in parts, since
    an execution that crosses zero shows a part in each of two trades, and then as
    edited by a person.
    """
    rest, mine, theirs = list(fills), list(own), list(linked)
    others = _taken(theirs, rest, is_same)
    ours = _taken(mine, rest, is_same)
    others += _taken(list(strays), rest, is_same)
    ours += _taken(list(unseen), rest, is_same)
    # Whose an edited execution is, the number of equal facts tells.
    for fits in (_is_part, _is_near, _is_like):
        others += _taken(theirs, rest, fits)
        ours += _taken(mine, rest, fits)
    lost = {execution.trade_id for execution in theirs if execution.opens}
    return Standing(
        own=tuple(ours),
        others=tuple(others),
        foreign=tuple(rest),
        missing=tuple(mine),
        orphans=tuple(
            held.fill
            for held in others
            if not held.ours.opens and held.ours.position in lost
        ),
    )


def _taken(
    wanted: list[Execution],
    rest: list[JournalExecution],
    fits: Callable[[JournalExecution, Execution], bool],
) -> list[Held]:
    """Take what *fits* out of both lists; return it."""
    held = []
    for ours in list(wanted):
        fill = next((fill for fill in rest if fits(fill, ours)), None)
        if fill is not None:
            held.append(Held(ours, fill))
            wanted.remove(ours)
            rest.remove(fill)
    return held


def _is_part(fill: JournalExecution, ours: Execution) -> bool:
    """Tell whether *fill* can be what one of two trades shows of *ours*."""
    whole = attrs.evolve(fill, quantity=ours.quantity)
    return 0 < fill.quantity / ours.quantity < 1 and is_same(whole, ours)


def _is_near(fill: JournalExecution, ours: Execution) -> bool:
    """Tell whether *fill* differs from *ours* in one fact, on the same side."""
    return _likeness(fill, ours) >= 2  # noqa: PLR2004 - of three


def _is_like(fill: JournalExecution, ours: Execution) -> bool:
    """Tell whether *fill* has one fact of *ours*, on the same side."""
    return _likeness(fill, ours) >= 1


def _likeness(fill: JournalExecution, ours: Execution) -> int:
    if fill.quantity * ours.quantity <= 0:
        return 0
    return sum(
        (
            fill.quantity == ours.quantity,
            fill.price == ours.price,
            whole_second(fill.executed_at) == ours.executed_at,
        )
    )


# Before an execution that goes without its entry ------------------------------------


@attrs.frozen
class Send:
    """It belongs there, under this account tag."""

    account_tag: str


@attrs.frozen
class Stands:
    """It stands there already: a person entered an equal one."""


@attrs.frozen
class Missing:
    """Nothing of the entry that it belongs to stands there."""


@attrs.frozen
class Waits:
    """A person has to decide: a reason code, and what belongs to it."""

    code: str
    detail: str


Answer = Send | Stands | Missing | Waits


@attrs.frozen(kw_only=True)
class Look:
    """
    A journal trade as it was just read, before something of ours is added to it.

    *tags* are the account tags of ours that it carries, None where account tags
    separate nothing: then everything goes as it was planned. *unseen* is what closes
    the trade, may be stored and does not show. *whole* are executions of which the
    other part was read in another journal trade. *apart* are other journal trades that
    are open, and hold executions of this trade or have its account tag.
    """

    journal_id: int
    standing: Standing
    tags: tuple[str, ...] | None
    unseen: tuple[Execution, ...] = ()
    whole: Collection[Key] = ()
    apart: tuple[int, ...] = ()

    @property
    def entries(self) -> tuple[Held, ...]:
        """Return what stands there of the trade's entry."""
        return tuple(held for held in self.standing.own if held.ours.opens)

    @property
    def room(self) -> Decimal:
        """
        How much of the trade is open there: its own, less what others took.

        What other trades of ours net does not count. What a person took does, and what
        they gave does not.
        """
        if not self.entries:
            return ZERO
        since = min(whole_second(held.fill.executed_at) for held in self.entries)
        own = sum((self._shown(held) for held in self.standing.own), ZERO)
        own += sum((execution.quantity for execution in self.unseen), ZERO)
        took = sum((fill.quantity for fill in _taking(self.standing, since)), ZERO)
        return self.toward(own) + min(ZERO, self.toward(took))

    def toward(self, quantity: Decimal) -> Decimal:
        """Return *quantity* with the sign that makes the side of the entry positive."""
        return quantity if self.entries[0].ours.quantity > 0 else -quantity

    def _shown(self, held: Held) -> Decimal:
        is_whole = held.ours.key in self.whole
        return held.ours.quantity if is_whole else held.fill.quantity


def answers(look: Look, due: Sequence[Execution], planned: str) -> list[Answer]:
    """
    Return what is to be done with each execution that is *due* in a journal trade.

    They open or close the position of one trade, the former first, and were *planned*
    under that account tag.
    """
    standing = {held.ours.key for held in look.standing.own}
    room = look.room
    found: list[Answer] = []
    for execution in due:
        if not look.entries:
            found.append(Missing())
        elif execution.key in standing:
            found.append(Stands())
        else:
            answer = _answer(look, execution, room, planned)
            if isinstance(answer, Send):
                room += look.toward(execution.quantity)
            found.append(answer)
    return found


def _answer(
    look: Look, execution: Execution, room: Decimal, planned: str
) -> Send | Waits:
    if look.tags is not None and look.apart:
        # Under one account tag Tradervue would choose, and may open a wrong side.
        ids = " and ".join(f"{i}" for i in (look.journal_id, *look.apart))
        return Waits("split", f"journal trades {ids} are open under its account tag")
    size = abs(execution.quantity)
    needed = ZERO if execution.opens else size
    if room <= 0 or needed > room:
        there = f"{max(room, ZERO):f} open in journal trade {look.journal_id}"
        return Waits("closed_in_journal", f"{there}, {size:f} to send")
    if look.tags is None:
        return Send(planned)
    if len(look.tags) == 1:
        return Send(look.tags[0])
    carried = " and ".join(look.tags) or "none of our account tags"
    return Waits("merged", f"journal trade {look.journal_id} carries {carried}")


def _taking(standing: Standing, since: datetime) -> list[JournalExecution]:
    """
    Return the executions that may have taken from what was entered *since*.

    Where the journal trade was flat just before, what closed it until then is over.
    """
    ours = (held.fill for held in (*standing.own, *standing.others))
    before = [
        fill.quantity
        for fill in (*ours, *standing.foreign)
        if whole_second(fill.executed_at) < since
    ]
    takers = [*standing.foreign, *standing.orphans]
    if sum(before, ZERO):
        return takers
    return [fill for fill in takers if whole_second(fill.executed_at) >= since]


def our_tags(tags: Iterable[str], base: str, planned: str) -> tuple[str, ...]:
    """Return which of a journal trade's *tags* are account tags of ours."""
    return tuple(tag for tag in tags if tag == planned or slot_of(base, tag))


# After it was read back ------------------------------------------------------------


def overlap(one: Sequence[Execution], other: Sequence[Execution]) -> bool:
    """Tell whether two trades were open at a time; one may open as the other closes."""
    (start, end), (begin, finish) = _span(one), _span(other)
    return (end is None or begin < end) and (finish is None or start < finish)


def pause_between(one: Sequence[Execution], other: Sequence[Execution]) -> float:
    """Return the seconds from the close of one trade to the entry of the other."""
    (start, end), (begin, finish) = _span(one), _span(other)
    gaps = [
        (later - earlier).total_seconds()
        for earlier, later in ((end, begin), (finish, start))
        if earlier is not None and later >= earlier
    ]
    return min(gaps, default=0.0)


def _span(executions: Sequence[Execution]) -> tuple[datetime, datetime | None]:
    """Return when a trade was opened and closed, None while something is open."""
    times = [execution.executed_at for execution in executions]
    is_open = bool(sum(execution.quantity for execution in executions))
    return min(times), None if is_open else max(times)

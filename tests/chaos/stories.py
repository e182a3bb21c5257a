"""
What a host does with a trade, step by step: fills and exits in parts, corrections.

A step is one call of a hook. What it means is noted beside it, for the truth; most of
what a host calls again, or writes otherwise, means nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs

from tests.journeys.fills import Did, Position

__all__ = ["EXIT_FIELDS", "Step", "Story", "opposites", "positions", "told_of"]

# What a host does not know before the exit.
EXIT_FIELDS: Final = {
    "exit_price": None,
    "actual_exit_price": None,
    "exit_timestamp": None,
    "pnl_dollars": None,
    "outcome": "pending",
    "exit_reason": None,
    "commission": None,
}
IN_PARTS: Final = 0.5  # of the trades that are large and long enough
REPEATED: Final = 0.2  # of the steps
SPELLED: Final = 0.4  # of the exits and repetitions: in other words than the entry
LEAST: Final = 12  # shares that make parts
SHORTEST: Final = 600.0  # seconds that a position is held in which there are parts
SIDES: Final = {
    "long": ("LONG", "buy", " Long ", "b"),
    "short": ("SHORT", "sell", " Short ", "s"),
}

ZONE: Final = ZoneInfo("America/New_York")

Trade = dict[str, Any]


@attrs.frozen(kw_only=True)
class Step:
    """
    One call of a *hook* with *trade*, and what the host *did* by then.

    Not *is_kept* is another worker's copy, which this host's tracker does not hold.
    """

    hook: str
    trade: Trade
    is_kept: bool = True
    is_mapping: bool = False
    did: tuple[Did, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return what a process needs to take it."""
        return {
            "hook": self.hook,
            "trade": self.trade,
            "is_kept": self.is_kept,
            "is_mapping": self.is_mapping,
        }


@attrs.frozen(kw_only=True)
class Story:
    """
    The *steps* of a trade that in the end is *trade*.

    *is_plain*: an entry and an exit, each in one go. *others* are further trades of
    the same story.
    """

    trade: Trade
    steps: tuple[Step, ...]
    is_plain: bool = True
    others: tuple[Trade, ...] = ()

    @property
    def trade_id(self) -> str:
        """Return the id of its first trade."""
        return str(self.trade["id"])

    def first_of(self, leg: str) -> int:
        """Return the first step that tells of *leg*; behind the last: none."""
        hooks = {"entry": "on_trade_recorded", "exit": "on_position_closed"}
        found = [n for n, step in enumerate(self.steps) if step.hook == hooks[leg]]
        return min(found, default=len(self.steps))


def positions(story: Story, steps: int) -> list[Position]:
    """Return what stands of *story* after so many *steps*."""
    did = [each for step in story.steps[:steps] for each in step.did]
    found = []
    for trade in (story.trade, *story.others):
        own = tuple(each for each in did if each.trade_id == trade["id"])
        if own:
            sign = 1 if trade["signal_type"] == "long" else -1
            found.append(
                Position(
                    trade_id=trade["id"], symbol=trade["symbol"], sign=sign, did=own
                )
            )
    return found


def told_of(trade: Trade, *, is_eventful: bool = True) -> Story:
    """
    Return the story of *trade*; equal trades have equal stories.

    Not *is_eventful*: it is entered and closed in one go, and nothing is repeated.
    """
    dice = Random(f"{trade['symbol']} {trade['entry_timestamp']} {trade['quantity']}")
    if is_eventful and has_room(trade) and dice.random() < IN_PARTS:
        steps = with_repetitions(in_parts(trade, dice), dice)
        return Story(trade=trade, steps=tuple(steps), is_plain=False)
    steps = [Step(hook="on_trade_recorded", trade={**trade, **EXIT_FIELDS})]
    if trade["exit_timestamp"] is not None:
        steps.append(Step(hook="on_position_closed", trade=trade))
    if is_eventful:
        steps = [steps[0], *(respelled(step, dice) for step in steps[1:])]
        steps = with_repetitions(steps, dice)
    return Story(trade=trade, steps=tuple(steps))


def has_room(trade: Mapping[str, Any]) -> bool:
    """Tell whether *trade* can be filled and closed in parts."""
    if trade["asset_class"] != "stock" or trade["quantity"] < LEAST:
        return False
    left = trade["exit_timestamp"]
    return left is None or (moment(left) - moment(trade["entry_timestamp"])) >= (
        timedelta(seconds=SHORTEST)
    )


def moment(text: str) -> datetime:
    """Return a time of the host's."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def text_of(at: datetime) -> str:
    """Return *at* as the host writes it."""
    return at.replace(tzinfo=None).isoformat(timespec="microseconds")


def in_parts(trade: Trade, dice: Random) -> list[Step]:
    """Return the steps of a trade that fills, and is closed, in parts."""
    began = moment(trade["entry_timestamp"])
    ended = moment(trade["exit_timestamp"]) if trade["exit_timestamp"] else None
    held = (ended or began + timedelta(seconds=SHORTEST)) - began
    filling = Filling(trade, dice)
    sizes = parts_of(int(trade["quantity"]), dice.randint(1, 3), dice)
    late = ended is not None and len(sizes) > 1 and dice.random() < 0.3
    last = sizes.pop() if late else 0
    steps = []
    for number, size in enumerate(sizes):
        at = began + held * 0.1 * number
        hook = "on_trade_recorded" if not number else filling.hook()
        steps.append(filling.entry(hook, size, at, began))
    if ended is None:
        return steps
    open_ = sizes[-1]
    for number in range(dice.randint(0, 2)):
        some = [n for n in range(1, open_ // 2) if n not in filling.figures]
        if not some:
            break
        at = began + held * (0.5 + 0.2 * number)
        size = dice.choice(some)
        steps.append(filling.exit(size, at))
        more = [n for n in some if n > size]
        if more and dice.random() < 0.3:  # it was filled further, at its time
            size = dice.choice(more)
            steps.append(filling.exit(size, at, later=held * 0.01))
        filling.finish_exit()
        open_ -= size
    if dice.random() < 0.85 or last:
        steps.append(filling.close(last or sizes[-1], ended, began, grows=bool(last)))
    return steps


def parts_of(whole: int, number: int, dice: Random) -> list[int]:
    """Return so many growing sizes, the last of which is *whole*."""
    some = dice.sample(range(4, whole), number - 1)
    return [*sorted(some), whole]


class Filling:
    """A trade in the course of its fills; *closed* and *earned* are of the exit."""

    def __init__(self, trade: Trade, dice: Random) -> None:
        self.trade = trade
        self.dice = dice
        self.now: Trade = {**trade, **EXIT_FIELDS}
        self.orders_whole = dice.random() < 0.5
        self.size = 0
        self.cost = 0.0
        self.closed = self.exited = 0
        self.exited_for = 0.0
        self.earned = 0.0
        self.price = 0.0
        self.figures = {int(trade["quantity"])}

    def hook(self) -> str:
        """Return by which hook the host tells of a fill."""
        return self.dice.choice(("on_trade_corrected", "on_trade_recorded"))

    def near(self, price: float) -> float:
        """Return what the next fill costs."""
        return round(price * self.dice.uniform(0.99, 1.01), 2)

    def grow(self, size: int) -> Decimal:
        """Let the order be filled up to *size*; return the average price."""
        self.cost += (size - self.size) * self.near(self.trade["entry_price"])
        self.size = size
        self.figures.add(size)
        price = round(self.cost / size, 4)
        self.cost = size * price
        whole = self.trade["quantity"]
        self.now |= {
            "quantity": whole if self.orders_whole else size,
            "filled_qty": size,
            "partial_fill": not self.orders_whole and size < whole,
            "actual_entry_price": price,
        }
        return Decimal(str(price))

    def entry(self, hook: str, size: int, at: datetime, began: datetime) -> Step:
        """Return the step that tells of a fill of the entry."""
        price = self.grow(size)
        self.now["updated_at"] = text_of(at)
        is_later = at >= began + timedelta(seconds=1)
        did = Did(
            trade_id=self.trade["id"],
            leg="entry",
            price=price,
            at=at if is_later else began,
            size=Decimal(size),
        )
        return Step(hook=hook, trade=dict(self.now), did=(did,))

    def exit(self, size: int, at: datetime, *, later: timedelta = timedelta(0)) -> Step:
        """Return the step that tells that *size* was closed."""
        more = size - self.exited
        self.exited_for += more * self.near(self.trade["exit_price"])
        self.exited = size
        self.price = round(self.exited_for / size, 4)
        trade = {
            **self.now,
            "exit_timestamp": text_of(at),
            "exit_price": self.price,
            "actual_exit_price": self.price,
            "filled_qty": size,
            "updated_at": text_of(at + later),
        }
        did = Did(
            trade_id=self.trade["id"],
            leg="exit",
            price=Decimal(str(self.price)),
            at=at,
            size=Decimal(size),
        )
        step = Step(hook="on_position_closed", trade=trade, did=(did,))
        return respelled(step, self.dice)

    def finish_exit(self) -> None:
        """Let what is exited now be an exit at another time."""
        self.closed += self.exited
        self.earned += self.exited * self.price
        self.exited, self.exited_for = 0, 0.0

    def close(self, size: int, at: datetime, began: datetime, *, grows: bool) -> Step:
        """Return the step that tells that all was closed, and *grows* the entry."""
        did = []
        if grows:
            price = self.grow(size)
            did.append(
                Did(
                    trade_id=self.trade["id"],
                    leg="entry",
                    price=price,
                    at=began,
                    size=Decimal(size),
                )
            )
        rest = size - self.closed
        earned = self.earned + rest * self.near(self.trade["exit_price"])
        price = Decimal(str(round(earned / size, 4)))
        final = {name: self.trade[name] for name in EXIT_FIELDS}
        trade = {
            **self.now,
            **final,
            "exit_price": float(price),
            "actual_exit_price": float(price),
            "updated_at": text_of(at),
        }
        did.append(Did(trade_id=self.trade["id"], leg="exit", price=price, at=at))
        step = Step(hook="on_position_closed", trade=trade, did=tuple(did))
        return respelled(step, self.dice)


def with_repetitions(steps: Sequence[Step], dice: Random) -> list[Step]:
    """
    Return *steps* with some that mean nothing: what was recorded, once more.

    Where the host says when it wrote a copy, another worker's may be an older one.
    """
    found: list[Step] = []
    for number, step in enumerate(steps):
        found.append(step)
        if dice.random() > REPEATED:
            continue
        has_times = bool(step.trade.get("updated_at"))
        old = dice.choice(steps[: number + 1]) if has_times else step
        again = attrs.evolve(old, is_kept=False, did=())
        if dice.random() < 0.5:
            again = attrs.evolve(again, hook="on_trade_corrected")
        found.append(respelled(again, dice))
    return found


def respelled(step: Step, dice: Random) -> Step:
    """Return *step* with the same trade, written otherwise perhaps."""
    trade = dict(step.trade)
    if dice.random() > SPELLED or trade["signal_type"] not in SIDES:
        return step
    trade["id"] = f" {trade['id']} "
    trade["symbol"] = f"{trade['symbol'].lower()} "
    trade["signal_type"] = dice.choice(SIDES[trade["signal_type"]])
    for name in ("entry_timestamp", "exit_timestamp"):
        if trade[name] is not None:
            trade[name] = spelled(trade[name], dice)
    return attrs.evolve(step, trade=trade, is_mapping=dice.random() < 0.5)


def spelled(text: str, dice: Random) -> str:
    """Return a time of the host's in another form."""
    at = moment(text)
    ways = (
        at.isoformat(),
        f"{text}Z",
        at.isoformat(timespec="milliseconds"),
        at.astimezone(ZONE).isoformat(),
        str(at.replace(tzinfo=None)),
    )
    return dice.choice(ways)


def opposite(trade: Trade, number: int, dice: Random) -> Story:
    """
    Return the story of a long *trade* that one of the other side closes in part.

    The other sells less, as much or more; what is left of either is closed by itself,
    or stays open.
    """
    symbol = f"OPP{number}"
    began = moment(trade["entry_timestamp"])
    size = int(trade["quantity"])
    price = Decimal(str(trade["entry_price"]))
    long_ = {**trade, "symbol": symbol, "signal_type": "long"}
    sold = dice.choice((size // 2, size, size + 10))
    at = began + timedelta(minutes=5)
    short = {
        **long_,
        "id": f"{trade['id']}_s",
        "signal_id": f"{trade['signal_id']}-S",
        "signal_type": "short",
        "quantity": sold,
        "filled_qty": sold,
        "entry_timestamp": text_of(at),
        "stop_price": None,
        "verification_hash": f"s{trade['verification_hash'][1:]}",
    }
    closed = min(size, sold)

    def did(own: Trade, leg: str, when: datetime, much: int) -> Did:
        return Did(
            trade_id=own["id"], leg=leg, price=price, at=when, size=Decimal(much)
        )

    enters = [did(long_, "exit", at, closed)]
    if sold > closed:
        enters.append(did(short, "entry", at, sold - closed))
    steps = [
        Step(
            hook="on_trade_recorded",
            trade={**long_, **EXIT_FIELDS},
            did=(did(long_, "entry", began, size),),
        ),
        Step(
            hook="on_trade_recorded",
            trade={**short, **EXIT_FIELDS},
            did=tuple(enters),
        ),
    ]
    exits = []
    for own, left, minutes in ((long_, size - closed, 9), (short, sold - closed, 7)):
        when = at + timedelta(minutes=minutes)
        leaves = {
            **own,
            "exit_timestamp": text_of(when),
            "exit_price": float(price),
            "actual_exit_price": float(price),
            "exit_reason": "take_profit",
        }
        closes = (did(own, "exit", when, left),) if left else ()
        step = Step(hook="on_position_closed", trade=leaves, did=closes)
        exits.append(respelled(step, dice))
    dice.shuffle(exits)
    steps = with_repetitions([*steps, *exits[: dice.randint(0, 2)]], dice)
    return Story(trade=long_, steps=tuple(steps), is_plain=False, others=(short,))


def opposites(trades: Iterable[Trade], dice: Random) -> list[Story]:
    """Return stories of long *trades*, some of which others of the other side close."""
    found: list[Story] = []
    for number, trade in enumerate(trades):
        if trade["signal_type"] != "long":
            continue
        if has_room(trade) and dice.random() < IN_PARTS:
            found.append(opposite(trade, number, dice))
        else:
            found.append(told_of(trade))
    return found

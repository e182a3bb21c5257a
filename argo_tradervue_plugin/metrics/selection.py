"""Which trades count, and what of them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from operator import attrgetter
from typing import Final, NamedTuple

from argo_tradervue_plugin.model.journal import (
    JournalTrade,
    JournalTradeDetail,
    Side,
)
from argo_tradervue_plugin.model.times import EASTERN, new_york_day

from .arithmetic import ZERO, known
from .figures import Selection

__all__ = [
    "GROSS",
    "LOSS",
    "NET",
    "SCRATCH",
    "WIN",
    "ClosedTrade",
    "Outcome",
    "Result",
    "View",
    "by_booking",
    "day_of_opening",
    "in_order",
    "select",
]

MICROSECOND: Final = timedelta(microseconds=1)

# A time of another year is a mistake, or how some system writes that there is none;
# taken for a close, it would stretch the daily results over thousands of years.
SENSIBLE_YEARS: Final = range(1900, 2200)


class Outcome(IntEnum):
    """What a trade was; the one answer to this question, see :func:`outcome_of`."""

    LOSS = -1
    SCRATCH = 0
    WIN = 1


# Looking a member up in its enum takes several times as long as comparing it.
WIN, LOSS, SCRATCH = Outcome.WIN, Outcome.LOSS, Outcome.SCRATCH


class ClosedTrade(NamedTuple):
    """
    What the metrics look at of a trade that counts; made by the hundred thousand.

    *weekday* (1 is Monday) and *hour* are those of the opening in New York, *opened_on*
    its day there, *closed* is UTC and *booked_on* its day in New York, *held* is how
    long the trade was held, in microseconds. Results, costs and *risk* are in dollars,
    *volume* in shares or units. What the journal does not say is None, but for costs,
    which are zero then.
    """

    id: int
    side: Side | None
    symbol: str
    tags: tuple[str, ...]
    volume: Decimal | None
    weekday: int | None
    hour: int | None
    opened_on: date
    closed: datetime
    booked_on: date
    held: int | None
    gross: Decimal
    gross_outcome: Outcome
    net: Decimal
    net_outcome: Outcome
    commission: Decimal
    fees: Decimal
    costs_are_known: bool
    risk: Decimal | None


# What a trade made, in dollars, and what that makes it: seen gross, or net.
Result = tuple[Decimal, Outcome]
View = Callable[[ClosedTrade], Result]
GROSS: Final[View] = attrgetter("gross", "gross_outcome")
NET: Final[View] = attrgetter("net", "net_outcome")
ORDER: Final = attrgetter("closed", "id")


def select(
    trades: Iterable[JournalTrade],
    start: date,
    end: date,
    scratch_tolerance: Decimal,
    initial_risks: Mapping[int, Decimal | None],
) -> tuple[list[ClosedTrade], Selection]:
    """
    Return the trades that count, in the order of closing (then of ids), and how many.

    An initial risk in *initial_risks* (dollars, by trade id) goes before the trade's
    own. See :class:`ClosedTrade` and :class:`.Selection`.
    """
    given = list(trades)
    unique = without_repeats(given)
    left_out: Counter[str] = Counter(repeated=len(given) - len(unique))
    counted = []
    for trade in unique:
        opened, closed = times_of(trade)
        first, last = opened or closed, closed or opened
        gross = known(trade.gross_pl)
        if first is None or last is None:
            left_out["undated"] += 1
        elif not start <= (begun := first.astimezone(EASTERN)).date() <= end:
            left_out["outside"] += 1
        elif trade.open:
            left_out["open"] += 1
        elif gross is None:
            left_out["without_result"] += 1
        else:
            commission, fees = known(trade.commission), known(trade.fees)
            costs_are_known = commission is not None and fees is not None
            commission, fees = commission or ZERO, fees or ZERO
            net = gross - commission - fees
            counted.append(
                ClosedTrade(
                    id=trade.id,
                    side=trade.side,
                    symbol=trade.symbol,
                    tags=trade.tags,
                    volume=known(trade.volume),
                    weekday=begun.isoweekday() if opened else None,
                    hour=begun.hour if opened else None,
                    opened_on=begun.date(),
                    closed=last,
                    booked_on=last.astimezone(EASTERN).date(),
                    held=(
                        (closed - opened) // MICROSECOND if opened and closed else None
                    ),
                    gross=gross,
                    gross_outcome=outcome_of(gross, scratch_tolerance),
                    net=net,
                    net_outcome=outcome_of(net, scratch_tolerance),
                    commission=commission,
                    fees=fees,
                    costs_are_known=costs_are_known,
                    risk=risk_of(trade, initial_risks),
                )
            )
    return in_order(counted), Selection(
        given=len(given),
        repeated=left_out["repeated"],
        undated=left_out["undated"],
        outside=left_out["outside"],
        open=left_out["open"],
        without_result=left_out["without_result"],
        counted=len(counted),
    )


def in_order(trades: Iterable[ClosedTrade]) -> list[ClosedTrade]:
    """Return *trades* in the order of closing, then of ids."""
    return sorted(trades, key=ORDER)


def by_booking(trades: Iterable[ClosedTrade]) -> dict[date, list[ClosedTrade]]:
    """Return *trades* by the day on which they are booked, each in their order."""
    days: dict[date, list[ClosedTrade]] = defaultdict(list)
    for trade in trades:
        days[trade.booked_on].append(trade)
    return dict(days)


def day_of_opening(trade: JournalTrade) -> date | None:
    """Return the New York day by which *trade* is in a period, None without a time."""
    opened, closed = times_of(trade)
    first = opened or closed
    return first and new_york_day(first)


def without_repeats(trades: Iterable[JournalTrade]) -> list[JournalTrade]:
    """
    Return *trades* with each id once.

    New trades shift the pages of a list while it is read, so that one can come twice.
    """
    found: dict[int, JournalTrade] = {}
    for trade in trades:
        other = found.setdefault(trade.id, trade)
        if other is not trade:
            found[trade.id] = fuller(other, trade)
    return list(found.values())


def fuller(one: JournalTrade, other: JournalTrade) -> JournalTrade:
    """
    Return the one of two readings of a trade that tells more.

    A closed one was read after an open one; more executions came later; a detail has
    what a list has not. Where that decides nothing, the wording does, so that it is
    never the order in which they came.
    """
    first, second = (
        (not trade.open, trade.exec_count, isinstance(trade, JournalTradeDetail))
        for trade in (one, other)
    )
    if first == second:
        return max(one, other, key=repr)
    return one if first > second else other


def times_of(trade: JournalTrade) -> tuple[datetime | None, datetime | None]:
    """Return when *trade* was opened and closed; a close before that is none."""
    opened, closed = moment(trade.started_at), moment(trade.ended_at)
    if opened and closed and closed < opened:
        closed = None
    return opened, closed


def moment(value: datetime | None) -> datetime | None:
    """
    Return *value* in UTC; a naive one is New York's, Tradervue's own zone.

    UTC, since two times of one zone are compared, and subtracted, by what its clock
    shows.
    """
    if value is None or value.year not in SENSIBLE_YEARS:
        return None
    if value.tzinfo is None:
        value = value.replace(tzinfo=EASTERN)
    return value.astimezone(UTC)


def outcome_of(amount: Decimal, tolerance: Decimal) -> Outcome:
    """Return what a trade was that made *amount*, both in dollars."""
    if amount > tolerance:
        return WIN
    return LOSS if amount < -tolerance else SCRATCH


def risk_of(
    trade: JournalTrade, initial_risks: Mapping[int, Decimal | None]
) -> Decimal | None:
    """Return the initial risk of *trade*, None where there is none above zero."""
    own = trade.initial_risk if isinstance(trade, JournalTradeDetail) else None
    for risk in (known(initial_risks.get(trade.id)), known(own)):
        if risk is not None and risk > 0:
            return risk
    return None

"""
Metrics of a period, from the journal's own trades.

Tradervue has no call for performance and no "changed since", so the trades are listed
and remembered by the day of their opening. A day is listed again when this plugin has
synced something of it, and after a while in any case, since people edit their journals.
What is computed of a day's results is remembered too, so that a new trade costs its own
days and not the whole period.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count, groupby
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import TradervueError
from argo_tradervue_plugin.model.times import EASTERN, new_york_day
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.process.forking import Lock
from argo_tradervue_plugin.services.result import Result

if TYPE_CHECKING:
    from argo_tradervue_plugin.metrics import (
        Booked,
        Groups,
        Metrics,
        MetricsOptions,
        Part,
    )
    from argo_tradervue_plugin.model.journal import JournalTrade
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Performance", "Stopped"]

K = TypeVar("K")
V = TypeVar("V")
PartKey = tuple[date, tuple[int, ...]]  # the day of booking, the days of opening

DAY: Final = timedelta(days=1)
# A trade of another time has none, and a period of ten thousand years has many days.
SENSIBLE: Final = (date(1900, 1, 1), date(2199, 12, 31))
# Days in one list, which ends after 100,000 trades; more where there was nothing.
SPAN: Final = 92
MOST_TRADES: Final = 200_000  # remembered beside those of the period asked for
MOST_RESULTS: Final = 16
# A journal that takes minutes to read is not read all the time: it rests so many times
# as long as its reading took.
REST: Final = 10
BEYOND: Final = 2**62  # a step that no history has reached


class Stopped(TradervueError):
    """The process ends, and nothing is read any more."""


@attrs.frozen(eq=False)
class Opened:
    """
    The trades opened on a day, and what counts of them by the day of booking.

    *number* is another one whenever something is different.
    """

    number: int
    trades: "tuple[JournalTrade, ...]"
    risks: dict[int, Decimal]
    booked: "Booked"


class Performance:
    """
    Reads, computes and remembers; for any thread, one at a time.

    *client* returns the client to read with, *clock* returns Unix seconds. Once
    *stopping* is set, reading ends.
    """

    def __init__(
        self,
        client: Callable[[], "TradervueClient"],
        outbox: Outbox,
        settings: Settings,
        clock: Callable[[], float] = time.time,
        stopping: threading.Event | None = None,
    ) -> None:
        self._client = client
        self._outbox = outbox
        self._settings = settings
        self._clock = clock
        self._stopping = stopping or threading.Event()
        self._lock = Lock()
        self._read_at: dict[date, float] = {}
        self._changed: set[date] = set()
        self._days: dict[date, Opened] = {}
        self._parts: dict[PartKey, Part] = {}
        self._blocks: dict[tuple[PartKey, ...], Groups] = {}
        self._results: dict[object, Metrics] = {}
        self._numbers = count()
        self._step = 0
        self._took = 0.0  # seconds

    def metrics(self, start: date, end: date) -> Result:
        """
        Return the metrics of the trades opened from *start* to *end*, both included.

        Days are New York's. An initial risk is the one that Argo's stop gave: the
        journal's own would cost a request for each trade.

        Raises:
            ApiError: where the journal could not be read.
            Stopped: the process ends.
            ValueError: if *end* is before *start*.
        """
        with self._lock:
            now = self._clock()
            self._note_what_changed()
            days = list(days_between(max(start, SENSIBLE[0]), min(end, SENSIBLE[1])))
            for first, last in self._out_of_date(days, now):
                self._read(first, last)
            opened = [self._days[day] for day in days if day in self._days]
            today = datetime.fromtimestamp(now, EASTERN).date()
            key = (start, end, min(end, today), *(one.number for one in opened))
            if key not in self._results:
                self._results[key] = self._compute(opened, start, end, today)
                drop_oldest(self._results, MOST_RESULTS)
            as_of = min((self._read_at[day] for day in days), default=now)
            self._forget_beside(days)
            return Result.of(
                self._results[key], as_of=as_of, step=self._step, computed_at=now
            )

    @property
    def max_age(self) -> float:
        """Return after how many seconds the journal is read again."""
        return max(self._settings.metrics_max_age_seconds, REST * self._took)

    def _options(self) -> "MetricsOptions":
        from argo_tradervue_plugin.metrics import MetricsOptions

        equity = self._settings.equity
        return MetricsOptions(
            equity_base=None if equity is None else Decimal(repr(equity)),
            scratch_tolerance=Decimal(repr(self._settings.scratch_dollars)),
        )

    def _note_what_changed(self) -> None:
        # While nothing is remembered, nothing has changed: only the end is asked for.
        step = self._step if self._read_at else BEYOND
        self._step, entries = self._outbox.entries_synced_after(step)
        for entered_at in entries:
            day = new_york_day(datetime.fromtimestamp(entered_at, UTC))
            if self._read_at.pop(day, None) is not None:
                self._changed.add(day)

    def _out_of_date(self, days: list[date], now: float) -> Iterator[tuple[date, date]]:
        """Yield the first and last of *days* in a row that have to be listed."""
        oldest = now - self.max_age
        first = last = None
        for day in days:
            # A time to come is that of a clock that was set back since.
            if oldest <= self._read_at.get(day, -1.0) <= now:
                continue
            if first is None or last is None or day - last > DAY:
                if first is not None and last is not None:
                    yield first, last
                first = day
            last = day
        if first is not None and last is not None:
            yield first, last

    def _read(self, first: date, last: date) -> None:
        """List the trades opened from *first* to *last*, in as few lists as can be."""
        length, begun, is_long = SPAN, time.monotonic(), first < last
        while first <= last:
            end = min(last, first + (length - 1) * DAY)
            found = self._list(first, end)
            length = SPAN if found else 2 * length
            first = end + DAY
        if is_long:
            self._took = time.monotonic() - begun

    def _list(self, first: date, last: date) -> int:
        """List trades and sort them in by their days; return how many there were."""
        from argo_tradervue_plugin.metrics import day_of_opening
        from argo_tradervue_plugin.model.journal import TradeFilter

        self._go_on()
        now = self._clock()
        listed = defaultdict[date, "list[JournalTrade]"](list)
        number = 0
        for trade in self._client().list_trades(TradeFilter(start=first, end=last)):
            self._go_on()
            day = day_of_opening(trade)
            is_within = day is not None and first <= day <= last
            listed[day if day is not None and is_within else first].append(trade)
            number += 1
        days = list(days_between(first, last))
        news = {}
        for day in days:
            trades = tuple(sorted(listed.get(day, ()), key=lambda trade: trade.id))
            if day in self._changed or trades != self._trades_of(day):
                news[day] = trades
        risks = self._outbox.risks_in([t.id for some in news.values() for t in some])
        for day, trades in news.items():
            self._keep(day, trades, risks)
        self._changed.difference_update(days)
        self._read_at.update(dict.fromkeys(days, now))
        return number

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise Stopped("the host ends")

    def _trades_of(self, day: date) -> "tuple[JournalTrade, ...]":
        return self._days[day].trades if day in self._days else ()

    def _keep(
        self, day: date, trades: "tuple[JournalTrade, ...]", risks: dict[int, Decimal]
    ) -> None:
        from argo_tradervue_plugin.metrics import book

        if not trades:
            self._days.pop(day, None)
            return
        own = {trade.id: risks[trade.id] for trade in trades if trade.id in risks}
        before = self._days.get(day)
        if before is None or (before.trades, before.risks) != (trades, own):
            self._days[day] = Opened(
                number=next(self._numbers),
                trades=trades,
                risks=own,
                booked=book(trades, day, day, self._options(), own),
            )

    def _compute(
        self, opened: list[Opened], start: date, end: date, today: date
    ) -> "Metrics":
        from argo_tradervue_plugin.metrics import Selection, assemble

        booked = defaultdict[date, list[Opened]](list)
        for one in opened:
            for day in one.booked.days:
                booked[day].append(one)
        keys = [
            (day, tuple(one.number for one in booked[day])) for day in sorted(booked)
        ]
        parts = [self._part(key, booked[key[0]]) for key in keys]
        counts = [attrs.astuple(one.booked.selection) for one in opened]
        names = [field.name for field in attrs.fields(Selection)]
        sums = [sum(column) for column in zip(*counts, strict=True)] or [0] * len(names)
        return assemble(
            parts,
            Selection(**dict(zip(names, sums, strict=True))),
            start=start,
            end=end,
            options=self._options(),
            blocks=self._joined(keys),
            today=today,
        )

    def _part(self, key: PartKey, opened: list[Opened]) -> "Part":
        from argo_tradervue_plugin.metrics import part_for

        if key not in self._parts:
            day, _ = key
            self._parts[key] = part_for(day, [one.booked.days[day] for one in opened])
        return self._parts[key]

    def _joined(self, keys: list[PartKey]) -> "list[Groups]":
        """Return the groups of the parts of *keys*, month by month."""
        from argo_tradervue_plugin.metrics import block_of

        months = [
            tuple(some) for _, some in groupby(keys, lambda key: key[0].replace(day=1))
        ]
        self._blocks = {
            month: self._blocks.get(month)
            or block_of(self._parts[key] for key in month)
            for month in months
        }
        return list(self._blocks.values())

    def _forget_beside(self, days: list[date]) -> None:
        """Keep memory bounded, whatever was asked for; *days* are kept in any case."""
        if sum(len(one.trades) for one in self._days.values()) > MOST_TRADES:
            wanted = set(days)
            self._read_at = {d: at for d, at in self._read_at.items() if d in wanted}
            self._days = {d: one for d, one in self._days.items() if d in wanted}
        if len(self._parts) > 2 * len(self._days) + 1000:
            numbers = {one.number for one in self._days.values()}
            self._parts = {
                key: part for key, part in self._parts.items() if numbers >= {*key[1]}
            }


def days_between(start: date, end: date) -> Iterator[date]:
    """Yield the days from *start* to *end*, both included."""
    return map(date.fromordinal, range(start.toordinal(), end.toordinal() + 1))


def drop_oldest(remembered: dict[K, V], most: int) -> None:
    """Keep at most *most* of what is *remembered*, the latest; others may add to it."""
    for key in list(remembered)[:-most]:
        remembered.pop(key, None)

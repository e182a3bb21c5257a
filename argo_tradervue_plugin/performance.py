"""
Metrics of a period, from the journal's own trades.

Tradervue has no call for performance and no "changed since", so the trades are listed
and remembered by the month of their opening. A month is listed again when this
plugin has brought something new into it, and after a while in any case, since people
edit their journals.
"""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from argo_tradervue_plugin.delivery.schedule import EASTERN
from argo_tradervue_plugin.forking import Lock
from argo_tradervue_plugin.outbox.interface import Outbox
from argo_tradervue_plugin.settings import Settings
from argo_tradervue_plugin.tradervue.models import JournalTrade, TradeFilter

if TYPE_CHECKING:
    from argo_tradervue_plugin.journal.metrics import Metrics
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Performance"]

K = TypeVar("K")
V = TypeVar("V")

MOST_MONTHS: Final = 36  # remembered; a request spans 13 at the most
MOST_RESULTS: Final = 16
BEYOND: Final = 2**62  # a step that no history has reached


@attrs.frozen
class Month:
    """The trades opened in one month, and when they were listed (counted seconds)."""

    trades: tuple[JournalTrade, ...]
    risks: dict[int, Decimal]
    listed_at: float


class Performance:
    """
    Computes and remembers; for any thread, one at a time.

    *client* returns the client to read with, *clock* counts seconds.
    """

    def __init__(
        self,
        client: Callable[[], "TradervueClient"],
        outbox: Outbox,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._outbox = outbox
        self._settings = settings
        self._clock = clock
        self._lock = Lock()
        self._months: dict[date, Month] = {}
        self._results: dict[object, Metrics] = {}
        self._step = 0

    def metrics(self, start: date, end: date) -> "Metrics":
        """
        Return the metrics of the trades opened from *start* to *end*, both included.

        Days are New York's. An initial risk is the one that Argo's stop gave: the
        journal's own would cost a request for each trade.

        Raises:
            ApiError: where the journal could not be read.
        """
        with self._lock:
            self._forget_what_changed()
            months = [self._month(first) for first in months_between(start, end)]
            key = (start, end, *(month.listed_at for month in months))
            if key not in self._results:
                self._results[key] = self._measure(months, start, end)
                drop_oldest(self._results, MOST_RESULTS)
            return self._results[key]

    def _measure(self, months: list[Month], start: date, end: date) -> "Metrics":
        from argo_tradervue_plugin.journal.metrics import MetricsOptions, measure

        equity = self._settings.equity
        options = MetricsOptions(
            equity_base=None if equity is None else Decimal(repr(equity)),
            scratch_tolerance=Decimal(repr(self._settings.scratch_dollars)),
        )
        return measure(
            [trade for month in months for trade in month.trades],
            start=start,
            end=end,
            options=options,
            initial_risks={k: v for month in months for k, v in month.risks.items()},
        )

    def _forget_what_changed(self) -> None:
        # While nothing is remembered, nothing has changed: only the end is asked for.
        step = self._step if self._months else BEYOND
        self._step, entries = self._outbox.entries_synced_after(step)
        for entered_at in entries:
            day = datetime.fromtimestamp(entered_at, UTC).astimezone(EASTERN).date()
            self._months.pop(day.replace(day=1), None)

    def _month(self, first: date) -> Month:
        known = self._months.get(first)
        now = self._clock()
        if known and now - known.listed_at <= self._settings.metrics_max_age_seconds:
            return known
        last = next_first(first) - timedelta(days=1)
        listed = tuple(self._client().list_trades(TradeFilter(start=first, end=last)))
        month = Month(listed, self._risks([trade.id for trade in listed]), now)
        self._months[first] = month
        drop_oldest(self._months, MOST_MONTHS)
        return month

    def _risks(self, journal_ids: list[int]) -> dict[int, Decimal]:
        return self._outbox.risks_in(journal_ids)


def months_between(start: date, end: date) -> list[date]:
    """Return the first days of the months from *start*'s to *end*'s."""
    found = []
    first = start.replace(day=1)
    while first <= end:
        found.append(first)
        first = next_first(first)
    return found


def next_first(first: date) -> date:
    """Return the first day of the month after *first*, the first day of one."""
    return (first + timedelta(days=32)).replace(day=1)


def drop_oldest(remembered: dict[K, V], most: int) -> None:
    """Keep at most *most* of what is *remembered*, the latest."""
    while len(remembered) > most:
        remembered.pop(next(iter(remembered)))

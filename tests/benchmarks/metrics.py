"""
The metrics of a hundred thousand trades in a year: first, repeated, after one more.

The journal's trades come from memory, so that no server is measured; the outbox has
all of them with their snapshots, which the initial risks are read from. *First* lists
and computes everything, *repeated* is what the same question costs the next time, and
*after one more* follows a trade that is new in the journal and was just synced.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.model.capture import values_of
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.journal import JournalTrade, Side, TradeFilter
from argo_tradervue_plugin.model.snapshot import FIELDS
from argo_tradervue_plugin.model.times import EASTERN
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.services.performance import Performance
from tests.benchmarks.figures import Figure, Scale, Tell
from tests.benchmarks.filling import fill, template
from tests.benchmarks.servers import running_journal

__all__ = ["measure"]

YEAR: Final = 365  # days, the most that the route takes
AGAIN: Final = 20  # repeated questions


class Listed:
    """A client's list of trades, out of memory."""

    def __init__(self, trades: Iterable[JournalTrade]) -> None:
        self._days: defaultdict[date, list[JournalTrade]] = defaultdict(list)
        for trade in trades:
            self.add(trade)

    def add(self, trade: JournalTrade) -> None:
        """Let *trade* be in the journal."""
        if trade.started_at is not None:
            day = trade.started_at.astimezone(EASTERN).date()
            self._days[day].append(trade)

    def list_trades(self, where: TradeFilter) -> Iterator[JournalTrade]:
        """Yield the trades that were opened on the days of *where*."""
        day, last = where.start, where.end
        while day is not None and last is not None and day <= last:
            yield from self._days[day]
            day += timedelta(days=1)


def measure(scale: Scale, tell: Tell) -> list[Figure]:
    """Return what the metrics cost, for 10⁵ trades or fewer."""
    number, rounds = scale.of(100_000, 1_000), scale.of(3, 1)
    first, repeated, after = [], [], []
    with TemporaryDirectory() as name, running_journal() as journal:
        folder = Path(name)
        tell(f"metrics: an outbox of {number:,} finished trades")
        source = template(journal, folder / "template.db")
        fill(source, folder / "outbox.db", 2 * number, days=60, years=0.6)
        with closing(Outbox(Sqlite(folder / "outbox.db"))) as outbox:
            trades = journal_of(outbox)
            for again in range(rounds):
                tell(f"metrics: round {again + 1} of {rounds}")
                listed = Listed(trades)
                asked = performance(outbox, listed)
                first.append(timed(asked))
                repeated.append(median(timed(asked) for _ in range(AGAIN)))
                listed.add(sync_one_more(outbox, again, trades[0]))
                after.append(timed(asked))
    return [
        figure("metrics_first_ms", first, f"metrics of {len(trades):,} trades, first"),
        figure("metrics_repeated_ms", repeated, "repeated"),
        figure("metrics_after_one_more_ms", after, "after one more trade was synced"),
        Figure(
            "metrics_after_over_first",
            median(b / a for a, b in zip(first, after, strict=True)),
            "×",
            "after one more trade over first",
            "≤ 0.1",
        ),
        Figure(
            "metrics_first_us_per_trade",
            1e6 * median(first) / len(trades),
            "µs",
            "first, a trade",
        ),
    ]


def performance(outbox: Outbox, listed: Any) -> Callable[[], Any]:
    """Return the question for a year's metrics, asked of somebody who knows nothing."""
    known = Performance(lambda: listed, outbox, Settings(equity=100_000.0))
    today = datetime.now(EASTERN).date()
    return lambda: known.metrics(today - timedelta(days=YEAR), today)


def timed(call: Callable[[], object]) -> float:
    """Return the seconds that *call* takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def figure(key: str, seconds: list[float], meaning: str) -> Figure:
    """Return the median of *seconds* in milliseconds."""
    return Figure(key, 1000 * median(seconds), "ms", meaning)


def journal_of(outbox: Outbox) -> list[JournalTrade]:
    """Return the journal's trades for all that is in the outbox."""
    found = []
    for snapshot in outbox.snapshots_since(0.0):
        known = outbox.trade(snapshot.trade_id)
        if known is not None and snapshot.journal_id is not None:
            payload = snapshot.record.exit or snapshot.record.entry or "{}"
            told = dict(zip(FIELDS, values_of(payload), strict=False))
            found.append(journal_trade(snapshot.journal_id, known.entered_at, told))
    return found


def journal_trade(
    journal_id: int, entered_at: datetime, told: dict[str, Any]
) -> JournalTrade:
    """Return what a list of the journal shows of the trade that a host *told*."""
    quantity, entry = told["quantity"], told["entry_price"]
    held = timedelta(hours=24)
    return JournalTrade(
        id=journal_id,
        symbol=told["symbol"],
        side=Side.LONG,
        volume=2 * quantity,
        gross_pl=(told["exit_price"] - entry) * quantity,
        commission=told["commission"],
        fees=Decimal(0),
        entry_price=entry,
        exit_price=told["exit_price"],
        started_at=entered_at,
        ended_at=entered_at + held,
        tags=("argo",),
        exec_count=2,
    )


def sync_one_more(outbox: Outbox, number: int, like: JournalTrade) -> JournalTrade:
    """Let another trade become synced; return it as the journal shows it."""
    opened = datetime.now(UTC) - timedelta(days=1, seconds=number)
    trade = attrs.evolve(
        like,
        id=10**9 + number,
        started_at=opened,
        ended_at=opened + timedelta(hours=1),
    )
    entry = Execution(
        trade_id=f"one-more-{number}",
        kind=Kind.ENTRY,
        symbol=trade.symbol,
        quantity=Decimal(10),
        price=Decimal(100),
        executed_at=opened,
    )
    with outbox.maintain() as writer:
        writer.open_trade(entry, slot=1, account_tag="argo")
        writer.adopt(entry, trade.id, account_tag="argo", now=time.time())
    return trade

"""What is read of the journal for a period, and what is remembered of it."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.metrics import MetricsOptions, measure
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.journal import JournalTrade, Side, TradeFilter
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.services import performance as module
from argo_tradervue_plugin.services.performance import Performance, Stopped

NEW_YEAR, TODAY = date(2026, 1, 1), date(2026, 3, 31)
NOW = 1_775_000_000.0


class Journal:
    """Lists trades out of memory as the client does; *lists* are those asked for."""

    def __init__(self) -> None:
        self.trades: dict[date, list[JournalTrade]] = defaultdict(list)
        self.lists: list[tuple[date, date]] = []
        self.before: Callable[[], object] = lambda: None

    def add(self, number: int, day: date, gross: str = "10") -> JournalTrade:
        """Let a trade of that day be in the journal, held for two days."""
        opened = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
        trade = JournalTrade(
            id=number,
            symbol="AAPL" if number % 2 else "MSFT",
            side=Side.LONG,
            gross_pl=Decimal(gross),
            commission=Decimal(1),
            fees=Decimal(0),
            started_at=opened,
            ended_at=opened + timedelta(days=2, minutes=number % 60),
            tags=("argo",),
            exec_count=2,
        )
        self.trades[day].append(trade)
        return trade

    def list_trades(self, where: TradeFilter) -> Iterator[JournalTrade]:
        """Yield the trades opened on the days of *where*, newest first."""
        assert where.start is not None
        assert where.end is not None
        self.lists.append((where.start, where.end))
        self.before()
        for day in sorted(self.trades, reverse=True):
            if where.start <= day <= where.end:
                yield from self.trades[day]

    @property
    def all(self) -> list[JournalTrade]:
        """All trades."""
        return [trade for some in self.trades.values() for trade in some]


@attrs.define
class Clock:
    """A clock that is set by hand."""

    now: float = NOW

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """An empty outbox."""
    made = Outbox(Sqlite(tmp_path / "outbox.db"))
    yield made
    made.close()


@pytest.fixture
def journal() -> Journal:
    """A journal with two trades on each of some days."""
    made = Journal()
    for number in range(60):
        day = NEW_YEAR + timedelta(days=number // 2)
        made.add(number + 1, day, str((number * 37) % 90 - 40))
    return made


@pytest.fixture
def clock() -> Clock:
    """The time that metrics go by."""
    return Clock()


@pytest.fixture
def performance(outbox: Outbox, journal: Journal, clock: Clock) -> Performance:
    """What reads the journal."""
    client: Any = journal
    return Performance(lambda: client, outbox, Settings(equity=10_000.0), clock)


def synced(outbox: Outbox, trade: JournalTrade) -> None:
    """Let *trade* become synced, as a trade of ours that was found in the journal."""
    assert trade.started_at is not None
    entry = Execution(
        trade_id=f"t{trade.id}",
        kind=Kind.ENTRY,
        symbol=trade.symbol,
        quantity=Decimal(10),
        price=Decimal(100),
        executed_at=trade.started_at,
    )
    with outbox.maintain() as writer:
        writer.open_trade(entry, slot=1, account_tag="argo")
        writer.adopt(entry, trade.id, account_tag="argo", now=time.time())


def expected(journal: Journal, start: date, end: date) -> dict[str, Any]:
    """Return the figures that the whole journal gives, computed at once."""
    options = MetricsOptions(equity_base=Decimal("10000.0"))
    figures = measure(journal.all, start=start, end=end, options=options).as_json()
    figures["selection"]["given"] -= figures["selection"].pop("outside")
    return figures


def figures_of(performance: Performance, start: date, end: date) -> dict[str, Any]:
    """Return the figures of a period without their age."""
    figures = performance.metrics(start, end).as_json()
    assert figures["selection"].pop("outside") == 0
    del figures["as_of"]
    return figures


def test_figures_are_those_of_the_whole_computed_at_once(
    performance: Performance, journal: Journal
) -> None:
    """Whatever is remembered of other periods."""
    for start, end in (
        (NEW_YEAR, TODAY),
        (NEW_YEAR + timedelta(days=9), TODAY),
        (NEW_YEAR + timedelta(days=3), NEW_YEAR + timedelta(days=20)),
        (NEW_YEAR, TODAY),
        (TODAY, TODAY),
    ):
        assert figures_of(performance, start, end) == expected(journal, start, end)


def test_days_that_have_not_come_yet_are_no_days_of_nothing(
    performance: Performance, journal: Journal
) -> None:
    """Who asks for the whole year in spring gets the ratios of the days so far."""
    year = performance.metrics(NEW_YEAR, date(2026, 12, 31)).as_json()
    so_far = performance.metrics(NEW_YEAR, TODAY).as_json()

    assert year["trading_days"] == so_far["trading_days"]
    assert year["net"] == so_far["net"]
    assert year["end"] == "2026-12-31"


def test_day_of_a_trade_that_was_synced_is_listed_again(
    performance: Performance, journal: Journal, outbox: Outbox
) -> None:
    """That day alone, and what is then shown is all of it."""
    performance.metrics(NEW_YEAR, TODAY)
    journal.lists.clear()
    day = NEW_YEAR + timedelta(days=7)
    synced(outbox, journal.add(900, day, "250"))
    journal.add(901, day + timedelta(days=1), "7")  # by hand: not known before its time

    found = figures_of(performance, NEW_YEAR, TODAY)
    assert journal.lists == [(day, day)]
    del journal.trades[day + timedelta(days=1)][-1]
    assert found == expected(journal, NEW_YEAR, TODAY)


def test_new_trade_costs_the_days_that_it_touches(
    performance: Performance,
    journal: Journal,
    outbox: Outbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 32 days with a result one is computed again, and no trade of another day."""
    from argo_tradervue_plugin import metrics

    asked: list[date] = []

    def counted(day: date, some: Any) -> Any:
        asked.append(day)
        return original(day, some)

    original = metrics.part_for
    monkeypatch.setattr(metrics, "part_for", counted)
    performance.metrics(NEW_YEAR, TODAY)
    assert len(asked) == 30
    asked.clear()
    day = NEW_YEAR + timedelta(days=7)
    synced(outbox, journal.add(900, day, "250"))
    performance.metrics(NEW_YEAR, TODAY)

    assert asked == [day + timedelta(days=2)]


def test_edits_show_after_the_configured_time(
    performance: Performance, journal: Journal, clock: Clock
) -> None:
    """Not before, since the API does not say what a person has changed."""
    performance.metrics(NEW_YEAR, TODAY)
    first = next(iter(journal.trades))
    journal.trades[first][0] = attrs.evolve(
        journal.trades[first][0], gross_pl=Decimal(999)
    )
    clock.now += 299
    before = performance.metrics(NEW_YEAR, TODAY)
    assert before.as_of == NOW
    assert before.as_json()["net"]["largest_win"] != 998

    clock.now += 2
    after = performance.metrics(NEW_YEAR, TODAY)
    assert after.as_of == clock.now
    assert after.as_json()["net"]["largest_win"] == 998
    assert figures_of(performance, NEW_YEAR, TODAY) == expected(
        journal, NEW_YEAR, TODAY
    )


def test_a_clock_that_was_set_back_keeps_nothing_alive(
    performance: Performance, journal: Journal, clock: Clock
) -> None:
    """What was read in the future is read again."""
    performance.metrics(NEW_YEAR, TODAY)
    journal.lists.clear()
    clock.now -= 86_400

    assert performance.metrics(NEW_YEAR, TODAY).as_of == clock.now
    assert journal.lists != []


def test_age_is_that_of_the_oldest_list(
    performance: Performance, journal: Journal, outbox: Outbox, clock: Clock
) -> None:
    """A day that was listed since makes the others no younger."""
    performance.metrics(NEW_YEAR, TODAY)
    clock.now += 100
    synced(outbox, journal.add(900, NEW_YEAR))
    result = performance.metrics(NEW_YEAR, TODAY)

    assert (result.as_of, result.computed_at) == (NOW, NOW + 100)


def test_period_of_many_years_is_remembered(
    performance: Performance, journal: Journal
) -> None:
    """However many months it has; and years without a trade cost few lists."""
    journal.add(900, date(1999, 3, 4))
    start = date(1, 1, 1)
    result = performance.metrics(start, date(9999, 12, 31))
    assert result.as_json()["trades"] == 61
    assert len(journal.lists) < 60

    journal.lists.clear()
    performance.metrics(start, date(9999, 12, 31))
    performance.metrics(date(1999, 1, 1), TODAY)
    assert journal.lists == []


def test_memory_is_bounded_by_what_is_asked_for(
    performance: Performance, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A period beyond the bound is kept, others are listed again."""
    monkeypatch.setattr(module, "MOST_TRADES", 10)
    performance.metrics(NEW_YEAR, TODAY)
    journal.lists.clear()
    performance.metrics(NEW_YEAR, TODAY)
    assert journal.lists == []

    short = NEW_YEAR + timedelta(days=9)
    performance.metrics(NEW_YEAR, short)
    performance.metrics(NEW_YEAR, TODAY)
    assert journal.lists == [(short + timedelta(days=1), TODAY)]


def test_reading_ends_with_the_process(outbox: Outbox, journal: Journal) -> None:
    """Between two trades of a list, and what was read by then is not believed."""
    client: Any = journal
    stopping = threading.Event()
    performance = Performance(
        lambda: client, outbox, Settings(), Clock(), stopping=stopping
    )
    journal.before = stopping.set

    with pytest.raises(Stopped):
        performance.metrics(NEW_YEAR, TODAY)
    stopping.clear()
    journal.before = lambda: None
    assert performance.metrics(NEW_YEAR, TODAY).as_json()["trades"] == 60


def test_journal_that_takes_long_to_read_is_read_more_rarely(
    performance: Performance, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenth of the time at most."""
    # The module's own clock alone: other threads' event loops sleep by the real one.
    monotonic = iter([0.0, 90.0])
    clock = SimpleNamespace(monotonic=lambda: next(monotonic))
    monkeypatch.setattr(module, "time", clock)
    performance.metrics(NEW_YEAR, TODAY)

    assert performance.max_age == 900


def test_period_that_ends_before_it_starts_is_refused(
    performance: Performance,
) -> None:
    """As by the figures themselves."""
    with pytest.raises(ValueError, match="before it starts"):
        performance.metrics(TODAY, NEW_YEAR)

"""The last metrics of a period: at once, from every process, with their age."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import OutboxError, TradervueError, Unreachable
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services import results as module
from argo_tradervue_plugin.services.integration import TradervueIntegration
from argo_tradervue_plugin.services.result import Result
from argo_tradervue_plugin.services.results import Answer, is_out_of_date, nearest
from argo_tradervue_plugin.web import handlers
from tests.delivery.stepping import host_trade
from tests.fakes import eventually

DAY = date(2026, 3, 5)  # on which the host's trades were opened
NEXT = DAY + timedelta(days=1)
LISTS = "GET /trades"
Make = Callable[..., TradervueIntegration]


@pytest.fixture
def sandbox(emptied: Sandbox) -> Sandbox:
    """The Tradervue that tests share, empty."""
    return emptied


@pytest.fixture
def make(section: dict[str, Any]) -> Iterator[Make]:
    """Make an integration on the test's outbox, as another process would."""
    made: list[TradervueIntegration] = []

    def make(**changes: object) -> TradervueIntegration:
        changed = section | {"aws_secrets": False} | changes
        made.append(TradervueIntegration(Settings.from_mapping(changed)))
        return made[-1]

    yield make
    for each in made:
        each.close(0)


@pytest.fixture
def one(make: Make) -> TradervueIntegration:
    """An integration with a trade in the journal."""
    integration = make()
    bring(integration, 1)
    return integration


def bring(integration: TradervueIntegration, *numbers: int) -> None:
    """Let the host's trades of these numbers be in the journal."""
    for number in numbers:
        integration.record_exit(host_trade(number))
    assert integration.flush(60)


def asked(integration: TradervueIntegration, start: date, end: date) -> Answer:
    """Return the answer to a caller that may wait."""
    answer = integration.performance(start, end)
    assert answer is not None
    return answer


def on_loop(
    integration: TradervueIntegration, start: date, end: date
) -> tuple[dict[str, Any] | None, float]:
    """Return what a host gets on its event loop, and how long that took (seconds)."""

    async def host() -> tuple[dict[str, Any] | None, float]:
        begun = time.perf_counter()
        told = integration.get_performance_metrics(start.isoformat(), end.isoformat())
        return told, time.perf_counter() - begun

    return asyncio.run(host())


def trades_in(answer: Answer) -> int:
    """Return how many trades the figures are of."""
    return int(answer.as_json()["trades"])


# Where the caller may wait


def test_period_is_computed_while_the_caller_waits(one: TradervueIntegration) -> None:
    """The first time; it has its age, and the days asked for."""
    before = datetime.now(UTC).replace(microsecond=0)
    answer = asked(one, DAY, NEXT)

    assert trades_in(answer) == 1
    assert (answer.start, answer.end) == (DAY, NEXT)
    assert (answer.is_current, answer.trouble) == (True, None)
    assert before <= datetime.fromisoformat(answer.as_of) <= datetime.now(UTC)
    assert answer.as_of.endswith("+00:00")


def test_last_result_is_shared_by_all_processes_and_outlives_them(
    make: Make, one: TradervueIntegration, sandbox: Sandbox
) -> None:
    """Nobody asks the journal for what another process knows; not even a new one."""
    first = asked(one, DAY, NEXT)
    other = make()
    before = sandbox.stats.requests[LISTS]
    second = asked(other, DAY, NEXT)
    assert second.as_json() == first.as_json()
    assert second.as_of == first.as_of
    one.close(0)
    other.close(0)

    later = asked(make(), DAY, NEXT)
    assert later.as_json() == first.as_json()
    assert sandbox.stats.requests[LISTS] == before


def test_what_was_just_synced_is_in_the_next_answer(
    make: Make, one: TradervueIntegration
) -> None:
    """From the process that forwards, and from any other."""
    other = make()
    assert trades_in(asked(other, DAY, NEXT)) == 1
    bring(one, 2)

    assert trades_in(asked(one, DAY, NEXT)) == 2
    assert trades_in(asked(other, DAY, NEXT)) == 2


def test_one_process_refreshes_what_another_was_asked_for(
    make: Make, one: TradervueIntegration, sandbox: Sandbox
) -> None:
    """The forwarder, without a question to itself; the others copy it."""
    other = make()
    asked(other, DAY, NEXT)
    bring(one, 2)
    before = sandbox.stats.requests[LISTS]
    eventually(lambda: trades_in_memory(other) == 2, "the other has a copy")
    eventually(lambda: not one._results()._is_busy(), "the forwarder is done")

    assert other._results()._thread is None
    assert not other.worker.holds_lease
    assert sandbox.stats.requests[LISTS] - before <= 1


def trades_in_memory(integration: TradervueIntegration) -> int | None:
    """Return how many trades the copy of the period is of."""
    told, _ = on_loop(integration, DAY, NEXT)
    return None if told is None else int(told["trades"])


def test_edit_in_the_journal_shows_after_the_configured_time(
    make: Make, sandbox: Sandbox
) -> None:
    """The forwarder reads again what is too old, as long as somebody asks."""
    integration = make(metrics_max_age_seconds=0.3)
    bring(integration, 1)
    before = asked(integration, DAY, NEXT).as_json()["gross"]["total"]
    [trade] = sandbox.account("argo").journal.trades.values()
    sandbox.person("argo").add_executions(
        trade.id,
        [
            {"datetime": "2026-03-05T12:00:00-05:00", "quantity": 5, "price": "1.00"},
            {"datetime": "2026-03-05T12:01:00-05:00", "quantity": -5, "price": "3.00"},
        ],
    )

    eventually(
        lambda: asked(integration, DAY, NEXT).as_json()["gross"]["total"] != before
    )


def test_nothing_is_read_for_a_host_that_does_not_ask(
    one: TradervueIntegration, sandbox: Sandbox
) -> None:
    """Metrics cost no request until they are wanted."""
    before = sandbox.stats.requests[LISTS]
    time.sleep(1.3)  # a look of the worker

    assert sandbox.stats.requests[LISTS] == before


# When the journal cannot be read


def test_without_any_result_the_journals_error_is_the_answer(
    make: Make, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """None for the host's call, with a line in the log that blames no one wrongly."""
    sandbox.inject("html_page", status=404, times=None)
    integration = make()

    with pytest.raises(TradervueError):
        integration.performance(DAY, NEXT)
    assert integration.get_performance_metrics("2026-03-05", "2026-03-06") is None
    assert "tradervue.metrics_missing" in caplog.text
    assert "tradervue.metrics_delayed" in caplog.text
    assert "internal_error" not in caplog.text


def test_refused_login_answers_with_the_last_result(
    one: TradervueIntegration, sandbox: Sandbox
) -> None:
    """The period's own, however old; of another, that of the nearest days."""
    first = asked(one, DAY, NEXT)
    sandbox.inject("unauthorized", times=None)
    again = asked(one, DAY, NEXT)
    assert again.as_json() == first.as_json()

    later = asked(one, DAY + timedelta(days=9), NEXT + timedelta(days=9))
    assert (later.start, later.end) == (DAY, NEXT)
    assert later.as_of == first.as_of
    assert not later.is_current
    assert later.trouble is not None
    assert "401" in later.trouble or "refuse" in later.trouble
    with pytest.raises(TradervueError):  # no result is of that length
        one.performance(DAY, NEXT + timedelta(days=9))


def test_hanging_server_costs_no_more_than_the_timeout(
    make: Make, sandbox: Sandbox
) -> None:
    """Then the last result of the same length; what is in memory costs nothing."""
    integration = make(timeout_seconds=1)
    bring(integration, 1)
    asked(integration, DAY, NEXT)
    hang = sandbox.inject("hang", path="/trades", times=None)
    own = asked(integration, DAY, NEXT)
    assert not hang.applied
    assert own.end == NEXT
    begun = time.monotonic()

    later = asked(integration, NEXT, NEXT + timedelta(days=1))
    assert time.monotonic() - begun < 20  # or for ever
    assert (later.start, later.end, later.is_current) == (DAY, NEXT, False)


def test_route_shows_the_dates_and_the_age_of_the_figures(
    one: TradervueIntegration, sandbox: Sandbox
) -> None:
    """Also where they are of another period than was asked for."""
    now = datetime(2026, 3, 6, 18, tzinfo=UTC)
    body = handlers.metrics(one, days=1, clock=lambda: now).body
    period = {"start_date": "2026-03-05", "end_date": "2026-03-06", "days": 1}
    assert body["period"] == period
    assert body["is_current"] is True
    assert "trouble" not in body
    sandbox.inject("server_error", status=500, times=None)

    tomorrow = now + timedelta(days=1)
    later = handlers.metrics(one, days=1, clock=lambda: tomorrow).body
    assert later["period"] == period
    assert later["as_of"] == body["as_of"]
    assert later["is_current"] is False
    assert "500" in str(later["trouble"])


# On an event loop


def test_loop_gets_the_last_result_at_once(
    one: TradervueIntegration, sandbox: Sandbox
) -> None:
    """None before the first ever, which is made behind; then what is in memory."""
    told, took = on_loop(one, DAY, NEXT)
    assert told is None
    assert took < 0.5
    eventually(lambda: on_loop(one, DAY, NEXT)[0], "it is made behind")
    told, _ = on_loop(one, DAY, NEXT)
    assert told is not None
    assert (told["start"], told["end"]) == ("2026-03-05", "2026-03-06")
    assert told["total_trades"] == 1

    later = (NEXT, NEXT + timedelta(days=1))
    other, _ = on_loop(one, *later)
    assert other is not None
    assert (other["start"], other["as_of"]) == (told["start"], told["as_of"])
    eventually(
        lambda: (on_loop(one, *later)[0] or {})["start"] == NEXT.isoformat(),
        "its own is made behind",
    )


def test_loop_waits_neither_for_the_network_nor_for_the_database(
    make: Make, sandbox: Sandbox, tmp_path: Path
) -> None:
    """A server that hangs, and a file that somebody else has locked."""
    integration = make(timeout_seconds=1)
    sandbox.inject("hang", times=None)
    with closing(sqlite3.connect(tmp_path / "outbox.db", isolation_level=None)) as file:
        file.execute("BEGIN EXCLUSIVE")
        for number in range(20):
            told, took = on_loop(integration, DAY, DAY + timedelta(days=number))
            assert told is None
            assert took < 0.5
        file.execute("ROLLBACK")


def test_loop_finds_what_an_earlier_process_has_left(
    make: Make, one: TradervueIntegration
) -> None:
    """Null only before the first ever, also after a restart."""
    first = asked(one, DAY, NEXT)
    one.close(0)
    later = make()
    later.worker.wake()
    eventually(lambda: on_loop(later, DAY, NEXT)[0])

    told, _ = on_loop(later, DAY, NEXT)
    assert told is not None
    assert told["as_of"] == first.as_of


# Dates


@pytest.mark.parametrize(
    ("start", "end", "named"),
    [
        ("2026-13-01", None, "2026-13-01"),
        (None, "yesterday\nERROR", "yesterday"),
        ("2026-03-05", "2026-03-04", "2026-03-04"),
        (20260305.5, None, "20260305.5"),
        ("20260305", None, "20260305"),
        ("2026-W10-4", None, "2026-W10-4"),
    ],
    ids=["no month", "no date", "backwards", "a number", "compact", "a week"],
)
def test_wrong_date_is_a_wrong_date(
    make: Make,
    caplog: pytest.LogCaptureFixture,
    start: Any,
    end: Any,
    named: str,
) -> None:
    """A warning that names it, and no fault of the plugin."""
    assert make().get_performance_metrics(start, end) is None

    [record] = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("tradervue.wrong_date")
    assert named in record.getMessage()
    assert "\n" not in record.getMessage()


def test_dates_may_be_dates(one: TradervueIntegration) -> None:
    """A host that has them need not write them out."""
    moment: Any = datetime(2026, 3, 6, 12, tzinfo=UTC)
    day: Any = DAY
    told = one.get_performance_metrics(day, moment)

    assert told is not None
    assert (told["start"], told["end"]) == ("2026-03-05", "2026-03-06")


# What lasts, and what ends


def test_64_periods_are_kept(one: TradervueIntegration) -> None:
    """Those asked for last."""
    asked(one, DAY, NEXT)
    for number in range(70):
        asked(one, DAY, NEXT + timedelta(days=2 + number))
    kept = one.outbox.results()

    assert len(kept) == 64
    assert NEXT not in {row.end for row in kept}


def test_result_of_another_version_is_made_again(
    make: Make, one: TradervueIntegration, tmp_path: Path
) -> None:
    """What cannot be understood is as if it was not there."""
    asked(one, DAY, NEXT)
    one.close(0)
    with closing(sqlite3.connect(tmp_path / "outbox.db")) as file, file:
        file.execute("UPDATE results SET facts = '{}'")

    assert trades_in(asked(make(), DAY, NEXT)) == 1


def test_host_that_ends_does_not_wait_for_a_long_reading(
    make: Make, sandbox: Sandbox
) -> None:
    """A reading that hangs is left alone, one that goes on ends with its next trade."""
    integration = make(timeout_seconds=30)
    bring(integration, 1)
    sandbox.inject("hang", path="/trades", times=None)
    on_loop(integration, DAY, NEXT)
    eventually(integration._results()._is_busy, "it is being made")
    begun = time.monotonic()
    integration.close(0.2)

    assert time.monotonic() - begun < 20


def test_broken_outbox_leaves_what_is_in_memory(
    one: TradervueIntegration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk or a server that is away costs no figure that is there already."""
    first = asked(one, DAY, NEXT)

    def broken() -> None:
        raise OutboxError("it is away")

    monkeypatch.setattr(one.outbox, "results", broken)
    assert asked(one, DAY, NEXT).as_json() == first.as_json()
    assert on_loop(one, DAY, NEXT)[0] is not None


def test_periods_that_wait_are_bounded(make: Make) -> None:
    """Whatever a host asks for on its loop while the journal cannot be read."""
    results = make()._results()
    results._rests_until = time.monotonic() + 60
    for number in range(500):
        results.at_once(DAY, DAY + timedelta(days=number))
    results.tend()

    assert len(results._missing) == 64
    assert len(results._asked) <= 64


# Pure decisions


RESULT = Result(start=DAY, end=NEXT, as_of=100.0, step=7, computed_at=110.0, text="")


@pytest.mark.parametrize(
    ("now", "synced_step", "expected"),
    [
        (130.0, 7, False),
        (130.0, 8, True),
        (400.0, 0, False),
        (400.1, 0, True),
        (99.0, 0, True),
    ],
    ids=["fresh", "synced since", "old enough", "too old", "from the future"],
)
def test_result_is_out_of_date(now: float, synced_step: int, expected: bool) -> None:
    """By what was synced, and by its age."""
    assert expected is is_out_of_date(
        RESULT, now=now, synced_step=synced_step, max_age=300
    )


def test_nearest_result_is_of_the_same_length() -> None:
    """With the nearest days, and the later of two."""
    earlier = attrs.evolve(
        RESULT, start=DAY - timedelta(days=20), end=NEXT - timedelta(days=20)
    )
    longer = attrs.evolve(RESULT, end=NEXT + timedelta(days=1))
    period = (DAY + timedelta(days=3), NEXT + timedelta(days=3))

    assert nearest(period, [longer, earlier, RESULT]) is RESULT
    assert nearest(period, [longer]) is None
    later = attrs.evolve(RESULT, computed_at=111.0)
    assert nearest(period, [RESULT, later]) is later


def test_failures_pause_and_are_named_once(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """So that a dead server is not asked in every second."""
    results = make()._results()
    for _ in range(4):
        results._note_failure(Unreachable("no route", sent=False))

    assert caplog.text.count("tradervue.metrics_delayed") == 1
    assert results._is_resting
    assert module.RECENT >= 3_600

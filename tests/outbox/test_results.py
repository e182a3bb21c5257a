"""The metrics of periods as they were computed last, on each engine."""

from datetime import date, timedelta

from argo_tradervue_plugin.outbox.records import ResultRow
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.conftest import Open
from tests.outbox.desk import ENTRY, NOW, START, Desk, execution

END = date(2026, 3, 5)
MONTH = END - timedelta(days=30)


def keep(
    outbox: Outbox, facts: str, *, at: float = NOW, end: date = END, most: int = 64
) -> None:
    """Keep a month's metrics that were asked for and computed *at* that time."""
    row = ResultRow(
        start=end - timedelta(days=30), end=end, computed_at=at, asked_at=at
    )
    with outbox.maintain() as writer:
        writer.keep_result(row, facts, most=most, now=at)


def test_result_is_kept_for_every_process(open_outbox: Open) -> None:
    """Without the lease: whoever has computed it keeps it."""
    keep(open_outbox(), "{}")
    other = open_outbox()

    row = ResultRow(start=MONTH, end=END, computed_at=NOW, asked_at=NOW)
    assert other.results() == [row]
    assert other.result(MONTH, END) == "{}"
    assert other.result(MONTH, MONTH) is None


def test_result_computed_later_stays(outbox: Outbox) -> None:
    """Two processes may have been at it; the slower has the older figures."""
    keep(outbox, "later", at=NOW + 1)
    row = ResultRow(start=MONTH, end=END, computed_at=NOW, asked_at=NOW)
    with outbox.maintain() as writer:
        writer.keep_result(row, "earlier", most=64, now=NOW + 2)
    assert outbox.result(MONTH, END) == "later"

    keep(outbox, "latest", at=NOW + 2)
    assert outbox.result(MONTH, END) == "latest"


def test_result_of_a_time_to_come_gives_way(outbox: Outbox) -> None:
    """A clock was set back since; no result is to stay for as long as that was far."""
    keep(outbox, "from the future", at=NOW + 86_400)
    keep(outbox, "now", at=NOW)

    assert outbox.result(MONTH, END) == "now"


def test_asking_is_noted(outbox: Outbox) -> None:
    """By which it is decided what is refreshed and what is kept."""
    keep(outbox, "{}")
    with outbox.maintain() as writer:
        writer.ask_result(MONTH, END, now=NOW + 5)
        writer.ask_result(END, END, now=NOW + 9)  # never computed

    assert [row.asked_at for row in outbox.results()] == [NOW + 5]


def test_periods_asked_for_last_are_kept(outbox: Outbox) -> None:
    """However many others there were."""
    for number in range(5):
        keep(outbox, str(number), at=NOW + number, end=END + timedelta(days=number))
    with outbox.maintain() as writer:
        writer.ask_result(MONTH, END, now=NOW + 60)
    keep(outbox, "new", at=NOW + 70, end=END + timedelta(days=9), most=3)

    kept = {(row.end - END).days for row in outbox.results()}
    assert kept == {0, 4, 9}


def test_trades_of_one_journal_trade_are_heard_of_together(desk: Desk) -> None:
    """Without account tags a later trade is part of one that was opened before."""
    desk.enlist(execution("a"), execution("b", at=1), execution("c", at=2))
    desk.link(("a", ENTRY), to=1)
    desk.link(("c", ENTRY), to=2)
    with desk.write() as writer:
        writer.annotated("a", now=NOW)
    step, _ = desk.outbox.entries_synced_after(0)
    desk.link(("b", ENTRY), to=1)
    with desk.write() as writer:
        writer.annotated("b", now=NOW)

    _, entered = desk.outbox.entries_synced_after(step)
    assert sorted(entered) == [START.timestamp(), START.timestamp() + 60]


def test_last_step_that_synced_something(desk: Desk) -> None:
    """By which everybody sees that a result lacks something."""
    desk.enlist(execution("a"), execution("b", at=1))
    desk.link(("a", ENTRY), to=1)
    last, synced = desk.outbox.last_synced_step(0)
    assert (last > 0, synced) == (True, 0)

    with desk.write() as writer:
        writer.annotated("a", now=NOW)
    after, synced = desk.outbox.last_synced_step(last)
    assert after == synced > last
    desk.link(("b", ENTRY), to=2)
    later, nothing = desk.outbox.last_synced_step(after)
    assert (later > after, nothing) == (True, 0)

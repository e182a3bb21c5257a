"""Reads that lag behind imports, in either form, on a clock that jumps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from argo_tradervue_plugin.sandbox import Person, Sandbox

RowMaker = Callable[..., dict[str, object]]
DELAY = 300


@pytest.fixture(autouse=True)
def frozen(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes when a test says so, and not by itself."""
    monkeypatch.setattr(sandbox, "clock", lambda: 1000.0)


@pytest.fixture
def lag(sandbox: Sandbox) -> Callable[[str], None]:
    """Let reads lag, in a form."""

    def lag(form: str) -> None:
        sandbox.assume(read_delay_seconds=DELAY, read_delay_form=form)

    return lag


@pytest.fixture
def person(sandbox: Sandbox) -> Person:
    """The owner of the journal."""
    return sandbox.person("me")


def symbols(api: Any) -> list[str]:
    """Return the symbols of all trades that the list shows, newest first."""
    return [trade["symbol"] for trade in api.trades()]


@pytest.mark.parametrize("form", ["replica", "each_import"])
@pytest.mark.parametrize("delay", [0, 1, 60, 300])
def test_an_import_shows_when_its_delay_is_over(
    api: Any, sandbox: Sandbox, row: RowMaker, form: str, delay: int
) -> None:
    """Not a moment earlier, and no longer than that."""
    sandbox.assume(read_delay_seconds=delay, read_delay_form=form)
    assert api.send(row("10:15", "XYZ", 1, 1))["status"] == "succeeded"
    if delay:
        sandbox.pass_time(delay - 0.001)
        assert symbols(api) == []
        sandbox.pass_time(0.001)
    assert symbols(api) == ["XYZ"]


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("each_import", [["A"], ["A"], ["B", "A"]]),
        ("replica", [[], [], ["B", "A"]]),
    ],
)
def test_later_imports_extend_the_delay_of_a_replica_only(
    api: Any,
    sandbox: Sandbox,
    row: RowMaker,
    lag: Callable[[str], None],
    form: str,
    shown: list[list[str]],
) -> None:
    """Of two imports under way each shows by itself, or both when nothing came."""
    lag(form)
    api.send(row("10:15", "A", 1, 1))
    sandbox.pass_time(200)
    api.send(row("10:16", "B", 1, 1))
    assert symbols(api) == []
    for seconds, expected in zip((100, 199, 1), shown, strict=True):
        sandbox.pass_time(seconds)
        assert symbols(api) == expected


def test_many_imports_under_way_show_one_after_the_other(
    api: Any, sandbox: Sandbox, row: RowMaker, lag: Callable[[str], None]
) -> None:
    """A steady stream of them never hides what is old enough."""
    lag("each_import")
    for number in range(12):
        api.send(row(f"10:{number + 10}", f"S{number}", 1, 1))
        shown = [f"S{each}" for each in range(number) if 60 * (number - each) >= DELAY]
        assert symbols(api) == shown[::-1]
        sandbox.pass_time(60)


def test_list_trade_and_executions_agree(
    api: Any, sandbox: Sandbox, row: RowMaker, lag: Callable[[str], None]
) -> None:
    """What is under way shows in none of them: the trade is open as it was."""
    lag("each_import")
    api.send(row("10:15", "XYZ", 10, 100))
    sandbox.pass_time(DELAY)
    [trade] = api.trades()
    api.send(row("10:20", "XYZ", -4, 101))
    sandbox.pass_time(DELAY / 2)
    api.send(row("10:25", "XYZ", -8, 102))

    def seen() -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = []
        for listed in api.trades():
            full = api.get(f"/trades/{listed['id']}")
            fills = [e["quantity"] for e in api.executions(listed["id"])]
            assert listed["exec_count"] == full["exec_count"] == len(fills)
            assert listed["open"] == full["open"] == bool(sum(fills))
            found.append((listed["id"], full["gross_pl"], fills))
        return found

    first = trade["id"]
    assert seen() == [(first, 0, [10])]
    sandbox.pass_time(DELAY / 2)
    assert seen() == [(first, 4, [10, -4])]
    sandbox.pass_time(DELAY / 2)
    [after, before] = seen()
    assert before == (first, 16, [10, -4, -6])
    assert after[1:] == (0, [-2])


@pytest.mark.parametrize("form", ["replica", "each_import"])
def test_an_older_entry_that_is_under_way_changes_nothing_before(
    api: Any, sandbox: Sandbox, row: RowMaker, lag: Callable[[str], None], form: str
) -> None:
    """The exit that came first stays the short that it seems to be until then."""
    api.send(row("10:20", "XYZ", -10, 101))
    lag(form)
    api.send(row("10:15", "XYZ", 10, 100))
    assert [(t["side"], t["open"]) for t in api.trades()] == [("short", True)]
    sandbox.pass_time(DELAY)
    assert [(t["side"], t["open"]) for t in api.trades()] == [("long", False)]


# The end of an import -----------------------------------------------------------------


def test_a_delay_counts_from_the_end_of_the_import_and_not_from_the_first_look(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """However late somebody asks."""
    sandbox.import_seconds = 10
    sandbox.assume(read_delay_seconds=30)
    api.http.post("/imports", json={"executions": [row("10:15", "XYZ", 1, 1)]})
    sandbox.pass_time(40)
    assert symbols(api) == ["XYZ"]
    assert api.get("/imports")["status"] == "succeeded"


def test_a_delay_counts_from_the_release_of_a_stuck_import(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """It finished only then."""
    sandbox.assume(read_delay_seconds=30)
    sandbox.inject("import_stuck")
    api.http.post("/imports", json={"executions": [row("10:15", "XYZ", 1, 1)]})
    sandbox.pass_time(1000)
    sandbox.clear_faults()
    assert api.get("/imports")["status"] == "succeeded"
    assert symbols(api) == []
    sandbox.pass_time(30)
    assert symbols(api) == ["XYZ"]


# Changes in between -------------------------------------------------------------------


@pytest.mark.parametrize("form", ["replica", "each_import"])
def test_what_the_api_changes_shows_at_once_and_stays(
    api: Any, sandbox: Sandbox, row: RowMaker, lag: Callable[[str], None], form: str
) -> None:
    """PUT, POST and DELETE are no imports; a new id is the same before and after."""
    api.send(row("10:15", "KEPT", 1, 1), row("10:16", "GONE", 1, 1))
    gone, kept = (trade["id"] for trade in api.trades())
    lag(form)
    api.send(row("10:17", "KEPT", 1, 2), row("10:17", "GONE", 1, 2))
    api.send(row("10:18", "KEPT", 1, 3))
    api.http.put(f"/trades/{kept}", json={"notes": "mine", "tags": ["a"]})
    api.http.delete(f"/trades/{gone}")
    made = api.http.post("/trades", json={"symbol": "NEW", "notes": ""}).json()["id"]

    for fills in (1, 3):
        listed = {trade["id"]: trade for trade in api.trades()}
        assert set(listed) == {kept, made}
        assert (listed[kept]["exec_count"], listed[kept]["tags"]) == (fills, ["a"])
        assert api.get(f"/trades/{kept}")["notes"] == "mine"
        assert api.get(f"/trades/{made}")["symbol"] == "NEW"
        sandbox.pass_time(DELAY)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_write_does_not_lag(
    api: Any,
    person: Person,
    row: RowMaker,
    lag: Callable[[str], None],
    method: str,
) -> None:
    """What reads still show and somebody deleted can no longer be changed."""
    api.send(row("10:15", "XYZ", 1, 1))
    [trade] = api.trades()
    lag("replica")
    api.send(row("10:16", "OTHER", 1, 1))
    person.delete_trade(trade["id"])
    assert symbols(api) == ["XYZ"]
    answer = api.http.request(method, f"/trades/{trade['id']}", json={"notes": "x"})
    assert answer.status_code == 404


def test_what_a_person_does_waits_for_a_replica(
    api: Any,
    sandbox: Sandbox,
    person: Person,
    row: RowMaker,
    lag: Callable[[str], None],
) -> None:
    """It lags as a whole while an import is under way."""
    api.send(row("10:15", "XYZ", 1, 1))
    [trade] = api.trades()
    lag("replica")
    api.send(row("10:16", "OTHER", 1, 1))
    person.close_position(trade["id"], 2, at="2026-03-05T10:20:00-05:00")
    person.write_notes(trade["id"], "closed by hand")
    shown = api.get(f"/trades/{trade['id']}")
    assert (shown["open"], shown["notes"]) == (True, "")
    sandbox.pass_time(DELAY)
    shown = api.get(f"/trades/{trade['id']}")
    assert (shown["open"], shown["notes"]) == (False, "closed by hand")


@pytest.fixture
def under_way(
    api: Any, row: RowMaker, lag: Callable[[str], None]
) -> tuple[int, int, int]:
    """Three open trades that show, with two imports under way for the second."""
    for number, tag in enumerate(("a", "b", "c")):
        api.send(row(f"10:1{number}", "XYZ", 10, 100), account_tag=tag)
    first, second, third = (trade["id"] for trade in reversed(api.trades()))
    lag("each_import")
    api.send(row("10:20", "XYZ", -4, 101), account_tag="b")
    api.send(row("10:21", "XYZ", -6, 102), account_tag="b")
    return first, second, third


def quantities(api: Any) -> dict[int, list[int]]:
    """Return what each trade that shows holds."""
    return {
        trade["id"]: [each["quantity"] for each in api.executions(trade["id"])]
        for trade in reversed(api.trades())
    }


def test_what_a_person_does_shows_at_once_where_each_import_lags(
    api: Any,
    sandbox: Sandbox,
    person: Person,
    under_way: tuple[int, int, int],
) -> None:
    """Closing, correcting, deleting, new trades: before the imports show and after."""
    first, second, third = under_way
    person.close_position(first, 99)
    [fill] = api.executions(second)
    person.edit_execution(second, fill["id"], price="100.5")
    person.delete_trade(third)
    rows = [{"datetime": "2026-03-05T09:00:00-05:00", "quantity": 3, "price": 7}]
    typed = person.create_trade("ABC", rows, tags=["mine"])
    [more] = person.add_executions(typed, [{**rows[0], "quantity": -1}])
    remark = person.comment("trades", typed, "odd")

    assert quantities(api) == {typed: [3, -1], first: [10, -10], second: [10]}
    sandbox.pass_time(DELAY)
    assert quantities(api) == {typed: [3, -1], first: [10, -10], second: [10, -4, -6]}
    assert api.executions(typed)[1]["id"] == more
    comments = api.get(f"/trades/{typed}/comments")["comments"]
    assert [each["id"] for each in comments] == [remark]
    assert api.get(f"/trades/{second}")["gross_pl"] == 4 * 0.5 + 6 * 1.5


def test_what_a_person_merges_and_splits_shows_at_once_where_each_import_lags(
    api: Any,
    sandbox: Sandbox,
    person: Person,
    under_way: tuple[int, int, int],
) -> None:
    """Under the ids that it has afterwards."""
    first, second, third = under_way
    assert person.merge(second, first) == first
    assert quantities(api) == {first: [10, 10], third: [10]}
    entries = [each["id"] for each in api.executions(first)]
    apart = person.split(first, entries[:1])
    before = {apart: [10], first: [10], third: [10]}
    assert quantities(api) == before
    sandbox.pass_time(DELAY)
    assert quantities(api) == before | {first: [10, -4, -6]}


def test_what_is_under_way_can_be_deleted_before_it_shows(
    api: Any,
    sandbox: Sandbox,
    person: Person,
    under_way: tuple[int, int, int],
) -> None:
    """Its trade is left as it is shown, and what was deleted never shows."""
    _, second, _ = under_way
    trade = sandbox.account("me").journal.trades[second]
    person.delete_execution(second, trade.parts[-1].id)
    assert quantities(api)[second] == [10]
    sandbox.pass_time(DELAY)
    assert quantities(api)[second] == [10, -4]


# The clock ----------------------------------------------------------------------------


def test_both_clocks_jump_and_a_reset_takes_it_back() -> None:
    """The one that imports go by, and the one on the wall."""
    noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    sandbox = Sandbox(clock=lambda: 5.0, now=lambda: noon)
    sandbox.pass_time(0.5)
    sandbox.pass_time(3600)
    assert sandbox.elapsed() == 3605.5
    assert sandbox.time_of_day() == noon + timedelta(hours=1, seconds=0.5)
    sandbox.reset()
    assert (sandbox.elapsed(), sandbox.time_of_day()) == (5, noon)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e300])
def test_time_does_not_go_back(sandbox: Sandbox, seconds: float) -> None:
    """Nor anywhere else."""
    with pytest.raises(ValueError, match="cannot pass"):
        sandbox.pass_time(seconds)


def test_an_import_finishes_when_the_clock_jumps(
    api: Any, sandbox: Sandbox, row: RowMaker
) -> None:
    """It goes through its states on the way."""
    sandbox.import_seconds = 100
    api.http.post("/imports", json={"executions": [row("10:15", "XYZ", 1, 1)]})
    states = []
    for _ in range(3):
        states.append(api.get("/imports")["status"])
        sandbox.pass_time(60)
    assert states == ["queued", "processing", "succeeded"]

"""What is believed, what is written, and what of other people's stays as it is."""

import logging
from collections.abc import Callable
from itertools import groupby
from types import SimpleNamespace

import pytest

from argo_tradervue_plugin.delivery import annotator
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.outbox.records import Acceptance, State
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.tradervue.client import TradervueClient
from tests.delivery.conftest import Make
from tests.delivery.stepping import Forwarder, entered, host_trade
from tests.journeys.reader import MARKER, JournalReader, differences

MANY = annotator.BACKFILL + 2  # from here on a list tells which are untouched


def linked(forwarder: Forwarder, *trades: SimpleNamespace) -> None:
    """Bring closed trades into the journal, short of their notes."""
    forwarder.enter(*trades)
    forwarder.leave(*trades)
    forwarder.step_until(lambda: forwarder.is_in(State.LINKED, 2 * len(trades)))


def id_in(journal: JournalReader, trade: SimpleNamespace) -> int:
    """Return the journal's id of a trade, by its symbol."""
    return next(int(t["id"]) for t in journal.trades() if t["symbol"] == trade.symbol)


def test_synced_is_told_only_after_it_was_read_back(
    sandbox: Sandbox, forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    """Operators look for these words; symbol and ids stand in the line."""
    caplog.set_level(logging.INFO)
    trade = host_trade(1)
    forwarder.enter(trade)
    seen: list[tuple[str, bool]] = []
    while not forwarder.worker.is_idle():
        forwarder.step()
        told = "✅" in caplog.text
        seen.append((forwarder.states(trade)["entry"], told))
    assert [told for state, told in seen if state != "synced"].count(True) == 0
    forwarder.leave(trade)
    assert forwarder.run()

    row = forwarder.outbox.trade(trade.id)
    assert row is not None
    lines = [r.getMessage() for r in caplog.records if "✅" in r.getMessage()]
    facts = f"symbol=CORP1 trade={trade.id} journal={row.journal_id}"
    assert lines == [
        f"✅ Tradervue entry synced {facts}",
        f"✅ Tradervue exit synced {facts}",
    ]


def test_notes_are_written_while_an_import_runs(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tradervue takes its time for the next import; nobody has to stand still."""
    asked: list[str] = []
    for name in ("create_import", "import_status", "update_trade"):
        call = getattr(TradervueClient, name)

        def noted(*told: object, name: str = name, call: object = call) -> object:
            asked.append(name)
            return call(*told)  # type: ignore[operator]

        monkeypatch.setattr(TradervueClient, name, noted)
    trades = [host_trade(number) for number in range(1, 5)]
    linked(forwarder, *trades[:3])
    forwarder.enter(trades[3])
    forwarder.leave(trades[3])
    assert forwarder.run()

    assert [name for name, _ in groupby(asked)] == [
        *("create_import", "import_status"),
        *("create_import", "update_trade", "import_status"),
        "update_trade",
    ]
    assert asked.count("update_trade") == 4
    assert differences(journal, map(vars, trades)) == []


def test_process_that_lost_the_lease_leaves_the_notes_to_the_next(
    forwarder: Forwarder, journal: JournalReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several trades are stored at a time; none of them is taken to be complete."""
    trades = [host_trade(number) for number in range(1, 4)]
    linked(forwarder, *trades)
    finish = annotator.finish

    def too_late(*told: object) -> None:
        monkeypatch.undo()
        forwarder.succeed()
        forwarder.step()
        finish(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(annotator, "finish", too_late)
    forwarder.step()
    assert forwarder.run()

    assert forwarder.counts() == {"synced": 6}
    assert differences(journal, map(vars, trades)) == []


def test_synced_is_not_told_where_the_journal_does_not_show_it(
    sandbox: Sandbox, forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    """A success that Tradervue told is no evidence."""
    caplog.set_level(logging.INFO)
    sandbox.assume(read_delay_seconds=1000)
    forwarder.enter(host_trade(1))
    forwarder.run(seconds=3000)

    assert "✅" not in caplog.text
    assert not forwarder.counts().get("synced")


def test_notes_of_a_closed_trade_are_written_once(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """Entry and exit that go together cost one change; it says how it ended."""
    trades = [host_trade(n) for n in range(1, 6)]
    with forwarder.counted() as made:
        forwarder.enter(*trades)
        forwarder.leave(*trades)
        assert forwarder.run()

    assert made["PUT /trades/{id}"] == 5
    assert "Result: win" in journal.trade(id_in(journal, trades[0]))["notes"]


def test_backfill_costs_about_a_request_a_trade(
    make: Make, sandbox: Sandbox, journal: JournalReader
) -> None:
    """Lists serve a hundred trades at a time: at most 1.1 requests for each trade."""
    forwarder = make()
    trades = [
        host_trade(
            n,
            symbol=f"CORP{n % 40}",
            entry_timestamp=f"2026-0{1 + n // 40}-{1 + n % 27:02}T15:{n % 60:02}:01",
            exit_timestamp=f"2026-0{1 + n // 40}-{1 + n % 27:02}T18:{n % 60:02}:09",
            id=f"trade_{n}",
        )
        for n in range(300)
    ]
    for trade in sorted(trades, key=lambda trade: str(trade.entry_timestamp)):
        forwarder.enter(trade)
        forwarder.leave(trade)
    with forwarder.counted() as made:
        assert forwarder.run(seconds=3000)

    assert forwarder.counts() == {"synced": 600}
    assert sum(made.values()) <= 1.1 * len(trades), made
    assert differences(journal, map(vars, trades)) == []


def test_what_people_wrote_survives(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Notes, tags and risk, whether they came before our notes or between two."""
    trade = host_trade(1)
    forwarder.enter(trade)
    forwarder.step_until(lambda: forwarder.is_in(State.LINKED))
    person, journal_id = sandbox.person("argo"), id_in(journal, trade)
    person.write_notes(journal_id, "Before: *why*?")
    person.tag(journal_id, "argo", "mine", "stock")
    person.set_risk(journal_id, "77.5")
    assert forwarder.run()

    full = journal.trade(journal_id)
    assert full["notes"].startswith("Before: *why*?\r\n\r\n[argo ")
    person.write_notes(journal_id, f"{full['notes']}\n\nAfter: lesson")
    forwarder.leave(trade)
    assert forwarder.run()

    full = journal.trade(journal_id)
    text = full["notes"].replace("\r\n", "\n")
    assert text.startswith("Before: *why*?\n\n[argo ")
    assert text.endswith("[/argo]\n\nAfter: lesson")
    assert MARKER.findall(text) == [trade.id]
    assert full["tags"][:3] == ["argo", "mine", "stock"]
    assert str(full["initial_risk"]) == "77.5"


def test_notes_of_people_survive_when_many_trades_are_annotated(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """The list that was looked at tells which have to be read before."""
    trades = [host_trade(n) for n in range(1, MANY + 1)]
    linked(forwarder, *trades)
    person = sandbox.person("argo")
    person.write_notes(id_in(journal, trades[0]), "mine")
    person.tag(id_in(journal, trades[1]), "argo", "also mine")
    person.comment("trades", id_in(journal, trades[2]), "well done")
    assert forwarder.run()

    notes = journal.trade(id_in(journal, trades[0]))["notes"]
    assert notes.startswith("mine\r\n\r\n[argo ")
    assert journal.trade(id_in(journal, trades[1]))["tags"][1] == "also mine"
    assert journal.trade(id_in(journal, trades[2]))["comment_count"] == 1


def test_risk_of_people_survives_when_many_trades_are_annotated(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """A figure that somebody set is not written over."""
    trades = [host_trade(n) for n in range(1, MANY + 1)]
    linked(forwarder, *trades)
    sandbox.person("argo").set_risk(id_in(journal, trades[0]), "77.5")
    assert forwarder.run()

    full = journal.trade(id_in(journal, trades[0]))
    assert str(full["initial_risk"]) == "77.5"


@pytest.fixture
def wait(
    forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], list[str]]:
    """Write the notes of one trade as who waits for an import does; return whose."""
    monkeypatch.setattr(annotator, "TOGETHER", 0)

    def wait() -> list[str]:
        lane = forwarder.worker._lane
        assert lane is not None
        before = {trade.trade_id for trade in annotator.due_now(lane)}
        annotator.waiting(lane)(0)
        return sorted(before - {trade.trade_id for trade in annotator.due_now(lane)})

    return wait


def test_what_a_list_has_shown_serves_the_next_wait_too(
    forwarder: Forwarder, wait: Callable[[], list[str]]
) -> None:
    """A backfill waits for many imports, and does not look again in each."""
    linked(forwarder, *(host_trade(n) for n in range(1, MANY + 1)))
    with forwarder.counted() as made:
        done = [wait() for _ in range(4)]

    assert [len(some) for some in done] == [1] * 4
    assert made == {"GET /trades": 1, "GET /trades/{id}": 1, "PUT /trades/{id}": 4}


def test_what_a_list_has_shown_is_not_believed_for_long(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    wait: Callable[[], list[str]],
) -> None:
    """Somebody may write notes meanwhile."""
    trades = [host_trade(n) for n in range(1, MANY + 1)]
    linked(forwarder, *trades)
    [first] = wait()
    late = next(trade for trade in trades if trade.id != first)
    sandbox.person("argo").write_notes(id_in(journal, late), "mine")
    forwarder.let_pass(annotator.FRESH)
    assert forwarder.run()

    notes = journal.trade(id_in(journal, late))["notes"]
    assert notes.startswith("mine\r\n\r\n[argo ")


def test_trade_that_we_wrote_is_untouched_no_more(
    forwarder: Forwarder, wait: Callable[[], list[str]]
) -> None:
    """However it was written: what a list has shown of it is forgotten."""
    linked(forwarder, *(host_trade(n) for n in range(1, MANY + 1)))
    wait()
    lane = forwarder.worker._lane
    assert lane is not None
    trade = annotator.due_now(lane)[0]
    fills = lane.outbox.of_trades([trade.trade_id])[trade.trade_id]
    assert annotator.annotate_one(lane, trade, fills, None)

    assert annotator.untouched(lane, trade) is None


def test_template_of_the_user_stays(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Our block comes after it."""
    sandbox.assume(notes_template="What did I feel?")
    trades = [host_trade(n) for n in range(1, MANY + 1)]
    linked(forwarder, *trades)
    assert forwarder.run()

    for row in journal.trades():
        text = journal.trade(row["id"])["notes"]
        assert text.startswith("What did I feel?\r\n\r\n[argo ")


def test_notes_that_stand_there_are_not_written_again(
    forwarder: Forwarder, journal: JournalReader
) -> None:
    """A successor that does not know finds them, and changes nothing."""
    trade = host_trade(1)
    forwarder.enter(trade)
    assert forwarder.run()
    lane = forwarder.worker._lane
    assert lane is not None
    with lane.write() as writer:
        writer.wants_notes(trade.id)
    with forwarder.counted() as made:
        forwarder.step_until(lambda: not forwarder.outbox.annotations_due(2e10))

    assert made == {"GET /trades/{id}": 1}


@pytest.mark.parametrize("share", [False, True])
def test_trades_are_published_only_where_it_is_configured(
    make: Make, journal: JournalReader, share: bool
) -> None:
    """Nobody's trades become public by themselves."""
    forwarder = make(share_trades=share)
    linked(forwarder, host_trade(1))
    assert forwarder.run()

    assert journal.only()["shared"] is share


def test_tags_of_the_operator_are_added(make: Make, journal: JournalReader) -> None:
    """Beside the account tag and the facts of the strategy."""
    forwarder = make(tags=["bot", "v2"], account_tag="desk")
    linked(forwarder, host_trade(1))
    assert forwarder.run()

    tags = journal.only()["tags"]
    assert tags[0] == "desk"
    assert {"bot", "v2", "stock", "regime-bull", "take-profit"} < set(tags)


@pytest.mark.parametrize("others", [0, 3], ids=["alone", "among others"])
def test_deleted_trade_is_kept_as_such_and_left_to_a_person(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
    others: int,
) -> None:
    """A deletion is noticed before the notes; nothing brings the trade back."""
    trades = [host_trade(n) for n in range(1, 2 + others)]
    linked(forwarder, *trades)
    sandbox.person("argo").delete_trade(id_in(journal, trades[0]))
    assert forwarder.run()

    assert set(forwarder.states(trades[0]).values()) == {"quarantined"}
    assert "deleted" in str(forwarder.reasons(trades[0])["entry"])
    assert "synced" not in forwarder.path_of(trades[0], Kind.ENTRY)
    assert len(journal.trades()) == others
    assert forwarder.counts().get("synced", 0) == 2 * others
    lines = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert len(lines) == 1
    assert f"tradervue.quarantined kind=entry trade={trades[0].id}" in lines[0]


def test_deletion_is_no_success(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """The time of the last success is what an operator alerts on."""
    trade = host_trade(1)
    linked(forwarder, trade)
    sandbox.person("argo").delete_trade(id_in(journal, trade))
    assert forwarder.run()

    assert forwarder.outbox.last_synced_at() is None


def test_exit_of_a_deleted_trade_opens_no_position(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Alone in the journal it would be a position of the wrong side."""
    trade = host_trade(1)
    forwarder.enter(trade)
    assert forwarder.run()
    sandbox.person("argo").delete_trade(id_in(journal, trade))
    forwarder.leave(trade)
    assert forwarder.run()

    assert journal.trades() == []
    assert forwarder.states(trade)["exit"] == "quarantined"


def test_notes_that_are_refused_twice_are_left_to_a_person(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """The executions stand there; what Tradervue said of the notes is told."""
    trade = host_trade(1)
    linked(forwarder, trade)
    path = f"/trades/{id_in(journal, trade)}"
    sandbox.inject("server_error", status=400, method="PUT", path=path, times=2)
    other = host_trade(2)
    forwarder.enter(other)
    assert forwarder.run(seconds=3000)

    assert set(forwarder.states(trade).values()) == {"quarantined"}
    assert str(forwarder.reasons(trade)["entry"]).startswith("notes_refused: ")
    assert forwarder.states(other) == {"entry": "synced"}


def test_synced_trade_stays_so_when_new_notes_are_refused(
    sandbox: Sandbox,
    forwarder: Forwarder,
    journal: JournalReader,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing waits for a person then, and no log line says that something does."""
    trade = host_trade(1)
    forwarder.enter(trade)
    assert forwarder.run()
    sandbox.person("argo").write_notes(id_in(journal, trade), "")
    with forwarder.outbox.maintain() as writer:
        writer.wants_notes(trade.id)
    sandbox.inject("server_error", status=400, method="PUT", path="/trades/*", times=2)
    assert forwarder.run(seconds=3000)

    assert forwarder.states(trade) == {"entry": "synced"}
    assert f"tradervue.notes_refused trade={trade.id}" in caplog.text
    assert "tradervue.quarantined" not in caplog.text


def test_notes_that_are_refused_once_are_tried_again(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """A passing mood is not the end."""
    trade = host_trade(1)
    linked(forwarder, trade)
    sandbox.inject("server_error", status=422, method="PUT", path="/trades/*")
    assert forwarder.run(seconds=3000)

    assert forwarder.counts() == {"synced": 2}


@pytest.mark.parametrize(("signal_type", "stop"), [("long", 98.25), ("short", 102.0)])
def test_flat_journal_of_both_sides(
    forwarder: Forwarder, journal: JournalReader, signal_type: str, stop: float
) -> None:
    """A short entry sells, its exit buys."""
    trade = host_trade(1, signal_type=signal_type, stop_price=stop)
    forwarder.enter(trade)
    assert forwarder.run()
    assert differences(journal, [vars(entered(trade))]) == []
    forwarder.leave(trade)
    assert forwarder.run()
    assert differences(journal, [vars(trade)]) == []


def test_execution_that_a_person_corrected_is_not_sent_again(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """What was linked stays linked, whatever people make of it; the exit follows."""
    trade = host_trade(1)
    forwarder.enter(trade)
    assert forwarder.run()
    journal_id = id_in(journal, trade)
    [fill] = journal.executions(journal_id)
    sandbox.person("argo").edit_execution(journal_id, int(fill["id"]), price="100.75")
    forwarder.leave(trade)
    assert forwarder.run(seconds=3000)

    assert forwarder.counts() == {"synced": 2}
    prices = [str(f["price"]) for f in journal.executions(journal_id)]
    assert prices == ["100.75", "103.5"]


def test_trades_that_a_person_merged_are_found(
    sandbox: Sandbox, forwarder: Forwarder, journal: JournalReader
) -> None:
    """Executions tell where they stand, ids of trades are no identities."""
    trades = [
        host_trade(1, symbol="AAPL"),
        host_trade(2, symbol="AAPL", entry_timestamp="2026-03-05T15:00:00"),
    ]
    forwarder.enter(*trades)
    assert forwarder.run()
    ids = [int(row["id"]) for row in journal.trades()]
    person = sandbox.person("argo")
    person.tag(person.merge(*ids), "argo")
    forwarder.leave(*trades)
    forwarder.run(seconds=3000)

    assert len(journal.all_executions()) == 4
    assert forwarder.counts() == {"synced": 4}


def test_trade_that_is_not_as_recorded_gets_a_warning_and_no_tick(
    forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    """Operators take ✅ for the word that all is well."""
    caplog.set_level(logging.INFO)
    trade = host_trade(1)
    forwarder.enter(trade)
    assert forwarder.run()
    forwarder.clock.now += 1
    trade.entry_price = trade.actual_entry_price = 77.0
    forwarder.enter(trade)
    forwarder.leave(trade)
    assert forwarder.run()

    assert forwarder.counts() == {"synced": 2}
    ticks = [r.getMessage() for r in caplog.records if "✅" in r.getMessage()]
    assert len(ticks) == 1
    assert "entry" in ticks[0]
    [line] = [r for r in caplog.records if "kind=exit" in r.getMessage()]
    assert line.levelno == logging.WARNING
    assert "code=price_changed" in line.getMessage()


def test_trade_that_a_person_accepted_gets_its_tick(
    forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    """The journal is right as it is: somebody said so."""
    caplog.set_level(logging.INFO)
    trade = host_trade(1)
    forwarder.enter(trade)
    assert forwarder.run()
    forwarder.clock.now += 1
    trade.entry_price = trade.actual_entry_price = 77.0
    forwarder.enter(trade)
    forwarder.leave(trade)
    forwarder.step_until(lambda: forwarder.is_in(State.LINKED))
    lane = forwarder.worker._lane
    assert lane is not None
    accepted = Acceptance(trade_id=trade.id, host="h", journal="j")
    with lane.write() as writer:
        writer.accept(accepted, now=forwarder.clock())
    assert forwarder.run()

    assert "✅ Tradervue exit synced" in caplog.text

"""``preview`` and ``sync --dry-run`` say what a real sync then does, and do nothing."""

import json
import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import attrs
import pytest
from click.testing import CliRunner, Result

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.cli.previewing import Preview, preview
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.model.reasons import sentence
from argo_tradervue_plugin.outbox.records import Recorded
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.process.logs import unlogged
from argo_tradervue_plugin.sandbox import Sandbox
from tests.cli.terminal import in_pipe
from tests.delivery.stepping import Forwarder, entered, host_trade
from tests.journeys.generate import generated
from tests.journeys.reader import JournalReader

KEYS: Final = [
    "trades",
    "known",
    "journal_trades",
    "executions",
    "imports",
    "account_tags",
    "left_out",
    "sends",
    "requests",
    "seconds",
]

Trade = SimpleNamespace


@pytest.fixture
def forwarder(sandbox: Sandbox, tmp_path: Path) -> Iterator[Forwarder]:
    """A real sync that is stepped: everything is recorded, then it begins."""
    made = Forwarder(sandbox, tmp_path / "outbox.db")
    yield made
    made.close()


@pytest.fixture
def settings(section: dict[str, Any]) -> Settings:
    """The plugin's settings, with the same outbox."""
    return Settings.from_mapping(section)


@pytest.fixture
def config(section: dict[str, Any], tmp_path: Path) -> Path:
    """A host's config file."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"plugins": {"tradervue": section}}), encoding="utf-8")
    return path


def file_of(tmp_path: Path, trades: list[Trade]) -> Path:
    """Write *trades* to a file, one JSON object a line."""
    path = tmp_path / "trades.jsonl"
    path.write_text("\n".join(json.dumps(vars(t)) for t in trades), encoding="utf-8")
    return path


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Return every file under *folder*, with its size and when it was written."""
    found = {}
    for path in sorted(folder.rglob("*")):
        facts = path.stat()
        found[str(path)] = (facts.st_size, facts.st_mtime_ns)
    return found


def of_all_sorts() -> list[Trade]:
    """Return what is sent, what is left out, and what is sent by half."""
    return [
        host_trade(1),
        host_trade(2, signal_type="short"),
        host_trade(3, symbol="BTC-USD", quantity=0.125, filled_qty=0.125),
        host_trade(4, symbol="CORP1", entry_timestamp="2026-03-05T15:00:00"),
        host_trade(5, symbol="CORP1", entry_timestamp="2026-03-05T15:30:00"),
        host_trade(6, symbol="TWIN"),
        host_trade(7, symbol="TWIN"),
        entered(host_trade(8)),
        entered(host_trade(9, filled_qty=0)),
        entered(host_trade(10, cancelled=True)),
        entered(host_trade(11, rejection_reason="no funds")),
        host_trade(12, quantity="many", filled_qty=None),
        host_trade(13, exit_price=None, actual_exit_price=None),
        host_trade(14, signal_type="sideways"),
    ]


def really(forwarder: Forwarder, trades: list[Trade]) -> None:
    """Sync *trades*: record what is known of each, then forward it all."""
    for trade in trades:
        forwarder.record(trade, EventKind.ENTRY)
        if trade.exit_timestamp is not None:
            forwarder.record(trade, EventKind.EXIT)
    assert forwarder.run(seconds=3000)


def sent_by(sandbox: Sandbox, skip: int = 0) -> dict[str, Any]:
    """Return what the sandbox was sent, after the first *skip* imports."""
    imports = list(sandbox.stats.imports)[skip:]
    return {
        "imports": len(imports),
        "executions": sum(int(str(each["executions"])) for each in imports),
        "by tag": Counter(
            {
                tag: sum(
                    int(str(e["executions"]))
                    for e in imports
                    if e["account_tag"] == tag
                )
                for tag in {str(e["account_tag"]) for e in imports}
            }
        ),
    }


def told_by(told: Preview) -> dict[str, Any]:
    """Return what a preview says, as :func:`sent_by` has it."""
    return {
        "imports": told.imports,
        "executions": told.executions,
        "by tag": Counter(each["account_tag"] for each in told.sends),
    }


# What it says is what happens -------------------------------------------------------


def test_preview_says_what_a_sync_then_does(
    sandbox: Sandbox, forwarder: Forwarder, settings: Settings
) -> None:
    """Executions, imports, account tags; what is left out, with the same reasons."""
    trades = of_all_sorts()
    told = preview(trades, settings)
    really(forwarder, trades)

    assert told_by(told) == sent_by(sandbox)
    with JournalReader(sandbox.url) as journal:
        rows = journal.trades()
    assert told.journal_trades == len(rows)
    assert told.account_tags == Counter(row["tags"][0] for row in rows)
    left_out = {
        trade.id: reasons
        for trade in trades
        if (reasons := forwarder.states(trade)) and set(reasons.values()) != {"synced"}
    }
    assert told.left_out.keys() == left_out.keys()
    for trade_id, why in told.left_out.items():
        steps = forwarder.outbox.history(trade_id)
        assert why in {f"{step.state}: {sentence(step.detail)}" for step in steps}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"filled_qty": 0}, "skipped: quantity 0: not filled"),
        ({"cancelled": True}, "skipped: cancelled"),
        ({"expired": True}, "skipped: expired"),
        ({"rejection_reason": "no funds"}, "skipped: rejected: no funds"),
        ({"signal_type": "x"}, "quarantined: signal_type='x': must be long or short"),
        (
            {"exit_timestamp": "2026-03-05T10:00:00"},
            (
                "quarantined: exit_timestamp='2026-03-05T10:00:00+00:00': "
                "must not be before the entry"
            ),
        ),
    ],
    ids=["not filled", "cancelled", "expired", "rejected", "no side", "exit first"],
)
def test_preview_says_why_a_trade_is_left_out(
    settings: Settings, changes: dict[str, Any], why: str
) -> None:
    """The words that the operator will see in the status."""
    trade = host_trade(1, **changes)
    if why.startswith("skipped"):
        trade = entered(trade)  # what was closed was filled, whatever its flags say

    assert preview([trade, host_trade(2)], settings).left_out == {trade.id: why}


@pytest.mark.parametrize("seed", range(5))
def test_preview_is_right_for_made_up_sessions(
    sandbox: Sandbox, forwarder: Forwarder, settings: Settings, seed: int
) -> None:
    """Overlaps, shorts, fractions, twins and re-entries."""
    trades = [SimpleNamespace(**facts) for facts in generated(seed, 40)]
    told = preview(trades, settings)
    really(forwarder, trades)

    assert told_by(told) == sent_by(sandbox)
    with JournalReader(sandbox.url) as journal:
        assert told.journal_trades == len(journal.trades())


@pytest.mark.parametrize("size", [1, 3, 500])
def test_preview_knows_the_size_of_imports(
    sandbox: Sandbox, section: dict[str, Any], tmp_path: Path, size: int
) -> None:
    """More imports where fewer executions go at a time."""
    trades = [host_trade(n) for n in range(1, 6)]
    told = preview(trades, Settings.from_mapping(section | {"import_size": size}))
    forwarder = Forwarder(sandbox, tmp_path / "real.db", import_size=size)
    really(forwarder, trades)
    forwarder.close()

    assert told_by(told) == sent_by(sandbox)


def test_preview_without_account_tags_says_so(settings: Settings) -> None:
    """All positions go without one; Tradervue may put them together."""
    trades = [
        host_trade(n, symbol="AAPL", entry_timestamp=f"2026-03-05T14:4{n}:00")
        for n in range(3)
    ]
    told = preview(trades, Settings.from_mapping({"account_tags": False}))

    assert told.account_tags == {"(none)": 3}
    assert told.executions == 6


def test_preview_lists_the_executions_import_by_import(settings: Settings) -> None:
    """Which fill goes when, under which tag: all that is sent but the commission."""
    told = preview([host_trade(1, signal_type="short")], settings)

    assert told.sends == [
        {
            "import": 1,
            "account_tag": "argo",
            "trade": host_trade(1).id,
            "kind": kind,
            "symbol": "CORP1",
            "quantity": quantity,
            "price": price,
            "at": at,
        }
        for kind, quantity, price, at in (
            ("entry", "-10", "100.25", "2026-03-05T14:30:01+00:00"),
            ("exit", "10", "103.5", "2026-03-05T16:45:09+00:00"),
        )
    ]


def test_requests_and_seconds_are_about_what_it_takes(
    sandbox: Sandbox, forwarder: Forwarder, section: dict[str, Any]
) -> None:
    """Within a tenth, for a backfill; seconds by the pace of the settings."""
    trades = [
        host_trade(
            n,
            id=f"trade_{n}",
            symbol=f"CORP{n % 40}",
            entry_timestamp=f"2026-01-{1 + n % 27:02}T15:{n % 60:02}:01",
            exit_timestamp=f"2026-01-{1 + n % 27:02}T18:{n % 60:02}:09",
        )
        for n in range(150)
    ]
    paced = section | {"request_interval_seconds": 0.5}
    told = preview(trades, Settings.from_mapping(paced))
    really(forwarder, trades)

    made = sum(forwarder.requests().values())
    assert 0.9 * made <= told.requests <= 1.1 * made
    assert told.seconds == told.requests * 0.5
    assert preview(trades, Settings.from_mapping(section)).seconds == 0


# With an outbox that knows something already ----------------------------------------


def test_what_is_in_the_journal_already_is_not_sent_again(
    sandbox: Sandbox, forwarder: Forwarder, settings: Settings
) -> None:
    """A dry run tells what this sync would do, not what the first one did."""
    trades = [host_trade(n) for n in range(1, 5)]
    really(forwarder, trades[:3])
    told = preview(trades, settings)

    assert (told.trades, told.known, told.journal_trades) == (4, 3, 1)
    assert {each["trade"] for each in told.sends} == {trades[3].id}
    before = len(sandbox.stats.imports)
    really(forwarder, trades)
    assert told_by(told) == sent_by(sandbox, before)


def test_an_exit_that_is_missing_is_all_that_would_be_sent(
    forwarder: Forwarder, settings: Settings
) -> None:
    """It makes no new journal trade."""
    trade = host_trade(1)
    really(forwarder, [entered(trade)])
    told = preview([trade], settings)

    assert [each["kind"] for each in told.sends] == ["exit"]
    assert (told.journal_trades, told.known) == (0, 0)


def test_slots_that_others_hold_are_left_to_them(
    forwarder: Forwarder, settings: Settings
) -> None:
    """The outbox knows of an open position in the symbol."""
    really(forwarder, [entered(host_trade(1, symbol="AAPL"))])
    told = preview([host_trade(2, symbol="AAPL")], settings)

    assert told.account_tags == {"argo-2": 1}


def test_what_waits_in_the_spool_is_there_too(
    tmp_path: Path, settings: Settings
) -> None:
    """A host that has ended may have left it there, and its slot is taken."""
    settings = attrs.evolve(settings, database=str(tmp_path / "spooled.db"))
    standing = host_trade(1, symbol="SAME")
    spool = Spool(Locations.of(settings).spool)
    spool.append(Recorded.of(standing, EventKind.EXIT, time.time()))
    told = preview([host_trade(2, symbol="SAME")], settings)

    assert told.account_tags == {"argo-2": 1}
    assert len(spool.waiting()) == 1


def test_what_waits_for_others_is_not_counted(
    forwarder: Forwarder, settings: Settings
) -> None:
    """Only the trades that were asked about."""
    forwarder.enter(host_trade(1), host_trade(2))
    told = preview([host_trade(3)], settings)

    assert {each["trade"] for each in told.sends} == {host_trade(3).id}


def test_what_a_person_has_given_up_is_left_out(
    forwarder: Forwarder, settings: Settings, sandbox: Sandbox
) -> None:
    """As it is by the sync; with the state that it is in."""
    from argo_tradervue_plugin.services import quarantine

    trade = host_trade(1, signal_type="x")
    really(forwarder, [trade])
    quarantine.discard(forwarder.outbox, trade.id)
    told = preview([trade], settings)

    assert told.executions == 0
    assert told.left_out[trade.id].startswith("discarded")


# And it does nothing ----------------------------------------------------------------


@pytest.mark.parametrize("command", ["preview", "sync"])
@pytest.mark.parametrize("outbox", ["none", "closed", "open"])
def test_neither_command_asks_or_writes_anything(
    sandbox: Sandbox,
    forwarder: Forwarder,
    config: Path,
    tmp_path: Path,
    command: str,
    outbox: str,
) -> None:
    """No request reaches Tradervue, no file is written, made or left behind."""
    if outbox == "none":
        forwarder.close()
        for path in tmp_path.glob("outbox.db*"):
            path.unlink()
    else:
        really(forwarder, [host_trade(7)])
    if outbox == "closed":
        forwarder.close()
    file = file_of(tmp_path, of_all_sorts())
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    asked = dict(sandbox.stats.requests)
    before = listing(tmp_path)
    more = ["--dry-run"] if command == "sync" else []
    answer = CliRunner(env={"TMPDIR": str(scratch)}).invoke(
        cli, [command, "--config", str(config), str(file), "--json", *more]
    )

    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["executions"] > 0
    assert dict(sandbox.stats.requests) == asked
    after = listing(tmp_path)
    for each in (str(scratch), *(k for k in after if k.endswith("-shm"))):
        before.pop(each, None)  # used for a moment; a reader's mark in shared memory
        after.pop(each, None)
    assert after == before


def test_both_commands_say_the_same(config: Path, tmp_path: Path) -> None:
    """One is the other, under the name that one looks for."""
    file = file_of(tmp_path, of_all_sorts())
    told = [
        CliRunner().invoke(
            cli, [*command, "--config", str(config), str(file), "--json"]
        )
        for command in (["preview"], ["sync", "--dry-run"])
    ]

    first, second = (json.loads(answer.stdout) for answer in told)
    assert list(first) == KEYS
    assert first == second


def test_a_person_reads_what_goes_and_what_does_not(
    config: Path, tmp_path: Path
) -> None:
    """Counts, account tags, the first executions, and why the rest is left out."""
    file = file_of(tmp_path, of_all_sorts())
    answer = CliRunner().invoke(cli, ["preview", "--config", str(config), str(file)])

    assert answer.exit_code == 0
    words = " ".join(answer.stdout.split())
    assert "trades 14" in words
    assert "account tags argo: 6, argo-2: 2, argo-3: 1" in words
    assert "left out 6" in words
    assert "import 1: entry of " in words
    assert f"{host_trade(10).id}: skipped: cancelled" in words


def test_thousands_of_executions_are_not_all_printed(
    config: Path, tmp_path: Path
) -> None:
    """The table stays readable; JSON has them all."""
    trades = [host_trade(n, id=f"t{n}", symbol=f"S{n}") for n in range(100)]
    file = file_of(tmp_path, trades)
    answer = CliRunner().invoke(cli, ["preview", "--config", str(config), str(file)])

    assert "... and 180 more: --json shows all" in answer.stdout
    assert len(answer.stdout.splitlines()) < 40


def test_no_network_and_no_login_is_needed(tmp_path: Path) -> None:
    """Without any config: what would go to Tradervue, and how long it takes there."""
    file = file_of(tmp_path, [host_trade(1)])
    answer: Result = CliRunner().invoke(cli, ["preview", str(file), "--json"])

    told = json.loads(answer.stdout)
    assert told["executions"] == 2
    assert told["seconds"] == told["requests"] * 0.5
    assert not Path(os.environ["XDG_STATE_HOME"]).exists()


def test_outbox_that_cannot_be_read_is_told(
    config: Path, section: dict[str, Any], tmp_path: Path
) -> None:
    """One line, and the file is as it was."""
    path = Path(section["database"])
    path.write_text("this is no database, and longer than a header " * 30)
    file = file_of(tmp_path, [host_trade(1)])
    answer = CliRunner().invoke(cli, ["preview", "--config", str(config), str(file)])

    assert answer.exit_code == 3
    assert f"{path} cannot be read" in answer.stderr
    assert path.read_text().startswith("this is no database")


def test_outbox_that_others_write_is_read_as_it_stands(
    forwarder: Forwarder, settings: Settings
) -> None:
    """A host may be at work: what is committed counts, and nobody waits."""
    really(forwarder, [host_trade(1)])
    other = Outbox(Sqlite(forwarder.path))
    with other.maintain() as writer:
        writer.wants_notes(host_trade(1).id)
        told = preview([host_trade(1)], settings)
    other.close()

    assert told.known == 1


def test_nothing_is_logged_as_if_it_had_happened(
    config: Path, section: dict[str, Any], tmp_path: Path
) -> None:
    """Nothing was quarantined, and nothing was sent; the screen says what would be."""
    trades = [
        host_trade(1, actual_entry_price=-1),
        host_trade(2, stop_price="soon"),
        host_trade(3, alpaca_order_id="SIM_1"),
    ]
    file = file_of(tmp_path, trades)
    answer = in_pipe(["preview", file, "--config", config])

    assert answer.returncode == 0
    place = section["database"]
    assert answer.stderr.startswith(f"there is no outbox at {place}: ")
    assert answer.stderr.endswith(": as if nothing were sent\n")
    assert f"{trades[0].id}: quarantined: actual_entry_price='-1'" in answer.stdout


def test_what_others_log_meanwhile_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The silence is one thread's, and ends with the block."""
    caplog.set_level(logging.INFO)
    with unlogged:
        log.info("ours")
        other = threading.Thread(target=log.info, args=("another's",))
        other.start()
        other.join()
    log.info("afterwards")

    assert caplog.messages == ["another's", "afterwards"]

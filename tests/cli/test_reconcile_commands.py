"""``reconcile``, ``relink`` and ``sync`` as an operator and a script use them."""

import csv
import io
import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.cli.listing import rows_of, write_csv
from argo_tradervue_plugin.matching.compare import (
    Accepted,
    Basic,
    Difference,
    Missing,
    Money,
    Report,
    reconcile,
)
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.reconciliation.reconciler import Reconciler
from tests.delivery.stepping import entered, host_trade
from tests.journeys.reader import JournalReader, differences

DAYS: Final = ("--days", "3650")  # the trades of these tests lie some months back
KEYS: Final = [
    "clean",
    "matched",
    "missing",
    "different",
    "shared",
    "duplicated",
    "unknown_tagged",
    "unknown_untagged",
    "unusable",
    "host",
    "journal",
    "difference",
    "explained",
    "lines",
    "money",
    "unknown_costs",
]

Run = Callable[..., Result]


@pytest.fixture
def config(section: dict[str, Any], tmp_path: Path) -> Path:
    """A host's config file, with an outbox of its own."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"plugins": {"tradervue": section}}), encoding="utf-8")
    return path


@pytest.fixture
def run(config: Path) -> Run:
    """Run ``argo-tradervue`` with that config."""

    def run(command: str, *arguments: object) -> Result:
        told = [command, "--config", str(config), *map(str, arguments)]
        return CliRunner().invoke(cli, told)

    return run


@pytest.fixture
def journal(sandbox: Sandbox) -> Iterable[JournalReader]:
    """What stands in the journal, read by somebody else."""
    with JournalReader(sandbox.url) as reader:
        yield reader


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write trades to a file, one JSON object a line."""

    def write(*trades: SimpleNamespace, name: str = "trades.jsonl") -> Path:
        path = tmp_path / name
        lines = [json.dumps(vars(trade)) for trade in trades]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


def only_id(journal: JournalReader, symbol: str) -> int:
    """Return the id of the one trade in *symbol*."""
    [found] = [int(r["id"]) for r in journal.trades() if r["symbol"] == symbol]
    return found


# sync -------------------------------------------------------------------------------


def test_sync_brings_a_file_into_the_journal(
    run: Run, write: Callable[..., Path], journal: JournalReader
) -> None:
    """Everything is there, with notes; the last line is one JSON object."""
    trades = [host_trade(n) for n in range(1, 6)]
    answer = run("sync", write(*trades), "--json")

    assert answer.exit_code == 0
    told = json.loads(answer.stdout.splitlines()[-1])
    assert told == {
        "synced": 5,
        "failed": 0,
        "skipped": 0,
        "unchanged": 0,
        "pending": 0,
    }
    assert differences(journal, map(vars, trades)) == []


def test_sync_again_changes_nothing(
    run: Run, write: Callable[..., Path], sandbox: Sandbox
) -> None:
    """No import, no change, not even a look."""
    file = write(*(host_trade(n) for n in range(1, 6)))
    run("sync", file)
    before = dict(sandbox.stats.requests)
    answer = run("sync", file, "--json")

    assert json.loads(answer.stdout)["unchanged"] == 5
    assert dict(sandbox.stats.requests) == before


def test_sync_into_a_journal_that_a_person_had_partly_filled_doubles_nothing(
    run: Run, write: Callable[..., Path], journal: JournalReader, sandbox: Sandbox
) -> None:
    """Their trades are linked and keep their words; the others are sent."""
    trades = [host_trade(n) for n in range(1, 6)]
    for trade in trades[:2]:
        rows = [
            {
                "datetime": f"{at[:19]}+00:00",
                "quantity": quantity,
                "price": price,
                "commission": commission,
            }
            for at, quantity, price, commission in (
                (trade.entry_timestamp, "10", "100.25", "0"),
                (trade.exit_timestamp, "-10", "103.5", "2"),
            )
        ]
        sandbox.person("argo").create_trade(
            trade.symbol, rows, notes=f"My {trade.symbol}", tags=["mine"]
        )
    file = write(*trades)
    answer = run("sync", file, "--json")

    assert json.loads(answer.stdout)["synced"] == 5
    assert differences(journal, map(vars, trades)) == []
    for trade in trades[:2]:
        full = journal.trade(only_id(journal, trade.symbol))
        assert full["notes"].startswith(f"My {trade.symbol}\r\n\r\n[argo ")
        assert "mine" in full["tags"]
    assert run("reconcile", *DAYS, "--trades", file).exit_code == 0


def test_sync_that_cannot_finish_says_why_and_keeps_everything(
    run: Run, write: Callable[..., Path], sandbox: Sandbox
) -> None:
    """Exit code 1; the next one goes on."""
    sandbox.inject("server_error", times=None)
    answer = run("sync", write(host_trade(1)), "--patience", "0.3", "--json")
    assert answer.exit_code == 1
    assert "not everything arrived: " in answer.stderr
    assert json.loads(answer.stdout)["pending"] == 1

    sandbox.clear_faults()
    again = run("sync", write(host_trade(1)), "--json")
    assert again.exit_code == 0


def test_sync_tells_what_has_no_place_in_a_journal(
    run: Run, write: Callable[..., Path]
) -> None:
    """Nothing pending, nothing failed."""
    file = write(
        host_trade(1), host_trade(2, cancelled=True), host_trade(3, quantity=0)
    )
    answer = run("sync", file)

    assert answer.exit_code == 0
    words = dict(line.split() for line in answer.stdout.splitlines() if line.strip())
    assert words["pending"] == words["failed"] == "0"


# reconcile --------------------------------------------------------------------------


def test_reconcile_says_that_all_is_the_same(
    run: Run, write: Callable[..., Path], journal: JournalReader
) -> None:
    """Exit code 0, and the words for a person."""
    run("sync", write(*(host_trade(n) for n in range(1, 4))))
    answer = run("reconcile", *DAYS)

    assert answer.exit_code == 0
    assert answer.stdout.splitlines()[-1] == "the journal says what the host did"
    assert "97.50 of 3 trades" in answer.stdout


def test_reconcile_json_has_the_promised_keys(
    run: Run, write: Callable[..., Path]
) -> None:
    """One object, also where something differs."""
    run("sync", write(host_trade(1)))
    same = run("reconcile", *DAYS, "--json")
    assert list(json.loads(same.stdout)) == KEYS
    assert json.loads(same.stdout)["clean"] is True

    file = write(host_trade(1), host_trade(2))
    other = run("reconcile", *DAYS, "--json", "--trades", file)
    told = json.loads(other.stdout)
    assert other.exit_code == 1
    assert list(told) == KEYS
    assert (told["clean"], told["matched"]) == (False, 1)
    assert [m["trade_id"] for m in told["missing"]] == [host_trade(2).id]
    assert told["difference"] == told["explained"]["missing"] == "-32.5"
    assert told["host"] == {
        "trades": 2,
        "gross_pl": "65.0",
        "commission": "4",
        "fees": "0",
    }
    assert told["money"]["difference"]["commission"] == "-2"


def test_reconcile_shows_a_person_what_differs_and_what_to_do(
    run: Run, write: Callable[..., Path], journal: JournalReader, sandbox: Sandbox
) -> None:
    """Field, both values, the money, and that only they can correct an execution."""
    file = write(host_trade(1), host_trade(2))
    run("sync", file)
    journal_id = only_id(journal, "CORP1")
    entry, _ = journal.executions(journal_id)
    sandbox.person("argo").edit_execution(journal_id, int(entry["id"]), price="101.25")
    answer = run("reconcile", *DAYS)

    assert answer.exit_code == 1
    words = " ".join(answer.stdout.split())
    assert "entry price" in words
    assert "100.25" in words
    assert "101.25" in words
    assert "difference -10.00" in words
    assert "by different -10.00" in words
    assert "Edit the execution in Tradervue, or let argo-tradervue resend" in words
    assert f"/trades/{journal_id}" in words
    assert "2026-03-05" in words


def test_reconcile_finds_what_the_host_learned_and_repairs_it(
    run: Run, write: Callable[..., Path], journal: JournalReader
) -> None:
    """A commission learned late, a trade that no hook told, an exit that was missed."""
    run("sync", write(host_trade(1, commission=None), entered(host_trade(2))))
    trades = [host_trade(n) for n in (1, 2, 3)]
    file = write(*trades)
    assert run("reconcile", *DAYS, "--trades", file).exit_code == 1
    repaired = run("reconcile", *DAYS, "--trades", file, "--repair")

    assert repaired.exit_code == 0, repaired.output
    assert repaired.stderr == "3 recorded, 0 linked, 0 sent again\n"
    assert differences(journal, map(vars, trades)) == []


def test_reconcile_brings_back_what_was_deleted_only_when_told_to(
    run: Run, write: Callable[..., Path], journal: JournalReader, sandbox: Sandbox
) -> None:
    """A repair leaves it as a person has left it; it is sent as the host has it now."""
    run("sync", write(host_trade(1), host_trade(2)))
    sandbox.person("argo").delete_trade(only_id(journal, "CORP1"))
    now = [host_trade(1, actual_exit_price=104.5, commission=3.0), host_trade(2)]
    file = write(*now)

    kept = run("reconcile", *DAYS, "--trades", file, "--repair")
    assert kept.exit_code == 1
    assert "deleted" in kept.stdout
    assert len(journal.trades()) == 1
    back = run("reconcile", *DAYS, "--trades", file, "--repair", "--resend-deleted")
    assert back.exit_code == 0, back.output
    assert back.stderr == "0 recorded, 0 linked, 1 sent again\n"
    assert differences(journal, map(vars, now)) == []


def test_reconcile_repairs_a_lost_outbox_from_a_file(
    run: Run,
    write: Callable[..., Path],
    section: dict[str, Any],
    journal: JournalReader,
) -> None:
    """Nothing stands twice afterwards."""
    trades = [host_trade(n) for n in (1, 2)]
    file = write(*trades)
    run("sync", file)
    Path(section["database"]).unlink()
    answer = run("reconcile", *DAYS, "--trades", file, "--repair")

    assert answer.exit_code == 0, answer.output
    assert answer.stderr.startswith("2 recorded, 2 linked")
    assert differences(journal, map(vars, trades)) == []


def test_relink_says_how_many_trades_it_found(
    run: Run, write: Callable[..., Path], section: dict[str, Any], sandbox: Sandbox
) -> None:
    """After that a sync has nothing to do."""
    file = write(*(host_trade(n) for n in range(1, 4)))
    run("sync", file)
    database = Path(section["database"])
    for each in database.parent.glob(f"{database.name}*"):
        if each.is_file():  # and not the empty spool
            each.unlink()
    answer = run("relink")
    assert (answer.exit_code, answer.stdout) == (0, "3 trades linked again\n")
    assert answer.stderr == "3 journal trades looked at, 3 linked\n"
    assert run("relink").stdout == "0 trades linked again\n"

    imports = sandbox.stats.import_count
    assert run("sync", file).exit_code == 0
    assert run("reconcile", *DAYS, "--trades", file).exit_code == 0
    assert run("reconcile", *DAYS).exit_code == 0
    assert sandbox.stats.import_count == imports
    assert {str(s): n for s, n in Outbox(Sqlite(database)).counts().items() if n} == {
        "synced": 6
    }


def test_relink_says_what_it_leaves_out_where_opposite_trades_close_each_other(
    config: Path, section: dict[str, Any], run: Run, write: Callable[..., Path]
) -> None:
    """What another trade may have closed; what was alone is linked."""
    section["opposite_closes"] = True
    config.write_text(json.dumps({"plugins": {"tradervue": section}}))
    file = write(*(host_trade(n) for n in range(1, 4)))
    assert run("sync", file).exit_code == 0
    database = Path(section["database"])
    for each in database.parent.glob(f"{database.name}*"):
        if each.is_file():
            each.unlink()
    answer = run("relink")

    assert (answer.exit_code, answer.stdout) == (0, "3 trades linked again\n")
    assert "were left out" in answer.stderr
    assert run("reconcile", *DAYS).exit_code == 0


# CSV --------------------------------------------------------------------------------


def test_csv_has_a_line_for_everything_that_is_not_the_same(
    run: Run, write: Callable[..., Path]
) -> None:
    """A header, and rows that a spreadsheet reads; nothing else on standard output."""
    run("sync", write(host_trade(1)))
    file = write(host_trade(1, commission=9.0), host_trade(2))
    answer = run("reconcile", *DAYS, "--csv", "--trades", file)

    assert answer.exit_code == 1
    header, *rows = csv.reader(io.StringIO(answer.stdout))
    assert header == [
        *("what", "trade", "journal", "field", "host", "journal value"),
        *("symbol", "day", "gross_pl", "commission", "fees", "address"),
    ]
    assert [row[0] for row in rows] == ["missing", "different"]
    assert rows[0][1] == host_trade(2).id
    assert rows[0][6:11] == ["CORP2", "2026-03-05", "-32.5", "-2", ""]
    assert rows[1][3:11] == [
        *("commission", "9.00", "2.00", "CORP1", "2026-03-05", "", "-7", "")
    ]
    assert rows[1][11].endswith(f"/trades/{rows[1][2]}")


def test_csv_of_what_is_the_same_is_the_header(
    run: Run, write: Callable[..., Path]
) -> None:
    """For scripts that read it every night."""
    run("sync", write(host_trade(1)))
    answer = run("reconcile", *DAYS, "--csv")

    assert answer.exit_code == 0
    assert len(answer.stdout.splitlines()) == 1


def report(**lists: Any) -> Report:
    """Return a report with these lists, and nothing in the others."""
    empty = reconcile([], [], {})
    return Report(
        **{
            "matched": (),
            "missing": (),
            "different": (),
            "shared": {},
            "duplicated": (),
            "unknown_tagged": (),
            "unknown_untagged": (),
            "host": empty.host,
            "journal": empty.journal,
            "causes": empty.causes,
            **lists,
        }
    )


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://x","y")',
        "+1+cmd|' /C calc'!A0",
        "-1+1",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
    ],
    ids=["equals", "plus", "minus", "at", "tab", "return", "line end"],
)
def test_no_spreadsheet_takes_a_cell_for_a_formula(text: str) -> None:
    """Symbols and reasons come from outside; they are shown, and not calculated."""
    different = Difference(
        trade_id=text, journal_id=7, field="symbol", host=text, journal=text
    )
    missing = Missing(
        trade_id=text, symbol=text, state="basic", reason=text, gross_pl=Decimal(0)
    )
    told = report(different=(different,), missing=(missing,), unusable=((text, text),))
    _, *rows = csv.reader(io.StringIO(write_csv(told), newline=""))

    cells = [cell for row in rows for cell in row]
    assert f"'{text}" in cells
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r\n" and cell]


@pytest.mark.parametrize("number", ["-32.5", "12", "-7", "0.005"])
def test_numbers_stay_numbers_in_a_spreadsheet(number: str) -> None:
    """A loss is no formula."""
    different = Difference(
        trade_id="t", journal_id=7, field="gross P&L", host=number, journal="1"
    )
    _, row = csv.reader(io.StringIO(write_csv(report(different=(different,)))))

    assert row[4] == number


def test_every_list_has_its_rows() -> None:
    """Whatever is not matched can be seen, but for what a person trades besides."""
    told = report(
        missing=(
            Missing(
                trade_id="a",
                symbol="X",
                state="deleted",
                reason=None,
                gross_pl=Decimal(0),
            ),
        ),
        different=(
            Difference(trade_id="b", journal_id=1, field="side", host="1", journal="2"),
        ),
        shared={2: ("c", "d")},
        duplicated=(("e", 3),),
        unknown_tagged=(4,),
        unknown_untagged=(5,),
        unusable=(("f", "quantity='x': must be a number"),),
        accepted=(Accepted(trade_id="g", journal_id=6),),
        basics=(
            Basic(journal_id=7, symbol="X", comments=2, of_host=True),
            Basic(journal_id=8, symbol="X"),
        ),
        causes={"rounding": Money(Decimal("0.001"))},
    )

    assert [row[:6] for row in rows_of(told)] == [
        ("missing", "a", "", "deleted", "", ""),
        ("different", "b", "1", "side", "1", "2"),
        ("shared", "c d", "2", "trade", "2 trades", ""),
        ("duplicated", "e", "3", "trade", "one trade", ""),
        ("unknown, with our tag", "", "4", "trade", "no trade", ""),
        ("unusable", "f", "", "", "quantity='x': must be a number", ""),
        ("accepted", "g", "6", "", "", ""),
        ("basic trade of the host", "", "7", "2 comments", "", ""),
        ("without executions", "", "8", "", "", ""),
        ("rounding", "", "", "", "", ""),
    ]


# What goes wrong --------------------------------------------------------------------


@pytest.mark.parametrize("command", ["reconcile", "sync", "preview"])
@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param("{oops", "line 1: not JSON", id="no JSON"),
        pytest.param("[1]", "line 1: a JSON object is expected", id="no object"),
        pytest.param('{"id": "x"}', "no symbol and no entry_timestamp", id="no trade"),
        pytest.param(None, "No such file", id="no file"),
    ],
)
def test_file_that_cannot_be_read_is_named_and_nothing_is_done(
    run: Run,
    tmp_path: Path,
    section: dict[str, Any],
    sandbox: Sandbox,
    command: str,
    content: str | None,
    fault: str,
) -> None:
    """Exit code 2: it says nothing of host and journal."""
    file = tmp_path / "trades.jsonl"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    arguments = ["--trades", file] if command == "reconcile" else [file]
    answer = run(command, *arguments)

    assert answer.exit_code == 2
    assert str(file) in answer.stderr
    assert fault in answer.stderr
    assert not Path(section["database"]).exists()
    assert sum(sandbox.stats.requests.values()) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--resend-deleted"], "--resend-deleted goes with --repair"),
        (["--csv", "--json"], "give either --csv or --json"),
        (["--yes"], "--yes goes with --remove-host-basics"),
        (["--days", "0"], "0 is not in the range"),
        (["--days", "many"], "'many' is not a valid integer"),
    ],
    ids=["resend alone", "two formats", "yes alone", "no days", "no number"],
)
def test_wrong_options_of_reconcile_are_told(
    run: Run, sandbox: Sandbox, arguments: list[str], words: str
) -> None:
    """Exit code 2, and nothing was asked or done."""
    answer = run("reconcile", *arguments)

    assert answer.exit_code == 2
    assert words in answer.stderr
    assert sum(sandbox.stats.requests.values()) == 0


@pytest.mark.parametrize(
    ("fault", "told", "words", "code"),
    [
        ("unauthorized", {}, "refused the user name and password", 1),
        ("server_error", {"status": 403}, "does not permit", 1),
        ("html_page", {"status": 403}, "HTML", 3),
        ("server_error", {"status": 503}, "503", 3),
        ("html_page", {"status": 200}, "HTML", 3),
        ("html_page", {"status": 404}, "HTML", 3),
        ("malformed_json", {}, "Tradervue", 3),
    ],
)
def test_journal_that_cannot_be_read_is_no_difference(
    run: Run,
    write: Callable[..., Path],
    sandbox: Sandbox,
    fault: str,
    told: dict[str, Any],
    words: str,
    code: int,
) -> None:
    """A refused login is a person's turn; else nobody knows what the journal says."""
    run("sync", write(host_trade(1)))
    sandbox.inject(fault, times=None, **told)
    answer = run("reconcile", *DAYS)

    assert answer.exit_code == code
    assert answer.stderr.startswith("Error: ")
    assert len(answer.stderr.splitlines()) == 1
    assert words in answer.stderr
    assert "Traceback" not in answer.output


@pytest.mark.parametrize(
    ("path", "fault"),
    [("/nowhere", None), ("", {"name": "html_page", "status": 200})],
    ids=["not-found", "a-page"],
)
def test_wrong_address_is_named(
    config: Path,
    section: dict[str, Any],
    sandbox: Sandbox,
    path: str,
    fault: dict[str, Any] | None,
) -> None:
    """Where nothing was ever read back: exit code 1, and what to look at."""
    url = f"{sandbox.url}{path}"
    told = {"plugins": {"tradervue": section | {"base_url": url}}}
    config.write_text(json.dumps(told), encoding="utf-8")
    Outbox(Sqlite(section["database"])).close()
    if fault is not None:
        sandbox.inject(fault.pop("name"), times=None, **fault)
    answer = CliRunner().invoke(cli, ["reconcile", "--config", str(config)])

    assert answer.exit_code == 1
    assert url in answer.stderr
    assert "check base_url" in answer.stderr


def test_interrupt_is_code_130(
    run: Run, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says that nothing is left half done."""
    run("sync", write(host_trade(1)))

    def interrupted(*_: object) -> Report:
        raise KeyboardInterrupt

    monkeypatch.setattr(Reconciler, "compare", interrupted)
    answer = run("reconcile", *DAYS)

    assert answer.exit_code == 130
    assert answer.stderr.startswith("Error: interrupted")


@pytest.mark.parametrize("command", ["reconcile", "relink"])
def test_missing_credentials_are_told(
    config: Path, section: dict[str, Any], command: str
) -> None:
    """One line says where they are looked for; a person has to give them."""
    Outbox(Sqlite(section["database"])).close()
    del section["username"], section["password"]
    told = {"plugins": {"tradervue": section | {"aws_secrets": False}}}
    config.write_text(json.dumps(told), encoding="utf-8")
    answer = CliRunner().invoke(cli, [command, "--config", str(config)])

    assert answer.exit_code == 1
    assert "TRADERVUE_USERNAME" in answer.stderr


@pytest.mark.parametrize("command", ["reconcile", "relink"])
def test_outbox_that_cannot_be_opened_is_told(
    config: Path, section: dict[str, Any], tmp_path: Path, command: str
) -> None:
    """It may be another program's file."""
    path = tmp_path / "outbox.db"
    path.write_text("this is no database, and much longer than a header " * 20)
    answer = CliRunner().invoke(cli, [command, "--config", str(config)])

    assert answer.exit_code == 3
    assert str(path) in answer.stderr
    assert path.read_text().startswith("this is no database")

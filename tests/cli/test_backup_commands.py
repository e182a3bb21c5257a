"""``backup`` and ``restore``, beside a running host and after it."""

import json
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from argo_tradervue_plugin.cli.backing_up import gaps
from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.cli.leasing import leased
from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.outbox.backup import Backup
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.cli.terminal import on_terminal
from tests.fakes import eventually
from tests.journeys.reader import JournalReader
from tests.outbox.desk import NOW

if TYPE_CHECKING:
    from tests.outbox.server import Server

Run = Callable[..., RunningHost]
Command = Callable[..., Result]


@pytest.fixture(params=["sqlite", "postgres"])
def section(
    request: pytest.FixtureRequest, section: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """The plugin's section, with an outbox of each engine."""
    section = section | {"aws_secrets": False}
    if request.param == "sqlite":
        yield section
        return
    server: Server = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield section | {"database": url}


@pytest.fixture
def command(section: dict[str, Any], tmp_path: Path) -> Command:
    """Run a command with the host's config."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"plugins": {"tradervue": section}}))

    def run(*told: object) -> Result:
        return CliRunner().invoke(cli, [*map(str, told), "--config", str(path)])

    return run


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where a backup goes."""
    return tmp_path / "backups" / "argo.backup"


@pytest.fixture(autouse=True)
def folder(target: Path) -> None:
    """The folder is there."""
    target.parent.mkdir()


def flushed(host: RunningHost) -> None:
    """Wait until everything is in the journal."""
    assert host.integration.flush(60), host.integration.health()


def backed_up(host: RunningHost, command: Command, target: Path) -> RunningHost:
    """Return *host*, which has entered a trade, with a backup of it at *target*."""
    host.enter("FIRST")
    flushed(host)
    assert command("backup", target).exit_code == 0
    return host


def test_what_was_backed_up_beside_a_running_host_comes_back(
    run_host: Run, section: dict[str, Any], command: Command, target: Path
) -> None:
    """What was drained after the backup is taken up again, and sent nothing twice."""
    host = run_host(section)
    done, held = host.enter("DONE"), host.enter("OPEN")
    host.leave(done)
    flushed(host)
    answer = command("backup", target)
    assert answer.exit_code == 0, answer.output
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert "2 trades" in answer.output
    later = host.enter("LATER")
    host.leave(held)
    flushed(host)
    url = section["base_url"]
    with JournalReader(url) as journal:
        before = journal.all_executions()

    refused = command("restore", target)
    assert refused.exit_code == 1
    assert "is forwarded by" in refused.output
    host.close()
    answer = command("restore", target)
    assert answer.exit_code == 0, answer.output
    assert "what it was before is in" in answer.output

    again = run_host(section)
    again.tracker._trades = host.tracker._trades
    again.leave(later)
    flushed(again)
    with JournalReader(url) as journal:
        after = journal.all_executions()
    assert len(after) == len(before) + 1
    assert len(set(after)) == len(after)
    counts = again.integration.outbox.counts()
    assert {s: n for s, n in counts.items() if n} == {State.SYNCED: 6}


def test_what_was_there_before_is_kept_beside_it(
    run_host: Run, section: dict[str, Any], command: Command, target: Path
) -> None:
    """And can be restored itself."""
    host = backed_up(run_host(section), command, target)
    host.enter("SECOND")
    flushed(host)
    host.close()
    answer = command("restore", target)

    kept = Path(answer.output.split("what it was before is in ")[1].splitlines()[0])
    assert ".before-restore-" in kept.name
    megabytes = kept.stat().st_size / 1_000_000
    assert f"beside it takes {megabytes:.1f} MB" in answer.output
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    answer = command("restore", kept)
    assert answer.exit_code == 0, answer.output
    assert "2 trades" in answer.output


def test_backup_shows_its_progress_on_a_terminal_only(
    run_host: Run, section: dict[str, Any], command: Command, target: Path
) -> None:
    """That of a large outbox takes minutes."""
    backed_up(run_host(section), command, target).close()
    told = ["backup", str(target), "--force", "--config"]
    told.append(str(target.parent.parent / "config.json"))
    with on_terminal(told) as terminal:
        while terminal.read():
            pass
    assert "rows are copied" in terminal.text
    assert "copied" not in command("backup", target, "--force").output


def test_outbox_that_is_gone_is_made_again_from_its_backup(
    run_host: Run, section: dict[str, Any], command: Command, target: Path
) -> None:
    """Nothing is beside it then."""
    host = backed_up(run_host(section), command, target)
    host.close()
    if "://" in section["database"]:
        import psycopg

        with psycopg.connect(section["database"], autocommit=True) as connection:
            connection.execute("DROP SCHEMA argo_tradervue CASCADE")
    else:
        Path(section["database"]).unlink()
    answer = command("restore", target)

    assert answer.exit_code == 0, answer.output
    assert "before is in" not in answer.output
    again = run_host(section)
    eventually(lambda: again.integration.outbox.counts()[State.SYNCED] == 1)


def test_an_existing_file_is_replaced_on_request_only(
    run_host: Run, section: dict[str, Any], command: Command, target: Path
) -> None:
    """It may be the only backup."""
    host = run_host(section)
    host.enter("FIRST")
    flushed(host)
    target.write_text("something")
    answer = command("backup", target)

    assert answer.exit_code == 2
    assert "--force" in answer.output
    answer = command("backup", target, "--force")
    assert answer.exit_code == 2
    assert "is no backup" in answer.output
    assert target.read_text() == "something"

    target.unlink()
    assert command("backup", target).exit_code == 0
    assert command("backup", target).exit_code == 2
    assert command("backup", target, "--force").exit_code == 0
    assert target.read_bytes().startswith(b"SQLite format 3")


def test_what_cannot_be_used_is_refused(
    run_host: Run, section: dict[str, Any], command: Command, target: Path
) -> None:
    """By its exit code, and before anything is changed."""
    assert command("restore", target).exit_code == 2  # not there
    target.write_text("no backup")
    answer = command("restore", target)
    assert answer.exit_code == 2
    assert "cannot be restored" in answer.output
    host = run_host(section)
    host.enter("FIRST")
    flushed(host)
    host.close()
    assert command("backup", target / "file").exit_code == 3

    other = Outbox(Sqlite(target.with_name("other.db")))
    other.put_stamp(Account(base_url=section["base_url"], login="else"), now=NOW)
    other.close()
    answer = command("restore", target.with_name("other.db"))
    assert answer.exit_code == 1
    assert "nothing was changed" in answer.output


def test_a_killed_restore_keeps_nobody_out(
    run_host: Run, section: dict[str, Any], command: Command, target: Path
) -> None:
    """Its lease is that of a process that is gone."""
    host = backed_up(run_host(section), command, target)
    outbox, settings = host.integration.outbox, host.integration.settings
    host.close()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:  # pragma: no cover - it is killed
        try:
            with leased(outbox, settings, "restore"):
                os.write(writer, b"x")
                os.kill(os.getpid(), 9)
        finally:
            os._exit(1)
    os.close(writer)
    assert os.read(reader, 1) == b"x"
    os.waitpid(child, 0)

    assert command("restore", target).exit_code == 0


@pytest.mark.parametrize("what", ["header", "page", "cut"])
@pytest.mark.parametrize("section", ["sqlite"], indirect=True)
def test_damaged_outbox_is_said_and_moved_away_by_a_restore(
    what: str,
    run_host: Run,
    section: dict[str, Any],
    command: Command,
    target: Path,
    sandbox: Sandbox,
) -> None:
    """That is what a backup is for; what was drained since is taken up again."""
    host = backed_up(run_host(section), command, target)
    host.enter("LATER")
    flushed(host)
    host.close()
    path = Path(section["database"])
    raw = bytearray(path.read_bytes())
    spoiled = slice(0, 100) if what == "header" else slice(4096 * 2, 4096 * 12)
    raw[spoiled] = b"x" * (spoiled.stop - spoiled.start)
    path.write_bytes(raw[: len(raw) // 2] if what == "cut" else raw)
    for name in ("status", "check"):
        answer = command(name)
        assert answer.exit_code == 3, answer.output
        assert "is damaged (" in answer.output
        assert "argo-tradervue restore" in answer.output

    answer = command("restore", target)
    assert answer.exit_code == 0, answer.output
    assert "is moved away" in answer.output
    [kept] = path.parent.glob(f"{path.name}.before-restore-*")
    assert kept.stat().st_size == len(raw[: len(raw) // 2] if what == "cut" else raw)
    again = run_host(section)
    again.enter("NEXT")
    flushed(again)
    symbols = sorted(t.symbol for t in sandbox.account("argo").journal.trades.values())
    assert symbols == ["FIRST", "LATER", "NEXT"]


@pytest.mark.parametrize(
    ("made_on", "kept", "missing"),
    [
        ("2026-03-01", ["2026-03-01", "2026-03-02", "2026-03-03"], []),
        ("2026-03-01", ["2026-03-02", "2026-03-03"], ["2026-03-01"]),
        (
            "2026-02-27",
            ["2026-03-02"],
            ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-03"],
        ),
        ("2026-03-03", [], ["2026-03-03"]),
        (None, ["2026-03-01", "2026-03-03"], ["2026-03-02"]),
    ],
)
def test_days_without_kept_files_are_named(
    made_on: str | None, kept: list[str], missing: list[str]
) -> None:
    """Only there may something be missing that was recorded after the backup."""
    made_at = (
        made_on and datetime.fromisoformat(made_on).replace(tzinfo=UTC).timestamp()
    )
    backup = Backup(outbox=None, account=None, made_at=made_at or None, trades=0)  # type: ignore[arg-type]
    days = gaps(backup, set(map(date.fromisoformat, kept)), date(2026, 3, 3))

    assert [str(day) for day in days] == missing


def test_restore_names_the_days(
    run_host: Run, section: dict[str, Any], command: Command, target: Path
) -> None:
    """And what to do about them."""
    host = backed_up(run_host(section), command, target)
    host.close()
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("UPDATE backup SET made_at = made_at - 3 * 86400")
    answer = command("restore", target)

    assert answer.exit_code == 0
    assert "no files are kept here of" in answer.output
    assert "argo-tradervue sync FILE" in answer.output

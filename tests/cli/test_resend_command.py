"""``resend`` as an operator uses it: it shows, asks, saves, and waits for the end."""

import json
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from argo_tradervue_plugin.cli import resending
from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.outbox.opening import open_outbox, outbox_of
from argo_tradervue_plugin.outbox.records import EventKind, Recorded, ResendStage
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services.integration import TradervueIntegration
from argo_tradervue_plugin.services.resends import Resends
from tests.delivery.stepping import host_trade
from tests.journeys.reader import JournalReader, differences

Run = Callable[..., Result]


@pytest.fixture
def config(section: dict[str, Any], tmp_path: Path) -> Path:
    """A host's config file, with an outbox of its own."""
    told = {**section, "poll_seconds": 0.01}
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"plugins": {"tradervue": told}}), encoding="utf-8")
    return path


@pytest.fixture
def run(config: Path) -> Run:
    """Run ``argo-tradervue`` with that config; *answer* is typed."""

    def run(command: str, *arguments: object, answer: str = "") -> Result:
        told = [command, "--config", str(config), *map(str, arguments)]
        return CliRunner().invoke(cli, told, input=answer)

    return run


@pytest.fixture
def journal(sandbox: Sandbox) -> Iterator[JournalReader]:
    """What stands in the journal, read by somebody else."""
    with JournalReader(sandbox.url) as reader:
        yield reader


@pytest.fixture
def changed(section: dict[str, Any]) -> SimpleNamespace:
    """A trade in the journal, of which the host has changed the exit's price since."""
    trade = host_trade()
    now = SimpleNamespace(
        **{
            **vars(trade),
            "actual_exit_price": 104.0,
            "updated_at": "2026-03-09T12:00:00",
        }
    )
    with TradervueIntegration(settings_of(section)) as tradervue:
        tradervue.record_exit(trade)
        assert tradervue.flush(60)
        tradervue.record_correction(now)
        assert tradervue.flush(60)
    return now


def settings_of(section: dict[str, Any]) -> Settings:
    """Return the settings of the config, made quick."""
    return Settings.from_mapping({**section, "poll_seconds": 0.01})


def saved_in(folder: Path) -> list[Path]:
    """Return the files that were saved."""
    return sorted(folder.glob("resend-*.json"))


def test_trade_is_replaced(
    run: Run, changed: SimpleNamespace, journal: JournalReader
) -> None:
    """It is as the host has it in the end, and the exit code says so."""
    old = journal.only()["id"]
    answer = run("resend", changed.id, "--yes")

    assert answer.exit_code == 0, answer.output
    assert journal.only()["id"] != old
    assert differences(journal, [vars(changed)]) == []
    assert f"{changed.id}: sent again" in answer.output


def test_it_shows_what_it_will_do(
    run: Run, changed: SimpleNamespace, journal: JournalReader, sandbox: Sandbox
) -> None:
    """What is deleted, sent, moved along and lost, and what it costs; then it asks."""
    person, old = sandbox.person("argo"), int(journal.only()["id"])
    person.write_notes(old, f"Mine.\r\n{journal.only()['notes']}")
    person.tag(old, "argo", "fomo")
    answer = run("resend", changed.id, answer="n\n")

    assert answer.exit_code == 1
    for told in (
        f"deletes  journal trade {old}: CORP1 long, 2 executions",
        "sell 10 at 103.5",
        "sends    exit sell 10 at 104",
        "the notes outside our block; the tags fomo",
        "attachments, the shared address and the journal's id are lost",
        "costs one of a plan with a monthly quota",
        "Delete and send again?",
        "nothing was changed",
    ):
        assert told in answer.output
    assert journal.only()["id"] == old


def test_answer_yes_replaces_it(
    run: Run, changed: SimpleNamespace, journal: JournalReader
) -> None:
    """As the option does."""
    assert run("resend", changed.id, answer="y\n").exit_code == 0
    assert differences(journal, [vars(changed)]) == []


def test_what_stood_there_is_saved_first(
    run: Run,
    changed: SimpleNamespace,
    journal: JournalReader,
    sandbox: Sandbox,
    tmp_path: Path,
) -> None:
    """Trade, executions and comments, as the API gives them, for the owner alone."""
    old = journal.only()
    sandbox.person("argo").comment("trades", int(old["id"]), "well done")
    answer = run("resend", changed.id, "--yes", "--drop-comments")

    assert answer.exit_code == 0, answer.output
    (file,) = saved_in(tmp_path)
    assert f"saved in {file}" in answer.output.replace("\n", "")
    assert changed.id in file.name
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = json.loads(file.read_text(encoding="utf-8"))
    (copy,) = told["journal_trades"]
    assert told["trade"] == changed.id
    assert copy["trade"]["id"] == old["id"]
    assert copy["trade"]["notes"] == old["notes"]
    assert [e["price"] for e in copy["executions"]["executions"]] == [100.25, 103.5]
    assert [c["text"] for c in copy["comments"]["comments"]] == ["well done"]


def test_comments_are_not_lost_unless_told(
    run: Run,
    changed: SimpleNamespace,
    journal: JournalReader,
    sandbox: Sandbox,
    tmp_path: Path,
) -> None:
    """It is refused, with what helps; nothing is saved or asked."""
    old = journal.only()["id"]
    sandbox.person("argo").comment("trades", int(old), "well done")
    answer = run("resend", changed.id, "--yes")

    assert answer.exit_code == 1
    assert "has comments, which cannot be moved" in answer.output
    assert "--drop-comments" in answer.output
    assert journal.only()["id"] == old
    assert saved_in(tmp_path) == []


def test_others_go_on_where_one_is_refused(
    run: Run, changed: SimpleNamespace, journal: JournalReader
) -> None:
    """The exit code says that not all was done."""
    answer = run("resend", "trade_of_nobody", changed.id, "--yes")

    assert answer.exit_code == 1
    assert "trade_of_nobody: refused: nothing of it was recorded" in answer.output
    assert differences(journal, [vars(changed)]) == []


def test_trade_that_somebody_deleted_is_another_commands(
    run: Run, changed: SimpleNamespace, journal: JournalReader, sandbox: Sandbox
) -> None:
    """It says which."""
    sandbox.person("argo").delete_trade(int(journal.only()["id"]))
    answer = run("resend", changed.id, "--yes")

    assert answer.exit_code == 1
    assert "reconcile --repair --resend-deleted" in answer.output


def test_trade_has_to_be_named(run: Run) -> None:
    """Without one nothing is done."""
    assert run("resend").exit_code == 2


def test_id_of_several_trades_is_asked_about(
    run: Run, section: dict[str, Any], journal: JournalReader
) -> None:
    """Any other id than that of one trade is refused, with those to choose from."""
    trades = [host_trade(1, id="X" * 90, symbol=symbol) for symbol in ("AAPL", "MSFT")]
    with TradervueIntegration(settings_of(section)) as tradervue:
        for trade in trades:
            tradervue.record_exit(trade)
        assert tradervue.flush(60)
        known = tradervue.resends.trades_of("X" * 90)
    assert len(known) == 2
    answer = run("resend", "X" * 90, "--yes")
    assert answer.exit_code == 1
    for trade_id in known:
        assert trade_id in answer.output
    assert run("resend", known[1], "--yes").exit_code == 0
    assert len(journal.trades()) == 2


def test_what_is_over_the_quota_is_pending_with_its_reason(
    run: Run, changed: SimpleNamespace, journal: JournalReader, sandbox: Sandbox
) -> None:
    """The command ends, and ``status`` goes on saying why."""
    sandbox.assume(plan="free", quota=0, account_tag_on_free="tag")
    answer = run("resend", changed.id, "--yes", "--patience", "1")

    assert answer.exit_code == 1
    assert "over the free plan's monthly quota" in answer.output
    assert "at the next start" in answer.output
    shown = json.loads(run("status", "--json").stdout)
    (told,) = shown["resends"]
    assert told["trade"] == changed.id
    assert "quota" in told["why"]
    assert "sent again" in run("status").output
    assert journal.trades() == []


def test_interrupted_it_goes_on_at_the_next_start(
    run: Run,
    changed: SimpleNamespace,
    journal: JournalReader,
    section: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It says so, and leaves with 130."""

    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(resending, "wait", interrupted)
    answer = run("resend", changed.id, "--yes")
    assert answer.exit_code == 130
    assert "at the next start" in answer.output

    with TradervueIntegration(settings_of(section)) as tradervue:
        tradervue.resume()
        assert tradervue.flush(60)
    assert differences(journal, [vars(changed)]) == []


def test_process_that_forwards_does_it(
    run: Run, changed: SimpleNamespace, journal: JournalReader, section: dict[str, Any]
) -> None:
    """The command only asks, and waits for it."""
    with TradervueIntegration(settings_of(section)) as host:
        other = host_trade(2)
        host.record_exit(other)
        assert host.flush(60)
        assert host.worker.holds_lease
        answer = run("resend", changed.id, "--yes")
        assert answer.exit_code == 0, answer.output
        assert host.worker.holds_lease
    assert differences(journal, [vars(changed), vars(other)]) == []


def test_command_that_gives_up_waiting_leaves_it_to_whoever_forwards(
    run: Run, changed: SimpleNamespace, journal: JournalReader, section: dict[str, Any]
) -> None:
    """Somebody holds the lease and does nothing: it is pending, and noted."""
    outbox = open_outbox(section["database"])
    lease = outbox.claim(
        "elsewhere/1/2", now=time.time(), ttl=600, is_gone=lambda _: False
    )
    assert lease is not None
    answer = run("resend", changed.id, "--yes", "--patience", "0.3")
    assert answer.exit_code == 1
    assert "pending" in answer.output
    found = outbox.resend_of(changed.id)
    assert found is not None
    assert found.stage is ResendStage.ASKED
    assert len(journal.trades()) == 1
    outbox.release(lease)
    outbox.close()


def test_file_of_an_outbox_on_a_server_is_beside_its_spool(
    section: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the user's state folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for database, folder in (
        ("postgresql://me@db/argo", tmp_path / "argo-tradervue"),
        (str(tmp_path / "deep" / "outbox.db"), tmp_path / "deep"),
    ):
        settings = Settings.from_mapping({**section, "database": database})
        outbox = outbox_of(settings, is_lazy=True)
        resends = Resends(outbox, settings, lambda: None)  # type: ignore[arg-type,return-value]
        assert resends.folder() == folder


def test_disk_that_takes_no_file_keeps_everything_as_it_is(
    run: Run,
    changed: SimpleNamespace,
    journal: JournalReader,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """What was not saved is not deleted."""
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setattr(Resends, "folder", lambda _: blocked)
    old = journal.only()["id"]
    answer = run("resend", changed.id, "--yes")
    assert answer.exit_code == 3
    assert "cannot be written" in answer.output
    assert journal.only()["id"] == old


def test_event_that_waits_is_taken_along(
    run: Run, changed: SimpleNamespace, journal: JournalReader, section: dict[str, Any]
) -> None:
    """What the host recorded a moment ago is what it has now."""
    now = SimpleNamespace(
        **{**vars(changed), "actual_exit_price": 105.0, "updated_at": "2026-03-10"}
    )
    outbox = open_outbox(section["database"])
    outbox.record(Recorded.of(now, EventKind.CORRECTION, time.time()))
    outbox.close()
    assert run("resend", changed.id, "--yes").exit_code == 0
    assert differences(journal, [vars(now)]) == []


def test_asked_again_it_waits_for_the_same(
    run: Run,
    changed: SimpleNamespace,
    journal: JournalReader,
    sandbox: Sandbox,
    tmp_path: Path,
) -> None:
    """What is deleted and not sent yet is neither shown nor saved once more."""
    sandbox.assume(plan="free", quota=0, account_tag_on_free="tag")
    assert run("resend", changed.id, "--yes", "--patience", "1").exit_code == 1
    again = run("resend", changed.id, "--patience", "0.3")
    assert again.exit_code == 1
    assert "quota" in again.output
    assert "deletes" not in again.output
    assert len(saved_in(tmp_path)) == 1

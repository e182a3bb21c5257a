"""An outbox belongs to one account, however its login is found."""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.config.account import Account, Configuration, normalised
from argo_tradervue_plugin.config.locations import Locations, state_folder
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.joining import belongs_to
from argo_tradervue_plugin.delivery.lease import holder_name
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.spools import SpoolNote, read_note, write_note
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.sqlite_files import stamp_of
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.delivery.stepping import host_trade
from tests.fakes import eventually

Run = Callable[..., RunningHost]

GONE: Final = holder_name().replace(f"/{os.getpid()}/", "/4194303/", 1)


def symbols_of(sandbox: Sandbox, login: str) -> list[str]:
    """Return the symbols in the journal of *login*, sorted."""
    return sorted(
        trade.symbol for trade in sandbox.account(login).journal.trades.values()
    )


@pytest.fixture
def section(section: dict[str, Any]) -> dict[str, Any]:
    """The section without a database, and without a login."""
    left_out = {"database", "username", "password"}
    return {k: v for k, v in section.items() if k not in left_out} | {
        "aws_secrets": False
    }


@pytest.fixture
def log_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Give the login in the environment, or take it away."""

    def log_in(login: str | None) -> None:
        for name, value in (("USERNAME", login), ("PASSWORD", login and "sandbox")):
            if value is None:
                monkeypatch.delenv(f"TRADERVUE_{name}", raising=False)
            else:
                monkeypatch.setenv(f"TRADERVUE_{name}", value)

    return log_in


def as_login(name: str) -> dict[str, str]:
    """Return the settings of a login."""
    return {"username": name, "password": "sandbox"}


def play(run_host: Run, section: dict[str, Any], symbol: str) -> None:
    """Let a host enter one position, and end once it is in the journal."""
    host = run_host(section)
    host.enter(symbol)
    assert host.integration.flush(60), host.integration.health()
    host.close()


# Names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [
        "https://app.tradervue.com/api/v1",
        "https://app.tradervue.com/api/v1/",
        "HTTPS://APP.Tradervue.COM/api/v1",
        "https://app.tradervue.com:443/api/v1",
        "https://app.tradervue.com//api//v1",
        "https://app.tradervue.com./api/v1",
        "https://www.tradervue.com/api/v1",
    ],
)
def test_one_address_has_one_spelling(spelling: str) -> None:
    """Another spelling is no other account."""
    assert normalised(spelling) == "https://app.tradervue.com/api/v1"


@given(
    host=st.from_regex(r"[a-z]{1,8}\.example", fullmatch=True),
    path=st.lists(st.from_regex(r"[a-zA-Z0-9]{1,5}", fullmatch=True), max_size=3),
    port=st.none() | st.integers(1, 65535),
)
def test_spelling_is_stable(host: str, path: list[str], port: int | None) -> None:
    """What is normalised once stays as it is; a path keeps its case."""
    place = host if port is None else f"{host}:{port}"
    once = normalised("/".join([f"https://{place}", *path]))

    assert normalised(once) == once
    assert once.endswith("/".join(path))


@pytest.mark.parametrize(
    "change",
    [
        {"username": "other"},
        {"base_url": "https://org.tradervue.com/api/v1"},
        {"user_id": 7},
        {"database": "/elsewhere/outbox.db"},
        {"outbox_name": "paper"},
        {"aws_secrets": False},
    ],
)
def test_what_names_an_account_names_a_spool(change: dict[str, Any]) -> None:
    """Two hosts that differ in it never share a spool."""
    one = Settings.from_mapping({"username": "me"})
    other = Settings.from_mapping({"username": "me"} | change)

    assert Locations.of(one).spool != Locations.of(other).spool


@pytest.mark.parametrize(
    "environ",
    [
        {"TRADERVUE_USERNAME": "other"},
        {"AWS_DEFAULT_REGION": "eu-west-1"},
        {"AWS_PROFILE": "paper"},
    ],
)
def test_environment_names_a_spool_too(environ: dict[str, str]) -> None:
    """But not where the operator has named the outbox."""
    plain = Configuration.of(Settings(), {})
    named = Settings(outbox_name="live")

    assert Configuration.of(Settings(), environ) != plain
    assert Configuration.of(named, environ) == Configuration.of(named, {})


def test_password_names_nothing() -> None:
    """A new one finds the same spool, that of a database too."""
    for secret in ("old", "new"):
        settings = Settings(
            username="me",
            password=secret,
            database=f"postgresql://argo:{secret}@db/argo",
        )
        assert (
            Locations.of(settings, {}).spool
            == Locations.of(
                Settings(username="me", database="postgresql://argo:x@db/argo"), {}
            ).spool
        )


def test_each_schema_of_a_server_has_spools_of_its_own() -> None:
    """Two accounts on one server do not meet in a spool."""
    places = {
        Locations.of(
            Settings(database="postgresql://db/argo", database_schema=schema), {}
        ).spools
        for schema in ("argo_tradervue", "paper")
    }

    assert len(places) == 2


def test_outbox_is_in_the_users_state_folder(tmp_path: Path) -> None:
    """``XDG_STATE_HOME`` is honoured; the name of the file can be read."""
    locations = Locations.of(Settings(), {"XDG_STATE_HOME": str(tmp_path)})
    account = Account(base_url="https://app.tradervue.com/api/v1", login="Me & you")

    path = locations.outbox_of(account, stamp_of)

    assert (
        path.parent
        == tmp_path / "argo-tradervue"
        == state_folder({"XDG_STATE_HOME": str(tmp_path)})
    )
    assert path.name.startswith("outbox-me---you-app-tradervue-com-")
    assert not path.exists()


# No execution reaches another's journal ----------------------------------------------


@pytest.mark.parametrize("order", [("paper", "live"), ("live", "paper")])
def test_two_accounts_in_one_place_do_not_mix(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox, order: tuple[str, str]
) -> None:
    """Each account has an outbox of its own, one host after the other."""
    for login in (*order, *order):
        play(run_host, section | as_login(login), login.upper())

    for login in order:
        assert symbols_of(sandbox, login) == [login.upper()] * 2
    assert len(list(state_folder().glob("outbox*.db"))) == 2


def test_two_accounts_in_one_process_do_not_mix(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """Neither ends with the shutdown of the other."""
    paper = run_host(section | as_login("paper"))
    live = run_host(section | as_login("live"))
    paper.enter("PAPER")
    live.enter("LIVE")
    assert paper.integration.flush(60)
    paper.close()
    live.enter("MORE")
    assert live.integration.flush(60)

    assert symbols_of(sandbox, "paper") == ["PAPER"]
    assert symbols_of(sandbox, "live") == ["LIVE", "MORE"]


def test_one_plugin_serves_one_login(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Started again for another login, it says that it does not."""
    host = run_host(section | as_login("paper"))
    config = {"plugins": {"tradervue": section | as_login("live")}}
    host.plugins.hook.on_host_startup(config=config, tracker=host.tracker)

    assert "tradervue.second_start_refused" in caplog.text
    host.enter("PAPER")
    assert host.integration.flush(60)
    assert symbols_of(sandbox, "live") == []


def test_changed_login_sends_nothing_from_a_named_database(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is said whose the outbox is, who asks, and what helps; nothing is lost."""
    section["database"] = str(tmp_path / "named.db")
    play(run_host, section | as_login("paper"), "PAPER")
    host = run_host(section | as_login("live"))
    host.enter("LIVE")
    eventually(lambda: host.integration.worker.health.last_error)
    told = host.integration.worker.health.last_error

    assert "belongs to paper at" in told
    assert "live at" in told
    assert "account move" in told
    eventually(lambda: told in caplog.text)
    assert not host.integration.flush(0.2)
    host.close()
    assert symbols_of(sandbox, "live") == []
    assert symbols_of(sandbox, "paper") == ["PAPER"]
    own = Locations.of(Settings.from_mapping(section | as_login("live")))
    assert len(Spool(own.spool).waiting()) == 1


@pytest.mark.parametrize(
    "told", [["reconcile"], ["relink"], ["check"], ["status"]], ids=lambda told: told[0]
)
def test_no_command_reads_another_accounts_journal(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    tmp_path: Path,
    config_of: Callable[[dict[str, Any]], str],
    told: list[str],
) -> None:
    """It would find everything missing there; it says whose the outbox is."""
    section["database"] = str(tmp_path / "named.db")
    play(run_host, section | as_login("paper"), "PAPER")
    before = sandbox.account("live").journal.trades
    result = command(*told, "--config", config_of(section), login="live")

    assert result.exit_code == 1, result.output
    assert "belongs to paper at" in " ".join(result.output.split())
    assert sandbox.account("live").journal.trades == before


def test_member_acted_for_is_an_account_of_its_own(
    run_host: Run, section: dict[str, Any], tmp_path: Path
) -> None:
    """A manager's own trades are not those of a member."""
    section["database"] = str(tmp_path / "named.db")
    play(run_host, section | as_login("argo"), "OWN")
    host = run_host(section | as_login("argo") | {"user_id": 2})
    host.enter("MEMBER")
    eventually(lambda: host.integration.worker.health.last_error)

    assert "argo at" in (told := host.integration.worker.health.last_error)
    assert "for member 2" in told


# The same login elsewhere forgets nothing ---------------------------------------------


def test_login_found_elsewhere_has_the_same_outbox(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    log_in: Callable[[str | None], None],
) -> None:
    """In the settings, the environment, or under another spelling of the address."""
    play(run_host, section | as_login("me"), "ONE")
    log_in("me")
    play(run_host, section, "TWO")
    spelled = section["base_url"].replace("127.0.0.1", "localhost") + "/"
    play(run_host, section | {"base_url": spelled}, "THREE")

    assert symbols_of(sandbox, "me") == ["ONE", "THREE", "TWO"]
    [outbox] = state_folder().glob("*.db")
    assert stamp_of(outbox) == Account(base_url=section["base_url"], login="me")


def test_named_outbox_is_the_same_wherever_its_login_comes_from(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    log_in: Callable[[str | None], None],
) -> None:
    """With one spool; another login is refused it all the same."""
    section["outbox_name"] = "Live & kicking"
    play(run_host, section | as_login("me"), "ONE")
    log_in("me")
    play(run_host, section, "TWO")

    assert symbols_of(sandbox, "me") == ["ONE", "TWO"]
    [outbox] = state_folder().glob("*.db")
    assert outbox.name.startswith("outbox-Live---kicking-")
    assert len(list((state_folder() / "spools").iterdir())) == 1
    log_in("you")
    host = run_host(section)
    host.enter("YOURS")
    eventually(lambda: host.integration.worker.health.last_error)
    assert "belongs to me at" in host.integration.worker.health.last_error
    assert symbols_of(sandbox, "you") == []


def test_what_one_configuration_left_another_sends(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    log_in: Callable[[str | None], None],
) -> None:
    """A host that ended with work in its spool need not come back for it."""
    play(run_host, section | as_login("me"), "ONE")
    sandbox.inject("server_error")
    host = run_host(section | as_login("me") | {"flush_seconds": 0})
    host.enter("LEFT")
    host.close()
    sandbox.clear_faults()
    log_in("me")
    play(run_host, section, "TWO")

    eventually(lambda: symbols_of(sandbox, "me") == ["LEFT", "ONE", "TWO"])


# Nothing recorded is left behind ------------------------------------------------------


def test_what_was_recorded_before_the_login_was_known_is_sent(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    log_in: Callable[[str | None], None],
) -> None:
    """A child of this process records without a login, and ends."""
    code = (
        "import json, sys, time\n"
        "from tests.argo.running import RunningHost\n"
        "host = RunningHost(json.loads(sys.argv[1]))\n"
        "host.enter('EARLY')\n"
        "time.sleep(1.5)\n"
        "host.close()\n"
    )
    config = json.dumps({"plugins": {"tradervue": section}})
    for program in (code, code.replace("EARLY", "LATE")):
        subprocess.run([sys.executable, "-c", program, config], check=True, timeout=60)
        log_in("me")

    eventually(lambda: symbols_of(sandbox, "me") == ["EARLY", "LATE"])


def note(**changes: Any) -> SpoolNote:
    """Return the note of a spool without a login, whose process has ended."""
    told: dict[str, Any] = {
        "base_url": "https://app.tradervue.com/api/v1",
        "user_id": None,
        "account": None,
        "names_somebody": False,
        "found_nothing": True,
        "origin": "here",
        "parent": "1",
        "holder": GONE,
        "made_at": 100.0,
    }
    return SpoolNote(**told | changes)


ME: Final = Account(base_url="https://app.tradervue.com/api/v1", login="me")
YOU: Final = Account(base_url="https://app.tradervue.com/api/v1", login="you")
OWN: Final = note(account=ME, found_nothing=False, made_at=200.0, names_somebody=True)


def test_spool_goes_where_its_login_was_accepted() -> None:
    """And nowhere else, whoever asks."""
    mine = note(account=ME)

    assert belongs_to(mine, ME, None, [])
    assert not belongs_to(mine, YOU, attrs.evolve(OWN, account=YOU), [mine])


@pytest.mark.parametrize(
    ("changes", "own", "others", "goes"),
    [
        ({}, {}, [], True),
        ({"names_somebody": True}, {}, [], False),
        ({"found_nothing": False}, {}, [], False),
        ({"origin": "there"}, {}, [], False),
        ({"user_id": 3}, {}, [], False),
        ({"base_url": "https://org.tradervue.com/api/v1"}, {}, [], False),
        ({"made_at": 300.0}, {}, [], False),
        ({}, {}, [{"account": YOU}], False),
        ({}, {}, [{"account": YOU, "origin": "there"}], True),
        ({"holder": holder_name()}, {}, [], True),
        ({"holder": holder_name(), "parent": "2"}, {}, [], False),
    ],
    ids=[
        "successor",
        "names-somebody",
        "aws-may-still-answer",
        "another-program",
        "another-member",
        "another-address",
        "older-account",
        "two-accounts",
        "account-of-another-program",
        "sibling",
        "neighbour-that-lives",
    ],
)
def test_spool_without_a_login_goes_to_its_own_host_alone(
    changes: dict[str, Any],
    own: dict[str, Any],
    others: list[dict[str, Any]],
    goes: bool,
) -> None:
    """Where that is in doubt it stays where it is."""
    one = note(**changes)
    rest = [one, *(note(**each) for each in others)]

    assert belongs_to(one, ME, attrs.evolve(OWN, **own), rest) is goes


def test_note_is_written_whole(tmp_path: Path) -> None:
    """And a damaged one counts as none."""
    folder = tmp_path / "spool"
    assert read_note(folder) is None
    write_note(folder, OWN)
    assert read_note(folder) == OWN
    (folder / "about.json").write_text("{")
    assert read_note(folder) is None


def test_first_stamp_waits_for_aws(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    log_in: Callable[[str | None], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may name another login than the environment; then that one's is it."""
    answers: list[dict[str, str]] = [{"said": "?", "unanswered": "ConnectTimeoutError"}]

    def ask(_: object) -> dict[str, str]:
        return answers[-1]

    monkeypatch.setattr(
        "argo_tradervue_plugin.config.credentials.ask_secrets_manager", ask
    )
    monkeypatch.setattr("argo_tradervue_plugin.config.credentials.AGAIN", 0.1)
    log_in("stale")
    host = run_host(section | {"aws_secrets": True})
    host.enter("MINE")
    eventually(lambda: host.integration.worker.health.last_error)
    assert "has not answered yet" in host.integration.worker.health.last_error
    assert host.integration.client.enabled
    assert not host.integration.joiner.is_joined

    answers.append({"username": "right", "password": "sandbox"})
    eventually(lambda: symbols_of(sandbox, "right") == ["MINE"])
    assert symbols_of(sandbox, "stale") == []


# Upgrades -----------------------------------------------------------------------------


def recorded(symbol: str) -> Recorded:
    """Return what an older version has left in the spool."""
    trade = {
        "id": f"trade_{symbol}",
        "symbol": symbol,
        "signal_type": "long",
        "entry_price": 10.0,
        "quantity": 5,
        "entry_timestamp": "2026-03-05T15:00:00",
    }
    return Recorded.of(trade, EventKind.ENTRY, time.time())


def test_first_outbox_is_used_where_it_is(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """With what the older version has left in it and in its spool."""
    first = state_folder() / "outbox.db"
    left = Outbox(Sqlite(first))
    left.take_over([recorded("INSIDE")])
    left.close()
    Spool(f"{first}-spool").append(recorded("BEFORE"))
    play(run_host, section | as_login("me"), "NEW")

    assert symbols_of(sandbox, "me") == ["BEFORE", "INSIDE", "NEW"]
    assert list(state_folder().glob("*.db")) == [first]
    play(run_host, section | as_login("you"), "YOURS")
    assert symbols_of(sandbox, "you") == ["YOURS"]


def forget_the_stamp(path: Path) -> None:
    """Make the outbox at *path* one that an older version has written."""
    outbox = Outbox(Sqlite(path))
    outbox.engine.connection().execute("DELETE FROM account")
    outbox.close()


def test_outbox_of_nobody_is_claimed_by_whose_journal_it_fills(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox, tmp_path: Path
) -> None:
    """Another's login cannot have it, and is told what helps."""
    section["database"] = str(tmp_path / "named.db")
    play(run_host, section | as_login("me"), "MINE")
    forget_the_stamp(tmp_path / "named.db")

    other = run_host(section | as_login("you"))
    other.enter("YOURS")
    eventually(lambda: other.integration.worker.health.last_error)
    assert "account move" in other.integration.worker.health.last_error
    other.close()
    assert symbols_of(sandbox, "you") == []

    play(run_host, section | as_login("me"), "MORE")
    assert symbols_of(sandbox, "me") == ["MINE", "MORE"]


def test_first_stamp_links_what_is_in_the_journal(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A lost outbox sends nothing twice, though catch-up records all of it again."""
    caplog.set_level(logging.INFO, "argo_tradervue_plugin")
    host = run_host(section | as_login("me"))
    trades = [host.enter(symbol) for symbol in ("ONE", "TWO")]
    assert host.integration.flush(60)
    host.close()
    for path in state_folder().glob("*.db*"):
        path.unlink()

    again = run_host(section | as_login("me"))
    for trade in trades:
        again.plugins.hook.on_trade_recorded(trade=trade)
    assert again.integration.flush(60)

    assert symbols_of(sandbox, "me") == ["ONE", "TWO"]
    assert "linked=2" in caplog.text


def test_start_without_a_network_goes_on(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """An account that was known once is known."""
    play(run_host, section | as_login("me"), "ONE")
    sandbox.inject("server_error")
    host = run_host(section | as_login("me"))
    host.enter("TWO")
    eventually(lambda: host.integration.joiner.is_joined)
    eventually(lambda: host.integration.outbox.counts()["recorded"] == 1)
    sandbox.clear_faults()

    assert host.integration.flush(60)


# Replays ------------------------------------------------------------------------------


def replay(file: Path, sandbox: Sandbox, login: str, *more: str) -> Result:
    """Run the command ``replay`` against the sandbox."""
    environ = {"TRADERVUE_PASSWORD": "sandbox"}
    told = ["replay", str(file), "--url", sandbox.url, "--username", login, *more]
    return CliRunner().invoke(cli, told, env=environ)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A host's closed trade in a file."""
    path = tmp_path / "trades.jsonl"
    path.write_text(json.dumps(vars(host_trade(1, symbol="PLAYED"))) + "\n")
    return path


def test_replay_has_an_outbox_of_its_own(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox, file: Path
) -> None:
    """In a folder of its own, for each login; a second one changes nothing."""
    play(run_host, section | as_login("me"), "LIVE")
    [host] = state_folder().glob("*.db")
    for login in ("me", "you", "me"):
        result = replay(file, sandbox, login)
        assert result.exit_code == 0, result.output

    assert list(state_folder().glob("*.db")) == [host]
    assert len(list((state_folder() / "replays").glob("*.db"))) == 2
    assert symbols_of(sandbox, "me") == ["LIVE", "PLAYED"]
    assert symbols_of(sandbox, "you") == ["PLAYED"]


@pytest.mark.parametrize("is_upgraded", [False, True])
def test_replay_refuses_the_outbox_of_a_host(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    file: Path,
    tmp_path: Path,
    is_upgraded: bool,
) -> None:
    """Also one that an older version has written; the host goes on as before."""
    database = tmp_path / "named.db"
    section["database"] = str(database)
    play(run_host, section | as_login("me"), "LIVE")
    if is_upgraded:
        forget_the_stamp(database)
    result = replay(file, sandbox, "me", "--database", str(database))

    assert result.exit_code != 0
    assert "is a host's" in result.output
    play(run_host, section | as_login("me"), "MORE")
    assert symbols_of(sandbox, "me") == ["LIVE", "MORE"]


def test_host_goes_on_with_what_was_played(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    file: Path,
    tmp_path: Path,
) -> None:
    """From then on the outbox is the host's, and no replay touches it."""
    database = str(tmp_path / "named.db")
    assert replay(file, sandbox, "me", "--database", database).exit_code == 0
    play(run_host, section | as_login("me") | {"database": database}, "LIVE")

    assert symbols_of(sandbox, "me") == ["LIVE", "PLAYED"]
    assert replay(file, sandbox, "me", "--database", database).exit_code != 0


# Commands -----------------------------------------------------------------------------


def command(*told: str, login: str | None = None, answer: str = "") -> Result:
    """Run a command, with a login in the environment."""
    environ = {
        "TRADERVUE_USERNAME": login,
        "TRADERVUE_PASSWORD": login and "sandbox",
    }
    return CliRunner().invoke(cli, list(told), env=environ, input=answer)


@pytest.fixture
def config_of(tmp_path: Path) -> Callable[[dict[str, Any]], str]:
    """Write a section into a host's config file, and return its path."""

    def config_of(section: dict[str, Any]) -> str:
        path = tmp_path / "config.json"
        path.write_text(json.dumps({"plugins": {"tradervue": section}}))
        return str(path)

    return config_of


@pytest.fixture
def config(section: dict[str, Any], config_of: Callable[[dict[str, Any]], str]) -> str:
    """The host's config file, without a login."""
    return config_of(section)


def test_account_is_shown(run_host: Run, section: dict[str, Any], config: str) -> None:
    """From another shell too: the only outbox there is, and whose it is."""
    play(run_host, section | as_login("me"), "ONE")
    result = command("account", "show", "--config", config, "--json")

    facts = json.loads(result.stdout)
    assert facts["account"] == f"me at {section['base_url']}"
    assert facts["login found here"] == "none"
    assert "the only one in its folder" in result.stderr


def test_one_of_several_outboxes_is_named(
    run_host: Run, section: dict[str, Any], config: str
) -> None:
    """Without a login nobody can tell which is meant; they are listed."""
    for login in ("me", "you"):
        play(run_host, section | as_login(login), "ONE")
    several = command("account", "show", "--config", config)
    assert several.exit_code == 3
    assert "--outbox NAME" in several.output
    [name] = (p.stem for p in state_folder().glob("outbox-you-*.db"))
    assert name in several.output

    named = command("account", "show", "--config", config, "--outbox", name)
    assert "you at" in named.output
    mine = command("account", "show", "--config", config, login="me")
    assert "me at" in mine.output


def test_command_makes_no_outbox(config: str) -> None:
    """It names the folder in which it looked, and as whom."""
    result = command("account", "show", "--config", config, login="me")

    assert result.exit_code == 3
    assert str(state_folder()) in result.output
    assert not state_folder().exists()


def test_renamed_login_keeps_its_outbox(
    run_host: Run, section: dict[str, Any], config: str, sandbox: Sandbox
) -> None:
    """The move is asked for, needs a login that is accepted, and can be repeated."""
    play(run_host, section | as_login("old"), "ONE")
    sandbox.accounts.rename(sandbox.account("old"), "new")
    [name] = (p.stem for p in state_folder().glob("*.db"))
    move = ("account", "move", "--config", config, "--outbox", name)

    assert "this is no terminal to ask at" in command(*move, login="new").output
    assert command(*move, "--yes", login="new").exit_code == 0
    assert "already" in command(*move, "--yes", login="new").output
    play(run_host, section | as_login("new"), "TWO")
    assert symbols_of(sandbox, "new") == ["ONE", "TWO"]
    assert len(list(state_folder().glob("*.db"))) == 1


@pytest.mark.parametrize("is_restored", [False, True])
def test_lost_outbox_of_a_renamed_account_loses_nothing(
    run_host: Run,
    section: dict[str, Any],
    config: str,
    sandbox: Sandbox,
    is_restored: bool,
) -> None:
    """What was drained and not sent under the former name is taken up again."""
    play(run_host, section | as_login("old"), "ONE")
    [path] = state_folder().glob("*.db")
    target = path.with_name("copy.backup")
    where = ("--config", config, "--outbox", path.stem)
    assert command("backup", str(target), *where, login="old").exit_code == 0
    sandbox.inject("server_error")
    left = run_host(section | as_login("old") | {"flush_seconds": 0})
    left.enter("LEFT")
    eventually(lambda: left.integration.joiner.is_joined)
    eventually(lambda: left.integration.outbox.counts()["recorded"] == 1)
    left.close()
    sandbox.clear_faults()
    sandbox.accounts.rename(sandbox.account("old"), "new")
    move = ("account", "move", *where, "--yes")
    assert command(*move, login="new").exit_code == 0
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()

    if is_restored:
        restored = command("restore", str(target), "--config", config, login="new")
        assert "files are kept here of every day" in restored.output
        assert command(*move, login="new").exit_code == 0
    play(run_host, section | as_login("new"), "TWO")
    assert symbols_of(sandbox, "new") == ["LEFT", "ONE", "TWO"]


def test_outbox_that_is_forwarded_is_not_moved(
    run_host: Run, section: dict[str, Any], config: str
) -> None:
    """Its host goes first."""
    host = run_host(section | as_login("me"))
    host.enter("ONE")
    assert host.integration.flush(60)
    [name] = (p.stem for p in state_folder().glob("*.db"))
    moved = command(
        "account", "move", "--config", config, "--outbox", name, "--yes", login="you"
    )

    assert moved.exit_code == 1
    assert "is forwarded by process" in moved.output


def test_what_no_process_sends_is_named(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    config: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An outbox of another account, and the spool of a login that was never right."""
    play(run_host, section | as_login("me"), "ONE")
    sandbox.inject("server_error")
    left = run_host(section | as_login("me") | {"flush_seconds": 0})
    left.enter("LEFT")
    eventually(lambda: left.integration.joiner.is_joined)
    eventually(lambda: left.integration.outbox.counts()["recorded"] == 1)
    left.close()
    sandbox.clear_faults()
    wrong = Locations.of(Settings.from_mapping(section | as_login("mee")))
    Spool(wrong.spool).append(recorded("WRONG"))
    caplog.clear()
    play(run_host, section | as_login("you"), "YOURS")

    assert caplog.text.count("tradervue.left_behind") == 2
    shown = command("account", "show", "--config", config, login="you").output
    assert str(wrong.spool) in shown
    assert "holds 1 trades" in shown.replace("\n", " ")

    taken = command(
        "account",
        "move",
        "--config",
        config,
        "--yes",
        "--spool",
        str(wrong.spool),
        login="you",
    )
    assert taken.exit_code == 0, taken.output
    play(run_host, section | as_login("you"), "MORE")
    assert symbols_of(sandbox, "you") == ["MORE", "WRONG", "YOURS"]


# PostgreSQL ---------------------------------------------------------------------------


def test_second_account_of_a_server_needs_a_schema(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    postgres_server: Any,
) -> None:
    """It is refused with the name of the setting, and then has its own."""
    with postgres_server.database() as url:
        section |= {"database": url}
        play(run_host, section | as_login("me"), "MINE")
        other = run_host(section | as_login("you"))
        other.enter("YOURS")
        eventually(lambda: other.integration.worker.health.last_error)
        assert "database_schema" in other.integration.worker.health.last_error
        other.close()

        play(run_host, section | as_login("you") | {"database_schema": "you"}, "TWO")
        play(run_host, section | as_login("me"), "MORE")

    assert symbols_of(sandbox, "me") == ["MINE", "MORE"]
    assert symbols_of(sandbox, "you") == ["TWO"]

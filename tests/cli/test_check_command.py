"""``check``: what is there, what is not, and what stands in the way."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from argo_tradervue_plugin.cli.checking import clock_in_words
from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.tradervue.answers import clock_difference

Check = Callable[..., Result]


@pytest.fixture
def check(section: dict[str, Any], tmp_path: Path) -> Check:
    """Run ``check`` with the test's settings, some of them changed."""
    section |= {"database": str(tmp_path / "state" / "outbox.db")}

    def check(**changes: object) -> Result:
        config = tmp_path / "config.json"
        told = {"plugins": {"tradervue": section | changes}}
        config.write_text(json.dumps(told), encoding="utf-8")
        return CliRunner().invoke(cli, ["check", "--config", str(config)])

    return check


def test_what_is_not_there_yet_is_named_and_not_made(
    check: Check, section: dict[str, Any], tmp_path: Path, sandbox: Sandbox
) -> None:
    """A newcomer's first check: all is well, and nothing was changed."""
    answer = check()

    place = tmp_path / "state" / "outbox.db"
    assert answer.exit_code == 0, answer.output
    assert "is not there yet, the host makes it" in answer.stdout
    assert str(place) in answer.stdout
    spool = Locations.of(Settings.from_mapping(section)).spool
    assert f"{spool}: is not there yet" in answer.stdout
    assert f"free at {tmp_path}" in answer.stdout
    assert f"answers at {sandbox.url}" in answer.stdout
    assert "clock        agrees with Tradervue's" in answer.stdout
    assert not place.parent.exists()


def test_outbox_that_is_there_is_opened(check: Check, section: dict[str, Any]) -> None:
    """With its version; and it is writable."""
    outbox_of(Settings.from_mapping(section)).close()
    answer = check()

    assert answer.exit_code == 0
    assert ": schema 5, sound, writable" in answer.stdout


def test_older_outbox_is_not_migrated_by_looking_at_it(
    check: Check, section: dict[str, Any]
) -> None:
    """Workers of the version before may be at work on it."""
    outbox = Outbox(Sqlite(section["database"]))
    outbox.engine.connection().execute("PRAGMA user_version = 3")
    outbox.close()
    answer = check()

    assert "schema 3, the host's next start makes it 5" in answer.stdout
    again = Outbox(Sqlite(section["database"]), is_lazy=True)
    assert again.engine.stored_version() == 3


def test_newer_outbox_is_told(check: Check, section: dict[str, Any]) -> None:
    """Only an update helps."""
    outbox = Outbox(Sqlite(section["database"]))
    outbox.engine.connection().execute("PRAGMA user_version = 99")
    outbox.close()
    answer = check()

    assert answer.exit_code == 3
    assert "newer version" in answer.stderr


@pytest.mark.parametrize("what", ["outbox", "spool"])
def test_place_that_cannot_be_used_is_told_and_the_rest_is_tried(
    check: Check, section: dict[str, Any], tmp_path: Path, what: str
) -> None:
    """A file stands where a folder has to be."""
    if what == "outbox":
        (tmp_path / "state").write_text("a file")
    else:
        (tmp_path / "state").mkdir()
        (tmp_path / "state" / "outbox.db-spool").write_text("a file")
    answer = check()

    assert answer.exit_code == (3 if what == "outbox" else 1)
    assert answer.stderr.startswith("Error: ")
    assert "Tradervue    answers at" in answer.stdout


def test_clock_that_is_off_is_told(check: Check, sandbox: Sandbox) -> None:
    """By how much, which way, and what helps."""
    sandbox.inject("clock_skew", seconds=300)
    answer = check()

    assert answer.exit_code == 0
    assert "300 s behind Tradervue's: let it be set by NTP" in answer.stdout or (
        "299 s behind Tradervue's: let it be set by NTP" in answer.stdout
    )


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (None, "unknown: the answer has no Date"),
        (0.4, "agrees with Tradervue's"),
        (-1.9, "agrees with Tradervue's"),
        (12.0, "12 s ahead of Tradervue's"),
        (-90.0, "90 s behind Tradervue's: let it be set by NTP"),
    ],
)
def test_clock_in_words(ahead: float | None, words: str) -> None:
    """To the second; a header has no more."""
    assert clock_in_words(ahead) == words


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Thu, 01 Jan 1970 00:01:40 GMT", 20.0),
        ("Thu, 01 Jan 1970 00:02:10 -0000", -10.0),
        ("yesterday", None),
        ("", None),
        (None, None),
        ("Thu, 01 Jan 1970 99:99:99 GMT", None),
    ],
)
def test_difference_of_clocks(date: str | None, ahead: float | None) -> None:
    """Whatever a server says."""
    assert clock_difference(date, 120.0) == ahead


def test_refused_login_needs_a_person(check: Check, sandbox: Sandbox) -> None:
    """With the address that was tried."""
    sandbox.inject("unauthorized")
    answer = check()

    assert answer.exit_code == 1
    assert "refused the user name and password" in answer.stderr


def test_address_that_was_tried_is_named(check: Check) -> None:
    """Nothing answers there: it could not be found out."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/api/v1"
    answer = check(base_url=url)

    assert answer.exit_code == 3
    assert f"journal      {url}" in answer.stdout
    assert "could not be reached" in answer.stderr


def test_missing_login_needs_a_person(check: Check) -> None:
    """It says where was looked."""
    answer = check(username=None, password=None)

    assert answer.exit_code == 1
    assert "TRADERVUE_USERNAME" in answer.stderr


def test_what_needs_a_person_comes_before_what_is_unknown(
    check: Check, tmp_path: Path, sandbox: Sandbox
) -> None:
    """Both lines are there."""
    sandbox.inject("unauthorized")
    (tmp_path / "state").write_text("a file")
    answer = check()

    assert answer.exit_code == 1
    assert "refused the user name and password" in answer.stderr
    assert str(tmp_path / "state") in answer.stderr


def test_old_place_with_a_password_in_its_name_needs_a_person(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent from there, which check says; and it shows no password."""
    monkeypatch.chdir(tmp_path)
    name = "host=db password=canary-4711"
    Outbox(Sqlite(tmp_path / name)).close()
    (tmp_path / f"{name}-spool").mkdir(mode=0o700)
    answer = check(database=name)

    assert answer.exit_code == 1, answer.output
    assert "nothing is sent" in answer.output
    assert "spool  " in answer.output
    assert "canary-4711" not in answer.output


def test_file_that_others_can_write_to_needs_a_person(
    check: Check, section: dict[str, Any]
) -> None:
    """As in status; the rest is tried all the same."""
    outbox_of(Settings.from_mapping(section)).close()
    Path(section["database"]).chmod(0o666)
    answer = check()

    assert answer.exit_code == 1, answer.output
    assert "chmod go-w" in answer.output
    assert "Tradervue    answers" in answer.output

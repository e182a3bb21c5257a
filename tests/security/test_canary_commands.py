"""No command shows the password, whatever it is told and whatever answers it."""

import json
import logging
import os
import subprocess
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from argo_tradervue_plugin.cli.commands import DEMO_TRADES, cli
from tests.security.canary import PASSWORD, USERNAME, marks_in, marks_in_files
from tests.security.servers import CARELESS
from tests.security.worlds import logged, section, world

TRADE = json.loads(DEMO_TRADES.read_text().splitlines()[0])["id"]
FILE = str(DEMO_TRADES)
LOG_EVERYTHING = (
    "import logging; logging.basicConfig(level=logging.DEBUG); "
    "from argo_tradervue_plugin.cli import main; main()"
)
# Every command, and what it is told; {config} is the host's, {url} the journal's.
COMMANDS: dict[str, list[list[str]]] = {
    "account": [
        ["account", "show", "--config", "{config}"],
        ["account", "move", "--config", "{config}", "--yes"],
    ],
    "backup": [["backup", "{database}.backup", "--config", "{config}", "--force"]],
    "check": [["check", "--config", "{config}"]],
    "demo": [],  # these two run a sandbox of their own, with its own login
    "sandbox": [["sandbox", "--help"]],
    "preview": [["preview", FILE, "--config", "{config}"]],
    "quarantine": [
        ["quarantine", "list", "--config", "{config}"],
        ["quarantine", "list", "--config", "{config}", "--json"],
        ["quarantine", "retry", TRADE, "--config", "{config}"],
        ["quarantine", "discard", TRADE, "--config", "{config}", "--yes"],
        ["quarantine", "reopen", TRADE, "--config", "{config}"],
    ],
    "reconcile": [
        ["reconcile", "--config", "{config}", "--trades", FILE, "--days", "36500"],
        ["reconcile", "--config", "{config}", "--trades", FILE, "--csv"],
        ["reconcile", "--config", "{config}", "--json", "--repair"],
    ],
    "relink": [["relink", "--config", "{config}"]],
    "replay": [
        [
            *("replay", FILE, "--limit", "2", "--patience", "{patience}", "--json"),
            *("--url", "{url}", "--username", USERNAME, "--database", "{database}"),
        ],
    ],
    "resend": [
        ["resend", TRADE, "--config", "{config}", "--yes", "--patience", "{patience}"],
    ],
    "restore": [
        ["backup", "{database}.backup", "--config", "{config}", "--force"],
        ["restore", "{database}.backup", "--config", "{config}"],
    ],
    "status": [
        ["status", "--config", "{config}"],
        ["status", "--config", "{config}", "--json"],
    ],
    "sync": [["sync", FILE, "--config", "{config}", "--patience", "{patience}"]],
}
# Whose journal it is and who forwards is what these are there to say.
NAMES_THE_USER = {"account", "check", "status"}


def test_every_command_is_among_them() -> None:
    """A new one has to be looked at, too."""
    assert COMMANDS.keys() == cli.commands.keys()
    groups = {n: c for n, c in cli.commands.items() if hasattr(c, "commands")}
    for name, group in groups.items():
        assert {told[1] for told in COMMANDS[name]} == set(group.commands)


def everything_of(answer: Result) -> str:
    """Return what a command wrote, and the error that it ended with."""
    texts = [answer.output, answer.stderr]
    if answer.exc_info:
        texts += traceback.format_exception(*answer.exc_info)
    return "\n".join(texts)


def config_in(folder: Path, told: dict[str, Any]) -> str:
    """Write the host's config; return its path."""
    path = folder / "config.json"
    path.write_text(json.dumps({"plugins": {"tradervue": told}}))
    return str(path)


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Have every logger at DEBUG, and every warning shown."""
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        yield
    assert marks_in("\n".join(str(each) for each in seen)) == []


@pytest.mark.parametrize(
    "name", ["healthy", "wrong-password", "nobody-there", "page", "422", "import"]
)
def test_no_command_shows_the_login(
    name: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Not with a healthy Tradervue, a wrong password, nobody there, a careless one."""
    with world(name) as url:
        told = section(url, tmp_path, aws_secrets=False)
        values = {"config": config_in(tmp_path, told), "url": url}
        values["database"] = told["database"]
        values["patience"] = "30" if name == "healthy" else "0.1"
        runner = CliRunner(env={"TRADERVUE_PASSWORD": PASSWORD})
        codes = {}
        commands = [told for each in COMMANDS.values() for told in each]
        # What the others look at is there first.
        for each in sorted(commands, key=lambda told: told[0] != "replay"):
            arguments = [
                argument.format(**values) if argument[0] == "{" else argument
                for argument in each
            ]
            answer = runner.invoke(cli, arguments)
            usernames = each[0] not in NAMES_THE_USER and name not in CARELESS
            shown = everything_of(answer) + "".join(capfd.readouterr())
            assert marks_in(shown, usernames=usernames) == [], each
            assert answer.exit_code in {0, 1, 3}, shown
            assert answer.exc_info is None or answer.exc_info[0] is SystemExit, shown
            codes[each[0]] = answer.exit_code

    assert (codes["check"] == codes["replay"] == 0) == (name == "healthy")
    assert marks_in(logged(caplog), usernames=name not in CARELESS) == []
    # The outbox says whose it is.
    assert marks_in_files(tmp_path, but=("config.json",), usernames=False) == []


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(f'{{"plugins": {{"tradervue": "{PASSWORD}', id="no-json"),
        pytest.param(json.dumps({"plugins": {"tradervue": PASSWORD}}), id="no-object"),
        pytest.param(json.dumps([PASSWORD]), id="a-list"),
        pytest.param(
            json.dumps({"plugins": {"tradervue": {"password": [PASSWORD]}}}),
            id="wrong-type",
        ),
        pytest.param(
            json.dumps(
                {"plugins": {"tradervue": {"base_url": f"ftp://a:{PASSWORD}@b"}}}
            ),
            id="wrong-url",
        ),
    ],
)
@pytest.mark.parametrize("command", ["check", "status", "reconcile", "relink"])
def test_a_wrong_config_is_told_without_what_it_holds(
    config: str, command: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It says where, and what is allowed."""
    path = tmp_path / "config.json"
    path.write_text(config)
    answer = CliRunner().invoke(cli, [command, "--config", str(path)])

    assert answer.exit_code == 2
    assert answer.output.startswith("Error: ")
    assert marks_in(everything_of(answer) + logged(caplog)) == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param("wrong-password", COMMANDS["check"][0], id="check"),
        pytest.param("page", COMMANDS["replay"][0], id="replay"),
    ],
)
def test_no_process_writes_the_login_anywhere(
    name: str, told: list[str], tmp_path: Path
) -> None:
    """A real one, in development mode: also what bypasses Python's own streams."""
    with world(name) as url:
        settings = section(url, tmp_path, aws_secrets=False)
        del settings["username"], settings["password"]
        values = {"config": config_in(tmp_path, settings), "url": url}
        values |= {"database": settings["database"], "patience": "0.1"}
        arguments = [a.format(**values) if a[0] == "{" else a for a in told]
        login = {"TRADERVUE_USERNAME": USERNAME, "TRADERVUE_PASSWORD": PASSWORD}
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-c", LOG_EVERYTHING, *arguments],
            env={**os.environ, **login},
            capture_output=True,
            check=False,
            timeout=90,
        )

    assert done.returncode == 1
    assert b"DEBUG:argo_tradervue_plugin" in done.stderr
    assert b"Traceback" not in done.stderr
    assert marks_in(done.stderr, usernames=False) == []
    lines = done.stderr.splitlines()
    assert marks_in(b"\n".join(x for x in lines if b"tradervue.started" not in x)) == []
    assert marks_in(done.stdout, usernames=told[0] not in NAMES_THE_USER) == []
    assert marks_in_files(tmp_path, usernames=False) == []

"""``argo-tradervue sandbox``: the sandbox's own command line, as it is."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from click.testing import CliRunner

from argo_tradervue_plugin.cli.commands import cli

COMMAND = "from argo_tradervue_plugin.cli import main; main()"


@pytest.fixture
def process() -> Iterator["subprocess.Popen[str]"]:
    """A sandbox started by the command, with options of its own."""
    command = [sys.executable, "-c", COMMAND, "sandbox", "--port", "0"]
    command += ["--import-seconds", "0.25", "--user", "me:secret"]
    command += ["--assume", "plan=free", "--fault", "rate_limit:path=/journal"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        yield started
        started.kill()


def test_options_reach_the_sandbox(process: "subprocess.Popen[str]") -> None:
    """Users, assumptions and faults are those of the command line."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("Tradervue sandbox listening on http://127.0.0.1:")
    url = line.split()[-1]
    agent = {"user-agent": "Tests (https://example.com)"}
    with httpx.Client(base_url=url, headers=agent) as http:
        assert http.get("/trades", auth=("me", "wrong")).status_code == 401
        assert http.get("/trades", auth=("me", "secret")).status_code == 200
        assert http.get("/journal", auth=("me", "secret")).status_code == 429
        control = url.replace("/api/v1", "/_sandbox/assumptions")
        assert http.get(control).json()["plan"] == "free"

    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_help_is_the_sandboxs_own() -> None:
    """It names every assumption and every fault."""
    answer = CliRunner().invoke(cli, ["sandbox", "--help"])

    assert answer.exit_code == 0
    assert "--import-seconds" in answer.output
    assert "duplicate_scope=global" in answer.output
    assert "status_stolen" in answer.output


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        pytest.param(["--host", "0.0.0.0"], 2, "this machine only", id="host"),  # noqa: S104
        pytest.param(["--assume", "plan=gratis"], 2, "plan=gratis", id="assumption"),
        pytest.param(["--fault", "flood"], 2, "flood", id="fault"),
        pytest.param(["--colour"], 2, "--colour", id="option"),
    ],
)
def test_wrong_options_are_told(arguments: list[str], code: int, told: str) -> None:
    """In the sandbox's own words, with its own exit code."""
    answer = CliRunner().invoke(cli, ["sandbox", *arguments])

    assert answer.exit_code == code
    assert told in answer.output

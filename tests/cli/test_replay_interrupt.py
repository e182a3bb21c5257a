"""``replay`` and ``demo`` at Ctrl-C: what stays queued, and what goes on with it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from argo_tradervue_plugin.cli import replay as replaying
from argo_tradervue_plugin.cli.commands import DEMO_TRADES, cli
from argo_tradervue_plugin.cli.replayed import load
from argo_tradervue_plugin.sandbox import Sandbox, running

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command that is interrupted as soon as everything was recorded."""

    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    def run(*arguments: object) -> Result:
        with monkeypatch.context() as patched:
            patched.setattr(replaying, "wait", interrupted)
            return CliRunner().invoke(cli, [str(each) for each in arguments])

    return run


def test_interrupted_replay_says_what_stays_queued(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the same command goes on with it."""
    trades = len(load(DEMO_TRADES))
    monkeypatch.setenv("TRADERVUE_PASSWORD", "secret")
    sandbox = Sandbox(import_seconds=None)
    with running(sandbox):
        options = ["--url", sandbox.url, "--username", "me"]
        options += ["--database", str(tmp_path / "outbox.db")]
        stopped = run("replay", DEMO_TRADES, *options)

        assert stopped.exit_code == 130
        assert f"interrupted: {trades} trades stay queued" in stopped.stderr
        assert "The same command, with the same outbox, goes on" in stopped.stderr
        assert "quarantine discard" in stopped.stderr

        sandbox.import_seconds = 0
        sandbox.advance("me")
        again = CliRunner().invoke(cli, ["replay", str(DEMO_TRADES), *options])
    assert again.exit_code == 0, again.output


@pytest.mark.parametrize("command", [("demo",), ("replay", DEMO_TRADES, "--sandbox")])
def test_what_is_gone_with_the_command_stays_queued_nowhere(
    run: Run, command: tuple[object, ...]
) -> None:
    """The outbox was its own, and is removed."""
    stopped = run(*command)

    assert stopped.exit_code == 130
    assert "interrupted: nothing stays queued" in stopped.stderr
    assert "discard" not in stopped.stderr

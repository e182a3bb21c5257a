"""However long an id or a symbol of the host is, what is shown of it is short."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytest.importorskip("fastapi", reason="the routes need FastAPI")

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.security.test_injection import answers_of, closed, record

Run = Callable[..., RunningHost]

LONG = 100_000  # characters of one field
MOST = 1_000  # of one text that is shown of it


def texts_in(value: object) -> list[str]:
    """Return every text in what JSON holds, the names too."""
    if isinstance(value, dict):
        return [
            text for pair in value.items() for each in pair for text in texts_in(each)
        ]
    if isinstance(value, list):
        return [text for each in value for text in texts_in(each)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", ["id", "symbol", "signal_id", "signal_type"])
def test_what_is_shown_of_a_long_text_is_short(
    name: str,
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In the log, in every answer and in what commands print, as text and as JSON."""
    caplog.set_level(logging.INFO)
    host = run_host(section)
    record(host, closed(1, **{name: "X" * LONG}))
    record(host, closed(2, **{name: f"{'Y' * LONG} {'Z' * LONG}"}))
    assert host.integration.flush(60)
    answers = answers_of(host)
    host.close()
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"plugins": {"tradervue": section}}))
    commands = (("status",), ("quarantine", "list"), ("reconcile", "--days", "36500"))

    assert caplog.messages
    for line in caplog.messages:
        assert len(line) < MOST, line[:200]
    for route, answer in answers.items():
        for text in texts_in(answer.json()):
            assert len(text) < MOST, (route, text[:200])
    for command in commands:
        plain = CliRunner().invoke(cli, [*command, "--config", str(path)])
        for line in plain.output.splitlines():
            assert len(line) < MOST, (command, line[:200])
        told = CliRunner().invoke(cli, [*command, "--config", str(path), "--json"])
        for line in told.stdout.splitlines():
            for text in texts_in(json.loads(line)):
                assert len(text) < MOST, (command, text[:200])

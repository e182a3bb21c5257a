"""The password of the database is in nothing that is shown, as that of Tradervue."""

import json
import logging
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

pytest.importorskip("fastapi", reason="the routes are mounted on FastAPI")
pytest.importorskip("psycopg", reason="it is in the extra 'postgres'")

from click.testing import CliRunner
from psycopg import sql

from argo_tradervue_plugin.cli.commands import cli
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.fakes import eventually
from tests.security.canary import PASSWORD, USERNAME, marks_in, marks_in_files
from tests.security.test_canary_commands import everything_of
from tests.security.worlds import (
    NAMES_THE_USER,
    answers_of,
    logged,
    reprs_of,
)

if TYPE_CHECKING:
    from argo_tradervue_plugin.delivery.worker import Worker
    from tests.outbox.server import Server


@pytest.fixture
def url(postgres_server: "Server") -> Iterator[str]:
    """The URL of an empty database, for somebody whose password is easy to find."""
    role, secret = sql.Identifier(USERNAME), sql.Literal(PASSWORD)
    make = "CREATE ROLE {} LOGIN SUPERUSER PASSWORD {}"
    with postgres_server.database() as lent, postgres_server.admin() as admin:
        admin.execute(sql.SQL(make).format(role, secret))
        name = lent.rpartition("/")[2]
        login = f"{quote(USERNAME, safe='')}:{quote(PASSWORD, safe='')}"
        yield f"postgresql://{login}@127.0.0.1:{postgres_server.port}/{name}"
    with postgres_server.admin(name) as admin:
        admin.execute(sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(role))
    with postgres_server.admin() as admin:
        admin.execute(sql.SQL("DROP ROLE {}").format(role))


@pytest.fixture(params=["healthy", "wrong-password", "nobody-there", "not-encoded"])
def database(request: pytest.FixtureRequest, url: str) -> tuple[str, str]:
    """What is the matter with the database, and its URL."""
    mark = url.rpartition("@")[2]
    urls = {
        "healthy": url,
        "wrong-password": url.replace("@", "x@"),
        "nobody-there": url.replace(mark, "127.0.0.1:1/outbox"),
        "not-encoded": f"postgresql://me:{PASSWORD}@{mark}",
    }
    return request.param, urls[request.param]


@pytest.mark.swallows  # routes say of a broken outbox that it is one
def test_password_of_the_database_is_in_nothing_that_is_shown(
    database: tuple[str, str],
    section: dict[str, Any],
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    swallowed: list[Exception],
) -> None:
    """In a host and in every command: log, output, files, answers and objects."""
    name, url = database
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    section |= {"database": url, "flush_seconds": 0, "sync_timeout_seconds": 0.1}
    caplog.set_level(logging.DEBUG)
    shown, objects = {}, ""
    with RunningHost({"plugins": {"tradervue": section}}) as host:
        host.leave(host.enter())
        if host.integration is not None:
            eventually(lambda: was_tried(host.integration.worker), "it is tried")
            objects = reprs_of(host) if name == "healthy" else ""
            objects += f"{host.integration.outbox!r} {host.integration.settings!r}"
        shown = answers_of(host)
    output = outputs_of(section, tmp_path / "config.json")

    assert (name == "healthy") == ("✅ Tradervue exit synced" in caplog.text)
    assert marks_in(logged(caplog), usernames=False) == []
    for route, answer in shown.items():
        assert marks_in(answer, usernames=route not in NAMES_THE_USER) == [], route
    assert marks_in(objects + output, usernames=False) == []
    assert marks_in("".join(capfd.readouterr()), usernames=False) == []
    assert marks_in_files(tmp_path, but=("config.json",), usernames=False) == []
    for error in swallowed:
        told = "".join(traceback.format_exception(error))
        assert marks_in(told, usernames=False) == []


def was_tried(worker: "Worker") -> bool:
    """Tell whether everything arrived, or something failed."""
    with suppress(OutboxError):
        return bool(worker.health.failures) or worker.is_idle()
    return False


def outputs_of(section: dict[str, Any], path: Path) -> str:
    """Return what the commands say that open the outbox."""
    path.write_text(json.dumps({"plugins": {"tradervue": section}}))
    told = []
    for command in ("status", "relink", "reconcile"):
        answer = CliRunner().invoke(cli, [command, "--config", str(path)])
        assert answer.exit_code in {0, 1, 2, 3}
        assert isinstance(answer.exception, SystemExit | None), answer.exception
        told.append(everything_of(answer))
    return "\n".join(told)

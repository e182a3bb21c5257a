"""Wherever the login comes from, and whatever goes wrong, it is in nothing shown."""

import logging
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("fastapi", reason="the routes are mounted on FastAPI")

from argo_tradervue_plugin.delivery import importer
from argo_tradervue_plugin.sandbox import Sandbox, running
from argo_tradervue_plugin.services.performance import Performance
from argo_tradervue_plugin.tradervue.connection import Connection
from tests.argo.running import RunningHost
from tests.fakes import eventually
from tests.security.canary import PASSWORD, USERNAME, marks_in, marks_in_files
from tests.security.servers import Secrets, serving
from tests.security.worlds import (
    NAMES_THE_USER,
    answers_of,
    logged,
    reprs_of,
    section,
)

PREFIX = "argo-capital/argo/tradervue"


@pytest.fixture
def strict() -> Iterator[Sandbox]:
    """A Tradervue that knows one login only."""
    with running(import_seconds=0, users={USERNAME: PASSWORD}) as sandbox:
        yield sandbox


@pytest.fixture(params=["environment", "AWS Secrets Manager"])
def source(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Where the login is kept, and where it is found when nothing else has it."""
    if request.param == "environment":
        monkeypatch.setenv("TRADERVUE_USERNAME", USERNAME)
        monkeypatch.setenv("TRADERVUE_PASSWORD", PASSWORD)
        yield request.param
        return
    pytest.importorskip("boto3", reason="it is in the extra 'aws'")
    texts = {f"{PREFIX}-username": USERNAME, f"{PREFIX}-password": PASSWORD}
    with serving(Secrets(texts)) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{address}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        yield request.param


def test_login_from_elsewhere_is_in_nothing_that_is_shown(
    source: str, strict: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Also not in what boto3 logs, at DEBUG, of the answers that it gets."""
    told = section(strict.url, tmp_path, flush_seconds=20)
    del told["username"], told["password"]
    caplog.set_level(logging.DEBUG)
    with RunningHost({"plugins": {"tradervue": told}}) as host:
        host.leave(host.enter())
        assert host.integration.flush(60)
        assert host.integration.credentials.known().source == source
        shown, objects = answers_of(host), reprs_of(host)

    assert "botocore.endpoint" in {record.name for record in caplog.records}
    assert "✅ Tradervue exit synced" in caplog.text
    assert marks_in(logged(caplog)) == []
    for route, answer in shown.items():
        assert marks_in(answer, usernames=route not in NAMES_THE_USER) == [], route
    assert marks_in(objects, usernames=False) == []
    assert marks_in_files(tmp_path, usernames=False) == []


def test_what_other_threads_ask_aws_is_logged_as_ever(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Only the answer with our secret is kept out; the host's own log stays whole."""
    from argo_tradervue_plugin.config.credentials import unspoken

    log = logging.getLogger("botocore.parsers")
    caplog.set_level(logging.DEBUG)
    with unspoken():
        log.debug("ours")
        ask = threading.Thread(target=log.debug, args=("another's",))
        ask.start()
        ask.join()
    log.debug("later")

    assert [r.getMessage() for r in caplog.records] == ["another's", "later"]


WRONG: dict[str, dict[str, Any]] = {
    "password-is-a-list": {"password": [PASSWORD]},
    "password-is-an-object": {"password": {"value": PASSWORD}},
    "password-under-another-name": {"passwort": PASSWORD},
    "login-in-base-url": {"base_url": f"https://me:{quote(PASSWORD)}@tradervue.test"},
    "login-in-a-wrong-url": {"base_url": f"ftp://me:{PASSWORD}@tradervue.test"},
    "login-in-site-url": {"site_url": f"https://me:{quote(PASSWORD)}@tradervue.test"},
    "other-settings": {"timeout_seconds": 0, "import_size": "many", "durability": "x"},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_settings_are_told_without_the_login(
    wrong: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log, and on the page where people look for the reason."""
    caplog.set_level(logging.DEBUG)
    told = section("https://tradervue.test/api/v1", tmp_path) | WRONG[wrong]
    with RunningHost({"plugins": {"tradervue": told}}) as host:
        shown = answers_of(host)
        reason = host.tradervue.reason

    assert "tradervue.disabled" in caplog.text
    assert "plugins.tradervue." in reason
    assert marks_in(logged(caplog) + reason + "".join(shown.values())) == []


def mistake(*_: object, **__: object) -> None:
    """Fail as code fails that nobody has thought of."""
    raise AttributeError("'NoneType' object has no attribute 'x'")


MISTAKES: dict[str, tuple[object, str]] = {
    "worker": (importer, "forward"),
    "request": (Connection, "_exchange"),
    "route": (Performance, "metrics"),
}


@pytest.mark.swallows
@pytest.mark.parametrize("where", MISTAKES)
def test_tracebacks_of_our_own_mistakes_hold_no_login(
    where: str,
    strict: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    swallowed: list[Exception],
) -> None:
    """Neither as they are logged, nor with the locals that error trackers add."""
    monkeypatch.setattr(*MISTAKES[where], mistake)
    caplog.set_level(logging.DEBUG)
    told = section(strict.url, tmp_path)
    with RunningHost({"plugins": {"tradervue": told}}) as host:
        host.leave(host.enter())
        worker = host.integration.worker
        eventually(lambda: worker.is_idle() or swallowed, "it fails, or works")
        shown = answers_of(host)

    assert any(type(error) is AttributeError for error in swallowed)
    assert "Traceback" in caplog.text
    assert marks_in(logged(caplog)) == []
    for route, answer in shown.items():
        assert marks_in(answer, usernames=route not in NAMES_THE_USER) == [], route
    for error in swallowed:
        trace = traceback.TracebackException.from_exception(error, capture_locals=True)
        assert marks_in("".join(trace.format()), usernames=False) == []

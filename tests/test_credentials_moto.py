"""AWS Secrets Manager as moto serves it, asked by the real boto3 over a real socket."""

import contextlib
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from argo_tradervue_plugin.cli.commands import DEMO_TRADES
from argo_tradervue_plugin.cli.replayed import load
from argo_tradervue_plugin.config.credentials import (
    CredentialsFinder,
    ask_secrets_manager,
)
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.fakes import eventually

pytest.importorskip("moto", reason="moto is in the group 'dev'")
pytest.importorskip("flask_cors", reason="moto's server needs flask-cors")
boto3 = pytest.importorskip("boto3")

NEW = "argo-capital/argo/tradervue"
OLD = "argo-alpine/argo/tradervue"
REGION = "eu-west-1"
Keep = Callable[..., None]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of moto's server, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            for _ in range(600):
                with contextlib.suppress(OSError), socket.socket() as probe:
                    probe.connect(("127.0.0.1", port))
                    break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@pytest.fixture
def keep(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keep]:
    """Keep secrets in AWS: ``keep("name", "text")``; they are gone after the test."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    made: list[tuple[Any, str]] = []

    def keep(name: str, text: str, region: str = REGION) -> None:
        client = boto3.client("secretsmanager", region_name=region)
        if (name, region) in [(n, c.meta.region_name) for c, n in made]:
            client.put_secret_value(SecretId=name, SecretString=text)
            return
        client.create_secret(Name=name, SecretString=text)
        made.append((client, name))

    yield keep
    for client, name in made:
        client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def asked(region: str = REGION) -> dict[str, str]:
    """Return what AWS has of the login."""
    found = dict(ask_secrets_manager({"AWS_DEFAULT_REGION": region}))
    found.pop("said", None)
    return found


@pytest.mark.parametrize("prefix", [NEW, OLD], ids=["new-names", "old-names"])
def test_login_is_found_under_both_sets_of_names(keep: Keep, prefix: str) -> None:
    """Older installs keep their names."""
    keep(f"{prefix}-username", "me")
    keep(f"{prefix}-password", "secret")

    assert asked() == {"username": "me", "password": "secret"}


def test_new_names_win(keep: Keep) -> None:
    """An install that has both was moved."""
    for prefix, user in ((OLD, "old"), (NEW, "new")):
        keep(f"{prefix}-username", user)
        keep(f"{prefix}-password", f"{user} secret")

    assert asked() == {"username": "new", "password": "new secret"}


def test_secrets_of_another_region_are_not_seen(keep: Keep) -> None:
    """The region comes from ``AWS_DEFAULT_REGION``, otherwise it is us-east-1."""
    keep(f"{NEW}-username", "east", region="us-east-1")
    keep(f"{NEW}-password", "secret", region="us-east-1")

    assert asked() == {}
    assert asked("") == {"username": "east", "password": "secret"}


def test_without_secrets_the_environment_is_left(
    keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS is there and has nothing."""
    monkeypatch.setenv("TRADERVUE_USERNAME", "env-user")
    monkeypatch.setenv("TRADERVUE_PASSWORD", "env-password")

    found = CredentialsFinder(Settings()).get()
    assert (found.username, found.source) == ("env-user", "environment")


def test_rotation_heals_by_itself(
    keep: Keep,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A password that was changed in both places is asked for again after the 401."""
    from argo_tradervue_plugin.sandbox import running

    caplog.set_level(logging.INFO)
    monkeypatch.setattr("argo_tradervue_plugin.delivery.logins.LOOK_AGAIN", 0.1)
    keep(f"{NEW}-username", "me")
    keep(f"{NEW}-password", "before")
    trade = SimpleNamespace(**load(DEMO_TRADES)[0])
    with running(import_seconds=0, users={"me": "after"}) as sandbox:
        settings = Settings(
            enabled=True,
            base_url=sandbox.url,
            database=str(tmp_path / "outbox.db"),
            sync_timeout_seconds=10,
        )
        with TradervueIntegration(settings) as tradervue:
            tradervue.record_entry(trade)
            eventually(lambda: "tradervue.paused" in caplog.text, "refused")
            keep(f"{NEW}-password", "after")
            eventually(tradervue.worker.is_idle, "the entry is synced")
    assert "✅ Tradervue entry synced" in caplog.text

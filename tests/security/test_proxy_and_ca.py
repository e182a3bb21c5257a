"""
Out of a company's network: through its proxy, and with a CA of its own.

Real processes, since both are read from the environment; a Tradervue behind TLS with a
certificate made for the test; and a proxy that notes what it was asked for.
"""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

pytest.importorskip("trustme", reason="it is in the group 'dev'")

import httpx
import trustme
from click.testing import CliRunner, Result

from argo_tradervue_plugin.cli.commands import DEMO_TRADES, cli
from argo_tradervue_plugin.cli.replayed import load
from argo_tradervue_plugin.sandbox import Sandbox
from tests.journeys.reader import JournalReader, differences
from tests.security.canary import PASSWORD, marks_in
from tests.security.proxy import Proxy, running_proxy
from tests.security.servers import serving

COMMAND = "from argo_tradervue_plugin.cli import main; main()"
NOW = datetime.now(UTC)
LATER, YESTERDAY, BEFORE = (NOW + timedelta(days=days) for days in (2, -1, -2))


class Authority(trustme.CA):
    """One whose certificate is in the file at *path*."""

    path: str


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A company's own CA, which nobody else knows."""
    made = Authority()
    folder = tmp_path_factory.mktemp("authority")
    made.cert_pem.write_to_path(str(folder / "ca.pem"))
    made.path = str(folder / "ca.pem")
    return made


@pytest.fixture
def served(
    request: pytest.FixtureRequest, authority: Authority, tmp_path: Path
) -> Iterator[tuple[Sandbox, str]]:
    """A Tradervue behind TLS, and its address; the names on its certificate vary."""
    names, expires = getattr(request, "param", (("localhost",), LATER))
    certificate = authority.issue_cert(*names, not_before=BEFORE, not_after=expires)
    path = tmp_path / "server.pem"
    certificate.private_key_and_cert_chain_pem.write_to_path(str(path))
    sandbox = Sandbox(import_seconds=0, users={"argo": PASSWORD})
    with serving(sandbox.app, ssl_certfile=str(path)) as address:
        yield sandbox, f"https://{address}/api/v1"


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """The company's proxy."""
    with running_proxy() as proxy:
        yield proxy


@pytest.fixture
def config(served: tuple[Sandbox, str], tmp_path: Path) -> str:
    """The host's config file, for that Tradervue."""
    path = tmp_path / "config.json"
    section = {"enabled": True, "base_url": served[1], "username": "argo"}
    section |= {"password": PASSWORD, "database": str(tmp_path / "outbox.db")}
    path.write_text(json.dumps({"plugins": {"tradervue": section}}))
    return str(path)


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, in a process whose environment has these as well."""
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


@pytest.fixture
def check(config: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """``check(HTTPS_PROXY=...)``: the command, in this process, which is quicker."""

    def check(**environment: str) -> Result:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(cli, ["check", "--config", config])

    return check


def test_trades_go_through_the_proxy_to_a_server_of_a_private_ca(
    served: tuple[Sandbox, str], config: str, proxy: Proxy, authority: Authority
) -> None:
    """All of them, by tunnels: the proxy sees where to, and nothing of what."""
    _, url = served
    environment = {"HTTPS_PROXY": proxy.url, "SSL_CERT_FILE": authority.path}
    file = str(DEMO_TRADES)
    done = run("sync", file, "--config", config, "--json", **environment)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    trades = load(DEMO_TRADES)
    assert told["synced"] == len(trades)
    with JournalReader(url, password=PASSWORD) as journal:
        assert differences(journal, trades) == []
    assert set(proxy.asked) == {f"CONNECT {urlsplit(url).netloc} HTTP/1.1"}
    assert marks_in("\n".join(proxy.heads)) == []
    assert not any("\nauthorization" in head.lower() for head in proxy.heads)


def test_without_the_ca_nothing_is_sent(
    served: tuple[Sandbox, str], config: str, proxy: Proxy
) -> None:
    """The certificate is refused in words, before anything is said."""
    sandbox, _ = served
    done = run("check", "--config", config, HTTPS_PROXY=proxy.url)

    assert done.returncode == 3
    assert "certificate verify failed" in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert marks_in(done.stdout + done.stderr) == []
    assert len(proxy.asked) == 1
    assert sandbox.stats.requests.total() == 0


def test_no_proxy_is_asked_where_the_environment_says_so(
    served: tuple[Sandbox, str], config: str, proxy: Proxy, authority: Authority
) -> None:
    """NO_PROXY holds for the host that it names."""
    sandbox, _ = served
    environment = {"HTTPS_PROXY": proxy.url, "SSL_CERT_FILE": authority.path}
    done = run("check", "--config", config, **environment, NO_PROXY="localhost")

    assert done.returncode == 0, done.stderr
    assert proxy.asked == []
    assert sandbox.stats.requests.total() == 1


def test_the_ca_may_be_one_of_a_folder(
    served: tuple[Sandbox, str], check: Callable[..., Result], authority: Authority
) -> None:
    """SSL_CERT_DIR has files that are named after the CA's subject, as OpenSSL does."""
    sandbox, _ = served
    folder = Path(authority.path).parent / "hashed"
    empty = Path(authority.path).parent / "empty"
    for made in (folder, empty):
        made.mkdir(exist_ok=True)
    command = ["openssl", "x509", "-noout", "-subject_hash", "-in", authority.path]
    asked = subprocess.run(command, capture_output=True, text=True, check=True)
    (folder / f"{asked.stdout.strip()}.0").write_bytes(
        Path(authority.path).read_bytes()
    )
    refused = check(SSL_CERT_DIR=str(empty))
    admitted = check(SSL_CERT_DIR=str(folder))

    assert refused.exit_code == 3
    assert "certificate verify failed" in refused.output.lower()
    assert admitted.exit_code == 0, admitted.output
    assert sandbox.stats.requests.total() == 1


def test_the_hint_names_everything_that_leads_to_a_proxy(
    check: Callable[..., Result],
) -> None:
    """What cannot be used at all is in one of these."""
    done = check(ALL_PROXY="nonsense://here")

    assert done.exit_code == 3
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_DIR"):
        assert name in done.output


@pytest.mark.parametrize("name", ["https_proxy", "ALL_PROXY", "all_proxy"])
def test_the_proxy_may_be_named_in_other_ways(
    name: str, check: Callable[..., Result], proxy: Proxy, authority: Authority
) -> None:
    """As for every other program; NO_PROXY for another host changes nothing."""
    environment = {"SSL_CERT_FILE": authority.path, "NO_PROXY": "tradervue.example"}
    done = check(**{name: proxy.url}, **environment)

    assert done.exit_code == 0, done.output
    assert len(proxy.asked) == 1


@pytest.mark.parametrize(
    ("served", "reason"),
    [
        pytest.param((("tradervue.example",), LATER), "hostname mismatch", id="name"),
        pytest.param((("localhost",), YESTERDAY), "expired", id="expired"),
    ],
    indirect=["served"],
)
def test_certificate_has_to_be_in_order_even_of_a_known_ca(
    served: tuple[Sandbox, str],
    reason: str,
    check: Callable[..., Result],
    authority: Authority,
) -> None:
    """For the host's very name, and of today; nothing is sent otherwise."""
    sandbox, _ = served
    done = check(SSL_CERT_FILE=authority.path)

    assert done.exit_code == 3
    assert reason in done.output.lower()
    assert sandbox.stats.requests.total() == 0


def test_proxy_with_a_login_of_its_own(
    check: Callable[..., Result],
    authority: Authority,
    served: tuple[Sandbox, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is given the one from HTTPS_PROXY; a wrong one is told, and not shown."""
    sandbox, _ = served
    caplog.set_level(logging.DEBUG)
    with running_proxy(f"corp:{PASSWORD}") as proxy:
        there = proxy.url.removeprefix("http://")
        ca = {"SSL_CERT_FILE": authority.path}
        url = f"http://corp:{quote(PASSWORD, safe='')}@{there}"
        admitted = check(HTTPS_PROXY=url, **ca)
        asked = sandbox.stats.requests.total()
        refused = check(HTTPS_PROXY=url.replace("corp", "crop"), **ca)

    assert admitted.exit_code == 0, admitted.output
    assert asked == sandbox.stats.requests.total() == 1
    assert refused.exit_code == 3
    assert "407 Proxy Authentication Required" in refused.output
    assert marks_in(admitted.output + refused.output) == []
    assert marks_in(caplog.text) == []


def test_proxy_that_is_not_there_is_told(
    check: Callable[..., Result], authority: Authority, served: tuple[Sandbox, str]
) -> None:
    """Nothing goes past it on its own."""
    sandbox, _ = served
    with running_proxy() as proxy:
        gone = proxy.url
    done = check(HTTPS_PROXY=gone, SSL_CERT_FILE=authority.path)

    assert done.exit_code == 3
    assert "could not be reached" in done.output
    assert sandbox.stats.requests.total() == 0


def test_the_proxy_of_these_tests_passes_on_what_it_is_asked_for(
    sandbox: Sandbox, proxy: Proxy
) -> None:
    """By a whole address as well, where nothing is encrypted."""
    agent = {"user-agent": "Tests (https://example.com)"}
    with httpx.Client(proxy=proxy.url, headers=agent, verify=False) as http:  # noqa: S501
        answer = http.get(f"{sandbox.url}/trades?count=1", auth=("argo", "sandbox"))

    assert answer.json() == {"trades": []}
    assert proxy.asked == [f"GET {sandbox.url}/trades?count=1 HTTP/1.1"]
    assert "\nauthorization: basic" in proxy.heads[0].lower()


def test_a_folder_of_authorities_does_as_well(
    check: Callable[..., Result], authority: Authority, tmp_path: Path
) -> None:
    """SSL_CERT_DIR, whose files are named as OpenSSL looks for them."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl names the files, and is not here")
    folder = tmp_path / "authorities"
    folder.mkdir()
    empty = check(SSL_CERT_DIR=str(folder))
    asked = [openssl, "x509", "-hash", "-noout", "-in", authority.path]
    name = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    shutil.copy(authority.path, folder / f"{name.strip()}.0")
    filled = check(SSL_CERT_DIR=str(folder))

    assert "certificate verify failed" in empty.output.lower()
    assert filled.exit_code == 0, filled.output


def test_what_cannot_be_set_up_names_where_to_look(
    check: Callable[..., Result],
) -> None:
    """All the variables that count, and nothing of their values."""
    done = check(ALL_PROXY="ftp://corp:canary@proxy.example")

    assert done.exit_code == 3
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_DIR"):
        assert name in done.output
    assert "canary" not in done.output

"""DNS rebinding: what changes something answers to the host's own names."""

from typing import Any

import pytest

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import ConfigError
from argo_tradervue_plugin.web.answering import is_allowed, name_in
from argo_tradervue_plugin.web.failures import other_host
from tests.web.fakes import FakeIntegration, ask

NAMES = ("argo.example.com", "*.desk.example.com", "[::1]", "127.0.0.1")


@pytest.mark.parametrize(
    "host",
    [
        "argo.example.com",
        "ARGO.example.com:8000",
        "argo.example.com.",
        "one.desk.example.com",
        "a.b.desk.example.com:80",
        "[::1]:8000",
        "127.0.0.1",
    ],
)
def test_own_names_are_allowed(host: str) -> None:
    """In any case and with any port."""
    assert is_allowed(host, NAMES)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "argo.example.com.evil.example",
        "evil-argo.example.com",
        "desk.example.com",
        "evildesk.example.com",
        "argo.example.com:80@evil.example",
        "argo.example.com/evil",
        "argo.example.com?evil",
        "argo.example.com#evil",
        "argo.example.com:x",
        "[::1",
        "::1",
    ],
)
def test_other_names_are_not(host: str | None) -> None:
    """Nor what is no name."""
    assert not is_allowed(host, NAMES)


def test_without_names_it_is_the_hosts_own_business() -> None:
    """It may have a middleware that asks, or be reached by many names."""
    assert is_allowed("anything.example", ())
    assert is_allowed(None, ())


def test_a_foreign_name_changes_nothing(app: Any, integration: FakeIntegration) -> None:
    """The browser takes the page's own name for the same site, and says so."""
    integration.settings = Settings(allowed_hosts=("argo.example",))
    rebound = {
        "Host": "evil.example",
        "Origin": "http://evil.example",
        "Sec-Fetch-Site": "same-origin",
    }

    refused = ask(app, "POST", "/sync", headers=rebound)

    assert refused.status_code == 403
    assert refused.json() == {
        "detail": "refused: sent to 'evil.example', and that is none of the names in "
        "plugins.tradervue.allowed_hosts: if it is a name of this host, add it there, "
        "without a port"
    }
    assert integration.asked == []
    assert ask(app, "GET", "/status", headers=rebound).status_code == 200
    assert ask(app, "POST", "/sync").status_code == 200


@pytest.mark.parametrize("host", [None, "", "\x1b[31m\u202e\r\n'", "<a>" * 9999])
def test_the_refused_name_is_short_and_inert(host: str | None) -> None:
    """Whoever reads it may be at a terminal; what was sent may be anything."""
    detail = str(other_host(host).body["detail"])
    assert detail.isascii()
    assert detail.isprintable()
    assert len(detail) < 400


def test_names_have_neither_scheme_nor_port() -> None:
    """They would never fit, and the host would be shut."""
    good = {"allowed_hosts": list(NAMES)}
    assert Settings.from_mapping(good).allowed_hosts == NAMES
    for wrong in ("https://argo.example.com", "argo:80", "a b", "*", "", "x/y"):
        with pytest.raises(ConfigError, match="allowed_hosts"):
            Settings.from_mapping({"allowed_hosts": [wrong]})


def test_a_name_is_read_without_its_port() -> None:
    """An address of IPv6 without its brackets."""
    assert name_in("[2001:db8::1]:80") == "2001:db8::1"

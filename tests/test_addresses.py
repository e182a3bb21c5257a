"""What starts, works: an address that the settings take is one the client can use."""

import re

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_tradervue_plugin.config.addresses import refusal
from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import ConfigError, Unreachable
from argo_tradervue_plugin.tradervue.client import TradervueClient

LOGIN = Credentials(username="me", password="secret")
BAD = [
    "https://app.tradervue.com/api/v1?key=canary",
    "https://app.tradervue.com/api/v1?",
    "https://app.tradervue.com/api/v1#",
    "https://app.tradervue.com/#canary",
    " https://app.tradervue.com/api/v1",
    "https://app.tradervue.com/api/v1 ",
    "https://app.tradervue.com/api v1",
    "https://app.tradervue.com/api\u00a0v1",
    "https://app.tradervue.com/api\tv1",
    "https://app.trader\nvue.com/api/v1",
    "https://app.tradervue.com/api/v1\n",
    "https://app.tradervue.com/\x7f",
    "https://app.tradervue.com\\api",
    "https://@app.tradervue.com",
    "https://app..tradervue.com",
    "https://-app.tradervue.com",
    "https://app!.tradervue.com",
    "https://b\u00fccher.example",
    "https://1.2.3.4.5",
    "https://999.1.1.1",
    "https://[::1%25lo]",
    "https://[v1.x]",
    "https://app.tradervue.com:0",
    f"https://{'x' * 64}.com",
    f"https://{'x.' * 130}com",
    f"https://app.tradervue.com/{'x' * 2000}",
]


@pytest.mark.parametrize("name", ["base_url", "site_url"])
@pytest.mark.parametrize("url", BAD)
def test_address_is_refused_at_the_start(name: str, url: str) -> None:
    """By both settings alike, in one line, without what may be a key in it."""
    with pytest.raises(ConfigError) as raised:
        Settings.from_mapping({name: url})

    assert "canary" not in str(raised.value)
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("url", BAD)
def test_client_refuses_the_same(url: str) -> None:
    """It asks the same check."""
    with pytest.raises(ConfigError):
        TradervueClient(LOGIN, base_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "https://app.tradervue.com/api/v1/",
        "HTTPS://APP.tradervue.com",
        "https://app.tradervue.com.:8443/api//v1",
        "https://xn--bcher-kva.example/%20/x",
        "https://_acme.tradervue.com",
        "http://[::1]:8765",
    ],
)
def test_other_spellings_go_on(url: str) -> None:
    """Nothing that can be reached is refused."""
    assert refusal(url) is None
    assert httpx.URL(url).host


TEXT = st.text(alphabet="ab.-_1:/[]@?#%\\ \u00e9\u2603\t", max_size=30)


@settings(max_examples=300)
@given(st.sampled_from(["https://", "https://app.", "http://localhost"]), TEXT)
def test_whatever_the_settings_take_the_client_can_ask(scheme: str, text: str) -> None:
    """It may find nobody there, and is never unable to ask."""
    url = scheme + text
    if refusal(url) is not None:
        return

    def answer(request: httpx.Request) -> httpx.Response:
        assert re.match(r"https?", request.url.scheme)
        raise httpx.ConnectError("nobody")

    transport = httpx.MockTransport(answer)
    with (
        TradervueClient(LOGIN, base_url=url, retries=1, transport=transport) as client,
        pytest.raises(Unreachable, match="nobody"),
    ):
        client.check()


def test_a_slash_at_the_end_of_the_site_makes_no_difference() -> None:
    """No address of a widget has two in a row."""
    assert Settings(site_url="https://www.tradervue.com/").site == Settings().site

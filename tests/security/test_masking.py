"""The password is taken out of a server's words, however the server wrote it."""

import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.tradervue.masking import LARGEST, masker
from tests.security.canary import PASSWORD, USERNAME
from tests.security.test_canary import FORMS

# What nobody does to a password on the way to an error page.
UNLIKELY = {"upper", "hex", "latin-1", "reversed", "percent"}
UNLIKELY |= {"base64-one-off", "base64-two-off"}
WAYS: dict[str, Callable[[str], str]] = {
    **{name: way for name, way in FORMS.items() if name not in UNLIKELY},
    "php-html": lambda text: html.escape(text).replace("&#x27;", "&#039;"),
    "php-json": lambda text: json.dumps(text).replace("/", "\\/"),
    "html-in-html": lambda text: html.escape(html.escape(text)),
    "html-in-json": lambda text: json.dumps(html.escape(text)),
    "json-in-html": lambda text: html.escape(json.dumps(text)),
    "url-in-url": lambda text: quote(quote(text)),
    "json-in-url": lambda text: quote_plus(json.dumps(text)),
    "utf-8": lambda text: json.dumps(text, ensure_ascii=False),
}
PASSWORDS = {
    "awkward": PASSWORD,
    "plain": "correcthorse",
    "backslashes": "a\\\\b\\",
    "emoji": "p\U0001f600x",
    "quotes": "p&q'r\"s<t>u v",
    "controls": "a\tb\nc\x01d",
    "form": "a+b c%20d",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("password", PASSWORDS.values(), ids=PASSWORDS)
def test_password_is_taken_out_however_it_is_written(way: str, password: str) -> None:
    """All of it; what stands around it stays."""
    mask = masker(Credentials(username=USERNAME, password=password))

    said = mask(f"before [{WAYS[way](password)}] after")
    assert said.startswith("before [")
    assert said.endswith("] after")
    assert set(said[8:-7]) <= set("*\"'\\b&quot;#34amp%5C2=")
    assert "***" in said


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=3))
def test_any_password_is_taken_out(password: str) -> None:
    """As it is, as JSON, as a debugger or a URL writes it, and as the header has it."""
    login = Credentials(username="me", password=password)
    mask = masker(login)

    for way in (str, json.dumps, quote, html.escape):
        shown = mask(f"<{way(password)}>")
        assert "***" in shown, shown
        assert way(password) not in shown or set(password) <= set("*")


def test_words_without_the_password_stay() -> None:
    """To the letter, whatever they hold."""
    mask = masker(Credentials(username=USERNAME, password=PASSWORD))

    for text in ("", "quantity must be > 0", "\\" * 5000, "%5C" * 999, "&amp;" * 999):
        assert mask(text) == text


@pytest.mark.parametrize("before", [0, 1, LARGEST - 5, LARGEST - 1, LARGEST])
def test_a_text_without_end_is_cut_where_no_secret_is(before: int) -> None:
    """Half a password is no better than the whole one."""
    mask = masker(Credentials(username="me", password="correcthorse"))

    shown = mask("." * before + "correcthorse" * (2 * LARGEST))

    assert set(shown) <= set(".*")
    assert len(shown) <= LARGEST + 12


def test_a_text_without_end_is_cut_also_without_a_password() -> None:
    """There is nothing to take out, and as little to show."""
    mask = masker(Credentials(username="me", password=""))

    assert mask("x" * (LARGEST + 1)) == "x" * LARGEST

"""The search finds the login in every form that it could have."""

import base64
import html
import json
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.security.canary import PASSWORD, USERNAME, marks_in, marks_in_files

LOGIN = f"{USERNAME}:{PASSWORD}"
FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "repr": repr,
    "repr-of-bytes": lambda text: repr(text.encode()),
    "json": json.dumps,
    "json-in-json": lambda text: json.dumps(json.dumps(text)),
    "url": lambda text: urllib.parse.quote(text, safe=""),
    "form": urllib.parse.quote_plus,
    "html": html.escape,
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64-one-off": lambda text: base64.b64encode(b"x" + text.encode()).decode(),
    "base64-two-off": lambda text: base64.b64encode(b"xy" + text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "latin-1": lambda text: text.encode().decode("latin-1"),
    "reversed": lambda text: text[::-1],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", [PASSWORD, LOGIN], ids=["password", "login"])
def test_login_is_found_in_every_form(form: str, secret: str) -> None:
    """In the middle of other text, and cut short after half of it."""
    written = FORMS[form](secret)

    assert marks_in(f"before {written} after", usernames=False)
    assert marks_in(f"before {written[: len(written) // 2]}…")
    assert marks_in(f"before {written} after".encode())


def test_other_words_are_not_the_login() -> None:
    """A search that always finds something finds nothing."""
    assert marks_in("the password was refused, HTTP 401, base64 or not") == []
    assert marks_in(f"{USERNAME}", usernames=False) == []
    assert len(marks_in(USERNAME)) == 2


def test_files_are_searched_whatever_they_hold(tmp_path: Path) -> None:
    """Also in folders, and between bytes that are no text."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.db").write_bytes(b"\x00\xff" + PASSWORD.encode() + b"\x00")
    (tmp_path / "config.json").write_text(PASSWORD)

    assert len(marks_in_files(tmp_path, but=("config.json",))) == 2
    assert marks_in_files(tmp_path, but=("config.json", "b.db")) == []

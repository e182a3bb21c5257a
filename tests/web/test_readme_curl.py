"""The README's curl lines, word for word, against a host with the routes mounted."""

import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI

from tests.web.fakes import FakeIntegration, FakePlugin, ask_host, mounted

README = Path(__file__).parents[2] / "README.md"
CURLS = re.findall(r"^curl .*$", README.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("line", CURLS)
def test_curl_line_gets_its_answer(line: str) -> None:
    """Method, path and parameters are those that the routes know."""
    words = shlex.split(line)
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    address = urlsplit(words[-1])
    app = mounted(FastAPI(), FakePlugin(FakeIntegration()))

    answer = ask_host(app, method, f"{address.path}?{address.query}")

    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] in {"success", "enabled"}


def test_every_route_has_its_curl_line() -> None:
    """A reader finds one for each."""
    shown = {urlsplit(shlex.split(line)[-1]).path.rpartition("/")[2] for line in CURLS}
    assert shown == {
        "metrics",
        "widget-url",
        "profile-url",
        "sync",
        "reconciliation",
        "status",
    }

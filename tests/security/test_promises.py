"""Each promise of the security guide is held by a test that exists."""

import ast
import re
from pathlib import Path

import pytest

import argo_tradervue_plugin

ROOT = Path(__file__).parents[2]
GUIDE = Path(argo_tradervue_plugin.__file__).parent / "guide" / "security.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PROMISES = NAMED.findall(GUIDE.read_text(encoding="utf-8"))
SECTIONS = re.compile(r"^## (Against .+)\n((?:(?!^## ).*\n)*)", re.MULTILINE)


@pytest.mark.parametrize(("file", "test"), PROMISES, ids="::".join)
def test_named_tests_exist(file: str, test: str) -> None:
    """A promise without its test would be words."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))

    assert test in {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
    }


def test_every_part_names_tests() -> None:
    """Whoever it protects against."""
    parts = SECTIONS.findall(GUIDE.read_text(encoding="utf-8"))

    assert len(parts) >= 5
    for title, text in parts:
        assert NAMED.findall(text), title


def test_the_guide_says_what_is_not_protected_and_how_to_report() -> None:
    """And where the secrets are, and when to set the names of the host."""
    text = GUIDE.read_text(encoding="utf-8")

    for title in ("Where the secrets are", "What is not protected", "How to report"):
        assert f"\n## {title}\n" in text
    assert "**Set `allowed_hosts`**" in text

"""The fake host's config is one JSON document."""

import json
from pathlib import Path

import pytest

from tests.argo.config import DEFAULT, load_config


def test_missing_file_leaves_the_defaults(tmp_path: Path) -> None:
    """A host without a config starts without plugins."""
    assert load_config(tmp_path / "config.json") == DEFAULT


def test_sections_of_the_file_win(tmp_path: Path) -> None:
    """What the file says of a section stands; the other sections are the defaults."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"plugins": {"tradervue": {"enabled": True}}}))

    config = load_config(path)

    assert config["plugins"] == {"tradervue": {"enabled": True}}
    assert config["alpaca"] == DEFAULT["alpaca"]


@pytest.mark.parametrize("text", ["[]", "not JSON"], ids=["a-list", "no-json"])
def test_broken_file_stops_the_host(tmp_path: Path, text: str) -> None:
    """The host's own config must be right; that is no plugin's business."""
    path = tmp_path / "config.json"
    path.write_text(text)

    with pytest.raises(ValueError, match=r"JSON|Expecting"):
        load_config(path)

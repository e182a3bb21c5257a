"""The host's one JSON document, a section for each integration."""

import json
from pathlib import Path
from typing import Any

__all__ = ["DEFAULT", "load_config"]

DEFAULT: dict[str, Any] = {
    "alpaca": {"enabled": True, "paper": True},
    "redis": {"enabled": False},
    "trading": {"enabled": True, "max_position_pct": 10},
    "plugins": {},
}


def load_config(path: str | Path = "config.json") -> dict[str, Any]:
    """
    Return the document at *path* over the defaults; the defaults where it is missing.

    Raises:
        ValueError: where the file is no JSON object.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return dict(DEFAULT)
    if not isinstance(document, dict):
        raise ValueError(f"{path} must hold a JSON object")  # noqa: TRY004
    return DEFAULT | document

"""Form bodies with nested names: ``executions[][symbol]=SPY&tags[]=bot``."""

import re
from collections.abc import Iterable
from typing import Final

_PIECES: Final = re.compile(r"\[([^\[\]]*)\]")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, object]:
    """
    Return *pairs* as an object of texts, lists and objects.

    ``a[]`` adds to a list; ``a[][b]`` sets ``b`` of the list's last object, and starts
    the next object when that one has a ``b`` already; ``a[b]`` sets ``b`` of an object.
    Deeper names, which the API has no use for, are taken as they are.
    """
    made: dict[str, object] = {}
    for name, value in pairs:
        root = name.partition("[")[0]
        match _PIECES.findall(name[len(root) :]):
            case [""]:
                _list(made, root).append(value)
            case ["", member]:
                rows = _list(made, root)
                last = rows[-1] if rows else None
                if not isinstance(last, dict) or member in last:
                    last = {}
                    rows.append(last)
                last[member] = value
            case [member]:
                inner = made.setdefault(root, {})
                if isinstance(inner, dict):
                    inner[member] = value
            case _:
                made[name] = value
    return made


def _list(made: dict[str, object], root: str) -> list[object]:
    rows = made.get(root)
    if not isinstance(rows, list):
        rows = made[root] = []
    return rows

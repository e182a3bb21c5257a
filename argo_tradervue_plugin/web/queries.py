"""
Query parameters for frameworks that do not check them.

What comes back for a wrong one is what FastAPI answers, so that a client need not know
which framework the host is built on.
"""

import re
from collections.abc import Mapping
from typing import Final

from argo_tradervue_plugin.web.interface import ChoiceQuery, Query

__all__ = ["read"]

# Like pydantic: 30.0 is a whole number, too.
WHOLE: Final = re.compile(r"([+-]?[0-9]+)(\.0+)?", re.ASCII)
# Far beyond every bound, and so short that no time is lost on it.
LONGEST: Final = 100


class Wrong(ValueError):
    """The text is not what it should be: *kind* for machines, *words* for people."""

    def __init__(self, kind: str, words: str, **context: object) -> None:
        super().__init__(words)
        self.kind = kind
        self.context = context


def read(
    queries: tuple[Query, ...], given: Mapping[str, str]
) -> tuple[dict[str, object], list[dict[str, object]]]:
    """
    Return the values of *queries* by name, and what is wrong with those *given*.

    What is not given has its default; what is not asked for is not looked at.
    """
    values: dict[str, object] = {}
    problems: list[dict[str, object]] = []
    for query in queries:
        text = given.get(query.name)
        if text is None:
            values[query.name] = query.default
            continue
        try:
            values[query.name] = read_one(query, text)
        except Wrong as wrong:
            problem: dict[str, object] = {
                "type": wrong.kind,
                "loc": ["query", query.name],
                "msg": f"Input should be {wrong}",
                "input": text,
            }
            if wrong.context:
                problem["ctx"] = wrong.context
            problems.append(problem)
    return values, problems


def read_one(query: Query, text: str) -> int | str:
    """
    Return what *text* says.

    Raises:
        Wrong: if it is not what *query* allows.
    """
    if isinstance(query, ChoiceQuery):
        if text in query.choices:
            return text
        *others, last = map(repr, query.choices)
        words = f"{', '.join(others)} or {last}" if others else last
        raise Wrong("literal_error", words, expected=words)
    match = WHOLE.fullmatch(text.strip())
    if match is None or len(text) > LONGEST:
        words = "a valid integer, unable to parse string as an integer"
        raise Wrong("int_parsing", words)
    value = int(match[1])
    if value < query.low:
        words = f"greater than or equal to {query.low}"
        raise Wrong("greater_than_equal", words, ge=query.low)
    if value > query.high:
        words = f"less than or equal to {query.high}"
        raise Wrong("less_than_equal", words, le=query.high)
    return value

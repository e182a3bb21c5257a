"""Query parameters where no framework checks them."""

import pytest

from argo_tradervue_plugin.web.interface import ChoiceQuery, IntQuery
from argo_tradervue_plugin.web.queries import read

DAYS = IntQuery(name="days", default=30, low=1, high=365, description="Days")
KIND = ChoiceQuery(
    name="kind", default="a", choices=("a", "b", "c"), description="Kind"
)


def test_what_is_not_given_has_its_default() -> None:
    """And what nobody asked for is not looked at."""
    assert read((DAYS, KIND), {"unknown": "1"}) == ({"days": 30, "kind": "a"}, [])


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("365", 365), ("+7", 7), ("007", 7), (" 7 ", 7), ("7.0", 7)],
)
def test_a_number_is_read(text: str, value: int) -> None:
    """In every form that FastAPI reads."""
    assert read((DAYS,), {"days": text}) == ({"days": value}, [])


@pytest.mark.parametrize(
    "text",
    ["", " ", "a", "7.5", "1e2", "0x1e", "٣", "7_0", "--7", "1" * 101, "None", "[7]"],
)
def test_what_is_no_number_is_named(text: str) -> None:
    """Type, place, words and input, as FastAPI has them."""
    _, problems = read((DAYS,), {"days": text})

    words = "Input should be a valid integer, unable to parse string as an integer"
    assert problems == [
        {"type": "int_parsing", "loc": ["query", "days"], "msg": words, "input": text}
    ]


@pytest.mark.parametrize(
    ("text", "kind", "words", "bound"),
    [
        ("0", "greater_than_equal", "greater than or equal to 1", {"ge": 1}),
        ("-9", "greater_than_equal", "greater than or equal to 1", {"ge": 1}),
        ("366", "less_than_equal", "less than or equal to 365", {"le": 365}),
        ("9" * 99, "less_than_equal", "less than or equal to 365", {"le": 365}),
    ],
    ids=["below", "negative", "above", "far above"],
)
def test_a_number_out_of_bounds_is_named(
    text: str, kind: str, words: str, bound: dict[str, int]
) -> None:
    """With the bound that it breaks."""
    _, problems = read((DAYS,), {"days": text})

    assert problems == [
        {
            "type": kind,
            "loc": ["query", "days"],
            "msg": f"Input should be {words}",
            "input": text,
            "ctx": bound,
        }
    ]


@pytest.mark.parametrize("text", ["", "A", "d", "a b", " a"])
def test_a_word_that_is_no_choice_is_named(text: str) -> None:
    """With all that can be chosen."""
    _, problems = read((KIND,), {"kind": text})

    assert problems == [
        {
            "type": "literal_error",
            "loc": ["query", "kind"],
            "msg": "Input should be 'a', 'b' or 'c'",
            "input": text,
            "ctx": {"expected": "'a', 'b' or 'c'"},
        }
    ]


def test_all_that_is_wrong_is_told_at_once() -> None:
    """A person does not want to find out one by one."""
    _, problems = read((DAYS, KIND), {"days": "x", "kind": "y"})

    assert [problem["loc"] for problem in problems] == [
        ["query", "days"],
        ["query", "kind"],
    ]


def test_a_single_choice_reads_well() -> None:
    """Without an 'or'."""
    only = ChoiceQuery(name="kind", default="a", choices=("a",), description="Kind")

    _, problems = read((only,), {"kind": "b"})

    assert problems[0]["msg"] == "Input should be 'a'"

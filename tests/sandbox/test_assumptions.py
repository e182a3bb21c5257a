"""Assumptions: named, explained, switchable, and nothing else."""

from decimal import Decimal
from typing import Any

import pytest

from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.sandbox.assumptions import Assumptions, described


def test_every_assumption_says_what_it_means() -> None:
    """Each has a meaning, and its default is the first of its choices if it has any."""
    for name, default, choices, meaning in described():
        assert meaning, name
        assert not choices or choices[0] == default
        assert not choices or len(choices) > 1


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, choice) for name, _, choices, _ in described() for choice in choices],
)
def test_every_choice_can_be_made_as_text(name: str, value: object) -> None:
    """What the help lists is what ``NAME=VALUE`` takes."""
    assert getattr(Assumptions().switched({name: str(value)}), name) == value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("quota", "30", 30),
        ("read_delay_seconds", "0.5", Decimal("0.5")),
        ("default_initial_risk", "12.50", Decimal("12.5")),
        ("default_initial_risk", "none", None),
        ("notes_template", "Setup:", "Setup:"),
    ],
)
def test_free_values_are_read_as_their_kind(
    name: str, text: str, value: object
) -> None:
    """Numbers are numbers, money is decimal, texts are texts."""
    assert getattr(Assumptions().switched({name: text}), name) == value


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("colour", "red", "no assumption is called 'colour'"),
        ("plan", "platinum", "none of: gold, silver, free"),
        ("quota", "many", "not a number"),
        ("quota", "-1", "below zero"),
    ],
)
def test_what_does_not_exist_is_refused(name: str, value: str, says: str) -> None:
    """A typing error cannot pass for a switch."""
    with pytest.raises(ValueError, match=says):
        Assumptions().switched({name: value})


def test_a_switch_leaves_the_former_as_they_were() -> None:
    """Assumptions are values: a switch makes new ones."""
    before = Assumptions()
    after = before.switched({"plan": "free"})
    assert (before.plan, after.plan) == ("gold", "free")


@pytest.mark.parametrize(("assumed", "commission"), [("applied", 1.5), ("ignored", 0)])
def test_default_commissions_may_be_left_out(
    api: Any, sandbox: Sandbox, assumed: str, commission: float
) -> None:
    """Where a user's settings name them; whether they reach the API is a guess."""
    sandbox.assume(default_commissions=assumed)
    sandbox.account("me").settings = {"commission_stocks": "0.005"}
    bare = {"symbol": "A", "quantity": -300, "price": 1}
    api.send({**bare, "datetime": "2026-03-05T10:00:00-05:00"})

    assert [trade["commission"] for trade in api.trades()] == [commission]


def test_words_of_a_failed_import_may_be_others(api: Any, sandbox: Sandbox) -> None:
    """Only one of them is documented; no client may lean on them."""
    bad = {"symbol": "A", "quantity": "x", "price": 1}
    for words in ("at least one data row had", "Somewhere there is"):
        sandbox.assume(bad_row_text=words)
        info = api.send(bad)["info"]
        assert info["error_description"] == f"{words} an invalid quantity"

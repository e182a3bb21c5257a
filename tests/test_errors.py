"""The error tree answers one question for each branch, and no text forges a line."""

import inspect
import re

import pytest

from argo_tradervue_plugin import errors
from argo_tradervue_plugin.errors import (
    LONGEST_QUOTE,
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    ConfigError,
    CredentialsError,
    LeaseLost,
    NotFound,
    OutboxError,
    RateLimited,
    Refused,
    ServerError,
    TradeError,
    TradervueError,
    Unreachable,
    one_line,
)

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, Exception)
}


def drawn_parents() -> dict[str, str]:
    """Return who stands under whom in the tree at the top of the module."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^([\s│├└─]*)([A-Z]\w+)", line)
        if match is None or match[2] not in CLASSES:
            continue
        depth, name = len(match[1]), match[2]
        above = [(d, n) for d, n in above if d < depth]
        parents[name] = above[-1][1] if above else ""
        above.append((depth, name))
    return parents


def test_tree_at_the_top_is_the_real_one() -> None:
    """Every class is drawn, and under the class that it really inherits from."""
    real = {
        name: base if (base := cls.__mro__[1].__name__) in CLASSES else ""
        for name, cls in CLASSES.items()
    }
    # A 429 is handled as a 5xx, but it is another answer: drawn beside it.
    real["RateLimited"] = "ApiError"

    assert drawn_parents() == real


def test_public_names_are_sorted_and_complete() -> None:
    """``__all__`` has every error and the one helper, in order."""
    assert errors.__all__ == sorted(errors.__all__)
    assert set(errors.__all__) == {*CLASSES, "one_line"}


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_error_says_what_it_means(name: str) -> None:
    """Each class has a docstring of its own."""
    assert CLASSES[name].__doc__
    assert CLASSES[name].__doc__ != Exception.__doc__


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param("two\nlines", "two lines", id="line-feed"),
        pytest.param("a\r\nb", "a b", id="crlf"),
        pytest.param("a\u2028b\x85c", "a b c", id="unicode-line-ends"),
        pytest.param("\x1b[31mred\x1b[0m", "[31mred [0m", id="terminal-colours"),
        pytest.param("a\x00b", "a b", id="nul"),
        pytest.param("  a \t b  ", "a b", id="blanks"),
        pytest.param("", "", id="empty"),
        pytest.param("\ud800x", "x", id="lone-surrogate"),
        pytest.param("Grüße ✅", "Grüße ✅", id="letters-of-other-languages"),
    ],
)
def test_one_line_is_one_printable_line(text: str, expected: str) -> None:
    """Whatever comes from outside cannot begin a line of its own in a log."""
    assert one_line(text) == expected


@pytest.mark.parametrize("extra", [-1, 0, 1, 1000])
def test_one_line_is_cut_where_it_is_too_long(extra: int) -> None:
    """The result never exceeds the limit; where something is missing an ellipsis is."""
    text = one_line("x" * (LONGEST_QUOTE + extra))

    assert len(text) == min(LONGEST_QUOTE, LONGEST_QUOTE + extra)
    assert text.endswith("…") is (extra > 0)


def test_config_error_holds_every_problem() -> None:
    """The text is one line for the log, the problems are apart for a page."""
    error = ConfigError(["a is wrong", "b is wrong"])

    assert str(error) == "a is wrong; b is wrong"
    assert error.problems == ["a is wrong", "b is wrong"]


def test_trade_error_names_field_and_value() -> None:
    """The operator reads which field of the trade is wrong, and what is in it."""
    error = TradeError("quantity", "many\nshares", "must be a number")

    assert str(error) == r"quantity='many\nshares': must be a number"
    assert (error.field, error.value) == ("quantity", "many\nshares")


def test_trade_error_cuts_a_long_value() -> None:
    """A megabyte in a field does not fill the log."""
    assert len(str(TradeError("symbol", "x" * 10**6, "must be short"))) < 200


def test_status_is_none_where_no_answer_came() -> None:
    """Whether the request may have arrived is told, and taken to be so by default."""
    assert Unreachable("no answer").status is None
    assert Unreachable("no answer").sent is True
    assert Unreachable("no connection", sent=False).sent is False


def test_server_error_says_when_to_come_back() -> None:
    """``retry_after`` is in seconds, None where Tradervue did not say."""
    assert RateLimited("slow down", status=429, retry_after=7.0).retry_after == 7.0
    assert ServerError("down", status=503).retry_after is None


@pytest.mark.parametrize(
    ("error", "branch"),
    [
        pytest.param(ConfigError([]), TradervueError, id="config"),
        pytest.param(CredentialsError(""), TradervueError, id="credentials"),
        pytest.param(LeaseLost(""), OutboxError, id="lease"),
        pytest.param(BadAnswer(""), ApiError, id="bad-answer"),
        pytest.param(AuthenticationFailed(""), Refused, id="refused"),
        pytest.param(NotFound(""), Refused, id="not-found"),
    ],
)
def test_error_is_caught_by_its_branch(
    error: Exception, branch: type[Exception]
) -> None:
    """A caller that decides by branch catches the leaves."""
    assert isinstance(error, branch)


def test_of_a_text_without_end_only_the_beginning_is_looked_at() -> None:
    """It is cut before anything else is done with it, and says that it was."""
    looked_at = LONGEST_QUOTE * errors.LARGEST_RATIO

    assert one_line("\n" * looked_at + "x") == "…"
    assert one_line("a" + " " * looked_at + "b") == "a…"
    assert one_line("a" + " " * (looked_at - 2) + "b") == "a b"

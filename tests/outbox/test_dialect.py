"""Parameters as SQLite writes them become psycopg's, and nothing else changes."""

import pytest

from argo_tradervue_plugin.outbox.dialect import portable


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param("a = ? AND b = ?", "a = %s AND b = %s", id="marks"),
        pytest.param("a <= :now_1", "a <= %(now_1)s", id="name"),
        pytest.param("IN (?,?,?)", "IN (%s,%s,%s)", id="list"),
        pytest.param("'what? :that 5 %'", "'what? :that 5 %%'", id="text"),
        pytest.param("a % 2", "a %% 2", id="per cent"),
        pytest.param("a::text", "a::text", id="cast"),
        pytest.param("'it''s :x' || :x", "'it''s :x' || %(x)s", id="quote in a text"),
    ],
)
def test_only_parameters_are_translated(sql: str, expected: str) -> None:
    """Texts in quotes stay what they are, but for what psycopg would misread."""
    assert portable(sql) == expected.encode()

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
        pytest.param(
            "FROM trades t JOIN lease l",
            'FROM "s".trades t JOIN "s".lease l',
            id="tables",
        ),
        pytest.param(
            "INSERT INTO inbox SELECT 1 FROM pg_class",
            'INSERT INTO "s".inbox SELECT 1 FROM pg_class',
            id="into",
        ),
        pytest.param(
            "UPDATE lease SET token = lease.token",
            'UPDATE "s".lease SET token = lease.token',
            id="update",
        ),
        pytest.param(
            "ON CONFLICT DO UPDATE SET counts",
            "ON CONFLICT DO UPDATE SET counts",
            id="conflict",
        ),
        pytest.param("'from FROM trades'", "'from FROM trades'", id="table in a text"),
        pytest.param("FROM trades_of x", "FROM trades_of x", id="another name"),
        pytest.param("'it''s :x' || :x", "'it''s :x' || %(x)s", id="quote in a text"),
    ],
)
def test_only_parameters_and_tables_are_translated(sql: str, expected: str) -> None:
    """Texts in quotes stay what they are, but for what psycopg would misread."""
    assert portable(sql, "s") == expected.encode()


def test_schema_may_have_any_name() -> None:
    """It is quoted, and nothing in it is a parameter."""
    assert portable("FROM trades", 'a"b%s') == b'FROM "a""b%%s".trades'

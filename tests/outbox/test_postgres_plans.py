"""What is asked in every step costs the same with a million rows, on a server too."""

from collections.abc import Iterator
from typing import Any, Final

import psycopg
import pytest

from argo_tradervue_plugin.outbox.postgres import Postgres
from argo_tradervue_plugin.outbox.session import Session
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.asking import HOT, ask
from tests.outbox.server import Server

TRADES: Final = 20_000
MOST: Final = 2_000  # rows looked at for one answer; the tables have ten times as many
LARGE: Final = (
    "executions",
    "trades",
    "history",
    "imports",
    "records",
    "outcomes",
    "acceptances",
)
# Tables that hold no more than what has just come in, or a row for each state.
SMALL: Final = {
    *("conditions", "counts", "inbox", "lease", "overlays", "resends", "results"),
}

FILL: Final = """
INSERT INTO trades
SELECT 't' || n, 'S' || n % 300, 1, 'argo', 1700000000 + n,
       CASE WHEN n % 50 = 0 THEN NULL ELSE 1700000100 + n END,
       n, CASE WHEN n % 400 = 0 THEN n END, n % 2000 = 0, 0, 0
  FROM generate_series(1, :trades) n;
INSERT INTO records (trade_id, host_id, recorded_at, facts)
SELECT 't' || n, 't' || n / 2, n,
       '{"trade_id":"t' || n || '","host_id":"t' || n / 2 || '"}'
  FROM generate_series(1, :trades) n;
INSERT INTO outcomes (trade_id, code, host, journal, since)
SELECT 't' || n, 'joined', '', '', n FROM generate_series(1, :trades, 20) n;
INSERT INTO acceptances (trade_id, journal_id, host, journal, accepted_at)
SELECT 't' || n, 0, '', '', n FROM generate_series(1, :trades, 40) n;
INSERT INTO history (trade_id, kind, at, state)
SELECT 't' || n, kind, 1, 'synced'
  FROM generate_series(1, :trades) n, unnest(ARRAY['entry', 'exit']) kind;
INSERT INTO imports (account_tag, allow_duplicates, noted_at, finished_at, stage)
SELECT 'argo', FALSE, 1, 2, CASE WHEN n = 7 THEN 'noted' ELSE 'settled' END
  FROM generate_series(1, :trades) n;
INSERT INTO inbox (trade_id, kind, identity, payload, recorded_at)
SELECT 'n' || n, 'entry', 'i', '{}', 1 FROM generate_series(1, 20) n;
INSERT INTO overlays SELECT 't' || n, '1' FROM generate_series(1, :trades, 3000) n;
"""

# A transaction for each batch: the triggers count each row, and what a transaction
# counted before is passed over at each further one.
BATCH: Final = 500
FILL_EXECUTIONS: Final = """
INSERT INTO executions
       (trade_id, kind, recorded_at, state, symbol, quantity, price, executed_at,
        account_tag, import_id, journal_id)
SELECT 't' || n, kind, 1,
       CASE WHEN n % 1000 = 0 THEN 'quarantined' WHEN n % 500 = 1 THEN 'recorded'
            WHEN n % 997 = 2 THEN 'sent' ELSE 'synced' END,
       'S' || n % 300, '10', '1', 1700000000 + n, 'argo', n / 100, n
  FROM generate_series(:first, :last) n, unnest(ARRAY['entry', 'exit']) kind
"""


@pytest.fixture(scope="module", params=["fresh", "analysed"])
def filled(request: pytest.FixtureRequest, postgres_server: Server) -> Iterator[Outbox]:
    """An outbox with many rows; the server may not know yet how many."""
    with postgres_server.database() as url:
        outbox = Outbox(Postgres(url))
        # Not on the outbox's own connection, which waits for no answer for so long.
        with psycopg.connect(url, autocommit=True) as raw:
            raw.execute("SET search_path = argo_tradervue")
            for table in LARGE:
                quiet = f"ALTER TABLE {table} SET (autovacuum_enabled = off)"
                raw.execute(quiet.encode())
            raw.execute(FILL.replace(":trades", str(TRADES)).encode())
            for first in range(1, TRADES, BATCH):
                sql = FILL_EXECUTIONS.replace(":first", str(first))
                raw.execute(sql.replace(":last", str(first + BATCH - 1)).encode())
            if request.param == "analysed":
                raw.execute("VACUUM ANALYZE")
        yield outbox
        outbox.close()


def parts_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the steps of a plan."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from parts_of(part)


def plans_of(
    outbox: Outbox, method: str, patch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """Yield the plan of every statement of *method*, with what it looked at."""
    statements = []
    execute = Session.execute

    def noted(self: Session, sql: str, parameters: Any = (), /) -> Any:
        statements.append((sql, parameters))
        return execute(self, sql, parameters)

    patch.setattr(Session, "execute", noted)
    ask(outbox, method)
    patch.undo()
    assert statements
    for sql, parameters in statements:
        told = outbox.engine.connection().execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters
        )
        yield told.fetchone()[0][0]["Plan"]


def looked_at(part: dict[str, Any]) -> int:
    """Return how many rows a step had in hand, those that it threw away included."""
    thrown = ("Rows Removed by Filter", "Rows Removed by Join Filter")
    rows = part["Actual Rows"] + sum(part.get(name, 0) for name in thrown)
    return int(rows * part["Actual Loops"])


@pytest.mark.parametrize("method", HOT)
def test_hot_query_looks_at_few_rows(
    filled: Outbox, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an index, also before the server has counted what is there."""
    for plan in plans_of(filled, method, monkeypatch):
        parts = list(parts_of(plan))
        scanned = {p["Relation Name"] for p in parts if p["Node Type"] == "Seq Scan"}

        assert scanned <= SMALL, plan
        assert max(map(looked_at, parts)) < MOST, plan

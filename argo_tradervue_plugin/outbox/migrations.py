"""
The schema and how it came to be: one script a version, applied once and in order.

Prices and quantities are kept as text, so that no number is ever rounded by us. The
counts of states and the history are kept by triggers: whoever changes a state, in
whatever way, leaves both true.
"""

from typing import Final

__all__ = ["SQLITE"]

SQLITE: Final = (
    """
    -- What hooks write: no index and no trigger, since every page that a commit
    -- touches costs the trading loop some microseconds. The worker folds the rows into
    -- executions, which is where an event that came twice becomes one.
    CREATE TABLE inbox (
      seq         INTEGER PRIMARY KEY,
      trade_id    TEXT NOT NULL,
      kind        TEXT NOT NULL,
      identity    TEXT NOT NULL,
      payload     TEXT NOT NULL,
      recorded_at REAL NOT NULL
    ) STRICT;

    CREATE TABLE executions (
      seq         INTEGER PRIMARY KEY,
      trade_id    TEXT NOT NULL,
      kind        TEXT NOT NULL CHECK (kind IN ('entry', 'exit')),
      identity    TEXT NOT NULL,
      payload     TEXT NOT NULL,
      recorded_at REAL NOT NULL,
      state       TEXT NOT NULL DEFAULT 'new',
      symbol      TEXT,
      quantity    TEXT,
      price       TEXT,
      commission  TEXT,
      executed_at INTEGER,
      account_tag TEXT NOT NULL DEFAULT '',
      twin        INTEGER NOT NULL DEFAULT 0,
      import_id   INTEGER,
      journal_id  INTEGER,
      attempts    INTEGER NOT NULL DEFAULT 0,
      due_at      REAL NOT NULL DEFAULT 0,
      reason      TEXT,
      updated_at  REAL NOT NULL DEFAULT 0,
      UNIQUE (trade_id, kind)
    ) STRICT;
    CREATE INDEX due_executions ON executions (due_at, seq) WHERE state = 'recorded';
    CREATE INDEX importable ON executions (account_tag, twin, executed_at, kind, seq)
     WHERE state = 'recorded';
    CREATE INDEX under_way ON executions (seq)
     WHERE state IN ('recorded', 'sent', 'imported', 'linked');
    CREATE INDEX waiting_for_a_person ON executions (seq)
     WHERE state IN ('quarantined', 'basic');
    CREATE INDEX equal_executions ON executions (symbol, executed_at)
     WHERE symbol IS NOT NULL;
    CREATE INDEX of_import ON executions (import_id) WHERE import_id IS NOT NULL;

    CREATE TABLE trades (
      trade_id    TEXT PRIMARY KEY,
      symbol      TEXT NOT NULL,
      slot        INTEGER NOT NULL,
      account_tag TEXT NOT NULL,
      entry_at    INTEGER NOT NULL,
      exit_at     INTEGER,
      journal_id  INTEGER,
      basic_id    INTEGER,
      annotate    INTEGER NOT NULL DEFAULT 0,
      attempts    INTEGER NOT NULL DEFAULT 0,
      due_at      REAL NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX slots ON trades (symbol, exit_at);
    CREATE INDEX linked ON trades (journal_id) WHERE journal_id IS NOT NULL;
    CREATE INDEX basic ON trades (basic_id) WHERE basic_id IS NOT NULL;
    CREATE INDEX to_annotate ON trades (account_tag, entry_at) WHERE annotate;

    CREATE TABLE imports (
      id               INTEGER PRIMARY KEY,
      account_tag      TEXT NOT NULL,
      allow_duplicates INTEGER NOT NULL,
      stage            TEXT NOT NULL DEFAULT 'noted',
      noted_at         REAL NOT NULL,
      finished_at      REAL,
      outcome          TEXT
    ) STRICT;
    CREATE INDEX unsettled ON imports (id) WHERE stage <> 'settled';

    -- Commissions that the host learned after the execution was in the journal.
    CREATE TABLE overlays (
      trade_id   TEXT PRIMARY KEY,
      commission TEXT NOT NULL,
      attempts   INTEGER NOT NULL DEFAULT 0,
      due_at     REAL NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE lease (
      name       TEXT PRIMARY KEY,
      holder     TEXT NOT NULL,
      token      INTEGER NOT NULL,
      expires_at REAL NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE history (
      seq      INTEGER PRIMARY KEY,
      trade_id TEXT NOT NULL,
      kind     TEXT NOT NULL,
      at       REAL NOT NULL,
      state    TEXT NOT NULL,
      detail   TEXT
    ) STRICT;
    CREATE INDEX history_of ON history (trade_id, seq);

    CREATE TABLE counts (
      state     TEXT PRIMARY KEY,
      number    INTEGER NOT NULL,
      last_at   REAL NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER state_changed AFTER UPDATE OF state ON executions
    WHEN OLD.state <> NEW.state
    BEGIN
      UPDATE counts SET number = number - 1 WHERE state = OLD.state;
      INSERT INTO counts VALUES (NEW.state, 1, NEW.updated_at)
      ON CONFLICT DO UPDATE SET number = number + 1, last_at = excluded.last_at;
      INSERT INTO history (trade_id, kind, at, state, detail)
      VALUES (NEW.trade_id, NEW.kind, NEW.updated_at, NEW.state, NEW.reason);
    END;
    """,
)

"""
The schema and how it came to be: one script a version, applied once and in order.

It is written once, as SQLite takes it. PostgreSQL's tables are the same by rule; only
triggers, and what a version changes in a table, are written for each.

Prices and quantities are kept as text, so that no number is ever rounded by us. The
counts of states and the history are kept by triggers: whoever changes a state, in
whatever way, leaves both true.
"""

import re
from typing import Final, NamedTuple

__all__ = ["POSTGRES", "SQLITE", "WITH_RECORDS"]

# The version that keeps records; those of what is there are made along with it.
WITH_RECORDS: Final = 3


class Version(NamedTuple):
    """What a version adds: for both engines, and then for each of them."""

    both: str
    sqlite: str = ""
    postgres: str = ""


VERSIONS: Final = (
    Version(
        both="""
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
    """,
        sqlite="""
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
        postgres="""
    -- Rows come and go; they are swept up by number, since there are never many.
    ALTER TABLE inbox SET
      (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
    -- There are few, but nothing here is to be found by reading a whole table.
    CREATE INDEX due_overlays ON overlays (due_at);
    -- One row, there from the beginning: whoever writes locks it, as SQLite locks the
    -- file. So there is one writer at a time, and the history is in the order of the
    -- commits. A token of 0 is nobody's.
    INSERT INTO lease VALUES ('forward', '', 0, 0);
    CREATE FUNCTION note_state() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE counts SET number = number - 1 WHERE state = OLD.state;
      INSERT INTO counts VALUES (NEW.state, 1, NEW.updated_at)
      ON CONFLICT (state)
      DO UPDATE SET number = counts.number + 1, last_at = excluded.last_at;
      INSERT INTO history (trade_id, kind, at, state, detail)
      VALUES (NEW.trade_id, NEW.kind, NEW.updated_at, NEW.state, NEW.reason);
      RETURN NULL;
    END $$;
    CREATE TRIGGER state_changed AFTER UPDATE OF state ON executions
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION note_state();
    """,
    ),
    Version(
        both="""
    -- Of a trade that was finished long ago this row stays, and tells what became of
    -- it: told again it is known, and its place in the journal stays taken.
    ALTER TABLE trades ADD COLUMN finished TEXT;
    ALTER TABLE trades ADD COLUMN identity TEXT;
    CREATE INDEX executed ON executions (executed_at);
    CREATE INDEX exits_to_send ON executions (symbol, account_tag, executed_at)
     WHERE state = 'recorded' AND kind = 'exit';
    """,
        sqlite="""
    CREATE TRIGGER row_removed AFTER DELETE ON executions
    BEGIN
      UPDATE counts SET number = number - 1 WHERE state = OLD.state;
    END;
    """,
        postgres="""
    CREATE FUNCTION note_removal() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE counts SET number = number - 1 WHERE state = OLD.state;
      RETURN NULL;
    END $$;
    CREATE TRIGGER row_removed AFTER DELETE ON executions
    FOR EACH ROW EXECUTE FUNCTION note_removal();
    """,
    ),
    Version(
        both="""
    -- A leg of a trade may have several executions: what was filled later, and an exit
    -- in parts. What a host has recorded of a trade is kept once, apart from them.
    CREATE TABLE records (
      trade_id    TEXT PRIMARY KEY,
      host_id     TEXT NOT NULL,
      recorded_at REAL NOT NULL,
      facts       TEXT NOT NULL,
      finished    INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX of_host ON records (host_id, recorded_at);

    -- What a person should know of a trade beside its state.
    CREATE TABLE outcomes (
      trade_id TEXT NOT NULL,
      code     TEXT NOT NULL,
      host     TEXT NOT NULL,
      journal  TEXT NOT NULL,
      since    REAL NOT NULL,
      PRIMARY KEY (trade_id, code)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX oldest_outcomes ON outcomes (since, trade_id, code);
    CREATE INDEX outcomes_by_code ON outcomes (code, trade_id);

    -- Trades that a person wants deleted in the journal and sent again. What has to
    -- move along is kept here: once they are deleted it is nowhere else.
    CREATE TABLE resends (
      trade_id       TEXT PRIMARY KEY,
      stage          TEXT NOT NULL,
      asked_at       REAL NOT NULL,
      drops_comments INTEGER NOT NULL,
      kept           TEXT NOT NULL DEFAULT '',
      reason         TEXT,
      attempts       INTEGER NOT NULL DEFAULT 0,
      due_at         REAL NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX due_resends ON resends (due_at) WHERE stage <> 'refused';

    -- What was said of the account, and when, so that it is not said all the time.
    CREATE TABLE notices (
      code    TEXT PRIMARY KEY,
      said_at REAL NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- What a person has accepted as it is: a trade (journal_id 0), or a journal trade
    -- of no host trade (an empty trade_id). It holds while both digests do.
    CREATE TABLE acceptances (
      trade_id    TEXT NOT NULL,
      journal_id  INTEGER NOT NULL,
      host        TEXT NOT NULL,
      journal     TEXT NOT NULL,
      accepted_at REAL NOT NULL,
      PRIMARY KEY (trade_id, journal_id)
    ) STRICT, WITHOUT ROWID;

    ALTER TABLE trades ADD COLUMN risk TEXT;
    -- What was refused is certainly not stored.
    UPDATE executions SET import_id = NULL WHERE state = 'basic';
    -- An import of which the journal does not show everything yet is looked for again,
    -- for as long as it takes.
    ALTER TABLE imports ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE imports ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE imports ADD COLUMN due_at REAL NOT NULL DEFAULT 0;
    CREATE INDEX waiting_imports ON imports (due_at) WHERE stage = 'waiting';

    -- What holds for the sending as a whole, such as that Tradervue refuses all of it.
    CREATE TABLE conditions (
      name  TEXT PRIMARY KEY,
      facts TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
        sqlite="""
    -- What is recorded there is read by upgrade.py, which removes the table.
    DROP TRIGGER state_changed;
    DROP TRIGGER row_removed;
    DROP INDEX due_executions;
    DROP INDEX importable;
    DROP INDEX under_way;
    DROP INDEX waiting_for_a_person;
    DROP INDEX equal_executions;
    DROP INDEX of_import;
    DROP INDEX executed;
    DROP INDEX exits_to_send;
    ALTER TABLE executions RENAME TO upgraded;
    CREATE TABLE executions (
      seq         INTEGER PRIMARY KEY,
      trade_id    TEXT NOT NULL,
      kind        TEXT NOT NULL CHECK (kind IN ('entry', 'exit')),
      part        INTEGER NOT NULL DEFAULT 1,
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
      unsure      INTEGER NOT NULL DEFAULT 0,
      remark      TEXT,
      closes      TEXT,
      UNIQUE (trade_id, kind, part)
    ) STRICT;
    INSERT INTO executions SELECT seq, trade_id, kind, 1, recorded_at, state, symbol,
      quantity, price, commission, executed_at, account_tag, twin, import_id,
      journal_id, attempts, due_at, reason, updated_at, 0, NULL, NULL FROM upgraded;

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
    CREATE INDEX executed ON executions (executed_at);
    CREATE INDEX exits_to_send ON executions (symbol, account_tag, executed_at)
     WHERE state = 'recorded' AND kind = 'exit';
    CREATE INDEX closing_others ON executions (closes, executed_at, seq)
     WHERE closes IS NOT NULL;
    CREATE INDEX entries_to_show ON executions (symbol, account_tag)
     WHERE kind = 'entry' AND state IN ('sent', 'imported');
    CREATE TRIGGER row_made AFTER INSERT ON executions
    WHEN NEW.state <> 'new'
    BEGIN
      INSERT INTO counts VALUES (NEW.state, 1, NEW.updated_at)
      ON CONFLICT DO UPDATE SET number = number + 1, last_at = excluded.last_at;
      INSERT INTO history (trade_id, kind, at, state, detail)
      VALUES (NEW.trade_id, NEW.kind, NEW.updated_at, NEW.state, NEW.reason);
    END;
    CREATE TRIGGER state_changed AFTER UPDATE OF state ON executions
    WHEN OLD.state <> NEW.state
    BEGIN
      UPDATE counts SET number = number - 1 WHERE state = OLD.state;
      INSERT INTO counts VALUES (NEW.state, 1, NEW.updated_at)
      ON CONFLICT DO UPDATE SET number = number + 1, last_at = excluded.last_at;
      INSERT INTO history (trade_id, kind, at, state, detail)
      VALUES (NEW.trade_id, NEW.kind, NEW.updated_at, NEW.state, NEW.reason);
    END;
    CREATE TRIGGER row_removed AFTER DELETE ON executions
    BEGIN
      UPDATE counts SET number = number - 1 WHERE state = OLD.state;
    END;
    """,
        postgres="""
    -- What is recorded there is read by upgrade.py, which removes the table.
    CREATE TABLE upgraded AS SELECT seq, trade_id, kind, payload, recorded_at, state,
      import_id, journal_id, reason, quantity, executed_at FROM executions;
    ALTER TABLE upgraded ADD PRIMARY KEY (trade_id, kind);
    ALTER TABLE executions DROP COLUMN identity;
    ALTER TABLE executions DROP COLUMN payload;
    ALTER TABLE executions ADD COLUMN part BIGINT NOT NULL DEFAULT 1;
    ALTER TABLE executions ADD COLUMN unsure BOOLEAN NOT NULL DEFAULT FALSE;
    ALTER TABLE executions ADD COLUMN remark TEXT COLLATE "C";
    ALTER TABLE executions ADD COLUMN closes TEXT COLLATE "C";
    CREATE INDEX closing_others ON executions (closes, executed_at, seq)
     WHERE closes IS NOT NULL;
    CREATE INDEX entries_to_show ON executions (symbol, account_tag)
     WHERE kind = 'entry' AND state IN ('sent', 'imported');
    ALTER TABLE executions DROP CONSTRAINT executions_trade_id_kind_key;
    ALTER TABLE executions ADD CONSTRAINT executions_key UNIQUE (trade_id, kind, part);
    CREATE FUNCTION note_new_row() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO counts VALUES (NEW.state, 1, NEW.updated_at)
      ON CONFLICT (state)
      DO UPDATE SET number = counts.number + 1, last_at = excluded.last_at;
      INSERT INTO history (trade_id, kind, at, state, detail)
      VALUES (NEW.trade_id, NEW.kind, NEW.updated_at, NEW.state, NEW.reason);
      RETURN NULL;
    END $$;
    CREATE TRIGGER row_made AFTER INSERT ON executions
    FOR EACH ROW WHEN (NEW.state <> 'new') EXECUTE FUNCTION note_new_row();
    """,
    ),
    Version(
        both="""
    -- Whose journal this outbox is sent to: one row, or none before the login was first
    -- accepted. purpose is 'host' or 'replay'.
    CREATE TABLE account (
      number     INTEGER PRIMARY KEY CHECK (number = 1),
      base_url   TEXT NOT NULL,
      login      TEXT NOT NULL,
      user_id    INTEGER,
      purpose    TEXT NOT NULL,
      stamped_at REAL NOT NULL
    ) STRICT;

    -- What each process that has this outbox open knows of itself, as JSON.
    CREATE TABLE processes (
      name    TEXT PRIMARY KEY,
      seen_at REAL NOT NULL,
      facts   TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- Passwords that Tradervue has refused, as salted digests.
    CREATE TABLE refusals (
      digest   TEXT PRIMARY KEY,
      salt     TEXT NOT NULL,
      count    INTEGER NOT NULL,
      first_at REAL NOT NULL,
      last_at  REAL NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- The metrics of periods as they were computed last, as JSON.
    CREATE TABLE results (
      start_day TEXT NOT NULL,
      end_day   TEXT NOT NULL,
      as_of     REAL NOT NULL,
      asked_at  REAL NOT NULL,
      facts     TEXT NOT NULL,
      PRIMARY KEY (start_day, end_day)
    ) STRICT, WITHOUT ROWID;
    """,
    ),
    Version(
        both="""
    -- Up to which number each spool was drained into this outbox.
    CREATE TABLE drained (
      spool  TEXT PRIMARY KEY,
      number INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    ),
)

FLAGS: Final = "twin|annotate|allow_duplicates|drops_comments|finished"
# Texts are compared byte by byte, as SQLite does, so that no locale decides what comes
# first.
RULES: Final = (
    (r"INTEGER PRIMARY KEY,", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"),
    (rf"\b({FLAGS})( +)INTEGER\b", r"\1\2BOOLEAN"),
    (r"BOOLEAN NOT NULL DEFAULT 0", "BOOLEAN NOT NULL DEFAULT FALSE"),
    (r"\bINTEGER\b", "BIGINT"),
    (r"\bREAL\b", "DOUBLE PRECISION"),
    (r"\bTEXT\b", 'TEXT COLLATE "C"'),
    (r"\) STRICT(, WITHOUT ROWID)?;", ");"),
)


def for_postgres(script: str) -> str:
    """Return *script* with the types of PostgreSQL."""
    for pattern, replacement in RULES:
        script = re.sub(pattern, replacement, script)
    return script


SQLITE: Final = tuple(v.both + v.sqlite for v in VERSIONS)
POSTGRES: Final = tuple(for_postgres(v.both) + v.postgres for v in VERSIONS)

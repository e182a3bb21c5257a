"""What the outbox changes, in SQL over one open connection."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.records import (
    Difference,
    TradeRecord,
    as_text,
    found_record,
    from_text,
    host_id_in,
    identity_of_record,
)
from argo_tradervue_plugin.outbox.kept import PUT_BACK, Drained, putting_back
from argo_tradervue_plugin.outbox.records import (
    Acceptance,
    Event,
    ImportRow,
    Resend,
    ResultRow,
    Row,
    State,
)
from argo_tradervue_plugin.outbox.rows import (
    CLOSING,
    EXECUTION,
    IMPORT,
    NEVER,
    RESEND,
    RESULT,
    ROW,
    Connection,
    as_row,
    batches,
    placeholders,
    replaced,
    to_epoch,
    upsert,
)

__all__ = ["Writer"]


# Another execution of the trade that waits is a twin: they go together.
PAIRED: Final = """
EXISTS (SELECT 1 FROM executions e WHERE e.twin AND e.trade_id = :trade_id
AND NOT (e.kind = :kind AND e.part = :part) AND e.state = 'recorded')
"""

# A journal may remember what was deleted, and take it for a duplicate.
RESENT: Final = """
EXISTS (SELECT 1 FROM resends r WHERE r.trade_id = :trade_id AND r.stage = 'sent')
"""
# While a trade is being deleted nothing of it is sent.
HELD: Final = """
EXISTS (SELECT 1 FROM resends r WHERE r.trade_id = :trade_id
AND r.stage IN ('clearing', 'checking'))
"""
# What an execution was is replaced, but when it was recorded.
PUT: Final = f"""
INSERT INTO executions AS x ({EXECUTION.sql}, recorded_at, updated_at, state,
  account_tag, twin, due_at)
VALUES (:{", :".join(EXECUTION.names)}, :recorded_at, :now, 'recorded',
  :account_tag, :twin OR {PAIRED} OR {RESENT},
  CASE WHEN {HELD} THEN {NEVER} ELSE 0 END)
ON CONFLICT (trade_id, kind, part) DO UPDATE SET {
    replaced(
        [name for name in EXECUTION.names if name not in ("trade_id", "kind", "part")]
    )
}, {
    replaced(
        ["updated_at", "state", "account_tag", "twin", "due_at", "reason", "attempts"]
    )
}
WHERE x.journal_id IS NULL AND x.import_id IS NULL AND x.state <> 'discarded'
RETURNING seq
"""
DRAIN: Final = upsert("drained", ["spool"], ["number"])
OUTCOMES: Final = upsert("outcomes", ["trade_id", "code"], ["host", "journal", "since"])
CONDITION: Final = upsert("conditions", ["name"], ["facts"])


# Each costs a digest of the present login wherever it is looked for.
MOST_REFUSED: Final = 16

# What is known of a trade because something of it was sent.
STARTED_OVER: Final = ("executions", "overlays", "outcomes", "acceptances", "trades")


DAY: Final = 86_400.0  # seconds, after which what is over a quota is tried again
# What waits until its time, by table.
WAITING: Final = (
    ("executions", "state = 'recorded' AND coalesce(reason, '') <> 'quota'"),
    ("executions", "state = 'recorded' AND reason = 'quota'"),
    ("trades", "annotate"),
    ("overlays", "due_at > 0"),
    ("resends", "stage <> 'refused'"),
    ("imports", "stage = 'waiting'"),
)


class Writer:
    """What changes inside one transaction, all of it or nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note_drain(self, drained: Drained) -> None:
        """Note which drain of a spool this transaction is, and whether once more."""
        self._connection.execute(
            DRAIN, {"spool": drained.spool, "number": drained.number}
        )
        if drained.again_at is not None:
            self.set_condition(PUT_BACK, putting_back(drained.again_at))

    def take_out(self, events: Iterable[Event]) -> None:
        """Take *events* out of the inbox."""
        self._connection.executemany(
            "DELETE FROM inbox WHERE seq = ?", [(event.seq,) for event in events]
        )

    def keep(self, record: TradeRecord, *, now: float) -> None:
        """Keep what the host has recorded of a trade."""
        self._connection.execute(
            "INSERT INTO records (trade_id, host_id, recorded_at, facts) "
            "VALUES (?, ?, ?, ?) ON CONFLICT (trade_id) DO UPDATE "
            "SET facts = excluded.facts",
            (record.trade_id, record.host_id, now, as_text(record)),
        )

    def put(
        self,
        execution: Execution,
        *,
        account_tag: str,
        twin: bool,
        now: float,
        recorded_at: float | None = None,
    ) -> bool:
        """
        Note what *execution* consists of; its state becomes recorded.

        *recorded_at* is when the host recorded it, by default now. Returns False, and
        changes nothing, where that execution may have been sent already, or a person
        gave it up: what stands in the journal stays.
        """
        changed = self._connection.execute(
            PUT,
            {
                **EXECUTION.row(execution),
                "account_tag": account_tag,
                "twin": twin,
                "now": now,
                "recorded_at": now if recorded_at is None else recorded_at,
            },
        ).fetchall()
        if twin:
            self._mark_equals(execution)
        return bool(changed)

    def park(
        self,
        trade_id: str,
        kind: Kind,
        part: int,
        state: State,
        *,
        reason: str,
        now: float,
    ) -> None:
        """Set an execution aside that was not sent; make its row if there is none."""
        self._connection.execute(
            "INSERT INTO executions AS x (trade_id, kind, part, recorded_at, state, "
            "reason, updated_at) VALUES (:trade, :kind, :part, :now, :state, :reason, "
            ":now) ON CONFLICT (trade_id, kind, part) DO UPDATE "
            "SET state = excluded.state, reason = excluded.reason, "
            "updated_at = excluded.updated_at "
            "WHERE x.journal_id IS NULL AND x.import_id IS NULL "
            "AND x.state <> 'discarded'",
            {
                "trade": trade_id,
                "kind": kind,
                "part": part,
                "state": state,
                "reason": reason,
                "now": now,
            },
        )

    def drop(self, rows: Iterable[Row]) -> None:
        """Remove executions that were never sent, and are not planned any more."""
        self._connection.executemany(
            "DELETE FROM executions WHERE seq = ? AND journal_id IS NULL "
            "AND import_id IS NULL",
            [(row.seq,) for row in rows],
        )

    def set_outcomes(
        self,
        trade_id: str,
        differs: Iterable[Difference],
        *,
        among: Collection[str],
        now: float,
    ) -> list[str]:
        """
        Replace the outcomes of a trade *among* these codes; return those that are new.

        One that stays as it was keeps its time. A new one withdraws what a person has
        accepted of the trade.
        """
        standing = {
            code: (host, journal)
            for code, host, journal in self._connection.execute(
                "SELECT code, host, journal FROM outcomes WHERE trade_id = ?",
                (trade_id,),
            ).fetchall()
        }
        wanted = {each.code: (each.host, each.sent) for each in differs}
        gone = [c for c in standing if c in among and c not in wanted]
        news = [c for c in wanted if standing.get(c) != wanted[c]]
        self._connection.executemany(
            "DELETE FROM outcomes WHERE trade_id = ? AND code = ?",
            [(trade_id, code) for code in gone],
        )
        self._connection.executemany(
            OUTCOMES,
            [
                {
                    "trade_id": trade_id,
                    "code": code,
                    "host": wanted[code][0],
                    "journal": wanted[code][1],
                    "since": now,
                }
                for code in news
            ],
        )
        if news:
            self._withdraw(trade_id, 0)
        return news

    def accept(self, acceptance: Acceptance, *, now: float) -> None:
        """Note what a person has accepted, in place of what they accepted before."""
        self._connection.execute(
            "INSERT INTO acceptances (trade_id, journal_id, host, journal, "
            "accepted_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (trade_id, journal_id) DO UPDATE SET host = excluded.host, "
            "journal = excluded.journal",
            (
                acceptance.trade_id or "",
                acceptance.journal_id or 0,
                acceptance.host,
                acceptance.journal,
                now,
            ),
        )

    def withdraw(self, acceptance: Acceptance) -> None:
        """Note that what was accepted is not as it was any more."""
        self._withdraw(acceptance.trade_id or "", acceptance.journal_id or 0)

    def _withdraw(self, trade_id: str, journal_id: int) -> None:
        self._connection.execute(
            "DELETE FROM acceptances WHERE trade_id = ? AND journal_id = ?",
            (trade_id, journal_id),
        )

    def redirect(self, rows: Iterable[Row], account_tag: str) -> None:
        """Note that executions which wait go under another account tag."""
        self._connection.executemany(
            "UPDATE executions SET account_tag = ? "
            "WHERE seq = ? AND state = 'recorded'",
            [(account_tag, row.seq) for row in rows],
        )

    def notice(self, code: str, *, now: float, pause: float) -> bool:
        """
        Note that something was said of the account; False within *pause* seconds of it.

        What is said at most once a day is so for all processes, restarts included.
        """
        said = self._connection.execute(
            "INSERT INTO notices AS n (code, said_at) VALUES (:code, :now) "
            "ON CONFLICT (code) DO UPDATE SET said_at = excluded.said_at "
            # A clock that was set back silences nothing for longer than the pause.
            "WHERE n.said_at <= :now - :pause OR n.said_at > :now RETURNING code",
            {"code": code, "now": now, "pause": pause},
        ).fetchall()
        return bool(said)

    def hasten(self, *, now: float, longest: float, by: float) -> None:
        """
        Have what waits be due *by* seconds earlier, since the clock was set back.

        What would wait for more than *longest* seconds after that, or for a quota for
        more than a day, is due at once: no pause is as long.
        """
        for table, where in WAITING:
            if by:
                self._connection.execute(
                    f"UPDATE {table} SET due_at = due_at - ? "
                    f"WHERE {where} AND due_at > ? AND due_at < ?",
                    (by, now, NEVER),
                )
            self._connection.execute(
                f"UPDATE {table} SET due_at = ? "
                f"WHERE {where} AND due_at > ? AND due_at < ?",
                (now, now + (DAY if "= 'quota'" in where else longest), NEVER),
            )

    def _mark_equals(self, execution: Execution) -> None:
        """
        Note that *execution* is not the only one of its kind, nor are its equals.

        Whichever goes first, the others must not be taken for it; one that is under
        way may have to be sent again. An entry and an exit that wait go together, so
        that both are marked.
        """
        equal = self._connection.execute(
            "SELECT trade_id, quantity, price FROM executions WHERE state IN "
            "('recorded', 'sent', 'imported') AND symbol = ? AND executed_at = ?",
            (execution.symbol, to_epoch(execution.executed_at)),
        ).fetchall()
        self._connection.executemany(
            "UPDATE executions SET twin = TRUE WHERE trade_id = ? "
            "AND state IN ('recorded', 'sent', 'imported')",
            [
                (trade_id,)
                for trade_id, quantity, price in equal
                # 10 and 10.0 are equal, so that numbers are compared, not texts.
                if (Decimal(quantity), Decimal(price))
                == (execution.quantity, execution.price)
            ],
        )

    def open_trade(self, execution: Execution, *, slot: int, account_tag: str) -> None:
        """Keep the slot for the trade of an entry; does nothing for a known trade."""
        self._connection.execute(
            "INSERT INTO trades (trade_id, symbol, slot, account_tag, entry_at) "
            "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                execution.trade_id,
                execution.symbol,
                slot,
                account_tag,
                to_epoch(execution.executed_at),
            ),
        )

    def free_slot(self, trade_id: str) -> None:
        """Give back the slot of a trade of which nothing was sent."""
        self._connection.execute(
            "DELETE FROM trades WHERE trade_id = ? AND journal_id IS NULL "
            "AND basic_id IS NULL AND NOT EXISTS (SELECT 1 FROM executions x "
            "WHERE x.trade_id = trades.trade_id AND x.import_id IS NOT NULL)",
            (trade_id,),
        )

    def close_trade(self, trade_id: str, at: datetime) -> None:
        """Note the time from which the slot of a trade is free."""
        self._connection.execute(
            "UPDATE trades SET exit_at = ? WHERE trade_id = ?",
            (to_epoch(at), trade_id),
        )

    def reopen_trade(self, trade_id: str) -> None:
        """Keep the slot of a trade whose exit does not get into the journal."""
        self._connection.execute(
            "UPDATE trades SET exit_at = NULL WHERE trade_id = ?", (trade_id,)
        )

    def move(
        self,
        rows: Iterable[Row],
        state: State,
        *,
        now: float,
        reason: str | None = None,
        due_at: float | None = None,
        is_attempt: bool = True,
        is_unsent: bool = False,
    ) -> None:
        """
        Change the state of executions, each step a row of the history.

        *due_at* is when to try again; giving it counts as an attempt, unless nothing
        was wrong with the last one. *is_unsent*: certainly no import has stored them.
        """
        tried = int(due_at is not None and is_attempt)
        unsent = ", import_id = NULL, unsure = FALSE" if is_unsent else ""
        self._connection.executemany(
            "UPDATE executions SET state = ?, reason = ?, updated_at = ?, "
            f"due_at = coalesce(?, due_at), attempts = attempts + ?{unsent} "
            "WHERE seq = ?",
            [(state, reason, now, due_at, tried, row.seq) for row in rows],
        )

    def give_back(self, rows: Iterable[Row], *, now: float) -> None:
        """
        Make *rows* due again after an import that Tradervue has not processed.

        What an earlier import may have stored stays so.
        """
        self._connection.executemany(
            "UPDATE executions SET state = 'recorded', reason = NULL, updated_at = ?, "
            "import_id = CASE WHEN unsure THEN import_id END WHERE seq = ?",
            [(now, row.seq) for row in rows],
        )

    def doubt(self, rows: Iterable[Row]) -> None:
        """Note that their last import may have stored *rows*, whatever it said."""
        self._connection.executemany(
            "UPDATE executions SET unsure = TRUE WHERE seq = ?",
            [(row.seq,) for row in rows],
        )

    def leave_out_commission(self, row: Row, remark: str) -> None:
        """Send *row* without its commission; our notes say *remark*."""
        self._connection.execute(
            "UPDATE executions SET commission = NULL, remark = ? WHERE seq = ?",
            (remark, row.seq),
        )

    def allow_twins(self, rows: Iterable[Row]) -> None:
        """Send *rows* with duplicates allowed, after counting what is there."""
        self._connection.executemany(
            "UPDATE executions SET twin = TRUE WHERE seq = ?",
            [(row.seq,) for row in rows],
        )

    def retag(self, trade_id: str, *, slot: int, account_tag: str) -> None:
        """Give a trade of which nothing was sent another slot."""
        self._connection.execute(
            "UPDATE trades SET slot = ?, account_tag = ? WHERE trade_id = ?",
            (slot, account_tag, trade_id),
        )
        self._connection.execute(
            "UPDATE executions SET account_tag = ? WHERE trade_id = ? "
            "AND closes IS NULL",
            (account_tag, trade_id),
        )

    def note_import(
        self, *, account_tag: str, allow_duplicates: bool, now: float, size: int = 0
    ) -> ImportRow:
        """Note an import of *size* executions before it is sent."""
        row = self._connection.execute(
            "INSERT INTO imports (account_tag, allow_duplicates, noted_at, size) "
            f"VALUES (?, ?, ?, ?) RETURNING {IMPORT.sql}",
            (account_tag, allow_duplicates, now, size),
        ).fetchone()
        return IMPORT.value(row)

    def add_to_import(
        self, import_id: int, rows: Sequence[Row], *, now: float
    ) -> list[Row]:
        """
        Note which executions an import consists of; their state becomes sent.

        Returns them: what a person has discarded since *rows* were read stays behind.
        """
        taken = {
            seq
            for some in batches(row.seq for row in rows)
            for (seq,) in self._connection.execute(
                "UPDATE executions SET state = 'sent', import_id = ?, updated_at = ? "
                f"WHERE seq IN ({placeholders(some)}) AND state <> 'discarded' "
                "RETURNING seq",
                (import_id, now, *some),
            ).fetchall()
        }
        if len(taken) < len(rows):
            self._connection.execute(
                "UPDATE imports SET size = size - ? WHERE id = ?",
                (len(rows) - len(taken), import_id),
            )
        return [row for row in rows if row.seq in taken]

    def accept_import(self, import_id: int) -> None:
        """Note that Tradervue has taken an import."""
        self._connection.execute(
            "UPDATE imports SET stage = 'accepted' WHERE id = ?", (import_id,)
        )

    def finish_import(self, import_id: int, outcome: str, *, now: float) -> None:
        """Store what Tradervue says of an import; reading it has cleared it there."""
        self._connection.execute(
            "UPDATE imports SET stage = 'finished', outcome = ?, finished_at = ? "
            "WHERE id = ?",
            (outcome, now, import_id),
        )

    def wait_for_import(self, import_id: int, *, due_at: float, now: float) -> None:
        """Search the journal again at *due_at* for what an import has stored."""
        self._connection.execute(
            "UPDATE imports SET stage = 'waiting', due_at = ?, looks = looks + 1, "
            "finished_at = coalesce(finished_at, ?) WHERE id = ?",
            (due_at, now, import_id),
        )

    def settle_import(self, import_id: int) -> None:
        """Note that nothing of an import is open any more."""
        self._connection.execute(
            "UPDATE imports SET stage = 'settled' WHERE id = ?", (import_id,)
        )

    def note_refused_login(self, digest: str, salt: str, *, now: float) -> None:
        """Count a refusal of the login with this digest; the oldest are forgotten."""
        self._connection.execute(
            "INSERT INTO refusals (digest, salt, count, first_at, last_at) "
            "VALUES (?, ?, 1, ?, ?) ON CONFLICT (digest) DO UPDATE SET "
            "count = refusals.count + 1, last_at = excluded.last_at",
            (digest, salt, now, now),
        )
        self._connection.execute(
            "DELETE FROM refusals WHERE digest NOT IN (SELECT digest FROM refusals "
            "ORDER BY last_at DESC LIMIT ?)",
            (MOST_REFUSED,),
        )

    def forget_refused_logins(self, digests: Iterable[str]) -> None:
        """Note that Tradervue accepts a login that it had refused."""
        for digest in digests:
            self._connection.execute("DELETE FROM refusals WHERE digest = ?", (digest,))

    def set_condition(self, name: str, facts: str | None) -> None:
        """Keep what holds for the sending as a whole; None: nothing does any more."""
        if facts is None:
            self._connection.execute("DELETE FROM conditions WHERE name = ?", (name,))
            return
        self._connection.execute(CONDITION, {"name": name, "facts": facts})

    def link(self, row: Row, journal_id: int, *, now: float) -> None:
        """Note that an execution was read back, and in which journal trade."""
        self._connection.execute(
            "UPDATE executions SET state = 'linked', journal_id = ?, reason = NULL, "
            "updated_at = ? WHERE seq = ?",
            (journal_id, now, row.seq),
        )
        is_first = self._opens_first(row)
        self._connection.execute(
            # The risk is what we wrote there, and not into another journal trade.
            "UPDATE trades SET annotate = TRUE, attempts = 0, due_at = 0, "
            "risk = CASE WHEN :first AND journal_id <> :id THEN NULL ELSE risk END, "
            "journal_id = CASE WHEN :first THEN :id "
            "ELSE coalesce(journal_id, :id) END WHERE trade_id = :trade",
            {"first": is_first, "id": journal_id, "trade": row.trade_id},
        )

    def _opens_first(self, row: Row) -> bool:
        """Tell whether an execution is the first of its trade's own position."""
        if row.execution is None or not row.execution.opens:
            return False  # an exit, or what closes the position of another trade
        if row.part == 1:
            return True
        earlier = self._connection.execute(
            "SELECT 1 FROM executions WHERE trade_id = ? AND kind = 'entry' "
            "AND closes IS NULL AND part < ?",
            (row.trade_id, row.part),
        )
        return earlier.fetchone() is None

    def annotated(
        self, trade_id: str, *, now: float, risk: Decimal | None = None
    ) -> list[Kind]:
        """
        Note that a trade carries our notes; return what became synced by it.

        *risk* is the initial risk in dollars that was written with them, None where it
        stays as it was.
        """
        self._connection.execute(
            "UPDATE trades SET annotate = FALSE, attempts = 0, "
            "risk = coalesce(?, risk) WHERE trade_id = ?",
            (None if risk is None else f"{risk:f}", trade_id),
        )
        rows = self._connection.execute(
            "UPDATE executions SET state = 'synced', updated_at = ? "
            "WHERE trade_id = ? AND state = 'linked' RETURNING kind",
            (now, trade_id),
        ).fetchall()
        return sorted({Kind(row[0]) for row in rows})

    def postpone_annotation(self, trade_id: str, *, due_at: float) -> None:
        """Try the annotation of a trade again later."""
        self._connection.execute(
            "UPDATE trades SET due_at = ?, attempts = attempts + 1 WHERE trade_id = ?",
            (due_at, trade_id),
        )

    def want_overlay(
        self, trade_id: str, commission: Decimal, *, is_news: bool = True
    ) -> None:
        """
        Note that the journal has to learn a trade's *commission*.

        What is no news takes only the place of another one that is wanted.
        """
        self._connection.execute(
            "INSERT INTO overlays (trade_id, commission) SELECT :trade, :commission "
            "WHERE :news OR EXISTS (SELECT 1 FROM overlays WHERE trade_id = :trade) "
            "ON CONFLICT (trade_id) DO UPDATE SET commission = excluded.commission, "
            "attempts = 0, due_at = 0",
            {"trade": trade_id, "commission": f"{commission:f}", "news": is_news},
        )

    def overlaid(self, trade_id: str) -> None:
        """Note that the journal shows the commission that was wanted."""
        self._connection.execute(
            "UPDATE executions SET commission = "
            "(SELECT commission FROM overlays o "
            "WHERE o.trade_id = executions.trade_id) "
            f"WHERE seq = ({CLOSING})",
            (trade_id,),
        )
        self._connection.execute("DELETE FROM overlays WHERE trade_id = ?", (trade_id,))

    def postpone_overlay(self, trade_id: str, *, due_at: float | None) -> None:
        """Try again later; None is not again by itself."""
        self._connection.execute(
            "UPDATE overlays SET attempts = attempts + 1, due_at = ? "
            "WHERE trade_id = ?",
            (NEVER if due_at is None else due_at, trade_id),
        )

    def forget_place(self, trade_id: str, *, now: float) -> None:
        """Send a trade again that somebody deleted in the journal."""
        self._connection.execute(
            "UPDATE executions SET state = 'recorded', journal_id = NULL, "
            "import_id = NULL, unsure = FALSE, attempts = 0, due_at = 0, "
            "updated_at = ?, reason = 'resent' "
            "WHERE trade_id = ? AND symbol IS NOT NULL "
            "AND state IN ('linked', 'synced', 'quarantined')",
            (now, trade_id),
        )
        self._connection.execute(
            "UPDATE trades SET journal_id = NULL, annotate = FALSE, risk = NULL "
            "WHERE trade_id = ?",
            (trade_id,),
        )

    def adopt(
        self, execution: Execution, journal_id: int, *, account_tag: str, now: float
    ) -> None:
        """Note an execution that stands in the journal and is not known here."""
        self._connection.execute(
            "INSERT INTO records (trade_id, host_id, recorded_at, facts) "
            "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                execution.trade_id,
                host_id_in(execution.trade_id),
                now,
                as_text(found_record(execution)),
            ),
        )
        self.put(execution, account_tag=account_tag, twin=False, now=now)
        values = self._connection.execute(
            f"SELECT {ROW} FROM executions x WHERE trade_id = ? AND kind = ? "
            "AND part = ?",
            execution.key,
        ).fetchone()
        self.link(as_row(values), journal_id, now=now)
        self.annotated(execution.trade_id, now=now)

    def forget(self, trade_ids: Iterable[str]) -> None:
        """
        Remove what is known of finished trades, but that they are, and where they are.

        Told again they are no news; their slots and journal trades stay theirs.
        """
        keys = [(trade_id,) for trade_id in trade_ids]
        self._connection.executemany(
            "UPDATE trades SET "
            "finished = (SELECT min(state) FROM executions x "
            "WHERE x.trade_id = trades.trade_id) WHERE trade_id = ?",
            keys,
        )
        facts = [
            (as_text(identity_of_record(from_text(row[0]))), *key)
            for key in keys
            for row in self._connection.execute(
                "SELECT facts FROM records WHERE trade_id = ?", key
            ).fetchall()
        ]
        self._connection.executemany(
            "UPDATE records SET facts = ?, finished = TRUE WHERE trade_id = ?", facts
        )
        for table in ("executions", "outcomes", "acceptances", "resends"):
            self._connection.executemany(
                f"DELETE FROM {table} WHERE trade_id = ?", keys
            )
        self._connection.executemany(
            # The last row stays: the numbers go on from there.
            "DELETE FROM history WHERE trade_id = ? "
            "AND seq < (SELECT max(seq) FROM history)",
            keys,
        )

    def forget_imports(self, before: float, limit: int) -> None:
        """Remove imports noted *before* then of which no execution is left."""
        self._connection.execute(
            "DELETE FROM imports WHERE id IN (SELECT id FROM imports i "
            "WHERE stage = 'settled' AND noted_at < ? "
            "AND id < (SELECT max(id) FROM imports) AND NOT EXISTS "
            "(SELECT 1 FROM executions x WHERE x.import_id = i.id) "
            "ORDER BY id LIMIT ?)",
            (before, limit),
        )

    def wants_notes(self, trade_id: str) -> None:
        """Note that what stands for a trade has to say something new."""
        self._connection.execute(
            "UPDATE trades SET annotate = TRUE, attempts = 0, due_at = 0 "
            "WHERE trade_id = ?",
            (trade_id,),
        )

    def set_basic(self, trade_id: str, basic_id: int | None) -> None:
        """Note the trade without executions that stands for *trade_id*, or none."""
        self._connection.execute(
            "UPDATE trades SET basic_id = ? WHERE trade_id = ?", (basic_id, trade_id)
        )

    def ask_resend(
        self, trade_id: str, *, drops_comments: bool, now: float, kept: str = ""
    ) -> None:
        """Note that a person wants a trade sent again; one under way goes on."""
        self._connection.execute(
            "INSERT INTO resends AS r "
            "(trade_id, stage, asked_at, drops_comments, kept) "
            "VALUES (?, 'asked', ?, ?, ?) ON CONFLICT (trade_id) DO UPDATE "
            "SET stage = 'asked', asked_at = excluded.asked_at, "
            "drops_comments = excluded.drops_comments, kept = excluded.kept, "
            "reason = NULL, attempts = 0, due_at = 0 "
            "WHERE r.stage IN ('asked', 'refused')",
            (trade_id, now, drops_comments, kept),
        )

    def keep_resend(self, resend: Resend) -> None:
        """Keep how far a resend is."""
        self._connection.execute(
            "UPDATE resends SET stage = :stage, kept = :kept, reason = :reason, "
            "attempts = :attempts, due_at = :due_at WHERE trade_id = :trade_id",
            RESEND.row(resend),
        )

    def end_resend(self, trade_id: str) -> None:
        """Note that nothing of a resend is open any more."""
        self._connection.execute("DELETE FROM resends WHERE trade_id = ?", (trade_id,))

    def hold(self, rows: Iterable[Row], *, reason: str, now: float) -> None:
        """Let executions wait, wherever they stand, while a trade is replaced."""
        some = list(rows)
        self.move(
            some,
            State.RECORDED,
            now=now,
            reason=reason,
            due_at=NEVER,
            is_attempt=False,
        )
        self._connection.executemany(
            "UPDATE trades SET annotate = FALSE WHERE trade_id = ?",
            [(row.trade_id,) for row in some],
        )

    def let_go(self, rows: Iterable[Row], *, now: float) -> None:
        """Let executions go on as before they were held."""
        for row in rows:
            is_there = row.journal_id is not None
            state = State.LINKED if is_there else State.RECORDED
            self.move([row], state, now=now, due_at=0.0, is_attempt=False)
            if is_there:
                self.wants_notes(row.trade_id)  # they are looked at again

    def keep_result(
        self, result: ResultRow, facts: str, *, most: int, now: float
    ) -> None:
        """
        Keep the metrics of a period, as a text, in place of those computed before.

        Metrics computed later stay, unless that is after *now*. Of all periods the
        *most* that were asked for last are kept.
        """
        self._connection.execute(
            "INSERT INTO results AS r VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (start_day, end_day) DO UPDATE SET as_of = excluded.as_of, "
            "facts = excluded.facts WHERE r.as_of < excluded.as_of OR r.as_of > ?",
            (*RESULT.row(result).values(), facts, now),
        )
        self._connection.execute(
            "DELETE FROM results WHERE (start_day, end_day) NOT IN (SELECT start_day, "
            "end_day FROM results ORDER BY asked_at DESC, end_day DESC, start_day DESC "
            "LIMIT ?)",
            (most,),
        )

    def ask_result(self, start: date, end: date, *, now: float) -> None:
        """Note that the metrics of a period, which are kept, were asked for."""
        self._connection.execute(
            "UPDATE results SET asked_at = ? WHERE start_day = ? AND end_day = ?",
            (now, start.isoformat(), end.isoformat()),
        )

    def start_over(self, trade_id: str) -> None:
        """
        Forget what was sent of a trade of which nothing is in the journal any more.

        With its slot, its outcomes and its commission to be laid over; what the host
        has recorded of it stays.
        """
        for table in STARTED_OVER:
            self._connection.execute(
                f"DELETE FROM {table} WHERE trade_id = ?", (trade_id,)
            )

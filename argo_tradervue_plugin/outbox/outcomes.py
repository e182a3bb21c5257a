"""What a person should know of a trade, and what a person has accepted."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from argo_tradervue_plugin.model.records import Difference
from argo_tradervue_plugin.outbox.engine import Reading, Writing
from argo_tradervue_plugin.outbox.records import Acceptance, Outcome
from argo_tradervue_plugin.outbox.rows import Shape, upsert

__all__ = ["ACCEPTED", "OutcomeChanges", "Outcomes"]


# Whether the trade of an outcome is accepted: null where it is not. Looked up for each,
# since there are few; PostgreSQL would compare all with all.
ACCEPTED: Final = """
(SELECT a.trade_id FROM acceptances a
  WHERE a.trade_id = o.trade_id AND a.journal_id = 0)
"""
OUTCOME: Final = Shape(Outcome, columns={"accepted": f"{ACCEPTED} IS NOT NULL"})

ACCEPTANCE: Final = Shape(
    Acceptance,
    columns={"trade_id": "nullif(trade_id, '')", "journal_id": "nullif(journal_id, 0)"},
)
OUTCOMES: Final = upsert("outcomes", ["trade_id", "code"], ["host", "journal", "since"])


class Outcomes(Reading):
    """Outcomes and acceptances."""

    def outcomes_of(self, trade_ids: Iterable[str]) -> dict[str, list[Outcome]]:
        """Return the outcomes of these trades, also those that were accepted."""
        found: dict[str, list[Outcome]] = {}
        rows = self._among(
            trade_ids,
            f"SELECT {OUTCOME.sql} FROM outcomes o WHERE o.trade_id IN () "
            "ORDER BY o.trade_id, o.code",
        )
        for outcome in OUTCOME.values(rows):
            found.setdefault(outcome.trade_id, []).append(outcome)
        return found

    def outcomes(self, limit: int) -> list[Outcome]:
        """Return outcomes that are not accepted, oldest first."""
        rows = self._all(
            f"SELECT {OUTCOME.sql} FROM outcomes o WHERE {ACCEPTED} IS NULL "
            "ORDER BY o.since, o.trade_id, o.code LIMIT ?",
            (limit,),
        )
        return OUTCOME.values(rows)

    def outcome_counts(self) -> Mapping[str, int]:
        """Return how many trades have an outcome of each code that is not accepted."""
        rows = self._all(
            f"SELECT o.code, count(*) FROM outcomes o WHERE {ACCEPTED} IS NULL "
            "GROUP BY o.code ORDER BY o.code"
        )
        return dict(rows)

    def acceptances(self, trade_ids: Iterable[str] | None = None) -> list[Acceptance]:
        """Return what people have accepted of these trades; by default, everything."""
        accepted = f"SELECT {ACCEPTANCE.sql} FROM acceptances"
        if trade_ids is None:
            return ACCEPTANCE.values(self._all(accepted))
        of_trades = f"{accepted} WHERE journal_id = 0 AND trade_id IN ()"
        return ACCEPTANCE.values(self._among(trade_ids, of_trades))


class OutcomeChanges(Writing):
    """Sets outcomes, and accepts them."""

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

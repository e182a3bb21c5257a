"""How far everything got, and what there is to do."""

from collections.abc import Iterable, Mapping
from typing import Final

from argo_tradervue_plugin.model.executions import EventKind, Kind
from argo_tradervue_plugin.outbox.outcomes import ACCEPTED, Outcomes
from argo_tradervue_plugin.outbox.records import (
    PENDING,
    Errand,
    OverQuota,
    State,
    Step,
    outcome_of,
)
from argo_tradervue_plugin.outbox.rows import NEVER, Shape, batches, placeholders
from argo_tradervue_plugin.outbox.spools import Intake

__all__ = ["Progress", "leg_of"]

STEP: Final = Shape(Step)

# What decides how a leg of several executions is: the one that is worst off.
WORST: Final = (
    State.NEW,
    State.QUARANTINED,
    State.RECORDED,
    State.SENT,
    State.IMPORTED,
    State.LINKED,
    State.BASIC,
    State.DISCARDED,
    State.SKIPPED,
    State.SYNCED,
)


def leg_of(kind: str) -> Kind:
    """Return the leg that an event is about; a correction is about the entry."""
    return Kind.EXIT if kind == Kind.EXIT else Kind.ENTRY


# Where there is something of an errand: each in an index of the few that wait.
ERRANDS: Final[Mapping[Errand, str]] = {
    Errand.PLAN: "inbox",
    Errand.SETTLE: "imports WHERE stage <> 'settled' AND stage <> 'waiting'",
    Errand.SEARCH: "imports WHERE stage = 'waiting'",
    Errand.SEND: "executions WHERE state = 'recorded'",
    Errand.NOTES: "trades WHERE annotate",
    Errand.OVERLAY: f"overlays WHERE due_at < {NEVER:.0f}",
    Errand.WITHDRAW: "trades WHERE basic_id IS NOT NULL AND journal_id IS NOT NULL",
    Errand.RESEND: "resends WHERE stage <> 'refused'",
}

ERRANDS_THERE: Final = "SELECT " + ", ".join(
    f"EXISTS (SELECT 1 FROM {where})" for where in ERRANDS.values()
)

NEXT_DUE: Final = """
SELECT min(at) FROM (
  SELECT (SELECT min(due_at) FROM executions WHERE state = 'recorded') AS at
  UNION ALL SELECT (SELECT min(due_at) FROM trades WHERE annotate)
  UNION ALL SELECT (SELECT min(due_at) FROM resends WHERE stage <> 'refused')
  UNION ALL SELECT (SELECT min(due_at) FROM imports WHERE stage = 'waiting')) soon
"""

# What waits for a quota; the index that it is searched by has every state under way.
OVER_QUOTA: Final = "(r.state = 'recorded' AND r.reason = 'quota')"
UNDER_WAY: Final = "x.state IN ('recorded', 'sent', 'imported', 'linked')"

# How a trade stands, the worst first: the worst of its states decides.
STANDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "pending": PENDING,
    "quarantined": (State.QUARANTINED,),
    "discarded": (State.DISCARDED,),
    "basic": (State.BASIC,),
    "skipped": (State.SKIPPED,),
    "differs": ("differs",),
    "verified": (State.SYNCED,),
}


class Progress(Outcomes):
    """
    Counts, states and steps.

    What is in the *spool* counts as new. It is looked at first: what moves meanwhile is
    then seen twice, and never overlooked.
    """

    spool: Intake | None

    def errands(self) -> frozenset[Errand]:
        """Return what there is to do, now or later; of any other there is nothing."""
        there = self._one(ERRANDS_THERE)
        return frozenset(e for e, is_any in zip(ERRANDS, there, strict=True) if is_any)

    def next_due(self) -> float | None:
        """Return when the next execution or annotation is due; None: there is none."""
        at: float | None = self._one(NEXT_DUE)[0]
        return at

    def counts(self) -> Mapping[State, int]:
        """Return the number of executions in each state; reads no rows of theirs."""
        waiting = 0 if self.spool is None else self.spool.count()
        # One statement sees one moment: between two an event could go uncounted.
        rows = self._all(
            "SELECT state, number FROM counts WHERE state <> 'new' "
            "UNION ALL SELECT 'new', count(*) FROM inbox"
        )
        counts = dict.fromkeys(State, 0) | {State(s): n for s, n in rows}
        counts[State.NEW] += waiting
        return counts

    def oldest_pending_at(self) -> float | None:
        """Return when the oldest pending event was recorded."""
        return self._oldest(
            "SELECT recorded_at FROM executions WHERE state IN "
            "('recorded', 'sent', 'imported', 'linked') ORDER BY seq LIMIT 1"
        )

    def overdue_since(self, *, is_paused: bool) -> float | None:
        """
        Return when the oldest pending event was recorded that waits by no rule.

        A quota and a listing that lags are rules, for a trade as a whole; *is_paused*
        says that nothing new is sent, by another.
        """
        pending = "'sent', 'imported', 'linked'"
        pending += "" if is_paused else ", 'recorded'"
        return self._oldest(
            f"SELECT x.recorded_at FROM executions x WHERE {UNDER_WAY} "
            f"AND x.state IN ({pending}) AND NOT EXISTS ("
            "SELECT 1 FROM executions r LEFT JOIN imports i ON i.id = r.import_id "
            f"WHERE r.trade_id = x.trade_id AND ({OVER_QUOTA} "
            "OR (r.state IN ('sent', 'imported') AND i.stage = 'waiting'))) "
            "ORDER BY x.seq LIMIT 1"
        )

    def _oldest(self, planned: str) -> float | None:
        """Return the least time of what waits, and of what *planned* selects."""
        spooled = None if self.spool is None else self.spool.oldest_at()
        rows = [
            self._one("SELECT recorded_at FROM inbox ORDER BY seq LIMIT 1"),
            self._one(planned),
        ]
        times = [spooled, *(row[0] for row in rows if row)]
        return min((at for at in times if at is not None), default=None)

    def over_quota(self) -> OverQuota | None:
        """Return what waits for the plan's quota, None where nothing does."""
        number, until = self._one(
            f"SELECT count(*), min(r.due_at) FROM executions r WHERE {OVER_QUOTA}"
        )
        return OverQuota(executions=number, until=until) if number else None

    def trade_counts(self) -> dict[str, int]:
        """
        Return how many trades are pending, verified and so on, as :func:`outcome_of`.

        A trade is ``differs`` that would be verified, and has an outcome that no person
        has accepted. Reads a row of each execution.
        """
        spooled = set() if self.spool is None else self.spool.trade_ids()
        ranks = " ".join(
            f"WHEN '{state}' THEN {rank}"
            for rank, states in enumerate(STANDINGS.values())
            for state in states
        )
        rows = self._all(
            f"SELECT worst, count(*) FROM (SELECT min(CASE state {ranks} END) AS worst "
            "FROM (SELECT trade_id, state FROM executions UNION ALL "
            "SELECT trade_id, 'new' FROM inbox WHERE kind <> 'correction' UNION ALL "
            "SELECT trade_id, finished FROM trades WHERE finished IS NOT NULL "
            "UNION ALL SELECT o.trade_id, 'differs' FROM outcomes o "
            f"WHERE {ACCEPTED} IS NULL) states GROUP BY trade_id) trades GROUP BY worst"
        )
        found = dict(rows)
        counts = {name: found.get(rank, 0) for rank, name in enumerate(STANDINGS)}
        known = self._stored_states(spooled)
        outcomes = self.outcomes_of(known)
        for trade_id, states in known.items():
            outcome = outcome_of(states.values())
            is_off = any(not each.accepted for each in outcomes.get(trade_id, ()))
            is_differing = is_off and outcome == "verified"
            counts["differs" if is_differing else outcome] -= 1
        counts["pending"] += len(spooled)
        return counts

    def last_synced_at(self) -> float | None:
        """Return when an execution became synced last."""
        row = self._one("SELECT last_at FROM counts WHERE state = 'synced'")
        return row[0] if row else None

    def history(self, trade_id: str) -> list[Step]:
        """Return every step of a trade, oldest first."""
        rows = self._all(
            f"SELECT {STEP.sql} FROM history WHERE trade_id = ? ORDER BY seq",
            (trade_id,),
        )
        return STEP.values(rows)

    def states_of(self, trade_ids: Iterable[str]) -> dict[str, dict[Kind, State]]:
        """
        Return how far the executions of these trades are.

        What is in the inbox counts as new; a trade that was not recorded has none.
        """
        wanted = set(trade_ids)
        spooled = {} if self.spool is None else self.spool.kinds_of(wanted)
        found = self._stored_states(wanted)
        for trade_id, kinds in spooled.items():
            for kind in kinds - {EventKind.CORRECTION}:
                found.setdefault(trade_id, {})[leg_of(kind)] = State.NEW
        return found

    def _stored_states(self, trade_ids: Iterable[str]) -> dict[str, dict[Kind, State]]:
        """Return how far trades are but for what is in the spool."""
        found: dict[str, dict[Kind, State]] = {}
        for some in batches(trade_ids):
            marks = placeholders(some)
            rows = self._all(
                "SELECT trade_id, kind, state FROM executions "
                f"WHERE trade_id IN ({marks}) UNION ALL "
                "SELECT trade_id, kind, 'new' FROM inbox "
                f"WHERE trade_id IN ({marks}) AND kind <> 'correction' UNION ALL "
                "SELECT trade_id, NULL, finished FROM trades "
                f"WHERE trade_id IN ({marks}) AND finished IS NOT NULL",
                (*some, *some, *some),
            )
            legs: dict[tuple[str, Kind], list[State]] = {}
            for trade_id, kind, state in rows:
                for each in Kind if kind is None else [leg_of(kind)]:
                    legs.setdefault((trade_id, each), []).append(State(state))
            for (trade_id, leg), states in legs.items():
                found.setdefault(trade_id, {})[leg] = min(states, key=WORST.index)
        return found

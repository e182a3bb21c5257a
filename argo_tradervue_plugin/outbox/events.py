"""What hosts record, as it comes in and as it is kept."""

from collections.abc import Iterable
from operator import itemgetter
from typing import Final

from argo_tradervue_plugin.model.records import TradeRecord, as_text, from_text
from argo_tradervue_plugin.outbox.conditions import ConditionChanges
from argo_tradervue_plugin.outbox.engine import Reading
from argo_tradervue_plugin.outbox.kept import PUT_BACK, Drained, putting_back
from argo_tradervue_plugin.outbox.records import Event, Snapshot
from argo_tradervue_plugin.outbox.rows import Shape, upsert

__all__ = ["EventChanges", "Events"]

EVENT: Final = Shape(Event)
DRAIN: Final = upsert("drained", ["spool"], ["number"])


class Events(Reading):
    """What was recorded, and what of it is in the inbox."""

    def inbox(self, limit: int) -> list[Event]:
        """Return events that were not looked at, in the order of recording."""
        rows = self._all(
            f"SELECT {EVENT.sql} FROM inbox ORDER BY seq LIMIT ?", (limit,)
        )
        return EVENT.values(rows)

    def records_of(
        self, host_ids: Iterable[str]
    ) -> dict[str, list[tuple[TradeRecord, bool]]]:
        """
        Return the records of each id of the host, oldest first.

        With each comes whether its trade was finished and forgotten. Ids are as
        :func:`~.records.stored_id` gives them.
        """
        found: dict[str, list[tuple[TradeRecord, bool]]] = {}
        rows = self._among(
            host_ids,
            "SELECT host_id, facts, finished FROM records WHERE host_id IN () "
            "ORDER BY host_id, recorded_at, trade_id",
        )
        for host_id, facts, finished in rows:
            record = from_text(facts), bool(finished)
            found.setdefault(host_id, []).append(record)
        return found

    def record_of(self, trade_id: str) -> TradeRecord | None:
        """Return what the host has recorded of a trade, None where nothing is known."""
        row = self._one("SELECT facts FROM records WHERE trade_id = ?", (trade_id,))
        return row and from_text(row[0])

    def snapshots_since(self, since: float) -> list[Snapshot]:
        """
        Return the trades entered since then, as the host recorded them last.

        One whose time of entry made no sense counts by when it was recorded.
        """
        first = (
            "SELECT r.facts, t.journal_id, x.seq FROM executions x "
            "JOIN records r ON r.trade_id = x.trade_id "
            "LEFT JOIN trades t ON t.trade_id = x.trade_id "
            "WHERE x.seq = (SELECT min(seq) FROM executions e "
            "WHERE e.trade_id = x.trade_id AND e.kind = (SELECT min(kind) "
            "FROM executions k WHERE k.trade_id = x.trade_id)) AND "
        )
        # Sorted here: a database that had to would go through all of them in order.
        rows = [
            *self._all(f"{first} x.executed_at >= ?", (int(since),)),
            *self._all(
                f"{first} x.executed_at IS NULL AND x.recorded_at >= ?", (since,)
            ),
        ]
        return [
            Snapshot(trade_id=record.trade_id, record=record, journal_id=journal_id)
            for facts, journal_id, _ in sorted(rows, key=itemgetter(2))
            for record in [from_text(facts)]
        ]


class EventChanges(ConditionChanges):
    """Takes events out of the inbox, and keeps records."""

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

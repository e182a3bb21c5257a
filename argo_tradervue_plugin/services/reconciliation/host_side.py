"""
What the host has recorded: what the journal should show.

All processes of a host record into one outbox; each has trackers of its own, which may
hold what no hook recorded, or old copies of what another process recorded since.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.enlisting import DIFFERS, Case, sent_for, wanted
from argo_tradervue_plugin.delivery.lane import Context
from argo_tradervue_plugin.delivery.opposites import is_alive
from argo_tradervue_plugin.delivery.recognition import HostObject, recognised
from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.matching.host_trades import HostTrade
from argo_tradervue_plugin.matching.locate import Expected
from argo_tradervue_plugin.model.executions import Execution
from argo_tradervue_plugin.model.reasons import code_of, sentence
from argo_tradervue_plugin.model.records import Difference, TradeRecord
from argo_tradervue_plugin.model.snapshot import TradeSnapshot, carries_exit
from argo_tradervue_plugin.model.symbols import in_journal
from argo_tradervue_plugin.model.times import EASTERN, new_york_day
from argo_tradervue_plugin.outbox.records import Row, State, outcome_of
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.planning.legs import Sent
from argo_tradervue_plugin.planning.plan import legs

__all__ = ["HostRecord", "HostSide", "first_day"]


@attrs.frozen(kw_only=True)
class HostRecord:
    """
    What a host has recorded of a trade, and its object where there is one.

    *record* is for planning, given what was sent; *alone* is what the host has by now,
    as if nothing had been sent. *fault* is what of its exit makes no sense.
    """

    record: TradeRecord
    alone: TradeRecord
    trade: object = None
    fault: TradeError | None = None


class HostSide:
    """
    What all processes recorded, together with the trackers of this one.

    *recent* returns this process's trades of the last days, None without a host.
    """

    def __init__(
        self,
        outbox: Outbox,
        settings: Settings,
        recent: Callable[[int], Iterable[object] | None],
    ) -> None:
        self._outbox = outbox
        self._context = Context(outbox=outbox, settings=settings)
        self._settings = settings
        self._recent = recent

    def records(
        self, days: int, trades: Iterable[object] | None
    ) -> dict[str, HostRecord]:
        """
        Return what the host has recorded, by the ids that the outbox has.

        *trades* are the host's, where they are known otherwise than by trackers.
        """
        if trades is None:
            # A day more: the host counts back from this hour, we from midnight.
            trades = self._recent(days + 1)
        first = datetime.combine(first_day(days), datetime.min.time(), EASTERN)
        found = self._of_objects(trades or ())
        for s in self._outbox.snapshots_since(first.timestamp()):
            found.setdefault(s.trade_id, HostRecord(record=s.record, alone=s.record))
        return found

    def _of_objects(self, trades: Iterable[object]) -> dict[str, HostRecord]:
        """Return what a host has of its *trades*, where that is the last word."""
        copies: defaultdict[str, list[HostObject]] = defaultdict(list)
        for one in recognised(self._outbox, self._settings, trades):
            copies[one.trade_id].append(one)
        rows = self._outbox.all_of_trades(copies)
        found = {}
        for trade_id, some in copies.items():
            one = latest(some)
            if one.known is not None and is_outdated(one.snapshot, one.known):
                found[trade_id] = HostRecord(record=one.known, alone=one.known)
                continue
            sent = Sent()
            if one.known is not None:
                case = Case(one.known, rows[trade_id], one.known)
                sent = sent_for(self._context, case)
            record, fault = one.recorded_after(sent)
            if one.snapshot.id is None:
                fault = fault_of_id(one.snapshot)
            found[trade_id] = HostRecord(
                record=record, alone=one.record, trade=one.trade, fault=fault
            )
        return found

    def expected(
        self, records: Mapping[str, HostRecord], since: date
    ) -> tuple[list[HostTrade], list[tuple[str, str]]]:
        """Return what the journal should show, and what makes no sense with why."""
        states = self._outbox.states_of(records)
        rows = self._outbox.all_of_trades(records)
        outcomes = self._outbox.outcomes_of(records)
        usable, unusable = [], []
        for trade_id, one in records.items():
            why = None if one.fault is None else str(one.fault)
            if why is None and one.trade is None:
                why = senseless(rows[trade_id])
            if why is not None:
                unusable.append((trade_id, why))
                if all(row.journal_id is None for row in rows[trade_id]):
                    continue  # else the entry that it has there is ours all the same
            try:
                trade = self._host_trade(trade_id, one, rows[trade_id])
            except TradeError as error:
                if why is None:
                    unusable.append((trade_id, str(error)))
                continue
            if trade is None or day_of(trade.entry) < since:
                continue
            stored = [
                Difference(code=o.code, host=o.host, sent=o.journal)
                for o in outcomes.get(trade_id, ())
                if o.code not in DIFFERS
            ]
            known = states.get(trade_id, {})
            parked = (r for r in rows[trade_id] if r.state.is_parked)
            usable.append(
                attrs.evolve(
                    trade,
                    outcomes=(*trade.outcomes, *stored),
                    state=outcome_of(known.values()) if known else "not recorded",
                    reason=sentence(next((r.reason for r in parked), None)),
                )
            )
        return self._with_closers(usable), unusable

    def _host_trade(
        self, trade_id: str, one: HostRecord, rows: Sequence[Row]
    ) -> HostTrade | None:
        """Return what the journal should show; None: the trade has no place there."""
        record = one.record
        if record.entry is None and record.exit is None:
            return known_from_journal(trade_id, rows)
        asked = wanted(self._context, record, rows)
        if asked.fault is not None:
            raise asked.fault
        if asked.skipped is not None:
            return None
        recorded: tuple[Execution, ...] = ()
        if asked.differs or not asked.executions:
            name = partial(in_journal, names=self._settings.symbols)
            with suppress(TradeError):  # what stands in the journal made sense once
                entries, exits = legs(one.alone, name)
                recorded = (*entries, *exits) if entries else ()
        expected = Expected.of(None, asked.executions or recorded)
        if expected is None:
            return None
        return HostTrade(
            trade_id=trade_id,
            entry=expected.entry,
            exit=expected.exit,
            further=expected.further,
            recorded=recorded,
            commission=record.commission,
            outcomes=asked.differs,
        )

    def _with_closers(self, host: list[HostTrade]) -> list[HostTrade]:
        """Return the trades with what opposite ones close of them."""
        if not self._settings.opposite_closes:
            return host
        closers = self._outbox.closers_of(one.trade_id for one in host)
        return [
            attrs.evolve(
                one,
                closers=tuple(
                    row.execution
                    for row in closers[one.trade_id]
                    if row.execution and is_alive(row)
                ),
            )
            for one in host
        ]


def latest(copies: Sequence[HostObject]) -> HostObject:
    """Return the copy of a trade that counts, where trackers hold several."""
    best = copies[0]
    for one in copies[1:]:
        if not is_older(one.snapshot, best.snapshot):
            best = one
    return best


def is_older(one: TradeSnapshot, other: TradeSnapshot) -> bool:
    """Tell whether *other* counts: the later one, or else that which is closed."""
    if one.updated_at and other.updated_at and one.updated_at != other.updated_at:
        return one.updated_at < other.updated_at
    return carries_exit(other) and not carries_exit(one)


def is_outdated(trade: TradeSnapshot, known: TradeRecord) -> bool:
    """
    Tell whether what all processes recorded counts, and not a tracker's *trade*.

    Of an old copy an exit is taken that was not recorded.
    """
    if carries_exit(trade) and not known.exits:
        return False
    if trade.updated_at and known.updated_at and trade.updated_at != known.updated_at:
        return trade.updated_at < known.updated_at
    return bool(known.exits) and not carries_exit(trade)


def first_day(days: int) -> date:
    """Return the first New York day of the last *days* days."""
    return datetime.now(EASTERN).date() - timedelta(days=days)


def day_of(entry: Execution) -> date:
    """Return the New York day of an entry."""
    return new_york_day(entry.executed_at)


def known_from_journal(trade_id: str, rows: Iterable[Row]) -> HostTrade | None:
    """Return a trade of which only what stood in the journal is known."""
    executions = [row.execution for row in rows if row.execution]
    expected = Expected.of(None, executions)
    if expected is None:
        return None
    closing = max(executions, key=lambda e: (e.kind, e.part))
    return HostTrade(
        trade_id=trade_id,
        entry=expected.entry,
        exit=expected.exit,
        further=expected.further,
        commission=closing.commission,
    )


def senseless(rows: Iterable[Row]) -> str | None:
    """Return why a trade, or its exit, waits for a host that corrects it, or None."""
    return next(
        (
            sentence(row.reason)
            for row in rows
            if row.execution is None and row.state is State.QUARANTINED
            if code_of(row.reason) != "entry_waits"
        ),
        None,
    )


def fault_of_id(trade: TradeSnapshot) -> TradeError | None:
    """Return why the id of *trade* names nothing."""
    try:
        trade.need("id")
    except TradeError as error:
        return error
    return None

"""
Putting into the outbox what the record of a trade asks for.

What is planned is enlisted, set aside, or left to a person; what was sent stays, and
where the host has it otherwise now, that is kept as an outcome.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial
from typing import Final

import attrs

from argo_tradervue_plugin.delivery.claimed import claimed_by
from argo_tradervue_plugin.delivery.lane import Context
from argo_tradervue_plugin.delivery.opposites import (
    is_alive,
    shared_out,
    with_opposites,
)
from argo_tradervue_plugin.delivery.slots import (
    keep_open,
    new_slot,
    note_span,
    say_once,
    slot_for,
)
from argo_tradervue_plugin.errors import (
    TradeError,
)
from argo_tradervue_plugin.model.executions import Execution, Key, Kind
from argo_tradervue_plugin.model.reasons import code_of, reason, sentence
from argo_tradervue_plugin.model.records import (
    TradeRecord,
)
from argo_tradervue_plugin.model.symbols import in_journal
from argo_tradervue_plugin.outbox.records import Event, Row, State, Transition
from argo_tradervue_plugin.outbox.writer import Writer
from argo_tradervue_plugin.planning.legs import Sent, difference, in_words
from argo_tradervue_plugin.planning.plan import Plan, plan

__all__ = ["DIFFERS", "Case", "apply", "replan", "sent_for", "sent_of", "wanted"]

# The outcomes that planning decides about.
DIFFERS: Final = frozenset(
    {
        "cancelled_after_delivery",
        "discarded_changed",
        "exit_changed",
        "price_changed",
        "quantity_changed",
        "time_changed",
    }
)


GIVEN_UP: Final = (State.QUARANTINED, State.DISCARDED)


UNSENT: Final = (State.NEW, State.RECORDED, State.SKIPPED)


# Reasons of a quarantine from which a trade is taken when it is recorded again.
TRIED_AGAIN: Final = frozenset({None, "refused", "plan_skips", "fault", "entry_waits"})


# What becomes of an exit whose entry does not get into the journal.
FATES: Final = {
    State.BASIC: State.BASIC,
    State.QUARANTINED: State.QUARANTINED,
    State.DISCARDED: State.SKIPPED,
}


@attrs.define
class Case:
    """A trade with new events: its record, and what stands of it in the outbox."""

    record: TradeRecord
    rows: list[Row]
    before: TradeRecord | None
    events: list[Event] = attrs.field(factory=list)
    exit_fault: TradeError | None = None


def sent_of(rows: Iterable[Row]) -> Sent:
    """Return what of a trade may stand in the journal, or was given up."""
    entries: dict[int, Execution] = {}
    exits: dict[int, Execution] = {}
    parked: dict[int, Execution] = {}
    planned = Decimal(0)
    is_discarded = False
    for row in rows:
        is_entry = row.kind is Kind.ENTRY
        if is_entry and row.part == 1 and row.state is State.DISCARDED:
            is_discarded = row.journal_id is None
        if row.execution is None:
            continue
        if is_entry and row.part > 1 and row.state in GIVEN_UP:
            parked[row.part] = row.execution
        elif row.is_fixed:
            (entries if is_entry else exits)[row.part] = row.execution
        elif is_entry and row.state is State.RECORDED:
            planned += abs(row.execution.quantity)
    return Sent(
        entries=entries,
        exits=exits,
        parked=parked,
        planned=planned,
        is_discarded=is_discarded,
    )


def sent_for(context: Context, case: Case) -> Sent:
    """Return what of a trade may stand in the journal, and what of it elsewhere."""
    sent = sent_of(case.rows)
    if not context.settings.opposite_closes:
        return sent
    trade_id = case.record.trade_id
    own = [row.execution for row in case.rows if row.execution and is_alive(row)]
    closers = context.outbox.closers_of([trade_id])[trade_id]
    return with_opposites(sent, own, closers)


def wanted(context: Context, record: TradeRecord, rows: Sequence[Row]) -> Plan:
    """Return what *record* asks for, given what stands of it in the outbox."""
    settings = context.settings
    ask = partial(
        plan,
        record,
        journal_name=partial(in_journal, names=settings.symbols),
        sends_simulated=settings.simulated == "send",
    )
    sent = sent_of(rows)
    if not settings.opposite_closes:
        return ask(sent)
    # First it is settled what the entry closes of others, then what is left to close.
    outbox, trade_id = context.outbox, record.trade_id
    closers = outbox.closers_of([trade_id])[trade_id]
    asked = ask(with_opposites(sent, (), closers))
    if not asked.executions:
        return asked
    shared = shared_out(outbox, asked.executions, rows)
    entries = [e for e in shared if e.kind is Kind.ENTRY]
    again = ask(with_opposites(sent, entries, closers))
    exits = [e for e in again.executions if e.kind is Kind.EXIT]
    return attrs.evolve(again, executions=(*entries, *exits))


def replan(context: Context, writer: Writer, trade_id: str) -> None:
    """Plan a trade again, for what has become of its executions."""
    record = context.outbox.record_of(trade_id)
    if record is not None:
        rows = context.outbox.of_trade(trade_id)
        apply(context, writer, Case(record, rows, record))


def apply(context: Context, writer: Writer, case: Case) -> None:
    """Put into the outbox what the record of a trade asks for."""
    record = case.record
    asked = with_discarded(wanted(context, record, case.rows), case.rows)
    if asked.skipped is not None:
        set_aside(context, writer, case, State.SKIPPED, asked.skipped)
        if asked.skipped == "simulated":
            say_once(
                context,
                writer,
                "tradervue.simulated",
                f"trade={record.trade_id}: simulated orders are left out of the "
                'journal; "simulated": "send" has them in it',
            )
    elif asked.fault is not None:
        stored = reason("senseless", asked.fault)
        set_aside(context, writer, case, State.QUARANTINED, stored)
    elif asked.executions:
        queue_or_ask(context, writer, case, asked)
    else:
        give_up_exits(context, writer, case)
    if case.exit_fault is not None and not asked.skipped:
        park_exit(context, writer, case, reason("senseless", case.exit_fault))
    if asked.differs or case.before is not None:
        note_outcomes(writer, asked, record.trade_id, context.clock())
    note_news(writer, case)
    closes = {e.closes: e for e in asked.executions if e.closes}
    standing = [row.execution for row in case.rows if row.execution]
    before = {e.closes: e for e in standing if e.closes}
    for other in closes | before:
        if other is not None and closes.get(other) != before.get(other):
            replan(context, writer, other)  # less of it is open now, or more


def queue_or_ask(context: Context, writer: Writer, case: Case, asked: Plan) -> None:
    """Queue what is planned; a person is asked first where it may be there already."""
    settle_parts(writer, case, asked)
    enlist(context, writer, case, asked.executions)
    skip_closed_elsewhere(context, writer, case, asked)
    place = claimed_by(context, case.rows, asked.executions)
    if place is None:
        return
    stored = reason("equal_exists", f"journal trade {place}")
    waiting = {row.key for row in case.rows if row.reason == stored}
    change = Transition(
        state=State.QUARANTINED,
        keys=[e.key for e in asked.executions if e.key not in waiting],
        reason=stored,
        is_news=not waiting,
    )
    writer.apply(change, now=context.clock())


def with_discarded(asked: Plan, rows: Sequence[Row]) -> Plan:
    """Return *asked* with an outcome where a person gave up what it has otherwise."""
    given_up = {row.key: row for row in rows if row.state is State.DISCARDED}
    changed = tuple(
        difference("discarded_changed", in_short(execution), "discarded")
        for execution in asked.executions
        if execution.key in given_up
        and given_up[execution.key].execution != execution
        and not given_up[execution.key].may_be_stored
    )
    if not changed:
        return asked
    return attrs.evolve(asked, differs=(*asked.differs, *changed[:1]))


def in_short(execution: Execution) -> str:
    """Return *execution* in words."""
    size = f"{execution.quantity:+f} at {execution.price:f}"
    return f"{execution.kind} of {size}, {in_words(execution.executed_at)}"


def skip_closed_elsewhere(
    context: Context, writer: Writer, case: Case, asked: Plan
) -> None:
    """Say of an exit for which nothing is left to close what has closed it."""
    planned = {e.part for e in asked.executions if e.kind is Kind.EXIT}
    if not context.settings.opposite_closes:
        return
    keys = [key for key in exits_in(case.record) if key[2] not in planned]
    why = reason("closed_by_opposite")
    change = Transition(state=State.SKIPPED, keys=keys, reason=why)
    writer.apply(change, now=context.clock())


def exits_in(record: TradeRecord) -> list[Key]:
    """Return the keys of the exits that the host has recorded."""
    numbers = range(1, len(record.parts) + 1)
    return [(record.trade_id, Kind.EXIT, number) for number in numbers]


def park_exit(context: Context, writer: Writer, case: Case, stored: str) -> None:
    """Quarantine an exit that makes no sense; what stands in the journal stays open."""
    trade_id, part = case.record.trade_id, len(case.record.parts) + 1
    change = Transition(
        state=State.QUARANTINED,
        keys=[(trade_id, Kind.EXIT, part)],
        reason=stored,
        is_news=all(r.kind is Kind.ENTRY or r.reason != stored for r in case.rows),
    )
    writer.apply(change, now=context.clock())
    keep_open(context, writer, trade_id)


def give_up_exits(context: Context, writer: Writer, case: Case) -> None:
    """Skip the exits of a trade that a person has discarded."""
    entry = next((row for row in case.rows if row.kind is Kind.ENTRY), None)
    why = reason("entry_waits", sentence(entry.reason if entry else "discarded"))
    keys = exits_in(case.record)
    change = Transition(state=State.SKIPPED, keys=keys, reason=why)
    writer.apply(change, now=context.clock())


def settle_parts(writer: Writer, case: Case, asked: Plan) -> None:
    """Remove what was planned once, was never sent, and is not planned any more."""
    keys = {execution.key for execution in asked.executions}
    has_new_exit = case.before is None or case.record.exits != case.before.exits
    writer.drop(
        row
        for row in case.rows
        if row.key not in keys
        and not row.is_fixed
        and (row.state in UNSENT or (row.execution is None and has_new_exit))
    )


def set_aside(
    context: Context, writer: Writer, case: Case, state: State, stored: str
) -> None:
    """Park a trade of which nothing was sent; an exit goes with its entry."""
    record = case.record
    keys = {(record.trade_id, Kind.ENTRY, 1), *exits_in(record)}
    keys |= {row.key for row in case.rows if not row.is_fixed}
    is_skipped = state is State.SKIPPED
    first = sorted(key for key in keys if is_skipped or key[1] is Kind.ENTRY)
    along = sorted(keys - set(first))
    why = reason("entry_waits", sentence(stored))
    now = context.clock()
    writer.apply(Transition(state=state, keys=first, reason=stored), now=now)
    writer.apply(Transition(state=state, keys=along, reason=why), now=now)
    writer.free_slot(record.trade_id)


def note_outcomes(writer: Writer, asked: Plan, trade_id: str, now: float) -> None:
    """Keep what a person should know of a trade, and say it once."""
    news = writer.set_outcomes(trade_id, asked.differs, among=DIFFERS, now=now)
    for each in asked.differs:
        if each.code in news:
            writer.warn(
                "tradervue.differs trade=%s code=%s host=%s sent=%s: it stays in the "
                "journal as it was sent; resend or accept it",
                trade_id,
                each.code,
                each.host,
                each.sent,
            )


def note_news(writer: Writer, case: Case) -> None:
    """Let what stands in the journal learn what the host has recorded since."""
    rows, record = case.rows, case.record
    if says_more(case):
        writer.wants_notes(record.trade_id)
    exits = [r for r in rows if r.kind is Kind.EXIT and r.is_fixed and r.execution]
    closing = max(exits, key=lambda row: row.part, default=None)
    if closing is None or closing.execution is None or record.commission is None:
        return
    if closing.part == len(record.parts) and closing.state is not State.DISCARDED:
        is_news = record.commission != closing.execution.commission
        # A rebate that Tradervue has refused before is no news.
        is_news = is_news and not (record.commission < 0 and closing.remark)
        writer.want_overlay(record.trade_id, record.commission, is_news=is_news)


def says_more(case: Case) -> bool:
    """Tell whether what stands in the journal for a trade has to say something new."""
    there = {row.kind for row in case.rows if row.state.is_read_back}
    if any(row.state is State.BASIC for row in case.rows):
        there = set(Kind)
    before, record = case.before, case.record
    if not there or before is None or before == record:
        return False
    if before.entry is None and before.exit is None:
        return False  # found in the journal by our notes, which stand there
    has_more = before.entry != record.entry or before.stop != record.stop
    return has_more or (Kind.EXIT in there and before.exit != record.exit)


def enlist(
    context: Context, writer: Writer, case: Case, executions: Sequence[Execution]
) -> None:
    """Enlist the *executions* of a trade that were not sent, in a slot of its own."""
    rows = {row.key: row for row in case.rows}
    due = [e for e in executions if e.key not in rows or not rows[e.key].is_fixed]
    own = [execution for execution in executions if not execution.closes]
    opening, closing = (own or executions)[0], executions[-1]
    is_closed = not sum(execution.quantity for execution in own)
    slot = new_slot if case.before is None else slot_for
    tag = slot(context, writer, opening, closing if is_closed else None)
    note_span(writer, executions, closers_of(context, opening.trade_id))
    entry = rows.get((opening.trade_id, Kind.ENTRY, 1))
    sends_entry = opening in due and needs(entry, opening)
    is_lost = entry is not None and entry.state in FATES and not sends_entry
    for execution in due:
        goes_along = sends_entry and execution.kind is Kind.EXIT
        if not (goes_along or needs(rows.get(execution.key), execution)):
            continue
        writer.put(
            execution,
            account_tag=tag_of(context, execution, tag),
            twin=bool(context.outbox.equals(execution)),
            now=context.clock(),
            recorded_at=case.events[-1].recorded_at if case.events else None,
        )
        if is_lost and entry is not None and execution.kind is Kind.EXIT:
            # An exit never goes alone: it would open a position of the wrong side.
            change = Transition(
                state=FATES[entry.state],
                keys=[execution.key],
                reason=reason("entry_waits", sentence(entry.reason)),
            )
            writer.apply(change, now=context.clock())


def tag_of(context: Context, execution: Execution, own: str) -> str:
    """Return the account tag of an execution: that of the position that it closes."""
    if execution.closes is None:
        return own
    return context.outbox.account_tag_of(execution.closes) or own


def closers_of(context: Context, trade_id: str) -> list[Execution]:
    """Return what opposite trades close of a trade."""
    if not context.settings.opposite_closes:
        return []
    rows = context.outbox.closers_of([trade_id])[trade_id]
    return [row.execution for row in rows if row.execution and is_alive(row)]


def needs(row: Row | None, execution: Execution) -> bool:
    """
    Tell whether *execution* is news, or is tried again now that its trade was recorded.

    What Tradervue refused is: what is wrong may have been corrected. Not what waits
    for a person to look at the journal.
    """
    if row is None or row.execution != execution:
        return True
    was_refused = row.state is State.BASIC or (
        row.state is State.QUARANTINED and code_of(row.reason) in TRIED_AGAIN
    )
    return was_refused or row.state in (State.NEW, State.SKIPPED)

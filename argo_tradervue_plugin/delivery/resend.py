"""
Replacing a trade in the journal by what the host has now, because a person asks for it.

The forwarder carries it out, a step at a time, each of which is kept: it deletes what
stands there, reads that nothing of it stands any more, and only then lets the trade go
its usual way again. What people made of the journal trade moves along in the end.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.annotator import annotate_one, finish, with_risk
from argo_tradervue_plugin.delivery.annotator import risk_of as planned_risk
from argo_tradervue_plugin.delivery.lane import Context, Lane
from argo_tradervue_plugin.delivery.linker import taken_by
from argo_tradervue_plugin.delivery.planner import replan
from argo_tradervue_plugin.delivery.schedule import delay_before, delays
from argo_tradervue_plugin.errors import (
    BadAnswer,
    NotFound,
    Rejected,
    ServerError,
    Unreachable,
)
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.matching import notes
from argo_tradervue_plugin.matching.belongings import Belongings, combined
from argo_tradervue_plugin.matching.locate import (
    Found,
    in_executions,
    is_same,
    worth_reading,
)
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.journal import (
    JournalExecution,
    JournalTradeDetail,
    TradeFilter,
)
from argo_tradervue_plugin.model.reasons import code_of, reason, sentence
from argo_tradervue_plugin.model.records import TradeRecord
from argo_tradervue_plugin.model.snapshot import read
from argo_tradervue_plugin.model.symbols import in_journal
from argo_tradervue_plugin.model.times import new_york_day
from argo_tradervue_plugin.outbox.records import (
    Resend,
    ResendStage,
    Row,
    State,
    TradeRow,
)
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.outbox.writer import Writer
from argo_tradervue_plugin.planning.legs import Sent
from argo_tradervue_plugin.planning.plan import Plan, plan
from argo_tradervue_plugin.planning.recording import afresh
from argo_tradervue_plugin.planning.slots import slot_of

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = [
    "Kept",
    "Progress",
    "Standing",
    "Survey",
    "carry_on",
    "pending",
    "progress",
    "refusal_by_state",
    "survey",
]

HELD: Final = (State.RECORDED, State.LINKED, State.SYNCED)
EQUAL: Final = "an equal execution of another trade is on its way"
MOST_NAMED: Final = 3  # journal trades that a reason names


@attrs.frozen(kw_only=True)
class Standing:
    """A journal trade as it was just read."""

    trade: JournalTradeDetail
    fills: tuple[JournalExecution, ...]


@attrs.frozen(kw_only=True)
class Survey:
    """
    What would be replaced, by what, and why it is not, if it is not.

    *rows* are those of the outbox, *standing* what the journal shows of them, *plan*
    what would be sent. *equals* are executions elsewhere in the journal that look like
    ours and are not. *refusal* is a stored reason.
    """

    trade_id: str
    rows: tuple[Row, ...] = ()
    plan: Plan = attrs.field(factory=Plan)
    standing: tuple[Standing, ...] = ()
    belongings: Mapping[int, Belongings] = attrs.field(factory=dict)
    equals: tuple[Found, ...] = ()
    refusal: str | None = None

    @property
    def people_made(self) -> Belongings:
        """Return what moves along."""
        return combined(self.belongings.values())


@attrs.frozen(kw_only=True)
class Kept:
    """
    What has to be known after the deletion, and is nowhere else then.

    *ids* are the journal trades that are still to be deleted, *deleted* those that
    were; *equals* and *belongings* are as in :class:`Survey`.
    """

    ids: tuple[int, ...] = ()
    deleted: tuple[int, ...] = ()
    equals: tuple[Found, ...] = ()
    belongings: Mapping[int, Belongings] = attrs.field(factory=dict)

    def as_text(self) -> str:
        """Return it as the outbox keeps it."""
        return json.dumps(attrs.asdict(self), default=str)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return what :meth:`as_text` wrote; nothing for an empty text."""
        facts = json.loads(text or "{}")
        return cls(
            ids=tuple(facts.get("ids", ())),
            deleted=tuple(facts.get("deleted", ())),
            equals=tuple(
                Found(f["trade_id"], Kind(f["kind"]), f["journal_id"], f["part"])
                for f in facts.get("equals", ())
            ),
            belongings={
                int(journal_id): belongings_from(each)
                for journal_id, each in facts.get("belongings", {}).items()
            },
        )


def belongings_from(facts: Mapping[str, Any]) -> Belongings:
    """Return the belongings that were kept as a document."""
    risk = facts["risk"]
    return Belongings(
        notes=facts["notes"],
        tags=tuple(facts["tags"]),
        has_risk=facts["has_risk"],
        risk=None if risk is None else Decimal(risk),
        shared=facts["shared"],
    )


# --- what can be replaced: for the forwarder, and for whoever asks -------------------


def survey(
    context: Context,
    client: "TradervueClient",
    trade_id: str,
    *,
    drops_comments: bool = False,
) -> Survey:
    """
    Look at a trade in the outbox and in the journal; changes nothing.

    Raises:
        ApiError: where the journal could not be read.
    """
    outbox = context.outbox
    rows = tuple(outbox.of_trade(trade_id))
    record = outbox.record_of(trade_id)
    trade = outbox.trade(trade_id)
    asked = Plan() if record is None else planned(record, context.settings)
    found = Survey(trade_id=trade_id, rows=rows, plan=asked)
    refusal = refusal_by_state(
        rows,
        has_overlay=outbox.is_overlay_open(trade_id),
        has_basic=trade is not None and trade.basic_id is not None,
        has_opposite=bool(outbox.closers_of([trade_id])[trade_id]),
    ) or refusal_by_record(record, rows, asked)
    if refusal is not None or record is None or trade is None:
        return attrs.evolve(found, refusal=refusal or reason("not_recorded"))
    own = sent_in(rows)
    if has_equal_under_way(outbox, own):
        return attrs.evolve(found, refusal=reason("under_way", EQUAL))
    standing = read_there(client, ids_of(rows))
    taken = taken_by(outbox, own)
    besides = {each.trade.id for each in standing}
    fills = fills_elsewhere(client, own, besides)
    lost = lost_in(own, standing)
    moved = in_executions(lost, fills, taken)
    refusal = refusal_by_journal(own, standing, taken, drops_comments=drops_comments)
    if moved:
        refusal = reason("moved_elsewhere", named(f.journal_id for f in moved))
    return attrs.evolve(
        found,
        standing=tuple(standing),
        belongings=belongings_of(context, trade, rows, record, standing),
        equals=tuple(equals_in(own, fills, taken)),
        refusal=refusal,
    )


def planned(record: TradeRecord, settings: Settings) -> Plan:
    """Return what is sent of a trade of which nothing was sent before."""
    return plan(
        afresh(record),
        Sent(),
        journal_name=partial(in_journal, names=settings.symbols),
        sends_simulated=settings.simulated == "send",
    )


def refusal_by_record(
    record: TradeRecord | None, rows: Collection[Row], asked: Plan
) -> str | None:
    """Return why what the host has recorded cannot be sent, None where it can."""
    if record is None:
        return reason("not_recorded")
    if not rows:
        return reason("forgotten")
    if record.entry is None:
        return reason("host_unknown", "its entry")
    if record.parts and not record.exits:
        return reason("host_unknown", "its exit")
    return reason("senseless", asked.fault) if asked.fault is not None else None


def refusal_by_state(
    rows: Collection[Row],
    *,
    has_overlay: bool = False,
    has_basic: bool = False,
    has_opposite: bool = False,
) -> str | None:
    """Return why a trade that is in such states is not replaced now, or None."""
    parked = next((row for row in rows if row.state.is_parked), None)
    busy = next((row for row in rows if is_under_way(row)), None)
    is_there = any(row.journal_id is not None for row in rows)
    states = ", ".join(dict.fromkeys(f"{row.kind} {row.state}" for row in rows))
    closes = any(row.execution and row.execution.closes for row in rows)
    cases = (
        (has_opposite or closes, "is_opposite", ""),
        (parked, "waits_for_person", parked and sentence(parked.reason)),
        (busy, "under_way", busy and f"its {busy.kind} is {busy.state}"),
        (has_overlay, "under_way", "its commission is being set"),
        (has_basic, "under_way", "its basic trade is being withdrawn"),
        (rows and not is_there, "not_in_journal", states),
    )
    return next((reason(code, detail) for holds, code, detail in cases if holds), None)


def is_under_way(row: Row) -> bool:
    """Tell whether an import may store an execution any moment."""
    is_unknown = row.import_id is not None and row.journal_id is None
    return row.state in (State.NEW, State.SENT, State.IMPORTED) or (
        row.state is State.RECORDED and is_unknown
    )


def has_equal_under_way(outbox: Outbox, own: Iterable[Execution]) -> bool:
    """
    Tell whether an equal execution of another trade may show in the journal any moment.

    No one could tell then which of the two it is.
    """
    return any(
        is_under_way(row) for execution in own for row in outbox.equals(execution)
    )


def refusal_by_journal(
    own: Iterable[Execution],
    standing: Iterable[Standing],
    taken: Iterable[tuple[int, Execution]],
    *,
    drops_comments: bool,
) -> str | None:
    """
    Return why journal trades must not be deleted, None where they may.

    They may hold nothing but the trade's *own* executions. *taken* are equal ones of
    other trades, and where those stand.
    """
    some = list(standing)
    strange = strangers(own, some)
    others = {journal_id for journal_id, _ in taken}
    shared = {each.trade.id for each in some if each.trade.id in others}
    if strange or shared:
        return reason("holds_others", named(shared | strange.keys()))
    commented = [each.trade.id for each in some if each.trade.comment_count]
    if commented and not drops_comments:
        return reason("has_comments", named(commented))
    return None


def strangers(
    own: Iterable[Execution], standing: Iterable[Standing]
) -> Mapping[int, int]:
    """Return how many executions that are not our *own* stand in journal trades."""
    left = list(own)
    found: Counter[int] = Counter()
    for each in standing:
        for fill in each.fills:
            ours = next((e for e in left if is_same(fill, e)), None)
            if ours is None:
                found[each.trade.id] += 1
            else:
                left.remove(ours)
    return found


def lost_in(
    own: Iterable[Execution], standing: Iterable[Standing]
) -> Sequence[Execution]:
    """Return which of our *own* executions stand in none of these journal trades."""
    fills = [fill for each in standing for fill in each.fills]
    lost = []
    for execution in own:
        fill = next((fill for fill in fills if is_same(fill, execution)), None)
        if fill is None:
            lost.append(execution)
        else:
            fills.remove(fill)
    return lost


def sent_in(rows: Iterable[Row]) -> list[Execution]:
    """Return the executions of *rows* that may stand in the journal."""
    return [
        row.execution
        for row in rows
        if row.execution and (row.import_id is not None or row.journal_id is not None)
    ]


def ids_of(rows: Iterable[Row]) -> list[int]:
    """Return in which journal trades *rows* stand, that of the entry first."""
    ordered = sorted(rows, key=lambda row: (row.kind, row.part))
    ids = (row.journal_id for row in ordered if row.journal_id is not None)
    return list(dict.fromkeys(ids))


def read_there(client: "TradervueClient", ids: Iterable[int]) -> list[Standing]:
    """Read journal trades; those that are gone are left out."""
    found = []
    for journal_id in ids:
        with suppress(NotFound):
            trade = client.trade(journal_id)
            fills = tuple(client.executions(journal_id))
            found.append(Standing(trade=trade, fills=fills))
    return found


def fills_elsewhere(
    client: "TradervueClient", own: Sequence[Execution], besides: Collection[int]
) -> dict[int, list[JournalExecution]]:
    """Return the executions of other journal trades that could hold our *own*."""
    if not own:
        return {}
    last = max(execution.executed_at for execution in own)
    where = TradeFilter(symbol=own[0].symbol, end=new_york_day(last))
    listed = [row for row in client.list_trades(where) if row.id not in besides]
    fills = {}
    for journal_id in worth_reading(own, listed):
        with suppress(NotFound):
            fills[journal_id] = client.executions(journal_id)
    return fills


def equals_in(
    own: Sequence[Execution],
    fills: Mapping[int, Sequence[JournalExecution]],
    taken: Sequence[tuple[int, Execution]],
) -> list[Found]:
    """Return all in *fills* that looks like our *own*, beside what is *taken*."""
    by_key = {execution.key: execution for execution in own}
    found: list[Found] = []
    while True:
        known = [(f.journal_id, by_key[f.key]) for f in found]
        more = in_executions(own, fills, [*taken, *known])
        if not more:
            return found
        found += more


def belongings_of(
    context: Context,
    trade: TradeRow,
    rows: Iterable[Row],
    record: TradeRecord,
    standing: Iterable[Standing],
) -> dict[int, Belongings]:
    """Return what people made of each journal trade; a risk counts at the entry's."""
    settings = context.settings
    ours = {*settings.tags, *tags_of(record)}

    def is_ours(tag: str) -> bool:
        return tag in ours or slot_of(settings.account_tag, tag) is not None

    # An outbox of an older version has written a risk, and has not kept it.
    written = planned_risk(trade, rows) if trade.risk is None else trade.risk
    found = {}
    for each in standing:
        is_entry = each.trade.id == trade.journal_id
        risk = written if is_entry else each.trade.initial_risk
        found[each.trade.id] = Belongings.of(each.trade, is_ours=is_ours, risk=risk)
    return found


def tags_of(record: TradeRecord) -> tuple[str, ...]:
    """Return the tags that we have written for a trade."""
    payloads = (p for p in (record.entry, record.exit) if p)
    return tuple(tag for p in payloads for tag in notes.tags_of(read(p)))


def named(ids: Iterable[int]) -> str:
    """Return some journal ids as a reason names them."""
    some = sorted(set(ids))
    rest = len(some) - MOST_NAMED
    shown = ", ".join(str(each) for each in some[:MOST_NAMED])
    return f"journal trade {shown}" + (f" and {rest} more" if rest > 0 else "")


# --- the steps, each of which is kept -----------------------------------------------


def carry_on(lane: Lane) -> bool:
    """Take the next step of one resend that is due; return whether there was any."""
    for resend in lane.outbox.resends_due(lane.clock(), 1):
        try:
            STEPS[resend.stage](lane, resend)
        except Rejected as error:
            wait_at_it(lane, resend.trade_id, reason("not_deleted", error))
        except (BadAnswer, ServerError, Unreachable):
            wait_at_it(lane, resend.trade_id, None)  # others go first now
            raise
        return True
    return False


def begin(lane: Lane, resend: Resend) -> None:
    """Look whether the trade may be replaced; keep what has to move along."""
    found = survey(
        lane, lane.client, resend.trade_id, drops_comments=resend.drops_comments
    )
    ids, asked = ids_of(found.rows), Kept.from_text(resend.kept).ids
    refusal = found.refusal
    if refusal is None and asked and not set(ids) <= set(asked):
        refusal = reason("moved_elsewhere", named(set(ids) - set(asked)))
    if refusal is not None:
        refuse(lane, resend, refusal)
        return
    kept = Kept(
        ids=tuple(ids),
        equals=found.equals,
        belongings=found.belongings,
    )
    some = [row for row in found.rows if row.state in HELD]
    with lane.write() as writer:
        writer.hold(some, reason=reason("resending"), now=lane.clock())
        advance(writer, resend, ResendStage.CLEARING, kept)


def clear(lane: Lane, resend: Resend) -> None:
    """Delete one of the journal trades, if it still holds nothing else."""
    kept = Kept.from_text(resend.kept)
    rows = lane.outbox.of_trade(resend.trade_id)
    own = sent_in(rows)
    standing = read_there(lane.client, kept.ids)
    taken = taken_by(lane.outbox, own)
    gone = set(kept.ids) - {each.trade.id for each in standing}
    refusal = refusal_by_journal(
        own, standing, taken, drops_comments=resend.drops_comments
    )
    if refusal is not None:
        if gone or kept.deleted:
            wait(lane, resend, refusal)
        else:
            let_go(lane, rows, resend, refusal)
        return
    kept = attrs.evolve(
        kept,
        ids=tuple(each.trade.id for each in standing),
        deleted=(*kept.deleted, *sorted(gone - set(kept.deleted))),
        belongings={**kept.belongings, **belongings_now(lane, resend, rows, standing)},
    )
    with lane.write() as writer:
        stage = ResendStage.CLEARING if standing else ResendStage.CHECKING
        advance(writer, resend, stage, kept)
    if not standing:
        return
    first, *rest = kept.ids
    lane.outbox.see_latest_import()  # an old copy may have it done already
    try:
        lane.client.delete_trade(first)
    except Rejected as error:
        if kept.deleted:
            raise
        let_go(lane, rows, resend, reason("not_deleted", error))
        return
    log.info(
        "tradervue.deleted trade=%s journal=%d: it is sent again",
        resend.trade_id,
        first,
    )
    deleted = tuple(dict.fromkeys((*kept.deleted, first)))
    kept = attrs.evolve(kept, ids=tuple(rest), deleted=deleted)
    with lane.write() as writer:
        stage = ResendStage.CLEARING if rest else ResendStage.CHECKING
        advance(writer, resend, stage, kept)


def belongings_now(
    lane: Lane, resend: Resend, rows: Sequence[Row], standing: Sequence[Standing]
) -> dict[int, Belongings]:
    """Return what people have made of journal trades until now."""
    trade = lane.outbox.trade(resend.trade_id)
    record = lane.outbox.record_of(resend.trade_id)
    if trade is None or record is None:
        return {}
    return belongings_of(lane, trade, rows, record, standing)


def check(lane: Lane, resend: Resend) -> None:
    """See that the journal shows nothing of the trade any more; then send it."""
    kept = Kept.from_text(resend.kept)
    shown = [each.trade.id for each in read_there(lane.client, kept.deleted)]
    rows = lane.outbox.of_trade(resend.trade_id)
    own = sent_in(rows)
    if has_equal_under_way(lane.outbox, own):
        wait(lane, resend, reason("under_way", EQUAL))
        return
    by_key = {execution.key: execution for execution in own}
    fills = fills_elsewhere(lane.client, own, ())
    shown += [journal_id for journal_id in kept.deleted if journal_id in fills]
    if shown:
        # To delete what is gone does no harm; what was not deleted is, then.
        again = attrs.evolve(kept, ids=tuple(dict.fromkeys(shown)))
        back = attrs.evolve(resend, stage=ResendStage.CLEARING, kept=again.as_text())
        wait(lane, back, reason("still_shown", named(shown)))
        return
    equals = [(f.journal_id, by_key[f.key]) for f in kept.equals if f.key in by_key]
    found = in_executions(own, fills, [*taken_by(lane.outbox, own), *equals])
    is_partial = 0 < len(found) < len(own)
    if not found or (is_partial and is_sent_already(lane, resend, fills)):
        send(lane, resend, kept)
        return
    refusal = reason("moved_elsewhere", named(f.journal_id for f in found))
    if is_partial:
        wait(lane, resend, refusal)
        return
    places = {f.key: f.journal_id for f in found}  # a person has merged it meanwhile
    moved = [
        attrs.evolve(row, journal_id=places.get(row.key, row.journal_id))
        for row in rows
    ]
    let_go(lane, moved, resend, refusal)


def is_sent_already(
    lane: Lane,
    resend: Resend,
    fills: Mapping[int, Sequence[JournalExecution]],
) -> bool:
    """
    Tell whether the journal holds all that would be sent.

    An outbox that was put back has forgotten it. To send it is to find it there.
    """
    record = lane.outbox.record_of(resend.trade_id)
    wanted = () if record is None else planned(record, lane.settings).executions
    found = in_executions(wanted, fills, taken_by(lane.outbox, wanted))
    return 0 < len(wanted) == len(found)


def send(lane: Lane, resend: Resend, kept: Kept) -> None:
    """Let the trade go its usual way, as if nothing of it had been sent before."""
    record = lane.outbox.record_of(resend.trade_id)
    if record is None:
        raise AssertionError("what was recorded of a trade is kept")
    with lane.write() as writer:
        writer.start_over(resend.trade_id)
        writer.keep(afresh(record), now=lane.clock())
        advance(writer, resend, ResendStage.SENT, kept)
        replan(lane, writer, resend.trade_id)
        due = [
            row
            for row in lane.outbox.of_trade(resend.trade_id)
            if row.state is State.RECORDED
        ]
        writer.move(due, State.RECORDED, now=lane.clock(), reason=reason("resent"))


def move_along(lane: Lane, resend: Resend) -> None:
    """Write our notes on the new journal trade, and what people made of the old one."""
    trade = lane.outbox.trade(resend.trade_id)
    if trade is None:
        raise AssertionError("what was read back has a trade")
    rows = lane.outbox.of_trades([resend.trade_id])[resend.trade_id]
    kept = Kept.from_text(resend.kept)
    theirs = combined(kept.belongings.values()) if resend.kept else None
    outcomes = lane.outbox.outcomes_of([resend.trade_id]).get(resend.trade_id, [])
    if not annotate_one(lane, trade, rows, None, outcomes, theirs):
        return
    is_over = all(
        row.state.is_read_back or (row.state.is_aside and not row.state.is_parked)
        for row in rows
    )

    def note(writer: Writer) -> None:
        if is_over:
            writer.end_resend(resend.trade_id)
        else:
            writer.keep_resend(attrs.evolve(resend, kept=""))

    finish(lane, [with_risk(trade, rows)], note)
    if is_over:
        log.info(
            "tradervue.resent trade=%s journal=%s: replaced by what the host has",
            resend.trade_id,
            trade.journal_id,
        )


STEPS: Final[dict[ResendStage, Callable[[Lane, Resend], None]]] = {
    ResendStage.ASKED: begin,
    ResendStage.CLEARING: clear,
    ResendStage.CHECKING: check,
    ResendStage.SENT: move_along,
}


def advance(writer: Writer, resend: Resend, stage: ResendStage, kept: Kept) -> None:
    """
    Keep that a resend is at *stage*.

    Why it had to wait is forgotten once nothing stands in its way any more.
    """
    text = kept.as_text()
    news = attrs.evolve(resend, stage=stage, kept=text, due_at=0.0)
    if stage is ResendStage.SENT:
        news = attrs.evolve(news, reason=None, attempts=0)
    writer.keep_resend(news)


def wait_at_it(lane: Lane, trade_id: str, why: str | None) -> None:
    """Wait after a step that failed on its way, and may have kept something by then."""
    resend = lane.outbox.resend_of(trade_id)
    if resend is not None:
        wait(lane, resend, why or resend.reason)


def wait(lane: Lane, resend: Resend, why: str | None) -> None:
    """Take the same step again later, with growing pauses, for as long as it takes."""
    if code_of(why) != code_of(resend.reason):
        log.warning(
            "tradervue.resend_waits trade=%s stage=%s reason=%s",
            resend.trade_id,
            resend.stage,
            sentence(why),
        )
    attempts = resend.attempts + 1
    first, longest = delays(lane.settings.first_poll)
    due_at = lane.clock() + delay_before(attempts, first=first, longest=longest)
    with lane.write() as writer:
        writer.keep_resend(
            attrs.evolve(resend, reason=why, attempts=attempts, due_at=due_at)
        )


def refuse(lane: Lane, resend: Resend, why: str) -> None:
    """Leave everything as it is; nothing was changed."""
    log_refused(resend, why)
    with lane.write() as writer:
        writer.keep_resend(refused(resend, why))


def let_go(lane: Lane, rows: Iterable[Row], resend: Resend, why: str) -> None:
    """Leave the trade as it stands in the journal, of which nothing was deleted."""
    log_refused(resend, why)
    held = [row for row in rows if code_of(row.reason) == "resending"]
    now = lane.clock()
    with lane.write() as writer:
        for row in held:
            if row.journal_id is not None:
                writer.link(row, row.journal_id, now=now)
        writer.let_go(held, now=now)
        writer.keep_resend(refused(resend, why))


def refused(resend: Resend, why: str) -> Resend:
    """Return a resend at its end, of which nothing was done."""
    return attrs.evolve(
        resend, stage=ResendStage.REFUSED, kept="", reason=why, attempts=0, due_at=0.0
    )


def log_refused(resend: Resend, why: str) -> None:
    """Tell the operator why nothing is replaced."""
    log.warning(
        "tradervue.resend_refused trade=%s reason=%s: nothing was changed",
        resend.trade_id,
        sentence(why),
    )


# --- how far it is, for whoever waits ------------------------------------------------


@attrs.frozen(kw_only=True)
class Progress:
    """
    How far a resend is.

    *step* says in a word or two what was done last, *reason* is a stored one.
    *is_over*: nothing more happens by itself; *is_done*: and it is as it should be.
    """

    step: str
    is_over: bool = False
    is_done: bool = False
    reason: str | None = None


def progress(outbox: Outbox, trade_id: str) -> Progress:
    """Return how far the resend of a trade is."""
    resend = outbox.resend_of(trade_id)
    if resend is None:
        return Progress(step="sent again", is_over=True, is_done=True)
    if resend.stage is ResendStage.REFUSED:
        return Progress(step="refused", is_over=True, reason=resend.reason)
    rows = outbox.of_trade(trade_id)
    states = [row.state for row in rows]
    why = resend.reason or next((row.reason for row in rows if row.reason), None)
    parts = (f"{row.kind} {row.state}" for row in rows)
    is_sent = resend.stage is ResendStage.SENT
    step = ", ".join((str(resend.stage), *(parts if is_sent else ())))
    is_open = resend.stage is not ResendStage.SENT or not states
    if is_open or any(state.is_pending for state in states):
        return Progress(step=step, reason=why)
    if any(state.is_parked for state in states):
        return Progress(step="waits for a person", is_over=True, reason=why)
    return Progress(step="deleted", is_over=True, is_done=True, reason=why)


def pending(outbox: Outbox, most: int) -> dict[str, Progress]:
    """Return how far the resends are that are not at their end, by trade."""
    found = {r.trade_id: progress(outbox, r.trade_id) for r in outbox.resends(most)}
    return {trade_id: now for trade_id, now in found.items() if not now.is_over}

"""
Replacing a trade in the journal by what the host has now, because a person asks for it.

The forwarder carries it out, a step at a time, each of which is kept: it deletes what
stands there, reads that nothing of it stands any more, and only then lets the trade go
its usual way again. What people made of the journal trade moves along in the end.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Self

import attrs

from argo_tradervue_plugin.delivery.annotator import annotate_one, finish, with_risk
from argo_tradervue_plugin.delivery.enlisting import replan
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.linker import taken_by
from argo_tradervue_plugin.delivery.schedule import delay_before, delays
from argo_tradervue_plugin.delivery.survey import (
    EQUAL,
    Standing,
    belongings_of,
    fills_elsewhere,
    has_equal_under_way,
    ids_of,
    named,
    planned,
    read_there,
    refusal_by_journal,
    sent_in,
    survey,
)
from argo_tradervue_plugin.errors import (
    BadAnswer,
    Rejected,
    ServerError,
    Unreachable,
)
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.matching.belongings import Belongings, combined
from argo_tradervue_plugin.matching.locate import (
    Found,
    in_executions,
)
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.journal import (
    JournalExecution,
)
from argo_tradervue_plugin.model.reasons import code_of, reason, sentence
from argo_tradervue_plugin.outbox.records import (
    Resend,
    ResendStage,
    Row,
    State,
    Transition,
)
from argo_tradervue_plugin.outbox.writer import Writer
from argo_tradervue_plugin.planning.recording import afresh

__all__ = ["Kept", "carry_on"]

HELD: Final = (State.RECORDED, State.LINKED, State.SYNCED)


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
        again = Transition(state=State.RECORDED, rows=due, reason=reason("resent"))
        writer.apply(again, now=lane.clock())


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
    attempts = resend.attempts + 1
    first, longest = delays(lane.settings.first_poll)
    due_at = lane.clock() + delay_before(attempts, first=first, longest=longest)
    with lane.write() as writer:
        writer.keep_resend(
            attrs.evolve(resend, reason=why, attempts=attempts, due_at=due_at)
        )
    if code_of(why) != code_of(resend.reason):
        log.warning(
            "tradervue.resend_waits trade=%s stage=%s reason=%s",
            resend.trade_id,
            resend.stage,
            sentence(why),
        )


def refuse(lane: Lane, resend: Resend, why: str) -> None:
    """Leave everything as it is; nothing was changed."""
    with lane.write() as writer:
        writer.keep_resend(refused(resend, why))
    log_refused(resend, why)


def let_go(lane: Lane, rows: Iterable[Row], resend: Resend, why: str) -> None:
    """Leave the trade as it stands in the journal, of which nothing was deleted."""
    held = [row for row in rows if code_of(row.reason) == "resending"]
    now = lane.clock()
    with lane.write() as writer:
        for row in held:
            if row.journal_id is not None:
                writer.link(row, row.journal_id, now=now)
        writer.let_go(held, now=now)
        writer.keep_resend(refused(resend, why))
    log_refused(resend, why)


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

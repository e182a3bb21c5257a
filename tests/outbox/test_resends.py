"""How far a trade is that is deleted in the journal and sent again, on each engine."""

import attrs

from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.records import Difference
from argo_tradervue_plugin.outbox.records import Resend, ResendStage, State
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.conftest import Open
from tests.outbox.desk import ENTRY, EXIT, NOW, Desk, execution

FAR = 9e14


def deliver(desk: Desk, trade_id: str = "t1", *, journal_id: int = 7) -> None:
    """Bring a trade into the journal, notes and all."""
    desk.enlist(execution(trade_id), execution(trade_id, EXIT, at=5))
    both = [(trade_id, kind) for kind in Kind]
    noted = desk.send(*both)
    desk.link(*both, to=journal_id)
    with desk.write() as writer:
        writer.settle_import(noted.id)
        writer.annotated(trade_id, now=desk.now)


def ask(outbox: Outbox, trade_id: str = "t1", *, now: float = NOW) -> None:
    """Ask as a person does, whoever forwards."""
    with outbox.maintain() as writer:
        writer.ask_resend(trade_id, drops_comments=True, now=now)


def put_at(desk: Desk, stage: ResendStage, **facts: object) -> None:
    """Let the resend of a trade be at *stage*."""
    known = desk.outbox.resend_of("t1")
    assert known is not None
    told = {
        "trade_id": "t1",
        "asked_at": known.asked_at,
        "drops_comments": known.drops_comments,
    }
    with desk.write() as writer:
        writer.keep_resend(Resend(stage=stage, **{**told, **facts}))  # type: ignore[arg-type]


def states(outbox: Outbox) -> list[State]:
    """Return the states of the trade's executions."""
    return [row.state for row in outbox.of_trade("t1")]


def test_what_a_person_asks_for_outlives_the_process(
    desk: Desk, outbox: Outbox, open_outbox: Open
) -> None:
    """Another process finds it, at once due."""
    deliver(desk)
    ask(outbox)
    other = open_outbox()
    (found,) = other.resends_due(NOW, 10)
    assert found == Resend(
        trade_id="t1", stage=ResendStage.ASKED, asked_at=NOW, drops_comments=True
    )
    assert other.resends(10) == [found]
    assert other.resend_of("t2") is None


def test_everything_of_a_stage_is_kept(desk: Desk, outbox: Outbox) -> None:
    """What moves along is nowhere else once the journal trade is deleted."""
    deliver(desk)
    ask(outbox)
    put_at(
        desk,
        ResendStage.CHECKING,
        kept='{"notes": "Ünïcode %s ?"}',
        reason="still_shown: 7",
        attempts=3,
        due_at=NOW + 50,
    )
    found = outbox.resend_of("t1")
    assert found is not None
    assert (found.stage, found.kept) == (
        ResendStage.CHECKING,
        '{"notes": "Ünïcode %s ?"}',
    )
    assert (found.reason, found.attempts) == ("still_shown: 7", 3)
    assert outbox.resends_due(NOW + 49, 10) == []
    assert outbox.resends_due(NOW + 50, 10) == [found]
    assert outbox.next_due() == NOW + 50


def test_asked_again_it_goes_on(desk: Desk, outbox: Outbox) -> None:
    """Only one that was refused begins anew."""
    deliver(desk)
    ask(outbox)
    put_at(desk, ResendStage.CLEARING, kept="what moves along")
    ask(outbox, now=NOW + 10)
    found = outbox.resend_of("t1")
    assert found is not None
    assert (found.stage, found.kept) == (ResendStage.CLEARING, "what moves along")
    put_at(desk, ResendStage.REFUSED, reason="has_comments: 7")
    assert outbox.resends(10) == []
    ask(outbox, now=NOW + 10)
    found = outbox.resend_of("t1")
    assert found is not None
    assert (found.stage, found.reason) == (ResendStage.ASKED, None)
    assert found.asked_at == NOW + 10


def test_held_executions_are_pending_and_not_due(desk: Desk, outbox: Outbox) -> None:
    """They say why; nothing of them is sent, and no notes are written."""
    deliver(desk)
    ask(outbox)
    with desk.write() as writer:
        writer.hold(outbox.of_trade("t1"), reason="resending", now=desk.now)
        writer.wants_notes("t1")
        writer.hold(outbox.of_trade("t1"), reason="resending", now=desk.now)
    assert states(outbox) == [State.RECORDED, State.RECORDED]
    assert {row.reason for row in outbox.of_trade("t1")} == {"resending"}
    assert outbox.due(FAR, 10) == []
    assert outbox.to_annotate(FAR, 10) == []
    assert outbox.oldest_pending_at() is not None
    assert outbox.counts()[State.RECORDED] == 2
    assert [s.detail for s in outbox.history("t1")[-2:]] == ["resending"] * 2


def test_what_is_let_go_stands_where_it_stood(desk: Desk, outbox: Outbox) -> None:
    """Its notes are looked at again; what was not sent yet is due again."""
    deliver(desk)
    desk.enlist(execution("t2"))
    rows = [*outbox.of_trade("t1"), *outbox.of_trade("t2")]
    with desk.write() as writer:
        writer.hold(rows, reason="resending", now=desk.now)
        writer.let_go(rows, now=desk.now)
    assert states(outbox) == [State.LINKED, State.LINKED]
    assert [row.journal_id for row in outbox.of_trade("t1")] == [7, 7]
    assert [trade.trade_id for trade in outbox.to_annotate(NOW, 10)] == ["t1"]
    assert [row.trade_id for row in outbox.due(NOW, 10)] == ["t2"]


def test_what_comes_while_it_is_deleted_is_held_too(desk: Desk, outbox: Outbox) -> None:
    """More of an order was filled: it is not sent before the rest."""
    deliver(desk)
    ask(outbox)
    put_at(desk, ResendStage.CLEARING)
    part = attrs.evolve(execution("t1", at=1, quantity="3"), part=2)
    with desk.write() as writer:
        writer.put(part, account_tag="argo", twin=False, now=desk.now)
    assert outbox.due(FAR, 10) == []


def test_what_is_started_over_is_new_again(desk: Desk, outbox: Outbox) -> None:
    """Executions, slot, outcomes and overlay are gone; what was recorded stays."""
    deliver(desk)
    record = outbox.record_of("t1")
    with desk.write() as writer:
        writer.set_outcomes(
            "t1",
            [Difference(code="price_changed", host="1", sent="2")],
            among=["price_changed"],
            now=desk.now,
        )
        writer.want_overlay("t1", execution("t1").price)
    assert outbox.is_overlay_open("t1")
    with desk.write() as writer:
        writer.start_over("t1")
    assert outbox.of_trade("t1") == []
    assert outbox.trade("t1") is None
    assert outbox.spans("AAPL", 0, None) == []
    assert outbox.outcome_counts() == {}
    assert not outbox.is_overlay_open("t1")
    assert outbox.record_of("t1") == record
    assert outbox.counts()[State.SYNCED] == 0
    assert outbox.history("t1") != []


def test_what_is_sent_again_goes_with_duplicates_allowed(
    desk: Desk, outbox: Outbox
) -> None:
    """A journal may remember what was deleted, also of an exit that comes later."""
    deliver(desk)
    ask(outbox)
    with desk.write() as writer:
        writer.start_over("t1")
    put_at(desk, ResendStage.SENT)
    desk.enlist(execution("t1"), execution("t1", EXIT, at=5))
    assert [row.twin for row in outbox.of_trade("t1")] == [True, True]
    with desk.write() as writer:
        writer.start_over("t1")
    put_at(desk, ResendStage.REFUSED)
    desk.enlist(execution("t1"), execution("t1", EXIT, at=5))
    assert [row.twin for row in outbox.of_trade("t1")] == [False, False]


def test_notes_of_what_was_sent_again_are_up_to_the_resend(
    desk: Desk, outbox: Outbox
) -> None:
    """They go with what people wrote; the step is due once they are, and not before."""
    deliver(desk)
    ask(outbox)
    put_at(desk, ResendStage.SENT)
    assert outbox.resends_due(FAR, 10) == []
    with desk.write() as writer:
        writer.wants_notes("t1")
    assert outbox.to_annotate(FAR, 10) == []
    assert outbox.annotations_due(FAR) == 0
    assert [r.trade_id for r in outbox.resends_due(NOW, 10)] == ["t1"]
    with desk.write() as writer:
        writer.end_resend("t1")
    assert [trade.trade_id for trade in outbox.to_annotate(NOW, 10)] == ["t1"]
    assert outbox.resend_of("t1") is None


def test_overlay_that_was_given_up_is_not_open(desk: Desk, outbox: Outbox) -> None:
    """A resend is a way to have the commission there."""
    deliver(desk)
    with desk.write() as writer:
        writer.want_overlay("t1", execution("t1").price)
        writer.postpone_overlay("t1", due_at=None)
    assert not outbox.is_overlay_open("t1")


def test_trade_that_is_being_replaced_is_not_forgotten(
    desk: Desk, outbox: Outbox
) -> None:
    """However long ago it was finished; what was refused goes with its trade."""
    deliver(desk)
    ask(outbox)
    later = NOW + 1e6
    assert outbox.finished_before(later, after=0, limit=10)[0] == []
    put_at(desk, ResendStage.REFUSED)
    assert outbox.finished_before(later, after=0, limit=10)[0] == ["t1"]
    with desk.write() as writer:
        writer.forget(["t1"])
    assert outbox.resend_of("t1") is None


def test_held_execution_keeps_its_kind(desk: Desk, outbox: Outbox) -> None:
    """Entry and exit stay what they are, and where they stand is known."""
    deliver(desk)
    with desk.write() as writer:
        writer.hold(outbox.of_trade("t1"), reason="resending", now=desk.now)
    assert [(row.kind, row.journal_id) for row in outbox.of_trade("t1")] == [
        (ENTRY, 7),
        (EXIT, 7),
    ]
    assert all(row.is_fixed for row in outbox.of_trade("t1"))

"""
One import, from the note in the outbox to its outcome.

The note is written before anything is sent, and the outcome is stored before anything
else is done with it, because reading it has cleared it at Tradervue. Whatever the
outcome says, only what :mod:`.linker` reads back counts; what becomes of the rest,
:mod:`.decide` says.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from argo_tradervue_plugin.config.settings import LARGEST_IMPORT
from argo_tradervue_plugin.delivery import (
    annotator,
    late,
    linker,
    openings,
    pauses,
    transitions,
)
from argo_tradervue_plugin.delivery.decide import (
    Sending,
    Verdict,
    again,
    may_be_stored,
    next_look,
    verdict,
)
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.late import opens, position_of
from argo_tradervue_plugin.delivery.recently import PutBack, recently_put_back
from argo_tradervue_plugin.delivery.refusals import CONDITION, Refusal, is_about_all
from argo_tradervue_plugin.delivery.schedule import delays, polls
from argo_tradervue_plugin.errors import (
    AuthenticationFailed,
    ImportInProgress,
    PermissionRefused,
    RateLimited,
    Refused,
    Unreachable,
    WrongAddress,
)
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.journal import (
    ImportRequest,
    ImportResult,
    ImportState,
    NewExecution,
)
from argo_tradervue_plugin.model.reasons import reason as stored
from argo_tradervue_plugin.outbox.records import (
    ImportRow,
    ImportStage,
    Row,
    State,
    Transition,
)

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["batch_of", "forward", "halves", "search_again", "send_due", "settle"]

LONGEST_IMPORT: Final = 600.0  # seconds until a running import is looked at later
# Trades that may lack their notes while others are imported: as many as one import
# brings, so that its notes are written while the next one runs.
NOTES_WAITING: Final = LARGEST_IMPORT // 2
# These say that there is no such thing as an import at base_url, and nothing of rows.
WRONG_ADDRESS: Final = frozenset({404, 405, 410})


def send_due(lane: Lane) -> bool:
    """
    Send what is due, as far as one import takes it; return whether there was any.

    Notes follow soon, so that a person sees the journal complete, and what was read of
    it is still true: many that are lacking go first.
    """
    now, size = lane.clock(), lane.import_size
    due = lane.outbox.due(now, size)
    if not due or lane.outbox.annotations_due(now) > NOTES_WAITING:
        return False
    refusal = pauses.standing(lane)
    rows: Sequence[Row] | None = None
    if refusal is not None:
        rows = pauses.trial(lane, refusal)
    if rows is None:
        rows = batch_of(due, size)
    if rows:
        forward(lane, rows)
    return bool(rows)


def batch_of(rows: Sequence[Row], largest: int) -> Sequence[Row]:
    """
    Return those of the due *rows* that go together, the first trade among them.

    An entry and its exit do, or the trade would stand open meanwhile. Each import that
    came to nothing halves the next one with the same rows: one that Tradervue always
    fails on ends up alone, and holds nothing up.
    """
    positions: dict[str, list[Row]] = {}
    for row in rows:
        positions.setdefault(position_of(row), []).append(row)
    tried = rows[0].attempts
    most = max(1, largest >> tried)
    batch: set[int] = set()
    for position in positions.values():
        together = [row for row in position if row.attempts == tried]
        entries = [row for row in together if opens(row)]
        if any(opens(row) and row.attempts != tried for row in position):
            together = entries  # what closes does not go without what opens
        if not together:
            continue
        if batch and len(batch) + len(together) > most:
            break
        # One that is too large for an import begins with its entry.
        some = together if len(together) <= most else (entries or together)[:most]
        batch |= {row.seq for row in some}
    return [row for row in rows if row.seq in batch]


def forward(lane: Lane, rows: Sequence[Row]) -> None:
    """
    Bring *rows* (of one account tag) into the journal, as far as that goes now.

    Raises:
        ApiError: nothing was sent and the rows are due again, or it is not known
            what became of them; then the import stays unsettled.
    """
    rows = ready(lane, rows)
    if not rows:
        return
    client = lane.client  # there may be no credentials: then there is nothing to note
    lane.outbox.see_latest_import()
    noted, rows = note(lane, rows)
    lane.outbox.keep_import(noted.id)
    if not rows:  # a person has discarded them a moment ago
        with lane.write() as writer:
            writer.settle_import(noted.id)
        return
    try:
        client.create_import(request_for(lane, rows))
    except (AuthenticationFailed, PermissionRefused, ImportInProgress, RateLimited):
        give_back(lane, noted.id, rows)  # not the fault of these rows
        raise
    except Unreachable as error:
        if not error.sent:
            give_back(lane, noted.id, rows)
        raise
    except Refused as error:
        if error.status in WRONG_ADDRESS or not takes_anything(client):
            give_back(lane, noted.id, rows)
            raise
        is_alone = len(rows) == 1
        blame(lane, rows, str(error), None, is_sent_alone=is_alone, is_unsure=False)
        with lane.write() as writer:
            writer.settle_import(noted.id)
    else:
        with lane.write() as writer:
            writer.accept_import(noted.id)
        settle(lane, attrs.evolve(noted, stage=ImportStage.ACCEPTED))


def ready(lane: Lane, rows: Sequence[Row]) -> Sequence[Row]:
    """Return those of the due *rows* that are to be sent now."""
    rows = late.sendable(lane, openings.in_free_slots(lane, rows))
    put_back = recently_put_back(lane) if rows else None
    if rows and (rows[0].twin or put_back):
        # Tradervue will not refuse duplicates, or this outbox has forgotten that they
        # were sent: what stands there is counted first.
        rows = linker.read_back(lane, rows, result=None, is_counted=True)
    return without_forgotten(lane, rows, put_back) if rows and put_back else rows


def without_forgotten(
    lane: Lane, rows: Sequence[Row], put_back: PutBack
) -> Sequence[Row]:
    """
    Return those of *rows* that can be sent after a putting back, though none shows.

    A journal that lags may hold what is forgotten. Tradervue refuses it as a duplicate,
    but for twins: their trades wait until the journal has shown a later import, or
    cannot lag any more.
    """
    doubtful = put_back.doubtful(rows)
    if not doubtful or put_back.is_caught_up(lane.outbox):
        return rows
    if not rows[0].twin:
        with lane.write() as writer:
            writer.doubt(doubtful)
        return rows
    positions = {position_of(row) for row in doubtful}
    waiting = [row for row in rows if position_of(row) in positions]
    _, longest = delays(lane.settings.first_poll)
    due_at = lane.clock() + longest
    change = Transition(
        state=State.RECORDED, rows=waiting, reason=stored("put_back"), due_at=due_at
    )
    transitions.apply(lane, change)
    return [row for row in rows if position_of(row) not in positions]


def takes_anything(client: "TradervueClient") -> bool:
    """
    Tell whether Tradervue answers this client at all.

    One that it has blacklisted is refused whatever it asks; no row is at fault then.
    Any other trouble is raised.
    """
    try:
        client.check()
    except (Refused, WrongAddress):
        return False
    return True


def note(lane: Lane, rows: Sequence[Row]) -> tuple[ImportRow, list[Row]]:
    """Write the import down before it is sent; return it, and what it consists of."""
    noted: ImportRow | None = None
    taken: list[Row] = []
    for piece in lane.pieces(rows):
        with lane.write() as writer:
            noted = noted or writer.note_import(
                account_tag=rows[0].account_tag,
                allow_duplicates=rows[0].twin,
                size=len(rows),
                now=lane.clock(),
            )
            taken += writer.add_to_import(noted.id, piece, now=lane.clock())
    if noted is None:
        raise AssertionError("an import consists of something")
    return attrs.evolve(noted, size=len(taken)), taken


def request_for(lane: Lane, rows: Sequence[Row]) -> ImportRequest:
    """Return what is sent for *rows*."""
    tag = rows[0].account_tag
    return ImportRequest(
        executions=tuple(
            NewExecution(
                symbol=row.execution.symbol,
                quantity=row.execution.quantity,
                price=row.execution.price,
                executed_at=row.execution.executed_at,
                commission=row.execution.commission,
            )
            for row in rows
            if row.execution is not None
        ),
        account_tag=tag or None,
        # The account tag is among a trade's tags by itself; without one, ours has to
        # be put there for the trade to be found by it.
        tags=() if tag else (lane.settings.account_tag,),
        allow_duplicates=rows[0].twin,
    )


def settle(lane: Lane, known: ImportRow) -> None:
    """
    Find out what became of an import, ours or a predecessor's, and act on it.

    Leaves it unsettled when it still runs.
    """
    if known.stage is ImportStage.FINISHED:
        result = stored_result(known)
    else:
        state, result = outcome(lane)
        if state is None:
            return
        if known.stage is ImportStage.NOTED:
            # Whether it arrived is not known, so what was heard may be about
            # somebody else's import: only the journal tells.
            result = None
        store(lane, known, state, result)
        known = attrs.evolve(known, finished_at=lane.clock())
    conclude(lane, known, result)


def search_again(lane: Lane) -> bool:
    """Search the journal for what it did not show; return whether any is due."""
    due = lane.outbox.waiting_imports(lane.clock(), 1)
    for known in due:
        conclude(lane, known, stored_result(known))
    return bool(due)


def store(
    lane: Lane, known: ImportRow, state: ImportState, result: ImportResult | None
) -> None:
    """Keep what was heard of an import, before anything is done with it."""
    text = json.dumps({"state": state, "result": result and attrs.asdict(result)})
    with lane.write() as writer:
        writer.finish_import(known.id, text, now=lane.clock())
    if result is None:
        return
    if may_be_stored(result):
        pauses.accept(lane)
    if result.error is not None:
        return
    sent = [row for row in lane.outbox.of_import(known.id) if row.state is State.SENT]
    transitions.apply(lane, Transition(state=State.IMPORTED, rows=sent))


def outcome(lane: Lane) -> tuple[ImportState | None, ImportResult | None]:
    """
    Wait for the import slot to be free; return how and with what result.

    Notes of earlier imports are written meanwhile.

    ``ready`` means that it is unknown: somebody else read the outcome, or the request
    never arrived. A state of None means that the import still runs.
    """
    give_up_at = lane.clock() + LONGEST_IMPORT
    wait = annotator.waiting(lane)
    for delay in polls(lane.settings.first_poll):
        if not wait(delay):
            return None, None
        status = lane.client.import_status()
        if status.state.is_finished or status.state is ImportState.READY:
            return status.state, status.result
        if lane.clock() > give_up_at:
            log.warning(
                "tradervue.import_running seconds=%d: Tradervue has not finished an "
                "import; nothing else can be imported until it does",
                LONGEST_IMPORT,
            )
            return None, None
    raise AssertionError("polls() never ends")


def stored_result(known: ImportRow) -> ImportResult | None:
    """Return the result that was stored before a crash."""
    try:
        result = json.loads(known.outcome or "null")["result"]
    except (ValueError, TypeError, KeyError):
        return None
    return result and ImportResult(**result)


def conclude(lane: Lane, known: ImportRow, result: ImportResult | None) -> None:
    """
    Search the journal for what an import has sent, and deal with what it does not show.

    What is stored, or may be, is searched for again when it is due, for as long as it
    takes; nothing else waits for it meanwhile.
    """
    sent = lane.outbox.of_import(known.id)
    rows = [row for row in sent if row.state.is_under_way]
    sending = sending_of(lane, known, result, sent)
    missing = linker.read_back(
        lane,
        rows,
        result=result,
        looks=known.looks,
        most=sending.can_show - sending.shown,
    )
    shown = sending.shown + len(rows) - len(missing)
    sending = attrs.evolve(sending, shown=shown, now=lane.clock())
    if shown and result is None:
        pauses.accept(lane)
    if result is not None and result.error is None:
        lane.import_succeeded()
    verdicts: dict[Verdict, list[Row]] = {}
    for row in lane.one_by_one(missing):
        found = verdict(
            sending,
            is_twin=row.twin,
            is_unsure=row.unsure,
            # Looked up where it decides: there may be some hundred of them.
            has_equal=row.unsure and has_equal(lane, row),
        )
        verdicts.setdefault(found, []).append(row)
    waits = Verdict.WAIT in verdicts
    carry_out(lane, known, result, verdicts)
    with lane.write() as writer:
        if waits:
            due_at = next_look(sending, known.looks, poll=lane.settings.first_poll)
            writer.wait_for_import(known.id, due_at=due_at, now=lane.clock())
        else:
            writer.settle_import(known.id)


def has_equal(lane: Lane, row: Row) -> bool:
    """Tell whether another execution of ours equals that of *row*."""
    return bool(row.execution and lane.outbox.equals(row.execution))


def sending_of(
    lane: Lane, known: ImportRow, result: ImportResult | None, sent: Sequence[Row]
) -> Sending:
    """Return what is known of an import before the journal is searched for it."""
    now = lane.clock()
    # A clock that was set back makes nothing finish later than now.
    finished_at = min(now, known.finished_at or now)
    sending = Sending(
        size=known.size or len(sent),
        shown=sum(row.state.is_read_back for row in sent),
        result=result,
        now=now,
        finished_at=finished_at,
        last_finished_at=finished_at,
    )
    if sending.is_stored:
        return sending  # what other imports tell decides nothing of it
    last = min(now, lane.outbox.last_finished_at() or 0.0)
    return attrs.evolve(
        sending,
        last_finished_at=max(finished_at, last),
        # What is read after this shows all that stood there by then.
        is_later_shown=lane.outbox.is_shown_after(known.id),
    )


def carry_out(
    lane: Lane,
    known: ImportRow,
    result: ImportResult | None,
    verdicts: Mapping[Verdict, Sequence[Row]],
) -> None:
    """Do what was decided about executions that the journal does not show."""
    for found, rows in verdicts.items():
        match found:
            case Verdict.WAIT:
                continue
            case Verdict.SEND | Verdict.QUOTA:
                change = again(
                    found, rows, now=lane.clock(), poll=lane.settings.first_poll
                )
                transitions.apply(lane, change)
            case Verdict.BLAME if result is not None:
                named = named_by(lane, known, result, among=rows)
                if named is not None:
                    lane.import_failed_at(result.error_row or 0)
                size = known.size or len(lane.outbox.of_import(known.id))
                blame(
                    lane,
                    rows,
                    result.error or "",
                    named,
                    is_sent_alone=size == 1,
                    is_unsure=may_be_stored(result),
                )
            case _:
                give_up(lane, result, found, rows)


def give_up(
    lane: Lane, result: ImportResult | None, found: Verdict, rows: Sequence[Row]
) -> None:
    """Leave *rows* to a person, or show them without executions."""
    for row in lane.one_by_one(rows):
        if not transitions.still_due(lane, [row]):
            continue  # it went with its entry
        if result is None or found is Verdict.UNKNOWN:
            transitions.park(lane, row, stored("twin_unknown"))
        elif found is Verdict.REFUSE:
            kinds = skipped_kinds(result)
            transitions.refuse(lane, row, f"the Tradervue plan does not take {kinds}")
        else:
            said = (
                f"its import succeeded with {result.exec_count} executions and "
                f"{result.duplicate_count} duplicates"
            )
            transitions.park(lane, row, stored("not_shown", said))


def named_by(
    lane: Lane, known: ImportRow, result: ImportResult, *, among: Sequence[Row]
) -> Row | None:
    """Return which execution made an import fail, None where none of these is named."""
    sent = lane.outbox.of_import(known.id)
    if result.error_row is None or known.size not in (0, len(sent)):
        return None  # after a crash in between the numbers are not those sent
    named = {row.seq for row in sent[result.error_row : result.error_row + 1]}
    return next((row for row in among if row.seq in named), None)


def skipped_kinds(result: ImportResult) -> str:
    """Return which kinds of instruments the plan does not take, in words."""
    kinds = ("futures", "options", "forex")
    return " and ".join(kind for kind in kinds if getattr(result, f"skipped_{kind}"))


def blame(
    lane: Lane,
    rows: Sequence[Row],
    reason: str,
    named: Row | None,
    *,
    is_sent_alone: bool,
    is_unsure: bool,
) -> None:
    """
    Refuse the execution that made an import fail, and send the others again.

    Where Tradervue *named* none, halves are sent until one is *sent alone*, unless the
    refusal is one of everything. One that is left alone by a crash, after others of
    its import were dealt with, is not at fault by that. *is_unsure*: the import may
    have stored some of them.
    """
    refusal = Refusal.of(lane.condition(CONDITION))
    guilty = named or (rows[0] if is_sent_alone else None)
    if named is None and not is_unsure and is_about_all(refusal, reason):
        pauses.pause(lane, rows, reason)
        return
    if guilty is not None:
        if not transitions.without_commission(lane, guilty):
            refuse(lane, guilty, reason, is_unsure=is_unsure)
            if named is None:
                pauses.suspect(lane, guilty, reason)
        # Its exit, if there is one among them, has gone the same way.
        send_again(lane, transitions.still_due(lane, rows), is_unsure=is_unsure)
        return
    # Of all of them, before one half has consequences for the other.
    if is_unsure:
        with lane.write() as writer:
            writer.doubt(rows)
    else:
        transitions.give_back(lane, transitions.still_due(lane, rows))
    for part in halves(rows):
        current = transitions.still_due(lane, part)
        alone = [row for row in current if is_alone(lane, row, current)]
        if pauses.standing(lane) is not None:
            alone = current  # first it is found out whether everything is refused
        send_again(lane, alone, is_unsure=is_unsure)  # or once their entry is there
        together = [row for row in current if row not in alone]
        if together:
            forward(lane, together)


def refuse(lane: Lane, row: Row, said: str, *, is_unsure: bool) -> None:
    """Refuse an execution; of an import that failed, others may be stored."""
    is_entry = row.kind is Kind.ENTRY and not transitions.is_there(lane, row)
    found = linker.exits_alone(lane, row, is_unsure=is_unsure) if is_entry else []
    if found:
        transitions.leave_exits(lane, row, found, said)
    else:
        transitions.refuse(lane, row, said)


def send_again(lane: Lane, rows: Sequence[Row], *, is_unsure: bool) -> None:
    """Make *rows* of a failed import due at once, as if they had not been tried."""
    if is_unsure:
        change = Transition(state=State.RECORDED, rows=rows, is_unsure=True)
        transitions.apply(lane, change)
    else:
        transitions.give_back(lane, rows)


def halves(rows: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return *rows* in two parts, a whole trade in one of them if there are more."""
    trades = list(dict.fromkeys(row.trade_id for row in rows))
    if len(trades) == 1:
        return rows[:1], rows[1:]
    first = set(trades[: len(trades) // 2])
    return (
        [row for row in rows if row.trade_id in first],
        [row for row in rows if row.trade_id not in first],
    )


def is_alone(lane: Lane, row: Row, others: Sequence[Row]) -> bool:
    """Tell whether *row* is an exit that would go without its entry."""
    entered = {other.trade_id for other in others if other.kind is Kind.ENTRY}
    return (
        row.kind is Kind.EXIT
        and row.trade_id not in entered
        and not transitions.is_there(lane, row)
    )


def give_back(lane: Lane, import_id: int, rows: Sequence[Row]) -> None:
    """Take back an import of which Tradervue has processed nothing."""
    transitions.give_back(lane, rows)
    with lane.write() as writer:
        writer.settle_import(import_id)

"""
One import, from the note in the outbox to its outcome.

The note is written before anything is sent, and the outcome is stored before anything
else is done with it, because reading it has cleared it at Tradervue. Whatever the
outcome says, only what :mod:`.linker` reads back counts.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import attrs

from argo_tradervue_plugin.delivery import annotator, late, linker
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.planner import keep_open, replan
from argo_tradervue_plugin.delivery.schedule import (
    delay_before,
    delays,
    polls,
    quota_again,
)
from argo_tradervue_plugin.errors import (
    AuthenticationFailed,
    ImportInProgress,
    PermissionRefused,
    RateLimited,
    Refused,
    Unreachable,
)
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.journal.executions import Kind
from argo_tradervue_plugin.journal.reasons import reason as stored
from argo_tradervue_plugin.journal.reasons import sentence
from argo_tradervue_plugin.outbox.interface import ImportRow, ImportStage, Row, State
from argo_tradervue_plugin.tradervue.models import (
    ImportRequest,
    ImportResult,
    ImportState,
    NewExecution,
)

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["batch_of", "forward", "halves", "settle"]

LONGEST_IMPORT: Final = 600.0  # seconds until a running import is looked at later
# These say that there is no such thing as an import at base_url, and nothing of rows.
WRONG_ADDRESS: Final = frozenset({404, 405, 410})
MOST_ATTEMPTS: Final = 5  # imports that succeeded without an execution showing up


def batch_of(rows: Sequence[Row], largest: int) -> Sequence[Row]:
    """
    Return those of the due *rows* that go together, the first trade among them.

    An entry and its exit do, or the trade would stand open meanwhile. Each import that
    came to nothing halves the next one with the same rows: one that Tradervue always
    fails on ends up alone, and holds up nobody.
    """
    trades: dict[str, list[Row]] = {}
    for row in rows:
        trades.setdefault(row.trade_id, []).append(row)
    tried = rows[0].attempts
    most = max(1, largest >> tried)
    batch: set[int] = set()
    for trade in trades.values():
        together = [row for row in trade if row.attempts == tried]
        if not together:
            continue
        if batch and len(batch) + len(together) > most:
            break
        entries = [row for row in together if row.kind is Kind.ENTRY]
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
    rows = late.sendable(lane, rows)
    if rows and rows[0].twin:
        # Tradervue will not refuse duplicates: what stands there is counted first.
        rows = linker.read_back(lane, rows, told=None)
    if not rows:
        return
    client = lane.client  # there may be no credentials: then there is nothing to note
    noted = note(lane, rows)
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
        blame(lane, rows, str(error), None)
        with lane.write() as writer:
            writer.settle_import(noted.id)
    else:
        with lane.write() as writer:
            writer.accept_import(noted.id)
        settle(lane, attrs.evolve(noted, stage=ImportStage.ACCEPTED))


def takes_anything(client: "TradervueClient") -> bool:
    """
    Tell whether Tradervue answers this client at all.

    One that it has blacklisted is refused whatever it asks; no row is at fault then.
    Any other trouble is raised.
    """
    try:
        client.check()
    except Refused:
        return False
    return True


def note(lane: Lane, rows: Sequence[Row]) -> ImportRow:
    """Write the import down before it is sent."""
    with lane.write() as writer:
        noted = writer.note_import(
            account_tag=rows[0].account_tag,
            allow_duplicates=rows[0].twin,
            now=lane.clock(),
        )
    for piece in lane.pieces(rows):
        with lane.write() as writer:
            writer.add_to_import(noted.id, piece, now=lane.clock())
    return noted


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
    rows = [
        row
        for row in lane.outbox.of_import(known.id)
        if row.state in (State.SENT, State.IMPORTED)
    ]
    missing = linker.read_back(lane, rows, told=result)
    if missing:
        judge(lane, missing, result)
    with lane.write() as writer:
        writer.settle_import(known.id)


def store(
    lane: Lane, known: ImportRow, state: ImportState, result: ImportResult | None
) -> None:
    """Keep what was heard of an import, before anything is done with it."""
    told = json.dumps({"state": state, "result": result and attrs.asdict(result)})
    with lane.write() as writer:
        writer.finish_import(known.id, told, now=lane.clock())
    if result is None or result.error is not None:
        return
    sent = [row for row in lane.outbox.of_import(known.id) if row.state is State.SENT]
    for piece in lane.pieces(sent):
        with lane.write() as writer:
            writer.move(piece, State.IMPORTED, now=lane.clock())


def outcome(lane: Lane) -> tuple[ImportState | None, ImportResult | None]:
    """
    Wait for the import slot to be free; return how and with what result.

    Notes of earlier imports are written meanwhile.

    ``ready`` means that nobody knows: somebody else read the outcome, or the request
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


def judge(lane: Lane, missing: Sequence[Row], result: ImportResult | None) -> None:
    """Decide what becomes of executions that an import left out of the journal."""
    if result is None:
        # The outcome is unknown and the journal does not hold them: sent again, with
        # duplicates refused or counted, nothing can stand twice.
        attempt = missing[0].attempts + 1
        first, longest = delays(lane.settings.first_poll)
        delay = delay_before(attempt, first=first, longest=longest)
        due_at = lane.clock() + delay
        retry(lane, missing, due_at, stored("outcome_unknown"))
    elif result.error is not None:
        blame(lane, missing, result.error, named_by(lane, missing, result))
    elif result.overquota_count:
        retry(
            lane,
            missing,
            quota_again(lane.clock()),
            stored("quota"),
            is_attempt=False,
        )
    elif skipped := skipped_kinds(result):
        for row in missing:
            if still_due(lane, [row]):
                refuse(lane, row, f"the Tradervue plan does not take {skipped}")
    else:
        look_again(lane, missing, result)


def named_by(lane: Lane, missing: Sequence[Row], result: ImportResult) -> Row | None:
    """Return the execution that made an import fail, None where none is named."""
    sent = lane.outbox.of_import(missing[0].import_id or 0)
    row = result.error_row
    return sent[row] if row is not None and 0 <= row < len(sent) else None


def skipped_kinds(result: ImportResult) -> str:
    """Return which kinds of instruments the plan does not take, in words."""
    kinds = ("futures", "options", "forex")
    return " and ".join(kind for kind in kinds if getattr(result, f"skipped_{kind}"))


def look_again(lane: Lane, missing: Sequence[Row], result: ImportResult) -> None:
    """Send again what a success left out, and leave it to a person after a while."""
    due_at: dict[int, float] = {}  # by attempt: an entry goes with its exit again
    for row in missing:
        if not still_due(lane, [row]):
            continue  # it went with its entry
        attempt = row.attempts + 1
        if attempt >= MOST_ATTEMPTS:
            park(
                lane,
                row,
                stored(
                    "not_shown",
                    f"{attempt} imports succeeded, and the last reported "
                    f"{result.duplicate_count} duplicates",
                ),
            )
            continue
        if attempt not in due_at:
            delay = delay_before(attempt, first=2 * lane.settings.first_poll)
            due_at[attempt] = lane.clock() + delay
        retry(lane, [row], due_at[attempt], stored("imported_not_shown"))


def blame(lane: Lane, rows: Sequence[Row], reason: str, named: Row | None) -> None:
    """
    Refuse the execution that made an import fail, and send the others again.

    Where Tradervue *named* none, halves are sent until one stands alone.
    """
    guilty = named or (rows[0] if len(rows) == 1 else None)
    if guilty is not None:
        refuse(lane, guilty, reason)
        # Its exit, if there is one among them, has gone the same way.
        retry(lane, still_due(lane, rows), None, None)
        return
    for part in halves(rows):
        current = still_due(lane, part)
        alone = [row for row in current if is_alone(lane, row, current)]
        retry(lane, alone, None, None)  # they go when their entry was read back
        together = [row for row in current if row not in alone]
        if together:
            forward(lane, together)


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
        and not is_there(lane, row)
    )


def still_due(lane: Lane, rows: Sequence[Row]) -> list[Row]:
    """Return those of *rows* that nothing has been decided about, entries first."""
    now = {
        row.seq: row
        for found in lane.outbox.of_trades({row.trade_id for row in rows}).values()
        for row in found
    }
    open_states = (State.RECORDED, State.SENT, State.IMPORTED)
    known = [now[row.seq] for row in rows if row.seq in now]
    return [row for row in known if row.state in open_states]


def refuse(lane: Lane, row: Row, reason: str) -> None:
    """
    Note that Tradervue will never take *row*.

    Without its entry a trade has no place among the journal's trades: a basic one
    shows it. Without its exit it stands there open, and a person has to look.
    """
    if is_there(lane, row):
        park(lane, row, stored("refused", reason), is_unsent=True)
        return
    log.error(
        "tradervue.refused kind=%s trade=%s symbol=%s reason=%s: it is shown as a "
        "basic trade",
        row.kind,
        row.trade_id,
        row.execution and row.execution.symbol,
        reason,
    )
    move_trade(lane, row, State.BASIC, stored("refused", reason), is_unsent=True)


def park(lane: Lane, row: Row, reason: str, *, is_unsent: bool = False) -> None:
    """Leave *row* to a person, and with an entry its exit."""
    log.error(
        "tradervue.quarantined kind=%s trade=%s symbol=%s reason=%s: look at the "
        "journal, then retry or discard it",
        row.kind,
        row.trade_id,
        row.execution and row.execution.symbol,
        sentence(reason),
    )
    if row.kind is Kind.ENTRY and not is_there(lane, row):
        move_trade(lane, row, State.QUARANTINED, reason, is_unsent=is_unsent)
        return
    with lane.write() as writer:
        writer.move(
            [row],
            State.QUARANTINED,
            now=lane.clock(),
            reason=reason,
            is_unsent=is_unsent,
        )
        if row.kind is Kind.EXIT:
            keep_open(lane, writer, row.trade_id)
        else:  # the exit closes what there is without it
            replan(lane, writer, row.trade_id)


def move_trade(
    lane: Lane, row: Row, state: State, reason: str, *, is_unsent: bool = False
) -> None:
    """Move every execution of a trade that is not in the journal to *state*."""
    rows = lane.outbox.of_trades([row.trade_id])[row.trade_id]
    lost = [r for r in rows if r.journal_id is None]
    with lane.write() as writer:
        writer.move(lost, state, now=lane.clock(), reason=reason, is_unsent=is_unsent)
        if state is State.BASIC:
            writer.wants_notes(row.trade_id)


def is_there(lane: Lane, row: Row) -> bool:
    """Tell whether an entry of the trade of *row* was read back."""
    rows = lane.outbox.of_trades([row.trade_id])[row.trade_id]
    return any(r.kind is Kind.ENTRY and r.journal_id is not None for r in rows)


def retry(
    lane: Lane,
    rows: Sequence[Row],
    due_at: float | None,
    reason: str | None,
    *,
    is_attempt: bool = True,
    is_unsent: bool = False,
) -> None:
    """Make *rows* due again; *due_at* None is at once, and counts as no attempt."""
    for piece in lane.pieces(rows):
        with lane.write() as writer:
            writer.move(
                piece,
                State.RECORDED,
                now=lane.clock(),
                reason=reason,
                due_at=due_at,
                is_attempt=is_attempt,
                is_unsent=is_unsent,
            )


def give_back(lane: Lane, import_id: int, rows: Sequence[Row]) -> None:
    """Take back an import of which Tradervue has processed nothing."""
    retry(lane, rows, None, None, is_unsent=True)
    with lane.write() as writer:
        writer.settle_import(import_id)

"""
What a resend would replace, by what, and why it does not, if it does not.

The same for the forwarder, which carries it out, and for whoever asks before.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.annotator import risk_of as planned_risk
from argo_tradervue_plugin.delivery.lane import Context
from argo_tradervue_plugin.delivery.linker import taken_by
from argo_tradervue_plugin.errors import (
    NotFound,
)
from argo_tradervue_plugin.matching import notes
from argo_tradervue_plugin.matching.belongings import Belongings, combined
from argo_tradervue_plugin.matching.locate import (
    Found,
    in_executions,
    is_same,
    worth_reading,
)
from argo_tradervue_plugin.model.executions import Execution
from argo_tradervue_plugin.model.journal import (
    JournalExecution,
    JournalTradeDetail,
    TradeFilter,
)
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.reasons import reason, sentence
from argo_tradervue_plugin.model.records import TradeRecord
from argo_tradervue_plugin.model.symbols import in_journal
from argo_tradervue_plugin.model.times import new_york_day
from argo_tradervue_plugin.outbox.records import (
    Row,
    State,
    TradeRow,
)
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.planning.legs import Sent
from argo_tradervue_plugin.planning.plan import Plan, plan
from argo_tradervue_plugin.planning.recording import afresh
from argo_tradervue_plugin.planning.slots import slot_of

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = [
    "EQUAL",
    "Standing",
    "Survey",
    "belongings_of",
    "fills_elsewhere",
    "has_equal_under_way",
    "ids_of",
    "named",
    "planned",
    "read_there",
    "refusal_by_journal",
    "refusal_by_state",
    "sent_in",
    "survey",
]

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

"""
Trades of the host that a journal trade claims to be, which could not prove it.

An equal one is not sent beside it before a person has looked: the notes there may be
right. Any other is sent: a copied note keeps no real trade out of the journal.
"""

from collections.abc import Iterable, Mapping, Sequence

from argo_tradervue_plugin.delivery.lane import Context
from argo_tradervue_plugin.matching import claims
from argo_tradervue_plugin.matching.locate import Found
from argo_tradervue_plugin.matching.wording import markers
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.reasons import code_of
from argo_tradervue_plugin.outbox.records import Row
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = ["claimed_by", "without_claimants"]


def claimed_by(
    context: Context, rows: Iterable[Row], executions: Sequence[Execution]
) -> int | None:
    """
    Return the journal trade that claims to be the trade of *executions*, and is equal.

    Equal is what one of its entries has opened. None: there is no such claim, or some
    of *rows* may stand in the journal, or a person has decided about them.
    """
    entries = [row for row in rows if row.kind is Kind.ENTRY]
    if any(r.is_fixed or r.twin or code_of(r.reason) == "retried" for r in entries):
        return None
    opening = [e for e in executions if e.kind is Kind.ENTRY]
    places = places_of(context.outbox, kept_in(context), opening)
    return min(places, default=None)


def without_claimants(context: Context, found: Iterable[Found]) -> list[Found]:
    """
    Return what was *found* elsewhere than where a claim is that a person has denied.

    Only who said that an equal trade is to be sent all the same gets this far.
    """
    some, kept = list(found), kept_in(context)
    outbox = context.outbox
    if not kept:
        return some
    named = {
        f.trade_id for f in some if not kept.keys().isdisjoint(markers(f.trade_id))
    }
    rows = outbox.of_trades(sorted(named)) if named else {}
    places = {
        trade_id: places_of(
            outbox,
            kept,
            [r.execution for r in own if r.execution and r.kind is Kind.ENTRY],
        )
        for trade_id, own in rows.items()
    }
    return [f for f in some if f.journal_id not in places.get(f.trade_id, ())]


def kept_in(context: Context) -> Mapping[str, tuple[claims.Claim, ...]]:
    """Return the claims that the outbox keeps, by the trades that they name."""
    return claims.claims_in(context.condition(claims.CLAIMS))


def places_of(
    outbox: Outbox,
    kept: Mapping[str, tuple[claims.Claim, ...]],
    opening: Sequence[Execution],
) -> set[int]:
    """Return the journal trades that claim the trade which *opening* opens."""
    if not opening:
        return set()
    trade_id = opening[0].trade_id
    ids = markers(trade_id)
    claimed = [claim for each in ids for claim in kept.get(each, ())]
    for other in {*ids} - {trade_id}:  # linked by its marker: the id was not known
        claimed += [
            claims.Claim.of(row.journal_id, row.execution)
            for row in outbox.of_trade(other)
            if row.execution is not None and row.journal_id is not None
        ]
    return claims.equal_claims(claimed, opening) if claimed else set()

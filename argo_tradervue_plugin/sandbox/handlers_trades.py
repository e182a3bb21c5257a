"""``/trades`` with executions and comments."""

from .answers import comments, execution, trade_detail, trade_listed
from .calls import Call, Refused, Reply, json_reply, missing, text_reply
from .journal import Journal
from .queries import filters_of, page_of
from .texts import Malformed, boolean, risk, tags, text
from .trades import Trade


def list_trades(call: Call) -> Reply:
    """List trades, newest first."""
    assumptions = call.assumptions
    page = page_of(call.query, assumptions)
    trades = filters_of(call.query, assumptions).page(call.seen, page)
    listed = ",".join(trade_listed(trade, assumptions) for trade in trades)
    return text_reply(f'{{"trades":[{listed}]}}')


def get_trade(call: Call) -> Reply:
    """Answer with one trade."""
    return json_reply(trade_detail(_trade(call), call.assumptions))


def post_trade(call: Call) -> Reply:
    """
    Make a trade without executions.

    Quantities, prices, sides and dates are no members of it: ignored, not stored.
    Source: API documentation, trades.
    """
    members = call.payload()
    assumptions = call.assumptions
    try:
        symbol = text(members, "symbol").strip()
        if not symbol:
            raise Refused(400, "Symbol can't be blank")
        name = symbol.upper() if assumptions.symbol_case == "upper" else symbol
        # Left out: the template. Empty: empty.
        has_notes = members.get("notes") is not None
        notes = text(members, "notes") if has_notes else assumptions.notes_template
        shared, initial_risk = boolean(members, "shared"), risk(members)
        tagged = tags(members)
    except Malformed as error:
        raise Refused(400, str(error)) from error

    def create(journal: Journal) -> int:
        trade = journal.open_trade(name, (), call.now)
        trade.notes, trade.shared, trade.initial_risk = notes, shared, initial_risk
        journal.retag(trade, tagged)
        return trade.id

    return call.created("trades", call.account.edit(call.tick, create))


def put_trade(call: Call) -> Reply:
    """Change notes, shared, initial risk, tags; what is left out stays."""
    trade_id = _stored_id(call)
    members = call.payload()
    changes: dict[str, object] = {}
    try:
        if "notes" in members:
            changes["notes"] = text(members, "notes")
        if "shared" in members:
            changes["shared"] = boolean(members, "shared")
        if "initial_risk" in members:
            changes["initial_risk"] = risk(members)
        new_tags = tags(members) if "tags" in members else None
    except Malformed as error:
        raise Refused(400, str(error)) from error

    def change(journal: Journal) -> None:
        trade = journal.trades[trade_id]
        for name, value in changes.items():
            setattr(trade, name, value)
        if new_tags is not None:
            kept = trade.tags if call.assumptions.tags_put == "add" else []
            journal.retag(trade, [*kept, *new_tags])
        journal.touch(trade)

    call.account.edit(call.tick, change)
    return Reply(200)


def delete_trade(call: Call) -> Reply:
    """Delete a trade with its executions and comments."""
    trade_id = _stored_id(call)
    call.account.edit(
        call.tick, lambda journal: journal.delete(journal.trades[trade_id])
    )
    return call.deleted()


def list_executions(call: Call) -> Reply:
    """List the executions of a trade, oldest first."""
    parts = _trade(call).parts
    listed = [execution(part, call.assumptions) for part in parts]
    return json_reply({"executions": listed})


def list_comments(call: Call) -> Reply:
    """List the comments on a trade, oldest first."""
    return json_reply(comments(_trade(call).comments))


def _trade(call: Call) -> Trade:
    trade = call.seen.trades.get(call.id or 0)
    if trade is None:
        raise missing()
    return trade


def _stored_id(call: Call) -> int:
    """Return the id of the trade to change, in the journal itself: no write lags."""
    if call.id is None or call.id not in call.account.journal.trades:
        raise missing()
    return call.id

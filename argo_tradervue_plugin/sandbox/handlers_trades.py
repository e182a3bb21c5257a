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
    assumptions, journal = call.assumptions, call.account.journal
    try:
        symbol = text(members, "symbol").strip()
        if not symbol:
            raise Refused(400, "Symbol can't be blank")
        name = symbol.upper() if assumptions.symbol_case == "upper" else symbol
        trade = journal.open_trade(name, "", call.now)
        # Left out: the template. Empty: empty.
        is_told = members.get("notes") is not None
        trade.notes = text(members, "notes") if is_told else assumptions.notes_template
        trade.shared = boolean(members, "shared")
        trade.initial_risk = risk(members)
        trade.tags = tags(members)
    except Malformed as error:
        raise Refused(400, str(error)) from error
    journal.touch(trade)
    return call.created("trades", trade.id)


def put_trade(call: Call) -> Reply:
    """Change notes, shared, initial risk, tags; what is left out stays."""
    _trade(call)
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
    for journal in _journals(call):
        trade = journal.trades.get(call.id or 0)
        if trade is None:
            continue
        for name, value in changes.items():
            setattr(trade, name, value)
        if new_tags is not None:
            kept = trade.tags if call.assumptions.tags_put == "add" else []
            trade.tags = list(dict.fromkeys([*kept, *new_tags]))
        journal.touch(trade)
    return Reply(200)


def delete_trade(call: Call) -> Reply:
    """Delete a trade with its executions and comments."""
    _trade(call)
    for journal in _journals(call):
        trade = journal.trades.get(call.id or 0)
        if trade is not None:
            journal.delete(trade)
    return call.deleted()


def list_executions(call: Call) -> Reply:
    """List the executions of a trade, oldest first."""
    parts = _trade(call).parts
    listed = [execution(part, call.assumptions) for part in parts]
    return json_reply({"executions": listed})


def list_comments(call: Call) -> Reply:
    """List the comments on a trade, oldest first."""
    return json_reply(comments(_trade(call).comments))


def _journals(call: Call) -> list[Journal]:
    """Return the journals to change: two, while reads lag behind an import."""
    both = [call.account.journal, call.seen]
    return both[:1] if both[0] is both[1] else both


def _trade(call: Call) -> Trade:
    trade = call.seen.trades.get(call.id or 0)
    if trade is None:
        raise missing()
    return trade

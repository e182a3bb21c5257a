"""What the journal looks like on the wire."""

from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import Final

from .accounts import Account
from .assumptions import Assumptions
from .diary import Day, Entry, Note
from .grouping import EXACT, Part
from .jsontext import write
from .times import as_answered, as_utc
from .trades import Comment, Trade

_EXCERPT: Final = 100
# Averages are the only numbers here that do not end by themselves.
_AVERAGE_PLACES: Final = Decimal("0.000001")


def trade_listed(trade: Trade, assumptions: Assumptions) -> str:
    """Return *trade* as JSON text for a listing, written anew only when it changed."""
    if trade.answer is None or trade.answer[0] is not assumptions:
        told = _trade(trade, assumptions)
        told["notes_excerpt"] = excerpt(_lines(trade.notes, assumptions))
        trade.answer = (assumptions, write(told))
    return trade.answer[1]


def trade_detail(trade: Trade, assumptions: Assumptions) -> dict[str, object]:
    """Return *trade* with everything; Tradervue has no price data of its own here."""
    told = _trade(trade, assumptions)
    told["notes"] = _lines(trade.notes, assumptions)
    unknown = ("position_mfe", "position_mae", "price_mfe", "price_mae", "best_exit_pl")
    for member in unknown:
        told[member] = told[f"{member}_datetime"] = None
    # Documented as a number or null, so never left out.
    return _without_absent(told, assumptions) | {"initial_risk": trade.initial_risk}


def _trade(trade: Trade, assumptions: Assumptions) -> dict[str, object]:
    """Return the members that listing and detail share. Source: API docs, trades."""
    tally = trade.tally
    told: dict[str, object] = {
        "id": trade.id,
        "symbol": trade.symbol,
        "volume": tally.volume,
        "open": tally.is_open,
        "shared": trade.shared,
        "gross_pl": tally.gross_pl,
        **_native(trade, assumptions),
        "commission": tally.commission,
        "fees": tally.fees,
        "side": _side(tally.sign, assumptions),
        "entry_price": _entry_price(trade, assumptions),
        "exit_price": _exit_price(trade, assumptions),
        "start_datetime": as_answered(tally.start),
        "end_datetime": None if tally.is_open else as_answered(tally.end),
        "tags": trade.tags,
        "exec_count": len(trade.parts),
        "comment_count": len(trade.comments),
    }
    if told["exit_price"] is None:
        # Omitted while the trade is open, whatever else is null.
        del told["exit_price"]
    return _without_absent(told, assumptions)


def _native(trade: Trade, assumptions: Assumptions) -> dict[str, object]:
    """Return the P&L in the instrument's own currency, where a trade has one."""
    if trade.tally.is_open or not trade.parts or assumptions.native_values == "null":
        return {"native_pl": None, "native_currency": None}
    return {"native_pl": trade.tally.gross_pl, "native_currency": "USD"}


def execution(part: Part, assumptions: Assumptions) -> dict[str, object]:
    """Return *part* as an execution; fee names are not those of the import."""
    fill = part.fill
    with_contract = bool(fill.option) and assumptions.option_symbol == "contract"
    return {
        "id": part.id,
        "datetime": as_answered(fill.at),
        "symbol": f"{fill.symbol} {fill.option}" if with_contract else fill.symbol,
        "quantity": part.quantity,
        "price": fill.price,
        "commission": part.commission,
        "trans_fee": part.trans_fee,
        "ecn_fee": part.ecn_fee,
    }


def comments(written: Iterable[Comment]) -> dict[str, object]:
    """Return *written*, oldest first, with UTC times."""
    return {
        "comments": [
            {
                "id": each.id,
                "username": each.username,
                "text": each.text,
                "datetime": as_utc(each.at),
            }
            for each in sorted(written, key=lambda each: each.at)
        ]
    }


def entry_listed(entry: Entry, assumptions: Assumptions) -> dict[str, object]:
    """Return a daily entry for a listing."""
    return {
        "id": entry.id,
        "date": entry.day.isoformat(),
        "notes": _lines(entry.notes, assumptions),
        "comment_count": len(entry.comments),
    }


def entry_detail(
    entry: Entry, day: Day | None, assumptions: Assumptions
) -> dict[str, object]:
    """Return a daily entry with the figures of its day."""
    told = day or Day()
    return entry_listed(entry, assumptions) | {
        "trade_count": told.trade_count,
        "total_volume": told.total_volume,
        "gross_pl": told.gross_pl,
        "commfees": told.commfees,
        "trade_ids": told.trade_ids,
    }


def note(written: Note, assumptions: Assumptions) -> dict[str, object]:
    """Return a free note; listing and detail are the same."""
    return {
        "id": written.id,
        "notes": _lines(written.notes, assumptions),
        "comment_count": len(written.comments),
    }


def user(account: Account, assumptions: Assumptions) -> dict[str, object]:
    """Return a member of the organization."""
    return {
        "id": account.id,
        "username": account.login,
        "email": account.email,
        "plan": (account.plan or assumptions.plan).capitalize(),
        "billing_mode": account.billing_mode,
        "last_login": as_answered(account.last_login),
    }


def excerpt(text: str) -> str:
    """Return at most 100 characters of *text*, cut at a word, with ``...``."""
    if len(text) <= _EXCERPT:
        return text
    room = _EXCERPT - len("...")
    kept = text[:room]
    if not text[room].isspace():
        # Cut before the word that does not fit, unless it is the only one.
        shorter = kept.rsplit(maxsplit=1)
        kept = shorter[0] if len(shorter) > 1 else kept
    return kept.rstrip() + "..."


def _lines(text: str, assumptions: Assumptions) -> str:
    if assumptions.line_ends == "kept":
        return text
    return "\r\n".join(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _side(sign: int, assumptions: Assumptions) -> str | None:
    names = ("long", "short") if assumptions.side_text == "words" else ("L", "S")
    return {1: names[0], -1: names[1]}.get(sign)


def _entry_price(trade: Trade, assumptions: Assumptions) -> Decimal | None:
    if not trade.parts:
        return None
    if assumptions.entry_price == "first":
        return trade.tally.first_entry
    return _average(trade.tally.entered)


def _exit_price(trade: Trade, assumptions: Assumptions) -> Decimal | None:
    tally = trade.tally
    if tally.is_open or tally.last_exit is None:
        return None
    return (
        tally.last_exit if assumptions.exit_price == "last" else _average(tally.exited)
    )


def _average(sums: tuple[Decimal, Decimal]) -> Decimal:
    size, value = sums
    with localcontext(EXACT):
        return (value / size).quantize(_AVERAGE_PLACES)


def _without_absent(
    told: dict[str, object], assumptions: Assumptions
) -> dict[str, object]:
    if assumptions.absent_values == "null":
        return told
    return {member: value for member, value in told.items() if value is not None}

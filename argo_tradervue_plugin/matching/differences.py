"""In which fields a journal trade is not what a host trade is, both sides in words."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from argo_tradervue_plugin.matching.host_trades import HostTrade
from argo_tradervue_plugin.model.executions import Execution, whole_second
from argo_tradervue_plugin.model.journal import (
    JournalExecution,
    JournalTrade,
    Side,
)
from argo_tradervue_plugin.model.times import EASTERN
from argo_tradervue_plugin.planning.legs import CENT, average, to_cent, total

__all__ = ["differences", "second_of"]

PLACES: Final = Decimal("0.00000001")


def differences(
    trade: HostTrade,
    row: JournalTrade,
    fills: Sequence[JournalExecution] | None = None,
) -> dict[str, tuple[str, str]]:
    """
    Return each field in which *row* is not what *trade* is, host first, in words.

    The list shows one price for a leg, and does not say of which of its *fills*: those
    of a trade that is not plain are compared themselves. What is elsewhere in the
    journal is named with its place, and what is left is compared.
    """
    found = unlike(trade.here, row, fills)
    return dict(elsewhere(trade)) | {
        field: (in_words(host), in_words(journal))
        for field, (host, journal) in found.items()
    }


def elsewhere(trade: HostTrade) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the executions of *trade* that another journal trade holds, and which."""
    for execution, journal_id in trade.elsewhere:
        part = "" if execution.part == 1 else f" {execution.part}"
        verb = "buy" if execution.quantity > 0 else "sell"
        size = f"{verb} {abs(execution.quantity):f} at {execution.price:f}"
        host = f"{size}, {in_words(execution.executed_at)}"
        yield f"{execution.kind}{part}", (host, f"in journal trade {journal_id}")


def unlike(
    trade: HostTrade,
    row: JournalTrade,
    fills: Sequence[JournalExecution] | None,
) -> dict[str, tuple[object, object]]:
    """Return each field that is not the same on both sides, with both values."""
    entries, exits = trade.legs
    closed = not trade.is_open
    expected: dict[str, tuple[object, object]] = {
        "symbol": (trade.entry.symbol.upper(), row.symbol.upper()),
        "side": (Side.LONG if trade.entry.quantity > 0 else Side.SHORT, row.side),
        "open": (position(is_open=trade.is_open), position(is_open=row.open)),
        "executions": (len(trade.executions), row.exec_count),
        "volume": (total((*entries, *exits)), row.volume),
    }
    if trade.is_plain:
        expected["entry price"] = (entries[0].price, row.entry_price)
    else:
        expected |= prices_by_leg(trade, fills or ())
    expected["entry time"] = (entries[0].executed_at, second_of(row.started_at))
    if trade.is_plain and exits and closed and not row.open:
        expected["exit price"] = (exits[0].price, row.exit_price)
    if closed and not row.open:
        last = max(e.executed_at for e in (*entries, *exits))
        expected["exit time"] = (last, second_of(row.ended_at))
    if trade.is_open is row.open:
        expected["gross P&L"] = (to_cent(trade.gross_pl), to_cent(row.gross_pl))
    if trade.costs is not None and not row.open:
        expected["commission"] = (to_cent(trade.costs), to_cent(row.commission))
    found = {field: pair for field, pair in expected.items() if pair[0] != pair[1]}
    if fills is not None and found.keys() <= {"commission", "gross P&L"}:
        found |= fields_by_fill(trade.executions, fills)
    return found


def position(*, is_open: bool) -> str:
    """Return whether a position is open, in words."""
    return "open" if is_open else "closed"


def prices_by_leg(
    trade: HostTrade, fills: Sequence[JournalExecution]
) -> dict[str, tuple[object, object]]:
    """
    Return the average price of each leg, as the host has it and by the *fills* there.

    Both are the same where they come to the same money, to the cent.
    """
    sign = 1 if trade.entry.quantity > 0 else -1
    found: dict[str, tuple[object, object]] = {}
    for name, leg, some in (
        ("entry price", trade.legs[0], [f for f in fills if f.quantity * sign > 0]),
        ("exit price", trade.legs[1], [f for f in fills if f.quantity * sign < 0]),
    ):
        if leg and some and total(leg) == sum(abs(f.quantity) for f in some):
            host = average(leg, leg[0].price)
            paid = sum((abs(f.quantity) * f.price for f in some), Decimal(0))
            if abs(paid - total(leg) * host) >= CENT:
                found[name] = (rounded(host), rounded(paid / total(leg)))
    return found


def rounded(price: Decimal) -> Decimal:
    """Return an average price with as many places as an import takes."""
    return price.quantize(PLACES)


def fields_by_fill(
    executions: Iterable[Execution], fills: Iterable[JournalExecution]
) -> dict[str, tuple[object, object]]:
    """Return in what *fills* are not the *executions* that should stand there."""
    left = list(fills)
    unlike = []
    for execution in executions:
        fact = fill_facts(execution)
        one = next((f for f in left if fill_facts(f) == fact), None)
        if one is None:
            unlike.append(execution)
        else:
            left.remove(one)
    found: dict[str, tuple[object, object]] = {}
    for execution in unlike:
        alike = [f for f in left if f.quantity * execution.quantity > 0]
        if not alike:
            continue  # the number of executions says so
        one = min(alike, key=lambda f: abs(f.executed_at - execution.executed_at))
        left.remove(one)
        name = f"{execution.kind} {execution.part}"
        found[f"{name} quantity"] = execution.quantity, one.quantity
        found[f"{name} price"] = execution.price, one.price
        found[f"{name} time"] = execution.executed_at, second_of(one.executed_at)
    return {field: pair for field, pair in found.items() if pair[0] != pair[1]}


def fill_facts(fill: Execution | JournalExecution) -> tuple[object, ...]:
    """Return what makes two fills the same."""
    return whole_second(fill.executed_at), fill.quantity, fill.price


def second_of(moment: datetime | None) -> datetime | None:
    """Return *moment* in whole seconds."""
    return None if moment is None else whole_second(moment)


def in_words(value: object) -> str:
    """Return one side of a difference as a person reads it; times are New York's."""
    if isinstance(value, datetime):
        return value.astimezone(EASTERN).isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "none" if value is None else str(value)

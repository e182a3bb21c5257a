"""
From what a host has recorded to the executions that must stand in the journal.

Pure: :func:`plan` says which executions a record asks for, given those that were sent
already. What was sent is never planned otherwise: a difference is an outcome that a
person is shown.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

import attrs

from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.model.executions import (
    LONGEST_SYMBOL,
    Execution,
)
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.records import (
    Difference,
    TradeRecord,
)
from argo_tradervue_plugin.planning.eligibility import (
    fault_of,
    is_simulated,
    skip_code,
)
from argo_tradervue_plugin.planning.legs import (
    CENT,
    Sent,
    entry_leg,
    exit_leg,
    total,
)

__all__ = ["Plan", "initial_risk", "legs", "plan"]


@attrs.frozen(kw_only=True)
class Plan:
    """
    What a record asks for.

    *executions* are to be sent as they are here, entries first. *skipped* is the
    reason code for which the trade has no place in a journal, *fault* what of it makes
    no sense; then nothing of it that was not sent before is sent. *differs* are the
    outcomes of what was sent otherwise.
    """

    executions: tuple[Execution, ...] = ()
    skipped: str | None = None
    fault: TradeError | None = None
    differs: tuple[Difference, ...] = ()


def initial_risk(record: TradeRecord, entries: Iterable[Execution]) -> Decimal | None:
    """
    Return the dollars at risk: from the entry to the planned stop, times the size.

    None without a plan. *entries* are the entry's executions as they are sent.
    """
    fills = list(entries)
    size = total(fills)
    if record.stop is None or not size:
        return None
    paid = sum((abs(e.quantity) * e.price for e in fills), Decimal(0))
    risk = abs(paid - size * record.stop)
    return risk.quantize(CENT) if len(fills) > 1 else risk or None


def plan(
    record: TradeRecord,
    sent: Sent,
    *,
    journal_name: Callable[[str], str],
    sends_simulated: bool = False,
) -> Plan:
    """
    Return the executions that *record* asks for, given those that were *sent*.

    *journal_name* gives a symbol's name in the journal.
    """
    if sent.is_discarded:
        return Plan()
    if not sent.entries:
        skipped = skip_code(record)
        if skipped is None and is_simulated(record) and not sends_simulated:
            skipped = "simulated"
        if skipped is not None:
            return Plan(skipped=skipped)
    try:
        fault = None if sent.entries else fault_of(record)
        if fault is not None:
            raise fault
        symbol = journal_symbol(record, sent, journal_name)
        entries = entry_leg(record, sent, symbol)
        exits = exit_leg(record, sent, symbol, entries)
    except TradeError as error:
        return Plan(fault=error)
    differs = merged(
        (*entries.differs, *cancelled(record, sent), *record.differs, *exits.differs)
    )
    if record.parts:  # an exit settles what became of the order
        differs = tuple(d for d in differs if d.code != "cancelled_after_delivery")
    elif any(d.code == "cancelled_after_delivery" for d in differs):
        differs = tuple(d for d in differs if d.code == "cancelled_after_delivery")
    return Plan(executions=(*entries.executions, *exits.executions), differs=differs)


def merged(differs: Iterable[Difference]) -> tuple[Difference, ...]:
    """Return *differs* with one of each code, the first."""
    found: dict[str, Difference] = {}
    for each in differs:
        found.setdefault(each.code, each)
    return tuple(found.values())


def legs(
    record: TradeRecord, journal_name: Callable[[str], str]
) -> tuple[tuple[Execution, ...], tuple[Execution, ...]]:
    """
    Return entry and exit executions as if nothing had been sent yet.

    Raises:
        TradeError: naming the field that does not allow it.
    """
    sent = Sent()
    fault = fault_of(record)
    if fault is not None:
        raise fault
    symbol = journal_symbol(record, sent, journal_name)
    entries = entry_leg(record, sent, symbol)
    return entries.executions, exit_leg(record, sent, symbol, entries).executions


def journal_symbol(
    record: TradeRecord, sent: Sent, journal_name: Callable[[str], str]
) -> str:
    """Return the symbol that the trade has in the journal."""
    for execution in sent.entries.values():
        return execution.symbol
    symbol = journal_name(record.symbol or "")
    if len(symbol) > LONGEST_SYMBOL:
        expected = f"must be at most {LONGEST_SYMBOL} characters long"
        raise TradeError("symbol", symbol, expected)
    return symbol


def cancelled(record: TradeRecord, sent: Sent) -> tuple[Difference, ...]:
    """Return the outcome of an order that was given up after its entry was sent."""
    if record.flag is None or record.parts or not sent.entries:
        return ()
    filled = read(record.entry or "").filled_qty
    stands = total(sent.entries.values())
    if filled == stands:
        return ()
    shown = "unknown" if filled is None else f"{filled:f}"
    host = f"{record.flag}, filled {shown}"
    return (Difference(code="cancelled_after_delivery", host=host, sent=f"{stands:f}"),)

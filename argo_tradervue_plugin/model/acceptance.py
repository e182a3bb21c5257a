"""
What a person accepts: both sides of a trade as they are, each as a digest.

An acceptance holds while both digests stay. What is no part of an execution (notes,
tags, confidence) is no part of them either.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from argo_tradervue_plugin.errors import TradeError
from argo_tradervue_plugin.model.executions import (
    entry_price,
    size_entered,
    whole_second,
)
from argo_tradervue_plugin.model.journal import JournalExecution
from argo_tradervue_plugin.model.reading import read
from argo_tradervue_plugin.model.records import TradeRecord

__all__ = ["host_digest", "journal_digest"]


def host_digest(record: TradeRecord) -> str:
    """Return a digest of what a host has recorded of a trade's executions."""
    exits = [
        (event.at, event.price, event.quantity, event.filled) for event in record.exits
    ]
    return digest(
        record.symbol,
        record.side,
        *entry_facts(record),
        record.flag,
        record.commission,
        *(fact for event in exits for fact in event),
    )


def entry_facts(record: TradeRecord) -> tuple[object, ...]:
    """Return size, price and time of a trade's entry; none where they make no sense."""
    if record.entry is None:
        return ()
    trade, quote = read(record.entry), read(record.quote or record.entry)
    try:
        return (
            size_entered(trade, is_closed=record.entry_is_closed),
            entry_price(quote),
            quote.need("entry_timestamp"),
        )
    except TradeError as error:
        return (str(error),)


def journal_digest(fills: Mapping[int, Iterable[JournalExecution]]) -> str:
    """Return a digest of the executions in some journal trades, by their ids."""
    facts = [
        (
            journal_id,
            fill.symbol.upper(),
            whole_second(fill.executed_at),
            fill.quantity,
            fill.price,
            fill.commission or Decimal(0),
        )
        for journal_id, some in fills.items()
        for fill in some
    ]
    ordered = sorted(facts, key=lambda fact: tuple(map(as_text, fact)))
    return digest(*(value for fact in ordered for value in fact))


def digest(*facts: object) -> str:
    """Return hex digits that stand for *facts*."""
    text = "|".join(map(as_text, facts))
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


def as_text(fact: object) -> str:
    """Return *fact* so that what is equal has one text."""
    if isinstance(fact, Decimal):
        return f"{fact.normalize():f}"
    if isinstance(fact, datetime):
        return whole_second(fact).astimezone(UTC).isoformat()
    return str(fact)

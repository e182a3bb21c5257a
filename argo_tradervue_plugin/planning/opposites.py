"""
Trades of the opposite side that close each other, where the host means that.

A stock Argo records the SELL that closes a long as a new short. Then what the short
sells closes the long, oldest first, and only the rest opens a position of its own.
"""

from collections.abc import Iterable
from decimal import Decimal

import attrs

from argo_tradervue_plugin.model.executions import Execution

__all__ = ["Position", "share_out"]


@attrs.frozen(kw_only=True)
class Position:
    """What is *open* (signed) of a trade, under its *account_tag*."""

    trade_id: str
    account_tag: str
    open: Decimal


def share_out(
    execution: Execution, positions: Iterable[Position], *, first_part: int
) -> tuple[Execution, ...]:
    """
    Return *execution* in pieces: one for each of the *positions* that it closes.

    Positions are given oldest first; those of its own side are left alone. The rest,
    if there is one, comes last and opens a position of its own. Parts are counted on
    from *first_part*.
    """
    left = execution.quantity
    pieces: list[Execution] = []
    for position in positions:
        if not left or position.open * left >= 0:
            continue
        size = min(abs(left), abs(position.open))
        quantity = size if left > 0 else -size
        pieces.append(
            attrs.evolve(
                execution,
                quantity=quantity,
                part=first_part + len(pieces),
                closes=position.trade_id,
            )
        )
        left -= quantity
    if left:
        part = first_part + len(pieces)
        pieces.append(attrs.evolve(execution, quantity=left, part=part, closes=None))
    return tuple(pieces)

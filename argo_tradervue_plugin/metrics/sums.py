"""Sums of results that can be added to others, and the figures that follow."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from .arithmetic import ZERO, quotient, root
from .selection import LOSS, WIN, Result

__all__ = ["Sums", "added", "sums_of", "tally_of", "variance"]


class Sums(NamedTuple):
    """
    What some trades made, in dollars; *squares* is the sum of the squared results.

    What the wins and losses leave of *trades* and *total* are scratches.
    """

    trades: int = 0
    wins: int = 0
    losses: int = 0
    total: Decimal = ZERO
    won: Decimal = ZERO
    lost: Decimal = ZERO
    squares: Decimal = ZERO
    largest_win: Decimal | None = None
    largest_loss: Decimal | None = None


def sums_of(results: Iterable[Result]) -> Sums:
    """Return the sums of *results*."""
    amounts: list[Decimal] = []
    wins: list[Decimal] = []
    losses: list[Decimal] = []
    for amount, outcome in results:
        amounts.append(amount)
        if outcome is WIN:
            wins.append(amount)
        elif outcome is LOSS:
            losses.append(amount)
    return Sums(
        trades=len(amounts),
        wins=len(wins),
        losses=len(losses),
        total=sum(amounts, ZERO),
        won=sum(wins, ZERO),
        lost=sum(losses, ZERO),
        squares=sum((amount * amount for amount in amounts), ZERO),
        largest_win=max(wins, default=None),
        largest_loss=min(losses, default=None),
    )


def added(many: Sequence[Sums]) -> Sums:
    """Return the sums of all trades that *many* are the sums of."""
    if not many:
        return Sums()
    trades, wins, losses, total, won, lost, squares, best, worst = zip(
        *many, strict=True
    )
    return Sums(
        trades=sum(trades),
        wins=sum(wins),
        losses=sum(losses),
        total=sum(total, ZERO),
        won=sum(won, ZERO),
        lost=sum(lost, ZERO),
        squares=sum(squares, ZERO),
        largest_win=max((each for each in best if each is not None), default=None),
        largest_loss=min((each for each in worst if each is not None), default=None),
    )


def variance(sums: Sums) -> Decimal | None:
    """Return the sample variance of a trade's result; None with fewer than two."""
    n = sums.trades
    if n < 2:  # noqa: PLR2004 - there is no n - 1 to divide by
        return None
    spread = n * sums.squares - sums.total * sums.total
    return quotient(max(spread, ZERO), n * (n - 1))


def tally_of(sums: Sums) -> dict[str, Any]:
    """Return the fields of the :class:`.Tally` of *sums*."""
    n, wins, losses = sums.trades, sums.wins, sums.losses
    scratches = n - wins - losses
    average_win = quotient(sums.won, wins) if wins else None
    average_loss = quotient(sums.lost, losses) if losses else None
    spread = variance(sums)
    return {
        "trades": n,
        "wins": wins,
        "losses": losses,
        "scratches": scratches,
        "total": sums.total if n else None,
        "won": sums.won if n else None,
        "lost": sums.lost if n else None,
        "win_rate": float(quotient(100 * wins, n)) if n else None,
        "win_loss_ratio": wins / losses if losses else None,
        "win_loss_ratio_with_scratches": (
            wins / (losses + scratches) if losses + scratches else None
        ),
        "profit_factor": float(quotient(sums.won, -sums.lost)) if losses else None,
        "average_win": average_win,
        "average_loss": average_loss,
        "payoff_ratio": (
            float(quotient(average_win, -average_loss))
            if average_win is not None and average_loss is not None
            else None
        ),
        "expectancy": quotient(sums.total, n) if n else None,
        "deviation": None if spread is None else root(spread),
        "largest_win": sums.largest_win,
        "largest_loss": sums.largest_loss,
    }

"""What commands on an outbox have in common."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click

from argo_tradervue_plugin.cli.finding import opened_outbox
from argo_tradervue_plugin.cli.replayed import load
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.services.integration import TradervueIntegration
from argo_tradervue_plugin.services.reconciliation.proofs import PassedOver

__all__ = ["opened", "say_passed_over", "say_progress", "trades_in"]


@contextmanager
def opened(
    settings: Settings, *, is_making: bool = False
) -> Iterator[TradervueIntegration]:
    """
    Open what the commands need; an outbox is made only where *is_making* says so.

    Raises:
        TradervueError: it cannot be opened; without *is_making* also: there is none.
    """
    outbox = opened_outbox(settings, is_making=is_making)
    integration = TradervueIntegration(settings, outbox=outbox)
    try:
        yield integration
    finally:
        integration.close(0)


def trades_in(file: Path | None) -> list[Any] | None:
    """
    Return the host's trades in *file*; None without one.

    Raises:
        BrokenFile: it cannot be read, or a line of it is no trade.
    """
    if file is None:
        return None
    return [SimpleNamespace(**trade) for trade in load(file)]


def say_passed_over(passed_over: Iterable[PassedOver]) -> None:
    """Name the journal trades whose notes name a trade that they are not, and why."""
    for each in passed_over:
        click.echo(
            f"journal trade {each.journal_id} names {one_line(each.trade_id, 80)}, and "
            f"is not linked: {one_line(each.why)}",
            err=True,
        )


def say_progress(linked: int, looked_at: int) -> None:
    """Say how far the search of a journal is."""
    click.echo(f"{looked_at} journal trades looked at, {linked} linked", err=True)

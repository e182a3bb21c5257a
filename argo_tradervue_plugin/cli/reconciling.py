"""What commands on an outbox have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click

from argo_tradervue_plugin.cli.looking import Problem, Wrong
from argo_tradervue_plugin.cli.replayed import BrokenFile, load
from argo_tradervue_plugin.errors import TradervueError
from argo_tradervue_plugin.integration import TradervueIntegration
from argo_tradervue_plugin.settings import Settings

__all__ = ["opened", "say_progress", "trades_in"]


@contextmanager
def opened(
    settings: Settings, problem: type[Problem] = Problem
) -> Iterator[TradervueIntegration]:
    """Open what the commands need, and turn what goes wrong into one line."""
    try:
        integration = TradervueIntegration(settings)
        try:
            yield integration
        finally:
            integration.close(0)
    except TradervueError as error:
        raise problem(str(error)) from error


def trades_in(file: Path | None) -> list[Any] | None:
    """Return the host's trades in *file*; None without one."""
    if file is None:
        return None
    try:
        return [SimpleNamespace(**trade) for trade in load(file)]
    except BrokenFile as error:
        raise Wrong(str(error)) from error


def say_progress(linked: int, looked_at: int) -> None:
    """Say how far the search of a journal is."""
    click.echo(f"{looked_at} journal trades looked at, {linked} linked", err=True)

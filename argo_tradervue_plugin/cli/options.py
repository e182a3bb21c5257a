"""Options that several commands have."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

__all__ = ["as_json", "config", "outbox_name", "patience"]

NAME: Final = "argo_tradervue_plugin.outbox"

Command = TypeVar("Command", bound=Callable[..., Any])

patience = click.option(
    "--patience",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    help="Seconds without any progress before giving up.",
)
as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object as the last line."
)


def config(command: Command) -> Command:
    """Let *command* be given the host's config file, and the outbox by its name."""
    for option in (
        click.option(
            "--outbox",
            metavar="NAME",
            expose_value=False,
            callback=keep_name,
            help="The outbox under the user's state folder, where there are several.",
        ),
        click.option(
            "--config",
            type=click.Path(path_type=Path, dir_okay=False),
            help="The host's config file; default: the plugin's own defaults.",
        ),
    ):
        command = option(command)
    return command


def keep_name(context: click.Context, _: click.Parameter, name: str | None) -> None:
    """Keep the name of the outbox for whoever looks for it."""
    context.meta[NAME] = name


def outbox_name() -> str | None:
    """Return the name of the outbox that the command was given, None: none."""
    context = click.get_current_context(silent=True)
    return context.meta.get(NAME) if context else None

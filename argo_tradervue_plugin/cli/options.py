"""Options that several commands have."""

from pathlib import Path

import click

__all__ = ["as_json", "config", "outbox_name", "patience"]

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
config = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The host's config file; default: the plugin's own defaults.",
)
outbox_name = click.option(
    "--outbox",
    metavar="NAME",
    help="The outbox under the user's state folder, where there are several.",
)

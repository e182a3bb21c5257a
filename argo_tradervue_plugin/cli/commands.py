"""The commands, their options and their help."""

import os
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from argo_tradervue_plugin.cli import replay as replaying
from argo_tradervue_plugin.cli.looking import (
    check_everything,
    settings_from,
    show_status,
)
from argo_tradervue_plugin.cli.replayed import BrokenFile, load

__all__ = ["cli"]

DEMO_TRADES = Path(__file__).with_name("demo.jsonl")

import_seconds = click.option(
    "--import-seconds",
    type=click.FloatRange(0),
    default=0.05,
    show_default=True,
    help="How long the sandbox takes for an import.",
)
as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object as the last line."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="argo-tradervue-plugin")
def cli() -> None:
    """Forward the trades of an Argo host to Tradervue, and see how that goes."""


@cli.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def sandbox(arguments: tuple[str, ...]) -> None:
    """Run a faithful Tradervue on this machine (`sandbox --help` tells more)."""
    try:
        from argo_tradervue_plugin.sandbox.command import main
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"the sandbox needs {error.name}: "
            "pip install 'argo-tradervue-plugin[sandbox]'"
        ) from error

    raise SystemExit(main(list(arguments)))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--url", help="API address of the journal, e.g. that of a sandbox.")
@click.option(
    "--sandbox", "own_sandbox", is_flag=True, help="Start a sandbox for this replay."
)
@click.option(
    "--database",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The outbox; a second replay with the same one goes on where the first ended.",
)
@click.option("--username", help="Tradervue login; default: $TRADERVUE_USERNAME.")
@click.option(
    "--password-env",
    default="TRADERVUE_PASSWORD",
    show_default=True,
    metavar="NAME",
    help="Environment variable that holds the password.",
)
@click.option("--limit", type=click.IntRange(1), help="Only the first LIMIT trades.")
@click.option(
    "--patience",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    help="Seconds without any progress before giving up.",
)
@import_seconds
@as_json
def replay(  # noqa: PLR0913 - click gives each option by name
    *,
    file: Path,
    url: str | None,
    own_sandbox: bool,
    database: Path | None,
    username: str | None,
    password_env: str,
    limit: int | None,
    patience: float,
    import_seconds: float,
    as_json: bool,
) -> None:
    """
    Play FILE (a JSON object with a host's trade on each line) into a journal.

    Entries and exits go through the plugin's real hooks in the order of their times;
    then the command waits until the journal holds them all.

    Exit code: 0 when nothing is pending any more, 1 when something is, 2 when FILE is
    broken or an option is wrong.
    """
    if own_sandbox == (url is not None):
        raise click.UsageError("give either --url or --sandbox")
    try:
        trades = load(file, limit)
    except BrokenFile as error:
        raise Wrong(str(error)) from error
    login: dict[str, Any] = {}
    if url is not None:
        login = {"username": username} if username else {}
        password = os.environ.get(password_env)
        login |= {"password": password} if password else {}
    console = Console(stderr=True)
    with replaying.surroundings(url, database, import_seconds) as section:
        result = replaying.play(
            replaying.Replay(trades=trades, section=section | login, patience=patience),
            console,
        )
    replaying.finish(result, console)
    if as_json:
        click.echo(result.as_json())
    raise SystemExit(1 if result.tally.pending else 0)


@cli.command()
@click.option(
    "--pause",
    type=click.FloatRange(0),
    default=0.05,
    show_default=True,
    help="Seconds between two events of the session.",
)
@import_seconds
@as_json
def demo(*, pause: float, import_seconds: float, as_json: bool) -> None:
    """
    Show the whole way: a sandbox, a host, and a short session between them.

    Exit code: 0 only when every trade was read back from the journal.
    """
    console = Console(stderr=True)
    trades = load(DEMO_TRADES)
    with replaying.surroundings(None, None, import_seconds) as section:
        console.print(f"A Tradervue sandbox runs at {section['base_url']}.")
        result = replaying.play(
            replaying.Replay(trades=trades, section=section, pause=pause), console
        )
    replaying.finish(result, console)
    if as_json:
        click.echo(result.as_json())
    raise SystemExit(0 if result.tally.verified == result.trades else 1)


config = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The host's config file; default: the plugin's own defaults.",
)


@cli.command()
@config
@as_json
def status(*, config: Path | None, as_json: bool) -> None:
    """Show how far everything in the outbox is, and what waits for a person."""
    show_status(settings_from(config), as_json=as_json)


@cli.command()
@config
def check(*, config: Path | None) -> None:
    """Try the settings, the credentials and Tradervue; say what stands in the way."""
    check_everything(settings_from(config))


class Wrong(click.ClickException):
    """What was given cannot be used; nothing was done."""

    exit_code = 2

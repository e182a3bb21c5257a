"""The commands, their options and their help."""

import json
import os
from pathlib import Path
from typing import Any

import attrs
import click
from rich.console import Console

from argo_tradervue_plugin import quarantine
from argo_tradervue_plugin.cli import previewing, reconciling
from argo_tradervue_plugin.cli import replay as replaying
from argo_tradervue_plugin.cli.comparing import reconcile
from argo_tradervue_plugin.cli.looking import (
    MOST_SHOWN,
    Problem,
    Wrong,
    check_everything,
    parked_line,
    settings_from,
    show_status,
)
from argo_tradervue_plugin.cli.options import as_json, config, patience
from argo_tradervue_plugin.cli.replayed import BrokenFile, load
from argo_tradervue_plugin.cli.report import print_table
from argo_tradervue_plugin.cli.resending import resend
from argo_tradervue_plugin.errors import TradervueError
from argo_tradervue_plugin.settings import Settings

__all__ = ["cli"]

DEMO_TRADES = Path(__file__).with_name("demo.jsonl")
SEND = "import {import}: {kind} of {trade}, {quantity} {symbol} at {price}, {at}"

import_seconds = click.option(
    "--import-seconds",
    type=click.FloatRange(0),
    default=0.05,
    show_default=True,
    help="How long the sandbox takes for an import.",
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
    metavar="PATH|URL",
    help="The outbox, a file or a postgresql:// URL; a second replay with the same one "
    "goes on where the first ended.",
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
@patience
@import_seconds
@as_json
def replay(  # noqa: PLR0913 - click gives each option by name
    *,
    file: Path,
    url: str | None,
    own_sandbox: bool,
    database: str | None,
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


@cli.command()
@config
@as_json
def status(*, config: Path | None, as_json: bool) -> None:
    """
    Show how far everything in the outbox is, and what waits for a person.

    Exit code: 1 when trades stand in the journal otherwise than the host recorded them
    and nobody has accepted that, 0 when there are none.
    """
    is_settled = show_status(settings_from(config), as_json=as_json)
    raise SystemExit(0 if is_settled else 1)


@cli.command()
@config
def check(*, config: Path | None) -> None:
    """Try the settings, the credentials and Tradervue; say what stands in the way."""
    check_everything(settings_from(config))


@cli.group(name="quarantine")
def quarantined() -> None:
    """Show what waits for a person; try it again, or give it up."""


@quarantined.command(name="list")
@config
@as_json
def list_quarantine(*, config: Path | None, as_json: bool) -> None:
    """List what waits for a person, with the reason and what helps."""
    with reconciling.opened(settings_from(config)) as integration:
        parked = quarantine.list_parked(integration.outbox)
    if as_json:
        click.echo(json.dumps(parked))
        return
    for one in parked:
        click.echo(parked_line(one))
    if not parked:
        click.echo("nothing waits for a person")


@quarantined.command(name="retry")
@config
@click.argument("trade_ids", metavar="TRADE...", nargs=-1, required=True)
def retry_quarantine(*, config: Path | None, trade_ids: tuple[str, ...]) -> None:
    """Send these trades again; the process that forwards does it, or the next."""
    with reconciling.opened(settings_from(config)) as integration:
        for trade_id in trade_ids:
            click.echo(
                quarantine.retry(integration.outbox, trade_id, integration.settings)
            )


@quarantined.command(name="discard")
@config
@click.argument("trade_ids", metavar="TRADE...", nargs=-1, required=True)
def discard_quarantine(*, config: Path | None, trade_ids: tuple[str, ...]) -> None:
    """Give these trades up: they are not sent any more."""
    with reconciling.opened(settings_from(config)) as integration:
        for trade_id in trade_ids:
            click.echo(quarantine.discard(integration.outbox, trade_id))


@cli.command()
@config
def relink(*, config: Path | None) -> None:
    """Rebuild a lost outbox's links from what the notes in the journal say."""
    with reconciling.opened(settings_from(config)) as integration:
        number = integration.reconciler.relink(reconciling.say_progress)
        leaves_pairs = integration.settings.opposite_closes
    click.echo(f"{number} trades linked again")
    if leaves_pairs:
        click.echo(
            "opposite_closes is set: trades that one of the other side may have closed "
            "were left out; they are found when the host records them again",
            err=True,
        )


@cli.command()
@config
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@as_json
def preview(*, config: Path | None, file: Path, as_json: bool) -> None:
    """Say what would be sent for the trades in FILE, without sending anything."""
    show_preview(file, settings_from(config), as_json=as_json)


@cli.command()
@config
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only say what would be sent.")
@patience
@as_json
def sync(
    *, config: Path | None, file: Path, dry_run: bool, patience: float, as_json: bool
) -> None:
    """
    Bring what the journal lacks of the trades in FILE into it.

    Exit code: 0 when nothing is pending any more, 1 when something is.
    """
    settings = settings_from(config)
    if dry_run:
        show_preview(file, settings, as_json=as_json)
        return
    known = reconciling.trades_in(file) or []
    with reconciling.opened(settings) as integration:
        stats = integration.bring(known, patience=patience)
        trouble = integration.worker.health.last_error
    facts = attrs.asdict(stats)
    if stats.pending:
        why = trouble or "Tradervue has not answered yet, or another process forwards"
        click.echo(f"not everything arrived: {why}", err=True)
    if as_json:
        click.echo(json.dumps(facts))
    else:
        print_table(Console(), facts)
    raise SystemExit(1 if stats.pending else 0)


cli.add_command(reconcile)
cli.add_command(resend)


def show_preview(file: Path, settings: Settings, *, as_json: bool) -> None:
    """Print the preview of *file*."""
    trades = reconciling.trades_in(file) or []
    try:
        facts = previewing.preview(trades, settings).as_json()
    except TradervueError as error:
        raise Problem(str(error)) from error
    if as_json:
        click.echo(json.dumps(facts))
        return
    left_out, sends = facts.pop("left_out"), facts.pop("sends")
    tags = facts.pop("account_tags")
    facts["account tags"] = ", ".join(f"{tag}: {n}" for tag, n in tags.items())
    facts["left out"] = len(left_out)
    print_table(Console(), facts)
    for one in sends[:MOST_SHOWN]:
        click.echo(SEND.format(**one))
    if len(sends) > MOST_SHOWN:
        click.echo(f"... and {len(sends) - MOST_SHOWN} more: --json shows all")
    for trade_id, why in left_out.items():
        click.echo(f"{trade_id}: {why}")

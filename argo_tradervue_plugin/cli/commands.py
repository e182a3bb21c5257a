"""The commands, their options and their help."""

import json
import os
from pathlib import Path
from typing import Any

import attrs
import click
from rich.console import Console

from argo_tradervue_plugin.cli import previewing, reconciling
from argo_tradervue_plugin.cli import replay as replaying
from argo_tradervue_plugin.cli.accounts import account
from argo_tradervue_plugin.cli.backing_up import backup, restore
from argo_tradervue_plugin.cli.comparing import reconcile
from argo_tradervue_plugin.cli.exits import Commands
from argo_tradervue_plugin.cli.looking import (
    MOST_SHOWN,
    check_everything,
    settings_from,
    show_status,
)
from argo_tradervue_plugin.cli.options import as_json, config, patience
from argo_tradervue_plugin.cli.quarantining import quarantined
from argo_tradervue_plugin.cli.replayed import load
from argo_tradervue_plugin.cli.report import print_table
from argo_tradervue_plugin.cli.resending import resend
from argo_tradervue_plugin.cli.syncing import synchronize
from argo_tradervue_plugin.config.settings import Settings

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


EXIT_CODES = """\b
Exit codes, the same for every command:
  0    all well; lists always
  1    something needs a person
  2    options, files or settings cannot be used; nothing was done
  3    it could not be found out: Tradervue or the outbox gave no answer
  130  interrupted
"""


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)
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

    Exit code 0 when every trade is in the journal or has no place there, 1 when a trade
    is pending or needs a person.
    """
    if own_sandbox == (url is not None):
        raise click.UsageError("give either --url or --sandbox")
    trades = load(file, limit)
    login: dict[str, Any] = {}
    if url is not None:
        login = {"username": username} if username else {}
        password = os.environ.get(password_env)
        login |= {"password": password} if password else {}
    console = Console(stderr=True)
    with replaying.surroundings(url, database, import_seconds) as section:
        result = replaying.play(
            replaying.Replay(
                trades=trades,
                section=section | login,
                patience=patience,
                is_kept=url is not None or database is not None,
            ),
            console,
        )
    replaying.finish(result, console)
    if as_json:
        click.echo(result.as_json())
    raise SystemExit(result.exit_code)


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

    Exit code 0 only when every trade was read back from the journal.
    """
    console = Console(stderr=True)
    trades = load(DEMO_TRADES)
    with replaying.surroundings(None, None, import_seconds) as section:
        console.print(f"A Tradervue sandbox runs at {section['base_url']}.")
        result = replaying.play(
            replaying.Replay(
                trades=trades, section=section, pause=pause, is_kept=False
            ),
            console,
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

    Exit code 1 when a trade needs a person, or something has been pending for more than
    15 minutes; what waits by a rule of Tradervue's does not count.
    """
    raise SystemExit(show_status(settings_from(config), as_json=as_json))


@cli.command()
@config
@click.option(
    "--again", is_flag=True, help="Also ask about a login that Tradervue has refused."
)
def check(*, config: Path | None, again: bool) -> None:
    """
    Try settings, outbox, spool, disk, login, Tradervue and the clock.

    Makes nothing: where there is no outbox yet, it says so. Exit code 1 when something
    needs a person, 3 when Tradervue or the outbox gives no answer.
    """
    check_everything(settings_from(config), again=again)


@cli.command()
@config
def relink(*, config: Path | None) -> None:
    """Rebuild a lost outbox's links from what the notes in the journal say."""
    with reconciling.opened(settings_from(config), is_making=True) as integration:
        number = integration.reconciler.relink(reconciling.say_progress)
        passed_over = integration.reconciler.passed_over
        leaves_pairs = integration.settings.opposite_closes
    click.echo(f"{number} trades linked again")
    reconciling.say_passed_over(passed_over)
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
    """
    Say what would be sent for the trades in FILE, without sending anything.

    Works on a copy of the outbox, and changes, makes and logs nothing. Where there is
    no outbox it says so, and all of FILE would be sent.
    """
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
    Send what the journal lacks of the trades in FILE (a JSON object on each line).

    Shows its progress on stderr. Interrupted, it says what stays queued.

    Exit code 0 when every trade is in the journal or has no place there, 1 when a trade
    is pending or needs a person.
    """
    settings = settings_from(config)
    if dry_run:
        show_preview(file, settings, as_json=as_json)
        return
    known = reconciling.trades_in(file) or []
    synced = synchronize(settings, known, patience)
    facts = attrs.asdict(synced.stats)
    for line in synced.waits:
        click.echo(line, err=True)
    if synced.trouble:
        click.echo(f"not everything arrived: {synced.trouble}", err=True)
    if synced.stats.failed:
        click.echo(
            f"{synced.stats.failed} trades need a person: see argo-tradervue status",
            err=True,
        )
    if as_json:
        click.echo(json.dumps(facts))
    else:
        print_table(Console(), facts)
    raise SystemExit(synced.exit_code)


cli.add_command(quarantined)
cli.add_command(reconcile)
cli.add_command(resend)
cli.add_command(account)
cli.add_command(backup)
cli.add_command(restore)


def show_preview(file: Path, settings: Settings, *, as_json: bool) -> None:
    """Print the preview of *file*."""
    trades = reconciling.trades_in(file) or []
    facts = previewing.preview(trades, settings).as_json()
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

"""``reconcile``: host and journal side by side, repaired and accepted on request."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from argo_tradervue_plugin.cli.advice import Repaired, advice
from argo_tradervue_plugin.cli.exits import Interrupted, Problem, Unanswered
from argo_tradervue_plugin.cli.listing import (
    console_for,
    print_report,
    say,
    write_csv,
)
from argo_tradervue_plugin.cli.looking import settings_from
from argo_tradervue_plugin.cli.options import as_json, config
from argo_tradervue_plugin.cli.reconciling import opened, trades_in
from argo_tradervue_plugin.errors import (
    ApiError,
    BadAnswer,
    NotFound,
    Rejected,
    TradervueError,
    WrongAddress,
    one_line,
)
from argo_tradervue_plugin.matching.report import Basic, Report
from argo_tradervue_plugin.services.integration import TradervueIntegration

__all__ = ["reconcile"]


@click.command()
@config
@click.option(
    "--days",
    type=click.IntRange(1, 36_500),
    default=30,
    show_default=True,
    help="How far back, by the day of entry in New York.",
)
@click.option(
    "--trades",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The host's trades, a JSON object a line, beside what it recorded.",
)
@click.option("--repair", is_flag=True, help="Send what is missing or out of date.")
@click.option(
    "--resend-deleted",
    is_flag=True,
    help="With --repair: also what somebody deleted in the journal.",
)
@click.option(
    "--accept",
    "accepted",
    metavar="JOURNAL_ID|TRADE",
    multiple=True,
    help="This is right as it is in the journal; it can be given several times.",
)
@click.option(
    "--remove-host-basics",
    is_flag=True,
    help="Delete the basic trades of the host's old sync; asks for each.",
)
@click.option("--yes", is_flag=True, help="With --remove-host-basics: do not ask.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the list as CSV.")
@as_json
def reconcile(  # noqa: C901, PLR0913 - click gives each option by name
    *,
    config: Path | None,
    days: int,
    trades: Path | None,
    repair: bool,
    resend_deleted: bool,
    accepted: tuple[str, ...],
    remove_host_basics: bool,
    yes: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """
    Compare host and journal trade by trade, and say what is not the same.

    The host's side is what all its processes recorded. What is accepted counts as
    right, until the executions there or what the host has recorded change.

    Exit code: 0 when the journal says what the host did, or as a person accepted it; 1
    when it does not, an id is unknown, the login is refused or missing, or base_url is
    not Tradervue's; 2 for options, files and settings that cannot be used; 3 when it
    could not be found out; 130 when interrupted.
    """
    if resend_deleted and not repair:
        raise click.UsageError("--resend-deleted goes with --repair")
    if yes and not remove_host_basics:
        raise click.UsageError("--yes goes with --remove-host-basics")
    if as_csv and as_json:
        raise click.UsageError("give either --csv or --json")
    known = trades_in(trades)
    with opened(settings_from(config), is_making=repair) as integration:
        try:
            if repair:
                mend(integration, days, known, resend_deleted=resend_deleted)
            if accepted:
                accept(integration, accepted, days, known)
            report = integration.reconciler.compare(days, known)
            if remove_host_basics and remove(integration, report, may_ask=not yes):
                report = integration.reconciler.compare(days, known)
        except ApiError as error:
            raise diagnosed(integration, error) from error
        except (KeyboardInterrupt, click.Abort) as error:
            raise Interrupted(
                "interrupted; what is on its way goes on by itself"
            ) from error
    if as_csv:
        click.echo(write_csv(report), nl=False)
    elif as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        print_for_person(report, repaired=Repaired.of(repair, resend_deleted))
    raise SystemExit(0 if report.is_clean else 1)


def diagnosed(integration: TradervueIntegration, error: ApiError) -> Exception:
    """
    Return *error*, or that the address is wrong where that is behind it.

    Where Tradervue has accepted the login before, something stands in its way, and
    what the journal says cannot be found out.
    """
    if not isinstance(error, BadAnswer | NotFound | Rejected | WrongAddress):
        return error
    if integration.outbox.stamp() is not None:
        return Unanswered(f"{error}; asked at {integration.settings.base_url}")
    try:
        integration.check()
    except WrongAddress as wrong:
        return wrong
    except TradervueError:
        pass  # it says no more than what is there
    return error


def mend(
    integration: TradervueIntegration,
    days: int,
    trades: list[Any] | None,
    *,
    resend_deleted: bool,
) -> None:
    """Repair, and wait for what that has put on its way."""
    done = integration.reconciler.repair(days, trades, resend_deleted=resend_deleted)
    click.echo(
        f"{done.recorded} recorded, {done.linked} linked, {done.resent} sent again",
        err=True,
    )
    integration.flush(integration.settings.sync_timeout_seconds)


def accept(
    integration: TradervueIntegration,
    ids: tuple[str, ...],
    days: int,
    trades: list[Any] | None,
) -> None:
    """Accept *ids* as they are in the journal; with an unknown one, none of them."""
    unknown = integration.reconciler.accept(ids, days, trades)
    if unknown:
        names = ", ".join(unknown)
        raise Problem(f"nothing was accepted: no trade and no journal trade: {names}")
    click.echo(f"accepted: {', '.join(ids)}", err=True)


def remove(integration: TradervueIntegration, report: Report, *, may_ask: bool) -> bool:
    """
    Delete the host's old basic trades that a person wants deleted.

    Returns whether any was. Where there is no one to ask, none is.
    """
    found = report.host_basics
    if not found:
        click.echo("no basic trades of the host's old sync were found", err=True)
        return False
    if may_ask and not sys.stdin.isatty():
        click.echo(
            f"nothing was deleted: {len(found)} basic trades of the host's old sync, "
            "and no terminal to ask at; --yes deletes them",
            err=True,
        )
        return False
    removed = 0
    for basic in found:
        name = f"journal trade {basic.journal_id}"
        if may_ask and not basic.comments and not is_wanted(basic, report):
            click.echo(f"{name}: kept", err=True)
            continue
        why = integration.reconciler.remove_basic(basic.journal_id)
        removed += not why
        click.echo(f"{name}: {f'kept: {why}' if why else 'deleted'}", err=True)
    return bool(removed)


def is_wanted(basic: Basic, report: Report) -> bool:
    """Ask whether a basic trade of the host is to be deleted."""
    day = "" if basic.day is None else f", {basic.day}"
    address = report.address(basic.journal_id) or ""
    name = f"journal trade {basic.journal_id} ({one_line(basic.symbol)}{day}) {address}"
    try:
        return click.confirm(f"Delete {name.rstrip()}?", err=True)
    except click.Abort as error:
        if isinstance(error.__context__, EOFError):
            return False  # the person has left
        raise


def print_for_person(report: Report, *, repaired: Repaired) -> None:
    """Print totals, list, and what to do about it."""
    console = console_for()
    print_report(report, console)
    steps = list(advice(report, repaired))
    if steps:
        head = (
            "What to do" if repaired is Repaired.NOT else "What --repair left, and why"
        )
        click.echo(f"\n{head}:")
    for step in steps:
        say(console, f"- {step}")
    if report.is_clean:
        end = ", or as it was accepted" if report.accepted else ""
        click.echo(f"the journal says what the host did{end}")

"""``quarantine``: what waits for a person, and what one decides about it."""

import json
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import click

from argo_tradervue_plugin.cli.exits import Problem, Wrong
from argo_tradervue_plugin.cli.finding import opened_outbox
from argo_tradervue_plugin.cli.looking import parked_line, settings_from
from argo_tradervue_plugin.cli.options import as_json, config
from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.model.times import EASTERN
from argo_tradervue_plugin.outbox.records import Row
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.services import quarantine
from argo_tradervue_plugin.services.quarantine import NothingToDecide

__all__ = ["quarantined"]

trades = click.argument("trades", metavar="TRADE...", nargs=-1, required=True)


@click.group(name="quarantine")
def quarantined() -> None:
    """Show what waits for a person; try it again, or give it up."""


@quarantined.command(name="list")
@config
@as_json
def list_quarantine(*, config: Path | None, as_json: bool) -> None:
    """
    List what waits for a person: symbol, time, reason, and what helps.

    Times are New York's. Exit code 0, whatever is in the list.
    """
    with closing(opened_outbox(settings_from(config))) as outbox:
        parked = quarantine.list_parked(outbox)
    if as_json:
        click.echo(json.dumps(parked))
        return
    for each in parked:
        click.echo(parked_line(each))
    if not parked:
        click.echo("nothing waits for a person")


@quarantined.command(name="retry")
@config
@trades
def retry_quarantine(*, config: Path | None, trades: tuple[str, ...]) -> None:
    """
    Send trades again that wait for a person.

    The process that forwards does it, or the next one that starts. What made no sense
    cannot be sent: the host has to record it again. Exit code 1 when nothing of a trade
    waits.
    """
    settings = settings_from(config)
    with closing(opened_outbox(settings)) as outbox:
        decide(trades, lambda trade: quarantine.retry(outbox, trade, settings))


@quarantined.command(name="discard")
@config
@trades
@click.option("--yes", is_flag=True, help="Do not ask before anything is given up.")
def discard_quarantine(
    *, config: Path | None, trades: tuple[str, ...], yes: bool
) -> None:
    """
    Give trades up: they are not sent any more.

    Takes what waits for a person, what the journal is waited for to show, and what is
    queued and was never sent; never a trade that may be in the journal. `quarantine
    reopen` undoes it.

    Exit code 1 when one of the trades cannot be given up, or you say no; then none is.
    Without a terminal it needs --yes.
    """
    settings = settings_from(config)
    with closing(opened_outbox(settings)) as outbox:
        quarantine.plan_what_waits(outbox, settings)
        found = surveyed(outbox, trades)
        for rows in found:
            for row in rows:
                click.echo(given_up_line(row))
        if not yes:
            ask(f"Give up {len(found)} trade{'s' if len(found) > 1 else ''}?")
        decide(trades, lambda trade: quarantine.discard(outbox, trade))


@quarantined.command(name="reopen")
@config
@trades
def reopen_quarantine(*, config: Path | None, trades: tuple[str, ...]) -> None:
    """
    Undo `quarantine discard`.

    What was queued is queued again; what waited for a person waits again. Exit code 1
    when nothing of a trade is discarded.
    """
    settings = settings_from(config)
    with closing(opened_outbox(settings)) as outbox:
        decide(trades, lambda trade: quarantine.reopen(outbox, settings, trade))


def decide(trades: Iterable[str], decision: Callable[[str], str]) -> None:
    """Carry out *decision* for each of *trades*; what cannot be is named at the end."""
    refused = []
    for trade in dict.fromkeys(trades):
        try:
            click.echo(one_line(decision(trade)))
        except NothingToDecide as error:
            refused.append(one_line(str(error)))
    if refused:
        raise Problem("\n".join(refused))


def surveyed(outbox: Outbox, trades: Iterable[str]) -> list[list[Row]]:
    """
    Return what would be given up of each trade.

    Raises:
        Problem: one of them cannot be; all that cannot are named.
    """
    found, refused = [], []
    for trade in dict.fromkeys(trades):
        try:
            found.append(quarantine.to_discard(outbox, trade))
        except NothingToDecide as error:
            refused.append(one_line(str(error)))
    if refused:
        raise Problem("\n".join(["nothing was given up:", *refused]))
    return found


def given_up_line(row: Row) -> str:
    """Return for a person what is given up."""
    text = f"{row.state}: {row.trade_id} {row.kind}"
    if row.execution is not None:
        side = "buy" if row.execution.quantity > 0 else "sell"
        at = row.execution.executed_at.astimezone(EASTERN)
        text += (
            f": {side} {abs(row.execution.quantity):f} {row.execution.symbol} at "
            f"{row.execution.price:f}, {at.isoformat(timespec='seconds')}"
        )
    return one_line(text)


def ask(question: str) -> None:
    """
    Go on only after a yes.

    Raises:
        Wrong: there is no terminal to ask at.
        Problem: the answer is no.
    """
    if not sys.stdin.isatty():
        raise Wrong("nothing was changed: there is no terminal to ask at; give --yes")
    if not click.confirm(question):
        raise Problem("nothing was changed")

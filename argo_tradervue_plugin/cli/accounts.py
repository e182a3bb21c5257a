"""``account``: whose journal an outbox is sent to, and giving it to a renamed one."""

import json
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from argo_tradervue_plugin.cli.exits import Wrong
from argo_tradervue_plugin.cli.finding import account_of, opened_outbox
from argo_tradervue_plugin.cli.leasing import leased
from argo_tradervue_plugin.cli.looking import settings_from
from argo_tradervue_plugin.cli.options import as_json, config
from argo_tradervue_plugin.cli.report import print_table
from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.config.credentials import CredentialsFinder
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.joining import left_behind
from argo_tradervue_plugin.errors import OutboxError
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.spools import Spools
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.services.clients import client_of

__all__ = ["account"]

UNCLAIMED = "none: no login was accepted yet"


@click.group
def account() -> None:
    """Show whose journal an outbox is sent to; move it to a renamed account."""


@account.command()
@config
@as_json
def show(*, config: Path | None, as_json: bool) -> None:
    """
    Show the account of the outbox, the login found here, and what is left elsewhere.

    Changes nothing, and asks Tradervue nothing.
    """
    settings = settings_from(config)
    with closing(opened_outbox(settings)) as store:
        facts = facts_of(store, settings)
    if as_json:
        click.echo(json.dumps(facts))
        return
    left = facts.pop("left_behind")
    print_table(Console(), facts)
    for line in left:
        click.echo(line)


def facts_of(outbox: Outbox, settings: Settings) -> dict[str, Any]:
    """Return what is known of the account of *outbox*."""
    stamp, here = outbox.stamp(), account_of(settings)
    locations = Locations.of(settings)
    return {
        "outbox": str(outbox),
        "account": UNCLAIMED if stamp is None else str(stamp),
        "login found here": "none" if here is None else str(here),
        "spool": str(locations.spool),
        "left_behind": [str(one) for one in left_behind(locations, outbox)],
    }


@account.command()
@config
@click.option(
    "--spool",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Also take what was recorded in this folder, as `account show` names it.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def move(*, config: Path | None, spool: Path | None, yes: bool) -> None:
    """
    Give the outbox to the account of the login that is found here.

    For a login or an address that was renamed at Tradervue, and for an outbox of an
    older version whose owner cannot be proved. Tradervue has to accept the login. Stop
    the host first. Never move an outbox to another journal: what it says is in the
    journal would not be there.

    Exit code: 0 when it is moved, or was there already; 1 when that is not possible.
    """
    settings = settings_from(config)
    credentials = CredentialsFinder(settings).get()
    target = Account.of(settings, credentials.username)
    with closing(opened_outbox(settings)) as store:
        with leased(store, settings, "move"):
            pass  # before anybody is asked anything
        with client_of(settings, credentials) as client:
            client.check()
        stamp = store.stamp()
        if stamp != target:
            confirm(store, stamp, target, yes=yes)
            with leased(store, settings, "move"):
                store.gather()  # what the spools of the account before still have
                if stamp is not None and isinstance(store.spool, Spools):
                    store.spool.rename(stamp, target)
                store.put_stamp(target, now=time.time(), is_moved=True)
            click.echo(f"{store} belongs to {target} now")
        else:
            click.echo(f"{store} belongs to {target} already")
        if spool is not None:
            number = take(spool, store)
            click.echo(f"{number} events were taken from {spool}")


def confirm(
    outbox: Outbox, stamp: Account | None, target: Account, *, yes: bool
) -> None:
    """Ask whether the outbox is to be moved, where somebody can answer."""
    owner = "no account yet" if stamp is None else str(stamp)
    click.echo(f"{outbox} belongs to {owner}; it is to belong to {target}.", err=True)
    if yes:
        return
    if not sys.stdin.isatty():
        raise Wrong("nothing was moved: this is no terminal to ask at; --yes does it")
    click.confirm("Is that the same journal, under another name?", abort=True)


def take(folder: Path, outbox: Outbox) -> int:
    """Move the events of the spool in *folder* into *outbox*; return how many."""
    spool = Spool(folder)
    number = spool.count()
    if number and not spool.move(outbox.take_over, drain=outbox):
        raise OutboxError(f"another process is at {folder}")
    return number

"""
Which outbox a command works on; it never makes one that a host has not made.

A command runs in another shell than the host: without the login of its service, or in
another home.
"""

import getpass
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs
import click

from argo_tradervue_plugin.cli.options import outbox_name
from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.config.credentials import CredentialsFinder
from argo_tradervue_plugin.config.databases import is_url
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.joining import other_spools
from argo_tradervue_plugin.errors import CredentialsError, OutboxError
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.outbox.spools import Spools
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.sqlite_files import stamp_of
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = ["Found", "NotFound", "find", "opened_outbox", "unopened"]


NOTHING: Final = (
    "nothing was recorded there yet, or another one is meant (--config FILE names the "
    "host's settings)"
)


class NotFound(OutboxError):
    """There is no outbox that could be meant, or more than one."""


@attrs.frozen(kw_only=True)
class Found:
    """
    The outbox of a command: a path, or a URL as it may be shown.

    *remark* says which one was taken where no name was given, None where that is clear.
    """

    database: str
    remark: str | None = None

    @property
    def path(self) -> Path | None:
        """The file, None on a server."""
        return None if is_url(self.database) else Path(self.database)


def find(settings: Settings, *, is_making: bool = False) -> Found:
    """
    Return the outbox that *settings* mean, or that the command names.

    *is_making*: a file that the settings name need not be there yet.

    Raises:
        NotFound: there is none, or several; the text says what to do.
        OutboxError: a stamp cannot be read now.
    """
    name = outbox_name()
    locations = Locations.of(settings)
    database = locations.database
    if database is not None and name is None:
        is_there = is_url(database) or Path(database).exists()
        if not is_there and not is_making:
            raise NotFound(f"there is no outbox at {database}: {NOTHING}")
        return Found(database=database)
    candidates = locations.candidates(stamp_of, any_address=name is not None)
    if name is not None:
        meant = [p for p in candidates if name in {p.name, p.stem, str(p)}]
        if not meant:
            raise NotFound(
                f"there is no outbox {name!r}: {listed(candidates, locations)}"
            )
        return Found(database=str(meant[0]))
    account = account_of(settings)
    for path, stamp in candidates.items():
        if stamp is not None and stamp == account:
            return Found(database=str(path))
    if locations.named_outbox in candidates:
        return Found(database=str(locations.named_outbox))
    # Where a login is there, another account's outbox is certainly not meant.
    possible = [p for p, stamp in candidates.items() if account is None or not stamp]
    if len(possible) == 1:
        [path] = possible
        stamp = candidates[path]
        owner = "that belongs to no account yet" if stamp is None else f"of {stamp}"
        return Found(
            database=str(path),
            remark=f"this is the outbox {path} {owner}, the only one in its folder",
        )
    if candidates:
        looked = "no login is found here" if account is None else f"not of {account}"
        raise NotFound(
            f"it is not clear which outbox is meant ({looked}); name one with "
            f"--outbox NAME: {listed(candidates, locations)}"
        )
    raise NotFound(
        f"there is no outbox for {settings.base_url} in {locations.folder}, looked for "
        f"as {user()}: no host of this user has recorded anything yet, or it has "
        "another home or XDG_STATE_HOME"
        + "".join(f"; passed over: {one}" for one in locations.strange(stamp_of))
    )


def account_of(settings: Settings) -> Account | None:
    """Return the account of the login that is found here, None without one."""
    with suppress(CredentialsError):
        return Account.of(settings, CredentialsFinder(settings).get().username)
    return None


def listed(candidates: dict[Path, Account | None], locations: Locations) -> str:
    """Return the outboxes that may be meant, with whose they are."""
    if not candidates:
        return f"there is none in {locations.folder}"
    return "; ".join(
        f"{path.stem} ({stamp or 'of no account yet'})"
        for path, stamp in candidates.items()
    )


def user() -> str:
    """Return the name of the user of this machine who looks."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "a user without a name"


def opened_outbox(settings: Settings, *, is_making: bool = False) -> Outbox:
    """
    Open the outbox that is meant, with the spools that go into it.

    Says which one that is where it is not clear. It is made only where *is_making*
    says so.

    Raises:
        NotFound: there is none.
        OutboxError: it cannot be opened now.
    """
    found = find(settings, is_making=is_making)
    if found.remark:
        click.echo(found.remark, err=True)
    outbox = unopened(settings, found)
    if not is_making and not outbox.engine.stored_version():
        outbox.close()
        raise NotFound(f"there is no outbox at {found.database}: {NOTHING}")
    outbox.open()
    return outbox


def unopened(settings: Settings, found: Found) -> Outbox:
    """Return the outbox that was found, with the spools that go into it."""
    locations = Locations.of(settings)
    outbox = outbox_of(settings, locations, is_lazy=True)
    if isinstance(outbox.spool, Spools):
        outbox.spool.follow(lambda: other_spools(locations, outbox))
    if isinstance(outbox.engine, Sqlite) and found.path is not None:
        outbox.engine.settle_at(found.path)
    return outbox

"""``status`` and ``check``: how it goes, and what stands in the way."""

import json
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from argo_tradervue_plugin import quarantine
from argo_tradervue_plugin.cli.report import print_table
from argo_tradervue_plugin.credentials import CredentialsFinder
from argo_tradervue_plugin.databases import is_url, without_password
from argo_tradervue_plugin.delivery.logins import Logins, LoginState
from argo_tradervue_plugin.delivery.obstacles import as_time
from argo_tradervue_plugin.delivery.resend import pending
from argo_tradervue_plugin.delivery.status import health_of
from argo_tradervue_plugin.errors import ConfigError, OutboxError, TradervueError
from argo_tradervue_plugin.journal.reasons import next_step, outcome, sentence
from argo_tradervue_plugin.outbox.interface import Outbox
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.plugin import section_of
from argo_tradervue_plugin.settings import Settings
from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = [
    "Problem",
    "Unanswered",
    "Wrong",
    "check_everything",
    "parked_line",
    "settings_from",
    "show_status",
]

MOST_SHOWN = 20  # parked executions; the rest is counted


class Problem(click.ClickException):
    """Something stands in the way; the text says what."""


class Wrong(Problem):
    """What was given cannot be used; nothing was done."""

    exit_code = 2


class Unanswered(Problem):
    """What was asked could not be found out."""

    exit_code = 2


def settings_from(config: Path | None) -> Settings:
    """
    Return the plugin's settings from the host's config file, or the defaults.

    Raises:
        Problem: the file cannot be read, or a setting is wrong.
    """
    if config is None:
        return Settings(enabled=True)
    try:
        document = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(f"{config}: {error}") from error
    section = section_of(document) if isinstance(document, Mapping) else None
    if section is None:
        raise Problem(f"{config}: there is no section plugins.tradervue")
    try:
        return Settings.from_mapping(section)
    except ConfigError as error:
        raise Problem("\n".join(error.problems)) from error


def show_status(settings: Settings, *, as_json: bool) -> bool:
    """
    Print how far everything in the outbox is; changes nothing.

    Returns whether no trade has an outcome that nobody has accepted.
    """
    if not is_there(settings):
        place = without_password(settings.outbox)
        raise Problem(f"there is no outbox at {place}: nothing was recorded yet")
    try:
        with closing(outbox_of(settings)) as outbox:
            facts = status_of(outbox, settings)
    except TradervueError as error:
        raise Problem(str(error)) from error
    if as_json:
        click.echo(json.dumps(facts))
    else:
        print_status(facts)
    return not facts["outcomes"]


def is_there(settings: Settings) -> bool:
    """Tell whether there is an outbox; of a server that is found out by asking it."""
    place = settings.outbox
    return is_url(place) or Path(place).expanduser().exists()


def status_of(outbox: Outbox, settings: Settings) -> dict[str, Any]:
    """Return what every process says of how it goes, and what waits for a person."""
    return {
        **health_of(outbox, settings, now=time.time()),
        "trades": dict(outbox.trade_counts()),
        "parked": [
            {name: one[name] for name in ("trade", "kind", "state", "why", "next")}
            for one in quarantine.list_parked(outbox, MOST_SHOWN)
        ],
        "differing": [
            {
                "trade": one.trade_id,
                "code": one.code,
                "why": sentence(stored := outcome(one.code, one.host, one.journal)),
                "next": next_step(stored),
                "since": one.since,
            }
            for one in outbox.outcomes(MOST_SHOWN)
        ],
        "resends": [
            {"trade": trade_id, "step": now.step, "why": sentence(now.reason)}
            for trade_id, now in pending(outbox, MOST_SHOWN).items()
        ],
    }


def print_status(facts: Mapping[str, Any]) -> None:
    """Print what :func:`status_of` returns for a person."""
    print_table(Console(), rows_of(facts))
    for line in (*facts["remarks"], *facts["waits_for"]):
        click.echo(line)
    if facts["advice"]:
        click.echo(f"what to do: {facts['advice']}")
    for one in facts["parked"]:
        click.echo(parked_line(one))
    for one in facts["differing"]:
        click.echo(f"{one['code']}: {one['trade']}: {with_next(one)}")
    for one in facts["resends"]:
        click.echo(f"sent again: {one['trade']}: {one['step']}: {one['why']}")


def rows_of(facts: Mapping[str, Any]) -> dict[str, object]:
    """Return who forwards what to whom, and how many trades are how far."""
    account, login = facts["account"], facts["credentials"]
    age, synced_at = facts["oldest_pending_age"], facts["last_success_at"]
    rows: dict[str, object] = {"outbox": facts["outbox"]}
    member = f" for member {account['user_id']}" if account["user_id"] else ""
    rows["account"] = f"{account['login'] or 'unknown'}{member}, {account['base_url']}"
    rows["journal"] = facts["journal_url"]
    rows["credentials"] = f"from {login['source']}" if login["source"] else "not there"
    rows["forwarder"] = forwarder_in_words(facts["forwarder"])
    rows |= {f"trades {name}": n for name, n in facts["trades"].items() if n}
    rows |= {f"trades {name}": n for name, n in facts["outcomes"].items()}
    rows["events to look at"] = facts["counts"]["new"]
    rows["oldest pending"] = "none" if age is None else f"{age:.0f} s"
    rows["last recorded"] = when(facts["last_event_at"])
    rows["last synced"] = when(synced_at)
    rows["circuit"] = facts["circuit"]
    if facts["last_error"]:
        past = ", and it went well since" if facts["last_error_is_history"] else ""
        at = when(facts["last_error_at"])
        rows["last error"] = f"{at}{past}: {facts['last_error']}"
    return rows


def forwarder_in_words(forwarder: Mapping[str, Any] | None) -> str:
    """Return who forwards, for a person."""
    if forwarder is None:
        return "no process"
    return (
        f"process {forwarder['pid']} on {forwarder['host']}, since "
        f"{when(forwarder['since'])}, last sign of life {when(forwarder['seen_at'])}"
    )


def when(at: float | None) -> str:
    """Return a time as the machine's own, for a person."""
    return "never" if at is None else as_time(at)


def parked_line(one: Mapping[str, Any]) -> str:
    """Return what is said of an execution that waits for a person."""
    return f"{one['state']}: {one['trade']} {one['kind']}: {with_next(one)}"


def with_next(one: Mapping[str, Any]) -> str:
    """Return why something is as it is, and what helps where that is known."""
    return f"{one['why']} ({one['next']})" if one["next"] else str(one["why"])


def check_everything(settings: Settings, *, again: bool = False) -> None:
    """
    Try the settings, the credentials and Tradervue itself; print what is found.

    A login that was refused is asked about only *again*: each refusal may be one too
    many for the account.
    """
    click.echo(f"settings     fine{'' if settings.enabled else ', but not enabled'}")
    try:
        with closing(outbox_for(settings)) as outbox:
            logins = Logins(CredentialsFinder(settings), outbox, settings)
            ask(settings, logins, again=again)
    except TradervueError as error:
        raise Problem(str(error)) from error
    click.echo(f"Tradervue    answers at {settings.base_url}")


def outbox_for(settings: Settings) -> Outbox:
    """Return the outbox, opened where it is there; a check makes none."""
    outbox = outbox_of(settings, is_lazy=True)
    if is_there(settings):
        with suppress(OutboxError):  # what it knows of refusals is not to be had
            outbox.open()
    return outbox


def ask(settings: Settings, logins: Logins, *, again: bool) -> None:
    """Make a test request, unless Tradervue has refused the login before."""
    login = logins.find()
    if login.credentials is not None:
        found = login.credentials
        click.echo(f"credentials  {found.username}, from {found.source}")
    if login.state is LoginState.REFUSED and not again:
        click.echo("Tradervue    was not asked: check --again asks it now")
    credentials = (again and login.credentials) or login.usable()
    with TradervueClient(
        credentials,
        base_url=settings.base_url,
        user_id=settings.user_id,
        contact=settings.contact,
        timeout=settings.timeout_seconds,
    ) as client:
        client.watch(logins.door(credentials))
        client.check()

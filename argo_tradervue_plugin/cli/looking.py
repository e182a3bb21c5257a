"""``status`` and ``check``: how it goes, and what stands in the way."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from argo_tradervue_plugin import quarantine
from argo_tradervue_plugin.cli.report import print_table
from argo_tradervue_plugin.credentials import CredentialsFinder
from argo_tradervue_plugin.databases import is_url, without_password
from argo_tradervue_plugin.delivery.obstacles import as_lines, obstacles
from argo_tradervue_plugin.delivery.resend import pending
from argo_tradervue_plugin.errors import ConfigError, TradervueError
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

    exit_code = 3


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
    place = without_password(settings.outbox)
    if not is_url(place) and not Path(place).expanduser().exists():
        raise Problem(f"there is no outbox at {place}: nothing was recorded yet")
    try:
        outbox = outbox_of(settings)
        facts = status_of(outbox, place)
        outbox.close()
    except TradervueError as error:
        raise Problem(str(error)) from error
    if as_json:
        click.echo(json.dumps(facts))
    else:
        print_status(facts)
    return not facts["outcomes"]


def status_of(outbox: Outbox, place: str) -> dict[str, Any]:
    """Return how far everything in the *outbox* at *place* is."""
    oldest = outbox.oldest_pending_at()
    return {
        "outbox": place,
        "counts": {str(state): number for state, number in outbox.counts().items()},
        "outcomes": dict(outbox.outcome_counts()),
        "oldest_pending_age": None if oldest is None else time.time() - oldest,
        "last_success_at": outbox.last_synced_at(),
        **obstacles(outbox),
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
    age, synced_at = facts["oldest_pending_age"], facts["last_success_at"]
    rows: dict[str, object] = {"outbox": facts["outbox"], **facts["counts"]}
    rows |= facts["outcomes"]
    rows["oldest pending"] = "none" if age is None else f"{age:.0f} s"
    rows["last synced"] = "never" if synced_at is None else time.ctime(synced_at)
    print_table(Console(), rows)
    for line in as_lines(facts):
        click.echo(line)
    for one in facts["parked"]:
        click.echo(parked_line(one))
    for one in facts["differing"]:
        click.echo(f"{one['code']}: {one['trade']}: {with_next(one)}")
    for one in facts["resends"]:
        click.echo(f"sent again: {one['trade']}: {one['step']}: {one['why']}")


def parked_line(one: Mapping[str, Any]) -> str:
    """Return what is said of an execution that waits for a person."""
    return f"{one['state']}: {one['trade']} {one['kind']}: {with_next(one)}"


def with_next(one: Mapping[str, Any]) -> str:
    """Return why something is as it is, and what helps where that is known."""
    return f"{one['why']} ({one['next']})" if one["next"] else str(one["why"])


def check_everything(settings: Settings) -> None:
    """Try the settings, the credentials and Tradervue itself; print what is found."""
    click.echo(f"settings     fine{'' if settings.enabled else ', but not enabled'}")
    try:
        credentials = CredentialsFinder(settings).get()
        click.echo(f"credentials  {credentials.username}, from {credentials.source}")
        with TradervueClient(
            credentials,
            base_url=settings.base_url,
            user_id=settings.user_id,
            contact=settings.contact,
            timeout=settings.timeout_seconds,
        ) as client:
            client.check()
    except TradervueError as error:
        raise Problem(str(error)) from error
    click.echo(f"Tradervue    answers at {settings.base_url}")

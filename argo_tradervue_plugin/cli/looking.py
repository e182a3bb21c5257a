"""``status`` and ``check``: how it goes, and what stands in the way."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from argo_tradervue_plugin.cli.report import print_table
from argo_tradervue_plugin.credentials import CredentialsFinder
from argo_tradervue_plugin.databases import is_url, without_password
from argo_tradervue_plugin.delivery.obstacles import as_lines, obstacles
from argo_tradervue_plugin.errors import ConfigError, TradervueError
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.plugin import section_of
from argo_tradervue_plugin.settings import Settings
from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = [
    "Problem",
    "Unanswered",
    "Wrong",
    "check_everything",
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


def show_status(settings: Settings, *, as_json: bool) -> None:
    """Print how far everything in the outbox is; changes nothing."""
    place = without_password(settings.outbox)
    if not is_url(place) and not Path(place).expanduser().exists():
        raise Problem(f"there is no outbox at {place}: nothing was recorded yet")
    try:
        outbox = outbox_of(settings)
        counts = {str(state): number for state, number in outbox.counts().items()}
        oldest = outbox.oldest_pending_at()
        parked = outbox.parked(MOST_SHOWN)
        facts: dict[str, Any] = {
            "outbox": place,
            "counts": counts,
            "oldest_pending_age": None if oldest is None else time.time() - oldest,
            "last_success_at": outbox.last_synced_at(),
            **obstacles(outbox),
            "parked": [
                {"trade": r.trade_id, "kind": r.kind, "state": r.state, "why": r.reason}
                for r in parked
            ],
        }
        outbox.close()
    except TradervueError as error:
        raise Problem(str(error)) from error
    if as_json:
        click.echo(json.dumps(facts))
        return
    console = Console()
    age, synced_at = facts["oldest_pending_age"], facts["last_success_at"]
    rows: dict[str, object] = {"outbox": place, **counts}
    rows["oldest pending"] = "none" if age is None else f"{age:.0f} s"
    rows["last synced"] = "never" if synced_at is None else time.ctime(synced_at)
    print_table(console, rows)
    for line in as_lines(facts):
        click.echo(line)
    for row in parked:
        click.echo(f"{row.state}: {row.trade_id} {row.kind}: {row.reason}")


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

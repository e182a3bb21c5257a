"""``status`` and ``check``: how it goes, and what stands in the way."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from argo_tradervue_plugin import quarantine
from argo_tradervue_plugin.cli.exits import Wrong
from argo_tradervue_plugin.cli.finding import opened_outbox
from argo_tradervue_plugin.cli.report import print_table
from argo_tradervue_plugin.credentials import CredentialsFinder
from argo_tradervue_plugin.delivery.obstacles import as_lines, obstacles
from argo_tradervue_plugin.delivery.resend import pending
from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.journal.reasons import next_step, outcome, sentence
from argo_tradervue_plugin.outbox.interface import Outbox
from argo_tradervue_plugin.plugin import section_of
from argo_tradervue_plugin.settings import Settings
from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = [
    "check_everything",
    "parked_line",
    "settings_from",
    "show_status",
]

MOST_SHOWN = 20  # parked executions; the rest is counted
LONGEST = 1000  # characters of a line; reasons quote Tradervue
PARKED = ("trade", "kind", "state", "symbol", "time", "why", "next")


def settings_from(config: Path | None) -> Settings:
    """
    Return the plugin's settings from the host's config file, or the defaults.

    Raises:
        Wrong: the file cannot be read, or has no section for the plugin.
        ConfigError: a setting is wrong.
    """
    if config is None:
        return Settings(enabled=True)
    try:
        document = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Wrong(f"{config}: {error}") from error
    section = section_of(document) if isinstance(document, Mapping) else None
    if section is None:
        raise Wrong(f"{config}: there is no section plugins.tradervue")
    return Settings.from_mapping(section)


def show_status(settings: Settings, *, as_json: bool) -> bool:
    """
    Print how far everything in the outbox is; changes nothing.

    Returns whether no trade has an outcome that nobody has accepted.
    """
    outbox = opened_outbox(settings)
    try:
        facts = status_of(outbox, str(outbox))
    finally:
        outbox.close()
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
            {name: one[name] for name in PARKED}
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
    what = f"{one['trade']} {one['kind']}"
    what += f" {one['symbol']}" if one["symbol"] else ""
    what += f" of {one['time']}" if one["time"] else ""
    return one_line(f"{one['state']}: {what}: {with_next(one)}", LONGEST)


def with_next(one: Mapping[str, Any]) -> str:
    """Return why something is as it is, and what helps where that is known."""
    return f"{one['why']} ({one['next']})" if one["next"] else str(one["why"])


def check_everything(settings: Settings) -> None:
    """Try the settings, the credentials and Tradervue itself; print what is found."""
    click.echo(f"settings     fine{'' if settings.enabled else ', but not enabled'}")
    credentials = CredentialsFinder(settings).get()
    click.echo(f"credentials  {credentials.username}, from {credentials.source}")
    with TradervueClient(
        credentials,
        base_url=settings.base_url,
        user_id=settings.user_id,
        contact=settings.contact,
        timeout=settings.timeout_seconds,
        logs_requests=settings.log_requests,
    ) as client:
        client.check()
    click.echo(f"Tradervue    answers at {settings.base_url}")

"""``status`` and ``check``: how it goes, and what stands in the way."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from argo_tradervue_plugin import quarantine
from argo_tradervue_plugin.cli.checking import (
    check_outbox,
    check_spool,
    clock_in_words,
)
from argo_tradervue_plugin.cli.exits import Exit, Wrong, as_problem
from argo_tradervue_plugin.cli.finding import opened_outbox
from argo_tradervue_plugin.cli.report import print_table
from argo_tradervue_plugin.credentials import CredentialsFinder
from argo_tradervue_plugin.delivery.obstacles import as_lines, obstacles
from argo_tradervue_plugin.delivery.resend import pending
from argo_tradervue_plugin.errors import TradervueError, one_line
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

LATE = 900.0  # seconds for which something may be pending, and all is well
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


def show_status(settings: Settings, *, as_json: bool) -> Exit:
    """Print how far everything in the outbox is; changes nothing but the screen."""
    outbox = opened_outbox(settings)
    try:
        facts = status_of(outbox, str(outbox))
    finally:
        outbox.close()
    if as_json:
        click.echo(json.dumps(facts))
    else:
        print_status(facts)
    return Exit.PERSON if needs_person(facts) else Exit.WELL


def needs_person(facts: Mapping[str, Any]) -> bool:
    """Tell whether somebody has to look at what :func:`status_of` returns."""
    trades, overdue = facts["trades"], facts["overdue_age"]
    is_late = overdue is not None and overdue > LATE
    is_parked = bool(trades["quarantined"] or trades["basic"])
    return is_late or is_parked or bool(facts["outcomes"])


def status_of(outbox: Outbox, place: str) -> dict[str, Any]:
    """Return how far everything in the *outbox* at *place* is."""
    now, oldest = time.time(), outbox.oldest_pending_at()
    waits = obstacles(outbox)
    overdue = outbox.overdue_since(is_paused=waits["paused_reason"] is not None)
    return {
        "outbox": place,
        "trades": dict(outbox.trade_counts()),
        "counts": {str(state): number for state, number in outbox.counts().items()},
        "outcomes": dict(outbox.outcome_counts()),
        "oldest_pending_age": None if oldest is None else now - oldest,
        "overdue_age": None if overdue is None else now - overdue,
        "last_success_at": outbox.last_synced_at(),
        **waits,
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
    rows: dict[str, object] = {"outbox": facts["outbox"]}
    rows |= {f"trades {name}": n for name, n in facts["trades"].items() if n}
    rows |= {f"  {code}": n for code, n in facts["outcomes"].items()}
    if not any(facts["trades"].values()):
        rows["trades"] = "none was recorded yet"
    if age is not None:
        rows["oldest pending"] = f"{age:.0f} s"
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
    """
    Try settings, outbox, spool, login and Tradervue itself; print what is there.

    Raises:
        Problem: something stands in the way; the rest was tried all the same.
    """
    click.echo(f"settings     fine{'' if settings.enabled else ', but not enabled'}")
    errors = []
    for check in (check_outbox, check_spool, check_tradervue):
        try:
            check(settings)
        except TradervueError as error:
            errors.append(error)
    if errors:
        raise as_problem(*errors)


def check_tradervue(settings: Settings) -> None:
    """
    Find the login, and try it.

    Raises:
        CredentialsError: there is none.
        ApiError: Tradervue does not answer as it should.
    """
    credentials = CredentialsFinder(settings).get()
    click.echo(f"credentials  {credentials.username}, from {credentials.source}")
    click.echo(f"journal      {settings.base_url}")
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
        click.echo(f"clock        {clock_in_words(client.clock_ahead)}")

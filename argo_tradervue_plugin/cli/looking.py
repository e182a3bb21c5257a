"""``status`` and ``check``: how it goes, and what stands in the way."""

import json
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from argo_tradervue_plugin.cli.checking import (
    check_outbox,
    check_places,
    check_spool,
    clock_in_words,
)
from argo_tradervue_plugin.cli.exits import Exit, Wrong, as_problem
from argo_tradervue_plugin.cli.finding import (
    NotFound,
    find,
    opened_outbox,
    unopened,
)
from argo_tradervue_plugin.cli.report import print_table
from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.config.credentials import CredentialsFinder
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.places import to_change
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.health import Cause
from argo_tradervue_plugin.delivery.joining import left_behind
from argo_tradervue_plugin.delivery.logins import Logins, LoginState
from argo_tradervue_plugin.delivery.obstacles import as_time
from argo_tradervue_plugin.delivery.status import health_of
from argo_tradervue_plugin.errors import OutboxError, TradervueError, one_line
from argo_tradervue_plugin.model.reasons import next_step, outcome, sentence
from argo_tradervue_plugin.outbox.migrations import SQLITE
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.services import quarantine
from argo_tradervue_plugin.services.clients import client_of
from argo_tradervue_plugin.services.hosting import section_of
from argo_tradervue_plugin.services.resends import pending

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
    """
    Print how far everything in the outbox is; changes nothing but the screen.

    Raises:
        WrongPlace: the outbox cannot be read where it is, and a person can change that.
        OutboxError: it cannot be read for another reason.
    """
    try:
        outbox = opened_outbox(settings)
    except OutboxError:
        check_places(settings)
        raise
    with closing(outbox):
        facts = status_of(outbox, settings)
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
    is_stuck = facts["forwarder"] is None or facts["cause"] in A_PERSONS_TURN
    is_anothers = facts["mismatch"] is not None
    is_wrong = is_anothers or bool(facts["to_change"])
    return is_late or is_parked or is_stuck or is_wrong or bool(facts["outcomes"])


# What stops the forwarding until a person has done something.
A_PERSONS_TURN: Final = frozenset(
    (
        *(Cause.NO_LOGIN, Cause.REFUSED, Cause.MISMATCH),
        *(Cause.WRONG_ADDRESS, Cause.WRONG_PLACE),
    )
)


def mismatch_of(outbox: Outbox, settings: Settings) -> str | None:
    """Return that the login found here is another account's; None: it is not."""
    stamp, here = outbox.stamp(), CredentialsFinder(settings).known()
    if stamp is None or here is None:
        return None
    account = Account.of(settings, here.username)
    if account == stamp:
        return None
    return (
        f"the outbox belongs to {stamp}, and the login found here is {account}: "
        "nothing is sent between the two; see argo-tradervue account"
    )


def status_of(outbox: Outbox, settings: Settings) -> dict[str, Any]:
    """Return what every process says of how it goes, and what waits for a person."""
    now = time.time()
    health = health_of(outbox, settings, now=now)
    overdue = outbox.overdue_since(is_paused=health["paused_reason"] is not None)
    return {
        **health,
        "mismatch": mismatch_of(outbox, settings),
        "to_change": to_change(settings, Locations.of(settings)),
        "left_behind": [
            str(one) for one in left_behind(Locations.of(settings), outbox)
        ],
        "trades": dict(outbox.trade_counts()),
        "overdue_age": None if overdue is None else now - overdue,
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
    print_table(Console(), rows_of(facts))
    mismatch = [facts["mismatch"]] if facts["mismatch"] else []
    for line in (
        *facts["to_change"],
        *mismatch,
        *facts["remarks"],
        *facts["waits_for"],
    ):
        click.echo(line)
    if facts["advice"]:
        click.echo(f"what to do: {facts['advice']}")
    for line in facts["left_behind"]:
        click.echo(f"left behind: {line}")
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
    if login["source"]:
        rows["credentials"] = f"from {login['source']}"
    rows["forwarder"] = forwarder_in_words(facts["forwarder"])
    rows |= {f"trades {name}": n for name, n in facts["trades"].items() if n}
    rows |= {f"  {code}": n for code, n in facts["outcomes"].items()}
    if not any(facts["trades"].values()):
        rows["trades"] = "none was recorded yet"
    if age is not None:
        rows["oldest pending"] = f"{age:.0f} s"
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
    what = f"{one['trade']} {one['kind']}"
    what += f" {one['symbol']}" if one["symbol"] else ""
    what += f" of {one['time']}" if one["time"] else ""
    return one_line(f"{one['state']}: {what}: {with_next(one)}", LONGEST)


def with_next(one: Mapping[str, Any]) -> str:
    """Return why something is as it is, and what helps where that is known."""
    return f"{one['why']} ({one['next']})" if one["next"] else str(one["why"])


def check_everything(settings: Settings, *, again: bool = False) -> None:
    """
    Try settings, outbox, spool, login and Tradervue itself; print what is there.

    A login that was refused is asked about only *again*: each refusal may be one too
    many for the account.

    Raises:
        Problem: something stands in the way; the rest was tried all the same.
    """
    click.echo(f"settings     fine{'' if settings.enabled else ', but not enabled'}")
    errors = []
    checks = check_places, check_outbox, check_spool
    for check in (*checks, partial(check_tradervue, again=again)):
        try:
            check(settings)
        except TradervueError as error:
            errors.append(error)
    if errors:
        raise as_problem(*errors)


def check_tradervue(settings: Settings, *, again: bool) -> None:
    """
    Find the login, and try it, unless Tradervue has refused it before.

    Raises:
        CredentialsError: there is none.
        ApiError: Tradervue does not answer as it should.
    """
    with closing(known_outbox(settings)) as outbox:
        try_login(
            settings, Logins(CredentialsFinder(settings), outbox, settings), again=again
        )


def known_outbox(settings: Settings) -> Outbox:
    """Return the outbox, opened where it is there, for what it knows of refusals."""
    try:
        outbox = unopened(settings, find(settings))
    except NotFound:
        return outbox_of(settings, is_lazy=True)
    with suppress(OutboxError):
        if outbox.engine.stored_version() == len(SQLITE):
            outbox.open()
    return outbox


def try_login(settings: Settings, logins: Logins, *, again: bool) -> None:
    """Make a test request, unless Tradervue has refused the login before."""
    login = logins.find()
    if login.credentials is not None:
        found = login.credentials
        click.echo(f"credentials  {found.username}, from {found.source}")
    click.echo(f"journal      {settings.base_url}")
    if login.state is LoginState.REFUSED and not again:
        click.echo("Tradervue    was not asked: check --again asks it now")
    credentials = (again and login.credentials) or login.usable()
    with client_of(settings, credentials) as client:
        client.watch(logins.door(credentials))
        client.check()
        click.echo(f"Tradervue    answers at {settings.base_url}")
        click.echo(f"clock        {clock_in_words(client.clock_ahead)}")

"""
What a process says in the outbox of itself, and the forwarder of the forwarding.

Everybody reads it there, so that every process gives the same answer. It is written
when something has changed, at most once a second, and as a sign of life.
"""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

import attrs

from argo_tradervue_plugin import __version__
from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.catching_up import CatchUp
from argo_tradervue_plugin.delivery.health import Circuit, Health
from argo_tradervue_plugin.delivery.lane import Lane, lease_seconds
from argo_tradervue_plugin.delivery.lease import host_name, is_gone
from argo_tradervue_plugin.delivery.logins import Login, LoginState, question_at
from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.guard import incidents, log
from argo_tradervue_plugin.outbox.held import HeldEvents
from argo_tradervue_plugin.outbox.records import Process
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = [
    "FORWARDER",
    "Own",
    "Said",
    "Voice",
    "facts_about",
    "facts_of",
    "identity",
    "introduce",
    "living",
    "logins_of",
    "number",
    "report_of",
    "report_on",
]

FORWARDER: Final = "forwarder"  # the condition in which the forwarder's report is kept
SOON: Final = 1.0  # seconds between two writings of what goes on changing
SIGN_OF_LIFE: Final = 15.0  # seconds between two writings of the same
# What is worth a writing at once: somebody may be waiting for it.
URGENT: Final = (
    *("name", "cause", "is_failing", "is_open"),
    *("login", "problem", "refused_at", "lost"),
)


@attrs.define
class Said:
    """What was written last, and when in Unix seconds."""

    facts: Mapping[str, object] | None = None
    at: float = 0.0

    def is_due(self, facts: Mapping[str, object], now: float) -> bool:
        """Tell whether *facts* are to be written now."""
        if self.facts is None or not 0 <= now - self.at < SIGN_OF_LIFE:
            return True
        if facts == self.facts:
            return False
        is_urgent = any(facts.get(name) != self.facts.get(name) for name in URGENT)
        return is_urgent or now - self.at >= SOON


def facts_of(text: str | None) -> dict[str, Any]:
    """Return what was written as JSON; nothing where it cannot be read."""
    with suppress(ValueError):
        facts = json.loads(text or "{}")
        if isinstance(facts, dict):
            return facts
    return {}


def number(value: object) -> float | None:
    """Return *value* if it is a number: another version may have written it."""
    return value if isinstance(value, int | float) else None


def report_of(outbox: Outbox) -> dict[str, Any]:
    """Return what the forwarder has reported last; empty: none ever did."""
    return facts_of(outbox.condition(FORWARDER))


def is_alive(process: Process, now: float, *, patience: float) -> bool:
    """
    Tell whether a process is there, as far as that can be known.

    *patience* is in seconds: how old its last sign of life may be. A sign from the
    future says that clocks differ, and counts for no longer.
    """
    return abs(now - process.seen_at) <= patience and not is_gone(process.name)


def living(outbox: Outbox, now: float, *, patience: float) -> list[Process]:
    """Return the processes that have the outbox open; see :func:`is_alive`."""
    return [p for p in outbox.processes() if is_alive(p, now, patience=patience)]


def logins_of(processes: Iterable[Process]) -> list[LoginState]:
    """Return what each of *processes* can do with its login."""
    found = (facts_of(process.facts).get("login") for process in processes)
    return [LoginState(state) for state in found if state in list(LoginState)]


def identity(name: str, *, since: float) -> dict[str, Any]:
    """Return which process it is that says something."""
    return {
        "name": name,
        "host": host_name(),
        "pid": os.getpid(),
        "since": since,
        "version": __version__,
    }


def facts_about(
    login: Login | None, held: HeldEvents, catching_up: CatchUp
) -> dict[str, Any]:
    """Return what a process knows of its login, its memory and its tracker."""
    return {
        "login": None if login is None else str(login.state),
        "username": login and login.username,
        "source": login and login.credentials and login.credentials.source,
        "problem": login and login.problem,
        "refused_at": login and login.refusal and login.refusal.last_at,
        "held_in_memory": len(held),
        "lost": held.lost,
        "kept_from_host": sum(i.count for i in incidents()),
        "last_event_at": held.last_at,
        "tracker_failures": catching_up.failures,
        "tracker_problem": catching_up.problem,
    }


def report_on(
    login: Login | None, settings: Settings, health: Health
) -> dict[str, Any]:
    """Return for which account something is forwarded, and how that goes."""
    refusal = login and login.refusal
    return {
        "account": {
            "base_url": settings.base_url,
            "login": login and login.username,
            "user_id": settings.user_id,
        },
        "credentials": {
            "source": login and login.credentials and login.credentials.source,
            "username": login and login.username,
            "refused_at": refusal and refusal.last_at,
            "refusals": refusal.count if refusal else 0,
            "asked_again_at": question_at(refusal) if refusal else None,
        },
        "login": None if login is None else str(login.state),
        "is_failing": health.failures > 0,
        "is_open": health.circuit(0.0) is Circuit.OPEN,
        "last_success_at": health.last_success_at,
        "last_error": health.last_error,
        "last_error_at": health.last_error_at,
        "cause": health.cause and str(health.cause),
        "failures": health.failures,
        "retry_at": health.retry_at or None,
    }


def introduce(
    outbox: Outbox, settings: Settings, credentials: Credentials, forwarder: str
) -> None:
    """Log who forwards what to whom."""
    member = "" if settings.user_id is None else f" for member {settings.user_id}"
    log.info(
        "tradervue.started version=%s account=%s%s credentials=%s journal=%s "
        "outbox=%s forwarder=%s account_tags=%s",
        __version__,
        one_line(credentials.username),
        member,
        credentials.source,
        settings.base_url,
        outbox,
        forwarder,
        "on" if settings.account_tags else "off",
    )


@attrs.frozen(kw_only=True)
class Own:
    """
    What the process that reads knows of itself, and of the forwarding if it does that.

    *unwritten* says why the outbox lacks some of it; None: it is all there.
    """

    facts: Mapping[str, Any]
    report: Mapping[str, Any] | None = None
    unwritten: str | None = None


class Voice:
    """What a process writes of itself and of the forwarding, when it is due."""

    def __init__(self, outbox: Outbox, settings: Settings) -> None:
        self._outbox = outbox
        self._patience = lease_seconds(settings)
        self._said, self._reported = Said(), Said()

    def speak(self, facts: Mapping[str, object], now: float) -> None:
        """
        Write what the process knows of itself, and forget those that are gone.

        *facts* have its ``name``.

        Raises:
            OutboxError: it could not be written now.
        """
        if not self._said.is_due(facts, now):
            return
        name = str(facts["name"])
        gone = [
            process.name
            for process in self._outbox.processes()
            if process.name != name
            and not is_alive(process, now, patience=self._patience)
        ]
        process = Process(name=name, seen_at=now, facts=written(facts))
        self._outbox.say(process, gone=gone)
        self._said = Said(facts, now)

    def report(
        self, lane: Lane, facts: Mapping[str, object], *, is_last: bool = False
    ) -> None:
        """
        Write how the forwarding goes; what is the last is written in any case.

        Raises:
            LeaseLost: another process forwards now.
            OutboxError: it could not be written now.
        """
        now = lane.clock()
        if is_last or self._reported.is_due(facts, now):
            with lane.write() as writer:
                writer.set_condition(FORWARDER, written({**facts, "seen_at": now}))
            self._reported = Said(facts, now)


def written(facts: Mapping[str, object]) -> str:
    """Return *facts* as they are kept."""
    return json.dumps(facts, allow_nan=False, separators=(",", ":"))

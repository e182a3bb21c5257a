"""
How it goes, read from the outbox: the same answer from every process.

Nothing here asks Tradervue or waits for anything but the outbox. Ages are computed when
it is read.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from argo_tradervue_plugin import __version__
from argo_tradervue_plugin.config.addresses import trades_page
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.health import ADVICE, Cause, circuit_of
from argo_tradervue_plugin.delivery.lane import lease_seconds
from argo_tradervue_plugin.delivery.lease import (
    ends_too_late,
    forwarding,
    place_of,
)
from argo_tradervue_plugin.delivery.logins import LoginState
from argo_tradervue_plugin.delivery.obstacles import as_lines, as_time, obstacles
from argo_tradervue_plugin.delivery.signs import (
    Own,
    facts_of,
    living,
    number,
    report_of,
)
from argo_tradervue_plugin.outbox.records import PENDING, Process, State
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = ["health_of", "without_outbox"]

# What is shown of a process, in this order.
SHOWN: Final = (
    *("host", "pid", "since", "version", "login", "username", "source", "refused_at"),
    *("held_in_memory", "lost", "kept_from_host", "last_event_at"),
    "tracker_problem",
)
SUMMED: Final = ("held_in_memory", "lost", "kept_from_host")
NOT_ASKED: Final = "what it has stored without a hook is not forwarded until it does"
NO_CALLS: Final = (
    "nothing was recorded since the start at {at}: a stock Argo may never call its "
    "tracker; see Wiring it into Argo in the README"
)

TOO_LATE: Final = (
    "the lease of {} ends later than any can: a clock is wrong, or was; any process "
    "with a login takes it over after a lease's length without a sign of life"
)


def health_of(
    outbox: Outbox, settings: Settings, *, now: float, own: Own | None = None
) -> dict[str, Any]:
    """
    Return how it goes, from a handful of rows.

    Times are Unix seconds and ages seconds; None is never, nothing, or not there.
    *own* is None for who only reads, as a command does.

    Raises:
        OutboxError: the outbox cannot be read; see :func:`without_outbox`.
    """
    counts, oldest = outbox.counts(), outbox.oldest_pending_at()
    holder = forwarding(outbox, now)
    report: Mapping[str, Any] = report_of(outbox)
    if own and own.unwritten and own.report:
        report = own.report
    rows = living(outbox, now, patience=lease_seconds(settings))
    processes = shown(rows, own, holder, now)
    memory = {n: sum(int(number(p[n]) or 0) for p in processes) for n in SUMMED}
    waits = obstacles(outbox)
    health: dict[str, Any] = {
        "version": __version__,
        "queue_depth": sum(counts[s] for s in PENDING) + memory["held_in_memory"],
        "oldest_pending_age": None if oldest is None else max(0.0, now - oldest),
        "last_success_at": outbox.last_synced_at(),
        **errors_in(report, now),
        "holds_lease": bool(own and own.report is not None),
        "counts": {str(state): counts[state] for state in State},
        "outcomes": dict(outbox.outcome_counts()),
        **waits,
        **memory,
        "forwarder": forwarder_in(report, holder),
        "account": stamped(outbox) or account_in(settings, own),
        "journal_url": trades_page(settings.base_url),
        "credentials": credentials_in(report if holder else {}, processes, own),
        "last_event_at": latest(
            [report.get("last_event_at"), *(p["last_event_at"] for p in processes)]
        ),
        "processes": processes,
        "outbox": str(outbox),
        "outbox_problem": own.unwritten if own else None,
        "answered_by": "this process" if own and own.unwritten else "outbox",
    }
    health["credentials_refused"] = health["credentials"]["refused_at"] is not None
    health["waits_for"] = waiting(health, as_lines(waits))
    health["remarks"] = remarks(health)
    if holder is not None and ends_too_late(outbox, now):
        health["remarks"].append(TOO_LATE.format(place_of(holder)))
    return health


def without_outbox(
    settings: Settings, own: Own, *, place: str, problem: str
) -> dict[str, Any]:
    """
    Return what this process alone knows, while the outbox cannot be read.

    *place* is where that is, *problem* why it cannot be read.
    """
    now = time.time()
    facts, report = own.facts, own.report or {}
    processes = shown([], own, None, now)
    health = {
        "version": __version__,
        "queue_depth": None,
        "oldest_pending_age": None,
        "last_success_at": None,
        **errors_in(report, now),
        "holds_lease": own.report is not None,
        "counts": {},
        "outcomes": {},
        **{name: facts[name] for name in SUMMED},
        "forwarder": None,
        "account": account_in(settings, own),
        "journal_url": trades_page(settings.base_url),
        "credentials": credentials_in({}, processes, own),
        "last_event_at": facts["last_event_at"],
        "processes": processes,
        "outbox": place,
        "outbox_problem": problem,
        "answered_by": "this process",
        "waits_for": [],
        "remarks": [f"the outbox cannot be read: {problem}"],
    }
    health["credentials_refused"] = health["credentials"]["refused_at"] is not None
    return health


def shown(
    rows: Iterable[Process], own: Own | None, holder: str | None, now: float
) -> list[dict[str, Any]]:
    """Return what each process says of itself; this one says it itself."""
    facts = {row.name: (facts_of(row.facts), row.seen_at) for row in rows}
    if own is not None:
        facts[str(own.facts["name"])] = (dict(own.facts), now)
    return [
        {
            **{key: known.get(key) for key in SHOWN},
            "seen_at": seen_at,
            "age": max(0.0, now - seen_at),
            "forwards": name == holder,
        }
        for name, (known, seen_at) in sorted(facts.items())
    ]


def errors_in(report: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Return what went wrong last, what helps, and when it is tried again."""
    failures = int(number(report.get("failures")) or 0)
    retry_at = number(report.get("retry_at"))
    cause = report.get("cause")
    is_history = report.get("last_error") is not None and not failures
    advice = ADVICE[Cause(cause)] if failures and cause in list(Cause) else None
    return {
        "last_error": report.get("last_error"),
        "last_error_at": number(report.get("last_error_at")),
        "last_error_is_history": is_history,
        "advice": advice,
        "cause": cause if failures else None,
        "failures_in_a_row": failures,
        "retry_at": retry_at,
        "circuit": str(circuit_of(failures, retry_at or 0.0, now)),
    }


def forwarder_in(
    report: Mapping[str, Any], holder: str | None
) -> dict[str, object] | None:
    """Return who forwards, since when, and its last sign of life."""
    if holder is None:
        return None
    known = report if report.get("name") == holder else {}
    place, _, rest = holder.partition("/")
    pid = rest.partition("/")[0]
    return {
        "host": known.get("host") or place.partition("+")[0],
        "pid": known.get("pid") or (int(pid) if pid.isdigit() else None),
        "since": known.get("since"),
        "seen_at": known.get("seen_at"),
    }


def stamped(outbox: Outbox) -> dict[str, object] | None:
    """Return the account that the outbox belongs to, None before it has one."""
    account = outbox.stamp()
    if account is None:
        return None
    return {
        "base_url": account.base_url,
        "login": account.login,
        "user_id": account.user_id,
    }


def account_in(settings: Settings, own: Own | None) -> dict[str, object]:
    """Return the account as far as this process knows it."""
    return {
        "base_url": settings.base_url,
        "login": own.facts["username"] if own else settings.username,
        "user_id": settings.user_id,
    }


def credentials_in(
    report: Mapping[str, Any], processes: Sequence[Mapping[str, Any]], own: Own | None
) -> dict[str, Any]:
    """Return the login that forwards, or that of whoever is asked while none does."""
    found = report.get("credentials")
    if isinstance(found, dict):
        return {**found, "problem": None}
    facts: Mapping[str, Any] = own.facts if own else next(iter(processes), {})
    return {
        "source": facts.get("source"),
        "username": facts.get("username"),
        "refused_at": facts.get("refused_at"),
        "refusals": None,
        "asked_again_at": None,
        "problem": own.facts["problem"] if own else None,
    }


def waiting(health: Mapping[str, Any], lines: Iterable[str]) -> list[str]:
    """Return in words what is waited for."""
    found = list(lines)
    login = health["credentials"]
    if login["asked_again_at"]:
        found.append(
            f"the login was refused at {as_time(login['refused_at'])}, "
            f"{login['refusals']} times: it is asked about again at "
            f"{as_time(login['asked_again_at'])}, and others are tried at once"
        )
    elif health["failures_in_a_row"] and health["retry_at"]:
        found.append(f"the next try at {as_time(health['retry_at'])}")
    if health["held_in_memory"]:
        found.append(f"{health['held_in_memory']} events in memory wait for the disk")
    return found


def remarks(health: Mapping[str, Any]) -> list[str]:
    """Return in words what a person should know of the processes."""
    found = []
    processes = health["processes"]
    if health["forwarder"] is None:
        found.append(f"no process forwards{why_none(processes)}")
    if health["lost"]:
        found.append(
            f"{health['lost']} events were lost in memory: they are asked of the "
            "tracker again"
        )
    problems = {p["tracker_problem"] for p in processes if p["tracker_problem"]}
    found += [
        f"{problem}: what no hook recorded is not forwarded"
        for problem in sorted(problems)
    ]
    begun = [at for p in processes if (at := number(p["since"])) is not None]
    if begun and (health["last_event_at"] or 0.0) < min(begun):
        found.append(NO_CALLS.format(at=as_time(min(begun))))
    if health["outbox_problem"]:
        found.append(f"the outbox cannot be written: {health['outbox_problem']}")
    return found


def why_none(processes: Sequence[Mapping[str, Any]]) -> str:
    """Return why no process forwards, as far as those that live say it."""
    if not processes:
        return ": none that records is running"
    logins = {p["login"] for p in processes}
    if logins <= {None, str(LoginState.MISSING)}:
        return ": none has a complete login"
    return ""


def latest(times: Iterable[object]) -> float | None:
    """Return the latest of *times*, None where there is none."""
    return max((at for at in map(number, times) if at is not None), default=None)

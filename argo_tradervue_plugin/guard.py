"""
The one guard around every call that the host makes into us.

What it catches is logged, counted and shown in the status; it never reaches the host.
It catches ``Exception`` only: a cancellation or an exit is the host's business.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import attrs

from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.process.forking import Lock
from argo_tradervue_plugin.process.logs import Log

__all__ = ["Incident", "guard", "incidents", "log", "swallow"]

# A failure that repeats on every trade must not flood the operator's log: it is
# logged again when its count has doubled.
_lock = Lock()
_incidents: dict[tuple[str, str], "Incident"] = {}


@attrs.frozen(kw_only=True)
class Incident:
    """One kind of failure that was kept from the host; *last_at* is a Unix time."""

    where: str
    error: str
    count: int
    last_at: float


def incidents() -> list[Incident]:
    """Return what was kept from the host since the process began, latest first."""
    with _lock:
        return sorted(_incidents.values(), key=lambda i: i.last_at, reverse=True)


def swallow(where: str, error: Exception) -> None:
    """Count *error*, and log it once and then at every doubling of its count."""
    incident = _count(where, error)
    if incident.count & (incident.count - 1) == 0:
        log.error(
            "tradervue.internal_error where=%s count=%d error=%s",
            where,
            incident.count,
            incident.error,
            exc_info=error if log.is_enabled_for(logging.DEBUG) else None,
        )


def _count(where: str, error: BaseException) -> Incident:
    try:
        text = one_line(f"{type(error).__name__}: {error}")
    except Exception:  # noqa: BLE001 - an error that cannot even be shown
        text = type(error).__name__
    key = (where, type(error).__name__)  # a text may hold ids: it would grow for ever
    with _lock:
        before = _incidents.get(key)
        incident = Incident(
            where=where,
            error=text,
            count=before.count + 1 if before else 1,
            last_at=time.time(),
        )
        _incidents[key] = incident
    return incident


@contextmanager
def guard(where: str) -> Iterator[None]:
    """Keep whatever goes wrong inside from the host; *where* names the call."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - this is the guard
        swallow(where, error)


def count_failed_line(error: BaseException) -> None:
    """Count what the host's logging has raised at a line of ours: no line says it."""
    _count("logging", error)


log: Final = Log("argo_tradervue_plugin", count_failed_line)

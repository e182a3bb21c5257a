"""
The one guard around every call that the host makes into us.

What it catches is logged, counted and shown in the status; it never reaches the host.
It catches ``Exception`` only: a cancellation or an exit is the host's business.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import attrs

from argo_tradervue_plugin.errors import one_line

__all__ = ["Incident", "guard", "incidents", "log", "swallow"]

log: Final = logging.getLogger("argo_tradervue_plugin")

# A failure that repeats on every trade must not flood the operator's log: it is
# logged again when its count has doubled.
_lock = threading.Lock()
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
    text = one_line(f"{type(error).__name__}: {error}")
    with _lock:
        key = (
            where,
            type(error).__name__,
        )  # a text may hold ids: it would grow for ever
        before = _incidents.get(key)
        count = before.count + 1 if before else 1
        _incidents[key] = Incident(
            where=where, error=text, count=count, last_at=time.time()
        )
    if count & (count - 1) == 0:
        log.error(
            "tradervue.internal_error where=%s count=%d error=%s",
            where,
            count,
            text,
            exc_info=error if log.isEnabledFor(logging.DEBUG) else None,
        )


@contextmanager
def guard(where: str) -> Iterator[None]:
    """Keep whatever goes wrong inside from the host; *where* names the call."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - this is the guard
        swallow(where, error)

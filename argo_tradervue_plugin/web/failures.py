"""What went wrong, as an answer: in words, never a traceback, never a credential."""

from typing import Final

from argo_tradervue_plugin import guard
from argo_tradervue_plugin.config.settings import SECTION
from argo_tradervue_plugin.errors import (
    AccountMismatch,
    ApiError,
    CredentialsError,
    OutboxBusy,
    OutboxError,
    TimedOut,
    TrackerError,
    one_line,
)
from argo_tradervue_plugin.web.interface import Answer

__all__ = [
    "CROSS_SITE",
    "NOT_ENABLED",
    "NO_LOGIN",
    "NO_METRICS",
    "explained",
    "other_host",
]

# Argo's front end looks for this text.
NOT_ENABLED: Final = Answer(503, {"detail": "Tradervue integration not enabled"})
NO_LOGIN: Final = Answer(
    503,
    {"detail": "no Tradervue user name was found in settings, AWS or environment"},
)
NO_METRICS: Final = Answer(
    504, {"detail": "metrics of this period are made for the first time: try again"}
)
CROSS_SITE: Final = Answer(
    403, {"detail": "refused: sent by a page of another site, and it changes something"}
)

# Not 503, which the front end shows as "not configured": the configuration is fine, it
# is this machine that fails. The error's own text may name files and databases; it is
# for the log, not for whoever opens the page.
BROKEN_OUTBOX: Final = Answer(
    500, {"detail": "the outbox cannot be read or written: see the host's log"}
)
ANOTHERS_OUTBOX: Final = Answer(
    503,
    {
        "detail": "the outbox belongs to another account: nothing is sent, and "
        "everything is kept; the host's log says what helps"
    },
)
BUSY_OUTBOX: Final = Answer(500, {"detail": "the outbox is busy: try again"})
# What Tradervue, the operator or the host can do something about is said in full.
SHOWN: Final = (
    (TimedOut, 504),
    (ApiError, 502),
    (CredentialsError, 503),
    (TrackerError, 500),
)
LONGEST_HOST: Final = 80  # characters of a header that are repeated
INTERNAL: Final = Answer(500, {"detail": "internal error"})


def other_host(host: str | None) -> Answer:
    """Return the refusal of what was sent to *host*, the ``Host`` header as it came."""
    named = "no Host header" if host is None else ascii(host[:LONGEST_HOST])
    return Answer(
        403,
        {
            "detail": f"refused: sent to {named}, and that is none of the names in "
            f"{SECTION}.allowed_hosts: if it is a name of this host, add it there, "
            "without a port"
        },
    )


def explained(where: str, error: Exception) -> Answer:
    """
    Return the answer for *error*, raised by the route *where*.

    What Tradervue did is in the answer. What we did wrong is logged and counted, and
    the answer only says that there is something.
    """
    for kind, status in SHOWN:
        if isinstance(error, kind):
            return Answer(status, {"detail": one_line(str(error))})
    if isinstance(error, AccountMismatch):
        return ANOTHERS_OUTBOX
    if isinstance(error, OutboxBusy):
        return BUSY_OUTBOX
    guard.swallow(where, error)
    return BROKEN_OUTBOX if isinstance(error, OutboxError) else INTERNAL

"""
Every way in which this package fails, a branch per decision of the caller.

::

    TradervueError
    ├── ConfigError             a setting is wrong: disable the plugin, say which
    ├── CredentialsError        no usable user name or password: pause, say where
    ├── AccountMismatch         the outbox is another account's: pause, say what helps
    ├── WrongPlace              the outbox is in a file of a wrong name: pause, say so
    ├── TradeError              a host trade makes no sense: quarantine it
    ├── TrackerError            the host's tracker failed: the host's fault, ask later
    ├── OutboxError             the durable record cannot be read or written
    │   ├── OutboxBusy          somebody else writes just now: try again
    │   ├── Unstorable          the database cannot hold this event: park it, go on
    │   ├── ForeignFile         damaged, or no outbox: pass it over, say which
    │   ├── OutboxTooNew        written by a newer version: disable the plugin
    │   ├── OutboxDamaged       it cannot be read: restore a backup
    │   ├── OutboxReplaced      it is not the one that was opened: begin again with it
    │   └── LeaseLost           another process forwards now: stop, touch nothing
    └── ApiError                Tradervue did not do what was asked
        ├── Unreachable         no answer: try again (was it processed? unknown)
        │   └── TimedOut            not within the time allowed
        ├── BadAnswer           an answer that makes no sense: as above
        ├── WrongAddress        what answers at base_url is not Tradervue: say so
        ├── ServerError         5xx: try again later
        ├── RateLimited         429: try again after `retry_after`
        ├── ImportInProgress    424: the slot is taken, try again
        └── Refused             the answer is final
            ├── AuthenticationFailed   401: stop sending, ask for credentials
            ├── PermissionRefused      403: as above
            ├── NotFound               404: it is not there
            └── Rejected               any other 4xx, with Tradervue's own words
"""

from typing import Final

__all__ = [
    "AccountMismatch",
    "ApiError",
    "AuthenticationFailed",
    "BadAnswer",
    "ConfigError",
    "CredentialsError",
    "ForeignFile",
    "ImportInProgress",
    "LeaseLost",
    "NotFound",
    "OutboxBusy",
    "OutboxDamaged",
    "OutboxError",
    "OutboxReplaced",
    "OutboxTooNew",
    "PermissionRefused",
    "RateLimited",
    "Refused",
    "Rejected",
    "ServerError",
    "TimedOut",
    "TrackerError",
    "TradeError",
    "TradervueError",
    "Unreachable",
    "Unstorable",
    "WrongAddress",
    "WrongPlace",
    "one_line",
]

# Long enough for every message that the API documents, short enough that a proxy's
# error page does not fill the operator's log.
LONGEST_QUOTE: Final = 300
LARGEST_RATIO: Final = 16  # of what is looked at to what is shown; the rest are blanks


def one_line(text: str, longest: int = LONGEST_QUOTE) -> str:
    """
    Return *text* as one printable line of at most *longest* characters.

    Whatever comes from outside (symbols, server messages) passes through here on its
    way into a log or a message, so that it cannot forge a line of its own. Of a text
    without end only the beginning is looked at.
    """
    given, text = text, text[: longest * LARGEST_RATIO]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    clean = " ".join(text.split())
    if len(clean) <= longest and len(text) == len(given):
        return clean
    return clean[: longest - 1] + "…"


class TradervueError(Exception):
    """Whatever this package raises on purpose."""


class ConfigError(TradervueError):
    """
    The plugin's settings are wrong.

    *problems* holds one sentence for each wrong key, with the key's full path.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class CredentialsError(TradervueError):
    """No usable user name or password was found; the text says where was looked."""


class TradeError(TradervueError):
    """
    A host trade cannot be sent to the journal.

    *field* is the host's name of the field, *value* what stood there.
    """

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"{field}={one_line(repr(value), 80)}: {expected}")
        self.field = field
        self.value = value


class TrackerError(TradervueError):
    """The host's tracker failed to list its trades; the text names it."""


class OutboxError(TradervueError):
    """The durable record cannot be opened, read or written."""


class OutboxBusy(OutboxError):
    """Another writer took longer than the caller may wait; nothing is wrong."""


class Unstorable(OutboxError):
    """The database cannot hold what was to be written; others may well be."""


class ForeignFile(OutboxError):
    """A file is damaged, or no outbox of this user's: it will not be read later."""


class OutboxTooNew(OutboxError):
    """A newer version of this plugin has written it; only an update helps."""


class OutboxDamaged(OutboxError):
    """The file is no database any more, or parts of it are overwritten."""


class OutboxReplaced(OutboxError):
    """It was deleted, replaced or cut short; nothing was written; open it again."""


class LeaseLost(OutboxError):
    """Another process holds the lease now; nothing was changed."""


class AccountMismatch(TradervueError):
    """
    The outbox belongs to another account than the login, or that is unknown.

    Nothing is sent, and everything recorded is kept; the text says what helps.
    """


class WrongPlace(TradervueError):
    """
    The outbox is in a file whose name was meant to be something else.

    Recording goes on there and nothing is sent; the text says how to move it.
    """


class ApiError(TradervueError):
    """
    Tradervue did not do what was asked.

    *status* is the HTTP status, None where there was no answer at all.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Unreachable(ApiError):
    """
    No complete answer came.

    *sent* tells whether the request may have reached Tradervue: False only where no
    connection was made, so that nothing can have been processed.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class TimedOut(Unreachable):
    """No complete answer came within the time allowed."""


class BadAnswer(ApiError):
    """An answer came that is too large, or not what the API documents."""


class WrongAddress(ApiError):
    """
    What answers at ``base_url`` is not Tradervue's API.

    The text names the address, what answered there, and where known a better one.
    """


class ServerError(ApiError):
    """Tradervue failed (5xx). *retry_after* is in seconds, None where not given."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


class RateLimited(ServerError):
    """Too many requests (429)."""


class ImportInProgress(ApiError):
    """The user's one import slot is taken (424)."""


class Refused(ApiError):
    """The answer is final: the same request would be refused again."""


class AuthenticationFailed(Refused):
    """The user name or password is wrong (401)."""


class PermissionRefused(Refused):
    """The user may not do this, or not for that member (403, not in HTML)."""


class NotFound(Refused):
    """There is no such object (404)."""


class Rejected(Refused):
    """The request was understood and refused (other 4xx), in Tradervue's own words."""

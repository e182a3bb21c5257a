"""What is sent and what comes back, and what an answer's status means."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeVar
from urllib.parse import urlsplit

import attrs

from argo_tradervue_plugin.errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    ImportInProgress,
    NotFound,
    PermissionRefused,
    RateLimited,
    Rejected,
    ServerError,
    Unreachable,
    one_line,
)
from argo_tradervue_plugin.tradervue.retries import parse_retry_after
from argo_tradervue_plugin.tradervue.wire import read_words

__all__ = ["Answer", "Call", "failure_of", "read_body"]

T = TypeVar("T")

JSON: Final = frozenset({"application/json", "text/json"})
HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
# Bytes of an answer that are looked at once more to say what is wrong with it.
LARGEST_QUOTED: Final = 512 * 1024


@attrs.frozen(kw_only=True)
class Call:
    """
    One request. *what* names it in messages, as in "Tradervue refused *what*".

    *is_repeatable* tells whether doing it twice does no harm, *is_probe* that it is
    never done twice: who only wants to know whether somebody is there is answered.
    """

    method: str
    path: str
    what: str
    query: Mapping[str, str] = attrs.field(factory=dict)
    body: bytes | None = attrs.field(default=None, repr=False)
    is_repeatable: bool = False
    is_probe: bool = False


@attrs.frozen(kw_only=True)
class Answer:
    """
    One answer. *media_type* is lower-case and without parameters, "" if not given.

    Of a failure (status 400 and up), *content* may be the beginning only.
    """

    status: int
    media_type: str = ""
    content: bytes = attrs.field(default=b"", repr=False)
    location: str = ""
    retry_after: str | None = None


def failure_of(
    answer: Answer,
    what: str,
    *,
    mask: Callable[[str], str],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ApiError | None:
    """
    Return the error that the status of *answer* stands for, None for a success.

    *mask* takes secrets out of the server's words. The documentation names 404 and
    424; 401 and 403 were seen by others, and 429 is to be expected.
    """
    status = answer.status
    if 200 <= status < 300:  # noqa: PLR2004
        return None
    if status < 400:  # noqa: PLR2004
        where = one_line(_host(answer.location), 100) or "nowhere"
        return BadAnswer(
            f"Tradervue answered {what} with a redirect to {where} (HTTP {status}); "
            "check base_url",
            status=status,
        )
    said = f"HTTP {status}, {_words(answer, mask)}"
    if status == 408:  # noqa: PLR2004
        # A balancer in front gave up waiting for the request: nothing final.
        return Unreachable(f"Tradervue did not receive all of {what}: {said}")
    if status == 429 or status >= 500:  # noqa: PLR2004
        wait = parse_retry_after(answer.retry_after, now())
        if status == 429:  # noqa: PLR2004
            text = f"Tradervue put off {what}: {said}"
            return RateLimited(text, status=status, retry_after=wait)
        text = f"Tradervue failed at {what}: {said}"
        return ServerError(text, status=status, retry_after=wait)
    kind: type[ApiError]
    kind, text = {
        401: (AuthenticationFailed, "refused the user name and password, for"),
        403: (PermissionRefused, "does not permit"),
        404: (NotFound, "found nothing for"),
        424: (ImportInProgress, "cannot take"),
    }.get(status, (Rejected, "refused"))
    if kind is PermissionRefused and answer.media_type in HTML:
        kind = BadAnswer  # a proxy's page, which says nothing of the login
    return kind(f"Tradervue {text} {what}: {said}", status=status)


def read_body(
    answer: Answer,
    what: str,
    read: Callable[[bytes], T],
    *,
    mask: Callable[[str], str],
) -> T:
    """
    Return what *read* makes of the body of a successful *answer*.

    *mask* takes secrets out of what is quoted of it.

    Raises:
        BadAnswer: if it is not JSON, or not what the API documents.
    """
    if not answer.media_type or answer.media_type in JSON:
        try:
            return read(answer.content)
        except ValueError:
            problem = _problem(answer.content, read, mask)
    else:
        media_type = one_line(mask(answer.media_type), 60)
        problem = f"{media_type}: {_words(answer, mask)}"
    raise BadAnswer(
        f"Tradervue's answer to {what} cannot be read: HTTP {answer.status}, {problem}",
        status=answer.status,
    )


def _problem(
    content: bytes, read: Callable[[bytes], object], mask: Callable[[str], str]
) -> str:
    """Return why *read* cannot read *content*, which it quotes without secrets."""
    if len(content) > LARGEST_QUOTED:
        return "it is not what the API documents"
    try:
        # What is quoted is cut as well: half a password would be no better.
        read(mask(content.decode(errors="replace")).encode(errors="replace"))
    except ValueError as error:
        return one_line(mask(str(error)))
    return "it holds what was sent to it"


def _words(answer: Answer, mask: Callable[[str], str]) -> str:
    if answer.media_type in HTML:
        return "an HTML page"
    return one_line(mask(read_words(answer.content))) or "no reason given"


def _host(location: str) -> str:
    try:
        return urlsplit(location).hostname or ""
    except ValueError:
        return ""

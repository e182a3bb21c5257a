"""What is sent and what comes back, and what an answer's status means."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
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
from argo_tradervue_plugin.tradervue.pacing import parse_retry_after
from argo_tradervue_plugin.tradervue.wire import holds_trades, read_words

__all__ = [
    "Answer",
    "Call",
    "clock_difference",
    "failure_of",
    "foreign_in",
    "is_page",
    "read_body",
]

T = TypeVar("T")

JSON: Final = frozenset({"application/json", "text/json"})
HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
# Bytes of an answer that are looked at once more to say what is wrong with it.
LARGEST_QUOTED: Final = 512 * 1024
PAGES: Final = (b"<!doctype html", b"<html")  # how one begins, whatever it is called
NOWHERE: Final = frozenset({404, 405, 410})  # there is no such thing at the address


@attrs.frozen(kw_only=True)
class Call:
    """
    One request. *what* names it in messages, as in "Tradervue refused *what*".

    *is_repeatable* tells whether doing it twice does no harm.
    """

    method: str
    path: str
    what: str
    query: Mapping[str, str] = attrs.field(factory=dict)
    body: bytes | None = attrs.field(default=None, repr=False)
    is_repeatable: bool = False


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


def failure_of(  # noqa: PLR0911 - a kind of answer each
    answer: Answer,
    what: str,
    *,
    mask: Callable[[str], str],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ApiError | None:
    """
    Return the error that the status of *answer* means, None for a success.

    *mask* takes secrets out of the server's words. The documentation names 404 and
    424; 401 and 403 were seen by others, and 429 is to be expected.
    """
    status = answer.status
    if 200 <= status < 300:  # noqa: PLR2004
        return None
    if status < 400:  # noqa: PLR2004
        return BadAnswer(
            f"Tradervue answered {what} with {_redirect(answer)}; check base_url",
            status=status,
        )
    said = f"HTTP {status}, {_words(answer, mask)}"
    if status == 403 and is_page(answer):  # noqa: PLR2004
        # Tradervue answers its API in JSON: a proxy or a firewall says this.
        return BadAnswer(
            f"Something between here and Tradervue refused {what}: {said}",
            status=status,
        )
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
    return kind(f"Tradervue {text} {what}: {said}", status=status)


def clock_difference(date: str | None, now: float) -> float | None:
    """
    Return how far *now* (Unix seconds) is ahead of a ``Date`` header, in seconds.

    None where there is none, or one that makes no sense.
    """
    try:
        said = parsedate_to_datetime(date or "")
        return now - said.replace(tzinfo=said.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError, TypeError):
        return None


def is_page(answer: Answer) -> bool:
    """Tell whether *answer* is a page for people, which Tradervue's API never is."""
    return answer.media_type in HTML or answer.content.lstrip()[:20].lower().startswith(
        PAGES
    )


def foreign_in(  # noqa: PLR0911 - a kind of answer each
    answer: Answer, *, mask: Callable[[str], str]
) -> str | None:
    """
    Return in words what in *answer* to a request for trades is not Tradervue's.

    None: nothing, or it says nothing about the address, as a refusal, a server's
    failure or half an answer do. *mask* takes secrets out of the server's words.
    """
    status = answer.status
    if status >= 500 or status in {401, 403, 408, 424, 429}:  # noqa: PLR2004
        return None
    if 300 <= status < 400:  # noqa: PLR2004
        return _redirect(answer)
    if is_page(answer):
        return f"an HTML page (HTTP {status})"
    if status in NOWHERE:
        return f"HTTP {status}, {_words(answer, mask)}"
    if status >= 400:  # noqa: PLR2004
        return None
    if answer.media_type and answer.media_type not in JSON:
        return f"{one_line(mask(answer.media_type), 60)} (HTTP {status})"
    try:
        is_list = holds_trades(answer.content)
    except ValueError:
        # Half of Tradervue's own answer begins as all of it does.
        is_cut = answer.content.lstrip()[:1] == b"{"
        return None if is_cut else f"something that is not JSON (HTTP {status})"
    return None if is_list else f"JSON without a list of trades (HTTP {status})"


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
    if is_page(answer):
        return "an HTML page"
    return one_line(mask(read_words(answer.content))) or "no reason given"


def _redirect(answer: Answer) -> str:
    try:
        host = urlsplit(answer.location).hostname or ""
    except ValueError:
        host = ""
    where = one_line(host, 100) or "nowhere"
    return f"a redirect to {where} (HTTP {answer.status})"

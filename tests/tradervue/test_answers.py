"""What the status and the body of an answer mean."""

from datetime import UTC, datetime

import pytest

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
)
from argo_tradervue_plugin.tradervue.answers import (
    Answer,
    Call,
    failure_of,
    read_body,
)

REFUSED_LOGIN = (
    "Tradervue refused the user name and password, for the import: "
    "HTTP 401, Access denied"
)
NOW = datetime(2026, 3, 5, 15, 15, tzinfo=UTC)


def failure(answer: Answer) -> Exception | None:
    return failure_of(answer, "the import", mask=lambda text: text, now=lambda: NOW)


def json_answer(status: int, content: bytes, **more: str) -> Answer:
    return Answer(status=status, media_type="application/json", content=content, **more)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_2xx_is_a_success(status: int) -> None:
    """The documentation does not name the status of every success."""
    assert failure(Answer(status=status)) is None


@pytest.mark.parametrize(
    ("status", "content", "kind", "text"),
    [
        (
            400,
            b'{"error":"Invalid request: symbol, price"}',
            Rejected,
            "Tradervue refused the import: HTTP 400, Invalid request: symbol, price",
        ),
        (
            422,
            b'{"status":"no executions"}',
            Rejected,
            "Tradervue refused the import: HTTP 422, no executions",
        ),
        (
            401,
            b"Access denied",
            AuthenticationFailed,
            REFUSED_LOGIN,
        ),
        (
            403,
            b'{"error":"no\nmanager"}',
            PermissionRefused,
            'Tradervue does not permit the import: HTTP 403, {"error":"no manager"}',
        ),
        (
            404,
            b'{"error":"not found"}',
            NotFound,
            "Tradervue found nothing for the import: HTTP 404, not found",
        ),
        (
            424,
            b'{"error":"import already in progress"}',
            ImportInProgress,
            "Tradervue cannot take the import: HTTP 424, import already in progress",
        ),
        (
            500,
            b'{"error":"oops"}',
            ServerError,
            "Tradervue failed at the import: HTTP 500, oops",
        ),
    ],
)
def test_each_status_is_an_error_with_tradervues_words(
    status: int, content: bytes, kind: type, text: str
) -> None:
    """One line for an operator, and the class that the caller decides by."""
    error = failure(json_answer(status, content))

    assert type(error) is kind
    assert str(error) == text
    assert isinstance(error, ApiError)
    assert error.status == status


def test_a_page_for_people_is_not_quoted() -> None:
    """A maintenance page is a server's failure, and its markup tells nothing."""
    answer = Answer(status=503, media_type="text/html", content=b"<html>secret</html>")

    assert str(failure(answer)) == (
        "Tradervue failed at the import: HTTP 503, an HTML page"
    )


def test_a_failure_without_words_says_so() -> None:
    """An empty body is nobody's reason."""
    assert str(failure(Answer(status=400))) == (
        "Tradervue refused the import: HTTP 400, no reason given"
    )


def test_long_words_are_cut() -> None:
    """Nobody's error page fills the log."""
    answer = Answer(status=400, media_type="text/plain", content=b"x" * 60_000)

    assert len(str(failure(answer))) < 400


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimited), (503, ServerError)])
def test_retry_after_is_kept(status: int, kind: type) -> None:
    """In seconds from now, whichever form it came in."""
    later = "Thu, 05 Mar 2026 15:16:00 GMT"

    for header, seconds in (("17", 17.0), (later, 60.0), ("soon", None), (None, None)):
        error = failure(Answer(status=status, retry_after=header))
        assert type(error) is kind
        assert isinstance(error, (RateLimited, ServerError))
        assert error.retry_after == seconds


def test_a_request_timeout_is_nothing_final() -> None:
    """408 comes from a balancer that did not get all of the request."""
    error = failure(Answer(status=408))

    assert type(error) is Unreachable
    assert error.sent


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("https://www.tradervue.com/api/v1/imports?x=secret", "www.tradervue.com"),
        ("https://u:secret@elsewhere.example/", "elsewhere.example"),
        ("/login?secret", "nowhere"),
        ("https://[broken", "nowhere"),
        ("", "nowhere"),
    ],
)
def test_a_redirect_is_not_followed_but_named(location: str, host: str) -> None:
    """The host alone: the rest may hold anything."""
    error = failure(Answer(status=301, location=location))

    assert type(error) is BadAnswer
    assert f"redirect to {host} (HTTP 301)" in str(error)
    assert "secret" not in str(error)


def test_a_body_is_read_where_it_is_json() -> None:
    """A missing content type is forgiven, a wrong one not."""
    for media_type in ("application/json", ""):
        answer = Answer(status=200, media_type=media_type, content=b"12")
        assert read_body(answer, "it", int, mask=lambda text: text) == 12


@pytest.mark.parametrize(
    ("media_type", "content", "problem"),
    [
        ("text/html", b"<html>", "HTTP 200, text/html: an HTML page"),
        ("text/plain", b"hello", "HTTP 200, text/plain: hello"),
        ("application/json", b"x", "invalid literal for int"),
    ],
)
def test_an_unreadable_body_is_a_bad_answer(
    media_type: str, content: bytes, problem: str
) -> None:
    """It says what came instead."""
    answer = Answer(status=200, media_type=media_type, content=content)

    with pytest.raises(BadAnswer, match=problem) as raised:
        read_body(answer, "it", int, mask=lambda text: text)

    assert raised.value.status == 200


def test_secrets_are_taken_out_before_words_are_cut() -> None:
    """Half a password would be no better."""
    long = b"x" * 295 + b"secret" + b"y" * 500

    def mask(text: str) -> str:
        return text.replace("secret", "***")

    error = failure_of(Answer(status=400, content=long), "it", mask=mask)
    with pytest.raises(BadAnswer) as raised:
        read_body(
            Answer(status=200, media_type="text/plain", content=long),
            "it",
            int,
            mask=mask,
        )

    assert "sec" not in str(error)
    assert "sec" not in str(raised.value)


def test_bodies_are_kept_out_of_the_repr() -> None:
    """They hold notes, and a new user's password."""
    call = Call(method="POST", path="/users", what="it", body=b"secret")

    assert "secret" not in repr(call)
    assert "secret" not in repr(Answer(status=200, content=b"secret"))

"""What went wrong, in words for whoever asked."""

import pytest

from argo_tradervue_plugin import errors
from argo_tradervue_plugin.web.failures import explained

CANARY = "hunter2-canary"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ApiError("Tradervue did what"), 502),
        (errors.Unreachable("Tradervue cannot be reached"), 502),
        (errors.TimedOut("Tradervue did not answer in 30 s"), 504),
        (errors.BadAnswer("Tradervue's answer cannot be read"), 502),
        (errors.ServerError("Tradervue failed: HTTP 500, oops", status=500), 502),
        (errors.RateLimited("Tradervue put off: HTTP 429", status=429), 502),
        (errors.ImportInProgress("Tradervue cannot take it", status=424), 502),
        (errors.Refused("Tradervue refused"), 502),
        (errors.AuthenticationFailed("Tradervue refused the login", status=401), 502),
        (errors.PermissionRefused("Tradervue does not permit", status=403), 502),
        (errors.NotFound("Tradervue found nothing", status=404), 502),
        (errors.Rejected("Tradervue refused: HTTP 422", status=422), 502),
        (errors.CredentialsError("no password in settings or environment"), 503),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else "",
)
def test_what_tradervue_did_is_told_in_words(error: Exception, status: int) -> None:
    """The answer has the error's own sentence, which the client masks and shortens."""
    answer = explained("GET /x", error)

    assert (answer.status, answer.body) == (status, {"detail": str(error)})


def test_every_error_of_tradervue_is_told_as_one() -> None:
    """A new kind of error in the tree is no internal error."""
    kinds = [errors.ApiError]
    for kind in kinds:
        kinds += kind.__subclasses__()

        assert explained("GET /x", kind("words")).status in {502, 504}


def test_outbox_of_another_account_is_no_fault_of_ours() -> None:
    """It is for the configuration to say otherwise; where the file is, the log says."""
    answer = explained("GET /x", errors.AccountMismatch(CANARY))

    assert answer.status == 503
    assert "belongs to another account" in str(answer.body["detail"])
    assert CANARY not in str(answer.body)


def test_words_come_in_one_short_line() -> None:
    """A proxy's error page does not fill the front end."""
    answer = explained("GET /x", errors.ServerError("a\nb\x1b[31m" + "c" * 1000))

    detail = str(answer.body["detail"])
    assert detail.startswith("a b [31mccc")
    assert len(detail) == 300


@pytest.mark.swallows
@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(CANARY),
        KeyError(CANARY),
        errors.ConfigError([CANARY]),
        errors.TradeError("symbol", CANARY, "a text"),
        errors.OutboxError(f"postgresql://argo:{CANARY}@db/argo cannot be opened"),
        errors.LeaseLost(CANARY),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_we_did_wrong_is_counted_and_not_told(
    error: Exception, swallowed: list[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    """500, and not 503: the front end would say that nothing is configured."""
    answer = explained("GET /x", error)

    assert answer.status == 500
    assert CANARY not in str(answer.body)
    assert swallowed == [error]
    assert "tradervue.internal_error where=GET /x count=1" in caplog.text


def test_a_busy_outbox_is_nobodys_fault() -> None:
    """It is told, and not counted as a failure."""
    answer = explained("POST /x", errors.OutboxBusy("locked"))

    assert (answer.status, answer.body) == (
        500,
        {"detail": "the outbox is busy: try again"},
    )

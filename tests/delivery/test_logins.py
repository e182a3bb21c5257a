"""Whose login it is, whether it was refused, and who may forward with it."""

import time
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.config.credentials import CredentialsFinder
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.logins import (
    DAY,
    HOUR,
    Logins,
    LoginState,
    digest_of,
    is_question_due,
    may_forward,
    question_at,
)
from argo_tradervue_plugin.errors import AuthenticationFailed, CredentialsError
from argo_tradervue_plugin.outbox.records import RefusedLogin
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from tests.delivery.stepping import Clock

MISSING, REFUSED, USABLE = LoginState.MISSING, LoginState.REFUSED, LoginState.USABLE


@pytest.mark.parametrize(
    ("own", "others", "why"),
    [
        (USABLE, [], None),
        (USABLE, [USABLE, REFUSED, MISSING], None),
        (MISSING, [], MISSING),
        (MISSING, [USABLE], MISSING),
        (REFUSED, [USABLE], REFUSED),
        (REFUSED, [MISSING, USABLE], REFUSED),
        (REFUSED, [], None),
        (REFUSED, [MISSING, REFUSED], None),
    ],
)
def test_only_a_complete_login_forwards_and_a_refused_one_only_asks(
    own: LoginState, others: list[LoginState], why: LoginState | None
) -> None:
    """While all are refused, somebody has to find out when that ends."""
    assert may_forward(own, others=others) is why


@given(st.sampled_from(LoginState), st.lists(st.sampled_from(LoginState)))
def test_somebody_may_forward_wherever_there_is_a_complete_login(
    own: LoginState, others: list[LoginState]
) -> None:
    """However many processes there are, and whatever logins they have."""
    everybody = [own, *others]
    may = [
        may_forward(each, others=everybody[:n] + everybody[n + 1 :]) is None
        for n, each in enumerate(everybody)
    ]

    assert any(may) == any(each is not MISSING for each in everybody)
    if USABLE in everybody:
        assert may == [each is USABLE for each in everybody]


def refused(count: int, last_at: float) -> RefusedLogin:
    """Return a login that was refused so often."""
    return RefusedLogin(
        digest="d", salt="s", count=count, first_at=0.0, last_at=last_at
    )


@pytest.mark.parametrize(
    ("count", "pause"), [(1, HOUR), (23, HOUR), (24, DAY), (1000, DAY)]
)
def test_a_refused_login_is_asked_about_hourly_and_then_daily(
    count: int, pause: float
) -> None:
    """Clocks differ a little; one that was wrong keeps nothing waiting for ever."""
    refusal = refused(count, 1000.0)

    assert question_at(refusal) == 1000 + pause
    assert not is_question_due(refusal, 1000.0)
    assert not is_question_due(refusal, 999 + pause)
    assert is_question_due(refusal, 1000 + pause)
    assert not is_question_due(refusal, 999.0)
    assert is_question_due(refusal, 999 - pause)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    """An empty outbox."""
    return Outbox(Sqlite(tmp_path / "outbox.db"))


def logins_of(
    outbox: Outbox, clock: Clock, environ: dict[str, str], **settings: object
) -> Logins:
    """Return what a process with this environment makes of its login."""
    told = Settings.from_mapping({"enabled": True, "aws_secrets": False, **settings})
    finder = CredentialsFinder(told, environ=environ, clock=clock)
    return Logins(finder, outbox, told, clock)


def test_a_refusal_is_known_to_every_process_and_ends_with_a_success(
    outbox: Outbox,
) -> None:
    """Who has the same password knows it, and who has another does not mind."""
    clock = Clock(1000.0)
    ours = logins_of(outbox, clock, {}, username="me", password="wrong")
    theirs = logins_of(outbox, clock, {}, username="me", password="wrong")
    other = logins_of(outbox, clock, {}, username="me", password="right")
    wrong = ours.find().usable()
    ours.door(wrong).refused(AuthenticationFailed("no"))
    clock.now = 1500.0
    theirs.door(wrong).refused(AuthenticationFailed("no"))

    for logins in (ours, theirs):
        login = logins.find()
        assert login.state is REFUSED
        assert login.refusal is not None
        assert (login.refusal.count, login.refusal.first_at) == (2, 1000.0)
        with pytest.raises(AuthenticationFailed, match="login from settings 2 times"):
            login.usable()
    assert other.find().state is USABLE

    theirs.door(wrong).opened()
    assert [logins.find().state for logins in (ours, theirs)] == [USABLE, USABLE]
    assert outbox.refused_logins() == []


def test_nobody_can_read_the_password_in_the_outbox(
    outbox: Outbox, tmp_path: Path
) -> None:
    """What is kept is salted, and differs from one refusal to the next."""
    clock = Clock(1000.0)
    before: list[tuple[str, str]] = []
    for _ in range(2):
        logins = logins_of(outbox, clock, {}, username="me", password="canary-77")
        credentials = logins.find().credentials
        assert credentials is not None
        logins.door(credentials).refused(AuthenticationFailed("no"))
        [kept] = outbox.refused_logins()
        digest, salt = kept.digest, kept.salt
        logins.door(credentials).opened()
        assert (digest, salt) not in before
        before.append((digest, salt))
    outbox.close()

    for file in tmp_path.iterdir():
        assert b"canary-77" not in file.read_bytes()


@pytest.mark.parametrize(
    "change",
    [
        {"password": "other"},
        {"username": "you"},
        {"base_url": "https://firm.tradervue.com/api/v1"},
        {"user_id": 7},
    ],
    ids=["password", "user name", "address", "member"],
)
def test_another_login_is_tried_at_once(
    outbox: Outbox, change: dict[str, object]
) -> None:
    """Whatever of it was corrected."""
    clock = Clock(1000.0)
    first = logins_of(outbox, clock, {}, username="me", password="wrong")
    first.door(first.find().usable()).refused(AuthenticationFailed("no"))
    facts: dict[str, object] = {"username": "me", "password": "wrong"}

    assert logins_of(outbox, clock, {}, **facts).find().state is REFUSED
    assert logins_of(outbox, clock, {}, **facts | change).find().state is USABLE


def test_a_login_is_looked_for_again(outbox: Outbox) -> None:
    """Half of one is none; the user name is named all the same."""
    environ = {"TRADERVUE_USERNAME": "me"}
    logins = logins_of(outbox, Clock(1000.0), environ)
    login = logins.find()
    assert (login.state, login.username) == (MISSING, "me")
    with pytest.raises(CredentialsError, match="no password"):
        login.usable()

    environ["TRADERVUE_PASSWORD"] = "secret"
    assert logins.find().state is USABLE
    del environ["TRADERVUE_PASSWORD"]
    assert logins.find().state is MISSING
    assert logins.finder.known() is None


def test_aws_is_asked_once_a_minute_while_a_login_is_wanted(
    outbox: Outbox,
) -> None:
    """And at once after a refusal, since it may have been rotated."""
    clock, asked, kept = Clock(1000.0), [], {"username": "me"}
    settings = Settings(enabled=True)

    def ask_aws(_: object) -> dict[str, str]:
        asked.append(clock.now)
        return dict(kept)

    finder = CredentialsFinder(settings, environ={}, ask_aws=ask_aws, clock=clock)
    logins = Logins(finder, outbox, settings, clock)
    for _ in range(130):
        assert logins.find().state is MISSING
        clock.now += 1
    assert asked == [1000.0, 1060.0, 1120.0]

    kept["password"] = "before"
    clock.now = 1180.0
    wrong = logins.find().usable()
    logins.door(wrong).refused(AuthenticationFailed("no"))
    kept["password"] = "after"
    assert logins.find().state is REFUSED
    assert logins.find().state is USABLE
    assert asked[3:] == [1180.0, 1180.0]


def test_a_refusal_holds_here_while_the_outbox_cannot_be_written(
    outbox: Outbox, tmp_path: Path
) -> None:
    """A full disk is no reason to try a refused login again and again."""
    clock = Clock(1000.0)
    logins = logins_of(outbox, clock, {}, username="me", password="wrong")
    credentials = logins.find().usable()
    connection = outbox.engine.connection()
    connection.execute("PRAGMA query_only = 1")
    logins.door(credentials).refused(AuthenticationFailed("no"))
    assert outbox.refused_logins() == []
    assert logins.find().state is REFUSED

    connection.execute("PRAGMA query_only = 0")
    logins.door(credentials).refused(AuthenticationFailed("no"))
    assert [each.digest for each in outbox.refused_logins()]


def test_a_digest_takes_less_than_a_tenth_of_a_second(outbox: Outbox) -> None:
    """And long enough to make guessing dear; the best of several tries counts."""
    logins = logins_of(outbox, Clock(), {}, username="me", password="secret")
    credentials = logins.find().usable()
    times = []
    for _ in range(5):
        began = time.thread_time()
        digest_of(credentials, Settings(), "00" * 16)
        times.append(time.thread_time() - began)

    assert 0.002 < min(times) < 0.1
    longer = attrs.evolve(credentials, password="secret\0")
    assert digest_of(credentials, Settings(), "00" * 16) != digest_of(
        longer, Settings(), "00" * 16
    )

"""
The login of this process, whether Tradervue has refused it, and who may forward.

A refusal is kept in the outbox, so that every process and the next start know of it. Of
the password there is only a salted digest, slow to compute for whoever tries to guess.
Other credentials are tried at once; the same are asked about rarely, since a login that
goes on failing may get the account locked.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Final

import attrs

from argo_tradervue_plugin.config.credentials import Credentials, CredentialsFinder
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import (
    ApiError,
    AuthenticationFailed,
    CredentialsError,
    OutboxError,
)
from argo_tradervue_plugin.outbox.records import RefusedLogin
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = [
    "HOUR",
    "Login",
    "LoginState",
    "Logins",
    "digest_of",
    "is_question_due",
    "may_forward",
    "question_at",
]

HOUR: Final = 3600.0
DAY: Final = 86_400.0
HOURLY: Final = 24  # refusals; then one question a day
SLIGHT: Final = 30.0  # seconds by which clocks of two machines differ
LOOK_AGAIN: Final = 60.0  # seconds between two lookups in AWS while a login is wanted
# 20 ms of one core and 4 MB: next to nothing for a process that computes it once, and a
# slow machine stays below a tenth of a second.
COST: Final = {"n": 2**12, "r": 8, "p": 1}


class LoginState(StrEnum):
    """What a process can do with the login that it has."""

    MISSING = "missing"  # the user name or the password is nowhere
    REFUSED = "refused"  # Tradervue did not accept it, and was not asked since
    USABLE = "usable"


@attrs.frozen(kw_only=True)
class Login:
    """
    What was found of a login; *refusal* is the last one, *problem* what is missing.

    *username* may be there without a password.
    """

    credentials: Credentials | None = None
    username: str | None = None
    problem: str | None = None
    refusal: RefusedLogin | None = None

    @property
    def state(self) -> LoginState:
        """Return what can be done with it."""
        if self.credentials is None:
            return LoginState.MISSING
        return LoginState.USABLE if self.refusal is None else LoginState.REFUSED

    def usable(self) -> Credentials:
        """
        Return the credentials to send requests with.

        Raises:
            CredentialsError: a part is missing.
            AuthenticationFailed: Tradervue has refused them, and is not asked now.
        """
        if self.credentials is None:
            raise CredentialsError(self.problem or "no login for Tradervue")
        if self.refusal is not None:
            raise AuthenticationFailed(refusal_in_words(self), status=401)
        return self.credentials


def refusal_in_words(login: Login) -> str:
    """Return for a person that a login was refused, and when it is asked again."""
    refused, found = login.refusal, login.credentials
    if refused is None or found is None:
        raise ValueError("this login was not refused")
    last, again = time.ctime(refused.last_at), time.ctime(question_at(refused))
    return (
        f"Tradervue has refused the login from {found.source} {refused.count} times, "
        f"last at {last}; the same one is asked about again at {again}, another one is "
        "tried at once"
    )


def may_forward(
    own: LoginState, *, others: Collection[LoginState]
) -> LoginState | None:
    """
    Return why a process may not forward, None where it may.

    *others* are the logins of the other processes that live. While every complete
    login is a refused one, whoever has one may hold the lease, for the question alone.
    """
    if own is LoginState.MISSING:
        return own
    if own is LoginState.REFUSED and LoginState.USABLE in others:
        return own
    return None


def question_at(refusal: RefusedLogin) -> float:
    """Return when Tradervue is asked about a refused login again, in Unix seconds."""
    return refusal.last_at + (HOUR if refusal.count < HOURLY else DAY)


def is_question_due(refusal: RefusedLogin, now: float) -> bool:
    """
    Tell whether it is time.

    Clocks differ a little; what is further ahead than a pause says that one was wrong.
    """
    at = question_at(refusal)
    pause = at - refusal.last_at
    return not now < at <= now + pause + SLIGHT


def digest_of(credentials: Credentials, settings: Settings, salt: str) -> str:
    """
    Return the digest of a login at an address, for a member: all that can be refused.

    Both it and *salt* are hexadecimal.
    """
    login = (credentials.username, credentials.password)
    text = json.dumps((settings.base_url, settings.user_id, *login)).encode()
    return hashlib.scrypt(text, salt=bytes.fromhex(salt), dklen=32, **COST).hex()


class Logins:
    """
    Finds the login, and keeps for all processes whether it was refused; for any thread.

    *clock* returns Unix seconds.
    """

    def __init__(
        self,
        finder: CredentialsFinder,
        outbox: Outbox,
        settings: Settings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.finder = finder
        self._outbox = outbox
        self._settings = settings
        self._clock = clock
        self._digests: dict[tuple[Credentials, str], str] = {}
        # What could not be written yet; it holds in this process.
        self._heard: dict[Credentials, RefusedLogin] = {}
        self._accepted: Credentials | None = None
        self._accepted_at = 0.0
        self._wanted_since: float | None = None

    def find(self) -> Login:
        """Return the login; may wait for AWS, a few seconds at most."""
        now = self._clock()
        if self._wanted_since is not None and not (
            0 <= now - self._wanted_since < LOOK_AGAIN
        ):
            self.finder.forget()  # it may have been rotated, or be there by now
            self._wanted_since = now
        try:
            credentials = self.finder.get()
        except CredentialsError as error:
            login = Login(username=self.finder.username(), problem=str(error))
        else:
            login = Login(
                credentials=credentials,
                username=credentials.username,
                refusal=self._refusal_of(credentials),
            )
        if login.state is LoginState.USABLE:
            self._wanted_since = None
        elif self._wanted_since is None:
            self._wanted_since = now
            if login.state is LoginState.REFUSED:
                self.finder.forget()
        return login

    def door(self, credentials: Credentials) -> "Doorkeeper":
        """Return what a client tells whether Tradervue lets *credentials* in."""
        return Doorkeeper(self, credentials)

    def note_refused(self, credentials: Credentials) -> None:
        """Count a refusal of *credentials*, for every process."""
        now = self._clock()
        self._accepted = None
        before = self._refusal_of(credentials)
        salt = before.salt if before else os.urandom(16).hex()
        refused = RefusedLogin(
            digest=self._digest(credentials, salt),
            salt=salt,
            count=before.count + 1 if before else 1,
            first_at=before.first_at if before else now,
            last_at=now,
        )
        try:
            with self._outbox.maintain() as writer:
                writer.note_refused_login(refused.digest, salt, now=now)
        except OutboxError:
            self._heard[credentials] = refused
        else:
            self._heard.pop(credentials, None)

    def note_accepted(self, credentials: Credentials) -> None:
        """Forget that *credentials* were refused, at their first success."""
        self._accepted_at = self._clock()
        if self._accepted == credentials:
            return
        mine = [r.digest for r in self._stored() if self._is_of(r, credentials)]
        if mine:
            try:
                with self._outbox.maintain() as writer:
                    writer.forget_refused_logins(mine)
            except OutboxError:
                return  # at the next success
        self._heard.pop(credentials, None)
        self._accepted = credentials

    def _refusal_of(self, credentials: Credentials) -> RefusedLogin | None:
        since = self._clock() - self._accepted_at
        if credentials == self._accepted and 0 <= since < BELIEVED:
            return None
        mine = [r for r in self._stored() if self._is_of(r, credentials)]
        heard = self._heard.get(credentials)
        found = max([*mine, *([heard] if heard else [])], key=last_at, default=None)
        if found is not None:
            self._accepted = None
        return found

    def _stored(self) -> list[RefusedLogin]:
        try:
            return self._outbox.refused_logins() if self._outbox.is_open else []
        except OutboxError:
            return []

    def _is_of(self, refusal: RefusedLogin, credentials: Credentials) -> bool:
        return self._digest(credentials, refusal.salt) == refusal.digest

    def _digest(self, credentials: Credentials, salt: str) -> str:
        key = (credentials, salt)
        if key not in self._digests:
            if len(self._digests) > MOST_DIGESTS:
                self._digests.clear()
            self._digests[key] = digest_of(credentials, self._settings, salt)
        return self._digests[key]


MOST_DIGESTS: Final = 64
# Seconds for which a success here says that no process was refused meanwhile.
BELIEVED: Final = 1.0


def last_at(refusal: RefusedLogin) -> float:
    """Return when a login was refused last."""
    return refusal.last_at


@attrs.frozen
class Doorkeeper:
    """Keeps what Tradervue says of one login; see :class:`~.session.Door`."""

    logins: Logins
    credentials: Credentials = attrs.field(repr=False)

    def refused(self, _: ApiError) -> None:
        """Count a refusal."""
        self.logins.note_refused(self.credentials)

    def opened(self) -> None:
        """Note a success."""
        self.logins.note_accepted(self.credentials)
